/* SPDX-License-Identifier: GPL-3.0-or-later
 * input_laws: options to inputs, inputs to the sink, and draws. */
#include "input_laws.h"
#include "law_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Give IN its words, and LAW, which says the weights alone, their indices as values. */
static int split_words(const char *key, struct alm_input_law *in, struct alm_law_options *law, struct alm_err *e)
{
    size_t weights = law->weights.count;
    if (law->law != ALM_LAW_DEFAULT)
        return alm_fail(e, ALM_EINVAL, "%s has both words and a law: it is a category or a number", key);
    for (size_t at = 0;; at++) {
        size_t n = strcspn(in->text + at, "/");
        if (in->words == ALM_OPT_LIST)
            return alm_fail(e, ALM_EINVAL, "%s.words: more than %d words", key, ALM_OPT_LIST);
        if (n == 0)
            return alm_fail(e, ALM_EINVAL, "%s.words=%.60s: an empty word", key, in->text);
        for (size_t i = 0; i < in->words; i++)
            if (in->size[i] == n && memcmp(in->text + in->begin[i], in->text + at, n) == 0)
                return alm_fail(e, ALM_EINVAL, "%s.words: `%.*s` is there twice", key, (int)n, in->text + at);
        in->begin[in->words] = at;
        in->size[in->words++] = n;
        at += n;
        if (in->text[at] == '\0')
            break;
    }
    if (weights != 0 && weights != in->words)
        return alm_fail(e, ALM_EINVAL, "%s.weights has %zu numbers for %zu words; each word has one", key, weights,
                        in->words);
    law->law = ALM_LAW_DISCRETE;
    law->values.count = in->words;
    for (size_t i = 0; i < in->words; i++)
        law->values.value[i] = (double)i;
    return ALM_OK;
}

static int open_input(const struct alm_input_options *o, const char *key, struct alm_input_law *in, struct alm_err *e)
{
    struct alm_law_options law = o->law;
    if (strlen(o->name) >= sizeof in->declared.name || strlen(o->unit) >= sizeof in->declared.unit)
        return alm_fail(e, ALM_EINVAL, "%s: a name of up to %zu and a unit of up to %zu bytes are possible", key,
                        sizeof in->declared.name - 1, sizeof in->declared.unit - 1);
    memcpy(in->declared.name, o->name, strlen(o->name) + 1);
    memcpy(in->declared.unit, o->unit, strlen(o->unit) + 1);
    memcpy(in->text, o->words, sizeof in->text);
    if (o->words[0])
        ALM_TRY(split_words(key, in, &law, e));
    in->declared.category = in->words > 0;
    in->quanta = strcmp(o->unit, "byte") == 0 ? 1 : 1e9;
    ALM_TRY(alm_law_open_file(&law, ALM_OPT_REAL, key, NULL, &in->law, e));
    if (in->law.kind == ALM_LAW_NONE)
        return alm_fail(e, ALM_EINVAL, "%s: input `%s` has neither a law nor words; give one", key, in->declared.name);
    return ALM_OK;
}

int alm_input_laws_open(const struct alm_input_options o[ALM_INPUT_LAWS], struct alm_input_laws *out, struct alm_err *e)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < ALM_INPUT_LAWS; i++) {
        char key[16];
        snprintf(key, sizeof key, "input%zu", i + 1);
        if (o[i].name[0] == '\0') {
            if (o[i].words[0] || o[i].unit[0] || alm_law_given(&o[i].law))
                return alm_fail(e, ALM_EINVAL, "%s.name is missing: what is the input called?", key);
            continue;
        }
        for (size_t k = 0; k < out->count; k++)
            if (strcmp(out->input[k].declared.name, o[i].name) == 0)
                return alm_fail(e, ALM_EINVAL, "%s.name: `%.60s` is the name of another input too", key, o[i].name);
        struct alm_input_law *in = &out->input[out->count++];
        in->law.kind = ALM_LAW_NONE;
        in->place = i;
        ALM_TRY(open_input(&o[i], key, in, e));
    }
    return ALM_OK;
}

void alm_input_laws_close(struct alm_input_laws *laws)
{
    for (size_t i = 0; i < laws->count; i++)
        alm_law_close(&laws->input[i].law);
    laws->count = 0;
}

int alm_input_laws_declare(struct alm_input_laws *laws, struct alm_trace_sink *sink, struct alm_err *e)
{
    for (size_t i = 0; i < laws->count; i++) {
        struct alm_input_law *in = &laws->input[i];
        ALM_TRY(sink->input(sink, &in->declared, &in->column, e));
        for (size_t w = 0; w < in->words; w++)
            ALM_TRY(sink->word(sink, in->column, in->text + in->begin[w], in->size[w], &in->number[w], e));
    }
    return ALM_OK;
}

void alm_input_laws_names(const struct alm_input_laws *laws, struct alm_dependence_input *out)
{
    for (size_t i = 0; i < laws->count; i++)
        out[i] = (struct alm_dependence_input){laws->input[i].declared.name, laws->input[i].words};
}

struct alm_input_streams alm_input_laws_streams(const struct alm_input_laws *laws, uint64_t seed, uint64_t entity)
{
    struct alm_input_streams s = {0};
    for (size_t i = 0; i < laws->count; i++) {
        char purpose[24];
        snprintf(purpose, sizeof purpose, "input%zu", laws->input[i].place + 1);
        s.of[i] = alm_stream_open(seed, entity, purpose);
    }
    return s;
}

void alm_input_laws_draw(const struct alm_input_laws *laws, struct alm_input_streams *s, double *x, double *row)
{
    for (size_t i = 0; i < laws->count; i++) {
        const struct alm_input_law *in = &laws->input[i];
        x[i] = nearbyint(alm_law_draw(&in->law, &s->of[i]) * in->quanta) / in->quanta;
        row[in->column] = in->words ? in->number[(size_t)x[i]] : x[i];
    }
}
