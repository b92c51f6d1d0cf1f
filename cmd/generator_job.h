/* SPDX-License-Identifier: GPL-3.0-or-later
 * generator_job: a generator with its options and seed, out of a specification: what generating and fitting share. */
#ifndef ALMANAC_CMD_GENERATOR_JOB_H
#define ALMANAC_CMD_GENERATOR_JOB_H

#include "almanac/generator.h"
#include "traces/synthesis/spec.h"

#define CMD_OPTIONS_TEXT 16384

struct cmd_generator_job {
    const struct alm_generator_ops *generator;
    void *opt;
    int64_t seed;
    char text[CMD_OPTIONS_TEXT]; /* of the resolved options */
};

/* Resolve SPEC, called NAME in messages. SEED (NULL: none) counts before the specification's, which counts before 1. */
int cmd_generator_resolve(struct alm_spec *spec, const char *name, const char *seed, struct cmd_generator_job *job,
                          struct alm_err *e);

/* For struct cmd_trace_job: run the job CTX. */
int cmd_generator_fill(void *ctx, struct alm_trace_sink *sink, struct alm_err *e);

#endif
