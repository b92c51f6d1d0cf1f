/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets: the recursion, the forms, and which parameters are admissible.
 *
 * Choice.   What was wrong is counted before it is used, so additive and multiplicative errors share one recursion: both move
 *           the states by the same amounts of y - f. The invertibility of seasonal forms is a question about the roots of a
 *           polynomial, put to Jury's table: no root is computed. That polynomial is of the form where phi stands in the forecast,
 *           as it does here; forecast::ets asks it of the other form, so its bound for damped seasons is a little tighter. The search
 *           that goes its way keeps to that.
 * Source.   R. J. Hyndman, M. Akram, B. C. Archibald, "The admissible parameter space for exponential smoothing models", AISM 60
 *           (2008), equation 10; E. I. Jury, "Theory and application of the z-transform method" (1964). */
#include "ets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool ets_form_known(const struct ets_form *form)
{
    const bool error = form->error == ETS_ADDITIVE || form->error == ETS_MULTIPLICATIVE;
    const bool trend = form->trend == ETS_NONE || form->trend == ETS_ADDITIVE;
    const bool season = form->season == ETS_NONE ? form->period == 1 : form->period >= 2;
    return error && trend && season && !(form->damped && form->trend == ETS_NONE) &&
           !(form->error == ETS_ADDITIVE && form->season == ETS_MULTIPLICATIVE);
}

void ets_form_print(const struct ets_form *form, char out[ETS_FORM_TEXT])
{
    static const char letter[] = "NAM";
    snprintf(out, ETS_FORM_TEXT, "ETS(%c,%c%s,%c)", letter[form->error], letter[form->trend], form->damped ? "d" : "",
             letter[form->season]);
}

size_t ets_states(const struct ets_form *form)
{
    const size_t season = form->season == ETS_NONE ? 0 : form->period - 1;
    return (form->trend == ETS_NONE ? 1 : 2) + season;
}

/* What a form asks of a step. Constant in each call of run, so that the compiler makes one loop of each. */
struct kind {
    bool relative, product, seasonal;
};

static inline __attribute__((always_inline)) bool run(const struct kind k, const struct ets_form *form,
                                                      const struct ets_parameters *p, double *state, const double *y,
                                                      size_t n, double *e, struct ets_sums *out)
{
    double level = state[ETS_LEVEL], slope = form->trend == ETS_NONE ? 0 : state[ETS_SLOPE];
    double *season = state + ETS_SEASON, squares = 0, logs = 0, part = 1;
    size_t at = 0, count = 0;
    bool possible = true;
    for (size_t t = 0; t < n; t++) {
        const double base = level + p->phi * slope, s = k.seasonal ? season[at] : 0;
        const double f = k.product ? base * s : base + s;
        possible &= !(k.relative && !(f > 0)) && !(k.product && !(s > 0));
        const bool missing = isnan(y[t]);
        const double miss = missing ? 0 : y[t] - f, moved = k.product ? miss / s : miss;
        level = base + p->alpha * moved;
        slope = p->phi * slope + p->beta * moved;
        if (k.seasonal) {
            season[at] = s + p->gamma * (k.product ? miss / base : miss);
            at = at + 1 == form->period ? 0 : at + 1;
        }
        const double error = k.relative ? miss / f : miss;
        if (e)
            e[t] = missing ? NAN : error;
        squares += error * error;
        count += missing ? 0 : 1;
        if (!k.relative || missing)
            continue;
        const double size = fabs(f);
        part *= size; /* the product, renormalised before it leaves the range of numbers */
        if (!(part > 1e-200 && part < 1e200) || size < 1e-100 || size > 1e100) {
            logs += log(part);
            part = 1;
        }
    }
    state[ETS_LEVEL] = level;
    state[ETS_SLOPE] = slope;
    *out = (struct ets_sums){squares, logs + log(part), count, possible};
    return isfinite(squares) && isfinite(out->logs) && isfinite(level);
}

bool ets_run_signed(const struct ets_form *form, const struct ets_parameters *p, double *state, const double *y,
                    size_t n, double *e, struct ets_sums *out)
{
    const bool relative = form->error == ETS_MULTIPLICATIVE, seasonal = form->season != ETS_NONE;
    if (form->season == ETS_MULTIPLICATIVE)
        return run((struct kind){true, true, true}, form, p, state, y, n, e, out);
    if (relative && seasonal)
        return run((struct kind){true, false, true}, form, p, state, y, n, e, out);
    if (relative)
        return run((struct kind){true, false, false}, form, p, state, y, n, e, out);
    if (seasonal)
        return run((struct kind){false, false, true}, form, p, state, y, n, e, out);
    return run((struct kind){false, false, false}, form, p, state, y, n, e, out);
}

bool ets_run(const struct ets_form *form, const struct ets_parameters *p, double *state, const double *y, size_t n,
             double *e, struct ets_sums *out)
{
    return ets_run_signed(form, p, state, y, n, e, out) && out->possible;
}

/* Are all roots of A[0] + A[1] z + ... + A[n] z^n within the unit circle? A is used up. */
static bool roots_within(double *a, size_t n)
{
    for (; n > 0; n--) {
        const double k = a[0] / a[n];
        if (!(fabs(k) < 1))
            return false;
        for (size_t i = 0, j = n; i < j; i++, j--) {
            const double low = a[i], high = a[j];
            a[i] = low - k * high;
            a[j] = high - k * low;
        }
        if (n % 2 == 0)
            a[n / 2] *= 1 - k;
        for (size_t i = 0; i < n; i++)
            a[i] = a[i + 1];
    }
    return true;
}

bool ets_admissible(const struct ets_form *form, const struct ets_parameters *p)
{
    const double phi = p->phi, alpha = p->alpha, beta = p->beta * phi, gamma = p->gamma, m = (double)form->period;
    if (!(phi > 0 && phi <= 1))
        return false;
    if (form->season == ETS_NONE) {
        if (alpha < 1 - 1 / phi || alpha > 1 + 1 / phi)
            return false;
        return form->trend == ETS_NONE || (beta >= alpha * (phi - 1) && beta <= (1 + phi) * (2 - alpha));
    }
    if (gamma < fmax(1 - 1 / phi - alpha, 0) || gamma > 1 + 1 / phi - alpha ||
        alpha < 1 - 1 / phi - gamma * (1 - m + phi + phi * m) / (2 * phi * m) ||
        beta < -(1 - phi) * (gamma / m + alpha))
        return false;
    if (form->period > ETS_PERIOD_SEARCHED || gamma == 0)
        return true;
    double a[ETS_PERIOD_SEARCHED + 2];
    const bool trend = form->trend != ETS_NONE;
    const size_t n = form->period + trend; /* without a trend the factor (z - 1) is no part of the model */
    a[0] = trend ? phi * (1 - alpha - gamma) : alpha + gamma - 1;
    for (size_t i = 1; i < n; i++)
        a[i] = trend ? alpha + beta - alpha * phi : alpha;
    if (trend) {
        a[1] += gamma - 1;
        a[n - 1] = alpha + beta - phi;
    }
    a[n] = 1;
    return roots_within(a, n);
}

bool ets_residuals(const struct ets *m, const double *y, size_t n, double *r)
{
    const size_t states = ETS_SEASON + m->form.period;
    double *state = calloc(states, sizeof *state), *scaled = calloc(n + 1, sizeof *scaled);
    const bool memory = state && scaled;
    if (memory) {
        struct ets_sums sums;
        for (size_t i = 0; i < states; i++)
            state[i] = m->initial[i];
        for (size_t t = 0; t < n; t++)
            scaled[t] = y[t] / m->scale;
        ets_run(&m->form, &m->parameter, state, scaled, n, r, &sums);
        /* e = y / f - 1 */
        for (size_t t = 0; t < n; t++)
            r[t] = m->form.error == ETS_MULTIPLICATIVE ? y[t] * (r[t] / (1 + r[t])) : r[t] * m->scale;
    }
    free(state);
    free(scaled);
    return memory;
}

void ets_free(struct ets *m)
{
    if (!m)
        return;
    free(m->initial);
    free(m->last);
    free(m);
}
