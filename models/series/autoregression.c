/* SPDX-License-Identifier: GPL-3.0-or-later
 * autoregression: see the header.
 *
 * Choice.   Recursions run on centred values of size near 1; the variances of all orders are kept, and a best order found by AIC is
 *           reached by running again, so that only one set of coefficients is ever held. */
#include "autoregression.h"

#include "acf.h"
#include "centred.h"
#include "least_squares.h"

#include <math.h>
#include <stdlib.h>

struct work {
    const double *z; /* [n], centred */
    size_t n, used;
    double *ar, *old; /* [order] */
    double *variance; /* [order + 1], of each order */
    double *extra;    /* [2 * n] Burg's two series of errors, or [order] autocorrelations */
    double intercept;
};

size_t autoregression_order_max(size_t n)
{
    if (n < 2)
        return 0;
    const size_t most = (size_t)floor(10 * log10((double)n));
    return most < n - 1 ? most : n - 1;
}

/* One order more: its last coefficient is LAST. */
static void extend(struct work *w, size_t k, double last)
{
    for (size_t j = 0; j < k; j++)
        w->old[j] = w->ar[j];
    for (size_t j = 0; j < k; j++)
        w->ar[j] = w->old[j] - last * w->old[k - 1 - j];
    w->ar[k] = last;
    w->variance[k + 1] = w->variance[k] * (1 - last * last);
}

static double variance_of(const struct work *w)
{
    double sum = 0;
    for (size_t i = 0; i < w->n; i++)
        sum += isnan(w->z[i]) ? 0 : w->z[i] * w->z[i];
    return sum / (double)w->used;
}

static bool yule_walker(struct work *w, size_t order)
{
    double *r = w->extra;
    if (!series_acf(w->z, w->n, order, r))
        return false;
    w->variance[0] = variance_of(w);
    for (size_t k = 0; k < order; k++) {
        double above = r[k], below = 1;
        for (size_t j = 0; j < k; j++) {
            above -= w->ar[j] * r[k - 1 - j];
            below -= w->ar[j] * r[j];
        }
        const double last = above / below;
        if (!(fabs(last) < 1)) /* only with gaps: no process has these autocorrelations */
            return false;
        extend(w, k, last);
    }
    return true;
}

static bool burg(struct work *w, size_t order)
{
    double *forward = w->extra, *backward = forward + w->n;
    for (size_t i = 0; i < w->n; i++)
        forward[i] = backward[i] = w->z[i];
    w->variance[0] = variance_of(w);
    for (size_t k = 0; k < order; k++) {
        double above = 0, below = 0;
        for (size_t t = k + 1; t < w->n; t++) {
            above += forward[t] * backward[t - 1];
            below += forward[t] * forward[t] + backward[t - 1] * backward[t - 1];
        }
        const double last = below > 0 ? 2 * above / below : 0;
        for (size_t t = w->n - 1; t > k; t--) {
            const double f = forward[t], b = backward[t - 1];
            forward[t] = f - last * b;
            backward[t] = b - last * f;
        }
        extend(w, k, last);
    }
    return true;
}

static bool least_squares(struct work *w, size_t order)
{
    const size_t rows = w->n - order, columns = order + 1;
    double *x = malloc((rows * columns + rows + columns) * sizeof *x);
    if (!x)
        return false;
    double *y = x + rows * columns, *b = y + rows;
    for (size_t i = 0; i < rows; i++) {
        double *row = x + i * columns;
        row[0] = 1;
        for (size_t j = 1; j <= order; j++)
            row[j] = w->z[i + order - j];
        y[i] = w->z[i + order];
    }
    const double squares = series_least_squares(x, y, rows, columns, b, NULL);
    if (isfinite(squares)) {
        w->intercept = b[0];
        for (size_t j = 0; j < order; j++)
            w->ar[j] = b[j + 1];
        w->variance[order] = squares / (double)rows;
    }
    free(x);
    return isfinite(squares);
}

static bool run(enum autoregression_method method, struct work *w, size_t order)
{
    if (method == AUTOREGRESSION_YULE_WALKER)
        return yule_walker(w, order);
    return method == AUTOREGRESSION_BURG ? burg(w, order) : least_squares(w, order);
}

/* The order up to MOST with the least AIC; the first of equals. Orders of least squares that cannot be fitted end the search. */
static bool best_order(enum autoregression_method method, struct work *w, size_t most, size_t *best)
{
    double least = INFINITY;
    if (method != AUTOREGRESSION_LEAST_SQUARES && !run(method, w, most))
        return false;
    for (size_t k = 0; k <= most; k++) {
        if (method == AUTOREGRESSION_LEAST_SQUARES && !least_squares(w, k))
            return k > 0;
        const double aic = (double)w->used * log(w->variance[k]) + 2 * (double)(k + 1);
        if (aic < least) {
            least = aic;
            *best = k;
        }
    }
    return true;
}

static double reported(enum autoregression_method method, const struct work *w, size_t order)
{
    const double n = (double)w->used, left = n - (double)order - 1;
    const double v = w->variance[order];
    return method == AUTOREGRESSION_YULE_WALKER ? (left > 0 ? v * n / left : NAN) : v;
}

static bool fit(enum autoregression_method method, struct work *w, size_t order, bool by_aic, const struct centred *c,
                struct autoregression *out)
{
    size_t best = order;
    if (by_aic && !best_order(method, w, order, &best))
        return false;
    if (!run(method, w, best))
        return false;
    *out = (struct autoregression){
        .order = best,
        .mean = c->mean,
        .variance = reported(method, w, best) * c->scale * c->scale,
        .intercept = w->intercept * c->scale,
        .ar = out->ar,
    };
    return true;
}

bool autoregression_fit(enum autoregression_method method, const double *y, size_t n, size_t order, bool by_aic,
                        struct autoregression *out)
{
    double *z = calloc(3 * n + 3 * order + 2, sizeof *z);
    if (!z)
        return false;
    const struct centred c = series_centre(y, n, z);
    struct work w = {
        .z = z,
        .n = n,
        .used = c.used,
        .ar = out->ar,
        .extra = z + n,
        .old = z + 3 * n + order,
        .variance = z + 3 * n + 2 * order,
    };
    bool able = c.scale > 0 && order < c.used && (method == AUTOREGRESSION_YULE_WALKER || c.used == n);
    bool fitted = able && fit(method, &w, order, by_aic, &c, out);
    free(z);
    return fitted;
}
