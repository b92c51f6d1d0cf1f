/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_columns: the spelling of a results file, for those who write and read it. */
#ifndef ALM_SWEEP_RESULTS_COLUMNS_H
#define ALM_SWEEP_RESULTS_COLUMNS_H

#include "almanac/table.h"

#include "experiments/sweep/results.h"

#define RESULTS_FORMAT "results/1"
#define RESULTS_FACTORS 64

/* Columns of text of /cells, but for factors. */
enum results_text {
    RESULTS_ID,
    RESULTS_TRACE,
    RESULTS_SHA256,
    RESULTS_POLICY,
    RESULTS_PART,
    RESULTS_STATE,
    RESULTS_REASON,
    RESULTS_COMMAND,
    RESULTS_WINDOW, /* files of earlier versions do not have it */
    RESULTS_TEXTS
};
extern const char *const results_texts[RESULTS_TEXTS];

#define RESULTS_PATH 128
char *results_figure_path(const struct results_figure *f, char out[RESULTS_PATH]);

/* Of factor NUMBER: "/cells/factor_NAME", its name made of letters, digits, _ . - only; numbers tell apart what is then alike. */
char *results_factor_path(const char *const *name, size_t number, char out[RESULTS_PATH]);

#endif
