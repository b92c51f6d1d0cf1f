/* SPDX-License-Identifier: GPL-3.0-or-later
 * gate_match: see the header. */
#include "experiments/compare/gate_match.h"

#include <stdlib.h>
#include <string.h>

struct key {
    const struct compare_cell *cell;
    size_t factors, index;
};

static int by_group(const struct key *a, const struct key *b)
{
    int order = strcmp(a->cell->policy, b->cell->policy);
    if (order == 0)
        order = strcmp(a->cell->part, b->cell->part);
    for (size_t k = 0; order == 0 && k < a->factors; k++)
        order = strcmp(a->cell->factor[k], b->cell->factor[k]);
    return order;
}

static int by_key(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    int order = by_group(a, b);
    if (order == 0)
        order = strcmp(a->cell->trace, b->cell->trace);
    return order ? order : (a->cell->seed > b->cell->seed) - (a->cell->seed < b->cell->seed);
}

static int sorted_keys(const struct compare_source *s, struct key **out, struct alm_err *e)
{
    char name[200];
    struct key *key = calloc(s->cells + 1, sizeof *key);
    if (!key)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", s->cells);
    for (size_t i = 0; i < s->cells; i++)
        key[i] = (struct key){&s->cell[i], s->factors, i};
    qsort(key, s->cells, sizeof *key, by_key);
    for (size_t i = 1; i < s->cells; i++)
        if (by_key(&key[i - 1], &key[i]) == 0) {
            const struct compare_cell *cell = key[i].cell;
            free(key);
            return alm_fail(e, ALM_EDATA, "%s has the cell of policy %.60s on %s twice; each must be there once",
                            s->path, cell->policy, gate_cell_name(cell, name, sizeof name));
        }
    *out = key;
    return ALM_OK;
}

static void walk(const struct key *a, size_t n, const struct key *b, size_t m, struct gate_match *out)
{
    size_t j = 0, matched = 0, run = 0;
    for (size_t i = 0; i < n; i++) {
        while (j < m && by_key(&b[j], &a[i]) < 0)
            j++;
        bool same = j < m && by_key(&b[j], &a[i]) == 0;
        out->mate[a[i].index] = same ? b[j].index : SIZE_MAX;
        matched += same ? 1 : 0;
        run += i > 0 && by_group(&a[i - 1], &a[i]) != 0 ? 1 : 0;
        out->group[a[i].index] = run;
    }
    out->extra = m - matched;
}

/* Groups came in order of their keys: number them in order of appearance. */
static int renumber(struct gate_match *m, size_t n, struct alm_err *e)
{
    size_t *number = calloc(n + 1, sizeof *number);
    if (!number)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", n);
    for (size_t i = 0; i < n; i++) {
        size_t *at = &number[m->group[i]];
        *at = *at ? *at : ++m->groups;
        m->group[i] = *at - 1;
    }
    free(number);
    return ALM_OK;
}

int gate_match_make(const struct compare_source *base, const struct compare_source *value, struct gate_match *out,
                    struct alm_err *e)
{
    struct key *a, *b;
    ALM_TRY(sorted_keys(base, &a, e));
    int code = sorted_keys(value, &b, e);
    if (code < 0) {
        free(a);
        return code;
    }
    *out = (struct gate_match){.mate = calloc(base->cells + 1, sizeof *out->mate),
                               .group = calloc(base->cells + 1, sizeof *out->group)};
    code = out->mate && out->group ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", base->cells);
    if (code >= 0) {
        walk(a, base->cells, b, value->cells, out);
        code = renumber(out, base->cells, e);
    }
    free(a);
    free(b);
    if (code < 0)
        gate_match_free(out);
    return code;
}

void gate_match_free(struct gate_match *m)
{
    free(m->mate);
    free(m->group);
}
