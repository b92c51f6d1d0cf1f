/* SPDX-License-Identifier: GPL-3.0-or-later
 * memory_sink: a trace sink that keeps what it is given, in order, for tests of importers and generators. */
#ifndef ALMANAC_TESTS_MEMORY_SINK_H
#define ALMANAC_TESTS_MEMORY_SINK_H

#include "almanac/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct memory_row {
    uint32_t unit;
    struct alm_trace_row row;
};

struct memory_sink {
    struct alm_trace_sink sink;
    struct alm_trace_report report;
    struct alm_unit *unit;
    size_t units, unit_room;
    struct memory_row *row;
    size_t rows, room;
    alm_time interval;
    struct alm_input input[ALM_INPUTS];
    size_t inputs;
    char **word[ALM_INPUTS];
    size_t words[ALM_INPUTS];
    struct alm_invocation *invocation;
    double *value; /* invocations x inputs, which must all be declared by then */
    size_t invocations, invocation_room;
    char **function; /* the first is "", which is there with the first function or record */
    size_t functions;
    struct alm_behaviour *record;
    size_t records, record_room;
    char *platform;
};

static inline int memory_unit(struct alm_trace_sink *sink, const struct alm_unit *unit, uint32_t *out,
                              struct alm_err *e)
{
    struct memory_sink *m = (struct memory_sink *)sink;
    (void)e;
    for (size_t i = 0; i < m->units; i++)
        if (strcmp(m->unit[i].name, unit->name) == 0) {
            if (!isnan(unit->cores))
                m->unit[i].cores = unit->cores;
            if (!isnan(unit->memory))
                m->unit[i].memory = unit->memory;
            *out = (uint32_t)i;
            return ALM_OK;
        }
    if (m->units == m->unit_room) {
        m->unit_room = m->unit_room ? 2 * m->unit_room : 16;
        m->unit = realloc(m->unit, m->unit_room * sizeof *m->unit);
    }
    m->unit[m->units] = *unit;
    *out = (uint32_t)m->units++;
    return ALM_OK;
}

static inline int memory_rows(struct alm_trace_sink *sink, uint32_t unit, const struct alm_trace_row *rows, size_t n,
                              struct alm_err *e)
{
    struct memory_sink *m = (struct memory_sink *)sink;
    (void)e;
    while (m->rows + n > m->room) {
        m->room = m->room ? 2 * m->room : 4096;
        m->row = realloc(m->row, m->room * sizeof *m->row);
    }
    for (size_t i = 0; i < n; i++)
        m->row[m->rows++] = (struct memory_row){unit, rows[i]};
    return ALM_OK;
}

static inline int memory_interval(struct alm_trace_sink *sink, alm_time interval, struct alm_err *e)
{
    (void)e;
    ((struct memory_sink *)sink)->interval = interval;
    return ALM_OK;
}

static inline int memory_input(struct alm_trace_sink *sink, const struct alm_input *input, uint32_t *out,
                               struct alm_err *e)
{
    struct memory_sink *m = (struct memory_sink *)sink;
    for (size_t i = 0; i < m->inputs; i++)
        if (strcmp(m->input[i].name, input->name) == 0) {
            *out = (uint32_t)i;
            return m->input[i].category == input->category
                       ? ALM_OK
                       : alm_fail(e, ALM_EDATA, "input %s is of another kind", input->name);
        }
    if (m->invocations > 0)
        return alm_fail(e, ALM_EMODULE, "input %s was declared after the first invocation", input->name);
    if (m->inputs == ALM_INPUTS)
        return alm_fail(e, ALM_EUNSUPPORTED, "more than %d inputs", ALM_INPUTS);
    m->input[m->inputs] = *input;
    *out = (uint32_t)m->inputs++;
    return ALM_OK;
}

static inline int memory_word(struct alm_trace_sink *sink, uint32_t input, const char *word, size_t size, double *out,
                              struct alm_err *e)
{
    struct memory_sink *m = (struct memory_sink *)sink;
    if (input >= m->inputs || !m->input[input].category)
        return alm_fail(e, ALM_EMODULE, "input %u is no category", input);
    size_t i = 0, n = m->words[input];
    while (i < n && (strlen(m->word[input][i]) != size || memcmp(m->word[input][i], word, size) != 0))
        i++;
    if (i == n) {
        m->word[input] = realloc(m->word[input], (n + 1) * sizeof *m->word[input]);
        m->word[input][n] = strndup(word, size);
        m->words[input]++;
    }
    *out = (double)i;
    return ALM_OK;
}

static inline int memory_invocations(struct alm_trace_sink *sink, const struct alm_invocation *row, const double *input,
                                     size_t n, struct alm_err *e)
{
    struct memory_sink *m = (struct memory_sink *)sink;
    if (n > 0 && m->inputs > 0 && !input)
        return alm_fail(e, ALM_EMODULE, "invocations without their %zu inputs", m->inputs);
    while (m->invocations + n > m->invocation_room) {
        m->invocation_room = m->invocation_room ? 2 * m->invocation_room : 1024;
        m->invocation = realloc(m->invocation, m->invocation_room * sizeof *m->invocation);
        m->value = realloc(m->value, m->invocation_room * (m->inputs + 1) * sizeof *m->value);
    }
    for (size_t i = 0; i < n; i++) {
        if (row[i].unit >= m->units)
            return alm_fail(e, ALM_EMODULE, "an invocation of unit %u of %zu", row[i].unit, m->units);
        if (m->inputs > 0)
            memcpy(m->value + m->invocations * m->inputs, input + i * m->inputs, m->inputs * sizeof *m->value);
        m->invocation[m->invocations++] = row[i];
    }
    return ALM_OK;
}

static inline int memory_function(struct alm_trace_sink *sink, const char *name, size_t size, uint32_t *out,
                                  struct alm_err *e)
{
    struct memory_sink *m = (struct memory_sink *)sink;
    uint32_t none;
    if (m->functions == 0 && size > 0)
        (void)memory_function(sink, "", 0, &none, e);
    size_t i = 0, n = m->functions;
    while (i < n && (strlen(m->function[i]) != size || memcmp(m->function[i], name, size) != 0))
        i++;
    if (i == n) {
        m->function = realloc(m->function, (n + 1) * sizeof *m->function);
        m->function[n] = strndup(name, size);
        m->functions++;
    }
    *out = (uint32_t)i;
    return ALM_OK;
}

static inline int memory_behaviour(struct alm_trace_sink *sink, const struct alm_behaviour *row, size_t n,
                                   struct alm_err *e)
{
    struct memory_sink *m = (struct memory_sink *)sink;
    uint32_t none;
    (void)memory_function(sink, "", 0, &none, e);
    while (m->records + n > m->record_room) {
        m->record_room = m->record_room ? 2 * m->record_room : 1024;
        m->record = realloc(m->record, m->record_room * sizeof *m->record);
    }
    for (size_t i = 0; i < n; i++) {
        if (row[i].unit >= m->units || row[i].function >= m->functions || row[i].span <= 0)
            return alm_fail(e, ALM_EMODULE, "behaviour of unit %u, function %u", row[i].unit, row[i].function);
        m->record[m->records++] = row[i];
    }
    return ALM_OK;
}

static inline int memory_platform(struct alm_trace_sink *sink, const char *json, struct alm_err *e)
{
    struct memory_sink *m = (struct memory_sink *)sink;
    (void)e;
    free(m->platform);
    m->platform = strdup(json);
    return ALM_OK;
}

static inline void memory_sink_init(struct memory_sink *m)
{
    *m = (struct memory_sink){.sink = {.unit = memory_unit,
                                       .rows = memory_rows,
                                       .interval = memory_interval,
                                       .input = memory_input,
                                       .word = memory_word,
                                       .invocations = memory_invocations,
                                       .function = memory_function,
                                       .behaviour = memory_behaviour,
                                       .platform = memory_platform}};
    m->sink.report = &m->report;
}

static inline void memory_sink_free(struct memory_sink *m)
{
    for (size_t i = 0; i < m->inputs; i++) {
        for (size_t k = 0; k < m->words[i]; k++)
            free(m->word[i][k]);
        free(m->word[i]);
    }
    for (size_t i = 0; i < m->functions; i++)
        free(m->function[i]);
    free(m->function);
    free(m->record);
    free(m->platform);
    free(m->invocation);
    free(m->value);
    free(m->unit);
    free(m->row);
}

#endif
