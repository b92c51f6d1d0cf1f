/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec: an experiment as people write it: which policies on which traces, how often, and what to make of it.
 *
 * Meaning.  A YAML map:
 *             traces:      list of files, or of {file, name, units} (units: a pattern over names)
 *             platform:    text, or {name, options...}
 *             settings:    {control.interval: 5m, ...}: what `simulate --set` knows
 *             policies:    list of {name, profiler, predictor, calibrator, allocator, settings}
 *             factors:     {PATH: [values], ...}, crossed; or {cross: {...}, zip: {...}}; PATH as for --set. A factor that a
 *                          policy's modules do not know is an error unless it is written policy-name.PATH
 *             seeds:       list, or {first, count}
 *             split:       {warmup, train, test}: durations from the trace's begin. Without train and test the whole trace is
 *                          one part, after the warm-up
 *             metrics:     list of names (results.h); the first is the one that ranks
 *             baseline:    name of a policy
 *             tolerances:  {METRIC: fraction or amount}
 *             until:       {metric, halfwidth, most}: add seeds until the 95 % half-width of the mean is within
 *             tune:        list of {policy, parameters: {PATH: {values} or {min, max, log}}, objective: {METRIC: weight},
 *                          method: grid|random|nelder-mead|halving, budget, seed}
 *           Modules are written as on the command line or as maps {name, options...}.
 * Choice.   Read through the flattened specification of traces/synthesis, so that every problem is told with file, line, column
 *           and a caret, all of them at once, and unknown keys get the nearest known one.
 * Limits.   Those of spec_yaml; 64 policies, traces, factors, values of a factor. */
#ifndef ALM_SWEEP_SPEC_H
#define ALM_SWEEP_SPEC_H

#include "almanac/error.h"
#include "almanac/module.h"
#include "almanac/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sweep_trace {
    char *path, *name; /* path as it was written, from the folder of the spec; name: the file's without .h5, or given */
    char *units;       /* a pattern as of glob(7); "" all */
};

struct sweep_policy {
    char *name;
    char *module[ALM_KIND_COUNT]; /* "vpa:bound=upper"; NULL: the default */
    char **set;                   /* "PATH=VALUE" */
    size_t sets;
};

struct sweep_factor {
    char *path;
    char *policy; /* it is about this one only; NULL: all */
    char **value;
    size_t values;
    bool zip; /* goes in step with the other zipped ones; all have as many values */
};

struct sweep_tolerance {
    char *metric, *text; /* "2%" or an amount in the metric's unit */
};

enum sweep_tuning { SWEEP_GRID, SWEEP_RANDOM, SWEEP_NELDER_MEAD, SWEEP_HALVING };

struct sweep_parameter {
    char *path, **value; /* values, or a range */
    size_t values;
    double min, max;
    bool log;
};

struct sweep_tune {
    char *policy;
    struct sweep_parameter *parameter;
    size_t parameters;
    char **objective; /* metrics, with weights */
    double *weight;
    size_t objectives, budget;
    enum sweep_tuning method;
    uint64_t seed;
};

struct sweep_spec {
    char *path, *text; /* of the file */
    struct sweep_trace *trace;
    struct sweep_policy *policy;
    struct sweep_factor *factor;
    int64_t *seed;
    char **metric, **set, *platform; /* set: for all policies */
    struct sweep_tolerance *tolerance;
    struct sweep_tune *tune;
    size_t traces, policies, factors, seeds, metrics, sets, tolerances, tunes;
    alm_time warmup, train, test; /* 0: not given */
    char *baseline;               /* a policy's name; NULL: the first */
    char *until_metric;           /* NULL: as many seeds as are listed */
    double until_halfwidth;       /* relative */
    size_t until_most;
};

/* HEAR(ctx, text) is called for each problem; NULL: the error holds the first. ALM_EDATA when PATH cannot be read, ALM_EINVAL with
 * the number of problems. Nothing but texts is checked here: modules and paths are tried out by sweep_plan_make. */
int sweep_spec_read(const char *path, void (*hear)(void *ctx, const char *problem), void *ctx, struct sweep_spec **out,
                    struct alm_err *e);

/* The same from TEXT, as it was kept with a plan; PATH names it in problems. */
int sweep_spec_parse(const char *text, const char *path, struct sweep_spec **out, struct alm_err *e);
void sweep_spec_free(struct sweep_spec *s); /* NULL is fine */

#endif
