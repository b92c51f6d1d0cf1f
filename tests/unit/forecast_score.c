/* SPDX-License-Identifier: GPL-3.0-or-later
 * forecast_score: do the scores keep the identities of theory, and are closed forms the integrals they stand for?
 *
 * Choice.  CRPS values were integrated numerically apart from this code (midpoint rule, good to 1e-8). */
#include "experiments/statistics/forecast_score.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static void close_to(double got, double want, double within)
{
    cr_expect(fabs(got - want) <= within, "%.17g, not %.17g", got, want);
}

Test(forecast_score, pinball_by_hand)
{
    close_to(pinball_loss(10, 8, 0.9), 1.8, 1e-15);
    close_to(pinball_loss(8, 10, 0.9), 0.2, 1e-15);
    close_to(pinball_loss(3, 3, 0.4), 0, 0);
    close_to(pinball_loss(8, 10, 1), 0, 0);
}

/* Also with bounds that cross. */
Test(forecast_score, winkler_is_two_pinballs)
{
    struct alm_stream s = alm_stream_open(3, 0, "winkler");
    for (int i = 0; i < 1000; i++) {
        double y = alm_stream_normal(&s), low = alm_stream_normal(&s), high = alm_stream_normal(&s);
        double alpha = alm_stream_uniform(&s);
        double sum = pinball_loss(y, low, alpha / 2) + pinball_loss(y, high, 1 - alpha / 2);
        double want = 2 / alpha * sum;
        close_to(winkler_score(y, low, high, alpha), want, 1e-12 * (1 + 1 / alpha));
    }
    close_to(winkler_score(5, 1, 4, 0.1), 23, 1e-12);
    close_to(winkler_score(4, 1, 4, 0.1), 3, 0);
    close_to(winkler_score(0, 1, 4, 0.5), 7, 1e-12);
}

Test(forecast_score, weighted_interval_by_hand)
{
    const double low[] = {0, 2}, high[] = {10, 6}, alpha[] = {0.1, 0.5};
    /* (0.5 * 3 + 0.05 * 10 + 0.25 * (4 + 4 * 1)) / 2.5 */
    close_to(weighted_interval_score(7, 4, low, high, alpha, 2), 1.6, 1e-14);
    close_to(weighted_interval_score(7, 4, NULL, NULL, NULL, 0), 3, 1e-15);
}

Test(forecast_score, crps_by_integration)
{
    close_to(crps_normal(2.5, 1, 2), 0.8962885042674, 1e-7);
    close_to(crps_normal(0, 0, 1), 0.23369497725510913, 1e-15);
    close_to(crps_lognormal(-1, 0.5, 0.8), 2.297835064990827, 1e-6);
    close_to(crps_lognormal(0, 0.5, 0.8), 1.2978350649946448, 1e-6);
    close_to(crps_lognormal(2, 0.5, 0.8), 0.3705498564361525, 1e-6);
    close_to(crps_exponential(-1, 2), 1.25, 1e-15);
    close_to(crps_exponential(0, 2), 0.25, 1e-15);
    close_to(crps_exponential(0.75, 2), 0.22313016014842982, 1e-15); /* exp(-1.5): 0.75 - 1 + exp(-1.5) + 0.25 */
    close_to(log_score_normal(3, 3, 1), 0.9189385332046727, 1e-15);
    close_to(log_score_normal(5, 3, 2), 0.9189385332046727 + 0.6931471805599453 + 0.5, 1e-15);
}

/* The quantile decomposition: twice the pinball loss, over all tau. */
Test(forecast_score, crps_is_twice_the_mean_pinball)
{
    const int n = 20000;
    for (double y = -2; y <= 2; y += 0.5) {
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum += pinball_loss(y, gsl_cdf_ugaussian_Pinv((i + 0.5) / n), (i + 0.5) / n);
        close_to(2 * sum / n, crps_normal(y, 0, 1), 1e-5);
    }
}

Test(forecast_score, large_ensemble_tends_to_the_normal)
{
    const size_t n = 2000;
    double *member = calloc(n, sizeof *member);
    for (size_t i = 0; i < n; i++)
        member[i] = 1 + 2 * gsl_cdf_ugaussian_Pinv(((double)i + 0.5) / (double)n);
    close_to(crps_ensemble(2.5, member, n, false), crps_normal(2.5, 1, 2), 1e-3);
    free(member);
}

/* Of five normal members the fair score has the mean of the distribution's; the other adds 2 sd / sqrt(pi) / 2 / 5. Standard
 * error of the mean of 40000 below 0.004; the bounds are five of them. */
Test(forecast_score, fair_ensemble_is_unbiased)
{
    struct alm_stream s = alm_stream_open(11, 0, "ensemble");
    const int n = 40000;
    double fair = 0, plain = 0;
    for (int i = 0; i < n; i++) {
        double member[5];
        for (int k = 0; k < 5; k++)
            member[k] = alm_stream_normal(&s);
        fair += crps_ensemble(0.7, member, 5, true) / n;
        plain += crps_ensemble(0.7, member, 5, false) / n;
    }
    close_to(fair, crps_normal(0.7, 0, 1), 0.02);
    close_to(plain - fair, 1 / sqrt(M_PI) / 5, 0.005);
}

Test(forecast_score, ensemble_by_hand)
{
    const double member[] = {1, 3, 8};
    /* mean distance of 4: (3 + 1 + 4) / 3; pairs: 2 + 7 + 5 = 14 */
    close_to(crps_ensemble(4, member, 3, false), 8.0 / 3 - 14.0 / 9, 1e-15);
    close_to(crps_ensemble(4, member, 3, true), 8.0 / 3 - 14.0 / 6, 1e-15);
    close_to(crps_ensemble(4, member, 1, false), 3, 0);
}

Test(forecast_score, what_cannot_be_is_nan)
{
    const double one = 1;
    const double none[] = {
        pinball_loss(NAN, 1, 0.5),       pinball_loss(1, 2, 1.5),       pinball_loss(1, NAN, 0.5),
        pinball_loss(1, 2, NAN),         winkler_score(NAN, 0, 1, 0.1), winkler_score(0, NAN, 1, 0.1),
        winkler_score(0, 0, 1, 0),       crps_normal(0, 0, -1),         crps_normal(NAN, 0, 1),
        crps_normal(NAN, 0, 0),          crps_lognormal(NAN, 0, 1),     crps_lognormal(1, 0, -1),
        crps_exponential(1, 0),          crps_exponential(NAN, 1),      crps_ensemble(1, NULL, 0, false),
        crps_ensemble(1, &one, 1, true), log_score_normal(0, 0, 0),     log_score_normal(NAN, 0, 1)};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_expect(isnan(none[i]), "score %zu is %g", i, none[i]);
    close_to(crps_normal(3, 1, 0), 2, 0);
    close_to(crps_lognormal(3, 0, 0), 2, 0);
}
