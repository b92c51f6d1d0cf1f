/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_families: can policies of a figure be told apart, also when there are more of them than colours? */
#include "experiments/report/results_figure.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLICIES = 36 };

/* The line of family F: colour and forms. */
static void line_of(const char *text, size_t f, char *out, size_t size)
{
    char head[32];
    snprintf(head, sizeof head, "COLOUR[%zu] = ", f);
    const char *at = strstr(text, head);
    cr_assert_not_null(at, "family %zu", f);
    const char *end = strchr(at += strlen(head), '\n');
    char colour[20];
    int full, hollow;
    cr_assert_eq(sscanf(at, "%19[A-Z]; FULL[%*d] = %d; HOLLOW[%*d] = %d", colour, &full, &hollow), 3, "%.60s", at);
    cr_assert_not_null(end);
    snprintf(out, size, "%s %d %d", colour, full, hollow);
}

Test(results_families, no_two_policies_look_alike)
{
    static char name[POLICIES][8], seen[POLICIES][40];
    struct comparison_row row[POLICIES] = {{0}};
    struct comparison_group g = {.row = row, .rows = POLICIES};
    char *text = NULL;
    size_t size = 0;
    for (size_t i = 0; i < POLICIES; i++) {
        snprintf(name[i], sizeof name[i], "p%zu", i);
        row[i].policy = name[i];
    }
    FILE *out = open_memstream(&text, &size);
    results_forms(out, &g, results_families(&g));
    fclose(out);
    for (size_t i = 0; i < POLICIES; i++) {
        line_of(text, i + 1, seen[i], sizeof seen[i]);
        for (size_t k = 0; k < i; k++)
            cr_expect_str_neq(seen[i], seen[k], "policies %zu and %zu", k, i);
    }
    free(text);
}
