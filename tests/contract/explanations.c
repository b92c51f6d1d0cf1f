/* SPDX-License-Identifier: GPL-3.0-or-later
 * explanations: is what predictors say of their state one line of UTF-8, the same each time, cut where it must be, and does saying it change nothing?
 *
 * Choice.   What is UTF-8 says iconv. */
#include "module_rig.h"

#include <iconv.h>

enum { ROOM = 4096, EXPLAINING = 5 };

static size_t explaining;

static bool is_utf8(const char *text)
{
    char wide[4 * ROOM], *in = (char *)(uintptr_t)text, *out = wide;
    size_t from = strlen(text), to = sizeof wide;
    iconv_t how = iconv_open("UTF-32LE", "UTF-8");
    REQUIRE(how != (iconv_t)-1, "no iconv");
    const bool good = iconv(how, &in, &from, &out, &to) != (size_t)-1 && from == 0;
    iconv_close(how);
    return good;
}

static void ask(const struct rig *g, size_t i, enum alm_resource r, char *text, size_t size)
{
    struct alm_err e = {0};
    memset(text, 'x', ROOM);
    REQUIRE(g->predictor->explain(&g->predicting.u, i, r, text, size, &e) >= 0, "%s: %s", g->predictor->head.name,
            e.text);
    REQUIRE(memchr(text, '\0', size), "%s: no end within %zu bytes", g->predictor->head.name, size);
    for (size_t k = size; k < ROOM; k++)
        REQUIRE(text[k] == 'x', "%s: wrote byte %zu of %zu", g->predictor->head.name, k, size);
}

static void check_one(const struct rig *g, size_t i, enum alm_resource r)
{
    static char whole[ROOM], other[ROOM];
    const char *name = g->predictor->head.name;
    ask(g, i, r, whole, ROOM);
    REQUIRE(*whole && !strpbrk(whole, "\r\n") && is_utf8(whole), "%s: `%.400s` is not a line", name, whole);
    ask(g, i, r, other, ROOM);
    REQUIRE(strcmp(whole, other) == 0, "%s: `%.400s`, then `%.400s`", name, whole, other);
    for (size_t size = 1; size <= strlen(whole); size += 1 + size / 8) {
        ask(g, i, r, other, size);
        REQUIRE(strncmp(whole, other, strlen(other)) == 0 && is_utf8(other), "%s: in %zu bytes `%.400s`", name, size,
                other);
        REQUIRE(strlen(other) + 4 >= size, "%s: %zu bytes were there for `%.400s`", name, size, other);
    }
}

static void check_all(const struct rig *g)
{
    char *before = part_copy(&g->predicting);
    for (size_t i = 0; i < RIG_UNITS; i++)
        for (uint32_t left = g->predicting.env.resources; left; left &= left - 1)
            check_one(g, i, (enum alm_resource)__builtin_ctz(left));
    REQUIRE(memcmp(before, g->predicting.u.state, g->predicting.bytes) == 0, "%s: explaining wrote the state",
            g->predictor->head.name);
    free(before);
}

static void explained(const struct alm_head *m, const void *opt)
{
    static const struct feed feeds[] = {
        {.seed = 1}, {.seed = 2, .missing = true, .oom = true, .censored = true}, {.seed = 3, .all_missing = true}};
    const struct alm_predictor_ops *ops = (const void *)m;
    for (size_t k = 0; ops->explain && k < sizeof feeds / sizeof feeds[0]; k++) {
        struct rig g;
        struct alm_err e = {0};
        REQUIRE(rig_init(&g, ops, opt, &feeds[k], rig_natural, k == 0 ? 0x3f : 0x02, &e) >= 0, "%s: %s", m->name,
                e.text);
        check_all(&g);
        for (size_t round = 1; round <= RIG_ROUNDS; round++) {
            rig_observe(&g);
            if (round == 1 || round == RIG_ROUNDS)
                check_all(&g);
        }
        rig_fini(&g);
        explaining += k == 0;
    }
}

Test(explanations, are_lines_that_change_nothing)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, explained), 0);
    cr_assert_geq(explaining, EXPLAINING);
}

/* A state that was kept says what it said. */
static void kept(const struct alm_head *m, const void *opt)
{
    static char before[ROOM], after[ROOM];
    static const struct feed feed = {.seed = 4};
    const struct alm_predictor_ops *ops = (const void *)m;
    struct alm_err e = {0};
    struct rig a, b;
    if (!ops->explain || !ops->save)
        return;
    REQUIRE(rig_init(&a, ops, opt, &feed, rig_natural, 3, &e) >= 0 &&
                rig_init(&b, ops, opt, &feed, rig_natural, 3, &e) >= 0,
            "%s: %s", m->name, e.text);
    for (size_t round = 0; round < RIG_ROUNDS; round++)
        rig_observe(&a);
    for (size_t i = 0; i < RIG_UNITS; i++) {
        size_t size = 0;
        REQUIRE(ops->save(&a.predicting.u, i, NULL, &size, &e) == 0, "%s: %s", m->name, e.text);
        char *saved = malloc(size + 1);
        REQUIRE(ops->save(&a.predicting.u, i, saved, &size, &e) == 0 &&
                    ops->load(&b.predicting.u, i, saved, size, &e) == 0,
                "%s: %s", m->name, e.text);
        free(saved);
        ask(&a, i, ALM_CPU, before, ROOM);
        ask(&b, i, ALM_CPU, after, ROOM);
        REQUIRE(strcmp(before, after) == 0, "%s: `%.400s`, loaded `%.400s`", m->name, before, after);
    }
    rig_fini(&a);
    rig_fini(&b);
}

Test(explanations, of_loaded_states_are_those_of_saved_ones)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, kept), 0);
}
