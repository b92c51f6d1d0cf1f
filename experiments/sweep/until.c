/* SPDX-License-Identifier: GPL-3.0-or-later
 * until: see the header. */
#include "experiments/sweep/until.h"
#include "experiments/statistics/t_test.h"
#include "experiments/sweep/plan_layout.h"
#include "experiments/sweep/results.h"

#include <math.h>
#include <stdlib.h>

#define LEVEL 0.95

size_t until_seeds(const double *v, size_t n, size_t seeds, double target, double *width)
{
    *width = (double)NAN;
    if (n == 0)
        return seeds;
    if (n == 1)
        return seeds + 1;
    const struct estimate mean = t_paired(v, n, LEVEL).difference;
    const double half = (mean.high - mean.low) / 2;
    *width = half > 0 ? half / fabs(mean.value) : 0;
    if (*width <= target)
        return seeds;
    const double asked = ceil((double)seeds * (*width / target) * (*width / target));
    if (!(asked < 2 * (double)seeds))
        return 2 * seeds;
    return asked > (double)seeds ? (size_t)asked : seeds + 1;
}

/* The value of the metric in cell NUMBER; NaN where it has none. */
static int read_value(const struct sweep_plan *p, uint64_t number, const struct results_figure *figure,
                      struct sweep_cell *cell, double *out, struct alm_err *e)
{
    struct cell_result r = {0};
    ALM_TRY(sweep_plan_cell(p, number, cell, e));
    int code = cell_read(p, cell->id, &r, e);
    if (code == ALM_OK)
        *out = results_of_cell(figure, &r);
    cell_result_free(&r);
    return code;
}

/* The group whose cells are FIRST and those behind it. VALUE has room for all seeds. */
static int look_at_group(const struct sweep_plan *p, uint64_t first, const struct results_figure *figure, double *value,
                         struct until_need *need, struct alm_err *e)
{
    struct sweep_cell cell, head = {0};
    double width;
    size_t n = 0;
    for (size_t k = 0; k < need->seeds; k++) {
        const int code = read_value(p, first + k, figure, &cell, &value[n], e);
        if (code != ALM_OK)
            return code;
        n += isfinite(value[n]) ? 1 : 0;
        if (k == 0)
            head = cell;
    }
    const size_t wanted = until_seeds(value, n, need->seeds, p->spec->until_halfwidth, &width);
    need->wanted = wanted > need->wanted ? wanted : need->wanted;
    if (width > need->widest || (isnan(need->widest) && !isnan(width))) {
        need->widest = width;
        need->cell = head;
    }
    return ALM_OK;
}

int until_look(const struct sweep_plan *p, struct until_need *out, struct alm_err *e)
{
    const size_t seeds = p->layout->seeds, most = p->spec->until_most;
    struct until_need need = {.seeds = seeds, .wanted = seeds, .widest = (double)NAN};
    const struct results_figure *figure;
    ALM_TRY(results_figure_find(p->spec->until_metric, &figure, e));
    double *value = calloc(seeds + 1, sizeof *value);
    int code = ALM_OK;
    if (!value)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu seeds", seeds);
    for (uint64_t k = 0; code == ALM_OK && k < p->cells; k += seeds)
        code = look_at_group(p, k, figure, value, &need, e);
    free(value);
    if (code != ALM_OK)
        return code;
    need.wanted = need.wanted < most ? need.wanted : most;
    need.wanted = need.wanted > seeds ? need.wanted : seeds;
    *out = need;
    return ALM_OK;
}
