/* SPDX-License-Identifier: GPL-3.0-or-later
 * Can a policy see the future? A limit decided at t must not depend on samples after t: change the future and compare.
 * The oracle must fail this test: so the test can fail. */
#include "almanac/demand.h"

#include "fleet.h"
#include "loop_rig.h"

extern const struct alm_platform_ops alm_platform_simulated;

enum { UNITS = 3, ROWS = 300 };
#define STEP (5 * ALM_MINUTE)

static void run(struct rig *rig, const struct fleet *fleet, const char *text)
{
    struct alm_choice choice = rig_choice(ALM_PLATFORM, text);
    struct alm_platform_config config = {.opt = choice.opt, .demand = &fleet->demand, .wake_on_oom = true};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    void *self;
    cr_assert_eq(alm_platform_simulated.open(&config, &self, &e), ALM_OK, "%s", e.text);
    struct alm_loop_config loop = {.demand = &fleet->demand};
    cr_assert_eq(rig_run(rig, &alm_platform_simulated, self, loop, &stats, &e), ALM_OK, "%s", e.text);
    alm_platform_simulated.close(self);
    alm_choice_free(&choice);
}

/* How many decisions taken at or before row CUT differ when the demand after it is another. */
static size_t leaks(const char *predictor, const char *platform, size_t cut)
{
    struct fleet a, b;
    fleet_make(&a, UNITS, ROWS, 0, STEP);
    fleet_make(&b, UNITS, ROWS, 0, STEP);
    fleet_randomize(&a, 5);
    fleet_randomize(&b, 5);
    for (size_t i = 0; i < UNITS; i++)
        for (size_t k = cut; k < ROWS; k++) {
            b.cpu[i * ROWS + k] = 5 + 2 * a.cpu[i * ROWS + k];
            b.memory[i * ROWS + k] = 3 * a.memory[i * ROWS + k];
        }
    const char *allocator = "envelope:margin=10%";
    struct rig x = {.policy = rig_policy(predictor, "measured", allocator)};
    struct rig y = {.policy = rig_policy(predictor, "measured", allocator)};
    run(&x, &a, platform);
    run(&y, &b, platform);
    size_t differ = 0;
    alm_time horizon = (alm_time)cut * STEP;
    for (size_t i = 0; i < x.count && x.row[i].time <= horizon; i++) {
        cr_assert(i < y.count);
        differ += !rig_same(&x.row[i], &y.row[i]);
    }
    rig_free(&x);
    rig_free(&y);
    fleet_free(&a);
    fleet_free(&b);
    return differ;
}

Test(no_look_ahead, every_predictor_but_the_oracle_is_blind_to_the_future)
{
    size_t tested = 0;
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        if ((*m)->kind != ALM_PREDICTOR || ((*m)->flags & ALM_F_ORACLE))
            continue;
        const size_t apart = (*m)->flags & ALM_F_FITS ? 194 : 97; /* fitting takes its time */
        for (size_t cut = 1; cut < ROWS; cut += apart) {
            cr_assert_eq(leaks((*m)->name, "simulated:open_loop=true", cut), 0, "%s looked ahead", (*m)->name);
            cr_assert_eq(leaks((*m)->name, "simulated", cut), 0, "%s looked ahead in closed loop", (*m)->name);
        }
        tested++;
    }
    cr_assert_gt(tested, 3);
}

Test(no_look_ahead, the_test_can_fail)
{
    cr_assert_gt(leaks("oracle", "simulated:open_loop=true", 98), 0);
}

/* A module that tries: it looks for the truth in everything it is handed. */
static const struct alm_demand *stolen;

static size_t thief_size(const void *opt, const struct alm_env *env)
{
    (void)opt, (void)env;
    return 0;
}

static int thief_predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now,
                         struct alm_envelope *out, struct alm_err *e)
{
    (void)profile, (void)now, (void)out, (void)e;
    stolen = u->env->demand;
    return ALM_OK;
}

static const struct alm_predictor_ops thief = {.head = {.abi = ALM_ABI,
                                                        .size = sizeof thief,
                                                        .kind = ALM_PREDICTOR,
                                                        .name = "thief",
                                                        .summary = "tries to see demand",
                                                        .source = "this test"},
                                               .state_size = thief_size,
                                               .predict = thief_predict};
static const struct alm_predictor_ops honest_oracle = {.head = {.abi = ALM_ABI,
                                                                .size = sizeof thief,
                                                                .kind = ALM_PREDICTOR,
                                                                .flags = ALM_F_ORACLE,
                                                                .name = "flagged",
                                                                .summary = "is shown demand",
                                                                .source = "this test"},
                                                       .state_size = thief_size,
                                                       .predict = thief_predict};

static const struct alm_demand *seen_by(const struct alm_predictor_ops *ops)
{
    struct fleet fleet;
    fleet_make(&fleet, UNITS, ROWS, 0, STEP);
    fleet_randomize(&fleet, 5);
    struct rig rig = {.policy = rig_policy("none", "none", "static:cpu=1")};
    rig.policy.predictor.module = &ops->head;
    stolen = NULL;
    run(&rig, &fleet, "simulated:open_loop=true");
    rig_free(&rig);
    fleet_free(&fleet);
    return stolen;
}

Test(no_look_ahead, an_unflagged_module_is_not_shown_demand)
{
    cr_assert_null(seen_by(&thief), "the loop handed demand to a module without ALM_F_ORACLE");
    cr_assert_not_null(seen_by(&honest_oracle), "and the test would notice");
}
