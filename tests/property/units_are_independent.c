/* SPDX-License-Identifier: GPL-3.0-or-later
 * Does a unit's fate depend on its neighbours or on its number? Shuffle the units of a fleet: decisions and metrics of
 * each must be the same, bit for bit, for every predictor and allocator that shares no state. */
#include "experiments/metrics.h"

#include "fleet.h"
#include "loop_rig.h"

#include <string.h>

extern const struct alm_platform_ops alm_platform_simulated;

enum { UNITS = 7, ROWS = 700 };
#define STEP (5 * ALM_MINUTE)

static const size_t identity[UNITS] = {0, 1, 2, 3, 4, 5, 6}, shuffled[UNITS] = {4, 2, 6, 0, 5, 3, 1};

/* The fleet of all tests with its units in the order PLACE: unit i stands at PLACE[i]. Lives differ in length, rows are
 * missing, and capacities are known. */
static void make(struct fleet *f, const size_t *place)
{
    struct fleet plain;
    fleet_make(&plain, UNITS, ROWS, 0, STEP);
    fleet_make(f, UNITS, ROWS, 0, STEP);
    fleet_randomize(&plain, 21);
    for (size_t i = 0; i < UNITS; i++) {
        size_t to = place[i], rows = ROWS - 40 * i;
        memcpy(f->cpu + to * ROWS, plain.cpu + i * ROWS, ROWS * sizeof(double));
        memcpy(f->memory + to * ROWS, plain.memory + i * ROWS, ROWS * sizeof(double));
        f->cpu[to * ROWS + 50 + i] = NAN;
        f->memory[to * ROWS + 60 + i] = NAN;
        f->unit[to] = plain.unit[i];
        f->unit[to].cores = 2 + (double)i;
        f->unit[to].memory = (double)(400 + 20 * i) * 1048576;
        f->unit[to].last = (alm_time)rows * STEP;
        f->rows[to] = rows;
    }
    fleet_free(&plain);
}

struct result {
    struct rig rig;
    struct metrics_unit unit[UNITS];
};

static void run(struct result *out, const size_t *place, const char *predictor, const char *allocator,
                const char *platform)
{
    struct fleet fleet;
    struct metrics *m;
    struct alm_err e = {0};
    struct alm_loop_stats stats;
    void *self;
    memset(out, 0, sizeof *out);
    make(&fleet, place);
    struct alm_choice choice = rig_choice(ALM_PLATFORM, platform);
    struct alm_platform_config config = {.opt = choice.opt, .seed = 3, .demand = &fleet.demand, .wake_on_oom = true};
    out->rig.policy = rig_policy(predictor, "measured", allocator);
    cr_assert_eq(metrics_new(fleet.unit, UNITS, 0, &m, &e), ALM_OK);
    cr_assert_eq(alm_platform_simulated.open(&config, &self, &e), ALM_OK, "%s", e.text);
    struct alm_observer watch = {.ctx = &out->rig, .decisions = rig_decisions}, score = metrics_observer(m);
    const struct alm_observer *const watching[] = {&watch, &score, NULL};
    struct alm_loop_config loop = {.interval = 2 * STEP, .seed = 3, .demand = &fleet.demand};
    cr_assert_eq(alm_loop_run(&loop, &out->rig.policy, &alm_platform_simulated, self, watching, &stats, &e), ALM_OK,
                 "%s + %s: %s", predictor, allocator, e.text);
    metrics_finish(m);
    memcpy(out->unit, metrics_units(m), sizeof out->unit);
    alm_platform_simulated.close(self);
    metrics_free(m);
    alm_choice_free(&choice);
    fleet_free(&fleet);
}

/* The next decision of UNIT at or behind *AT; NULL at the end. */
static const struct rig_row *next_of(const struct rig *rig, size_t unit, size_t *at)
{
    while (*at < rig->count && rig->row[*at].decision.unit != unit)
        ++*at;
    return *at < rig->count ? &rig->row[(*at)++] : NULL;
}

/* How many decisions and metrics of A (unit i at i) differ from those of B (unit i at PLACE[i]). */
static size_t differences(const struct result *a, const struct result *b, const size_t *place)
{
    size_t differ = a->rig.count != b->rig.count;
    for (size_t i = 0; i < UNITS; i++) {
        size_t at_a = 0, at_b = 0;
        for (;;) {
            const struct rig_row *x = next_of(&a->rig, i, &at_a), *y = next_of(&b->rig, place[i], &at_b);
            if (!x || !y) {
                differ += x != y;
                break;
            }
            struct rig_row moved = *y;
            moved.decision.unit = (uint32_t)i;
            differ += !rig_same(x, &moved);
        }
        differ += memcmp(&a->unit[i], &b->unit[place[i]], sizeof a->unit[i]) != 0;
    }
    return differ;
}

static size_t shuffle_changes(const char *predictor, const char *allocator, const char *platform)
{
    struct result a, b;
    run(&a, identity, predictor, allocator, platform);
    run(&b, shuffled, predictor, allocator, platform);
    cr_assert_gt(a.rig.count, UNITS * 200, "%s + %s decided too rarely to say anything", predictor, allocator);
    size_t differ = differences(&a, &b, shuffled);
    rig_free(&a.rig);
    rig_free(&b.rig);
    return differ;
}

static bool takes_part(const struct alm_head *m, enum alm_kind kind)
{
    return m->kind == kind && !(m->flags & ALM_F_SHARED);
}

static void every_pair(const char *platform)
{
    size_t pairs = 0;
    for (const struct alm_head *const *p = alm_modules(); *p; p++)
        for (const struct alm_head *const *a = alm_modules(); *a; a++) {
            if (!takes_part(*p, ALM_PREDICTOR) || !takes_part(*a, ALM_ALLOCATOR))
                continue;
            size_t differ = shuffle_changes((*p)->name, (*a)->name, platform);
            cr_assert_eq(differ, 0, "%s + %s on %s: %zu decisions or metrics depend on the order of units", (*p)->name,
                         (*a)->name, platform, differ);
            pairs++;
        }
    cr_assert_geq(pairs, 12);
}

Test(units_are_independent, in_closed_loop)
{
    every_pair("simulated:restart_delay=2m");
}

Test(units_are_independent, in_open_loop)
{
    every_pair("simulated:open_loop=true,actuation_delay=90s");
}

/* An allocator that looks at its neighbours, so that the test can fail. */
static size_t neighbour_size(const void *opt, const struct alm_env *env)
{
    (void)opt, (void)env;
    return 0;
}

static int neighbour_decide(const struct alm_units *u, alm_time now, const struct alm_situation *situation,
                            struct alm_decision *out, struct alm_err *e)
{
    (void)now, (void)e;
    for (size_t i = 0; i < u->count; i++) {
        double usage = situation[i ? i - 1 : 0].usage[ALM_CPU];
        out[i].limit[ALM_CPU] = usage > 0 ? alm_millicores_up(usage) : 1000;
    }
    return ALM_OK;
}

static const char *const neighbour_reasons[] = {"as the one before", NULL};
static const struct alm_allocator_ops neighbour = {.head = {.abi = ALM_ABI,
                                                            .size = sizeof neighbour,
                                                            .kind = ALM_ALLOCATOR,
                                                            .name = "neighbour",
                                                            .summary = "gives each what its neighbour used",
                                                            .source = "this test"},
                                                   .reasons = neighbour_reasons,
                                                   .state_size = neighbour_size,
                                                   .decide = neighbour_decide};

static void run_neighbour(struct result *out, const size_t *place)
{
    struct fleet fleet;
    struct alm_err e = {0};
    struct alm_loop_stats stats;
    void *self;
    memset(out, 0, sizeof *out);
    make(&fleet, place);
    struct alm_choice choice = rig_choice(ALM_PLATFORM, "simulated");
    struct alm_platform_config config = {.opt = choice.opt, .demand = &fleet.demand};
    out->rig.policy = rig_policy("none", "none", "reactive");
    alm_choice_free(&out->rig.policy.allocator);
    out->rig.policy.allocator.module = &neighbour.head;
    cr_assert_eq(alm_platform_simulated.open(&config, &self, &e), ALM_OK);
    cr_assert_eq(rig_run(&out->rig, &alm_platform_simulated, self, (struct alm_loop_config){0}, &stats, &e), ALM_OK);
    alm_platform_simulated.close(self);
    alm_choice_free(&choice);
    fleet_free(&fleet);
}

/* What these options say against the module's flag. */
Test(units_are_independent, where_options_keep_units_apart)
{
    cr_expect_eq(shuffle_changes("conditional-density:pool=false", "envelope", "simulated:open_loop=true"), 0);
    cr_expect_gt(shuffle_changes("conditional-density", "envelope", "simulated:open_loop=true"), 0,
                 "the flag is for nothing");
}

Test(units_are_independent, the_test_can_fail)
{
    struct result a, b;
    run_neighbour(&a, identity);
    run_neighbour(&b, shuffled);
    cr_assert_gt(differences(&a, &b, shuffled), 0);
    rig_free(&a.rig);
    rig_free(&b.rig);
}
