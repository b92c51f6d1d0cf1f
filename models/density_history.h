/* SPDX-License-Identifier: GPL-3.0-or-later
 * density_history: what a conditional density remembers of one series, and the forecast that its errors are of.
 *
 * Meaning.  An entry is a value's logarithm with the context before it, and the error that the forecast made, in units of the spread that
 *           was expected. The forecast is one of two, whichever erred less of late: a fixed one (exponential means over 3 and 36
 *           intervals, mixed with the value a season before), and a regression of the logarithm on such means, the last value and
 *           the one a season before, learned as values come in.
 * Choice.   Entries lie in columns of floats, a ring in which their order does not matter: each knows its slot. The ranges span all that was ever
 *           seen, not what is still remembered: that needs no look at each entry.
 *           A value at its limit is learned as it was seen, here and by the errors of all units, and only the entry is marked: so a mark
 *           never lowers what is predicted.
 *           A regression mostly errs less, but has little to go by in the first hours and after a jump: hence two. */
#ifndef ALM_MODELS_DENSITY_HISTORY_H
#define ALM_MODELS_DENSITY_HISTORY_H

#include "density.h"
#include "error_pool.h"
#include "recursive_regression.h"

#include <math.h>
#include <stdint.h>

/* Exponentially weighted mean. */
struct level {
    double sum, weight;
};

struct span {
    double low, high;
};

struct density {
    uint32_t capacity, season, count, next;
    uint32_t held, pad; /* values at their limit */
    int64_t slot;       /* of the newest entry */
    uint64_t learned;   /* results */
    double resolution;
    double price,
        rate; /* logarithm of the price; the share of misses to aim at, so that there are as many as are wanted */
    double common, missed; /* logarithm of the price that units share, NaN without; share of misses, of the last ones */
    uint64_t results;
    double last;                    /* logarithm of the newest value */
    struct level brief, hours;      /* context: 4 and 36 intervals */
    struct level near, far, square; /* forecast, of values: 3 and 36 intervals; squared errors: 12 */
    struct level long_square;       /* 3 days */
    struct level mean, moment;      /* of values, of their logarithms' squares: 7 days */
    struct level log_mean;
    struct level fixed_error, regression_error; /* without sign: a day */
    struct recursive_regression regression;
    struct span value, error, brief_of; /* of all entries ever */
    struct error_pool others;           /* errors of all units that share a price */
    float column[];                     /* [COLUMNS][capacity] */
};

enum { VALUE, HELD, LAST, BRIEF, HOURS, ERROR, PHASE, SLOT, COLUMNS };

#define HELD_BACK 0.18232F /* log 1.2: demand above a value at its limit */
#define LEAST 12           /* values before the first answer */

static inline const float *density_column(const struct density *d, int k)
{
    return d->column + (size_t)k * d->capacity;
}

/* NaN when nothing was put. */
static inline double level_of(const struct level *l)
{
    return l->weight > 0 ? l->sum / l->weight : NAN;
}

int64_t density_phase(const struct density *d, int64_t slot);

/* Of the logarithm at SLOT. */
struct forecast {
    double at, spread;
};
struct forecast density_forecast(const struct density *d, int64_t slot);

#endif
