/* SPDX-License-Identifier: GPL-3.0-or-later
 * rq_inputs: input parameters as columns. The header says what. */
#include "rq_inputs.h"

#include "almanac/trace.h"

#include "resolution.h"

#include <math.h>
#include <string.h>

struct rq_inputs {
    uint64_t seen;
    double least, most; /* of all amounts, as logarithms */
};

size_t rq_inputs_columns(const struct alm_env *env)
{
    size_t n = 1;
    for (size_t k = 0; k < env->inputs; k++)
        n += !env->input[k].category;
    return n;
}

void rq_inputs_row(const struct alm_env *env, const double *input, double *x)
{
    *x++ = 1;
    for (size_t k = 0; k < env->inputs; k++)
        if (!env->input[k].category)
            *x++ = isfinite(input[k]) ? copysign(log1p(fabs(input[k])), input[k]) : 0;
}

static struct rq_range *range_of(struct rq_inputs *b)
{
    return (struct rq_range *)(void *)(b + 1);
}

size_t rq_inputs_size(const struct rq_range_shape *s)
{
    return sizeof(struct rq_inputs) + rq_range_size(s);
}

void rq_inputs_init(struct rq_inputs *b, const struct rq_range_shape *s)
{
    *b = (struct rq_inputs){.least = INFINITY, .most = -INFINITY};
    rq_range_init(range_of(b), s);
}

int rq_inputs_put(struct rq_inputs *b, const struct rq_range_shape *s, const double *x, double amount, bool bound,
                  enum alm_resource r, struct rq *work, struct alm_err *e)
{
    const double y = log(fmax(amount, 0) * (bound ? RQ_HELD_BACK : 1) + alm_resolution(r));
    if (!(isfinite(amount) && isfinite(y)))
        return ALM_OK;
    b->seen++;
    b->least = fmin(b->least, y);
    b->most = fmax(b->most, y);
    return rq_range_put(range_of(b), s, x, y, work, e);
}

bool rq_inputs_ask(const struct rq_inputs *b, const struct rq_range_shape *s, const double *x, enum alm_resource r,
                   struct rq_amounts *out)
{
    if (b->seen == 0)
        return false;
    const struct rq_range_answer a = rq_range_ask((const struct rq_range *)(const void *)(b + 1), s, x);
    *out = rq_amounts_of(&a, 0, b->least, b->most, alm_resolution(r));
    return true;
}

bool rq_inputs_sound(const void *bytes, const struct rq_range_shape *s)
{
    return rq_range_sound((const char *)bytes + sizeof(struct rq_inputs), s);
}
