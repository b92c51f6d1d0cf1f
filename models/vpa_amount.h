/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa_amount: whole millicores and bytes, rounded as the Vertical Pod Autoscaler rounds.
 *
 * Meaning.  An amount is a whole number within 0 .. ALM_AMOUNT_MAX; what is between two is truncated toward zero.
 * Source.   Kubernetes autoscaler, vertical-pod-autoscaler/pkg/recommender/model/types, as restated in
 *           docs/decisions/0003. */
#ifndef ALM_MODELS_VPA_AMOUNT_H
#define ALM_MODELS_VPA_AMOUNT_H

#include "almanac/error.h"

#include <stdint.h>

/* X as an amount: truncated, 0 when negative or not a number, ALM_AMOUNT_MAX when above it. */
int64_t alm_vpa_amount(double x);

/* Cores as millicores; an amount times a factor. */
int64_t alm_vpa_millicores(double cores);
int64_t alm_vpa_scale(int64_t amount, double factor);

/* AMOUNT upward to a multiple of SCALE into OUT. ALM_EINVAL, OUT unchanged, when SCALE <= 0 or the result does not fit.
 */
int alm_vpa_round_up(int64_t amount, int64_t scale, int64_t *out, struct alm_err *e);

/* Millicores upward to whole cores. */
int64_t alm_vpa_whole_cores(int64_t millicores);

#endif
