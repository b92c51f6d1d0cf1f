/* SPDX-License-Identifier: GPL-3.0-or-later
 * dtaci: adaptive conformal inference by experts of several step sizes, none of which has to be chosen.
 *
 * Meaning.  Each expert keeps an alpha by the rule of aci with its own gamma. beta is the largest alpha by which the
 *           outcome would have been covered. Experts are weighted by exp(-eta * pinball loss of their alpha for beta),
 *           and a share sigma of the weight is dealt out evenly, so that a forgotten expert can return. max is moved by
 *           the order statistic at 1 - the weighted mean of the alphas.
 *
 *           eta = sqrt(3 / I) sqrt((log(k I) + 2) / ((1-a)^2 a^3 + a^2 (1-a)^3)), sigma = 1 / (2 I): k experts, rate a,
 *           I = `span` outcomes.
 * Choice.   The mean of the experts instead of one drawn by weight: the expectation of the published rule, and no luck
 *           in it. An expert counts a miss where its alpha is above beta; in a miss of unknown size, and in one beyond
 *           all scores, beta is 0. gammas are for a rate of 10 %, and taken in proportion at others: a step far larger
 *           than the rate only makes max jump.
 * Limits.   The gammas, the rate they are for, span, eta and sigma are not verified against the paper. What
 *           holds on every stream is the loss against the best expert; the bound of aci is not claimed.
 * Source.   I. Gibbs, E. Candes, "Conformal inference for online prediction with arbitrary distribution shifts" (2022).
 *           */
#include "conformal/conformal.h"

#include <math.h>

#define GAMMAS_RATE 0.1 /* for which the gammas are given */

struct opt {
    struct conformal_opt common;
    struct alm_numbers gammas;
    int64_t span;
};

static const struct alm_opt opts[] = {
    CONFORMAL_OPTS(struct opt, common),
    {"gammas", ALM_OPT_NUMBERS, offsetof(struct opt, gammas), "0.001/0.002/0.004/0.008/0.016/0.032/0.064/0.128", 1e-9,
     1, NULL, "steps of alpha at a confidence of 90 %, one an expert"},
    {"span", ALM_OPT_INTEGER, offsetof(struct opt, span), "500", 1, 1e9, NULL,
     "outcomes over which the best expert is sought"},
    {0},
};

struct expert {
    double alpha, weight; /* the weights sum to 1 */
};

static size_t size(const void *opt, const struct alm_env *env)
{
    (void)env;
    return ((const struct opt *)opt)->gammas.count * sizeof(struct expert);
}

static void init_own(const struct conformal_side *s)
{
    const struct opt *o = s->opt;
    struct expert *x = s->own;
    for (size_t k = 0; k < o->gammas.count; k++)
        x[k] = (struct expert){.alpha = s->rate, .weight = 1 / (double)o->gammas.count};
}

/* The largest alpha by which the news would have been covered: they are above so many of n + 1 scores. */
static double beta_of(const struct conformal_side *s, const struct conformal_news *news)
{
    const double *sorted = alm_sorted_window_view(s->scores);
    const size_t n = s->scores->count;
    if (news->unbounded || n == 0)
        return news->miss ? 0 : 1;
    size_t below = 0;
    for (size_t end = n; below < end;) {
        const size_t middle = below + (end - below) / 2;
        if (sorted[middle] < news->score)
            below = middle + 1;
        else
            end = middle;
    }
    if (below == n && news->miss)
        return 0;
    return 1 - (double)below / ((double)n + 1);
}

static double pinball(double rate, double beta, double alpha)
{
    const double over = beta - alpha;
    return rate * over - fmin(0, over);
}

static void learn(const struct conformal_side *s, const struct conformal_news *news)
{
    const struct opt *o = s->opt;
    struct expert *x = s->own;
    const size_t k = o->gammas.count;
    const double a = s->rate, b = 1 - a, span = (double)o->span;
    const double eta = sqrt(3 / span) * sqrt((log((double)k * span) + 2) / (b * b * a * a * a + a * a * b * b * b));
    const double sigma = 1 / (2 * span), beta = beta_of(s, news), step = a / GAMMAS_RATE;
    double sum = 0, least = INFINITY;
    for (size_t i = 0; i < k; i++)
        least = fmin(least, pinball(a, beta, x[i].alpha));
    for (size_t i = 0; i < k; i++) {
        x[i].weight *= exp(-eta * (pinball(a, beta, x[i].alpha) - least));
        sum += x[i].weight;
    }
    for (size_t i = 0; i < k; i++) {
        x[i].weight = (1 - sigma) * x[i].weight / sum + sigma / (double)k;
        x[i].alpha += o->gammas.value[i] * step * (a - (x[i].alpha > beta ? 1 : 0));
    }
}

static double offset(const struct conformal_side *s)
{
    const struct opt *o = s->opt;
    const struct expert *x = s->own;
    double alpha = 0;
    for (size_t i = 0; i < o->gammas.count; i++)
        alpha += x[i].weight * x[i].alpha;
    return conformal_quantile(s, alpha);
}

static const struct conformal_rule rule = {.saved_as = "calibrator dtaci",
                                           .opt_size = sizeof(struct opt),
                                           .ranks = true,
                                           .size = size,
                                           .init = init_own,
                                           .offset = offset,
                                           .learn = learn};

CONFORMAL_FUNCTIONS(rule);

const struct alm_calibrator_ops alm_calibrator_dtaci = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_calibrator_ops),
             .kind = ALM_CALIBRATOR,
             .name = "dtaci",
             .summary = "adaptive conformal inference by experts of several step sizes",
             .source = "Gibbs and Candes, Conformal inference for online prediction with arbitrary distribution shifts "
                       "(2022)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .state_size = state_size,
    .init = init,
    .adjust = adjust,
    .feedback = feedback,
    .save = save,
    .load = load,
};
