/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_traces: the ranking metric of each trace under each policy, darker where there is more; of one trace, of its units.
 *
 * Choice.   Lightness alone tells the amount, and the number stands in each field that has room for it. */
#include "experiments/report/results_figure.h"

#include "experiments/compare/safe_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROW 26.0
#define COLUMNS 40

struct heat {
    size_t *order, rows;
    const char *name[COLUMNS]; /* of columns: traces, or units */
    size_t columns, of;        /* shown, of how many */
    double *value;             /* [rows] [columns] */
    double most;
    struct results_scale scale;
    double names;
    bool units;
};

static void find_traces(const struct comparison *c, const struct comparison_group *g, struct heat *h)
{
    for (size_t k = 0; k < g->row[0].pairs; k++) {
        const char *trace = c->source->cell[g->row[0].pair[k].base].trace;
        size_t i = 0;
        while (i < h->columns && strcmp(h->name[i], trace) != 0)
            i++;
        if (i < h->columns || isnan(results_trace_mean(c, &g->row[0], c->metric[0], trace)))
            continue;
        h->of++;
        if (h->columns < COLUMNS)
            h->name[h->columns++] = trace;
    }
}

static int fill_traces(const struct comparison *c, const struct comparison_group *g, struct heat *h, struct alm_err *e)
{
    h->value = calloc(h->rows * h->columns + 1, sizeof *h->value);
    if (!h->value)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu traces", h->columns);
    for (size_t k = 0; k < h->rows; k++)
        for (size_t i = 0; i < h->columns; i++)
            h->value[k * h->columns + i] = results_trace_mean(c, &g->row[h->order[k]], c->metric[0], h->name[i]);
    return ALM_OK;
}

/* Units of the first cell of each row, the first ones. */
static int fill_units(const struct comparison *c, const struct comparison_group *g, struct heat *h, struct alm_err *e)
{
    size_t n = c->source->cell[g->row[0].pair[0].base].units, figure = c->metric[0];
    struct compare_unit *unit = calloc(n + 1, sizeof *unit);
    const char **name = calloc(n + 1, sizeof *name);
    h->of = n;
    h->columns = n < COLUMNS ? n : COLUMNS;
    h->value = calloc(h->rows * h->columns + 1, sizeof *h->value);
    int code = unit && name && h->value ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", n);
    for (size_t k = 0; code >= 0 && k < h->rows; k++) {
        const struct comparison_row *row = &g->row[h->order[k]];
        bool there = row->pairs > 0 && c->source->cell[row->pair[0].value].units == n;
        if (there)
            code = c->source->units(c->source->ctx, row->pair[0].value, &figure, 1, unit, name, e);
        for (size_t i = 0; code >= 0 && i < h->columns; i++) {
            h->value[k * h->columns + i] = there && unit[i].weight > 0 ? unit[i].amount / unit[i].weight : NAN;
            h->name[i] = there ? name[i] : h->name[i];
        }
    }
    free(unit);
    free(name);
    return code;
}

/* From a light blue to a dark one. */
static unsigned colour_of(double share)
{
    static const double light[3] = {240, 246, 252}, dark[3] = {0, 62, 110};
    unsigned colour = 0;
    for (int k = 0; k < 3; k++)
        colour = colour << 8 | (unsigned)lround(light[k] + (dark[k] - light[k]) * fmin(1, fmax(0, share)));
    return colour;
}

/* Whether white is read better on it than black. Source: WCAG 2.1, relative luminance. */
static bool dark(unsigned colour)
{
    static const double weight[3] = {0.0722, 0.7152, 0.2126};
    double luminance = 0;
    for (int k = 0; k < 3; k++, colour >>= 8)
        luminance += weight[k] * pow((double)(colour & 255) / 255, 2.2);
    return luminance < 0.179;
}

static double share_of(const struct heat *h, double value)
{
    return h->most > 0 ? value / h->most : 0;
}

static void write_fields(const struct results_sheet *s, const struct heat *h, struct alm__box box)
{
    FILE *out = s->script->out;
    double wide = (box.right - box.left) / (double)h->columns, high = (box.top - box.bottom) / (double)h->rows;
    fprintf(out, "$field << EOD\n-9 -9 %u\n", 0U);
    for (size_t k = 0; k < h->rows; k++)
        for (size_t i = 0; i < h->columns; i++) {
            double value = h->value[k * h->columns + i];
            if (!isnan(value))
                fprintf(out, "%g %g %u\n", (double)i + 0.5, (double)(h->rows - k) - 0.5, colour_of(share_of(h, value)));
        }
    fputs("EOD\n", out);
    for (size_t k = 0; wide >= 38 && k < h->rows; k++)
        for (size_t i = 0; i < h->columns; i++) {
            char text[32];
            double value = h->value[k * h->columns + i];
            snprintf(text, sizeof text, "%.3g", value * h->scale.by);
            struct alm__spot at = {box.left + wide * ((double)i + 0.5), box.top - high * ((double)k + 0.5)};
            bool white = !isnan(value) && dark(colour_of(share_of(h, value)));
            results_label(s, at, "center", white ? "'white'" : "BLACK", isnan(value) ? "–" : text);
        }
}

/* Names of columns, flat when they fit. Returns how much room they take. */
static double head_room(const struct heat *h, double wide, bool *flat)
{
    size_t letters = 1;
    for (size_t i = 0; i < h->columns; i++) {
        size_t n = safe_width(h->name[i]);
        letters = n > letters ? n : letters;
    }
    *flat = 7.0 * (double)letters + 10 <= wide;
    return *flat ? 24 : fmin(190, 7.0 * (double)letters * 0.64 + 24);
}

static void write_names(const struct results_sheet *s, const struct comparison_group *g, const struct heat *h,
                        struct alm__box box, bool flat)
{
    FILE *out = s->script->out;
    double wide = (box.right - box.left) / (double)h->columns, high = (box.top - box.bottom) / (double)h->rows;
    for (size_t k = 0; k < h->rows; k++) {
        char name[RESULTS_NAME];
        struct alm__spot at = {box.left - 8, box.top - high * ((double)k + 0.5)};
        results_label(s, at, "right", "BLACK", results_name(&g->row[h->order[k]], name));
    }
    for (size_t i = 0; i < h->columns; i++) {
        fputs("set label ", out);
        alm__script_quoted(out, h->name[i], 38);
        fprintf(out, " at screen %.5f, %.5f %s font font_small textcolor rgb BLACK front\n",
                (box.left + wide * ((double)i + (flat ? 0.5 : 0.4))) / s->width, (box.top + 12) / s->height,
                flat ? "center" : "left rotate by 40");
    }
}

static int draw(struct results_sheet *s, struct heat *h, struct alm_err *e)
{
    const struct comparison *c = s->view->of;
    const struct comparison_group *g = &c->group[s->view->group];
    const struct compare_figure *f = &c->source->figure[c->metric[0]];
    double small = s->canvas->paper ? 0.72 : 1, asked = s->canvas->width > 0 ? s->canvas->width / small : 1100;
    bool flat;
    h->names = results_names_width(g, 0.45 * asked);
    double wide = (asked - h->names - 40) / (double)h->columns, head = head_room(h, wide, &flat);
    char title[200], subtitle[200];
    snprintf(title, sizeof title, "%s of each %s", f->name, h->units ? "unit" : "trace");
    snprintf(subtitle, sizeof subtitle, "In %s; darker is more. %zu of %zu %s", h->scale.unit, h->columns, h->of,
             h->units ? "units" : "traces");
    ALM_TRY(results_sheet_start(s, 1100, ROW * (double)h->rows + head + (s->canvas->bare || s->canvas->paper ? 30 : 90),
                                title, subtitle, e));
    ALM_TRY(results_room(s, RESULTS_PITCH * (double)h->rows + head + 12 + s->height - s->top, e));
    double margin = flat ? 14 : 60;
    struct alm__box box = {h->names, 12, s->width - margin, s->top - head};
    results_margins(s, box);
    write_names(s, g, h, box, flat);
    write_fields(s, h, box);
    fprintf(s->script->out, "set xrange [0:%zu]\nset yrange [0:%zu]\n", h->columns, h->rows);
    return alm__script_template(s->script, "results_traces.gp", e);
}

int results_traces(struct results_sheet *s, struct alm_err *e)
{
    const struct comparison *c = s->view->of;
    const struct comparison_group *g = &c->group[s->view->group];
    struct heat h = {.order = calloc(g->rows + 1, sizeof *h.order), .rows = g->rows};
    if (!h.order)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu policies", g->rows);
    results_order(c, g, h.order);
    find_traces(c, g, &h);
    h.units = h.columns == 1 && c->source->figure[c->metric[0]].units;
    int code = h.units ? fill_units(c, g, &h, e) : fill_traces(c, g, &h, e);
    for (size_t k = 0; code >= 0 && k < h.rows * h.columns; k++)
        h.most = isnan(h.value[k]) ? h.most : fmax(h.most, h.value[k]);
    h.scale = results_scale_of(&c->source->figure[c->metric[0]], h.most);
    if (code >= 0 && h.columns)
        code = draw(s, &h, e);
    free(h.order);
    free(h.value);
    return code;
}
