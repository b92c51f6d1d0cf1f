/* SPDX-License-Identifier: GPL-3.0-or-later
 * metrics: how well a policy did: efficiency, harm, honesty, stability; per unit and pooled.
 *
 * Meaning.  All sums run over scored time: after the warm-up, while the unit had a limit of the resource and its demand
 *           was known. `slack` is what was granted and not used, max(0, limit - usage), so an overrun never hides waste.
 *
 *           slack_relative      sum of slack / sum of limit
 *           slack_day           Autopilot's: mean over whole unit-days of (L - U) / L, L the time-weighted mean limit
 *                               of the day, U the nearest-rank 95th percentile of its 5-minute mean usages; days are
 *                               (86400 k, 86400 (k+1)] on the trace's clock
 *           slack_absolute      integral of slack / 86400 s: cores or bytes, kept idle for a day
 *           footprint_hours     integral of the limit in core-hours or byte-hours
 *           overrun_time_share  share of scored time with demand above the limit
 *           overrun_*_seconds   integral of max(0, demand - limit)
 *           burst_share         share of that integral in the worst 1 % of scored time
 *           limit_changes       decisions whose limit differs from the one before; and per unit-day
 *           coverage_upper      share of envelope windows whose stated statistic is <= max; coverage: and >= min
 *           confidence ...      are stated confidences true, and what do misses cost: see metrics_honesty.h
 *           oom_kills, oom_free_unit_days_share   over unit-days with scored memory
 *
 * Choice.   Accumulated per unit and pooled in the order of units at the end, so threads and batches change no digit.
 *           Censored outcomes are misses.
 * Source.   Rzadca et al., "Autopilot", EuroSys'20, section 4. */
#ifndef ALM_EXPERIMENTS_METRICS_H
#define ALM_EXPERIMENTS_METRICS_H

#include "core/loop.h"

#include "experiments/metrics_tally.h"

/* What is known of one unit, both resources. NaN where nothing was scored. */
struct metrics_resource {
    double seconds, limit, slack, overrun, overrun_seconds, usage;
    double slack_day_sum;
    uint64_t slack_days, limit_changes;
    uint64_t windows, covered_upper, covered;
    double unit_seconds;                         /* time the unit had decisions about: for rates per unit-day */
    uint64_t stated, stated_covered;             /* windows with a stated confidence; of them, upper side held */
    double confidence, pinball, interval, value; /* sums over them, see metrics_honesty.h */
    uint64_t tested, kept, independence_tested, independence_kept; /* units, and those not rejected at 5 % */
    double coverage_p;                                             /* sum over units */
};

struct metrics_unit {
    struct metrics_resource of[2];
    uint64_t oom_kills, memory_days, oom_days;
    double throttled_seconds, down_seconds;
};

/* The observer of one batch of COUNT units. UNIT is borrowed. */
struct metrics;
int metrics_new(const struct alm_unit *unit, size_t count, alm_time warmup, struct metrics **out, struct alm_err *e);
void metrics_free(struct metrics *m);
struct alm_observer metrics_observer(struct metrics *m);

/* Close open days and fill in sums. Call once, after the run and before metrics_units. */
void metrics_finish(struct metrics *m);
const struct metrics_unit *metrics_units(const struct metrics *m);

/* Harm by its size: overrun rate (cores, bytes) in steps of 2^(1/4): time in us, and amount in units of 1e-6 s at the
 * whole power of two below the rate. Whole numbers, so that the order of adding changes no digit. For burst_share. */
#define METRICS_HARM_BUCKETS 512
struct metrics_harm {
    uint64_t us[METRICS_HARM_BUCKETS], amount[METRICS_HARM_BUCKETS];
};
void metrics_add_harm(const struct metrics *m, struct metrics_harm harm[2]);
const struct metrics_tally *metrics_tally(const struct metrics *m);

/* The derived figures of one unit or of the pool, in one list that JSON, columns and tables share. */
enum metrics_better { METRICS_LOWER, METRICS_HIGHER, METRICS_NEITHER };
struct metrics_row {
    const char *name;  /* "slack_relative" */
    uint32_t resource; /* ALM_BIT: which resources have it */
    enum metrics_better better;
    bool interval; /* a bootstrap interval over units makes sense */
    bool absolute; /* a change is an amount, not a share of what was before: it is near 0 on both sides, or near 1 */
    double (*value)(const struct metrics_unit *u, int r);
};
const struct metrics_row *metrics_rows(size_t *count);

/* Add B to A, which is another: pooling. */
void metrics_pool(struct metrics_unit *restrict a, const struct metrics_unit *restrict b);

/* Share of the harm of resource R in the worst 1 % of SECONDS of scored time; NaN without harm. */
double metrics_burst_share(const struct metrics_harm *harm, double seconds);

/* 95 % percentile bootstrap over N units (1000 resamples, the same for every row) of each row of metrics_rows and each
 * resource; NaN where there is nothing to resample. OUT has as many entries as there are rows. */
struct metrics_interval {
    double low, high;
};
int metrics_intervals(const struct metrics_unit *unit, size_t n, uint64_t seed, struct metrics_interval (*out)[2],
                      struct alm_err *e);

#endif
