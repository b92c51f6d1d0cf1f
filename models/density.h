/* SPDX-License-Identifier: GPL-3.0-or-later
 * density: the conditional distribution of the next value of one series, by weighted past values. What it is made of, and why, stands
 * in predictors/conditional_density.c. */
#ifndef ALM_MODELS_DENSITY_H
#define ALM_MODELS_DENSITY_H

#include "error_pool.h"

#include "almanac/resource.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct density_shape {
    size_t capacity, season; /* in intervals */
};

/* Plain bytes. */
struct density;

size_t density_size(const struct density_shape *shape);
void density_init(struct density *d, const struct density_shape *shape, enum alm_resource r, double confidence);

/* What units share, of each resource: what an overrun costs, and how large errors of forecasts are. Plain bytes; zero is "nothing
 * learned". */
struct density_pool {
    uint64_t learned; /* results */
    double price;     /* logarithm, in units of `level` */
    double level;     /* mean of the units' means */
    struct error_pool errors;
};

/* Of an interval, which is after all before; NaN: missing. A censored value is taken to be a fifth larger. */
struct density_value {
    int64_t slot;
    double value;
    bool censored;
};

/* POOL learns the error of the forecast; NULL without one. */
void density_put(struct density *d, const struct density_value *v, struct density_pool *pool);

struct density_ask {
    int64_t slot; /* which interval */
    double confidence;
    bool even;
};

struct density_range {
    double min, max, confidence;
};

/* False when nothing is known. D is not written. Cost: linear in the number of values kept. */
bool density_range(const struct density *d, const struct density_ask *ask, struct density_range *out);

/* What became of the answer to ASK, before density_put of its value: LIMIT held, or was missed. Cost: as of an answer. */
struct density_result {
    double limit;
    bool miss;
};
void density_learn(struct density *d, const struct density_ask *ask, const struct density_result *result, double step);

/* The same for a unit that pays the price of POOL, which UNITS share; then density_pay for each of them, which knows from then on what
 * POOL knows. */
struct density_share {
    struct density_pool *pool;
    size_t units;
};
void density_learn_shared(struct density *d, const struct density_ask *ask, const struct density_result *result,
                          double step, const struct density_share *share);
void density_pay(struct density *d, const struct density_pool *pool);

/* One line for people into TEXT of SIZE bytes: which forecast, how far off it was, what was missed. */
void density_explain(const struct density *d, char *text, size_t size);

/* Whether BYTES (not aligned) can be a block of this shape. */
bool density_sound(const void *bytes, const struct density_shape *shape);

#endif
