/* SPDX-License-Identifier: GPL-3.0-or-later
 * machine_series: how machines fared: how densely they were filled, how busy they were, and for how long somebody wanted
 * more than there was.
 *
 * Meaning.  Out of the machine samples that begin at or after the begin of scoring. Averages weigh a sample with its span;
 *           utilisation of the CPU is CPU time over cores times span, of memory the peak over what there is.
 * Choice.   Sums are of whole numbers, so the order of samples of one stamp changes no digit.
 * Limits.   A machine without a bound of memory has no utilisation of it. Cost: 16 bytes a machine, two histograms. */
#ifndef ALM_EXPERIMENTS_MACHINE_SERIES_H
#define ALM_EXPERIMENTS_MACHINE_SERIES_H

#include "core/loop.h"

#include <jansson.h>

#define MACHINE_FIGURE_LIST(X)                                                                                         \
    X(MACHINES, "machines")                                                                                            \
    X(USED_PEAK, "machines_used_peak")                                                                                 \
    X(UNITS_PLACED_MEAN, "units_placed_mean")                                                                          \
    X(DENSITY, "density")                                                                                              \
    X(CPU_UTILISATION_MEAN, "cpu_utilisation_mean")                                                                    \
    X(CPU_UTILISATION_P95, "cpu_utilisation_p95")                                                                      \
    X(MEMORY_UTILISATION_MEAN, "memory_utilisation_mean")                                                              \
    X(MEMORY_UTILISATION_P95, "memory_utilisation_p95")                                                                \
    X(CONTENDED_SHARE, "contended_share")                                                                              \
    X(MEMORY_SOME_SHARE, "memory_some_share")                                                                          \
    X(IO_SOME_SHARE, "io_some_share")

enum machine_figure {
#define X(id, name) MACHINE_##id,
    MACHINE_FIGURE_LIST(X)
#undef X
        MACHINE_FIGURES
};

/* The observer of COUNT machines (borrowed during the call alone), scored from BEGIN on. */
struct machine_series;
int machine_series_new(const struct alm_machine *machine, size_t count, alm_time begin, struct machine_series **out,
                       struct alm_err *e);
void machine_series_free(struct machine_series *m); /* NULL is fine */
struct alm_observer machine_series_observer(struct machine_series *m);

/* All figures; NaN where nothing was seen. */
void machine_series_figures(const struct machine_series *m, double out[MACHINE_FIGURES]);

/* "density"; and whether it is a count. */
const char *machine_figure_name(enum machine_figure f);
bool machine_figure_whole(enum machine_figure f);

/* Cores of all machines together; NaN without machines. */
double machine_cores(const struct alm_machine *machine, size_t count);

/* The metrics object `machines`: a new reference. */
json_t *machine_series_json(const struct machine_series *m);

#endif
