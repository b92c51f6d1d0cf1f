/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure: pictures of what our files hold, drawn by gnuplot.
 *
 * Meaning.  One run file: a timeline of one unit (demand, envelope, limit, harm); where the run had machines, how densely
 *           they were filled; where it had invocations, their slowdown. Two or more run files: slack against harm, one point
 *           per policy, or the slowdown of each. One trace file: a page of small pictures of what its units ask for.
 * Choice.   A figure is a gnuplot script that carries its own data, so that anybody can restyle it. Everything that
 *           comes from a file is cleaned of control characters and quotes and stands between single quotes, where gnuplot
 *           expands nothing. Long series are thinned to what a column of pixels can show: its first, smallest, largest and last
 *           value.
 * Limits.   SVG and PNG of equal input are equal bytes with one version of gnuplot; PDF carries a date.
 * Source.   Colours: Okabe and Ito (2008), Color Universal Design. Thinning: Jugel et al. (VLDB 2014), M4. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_H
#define ALMANAC_EXPERIMENTS_FIGURE_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>

#define ALM_FIGURE_UNITS 100

struct alm_figure_options {
    const char *output; /* P.svg, P.png or P.pdf; the ending says what to draw */

    /* Ended by NULL. None: of a run the recorded unit with the most harm, else the first; of a trace as many as fit, see
     * `units`. A run shows one unit. */
    const char *unit[ALM_FIGURE_UNITS + 1];
    const char *from, *to; /* NULL: all; "3d" (since the first sample), "86400" (time_s), or "2019-03-05 12:00" (UTC) */
    bool keep_script;

    /* Of runs alone: "timeline", "density", "slowdown" or "policies". NULL: of several runs policies; of one run density
     * when it has machines and no unit is named, slowdown when it has executions alone, else timeline. */
    const char *page;

    /* Of a trace alone. */
    const char *resource; /* the name of one resource, or "invocations"; NULL: cpu, memory and invocations */
    int units;            /* at most so many, evenly spread over the file, or the busiest; 0: as many as fit */
    int width, height;    /* of the page in pixels; 0: a usual one */
};

/* What became of it. */
struct alm_figure_report {
    char script[1024]; /* where the script was left, "" when it was not */
    char shown[256];   /* what the figure shows, one line */
};

/* Draw FILE[FILES] into o->output, which appears whole or not at all.
 * returns ALM_EINVAL for options or files that make no figure, ALM_EDATA for bad files, ALM_EIO when gnuplot or its
 * fonts are missing or fail: then the script is left beside the output (P.gp) and REPORT says where. cost    two passes
 * over the recorded rows of a run; one over the shown units of a trace and two over its invocations; bounded memory. */
int alm_figure_draw(const char *const *file, size_t files, const struct alm_figure_options *o,
                    struct alm_figure_report *report, struct alm_err *e);

#endif
