/* SPDX-License-Identifier: GPL-3.0-or-later
 * tally: sum, extremes and two percentiles of many values, in two passes and bounded memory.
 *
 * Meaning.  Values are >= 0 or NaN (missing, counted apart). Count all of them, turn, then show the same ones again.
 *           Percentiles are nearest-rank: a value that was shown, which may be the least of those within 2^-20 of the
 *           right one.
 * Choice.   The percentile is found by its bits: values >= 0 are ordered as their bit patterns are. One pass counts the
 *           first 16 bits, a second the next 16 of those that share the right ones, and keeps the least value of each. So
 *           amounts in steps (percent, pages, milliseconds) come out as they are written.
 * Limits.   1.5 MiB a tally.
 * Source.   Radix selection; nearest-rank percentile. */
#ifndef ALMANAC_TRACES_TALLY_H
#define ALMANAC_TRACES_TALLY_H

#include "almanac/error.h"

#include <stddef.h>
#include <stdint.h>

enum { ALM__TALLY_P50, ALM__TALLY_P95, ALM__TALLY_RANKS };

struct alm__tally {
    uint64_t values, missing, zeros;
    double sum, max;
    struct {
        uint64_t *bin;
        uint32_t *least;    /* last 32 bits of the least value of each bin, in the second pass */
        uint64_t rank, top; /* top: the first 16 bits of the percentile */
    } at[ALM__TALLY_RANKS];
};

int alm__tally_open(struct alm__tally *t, struct alm_err *e);
void alm__tally_close(struct alm__tally *t);

void alm__tally_count(struct alm__tally *t, const double *value, size_t n);
void alm__tally_turn(struct alm__tally *t);
void alm__tally_again(struct alm__tally *t, const double *value, size_t n);

/* After the second pass; NaN without values. */
double alm__tally_percentile(const struct alm__tally *t, int which);
double alm__tally_mean(const struct alm__tally *t);

#endif
