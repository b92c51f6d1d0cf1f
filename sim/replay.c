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

enum event_kind { EVENT_CHECK, EVENT_LIMIT };

struct platform {
    struct sim_rules rules;
    const struct alm_demand *demand;
    alm_time grid, now, end;
    bool wake_on_oom;
    alm_time safe; /* no row of any unit that begins earlier is too large for its limit */
    struct alm_queue queue;
    struct sim_unit *unit;
    struct sim_output out, held; /* shown after the wait; kept back over an event wake */
    bool *woken;                 /* per unit: killed in this wait */
    struct sim_limits *pending;
    uint32_t *pending_idle;
    size_t pending_count, pending_capacity;
    struct sim_tape tape;

    /* What the last `apply` was asked for and answered; `even`: all units were advanced to here. */
    struct alm_decision *decided;
    struct alm_applied *applied;
    size_t decided_count;
    bool again; /* it was asked for once more, and found kills no longer count */
    alm_time even;
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
    free(p->out.limits);
    free(p->held.sample);
    free(p->held.account);
    free(p->held.limits);
    free(p->woken);
    free(p->pending);
    free(p->pending_idle);
    free(p->decided);
    free(p->applied);
    sim_tape_close(&p->tape);
    free(p);
}

static int allocate(struct platform *p, struct alm_err *e)
{
    const struct alm_demand *d = p->demand;
    p->unit = calloc(d->units, sizeof *p->unit);
    p->woken = calloc(d->units, sizeof *p->woken);
    p->decided = calloc(d->units, sizeof *p->decided);
    p->applied = calloc(d->units, sizeof *p->applied);
    if (!p->unit || !p->woken || !p->decided || !p->applied)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", d->units);
    ALM_TRY(sim_tape_open(&p->tape, d, e));
    return alm_queue_init(&p->queue, d->units, e);
}

static int open_units(struct platform *p, struct alm_err *e)
{
    const struct sim_limits none = {
        {ALM_NO_LIMIT, ALM_NO_LIMIT}, {ALM_NO_LIMIT, ALM_NO_LIMIT}, {ALM_NO_LIMIT, ALM_NO_LIMIT}};
    p->end = INT64_MIN;
    for (size_t i = 0; i < p->demand->units; i++) {
        struct sim_unit *u = &p->unit[i];
        u->id = (uint32_t)i;
        sim_unit_set_limits(u, &p->rules, &none);
        u->down_until = u->checked = INT64_MIN;
        ALM_TRY(sim_tape_begin(&p->tape, i, &u->tape, e));
        u->at = u->tape.line->start;
        u->calm = true;
        u->others = p->demand->resources & ~(ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY));
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
    p->now = p->safe = INT64_MIN;
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
    while (sim_tape_ran_out(&u->tape)) {
        ALM_TRY(sim_tape_fill(&p->tape, i, &u->tape, e));
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
    if (sim_tape_ran_out(&u->tape))
        ALM_TRY(sim_tape_fill(&p->tape, i, &u->tape, e));
    if (sim_unit_over_memory(u)) {
        ALM_TRY(sim_unit_kill(u, &p->rules, &p->out, e));
        *woke = p->woken[i] = true;
    } else if (u->tape.row > p->tape.block / 2 && u->tape.loaded < u->tape.rows) {
        ALM_TRY(sim_tape_fill(&p->tape, i, &u->tape, e));
    }
    return schedule_check(p, i, until, e);
}

/* What was found of kills ahead no longer counts. */
static inline void look_again(struct sim_unit *u)
{
    u->checked = INT64_MIN;
    u->generation++;
}

static int set_limits(struct platform *p, size_t i, alm_time at, const struct sim_limits *l, struct alm_err *e)
{
    ALM_TRY(advance(p, i, at, e));
    struct sim_unit *u = &p->unit[i];
    sim_unit_set_limits(u, &p->rules, l);
    p->safe = INT64_MIN;
    look_again(u);
    return ALM_OK;
}

static int on_limit(struct platform *p, const struct alm_event *event, alm_time until, struct alm_err *e)
{
    size_t i = (size_t)(event->data & UINT32_MAX);
    uint32_t slot = (uint32_t)(event->data >> 32);
    ALM_TRY(set_limits(p, i, event->at, &p->pending[slot], e));
    p->pending_idle[--p->pending_count] = slot;
    return p->rules.open_loop ? ALM_OK : schedule_check(p, i, until, e);
}

static int schedule_checks(struct platform *p, alm_time until, struct alm_err *e)
{
    if (p->rules.open_loop || !(p->demand->resources & ALM_BIT(ALM_MEMORY)))
        return ALM_OK;
    for (size_t i = 0; i < p->demand->units; i++)
        if (p->unit[i].checked < until)
            ALM_TRY(schedule_check(p, i, until, e));
    return ALM_OK;
}

/* Find anew up to when no row of the unit is too large, reading on where that needs more rows. */
static int find_safe(struct platform *p, size_t i, alm_time until, struct alm_err *e)
{
    struct sim_unit *u = &p->unit[i];
    bool certain = true;
    u->safe = sim_unit_find_safe(u, until, &certain);
    if (certain)
        return ALM_OK;
    ALM_TRY(sim_tape_fill(&p->tape, i, &u->tape, e));
    u->safe = sim_unit_find_safe(u, until, &certain);
    return ALM_OK;
}

/* Can no unit be killed before UNTIL as things stand, and is no limit on its way? *quiet is set to false where that is not
 * certain. */
static int look_ahead(struct platform *p, alm_time until, bool *quiet, struct alm_err *e)
{
    *quiet = p->grid == 0 && alm_queue_next(&p->queue) == ALM_TIME_MAX;
    if (!*quiet || p->rules.open_loop || !(p->demand->resources & ALM_BIT(ALM_MEMORY)) || until <= p->safe)
        return ALM_OK;
    alm_time safe = ALM_TIME_MAX;
    for (size_t i = 0; i < p->demand->units; i++) {
        if (p->unit[i].safe < until)
            ALM_TRY(find_safe(p, i, until, e));
        safe = p->unit[i].safe < safe ? p->unit[i].safe : safe;
        if (safe >= until)
            continue;
        *quiet = false;
        return ALM_OK;
    }
    p->safe = safe;
    return ALM_OK;
}

/* Nothing happens in all units up to TARGET but rows and what limits do to them. */
static int sweep(struct platform *p, alm_time target, struct alm_err *e)
{
    const size_t n = p->demand->units;
    for (size_t i = 0; i < n; i++) {
        if (p->grid == 0)
            ALM_TRY(sim_units_sweep(p->unit, n, &i, p->rules.open_loop, target, &p->out, e));
        if (i < n)
            ALM_TRY(advance(p, i, target, e));
    }
    return ALM_OK;
}

static int by_unit_then_time(const void *a, const void *b)
{
    const struct alm_sample *x = a, *y = b;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->event - y->event;
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
        out->limits[i] = 0;
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
    to->limits[to->count++] = 0;
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
        p->out.account[shown] = p->out.account[k];
        p->out.limits[shown++] = 0;
    }
    p->out.count = shown;
    memset(p->woken, 0, p->demand->units * sizeof *p->woken);
    return p->out.unsorted ? sort_output(&p->out, e) : ALM_OK;
}

/* Let events happen up to TARGET, or up to a kill that shall wake. */
static int run_events(struct platform *p, alm_time target, bool *woke, struct alm_err *e)
{
    bool killed = false;
    for (size_t k = 0; k < p->decided_count && p->again; k++)
        look_again(&p->unit[p->decided[k].unit]);
    p->again = false;
    ALM_TRY(schedule_checks(p, target, e));
    while (alm_queue_next(&p->queue) <= target) {
        struct alm_event event;
        alm_queue_pop(&p->queue, &event);
        ALM_TRY(event.kind == EVENT_LIMIT ? on_limit(p, &event, target, e) : on_check(p, &event, target, &killed, e));
        p->now = event.at;
        if (killed && p->wake_on_oom && alm_queue_next(&p->queue) > event.at) {
            *woke = true;
            return keep_back(p, e);
        }
    }
    return ALM_OK;
}

static int platform_wait(void *self, alm_time until, alm_time *now, enum alm_wake *why, struct alm_err *e)
{
    struct platform *p = self;
    alm_time target = until < p->end ? until : p->end;
    bool quiet, woke = false;
    p->even = INT64_MIN;
    ALM_TRY(restore_held(p, e));
    ALM_TRY(look_ahead(p, target, &quiet, e));
    if (!quiet)
        ALM_TRY(run_events(p, target, &woke, e));
    p->out.unsorted = p->out.unsorted || p->out.count > 0; /* the sweep begins with the first unit again */
    if (woke) {
        *now = p->now;
        *why = ALM_WAKE_EVENT;
        return ALM_OK;
    }
    ALM_TRY(sweep(p, target, e));
    p->now = p->even = target;
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

static int delay_limit(struct platform *p, size_t i, alm_time at, const struct sim_limits *l, struct alm_err *e)
{
    if (p->pending_count == p->pending_capacity) {
        size_t capacity = p->pending_capacity ? p->pending_capacity * 2 : 256;
        struct sim_limits *pending = realloc(p->pending, capacity * sizeof *pending);
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

static int apply_one(struct platform *p, alm_time now, const struct alm_decision *d, struct alm_applied *out,
                     struct alm_err *e)
{
    struct sim_limits l = {.asked = {d->limit[ALM_CPU], d->limit[ALM_MEMORY]},
                           .shown = {alm_kernel_millicores(d->limit[ALM_CPU]), alm_kernel_bytes(d->limit[ALM_MEMORY])}};
    memcpy(l.limit, p->rules.open_loop ? l.asked : l.shown, sizeof l.limit);
    memcpy(out->limit, l.shown, sizeof out->limit);
    return p->rules.actuation_delay > 0 ? delay_limit(p, d->unit, now + p->rules.actuation_delay, &l, e)
                                        : set_limits(p, d->unit, now, &l, e);
}

static int platform_apply(void *self, alm_time now, const struct alm_decision *decision, size_t n,
                          struct alm_applied *out, struct alm_err *e)
{
    struct platform *p = self;
    const bool delayed = p->rules.actuation_delay > 0;
    const uint8_t state = delayed ? ALM_DELAYED : ALM_APPLIED;
    if (!delayed && p->even >= now && n == p->decided_count &&
        memcmp(decision, p->decided, n * sizeof *decision) == 0) {
        memcpy(out, p->applied, n * sizeof *out);
        p->again = true;
        return ALM_OK;
    }
    p->decided_count = 0;
    for (size_t k = 0; k < n; k++) {
        const struct alm_decision *d = &decision[k];
        struct sim_unit *u = &p->unit[d->unit];
        bool same = d->limit[ALM_CPU] == u->asked[ALM_CPU] && d->limit[ALM_MEMORY] == u->asked[ALM_MEMORY];
        out[k] = (struct alm_applied){.state = {state, state}, .limit = {u->shown[0], u->shown[1]}};
        if (!same || delayed || u->at < now)
            ALM_TRY(apply_one(p, now, d, &out[k], e));
        else
            look_again(u);
    }
    if (n > p->demand->units)
        return ALM_OK;
    memcpy(p->decided, decision, n * sizeof *decision);
    memcpy(p->applied, out, n * sizeof *out);
    p->decided_count = n;
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
