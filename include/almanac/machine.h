/* SPDX-License-Identifier: GPL-3.0-or-later
 * machine: what units are placed on, and how it fares.
 *
 * Meaning.  A sample stamped `at` covers (at - span, at]. Pressure is as the kernel's PSI counts it: `some` is the time in
 *           which at least one unit wanted the resource and had less than it could use, `full` that in which no unit that
 *           wanted it had any.
 * Choice.   A platform may show machines or not; whoever reads them must do without.
 * Source.   Linux Documentation/accounting/psi.rst. */
#ifndef ALMANAC_MACHINE_H
#define ALMANAC_MACHINE_H

#include "almanac/resource.h"
#include "almanac/time.h"

#define ALM_MACHINE_NAME 64

struct alm_machine {
    char name[ALM_MACHINE_NAME];
    double cores;                    /* of speed 1 when `speed` is 1 */
    double speed;                    /* work done per second and core, relative to the trace's */
    double memory;                   /* bytes; INFINITY: no bound, here and below */
    double bandwidth[ALM_RESOURCES]; /* bytes a second of each of io_read .. net_tx */
};

enum alm_stall { ALM_STALL_CPU, ALM_STALL_MEMORY, ALM_STALL_IO, ALM_STALLS };

struct alm_machine_sample {
    alm_time at, span;
    uint32_t machine;
    uint32_t units;               /* placed on it at `at` */
    int64_t usage[ALM_RESOURCES]; /* cpu us, memory bytes (peak), bytes */
    int64_t floor[2];             /* promised at `at`: millicores, bytes */
    int64_t some_us[ALM_STALLS], full_us[ALM_STALLS];
};

#endif
