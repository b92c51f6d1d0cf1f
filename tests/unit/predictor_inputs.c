/* SPDX-License-Identifier: GPL-3.0-or-later
 * predictor_inputs: does the predictor learn from executions, answer at starts, add up what runs together, and keep its word? */
#include "almanac/predictor.h"
#include "almanac/stream.h"
#include "almanac/trace.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS = 3, INPUTS = 2 };

static const struct alm_input inputs[INPUTS] = {{.name = "size", .unit = "byte"}, {.name = "kind", .category = true}};
static const uint32_t codes[UNITS] = {0, 0, 1}; /* two units of one code */
static const uint32_t all[UNITS] = {0, 1, 2};

struct rig {
    struct alm_choice choice;
    const struct alm_predictor_ops *ops;
    struct alm_env env;
    struct alm_units u;
    uint64_t id;
    alm_time now;
    double input[INPUTS]; /* of the newest start or execution */
};

static void begin_with(struct rig *g, const char *text, size_t count)
{
    struct alm_err e = {0};
    memset(g, 0, sizeof *g);
    cr_assert_eq(alm_choice_parse(ALM_PREDICTOR, text, &g->choice, &e), 0, "%s", e.text);
    g->ops = (const struct alm_predictor_ops *)(const void *)g->choice.module;
    g->env = (struct alm_env){.seed = 1,
                              .interval = 5 * ALM_MINUTE,
                              .sample_interval = ALM_MINUTE,
                              .resources = 0x3f,
                              .input = inputs,
                              .inputs = count,
                              .code = codes,
                              .units = UNITS,
                              .codes = 2};
    const size_t stride = (g->ops->state_size(g->choice.opt, &g->env) + 63) / 64 * 64;
    g->u = (struct alm_units){.count = UNITS, .id = all, .stride = stride, .opt = g->choice.opt, .env = &g->env};
    g->u.state = calloc(UNITS, stride);
    g->u.shared = calloc(1, g->ops->shared_size(g->choice.opt, &g->env));
    cr_assert_eq(g->ops->init(&g->u, &e), 0, "%s", e.text);
    g->now = ALM_HOUR;
}

static void begin(struct rig *g, const char *text)
{
    begin_with(g, text, INPUTS);
}

static void end(struct rig *g)
{
    g->ops->fini(&g->u);
    free(g->u.state);
    free(g->u.shared);
    alm_choice_free(&g->choice);
}

/* An execution of two seconds: cores and bytes of memory as said, 1000 bytes read. */
static struct alm_execution execution(struct rig *g, uint32_t unit, double cores, double memory)
{
    g->now += 10 * ALM_SECOND;
    struct alm_execution x = {.id = ++g->id,
                              .unit = unit,
                              .end = ALM_END_DONE,
                              .arrival = g->now - 2 * ALM_SECOND,
                              .start = g->now - 2 * ALM_SECOND,
                              .finish = g->now,
                              .limit = {ALM_NO_LIMIT, ALM_NO_LIMIT},
                              .input = g->input};
    x.usage[ALM_CPU] = llround(2e6 * cores);
    x.usage[ALM_MEMORY] = llround(memory);
    x.usage[ALM_IO_READ] = 1000;
    return x;
}

static void show(struct rig *g, const struct alm_execution *x)
{
    struct alm_err e = {0};
    cr_assert_geq(g->ops->executions(&g->u, x, 1, &e), 0, "%s", e.text);
}

/* Memory 1000 size with 10 % noise, cores 0.5 with 2 %. */
static struct alm_execution noisy(struct rig *g, uint32_t unit, double size, struct alm_stream *s)
{
    g->input[0] = size;
    g->input[1] = 0;
    const double one = exp(0.1 * alm_stream_normal(s)), other = exp(0.02 * alm_stream_normal(s));
    return execution(g, unit, 0.5 * other, 1000 * size * one);
}

static double size_of(struct alm_stream *s)
{
    return 1e4 * exp(5 * alm_stream_uniform(s));
}

static void teach(struct rig *g, uint32_t unit, size_t n, struct alm_stream *s)
{
    for (size_t i = 0; i < n; i++) {
        const struct alm_execution x = noisy(g, unit, size_of(s), s);
        show(g, &x);
    }
}

/* A round of UNIT alone; SIZE NaN: no start. Returns the id of the start. */
static uint64_t ask(struct rig *g, uint32_t unit, double size, struct alm_envelope *out)
{
    struct alm_err e = {0};
    g->input[0] = size;
    g->input[1] = 0;
    const struct alm_start start = {.id = isnan(size) ? 0 : ++g->id, .unit = unit, .input = g->input};
    const struct alm_profile profile = {.start = isnan(size) ? NULL : &start};
    struct alm_units one = g->u;
    one.count = 1;
    one.id = &all[unit];
    *out = (struct alm_envelope){.from = g->now, .until = g->now + g->env.interval};
    cr_assert_eq(g->ops->observe(&one, &profile, &e), 0);
    cr_assert_eq(g->ops->predict(&one, &profile, g->now, out, &e), 0);
    return start.id;
}

static void finish(struct rig *g, uint32_t unit, uint64_t id)
{
    struct alm_execution x = execution(g, unit, 0.5, 1e8);
    x.id = id;
    x.end = ALM_END_RUNNING; /* over, and nothing to learn from */
    show(g, &x);
}

Test(predictor_inputs, learns_by_code_and_answers_by_input)
{
    struct rig g;
    struct alm_envelope v;
    struct alm_stream s = alm_stream_open(1, 0, "inputs");
    begin(&g, "inputs:of=invocation");
    ask(&g, 0, 1e5, &v);
    cr_expect_eq(v.has, 0, "nothing was seen");
    teach(&g, 0, 9, &s);
    ask(&g, 0, 1e5, &v);
    cr_expect_eq(v.has, 0, "too little was seen");
    teach(&g, 0, 1, &s);
    ask(&g, 0, 1e5, &v);
    cr_expect_eq(v.has, 0x3f);
    cr_expect_float_eq(v.confidence[ALM_MEMORY], 10.0 / 11, 1e-12, "ten rows cannot bear 95 %%: %g",
                       v.confidence[ALM_MEMORY]);
    teach(&g, 0, 200, &s);
    for (uint32_t unit = 0; unit < 2; unit++) {
        ask(&g, unit, 1e5, &v);
        /* 1.645 standard deviations of 10 and of 2 %: 1.179 and 1.033 */
        cr_expect_float_eq(v.max[ALM_MEMORY], 1.179e8, 0.06e8, "unit %u: %g", unit, v.max[ALM_MEMORY]);
        cr_expect_float_eq(v.max[ALM_CPU], 0.5 * 1.033, 0.01, "unit %u: %g", unit, v.max[ALM_CPU]);
        cr_expect_float_eq(v.max[ALM_IO_READ], 500, 1, "%g", v.max[ALM_IO_READ]);
        cr_expect_eq(v.confidence[ALM_MEMORY], 0.95);
        cr_expect_eq(v.peak, v.has);
        cr_expect_gt(v.min[ALM_MEMORY], 0.5e8);
        cr_expect_lt(v.min[ALM_MEMORY], 0.85e8);
    }
    ask(&g, 0, 2e5, &v);
    cr_expect_float_eq(v.max[ALM_MEMORY], 2.36e8, 0.12e8, "twice the size: %g", v.max[ALM_MEMORY]);
    ask(&g, 2, 1e5, &v);
    cr_expect_eq(v.has, 0, "another code");
    end(&g);
}

/* 1500 executions after 300 to learn from: 95 % within three binomial standard deviations, and a little for the choice. */
Test(predictor_inputs, keeps_its_word)
{
    struct rig g;
    struct alm_envelope v;
    struct alm_stream s = alm_stream_open(2, 0, "inputs");
    size_t held[2] = {0, 0}, least = 0, n = 1500;
    begin(&g, "inputs:of=invocation");
    teach(&g, 0, 300, &s);
    for (size_t i = 0; i < n; i++) {
        const double size = size_of(&s);
        const uint64_t id = ask(&g, 0, size, &v);
        struct alm_execution x = noisy(&g, 0, size, &s);
        x.id = id;
        held[0] += (double)x.usage[ALM_CPU] / 2e6 <= v.max[ALM_CPU];
        held[1] += (double)x.usage[ALM_MEMORY] <= v.max[ALM_MEMORY];
        least += (double)x.usage[ALM_MEMORY] < v.min[ALM_MEMORY];
        show(&g, &x);
    }
    const double sd = sqrt(0.05 * 0.95 / (double)n);
    for (int r = 0; r < 2; r++) {
        const double share = (double)held[r] / (double)n;
        cr_expect(fabs(share - 0.95) < 3 * sd + 0.01, "resource %d: %.4f", r, share);
    }
    cr_expect_leq((double)least / (double)n, 0.005 + 3 * sqrt(0.005 / (double)n));
    end(&g);
}

Test(predictor_inputs, what_runs_together_adds_up)
{
    struct rig g;
    struct alm_envelope one, two, three, v;
    struct alm_stream s = alm_stream_open(3, 0, "inputs");
    begin(&g, "inputs");
    teach(&g, 0, 100, &s);
    ask(&g, 0, NAN, &v);
    cr_expect_eq(v.min[ALM_MEMORY], 0, "none is under way");
    cr_expect_gt(v.max[ALM_MEMORY], 1e8, "but one may come, of any size");
    const uint64_t first = ask(&g, 0, 1e5, &one), second = ask(&g, 0, 1e6, &two);
    cr_expect_float_eq(two.max[ALM_MEMORY] / one.max[ALM_MEMORY], 11, 0.5, "%g", two.max[ALM_MEMORY]);
    ask(&g, 1, 1e5, &v);
    cr_expect_eq(v.max[ALM_MEMORY], one.max[ALM_MEMORY], "another unit of the code is apart");
    ask(&g, 0, NAN, &v);
    cr_expect_eq(v.max[ALM_MEMORY], two.max[ALM_MEMORY], "between starts what runs is known");
    finish(&g, 0, first);
    ask(&g, 0, NAN, &v);
    cr_expect_float_eq(v.max[ALM_MEMORY], two.max[ALM_MEMORY] - one.max[ALM_MEMORY], 1, "the first is over");
    finish(&g, 0, second);
    ask(&g, 0, NAN, &v);
    cr_expect_eq(v.min[ALM_MEMORY], 0);
    for (int i = 0; i < 20; i++)
        ask(&g, 0, 1e5, &three);
    cr_expect_gt(three.max[ALM_MEMORY], 20 * one.max[ALM_MEMORY] * 0.999, "more than the table holds");
    cr_expect(isfinite(three.max[ALM_MEMORY]));
    end(&g);
}

Test(predictor_inputs, short_executions_have_a_small_least_rate)
{
    struct rig g;
    struct alm_envelope v;
    struct alm_stream s = alm_stream_open(4, 0, "inputs");
    begin(&g, "inputs:of=invocation");
    teach(&g, 0, 100, &s);
    ask(&g, 0, 1e5, &v);
    /* two seconds in samples of a minute, of which there may be two */
    cr_expect_leq(v.min[ALM_CPU], 0.5 * 2 / 120 + 1e-9, "%g", v.min[ALM_CPU]);
    cr_expect_gt(v.min[ALM_CPU], 0.3 * 2 / 120, "%g", v.min[ALM_CPU]);
    end(&g);
}

/* Memory is 1000 size, but nothing above 4e8 can be had: killed there, or just at it. */
static double with_limit(bool told)
{
    struct rig g;
    struct alm_envelope v;
    struct alm_stream s = alm_stream_open(5, 0, "inputs");
    begin(&g, "inputs:of=invocation");
    for (int i = 0; i < 300; i++) {
        struct alm_execution x = noisy(&g, 0, size_of(&s), &s);
        const bool above = x.usage[ALM_MEMORY] > 400000000;
        x.usage[ALM_MEMORY] = above ? 400000000 : x.usage[ALM_MEMORY];
        x.limit[ALM_MEMORY] = told ? 400000000 : ALM_NO_LIMIT;
        x.end = told && above && i % 2 ? ALM_END_FAILED : ALM_END_DONE;
        show(&g, &x);
    }
    ask(&g, 0, 1e6, &v);
    end(&g);
    return v.max[ALM_MEMORY];
}

Test(predictor_inputs, a_limit_that_was_met_is_a_lower_bound)
{
    cr_expect_lt(with_limit(false), 6e8, "%g", with_limit(false));
    cr_expect_gt(with_limit(true), 9.5e8, "it would be 1.18e9: %g", with_limit(true));
}

Test(predictor_inputs, what_tells_nothing_is_not_learnt)
{
    struct rig g;
    struct alm_envelope v;
    struct alm_stream s = alm_stream_open(6, 0, "inputs");
    begin(&g, "inputs:of=invocation");
    for (int i = 0; i < 50; i++) {
        struct alm_execution x = noisy(&g, 0, 1e5, &s);
        x.end = i % 2 ? ALM_END_RUNNING : ALM_END_REFUSED;
        show(&g, &x);
        x.end = ALM_END_TIMEOUT;
        x.start = ALM_TIME_NONE;
        show(&g, &x);
    }
    ask(&g, 0, 1e5, &v);
    cr_expect_eq(v.has, 0);
    for (int i = 0; i < 50; i++) {
        struct alm_execution x = noisy(&g, 0, 1e5, &s);
        x.retries = 1;
        show(&g, &x);
    }
    ask(&g, 0, 1e5, &v);
    cr_expect_eq(v.has, ALM_BIT(ALM_MEMORY), "of all tries together only the peak means something: 0x%x", v.has);
    end(&g);
}

Test(predictor_inputs, the_old_is_forgotten)
{
    struct rig g;
    struct alm_envelope v;
    struct alm_stream s = alm_stream_open(7, 0, "inputs");
    begin(&g, "inputs:of=invocation,history=64,refit=16");
    teach(&g, 0, 200, &s);
    for (int i = 0; i < 96; i++) {
        struct alm_execution x = noisy(&g, 0, size_of(&s), &s);
        x.usage[ALM_MEMORY] *= 5;
        show(&g, &x);
    }
    ask(&g, 0, 1e5, &v);
    cr_expect_float_eq(v.max[ALM_MEMORY], 5 * 1.179e8, 0.5e8, "%g", v.max[ALM_MEMORY]);
    end(&g);
}

/* Everything at once or one by one, with rounds between or without: the same models. */
Test(predictor_inputs, batches_do_not_matter)
{
    struct rig a, b;
    struct alm_envelope p, q;
    enum { N = 90 };
    static struct alm_execution x[N];
    static double input[N][INPUTS];
    struct alm_stream s = alm_stream_open(8, 0, "inputs");
    struct alm_err e = {0};
    begin(&a, "inputs");
    begin(&b, "inputs");
    for (size_t i = 0; i < N; i++) {
        x[i] = noisy(&a, (uint32_t)(i % UNITS), size_of(&s), &s);
        memcpy(input[i], a.input, sizeof input[i]);
        input[i][1] = i % 7 == 0 ? NAN : (double)(i % 2);
        x[i].input = input[i];
    }
    cr_assert_eq(a.ops->executions(&a.u, x, N, &e), 0);
    for (size_t i = 0; i < N; i++) {
        show(&b, &x[i]);
        ask(&b, 0, NAN, &q);
    }
    b.now = a.now;
    for (uint32_t unit = 0; unit < UNITS; unit++) {
        ask(&a, unit, 3e5, &p);
        ask(&b, unit, 3e5, &q);
        cr_expect(p.has == q.has && memcmp(p.max, q.max, sizeof p.max) == 0 && memcmp(p.min, q.min, sizeof p.min) == 0);
    }
    end(&a);
    end(&b);
}

/* Unit I of FROM as bytes, which are the caller's. */
static char *saved(struct rig *from, size_t i, size_t *size)
{
    struct alm_err e = {0};
    cr_assert_eq(from->ops->save(&from->u, i, NULL, size, &e), 0);
    char *bytes = malloc(*size + 1);
    cr_assert_eq(from->ops->save(&from->u, i, bytes, size, &e), 0, "%s", e.text);
    return bytes;
}

static void move(struct rig *from, struct rig *to)
{
    struct alm_err e = {0};
    for (size_t i = 0; i < UNITS; i++) {
        size_t size;
        char *bytes = saved(from, i, &size);
        cr_assert_eq(to->ops->load(&to->u, i, bytes, size, &e), 0, "%s", e.text);
        free(bytes);
    }
    to->now = from->now;
    to->id = from->id;
}

static void same_answers(struct rig *a, struct rig *b, size_t step, double size)
{
    struct alm_envelope p, q;
    for (uint32_t unit = 0; unit < UNITS; unit++) {
        ask(a, unit, size, &p);
        ask(b, unit, size, &q);
        cr_assert_eq(p.has, q.has, "step %zu, unit %u: 0x%x, interrupted 0x%x", step, unit, p.has, q.has);
        for (int r = 0; r < ALM_RESOURCES; r++)
            cr_assert(!(p.has & ALM_BIT(r)) ||
                          (p.max[r] == q.max[r] && p.min[r] == q.min[r] && p.confidence[r] == q.confidence[r]),
                      "step %zu, unit %u, resource %d: %g, interrupted %g", step, unit, r, p.max[r], q.max[r]);
    }
}

/* Executions for two rigs alike: mixed inputs, and one in nine killed at its limit. */
static void feed_both(struct rig *a, struct rig *b, size_t i, struct alm_stream *s)
{
    struct alm_execution x = noisy(a, (uint32_t)(i % UNITS), size_of(s), s);
    a->input[1] = i % 5 == 0 ? NAN : (double)(i % 2);
    if (i % 9 == 0)
        x.end = ALM_END_FAILED;
    show(a, &x);
    show(b, &x);
    b->now = a->now;
    b->id = a->id;
}

/* Whenever a run is interrupted it goes on as if it had not been: with nothing learnt, before the first fit, between a fit and the
 * next, with a history that has turned over; with executions under way. */
Test(predictor_inputs, interrupted_is_uninterrupted)
{
    static const char *const how[] = {"inputs", "inputs:of=invocation,history=40,refit=8",
                                      "inputs:min_executions=4,confidence=80%"};
    static const size_t at[] = {0, 3, 13, 14, 40, 90};
    for (size_t h = 0; h < sizeof how / sizeof *how; h++)
        for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
            struct rig a, b, early;
            struct alm_stream s = alm_stream_open(9 + k, 0, "inputs");
            begin(&a, how[h]);
            begin(&early, how[h]);
            begin(&b, how[h]);
            for (size_t i = 0; i < at[k]; i++)
                feed_both(&a, &early, i, &s);
            same_answers(&a, &early, at[k], 7e4); /* which starts an execution of each unit */
            move(&a, &b);
            for (size_t i = at[k]; i < at[k] + 60; i++) {
                same_answers(&a, &b, i, i % 4 ? (double)NAN : 1e5);
                feed_both(&a, &b, i, &s);
            }
            end(&a);
            end(&b);
            end(&early);
        }
}

static void refused(struct rig *g, const char *bytes, size_t size, const char *why)
{
    struct alm_err e = {0};
    struct alm_envelope before, after;
    ask(g, 0, NAN, &before);
    cr_expect_eq(g->ops->load(&g->u, 0, bytes, size, &e), ALM_EDATA);
    cr_expect(strstr(e.text, why), "not \"%s\": %s", why, e.text);
    ask(g, 0, NAN, &after);
    cr_expect(before.has == after.has && memcmp(before.max, after.max, sizeof before.max) == 0);
}

Test(predictor_inputs, what_is_not_its_own_is_refused)
{
    struct rig g, other, fresh;
    struct alm_stream s = alm_stream_open(10, 0, "inputs");
    size_t size;
    begin(&g, "inputs");
    begin(&other, "inputs:confidence=90%");
    begin(&fresh, "inputs");
    teach(&g, 0, 60, &s);
    char *bytes = saved(&g, 0, &size);
    refused(&other, bytes, size, "other options");
    bytes[32] ^= 3; /* the version, behind 32 bytes of name */
    refused(&fresh, bytes, size, "is of version 1; version 2 is read here");
    bytes[32] ^= 3;
    bytes[0] ^= 1;
    refused(&fresh, bytes, size, "is of module");
    bytes[0] ^= 1;
    bytes[size / 2] ^= 1;
    refused(&fresh, bytes, size, "damaged");
    bytes[size / 2] ^= 1;
    refused(&fresh, bytes, size - 1, "damaged");
    refused(&fresh, bytes, 10, "10 bytes");
    free(bytes);
    end(&g);
    end(&other);
    end(&fresh);
}

/* A unit that comes back with what its code knew long ago does not take from the others what they have learnt since. */
Test(predictor_inputs, what_is_newer_stays)
{
    struct rig g;
    struct alm_envelope before, after;
    struct alm_err e = {0};
    struct alm_stream s = alm_stream_open(11, 0, "inputs");
    size_t size;
    begin(&g, "inputs:of=invocation");
    teach(&g, 0, 30, &s);
    char *bytes = saved(&g, 0, &size);
    teach(&g, 1, 200, &s);
    ask(&g, 1, 1e5, &before);
    cr_assert_eq(g.ops->load(&g.u, 0, bytes, size, &e), 0, "%s", e.text);
    ask(&g, 1, 1e5, &after);
    cr_expect_eq(memcmp(before.max, after.max, sizeof before.max), 0);
    free(bytes);
    end(&g);
}

/* Without inputs, with values that are no numbers, and without time passing. */
Test(predictor_inputs, odd_executions_have_an_answer_or_none)
{
    struct rig g;
    struct alm_envelope v;
    begin_with(&g, "inputs", 0);
    for (int i = 0; i < 30; i++) {
        struct alm_execution x = execution(&g, 0, 1, 1e8 + i);
        x.input = NULL;
        show(&g, &x);
    }
    ask(&g, 0, 1e5, &v);
    cr_expect_eq(v.has, 0x3f);
    cr_expect_float_eq(v.max[ALM_MEMORY], 1e8, 1e6, "%g", v.max[ALM_MEMORY]);
    end(&g);

    begin(&g, "inputs");
    for (int i = 0; i < 60; i++) {
        g.input[0] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1e300;
        g.input[1] = i % 2 ? NAN : 1e9;
        struct alm_execution x = execution(&g, 0, 1, i % 2 ? 0 : 9e18);
        x.start = i % 4 ? x.start : x.finish;
        show(&g, &x);
    }
    const double sizes[] = {0, -1, 1e300, INFINITY};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ask(&g, 0, sizes[i], &v);
        for (int r = 0; r < ALM_RESOURCES; r++)
            cr_expect(!(v.has & ALM_BIT(r)) || (isfinite(v.max[r]) && v.min[r] >= 0 && v.min[r] <= v.max[r]),
                      "size %g, resource %d: [%g, %g]", sizes[i], r, v.min[r], v.max[r]);
    }
    end(&g);
}

/* The loss that TEXT gives WORDS; NaN: none. */
static double loss_in(const char *text, const char *words)
{
    char pattern[64];
    double loss = NAN;
    snprintf(pattern, sizeof pattern, " %s", words);
    const char *end = strstr(text, pattern), *at = end;
    while (at && at > text && at[-1] != ' ')
        at--;
    return end && sscanf(at, "%lf", &loss) == 1 ? loss : (double)NAN;
}

static const char *explained(struct rig *g, size_t unit)
{
    static char text[2048];
    struct alm_err e = {0};
    cr_assert_eq(g->ops->explain(&g->u, unit, ALM_MEMORY, text, sizeof text, &e), 0, "%s", e.text);
    return text;
}

/* Fitted at 10, then a quarter more, 4 at the least: 14, 18, 22, 27, 33, 41, 51. Compared at 10, then when doubled: 22, 51. */
Test(predictor_inputs, says_which_model_and_why)
{
    static const char *const names[] = {"constant", "log-linear", "log-linear with pairs", "regression tree",
                                        "nearest neighbours"};
    struct rig g;
    struct alm_stream s = alm_stream_open(12, 0, "inputs");
    begin(&g, "inputs");
    cr_expect_str_eq(explained(&g, 0), "no model: 0 executions of this code were learnt from, 10 are needed");
    teach(&g, 0, 9, &s);
    cr_expect_str_eq(explained(&g, 1), "no model: 9 executions of this code were learnt from, 10 are needed");
    teach(&g, 0, 36, &s);
    for (int round = 0; round < 2; round++) {
        const char *text = explained(&g, 1); /* of the code, whichever unit asks */
        cr_expect_eq(strncmp(text, "log-linear in size (R2 0.9", 26), 0, "%s", text);
        cr_expect(strstr(text, round ? "; compared after 51 executions of this code, fitted after 51, of 60"
                                     : "; compared after 22 executions of this code, fitted after 41, of 45"),
                  "%s", text);
        cr_expect_eq(strstr(text, "; chosen when") != NULL, round == 0, "%s", text);
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            cr_expect((round == 1 && k == 1) || loss_in(text, names[k]) > 0, "no loss of %s in `%s`", names[k], text);
        cr_expect_gt(loss_in(text, "constant"), 3 * loss_in(text, "nearest neighbours"), "%s", text);
        teach(&g, 1, 15, &s);
    }
    cr_expect_str_eq(explained(&g, 2), "no model: 0 executions of this code were learnt from, 10 are needed");
    end(&g);
}
