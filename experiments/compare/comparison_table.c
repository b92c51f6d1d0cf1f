/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_table: a comparison as Markdown, as LaTeX for booktabs, and as CSV. */
#include "experiments/compare/comparison_write.h"

#include "almanac/quantity.h"

#include "experiments/compare/safe_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What differs between the two: how a table begins and ends, and what stands between cells. */
struct style {
    enum safe_form form;
    const char *group, *group_end, *metric, *metric_end, *head, *begin, *between, *end, *foot, *note, *note_end;
};

static const struct style markdown = {
    SAFE_MARKDOWN,
    "## ",
    "\n\n",
    "**",
    "**",
    "\n\n| rank | policy | mean | change | interval | p | verdict |\n|---:|:---|---:|---:|:---|---:|:---|\n",
    "| ",
    " | ",
    " |\n",
    "\n",
    "",
    "\n",
};
static const struct style latex = {
    SAFE_LATEX,
    "% ",
    "\n",
    "\\begin{table}\n\\caption{",
    "}\n",
    "\\begin{tabular}{rlrrlrl}\n\\toprule\nrank & policy & mean & change & interval & $p$ & verdict \\\\\n\\midrule\n",
    "",
    " & ",
    " \\\\\n",
    "\\bottomrule\n\\end{tabular}\n\\end{table}\n\n",
    "% ",
    "\n",
};

static void put_row(const struct style *y, const char *name, const struct comparison_shown *s, FILE *out)
{
    const char *const cell[] = {s->rank, name, s->mean, s->change, s->interval, s->p, s->verdict};
    fputs(y->begin, out);
    for (size_t k = 0; k < sizeof cell / sizeof *cell; k++) {
        fputs(k ? y->between : "", out);
        /* In LaTeX a cell that begins with [ would be taken for an option of the row before. */
        fputs(y->form == SAFE_LATEX && cell[k][0] == '[' ? "{}" : "", out);
        safe_text(out, y->form, cell[k]);
    }
    fputs(y->end, out);
}

static void put_metric(const struct style *y, const struct comparison *c, const struct comparison_group *g,
                       size_t metric, size_t *order, FILE *out)
{
    const struct compare_figure *f = &c->source->figure[c->metric[metric]];
    size_t n = comparison_order(c, g, metric, order);
    char unit[80], basis[120];
    if (n == 0)
        return;
    fputs(y->metric, out);
    safe_text(out, y->form, f->name);
    fputs(" (", out);
    safe_text(out, y->form, comparison_unit(f, unit));
    comparison_basis(c, g, metric, basis);
    fprintf(out, ")%s%s", *basis ? "; " : "", basis);
    if (y->form == SAFE_LATEX && g->name[0]) {
        fputs("; ", out);
        safe_text(out, y->form, g->name);
    }
    fputs(y->metric_end, out);
    fputs(y->head, out);
    for (size_t i = 0; i < n; i++) {
        struct comparison_shown s;
        comparison_show(c, g, metric, order[i], &s);
        put_row(y, g->row[order[i]].name, &s, out);
    }
    fputs(y->foot, out);
}

static int put(const struct style *y, const struct comparison *c, FILE *out, struct alm_err *e)
{
    char method[1500];
    for (size_t k = 0; k < c->groups; k++) {
        const struct comparison_group *g = &c->group[k];
        size_t *order = calloc(g->rows + 1, sizeof *order);
        if (!order)
            return alm_fail(e, ALM_ENOMEM, "out of memory for a table");
        if (g->name[0]) {
            fputs(y->group, out);
            safe_text(out, y->form, g->name);
            fputs(y->group_end, out);
        }
        for (size_t m = 0; m < c->metrics; m++)
            put_metric(y, c, g, m, order, out);
        free(order);
    }
    fputs(y->note, out);
    safe_text(out, y->form, comparison_method(c, method, sizeof method));
    fputs(y->note_end, out);
    return ALM_OK;
}

int comparison_markdown(const struct comparison *c, FILE *out, struct alm_err *e)
{
    return put(&markdown, c, out, e);
}

int comparison_latex(const struct comparison *c, FILE *out, struct alm_err *e)
{
    fputs("% needs \\usepackage{booktabs,textcomp} and \\usepackage[T1]{fontenc}\n", out);
    return put(&latex, c, out, e);
}

static void csv_real(FILE *out, double value)
{
    char text[ALM_QUANTITY_TEXT];
    fprintf(out, ",%s", isfinite(value) ? alm_print_real(value, text) : "");
}

static void csv_row(const struct comparison *c, const struct comparison_group *g, size_t row, size_t metric, FILE *out)
{
    const struct comparison_row *x = &g->row[row];
    const struct compare_statistics *s = &x->of[metric];
    const struct compare_figure *f = &c->source->figure[c->metric[metric]];
    struct comparison_shown shown;
    comparison_show(c, g, metric, row, &shown);
    safe_text(out, SAFE_CSV, g->name);
    putc(',', out);
    safe_text(out, SAFE_CSV, x->name);
    fprintf(out, ",%d,%d,%s,%s,%s,%s", x->oracle, x->baseline, f->name, f->unit,
            f->better == METRICS_LOWER    ? "lower"
            : f->better == METRICS_HIGHER ? "higher"
                                          : "",
            shown.rank[0] == '-' ? "" : shown.rank);
    const double real[] = {s->base,           s->value,           s->difference.value,
                           s->difference.low, s->difference.high, s->relative.value,
                           s->relative.low,   s->relative.high,   s->p,
                           s->p_adjusted,     s->effect};
    for (size_t k = 0; k < sizeof real / sizeof *real; k++)
        csv_real(out, real[k]);
    if (x->baseline)
        fprintf(out, ",,,,,,%zu,%zu,\n", s->pairs, x->missing);
    else
        fprintf(out, ",%s,%s,%zu,%zu,%zu,%zu,%zu,%s\n", compare_test_word(s->test),
                compare_independent_word(s->independent, 2), s->n, s->traces, s->seeds, s->pairs, x->missing,
                verdict_word(x->verdict[metric]));
}

void comparison_csv(const struct comparison *c, FILE *out)
{
    fputs("group,policy,oracle,baseline,metric,unit,better,rank,base,mean,difference,difference_low,difference_high,"
          "relative,relative_low,relative_high,p,p_holm,effect_dz,test,independent,n,traces,seeds,pairs,missing,"
          "verdict\n",
          out);
    for (size_t k = 0; k < c->groups; k++)
        for (size_t m = 0; m < c->metrics; m++)
            for (size_t i = 0; i < c->group[k].rows; i++)
                if (c->group[k].row[i].of[m].pairs > 0)
                    csv_row(c, &c->group[k], i, m, out);
}
