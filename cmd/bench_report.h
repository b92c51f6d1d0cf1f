/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_report: what the benchmarks found, as a table and as JSON. */
#ifndef ALM_CMD_BENCH_REPORT_H
#define ALM_CMD_BENCH_REPORT_H

#include "cmd/bench.h"

#include <stdbool.h>
#include <stddef.h>

#define BENCH_REPETITIONS 100

struct bench_model {
    const char *name, *work; /* "mm1"; "customers": what there is more of, in names of JSON */
    const char *title;       /* one line for people */
    const char *answer;      /* its name in JSON */
    bench_run *run, *loop;
    uint64_t small, full; /* work of one repetition */
    double tolerance;     /* relative, between the two answers; 0: they are equal */
};

enum bench_side { BENCH_ALMANAC, BENCH_LOOP, BENCH_SIDES };

/* One model of one size, with what was measured. */
struct bench_trial {
    const struct bench_model *model;
    struct bench_task task;
    struct bench_done last[BENCH_SIDES];
    double cpu[BENCH_SIDES][BENCH_REPETITIONS];
};

struct bench_report {
    const struct bench_trial *trial;
    size_t trials, repetitions;
    bool alone; /* without the plain loops */
};

void bench_print_text(const struct bench_report *r);
int bench_print_json(const struct bench_report *r, struct alm_err *e);

#endif
