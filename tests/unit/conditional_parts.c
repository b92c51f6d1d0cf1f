/* SPDX-License-Identifier: GPL-3.0-or-later
 * conditional_parts: do features, log-linear, trees, neighbours and residual quantiles give what R and a pencil give?
 *
 * Source.   Numbers of R 4.2 over the table below: lm, ridge by its formulas, rpart with cp = 1e-12 and no cross-validation. */
#include "models/regression/conditional_choice.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { ROWS = 40, SHOWN = 5 };
static const size_t shown[SHOWN] = {0, 1, 10, 23, 39};

/* a = 1 + 7 i mod 13, b = 1 + 5 i mod 11, y = a^0.7 b^0.3 (1 + 0.05 (3 i mod 7)); t = log y. */
struct made {
    double x[ROWS * 2], t[ROWS], z[ROWS * FEATURES];
    uint32_t row[ROWS];
    struct features f;
    struct regression_rows d;
};

static void make(struct made *m)
{
    static const bool category[2] = {false, false};
    struct alm_err e = {0};
    for (size_t i = 0; i < ROWS; i++) {
        const double a = 1 + (double)(7 * i % 13), b = 1 + (double)(5 * i % 11);
        m->x[2 * i] = a;
        m->x[2 * i + 1] = b;
        m->t[i] = log(pow(a, 0.7) * pow(b, 0.3) * (1 + 0.05 * (double)(3 * i % 7)));
        m->row[i] = (uint32_t)i;
    }
    const struct regression_table t = {ROWS, 2, m->x, category, m->t, NULL};
    cr_assert_eq(features_learn(&m->f, &t, &e), ALM_OK);
    cr_assert_eq(m->f.count, 2);
    for (size_t i = 0; i < ROWS; i++)
        features_of(&m->f, m->x + 2 * i, m->z + i * m->f.count);
    m->d = (struct regression_rows){&m->f, m->z, m->t, m->row, ROWS};
}

Test(conditional_parts, log_linear_agrees_with_r)
{
    static const double fitted[SHOWN] = {0.1073634375, 2.1348473893, 1.9795314959, 1.9315347470, 0.7914968876};
    struct made m;
    struct log_linear l;
    struct alm_err e = {0};
    make(&m);
    cr_assert_eq(log_linear_fit(&l, &m.d, false, &e), ALM_OK);
    cr_assert_eq(l.columns, 2);
    /* of the penalties on the list 1e-5 has the least leave-one-out error in R: 0.38056 */
    cr_expect_float_eq(l.column[0].beta, 0.5477236825, 1e-9, "%.12f", l.column[0].beta);
    cr_expect_float_eq(l.column[1].beta, 0.2244501179, 1e-9, "%.12f", l.column[1].beta);
    cr_expect_float_eq(l.r2, 0.969722573, 1e-8);
    for (size_t i = 0; i < SHOWN; i++)
        cr_expect_float_eq(log_linear_value(&l, m.z + shown[i] * 2), fitted[i], 5e-5);
}

Test(conditional_parts, pairs_find_a_product)
{
    struct made m;
    struct log_linear plain, pairs;
    struct alm_err e = {0};
    make(&m);
    for (size_t i = 0; i < ROWS; i++)
        m.t[i] = 1 + 0.5 * m.z[2 * i] * m.z[2 * i + 1] + 0.2 * m.z[2 * i];
    cr_assert_eq(log_linear_fit(&plain, &m.d, false, &e), ALM_OK);
    cr_assert_eq(log_linear_fit(&pairs, &m.d, true, &e), ALM_OK);
    cr_expect_lt(plain.r2, 0.6);
    cr_expect_gt(pairs.r2, 0.9999999);
}

Test(conditional_parts, trees_agree_with_rpart)
{
    static const struct {
        size_t least, leaves;
        double left, value[SHOWN];
    } want[] = {
        {3, 13, 0.8471981993, {0.6308916888, 2.0417194198, 1.9786312320, 1.9786312320, 0.6308916888}},
        {5, 6, 2.2679850809, {0.9215162177, 2.0890258053, 1.9590277104, 1.9590277104, 0.9215162177}},
    };
    struct made m;
    struct regression_tree *t = malloc(sizeof *t);
    struct alm_err e = {0};
    make(&m);
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        double left = 0;
        size_t leaves = 0;
        cr_assert_eq(regression_tree_fit(t, &m.d, want[k].least, &e), ALM_OK);
        for (size_t i = 0; i < t->nodes; i++)
            leaves += t->node[i].feature == FEATURES;
        for (size_t i = 0; i < ROWS; i++)
            left += pow(m.t[i] - regression_tree_value(t, m.z + 2 * i), 2);
        cr_expect_eq(leaves, want[k].leaves, "%zu leaves", leaves);
        cr_expect_float_eq(left, want[k].left, 1e-9, "%.12f", left);
        for (size_t i = 0; i < SHOWN; i++)
            cr_expect_float_eq(regression_tree_value(t, m.z + shown[i] * 2), want[k].value[i], 1e-9);
    }
    free(t);
}

/* Five rows at 1, 2, 2, 4, 8 of one number, whose logs are 0, 1, 1, 2, 3 times log 2. */
Test(conditional_parts, neighbours_take_ties_together)
{
    static const double x[5] = {1, 2, 2, 4, 8}, t[5] = {10, 20, 40, 50, 70};
    static const uint32_t row[5] = {0, 1, 2, 3, 4};
    static const bool category[1] = {false};
    const struct regression_table table = {5, 1, x, category, t, NULL};
    struct features f;
    struct alm_err e = {0};
    double z[5], at[1];
    cr_assert_eq(features_learn(&f, &table, &e), ALM_OK);
    for (size_t i = 0; i < 5; i++)
        features_of(&f, x + i, z + i);
    const struct regression_rows d = {&f, z, t, row, 5};
    struct neighbour_metric w;
    struct neighbours n;
    neighbour_metric(&w, &d, NULL);
    features_of(&f, (double[]){1.2}, at);
    neighbours_find(&n, &d, &w, x, 1, at, (double[]){1.2});
    cr_expect_eq(n.groups, 4);
    cr_expect_eq(neighbours_mean(&n, 1), 10);
    cr_expect_float_eq(neighbours_mean(&n, 2), 70.0 / 3, 1e-12, "both at 2 come along");
    cr_expect_float_eq(neighbours_mean(&n, 3), 70.0 / 3, 1e-12);
    cr_expect_float_eq(neighbours_mean(&n, 4), 30, 1e-12);
    cr_expect_float_eq(neighbours_mean(&n, 30), 38, 1e-12, "no more than there are");
}

Test(conditional_parts, a_category_parts_neighbours)
{
    static const double x[8] = {0, 5, 0, 6, 1, 5, 1, 6}, t[4] = {1, 2, 3, 4};
    static const uint32_t row[4] = {0, 1, 2, 3};
    static const bool category[2] = {true, false};
    const struct regression_table table = {4, 2, x, category, t, NULL};
    struct features f;
    struct alm_err e = {0};
    double z[4 * FEATURES], at[FEATURES];
    cr_assert_eq(features_learn(&f, &table, &e), ALM_OK);
    cr_expect_eq(f.codes, 1);
    for (size_t i = 0; i < 4; i++)
        features_of(&f, x + 2 * i, z + i * f.count);
    const struct regression_rows d = {&f, z, t, row, 4};
    struct neighbour_metric w;
    struct neighbours n;
    neighbour_metric(&w, &d, NULL);
    features_of(&f, (double[]){1, 5}, at);
    neighbours_find(&n, &d, &w, x, 2, at, (double[]){1, 5});
    cr_expect_eq(neighbours_mean(&n, 1), 3);
    features_of(&f, (double[]){7, 6}, at);
    neighbours_find(&n, &d, &w, x, 2, at, (double[]){7, 6});
    cr_expect_eq(neighbours_mean(&n, 1), 3, "of a level never seen all with this number");
}

Test(conditional_parts, features_of_awkward_columns)
{
    /* all positive; one 0; never varies; a category of one level; not always given; mostly infinite */
    static const double x[4 * 6] = {1,   0, 3, 2, 5, INFINITY, 10,   2, 3, 2, NAN, INFINITY,
                                    100, 4, 3, 2, 7, 1,        1000, 9, 3, 2, NAN, 2};
    static const bool category[6] = {false, false, false, true, false, false};
    static const double y[4] = {1, 2, 3, 4};
    const struct regression_table t = {4, 6, x, category, y, NULL};
    struct features f;
    struct alm_err e = {0};
    double z[FEATURES];
    cr_assert_eq(features_learn(&f, &t, &e), ALM_OK);
    cr_assert_eq(f.numbers, 4);
    cr_assert_eq(f.count, 6);
    cr_expect_eq(f.codes, 0);
    cr_expect_eq(f.at[0].kind, FEATURE_LOG);
    cr_expect_eq(f.at[1].kind, FEATURE_ASINH);
    cr_expect_eq(f.at[1].unit, 4, "median size of 2, 4, 9");
    cr_expect_eq(f.at[4].kind, FEATURE_ABSENT);
    features_of(&f, x, z);
    /* logs to base 10: 0, 1, 2, 3, of mean 1.5 and variance 1.25 */
    cr_expect_float_eq(z[0], -1.5 / sqrt(1.25), 1e-12);
    cr_expect_float_eq(z[4], -1, 1e-12, "given, as half of the rows: 0 of mean 1/2 and scale 1/2");
    const double odd[6] = {NAN, -1e308, 1e308, NAN, -1, -INFINITY};
    features_of(&f, odd, z);
    for (size_t j = 0; j < f.count; j++)
        cr_expect(isfinite(z[j]), "feature %zu of odd values: %g", j, z[j]);
}

static double quantile_of(const struct residual *r, size_t n, double p, double *stated)
{
    struct residual sorted[16];
    double value[16], share[16];
    struct residual_law law = {.value = value, .share = share};
    memcpy(sorted, r, n * sizeof *r);
    residual_law(sorted, n, &law);
    return residual_quantile(&law, p, stated);
}

Test(conditional_parts, residual_quantiles_are_order_statistics)
{
    static const struct residual r[9] = {{4, false}, {-2, false}, {-1, false}, {0, false}, {5, false},
                                         {2, false}, {3, false},  {1, false},  {-3, false}};
    double stated;
    /* (n + 1) p = 9: the last; 9.5 is beyond it */
    cr_expect_eq(quantile_of(r, 9, 0.9, &stated), 5);
    cr_expect_eq(stated, 0.9);
    cr_expect_eq(quantile_of(r, 9, 0.95, &stated), 10);
    cr_expect_float_eq(stated, 0.9, 1e-12);
    cr_expect_eq(quantile_of(r, 9, 0.81, &stated), 5, "the 8.1th is the ninth");
    cr_expect_eq(quantile_of(r, 9, 0.1, &stated), -3);
    cr_expect_eq(quantile_of(r, 9, 0.19, &stated), -3);
    cr_expect_eq(quantile_of(r, 9, 0.05, &stated), -6);
    cr_expect_float_eq(stated, 0.1, 1e-12);
    cr_expect_eq(quantile_of(r, 9, 0.5, &stated), 1);
    cr_expect_eq(quantile_of(r, 0, 0.5, &stated), log(2.0));
    cr_expect_eq(stated, 0);
}

/* Each of four and the one to come have a fifth. That of the bound at 0 goes in three to 1, the bound at 2 and the one to come:
 * 1/5 lies at or below -1, and 1/5 + 1/5 + 1/15 = 7/15 at or below 1. */
Test(conditional_parts, a_bound_gives_its_share_to_those_above)
{
    static const struct residual r[4] = {{1, false}, {0, true}, {-1, false}, {2, true}};
    double stated;
    cr_expect_eq(quantile_of(r, 4, 0.2, &stated), -1);
    cr_expect_eq(quantile_of(r, 4, 0.46, &stated), -1, "below the median it is rounded down");
    cr_expect_eq(quantile_of(r, 4, 0.468, &stated), 1);
    cr_expect_eq(quantile_of(r, 4, 0.9, &stated), 4, "nothing known is so high: the largest times 2");
    cr_expect_float_eq(stated, 7.0 / 15, 1e-12);
    cr_expect_eq(quantile_of(r + 1, 1, 0.9, &stated), log(2.0), "only bounds: twice the model");
    cr_expect_eq(stated, 0);
}
