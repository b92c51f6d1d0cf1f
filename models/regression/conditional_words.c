/* SPDX-License-Identifier: GPL-3.0-or-later
 * conditional_words: which model was chosen, and why, for people. conditional.h says more. */
#include "conditional_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const family_words[CONDITIONAL_FAMILIES] = {
    "constant",        "log-linear",         "log-linear with pairs",
    "regression tree", "nearest neighbours", "log-linear and nearest neighbours of what it leaves",
};

const char *conditional_family_word(enum conditional_family family)
{
    return family_words[family];
}

void conditional_weights(const struct conditional *c, double *weight)
{
    for (size_t j = 0; j < c->s.k; j++)
        weight[j] = 0;
    for (size_t j = 0; c->linear && j < c->linear->columns; j++) {
        const struct log_linear_column *col = &c->linear->column[j];
        weight[c->s.f.at[col->a].input] += fabs(col->beta);
        if (col->b != FEATURES && c->s.f.at[col->b].input != c->s.f.at[col->a].input)
            weight[c->s.f.at[col->b].input] += fabs(col->beta);
    }
    for (size_t j = 0; c->tree && j < c->s.f.count; j++)
        weight[c->s.f.at[j].input] += c->tree->gain[j];
}

/* " in size, count": the three that decide most, those below a tenth of the first left out. */
static void print_inputs(const struct conditional *c, const char *const *name, FILE *f)
{
    double *weight = malloc((c->s.k + 1) * sizeof *weight), first = 0;
    if (!weight)
        return;
    conditional_weights(c, weight);
    for (int told = 0; told < 3; told++) {
        size_t most = c->s.k;
        for (size_t j = 0; j < c->s.k; j++)
            if (weight[j] > 0 && (most == c->s.k || weight[j] > weight[most]))
                most = j;
        if (most == c->s.k || weight[most] < first / 10)
            break;
        first = told ? first : weight[most];
        fputs(told ? ", " : " in ", f);
        if (name)
            fputs(name[most], f);
        else
            fprintf(f, "input %zu", most + 1);
        weight[most] = 0;
    }
    free(weight);
}

char *conditional_words(const struct conditional *c, const char *const *name, char *out, size_t size)
{
    const struct conditional_report *r = &c->choice.report;
    FILE *f = fmemopen(out, size, "w");
    if (!f) {
        snprintf(out, size, "%s", family_words[r->family]);
        return out;
    }
    fputs(family_words[r->family], f);
    print_inputs(c, name, f);
    if (r->family == CONDITIONAL_LINEAR || r->family == CONDITIONAL_PAIRS)
        fprintf(f, " (R2 %.2f)", r->r2);
    if (r->neighbours)
        fprintf(f, " (k = %zu)", r->neighbours);
    if (r->least)
        fprintf(f, " (at least %zu rows a leaf)", r->least);
    fprintf(f, ": pinball %.3g", r->loss[r->family]);
    const char *mark = " against ";
    for (int k = 0; k < CONDITIONAL_FAMILIES; k++) {
        if (k == (int)r->family || isnan(r->loss[k]))
            continue;
        fprintf(f, "%s%.3g %s", mark, r->loss[k], family_words[k]);
        mark = ", ";
    }
    fprintf(f, "; %zu rows", r->rows);
    if (r->bounds)
        fprintf(f, ", %zu of them lower bounds", r->bounds);
    fclose(f);
    return out;
}
