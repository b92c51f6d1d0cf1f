/* SPDX-License-Identifier: GPL-3.0-or-later
 * cgroup_files: the few files of one cgroup v2 directory, read and written as numbers.
 *
 * Choice.   Everything goes through a directory descriptor that is opened once, never following links out of it, so a
 *           group that is renamed or replaced is not mistaken for another. */
#ifndef ALM_LIVE_CGROUP_FILES_H
#define ALM_LIVE_CGROUP_FILES_H

#include "almanac/error.h"

#include <stdint.h>

/* Counters as they stand. A file that is not there leaves -1. */
struct cgroup_reading {
    int64_t usage_us, throttled_us; /* cpu.stat */
    int64_t memory;                 /* memory.current, bytes */
    int64_t oom_kills, high;        /* memory.events */
};

/* Open ROOT/NAME (O_NOFOLLOW). Returns the descriptor, or ALM_EDATA. */
int cgroup_open(int root, const char *name, struct alm_err *e);

/* Read all counters. ALM_NOT_YET when the group is gone; ALM_EDATA when a file holds no number. */
int cgroup_read(int dir, const char *name, struct cgroup_reading *out, struct alm_err *e);

/* The limits in force: millicores of cpu.max, bytes of memory.high; ALM_NO_LIMIT for "max". ALM_EIO when the file cannot
 * be read, ALM_EDATA when it holds no number. */
int cgroup_get_cpu(int dir, const char *name, int64_t *millicores, struct alm_err *e);
int cgroup_get_memory(int dir, const char *name, int64_t *bytes, struct alm_err *e);

/* Write a limit and read it back into *APPLIED: millicores to cpu.max (quota and period), bytes to memory.high.
 * ALM_NO_LIMIT writes "max". ALM_NOT_YET when the kernel refused: *APPLIED is what stays in force. */
int cgroup_set_cpu(int dir, const char *name, int64_t millicores, int64_t *applied, struct alm_err *e);
int cgroup_set_memory(int dir, const char *name, int64_t bytes, int64_t *applied, struct alm_err *e);

#endif
