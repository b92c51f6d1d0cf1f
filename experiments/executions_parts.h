/* SPDX-License-Identifier: GPL-3.0-or-later
 * executions_parts: what the observer of executions keeps: shared by executions.c, which fills it, and
 * executions_report.c, which reads it. */
#ifndef ALM_EXPERIMENTS_EXECUTIONS_PARTS_H
#define ALM_EXPERIMENTS_EXECUTIONS_PARTS_H

#include "experiments/batch_means.h"
#include "experiments/executions.h"
#include "experiments/quantiles.h"

/* Times in ns, slowdowns in 1e-6, servers in ns; SUM_TIME is of batches alone. */
enum {
    SUM_COUNT,
    SUM_DONE,
    SUM_REFUSED,
    SUM_TIMEOUT,
    SUM_FAILED,
    SUM_STARTED,
    SUM_COLD,
    SUM_RETRIES,
    SUM_RESPONSE,
    SUM_WAIT,
    SUM_SLOWDOWNS,
    SUM_SLOWDOWN,
    SUM_SERVERS,
    SUM_SOJOURN,
    SUM_TIME,
    EXECUTIONS_SUMS
};

#define EXECUTIONS_CELLS (2 * BATCH_MEANS_CELLS) /* response, slowdown */

struct executions_group {
    __int128 sum[EXECUTIONS_SUMS];
    uint64_t in_flight;
    alm_time latest; /* end of the newest scored execution */
    struct quantiles response, slowdown;
    struct batch_means batches;
};

struct executions_class_group {
    uint32_t class;
    struct executions_group group;
};

struct executions_unit {
    __int128 sum[EXECUTIONS_SUMS];
};

struct executions {
    alm_time begin, end;
    double cores;
    size_t units, classes;
    struct executions_unit *unit;
    struct executions_group all;
    struct executions_class_group class[EXECUTIONS_CLASSES]; /* ascending; groups are empty while there is one class */
};

#endif
