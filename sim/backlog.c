/* SPDX-License-Identifier: GPL-3.0-or-later
 * backlog: recorded demand that was not met in time, and the moment when it has been made up for.
 *
 * Meaning.  What a flow gets less than its demand is behind: CPU is carried over, up to what the unit's limit does in
 *           backlog_limit, or lost; bytes always wait, as who reads, writes or sends waits too. A flow that is behind wants
 *           all it may have, and its demand again when nothing is left.
 * Choice.   The moment when a backlog b is done at demand d is b / (rate - d) away if the rate stays. At the common level of
 *           a channel the rate changes with every change of others, of which nobody is told. So each such flow has a
 *           certificate: as long as its rate is below d + 1.25 (rate - d), nothing is done before 0.8 of that time; then
 *           one looks again, after a microsecond at least. The levels at which certificates end lie in one heap a channel; a
 *           higher level looks at those it passes. Each look leaves a fifth while the level stays, so some 15 of them find the
 *           moment, whatever else happens; the heap costs O(log n) for each. What was had beyond all that was wanted, in
 *           that microsecond, is taken off the flow's use, so use adds up to demand.
 * Limits.   The bound on the backlog is applied to what a whole stretch between settlements adds.
 * Source.   Certificates that fail in order: Basch, Guibas, Hershberger, "Data structures for mobile data", 1999. */
#include "world.h"

#include <math.h>
#include <stdlib.h>

#define SAFETY 1.25
#define DONE_CPU 1.0 /* core-ns: a thousandth of what meters show */
#define DONE_BYTES 1e-3
#define LOOK 1000       /* ns */
#define PATIENCE ALM_MS /* between falling behind and asking for more than the demand */
#define FAR 4e18        /* ns */

double sim_backlog_noise(int channel)
{
    return channel == SIM_CPU ? ALM_CPU_NOISE * 1e9 : 1;
}

int sim_backlog_open(struct sim_world *w, struct alm_err *e)
{
    const size_t flows = w->units * SIM_CHANNELS;
    w->watches = w->machines * SIM_CHANNELS;
    w->watch = calloc(w->watches + 1, sizeof *w->watch);
    w->watch_position = malloc(flows * sizeof *w->watch_position);
    w->watch_of = malloc(flows * sizeof *w->watch_of);
    if (!w->watch || !w->watch_position || !w->watch_of)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", w->units);
    for (size_t k = 0; k < flows; k++)
        w->watch_position[k] = w->watch_of[k] = SIM_HEAP_NONE;
    return ALM_OK;
}

void sim_backlog_close(struct sim_world *w)
{
    for (size_t k = 0; w->watch && k < w->watches; k++)
        sim_heap_fini(&w->watch[k]);
    free(w->watch);
    free(w->watch_position);
    free(w->watch_of);
}

bool sim_backlog_carried(const struct sim_world *w, int channel)
{
    return channel != SIM_CPU || (w->o->cpu_backlog == SIM_BACKLOG_CARRY && !w->o->open_loop);
}

double sim_backlog_add(struct sim_member *u, int channel, double missing)
{
    struct sim_rows *r = &u->rows;
    const double done = channel == SIM_CPU ? DONE_CPU : DONE_BYTES;
    double backlog = r->backlog[channel] + missing;
    if (missing > 0 && channel == SIM_CPU)
        backlog = fmin(backlog, r->most);
    r->backlog[channel] = backlog;
    if (missing > 0 || backlog >= done)
        return 0;
    r->backlog[channel] = 0;
    return -backlog;
}

void sim_backlog_unwatch(struct sim_world *w, uint32_t flow)
{
    if (w->watch_of[flow] == SIM_HEAP_NONE)
        return;
    sim_heap_remove(&w->watch[w->watch_of[flow]], w->watch_position, flow);
    w->watch_of[flow] = SIM_HEAP_NONE;
}

static int watch(struct sim_world *w, uint32_t flow, uint32_t channel, double level, struct alm_err *e)
{
    ALM_TRY(sim_heap_push(&w->watch[channel], w->watch_position, level, flow, e));
    w->watch_of[flow] = channel;
    return ALM_OK;
}

/* What is behind now, before a settlement. */
static double behind(const struct sim_world *w, const struct sim_member *u, int channel, double speed)
{
    const struct sim_rows *r = &u->rows;
    const struct sim_flow *f = &u->flow[channel];
    double had = f->progress * 1e-9 * (double)f->want;
    return fmax(0, (r->backlog[channel] + r->demand[channel] * alm_seconds(w->now - r->since)) / speed - had);
}

/* When is the backlog done, if the rate is at most what it is now, or what it is certified to stay below? */
static int certify(struct sim_world *w, struct sim_member *u, int channel, struct alm_err *e)
{
    struct sim_rows *r = &u->rows;
    const struct sim_flow *f = &u->flow[channel];
    const uint32_t flow = u->id * SIM_CHANNELS + (uint32_t)channel;
    const double speed = channel == SIM_CPU ? r->speed : 1, demand = r->demand[channel] / speed;
    double most = f->rate;
    r->look[channel] = ALM_TIME_MAX;
    sim_backlog_unwatch(w, flow);
    if (f->member != SIM_NOBODY && (f->at_level || f->rate < (double)f->cap)) {
        const struct sim_channel *c = &w->machine[u->machine].channel[channel];
        const double weight = (double)c->share.member[f->member].weight;
        const double excess = (f->at_level ? weight * c->level : f->rate) - demand;
        most = fmin((double)f->cap, demand + fmax(SAFETY * excess, sim_backlog_noise(channel)));
        ALM_TRY(watch(w, flow, u->machine * SIM_CHANNELS + (uint32_t)channel, fmax(most / weight, c->level), e));
    }
    if (most - demand > 2 * sim_backlog_noise(channel)) {
        double ns = ceil(behind(w, u, channel, speed) / (most - demand) * 1e9);
        r->look[channel] = ns < FAR - (double)w->now
                               ? w->now + (most == f->rate || ns > LOOK ? (alm_time)fmax(ns, 1) : LOOK)
                               : ALM_TIME_MAX;
    }
    return sim_rows_schedule(w, u, e);
}

int sim_backlog_on_rate(struct sim_world *w, struct sim_member *u, int channel, struct alm_err *e)
{
    struct sim_rows *r = &u->rows;
    const struct sim_flow *f = &u->flow[channel];
    const uint8_t bit = (uint8_t)(1u << channel);
    if (u->serves || !r->served)
        return ALM_OK;
    if (r->behind & bit)
        return certify(w, u, channel, e);
    const bool enough = !f->at_level && f->rate >= (double)f->want - sim_backlog_noise(channel);
    if (enough || f->want == 0 || !sim_backlog_carried(w, channel))
        return ALM_OK;
    r->behind |= bit;
    r->look[channel] = w->now + PATIENCE; /* until then it could have no more than it has */
    return sim_rows_schedule(w, u, e);
}

int sim_backlog_on_level(struct sim_world *w, uint32_t channel, double level, struct alm_err *e)
{
    if (channel >= w->watches)
        return ALM_OK;
    struct sim_heap *h = &w->watch[channel];
    while (h->count && h->entry[0].key < level) {
        const uint32_t flow = h->entry[0].item;
        struct sim_member *u = &w->unit[flow / SIM_CHANNELS];
        const int c = (int)(flow % SIM_CHANNELS);
        sim_backlog_unwatch(w, flow);
        sim_flow_settle(w, u, c);
        ALM_TRY(sim_backlog_on_rate(w, u, c, e));
    }
    return ALM_OK;
}
