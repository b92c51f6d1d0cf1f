/* SPDX-License-Identifier: GPL-3.0-or-later
 * requested: each invocation gets what it asked for, decided at the moment it starts.
 *
 * Meaning.  allocate_resources(code_id, input_parameters) in its plainest form: the request that came with the invocation,
 *           times 1 + margin; without one the unit's own request, else no limit. Between starts the last limit stays.
 * Choice.   Wants a round before each start. On the simulated platform, scope=invocation makes the limit that of the one
 *           invocation, released with it.
 * Source.   The specification's allocate_resources; batch systems do this (Standard Workload Format, requested resources). */
#include "almanac/allocator.h"

#include <stdbool.h>

struct opt {
    double margin;
};

static const struct alm_opt opts[] = {
    {"margin", ALM_OPT_FRACTION, offsetof(struct opt, margin), "0%", 0, 100, NULL,
     "added to the request, as a share of it"},
    {0},
};

enum { ASKED, OWN, LAST, UNKNOWN };
static const char *const reasons[] = {
    [ASKED] = "what the invocation asked for",
    [OWN] = "the unit's own request",
    [LAST] = "the limit decided last: no invocation is about to start",
    [UNKNOWN] = "no limit: nothing was asked for",
    NULL,
};

static size_t state_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return 0;
}

static int decide(const struct alm_units *u, alm_time now, const struct alm_situation *situation,
                  struct alm_decision *out, struct alm_err *e)
{
    (void)now;
    (void)e;
    const struct opt *o = u->opt;
    for (size_t i = 0; i < u->count; i++) {
        const struct alm_situation *s = &situation[i];
        const double asked[2] = {s->start ? s->start->cores_requested : -1, s->start ? s->start->memory_requested : -1};
        const double own[2] = {s->cores, s->memory};
        for (int r = ALM_CPU; r <= ALM_MEMORY; r++) {
            const bool last = !s->start && s->decided[r] != ALM_NO_LIMIT;
            int why = asked[r] > 0 ? ASKED : last ? LAST : own[r] > 0 ? OWN : UNKNOWN;
            double amount = (why == ASKED ? asked[r] : own[r]) * (1 + o->margin);
            int64_t limit = why == LAST ? s->decided[r] : ALM_NO_LIMIT;
            if (why == ASKED || why == OWN)
                limit = r == ALM_CPU ? alm_millicores_up(amount) : alm_bytes_up(amount);
            out[i].limit[r] = limit;
            out[i].floor[r] = limit == ALM_NO_LIMIT ? 0 : limit;
            out[i].reason[r] = (uint8_t)why;
        }
    }
    return ALM_OK;
}

const struct alm_allocator_ops alm_allocator_requested = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_allocator_ops),
             .kind = ALM_ALLOCATOR,
             .flags = ALM_F_STARTS,
             .name = "requested",
             .summary = "what each invocation asked for, decided when it starts",
             .source = "the specification's allocate_resources; Standard Workload Format 2.2, requested resources",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .reasons = reasons,
    .state_size = state_size,
    .decide = decide,
};
