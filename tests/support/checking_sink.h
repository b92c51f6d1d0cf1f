/* SPDX-License-Identifier: GPL-3.0-or-later
 * checking_sink: a sink that keeps nothing but counts, and asks of each thing it is given whether it can be.
 *
 * Meaning.  `wrong` says what was not so first, or is NULL. Digest: of all that was given, in order. */
#ifndef ALM_TESTS_CHECKING_SINK_H
#define ALM_TESTS_CHECKING_SINK_H

#include "almanac/trace.h"

#include <math.h>
#include <string.h>

struct checking_sink {
    struct alm_trace_sink sink;
    struct alm_trace_report report;
    const char *wrong;
    uint32_t units, functions;
    uint64_t rows, invocations, records, digest;
    size_t inputs;
    struct alm_input input[ALM_INPUTS];
};

static inline void checking_that(struct checking_sink *c, bool holds, const char *what)
{
    if (!holds && !c->wrong)
        c->wrong = what;
}

static inline void checking_digest(struct checking_sink *c, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        c->digest = (c->digest ^ p[i]) * 1099511628211u;
}

static inline int checking_unit(struct alm_trace_sink *sink, const struct alm_unit *unit, uint32_t *out,
                                struct alm_err *e)
{
    (void)e;
    struct checking_sink *c = (struct checking_sink *)sink;
    checking_that(c, memchr(unit->name, 0, sizeof unit->name) && unit->name[0],
                  "the name of a unit ends and is not empty");
    checking_that(c, memchr(unit->code, 0, sizeof unit->code) != NULL, "the code of a unit ends");
    checking_that(c, isnan(unit->cores) || (unit->cores >= 0 && isfinite(unit->cores)), "cores of a unit can be");
    checking_that(c, isnan(unit->memory) || (unit->memory >= 0 && isfinite(unit->memory)), "memory of a unit can be");
    checking_digest(c, unit->name, strnlen(unit->name, sizeof unit->name));
    *out = c->units++; /* a unit named twice gets two numbers: fine for counting */
    return ALM_OK;
}

static inline int checking_rows(struct alm_trace_sink *sink, uint32_t unit, const struct alm_trace_row *rows, size_t n,
                                struct alm_err *e)
{
    (void)e;
    struct checking_sink *c = (struct checking_sink *)sink;
    checking_that(c, unit < c->units, "rows are of a unit that was added");
    for (size_t k = 0; k < n; k++)
        for (int r = 0; r < ALM_RESOURCES; r++)
            checking_that(c, isnan(rows[k].value[r]) || (rows[k].value[r] >= 0 && isfinite(rows[k].value[r])),
                          "usage is finite and not negative");
    checking_digest(c, rows, n * sizeof *rows);
    c->rows += n;
    return ALM_OK;
}

static inline int checking_interval(struct alm_trace_sink *sink, alm_time interval, struct alm_err *e)
{
    (void)e;
    checking_that((struct checking_sink *)sink, interval > 0, "an interval is positive");
    return ALM_OK;
}

static inline int checking_input(struct alm_trace_sink *sink, const struct alm_input *input, uint32_t *out,
                                 struct alm_err *e)
{
    struct checking_sink *c = (struct checking_sink *)sink;
    checking_that(c, c->invocations == 0, "inputs are declared before the first invocation");
    checking_that(c, memchr(input->name, 0, sizeof input->name) && input->name[0], "the name of an input ends");
    checking_that(c, memchr(input->unit, 0, sizeof input->unit) != NULL, "the unit of an input ends");
    for (uint32_t i = 0; i < c->inputs; i++)
        if (strcmp(c->input[i].name, input->name) == 0) {
            *out = i;
            return ALM_OK;
        }
    if (c->inputs == ALM_INPUTS)
        return alm_fail(e, ALM_EUNSUPPORTED, "more than %d inputs", ALM_INPUTS);
    c->input[c->inputs] = *input;
    *out = (uint32_t)c->inputs++;
    return ALM_OK;
}

static inline int checking_word(struct alm_trace_sink *sink, uint32_t input, const char *word, size_t size, double *out,
                                struct alm_err *e)
{
    (void)e;
    struct checking_sink *c = (struct checking_sink *)sink;
    checking_that(c, input < c->inputs && c->input[input].category, "words are of a category that was declared");
    checking_digest(c, word, size);
    *out = (double)size;
    return ALM_OK;
}

static inline int checking_invocations(struct alm_trace_sink *sink, const struct alm_invocation *row,
                                       const double *input, size_t n, struct alm_err *e)
{
    (void)e;
    struct checking_sink *c = (struct checking_sink *)sink;
    checking_that(c, c->inputs == 0 || input, "values of the declared inputs are given");
    for (size_t k = 0; k < n; k++) {
        checking_that(c, row[k].unit < c->units, "invocations are of a unit that was added");
        for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
            checking_that(c, isnan(row[k].value[f]) || (row[k].value[f] >= 0 && isfinite(row[k].value[f])),
                          "what is known of an invocation is finite and not negative");
        for (size_t i = 0; i < c->inputs; i++)
            checking_that(c, !isinf(input[k * c->inputs + i]), "an input is finite");
        checking_digest(c, &row[k].arrival, sizeof row->arrival);
        checking_digest(c, row[k].value, sizeof row->value);
    }
    c->invocations += n;
    return ALM_OK;
}

static inline int checking_function(struct alm_trace_sink *sink, const char *name, size_t size, uint32_t *out,
                                    struct alm_err *e)
{
    (void)e;
    struct checking_sink *c = (struct checking_sink *)sink;
    checking_digest(c, name, size);
    *out = size ? ++c->functions : 0; /* a function named twice gets two numbers: fine for counting */
    return ALM_OK;
}

static inline int checking_behaviour(struct alm_trace_sink *sink, const struct alm_behaviour *row, size_t n,
                                     struct alm_err *e)
{
    (void)e;
    struct checking_sink *c = (struct checking_sink *)sink;
    for (size_t k = 0; k < n; k++) {
        checking_that(c, row[k].unit < c->units, "behaviour is of a unit that was added");
        checking_that(c, row[k].function <= c->functions, "behaviour is of a function that was added");
        checking_that(c, row[k].span > 0, "behaviour covers a time");
        for (int f = 0; f < ALM_BEHAVIOUR_FIELDS; f++)
            checking_that(c, isnan(row[k].value[f]) || (row[k].value[f] >= 0 && isfinite(row[k].value[f])),
                          "what is known of a behaviour is finite and not negative");
        checking_digest(c, &row[k].at, sizeof row->at);
        checking_digest(c, row[k].value, sizeof row->value);
    }
    c->records += n;
    return ALM_OK;
}

static inline int checking_platform(struct alm_trace_sink *sink, const char *json, struct alm_err *e)
{
    (void)e;
    checking_that((struct checking_sink *)sink, json && json[0] == '{', "a platform is a JSON object");
    return ALM_OK;
}

static inline void checking_sink_init(struct checking_sink *c)
{
    *c = (struct checking_sink){.digest = 14695981039346656037u,
                                .sink = {.unit = checking_unit,
                                         .rows = checking_rows,
                                         .interval = checking_interval,
                                         .input = checking_input,
                                         .word = checking_word,
                                         .invocations = checking_invocations,
                                         .function = checking_function,
                                         .behaviour = checking_behaviour,
                                         .platform = checking_platform}};
    c->sink.report = &c->report;
}

#endif
