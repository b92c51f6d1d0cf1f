/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec: a YAML map as keys and values of options, each with its place in the file.
 *
 * Meaning.  Nested maps are flattened with '.' (cpu: {base: 1} is cpu.base), lists of plain values are joined with '/',
 *           as on a command line. Values stay text: the table of options says what they are.
 * Choice.   All problems of a file are told, not only the first: each as "FILE:LINE:COLUMN: what", the line, and a
 *           caret.
 * Limits.   Files up to 1 MiB of UTF-8. No tabs, anchors, aliases, tags or explicit keys; one document. */
#ifndef ALMANAC_TRACES_SPEC_H
#define ALMANAC_TRACES_SPEC_H

#include "almanac/error.h"
#include "almanac/option.h"

#include <stddef.h>

struct alm_spec;

/* Who hears of each problem. Without a listener (NULL) the error holds the first problem; with one, their number. */
struct alm_spec_listener {
    void (*hear)(void *ctx, const char *problem);
    void *ctx;
};

/* Read the map in the file PATH. ALM_EDATA when it cannot be read; ALM_EINVAL when it is not YAML or not a map. Other
 * problems (a key given twice) are told at once and fail alm_spec_options, so that one reading shows them all. */
int alm_spec_read(const char *path, const struct alm_spec_listener *listener, struct alm_spec **out, struct alm_err *e);

/* The same from "NAME:key=value,key=value": NAME becomes the value of KEY. */
int alm_spec_inline(const char *text, const char *key, const struct alm_spec_listener *listener, struct alm_spec **out,
                    struct alm_err *e);
void alm_spec_free(struct alm_spec *s); /* NULL is fine */

/* Set KEY from "key=value", replacing what the file says. */
int alm_spec_override(struct alm_spec *s, const char *text, struct alm_err *e);

/* The value of KEY, which alm_spec_options then leaves alone; NULL when it is not there. The text belongs to S. */
const char *alm_spec_take(struct alm_spec *s, const char *key);

/* A problem with the value of KEY that the caller found: put its place before the text of E and return its code. */
int alm_spec_blame(const struct alm_spec *s, const char *key, struct alm_err *e);

/* Set the options OPT of ROWS from all keys that were not taken. WHO names their owner. ALM_EINVAL after all were
 * tried. */
int alm_spec_options(struct alm_spec *s, const struct alm_opt *rows, const char *who, void *opt, struct alm_err *e);

#endif
