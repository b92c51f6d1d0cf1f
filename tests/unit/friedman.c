/* SPDX-License-Identifier: GPL-3.0-or-later
 * friedman: ranks over traces by hand and by fractions; the range of normals against 30-digit quadrature. */
#include "experiments/statistics/friedman.h"

#include <criterion/criterion.h>
#include <math.h>

static void near(double got, double wanted, double relative, const char *what)
{
    cr_expect(fabs(got - wanted) <= relative * fabs(wanted), "%s is %.17g, expected %.17g", what, got, wanted);
}

/* Ranks (1 2 3), (1 3 2), (1.5 1.5 3), (1 3 2). */
Test(friedman, with_a_tie)
{
    const double v[] = {1, 2, 3, 1, 3, 2, 2, 2, 5, 7, 9, 8};
    double rank[3], pair[3];
    struct friedman_result r;
    struct alm_err e;
    cr_assert_eq(friedman(v, 4, 3, 0.95, &r, rank, pair, &e), ALM_OK);
    near(rank[0], 9. / 8, 1e-15, "rank 1");
    near(rank[1], 19. / 8, 1e-15, "rank 2");
    near(rank[2], 5. / 2, 1e-15, "rank 3");
    near(r.statistic, 74. / 15, 1e-14, "statistic");
    near(r.p, 0.084867278970017420, 1e-12, "p");
    near(r.iman_davenport, 111. / 23, 1e-13, "F");
    near(r.p_davenport, 0.056328703703703704, 1e-11, "p of F");
    near(r.critical_difference, 3.31449315539812 / 2, 1e-9, "critical difference"); /* sqrt(3 4 / (12 4)) = 1/2 */
    near(pair[0], normal_range_tail(1.25 * 2, 3), 1e-14, "pair 1 2");
    near(pair[2], normal_range_tail(0.125 * 2, 3), 1e-13, "pair 2 3");
}

Test(friedman, all_rows_agree)
{
    const double v[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    double rank[3];
    struct friedman_result r;
    cr_assert_eq(friedman(v, 3, 3, 0.95, &r, rank, NULL, NULL), ALM_OK);
    near(r.statistic, 6, 1e-15, "statistic");
    cr_expect(isinf(r.iman_davenport));
    near(r.p_davenport, 1. / 36, 1e-12, "p: two rows like the first, of six orders each");
    cr_assert_eq(friedman(v, 2, 2, 0.95, &r, rank, NULL, NULL), ALM_OK);
    near(r.p_davenport, 0.5, 1e-12, "p of two rows of two is no star");
}

Test(friedman, no_row_prefers)
{
    const double v[] = {3, 3, 3, 1, 1, 1};
    double rank[3], pair[3];
    struct friedman_result r;
    cr_assert_eq(friedman(v, 2, 3, 0.95, &r, rank, pair, NULL), ALM_OK);
    cr_expect(r.statistic == 0 && r.p == 1 && r.iman_davenport == 0 && r.p_davenport == 1);
    cr_expect(rank[0] == 2 && rank[1] == 2 && rank[2] == 2 && pair[0] == 1 && pair[2] == 1);
}

Test(friedman, unknown_and_refused)
{
    const double v[] = {1, 2, NAN, 1};
    double rank[2], pair[1];
    struct friedman_result r;
    struct alm_err e;
    cr_assert_eq(friedman(v, 2, 2, 0.95, &r, rank, pair, &e), ALM_OK);
    cr_expect(isnan(r.statistic) && isnan(r.p) && isnan(r.p_davenport) && isnan(rank[0]) && isnan(pair[0]));
    cr_expect_eq(friedman(v, 1, 2, 0.95, &r, rank, pair, &e), ALM_EINVAL);
    cr_expect_eq(friedman(v, 2, 1, 0.95, &r, rank, pair, &e), ALM_EINVAL);
    cr_expect_eq(friedman(v, 2, 2, 1, &r, rank, pair, &e), ALM_EINVAL);
}

Test(normal_range, tail)
{
    static const struct {
        double q;
        size_t k;
        double tail;
    } known[] = {
        /* 20 of 3 is 3 erfc(10): two pairs so far apart at once are rarer by e-33 */
        {0.01, 2, 0.994358151179968},   {1, 2, 0.479500122186953}, /* erfc(1/2) */
        {1, 3, 0.759287358770661},      {3, 3, 0.085542571654958},     {4, 4, 0.024183315325564},
        {2, 10, 0.923214238606853},     {6, 10, 0.000921515303877261}, {10, 5, 1.5373072845748e-11},
        {20, 3, 6.26546275128763e-45},  {5, 100, 0.478547706446987},   {1, 50, 1},
        {4.5, 1000, 0.999999999878689},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        near(normal_range_tail(known[i].q, known[i].k), known[i].tail, 1e-11, "tail");
    cr_expect(normal_range_tail(0, 3) == 1 && normal_range_tail(-1, 3) == 1 && normal_range_tail(1e9, 3) == 0);
    cr_expect(normal_range_tail(INFINITY, 3) == 0);
    cr_expect(isnan(normal_range_tail(NAN, 3)) && isnan(normal_range_tail(1, 1)) && isnan(normal_range_tail(1, 0)));
}

Test(normal_range, quantile)
{
    near(normal_range_quantile(0.95, 3), 3.31449315539812, 1e-10, "0.95 of 3");
    near(normal_range_quantile(0.99, 10), 5.15663496008962, 1e-10, "0.99 of 10");
    near(normal_range_quantile(0.5, 5), 2.25688249302619, 1e-10, "0.5 of 5");
    cr_expect(normal_range_quantile(0, 3) == 0 && isinf(normal_range_quantile(1, 3)));
    cr_expect(isnan(normal_range_quantile(1.1, 3)) && isnan(normal_range_quantile(0.5, 1)));
}
