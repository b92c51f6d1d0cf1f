/* SPDX-License-Identifier: GPL-3.0-or-later
 * arrivals: when the next one comes.
 *
 * Choice.   Times are whole nanoseconds and gaps are rounded one by one, so that a last bit of a logarithm does not move
 *           all that follows. */
#include "arrivals.h"

#include <math.h>

/* Move on by SECONDS; false when that reaches the end. */
static bool advance(struct alm_arrivals *a, double seconds)
{
    double ns = nearbyint(seconds * 1e9);
    if (!(ns < (double)(a->end - a->now)))
        return false;
    a->now += (alm_time)ns;
    return a->now < a->end;
}

static alm_time end_of_step(const struct alm_arrivals *a, alm_time from, alm_time length)
{
    return a->end - from > length ? from + length : a->end;
}

static void enter_state(struct alm_arrivals *a)
{
    double seconds = a->model->sojourns.value[a->phase] * alm_stream_exponential(&a->state);
    a->until = end_of_step(a, a->now, (alm_time)fmax(1, nearbyint(fmin(seconds * 1e9, 9e18))));
}

static void enter_step(struct alm_arrivals *a)
{
    alm_time step = a->model->step, begin = alm_time_floor(a->now, step);
    int64_t n = (int64_t)a->model->rates.count, at = begin / step % n;
    a->phase = (size_t)(at < 0 ? at + n : at);
    a->until = end_of_step(a, begin, step);
}

static void first_state(struct alm_arrivals *a)
{
    const struct alm_numbers *sojourn = &a->model->sojourns;
    double sum = 0, part = 0;
    for (size_t i = 0; i < sojourn->count; i++)
        sum += sojourn->value[i];
    double u = alm_stream_uniform(&a->state) * sum;
    while (a->phase + 1 < sojourn->count && u >= (part += sojourn->value[a->phase]))
        a->phase++;
}

/* An exponential amount is spent at the rate of each state or step in turn. */
static bool next_of_rates(struct alm_arrivals *a)
{
    const struct alm_arrival_model *m = a->model;
    double amount = alm_stream_exponential(&a->gap);
    for (;;) {
        double rate = m->rates.value[a->phase] * a->factor, most = rate * alm_seconds(a->until - a->now);
        if (amount < most)
            return advance(a, amount / rate);
        amount -= most;
        a->now = a->until;
        if (a->now >= a->end)
            return false;
        if (m->process == ALM_ARRIVAL_PIECEWISE) {
            enter_step(a);
        } else {
            a->phase = (a->phase + 1) % m->rates.count;
            enter_state(a);
        }
    }
}

static bool next_sinusoidal(struct alm_arrivals *a)
{
    const struct alm_arrival_model *m = a->model;
    double highest = m->rate * a->factor * (1 + m->amplitude);
    while (advance(a, alm_stream_exponential(&a->gap) / highest)) {
        alm_time since = a->now - m->peak - alm_time_floor(a->now - m->peak, m->period);
        double level = 1 + m->amplitude * cos(2 * M_PI * ((double)since / (double)m->period));
        if (alm_stream_uniform(&a->state) * (1 + m->amplitude) < level)
            return true;
    }
    return false;
}

/* The least of n uniform places in (place, 1) is 1 - (1 - place) u^(1/n). */
static bool next_counted(struct alm_arrivals *a)
{
    const struct alm_arrival_model *m = a->model;
    while (a->in_step == 0) {
        a->from = a->until;
        if (a->phase >= m->counts || a->from >= a->end)
            return false;
        double expected = m->count[a->phase++] * a->factor, whole = floor(expected);
        a->in_step = (uint64_t)whole + (alm_stream_uniform(&a->state) < expected - whole);
        a->place = 0;
        a->until = end_of_step(a, a->from, m->step);
    }
    a->place = 1 - (1 - a->place) * pow(alm_stream_uniform(&a->gap), 1 / (double)a->in_step--);
    double within = fmin(floor(a->place * (double)m->step), (double)(m->step - 1));
    if (within >= (double)(a->end - a->from))
        return false;
    a->now = a->from + (alm_time)within;
    return true;
}

static bool step_on(struct alm_arrivals *a)
{
    const struct alm_arrival_model *m = a->model;
    switch (m->process) {
    case ALM_ARRIVAL_RENEWAL:
        return advance(a, alm_law_draw(&m->gap, &a->gap) / a->factor);
    case ALM_ARRIVAL_SINUSOIDAL:
        return next_sinusoidal(a);
    case ALM_ARRIVAL_COUNTS:
        return next_counted(a);
    case ALM_ARRIVAL_MMPP:
    case ALM_ARRIVAL_PIECEWISE:
        return next_of_rates(a);
    default:
        return advance(a, alm_stream_exponential(&a->gap) / (m->rate * a->factor));
    }
}

struct alm_arrivals alm_arrivals_start(const struct alm_arrival_model *m, double factor, alm_time start, alm_time end,
                                       uint64_t seed, uint64_t entity)
{
    struct alm_arrivals a = {.model = m, .factor = factor, .end = end, .now = start, .until = start};
    a.gap = alm_stream_open(seed, entity, "arrival.gap");
    a.state = alm_stream_open(seed, entity, "arrival.state");
    a.batch = alm_stream_open(seed, entity, "arrival.batch");
    if (m->process == ALM_ARRIVAL_MMPP) {
        first_state(&a);
        enter_state(&a);
    } else if (m->process == ALM_ARRIVAL_PIECEWISE) {
        enter_step(&a);
    }
    return a;
}

bool alm_arrivals_next(struct alm_arrivals *a, alm_time *at)
{
    if (a->in_batch > 0) {
        a->in_batch--;
    } else {
        if (!step_on(a)) {
            a->end = a->now;
            return false;
        }
        if (a->model->batch.kind != ALM_LAW_NONE)
            a->in_batch = (uint64_t)fmax(0, nearbyint(alm_law_draw(&a->model->batch, &a->batch)) - 1);
    }
    *at = a->now;
    return true;
}
