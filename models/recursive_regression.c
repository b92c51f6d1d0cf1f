/* SPDX-License-Identifier: GPL-3.0-or-later
 * recursive_regression: recursive least squares with slow forgetting. The header says the choices. */
#include "recursive_regression.h"

#include <math.h>
#include <string.h>

#define KEEP 0.999
#define MOST 150 /* of a diagonal element of the inverse */

enum { N = REGRESSION_TERMS };

void regression_start(struct recursive_regression *r, const double start[REGRESSION_TERMS])
{
    memset(r, 0, sizeof *r);
    memcpy(r->coefficient, start, sizeof r->coefficient);
    for (int k = 0; k < N; k++)
        r->inverse[k][k] = 1;
}

double regression_at(const struct recursive_regression *r, const double x[REGRESSION_TERMS])
{
    double sum = 0;
    for (int k = 0; k < N; k++)
        sum += r->coefficient[k] * x[k];
    return sum;
}

/* Directions in which rows tell nothing; the others go on forgetting. */
static void bound_inverse(struct recursive_regression *r)
{
    for (int i = 0; i < N; i++) {
        const double by = sqrt(MOST / r->inverse[i][i]);
        if (!(by < 1))
            continue;
        for (int k = 0; k < N; k++) {
            r->inverse[i][k] *= by;
            r->inverse[k][i] *= by;
        }
    }
}

void regression_put(struct recursive_regression *r, const double x[REGRESSION_TERMS], double error, double most)
{
    double gain[N], weight = KEEP;
    for (int i = 0; i < N; i++) {
        gain[i] = 0;
        for (int k = 0; k < N; k++)
            gain[i] += r->inverse[i][k] * x[k];
        weight += x[i] * gain[i];
    }
    if (!isfinite(error) || !isfinite(weight) || !(weight > 0))
        return;
    const double taken = fmin(fmax(error, -most), most);
    for (int i = 0; i < N; i++) {
        r->coefficient[i] += gain[i] / weight * taken;
        for (int k = 0; k < N; k++)
            r->inverse[i][k] = (r->inverse[i][k] - gain[i] * gain[k] / weight) / KEEP;
    }
    bound_inverse(r);
}
