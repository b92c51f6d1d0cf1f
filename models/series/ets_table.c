/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_table: reports, forecasts and intervals of the models made of exponential smoothing.
 *
 * Choice.   sigma2 in a report is the sum of squared errors by their number, as for all models; intervals are of the one with
 *           degrees of freedom taken off, as forecast::ets has them: mean and standard error, normal. */
#include "ets_table.h"

#include "almanac/quantity.h"

#include "limits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ets_table_number(const char *key, const char *text, double *out, struct alm_err *e)
{
    *out = NAN;
    if (strcmp(text, "auto") == 0)
        return ALM_OK;
    return alm_parse_real(text, out, e) == ALM_OK ? ALM_OK : alm_fail_in(e, "%s, a number or `auto`", key);
}

struct ets_table_fit *ets_table_new(const double *y, size_t n)
{
    struct ets_table_fit *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->n = n;
    f->y = malloc((n + 1) * sizeof *f->y);
    if (!f->y) {
        free(f);
        return NULL;
    }
    if (n > 0)
        memcpy(f->y, y, n * sizeof *y);
    return f;
}

static void add(struct series_report *out, const char *name, size_t index, double value, bool given)
{
    if (out->coefficients == SERIES_COEFFICIENTS)
        return;
    struct series_coefficient *c = &out->coefficient[out->coefficients++];
    if (index == SIZE_MAX)
        snprintf(c->name, sizeof c->name, "%s", name);
    else
        snprintf(c->name, sizeof c->name, "%s%zu", name, index);
    c->value = value;
    c->se = given ? 0 : NAN;
}

void ets_table_report(const void *fit, struct series_report *out)
{
    const struct ets_table_fit *f = fit;
    const struct ets *m = f->model;
    const struct ets_form *form = &m->form;
    const double unit = form->error == ETS_ADDITIVE ? m->scale : 1;
    *out = (struct series_report){.period = f->period > 1 ? (int)f->period : 0,
                                  .loglik = m->loglik,
                                  .aic = m->aic,
                                  .aicc = m->aicc,
                                  .bic = m->bic,
                                  .nobs = m->nobs,
                                  .converged = m->converged};
    char name[ETS_FORM_TEXT];
    ets_form_print(form, name);
    snprintf(out->words, sizeof out->words, "%s%s", f->season ? "STL + " : "", name);
    out->sigma2 = m->squares / (double)m->nobs * unit * unit;
    add(out, "alpha", SIZE_MAX, m->parameter.alpha, m->given[0]);
    if (form->trend != ETS_NONE)
        add(out, "beta", SIZE_MAX, m->parameter.beta, m->given[1]);
    if (form->season != ETS_NONE)
        add(out, "gamma", SIZE_MAX, m->parameter.gamma, m->given[2]);
    if (form->damped)
        add(out, "phi", SIZE_MAX, m->parameter.phi, m->given[3]);
    add(out, "l", SIZE_MAX, m->initial[ETS_LEVEL] * m->scale, false);
    if (form->trend != ETS_NONE)
        add(out, "b", SIZE_MAX, m->initial[ETS_SLOPE] * m->scale, false);
    for (size_t i = 0; form->season != ETS_NONE && i + 1 < form->period; i++)
        add(out, "s", i, m->initial[ETS_SEASON + form->period - 1 - i] * (form->season == ETS_ADDITIVE ? m->scale : 1),
            false);
}

int ets_table_forecast(const void *fit, struct series_forecast *out, struct alm_err *e)
{
    const struct ets_table_fit *f = fit;
    ALM_TRY(ets_forecast(f->model, out->h, out->mean, out->se, e));
    for (size_t j = 0; f->season && j < out->h; j++)
        out->mean[j] += f->season[f->n - f->period + j % f->period];
    series_limits(out, INFINITY);
    return ALM_OK;
}

void ets_table_residuals(const void *fit, double *r)
{
    const struct ets_table_fit *f = fit;
    for (size_t t = 0; t < f->n; t++)
        r[t] = NAN;
    double *left = f->season ? malloc((f->n + 1) * sizeof *left) : NULL;
    for (size_t t = 0; left && t < f->n; t++)
        left[t] = f->y[t] - f->season[t];
    if (left || !f->season)
        ets_residuals(f->model, left ? left : f->y, f->n, r);
    free(left);
}

void ets_table_free(void *fit)
{
    struct ets_table_fit *f = fit;
    if (!f)
        return;
    ets_free(f->model);
    free(f->y);
    free(f->season);
    free(f);
}
