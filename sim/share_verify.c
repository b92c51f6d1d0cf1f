/* SPDX-License-Identifier: GPL-3.0-or-later
 * share_verify: a plain water-filling beside which the incremental one can be laid.
 *
 * Meaning.  From the members' weights, floors and caps alone: all breakpoints sorted, one pass upward until the members
 *           together would exceed the capacity, the level from what is left. Nothing of the heaps or their sums is read.
 * Choice.   Regimes must be equal; rates within four units of the last place, since they are computed another way. */
#include "share.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

struct breakpoint {
    int64_t amount, weight; /* at level amount / weight */
    const struct sim_share_member *member;
    bool cap;
};

struct filling {
    bool fits, floors_fit;
    sim_wide capacity, floors;
    sim_wide left, weights; /* level = left / weights */
};

static int by_level(const void *a, const void *b)
{
    const struct breakpoint *x = a, *y = b;
    sim_wide left = (sim_wide)x->amount * y->weight, right = (sim_wide)y->amount * x->weight;
    return (left > right) - (left < right);
}

static void pour(struct filling *f, struct breakpoint *b, size_t n)
{
    qsort(b, n, sizeof *b, by_level);
    f->left = f->capacity - f->floors;
    f->weights = 0;
    for (size_t i = 0; i < n && f->weights * b[i].amount <= f->left * b[i].weight; i++) {
        f->weights += b[i].cap ? -b[i].weight : b[i].weight;
        f->left += b[i].cap ? -b[i].member->cap : b[i].member->floor;
    }
}

static int fill(const struct sim_share *s, struct filling *f, struct alm_err *e)
{
    struct breakpoint *b = malloc((2 * (size_t)s->members + 1) * sizeof *b);
    if (!b)
        return alm_fail(e, ALM_ENOMEM, "out of memory to verify a share of %u members", s->members);
    sim_wide caps = 0;
    size_t n = 0;
    for (uint32_t i = 0; i < s->members; i++) {
        const struct sim_share_member *m = &s->member[i];
        if (!m->here)
            continue;
        caps += m->cap;
        f->floors += m->floor;
        b[n++] = (struct breakpoint){m->floor, m->weight, m, false};
        b[n++] = (struct breakpoint){m->cap, m->weight, m, true};
    }
    f->fits = caps <= f->capacity;
    f->floors_fit = f->floors <= f->capacity;
    if (!f->fits && f->floors_fit)
        pour(f, b, n);
    free(b);
    return ALM_OK;
}

static enum sim_regime regime_in(const struct filling *f, const struct sim_share_member *m)
{
    if (f->fits)
        return SIM_AT_CAP;
    if (!f->floors_fit)
        return SIM_AT_FLOOR;
    sim_wide share = f->left * m->weight;
    return share >= f->weights * m->cap ? SIM_AT_CAP : share <= f->weights * m->floor ? SIM_AT_FLOOR : SIM_AT_LEVEL;
}

static double rate_in(const struct filling *f, const struct sim_share_member *m)
{
    switch (regime_in(f, m)) {
    case SIM_AT_CAP:
        return (double)m->cap;
    case SIM_AT_LEVEL:
        return (double)(f->left * m->weight) / (double)f->weights;
    default:
        return f->floors_fit ? (double)m->floor : (double)(f->capacity * m->floor) / (double)f->floors;
    }
}

static double level_in(const struct filling *f)
{
    return f->fits ? INFINITY : f->floors_fit ? (double)f->left / (double)f->weights : 0;
}

static bool near(double a, double b)
{
    return a == b || fabs(a - b) <= 4 * DBL_EPSILON * fmax(a, b);
}

int sim_share_verify(const struct sim_share *s, struct alm_err *e)
{
    static const char *const name[] = {"floor", "level", "cap"};
    struct filling f = {.capacity = s->capacity};
    ALM_TRY(fill(s, &f, e));
    if (!near(sim_share_level(s), level_in(&f)))
        return alm_fail(e, ALM_EINVAL, "the level of the share is %.17g, by water-filling %.17g", sim_share_level(s),
                        level_in(&f));
    for (uint32_t i = 0; i < s->members; i++) {
        const struct sim_share_member *m = &s->member[i];
        if (!m->here)
            continue;
        enum sim_regime regime = sim_share_regime(s, i), wanted = regime_in(&f, m);
        double rate = sim_share_rate(s, i), right = rate_in(&f, m);
        if (regime != wanted || !near(rate, right))
            return alm_fail(e, ALM_EINVAL,
                            "member %u of the share is at %s with %.17g, by water-filling at %s with %.17g", i,
                            name[regime], rate, name[wanted], right);
    }
    return ALM_OK;
}
