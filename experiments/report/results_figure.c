/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_figure: which page, on which sheet. See the header. */
#include "experiments/report/results_figure.h"

#include "almanac/option.h"
#include "almanac/resource.h"

#include "experiments/compare/comparison_write.h"
#include "experiments/compare/safe_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAPER 0.72 /* 9 pixels of 96 an inch: 6.5 points */

static const char *const pages[] = {"curves", "differences", "regret", "traces", "reliability", NULL};

int results_page_find(const char *name, enum results_page *out, struct alm_err *e)
{
    for (size_t k = 0; pages[k]; k++)
        if (strcmp(name, pages[k]) == 0) {
            *out = (enum results_page)k;
            return ALM_OK;
        }
    const char *near = alm_nearest(name, pages);
    return alm_fail(e, ALM_EINVAL,
                    "page \"%.40s\"%s%s%s: a results file has curves, differences, regret, traces and reliability",
                    name, near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

/* A page shows one group, so who is dominated is told within it. */
static int dominate(struct comparison_group *g, int resource, struct alm_err *e)
{
    struct trade_off_point *point = calloc(g->rows + 1, sizeof *point);
    size_t *row = calloc(g->rows + 1, sizeof *row), n = 0;
    bool *dominated = calloc(g->rows + 1, sizeof *dominated);
    for (size_t i = 0; point && row && i < g->rows; i++) {
        if (g->row[i].oracle || !results_has_point(&g->row[i], resource))
            continue;
        point[n] = g->row[i].point[resource];
        row[n++] = i;
    }
    int code = point && row && dominated ? trade_off_dominated(point, n, dominated, e)
                                         : alm_fail(e, ALM_ENOMEM, "out of memory for %zu policies", g->rows);
    for (size_t k = 0; code >= 0 && k < n; k++)
        g->row[row[k]].dominated[resource] = dominated[k];
    free(point);
    free(row);
    free(dominated);
    return code;
}

int results_trade_make(const struct comparison *of, const struct compare_plan *plan, struct comparison **out,
                       struct alm_err *e)
{
    static const char *const name[] = {"cpu.slack_relative", "cpu.overrun_time_share", "memory.slack_relative",
                                       "memory.overrun_time_share"};
    size_t metric[4], count = 0;
    for (size_t k = 0; k < 4; k++) {
        size_t at = compare_figure_index(of->source, name[k]);
        if (at < of->source->figures)
            metric[count++] = at;
    }
    if (count == 0)
        return alm_fail(e, ALM_EDATA, "%s has neither slack_relative nor overrun_time_share", of->source->path);
    struct comparison_request r = {.baseline = of->baseline, .metric = metric, .metrics = count, .plan = *plan};
    struct comparison *c;
    ALM_TRY(comparison_make(of->source, &r, &c, e));
    int code = ALM_OK;
    for (size_t k = 0; code >= 0 && k < 2 * c->groups; k++)
        code = dominate(&c->group[k / 2], (int)(k % 2), e);
    if (code >= 0)
        *out = c;
    else
        comparison_free(c);
    return code;
}

size_t results_usual_group(const struct comparison *c)
{
    for (size_t k = 0; k < c->groups; k++)
        if (strcmp(c->group[k].part, "test") == 0)
            return k;
    return 0;
}

int results_resource(const char *name)
{
    for (int r = 0; r < 2; r++) {
        const char *word = alm_resource_name((enum alm_resource)r);
        if (strncmp(name, word, strlen(word)) == 0 && name[strlen(word)] == '.')
            return r;
    }
    return -1;
}

bool results_has_point(const struct comparison_row *row, int resource)
{
    return !isnan(row->point[resource].slack) && !isnan(row->point[resource].harm);
}

bool results_any_change(const struct comparison_group *g, size_t k)
{
    for (size_t i = 0; i < g->rows; i++)
        if (!g->row[i].baseline && g->row[i].of[k].pairs > 0 && isfinite(g->row[i].of[k].difference.value))
            return true;
    return false;
}

bool results_page_any(const struct results_view *v, enum results_page page)
{
    const struct comparison_group *g = &v->of->group[v->group];
    bool any = page == RESULTS_TRACES && g->rows > 1 && g->row[0].of[0].pairs > 0;
    for (size_t k = 0; page == RESULTS_DIFFERENCES && k < v->of->metrics; k++)
        any = any || results_any_change(g, k);
    for (size_t i = 0; i < g->rows; i++)
        for (int r = 0; r < 2; r++) {
            if (v->resource >= 0 && v->resource != r)
                continue;
            any = any || (page == RESULTS_CURVES && results_has_point(&g->row[i], r));
            any = any || (page == RESULTS_REGRET && !isnan(g->row[i].regret[r]));
        }
    for (int r = 0; page == RESULTS_RELIABILITY && r < 2; r++)
        any = any || ((v->resource < 0 || v->resource == r) && results_states(v, r));
    return any;
}

void results_order(const struct comparison *c, const struct comparison_group *g, size_t *order)
{
    size_t n = comparison_order(c, g, 0, order);
    for (size_t i = 0; i < g->rows; i++) {
        size_t k = 0;
        while (k < n && order[k] != i)
            k++;
        if (k == n)
            order[n++] = i;
    }
}

double results_names_width(const struct comparison_group *g, double most)
{
    size_t letters = 8;
    for (size_t i = 0; i < g->rows; i++) {
        char name[RESULTS_NAME];
        size_t n = safe_width(results_name(&g->row[i], name));
        letters = n > letters ? n : letters;
    }
    return fmin(most, 7.0 * (double)letters + 22);
}

/* ", POLICY.path=" becomes ", path=". */
char *results_name(const struct comparison_row *row, char *out)
{
    size_t at = 0, own = strlen(row->policy);
    for (const char *c = row->name; *c && at + 1 < RESULTS_NAME;) {
        bool repeated =
            c > row->name + 1 && c[-1] == ' ' && c[-2] == ',' && strncmp(c, row->policy, own) == 0 && c[own] == '.';
        c += repeated ? own + 1 : 0;
        out[at++] = *c++;
    }
    out[at] = '\0';
    return out;
}

char *results_values(const struct comparison_row *row, char *out)
{
    const char *c = row->name + strlen(row->policy);
    size_t at = 0;
    bool value = false;
    for (; *c && at + 2 < RESULTS_NAME; c++) {
        if (strncmp(c, ", ", 2) == 0)
            value = false;
        if (value)
            out[at++] = *c;
        if (*c == '=' && !value) {
            value = true;
            if (at)
                out[at++] = '/';
        }
    }
    out[at] = '\0';
    return out;
}

double results_trace_mean(const struct comparison *c, const struct comparison_row *row, size_t figure,
                          const char *trace)
{
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < row->pairs; k++) {
        size_t cell = row->pair[k].value;
        double value = c->source->value(c->source->ctx, cell, figure);
        if (strcmp(c->source->cell[cell].trace, trace) != 0 || isnan(value))
            continue;
        sum += value;
        n++;
    }
    return n ? sum / (double)n : NAN;
}

struct results_scale results_scale_of(const struct compare_figure *f, double largest)
{
    if (strcmp(f->unit, "share") == 0)
        return (struct results_scale){100, "%"};
    if (strcmp(f->unit, "bytes") == 0) {
        struct alm__scale s = alm__scale_of(ALM_MEMORY, largest);
        return (struct results_scale){1 / s.divisor, s.name};
    }
    return (struct results_scale){1, strcmp(f->unit, "1") == 0 ? "count" : f->unit};
}

/* On paper, what alm__script_start said is said again in small. */
static void paper(FILE *out, const struct results_canvas *c)
{
    const char *ending = strrchr(c->output, '.');
    const char *look = "background rgb 'white' noenhanced";
    if (strcmp(ending, ".svg") == 0)
        fprintf(out, "set terminal svg size %.0f,%.0f fixed font 'DejaVu Sans,13' fontscale %g linewidth %g %s\n",
                c->width, c->height, PAPER, PAPER, look);
    else if (strcmp(ending, ".png") == 0)
        fprintf(
            out,
            "set terminal pngcairo size %.0f,%.0f font 'DejaVu Sans,10' fontscale %g linewidth %g pointscale %g %s\n",
            c->width * 300 / 96, c->height * 300 / 96, PAPER * 300 / 96, PAPER * 300 / 96, PAPER * 300 / 96, look);
    else
        fprintf(
            out,
            "set terminal pdfcairo size %.5fin,%.5fin font 'DejaVu Sans,10' fontscale %g linewidth %g pointscale %g "
            "%s\n",
            c->width / 96, c->height / 96, PAPER, PAPER, PAPER, look);
    fprintf(out, "PS = %g\n", strcmp(ending, ".svg") == 0 ? PAPER : 1.0);
}

int results_sheet_start(struct results_sheet *s, double width, double height, const char *title, const char *subtitle,
                        struct alm_err *e)
{
    struct results_canvas c = *s->canvas;
    double small = c.paper ? PAPER : 1;
    FILE *out = s->script->out;
    c.width = c.width > 0 ? c.width : width * small;
    c.height = c.height > 0 ? c.height : height * small;
    s->width = c.width / small;
    s->height = c.height / small;
    ALM_TRY(alm__script_start(s->script, c.output, (int)lround(c.width), (int)lround(c.height), e));
    fputs("PS = 1.0\n", out);
    if (c.paper)
        paper(out, &c);
    fputs("set multiplot\n", out);
    s->top = s->height - 12;
    if (c.bare || c.paper)
        return ALM_OK;
    s->top = s->height - 72;
    alm__script_text(out, "title_text", title, 110);
    alm__script_text(out, "subtitle_text", subtitle, 150);
    fprintf(out, "set label 901 title_text at screen %.5f, %.5f left font font_title front\n", 16 / s->width,
            1 - 26 / s->height);
    fprintf(out, "set label 902 subtitle_text at screen %.5f, %.5f left textcolor rgb '#555555' front\n", 16 / s->width,
            1 - 52 / s->height);
    return ALM_OK;
}

int results_room(const struct results_sheet *s, double high, struct alm_err *e)
{
    double pixels = high * (s->canvas->paper ? PAPER : 1);
    if (s->height >= high)
        return ALM_OK;
    return alm_fail(
        e, ALM_EINVAL,
        "the figure is too low: its names would overlap. %.0f pixels (%.0f mm) are needed, or fewer metrics, or "
        "one resource",
        ceil(pixels), ceil(pixels / 96 * 25.4));
}

void results_margins(const struct results_sheet *s, struct alm__box box)
{
    fprintf(s->script->out,
            "set lmargin at screen %.5f\nset rmargin at screen %.5f\nset bmargin at screen %.5f\nset tmargin at screen "
            "%.5f\n",
            box.left / s->width, box.right / s->width, box.bottom / s->height, box.top / s->height);
}

void results_label(const struct results_sheet *s, struct alm__spot at, const char *align, const char *colour,
                   const char *text)
{
    FILE *out = s->script->out;
    fputs("set label ", out);
    alm__script_quoted(out, text, 80);
    fprintf(out, " at screen %.5f, %.5f %s font font_small textcolor rgb %s front\n", at.x / s->width, at.y / s->height,
            align, colour);
}

/* At least three tics in sight, even when that is more than MOST. */
void results_tics(FILE *out, const char *axis, double low, double high, int most)
{
    static const double part[] = {10, 5, 2, 1, 0.5, 0.2, 0.1};
    double rough = (high - low) / most, power = pow(10, floor(log10(rough)));
    size_t k = 0;
    while (k + 1 < sizeof part / sizeof *part && (part[k + 1] * power >= rough * 0.999 ||
                                                  floor(high / (part[k] * power)) - ceil(low / (part[k] * power)) < 2))
        k++;
    fprintf(out, "set %stics %.9g format '%%g'\n", axis, part[k] * power);
}

static int fill(struct results_sheet *s, enum results_page page, struct alm_err *e)
{
    switch (page) {
    case RESULTS_CURVES:
        return results_curves(s, e);
    case RESULTS_DIFFERENCES:
        return results_differences(s, e);
    case RESULTS_REGRET:
        return results_regret(s, e);
    case RESULTS_RELIABILITY:
        return results_reliability(s, e);
    case RESULTS_TRACES:
    case RESULTS_PAGES:
        break;
    }
    return results_traces(s, e);
}

static const char *why_nothing(enum results_page page)
{
    if (page == RESULTS_RELIABILITY)
        return ": no envelope states a confidence, or the file is of an earlier version: plan, run and merge again";
    return page == RESULTS_REGRET ? ": no oracle among the policies, or none with as little harm" : "";
}

int results_draw(const struct results_view *v, enum results_page page, const struct results_canvas *canvas,
                 bool keep_script, struct alm_figure_report *report, struct alm_err *e)
{
    const struct comparison_group *g = &v->of->group[v->group];
    *report = (struct alm_figure_report){0};
    if (!results_page_any(v, page))
        return alm_fail(e, ALM_EINVAL, "%s: nothing for page %s%s", v->of->source->path, pages[page],
                        why_nothing(page));
    if (g->rows > RESULTS_ROWS)
        return alm_fail(e, ALM_EINVAL, "%zu policies with their factors: a figure with more than %d cannot be read",
                        g->rows, RESULTS_ROWS);
    struct alm__script script;
    ALM_TRY(alm__script_open(&script, e));
    struct results_sheet s = {.script = &script, .view = v, .canvas = canvas};
    struct alm_figure_options o = {.output = canvas->output, .keep_script = keep_script};
    int code = fill(&s, page, e);
    if (code >= 0) {
        fputs("unset multiplot\n", script.out);
        code = alm__script_draw(&script, &o, report, e);
    }
    alm__script_free(&script);
    snprintf(report->shown, sizeof report->shown, "%s of %zu policies", pages[page], g->rows);
    return code < 0 ? code : ALM_OK;
}
