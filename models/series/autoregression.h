/* SPDX-License-Identifier: GPL-3.0-or-later
 * autoregression: y_t - mean = ar_1 (y_{t-1} - mean) + ... + e_t, fitted in closed form.
 *
 * Meaning.  The variance is that of e_t, as ar() of R has it:
 *           Yule-Walker    of the recursion, times n / (n - order - 1)
 *           Burg           of the recursion
 *           least squares  the sum of squares over n - order; there is an intercept beside the mean
 *           AIC is n log(variance of the recursion, or as above) + 2 (order + 1), and the order that makes it least is from 0 to the largest.
 * Choice.   Missing values: Yule-Walker takes the pairs that are there, and refuses when no process has the autocorrelations
 *           that they give; the others refuse.
 * Source.   Brockwell, Davis, "Time series: theory and methods" (1991), sections 8.1, 8.2; Burg (1967). */
#ifndef ALM_MODELS_SERIES_AUTOREGRESSION_H
#define ALM_MODELS_SERIES_AUTOREGRESSION_H

#include <stdbool.h>
#include <stddef.h>

enum autoregression_method { AUTOREGRESSION_YULE_WALKER, AUTOREGRESSION_BURG, AUTOREGRESSION_LEAST_SQUARES };

struct autoregression {
    size_t order;
    double mean, variance;
    double intercept; /* 0 unless by least squares */
    double *ar;       /* [the largest order asked for], the caller's; `order` of them are set */
};

/* min(n - 1, floor(10 log10 n)): how far ar() of R looks. */
size_t autoregression_order_max(size_t n);

/* Fit OUT of ORDER, or BY_AIC of the best order up to it. False, OUT untouched but for ar[]: a constant series, ORDER not below the number of
 * values, missing values (not by Yule-Walker), columns that depend on each other, no memory.
 * Cost: n * order (least squares: n * order^2, BY_AIC as often as there are orders). */
bool autoregression_fit(enum autoregression_method method, const double *y, size_t n, size_t order, bool by_aic,
                        struct autoregression *out);

#endif
