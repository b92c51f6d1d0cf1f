/* SPDX-License-Identifier: GPL-3.0-or-later
 * Do generated invocations have the moments and distributions that their specifications state?
 *
 * Seeds are fixed. Each check has a false-alarm rate of 1e-6 over seeds, fixed beforehand: a mean or count within 4.9
 * standard errors; sqrt(n) D of Kolmogorov and Smirnov below 2.69; chi-square below its 1 - 1e-6 quantile. Where the sd of
 * an estimate has no closed form it is estimated from independent parts. */
#include "generated.h"
#include "scratch.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define BOUND 4.9
#define KOLMOGOROV 2.69
#define ALARM 1e-6

static double value(const struct memory_sink *m, size_t i, enum alm_invocation_field f)
{
    return generated_value(m, i, f);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* P are N values that should be uniform on (0, 1). Sorts them. */
static void expect_uniform(const char *what, double *p, size_t n)
{
    double d = 0;
    qsort(p, n, sizeof *p, ascending);
    for (size_t i = 0; i < n; i++)
        d = fmax(d, fmax(p[i] - (double)i / (double)n, (double)(i + 1) / (double)n - p[i]));
    cr_expect(n > 0 && sqrt((double)n) * d < KOLMOGOROV, "%s: sqrt(n) D = %g of %zu", what, sqrt((double)n) * d, n);
}

static void expect_count(const char *what, double got, double want, double sd)
{
    cr_expect(fabs(got - want) < BOUND * sd, "%s: %g, expected %g, sd %g", what, got, want, sd);
}

/* Lag-1 correlation of independent values has sd 1 / sqrt(n). */
static void expect_independent(const char *what, const double *x, size_t n)
{
    double mean = 0, square = 0, lag = 0;
    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        square += (x[i] - mean) * (x[i] - mean);
        lag += i ? (x[i] - mean) * (x[i - 1] - mean) : 0;
    }
    expect_count(what, lag / square, 0, 1 / sqrt((double)n));
}

/* Numbers of invocations in windows of WIDTH seconds, N of them. */
static double *counts_in(const struct memory_sink *m, double width, size_t n)
{
    double *count = calloc(n, sizeof *count);
    for (size_t i = 0; i < m->invocations; i++) {
        size_t k = (size_t)(generated_seconds(m, i) / width);
        cr_assert_lt(k, n);
        count[k]++;
    }
    return count;
}

/* M/M/c: gaps and services exponential, independent from one customer to the next and of each other. */
Test(moments, queue_mmc)
{
    struct memory_sink m;
    size_t n = 40000;
    generated("queue:customers=40000,servers=2,arrival.law=exponential,arrival.mean=1.25,service.law=exponential,"
              "service.mean=1.6",
              11, &m);
    double *gap = calloc(n, sizeof *gap), *service = calloc(n, sizeof *service), product = 0;
    cr_assert_eq(m.invocations, n);
    for (size_t i = 0; i < n; i++) {
        gap[i] = -expm1(-(generated_seconds(&m, i) - (i ? generated_seconds(&m, i - 1) : 0)) / 1.25);
        service[i] = -expm1(-value(&m, i, ALM_INV_WORK) / 1.6);
        product += 12 * (gap[i] - 0.5) * (service[i] - 0.5);
    }
    expect_independent("gaps", gap, n);
    expect_independent("services", service, n);
    expect_count("gaps and services", product / (double)n, 0, 1 / sqrt((double)n));
    expect_uniform("gaps", gap, n);
    expect_uniform("services", service, n);
    free(gap);
    free(service);
    memory_sink_free(&m);
}

/* Given their number, arrivals of a Poisson process of rate r(t) are independent with distribution R(t) / R(T), R the
 * integral of r (Cox, Lewis 1966, 2.3). r = 2 (1 + 0.8 cos 2 pi (t - 14 h) / 24 h), from 6 h on the clock, for 2.5 days. */
Test(moments, diurnal_arrivals)
{
    struct memory_sink m;
    generated("invocations:codes=1,duration=60h,start=2024-01-01T06:00:00Z,arrival.rate=0.2,arrival.amplitude=80%,"
              "arrival.period=1d,arrival.peak=14h",
              12, &m);
    double w = 2 * M_PI / 86400, zero = -8 * 3600.0, length = 60 * 3600.0;
    double low = 0.2 * (zero + 0.8 / w * sin(w * zero));
    double total = 0.2 * (zero + length + 0.8 / w * sin(w * (zero + length))) - low;
    double *p = calloc(m.invocations, sizeof *p);
    expect_count("number", (double)m.invocations, total, sqrt(total));
    for (size_t i = 0; i < m.invocations; i++) {
        double t = alm_seconds(m.invocation[i].arrival - 1704088800 * ALM_SECOND) + zero;
        p[i] = (0.2 * (t + 0.8 / w * sin(w * t)) - low) / total;
    }
    expect_uniform("diurnal arrivals", p, m.invocations);
    free(p);
    memory_sink_free(&m);
}

/* Steps of an hour of the clock: counts of all days are Poisson of the rate of their hour. Chi-square of 24 hours. */
Test(moments, hourly_rates)
{
    struct memory_sink m;
    generated("invocations:codes=1,duration=20d,start=30m,arrival.step=1h,"
              "arrival.rates=0.01/0.01/0/0.01/0.02/0.03/0.05/0.08/0.1/0.1/0.09/0.08/0.1/0.1/0.09/0.08/0.07/0.06/0.05/"
              "0.04/0.03/0.02/0.02/0.01",
              13, &m);
    static const double rate[] = {0.01, 0.01, 0,    0.01, 0.02, 0.03, 0.05, 0.08, 0.1,  0.1,  0.09, 0.08,
                                  0.1,  0.1,  0.09, 0.08, 0.07, 0.06, 0.05, 0.04, 0.03, 0.02, 0.02, 0.01};
    double seen[24] = {0}, chi = 0;
    for (size_t i = 0; i < m.invocations; i++)
        seen[m.invocation[i].arrival / ALM_HOUR % 24]++;
    cr_expect_eq(seen[2], 0);
    for (size_t h = 0; h < 24; h++) {
        double expected = rate[h] * 20 * 3600;
        chi += expected > 0 ? (seen[h] - expected) * (seen[h] - expected) / expected : 0;
    }
    cr_expect(chi < gsl_cdf_chisq_Qinv(ALARM, 23), "chi-square %g", chi);
    memory_sink_free(&m);
}

/* Steps shorter than the gaps: an arrival takes several steps to come. */
Test(moments, steps_shorter_than_gaps)
{
    struct memory_sink m;
    generated("invocations:codes=1,duration=40000s,arrival.step=500ms,arrival.rates=0.1/0.9,work.law=none,"
              "memory.law=none",
              23, &m);
    double second = 0, n = (double)m.invocations;
    for (size_t i = 0; i < m.invocations; i++)
        second += m.invocation[i].arrival / (500 * ALM_MS) % 2 == 1;
    expect_count("number", n, 20000, sqrt(20000));
    expect_count("in second steps", second, 0.9 * n, sqrt(0.09 * n));
    memory_sink_free(&m);
}

/* Two-state MMPP from its stationary start, many copies, one window each. With leaving rates r1, r2 and rates l1, l2 the
 * index of dispersion Var N / E N of a window of length t is
 *   1 + 2 (l1 - l2)^2 r1 r2 / ((r1 + r2)^2 (l1 r2 + l2 r1)) (1 - (1 - exp(-(r1 + r2) t)) / ((r1 + r2) t))
 * (Heffes, Lucantoni, IEEE JSAC 4 (1986), eq. 6). The sd of the sample variance is from the fourth moment. */
Test(moments, mmpp_index_of_dispersion)
{
    struct memory_sink m;
    size_t n = 6000;
    generated("invocations:codes=6000,popularity=each,duration=20s,arrival.rates=8/1,arrival.sojourns=5/20,"
              "work.law=none,memory.law=none",
              14, &m);
    double *count = calloc(n, sizeof *count), mean = 0, variance = 0, fourth = 0;
    for (size_t i = 0; i < m.invocations; i++)
        count[m.invocation[i].unit]++;
    for (size_t i = 0; i < n; i++)
        mean += count[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        variance += pow(count[i] - mean, 2) / (double)(n - 1);
        fourth += pow(count[i] - mean, 4) / (double)n;
    }
    double r1 = 1 / 5.0, r2 = 1 / 20.0, r = r1 + r2, expected = 20 * (8 * 5 + 1 * 20) / 25.0;
    double index = 1 + 2 * 49 * r1 * r2 / (r * r * (8 * r2 + r1)) * (1 - -expm1(-r * 20) / (r * 20));
    expect_count("mean", mean, expected, sqrt(index * expected / (double)n));
    expect_count("variance", variance, index * expected, sqrt((fourth - variance * variance) / (double)n));
    cr_expect(index > 10, "bursty: %g", index);
    free(count);
    memory_sink_free(&m);
}

/* A Poisson process has index 1 in every window: (n - 1) S^2 / mean is chi-square for large counts. */
Test(moments, poisson_is_not_bursty)
{
    struct memory_sink m;
    generated("invocations:codes=1,duration=20000s,arrival.rate=5,work.law=none,memory.law=none", 15, &m);
    size_t n = 2000;
    double *count = counts_in(&m, 10, n), mean = (double)m.invocations / (double)n, chi = 0;
    for (size_t i = 0; i < n; i++)
        chi += (count[i] - mean) * (count[i] - mean) / mean;
    expect_count("number", (double)m.invocations, 1e5, sqrt(1e5));
    cr_expect(gsl_cdf_chisq_P(chi, (double)n - 1) > ALARM / 2 && gsl_cdf_chisq_Q(chi, (double)n - 1) > ALARM / 2,
              "dispersion %g", chi / (double)(n - 1));
    free(count);
    memory_sink_free(&m);
}

/* Given the total, counts of codes are multinomial with (c + 1)^-1.2 / sum; the total is Poisson of the whole rate. */
Test(moments, zipf_popularity)
{
    struct memory_sink m;
    generated("invocations:codes=50,zipf=1.2,duration=10000s,arrival.rate=4,work.law=none,memory.law=none", 16, &m);
    double share[50], sum = 0, chi = 0, seen[50] = {0};
    for (size_t c = 0; c < 50; c++)
        sum += share[c] = 1 / pow((double)c + 1, 1.2);
    for (size_t i = 0; i < m.invocations; i++)
        seen[m.invocation[i].unit]++;
    for (size_t c = 0; c < 50; c++) {
        double expected = (double)m.invocations * share[c] / sum;
        chi += (seen[c] - expected) * (seen[c] - expected) / expected;
    }
    expect_count("number", (double)m.invocations, 40000, 200);
    cr_expect(chi < gsl_cdf_chisq_Qinv(ALARM, 49), "chi-square %g", chi);
    memory_sink_free(&m);
}

/* Batches: points are Poisson of the rate, sizes have the given probabilities. */
Test(moments, batches)
{
    struct memory_sink m;
    generated("queue:customers=30000,arrival.rate=0.2,batch.law=discrete,batch.values=1/2/3,batch.weights=0.5/0.3/0.2",
              17, &m);
    double sizes[8] = {0}, batches = 0, p[] = {0, 0.5, 0.3, 0.2}, chi = 0, *gap = calloc(m.invocations, sizeof *gap);
    alm_time before = 0;
    for (size_t i = 0, n; i < m.invocations; i += n) {
        for (n = 1; i + n < m.invocations && m.invocation[i + n].arrival == m.invocation[i].arrival;)
            n++;
        cr_assert_leq(n, 3);
        if (i + n < m.invocations)
            sizes[n]++;
        gap[(size_t)batches++] = -expm1(-0.2 * alm_seconds(m.invocation[i].arrival - before));
        before = m.invocation[i].arrival;
    }
    for (size_t k = 1; k < 4; k++)
        chi += pow(sizes[k] - (batches - 1) * p[k], 2) / ((batches - 1) * p[k]);
    cr_expect(chi < gsl_cdf_chisq_Qinv(ALARM, 2), "chi-square of sizes %g", chi);
    expect_uniform("gaps between batches", gap, (size_t)batches);
    free(gap);
    memory_sink_free(&m);
}

/* What is left of work after its dependence on the input is lognormal of mean 1 and cv 0.5, whatever the input. */
Test(moments, work_depends_on_an_input)
{
    struct memory_sink m;
    generated("invocations:codes=1,duration=20000s,arrival.rate=1,input1.name=size,input1.law=lognormal,input1.mean=10,"
              "input1.cv=2,work.law=lognormal,work.mean=1,work.cv=0.5,work.on=size,work.effect=linear,"
              "work.intercept=3,work.slope=0.7",
              18, &m);
    size_t n = m.invocations;
    double s = sqrt(log(1.25)), t = sqrt(log(5.0)), product = 0;
    double *rest = calloc(n, sizeof *rest), *input = calloc(n, sizeof *input);
    for (size_t i = 0; i < n; i++) {
        double z = (log(value(&m, i, ALM_INV_WORK) / (3 + 0.7 * m.value[i])) + s * s / 2) / s;
        double x = (log(m.value[i] / 10) + t * t / 2) / t;
        product += z * x;
        rest[i] = gsl_cdf_ugaussian_P(z);
        input[i] = gsl_cdf_ugaussian_P(x);
    }
    expect_count("correlation of input and what is left", product / (double)n, 0, 1 / sqrt((double)n));
    expect_uniform("what is left of work", rest, n);
    expect_uniform("input", input, n);
    free(rest);
    free(input);
    memory_sink_free(&m);
}

/* A category: words as often as their weights say, memory by the word's level. */
Test(moments, memory_depends_on_a_category)
{
    struct memory_sink m;
    generated("invocations:codes=1,duration=20000s,arrival.rate=1,input1.name=kind,input1.words=a/b/c,"
              "input1.weights=6/3/1,memory.law=exponential,memory.mean=1Mi,memory.on=kind,memory.effect=category,"
              "memory.levels=1/10/100",
              19, &m);
    double seen[3] = {0}, p[] = {0.6, 0.3, 0.1}, chi = 0, level = 1, n = (double)m.invocations;
    double *rest = calloc(m.invocations, sizeof *rest);
    cr_assert(m.inputs == 1 && m.input[0].category && m.words[0] == 3 && strcmp(m.word[0][2], "c") == 0);
    for (size_t i = 0; i < m.invocations; i++) {
        size_t word = (size_t)m.value[i];
        seen[word]++;
        level = word == 0 ? 1 : word == 1 ? 10 : 100;
        rest[i] = -expm1(-value(&m, i, ALM_INV_MEMORY) / (0x1p20 * level));
    }
    for (size_t k = 0; k < 3; k++)
        chi += pow(seen[k] - n * p[k], 2) / (n * p[k]);
    cr_expect(chi < gsl_cdf_chisq_Qinv(ALARM, 2), "chi-square of words %g", chi);
    expect_uniform("what is left of memory", rest, m.invocations);
    free(rest);
    memory_sink_free(&m);
}

/* Factors of codes and of phases: lognormal of mean 1; and phases stay with the given probability. */
Test(moments, spread_and_phases)
{
    struct memory_sink m;
    generated("invocations:codes=2000,popularity=each,duration=21s,arrival.law=deterministic,arrival.value=1,"
              "work.law=deterministic,work.value=1,spread.work=0.8,memory.law=deterministic,memory.value=1Gi,"
              "sequence.length=2,sequence.spread=1.5,sequence.stay=0.3,sequence.work=1/1",
              20, &m);
    double s = sqrt(log(1.64)), t = sqrt(log(3.25)), stays = 0, steps = 0, *level = calloc(2000, sizeof *level);
    double *phase = calloc(4000, sizeof *phase);
    size_t met = 0, per = 20;
    cr_assert_eq(m.invocations, 2000 * per);
    for (size_t i = 0; i < m.invocations; i++) {
        bool first = i % per == 0;
        bool other = !first && value(&m, i, ALM_INV_SEQUENCE) != value(&m, i - 1, ALM_INV_SEQUENCE);
        stays += !first && !other;
        steps += !first;
        if (first)
            level[i / per] = gsl_cdf_ugaussian_P((log(value(&m, i, ALM_INV_WORK)) + s * s / 2) / s);
        if (first || (i % per == 1 && other))
            phase[met++] = gsl_cdf_ugaussian_P((log(value(&m, i, ALM_INV_MEMORY) / 0x1p30) + t * t / 2) / t);
    }
    expect_count("stays", stays, 0.3 * steps, sqrt(steps * 0.21));
    expect_uniform("factors of codes", level, 2000);
    expect_uniform("factors of phases", phase, met);
    free(level);
    free(phase);
    memory_sink_free(&m);
}

/* Shares of classes and the law of patience; neither has to do with the services. */
Test(moments, classes_and_patience)
{
    struct memory_sink m;
    generated("queue:customers=30000,classes=0.2/0.3/0.1,patience.law=weibull,patience.shape=2,patience.scale=3", 21,
              &m);
    double seen[3] = {0}, p[] = {1 / 6.0, 0.5, 1 / 3.0}, chi = 0, *patience = calloc(m.invocations, sizeof *patience);
    double of_patience = 0, of_first = 0;
    for (size_t i = 0; i < m.invocations; i++) {
        double service = -expm1(-value(&m, i, ALM_INV_WORK)) - 0.5;
        seen[(size_t)value(&m, i, ALM_INV_PRIORITY)]++;
        patience[i] = -expm1(-pow(value(&m, i, ALM_INV_PATIENCE) / 3, 2));
        of_patience += 12 * service * (patience[i] - 0.5);
        of_first += sqrt(12) * service * ((value(&m, i, ALM_INV_PRIORITY) == 2) - 1 / 3.0) / sqrt(2 / 9.0);
    }
    for (size_t k = 0; k < 3; k++)
        chi += pow(seen[k] - 30000 * p[k], 2) / (30000 * p[k]);
    cr_expect(chi < gsl_cdf_chisq_Qinv(ALARM, 2), "chi-square of classes %g", chi);
    expect_count("patience and service", of_patience / 30000, 0, 1 / sqrt(30000));
    expect_count("first class and service", of_first / 30000, 0, 1 / sqrt(30000));
    expect_uniform("patience", patience, m.invocations);
    free(patience);
    memory_sink_free(&m);
}

TestSuite(moments_file, .init = scratch_enter, .fini = scratch_leave);

/* Counts split over three codes: each code has its share of each minute in the mean, at uniform times. */
Test(moments_file, split_counts)
{
    struct memory_sink m;
    FILE *f = fopen("counts.txt", "w");
    cr_assert_not_null(f);
    for (int k = 0; k < 4000; k++)
        fprintf(f, "%d\n", k % 8);
    cr_assert_eq(fclose(f), 0);
    generated("invocations:codes=3,duration=4000m,arrival.counts=counts.txt,arrival.step=1m,work.law=none,"
              "memory.law=none",
              22, &m);
    double each[3] = {0}, *place = calloc(m.invocations, sizeof *place);
    for (size_t i = 0; i < m.invocations; i++) {
        each[m.invocation[i].unit]++;
        place[i] = alm_seconds(m.invocation[i].arrival % ALM_MINUTE) / 60;
        cr_assert_neq(m.invocation[i].arrival / ALM_MINUTE % 8, 0, "a minute that had none");
    }
    /* The fraction of k / 3 is rounded up or down: variance 2/9 in five of eight minutes. */
    for (size_t c = 0; c < 3; c++)
        expect_count("a code's share", each[c], 4000 * 3.5 / 3, sqrt(4000 * 5 / 8.0 * 2 / 9));
    expect_uniform("places in the minute", place, m.invocations);
    free(place);
    memory_sink_free(&m);
}
