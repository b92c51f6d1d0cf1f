/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage_bounds: what holds for every stream, whatever made it, at every length of the run.
 *
 * Meaning.  Usage is chosen after max is known. After T outcomes, with misses counted from 0:
 *
 *           aci                |misses - rate T| <= (max(rate, 1 - rate) + gamma) / gamma
 *           quantile-tracking  |misses - rate T| <= (R + eta) (1 / eta_T + sum |1 / eta_t - 1 / eta_(t-1)|), R the range of
 *                              the scores so far, eta the largest step: by summation by parts of offset_(t+1) - offset_t =
 *                              eta_t (miss_t - rate), since the offset stays within the scores and one step
 *           pid                |misses - rate T| <= csat (pi / 2) (T + 1) / log(T + 1) + 1, by when the integral has
 *                              saturated. T counts from the start of the track, as for quantile-tracking
 *
 *           These are facts, not statistics: no false alarm is possible. Of dtaci, whose alpha is a mean of those of its
 *           experts, none is known.
 * Source.   Gibbs, Candes (2021), Proposition 4.1; Angelopoulos, Candes, Tibshirani (2023), Theorems 1 and 2; Angelopoulos,
 *           Barber, Bates, "Online conformal prediction with decaying step sizes" (2024), for steps that change. Derived
 *           here, not copied: constants are not verified against the papers. */
#include "adversary.h"
#include "coverage_rig.h"

#include "models/resolution.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define SEED 20261122

static struct alm_choice choose(const char *text)
{
    struct alm_choice c;
    struct alm_err e = {0};
    cr_assert_eq(alm_choice_parse(ALM_CALIBRATOR, text, &c, &e), ALM_OK, "%s", e.text);
    return c;
}

/* ---- aci ---- */

/* At every length of the run. */
static size_t bounded(const struct alm_choice *c, double confidence, double gamma, enum adversary kind, bool two_sided)
{
    enum { LENGTH = 4000 };
    const double rate = 1 - confidence, over = gamma + fmax(rate, 1 - rate);
    struct alm_stream s = alm_stream_open(SEED, (uint64_t)kind, "adversary");
    struct cover_run g;
    double misses = 0;
    size_t checked = 0;
    cover_open(&g, c, ALM_MEMORY);
    for (size_t t = 1; t <= LENGTH; t++) {
        const struct alm_envelope v = cover_adjust(&g, 1, kind == ADV_EXPLODING ? 1 + (double)(t % 3) : 2);
        const double y = adversary_value(kind, t, v.max[ALM_MEMORY], &s);
        const struct alm_outcome o = cover_outcome(&g, &v, y, false);
        misses += y > v.max[ALM_MEMORY];
        const double error = misses / (double)t - rate, bound = over / (gamma * (double)t);
        cr_assert(error <= bound + 1e-9, "%g, gamma %g, adversary %d: %g of %zu missed", confidence, gamma, (int)kind,
                  misses, t);
        cr_assert(!two_sided || -error <= bound + 1e-9, "%g, gamma %g, adversary %d: only %g of %zu missed", confidence,
                  gamma, (int)kind, misses, t);
        cover_learn(&g, &o);
        checked++;
    }
    cover_close(&g);
    return checked;
}

static size_t bounded_everywhere(const char *more, bool two_sided)
{
    static const double levels[] = {0.5, 0.8, 0.9, 0.95, 0.99}, gammas[] = {0, 0.001, 0.005, 0.05, 0.5, 1};
    size_t checked = 0;
    for (size_t k = 0; k < sizeof levels / sizeof *levels; k++)
        for (size_t i = 0; i < sizeof gammas / sizeof *gammas; i++) {
            char text[96];
            snprintf(text, sizeof text, "aci:confidence=%g,gamma=%g%s", levels[k], gammas[i], more);
            struct alm_choice c = choose(text);
            const double gamma = gammas[i] > 0 ? gammas[i] : (1 - levels[k]) / 10;
            for (int a = 0; a < ADVERSARIES; a++)
                checked += bounded(&c, levels[k], gamma, (enum adversary)a, two_sided);
            alm_choice_free(&c);
        }
    printf("aci%s: the bound was checked %zu times\n", more, checked);
    return checked;
}

Test(coverage_bounds, the_bound_of_aci_holds_on_every_run)
{
    cr_assert_gt(bounded_everywhere("", true), 900000);
    cr_assert_gt(bounded_everywhere(",score=difference", true), 900000);
}

Test(coverage_bounds, aci_that_keeps_hits_misses_no_more)
{
    cr_assert_gt(bounded_everywhere(",empty=keep", false), 900000);
}

/* ---- the rules that follow by steps ---- */

enum { LENGTH = 3000, WINDOW = 300 };

/* What the outcomes alone say of a tracker: its scores, its steps. */
struct steps {
    size_t scores, started;
    double score[LENGTH];
    double least, largest; /* of all */
    double eta, eta_most, turns;
    double excess; /* misses - rate T since it started */
};

static double range_with(const struct steps *s, double offset)
{
    double least = offset, largest = offset;
    for (size_t i = s->scores > WINDOW ? s->scores - WINDOW : 0; i < s->scores; i++) {
        least = fmin(least, s->score[i]);
        largest = fmax(largest, s->score[i]);
    }
    return largest - least;
}

static void step(struct steps *s, double rate, double lr, double base, double max, double y)
{
    const double r = alm_resolution(ALM_CPU), score = log((y + r) / (base + r));
    const double offset = max > base ? log((max + r) / (base + r)) : log(max / base);
    if ((double)s->scores >= ceil(1 / rate - 1e-6) - 1) {
        const double eta = lr * range_with(s, offset);
        s->turns += s->started ? fabs(1 / eta - 1 / s->eta) : 0;
        s->eta = eta;
        s->eta_most = fmax(s->eta_most, eta);
        s->excess += (y > max) - rate;
        s->started++;
    }
    s->least = s->scores ? fmin(s->least, score) : score;
    s->largest = s->scores ? fmax(s->largest, score) : score;
    s->score[s->scores++] = score;
}

/* What CALIBRATOR may be off by, of S; infinite: nothing is promised yet. */
typedef double bound(const struct steps *s, double csat);

static double bound_of_tracking(const struct steps *s, double csat)
{
    (void)csat;
    const double most = (s->largest - s->least + s->eta_most) * (1 / s->eta + s->turns);
    return s->started && s->eta > 1e-9 ? most + 1e-6 : INFINITY; /* scores that are all alike make no step */
}

static double bound_of_pid(const struct steps *s, double csat)
{
    const double t = (double)s->started;
    return t > 0 ? csat * 1.5707963267948966 * (t + 1) / log(t + 1) + 1 : INFINITY;
}

/* At every length of the run; returns at how many the bound said something: less than all or nothing missed. */
static size_t held_to(const char *text, double rate, double lr, double csat, enum adversary kind, bound *most)
{
    static struct steps s;
    struct alm_choice c = choose(text);
    struct alm_stream luck = alm_stream_open(SEED, (uint64_t)kind, "steps");
    struct cover_run g;
    size_t telling = 0;
    memset(&s, 0, sizeof s);
    cover_open(&g, &c, ALM_CPU);
    for (size_t t = 0; t < LENGTH; t++) {
        const double base = kind == ADV_EXPLODING ? 1 + (double)(t % 3) : 2;
        const struct alm_envelope v = cover_adjust(&g, base, base);
        const double y = adversary_value(kind, t, v.max[ALM_CPU], &luck);
        step(&s, rate, lr, base, v.max[ALM_CPU], y);
        const double limit = most(&s, csat);
        cr_assert_leq(fabs(s.excess), limit, "%s, adversary %d: off by %g after %zu outcomes, at most %g", text,
                      (int)kind, s.excess, s.started, limit);
        telling += limit < (1 - rate) * (double)s.started;
        const struct alm_outcome o = cover_outcome(&g, &v, y, false);
        cover_learn(&g, &o);
    }
    cover_close(&g);
    alm_choice_free(&c);
    return telling;
}

Test(coverage_bounds, of_quantile_tracking)
{
    static const double levels[] = {0.8, 0.95, 0.99}, rates[] = {0.02, 0.1, 1};
    size_t telling = 0;
    for (int k = 0; k < 9; k++)
        for (int a = 0; a < ADVERSARIES; a++) {
            char text[96];
            snprintf(text, sizeof text, "quantile-tracking:confidence=%g,lr=%g", levels[k / 3], rates[k % 3]);
            telling += held_to(text, 1 - levels[k / 3], rates[k % 3], 0, (enum adversary)a, bound_of_tracking);
        }
    printf("quantile-tracking: the bound said something %zu times\n", telling);
    cr_assert_gt(telling, 50000);
}

Test(coverage_bounds, of_pid)
{
    static const char *const more[] = {"", ",scorecaster=season,season=4h"};
    static const double levels[] = {0.8, 0.95, 0.99}, saturation[] = {0.02, 0.1, 0.5, 5};
    size_t telling = 0;
    for (int k = 0; k < 24; k++)
        for (int a = 0; a < ADVERSARIES; a++) {
            char text[128];
            snprintf(text, sizeof text, "pid:confidence=%g,csat=%g%s", levels[k / 4 % 3], saturation[k % 4],
                     more[k / 12]);
            telling += held_to(text, 1 - levels[k / 4 % 3], 0.1, saturation[k % 4], (enum adversary)a, bound_of_pid);
        }
    printf("pid: the bound said something %zu times\n", telling);
    cr_assert_gt(telling, 300000);
}
