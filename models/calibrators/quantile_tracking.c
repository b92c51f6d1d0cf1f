/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile-tracking: max goes up a step after a miss and down a small one after a hit.
 *
 * Meaning.  The offset changes by eta (miss - rate), eta = lr * range of the last scores (conformal/tracking.h). Never
 *           infinite; after T outcomes with scores that lie within b of the offset's start, misses / T is within about
 *           b / (eta T) of the rate.
 * Limits.   A step on a miss is large beside the rate: max moves at each outcome. lr = 0.1 is the handed-down value,
 *           not verified against the paper.
 * Source.   Angelopoulos, Candes, Tibshirani, "Conformal PID control for time series prediction", NeurIPS 2023. */
#include "conformal/tracking.h"

struct opt {
    struct conformal_opt common;
    double lr;
};

static const struct alm_opt opts[] = {
    CONFORMAL_OPTS(struct opt, common),
    {"lr", ALM_OPT_REAL, offsetof(struct opt, lr), "0.1", 1e-6, 10, NULL,
     "step, as a share of the range of the scores"},
    {0},
};

static size_t size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct tracking);
}

static void learn(const struct conformal_side *s, const struct conformal_news *news)
{
    tracking_learn(s->own, s, news->miss, ((const struct opt *)s->opt)->lr);
}

static double offset(const struct conformal_side *s)
{
    return tracking_offset(s->own, s);
}

static const struct conformal_rule rule = {.saved_as = "calibrator quantile-tracking",
                                           .opt_size = sizeof(struct opt),
                                           .size = size,
                                           .offset = offset,
                                           .learn = learn};

CONFORMAL_FUNCTIONS(rule);

const struct alm_calibrator_ops alm_calibrator_quantile_tracking = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_calibrator_ops),
             .kind = ALM_CALIBRATOR,
             .name = "quantile-tracking",
             .summary = "follows a quantile of the scores by a step after each outcome",
             .source =
                 "Angelopoulos, Candes, Tibshirani, Conformal PID control for time series prediction, NeurIPS 2023",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .state_size = state_size,
    .init = init,
    .adjust = adjust,
    .feedback = feedback,
    .save = save,
    .load = load,
};
