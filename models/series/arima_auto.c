/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_auto: differences by tests, orders by search. */
#include "arima_auto.h"

#include "stl.h"
#include "unit_root.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES 2048 /* the most models that are tried */
#define LONG 150        /* values above which models are ranked roughly */
#define FINALISTS 4
#define RADIUS 1.01
#define KPSS_ALPHA 0.05

struct candidate {
    size_t p, q, P, Q;
    bool constant;
    double score;
};

struct choosing {
    const struct arima_choice *c;
    const double *y;
    size_t n, max_p, max_q, max_P, max_Q, d, D;
    bool may_constant, rough;
    struct candidate *tried; /* [CANDIDATES] */
    size_t count;
    int code; /* of the last fit that failed */
    struct alm_err *e;
};

/* ---- differences ---- */

static size_t lag_difference(const double *y, size_t n, size_t lag, double *out)
{
    for (size_t t = lag; t < n; t++)
        out[t - lag] = y[t] - y[t - lag];
    return n - lag;
}

static bool varies(const double *y, size_t n)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t t = 0; t < n; t++)
        if (!isnan(y[t])) {
            low = y[t] < low ? y[t] : low;
            high = y[t] > high ? y[t] : high;
        }
    return high > low;
}

static int choose_differences(struct choosing *s)
{
    const struct arima_choice *c = s->c;
    double *w = malloc((s->n + 1) * sizeof *w);
    if (!w)
        return alm_fail(s->e, ALM_ENOMEM, "no memory for %zu differences", s->n);
    memcpy(w, s->y, s->n * sizeof *w);
    size_t n = s->n;
    if (c->D >= 0)
        s->D = (size_t)c->D;
    else if (c->period > 1 && n > 2 * c->period)
        s->D = (size_t)series_nsdiffs_strength(w, n, c->period, 1);
    for (size_t i = 0; i < s->D && n > c->period; i++)
        n = lag_difference(w, n, c->period, w);
    if (c->D < 0 && s->D && !varies(w, n)) { /* nothing but the season: leave its mean to differ */
        memcpy(w, s->y, s->n * sizeof *w);
        n = s->n;
        s->D = 0;
    }
    if (c->d >= 0)
        s->d = (size_t)c->d;
    else if (varies(w, n))
        s->d = (size_t)series_ndiffs_kpss(w, n, KPSS_ALPHA, 2);
    free(w);
    return ALM_OK;
}

/* ---- one model ---- */

static struct arima_spec spec_of(const struct choosing *s, const struct candidate *m)
{
    const bool flat = s->d + s->D == 0;
    return (struct arima_spec){.order = {m->p, s->d, m->q, m->P, s->D, m->Q, s->c->period},
                               .mean = m->constant && flat,
                               .drift = m->constant && !flat,
                               .fourier = s->c->fourier};
}

static double criterion_of(const struct choosing *s, const struct arima_result *r)
{
    const double value = s->c->criterion == ARIMA_AICC ? r->aicc : s->c->criterion == ARIMA_AIC ? r->aic : r->bic;
    return isnan(value) ? INFINITY : value;
}

static bool roots_apart(const struct arima_result *r)
{
    const size_t p = arima_ar_degree(&r->order), q = arima_ma_degree(&r->order);
    double *block = malloc((4 * (p + q) + 1) * sizeof *block);
    if (!block)
        return false;
    double *phi = block, *theta = phi + p, *work = theta + q;
    arima_expand(&r->order, r->coefficient, phi, theta);
    for (size_t j = 0; j < q; j++)
        theta[j] = -theta[j];
    const bool apart = arima_roots_beyond(phi, p, RADIUS, work) && arima_roots_beyond(theta, q, RADIUS, work);
    free(block);
    return apart;
}

/* Fit M; its score, INFINITY when it is to be passed over. */
static double fit_one(struct choosing *s, const struct candidate *m, bool rough, struct arima_fit **out)
{
    struct arima_spec spec = spec_of(s, m);
    spec.rough = rough;
    spec.quick = out == NULL;
    spec.without_errors = out == NULL;
    struct arima_fit *f = NULL;
    const int code = arima_fit(&spec, s->y, s->n, &f, s->e);
    if (code < 0) {
        s->code = code;
        return INFINITY;
    }
    const struct arima_result *r = arima_fit_result(f);
    const double score = r->constant ? -INFINITY : roots_apart(r) ? criterion_of(s, r) : INFINITY;
    if (out)
        *out = f;
    else
        arima_fit_free(f);
    return score;
}

static bool same(const struct candidate *a, const struct candidate *b)
{
    return a->p == b->p && a->q == b->q && a->P == b->P && a->Q == b->Q && a->constant == b->constant;
}

/* Try M unless it was tried or is out of bounds; whether it is better than BEST, which then is it. */
static bool try_one(struct choosing *s, struct candidate m, struct candidate *best)
{
    if (m.p > s->max_p || m.q > s->max_q || m.P > s->max_P || m.Q > s->max_Q || s->count == CANDIDATES)
        return false;
    if (m.constant && !s->may_constant)
        return false;
    for (size_t i = 0; i < s->count; i++)
        if (same(&s->tried[i], &m))
            return false;
    m.score = fit_one(s, &m, s->rough, NULL);
    s->tried[s->count++] = m;
    if (!(m.score < best->score))
        return false;
    *best = m;
    return true;
}

/* ---- searches ---- */

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void start_models(struct choosing *s, struct candidate *best)
{
    const bool c = s->may_constant, seasonal = s->c->period > 1;
    const size_t P = seasonal ? at_most(1, s->max_P) : 0, Q = seasonal ? at_most(1, s->max_Q) : 0;
    const struct candidate first[] = {
        {at_most(2, s->max_p), at_most(2, s->max_q), P, Q, c, 0},
        {0, 0, 0, 0, c, 0},
        {at_most(1, s->max_p), 0, P, 0, c, 0},
        {0, at_most(1, s->max_q), 0, Q, c, 0},
        {0, 0, 0, 0, false, 0},
    };
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        try_one(s, first[i], best);
}

/* One better neighbour of BEST, if there is one. */
static bool neighbour(struct choosing *s, struct candidate *best)
{
    static const int move[][4] = {{0, 0, -1, 0},  {0, 0, 1, 0},  {0, 0, 0, -1}, {0, 0, 0, 1},
                                  {0, 0, -1, -1}, {0, 0, -1, 1}, {0, 0, 1, -1}, {0, 0, 1, 1},
                                  {-1, 0, 0, 0},  {1, 0, 0, 0},  {0, -1, 0, 0}, {0, 1, 0, 0},
                                  {-1, -1, 0, 0}, {-1, 1, 0, 0}, {1, -1, 0, 0}, {1, 1, 0, 0}};
    const struct candidate from = *best;
    for (size_t i = 0; i < sizeof move / sizeof move[0]; i++) {
        struct candidate m = from; /* below zero wraps round to more than any bound */
        m.p += (size_t)move[i][0];
        m.q += (size_t)move[i][1];
        m.P += (size_t)move[i][2];
        m.Q += (size_t)move[i][3];
        if (try_one(s, m, best))
            return true;
    }
    struct candidate m = from;
    m.constant = !m.constant;
    return try_one(s, m, best);
}

static void all_models(struct choosing *s, struct candidate *best)
{
    const size_t most = s->c->max_order;
    for (size_t p = 0; p <= s->max_p; p++)
        for (size_t q = 0; q <= s->max_q && p + q <= most; q++)
            for (size_t P = 0; P <= s->max_P && p + q + P <= most; P++)
                for (size_t Q = 0; Q <= s->max_Q && p + q + P + Q <= most; Q++) {
                    try_one(s, (struct candidate){p, q, P, Q, true, 0}, best);
                    try_one(s, (struct candidate){p, q, P, Q, false, 0}, best);
                }
}

static int by_score(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    const size_t nx = x->p + x->q + x->P + x->Q, ny = y->p + y->q + y->P + y->Q;
    if (nx != ny)
        return nx < ny ? -1 : 1;
    const size_t kx = ((x->p * 100 + x->q) * 100 + x->P) * 100 + x->Q,
                 ky = ((y->p * 100 + y->q) * 100 + y->P) * 100 + y->Q;
    return kx != ky ? (kx < ky ? -1 : 1) : (int)x->constant - (int)y->constant;
}

/* Fit the best in full; of a rough ranking the best few, and the best of those. */
static int finish(struct choosing *s, struct arima_fit **out)
{
    qsort(s->tried, s->count, sizeof *s->tried, by_score);
    struct arima_fit *best = NULL;
    double least = INFINITY;
    const size_t wanted = s->rough ? FINALISTS : 1;
    for (size_t i = 0, done = 0; i < s->count && done < wanted; i++) {
        struct arima_fit *f = NULL;
        const double score = fit_one(s, &s->tried[i], false, &f);
        if (!f)
            continue;
        done += score < INFINITY;
        if (!best || score < least) {
            arima_fit_free(best);
            best = f;
            least = score;
        } else
            arima_fit_free(f);
    }
    if (!best)
        return s->code < 0 ? s->code : alm_fail(s->e, ALM_EDATA, "no model fits these %zu values", s->n);
    *out = best;
    return ALM_OK;
}

static int set_bounds(struct choosing *s)
{
    const struct arima_choice *c = s->c;
    size_t seen = 0;
    for (size_t t = 0; t < s->n; t++)
        seen += isnan(s->y[t]) ? 0 : 1;
    for (size_t t = 0; t < s->n; t++)
        if (isinf(s->y[t]))
            return alm_fail(s->e, ALM_EDATA, "value %zu is infinite", t + 1);
    if (!seen)
        return alm_fail(s->e, ALM_EDATA, "none of the %zu values is known: all are missing", s->n);
    s->max_p = at_most(c->max_p, seen / 3);
    s->max_q = at_most(c->max_q, seen / 3);
    s->max_P = c->period > 1 ? at_most(c->max_P, seen / 3 / c->period) : 0;
    s->max_Q = c->period > 1 ? at_most(c->max_Q, seen / 3 / c->period) : 0;
    s->rough = !c->exact && (s->n > LONG || c->period > 12);
    return ALM_OK;
}

int arima_auto(const struct arima_choice *c, const double *y, size_t n, struct arima_fit **out, struct alm_err *e)
{
    struct choosing s = {.c = c, .y = y, .n = n, .e = e};
    ALM_TRY(set_bounds(&s));
    ALM_TRY(choose_differences(&s));
    s.may_constant = s.d + s.D == 0 ? c->mean : s.d + s.D == 1 && c->drift;
    s.tried = malloc(CANDIDATES * sizeof *s.tried);
    if (!s.tried)
        return alm_fail(e, ALM_ENOMEM, "no memory for %d models", CANDIDATES);
    struct candidate best = {.score = INFINITY};
    if (!varies(y, n))
        try_one(&s, (struct candidate){.constant = s.may_constant}, &best);
    else if (c->stepwise) {
        start_models(&s, &best);
        while (best.score < INFINITY && neighbour(&s, &best))
            ;
    } else
        all_models(&s, &best);
    const int code = finish(&s, out);
    free(s.tried);
    return code;
}
