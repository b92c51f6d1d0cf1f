/* SPDX-License-Identifier: GPL-3.0-or-later
 * module_rig: what the contract tests share: units, samples that are functions of (seed, unit, index), modules with
 * state.
 *
 * Meaning.  Round k shows samples [k * PER_ROUND, (k + 1) * PER_ROUND) of each unit, one a minute, and ends with a
 *           decision at the stamp of the last. The true demand is the same numbers, so an oracle can be asked too.
 * Choice.   A unit's numbers depend on its `character`, not on its place, so that places can be permuted. */
#ifndef TESTS_MODULE_RIG_H
#define TESTS_MODULE_RIG_H

#include "almanac/allocator.h"
#include "almanac/calibrator.h"
#include "almanac/demand.h"
#include "almanac/predictor.h"
#include "almanac/profiler.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RIG_UNITS = 5, PER_ROUND = 5, RIG_ROUNDS = 60, RIG_ROWS = (RIG_ROUNDS + 4) * PER_ROUND };
#define RIG_STEP ALM_MINUTE
#define RIG_START (INT64_C(1700000000) * ALM_SECOND / RIG_STEP * RIG_STEP)

/* Stop the test with a formatted text unless CONDITION holds. */
#define REQUIRE(condition, ...)                                                                                        \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            char text_[1024];                                                                                          \
            snprintf(text_, sizeof text_, __VA_ARGS__);                                                                \
            cr_assert_eq(1, 0, "%s", text_);                                                                           \
        }                                                                                                              \
    } while (0)

/* What the samples look like. */
struct feed {
    uint64_t seed;
    bool missing; /* some values, and some whole rows, are missing */
    bool all_missing;
    bool censored; /* every value is marked as held by its limit */
    bool oom;      /* now and then an OOM kill */
};

static inline uint64_t rig_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline double rig_uniform(uint64_t seed, uint64_t a, uint64_t b)
{
    return (double)(rig_mix(rig_mix(seed ^ rig_mix(a)) ^ b) >> 11) * 0x1p-53;
}

static inline alm_time rig_stamp(size_t index)
{
    return RIG_START + (alm_time)(index + 1) * RIG_STEP;
}

/* Sample INDEX of the unit of this character, to be shown as unit ID. */
static inline struct alm_sample rig_sample(const struct feed *f, uint32_t character, uint32_t id, size_t index)
{
    double wave = 1 + sin((double)index / 17 + character);
    double chance = rig_uniform(f->seed, character, index * 8 + 7);
    struct alm_sample s = {.at = rig_stamp(index), .span = RIG_STEP, .unit = id, .limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}};
    s.usage[ALM_CPU] = (int64_t)(60e6 * (wave + rig_uniform(f->seed, character, index * 8)) * (character % 3));
    s.usage[ALM_MEMORY] = (int64_t)(2e8 * (1 + character) * (wave + rig_uniform(f->seed, character, index * 8 + 1)));
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++)
        s.usage[r] = (int64_t)(1e6 * rig_uniform(f->seed, character, index * 8 + (uint64_t)r));
    if (f->missing && chance < 0.3)
        s.missing = (uint8_t)(chance < 0.1 ? 0x3f : chance < 0.2 ? ALM_BIT(ALM_CPU) : ALM_BIT(ALM_MEMORY));
    if (f->all_missing)
        s.missing = 0x3f;
    if (f->censored) {
        s.censored = (uint8_t)(3u & ~(unsigned)s.missing);
        s.limit[0] = s.usage[ALM_CPU] / 60000;
        s.limit[1] = s.usage[ALM_MEMORY];
    }
    if (f->oom && chance > 0.97) {
        s.oom_kills = 1;
        s.limit[1] = s.usage[ALM_MEMORY];
        s.censored |= (uint8_t)ALM_BIT(ALM_MEMORY);
    }
    return s;
}

/* The truth behind a feed: `character` per unit. */
struct truth {
    struct alm_demand demand;
    struct alm_unit unit[RIG_UNITS];
    uint64_t rows[RIG_UNITS];
    uint32_t character[RIG_UNITS];
    struct feed feed;
};

static inline int truth_read(const struct alm_demand *self, size_t unit, uint64_t first, size_t n,
                             const struct alm_demand_rows *out, struct alm_err *e)
{
    const struct truth *t = self->owner;
    if (unit >= self->units || first + n > self->rows[unit])
        return alm_fail(e, ALM_EMODULE, "rows beyond the end were asked for");
    for (size_t k = 0; k < n; k++) {
        struct alm_sample s = rig_sample(&t->feed, t->character[unit], (uint32_t)unit, (size_t)first + k);
        if (out->at)
            out->at[k] = s.at;
        if (out->span)
            out->span[k] = s.span;
        for (int r = 0; r < ALM_RESOURCES; r++) {
            double value = r <= ALM_MEMORY ? alm_sample_usage(&s, (enum alm_resource)r) : (double)s.usage[r];
            if (out->value[r])
                out->value[r][k] = s.missing & ALM_BIT(r) ? NAN : value;
        }
    }
    return ALM_OK;
}

static inline void truth_init(struct truth *t, const struct feed *feed, const uint32_t *character)
{
    memset(t, 0, sizeof *t);
    t->feed = *feed;
    for (size_t i = 0; i < RIG_UNITS; i++) {
        snprintf(t->unit[i].name, sizeof t->unit[i].name, "unit-%zu", i);
        t->unit[i].cores = t->unit[i].memory = NAN;
        t->rows[i] = RIG_ROWS;
        t->character[i] = character[i];
    }
    t->demand = (struct alm_demand){.unit = t->unit,
                                    .rows = t->rows,
                                    .units = RIG_UNITS,
                                    .interval = RIG_STEP,
                                    .resources = 0x3f,
                                    .read = truth_read,
                                    .owner = t};
}

/* One module with state for RIG_UNITS units. */
struct part {
    struct alm_units u;
    struct alm_env env;
    size_t bytes; /* of all state */
    uint32_t id[RIG_UNITS];
};

static inline struct alm_env rig_env(uint32_t resources)
{
    static const uint32_t code[RIG_UNITS] = {0, 1, 2, 3, 4};
    return (struct alm_env){.seed = 7,
                            .interval = PER_ROUND * RIG_STEP,
                            .sample_interval = RIG_STEP,
                            .resources = resources,
                            .code = code,
                            .units = RIG_UNITS,
                            .codes = RIG_UNITS};
}

static inline void part_init(struct part *p, const struct alm_env *env, const void *opt, size_t size)
{
    memset(p, 0, sizeof *p);
    p->env = *env;
    for (uint32_t i = 0; i < RIG_UNITS; i++)
        p->id[i] = i;
    size_t stride = (size + 63) / 64 * 64;
    p->bytes = stride * RIG_UNITS;
    p->u = (struct alm_units){.count = RIG_UNITS, .id = p->id, .stride = stride, .opt = opt, .env = &p->env};
    p->u.state = aligned_alloc(64, p->bytes ? p->bytes : 64);
    REQUIRE(p->u.state, "no memory");
    memset(p->u.state, 0, p->bytes);
}

/* The same module, of unit I alone. */
static inline struct alm_units part_one(const struct part *p, size_t i)
{
    struct alm_units one = p->u;
    one.id = &p->id[i];
    one.count = 1;
    return one;
}

static inline char *part_copy(const struct part *p)
{
    char *copy = malloc(p->bytes ? p->bytes : 1);
    REQUIRE(copy, "no memory");
    memcpy(copy, p->u.state, p->bytes);
    return copy;
}

static inline size_t rig_samples(const struct feed *f, const uint32_t *character, size_t round, struct alm_sample *out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < RIG_UNITS; i++)
        for (size_t k = 0; k < PER_ROUND; k++)
            out[n++] = rig_sample(f, character[i], i, round * PER_ROUND + k);
    return n;
}

/* A predictor fed by the first profiler that provides what it needs. */
struct rig {
    const struct alm_profiler_ops *profiler;
    const struct alm_predictor_ops *predictor;
    struct alm_choice profiler_choice;
    struct part profiling, predicting;
    struct truth truth;
    struct feed feed;
    uint32_t character[RIG_UNITS];
    size_t rounds; /* fed so far */
    bool singly;   /* call the predictor with one unit at a time */
    struct alm_profile profile[RIG_UNITS];
    struct alm_envelope envelope[RIG_UNITS];
};

static const uint32_t rig_natural[RIG_UNITS] = {0, 1, 2, 3, 4};

static inline const struct alm_profiler_ops *rig_profiler_for(uint32_t needs)
{
    for (const struct alm_head *const *m = alm_modules(); *m; m++)
        if ((*m)->kind == ALM_PROFILER && !(needs & ~((const struct alm_profiler_ops *)(const void *)*m)->provides))
            return (const void *)*m;
    REQUIRE(false, "no profiler provides 0x%x", needs);
    return NULL;
}

/* Returns what the predictor's init said; rig_fini is due either way. */
static inline int rig_init(struct rig *g, const struct alm_predictor_ops *ops, const void *opt, const struct feed *feed,
                           const uint32_t *character, uint32_t resources, struct alm_err *e)
{
    memset(g, 0, sizeof *g);
    g->predictor = ops;
    g->profiler = rig_profiler_for(ops->needs);
    g->feed = *feed;
    memcpy(g->character, character, sizeof g->character);
    truth_init(&g->truth, feed, character);
    struct alm_env env = rig_env(resources);
    REQUIRE(alm_choice_parse(ALM_PROFILER, g->profiler->head.name, &g->profiler_choice, e) == 0, "%s", e->text);
    if (ops->head.flags & ALM_F_ORACLE)
        env.demand = &g->truth.demand;
    size_t window = ops->window ? ops->window(opt, &env) : 0;
    part_init(&g->predicting, &env, opt, ops->state_size(opt, &env));
    const size_t shared = ops->shared_size ? ops->shared_size(opt, &env) : 0;
    g->predicting.u.shared = shared ? calloc(1, shared) : NULL;
    env.demand = NULL;
    part_init(&g->profiling, &env, g->profiler_choice.opt,
              g->profiler->state_size(g->profiler_choice.opt, &env, window));
    REQUIRE(g->profiler->init(&g->profiling.u, window, e) == 0, "%s", e->text);
    return ops->init ? ops->init(&g->predicting.u, e) : ALM_OK;
}

static inline void rig_fini(struct rig *g)
{
    if (g->predictor->fini)
        g->predictor->fini(&g->predicting.u);
    if (g->profiler->fini)
        g->profiler->fini(&g->profiling.u);
    free(g->predicting.u.state);
    free(g->predicting.u.shared);
    free(g->profiling.u.state);
    alm_choice_free(&g->profiler_choice);
}

static inline alm_time rig_now(const struct rig *g)
{
    return g->rounds ? rig_stamp(g->rounds * PER_ROUND - 1) : RIG_START;
}

/* Show the predictor the next round of samples. */
static inline void rig_observe(struct rig *g)
{
    struct alm_sample samples[RIG_UNITS * PER_ROUND];
    struct alm_err e = {0};
    const char *name = g->predictor->head.name;
    size_t n = rig_samples(&g->feed, g->character, g->rounds++, samples);
    REQUIRE(g->profiler->observe(&g->profiling.u, samples, n, &e) >= 0, "%s: %s", name, e.text);
    REQUIRE(g->profiler->profile(&g->profiling.u, g->profile, &e) >= 0, "%s: %s", name, e.text);
    if (g->predictor->observe == NULL)
        return;
    for (size_t i = 0; g->singly && i < RIG_UNITS; i++) {
        struct alm_units one = part_one(&g->predicting, i);
        REQUIRE(g->predictor->observe(&one, &g->profile[i], &e) >= 0, "%s: %s", name, e.text);
    }
    if (!g->singly)
        REQUIRE(g->predictor->observe(&g->predicting.u, g->profile, &e) >= 0, "%s: %s", name, e.text);
}

static inline void rig_predict(struct rig *g)
{
    struct alm_err e = {0};
    const char *name = g->predictor->head.name;
    alm_time now = rig_now(g);
    for (size_t i = 0; i < RIG_UNITS; i++)
        g->envelope[i] = (struct alm_envelope){.from = now, .until = now + g->predicting.env.interval};
    for (size_t i = 0; g->singly && i < RIG_UNITS; i++) {
        struct alm_units one = part_one(&g->predicting, i);
        REQUIRE(g->predictor->predict(&one, &g->profile[i], now, &g->envelope[i], &e) >= 0, "%s: %s", name, e.text);
    }
    if (!g->singly)
        REQUIRE(g->predictor->predict(&g->predicting.u, g->profile, now, g->envelope, &e) >= 0, "%s: %s", name, e.text);
}

/* Is V an envelope that the contract allows? */
static inline void rig_check_shape(const char *name, const struct alm_envelope *v, alm_time now, alm_time interval,
                                   uint32_t resources)
{
    REQUIRE(!(v->has & ~resources), "%s: speaks of resources 0x%x, shown are 0x%x", name, v->has, resources);
    REQUIRE(v->from == now && v->until == now + interval, "%s: moved the horizon", name);
    for (int r = 0; r < ALM_RESOURCES; r++) {
        double c = v->confidence[r];
        if (!(v->has & ALM_BIT(r)))
            continue;
        REQUIRE(isfinite(v->max[r]) && v->min[r] >= 0 && v->min[r] <= v->max[r], "%s: resource %d in [%g, %g]", name, r,
                v->min[r], v->max[r]);
        REQUIRE(isnan(c) || (c >= 0 && c <= 1), "%s: resource %d: confidence %g", name, r, c);
    }
}

static inline bool rig_same_envelope(const struct alm_envelope *a, const struct alm_envelope *b)
{
    if (a->has != b->has || a->peak != b->peak || a->from != b->from || a->until != b->until)
        return false;
    for (int r = 0; r < ALM_RESOURCES; r++)
        if ((a->has & ALM_BIT(r)) && (memcmp(&a->min[r], &b->min[r], sizeof a->min[r]) != 0 ||
                                      memcmp(&a->max[r], &b->max[r], sizeof a->max[r]) != 0 ||
                                      memcmp(&a->confidence[r], &b->confidence[r], sizeof a->min[r]) != 0))
            return false;
    return true;
}

/* Call FN for each module of KIND with its default options, then with each value of each choice option. Returns how
 * often. */
static inline size_t for_each_choice(enum alm_kind kind, void (*fn)(const struct alm_head *module, const void *opt))
{
    size_t calls = 0;
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        if ((*m)->kind != kind)
            continue;
        struct alm_err e = {0};
        struct alm_choice choice;
        REQUIRE(alm_choice_parse(kind, (*m)->name, &choice, &e) == 0, "%s: %s", (*m)->name, e.text);
        fn(*m, choice.opt);
        calls++;
        for (const struct alm_opt *row = (*m)->opts; row && row->key; row++) {
            if (row->type != ALM_OPT_CHOICE)
                continue;
            int *value = (int *)(void *)((char *)choice.opt + row->offset), before = *value, values = 1;
            for (const char *c = row->choices; *c; c++)
                values += *c == '|';
            for (*value = 0; *value < values; ++*value, calls++)
                fn(*m, choice.opt);
            *value = before;
        }
        alm_choice_free(&choice);
    }
    return calls;
}

#endif
