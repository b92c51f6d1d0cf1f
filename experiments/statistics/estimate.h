/* SPDX-License-Identifier: GPL-3.0-or-later
 * estimate: a figure and the interval that holds it, as all statistics here give them.
 *
 * Meaning.  `low` and `high` bound the estimate at the level that was asked for. NaN: it cannot be told (too few values, or
 *           values that do not vary where they must). */
#ifndef ALM_STATISTICS_ESTIMATE_H
#define ALM_STATISTICS_ESTIMATE_H

struct estimate {
    double value, low, high;
};

#endif
