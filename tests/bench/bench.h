/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench: what the benchmarks share: rounds of several subjects, children, medians, and the table and JSON that come out.
 *
 * Choice.   Subjects that are compared take turns within each round, so that what else the machine does meets all of them
 *           alike; of the rounds the median counts. Seconds are those of the processor, in user and system together: all
 *           subjects use one core, and waiting for it is not their doing. */
#ifndef ALMANAC_TESTS_BENCH_H
#define ALMANAC_TESTS_BENCH_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_ROUNDS 5

struct bench_options {
    const char *folder;  /* for files of hundreds of megabytes */
    const char *almanac; /* the program */
    bool full;
};

/* One benchmark: prints its table on stderr and one JSON object on stdout. */
int bench_text(const struct bench_options *o, struct alm_err *e);
int bench_trace(const struct bench_options *o, struct alm_err *e);
int bench_memory(const struct bench_options *o, struct alm_err *e);
int bench_import(const struct bench_options *o, struct alm_err *e);
int bench_share(const struct bench_options *o, struct alm_err *e);
int bench_models(const struct bench_options *o, struct alm_err *e);

struct bench_subject {
    const char *name;
    int (*run)(void *ctx, double *amount, struct alm_err *e); /* AMOUNT: the work done, in `unit` of the table */
    void *ctx;
    double seconds[BENCH_ROUNDS], amount;
};

/* Run all SUBJECT[N] in turns, BENCH_ROUNDS times. */
int bench_take_turns(struct bench_subject *subject, size_t n, struct alm_err *e);

/* The median of the seconds. */
double bench_median(const struct bench_subject *s);

/* Table and JSON of subjects: amount per second and its ratio to the first subject. */
void bench_print(const char *name, const char *unit, const struct bench_subject *subject, size_t n);

/* Run a program with its output thrown away; what it took. ALM_EIO when it cannot be run or does not end with 0. */
struct bench_use {
    double seconds, cpu_seconds;
    double peak_mb; /* resident, of the whole process */
};
int bench_child(const char *const *argv, struct bench_use *use, struct alm_err *e);

/* FOLDER/NAME into OUT. */
char *bench_path(const struct bench_options *o, const char *name, char out[512]);

double bench_file_mb(const char *path); /* 10^6 bytes; 0 when it is not there */

/* Write a numeric table of about MB 10^6 bytes: HEADER, then `time` and, where UNITS > 0, `unit`, and COLUMNS numbers of
 * the shapes that published traces have. Rows are by time, then unit. */
struct bench_csv {
    const char *path, *header;
    double mb;
    int units, columns;
    int64_t first; /* time of the first row, seconds */
};
int bench_write_csv(const struct bench_csv *c, struct alm_err *e);

#endif
