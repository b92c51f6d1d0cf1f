/* SPDX-License-Identifier: GPL-3.0-or-later
 * results: the results file ("results/1"): all cells of an experiment in one table.
 *
 * Meaning.  /cells has one row a cell, in the order of the plan: id, trace, trace_sha256, policy, part, seed, state, reason, command,
 *           oracle, window (text,
 *           simulation_window.h), factor_NAME (text), and a column for each figure ("cpu_slack_relative", "invocations_mean_response_s", NaN where
 *           it does not exist). /units has the sums of each unit of each done cell ("cpu_limit", ...), cells one after the other: its
 *           cell (row of /cells) and its unit (row of /names, where each name is once); /cells/units says how many. Attributes: spec
 *           (the text), version, baseline, factors (JSON: their names), missing (cells that were planned and are not here).
 *           tuned (JSON) when values were searched for.
 *           A figure is written RESOURCE.NAME, invocations.NAME or machines.NAME: "cpu.slack_relative", "memory.oom_kills",
 *           "invocations.p99_s", "machines.density".
 * Choice.   Sums, not quotients, are kept of units, so that any figure of any group of units can be had, and resampled.
 * Limits.   Reading keeps /cells in memory (about 1000 bytes a cell); units are read cell by cell. */
#ifndef ALM_SWEEP_RESULTS_H
#define ALM_SWEEP_RESULTS_H

#include "experiments/sweep/cell.h"

struct results_cell {
    char *id, *trace, *trace_sha256, *policy, *reason, *command, *window; /* window: NULL when the file does not say */
    char **factor; /* [factors] "" where it is not about the policy */
    enum sweep_part part;
    int64_t seed;
    bool done, oracle;
    uint32_t units;      /* 0 when not done */
    uint64_t first_unit; /* row of /units */
};

struct results {
    struct alm_table *table;
    char *version, *spec_text, *baseline; /* baseline: a policy's name */
    char *
        tuned; /* JSON: the values that were chosen of tuned policies, [{policy, parameters: {PATH: value}}]; NULL: none */
    uint64_t missing; /* cells that were planned and are not here */
    size_t cells, factors;
    char **factor; /* paths */
    struct results_cell *cell;
    struct results_private *private;
};

enum { RESULTS_CALLS = -1, RESULTS_MACHINES = -2 };

#define METRICS_ROWS_BURST ((size_t)-1) /* burst_share, which is no row of metrics_rows: it is not of units */

struct results_figure {
    char name[64]; /* "cpu.slack_relative" */
    int resource;  /* ALM_CPU, ALM_MEMORY; RESULTS_CALLS, RESULTS_MACHINES */
    size_t row;    /* of metrics_rows; METRICS_ROWS_BURST for burst_share; or enum executions_figure, machine_figure */
    enum metrics_better better;
    bool whole;       /* a count */
    const char *unit; /* "share", "cores", "bytes", "s", "core-hours", "1" */
    bool later;       /* files of earlier versions do not have it: NaN */
};

/* All figures that any cell may have, in a fixed order. */
const struct results_figure *results_figures(size_t *count);

/* ALM_EINVAL with the nearest name; NAME without a resource ("slack_relative") is that of cpu, where
 * there is one, else that of memory, of invocations, of machines. */
int results_figure_find(const char *name, const struct results_figure **out, struct alm_err *e);

/* ALM_EDATA when PATH is missing, of another kind, or contradicts itself. */
int results_open(const char *path, struct results **out, struct alm_err *e);
void results_close(struct results *r); /* NULL is fine */

/* The figure of a cell as a whole; NaN where it does not exist. */
double results_value(const struct results *r, size_t cell, const struct results_figure *f);

/* Sums of the units of a cell, in the order of the trace; NAME[cell's units] may be NULL, its texts belong to R. */
int results_units(const struct results *r, size_t cell, struct metrics_unit *out, const char **name, struct alm_err *e);

/* The figure from sums. NaN for figures of invocations and burst shares. */
double results_of_unit(const struct results_figure *f, const struct metrics_unit *u);

/* The figure of a cell out of its file; NaN where it does not exist, and of a failed one. */
double results_of_cell(const struct results_figure *f, const struct cell_result *r);

/* Write the merged cells of a plan. In the order of the plan, whatever order they were done in; reads one cell at a time. A cell
 * that is missing is left out when PARTIAL, else ALM_NOT_YET with their number; failed ones are rows of their own; a cell of another
 * version is ALM_EDATA. COUNT gets how many were done, failed, missing. */
struct results_count {
    uint64_t done, failed, missing;
};
int results_merge(const struct sweep_plan *p, const char *path, bool partial, struct results_count *count,
                  void (*progress)(void *ctx, double done), void *ctx, struct alm_err *e);

#endif
