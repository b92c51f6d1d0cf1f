/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_fit: one form fitted to one series, and the form chosen by AICc.
 *
 * Choice.   The choice is that of forecast::ets: all forms that the series allows (multiplicative ones need values above 0,
 *           seasonal ones two periods), in its order, the first of the least AICc. Unlike there, a season may be longer than 24.
 * Limits.   A long season counts as that many parameters, so AICc seldom takes one: stlf is for these. A series that some form
 *           follows without error counts as followed to 15 digits. */
#include "ets.h"

#include "centred.h"
#include "ets_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONSTANT_ALPHA 0.99999 /* as forecast::ets reports of a constant */
#define FEWEST 4

struct scaled {
    struct ets_series series;
    double *z;
    double scale;
    size_t last; /* values up to the last that is not missing */
    bool constant, positive;
};

/* Look at Y and divide it by a power of two. */
static int scale(const double *y, size_t n, struct scaled *out, struct alm_err *e)
{
    double most = 0, low = INFINITY;
    *out = (struct scaled){.series = {.n = n}, .scale = 1};
    for (size_t t = 0; t < n; t++) {
        if (isinf(y[t]))
            return alm_fail(e, ALM_EDATA, "value %zu is infinite; a value must be finite, or missing", t + 1);
        if (isnan(y[t]))
            continue;
        most = fmax(most, fabs(y[t]));
        low = fmin(low, y[t]);
        out->series.nobs++;
        out->last = t + 1;
    }
    if (out->series.nobs == 0)
        return alm_fail(e, ALM_EDATA, "all %zu values are missing", n);
    out->constant = series_constant(y, n);
    if (!out->constant && out->series.nobs < FEWEST)
        return alm_fail(
            e, ALM_EDATA,
            "%zu values are too few: exponential smoothing needs %d that are not missing, or a constant series",
            out->series.nobs, FEWEST);
    out->z = calloc(n, sizeof *out->z);
    if (!out->z)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu values", n);
    out->scale = series_power_above(most);
    double before = NAN, squares = 0, steps = 0;
    for (size_t t = 0; t < n; t++) {
        out->z[t] = y[t] / out->scale;
        if (isnan(out->z[t]))
            continue;
        if (!isnan(before)) {
            squares += (out->z[t] - before) * (out->z[t] - before);
            steps++;
        }
        before = out->z[t];
    }
    out->positive = low / out->scale > 0;
    out->series.z = out->z;
    out->series.scale = out->scale;
    out->series.spread = fmax(sqrt(squares / fmax(steps, 1)), 1e-12);
    return ALM_OK;
}

static bool sound(const struct ets_parameters *p)
{
    const double value[] = {p->alpha, p->beta, p->gamma, p->phi};
    for (size_t i = 0; i < sizeof value / sizeof value[0]; i++)
        if (!isnan(value[i]) && !(value[i] >= 0 && value[i] <= 1))
            return false;
    return !(p->beta > p->alpha) && !(p->gamma > 1 - p->alpha) && !(p->phi == 0);
}

static int refuse(const struct ets_form *form, const struct ets_wish *wish, const struct scaled *s, struct alm_err *e)
{
    char name[ETS_FORM_TEXT];
    if (form->period == 0 || form->period > 1u << 24 || !ets_form_known(form))
        return alm_fail(
            e, ALM_EINVAL,
            "there is no such form of exponential smoothing: errors are A or M, trends N, A or Ad, seasons N, A or "
            "M with a period of 2 or more; M seasons have M errors");
    ets_form_print(form, name);
    if (!sound(&wish->parameter))
        return alm_fail(e, ALM_EINVAL,
                        "alpha, beta, gamma and phi must be within 0 .. 1, beta at most alpha, gamma at most 1 - "
                        "alpha, phi above 0");
    if (form->error == ETS_MULTIPLICATIVE && !s->positive)
        return alm_fail(e, ALM_EINVAL, "%s needs values above 0; take an additive form", name);
    if (form->season != ETS_NONE && s->last < 2 * form->period)
        return alm_fail(e, ALM_EINVAL, "%s needs two periods, %zu values; there are %zu", name, 2 * form->period,
                        s->last);
    const size_t need = ets_search_size(form, &wish->parameter) + 2;
    if (!s->constant && s->series.nobs < need)
        return alm_fail(e, ALM_EDATA, "%s needs %zu values that are not missing; there are %zu", name, need,
                        s->series.nobs);
    return ALM_OK;
}

static struct ets *made(const struct ets_form *form, const struct scaled *s)
{
    const size_t states = ETS_SEASON + form->period;
    struct ets *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    *m = (struct ets){.form = *form, .scale = s->scale, .n = s->series.n, .nobs = s->series.nobs};
    m->tail = m->n - s->last;
    m->initial = calloc(states, sizeof *m->initial);
    m->last = calloc(states, sizeof *m->last);
    if (m->initial && m->last)
        return m;
    ets_free(m);
    return NULL;
}

/* A constant: level and nothing else. */
static void settle(struct ets *m, const struct scaled *s)
{
    m->form = (struct ets_form){ETS_ADDITIVE, ETS_NONE, ETS_NONE, false, 1};
    m->parameter = (struct ets_parameters){CONSTANT_ALPHA, 0, 0, 1};
    m->initial[ETS_LEVEL] = m->last[ETS_LEVEL] = s->z[s->last - 1];
    m->given[0] = true;
    m->free = 1;
    m->loglik = m->aic = m->aicc = m->bic = NAN;
    m->converged = true;
}

/* What follows from parameters and initial states. */
static void complete(struct ets *m, const struct scaled *s, const struct ets_found *found,
                     const struct ets_parameters *wish)
{
    struct ets_sums sums;
    m->free = ets_search_size(&m->form, wish);
    const double n = (double)m->nobs, k = (double)m->free + 1;
    m->parameter = found->parameter;
    memcpy(m->last, m->initial, (ETS_SEASON + m->form.period) * sizeof *m->last);
    ets_run(&m->form, &m->parameter, m->last, s->z, s->last, NULL, &sums);
    const bool given[4] = {!isnan(wish->alpha), !isnan(wish->beta), !isnan(wish->gamma), !isnan(wish->phi)};
    memcpy(m->given, given, sizeof given);
    const size_t parameters = ets_search_size(&m->form, &(struct ets_parameters){NAN, NAN, NAN, NAN});
    m->squares = sums.squares;
    m->sigma2 = sums.squares / fmax(n - (double)parameters, 1);
    m->loglik = found->loglik - n * log(m->scale);
    m->aic = -2 * m->loglik + 2 * k;
    m->bic = -2 * m->loglik + k * log(n);
    m->aicc = n - k - 1 > 0 ? m->aic + 2 * k * (k + 1) / (n - k - 1) : INFINITY;
    m->converged = found->converged;
}

static int fit(const struct ets_form *form, const struct ets_wish *wish, const struct scaled *s, struct ets **out,
               struct alm_err *e)
{
    ALM_TRY(refuse(form, wish, s, e));
    struct ets *m = made(form, s);
    struct ets_found found;
    if (!m)
        return alm_fail(e, ALM_ENOMEM, "no memory for the states of period %zu", form->period);
    int code = ALM_OK;
    if (s->constant)
        settle(m, s);
    else {
        code = ets_start(form, s->z, s->series.n, m->initial, e);
        if (code == ALM_OK)
            code = ets_search(form, wish, &s->series, m->initial, &found, e);
        if (code == ALM_OK)
            complete(m, s, &found, &wish->parameter);
    }
    if (code == ALM_OK)
        *out = m;
    else
        ets_free(m);
    return code;
}

static const struct ets_wish nothing = {{NAN, NAN, NAN, NAN}, ETS_SIMPLEX};

int ets_fit(const struct ets_form *form, const struct ets_wish *wish, const double *y, size_t n, struct ets **out,
            struct alm_err *e)
{
    struct scaled s;
    ALM_TRY(scale(y, n, &s, e));
    const int code = fit(form, wish ? wish : &nothing, &s, out, e);
    free(s.z);
    return code;
}

/* Fit FORM and keep it when its AICc is less than that of *BEST. What the series does not allow is passed over, and told in E if
 * nothing else was found. */
static int consider(const struct ets_form *form, const struct ets_wish *wish, const struct scaled *s, struct ets **best,
                    struct alm_err *e)
{
    struct ets *m = NULL;
    const int code = fit(form, wish, s, &m, e);
    if (code == ALM_ENOMEM)
        return code;
    if (code != ALM_OK)
        return ALM_OK;
    const bool better = !*best || (isfinite(m->aicc) && !(m->aicc >= (*best)->aicc));
    if (better) {
        ets_free(*best);
        *best = m;
    } else
        ets_free(m);
    return ALM_OK;
}

static int choose(const struct ets_choice *c, const struct ets_wish *wish, const struct scaled *s, struct ets **best,
                  struct alm_err *e)
{
    for (int error = ETS_ADDITIVE; error <= ETS_MULTIPLICATIVE; error++)
        for (int trend = ETS_NONE; trend <= ETS_ADDITIVE; trend++)
            for (int season = ETS_NONE; season <= ETS_MULTIPLICATIVE; season++)
                for (int damped = 1; damped >= 0; damped--) {
                    const struct ets_form form = {(enum ets_part)error, (enum ets_part)trend, (enum ets_part)season,
                                                  damped == 1, season == ETS_NONE ? 1 : c->period};
                    const bool asked = c->error[error] && c->trend[trend] && c->season[season] &&
                                       (trend == ETS_NONE ? !damped : c->damped[damped]);
                    if (asked && ets_form_known(&form))
                        ALM_TRY(consider(&form, wish, s, best, e));
                }
    return ALM_OK;
}

int ets_choose(const struct ets_choice *c, const struct ets_wish *wish, const double *y, size_t n, struct ets **out,
               struct alm_err *e)
{
    struct scaled s;
    struct ets *best = NULL;
    struct alm_err why = {ALM_EINVAL,
                          "no form of exponential smoothing is left to choose from: M seasons need M errors"};
    ALM_TRY(scale(y, n, &s, e));
    int code = choose(c, wish ? wish : &nothing, &s, &best, &why);
    free(s.z);
    if (code == ALM_OK && !best)
        code = why.code;
    if (code != ALM_OK) {
        ets_free(best);
        return alm_fail(e, (enum alm_code)code, "%s", why.text);
    }
    *out = best;
    return ALM_OK;
}
