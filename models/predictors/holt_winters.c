/* SPDX-License-Identifier: GPL-3.0-or-later
 * holt-winters: exponential smoothing of level, trend and season, fitted again when due; widened by what it was wrong by.
 *
 * Meaning.  The additive forms of series/ets_filter.h: with log=true trend and season multiply. alpha, beta (at most alpha) and gamma (at most
 *           1 - alpha) are given or estimated by the likelihood of each fit; refitted.h says when that is, and what happens where nothing
 *           can be fitted. The season joins when two of them are known. The range is that of point.h, with errors=normal by the
 *           model's standard error.
 * Choice.   States of a season of more than 24 values start from a decomposition and are not searched: a search has at most six unknowns then.
 * Limits.   Assumes that trend and season change slowly. Each time of the season learns from itself alone, so a noisy day makes the next noisy.
 *           A step is some 0.1 microseconds, a fit to 2000 values 1 to 30 ms; state: 8 bytes an interval of the window and of the season
 *           and a resource, beside the window of errors.
 * Source.   P. R. Winters, Management Science 6 (1960); R. J. Hyndman et al., "Forecasting with exponential smoothing" (2008). */
#include "refitted.h"
#include "series/ets_filter.h"
#include "series/ets_table.h"

#include <math.h>
#include <string.h>

enum trend { TREND_NONE, TREND_ADDITIVE, TREND_DAMPED };

struct opt {
    struct refitted_opt common;
    int trend;
    alm_time season;
    char alpha[ALM_OPT_STRING], beta[ALM_OPT_STRING], gamma[ALM_OPT_STRING], phi[ALM_OPT_STRING];
};

static const struct alm_opt opts[] = {
    REFITTED_OPTS(struct opt, common),
    {"trend", ALM_OPT_CHOICE, offsetof(struct opt, trend), "none", 0, 0, "none|additive|damped",
     "whether levels go on"},
    {"season", ALM_OPT_DURATION, offsetof(struct opt, season), "24h", 0, (double)(1000 * ALM_DAY), NULL,
     "after which things repeat; 0: no season"},
    {"alpha", ALM_OPT_TEXT, offsetof(struct opt, alpha), "auto", 0, 0, NULL, "share of an error that the level takes"},
    {"beta", ALM_OPT_TEXT, offsetof(struct opt, beta), "auto", 0, 0, NULL, "share that the trend takes"},
    {"gamma", ALM_OPT_TEXT, offsetof(struct opt, gamma), "auto", 0, 0, NULL, "share that the season takes"},
    {"phi", ALM_OPT_TEXT, offsetof(struct opt, phi), "auto", 0, 0, NULL, "what is left of a damped trend each time"},
    {0},
};

static size_t period_of(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    return o->season ? target_slots(env, o->season) : 1;
}

static size_t size(const void *opt, const struct alm_env *env)
{
    return ets_filter_size(period_of(opt, env));
}

static int read(const struct opt *o, struct ets_wish *out, struct alm_err *e)
{
    *out = (struct ets_wish){.how = ETS_SIMPLEX};
    struct ets_parameters *p = &out->parameter;
    ALM_TRY(ets_table_number("alpha", o->alpha, &p->alpha, e));
    ALM_TRY(ets_table_number("beta", o->beta, &p->beta, e));
    ALM_TRY(ets_table_number("gamma", o->gamma, &p->gamma, e));
    return ets_table_number("phi", o->phi, &p->phi, e);
}

static int check(const void *opt, const struct alm_env *env, struct alm_err *e)
{
    struct ets_wish wish;
    (void)env;
    ALM_TRY(read(opt, &wish, e));
    const struct ets_parameters *p = &wish.parameter;
    const double all[] = {p->alpha, p->beta, p->gamma, p->phi};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] < 0 || all[i] > 1)
            return alm_fail(e, ALM_EINVAL, "%s=%g: must be within 0 .. 1",
                            (const char *[]){"alpha", "beta", "gamma", "phi"}[i], all[i]);
    if (p->beta > p->alpha || p->gamma > 1 - p->alpha || p->phi == 0)
        return alm_fail(e, ALM_EINVAL, "beta may be alpha at the most, gamma 1 - alpha, and phi is above 0");
    return ALM_OK;
}

static bool fit_form(const struct ets_form *form, const struct ets_wish *wish, const struct refitted_window *w,
                     struct ets_filter *filter)
{
    struct ets *m;
    struct alm_err e;
    if (ets_fit(form, wish, w->y, w->n, &m, &e) < 0)
        return false;
    const bool done = ets_filter_resume(filter, m, &e) == ALM_OK;
    ets_free(m);
    return done;
}

static bool fit(const void *opt, const struct alm_env *env, void *model, const struct refitted_window *w)
{
    const struct opt *o = opt;
    const size_t period = period_of(opt, env);
    struct ets_wish wish;
    struct ets_form form = {.error = ETS_ADDITIVE,
                            .trend = o->trend == TREND_NONE ? ETS_NONE : ETS_ADDITIVE,
                            .season = ETS_ADDITIVE,
                            .damped = o->trend == TREND_DAMPED,
                            .period = period};
    if (read(o, &wish, NULL) < 0)
        return false;
    if (period > 1 && w->known >= 2 * period && fit_form(&form, &wish, w, model))
        return true;
    form.season = ETS_NONE;
    form.period = 1;
    return fit_form(&form, &wish, w, model);
}

static void put(void *model, double y)
{
    ets_filter_put(model, y);
}

static struct refitted_expected next(const void *model)
{
    const struct ets_filter_forecast f = ets_filter_next(model);
    return (struct refitted_expected){.mean = f.mean, .se = f.se};
}

static bool sound(const void *opt, const struct alm_env *env, const void *bytes)
{
    struct ets_filter f;
    memcpy(&f, bytes, sizeof f);
    return f.at < f.period && (f.period == 1 || f.period == period_of(opt, env));
}

static void explain(const void *model, struct explanation *x)
{
    const struct ets_filter *f = model;
    explanation_add(x, "level (alpha %.3g)", f->alpha);
    if (f->beta > 0 || f->slope < 0 || f->slope > 0)
        explanation_add(x, ", trend (beta %.3g, phi %.3g)", f->beta, f->phi);
    if (f->period > 1)
        explanation_add(x, ", season of %zu intervals (gamma %.3g)", (size_t)f->period, f->gamma);
    explanation_add(x, "; standard error %.3g", ets_filter_next(f).se);
}

static const struct refitted_model model = {
    .size = size, .check = check, .fit = fit, .put = put, .next = next, .sound = sound, .explain = explain};

REFITTED_PREDICTOR(holt_winters, "holt-winters",
                   "exponential smoothing of level, trend and season, widened by past errors",
                   "Winters (1960); Hyndman et al. (2008); range: Vovk et al. (2005)");
