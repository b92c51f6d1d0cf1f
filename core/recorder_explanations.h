/* SPDX-License-Identifier: GPL-3.0-or-later
 * recorder_explanations: what the recorder keeps of what predictors say of their state: rows in memory, columns on disk.
 *
 * Choice.   Only runs of a predictor that explains have the columns, so all others are as they always were. */
#ifndef ALM_CORE_RECORDER_EXPLANATIONS_H
#define ALM_CORE_RECORDER_EXPLANATIONS_H

#include "almanac/resource.h"
#include "almanac/table.h"

#include "recorder_rows.h"

#define ALM__EXPLANATION_COLUMNS 3

/* Of a run file; made when the first rows are written. */
struct alm__explanation_columns {
    struct alm_column *column[ALM__EXPLANATION_COLUMNS];
};

int alm__explanations_add(struct alm__rows *rows, uint32_t unit, enum alm_resource r, const char *text,
                          struct alm_err *e);

/* Write ROWS, units counted from BASE; ROWS is empty after. */
int alm__explanations_append(struct alm__explanation_columns *c, struct alm_table *t, struct alm__rows *rows,
                             uint32_t base, struct alm_err *e);
void alm__explanations_free(struct alm__rows *rows);

#endif
