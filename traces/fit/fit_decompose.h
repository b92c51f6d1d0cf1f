/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_decompose: one unit's usage of one resource, taken apart into what the generator `usage` puts together.
 *
 * Meaning.  usage / mean = F (level (1 + trend days) + cycles) noise + bursts. The cycles come from a regression on
 *           harmonics of the day and the week, F from fit_shift; bursts are runs of rows far above what the noise explains:
 *           4.5 robust sd above the median. Two rounds: the second regresses without shifts and bursts.
 *           Before that rows of 0, as spells without usage, and those of jobs by the clock (fit_job) are left out.
 *           A week can be told from chance and trend only when it comes twice.
 * Limits.   When bursts would be a fifth of the rows or most of the usage there are none: all is noise. */
#ifndef ALM_FIT_DECOMPOSE_H
#define ALM_FIT_DECOMPOSE_H

#include "fit_grid.h"
#include "fit_job.h"
#include "fit_shift.h"

#include <complex.h>
#include <stdbool.h>

#define ALM__FIT_HARMONICS 4

/* What all units share. */
struct alm__frame {
    alm_time start, span; /* of the trace: the first row's begin, and its length */
    size_t harmonics;     /* of the day; 0: none can be seen */
    bool week, trend;
};

struct alm__frame alm__frame_of(const struct alm_demand *d);

/* A stretch of rows above the threshold; excess and threshold are above the level, in its units; ratios are factors. */
struct alm__run {
    double excess, threshold, ratio, ratio_threshold;
    size_t rows, unit;
};

struct alm__runs {
    struct alm__run *run;
    size_t count, room;
};

struct alm__decomposed {
    size_t values, zeros;
    size_t idle, spells, able; /* rows of 0 outside of the job, their runs, and rows outside */
    double mean, base;         /* of the values; level in the middle of the trace, without the rest */
    double slope, slope_error; /* a day, relative */
    double complex day[ALM__FIT_HARMONICS], week; /* relative; |c| amplitude, arg c the phase of the peak */
    double floor[ALM__FIT_HARMONICS];             /* expected |c|^2 of noise alone */
    double noise_sd, skew, log_sd;                /* relative; Kelly's skewness and the robust sd of the logarithm */
    struct alm__shifts shifts;
    struct alm__fit_jobs jobs;
    double days, active; /* from first to last row; of rows that are not left out */
};

/* Arrays as long as the series. */
struct alm__bench {
    size_t room;
    double *ratio, *clean, *factor, *level, *scratch;
};
void alm__bench_free(struct alm__bench *b);

/* Take apart resource R of S. RESIDUAL[S->count] becomes the noise, of variance 1, NaN where missing or in a burst (the
 * logarithm when LOGNORMAL). RUNS are appended to. ALM_NOT_YET when there are fewer than 16 values or all are 0. */
int alm__decompose(const struct alm__grid *s, int r, const struct alm__frame *frame, bool lognormal,
                   struct alm__bench *bench, double *residual, struct alm__runs *runs, struct alm__decomposed *out,
                   struct alm_err *e);

#endif
