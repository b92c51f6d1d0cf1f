/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage_fleet: units whose demand is of a known kind, and what became of their calibrated envelopes in the one loop.
 *
 * Meaning.  One unit a stream; CPU and memory are of the same kind with luck of their own. An envelope holds when true
 *           demand until the next one is not above its max, whatever usage was. Those of regular decisions count: an OOM
 *           kill asks for another, about the same demand.
 * Choice.   Streams are functions of (seed, kind, round). Steps of 30 minutes: a day is 48 of them, so that seasons and
 *           the memory of predictors fit into a short run. Demand is in millicores and pages: platforms show it exactly. */
#ifndef ALM_TESTS_COVERAGE_FLEET_H
#define ALM_TESTS_COVERAGE_FLEET_H

#include "fleet.h"
#include "loop_rig.h"

extern const struct alm_platform_ops alm_platform_simulated;

#define CF_STEP (30 * ALM_MINUTE)
#define CF_DAY 48

enum cf_stream { CF_STATIONARY, CF_SEASONAL, CF_DRIFTING, CF_HEAVY, CF_STREAMS };

static const char *const cf_stream_name[CF_STREAMS] = {"stationary", "seasonal", "drifting", "heavy-tailed"};

static inline double cf_demand(enum cf_stream kind, size_t t, double *walk, struct alm_stream *s)
{
    const double z = alm_stream_normal(s), w = alm_stream_normal(s), u = alm_stream_uniform(s);
    *walk += 0.02 * w;
    switch (kind) {
    case CF_STATIONARY:
        return fmax(1 + 0.15 * z, 0.05);
    case CF_SEASONAL:
        return fmax(1 + 0.5 * sin(2 * 3.14159265358979 * (double)t / CF_DAY) + 0.1 * z, 0.05);
    case CF_DRIFTING:
        return exp(*walk + 0.15 * z);
    default:
        return 0.3 / sqrt(fmax(u, 1e-12));
    }
}

/* UNITS units of ROWS rows; unit i is of kind i % CF_STREAMS. */
static inline void cf_make(struct fleet *f, size_t units, size_t rows, uint64_t seed)
{
    fleet_make(f, units, rows, 0, CF_STEP);
    for (size_t i = 0; i < units; i++)
        for (int r = 0; r < 2; r++) {
            struct alm_stream s = alm_stream_open(seed, 2 * i + (size_t)r, "coverage fleet");
            double walk = 0;
            for (size_t t = 0; t < rows; t++) {
                const double d = cf_demand((enum cf_stream)(i % CF_STREAMS), t, &walk, &s);
                if (r == ALM_CPU)
                    f->cpu[i * rows + t] = ceil(d * 1000) / 1000;
                else
                    f->memory[i * rows + t] = ceil(d * 262144) * 4096;
            }
        }
}

/* Of one unit and resource. */
struct cf_cell {
    double n, misses;  /* envelopes after the burn-in; those whose max demand was above */
    double n_low, low; /* after that of min */
    double usage, max;
    double learned, learned_misses;        /* outcomes that a calibrator learns from, since the start */
    double early, early_misses, early_say; /* envelopes that state less than what was asked for; sum of 1 - stated */
    double bound;                          /* largest |learned_misses - rate * learned| so far */
    size_t row;                            /* that the last envelope was for */
};

static inline void cf_add(struct cf_cell *to, const struct cf_cell *c)
{
    to->n += c->n, to->misses += c->misses;
    to->n_low += c->n_low, to->low += c->low;
    to->usage += c->usage, to->max += c->max;
    to->early += c->early, to->early_misses += c->early_misses, to->early_say += c->early_say;
}

struct cf_run {
    const struct fleet *fleet;
    double confidence;
    size_t burn;
    struct cf_cell (*cell)[2]; /* [units] */
    bool honest;               /* what is stated is looked at */
};

static inline double cf_truth(const struct fleet *f, size_t unit, int r, size_t row)
{
    const size_t at = unit * f->length + row;
    return r == ALM_CPU ? f->cpu[at] : f->memory[at];
}

/* Is it honest before there are outcomes enough for the confidence, and does it say so then? */
static inline void cf_count_early(const struct cf_run *g, struct cf_cell *c, double stated, bool miss)
{
    const double needed = ceil(1 / (1 - g->confidence) - 1e-6) - 1;
    if (!g->honest)
        return;
    cr_assert(c->learned > 0 ? stated > 0 : isnan(stated), "states %g after %g outcomes", stated, c->learned);
    cr_assert(c->learned >= needed ? stated == g->confidence : !(stated >= g->confidence),
              "states %g after %g outcomes", stated, c->learned);
    if (c->learned > 0 && c->learned < needed) {
        c->early++;
        c->early_misses += miss;
        c->early_say += 1 - stated;
    }
}

static int cf_envelopes(void *ctx, alm_time now, const uint32_t *unit, const struct alm_envelope *v, size_t n,
                        struct alm_err *e)
{
    (void)e;
    const struct cf_run *g = ctx;
    const size_t row = (size_t)(now / CF_STEP), burn_low = (size_t)(1.5 / alm_lower_tail(g->confidence));
    for (size_t i = 0; i < n && row < g->fleet->length; i++)
        for (int r = 0; r < 2; r++) {
            struct cf_cell *c = &g->cell[unit[i]][r];
            if (!(v[i].has & ALM_BIT(r)) || c->row == row)
                continue;
            const double y = cf_truth(g->fleet, unit[i], r, row), max = v[i].max[r];
            c->row = row;
            cf_count_early(g, c, v[i].confidence[r], y > max);
            if (row < g->burn)
                continue;
            c->n++;
            c->misses += y > max;
            c->n_low += row >= burn_low;
            c->low += row >= burn_low && y < v[i].min[r];
            c->usage += y;
            c->max += max;
        }
    return ALM_OK;
}

static int cf_outcomes(void *ctx, const uint32_t *unit, const struct alm_outcome *o, size_t n, struct alm_err *e)
{
    (void)e;
    const struct cf_run *g = ctx;
    for (size_t i = 0; i < n; i++)
        for (int r = 0; r < 2; r++) {
            struct cf_cell *c = &g->cell[unit[i]][r];
            const bool held = (o[i].censored & ALM_BIT(r)) || (r == ALM_MEMORY && o[i].oom_kills > 0);
            if (!o[i].samples || !(o[i].envelope.has & ALM_BIT(r)) || !(held || (o[i].seen & ALM_BIT(r))))
                continue;
            const double y = alm_outcome_value(&o[i], (enum alm_resource)r), max = o[i].envelope.max[r];
            const bool peaked = (o[i].envelope.peak & ALM_BIT(r)) && y > max;
            if (o[i].until < o[i].envelope.until && !held && !peaked)
                continue;
            c->learned++;
            c->learned_misses += held || y > max;
            c->bound = fmax(c->bound, fabs(c->learned_misses - (1 - g->confidence) * c->learned));
        }
    return ALM_OK;
}

/* Run PREDICTOR and CALIBRATOR over the fleet; G->cell must be zeroed. */
static inline void cf_run(struct cf_run *g, const char *predictor, const char *calibrator, const char *platform)
{
    struct alm_choice choice = rig_choice(ALM_PLATFORM, platform);
    struct alm_policy policy = rig_policy(predictor, calibrator, "envelope:margin=0");
    struct alm_platform_config config = {.opt = choice.opt, .demand = &g->fleet->demand, .wake_on_oom = true};
    struct alm_observer watch = {.ctx = g, .envelopes = cf_envelopes, .outcomes = cf_outcomes};
    const struct alm_observer *watching[] = {&watch, NULL};
    struct alm_loop_config loop = {.demand = &g->fleet->demand, .interval = CF_STEP};
    struct alm_loop_stats stats = {0};
    struct alm_err e = {0};
    void *self;
    cr_assert_eq(alm_platform_simulated.open(&config, &self, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(alm_loop_run(&loop, &policy, &alm_platform_simulated, self, watching, &stats, &e), ALM_OK,
                 "%s, %s: %s", predictor, calibrator, e.text);
    alm_platform_simulated.close(self);
    alm_choice_free(&choice);
    alm_policy_free(&policy);
}

#define CF_OPEN "simulated:open_loop=true"
#define CF_CLOSED "simulated:cpu_backlog=lose,restart_delay=1ms"

#endif
