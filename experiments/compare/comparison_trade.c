/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_trade: slack against harm: points, who is dominated, areas between curves, regret. */
#include "experiments/compare/comparison_cells.h"

#include "almanac/resource.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every row of every group of one part, in one list. */
struct cloud {
    struct comparison_row **row;
    struct trade_off_point *point;
    bool *dominated;
    size_t n;
};

static void cloud_free(struct cloud *x)
{
    free((void *)x->row);
    free(x->point);
    free(x->dominated);
}

static int cloud_new(const struct comparison *c, struct cloud *x, struct alm_err *e)
{
    size_t n = 1;
    for (size_t k = 0; k < c->groups; k++)
        n += c->group[k].rows;
    *x = (struct cloud){.row = calloc(n, sizeof *x->row),
                        .point = calloc(n, sizeof *x->point),
                        .dominated = calloc(n, sizeof *x->dominated)};
    if (x->row && x->point && x->dominated)
        return ALM_OK;
    cloud_free(x);
    return alm_fail(e, ALM_ENOMEM, "out of memory for %zu points", n);
}

/* Those of PART, oracles or the others; POLICY NULL: all. */
static void gather(const struct comparison *c, const char *part, int resource, bool oracle, const char *policy,
                   struct cloud *x)
{
    x->n = 0;
    for (size_t k = 0; k < c->groups; k++)
        for (size_t i = 0; strcmp(c->group[k].part, part) == 0 && i < c->group[k].rows; i++) {
            struct comparison_row *row = &c->group[k].row[i];
            if (row->oracle != oracle || isnan(row->point[resource].slack) || isnan(row->point[resource].harm) ||
                (policy && strcmp(row->policy, policy) != 0))
                continue;
            x->row[x->n] = row;
            x->point[x->n++] = row->point[resource];
        }
}

static int set_points(struct comparison *c, int resource, struct alm_err *e)
{
    static const char *const word[] = {"slack_relative", "overrun_time_share"};
    size_t figure[2];
    for (int k = 0; k < 2; k++) {
        char name[64];
        snprintf(name, sizeof name, "%s.%s", alm_resource_name((enum alm_resource)resource), word[k]);
        figure[k] = compare_figure_index(c->source, name);
        if (figure[k] == c->source->figures)
            return ALM_OK;
    }
    for (size_t g = 0; g < c->groups; g++)
        for (size_t i = 0; i < c->group[g].rows; i++) {
            struct comparison_row *row = &c->group[g].row[i];
            size_t used;
            ALM_TRY(comparison_mean(c, row, figure[0], &row->point[resource].slack, &used, e));
            ALM_TRY(comparison_mean(c, row, figure[1], &row->point[resource].harm, &used, e));
        }
    return ALM_OK;
}

static int mark_dominated(const struct comparison *c, const char *part, int resource, struct cloud *x,
                          struct alm_err *e)
{
    gather(c, part, resource, false, NULL, x);
    ALM_TRY(trade_off_dominated(x->point, x->n, x->dominated, e));
    for (size_t i = 0; i < x->n; i++)
        x->row[i]->dominated[resource] = x->dominated[i];
    return ALM_OK;
}

/* The least slack of an oracle with no more harm. */
static void set_regret(const struct comparison *c, const char *part, int resource, struct cloud *others,
                       struct cloud *oracles)
{
    gather(c, part, resource, true, NULL, oracles);
    gather(c, part, resource, false, NULL, others);
    for (size_t i = 0; i < others->n; i++) {
        double least = INFINITY;
        for (size_t k = 0; k < oracles->n; k++)
            if (oracles->point[k].harm <= others->point[i].harm)
                least = fmin(least, oracles->point[k].slack);
        if (isfinite(least))
            others->row[i]->regret[resource] = others->point[i].slack - least;
    }
}

static int area_of(const struct comparison *c, struct comparison_area *a, int resource, struct cloud *base,
                   struct cloud *other, struct alm_err *e)
{
    a->area[resource] = NAN;
    gather(c, a->part, resource, false, c->baseline, base);
    gather(c, a->part, resource, false, a->policy, other);
    if (base->n < 2 || other->n < 2)
        return ALM_OK;
    return trade_off_area(other->point, other->n, base->point, base->n, &a->area[resource], e);
}

/* A policy's family of one part is dealt with once: at its first row. */
static bool first_of_family(const struct comparison *c, size_t group, size_t row)
{
    const struct comparison_group *g = &c->group[group];
    for (size_t k = 0; k <= group; k++)
        for (size_t i = 0; strcmp(c->group[k].part, g->part) == 0 && i < c->group[k].rows; i++) {
            if (k == group && i == row)
                return true;
            if (strcmp(c->group[k].row[i].policy, g->row[row].policy) == 0)
                return false;
        }
    return true;
}

static int areas(struct comparison *c, struct cloud *base, struct cloud *other, struct alm_err *e)
{
    size_t most = 1;
    for (size_t k = 0; k < c->groups; k++)
        most += c->group[k].rows;
    c->area = calloc(most, sizeof *c->area);
    if (!c->area)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu areas", most);
    for (size_t k = 0; k < c->groups; k++)
        for (size_t i = 0; i < c->group[k].rows; i++) {
            const struct comparison_row *row = &c->group[k].row[i];
            if (row->baseline || row->oracle || !first_of_family(c, k, i))
                continue;
            struct comparison_area *a = &c->area[c->areas];
            *a = (struct comparison_area){.policy = row->policy, .part = c->group[k].part};
            for (int r = 0; r < 2; r++)
                ALM_TRY(area_of(c, a, r, base, other, e));
            c->areas += isnan(a->area[0]) && isnan(a->area[1]) ? 0 : 1;
        }
    return ALM_OK;
}

static bool first_of_part(const struct comparison *c, size_t group)
{
    size_t k = 0;
    while (strcmp(c->group[k].part, c->group[group].part) != 0)
        k++;
    return k == group;
}

static int trade_off(struct comparison *c, struct cloud *a, struct cloud *b, struct alm_err *e)
{
    for (int r = 0; r < 2; r++) {
        ALM_TRY(set_points(c, r, e));
        for (size_t k = 0; k < c->groups; k++) {
            if (!first_of_part(c, k))
                continue;
            ALM_TRY(mark_dominated(c, c->group[k].part, r, a, e));
            set_regret(c, c->group[k].part, r, a, b);
        }
    }
    return areas(c, a, b, e);
}

int comparison_trade_off(struct comparison *c, struct alm_err *e)
{
    struct cloud a, b;
    ALM_TRY(cloud_new(c, &a, e));
    int code = cloud_new(c, &b, e);
    if (code >= 0) {
        code = trade_off(c, &a, &b, e);
        cloud_free(&b);
    }
    cloud_free(&a);
    return code;
}
