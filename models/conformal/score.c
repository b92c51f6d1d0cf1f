/* SPDX-License-Identifier: GPL-3.0-or-later
 * score: how far usage went beyond one side of an envelope. The header says what. */
#include "score.h"

#include "resolution.h"

#include <float.h>
#include <math.h>

#define RATIO_LIMIT 46.0 /* exp(46) is 9.5e19 */
#define BUMP 0.2
#define TIE 1e-12
#define EDGE 0x1p-12
#define CROSSED 50.0 /* exp(50): as far as a side may have gone beyond the other */

double score_limit(enum score score)
{
    return score == SCORE_RATIO ? RATIO_LIMIT : (double)ALM_AMOUNT_MAX;
}

static double within(double x, double limit)
{
    return fmin(fmax(x, -limit), limit);
}

/* The least share of its base that a side becomes. */
static double least_share(struct score_as as)
{
    return as.side == SCORE_LOWER && as.zeros ? 0 : 0x1p-40;
}

double score_move(struct score_as as, double base, double offset)
{
    const double s = alm_resolution(as.resource);
    double moved;
    if (as.score == SCORE_DIFFERENCE)
        moved = as.side == SCORE_UPPER ? base + offset : base - offset;
    else if (as.side == SCORE_LOWER)
        moved = offset == 0 ? base : (base + s) * exp(-offset) - s;
    else
        moved = offset > 0 ? (base + s) * exp(offset) - s : base * exp(offset);
    return fmin(fmax(moved, base * least_share(as)), DBL_MAX);
}

/* Of the larger of two functions that rise, the inverse is the smaller of theirs. */
double score_move_back(struct score_as as, double moved, double offset)
{
    const double s = alm_resolution(as.resource), share = least_share(as);
    const double most = share > 0 ? moved / share : INFINITY;
    double base;
    if (as.score == SCORE_DIFFERENCE)
        base = as.side == SCORE_UPPER ? moved - offset : moved + offset;
    else if (as.side == SCORE_LOWER)
        base = offset == 0 ? moved : (moved + s) * exp(offset) - s;
    else
        base = offset > 0 ? (moved + s) * exp(-offset) - s : moved * exp(-offset);
    return fmin(fmax(base, 0), most);
}

double score_below(double min, double max)
{
    const double edge = max * (1 - EDGE);
    if (!(min > edge))
        return min;
    const double beyond = edge > 0 ? fmin(log(min / edge), CROSSED) : CROSSED;
    return max * (1 - EDGE * exp(-beyond / 2));
}

double score_below_back(double min, double max)
{
    const double edge = max * (1 - EDGE);
    if (!(min > edge))
        return min;
    return fmin(edge * exp(fmin(-2 * log(fmax((1 - min / max) / EDGE, 0)), CROSSED)), DBL_MAX);
}

double score_of(struct score_as as, double y, double base)
{
    const double s = alm_resolution(as.resource);
    const double up = as.score == SCORE_RATIO ? log((y + s) / (base + s)) : y - base;
    const double tie = as.score == SCORE_RATIO ? TIE : TIE * (y + base + s);
    return within((as.side == SCORE_UPPER ? up : -up) + tie, score_limit(as.score));
}

double score_bump(struct score_as as, double y)
{
    return as.score == SCORE_RATIO ? log1p(BUMP) : BUMP * fmin(y + alm_resolution(as.resource), (double)ALM_AMOUNT_MAX);
}
