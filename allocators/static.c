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

/* An amount as a limit, and the reason. Units of a fleet are much alike, so the newest answer is kept. */
struct answer {
    double amount;
    int64_t limit;
    int why;
};

static struct answer answer_for(int r, double given, double own)
{
    struct answer a = {.amount = own, .limit = ALM_NO_LIMIT, .why = given > 0 ? GIVEN : own > 0 ? OWN : UNKNOWN};
    double amount = a.why == GIVEN ? given : own;
    if (a.why != UNKNOWN)
        a.limit = r == ALM_CPU ? alm_millicores_up(amount) : alm_bytes_up(amount);
    return a;
}

static int decide(const struct alm_units *u, alm_time now, const struct alm_situation *situation,
                  struct alm_decision *out, struct alm_err *e)
{
    (void)now;
    (void)e;
    const struct opt *o = u->opt;
    const double given[2] = {o->cpu, (double)o->memory};
    struct answer a[2] = {answer_for(ALM_CPU, given[0], NAN), answer_for(ALM_MEMORY, given[1], NAN)};
    for (size_t i = 0; i < u->count; i++) {
        const double own[2] = {situation[i].cores, situation[i].memory};
        for (int r = ALM_CPU; r <= ALM_MEMORY; r++) {
            if (a[r].why != GIVEN && a[r].amount != own[r])
                a[r] = answer_for(r, given[r], own[r]);
            out[i].limit[r] = a[r].limit;
            out[i].floor[r] = a[r].why == UNKNOWN ? 0 : a[r].limit;
            out[i].reason[r] = (uint8_t)a[r].why;
        }
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
