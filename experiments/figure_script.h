/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_script: the text of a gnuplot script while it is made, and the run of gnuplot over it. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_SCRIPT_H
#define ALMANAC_EXPERIMENTS_FIGURE_SCRIPT_H

#include "almanac/time.h"
#include "experiments/figure.h"

#include <stdint.h>
#include <stdio.h>

/* OUT is a stream into memory. SIZE is meant in pixels of a screen; PNG gets twice as many, PDF 96 an inch. */
struct alm__script {
    FILE *out;
    char *text;
    size_t length;
};

int alm__script_open(struct alm__script *s, struct alm_err *e);
void alm__script_free(struct alm__script *s);

/* The terminal for the ending of OUTPUT, font_title and font_small (SVG counts pixels, the others points), and the
 * common style. */
int alm__script_start(struct alm__script *s, const char *output, int width, int height, struct alm_err *e);

/* Copy template plots/NAME into the script. Looked for in $ALMANAC_PLOTS, beside the installed program
 * (../share/almanac/plots), and in the source tree. */
int alm__script_template(struct alm__script *s, const char *name, struct alm_err *e);

/* Copy TEXT to OUT of SIZE bytes, fit for a figure: valid UTF-8 without control, direction and invisible characters, at
 * most CHARACTERS long ("..." as one character marks a cut). Returns OUT. */
char *alm__figure_text(char *out, size_t size, const char *text, size_t characters);

/* NAME = 'TEXT', and 'TEXT' alone, of at most CHARACTERS. A quote becomes an apostrophe (U+2019): gnuplot 5.4 ends a
 * string that begins with a doubled quote. */
void alm__script_text(FILE *out, const char *name, const char *text, size_t characters);
void alm__script_quoted(FILE *out, const char *text, size_t characters);

/* x_max, x_tics, x_bare (commands for `eval`: tics with and without labels) and x_label for a time axis that is 0 at
 * FROM and counts seconds, with about MOST tics or fewer. */
void alm__script_time_axis(FILE *out, alm_time from, alm_time to, int most);

/* The least round duration (1 s, 2 s, 5 s, ... 1 h, 2 h, ...) that divides RANGE into at most MOST parts. */
alm_time alm__round_step(alm_time range, int most);

/* Times later than 1973-03-03 are taken for calendar times, as the trace file does. */
bool alm__is_calendar(alm_time first);

/* An instant written by a person, see alm_figure_options. FIRST is where plain durations count from in a calendar. */
int alm__parse_instant(const char *text, alm_time first, alm_time *out, struct alm_err *e);

/* A unit for bytes or cores of size LARGEST: its name, and what a value must be divided by. */
struct alm__scale {
    const char *name;
    double divisor;
};
struct alm__scale alm__scale_of(int resource, double largest);

/* Run gnuplot over the script; OUTPUT appears when it succeeds. The script is left as P.gp when it is wanted or when
 * something fails. */
int alm__script_draw(struct alm__script *s, const struct alm_figure_options *o, struct alm_figure_report *report,
                     struct alm_err *e);

/* The figures that all files make, see figure_run.h for more: fill the script. */
int alm__figure_timeline(struct alm__script *s, const char *file, const struct alm_figure_options *o, char *shown,
                         size_t size, struct alm_err *e);
int alm__figure_policies(struct alm__script *s, const char *const *file, size_t files,
                         const struct alm_figure_options *o, char *shown, size_t size, struct alm_err *e);
int alm__figure_overview(struct alm__script *s, const char *file, const struct alm_figure_options *o, char *shown,
                         size_t size, struct alm_err *e);

#endif
