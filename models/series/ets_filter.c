/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_filter: see the header. */
#include "ets_filter.h"

#include <assert.h>
#include <math.h>

#define LARGEST 1e300   /* square of an error */
#define OVERFLOWN 1e307 /* a forecast that no series leads to */

size_t ets_filter_size(size_t period)
{
    return sizeof(struct ets_filter) + period * sizeof(double);
}

void ets_filter_init(struct ets_filter *f, const struct ets_form *form, const struct ets_parameters *p,
                     const double *state, double sigma2)
{
    assert(form->error == ETS_ADDITIVE && form->season != ETS_MULTIPLICATIVE && form->period >= 1 &&
           form->period < UINT32_MAX);
    *f = (struct ets_filter){.period = (uint32_t)form->period,
                             .alpha = p->alpha,
                             .beta = form->trend == ETS_NONE ? 0 : p->beta,
                             .gamma = form->season == ETS_NONE ? 0 : p->gamma,
                             .phi = form->damped ? p->phi : 1,
                             .level = state[ETS_LEVEL],
                             .slope = form->trend == ETS_NONE ? 0 : state[ETS_SLOPE],
                             .square = sigma2 > LARGEST ? LARGEST : sigma2,
                             .power = 1};
    for (size_t i = 0; i < form->period; i++)
        f->season[i] = form->season == ETS_NONE ? 0 : state[ETS_SEASON + i];
}

int ets_filter_resume(struct ets_filter *f, const struct ets *m, struct alm_err *e)
{
    if (m->form.error != ETS_ADDITIVE || m->form.season == ETS_MULTIPLICATIVE) {
        char name[ETS_FORM_TEXT];
        ets_form_print(&m->form, name);
        return alm_fail(e, ALM_EINVAL, "%s cannot go on value by value: only additive forms can", name);
    }
    ets_filter_init(f, &m->form, &m->parameter, m->last, m->sigma2 * m->scale * m->scale);
    f->level *= m->scale;
    f->slope *= m->scale;
    for (size_t i = 0; i < m->form.period; i++)
        f->season[i] *= m->scale;
    f->at = (uint32_t)((m->n - m->tail) % m->form.period);
    for (size_t i = 0; i < m->tail; i++)
        ets_filter_put(f, NAN);
    return ALM_OK;
}

static void learn(struct ets_filter *f, double error)
{
    if (f->errors == 0 && !isnan(f->square))
        return;
    const double before = f->errors == 0 ? 0 : f->square;
    if (f->errors < ETS_FILTER_MEMORY)
        f->errors++;
    f->square = before + (fmin(error * error, LARGEST) - before) / (double)f->errors;
}

static void known(struct ets_filter *f)
{
    f->gap = 0;
    f->damping = f->growth = 0;
    f->power = 1;
}

/* Parameters under which errors grow lead out of the range of numbers in the end: begin anew from Y. */
static void restart(struct ets_filter *f, double y)
{
    f->level = y;
    f->slope = 0;
    for (size_t i = 0; i < f->period; i++)
        f->season[i] = 0;
    known(f);
}

void ets_filter_put(struct ets_filter *f, double y)
{
    const double base = f->level + f->phi * f->slope, forecast = base + f->season[f->at], error = y - forecast;
    if (isfinite(y) && !(fabs(forecast) < OVERFLOWN))
        restart(f, y);
    else if (isfinite(y)) {
        if (f->gap == 0) /* others are errors of more than one step */
            learn(f, error);
        f->level = base + f->alpha * error;
        f->slope = f->phi * f->slope + f->beta * error;
        f->season[f->at] += f->gamma * error;
        known(f);
    } else {
        f->level = base;
        f->slope *= f->phi;
        f->gap++;
        f->power *= f->phi;
        f->damping += f->power;
        const double response = f->alpha + f->beta * f->damping + (f->gap % f->period == 0 ? f->gamma : 0);
        f->growth += response * response;
    }
    f->at = f->at + 1 == f->period ? 0 : f->at + 1;
}

struct ets_filter_forecast ets_filter_next(const struct ets_filter *f)
{
    return (struct ets_filter_forecast){f->level + f->phi * f->slope + f->season[f->at],
                                        sqrt(f->square * (1 + f->growth))};
}

struct ets_filter_forecast ets_filter_ahead(const struct ets_filter *f, size_t steps)
{
    double damping = 0, power = 1, all = f->damping, all_power = f->power, growth = f->growth;
    for (size_t j = 1; j <= steps; j++) {
        power *= f->phi;
        damping += power;
        if (j == steps)
            break;
        all_power *= f->phi;
        all += all_power;
        const double response = f->alpha + f->beta * all + ((f->gap + j) % f->period == 0 ? f->gamma : 0);
        growth += response * response;
    }
    const size_t at = (f->at + (steps > 0 ? steps - 1 : 0)) % f->period;
    return (struct ets_filter_forecast){f->level + damping * f->slope + f->season[at], sqrt(f->square * (1 + growth))};
}
