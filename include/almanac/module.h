/* SPDX-License-Identifier: GPL-3.0-or-later
 * module: the head that every module table begins with, and the registry of tables.
 *
 * Meaning.  A module is one const table in one file plus one line `alm_module(kind name)`. The table is the only thing
 *           with external linkage in the file: `const struct alm_predictor_ops alm_predictor_ewma`.
 * Choice.   An explicit, generated registry instead of constructors: those vanish from static archives. */
#ifndef ALMANAC_MODULE_H
#define ALMANAC_MODULE_H

#include "almanac/error.h"
#include "almanac/option.h"

#include <stddef.h>
#include <stdint.h>

#define ALM_ABI 2u

#define ALM_KINDS(X)                                                                                                   \
    X(ALM_PROFILER, "profiler")                                                                                        \
    X(ALM_PREDICTOR, "predictor")                                                                                      \
    X(ALM_CALIBRATOR, "calibrator")                                                                                    \
    X(ALM_ALLOCATOR, "allocator")                                                                                      \
    X(ALM_STORE, "store")                                                                                              \
    X(ALM_PLATFORM, "platform")                                                                                        \
    X(ALM_IMPORTER, "importer")                                                                                        \
    X(ALM_GENERATOR, "generator")

enum alm_kind {
#define X(kind, word) kind,
    ALM_KINDS(X)
#undef X
        ALM_KIND_COUNT
};

enum alm_module_flag {
    ALM_F_ORACLE = 1u << 0, /* sees true demand: marked in every table and figure */
    ALM_F_SHARED = 1u << 1, /* keeps state across units: all units of a run stay in one loop */
    ALM_F_STARTS = 1u << 2, /* looks at invocations about to start: wants a round before each of them */
    ALM_F_NULL = 1u << 3,   /* predictor: never has an answer, reads no profile; calibrator: changes and learns nothing.
                             * Need not be asked */
    ALM_F_FITS = 1u << 4,   /* fits a model now and then: such a round allocates, and takes long */
};

struct alm_head {
    uint32_t abi;  /* ALM_ABI */
    uint32_t size; /* sizeof the whole table */
    enum alm_kind kind;
    uint32_t flags;
    const char *name;           /* lower case, words joined by '-' */
    const char *summary;        /* one line, lower case, no full stop */
    const char *source;         /* citation: paper, specification, program */
    const struct alm_opt *opts; /* ends with a NULL key; NULL when there are none */
    size_t opt_size;            /* bytes of the option struct; 0 when there are none */
};

/* All built-in modules, sorted by kind then name, ended by NULL. */
const struct alm_head *const *alm_modules(void);

/* The module NAME of KIND, or an error that lists what there is and suggests the nearest. */
int alm_module_find(enum alm_kind kind, const char *name, const struct alm_head **out, struct alm_err *e);

/* "predictor" for ALM_PREDICTOR; -1 for an unknown WORD. */
const char *alm_kind_word(enum alm_kind kind);
int alm_kind_find(const char *word);

/* A module with resolved options: `choice` of one configuration. Owns `opt`. */
struct alm_choice {
    const struct alm_head *module;
    void *opt;
};

/* Parse "name" or "name:key=value,...". On success CHOICE must be given to alm_choice_free. */
int alm_choice_parse(enum alm_kind kind, const char *text, struct alm_choice *choice, struct alm_err *e);
void alm_choice_free(struct alm_choice *choice);

#endif
