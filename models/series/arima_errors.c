/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_errors: second derivatives and their inverse. */
#include "arima_errors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP 1e-4

/* Half the deviance times count at X and the fit's regression coefficients; GRADIENT in those. */
static double half(struct arima_fit *f, const struct arima_target *t, const double *x, double *gradient)
{
    struct arima_work *k = &f->work;
    const size_t n = t->columns->n;
    if (!arima_work_set(k, x) || !arima_filter_columns(k, t->way, t->columns))
        return NAN;
    const double sum = arima_gls(k, t->columns, f->beta, true), count = (double)k->count;
    for (size_t i = 0; i < f->data.active; i++) {
        double dot = 0;
        for (size_t j = 0; j < n; j++)
            dot += k->v[(i + 1) * n + j] * k->v[j];
        gradient[i] = -count * dot / sum;
    }
    return 0.5 * (count * log(sum / count) + k->log_det);
}

struct hessian {
    size_t arma, all; /* coefficients that were estimated: of the ARMA part; with the regression's */
    double *H;
    double step[ARIMA_ARMA], up[ARIMA_ARMA], down[ARIMA_ARMA];
    double x[ARIMA_ARMA];
};

/* Both sides of coefficient I; the step is made smaller until both exist. */
static bool sides(struct arima_fit *f, const struct arima_target *t, struct hessian *h, size_t i)
{
    const size_t at = f->search.index[i], b = h->arma;
    double gradient[2][SERIES_COEFFICIENTS], x[ARIMA_ARMA];
    for (h->step[i] = STEP; h->step[i] > 1e-9; h->step[i] *= 0.25) {
        memcpy(x, h->x, sizeof x);
        x[at] = h->x[at] + h->step[i];
        h->up[i] = half(f, t, x, gradient[0]);
        x[at] = h->x[at] - h->step[i];
        h->down[i] = half(f, t, x, gradient[1]);
        if (isnan(h->up[i]) || isnan(h->down[i]))
            continue;
        for (size_t j = 0; j < f->data.active; j++)
            h->H[i * h->all + b + j] = h->H[(b + j) * h->all + i] =
                (gradient[0][j] - gradient[1][j]) / (2 * h->step[i]);
        return true;
    }
    return false;
}

static bool second_derivatives(struct arima_fit *f, const struct arima_target *t, struct hessian *h, double here)
{
    for (size_t i = 0; i < h->arma; i++) {
        if (!sides(f, t, h, i))
            return false;
        h->H[i * h->all + i] = (h->up[i] - 2 * here + h->down[i]) / (h->step[i] * h->step[i]);
    }
    double ignored[SERIES_COEFFICIENTS], x[ARIMA_ARMA];
    for (size_t i = 0; i < h->arma; i++)
        for (size_t j = 0; j < i; j++) {
            memcpy(x, h->x, sizeof x);
            x[f->search.index[i]] += h->step[i];
            x[f->search.index[j]] += h->step[j];
            const double both = half(f, t, x, ignored);
            memcpy(x, h->x, sizeof x);
            x[f->search.index[i]] -= h->step[i];
            x[f->search.index[j]] -= h->step[j];
            const double neither = half(f, t, x, ignored);
            const double cross = both - h->up[i] - h->up[j] + 2 * here - h->down[i] - h->down[j] + neither;
            h->H[i * h->all + j] = h->H[j * h->all + i] = 0.5 * cross / (h->step[i] * h->step[j]);
        }
    return true;
}

/* Of the regression coefficients alone, after a filter at the fit's point. */
static void regression_block(struct arima_fit *f, const struct arima_target *t, struct hessian *h)
{
    double gradient[SERIES_COEFFICIENTS];
    const size_t n = t->columns->n, b = h->arma;
    const struct arima_work *k = &f->work;
    half(f, t, h->x, gradient);
    double sum = 0;
    for (size_t j = 0; j < n; j++)
        sum += k->v[j] * k->v[j];
    for (size_t i = 0; i < f->data.active; i++)
        for (size_t l = 0; l < f->data.active; l++) {
            double dot = 0;
            for (size_t j = 0; j < n; j++)
                dot += k->v[(i + 1) * n + j] * k->v[(l + 1) * n + j];
            h->H[(b + i) * h->all + b + l] = (double)k->count * dot / sum;
        }
}

/* Diagonal of T H^-1 T', T the map from orthogonal columns to the regressors; NaN where H is not positive definite. */
static void variances(const struct arima_fit *f, const struct hessian *h, double *copy, double *row, double *out)
{
    const struct arima_data *a = &f->data;
    const size_t n = h->all, b = h->arma, k = a->active;
    for (size_t i = 0; i < n; i++) {
        memset(row, 0, n * sizeof *row);
        if (i < b)
            row[i] = 1;
        else { /* row i - b of R^-1: solve z R = e */
            for (size_t j = 0; j < k; j++) {
                double sum = j == i - b ? a->scale : 0;
                for (size_t l = 0; l < j; l++)
                    sum -= row[b + l] * a->R[l * k + j];
                row[b + j] = sum / a->R[j * k + j];
            }
        }
        double *solved = row + n;
        memcpy(solved, row, n * sizeof *row);
        memcpy(copy, h->H, n * n * sizeof *copy);
        out[i] = NAN;
        if (!arima_solve(copy, n, solved))
            continue;
        out[i] = 0;
        for (size_t j = 0; j < n; j++)
            out[i] += row[j] * solved[j];
    }
}

void arima_standard_errors(struct arima_fit *f, const struct arima_target *t, double deviance)
{
    struct arima_result *r = &f->result;
    struct hessian h = {.arma = f->search.free, .all = f->search.free + f->data.active};
    double *block = calloc(2 * h.all * h.all + 3 * h.all + 1, sizeof *block), *out = NULL;
    if (!block)
        return; /* the errors stay unknown */
    h.H = block;
    double *copy = h.H + h.all * h.all, *row = copy + h.all * h.all;
    out = row + 2 * h.all;
    memcpy(h.x, r->coefficient, r->arma * sizeof *h.x);
    const double here = 0.5 * (double)f->work.count * deviance;
    if (second_derivatives(f, t, &h, here)) {
        regression_block(f, t, &h);
        variances(f, &h, copy, row, out);
        for (size_t i = 0; i < h.arma; i++)
            r->se[f->search.index[i]] = sqrt(out[i]);
        for (size_t i = 0; i < f->data.active; i++)
            r->se[r->arma + f->data.which[i]] = sqrt(out[h.arma + i]);
    }
    free(block);
}
