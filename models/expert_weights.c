/* SPDX-License-Identifier: GPL-3.0-or-later
 * expert_weights: exponential weights whose pace adapts. The header says what. */
#include "expert_weights.h"

#include <math.h>

#define GAP_MOST 1e300 /* keeps eta above 0 */

size_t expert_weights_size(size_t experts)
{
    return sizeof(struct expert_weights) + experts * sizeof(double);
}

/* Infinite: only those who lost least count. */
static double eta_of(const struct expert_weights *w, size_t n, const struct expert_pace *pace)
{
    return pace->rate > 0 ? pace->rate / w->mean : log((double)n) / w->gap;
}

/* Of all, also those without a forecast; the least loss is 0. */
static void weigh(const struct expert_weights *w, size_t n, double eta, double *weight)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += weight[k] = isfinite(eta) && n > 1 ? exp(-eta * w->loss[k]) : (double)(w->loss[k] == 0);
    for (size_t k = 0; k < n; k++)
        weight[k] /= sum;
}

/* Spread what those without a VALUE weigh over the others. Returns how many these are. */
static size_t wake(size_t n, const double *value, double *weight)
{
    double sum = 0;
    size_t awake = 0;
    for (size_t k = 0; k < n; k++)
        if (isfinite(value[k])) {
            sum += weight[k];
            awake++;
        }
    for (size_t k = 0; k < n; k++)
        weight[k] = isfinite(value[k]) ? (sum > 0 ? weight[k] / sum : 1 / (double)awake) : 0;
    return awake;
}

void expert_weights_now(const struct expert_weights *w, size_t n, const struct expert_pace *pace,
                        const double *forecast, double *weight)
{
    weigh(w, n, eta_of(w, n, pace), weight);
    wake(n, forecast, weight);
}

/* Let the least loss be 0. Returns what it was. */
static double settle(struct expert_weights *w, size_t n)
{
    double least = w->loss[0];
    for (size_t k = 1; k < n; k++)
        least = fmin(least, w->loss[k]);
    for (size_t k = 0; k < n; k++)
        w->loss[k] -= least;
    return least;
}

/* What is lost by mixing: -ln(sum weight exp(-eta loss)) / eta; at an infinite eta the least that a leader loses. */
static double mixed_loss(const double *weight, const double *loss, size_t n, double eta)
{
    double least = INFINITY, sum = 0;
    for (size_t k = 0; k < n; k++)
        if (weight[k] > 0)
            least = fmin(least, loss[k]);
    for (size_t k = 0; k < n; k++)
        sum += weight[k] > 0 ? weight[k] * exp(-eta * (loss[k] - least)) : 0;
    return sum > 0 ? least - log(sum) / eta : least;
}

static void give_back(struct expert_weights *w, size_t n, double eta, double share)
{
    double weight[EXPERTS_MOST];
    weigh(w, n, eta, weight);
    for (size_t k = 0; k < n; k++)
        w->loss[k] = -log((1 - share) * weight[k] + share / (double)n) / eta;
    settle(w, n);
    w->gap *= 1 - share;
}

void expert_weights_learn(struct expert_weights *w, size_t n, const struct expert_pace *pace, const double *loss)
{
    double all[EXPERTS_MOST], awake[EXPERTS_MOST], each[EXPERTS_MOST], mean = 0;
    const double eta = eta_of(w, n, pace);
    weigh(w, n, eta, all);
    for (size_t k = 0; k < n; k++)
        awake[k] = all[k];
    if (wake(n, loss, awake) == 0)
        return;
    for (size_t k = 0; k < n; k++)
        mean += awake[k] > 0 ? awake[k] * loss[k] : 0;
    for (size_t k = 0; k < n; k++)
        each[k] = isfinite(loss[k]) ? loss[k] : mean;
    w->seen++;
    w->mean += (mean - w->mean) / (double)w->seen;
    for (size_t k = 0; k < n; k++)
        w->loss[k] += each[k];
    const double least = settle(w, n);
    if (n > 1) {
        const double mixed = isfinite(eta) ? mixed_loss(all, each, n, eta) : least;
        w->gap = fmin(w->gap + fmax(mean - mixed, 0), GAP_MOST);
    }
    if (n > 1 && pace->share > 0 && isfinite(eta))
        give_back(w, n, eta, pace->share);
}
