/* SPDX-License-Identifier: GPL-3.0-or-later
 * json_inputs: input parameters out of JSON documents of any shape.
 *
 * Meaning.  Nested keys are joined by '.', elements of arrays by their number: {"size": {"w": 3}} is size.w. Numbers and
 *           truth values are numeric inputs; strings are categories; null is missing. A key that holds numbers here and
 *           strings there is two inputs, KEY and KEY_text. A number inside a string is one more input, KEY_number: the
 *           last run of digits before the extension, times 1e3, 1e6, 1e9 where k, m, g or kb, mb, gb follow:
 *           img072k.jpeg is 72000, gen02_n6016.json 6016, clip_360p_2mb.mp4 2000000.
 * Choice.   All documents are shown once before the first invocation, since inputs are declared before.
 * Limits.   ALM_INPUTS inputs, names of ALM_INPUT_NAME - 1 bytes, 16 levels. What cannot stand in a name becomes '_'. */
#ifndef ALM_TRACES_JSON_INPUTS_H
#define ALM_TRACES_JSON_INPUTS_H

#include "almanac/trace.h"

#include <jansson.h>

struct alm_json_inputs;

int alm_json_inputs_open(struct alm_trace_sink *sink, struct alm_json_inputs **out, struct alm_err *e);
void alm_json_inputs_close(struct alm_json_inputs *j); /* NULL is fine */

/* First pass: see which inputs DOCUMENT has. ALM_EDATA beyond the limits; the text has no file in it. */
int alm_json_inputs_learn(struct alm_json_inputs *j, const json_t *document, struct alm_err *e);

/* Between the passes: declare all that was seen. */
int alm_json_inputs_declare(struct alm_json_inputs *j, struct alm_err *e);

/* Second pass: the values of DOCUMENT, which was learned, by number of the input; valid until the next call. NULL when
 * there are no inputs at all. */
int alm_json_inputs_values(struct alm_json_inputs *j, const json_t *document, const double **out, struct alm_err *e);

/* The number inside a string; NaN when there is none. */
double alm_hidden_number(const char *text, size_t size);

#endif
