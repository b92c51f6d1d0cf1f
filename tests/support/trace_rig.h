/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_rig: trace files written piece by piece, for tests of writing and reading them. */
#ifndef ALM_TESTS_TRACE_RIG_H
#define ALM_TESTS_TRACE_RIG_H

#include "scratch.h"
#include "traces/file/trace_file.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NONE ((double)NAN)

static inline struct alm_trace_writer *writer(const char *path, size_t budget)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = NULL;
    const struct alm_trace_info info = {
        .title = "t", .source = "made up", .licence = "CC0-1.0", .memory_budget = budget};
    GOOD(alm_trace_create(path, &info, &w, &e));
    return w;
}

static inline uint32_t unit(struct alm_trace_sink *sink, const char *name)
{
    struct alm_err e = {0};
    struct alm_unit u = {.cores = 2, .memory = NONE};
    uint32_t number = 99;
    snprintf(u.name, sizeof u.name, "%s", name);
    snprintf(u.code, sizeof u.code, "code-of-%s", name);
    GOOD(sink->unit(sink, &u, &number, &e));
    return number;
}

static inline void row(struct alm_trace_sink *sink, uint32_t u, alm_time at, double cpu, double memory)
{
    struct alm_err e = {0};
    const struct alm_trace_row r = {at, {cpu, memory, NONE, NONE, NONE, NONE}};
    GOOD(sink->rows(sink, u, &r, 1, &e));
}

static inline int try_input(struct alm_trace_sink *sink, const char *name, const char *of, bool category, uint32_t *out,
                            struct alm_err *e)
{
    struct alm_input input = {.category = category};
    memcpy(input.name, name, strnlen(name, sizeof input.name - 1));
    snprintf(input.unit, sizeof input.unit, "%s", of);
    return sink->input(sink, &input, out, e);
}

static inline uint32_t input(struct alm_trace_sink *sink, const char *name, const char *of, bool category)
{
    struct alm_err e = {0};
    uint32_t number = 99;
    GOOD(try_input(sink, name, of, category, &number, &e));
    return number;
}

static inline double word(struct alm_trace_sink *sink, uint32_t input, const char *text)
{
    struct alm_err e = {0};
    double number = -1;
    GOOD(sink->word(sink, input, text, strlen(text), &number, &e));
    return number;
}

/* One invocation with the VALUES of all inputs. */
static inline void give(struct alm_trace_sink *sink, const struct alm_invocation *v, const double *values)
{
    struct alm_err e = {0};
    GOOD(sink->invocations(sink, v, values, 1, &e));
}

static inline void commit(struct alm_trace_writer *w)
{
    struct alm_err e = {0};
    GOOD(alm_trace_commit(w, &e));
}

static inline struct alm_trace *open_good(const char *path)
{
    struct alm_err e = {0};
    struct alm_trace *t = NULL;
    GOOD(alm_trace_open(path, &t, &e));
    return t;
}

#endif
