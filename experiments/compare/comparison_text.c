/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_text: a comparison for a terminal: 80 columns, unless names are long. */
#include "experiments/compare/comparison_write.h"

#include "almanac/resource.h"

#include "experiments/compare/safe_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80
#define NAME_WIDTH 56
#define INDENT 5

/* What follows a longer one stands on a line of its own, in its column. */
static void put_name(FILE *out, const char *name, size_t width)
{
    size_t n = safe_width(name);
    safe_text(out, SAFE_PLAIN, name);
    if (n > width)
        fprintf(out, "\n%*s", INDENT, "");
    for (n = n > width ? 0 : n; n < width; n++)
        putc(' ', out);
}

static size_t widest(const struct comparison_group *g)
{
    size_t width = 8;
    for (size_t i = 0; i < g->rows; i++) {
        size_t n = safe_width(g->row[i].name);
        width = n > width ? n : width;
    }
    return width < NAME_WIDTH ? width : NAME_WIDTH;
}

/* A word of a list behind others, of which AT columns are taken; on a line of its own where it does not fit. Returns the columns. */
static size_t put_word(FILE *out, size_t at, const char *before, const char *name, const char *after)
{
    const size_t n = strlen(before) + safe_width(name) + strlen(after);
    if (at + 1 + n > WIDTH) {
        fprintf(out, "\n%*s", INDENT, "");
        at = INDENT;
    } else {
        fputs(" ", out);
        at++;
    }
    fputs(before, out);
    safe_text(out, SAFE_PLAIN, name);
    fputs(after, out);
    return at + n;
}

/* The policies of set K in braces. */
static size_t put_set(const struct comparison_group *g, const struct comparison_ranks *r, size_t k, size_t at,
                      FILE *out)
{
    size_t left = 0;
    const char *before = "{";
    for (size_t i = 0; i < g->rows; i++)
        left += r->group[i] >> k & 1;
    for (size_t i = 0; i < g->rows; i++)
        if (r->group[i] >> k & 1) {
            at = put_word(out, at, before, g->row[i].name, --left ? "," : "}");
            before = "";
        }
    return at;
}

static bool all_alike(const struct comparison_group *g, const struct comparison_ranks *r)
{
    size_t in = 0, ranked = 0;
    for (size_t i = 0; i < g->rows; i++) {
        in += r->group[i] & 1;
        ranked += isnan(r->mean[i]) ? 0 : 1;
    }
    return r->groups == 1 && in == ranked;
}

static void put_ranks(const struct comparison_group *g, size_t metric, FILE *out)
{
    const struct comparison_ranks *r = &g->ranks[metric];
    if (!r->any)
        return;
    char text[32];
    size_t at = (size_t)fprintf(out, "%*smean ranks over %zu traces (Friedman p %.3g, Iman-Davenport p %.3g):", INDENT,
                                "", r->traces, r->test.p, r->test.p_davenport);
    for (size_t i = 0; i < g->rows; i++)
        if (!isnan(r->mean[i])) {
            snprintf(text, sizeof text, " %.2f;", r->mean[i]);
            at = put_word(out, at, "", g->row[i].name, text);
        }
    fputs("\n", out);
    at = (size_t)fprintf(out, "%*snot told apart (Nemenyi, %.2f ranks):", INDENT, "", r->test.critical_difference);
    if (all_alike(g, r))
        at = put_word(out, at, "", "all of them", "");
    for (size_t k = 0; k < r->groups && !all_alike(g, r); k++)
        at = put_set(g, r, k, at, out);
    fputs("\n", out);
}

static void put_metric(const struct comparison *c, const struct comparison_group *g, size_t metric, size_t *order,
                       FILE *out)
{
    const struct compare_figure *f = &c->source->figure[c->metric[metric]];
    size_t n = comparison_order(c, g, metric, order), width = widest(g);
    char unit[80], basis[120];
    if (n == 0)
        return;
    comparison_basis(c, g, metric, basis);
    fprintf(out, "\n%s (%s)%s%s\n", f->name, comparison_unit(f, unit), *basis ? "; " : "", basis);
    fprintf(out, "%4s %-*s %9s %9s %-16s %7s  %s\n", "rank", (int)width, "policy", "mean", "change", "interval", "p",
            "verdict");
    for (size_t i = 0; i < n; i++) {
        struct comparison_shown s;
        comparison_show(c, g, metric, order[i], &s);
        fprintf(out, "%4s ", s.rank);
        put_name(out, g->row[order[i]].name, width);
        fprintf(out, " %9s %9s %-16s %7s  %s\n", s.mean, s.change, s.interval, s.p, s.verdict);
    }
    put_ranks(g, metric, out);
}

static void real(FILE *out, double value, int width)
{
    if (isnan(value))
        fprintf(out, " %*s", width, "-");
    else
        fprintf(out, " %*.4g", width, value);
}

static bool any_point(const struct comparison_group *g, int resource)
{
    for (size_t i = 0; i < g->rows; i++)
        if (!isnan(g->row[i].point[resource].slack) && !isnan(g->row[i].point[resource].harm))
            return true;
    return false;
}

static void put_trade_off(const struct comparison_group *g, int resource, FILE *out)
{
    size_t width = widest(g);
    if (!any_point(g, resource))
        return;
    fprintf(out, "\n%s: slack against harm\n", alm_resource_name((enum alm_resource)resource));
    fprintf(out, "     %-*s %9s %9s %9s\n", (int)width, "policy", "slack", "overrun", "regret");
    for (size_t i = 0; i < g->rows; i++) {
        const struct comparison_row *row = &g->row[i];
        fputs("     ", out);
        put_name(out, row->name, width);
        real(out, row->point[resource].slack, 9);
        real(out, row->point[resource].harm, 9);
        real(out, row->regret[resource], 9);
        fputs(row->oracle ? "  oracle\n" : row->dominated[resource] ? "  dominated\n" : "\n", out);
    }
}

static void put_areas(const struct comparison *c, FILE *out)
{
    for (size_t k = 0; k < c->areas; k++)
        for (int r = 0; r < 2; r++) {
            if (isnan(c->area[k].area[r]))
                continue;
            fprintf(out, "\n%s, part %s: at equal harm ", alm_resource_name((enum alm_resource)r), c->area[k].part);
            safe_text(out, SAFE_PLAIN, c->area[k].policy);
            fprintf(out, " has %+.4g slack against the baseline, in the mean\n", c->area[k].area[r]);
        }
}

/* TEXT in lines of at most WIDTH, broken at blanks. */
static void put_wrapped(FILE *out, const char *text)
{
    size_t at = 0;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (at > 0 && at + 1 + word > WIDTH) {
            fputs("\n", out);
            at = 0;
        }
        if (at > 0)
            at += (size_t)fprintf(out, " ");
        at += fwrite(text, 1, word, out);
        text += word;
        text += strspn(text, " ");
    }
    fputs("\n", out);
}

static int put_method(const struct comparison *c, FILE *out, struct alm_err *e)
{
    char method[1500];
    char *safe = safe_copy(SAFE_PLAIN, comparison_method(c, method, sizeof method));
    if (!safe)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a table");
    fputs("\n", out);
    put_wrapped(out, safe);
    free(safe);
    return ALM_OK;
}

int comparison_text(const struct comparison *c, FILE *out, struct alm_err *e)
{
    for (size_t k = 0; k < c->groups; k++) {
        const struct comparison_group *g = &c->group[k];
        size_t *order = calloc(g->rows + 1, sizeof *order);
        if (!order)
            return alm_fail(e, ALM_ENOMEM, "out of memory for a table");
        if (g->name[0]) {
            fputs(k ? "\n== " : "== ", out);
            safe_text(out, SAFE_PLAIN, g->name);
            fputs(" ==\n", out);
        }
        for (size_t m = 0; m < c->metrics; m++)
            put_metric(c, g, m, order, out);
        for (int r = 0; r < 2; r++)
            put_trade_off(g, r, out);
        free(order);
    }
    put_areas(c, out);
    return put_method(c, out, e);
}
