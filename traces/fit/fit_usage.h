/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_usage: the options of the generator `usage` under which it makes a fleet like the one of a trace.
 *
 * Meaning.  Each unit is taken apart (fit_decompose) and the parts are pooled: levels, jobs and spells without usage by
 *           lists (fit_fleet), with fewer than four units levels by their mean and the sd of their logarithms; cycles by the
 *           power that units have in common and alone, less that of noise; bursts and spikes by their number, mean excess
 *           and length, and by how many units they fall into; shifts by number and size; noise by its median sd and pooled
 *           autocorrelations.
 * Choice.   Burst heights are exponential, so what lies above the threshold has the mean of the whole, and a burst seen
 *           stands for exp(threshold / mean) bursts. Runs of one row are spikes when their excess varies more than an
 *           exponential one would (coefficient of variation over 1.3), else bursts. With levels the base is the one
 *           under which the mean of the rows comes out.
 * Limits.   What `usage` cannot say is lost: units that differ in anything but level, jobs and hour of the peak, bursts of
 *           several resources at once, values in steps, weekends that differ from weekdays in form. Noise remembers for at
 *           most a few hours.
 * Source.   Hill (1975), tail index. */
#ifndef ALM_FIT_USAGE_H
#define ALM_FIT_USAGE_H

#include "file/trace_file.h"
#include "fit_fleet.h"
#include "synthesis/usage_noise.h"

#include <stdio.h>

#define ALM__FIT_DAY 4 /* harmonics of the day */

struct alm__fit_resource {
    bool present;
    bool lognormal; /* the noise */
    size_t units;   /* that have values above 0 */
    double zeros;   /* share of values */
    double base, spread, trend;
    struct alm_numbers levels; /* over the base; none: spread */
    size_t jobs;
    double job_share;
    struct alm__fleet_job job[ALM_OPT_LIST]; /* noise: over noise_sd */
    struct alm__fit_idle idle;
    double amplitude[ALM__FIT_DAY], peak[ALM__FIT_DAY], phase; /* hours */
    double weekly, weekly_peak;                                /* hours since Monday */
    double burst_rate, burst_height, burst_length;             /* a day, levels, seconds */
    double shift_rate, shift_size;                             /* a week */
    double tail_rate, tail_min, tail_max, tail_shape;
    double burst_units, tail_units; /* shares */
    double noise_sd;
    size_t runs, spikes; /* that the above rests on */
    struct alm__arma arma;
};

struct alm_fit_usage {
    size_t units;
    uint64_t rows;
    alm_time start, duration, interval;
    bool calendar;
    double cores, memory; /* medians of what is known of the units; NaN: nothing */
    struct alm__fit_resource resource[ALM_RESOURCES];
    double noises[ALM_RESOURCES][ALM_RESOURCES], bases[ALM_RESOURCES][ALM_RESOURCES]; /* correlations */
};

/* Estimate from the usage of T. ALM_EDATA when it has none that can be fitted. WATCH may be NULL. cost: two passes over the
 * rows; memory: the rows of one unit. */
int alm_fit_usage(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_fit_usage *out,
                  struct alm_err *e);

/* The specification as YAML, with comments on what was estimated from what. SOURCE names the trace in a comment. */
int alm_fit_usage_write(const struct alm_fit_usage *fit, const char *source, FILE *out, struct alm_err *e);

#endif
