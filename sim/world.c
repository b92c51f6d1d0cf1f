/* SPDX-License-Identifier: GPL-3.0-or-later
 * world: the engine for units that meet: time, and what the loop sees of it.
 *
 * Meaning.  A unit with invocations serves them; any other replays its recorded usage. The world begins at a whole control
 *           interval, so that the first decision is taken before anything happens, and ends with the trace, whatever is
 *           still queued: that is reported as in flight.
 * Choice.   Timers are moved without touching the queue: an event that comes too early is put back, one that is not needed
 *           any more is dropped, so the queue holds few events however often rates change.
 * Limits.   One world is one thread. Usage rows of units that have invocations are not replayed.
 * Source.   design: "The simulated platform". */
#include "world.h"

#include "engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int sim_post(struct sim_world *w, alm_time at, enum alm_phase phase, enum sim_event_kind kind, uint64_t data,
             struct alm_err *e)
{
    struct alm_event event = {.at = at, .phase = phase, .kind = kind, .data = data};
    return alm_queue_push(&w->queue, &event, e);
}

int sim_timer_set(struct sim_world *w, struct sim_timer *t, alm_time at, enum alm_phase phase, enum sim_event_kind kind,
                  uint64_t data, struct alm_err *e)
{
    t->at = at;
    if (at >= t->queued)
        return ALM_OK;
    t->queued = at;
    return sim_post(w, at, phase, kind, data, e);
}

/* An event of a timer came: is it time? */
static int ring(struct sim_world *w, struct sim_timer *t, const struct alm_event *event, bool *now, struct alm_err *e)
{
    *now = false;
    if (event->at != t->queued)
        return ALM_OK;
    t->queued = ALM_TIME_MAX;
    *now = t->at <= w->now;
    if (*now)
        t->at = ALM_TIME_MAX;
    else if (t->at < ALM_TIME_MAX)
        return sim_timer_set(w, t, t->at, event->phase, (enum sim_event_kind)event->kind, event->data, e);
    return ALM_OK;
}

static void world_close(void *self)
{
    struct sim_world *w = self;
    if (!w)
        return;
    for (size_t i = 0; w->unit && i < w->units; i++) {
        for (int c = 0; c < SIM_CHANNELS; c++)
            sim_heap_fini(&w->unit[i].flow[c].activity);
        sim_service_close(&w->unit[i].service);
    }
    sim_machines_close(w);
    sim_stations_close(w);
    sim_rows_close(w);
    sim_meter_close(w);
    sim_jobs_close(w);
    alm_queue_fini(&w->queue);
    free(w->info);
    free(w->unit);
    free(w->machine_info);
    free(w->next_unit);
    free(w->flow_position);
    free(w->dirty);
    free(w->loose);
    free(w->delayed);
    free(w->delayed_idle);
    sim_behaviour_close(&w->behaviour);
    free(w);
}

/* Which units have invocations, and when the first and the last come. */
static int find_servers(struct sim_world *w, const struct alm_invocations *v, struct alm_err *e)
{
    enum { BLOCK = 8192 };
    alm_time *arrival = malloc(BLOCK * sizeof *arrival);
    uint32_t *unit = malloc(BLOCK * sizeof *unit);
    int code = arrival && unit ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for the stream of invocations");
    struct alm_invocation_rows rows = {.arrival = arrival, .unit = unit};
    for (uint64_t at = 0; code >= 0 && at < v->count; at += BLOCK) {
        size_t n = v->count - at < BLOCK ? (size_t)(v->count - at) : BLOCK;
        code = v->read(v, at, n, &rows, e);
        for (size_t k = 0; code >= 0 && k < n; k++) {
            if (unit[k] >= w->units)
                code = alm_fail(e, ALM_EDATA, "invocation %llu is of unit %u, and there are %zu units",
                                (unsigned long long)(at + k), unit[k], w->units);
            else
                w->unit[unit[k]].serves = true;
        }
        if (code >= 0) {
            w->begin = arrival[0] < w->begin ? arrival[0] : w->begin;
            w->end = arrival[n - 1] > w->end ? arrival[n - 1] : w->end;
        }
    }
    free(arrival);
    free(unit);
    return code;
}

static int find_span(struct sim_world *w, const struct alm_platform_config *config, struct alm_err *e)
{
    const struct alm_demand *d = w->demand;
    bool usage = false;
    w->begin = ALM_TIME_MAX;
    w->end = ALM_TIME_NONE;
    if (config->invocations && config->invocations->count)
        ALM_TRY(find_servers(w, config->invocations, e));
    for (size_t i = 0; i < w->units; i++) {
        if (w->unit[i].serves || d->rows[i] == 0)
            continue;
        usage = true;
        alm_time at, span;
        struct alm_demand_rows row = {.at = &at, .span = &span};
        ALM_TRY(d->read(d, i, 0, 1, &row, e));
        w->begin = at - span < w->begin ? at - span : w->begin;
        w->end = d->unit[i].last > w->end ? d->unit[i].last : w->end;
    }
    if (w->begin == ALM_TIME_MAX)
        return alm_fail(e, ALM_EDATA, "the trace has neither usage nor invocations");
    const alm_time step = config->control_interval > 0 ? config->control_interval : ALM_MINUTE;
    w->begin = alm_time_floor(w->begin, step);
    w->grid = config->sample_interval;
    w->interval = w->grid > 0 ? w->grid : usage && d->interval > 0 ? d->interval : step;
    if (w->grid > 0)
        w->end = alm_time_ceil(w->end, w->grid);
    return ALM_OK;
}

static uint32_t resources_of(const struct sim_world *w, const struct alm_invocations *v)
{
    uint32_t known = w->demand->resources;
    if (!v || v->count == 0)
        return known;
    known |= ALM_BIT(ALM_CPU);
    if (v->fields & 1u << ALM_INV_MEMORY)
        known |= ALM_BIT(ALM_MEMORY);
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++)
        if (v->fields & 1u << (ALM_INV_IO_READ + r - ALM_IO_READ))
            known |= ALM_BIT(r);
    return known;
}

static int make_units(struct sim_world *w, struct alm_err *e)
{
    const size_t n = w->units;
    w->unit = calloc(n, sizeof *w->unit);
    w->info = malloc(n * sizeof *w->info);
    w->next_unit = malloc(n * sizeof *w->next_unit);
    w->flow_position = malloc(n * SIM_CHANNELS * sizeof *w->flow_position);
    if (!w->unit || !w->info || !w->next_unit || !w->flow_position)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", n);
    memcpy(w->info, w->demand->unit, n * sizeof *w->info);
    for (size_t i = 0; i < n; i++) {
        struct sim_member *u = &w->unit[i];
        const struct sim_timer never = {ALM_TIME_MAX, ALM_TIME_MAX};
        u->id = (uint32_t)i;
        u->machine = SIM_NOBODY;
        u->slowdown = 1;
        u->limit[0] = u->limit[1] = u->shown[0] = u->shown[1] = ALM_NO_LIMIT;
        u->down_until = ALM_TIME_NONE;
        u->row_timer = u->quota_timer = never;
        u->sensor = alm_stream_open(w->seed, i, "sensor");
        w->next_unit[i] = SIM_NOBODY;
        for (int c = 0; c < SIM_CHANNELS; c++) {
            u->flow[c].member = SIM_NOBODY;
            u->flow[c].timer = never;
            w->flow_position[i * SIM_CHANNELS + (size_t)c] = SIM_HEAP_NONE;
        }
    }
    return ALM_OK;
}

/* Everybody's clock stands at the begin. */
static void set_clocks(struct sim_world *w)
{
    w->now = w->begin;
    for (size_t i = 0; i < w->units; i++) {
        struct sim_member *u = &w->unit[i];
        u->now.begin = u->now.since = w->begin;
        for (int c = 0; c < SIM_CHANNELS; c++)
            u->flow[c].since = w->begin;
        if (!u->serves)
            continue;
        w->info[i].first = w->begin;
        w->info[i].last = w->end;
    }
}

static void set_machine_clock(struct sim_world *w, struct sim_machine *m)
{
    m->now.begin = m->now.since = w->begin;
    for (int c = 0; c < SIM_CHANNELS; c++)
        m->channel[c].since = w->begin;
}

static int begin(struct sim_world *w, const struct alm_platform_config *config, struct alm_err *e)
{
    ALM_TRY(sim_machines_open(w, e));
    for (size_t i = 0; i < w->units; i++)
        ALM_TRY(sim_service_open(w, &w->unit[i], e));
    ALM_TRY(sim_rows_open(w, e));
    if (config->invocations)
        ALM_TRY(sim_stations_read(w, config->invocations->platform, e));
    for (size_t k = 0; k < w->machines; k++)
        set_machine_clock(w, &w->machine[k]);
    w->machine_info = calloc(w->machines + 1, sizeof *w->machine_info);
    if (!w->machine_info)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu machines", w->machines);
    for (size_t k = 0; k < w->machines; k++)
        w->machine_info[k] = w->machine[k].info;
    for (size_t i = 0; i < w->units; i++)
        ALM_TRY(w->unit[i].serves ? sim_service_begin(w, &w->unit[i], e) : sim_rows_begin(w, &w->unit[i], e));
    ALM_TRY(sim_stream_open(w, config->invocations, e));
    ALM_TRY(sim_timer_set(w, &w->arrival_timer, sim_stream_next(w), ALM_PHASE_ARRIVAL, SIM_EVENT_ARRIVAL, 0, e));
    alm_time first = alm_time_floor(w->begin, w->interval) + w->interval;
    return sim_timer_set(w, &w->sample_timer, first < w->end ? first : w->end, ALM_PHASE_SAMPLE, SIM_EVENT_SAMPLE, 0,
                         e);
}

static int open_world(struct sim_world *w, const struct alm_platform_config *config, struct alm_err *e)
{
    w->o = config->opt;
    w->demand = config->demand;
    w->seed = config->seed;
    w->units = config->demand->units;
    w->wake_on_oom = config->wake_on_oom;
    w->wake_on_start = config->wake_on_start;
    w->wake_on_stall = config->wake_on_stall;
    w->idle_job = SIM_NOBODY;
    w->unplaced = (struct sim_list){SIM_NOBODY, SIM_NOBODY, 0};
    w->arrival_timer = w->sample_timer = (struct sim_timer){ALM_TIME_MAX, ALM_TIME_MAX};
    ALM_TRY(alm_queue_init(&w->queue, w->units, e));
    ALM_TRY(make_units(w, e));
    ALM_TRY(find_span(w, config, e));
    w->resources = resources_of(w, config->invocations);
    set_clocks(w);
    ALM_TRY(sim_behaviour_open(&w->behaviour, config->behaviours, w->units, e));
    return begin(w, config, e);
}

static int world_open(const struct alm_platform_config *config, void **self, struct alm_err *e)
{
    if (!config->demand || config->demand->units == 0)
        return alm_fail(e, ALM_EINVAL, "platform simulated needs a trace with at least one unit");
    struct sim_world *w = calloc(1, sizeof *w);
    if (!w)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the simulated platform");
    int code = open_world(w, config, e);
    if (code < 0) {
        world_close(w);
        return code;
    }
    *self = w;
    return ALM_OK;
}

static int on_arrival(struct sim_world *w, struct alm_err *e)
{
    do
        ALM_TRY(sim_job_arrive(w, e));
    while (sim_stream_next(w) == w->now);
    return sim_timer_set(w, &w->arrival_timer, sim_stream_next(w), ALM_PHASE_ARRIVAL, SIM_EVENT_ARRIVAL, 0, e);
}

static struct sim_timer *timer_of(struct sim_world *w, const struct alm_event *event)
{
    const uint64_t id = event->data;
    switch ((enum sim_event_kind)event->kind) {
    case SIM_EVENT_ARRIVAL:
        return &w->arrival_timer;
    case SIM_EVENT_FLOW:
        return &w->unit[id / SIM_CHANNELS].flow[id % SIM_CHANNELS].timer;
    case SIM_EVENT_CHANNEL:
        return &w->machine[id / SIM_CHANNELS].channel[id % SIM_CHANNELS].timer;
    case SIM_EVENT_ROW:
        return &w->unit[id].row_timer;
    case SIM_EVENT_QUOTA:
        return &w->unit[id].quota_timer;
    case SIM_EVENT_SERVICE:
        return &w->unit[id].service.timer;
    case SIM_EVENT_SAMPLE:
        return &w->sample_timer;
    default:
        return NULL;
    }
}

static int happen(struct sim_world *w, const struct alm_event *event, struct alm_err *e)
{
    const uint64_t id = event->data;
    struct sim_timer *timer = timer_of(w, event);
    bool now = true;
    if (timer)
        ALM_TRY(ring(w, timer, event, &now, e));
    if (!now)
        return ALM_OK;
    switch ((enum sim_event_kind)event->kind) {
    case SIM_EVENT_ARRIVAL:
        return on_arrival(w, e);
    case SIM_EVENT_FLOW:
        return sim_flow_on_event(w, id, e);
    case SIM_EVENT_CHANNEL:
        return sim_flow_on_channel(w, id, e);
    case SIM_EVENT_ROW:
        return sim_rows_on_event(w, &w->unit[id], e);
    case SIM_EVENT_RESTART:
        return sim_memory_on_restart(w, &w->unit[id], e);
    case SIM_EVENT_QUOTA:
        return sim_quota_on_event(w, &w->unit[id], e);
    case SIM_EVENT_JOB:
        return sim_job_on_event(w, id, e);
    case SIM_EVENT_INSTANCE:
        return sim_service_on_instance(w, id, e);
    case SIM_EVENT_SERVICE:
        return sim_service_on_timer(w, &w->unit[id], e);
    case SIM_EVENT_LIMIT:
        return sim_actuate_on_event(w, id, e);
    case SIM_EVENT_MACHINE:
        return sim_machine_on_event(w, id, e);
    case SIM_EVENT_ROOM:
        return sim_room_on_event(w, e);
    case SIM_EVENT_SAMPLE:
        return sim_meter_on_event(w, e);
    }
    return ALM_OK;
}

static int start_wait(struct sim_world *w, struct alm_err *e)
{
    w->ended_jobs.count = 0;
    w->kills = w->stalls = 0;
    for (size_t i = 0; w->marked && i < w->units; i++)
        w->unit[i].alarmed = w->unit[i].offered = false;
    w->marked = false;
    ALM_TRY(sim_meter_restore(w, e));
    return sim_job_begin_shown(w, e);
}

static bool heard(const struct sim_world *w)
{
    return (w->kills && w->wake_on_oom) || w->stalls;
}

/* Something that the loop is to hear of at once. */
static int wake(struct sim_world *w, enum alm_wake *why, struct alm_err *e)
{
    w->marked = true;
    if (heard(w)) {
        *why = ALM_WAKE_EVENT;
    } else {
        sim_job_show_starts(w);
        *why = ALM_WAKE_START;
    }
    ALM_TRY(sim_meter_keep_back(w, e));
    return sim_meter_sort(w, e);
}

static int finish(struct sim_world *w, struct alm_err *e)
{
    if (w->ended)
        return ALM_OK;
    w->ended = true;
    return sim_jobs_in_flight(w, e);
}

static int world_wait(void *self, alm_time until, alm_time *now, enum alm_wake *why, struct alm_err *e)
{
    struct sim_world *w = self;
    const alm_time target = until < w->end ? until : w->end;
    ALM_TRY(start_wait(w, e));
    ALM_TRY(sim_rows_footprints(w, e)); /* under the limits decided at this instant */
    for (;;) {
        if (alm_queue_next(&w->queue) > w->now)
            ALM_TRY(sim_balance(w, e));
        alm_time next = alm_queue_next(&w->queue);
        if (next > w->now && (heard(w) || w->startings) && !(w->stalls && w->now == target)) {
            *now = w->now;
            return wake(w, why, e);
        }
        if (next > w->now && w->now < target && w->dues) {
            ALM_TRY(sim_rows_footprints(w, e));
            continue;
        }
        if (next > target)
            break;
        struct alm_event event;
        alm_queue_pop(&w->queue, &event);
        w->now = event.at;
        ALM_TRY(happen(w, &event, e));
    }
    w->now = *now = target > w->now ? target : w->now;
    *why = target == w->end ? ALM_WAKE_END : ALM_WAKE_DUE;
    if (*why == ALM_WAKE_END)
        ALM_TRY(finish(w, e));
    return sim_meter_sort(w, e);
}

static int world_sample(void *self, const struct alm_sample **samples, const struct alm_account **account, size_t *n,
                        struct alm_err *e)
{
    (void)e;
    struct sim_world *w = self;
    *samples = w->out.sample;
    *account = w->out.account;
    *n = w->out.count;
    return ALM_OK;
}

static int world_apply(void *self, alm_time now, const struct alm_decision *decision, size_t n, struct alm_applied *out,
                       struct alm_err *e)
{
    struct sim_world *w = self;
    (void)now;
    for (size_t k = 0; k < n; k++)
        ALM_TRY(sim_actuate(w, &decision[k], &out[k], e));
    return ALM_OK;
}

static const struct alm_unit *world_units(const void *self, size_t *count)
{
    const struct sim_world *w = self;
    *count = w->units;
    return w->info;
}

static alm_time world_interval(const void *self)
{
    return ((const struct sim_world *)self)->interval;
}

static uint32_t world_resources(const void *self)
{
    return ((const struct sim_world *)self)->resources;
}

static const struct alm_input *world_inputs(const void *self, size_t *count)
{
    const struct sim_world *w = self;
    *count = w->inputs;
    return w->stream.source ? w->stream.source->input : NULL;
}

static int world_starts(void *self, const struct alm_start **start, size_t *n, struct alm_err *e)
{
    (void)e;
    struct sim_world *w = self;
    *start = w->start;
    *n = w->shown;
    return ALM_OK;
}

static int world_executions(void *self, const struct alm_execution **x, const struct alm_execution_account **account,
                            size_t *n, struct alm_err *e)
{
    (void)e;
    struct sim_world *w = self;
    for (size_t k = 0; k < w->ended_jobs.count && w->inputs; k++)
        w->ended_jobs.execution[k].input = w->ended_jobs.input + k * w->inputs;
    *x = w->ended_jobs.execution;
    *account = w->ended_jobs.account;
    *n = w->ended_jobs.count;
    return ALM_OK;
}

static const struct alm_machine *world_machines(const void *self, size_t *count)
{
    const struct sim_world *w = self;
    *count = w->machines;
    return w->machine_info;
}

static int world_machine_samples(void *self, const struct alm_machine_sample **s, size_t *n, struct alm_err *e)
{
    (void)e;
    struct sim_world *w = self;
    *s = w->machine_sample;
    *n = w->machine_samples;
    return ALM_OK;
}

static uint32_t world_machine_of(const void *self, uint32_t unit)
{
    return ((const struct sim_world *)self)->unit[unit].machine;
}

static const char *const *world_functions(const void *self, size_t *count)
{
    const struct sim_world *w = self;
    *count = w->behaviour.source ? w->behaviour.source->functions : 0;
    return w->behaviour.source ? w->behaviour.source->function : NULL;
}

static int world_behaviour(void *self, const struct alm_behaviour **b, size_t *n, struct alm_err *e)
{
    struct sim_world *w = self;
    ALM_TRY(sim_behaviour_read(&w->behaviour, w->now, e));
    *b = w->behaviour.shown;
    *n = w->behaviour.count;
    return ALM_OK;
}

const struct alm_platform_ops sim_world = {
    .head = {.abi = ALM_ABI, .size = sizeof(struct alm_platform_ops), .kind = ALM_PLATFORM, .name = "simulated"},
    .open = world_open,
    .close = world_close,
    .units = world_units,
    .interval = world_interval,
    .resources = world_resources,
    .wait = world_wait,
    .sample = world_sample,
    .apply = world_apply,
    .inputs = world_inputs,
    .starts = world_starts,
    .executions = world_executions,
    .machines = world_machines,
    .machine_samples = world_machine_samples,
    .machine_of = world_machine_of,
    .functions = world_functions,
    .behaviour = world_behaviour,
};
