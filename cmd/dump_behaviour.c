/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump_behaviour: see the header.
 *
 * Meaning.  Columns: time_s, span_s, unit, function (empty: the unit as a whole), and the fields that the trace has. */
#include "cmd/dump_behaviour.h"

#include "traces/file/trace_file.h"

#include <math.h>
#include <string.h>

#define BLOCK ((size_t)256)
#define KEYS ((size_t)4)
#define COLUMNS (KEYS + ALM_BEHAVIOUR_FIELDS)

static const char *const names[COLUMNS] = {"time_s", "span_s", "unit", "function",
#define X(id, name, unit, meaning) name,
                                           ALM_BEHAVIOUR_FIELD_LIST(X)
#undef X
};

/* The records of unit NAME, or of all. */
static int choose_records(const struct alm_trace *t, const char *file, const char *name, uint64_t *from, uint64_t *to,
                          struct alm_err *e)
{
    const struct alm_demand *demand = alm_trace_demand(t);
    const struct alm_behaviours *source = alm_trace_behaviours(t);
    *from = 0;
    *to = source->count;
    for (size_t u = 0; name && u < demand->units; u++)
        if (strcmp(demand->unit[u].name, name) == 0) {
            *from = source->first[u];
            *to = source->first[u + 1];
            return ALM_OK;
        }
    return name ? alm_fail(e, ALM_EINVAL, "%s has no unit \"%.80s\"; table units lists the %zu there are", file, name,
                           demand->units)
                : ALM_OK;
}

static int put_record(const struct alm_trace *t, const struct alm_behaviour *b, struct dump_rows *w, struct alm_err *e)
{
    uint32_t measured = alm_trace_measured(t);
    struct dump_cell cell[COLUMNS] = {
        {.type = DUMP_TIME, .integer = b->at},
        {.type = DUMP_TIME, .integer = b->span},
        {.type = DUMP_TEXT, .text = alm_trace_demand(t)->unit[b->unit].name},
        {.type = DUMP_TEXT, .text = alm_trace_behaviours(t)->function[b->function]},
    };
    for (size_t f = 0, at = KEYS; f < ALM_BEHAVIOUR_FIELDS; f++)
        if (measured >> f & 1)
            cell[at++] = (struct dump_cell){.type = isnan(b->value[f]) ? DUMP_NONE : DUMP_REAL, .real = b->value[f]};
    return dump_rows_put(w, cell, e);
}

static int put_records(const struct alm_trace *t, uint64_t from, uint64_t to, struct dump_rows *w, struct alm_err *e)
{
    const struct alm_behaviours *source = alm_trace_behaviours(t);
    struct alm_behaviour block[BLOCK];
    for (; from < to; from += BLOCK) {
        size_t n = to - from < BLOCK ? (size_t)(to - from) : BLOCK;
        ALM_TRY(source->read(source, from, n, block, e));
        for (size_t k = 0; k < n; k++)
            ALM_TRY(put_record(t, &block[k], w, e));
    }
    return ALM_OK;
}

static int dump(const struct alm_trace *t, const char *file, const char *unit, const char *choice, struct dump_rows *w,
                struct alm_err *e)
{
    const char *name[COLUMNS];
    size_t count = KEYS;
    uint64_t from, to;
    if (!alm_trace_behaviours(t))
        return alm_fail(e, ALM_EINVAL, "%s has no behaviour; `almanac info` says what it has", file);
    for (size_t k = 0; k < KEYS; k++)
        name[k] = names[k];
    for (size_t f = 0; f < ALM_BEHAVIOUR_FIELDS; f++)
        if (alm_trace_measured(t) >> f & 1)
            name[count++] = names[KEYS + f];
    ALM_TRY(choose_records(t, file, unit, &from, &to, e));
    ALM_TRY(dump_rows_start(w, "behaviour", name, count, choice, e));
    ALM_TRY(put_records(t, from, to, w, e));
    dump_rows_end(w);
    return ALM_OK;
}

int dump_behaviour(const char *file, const char *unit, const char *choice, struct dump_rows *w, struct alm_err *e)
{
    struct alm_trace *t = NULL;
    ALM_TRY(alm_trace_open(file, &t, e));
    int code = dump(t, file, unit, choice, w, e);
    alm_trace_close(t);
    return code;
}
