/* SPDX-License-Identifier: GPL-3.0-or-later
 * aci: adaptive conformal inference: the rank of the score goes up after a miss and down after a hit.
 *
 * Meaning.  alpha starts at the rate of misses that is to be kept; after each outcome alpha += gamma (rate - miss). max
 *           is moved by the order statistic of the last scores at 1 - alpha. For every stream of amounts in (0,
 *           ALM_AMOUNT_MAX], whatever made it, after T outcomes
 *
 *           |misses / T - rate| <= (max(rate, 1 - rate) + gamma) / (gamma T)
 *
 * Choice.   Where alpha <= 0 the rule asks for an infinite max. Ours is finite: the extrapolated score, its reach
 *           doubled for each gamma below 0, and all that is believed (ALM_AMOUNT_MAX) below -(1 - 2 rate): as late as
 *           the bound allows. Where alpha >= 1 it asks for an empty range. With `empty=cut` max goes below the least
 *           score, by a twentieth of a bump, four times as far for each further hit: misses are made, so that coverage
 *           is what was asked for and no more. With `empty=keep` max stays at the least score: the bound then holds for
 *           too many misses, not for too few. gamma=0 is a tenth of 1 - confidence, 0.005 at 95 %; for min the same
 *           share of its rate. Larger steps follow a drift sooner and reach alpha <= 0 more often.
 * Limits.   The bound needs that usage can be seen: where something else than max limits it (capacity, another limit),
 *           misses go on whatever max is. The published gamma is 0.005; that value and the constants of the bound are
 *           not verified against the paper; the bound follows from the update alone.
 * Source.   I. Gibbs, E. Candes, "Adaptive conformal inference under distribution shift", NeurIPS 2021. */
#include "conformal/conformal.h"

#include <math.h>

enum empty { EMPTY_CUT, EMPTY_KEEP };

struct opt {
    struct conformal_opt common;
    double gamma;
    int empty;
};

static const struct alm_opt opts[] = {
    CONFORMAL_OPTS(struct opt, common),
    {"gamma", ALM_OPT_REAL, offsetof(struct opt, gamma), "0", 0, 1, NULL,
     "step of alpha; 0: a tenth of 1 - confidence"},
    {"empty", ALM_OPT_CHOICE, offsetof(struct opt, empty), "cut", 0, 0, "cut|keep",
     "when nothing was missed for long: go below the least score, or stay there"},
    {0},
};

struct own {
    double alpha;
};

static double gamma_of(const struct conformal_side *s)
{
    const struct opt *o = s->opt;
    const double share = o->gamma > 0 ? o->gamma / (1 - o->common.confidence) : 0.1;
    return share * s->rate;
}

static size_t size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct own);
}

static void init_own(const struct conformal_side *s)
{
    ((struct own *)s->own)->alpha = s->rate;
}

static void learn(const struct conformal_side *s, const struct conformal_news *news)
{
    ((struct own *)s->own)->alpha += gamma_of(s) * (s->rate - (news->miss ? 1 : 0));
}

/* ALPHA <= 0: there is no such rank. */
static double all(const struct conformal_side *s, double alpha)
{
    if (alpha <= -(1 - 2 * s->rate))
        return score_limit(s->as.score);
    const double *sorted = alm_sorted_window_view(s->scores), largest = sorted[s->scores->count - 1];
    const double reach = fmax(conformal_quantile(s, alpha) - largest, s->bump);
    return largest + reach * exp2(-alpha / gamma_of(s));
}

/* ALPHA >= 1. */
static double nothing(const struct conformal_side *s, double alpha)
{
    const struct opt *o = s->opt;
    const double least = alm_sorted_window_view(s->scores)[0], gamma = gamma_of(s);
    if (o->empty == EMPTY_KEEP)
        return least;
    if (alpha > 1 + gamma * (1 - s->rate))
        return -score_limit(s->as.score);
    return least - s->bump / 20 * exp2(2 * (alpha - 1) / (gamma * s->rate));
}

static double offset(const struct conformal_side *s)
{
    const double alpha = ((const struct own *)s->own)->alpha;
    if (s->scores->count > 0 && alpha <= 0)
        return all(s, alpha);
    if (s->scores->count > 0 && alpha >= 1)
        return nothing(s, alpha);
    return conformal_quantile(s, alpha);
}

static const struct conformal_rule rule = {.saved_as = "calibrator aci",
                                           .opt_size = sizeof(struct opt),
                                           .ranks = true,
                                           .size = size,
                                           .init = init_own,
                                           .offset = offset,
                                           .learn = learn};

CONFORMAL_FUNCTIONS(rule);

const struct alm_calibrator_ops alm_calibrator_aci = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_calibrator_ops),
             .kind = ALM_CALIBRATOR,
             .name = "aci",
             .summary = "adaptive conformal inference: keeps the rate of misses on any stream",
             .source = "Gibbs and Candes, Adaptive conformal inference under distribution shift, NeurIPS 2021",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .state_size = state_size,
    .init = init,
    .adjust = adjust,
    .feedback = feedback,
    .save = save,
    .load = load,
};
