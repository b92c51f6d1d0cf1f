/* SPDX-License-Identifier: GPL-3.0-or-later
 * loop: the control loop. One loop, many platforms.
 *
 * Meaning.  platform -> samples -> profiler -> profile -> predictor -> envelope -> calibrator -> allocator -> decision
 *           -> platform, and back: the outcome of each envelope goes to calibrator, predictor and allocator. Decisions
 *           are taken at every multiple of the interval on the platform's own clock while a unit lives, and when an
 *           event (an OOM kill) asks for one. Observers see every arrow and change nothing.
 * Choice.   The loop never asks which platform it drives, never calls a clock, and allocates nothing after its start.
 *           Every call across a module table is checked; a module at fault is named. */
#ifndef ALM_CORE_LOOP_H
#define ALM_CORE_LOOP_H

#include "almanac/allocator.h"
#include "almanac/calibrator.h"
#include "almanac/platform.h"
#include "almanac/predictor.h"
#include "almanac/profiler.h"

#include <stdbool.h>

/* A policy: four modules with their options. Borrowed by the loop. */
struct alm_policy {
    struct alm_choice profiler, predictor, calibrator, allocator;
};

/* Does any module of the policy see true demand? Does any share state across units? */
bool alm_policy_is_oracle(const struct alm_policy *p);
bool alm_policy_is_shared(const struct alm_policy *p);
void alm_policy_free(struct alm_policy *p);

enum alm_on_error { ALM_ON_ERROR_STOP, ALM_ON_ERROR_HOLD };

struct alm_loop_config {
    alm_time interval; /* between decisions, > 0 */
    uint64_t seed;
    enum alm_on_error on_error;      /* hold: keep the last limits where a module fails, count it, go on */
    const struct alm_demand *demand; /* for oracles alone; NULL where there is none */
    uint64_t (*stopwatch)(void);     /* monotonic ns for the decision latency; NULL: not measured */
    const volatile int *stop;        /* non-zero: leave with ALM_EINTR; may be NULL */
    void (*progress)(void *ctx, alm_time now);
    void *progress_ctx;
};

/* Those who watch. Each function may be NULL; a failure stops the run. Arrays have N entries. */
struct alm_observer {
    void *ctx;
    int (*samples)(void *ctx, const struct alm_sample *s, const struct alm_account *a, size_t n, struct alm_err *e);
    int (*envelopes)(void *ctx, alm_time now, const uint32_t *unit, const struct alm_envelope *v, size_t n,
                     struct alm_err *e);
    int (*decisions)(void *ctx, alm_time now, bool event, const struct alm_decision *d, const struct alm_applied *a,
                     size_t n, struct alm_err *e);
    int (*executions)(void *ctx, const struct alm_execution *x, const struct alm_execution_account *a, size_t n,
                      struct alm_err *e);
    int (*machines)(void *ctx, const struct alm_machine_sample *s, size_t n, struct alm_err *e);
    int (*outcomes)(void *ctx, const uint32_t *unit, const struct alm_outcome *o, size_t n, struct alm_err *e);
    /* At the end, unit by unit, resource by resource; only of a predictor that explains. */
    int (*explanation)(void *ctx, uint32_t unit, enum alm_resource r, const char *text, struct alm_err *e);
};

/* Decision latency per unit in a histogram of 2^(1/8) steps: bucket k holds [2^(k/8), 2^((k+1)/8)) ns. */
#define ALM_LATENCY_BUCKETS 320

struct alm_loop_stats {
    uint64_t rounds, decisions, samples, held;
    size_t state_bytes;                    /* per unit, all modules together */
    uint64_t latency[ALM_LATENCY_BUCKETS]; /* counts of unit decisions */
    struct alm_err first_held;             /* why, when `held` is not 0 */
};

/* Upper end of the bucket that holds the QUANTILE of the latencies, in ns; 0 when none was measured. */
double alm_latency_quantile(const uint64_t latency[ALM_LATENCY_BUCKETS], double quantile);

/* Refuse a policy whose parts do not fit (profiler does not provide what the predictor needs), by name. */
int alm_policy_check(const struct alm_policy *p, struct alm_err *e);

/* Drive PLATFORM (an open instance of OPS) with POLICY until its end. STATS is filled on success.
 * ALM_EINTR when stopped; ALM_EMODULE when a module broke its contract; else what a module, platform or observer said.
 */
int alm_loop_run(const struct alm_loop_config *config, const struct alm_policy *policy,
                 const struct alm_platform_ops *ops, void *platform, const struct alm_observer *const *observers,
                 struct alm_loop_stats *stats, struct alm_err *e);

#endif
