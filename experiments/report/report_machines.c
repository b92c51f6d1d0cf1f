/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_machines: how many machines there were, how full and how busy, under each policy.
 *
 * Meaning.  Means over the cells of a policy that its group compares. A table and no verdict: machines of one cell are not independent,
 *           and whoever wants a verdict names the figure among the metrics. */
#include "experiments/report/report.h"

#include <math.h>

static const struct column {
    const char *figure, *head;
    double by; /* 100: in % */
} columns[] = {
    {"machines.machines", "machines", 1},
    {"machines.machines_used_peak", "most in use", 1},
    {"machines.density", "units each", 1},
    {"machines.cpu_utilisation_mean", "CPU busy", 100},
    {"machines.cpu_utilisation_p95", "CPU busy, p95", 100},
    {"machines.memory_utilisation_mean", "memory used", 100},
    {"machines.contended_share", "short of CPU", 100},
    {"machines.memory_some_share", "short of memory", 100},
};
#define COLUMNS (sizeof columns / sizeof *columns)

/* The mean over the cells of ROW that have it; NaN: none has. */
static double mean(const struct compare_source *s, const struct comparison_row *row, size_t figure)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < row->pairs; i++) {
        const double value = s->value(s->ctx, row->pair[i].value, figure);
        if (!isfinite(value))
            continue;
        sum += value;
        n++;
    }
    return n ? sum / (double)n : (double)NAN;
}

void report_machines(struct report_page *p, size_t group)
{
    const struct comparison *c = p->request->of;
    const struct comparison_group *g = &c->group[group];
    size_t figure[COLUMNS];
    bool any = false;
    for (size_t k = 0; k < COLUMNS; k++)
        figure[k] = compare_figure_index(c->source, columns[k].figure);
    for (size_t i = 0; i < g->rows && figure[0] < c->source->figures; i++)
        any = any || isfinite(mean(c->source, &g->row[i], figure[0]));
    if (!any)
        return;
    fputs("<h3>Machines</h3>\n<div class=\"wide\"><table class=\"sortable\">\n<caption>How full and how busy machines "
          "were, mean over cells; busy and used in % of what there is, "
          "short in % of the time</caption>\n<thead><tr><th scope=\"col\">policy</th>",
          p->out);
    for (size_t k = 0; k < COLUMNS; k++)
        fprintf(p->out, "<th scope=\"col\">%s</th>", columns[k].head);
    fputs("</tr></thead>\n<tbody>\n", p->out);
    for (size_t i = 0; i < g->rows; i++) {
        fputs("<tr>", p->out);
        report_row_name(p->out, &g->row[i]);
        for (size_t k = 0; k < COLUMNS; k++)
            report_number(p->out, columns[k].by * mean(c->source, &g->row[i], figure[k]));
        fputs("</tr>\n", p->out);
    }
    fputs("</tbody></table></div>\n", p->out);
}
