/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_invocations: collect invocations with their inputs for a trace file, and set them down.
 *
 * Choice.   What cannot be is mended as in rows of usage (trace_sink.c). The inputs of an invocation travel through the
 *           sort behind its fields. /invocations is a CF indexed ragged array: each one says which unit it is of.
 * Source.   CF Conventions 1.8, section 9.3.4. */
#include "trace_output.h"
#include "trace_writer.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int alm__sink_input(struct alm_trace_sink *sink, const struct alm_input *input, uint32_t *out, struct alm_err *e)
{
    struct alm_trace_writer *w = (struct alm_trace_writer *)sink;
    return alm__inputs_add(&w->inputs, input, out, e);
}

int alm__sink_word(struct alm_trace_sink *sink, uint32_t input, const char *word, size_t size, double *out,
                   struct alm_err *e)
{
    struct alm_trace_writer *w = (struct alm_trace_writer *)sink;
    uint32_t number = 0;
    bool mended = false;
    ALM_TRY(alm__inputs_word(&w->inputs, input, word, size, &number, &mended, e));
    if (mended)
        alm_report_note(&w->report, false, "word with unprintable bytes: written as \\xHH", "word %u of input %s",
                        number, w->inputs.input[input].name);
    *out = number;
    return 0;
}

static int mend_input(struct alm_trace_writer *w, const struct alm_invocation *row, size_t input, double *v,
                      struct alm_err *e)
{
    const char *name = w->inputs.input[input].name;
    const struct alm_names *words = w->inputs.word[input];
    if (isnan(*v))
        return 0;
    if (words && !(*v >= 0 && *v < alm_names_count(words) && *v == floor(*v)))
        return alm_fail(e, ALM_EMODULE, "input %s: %g is not the number of one of its %u words", name, *v,
                        alm_names_count(words));
    if (isinf(*v)) {
        alm_report_note(&w->report, false, "infinite input: taken as missing", "input %s of unit %s at %.3f s", name,
                        w->unit[row->unit].unit.name, alm_seconds(row->arrival));
        *v = (double)NAN;
    }
    *v += 0.0;
    return 0;
}

static int add_invocation(struct alm_trace_writer *w, const struct alm_invocation *row, const double *input,
                          struct alm_err *e)
{
    double value[ALM_INVOCATION_FIELDS + ALM_INPUTS];
    size_t inputs = w->inputs.count;
    uint32_t fields = 0;
    ALM_TRY(alm__sink_stamp(w, row->unit, row->arrival, e));
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++) {
        value[f] = row->value[f] + 0.0; /* no negative zero */
        if (!alm__sink_sound(value[f]))
            value[f] = alm__sink_mend(w, value[f], alm_trace_field_name((enum alm_invocation_field)f), row->unit,
                                      row->arrival);
        fields |= (uint32_t)!isnan(value[f]) << f;
    }
    for (size_t i = 0; i < inputs; i++) {
        value[ALM_INVOCATION_FIELDS + i] = input[i];
        ALM_TRY(mend_input(w, row, i, &value[ALM_INVOCATION_FIELDS + i], e));
    }
    ALM_TRY(alm__sort_add(w->invocation, row->arrival, row->unit, value, e));
    w->summary.fields |= fields;
    w->unit[row->unit].invocations++;
    w->invocations++;
    return 0;
}

int alm__sink_invocations(struct alm_trace_sink *sink, const struct alm_invocation *row, const double *input, size_t n,
                          struct alm_err *e)
{
    struct alm_trace_writer *w = (struct alm_trace_writer *)sink;
    size_t inputs = w->inputs.count;
    if (n > 0 && inputs > 0 && !input)
        return alm_fail(e, ALM_EMODULE, "invocations without the values of the %zu declared inputs", inputs);
    w->inputs.closed = true;
    ALM_TRY(alm__sink_sort(w, &w->invocation, (struct alm__sort_shape){ALM_INVOCATION_FIELDS + inputs, false}, e));
    for (size_t i = 0; i < n; i++) {
        ALM_TRY(alm__sink_ready(w, "an invocation", row[i].unit, e));
        ALM_TRY(add_invocation(w, &row[i], inputs ? input + i * inputs : NULL, e));
    }
    return 0;
}

int alm__sink_platform(struct alm_trace_sink *sink, const char *json, struct alm_err *e)
{
    struct alm_trace_writer *w = (struct alm_trace_writer *)sink;
    json_error_t why;
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &why);
    bool object = json_is_object(root);
    json_decref(root);
    if (!object)
        return alm_fail(e, ALM_EDATA, "the description of the platform is not one JSON object%s%s", root ? "" : ": ",
                        root ? "" : why.text);
    char *copy = strdup(json);
    if (!copy)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    free(w->platform);
    w->platform = copy;
    return 0;
}

/* The values of a row in the file: its unit, its fields, its inputs. */
#define FIELD(f) (1 + (size_t)(f))
#define INPUT(i) (1 + (size_t)ALM_INVOCATION_FIELDS + (i))

static int field_columns(struct alm_trace_writer *w, struct alm__output *o, struct alm_err *e)
{
    const struct alm_column_spec unit = {
        .path = "/invocations/unit",
        .type = ALM_COL_U32,
        .dimension = ALM_INVOCATION_DIMENSION,
        .long_name = "row of /units, from 0",
        .shuffle = true,
    };
    ALM_TRY(alm__commit_time(w, "/invocations/arrival", ALM_INVOCATION_DIMENSION, "arrival", &o->time, e));
    ALM_TRY(alm__output_column(o, 0, w->table, &unit, e));
    ALM_TRY(alm_table_set_text(w->table, unit.path, "instance_dimension", ALM_UNIT_DIMENSION, e));
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++) {
        const struct alm__trace_column *c = alm__invocation_column((enum alm_invocation_field)f);
        if (!(w->summary.fields & ALM_BIT(f)))
            continue;
        const struct alm_column_spec spec = {
            .path = c->path,
            .type = c->type,
            .dimension = ALM_INVOCATION_DIMENSION,
            .unit = c->unit,
            .long_name = c->long_name,
            .shuffle = c->type == ALM_COL_I64,
            .fill = true,
        };
        ALM_TRY(alm__output_column(o, FIELD(f), w->table, &spec, e));
    }
    return 0;
}

static int word_column(struct alm_trace_writer *w, const char *path, const struct alm_names *words, struct alm_err *e)
{
    const struct alm_column_spec spec = {.path = path, .type = ALM_COL_TEXT, .dimension = path};
    struct alm_column *column;
    ALM_TRY(alm_column_create(w->table, &spec, &column, e));
    for (uint32_t i = 0; i < alm_names_count(words); i++) {
        const char *word = alm_names_text(words, i, NULL);
        ALM_TRY(alm_column_append(column, &word, 1, e));
    }
    return 0;
}

static int input_columns(struct alm_trace_writer *w, struct alm__output *o, struct alm_err *e)
{
    for (size_t i = 0; i < w->inputs.count; i++) {
        const struct alm_input *input = &w->inputs.input[i];
        char path[sizeof input->name + 32], words[sizeof path + 16], meaning[sizeof words + 16];
        snprintf(path, sizeof path, "/inputs/%s", input->name);
        snprintf(words, sizeof words, "%s" ALM_WORDS_SUFFIX, path);
        snprintf(meaning, sizeof meaning, "row of %s, from 0", words);
        const struct alm_column_spec spec = {
            .path = path,
            .type = input->category ? ALM_COL_U32 : ALM_COL_F64,
            .dimension = ALM_INVOCATION_DIMENSION,
            .unit = input->unit[0] ? input->unit : NULL,
            .long_name = input->category ? meaning : NULL,
            .shuffle = input->category,
            .fill = true,
        };
        ALM_TRY(alm__output_column(o, INPUT(i), w->table, &spec, e));
        if (input->category)
            ALM_TRY(word_column(w, words, w->inputs.word[i], e));
    }
    return 0;
}

static int merge(struct alm_trace_writer *w, struct alm__output *o, struct alm_err *e)
{
    size_t size = (ALM_INVOCATION_FIELDS + w->inputs.count) * sizeof(double);
    const struct alm__sort_row *row;
    double value[1 + ALM_INVOCATION_FIELDS + ALM_INPUTS];
    ALM_TRY(field_columns(w, o, e));
    ALM_TRY(input_columns(w, o, e));
    ALM_TRY(alm__sort_start(w->invocation, e));
    int rc;
    for (uint64_t done = w->rows; (rc = alm__sort_next(w->invocation, &row, e)) == 0; done++) {
        value[0] = w->unit[row->unit].number;
        memcpy(value + 1, row->value, size);
        ALM_TRY(alm__output_row(o, row->at, value, e));
        ALM_TRY(alm__commit_step(w, done, e));
    }
    ALM_TRY(rc);
    return alm__output_flush(o, e);
}

int alm__commit_invocations(struct alm_trace_writer *w, struct alm_err *e)
{
    if (w->invocations == 0)
        return 0;
    struct alm__output *o = alm__output_new(INPUT(w->inputs.count));
    if (!o)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int rc = merge(w, o, e);
    free(o);
    w->summary.invocations = w->invocations;
    w->summary.inputs = w->inputs.count;
    return rc;
}
