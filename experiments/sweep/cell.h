/* SPDX-License-Identifier: GPL-3.0-or-later
 * cell: one cell is run; what it left is one file.
 *
 * Meaning.  DIR/cells/XX/ID.json (XX: the id's first two digits), schema "almanac.cell/1": id, version, what was run in words, state
 *           "done" or "failed" with its reason; of a done one the sums of each unit (struct metrics_unit), burst shares, the metrics of
 *           invocations and machines. No time, host or path of a machine, so equal cells are equal bytes.
 * Choice.   JSON, since a cell is small, and people look into it. Written under a temporary name and renamed; not synced: a file that
 *           a power cut tore does not parse, and its cell is run again. Reals are written so that they read back to the bit.
 * Limits.   What one cell holds is in memory: some 500 bytes a unit. */
#ifndef ALM_SWEEP_CELL_H
#define ALM_SWEEP_CELL_H

#include "experiments/executions.h"
#include "experiments/machine_series.h"
#include "experiments/metrics.h"
#include "experiments/simulation_window.h"
#include "experiments/sweep/plan.h"

struct cell_result {
    char id[SWEEP_ID], version[64];
    bool done;
    char reason[ALM_ERR_TEXT];           /* of a failed one */
    char window[SIMULATION_WINDOW_TEXT]; /* the time that was scored */
    uint32_t resources;
    bool oracle, invocations, machines; /* it has metrics of invocations, of machines */
    size_t units;
    char **unit_name;          /* [units] */
    struct metrics_unit *unit; /* [units] */
    struct metrics_unit pool;
    double burst[2];
    struct executions_value call[EXECUTIONS_FIGURES];
    double machine[MACHINE_FIGURES];
    double state_bytes; /* a unit */
};
void cell_result_free(struct cell_result *r); /* what is in it; twice is fine */

/* Traces that cells share: each is opened once in a process. */
struct cell_traces;
int cell_traces_open(const struct sweep_plan *p, struct cell_traces **out, struct alm_err *e);
void cell_traces_close(struct cell_traces *t); /* NULL is fine */

/* Run CELL. A failure of the simulation is a result (done: false, the reason); an error is returned for what is not the cell's
 * fault: ALM_ENOMEM, ALM_EINTR, a trace that is not there or not the one that was planned. */
int cell_run(const struct sweep_plan *p, const struct sweep_cell *cell, struct cell_traces *t, const volatile int *stop,
             struct cell_result *out, struct alm_err *e);

/* Write the file of the cell: whole or not at all, replacing what is there. */
int cell_write(const struct sweep_plan *p, const struct sweep_cell *cell, const struct cell_result *r,
               struct alm_err *e);

/* Read it. ALM_NOT_YET when there is none, or only a torn one, or one of another cell or version. OUT is untouched then. */
int cell_read(const struct sweep_plan *p, const char *id, struct cell_result *out, struct alm_err *e);

/* Is it there, and done? ALM_NOT_YET as above. */
int cell_state(const struct sweep_plan *p, const char *id, bool *done, struct alm_err *e);

#endif
