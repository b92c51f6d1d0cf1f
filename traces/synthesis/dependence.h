/* SPDX-License-Identifier: GPL-3.0-or-later
 * dependence: how an amount follows from an input parameter: `work: {on: size, effect: linear, slope: 2e-9}`.
 *
 * Meaning.  effect     factor for the value x of the input `on`
 *           none       1
 *           linear     max(0, intercept + slope x)
 *           power      max(0, intercept + slope x^power)
 *           piecewise  through the points (knots[i], levels[i]), straight between them, constant outside
 *           category   levels[i] for word i of the input
 *           The amount is this factor times a draw of its law, which is therefore the noise around it: of mean 1 and the
 *           cv wanted, the factor is the expected amount.
 * Choice.   One input an amount: what several inputs do together is seldom known well enough to be written down. */
#ifndef ALMANAC_TRACES_DEPENDENCE_H
#define ALMANAC_TRACES_DEPENDENCE_H

#include "almanac/error.h"
#include "almanac/option.h"

#include <stddef.h>

#define ALM_DEPENDENCE_EFFECTS "none|linear|power|piecewise|category"

enum alm_dependence_effect {
    ALM_EFFECT_NONE,
    ALM_EFFECT_LINEAR,
    ALM_EFFECT_POWER,
    ALM_EFFECT_PIECEWISE,
    ALM_EFFECT_CATEGORY
};

struct alm_dependence_options {
    char on[ALM_OPT_STRING];
    int effect;
    double intercept, slope, power;
    struct alm_numbers knots, levels;
};

/* clang-format off */
#define ALM_DEPENDENCE_AT(at, member) (at) + offsetof(struct alm_dependence_options, member)
#define ALM_DEPENDENCE_ROWS(prefix, at)                                                                                \
    {prefix ".on", ALM_OPT_TEXT, ALM_DEPENDENCE_AT(at, on), "", 0, 0, NULL, "name of the input it depends on"},        \
    {prefix ".effect", ALM_OPT_CHOICE, ALM_DEPENDENCE_AT(at, effect), "none", 0, 0, ALM_DEPENDENCE_EFFECTS,            \
     "how; a factor of the law"},                                                                                      \
    {prefix ".intercept", ALM_OPT_REAL, ALM_DEPENDENCE_AT(at, intercept), "0", -1e15, 1e15, NULL, "linear, power"},    \
    {prefix ".slope", ALM_OPT_REAL, ALM_DEPENDENCE_AT(at, slope), "0", -1e15, 1e15, NULL, "linear, power: per unit"},  \
    {prefix ".power", ALM_OPT_REAL, ALM_DEPENDENCE_AT(at, power), "0", -10, 10, NULL, "power: exponent"},              \
    {prefix ".knots", ALM_OPT_NUMBERS, ALM_DEPENDENCE_AT(at, knots), "", 0, 1e15, NULL, "piecewise: ascending inputs"}, \
    {prefix ".levels", ALM_OPT_NUMBERS, ALM_DEPENDENCE_AT(at, levels), "", 0, 1e15, NULL,                              \
     "piecewise: factor at each knot; category: for each word"}
/* clang-format on */

/* What there is to depend on. */
struct alm_dependence_input {
    const char *name;
    size_t words; /* of a category; 0: a number */
};

struct alm_dependence {
    enum alm_dependence_effect effect;
    size_t input; /* index */
    double intercept, slope, power;
    struct alm_numbers knots, levels;
};

/* Check the options of KEY ("work") against the N inputs. ALM_EINVAL says what is wrong and what would be right. */
int alm_dependence_open(const struct alm_dependence_options *o, const char *key,
                        const struct alm_dependence_input *input, size_t n, struct alm_dependence *out,
                        struct alm_err *e);

/* The factor for the inputs X; of a category x is the number of its word. */
double alm_dependence_factor(const struct alm_dependence *d, const double *x);

#endif
