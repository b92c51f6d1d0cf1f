/* SPDX-License-Identifier: GPL-3.0-or-later
 * input_code: the last executions of a code, and what its amounts are given its input parameters.
 *
 * Meaning.  An amount is what an execution used of a resource (executed.h), or how long it ran. For each a model (regression/conditional.h) is
 *           chosen at `min_executions` and each time their number has doubled; between, the one chosen is fitted again after a
 *           quarter more, but `refit` at the most.
 * Choice.   A code is saved with its models, not fitted again: the executions that they were fitted to may have left the history. */
#ifndef ALM_MODELS_INPUT_CODE_H
#define ALM_MODELS_INPUT_CODE_H

#include "almanac/env.h"
#include "almanac/execution.h"

#include "regression/conditional.h"

enum input_amount { INPUT_DURATION = ALM_RESOURCES, INPUT_AMOUNTS };

/* What all codes have alike, and a table to fit on, made once. */
struct input_plan {
    double confidence;
    size_t min_executions, history, refit;
    size_t inputs;
    uint32_t resources;
    bool *category; /* [inputs] */
    double *x, *y;  /* the table, oldest first */
    bool *bound;
};

/* Its executions lie in a ring, oldest at `seen` % history once that is full. All 0: none yet. */
struct input_code {
    uint64_t seen, fitted, compared; /* executions in all; when models were last fitted, and chosen */
    double *x;                       /* [history * inputs] */
    double *y;                       /* [history * INPUT_AMOUNTS]; NaN: not known */
    uint8_t *bound;                  /* [history]: 1u << amount */
    struct conditional *model[INPUT_AMOUNTS];
    double loss[INPUT_AMOUNTS]
               [CONDITIONAL_FAMILIES]; /* of the candidates when the model was chosen, as in conditional_report */
};

/* Make the table of P, whose counts are set. input_plan_free is due, after an error too. */
int input_plan_make(struct input_plan *p, const struct alm_env *env, struct alm_err *e);
void input_plan_free(struct input_plan *p);

/* X is over. What tells nothing is not counted. */
int input_code_learn(const struct input_plan *p, struct input_code *c, const struct alm_execution *x,
                     struct alm_err *e);
void input_code_free(struct input_code *c);

/* C as bytes; what is loaded goes on as what was saved. ALM_EDATA, *C all 0: SIZE bytes that are no code by this plan. */
size_t input_code_size(const struct input_plan *p, const struct input_code *c);
void input_code_save(const struct input_plan *p, const struct input_code *c, void *bytes);
int input_code_load(const struct input_plan *p, const void *bytes, size_t size, struct input_code *c,
                    struct alm_err *e);

#endif
