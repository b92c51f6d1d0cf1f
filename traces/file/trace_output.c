/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_output: batches of rows, each column in its type; see trace_output.h. */
#include "trace_output.h"

#include <math.h>
#include <stdlib.h>

struct alm__output *alm__output_new(size_t columns)
{
    struct alm__output *o = calloc(1, sizeof *o + columns * sizeof o->column[0]);
    if (o)
        o->columns = columns;
    return o;
}

int alm__output_column(struct alm__output *o, size_t i, struct alm_table *t, const struct alm_column_spec *spec,
                       struct alm_err *e)
{
    o->column[i].type = spec->type;
    return alm_column_create(t, spec, &o->column[i].column, e);
}

int alm__output_flush(struct alm__output *o, struct alm_err *e)
{
    ALM_TRY(alm_column_append(o->time, o->at, o->count, e));
    for (size_t i = 0; i < o->columns; i++)
        if (o->column[i].column)
            ALM_TRY(alm_column_append(o->column[i].column, &o->column[i].block, o->count, e));
    o->count = 0;
    return 0;
}

static void put(struct alm__output_column *c, size_t k, double v)
{
    if (c->type == ALM_COL_F64)
        c->block.real[k] = v;
    else if (c->type == ALM_COL_I64)
        c->block.whole[k] = isnan(v) ? INT64_MIN : (int64_t)nearbyint(v);
    else
        c->block.number[k] = isnan(v) ? UINT32_MAX : (uint32_t)v;
}

int alm__output_row(struct alm__output *o, alm_time at, const double *value, struct alm_err *e)
{
    size_t k = o->count++;
    o->at[k] = at;
    for (size_t i = 0; i < o->columns; i++)
        put(&o->column[i], k, value[i]);
    return o->count == ALM_OUTPUT_BATCH ? alm__output_flush(o, e) : 0;
}
