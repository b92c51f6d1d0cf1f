/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_job: a results file compared as it is for figures and reports: by the metrics that were asked for, and by the
 * four figures of slack and harm. */
#ifndef ALMANAC_CMD_RESULTS_JOB_H
#define ALMANAC_CMD_RESULTS_JOB_H

#include "cmd/metric_choice.h"
#include "experiments/report/results_figure.h"

#include <stdint.h>

struct results_wishes {
    const char *file, *baseline, *metrics; /* NULL: those of the specification */
    int64_t draws, seed;                   /* 0 draws: the usual number */
};

struct results_job {
    struct compare_file file;
    struct comparison *of, *trade;
};

/* OUT is to be closed, also after a failure. ALM_EINVAL when FILE is no results file; else as of compare_file_open, metric_choice_make
 * and comparison_make. */
int results_job_open(const struct results_wishes *w, struct results_job *out, struct alm_err *e);
void results_job_close(struct results_job *j);

/* Is PATH a results file? False also when it cannot be opened: whoever opens it next will say why. */
bool results_job_is(const char *path);

#endif
