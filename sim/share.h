/* SPDX-License-Identifier: GPL-3.0-or-later
 * share: weighted max-min sharing of one capacity among members, by whole numbers.
 *
 * Meaning.  The rate of a member is clamp(weight * level, min(floor, cap), cap), and `level` is the largest at which the
 *           rates together do not exceed the capacity. While the caps together fit, everybody is at cap and the level is
 *           infinite. When not even the floors fit, everybody is at floor, cut by one common factor, and the level is 0.
 *           A member is at cap when weight * level >= cap, else at floor when weight * level <= its floor, else at level:
 *           compared exactly, so members alone decide, not how they came to be what they are.
 * Choice.   Each member has two breakpoints on the axis of levels: floor / weight, where it leaves its floor, and
 *           cap / weight, where it reaches its cap. Two heaps hold those on either side of the present level, so a change
 *           costs O(log n) for what changed and for each breakpoint that the level passes; members at level cost nothing.
 *           While the caps fit, a change costs a sum, and heaps are brought up to date when contention comes.
 *           Sums are whole numbers: nothing drifts.
 * Limits.   Rates are doubles, each rounded twice (the level, the product). 2^30 members.
 * Source.   Bertsekas and Gallager, Data Networks, 6.5.2. Costs and what was rejected: docs/decisions/0012-sharing.md. */
#ifndef ALM_SIM_SHARE_H
#define ALM_SIM_SHARE_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_SHARE_WEIGHT_MAX (INT64_C(1) << 20)
#define SIM_SHARE_CAP_MAX (INT64_C(1) << 50)

enum sim_regime { SIM_AT_FLOOR, SIM_AT_LEVEL, SIM_AT_CAP };

__extension__ typedef __int128 sim_wide;
__extension__ typedef unsigned __int128 sim_wide_key;

struct sim_share_member {
    int64_t floor, cap; /* floor <= cap */
    int32_t weight;
    uint32_t place[2]; /* of its breakpoints in the heaps */
    uint8_t regime;    /* as of the last balance */
    bool here;         /* false: the number is free */
    bool pending;      /* its breakpoints in the heaps, if any, are not those it has now */
    bool touched;      /* may have changed regime */
};

struct sim_share_heap {
    sim_wide_key *key;
    uint32_t count;
};

struct sim_share {
    sim_wide capacity, caps; /* caps: their sum */
    sim_wide constant;       /* what those at cap and at floor have together, by the heaps */
    int64_t weights;         /* of those at level, by the heaps */
    double level, factor;    /* as of the last balance; factor: of floors */
    bool contended;          /* at the last balance */
    struct sim_share_member *member;
    uint32_t *idle, *pending, *moved; /* numbers of members */
    struct sim_share_heap heap[2];    /* breakpoints at or below the level, those above */
    uint32_t members, room, idles, pendings, moves;
};

/* CAPACITY >= 0 in amount a second; INT64_MAX: no bound, everybody is always at cap. ALM_EINVAL. Allocates nothing. */
int sim_share_init(struct sim_share *s, int64_t capacity, struct alm_err *e);
void sim_share_fini(struct sim_share *s);

/* A new member: weight 1, floor 0, cap 0, at cap. Its number is that of the member who left last, else the next.
 * O(1) on average. ALM_ENOMEM, then nothing has changed. */
int sim_share_join(struct sim_share *s, uint32_t *member, struct alm_err *e);
void sim_share_leave(struct sim_share *s, uint32_t member); /* O(1) */

/* Weight 1 .. SIM_SHARE_WEIGHT_MAX, floor >= 0 (what exceeds the cap is not used), cap 0 .. SIM_SHARE_CAP_MAX. O(1): what follows
 * from it is for the next balance. */
void sim_share_set(struct sim_share *s, uint32_t member, int64_t weight, int64_t floor, int64_t cap);
void sim_share_set_capacity(struct sim_share *s, int64_t capacity);

/* Restore balance after any changes. MOVED (valid until the next balance or join) gets the members, in ascending order,
 * whose regime is not what it was after the previous balance, and, where the factor of floors changed, all members at
 * floor; a new member was at cap. Returns how many. O(1) while the caps fit and did before; else O(log n) for each member
 * set and each breakpoint passed, O(n) where the factor changed. */
size_t sim_share_balance(struct sim_share *s, const uint32_t **moved);

/* As of the last balance. The rate of a member set since then is not defined before the next. */
double sim_share_level(const struct sim_share *s); /* INFINITY: everybody is at cap */
double sim_share_rate(const struct sim_share *s, uint32_t member);
enum sim_regime sim_share_regime(const struct sim_share *s, uint32_t member);

bool sim_share_contended(const struct sim_share *s); /* the caps together exceed the capacity, now */

/* After a balance: compare all regimes and rates with those that a plain water-filling finds. ALM_EINVAL names the member
 * and both; ALM_ENOMEM. O(n log n). */
int sim_share_verify(const struct sim_share *s, struct alm_err *e);

#endif
