/* SPDX-License-Identifier: GPL-3.0-or-later
 * input_laws: input parameters of generated invocations: numbers that follow a law, or words with weights.
 *
 * Meaning.  `input1: {name: size, unit: byte, law: lognormal, mean: 1e6, cv: 2}` is a number;
 *           `input2: {name: kind, words: [small, large], weights: [3, 1]}` a category. Numbers are rounded to 1e-9, those
 *           in the unit byte to whole bytes.
 * Choice.   A fixed number of places, so that each is a group of options like any other; input2 may be given without
 *           input1, and each place has a random stream of its own. */
#ifndef ALMANAC_TRACES_INPUT_LAWS_H
#define ALMANAC_TRACES_INPUT_LAWS_H

#include "almanac/law.h"
#include "almanac/trace.h"
#include "dependence.h"

#define ALM_INPUT_LAWS 4

struct alm_input_options {
    char name[ALM_OPT_STRING], unit[ALM_OPT_STRING], words[ALM_OPT_STRING];
    struct alm_law_options law; /* of words: the weights alone */
};

/* clang-format off */
#define ALM_INPUT_AT(at, member) (at) + offsetof(struct alm_input_options, member)
#define ALM_INPUT_ROWS(prefix, at)                                                                                     \
    {prefix ".name", ALM_OPT_TEXT, ALM_INPUT_AT(at, name), "", 0, 0, NULL, "name of an input parameter; empty: none"}, \
    {prefix ".unit", ALM_OPT_TEXT, ALM_INPUT_AT(at, unit), "", 0, 0, NULL, "unit of its numbers, as byte or 1"},       \
    {prefix ".words", ALM_OPT_TEXT, ALM_INPUT_AT(at, words), "", 0, 0, NULL, "a/b/c: a category with these values"},   \
    ALM_LAW_ROWS(prefix, ALM_INPUT_AT(at, law), ALM_OPT_REAL, "of the numbers")
/* clang-format on */

struct alm_input_law {
    struct alm_input declared;
    struct alm_law law; /* of a category: of the index of its word */
    size_t words;       /* 0: a number */
    double quanta;      /* steps in 1 to which numbers are rounded */
    char text[ALM_OPT_STRING];
    size_t begin[ALM_OPT_LIST], size[ALM_OPT_LIST]; /* of each word in text */
    double number[ALM_OPT_LIST];                    /* of each word in the sink */
    size_t place;                                   /* 0 for input1 */
    uint32_t column;                                /* in the sink */
};

struct alm_input_laws {
    size_t count;
    struct alm_input_law input[ALM_INPUT_LAWS];
};

/* Check and open the inputs that have a name. Close in either case. */
int alm_input_laws_open(const struct alm_input_options o[ALM_INPUT_LAWS], struct alm_input_laws *out,
                        struct alm_err *e);
void alm_input_laws_close(struct alm_input_laws *laws);

/* Declare them and their words to SINK, which has none yet. */
int alm_input_laws_declare(struct alm_input_laws *laws, struct alm_trace_sink *sink, struct alm_err *e);

/* Inputs that a dependence can be on; OUT has room for ALM_INPUT_LAWS. */
void alm_input_laws_names(const struct alm_input_laws *laws, struct alm_dependence_input *out);

struct alm_input_streams {
    struct alm_stream of[ALM_INPUT_LAWS];
};
struct alm_input_streams alm_input_laws_streams(const struct alm_input_laws *laws, uint64_t seed, uint64_t entity);

/* Draw the inputs of one invocation: X as dependences take them, ROW as the sink does; both of `count` numbers. */
void alm_input_laws_draw(const struct alm_input_laws *laws, struct alm_input_streams *s, double *x, double *row);

#endif
