/* SPDX-License-Identifier: GPL-3.0-or-later
 * theta: an exponential level plus half the slope of the line through the window; widened by what it was wrong by.
 *
 * Meaning.  forecast = level + slope / 2 * (missing values since the last + (1 - (1 - alpha)^n) / alpha). Level and alpha are those of
 *           simple smoothing of the n values of the window and since, the slope that of least squares through the window at the last fit.
 *           refitted.h says when that is. The season, if one is asked for and there, is added: refitted.h. The range is that of point.h.
 * Choice.   As the theta model of series_model.h, but for the season: with log=true it multiplies, as there.
 * Limits.   Assumes that the level wanders and half the trend of the window goes on. Missing values of the window are filled for the fit.
 *           A step is some 0.1 microseconds, a fit to 2000 values 1 to 2 ms; state: 8 bytes an interval of the window and of the season and
 *           a resource, beside the window of errors.
 * Source.   R. J. Hyndman, B. Billah, "Unmasking the Theta method", International Journal of Forecasting 19 (2003). */
#include "refitted.h"
#include "series/ets_filter.h"
#include "series/stl.h"

#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct opt {
    struct refitted_opt common;
    alm_time season;
};

static const struct alm_opt opts[] = {
    REFITTED_OPTS(struct opt, common),
    {"season", ALM_OPT_DURATION, offsetof(struct opt, season), "24h", 0, (double)(1000 * ALM_DAY), NULL,
     "after which things may repeat; 0: no season"},
    {0},
};

struct model {
    double slope;       /* half of the line's */
    double alpha, left; /* of the smoothing; (1 - alpha)^n */
    double square;      /* mean square of one-step errors */
    double level;
    double gap; /* missing values since the last */
};

static size_t size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct model);
}

static size_t season(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    return o->season ? target_slots(env, o->season) : 1;
}

/* ---- fitting ---- */

/* Half the slope of the line through Y[n]. TIME: room for n. */
static double half_slope(const double *y, size_t n, double *time)
{
    double intercept, slope, variance[3], squares;
    for (size_t t = 0; t < n; t++)
        time[t] = (double)t;
    gsl_fit_linear(time, 1, y, 1, n, &intercept, &slope, &variance[0], &variance[1], &variance[2], &squares);
    return slope / 2;
}

/* FULL[n] has no gaps. ROOM: for n. */
static bool smooth(const double *full, size_t n, double *room, struct model *out)
{
    static const struct ets_form form = {.error = ETS_ADDITIVE, .period = 1};
    static const struct ets_wish wish = {{NAN, NAN, NAN, NAN}, ETS_SIMPLEX_SQUARES};
    struct ets *m;
    struct alm_err e;
    if (ets_fit(&form, &wish, full, n, &m, &e) < 0)
        return false;
    const struct model made = {.slope = half_slope(full, n, room),
                               .alpha = fmax(m->parameter.alpha, 1e-10),
                               .left = pow(1 - fmax(m->parameter.alpha, 1e-10), (double)n),
                               .square = m->sigma2 * m->scale * m->scale,
                               .level = m->last[ETS_LEVEL] * m->scale};
    ets_free(m);
    if (!isfinite(made.slope) || !isfinite(made.level))
        return false;
    *out = made;
    return true;
}

static bool fit(const void *opt, const struct alm_env *env, void *model, const struct refitted_window *w)
{
    (void)opt;
    (void)env;
    double *full = malloc(2 * w->n * sizeof *full);
    const bool done = full && series_fill(w->y, w->n, 1, full) && smooth(full, w->n, full + w->n, model);
    free(full);
    return done;
}

/* ---- going on ---- */

static void put(void *model, double y)
{
    struct model *m = model;
    if (isnan(y)) {
        m->gap++;
        return;
    }
    m->level += m->alpha * (y - m->level);
    m->left *= 1 - m->alpha;
    m->gap = 0;
}

static struct refitted_expected next(const void *model)
{
    const struct model *m = model;
    return (struct refitted_expected){.mean = m->level + m->slope * (m->gap + (1 - m->left) / m->alpha),
                                      .se = sqrt(m->square * (1 + m->gap * m->alpha * m->alpha))};
}

static bool sound(const void *opt, const struct alm_env *env, const void *bytes)
{
    struct model m;
    (void)opt;
    (void)env;
    memcpy(&m, bytes, sizeof m);
    return m.alpha > 0 && m.alpha <= 1;
}

static void explain(const void *model, struct explanation *x)
{
    const struct model *m = model;
    explanation_add(x, "level (alpha %.3g) and half a trend of %.3g an interval; standard error %.3g", m->alpha,
                    2 * m->slope, next(m).se);
}

static const struct refitted_model model = {
    .size = size, .season = season, .fit = fit, .put = put, .next = next, .sound = sound, .explain = explain};

REFITTED_PREDICTOR(theta, "theta", "an exponential level plus half the trend of a window, widened by past errors",
                   "Hyndman and Billah (2003); range: Vovk et al. (2005)");
