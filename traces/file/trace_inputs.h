/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_inputs: the input parameters of a trace that is being written, and the words of its categories.
 *
 * Limits.   ALM_INPUTS parameters; over all categories ALM_WORDS different words of up to ALM_WORD_SIZE bytes. */
#ifndef ALM_TRACE_INPUTS_H
#define ALM_TRACE_INPUTS_H

#include "almanac/trace.h"
#include "text/names.h"

#define ALM_WORDS 1000000u
#define ALM_WORD_SIZE 1024u
#define ALM_WORDS_SUFFIX "_words"

/* NULL, or what is wrong with NAME as that of an input. */
const char *alm__input_problem(const char *name);

struct alm__inputs {
    struct alm_input input[ALM_INPUTS];
    struct alm_names *word[ALM_INPUTS]; /* of a category, else NULL */
    size_t count;
    uint32_t words; /* over all */
    bool closed;    /* invocations came: no more may be declared */
};

/* Declare INPUT or find it; OUT gets its number. */
int alm__inputs_add(struct alm__inputs *all, const struct alm_input *input, uint32_t *out, struct alm_err *e);

/* The number of a word; *MENDED when it is new and had bytes that are not printable, which are kept as \xHH. */
int alm__inputs_word(struct alm__inputs *all, uint32_t input, const char *word, size_t size, uint32_t *out,
                     bool *mended, struct alm_err *e);
void alm__inputs_free(struct alm__inputs *all);

#endif
