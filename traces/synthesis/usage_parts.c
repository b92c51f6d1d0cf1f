/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_parts: level, cycles, shifts, bursts and spikes of one unit and resource. See the header.
 *
 * Choice.   A base is not drawn by alm_law_factor, which is equal but for the last bit: traces made before keep their
 *           bytes. */
#include "usage_parts.h"

#include "almanac/law.h"

#include <math.h>
#include <stdio.h>

double alm__usage_lognormal(double z, double relative_sd)
{
    double s = sqrt(log1p(relative_sd * relative_sd));
    return exp(s * z - s * s / 2);
}

static double wait_for(struct alm_stream *s, double rate, double per)
{
    return rate > 0 ? alm_stream_exponential(s) * per / rate : INFINITY;
}

struct alm_stream alm__usage_stream(uint64_t seed, uint64_t unit, const char *word, const char *what)
{
    char purpose[48];
    snprintf(purpose, sizeof purpose, "usage.%s.%s", word, what);
    return alm_stream_open(seed, unit, purpose);
}

struct alm__usage_parts alm__usage_open(uint64_t seed, uint64_t unit, const char *word,
                                        const struct alm__usage_law *law, double base, double z, struct alm_stream *own)
{
    struct alm__usage_parts s = {.law = *law, .factor = 1, .extra_shift = INFINITY};
    s.base = base * alm__usage_lognormal(z, law->spread);
    s.moved = (alm_stream_uniform(own) - 0.5) * alm_seconds(law->phase);
    s.burst = alm__usage_stream(seed, unit, word, "burst");
    s.shift = alm__usage_stream(seed, unit, word, "shift");
    s.tail = alm__usage_stream(seed, unit, word, "tail");
    s.next_shift = wait_for(&s.shift, law->shift_rate, 604800);
    s.next_burst = wait_for(&s.burst, law->burst_rate, 86400);
    s.next_spike = wait_for(&s.tail, law->tail_rate, 86400);
    return s;
}

/* The course of the day at T seconds after a midnight: mean 1. Amplitudes of harmonics may ask for less than nothing. */
static double day_at(const struct alm__usage_parts *s, double t)
{
    const struct alm__usage_law *w = &s->law;
    double day = 1 + w->amplitude * cos(2 * M_PI * (t - (alm_seconds(w->peak) + s->moved)) / 86400);
    for (size_t i = 0; i + 1 < w->harmonics.count; i += 2) {
        double peak = 3600 * w->harmonics.value[i + 1] + s->moved;
        day += w->harmonics.value[i] * cos(2 * M_PI * (double)(i / 2 + 2) * (t - peak) / 86400);
    }
    return fmax(0, day);
}

static double shift_at(struct alm__usage_parts *s, double t)
{
    while (s->next_shift <= t) {
        s->factor = alm__usage_lognormal(alm_stream_normal(&s->shift), s->law.shift_size);
        s->next_shift += wait_for(&s->shift, s->law.shift_rate, 604800);
    }
    return t >= s->extra_shift ? s->factor * (1 + s->law.shift_size) : s->factor;
}

double alm__usage_level(struct alm__usage_parts *s, double t, const struct alm__usage_clock *clock)
{
    const struct alm__usage_law *w = &s->law;
    return s->base * fmax(0, 1 + w->trend * t / 86400) * day_at(s, clock->day + t) *
           (1 + w->weekly * cos(2 * M_PI * (clock->week + t - alm_seconds(w->weekly_peak)) / 604800)) * shift_at(s, t);
}

double alm__usage_burst(struct alm__usage_parts *s, double from, double until)
{
    double sum = 0, high = 0;
    for (;;) {
        double begin = fmax(from, s->burst_from), end = fmin(until, fmin(s->burst_until, s->next_burst));
        if (end > begin) {
            sum += s->burst_height * (end - begin);
            high = fmax(high, s->burst_height);
        }
        if (s->next_burst >= until)
            return s->peak ? high : sum / (until - from);
        s->burst_from = s->next_burst;
        s->burst_until = s->burst_from + alm_stream_exponential(&s->burst) * alm_seconds(s->law.burst_length);
        s->burst_height = s->base * s->law.burst_height * alm_stream_exponential(&s->burst);
        s->next_burst = s->burst_from + wait_for(&s->burst, s->law.burst_rate, 86400);
    }
}

static double spike_factor(const struct alm__usage_law *w, struct alm_stream *tail)
{
    struct alm_law law = {
        .min = w->tail_min, .max = w->tail_max, .shape = w->tail_shape, .mean = w->tail_mean, .cv = w->tail_cv};
    law.kind = w->tail_law == ALM__TAIL_PARETO ? ALM_LAW_BOUNDED_PARETO : ALM_LAW_LOGNORMAL;
    return fmin(w->tail_max, fmax(w->tail_min, alm_law_draw(&law, tail)));
}

double alm__usage_spike(struct alm__usage_parts *s, double until)
{
    double largest = 1;
    while (s->next_spike < until) {
        largest = fmax(largest, spike_factor(&s->law, &s->tail));
        s->next_spike += wait_for(&s->tail, s->law.tail_rate, 86400);
    }
    return largest;
}
