/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantiles: is every quantile within 0.1 % of the one of the sorted values, exact where it is said to be, and does merging
 * give what adding would have? */
#include "experiments/quantiles.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 20000

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void add(struct quantiles *q, const int64_t *value, size_t n)
{
    struct alm_err e = {0};
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(quantiles_add(q, value[i], &e), ALM_OK, "%s", e.text);
}

/* Values over many orders of magnitude, with ties. */
static int64_t draw(struct alm_stream *s)
{
    double u = alm_stream_uniform(s);
    return u < 0.1 ? 1000000 : (int64_t)exp(42 * alm_stream_uniform(s));
}

Test(quantiles, near_the_sorted_value)
{
    struct alm_stream s = alm_stream_open(1, 0, "quantiles");
    struct quantiles q = {0};
    int64_t *value = calloc(N, sizeof *value);
    for (size_t i = 0; i < N; i++)
        value[i] = draw(&s);
    add(&q, value, N);
    qsort(value, N, sizeof *value, by_value);
    for (int k = 0; k <= 1000; k++) {
        double share = k / 1000.0;
        size_t rank = (size_t)ceil(share * N);
        double want = (double)value[rank ? rank - 1 : 0], got = quantiles_at(&q, share);
        cr_assert_leq(fabs(got - want), 0.001 * want, "at %g: %.17g, not %.17g", share, got, want);
        if (want < 1024)
            cr_assert_eq(got, want, "small numbers are exact");
    }
    cr_assert_eq(quantiles_at(&q, 1), (double)value[N - 1]);
    quantiles_free(&q);
    free(value);
}

/* A value with neighbours on the other side of each border of an octave. */
Test(quantiles, borders_of_octaves)
{
    for (int k = 0; k < 63; k++)
        for (int d = -1; d <= 1; d++) {
            int64_t value = ((int64_t)1 << k) + d;
            struct quantiles q = {0};
            int64_t three[] = {0, value, INT64_MAX};
            add(&q, three, 3);
            double got = quantiles_at(&q, 0.5);
            cr_assert_leq(fabs(got - (double)value), (double)value / 1024, "%lld became %.17g", (long long)value, got);
            cr_assert_eq(quantiles_at(&q, 1), (double)INT64_MAX);
            quantiles_free(&q);
        }
}

Test(quantiles, merging_is_adding_in_any_order)
{
    struct alm_stream s = alm_stream_open(2, 0, "quantiles");
    struct quantiles all = {0}, part[3] = {{0}}, forth = {0}, back = {0};
    struct alm_err e = {0};
    for (size_t i = 0; i < N; i++) {
        int64_t value = draw(&s);
        add(&all, &value, 1);
        add(&part[i % 3], &value, 1);
    }
    for (int k = 0; k < 3; k++) {
        cr_assert_eq(quantiles_merge(&forth, &part[k], &e), ALM_OK);
        cr_assert_eq(quantiles_merge(&back, &part[2 - k], &e), ALM_OK);
    }
    for (int k = 0; k < QUANTILES_OCTAVES; k++) {
        cr_assert_eq(!all.octave[k], !forth.octave[k]);
        if (!all.octave[k])
            continue;
        size_t size = QUANTILES_BUCKETS * sizeof *all.octave[k];
        cr_assert_eq(memcmp(all.octave[k], forth.octave[k], size), 0);
        cr_assert_eq(memcmp(all.octave[k], back.octave[k], size), 0);
    }
    cr_assert_eq(all.count, back.count);
    cr_assert_eq(all.largest, back.largest);
    struct quantiles *each[] = {&all, &part[0], &part[1], &part[2], &forth, &back};
    for (size_t k = 0; k < sizeof each / sizeof *each; k++)
        quantiles_free(each[k]);
}

Test(quantiles, nothing_one_and_what_is_below_nothing)
{
    struct quantiles q = {0};
    cr_assert(isnan(quantiles_at(&q, 0.5)));
    add(&q, (int64_t[]){-5}, 1);
    cr_assert_eq(quantiles_at(&q, 0.99), 0);
    add(&q, (int64_t[]){7}, 1);
    cr_assert_eq(quantiles_at(&q, 0), 0);
    cr_assert_eq(quantiles_at(&q, 0.5), 0);
    cr_assert_eq(quantiles_at(&q, 0.51), 7);
    quantiles_free(&q);
}
