/* SPDX-License-Identifier: GPL-3.0-or-later
 * lag: see the header. */
#include "lag.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct sums {
    double xy, xx, yy;
    uint64_t pairs;
};

/* Row k of the unit lies in slot k % ALM__LAG_ROWS; value[r] is its difference from the unit's mean. */
struct alm__lag {
    alm_time interval, distance[ALM__LAGS];
    uint64_t partner[ALM__LAGS]; /* where to look for the next row's partner */
    struct sums sums[ALM__LAGS][ALM_RESOURCES];
    uint64_t rows;
    double mean[ALM_RESOURCES];
    alm_time *at;
    double *value[ALM_RESOURCES];
};

int alm__lag_open(alm_time interval, uint32_t resources, struct alm__lag **out, struct alm_err *e)
{
    struct alm__lag *l = calloc(1, sizeof *l);
    if (!l)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    l->interval = interval;
    l->distance[ALM__LAG_STEP] = interval;
    l->distance[ALM__LAG_DAY] = interval <= ALM_DAY ? ALM_DAY : 0;
    l->at = malloc(ALM__LAG_ROWS * sizeof *l->at);
    bool good = l->at;
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (resources & ALM_BIT(r))
            good = (l->value[r] = malloc(ALM__LAG_ROWS * sizeof *l->value[r])) && good;
    if (!good) {
        alm__lag_close(l);
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    *out = l;
    return 0;
}

void alm__lag_close(struct alm__lag *l)
{
    if (!l)
        return;
    for (int r = 0; r < ALM_RESOURCES; r++)
        free(l->value[r]);
    free(l->at);
    free(l);
}

void alm__lag_unit(struct alm__lag *l, const double mean[ALM_RESOURCES])
{
    l->rows = 0;
    for (int i = 0; i < ALM__LAGS; i++) {
        l->partner[i] = 0;
        for (int r = 0; r < ALM_RESOURCES; r++)
            l->sums[i][r] = (struct sums){0};
    }
    for (int r = 0; r < ALM_RESOURCES; r++)
        l->mean[r] = mean[r];
}

static alm_time distance_to(const struct alm__lag *l, uint64_t row, alm_time target)
{
    alm_time d = l->at[row % ALM__LAG_ROWS] - target;
    return d < 0 ? -d : d;
}

/* The slot of the partner of the newest row, whose number is ROW. */
static bool find_partner(struct alm__lag *l, int lag, uint64_t row, size_t *slot)
{
    alm_time target = l->at[row % ALM__LAG_ROWS] - l->distance[lag];
    uint64_t oldest = row >= ALM__LAG_ROWS ? row + 1 - ALM__LAG_ROWS : 0, p = l->partner[lag];
    p = p < oldest ? oldest : p;
    while (p + 1 < row && distance_to(l, p + 1, target) <= distance_to(l, p, target))
        p++;
    l->partner[lag] = p;
    *slot = (size_t)(p % ALM__LAG_ROWS);
    return p < row && distance_to(l, p, target) <= l->interval / 2;
}

static void add_pair(struct sums *s, double x, double y)
{
    if (isnan(x) || isnan(y))
        return;
    s->xy += x * y;
    s->xx += x * x;
    s->yy += y * y;
    s->pairs++;
}

void alm__lag_add(struct alm__lag *l, const alm_time *at, const double *const value[ALM_RESOURCES], size_t n)
{
    for (size_t k = 0; k < n; k++) {
        uint64_t row = l->rows++;
        size_t here = (size_t)(row % ALM__LAG_ROWS), there;
        l->at[here] = at[k];
        for (int r = 0; r < ALM_RESOURCES; r++)
            if (l->value[r])
                l->value[r][here] = value[r][k] - l->mean[r];
        for (int i = 0; i < ALM__LAGS; i++) {
            if (l->distance[i] == 0 || !find_partner(l, i, row, &there))
                continue;
            for (int r = 0; r < ALM_RESOURCES; r++)
                if (l->value[r])
                    add_pair(&l->sums[i][r], l->value[r][there], l->value[r][here]);
        }
    }
}

double alm__lag_value(const struct alm__lag *l, int which, int resource)
{
    const struct sums *s = &l->sums[which][resource];
    double scale = sqrt(s->xx) * sqrt(s->yy);
    return s->pairs >= ALM__LAG_PAIRS && scale > 0 ? s->xy / scale : (double)NAN;
}
