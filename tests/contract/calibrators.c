/* SPDX-License-Identifier: GPL-3.0-or-later
 * calibrators: does every calibrator keep the contract? */
#include "module_rig.h"

struct run {
    const struct alm_calibrator_ops *ops;
    struct part part;
    struct alm_envelope envelope[RIG_UNITS];
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
}

static void finish(struct run *g)
{
    if (g->ops->fini)
        g->ops->fini(&g->part.u);
    free(g->part.u.state);
}

static struct alm_envelope envelope_of(uint32_t character, size_t k)
{
    struct alm_envelope v = {.from = rig_stamp(k), .until = rig_stamp(k) + 5 * RIG_STEP, .peak = ALM_BIT(ALM_MEMORY)};
    v.has = rig_uniform(5, character, k * 4) < 0.1 ? ALM_BIT(ALM_CPU) : 3;
    for (int r = 0; r < 2; r++) {
        v.max[r] = (r ? 1e9 : 2) * rig_uniform(5, character, k * 4 + 1 + (uint64_t)r);
        v.min[r] = v.max[r] / 2;
        v.confidence[r] = 0.9;
    }
    return v;
}

static struct alm_outcome outcome_of(const struct alm_envelope *v, uint32_t character, size_t k, bool censored)
{
    struct alm_outcome o = {.envelope = *v, .until = v->until, .samples = 5, .seen = 3};
    double place = 0.2 + 1.2 * rig_uniform(6, character, k);
    for (int r = 0; r < 2; r++) {
        o.mean[r] = v->max[r] * place * 0.9;
        o.peak[r] = v->max[r] * place;
    }
    if (rig_uniform(8, character, k) < 0.1)
        o.samples = o.seen = 0;
    if (censored)
        o.censored = o.seen;
    return o;
}

static void adjust(struct run *g, const uint32_t *character, size_t k)
{
    struct alm_err e = {0};
    for (size_t i = 0; i < RIG_UNITS; i++)
        g->envelope[i] = envelope_of(character[i], k);
    for (size_t i = 0; g->singly && i < RIG_UNITS; i++) {
        struct alm_units one = part_one(&g->part, i);
        REQUIRE(g->ops->adjust(&one, rig_stamp(k), &g->envelope[i], &e) >= 0, "%s", e.text);
    }
    if (!g->singly)
        REQUIRE(g->ops->adjust(&g->part.u, rig_stamp(k), g->envelope, &e) >= 0, "%s", e.text);
}

static void learn(struct run *g, const uint32_t *character, size_t k, bool censored)
{
    struct alm_err e = {0};
    struct alm_outcome outcome[RIG_UNITS];
    for (size_t i = 0; i < RIG_UNITS; i++)
        outcome[i] = outcome_of(&g->envelope[i], character[i], k, censored);
    for (size_t i = 0; g->singly && i < RIG_UNITS; i++) {
        struct alm_units one = part_one(&g->part, i);
        REQUIRE(g->ops->feedback(&one, &outcome[i], &e) >= 0, "%s", e.text);
    }
    if (!g->singly)
        REQUIRE(g->ops->feedback(&g->part.u, outcome, &e) >= 0, "%s", e.text);
}

static void shape_and_purity(const struct alm_head *m, const void *opt)
{
    struct run g;
    start(&g, m, opt);
    for (size_t k = 0; k < 200; k++) {
        char *before = part_copy(&g.part);
        adjust(&g, rig_natural, k);
        REQUIRE(memcmp(before, g.part.u.state, g.part.bytes) == 0, "%s: adjust wrote the state", m->name);
        free(before);
        for (uint32_t i = 0; i < RIG_UNITS; i++) {
            struct alm_envelope given = envelope_of(i, k);
            rig_check_shape(m->name, &g.envelope[i], given.from, given.until - given.from, given.has);
        }
        learn(&g, rig_natural, k, k % 5 == 0);
    }
    finish(&g);
}

Test(calibrators, envelopes_keep_their_shape)
{
    cr_assert_gt(for_each_choice(ALM_CALIBRATOR, shape_and_purity), 0);
}

static void order_free(const struct alm_head *m, const void *opt)
{
    static const uint32_t permuted[RIG_UNITS] = {4, 2, 0, 1, 3};
    struct run a, b, c;
    if (m->flags & ALM_F_SHARED)
        return;
    start(&a, m, opt);
    start(&b, m, opt);
    start(&c, m, opt);
    c.singly = true;
    for (size_t k = 0; k < 200; k++) {
        adjust(&a, rig_natural, k);
        adjust(&b, permuted, k);
        adjust(&c, rig_natural, k);
        for (size_t i = 0; i < RIG_UNITS; i++) {
            REQUIRE(rig_same_envelope(&a.envelope[permuted[i]], &b.envelope[i]), "%s: units in another order", m->name);
            REQUIRE(rig_same_envelope(&a.envelope[i], &c.envelope[i]), "%s: one unit at a time", m->name);
        }
        learn(&a, rig_natural, k, false);
        learn(&b, permuted, k, false);
        learn(&c, rig_natural, k, false);
    }
    finish(&a);
    finish(&b);
    finish(&c);
}

Test(calibrators, order_of_units_does_not_matter)
{
    cr_assert_gt(for_each_choice(ALM_CALIBRATOR, order_free), 0);
}

static void censoring(const struct alm_head *m, const void *opt)
{
    struct run seen, held;
    start(&seen, m, opt);
    start(&held, m, opt);
    for (size_t k = 0; k < 200; k++) {
        adjust(&seen, rig_natural, k);
        adjust(&held, rig_natural, k);
        for (size_t i = 0; i < RIG_UNITS; i++)
            for (int r = 0; r < 2; r++)
                REQUIRE(!(held.envelope[i].confidence[r] > seen.envelope[i].confidence[r]) ||
                            held.envelope[i].max[r] > seen.envelope[i].max[r],
                        "%s: censored outcomes made it surer of the same range", m->name);
        learn(&seen, rig_natural, k, false);
        learn(&held, rig_natural, k, true);
    }
    finish(&seen);
    finish(&held);
}

Test(calibrators, censored_outcomes_are_never_hits)
{
    cr_assert_gt(for_each_choice(ALM_CALIBRATOR, censoring), 0);
}
