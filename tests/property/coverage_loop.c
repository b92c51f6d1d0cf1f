/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage_loop: the same through the one loop: does every built-in predictor, calibrated, hold as often as it says?
 * coverage_loop: the same through the one loop: does each calibrator hold as often as it says? coverage_product has all predictors.
 * Meaning.  Outcomes are counted as the loop makes them. Open loop: usage is demand. Closed loop: the limit is max, and
 *           an outcome at the limit is a miss.
 * Choice.   Demand has a daily season, noise and bursts; memory is a random walk. The first 300 rounds are not judged,
 *           and coverage may be 5 standard deviations of a binomial count below the confidence: by chance once in 3.5
 *           million judgements. The seed is fixed. */
#include "fleet.h"
#include "loop_rig.h"

extern const struct alm_platform_ops alm_platform_simulated;

enum { UNITS = 2, ROWS = 1800, BURN = 300 };
#define STEP (5 * ALM_MINUTE)
#define CONFIDENCE 0.95

struct count {
    double outcomes[2], misses[2], usage[2], max[2];
    bool two_sided;
    double low[2];
};

static int count_outcomes(void *ctx, const uint32_t *unit, const struct alm_outcome *o, size_t n, struct alm_err *e)
{
    (void)unit, (void)e;
    struct count *c = ctx;
    for (size_t i = 0; i < n; i++)
        for (int r = 0; r < 2; r++) {
            const bool held = (o[i].censored & ALM_BIT(r)) || (r == ALM_MEMORY && o[i].oom_kills > 0);
            if (!o[i].samples || !(o[i].envelope.has & ALM_BIT(r)) || !(o[i].seen & ALM_BIT(r)) ||
                o[i].envelope.from < BURN * STEP || o[i].until < o[i].envelope.until)
                continue;
            const double y = alm_outcome_value(&o[i], (enum alm_resource)r);
            c->outcomes[r]++;
            c->misses[r] += held || y > o[i].envelope.max[r];
            c->low[r] += y < o[i].envelope.min[r];
            c->usage[r] += y;
            c->max[r] += o[i].envelope.max[r];
        }
    return ALM_OK;
}

static void make(struct fleet *f)
{
    fleet_make(f, UNITS, ROWS, 0, STEP);
    fleet_randomize(f, 20261122);
    for (size_t i = 0; i < UNITS; i++)
        for (size_t k = 0; k < ROWS; k++) {
            double *cpu = &f->cpu[i * ROWS + k];
            *cpu = ceil(*cpu * (1.5 + sin(2 * 3.14159265358979 * (double)k / 288)) * 1000) / 1000;
        }
}

static struct count run(const char *predictor, const char *calibrator, const char *platform)
{
    struct fleet fleet;
    struct count count = {0};
    make(&fleet);
    struct alm_choice choice = rig_choice(ALM_PLATFORM, platform);
    struct alm_policy policy = rig_policy(predictor, calibrator, "envelope:margin=0");
    struct alm_platform_config config = {.opt = choice.opt, .demand = &fleet.demand, .wake_on_oom = true};
    struct alm_observer watch = {.ctx = &count, .outcomes = count_outcomes};
    const struct alm_observer *watching[] = {&watch, NULL};
    struct alm_loop_config loop = {.demand = &fleet.demand, .interval = STEP};
    struct alm_loop_stats stats = {0};
    struct alm_err e = {0};
    void *self;
    cr_assert_eq(alm_platform_simulated.open(&config, &self, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(alm_loop_run(&loop, &policy, &alm_platform_simulated, self, watching, &stats, &e), ALM_OK, "%s: %s",
                 predictor, e.text);
    alm_platform_simulated.close(self);
    alm_choice_free(&choice);
    alm_policy_free(&policy);
    fleet_free(&fleet);
    return count;
}

/* split-conformal promises nothing of a random walk, as memory is here. */
static bool promises(const char *calibrator, enum alm_resource r)
{
    return r != ALM_MEMORY || strcmp(calibrator, "split-conformal") != 0;
}

static void judge(const char *predictor, const char *calibrator, const char *platform, const struct count *c)
{
    for (int r = 0; r < 2; r++) {
        const double n = c->outcomes[r], rate = 1 - CONFIDENCE,
                     times = promises(calibrator, (enum alm_resource)r) ? 1 : 2.5;
        const double most = times * rate * n + 5 * sqrt(n * rate * CONFIDENCE);
        if (n == 0)
            continue;
        printf("%-18s %-18s %-24s %-6s %5.0f outcomes, %5.2f %% held, max is %.2f of usage\n", predictor, calibrator,
               platform, alm_resource_name((enum alm_resource)r), n, 100 * (1 - c->misses[r] / n),
               c->max[r] / c->usage[r]);
        cr_assert(c->misses[r] <= most, "%s, %s, %s: %s missed %g of %g", predictor, calibrator, platform,
                  alm_resource_name((enum alm_resource)r), c->misses[r], n);
    }
}

static void every_calibrator(const char *platform)
{
    static const char *const predictors[] = {"last", "moving-percentile:window=6h", "vpa", "ewma"};
    static const char *const calibrators[] = {"split-conformal", "aci", "dtaci", "quantile-tracking", "pid"};
    for (size_t p = 0; p < 4; p++)
        for (size_t k = 0; k < 5; k++) {
            const struct count c = run(predictors[p], calibrators[k], platform);
            judge(predictors[p], calibrators[k], platform, &c);
            cr_assert_gt(c.outcomes[ALM_CPU], 1000);
        }
}

Test(coverage_loop, every_calibrator_open)
{
    every_calibrator("simulated:open_loop=true");
}

Test(coverage_loop, every_calibrator_closed)
{
    every_calibrator("simulated");
}

Test(coverage_loop, the_judge_can_fail)
{
    const struct count c = run("last", "measured", "simulated:open_loop=true");
    cr_assert_gt(c.misses[ALM_CPU], 0.2 * c.outcomes[ALM_CPU]);
}
