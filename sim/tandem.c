/* SPDX-License-Identifier: GPL-3.0-or-later
 * tandem: stations in a row, and what each customer will need at the later ones.
 *
 * Meaning.  Row k of each station, in order of arrival, is of customer k. A row of a later station is kept until its customer
 *           has been served at the station before, and is its invocation from then on, arrived at that moment. Rows of a
 *           customer that was refused, left or was killed are dropped.
 * Choice.   Customers overtake one another (classes, shared and parallel servers), so rows are found by the customer's number:
 *           a window of numbers, from the oldest customer that may still come to the newest, with one word each. What is
 *           kept lies in a pool.
 * Limits.   Memory grows with the customers who came after the one that stays longest.
 * Source.   The generator `queue` writes such traces. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

/* A customer at one later station; from KEPT on: the place of its row in the pool. */
enum { UNREAD, CAME, LOST, OVER, KEPT };

struct window {
    uint64_t base, rows; /* the first number in it; rows read */
    uint32_t *state;     /* a ring of `room`, a power of two */
    size_t first, count, room;
};

struct sim_tandem {
    uint32_t *unit; /* [stations] */
    struct window *window;
    uint32_t stations;
    uint64_t came;
    struct sim_job *kept;
    double *input; /* [room * inputs] */
    uint32_t *idle;
    uint32_t used, room;
};

int sim_tandem_open(struct sim_world *w, const uint32_t *unit, uint32_t stations, struct alm_err *e)
{
    struct sim_tandem *t = calloc(1, sizeof *t);
    w->tandem = t;
    if (t) {
        t->unit = calloc(stations, sizeof *t->unit);
        t->window = calloc(stations, sizeof *t->window);
    }
    if (!t || !t->unit || !t->window)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %u stations", stations);
    t->stations = stations;
    memcpy(t->unit, unit, stations * sizeof *unit);
    for (uint32_t k = 0; k < stations; k++) {
        w->unit[unit[k]].service.tandem = k + 1;
        w->unit[unit[k]].service.next_station = k + 1 < stations ? unit[k + 1] : SIM_NOBODY;
    }
    return ALM_OK;
}

void sim_stations_close(struct sim_world *w)
{
    struct sim_tandem *t = w->tandem;
    if (!t)
        return;
    for (uint32_t k = 0; k < t->stations; k++)
        free(t->window[k].state);
    free(t->unit);
    free(t->window);
    free(t->kept);
    free(t->input);
    free(t->idle);
    free(t);
    w->tandem = NULL;
}

static int widen(struct window *v, struct alm_err *e)
{
    size_t room = v->room ? v->room * 2 : 64;
    uint32_t *state = calloc(room, sizeof *state);
    if (!state)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu customers of a tandem", room);
    for (size_t k = 0; k < v->count; k++)
        state[k] = v->state[(v->first + k) & (v->room - 1)];
    free(v->state);
    v->state = state;
    v->first = 0;
    v->room = room;
    return ALM_OK;
}

/* The state of CUSTOMER, who is not over yet, at a later station. */
static int find(struct window *v, uint64_t customer, uint32_t **state, struct alm_err *e)
{
    while (customer - v->base >= v->count) {
        if (v->count == v->room)
            ALM_TRY(widen(v, e));
        v->state[(v->first + v->count++) & (v->room - 1)] = UNREAD;
    }
    *state = &v->state[(v->first + (size_t)(customer - v->base)) & (v->room - 1)];
    return ALM_OK;
}

static void finish(struct window *v, uint32_t *state)
{
    *state = OVER;
    while (v->count && v->state[v->first] == OVER) {
        v->first = (v->first + 1) & (v->room - 1);
        v->base++;
        v->count--;
    }
}

static int grow_pool(struct sim_world *w, struct sim_tandem *t, struct alm_err *e)
{
    uint32_t room = t->room ? t->room * 2 : 64;
    struct sim_job *kept = realloc(t->kept, room * sizeof *kept);
    if (kept)
        t->kept = kept;
    uint32_t *idle = realloc(t->idle, room * sizeof *idle);
    if (idle)
        t->idle = idle;
    double *input = w->inputs ? realloc(t->input, room * w->inputs * sizeof *input) : NULL;
    if (input)
        t->input = input;
    if (!kept || !idle || (w->inputs && !input))
        return alm_fail(e, ALM_ENOMEM, "out of memory for %u customers of a tandem", room);
    for (uint32_t k = t->room; k < room; k++)
        idle[k] = k;
    t->room = room;
    return ALM_OK;
}

static int keep(struct sim_world *w, struct sim_tandem *t, uint32_t job, uint32_t *state, struct alm_err *e)
{
    if (t->used == t->room)
        ALM_TRY(grow_pool(w, t, e));
    const uint32_t k = t->idle[t->used++];
    t->kept[k] = w->job[job];
    if (w->inputs)
        memcpy(t->input + k * w->inputs, w->job_input + job * w->inputs, w->inputs * sizeof *t->input);
    *state = KEPT + k;
    return ALM_OK;
}

int sim_station_keep(struct sim_world *w, uint32_t job, bool *kept, struct alm_err *e)
{
    struct sim_tandem *t = w->tandem;
    struct sim_job *j = &w->job[job];
    const uint32_t place = w->unit[j->unit].service.tandem;
    *kept = false;
    if (!t || place == 0)
        return ALM_OK;
    if (place == 1) {
        j->customer = t->came++;
        return ALM_OK;
    }
    struct window *v = &t->window[place - 1];
    uint32_t *state;
    j->customer = v->rows++;
    ALM_TRY(find(v, j->customer, &state, e));
    *kept = *state != CAME;
    if (*state == UNREAD)
        return keep(w, t, job, state, e);
    finish(v, state);
    j->arrival = w->now;
    return ALM_OK;
}

/* A kept row becomes a job. */
static int enter(struct sim_world *w, struct sim_tandem *t, uint32_t k, struct alm_err *e)
{
    uint32_t job;
    ALM_TRY(sim_job_new(w, &job, e));
    struct sim_job *j = &w->job[job];
    const uint32_t generation = j->generation;
    *j = t->kept[k];
    j->generation = generation;
    j->arrival = w->now;
    if (w->inputs)
        memcpy(w->job_input + job * w->inputs, t->input + k * w->inputs, w->inputs * sizeof *t->input);
    t->idle[--t->used] = k;
    return sim_job_enter(w, job, e);
}

int sim_station_next(struct sim_world *w, uint32_t job, struct alm_err *e)
{
    struct sim_tandem *t = w->tandem;
    const uint32_t place = w->unit[w->job[job].unit].service.tandem;
    if (!t || place == 0 || place == t->stations)
        return ALM_OK;
    struct window *v = &t->window[place];
    uint32_t *state;
    ALM_TRY(find(v, w->job[job].customer, &state, e));
    if (*state == UNREAD) {
        *state = CAME;
        return ALM_OK;
    }
    const uint32_t k = *state - KEPT;
    finish(v, state);
    return enter(w, t, k, e);
}

int sim_station_lost(struct sim_world *w, uint32_t job, struct alm_err *e)
{
    struct sim_tandem *t = w->tandem;
    const uint32_t place = w->unit[w->job[job].unit].service.tandem;
    if (!t || place == 0)
        return ALM_OK;
    const uint64_t customer = w->job[job].customer;
    for (uint32_t s = place; s < t->stations; s++) {
        uint32_t *state;
        ALM_TRY(find(&t->window[s], customer, &state, e));
        if (*state == UNREAD) {
            *state = LOST;
            continue;
        }
        t->idle[--t->used] = *state - KEPT;
        finish(&t->window[s], state);
    }
    return ALM_OK;
}
