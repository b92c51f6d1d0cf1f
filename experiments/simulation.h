/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulation: one run: one policy on one trace with one seed.
 *
 * Meaning.  Resolves settings, cuts the units into batches, drives the one loop over a platform instance for each
 *           batch, perhaps on several threads, and gathers metrics and the run file in the order of units.
 * Choice.   Batches exist for cache and threads; a policy that shares state across units runs as one batch. The result
 *           does not depend on the number of threads. */
#ifndef ALM_EXPERIMENTS_SIMULATION_H
#define ALM_EXPERIMENTS_SIMULATION_H

#include "almanac/demand.h"

#include "core/loop.h"
#include "experiments/executions.h"
#include "experiments/machine_series.h"
#include "experiments/metrics.h"

#include <jansson.h>

struct simulation_settings {
    int64_t seed, threads, batch;
    alm_time interval, warmup, sample_interval;
    int on_error, record, record_executions, record_machines, workload, on_start;
    double on_stall;
    bool on_oom;
};

enum simulation_record { SIMULATION_RECORD_AUTO, SIMULATION_RECORD_ALL, SIMULATION_RECORD_NONE };
enum simulation_start { SIMULATION_START_AUTO, SIMULATION_START_ALWAYS, SIMULATION_START_NEVER };
enum simulation_workload { SIMULATION_AUTO, SIMULATION_USAGE, SIMULATION_INVOCATIONS, SIMULATION_BOTH };

/* Rows for `--set PATH=VALUE`: "seed", "control.interval", ... */
extern const struct alm_opt simulation_options[];

/* What of a trace is run. All zero: all of it. */
struct simulation_window {
    const char *units;    /* names that match this pattern (glob(7)); NULL or "": all */
    alm_time from, until; /* (from, until], counted from the trace's begin; 0: from there on, and to the end */
};

struct simulation_config {
    struct simulation_settings settings;
    struct alm_choice platform;
    struct alm_policy policy;
    const char *trace_name, *trace_sha256;     /* provenance; "" when unknown */
    bool calendar;                             /* times count from 1970, not from the trace's own zero */
    struct simulation_window window;           /* that was cut out of it; only told */
    const struct alm_invocations *invocations; /* to run beside or in place of usage; NULL: none */
    const struct alm_behaviours *behaviours;   /* of the units of the demand, to be shown; NULL: none */
    const volatile int *stop;
    void (*progress)(void *ctx, double done);
    void *progress_ctx;
    uint64_t (*stopwatch)(void);
};

/* All defaults: platform simulated, profiler window, predictor none, calibrator none, allocator static. To be released
 * with simulation_config_free, also after a failure. */
int simulation_config_init(struct simulation_config *c, struct alm_err *e);
void simulation_config_free(struct simulation_config *c);

/* Replace one module: "vpa:bound=upper". */
int simulation_choose(struct simulation_config *c, enum alm_kind kind, const char *text, struct alm_err *e);

/* `--set PATH=VALUE`. "platform.", "profiler.", ... reach into the modules. */
int simulation_set(struct simulation_config *c, const char *assignment, struct alm_err *e);

/* "vpa + envelope:margin=0": what differs from the defaults. OUT holds SIZE bytes. */
char *simulation_policy_text(const struct simulation_config *c, char *out, size_t size);

/* Every resolved option, with modules; a new reference. */
json_t *simulation_config_json(const struct simulation_config *c);

struct simulation_result {
    size_t units;
    struct metrics_unit *unit; /* [units] */
    struct metrics_unit pool;
    struct metrics_harm harm[2];
    struct metrics_tally tally;
    struct executions *executions;   /* NULL: the run had no invocations */
    struct machine_series *machines; /* NULL: no machines */
    struct alm_loop_stats stats;
    uint32_t resources;
    bool oracle;
};
void simulation_result_free(struct simulation_result *r);

/* Run it. OUTPUT is the run file, or NULL. */
int simulation_run(const struct simulation_config *c, const struct alm_demand *demand, const char *output,
                   struct simulation_result *result, struct alm_err *e);

/* The metrics as JSON (a new reference; NULL when out of memory). Without wall-clock figures: what a run file stores.
 */
json_t *simulation_metrics_json(const struct simulation_result *r, uint64_t seed);

#endif
