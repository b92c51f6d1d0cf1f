/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_window: a simulation of a part of a trace is, number for number, one of a trace that holds no more than the part.
 *
 * Meaning.  The part is cut out twice: by a view, and by writing its rows, invocations and units into a trace of their own. Windows and
 *           patterns are drawn; the policy looks at all it can.
 * Limits.   Rows are regular: a row's span is what comes before it, so an irregular first row is longer or shorter in a trace
 *           of its own. */
#include "almanac/stream.h"

#include "experiments/simulation_trace.h"
#include "trace_rig.h"

#define UNITS 6
#define ROWS 400
#define CALLS 3000
#define STEP (60 * ALM_SECOND)

TestSuite(trace_window, .init = scratch_enter, .fini = scratch_leave, .timeout = 300);

static const char *const names[UNITS] = {"web-0", "web-1", "db-0", "fn-0", "fn-1", "web-2"};

struct part {
    const char *prefix;
    alm_time from, until;
    bool cut; /* else all is written */
};

static bool within(const struct part *p, size_t u, alm_time begin, alm_time end, bool arrival)
{
    if (!p->cut)
        return true;
    return strncmp(names[u], p->prefix, strlen(p->prefix)) == 0 && (arrival ? end > p->from : begin >= p->from) &&
           end <= p->until;
}

/* Units are added where something of theirs is within, in the same order. */
static void put(const char *path, uint64_t seed, const struct part *p, bool rows, bool calls)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer(path, 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    GOOD(sink->interval(sink, STEP, &e));
    uint32_t number[UNITS];
    for (size_t u = 0; u < UNITS; u++)
        number[u] = unit(sink, names[u]);
    struct alm_stream s = alm_stream_open(seed, 0, "rows");
    for (size_t u = 0; rows && u < UNITS; u++)
        for (int k = 1; k <= ROWS; k++) {
            double cpu = alm_stream_uniform(&s) * (1 + k % 60 / 30), memory = 1e8 * (1 + alm_stream_uniform(&s));
            bool gap = alm_stream_below(&s, 20) == 0; /* a row after a gap is as long as any */
            if (!gap && within(p, u, (k - 1) * STEP, k * STEP, false))
                row(sink, number[u], k * STEP, cpu, memory);
        }
    s = alm_stream_open(seed, 0, "calls");
    for (int k = 0; calls && k < CALLS; k++) {
        size_t u = (size_t)alm_stream_below(&s, UNITS);
        struct alm_invocation v =
            alm_invocation_at((alm_time)(alm_stream_uniform(&s) * ROWS * (double)STEP), number[u]);
        v.value[ALM_INV_WORK] = alm_stream_exponential(&s);
        v.value[ALM_INV_PARALLELISM] = 1;
        if (within(p, u, 0, v.arrival, true))
            give(sink, &v, NULL);
    }
    commit(w);
    alm_trace_writer_close(w);
}

static void run(const char *path, const struct simulation_window *window, const char *const *set, char **out,
                struct simulation_result *result)
{
    struct alm_err e = {0};
    struct simulation_config c;
    struct simulation_trace *t;
    struct simulation_load *load;
    GOOD(simulation_config_init(&c, &e));
    GOOD(simulation_choose(&c, ALM_PREDICTOR, "vpa", &e));
    GOOD(simulation_choose(&c, ALM_ALLOCATOR, "envelope:margin=10%", &e));
    for (; *set; set++)
        GOOD(simulation_set(&c, *set, &e));
    GOOD(simulation_trace_open(path, "t", &t, &e));
    GOOD(simulation_load_open(t, c.settings.workload, window, &load, &e));
    simulation_load_use(load, &c);
    GOOD(simulation_run(&c, simulation_load_demand(load), NULL, result, &e));
    json_t *json = simulation_metrics_json(result, 1);
    *out = json_dumps(json, JSON_SORT_KEYS | JSON_REAL_PRECISION(17) | JSON_INDENT(1));
    json_decref(json);
    simulation_load_close(load);
    simulation_trace_close(t);
    simulation_config_free(&c);
}

static size_t check(uint64_t seed, struct part p, const char *const *set, bool rows, bool calls)
{
    char pattern[32], *a, *b;
    struct simulation_result through = {0}, alone = {0};
    /* the trace begins at 0: with a first row over (0, STEP], or an arrival that is put there */
    const struct simulation_window window = {pattern, p.from, p.until}, whole = {0};
    snprintf(pattern, sizeof pattern, "%s*", p.prefix);
    p.cut = true;
    put("part.h5", seed, &p, rows, calls);
    run("all.h5", &window, set, &a, &through);
    run("part.h5", &whole, set, &b, &alone);
    cr_assert_str_eq(a, b);
    cr_assert_eq(through.units, alone.units);
    cr_assert_arr_eq(through.unit, alone.unit, through.units * sizeof *through.unit);
    size_t samples = (size_t)through.stats.samples;
    simulation_result_free(&through);
    simulation_result_free(&alone);
    free(a);
    free(b);
    return samples;
}

static const struct part parts[] = {
    {"", 0, 200 * STEP, true},
    {"web-", 0, 300 * STEP, true},
    {"", 100 * STEP, 350 * STEP, true},
    {"web-", 77 * STEP + 13 * ALM_SECOND, 201 * STEP - ALM_SECOND, true},
    {"db", 390 * STEP, 400 * STEP, true},
    {"web-1", 10 * STEP, 400 * STEP, true},
};

Test(trace_window, usage)
{
    static const char *const set[] = {"control.warmup=30m", NULL};
    const struct part all = {.cut = false};
    size_t samples = 0;
    put("all.h5", 1, &all, true, false);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        samples += check(1, parts[i], set, true, false);
    cr_assert_gt(samples, 1000);
}

Test(trace_window, usage_beside_invocations)
{
    static const char *const set[] = {"workload=usage", NULL};
    const struct part all = {.cut = false};
    put("all.h5", 2, &all, true, true);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        (void)check(2, parts[i], set, true, true);
}

Test(trace_window, invocations)
{
    static const char *const set[] = {"workload=invocations", "control.interval=1m", "platform.machines=2",
                                      "platform.machine_cores=4", NULL};
    const struct part all = {.cut = false};
    put("all.h5", 3, &all, true, true);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        (void)check(3, parts[i], set, true, true);
}

Test(trace_window, both)
{
    static const char *const set[] = {"workload=both", NULL};
    const struct part all = {.cut = false};
    put("all.h5", 4, &all, true, true);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        (void)check(4, parts[i], set, true, true);
}
