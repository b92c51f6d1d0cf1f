/* SPDX-License-Identifier: GPL-3.0-or-later
 * profilers: does every profiler keep the contract? None may lose, invent or reorder a sample. */
#include "module_rig.h"

static const struct feed ragged = {.seed = 4, .missing = true, .oom = true, .censored = true};

struct run {
    const struct alm_profiler_ops *ops;
    struct part part;
    struct alm_profile profile[RIG_UNITS];
    size_t window;
    bool singly;
};

static void start(struct run *g, const struct alm_head *m, const void *opt, size_t window, uint32_t resources)
{
    struct alm_err e = {0};
    struct alm_env env = rig_env(resources);
    memset(g, 0, sizeof *g);
    g->ops = (const void *)m;
    g->window = window;
    part_init(&g->part, &env, opt, g->ops->state_size(opt, &env, window));
    REQUIRE(g->ops->init(&g->part.u, window, &e) == 0, "%s: %s", m->name, e.text);
}

static void finish(struct run *g)
{
    if (g->ops->fini)
        g->ops->fini(&g->part.u);
    free(g->part.u.state);
}

static void show(struct run *g, const struct alm_sample *samples, size_t n)
{
    struct alm_err e = {0};
    size_t k = 0;
    for (size_t i = 0; g->singly && i < RIG_UNITS; i++) {
        struct alm_units one = part_one(&g->part, i);
        size_t first = k;
        while (k < n && samples[k].unit == i)
            k++;
        REQUIRE(g->ops->observe(&one, samples + first, k - first, &e) >= 0, "%s", e.text);
    }
    if (!g->singly)
        REQUIRE(g->ops->observe(&g->part.u, samples, n, &e) >= 0, "%s", e.text);
    REQUIRE(g->ops->profile(&g->part.u, g->profile, &e) >= 0, "%s", e.text);
}

static bool same_value(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Row K of the view must be this sample. */
static void check_row(const struct run *g, const struct alm_series *w, size_t k, const struct alm_sample *s)
{
    REQUIRE(w->at[k] == s->at, "%s: stamp of row %zu", g->ops->head.name, k);
    REQUIRE(w->censored[k] == s->censored, "%s: censored of row %zu", g->ops->head.name, k);
    for (int r = 0; r < ALM_RESOURCES; r++) {
        bool shown = g->part.env.resources & ALM_BIT(r);
        REQUIRE(shown == (w->value[r] != NULL), "%s: resource %d shown or not", g->ops->head.name, r);
        if (shown)
            REQUIRE(same_value(w->value[r][k], alm_sample_usage(s, (enum alm_resource)r)), "%s: resource %d of row %zu",
                    g->ops->head.name, r, k);
    }
}

/* The profile of unit I after HISTORY[TOTAL], the last FRESH of them new. */
static void check_profile(const struct run *g, size_t i, const struct alm_sample *history, size_t total, size_t fresh)
{
    const struct alm_profile *p = &g->profile[i];
    size_t asked = g->window > fresh ? g->window : fresh, least = asked < total ? asked : total;
    const char *name = g->ops->head.name;
    REQUIRE(p->provides == g->ops->provides, "%s: provides 0x%x", name, p->provides);
    REQUIRE(p->samples == total && p->fresh == fresh, "%s: %zu fresh of %llu; expected %zu of %zu", name, p->fresh,
            (unsigned long long)p->samples, fresh, total);
    REQUIRE(p->window.count >= least && p->window.count <= total, "%s: %zu rows of %zu", name, p->window.count, total);
    REQUIRE(p->first == (total ? history[0].at : ALM_TIME_NONE), "%s: first stamp", name);
    REQUIRE(p->last == (total ? history[total - 1].at : ALM_TIME_NONE), "%s: last stamp", name);
    for (size_t k = 0; k < p->window.count; k++)
        check_row(g, &p->window, k, &history[total - p->window.count + k]);
    uint32_t kills = 0;
    alm_time at = ALM_TIME_NONE;
    double limit = NAN;
    for (size_t k = total - fresh; k < total; k++) {
        kills += history[k].oom_kills;
        at = history[k].oom_kills ? history[k].at : at;
        limit = history[k].oom_kills ? (double)history[k].limit[1] : limit;
    }
    REQUIRE(p->oom_kills == kills && p->oom_at == at && same_value(p->oom_limit, limit), "%s: OOM kills", name);
}

enum { LONG = 1200 };

/* Rounds of 0, 1, few and very many samples. */
static void uneven(const struct alm_head *m, const void *opt, size_t window, uint32_t resources, bool singly)
{
    static const size_t sizes[] = {0, 1, 5, 5, 0, 400, 5, 1, 2, 3, 5, 5, 5, 5, 5, 5, 60, 0, 0, 7};
    struct run g;
    start(&g, m, opt, window, resources);
    g.singly = singly;
    struct alm_sample *history[RIG_UNITS], *round = malloc(sizeof *round * RIG_UNITS * LONG);
    size_t total[RIG_UNITS] = {0};
    for (uint32_t i = 0; i < RIG_UNITS; i++) {
        history[i] = malloc(sizeof *history[i] * LONG);
        for (size_t k = 0; k < LONG; k++)
            history[i][k] = rig_sample(&ragged, i, i, k);
    }
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        size_t n = 0, fresh[RIG_UNITS];
        for (size_t i = 0; i < RIG_UNITS; i++) {
            fresh[i] = (k + i) % 7 == 3 ? 0 : sizes[(k + i) % (sizeof sizes / sizeof sizes[0])];
            memcpy(round + n, history[i] + total[i], fresh[i] * sizeof *round);
            n += fresh[i];
            total[i] += fresh[i];
        }
        show(&g, round, n);
        for (size_t i = 0; i < RIG_UNITS; i++)
            check_profile(&g, i, history[i], total[i], fresh[i]);
    }
    for (size_t i = 0; i < RIG_UNITS; i++)
        free(history[i]);
    free(round);
    finish(&g);
}

static void no_sample_lost(const struct alm_head *m, const void *opt)
{
    static const size_t windows[] = {0, 1, 7, 100, 500};
    for (size_t k = 0; k < sizeof windows / sizeof windows[0]; k++) {
        uneven(m, opt, windows[k], 0x03, false);
        uneven(m, opt, windows[k], 0x3f, true);
        uneven(m, opt, windows[k], 0x02, false);
        uneven(m, opt, windows[k], 0x00, true);
    }
}

Test(profilers, views_hold_exactly_what_was_seen)
{
    cr_assert_gt(for_each_choice(ALM_PROFILER, no_sample_lost), 0);
}

static void profile_is_pure(const struct alm_head *m, const void *opt)
{
    struct run g;
    struct alm_err e = {0};
    struct alm_sample samples[RIG_UNITS * PER_ROUND];
    start(&g, m, opt, 20, 3);
    for (size_t k = 0; k < RIG_ROUNDS; k++) {
        show(&g, samples, rig_samples(&ragged, rig_natural, k, samples));
        char *before = part_copy(&g.part);
        struct alm_profile again[RIG_UNITS];
        REQUIRE(g.ops->profile(&g.part.u, again, &e) >= 0, "%s", e.text);
        for (size_t i = 0; i < RIG_UNITS; i++)
            REQUIRE(again[i].window.at == g.profile[i].window.at && again[i].window.count == g.profile[i].window.count,
                    "%s: asked twice, it answers differently", m->name);
        REQUIRE(memcmp(before, g.part.u.state, g.part.bytes) == 0, "%s: profile wrote the state", m->name);
        free(before);
    }
    finish(&g);
}

Test(profilers, profile_is_pure)
{
    cr_assert_gt(for_each_choice(ALM_PROFILER, profile_is_pure), 0);
}

static void strangers(const struct alm_head *m, const void *opt)
{
    struct run g;
    struct alm_err e = {0};
    struct alm_sample s = rig_sample(&ragged, 0, RIG_UNITS + 3, 0);
    start(&g, m, opt, 0, 3);
    REQUIRE(g.ops->observe(&g.part.u, &s, 1, &e) < 0 && e.text[0], "%s: took a sample of a unit that is not there",
            m->name);
    finish(&g);
}

Test(profilers, samples_of_strangers_are_refused)
{
    cr_assert_gt(for_each_choice(ALM_PROFILER, strangers), 0);
}
