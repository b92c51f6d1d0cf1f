/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_series: values to inputs, quantiles to values. The header says what. */
#include "gru_series.h"

#include "resolution.h"

#include <float.h>
#include <math.h>

#define SCALE_STEPS 1000.0
#define LEVEL_STEPS 96.0
#define SPREAD_STEPS 96.0
#define SPREAD_FIRST 0.1
#define SPREAD_LEAST 1e-3 /* a thousandth of the value: less is not worth a prediction */
#define INPUT_MOST 8.0
#define TARGET_MOST 50.0

static double within(double v, double most)
{
    return fmin(fmax(v, -most), most);
}

static double bent(const struct gru_track *t, double value)
{
    return log1p(value / t->scale);
}

static void first_value(struct gru_track *t, enum alm_resource r, double value)
{
    t->last = t->largest = value;
    t->scale = fmax(value, alm_resolution(r));
    t->level = bent(t, value);
    t->spread = SPREAD_FIRST;
}

static void next_value(struct gru_track *t, enum alm_resource r, double value, struct gru_seen *out)
{
    const double change = bent(t, value) - bent(t, t->last), size = fmin(fabs(change), 8 * t->spread);
    const double n = (double)t->values;
    out->moved |= (uint8_t)ALM_BIT(r);
    out->change[r] = (float)within(change / t->spread, TARGET_MOST);
    t->last = value;
    t->largest = fmax(t->largest, value);
    t->scale = fmax(t->scale + (value - t->scale) / fmin(n, SCALE_STEPS), alm_resolution(r));
    t->level += (bent(t, value) - t->level) / fmin(n, LEVEL_STEPS);
    t->spread = fmax(t->spread + (size - t->spread) / fmin(n, SPREAD_STEPS), SPREAD_LEAST);
}

void gru_track_put(struct gru_track *t, enum alm_resource r, double value, int censored, struct gru_seen *out)
{
    if (isfinite(value)) {
        out->seen |= (uint8_t)ALM_BIT(r);
        out->censored |= (uint8_t)(censored ? ALM_BIT(r) : 0);
        if (++t->values == 1)
            first_value(t, r, fmax(value, 0));
        else
            next_value(t, r, fmax(value, 0), out);
    }
    if (t->values) {
        out->deviation[r] = (float)within((bent(t, t->last) - t->level) / t->spread, INPUT_MOST);
        out->spread[r] = (float)log(t->spread);
    }
}

/* Sine and cosine of where T stands in PERIOD. */
static void phase(alm_time t, alm_time period, double *x)
{
    const double angle = 6.283185307179586 * (double)(t - alm_time_floor(t, period)) / (double)period;
    x[0] = sin(angle);
    x[1] = cos(angle);
}

void gru_inputs(const struct gru_seen *s, int64_t slot, const struct gru_calendar *when, double *x)
{
    const alm_time middle = slot * when->interval + when->interval / 2;
    x[0] = 1;
    phase(middle, ALM_DAY, x + 1);
    x[3] = x[4] = 0;
    if (when->weekly)
        phase(middle, 7 * ALM_DAY, x + 3);
    for (int r = 0; r < GRU_RESOURCES; r++) {
        double *own = x + 5 + 5 * r;
        own[0] = s->deviation[r] / 2.0;
        own[1] = within(s->change[r], INPUT_MOST) / 2;
        own[2] = s->spread[r] / 2.0 + 1.5;
        own[3] = (s->censored & ALM_BIT(r)) != 0;
        own[4] = (s->seen & ALM_BIT(r)) == 0;
    }
}

double gru_amount(const struct gru_track *t, double q)
{
    const double amount = t->scale * expm1(bent(t, t->last) + t->spread * q);
    const double most = fmin(fmax(t->largest, t->scale), DBL_MAX / 2) * 2;
    return q == 0 ? t->last : fmin(fmax(amount, 0), most);
}
