/* SPDX-License-Identifier: GPL-3.0-or-later
 * classical: see the header. */
#include "classical.h"

#include <math.h>
#include <stdlib.h>

void series_moving_average(const double *y, size_t n, size_t period, double *out)
{
    const size_t half = period / 2;
    for (size_t t = 0; t < n; t++) {
        double sum = 0;
        if (t < half || n - t <= half) {
            out[t] = NAN;
            continue;
        }
        for (size_t i = t - half; i <= t + half; i++)
            sum += y[i] * (period % 2 == 0 && (i == t - half || i == t + half) ? 0.5 : 1);
        out[t] = sum / (double)period;
    }
}

bool series_seasonal_index(const double *y, size_t n, size_t period, double *index)
{
    double *average = malloc((n + 1) * sizeof *average), mean = 0;
    if (!average)
        return false;
    series_moving_average(y, n, period, average);
    for (size_t j = 0; j < period; j++) {
        double sum = 0;
        size_t count = 0;
        for (size_t t = j; t < n; t += period) {
            if (isnan(average[t]) || isnan(y[t]))
                continue;
            sum += y[t] / average[t];
            count++;
        }
        index[j] = sum / (double)count;
        mean += index[j] / (double)period;
    }
    free(average);
    bool known = true;
    for (size_t j = 0; j < period; j++) {
        index[j] /= mean;
        known = known && isfinite(index[j]);
    }
    return known;
}
