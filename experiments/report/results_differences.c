/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_differences: how far each policy is from the baseline, one panel a metric, one row a policy.
 *
 * Choice.   In per cent of the baseline where every policy has such an interval, else in the metric's unit. Filled: the verdict
 *           is better, worse or different; hollow: inconclusive or the same. */
#include "experiments/report/results_figure.h"

#include "experiments/compare/compare_change.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROW 20.0
#define LEAST 190.0 /* width of a panel */

struct forest {
    size_t *order, rows;   /* without the baseline */
    size_t *metric, count; /* those that have a change */
    size_t columns;
    double names;
};

struct axis {
    bool relative;
    struct results_scale scale;
    double low, high;
};

static struct estimate change_of(const struct compare_statistics *s, const struct axis *a)
{
    struct estimate x = a->relative ? s->relative : s->difference;
    x.value *= a->scale.by;
    x.low = isfinite(x.low) ? x.low * a->scale.by : x.value;
    x.high = isfinite(x.high) ? x.high * a->scale.by : x.value;
    return x;
}

static struct axis axis_of(const struct comparison *c, const struct comparison_group *g, size_t metric)
{
    const struct compare_figure *f = &c->source->figure[c->metric[metric]];
    struct axis a = {.relative = !f->absolute};
    double largest = 0;
    for (size_t i = 0; i < g->rows; i++) {
        const struct compare_statistics *s = &g->row[i].of[metric];
        if (g->row[i].baseline || s->pairs == 0)
            continue;
        a.relative = a.relative && (s->identical || compare_relative(f, s));
        largest = fmax(largest, fmax(fabs(s->difference.low), fabs(s->difference.high)));
    }
    a.scale = a.relative ? (struct results_scale){100, "%"} : results_scale_of(f, largest);
    for (size_t i = 0; i < g->rows; i++) {
        const struct compare_statistics *s = &g->row[i].of[metric];
        if (g->row[i].baseline || s->pairs == 0 || s->identical || !isfinite(s->difference.value))
            continue;
        struct estimate x = change_of(s, &a);
        a.low = fmin(a.low, x.low);
        a.high = fmax(a.high, x.high);
    }
    double width = a.high - a.low;
    a.low -= width > 0 ? 0.06 * width : 1;
    a.high += width > 0 ? 0.06 * width : 1;
    return a;
}

static void write_changes(FILE *out, const struct comparison_group *g, const struct forest *f, size_t metric,
                          const struct axis *a)
{
    static const char *const block[] = {"open", "better", "worse", "different"};
    for (int kind = 0; kind < 4; kind++) {
        fprintf(out, "$%s << EOD\n-1e30 -1 -1e30 -1e30\n", block[kind]);
        for (size_t k = 0; k < f->rows; k++) {
            const struct comparison_row *row = &g->row[f->order[k]];
            const struct compare_statistics *s = &row->of[metric];
            enum verdict v = row->verdict[metric];
            int is = v == VERDICT_BETTER ? 1 : v == VERDICT_WORSE ? 2 : v == VERDICT_DIFFERENT ? 3 : 0;
            if (s->pairs == 0 || is != kind || (!s->identical && !isfinite(s->difference.value)))
                continue;
            struct estimate x = {0};
            if (!s->identical)
                x = change_of(s, a);
            fprintf(out, "%.6g %zu %.6g %.6g\n", x.value, f->rows - k, x.low, x.high);
        }
        fputs("EOD\n", out);
    }
}

static void write_names(const struct results_sheet *s, const struct comparison_group *g, const struct forest *f,
                        struct alm__box box)
{
    double step = (box.top - box.bottom) / ((double)f->rows + 1);
    for (size_t k = 0; k < f->rows; k++) {
        char name[RESULTS_NAME];
        const struct comparison_row *row = &g->row[f->order[k]];
        struct alm__spot at = {box.left - 8, box.bottom + step * (double)(f->rows - k)};
        results_label(s, at, "right", row->oracle ? "'#595959'" : "BLACK", results_name(row, name));
    }
}

static int panel(const struct results_sheet *s, const struct forest *f, size_t k, struct alm__box box,
                 struct alm_err *e)
{
    const struct comparison *c = s->view->of;
    const struct comparison_group *g = &c->group[s->view->group];
    FILE *out = s->script->out;
    size_t metric = f->metric[k];
    struct axis a = axis_of(c, g, metric);
    char text[160];
    results_margins(s, box);
    write_changes(out, g, f, metric, &a);
    if (k % f->columns == 0)
        write_names(s, g, f, box);
    snprintf(text, sizeof text, "%s", c->source->figure[c->metric[metric]].name);
    results_label(s, (struct alm__spot){0.5 * (box.left + box.right), box.top + 10}, "center", "BLACK", text);
    snprintf(text, sizeof text, "%s (%s)", a.relative ? "change" : "difference",
             !a.relative && strcmp(a.scale.unit, "%") == 0 ? "% points" : a.scale.unit);
    alm__script_text(out, "axis_text", text, 80);
    fprintf(out, "set xrange [%.6g:%.6g]\nset yrange [0:%zu]\n", a.low, a.high, f->rows + 1);
    results_tics(out, "x", a.low, a.high, (int)fmax(3, (box.right - box.left) / 42));
    ALM_TRY(alm__script_template(s->script, "results_differences.gp", e));
    fputs("unset label\n", out);
    return ALM_OK;
}

/* Is there a change of a metric that has no better side? */
static bool any_different(const struct comparison_group *g, const struct forest *f)
{
    for (size_t k = 0; k < f->count; k++)
        for (size_t i = 0; i < g->rows; i++)
            if (g->row[i].verdict[f->metric[k]] == VERDICT_DIFFERENT)
                return true;
    return false;
}

static void legend(const struct results_sheet *s, bool different)
{
    const struct {
        const char *text, *look;
        double width;
        bool shown;
    } entry[] = {{"better", "pt 7 lc rgb BLUE", 90, true},
                 {"worse", "pt 7 lc rgb VERMILLION", 84, true},
                 {"different", "pt 7 lc rgb BLACK", 104, different},
                 {"inconclusive or the same", "pt 6 lw 1.4 lc rgb '#595959'", 0, true}};
    double x = 20;
    for (size_t k = 0; k < sizeof entry / sizeof *entry; k++) {
        if (!entry[k].shown)
            continue;
        fprintf(s->script->out, "set label '' at screen %.5f, %.5f point %s ps 1.0*PS\n", x / s->width,
                (s->top - 8) / s->height, entry[k].look);
        results_label(s, (struct alm__spot){x + 10, s->top - 8}, "left", "BLACK", entry[k].text);
        x += entry[k].width;
    }
}

static int draw(struct results_sheet *s, struct forest *f, struct alm_err *e)
{
    const struct comparison_group *g = &s->view->of->group[s->view->group];
    double asked = s->canvas->width > 0 ? s->canvas->width / (s->canvas->paper ? 0.72 : 1) : 1100;
    f->names = results_names_width(g, 0.45 * asked);
    size_t fit = (size_t)fmax(1, (asked - f->names - 12) / LEAST);
    f->columns = f->count < fit ? f->count : fit;
    size_t lines = (f->count + f->columns - 1) / f->columns;
    f->columns = (f->count + lines - 1) / lines;
    double each = ROW * ((double)f->rows + 1) + 104;
    ALM_TRY(
        results_sheet_start(s, 1100, each * (double)lines + (s->canvas->bare || s->canvas->paper ? 36 : 100),
                            "Difference from the baseline",
                            "Mean of paired differences with its 95 % interval; a verdict needs the interval and the "
                            "adjusted test",
                            e));
    ALM_TRY(results_room(s, (double)lines * (RESULTS_PITCH * ((double)f->rows + 1) + 94) + 24 + s->height - s->top, e));
    legend(s, any_different(g, f));
    double width = (s->width - f->names - 14) / (double)f->columns;
    each = (s->top - 24) / (double)lines;
    for (size_t k = 0; k < f->count; k++) {
        double left = f->names + width * (double)(k % f->columns), top = s->top - 24 - each * (double)(k / f->columns);
        struct alm__box box = {left, top - each + 70, left + width - 22, top - 24};
        ALM_TRY(panel(s, f, k, box, e));
    }
    return ALM_OK;
}

int results_differences(struct results_sheet *s, struct alm_err *e)
{
    const struct comparison *c = s->view->of;
    const struct comparison_group *g = &c->group[s->view->group];
    struct forest f = {.order = calloc(g->rows + 1, sizeof *f.order),
                       .metric = calloc(c->metrics + 1, sizeof *f.metric)};
    int code = f.order && f.metric ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu policies", g->rows);
    if (code >= 0) {
        results_order(c, g, f.order);
        for (size_t k = 0; k < g->rows; k++)
            if (!g->row[f.order[k]].baseline)
                f.order[f.rows++] = f.order[k];
        for (size_t k = 0; k < c->metrics; k++)
            if (results_any_change(g, k) &&
                (s->view->resource < 0 || results_resource(c->source->figure[c->metric[k]].name) == s->view->resource))
                f.metric[f.count++] = k;
        code = f.count ? draw(s, &f, e) : alm_fail(e, ALM_EINVAL, "no metric of that resource has a difference");
    }
    free(f.order);
    free(f.metric);
    return code;
}
