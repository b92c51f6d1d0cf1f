/* SPDX-License-Identifier: GPL-3.0-or-later
 * law_options: from options to a law, with what is missing, foreign or senseless told; and to JSON.
 *
 * Choice.   A parameter of 0 counts as not given: every parameter that a law needs must be above 0 anyway, and no value
 *           has to stand for "nothing" in a file. */
#include "almanac/law.h"

#include "almanac/quantity.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define LAW_PARAMETERS(X)                                                                                              \
    X(LAW_MEAN, "mean")                                                                                                \
    X(LAW_CV, "cv")                                                                                                    \
    X(LAW_VALUE, "value")                                                                                              \
    X(LAW_MIN, "min")                                                                                                  \
    X(LAW_MAX, "max")                                                                                                  \
    X(LAW_SHAPE, "shape")                                                                                              \
    X(LAW_SCALE, "scale")                                                                                              \
    X(LAW_P, "p")                                                                                                      \
    X(LAW_MEAN1, "mean1")                                                                                              \
    X(LAW_MEAN2, "mean2")                                                                                              \
    X(LAW_FILE, "file")                                                                                                \
    X(LAW_COLUMN, "column")                                                                                            \
    X(LAW_VALUES, "values")                                                                                            \
    X(LAW_WEIGHTS, "weights")

enum place {
#define X(id, word) PLACE_##id,
    LAW_PARAMETERS(X)
#undef X
        PLACES
};

enum parameter {
#define X(id, word) id = 1u << PLACE_##id,
    LAW_PARAMETERS(X)
#undef X
};

static const char *const parameter_word[PLACES] = {
#define X(id, word) word,
    LAW_PARAMETERS(X)
#undef X
};

static const struct {
    const char *word;
    unsigned needs, may;
} laws[ALM_LAW_KINDS] = {
#define X(id, word, needs, may) {word, needs, may},
    ALM_LAW_LIST(X)
#undef X
};

static unsigned given_parameters(const struct alm_law_options *o)
{
    /* Positive zero has no bit set, whichever member of the union holds it. */
    const bool given[PLACES] = {
        [PLACE_LAW_MEAN] = o->mean.bytes != 0,     [PLACE_LAW_CV] = o->cv != 0,
        [PLACE_LAW_VALUE] = o->value.bytes != 0,   [PLACE_LAW_MIN] = o->min.bytes != 0,
        [PLACE_LAW_MAX] = o->max.bytes != 0,       [PLACE_LAW_SHAPE] = o->shape != 0,
        [PLACE_LAW_SCALE] = o->scale.bytes != 0,   [PLACE_LAW_P] = o->p != 0,
        [PLACE_LAW_MEAN1] = o->mean1.bytes != 0,   [PLACE_LAW_MEAN2] = o->mean2.bytes != 0,
        [PLACE_LAW_FILE] = o->file[0] != '\0',     [PLACE_LAW_COLUMN] = o->column[0] != '\0',
        [PLACE_LAW_VALUES] = o->values.count != 0, [PLACE_LAW_WEIGHTS] = o->weights.count != 0,
    };
    unsigned mask = 0;
    for (unsigned i = 0; i < PLACES; i++)
        mask |= (unsigned)given[i] << i;
    return mask;
}

int alm_law_given(const struct alm_law_options *o)
{
    return o->law != ALM_LAW_DEFAULT || given_parameters(o) != 0;
}

static const char *first_word(unsigned mask)
{
    return parameter_word[__builtin_ctz(mask)];
}

/* "mean, cv" */
static const char *list_words(unsigned mask, char out[96])
{
    size_t used = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < PLACES; i++)
        if (mask >> i & 1)
            used += (size_t)snprintf(out + used, 96 - used, "%s%s", used ? ", " : "", parameter_word[i]);
    return out;
}

static int check_parameters(const struct alm_law_options *o, const char *key, struct alm_err *e)
{
    char list[96];
    unsigned given = given_parameters(o), needs = laws[o->law].needs, all = needs | laws[o->law].may;
    if (o->law <= ALM_LAW_NONE && given)
        return alm_fail(e, ALM_EINVAL, "%s.%s is given, but %s.law is %s: name the law, one of " ALM_LAW_CHOICES, key,
                        first_word(given), key, laws[o->law].word);
    if (needs & ~given)
        return alm_fail(e, ALM_EINVAL, "%s.%s is missing or 0: law %s needs %s", key, first_word(needs & ~given),
                        laws[o->law].word, list_words(needs, list));
    if (given & ~all)
        return alm_fail(e, ALM_EINVAL, "%s.%s is not a parameter of law %s, which takes %s", key,
                        first_word(given & ~all), laws[o->law].word, list_words(all, list));
    return ALM_OK;
}

static double amount(union alm_law_amount a, enum alm_opt_type type)
{
    return type == ALM_OPT_BYTES ? (double)a.bytes : a.real;
}

/* Below, the largest draws pass what a double holds, or all draws are nearly equal. */
static int check_shape(const struct alm_law *law, const char *key, struct alm_err *e)
{
    if (law->shape < 0.05)
        return alm_fail(e, ALM_EINVAL, "%s.shape=%g must be at least 0.05", key, law->shape);
    return ALM_OK;
}

static int check_sense(const struct alm_law *law, const char *key, struct alm_err *e)
{
    switch (law->kind) {
    case ALM_LAW_UNIFORM:
    case ALM_LAW_BOUNDED_PARETO:
        if (law->max <= law->min)
            return alm_fail(e, ALM_EINVAL, "%s.max=%g must be above %s.min=%g", key, law->max, key, law->min);
        return law->kind == ALM_LAW_UNIFORM ? ALM_OK : check_shape(law, key, e);
    case ALM_LAW_WEIBULL:
        return check_shape(law, key, e);
    case ALM_LAW_ERLANG:
        if (law->shape != floor(law->shape))
            return alm_fail(e, ALM_EINVAL,
                            "%s.shape=%g must be a whole number, the number of exponential parts; law "
                            "gamma takes others",
                            key, law->shape);
        return ALM_OK;
    case ALM_LAW_GAMMA:
    case ALM_LAW_LOGNORMAL:
    case ALM_LAW_NORMAL:
        if (law->cv < 1e-6 || law->cv > 100)
            return alm_fail(e, ALM_EINVAL, "%s.cv=%g must be from 1e-6 to 100; law deterministic has cv 0", key,
                            law->cv);
        return ALM_OK;
    case ALM_LAW_HYPEREXPONENTIAL:
        if (law->p >= 1)
            return alm_fail(e, ALM_EINVAL, "%s.p=%g must be below 1; law exponential has one mean", key, law->p);
        return ALM_OK;
    default:
        return ALM_OK;
    }
}

static int open_discrete(const struct alm_law_options *o, const char *key, struct alm_law *law, struct alm_err *e)
{
    size_t n = o->values.count;
    double sum = 0, part = 0;
    if (o->weights.count != 0 && o->weights.count != n)
        return alm_fail(e, ALM_EINVAL, "%s.weights has %zu numbers and %s.values %zu; each value has one weight", key,
                        o->weights.count, key, n);
    for (size_t i = 0; i < n; i++)
        sum += o->weights.count ? o->weights.value[i] : 1;
    if (!(sum > 0))
        return alm_fail(e, ALM_EINVAL, "%s.weights are all 0; give at least one value a weight", key);
    law->values = o->values;
    law->until.count = n;
    for (size_t i = 0; i < n; i++) {
        part += o->weights.count ? o->weights.value[i] : 1;
        law->until.value[i] = part / sum;
    }
    return ALM_OK;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void alm_law_numbers(struct alm_law *law, double *number, size_t count)
{
    free(law->number);
    law->number = number;
    law->numbers = count;
    qsort(number, count, sizeof *number, ascending);
}

int alm_law_open(const struct alm_law_options *o, enum alm_opt_type type, const char *key,
                 const struct alm_law_options *usual, struct alm_law *out, struct alm_err *e)
{
    ALM_TRY(check_parameters(o, key, e));
    if (o->law == ALM_LAW_DEFAULT && usual)
        return alm_law_open(usual, ALM_OPT_REAL, key, NULL, out, e);
    struct alm_law law = {
        .kind = o->law == ALM_LAW_DEFAULT ? ALM_LAW_NONE : (enum alm_law_kind)o->law,
        .mean = amount(o->mean, type),
        .cv = o->cv,
        .value = amount(o->value, type),
        .min = amount(o->min, type),
        .max = amount(o->max, type),
        .shape = o->shape,
        .scale = amount(o->scale, type),
        .p = o->p,
        .mean1 = amount(o->mean1, type),
        .mean2 = amount(o->mean2, type),
    };
    ALM_TRY(check_sense(&law, key, e));
    if (law.kind == ALM_LAW_DISCRETE)
        ALM_TRY(open_discrete(o, key, &law, e));
    *out = law;
    return law.kind == ALM_LAW_EMPIRICAL ? ALM_NOT_YET : ALM_OK;
}

static int json_parameter(const struct alm_law_options *o, unsigned place, char *out, size_t size)
{
    const double number[] = {
        [PLACE_LAW_MEAN] = o->mean.real,   [PLACE_LAW_CV] = o->cv,        [PLACE_LAW_VALUE] = o->value.real,
        [PLACE_LAW_MIN] = o->min.real,     [PLACE_LAW_MAX] = o->max.real, [PLACE_LAW_SHAPE] = o->shape,
        [PLACE_LAW_SCALE] = o->scale.real, [PLACE_LAW_P] = o->p,          [PLACE_LAW_MEAN1] = o->mean1.real,
        [PLACE_LAW_MEAN2] = o->mean2.real, [PLACE_LAW_FILE] = 0,
    };
    char word[ALM_QUANTITY_TEXT];
    if (place < PLACE_LAW_FILE)
        return snprintf(out, size, ", \"%s\": %s", parameter_word[place], alm_print_real(number[place], word));
    if (place == PLACE_LAW_FILE || place == PLACE_LAW_COLUMN)
        return snprintf(out, size, ", \"%s\": \"%s\"", parameter_word[place],
                        place == PLACE_LAW_FILE ? o->file : o->column);
    const struct alm_numbers *list = place == PLACE_LAW_VALUES ? &o->values : &o->weights;
    size_t used = (size_t)snprintf(out, size, ", \"%s\": [", parameter_word[place]);
    for (size_t i = 0; i < list->count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", alm_print_real(list->value[i], word));
    if (used < size)
        used += (size_t)snprintf(out + used, size - used, "]");
    return (int)used;
}

static bool plain_text(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == '"' || *text == '\\')
            return false;
    return true;
}

int alm_law_json(const struct alm_law_options *o, char *out, size_t size, struct alm_err *e)
{
    if (!plain_text(o->file) || !plain_text(o->column))
        return alm_fail(e, ALM_EINVAL, "`%.60s`: a quote, backslash or control character in a file name", o->file);
    if (o->law <= ALM_LAW_NONE) {
        snprintf(out, size, "null");
        return ALM_OK;
    }
    unsigned show = given_parameters(o) | laws[o->law].needs;
    if (o->law == ALM_LAW_DETERMINISTIC)
        show |= LAW_VALUE;
    size_t used = (size_t)snprintf(out, size, "{\"law\": \"%s\"", laws[o->law].word);
    for (unsigned i = 0; i < PLACES && used < size; i++)
        if (show >> i & 1)
            used += (size_t)json_parameter(o, i, out + used, size - used);
    if (used < size)
        used += (size_t)snprintf(out + used, size - used, "}");
    return used < size ? ALM_OK : alm_fail(e, ALM_EINVAL, "the description of a law is longer than %zu bytes", size);
}
