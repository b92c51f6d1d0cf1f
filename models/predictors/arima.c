/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima: a seasonal ARIMA model of the series, filtered value by value and fitted again when due; widened by what it was wrong by.
 *
 * Meaning.  The forecast is that of series/arima_filter.h; when a model is fitted, and what happens where none can be, says refitted.h. The range
 *           is that of point.h, with errors=normal by the model's standard error. The season of length `period` is in the model where
 *           `seasonal` or `fourier` ask for it, and with order=auto up to 24 values; else it is taken out, if there is one. While fewer than
 *           two periods of values are known, and where the seasonal model cannot be fitted, it goes without. With order=auto orders are
 *           chosen when the history has grown by half, and when a whole `fit_window` has passed; the fits between keep them and
 *           start from the last coefficients.
 * Choice.   The variance is divided by the number of values less that of coefficients. Differencing by default: level shifts are common, and
 *           a model with a mean goes on expecting the old level until it is fitted again.
 * Limits.   Assumes that the next value hangs on the last ones in the same linear way all the time. The exact likelihood of a season of a day
 *           of 5-minute intervals costs 100 times that of a model without; Fourier pairs are cheap.
 *           A step is some 0.3 microseconds, a fit to 2000 values 1 to 10 ms; state: 8 bytes an interval of the window and of the season and a
 *           resource, beside the window of errors, and 1 kB; docs/guides/models/arima.md has more figures.
 * Source.   G. E. P. Box, G. M. Jenkins, "Time Series Analysis" (1976); R. J. Hyndman, Y. Khandakar (2008) for order=auto. */
#include "refitted.h"
#include "series/arima_filter.h"
#include "series/arima_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONG_PERIOD 24 /* values; beyond it order=auto leaves the season to STL */

struct opt {
    struct refitted_opt common;
    char order[ALM_OPT_STRING], seasonal[ALM_OPT_STRING];
    alm_time period;
    int64_t fourier;
};

static const struct alm_opt opts[] = {
    REFITTED_OPTS(struct opt, common),
    {"order", ALM_OPT_TEXT, offsetof(struct opt, order), "1/1/1", 0, 0, NULL, "p/d/q, or auto"},
    {"seasonal", ALM_OPT_TEXT, offsetof(struct opt, seasonal), "", 0, 0, NULL,
     "P/D/Q of the season; chosen with order=auto"},
    {"period", ALM_OPT_DURATION, offsetof(struct opt, period), "24h", 0, (double)(1000 * ALM_DAY), NULL,
     "after which things repeat; 0: no season"},
    {"fourier", ALM_OPT_INTEGER, offsetof(struct opt, fourier), "0", 0, 40, NULL,
     "pairs of cosine and sine of the period"},
    {0},
};

/* The filter follows. */
struct model {
    struct arima_order order; /* of the last fit */
    uint64_t mean, drift, fourier, constant;
    uint64_t age; /* values put since the orders were chosen */
    double coefficient[ARIMA_ARMA];
};

static struct arima_filter *filter_of(struct model *m)
{
    return (struct arima_filter *)(void *)(m + 1);
}

/* What the options ask for. */
struct wish {
    struct arima_spec spec;
    struct arima_choice choice;
    bool automatic;
};

/* Whether the season is part of the model; else it is taken out before. */
static bool in_model(const struct opt *o, const struct alm_env *env)
{
    return *o->seasonal || o->fourier || (strcmp(o->order, "auto") == 0 && target_slots(env, o->period) <= LONG_PERIOD);
}

static int read(const struct opt *o, const struct alm_env *env, struct wish *out, struct alm_err *e)
{
    /* Bounds of order=auto as in `almanac fit`. Written out, since this is read at each step. */
    struct arima_opt a = {.d = -1, .D = -1, .max_p = 5, .max_q = 5, .max_P = 2, .max_Q = 2, .max_order = 5};
    double fixed[SERIES_COEFFICIENTS];
    const size_t period = o->period && in_model(o, env) ? target_slots(env, o->period) : 1;
    if (period > ARIMA_PERIOD)
        return alm_fail(e, ALM_EINVAL, "period: %zu intervals; %d at the most", period, ARIMA_PERIOD);
    memcpy(a.order, o->order, sizeof a.order);
    memcpy(a.seasonal, o->seasonal, sizeof a.seasonal);
    a.period = (int64_t)period;
    a.fourier = o->fourier;
    ALM_TRY(arima_read_options(&a, &out->spec, &out->choice, &out->automatic, fixed, e));
    out->spec.fixed = NULL;
    out->spec.without_errors = true;
    return ALM_OK;
}

/* Of the largest filter that W can lead to. */
static size_t room(const struct wish *w)
{
    const struct arima_choice *c = &w->choice;
    const struct arima_spec most = {.order = {c->max_p, 2, c->max_q, c->max_P, 1, c->max_Q, c->period},
                                    .fourier = c->fourier};
    return arima_filter_size(w->automatic ? &most : &w->spec);
}

static size_t size(const void *opt, const struct alm_env *env)
{
    struct wish w;
    return sizeof(struct model) + (read(opt, env, &w, NULL) < 0 ? 0 : room(&w));
}

static size_t season(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    return o->period && !in_model(o, env) ? target_slots(env, o->period) : 1;
}

static int check(const void *opt, const struct alm_env *env, struct alm_err *e)
{
    struct wish w;
    ALM_TRY(read(opt, env, &w, e));
    const struct arima_order *o = &w.spec.order;
    if (!w.automatic && (o->p > ARIMA_ORDER || o->q > ARIMA_ORDER || o->P > ARIMA_SEASONAL || o->Q > ARIMA_SEASONAL ||
                         o->d > ARIMA_DIFFERENCES || o->D > ARIMA_DIFFERENCES))
        return alm_fail(e, ALM_EINVAL, "order, seasonal: p and q may be %d, P and Q %d, d and D %d at the most",
                        ARIMA_ORDER, ARIMA_SEASONAL, ARIMA_DIFFERENCES);
    if (!w.automatic && o->s == 1 && o->P + o->D + o->Q + w.spec.fourier > 0)
        return alm_fail(e, ALM_EINVAL, "seasonal, fourier: they need a period of 2 intervals or more");
    if (!w.automatic && 2 * w.spec.fourier > o->s)
        return alm_fail(e, ALM_EINVAL, "fourier: %zu pairs for a period of %zu intervals; half of that at the most",
                        w.spec.fourier, o->s);
    return ALM_OK;
}

/* ---- fitting ---- */

static void drop_season(struct wish *w)
{
    w->spec.order.P = w->spec.order.D = w->spec.order.Q = 0;
    w->spec.fourier = 0;
    w->spec.mean = w->spec.order.d == 0;
    w->choice.period = 1;
    w->choice.fourier = 0;
}

static bool same_order(const struct arima_order *a, const struct arima_order *b)
{
    return a->p == b->p && a->q == b->q && a->P == b->P && a->Q == b->Q && a->d == b->d && a->D == b->D;
}

/* The orders of M's last fit as a wish; the season is there if it was. */
static void keep_orders(const struct model *m, struct wish *w)
{
    w->automatic = false;
    w->spec = (struct arima_spec){
        .order = m->order, .mean = m->mean != 0, .drift = m->drift != 0, .fourier = m->fourier, .without_errors = true};
}

static bool install(struct model *m, struct arima_fit *f, size_t room)
{
    const struct arima_result *r = arima_fit_result(f);
    const struct arima_spec spec = {.order = r->order, .fourier = r->fourier};
    struct alm_err e;
    const size_t bytes = arima_filter_size(&spec);
    struct arima_filter *filter = bytes <= room ? malloc(bytes) : NULL;
    const bool done = filter && arima_filter_init(filter, f, &e) == ALM_OK && isfinite(arima_filter_next(filter).mean);
    if (done) {
        const double left = (double)r->nobs - (double)r->estimated;
        filter->sigma *= left > 0 ? sqrt((double)r->nobs / left) : 1;
        memcpy(filter_of(m), filter, bytes);
        m->order = r->order;
        m->mean = r->mean;
        m->drift = r->drift;
        m->fourier = r->fourier;
        m->constant = r->constant;
        memcpy(m->coefficient, r->coefficient, r->arma * sizeof(double));
    }
    free(filter);
    return done;
}

static bool fit_wish(struct model *m, struct wish *w, const struct refitted_window *window, size_t room)
{
    struct arima_fit *f;
    struct alm_err e;
    const bool warm = window->again && !m->constant && same_order(&w->spec.order, &m->order);
    w->spec.start = warm ? m->coefficient : NULL;
    const int code = w->automatic ? arima_auto(&w->choice, window->y, window->n, &f, &e)
                                  : arima_fit(&w->spec, window->y, window->n, &f, &e);
    if (code < 0)
        return false;
    const bool done = install(m, f, room);
    arima_fit_free(f);
    if (done && w->automatic)
        m->age = 0;
    return done;
}

static bool fit(const void *opt, const struct alm_env *env, void *model, const struct refitted_window *window)
{
    struct model *m = model;
    struct wish w;
    const struct refitted_opt *o = opt;
    if (read(opt, env, &w, NULL) < 0)
        return false;
    const size_t most = room(&w), period = w.automatic ? w.choice.period : w.spec.order.s;
    bool seasonal = period > 1 && window->known >= 2 * period;
    if (w.automatic && window->again && m->age < target_slots(env, o->fit_window)) {
        keep_orders(m, &w);
        return fit_wish(m, &w, window, most);
    }
    if (seasonal && fit_wish(m, &w, window, most))
        return true;
    drop_season(&w);
    return fit_wish(m, &w, window, most);
}

/* ---- going on ---- */

static void put(void *model, double y)
{
    struct model *m = model;
    m->age++;
    arima_filter_put(filter_of(m), y);
}

static struct refitted_expected next(const void *model)
{
    const struct arima_expected f = arima_filter_next((const void *)((const struct model *)model + 1));
    return (struct refitted_expected){.mean = f.mean, .se = f.se};
}

/* The filter's rings and tables lie within its bytes. */
static bool sound(const void *opt, const struct alm_env *env, const void *bytes)
{
    struct model m;
    struct arima_filter f;
    struct wish w;
    memcpy(&m, bytes, sizeof m);
    memcpy(&f, (const char *)bytes + sizeof m, sizeof f);
    if (read(opt, env, &w, NULL) < 0)
        return false;
    const struct arima_order *o = &m.order;
    if (o->p > ARIMA_ORDER || o->q > ARIMA_ORDER || o->P > ARIMA_SEASONAL || o->Q > ARIMA_SEASONAL ||
        o->d > ARIMA_DIFFERENCES || o->D > ARIMA_DIFFERENCES || o->s < 1 || o->s > ARIMA_PERIOD)
        return false;
    const size_t p = arima_ar_degree(o), q = arima_ma_degree(o), lost = arima_lost(o);
    const struct arima_spec spec = {.order = *o, .fourier = m.fourier};
    if (f.r != (p > q + 1 ? p : q + 1) || f.lost != lost || arima_filter_size(&spec) > room(&w))
        return false;
    if (f.head >= f.r || (lost && f.newest >= lost) || (f.season && f.season != o->s) || f.t < 0)
        return false;
    const size_t after = sizeof f + f.taps * sizeof(struct arima_filter_tap) +
                         (2 * (size_t)f.delta_taps + f.season + 3 * ((size_t)f.r + f.lost)) * sizeof(double);
    if (after > room(&w))
        return false;
    const char *data = (const char *)bytes + sizeof m + sizeof f;
    for (size_t i = 0; i < f.taps; i++, data += sizeof(struct arima_filter_tap)) {
        struct arima_filter_tap tap;
        memcpy(&tap, data, sizeof tap);
        if (tap.lag < 1 || tap.lag > f.r)
            return false;
    }
    for (size_t i = 0; i < f.delta_taps; i++, data += 2 * sizeof(double)) {
        double lag;
        memcpy(&lag, data, sizeof lag);
        if (!(lag >= 1 && lag <= f.lost))
            return false;
    }
    return true;
}

/* ---- telling ---- */

static void tell(struct explanation *x, const char **mark, const char *name, double value)
{
    explanation_add(x, "%s%s %.3g", *mark, name, value);
    *mark = ", ";
}

static void explain(const void *model, struct explanation *x)
{
    const struct model *m = model;
    const struct arima_filter *f = (const void *)(m + 1);
    const struct arima_order *o = &m->order;
    const struct arima_spec spec = {.order = *o};
    if (m->constant) {
        explanation_add(x, "a constant");
        return;
    }
    explanation_add(x, "ARIMA(%zu,%zu,%zu)", (size_t)o->p, (size_t)o->d, (size_t)o->q);
    if (o->P + o->D + o->Q > 0)
        explanation_add(x, "(%zu,%zu,%zu)[%zu]", (size_t)o->P, (size_t)o->D, (size_t)o->Q, (size_t)o->s);
    const char *mark = ": ";
    for (size_t i = 0; i < o->p + o->q + o->P + o->Q; i++) {
        char name[24];
        arima_coefficient_name(&spec, i, name);
        tell(x, &mark, name, m->coefficient[i]);
    }
    if (m->mean)
        tell(x, &mark, "mean", f->mean);
    if (m->drift)
        tell(x, &mark, "drift", f->drift);
    tell(x, &mark, "sigma", f->sigma);
    if (m->fourier)
        explanation_add(x, ", %zu Fourier pairs of a period of %zu", (size_t)m->fourier, (size_t)f->season);
}

static const struct refitted_model model = {.size = size,
                                            .season = season,
                                            .check = check,
                                            .fit = fit,
                                            .put = put,
                                            .next = next,
                                            .sound = sound,
                                            .explain = explain};

REFITTED_PREDICTOR(arima, "arima", "a seasonal ARIMA model, filtered and fitted again when due, widened by past errors",
                   "Box and Jenkins (1976); range: Vovk et al. (2005)");
