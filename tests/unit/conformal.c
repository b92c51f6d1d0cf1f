/* SPDX-License-Identifier: GPL-3.0-or-later
 * conformal: do the calibrators that keep scores do what their files say? Numbers are worked out by hand or another way. */
#include "coverage_rig.h"

#include "models/conformal/score.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const char *const names[] = {"split-conformal", "aci", "dtaci", "quantile-tracking", "pid"};
enum { NAMES = sizeof names / sizeof *names };

static struct alm_choice choose(const char *text)
{
    struct alm_choice c;
    struct alm_err e = {0};
    cr_assert_eq(alm_choice_parse(ALM_CALIBRATOR, text, &c, &e), ALM_OK, "%s", e.text);
    return c;
}

static struct alm_choice choose_with(const char *name, const char *more)
{
    char text[256];
    snprintf(text, sizeof text, "%s:%s", name, more);
    return choose(text);
}

/* One round with the envelope [MIN, MAX] of the predictor and usage Y; returns what the calibrator made of it. */
static struct alm_envelope round_of(struct cover_run *g, double min, double max, double y)
{
    const struct alm_envelope v = cover_adjust(g, min, max);
    const struct alm_outcome o = cover_outcome(g, &v, y, false);
    cover_learn(g, &o);
    return v;
}

/* Usage stops at max when DEMAND is above. */
static struct alm_envelope round_limited(struct cover_run *g, double base, double demand)
{
    const struct alm_envelope v = cover_adjust(g, base, base);
    const double max = v.max[g->resource];
    const struct alm_outcome o = cover_outcome(g, &v, fmin(demand, max), demand > max);
    cover_learn(g, &o);
    return v;
}

/* ---- moving a side ---- */

Test(conformal, moving_back_undoes_moving)
{
    static const double bases[] = {0, 1e-300, 1e-6, 0.02, 1, 37.5, 1e9, 1e13};
    static const double offsets[] = {-20, -3, -0.7, -1e-9, 0, 1e-12, 0.01, 0.7, 3, 20};
    size_t checked = 0;
    for (int how = 0; how < 2 * SCORE_SIDES; how++)
        for (size_t b = 0; b < 8; b++)
            for (size_t k = 0; k < 10; k++) {
                const struct score_as as = {(enum score)(how / 2), (enum score_side)(how % 2), ALM_CPU, false};
                const double to = score_move(as, bases[b], offsets[k]), back = score_move_back(as, to, offsets[k]);
                cr_assert(fabs(back - bases[b]) <= 1e-9 * (bases[b] + fabs(offsets[k])), "%d: %g by %g: %g", how,
                          bases[b], offsets[k], back);
                checked++;
            }
    cr_assert_eq(checked, 320);
}

/* Of usage that is 0 at times, min is 0 where it would fall below; else it keeps a trace of its base. */
Test(conformal, min_is_0_where_usage_is)
{
    const struct score_as busy = {SCORE_RATIO, SCORE_LOWER, ALM_CPU, false},
                          idle = {SCORE_RATIO, SCORE_LOWER, ALM_CPU, true};
    cr_assert_eq(score_move(idle, 1, 9), 0);
    cr_assert(score_move(busy, 1, 9) > 0 && score_move(busy, 1, 9) < 1e-11);
    cr_assert_float_eq(score_move(idle, 1, 0.5), 1.001 * exp(-0.5) - 0.001, 1e-12);
}

Test(conformal, a_side_moved_by_the_score_of_a_value_covers_it)
{
    struct alm_stream s = alm_stream_open(4, 0, "score");
    for (int k = 0; k < 20000; k++) {
        const double base = exp(6 * alm_stream_normal(&s)), y = exp(6 * alm_stream_normal(&s));
        for (int how = 0; how < 2; how++) {
            const struct score_as up = {(enum score)how, SCORE_UPPER, ALM_CPU, false},
                                  down = {(enum score)how, SCORE_LOWER, ALM_CPU, false};
            const double max = score_move(up, base, score_of(up, y, base));
            const double min = score_move(down, base, score_of(down, y, base));
            cr_assert(max >= y && max <= y * (1 + 1e-9) + 1.1e-3 + 1e-11 * base, "%d: %g to %g covers %g", how, base,
                      max, y);
            cr_assert(min <= y + 0x1p-40 * base && min >= y * (1 - 1e-9) - 2e-12 * (base + 1), "%d: %g to %g covers %g",
                      how, base, min, y);
        }
    }
}

/* ---- order statistics, by hand ---- */

Test(conformal, split_takes_the_order_statistic_of_n_plus_one)
{
    static const char *const how[] = {"confidence=95%,score=ratio", "confidence=95%,score=difference"};
    for (int k = 0; k < 2; k++) {
        struct alm_choice c = choose_with("split-conformal", how[k]);
        struct cover_run g;
        cover_open(&g, &c, ALM_CPU);
        for (int t = 0; t < 39; t++) {
            round_of(&g, 10, 10, 1 + (t * 17) % 39); /* 1 .. 39, each once */
            const struct alm_envelope v = cover_adjust(&g, 10, 10);
            if (t == 18) /* 19 outcomes: ceil(20 * 0.95) = 19, the largest so far: 17 * 16 mod 39 = 38, and 1 */
                cr_assert_float_eq(v.max[ALM_CPU], 39, 1e-6, "%g", v.max[ALM_CPU]);
        }
        struct alm_envelope v = cover_adjust(&g, 10, 10);
        cr_assert_float_eq(v.max[ALM_CPU], 38, 1e-6, "ceil(40 * 0.95) = 38; %g", v.max[ALM_CPU]);
        cr_assert_eq(v.confidence[ALM_CPU], 0.95);
        v = cover_adjust(&g, 20, 20);
        cr_assert_float_eq(v.max[ALM_CPU], k ? 48 : 38.001 * 20.001 / 10.001 - 0.001, 1e-6, "%g", v.max[ALM_CPU]);
        cover_close(&g);
        alm_choice_free(&c);
    }
}

/* At 50 % the lower side may be missed by one in 200. */
Test(conformal, min_has_a_tracker_of_its_own)
{
    struct alm_choice c = choose_with("split-conformal", "confidence=50%,score=difference");
    struct cover_run g;
    cover_open(&g, &c, ALM_CPU);
    for (int t = 0; t < 199; t++)
        round_of(&g, 90, 300, 100 + (t * 20) % 199); /* 100 .. 298 */
    struct alm_envelope v = cover_adjust(&g, 90, 300);
    cr_assert_float_eq(v.min[ALM_CPU], 100, 1e-6, "the least of 199; %g", v.min[ALM_CPU]);
    cr_assert_float_eq(v.max[ALM_CPU], 199, 1e-6, "the one in the middle; %g", v.max[ALM_CPU]);
    v = cover_adjust(&g, 290, 300);
    cr_assert(v.min[ALM_CPU] <= v.max[ALM_CPU] && v.min[ALM_CPU] > 0.999 * v.max[ALM_CPU], "min gives way");
    cover_close(&g);
    alm_choice_free(&c);
}

Test(conformal, before_the_first_outcome_the_range_is_twice_as_wide)
{
    for (int k = 0; k < NAMES; k++)
        for (int how = 0; how < 2; how++) {
            struct alm_choice c = choose_with(names[k], how ? "score=difference" : "score=ratio");
            struct cover_run g;
            cover_open(&g, &c, ALM_CPU);
            const struct alm_envelope v = cover_adjust(&g, 2, 3);
            cr_assert_float_eq(v.max[ALM_CPU], 6.001, 1e-9, "%s: %g", names[k], v.max[ALM_CPU]);
            cr_assert_float_eq(v.min[ALM_CPU], 0.9995, 1e-9, "%s: %g", names[k], v.min[ALM_CPU]);
            cr_assert(isnan(v.confidence[ALM_CPU]));
            cover_close(&g);
            alm_choice_free(&c);
        }
}

/* ---- the rules, computed another way ---- */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The score of rank ceil((n + 1) p) of the last WINDOW of S[n], by sorting; NaN when there is none. */
static double ranked(const double *s, size_t n, size_t window, double p)
{
    const size_t m = n < window ? n : window;
    double *copy = malloc((m + 1) * sizeof *copy);
    memcpy(copy, s + n - m, m * sizeof *copy);
    qsort(copy, m, sizeof *copy, ascending);
    const double rank = ceil((double)(m + 1) * p - 1e-9);
    const double q = rank > (double)m ? NAN : copy[rank < 1 ? 0 : (size_t)rank - 1];
    free(copy);
    return q;
}

Test(conformal, aci_follows_its_formula)
{
    enum { N = 1500 };
    struct alm_choice c = choose_with("aci", "confidence=80%,gamma=0.02,window=100,score=difference");
    struct alm_stream s = alm_stream_open(9, 0, "aci");
    struct cover_run g;
    double score[N], alpha = 0.2;
    size_t compared = 0;
    cover_open(&g, &c, ALM_CPU);
    for (size_t t = 0; t < N; t++) {
        const double y = 100 + 10 * alm_stream_normal(&s), q = ranked(score, t, 100, 1 - alpha);
        const double max = round_of(&g, 95, 95, y).max[ALM_CPU];
        if (t > 0 && !isnan(q) && alpha > 0 && alpha < 1) {
            cr_assert_float_eq(max, 95 + q, 1e-8, "round %zu: %.12g, by the formula %.12g", t, max, 95 + q);
            compared++;
        }
        score[t] = y - 95;
        alpha += 0.02 * (0.2 - (y > max));
    }
    cr_assert_gt(compared, 1400);
    cover_close(&g);
    alm_choice_free(&c);
}

Test(conformal, dtaci_follows_its_formula)
{
    enum { N = 800, K = 3 };
    struct alm_choice c =
        choose_with("dtaci", "confidence=80%,gammas=0.001/0.01/0.1,span=50,window=100,score=difference");
    struct alm_stream s = alm_stream_open(10, 0, "dtaci");
    struct cover_run g;
    const double a = 1 - 0.8, gamma[K] = {0.001 * (a / 0.1), 0.01 * (a / 0.1), 0.1 * (a / 0.1)};
    double score[N], alpha[K] = {a, a, a}, w[K] = {1, 1, 1};
    size_t compared = 0;
    cover_open(&g, &c, ALM_CPU);
    for (size_t t = 0; t < N; t++) {
        const double y = 100 + (t > 400 ? 20 : 10) * alm_stream_normal(&s);
        const double mean = (w[0] * alpha[0] + w[1] * alpha[1] + w[2] * alpha[2]) / (w[0] + w[1] + w[2]);
        const double q = ranked(score, t, 100, 1 - mean);
        const double max = round_of(&g, 95, 95, y).max[ALM_CPU];
        if (t > 0 && !isnan(q)) {
            cr_assert_float_eq(max, 95 + q, 1e-7, "round %zu: %.12g, by the formula %.12g", t, max, 95 + q);
            compared++;
        }
        score[t] = y - 95;
        const size_t m = t < 100 ? t : 100;
        size_t below = 0;
        for (size_t k = t - m; k < t; k++)
            below += score[k] < score[t] + 1e-10;
        const double beta =
            t == 0 ? (y > max ? 0 : 1) : (below == m && y > max ? 0 : 1 - (double)below / (double)(m + 1));
        const double eta = sqrt(3.0 / 50) * sqrt((log(K * 50) + 2) / (.8 * .8 * a * a * a + a * a * .8 * .8 * .8));
        double sum = 0;
        for (int k = 0; k < K; k++) {
            const double loss = a * (beta - alpha[k]) - fmin(0, beta - alpha[k]);
            w[k] *= exp(-eta * loss);
            sum += w[k];
            alpha[k] += gamma[k] * (a - (alpha[k] > beta ? 1 : 0));
        }
        for (int k = 0; k < K; k++)
            w[k] = (1 - 0.01) * w[k] / sum + 0.01 / K;
    }
    cr_assert_gt(compared, 700);
    cover_close(&g);
    alm_choice_free(&c);
}

/* quantile-tracking, and pid with its integral, from the 9 outcomes on that 90 % needs. */
static void track(const char *text, double ki, double csat)
{
    enum { N = 1000 };
    struct alm_choice c = choose(text);
    struct alm_stream s = alm_stream_open(11, 0, "track");
    struct cover_run g;
    double score[N], q = 0, excess = 0, t_started = 0;
    cover_open(&g, &c, ALM_CPU);
    for (size_t t = 0; t < N; t++) {
        const double y = 100 + 10 * alm_stream_normal(&s), max = round_of(&g, 95, 95, y).max[ALM_CPU];
        double low = INFINITY, high = -INFINITY;
        for (size_t k = t > 50 ? t - 50 : 0; k < t; k++) {
            low = fmin(low, score[k]);
            high = fmax(high, score[k]);
        }
        q = t == 9 ? ranked(score, 9, 50, 0.9) : q;
        const double range = fmax(high, q) - fmin(low, q);
        if (t >= 9) {
            const double turn = excess * log(t_started + 1) / (csat * (t_started + 1));
            const double want = 95 + q + ki * range * tan(turn);
            cr_assert_float_eq(max, want, 1e-7, "%s: round %zu: %.12g, by the formula %.12g", text, t, max, want);
            q += 0.1 * range * ((y > max) - 0.1);
            excess += (y > max) - 0.1;
            t_started++;
        }
        score[t] = y - 95;
    }
    cover_close(&g);
    alm_choice_free(&c);
}

Test(conformal, quantile_tracking_follows_its_formula)
{
    track("quantile-tracking:confidence=90%,window=50,score=difference", 0, 1);
}

Test(conformal, pid_follows_its_formula)
{
    track("pid:confidence=90%,window=50,score=difference,ki=3,csat=0.5", 3, 0.5);
}

/* A season that repeats exactly is forecast: max follows it closely, where without the forecast it stays at the top. */
Test(conformal, the_scorecaster_knows_the_season)
{
    double width[2];
    for (int k = 0; k < 2; k++) {
        struct alm_choice c = choose_with("pid", k ? "scorecaster=season,season=2h" : "scorecaster=none");
        struct cover_run g;
        width[k] = 0;
        cover_open(&g, &c, ALM_CPU);
        for (int t = 0; t < 4800; t++) {
            const double max = round_of(&g, 5, 5, t % 24 < 12 ? 1 : 10).max[ALM_CPU];
            width[k] += t >= 2400 ? max / 2400 : 0;
        }
        cover_close(&g);
        alm_choice_free(&c);
    }
    cr_assert_lt(width[1], 6, "5.5 is usage; %g", width[1]);
    cr_assert_gt(width[0], 8, "%g", width[0]);
}

/* ---- censored outcomes ---- */

Test(conformal, a_limit_that_holds_demand_down_is_lifted)
{
    for (int k = 0; k < NAMES; k++)
        for (int how = 0; how < 2; how++) {
            struct alm_choice c = choose_with(names[k], how ? "score=difference" : "score=ratio");
            struct cover_run g;
            cover_open(&g, &c, ALM_CPU);
            double before = 0, max = 0;
            int t = 0;
            for (; t < 200 && max < 10; t++, before = max) {
                max = round_limited(&g, 1, 10).max[ALM_CPU];
                cr_assert_geq(max, before - 1e-9, "%s: after a held outcome max fell from %g to %g", names[k], before,
                              max);
            }
            cr_assert_lt(t, 100, "%s: %g after %d rounds", names[k], max, t);
            cover_close(&g);
            alm_choice_free(&c);
        }
}

/* Steady demand, then ten times of it: base does not see it, since usage stays at the limit. */
Test(conformal, no_low_envelope_fulfils_itself)
{
    for (int k = 0; k < NAMES; k++) {
        struct alm_choice c = choose_with(names[k], "confidence=95%");
        struct alm_stream s = alm_stream_open(12, 0, "held");
        struct cover_run g;
        cover_open(&g, &c, ALM_CPU);
        double last = 1, covered = 0;
        for (int t = 0; t < 2000; t++) {
            const double demand = (t < 500 ? 1 : 10) * exp(0.1 * alm_stream_normal(&s));
            const double max = round_limited(&g, last, demand).max[ALM_CPU];
            last = fmin(demand, max);
            covered += t >= 800 && demand <= max;
        }
        cr_assert_gt(covered, 0.94 * 1200, "%s: %g of 1200 held", names[k], covered);
        cover_close(&g);
        alm_choice_free(&c);
    }
}

static struct alm_envelope after_one(const char *name, const char *more, enum alm_resource r,
                                     void (*change)(struct alm_outcome *))
{
    struct alm_choice c = choose_with(name, more);
    struct cover_run g;
    cover_open(&g, &c, r);
    const double scale = r == ALM_CPU ? 1 : 1e9;
    for (int t = 0; t < 400; t++)
        round_of(&g, scale, scale, scale * (1 + 1e-4 * (t * 37 % 401)));
    const struct alm_envelope v = cover_adjust(&g, scale, scale);
    struct alm_outcome o = cover_outcome(&g, &v, v.max[r] * 0.999, false);
    change(&o);
    cover_learn(&g, &o);
    const struct alm_envelope next = cover_adjust(&g, scale, scale);
    cover_close(&g);
    alm_choice_free(&c);
    return next;
}

static void nothing_special(struct alm_outcome *o)
{
    (void)o;
}

static void censor(struct alm_outcome *o)
{
    o->censored = o->seen;
}

static void kill_it(struct alm_outcome *o)
{
    o->oom_kills = 1;
}

static void kill_unseen(struct alm_outcome *o)
{
    o->oom_kills = 1;
    o->seen = 0;
}

static void cut_short(struct alm_outcome *o)
{
    o->until -= COVER_STEP / 2;
}

static void cut_at_peak(struct alm_outcome *o)
{
    cut_short(o);
    o->envelope.peak = o->seen;
    for (int r = 0; r < ALM_RESOURCES; r++)
        o->peak[r] *= 1.5;
}

static void cut_censored(struct alm_outcome *o)
{
    cut_short(o);
    censor(o);
}

static void not_a_number(struct alm_outcome *o)
{
    for (int r = 0; r < ALM_RESOURCES; r++)
        o->mean[r] = NAN;
}

static void unseen(struct alm_outcome *o)
{
    o->seen = 0;
}

static void no_samples(struct alm_outcome *o)
{
    o->samples = 0;
    o->mean[ALM_CPU] = 1e9;
}

Test(conformal, what_a_miss_is)
{
    static const char *const steps[] = {"aci", "quantile-tracking", "pid"}; /* these show a single miss */
    for (int k = 0; k < 3; k++) {
        const char *name = steps[k], *more = strcmp(name, "aci") == 0 ? "gamma=0.05" : "window=300";
        const double hit = after_one(name, more, ALM_CPU, nothing_special).max[ALM_CPU];
        const double hit_memory = after_one(name, more, ALM_MEMORY, nothing_special).max[ALM_MEMORY];
        cr_assert_gt(after_one(name, more, ALM_CPU, censor).max[ALM_CPU], hit, "%s: censored", name);
        cr_assert_gt(after_one(name, more, ALM_MEMORY, kill_it).max[ALM_MEMORY], hit_memory, "%s: killed", name);
        cr_assert_gt(after_one(name, more, ALM_MEMORY, kill_unseen).max[ALM_MEMORY], hit_memory, "%s: unseen", name);
        cr_assert_eq(after_one(name, more, ALM_CPU, kill_it).max[ALM_CPU], hit, "%s: a kill is of memory", name);
        cr_assert_gt(after_one(name, more, ALM_CPU, cut_at_peak).max[ALM_CPU], hit, "%s: peak in a part", name);
        cr_assert_gt(after_one(name, more, ALM_CPU, cut_censored).max[ALM_CPU], hit, "%s: held in a part", name);
    }
}

/* The state stays, byte for byte. */
Test(conformal, what_teaches_nothing)
{
    static void (*const change[])(struct alm_outcome *) = {cut_short, not_a_number, unseen, no_samples};
    for (int k = 0; k < NAMES; k++)
        for (size_t i = 0; i < sizeof change / sizeof *change; i++) {
            struct alm_choice c = choose_with(names[k], "window=50");
            struct cover_run g;
            cover_open(&g, &c, ALM_CPU);
            for (int t = 0; t < 100; t++)
                round_of(&g, 1, 1, 1 + 0.01 * (t % 7));
            char *before = malloc(g.u.stride);
            memcpy(before, g.u.state, g.u.stride);
            const struct alm_envelope v = cover_adjust(&g, 1, 1);
            struct alm_outcome o = cover_outcome(&g, &v, 0.9, false);
            change[i](&o);
            cover_learn(&g, &o);
            cr_assert_eq(memcmp(before, g.u.state, g.u.stride), 0, "%s learned from change %zu", names[k], i);
            free(before);
            cover_close(&g);
            alm_choice_free(&c);
        }
}

/* ---- odd streams ---- */

Test(conformal, a_constant_is_covered_and_not_widened)
{
    for (int k = 0; k < NAMES; k++)
        for (int base = 1; base <= 4; base *= 2) {
            struct alm_choice c = choose_with(names[k], strcmp(names[k], "aci") == 0 ? "empty=keep" : "window=300");
            struct cover_run g;
            size_t misses = 0;
            double max = 0;
            cover_open(&g, &c, ALM_CPU);
            for (int t = 0; t < 6000; t++) {
                max = round_of(&g, base, base, 2.2).max[ALM_CPU];
                misses += t > 0 && 2.2 > max;
            }
            cr_assert_eq(misses, 0, "%s around %d: %zu misses", names[k], base, misses);
            cr_assert_float_eq(max, 2.2, 0.03, "%s around %d: %g", names[k], base, max);
            cover_close(&g);
            alm_choice_free(&c);
        }
}

Test(conformal, extreme_amounts_give_finite_ranges)
{
    static const double odd[] = {0, 1e-300, 1e-9, 1, 1e14, 1e200, 1e300, 1.7e308};
    size_t checked = 0;
    for (int k = 0; k < NAMES; k++)
        for (int how = 0; how < 4; how++) {
            struct alm_choice c =
                choose_with(names[k], how & 1 ? "score=difference,window=20" : "score=ratio,window=20");
            struct alm_stream s = alm_stream_open(13, (uint64_t)k, "odd");
            struct cover_run g;
            cover_open(&g, &c, ALM_MEMORY);
            for (int t = 0; t < 4000; t++) {
                const double a = odd[alm_stream_below(&s, 8)], b = odd[alm_stream_below(&s, 8)];
                const double y = odd[alm_stream_below(&s, 8)];
                const struct alm_envelope v = cover_adjust(&g, fmin(a, b), fmax(a, b));
                const double c95 = v.confidence[ALM_MEMORY];
                cr_assert(v.min[ALM_MEMORY] >= 0 && v.min[ALM_MEMORY] <= v.max[ALM_MEMORY] &&
                              isfinite(v.max[ALM_MEMORY]),
                          "%s: [%g, %g]", names[k], v.min[ALM_MEMORY], v.max[ALM_MEMORY]);
                cr_assert(isnan(c95) || (c95 > 0 && c95 < 1));
                const struct alm_outcome o = cover_outcome(&g, &v, y, how >= 2 && t % 3 == 0);
                cover_learn(&g, &o);
                checked++;
            }
            cover_close(&g);
            alm_choice_free(&c);
        }
    cr_assert_eq(checked, (size_t)NAMES * 4 * 4000);
}

/* Of two units and all resources, one tracker learns. */
Test(conformal, trackers_do_not_touch_each_other)
{
    for (int k = 0; k < NAMES; k++) {
        struct alm_choice c = choose_with(names[k], "window=40");
        const struct alm_calibrator_ops *ops = (const void *)c.module;
        const uint32_t id[2] = {0, 1};
        struct alm_env env = {.interval = COVER_STEP, .resources = ALM_BIT(ALM_RESOURCES) - 1};
        struct alm_err e = {0};
        struct alm_units u = {.count = 2, .id = id, .stride = ops->state_size(c.opt, &env), .opt = c.opt, .env = &env};
        u.state = calloc(2, u.stride);
        cr_assert_eq(ops->init(&u, &e), ALM_OK);
        for (int t = 0; t < 60; t++) {
            struct alm_envelope v[2];
            struct alm_outcome o[2];
            for (int i = 0; i < 2; i++) {
                v[i] = (struct alm_envelope){.until = COVER_STEP, .has = env.resources};
                for (int r = 0; r < ALM_RESOURCES; r++)
                    v[i].min[r] = v[i].max[r] = 100;
            }
            cr_assert_eq(ops->adjust(&u, 0, v, &e), ALM_OK);
            for (int i = 0; i < 2; i++)
                for (int r = 0; r < ALM_RESOURCES; r++)
                    cr_assert(t == 0 || (i == 1 && r == ALM_IO_WRITE) || v[i].max[r] > 100.05,
                              "%s: unit %d, %s has learned", names[k], i, alm_resource_name((enum alm_resource)r));
            for (int i = 0; i < 2; i++) {
                o[i] = (struct alm_outcome){.envelope = v[i], .until = COVER_STEP, .samples = 1};
                o[i].seen = i == 1 ? (uint8_t)ALM_BIT(ALM_IO_WRITE) : 0;
                o[i].mean[ALM_IO_WRITE] = 5;
            }
            cr_assert_eq(ops->feedback(&u, o, &e), ALM_OK);
            if (t == 59)
                cr_assert_lt(v[1].max[ALM_IO_WRITE], 100, "%s learned nothing", names[k]);
        }
        free(u.state);
        alm_choice_free(&c);
    }
}
