/* SPDX-License-Identifier: GPL-3.0-or-later
 * job: one invocation from its arrival to its end.
 *
 * Meaning.  A job comes from the stream, may wait, is shown to the loop before it starts when a policy wants that, runs and
 *           ends. In sequence it receives, reads, computes, writes and sends, one after the other; overlapping it does all at
 *           once.
 * Choice.   Jobs live in a pool; events name a job with its generation, so that what was meant for an earlier stay of the
 *           same place is recognised. Where bandwidth has no bound, I/O takes no time but its latency.
 * Limits.   Memory is in use from start to end of a try. A killed job begins anew.
 * Source.   design: "The simulated platform"; specification: allocate_resources before each execution. */
#include "world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GENERATION_BITS 28
#define GENERATION_MASK (((uint32_t)1 << GENERATION_BITS) - 1)
#define ORDER_DONE SIM_CHANNELS

static const uint8_t order[SIM_CHANNELS] = {SIM_NET_RX, SIM_DISK_READ, SIM_CPU, SIM_DISK_WRITE, SIM_NET_TX};

static int grow_pool(struct sim_world *w, struct alm_err *e)
{
    uint32_t jobs = w->jobs ? w->jobs * 2 : 64;
    struct sim_job *job = realloc(w->job, jobs * sizeof *job);
    if (job)
        w->job = job;
    double *input = w->inputs ? realloc(w->job_input, jobs * w->inputs * sizeof *input) : NULL;
    if (input)
        w->job_input = input;
    uint32_t *position = realloc(w->activity_position, (size_t)jobs * SIM_CHANNELS * sizeof *position);
    if (position)
        w->activity_position = position;
    if (!job || (w->inputs && !input) || !position)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %u invocations in the system", jobs);
    for (uint32_t k = jobs; k-- > w->jobs;) {
        w->job[k] = (struct sim_job){.next = w->idle_job};
        w->idle_job = k;
        for (int c = 0; c < SIM_CHANNELS; c++)
            position[(size_t)k * SIM_CHANNELS + (size_t)c] = SIM_HEAP_NONE;
    }
    w->jobs = jobs;
    return ALM_OK;
}

int sim_job_new(struct sim_world *w, uint32_t *out, struct alm_err *e)
{
    if (w->idle_job == SIM_NOBODY)
        ALM_TRY(grow_pool(w, e));
    *out = w->idle_job;
    struct sim_job *j = &w->job[*out];
    w->idle_job = j->next;
    *j = (struct sim_job){.generation = j->generation,
                          .next = SIM_NOBODY,
                          .previous = SIM_NOBODY,
                          .instance = SIM_NOBODY,
                          .start = ALM_TIME_NONE,
                          .limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}};
    return ALM_OK;
}

void sim_job_release(struct sim_world *w, uint32_t job)
{
    struct sim_job *j = &w->job[job];
    j->generation = (j->generation + 1) & GENERATION_MASK;
    j->state = SIM_JOB_IDLE;
    j->next = w->idle_job;
    w->idle_job = job;
}

static int post(struct sim_world *w, uint32_t job, enum sim_job_due due, double ns, struct alm_err *e)
{
    if (!(ns < 4e18 - (double)w->now))
        return ALM_OK;
    uint64_t data = (uint64_t)due << 60 | (uint64_t)w->job[job].generation << 32 | job;
    return sim_post(w, w->now + (alm_time)ceil(fmax(ns, 0)), ALM_PHASE_DEPARTURE, SIM_EVENT_JOB, data, e);
}

/* Amount a second that one job can use on a channel; 0: no bound, the amount takes no time. */
static double most_of(const struct sim_world *w, const struct sim_job *j, int channel)
{
    const struct sim_member *u = &w->unit[j->unit];
    if (channel == SIM_CPU) {
        double cores = j->parallelism;
        if (w->o->scope != SIM_SCOPE_UNIT && !w->o->open_loop && j->limit[ALM_CPU] != ALM_NO_LIMIT)
            cores = fmin(cores, (double)j->limit[ALM_CPU] / 1000);
        return fmax(1, cores * 1e9);
    }
    double bandwidth = (double)sim_flow_limit(w, u, channel);
    if (u->machine != SIM_NOBODY)
        bandwidth = fmin(bandwidth, w->machine[u->machine].info.bandwidth[channel - SIM_DISK_READ + ALM_IO_READ]);
    return bandwidth <= 1e15 ? bandwidth : 0;
}

static double speed_of(const struct sim_world *w, const struct sim_job *j)
{
    const struct sim_member *u = &w->unit[j->unit];
    return u->machine == SIM_NOBODY ? 1 : w->machine[u->machine].info.speed;
}

/* To LEFT of its work or bytes on a channel. CPU is used in the time of the machine that it is on. */
static void advance(const struct sim_world *w, struct sim_job *j, int channel, double left)
{
    const double done = j->left[channel] - left;
    j->used[channel] += channel == SIM_CPU ? done / speed_of(w, j) : done;
    j->left[channel] = left;
}

/* All that is left, at once: the channel has no bound. */
static void pass(struct sim_world *w, struct sim_job *j, int channel)
{
    struct sim_member *u = &w->unit[j->unit];
    u->flow[channel].used += j->left[channel];
    if (u->machine != SIM_NOBODY)
        w->machine[u->machine].now.used[channel] += j->left[channel];
    advance(w, j, channel, 0);
}

static double latency_of(const struct sim_world *w, const struct sim_job *j, int channel)
{
    if (channel == SIM_CPU || !(j->bytes[channel] > 0))
        return 0;
    return (double)(channel >= SIM_NET_RX ? w->o->net_latency : w->o->disk_latency);
}

/* Seconds it takes alone and without limits. */
static double alone(const struct sim_world *w, const struct sim_job *j)
{
    const bool overlap = w->o->io == SIM_IO_OVERLAP;
    double sum = j->work / (j->parallelism * speed_of(w, j)) * 1e-9, longest = sum, latency = 0;
    for (int c = SIM_DISK_READ; c < SIM_CHANNELS; c++) {
        if (!(j->bytes[c] > 0))
            continue;
        double most = most_of(w, j, c), ns = latency_of(w, j, c);
        double seconds = most > 0 ? j->bytes[c] / most : 0;
        sum += seconds + ns * 1e-9;
        longest = fmax(longest, seconds);
        latency = fmax(latency, ns * 1e-9);
    }
    return overlap ? longest + latency : sum;
}

/* A job that has arrived at its unit: from the stream, from the station before, or for another try. */
int sim_job_enter(struct sim_world *w, uint32_t job, struct alm_err *e)
{
    struct sim_job *j = &w->job[job];
    struct sim_member *u = &w->unit[j->unit];
    if (!u->placed && !u->waiting)
        ALM_TRY(sim_place(w, u, e));
    j = &w->job[job];
    j->alone = alone(w, j);
    if (!u->placed && !u->waiting)
        return sim_job_finish(w, job, ALM_END_REFUSED, e);
    double patience = j->patience;
    if (w->o->timeout > 0)
        patience = patience >= 0 ? fmin(patience, (double)w->o->timeout) : (double)w->o->timeout;
    ALM_TRY(sim_service_join(w, u, job, e));
    if (w->job[job].state == SIM_JOB_QUEUED && patience >= 0)
        return post(w, job, SIM_DUE_PATIENCE, patience, e);
    return ALM_OK;
}

/* Begin what comes next of a running job; finish it when there is nothing. */
static int step(struct sim_world *w, uint32_t job, bool waited, struct alm_err *e)
{
    struct sim_job *j = &w->job[job];
    struct sim_member *u = &w->unit[j->unit];
    for (; j->step < ORDER_DONE; j->step++, waited = false) {
        const int c = order[j->step];
        double amount = c == SIM_CPU ? j->left[c] / speed_of(w, j) : j->left[c];
        if (!(amount > 0))
            continue;
        double latency = latency_of(w, j, c), most = most_of(w, j, c);
        if (latency > 0 && !waited)
            return post(w, job, SIM_DUE_LATENCY, latency, e);
        if (most > 0) {
            j->active = 1;
            return sim_flow_begin(w, u, c, job, amount, most, e);
        }
        pass(w, j, c);
    }
    return sim_job_done(w, job, e);
}

/* Begin all of a running job at once. */
static int all_at_once(struct sim_world *w, uint32_t job, bool waited, struct alm_err *e)
{
    struct sim_job *j = &w->job[job];
    struct sim_member *u = &w->unit[j->unit];
    double latency = 0;
    for (int c = 0; c < SIM_CHANNELS; c++)
        latency = j->left[c] > 0 ? fmax(latency, latency_of(w, j, c)) : latency;
    if (latency > 0 && !waited)
        return post(w, job, SIM_DUE_LATENCY, latency, e);
    for (int c = 0; c < SIM_CHANNELS; c++) {
        double amount = c == SIM_CPU ? j->left[c] / speed_of(w, j) : j->left[c], most = most_of(w, j, c);
        if (!(amount > 0))
            continue;
        if (most > 0) {
            j->active++;
            ALM_TRY(sim_flow_begin(w, u, c, job, amount, most, e));
        } else {
            pass(w, j, c);
        }
    }
    return j->active ? ALM_OK : sim_job_done(w, job, e);
}

static int go_on(struct sim_world *w, uint32_t job, bool waited, struct alm_err *e)
{
    return w->o->io == SIM_IO_OVERLAP ? all_at_once(w, job, waited, e) : step(w, job, waited, e);
}

/* A class that comes or goes changes the unit's weight on the network. */
static int count_class(struct sim_world *w, struct sim_member *u, int class, int by, struct alm_err *e)
{
    const bool weighs = w->o->net_classes > 1;
    for (int c = SIM_NET_RX; weighs && c < SIM_CHANNELS; c++)
        sim_flow_settle(w, u, c);
    u->in_service[class] += (uint32_t)by;
    for (int c = SIM_NET_RX; weighs && c < SIM_CHANNELS; c++)
        ALM_TRY(sim_flow_change(w, u, c, e));
    return ALM_OK;
}

static void link_running(struct sim_world *w, struct sim_service *s, uint32_t job)
{
    struct sim_job *j = &w->job[job];
    j->next = SIM_NOBODY;
    j->previous = s->running.last;
    if (s->running.last != SIM_NOBODY)
        w->job[s->running.last].next = job;
    else
        s->running.first = job;
    s->running.last = job;
    s->running.count++;
}

static void unlink_running(struct sim_world *w, struct sim_service *s, uint32_t job)
{
    struct sim_job *j = &w->job[job];
    if (j->previous != SIM_NOBODY)
        w->job[j->previous].next = j->next;
    else
        s->running.first = j->next;
    if (j->next != SIM_NOBODY)
        w->job[j->next].previous = j->previous;
    else
        s->running.last = j->previous;
    j->next = j->previous = SIM_NOBODY;
    s->running.count--;
}

/* Onto its flows, under the limits of now. */
static int begin(struct sim_world *w, uint32_t job, struct alm_err *e)
{
    struct sim_job *j = &w->job[job];
    struct sim_member *u = &w->unit[j->unit];
    const uint32_t generation = j->generation;
    j->state = SIM_JOB_RUNNING;
    j->active = 0;
    memcpy(j->limit, u->limit, sizeof j->limit);
    link_running(w, &u->service, job);
    ALM_TRY(count_class(w, u, j->class, 1, e));
    if (w->o->run_timeout > 0)
        ALM_TRY(post(w, job, SIM_DUE_RUN, fmax(0, (double)(j->start + w->o->run_timeout - w->now)), e));
    if (j->memory > 0)
        ALM_TRY(sim_memory_change(w, u, u->memory + j->memory, e));
    j = &w->job[job];
    return j->generation == generation && j->state == SIM_JOB_RUNNING ? go_on(w, job, false, e) : ALM_OK;
}

int sim_job_start(struct sim_world *w, uint32_t job, struct alm_err *e)
{
    struct sim_job *j = &w->job[job];
    j->generation = (j->generation + 1) & GENERATION_MASK; /* its patience does not matter any more */
    j->step = 0;
    j->left[SIM_CPU] = j->work;
    for (int c = SIM_DISK_READ; c < SIM_CHANNELS; c++)
        j->left[c] = j->bytes[c];
    if (!w->wake_on_start) {
        j->start = w->now;
        return begin(w, job, e);
    }
    j->state = SIM_JOB_STARTING;
    if (w->startings == w->starting_room) {
        size_t room = w->starting_room ? w->starting_room * 2 : 64;
        uint32_t *starting = realloc(w->starting, room * sizeof *starting);
        if (starting)
            w->starting = starting;
        struct alm_start *start = realloc(w->start, room * sizeof *start);
        if (start)
            w->start = start;
        if (!starting || !start)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu starts", room);
        w->starting_room = room;
    }
    w->starting[w->startings++] = job;
    return ALM_OK;
}

static int by_unit(const void *a, const void *b)
{
    const struct alm_start *x = a, *y = b;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

void sim_job_show_starts(struct sim_world *w)
{
    size_t shown = 0;
    for (size_t k = 0; k < w->startings; k++) {
        const uint32_t job = w->starting[k];
        const struct sim_job *j = &w->job[job];
        struct sim_member *u = &w->unit[j->unit];
        if (u->offered)
            continue;
        u->offered = true;
        w->start[shown] = (struct alm_start){.id = j->id,
                                             .unit = j->unit,
                                             .arrival = j->arrival,
                                             .input = w->inputs ? w->job_input + (size_t)job * w->inputs : NULL,
                                             .cores_requested = j->requested[0],
                                             .memory_requested = j->requested[1],
                                             .time_requested = j->requested[2]};
        memmove(&w->starting[shown + 1], &w->starting[shown], (k - shown) * sizeof *w->starting);
        w->starting[shown++] = job; /* the others keep their order behind it */
    }
    qsort(w->start, shown, sizeof *w->start, by_unit);
    w->shown = shown;
}

int sim_job_begin_shown(struct sim_world *w, struct alm_err *e)
{
    const size_t shown = w->shown;
    w->shown = 0;
    if (shown == 0)
        return ALM_OK;
    uint32_t *job = malloc(shown * sizeof *job);
    if (!job)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu starts", shown);
    memcpy(job, w->starting, shown * sizeof *job);
    w->startings -= shown;
    memmove(w->starting, w->starting + shown, w->startings * sizeof *w->starting);
    int code = ALM_OK;
    for (size_t k = 0; code >= 0 && k < shown; k++) {
        struct sim_member *u = &w->unit[w->job[job[k]].unit];
        if (u->down || !u->placed) { /* since it was shown */
            sim_service_put_back(w, u, job[k]);
            continue;
        }
        w->job[job[k]].start = w->now;
        code = begin(w, job[k], e);
    }
    free(job);
    return code;
}

static void forget_starting(struct sim_world *w, uint32_t job)
{
    size_t kept = 0;
    for (size_t k = 0; k < w->startings; k++) {
        if (w->starting[k] != job)
            w->starting[kept++] = w->starting[k];
        else if (k < w->shown)
            w->shown--;
    }
    w->startings = kept;
}

int sim_job_activity_done(struct sim_world *w, uint32_t job, int channel, double early, struct alm_err *e)
{
    struct sim_job *j = &w->job[job];
    struct sim_flow *f = &w->unit[j->unit].flow[channel];
    const double most = most_of(w, j, channel);
    const int64_t rate = sim_whole_rate(most);
    f->want -= rate;
    f->used += early * 1e-9 * (double)rate;
    advance(w, j, channel, 0);
    j->active--;
    if (w->o->io == SIM_IO_OVERLAP)
        return j->active ? ALM_OK : sim_job_done(w, job, e);
    j->step++;
    return step(w, job, false, e);
}

int sim_job_stop(struct sim_world *w, uint32_t job, struct alm_err *e)
{
    struct sim_job *j = &w->job[job];
    struct sim_member *u = &w->unit[j->unit];
    for (int c = 0; c < SIM_CHANNELS && j->active; c++) {
        double left;
        if (w->activity_position[(size_t)job * SIM_CHANNELS + (size_t)c] == SIM_HEAP_NONE)
            continue;
        ALM_TRY(sim_flow_end(w, u, c, job, most_of(w, j, c), &left, e));
        advance(w, j, c, c == SIM_CPU ? left * speed_of(w, j) : left);
    }
    j->active = 0;
    j->generation = (j->generation + 1) & GENERATION_MASK;
    unlink_running(w, &u->service, job);
    ALM_TRY(count_class(w, u, j->class, -1, e));
    j->state = SIM_JOB_SUSPENDED;
    return j->memory > 0 ? sim_memory_change(w, u, u->memory - j->memory, e) : ALM_OK;
}

int sim_job_resume(struct sim_world *w, uint32_t job, struct alm_err *e)
{
    return begin(w, job, e);
}

/* Out of service or out of the queue, whatever it was doing. What it used is counted. */
static int withdraw(struct sim_world *w, uint32_t job, struct alm_err *e)
{
    struct sim_job *j = &w->job[job];
    struct sim_member *u = &w->unit[j->unit];
    const int state = j->state;
    if (state == SIM_JOB_QUEUED) {
        sim_service_drop(w, u, job);
        return ALM_OK;
    }
    if (state == SIM_JOB_RUNNING)
        ALM_TRY(sim_job_stop(w, job, e));
    if (state == SIM_JOB_STARTING)
        forget_starting(w, job);
    return sim_service_leave(w, u, job, e);
}

int sim_job_done(struct sim_world *w, uint32_t job, struct alm_err *e)
{
    struct sim_job *j = &w->job[job];
    struct sim_member *u = &w->unit[j->unit];
    unlink_running(w, &u->service, job);
    ALM_TRY(count_class(w, u, j->class, -1, e));
    j->state = SIM_JOB_AWAY;
    if (j->memory > 0)
        ALM_TRY(sim_memory_change(w, u, u->memory - j->memory, e));
    ALM_TRY(sim_service_leave(w, u, job, e));
    ALM_TRY(sim_job_finish(w, job, ALM_END_DONE, e));
    return sim_service_dispatch(w, u, e);
}

int sim_job_kill(struct sim_world *w, uint32_t job, struct alm_err *e)
{
    ALM_TRY(withdraw(w, job, e));
    struct sim_job *j = &w->job[job];
    j->throttled |= ALM_BIT(ALM_MEMORY);
    if (j->retries >= w->o->retries)
        return sim_job_finish(w, job, ALM_END_FAILED, e);
    j->retries = (uint8_t)(j->retries + (j->retries < 255));
    j->state = SIM_JOB_AWAY;
    return post(w, job, SIM_DUE_RETRY, (double)w->o->retry_delay, e);
}

int sim_job_on_event(struct sim_world *w, uint64_t data, struct alm_err *e)
{
    const uint32_t job = (uint32_t)(data & UINT32_MAX);
    struct sim_job *j = &w->job[job];
    if (j->generation != ((uint32_t)(data >> 32) & GENERATION_MASK))
        return ALM_OK;
    struct sim_member *u = &w->unit[j->unit];
    switch ((enum sim_job_due)(data >> 60)) {
    case SIM_DUE_PATIENCE:
        if (j->state != SIM_JOB_QUEUED)
            return ALM_OK;
        ALM_TRY(withdraw(w, job, e));
        ALM_TRY(sim_job_finish(w, job, ALM_END_TIMEOUT, e));
        return sim_service_dispatch(w, u, e);
    case SIM_DUE_RUN:
        ALM_TRY(withdraw(w, job, e));
        ALM_TRY(sim_job_finish(w, job, ALM_END_TIMEOUT, e));
        return sim_service_dispatch(w, u, e);
    case SIM_DUE_LATENCY:
        return go_on(w, job, true, e);
    case SIM_DUE_RETRY:
        return sim_job_enter(w, job, e);
    default:
        return ALM_OK;
    }
}

int sim_job_finish(struct sim_world *w, uint32_t job, enum alm_end end, struct alm_err *e)
{
    ALM_TRY(sim_job_report(w, job, end, e));
    ALM_TRY(end == ALM_END_DONE ? sim_station_next(w, job, e) : sim_station_lost(w, job, e));
    sim_job_release(w, job);
    return ALM_OK;
}

void sim_jobs_close(struct sim_world *w)
{
    free(w->job);
    free(w->job_input);
    free(w->activity_position);
    free(w->starting);
    free(w->start);
    free(w->stream.block);
    free(w->ended_jobs.execution);
    free(w->ended_jobs.account);
    free(w->ended_jobs.input);
}
