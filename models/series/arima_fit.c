/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_fit: checks, starts, search, criteria. */
#include "arima_fit.h"

#include "arima_errors.h"
#include "arima_model.h"
#include "arima_start.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_2PI 1.8378770664093454836
#define MANY 600     /* rows above which starts race by the conditional sum */
#define SLOW 3e4     /* m^2 n of a filter over gaps above which fewer starts are tried */
#define GAP_WORK 3e8 /* the most (r + lost)^2 n of a filter over gaps */

void arima_coefficient_name(const struct arima_spec *spec, size_t i, char out[24])
{
    static const char *const block[ARIMA_BLOCKS] = {"ar", "ma", "sar", "sma"};
    size_t count[ARIMA_BLOCKS];
    arima_blocks(&spec->order, count);
    for (size_t b = 0; b < ARIMA_BLOCKS; i -= count[b++])
        if (i < count[b]) {
            snprintf(out, 24, "%s%zu", block[b], i + 1);
            return;
        }
    if (spec->mean && i-- == 0)
        snprintf(out, 24, "mean");
    else if (spec->drift && i-- == 0)
        snprintf(out, 24, "drift");
    else if (i < 2 * spec->fourier)
        snprintf(out, 24, "%c%zu", i % 2 ? 's' : 'c', i / 2 + 1);
    else
        snprintf(out, 24, "x%zu", i - 2 * spec->fourier + 1);
}

/* ---- checks ---- */

static int check_orders(const struct arima_spec *spec, struct alm_err *e)
{
    const struct arima_order *o = &spec->order;
    if (o->p > ARIMA_ORDER || o->q > ARIMA_ORDER || o->P > ARIMA_SEASONAL || o->Q > ARIMA_SEASONAL ||
        o->d > ARIMA_DIFFERENCES || o->D > ARIMA_DIFFERENCES)
        return alm_fail(e, ALM_EINVAL,
                        "orders (%zu,%zu,%zu)(%zu,%zu,%zu): p and q may be %d, P and Q %d, d and D %d at the most",
                        o->p, o->d, o->q, o->P, o->D, o->Q, ARIMA_ORDER, ARIMA_SEASONAL, ARIMA_DIFFERENCES);
    if (o->s < 1 || o->s > ARIMA_PERIOD)
        return alm_fail(e, ALM_EINVAL, "period %zu: must be 1 to %d values", o->s, ARIMA_PERIOD);
    if (o->s == 1 && o->P + o->D + o->Q > 0)
        return alm_fail(e, ALM_EINVAL, "seasonal orders (%zu,%zu,%zu) need a period of 2 or more", o->P, o->D, o->Q);
    if (spec->mean && o->d + o->D > 0)
        return alm_fail(e, ALM_EINVAL, "a mean is lost by differencing: it needs d = D = 0; a drift can stay");
    if (2 * spec->fourier > o->s)
        return alm_fail(e, ALM_EINVAL, "%zu Fourier pairs for a period of %zu: half the period at the most",
                        spec->fourier, o->s);
    if (arima_spec_coefficients(spec) > SERIES_COEFFICIENTS)
        return alm_fail(e, ALM_EINVAL, "%zu coefficients: %d at the most", arima_spec_coefficients(spec),
                        SERIES_COEFFICIENTS);
    return ALM_OK;
}

static int check_size(const struct arima_fit *f, struct alm_err *e)
{
    const struct arima_order *o = &f->spec.order;
    const struct arima_data *a = &f->data;
    if (f->result.nobs < f->result.estimated + 1)
        return alm_fail(
            e, ALM_EINVAL,
            "ARIMA(%zu,%zu,%zu)(%zu,%zu,%zu) has %zu coefficients to estimate, and %zu known values are left after "
            "differencing: lower the orders",
            o->p, o->d, o->q, o->P, o->D, o->Q, f->result.estimated, f->result.nobs);
    const double m = (double)f->work.m;
    if (a->gaps && m * m * (double)a->n > GAP_WORK)
        return alm_fail(e, ALM_EUNSUPPORTED,
                        "a season of %zu in %zu values with gaps takes too long; use Fourier pairs, or fill the gaps",
                        o->s, a->n);
    return ALM_OK;
}

static int check_given(struct arima_fit *f, const double *x, struct alm_err *e)
{
    for (size_t i = 0; i < f->result.coefficients; i++)
        if (f->spec.fixed && !isnan(f->spec.fixed[i]) && !isfinite(f->spec.fixed[i]))
            return alm_fail(e, ALM_EINVAL, "a given coefficient is infinite");
    if (!arima_work_set(&f->work, x))
        return alm_fail(
            e, ALM_EINVAL,
            "the given coefficients make an AR part that is not stationary: its polynomial must have all roots "
            "outside the unit circle");
    return ALM_OK;
}

/* ---- search ---- */

static struct arima_target target(const struct arima_fit *f, enum arima_way way)
{
    const bool level = way == ARIMA_GAPS;
    return (struct arima_target){way, level ? &f->data.level : &f->data.differenced, f->spec.rough ? 3 : 60, 1e-8};
}

#define STARTS 96
#define APART 0.05      /* coefficients of starts that lead to the same summit */
#define SAME 1e-3       /* coefficients of one summit */
#define ALIKE 2e-6      /* in loglik, twice */
#define GAIN 2e-5       /* the same: what makes up for not being sure of it */
#define FAR_BEHIND 30.0 /* in loglik: what a search does not make up for with many rows */
#define FARTHER 300.0   /* the same with few */

struct starts {
    size_t count;
    double x[STARTS][ARIMA_ARMA], deviance[STARTS];
    bool done[STARTS];
};

static void add_start(struct arima_fit *f, struct starts *s, const double *x)
{
    const size_t arma = f->result.arma;
    double *to = s->x[s->count];
    memcpy(to, x, arma * sizeof *to);
    for (size_t i = 0; i < arma; i++)
        if (f->spec.fixed && !isnan(f->spec.fixed[i]))
            to[i] = f->spec.fixed[i];
    arima_tame(&f->search, to, 0.97);
    s->count++;
}

/* The best first; of equals the one that came first. */
static void sort_starts(struct starts *s)
{
    for (size_t i = 1; i < s->count; i++)
        for (size_t j = i; j > 0 && s->deviance[j] < s->deviance[j - 1]; j--) {
            double x[ARIMA_ARMA];
            const double deviance = s->deviance[j];
            const bool done = s->done[j];
            memcpy(x, s->x[j], sizeof x);
            memcpy(s->x[j], s->x[j - 1], sizeof x);
            memcpy(s->x[j - 1], x, sizeof x);
            s->deviance[j] = s->deviance[j - 1];
            s->deviance[j - 1] = deviance;
            s->done[j] = s->done[j - 1];
            s->done[j - 1] = done;
        }
}

static bool together(const struct arima_fit *f, const double *a, const double *b, double apart)
{
    for (size_t i = 0; i < f->result.arma; i++)
        if (fabs(a[i] - b[i]) > apart)
            return false;
    return true;
}

/* Only the first MOST of those that are apart stay, and of those none that is far worse than the best. */
static void thin(const struct arima_fit *f, struct starts *s, size_t most, double apart)
{
    size_t kept = 0;
    const double far = 2 * (f->data.differenced.n <= MANY ? FARTHER : FAR_BEHIND) / (double)f->data.seen;
    for (size_t i = 0; i < s->count && kept < most; i++) {
        bool leave = !(s->deviance[i] < INFINITY) || s->deviance[i] > s->deviance[0] + far;
        for (size_t j = 0; j < kept && !leave; j++)
            leave = together(f, s->x[i], s->x[j], apart);
        if (leave && kept)
            continue;
        memcpy(s->x[kept], s->x[i], sizeof s->x[i]);
        s->done[kept] = s->done[i];
        s->deviance[kept++] = s->deviance[i];
    }
    s->count = kept;
}

/* How much is tried: starts beside those of Hannan and Rissanen, how many go on after three steps and after six, and whether all
 * that end apart are polished. */
struct effort {
    size_t regressions, starts, first, second;
    bool exact, polish; /* exact: the race is by the likelihood itself */
};

static struct effort how_much(const struct arima_fit *f)
{
    const size_t arma = f->result.arma, n = f->data.differenced.n;
    const bool exact = f->spec.method != ARIMA_CSS && n <= MANY;
    const double m = (double)f->work.m, work = m * m * (double)f->data.n;
    if (f->spec.rough)
        return (struct effort){1, 1, 5, 1, false, false};
    if (n > MANY)
        return (struct effort){1, arma <= 2 ? 2 : 10, 5, 3, false, false};
    if (f->data.gaps && (f->spec.quick || work > SLOW || arma <= 2))
        return (struct effort){0, arma <= 2 ? 6 : 10, 9, 6, exact, !f->spec.quick && work <= SLOW};
    if (f->data.gaps)
        return (struct effort){0, 20 + 8 * arma, 20, 10, exact, true};
    if (arma <= 2 || f->spec.quick)
        return (struct effort){1, arma <= 2 ? 6 : 10 + 2 * arma, 9, 6, exact, !f->spec.quick};
    return (struct effort){3, 20 + 8 * arma, 30, 16, exact, true};
}

static void collect(struct arima_fit *f, const struct effort *effort, struct starts *s)
{
    const struct arima_order *o = &f->spec.order;
    const struct arima_columns *w = &f->data.differenced;
    double x[ARIMA_ARMA];
    s->count = 0;
    if (f->spec.start) {
        add_start(f, s, f->spec.start);
        return;
    }
    for (size_t i = 0; i < effort->regressions && !f->data.gaps; i++)
        if (arima_hannan_rissanen(o, w->at, w->n, i, x))
            add_start(f, s, x);
    const size_t typical = f->spec.rough && s->count ? 0 : effort->starts;
    for (size_t i = 0; i < typical && s->count < STARTS && arima_typical_start(o, i, x); i++)
        add_start(f, s, x);
}

/* Some steps from each start, then the best first. TAME: to go on from, not to end with. */
static void improve(struct arima_fit *f, struct starts *s, const struct arima_target *t, bool tame)
{
    for (size_t i = 0; i < s->count; i++) {
        s->deviance[i] = arima_climb(&f->search, t, s->x[i], &s->done[i]);
        if (tame)
            arima_tame(&f->search, s->x[i], 0.9999);
    }
    sort_starts(s);
}

/* A race in heats: a few steps from each start by the conditional sum (the likelihood itself where that is cheap), more from
 * those that lead, all the way from the best that stay apart, and the slopes' way from where those end. */
static double search(struct arima_fit *f, double *best, bool *converged)
{
    struct starts s = {0};
    const struct effort effort = how_much(f);
    const bool css = f->spec.method == ARIMA_CSS;
    const struct arima_target t = target(f, css ? ARIMA_CONDITIONAL : f->data.gaps ? ARIMA_GAPS : ARIMA_EXACT);
    struct arima_target race = effort.exact ? t : target(f, css ? ARIMA_CONDITIONAL : ARIMA_BRIDGED);
    race.tolerance = 1e-3;
    collect(f, &effort, &s);
    for (race.steps = 3; race.steps <= 6 && (s.count > 1 || (!effort.exact && !f->spec.start)); race.steps += 3) {
        improve(f, &s, &race, true);
        thin(f, &s, race.steps == 3 ? effort.first : effort.second, APART);
    }
    improve(f, &s, &t, false);
    thin(f, &s, s.count, SAME);
    for (size_t i = 0; i < s.count && effort.polish; i++) {
        if (s.done[i] && (f->spec.start || (!f->data.gaps && !arima_near_edge(&f->search, s.x[i]))))
            continue;
        double x[ARIMA_ARMA];
        bool done = s.done[i];
        memcpy(x, s.x[i], sizeof x);
        const double deviance = arima_polish(&f->search, &t, x, &done);
        if (s.done[i] && !done && s.deviance[i] - deviance < GAIN / (double)f->data.seen)
            continue;
        memcpy(s.x[i], x, sizeof x);
        s.deviance[i] = deviance;
        s.done[i] = done;
    }
    sort_starts(&s);
    size_t first = 0; /* of summits alike one that is known to be one */
    for (size_t i = 1; i < s.count && !s.done[first]; i++)
        if (s.done[i] && s.deviance[i] - s.deviance[0] < ALIKE / (double)f->data.seen)
            first = i;
    double least = s.deviance[first];
    *converged = s.done[first];
    bool again = effort.exact && !effort.polish && !f->spec.quick && !f->spec.start;
    for (int turn = 0; turn < 3 && least < INFINITY && (again || !*converged) && !f->spec.rough; turn++, again = false)
        least = arima_polish(&f->search, &t, s.x[first], converged);
    memcpy(best, s.x[first], f->result.arma * sizeof *best);
    return least;
}

/* ---- the result ---- */

static void set_criteria(struct arima_fit *f, double deviance)
{
    struct arima_result *r = &f->result;
    const double count = (double)f->work.count, scale = f->data.scale, nobs = (double)r->nobs;
    const double sum = exp(deviance - f->work.log_det / count); /* mean square of v / sqrt(F) */
    r->sigma2 = sum * scale * scale;
    r->sigma = sqrt(sum) * scale;
    if (f->spec.method == ARIMA_CSS) {
        r->loglik = -0.5 * nobs * (LOG_2PI + log(sum) + 2 * log(scale) + 1);
        r->aic = r->aicc = r->bic = NAN;
        return;
    }
    r->loglik = -0.5 * count * (deviance + 1 + LOG_2PI) - count * log(scale);
    const double k = (double)r->estimated + 1;
    r->aic = -2 * r->loglik + 2 * k;
    r->aicc = nobs - k - 1 > 0 ? r->aic + 2 * k * (k + 1) / (nobs - k - 1) : NAN;
    r->bic = -2 * r->loglik + k * log(nobs);
}

static void set_constant(struct arima_fit *f)
{
    struct arima_result *r = &f->result;
    const double none[SERIES_COEFFICIENTS] = {0};
    r->constant = r->converged = true;
    r->loglik = r->aic = r->aicc = r->bic = NAN;
    for (size_t i = 0; i < r->coefficients; i++) {
        const bool given = f->spec.fixed && !isnan(f->spec.fixed[i]);
        r->coefficient[i] = given ? f->spec.fixed[i] : 0;
        r->se[i] = given ? 0 : NAN;
    }
    arima_data_beta(&f->data, none, r->coefficient + r->arma);
}

static int estimate(struct arima_fit *f, struct alm_err *e)
{
    struct arima_result *r = &f->result;
    double x[ARIMA_ARMA] = {0};
    for (size_t i = 0; i < r->arma; i++)
        x[i] = f->spec.fixed && !isnan(f->spec.fixed[i]) ? f->spec.fixed[i] : 0;
    ALM_TRY(check_given(f, x, e));
    const bool css = f->spec.method == ARIMA_CSS;
    const struct arima_target t = target(f, css ? ARIMA_CONDITIONAL : f->data.gaps ? ARIMA_GAPS : ARIMA_EXACT);
    r->converged = true;
    if (f->search.free && !(search(f, x, &r->converged) < INFINITY))
        return alm_fail(
            e, ALM_EDATA,
            css ? "between the gaps of these %zu values no conditional error can be told: use method=ml"
                : "no coefficients give these %zu values a likelihood: numbers overflow, or the regressors are "
                  "collinear where there are values",
            f->data.seen);
    const double deviance = arima_deviance(&f->search, &t, x);
    if (deviance == -INFINITY) {
        set_constant(f);
        return ALM_OK;
    }
    if (!isfinite(deviance))
        return alm_fail(e, ALM_EDATA,
                        css ? "between the gaps of these values no conditional error can be told: use method=ml"
                            : "the given coefficients give these values no likelihood: numbers overflow");
    set_criteria(f, deviance);
    memcpy(r->coefficient, x, r->arma * sizeof *x);
    memcpy(f->beta, f->search.beta, f->data.active * sizeof *f->beta);
    arima_data_beta(&f->data, f->beta, r->coefficient + r->arma);
    if (!f->spec.without_errors)
        arima_standard_errors(f, &t, deviance);
    r->evaluations = f->work.done;
    return ALM_OK;
}

static int set_up(struct arima_fit *f, const struct arima_spec *spec, const double *y, size_t n, struct alm_err *e)
{
    struct arima_result *r = &f->result;
    f->spec = *spec;
    if (f->spec.order.P + f->spec.order.D + f->spec.order.Q + f->spec.fourier == 0)
        f->spec.order.s = 1;
    r->order = f->spec.order;
    r->mean = spec->mean;
    r->drift = spec->drift;
    r->fourier = spec->fourier;
    r->regressors = spec->regressors;
    r->n = n;
    r->arma = arima_coefficients(&spec->order);
    ALM_TRY(check_orders(&f->spec, e));
    r->coefficients = arima_spec_coefficients(spec);
    for (size_t i = 0; i < r->coefficients; i++) {
        r->estimated += !spec->fixed || isnan(spec->fixed[i]);
        r->se[i] = !spec->fixed || isnan(spec->fixed[i]) ? NAN : 0;
    }
    ALM_TRY(arima_data_make(&f->data, &f->spec, y, n, e));
    r->nobs = f->data.nobs;
    if (!arima_work_make(&f->work, &f->spec.order, f->data.n, 1 + f->data.active))
        return alm_fail(e, ALM_ENOMEM, "no memory to filter %zu values", n);
    ALM_TRY(check_size(f, e));
    if (!arima_search_make(&f->search, &f->work, spec->fixed))
        return alm_fail(e, ALM_ENOMEM, "no memory to fit %zu values", n);
    return ALM_OK;
}

int arima_fit(const struct arima_spec *spec, const double *y, size_t n, struct arima_fit **out, struct alm_err *e)
{
    struct arima_fit *f = calloc(1, sizeof *f);
    if (!f)
        return alm_fail(e, ALM_ENOMEM, "no memory for a fit");
    int code = set_up(f, spec, y, n, e);
    if (code == ALM_OK && f->data.constant)
        set_constant(f);
    else if (code == ALM_OK)
        code = estimate(f, e);
    arima_search_free(&f->search);
    f->spec.fixed = f->spec.start = f->spec.regressor = NULL; /* the caller's */
    if (code == ALM_OK)
        *out = f;
    else
        arima_fit_free(f);
    return code;
}

const struct arima_result *arima_fit_result(const struct arima_fit *f)
{
    return &f->result;
}

void arima_fit_free(struct arima_fit *f)
{
    if (!f)
        return;
    arima_search_free(&f->search);
    arima_work_free(&f->work);
    arima_data_free(&f->data);
    free(f);
}
