/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_change: a change against the baseline as people read it.
 *
 * Choice.   In per cent of the baseline's value, unless that may be 0, or the change is so many times as large that a percentage says
 *           less than the amount, or the figure is one whose change is an amount by nature: 95 % covered instead of 90 % is 5 points
 *           more, and a gap of 1 point instead of -1 is not 200 % more. An amount is in the figure's unit, of a share in
 *           percentage points (pp). */
#ifndef ALM_COMPARE_CHANGE_H
#define ALM_COMPARE_CHANGE_H

#include "experiments/compare/compare_pairs.h"

struct compare_change {
    char change[32], interval[48]; /* "-72.8 %", "[-84.4, -46.3]"; interval "" where there is none */
    bool points;                   /* in percentage points */
};

/* Of statistics that are not identical. Returns OUT. */
struct compare_change *compare_change_of(const struct compare_figure *f, const struct compare_statistics *s,
                                         struct compare_change *out);

/* Has the change of F a place in per cent, however large? */
bool compare_relative(const struct compare_figure *f, const struct compare_statistics *s);

#endif
