/* SPDX-License-Identifier: GPL-3.0-or-later
 * law_file: laws whose numbers stand in a file. */
#ifndef ALMANAC_TRACES_LAW_FILE_H
#define ALMANAC_TRACES_LAW_FILE_H

#include "almanac/law.h"

/* As alm_law_open, and reads the file of the law empirical. ALM_EDATA says what is wrong with it. */
int alm_law_open_file(const struct alm_law_options *o, enum alm_opt_type type, const char *key,
                      const struct alm_law_options *usual, struct alm_law *out, struct alm_err *e);

/* Numbers >= 0 of one COLUMN (name, or number from 1; "": the first) of the file PATH, in its order: at least one, at
 * most ALM_LAW_NUMBERS. A first row that is no number there is the header. OUT is allocated. */
#define ALM_LAW_NUMBERS ((size_t)1 << 22)
int alm_law_read(const char *path, const char *column, double **out, size_t *count, struct alm_err *e);

#endif
