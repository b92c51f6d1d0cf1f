/* SPDX-License-Identifier: GPL-3.0-or-later
 * log_linear: the log of an amount as a linear function of features, by ridge regression. The header says what and why. */
#include "log_linear.h"

#include <gsl/gsl_linalg.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double column_raw(const struct log_linear_column *c, const double *z)
{
    return c->b == FEATURES ? z[c->a] : z[c->a] * z[c->b];
}

static double column_value(const struct log_linear_column *c, const double *z)
{
    return (column_raw(c, z) - c->mean) / c->scale;
}

double log_linear_value(const struct log_linear *m, const double *z)
{
    double sum = m->intercept;
    for (size_t j = 0; j < m->columns; j++)
        sum += m->column[j].beta * column_value(&m->column[j], z);
    return sum;
}

static const double *row_at(const struct regression_rows *d, size_t i)
{
    return d->z + d->row[i] * d->f->count;
}

/* Mean and scale of C over the rows; false when it does not vary there. */
static bool standardise(struct log_linear_column *c, const struct regression_rows *d)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < d->rows; i++)
        sum += column_raw(c, row_at(d, i));
    c->mean = sum / (double)d->rows;
    for (size_t i = 0; i < d->rows; i++) {
        const double v = column_raw(c, row_at(d, i)) - c->mean;
        squares += v * v;
    }
    c->scale = sqrt(squares / (double)d->rows);
    return c->scale > 1e-9;
}

static void add_column(struct log_linear *m, uint32_t a, uint32_t b, const struct regression_rows *d)
{
    struct log_linear_column c = {.a = a, .b = b};
    if (m->columns < LOG_LINEAR_COLUMNS && standardise(&c, d))
        m->column[m->columns++] = c;
}

/* Columns C[rows * p], their products G[p * p], products with the centred target V[p], the target centred S[rows]. */
struct normal {
    size_t rows, p;
    double *c, *g, *a, *v, *s, *beta, *work;
};

static int normal_open(struct normal *q, size_t rows, size_t p, struct alm_err *e)
{
    *q = (struct normal){.rows = rows, .p = p};
    q->c = malloc((rows * p + 2 * p * p + 3 * p + rows + 1) * sizeof *q->c);
    if (!q->c)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu rows of %zu columns", rows, p);
    q->g = q->c + rows * p;
    q->a = q->g + p * p;
    q->v = q->a + p * p;
    q->beta = q->v + p;
    q->work = q->beta + p;
    q->s = q->work + p;
    return ALM_OK;
}

static void normal_form(struct normal *q, const struct log_linear *m, const struct regression_rows *d)
{
    const size_t p = q->p;
    memset(q->g, 0, p * p * sizeof *q->g);
    memset(q->v, 0, p * sizeof *q->v);
    for (size_t i = 0; i < q->rows; i++) {
        double *c = q->c + i * p;
        q->s[i] = d->t[d->row[i]] - m->intercept;
        for (size_t j = 0; j < p; j++) {
            c[j] = column_value(&m->column[j], row_at(d, i));
            q->v[j] += c[j] * q->s[i];
            for (size_t l = 0; l <= j; l++)
                q->g[j * p + l] += c[j] * c[l];
        }
    }
}

/* What a row weighs in its own prediction: its place C in the metric of the factor A. */
static double leverage(const struct normal *q, const double *c)
{
    double hat = 1 / (double)q->rows;
    for (size_t j = 0; j < q->p; j++) {
        double v = c[j];
        for (size_t l = 0; l < j; l++)
            v -= q->a[j * q->p + l] * q->work[l];
        q->work[j] = v / q->a[j * q->p + j];
        hat += q->work[j] * q->work[j];
    }
    return hat;
}

/* Coefficients under PENALTY (per row) into BETA, the factor into A; the leave-one-out sum of squares. */
static double solve(struct normal *q, double penalty)
{
    const size_t p = q->p;
    memcpy(q->a, q->g, p * p * sizeof *q->a);
    for (size_t j = 0; j < p; j++)
        q->a[j * p + j] += penalty * (double)q->rows;
    gsl_matrix_view a = gsl_matrix_view_array(q->a, p, p);
    gsl_vector_view beta = gsl_vector_view_array(q->beta, p);
    gsl_linalg_cholesky_decomp1(&a.matrix); /* positive definite, as every diagonal has its penalty */
    memcpy(q->beta, q->v, p * sizeof *q->beta);
    gsl_linalg_cholesky_svx(&a.matrix, &beta.vector);
    double loss = 0;
    for (size_t i = 0; i < q->rows; i++) {
        const double *c = q->c + i * p;
        double left = q->s[i];
        for (size_t j = 0; j < p; j++)
            left -= c[j] * q->beta[j];
        left /= fmax(1 - leverage(q, c), 1e-3);
        loss += left * left;
    }
    return loss;
}

static int fit_columns(struct log_linear *m, const struct regression_rows *d, struct alm_err *e)
{
    static const double penalty[] = {1e-5, 1e-3, 1e-2, 0.1, 1};
    struct normal q;
    if (m->columns == 0)
        return ALM_OK;
    ALM_TRY(normal_open(&q, d->rows, m->columns, e));
    normal_form(&q, m, d);
    double best = INFINITY;
    for (size_t l = 0; l < sizeof penalty / sizeof *penalty; l++) {
        const double loss = solve(&q, penalty[l]);
        if (loss >= best)
            continue;
        best = loss;
        for (size_t j = 0; j < m->columns; j++)
            m->column[j].beta = q.beta[j];
    }
    free(q.c);
    return ALM_OK;
}

static double mean_target(const struct regression_rows *d)
{
    double sum = 0;
    for (size_t i = 0; i < d->rows; i++)
        sum += d->t[d->row[i]];
    return sum / (double)d->rows;
}

static void note_r2(struct log_linear *m, const struct regression_rows *d)
{
    double left = 0, all = 0;
    for (size_t i = 0; i < d->rows; i++) {
        const double t = d->t[d->row[i]], r = t - log_linear_value(m, row_at(d, i));
        left += r * r;
        all += (t - m->intercept) * (t - m->intercept);
    }
    m->r2 = all > 0 ? 1 - left / all : 0;
}

/* ---- pairs ---- */

struct pair {
    uint32_t a, b;
    double fit; /* squared correlation with what is left */
};

static int better(const void *x, const void *y)
{
    const struct pair *p = x, *q = y;
    if (p->fit != q->fit)
        return p->fit < q->fit ? 1 : -1;
    return p->a != q->a ? (p->a > q->a) - (p->a < q->a) : (p->b > q->b) - (p->b < q->b);
}

static bool is_number(const struct features *f, uint32_t j)
{
    return f->at[j].kind == FEATURE_LOG || f->at[j].kind == FEATURE_ASINH;
}

static double fit_of(const struct regression_rows *d, uint32_t a, uint32_t b, const double *left)
{
    struct log_linear_column c = {.a = a, .b = b};
    if (!standardise(&c, d))
        return 0;
    double sum = 0;
    for (size_t i = 0; i < d->rows; i++)
        sum += column_value(&c, row_at(d, i)) * left[i];
    return sum * sum;
}

/* Add the columns of the pairs that go best with what M leaves. */
static int add_pairs(struct log_linear *m, const struct regression_rows *d, struct alm_err *e)
{
    const uint32_t p = (uint32_t)d->f->count;
    struct pair *pair = malloc((size_t)(p + 1) * (p + 1) * sizeof *pair + d->rows * sizeof(double));
    if (!pair)
        return alm_fail(e, ALM_ENOMEM, "out of memory for pairs of %u features", p);
    double *left = (double *)(pair + (size_t)(p + 1) * (p + 1));
    for (size_t i = 0; i < d->rows; i++)
        left[i] = d->t[d->row[i]] - log_linear_value(m, row_at(d, i));
    size_t pairs = 0;
    for (uint32_t a = 0; a < p; a++)
        for (uint32_t b = a; b < p && is_number(d->f, a); b++)
            pair[pairs++] = (struct pair){a, b, fit_of(d, a, b, left)};
    qsort(pair, pairs, sizeof *pair, better);
    for (size_t i = 0; i < pairs && i < d->rows / 4 && pair[i].fit > 0; i++)
        add_column(m, pair[i].a, pair[i].b, d);
    free(pair);
    return ALM_OK;
}

int log_linear_fit(struct log_linear *m, const struct regression_rows *d, bool pairs, struct alm_err *e)
{
    memset(m, 0, sizeof *m);
    if (d->rows == 0)
        return ALM_OK;
    m->intercept = mean_target(d);
    for (uint32_t j = 0; j < d->f->count; j++)
        add_column(m, j, FEATURES, d);
    ALM_TRY(fit_columns(m, d, e));
    if (pairs && m->columns > 0) {
        ALM_TRY(add_pairs(m, d, e));
        ALM_TRY(fit_columns(m, d, e));
    }
    note_r2(m, d);
    return ALM_OK;
}
