/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_grid: the rows of one unit on a regular grid. See the header. */
#include "fit_grid.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#define BLOCK 4096

static int make_room(struct alm__grid *s, size_t count, struct alm_err *e)
{
    if (count <= s->room)
        return ALM_OK;
    alm__grid_free(s);
    s->scratch = malloc(count * sizeof(double));
    bool good = s->scratch != NULL;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        s->value[r] = malloc(count * sizeof(double));
        good = good && s->value[r];
    }
    s->room = count;
    return good ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for a series of %zu rows", count);
}

void alm__grid_free(struct alm__grid *s)
{
    for (int r = 0; r < ALM_RESOURCES; r++)
        free(s->value[r]);
    free(s->scratch);
    *s = (struct alm__grid){0};
}

static int read_block(struct alm__grid *s, const struct alm_demand *d, size_t unit, uint64_t first, size_t n,
                      struct alm_err *e)
{
    alm_time at[BLOCK];
    static const size_t block = BLOCK;
    double *value = malloc(ALM_RESOURCES * block * sizeof *value);
    if (value == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for a block of rows");
    struct alm_demand_rows out = {.at = at};
    for (int r = 0; r < ALM_RESOURCES; r++)
        out.value[r] = d->resources & ALM_BIT(r) ? value + (size_t)r * block : NULL;
    int code = d->read(d, unit, first, n, &out, e);
    for (size_t i = 0; code >= 0 && i < n; i++) {
        size_t slot = (size_t)((at[i] - s->first + s->interval / 2) / s->interval);
        for (int r = 0; r < ALM_RESOURCES; r++)
            if (out.value[r] && slot < s->count)
                s->value[r][slot] = out.value[r][i];
    }
    free(value);
    return code;
}

int alm__grid_read(struct alm__grid *s, const struct alm_demand *d, size_t unit, struct alm_err *e)
{
    const struct alm_unit *u = &d->unit[unit];
    uint64_t slots = d->rows[unit] ? (uint64_t)((u->last - u->first + d->interval / 2) / d->interval) + 1 : 0;
    if (slots > ALM__GRID_SLOTS)
        return alm_fail(e, ALM_EUNSUPPORTED, "unit %s spans %llu intervals; at most %zu can be fitted", u->name,
                        (unsigned long long)slots, ALM__GRID_SLOTS);
    ALM_TRY(make_room(s, (size_t)slots, e));
    s->count = (size_t)slots;
    s->first = u->first;
    s->interval = d->interval;
    for (int r = 0; r < ALM_RESOURCES; r++)
        for (size_t k = 0; k < s->count; k++)
            s->value[r][k] = (double)NAN;
    for (uint64_t at = 0; at < d->rows[unit]; at += BLOCK) {
        uint64_t left = d->rows[unit] - at;
        ALM_TRY(read_block(s, d, unit, at, left < BLOCK ? (size_t)left : BLOCK, e));
    }
    return ALM_OK;
}

void alm__sort(double *x, size_t n)
{
    gsl_sort(x, 1, n);
}

void alm__quantiles(const double *x, size_t n, const double *q, size_t qs, double *out, double *scratch)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            scratch[m++] = x[i];
    alm__sort(scratch, m);
    for (size_t k = 0; k < qs; k++) {
        double place = m ? q[k] * (double)(m - 1) : 0;
        size_t low = (size_t)place;
        double part = place - (double)low;
        out[k] = m == 0        ? (double)NAN
                 : low + 1 < m ? scratch[low] * (1 - part) + scratch[low + 1] * part
                               : scratch[low];
    }
}
