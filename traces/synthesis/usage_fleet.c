/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_fleet: in what the units of a fleet differ. See the header. */
#include "usage_fleet.h"

#include <math.h>
#include <stdlib.h>

struct place {
    double draw;
    uint32_t index;
};

static int ascending(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->draw != y->draw)
        return x->draw < y->draw ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

int alm__usage_rank(const double *draw, size_t n, uint32_t *rank, struct alm_err *e)
{
    struct place *place = malloc((n + 1) * sizeof *place);
    if (place == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory to order %zu units", n);
    for (size_t i = 0; i < n; i++)
        place[i] = (struct place){draw[i], (uint32_t)i};
    qsort(place, n, sizeof *place, ascending);
    for (size_t i = 0; i < n; i++)
        rank[place[i].index] = (uint32_t)i;
    free(place);
    return ALM_OK;
}

double alm__usage_quantile(const struct alm_numbers *list, uint32_t rank, size_t n)
{
    double at = ((double)rank + 0.5) / (double)n * (double)list->count - 0.5;
    double bounded = fmin((double)list->count - 1, fmax(0, at)), part = bounded - floor(bounded);
    size_t low = (size_t)bounded;
    return part > 0 ? list->value[low] * (1 - part) + list->value[low + 1] * part : list->value[low];
}

size_t alm__usage_count(double share, size_t n)
{
    return (size_t)floor(share * (double)n + 0.5);
}
