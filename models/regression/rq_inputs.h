/* SPDX-License-Identifier: GPL-3.0-or-later
 * rq_inputs: the range of one amount of an execution, by quantile regression on its input parameters.
 *
 * Meaning.  log(amount + resolution) is linear in sign(v) log(1 + |v|) of the inputs v: powers and products. An input that is not given
 *           counts as 0.
 * Limits.   Categories are left out: their numbers have no order (predictor `inputs` knows them). */
#ifndef ALM_MODELS_RQ_INPUTS_H
#define ALM_MODELS_RQ_INPUTS_H

#include "almanac/env.h"
#include "almanac/resource.h"

#include "rq_range.h"

/* 1 and the inputs that are numbers. */
size_t rq_inputs_columns(const struct alm_env *env);

/* X[columns] of INPUT[env->inputs]. */
void rq_inputs_row(const struct alm_env *env, const double *input, double *x);

/* Plain bytes; zeroed, then the range by rq_inputs_init. */
struct rq_inputs;
size_t rq_inputs_size(const struct rq_range_shape *s);
void rq_inputs_init(struct rq_inputs *b, const struct rq_range_shape *s);

/* An execution with row X used AMOUNT (>= 0), or at least that. */
int rq_inputs_put(struct rq_inputs *b, const struct rq_range_shape *s, const double *x, double amount, bool bound,
                  enum alm_resource r, struct rq *work, struct alm_err *e);

/* False before the first execution. */
bool rq_inputs_ask(const struct rq_inputs *b, const struct rq_range_shape *s, const double *x, enum alm_resource r,
                   struct rq_amounts *out);

bool rq_inputs_sound(const void *bytes, const struct rq_range_shape *s);

#endif
