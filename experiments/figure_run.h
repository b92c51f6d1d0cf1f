/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_run: what the figures of runs share: titles, the range of time, and a word of how many rows were kept. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_RUN_H
#define ALMANAC_EXPERIMENTS_FIGURE_RUN_H

#include "experiments/figure_script.h"
#include "experiments/run_file.h"

/* "vpa + envelope on web.h5 [oracle: sees the future]", as title_text. */
void alm__run_title(FILE *out, const struct alm_run *run);

/* [FROM, TO] of what was seen from FIRST to LAST, as told by O; ALM_EINVAL when there is nothing in it. */
int alm__run_choose_range(const struct alm_run *run, const struct alm_figure_options *o, alm_time first, alm_time last,
                          alm_time *from, alm_time *to, struct alm_err *e);

/* The attribute NAME of RUN says that every so-manieth row was kept: 1 when it says nothing. */
int64_t alm__run_every(const struct alm_run *run, const char *name);

/* Fill the script: density of machines over time; slowdown of executions of one run or several; stated confidence against
 * coverage; cost by day of one run or several. */
int alm__figure_density(struct alm__script *s, const char *file, const struct alm_figure_options *o, char *shown,
                        size_t size, struct alm_err *e);
int alm__figure_slowdown(struct alm__script *s, const char *const *file, size_t files,
                         const struct alm_figure_options *o, char *shown, size_t size, struct alm_err *e);
int alm__figure_reliability(struct alm__script *s, const char *file, const struct alm_figure_options *o, char *shown,
                            size_t size, struct alm_err *e);
int alm__figure_convergence(struct alm__script *s, const char *const *file, size_t files,
                            const struct alm_figure_options *o, char *shown, size_t size, struct alm_err *e);

#endif
