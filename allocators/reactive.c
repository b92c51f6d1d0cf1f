/* SPDX-License-Identifier: GPL-3.0-or-later
 * reactive: raises a limit after it was reached, lowers it after it lay idle. No foresight at all.
 *
 * Meaning.  A limit whose newest usage is at `high` of it or more, or that held usage back, or under which memory was
 *           OOM-killed, is multiplied by `raise`; one whose usage is at `low` or less by `lower`, but never so far that
 *           usage would be at `high` again. It starts from the unit's capacity, or from usage times `headroom`.
 * Choice.   Envelopes are not looked at: this is the baseline that any prediction has to beat.
 * Source.   Threshold rules as in the horizontal and vertical autoscalers of public clouds; T. Lorido-Botran, J.
 *           Miguel-Alonso, J. A. Lozano, "A review of auto-scaling techniques", J. Grid Computing 12 (2014), section
 *           5.1. */
#include "almanac/allocator.h"

#include <math.h>

struct opt {
    double high, low, raise, lower, headroom;
    double min_cpu;
    int64_t min_memory;
};

static const struct alm_opt opts[] = {
    {"high", ALM_OPT_FRACTION, offsetof(struct opt, high), "90%", 0.01, 1, NULL,
     "share of the limit in use at which it is raised"},
    {"low", ALM_OPT_FRACTION, offsetof(struct opt, low), "50%", 0, 1, NULL,
     "share of the limit in use at which it is lowered"},
    {"raise", ALM_OPT_REAL, offsetof(struct opt, raise), "1.5", 1, 1000, NULL, "factor of a raise"},
    {"lower", ALM_OPT_REAL, offsetof(struct opt, lower), "0.8", 0, 1, NULL, "factor of a lowering"},
    {"headroom", ALM_OPT_REAL, offsetof(struct opt, headroom), "1.5", 1, 1000, NULL,
     "first limit over usage, where the unit's capacity is not known"},
    {"min_cpu", ALM_OPT_CORES, offsetof(struct opt, min_cpu), "10m", 0, 1e11, NULL, "least CPU limit, cores"},
    {"min_memory", ALM_OPT_BYTES, offsetof(struct opt, min_memory), "16Mi", 0, 1e14, NULL, "least memory limit, bytes"},
    {0},
};

enum { HELD, RAISED_USE, RAISED_CENSORED, RAISED_OOM, LOWERED, AT_LEAST, FROM_CAPACITY, FROM_USAGE, UNKNOWN };
static const char *const reasons[] = {
    [HELD] = "held: usage lies between the marks, or is not known",
    [RAISED_USE] = "raised: usage reached the high mark",
    [RAISED_CENSORED] = "raised: the limit held usage back",
    [RAISED_OOM] = "raised: memory ran out",
    [LOWERED] = "lowered: usage fell to the low mark",
    [AT_LEAST] = "held: the limit is the least allowed",
    [FROM_CAPACITY] = "started from the unit's own capacity",
    [FROM_USAGE] = "started from the usage seen, with headroom",
    [UNKNOWN] = "no limit: nothing is known of the unit yet",
    NULL,
};

static size_t state_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return 0;
}

static int64_t whole(int r, double amount)
{
    return r == ALM_CPU ? alm_millicores_up(amount / 1000) : alm_bytes_up(amount);
}

/* The first limit. OWN and USAGE are in the limit's unit. */
static int64_t start(const struct opt *o, int r, double own, double usage, double least, int *why)
{
    *why = own > 0 ? FROM_CAPACITY : usage >= 0 ? FROM_USAGE : UNKNOWN;
    if (*why == UNKNOWN)
        return ALM_NO_LIMIT;
    return whole(r, fmax(*why == FROM_CAPACITY ? own : usage * o->headroom, least));
}

/* The limit after LIMIT, which is or was in force as IN_FORCE. */
static int64_t step(const struct opt *o, int r, double limit, double in_force, double usage, double least, int *why)
{
    if (*why == HELD && usage >= o->high * in_force)
        *why = RAISED_USE;
    if (*why != HELD)
        return whole(r, fmax(fmax(limit, in_force) * o->raise, least));
    if (!(usage <= o->low * in_force))
        return whole(r, limit);
    double wanted = fmax(fmax(limit * o->lower, usage / o->high), least);
    *why = wanted < limit ? LOWERED : AT_LEAST;
    return whole(r, fmin(wanted, limit));
}

static void decide_one(const struct opt *o, int r, const struct alm_situation *s, struct alm_decision *out)
{
    const double unit[2] = {1000, 1};
    double usage = s->usage[r] * unit[r];
    double own = (r == ALM_CPU ? s->cores : s->memory) * unit[r];
    double least = r == ALM_CPU ? o->min_cpu * unit[r] : (double)o->min_memory;
    int why = HELD;
    if (s->decided[r] == ALM_NO_LIMIT) {
        out->limit[r] = start(o, r, own, usage, least, &why);
    } else {
        int64_t in_force = s->applied[r] == ALM_NO_LIMIT ? s->decided[r] : s->applied[r];
        if (r == ALM_MEMORY && s->oom_kills > 0)
            why = RAISED_OOM;
        else if (s->censored & ALM_BIT(r))
            why = RAISED_CENSORED;
        out->limit[r] = step(o, r, (double)s->decided[r], (double)in_force, usage, least, &why);
    }
    out->floor[r] = 0;
    out->reason[r] = (uint8_t)why;
}

static int decide(const struct alm_units *u, alm_time now, const struct alm_situation *situation,
                  struct alm_decision *out, struct alm_err *e)
{
    (void)now;
    (void)e;
    for (size_t i = 0; i < u->count; i++)
        for (int r = ALM_CPU; r <= ALM_MEMORY; r++)
            decide_one(u->opt, r, &situation[i], &out[i]);
    return ALM_OK;
}

const struct alm_allocator_ops alm_allocator_reactive = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_allocator_ops),
             .kind = ALM_ALLOCATOR,
             .name = "reactive",
             .summary = "raises a limit after it was reached, lowers it after it lay idle",
             .source = "threshold rules; Lorido-Botran, Miguel-Alonso and Lozano (2014), section 5.1",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .reasons = reasons,
    .state_size = state_size,
    .decide = decide,
};
