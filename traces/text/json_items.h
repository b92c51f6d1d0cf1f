/* SPDX-License-Identifier: GPL-3.0-or-later
 * json_items: the elements of a large JSON document, one after the other.
 *
 * Meaning.  WHERE is the path of keys to an array ("data.result", "sysstat.hosts.statistics": arrays on the way are
 *           walked through), "" for a top-level array or for lines of JSON, one value a line. Each element is handed out
 *           whole; what lies beside the path is skipped, but for the members asked for by `alm_json_items_beside`.
 * Choice.   YAJL parses the stream, jansson holds one element: memory grows with the largest element, not the file.
 * Limits.   An element of up to ALM_JSON_ELEMENT bytes of text and ALM_JSON_VALUES values, nested up to 64 deep; a string
 *           of up to ALM_JSON_STRING bytes (YAJL starts a string anew with each block). Integers of up to 64 bits;
 *           longer ones become reals, and numbers beyond a double are errors. A key that is given twice counts once,
 *           the last. Text that is not UTF-8 and lone halves of surrogate pairs are errors.
 * Source.   RFC 8259; JSON Lines. */
#ifndef ALM_TRACES_JSON_ITEMS_H
#define ALM_TRACES_JSON_ITEMS_H

#include "almanac/error.h"

#include <jansson.h>
#include <stdint.h>

#define ALM_JSON_ELEMENT ((size_t)64 << 20)
#define ALM_JSON_STRING ((size_t)4 << 20)
#define ALM_JSON_VALUES ((size_t)4 << 20)

struct alm_json_items;

/* Open PATH (packed or not). ALM_EDATA when it cannot be opened. */
int alm_json_items_open(const char *path, const char *where, struct alm_json_items **out, struct alm_err *e);

/* The next element, borrowed until the next call; ALM_END after the last. ALM_EDATA names file, line and what is wrong;
 * a document without the array is an error that says what was found at the top (null is an empty array). An empty file
 * has no elements when the path is "", else it is an error. */
int alm_json_items_next(struct alm_json_items *j, json_t **out, struct alm_err *e);

/* The newest value at a path of keys beside the elements ("sysstat.hosts.nodename", "status") that stands before
 * the newest element in the text, or anywhere after ALM_END or an error: scalars alone; NULL when there was none.
 * Borrowed until the next call of alm_json_items_next. */
const json_t *alm_json_items_beside(const struct alm_json_items *j, const char *where);

uint64_t alm_json_items_line(const struct alm_json_items *j);  /* where the newest element begins, from 1 */
uint64_t alm_json_items_bytes(const struct alm_json_items *j); /* of the file, packed, read so far: for progress */
void alm_json_items_close(struct alm_json_items *j);           /* NULL is fine */

#endif
