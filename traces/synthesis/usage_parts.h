/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_parts: what usage of one resource is the sum and product of: level, cycles, shifts, bursts and spikes.
 *
 * Meaning.  Each part is a process of its own with a random stream of its own, for one unit and resource; the noise is in
 *           usage_noise. Times are seconds from the start of the trace. */
#ifndef ALM_USAGE_PARTS_H
#define ALM_USAGE_PARTS_H

#include "almanac/option.h"
#include "almanac/stream.h"
#include "almanac/time.h"
#include "usage_job.h"

#include <stdbool.h>

enum alm__usage_noise_law { ALM__NOISE_NORMAL, ALM__NOISE_LOGNORMAL };
enum alm__usage_tail_law { ALM__TAIL_PARETO, ALM__TAIL_LOGNORMAL };

/* The options of one resource; generators/usage.c says what they mean. */
struct alm__usage_law {
    double spread, amplitude, weekly, trend, burst_rate, burst_height, shift_rate, shift_size, noise_sd;
    double tail_rate, tail_min, tail_max, tail_shape, tail_mean, tail_cv;
    alm_time peak, phase, weekly_peak, burst_length;
    double job_share, idle_share, idle_units, burst_units, tail_units;
    alm_time idle_length;
    struct alm_numbers harmonics, ar, ma, levels;
    struct alm_numbers job_period, job_at, job_length, job_height, job_jitter, job_noise, job_cv; /* hours */
    struct alm_numbers job_unit;
    int noise_law, tail_law;
};

#define ALM__USAGE_HARMONICS 8 /* of the day, the first included */

struct alm__usage_parts {
    struct alm__usage_law law;
    double base, moved;                     /* seconds that the unit's day is late */
    double factor, next_shift, extra_shift; /* INFINITY: none */
    double burst_from, burst_until, burst_height, next_burst, next_spike;
    struct alm_stream burst, shift, tail;
    struct alm__usage_job job[ALM__USAGE_JOBS];
    size_t jobs;
    struct alm__usage_idle idle;
    bool peak; /* a row shows the highest burst, not their mean */
};

/* WORD names the resource in the purposes of streams. Z: the unit's standard normal draw for its base; OWN: the stream it
 * came from. */
struct alm__usage_parts alm__usage_open(uint64_t seed, uint64_t unit, const char *word,
                                        const struct alm__usage_law *law, double base, double z,
                                        struct alm_stream *own);

struct alm_stream alm__usage_stream(uint64_t seed, uint64_t unit, const char *word, const char *what);

/* Where the trace begins: seconds into the day and into the week (from Monday). */
struct alm__usage_clock {
    double day, week;
};

/* What lies under noise and bursts at time T, moving on to later shifts: T must not go back. */
double alm__usage_level(struct alm__usage_parts *s, double t, const struct alm__usage_clock *clock);

/* Mean or highest burst over [from, until), and the largest spike's factor in it (1: none), moving on to later ones. */
double alm__usage_burst(struct alm__usage_parts *s, double from, double until);
double alm__usage_spike(struct alm__usage_parts *s, double until);

/* Of a draw Z: mean 1, relative sd RELATIVE_SD. */
double alm__usage_lognormal(double z, double relative_sd);

#endif
