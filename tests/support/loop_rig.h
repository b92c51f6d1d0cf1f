/* SPDX-License-Identifier: GPL-3.0-or-later
 * loop_rig: drive the one loop over any platform in a test and keep every decision it takes. */
#ifndef ALM_TESTS_LOOP_RIG_H
#define ALM_TESTS_LOOP_RIG_H

#include "core/loop.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct rig_row {
    alm_time time;
    struct alm_decision decision;
    struct alm_applied applied;
};

struct rig {
    struct alm_policy policy;
    struct rig_row *row;
    size_t count, capacity;
    uint64_t outcomes;
};

static inline struct alm_choice rig_choice(enum alm_kind kind, const char *text)
{
    struct alm_choice c;
    struct alm_err e = {0};
    cr_assert_eq(alm_choice_parse(kind, text, &c, &e), ALM_OK, "%s", e.text);
    return c;
}

static inline struct alm_policy rig_policy(const char *predictor, const char *calibrator, const char *allocator)
{
    return (struct alm_policy){.profiler = rig_choice(ALM_PROFILER, "window"),
                               .predictor = rig_choice(ALM_PREDICTOR, predictor),
                               .calibrator = rig_choice(ALM_CALIBRATOR, calibrator),
                               .allocator = rig_choice(ALM_ALLOCATOR, allocator)};
}

static int rig_decisions(void *ctx, alm_time now, bool event, const struct alm_decision *d, const struct alm_applied *a,
                         size_t n, struct alm_err *e)
{
    (void)event, (void)e;
    struct rig *rig = ctx;
    for (size_t i = 0; i < n; i++) {
        if (rig->count == rig->capacity) {
            rig->capacity = rig->capacity ? rig->capacity * 2 : 1024;
            rig->row = realloc(rig->row, rig->capacity * sizeof *rig->row);
            cr_assert(rig->row != NULL);
        }
        rig->row[rig->count++] = (struct rig_row){now, d[i], a[i]};
    }
    return ALM_OK;
}

static int rig_outcomes(void *ctx, const uint32_t *unit, const struct alm_outcome *o, size_t n, struct alm_err *e)
{
    (void)unit, (void)e;
    struct rig *rig = ctx;
    for (size_t i = 0; i < n; i++)
        rig->outcomes += o[i].samples > 0;
    return ALM_OK;
}

/* Run over an open platform; keeps decisions in RIG. Returns what the loop returned. */
static inline int rig_run(struct rig *rig, const struct alm_platform_ops *ops, void *self,
                          struct alm_loop_config config, struct alm_loop_stats *stats, struct alm_err *e)
{
    struct alm_observer watch = {.ctx = rig, .decisions = rig_decisions, .outcomes = rig_outcomes};
    const struct alm_observer *watching[] = {&watch, NULL};
    if (config.interval == 0)
        config.interval = 5 * ALM_MINUTE;
    return alm_loop_run(&config, &rig->policy, ops, self, watching, stats, e);
}

static inline void rig_free(struct rig *rig)
{
    alm_policy_free(&rig->policy);
    free(rig->row);
}

static inline bool rig_same(const struct rig_row *a, const struct rig_row *b)
{
    bool same = a->time == b->time && a->decision.unit == b->decision.unit;
    for (int r = 0; r < 2; r++)
        same = same && a->decision.limit[r] == b->decision.limit[r] && a->decision.floor[r] == b->decision.floor[r] &&
               a->decision.reason[r] == b->decision.reason[r] && a->applied.limit[r] == b->applied.limit[r];
    return same;
}

#endif
