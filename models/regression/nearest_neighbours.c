/* SPDX-License-Identifier: GPL-3.0-or-later
 * nearest_neighbours: the mean log of an amount over the rows most like the one asked for. The header says what and why. */
#include "nearest_neighbours.h"

#include <math.h>
#include <string.h>

static bool is_level(const struct features *f, size_t j)
{
    return f->at[j].kind == FEATURE_LEVEL;
}

/* Standard deviation over the rows of what the levels of INPUT add to the fit M. */
static double level_effect(const struct regression_rows *d, const struct log_linear *m, uint32_t input)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < d->rows; i++) {
        double effect = 0;
        for (size_t j = 0; j < m->columns; j++) {
            const struct log_linear_column *c = &m->column[j];
            const struct feature *f = &d->f->at[c->a];
            if (f->kind == FEATURE_LEVEL && f->input == input)
                effect += c->beta * (d->z[d->row[i] * d->f->count + c->a] - c->mean) / c->scale;
        }
        sum += effect;
        squares += effect * effect;
    }
    const double mean = sum / (double)d->rows;
    return sqrt(fmax(squares / (double)d->rows - mean * mean, 0));
}

void neighbour_metric(struct neighbour_metric *w, const struct regression_rows *d, const struct log_linear *m)
{
    double largest = 0;
    for (size_t j = 0; j < d->f->count; j++)
        w->number[j] = !is_level(d->f, j) && !m;
    for (size_t c = 0; c < d->f->codes; c++)
        w->code[c] = m ? level_effect(d, m, d->f->code[c]) : 1;
    if (!m)
        return;
    for (size_t j = 0; j < m->columns; j++)
        if (m->column[j].b == FEATURES && !is_level(d->f, m->column[j].a))
            w->number[m->column[j].a] = fabs(m->column[j].beta);
    for (size_t j = 0; j < d->f->count; j++)
        largest = fmax(largest, w->number[j]);
    for (size_t c = 0; c < d->f->codes; c++)
        largest = fmax(largest, w->code[c]);
    for (size_t j = 0; j < d->f->count; j++) {
        const double v = is_level(d->f, j) ? 0 : fmax(w->number[j], largest / 20);
        w->number[j] = v * v;
    }
    for (size_t c = 0; c < d->f->codes; c++) {
        const double v = fmax(w->code[c], largest / 20);
        w->code[c] = v * v;
    }
}

/* Put a row at DISTANCE with target T among the nearest. */
static void put(struct neighbours *n, double distance, double t)
{
    size_t at = n->groups;
    if (at == NEIGHBOURS && distance > n->distance[at - 1])
        return;
    while (at > 0 && n->distance[at - 1] >= distance)
        at--;
    if (at < n->groups && n->distance[at] == distance) {
        n->sum[at] += t;
        n->count[at]++;
        return;
    }
    n->groups += n->groups < NEIGHBOURS;
    const size_t behind = n->groups - at - 1;
    memmove(n->distance + at + 1, n->distance + at, behind * sizeof *n->distance);
    memmove(n->sum + at + 1, n->sum + at, behind * sizeof *n->sum);
    memmove(n->count + at + 1, n->count + at, behind * sizeof *n->count);
    n->distance[at] = distance;
    n->sum[at] = t;
    n->count[at] = 1;
}

/* Two values of a category, where not given equals not given. */
static bool differ(double a, double b)
{
    return !(a == b || (isnan(a) && isnan(b)));
}

void neighbours_find(struct neighbours *out, const struct regression_rows *d, const struct neighbour_metric *w,
                     const double *x, size_t k, const double *z, const double *v)
{
    const struct features *f = d->f;
    out->groups = 0;
    for (size_t i = 0; i < d->rows; i++) {
        const double *zi = d->z + d->row[i] * f->count, *xi = x + d->row[i] * k;
        double distance = 0;
        for (size_t j = 0; j < f->count; j++)
            distance += w->number[j] * (z[j] - zi[j]) * (z[j] - zi[j]);
        for (size_t c = 0; c < f->codes; c++)
            distance += differ(v[f->code[c]], xi[f->code[c]]) ? w->code[c] : 0;
        put(out, distance, d->t[d->row[i]]);
    }
}

double neighbours_mean(const struct neighbours *n, size_t nearest)
{
    double sum = 0;
    size_t count = 0;
    for (size_t g = 0; g < n->groups && count < nearest; g++) {
        sum += n->sum[g];
        count += n->count[g];
    }
    return count ? sum / (double)count : (double)NAN;
}
