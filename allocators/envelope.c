/* SPDX-License-Identifier: GPL-3.0-or-later
 * envelope: the limit is the envelope's max plus a margin, moved as little and as gently as asked.
 *
 * Meaning.  wanted = max * (1 + margin), rounded up to the millicore and the byte. The limit follows at once unless it is
 *           told otherwise: `hysteresis` keeps a limit while wanted lies within that share of it; `min_change_*` keeps it
 *           while the change is smaller than an amount; `shrink` lets it fall by at most that share per decision. After an
 *           OOM kill memory is raised above the limit that killed, by `oom_bump` and at least `oom_bump_min`, and stays
 *           there for `oom_hold`, whatever the envelope says. Without an envelope the last limit stays. The floor is the
 *           envelope's min.
 * Choice.   The brakes are off by default, so without kills `envelope:margin=0` is the envelope's max, exactly, at every
 *           decision.
 * Limits.   Nothing is clamped: a limit of 0 follows from an envelope of 0; the platform keeps its own least limits.
 * Source.   The bump: Kubernetes VPA (20 %, at least 100 MiB). */
#include "oom_bump.h"

#include <stdbool.h>

struct opt {
    double margin, hysteresis, shrink;
    double min_change_cpu;
    int64_t min_change_memory;
    struct oom_bump oom;
};

static const struct alm_opt opts[] = {
    {"margin", ALM_OPT_FRACTION, offsetof(struct opt, margin), "15%", 0, 100, NULL, "added to the envelope's max"},
    {"hysteresis", ALM_OPT_FRACTION, offsetof(struct opt, hysteresis), "0%", 0, 10, NULL,
     "keep the limit while the wanted one is within this share of it"},
    {"min_change_cpu", ALM_OPT_CORES, offsetof(struct opt, min_change_cpu), "0", 0, 1e11, NULL,
     "keep the CPU limit while it would change by less, cores"},
    {"min_change_memory", ALM_OPT_BYTES, offsetof(struct opt, min_change_memory), "0", 0, 1e14, NULL,
     "keep the memory limit while it would change by less, bytes"},
    {"shrink", ALM_OPT_FRACTION, offsetof(struct opt, shrink), "100%", 0, 1, NULL,
     "share of the limit by which one decision may lower it"},
    OOM_BUMP_OPTIONS(struct opt),
    {0},
};

enum {
    FIRST,
    RAISED,
    LOWERED,
    UNCHANGED,
    HELD_BAND,
    HELD_SMALL,
    HELD_OOM,
    SLOWED,
    BUMPED,
    HELD_BUMP,
    NOTHING,
    NO_LIMIT
};
static const char *const reasons[] = {
    [FIRST] = "first limit: the envelope's max plus margin",
    [RAISED] = "raised to the envelope's max plus margin",
    [LOWERED] = "lowered to the envelope's max plus margin",
    [UNCHANGED] = "unchanged: the envelope's max plus margin is the limit already",
    [HELD_BAND] = "held: the wanted limit is within the band of hysteresis",
    [HELD_SMALL] = "held: the change is smaller than the least change",
    [HELD_OOM] = "held: memory ran out, so it is not lowered now",
    [SLOWED] = "lowered, by no more than one decision may",
    [BUMPED] = "raised above the limit that an OOM kill proved too small",
    [HELD_BUMP] = "held above the envelope since an OOM kill",
    [NOTHING] = "held: there is no envelope",
    [NO_LIMIT] = "no limit: there is no envelope yet",
    NULL,
};

static size_t state_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct oom_lesson);
}

static int64_t whole(int r, double amount)
{
    return r == ALM_CPU ? alm_millicores_up(amount) : alm_bytes_up(amount);
}

/* From the limit CURRENT toward WANTED, past the brakes. */
static int64_t brake(const struct opt *o, int r, bool oom, int64_t current, int64_t wanted, int *why)
{
    if (current == ALM_NO_LIMIT || wanted == current) {
        *why = wanted == current ? UNCHANGED : FIRST;
        return wanted;
    }
    int64_t change = wanted > current ? wanted - current : current - wanted;
    int64_t least = r == ALM_CPU ? alm_millicores_up(o->min_change_cpu) : o->min_change_memory;
    *why = wanted > current ? RAISED : LOWERED;
    if (wanted < current && oom && r == ALM_MEMORY)
        *why = HELD_OOM;
    else if ((double)change <= o->hysteresis * (double)current)
        *why = HELD_BAND;
    else if (change < least)
        *why = HELD_SMALL;
    if (*why == HELD_OOM || *why == HELD_BAND || *why == HELD_SMALL)
        return current;
    if (wanted < current && (double)change > o->shrink * (double)current) {
        *why = SLOWED;
        return current - (int64_t)(o->shrink * (double)current);
    }
    return wanted;
}

/* Keep the memory decision above what the last kill taught. */
static void respect_kill(int64_t least, const struct alm_situation *s, struct alm_decision *out)
{
    if (out->limit[ALM_MEMORY] == ALM_NO_LIMIT || out->limit[ALM_MEMORY] >= least)
        return;
    out->limit[ALM_MEMORY] = least;
    out->reason[ALM_MEMORY] = s->oom_kills > 0 ? BUMPED : HELD_BUMP;
}

static void decide_one(const struct opt *o, int r, const struct alm_situation *s, struct alm_decision *out)
{
    const struct alm_envelope *envelope = s->envelope;
    int64_t current = s->decided[r];
    int why;
    out->floor[r] = 0;
    if (envelope == NULL || !(envelope->has & ALM_BIT(r))) {
        why = current == ALM_NO_LIMIT ? NO_LIMIT : NOTHING;
        out->limit[r] = current;
    } else {
        int64_t wanted = whole(r, envelope->max[r] * (1 + o->margin));
        int64_t limit = brake(o, r, s->oom_kills > 0, current, wanted, &why);
        int64_t floor = whole(r, envelope->min[r]);
        out->limit[r] = limit;
        out->floor[r] = floor < limit ? floor : limit;
    }
    out->reason[r] = (uint8_t)why;
}

static int decide(const struct alm_units *u, alm_time now, const struct alm_situation *situation,
                  struct alm_decision *out, struct alm_err *e)
{
    (void)e;
    for (size_t i = 0; i < u->count; i++) {
        const struct opt *o = u->opt;
        struct oom_lesson *lesson = alm_unit_state(u, i);
        oom_bump_learn(&o->oom, &situation[i], now, lesson);
        for (int r = ALM_CPU; r <= ALM_MEMORY; r++)
            decide_one(o, r, &situation[i], &out[i]);
        respect_kill(oom_bump_floor(lesson, now), &situation[i], &out[i]);
    }
    return ALM_OK;
}

const struct alm_allocator_ops alm_allocator_envelope = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_allocator_ops),
             .kind = ALM_ALLOCATOR,
             .name = "envelope",
             .summary = "the envelope's max plus a margin, with brakes on change",
             .source = "the shape shared by published recommenders: estimate, margin, hysteresis",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .reasons = reasons,
    .state_size = state_size,
    .decide = decide,
};
