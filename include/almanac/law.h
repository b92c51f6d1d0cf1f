/* SPDX-License-Identifier: GPL-3.0-or-later
 * law: probability laws as groups of options: `work: {law: lognormal, mean: 0.1, cv: 2}`.
 *
 * Meaning.  law               parameters      it is
 *           none                              no amount at all: not known
 *           default                           what the owner of the option says; none where it says nothing
 *           exponential       mean
 *           deterministic     value           always the same
 *           uniform           min, max
 *           erlang            shape, mean     sum of `shape` (a whole number) exponential parts
 *           gamma             mean, cv
 *           hyperexponential  p, mean1, mean2 exponential of mean1 with probability p, else of mean2
 *           lognormal         mean, cv        mean and coefficient of variation of the amount, not of its logarithm
 *           weibull           shape, scale    P(X > x) = exp(-(x / scale)^shape)
 *           bounded-pareto    min, max, shape density proportional to x^(-shape - 1) between min and max
 *           normal            mean, cv        of the normal law; then what is below 0 is cut off, which raises the mean
 *           empirical         file, column    a number out of those of the file, all equally likely
 *           discrete          values, weights one of the values; without weights all equally likely
 *           All amounts are finite and >= 0. A parameter that is 0 was not given; `min`, `value` may be 0.
 * Choice.   Draws invert the distribution function, so a law takes the same number of uniforms each time: 1; `shape`
 *           for erlang; 2 for hyperexponential. gamma and normal reject, and take as many as they need.
 * Limits.   Uniforms are the same on every machine. exp, log and pow are those of the C library, which may differ in the
 *           last bit from one library or processor to another. Users of this file therefore round to nanoseconds and
 *           whole bytes: such a difference in an amount of n steps then shows with a probability of about n 1e-16.
 * Source.   Devroye, Non-Uniform Random Variate Generation (1986), II.2; gamma: Marsaglia, Tsang, ACM TOMS 26 (2000). */
#ifndef ALMANAC_LAW_H
#define ALMANAC_LAW_H

#include "almanac/error.h"
#include "almanac/option.h"
#include "almanac/stream.h"

#include <stddef.h>

/* X(id, word, parameters it needs, parameters it may have): ALM_LAW_CHOICES has the same words in the same order. */
#define ALM_LAW_LIST(X)                                                                                                \
    X(ALM_LAW_DEFAULT, "default", 0, 0)                                                                                \
    X(ALM_LAW_NONE, "none", 0, 0)                                                                                      \
    X(ALM_LAW_EXPONENTIAL, "exponential", LAW_MEAN, 0)                                                                 \
    X(ALM_LAW_DETERMINISTIC, "deterministic", 0, LAW_VALUE)                                                            \
    X(ALM_LAW_UNIFORM, "uniform", LAW_MAX, LAW_MIN)                                                                    \
    X(ALM_LAW_ERLANG, "erlang", LAW_SHAPE | LAW_MEAN, 0)                                                               \
    X(ALM_LAW_GAMMA, "gamma", LAW_MEAN | LAW_CV, 0)                                                                    \
    X(ALM_LAW_HYPEREXPONENTIAL, "hyperexponential", LAW_P | LAW_MEAN1 | LAW_MEAN2, 0)                                  \
    X(ALM_LAW_LOGNORMAL, "lognormal", LAW_MEAN | LAW_CV, 0)                                                            \
    X(ALM_LAW_WEIBULL, "weibull", LAW_SHAPE | LAW_SCALE, 0)                                                            \
    X(ALM_LAW_BOUNDED_PARETO, "bounded-pareto", LAW_MIN | LAW_MAX | LAW_SHAPE, 0)                                      \
    X(ALM_LAW_NORMAL, "normal", LAW_MEAN | LAW_CV, 0)                                                                  \
    X(ALM_LAW_EMPIRICAL, "empirical", LAW_FILE, LAW_COLUMN)                                                            \
    X(ALM_LAW_DISCRETE, "discrete", LAW_VALUES, LAW_WEIGHTS)

#define ALM_LAW_CHOICES                                                                                                \
    "default|none|exponential|deterministic|uniform|erlang|gamma|hyperexponential|lognormal|weibull|bounded-pareto|"   \
    "normal|empirical|discrete"

enum alm_law_kind {
#define X(id, word, needs, may) id,
    ALM_LAW_LIST(X)
#undef X
        ALM_LAW_KINDS
};

/* A parameter with the dimension of the amount: a plain number, or bytes. */
union alm_law_amount {
    double real;
    int64_t bytes;
};

/* What a specification says. All zero: law default, no parameter. */
struct alm_law_options {
    int law;
    union alm_law_amount mean, value, min, max, scale, mean1, mean2;
    double cv, shape, p;
    char file[ALM_OPT_STRING], column[ALM_OPT_STRING];
    struct alm_numbers values, weights;
};

#define ALM_LAW_OPTIONS 15 /* rows of one law */

/* The rows of a law called PREFIX ("work") at offset AT of the option struct. TYPE: ALM_OPT_REAL or ALM_OPT_BYTES. HELP:
 * what the law is of, its unit and what default means. */
/* clang-format off */
#define ALM_LAW_AT(at, member) (at) + offsetof(struct alm_law_options, member)
#define ALM_LAW_ROWS(prefix, at, TYPE, HELP)                                                                           \
    {prefix ".law", ALM_OPT_CHOICE, ALM_LAW_AT(at, law), "default", 0, 0, ALM_LAW_CHOICES, HELP},                      \
    {prefix ".mean", TYPE, ALM_LAW_AT(at, mean), "0", 0, 1e15, NULL, "mean"},                                          \
    {prefix ".cv", ALM_OPT_FRACTION, ALM_LAW_AT(at, cv), "0", 0, 1000, NULL, "coefficient of variation: sd / mean"},   \
    {prefix ".value", TYPE, ALM_LAW_AT(at, value), "0", 0, 1e15, NULL, "of law deterministic"},                        \
    {prefix ".min", TYPE, ALM_LAW_AT(at, min), "0", 0, 1e15, NULL, "smallest: uniform, bounded-pareto"},               \
    {prefix ".max", TYPE, ALM_LAW_AT(at, max), "0", 0, 1e15, NULL, "largest: uniform, bounded-pareto"},                \
    {prefix ".shape", ALM_OPT_REAL, ALM_LAW_AT(at, shape), "0", 0, 1000, NULL, "erlang, weibull, bounded-pareto"},     \
    {prefix ".scale", TYPE, ALM_LAW_AT(at, scale), "0", 0, 1e15, NULL, "of law weibull"},                              \
    {prefix ".p", ALM_OPT_FRACTION, ALM_LAW_AT(at, p), "0", 0, 1, NULL, "hyperexponential: probability of mean1"},     \
    {prefix ".mean1", TYPE, ALM_LAW_AT(at, mean1), "0", 0, 1e15, NULL, "hyperexponential: first mean"},                \
    {prefix ".mean2", TYPE, ALM_LAW_AT(at, mean2), "0", 0, 1e15, NULL, "hyperexponential: second mean"},               \
    {prefix ".file", ALM_OPT_TEXT, ALM_LAW_AT(at, file), "", 0, 0, NULL, "empirical: a table of numbers"},             \
    {prefix ".column", ALM_OPT_TEXT, ALM_LAW_AT(at, column), "", 0, 0, NULL, "its column: name or number; first"},     \
    {prefix ".values", ALM_OPT_NUMBERS, ALM_LAW_AT(at, values), "", 0, 1e15, NULL, "of law discrete"},                 \
    {prefix ".weights", ALM_OPT_NUMBERS, ALM_LAW_AT(at, weights), "", 0, 1e15, NULL, "discrete: of each value; equal"}
/* clang-format on */

/* A law that can be drawn from. Its parameters are plain numbers, whatever the options were. */
struct alm_law {
    enum alm_law_kind kind;
    double mean, cv, value, min, max, shape, scale, p, mean1, mean2;
    double *number; /* empirical: ascending; owned */
    size_t numbers;
    struct alm_numbers values, until; /* discrete: cumulative probabilities */
};

/* Check the options of the law called KEY and open it. TYPE is that of its rows. USUAL, in plain numbers, stands for law
 * default; NULL: none. ALM_EINVAL says which parameter is missing, foreign or senseless, and what would be right.
 * ALM_NOT_YET: all is well, but the law is empirical and OUT has no numbers before alm_law_numbers. Who reads no files
 * refuses that. */
int alm_law_open(const struct alm_law_options *o, enum alm_opt_type type, const char *key,
                 const struct alm_law_options *usual, struct alm_law *out, struct alm_err *e);
void alm_law_close(struct alm_law *law);

/* Give the empirical LAW its COUNT > 0 allocated numbers >= 0, of any order; they belong to it from now on. */
void alm_law_numbers(struct alm_law *law, double *number, size_t count);

/* Was anything said? */
int alm_law_given(const struct alm_law_options *o);

/* A draw; NaN for none, and for an empirical law without numbers. */
double alm_law_draw(const struct alm_law *law, struct alm_stream *s);

/* Exact moments and P(X <= x); NaN for none. */
double alm_law_mean(const struct alm_law *law);
double alm_law_variance(const struct alm_law *law);
double alm_law_cdf(const struct alm_law *law, double x);

/* The law as a JSON object, {"law": "exponential", "mean": 1}, or null for none; O holds plain numbers. OUT of SIZE
 * bytes; ALM_EINVAL when that is too little or a text cannot stand in JSON as it is. */
int alm_law_json(const struct alm_law_options *o, char *out, size_t size, struct alm_err *e);

/* A factor of mean 1 and coefficient of variation CV, lognormal, out of one standard normal Z. */
double alm_law_factor(double cv, double z);

#endif
