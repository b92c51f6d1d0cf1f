/* SPDX-License-Identifier: GPL-3.0-or-later
 * allocators: does every allocator keep the contract, whatever the situation? */
#include "module_rig.h"

struct run {
    const struct alm_allocator_ops *ops;
    struct part part;
    size_t reasons;
    struct alm_envelope envelope[RIG_UNITS];
    struct alm_situation situation[RIG_UNITS];
    struct alm_decision decision[RIG_UNITS];
    bool singly;
};

static void start(struct run *g, const struct alm_head *m, const void *opt)
{
    struct alm_err e = {0};
    struct alm_env env = rig_env(3);
    memset(g, 0, sizeof *g);
    g->ops = (const void *)m;
    part_init(&g->part, &env, opt, g->ops->state_size(opt, &env));
    if (g->ops->init)
        REQUIRE(g->ops->init(&g->part.u, &e) == 0, "%s: %s", m->name, e.text);
    while (g->ops->reasons[g->reasons])
        g->reasons++;
    for (size_t i = 0; i < RIG_UNITS; i++)
        for (int r = 0; r < 2; r++)
            g->situation[i].decided[r] = g->situation[i].applied[r] = ALM_NO_LIMIT;
}

static void finish(struct run *g)
{
    if (g->ops->fini)
        g->ops->fini(&g->part.u);
    free(g->part.u.state);
}

/* Amounts from nothing to beyond belief, a third of them ordinary. */
static double amount(uint64_t character, uint64_t k, int r)
{
    static const double odd[] = {0, 1e-12, 0.0005, 1e11, 1e14, 1e15, 1e300};
    double u = rig_uniform(11, character, k);
    if (u < 0.3)
        return odd[(size_t)(u / 0.3 * 6.999)];
    return (r ? 4e9 : 8) * u;
}

/* The situation of this character in round K, given what was decided before. */
static void situate(struct run *g, size_t i, uint32_t character, size_t k)
{
    struct alm_situation *s = &g->situation[i];
    struct alm_envelope *v = &g->envelope[i];
    uint64_t draw = k * 16;
    *v = (struct alm_envelope){.has = (uint32_t)(4 * rig_uniform(12, character, draw))};
    double kind = rig_uniform(13, character, draw);
    s->envelope = kind < 0.2 ? NULL : v;
    s->censored = kind > 0.8 ? 3 : 0;
    s->oom_kills = kind > 0.9;
    for (int r = 0; r < 2; r++) {
        v->max[r] = amount(character, draw + 1 + (uint64_t)r, r);
        v->min[r] = v->max[r] * rig_uniform(14, character, draw + (uint64_t)r);
        v->confidence[r] = NAN;
        s->usage[r] = kind < 0.3 ? NAN : amount(character, draw + 4 + (uint64_t)r, r);
        s->applied[r] = s->decided[r];
        if (s->decided[r] != ALM_NO_LIMIT && kind > 0.5)
            s->applied[r] = r ? alm_kernel_bytes(s->decided[r]) : alm_kernel_millicores(s->decided[r]);
    }
    s->cores = character % 2 ? 3.7 : NAN;
    s->memory = character % 2 ? 3e9 : NAN;
}

static void decide(struct run *g, const uint32_t *character, size_t k)
{
    struct alm_err e = {0};
    for (size_t i = 0; i < RIG_UNITS; i++) {
        situate(g, i, character[i], k);
        const struct alm_situation *s = &g->situation[i];
        g->decision[i] = (struct alm_decision){.unit = (uint32_t)i, .limit = {s->decided[0], s->decided[1]}};
    }
    for (size_t i = 0; g->singly && i < RIG_UNITS; i++) {
        struct alm_units one = part_one(&g->part, i);
        REQUIRE(g->ops->decide(&one, rig_stamp(k), &g->situation[i], &g->decision[i], &e) >= 0, "%s", e.text);
    }
    if (!g->singly)
        REQUIRE(g->ops->decide(&g->part.u, rig_stamp(k), g->situation, g->decision, &e) >= 0, "%s", e.text);
    for (size_t i = 0; i < RIG_UNITS; i++)
        for (int r = 0; r < 2; r++)
            g->situation[i].decided[r] = g->decision[i].limit[r];
}

static void in_range(const struct alm_head *m, const void *opt)
{
    struct run g;
    start(&g, m, opt);
    for (size_t k = 0; k < 400; k++) {
        decide(&g, rig_natural, k);
        for (size_t i = 0; i < RIG_UNITS; i++) {
            const struct alm_decision *d = &g.decision[i];
            REQUIRE(d->unit == i, "%s: moved the unit", m->name);
            for (int r = 0; r < 2; r++) {
                REQUIRE(d->limit[r] == ALM_NO_LIMIT || (d->limit[r] >= 0 && d->limit[r] <= ALM_AMOUNT_MAX),
                        "%s: limit %lld", m->name, (long long)d->limit[r]);
                REQUIRE(d->floor[r] >= 0 && (d->limit[r] == ALM_NO_LIMIT || d->floor[r] <= d->limit[r]),
                        "%s: floor %lld under limit %lld", m->name, (long long)d->floor[r], (long long)d->limit[r]);
                REQUIRE(d->reason[r] < g.reasons, "%s: reason %u of %zu", m->name, d->reason[r], g.reasons);
            }
        }
    }
    finish(&g);
}

Test(allocators, decisions_are_in_range)
{
    cr_assert_gt(for_each_choice(ALM_ALLOCATOR, in_range), 0);
}

static bool same(const struct alm_decision *a, const struct alm_decision *b)
{
    return memcmp(a->limit, b->limit, sizeof a->limit) == 0 && memcmp(a->floor, b->floor, sizeof a->floor) == 0 &&
           memcmp(a->reason, b->reason, sizeof a->reason) == 0;
}

static void order_free(const struct alm_head *m, const void *opt)
{
    static const uint32_t permuted[RIG_UNITS] = {1, 3, 4, 0, 2};
    struct run a, b, c, d;
    if (m->flags & ALM_F_SHARED)
        return;
    start(&a, m, opt);
    start(&b, m, opt);
    start(&c, m, opt);
    start(&d, m, opt);
    c.singly = true;
    for (size_t k = 0; k < 400; k++) {
        decide(&a, rig_natural, k);
        decide(&b, permuted, k);
        decide(&c, rig_natural, k);
        decide(&d, rig_natural, k);
        for (size_t i = 0; i < RIG_UNITS; i++) {
            REQUIRE(same(&a.decision[permuted[i]], &b.decision[i]), "%s: units in another order differ", m->name);
            REQUIRE(same(&a.decision[i], &c.decision[i]), "%s: one unit at a time differs", m->name);
            REQUIRE(same(&a.decision[i], &d.decision[i]), "%s: two instances differ", m->name);
        }
    }
    finish(&a);
    finish(&b);
    finish(&c);
    finish(&d);
}

Test(allocators, order_of_units_does_not_matter)
{
    cr_assert_gt(for_each_choice(ALM_ALLOCATOR, order_free), 0);
}

static void after_oom(const struct alm_head *m, const void *opt)
{
    struct run g;
    size_t kills = 0;
    start(&g, m, opt);
    for (size_t k = 0; k < 400; k++) {
        int64_t before[RIG_UNITS];
        for (size_t i = 0; i < RIG_UNITS; i++)
            before[i] = g.situation[i].decided[1];
        decide(&g, rig_natural, k);
        for (size_t i = 0; i < RIG_UNITS; i++) {
            int64_t after = g.decision[i].limit[1];
            if (g.situation[i].oom_kills == 0 || before[i] == ALM_NO_LIMIT)
                continue;
            kills++;
            REQUIRE(after == ALM_NO_LIMIT || after >= before[i],
                    "%s: lowered memory from %lld to %lld after an OOM kill", m->name, (long long)before[i],
                    (long long)after);
        }
    }
    finish(&g);
    REQUIRE(kills > 0 || strcmp(m->name, "envelope") != 0, "no kill was tried");
}

Test(allocators, memory_does_not_fall_after_an_oom_kill)
{
    cr_assert_gt(for_each_choice(ALM_ALLOCATOR, after_oom), 0);
}
