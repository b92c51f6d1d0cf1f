/* SPDX-License-Identifier: GPL-3.0-or-later
 * gwa: what the machines of the Grid Workloads Archive (GWA-T-12 and -13) have in common: columns and units.
 *
 * Meaning.  cpu = cores x usage MHz / capacity MHz; where there is no capacity, usage % x cores / 100. memory = usage
 *           KB x 1024, or a share of the capacity. Rates KB/s x 1024 x interval are bytes per interval. The capacities of
 *           a machine are the last ones that are not zero.
 * Choice.   Usage above capacity is kept: it is what was measured.
 * Source.   Shen, van Beek, Iosup, CCGrid 2015. */
#ifndef ALM_TRACES_GWA_H
#define ALM_TRACES_GWA_H

#include "text/rows.h"

enum {
    ALM_GWA_STAMP,
    ALM_GWA_CORES,
    ALM_GWA_CPU_CAPACITY,
    ALM_GWA_CPU_MHZ,
    ALM_GWA_CPU_PERCENT,
    ALM_GWA_MEMORY_CAPACITY,
    ALM_GWA_MEMORY,
    ALM_GWA_MEMORY_PERCENT,
    ALM_GWA_DISK_READ,
    ALM_GWA_DISK_WRITE,
    ALM_GWA_NET_RX,
    ALM_GWA_NET_TX,
    ALM_GWA_COLUMNS
};

/* The columns of a table, all but that of the stamp. */
#define ALM_GWA_MOST 1e12 /* MHz or KB */
#define ALM_GWA_NUMBER ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, ALM_GWA_MOST
#define ALM_GWA_CELLS                                                                                                  \
    [ALM_GWA_CORES] = {"CPU cores", 0, ALM_GWA_NUMBER},                                                                \
    [ALM_GWA_CPU_CAPACITY] = {"CPU capacity provisioned [MHZ]", 0, ALM_GWA_NUMBER},                                    \
    [ALM_GWA_CPU_MHZ] = {"CPU usage [MHZ]", 0, ALM_GWA_NUMBER},                                                        \
    [ALM_GWA_CPU_PERCENT] = {"CPU usage [%]", 0, ALM_GWA_NUMBER},                                                      \
    [ALM_GWA_MEMORY_CAPACITY] = {"Memory capacity provisioned [KB]", 0, ALM_GWA_NUMBER},                               \
    [ALM_GWA_MEMORY] = {"Memory usage [KB]", 0, ALM_GWA_NUMBER}, [ALM_GWA_MEMORY_PERCENT] = {"Memory usage [%]",       \
                                                                                             0,                        \
                                                                                             ALM_CELL_NUMBER,          \
                                                                                             0,                        \
                                                                                             0,                        \
                                                                                             ALM_GWA_MOST},            \
    [ALM_GWA_DISK_READ] = {"Disk read throughput [KB/s]", 0, ALM_GWA_NUMBER},                                          \
    [ALM_GWA_DISK_WRITE] = {"Disk write throughput [KB/s]", 0, ALM_GWA_NUMBER},                                        \
    [ALM_GWA_NET_RX] = {"Network received throughput [KB/s]", 0, ALM_GWA_NUMBER},                                      \
    [ALM_GWA_NET_TX] = {"Network transmitted throughput [KB/s]", 0, ALM_GWA_NUMBER}, [ALM_GWA_COLUMNS] = {0}

/* A machine being read: NaN until a capacity is known. */
struct alm_gwa_machine {
    alm_time interval;
    double cores, memory;
};

/* The amounts of a row (not its stamp), and what it tells of the machine. */
void alm_gwa_take(struct alm_gwa_machine *m, const struct alm_cell *cell, struct alm_trace_row *row);

#endif
