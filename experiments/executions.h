/* SPDX-License-Identifier: GPL-3.0-or-later
 * executions: how invocations fared: how long they took and waited, how many were in the system, how many did not make it.
 *
 * Meaning.  Scored are executions that arrived at or after the begin of scoring and ended. Response is finish - arrival and
 *           wait start - arrival, of those done; slowdown is response over what it takes alone. Averages over time run over
 *           the window from the begin of scoring to the end of the run, and count everybody in it, also who arrived before
 *           it, was still there at the end, or gave up later. docs/guides/metrics.md has each figure's formula.
 * Choice.   Sums are of whole nanoseconds, quantiles from integer counts (quantiles.h): no figure depends on the order in
 *           which executions ended. Half-widths do: batch means by order of end (batch_means.h). That of a quantile is
 *           half the distance of the quantiles at p - h and p + h, where h is the half-width of the share of executions up to it.
 *           Nothing grows with the number of executions.
 * Limits.   Classes beyond EXECUTIONS_CLASSES are counted in the total alone. Slowdowns are kept to 1e-6.
 * Source.   Little (1961); Heidelberger and Lewis (1984), "Quantile estimation in dependent sequences", for the
 *           inversion of the share's interval. */
#ifndef ALM_EXPERIMENTS_EXECUTIONS_H
#define ALM_EXPERIMENTS_EXECUTIONS_H

#include "core/loop.h"

#include <jansson.h>

#define EXECUTIONS_CLASSES 16

/* Figure and its name. Seconds end in _s. */
#define EXECUTIONS_FIGURE_LIST(X)                                                                                      \
    X(COUNT, "count")                                                                                                  \
    X(MEAN_RESPONSE, "mean_response_s")                                                                                \
    X(MEAN_WAIT, "mean_wait_s")                                                                                        \
    X(MEAN_IN_SYSTEM, "mean_in_system")                                                                                \
    X(MEAN_BUSY, "mean_busy")                                                                                          \
    X(UTILISATION, "utilisation")                                                                                      \
    X(REFUSED_SHARE, "refused_share")                                                                                  \
    X(TIMEOUT_SHARE, "timeout_share")                                                                                  \
    X(FAILED_SHARE, "failed_share")                                                                                    \
    X(COLD_START_SHARE, "cold_start_share")                                                                            \
    X(P50, "p50_s")                                                                                                    \
    X(P95, "p95_s")                                                                                                    \
    X(P99, "p99_s")                                                                                                    \
    X(MEAN_SLOWDOWN, "mean_slowdown")                                                                                  \
    X(P95_SLOWDOWN, "p95_slowdown")                                                                                    \
    X(P99_SLOWDOWN, "p99_slowdown")                                                                                    \
    X(THROUGHPUT, "throughput_per_s")                                                                                  \
    X(IN_FLIGHT, "in_flight")                                                                                          \
    X(RETRIES, "retries")

enum executions_figure {
#define X(id, name) EXECUTIONS_##id,
    EXECUTIONS_FIGURE_LIST(X)
#undef X
        EXECUTIONS_FIGURES
};

/* NaN: there was nothing to divide by; of a half-width: there is none. */
struct executions_value {
    double value, halfwidth;
};

struct executions_report {
    struct executions_value of[EXECUTIONS_FIGURES];
    uint32_t class;
    size_t batches;  /* 0: too few executions for half-widths */
    bool correlated; /* response times of neighbouring batches are: half-widths are too small */
};

/* The observer of a run of UNITS, scored from BEGIN on, on CORES servers (NaN: not known). */
struct executions;
int executions_new(size_t units, alm_time begin, double cores, struct executions **out, struct alm_err *e);
void executions_free(struct executions *x); /* NULL is fine */
struct alm_observer executions_observer(struct executions *x);

/* The run ended at END, or later if an execution did. Call once, before what follows. */
void executions_finish(struct executions *x, alm_time end);

/* Of all executions, and of class K of executions_classes(), in ascending order; none when there is but one. */
void executions_total(const struct executions *x, struct executions_report *out);
size_t executions_classes(const struct executions *x);
void executions_class(const struct executions *x, size_t k, struct executions_report *out);

/* "mean_response_s"; and whether it is a count. */
const char *executions_name(enum executions_figure f);
bool executions_whole(enum executions_figure f);

/* Figures of one unit, for columns: name and value of the K-th; NULL after the last. */
const char *executions_unit_name(size_t k);
double executions_unit_value(const struct executions *x, size_t unit, size_t k);

/* The metrics object `invocations`: a new reference. */
json_t *executions_json(const struct executions *x);

#endif
