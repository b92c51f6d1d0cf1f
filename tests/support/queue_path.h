/* SPDX-License-Identifier: GPL-3.0-or-later
 * queue_path: one queueing station, customer by customer, written as plainly as can be.
 *
 * Meaning.  Services are known beforehand, so each customer's start and end are determined: another program that simulates
 *           the same station must give the same times. Times are nanoseconds. At one instant those who end leave first,
 *           then those who lose patience, then who arrives joins.
 * Limits.   Every event looks at everybody in the system. Sharing rounds as it likes: compare to a few nanoseconds. */
#ifndef ALMANAC_TESTS_QUEUE_PATH_H
#define ALMANAC_TESTS_QUEUE_PATH_H

#include "almanac/execution.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

struct path_customer {
    alm_time arrival, work, patience; /* ALM_TIME_MAX: patient for ever */
    int class;                        /* larger is served first */
    alm_time start, finish;           /* the first start */
    enum alm_end end;
    double left;
    bool serving;
};

struct path_station {
    size_t servers, capacity; /* capacity 0: no bound */
    bool shared, preemptive;
};

struct path {
    const struct path_station *of;
    struct path_customer *customer;
    size_t *in, count, next, n; /* in the system, in order of arrival */
    double now;
};

static inline double path_rate(const struct path *p, const struct path_customer *c)
{
    if (!p->of->shared)
        return c->serving;
    return p->count > p->of->servers ? (double)p->of->servers / (double)p->count : 1;
}

/* Who comes first of those who wait: the best class, then the earliest arrival. NULL: nobody. */
static inline struct path_customer *path_waiting(const struct path *p)
{
    struct path_customer *best = NULL;
    for (size_t i = 0; i < p->count; i++) {
        struct path_customer *c = &p->customer[p->in[i]];
        if (!c->serving && (!best || c->class > best->class))
            best = c;
    }
    return best;
}

/* Who is interrupted first: of the worst class, the last to arrive. */
static inline struct path_customer *path_worst(const struct path *p)
{
    struct path_customer *worst = NULL;
    for (size_t i = 0; i < p->count; i++) {
        struct path_customer *c = &p->customer[p->in[i]];
        if (c->serving && (!worst || c->class <= worst->class))
            worst = c;
    }
    return worst;
}

static inline void path_start(struct path *p, struct path_customer *c)
{
    if (c->start == ALM_TIME_NONE)
        c->start = (alm_time)p->now;
    c->serving = true;
}

static inline void path_dispatch(struct path *p)
{
    size_t serving = 0;
    for (size_t i = 0; i < p->count; i++)
        serving += p->customer[p->in[i]].serving;
    struct path_customer *c;
    while ((c = path_waiting(p)) != NULL && (p->of->shared || serving < p->of->servers)) {
        path_start(p, c);
        serving++;
    }
    while (p->of->preemptive && (c = path_waiting(p)) != NULL && path_worst(p)->class < c->class) {
        path_worst(p)->serving = false;
        path_start(p, c);
    }
}

static inline void path_leave(struct path *p, size_t i, enum alm_end end)
{
    struct path_customer *c = &p->customer[p->in[i]];
    c->finish = (alm_time)nearbyint(p->now);
    c->end = end;
    for (p->count--; i < p->count; i++)
        p->in[i] = p->in[i + 1];
}

static inline double path_next_event(const struct path *p)
{
    double next = p->next < p->n ? (double)p->customer[p->next].arrival : INFINITY;
    for (size_t i = 0; i < p->count; i++) {
        const struct path_customer *c = &p->customer[p->in[i]];
        double rate = path_rate(p, c);
        if (rate > 0)
            next = fmin(next, p->now + c->left / rate);
        if (c->start == ALM_TIME_NONE && c->patience < ALM_TIME_MAX)
            next = fmin(next, (double)(c->arrival + c->patience));
    }
    return next;
}

static inline void path_advance(struct path *p, double to)
{
    for (size_t i = 0; i < p->count; i++) {
        struct path_customer *c = &p->customer[p->in[i]];
        c->left -= path_rate(p, c) * (to - p->now);
    }
    p->now = to;
}

static inline void path_join(struct path *p)
{
    struct path_customer *c = &p->customer[p->next];
    c->left = (double)c->work;
    c->start = ALM_TIME_NONE;
    c->end = ALM_END_RUNNING;
    c->serving = false;
    if (p->of->capacity && p->count >= p->of->capacity) {
        c->end = ALM_END_REFUSED;
        c->finish = c->arrival;
    } else {
        p->in[p->count++] = p->next;
    }
    p->next++;
}

/* Fill in start, finish and end of all N customers, sorted by arrival. Nobody is left at the end. */
static inline void path_run(const struct path_station *of, struct path_customer *customer, size_t n)
{
    struct path p = {.of = of, .customer = customer, .n = n, .in = calloc(n + 1, sizeof *p.in)};
    for (double to; (to = path_next_event(&p)) < INFINITY;) {
        path_advance(&p, to);
        for (size_t i = p.count; i-- > 0;)
            if (customer[p.in[i]].serving && customer[p.in[i]].left <= 1e-3)
                path_leave(&p, i, ALM_END_DONE);
        path_dispatch(&p);
        for (size_t i = p.count; i-- > 0;) {
            const struct path_customer *c = &customer[p.in[i]];
            if (c->start == ALM_TIME_NONE && c->patience < ALM_TIME_MAX && (double)(c->arrival + c->patience) <= to)
                path_leave(&p, i, ALM_END_TIMEOUT);
        }
        path_dispatch(&p);
        while (p.next < n && (double)customer[p.next].arrival <= to) {
            path_join(&p);
            path_dispatch(&p);
        }
    }
    free(p.in);
}

#endif
