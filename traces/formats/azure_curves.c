/* SPDX-License-Identifier: GPL-3.0-or-later
 * azure_curves: percentile columns into curves by name. */
#include "azure_curves.h"
#include "reach.h"
#include "text/dataset.h"
#include "text/names.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MB 0x1p20

struct alm_azure_curves {
    struct alm_names *names;
    struct alm_azure_curve *curve;
    uint32_t room;
};

#define IDS                                                                                                            \
    [ALM_AZURE_OWNER] = {.name = "HashOwner", .flags = ALM_CELL_NEEDED},                                               \
    [ALM_AZURE_APP] = {.name = "HashApp", .flags = ALM_CELL_NEEDED}, [ALM_AZURE_FUNCTION] = {.name = "HashFunction"}
#define PERCENTILE(title)                                                                                              \
    {                                                                                                                  \
        .name = (title), .type = ALM_CELL_NUMBER, .flags = ALM_CELL_EXPECTED | ALM_CELL_ABNORMAL, .max = 1e12          \
    }
enum { MEAN = ALM_AZURE_IDS, FIRST };

static const struct alm_cell_spec duration_cells[] = {
    IDS,
    PERCENTILE("Average"),
    PERCENTILE("percentile_Average_0"),
    PERCENTILE("percentile_Average_1"),
    PERCENTILE("percentile_Average_25"),
    PERCENTILE("percentile_Average_50"),
    PERCENTILE("percentile_Average_75"),
    PERCENTILE("percentile_Average_99"),
    PERCENTILE("percentile_Average_100"),
    {0},
};

static const struct alm_cell_spec memory_cells[] = {
    IDS,
    PERCENTILE("AverageAllocatedMb"),
    PERCENTILE("AverageAllocatedMb_pct1"),
    PERCENTILE("AverageAllocatedMb_pct5"),
    PERCENTILE("AverageAllocatedMb_pct25"),
    PERCENTILE("AverageAllocatedMb_pct50"),
    PERCENTILE("AverageAllocatedMb_pct75"),
    PERCENTILE("AverageAllocatedMb_pct95"),
    PERCENTILE("AverageAllocatedMb_pct99"),
    PERCENTILE("AverageAllocatedMb_pct100"),
    {0},
};

struct table {
    struct alm_rows_format format;
    size_t points;
    double percentile[ALM_CURVE_POINTS];
    double unit;
};

static const struct table durations = {
    {.what = "a function_durations_percentiles table", .separator = ',', .header = true, .cell = duration_cells},
    7,
    {0, 1, 25, 50, 75, 99, 100},
    1e-3,
};

static const struct table memory = {
    {.what = "an app_memory_percentiles table", .separator = ',', .header = true, .cell = memory_cells},
    8,
    {1, 5, 25, 50, 75, 95, 99, 100},
    MB,
};

size_t alm_azure_key(const struct alm_cell *const *id, size_t n, char key[ALM_AZURE_KEY])
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (used + id[i]->text.size + 1 > ALM_AZURE_KEY)
            return 0;
        memcpy(key + used, id[i]->text.at, id[i]->text.size);
        used += id[i]->text.size;
        key[used++] = ',';
    }
    return used;
}

int alm_azure_curves_open(struct alm_azure_curves **out, struct alm_err *e)
{
    struct alm_azure_curves *c = calloc(1, sizeof *c);
    if (!c)
        return alm_fail(e, ALM_ENOMEM, "no memory for curves");
    int code = alm_names_open(&c->names, e);
    if (code < 0)
        free(c);
    else
        *out = c;
    return code;
}

void alm_azure_curves_close(struct alm_azure_curves *c)
{
    if (!c)
        return;
    alm_names_close(c->names);
    free(c->curve);
    free(c);
}

static int put(struct alm_azure_curves *c, const char *key, size_t size, const struct alm_azure_curve *curve,
               struct alm_err *e)
{
    uint32_t number;
    ALM_TRY(alm_names_add(c->names, key, size, &number, e));
    ALM_TRY(alm_reach(&c->curve, &c->room, number, sizeof *c->curve, e));
    c->curve[number] = *curve;
    return ALM_OK;
}

struct reading {
    struct alm_azure_curves *curves;
    const struct table *table;
    int64_t day;
};

static int take_row(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    const struct reading *g = ctx;
    const struct table *t = g->table;
    const struct alm_cell *id[ALM_AZURE_IDS] = {&cell[0], &cell[1], &cell[2]};
    double value[ALM_CURVE_POINTS];
    char key[ALM_AZURE_KEY];
    struct alm_azure_curve curve = {.day = g->day};
    size_t size = alm_azure_key(id, alm_rows_has(r, ALM_AZURE_FUNCTION) ? 3 : 2, key);
    if (size == 0)
        return alm_rows_bad(r, "ids longer than 500 bytes", ALM_AZURE_APP, e);
    for (size_t i = 0; i < t->points; i++)
        value[i] = cell[FIRST + i].number * t->unit;
    if (!alm_curve_make(t->percentile, value, t->points, &curve.curve))
        alm_rows_note(r, false, "percentiles that do not ascend: taken as at least the one before");
    if (curve.curve.points == 0) {
        if (cell[MEAN].missing) {
            alm_rows_note(r, true, "a row with neither percentiles nor an average");
            return ALM_OK;
        }
        value[0] = cell[MEAN].number * t->unit;
        alm_curve_make(t->percentile, value, 1, &curve.curve);
        alm_rows_note(r, false, "percentiles missing: the average taken");
    }
    return put(g->curves, key, size, &curve, e);
}

int alm_azure_durations_read(struct alm_azure_curves *c, struct alm_rows_job *job, const char *path, int64_t day,
                             struct alm_err *e)
{
    struct reading g = {c, &durations, day};
    return alm_dataset_each(job, path, &durations.format, take_row, &g, e);
}

int alm_azure_memory_read(struct alm_azure_curves *c, struct alm_rows_job *job, const char *path, int64_t day,
                          struct alm_err *e)
{
    struct reading g = {c, &memory, day};
    return alm_dataset_each(job, path, &memory.format, take_row, &g, e);
}

const struct alm_azure_curve *alm_azure_curves_find(const struct alm_azure_curves *c, const char *key, size_t size)
{
    uint32_t number = alm_names_find(c->names, key, size);
    return number == ALM_NO_NAME ? NULL : &c->curve[number];
}
