/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_behaviour_read: the behaviour of a trace file, handed out in blocks.
 *
 * Meaning.  Opening reads the names of functions and how many records each unit has, and checks that all columns are of
 *           one length. Records are checked when they are read: they are of the unit whose turn it is, times ascend,
 *           functions ascend within a time, spans are positive, values are missing or can be. */
#include "text/names.h"
#include "text/utf8.h"
#include "trace_reader.h"

#include <stdlib.h>
#include <string.h>

struct alm__behaviour_reader {
    struct alm_behaviours view;
    const struct alm_trace *trace;
    struct alm_column *time, *span, *unit, *function, *field[ALM_BEHAVIOUR_FIELDS];
    struct alm_names *names;
    const char **name; /* of them */
    uint64_t *first;
    uint32_t measured;
};

static const char *path_of(const struct alm__behaviour_reader *r)
{
    return alm_trace_path(r->trace);
}

const struct alm_behaviours *alm_trace_behaviours(const struct alm_trace *t)
{
    return t->behaviour ? &t->behaviour->view : NULL;
}

uint32_t alm_trace_measured(const struct alm_trace *t)
{
    return t->behaviour ? t->behaviour->measured : 0;
}

void alm__behaviour_close(struct alm__behaviour_reader *r)
{
    if (!r)
        return;
    alm_names_close(r->names);
    free(r->name);
    free(r->first);
    free(r);
}

static int take_name(struct alm__behaviour_reader *r, uint32_t i, const char *text, struct alm_err *e)
{
    size_t length = strlen(text);
    uint32_t number = 0;
    if (length > ALM_FUNCTION_NAME || alm_utf8_length(text) != length || (i == 0) != (length == 0))
        return alm_fail(e, ALM_EDATA,
                        "%s: function %u has a name that cannot be: the first is empty, the others UTF-8 of "
                        "1 to %u bytes",
                        path_of(r), i, ALM_FUNCTION_NAME);
    ALM_TRY(alm_names_add(r->names, text, length, &number, e));
    return number == i ? 0 : alm_fail(e, ALM_EDATA, "%s: functions %u and %u have one name", path_of(r), number, i);
}

static int read_functions(struct alm__behaviour_reader *r, struct alm_trace *t, struct alm_err *e)
{
    struct alm_column *c;
    ALM_TRY(alm__trace_need(t, "/functions/name", ALM_COL_TEXT, UINT64_MAX, &c, e));
    uint64_t n = alm_column_length(c);
    if (n == 0 || n > ALM_FUNCTIONS)
        return alm_fail(e, ALM_EDATA, "%s: /functions/name has %llu names; 1 to %u are right", path_of(r),
                        (unsigned long long)n, ALM_FUNCTIONS);
    r->name = calloc((size_t)n, sizeof *r->name);
    if (!r->name)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    ALM_TRY(alm_names_open(&r->names, e));
    for (uint32_t i = 0; i < n; i++) {
        char *text = NULL;
        ALM_TRY(alm_column_read(c, i, 1, &text, e));
        int rc = take_name(r, i, text, e);
        free(text);
        ALM_TRY(rc);
    }
    for (uint32_t i = 0; i < n; i++)
        r->name[i] = alm_names_text(r->names, i, NULL);
    r->view.functions = (size_t)n;
    r->view.function = r->name;
    return 0;
}

static int read_counts(struct alm__behaviour_reader *r, struct alm_trace *t, struct alm_err *e)
{
    struct alm_column *c;
    size_t units = t->demand.units;
    ALM_TRY(alm__trace_need(t, "/units/behaviour", ALM_COL_I64, units, &c, e));
    r->first = calloc(units + 1, sizeof *r->first);
    if (!r->first)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    for (size_t u = 0; u < units; u++) {
        int64_t count = 0;
        ALM_TRY(alm_column_read(c, u, 1, &count, e));
        if (count < 0 || (uint64_t)count > r->view.count - r->first[u])
            return alm_fail(e, ALM_EDATA, "%s: unit %s claims %lld records of behaviour, of which there are %llu",
                            path_of(r), t->unit[u].name, (long long)count, (unsigned long long)r->view.count);
        r->first[u + 1] = r->first[u] + (uint64_t)count;
    }
    r->view.first = r->first;
    if (r->first[units] != r->view.count)
        return alm_fail(e, ALM_EDATA, "%s: the units' counts of behaviour do not sum up to the %llu records",
                        path_of(r), (unsigned long long)r->view.count);
    return 0;
}

static int open_fields(struct alm__behaviour_reader *r, struct alm_trace *t, struct alm_err *e)
{
    for (int f = 0; f < ALM_BEHAVIOUR_FIELDS; f++) {
        const struct alm__trace_column *c = alm__behaviour_column((enum alm_behaviour_field)f);
        int rc = alm_column_open(t->table, c->path, c->type, &r->field[f], e);
        ALM_TRY(rc);
        if (rc == ALM_NOT_YET)
            continue;
        ALM_TRY(alm__trace_need(t, c->path, c->type, r->view.count, &r->field[f], e));
        r->measured |= ALM_BIT(f);
    }
    return 0;
}

/* The unit of record ROW. */
static size_t unit_of(const struct alm__behaviour_reader *r, uint64_t row)
{
    size_t low = 0, high = r->trace->demand.units;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(r->first[middle] <= row ? &low : &high) = middle;
    }
    return low;
}

/* Keys of records FIRST to FIRST + N; the one before them has the first key to compare with. */
static int read_keys(const struct alm__behaviour_reader *r, uint64_t first, size_t n, struct alm_behaviour *out,
                     struct alm_err *e)
{
    alm_time time[ALM_READ_BATCH + 1], span[ALM_READ_BATCH];
    uint32_t unit[ALM_READ_BATCH], function[ALM_READ_BATCH + 1];
    size_t before = first > 0, u = unit_of(r, first);
    ALM_TRY(alm_column_read(r->time, first - before, n + before, time + 1 - before, e));
    ALM_TRY(alm_column_read(r->function, first - before, n + before, function + 1 - before, e));
    ALM_TRY(alm_column_read(r->span, first, n, span, e));
    ALM_TRY(alm_column_read(r->unit, first, n, unit, e));
    for (size_t k = 0; k < n; k++) {
        while (r->first[u + 1] <= first + k)
            u++;
        alm_time at = time[k + 1];
        bool fresh = r->first[u] == first + k;
        bool after = fresh || at > time[k] || (at == time[k] && function[k + 1] > function[k]);
        if (unit[k] != u || !after || function[k + 1] >= r->view.functions || at < -ALM_STAMP_MOST ||
            at > ALM_STAMP_MOST || span[k] <= 0 || span[k] > ALM_SPAN_MOST)
            return alm_fail(
                e, ALM_EDATA,
                "%s: behaviour %llu (time %lld ns, span %lld ns, unit %u, function %u) cannot be: it is of unit "
                "%s, after the one before, of one of %zu functions, over more than 0 and up to 104 days",
                path_of(r), (unsigned long long)(first + k), (long long)at, (long long)span[k], unit[k],
                function[k + 1], r->trace->unit[u].name, r->view.functions);
        out[k] = (struct alm_behaviour){.at = at, .span = span[k], .unit = unit[k], .function = function[k + 1]};
    }
    return 0;
}

static int read_block(const struct alm__behaviour_reader *r, uint64_t first, size_t n, struct alm_behaviour *out,
                      struct alm_err *e)
{
    double value[ALM_READ_BATCH];
    ALM_TRY(read_keys(r, first, n, out, e));
    for (int f = 0; f < ALM_BEHAVIOUR_FIELDS; f++) {
        const struct alm__trace_column *c = alm__behaviour_column((enum alm_behaviour_field)f);
        ALM_TRY(alm__trace_amounts(r->field[f], c->type, first, n, value, e));
        for (size_t k = 0; k < n; k++) {
            if (!alm__behaviour_sound((enum alm_behaviour_field)f, value[k]))
                return alm_fail(e, ALM_EDATA, "%s: behaviour %llu: %s is %g, which cannot be", path_of(r),
                                (unsigned long long)(first + k), c->name, value[k]);
            out[k].value[f] = value[k];
        }
    }
    return 0;
}

static int behaviours_read(const struct alm_behaviours *self, uint64_t first, size_t n, struct alm_behaviour *out,
                           struct alm_err *e)
{
    const struct alm__behaviour_reader *r = self->owner;
    if (first > self->count || n > self->count - first)
        return alm_fail(e, ALM_EINVAL, "%s: records [%llu, +%zu) of behaviour do not exist", path_of(r),
                        (unsigned long long)first, n);
    for (size_t done = 0; done < n; done += ALM_READ_BATCH) {
        size_t part = n - done < ALM_READ_BATCH ? n - done : ALM_READ_BATCH;
        ALM_TRY(read_block(r, first + done, part, out + done, e));
    }
    return 0;
}

static int open_all(struct alm__behaviour_reader *r, struct alm_trace *t, struct alm_err *e)
{
    uint64_t n = r->view.count = alm_column_length(r->time);
    ALM_TRY(alm__trace_need(t, "/behaviour/span", ALM_COL_I64, n, &r->span, e));
    ALM_TRY(alm__trace_need(t, "/behaviour/unit", ALM_COL_U32, n, &r->unit, e));
    ALM_TRY(alm__trace_need(t, "/behaviour/function", ALM_COL_U32, n, &r->function, e));
    ALM_TRY(open_fields(r, t, e));
    ALM_TRY(read_functions(r, t, e));
    ALM_TRY(read_counts(r, t, e));
    r->view.read = behaviours_read;
    r->view.owner = r;
    return 0;
}

int alm__behaviour_open(struct alm_trace *t, struct alm_err *e)
{
    struct alm_column *time;
    int rc = alm_column_open(t->table, "/behaviour/time", ALM_COL_I64, &time, e);
    ALM_TRY(rc);
    if (rc == ALM_NOT_YET || alm_column_length(time) == 0)
        return 0;
    struct alm__behaviour_reader *r = calloc(1, sizeof *r);
    if (!r)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    r->trace = t;
    r->time = time;
    t->behaviour = r;
    return open_all(r, t, e);
}
