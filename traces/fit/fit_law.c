/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_law: the probability law that explains a sample best. See the header. */
#include "fit_law.h"

#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>

#define VALUES 16

/* What the laws need to know of a sample of values above 0. */
struct facts {
    const double *x;
    double n, mean, log_mean, log_sd;
};

static struct facts facts_of(const double *x, size_t n)
{
    struct facts f = {.x = x, .n = (double)n};
    for (size_t i = 0; i < n; i++) {
        f.mean += x[i] / f.n;
        f.log_mean += log(x[i]) / f.n;
    }
    for (size_t i = 0; i < n; i++)
        f.log_sd += pow(log(x[i]) - f.log_mean, 2) / f.n;
    f.log_sd = sqrt(f.log_sd);
    return f;
}

static double fit_exponential(const struct facts *f, struct alm_law_options *out)
{
    *out = (struct alm_law_options){.law = ALM_LAW_EXPONENTIAL, .mean = {f->mean}};
    return 2 + 2 * f->n * (1 + log(f->mean));
}

static double fit_lognormal(const struct facts *f, struct alm_law_options *out)
{
    double variance = f->log_sd * f->log_sd;
    *out = (struct alm_law_options){.law = ALM_LAW_LOGNORMAL, .cv = fmin(1000, sqrt(expm1(fmin(variance, 13.8))))};
    out->mean.real = exp(f->log_mean + variance / 2);
    return 4 + f->n * (1 + log(2 * M_PI * variance)) + 2 * f->n * f->log_mean;
}

static double fit_gamma(const struct facts *f, struct alm_law_options *out)
{
    double s = log(f->mean) - f->log_mean, k = (3 - s + sqrt((s - 3) * (s - 3) + 24 * s)) / (12 * s);
    for (int i = 0; i < 20; i++)
        k = 1 / (1 / k + (log(k) - gsl_sf_psi(k) - s) / (k * k * (1 / k - gsl_sf_psi_1(k))));
    if (!(k > 1e-4 && k < 1e6))
        return INFINITY;
    *out = (struct alm_law_options){.law = ALM_LAW_GAMMA, .mean = {f->mean}, .cv = 1 / sqrt(k)};
    return 4 - 2 * f->n * ((k - 1) * f->log_mean - k - k * log(f->mean / k) - gsl_sf_lngamma(k));
}

/* The score in the shape K falls; x is taken relative to its geometric mean, so that powers stay small. */
static double weibull_score(const struct facts *f, double k, double *power_mean)
{
    double sum = 0, logs = 0;
    for (size_t i = 0; i < (size_t)f->n; i++) {
        double y = log(f->x[i]) - f->log_mean, p = exp(k * y);
        sum += p;
        logs += p * y;
    }
    *power_mean = sum / f->n;
    return 1 / k - logs / sum;
}

static double fit_weibull(const struct facts *f, struct alm_law_options *out)
{
    double low = 0.01, high = 100, mean = 1;
    for (int i = 0; i < 60; i++) {
        double k = sqrt(low * high);
        *(weibull_score(f, k, &mean) > 0 ? &low : &high) = k;
    }
    double k = sqrt(low * high);
    weibull_score(f, k, &mean);
    *out = (struct alm_law_options){.law = ALM_LAW_WEIBULL, .shape = k};
    out->scale.real = exp(f->log_mean) * pow(mean, 1 / k);
    if (!(k > 0.02 && k < 90) || !isfinite(out->scale.real))
        return INFINITY;
    return 4 - 2 * f->n * (log(k) - k * log(out->scale.real) + (k - 1) * f->log_mean - 1);
}

static double fit_bounded_pareto(const struct facts *f, struct alm_law_options *out)
{
    double min = f->x[0], max = f->x[(size_t)f->n - 1], span = log(max / min), over = f->log_mean - log(min);
    double low = 1e-3, high = 100;
    for (int i = 0; i < 60; i++) {
        double a = sqrt(low * high), score = 1 / a - span / expm1(a * span) - over;
        *(score > 0 ? &low : &high) = a;
    }
    double a = sqrt(low * high);
    *out = (struct alm_law_options){.law = ALM_LAW_BOUNDED_PARETO, .min = {min}, .max = {max}, .shape = a};
    if (!(a > 2e-3 && a < 90))
        return INFINITY;
    return 6 - 2 * f->n * (log(a) + a * log(min) - (a + 1) * f->log_mean - log(-expm1(-a * span)));
}

/* The different values, while there are few. */
static bool few_values(const double *x, size_t n, struct alm_law_options *out)
{
    *out = (struct alm_law_options){.law = ALM_LAW_DISCRETE};
    for (size_t i = 0; i < n; i++) {
        size_t k = out->values.count;
        if (k == 0 || x[i] != out->values.value[k - 1]) {
            if (k == VALUES)
                return false;
            out->values.value[k] = x[i];
            out->weights.value[k] = 0;
            out->values.count = out->weights.count = ++k;
        }
        out->weights.value[k - 1]++;
    }
    if (out->values.count == 1) {
        double value = out->values.value[0];
        *out = (struct alm_law_options){.law = ALM_LAW_DETERMINISTIC, .value = {value}};
    }
    return true;
}

void alm__fit_law(const double *x, size_t n, struct alm_law_options *out)
{
    static double (*const fit[])(const struct facts *, struct alm_law_options *) = {
        fit_exponential, fit_lognormal, fit_gamma, fit_weibull, fit_bounded_pareto};
    if (n > 0 && few_values(x, n, out))
        return;
    *out = (struct alm_law_options){.law = ALM_LAW_NONE};
    while (n > 0 && !(x[0] > 0)) {
        x++;
        n--;
    }
    if (n == 0)
        return;
    struct facts f = facts_of(x, n);
    double best = INFINITY;
    for (size_t i = 0; i < sizeof fit / sizeof *fit; i++) {
        struct alm_law_options law;
        double aic = fit[i](&f, &law);
        if (aic < best) {
            best = aic;
            *out = law;
        }
    }
}

int alm__fit_law_mean(struct alm_law_options *law, double mean, struct alm_err *e)
{
    struct alm_law open;
    ALM_TRY(alm_law_open(law, ALM_OPT_REAL, "fitted law", NULL, &open, e));
    double factor = mean / alm_law_mean(&open);
    alm_law_close(&open);
    union alm_law_amount *amount[] = {&law->mean, &law->value, &law->min, &law->max, &law->scale};
    for (size_t i = 0; i < sizeof amount / sizeof *amount; i++)
        amount[i]->real *= factor;
    for (size_t i = 0; i < law->values.count; i++)
        law->values.value[i] *= factor;
    return ALM_OK;
}

static void write_amount(FILE *out, const char *key, double value, bool whole)
{
    fprintf(out, whole ? ", %s: %.0f" : ", %s: %.6g", key, whole ? fmax(1, value) : value);
}

static void write_numbers(FILE *out, const char *key, const struct alm_numbers *list)
{
    fprintf(out, ", %s: [", key);
    for (size_t i = 0; i < list->count; i++)
        fprintf(out, "%s%.9g", i ? ", " : "", list->value[i]);
    fputs("]", out);
}

void alm__fit_law_write(const struct alm_law_options *law, bool whole, FILE *out)
{
#define X(id, word, needs, may) word,
    static const char *const word[] = {ALM_LAW_LIST(X)};
#undef X
    fprintf(out, "law: %s", word[law->law]);
    if (law->mean.real > 0)
        write_amount(out, "mean", law->mean.real, whole);
    if (law->cv > 0)
        write_amount(out, "cv", law->cv, false);
    if (law->law == ALM_LAW_DETERMINISTIC)
        write_amount(out, "value", law->value.real, whole);
    if (law->max.real > 0) {
        write_amount(out, "min", law->min.real, whole);
        write_amount(out, "max", law->max.real, whole);
    }
    if (law->shape > 0)
        write_amount(out, "shape", law->shape, false);
    if (law->scale.real > 0)
        write_amount(out, "scale", law->scale.real, whole);
    if (law->values.count > 0) {
        write_numbers(out, "values", &law->values);
        write_numbers(out, "weights", &law->weights);
    }
}
