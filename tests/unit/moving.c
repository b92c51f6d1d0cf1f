/* SPDX-License-Identifier: GPL-3.0-or-later
 * moving: can bytes that carry the right name, size and checksum but hold nonsense lead a predictor over a moving window
 * outside its state, and are those that cannot be a window refused? */
#include "almanac/predictor.h"
#include "almanac/stream.h"
#include "models/quantile.h"
#include "models/saved.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELD = 7 }; /* values in a window */

static const struct alm_env env = {
    .interval = ALM_MINUTE, .sample_interval = ALM_MINUTE, .resources = ALM_BIT(ALM_CPU)};
static const uint32_t only[1] = {0};

/* One unit whose state ends where its memory ends, so that the sanitizer sees a step too far. */
struct rig {
    struct alm_choice choice;
    const struct alm_predictor_ops *ops;
    struct alm_units u;
    size_t size, saved;
    char *bytes; /* saved */
};

static void start(struct rig *g, const char *name)
{
    struct alm_err e = {0};
    char text[64];
    snprintf(text, sizeof text, "%s:window=%dm", name, HELD);
    cr_assert_eq(alm_choice_parse(ALM_PREDICTOR, text, &g->choice, &e), 0, "%s", e.text);
    g->ops = (const struct alm_predictor_ops *)(const void *)g->choice.module;
    g->size = g->ops->state_size(g->choice.opt, &env);
    g->u = (struct alm_units){
        .count = 1, .id = only, .state = calloc(1, g->size), .stride = g->size, .opt = g->choice.opt, .env = &env};
    cr_assert_eq(g->ops->init(&g->u, &e), 0, "%s", e.text);
    g->saved = 0;
    cr_assert_eq(g->ops->save(&g->u, 0, NULL, &g->saved, &e), 0);
    g->bytes = malloc(g->saved);
}

static void finish(struct rig *g)
{
    free(g->u.state);
    free(g->bytes);
    alm_choice_free(&g->choice);
}

static void feed(const struct rig *g, double value)
{
    struct alm_err e = {0};
    struct alm_profile p = {.window = {.count = 1, .value = {&value}}, .fresh = 1};
    struct alm_envelope v = {0};
    cr_assert_eq(g->ops->observe(&g->u, &p, &e), 0, "%s", e.text);
    cr_assert_eq(g->ops->predict(&g->u, &p, 0, &v, &e), 0, "%s", e.text);
}

/* Give STATE the head that saving gives it, checksum and all. */
static int load_state(const struct rig *g, const char *name, const void *state)
{
    struct alm_err e = {0};
    char as_name[32];
    size_t size = g->saved;
    snprintf(as_name, sizeof as_name, "predictor %s", name);
    const struct alm_saved_as as = {.module = as_name, .version = 1, .made_with = env.resources};
    cr_assert_eq(alm_saved_write(&as, state, g->size, g->bytes, &size, &e), 0, "%s", e.text);
    return g->ops->load(&g->u, 0, g->bytes, size, &e);
}

/* Random bytes; the head of a window, which `sound` looks at, is put over them. */
static void scribble(char *state, size_t size, struct alm_stream *s)
{
    for (size_t i = 0; i < size; i++)
        state[i] = (char)alm_stream_u64(s);
}

static void check_nonsense(const char *name, void (*head)(char *state, struct alm_stream *s))
{
    struct rig g;
    start(&g, name);
    char *state = malloc(g.size);
    for (uint64_t round = 0; round < 2000; round++) {
        struct alm_stream s = alm_stream_open(1, round, "nonsense");
        scribble(state, g.size, &s);
        head(state, &s);
        cr_assert_eq(load_state(&g, name, state), 0, "round %d", (int)round);
        for (int k = 0; k < 4 * HELD; k++)
            feed(&g, round % 3 ? alm_stream_normal(&s) : -1e300 * k);
    }
    free(state);
    finish(&g);
}

static void sorted_head(char *state, struct alm_stream *s)
{
    struct alm_sorted_window w = {.capacity = HELD,
                                  .count = (uint32_t)alm_stream_below(s, HELD + 1),
                                  .next = (uint32_t)alm_stream_below(s, HELD)};
    memcpy(state, &w, sizeof w);
}

static void peak_head(char *state, struct alm_stream *s)
{
    for (size_t k = 0; k < 2; k++) {
        struct alm_peak_window w = {.capacity = HELD,
                                    .first = (uint32_t)alm_stream_below(s, HELD),
                                    .held = (uint32_t)alm_stream_below(s, HELD + 1),
                                    .seen = (uint32_t)alm_stream_u64(s),
                                    .count = alm_stream_below(s, 100)};
        char *at = state + k * alm_peak_window_size(HELD);
        memcpy(at, &w, sizeof w);
        for (size_t i = 0; i < HELD; i++) { /* arrivals so late that none is old enough to go */
            uint32_t arrival = w.seen - (uint32_t)alm_stream_below(s, 2);
            memcpy(at + sizeof w + HELD * sizeof(double) + i * sizeof arrival, &arrival, sizeof arrival);
        }
    }
}

Test(moving, nonsense_in_a_sorted_window_stays_within_the_state)
{
    check_nonsense("moving-percentile", sorted_head);
}

Test(moving, nonsense_in_a_peak_window_stays_within_the_state)
{
    check_nonsense("moving-max", peak_head);
}

Test(moving, what_cannot_be_a_window_is_refused)
{
    static const char *const name[] = {"moving-max", "moving-percentile"};
    for (size_t k = 0; k < 2; k++) {
        struct rig g;
        start(&g, name[k]);
        feed(&g, 1.5);
        char *state = malloc(g.size), *before = malloc(g.size);
        memcpy(before, g.u.state, g.size);
        cr_expect_eq(load_state(&g, name[k], before), 0, "its own bytes are good");
        for (size_t field = 0; field < 3; field++) { /* capacity, then two that lie within it */
            memcpy(state, before, g.size);
            uint32_t wrong = HELD + 1;
            memcpy(state + field * sizeof wrong, &wrong, sizeof wrong);
            cr_expect_eq(load_state(&g, name[k], state), ALM_EDATA, "%s, field %zu", name[k], field);
            cr_expect_eq(memcmp(g.u.state, before, g.size), 0, "the state is as it was");
        }
        free(state);
        free(before);
        finish(&g);
    }
}
