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

static inline void memory_sink_init(struct memory_sink *m)
{
    *m = (struct memory_sink){.sink = {.unit = memory_unit, .rows = memory_rows, .interval = memory_interval}};
    m->sink.report = &m->report;
}

static inline void memory_sink_free(struct memory_sink *m)
{
    free(m->unit);
    free(m->row);
}

#endif
