/* SPDX-License-Identifier: GPL-3.0-or-later
 * resource: what a unit needs, and the rounding that every platform shares.
 *
 * Meaning.  CPU and memory are the two resources that are limited everywhere; I/O and network are seen where the
 *           platform can see them. Between profiler and allocator amounts are doubles: cores, bytes, bytes per second.
 *           At the platform's door they are integers in the kernel's own units.
 * Choice.   CPU limits cross the door in millicores: at the kernel's usual period of 100 ms one millicore is exactly
 *           100 us of quota. */
#ifndef ALMANAC_RESOURCE_H
#define ALMANAC_RESOURCE_H

#include <stdint.h>

enum alm_resource {
    ALM_CPU,      /* cores; at the door: us of CPU time used, millicores as limit */
    ALM_MEMORY,   /* bytes, peak over the sample */
    ALM_IO_READ,  /* bytes over the sample; bytes per second as limit */
    ALM_IO_WRITE, /* as above */
    ALM_NET_RX,   /* as above */
    ALM_NET_TX,   /* as above */
    ALM_RESOURCES
};

#define ALM_BIT(resource) (1u << (resource))
#define ALM_NO_LIMIT ((int64_t)-1)
#define ALM_AMOUNT_MAX ((int64_t)100000000000000) /* 1e14: no limit or use above this is believed */

/* "cpu", "memory", "io_read", ...: the names used in files, options and tables. */
const char *alm_resource_name(enum alm_resource r);

/* The index of NAME, or -1. */
int alm_resource_find(const char *name);

/* CPU time is metered in whole microseconds, so over 100 s two equal loads may differ by this many cores. A smaller
 * difference decides nothing: not the rounding of a limit, nor whether demand is above it. */
#define ALM_CPU_NOISE 1e-8

/* Cores or bytes (>= 0, finite) to whole millicores or bytes, upward, saturating at ALM_AMOUNT_MAX. An amount that is a
 * whole number but for the noise of metering or of binary fractions is that number: 0.07 cores is 70 m. */
int64_t alm_millicores_up(double cores);
int64_t alm_bytes_up(double bytes);

/* What the kernel makes of a limit. CPU: quota of 100 us a millicore in a period of 100 ms, never below 1 ms (10 m).
 * Memory: whole pages of 4096 bytes, rounded down, as page counters do. ALM_NO_LIMIT stays.
 * Source: Linux kernel/sched/core.c (min_cfs_quota_period), mm/page_counter.c (page_counter_memparse). */
#define ALM_CPU_PERIOD_US ((int64_t)100000)
#define ALM_CPU_QUOTA_MIN_US ((int64_t)1000)
#define ALM_PAGE ((int64_t)4096)
int64_t alm_kernel_millicores(int64_t millicores);
int64_t alm_kernel_bytes(int64_t bytes);

#endif
