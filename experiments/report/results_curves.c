/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_curves: slack against harm, CPU and memory side by side, one curve a policy.
 *
 * Meaning.  x: share of the granted that was not used; y: share of time with demand above the limit. Lower left is better.
 * Choice.   On a sheet that is too narrow for two panels there is one: that of the ranking metric. */
#include "experiments/report/results_figure.h"

#include "almanac/resource.h"

#include "experiments/figure_harm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NARROW 640

struct point {
    const struct comparison_row *row;
    size_t family;
    double x, y, left, right, low, high; /* in % */
};

struct cloud {
    int resource;
    struct point *point; /* by family, then by slack */
    size_t points;
    double right; /* x runs from 0 */
    struct alm__harm harm;
    struct alm__box box;
};

static double height_of(const struct cloud *c, double harm)
{
    return alm__harm_at(&c->harm, harm);
}

/* The interval of the row's mean as its difference from the baseline has it. */
static void interval(const struct results_view *v, size_t row, const char *name, double value, double *low,
                     double *high)
{
    const struct comparison *t = v->trade;
    size_t figure = compare_figure_index(t->source, name);
    *low = *high = 100 * value;
    for (size_t k = 0; k < t->metrics; k++) {
        const struct compare_statistics *s = &t->group[v->group].row[row].of[k];
        if (t->metric[k] != figure || s->pairs == 0 || !isfinite(s->difference.low) || !isfinite(s->difference.high))
            continue;
        *low = 100 * fmax(0, value + s->difference.low - s->difference.value);
        *high = 100 * (value + s->difference.high - s->difference.value);
    }
}

static int by_family(const void *a, const void *b)
{
    const struct point *p = a, *q = b;
    if (p->family != q->family)
        return p->family < q->family ? -1 : 1;
    return p->x != q->x ? (p->x < q->x ? -1 : 1) : (p->y > q->y) - (p->y < q->y);
}

static void gather(const struct results_view *v, struct cloud *c)
{
    const struct comparison_group *g = &v->trade->group[v->group];
    const char *name = alm_resource_name((enum alm_resource)c->resource);
    char slack[64], harm[64];
    snprintf(slack, sizeof slack, "%s.slack_relative", name);
    snprintf(harm, sizeof harm, "%s.overrun_time_share", name);
    c->points = 0;
    for (size_t i = 0; i < g->rows; i++) {
        const struct comparison_row *row = &g->row[i];
        if (!results_has_point(row, c->resource))
            continue;
        struct trade_off_point at = row->point[c->resource];
        struct point *p = &c->point[c->points++];
        *p = (struct point){
            .row = row, .family = results_family(g, row->policy), .x = 100 * at.slack, .y = 100 * at.harm};
        interval(v, i, slack, at.slack, &p->left, &p->right);
        interval(v, i, harm, at.harm, &p->low, &p->high);
    }
    qsort(c->point, c->points, sizeof *c->point, by_family);
}

static void scale(struct cloud *c)
{
    double right = 0;
    c->harm = (struct alm__harm){.finest = 1e-4, .stretch = 1.08, .room = 0.2, .limit = 100};
    for (size_t i = 0; i < c->points; i++) {
        const struct point *p = &c->point[i];
        alm__harm_take(&c->harm, p->y, p->high);
        right = fmax(right, p->right);
    }
    alm__harm_close(&c->harm);
    c->right = right > 0 ? fmin(1.08 * right, fmax(right, 100)) : 1;
}

static bool hollow(const struct cloud *c, const struct point *p)
{
    return !p->row->oracle && p->row->dominated[c->resource];
}

static void write_points(FILE *out, const struct cloud *c, size_t families)
{
    static const char *const block[] = {"line", "best", "dominated"};
    for (int k = 0; k < 3; k++) {
        fprintf(out, "$%s << EOD\n", block[k]);
        for (size_t f = 0; f < families; f++) {
            fputs("-1e30 -1e30 -1e30 -1e30 -1e30 -1e30\n\n", out);
            for (size_t i = 0; i < c->points; i++) {
                const struct point *p = &c->point[i];
                if (p->family == f && (k == 0 || hollow(c, p) == (k == 2)))
                    fprintf(out, "%.6g %.6g %.6g %.6g %.6g %.6g\n", p->x, height_of(c, p->y), p->left, p->right,
                            height_of(c, p->low), height_of(c, p->high));
            }
            fputs("\n\n", out);
        }
        fputs("EOD\n", out);
    }
}

static void write_tics(FILE *out, const struct cloud *c)
{
    alm__harm_tics(out, &c->harm);
    fputs("\n", out);
    results_tics(out, "x", 0, c->right, c->box.right - c->box.left > 300 ? 6 : 4);
    fprintf(out, "set xrange [0:%.6g]\nset yrange [0:%.6g]\n", c->right, c->harm.top);
}

static int write_labels(const struct results_sheet *s, const struct cloud *c, struct alm_err *e)
{
    struct alm__label *label = calloc(c->points + 1, sizeof *label);
    char(*text)[RESULTS_NAME] = calloc(c->points + 1, sizeof *text);
    if (!label || !text) {
        free(label);
        free(text);
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu labels", c->points);
    }
    size_t n = 0;
    for (size_t i = 0; i < c->points; i++) {
        const struct point *p = &c->point[i];
        if (!*results_values(p->row, text[i]))
            continue;
        struct alm__label *l = &label[n++];
        *l = (struct alm__label){.text = text[i], .grey = hollow(c, p)};
        l->point.x = c->box.left + p->x / c->right * (c->box.right - c->box.left);
        l->point.y = c->box.bottom + height_of(c, p->y) / c->harm.top * (c->box.top - c->box.bottom);
    }
    alm__labels_place(label, n, c->box);
    for (size_t i = 0; i < n; i++) {
        const struct alm__label *l = &label[i];
        if (l->line)
            fprintf(s->script->out,
                    "set arrow from screen %.5f, %.5f to screen %.5f, %.5f nohead lw 0.5 lc rgb GREY back\n",
                    l->point.x / s->width, l->point.y / s->height, l->anchor.x / s->width, l->anchor.y / s->height);
        struct alm__spot at = {l->box.left, 0.5 * (l->box.bottom + l->box.top)};
        results_label(s, at, "left", l->grey ? "'#595959'" : "BLACK", l->text);
    }
    free(label);
    free(text);
    return ALM_OK;
}

static int panel(const struct results_sheet *s, struct cloud *c, size_t families, struct alm_err *e)
{
    FILE *out = s->script->out;
    scale(c);
    results_margins(s, c->box);
    write_points(out, c, families);
    write_tics(out, c);
    ALM_TRY(write_labels(s, c, e));
    fprintf(out, "set xlabel '%s slack: granted and not used (%%)' offset 0, 0.3\n",
            c->resource == ALM_CPU ? "CPU" : "Memory");
    fprintf(out, "set label 'Time above the limit (%%)' at screen %.5f, %.5f center rotate by 90 front\n",
            (c->box.left - 66) / s->width, 0.5 * (c->box.bottom + c->box.top) / s->height);
    ALM_TRY(alm__script_template(s->script, "results_curves.gp", e));
    fputs("unset label\nunset arrow\n", out);
    return ALM_OK;
}

/* Which resources are shown: returns how many. */
static size_t choose(const struct results_sheet *s, int resource[2])
{
    const struct results_view *v = s->view;
    size_t n = 0;
    for (int r = 0; r < 2; r++) {
        struct results_view one = *v;
        one.resource = r;
        if ((v->resource < 0 || v->resource == r) && results_page_any(&one, RESULTS_CURVES))
            resource[n++] = r;
    }
    if (n < 2 || s->width >= NARROW)
        return n;
    int ranking = results_resource(v->of->source->figure[v->of->metric[0]].name);
    resource[0] = ranking >= 0 ? ranking : ALM_CPU;
    return 1;
}

int results_curves(struct results_sheet *s, struct alm_err *e)
{
    const struct comparison_group *g = &s->view->trade->group[s->view->group];
    int resource[2] = {0, 0};
    size_t families = results_families(g);
    ALM_TRY(
        results_sheet_start(s, 1100, s->canvas->bare ? 480 : 540, "Slack against harm",
                            "Lower left is better; hollow: dominated; bars: 95 % interval of the difference from the "
                            "baseline; numbers: factors",
                            e));
    size_t panels = choose(s, resource);
    struct cloud c = {.point = calloc(g->rows + 1, sizeof *c.point)};
    if (!c.point)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu points", g->rows);
    results_forms(s->script->out, g, families);
    double legend = results_legend(s, g, families), each = s->width / (double)panels;
    int code = results_room(s, 140 + legend + s->height - s->top, e);
    for (size_t k = 0; code >= 0 && k < panels; k++) {
        c.resource = resource[k];
        c.box = (struct alm__box){each * (double)k + 84, 60, each * (double)(k + 1) - 16, s->top - legend};
        gather(s->view, &c);
        code = panel(s, &c, families, e);
    }
    free(c.point);
    return code;
}
