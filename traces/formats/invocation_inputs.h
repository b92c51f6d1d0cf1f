/* SPDX-License-Identifier: GPL-3.0-or-later
 * invocation_inputs: the input parameters that an importer declares once and fills invocation by invocation.
 *
 * Limits.   For one importer alone in front of a sink: the numbers of its inputs count from 0. */
#ifndef ALM_TRACES_INVOCATION_INPUTS_H
#define ALM_TRACES_INVOCATION_INPUTS_H

#include "almanac/trace.h"
#include "text/rows.h"

struct alm_inputs {
    struct alm_trace_sink *sink;
    size_t count;
    uint32_t number[ALM_INPUTS]; /* that the sink gave to input I */
    bool category[ALM_INPUTS];
    double value[ALM_INPUTS]; /* of the next invocation, by number */
};

/* Declare INPUT[COUNT]. IN needs no closing. */
int alm_inputs_declare(struct alm_inputs *in, struct alm_trace_sink *sink, const struct alm_input *input, size_t count,
                       struct alm_err *e);

/* Value of input I of the next invocation: a number or NaN; a word; or what CELL holds, whichever the input is. */
void alm_inputs_number(struct alm_inputs *in, size_t i, double value);
int alm_inputs_word(struct alm_inputs *in, size_t i, const struct alm_field *word, struct alm_err *e);
int alm_inputs_cell(struct alm_inputs *in, size_t i, const struct alm_cell *cell, struct alm_err *e);

/* Send ROW with the values given since the one before; what was not given is missing. */
int alm_inputs_send(struct alm_inputs *in, const struct alm_invocation *row, struct alm_err *e);

#endif
