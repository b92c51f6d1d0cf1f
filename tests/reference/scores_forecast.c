/* SPDX-License-Identifier: GPL-3.0-or-later
 * scores_forecast: are scores of forecasts, tests of coverage, the Diebold-Mariano test and batch means those that R gives?
 *
 * Choice.  Names of quantities carry numbers (`winkler90`, `exponential.rate.5`, `stat.h2.power1`); they are read from the name, so
 *          that a table with others needs no change here. */
#include "expected.h"

#include "experiments/statistics/coverage_test.h"
#include "experiments/statistics/diebold_mariano.h"
#include "experiments/statistics/forecast_score.h"
#include "experiments/statistics/moments.h"
#include "experiments/statistics/t_test.h"

#include <ctype.h>

#define TABLE "reference/scores/expected.csv"
#define SERIES "reference/data/batch_ar1.csv"

/* Digits as a share: "05" is .05 and "95" .95. *END: what follows them. */
static double share(const char *digits, const char **end)
{
    double value = 0, scale = 1;
    for (; isdigit((unsigned char)*digits); digits++, scale *= 10)
        value = 10 * value + (*digits - '0');
    *end = digits;
    return value / scale;
}

/* What follows PREFIX in TEXT, or NULL. */
static const char *after(const char *text, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

/* The number that ends a name, where a dot may stand before it: "rate.5" is .5. */
static bool number(const char *text, const char *stop, double *out)
{
    for (int dots = 0; dots < 2; dots++, text++) {
        char *end;
        *out = strtod(text, &end);
        if (end != text && end == stop)
            return true;
        if (*text != '.')
            break;
    }
    return false;
}

static void run(const char *name, expected_answer answer)
{
    struct expected x;
    if (!expected_open(&x, TABLE))
        return;
    expected_compare(&x, name, answer, &x);
    expected_close(&x);
}

/* ---- quantile_scores ---- */

#define QUANTILE "quantile_scores"

/* One element of an input. */
static double input(const struct expected *x, const char *name, const char *quantity, size_t i)
{
    size_t n;
    double *value = expected_values(x, name, quantity, &n), v = i < n ? value[i] : NAN;
    free(value);
    return v;
}

static size_t length(const struct expected *x, const char *name, const char *quantity)
{
    size_t n;
    free(expected_values(x, name, quantity, &n));
    return n;
}

/* The input that is the quantile TAU, as in.q05 is that of .05. */
static double quantile(const struct expected *x, double tau, size_t i)
{
    for (size_t k = 0; k < x->count; k++) {
        const char *end, *digits = after(x->row[k].quantity, "in.q");
        if (digits && strcmp(x->row[k].name, QUANTILE) == 0 && fabs(share(digits, &end) - tau) < 1e-9)
            return input(x, QUANTILE, x->row[k].quantity, i);
    }
    cr_assert_fail(QUANTILE " has no quantile %g", tau);
    return NAN;
}

static double observed(const struct expected *x, size_t i)
{
    return input(x, QUANTILE, "in.y", i);
}

static double pinball_at(const struct expected *x, double tau, size_t i)
{
    return pinball_loss(observed(x, i), quantile(x, tau, i), tau);
}

static double winkler_at(const struct expected *x, double level, size_t i)
{
    const double alpha = 1 - level;
    return winkler_score(observed(x, i), quantile(x, alpha / 2, i), quantile(x, 1 - alpha / 2, i), alpha);
}

static double inside_at(const struct expected *x, double level, size_t i)
{
    double y = observed(x, i);
    return y >= quantile(x, (1 - level) / 2, i) && y <= quantile(x, (1 + level) / 2, i);
}

/* Of the one set of intervals in the table, as wis.K2.median+50+90. */
static double wis_at(const struct expected *x, double unused, size_t i)
{
    (void)unused;
    const char *name = expected_quantity(x, QUANTILE, "wis.K");
    cr_assert_not_null(name, "no weighted interval score says its intervals");
    double low[16], high[16], alpha[16];
    size_t k = 0;
    for (const char *at = strchr(name, '+'); at && *at == '+' && k < 16; k++) {
        alpha[k] = 1 - share(at + 1, &at);
        low[k] = quantile(x, alpha[k] / 2, i);
        high[k] = quantile(x, 1 - alpha[k] / 2, i);
    }
    cr_assert_eq(k, (size_t)strtoul(name + strlen("wis.K"), NULL, 10), "%s: %zu levels", name, k);
    return weighted_interval_score(observed(x, i), quantile(x, 0.5, i), low, high, alpha, k);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How many rows have some quantile below one of less probability. */
static double crossings(const struct expected *x)
{
    double tau[64];
    size_t taus = 0, count = 0;
    for (size_t k = 0; k < x->count && taus < 64; k++) {
        const char *end, *digits = after(x->row[k].quantity, "in.q");
        if (digits && strcmp(x->row[k].name, QUANTILE) == 0 && x->row[k].index == 1)
            tau[taus++] = share(digits, &end);
    }
    qsort(tau, taus, sizeof *tau, by_value);
    for (size_t i = 0; i < length(x, QUANTILE, "in.y"); i++) {
        bool crossed = false;
        for (size_t k = 1; k < taus; k++)
            crossed |= quantile(x, tau[k - 1], i) > quantile(x, tau[k], i);
        count += crossed;
    }
    return (double)count;
}

typedef double (*score_at)(const struct expected *x, double parameter, size_t i);

static double mean_over(const struct expected *x, score_at score, double parameter)
{
    size_t n = length(x, QUANTILE, "in.y");
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += score(x, parameter, i);
    return sum / (double)n;
}

static bool quantile_answer(void *ctx, const char *quantity, size_t index, double *out)
{
    const struct expected *x = ctx;
    const char *rest, *end = "";
    if ((rest = after(quantity, "pinball.mean.q")))
        *out = mean_over(x, pinball_at, share(rest, &end));
    else if ((rest = after(quantity, "pinball.q")) && index > 0)
        *out = pinball_at(x, share(rest, &end), index - 1);
    else if ((rest = after(quantity, "winkler"))) {
        double level = share(rest, &end);
        bool mean = strcmp(end, ".mean") == 0;
        end = mean ? "" : end;
        *out = mean ? mean_over(x, winkler_at, level) : winkler_at(x, level, index - 1);
    } else if ((rest = after(quantity, "coverage"))) {
        *out = mean_over(x, inside_at, share(rest, &end));
        return strcmp(end, ".closed") == 0;
    } else if (strcmp(quantity, "wis.mean") == 0)
        *out = mean_over(x, wis_at, NAN);
    else if (after(quantity, "wis.K") && index > 0)
        *out = wis_at(x, NAN, index - 1);
    else if (strcmp(quantity, "crossing.count") == 0)
        *out = crossings(x);
    else
        return false;
    return *end == '\0';
}

Test(scores_forecast, quantile_scores)
{
    run(QUANTILE, quantile_answer);
}

/* ---- crps ---- */

/* Twice the mean pinball loss of the quantiles i / (N + 1) of the standard normal. */
static double grid_score(double y, size_t n)
{
    double sum = 0;
    for (size_t i = 1; i <= n; i++) {
        double tau = (double)i / (double)(n + 1);
        sum += pinball_loss(y, normal_quantile(tau), tau);
    }
    return 2 * sum / (double)n;
}

static double ensemble_score(const struct expected *x, bool fair)
{
    size_t n;
    double *member = expected_values(x, "crps", "in.ens", &n);
    double score = crps_ensemble(input(x, "crps", "in.ens.y", 0), member, n, fair);
    free(member);
    return score;
}

static bool crps_answer(void *ctx, const char *quantity, size_t index, double *out)
{
    const struct expected *x = ctx;
    const size_t i = index ? index - 1 : 0;
    const char *rest, *end = quantity + strlen(quantity);
    double first, second;
    if (strcmp(quantity, "normal") == 0)
        *out = crps_normal(input(x, "crps", "in.y", i), input(x, "crps", "in.mu", i), input(x, "crps", "in.sigma", i));
    else if (strcmp(quantity, "logscore.normal") == 0)
        *out = log_score_normal(input(x, "crps", "in.y", i), input(x, "crps", "in.mu", i),
                                input(x, "crps", "in.sigma", i));
    else if (strcmp(quantity, "ensemble.empirical") == 0 || strcmp(quantity, "ensemble.fair") == 0)
        *out = ensemble_score(x, strcmp(quantity, "ensemble.fair") == 0);
    else if ((rest = after(quantity, "exponential.rate"))) {
        if (!number(rest, end, &first))
            return false;
        *out = crps_exponential(input(x, "crps", "in.exp.y", i), first);
    } else if ((rest = after(quantity, "lognormal.mu"))) {
        const char *sd = strstr(rest, ".sd");
        if (!sd || !number(rest, sd, &first) || !number(sd + strlen(".sd"), end, &second))
            return false;
        *out = crps_lognormal(input(x, "crps", "in.exp.y", i), first, second);
    } else if ((rest = after(quantity, "quantile.grid"))) {
        char *tail;
        size_t n = strtoul(rest, &tail, 10);
        *out = grid_score(input(x, "crps", "in.y", 0), n);
        return strcmp(tail, ".normal(2*mean pinball)") == 0;
    } else
        return false;
    return true;
}

Test(scores_forecast, crps)
{
    run("crps", crps_answer);
}

/* ---- coverage_tests ---- */

struct hits {
    const struct expected *x;
    double alpha;
    uint64_t misses, n;
    struct coverage_result result;
};

/* "95", of the case's own counts, or "95.k=1.n=1000". */
static bool interval_answer(const struct hits *h, struct estimate (*interval)(uint64_t, uint64_t, double),
                            const char *text, size_t index, double *out)
{
    unsigned long long k = h->misses, n = h->n;
    const char *rest;
    double level = share(text, &rest);
    if (*rest && sscanf(rest, ".k=%llu.n=%llu", &k, &n) != 2)
        return false;
    struct estimate e = interval(k, n, level);
    *out = index == 1 ? e.low : e.high;
    return index == 1 || index == 2;
}

static bool coverage_answer(void *ctx, const char *quantity, size_t index, double *out)
{
    const struct hits *h = ctx;
    const struct coverage_result *r = &h->result;
    const struct {
        const char *name;
        double value;
    } scalar[] = {
        {"alpha", h->alpha},
        {"violations", (double)h->misses},
        {"kupiec.LR", r->unconditional},
        {"kupiec.p", r->p_unconditional},
        {"christoffersen.ind.LR", r->independence},
        {"christoffersen.ind.p", r->p_independence},
        {"christoffersen.cc.LR(uc+ind)", r->conditional},
        {"christoffersen.cc.p", r->p_conditional},
        {"binom.test.p(two-sided)", binomial_test(h->misses, h->n, h->alpha)},
    };
    for (size_t i = 0; i < sizeof scalar / sizeof *scalar; i++)
        if (strcmp(quantity, scalar[i].name) == 0) {
            *out = scalar[i].value;
            return true;
        }
    const char *rest;
    if ((rest = after(quantity, "clopper.pearson.")))
        return interval_answer(h, clopper_pearson_interval, rest, index, out);
    if ((rest = after(quantity, "wilson.")))
        return interval_answer(h, wilson_interval, rest, index, out);
    if (strcmp(quantity, "n00n01n10n11") != 0 || index < 1 || index > 4)
        return false;
    *out = (double)r->follow[(index - 1) / 2][(index - 1) % 2];
    return true;
}

Test(scores_forecast, coverage_tests)
{
    struct expected x;
    if (!expected_open(&x, TABLE))
        return;
    size_t n;
    double *hit = expected_values(&x, "coverage_tests", "in.hit", &n);
    uint8_t *miss = calloc(n, 1);
    struct hits h = {.x = &x, .alpha = expected_value(&x, "coverage_tests", "alpha", 0), .n = n};
    for (size_t i = 0; i < n; i++) {
        miss[i] = hit[i] != 0;
        h.misses += miss[i];
    }
    h.result = coverage_test(miss, n, h.alpha);
    expected_compare(&x, "coverage_tests", coverage_answer, &h);
    free(miss);
    free(hit);
    expected_close(&x);
}

/* ---- dm ---- */

static bool dm_answer(void *ctx, const char *quantity, size_t index, double *out)
{
    const struct expected *x = ctx;
    size_t n, h;
    double power;
    int used = 0;
    const char *horizon = strstr(quantity, ".h");
    if (index != 0 || !horizon || sscanf(horizon, ".h%zu.power%lf%n", &h, &power, &used) != 2 || horizon[used])
        return false;
    double *e1 = expected_values(x, "dm", "in.e1", &n), *e2 = expected_values(x, "dm", "in.e2", &n);
    struct dm_result r = diebold_mariano(e1, e2, n, h, power);
    free(e1);
    free(e2);
    if (after(quantity, "stat.h"))
        *out = r.statistic;
    else if (after(quantity, "p.two.h"))
        *out = r.p;
    else if (after(quantity, "p.greater.h"))
        *out = r.p_greater;
    else
        return false;
    return true;
}

Test(scores_forecast, dm)
{
    run("dm", dm_answer);
}

/* ---- batch_means ---- */

struct series {
    double *value, *batch;
    size_t n, batches;
    struct moments all, of_batches;
};

static void read_series(const char *path, struct series *s)
{
    struct alm_delimited *d = NULL;
    struct alm_err e = {0};
    const struct alm_field *f;
    size_t fields;
    cr_assert_eq(alm_delimited_open(path, &(struct alm_delimited_config){.separator = ','}, &d, &e), ALM_OK, "%s",
                 e.text);
    while (alm_delimited_next(d, &f, &fields, &e) == ALM_OK) {
        cr_assert_eq(fields, 2, "%s has %zu columns", path, fields);
        if (alm_delimited_row(d) == 1)
            continue;
        s->value = realloc(s->value, (s->n + 1) * sizeof *s->value);
        s->value[s->n++] = expected_number(&f[1]);
    }
    alm_delimited_close(d);
}

/* Neighbours of the means of batches, as R's acf at lag 1. */
static double lag_one(const struct series *s)
{
    double above = 0, below = 0;
    for (size_t i = 0; i < s->batches; i++) {
        double d = s->batch[i] - s->of_batches.mean;
        below += d * d;
        above += i > 0 ? d * (s->batch[i - 1] - s->of_batches.mean) : 0;
    }
    return above / below;
}

static bool batch_answer(void *ctx, const char *quantity, size_t index, double *out)
{
    const struct series *s = ctx;
    const double k = (double)s->batches, sd = s->of_batches.sd;
    const char *rest, *end;
    if (strcmp(quantity, "batchmeans") == 0 && index >= 1 && index <= s->batches)
        *out = s->batch[index - 1];
    else if (strcmp(quantity, "grand.mean") == 0)
        *out = s->all.mean;
    else if (strcmp(quantity, "lag1.autocorr.of.batchmeans") == 0)
        *out = lag_one(s);
    else if (strcmp(quantity, "var.of.mean.batch") == 0)
        *out = sd * sd / k;
    else if (strcmp(quantity, "naive.var.of.mean") == 0)
        *out = s->all.sd * s->all.sd / (double)s->n;
    else if ((rest = after(quantity, "ci"))) {
        double level = share(rest, &end);
        *out = t_quantile(0.5 + level / 2, k - 1) * sd / sqrt(k);
        return strcmp(end, ".halfwidth") == 0;
    } else
        return false;
    return true;
}

Test(scores_forecast, batch_means)
{
    struct expected x;
    struct series s = {0};
    char path[4096];
    const char *shared = getenv("ALM_SHARED");
    if (!expected_open(&x, TABLE))
        return;
    snprintf(path, sizeof path, "%s/%s", shared ? shared : ALM_SOURCE_DIR "/../shared", SERIES);
    read_series(path, &s);
    s.batches = length(&x, "batch_means", "batchmeans");
    s.batch = calloc(s.batches, sizeof *s.batch);
    const size_t size = s.n / s.batches;
    for (size_t i = 0; i < s.batches; i++)
        s.batch[i] = moments_of(s.value + i * size, size).mean;
    s.all = moments_of(s.value, s.n);
    s.of_batches = moments_of(s.batch, s.batches);
    expected_compare(&x, "batch_means", batch_answer, &s);
    free(s.value);
    free(s.batch);
    expected_close(&x);
}
