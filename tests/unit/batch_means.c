/* SPDX-License-Identifier: GPL-3.0-or-later
 * batch_means: are half-widths what the formula gives, whatever was joined on the way; do they cover the truth as often as
 * they say, where sequences are correlated too; and is correlation that remains noticed?
 *
 * Meaning.  The statistical tests have fixed seeds, so they pass or fail for good; each states the chance that a right
 *           program would have failed with seeds drawn at random. */
#include "experiments/batch_means.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>

static void start(struct batch_means *b, size_t cells)
{
    struct alm_err e = {0};
    cr_assert_eq(batch_means_open(b, 2, cells, &e), ALM_OK, "%s", e.text);
}

static void put(struct batch_means *b, double above, double below)
{
    double *sum = batch_means_sum(b);
    sum[0] += above;
    sum[1] += below;
    batch_means_next(b);
}

/* 640 observations k^2 mod 97: 32 batches of 20. By hand (rational arithmetic, Student's t with 31 degrees of freedom by
 * integration of its density): mean 48.0828125 +- 4.08736969927522; over denominators 1 + k mod 3: 24.06020328381548
 * +- 2.0375052598648433. */
Test(batch_means, half_widths_by_hand)
{
    struct batch_means mean, quotient;
    start(&mean, 0);
    start(&quotient, 0);
    for (int k = 0; k < 640; k++) {
        put(&mean, k * k % 97, 1);
        put(&quotient, k * k % 97, 1 + k % 3);
    }
    cr_assert_eq(batch_means_final(&mean), 32);
    cr_assert_float_eq(batch_means_halfwidth(&mean, 0, 1), 4.08736969927522, 1e-8);
    cr_assert_float_eq(batch_means_halfwidth(&quotient, 0, 1), 2.0375052598648433, 1e-8);
    cr_assert_not(batch_means_correlated(&mean, 0, 1));
    batch_means_free(&mean);
    batch_means_free(&quotient);
}

Test(batch_means, too_few_say_nothing)
{
    struct batch_means b;
    start(&b, 0);
    for (int k = 0; k < BATCH_MEANS_LEAST; k++) {
        cr_assert(isnan(batch_means_halfwidth(&b, 0, 1)), "after %d", k);
        cr_assert_eq(batch_means_final(&b), 0);
        put(&b, k, 1);
    }
    cr_assert_gt(batch_means_halfwidth(&b, 0, 1), 0);
    batch_means_free(&b);
}

/* Whatever the number of observations, nothing is left out: the sums over all batches are those of all observations. */
Test(batch_means, joining_keeps_every_observation)
{
    for (int n = 320; n < 3000; n += 61) {
        struct batch_means b;
        double above = 0, below = 0;
        start(&b, 1);
        for (int k = 0; k < n; k++) {
            batch_means_cell(&b)[0]++;
            put(&b, k % 7, 1);
        }
        uint64_t cells = 0;
        for (size_t j = 0; j <= b.batches; j++) {
            above += b.sum[2 * j];
            below += b.sum[2 * j + 1];
            cells += b.cell[j];
        }
        double want = 0;
        for (int k = 0; k < n; k++)
            want += k % 7;
        cr_assert_eq(above, want, "%d observations", n);
        cr_assert_eq(below, (double)n);
        cr_assert_eq(cells, (uint64_t)n);
        batch_means_free(&b);
    }
}

Test(batch_means, cells_are_in_order)
{
    cr_assert_eq(batch_means_cell_of(-1), 0);
    cr_assert_eq(batch_means_cell_of(0), 0);
    size_t before = 0;
    for (int64_t v = 1; v < ((int64_t)1 << 62); v += 1 + v / 50) {
        size_t cell = batch_means_cell_of(v);
        cr_assert(cell == before || cell == before + 1, "%lld: cell %zu after %zu", (long long)v, cell, before);
        before = cell;
    }
    cr_assert_eq(batch_means_cell_of(INT64_MAX), BATCH_MEANS_CELLS - 1);
}

/* AR(1): x' = RHO x + e. Its mean is 0. Returns how many of RUNS intervals hold it, and how many raise the flag. */
static int covering(uint64_t seed, double rho, int n, int runs, int *flags)
{
    int hits = 0;
    *flags = 0;
    for (int r = 0; r < runs; r++) {
        struct alm_stream s = alm_stream_open(seed, (uint64_t)r, "ar1");
        struct batch_means b;
        start(&b, 0);
        double x = alm_stream_normal(&s) / sqrt(1 - rho * rho), total = 0;
        for (int k = 0; k < n; k++) {
            total += x;
            put(&b, x, 1);
            x = rho * x + alm_stream_normal(&s);
        }
        hits += fabs(total / n) <= batch_means_halfwidth(&b, 0, 1);
        *flags += batch_means_correlated(&b, 0, 1);
        batch_means_free(&b);
    }
    return hits;
}

/* 1000 intervals at 95 %: binomial, mean 950, standard deviation 6.9; outside of 950 +- 23 with a chance of 0.1 %. Flags
 * at 1 %: mean 10, standard deviation 3.1; more than 22 with a chance of 0.04 %. */
Test(batch_means, independent_observations_are_covered)
{
    int flags, hits = covering(11, 0, 700, 1000, &flags);
    cr_assert(hits >= 927 && hits <= 973, "%d of 1000", hits);
    cr_assert_leq(flags, 22);
    cr_assert_geq(flags, 1, "a test that never fires tests nothing");
}

/* Batches of 625 against a correlation of 0.9 a step, that is 19 independent steps: as above. */
Test(batch_means, long_batches_cover_a_correlated_sequence)
{
    int flags, hits = covering(12, 0.9, 20000, 1000, &flags);
    cr_assert(hits >= 922 && hits <= 973, "%d of 1000", hits);
}

/* Batches of 20 are too short for it: the interval fails, and the flag says so. */
Test(batch_means, short_batches_fail_and_are_flagged)
{
    int flags, hits = covering(13, 0.98, 640, 200, &flags);
    cr_assert_lt(hits, 170);
    cr_assert_gt(flags, 150);
}

/* M/M/1 at load 1/2 by Lindley's recursion. Time in system is exponential with mean 2, so its 95 % point is -2 ln 0.05. The
 * share of customers up to it is covered as the mean is. 300 runs of 10 000 customers: mean 285, standard deviation 3.8;
 * 268 or fewer by a chance of 0.01 %. The run starts empty: a bias of about 1e-3 half-widths. */
Test(batch_means, a_queue_is_covered)
{
    const int runs = 300;
    const double point = -2 * log(0.05), scale = 1e6;
    int mean = 0, share = 0;
    for (int r = 0; r < runs; r++) {
        struct alm_stream s = alm_stream_open(14, (uint64_t)r, "lindley");
        struct batch_means b;
        start(&b, BATCH_MEANS_CELLS);
        double wait = 0, total = 0;
        int n = 10000, below = 0;
        for (int k = 0; k < n; k++) {
            double service = alm_stream_exponential(&s), response = wait + service;
            wait = fmax(0, response - 2 * alm_stream_exponential(&s));
            total += response;
            below += response <= point;
            batch_means_cell(&b)[batch_means_cell_of((int64_t)(response * scale))]++;
            put(&b, response, 1);
        }
        mean += fabs(total / n - 2) <= batch_means_halfwidth(&b, 0, 1);
        share += fabs((double)below / n - 0.95) <= batch_means_share_halfwidth(&b, 0, point * scale);
        batch_means_free(&b);
    }
    cr_assert_geq(mean, 269, "%d of %d", mean, runs);
    cr_assert_lt(mean, runs, "intervals that always cover are too wide");
    cr_assert_geq(share, 265, "%d of %d", share, runs);
}
