/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_write: a comparison as text, CSV, Markdown, LaTeX (booktabs) or JSON ("almanac.compare/1").
 *
 * Choice.   Text, Markdown and LaTeX show the same rows, best first, and policies that see the future last and without a rank;
 *           CSV and JSON hold every number. All names are escaped for the form they stand in. */
#ifndef ALM_COMPARE_COMPARISON_WRITE_H
#define ALM_COMPARE_COMPARISON_WRITE_H

#include "experiments/compare/comparison.h"

#include <jansson.h>
#include <stdio.h>

int comparison_text(const struct comparison *c, FILE *out, struct alm_err *e);
int comparison_markdown(const struct comparison *c, FILE *out, struct alm_err *e);
int comparison_latex(const struct comparison *c, FILE *out, struct alm_err *e);
void comparison_csv(const struct comparison *c, FILE *out);
json_t *comparison_json(const struct comparison *c); /* a new reference; NULL when out of memory */

/* One row as people read it. */
struct comparison_shown {
    char rank[24], mean[16], change[32], interval[48], p[16], verdict[64];
};
void comparison_show(const struct comparison *c, const struct comparison_group *g, size_t metric, size_t row,
                     struct comparison_shown *out);

/* Rows of G that have METRIC, best first, oracles last; ORDER[rows]. Returns how many. */
size_t comparison_order(const struct comparison *c, const struct comparison_group *g, size_t metric, size_t *order);

/* "share, lower is better" of a figure; without a unit "lower is better". OUT[80]. Returns OUT. */
char *comparison_unit(const struct compare_figure *f, char *out);

/* "7 traces, 2 seeds averaged; Wilcoxon exact" of the first compared row; OUT[120]. "" when none is. */
char *comparison_basis(const struct comparison *c, const struct comparison_group *g, size_t metric, char *out);

/* One sentence on how it was done, and what was left out; OUT holds SIZE bytes. */
char *comparison_method(const struct comparison *c, char *out, size_t size);

/* Sentences on the values that were searched for, and on who has none; "" when nothing was. OUT holds SIZE bytes; what is too long ends
 * with "...". */
char *comparison_tuned(const struct comparison *c, char *out, size_t size);

#endif
