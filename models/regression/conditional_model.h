/* SPDX-License-Identifier: GPL-3.0-or-later
 * conditional_model: what a conditional model consists of. For the files conditional*.c alone. */
#ifndef ALM_MODELS_CONDITIONAL_MODEL_H
#define ALM_MODELS_CONDITIONAL_MODEL_H

#include "conditional_choice.h"

struct conditional {
    struct sample s;
    double resolution, lowest, highest; /* of t, which the model does not leave */
    struct choice choice;
    struct log_linear *linear;
    struct regression_tree *tree;
    double *left; /* [n], of neighbours of what log-linear leaves */
    struct neighbour_metric metric;
    double *rising;             /* [n] out-of-fold predictions, rising */
    double middle;              /* a value of t amid those seen */
    struct residual_law law[3]; /* of each third; only the first, of all, without thirds */
    struct residual_law seen;   /* of t - middle */
};

#endif
