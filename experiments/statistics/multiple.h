/* SPDX-License-Identifier: GPL-3.0-or-later
 * multiple: p values of many tests at once, adjusted.
 *
 * Meaning.  Rejecting where an adjusted value is at most alpha keeps at alpha: the chance of any false rejection
 *           (Bonferroni and Holm whatever the dependence; Hochberg and Hommel for independent or positively dependent
 *           tests), or the expected share of false ones among the rejected (BH likewise; BY whatever the dependence).
 * Source.   Holm (1979); Hochberg (1988); Hommel (1988), by the algorithm of Wright (1992); Benjamini and Hochberg
 *           (1995); Benjamini and Yekutieli (2001). As R's p.adjust. */
#ifndef ALM_STATISTICS_MULTIPLE_H
#define ALM_STATISTICS_MULTIPLE_H

#include "almanac/error.h"

#include <stddef.h>

enum multiple { MULTIPLE_BONFERRONI, MULTIPLE_HOLM, MULTIPLE_HOCHBERG, MULTIPLE_HOMMEL, MULTIPLE_BH, MULTIPLE_BY };

/* P[n] into OUT[n], which may be P. NaN stays NaN and does not count. ALM_ENOMEM. cost  O(n log n), Hommel O(n^2). */
int p_adjust(enum multiple how, const double *p, size_t n, double *out, struct alm_err *e);

#endif
