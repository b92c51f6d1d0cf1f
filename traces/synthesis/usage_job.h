/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_job: work by the clock, and spells of no usage at all.
 *
 * Meaning.  A job begins every `period` hours, first at the hour `at` of a day, each time moved by a uniform draw from
 *           -jitter/2 .. jitter/2, and lasts `length` hours, in which usage is higher by `height` levels, times a lognormal
 *           draw of mean 1 and relative sd cv, anew each time.
 *           Idleness is a Markov process of two states: a share of the time idle, for exponential times of a given mean;
 *           a row asks for the state in its middle. A row with work by the clock is never idle.
 * Choice.   A level stays the mean of its unit: alm__usage_scale says what usage outside of jobs and idleness is then.
 * Limits.   Jobs of one unit add up; where they meet the mean is that of jobs that do not. The mean counts whole rows as idle or not, and jitter only on the average. */
#ifndef ALM_USAGE_JOB_H
#define ALM_USAGE_JOB_H

#include "almanac/stream.h"

#include <stdbool.h>
#include <stddef.h>

#define ALM__USAGE_JOBS 4 /* of one unit */

struct alm__usage_job {
    double height, cv, period, length, jitter; /* seconds */
    double next;                               /* when the next would begin, without jitter; seconds from the start */
    double from, until, now;                   /* of the present one; its height */
    struct alm_stream stream;
};

/* The job with the height, cv, period, length and jitter of LIKE, whose hour is AT seconds. DAY: seconds into the day where
 * the trace begins. STREAM is its own. */
struct alm__usage_job alm__usage_job(const struct alm__usage_job *like, double at, double day,
                                     struct alm_stream stream);

/* What it adds in the mean over [from, until), in levels, moving on: FROM must not go back. */
double alm__usage_job_work(struct alm__usage_job *job, double from, double until);

struct alm__usage_idle {
    double share, length; /* share 0: never; mean seconds of a spell */
    bool started, idle;
    struct alm_stream stream;
};

/* Is the next row, of SECONDS, idle? */
bool alm__usage_idle(struct alm__usage_idle *idle, double seconds);

/* Usage outside of the COUNT jobs while not idle, over the mean. */
double alm__usage_scale(const struct alm__usage_job *job, size_t count, const struct alm__usage_idle *idle);

#endif
