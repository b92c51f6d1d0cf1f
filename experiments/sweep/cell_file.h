/* SPDX-License-Identifier: GPL-3.0-or-later
 * cell_file: the file of a cell, as those see it who must know why it is not one. */
#ifndef ALM_SWEEP_CELL_FILE_H
#define ALM_SWEEP_CELL_FILE_H

#include "experiments/sweep/cell.h"

/* As cell_read; STALE says that ALM_NOT_YET is for a sound file of this cell by another version, of which OUT has only the id and the
 * version. */
int cell_file_read(const struct sweep_plan *p, const char *id, struct cell_result *out, bool *stale, struct alm_err *e);

/* How a factor is called in files: "control.interval", or "vpa.predictor.bound" of one that is about policy vpa only. Returns OUT. */
#define CELL_FACTOR 512
char *cell_factor_name(const struct sweep_factor *f, char *out, size_t size);

#endif
