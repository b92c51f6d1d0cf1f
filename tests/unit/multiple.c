/* SPDX-License-Identifier: GPL-3.0-or-later
 * multiple: adjusted p values against the closed tests they abbreviate. */
#include "experiments/statistics/multiple.h"

#include <criterion/criterion.h>
#include <math.h>

static void expect(enum multiple how, const double *p, size_t n, const double *wanted)
{
    double out[16];
    struct alm_err e;
    cr_assert_eq(p_adjust(how, p, n, out, &e), ALM_OK);
    for (size_t i = 0; i < n; i++)
        cr_expect(isnan(wanted[i]) ? isnan(out[i]) : fabs(out[i] - wanted[i]) < 1e-14, "%d: p[%zu] is %.17g, not %.17g",
                  (int)how, i, out[i], wanted[i]);
}

static const double p[] = {0.01, 0.04, 0.03, 0.2, 0.015};

/* Each value is the largest over all sets of hypotheses that hold it of Bonferroni's or Simes's p: 16 sets,
 * counted apart. */
Test(multiple, closed_tests)
{
    expect(MULTIPLE_HOLM, p, 5, (const double[]){0.05, 0.09, 0.09, 0.2, 0.06});
    expect(MULTIPLE_HOMMEL, p, 5, (const double[]){0.04, 0.08, 0.06, 0.2, 0.16 / 3});
}

Test(multiple, by_hand)
{
    expect(MULTIPLE_BONFERRONI, p, 5, (const double[]){0.05, 0.2, 0.15, 1, 0.075});
    expect(MULTIPLE_HOCHBERG, p, 5, (const double[]){0.05, 0.08, 0.08, 0.2, 0.06});
    expect(MULTIPLE_BH, p, 5, (const double[]){0.0375, 0.05, 0.05, 0.2, 0.0375});
    const double c = 1 + 1. / 2 + 1. / 3 + 1. / 4 + 1. / 5;
    expect(MULTIPLE_BY, p, 5, (const double[]){0.0375 * c, 0.05 * c, 0.05 * c, 0.2 * c, 0.0375 * c});
}

Test(multiple, missing_values_do_not_count)
{
    const double holes[] = {NAN, 0.01, NAN, 0.02};
    expect(MULTIPLE_HOLM, holes, 4, (const double[]){NAN, 0.02, NAN, 0.02});
    expect(MULTIPLE_BONFERRONI, holes, 4, (const double[]){NAN, 0.02, NAN, 0.04});
    expect(MULTIPLE_BH, holes, 1, (const double[]){NAN});
}

Test(multiple, one_none_and_equal_ones)
{
    for (int how = MULTIPLE_BONFERRONI; how <= MULTIPLE_BY; how++) {
        expect((enum multiple)how, p, 0, p);
        expect((enum multiple)how, p, 1, p);
        expect((enum multiple)how, (const double[]){0, 0, 1}, 3, (const double[]){0, 0, 1});
        expect((enum multiple)how, (const double[]){1, 1}, 2, (const double[]){1, 1});
    }
    expect(MULTIPLE_HOLM, (const double[]){0.02, 0.02, 0.02}, 3, (const double[]){0.06, 0.06, 0.06});
    expect(MULTIPLE_HOCHBERG, (const double[]){0.02, 0.02, 0.02}, 3, (const double[]){0.02, 0.02, 0.02});
}

Test(multiple, in_place_and_in_order_of_strictness)
{
    double out[MULTIPLE_BY + 1][5];
    for (int how = MULTIPLE_BONFERRONI; how <= MULTIPLE_BY; how++) {
        for (int i = 0; i < 5; i++)
            out[how][i] = p[i];
        cr_assert_eq(p_adjust((enum multiple)how, out[how], 5, out[how], NULL), ALM_OK);
    }
    for (int i = 0; i < 5; i++) {
        cr_expect_leq(out[MULTIPLE_HOLM][i], out[MULTIPLE_BONFERRONI][i]);
        cr_expect_leq(out[MULTIPLE_HOCHBERG][i], out[MULTIPLE_HOLM][i]);
        cr_expect_leq(out[MULTIPLE_HOMMEL][i], out[MULTIPLE_HOCHBERG][i]);
        cr_expect_leq(out[MULTIPLE_BH][i], out[MULTIPLE_HOMMEL][i]);
        cr_expect_geq(out[MULTIPLE_BH][i], p[i]);
    }
}
