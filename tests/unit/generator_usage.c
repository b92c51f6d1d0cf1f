/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: does the generator make what its formulas say? Is a trace a function of specification and seed alone, and
 * does one part leave the others as they were?
 *
 * Statistical checks use fixed seeds and bounds of 4.9 standard errors: each would fail for one seed in a million. */
#include "almanac/generator.h"
#include "almanac/importer.h"
#include "memory_sink.h"
#include "traces/synthesis/spec.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#define BOUND 4.9

static int try_generate(const char *text, uint64_t seed, struct memory_sink *m, struct alm_err *e)
{
    struct alm_choice choice;
    memory_sink_init(m);
    int code = alm_choice_parse(ALM_GENERATOR, text, &choice, e);
    if (code < 0)
        return code;
    code = ((const struct alm_generator_ops *)choice.module)->run(choice.opt, seed, &m->sink, e);
    alm_choice_free(&choice);
    return code;
}

static void generate(const char *text, uint64_t seed, struct memory_sink *m)
{
    struct alm_err e = {0};
    cr_assert_eq(try_generate(text, seed, m, &e), ALM_OK, "%s", e.text);
}

static double cpu(const struct memory_sink *m, size_t i)
{
    return m->row[i].row.value[ALM_CPU];
}

#define PLAIN                                                                                                          \
    "usage:units=1,cpu.spread=0,cpu.diurnal.amplitude=0,cpu.diurnal.phase=0,cpu.weekly.amplitude=0,cpu.burst.rate=0,"  \
    "cpu.noise.sd=0"

Test(usage, plain_level_times_and_names)
{
    struct memory_sink m;
    generate(PLAIN
             ",units=11,duration=1h,start=2024-01-01T00:00:00Z,name=web,cpu.base=250m,cores=2,memory.capacity=1Gi",
             1, &m);
    cr_assert(m.units == 11 && m.rows == 11 * 12);
    cr_expect_str_eq(m.unit[0].name, "web-00");
    cr_expect_str_eq(m.unit[10].name, "web-10");
    cr_expect_str_eq(m.unit[3].code, "web");
    cr_expect(m.unit[3].cores == 2 && m.unit[3].memory == 0x1p30 && m.interval == 5 * ALM_MINUTE);
    for (size_t i = 0; i < m.rows; i++) {
        cr_assert_eq(cpu(&m, i), 0.25);
        cr_assert_eq(m.row[i].row.at, 1704067200 * ALM_SECOND + (alm_time)(i % 12 + 1) * 5 * ALM_MINUTE);
        double memory = m.row[i].row.value[ALM_MEMORY];
        cr_assert(memory > 0 && fmod(memory, 4096) == 0);
        cr_assert(isnan(m.row[i].row.value[ALM_IO_READ]));
    }
    memory_sink_free(&m);
}

static void same_rows(const char *what, const struct memory_sink *a, const struct memory_sink *b, size_t from,
                      size_t per_a, size_t per_b, size_t units, enum alm_resource r, bool same)
{
    size_t differ = 0;
    for (size_t u = from; u < units; u++)
        for (size_t k = 0; k < per_a && k < per_b; k++)
            differ += a->row[u * per_a + k].row.value[r] != b->row[u * per_b + k].row.value[r];
    cr_expect((differ == 0) == same, "%s: %zu rows differ", what, differ);
}

Test(usage, function_of_specification_and_seed_alone)
{
    const char *base = "usage:units=3,duration=2d,cpu.shift.rate=7";
    struct memory_sink a, b;
    generate(base, 5, &a);
    generate(base, 5, &b);
    same_rows("again", &a, &b, 0, 576, 576, 3, ALM_CPU, true);
    same_rows("again", &a, &b, 0, 576, 576, 3, ALM_MEMORY, true);
    memory_sink_free(&b);
    generate(base, 6, &b);
    same_rows("another seed", &a, &b, 0, 576, 576, 3, ALM_CPU, false);
    memory_sink_free(&b);
    generate("usage:units=7,duration=2d,cpu.shift.rate=7", 5, &b);
    same_rows("more units", &a, &b, 0, 576, 576, 3, ALM_CPU, true);
    memory_sink_free(&b);
    generate("usage:units=3,duration=3d,cpu.shift.rate=7", 5, &b);
    same_rows("longer", &a, &b, 0, 576, 864, 3, ALM_CPU, true);
    memory_sink_free(&b);
    generate("usage:units=3,duration=2d,cpu.shift.rate=7,memory.burst.rate=9,memory.noise.sd=0.5", 5, &b);
    same_rows("other memory: cpu", &a, &b, 0, 576, 576, 3, ALM_CPU, true);
    same_rows("other memory", &a, &b, 0, 576, 576, 3, ALM_MEMORY, false);
    memory_sink_free(&b);
    memory_sink_free(&a);
}

/* Mean, sd and lag-1 correlation of the noise: AR(1) with coefficient 0.7, sd 10 % of a level of 2. */
Test(usage, noise)
{
    struct memory_sink m;
    generate(PLAIN ",duration=200d,cpu.base=2,cpu.noise.sd=0.1,cpu.noise.ar=0.7", 3, &m);
    double n = (double)m.rows, sum = 0, square = 0, lag = 0;
    for (size_t i = 0; i < m.rows; i++)
        sum += cpu(&m, i);
    double mean = sum / n;
    for (size_t i = 0; i < m.rows; i++) {
        square += (cpu(&m, i) - mean) * (cpu(&m, i) - mean);
        lag += i ? (cpu(&m, i) - mean) * (cpu(&m, i - 1) - mean) : 0;
    }
    double sd = sqrt(square / n), rho = lag / square, phi = 0.7;
    cr_expect(fabs(mean - 2) < BOUND * 0.2 * sqrt((1 + phi) / (1 - phi) / n), "mean %g", mean);
    /* variance of the sample variance of an AR(1): 2 s^4 (1 + phi^2) / (1 - phi^2) / n */
    double error = 0.2 * sqrt((1 + phi * phi) / (1 - phi * phi) / (2 * n));
    cr_expect(fabs(sd - 0.2) < BOUND * error, "sd %g", sd);
    cr_expect(fabs(rho - phi) < BOUND * sqrt((1 - phi * phi) / n), "lag-1 correlation %g", rho);
    memory_sink_free(&m);
}

/* Amplitude and phase of the daily and weekly harmonic over whole weeks, in white noise. */
Test(usage, cycles)
{
    struct memory_sink m;
    generate(PLAIN ",duration=56d,start=2024-01-01T00:00:00Z,cpu.diurnal.amplitude=0.4,cpu.diurnal.peak=14h,"
                   "cpu.weekly.amplitude=0.2,cpu.weekly.peak=60h,cpu.noise.sd=0.1,cpu.noise.ar=0",
             4, &m);
    static const struct {
        double period, peak, amplitude;
    } want[] = {{86400, 14 * 3600, 0.4}, {604800, 60 * 3600, 0.2}};
    double n = (double)m.rows, error = 0.11 * sqrt(2 / n); /* noise sd 0.1 of a level that varies */
    for (size_t w = 0; w < 2; w++) {
        double c = 0, s = 0;
        for (size_t i = 0; i < m.rows; i++) {
            double angle = 2 * M_PI * (300.0 * (double)i + 150 - want[w].peak) / want[w].period;
            c += cpu(&m, i) * cos(angle);
            s += cpu(&m, i) * sin(angle);
        }
        cr_expect(fabs(2 * c / n - want[w].amplitude) < BOUND * error, "amplitude %g", 2 * c / n);
        cr_expect(fabs(2 * s / n) < BOUND * error, "out of phase by %g", 2 * s / n);
    }
    memory_sink_free(&m);
}

/* Bursts far shorter than a row: each makes one row rise. 3000 are expected of a Poisson process. */
Test(usage, burst_rate)
{
    struct memory_sink m;
    generate(PLAIN ",duration=125d,interval=1m,cpu.burst.rate=24,cpu.burst.length=1ms", 5, &m);
    double count = 0, expected = 3000;
    for (size_t i = 0; i < m.rows; i++)
        count += cpu(&m, i) > 1;
    cr_expect(fabs(count - expected) < BOUND * sqrt(expected), "%g bursts", count);
    memory_sink_free(&m);
}

/* Mean added by bursts: height x the share of time in a burst, 1 / (1 + 1 / (rate length)) since a new one ends the one
 * before. Its error is estimated from the sums of 400 stretches of ten days. */
Test(usage, burst_volume)
{
    struct memory_sink m;
    generate(PLAIN ",duration=4000d,interval=1h,cpu.burst.rate=8,cpu.burst.length=1h,cpu.burst.height=1.5", 6, &m);
    double want = 1.5 * (8.0 / 24) / (1 + 8.0 / 24), sum = 0, square = 0;
    size_t per = 240, n = m.rows / per;
    for (size_t b = 0; b < n; b++) {
        double part = 0;
        for (size_t k = 0; k < per; k++)
            part += cpu(&m, b * per + k) - 1;
        part /= (double)per;
        sum += part;
        square += part * part;
    }
    double mean = sum / (double)n, sd = sqrt(square / (double)n - mean * mean);
    cr_expect(fabs(mean - want) < BOUND * sd / sqrt((double)n), "bursts add %g, expected %g", mean, want);
    memory_sink_free(&m);
}

/* Rows that see at least one of the shifts, 14 a week; levels have mean 1 and relative sd 0.5. */
Test(usage, shifts)
{
    struct memory_sink m;
    generate(PLAIN ",duration=1000d,interval=1h,cpu.shift.rate=14,cpu.shift.size=0.5", 7, &m);
    double changes = 0, sum = 0, square = 0, expected = 24000 * -expm1(-14.0 / 168);
    double levels = 0;
    for (size_t i = 1; i < m.rows; i++)
        if (cpu(&m, i) != cpu(&m, i - 1)) {
            changes++;
            levels++;
            sum += cpu(&m, i);
            square += cpu(&m, i) * cpu(&m, i);
        }
    cr_expect(fabs(changes - expected) < BOUND * sqrt(expected), "%g shifts", changes);
    double mean = sum / levels, sd = sqrt(square / levels - mean * mean);
    cr_expect(fabs(mean - 1) < BOUND * 0.5 / sqrt(levels), "mean level %g", mean);
    cr_expect(fabs(sd - 0.5) < 0.1, "sd of levels %g", sd);
    memory_sink_free(&m);
}

/* Bases of 2000 units: mean 1, relative sd 0.5. */
Test(usage, spread_over_units)
{
    struct memory_sink m;
    generate(
        "usage:units=2000,duration=5m,cpu.spread=0.5,cpu.diurnal.amplitude=0,cpu.weekly.amplitude=0,cpu.burst.rate=0,"
        "cpu.noise.sd=0",
        8, &m);
    double n = (double)m.rows, sum = 0, square = 0;
    for (size_t i = 0; i < m.rows; i++) {
        sum += cpu(&m, i);
        square += cpu(&m, i) * cpu(&m, i);
    }
    double mean = sum / n, sd = sqrt(square / n - mean * mean);
    cr_expect(fabs(mean - 1) < BOUND * 0.5 / sqrt(n), "mean %g", mean);
    cr_expect(fabs(sd - 0.5) < 0.1, "sd %g", sd);
    memory_sink_free(&m);
}

Test(usage, trend_and_floor)
{
    struct memory_sink m;
    generate(PLAIN ",duration=10d,cpu.trend=10%", 9, &m);
    cr_expect(fabs(cpu(&m, m.rows - 1) - (1 + 0.1 * (10 - 150.0 / 86400))) < 1e-12);
    memory_sink_free(&m);
    generate(PLAIN ",duration=10d,cpu.trend=-20%,cpu.floor=300m,cpu.noise.sd=2", 9, &m);
    double low = 1;
    for (size_t i = 0; i < m.rows; i++)
        low = fmin(low, cpu(&m, i));
    cr_expect_eq(low, 0.3);
    memory_sink_free(&m);
}

Test(usage, roles)
{
    struct memory_sink a, b;
    const char *law = "usage:units=4,duration=8d,cpu.spread=0,cpu.diurnal.amplitude=0.5,memory.noise.sd=0,"
                      "memory.diurnal.amplitude=0,memory.shift.size=0.8";
    char text[256];
    generate(law, 2, &a);
    snprintf(text, sizeof text, "%s,idle=1,noisy=1,shifting=1", law);
    generate(text, 2, &b);
    same_rows("a unit without a role", &a, &b, 3, 2304, 2304, 4, ALM_CPU, true);
    double idle = 0, first, last;
    for (size_t k = 0; k < 2304; k++)
        idle = fmax(idle, cpu(&b, k));
    cr_expect(idle < 0.05, "the idle unit uses %g cores", idle);
    first = b.row[2 * 2304].row.value[ALM_MEMORY];
    last = b.row[3 * 2304 - 1].row.value[ALM_MEMORY];
    cr_expect(fabs(last / first - 1.8) < 1e-4, "memory shifts by %g", last / first);
    cr_expect_eq(b.row[2 * 2304 + 575].row.value[ALM_MEMORY], first);
    memory_sink_free(&a);
    memory_sink_free(&b);
}

/* The noise of resource R in row K of each unit, in its sd: the level is LEVEL throughout, a unit has PER rows. */
static double *noises(const struct memory_sink *m, size_t per, size_t k, enum alm_resource r, double level, double sd)
{
    double *x = calloc(m->units, sizeof *x);
    cr_assert(x && m->rows == m->units * per);
    for (size_t u = 0; u < m->units; u++)
        x[u] = (m->row[u * per + k].row.value[r] / level - 1) / sd;
    return x;
}

/* Over independent units the mean of x y has the sd sqrt(1 + rho^2) for normal x and y of variance 1. */
static void expect_correlation(const char *what, const double *x, const double *y, size_t n, double rho)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    double error = sqrt((1 + rho * rho) / (double)n);
    cr_expect(fabs(sum / (double)n - rho) < BOUND * error, "%s: %g, expected %g", what, sum / (double)n, rho);
}

/* Autocorrelations between row 0 and row k over 8000 units: the noise must be stationary from row 0 on. Expected values by
 * hand: Yule-Walker for AR(2); Box and Jenkins (1976), 3.4.3 for ARMA(1,1); sums of theta for MA(2); sums of 3000 psi
 * weights for ARMA(3,2). The fourth is white, since its roots cancel. */
Test(usage, arma_noise_is_stationary_from_the_first_row)
{
    static const struct {
        const char *spec;
        double rho[6];
    } cases[] = {
        {PLAIN ",cpu.noise.ar=0.5/0.3", {1, 0.714285714, 0.657142857, 0.542857143, 0.468571429, 0.397142857}},
        {PLAIN ",cpu.noise.ar=0.8,cpu.noise.ma=-0.4",
         {1, 0.523076923, 0.418461538, 0.334769231, 0.267815385, 0.214252308}},
        {PLAIN ",cpu.noise.ar=0,cpu.noise.ma=0.5/0.4", {1, 0.496453901, 0.283687943, 0, 0, 0}},
        {PLAIN ",cpu.noise.ar=0.5,cpu.noise.ma=-0.5", {1, 0, 0, 0, 0, 0}},
        {PLAIN ",cpu.noise.ar=0.5/-0.3/0.2,cpu.noise.ma=0.6/-0.4",
         {1, 0.409090909, -0.186363636, -0.015909091, 0.129772727, 0.032386364}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct memory_sink m;
        char text[512];
        snprintf(text, sizeof text, "%s,units=8000,duration=30m,cpu.noise.sd=0.1", cases[c].spec);
        generate(text, 21 + c, &m);
        double *first = noises(&m, 6, 0, ALM_CPU, 1, 0.1), *last = noises(&m, 6, 5, ALM_CPU, 1, 0.1);
        for (size_t k = 0; k < 6; k++) {
            double *later = noises(&m, 6, k, ALM_CPU, 1, 0.1);
            expect_correlation(cases[c].spec, first, later, m.units, cases[c].rho[k]);
            free(later);
        }
        expect_correlation("the last row's variance", last, last, m.units, 1);
        free(first);
        free(last);
        memory_sink_free(&m);
    }
}

#define QUIET(word)                                                                                                    \
    "," word ".spread=0," word ".diurnal.amplitude=0," word ".weekly.amplitude=0," word ".burst.rate=0," word          \
    ".noise.sd=0.05"

/* cpu, memory and network remember for different times; their noises still have the correlations asked for, in the first
 * row and in the fifth. */
Test(usage, correlation_of_noises)
{
    struct memory_sink m;
    generate(PLAIN ",units=8000,duration=25m,cpu.noise.sd=0.05,cpu.noise.ar=0.7,memory.noise.ar=0.9" QUIET("memory")
                 QUIET("net_rx") ",memory.base=64Gi,net_rx.base=1G,net_rx.noise.ar=0.3/0.2,net_rx.noise.ma=0.4,"
                                 "correlation=0.6/-0.5/0.1",
             31, &m);
    for (size_t k = 0; k < 5; k += 4) {
        double *cpu_x = noises(&m, 5, k, ALM_CPU, 1, 0.05), *memory = noises(&m, 5, k, ALM_MEMORY, 0x1p36, 0.05);
        double *net = noises(&m, 5, k, ALM_NET_RX, 300e9, 0.05);
        expect_correlation("cpu, memory", cpu_x, memory, m.units, 0.6);
        expect_correlation("cpu, net_rx", cpu_x, net, m.units, -0.5);
        expect_correlation("memory, net_rx", memory, net, m.units, 0.1);
        expect_correlation("variance of net_rx", net, net, m.units, 1);
        free(cpu_x);
        free(memory);
        free(net);
    }
    memory_sink_free(&m);
}

/* Logarithms of bases: correlation 0.8 over 5000 units; Fisher's z has the error 1 / sqrt(n - 3). */
Test(usage, correlation_of_bases)
{
    struct memory_sink m;
    generate(PLAIN ",units=5000,duration=5m,cpu.spread=1,memory.base=64Gi" QUIET("memory") ",memory.spread=0.5,"
                                                                                           "memory.noise.sd=0,"
                                                                                           "spread.correlation=0.8",
             32, &m);
    double n = (double)m.rows, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < m.rows; i++) {
        double a = log(cpu(&m, i)), b = log(m.row[i].row.value[ALM_MEMORY]);
        x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
    }
    double r = (xy - x * y / n) / sqrt((xx - x * x / n) * (yy - y * y / n));
    cr_expect(fabs(atanh(r) - atanh(0.8)) < BOUND / sqrt(n - 3), "correlation %g", r);
    memory_sink_free(&m);
}

/* Kolmogorov's D for N values against CDF; sqrt(n) D passes 2.69 with probability 1e-6. */
static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void expect_law(const char *what, double *x, size_t n, double (*cdf)(double))
{
    double d = 0;
    qsort(x, n, sizeof *x, ascending);
    for (size_t i = 0; i < n; i++)
        d = fmax(d, fmax(cdf(x[i]) - (double)i / (double)n, (double)(i + 1) / (double)n - cdf(x[i])));
    cr_expect(sqrt((double)n) * d < 2.69, "%s: sqrt(n) D is %g for %zu values", what, sqrt((double)n) * d, n);
}

/* Relative sd 1.5 about mean 1: the logarithm has variance ln 3.25 and mean -ln(3.25) / 2. */
static double lognormal_cdf(double x)
{
    return 0.5 * erfc(-(log(x) + 0.5 * log(3.25)) / sqrt(2 * log(3.25)));
}

/* P(X <= x) of the Pareto law of index 1.2 bounded to 2 .. 500. */
static double pareto_cdf(double x)
{
    return (1 - pow(2 / x, 1.2)) / (1 - pow(2 / 500.0, 1.2));
}

Test(usage, laws_of_noise_and_spikes)
{
    struct memory_sink m;
    generate(PLAIN ",duration=10d,cpu.noise.law=lognormal,cpu.noise.sd=1.5,cpu.noise.ar=0", 33, &m);
    double *x = calloc(m.rows, sizeof *x);
    for (size_t i = 0; i < m.rows; i++)
        x[i] = cpu(&m, i);
    expect_law("lognormal noise", x, m.rows, lognormal_cdf);
    free(x);
    memory_sink_free(&m);

    generate(PLAIN ",duration=60d,interval=10s,cpu.tail.rate=48,cpu.tail.min=2,cpu.tail.max=500,cpu.tail.shape=1.2", 34,
             &m);
    size_t n = 0;
    x = calloc(m.rows, sizeof *x);
    for (size_t i = 0; i < m.rows; i++)
        if (cpu(&m, i) > 1)
            x[n++] = cpu(&m, i);
    cr_expect(fabs((double)n - 2880) < BOUND * sqrt(2880), "%zu spikes of 2880", n);
    expect_law("spikes", x, n, pareto_cdf);
    free(x);
    memory_sink_free(&m);
}

/* The second harmonic has amplitude 0.3 and peaks at 3 o'clock (and 15), the third 0.1 at 7; projection on whole days. */
Test(usage, harmonics_of_the_day)
{
    struct memory_sink m;
    generate(PLAIN ",duration=20d,cpu.diurnal.amplitude=0.4,cpu.diurnal.harmonics=0.3/3/0.1/7", 35, &m);
    static const double want[][2] = {{0.4, 14}, {0.3, 3}, {0.1, 7}};
    for (size_t h = 0; h < 3; h++) {
        double c = 0, s = 0, n = (double)m.rows;
        for (size_t i = 0; i < m.rows; i++) {
            double angle = 2 * M_PI * (double)(h + 1) * ((300.0 * (double)i + 150) / 3600 - want[h][1]) / 24;
            c += cpu(&m, i) * cos(angle);
            s += cpu(&m, i) * sin(angle);
        }
        cr_expect(fabs(2 * c / n - want[h][0]) < 1e-9 && fabs(s / n) < 1e-9, "harmonic %zu: %g", h + 1, 2 * c / n);
    }
    memory_sink_free(&m);
}

/* I/O and network come with their base, as whole bytes over the interval, and leave the others as they were; so do
 * correlation (cpu, the first) and spikes (all but their own resource). */
Test(usage, io_and_network)
{
    struct memory_sink a, b;
    generate("usage:units=2,duration=2d", 36, &a);
    generate("usage:units=2,duration=2d,io_write.base=1M,net_tx.base=10,net_tx.noise.sd=0,net_tx.spread=0,"
             "net_tx.diurnal.amplitude=0,net_tx.weekly.amplitude=0,net_tx.burst.rate=0,memory.tail.rate=5",
             36, &b);
    same_rows("io: cpu", &a, &b, 0, 576, 576, 2, ALM_CPU, true);
    same_rows("spikes: memory", &a, &b, 0, 576, 576, 2, ALM_MEMORY, false);
    for (size_t i = 0; i < b.rows; i++) {
        const double *v = b.row[i].row.value;
        cr_assert(isnan(v[ALM_IO_READ]) && isnan(v[ALM_NET_RX]) && v[ALM_NET_TX] == 3000);
        cr_assert(v[ALM_IO_WRITE] >= 0 && v[ALM_IO_WRITE] == nearbyint(v[ALM_IO_WRITE]));
    }
    memory_sink_free(&b);
    generate("usage:units=2,duration=2d,correlation=0.2", 36, &b);
    same_rows("correlation: cpu", &a, &b, 0, 576, 576, 2, ALM_CPU, true);
    same_rows("correlation: memory", &a, &b, 0, 576, 576, 2, ALM_MEMORY, false);
    memory_sink_free(&a);
    memory_sink_free(&b);
}

Test(usage, refused)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"usage:start=soon", "neither a date"},
        {"usage:duration=1m", "shorter than one interval"},
        {"usage:idle=11", "more than units=10"},
        {"usage:units=0", "units"},
        {"usage:cpu.noise.ar=1", "cpu.noise.ar: not stationary"},
        {"usage:memory.noise.ar=0.5/0.6", "lag 1 is 1.25"},
        {"usage:cpu.noise.ma=1/1/1/1", "cpu.noise.ma: 4 coefficients; up to 3"},
        {"usage:correlation=0.2/0.2", "2 numbers for 2 resources"},
        {"usage:correlation=0.3", "cpu and memory cannot be correlated by 0.3"},
        {"usage:net_rx.base=1k,spread.correlation=0.9/-0.9/0.9", "not positive definite"},
        {"usage:cpu.diurnal.harmonics=0.1", "pairs of amplitude and hour"},
        {"usage:cpu.tail.min=200", "greater than cpu.tail.max"},
        {"usage:cpu.bse=1", "did you mean `cpu.base`?"},
        {"usage:name=", "name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct memory_sink m;
        struct alm_err e = {0};
        cr_expect_eq(try_generate(cases[i].text, 1, &m, &e), ALM_EINVAL, "%s", cases[i].text);
        cr_expect_not_null(strstr(e.text, cases[i].want), "%s: %s", cases[i].text, e.text);
        memory_sink_free(&m);
    }
}

/* The sample that a newcomer meets is what its specification makes, to the digits it was written with. */
Test(sample, is_what_its_specification_makes)
{
    struct memory_sink made, read;
    struct alm_err e = {0};
    struct alm_spec *spec;
    struct alm_choice csv, usage;
    const char *const path[] = {ALM_SOURCE_DIR "/traces/samples/web.csv"};
    cr_assert_eq(alm_spec_read(ALM_SOURCE_DIR "/traces/samples/web.yaml", NULL, &spec, &e), ALM_OK, "%s", e.text);
    cr_assert_str_eq(alm_spec_take(spec, "generator"), "usage");
    uint64_t seed = strtoull(alm_spec_take(spec, "seed"), NULL, 10);
    cr_assert_eq(alm_choice_parse(ALM_GENERATOR, "usage", &usage, &e), ALM_OK);
    cr_assert_eq(alm_spec_options(spec, usage.module->opts, "usage", usage.opt, &e), ALM_OK, "%s", e.text);
    memory_sink_init(&made);
    cr_assert_eq(((const struct alm_generator_ops *)usage.module)->run(usage.opt, seed, &made.sink, &e), ALM_OK);
    memory_sink_init(&read);
    cr_assert_eq(alm_choice_parse(ALM_IMPORTER, "csv", &csv, &e), ALM_OK);
    cr_assert_eq(((const struct alm_importer_ops *)csv.module)->run(csv.opt, path, 1, &read.sink, &e), ALM_OK, "%s",
                 e.text);
    cr_assert(made.rows == 9216 && read.rows == made.rows && read.units == made.units);
    for (size_t i = 0; i < made.rows; i++) {
        const struct memory_row *m = &made.row[i], *r = &read.row[i];
        cr_assert(m->unit == r->unit && m->row.at == r->row.at && fabs(cpu(&made, i) - cpu(&read, i)) <= 0.5001e-4 &&
                      m->row.value[ALM_MEMORY] == r->row.value[ALM_MEMORY],
                  "row %zu", i);
    }
    alm_choice_free(&csv);
    alm_choice_free(&usage);
    alm_spec_free(spec);
    memory_sink_free(&made);
    memory_sink_free(&read);
}
