/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_results: a results file, or a run file, as a source of comparisons.
 *
 * Meaning.  A run file is one cell. Its figures come from its columns of units; where the weight of a quotient is not among
 *           them (slack_day, limit_changes_per_unit_day, oom_free_unit_days_share), every unit weighs the same, so the
 *           figure is the mean over units, not that of the pool. */
#ifndef ALM_COMPARE_COMPARE_RESULTS_H
#define ALM_COMPARE_COMPARE_RESULTS_H

#include "experiments/compare/compare_source.h"

struct compare_file {
    struct compare_source source;
    bool run;                  /* a run file */
    const char *spec_text;     /* of a results file; NULL: none */
    const char *baseline;      /* a policy's name; NULL: none */
    struct compare_cell *cell; /* those of the source */
    void (*close)(void *ctx);
    struct compare_figure *figure;
};

/* Open whatever of the two PATH is. ALM_EDATA when it is missing, of another kind, or contradicts itself. OUT is to be closed, also
 * after a failure; PATH is borrowed. */
int compare_file_open(const char *path, struct compare_file *out, struct alm_err *e);
void compare_file_close(struct compare_file *f); /* twice is fine */

/* Parts of compare_file_open. */
int compare_results_open(const char *path, struct compare_file *out, struct alm_err *e);
int compare_run_open(const char *path, struct compare_file *out, struct alm_err *e);

#endif
