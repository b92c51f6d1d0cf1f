/* SPDX-License-Identifier: GPL-3.0-or-later
 * score: how far usage went beyond one side of an envelope, and the side moved by such an amount.
 *
 * Meaning.  With base the side as the predictor made it, and s the resolution of the resource (resolution.h):
 *
 *           ratio       upper: log((y + s) / (max + s))    lower: log((min + s) / (y + s))
 *           difference  upper: y - max                     lower: min - y
 *
 *           Moving a side by an offset makes it cover what scores at most the offset.
 * Choice.   The envelope that comes back with an outcome is the moved one; the offset being known, the base is had by
 *           moving back. So that nothing is lost where a side would fall below 0, it becomes 2^-40 of its base there,
 *           and 0 only for min of usage that is 0 at times (`zeros`): then the base that is had is too high, and so is
 *           the score. A negative offset of max by ratio takes the same share of the whole max, not of max + s: it
 *           covers at most s more.
 * Limits.   The largest offset makes any max one that no amount is above which is believed (ALM_AMOUNT_MAX); allocators
 *           and platforms cut it to theirs. */
#ifndef ALM_MODELS_SCORE_H
#define ALM_MODELS_SCORE_H

#include "almanac/resource.h"

#include <stdbool.h>

enum score { SCORE_RATIO, SCORE_DIFFERENCE };
enum score_side { SCORE_UPPER, SCORE_LOWER, SCORE_SIDES };

struct score_as {
    enum score score;
    enum score_side side;
    enum alm_resource resource;
    bool zeros; /* usage was 0 not long ago */
};

/* The largest offset either way. */
double score_limit(enum score score);

/* BASE moved by OFFSET, outward when it is above 0; and its inverse. Finite for finite arguments. */
double score_move(struct score_as as, double base, double offset);
double score_move_back(struct score_as as, double moved, double offset);

/* MIN, moved, as it is stated beside MAX; and its inverse. Where it would lie above MAX (1 - 2^-12) it comes to lie between
 * there and MAX, the nearer the further it went: the sides never cross, and how far they would have is not lost. */
double score_below(double min, double max);
double score_below_back(double min, double max);

/* The score of usage Y (>= 0) against BASE, within the limit either way. Rounded up by 1e-12 of its scale, so that a side
 * moved by it is not missed by the rounding of sums. */
double score_of(struct score_as as, double y, double base);

/* By how much a score is raised when usage stopped at its limit: as if a fifth more than Y had been wanted, as `oom_ratio`
 * of predictor vpa has it. */
double score_bump(struct score_as as, double y);

#endif
