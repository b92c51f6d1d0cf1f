/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_layout: numbers to cells. The ids are in plan_id.c. */
#include "experiments/sweep/plan_layout.h"

#include <stdlib.h>
#include <string.h>

static size_t find_policy(const struct sweep_spec *s, const char *name)
{
    for (size_t i = 0; name && i < s->policies; i++)
        if (strcmp(s->policy[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

/* Does factor I begin a dimension of POLICY's own, or of all (SIZE_MAX)? */
static bool is_dimension(const struct sweep_spec *s, const struct sweep_layout *l, size_t i, size_t policy)
{
    const struct sweep_factor *f = &s->factor[i];
    if (!f->zip)
        return l->policy_of[i] == policy;
    if (i != l->zip_first || l->zip_shared)
        return i == l->zip_first && policy == SIZE_MAX;
    for (size_t k = i; k < s->factors; k++)
        if (s->factor[k].zip && l->policy_of[k] == policy)
            return true;
    return false;
}

/* The combinations of the factors about POLICY alone, or about all; at most one more than there may be cells. */
static uint64_t combinations(const struct sweep_spec *s, const struct sweep_layout *l, size_t policy)
{
    uint64_t n = 1;
    for (size_t i = 0; i < s->factors && n <= SWEEP_CELLS_MOST; i++)
        if (is_dimension(s, l, i, policy))
            n *= s->factor[i].values;
    return n <= SWEEP_CELLS_MOST ? n : SWEEP_CELLS_MOST + 1;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return a == 0 || b <= SWEEP_CELLS_MOST / a ? a * b : SWEEP_CELLS_MOST + 1;
}

static void find_parts(const struct sweep_spec *s, struct sweep_layout *l)
{
    l->parts = 0;
    if (s->train > 0)
        l->part[l->parts++] = SWEEP_TRAIN;
    if (s->test > 0)
        l->part[l->parts++] = SWEEP_TEST;
    if (l->parts == 0)
        l->part[l->parts++] = SWEEP_WHOLE;
}

/* The parts that POLICY has. */
static void find_own_parts(const struct sweep_plan *p, struct sweep_layout *l, size_t policy)
{
    const struct sweep_spec *s = p->spec;
    l->from[policy] = 0;
    l->parts_of[policy] = l->parts;
    for (size_t t = 0; t < s->tunes; t++)
        if (find_policy(s, s->tune[t].policy) == policy) {
            l->from[policy] = l->parts - 1; /* the test */
            l->parts_of[policy] = p->chosen && p->chosen[t];
        }
}

static void find_factors(const struct sweep_spec *s, struct sweep_layout *l)
{
    l->zip_first = SIZE_MAX;
    for (size_t i = 0; i < s->factors; i++) {
        const struct sweep_factor *f = &s->factor[i];
        l->policy_of[i] = find_policy(s, f->policy);
        if (f->zip && l->zip_first == SIZE_MAX)
            l->zip_first = i;
        l->zip_shared |= f->zip && !f->policy;
    }
}

int sweep_layout_make(struct sweep_plan *p, struct alm_err *e)
{
    const struct sweep_spec *s = p->spec;
    struct sweep_layout *l = calloc(1, sizeof *l);
    sweep_layout_free(p->layout);
    p->layout = l;
    if (l) {
        l->own = calloc(s->policies, sizeof *l->own);
        l->configured = calloc(s->policies, sizeof *l->configured);
        l->from = calloc(s->policies, sizeof *l->from);
        l->parts_of = calloc(s->policies, sizeof *l->parts_of);
        l->policies = l->configured ? s->policies : 0;
    }
    if (!l || !l->own || !l->configured || !l->from || !l->parts_of)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory for %zu policies", s->path, s->policies);
    find_parts(s, l);
    find_factors(s, l);
    l->shared = combinations(s, l, SIZE_MAX);
    for (size_t i = 0; i < s->policies; i++) {
        l->own[i] = combinations(s, l, i);
        find_own_parts(p, l, i);
        l->width += l->own[i];
        l->rows += l->own[i] * l->parts_of[i];
    }
    for (size_t i = 0; i < s->seeds; i++)
        l->next_seed = s->seed[i] >= l->next_seed ? s->seed[i] + 1 : l->next_seed;
    l->seeds = s->seeds + p->extra_seeds;
    p->per_trace = times(times(l->shared, l->rows), l->seeds);
    p->cells = times(p->per_trace, s->traces);
    if (p->cells > SWEEP_CELLS_MOST)
        return alm_fail(e, ALM_EINVAL, "%s: more than 2^31 cells; drop factors or values", s->path);
    return ALM_OK;
}

void sweep_layout_free(struct sweep_layout *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->policies; i++)
        simulation_config_free(&l->configured[i].config);
    free(l->configured);
    free(l->own);
    free(l->from);
    free(l->parts_of);
    free(l);
}

/* The last digit of *NUMBER to base BASE, which is taken off. */
static size_t digit(uint64_t *number, uint64_t base)
{
    uint64_t d = *number % base;
    *number /= base;
    return (size_t)d;
}

static void set_factors(const struct sweep_plan *p, uint64_t shared, uint64_t own, struct sweep_cell *out)
{
    const struct sweep_spec *s = p->spec;
    const struct sweep_layout *l = p->layout;
    size_t step = 0, at[64] = {0};
    for (size_t i = s->factors; i-- > 0;) {
        if (is_dimension(s, l, i, SIZE_MAX))
            at[i] = digit(&shared, s->factor[i].values);
        else if (is_dimension(s, l, i, out->policy))
            at[i] = digit(&own, s->factor[i].values);
    }
    if (l->zip_first != SIZE_MAX)
        step = at[l->zip_first];
    for (size_t i = 0; i < s->factors; i++) {
        const struct sweep_factor *f = &s->factor[i];
        bool about = l->policy_of[i] == SIZE_MAX || l->policy_of[i] == out->policy;
        out->factor[i] = about ? f->value[f->zip ? step : at[i]] : NULL;
    }
}

uint64_t sweep_layout_cell(const struct sweep_plan *p, uint64_t number, struct sweep_cell *out)
{
    const struct sweep_spec *s = p->spec;
    const struct sweep_layout *l = p->layout;
    uint64_t rest = number % p->per_trace;
    *out = (struct sweep_cell){.number = number, .trace = (size_t)(number / p->per_trace)};
    size_t seed = digit(&rest, l->seeds);
    out->seed = seed < s->seeds ? s->seed[seed] : l->next_seed + (int64_t)(seed - s->seeds);
    uint64_t own = rest % l->rows, shared = rest / l->rows, before = 0;
    for (; own >= l->own[out->policy] * l->parts_of[out->policy]; out->policy++) {
        own -= l->own[out->policy] * l->parts_of[out->policy];
        before += l->own[out->policy];
    }
    out->part = l->part[l->from[out->policy] + digit(&own, l->parts_of[out->policy])];
    set_factors(p, shared, own, out);
    return shared * l->width + before + own;
}
