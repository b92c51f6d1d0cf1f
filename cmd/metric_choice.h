/* SPDX-License-Identifier: GPL-3.0-or-later
 * metric_choice: which metrics are compared, and how much change of each is let pass.
 *
 * Meaning.  Those that were named on the command line; else those of the experiment's specification; else a few that most
 *           experiments have. A name without a resource is that of cpu, where there is one; `slack`, `overrun` and `footprint` are short
 *           for slack_relative, overrun_time_share and footprint_hours. Tolerances on the command line go before those of the
 *           specification. */
#ifndef ALMANAC_CMD_METRIC_CHOICE_H
#define ALMANAC_CMD_METRIC_CHOICE_H

#include "experiments/compare/compare_results.h"

#define METRIC_CHOICE_MOST 64

struct metric_choice {
    const struct compare_source *source;
    size_t metric[METRIC_CHOICE_MOST], count;
    struct compare_tolerance tolerance[METRIC_CHOICE_MOST]; /* NaN: none */
    bool limited[METRIC_CHOICE_MOST];                       /* the command line has a tolerance for it */
    bool wanted[METRIC_CHOICE_MOST];                        /* somebody named it */
};

/* NAMES: "A,B" of the command line; LIMITS: "A=2%,B=0,1%" where a value alone is the default; DEFAULT: of those that have no other;
 * each may be NULL. Metrics of LIMITS are added to those of the specification. ALM_EINVAL with the nearest name. */
struct metric_wishes {
    const char *names, *limits, *def;
};
int metric_choice_make(const struct compare_file *file, const struct metric_wishes *w, struct metric_choice *out,
                       struct alm_err *e);

#endif
