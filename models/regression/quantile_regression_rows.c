/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression_rows: copies without what is not finite, scaled without rounding. The header says what. */
#include "quantile_regression_rows.h"

#include "quantile_regression_loops.h"

#include <math.h>
#include <stdlib.h>

static void *carve(char **at, size_t bytes)
{
    void *here = *at;
    *at += rq_padded((bytes + 7) / 8) * 8;
    return here;
}

int rq_new(size_t rows, size_t columns, struct rq **out, struct alm_err *e)
{
    if (rows == 0 || columns == 0 || columns > RQ_COLUMNS || rows >= UINT32_MAX / 2)
        return alm_fail(e, ALM_EINVAL,
                        "quantile regression: %zu rows and %zu columns; at least 1 and at most %d columns", rows,
                        columns, RQ_COLUMNS);
    const size_t ld = rq_padded(rows), p = columns;
    const size_t bytes = 8 * (ld * (2 * p + 12) + 3 * p * p + 16 * p + 64 * 32);
    struct rq *w = calloc(1, sizeof *w);
    char *at = w ? malloc(bytes) : NULL;
    if (!at) {
        free(w);
        return alm_fail(e, ALM_ENOMEM, "quantile regression: no memory for %zu rows and %zu columns", rows, columns);
    }
    *w = (struct rq){.rows = rows, .columns = columns, .ld = ld};
    w->small = (double *)(void *)at;
    struct rq_vertex *v = &w->v;
    v->outside = carve(&at, 8 * p);
    v->b = carve(&at, 8 * p);
    v->multiplier = carve(&at, 8 * p);
    v->gradient = carve(&at, 8 * p);
    v->edge = carve(&at, 8 * p);
    v->inverse = carve(&at, 8 * p * p);
    v->work = carve(&at, 8 * (p * p + 2 * p));
    v->basis = carve(&at, p * sizeof *v->basis);
    v->column = carve(&at, p * sizeof *v->column);
    w->column = carve(&at, p * sizeof *w->column);
    w->scale = carve(&at, (p + 1) * sizeof *w->scale);
    w->x = carve(&at, 8 * p * ld);
    w->near_x = carve(&at, 8 * p * ld);
    double **const array[] = {&w->y, &w->near_y, &w->r, &w->side, &v->r, &v->s, &v->t, &v->side, &v->moved};
    for (size_t i = 0; i < sizeof array / sizeof array[0]; i++)
        *array[i] = carve(&at, 8 * ld);
    w->origin = carve(&at, ld * sizeof *w->origin);
    w->near = carve(&at, ld * sizeof *w->near);
    v->at = carve(&at, ld * sizeof *v->at);
    *out = w;
    return ALM_OK;
}

void rq_free(struct rq *w)
{
    if (w)
        free(w->small);
    free(w);
}

/* Exponent that brings the values of COLUMN at the N rows ROW (NULL: all) to at most 1; *FINITE becomes false if one is not
 * finite. */
static int exponent(const double *column, const size_t *row, size_t n, bool *finite)
{
    double size = row ? 0 : rq_largest(column, n);
    int exp = 0;
    for (size_t i = 0; i < n && row; i++)
        size = fmax(size, fabs(column[row[i]]));
    if (!isfinite(size))
        *finite = false;
    else if (size > 0)
        (void)frexp(size, &exp);
    return exp < -1000 ? -1000 : exp > 1000 ? 1000 : exp;
}

static const double *source_column(const struct rq_data *d, size_t j)
{
    return j < d->p ? d->x + j * d->stride : d->y;
}

static size_t finite_rows(const struct rq_data *d, size_t *row)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        double poison = 0;
        for (size_t j = 0; j <= d->p; j++)
            poison += 0 * source_column(d, j)[i];
        row[n] = i;
        n += poison == 0;
    }
    return n;
}

void rq_copy(struct rq *w, const struct rq_data *d)
{
    bool finite = true;
    w->n = d->n;
    w->p = d->p;
    for (size_t j = 0; j <= d->p; j++)
        w->scale[j] = exponent(source_column(d, j), NULL, w->n, &finite);
    const size_t *row = finite ? NULL : w->origin;
    if (row) {
        w->n = finite_rows(d, w->origin);
        for (size_t j = 0; j <= d->p; j++)
            w->scale[j] = exponent(source_column(d, j), row, w->n, &finite);
    }
    for (size_t j = 0; j <= d->p; j++) {
        const double *from = source_column(d, j), scale = ldexp(1, -w->scale[j]);
        double *to = j < d->p ? w->x + j * w->ld : w->y;
        if (!row)
            rq_scaled(from, scale, to, w->n);
        for (size_t i = 0; i < w->n && row; i++)
            to[i] = from[row[i]] * scale;
        for (size_t i = w->n; i < rq_padded(w->n); i++)
            to[i] = 0;
        if (j < d->p)
            w->column[j] = j;
    }
    for (size_t i = 0; i < w->n && !row; i++)
        w->origin[i] = i;
}

void rq_exchange(struct rq *w, size_t a, size_t b)
{
    const size_t origin = w->origin[a];
    w->origin[a] = w->origin[b];
    w->origin[b] = origin;
    for (size_t j = 0; j <= w->p; j++) {
        double *column = j < w->p ? w->x + j * w->ld : w->y;
        const double value = column[a];
        column[a] = column[b];
        column[b] = value;
    }
}

void rq_sample(struct rq *w, size_t m)
{
    uint64_t state = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < m; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        rq_exchange(w, i, i + (size_t)((state >> 33) % (w->n - i)));
    }
}
