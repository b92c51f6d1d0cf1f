/* SPDX-License-Identifier: GPL-3.0-or-later
 * names: words to small numbers, in order of appearance.
 *
 * Meaning.  For joins (a machine's id to its row in another table), units by name, and values of categories.
 * Limits.   2^32 - 2 words; memory: the words and about 24 bytes each. */
#ifndef ALM_TRACES_NAMES_H
#define ALM_TRACES_NAMES_H

#include "almanac/error.h"

#include <stddef.h>
#include <stdint.h>

#define ALM_NO_NAME UINT32_MAX

struct alm_names;

int alm_names_open(struct alm_names **out, struct alm_err *e);
void alm_names_close(struct alm_names *n); /* NULL is fine */

/* The number of the word [AT, AT + SIZE), added when new; numbers count from 0 without holes. */
int alm_names_add(struct alm_names *n, const char *at, size_t size, uint32_t *out, struct alm_err *e);

/* The number of a word, or ALM_NO_NAME. */
uint32_t alm_names_find(const struct alm_names *n, const char *at, size_t size);

uint32_t alm_names_count(const struct alm_names *n);
const char *alm_names_text(const struct alm_names *n, uint32_t number,
                           size_t *size); /* ended by NUL; SIZE may be NULL */

#endif
