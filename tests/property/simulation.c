/* SPDX-License-Identifier: GPL-3.0-or-later
 * What must hold of every simulation, over random fleets: threads and batches change no digit; limits bind, time is
 * shared without gap or overlap, work is accounted for; and nothing beats the oracle. */
#include "experiments/simulation.h"

#include "fleet.h"

#include <criterion/criterion.h>
#include <string.h>

extern const struct alm_platform_ops alm_platform_simulated;

#define STEP (5 * ALM_MINUTE)
#define NOISE (ALM_CPU_NOISE * 1.01)

/* Fleet number SEED: its size, lengths of life and gaps follow from it. */
static void make(struct fleet *f, uint64_t seed, bool gaps)
{
    struct alm_stream s = alm_stream_open(seed, 0, "shape");
    size_t units = 3 + alm_stream_below(&s, 9), length = 100 + alm_stream_below(&s, 300);
    fleet_make(f, units, length, (alm_time)alm_stream_below(&s, 3) * ALM_DAY, STEP);
    fleet_randomize(f, seed);
    for (size_t i = 0; i < units; i++) {
        f->rows[i] = length - alm_stream_below(&s, 60);
        f->unit[i].last = f->begin + (alm_time)f->rows[i] * STEP;
        for (size_t k = 0; gaps && k < length; k++)
            if (alm_stream_uniform(&s) < 0.02)
                f->cpu[i * length + k] = NAN;
    }
}

static void configure(struct simulation_config *c, const char *predictor, const char *allocator, const char *platform)
{
    struct alm_err e = {0};
    cr_assert_eq(simulation_config_init(c, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(simulation_choose(c, ALM_PREDICTOR, predictor, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(simulation_choose(c, ALM_CALIBRATOR, "measured", &e), ALM_OK, "%s", e.text);
    cr_assert_eq(simulation_choose(c, ALM_ALLOCATOR, allocator, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(simulation_choose(c, ALM_PLATFORM, platform, &e), ALM_OK, "%s", e.text);
}

static void run(const struct simulation_config *c, const struct fleet *f, struct simulation_result *out)
{
    struct alm_err e = {0};
    cr_assert_eq(simulation_run(c, &f->demand, NULL, out, &e), ALM_OK, "%s", e.text);
}

/* -- threads and batches */

static void expect_same(const struct simulation_result *a, const struct simulation_result *b, const char *what)
{
    cr_assert_eq(memcmp(a->unit, b->unit, a->units * sizeof *a->unit), 0, "%s: a unit's metrics", what);
    cr_assert_eq(memcmp(&a->pool, &b->pool, sizeof a->pool), 0, "%s: the pool", what);
    cr_assert_eq(a->stats.samples, b->stats.samples, "%s: samples", what);
    cr_assert_eq(a->stats.decisions, b->stats.decisions, "%s: decisions", what);
    for (int r = 0; r < 2; r++) {
        double x = metrics_burst_share(&a->harm[r], a->pool.of[r].seconds);
        double y = metrics_burst_share(&b->harm[r], b->pool.of[r].seconds);
        cr_assert(memcmp(&x, &y, sizeof x) == 0 || (isnan(x) && isnan(y)), "%s: burst share %.17g and %.17g", what, x,
                  y);
    }
}

Test(simulation, threads_and_batches_change_no_digit)
{
    static const char *const policy[][3] = {
        {"vpa", "envelope", "simulated"},
        {"none", "reactive", "simulated:cpu_backlog=lose"},
        {"moving-percentile:percentile=90%", "envelope:margin=0", "simulated:open_loop=true"}};
    static const int64_t batches[] = {1, 2, 3, 256};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        const char *const *p = policy[seed - 1];
        struct fleet f;
        struct simulation_config c;
        struct simulation_result first = {0}, other = {0};
        make(&f, seed, true);
        configure(&c, p[0], p[1], p[2]);
        run(&c, &f, &first);
        cr_assert_gt(first.pool.of[ALM_CPU].overrun, 0, "without harm the comparison says less");
        for (int64_t threads = 1; threads <= 4; threads++)
            for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
                char what[64];
                snprintf(what, sizeof what, "fleet %d, %d threads, batches of %d", (int)seed, (int)threads,
                         (int)batches[b]);
                c.settings.threads = threads;
                c.settings.batch = batches[b];
                run(&c, &f, &other);
                expect_same(&first, &other, what);
                simulation_result_free(&other);
            }
        simulation_result_free(&first);
        simulation_config_free(&c);
        fleet_free(&f);
    }
}

/* -- invariants of the closed loop, sample by sample */

enum { MOST_UNITS = 16 };
struct witness {
    const struct fleet *fleet;
    bool lose;                    /* what is above the limit is lost; no kills */
    alm_time at[MOST_UNITS], now; /* end of the last sample; time of the last decision */
    alm_time decided[MOST_UNITS]; /* time of the last decision about the unit */
    alm_time covered[MOST_UNITS];
    double done[MOST_UNITS], wanted[MOST_UNITS], over[MOST_UNITS], used_more[MOST_UNITS];
    uint64_t samples, limited, throttled, kills;
};

static void watch_time(struct witness *w, const struct alm_sample *s)
{
    alm_time begin = w->fleet->begin, *last = &w->at[s->unit];
    *last = *last ? *last : begin;
    cr_assert(s->at > w->decided[s->unit] || (s->event && s->at >= w->decided[s->unit]), "a sample of the past");
    cr_assert_eq(s->at - s->span, *last, "unit %u at %lld s: a gap or an overlap", s->unit,
                 (long long)(s->at / ALM_SECOND));
    cr_assert(s->span > 0 || s->event);
    *last = s->at;
    w->covered[s->unit] += s->span;
}

static void watch_cpu(struct witness *w, const struct alm_sample *s, const struct alm_account *a)
{
    double seconds = alm_seconds(s->span), used = (double)s->usage[ALM_CPU] / 1e6;
    if (s->missing & ALM_BIT(ALM_CPU))
        return;
    double wanted = a->demand[ALM_CPU] * seconds;
    bool limited = a->seconds[ALM_CPU] > 0 && fabs(a->seconds[ALM_CPU] - seconds) < 1e-9;
    if (limited) { /* throughout the sample; it may have changed inside */
        double granted = a->limit[ALM_CPU];
        cr_assert_leq(used, granted + NOISE * seconds + 1e-6, "unit %u used %.9f of %.9f core-s", s->unit, used,
                      granted);
        cr_assert_float_eq(a->slack[ALM_CPU], granted - used, NOISE * seconds + 2e-6, "used and slack are the limit");
        w->limited++;
    }
    cr_assert_leq((double)s->throttled_us / 1e6, seconds + 1e-6);
    if (s->throttled_us > 0)
        cr_assert(s->censored & ALM_BIT(ALM_CPU), "throttled use is no demand");
    w->throttled += s->throttled_us > 0;
    if (w->lose)
        cr_assert_float_eq(used + a->overrun[ALM_CPU], wanted, NOISE * seconds + 1e-6,
                           "unit %u: %.9f done and %.9f lost of %.9f", s->unit, used, a->overrun[ALM_CPU], wanted);
    w->done[s->unit] += used;
    w->wanted[s->unit] += wanted;
    w->over[s->unit] += a->overrun[ALM_CPU];
    double slop = (double)w->samples * 1e-6 + NOISE * alm_seconds(w->covered[s->unit]);
    cr_assert_leq(w->done[s->unit], w->wanted[s->unit] + slop, "unit %u did more than it ever wanted", s->unit);
}

static int watch_samples(void *ctx, const struct alm_sample *s, const struct alm_account *a, size_t n,
                         struct alm_err *e)
{
    (void)e;
    struct witness *w = ctx;
    for (size_t k = 0; k < n; k++) {
        cr_assert(k == 0 || s[k].unit >= s[k - 1].unit, "sorted by unit");
        w->samples++;
        w->kills += s[k].oom_kills;
        watch_time(w, &s[k]);
        watch_cpu(w, &s[k], &a[k]);
        if (!(s[k].missing & ALM_BIT(ALM_MEMORY)) && s[k].oom_kills == 0 && s[k].limit[ALM_MEMORY] != ALM_NO_LIMIT &&
            fabs(a[k].seconds[ALM_MEMORY] - alm_seconds(s[k].span)) < 1e-9)
            cr_assert_leq((double)s[k].usage[ALM_MEMORY] * alm_seconds(s[k].span),
                          a[k].limit[ALM_MEMORY] + a[k].down_seconds * 1e15, "memory above its limit");
    }
    return ALM_OK;
}

static int watch_decisions(void *ctx, alm_time now, bool event, const struct alm_decision *d,
                           const struct alm_applied *a, size_t n, struct alm_err *e)
{
    (void)event, (void)a, (void)e;
    struct witness *w = ctx;
    cr_assert_geq(now, w->now, "time goes back");
    for (size_t i = 0; i < n; i++)
        w->decided[d[i].unit] = now;
    w->now = now;
    return ALM_OK;
}

/* One run under the eyes of W; decisions every INTERVAL, which need not meet the stamps. */
static void witness_run(struct witness *w, const struct simulation_config *c, const struct fleet *f, alm_time interval)
{
    struct alm_platform_config platform = {.opt = c->platform.opt, .demand = &f->demand, .wake_on_oom = true};
    struct alm_loop_config loop = {.interval = interval, .demand = &f->demand};
    const struct alm_observer watch = {.ctx = w, .samples = watch_samples, .decisions = watch_decisions};
    const struct alm_observer *const watching[] = {&watch, NULL};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    void *self;
    w->fleet = f;
    w->now = INT64_MIN;
    for (size_t i = 0; i < MOST_UNITS; i++)
        w->decided[i] = INT64_MIN;
    cr_assert_leq(f->demand.units, MOST_UNITS);
    cr_assert_eq(alm_platform_simulated.open(&platform, &self, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(alm_loop_run(&loop, &c->policy, &alm_platform_simulated, self, watching, &stats, &e), ALM_OK, "%s",
                 e.text);
    alm_platform_simulated.close(self);
    for (size_t i = 0; i < f->demand.units; i++)
        cr_assert_eq(w->covered[i], (alm_time)f->rows[i] * STEP, "the samples of unit %zu do not cover its life", i);
}

static const alm_time intervals[] = {STEP, 7 * ALM_MINUTE, 30 * ALM_MINUTE};
static const char *const predictors[] = {"vpa", "last", "moving-percentile:percentile=80%"};
#define INTERVALS (sizeof intervals / sizeof *intervals)

Test(simulation, limits_bind_and_time_is_whole)
{
    static const char *const platforms[] = {"simulated:restart_delay=1m", "simulated:actuation_delay=90s",
                                            "simulated:cpu_backlog=lose,restart_delay=10m"};
    uint64_t limited = 0, throttled = 0, kills = 0;
    for (uint64_t seed = 1; seed <= 6; seed++)
        for (size_t k = 0; k < INTERVALS; k++) {
            struct witness w = {0};
            struct fleet f;
            struct simulation_config c;
            make(&f, seed, true);
            configure(&c, predictors[seed % 3], "envelope:margin=5%", platforms[(seed + k) % 3]);
            witness_run(&w, &c, &f, intervals[k]);
            limited += w.limited;
            throttled += w.throttled;
            kills += w.kills;
            simulation_config_free(&c);
            fleet_free(&f);
        }
    cr_assert(limited > 1000 && throttled > 100 && kills > 5, "%d limited, %d throttled, %d kills: too little to see",
              (int)limited, (int)throttled, (int)kills);
}

/* Memory that never changes is never short, so nothing but the CPU limit takes work away. */
Test(simulation, what_is_not_done_is_lost_and_counted)
{
    double over = 0;
    for (uint64_t seed = 10; seed < 16; seed++)
        for (size_t k = 0; k < INTERVALS; k++) {
            struct witness w = {.lose = true};
            struct fleet f;
            struct simulation_config c;
            make(&f, seed, false);
            for (size_t i = 0; i < f.demand.units * f.length; i++)
                f.memory[i] = 64 * 4096;
            configure(&c, predictors[seed % 3], "envelope:margin=0", "simulated:cpu_backlog=lose");
            witness_run(&w, &c, &f, intervals[k]);
            cr_assert_eq(w.kills, 0);
            for (size_t i = 0; i < f.demand.units; i++)
                over += w.over[i];
            simulation_config_free(&c);
            fleet_free(&f);
        }
    cr_assert_gt(over, 100, "hardly anything was lost: too little to see");
}

/* What was carried is done later, as far as the backlog holds it: done <= wanted <= done + overrun at the end. */
Test(simulation, what_is_carried_is_not_lost_twice)
{
    for (uint64_t seed = 20; seed < 26; seed++) {
        struct witness w = {0};
        struct fleet f;
        struct simulation_config c;
        make(&f, seed, false);
        for (size_t i = 0; i < f.demand.units * f.length; i++)
            f.memory[i] = 64 * 4096;
        configure(&c, predictors[seed % 3], "envelope:margin=0", "simulated");
        witness_run(&w, &c, &f, intervals[seed % 3]);
        for (size_t i = 0; i < f.demand.units; i++) {
            cr_assert_geq(w.done[i] + w.over[i], w.wanted[i] - 1e-2, "unit %zu: work vanished", i);
            cr_assert_gt(w.done[i] + w.over[i], w.wanted[i] + 1, "unit %zu: nothing was carried", i);
        }
        simulation_config_free(&c);
        fleet_free(&f);
    }
}

/* -- the oracle */

Test(simulation, the_oracle_never_overruns_and_is_never_killed)
{
    for (uint64_t seed = 30; seed < 42; seed++)
        for (size_t k = 0; k < INTERVALS; k++) {
            struct fleet f;
            struct simulation_config c;
            struct simulation_result r = {0};
            make(&f, seed, true);
            for (size_t i = 0; seed % 2 && i < f.demand.units * f.length; i++) { /* numbers that are not round */
                f.cpu[i] *= 1.0 / 3;
                f.memory[i] += 1234.5;
            }
            configure(&c, "oracle:rows=overlapping", "envelope:margin=0", "simulated");
            c.settings.interval = intervals[k];
            run(&c, &f, &r);
            cr_assert(r.oracle);
            cr_assert_eq(r.pool.of[ALM_CPU].overrun_seconds, 0, "fleet %d, interval %zu: %g core-s above", (int)seed, k,
                         r.pool.of[ALM_CPU].overrun);
            cr_assert_eq(r.pool.of[ALM_MEMORY].overrun_seconds, 0);
            cr_assert_eq(r.pool.oom_kills, 0);
            cr_assert_eq(r.pool.throttled_seconds, 0);
            cr_assert_gt(r.pool.of[ALM_CPU].seconds, 1e5);
            simulation_result_free(&r);
            simulation_config_free(&c);
            fleet_free(&f);
        }
}

Test(simulation, no_policy_without_overrun_has_less_slack_than_the_oracle)
{
    static const char *const rivals[][2] = {{"none", "static:cpu=9,memory=1Gi"},
                                            {"moving-max:window=24h", "envelope:margin=10"},
                                            {"moving-max:window=2h", "envelope:margin=50%"},
                                            {"vpa:bound=upper", "envelope:margin=400%"},
                                            {"last", "envelope:margin=900%"},
                                            {"none", "reactive"}};
    size_t compared[2] = {0};
    for (uint64_t seed = 50; seed < 54; seed++) {
        struct fleet f;
        struct simulation_config c;
        struct simulation_result best = {0}, r = {0};
        make(&f, seed, false);
        configure(&c, "oracle:rows=overlapping", "envelope:margin=0", "simulated");
        run(&c, &f, &best);
        simulation_config_free(&c);
        for (size_t k = 0; k < sizeof rivals / sizeof *rivals; k++) {
            configure(&c, rivals[k][0], rivals[k][1], "simulated");
            run(&c, &f, &r);
            for (size_t i = 0; i < r.units; i++)
                for (int which = 0; which < 2; which++) {
                    const struct metrics_resource *x = &r.unit[i].of[which], *o = &best.unit[i].of[which];
                    if (x->overrun_seconds > 0 || r.unit[i].oom_kills > 0 || x->seconds != o->seconds)
                        continue;
                    cr_assert_geq(x->slack, o->slack * (1 - 1e-12), "%s + %s beat the oracle: %g, %g", rivals[k][0],
                                  rivals[k][1], x->slack, o->slack);
                    compared[which]++;
                }
            simulation_result_free(&r);
            simulation_config_free(&c);
        }
        simulation_result_free(&best);
        fleet_free(&f);
    }
    cr_assert(compared[0] > 30 && compared[1] > 30, "%zu and %zu rivals without overrun: too few", compared[0],
              compared[1]);
}
