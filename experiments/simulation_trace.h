/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulation_trace: what a simulation runs: a trace, or some of its units over some of its time.
 *
 * Meaning.  A trace is opened once; workloads are cut out of it: its usage, its invocations or both, as the setting `workload`
 *           says, within a window. Both stay open while simulations run over them.
 * Choice.   The window is cut first: a unit that has usage elsewhere only is not a unit of this workload. */
#ifndef ALM_EXPERIMENTS_SIMULATION_TRACE_H
#define ALM_EXPERIMENTS_SIMULATION_TRACE_H

#include "experiments/simulation.h"

struct simulation_trace;

/* Open PATH and take its digest: all of it is read. NAME is how it is called; NULL: the file's name. */
int simulation_trace_open(const char *path, const char *name, struct simulation_trace **out, struct alm_err *e);
void simulation_trace_close(struct simulation_trace *t); /* NULL is fine */
const char *simulation_trace_sha256(const struct simulation_trace *t);

struct simulation_load;

/* WORKLOAD: enum simulation_workload. WINDOW is borrowed; its pattern must outlive OUT. ALM_EINVAL when the trace has no
 * invocations where these are wanted, or nothing in the window. */
int simulation_load_open(const struct simulation_trace *t, int workload, const struct simulation_window *window,
                         struct simulation_load **out, struct alm_err *e);
void simulation_load_close(struct simulation_load *w); /* NULL is fine */

/* Fill in what C says of the trace. It lies in W and the trace, which must outlive the run. */
void simulation_load_use(const struct simulation_load *w, struct simulation_config *c);

const struct alm_demand *simulation_load_demand(const struct simulation_load *w);
const struct alm_unit *simulation_load_units(const struct simulation_load *w, size_t *count);

#endif
