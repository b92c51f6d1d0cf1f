/* SPDX-License-Identifier: GPL-3.0-or-later
 * dependence: checks, and the factor. */
#include "dependence.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum parameter { INTERCEPT = 1, SLOPE = 2, POWER = 4, KNOTS = 8, LEVELS = 16 };

/* By effect: what it needs and what it may have. */
static const struct {
    const char *word;
    unsigned needs, may;
} effects[] = {
    [ALM_EFFECT_NONE] = {"none", 0, 0},
    [ALM_EFFECT_LINEAR] = {"linear", SLOPE, INTERCEPT},
    [ALM_EFFECT_POWER] = {"power", SLOPE | POWER, INTERCEPT},
    [ALM_EFFECT_PIECEWISE] = {"piecewise", KNOTS | LEVELS, 0},
    [ALM_EFFECT_CATEGORY] = {"category", LEVELS, 0},
};

static const char *const parameter_word[] = {"intercept", "slope", "power", "knots", "levels"};

static int check_parameters(const struct alm_dependence_options *o, const char *key, struct alm_err *e)
{
    unsigned given = (o->intercept != 0 ? INTERCEPT : 0u) | (o->slope != 0 ? SLOPE : 0u) |
                     (o->power != 0 ? POWER : 0u) | (o->knots.count ? KNOTS : 0u) | (o->levels.count ? LEVELS : 0u);
    unsigned missing = effects[o->effect].needs & ~given;
    unsigned foreign = given & ~(effects[o->effect].needs | effects[o->effect].may);
    const char *word = effects[o->effect].word;
    if (missing)
        return alm_fail(e, ALM_EINVAL, "%s.%s is missing or 0: effect %s needs it", key,
                        parameter_word[__builtin_ctz(missing)], word);
    if (foreign)
        return alm_fail(
            e, ALM_EINVAL,
            "%s.%s is given, but %s.effect is %s; take it away, or name another effect of " ALM_DEPENDENCE_EFFECTS, key,
            parameter_word[__builtin_ctz(foreign)], key, word);
    if (o->effect == ALM_EFFECT_NONE && o->on[0])
        return alm_fail(e, ALM_EINVAL, "%s.on=%.60s needs %s.effect, one of " ALM_DEPENDENCE_EFFECTS, key, o->on, key);
    return ALM_OK;
}

static int find_input(const struct alm_dependence_options *o, const char *key, const struct alm_dependence_input *input,
                      size_t n, size_t *out, struct alm_err *e)
{
    char list[200] = "";
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", input[i].name);
        if (strcmp(o->on, input[i].name) == 0) {
            *out = i;
            return ALM_OK;
        }
    }
    return alm_fail(e, ALM_EINVAL, "%s.on: there is no input `%.60s`; there %s %s", key, o->on, n ? "are" : "is",
                    n ? list : "none: declare one as input1: {name: ...}");
}

static int check_points(const struct alm_dependence_options *o, const char *key,
                        const struct alm_dependence_input *input, struct alm_err *e)
{
    if ((o->effect == ALM_EFFECT_CATEGORY) != (input->words > 0))
        return alm_fail(e, ALM_EINVAL, "%s.effect=%s: input `%s` is a %s", key, effects[o->effect].word, input->name,
                        input->words ? "category, which takes effect category" : "number, which has no words");
    size_t wanted = o->effect == ALM_EFFECT_CATEGORY ? input->words : o->knots.count;
    if (o->levels.count != wanted)
        return alm_fail(e, ALM_EINVAL, "%s.levels has %zu numbers; %zu are needed, one for each %s", key,
                        o->levels.count, wanted, o->effect == ALM_EFFECT_CATEGORY ? "word of the input" : "knot");
    for (size_t i = 1; i < o->knots.count; i++)
        if (!(o->knots.value[i] > o->knots.value[i - 1]))
            return alm_fail(e, ALM_EINVAL, "%s.knots: %g after %g; they must ascend", key, o->knots.value[i],
                            o->knots.value[i - 1]);
    return ALM_OK;
}

int alm_dependence_open(const struct alm_dependence_options *o, const char *key,
                        const struct alm_dependence_input *input, size_t n, struct alm_dependence *out,
                        struct alm_err *e)
{
    size_t at = 0;
    ALM_TRY(check_parameters(o, key, e));
    if (o->effect != ALM_EFFECT_NONE) {
        ALM_TRY(find_input(o, key, input, n, &at, e));
        ALM_TRY(check_points(o, key, &input[at], e));
    }
    *out = (struct alm_dependence){
        (enum alm_dependence_effect)o->effect, at, o->intercept, o->slope, o->power, o->knots, o->levels};
    return ALM_OK;
}

static double between_knots(const struct alm_dependence *d, double x)
{
    const double *knot = d->knots.value, *level = d->levels.value;
    size_t last = d->knots.count - 1, i = 0;
    if (x <= knot[0])
        return level[0];
    if (x >= knot[last])
        return level[last];
    while (x > knot[i + 1])
        i++;
    return level[i] + (level[i + 1] - level[i]) * ((x - knot[i]) / (knot[i + 1] - knot[i]));
}

double alm_dependence_factor(const struct alm_dependence *d, const double *x)
{
    switch (d->effect) {
    case ALM_EFFECT_LINEAR:
        return fmax(0, d->intercept + d->slope * x[d->input]);
    case ALM_EFFECT_POWER:
        return fmin(fmax(0, d->intercept + d->slope * pow(x[d->input], d->power)), 1e100);
    case ALM_EFFECT_PIECEWISE:
        return between_knots(d, x[d->input]);
    case ALM_EFFECT_CATEGORY:
        return d->levels.value[(size_t)x[d->input]];
    default:
        return 1;
    }
}
