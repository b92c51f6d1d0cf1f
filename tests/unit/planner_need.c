/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_need: is a fleet that is known in full counted right over time, and money and savings as by hand? */
#include "experiments/planner/planner_saving.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define H ALM_HOUR
#define UNITS 3
#define STEPS 5
#define GIB ((int64_t)1 << 30)

/* Machines of 4 cores, 8 GiB. In hours: a has 3 cores, 2 GiB from 0 to 10; b 1 core, 2 GiB from 0, 2 cores from 4 to 8; c takes
 * b's place at 8 with 1 core, 7 GiB, to 10. So one machine up to 4; then 3 + 2 cores need two; from 8 on 9 GiB need two. */
static struct planner_unit unit[UNITS];
static struct planner_step step[STEPS];
static struct planner_limits fleet;

static void make_fleet(void)
{
    const alm_time from[UNITS] = {0, 0, 8 * H}, end[UNITS] = {10 * H, 8 * H, 10 * H};
    static char name[UNITS][2] = {"a", "b", "c"};
    for (int i = 0; i < UNITS; i++)
        unit[i] = (struct planner_unit){.name = name[i], .from = from[i], .end = end[i], .limited = 3};
    unit[0].hours[0] = 30, unit[0].hours[1] = 20.0 * GIB;
    unit[1].hours[0] = 4 + 8, unit[1].hours[1] = 16.0 * GIB;
    unit[2].hours[0] = 2, unit[2].hours[1] = 14.0 * GIB;
    step[0] = (struct planner_step){0, 0, 0, {{3000, 2 * GIB}}};
    step[1] = (struct planner_step){0, 1, 0, {{1000, 2 * GIB}}};
    step[2] = (struct planner_step){4 * H, 1, 1, {{2000, 2 * GIB}}};
    step[3] = (struct planner_step){6 * H, 1, 2, {{2000, 2 * GIB}}}; /* nothing changes */
    step[4] = (struct planner_step){8 * H, 2, 0, {{1000, 7 * GIB}}};
    fleet =
        (struct planner_limits){.units = UNITS, .steps = STEPS, .unit = unit, .step = step, .from = 0, .end = 10 * H};
}

TestSuite(planner_need, .init = make_fleet);

static struct planner_need find(struct planner_machine machine, double headroom)
{
    struct planner_need n;
    struct alm_err e = {0};
    cr_assert_eq(planner_need_find(&fleet, &machine, headroom, NULL, &n, &e), ALM_OK, "%s", e.text);
    return n;
}

static const struct planner_machine small = {.name = "small", .cores = 4, .memory = 8.0 * GIB, .price = 0.5};

Test(planner_need, a_known_fleet)
{
    struct planner_need n = find(small, 0);
    cr_expect_eq(n.peak, 2);
    cr_expect_eq(n.peak_low, 2);
    cr_expect_eq(n.peak_at, 4 * H);
    cr_expect_float_eq(n.mean, (4 * 1 + 6 * 2) / 10.0, 1e-12);
    cr_expect_eq(n.p95, 2);
    cr_expect_eq(n.too_large, 0);
    cr_expect_eq(n.packings, 4, "at 0, 4, 8 and when all leave, not at 6: %llu", (unsigned long long)n.packings);
    cr_assert_eq(n.points, 3);
    cr_expect(n.point[0].at == 0 && n.point[1].at == 4 * H && n.point[2].at == 10 * H);
    cr_expect_eq(n.point[2].high, 0);
    free(n.point);
}

/* b leaves and c comes at 8: on machines of 6 cores and 9 GiB one is enough all the time, unless both are counted at 8. */
Test(planner_need, who_leaves_makes_room_for_who_comes)
{
    struct planner_need n = find((struct planner_machine){.name = "m", .cores = 6, .memory = 9.0 * GIB}, 0);
    cr_expect_eq(n.peak, 1);
    free(n.point);
}

Test(planner_need, headroom_counts)
{
    struct planner_size left = planner_capacity(&(struct planner_machine){.cores = 64, .memory = 1000}, 0.1);
    cr_expect_eq(left.of[0], 57600);
    cr_expect_eq(left.of[1], 900);
    struct planner_need n = find(small, 0.1); /* 3.6 cores: a and b no longer fit together */
    cr_expect_eq(n.peak_at, 0);
    cr_expect_eq(n.peak, 2);
    free(n.point);
}

Test(planner_need, a_unit_larger_than_a_machine_is_named)
{
    struct planner_need n = find((struct planner_machine){.name = "m", .cores = 2, .memory = 2.0 * GIB}, 0);
    cr_expect_eq(n.too_large, 2);
    cr_expect_str_eq(unit[n.largest].name, "c", "7 GiB of 2 is more than 3 cores of 2");
    free(n.point);
}

Test(planner_need, no_room_beside_the_headroom)
{
    struct planner_need n;
    struct alm_err e = {0};
    struct planner_machine m = {.name = "mite", .cores = 0.001, .memory = 10};
    cr_expect_eq(planner_need_find(&fleet, &m, 0.5, NULL, &n, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "mite") != NULL, "%s", e.text);
}

Test(planner_need, an_interrupt_ends_it)
{
    struct planner_need n;
    struct alm_err e = {0};
    const volatile int stop = 1;
    cr_expect_eq(planner_need_find(&fleet, &small, 0, &stop, &n, &e), ALM_EINTR);
}

Test(planner_need, percentiles_by_time)
{
    struct planner_weighed value[] = {{30, 1}, {10, 94}, {20, 5}};
    cr_expect_eq(planner_percentile(value, 3, 0.94), 10);
    cr_expect_eq(planner_percentile(value, 3, 0.95), 20);
    cr_expect_eq(planner_percentile(value, 3, 1), 30);
    cr_expect_eq(planner_percentile(value, 3, 0), 10);
}

/* Today: 40, 20, 10 core-hours and 10, 10, 60 GiB-hours; policy as the fleet above: 30, 12, 2 and 20, 16, 14. At 0.1 a core-hour
 * and 0.05 a GiB-hour: 7 + 4 = 11 today; 4.4 + 2.5 = 6.9. */
Test(planner_need, money_by_hand)
{
    static struct planner_unit before[UNITS];
    const double today[UNITS][2] = {{40, 10.0 * GIB}, {20, 10.0 * GIB}, {10, 60.0 * GIB}};
    const struct planner_prices prices = {.cpu = 0.1, .memory = 0.05};
    struct planner p = {.units = UNITS};
    struct alm_err e = {0};
    for (int i = 0; i < UNITS; i++) {
        before[i] = unit[i];
        memcpy(before[i].hours, today[i], sizeof today[i]);
    }
    p.side[PLANNER_TODAY].there = p.side[PLANNER_POLICY].there = true;
    p.side[PLANNER_TODAY].limits = (struct planner_limits){.units = UNITS, .unit = before};
    p.side[PLANNER_POLICY].limits = fleet;
    cr_assert_eq(planner_savings(&p, &prices, 1, &e), ALM_OK, "%s", e.text);
    const struct planner_side *policy = &p.side[PLANNER_POLICY];
    cr_expect_float_eq(p.side[PLANNER_TODAY].total[PLANNER_MONEY], 11, 1e-12);
    cr_expect_float_eq(policy->total[PLANNER_CORE_HOURS], 44, 1e-12);
    cr_expect_float_eq(policy->total[PLANNER_GIB_HOURS], 50, 1e-12);
    cr_expect_float_eq(policy->total[PLANNER_MONEY], 6.9, 1e-12);
    const struct planner_saving *s = &policy->saving[PLANNER_MONEY];
    cr_expect_float_eq(s->amount.value, 4.1, 1e-12);
    cr_expect_float_eq(s->share.value, 4.1 / 11, 1e-12);
    /* By unit 0.5, 0.5 and 3.1: a sum of three of them lies between 1.5 and 9.3. */
    cr_expect(s->amount.low >= 1.5 - 1e-9 && s->amount.low < 4.1 && s->amount.high > 4.1 &&
                  s->amount.high <= 9.3 + 1e-9,
              "[%g, %g]", s->amount.low, s->amount.high);
    cr_expect(isnan(p.side[PLANNER_ORACLE].saving[PLANNER_MONEY].amount.value));

    uint32_t order[UNITS];
    size_t n;
    cr_assert_eq(planner_order(&p, &prices, order, &n, &e), ALM_OK, "%s", e.text);
    cr_expect(n == 3 && order[0] == 2 && order[1] == 0 && order[2] == 1, "saved 3.1, then 0.5 each in order");
}

/* Where every unit saves the same share, every fleet of such units does. */
Test(planner_need, an_interval_of_what_does_not_vary_has_no_width)
{
    static struct planner_unit before[UNITS];
    struct planner p = {.units = UNITS};
    struct alm_err e = {0};
    for (int i = 0; i < UNITS; i++) {
        before[i] = unit[i];
        before[i].hours[0] = 4 * unit[i].hours[0];
    }
    p.side[PLANNER_TODAY].there = p.side[PLANNER_POLICY].there = true;
    p.side[PLANNER_TODAY].limits = (struct planner_limits){.units = UNITS, .unit = before};
    p.side[PLANNER_POLICY].limits = fleet;
    cr_assert_eq(planner_savings(&p, &(struct planner_prices){0}, 1, &e), ALM_OK, "%s", e.text);
    const struct estimate *share = &p.side[PLANNER_POLICY].saving[PLANNER_CORE_HOURS].share;
    cr_expect_float_eq(share->value, 0.75, 1e-12);
    cr_expect_float_eq(share->low, 0.75, 1e-12);
    cr_expect_float_eq(share->high, 0.75, 1e-12);
}
