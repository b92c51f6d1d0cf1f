/* SPDX-License-Identifier: GPL-3.0-or-later
 * allocators: does each allocator decide what was worked out by hand, and say the right reason? */
#include "almanac/allocator.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct alm_env env = {.interval = ALM_MINUTE, .sample_interval = ALM_MINUTE, .resources = 3};
static const uint32_t only[1] = {0};

/* One unit of an allocator; the next situation is built on the last decision. */
struct one {
    struct alm_choice choice;
    struct alm_envelope v;
    struct alm_situation s;
    struct alm_decision d;
    alm_time now;
    int64_t state[16];
};

static struct one start(const char *text)
{
    struct one o = {.s = {.usage = {NAN, NAN}, .cores = NAN, .memory = NAN}};
    struct alm_err e = {0};
    cr_assert_eq(alm_choice_parse(ALM_ALLOCATOR, text, &o.choice, &e), 0, "%s", e.text);
    for (int r = 0; r < 2; r++)
        o.s.decided[r] = o.s.applied[r] = ALM_NO_LIMIT;
    return o;
}

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
    o->s.envelope = &o->v;
    cr_assert_eq(ops->decide(&u, o->now, &o->s, &o->d, NULL), 0);
    for (int r = 0; r < 2; r++)
        o->s.decided[r] = o->s.applied[r] = o->d.limit[r];
}

static void envelope(struct one *o, double cpu, double memory)
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

Test(allocators, envelope_without_brakes_is_the_ceiling_at_every_decision)
{
    struct one o = start("envelope:margin=0");
    decide(&o);
    expect(&o, 0, ALM_NO_LIMIT, "no envelope yet");
    envelope(&o, 0.0701, 1000.5);
    expect(&o, 0, 71, "first");
    expect(&o, 1, 1001, "first");
    cr_expect(o.d.floor[0] == 36 && o.d.floor[1] == 501);
    envelope(&o, 0.07, 1e9);
    expect(&o, 0, 70, "lowered");
    expect(&o, 1, 1000000000, "raised");
    envelope(&o, 0.07, 1);
    expect(&o, 0, 70, "unchanged");
    expect(&o, 1, 1, "lowered");
    o.v.has = 0;
    decide(&o);
    expect(&o, 0, 70, "there is no envelope");
    envelope(&o, 1e12, 1e16);
    expect(&o, 0, ALM_AMOUNT_MAX, "raised");
    expect(&o, 1, ALM_AMOUNT_MAX, "raised");
    alm_choice_free(&o.choice);
}

Test(allocators, envelope_adds_its_margin)
{
    struct one o = start("envelope");
    envelope(&o, 1, 1000);
    expect(&o, 0, 1150, "first");
    expect(&o, 1, 1150, "first");
    alm_choice_free(&o.choice);
}

Test(allocators, envelope_brakes)
{
    struct one o = start("envelope:margin=0,hysteresis=10%,min_change_memory=500,shrink=25%,oom_bump=0");
    envelope(&o, 1, 2000);
    envelope(&o, 1.1, 2000 + 499);
    expect(&o, 0, 1000, "band");
    expect(&o, 1, 2000, "least change");
    envelope(&o, 1.101, 2500);
    expect(&o, 0, 1101, "raised");
    expect(&o, 1, 2500, "raised");
    envelope(&o, 0.1, 100);
    expect(&o, 0, 1101 - 275, "no more than one decision");
    expect(&o, 1, 2500 - 625, "no more than one decision");
    o.s.oom_kills = 1;
    envelope(&o, 0.1, 100);
    expect(&o, 0, 826 - 206, "no more than one decision");
    expect(&o, 1, 1875, "memory ran out");
    envelope(&o, 0.1, 5000);
    expect(&o, 1, 5000, "raised");
    alm_choice_free(&o.choice);
}

Test(allocators, envelope_stays_above_a_limit_that_killed)
{
    struct one o = start("envelope:margin=0,oom_bump=50%,oom_bump_min=10,oom_hold=1h");
    envelope(&o, 1, 1000);
    o.s.oom_kills = 1;
    o.now = ALM_DAY;
    envelope(&o, 1, 900);
    expect(&o, 1, 1500, "OOM kill proved too small");
    expect(&o, 0, 1000, "unchanged");
    o.s.oom_kills = 0;
    o.now += ALM_HOUR - 1;
    envelope(&o, 1, 900);
    expect(&o, 1, 1500, "since an OOM kill");
    envelope(&o, 1, 1600);
    expect(&o, 1, 1600, "raised");
    o.now += 1;
    envelope(&o, 1, 900);
    expect(&o, 1, 900, "lowered");
    alm_choice_free(&o.choice);
}

Test(allocators, fixed)
{
    struct one o = start("static:cpu=2");
    o.s.memory = 4096.5;
    decide(&o);
    expect(&o, 0, 2000, "options");
    expect(&o, 1, 4097, "own capacity");
    cr_expect_eq(o.d.floor[0], 2000);
    o.s.memory = NAN;
    decide(&o);
    expect(&o, 1, ALM_NO_LIMIT, "no limit");
    alm_choice_free(&o.choice);
}

Test(allocators, reactive)
{
    struct one o = start("reactive:min_memory=100");
    decide(&o);
    expect(&o, 0, ALM_NO_LIMIT, "no limit");
    o.s.cores = 2;
    o.s.usage[1] = 1000;
    decide(&o);
    expect(&o, 0, 2000, "capacity");
    expect(&o, 1, 1500, "usage seen");
    o.s.usage[0] = 1.8;
    o.s.usage[1] = 751;
    decide(&o);
    expect(&o, 0, 3000, "high mark");
    expect(&o, 1, 1500, "between the marks");
    o.s.usage[0] = 1.5;
    o.s.usage[1] = 50;
    decide(&o);
    expect(&o, 0, 2400, "low mark");
    expect(&o, 1, 1200, "low mark");
    o.s.censored = ALM_BIT(ALM_CPU);
    o.s.oom_kills = 1;
    decide(&o);
    expect(&o, 0, 3600, "held usage back");
    expect(&o, 1, 1800, "memory ran out");
    o.s.censored = 0;
    o.s.oom_kills = 0;
    o.s.usage[1] = 0;
    for (int k = 0; k < 40; k++)
        decide(&o);
    expect(&o, 1, 100, "least allowed");
    alm_choice_free(&o.choice);
}
