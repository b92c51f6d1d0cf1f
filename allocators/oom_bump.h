/* SPDX-License-Identifier: GPL-3.0-or-later
 * oom_bump: what an OOM kill teaches: memory above the limit that killed, for a while. For allocators that follow envelopes.
 *
 * Meaning.  After a kill memory is not to be below the limit that killed plus `oom_bump` of it, at least `oom_bump_min`, for
 *           `oom_hold`.
 * Choice.   On by default: an envelope that was too small once would kill the unit again at each restart.
 * Source.   Kubernetes VPA (20 %, at least 100 MiB). */
#ifndef ALMANAC_ALLOCATORS_OOM_BUMP_H
#define ALMANAC_ALLOCATORS_OOM_BUMP_H

#include "almanac/allocator.h"

struct oom_bump {
    double share;
    int64_t least;
    alm_time hold;
};

/* Not below `floor` before `until`; zeroed: no kill was seen. */
struct oom_lesson {
    int64_t floor;
    alm_time until;
};

/* Rows of the options, for an option struct with a struct oom_bump named `oom`. */
#define OOM_BUMP_OPTIONS(type)                                                                                         \
    {"oom_bump",                                                                                                       \
     ALM_OPT_FRACTION,                                                                                                 \
     offsetof(type, oom.share),                                                                                        \
     "20%",                                                                                                            \
     0,                                                                                                                \
     100,                                                                                                              \
     NULL,                                                                                                             \
     "raise memory by this above the limit that killed; 0 ignores kills"},                                             \
        {"oom_bump_min", ALM_OPT_BYTES, offsetof(type, oom.least), "100Mi", 0, 1e14, NULL, "and by at least this"},    \
    {                                                                                                                  \
        "oom_hold", ALM_OPT_DURATION, offsetof(type, oom.hold), "24h", 0, 1e18, NULL,                                  \
            "how long memory stays there after a kill"                                                                 \
    }

/* Remember a kill of S, if there was one. */
static inline void oom_bump_learn(const struct oom_bump *o, const struct alm_situation *s, alm_time now,
                                  struct oom_lesson *lesson)
{
    int64_t limit = s->decided[ALM_MEMORY];
    if (s->oom_kills == 0 || limit == ALM_NO_LIMIT || o->share == 0)
        return;
    int64_t more = (int64_t)(o->share * (double)limit);
    more = more > o->least ? more : o->least;
    lesson->floor = limit < ALM_AMOUNT_MAX - more ? limit + more : ALM_AMOUNT_MAX;
    lesson->until = now + o->hold;
}

/* What memory is not to fall below NOW; 0: anything. */
static inline int64_t oom_bump_floor(const struct oom_lesson *lesson, alm_time now)
{
    return now < lesson->until ? lesson->floor : 0;
}

#endif
