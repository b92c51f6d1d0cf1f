/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_items: see the header. */
#include "experiments/compare/compare_items.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pairs that have the figure, and of which trace and seed each is. */
struct grid {
    size_t n, traces, seeds;
    size_t *pair, *trace, *seed; /* [n] */
    double *base, *value;        /* [n] */
};

static void grid_free(struct grid *g)
{
    free(g->pair);
    free(g->trace);
    free(g->seed);
    free(g->base);
    free(g->value);
}

static const struct compare_cell *cell_of(const struct compare_set *set, const struct grid *g, size_t i)
{
    return &set->base->cell[set->pair[g->pair[i]].base];
}

static void place(const struct compare_set *set, struct grid *g, size_t i)
{
    const struct compare_cell *cell = cell_of(set, g, i);
    g->trace[i] = g->traces;
    g->seed[i] = g->seeds;
    for (size_t j = 0; j < i && g->trace[i] == g->traces; j++)
        if (strcmp(cell->trace, cell_of(set, g, j)->trace) == 0)
            g->trace[i] = g->trace[j];
    for (size_t j = 0; j < i && g->seed[i] == g->seeds; j++)
        if (cell->seed == cell_of(set, g, j)->seed)
            g->seed[i] = g->seed[j];
    g->traces += g->trace[i] == g->traces;
    g->seeds += g->seed[i] == g->seeds;
}

/* To be freed, also after a failure. */
static int grid_make(const struct compare_set *set, size_t figure, struct grid *g, struct alm_err *e)
{
    size_t n = set->pairs + 1;
    *g = (struct grid){.pair = calloc(n, sizeof *g->pair),
                       .trace = calloc(n, sizeof *g->trace),
                       .seed = calloc(n, sizeof *g->seed),
                       .base = calloc(n, sizeof *g->base),
                       .value = calloc(n, sizeof *g->value)};
    if (!g->pair || !g->trace || !g->seed || !g->base || !g->value)
        return alm_fail(e, ALM_ENOMEM, "out of memory to compare %zu cells", set->pairs);
    for (size_t i = 0; i < set->pairs; i++) {
        double base = set->base->value(set->base->ctx, set->pair[i].base, figure);
        double value = set->value->value(set->value->ctx, set->pair[i].value, figure);
        if (isnan(base) || isnan(value))
            continue;
        g->pair[g->n] = i;
        g->base[g->n] = base;
        g->value[g->n] = value;
        place(set, g, g->n);
        g->n++;
    }
    return ALM_OK;
}

void compare_load_free(struct compare_load *load, size_t pairs)
{
    for (size_t i = 0; load->base && load->value && i < pairs; i++) {
        free(load->base[i]);
        free(load->value[i]);
    }
    free(load->base);
    free(load->value);
    free(load->units);
    free(load->column);
}

static int same_units(const struct compare_set *set, size_t pair, const char *const *a, const char *const *b,
                      struct alm_err *e)
{
    const struct compare_cell *cell = &set->base->cell[set->pair[pair].base];
    for (size_t u = 0; u < cell->units; u++)
        if ((a[u] == NULL) != (b[u] == NULL) || (a[u] && strcmp(a[u], b[u]) != 0))
            return alm_fail(e, ALM_EDATA, "%s: unit %zu of trace %s is %s, in %s it is %s; pairs need the same units",
                            set->value->path, u, cell->trace, b[u] ? b[u] : "(nameless)", set->base->path,
                            a[u] ? a[u] : "(nameless)");
    return ALM_OK;
}

static int load_pair(const struct compare_set *set, size_t i, const size_t *wanted, size_t columns,
                     struct compare_load *load, struct alm_err *e)
{
    const struct compare_source *b = set->base, *v = set->value;
    const struct compare_cell *x = &b->cell[set->pair[i].base], *y = &v->cell[set->pair[i].value];
    if (x->units != y->units)
        return alm_fail(e, ALM_EDATA, "%s: trace %s has %u units, in %s it has %u; pairs need the same units", v->path,
                        x->trace, y->units, b->path, x->units);
    size_t n = load->units[i] = x->units;
    const char **names = calloc(2 * n + 1, sizeof *names);
    load->base[i] = calloc(columns * n + 1, sizeof **load->base);
    load->value[i] = calloc(columns * n + 1, sizeof **load->value);
    int code =
        names && load->base[i] && load->value[i] ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", n);
    if (code >= 0)
        code = b->units(b->ctx, set->pair[i].base, wanted, columns, load->base[i], names, e);
    if (code >= 0)
        code = v->units(v->ctx, set->pair[i].value, wanted, columns, load->value[i], names + n, e);
    if (code >= 0)
        code = same_units(set, i, names, names + n, e);
    free((void *)names);
    return code;
}

static int load_units(const struct compare_set *set, struct compare_load *load, struct alm_err *e)
{
    if (load->done)
        return ALM_OK;
    load->done = true;
    load->column = calloc(load->figures + 1, sizeof *load->column);
    load->units = calloc(set->pairs + 1, sizeof *load->units);
    load->base = calloc(set->pairs + 1, sizeof *load->base);
    load->value = calloc(set->pairs + 1, sizeof *load->value);
    size_t *wanted = calloc(load->figures + 1, sizeof *wanted), columns = 0;
    int code = load->column && load->units && load->base && load->value && wanted
                   ? ALM_OK
                   : alm_fail(e, ALM_ENOMEM, "out of memory for the units of %zu cells", set->pairs);
    for (size_t k = 0; code >= 0 && k < load->figures; k++) {
        bool known = set->base->figure[load->figure[k]].units;
        load->column[k] = known ? columns : SIZE_MAX;
        if (known)
            wanted[columns++] = load->figure[k];
    }
    for (size_t i = 0; code >= 0 && i < set->pairs; i++)
        code = load_pair(set, i, wanted, columns, load, e);
    free(wanted);
    return code;
}

void compare_items_free(struct compare_items *items)
{
    free(items->difference);
    free(items->cell);
    free(items->stratum);
    free(items->stratum_seeds);
    free((void *)items->of.cell);
    *items = (struct compare_items){0};
}

/* Room for N items of at most CELLS cells in STRATA strata. */
static int items_new(struct compare_items *x, size_t n, size_t cells, size_t strata, struct alm_err *e)
{
    x->difference = calloc(n + 1, sizeof *x->difference);
    x->cell = calloc(cells + 1, sizeof *x->cell);
    x->stratum = calloc(n + 1, sizeof *x->stratum);
    x->stratum_seeds = calloc(strata + 1, sizeof *x->stratum_seeds);
    x->of.cell = calloc(n + 1, sizeof *x->of.cell);
    if (!x->difference || !x->cell || !x->stratum || !x->stratum_seeds || !x->of.cell)
        return alm_fail(e, ALM_ENOMEM, "out of memory to compare %zu items", n);
    x->of.stratum = x->stratum;
    x->of.seeds = x->stratum_seeds;
    x->of.strata = strata;
    return ALM_OK;
}

static void add_plain(struct compare_items *x, double base, double value)
{
    struct resample_cell *cell = &x->cell[x->cells++];
    *cell = (struct resample_cell){{base, 1}, {value, 1}};
    x->of.cell[x->of.n++] = cell;
    x->difference[x->differences++] = value - base;
}

/* An item for each trace, or for each seed that every trace has: the mean over the other. */
static int plain_items(const struct grid *g, bool by_trace, struct compare_items *x, struct alm_err *e)
{
    size_t n = by_trace ? g->traces : g->seeds;
    ALM_TRY(items_new(x, n, n, 1, e));
    x->independent = by_trace ? COMPARE_TRACES : COMPARE_SEEDS;
    x->stratum_seeds[0] = 1;
    for (size_t k = 0; k < n; k++) {
        double base = 0, value = 0;
        size_t have = 0;
        for (size_t i = 0; i < g->n; i++)
            if ((by_trace ? g->trace[i] : g->seed[i]) == k) {
                base += g->base[i];
                value += g->value[i];
                have++;
            }
        if (by_trace || have == g->traces)
            add_plain(x, base / (double)have, value / (double)have);
    }
    return ALM_OK;
}

static double alone(struct compare_unit u, bool additive)
{
    return u.weight > 0 ? (additive ? u.amount : u.amount / u.weight) : NAN;
}

/* Close the item whose cells are the last N: its own difference is the mean over seeds. */
static void add_unit(struct compare_items *x, struct resample_cell *cell, size_t n, uint32_t stratum)
{
    bool known = false;
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        known = known || cell[k].base.weight > 0 || cell[k].value.weight > 0;
        sum += alone(cell[k].value, x->of.additive) - alone(cell[k].base, x->of.additive);
    }
    if (!known)
        return;
    x->stratum[x->of.n] = stratum;
    x->of.cell[x->of.n++] = cell;
    x->cells += n;
    if (!isnan(sum))
        x->difference[x->differences++] = sum / (double)n;
}

static int trace_units(const struct compare_set *set, const struct grid *g, size_t trace, size_t column,
                       const struct compare_load *load, struct compare_items *x, struct alm_err *e)
{
    size_t units = SIZE_MAX, seeds = 0;
    for (size_t i = 0; i < g->n; i++) {
        if (g->trace[i] != trace)
            continue;
        if (units != SIZE_MAX && load->units[g->pair[i]] != units)
            return alm_fail(e, ALM_EDATA, "%s: trace %s has %zu units with one seed and %zu with another",
                            set->base->path, cell_of(set, g, i)->trace, units, load->units[g->pair[i]]);
        units = load->units[g->pair[i]];
        seeds++;
    }
    x->stratum_seeds[trace] = (uint32_t)seeds;
    for (size_t u = 0; units != SIZE_MAX && u < units; u++) {
        struct resample_cell *cell = &x->cell[x->cells];
        size_t k = 0;
        for (size_t i = 0; i < g->n; i++)
            if (g->trace[i] == trace)
                cell[k++] = (struct resample_cell){load->base[g->pair[i]][column * units + u],
                                                   load->value[g->pair[i]][column * units + u]};
        add_unit(x, cell, seeds, (uint32_t)trace);
    }
    return ALM_OK;
}

static int unit_items(const struct compare_set *set, const struct grid *g, size_t figure, struct compare_load *load,
                      struct compare_items *x, struct alm_err *e)
{
    ALM_TRY(load_units(set, load, e));
    size_t k = 0, cells = 0;
    while (load->figure[k] != figure)
        k++;
    for (size_t i = 0; i < g->n; i++)
        cells += load->units[g->pair[i]];
    ALM_TRY(items_new(x, cells, cells, g->traces, e));
    x->independent = COMPARE_UNITS;
    x->of.additive = set->base->figure[figure].additive;
    for (size_t t = 0; t < g->traces; t++)
        ALM_TRY(trace_units(set, g, t, load->column[k], load, x, e));
    return ALM_OK;
}

static int choose(const struct compare_set *set, const struct grid *g, size_t figure, struct compare_load *load,
                  struct compare_items *x, struct alm_err *e)
{
    if (g->n == 0)
        return ALM_OK;
    if (g->traces >= COMPARE_FEW)
        return plain_items(g, true, x, e);
    if (set->base->figure[figure].units) {
        ALM_TRY(unit_items(set, g, figure, load, x, e));
        if (x->of.n >= COMPARE_FEW || (x->of.n >= g->traces && x->of.n >= g->seeds))
            return ALM_OK;
        compare_items_free(x);
    }
    bool by_trace = g->traces >= g->seeds;
    ALM_TRY(plain_items(g, by_trace, x, e));
    if (x->of.n > 0)
        return ALM_OK;
    compare_items_free(x);
    return plain_items(g, true, x, e);
}

int compare_items_make(const struct compare_set *set, size_t figure, struct compare_load *load,
                       struct compare_items *out, struct alm_err *e)
{
    struct grid g;
    *out = (struct compare_items){0};
    int code = grid_make(set, figure, &g, e);
    if (code >= 0)
        code = choose(set, &g, figure, load, out, e);
    out->traces = g.traces;
    out->seeds = g.seeds;
    out->pairs = g.n;
    grid_free(&g);
    if (code < 0)
        compare_items_free(out);
    return code;
}
