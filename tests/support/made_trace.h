/* SPDX-License-Identifier: GPL-3.0-or-later
 * made_trace: the trace file that a generator makes of "name:key=value,...", opened. */
#ifndef ALMANAC_TESTS_MADE_TRACE_H
#define ALMANAC_TESTS_MADE_TRACE_H

#include "traces/file/trace_file.h"

#include "almanac/generator.h"
#include "scratch.h"

/* In the present folder, as PATH. */
static inline struct alm_trace *make_trace(const char *path, const char *text, uint64_t seed)
{
    struct alm_err e = {0};
    struct alm_choice choice;
    struct alm_trace_writer *w;
    struct alm_trace *t;
    const struct alm_trace_info info = {.title = "made"};
    GOOD(alm_choice_parse(ALM_GENERATOR, text, &choice, &e));
    GOOD(alm_trace_create(path, &info, &w, &e));
    GOOD(((const struct alm_generator_ops *)choice.module)->run(choice.opt, seed, alm_trace_writer_sink(w), &e));
    GOOD(alm_trace_commit(w, &e));
    alm_trace_writer_close(w);
    alm_choice_free(&choice);
    GOOD(alm_trace_open(path, &t, &e));
    return t;
}

#endif
