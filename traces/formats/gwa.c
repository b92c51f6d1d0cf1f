/* SPDX-License-Identifier: GPL-3.0-or-later
 * gwa: from MHz, percent and KB to cores and bytes. */
#include "gwa.h"

void alm_gwa_take(struct alm_gwa_machine *m, const struct alm_cell *c, struct alm_trace_row *row)
{
    double cores = c[ALM_GWA_CORES].number, capacity = c[ALM_GWA_CPU_CAPACITY].number;
    double memory = c[ALM_GWA_MEMORY_CAPACITY].number, scale = 1024 * alm_seconds(m->interval);
    bool speed = capacity > 0 && !c[ALM_GWA_CPU_MHZ].missing;
    row->value[ALM_CPU] =
        speed ? cores * c[ALM_GWA_CPU_MHZ].number / capacity : c[ALM_GWA_CPU_PERCENT].number * cores / 100;
    row->value[ALM_MEMORY] = c[ALM_GWA_MEMORY].missing ? c[ALM_GWA_MEMORY_PERCENT].number / 100 * memory * 1024
                                                       : c[ALM_GWA_MEMORY].number * 1024;
    row->value[ALM_IO_READ] = c[ALM_GWA_DISK_READ].number * scale;
    row->value[ALM_IO_WRITE] = c[ALM_GWA_DISK_WRITE].number * scale;
    row->value[ALM_NET_RX] = c[ALM_GWA_NET_RX].number * scale;
    row->value[ALM_NET_TX] = c[ALM_GWA_NET_TX].number * scale;
    m->cores = cores > 0 ? cores : m->cores;
    m->memory = memory > 0 ? memory * 1024 : m->memory;
}
