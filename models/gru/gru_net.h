/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_net: a gated recurrent network whose outputs are quantiles that do not cross.
 *
 * Meaning.  Of N sequences at once, with rows x (inputs, of which the first is the constant 1) and h (hidden):
 *
 *           z = sigmoid(x Wz + h Uz)              update gate
 *           r = sigmoid(x Wr + h Ur)              reset gate
 *           c = tanh(x Wc + r * (h Uc + b))       candidate
 *           h' = z * h + (1 - z) * c
 *           a = [h', x] V                         for each series a row of `levels` numbers
 *           q[middle] = a[middle], q[k] = q[k - 1] + softplus(a[k]) above it, q[k] = q[k + 1] - softplus(a[k]) below it
 *
 *           The loss is the mean pinball loss over levels and known targets. Of a target that is a lower bound only what
 *           lies above the forecast counts: a quantile is pushed up to it, never down.
 * Choice.   The reset gate acts after the product with U, so that one product makes all three gates; Cho et al. apply it
 *           before. The head sees the inputs too, so that whatever is linear in them need not pass through the gates.
 *           Weights are one array: W [inputs][3 hidden], U [hidden][3 hidden], b [hidden], V [hidden + inputs][series levels].
 * Limits.   Doubles throughout. Another BLAS gives other last bits.
 * Source.   Cho et al., "Learning phrase representations using RNN encoder-decoder" (EMNLP 2014); Koenker & Bassett, "Regression
 *           quantiles" (1978). */
#ifndef ALM_MODELS_GRU_NET_H
#define ALM_MODELS_GRU_NET_H

#include "almanac/stream.h"

#include <stddef.h>
#include <stdint.h>

enum { GRU_LEVELS = 8, GRU_HIDDEN_MOST = 256 };

struct gru_shape {
    size_t inputs, hidden, series, levels, middle;
    double level[GRU_LEVELS]; /* [levels], rising */
};

static inline size_t gru_outputs(const struct gru_shape *s)
{
    return s->series * s->levels;
}

size_t gru_weights(const struct gru_shape *s); /* how many */
void gru_weights_draw(const struct gru_shape *s, struct alm_stream *stream, double *w);

/* What a target is. */
enum gru_known { GRU_UNKNOWN, GRU_VALUE, GRU_AT_LEAST };

/* A stretch of STEPS steps of N sequences: x [steps][n][inputs], target and known [steps][n][series]. */
struct gru_stretch {
    size_t n, steps;
    const double *x, *target;
    const uint8_t *known; /* enum gru_known */
};

/* Room for a stretch of at most N sequences and STEPS steps; NULL when there is no memory. With LEARNS also for gradients. */
struct gru_work;
struct gru_work *gru_work_new(const struct gru_shape *s, size_t n, size_t steps, int learns);
void gru_work_free(struct gru_work *work);

/* Go through G from hidden rows H [n][hidden], which become those after the last step. */
void gru_forward(const struct gru_shape *s, const double *w, const struct gru_stretch *g, struct gru_work *work,
                 double *h);

/* The quantiles of step T of the last gru_forward: [n][series][levels]. */
const double *gru_quantiles(const struct gru_shape *s, const struct gru_work *work, size_t t);

/* Mean loss of the last gru_forward, 0 when no target is known. */
double gru_loss(const struct gru_shape *s, const struct gru_stretch *g, const struct gru_work *work);

/* The same, and its GRADIENT by the weights: that of the stretch alone, its first hidden rows taken as given. */
double gru_backward(const struct gru_shape *s, const double *w, const struct gru_stretch *g, struct gru_work *work,
                    double *gradient);

/* Keep OpenBLAS, where it is built in, from dividing a product among threads of its own. Of the whole process; before the first product. */
void gru_blas_alone(void);

#endif
