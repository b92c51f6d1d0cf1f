/* SPDX-License-Identifier: GPL-3.0-or-later
 * crew_mpi: the cells of a plan, done by the ranks of an MPI job.
 *
 * Meaning.  Rank 0 hands out cells to whoever asks and works itself; every rank runs its cell in a forked process, which opens no MPI, so
 *           a cell that fails costs a cell and not the job. All ranks read one folder. A rank that is killed ends the job (MPI has no
 *           other way): what was done stays, and the next launch does the rest.
 * Choice.   Polling with pauses of a millisecond: a blocking receive burns a core in Open MPI.
 * Limits.   Built where CMake finds MPI (-DALMANAC_MPI=ON); elsewhere everything is ALM_EUNSUPPORTED. */
#ifndef ALM_SWEEP_CREW_MPI_H
#define ALM_SWEEP_CREW_MPI_H

#include "experiments/sweep/crew.h"

/* Call once, before anything else of MPI. *rank and *ranks; 0 of 1 without mpirun. */
int crew_mpi_begin(int *rank, int *ranks, struct alm_err *e);

/* As crew_run, on all ranks together: shards and workers of the configuration are not looked at. OUT is filled on rank 0, which alone
 * tells progress; the code is the same on all. Ends MPI. */
int crew_mpi_run(const struct sweep_plan *p, const struct crew_config *config, struct crew_status *out,
                 struct alm_err *e);

#endif
