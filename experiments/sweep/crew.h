/* SPDX-License-Identifier: GPL-3.0-or-later
 * crew: the cells of a plan, done by several processes.
 *
 * Meaning.  Cells that have a file are skipped, the others are handed out one by one to whoever is free. A worker is a forked
 *           process; a cell that kills it by a fault of the program (SIGSEGV, SIGABRT, ...) is written down as failed and another worker
 *           goes on; one that was killed from outside (SIGKILL, SIGTERM) leaves its cell missing, which is tried once more.
 *           What is written does not depend on how many workers there are, nor on their order.
 * Choice.   No locks: two launchers over one plan do some cells twice, with the same bytes. Shards keep launchers apart where that
 *           matters: shard I of N takes the cells whose number is I modulo N. */
#ifndef ALM_SWEEP_CREW_H
#define ALM_SWEEP_CREW_H

#include "experiments/sweep/cell.h"

struct crew_status {
    uint64_t wanted;             /* cells of this shard */
    uint64_t skipped;            /* were done before */
    uint64_t done, failed, lost; /* failed: also before */
    double seconds;              /* since the begin */
};

struct crew_config {
    size_t workers;
    uint64_t shard, shards; /* 0 of 1: all */
    bool retry_failed;
    const volatile int *stop;
    void (*progress)(void *ctx, const struct crew_status *s); /* after each cell, and about once a second */
    void *ctx;
};

/* ALM_EDATA when the plan is of another version; ALM_EINTR when stopped: workers have ended, no file is half written. */
int crew_run(const struct sweep_plan *p, const struct crew_config *c, struct crew_status *out, struct alm_err *e);

/* Count what is there. FAILED, which may be NULL, is called for each failed cell, in the order of the plan. PROGRESS may be NULL. */
struct crew_look {
    int (*failed)(void *ctx, const struct sweep_cell *cell, const char *reason, struct alm_err *e);
    void (*progress)(void *ctx, double done);
    void *ctx;
};
int crew_look(const struct sweep_plan *p, const struct crew_look *look, struct crew_status *out, struct alm_err *e);

#endif
