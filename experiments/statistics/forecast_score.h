/* SPDX-License-Identifier: GPL-3.0-or-later
 * forecast_score: proper scores of quantiles, intervals and distributions; smaller is better.
 *
 * Meaning.  NaN where an argument is NaN or cannot be: TAU outside [0, 1], ALPHA outside (0, 1], a negative sd, a rate that is
 *           not positive, no member. A distribution of sd 0 is a point: its CRPS is the distance.
 * Choice.   Bounds that cross are scored as they stand, both penalties counted, so that an interval's score is always
 *           2 / ALPHA times the sum of the two pinball losses.
 * Source.   Gneiting and Raftery (2007); Bracher et al. (2021), weighted interval score; Hersbach (2000) and Jordan et al.
 *           (2019), CRPS. */
#ifndef ALM_STATISTICS_FORECAST_SCORE_H
#define ALM_STATISTICS_FORECAST_SCORE_H

#include <stdbool.h>
#include <stddef.h>

double pinball_loss(double y, double q, double tau);
double winkler_score(double y, double low, double high, double alpha);

/* Median M and K central intervals LOW[k], HIGH[k] of level 1 - ALPHA[k]. */
double weighted_interval_score(double y, double m, const double *low, const double *high, const double *alpha,
                               size_t k);

double crps_normal(double y, double mean, double sd);
double crps_lognormal(double y, double mean_log, double sd_log);
double crps_exponential(double y, double rate);
double crps_ensemble(double y, const double *member, size_t n,
                     bool fair); /* fair: unbiased for finite ensembles, from two members on. O(n^2) */
double log_score_normal(double y, double mean, double sd); /* -log density; sd > 0 */

#endif
