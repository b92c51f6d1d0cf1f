/* SPDX-License-Identifier: GPL-3.0-or-later
 * split-conformal: max is moved by an order statistic of the last scores.
 *
 * Meaning.  Of n scores the one of rank ceil((n + 1)(1 - rate)); what scores are, and what happens before n is large
 *           enough, says conformal/conformal.h.
 * Choice.   The scores are those of a window that rolls, so that what is old goes.
 * Limits.   The chance holds for exchangeable scores only. Under drift it lags by up to the window: see aci.
 * Source.   Vovk, Gammerman, Shafer, "Algorithmic learning in a random world" (2005); Lei, G'Sell, Rinaldo, Tibshirani,
 *           Wasserman, "Distribution-free predictive inference for regression", JASA 113 (2018). */
#include "conformal/conformal.h"

struct opt {
    struct conformal_opt common;
};

static const struct alm_opt opts[] = {
    CONFORMAL_OPTS(struct opt, common),
    {0},
};

static double offset(const struct conformal_side *s)
{
    return conformal_quantile(s, s->rate);
}

static const struct conformal_rule rule = {
    .saved_as = "calibrator split-conformal", .opt_size = sizeof(struct opt), .ranks = true, .offset = offset};

CONFORMAL_FUNCTIONS(rule);

const struct alm_calibrator_ops alm_calibrator_split_conformal = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_calibrator_ops),
             .kind = ALM_CALIBRATOR,
             .name = "split-conformal",
             .summary = "moves the envelope by an order statistic of its last scores",
             .source = "Vovk, Gammerman, Shafer, Algorithmic learning in a random world (2005)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .state_size = state_size,
    .init = init,
    .adjust = adjust,
    .feedback = feedback,
    .save = save,
    .load = load,
};
