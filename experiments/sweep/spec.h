/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec: an experiment as people write it: which policies on which traces, how often, and what to make of it.
 *
 * Meaning.  A YAML map:
 *             traces:      list of files, or of {file, name, units} (units: a pattern over names); a file may be a pattern
 *                          ("web-?.h5") for those it matches, sorted by name; paths count from the spec's folder
 *             platform:    text, or {name, options...}; without a name `simulated`
 *             settings:    {control.interval: 5m, ...}: what `simulate --set` knows
 *             policies:    list of {name, profiler, predictor, calibrator, allocator, settings}
 *             factors:     {PATH: [values], ...}, crossed; or {cross: {...}, zip: {...}}; PATH as for --set. A factor that a
 *                          policy's modules do not know is an error unless it is written policy-name.PATH
 *             seeds:       list, or {first, count}; without it the seed 1
 *             split:       {warmup, train, test}: durations from the trace's begin. Without train and test the whole trace is
 *                          one part, after the warm-up; with either there are the parts that are given
 *             metrics:     list of names (results.h); the first is the one that ranks
 *             baseline:    name of a policy
 *             tolerances:  {METRIC: fraction or amount}
 *             until:       {metric, halfwidth, most}: add seeds until the 95 % half-width of the mean is within
 *             tune:        list of {policy, parameters: {PATH: {values} or {min, max, log}}, objective: {METRIC: weight},
 *                          method: grid|random|nelder-mead|halving, budget, seed}
 *           Modules are written as on the command line or as maps {name, options...}. Paths may be nested maps too.
 * Choice.   Read through the flattened specification of traces/synthesis, so that every problem is told with file, line, column
 *           and a caret, all of them at once, and unknown keys get the nearest known one.
 * Limits.   Those of spec_tree; 64 factors, 1024 of anything else in a list, 1 000 000 seeds. */
#ifndef ALM_SWEEP_SPEC_H
#define ALM_SWEEP_SPEC_H

#include "almanac/error.h"
#include "almanac/module.h"
#include "almanac/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alm_spec;

/* `at` is the place in the file: a node of the source. */
struct sweep_trace {
    char *path, *name; /* path as it was written, from the folder of the spec; name: the file's without .h5, or given */
    char *units;       /* a pattern as of glob(7); "" all */
    size_t at;
};

struct sweep_set {
    char *text; /* "PATH=VALUE" */
    size_t at;
};

struct sweep_module {
    char *text; /* "vpa:bound=upper"; NULL: the default */
    size_t at;
};

struct sweep_policy {
    char *name;
    struct sweep_module module[ALM_KIND_COUNT];
    struct sweep_set *set;
    size_t sets, at;
};

struct sweep_factor {
    char *path;
    char *policy; /* it is about this one only; NULL: all */
    char **value;
    size_t *value_at;
    size_t values, at;
    bool zip; /* goes in step with the other zipped ones; all have as many values */
};

struct sweep_metric {
    char *name;
    size_t at;
};

struct sweep_tolerance {
    char *metric, *text; /* "2%" or an amount in the metric's unit */
    size_t at;
};

enum sweep_tuning { SWEEP_GRID, SWEEP_RANDOM, SWEEP_NELDER_MEAD, SWEEP_HALVING };

struct sweep_parameter {
    char *path, **value; /* values, or a range */
    char *min, *max;     /* texts, since the option says what they are */
    size_t values, at;
    bool log;
};

struct sweep_tune {
    char *policy;
    struct sweep_parameter *parameter;
    size_t parameters;
    char **objective; /* metrics, with weights */
    double *weight;
    size_t *objective_at;
    size_t objectives, budget, at;
    enum sweep_tuning method;
    uint64_t seed;
};

struct sweep_spec {
    char *path, *text; /* of the file */
    struct sweep_trace *trace;
    struct sweep_policy *policy;
    struct sweep_factor *factor;
    int64_t *seed;
    struct sweep_metric *metric;
    struct sweep_set *set; /* for all policies */
    struct sweep_module platform;
    struct sweep_tolerance *tolerance;
    struct sweep_tune *tune;
    size_t traces, policies, factors, seeds, metrics, sets, tolerances, tunes;
    alm_time warmup, train, test; /* 0: not given */
    char *baseline;               /* a policy's name; NULL: the first */
    char *until_metric;           /* NULL: as many seeds as are listed */
    double until_halfwidth;       /* relative */
    size_t until_most, until_at;
    struct alm_spec *source; /* the file with its places */
};

/* HEAR(ctx, text) is called for each problem, in the order of the file, here and when the specification is tried out; NULL: the
 * error holds the first.
 * ALM_EDATA when PATH cannot be read, ALM_EINVAL with the number of problems. What can be told without modules and traces is
 * checked; when something is wrong, the rest is tried out too, so that all problems are told at once. */
int sweep_spec_read(const char *path, void (*hear)(void *ctx, const char *problem), void *ctx, struct sweep_spec **out,
                    struct alm_err *e);

/* The same from TEXT, as it was kept with a plan, and nothing is tried out; PATH names it in problems. */
int sweep_spec_parse(const char *text, const char *path, struct sweep_spec **out, struct alm_err *e);
void sweep_spec_free(struct sweep_spec *s); /* NULL is fine */

/* Configure each policy with all settings and each value of each factor and parameter, and expand the patterns of traces to
 * the files there are: `trace` holds these afterwards. ALM_EINVAL after all was tried. A second time does no harm. */
int sweep_spec_try(struct sweep_spec *s, struct alm_err *e);

/* The trace I as it can be opened from the present folder: allocated; NULL when out of memory. */
char *sweep_spec_trace_path(const struct sweep_spec *s, size_t i);

struct simulation_config;

/* The configuration of a policy before factors: modules, settings, the warm-up, and what all cells have in common (nothing is
 * recorded, one thread). Release it with simulation_config_free, also after a failure. */
int sweep_spec_config(const struct sweep_spec *s, size_t policy, struct simulation_config *out, struct alm_err *e);

/* The range of a parameter in the stored unit of the option ROW it is about. */
int sweep_parameter_range(const struct sweep_spec *s, const struct sweep_tune *t, size_t parameter,
                          const struct alm_opt **row, double *min, double *max, struct alm_err *e);

#endif
