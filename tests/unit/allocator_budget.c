/* SPDX-License-Identifier: GPL-3.0-or-later
 * allocator_budget: are limits those worked out by hand, and are there never more changes than the budget, whatever is wanted? */
#include "almanac/allocator.h"
#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define STEP (5 * ALM_MINUTE)
#define CHANGES_KEPT 4096

static const struct alm_env env = {.interval = STEP, .sample_interval = STEP, .resources = 3};
static const uint32_t only[1] = {0};

/* One unit, and when each of its limits changed. */
struct one {
    struct alm_choice choice;
    struct alm_envelope v;
    struct alm_situation s;
    struct alm_decision d;
    alm_time now;
    bool killed[CHANGES_KEPT]; /* the change of memory of this number was a kill's */
    alm_time changed[2][CHANGES_KEPT];
    size_t changes[2];
    int64_t state[512];
};

static struct one *start(const char *text)
{
    static struct one o;
    struct alm_err e = {0};
    memset(&o, 0, sizeof o);
    cr_assert_eq(alm_choice_parse(ALM_ALLOCATOR, text, &o.choice, &e), 0, "%s", e.text);
    o.s = (struct alm_situation){.usage = {NAN, NAN}, .cores = NAN, .memory = NAN, .envelope = &o.v};
    for (int r = 0; r < 2; r++)
        o.s.decided[r] = o.s.applied[r] = ALM_NO_LIMIT;
    return &o;
}

/* Decide now, and step on. */
static void decide(struct one *o)
{
    const struct alm_allocator_ops *ops = (const void *)o->choice.module;
    struct alm_units u = {.count = 1,
                          .id = only,
                          .state = (char *)o->state,
                          .stride = sizeof o->state,
                          .opt = o->choice.opt,
                          .env = &env};
    cr_assert_leq(ops->state_size(o->choice.opt, &env), sizeof o->state);
    o->d = (struct alm_decision){.limit = {o->s.decided[0], o->s.decided[1]}};
    cr_assert_eq(ops->decide(&u, o->now, &o->s, &o->d, NULL), 0);
    for (int r = 0; r < 2; r++) {
        if (o->s.decided[r] != ALM_NO_LIMIT && o->d.limit[r] != o->s.decided[r]) {
            cr_assert_lt(o->changes[r], CHANGES_KEPT);
            if (r == 1)
                o->killed[o->changes[r]] = o->s.oom_kills > 0;
            o->changed[r][o->changes[r]++] = o->now;
        }
        o->s.decided[r] = o->s.applied[r] = o->d.limit[r];
    }
    o->s.oom_kills = 0;
    o->now += STEP;
}

static void want(struct one *o, double cpu, double memory)
{
    o->v = (struct alm_envelope){.has = 3, .min = {cpu / 2, memory / 2}, .max = {cpu, memory}};
    decide(o);
}

static void expect(const struct one *o, int r, int64_t limit, const char *reason)
{
    const struct alm_allocator_ops *ops = (const void *)o->choice.module;
    cr_expect_eq(o->d.limit[r], limit, "limit %lld, expected %lld", (long long)o->d.limit[r], (long long)limit);
    cr_expect_not_null(strstr(ops->reasons[o->d.reason[r]], reason), "because `%s`, expected `%s`",
                       ops->reasons[o->d.reason[r]], reason);
}

/* The most changes of R that any period has. */
static size_t worst(const struct one *o, int r, alm_time period, bool without_kills)
{
    size_t most = 0;
    for (size_t i = 0; i < o->changes[r]; i++) {
        size_t n = 0;
        for (size_t j = i; j < o->changes[r] && o->changed[r][j] - o->changed[r][i] < period; j++)
            n += !without_kills || !o->killed[j];
        most = n > most ? n : most;
    }
    return most;
}

/* fade=0 and headroom=0 leave the rental alone. Two changes a day; the first (a raise at 5 min) makes the pace 1/2 and the price of a
 * change 1/2 * 0.1 * 12 h = 36 min of the whole limit. Wanted is then a quarter of the limit: each decision saves 3/4 of 5 min = 3.75 min,
 * so the tenth (37.5 min) lowers and the ninth (33.75) does not. Then the day's changes are spent until 24 h 5 min. */
Test(allocator_budget, rental_by_hand)
{
    struct one *o = start("budget:changes=2,fade=0,headroom=0,patience=0.1");
    want(o, 1, 1000);
    expect(o, 0, 1000, "first");
    want(o, 2, 1000);
    expect(o, 0, 2000, "wants more");
    expect(o, 1, 1000, "unchanged");
    for (int k = 1; k <= 9; k++) {
        want(o, 0.5, 1000);
        expect(o, 0, 2000, "not save enough");
    }
    want(o, 0.5, 1000);
    expect(o, 0, 500, "worth a change");
    want(o, 3, 1000);
    expect(o, 0, 500, "held below");
    want(o, 0.1, 1000);
    expect(o, 0, 500, "not save enough");
    o->now = 24 * ALM_HOUR;
    want(o, 3, 1000);
    expect(o, 0, 500, "held below");
    cr_assert_eq(o->now, 24 * ALM_HOUR + STEP);
    want(o, 3, 1000);
    expect(o, 0, 3000, "wants more");
    cr_expect_eq(o->changes[1], 0, "memory has a budget of its own");
    alm_choice_free(&o->choice);
}

/* With the pace at 1/2 a raise goes a quarter of 1/2 above what is wanted. */
Test(allocator_budget, headroom_grows_with_the_pace)
{
    struct one *o = start("budget:changes=4,fade=0,headroom=25%,patience=1000");
    want(o, 1, 1);
    want(o, 2, 1);
    expect(o, 0, 2000, "wants more");
    want(o, 3, 1);
    expect(o, 0, 3188, "wants more"); /* 3 * (1 + 0.25 / 4) */
    want(o, 4, 1);
    expect(o, 0, 4500, "wants more"); /* 4 * (1 + 0.25 / 2) */
    alm_choice_free(&o->choice);
}

/* The limit falls to what was wanted of late and not to the newest: 2 + 8.5 / e after one time constant. */
Test(allocator_budget, lowers_to_the_largest_of_late)
{
    struct one *o = start("budget:fade=5m,headroom=0,patience=0");
    want(o, 10, 1);
    want(o, 10.5, 1);
    want(o, 2, 1);
    expect(o, 0, 5127, "worth a change"); /* 2 + 8.5 / e = 5.12698 */
    alm_choice_free(&o->choice);
}

/* No change has been made, so changes are free: the envelope's max at once, either way. */
Test(allocator_budget, a_slow_envelope_is_followed_exactly)
{
    struct one *o = start("budget:fade=0");
    for (int k = 0; k < 40; k++) {
        want(o, 1 + k % 2, 1000 - k);
        cr_expect_eq(o->d.limit[0], 1000 * (1 + k % 2));
        cr_expect_eq(o->d.limit[1], 1000 - k);
        o->now += 25 * ALM_HOUR;
    }
    alm_choice_free(&o->choice);
}

/* A kill raises whatever is spent, holds, and counts; kills are all that exceed the budget. */
Test(allocator_budget, kills_are_above_the_budget)
{
    struct one *o = start("budget:changes=1,fade=0,headroom=0,oom_bump_min=0");
    want(o, 1, 1000);
    want(o, 1, 2000);
    expect(o, 1, 2000, "wants more");
    want(o, 1, 3000);
    expect(o, 1, 2000, "held below");
    o->s.oom_kills = 1;
    want(o, 1, 1500);
    expect(o, 1, 2400, "proved too small");
    want(o, 1, 1500);
    expect(o, 1, 2400, "since an OOM kill");
    o->s.oom_kills = 1;
    o->v.has = 0;
    decide(o);
    expect(o, 1, 2880, "proved too small");
    expect(o, 0, 1000, "there is no envelope");
    cr_expect_eq(o->changes[1], 3);
    o->now += 23 * ALM_HOUR;
    want(o, 1, 5000);
    expect(o, 1, 2880, "held below");
    o->now += 2 * ALM_HOUR;
    want(o, 1, 5000);
    expect(o, 1, 5000, "wants more");
    alm_choice_free(&o->choice);
}

/* Whatever is wanted (drift, spikes, seasons, noise, now and then nothing or too much), and however decisions lie in time. Seeds are fixed:
 * no false alarms. */
Test(allocator_budget, never_more_changes_than_the_budget)
{
    static const struct {
        const char *text;
        size_t changes;
        alm_time period;
    } made[] = {
        {"budget", 24, ALM_DAY},
        {"budget:changes=1", 1, ALM_DAY},
        {"budget:changes=7,period=1h,patience=0,headroom=0,fade=0", 7, ALM_HOUR},
        {"budget:changes=100,period=3d,headroom=200%,patience=5", 100, 3 * ALM_DAY},
    };
    size_t changes = 0, spent = 0;
    for (size_t m = 0; m < sizeof made / sizeof *made; m++)
        for (uint64_t seed = 1; seed <= 8; seed++) {
            struct one *o = start(made[m].text);
            struct alm_stream s = alm_stream_open(seed, 0, "budget");
            double level = 1;
            for (int k = 0; k < 3000; k++) {
                const double u = alm_stream_uniform(&s), v = alm_stream_uniform(&s);
                level *= exp((u - 0.5) * 0.2);
                double cpu = level * (u > 0.97 ? 10 : 1);
                cpu = v < 0.01 ? 0 : v > 0.995 ? 1e300 : cpu;
                o->s.oom_kills = v > 0.6 && v < 0.602;
                want(o, cpu, cpu * 1e9);
                o->now += v < 0.1 ? -STEP : v > 0.999 ? ALM_DAY : 0;
                cr_assert(o->d.limit[0] >= 0 && o->d.limit[0] <= ALM_AMOUNT_MAX && o->d.floor[0] <= o->d.limit[0]);
                spent +=
                    strstr(((const struct alm_allocator_ops *)(const void *)o->choice.module)->reasons[o->d.reason[0]],
                           "spent") != NULL;
            }
            cr_expect_leq(worst(o, 0, made[m].period, false), made[m].changes, "%s", made[m].text);
            cr_expect_leq(worst(o, 1, made[m].period, true), made[m].changes, "%s", made[m].text);
            changes += o->changes[0];
            alm_choice_free(&o->choice);
        }
    cr_expect_gt(changes, 1000, "the budget was never used");
    cr_expect_gt(spent, 1000, "the budget was never spent");
}
