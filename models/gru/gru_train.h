/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_train: weights out of windows of history.
 *
 * Meaning.  An update takes the next `length` steps of a batch of windows, hidden rows carried over from the stretch before (truncated
 *           back-propagation through time), cuts the gradient to norm `clip`, and takes one step of Adam. When a batch of windows
 *           is at its end, the next one is drawn. The rate falls along half a cosine to a twentieth.
 * Choice.   Plain Adam with the usual 0.9, 0.999 and 1e-8; its moments begin at nothing each time.
 * Limits.   Draws come from STREAM alone, so the result is a function of the arguments.
 * Source.   Kingma & Ba, "Adam" (ICLR 2015); Pascanu, Mikolov & Bengio (ICML 2013), for the cut; Loshchilov & Hutter (ICLR 2017), for the
 *           rate. */
#ifndef ALM_MODELS_GRU_TRAIN_H
#define ALM_MODELS_GRU_TRAIN_H

#include "gru_net.h"

/* COUNT windows of STEPS steps, a multiple of the length of a stretch: x [count][steps][inputs], target and known
 * [count][steps][series]. */
struct gru_windows {
    size_t count, steps;
    const double *x, *target;
    const uint8_t *known;
};

struct gru_training {
    size_t updates, batch, length;
    double rate, clip;
};

/* Improve W. *LOSS becomes the mean loss over the last tenth of the updates. ALM_ENOMEM, or ALM_EDATA when numbers ran away: then W
 * is as it was. */
int gru_train(const struct gru_shape *s, const struct gru_training *how, const struct gru_windows *windows,
              struct alm_stream *stream, double *w, double *loss);

#endif
