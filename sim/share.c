/* SPDX-License-Identifier: GPL-3.0-or-later
 * share: two heaps of breakpoints around the level.
 *
 * Meaning.  At a level x the members together would have F(x) = sum of clamp(weight * x, floor, cap). A breakpoint v is
 *           *passed* when it is in the lower heap: caps that are passed have v <= level, floors v < level. Whoever's cap is
 *           passed is at cap; else whoever's floor is passed is at level; else at floor. Between two neighbouring
 *           breakpoints F(x) = constant + weights * x, by the sums over the heaps; so whether a breakpoint beside the level
 *           must be passed is told by F there: a cap when F(v) <= capacity, a floor when F(v) < capacity. That is the
 *           largest level with F <= capacity, and both ends of the heaps are asked the same question, so the division does
 *           not depend on where it was before. Nothing is passed when the floors do not fit: F(0) > capacity.
 * Choice.   A breakpoint is one 128-bit number: floor(v * 2^40), then cap before floor, then the member. Two fractions with
 *           denominators up to 2^20 that differ do so by 2^-40 at least, so this orders them exactly and equal ones are equal.
 *           A member whose floor equals its cap has only the second breakpoint. The lower heap keeps complements, so both
 *           have the least on top.
 *           A member that is set is taken out of the sums at once and out of the heaps at the next balance under
 *           contention; while the caps fit, the heaps stay as they were last, and only members set meanwhile are renewed. */
#include "share.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum kind { CAP, FLOOR };
enum side { BELOW, ABOVE };

#define NOWHERE UINT32_MAX
#define NOT_INLINE __attribute__((noinline)) /* spares the balance without contention their registers */
#define MEMBER_BITS 32
#define KIND_BITS 1
#define FRACTION_BITS 40

int sim_share_init(struct sim_share *s, int64_t capacity, struct alm_err *e)
{
    if (capacity < 0)
        return alm_fail(e, ALM_EINVAL, "a capacity of %lld cannot be shared; 0 or more is needed", (long long)capacity);
    *s = (struct sim_share){.level = INFINITY, .factor = 1};
    sim_share_set_capacity(s, capacity);
    return ALM_OK;
}

void sim_share_fini(struct sim_share *s)
{
    free(s->member);
    free(s->idle);
    free(s->pending);
    free(s->moved);
    free(s->heap[BELOW].key);
    free(s->heap[ABOVE].key);
    *s = (struct sim_share){0};
}

static void *resize(void *old, size_t n, size_t size, bool *failed)
{
    void *new = realloc(old, n * size);
    if (new)
        return new;
    *failed = true;
    return old;
}

static int grow(struct sim_share *s, struct alm_err *e)
{
    uint32_t room = s->room ? s->room * 2 : 8;
    bool failed = room > UINT32_C(1) << 30;
    if (!failed) {
        s->member = resize(s->member, room, sizeof *s->member, &failed);
        s->idle = resize(s->idle, room, sizeof *s->idle, &failed);
        s->pending = resize(s->pending, room, sizeof *s->pending, &failed);
        s->moved = resize(s->moved, room, sizeof *s->moved, &failed);
        s->heap[BELOW].key = resize(s->heap[BELOW].key, (size_t)room * 2, sizeof(sim_wide_key), &failed);
        s->heap[ABOVE].key = resize(s->heap[ABOVE].key, (size_t)room * 2, sizeof(sim_wide_key), &failed);
    }
    if (failed)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %u members of a share", room);
    s->room = room;
    return ALM_OK;
}

/* ---- the heaps ---- */

static sim_wide_key key_of(const struct sim_share_member *m, uint32_t member, enum kind kind)
{
    uint64_t amount = (uint64_t)(kind == CAP ? m->cap : m->floor), weight = (uint64_t)m->weight;
    uint64_t rest = amount % weight;
    sim_wide_key value = (sim_wide_key)(amount / weight) << FRACTION_BITS | (rest << FRACTION_BITS) / weight;
    return value << (KIND_BITS + MEMBER_BITS) | (uint64_t)kind << MEMBER_BITS | member;
}

/* As it is kept on SIDE, and back. */
static inline sim_wide_key turned(sim_wide_key key, enum side side)
{
    return side == BELOW ? ~key : key;
}

static inline uint32_t member_of(sim_wide_key key)
{
    return (uint32_t)key;
}

static inline enum kind kind_of(sim_wide_key key)
{
    return (enum kind)((uint32_t)(key >> MEMBER_BITS) & 1);
}

static inline bool passed(const struct sim_share_member *m, enum kind kind)
{
    return m->place[kind] != NOWHERE && (m->place[kind] & 1) == BELOW;
}

static inline void put(struct sim_share *s, enum side side, uint32_t at, sim_wide_key kept)
{
    sim_wide_key key = turned(kept, side);
    s->heap[side].key[at] = kept;
    s->member[member_of(key)].place[kind_of(key)] = at << 1 | (uint32_t)side;
}

static void rise(struct sim_share *s, enum side side, uint32_t at, sim_wide_key kept)
{
    const sim_wide_key *key = s->heap[side].key;
    while (at > 0 && kept < key[(at - 1) / 4]) {
        put(s, side, at, key[(at - 1) / 4]);
        at = (at - 1) / 4;
    }
    put(s, side, at, kept);
}

static void sink(struct sim_share *s, enum side side, uint32_t at, sim_wide_key kept)
{
    const sim_wide_key *key = s->heap[side].key;
    uint32_t count = s->heap[side].count;
    for (uint32_t child = 4 * at + 1; child < count; child = 4 * at + 1) {
        uint32_t end = child + 4 < count ? child + 4 : count, least = child;
        for (uint32_t c = child + 1; c < end; c++)
            least = key[c] < key[least] ? c : least;
        if (kept <= key[least])
            break;
        put(s, side, at, key[least]);
        at = least;
    }
    put(s, side, at, kept);
}

static void heap_add(struct sim_share *s, enum side side, sim_wide_key key)
{
    rise(s, side, s->heap[side].count++, turned(key, side));
}

static void heap_remove(struct sim_share *s, enum side side, uint32_t at)
{
    struct sim_share_heap *h = &s->heap[side];
    sim_wide_key last = h->key[--h->count];
    if (at == h->count)
        return;
    if (at > 0 && last < h->key[(at - 1) / 4])
        rise(s, side, at, last);
    else
        sink(s, side, at, last);
}

static inline sim_wide_key heap_top(const struct sim_share *s, enum side side)
{
    return turned(s->heap[side].key[0], side);
}

/* ---- members ---- */

/* What the heaps say. */
static enum sim_regime regime_of(const struct sim_share_member *m)
{
    return passed(m, CAP) ? SIM_AT_CAP : passed(m, FLOOR) ? SIM_AT_LEVEL : SIM_AT_FLOOR;
}

/* Add the member to the sums (SIGN 1) or take it out (-1). */
static void count(struct sim_share *s, const struct sim_share_member *m, int sign)
{
    enum sim_regime regime = regime_of(m);
    if (regime == SIM_AT_LEVEL)
        s->weights += sign * m->weight;
    else
        s->constant += sign * (regime == SIM_AT_CAP ? m->cap : m->floor);
}

/* Its breakpoints are no longer right. */
static void renew_later(struct sim_share *s, uint32_t member)
{
    struct sim_share_member *m = &s->member[member];
    if (m->pending)
        return;
    m->pending = true;
    s->pending[s->pendings++] = member;
    count(s, m, -1);
}

int sim_share_join(struct sim_share *s, uint32_t *member, struct alm_err *e)
{
    if (s->idles) {
        *member = s->idle[--s->idles];
    } else {
        if (s->members == s->room)
            ALM_TRY(grow(s, e));
        *member = s->members++;
        s->member[*member] = (struct sim_share_member){.place = {NOWHERE, NOWHERE}, .weight = 1};
    }
    struct sim_share_member *m = &s->member[*member];
    m->here = true;
    m->regime = SIM_AT_CAP;
    renew_later(s, *member);
    return ALM_OK;
}

void sim_share_leave(struct sim_share *s, uint32_t member)
{
    sim_share_set(s, member, 1, 0, 0);
    renew_later(s, member);
    s->member[member].here = false;
    s->idle[s->idles++] = member;
}

void sim_share_set(struct sim_share *s, uint32_t member, int64_t weight, int64_t floor, int64_t cap)
{
    assert(member < s->members && s->member[member].here);
    assert(weight >= 1 && weight <= SIM_SHARE_WEIGHT_MAX && floor >= 0 && cap >= 0 && cap <= SIM_SHARE_CAP_MAX);
    struct sim_share_member *m = &s->member[member];
    if (floor > cap)
        floor = cap;
    if (m->cap == cap && m->weight == weight && m->floor == floor)
        return;
    renew_later(s, member);
    s->caps += cap - m->cap;
    m->cap = cap;
    m->floor = floor;
    m->weight = (int32_t)weight;
}

void sim_share_set_capacity(struct sim_share *s, int64_t capacity)
{
    assert(capacity >= 0);
    s->capacity = capacity == INT64_MAX ? (sim_wide)1 << 100 : capacity; /* no sum of caps comes near */
}

/* ---- balance ---- */

static void touch(struct sim_share *s, uint32_t member)
{
    struct sim_share_member *m = &s->member[member];
    if (m->touched)
        return;
    m->touched = true;
    s->moved[s->moves++] = member;
}

static void take_out(struct sim_share *s, struct sim_share_member *m, enum kind kind)
{
    uint32_t place = m->place[kind];
    m->place[kind] = NOWHERE;
    if (place != NOWHERE)
        heap_remove(s, (enum side)(place & 1), place >> 1);
}

/* All below stays less than all above. */
static void bring_in(struct sim_share *s, sim_wide_key key)
{
    heap_add(s, s->heap[BELOW].count && key < heap_top(s, BELOW) ? BELOW : ABOVE, key);
}

static void renew(struct sim_share *s, uint32_t member)
{
    struct sim_share_member *m = &s->member[member];
    m->pending = false;
    take_out(s, m, CAP);
    take_out(s, m, FLOOR);
    if (!m->here)
        return;
    if (m->floor < m->cap)
        bring_in(s, key_of(m, member, FLOOR));
    bring_in(s, key_of(m, member, CAP));
    count(s, m, 1);
    touch(s, member);
}

/* Does the breakpoint, the last passed or the first not passed, have to be passed? */
static bool to_pass(const struct sim_share *s, sim_wide_key key)
{
    const struct sim_share_member *m = &s->member[member_of(key)];
    bool cap = kind_of(key) == CAP;
    sim_wide left = (s->capacity - s->constant) * m->weight, needed = (sim_wide)s->weights * (cap ? m->cap : m->floor);
    return cap ? needed <= left : needed < left;
}

static void cross(struct sim_share *s, enum side from)
{
    sim_wide_key key = heap_top(s, from);
    struct sim_share_member *m = &s->member[member_of(key)];
    count(s, m, -1);
    heap_remove(s, from, 0);
    heap_add(s, from == BELOW ? ABOVE : BELOW, key);
    count(s, m, 1);
    touch(s, member_of(key));
}

static void find_level(struct sim_share *s)
{
    while (s->heap[ABOVE].count && to_pass(s, heap_top(s, ABOVE)))
        cross(s, ABOVE);
    while (s->heap[BELOW].count && !to_pass(s, heap_top(s, BELOW)))
        cross(s, BELOW);
    sim_wide left = s->capacity - s->constant;
    s->factor = left < 0 ? (double)s->capacity / (double)s->constant : 1;
    if (s->weights) {
        s->level = (double)(int64_t)left / (double)s->weights;
    } else if (left < 0) {
        s->level = 0;
    } else { /* the next breakpoint is a floor, exactly at the level */
        assert(s->heap[ABOVE].count);
        const struct sim_share_member *next = &s->member[member_of(heap_top(s, ABOVE))];
        s->level = (double)next->floor / (double)next->weight;
    }
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void sort_moved(struct sim_share *s)
{
    if (s->moves <= s->members / 16) {
        qsort(s->moved, s->moves, sizeof *s->moved, ascending);
        return;
    }
    s->moves = 0;
    for (uint32_t i = 0; i < s->members; i++)
        if (s->member[i].touched)
            s->moved[s->moves++] = i;
}

/* Of the members touched keep those to be told of: another regime, or at floor where ALL_AT_FLOOR. */
static void keep_moved(struct sim_share *s, bool all_at_floor)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->moves; i++) {
        struct sim_share_member *m = &s->member[s->moved[i]];
        enum sim_regime regime = s->contended ? regime_of(m) : SIM_AT_CAP;
        m->touched = m->here && (regime != m->regime || (all_at_floor && regime == SIM_AT_FLOOR));
        m->regime = (uint8_t)regime;
        if (m->touched)
            s->moved[kept++] = s->moved[i];
    }
    s->moves = kept;
    if (kept > 1)
        sort_moved(s);
    for (uint32_t i = 0; i < kept; i++)
        s->member[s->moved[i]].touched = false;
}

/* Whose cap is not passed. */
static void touch_those_above(struct sim_share *s)
{
    for (uint32_t i = 0; i < s->heap[ABOVE].count; i++)
        if (kind_of(s->heap[ABOVE].key[i]) == CAP)
            touch(s, member_of(s->heap[ABOVE].key[i]));
}

/* Contention has ended; the heaps stay as they are. */
NOT_INLINE static void let_go(struct sim_share *s)
{
    s->contended = false;
    s->level = INFINITY;
    s->factor = 1;
    touch_those_above(s);
    keep_moved(s, false);
}

NOT_INLINE static void rebalance(struct sim_share *s)
{
    double factor = s->factor;
    for (uint32_t i = 0; i < s->pendings; i++)
        renew(s, s->pending[i]);
    s->pendings = 0;
    find_level(s);
    if (!s->contended)
        touch_those_above(s);
    s->contended = true;
    bool all_at_floor = s->factor != factor;
    for (uint32_t i = 0; i < s->members && all_at_floor; i++)
        touch(s, i);
    keep_moved(s, all_at_floor);
}

size_t sim_share_balance(struct sim_share *s, const uint32_t **moved)
{
    s->moves = 0;
    if (s->caps > s->capacity)
        rebalance(s);
    else if (s->contended)
        let_go(s);
    *moved = s->moved;
    return s->moves;
}

/* ---- what came out ---- */

double sim_share_level(const struct sim_share *s)
{
    return s->level;
}

enum sim_regime sim_share_regime(const struct sim_share *s, uint32_t member)
{
    assert(member < s->members && s->member[member].here);
    return (enum sim_regime)s->member[member].regime;
}

double sim_share_rate(const struct sim_share *s, uint32_t member)
{
    const struct sim_share_member *m = &s->member[member];
    switch (sim_share_regime(s, member)) {
    case SIM_AT_CAP:
        return (double)m->cap;
    case SIM_AT_FLOOR:
        return (double)m->floor * s->factor;
    default: /* rounding may not lead beyond the bounds */
        return fmin(fmax((double)m->weight * s->level, (double)m->floor), (double)m->cap);
    }
}

bool sim_share_contended(const struct sim_share *s)
{
    return s->caps > s->capacity;
}
