/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: are levels spread over a fleet as their list says, whatever its size? Does work by the clock come when, where and
 * as high as asked for? Are rows without usage as many and as long? Does a level stay the mean? Are older specifications
 * what they were?
 *
 * Statistical checks use fixed seeds and bounds of 4.9 standard errors: each would fail for one seed in a million. */
#include "generated.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#define BOUND 4.9
#define QUIET                                                                                                          \
    "usage:memory.base=0,cpu.spread=0,cpu.diurnal.amplitude=0,cpu.diurnal.phase=0,cpu.weekly.amplitude=0,"             \
    "cpu.burst.rate=0,cpu.noise.sd=0"

static double cpu(const struct memory_sink *m, size_t i)
{
    return m->row[i].row.value[ALM_CPU];
}

/* Values of two specifications before levels, jobs and spells were there. */
Test(usage_fleet, older_specifications_are_what_they_were)
{
    struct memory_sink m;
    generated("usage:units=3,duration=5d", 3, &m);
    static const struct {
        size_t row;
        double cpu, memory;
    } first[] = {{0, 1.406139097961, 1034092544},
                 {100, 2.222609807056, 1169854464},
                 {1440, 0.701764157503, 3344211968},
                 {3998, 0.387284695076, 2400231424}};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        cr_expect_float_eq(cpu(&m, first[i].row), first[i].cpu, 1e-11, "row %zu: %.12f", first[i].row,
                           cpu(&m, first[i].row));
        cr_expect_float_eq(m.row[first[i].row].row.value[ALM_MEMORY], first[i].memory, 4097);
    }
    memory_sink_free(&m);
    struct memory_sink same;
    generated("usage:units=3,duration=2d", 3, &m);
    generated("usage:units=3,duration=2d,cpu.job.share=0,cpu.zero.share=0,cpu.job.height=9,cpu.zero.length=1m,"
              "cpu.burst.units=1,cpu.job.at=3/4",
              3, &same);
    for (size_t i = 0; i < m.rows; i++)
        cr_assert_eq(cpu(&m, i), cpu(&same, i), "row %zu", i);
    memory_sink_free(&m);
    memory_sink_free(&same);
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The levels of N units with four quantiles, ascending. */
static void levels(const char *text, size_t n, double *out)
{
    struct memory_sink m;
    generated(text, 5, &m);
    cr_assert_eq(m.rows, n);
    for (size_t i = 0; i < n; i++)
        out[i] = cpu(&m, i);
    qsort(out, n, sizeof *out, ascending);
    memory_sink_free(&m);
}

/* As many units as quantiles have these; eight have them joined by lines, read at 1/16, 3/16, ...: by hand. */
Test(usage_fleet, levels_are_strata)
{
    static const double four[] = {0.2, 0.4, 1, 6.4}, eight[] = {0.2, 0.25, 0.35, 0.55, 0.85, 2.35, 5.05, 6.4};
    double got[8], sum = 0;
    levels(QUIET ",duration=5m,units=4,cpu.base=2,cpu.levels=0.1/0.2/0.5/3.2", 4, got);
    for (size_t i = 0; i < 4; i++)
        cr_expect_float_eq(got[i], four[i], 1e-12, "level %zu of four: %g", i, got[i]);
    levels(QUIET ",duration=5m,units=8,cpu.base=2,cpu.levels=0.1/0.2/0.5/3.2", 8, got);
    for (size_t i = 0; i < 8; i++) {
        cr_expect_float_eq(got[i], eight[i], 1e-12, "level %zu of eight: %g", i, got[i]);
        sum += got[i];
    }
    cr_expect_float_eq(sum, 16, 1e-12, "the mean is that of the list: %g", sum / 8);
    levels(QUIET ",duration=5m,units=1,cpu.levels=0.5/1.5", 1, got);
    cr_expect_float_eq(got[0], 1, 1e-12);
}

/* The order of the levels of two resources follows spread.correlation. Levels are 0, uniform, or 2, with variance 2/3; their
 * correlation under a Gaussian copula of 0.9 is 0.857 (two million draws in another language). The sd of a correlation
 * over 400 units is at most 0.05. */
Test(usage_fleet, levels_of_resources_are_correlated)
{
    static const char *const text[] = {"0.9", "0"};
    static const double want[] = {0.857, 0};
    for (size_t c = 0; c < 2; c++) {
        char spec[512];
        struct memory_sink m;
        double sum = 0;
        snprintf(spec, sizeof spec,
                 QUIET ",duration=5m,units=400,memory.base=1Gi,memory.diurnal.amplitude=0,memory.diurnal.phase=0,"
                       "memory.noise.sd=0,cpu.levels=0/2,memory.levels=0/2,spread.correlation=%s",
                 text[c]);
        generated(spec, 11, &m);
        for (size_t i = 0; i < m.rows; i++)
            sum += (cpu(&m, i) - 1) * (m.row[i].row.value[ALM_MEMORY] / 0x1p30 - 1);
        double r = sum / 400 / (2.0 / 3);
        cr_expect(fabs(r - want[c]) < BOUND * (1 - want[c] * want[c]) / 20, "%s: %g", text[c], r);
        memory_sink_free(&m);
    }
}

/* Two jobs for half of six units: 1 h at 03:00 and a quarter of an hour, seven times as high, at 12:00 and 24 h from 12:00
 * on; levels by hand: base / (1 + height length / period). */
Test(usage_fleet, jobs_come_by_the_clock)
{
    struct memory_sink m;
    generated(QUIET ",units=4,duration=3d,start=2024-01-01T02:00:00Z,cpu.job.share=0.5,cpu.job.at=3/12,"
                    "cpu.job.length=1/0.25,cpu.job.height=4/7",
              2, &m);
    size_t with[2] = {0}, rows = m.rows / 4;
    for (size_t u = 0; u < 4; u++) {
        double sum = 0, most = 0;
        for (size_t k = 0; k < rows; k++) {
            sum += cpu(&m, u * rows + k);
            most = fmax(most, cpu(&m, u * rows + k));
        }
        cr_expect_float_eq(sum / (double)rows, 1, 1e-9, "the level is the mean: %g", sum / (double)rows);
        if (most == 1)
            continue;
        size_t kind = most > 6;
        double low = kind ? 1 / (1 + 7 * 0.25 / 24) : 1 / (1 + 4.0 / 24), height = kind ? 7 : 4;
        size_t from = kind ? 120 : 12, length = kind ? 3 : 12; /* rows of 5 minutes from 02:00 on */
        with[kind]++;
        for (size_t k = 0; k < rows; k++) {
            bool in = k % 288 >= from && k % 288 < from + length;
            cr_assert_float_eq(cpu(&m, u * rows + k), in ? low * (1 + height) : low, 1e-9, "unit %zu, row %zu", u, k);
        }
    }
    cr_expect(with[0] == 1 && with[1] == 1, "%zu and %zu units", with[0], with[1]);
    memory_sink_free(&m);
}

/* A unit with two jobs of its own, one of them hourly, which begins within a row: 00:02:30 for 5 minutes. */
Test(usage_fleet, jobs_of_one_unit_add_up)
{
    struct memory_sink m;
    generated(QUIET ",units=1,duration=2d,cpu.job.share=1,cpu.job.unit=1/1,cpu.job.at=6/0.0416666666667,"
                    "cpu.job.period=24/1,cpu.job.length=2/0.0833333333333,cpu.job.height=3/6",
              2, &m);
    double low = 1 / (1 + 3 * 2.0 / 24 + 6 / 12.0);
    for (size_t k = 0; k < m.rows; k++) {
        double day = k % 288 >= 72 && k % 288 < 96 ? 3 : 0, hour = k % 12 < 2 ? 3 : 0;
        cr_assert_float_eq(cpu(&m, k), low * (1 + day + hour), 1e-9, "row %zu: %g", k, cpu(&m, k));
    }
    memory_sink_free(&m);
}

/* Beginnings uniform over two hours about 12:00, heights of relative sd 0.5, over 400 days. The sd of a begin is
 * 2 / sqrt(12) h, that of an sd over n draws about 0.55 / sqrt(n) of it for a uniform law. */
Test(usage_fleet, jobs_vary)
{
    struct memory_sink m;
    double begin = 0, squares = 0, high = 0, high_squares = 0, days = 400;
    generated(QUIET ",units=1,duration=400d,cpu.job.share=1,cpu.job.at=12,cpu.job.length=1,cpu.job.height=10,"
                    "cpu.job.jitter=2,cpu.job.cv=0.5",
              4, &m);
    double low = cpu(&m, 0);
    for (size_t d = 0; d < 400; d++) {
        double sum = 0, moment = 0, most = 0;
        for (size_t k = 0; k < 288; k++) {
            double more = cpu(&m, 288 * d + k) / low - 1;
            sum += more;
            moment += more * ((double)k + 0.5) / 12;
            most = fmax(most, more);
        }
        double at = moment / sum - 0.5;
        begin += at / days;
        squares += at * at / days;
        high += sum / 12 / days;
        high_squares += sum / 12 * sum / 12 / days;
    }
    double sd = sqrt(squares - begin * begin), cv = sqrt(high_squares - high * high) / high;
    cr_expect(fabs(begin - 12) < BOUND * 0.577 / 20, "mean beginning %g", begin);
    cr_expect(fabs(sd - 0.577) < BOUND * 0.577 * 0.55 / 20, "sd of beginnings %g", sd);
    cr_expect(fabs(high - 10) < BOUND * 5 / 20, "mean height %g", high);
    cr_expect(fabs(cv - 0.5) < 0.12, "cv of heights %g", cv); /* the sd of a lognormal sd: 0.026 here */
    memory_sink_free(&m);
}

/* A third of the time idle for two hours in the mean: runs of rows as long as a chain of two states has them, by the
 * formula of a geometric law, 1 / ((1 - z) (1 - exp(-dt / (L (1 - z))))) = 24.4 rows. 900 days: some 3400 runs. */
Test(usage_fleet, spells_without_usage)
{
    struct memory_sink m;
    double zeros = 0, runs = 0, sum = 0;
    generated(QUIET ",units=1,duration=900d,cpu.zero.share=0.33333333,cpu.zero.length=2h", 9, &m);
    double n = (double)m.rows;
    for (size_t i = 0; i < m.rows; i++) {
        sum += cpu(&m, i);
        zeros += cpu(&m, i) == 0;
        runs += cpu(&m, i) == 0 && (i == 0 || cpu(&m, i - 1) > 0);
        cr_assert(cpu(&m, i) == 0 || fabs(cpu(&m, i) - 1.5) < 1e-6);
    }
    /* the state forgets at the rate 1 / (L (1 - z)): 16 rows, so n / 32 are independent */
    double error = sqrt(2.0 / 9 / (n / 32));
    cr_expect(fabs(zeros / n - 1.0 / 3) < BOUND * error, "share %g", zeros / n);
    cr_expect(fabs(zeros / runs - 24.377) < BOUND * 24.377 * sqrt(2 / runs), "runs of %g rows", zeros / runs);
    cr_expect(fabs(sum / n - 1) < BOUND * 1.5 * error, "mean %g", sum / n);
    memory_sink_free(&m);
}

/* Bursts in a quarter of eight units, the ones without jobs. */
Test(usage_fleet, some_units_have_bursts)
{
    struct memory_sink m;
    size_t with = 0;
    generated(QUIET ",units=8,duration=10d,cpu.burst.rate=20,cpu.burst.units=0.25,cpu.job.share=0.5,cpu.job.at=1,"
                    "cpu.job.height=0.1",
              3, &m);
    for (size_t u = 0; u < 8; u++) {
        bool burst = false, job = true;
        for (size_t k = 0; k < m.rows / 8; k++) {
            double x = cpu(&m, u * m.rows / 8 + k) / cpu(&m, u * m.rows / 8);
            burst = burst || x > 1.2;
            job = job && (x > 1.05) == (k % 288 >= 12 && k % 288 < 18);
        }
        with += burst;
        cr_expect(!(burst && job), "unit %zu", u);
    }
    cr_expect_eq(with, 2, "%zu units", with);
    memory_sink_free(&m);
}

Test(usage_fleet, refused)
{
    static const struct {
        const char *text, *says;
    } cases[] = {{"usage:cpu.levels=1/0.5", "right are quantiles, which ascend"},
                 {"usage:cpu.levels=-1/0.5", "cpu.levels"},
                 {"usage:cpu.job.share=0.5,cpu.job.length=", "cpu.job.length is an empty list"},
                 {"usage:cpu.job.share=0.5,cpu.job.period=0", "cpu.job.period"},
                 {"usage:cpu.zero.share=1", "cpu.zero.share"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct memory_sink m;
        struct alm_err e = {0};
        cr_expect_eq(generated_try(cases[i].text, 1, &m, &e), ALM_EINVAL, "%s", cases[i].text);
        cr_expect_not_null(strstr(e.text, cases[i].says), "%s: %s", cases[i].text, e.text);
        memory_sink_free(&m);
    }
}
