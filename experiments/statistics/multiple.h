/* SPDX-License-Identifier: GPL-3.0-or-later
 * multiple: p values of many tests at once, adjusted.
 *
 * Source.   Holm (1979); Hochberg (1988); Hommel (1988); Benjamini and Hochberg (1995); Benjamini and Yekutieli (2001). As R's
 *           p.adjust. */
#ifndef ALM_STATISTICS_MULTIPLE_H
#define ALM_STATISTICS_MULTIPLE_H

#include "almanac/error.h"

#include <stddef.h>

enum multiple { MULTIPLE_BONFERRONI, MULTIPLE_HOLM, MULTIPLE_HOCHBERG, MULTIPLE_HOMMEL, MULTIPLE_BH, MULTIPLE_BY };

/* P[n] into OUT[n], which may be P. NaN stays NaN and does not count. ALM_ENOMEM. */
int p_adjust(enum multiple how, const double *p, size_t n, double *out, struct alm_err *e);

#endif
