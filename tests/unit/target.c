/* SPDX-License-Identifier: GPL-3.0-or-later
 * target: are the values of intervals those one would reckon by hand, whatever comes late, twice, or not at all? */
#include "models/target.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define NONE ((double)NAN)

static const struct alm_env env = {
    .interval = 5 * ALM_MINUTE, .sample_interval = ALM_MINUTE, .resources = ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY)};

struct rows {
    size_t count;
    alm_time at[512];
    double cpu[512], memory[512];
    uint8_t censored[512];
};

static void add(struct rows *r, double minute, double cpu, double memory, uint8_t censored)
{
    r->at[r->count] = (alm_time)(minute * (double)ALM_MINUTE);
    r->cpu[r->count] = cpu;
    r->memory[r->count] = memory;
    r->censored[r->count++] = censored;
}

/* All values that ROWS close, shown PER at a time. */
static size_t all(const struct alm_env *of, const struct rows *rows, size_t per, enum alm_statistic s,
                  struct target_value *out)
{
    struct target *t = calloc(1, target_size(of));
    size_t n = 0;
    for (size_t first = 0; first < rows->count; first += per) {
        const size_t fresh = rows->count - first < per ? rows->count - first : per;
        const struct alm_profile p = {.window = {.count = first + fresh,
                                                 .at = rows->at,
                                                 .value = {rows->cpu, rows->memory},
                                                 .censored = rows->censored},
                                      .fresh = fresh};
        size_t row = first;
        while (target_next(t, of, s, &p, &row, &out[n]))
            n++;
    }
    free(t);
    return n;
}

Test(target, mean_peak_and_censoring_of_an_interval)
{
    struct rows rows = {0};
    struct target_value v[4];
    const double cpu[] = {1, 2, 6, NONE, 3};
    for (int k = 0; k < 5; k++)
        add(&rows, 100 + k + 1, cpu[k], k == 2 ? 50 : 10, k == 1 ? ALM_BIT(ALM_CPU) : 0);
    cr_assert_eq(all(&env, &rows, 5, ALM_STAT_MEAN, v), 1);
    cr_expect_eq(v[0].slot, 21);
    cr_expect_eq(v[0].value[ALM_CPU], 3);
    cr_expect_eq(v[0].value[ALM_MEMORY], 50, "memory is a peak");
    cr_expect_eq(v[0].censored, ALM_BIT(ALM_CPU));
    cr_expect_eq(v[0].seen, 3);
    all(&env, &rows, 5, ALM_STAT_PEAK, v);
    cr_expect_eq(v[0].value[ALM_CPU], 6);
}

Test(target, batches_do_not_matter)
{
    struct rows rows = {0};
    struct target_value one[64], many[64];
    for (int k = 1; k <= 203; k++)
        add(&rows, k, k % 7 ? (double)(k % 11) : NONE, k % 13, 0);
    const size_t n = all(&env, &rows, 1, ALM_STAT_MEAN, one);
    cr_assert_eq(n, 40, "%zu", n);
    for (size_t per = 2; per < 203; per += 17) {
        cr_assert_eq(all(&env, &rows, per, ALM_STAT_MEAN, many), n);
        for (size_t k = 0; k < n; k++) {
            cr_expect_eq(one[k].value[0], many[k].value[0]);
            cr_expect_eq(one[k].value[1], many[k].value[1]);
        }
    }
}

Test(target, gaps_are_counted_and_late_samples_left_out)
{
    struct rows rows = {0};
    struct target_value v[8];
    add(&rows, 3, 1, 1, 0);  /* slot 1, not closed by itself */
    add(&rows, 24, 5, 1, 0); /* slot 5, closes 1; closed by the one at 25 */
    add(&rows, 25, 7, 1, 0);
    add(&rows, 24.5, 99, 9, 0); /* late */
    add(&rows, 27, 2, 1, 0);
    add(&rows, 31, 4, 1, 0);
    cr_assert_eq(all(&env, &rows, 6, ALM_STAT_MEAN, v), 3);
    cr_expect_eq(v[0].slot, 1);
    cr_expect_eq(v[1].slot, 5);
    cr_expect_eq(v[1].gap, 3);
    cr_expect_eq(v[1].value[0], 6);
    cr_expect_eq(v[2].slot, 6);
    cr_expect_eq(v[2].gap, 0);
    cr_expect_eq(v[2].value[0], 2, "the late one is in none");
}

/* The last sample that is expected before the end closes, though it does not lie on it. */
Test(target, closed_by_the_last_expected_sample)
{
    const struct alm_env coarse = {.interval = 5 * ALM_MINUTE, .sample_interval = 5 * ALM_MINUTE, .resources = 3};
    struct rows rows = {0};
    struct target_value v[4];
    add(&rows, 2, 1, 1, 0);
    add(&rows, 7, 3, 1, 0);
    cr_assert_eq(all(&coarse, &rows, 1, ALM_STAT_MEAN, v), 2);
    cr_expect_eq(v[1].value[0], 3);
}

/* By sorting: nearest rank, ceil(0.95 n). */
Test(target, percentile_by_nearest_rank)
{
    const struct alm_env hour = {.interval = ALM_HOUR, .sample_interval = 10 * ALM_SECOND, .resources = 1};
    for (int n = 1; n <= 360; n += 13) {
        struct rows rows = {0};
        struct target_value v[4];
        for (int k = 0; k < n; k++) /* a permutation of 1..n, where n is no multiple of 7 */
            add(&rows, (3600 - 10.0 * (n - 1 - k)) / 60, n % 7 ? (k * 7) % n + 1 : k + 1, 1, 0);
        cr_assert_eq(all(&hour, &rows, (size_t)n, ALM_STAT_P95, v), 1);
        cr_expect_eq(v[0].value[0], (19 * n + 19) / 20, "n %d: %g", n, v[0].value[0]);
    }
}

Test(target, slots_of_a_duration)
{
    cr_expect_eq(target_slots(&env, ALM_DAY), 288);
    cr_expect_eq(target_slots(&env, 1), 1);
    cr_expect_eq(target_slots(&env, 7 * ALM_MINUTE), 1);
    cr_expect_eq(target_slots(&env, 8 * ALM_MINUTE), 2);
}
