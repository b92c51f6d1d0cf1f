/* SPDX-License-Identifier: GPL-3.0-or-later
 * law: draws from a law. */
#include "almanac/law.h"

#include <math.h>
#include <stdlib.h>

void alm_law_close(struct alm_law *law)
{
    free(law->number);
    *law = (struct alm_law){.kind = ALM_LAW_NONE};
}

/* Mean 1, shape A. For a < 1 a draw of shape a + 1 times u^(1/a) has shape a. */
static double draw_gamma(double a, struct alm_stream *s)
{
    double boost = a < 1 ? pow(alm_stream_uniform(s), 1 / a) : 1;
    double d = (a < 1 ? a + 1 : a) - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double z = alm_stream_normal(s), v = 1 + c * z, u = alm_stream_uniform(s);
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(u) < z * z / 2 + d - d * v + d * log(v))
            return d * v * boost / a;
    }
}

static double draw_normal(const struct alm_law *law, struct alm_stream *s)
{
    double x;
    do
        x = law->mean * (1 + law->cv * alm_stream_normal(s));
    while (x < 0);
    return x;
}

static double draw_erlang(const struct alm_law *law, struct alm_stream *s)
{
    double sum = 0;
    for (int i = 0; i < (int)law->shape; i++)
        sum += alm_stream_exponential(s);
    return law->mean * sum / law->shape;
}

static double draw_hyperexponential(const struct alm_law *law, struct alm_stream *s)
{
    double mean = alm_stream_uniform(s) < law->p ? law->mean1 : law->mean2;
    return mean * alm_stream_exponential(s);
}

static double draw_bounded_pareto(const struct alm_law *law, struct alm_stream *s)
{
    double kept = 1 - pow(law->min / law->max, law->shape);
    double x = law->min * pow(1 - alm_stream_uniform(s) * kept, -1 / law->shape);
    return fmin(fmax(x, law->min), law->max);
}

static double draw_discrete(const struct alm_law *law, struct alm_stream *s)
{
    double u = alm_stream_uniform(s);
    size_t i = 0;
    while (i + 1 < law->until.count && u >= law->until.value[i])
        i++;
    return law->values.value[i];
}

double alm_law_factor(double cv, double z)
{
    double variance = log1p(cv * cv);
    return exp(sqrt(variance) * z - variance / 2);
}

double alm_law_draw(const struct alm_law *law, struct alm_stream *s)
{
    switch (law->kind) {
    case ALM_LAW_EXPONENTIAL:
        return law->mean * alm_stream_exponential(s);
    case ALM_LAW_DETERMINISTIC:
        return law->value;
    case ALM_LAW_UNIFORM:
        return law->min + (law->max - law->min) * alm_stream_uniform(s);
    case ALM_LAW_ERLANG:
        return draw_erlang(law, s);
    case ALM_LAW_GAMMA:
        return law->mean * draw_gamma(1 / (law->cv * law->cv), s);
    case ALM_LAW_HYPEREXPONENTIAL:
        return draw_hyperexponential(law, s);
    case ALM_LAW_LOGNORMAL:
        return law->mean * alm_law_factor(law->cv, alm_stream_normal(s));
    case ALM_LAW_WEIBULL:
        return law->scale * pow(alm_stream_exponential(s), 1 / law->shape);
    case ALM_LAW_BOUNDED_PARETO:
        return draw_bounded_pareto(law, s);
    case ALM_LAW_NORMAL:
        return draw_normal(law, s);
    case ALM_LAW_EMPIRICAL:
        return law->numbers ? law->number[(size_t)(alm_stream_uniform(s) * (double)law->numbers)] : NAN;
    case ALM_LAW_DISCRETE:
        return draw_discrete(law, s);
    default:
        return NAN;
    }
}
