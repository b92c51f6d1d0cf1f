/* SPDX-License-Identifier: GPL-3.0-or-later
 * printable: text of others made fit to be stored and shown. */
#ifndef ALM_TRACES_PRINTABLE_H
#define ALM_TRACES_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/* Copy SIZE bytes at TEXT into OUT[ROOM], ended by NUL, with each byte that is no part of printable UTF-8 as \xHH;
 * *REPAIRED says whether there was one. Returns the length, or ROOM when it does not fit. */
size_t alm_printable(const char *text, size_t size, char *out, size_t room, bool *repaired);

#endif
