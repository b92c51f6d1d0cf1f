/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump_tally: see the header.
 *
 * Meaning.  The rows that pages `reliability` and `convergence` of plot draw, with their quotients. Seconds, cores and bytes instead
 *           of what is stored. A resource of which nothing was counted has no rows. */
#include "cmd/dump_tally.h"

#include "almanac/resource.h"
#include "experiments/metrics_tally.h"

#include <string.h>

static const char *const level_columns[] = {"resource", "step", "windows", "covered", "confidence", "coverage"};
#define LEVEL_COLUMNS (sizeof level_columns / sizeof *level_columns)

static const char *const day_columns[] = {
    "resource",    "day",     "seconds",    "judged_seconds", "overrun_seconds", "limit",          "slack",
    "windows",     "covered", "confidence", "loss",           "value",           "slack_relative", "overrun_time_share",
    "pinball_loss"};
#define DAY_COLUMNS (sizeof day_columns / sizeof *day_columns)

static struct dump_cell count_cell(uint64_t count)
{
    return (struct dump_cell){.type = DUMP_INTEGER, .integer = (int64_t)count};
}

static struct dump_cell real_cell(double value)
{
    return (struct dump_cell){.type = DUMP_REAL, .real = value};
}

static struct dump_cell resource_cell(int r)
{
    return (struct dump_cell){.type = DUMP_TEXT, .text = alm_resource_name((enum alm_resource)r)};
}

/* Stored in 1e-6 cores or KiB; with seconds likewise. */
static struct dump_cell amount_cell(uint64_t amount, int r)
{
    return real_cell(r == ALM_CPU ? (double)amount / 1e6 : (double)amount * 1024);
}

static int put_levels(const struct metrics_tally *t, struct dump_rows *w, struct alm_err *e)
{
    for (int r = 0; r < 2; r++)
        for (size_t k = 0; k < METRICS_LEVELS; k++) {
            const struct metrics_level *l = &t->level[r][k];
            const struct dump_cell cell[LEVEL_COLUMNS] = {
                resource_cell(r),
                count_cell(k),
                count_cell(l->windows),
                count_cell(l->covered),
                real_cell(metrics_level_stated(l)),
                real_cell(metrics_level_held(l)),
            };
            if (l->windows)
                ALM_TRY(dump_rows_put(w, cell, e));
        }
    return ALM_OK;
}

static int put_days(const struct metrics_tally *t, struct dump_rows *w, struct alm_err *e)
{
    for (int r = 0; r < 2; r++)
        for (size_t k = 0; k < t->days; k++) {
            const struct metrics_day *d = &t->day[k][r];
            const struct metrics_level all = {d->windows, d->covered, d->confidence};
            const struct dump_cell cell[DAY_COLUMNS] = {
                resource_cell(r),
                count_cell(k),
                real_cell((double)d->seconds / 1e6),
                real_cell((double)d->judged / 1e6),
                real_cell((double)d->overrun_seconds / 1e6),
                amount_cell(d->limit, r),
                amount_cell(d->slack, r),
                count_cell(d->windows),
                count_cell(d->covered),
                real_cell(metrics_level_stated(&all)),
                amount_cell(d->loss, r),
                amount_cell(d->value, r),
                real_cell(metrics_day_cost(d, METRICS_COST_SLACK)),
                real_cell(metrics_day_cost(d, METRICS_COST_OVERRUN)),
                real_cell(metrics_day_cost(d, METRICS_COST_LOSS)),
            };
            if (d->seconds || d->windows)
                ALM_TRY(dump_rows_put(w, cell, e));
        }
    return ALM_OK;
}

bool dump_tally_has(const char *name)
{
    return strcmp(name, "days") == 0 || strcmp(name, "reliability") == 0;
}

int dump_tally(struct alm_table *t, const char *name, const char *choice, struct dump_rows *w, struct alm_err *e)
{
    struct metrics_tally tally = {0};
    const bool days = strcmp(name, "days") == 0;
    int code = metrics_tally_read(t, &tally, e);
    if (code != ALM_OK)
        return code;
    code = dump_rows_start(w, name, days ? day_columns : level_columns, days ? DAY_COLUMNS : LEVEL_COLUMNS, choice, e);
    if (code >= 0)
        code = days ? put_days(&tally, w, e) : put_levels(&tally, w, e);
    if (code >= 0)
        dump_rows_end(w);
    metrics_tally_free(&tally);
    return code;
}
