/* SPDX-License-Identifier: GPL-3.0-or-later
 * static: one limit for ever, as a person would write it down.
 *
 * Meaning.  The limit of the options; without one, the unit's own capacity or request; without either, no limit. The
 *           limit is also the floor: what is asked for is guaranteed. */
#include "almanac/allocator.h"

#include <math.h>

struct opt {
    double cpu;
    int64_t memory;
};

static const struct alm_opt opts[] = {
    {"cpu", ALM_OPT_CORES, offsetof(struct opt, cpu), "0", 0, 1e11, NULL, "CPU limit in cores; 0 is the unit's own"},
    {"memory", ALM_OPT_BYTES, offsetof(struct opt, memory), "0", 0, 1e14, NULL,
     "memory limit in bytes; 0 is the unit's own"},
    {0},
};

enum { GIVEN, OWN, UNKNOWN };
static const char *const reasons[] = {
    [GIVEN] = "the limit given in the options",
    [OWN] = "the unit's own capacity",
    [UNKNOWN] = "no limit: none is given and the unit's capacity is not known",
    NULL,
};

static size_t state_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return 0;
}

/* An amount as a limit, and the reason. */
struct answer {
    double own;
    int64_t limit, floor;
    uint8_t why;
};

static struct answer answer_for(int r, double given, double own)
{
    struct answer a = {.own = own, .limit = ALM_NO_LIMIT, .why = given > 0 ? GIVEN : own > 0 ? OWN : UNKNOWN};
    double amount = a.why == GIVEN ? given : own;
    if (a.why != UNKNOWN)
        a.limit = r == ALM_CPU ? alm_millicores_up(amount) : alm_bytes_up(amount);
    a.floor = a.limit > 0 ? a.limit : 0;
    return a;
}

static inline void give(const struct answer *a, int r, struct alm_decision *out)
{
    out->limit[r] = a->limit;
    out->floor[r] = a->floor;
    out->reason[r] = a->why;
}

/* Units of a fleet are much alike, so the newest answers are kept. */
static int decide(const struct alm_units *u, alm_time now, const struct alm_situation *situation,
                  struct alm_decision *out, struct alm_err *e)
{
    (void)now;
    (void)e;
    const struct opt *o = u->opt;
    const double given[2] = {o->cpu, (double)o->memory};
    struct answer cpu = {.own = NAN}, memory = {.own = NAN};
    for (size_t i = 0; i < u->count; i++) {
        const struct alm_situation *s = &situation[i];
        if (s->cores != cpu.own)
            cpu = answer_for(ALM_CPU, given[ALM_CPU], s->cores);
        if (s->memory != memory.own)
            memory = answer_for(ALM_MEMORY, given[ALM_MEMORY], s->memory);
        give(&cpu, ALM_CPU, &out[i]);
        give(&memory, ALM_MEMORY, &out[i]);
    }
    return ALM_OK;
}

const struct alm_allocator_ops alm_allocator_static = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_allocator_ops),
             .kind = ALM_ALLOCATOR,
             .name = "static",
             .summary = "one limit for ever: the given one, or the unit's own capacity",
             .source = "the practice that everything else is measured against",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .reasons = reasons,
    .state_size = state_size,
    .decide = decide,
};
