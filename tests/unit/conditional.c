/* SPDX-License-Identifier: GPL-3.0-or-later
 * conditional: is the model chosen that made the data, do its quantiles hold, and what of bounds and of tables that nobody wants?
 *
 * Choice.   Seeds are fixed. A bound on a share allows three binomial standard deviations: a false alarm in about 700 for each. */
#include "models/regression/conditional.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 2500 };

struct data {
    size_t n, k;
    double x[MOST * 3], y[MOST];
    bool category[3], bound[MOST];
};

static const struct conditional_options usual = {.resolution = 1e-3, .levels = 1, .level = {0.95}};

/* What made an amount of inputs. */
enum law { FLAT, POWER, PRODUCT, STEPS, WAVE, LEVELS, LAWS };

static double draw(enum law law, const double *x, struct alm_stream *s)
{
    const double noise = 0.1 * alm_stream_normal(s);
    switch (law) {
    case FLAT:
        return 5 * exp(noise);
    case POWER:
        return 2 * pow(x[0], 1.3) * exp(noise);
    case PRODUCT:
        return exp(0.8 * log(x[0]) * log(x[1]) + noise);
    case STEPS:
        return (x[0] < 3 ? 1 : x[0] < 10 ? 40 : 7) * exp(noise);
    case WAVE:
        return exp(2 * sin(3 * log(x[0])) + noise);
    case LEVELS:
        return (1 + 3 * x[2]) * exp(noise);
    case LAWS:
        break;
    }
    return 0;
}

/* Two numbers of 1 .. 30 and a category of three levels. */
static void draw_row(struct data *d, size_t i, enum law law, struct alm_stream *s)
{
    double *x = d->x + i * 3;
    x[0] = exp(log(30) * alm_stream_uniform(s));
    x[1] = exp(log(30) * alm_stream_uniform(s));
    x[2] = (double)alm_stream_below(s, 3);
    d->y[i] = draw(law, x, s);
    d->bound[i] = false;
}

static struct data *make(enum law law, size_t n, uint64_t seed)
{
    struct data *d = calloc(1, sizeof *d);
    struct alm_stream s = alm_stream_open(seed, (uint64_t)law, "conditional");
    d->n = n;
    d->k = 3;
    d->category[2] = true;
    for (size_t i = 0; i < n; i++)
        draw_row(d, i, law, &s);
    return d;
}

static struct conditional *fit_with(const struct data *d, const struct conditional_options *o)
{
    struct alm_err e = {0};
    struct conditional *c = NULL;
    const struct regression_table t = {d->n, d->k, d->x, d->category, d->y, d->bound};
    const int code = conditional_fit(&t, o, &c, &e);
    cr_assert(code == ALM_OK || code == ALM_NOT_YET, "%s", e.text);
    cr_assert_eq(c == NULL, code == ALM_NOT_YET);
    return c;
}

static enum conditional_family family_of(const struct conditional *c)
{
    struct conditional_report r;
    conditional_report(c, &r);
    return r.family;
}

Test(conditional, the_law_that_made_the_data_is_found)
{
    static const struct {
        enum law law;
        uint32_t right; /* families that can express it */
    } want[] = {
        {POWER, 1u << CONDITIONAL_LINEAR | 1u << CONDITIONAL_PAIRS | 1u << CONDITIONAL_NEIGHBOURS_LEFT},
        {PRODUCT, 1u << CONDITIONAL_PAIRS},
        {STEPS, 1u << CONDITIONAL_TREE | 1u << CONDITIONAL_NEIGHBOURS},
        {WAVE, 1u << CONDITIONAL_TREE | 1u << CONDITIONAL_NEIGHBOURS | 1u << CONDITIONAL_NEIGHBOURS_LEFT},
        {LEVELS, ~(1u << CONDITIONAL_CONSTANT)},
    };
    for (size_t w = 0; w < sizeof want / sizeof *want; w++) {
        size_t right = 0;
        for (uint64_t seed = 0; seed < 10; seed++) {
            struct data *d = make(want[w].law, 150, seed);
            struct conditional *c = fit_with(d, &usual);
            right += (want[w].right & (1u << family_of(c))) != 0;
            conditional_free(c);
            free(d);
        }
        cr_expect_geq(right, 9, "law %d: right in %zu of 10", (int)want[w].law, right);
    }
}

/* Noise may look like a law: then the constant must have been as good within its error. By one standard error over five other
 * kinds of models that is to happen in less than half of the tables, and to cost next to nothing on new rows. */
Test(conditional, inputs_without_influence_do_little_harm)
{
    enum { TABLES = 60 };
    size_t constant = 0;
    double chosen_wrong = 0, constant_wrong = 0;
    for (uint64_t seed = 0; seed < TABLES; seed++) {
        struct data *d = make(FLAT, 160, seed);
        struct conditional_options only = usual;
        only.families = 1u << CONDITIONAL_CONSTANT;
        d->n = 60;
        struct conditional *c = fit_with(d, &usual), *plain = fit_with(d, &only);
        constant += family_of(c) == CONDITIONAL_CONSTANT;
        for (size_t i = 60; i < 160; i++) {
            chosen_wrong += fabs(log(d->y[i] / conditional_quantile(c, d->x + 3 * i, 0.5, NULL)));
            constant_wrong += fabs(log(d->y[i] / conditional_quantile(plain, d->x + 3 * i, 0.5, NULL)));
        }
        conditional_free(c);
        conditional_free(plain);
        free(d);
    }
    cr_expect_geq(constant, TABLES / 2, "%zu of 60", constant);
    cr_expect_lt(chosen_wrong, 1.03 * constant_wrong, "%g times as wrong", chosen_wrong / constant_wrong);
}

/* ---- coverage ---- */

struct tally {
    size_t n, held, above_least;
    double stated;
};

/* Fit on N rows, ask about 40 new ones at level P and at its lower tail. */
static void ask(enum law law, size_t n, uint64_t seed, double p, bool seen_only, struct tally *out)
{
    struct data *d = make(law, n + 40, seed);
    struct conditional_options o = usual;
    o.level[0] = p;
    d->n = n;
    struct conditional *c = fit_with(d, &o);
    for (size_t i = n; i < n + 40; i++) {
        double stated;
        const double *x = seen_only ? NULL : d->x + i * 3;
        out->held += d->y[i] <= conditional_quantile(c, x, p, &stated);
        out->above_least += d->y[i] >= conditional_quantile(c, x, 0.05, NULL);
        out->stated += stated;
        out->n++;
    }
    conditional_free(c);
    free(d);
}

/* Rows of one fit stand and fall together, so its allowance is that of the fits: sd of a fit's own coverage is
 * sqrt(p (1 - p) / (n + 2)), beside that of 40 rows. Two tenths of the misses are allowed for the choice among candidates. */
static void covers(enum law law, size_t n, double p, bool seen_only)
{
    enum { FITS = 100 };
    struct tally t = {0};
    for (uint64_t seed = 0; seed < FITS; seed++)
        ask(law, n, 1000 + seed, p, seen_only, &t);
    const double share = (double)t.held / (double)t.n, stated = t.stated / (double)t.n;
    const double sd = sqrt(stated * (1 - stated) * (1 / (double)(n + 2) + 1 / 40.0) / FITS);
    cr_expect_geq(share, stated - 0.2 * (1 - stated) - 3 * sd, "law %d, %zu rows: %.4f holds, %.4f stated", (int)law, n,
                  share, stated);
    cr_expect_leq(stated, p + 1e-12);
    if (stated >= p)
        cr_expect_leq(share, p + 0.2 * (1 - p) + 1 / (double)(n + 1) + 3 * sd, "law %d, %zu rows: %.4f is too wide",
                      (int)law, n, share);
    const double least = (double)t.above_least / (double)t.n;
    cr_expect_geq(least, 0.95 - 0.01 - 3 * sqrt(0.05 * 0.95 * (1 / (double)(n + 2) + 1 / 40.0) / FITS),
                  "law %d, %zu rows: %.4f above the twentieth", (int)law, n, least);
}

Test(conditional, quantiles_hold_on_new_rows)
{
    covers(FLAT, 100, 0.9, false);
    covers(POWER, 200, 0.95, false);
    covers(STEPS, 120, 0.9, false);
    covers(WAVE, 120, 0.9, false);
    covers(LEVELS, 120, 0.95, true);
}

Test(conditional, few_rows_state_what_they_can_bear)
{
    covers(POWER, 15, 0.99, false);
    covers(POWER, 40, 0.99, false);
    covers(FLAT, 10, 0.95, true);
}

/* Errors grow with the amount: quantiles by thirds are as wide as their third. */
Test(conditional, spread_that_grows_is_followed)
{
    struct data *d = make(POWER, 600, 3);
    struct alm_stream s = alm_stream_open(3, 0, "spread");
    struct conditional_report r;
    for (size_t i = 0; i < d->n; i++)
        d->y[i] = 2 * d->x[3 * i] * exp((d->x[3 * i] > 10 ? 0.5 : 0.02) * alm_stream_normal(&s));
    struct conditional *c = fit_with(d, &usual);
    conditional_report(c, &r);
    cr_expect(r.local);
    const double small[3] = {2, 5, 1}, large[3] = {25, 5, 1};
    const double narrow = conditional_quantile(c, small, 0.95, NULL) / conditional_quantile(c, small, 0.5, NULL);
    const double wide = conditional_quantile(c, large, 0.95, NULL) / conditional_quantile(c, large, 0.5, NULL);
    cr_expect_lt(narrow, 1.2, "%g", narrow);
    cr_expect_gt(wide, 1.6, "%g", wide);
    conditional_free(c);
    free(d);
}

/* ---- lower bounds ---- */

/* True amounts are 4 x exp(0.4 normal); what is above LIMIT is seen at it. */
static void limit_at(struct data *d, double limit, double *truth)
{
    struct alm_stream s = alm_stream_open(9, 0, "limit");
    for (size_t i = 0; i < d->n; i++) {
        truth[i] = 4 * d->x[3 * i] * exp(0.4 * alm_stream_normal(&s));
        d->bound[i] = truth[i] > limit;
        d->y[i] = fmin(truth[i], limit);
    }
}

Test(conditional, bounds_are_not_taken_for_amounts)
{
    struct data *d = make(POWER, 500, 4);
    double *truth = malloc(MOST * sizeof *truth);
    limit_at(d, 60, truth);
    struct conditional *with = fit_with(d, &usual);
    memset(d->bound, 0, sizeof d->bound);
    struct conditional *without = fit_with(d, &usual);
    const double at[3] = {20, 5, 1};
    const double aware = conditional_quantile(with, at, 0.5, NULL),
                 naive = conditional_quantile(without, at, 0.5, NULL);
    double stated;
    const double high = conditional_quantile(with, at, 0.95, &stated);
    cr_expect_lt(naive, 65, "%g", naive);
    cr_expect_gt(aware, 72, "the truth is 80: %g", aware);
    cr_expect_lt(aware, 88, "%g", aware);
    cr_expect_gt(high, 80 * exp(0.4 * 1.2816), "%g", high);
    conditional_free(with);
    conditional_free(without);
    free(truth);
    free(d);
}

Test(conditional, a_bound_never_means_less_than_an_amount)
{
    struct data *d = make(POWER, 100, 5);
    struct conditional_options o = usual;
    const double at[3] = {10, 3, 0};
    o.families = 1u << CONDITIONAL_LINEAR;
    double amounts[3] = {0, 0, 0};
    for (size_t step = 0; step <= 100; step += 20) {
        for (size_t i = 0; i < d->n; i++)
            d->bound[i] = i % 100 < step;
        struct conditional *c = fit_with(d, &o);
        static const double p[3] = {0.5, 0.9, 0.95};
        for (size_t l = 0; l < 3; l++) {
            const double q = conditional_quantile(c, at, p[l], NULL);
            amounts[l] = step ? amounts[l] : q;
            cr_expect_geq(q, amounts[l], "%zu bounds, level %g: %g, without %g", step, p[l], q, amounts[l]);
        }
        conditional_free(c);
    }
    free(d);
}

/* ---- what must not matter, and what must not break ---- */

Test(conditional, units_of_inputs_do_not_matter)
{
    struct data *a = make(WAVE, 120, 6), *b = make(WAVE, 120, 6);
    for (size_t i = 0; i < b->n; i++)
        b->x[3 * i] *= 1024 * 1024;
    struct conditional *p = fit_with(a, &usual), *q = fit_with(b, &usual);
    cr_expect_eq(family_of(p), family_of(q));
    for (size_t i = 0; i < a->n; i++) {
        const double u = conditional_quantile(p, a->x + 3 * i, 0.9, NULL);
        const double v = conditional_quantile(q, b->x + 3 * i, 0.9, NULL);
        cr_expect_float_eq(v, u, 1e-6 * u);
    }
    conditional_free(p);
    conditional_free(q);
    free(a);
    free(b);
}

Test(conditional, twice_is_the_same_to_the_bit)
{
    struct data *d = make(PRODUCT, 130, 7);
    struct conditional *p = fit_with(d, &usual), *q = fit_with(d, &usual);
    for (size_t i = 0; i < d->n; i++)
        cr_expect_eq(conditional_quantile(p, d->x + 3 * i, 0.9, NULL),
                     conditional_quantile(q, d->x + 3 * i, 0.9, NULL));
    conditional_free(p);
    conditional_free(q);
    free(d);
}

/* A model that was saved and loaded gives the same answers and words, to the last bit; cut short or spoilt it is refused or sane. */
static void survives_saving(const struct conditional *c, const struct data *d, const char *what)
{
    const size_t size = conditional_size(c);
    struct alm_err e = {0};
    char *bytes = malloc(size + 1), one[600], other[600];
    struct conditional *again;
    conditional_save(c, bytes);
    cr_assert_eq(conditional_load(bytes, size, d->k, &again, &e), ALM_OK, "%s: %s", what, e.text);
    cr_assert_str_eq(conditional_words(c, NULL, one, sizeof one), conditional_words(again, NULL, other, sizeof other));
    for (size_t row = 0; row <= d->n; row++)
        for (double p = 0.005; p < 1; p += 0.09) {
            const double *x = row < d->n ? d->x + row * d->k : NULL;
            double stated[2];
            const double q[2] = {conditional_quantile(c, x, p, &stated[0]),
                                 conditional_quantile(again, x, p, &stated[1])};
            cr_assert(q[0] == q[1] && stated[0] == stated[1], "%s, row %zu: %g was saved, %g loaded", what, row, q[0],
                      q[1]);
        }
    char *twice = malloc(size + 1);
    cr_assert_eq(conditional_size(again), size);
    conditional_save(again, twice);
    cr_assert_eq(memcmp(bytes, twice, size), 0, "%s: saved again it is other bytes", what);
    conditional_free(again);
    for (size_t at = 0; at < size; at += size / 50 + 1) {
        cr_assert_eq(conditional_load(bytes, at, d->k, &again, &e), ALM_EDATA, "%s: %zu bytes of it", what, at);
        memcpy(twice, bytes, size);
        twice[at] = (char)(twice[at] ^ 0x41);
        if (conditional_load(twice, size, d->k, &again, &e) == ALM_OK)
            conditional_quantile(again, d->n ? d->x : NULL, 0.9, NULL);
        conditional_free(again);
    }
    cr_assert_eq(conditional_load(bytes, size, d->k + 1, &again, &e), ALM_EDATA, "%s: of other inputs", what);
    free(bytes);
    free(twice);
}

/* Every answer is finite, not negative, and does not fall with the level; and the model survives saving. */
static void sane(const struct conditional *c, const struct data *d, const char *what)
{
    static const double p[] = {0.001, 0.05, 0.5, 0.9, 0.95, 0.99, 0.99999};
    const double odd[5][3] = {
        {NAN, NAN, NAN}, {INFINITY, -INFINITY, 99}, {1e300, -1e300, 1}, {0, 0, 0}, {1e-300, 5, -7}};
    for (size_t row = 0; c && row < d->n + 6; row++) {
        const double *x = row < d->n ? d->x + row * d->k : row < d->n + 5 ? odd[row - d->n] : NULL;
        double before = 0;
        for (size_t l = 0; l < sizeof p / sizeof *p; l++) {
            double stated = -1;
            const double q = conditional_quantile(c, x, p[l], &stated);
            cr_assert(isfinite(q) && q >= before, "%s, row %zu: %g at %g after %g", what, row, q, p[l], before);
            cr_assert(stated >= 0 && stated <= 1, "%s, row %zu: %g is stated at %g", what, row, stated, p[l]);
            before = q;
        }
    }
    if (c)
        survives_saving(c, d, what);
}

enum spoil {
    ALL_NAN,
    COLLINEAR,
    TIED,
    ONE_LEVEL,
    OWN_LEVELS,
    HUGE_INPUTS,
    TINY_INPUTS,
    MIXED_SIGNS,
    INFINITE,
    NAN_IN_BETWEEN,
    ZERO_AMOUNTS,
    HUGE_AMOUNTS,
    TINY_AMOUNTS,
    BAD_AMOUNTS,
    ALL_BOUNDS,
    ALL_SAME,
    SPOILS
};

static void spoil(struct data *d, enum spoil how)
{
    for (size_t i = 0; i < d->n; i++) {
        double *x = d->x + 3 * i, *y = d->y + i;
        const double odd = (double)(i % 5);
        switch (how) {
        case ALL_NAN:
            x[0] = x[1] = x[2] = NAN;
            break;
        case COLLINEAR:
            x[1] = 3 * x[0];
            break;
        case TIED:
            x[0] = 1 + (double)(i % 2);
            x[1] = x[0];
            break;
        case ONE_LEVEL:
            x[2] = 4;
            break;
        case OWN_LEVELS:
            x[2] = (double)i;
            break;
        case HUGE_INPUTS:
            x[0] *= 1e307;
            x[1] = i % 2 ? 1e300 : -1e300;
            break;
        case TINY_INPUTS:
            x[0] *= 1e-307;
            x[1] = i % 3 ? 1e-310 : 1e300;
            break;
        case MIXED_SIGNS:
            x[0] = odd - 2;
            x[1] = -x[1];
            break;
        case INFINITE:
            x[0] = i % 3 ? x[0] : INFINITY;
            x[1] = -INFINITY;
            break;
        case NAN_IN_BETWEEN:
            x[i % 3] = NAN;
            break;
        case ZERO_AMOUNTS:
            *y = 0;
            break;
        case HUGE_AMOUNTS:
            *y = i % 2 ? 1e300 : 1e308;
            break;
        case TINY_AMOUNTS:
            *y = i % 2 ? 1e-300 : 0;
            break;
        case BAD_AMOUNTS:
            *y = i % 4 == 0 ? NAN : i % 4 == 1 ? -1 : i % 4 == 2 ? INFINITY : *y;
            break;
        case ALL_BOUNDS:
            d->bound[i] = true;
            break;
        case ALL_SAME:
            x[0] = x[1] = x[2] = *y = 7;
            break;
        case SPOILS:
            break;
        }
    }
}

Test(conditional, spoilt_tables_have_sane_answers)
{
    static const size_t rows[] = {0, 1, 2, 3, 4, 5, 9, 20, 64, 130};
    size_t fits = 0;
    for (int how = 0; how < SPOILS; how++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            struct data *d = make(POWER, rows[r], 8);
            char what[64];
            snprintf(what, sizeof what, "spoil %d of %zu rows", how, rows[r]);
            spoil(d, (enum spoil)how);
            struct conditional *c = fit_with(d, &usual);
            cr_expect(c || rows[r] < 2 || how == BAD_AMOUNTS, "%s: no answer", what);
            fits += c != NULL;
            sane(c, d, what);
            conditional_free(c);
            free(d);
        }
    cr_expect_geq(fits, 120);
}

Test(conditional, a_table_without_inputs_is_a_constant)
{
    struct data *d = make(FLAT, 50, 9);
    d->k = 0;
    struct conditional *c = fit_with(d, &usual);
    cr_expect_eq(family_of(c), CONDITIONAL_CONSTANT);
    sane(c, d, "no inputs");
    conditional_free(c);
    free(d);
}

Test(conditional, of_many_rows_the_last_count)
{
    struct data *d = make(POWER, MOST, 10);
    for (size_t i = 0; i < MOST - CONDITIONAL_ROWS; i++)
        d->y[i] = 1e6;
    struct conditional_report r;
    struct conditional_options o = usual;
    o.families = 1u << CONDITIONAL_LINEAR;
    struct conditional *c = fit_with(d, &o);
    conditional_report(c, &r);
    cr_expect_eq(r.rows, CONDITIONAL_ROWS);
    cr_expect_lt(conditional_quantile(c, NULL, 0.999, NULL), 1000);
    conditional_free(c);
    free(d);
}

Test(conditional, words_say_which_and_why)
{
    static const char *const name[3] = {"size", "threads", "kind"};
    struct data *d = make(POWER, 150, 11);
    struct conditional_options o = usual;
    o.families = 1u << CONDITIONAL_CONSTANT | 1u << CONDITIONAL_LINEAR | 1u << CONDITIONAL_TREE;
    struct conditional *c = fit_with(d, &o);
    char text[512], little[16];
    conditional_words(c, name, text, sizeof text);
    cr_expect_eq(strncmp(text, "log-linear in size (R2 0.99): pinball 0.0", 41), 0, "%s", text);
    cr_expect(strstr(text, " constant, ") && strstr(text, " regression tree") && strstr(text, "; 150 rows"), "%s",
              text);
    conditional_words(c, NULL, little, sizeof little);
    cr_expect_lt(strlen(little), sizeof little);
    struct conditional_report r;
    double weight[3];
    conditional_report(c, &r);
    conditional_weights(c, weight);
    cr_expect(weight[0] > 10 * weight[1] && weight[0] > 10 * weight[2], "%g %g %g", weight[0], weight[1], weight[2]);
    cr_expect_leq(r.behind[r.family], r.error[r.family], "what is chosen is within one standard error of the best");
    for (int f = 0; f < CONDITIONAL_FAMILIES; f++)
        if (!isnan(r.loss[f])) {
            cr_expect_float_eq(r.behind[f], r.loss[f] - r.loss[r.best], 1e-12);
            cr_expect(f >= (int)r.family || r.behind[f] > r.error[f], "a simpler one is as good: %d", f);
        }
    conditional_free(c);
    free(d);
}
