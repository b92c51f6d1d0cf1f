/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_reliability: is the confidence that envelopes state true? One curve a policy, CPU and memory side by side.
 *
 * Meaning.  Above, x: mean stated confidence of a policy's windows; y: share of them whose upper side held. Below, the difference.
 *           Bars: 95 % percentile bootstrap over units, those of all traces together, seeds of one trace added up first.
 * Choice.   Both axes go by decades of what is missed (figure_misses.h), so the diagonal stays straight. Points of different
 *           policies at one confidence are set a few pixels apart.
 * Source.   Murphy and Winkler (1977), reliability diagrams. */
#include "experiments/report/results_figure.h"

#include "almanac/resource.h"

#include "experiments/figure_misses.h"
#include "experiments/statistics/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DRAWS 1000
#define WORK 20000000 /* draws times units; fewer draws where there are very many units */
#define LEAST_DRAWS 200
#define APART 5.0 /* pixels between points at one confidence */

/* Of one unit, or of many: windows, and sums over them. */
struct sums {
    double windows, confidence, covered;
};

struct point {
    size_t family;
    double confidence, covered, low, high;
};

struct diagram {
    const struct comparison *of;
    int resource;
    size_t figure[2]; /* confidence, coverage_gap */
    struct point *point;
    size_t points;
    struct alm__misses x, y;
    double gap_low, gap_high; /* of the strip, in percentage points */
};

static bool find_figures(const struct comparison *c, int resource, size_t figure[2])
{
    static const char *const name[2] = {"confidence", "coverage_gap"};
    for (int k = 0; k < 2; k++) {
        char path[64];
        snprintf(path, sizeof path, "%s.%s", alm_resource_name((enum alm_resource)resource), name[k]);
        figure[k] = compare_figure_index(c->source, path);
        if (figure[k] >= c->source->figures)
            return false;
    }
    return true;
}

static bool row_states(const struct comparison *c, const struct comparison_row *row, const size_t figure[2])
{
    for (size_t k = 0; k < row->pairs; k++)
        if (isfinite(c->source->value(c->source->ctx, row->pair[k].value, figure[0])))
            return true;
    return false;
}

bool results_states(const struct results_view *v, int resource)
{
    const struct comparison_group *g = &v->of->group[v->group];
    size_t figure[2];
    bool any = false;
    for (size_t i = 0; find_figures(v->of, resource, figure) && i < g->rows; i++)
        any = any || row_states(v->of, &g->row[i], figure);
    return any;
}

/* The first pair of ROW on the trace of pair K with as many units: its units are the same. */
static size_t first_alike(const struct comparison *c, const struct comparison_row *row, size_t k)
{
    const struct compare_cell *cell = c->source->cell;
    size_t i = 0;
    while (strcmp(cell[row->pair[i].value].trace, cell[row->pair[k].value].trace) != 0 ||
           cell[row->pair[i].value].units != cell[row->pair[k].value].units)
        i++;
    return i;
}

/* Units of all cells of ROW, one trace after the other: *COUNT of them in *OUT, allocated. */
static int gather_units(const struct diagram *d, const struct comparison_row *row, struct sums **out, size_t *count,
                        struct alm_err *e)
{
    const struct compare_source *s = d->of->source;
    size_t all = 0, most = 0, used = 0;
    for (size_t k = 0; k < row->pairs; k++) {
        const size_t n = s->cell[row->pair[k].value].units;
        all += n;
        most = n > most ? n : most;
    }
    size_t *begin = calloc(row->pairs + 1, sizeof *begin);
    struct sums *sum = calloc(all + 1, sizeof *sum);
    struct compare_unit *unit = calloc(2 * most + 1, sizeof *unit);
    int code = begin && sum && unit ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", all);
    for (size_t k = 0; code >= 0 && k < row->pairs; k++) {
        const size_t cell = row->pair[k].value, n = s->cell[cell].units, alike = first_alike(d->of, row, k);
        begin[k] = alike < k ? begin[alike] : used;
        used += alike < k ? 0 : n;
        code = s->units(s->ctx, cell, d->figure, 2, unit, NULL, e);
        for (size_t u = 0; code >= 0 && u < n; u++) {
            struct sums *x = &sum[begin[k] + u];
            x->windows += unit[u].weight;
            x->confidence += unit[u].amount;
            x->covered += unit[u].amount + unit[n + u].amount;
        }
    }
    free(begin);
    free(unit);
    *out = sum;
    *count = used;
    return code;
}

static double covered_share(void *ctx, const uint32_t *index, size_t n)
{
    const struct sums *sum = ctx;
    double windows = 0, covered = 0;
    for (size_t i = 0; i < n; i++) {
        windows += sum[index[i]].windows;
        covered += sum[index[i]].covered;
    }
    return windows > 0 ? covered / windows : (double)NAN;
}

/* Units without a window are no sample of anything. Returns how many are left. */
static size_t drop_empty(struct sums *sum, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (sum[i].windows > 0)
            sum[kept++] = sum[i];
    return kept;
}

static int measure(struct sums *sum, size_t n, struct point *p, struct alm_err *e)
{
    struct sums all = {0};
    struct bootstrap_result result;
    const size_t draws = n * DRAWS <= WORK ? DRAWS : WORK / n < LEAST_DRAWS ? LEAST_DRAWS : WORK / n;
    for (size_t i = 0; i < n; i++) {
        all.windows += sum[i].windows;
        all.confidence += sum[i].confidence;
        all.covered += sum[i].covered;
    }
    p->confidence = all.confidence / all.windows;
    p->covered = p->low = p->high = fmin(fmax(all.covered / all.windows, 0), 1);
    if (n < 2)
        return ALM_OK;
    const struct bootstrap_statistic s = {covered_share, sum, n};
    const struct bootstrap_plan plan = {.draws = draws, .block = 1, .level = 0.95, .seed = 1};
    ALM_TRY(bootstrap(&s, &plan, &result, e));
    if (isfinite(result.percentile.low) && isfinite(result.percentile.high)) {
        p->low = fmin(fmax(result.percentile.low, 0), p->covered);
        p->high = fmax(fmin(result.percentile.high, 1), p->covered);
    }
    return ALM_OK;
}

static int by_family(const void *a, const void *b)
{
    const struct point *p = a, *q = b;
    if (p->family != q->family)
        return p->family < q->family ? -1 : 1;
    if (p->confidence < q->confidence || p->confidence > q->confidence)
        return p->confidence < q->confidence ? -1 : 1;
    return (p->covered > q->covered) - (p->covered < q->covered);
}

static int gather(const struct results_view *v, struct diagram *d, struct alm_err *e)
{
    const struct comparison_group *g = &v->of->group[v->group];
    d->points = 0;
    for (size_t i = 0; i < g->rows; i++) {
        struct sums *sum = NULL;
        size_t n = 0;
        if (!row_states(v->of, &g->row[i], d->figure))
            continue;
        int code = gather_units(d, &g->row[i], &sum, &n, e);
        n = code >= 0 ? drop_empty(sum, n) : 0;
        if (n > 0) {
            struct point *p = &d->point[d->points++];
            p->family = results_family(g, g->row[i].policy);
            code = measure(sum, n, p, e);
        }
        free(sum);
        ALM_TRY(code);
    }
    qsort(d->point, d->points, sizeof *d->point, by_family);
    return ALM_OK;
}

static void scale(struct diagram *d)
{
    d->x = d->y = (struct alm__misses){0};
    d->gap_low = d->gap_high = 0;
    for (size_t i = 0; i < d->points; i++) {
        const struct point *p = &d->point[i];
        alm__misses_take(&d->x, p->confidence);
        alm__misses_take(&d->y, p->confidence);
        alm__misses_take(&d->y, p->low);
        alm__misses_take(&d->y, p->high);
        d->gap_low = fmin(d->gap_low, 100 * (p->low - p->confidence));
        d->gap_high = fmax(d->gap_high, 100 * (p->high - p->confidence));
    }
    alm__misses_close(&d->x);
    alm__misses_close(&d->y);
    d->y.unit = d->x.unit = fmin(d->x.unit, d->y.unit); /* else the diagonal would bend */
    const double room = fmax(0.12 * (d->gap_high - d->gap_low), 0.05);
    d->gap_low -= room;
    d->gap_high += room;
}

/* Where a point lies on the axis of confidence; those that would cover one another stand side by side, by family. */
static double aside(const struct diagram *d, const struct point *p, double width)
{
    const double pixel = (alm__misses_high(&d->x) - alm__misses_low(&d->x)) / width;
    const double at = alm__misses_at(&d->x, p->confidence);
    double before = 0, others = 0;
    for (size_t i = 0; i < d->points; i++) {
        const struct point *q = &d->point[i];
        if (q->family == p->family || fabs(alm__misses_at(&d->x, q->confidence) - at) >= APART * pixel)
            continue;
        others++;
        before += q->family < p->family;
    }
    return at + APART * pixel * (before - 0.5 * others);
}

/* The lines x, y, low, high of each family; GAP: differences, else shares. */
static void write_points(FILE *out, const struct diagram *d, size_t families, double width, bool gap)
{
    fputs("$line << EOD\n", out);
    for (size_t f = 0; f < families; f++) {
        fputs("-1e30 -1e30 -1e30 -1e30\n\n", out);
        for (size_t i = 0; i < d->points; i++) {
            const struct point *p = &d->point[i];
            const double share[3] = {p->covered, p->low, p->high};
            if (p->family != f)
                continue;
            fprintf(out, "%.6g", aside(d, p, width));
            for (int k = 0; k < 3; k++)
                fprintf(out, " %.6g", gap ? 100 * (share[k] - p->confidence) : alm__misses_at(&d->y, share[k]));
            fputc('\n', out);
        }
        fputs("\n\n", out);
    }
    fputs("EOD\n", out);
}

static void write_guide(FILE *out, const struct diagram *d, bool gap)
{
    const double low = alm__misses_low(&d->x), high = alm__misses_high(&d->x);
    fprintf(out, "$guide << EOD\n%.6g %.6g\n%.6g %.6g\nEOD\n", low, gap ? 0 : low, high, gap ? 0 : high);
}

static void write_side(FILE *out, const struct results_sheet *s, struct alm__box box, const char *text)
{
    fprintf(out, "set label '%s' at screen %.5f, %.5f center rotate by 90 font font_small front\n", text,
            (box.left - 60) / s->width, 0.5 * (box.bottom + box.top) / s->height);
}

static int panel(const struct results_sheet *s, const struct diagram *d, size_t families, struct alm__box box,
                 struct alm_err *e)
{
    FILE *out = s->script->out;
    const double width = box.right - box.left, strip = fmax(70, 0.24 * (box.top - box.bottom));
    struct alm__box above = box, below = box;
    above.bottom = box.bottom + strip + 16;
    below.top = box.bottom + strip;
    results_margins(s, above);
    write_points(out, d, families, width, false);
    write_guide(out, d, false);
    alm__misses_axis(out, &d->x, "x", width, 42, true);
    alm__misses_axis(out, &d->y, "y", above.top - above.bottom, 22, false);
    fputs("unset xlabel\n", out);
    write_side(out, s, above, "Windows in which it held (%)");
    results_label(s, (struct alm__spot){0.5 * (box.left + box.right), box.top + 12}, "center", "BLACK",
                  d->resource == ALM_CPU ? "CPU" : "Memory");
    ALM_TRY(alm__script_template(s->script, "results_reliability.gp", e));
    fputs("unset label\n", out);
    results_margins(s, below);
    write_points(out, d, families, width, true);
    write_guide(out, d, true);
    alm__misses_axis(out, &d->x, "x", width, 42, false);
    fprintf(out, "set yrange [%.6g:%.6g]\n", d->gap_low, d->gap_high);
    results_tics(out, "y", d->gap_low, d->gap_high, 3);
    fputs("set xlabel 'Stated confidence (%)' offset 0, 0.3\n", out);
    write_side(out, s, below, "Difference (points)");
    ALM_TRY(alm__script_template(s->script, "results_reliability.gp", e));
    fputs("unset label\n", out);
    return ALM_OK;
}

static int draw(struct results_sheet *s, struct diagram *d, struct alm_err *e)
{
    const struct comparison_group *g = &s->view->of->group[s->view->group];
    const size_t families = results_families(g);
    int resource[2] = {0, 0};
    size_t n = 0;
    for (int r = 0; r < 2; r++)
        if ((s->view->resource < 0 || s->view->resource == r) && results_states(s->view, r))
            resource[n++] = r;
    ALM_TRY(results_sheet_start(s, 1100, s->canvas->bare ? 560 : 620, "Reliability of stated confidence",
                                "On the dashed line a policy is as good as its word; below it promises too much. Bars: "
                                "95 % interval over units",
                                e));
    if (n == 2 && s->width < 640)
        n = 1;
    results_forms(s->script->out, g, families);
    const double legend = results_legend(s, g, families), each = s->width / (double)n;
    ALM_TRY(results_room(s, 320 + legend + s->height - s->top, e));
    for (size_t k = 0; k < n; k++) {
        const double from = each * (double)k;
        d->resource = resource[k];
        find_figures(d->of, d->resource, d->figure);
        ALM_TRY(gather(s->view, d, e));
        scale(d);
        ALM_TRY(panel(s, d, families, (struct alm__box){from + 84, 60, from + each - 16, s->top - legend - 20}, e));
    }
    return ALM_OK;
}

int results_reliability(struct results_sheet *s, struct alm_err *e)
{
    const size_t rows = s->view->of->group[s->view->group].rows;
    struct diagram d = {.of = s->view->of, .point = calloc(rows + 1, sizeof *d.point)};
    if (!d.point)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu points", rows);
    int code = draw(s, &d, e);
    free(d.point);
    return code;
}
