/* SPDX-License-Identifier: GPL-3.0-or-later
 * gate_write: what a gate decided, for people and for what runs it.
 *
 * Meaning.  Text; JSON "almanac.check/1"; JUnit XML, a test case for each row, and one for each cell that lacks and each
 *           problem; Markdown, as GitHub shows it as the summary of a job; annotations of GitHub ("::error ..."); and the
 *           list of {name, unit, value, range, extra} that benchmark trackers read.
 * Source.   docs.github.com, "Workflow commands"; github-action-benchmark, "customSmallerIsBetter". */
#ifndef ALM_COMPARE_GATE_WRITE_H
#define ALM_COMPARE_GATE_WRITE_H

#include "experiments/compare/gate.h"

#include <jansson.h>
#include <stdio.h>

void gate_text(const struct gate *g, FILE *out);
void gate_markdown(const struct gate *g, FILE *out);
void gate_junit(const struct gate *g, FILE *out);
void gate_github(const struct gate *g, FILE *out);
json_t *gate_json(const struct gate *g);  /* a new reference; NULL when out of memory */
json_t *gate_bench(const struct gate *g); /* likewise */

#define GATE_SENTENCE 512

/* "0.412 -> 0.409  -0.7 % [-1.9, +0.4]; limit +2 %"; OUT[GATE_SENTENCE]. Returns OUT. */
char *gate_sentence(const struct gate *g, const struct gate_row *row, char *out);

/* "worst: web.h5, seed 7"; "" when no cell is worse. OUT[GATE_SENTENCE]. Returns OUT. */
char *gate_worst(const struct gate *g, const struct gate_row *row, char *out);

/* The command that reproduces it, or "". */
const char *gate_command(const struct gate *g, const struct gate_row *row);

/* "3 passed, 1 failed"; OUT[GATE_SENTENCE]. Returns OUT. */
char *gate_summary(const struct gate *g, char *out);

/* "passed", "failed", "incomplete", "cannot be compared", "identical". */
const char *gate_word(const struct gate *g);

#endif
