/* SPDX-License-Identifier: GPL-3.0-or-later
 * report: the results of an experiment as one page for people: what was found, how sure it is, and where it comes from.
 *
 * Meaning.  One HTML file that needs nothing else: pictures are inline SVG, the style and the few lines that sort tables are in
 *           the page, and the data stand in it as JSON ("almanac.report/1"). It reads without scripts, on paper, on a narrow screen and in
 *           the dark. Its sentences are made from the comparison alone; a rerun of the same file gives the same bytes.
 * Choice.   All text from files is escaped where it enters; of a picture only known elements pass.
 * Limits.   At most REPORT_GROUPS groups and REPORT_CELLS cells are shown; the page says what it leaves out. */
#ifndef ALM_REPORT_REPORT_H
#define ALM_REPORT_REPORT_H

#include "experiments/report/results_figure.h"

#define REPORT_GROUPS 12
#define REPORT_CELLS 2000

struct report_request {
    const struct comparison *of, *trade;
    const char *spec_text, *version; /* NULL: not known */
    const char *sha256;              /* of the results file; NULL: not known */
    const char *title;               /* NULL: the file's name */
    bool figures;
};

/* Write the page to PATH, whole or not at all. ALM_EIO when gnuplot is missing or the disk is full; ALM_ENOMEM. */
int report_write(const struct report_request *q, const char *path, struct alm_err *e);

/* Parts of report_write. */
struct report_page {
    const struct report_request *request;
    FILE *out;
    int figures; /* so far: ids of pictures are told apart by this number */
};

/* TEXT, harmless in HTML and in attributes. */
void report_text(FILE *out, const char *text);

/* Cells of a table: who a row is about, as its heading; a number, by which it sorts (NaN: a dash). */
void report_row_name(FILE *out, const struct comparison_row *row);
void report_number(FILE *out, double value);

/* The sentences on GROUP. */
int report_findings(struct report_page *p, size_t group, struct alm_err *e);

/* Ranked tables of GROUP, one a metric; slack against harm; cells; failed cells with their reasons. */
int report_ranked(struct report_page *p, size_t group, struct alm_err *e);
void report_trade_off(struct report_page *p, size_t group);
void report_cells(struct report_page *p);
void report_failed(struct report_page *p);

/* How busy machines were under each policy of GROUP; nothing when no cell had machines. */
void report_machines(struct report_page *p, size_t group);

/* The distinct traces of a source: their first cells, and how many units they have. To be freed, also after a failure. */
struct report_traces {
    size_t *first, count;
    uint32_t *units;
};
int report_traces_find(const struct compare_source *s, struct report_traces *out, struct alm_err *e);
void report_traces_free(struct report_traces *t);
void report_provenance(struct report_page *p, const struct report_traces *t);

/* Draw and inline the pictures of GROUP. */
int report_figures(struct report_page *p, size_t group, struct alm_err *e);

/* Copy the picture SVG to OUT: ids begin with PREFIX, its own titles are gone, TITLE is its name. ALM_EDATA when it
 * has an element or attribute that a picture of gnuplot has not. */
int report_svg(FILE *out, const char *svg, const char *prefix, const char *title, struct alm_err *e);

/* The data as JSON that no markup can end. */
int report_json(struct report_page *p, struct alm_err *e);

void report_head(struct report_page *p, const char *title);
void report_script(FILE *out);

#endif
