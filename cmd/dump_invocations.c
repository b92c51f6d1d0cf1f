/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump_invocations: see the header.
 *
 * Meaning.  Columns: time_s (arrival), unit, the fields that the trace has (not in table inputs), and input.NAME for each
 *           input, a category by its words. */
#include "cmd/dump_invocations.h"

#include "traces/file/trace_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)1024)
#define COLUMNS (2 + ALM_INVOCATION_FIELDS + ALM_INPUTS)

/* A field or an input. */
struct shown {
    char name[ALM_INPUT_NAME + 8];
    const char *const *word; /* of a category */
    double value[BLOCK];
};

struct dump {
    const char *table;
    const struct alm_demand *demand;
    const struct alm_invocations *source;
    struct alm_invocation_rows rows;
    size_t unit; /* only this one; SIZE_MAX: all */
    alm_time arrival[BLOCK];
    uint32_t of[BLOCK];
    size_t shown;
    struct shown show[ALM_INVOCATION_FIELDS + ALM_INPUTS];
};

static bool inputs_alone(const struct dump *d)
{
    return strcmp(d->table, "inputs") == 0;
}

static void choose_columns(struct dump *d)
{
    d->rows.arrival = d->arrival;
    d->rows.unit = d->of;
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        if (!inputs_alone(d) && d->source->fields & ALM_BIT(f)) {
            struct shown *s = &d->show[d->shown++];
            snprintf(s->name, sizeof s->name, "%s", alm_trace_field_name((enum alm_invocation_field)f));
            d->rows.value[f] = s->value;
        }
    for (size_t i = 0; i < d->source->inputs; i++) {
        struct shown *s = &d->show[d->shown++];
        snprintf(s->name, sizeof s->name, "input.%s", d->source->input[i].name);
        s->word = d->source->word[i];
        d->rows.input[i] = s->value;
    }
}

static int choose_unit(struct dump *d, const char *file, const char *name, struct alm_err *e)
{
    d->unit = SIZE_MAX;
    if (!name)
        return ALM_OK;
    for (size_t i = 0; i < d->demand->units; i++)
        if (strcmp(d->demand->unit[i].name, name) == 0) {
            d->unit = i;
            return ALM_OK;
        }
    return alm_fail(e, ALM_EINVAL, "%s has no unit \"%.80s\"; table units lists the %zu there are", file, name,
                    d->demand->units);
}

static struct dump_cell cell_of(const struct shown *s, size_t k)
{
    double v = s->value[k];
    if (s->word && !isnan(v))
        return (struct dump_cell){.type = DUMP_TEXT, .text = s->word[(size_t)v]};
    return (struct dump_cell){.type = isnan(v) ? DUMP_NONE : DUMP_REAL, .real = v};
}

static int put_rows(struct dump *d, struct dump_rows *w, struct alm_err *e)
{
    struct dump_cell cell[COLUMNS];
    for (uint64_t first = 0; first < d->source->count; first += BLOCK) {
        uint64_t left = d->source->count - first;
        size_t n = left < BLOCK ? (size_t)left : BLOCK;
        ALM_TRY(d->source->read(d->source, first, n, &d->rows, e));
        for (size_t k = 0; k < n; k++) {
            if (d->unit != SIZE_MAX && d->of[k] != d->unit)
                continue;
            cell[0] = (struct dump_cell){.type = DUMP_TIME, .integer = d->arrival[k]};
            cell[1] = (struct dump_cell){.type = DUMP_TEXT, .text = d->demand->unit[d->of[k]].name};
            for (size_t i = 0; i < d->shown; i++)
                cell[2 + i] = cell_of(&d->show[i], k);
            ALM_TRY(dump_rows_put(w, cell, e));
        }
    }
    return ALM_OK;
}

static int dump(struct dump *d, const char *file, const char *unit, const char *choice, struct dump_rows *w,
                struct alm_err *e)
{
    if (!d->source)
        return alm_fail(e, ALM_EINVAL, "%s has no invocations; table usage has its rows", file);
    if (inputs_alone(d) && d->source->inputs == 0)
        return alm_fail(e, ALM_EINVAL, "%s: its invocations have no input parameters", file);
    const char *name[COLUMNS] = {"time_s", "unit"};
    choose_columns(d);
    ALM_TRY(choose_unit(d, file, unit, e));
    for (size_t i = 0; i < d->shown; i++)
        name[2 + i] = d->show[i].name;
    ALM_TRY(dump_rows_start(w, d->table, name, 2 + d->shown, choice, e));
    ALM_TRY(put_rows(d, w, e));
    dump_rows_end(w);
    return ALM_OK;
}

int dump_invocations(const char *file, const char *table, const char *unit, const char *choice, struct dump_rows *w,
                     struct alm_err *e)
{
    struct alm_trace *t = NULL;
    ALM_TRY(alm_trace_open(file, &t, e));
    struct dump *d = calloc(1, sizeof *d);
    int code = d ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory");
    if (d) {
        d->table = table;
        d->demand = alm_trace_demand(t);
        d->source = alm_trace_invocations(t);
        code = dump(d, file, unit, choice, w, e);
    }
    free(d);
    alm_trace_close(t);
    return code;
}
