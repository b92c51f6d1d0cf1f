/* SPDX-License-Identifier: GPL-3.0-or-later
 * conditional_saved: a conditional model as bytes. conditional.h says what they are for.
 *
 * Meaning.  Only what answers and words need is kept: features, the model chosen, the laws of its residuals; of neighbours the rows.
 * Choice.   One walk over the members counts, writes and reads, so what is written is what is read. */
#include "conditional_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the walk is. TO: it writes; FROM: it reads; neither: it counts. `sound` ends as false when what was read cannot be. */
struct bytes {
    char *to;
    const char *from;
    size_t at, size;
    bool sound;
};

static void pass(struct bytes *b, void *p, size_t n)
{
    if (!b->sound || n > b->size - b->at) {
        b->sound = false;
        return;
    }
    if (b->to && n)
        memcpy(b->to + b->at, p, n);
    else if (b->from && n)
        memcpy(p, b->from + b->at, n);
    b->at += n;
}

static void must(struct bytes *b, bool condition)
{
    b->sound = b->sound && condition;
}

static void pass_count(struct bytes *b, size_t *value, size_t most)
{
    pass(b, value, sizeof *value);
    must(b, *value <= most);
}

static void pass_flag(struct bytes *b, bool *value)
{
    uint8_t byte = *value;
    pass(b, &byte, 1);
    *value = byte != 0;
}

static void pass_family(struct bytes *b, enum conditional_family *value)
{
    uint32_t number = (uint32_t)*value;
    pass(b, &number, sizeof number);
    must(b, number < CONDITIONAL_FAMILIES);
    *value = b->sound ? (enum conditional_family)number : CONDITIONAL_CONSTANT;
}

/* V[n]: finite, but of reports. */
static void pass_numbers(struct bytes *b, double *v, size_t n)
{
    pass(b, v, n * sizeof *v);
    for (size_t i = 0; i < n && b->sound; i++)
        must(b, isfinite(v[i]));
}

/* An array of N numbers that is made when it is read. */
static void pass_array(struct bytes *b, double **v, size_t n)
{
    if (b->from && b->sound && n <= (b->size - b->at) / sizeof **v)
        *v = malloc((n + 1) * sizeof **v);
    must(b, *v != NULL);
    if (b->sound)
        pass_numbers(b, *v, n);
}

static void pass_report(struct bytes *b, struct choice *c)
{
    struct conditional_report *r = &c->report;
    pass_family(b, &r->family);
    pass_family(b, &r->best);
    pass_count(b, &r->rows, CONDITIONAL_ROWS);
    pass_count(b, &r->bounds, r->rows);
    pass_count(b, &r->folds, CONDITIONAL_ROWS);
    pass_count(b, &r->neighbours, NEIGHBOURS);
    pass_count(b, &r->least, CONDITIONAL_ROWS);
    pass_flag(b, &r->weighted);
    pass_flag(b, &r->local);
    pass(b, &r->r2, sizeof r->r2);
    pass(b, r->loss, sizeof r->loss);
    pass(b, r->behind, sizeof r->behind);
    pass(b, r->error, sizeof r->error);
    c->chosen = (struct candidate){r->family, r->neighbours, r->least, r->weighted};
}

static void pass_features(struct bytes *b, struct features *f, size_t k)
{
    pass_count(b, &f->count, FEATURES);
    pass_count(b, &f->numbers, f->count);
    pass_count(b, &f->codes, FEATURE_CODES);
    for (size_t j = 0; j < f->count && b->sound; j++) {
        struct feature *g = &f->at[j];
        uint32_t kind = (uint32_t)g->kind;
        pass(b, &kind, sizeof kind);
        pass(b, &g->input, sizeof g->input);
        must(b, kind <= FEATURE_ABSENT && g->input < k);
        g->kind = b->sound ? (enum feature_kind)kind : FEATURE_LOG;
        pass(b, &g->unit, sizeof g->unit);
        pass(b, &g->instead, sizeof g->instead);
        pass_numbers(b, &g->mean, 1);
        pass_numbers(b, &g->scale, 1);
    }
    for (size_t j = 0; j < f->codes && b->sound; j++) {
        pass(b, &f->code[j], sizeof f->code[j]);
        must(b, f->code[j] < k);
    }
}

static void pass_linear(struct bytes *b, struct conditional *c)
{
    bool there = c->linear != NULL;
    pass_flag(b, &there);
    if (!there || !b->sound)
        return;
    if (b->from)
        c->linear = calloc(1, sizeof *c->linear);
    must(b, c->linear != NULL);
    if (!b->sound)
        return;
    struct log_linear *m = c->linear;
    pass_count(b, &m->columns, LOG_LINEAR_COLUMNS);
    pass_numbers(b, &m->intercept, 1);
    pass(b, &m->r2, sizeof m->r2);
    for (size_t j = 0; j < m->columns && b->sound; j++) {
        struct log_linear_column *col = &m->column[j];
        pass(b, &col->a, sizeof col->a);
        pass(b, &col->b, sizeof col->b);
        must(b, col->a < c->s.f.count && (col->b < c->s.f.count || col->b == FEATURES));
        pass_numbers(b, &col->mean, 1);
        pass_numbers(b, &col->scale, 1);
        pass_numbers(b, &col->beta, 1);
    }
}

static void pass_node(struct bytes *b, const struct conditional *c, size_t i)
{
    struct tree_node *n = &c->tree->node[i];
    pass_numbers(b, &n->value, 1);
    pass_numbers(b, &n->below, 1);
    pass(b, &n->feature, sizeof n->feature);
    pass(b, &n->left, sizeof n->left);
    pass(b, &n->right, sizeof n->right);
    const bool inner = n->feature < c->s.f.count && n->left > i && n->right > i && n->left < c->tree->nodes &&
                       n->right < c->tree->nodes;
    must(b, n->feature == FEATURES || inner);
}

static void pass_tree(struct bytes *b, struct conditional *c)
{
    bool there = c->tree != NULL;
    pass_flag(b, &there);
    if (!there || !b->sound)
        return;
    if (b->from)
        c->tree = calloc(1, sizeof *c->tree);
    must(b, c->tree != NULL);
    if (!b->sound)
        return;
    pass_count(b, &c->tree->nodes, TREE_NODES);
    must(b, c->tree->nodes > 0);
    pass_numbers(b, c->tree->gain, c->s.f.count);
    for (size_t i = 0; i < c->tree->nodes && b->sound; i++)
        pass_node(b, c, i);
}

static bool is_neighbours(const struct conditional *c)
{
    return c->choice.chosen.family == CONDITIONAL_NEIGHBOURS || c->choice.chosen.family == CONDITIONAL_NEIGHBOURS_LEFT;
}

/* The rows that neighbours are looked for in. X may hold what was not given, which is NaN. */
static void pass_rows(struct bytes *b, struct conditional *c)
{
    struct sample *s = &c->s;
    pass_numbers(b, c->metric.number, s->f.count);
    pass_numbers(b, c->metric.code, s->f.codes);
    pass_array(b, &s->z, s->n * s->f.count);
    if (b->from && b->sound) {
        s->x = malloc((s->n * s->k + 1) * sizeof *s->x);
        s->row = malloc(s->n * sizeof *s->row);
        must(b, s->x && s->row);
        for (size_t i = 0; i < s->n && b->sound; i++)
            s->row[i] = (uint32_t)i;
    }
    if (b->sound)
        pass(b, s->x, s->n * s->k * sizeof *s->x);
    must(b, c->choice.chosen.neighbours > 0);
}

static void pass_model(struct bytes *b, struct conditional *c)
{
    const enum conditional_family family = c->choice.chosen.family;
    pass_linear(b, c);
    pass_tree(b, c);
    const bool lines = family == CONDITIONAL_LINEAR || family == CONDITIONAL_PAIRS || is_neighbours(c);
    must(b, (!lines || c->linear) && (family != CONDITIONAL_TREE || c->tree));
    if (is_neighbours(c) && b->sound)
        pass_rows(b, c);
    if (is_neighbours(c) || family == CONDITIONAL_CONSTANT)
        pass_array(b, &c->left, is_neighbours(c) ? c->s.n : 1);
}

/* ROOM: numbers that are free for the arrays of a law that is read; returns what is left. */
static double *pass_law(struct bytes *b, struct residual_law *law, double *room, size_t most)
{
    pass_count(b, &law->n, most);
    pass_numbers(b, &law->largest, 1);
    if (!b->sound)
        return room;
    if (b->from) {
        law->value = room;
        law->share = room + law->n;
    }
    pass_numbers(b, law->value, law->n);
    pass_numbers(b, law->share, law->n);
    return room + 2 * law->n;
}

static void pass_laws(struct bytes *b, struct conditional *c)
{
    const size_t n = c->s.n;
    size_t left = n;
    double *room = NULL;
    if (b->from && b->sound) {
        c->choice.model = calloc(6 * n, sizeof(double));
        must(b, c->choice.model != NULL);
        if (!b->sound)
            return;
        c->rising = c->choice.model + n;
        room = c->rising + n;
    }
    if (c->choice.report.local && b->sound)
        pass_numbers(b, c->rising, n);
    for (int third = 0; third < (c->choice.report.local ? 3 : 1) && b->sound; third++) {
        double *next = pass_law(b, &c->law[third], room, left);
        room = room ? next : NULL;
        left -= b->sound ? c->law[third].n : 0;
    }
    if (b->sound)
        pass_law(b, &c->seen, room, n);
}

static void walk(struct bytes *b, struct conditional *c)
{
    size_t k = c->s.k;
    pass_count(b, &k, c->s.k);
    must(b, k == c->s.k);
    pass_count(b, &c->s.n, CONDITIONAL_ROWS);
    must(b, c->s.n >= 2);
    pass_numbers(b, &c->resolution, 1);
    pass_numbers(b, &c->lowest, 1);
    pass_numbers(b, &c->highest, 1);
    pass_numbers(b, &c->middle, 1);
    pass_report(b, &c->choice);
    if (b->sound)
        pass_features(b, &c->s.f, k);
    if (b->sound)
        pass_model(b, c);
    if (b->sound)
        pass_laws(b, c);
}

size_t conditional_size(const struct conditional *c)
{
    struct bytes b = {.size = SIZE_MAX, .sound = true};
    struct conditional copy = *c;
    walk(&b, &copy);
    return b.at;
}

void conditional_save(const struct conditional *c, void *bytes)
{
    struct bytes b = {.to = bytes, .size = SIZE_MAX, .sound = true};
    struct conditional copy = *c;
    walk(&b, &copy);
}

int conditional_load(const void *bytes, size_t size, size_t k, struct conditional **out, struct alm_err *e)
{
    struct bytes b = {.from = bytes, .size = size, .sound = true};
    *out = NULL;
    struct conditional *c = calloc(1, sizeof *c);
    if (!c)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a model");
    c->s.k = k;
    walk(&b, c);
    if (b.sound && b.at == size) {
        *out = c;
        return ALM_OK;
    }
    conditional_free(c);
    return alm_fail(e, ALM_EDATA, "the saved model of %zu inputs holds what cannot be", k);
}
