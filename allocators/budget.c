/* SPDX-License-Identifier: GPL-3.0-or-later
 * budget: follows the envelope with at most so many changes of a limit a day, spent where they save most.
 *
 * Meaning.  wanted = max * (1 + margin). In any `period` (24 h) the limit of a resource of a unit changes at most `changes` times; its
 *           pace is the share of them that the last period has used. A limit below wanted is raised at once. A limit above is lowered once
 *           what lowering would have saved, in time of the whole limit, exceeds pace * `patience` * period / changes. Both go to
 *           the largest wanted of late, which fades with time constant `fade`, plus pace * `headroom`. So a unit with few changes follows
 *           its envelope exactly, and one that is about to run out raises further and lowers later. When the budget is spent, the
 *           limit stays until the oldest change is a period old.
 *           An OOM kill always raises memory, to at least what `envelope` would; that change counts, so only kills can exceed the budget.
 * Choice.   Lowering is a rental problem: wait until the waste has cost what a change costs. The price is the pace, which needs no forecast of
 *           how often the envelope will move. What was tried beside it on first halves of public traces, at equal overrun: limits
 *           held for fixed times, a band of hysteresis, a price that each change raises and time lowers, a reserve kept
 *           for raises, means instead of the largest. Headroom did more than all else; with it a reserve saves
 *           nothing. The optimum is flat around the defaults.
 * Limits.   A limit that is not this module's own (after a restart) has no history: the budget begins anew.
 * Source.   Ski rental: Karlin, Manasse, Rudolph, Sleator (1988), Competitive snoopy caching, Algorithmica 3; the level to
 *           which one refills: (s, S) policies, Scarf (1960). */
#include "oom_bump.h"

#include <math.h>
#include <stdbool.h>

#define CHANGES_MOST 1440

struct opt {
    int64_t changes;
    alm_time period;
    double margin, headroom, patience;
    alm_time fade;
    struct oom_bump oom;
};

static const struct alm_opt opts[] = {
    {"changes", ALM_OPT_INTEGER, offsetof(struct opt, changes), "24", 1, CHANGES_MOST, NULL,
     "most changes of a limit in any period, for each unit and resource"},
    {"period", ALM_OPT_DURATION, offsetof(struct opt, period), "24h", 1e9, 1e17, NULL, "the period"},
    {"margin", ALM_OPT_FRACTION, offsetof(struct opt, margin), "0%", 0, 100, NULL, "added to the envelope's max"},
    {"headroom", ALM_OPT_FRACTION, offsetof(struct opt, headroom), "25%", 0, 100, NULL,
     "added to a new limit when the budget is all but spent; in proportion before"},
    {"patience", ALM_OPT_REAL, offsetof(struct opt, patience), "0.8", 0, 1000, NULL,
     "waste, in time of the whole limit, that is worth a change then; in units of period / changes"},
    {"fade", ALM_OPT_DURATION, offsetof(struct opt, fade), "10m", 0, 1e17, NULL,
     "time constant with which past wanted limits are forgotten"},
    OOM_BUMP_OPTIONS(struct opt),
    {0},
};

enum { FIRST, RAISED, LOWERED, UNCHANGED, WAITING, SPENT_LOW, SPENT_HIGH, BUMPED, HELD_BUMP, NOTHING, NO_LIMIT };
static const char *const reasons[] = {
    [FIRST] = "first limit: what the envelope wants",
    [RAISED] = "raised: the envelope wants more",
    [LOWERED] = "lowered: what it saves is worth a change",
    [UNCHANGED] = "unchanged: the limit is what the envelope wants",
    [WAITING] = "held: lowering does not save enough yet to be worth a change",
    [SPENT_LOW] = "held below what the envelope wants: the changes of the period are spent",
    [SPENT_HIGH] = "held above what the envelope wants: the changes of the period are spent",
    [BUMPED] = "raised above the limit that an OOM kill proved too small",
    [HELD_BUMP] = "held above the envelope since an OOM kill",
    [NOTHING] = "held: there is no envelope",
    [NO_LIMIT] = "no limit: there is no envelope yet",
    NULL,
};

/* One resource of one unit. `stamp` is the ring of its changes, of which `count` are within the period. */
struct side {
    double recent; /* the largest wanted of late, fading; the limit's unit */
    double
        saved; /* what lowering would have saved since the limit was last reached or changed, seconds of the whole limit */
    alm_time seen; /* of the decision before */
    uint32_t next, count;
    bool any;
};

struct state {
    struct oom_lesson lesson;
    struct side side[2];
    alm_time stamp[]; /* [2][changes] */
};

static size_t state_size(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    (void)env;
    return sizeof(struct state) + 2 * (size_t)o->changes * sizeof(alm_time);
}

static void forget_old(const struct opt *o, struct side *d, const alm_time *stamp, alm_time now)
{
    const uint32_t most = (uint32_t)o->changes;
    while (d->count > 0 && now - stamp[(d->next + most - d->count) % most] >= o->period)
        d->count--;
}

static void spend(const struct opt *o, struct side *d, alm_time *stamp, alm_time now)
{
    const uint32_t most = (uint32_t)o->changes;
    stamp[d->next] = now;
    d->next = (d->next + 1) % most;
    d->count += d->count < most;
    d->saved = 0;
}

/* A limit that the envelope wants, and the one to choose if there is a change. Amounts are doubles in the limit's unit. */
struct aim {
    int64_t wanted, next;
    double pace, waste; /* share of the limit CURRENT that lowering to the largest wanted of late saves */
    bool forced;        /* an OOM kill asks for more than the limit, whatever is spent */
    double past;        /* seconds since the decision before */
};

static int64_t whole(int r, double amount)
{
    return r == ALM_CPU ? alm_millicores_up(amount) : alm_bytes_up(amount);
}

static struct aim aim_at(const struct opt *o, int r, double wanted, int64_t current, alm_time now, struct side *d)
{
    struct aim a = {.pace = (double)d->count / (double)o->changes, .past = d->any ? alm_seconds(now - d->seen) : 0};
    const double kept = o->fade > 0 ? exp(-a.past / alm_seconds(o->fade)) : 0;
    d->recent = d->any && d->recent > wanted ? wanted + (d->recent - wanted) * kept : wanted;
    d->seen = now;
    d->any = true;
    a.wanted = whole(r, wanted);
    a.next = whole(r, d->recent * (1 + a.pace * o->headroom));
    if (current > 0)
        a.waste = 1 - (double)whole(r, d->recent) / (double)current;
    return a;
}

static int64_t lower(const struct opt *o, const struct aim *a, int64_t current, struct side *d, int *why)
{
    const double price = a->pace * o->patience * alm_seconds(o->period) / (double)o->changes;
    d->saved = a->waste > 0 ? d->saved + a->waste * a->past : 0;
    *why = WAITING;
    if (a->next >= current || (price > 0 && d->saved <= price))
        return current;
    *why = d->count == (uint32_t)o->changes ? SPENT_HIGH : LOWERED;
    return *why == LOWERED ? a->next : current;
}

/* From the limit CURRENT, past what the budget allows. */
static int64_t move(const struct opt *o, const struct aim *a, int64_t current, struct side *d, int *why)
{
    *why = current == ALM_NO_LIMIT ? FIRST : UNCHANGED;
    if (current == ALM_NO_LIMIT)
        return a->wanted;
    if (a->wanted == current) {
        d->saved = 0;
        return current;
    }
    if (a->wanted < current)
        return lower(o, a, current, d, why);
    d->saved = 0;
    *why = d->count == (uint32_t)o->changes && !a->forced ? SPENT_LOW : RAISED;
    return *why == RAISED ? a->next : current;
}

/* What memory is not to be below NOW: after a kill never less than it was, even where `oom_bump` is 0. */
static int64_t lesson_now(const struct oom_lesson *lesson, alm_time now, const struct alm_situation *s)
{
    const int64_t floor = oom_bump_floor(lesson, now);
    return s->oom_kills > 0 && s->decided[ALM_MEMORY] > floor ? s->decided[ALM_MEMORY] : floor;
}

static void decide_one(const struct opt *o, int r, alm_time now, const struct alm_situation *s, struct state *state,
                       struct alm_decision *out)
{
    const struct alm_envelope *envelope = s->envelope;
    const bool known = envelope && envelope->has & ALM_BIT(r);
    const int64_t current = s->decided[r], least = r == ALM_MEMORY ? lesson_now(&state->lesson, now, s) : 0;
    struct side *d = &state->side[r];
    alm_time *stamp = state->stamp + (size_t)r * (size_t)o->changes;
    int why = current == ALM_NO_LIMIT ? NO_LIMIT : NOTHING;
    int64_t limit = current;
    forget_old(o, d, stamp, now);
    if (known) {
        const double wanted = fmin(envelope->max[r] * (1 + o->margin), (double)ALM_AMOUNT_MAX);
        struct aim a = aim_at(o, r, fmax(wanted, (double)least), current, now, d);
        a.forced = current < least;
        limit = move(o, &a, current, d, &why);
        if (wanted < (double)least && limit == current)
            why = HELD_BUMP;
    } else if (current != ALM_NO_LIMIT && current < least) {
        limit = least;
    }
    if (current != ALM_NO_LIMIT && current < least)
        why = BUMPED;
    if (current != ALM_NO_LIMIT && limit != current)
        spend(o, d, stamp, now);
    const int64_t floor = known ? whole(r, envelope->min[r]) : 0;
    out->limit[r] = limit;
    out->floor[r] = limit == ALM_NO_LIMIT || floor < limit ? floor : limit;
    out->reason[r] = (uint8_t)why;
}

static int decide(const struct alm_units *u, alm_time now, const struct alm_situation *situation,
                  struct alm_decision *out, struct alm_err *e)
{
    const struct opt *o = u->opt;
    (void)e;
    for (size_t i = 0; i < u->count; i++) {
        struct state *state = alm_unit_state(u, i);
        oom_bump_learn(&o->oom, &situation[i], now, &state->lesson);
        for (int r = ALM_CPU; r <= ALM_MEMORY; r++)
            decide_one(o, r, now, &situation[i], state, &out[i]);
    }
    return ALM_OK;
}

const struct alm_allocator_ops alm_allocator_budget = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_allocator_ops),
             .kind = ALM_ALLOCATOR,
             .name = "budget",
             .summary = "follows the envelope with a cap on changes a day, spent where they save most",
             .source = "ski rental: Karlin, Manasse, Rudolph, Sleator (1988); (s, S) policies: Scarf (1960)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .reasons = reasons,
    .state_size = state_size,
    .decide = decide,
};
