/* SPDX-License-Identifier: GPL-3.0-or-later
 * generator: a specification and a seed in, a synthetic trace out: a function of these two alone. */
#ifndef ALMANAC_GENERATOR_H
#define ALMANAC_GENERATOR_H

#include "almanac/module.h"
#include "almanac/trace.h"

struct alm_generator_ops {
    struct alm_head head;
    int (*run)(const void *opt, uint64_t seed, struct alm_trace_sink *sink, struct alm_err *e); /* required */
};

#endif
