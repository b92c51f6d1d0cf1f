/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_overview: what the units of a trace ask for: a page of small pictures on one axis of time.
 *
 * Meaning.  Several measures: one row a unit, CPU, memory and invocations side by side. One measure alone: units side by
 *           side too, so that more fit. A column of pixels shows the mean of its rows as a line and their smallest and
 *           largest as a shade; invocations are counted in bins.
 * Choice.   A measure that no shown unit uses leaves its place to the others. Every picture has its own scale, since
 *           units differ by orders of magnitude; its top is a round number and stands beside it with its unit. Units are
 *           evenly spread over the file, which favours none; for invocations alone they are the busiest, since most
 *           codes of a published trace are hardly ever called. */
#include "experiments/figure_panels.h"
#include "experiments/figure_script.h"

#include "almanac/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pixels. */
#define WIDTH 1200
#define HEAD 88   /* titles */
#define FOOT 72   /* tics and label of the time */
#define NAMES 246 /* left of the rows of several measures */
#define EDGE 36   /* right of the last picture: half a label of the time */
#define SCALE 92  /* left of a picture, for its scale */
#define ROW 66    /* several measures: a row, and what of it is between pictures */
#define ROW_GAP 14
#define CELL 120 /* one measure: a picture with its title */
#define CELL_TITLE 24
#define CELL_GAP 14
#define LETTER 7.6

struct layout {
    int width, height, head;
    size_t columns, rows;
    bool alone; /* one measure */
    int scale;  /* pixels left of a picture, when alone */
};

struct box {
    double left, right, top, bottom; /* pixels from the left and from above */
};

static size_t bits_in(uint32_t mask)
{
    size_t n = 0;
    for (; mask; mask &= mask - 1)
        n++;
    return n;
}

static size_t columns_of(size_t units, int width)
{
    size_t wish = units <= 1 ? 1 : units <= 4 ? 2 : units <= 9 ? 3 : 4;
    if (units > 40)
        wish = 5;
    size_t most = (size_t)width / 230;
    return wish < most || most == 0 ? wish : most;
}

/* How many units fit on the page that was asked for, or on a usual one. */
static size_t units_that_fit(const struct alm_figure_options *o, bool alone)
{
    int width = o->width ? o->width : WIDTH, room = o->height - HEAD - FOOT;
    if (!o->height)
        return alone ? 24 : 12;
    size_t rows = (size_t)(room < (alone ? CELL : ROW) ? 1 : room / (alone ? CELL : ROW));
    size_t across = alone ? (size_t)width / 290 : 1;
    return rows * (across ? across : 1);
}

static struct layout layout_of(const struct alm__panels *p, const struct alm_figure_options *o)
{
    struct layout l = {.width = o->width ? o->width : WIDTH, .alone = bits_in(p->measures) == 1};
    l.columns = l.alone ? columns_of(p->units, l.width) : bits_in(p->measures);
    l.rows = l.alone ? (p->units + l.columns - 1) / l.columns : p->units;
    int row = l.alone ? (l.rows == 1 ? 260 : CELL) : (l.rows == 1 ? 200 : ROW);
    l.scale = p->measures == ALM_BIT(ALM__INVOCATIONS) ? 76 : 116;
    l.head = l.alone ? HEAD - 22 : HEAD;
    l.height = o->height ? o->height : l.head + FOOT + row * (int)l.rows;
    return l;
}

static struct box box_of(const struct layout *l, size_t column, size_t row)
{
    double height = (double)(l->height - l->head - FOOT) / (double)l->rows;
    struct box b = {.top = l->head + (double)row * height};
    b.bottom = b.top + height;
    if (l->alone) {
        double width = (double)(l->width - EDGE) / (double)l->columns;
        b.left = (double)column * width + l->scale;
        b.right = (double)(column + 1) * width;
        b.top += CELL_TITLE;
        b.bottom -= CELL_GAP;
    } else {
        double width = (double)(l->width - NAMES - EDGE + SCALE) / (double)l->columns;
        b.left = NAMES + (double)column * width;
        b.right = b.left + width - SCALE;
        b.bottom -= ROW_GAP;
    }
    return b;
}

/* A round number of few digits times a power of ten that is at least VALUE. */
static double round_up(double value)
{
    double power = pow(10, floor(log10(value)));
    double steps[] = {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] * power >= value * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

static double largest(const struct alm__panels *p, const struct alm__panel_unit *u, int measure)
{
    double max = 0;
    if (measure == ALM__INVOCATIONS) {
        for (size_t i = 0; i < p->bins; i++)
            max = fmax(max, (double)u->bin[i]);
        return max;
    }
    for (size_t i = 0; i < ALM__PANEL_COLUMNS; i++)
        if (u->column[measure][i].weight > 0)
            max = fmax(max, u->column[measure][i].high);
    return max;
}

/* A measure that is nought everywhere is not shown, unless it is the only one. */
static void leave_out_unused(struct alm__panels *p)
{
    for (int m = 0; m < ALM__MEASURES && bits_in(p->measures) > 1; m++) {
        bool used = !(p->measures & ALM_BIT(m));
        for (size_t k = 0; k < p->units && !used; k++)
            used = largest(p, &p->unit[k], m) > 0;
        if (!used)
            p->measures &= ~ALM_BIT(m);
    }
}

/* Is column I, which has rows, apart from those before and after it? */
static bool stands_alone(const struct alm__panel_column *column, size_t i, bool first)
{
    size_t next = i + 1;
    while (next < ALM__PANEL_COLUMNS && !(column[next].weight > 0))
        next++;
    return (first || column[i].broken) && (next == ALM__PANEL_COLUMNS || column[next].broken);
}

static void write_column(FILE *out, const struct alm__panel_column *c, double x, double divisor)
{
    fprintf(out, "%.6g %.5g %.5g %.5g\n", x, c->low / divisor, c->sum / c->weight / divisor, c->high / divisor);
}

/* Lines of "x low mean high", a column between gaps twice, as wide as an interval at least, since a line of one point
 * cannot be seen; of a staircase "x 0 n n". Two empty lines end the data set. */
static void write_data(FILE *out, const struct alm__panels *p, const struct alm__panel_unit *u, int measure,
                       double divisor)
{
    double width = alm_seconds(p->to - p->from) / (double)ALM__PANEL_COLUMNS;
    double half = 0.5 * fmax(width, alm_seconds(p->demand->interval));
    fputs("-1e30 0 0 0\n\n", out);
    if (measure == ALM__INVOCATIONS) {
        for (size_t i = 0; i < p->bins; i++)
            fprintf(out, "%.9g 0 %llu %llu\n", alm_seconds(p->bin_start - p->from + (alm_time)i * p->bin),
                    (unsigned long long)u->bin[i], (unsigned long long)u->bin[i]);
        fprintf(out, "%.9g 0 0 0\n\n\n", alm_seconds(p->bin_start - p->from + (alm_time)p->bins * p->bin));
        return;
    }
    bool any = false;
    for (size_t i = 0; i < ALM__PANEL_COLUMNS; i++) {
        const struct alm__panel_column *c = &u->column[measure][i];
        if (!(c->weight > 0))
            continue;
        if (any && c->broken)
            putc('\n', out);
        bool alone = stands_alone(u->column[measure], i, !any);
        double x = ((double)i + 0.5) * width;
        write_column(out, c, alone ? x - half : x, divisor);
        if (alone)
            write_column(out, c, x + half, divisor);
        any = true;
    }
    fputs("\n\n", out);
}

/* "2.5 cores", "40" at the top of a scale. */
static void scale_text(char *out, size_t size, double top, int measure, struct alm__scale scale)
{
    if (measure == ALM__INVOCATIONS)
        snprintf(out, size, "%g", top);
    else if (measure == ALM_CPU && scale.divisor >= 1 && top <= 1 && top >= 1)
        snprintf(out, size, "1 core");
    else
        snprintf(out, size, "%g %s", top, scale.name);
}

static const char *colours(int measure)
{
    static const char *const words[ALM__MEASURES] = {
        "line = BLUE; shade = SKY; edge = SKY; dense = 0.45",
        "line = GREEN; shade = GREEN; edge = 0x7FCEB9; dense = 0.25",
        "line = VERMILLION; shade = ORANGE; edge = ORANGE; dense = 0.35",
        "line = PURPLE; shade = PURPLE; edge = 0xE5BCD3; dense = 0.3",
        "line = BLUE; shade = SKY; edge = SKY; dense = 0.45",
        "line = BLACK; shade = GREY; edge = GREY; dense = 0.4",
        "line = VERMILLION; shade = ORANGE; dense = 0.6",
    };
    return words[measure];
}

static void heading(char *out, size_t size, const struct alm__panels *p, int measure)
{
    static const char *const words[ALM__MEASURES] = {"CPU",      "Memory", "Bytes read", "Bytes written",
                                                     "Received", "Sent",   "Invocations"};
    char per[ALM_QUANTITY_TEXT];
    if (measure <= ALM_MEMORY)
        snprintf(out, size, "%s", words[measure]);
    else
        snprintf(out, size, "%s per %s", words[measure],
                 alm_print_duration(measure == ALM__INVOCATIONS ? p->bin : p->demand->interval, per));
}

/* One picture: its place, title, colours and scale, then its data. The lowest of a column has the labels of the time. */
static void write_panel(FILE *out, const struct alm__panels *p, const struct layout *l, size_t unit, int measure,
                        size_t place)
{
    struct box b = box_of(l, l->alone ? unit % l->columns : place, l->alone ? unit / l->columns : unit);
    double max = largest(p, &p->unit[unit], measure);
    struct alm__scale scale = measure == ALM__INVOCATIONS ? (struct alm__scale){"", 1} : alm__scale_of(measure, max);
    double top = max > 0 ? round_up(max / scale.divisor) : 1;
    char text[64];
    scale_text(text, sizeof text, top, measure, scale);
    bool last = l->alone ? unit + l->columns >= p->units : unit + 1 == p->units;
    fprintf(out, "set lmargin at screen %.6f\nset rmargin at screen %.6f\n", b.left / l->width, b.right / l->width);
    fprintf(out, "set tmargin at screen %.6f\nset bmargin at screen %.6f\n", 1 - b.top / l->height,
            1 - b.bottom / l->height);
    if (l->alone || place == 0) {
        double x = l->alone ? b.left : 24, y = l->alone ? b.top - 9 : 0.5 * (b.top + b.bottom);
        size_t letters = (size_t)((l->alone ? b.right - b.left : NAMES - SCALE + 20) / LETTER);
        fputs("set label 5 ", out);
        alm__script_quoted(out, p->demand->unit[p->unit[unit].unit].name, letters);
        fprintf(out, " at screen %.6f, %.6f left front\n", x / l->width, 1 - y / l->height);
    }
    fprintf(out, "%s\neval %s\nset yrange [0:%.6g]\nset ytics ('%s' %.6g, '0' 0)\n", colours(measure),
            last ? "x_tics" : "x_bare", top, text, top);
    fputs("$data << EOD\n", out);
    write_data(out, p, &p->unit[unit], measure, scale.divisor);
    fprintf(out, "EOD\neval %s\nunset label\n", measure == ALM__INVOCATIONS ? "stairs" : "band");
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void write_titles(FILE *out, const struct alm__panels *p, const struct layout *l, char *shown, size_t size)
{
    const struct alm_demand *d = p->demand;
    char file[300], line[700], interval[ALM_QUANTITY_TEXT], length[ALM_QUANTITY_TEXT], head[80] = "Demand", name[200];
    if (l->alone)
        for (int m = 0; m < ALM__MEASURES; m++)
            if (p->measures & ALM_BIT(m))
                heading(head, sizeof head, p, m);
    alm__figure_text(file, sizeof file, base_name(alm_trace_path(p->trace)), 60);
    snprintf(line, sizeof line, "%s in %s", head, file);
    alm__script_text(out, "title_text", line, 100);
    if (p->units == 1)
        snprintf(shown, size, "unit %s", alm__figure_text(name, sizeof name, d->unit[p->unit[0].unit].name, 60));
    else if (p->units < p->of && p->busiest)
        snprintf(shown, size, "the %zu busiest of %zu units", p->units, p->of);
    else
        snprintf(shown, size, p->units < p->of ? "%zu of %zu units" : "%zu units", p->units, p->of);
    alm_print_about(p->to - p->from, length);
    alm_print_duration(d->interval, interval);
    int used = snprintf(line, sizeof line, "%.120s; %s", shown, length);
    if (p->measures & ~ALM_BIT(ALM__INVOCATIONS))
        snprintf(line + used, sizeof line - (size_t)used, " at intervals of %s; line: mean, shade: smallest to largest",
                 interval);
    alm__script_text(out, "subtitle_text", line, 160);
}

/* Above each column of pictures its measure, below it the label of the time. */
static void write_headings(FILE *out, const struct alm__panels *p, const struct layout *l)
{
    size_t place = 0;
    for (int m = 0; m < ALM__MEASURES; m++) {
        if (l->alone || !(p->measures & ALM_BIT(m)))
            continue;
        struct box b = box_of(l, place, 0);
        char text[80];
        heading(text, sizeof text, p, m);
        fprintf(out, "%s\nset label %zu '%s' at screen %.6f, %.6f left textcolor rgb line front\n", colours(m),
                10 + place, text, b.left / l->width, 1 - (b.top - 12) / l->height);
        fprintf(out, "set label %zu x_label at screen %.6f, %.6f center front\n", 20 + place,
                0.5 * (b.left + b.right) / l->width, 16.0 / l->height);
        place++;
    }
    if (l->alone)
        fprintf(out, "set label 20 x_label at screen 0.5, %.6f center front\n", 16.0 / l->height);
}

static int write_page(struct alm__panels *p, struct alm__script *s, const struct alm_figure_options *o, char *shown,
                      size_t size, struct alm_err *e)
{
    struct layout l = layout_of(p, o);
    struct box b = box_of(&l, 0, 0);
    ALM_TRY(alm__script_start(s, o->output, l.width, l.height, e));
    write_titles(s->out, p, &l, shown, size);
    fprintf(s->out, "height = %d\n", l.height);
    alm__script_time_axis(s->out, p->from, p->to, (int)fmax(2, (b.right - b.left) / 65));
    ALM_TRY(alm__script_template(s, "overview.gp", e));
    write_headings(s->out, p, &l);
    for (size_t k = 0; k < p->units; k++) {
        size_t place = 0;
        for (int m = 0; m < ALM__MEASURES; m++)
            if (p->measures & ALM_BIT(m))
                write_panel(s->out, p, &l, k, m, place++);
    }
    fputs("unset multiplot\n", s->out);
    return ALM_OK;
}

static int draw_overview(struct alm__panels *p, struct alm__script *s, const struct alm_figure_options *o, char *shown,
                         size_t size, struct alm_err *e)
{
    ALM_TRY(alm__panels_measures(p, o->resource, e));
    ALM_TRY(alm__panels_units(p, o, units_that_fit(o, bits_in(p->measures) == 1), e));
    ALM_TRY(alm__panels_range(p, o, e));
    ALM_TRY(alm__panels_read(p, e));
    leave_out_unused(p);
    return write_page(p, s, o, shown, size, e);
}

int alm__figure_overview(struct alm__script *s, const char *file, const struct alm_figure_options *o, char *shown,
                         size_t size, struct alm_err *e)
{
    struct alm__panels *p = malloc(sizeof *p);
    if (p == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    int code = alm__panels_open(p, file, e);
    if (code >= 0)
        code = draw_overview(p, s, o, shown, size, e);
    alm__panels_close(p);
    free(p);
    return code;
}
