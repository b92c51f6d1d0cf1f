/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_panels: which units of a trace are shown, and their rows thinned to columns of pixels.
 *
 * Meaning.  A measure is a resource or ALM__INVOCATIONS. Of a resource a column keeps the mean of its rows, weighted by
 *           their spans, and the smallest and the largest; of invocations there are counts in bins of a round duration. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_PANELS_H
#define ALMANAC_EXPERIMENTS_FIGURE_PANELS_H

#include "experiments/figure.h"
#include "traces/file/trace_file.h"

#define ALM__INVOCATIONS ALM_RESOURCES
#define ALM__MEASURES (ALM_RESOURCES + 1)
#define ALM__PANEL_COLUMNS ((size_t)480)
#define ALM__PANEL_BINS 160 /* about three pixels each */

struct alm__panel_column {
    double sum, weight, low, high;
    bool broken; /* a gap lies before it */
};

struct alm__panel_unit {
    size_t unit;
    struct alm__panel_column *column[ALM_RESOURCES]; /* NULL: not wanted */
    uint64_t *bin;
};

struct alm__panels {
    struct alm_trace *trace;
    const struct alm_demand *demand;
    const struct alm_invocations *load; /* NULL: none */
    uint32_t measures;                  /* ALM_BIT of those shown */
    size_t units, of;                   /* shown; of how many that have a measure shown */
    bool busiest;                       /* not evenly spread, but those with the most invocations */
    struct alm__panel_unit unit[ALM_FIGURE_UNITS];
    alm_time from, to;
    alm_time bin, bin_start; /* of invocations */
    size_t bins;
};

/* Open FILE; decide what of it is shown (measures, then units, then range). MOST: units, when O does not say.
 * Close P in either case. */
int alm__panels_open(struct alm__panels *p, const char *file, struct alm_err *e);
void alm__panels_close(struct alm__panels *p);
int alm__panels_measures(struct alm__panels *p, const char *resource, struct alm_err *e);
int alm__panels_units(struct alm__panels *p, const struct alm_figure_options *o, size_t most, struct alm_err *e);
int alm__panels_range(struct alm__panels *p, const struct alm_figure_options *o, struct alm_err *e);

/* Read what was decided. */
int alm__panels_read(struct alm__panels *p, struct alm_err *e);

/* "cpu" ... "invocations". */
const char *alm__measure_name(int measure);

#endif
