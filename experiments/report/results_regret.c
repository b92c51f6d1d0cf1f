/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_regret: what better foresight could still save: slack beyond the best oracle with no more harm. */
#include "experiments/report/results_figure.h"

#include "almanac/resource.h"

#include <math.h>
#include <stdlib.h>

#define ROW 22.0

struct bars {
    size_t *order, rows; /* without oracles */
    double names;
};

static bool any(const struct comparison_group *g, int resource)
{
    for (size_t i = 0; i < g->rows; i++)
        if (!isnan(g->row[i].regret[resource]))
            return true;
    return false;
}

static int panel(const struct results_sheet *s, const struct bars *b, int resource, bool names, struct alm__box box,
                 struct alm_err *e)
{
    const struct comparison_group *g = &s->view->trade->group[s->view->group];
    FILE *out = s->script->out;
    double most = 0, least = 0, step = (box.top - box.bottom) / ((double)b->rows + 1);
    bool wide = box.right - box.left > 260;
    results_margins(s, box);
    fputs("$bar << EOD\n-1e30 -1\n", out);
    for (size_t k = 0; k < b->rows; k++) {
        double value = 100 * g->row[b->order[k]].regret[resource];
        if (isnan(value))
            continue;
        fprintf(out, "%.6g %zu\n", value, b->rows - k);
        most = fmax(most, value);
        least = fmin(least, value);
    }
    fputs("EOD\n", out);
    double right = most > 0 ? 1.18 * most : 1, left = 1.1 * least;
    for (size_t k = 0; k < b->rows; k++) {
        char text[RESULTS_NAME];
        const struct comparison_row *row = &g->row[b->order[k]];
        double value = 100 * row->regret[resource], y = box.bottom + step * (double)(b->rows - k);
        if (names)
            results_label(s, (struct alm__spot){box.left - 8, y}, "right", "BLACK", results_name(row, text));
        snprintf(text, sizeof text, "%.3g", value);
        double x = isnan(value) ? 0 : fmax(0, value);
        results_label(s, (struct alm__spot){box.left + (x - left) / (right - left) * (box.right - box.left) + 6, y},
                      "left", "'#595959'",
                      isnan(value) ? (wide ? "no oracle with as little harm" : "no oracle") : text);
    }
    results_label(s, (struct alm__spot){0.5 * (box.left + box.right), box.top + 10}, "center", "BLACK",
                  resource == ALM_CPU ? "CPU" : "Memory");
    fprintf(out, "set xrange [%.6g:%.6g]\nset yrange [0:%zu]\n", left, right, b->rows + 1);
    alm__script_text(out, "axis_text", wide ? "regret (percentage points of slack)" : "regret (% points)", 60);
    results_tics(out, "x", left, right, (int)fmax(2, (box.right - box.left) / 70));
    ALM_TRY(alm__script_template(s->script, "results_regret.gp", e));
    fputs("unset label\n", out);
    return ALM_OK;
}

static int draw(struct results_sheet *s, struct bars *b, struct alm_err *e)
{
    const struct comparison_group *g = &s->view->trade->group[s->view->group];
    int resource[2] = {0, 0};
    size_t n = 0;
    for (int r = 0; r < 2; r++)
        if ((s->view->resource < 0 || s->view->resource == r) && any(g, r))
            resource[n++] = r;
    ALM_TRY(
        results_sheet_start(s, 1100, ROW * ((double)b->rows + 1) + (s->canvas->bare || s->canvas->paper ? 100 : 160),
                            "Regret to the oracle",
                            "Slack beyond what the best oracle needs for no more harm, in percentage points of what "
                            "was granted",
                            e));
    ALM_TRY(results_room(s, RESULTS_PITCH * ((double)b->rows + 1) + 80 + s->height - s->top, e));
    b->names = results_names_width(g, 0.45 * s->width);
    double width = (s->width - b->names - 14) / (double)n;
    for (size_t k = 0; k < n; k++) {
        struct alm__box box = {b->names + width * (double)k, 60, b->names + width * (double)(k + 1) - 24, s->top - 20};
        ALM_TRY(panel(s, b, resource[k], k == 0, box, e));
    }
    return ALM_OK;
}

int results_regret(struct results_sheet *s, struct alm_err *e)
{
    const struct comparison_group *g = &s->view->of->group[s->view->group];
    struct bars b = {.order = calloc(g->rows + 1, sizeof *b.order)};
    if (!b.order)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu policies", g->rows);
    results_order(s->view->of, g, b.order);
    for (size_t k = 0; k < g->rows; k++)
        if (!g->row[b.order[k]].oracle)
            b.order[b.rows++] = b.order[k];
    int code = draw(s, &b, e);
    free(b.order);
    return code;
}
