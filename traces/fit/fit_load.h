/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_load: what the invocations in a trace are like: when they come, how popular codes are, what they need.
 *
 * Meaning.  A code is a unit. Work is the field work, or duration where the trace has none. Gaps between the invocations of
 *           a code are over its mean gap, for codes with at least ten gaps.
 *           dispersion   index of dispersion: variance over mean of the counts of all codes in ten seconds, a minute or
 *                        an hour; 1 for a Poisson process
 *           zipf         exponent s of popularity ~ rank^-s, by maximum likelihood
 *           day          share of invocations in each hour of the day, times 24
 * Choice.   Distributions and slopes come from at most 65536 invocations, evenly spread. At most twelve inputs, the
 *           first that are given in half of the invocations.
 * Source.   Cox and Lewis (1966): dispersion. Clauset, Shalizi, Newman (2009): likelihood of a Zipf law. */
#ifndef ALM_FIT_LOAD_H
#define ALM_FIT_LOAD_H

#include "fit_features.h"

#define ALM__LOAD_INPUTS 12
enum {
    ALM__LOAD_WORK,
    ALM__LOAD_MEMORY,
    ALM__LOAD_READ,
    ALM__LOAD_WRITE,
    ALM__LOAD_RX,
    ALM__LOAD_TX,
    ALM__LOAD_AMOUNTS
};
#define ALM__LOAD_GAP ALM__LOAD_AMOUNTS
#define ALM__LOAD_COLUMNS (ALM__LOAD_AMOUNTS + 1 + ALM__LOAD_INPUTS) /* amounts, gap, inputs */

/* An input that is kept: its place among those of the trace, and a copy of what is known of it. */
struct alm__load_input {
    size_t index, words;
    struct alm_input declared;
    char (*word)[ALM_INPUT_NAME]; /* of a category; owned */
};

struct alm_load {
    uint64_t count;
    size_t units, codes; /* codes that were invoked */
    alm_time start, span;
    bool calendar, work_is_duration;
    double rate, zipf, gap_cv, together; /* together: share of invocations at the very time of the one before */
    double tens, minute, hour;           /* dispersion */
    double day[ALM__FEATURE_HOURS];
    double mean[ALM__LOAD_AMOUNTS], between[ALM__LOAD_AMOUNTS]; /* sd of logarithms of code means */
    size_t inputs;
    struct alm__load_input input[ALM__LOAD_INPUTS];
    size_t rows; /* of the sample */
    double *column[ALM__LOAD_COLUMNS];
    uint32_t *unit;
    double *code_mean[ALM__LOAD_AMOUNTS]; /* of each unit; NaN without */
};

/* Measure the invocations of T. ALM_EDATA when there are fewer than two. One pass; memory: per unit 150 bytes, four bytes a
 * minute of the trace, and the sample. */
int alm_load_read(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_load *out,
                  struct alm_err *e);
void alm_load_free(struct alm_load *l);

/* The values of a column as an ascending sample, over the code's mean when RELATIVE; the caller frees it. */
int alm__load_sample(const struct alm_load *l, size_t column, bool relative, struct alm__sample *out,
                     struct alm_err *e);

/* Least squares of log(amount) on log(input) over the sample: slope, intercept, R^2 and sd of what is left. ALM_NOT_YET when
 * there are fewer than 30 pairs above 0, or no variance. */
struct alm__log_slope {
    double slope, intercept, r2, sd;
};
int alm__load_slope(const struct alm_load *l, size_t amount, size_t input, struct alm__log_slope *out);

/* The same for a category with at most MOST words: how the logarithm of the amount differs between words. LEVEL[k]: mean
 * amount of word k over the mean of all, 0 where it does not occur; the sd is that within words. ALM_NOT_YET likewise. */
int alm__load_levels(const struct alm_load *l, size_t amount, size_t input, size_t most, double *level,
                     struct alm__log_slope *out);

#endif
