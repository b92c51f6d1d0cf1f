/* SPDX-License-Identifier: GPL-3.0-or-later
 * arrivals: point processes as groups of options: `arrival: {process: poisson, rate: 2}`.
 *
 * Meaning.  process     parameters                       arrivals
 *           renewal     law and its parameters           gaps are independent draws of the law, in seconds; the first
 *                                                        gap begins at the start
 *           poisson     rate                             a Poisson process, `rate` a second
 *           mmpp        rates, sojourns                  Poisson of rate i while in state i, for an exponential time of
 *                                                        mean sojourns[i] seconds, then state i + 1, after the last the
 *                                                        first; begins stationary: state i with probability
 *                                                        proportional to sojourns[i]
 *           sinusoidal  rate, amplitude, period, peak    Poisson of rate (1 + amplitude cos 2 pi (t - peak) / period)
 *           piecewise   rates, step                      Poisson of rates[i] in step i of length `step`, repeated
 *           counts      counts, counts_column, step      row k of a table: how many arrive in step k, at independent
 *                                                        uniform times; none after the last row
 *           default                                      the one whose parameters are given
 *           Sinusoidal and piecewise rates look at the clock: peak and step 0 count from midnight UTC where times are
 *           calendar times. With a batch law each arrival is one of as many as it says (rounded, at least 1), and rates
 *           are those of batches.
 * Choice.   A factor scales rates and counts (and divides gaps), so that a total can be split over codes; a count that
 *           becomes fractional is rounded up with the probability of its fraction. Whole nanoseconds: equal arrivals are
 *           possible, and a process is at most 1e9 a second. Poisson processes with steps spend one exponential amount
 *           an arrival over them, exactly; sinusoidal ones are thinned.
 * Limits.   Memory: the counts of a file; nothing grows with time.
 * Source.   Lewis, Shedler, Naval Research Logistics 26 (1979): thinning. Fischer, Meier-Hellstern, Performance
 *           Evaluation 18 (1993): MMPP. */
#ifndef ALMANAC_TRACES_ARRIVALS_H
#define ALMANAC_TRACES_ARRIVALS_H

#include "almanac/law.h"
#include "almanac/time.h"

#include <stdbool.h>

#define ALM_ARRIVAL_PROCESSES "default|renewal|poisson|mmpp|sinusoidal|piecewise|counts"

enum alm_arrival_process {
    ALM_ARRIVAL_DEFAULT,
    ALM_ARRIVAL_RENEWAL,
    ALM_ARRIVAL_POISSON,
    ALM_ARRIVAL_MMPP,
    ALM_ARRIVAL_SINUSOIDAL,
    ALM_ARRIVAL_PIECEWISE,
    ALM_ARRIVAL_COUNTS,
    ALM_ARRIVAL_KINDS
};

/* What a specification says; 0 and empty: not given. */
struct alm_arrival_options {
    int process;
    struct alm_law_options gap, batch;
    double rate, amplitude;
    alm_time period, peak, step;
    struct alm_numbers rates, sojourns;
    char counts[ALM_OPT_STRING], counts_column[ALM_OPT_STRING];
};

/* The rows at offset AT of the option struct: keys arrival.* and batch.*. HELP says what default means. */
/* clang-format off */
#define ALM_ARRIVAL_AT(at, member) (at) + offsetof(struct alm_arrival_options, member)
#define ALM_ARRIVAL_ROWS(at, HELP)                                                                                     \
    {"arrival.process", ALM_OPT_CHOICE, ALM_ARRIVAL_AT(at, process), "default", 0, 0, ALM_ARRIVAL_PROCESSES, HELP},    \
    {"arrival.rate", ALM_OPT_REAL, ALM_ARRIVAL_AT(at, rate), "0", 0, 1e9, NULL, "poisson, sinusoidal: a second"},      \
    {"arrival.amplitude", ALM_OPT_FRACTION, ALM_ARRIVAL_AT(at, amplitude), "0", 0, 1, NULL, "sinusoidal: relative"},   \
    {"arrival.period", ALM_OPT_DURATION, ALM_ARRIVAL_AT(at, period), "0", 0, 3.2e18, NULL, "sinusoidal: of a cycle"},  \
    {"arrival.peak", ALM_OPT_DURATION, ALM_ARRIVAL_AT(at, peak), "0", 0, 3.2e18, NULL, "sinusoidal: highest rate at"}, \
    {"arrival.rates", ALM_OPT_NUMBERS, ALM_ARRIVAL_AT(at, rates), "", 0, 1e9, NULL, "mmpp, piecewise: a second"},      \
    {"arrival.sojourns", ALM_OPT_NUMBERS, ALM_ARRIVAL_AT(at, sojourns), "", 1e-6, 1e9, NULL,                           \
     "mmpp: mean seconds in each state"},                                                                              \
    {"arrival.step", ALM_OPT_DURATION, ALM_ARRIVAL_AT(at, step), "0", 0, 31536000e9, NULL, "piecewise, counts: length"}, \
    {"arrival.counts", ALM_OPT_TEXT, ALM_ARRIVAL_AT(at, counts), "", 0, 0, NULL, "counts: a table, one row a step, or a trace"},   \
    {"arrival.counts_column", ALM_OPT_TEXT, ALM_ARRIVAL_AT(at, counts_column), "", 0, 0, NULL,                         \
     "counts: column of the table (first), or unit of the trace (all)"},                                                            \
    ALM_LAW_ROWS("arrival", ALM_ARRIVAL_AT(at, gap), ALM_OPT_REAL, "renewal: of the gaps in seconds"),                 \
    ALM_LAW_ROWS("batch", ALM_ARRIVAL_AT(at, batch), ALM_OPT_REAL, "how many arrive together; default: 1")
/* clang-format on */

/* A process that can be started, any number of times. */
struct alm_arrival_model {
    enum alm_arrival_process process;
    struct alm_law gap, batch;
    double rate, amplitude;
    alm_time period, peak, step;
    struct alm_numbers rates, sojourns;
    double *count; /* owned */
    size_t counts;
};

/* Check and open. USUAL_RATE of a Poisson process stands for nothing given. */
int alm_arrival_open(const struct alm_arrival_options *o, double usual_rate, struct alm_arrival_model *out,
                     struct alm_err *e);
void alm_arrival_close(struct alm_arrival_model *m);

/* One realisation over [start, end). */
struct alm_arrivals {
    const struct alm_arrival_model *model;
    struct alm_stream gap, state, batch;
    double factor;
    alm_time end, now, from, until; /* from, until: of the state or step */
    size_t phase;                   /* state or step */
    uint64_t in_step, in_batch;     /* still to come */
    double place;                   /* counts: of the last arrival in its step, 0 .. 1 */
};

/* SEED, ENTITY and the words "arrival.gap", "arrival.state", "arrival.batch" name its random streams. END - START must
 * not overflow. */
struct alm_arrivals alm_arrivals_start(const struct alm_arrival_model *m, double factor, alm_time start, alm_time end,
                                       uint64_t seed, uint64_t entity);

/* The next arrival, not before the last one; false when there is none. */
bool alm_arrivals_next(struct alm_arrivals *a, alm_time *at);

/* When the trace starts: a date (2024-01-01T00:00:00Z) or a duration from 0. */
int alm_arrival_start(const char *text, alm_time *out, struct alm_err *e);

#endif
