/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_tables: the tables of a page: ranks, slack against harm, cells, failures, and where it all comes from. */
#include "experiments/report/report.h"

#include "almanac/resource.h"

#include "experiments/compare/compare_change.h"
#include "experiments/compare/comparison_write.h"
#include "experiments/compare/safe_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void report_text(FILE *out, const char *text)
{
    safe_text(out, SAFE_XML, text);
}

void report_row_name(FILE *out, const struct comparison_row *row)
{
    char text[RESULTS_NAME];
    fputs("<th scope=\"row\">", out);
    report_text(out, results_name(row, text));
    fputs(row->oracle     ? " <span class=\"tag\">oracle</span></th>"
          : row->baseline ? " <span class=\"tag\">baseline</span></th>"
                          : "</th>",
          out);
}

/* A field that sorts by VALUE and shows TEXT. */
static void number(FILE *out, double value, const char *text)
{
    if (isfinite(value))
        fprintf(out, "<td class=\"n\" data-v=\"%.9g\">", value);
    else
        fputs("<td class=\"n\" data-v=\"\">", out);
    report_text(out, text);
    fputs("</td>", out);
}

void report_number(FILE *out, double value)
{
    char text[32] = "–";
    if (isfinite(value))
        snprintf(text, sizeof text, "%.4g", value);
    number(out, value, text);
}

static void words(FILE *out, const char *text)
{
    fputs("<td>", out);
    report_text(out, text);
    fputs("</td>", out);
}

static void ranked_row(FILE *out, const struct comparison *c, const struct comparison_group *g, size_t metric, size_t i)
{
    const struct comparison_row *row = &g->row[i];
    const struct compare_statistics *s = &row->of[metric];
    struct comparison_shown shown;
    comparison_show(c, g, metric, i, &shown);
    fputs("<tr>", out);
    number(out, shown.rank[0] == '-' ? NAN : atof(shown.rank), shown.rank[0] == '-' ? "–" : shown.rank);
    report_row_name(out, row);
    number(out, s->value, shown.mean);
    bool relative = compare_relative(&c->source->figure[c->metric[metric]], s);
    number(out, row->baseline ? NAN : relative ? s->relative.value : s->difference.value, shown.change);
    words(out, shown.interval);
    number(out, row->baseline ? NAN : s->p_adjusted, shown.p);
    enum verdict v = row->verdict[metric];
    fprintf(out, "<td class=\"%s\">", v == VERDICT_BETTER ? "good" : v == VERDICT_WORSE ? "bad" : "open");
    report_text(out, shown.verdict);
    fputs("</td></tr>\n", out);
}

static void mean_ranks(FILE *out, const struct comparison_ranks *r)
{
    if (!r->any)
        return;
    fprintf(out,
            "<p class=\"note\">Ranks within each of %zu traces: Friedman p %.2g, Iman-Davenport p %.2g that all "
            "policies are "
            "alike; mean ranks nearer than %.2f are not told apart (Nemenyi).</p>\n",
            r->traces, r->test.p, r->test.p_davenport, r->test.critical_difference);
}

static void ranked_table(struct report_page *p, const struct comparison_group *g, size_t metric, size_t *order)
{
    const struct comparison *c = p->request->of;
    const struct compare_figure *f = &c->source->figure[c->metric[metric]];
    size_t n = comparison_order(c, g, metric, order);
    char unit[80], basis[120];
    if (n == 0)
        return;
    fprintf(p->out, "<div class=\"wide\"><table class=\"sortable\">\n<caption><code>%s</code> (%s)", f->name,
            comparison_unit(f, unit));
    comparison_basis(c, g, metric, basis);
    fputs(*basis ? ": " : "", p->out);
    report_text(p->out, basis);
    fputs("</caption>\n<thead><tr><th scope=\"col\">rank</th><th scope=\"col\">policy</th><th scope=\"col\">mean</th>"
          "<th scope=\"col\">change</th><th scope=\"col\" class=\"fixed\">95 % interval</th><th scope=\"col\">p, "
          "adjusted</th><th scope=\"col\">verdict</th></tr></thead>\n<tbody>\n",
          p->out);
    for (size_t k = 0; k < n; k++)
        ranked_row(p->out, c, g, metric, order[k]);
    fputs("</tbody></table></div>\n", p->out);
    mean_ranks(p->out, &g->ranks[metric]);
}

int report_ranked(struct report_page *p, size_t group, struct alm_err *e)
{
    const struct comparison_group *g = &p->request->of->group[group];
    size_t *order = calloc(g->rows + 1, sizeof *order);
    char method[1500];
    if (!order)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu policies", g->rows);
    for (size_t k = 0; k < p->request->of->metrics; k++)
        ranked_table(p, g, k, order);
    free(order);
    fputs("<p class=\"note\">", p->out);
    report_text(p->out, comparison_method(p->request->of, method, sizeof method));
    fputs("</p>\n", p->out);
    return ALM_OK;
}

void report_trade_off(struct report_page *p, size_t group)
{
    const struct comparison_group *g = &p->request->trade->group[group];
    for (int r = 0; r < 2; r++) {
        bool any = false;
        for (size_t i = 0; i < g->rows; i++)
            any = any || results_has_point(&g->row[i], r);
        if (!any)
            continue;
        fprintf(p->out,
                "<div class=\"wide\"><table class=\"sortable\">\n<caption>%s: slack against harm, in "
                "%%</caption>\n<thead><tr>"
                "<th scope=\"col\">policy</th><th scope=\"col\">slack</th><th scope=\"col\">time above the limit</th>"
                "<th scope=\"col\">regret to the oracle</th><th scope=\"col\">dominated</th></tr></thead>\n<tbody>\n",
                r == ALM_CPU ? "CPU" : "Memory");
        for (size_t i = 0; i < g->rows; i++) {
            const struct comparison_row *row = &g->row[i];
            if (!results_has_point(row, r))
                continue;
            fputs("<tr>", p->out);
            report_row_name(p->out, row);
            report_number(p->out, 100 * row->point[r].slack);
            report_number(p->out, 100 * row->point[r].harm);
            report_number(p->out, 100 * row->regret[r]);
            words(p->out, row->oracle ? "–" : row->dominated[r] ? "yes" : "no");
            fputs("</tr>\n", p->out);
        }
        fputs("</tbody></table></div>\n", p->out);
    }
}

static void factor_text(const struct compare_source *s, const struct compare_cell *cell, FILE *out)
{
    size_t own = strlen(cell->policy);
    for (size_t k = 0; k < s->factors; k++) {
        if (!cell->factor[k][0])
            continue;
        bool repeated = strncmp(s->factor[k], cell->policy, own) == 0 && s->factor[k][own] == '.';
        fputs(", ", out);
        report_text(out, s->factor[k] + (repeated ? own + 1 : 0));
        fputs("=", out);
        report_text(out, cell->factor[k]);
    }
}

static void cell_row(struct report_page *p, size_t i)
{
    const struct comparison *c = p->request->of;
    const struct compare_cell *cell = &c->source->cell[i];
    fputs("<tr><th scope=\"row\">", p->out);
    report_text(p->out, cell->trace);
    fputs("</th><td>", p->out);
    report_text(p->out, cell->policy);
    factor_text(c->source, cell, p->out);
    fputs("</td>", p->out);
    words(p->out, cell->part);
    fprintf(p->out, "<td class=\"n\" data-v=\"%lld\">%lld</td>", (long long)cell->seed, (long long)cell->seed);
    for (size_t k = 0; k < c->metrics; k++)
        report_number(p->out, c->source->value(c->source->ctx, i, c->metric[k]));
    fputs("</tr>\n", p->out);
}

void report_cells(struct report_page *p)
{
    const struct comparison *c = p->request->of;
    size_t shown = 0;
    fputs(
        "<details><summary>Every cell: trace, policy, seed and its figures</summary>\n<div class=\"wide\"><table "
        "class=\"sortable\">\n<caption>One row is one simulation</caption>\n<thead><tr><th scope=\"col\">trace</th><th "
        "scope=\"col\">policy</th><th scope=\"col\">part</th><th scope=\"col\">seed</th>",
        p->out);
    for (size_t k = 0; k < c->metrics; k++) {
        const struct compare_figure *f = &c->source->figure[c->metric[k]];
        fprintf(p->out, "<th scope=\"col\">%s (%s)</th>", f->name, f->unit);
    }
    fputs("</tr></thead>\n<tbody>\n", p->out);
    for (size_t i = 0; i < c->source->cells && shown < REPORT_CELLS; i++)
        if (c->source->cell[i].done) {
            cell_row(p, i);
            shown++;
        }
    fputs("</tbody></table></div>\n", p->out);
    if (c->source->cells - c->failed > shown) {
        fprintf(p->out, "<p class=\"note\">The first %zu of %zu; all of them: <code>almanac dump ", shown,
                c->source->cells - c->failed);
        report_text(p->out, c->source->path);
        fputs("</code></p>\n", p->out);
    }
    fputs("</details>\n", p->out);
}

void report_failed(struct report_page *p)
{
    const struct comparison *c = p->request->of;
    size_t shown = 0;
    if (c->source->absent)
        fprintf(
            p->out,
            "<p class=\"note\">%llu cells were planned and are not in the file: everything here is of the rest.</p>\n",
            (unsigned long long)c->source->absent);
    if (c->failed == 0)
        return;
    fprintf(p->out,
            "<h2 id=\"failed\">Failed cells</h2>\n<div class=\"wide\"><table class=\"sortable\">\n<caption>%zu of %zu "
            "failed; they are in no mean</caption>\n<thead><tr><th scope=\"col\">trace</th><th "
            "scope=\"col\">policy</th><th scope=\"col\">seed</th><th scope=\"col\">reason</th><th "
            "scope=\"col\">command</th></tr></thead>\n<tbody>\n",
            c->failed, c->source->cells);
    for (size_t i = 0; i < c->source->cells && shown < REPORT_CELLS; i++) {
        const struct compare_cell *cell = &c->source->cell[i];
        if (cell->done)
            continue;
        shown++;
        fputs("<tr><th scope=\"row\">", p->out);
        report_text(p->out, cell->trace);
        fputs("</th><td>", p->out);
        report_text(p->out, cell->policy);
        factor_text(c->source, cell, p->out);
        fprintf(p->out, "</td><td class=\"n\" data-v=\"%lld\">%lld</td>", (long long)cell->seed, (long long)cell->seed);
        words(p->out, cell->reason);
        fputs("<td><code>", p->out);
        report_text(p->out, cell->command);
        fputs("</code></td></tr>\n", p->out);
    }
    fputs("</tbody></table></div>\n", p->out);
}
