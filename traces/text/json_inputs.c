/* SPDX-License-Identifier: GPL-3.0-or-later
 * json_inputs: walk documents twice: to learn names and kinds, and to fill values. */
#include "json_inputs.h"
#include "delimited.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEPTH 16
#define DIGITS 15 /* of a number inside a string; more are an id */
#define EXTENSION 5

enum kind { NUMBER, TEXT, HIDDEN, KINDS };

struct known {
    char name[ALM_INPUT_NAME];
    bool seen[KINDS];
    uint32_t number[KINDS]; /* of the input */
};

struct alm_json_inputs {
    struct alm_trace_sink *sink;
    struct known known[ALM_INPUTS];
    size_t count;
    uint32_t inputs;
    double value[ALM_INPUTS];
};

/* What is done with a scalar at NAME. */
typedef int visit(struct alm_json_inputs *j, const char *name, const json_t *value, struct alm_err *e);

int alm_json_inputs_open(struct alm_trace_sink *sink, struct alm_json_inputs **out, struct alm_err *e)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return alm_fail(e, ALM_ENOMEM, "no memory for input parameters");
    (*out)->sink = sink;
    return ALM_OK;
}

void alm_json_inputs_close(struct alm_json_inputs *j)
{
    free(j);
}

/* The end of TEXT without a file's extension. */
static size_t stem_of(const char *text, size_t size)
{
    bool letter = false;
    for (size_t n = 0; n <= EXTENSION && n < size; n++) {
        unsigned char c = (unsigned char)text[size - 1 - n];
        if (c == '.')
            return letter ? size - 1 - n : size;
        if (!isalnum(c))
            return size;
        letter = letter || isalpha(c);
    }
    return size;
}

/* What a number is counted in, by the letters that follow it. */
static double scale_of(const char *at, size_t size)
{
    static const struct {
        const char *word;
        double scale;
    } scales[] = {{"k", 1e3}, {"kb", 1e3}, {"m", 1e6}, {"mb", 1e6}, {"g", 1e9}, {"gb", 1e9}};
    size_t n = 0;
    while (n < size && isalpha((unsigned char)at[n]))
        n++;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        if (strlen(scales[i].word) == n && strncasecmp(at, scales[i].word, n) == 0)
            return scales[i].scale;
    return 1;
}

double alm_hidden_number(const char *text, size_t size)
{
    double v = 0;
    size_t stem = stem_of(text, size), end = stem;
    while (end > 0 && !isdigit((unsigned char)text[end - 1]))
        end--;
    size_t from = end;
    while (from > 0 && isdigit((unsigned char)text[from - 1]))
        from--;
    if (from == end || end - from > DIGITS)
        return (double)NAN;
    for (size_t i = from; i < end; i++)
        v = 10 * v + (text[i] - '0');
    return v * scale_of(text + end, stem - end);
}

static struct known *find(struct alm_json_inputs *j, const char *name)
{
    for (size_t i = 0; i < j->count; i++)
        if (strcmp(j->known[i].name, name) == 0)
            return &j->known[i];
    return NULL;
}

static int learn(struct alm_json_inputs *j, const char *name, const json_t *value, struct alm_err *e)
{
    struct known *k = find(j, name);
    if (!k && j->count == ALM_INPUTS)
        return alm_fail(e, ALM_EDATA, "more than %d input parameters", ALM_INPUTS);
    if (!k) {
        k = &j->known[j->count++];
        *k = (struct known){0};
        memcpy(k->name, name, strlen(name) + 1);
    }
    bool text = json_is_string(value);
    k->seen[text ? TEXT : NUMBER] = true;
    if (text && !isnan(alm_hidden_number(json_string_value(value), json_string_length(value))))
        k->seen[HIDDEN] = true;
    return ALM_OK;
}

static int fill(struct alm_json_inputs *j, const char *name, const json_t *value, struct alm_err *e)
{
    struct known *k = find(j, name);
    if (!k)
        return ALM_OK;
    if (!json_is_string(value)) {
        j->value[k->number[NUMBER]] = json_is_boolean(value) ? json_is_true(value) : json_number_value(value);
        return ALM_OK;
    }
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    if (k->seen[HIDDEN])
        j->value[k->number[HIDDEN]] = alm_hidden_number(text, size);
    return j->sink->word(j->sink, k->number[TEXT], text, size, &j->value[k->number[TEXT]], e);
}

/* Append KEY to the name of USED bytes; its new length, or 0 when it does not fit. */
static size_t append(char name[ALM_INPUT_NAME], size_t used, const char *key)
{
    size_t size = strlen(key), room = ALM_INPUT_NAME - sizeof "_number";
    if (used + (used > 0) + size > room)
        return 0;
    if (used > 0)
        name[used++] = '.';
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)key[i];
        name[used++] = c < 0x80 && (isalnum(c) || strchr("_.-", c)) ? (char)c : '_';
    }
    if (size == 0)
        name[used++] = '_';
    name[used] = '\0';
    return used;
}

struct walk {
    struct alm_json_inputs *inputs;
    visit *visit;
    char name[ALM_INPUT_NAME];
};

static int walk(struct walk *w, const json_t *value, size_t used, int depth, struct alm_err *e);

static int walk_member(struct walk *w, const char *key, const json_t *value, size_t used, int depth, struct alm_err *e)
{
    char word[ALM_EXCERPT];
    size_t more = append(w->name, used, key);
    if (more == 0)
        return alm_fail(e, ALM_EDATA, "the name of input parameter %s is longer than %zu bytes",
                        alm_excerpt(key, strlen(key), word), ALM_INPUT_NAME - sizeof "_number");
    ALM_TRY(walk(w, value, more, depth + 1, e));
    w->name[used] = '\0';
    return ALM_OK;
}

static int walk(struct walk *w, const json_t *value, size_t used, int depth, struct alm_err *e)
{
    if (depth > DEPTH)
        return alm_fail(e, ALM_EDATA, "input parameters nested deeper than %d levels", DEPTH);
    if (json_is_object(value)) {
        const char *key;
        json_t *member;
        json_object_foreach((json_t *)value, key, member) ALM_TRY(walk_member(w, key, member, used, depth, e));
        return ALM_OK;
    }
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            char key[24];
            snprintf(key, sizeof key, "%zu", i);
            ALM_TRY(walk_member(w, key, json_array_get(value, i), used, depth, e));
        }
        return ALM_OK;
    }
    if (json_is_null(value))
        return ALM_OK;
    return w->visit(w->inputs, used > 0 ? w->name : "input", value, e);
}

int alm_json_inputs_learn(struct alm_json_inputs *j, const json_t *document, struct alm_err *e)
{
    struct walk w = {.inputs = j, .visit = learn};
    return walk(&w, document, 0, 0, e);
}

int alm_json_inputs_declare(struct alm_json_inputs *j, struct alm_err *e)
{
    for (size_t i = 0; i < j->count; i++) {
        struct known *k = &j->known[i];
        const char *const suffix[KINDS] = {"", k->seen[NUMBER] ? "_text" : "", "_number"};
        for (int kind = 0; kind < KINDS; kind++) {
            struct alm_input input = {.category = kind == TEXT};
            if (!k->seen[kind])
                continue;
            snprintf(input.name, sizeof input.name, "%s%s", k->name, suffix[kind]);
            ALM_TRY(j->sink->input(j->sink, &input, &k->number[kind], e));
            if (k->number[kind] >= j->inputs)
                j->inputs = k->number[kind] + 1;
        }
    }
    return ALM_OK;
}

int alm_json_inputs_values(struct alm_json_inputs *j, const json_t *document, const double **out, struct alm_err *e)
{
    struct walk w = {.inputs = j, .visit = fill};
    for (size_t i = 0; i < ALM_INPUTS; i++)
        j->value[i] = (double)NAN;
    ALM_TRY(walk(&w, document, 0, 0, e));
    *out = j->inputs > 0 ? j->value : NULL;
    return ALM_OK;
}
