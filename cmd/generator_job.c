/* SPDX-License-Identifier: GPL-3.0-or-later
 * generator_job: a generator with its options and seed, out of a specification. */
#include "cmd/generator_job.h"

#include "almanac/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int take_seed(struct alm_spec *spec, const char *given, int64_t *seed, struct alm_err *e)
{
    const char *text = alm_spec_take(spec, "seed");
    *seed = 1;
    if (given && alm_parse_integer(given, seed, e) < 0)
        return alm_fail_in(e, "--seed");
    if (!given && text && alm_parse_integer(text, seed, e) < 0)
        return alm_spec_blame(spec, "seed", e);
    if (*seed < 0)
        return alm_fail(e, ALM_EINVAL, "seed: %" PRId64 " is negative; a seed is 0 or more", *seed);
    return ALM_OK;
}

int cmd_generator_resolve(struct alm_spec *spec, const char *name, const char *seed, struct cmd_generator_job *job,
                          struct alm_err *e)
{
    char who[96];
    const char *generator = alm_spec_take(spec, "generator");
    if (!generator)
        return alm_fail(e, ALM_EINVAL, "%s: no key `generator`; write for example `generator: usage`", name);
    const struct alm_head *head;
    if (alm_module_find(ALM_GENERATOR, generator, &head, e) < 0)
        return alm_spec_blame(spec, "generator", e);
    ALM_TRY(take_seed(spec, seed, &job->seed, e));
    job->generator = (const struct alm_generator_ops *)head;
    job->opt = calloc(1, head->opt_size ? head->opt_size : 1);
    if (!job->opt)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    snprintf(who, sizeof who, "generator %s", head->name);
    ALM_TRY(alm_options_init(head->opts, job->opt, e));
    ALM_TRY(alm_spec_options(spec, head->opts, who, job->opt, e));
    return alm_options_text(head->opts, job->opt, job->text, sizeof job->text, e);
}

int cmd_generator_fill(void *ctx, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct cmd_generator_job *job = ctx;
    return job->generator->run(job->opt, (uint64_t)job->seed, sink, e);
}
