/* SPDX-License-Identifier: GPL-3.0-or-later
 * window: does the profiler give exactly the rows asked for, whatever is still in its memory? */
#include "almanac/profiler.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct alm_profiler_ops alm_profiler_window;

static const struct alm_env env = {.interval = 5 * ALM_MINUTE, .sample_interval = ALM_MINUTE, .resources = 3};
static const uint32_t id[2] = {0, 1};

static struct alm_units two_units(size_t window)
{
    size_t size = alm_profiler_window.state_size(NULL, &env, window);
    struct alm_units u = {.count = 2, .id = id, .state = calloc(2, size), .stride = size, .env = &env};
    cr_assert_eq(alm_profiler_window.init(&u, window, NULL), 0);
    return u;
}

static struct alm_sample sample(uint32_t unit, int64_t k)
{
    return (struct alm_sample){.at = k * ALM_MINUTE,
                               .span = ALM_MINUTE,
                               .unit = unit,
                               .usage = {k * 60000000, k},
                               .limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}};
}

static void done(struct alm_units *u)
{
    alm_profiler_window.fini(u);
    free(u->state);
}

Test(window, holds_the_last_rows_and_no_more)
{
    struct alm_units u = two_units(10);
    struct alm_profile p[2];
    for (int64_t k = 1; k <= 500; k++) {
        struct alm_sample s = sample(1, k);
        cr_assert_eq(alm_profiler_window.observe(&u, &s, 1, NULL), 0);
        cr_assert_eq(alm_profiler_window.profile(&u, p, NULL), 0);
        cr_assert_eq(p[0].window.count, 0);
        cr_assert_eq(p[1].window.count, (size_t)(k < 10 ? k : 10));
        cr_assert_eq(p[1].fresh, 1);
        cr_assert_eq(p[1].window.value[ALM_CPU][p[1].window.count - 1], (double)k);
        cr_assert_eq(p[1].window.value[ALM_MEMORY][0], (double)(k < 10 ? 1 : k - 9));
        cr_assert_null(p[1].window.value[ALM_NET_RX]);
    }
    done(&u);
}

Test(window, a_burst_is_never_lost)
{
    enum { BURST = 100000 };
    struct alm_units u = two_units(0);
    struct alm_profile p[2];
    struct alm_sample *s = malloc(sizeof *s * BURST);
    for (int64_t k = 0; k < BURST; k++)
        s[k] = sample(0, k + 1);
    cr_assert_eq(alm_profiler_window.observe(&u, s, BURST, NULL), 0);
    cr_assert_eq(alm_profiler_window.profile(&u, p, NULL), 0);
    cr_assert_eq(p[0].fresh, BURST);
    cr_assert_eq(p[0].window.count, BURST);
    for (size_t k = 0; k < BURST; k++)
        cr_assert_eq(p[0].window.value[ALM_MEMORY][k], (double)(k + 1));
    cr_assert_eq(alm_profiler_window.observe(&u, NULL, 0, NULL), 0);
    cr_assert_eq(alm_profiler_window.profile(&u, p, NULL), 0);
    cr_assert_eq(p[0].window.count, 0, "nothing is recent any more");
    cr_assert_eq(p[0].samples, BURST);
    free(s);
    done(&u);
}

Test(window, missing_values_are_nan_and_kills_are_told_once)
{
    struct alm_units u = two_units(3);
    struct alm_profile p[2];
    struct alm_sample s[2] = {sample(0, 1), sample(0, 2)};
    s[0].missing = 0x3f;
    s[1].event = 1;
    s[1].span = 0;
    s[1].oom_kills = 2;
    s[1].limit[ALM_MEMORY] = 4096;
    s[1].censored = ALM_BIT(ALM_MEMORY);
    cr_assert_eq(alm_profiler_window.observe(&u, s, 2, NULL), 0);
    cr_assert_eq(alm_profiler_window.profile(&u, p, NULL), 0);
    cr_expect_eq(p[0].window.count, 2, "a row without values is a row");
    cr_expect_neq(isnan(p[0].window.value[ALM_CPU][0]), 0);
    cr_expect_neq(isnan(p[0].window.value[ALM_MEMORY][0]), 0);
    cr_expect_neq(isnan(p[0].window.value[ALM_CPU][1]), 0, "no CPU rate over no time");
    cr_expect_eq(p[0].window.value[ALM_MEMORY][1], 2);
    cr_expect_eq(p[0].window.censored[1], ALM_BIT(ALM_MEMORY));
    cr_expect_eq(p[0].oom_kills, 2);
    cr_expect_eq(p[0].oom_at, 2 * ALM_MINUTE);
    cr_expect_eq(p[0].oom_limit, 4096);
    cr_assert_eq(alm_profiler_window.observe(&u, NULL, 0, NULL), 0);
    cr_assert_eq(alm_profiler_window.profile(&u, p, NULL), 0);
    cr_expect_eq(p[0].oom_kills, 0);
    cr_expect_eq(p[0].oom_at, ALM_TIME_NONE);
    cr_expect_eq(p[0].window.count, 2);
    done(&u);
}
