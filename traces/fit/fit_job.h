/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_job: work by the clock: the window of a period in which usage is higher, time after time.
 *
 * Meaning.  For each period of 24, 12, 8, 6, 4, 3, 2 and 1 hours the profile of a unit: the mean of each of up to 288 slots
 *           over the cycles, without the highest and the lowest tenth. The job is the window that explains most of the
 *           variance, over all periods. It counts when it explains a tenth of the variance and more than four harmonics of
 *           the day do, when usage is higher in 60 % of the cycles by a quarter of the height, when their mean excess
 *           is four standard errors above 0, and when there are five cycles at least.
 *           Further jobs of a unit are looked for in what those before leave over, as long as they explain a fiftieth of
 *           what the first one does.
 * Choice.   Beyond what smooth cycles explain: a cosine is a window to 81 %, a window of an hour is a cosine to 8 %.
 * Limits.   Four jobs a unit, each told from the others only where they do not meet. The height is that over the mean outside, at most 10000. Shorter than four rows no period is seen. */
#ifndef ALM_FIT_JOB_H
#define ALM_FIT_JOB_H

#include "fit_grid.h"

struct alm__fit_job {
    double period, at, length; /* hours; at: of a day in UTC, or of the trace's clock, below the period */
    double height, jitter, cv; /* over the mean outside; hours; of the height */
    double power;              /* variance that it explains */
};

#define ALM__FIT_JOBS 4

/* Of one unit, the one that explains most first. */
struct alm__fit_jobs {
    size_t count;
    struct alm__fit_job job[ALM__FIT_JOBS];
};

/* Look for jobs in resource R of S: each in what those before leave over; then heights in turn. */
int alm__fit_jobs(const struct alm__grid *s, int r, struct alm__fit_jobs *out, struct alm_err *e);

/* What jobs add in row K of S, in levels; NaN near a beginning or end, where that is not known. */
double alm__fit_jobs_height(const struct alm__grid *s, const struct alm__fit_jobs *jobs, size_t k);

#endif
