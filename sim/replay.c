/* SPDX-License-Identifier: GPL-3.0-or-later
 * replay: the engine for units that never meet: each replays recorded usage, alone.
 *
 * Meaning.  Closed loop: limits act on usage (throttling, backlog, OOM kills). Open loop: limits are only scored.
 * Choice.   The event queue holds what is rare: limits on their way and the moments of OOM kills. The common case,
 *           demand that changes row by row, is a sweep over units, so replay costs nanoseconds a row.
 * Limits.   No machines, no contention, no invocations: those are the world's.
 * Source.   design: "The simulated platform"; Kubernetes and Linux semantics of limits. */
#include "engine.h"
#include "event_queue.h"
#include "usage_unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES ((size_t)32 << 20)
#define BUFFER_ROWS_MIN 64
#define BUFFER_ROWS_MAX 4096

enum event_kind { EVENT_CHECK, EVENT_LIMIT };

struct pending_limit {
    int64_t limit[2], shown[2];
};

struct platform {
    struct sim_rules rules;
    const struct alm_demand *demand;
    alm_time grid, now, end;
    bool wake_on_oom;
    struct alm_queue queue;
    struct sim_unit *unit;
    struct sim_output out, held; /* shown after the wait; kept back over an event wake */
    bool *woken;                 /* per unit: killed in this wait */
    struct pending_limit *pending;
    uint32_t *pending_idle;
    size_t pending_count, pending_capacity;

    size_t buffer_rows;
    alm_time *at, *span;
    double *value[ALM_RESOURCES];
};

static void platform_close(void *self)
{
    struct platform *p = self;
    if (!p)
        return;
    alm_queue_fini(&p->queue);
    free(p->unit);
    free(p->out.sample);
    free(p->out.account);
    free(p->held.sample);
    free(p->held.account);
    free(p->woken);
    free(p->pending);
    free(p->pending_idle);
    free(p->at);
    free(p->span);
    for (int r = 0; r < ALM_RESOURCES; r++)
        free(p->value[r]);
    free(p);
}

static int allocate(struct platform *p, struct alm_err *e)
{
    const struct alm_demand *d = p->demand;
    size_t columns = 2 + (size_t)__builtin_popcount(d->resources);
    size_t most = 0;
    for (size_t i = 0; i < d->units; i++)
        most = d->rows[i] > most ? (size_t)d->rows[i] : most;
    size_t n = BUFFER_BYTES / (d->units * columns * 8 + 1);
    n = n < BUFFER_ROWS_MIN ? BUFFER_ROWS_MIN : n > BUFFER_ROWS_MAX ? BUFFER_ROWS_MAX : n;
    p->buffer_rows = n < most ? n : most ? most : 1;
    size_t cells = p->buffer_rows * d->units;
    p->unit = calloc(d->units, sizeof *p->unit);
    p->at = malloc(cells * sizeof *p->at);
    p->span = malloc(cells * sizeof *p->span);
    p->woken = calloc(d->units, sizeof *p->woken);
    bool ok = p->unit && p->at && p->span && p->woken;
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (d->resources & ALM_BIT(r)) {
            p->value[r] = malloc(cells * sizeof(double));
            ok = ok && p->value[r];
        }
    if (!ok)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", d->units);
    return alm_queue_init(&p->queue, d->units, e);
}

/* Keep the rows from the current one on and read on behind them. */
static int fill(struct platform *p, size_t i, struct alm_err *e)
{
    struct sim_unit *u = &p->unit[i];
    size_t base = i * p->buffer_rows, keep = u->filled - u->row, room = p->buffer_rows - keep;
    uint64_t left = u->rows - u->loaded;
    size_t n = left < room ? (size_t)left : room;
    struct alm_demand_rows to = {.at = p->at + base + keep, .span = p->span + base + keep};
    memmove(p->at + base, p->at + base + u->row, keep * sizeof *p->at);
    memmove(p->span + base, p->span + base + u->row, keep * sizeof *p->span);
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (p->value[r]) {
            memmove(p->value[r] + base, p->value[r] + base + u->row, keep * sizeof(double));
            to.value[r] = p->value[r] + base + keep;
        }
    ALM_TRY(p->demand->read(p->demand, i, u->loaded, n, &to, e));
    for (size_t k = 0; to.value[ALM_CPU] && k < n; k++)
        to.value[ALM_CPU][k] = alm_demand_cores(to.value[ALM_CPU][k], to.span[k]);
    u->loaded += n;
    u->row = 0;
    u->filled = keep + n;
    return ALM_OK;
}

static int open_units(struct platform *p, struct alm_err *e)
{
    p->end = INT64_MIN;
    for (size_t i = 0; i < p->demand->units; i++) {
        struct sim_unit *u = &p->unit[i];
        size_t base = i * p->buffer_rows;
        u->id = (uint32_t)i;
        u->rows = p->demand->rows[i];
        u->row_at = p->at + base;
        u->row_span = p->span + base;
        for (int r = 0; r < ALM_RESOURCES; r++)
            u->row_value[r] = p->value[r] ? p->value[r] + base : NULL;
        u->limit[0] = u->limit[1] = u->shown[0] = u->shown[1] = ALM_NO_LIMIT;
        u->down_until = u->checked = INT64_MIN;
        if (u->rows == 0)
            return alm_fail(e, ALM_EDATA, "unit %s has no rows", p->demand->unit[i].name);
        ALM_TRY(fill(p, i, e));
        u->at = u->row_at[0] - u->row_span[0];
        if (p->demand->unit[i].last > p->end)
            p->end = p->demand->unit[i].last;
    }
    if (p->grid > 0)
        p->end = alm_time_ceil(p->end, p->grid);
    return ALM_OK;
}

static int platform_open(const struct alm_platform_config *config, void **self, struct alm_err *e)
{
    const struct sim_options *opt = config->opt;
    if (!config->demand || config->demand->units == 0)
        return alm_fail(e, ALM_EINVAL, "platform simulated needs a trace with at least one unit");
    struct platform *p = calloc(1, sizeof *p);
    if (!p)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the simulated platform");
    p->rules = (struct sim_rules){.open_loop = opt->open_loop,
                                  .backlog = opt->cpu_backlog,
                                  .backlog_limit = opt->backlog_limit,
                                  .actuation_delay = opt->actuation_delay,
                                  .restart_delay = opt->restart_delay,
                                  .cores = opt->cores};
    p->demand = config->demand;
    p->grid = config->sample_interval;
    p->wake_on_oom = config->wake_on_oom;
    p->now = INT64_MIN;
    int code = allocate(p, e);
    if (code >= 0)
        code = open_units(p, e);
    if (code < 0) {
        platform_close(p);
        return code;
    }
    *self = p;
    return ALM_OK;
}

static const struct alm_unit *platform_units(const void *self, size_t *count)
{
    const struct platform *p = self;
    *count = p->demand->units;
    return p->demand->unit;
}

static alm_time platform_interval(const void *self)
{
    const struct platform *p = self;
    return p->grid > 0 ? p->grid : p->demand->interval;
}

static uint32_t platform_resources(const void *self)
{
    return ((const struct platform *)self)->demand->resources;
}

static int advance(struct platform *p, size_t i, alm_time to, struct alm_err *e)
{
    struct sim_unit *u = &p->unit[i];
    ALM_TRY(sim_unit_advance(u, &p->rules, to, p->grid, &p->out, e));
    while (sim_unit_needs_rows(u)) {
        ALM_TRY(fill(p, i, e));
        ALM_TRY(sim_unit_advance(u, &p->rules, to, p->grid, &p->out, e));
    }
    return ALM_OK;
}

/* Put the unit's next OOM kill before UNTIL, or the moment to look for it again, into the queue. */
static int schedule_check(struct platform *p, size_t i, alm_time until, struct alm_err *e)
{
    struct sim_unit *u = &p->unit[i];
    bool certain;
    alm_time t = sim_unit_next_kill(u, until, &certain);
    u->checked = until;
    u->generation++;
    if (t >= until)
        return ALM_OK;
    struct alm_event event = {.at = t > p->now ? t : p->now,
                              .phase = ALM_PHASE_SAMPLE, /* after limits that take effect at the same instant */
                              .kind = EVENT_CHECK,
                              .data = (uint64_t)u->generation << 32 | i};
    return alm_queue_push(&p->queue, &event, e);
}

static int on_check(struct platform *p, const struct alm_event *event, alm_time until, bool *woke, struct alm_err *e)
{
    size_t i = (size_t)(event->data & UINT32_MAX);
    struct sim_unit *u = &p->unit[i];
    if (u->generation != (uint32_t)(event->data >> 32))
        return ALM_OK;
    ALM_TRY(advance(p, i, event->at, e));
    if (sim_unit_needs_rows(u))
        ALM_TRY(fill(p, i, e));
    if (sim_unit_over_memory(u)) {
        ALM_TRY(sim_unit_kill(u, &p->rules, &p->out, e));
        *woke = p->woken[i] = true;
    } else if (u->row > p->buffer_rows / 2 && u->loaded < u->rows) {
        ALM_TRY(fill(p, i, e));
    }
    return schedule_check(p, i, until, e);
}

static int set_limit(struct platform *p, size_t i, alm_time at, const struct pending_limit *l, struct alm_err *e)
{
    ALM_TRY(advance(p, i, at, e));
    struct sim_unit *u = &p->unit[i];
    memcpy(u->limit, l->limit, sizeof u->limit);
    memcpy(u->shown, l->shown, sizeof u->shown);
    u->checked = INT64_MIN;
    u->generation++;
    return ALM_OK;
}

static int on_limit(struct platform *p, const struct alm_event *event, alm_time until, struct alm_err *e)
{
    size_t i = (size_t)(event->data & UINT32_MAX);
    uint32_t slot = (uint32_t)(event->data >> 32);
    ALM_TRY(set_limit(p, i, event->at, &p->pending[slot], e));
    p->pending_idle[--p->pending_count] = slot;
    return p->rules.open_loop ? ALM_OK : schedule_check(p, i, until, e);
}

static int schedule_checks(struct platform *p, alm_time until, struct alm_err *e)
{
    if (p->rules.open_loop || !p->value[ALM_MEMORY])
        return ALM_OK;
    for (size_t i = 0; i < p->demand->units; i++)
        if (p->unit[i].checked < until)
            ALM_TRY(schedule_check(p, i, until, e));
    return ALM_OK;
}

static int by_unit_then_time(const void *a, const void *b)
{
    const struct alm_sample *x = a, *y = b;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return y->event - x->event;
}

/* Rare (OOM kills without waking the loop): sort samples and accounts alike. */
static int sort_output(struct sim_output *out, struct alm_err *e)
{
    struct both {
        struct alm_sample sample;
        struct alm_account account;
    } *both = malloc(out->count * sizeof *both);
    if (!both)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu samples", out->count);
    for (size_t i = 0; i < out->count; i++)
        both[i] = (struct both){out->sample[i], out->account[i]};
    qsort(both, out->count, sizeof *both, by_unit_then_time);
    for (size_t i = 0; i < out->count; i++) {
        out->sample[i] = both[i].sample;
        out->account[i] = both[i].account;
    }
    free(both);
    out->unsorted = false;
    return ALM_OK;
}

static int append(struct sim_output *to, const struct sim_output *from, size_t k, struct alm_err *e)
{
    ALM_TRY(sim_output_reserve(to, e));
    to->sample[to->count] = from->sample[k];
    to->account[to->count] = from->account[k];
    to->count++;
    return ALM_OK;
}

/* Begin a wait with what the last event wake kept back. */
static int restore_held(struct platform *p, struct alm_err *e)
{
    p->out.count = 0;
    p->out.unsorted = p->held.count > 0;
    for (size_t k = 0; k < p->held.count; k++)
        ALM_TRY(append(&p->out, &p->held, k, e));
    p->held.count = 0;
    return ALM_OK;
}

/* An event wake shows the samples of the units it is about; others that were advanced by chance show theirs when due.
 */
static int keep_back(struct platform *p, struct alm_err *e)
{
    size_t shown = 0;
    for (size_t k = 0; k < p->out.count; k++) {
        if (!p->woken[p->out.sample[k].unit]) {
            ALM_TRY(append(&p->held, &p->out, k, e));
            continue;
        }
        p->out.sample[shown] = p->out.sample[k];
        p->out.account[shown++] = p->out.account[k];
    }
    p->out.count = shown;
    memset(p->woken, 0, p->demand->units * sizeof *p->woken);
    return p->out.unsorted ? sort_output(&p->out, e) : ALM_OK;
}

static int platform_wait(void *self, alm_time until, alm_time *now, enum alm_wake *why, struct alm_err *e)
{
    struct platform *p = self;
    alm_time target = until < p->end ? until : p->end;
    bool woke = false;
    ALM_TRY(restore_held(p, e));
    ALM_TRY(schedule_checks(p, target, e));
    while (alm_queue_next(&p->queue) <= target) {
        struct alm_event event;
        alm_queue_pop(&p->queue, &event);
        ALM_TRY(event.kind == EVENT_LIMIT ? on_limit(p, &event, target, e) : on_check(p, &event, target, &woke, e));
        p->now = event.at;
        if (woke && p->wake_on_oom && alm_queue_next(&p->queue) > event.at) {
            *now = event.at;
            *why = ALM_WAKE_EVENT;
            return keep_back(p, e);
        }
    }
    for (size_t i = 0; i < p->demand->units; i++)
        ALM_TRY(advance(p, i, target, e));
    p->now = target;
    *now = target;
    *why = target == p->end ? ALM_WAKE_END : ALM_WAKE_DUE;
    return p->out.unsorted ? sort_output(&p->out, e) : ALM_OK;
}

static int platform_sample(void *self, const struct alm_sample **samples, const struct alm_account **account, size_t *n,
                           struct alm_err *e)
{
    (void)e;
    struct platform *p = self;
    *samples = p->out.sample;
    *account = p->out.account;
    *n = p->out.count;
    return ALM_OK;
}

static int delay_limit(struct platform *p, size_t i, alm_time at, const struct pending_limit *l, struct alm_err *e)
{
    if (p->pending_count == p->pending_capacity) {
        size_t capacity = p->pending_capacity ? p->pending_capacity * 2 : 256;
        struct pending_limit *pending = realloc(p->pending, capacity * sizeof *pending);
        if (pending)
            p->pending = pending;
        uint32_t *idle = realloc(p->pending_idle, capacity * sizeof *idle);
        if (idle)
            p->pending_idle = idle;
        if (!pending || !idle)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu delayed limits", capacity);
        for (size_t k = p->pending_capacity; k < capacity; k++)
            idle[k] = (uint32_t)k;
        p->pending_capacity = capacity;
    }
    uint32_t slot = p->pending_idle[p->pending_count];
    p->pending[slot] = *l;
    struct alm_event event = {
        .at = at, .phase = ALM_PHASE_LIMIT, .kind = EVENT_LIMIT, .data = (uint64_t)slot << 32 | i};
    ALM_TRY(alm_queue_push(&p->queue, &event, e));
    p->pending_count++;
    return ALM_OK;
}

static int platform_apply(void *self, alm_time now, const struct alm_decision *decision, size_t n,
                          struct alm_applied *out, struct alm_err *e)
{
    struct platform *p = self;
    for (size_t k = 0; k < n; k++) {
        const struct alm_decision *d = &decision[k];
        struct pending_limit l = {
            .limit = {d->limit[ALM_CPU], d->limit[ALM_MEMORY]},
            .shown = {alm_kernel_millicores(d->limit[ALM_CPU]), alm_kernel_bytes(d->limit[ALM_MEMORY])}};
        if (!p->rules.open_loop)
            memcpy(l.limit, l.shown, sizeof l.limit);
        bool delayed = p->rules.actuation_delay > 0;
        ALM_TRY(delayed ? delay_limit(p, d->unit, now + p->rules.actuation_delay, &l, e)
                        : set_limit(p, d->unit, now, &l, e));
        uint8_t state = delayed ? ALM_DELAYED : ALM_APPLIED;
        out[k] = (struct alm_applied){.state = {state, state}, .limit = {l.shown[0], l.shown[1]}};
    }
    return ALM_OK;
}

const struct alm_platform_ops sim_replay = {
    .head = {.abi = ALM_ABI, .size = sizeof(struct alm_platform_ops), .kind = ALM_PLATFORM, .name = "simulated"},
    .open = platform_open,
    .close = platform_close,
    .units = platform_units,
    .interval = platform_interval,
    .resources = platform_resources,
    .wait = platform_wait,
    .sample = platform_sample,
    .apply = platform_apply,
};
