/* SPDX-License-Identifier: GPL-3.0-or-later
 * regression_tree: the log of an amount as constant within boxes of features. The header says what and why. */
#include "regression_tree.h"

#include <stdlib.h>
#include <string.h>

/* ORDER[p * n]: for each feature the rows by its value; a node has the same range [low, high) of each. */
struct growth {
    struct regression_tree *tree;
    const struct regression_rows *d;
    size_t least;
    uint32_t *order, *side; /* side: room for the right part */
    bool *goes_right;       /* by row number */
};

struct range {
    size_t low, high;
    uint32_t node, depth;
};

struct split {
    uint32_t feature;
    double below, gain;
    size_t left; /* rows */
};

static double at(const struct growth *g, uint32_t row, size_t feature)
{
    return g->d->z[row * g->d->f->count + feature];
}

struct keyed {
    double value;
    uint32_t row;
};

static int by_value(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    return x->value != y->value ? (x->value > y->value) - (x->value < y->value) : (x->row > y->row) - (x->row < y->row);
}

static int sort_features(struct growth *g, struct alm_err *e)
{
    const size_t n = g->d->rows;
    struct keyed *key = malloc((n + 1) * sizeof *key);
    if (!key)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu rows", n);
    for (size_t j = 0; j < g->d->f->count; j++) {
        for (size_t i = 0; i < n; i++)
            key[i] = (struct keyed){at(g, g->d->row[i], j), g->d->row[i]};
        qsort(key, n, sizeof *key, by_value);
        for (size_t i = 0; i < n; i++)
            g->order[j * n + i] = key[i].row;
    }
    free(key);
    return ALM_OK;
}

/* The best split of R by feature J, when it beats BEST. MEAN: of the box. */
static void try_feature(const struct growth *g, const struct range *r, size_t j, double mean, struct split *best)
{
    const uint32_t *order = g->order + j * g->d->rows;
    const size_t n = r->high - r->low;
    double sum = 0;
    for (size_t i = 1; i < n; i++) {
        const uint32_t last = order[r->low + i - 1];
        sum += g->d->t[last] - mean;
        if (i < g->least || n - i < g->least)
            continue;
        const double value = at(g, last, j), next = at(g, order[r->low + i], j);
        const double gain = sum * sum * (1 / (double)i + 1 / (double)(n - i));
        if (value == next || gain <= best->gain)
            continue;
        *best = (struct split){(uint32_t)j, value + (next - value) / 2, gain, i};
        if (!(best->below < next))
            best->below = value;
    }
}

/* Let the rows of R that go left come before the others, in each feature's order. */
static void part(const struct growth *g, const struct range *r, const struct split *s)
{
    const size_t n = g->d->rows;
    for (size_t i = r->low; i < r->high; i++) {
        const uint32_t row = g->order[s->feature * n + i];
        g->goes_right[row] = i >= r->low + s->left;
    }
    for (size_t j = 0; j < g->d->f->count; j++) {
        uint32_t *order = g->order + j * n;
        size_t left = r->low, right = 0;
        for (size_t i = r->low; i < r->high; i++) {
            const uint32_t row = order[i];
            if (g->goes_right[row])
                g->side[right++] = row;
            else
                order[left++] = row;
        }
        memcpy(order + left, g->side, right * sizeof *order);
    }
}

/* Give the node of R its value and, where it pays, two children in CHILD; whether it did. */
static bool grow(const struct growth *g, const struct range *r, struct range child[2])
{
    struct regression_tree *t = g->tree;
    struct tree_node *node = &t->node[r->node];
    const size_t n = r->high - r->low;
    double sum = 0, squares = 0;
    for (size_t i = r->low; i < r->high; i++)
        sum += g->d->t[g->order[i]];
    node->value = sum / (double)n;
    for (size_t i = r->low; i < r->high; i++) {
        const double v = g->d->t[g->order[i]] - node->value;
        squares += v * v;
    }
    node->feature = FEATURES;
    struct split best = {.feature = FEATURES, .gain = 1e-9 * squares};
    if (r->depth == TREE_DEPTH || n < 2 * g->least || t->nodes + 2 > TREE_NODES || !(squares > 0))
        return false;
    for (size_t j = 0; j < g->d->f->count; j++)
        try_feature(g, r, j, node->value, &best);
    if (best.feature == FEATURES)
        return false;
    part(g, r, &best);
    node->feature = best.feature;
    node->below = best.below;
    node->left = (uint32_t)t->nodes++;
    node->right = (uint32_t)t->nodes++;
    t->gain[best.feature] += best.gain;
    child[0] = (struct range){r->low, r->low + best.left, node->left, r->depth + 1};
    child[1] = (struct range){r->low + best.left, r->high, node->right, r->depth + 1};
    return true;
}

static void grow_all(const struct growth *g)
{
    struct range open[TREE_DEPTH + 2], child[2];
    size_t count = 1;
    open[0] = (struct range){0, g->d->rows, 0, 0};
    g->tree->nodes = 1;
    while (count > 0) {
        const struct range r = open[--count];
        if (!grow(g, &r, child))
            continue;
        open[count++] = child[1];
        open[count++] = child[0];
    }
}

static void single_value(struct regression_tree *m, const struct regression_rows *d)
{
    m->nodes = 1;
    m->node[0].feature = FEATURES;
    for (size_t i = 0; i < d->rows; i++)
        m->node[0].value += d->t[d->row[i]] / (double)d->rows;
}

int regression_tree_fit(struct regression_tree *m, const struct regression_rows *d, size_t least, struct alm_err *e)
{
    memset(m, 0, sizeof *m);
    if (d->rows == 0 || d->f->count == 0) {
        single_value(m, d);
        return ALM_OK;
    }
    uint32_t largest = 0;
    for (size_t i = 0; i < d->rows; i++)
        largest = d->row[i] > largest ? d->row[i] : largest;
    struct growth g = {.tree = m, .d = d, .least = least ? least : 1};
    g.order = malloc((d->f->count + 1) * d->rows * sizeof *g.order);
    g.goes_right = malloc((size_t)largest + 1);
    int code = ALM_OK;
    if (!g.order || !g.goes_right)
        code = alm_fail(e, ALM_ENOMEM, "out of memory for a tree over %zu rows", d->rows);
    if (code >= 0) {
        g.side = g.order + d->f->count * d->rows;
        code = sort_features(&g, e);
    }
    if (code >= 0)
        grow_all(&g);
    free(g.order);
    free(g.goes_right);
    return code;
}

double regression_tree_value(const struct regression_tree *m, const double *z)
{
    uint32_t i = 0;
    while (m->node[i].feature != FEATURES)
        i = z[m->node[i].feature] <= m->node[i].below ? m->node[i].left : m->node[i].right;
    return m->node[i].value;
}
