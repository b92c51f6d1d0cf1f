/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_reader: see the header. */
#include "experiments/run_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t type_size[] = {
    [ALM_COL_I64] = 8, [ALM_COL_F64] = 8, [ALM_COL_U32] = 4, [ALM_COL_U8] = 1, [ALM_COL_TEXT] = sizeof(char *)};

#define LARGEST ((size_t)8) /* of these */

void alm__run_reader_close(struct alm__run_reader *r)
{
    free(r->unit);
    free(r->row);
    free(r->value);
}

/* A group without columns has no rows; a group with some must have all, equally long. */
static int reader_columns(struct alm__run_reader *r, struct alm_err *e)
{
    for (size_t i = 0; i < r->group->fields; i++) {
        const struct alm__run_field *f = &r->group->field[i];
        char path[64];
        snprintf(path, sizeof path, "/%s/%s", r->group->name, f->column);
        int code = alm_column_open(r->run->table, path, f->type, &r->column[i], e);
        ALM_TRY(code);
        if (code == ALM_NOT_YET && i == 0)
            return ALM_OK;
        if (code == ALM_NOT_YET)
            return alm_fail(e, ALM_EDATA, "%s: no column %s; a run file has one", alm_table_path(r->run->table), path);
        uint64_t rows = alm_column_length(r->column[i]);
        if (i == 0)
            r->rows = rows;
        else if (rows != r->rows)
            return alm_fail(e, ALM_EDATA, "%s: %s has %llu rows, /%s/%s has %llu; they must be equal",
                            alm_table_path(r->run->table), path, (unsigned long long)rows, r->group->name,
                            r->group->field[0].column, (unsigned long long)r->rows);
    }
    return ALM_OK;
}

int alm__run_reader_open(struct alm__run_reader *r, struct alm_run *run, const struct alm__run_group *group,
                         struct alm_err *e)
{
    *r = (struct alm__run_reader){.run = run, .group = group};
    ALM_TRY(reader_columns(r, e));
    if (r->rows == 0)
        return ALM_OK;
    r->unit = malloc(ALM__RUN_BLOCK * sizeof *r->unit);
    r->row = malloc(ALM__RUN_BLOCK * group->row_size);
    r->value = malloc(ALM__RUN_BLOCK * LARGEST);
    if (r->unit && r->row && r->value)
        return ALM_OK;
    alm__run_reader_close(r);
    return alm_fail(e, ALM_ENOMEM, "no memory to read /%s", group->name);
}

static size_t things(const struct alm__run_reader *r)
{
    return r->group->of_machines ? r->run->machines : r->run->units;
}

int alm__run_read_units(struct alm__run_reader *r, uint64_t first, size_t n, struct alm_err *e)
{
    const char *what = r->group->of_machines ? "machine" : "unit";
    ALM_TRY(alm_column_read(r->column[0], first, n, r->unit, e));
    for (size_t i = 0; i < n; i++)
        if (r->unit[i] >= things(r))
            return alm_fail(e, ALM_EDATA, "%s: /%s/%s, row %llu: %s %u, but there are only %zu %ss",
                            alm_table_path(r->run->table), r->group->name, what, (unsigned long long)(first + i), what,
                            r->unit[i], things(r), what);
    return ALM_OK;
}

/* The remaining columns of the block whose units were read last. */
static int read_fields(struct alm__run_reader *r, uint64_t first, size_t n, struct alm_err *e)
{
    for (size_t f = 0; f < r->group->fields; f++) {
        const struct alm__run_field *field = &r->group->field[f];
        size_t size = type_size[field->type];
        ALM_TRY(alm_column_read(r->column[f], first, n, r->value, e));
        for (size_t i = 0; i < n; i++)
            memcpy(r->row + i * r->group->row_size + field->offset, (const char *)r->value + i * size, size);
    }
    return ALM_OK;
}

int alm__run_each_row(struct alm__run_reader *r, struct alm__run_range in, alm__run_row_fn *fn, void *ctx,
                      struct alm_err *e)
{
    for (uint64_t at = in.first; at < in.end; at += ALM__RUN_BLOCK) {
        size_t n = in.end - at < ALM__RUN_BLOCK ? (size_t)(in.end - at) : ALM__RUN_BLOCK;
        ALM_TRY(alm__run_read_units(r, at, n, e));
        bool any = false;
        for (size_t i = 0; i < n && !any; i++)
            any = r->unit[i] >= in.low && r->unit[i] < in.high;
        if (!any)
            continue;
        ALM_TRY(read_fields(r, at, n, e));
        for (size_t i = 0; i < n; i++)
            if (r->unit[i] >= in.low && r->unit[i] < in.high)
                ALM_TRY(fn(ctx, r->row + i * r->group->row_size, e));
    }
    return ALM_OK;
}

struct alm__run_range alm__run_range_of(const struct alm__run_reader *r, uint32_t unit)
{
    if (unit == ALM_RUN_ALL)
        return (struct alm__run_range){0, r->rows, 0, (uint32_t)things(r)};
    return (struct alm__run_range){0, r->rows, unit, unit + 1};
}

int alm__run_each(struct alm_run *run, const struct alm__run_group *group, uint32_t unit, alm__run_row_fn *fn,
                  void *ctx, struct alm_err *e)
{
    struct alm__run_reader r;
    ALM_TRY(alm__run_reader_open(&r, run, group, e));
    int code = alm__run_each_row(&r, alm__run_range_of(&r, unit), fn, ctx, e);
    alm__run_reader_close(&r);
    return code;
}
