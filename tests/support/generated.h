/* SPDX-License-Identifier: GPL-3.0-or-later
 * generated: what a generator makes of "name:key=value,...", kept in memory. */
#ifndef ALMANAC_TESTS_GENERATED_H
#define ALMANAC_TESTS_GENERATED_H

#include "almanac/generator.h"
#include "memory_sink.h"

#include <criterion/criterion.h>

/* Free M in either case. */
static inline int generated_try(const char *text, uint64_t seed, struct memory_sink *m, struct alm_err *e)
{
    struct alm_choice choice;
    memory_sink_init(m);
    int code = alm_choice_parse(ALM_GENERATOR, text, &choice, e);
    if (code < 0)
        return code;
    code = ((const struct alm_generator_ops *)choice.module)->run(choice.opt, seed, &m->sink, e);
    alm_choice_free(&choice);
    return code;
}

static inline void generated(const char *text, uint64_t seed, struct memory_sink *m)
{
    struct alm_err e = {0};
    cr_assert_eq(generated_try(text, seed, m, &e), ALM_OK, "%s: %s", text, e.text);
}

static inline double generated_seconds(const struct memory_sink *m, size_t i)
{
    return alm_seconds(m->invocation[i].arrival);
}

static inline double generated_value(const struct memory_sink *m, size_t i, enum alm_invocation_field f)
{
    return m->invocation[i].value[f];
}

/* FNV-1a of all that was given: units, invocations, inputs, platform. */
static inline uint64_t generated_fold(uint64_t h, const void *bytes, size_t size)
{
    for (size_t k = 0; k < size; k++)
        h = (h ^ ((const unsigned char *)bytes)[k]) * UINT64_C(0x100000001b3);
    return h;
}

static inline uint64_t generated_digest(const struct memory_sink *m)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < m->units; i++)
        h = generated_fold(h, m->unit[i].name, strlen(m->unit[i].name) + 1);
    for (size_t i = 0; i < m->invocations; i++) {
        const struct alm_invocation *v = &m->invocation[i];
        h = generated_fold(h, &v->arrival, sizeof v->arrival);
        h = generated_fold(h, &v->unit, sizeof v->unit);
        for (size_t f = 0; f < ALM_INVOCATION_FIELDS; f++) {
            double x = isnan(v->value[f]) ? -1 : v->value[f];
            h = generated_fold(h, &x, sizeof x);
        }
    }
    if (m->inputs)
        h = generated_fold(h, m->value, m->invocations * m->inputs * sizeof *m->value);
    return m->platform ? generated_fold(h, m->platform, strlen(m->platform)) : h;
}

#endif
