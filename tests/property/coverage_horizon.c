/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage_horizon: decisions that come less often than samples: what became of an envelope is known several samples later.
 *
 * Meaning.  Horizons of 1, 4 and 12 samples; of CPU the mean, the 95th percentile or the peak of them is predicted, of
 *           memory the peak. Open loop. An outcome comes when its horizon is over and not before, it is about the envelope
 *           that was given out at its beginning, and the value it brings is that of the truth, worked out here. By those
 *           values each resource holds as often as is said.
 * Choice.   Counts are judged as in coverage_product: a binomial count would be as large with a probability below 1e-7;
 *           there are 150 judgements, so all together raise a false alarm once in 60 000 seeds. The seed is fixed. */
#include "coverage_fleet.h"

#include <gsl/gsl_cdf.h>

enum { ROUNDS = 500, BURN = 120, LONGEST = 12 };

struct horizon {
    const struct fleet *fleet;
    size_t samples; /* in a horizon */
    struct alm_envelope given[CF_STREAMS];
    double n[2], misses[2], pairs;
};

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of the rows [FIRST, FIRST + N) of a unit: mean, peak, or the value at the nearest rank. */
static double truth_of(const struct horizon *h, const struct alm_envelope *v, size_t unit, int r, size_t first)
{
    double value[LONGEST], sum = 0;
    for (size_t k = 0; k < h->samples; k++)
        sum += value[k] = cf_truth(h->fleet, unit, r, first + k);
    qsort(value, h->samples, sizeof *value, by_size);
    if (v->p95 & ALM_BIT(r))
        return value[(size_t)ceil(0.95 * (double)h->samples - 1e-9) - 1];
    return (v->peak & ALM_BIT(r)) ? value[h->samples - 1] : sum / (double)h->samples;
}

static int envelopes(void *ctx, alm_time now, const uint32_t *unit, const struct alm_envelope *v, size_t n,
                     struct alm_err *e)
{
    (void)now, (void)e;
    struct horizon *h = ctx;
    for (size_t i = 0; i < n; i++)
        h->given[unit[i]] = v[i];
    return ALM_OK;
}

static int outcomes(void *ctx, const uint32_t *unit, const struct alm_outcome *o, size_t n, struct alm_err *e)
{
    (void)e;
    struct horizon *h = ctx;
    for (size_t i = 0; i < n; i++) {
        const struct alm_envelope *v = &o[i].envelope, *given = &h->given[unit[i]];
        if (!o[i].samples || !v->has || o[i].until < v->until)
            continue;
        cr_assert_eq(o[i].samples, h->samples, "%u samples in a horizon of %zu", o[i].samples, h->samples);
        cr_assert(o[i].until == v->until && v->from == given->from, "an outcome of another envelope");
        h->pairs++;
        for (int r = 0; r < 2; r++) {
            const size_t first = (size_t)(v->from / CF_STEP);
            if (!(v->has & ALM_BIT(r)))
                continue;
            const double y = truth_of(h, v, unit[i], r, first), told = alm_outcome_value(&o[i], (enum alm_resource)r);
            cr_assert(v->max[r] == given->max[r] && v->min[r] == given->min[r], "an outcome of another envelope");
            cr_assert_float_eq(told, y, 1e-9 * (y + 1), "told %g, the truth is %g", told, y);
            h->n[r] += first / h->samples >= BURN;
            h->misses[r] += first / h->samples >= BURN && y > v->max[r];
        }
    }
    return ALM_OK;
}

static void run(struct horizon *h, const char *predictor, const char *calibrator)
{
    struct alm_choice choice = rig_choice(ALM_PLATFORM, CF_OPEN);
    struct alm_policy policy = rig_policy(predictor, calibrator, "envelope:margin=0");
    struct alm_platform_config config = {.opt = choice.opt, .demand = &h->fleet->demand};
    struct alm_observer watch = {.ctx = h, .envelopes = envelopes, .outcomes = outcomes};
    const struct alm_observer *watching[] = {&watch, NULL};
    struct alm_loop_config loop = {.interval = (alm_time)h->samples * CF_STEP};
    struct alm_loop_stats stats = {0};
    struct alm_err e = {0};
    void *self;
    cr_assert_eq(alm_platform_simulated.open(&config, &self, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(alm_loop_run(&loop, &policy, &alm_platform_simulated, self, watching, &stats, &e), ALM_OK, "%s",
                 e.text);
    alm_platform_simulated.close(self);
    alm_choice_free(&choice);
    alm_policy_free(&policy);
}

static void judge(const struct horizon *h, const char *what)
{
    for (int r = 0; r < 2; r++) {
        cr_assert_gt(h->n[r], 1000, "%s: %s: %g outcomes", what, alm_resource_name((enum alm_resource)r), h->n[r]);
        const double chance = gsl_cdf_binomial_Q((unsigned)h->misses[r], 0.05, (unsigned)h->n[r]);
        cr_assert_gt(chance, 1e-7, "%s: %s: %g of %g missed", what, alm_resource_name((enum alm_resource)r),
                     h->misses[r], h->n[r]);
    }
    printf("%-75s cpu %.2f %%, memory %.2f %% held\n", what, 100 * (1 - h->misses[0] / h->n[0]),
           100 * (1 - h->misses[1] / h->n[1]));
}

static void all_horizons(const char *calibrator)
{
    static const char *const targets[] = {"ewma:target=mean", "ewma:target=p95", "ewma:target=peak", "vpa", "last"};
    static const size_t lengths[] = {1, 4, LONGEST};
    for (size_t k = 0; k < 15; k++) {
        struct fleet fleet;
        struct horizon h = {.fleet = &fleet, .samples = lengths[k / 5]};
        char what[128];
        cf_make(&fleet, CF_STREAMS, ROUNDS * h.samples, 20261123);
        snprintf(what, sizeof what, "%s, %s, a horizon of %zu samples", targets[k % 5], calibrator, h.samples);
        run(&h, targets[k % 5], calibrator);
        judge(&h, what);
        cr_assert_gt(h.pairs, CF_STREAMS * (ROUNDS - 20));
        fleet_free(&fleet);
    }
}

Test(coverage_horizon, split_conformal)
{
    all_horizons("split-conformal");
}

Test(coverage_horizon, aci)
{
    all_horizons("aci");
}

Test(coverage_horizon, dtaci)
{
    all_horizons("dtaci");
}

Test(coverage_horizon, quantile_tracking)
{
    all_horizons("quantile-tracking");
}

Test(coverage_horizon, pid)
{
    all_horizons("pid");
}
