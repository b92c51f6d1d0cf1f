/* SPDX-License-Identifier: GPL-3.0-or-later
 * expert_weights: how much each of several forecasters is to be believed, by what they lost so far.
 *
 * Meaning.  Weights fall exponentially with the loss: w ~ exp(-eta * loss). eta is ln(n) / gap, gap the sum of what the mean loss under the
 *           weights lay above the mixed loss -ln(sum w exp(-eta l)) / eta: AdaHedge, which needs neither the range of the losses nor how many come,
 *           and gives the same weights when all losses are scaled or moved alike. A fixed `rate` is eta times the mean loss so far.
 *           An expert that has no forecast loses what the others lose in the mean.
 * Choice.   `share` is given back to all alike after every loss (fixed share), and gap is forgotten at the same pace: then a forecaster that becomes
 *           good is believed within about 1 / share losses, whatever was before. Without it the weights are those of the source.
 * Limits.   EXPERTS_MOST experts. A loss costs two exponentials an expert.
 * Source.   S. de Rooij, T. van Erven, P. D. Grunwald, W. M. Koolen, "Follow the leader if you can, hedge if you must", JMLR 15 (2014);
 *           M. Herbster, M. Warmuth, "Tracking the best expert", Machine Learning 32 (1998); sleeping experts: Y. Freund, R. Schapire,
 *           Y. Singer, M. Warmuth, "Using and combining predictors that specialize", STOC (1997). */
#ifndef ALM_MODELS_EXPERT_WEIGHTS_H
#define ALM_MODELS_EXPERT_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

#define EXPERTS_MOST 16

/* Plain bytes, expert_weights_size() of them; zero is "nothing lost yet": all weigh alike. */
struct expert_weights {
    double gap;
    double mean;   /* of the losses under the weights */
    uint64_t seen; /* losses */
    double loss[]; /* each above that of the best */
};

struct expert_pace {
    double rate;  /* 0: AdaHedge */
    double share; /* 0 .. 1 */
};

size_t expert_weights_size(size_t experts);

/* WEIGHT[n] of sum 1, 0 for experts whose FORECAST is NaN; all 0 when none has one. */
void expert_weights_now(const struct expert_weights *w, size_t n, const struct expert_pace *pace,
                        const double *forecast, double *weight);

/* Learn from LOSS[n], NaN for an expert that had no forecast. Losses are >= 0; one that is not finite is as none at all. */
void expert_weights_learn(struct expert_weights *w, size_t n, const struct expert_pace *pace, const double *loss);

#endif
