/* SPDX-License-Identifier: GPL-3.0-or-later
 * limits: see the header. */
#include "limits.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

void series_limits(struct series_forecast *out, double df)
{
    for (size_t l = 0; l < out->levels; l++) {
        const double p = 0.5 + out->level[l] / 2;
        const double width = isinf(df) ? gsl_cdf_ugaussian_Pinv(p) : df > 0 ? gsl_cdf_tdist_Pinv(p, df) : NAN;
        for (size_t h = 0; h < out->h; h++) {
            out->lower[l * out->h + h] = out->mean[h] - width * out->se[h];
            out->upper[l * out->h + h] = out->mean[h] + width * out->se[h];
        }
    }
}
