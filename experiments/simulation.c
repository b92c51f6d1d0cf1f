/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulation: batches, threads, and gathering in order.
 *
 * Choice.   Workers take batches in order and hand in their results in order: a worker whose turn has not come waits.
 *           So memory holds at most one finished batch a thread. */
#include "almanac/version.h"

#include "core/recorder.h"
#include "experiments/simulation.h"
#include "traces/file/trace_behaviour_units.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_ALL_UP_TO 1000000
#define RECORD_SOME 32 /* units at most, when not all */

/* A view of the units [first, first + units) of a trace. */
struct slice {
    struct alm_demand demand;
    const struct alm_demand *whole;
    size_t first;
};

struct work {
    const struct simulation_config *config;
    const struct alm_demand *demand;
    struct alm_run_writer *writer;
    struct simulation_result *result;
    size_t batch, batches;
    bool *record;

    pthread_mutex_t lock;
    pthread_cond_t turned;
    size_t next, turn; /* batch to take; batch whose turn it is to hand in */
    int code;
    struct alm_err error;
    double done;
    alm_time begin, end;
};

/* What one batch is made of; everything is released by release_batch. */
struct batch {
    size_t index;
    struct slice slice;
    struct alm_behaviour_units *behaviour;
    void *platform;
    struct alm_segment *segment;
    struct metrics *metrics;
    struct executions *executions;
    struct machine_series *machines;
    struct alm_loop_stats stats;
    struct work *work;
    double reported;
};

static int slice_read(const struct alm_demand *self, size_t unit, uint64_t first, size_t n,
                      const struct alm_demand_rows *out, struct alm_err *e)
{
    const struct slice *s = self->owner;
    return s->whole->read(s->whole, s->first + unit, first, n, out, e);
}

static void make_slice(struct slice *s, const struct alm_demand *whole, size_t first, size_t units)
{
    s->demand = *whole;
    s->demand.unit = whole->unit + first;
    s->demand.rows = whole->rows + first;
    s->demand.units = units;
    s->demand.read = slice_read;
    s->demand.owner = s;
    s->whole = whole;
    s->first = first;
}

static void on_progress(void *ctx, alm_time now)
{
    struct batch *b = ctx;
    struct work *w = b->work;
    double span = alm_seconds(w->end - w->begin), share = span > 0 ? alm_seconds(now - w->begin) / span : 1;
    if (share - b->reported < 0.002 || !w->config->progress)
        return;
    pthread_mutex_lock(&w->lock);
    w->done += (share - b->reported) / (double)w->batches;
    b->reported = share;
    w->config->progress(w->config->progress_ctx, w->done);
    pthread_mutex_unlock(&w->lock);
}

/* Wait until batch INDEX may write; ALM_EINTR when another one failed meanwhile. Holds the lock. */
static int await_turn(struct work *w, size_t index, struct alm_err *e)
{
    while (w->turn != index && w->code >= 0)
        pthread_cond_wait(&w->turned, &w->lock);
    return w->code >= 0 ? ALM_OK : alm_fail(e, ALM_EINTR, "another batch of units failed");
}

static int on_full(void *ctx, struct alm_segment *s, struct alm_err *e)
{
    struct batch *b = ctx;
    pthread_mutex_lock(&b->work->lock);
    int code = await_turn(b->work, b->index, e);
    pthread_mutex_unlock(&b->work->lock);
    return code < 0 ? code : alm_run_append_rows(b->work->writer, s, e); /* nobody else's turn comes meanwhile */
}

/* The least power of two by which ROWS must be divided to leave at most so many; 0: none is wanted. */
static uint64_t recorded_every(int record, double rows)
{
    uint64_t every = record == SIMULATION_RECORD_NONE ? 0 : 1;
    while (record == SIMULATION_RECORD_AUTO && rows / (double)every > RECORD_ALL_UP_TO)
        every *= 2;
    return every;
}

/* What watches executions and machines, where the platform shows them. */
static int open_observers(struct work *w, struct batch *b, struct alm_err *e)
{
    const struct simulation_config *c = w->config;
    const struct alm_platform_ops *ops = (const void *)c->platform.module;
    alm_time begin = w->begin + c->settings.warmup;
    size_t machines = 0;
    const struct alm_machine *machine = ops->machines ? ops->machines(b->platform, &machines) : NULL;
    double calls = c->invocations ? (double)c->invocations->count : 0;
    alm_time interval = ops->interval(b->platform) > 0 ? ops->interval(b->platform) : c->settings.interval;
    double stamps = (double)(w->end - w->begin) / (double)interval;
    uint64_t every_call = calls > 0 ? recorded_every(c->settings.record_executions, calls) : 0;
    uint64_t every_stamp = recorded_every(c->settings.record_machines, stamps * (double)machines);
    alm_segment_record(b->segment, every_call, every_stamp, machine, machines);
    if (machines)
        ALM_TRY(machine_series_new(machine, machines, begin, &b->machines, e));
    return calls > 0 ? executions_new(b->slice.demand.units, begin, machine_cores(machine, machines), &b->executions, e)
                     : ALM_OK;
}

static bool same_units(const struct alm_platform_ops *ops, const void *platform, const struct alm_demand *demand)
{
    size_t own;
    const struct alm_unit *unit = ops->units(platform, &own);
    for (size_t i = 0; own == demand->units && i < own && unit != demand->unit; i++)
        if (strcmp(unit[i].name, demand->unit[i].name) != 0)
            return false;
    return own == demand->units;
}

/* Is a round taken before each invocation starts? */
static bool wakes_on_start(const struct simulation_config *c)
{
    const struct alm_choice *part[] = {&c->policy.profiler, &c->policy.predictor, &c->policy.calibrator,
                                       &c->policy.allocator};
    for (int k = 0; k < 4; k++)
        if (part[k]->module->flags & ALM_F_STARTS)
            return c->settings.on_start != SIMULATION_START_NEVER;
    return c->settings.on_start == SIMULATION_START_ALWAYS;
}

static int open_batch(struct work *w, struct batch *b, struct alm_err *e)
{
    const struct simulation_config *c = w->config;
    size_t first = b->index * w->batch, left = w->demand->units - first;
    size_t units = left < w->batch ? left : w->batch;
    make_slice(&b->slice, w->demand, first, units);
    if (c->behaviours)
        ALM_TRY(alm_behaviour_units_open(c->behaviours, NULL, first, units, &b->behaviour, e));
    const struct alm_platform_ops *ops = (const void *)c->platform.module;
    struct alm_platform_config platform = {.opt = c->platform.opt,
                                           .seed = (uint64_t)c->settings.seed,
                                           .sample_interval = c->settings.sample_interval,
                                           .wake_on_oom = c->settings.on_oom,
                                           .control_interval = c->settings.interval,
                                           .wake_on_stall = c->settings.on_stall,
                                           .wake_on_start = wakes_on_start(c),
                                           .demand = &b->slice.demand,
                                           .invocations = c->invocations,
                                           .behaviours = alm_behaviour_units_view(b->behaviour)};
    ALM_TRY(ops->open(&platform, &b->platform, e));
    if (!same_units(ops, b->platform, &b->slice.demand))
        return alm_fail(e, ALM_EINVAL, "platform %s does not replay traces; a simulation needs platform simulated",
                        ops->head.name);
    ALM_TRY(metrics_new(b->slice.demand.unit, units, c->settings.warmup, &b->metrics, e));
    ALM_TRY(alm_segment_new(b->slice.demand.unit, units, (uint32_t)first, w->record + first, &b->segment, e));
    alm_segment_on_full(b->segment, on_full, b);
    return open_observers(w, b, e);
}

static int run_batch(struct work *w, struct batch *b, struct alm_err *e)
{
    const struct simulation_config *c = w->config;
    const struct alm_platform_ops *ops = (const void *)c->platform.module;
    ALM_TRY(open_batch(w, b, e));
    struct alm_observer metrics = metrics_observer(b->metrics), recorder = alm_segment_observer(b->segment);
    struct alm_observer executions = {0}, machines = {0};
    if (b->executions)
        executions = executions_observer(b->executions);
    if (b->machines)
        machines = machine_series_observer(b->machines);
    const struct alm_observer *observers[] = {&metrics, &executions, &machines, w->writer ? &recorder : NULL, NULL};
    struct alm_loop_config loop = {.interval = c->settings.interval,
                                   .seed = (uint64_t)c->settings.seed,
                                   .on_error = (enum alm_on_error)c->settings.on_error,
                                   .demand = &b->slice.demand,
                                   .stopwatch = c->stopwatch,
                                   .stop = c->stop,
                                   .progress = on_progress,
                                   .progress_ctx = b};
    ALM_TRY(alm_loop_run(&loop, &c->policy, ops, b->platform, observers, &b->stats, e));
    metrics_finish(b->metrics);
    if (b->executions)
        executions_finish(b->executions, w->end);
    return ALM_OK;
}

static void release_batch(struct work *w, struct batch *b)
{
    const struct alm_platform_ops *ops = (const void *)w->config->platform.module;
    if (b->platform)
        ops->close(b->platform);
    alm_behaviour_units_close(b->behaviour);
    metrics_free(b->metrics);
    executions_free(b->executions);
    machine_series_free(b->machines);
    alm_segment_free(b->segment);
}

static void add_stats(struct alm_loop_stats *a, const struct alm_loop_stats *b)
{
    a->rounds += b->rounds;
    a->decisions += b->decisions;
    a->samples += b->samples;
    if (a->held == 0 && b->held)
        a->first_held = b->first_held;
    a->held += b->held;
    a->state_bytes = b->state_bytes;
    for (int k = 0; k < ALM_LATENCY_BUCKETS; k++)
        a->latency[k] += b->latency[k];
}

/* Called in the order of batches, one at a time. */
static int hand_in(struct work *w, struct batch *b, struct alm_err *e)
{
    size_t first = b->slice.first, n = b->slice.demand.units;
    memcpy(w->result->unit + first, metrics_units(b->metrics), n * sizeof *w->result->unit);
    metrics_add_harm(b->metrics, w->result->harm);
    ALM_TRY(metrics_tally_merge(&w->result->tally, metrics_tally(b->metrics), e));
    add_stats(&w->result->stats, &b->stats);
    const struct alm_platform_ops *ops = (const void *)w->config->platform.module;
    w->result->resources |= ops->resources(b->platform);
    if (b->executions) { /* such a run is one batch */
        w->result->executions = b->executions;
        b->executions = NULL;
    }
    if (b->machines) {
        w->result->machines = b->machines;
        b->machines = NULL;
    }
    return w->writer ? alm_run_append(w->writer, b->segment, e) : ALM_OK;
}

static void *worker(void *ctx)
{
    struct work *w = ctx;
    for (;;) {
        pthread_mutex_lock(&w->lock);
        bool over = w->code < 0 || w->next == w->batches;
        struct batch b = {.index = w->next, .work = w};
        if (!over)
            w->next++;
        pthread_mutex_unlock(&w->lock);
        if (over)
            return NULL;
        struct alm_err error = {0};
        int code = run_batch(w, &b, &error);
        pthread_mutex_lock(&w->lock);
        if (await_turn(w, b.index, NULL) >= 0 && code >= 0)
            code = hand_in(w, &b, &error);
        if (w->code >= 0 && code < 0) {
            w->code = code;
            w->error = error;
        }
        w->turn++;
        pthread_cond_broadcast(&w->turned);
        pthread_mutex_unlock(&w->lock);
        release_batch(w, &b);
    }
}

static int run_threads(struct work *w, size_t threads, struct alm_err *e)
{
    pthread_t *thread = calloc(threads, sizeof *thread);
    if (!thread)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu threads", threads);
    size_t started = 0;
    while (started + 1 < threads && pthread_create(&thread[started], NULL, worker, w) == 0)
        started++;
    worker(w);
    for (size_t i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    free(thread);
    if (w->code < 0 && e)
        *e = w->error;
    return w->code;
}

/* Which units have their samples stored: all, none, or so many evenly spread ones as make a million rows. */
static void choose_recorded(struct work *w)
{
    uint64_t rows = 0;
    size_t n = w->demand->units;
    for (size_t i = 0; i < n; i++)
        rows += w->demand->rows[i];
    int record = w->config->settings.record;
    bool all = record == 1 || (record == 0 && rows <= RECORD_ALL_UP_TO);
    for (size_t i = 0; i < n; i++)
        w->record[i] = all;
    if (all || record != 0)
        return;
    size_t some = (size_t)(RECORD_ALL_UP_TO * (uint64_t)n / rows);
    some = some < 1 ? 1 : some > RECORD_SOME ? RECORD_SOME : some;
    for (size_t k = 0; k < some; k++)
        w->record[k * n / some] = true;
}

static int write_json(struct alm_table *t, const char *name, json_t *json, struct alm_err *e)
{
    char *text = json ? json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %s", name);
    int code = alm_table_set_text(t, "/", name, text, e);
    free(text);
    return code;
}

static int write_unit_executions(struct alm_table *t, const struct simulation_result *r, struct alm_err *e)
{
    for (size_t k = 0; r->executions && executions_unit_name(k); k++) {
        char path[128];
        snprintf(path, sizeof path, "/metrics/invocation_%s", executions_unit_name(k));
        struct alm_column_spec spec = {.path = path, .type = ALM_COL_F64, .dimension = "/metrics/unit", .fill = true};
        struct alm_column *column;
        ALM_TRY(alm_column_create(t, &spec, &column, e));
        for (size_t i = 0; i < r->units; i++) {
            double v = executions_unit_value(r->executions, i, k);
            ALM_TRY(alm_column_append(column, &v, 1, e));
        }
    }
    return ALM_OK;
}

static int write_unit_metrics(struct alm_table *t, const struct simulation_result *r, struct alm_err *e)
{
    size_t count;
    const struct metrics_row *row = metrics_rows(&count);
    for (size_t k = 0; k < count; k++)
        for (int which = 0; which < 2; which++) {
            if (!(row[k].resource & r->resources & ALM_BIT(which)))
                continue;
            char path[128];
            snprintf(path, sizeof path, "/metrics/%s_%s", alm_resource_name((enum alm_resource)which), row[k].name);
            struct alm_column_spec spec = {
                .path = path, .type = ALM_COL_F64, .dimension = "/metrics/unit", .fill = true};
            struct alm_column *column;
            ALM_TRY(alm_column_create(t, &spec, &column, e));
            for (size_t i = 0; i < r->units; i++) {
                double v = row[k].value(&r->unit[i], which);
                ALM_TRY(alm_column_append(column, &v, 1, e));
            }
        }
    return ALM_OK;
}

static int write_window(struct alm_table *t, const struct simulation_window *w, struct alm_err *e)
{
    if (w->units && w->units[0])
        ALM_TRY(alm_table_set_text(t, "/", "trace_units", w->units, e));
    if (w->from > 0)
        ALM_TRY(alm_table_set_int(t, "/", "trace_from_ns", w->from, e));
    return w->until > 0 ? alm_table_set_int(t, "/", "trace_until_ns", w->until, e) : ALM_OK;
}

static int write_head(struct work *w, struct alm_err *e)
{
    const struct simulation_config *c = w->config;
    struct alm_table *t = alm_run_table(w->writer);
    char policy[1024];
    const bool *open_loop = NULL;
    for (const struct alm_opt *row = c->platform.module->opts; row && row->key; row++)
        if (strcmp(row->key, "open_loop") == 0)
            open_loop = (const bool *)((const char *)c->platform.opt + row->offset);
    ALM_TRY(alm_table_set_text(t, "/", "policy", simulation_policy_text(c, policy, sizeof policy), e));
    ALM_TRY(alm_table_set_int(t, "/", "oracle", w->result->oracle, e));
    ALM_TRY(alm_table_set_text(t, "/", "platform", c->platform.module->name, e));
    ALM_TRY(alm_table_set_int(t, "/", "open_loop", open_loop && *open_loop, e));
    ALM_TRY(alm_table_set_int(t, "/", "seed", c->settings.seed, e));
    ALM_TRY(alm_table_set_int(t, "/", "interval_ns", c->settings.interval, e));
    ALM_TRY(alm_table_set_text(t, "/", "trace_name", c->trace_name, e));
    ALM_TRY(alm_table_set_text(t, "/", "trace_sha256", c->trace_sha256, e));
    ALM_TRY(write_window(t, &c->window, e));
    ALM_TRY(alm_table_set_text(t, "/", "git_id", alm_git_id(), e));
    return write_json(t, "config", simulation_config_json(c), e);
}

static int write_tail(struct work *w, struct alm_err *e)
{
    struct alm_table *t = alm_run_table(w->writer);
    ALM_TRY(write_json(t, "metrics", simulation_metrics_json(w->result, (uint64_t)w->config->settings.seed), e));
    ALM_TRY(alm_table_set_int(t, "/", "state_bytes_per_unit", (int64_t)w->result->stats.state_bytes, e));
    ALM_TRY(alm_table_set_int(t, "/", "held_rounds", (int64_t)w->result->stats.held, e));
    ALM_TRY(write_unit_metrics(t, w->result, e));
    ALM_TRY(write_unit_executions(t, w->result, e));
    ALM_TRY(metrics_tally_write(&w->result->tally, t, e));
    return alm_run_commit(w->writer, e);
}

static int run_work(struct work *w, const char *output, struct alm_err *e)
{
    const struct simulation_config *c = w->config;
    const struct alm_allocator_ops *allocator = (const void *)c->policy.allocator.module;
    if (output) {
        ALM_TRY(alm_run_create(output, allocator->reasons, c->calendar, &w->writer, e));
        ALM_TRY(write_head(w, e));
    }
    size_t threads = (size_t)c->settings.threads;
    ALM_TRY(run_threads(w, threads < w->batches ? threads : w->batches, e));
    for (size_t i = 0; i < w->result->units; i++)
        metrics_pool(&w->result->pool, &w->result->unit[i]);
    return output ? write_tail(w, e) : ALM_OK;
}

/* May the units be cut into batches? */
static bool separable(const struct simulation_config *c)
{
    const struct alm_platform_ops *ops = (const void *)c->platform.module;
    return !alm_policy_is_shared(&c->policy) && ops->independent && ops->independent(c->platform.opt, c->invocations);
}

int simulation_run(const struct simulation_config *c, const struct alm_demand *demand, const char *output,
                   struct simulation_result *result, struct alm_err *e)
{
    ALM_TRY(alm_policy_check(&c->policy, e));
    size_t n = demand->units;
    if (n == 0)
        return alm_fail(e, ALM_EDATA, "the trace has no units");
    struct work w = {.config = c,
                     .demand = demand,
                     .result = result,
                     .batch = separable(c) ? (size_t)c->settings.batch : n,
                     .begin = ALM_TIME_MAX,
                     .end = INT64_MIN,
                     .record = calloc(n, sizeof(bool))};
    *result = (struct simulation_result){.units = n,
                                         .unit = calloc(n, sizeof *result->unit),
                                         .resources = demand->resources,
                                         .oracle = alm_policy_is_oracle(&c->policy)};
    if (!w.record || !result->unit) {
        free(w.record);
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", n);
    }
    w.batches = (n + w.batch - 1) / w.batch;
    for (size_t i = 0; i < n; i++) {
        w.begin = demand->unit[i].first < w.begin ? demand->unit[i].first : w.begin;
        w.end = demand->unit[i].last > w.end ? demand->unit[i].last : w.end;
    }
    choose_recorded(&w);
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.turned, NULL);
    int code = run_work(&w, output, e);
    alm_run_close(w.writer);
    pthread_cond_destroy(&w.turned);
    pthread_mutex_destroy(&w.lock);
    free(w.record);
    return code;
}

void simulation_result_free(struct simulation_result *r)
{
    free(r->unit);
    metrics_tally_free(&r->tally);
    executions_free(r->executions);
    machine_series_free(r->machines);
    *r = (struct simulation_result){0};
}
