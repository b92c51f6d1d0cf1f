/* SPDX-License-Identifier: GPL-3.0-or-later
 * histogram: do buckets, fading, order statistics and Vertical Pod Autoscaler amounts agree with hand-worked numbers? */
#include "models/quantile.h"
#include "models/vpa_estimator.h"

#include "almanac/resource.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void expect_near(double got, double wanted)
{
    cr_expect_lt(fabs(got - wanted), 1e-9 * fmax(1, fabs(wanted)), "%.17g, expected %.17g", got, wanted);
}

Test(histogram, buckets)
{
    struct alm_vpa_learning l = alm_vpa_learning_default();
    const struct alm_buckets *cpu = &l.buckets[ALM_CPU];
    cr_expect_eq(cpu->count, 176);
    cr_expect_eq(l.buckets[ALM_MEMORY].count, 176);
    expect_near(alm_bucket_start(cpu, 2), 0.01 * (1.05 + 1));
    cr_expect_eq(alm_bucket_find(cpu, -1), 0);
    cr_expect_eq(alm_bucket_find(cpu, 0.0099), 0);
    cr_expect_eq(alm_bucket_find(cpu, 0.0101), 1);
    cr_expect_eq(alm_bucket_find(cpu, 1e30), 175);
    for (int b = 0; b < cpu->count - 1; b++) {
        double middle = (alm_bucket_start(cpu, b) + alm_bucket_end(cpu, b)) / 2;
        cr_expect_eq(alm_bucket_find(cpu, middle), b, "%g is in bucket %d", middle, alm_bucket_find(cpu, middle));
    }
    expect_near(alm_bucket_end(cpu, 175), alm_bucket_start(cpu, 175));
}

Test(histogram, wrong_buckets_are_refused)
{
    struct alm_buckets k = {.count = -7};
    struct alm_err e = {0};
    cr_expect_eq(alm_buckets_linear(0, 1, 1e-4, &k, &e), ALM_EINVAL);
    cr_expect_eq(alm_buckets_exponential(10, 1, 1, 1e-4, &k, &e), ALM_EINVAL);
    cr_expect_eq(alm_buckets_exponential(10, NAN, 1.05, 1e-4, &k, &e), ALM_EINVAL);
    cr_expect_eq(alm_buckets_linear(1e9, 1, 1e-4, &k, &e), ALM_EINVAL);
    cr_expect_eq(k.count, -7, "the output was touched");
}

static struct alm_histogram *new_histogram(const struct alm_buckets *k)
{
    struct alm_histogram *h = malloc(alm_histogram_size(k));
    alm_histogram_init(k, h);
    return h;
}

Test(histogram, percentiles_report_the_end_of_a_bucket)
{
    struct alm_buckets k;
    cr_assert_eq(alm_buckets_linear(10, 1, 1e-9, &k, NULL), 0);
    struct alm_histogram *h = new_histogram(&k);
    expect_near(alm_histogram_percentile(&k, h, 0.5), 0);
    alm_histogram_add(&k, h, 1.5, 1);
    alm_histogram_add(&k, h, 4.5, 2);
    alm_histogram_add(&k, h, 99, 1);
    expect_near(alm_histogram_percentile(&k, h, 0), 2);
    expect_near(alm_histogram_percentile(&k, h, 0.25), 2);
    expect_near(alm_histogram_percentile(&k, h, 0.26), 5);
    expect_near(alm_histogram_percentile(&k, h, 0.75), 5);
    expect_near(alm_histogram_percentile(&k, h, 0.76), 10);
    double p[3] = {0.1, 0.5, 2};
    int bucket[3];
    alm_histogram_find(h, p, 3, bucket);
    cr_expect(bucket[0] == 1 && bucket[1] == 4 && bucket[2] == 10);
    alm_histogram_subtract(&k, h, 99, 1);
    expect_near(alm_histogram_percentile(&k, h, 1), 5);
    free(h);
}

Test(histogram, old_values_fade)
{
    struct alm_buckets k;
    cr_assert_eq(alm_buckets_linear(10, 1, 1e-9, &k, NULL), 0);
    struct alm_histogram *h = new_histogram(&k);
    alm_decaying_add(&k, h, ALM_HOUR, 1.5, 4, 0);
    alm_decaying_add(&k, h, ALM_HOUR, 4.5, 1, 2 * ALM_HOUR);
    expect_near(h->weight[4], h->weight[1]);
    expect_near(alm_histogram_percentile(&k, h, 0.5), 2);
    alm_decaying_add(&k, h, ALM_HOUR, 4.5, 0.1, 2 * ALM_HOUR);
    expect_near(alm_histogram_percentile(&k, h, 0.5), 5);
    alm_decaying_add(&k, h, ALM_HOUR, 7.5, 1, 500 * ALM_HOUR);
    expect_near(alm_histogram_percentile(&k, h, 0), 8);
    expect_near(h->total, 1);
    free(h);
}

Test(histogram, reference_is_rounded_from_the_year_one)
{
    struct alm_buckets k;
    cr_assert_eq(alm_buckets_linear(10, 1, 1e-9, &k, NULL), 0);
    struct alm_histogram *h = new_histogram(&k);
    alm_decaying_add(&k, h, ALM_DAY, 1, 1, 13 * ALM_HOUR);
    cr_expect_eq(h->reference, ALM_DAY);
    expect_near(h->weight[1], exp2(-11.0 / 24));
    alm_histogram_init(&k, h);
    /* The Unix epoch lies 62135596800 s after the year 1. */
    alm_decaying_add(&k, h, 7 * ALM_SECOND, 1, 1, 0);
    cr_expect_eq(h->reference, (62135596800 % 7 * 2 < 7 ? -(62135596800 % 7) : 7 - 62135596800 % 7) * ALM_SECOND);
    free(h);
}

Test(histogram, quantiles)
{
    const double x[] = {1, 2, 4, 8, 16};
    expect_near(alm_quantile_type7(x, 5, 0), 1);
    expect_near(alm_quantile_type7(x, 5, 1), 16);
    expect_near(alm_quantile_type7(x, 5, 0.5), 4);
    expect_near(alm_quantile_type7(x, 5, 0.95), 8 + 0.8 * 8);
    expect_near(alm_quantile_type7(x, 1, 0.3), 1);
    expect_near(alm_quantile_nearest_rank(x, 5, 0.2), 1);
    expect_near(alm_quantile_nearest_rank(x, 5, 0.21), 2);
    expect_near(alm_quantile_nearest_rank(x, 5, 1), 16);
    expect_near(alm_quantile_nearest_rank(x, 5, 0), 1);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Both windows against sorting the last values anew, at every step, with many ties. */
Test(histogram, sliding_windows_agree_with_sorting)
{
    enum { N = 3000 };
    static double x[N], last[64];
    static const size_t capacities[] = {1, 2, 3, 17, 64};
    uint64_t seed = 42;
    for (size_t k = 0; k < N; k++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        x[k] = (double)((seed >> 40) % 50) + (k / 500 % 2 ? (double)k : 0);
    }
    for (size_t c = 0; c < sizeof capacities / sizeof capacities[0]; c++) {
        size_t capacity = capacities[c];
        struct alm_sorted_window *w = malloc(alm_sorted_window_size(capacity));
        struct alm_peak_window *p = malloc(alm_peak_window_size(capacity));
        alm_sorted_window_init(w, capacity);
        alm_peak_window_init(p, capacity);
        for (size_t k = 0; k < N; k++) {
            size_t n = k + 1 < capacity ? k + 1 : capacity;
            alm_sorted_window_put(w, x[k]);
            alm_peak_window_put(p, x[k]);
            memcpy(last, x + k + 1 - n, n * sizeof *x);
            qsort(last, n, sizeof *last, by_value);
            cr_assert(w->count == n && memcmp(last, alm_sorted_window_view(w), n * sizeof *last) == 0,
                      "capacity %zu, value %zu", capacity, k);
            cr_assert_eq(alm_peak_window_max(p), last[n - 1], "capacity %zu, value %zu", capacity, k);
        }
        free(w);
        free(p);
    }
}

Test(histogram, vpa_amounts)
{
    cr_expect_eq(alm_vpa_amount(-1), 0);
    cr_expect_eq(alm_vpa_amount(NAN), 0);
    cr_expect_eq(alm_vpa_amount(1e300), ALM_AMOUNT_MAX);
    cr_expect_eq(alm_vpa_millicores(0.0019999), 1);
    cr_expect_eq(alm_vpa_with_margin(7, 0.15), 8, "7 + trunc(1.05)");
    cr_expect_eq(alm_vpa_with_margin(39, 0.15), 44, "39 + trunc(5.85), not trunc(44.85)");
    expect_near(alm_vpa_confidence(0, ALM_HOUR, 60, ALM_DAY), 1.0 / 24);
    expect_near(alm_vpa_confidence(0, ALM_DAY, 12, ALM_DAY), 12.0 / 1440);
    expect_near(alm_vpa_confidence(0, 0, 0, ALM_DAY), 0);
    cr_expect_eq(alm_vpa_with_factor(0, alm_vpa_factor(0, 1, 1)), ALM_AMOUNT_MAX);
    cr_expect_eq(alm_vpa_with_factor(1000, alm_vpa_factor(0, 0.001, -2)), 0);
    cr_expect_eq(alm_vpa_with_factor(1000, alm_vpa_factor(1, 1, 1)), 2000);
    int64_t least[2];
    alm_vpa_minimum(25, 262144000, 3, least);
    cr_expect_eq(least[0], 8);
    cr_expect_eq(least[1], 87381333);
}

Test(histogram, vpa_memory_windows)
{
    struct alm_vpa_learning l = alm_vpa_learning_default();
    struct alm_vpa_state *s = calloc(1, alm_vpa_state_size(&l));
    alm_vpa_state_init(&l, s);
    const alm_time t = 1000 * ALM_DAY + 3 * ALM_HOUR;
    cr_expect_eq(alm_vpa_add_memory(&l, s, t, 100000000), true);
    cr_expect_eq(s->window_end, t + ALM_DAY);
    cr_expect_eq(alm_vpa_add_memory(&l, s, t + ALM_HOUR, 50000000), true);
    cr_expect_eq(s->peak, 100000000);
    cr_expect_eq(alm_vpa_add_memory(&l, s, t, 1), false, "older than the newest");
    cr_expect_eq(alm_vpa_add_memory(&l, s, t + 5 * ALM_DAY + ALM_HOUR, 70000000), true);
    cr_expect_eq(s->window_end, t + 6 * ALM_DAY, "the grid survives a gap");
    cr_expect_eq(alm_vpa_add_oom(&l, s, t + 5 * ALM_DAY + 2 * ALM_HOUR, 60000000), true);
    cr_expect_eq(s->oom_peak, 70000000 + 104857600, "the peak of the window plus 100 MiB");
    cr_expect_eq(alm_vpa_add_oom(&l, s, t, 60000000), false, "stale");
    cr_expect_eq(alm_vpa_add_memory(&l, s, t + 6 * ALM_DAY, 0), true);
    cr_expect_eq(alm_vpa_add_memory(&l, s, t + 6 * ALM_DAY + 1, 90000000), true);
    cr_expect_eq(s->peak, 0, "a window that opens with 0 bytes ignores its later samples");
    free(s);
}
