/* SPDX-License-Identifier: GPL-3.0-or-later
 * metrics_tally: see the header. */
#include "experiments/metrics_tally.h"

#include "almanac/resource.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MOST 10
_Static_assert(sizeof(struct metrics_day) == FIELDS_MOST * sizeof(uint64_t), "a day is read as its fields");
_Static_assert(sizeof(struct metrics_level) <= FIELDS_MOST * sizeof(uint64_t), "so is a step of confidence");

#define AMOUNT_MOST 0x1p40

/* Steps of stated confidence, with the usual levels well inside: .5 .6 .7 .8 .9 .95 .975 .99 .995 .999 1. */
static const double steps[METRICS_LEVELS - 1] = {0.1,   0.3,    0.45,   0.55,   0.65,  0.75,   0.85,
                                                 0.925, 0.9625, 0.9825, 0.9925, 0.997, 0.9995, 0.99999};

static uint64_t whole(double value, double unit)
{
    return value > 0 ? (uint64_t)llround(fmin(value / unit, AMOUNT_MOST)) : 0;
}

int metrics_tally_room(struct metrics_tally *t, size_t days, struct alm_err *e)
{
    days = days < METRICS_DAYS ? days : METRICS_DAYS;
    if (days <= t->days)
        return ALM_OK;
    struct metrics_day(*day)[2] = realloc(t->day, days * sizeof *day);
    if (!day)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the sums of %zu days", days);
    memset(day + t->days, 0, (days - t->days) * sizeof *day);
    t->day = day;
    t->days = days;
    return ALM_OK;
}

void metrics_tally_free(struct metrics_tally *t)
{
    free(t->day);
    *t = (struct metrics_tally){0};
}

void metrics_tally_window(struct metrics_tally *t, int resource, double confidence, bool covered)
{
    size_t k = 0;
    while (k < METRICS_LEVELS - 1 && confidence >= steps[k])
        k++;
    struct metrics_level *l = &t->level[resource][k];
    l->windows++;
    l->covered += covered;
    l->confidence += whole(confidence, 1e-9);
}

void metrics_tally_day(struct metrics_tally *t, size_t day, int resource, const struct metrics_day_of_unit *x)
{
    const double unit = resource == ALM_CPU ? 1e-6 : 1024;
    if (day >= t->days)
        return;
    struct metrics_day *d = &t->day[day][resource];
    d->seconds += whole(x->seconds, 1e-6);
    d->judged += isnan(x->overrun_seconds) ? 0 : whole(x->seconds, 1e-6);
    d->overrun_seconds += whole(x->overrun_seconds, 1e-6);
    d->limit += whole(x->limit, unit);
    d->slack += whole(x->slack, unit);
    d->windows += x->windows;
    d->covered += x->covered;
    d->confidence += whole(x->confidence, 1e-9);
    d->loss += whole(x->loss, unit);
    d->value += whole(x->value, unit);
}

/* Both are nothing but whole numbers. */
static void add_whole(void *a, const void *b, size_t size)
{
    uint64_t *x = a;
    const uint64_t *y = b;
    for (size_t k = 0; k < size / sizeof *x; k++)
        x[k] += y[k];
}

int metrics_tally_merge(struct metrics_tally *a, const struct metrics_tally *b, struct alm_err *e)
{
    ALM_TRY(metrics_tally_room(a, b->days, e));
    add_whole(a->level, b->level, sizeof a->level);
    add_whole(a->day, b->day, b->days * sizeof *b->day);
    return ALM_OK;
}

/* A table: a row is of one resource and one number, a step of confidence or a day. */
struct group {
    const char *name, *number;
    uint32_t numbers; /* they are below */
    size_t fields;
    struct {
        const char *name, *unit, *long_name;
    } field[FIELDS_MOST]; /* in the order of the struct */
};

#define AMOUNT "of cpu 1e-6 core seconds, of memory KiB seconds"
static const struct group reliability = {"reliability",
                                         "step",
                                         METRICS_LEVELS,
                                         3,
                                         {{"windows", NULL, "with a stated confidence in this step"},
                                          {"covered", NULL, "of them, with value <= max"},
                                          {"confidence", "1e-9", "sum of what was stated"}}};

static const struct group days = {"days",
                                  "day",
                                  METRICS_DAYS,
                                  10,
                                  {{"seconds", "microsecond", "scored"},
                                   {"judged", "microsecond", "of that, with overruns known"},
                                   {"overrun_seconds", "microsecond", "demand above the limit"},
                                   {"limit", NULL, AMOUNT},
                                   {"slack", NULL, AMOUNT},
                                   {"windows", NULL, "with a stated confidence"},
                                   {"covered", NULL, "of them, with value <= max"},
                                   {"confidence", "1e-9", "sum of what was stated"},
                                   {"loss", NULL, "pinball losses of max; of cpu 1e-6 cores, of memory KiB"},
                                   {"value", NULL, "what they are losses of, in the same unit"}}};

_Static_assert(sizeof(struct metrics_level) == 3 * sizeof(uint64_t) &&
                   sizeof(struct metrics_day) == 10 * sizeof(uint64_t),
               "each field has a column");

static bool empty(const uint64_t *row, size_t fields)
{
    uint64_t any = 0;
    for (size_t k = 0; k < fields; k++)
        any |= row[k];
    return any == 0;
}

static const uint64_t *level_row(const struct metrics_tally *t, size_t number, int r)
{
    return (const void *)&t->level[r][number];
}

static const uint64_t *day_row(const struct metrics_tally *t, size_t number, int r)
{
    return (const void *)&t->day[number][r];
}

static int create(struct alm_table *file, const struct group *g, const char *name, enum alm_column_type type,
                  const char *const *about, struct alm_column **out, struct alm_err *e)
{
    char path[64], dimension[64];
    snprintf(path, sizeof path, "/%s/%s", g->name, name);
    snprintf(dimension, sizeof dimension, "/%s/row", g->name);
    const struct alm_column_spec spec = {.path = path,
                                         .type = type,
                                         .dimension = dimension,
                                         .unit = about[0],
                                         .long_name = about[1],
                                         .shuffle = type == ALM_COL_I64};
    return alm_column_create(file, &spec, out, e);
}

static int write_group(const struct metrics_tally *t, struct alm_table *file, const struct group *g, size_t count,
                       const uint64_t *(*row_of)(const struct metrics_tally *t, size_t number, int r),
                       struct alm_err *e)
{
    static const char *const of_resource[] = {NULL, "0: cpu, 1: memory"}, *const of_number[] = {NULL, "from 0"};
    struct alm_column *resource, *number, *column[FIELDS_MOST];
    ALM_TRY(create(file, g, "resource", ALM_COL_U8, of_resource, &resource, e));
    ALM_TRY(create(file, g, g->number, ALM_COL_U32, of_number, &number, e));
    for (size_t f = 0; f < g->fields; f++) {
        const char *const about[] = {g->field[f].unit, g->field[f].long_name};
        ALM_TRY(create(file, g, g->field[f].name, ALM_COL_I64, about, &column[f], e));
    }
    for (int r = 0; r < 2; r++)
        for (size_t k = 0; k < count; k++) {
            const uint64_t *row = row_of(t, k, r);
            const uint8_t which = (uint8_t)r;
            const uint32_t at = (uint32_t)k;
            if (empty(row, g->fields))
                continue;
            ALM_TRY(alm_column_append(resource, &which, 1, e));
            ALM_TRY(alm_column_append(number, &at, 1, e));
            for (size_t f = 0; f < g->fields; f++) {
                const int64_t value = (int64_t)row[f];
                ALM_TRY(alm_column_append(column[f], &value, 1, e));
            }
        }
    return ALM_OK;
}

int metrics_tally_write(const struct metrics_tally *t, struct alm_table *file, struct alm_err *e)
{
    ALM_TRY(write_group(t, file, &reliability, METRICS_LEVELS, level_row, e));
    return write_group(t, file, &days, t->days, day_row, e);
}

/* A table opened. */
struct reading {
    struct alm_table *file;
    const struct group *group;
    struct alm_column *resource, *number, *column[FIELDS_MOST];
    uint64_t rows;
};

static int open_column(struct reading *r, const char *name, enum alm_column_type type, struct alm_column **out,
                       struct alm_err *e)
{
    char path[64];
    snprintf(path, sizeof path, "/%s/%s", r->group->name, name);
    int code = alm_column_open(r->file, path, type, out, e);
    if (code != ALM_OK)
        return code;
    if (!r->resource)
        r->rows = alm_column_length(*out);
    return alm_column_length(*out) == r->rows ? ALM_OK
                                              : alm_fail(e, ALM_EDATA, "%s: %s has not as many rows as /%s/resource",
                                                         alm_table_path(r->file), path, r->group->name);
}

static int open_reading(struct reading *r, struct alm_err *e)
{
    struct alm_column *resource;
    int code = open_column(r, "resource", ALM_COL_U8, &resource, e);
    if (code != ALM_OK)
        return code;
    r->resource = resource;
    code = open_column(r, r->group->number, ALM_COL_U32, &r->number, e);
    for (size_t f = 0; code == ALM_OK && f < r->group->fields; f++)
        code = open_column(r, r->group->field[f].name, ALM_COL_I64, &r->column[f], e);
    return code;
}

static int read_row(const struct reading *r, uint64_t row, uint8_t *resource, uint32_t *number, uint64_t *out,
                    struct alm_err *e)
{
    ALM_TRY(alm_column_read(r->resource, row, 1, resource, e));
    ALM_TRY(alm_column_read(r->number, row, 1, number, e));
    bool good = *resource < 2;
    for (size_t f = 0; f < r->group->fields; f++) {
        int64_t value;
        ALM_TRY(alm_column_read(r->column[f], row, 1, &value, e));
        good = good && value >= 0;
        out[f] = (uint64_t)value;
    }
    return good ? ALM_OK
                : alm_fail(e, ALM_EDATA, "%s: row %llu of /%s is of no resource or has a negative number",
                           alm_table_path(r->file), (unsigned long long)row, r->group->name);
}

static int read_group(struct metrics_tally *out, struct alm_table *file, const struct group *g, struct alm_err *e)
{
    struct reading r = {.file = file, .group = g};
    int code = open_reading(&r, e);
    if (code != ALM_OK)
        return code;
    for (uint64_t row = 0; row < r.rows; row++) {
        uint8_t resource;
        uint32_t number;
        uint64_t value[FIELDS_MOST];
        ALM_TRY(read_row(&r, row, &resource, &number, value, e));
        if (number >= g->numbers)
            return alm_fail(e, ALM_EDATA, "%s: /%s/%s of row %llu is %u; there are %u %ss", alm_table_path(file),
                            g->name, g->number, (unsigned long long)row, number, g->numbers, g->number);
        if (g == &days)
            ALM_TRY(metrics_tally_room(out, (size_t)number + 1, e));
        void *to = g == &days ? (void *)&out->day[number][resource] : (void *)&out->level[resource][number];
        memcpy(to, value, g->fields * sizeof *value);
    }
    return ALM_OK;
}

/* Were no more windows covered than there are? */
static int check_windows(const struct metrics_tally *t, const char *path, struct alm_err *e)
{
    const char *wrong = NULL;
    for (int r = 0; r < 2; r++) {
        for (size_t k = 0; k < METRICS_LEVELS; k++)
            wrong = t->level[r][k].covered > t->level[r][k].windows ? reliability.name : wrong;
        for (size_t k = 0; k < t->days; k++)
            wrong = t->day[k][r].covered > t->day[k][r].windows ? days.name : wrong;
    }
    return wrong ? alm_fail(e, ALM_EDATA, "%s: /%s has more windows covered than there are", path, wrong) : ALM_OK;
}

int metrics_tally_read(struct alm_table *file, struct metrics_tally *out, struct alm_err *e)
{
    int code = read_group(out, file, &reliability, e);
    if (code == ALM_OK)
        code = read_group(out, file, &days, e);
    if (code == ALM_OK)
        code = check_windows(out, alm_table_path(file), e);
    if (code != ALM_OK)
        metrics_tally_free(out);
    return code;
}

static double quotient(uint64_t a, uint64_t b)
{
    return b > 0 ? (double)a / (double)b : (double)NAN;
}

double metrics_level_stated(const struct metrics_level *l)
{
    return quotient(l->confidence, l->windows) / 1e9;
}

double metrics_level_held(const struct metrics_level *l)
{
    return quotient(l->covered, l->windows);
}

double metrics_day_cost(const struct metrics_day *d, enum metrics_cost cost)
{
    const uint64_t over[METRICS_COSTS] = {d->slack, d->overrun_seconds, d->loss};
    const uint64_t by[METRICS_COSTS] = {d->limit, d->judged, d->value};
    return quotient(over[cost], by[cost]);
}
