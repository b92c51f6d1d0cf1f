/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_figure: pictures of a results file: slack against harm, differences, regret, traces by policies.
 *
 * Meaning.  curves       slack against harm, one curve a policy with its factors' values as points; hollow: dominated
 *           differences  change of each metric against the baseline, with intervals, one row a policy
 *           regret       slack beyond what the best oracle needs for no more harm, one bar a policy
 *           traces       the ranking metric of each trace under each policy
 *           reliability  the confidence that envelopes stated against the share of windows in which it held
 * Choice.   A picture is of one group: one part of the traces, one value of each factor that concerns the baseline. Bars of a curve's point are the interval of its paired difference from the
 *           baseline, since that is what is compared; the baseline has none. Places are computed in pixels of a screen on which small
 *           text is 12 high; on paper the text is smaller, so there is more room in the same width.
 * Source.   Colours: Okabe and Ito (2008), Color Universal Design. */
#ifndef ALM_REPORT_RESULTS_FIGURE_H
#define ALM_REPORT_RESULTS_FIGURE_H

#include "experiments/compare/comparison.h"
#include "experiments/figure_label.h"
#include "experiments/figure_script.h"

#define RESULTS_NAME 120
#define RESULTS_ROWS 60 /* policies that one picture can show */

enum results_page {
    RESULTS_CURVES,
    RESULTS_DIFFERENCES,
    RESULTS_REGRET,
    RESULTS_TRACES,
    RESULTS_RELIABILITY,
    RESULTS_PAGES
};

/* What is drawn. TRADE is the comparison of the same cells by the four figures of slack and harm: same groups and rows; who is
 * dominated is told within each group. */
struct results_view {
    const struct comparison *of, *trade;
    size_t group; /* of which the rows are; regret is to the oracles of all groups of its part */
    int resource; /* ALM_CPU, ALM_MEMORY alone; -1: what there is */
};

struct results_canvas {
    const char *output;   /* its ending says what to draw */
    double width, height; /* pixels, 96 an inch; 0: what the page needs */
    bool paper;           /* small text, thin lines, fixed size */
    bool bare;            /* no title: a caption has it */
};

/* Make and free the second comparison. ALM_EINVAL, ALM_EDATA, ALM_ENOMEM as of comparison_make. */
int results_trade_make(const struct comparison *of, const struct compare_plan *plan, struct comparison **out,
                       struct alm_err *e);

/* The page called NAME; ALM_EINVAL with the nearest name. */
int results_page_find(const char *name, enum results_page *out, struct alm_err *e);

/* Is there anything on it? */
bool results_page_any(const struct results_view *v, enum results_page page);

/* Draw. ALM_EINVAL when there is nothing to show, or too much; else as alm_figure_draw. */
int results_draw(const struct results_view *v, enum results_page page, const struct results_canvas *canvas,
                 bool keep_script, struct alm_figure_report *report, struct alm_err *e);

/* The group of GROUPS that is shown when nobody said: the first of part "test", else the first. */
size_t results_usual_group(const struct comparison *c);

/* "vpa, allocator.margin=0.1": the row's name without saying twice whose factor it is. OUT[RESULTS_NAME]. Returns OUT. */
char *results_name(const struct comparison_row *row, char *out);

/* The values of its own factors alone, "0.1"; "" when it has none. OUT[RESULTS_NAME]. Returns OUT. */
char *results_values(const struct comparison_row *row, char *out);

/* The resource of figure NAME, as "memory.slack_relative"; -1: of none of the two. */
int results_resource(const char *name);

/* Does any policy of G have a change of metric K against the baseline? */
bool results_any_change(const struct comparison_group *g, size_t k);

/* Rows of G best first by the ranking metric, oracles after the others, those without it last; ORDER[rows]. */
void results_order(const struct comparison *c, const struct comparison_group *g, size_t *order);

/* Has ROW a place in the trade-off of RESOURCE? */
bool results_has_point(const struct comparison_row *row, int resource);

/* The mean of FIGURE over seeds of the row's cells of the trace TRACE; NaN: none. */
double results_trace_mean(const struct comparison *c, const struct comparison_row *row, size_t figure,
                          const char *trace);

/* What a value of FIGURE is multiplied by to be shown, and in which unit: "%", "GiB", "s". */
struct results_scale {
    double by;
    const char *unit;
};
struct results_scale results_scale_of(const struct compare_figure *f, double largest);

/* Parts of results_draw: fill the script with a page. */
struct results_sheet {
    struct alm__script *script;
    const struct results_view *view;
    const struct results_canvas *canvas;
    double width, height; /* of the sheet, in pixels at which small text is 12 high */
    double top;           /* below the titles */
};
int results_sheet_start(struct results_sheet *s, double width, double height, const char *title, const char *subtitle,
                        struct alm_err *e);

/* ALM_EINVAL when the sheet is less than HIGH pixels high, which says how much is needed. */
int results_room(const struct results_sheet *s, double high, struct alm_err *e);

#define RESULTS_PITCH 13.0 /* names closer than that overlap */

int results_curves(struct results_sheet *s, struct alm_err *e);
int results_differences(struct results_sheet *s, struct alm_err *e);
int results_regret(struct results_sheet *s, struct alm_err *e);
int results_traces(struct results_sheet *s, struct alm_err *e);
int results_reliability(struct results_sheet *s, struct alm_err *e);

/* Does a policy of the view state a confidence of RESOURCE? */
bool results_states(const struct results_view *v, int resource);

/* Families: the policies of G, numbered; oracles count too, so that each policy keeps its colour. */
size_t results_family(const struct comparison_group *g, const char *policy);
size_t results_families(const struct comparison_group *g);

/* The arrays COLOUR, FULL and HOLLOW (forms of points) of the families, for templates. */
void results_forms(FILE *out, const struct comparison_group *g, size_t families);

/* The legend in lines from the top; returns how high it is. */
double results_legend(const struct results_sheet *s, const struct comparison_group *g, size_t families);

/* `set lmargin ...` for a panel, in the sheet's pixels, y upward. */
void results_margins(const struct results_sheet *s, struct alm__box box);

/* TEXT at X, Y of the sheet; ALIGN: left, right, center; COLOUR: a variable of style.gp or a literal. */
void results_label(const struct results_sheet *s, struct alm__spot at, const char *align, const char *colour,
                   const char *text);

/* Width of the widest name of ROWS, in pixels, at most MOST. */
double results_names_width(const struct comparison_group *g, double most);

/* "set xtics" with about MOST tics over [low, high]. */
void results_tics(FILE *out, const char *axis, double low, double high, int most);

#endif
