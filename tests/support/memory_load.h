/* SPDX-License-Identifier: GPL-3.0-or-later
 * memory_load: what a memory sink was given, read as demand and invocations, as a trace file would be.
 *
 * Limits.   Invocations must come in order of arrival; usage rows by unit, then time, of one INTERVAL. */
#ifndef ALMANAC_TESTS_MEMORY_LOAD_H
#define ALMANAC_TESTS_MEMORY_LOAD_H

#include "almanac/demand.h"

#include "memory_sink.h"

#include <criterion/criterion.h>

struct memory_load {
    const struct memory_sink *of;
    struct alm_demand demand;
    struct alm_invocations invocations; /* count 0: there are none */
    struct alm_unit *unit;
    uint64_t *rows, *offset;
    alm_time begin, end; /* of the first unit to begin, of the last to end */
};

static inline int memory_load_rows(const struct alm_demand *self, size_t unit, uint64_t first, size_t n,
                                   const struct alm_demand_rows *out, struct alm_err *e)
{
    const struct memory_load *l = self->owner;
    (void)e;
    for (size_t k = 0; k < n; k++) {
        const struct memory_row *row = &l->of->row[l->offset[unit] + first + k];
        bool follows = first + k > 0 && row->row.at - row[-1].row.at <= self->interval + self->interval / 2;
        if (out->at)
            out->at[k] = row->row.at;
        if (out->span)
            out->span[k] = follows ? row->row.at - row[-1].row.at : self->interval;
        for (int r = 0; r < ALM_RESOURCES; r++)
            if (out->value[r])
                out->value[r][k] = row->row.value[r];
    }
    return ALM_OK;
}

static inline int memory_load_invocations(const struct alm_invocations *self, uint64_t first, size_t n,
                                          const struct alm_invocation_rows *out, struct alm_err *e)
{
    const struct memory_sink *m = ((const struct memory_load *)self->owner)->of;
    (void)e;
    for (size_t k = 0; k < n; k++) {
        const struct alm_invocation *v = &m->invocation[first + k];
        if (out->arrival)
            out->arrival[k] = v->arrival;
        if (out->unit)
            out->unit[k] = v->unit;
        for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
            if (out->value[f])
                out->value[f][k] = v->value[f];
        for (size_t i = 0; i < m->inputs; i++)
            if (out->input[i])
                out->input[i][k] = m->value[(first + k) * m->inputs + i];
    }
    return ALM_OK;
}

static inline void memory_load_extend(struct memory_load *l, size_t unit, alm_time from, alm_time to)
{
    struct alm_unit *u = &l->unit[unit];
    u->first = from < u->first ? from : u->first;
    u->last = to > u->last ? to : u->last;
    l->begin = from < l->begin ? from : l->begin;
    l->end = to > l->end ? to : l->end;
}

static inline void memory_load_open(struct memory_load *l, const struct memory_sink *m)
{
    uint32_t resources = 0, fields = 0;
    *l = (struct memory_load){.of = m, .begin = ALM_TIME_MAX, .end = INT64_MIN};
    l->unit = malloc(m->units * sizeof *l->unit);
    l->rows = calloc(m->units, sizeof *l->rows);
    l->offset = calloc(m->units, sizeof *l->offset);
    cr_assert(l->unit && l->rows && l->offset);
    memcpy(l->unit, m->unit, m->units * sizeof *l->unit);
    for (size_t i = 0; i < m->units; i++) {
        l->unit[i].first = ALM_TIME_MAX;
        l->unit[i].last = INT64_MIN;
    }
    for (size_t i = 0; i < m->rows; i++) {
        uint32_t u = m->row[i].unit;
        if (l->rows[u]++ == 0)
            l->offset[u] = i;
        cr_assert_eq(l->offset[u] + l->rows[u] - 1, i, "rows are not sorted by unit");
        memory_load_extend(l, u, m->row[i].row.at, m->row[i].row.at);
        l->begin = m->row[i].row.at - m->interval < l->begin ? m->row[i].row.at - m->interval : l->begin;
        for (int r = 0; r < ALM_RESOURCES; r++)
            resources |= isnan(m->row[i].row.value[r]) ? 0 : ALM_BIT(r);
    }
    for (size_t i = 0; i < m->invocations; i++) {
        const struct alm_invocation *v = &m->invocation[i];
        cr_assert(i == 0 || v[-1].arrival <= v->arrival, "invocations are not sorted");
        memory_load_extend(l, v->unit, v->arrival, v->arrival);
        for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
            fields |= isnan(v->value[f]) ? 0 : 1u << f;
    }
    l->demand = (struct alm_demand){.unit = l->unit,
                                    .rows = l->rows,
                                    .units = m->units,
                                    .interval = m->interval ? m->interval : ALM_SECOND,
                                    .resources = resources,
                                    .read = memory_load_rows,
                                    .owner = l};
    l->invocations = (struct alm_invocations){.count = m->invocations,
                                              .fields = fields,
                                              .inputs = m->inputs,
                                              .input = m->input,
                                              .platform = m->platform,
                                              .read = memory_load_invocations,
                                              .owner = l};
}

static inline void memory_load_close(struct memory_load *l)
{
    free(l->unit);
    free(l->rows);
    free(l->offset);
}

#endif
