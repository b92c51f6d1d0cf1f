/* SPDX-License-Identifier: GPL-3.0-or-later
 * invocation_inputs: see invocation_inputs.h. */
#include "invocation_inputs.h"

#include <assert.h>
#include <math.h>

static void forget(struct alm_inputs *in)
{
    for (size_t i = 0; i < ALM_INPUTS; i++)
        in->value[i] = (double)NAN;
}

int alm_inputs_declare(struct alm_inputs *in, struct alm_trace_sink *sink, const struct alm_input *input, size_t count,
                       struct alm_err *e)
{
    assert(count <= ALM_INPUTS);
    *in = (struct alm_inputs){.sink = sink, .count = count};
    for (size_t i = 0; i < count; i++) {
        ALM_TRY(sink->input(sink, &input[i], &in->number[i], e));
        assert(in->number[i] < count);
        in->category[i] = input[i].category;
    }
    forget(in);
    return ALM_OK;
}

void alm_inputs_number(struct alm_inputs *in, size_t i, double value)
{
    assert(i < in->count && !in->category[i]);
    in->value[in->number[i]] = value;
}

int alm_inputs_word(struct alm_inputs *in, size_t i, const struct alm_field *word, struct alm_err *e)
{
    assert(i < in->count && in->category[i]);
    return in->sink->word(in->sink, in->number[i], word->at, word->size, &in->value[in->number[i]], e);
}

int alm_inputs_cell(struct alm_inputs *in, size_t i, const struct alm_cell *cell, struct alm_err *e)
{
    if (cell->missing)
        return ALM_OK;
    if (in->category[i])
        return alm_inputs_word(in, i, &cell->text, e);
    alm_inputs_number(in, i, cell->number);
    return ALM_OK;
}

int alm_inputs_send(struct alm_inputs *in, const struct alm_invocation *row, struct alm_err *e)
{
    int code = in->sink->invocations(in->sink, row, in->count ? in->value : NULL, 1, e);
    forget(in);
    return code;
}
