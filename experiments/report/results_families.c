/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_families: colour, form and legend of each policy, the same on every page that draws policies as curves. */
#include "experiments/report/results_figure.h"

#include <stdio.h>
#include <string.h>

#define COLOURS 6

/* Filled and hollow form of each family; the template is told. */
static const int shape[COLOURS][2] = {{7, 6}, {5, 4}, {9, 8}, {11, 10}, {13, 12}, {15, 14}};
static const char *const colour[COLOURS] = {"BLUE", "VERMILLION", "GREEN", "PURPLE", "ORANGE", "SKY"};

size_t results_family(const struct comparison_group *g, const char *policy)
{
    size_t n = 0;
    for (size_t i = 0; i < g->rows; i++) {
        size_t k = 0;
        while (strcmp(g->row[k].policy, g->row[i].policy) != 0)
            k++;
        if (k < i)
            continue;
        if (strcmp(g->row[i].policy, policy) == 0)
            return n;
        n++;
    }
    return n;
}

size_t results_families(const struct comparison_group *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->rows; i++) {
        size_t f = results_family(g, g->row[i].policy) + 1;
        n = f > n ? f : n;
    }
    return n;
}

static const struct comparison_row *row_of_family(const struct comparison_group *g, size_t family)
{
    for (size_t i = 0; i < g->rows; i++)
        if (results_family(g, g->row[i].policy) == family)
            return &g->row[i];
    return NULL;
}

void results_forms(FILE *out, const struct comparison_group *g, size_t families)
{
    fprintf(out, "families = %zu\narray COLOUR[families]\narray FULL[families]\narray HOLLOW[families]\n", families);
    size_t next = 0;
    for (size_t f = 0; f < families; f++) {
        bool oracle = row_of_family(g, f)->oracle;
        const size_t k = next % COLOURS;
        const int *form = shape[(next + next / COLOURS) % COLOURS]; /* the second round of colours has other shapes */
        fprintf(out, "COLOUR[%zu] = %s; FULL[%zu] = %d; HOLLOW[%zu] = %d\n", f + 1, oracle ? "BLACK" : colour[k], f + 1,
                oracle ? 3 : form[0], f + 1, oracle ? 3 : form[1]);
        next += oracle ? 0 : 1;
    }
}

double results_legend(const struct results_sheet *s, const struct comparison_group *g, size_t families)
{
    double x = 20, y = s->top - 8;
    for (size_t f = 0; f < families; f++) {
        const struct comparison_row *row = row_of_family(g, f);
        char text[200];
        snprintf(text, sizeof text, "%.60s%s%s", row->policy, row->oracle ? " (sees the future)" : "",
                 row->baseline ? " (baseline)" : "");
        double width = 7.3 * (double)strlen(text) + 34;
        if (x > 20 && x + width > s->width - 8) {
            x = 20;
            y -= 19;
        }
        fprintf(s->script->out, "set label '' at screen %.5f, %.5f point pt FULL[%zu] ps 1.1*PS lc rgb COLOUR[%zu]\n",
                x / s->width, y / s->height, f + 1, f + 1);
        results_label(s, (struct alm__spot){x + 10, y}, "left", "BLACK", text);
        x += width;
    }
    return s->top - y + 16;
}
