/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_forecast: means and standard errors of the values to come.
 *
 * Meaning.  Exact under normal errors for each form, without simulation: additive errors by the sum of squared responses to one
 *           error; multiplicative errors with an additive or no season by the recursion of their second moments; multiplicative
 *           seasons by the moments of level and slope times each index of the season, which follow each other linearly.
 * Choice.   The mean of a multiplicative season is the expectation, not the path without errors. Missing values at the end
 *           are steps of the forecast that are not told.
 * Limits.   Parameters and initial states count as known. R's forecast 8.20 has gamma move the season of (A,N,A) and (M,N,A) one
 *           step early, and leaves phi out of the first step of (M,Ad,M); here both are as the model says.
 * Source.   R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, "Prediction intervals for exponential smoothing using two
 *           new classes of state space models", Journal of Forecasting 24 (2005). */
#include "ets.h"

#include <math.h>
#include <stdlib.h>

/* What an error of 1 changes in the forecast J steps later, J = 1, 2, ... */
static double response(const struct ets *m, size_t j, double damping)
{
    const struct ets_parameters *p = &m->parameter;
    const bool returns = m->form.season == ETS_ADDITIVE && j % m->form.period == 0;
    return p->alpha + p->beta * damping + (returns ? p->gamma : 0);
}

/* The time of the season, of the value J = 1, 2, ... steps after the last that is not missing. */
static size_t season_at(const struct ets *m, size_t j)
{
    return (m->n - m->tail + j - 1) % m->form.period;
}

/* Additive season or none: MEAN and VARIANCE[h], of scaled values. C is room for h. */
static void linear(const struct ets *m, size_t h, double *mean, double *variance, double *c)
{
    const bool relative = m->form.error == ETS_MULTIPLICATIVE;
    double damping = 0, power = 1, squares = 0;
    for (size_t j = 1; j <= h; j++) {
        power *= m->parameter.phi;
        damping += power;
        mean[j - 1] = m->last[ETS_LEVEL] + damping * m->last[ETS_SLOPE] +
                      (m->form.season == ETS_ADDITIVE ? m->last[ETS_SEASON + season_at(m, j)] : 0);
        variance[j - 1] = m->sigma2 * (1 + squares);
        c[j - 1] = response(m, j, damping);
        squares += c[j - 1] * c[j - 1];
    }
    if (!relative)
        return;
    /* Here VARIANCE is first the expected square of the forecast. */
    for (size_t j = 0; j < h; j++) {
        double sum = 0;
        for (size_t i = 0; i < j; i++)
            sum += c[i] * c[i] * variance[j - 1 - i];
        variance[j] = mean[j] * mean[j] + m->sigma2 * sum;
    }
    for (size_t j = 0; j < h; j++)
        variance[j] = (1 + m->sigma2) * variance[j] - mean[j] * mean[j];
}

/* Level and slope times one index of the season: expectation, and expected products: level^2, level slope, slope^2. */
struct moments {
    double mean[2], square[3];
};

/* F V and F V F' for the transition (1 phi; 0 phi) of level and slope. */
static void forward(double phi, const double v[3], double out[3])
{
    out[0] = v[0] + 2 * phi * v[1] + phi * phi * v[2];
    out[1] = phi * (v[1] + phi * v[2]);
    out[2] = phi * phi * v[2];
}

/* One step: of the index whose turn it is (GAMMA), or of another (GAMMA 0). With f = level + phi slope the error e moves
 * (level, slope) to (f + alpha f e, phi slope + beta f e) and the index to s (1 + gamma e); E e^2 = s2, E e^4 = 3 s2^2. */
static void step(const struct ets_parameters *p, double gamma, double s2, struct moments *x)
{
    const double f = x->mean[0] + p->phi * x->mean[1], slope = p->phi * x->mean[1];
    double moved[3], square[3];
    forward(p->phi, x->square, moved);
    /* f^2, f * phi slope, (phi slope)^2 are `moved`; (alpha f, beta f) is what the error moves. */
    const double ff = moved[0], fb = moved[1];
    const double cross[3] = {2 * p->alpha * ff, p->beta * ff + p->alpha * fb, 2 * p->beta * fb};
    const double own[3] = {p->alpha * p->alpha * ff, p->alpha * p->beta * ff, p->beta * p->beta * ff};
    for (int i = 0; i < 3; i++)
        square[i] = moved[i] * (1 + gamma * gamma * s2) + 2 * gamma * s2 * cross[i] +
                    own[i] * (s2 + 3 * gamma * gamma * s2 * s2);
    x->mean[0] = f * (1 + p->alpha * gamma * s2);
    x->mean[1] = slope + p->beta * f * gamma * s2;
    for (int i = 0; i < 3; i++)
        x->square[i] = square[i];
}

static bool product(const struct ets *m, size_t h, double *mean, double *variance)
{
    const size_t period = m->form.period;
    struct moments *x = calloc(period, sizeof *x);
    if (!x)
        return false;
    for (size_t i = 0; i < period; i++) {
        const double s = m->last[ETS_SEASON + i], level = s * m->last[ETS_LEVEL], slope = s * m->last[ETS_SLOPE];
        x[i] = (struct moments){{level, slope}, {level * level, level * slope, slope * slope}};
    }
    for (size_t j = 1; j <= h; j++) {
        const size_t now = season_at(m, j);
        double ahead[3];
        forward(m->parameter.phi, x[now].square, ahead);
        mean[j - 1] = x[now].mean[0] + m->parameter.phi * x[now].mean[1];
        variance[j - 1] = (1 + m->sigma2) * ahead[0] - mean[j - 1] * mean[j - 1];
        for (size_t i = 0; i < period; i++)
            step(&m->parameter, i == now ? m->parameter.gamma : 0, m->sigma2, &x[i]);
    }
    free(x);
    return true;
}

int ets_forecast(const struct ets *m, size_t h, double *mean, double *se, struct alm_err *e)
{
    const size_t steps = m->tail + h;
    double *at = calloc(3 * (steps + 1), sizeof *at);
    if (!at)
        return alm_fail(e, ALM_ENOMEM, "no memory for a forecast of %zu steps", steps);
    double *variance = at + steps;
    bool memory = true;
    if (m->form.season == ETS_MULTIPLICATIVE)
        memory = product(m, steps, at, variance);
    else
        linear(m, steps, at, variance, variance + steps);
    for (size_t j = 0; memory && j < h; j++) {
        mean[j] = at[m->tail + j] * m->scale;
        se[j] = sqrt(fmax(variance[m->tail + j], 0)) * m->scale;
    }
    free(at);
    return memory ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for a season of %zu", m->form.period);
}
