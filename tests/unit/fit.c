/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit: does an estimate find what a trace was made with? Is a specification that is written one that can be read? Are two
 * traces found equal when they are, and different when they are, whatever the rows of a unit have in common?
 *
 * Seeds are fixed and tolerances were set before the first run: a tenth for amounts, unless said otherwise. They bound the
 * estimator, not chance: with these sizes chance is a few hundredths. */
#include "traces/fit/fit_arma.h"
#include "traces/fit/fit_compare.h"
#include "traces/fit/fit_grid.h"
#include "traces/fit/fit_invocations.h"
#include "traces/fit/fit_law.h"
#include "traces/fit/fit_shift.h"
#include "traces/fit/fit_usage.h"
#include "traces/synthesis/spec.h"

#include "almanac/generator.h"
#include "almanac/stream.h"
#include "made_trace.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(fit, .init = scratch_enter, .fini = scratch_leave);

static void expect_near(const char *what, double got, double want, double tolerance)
{
    cr_expect(fabs(got - want) <= tolerance, "%s: %g, expected %g within %g", what, got, want, tolerance);
}

/* Autocorrelations by hand: Yule-Walker for AR(2), Box and Jenkins 3.4.3 for ARMA(1,1), theta sums for MA(1). */
Test(fit, autocorrelations_of_arma)
{
    static const struct {
        struct alm__arma a;
        double rho[5];
    } cases[] = {
        {{.p = 2, .ar = {0.5, 0.3}}, {1, 0.7142857143, 0.6571428571, 0.5428571429, 0.4685714286}},
        {{.p = 1, .q = 1, .ar = {0.8}, .ma = {-0.4}}, {1, 0.5230769231, 0.4184615385, 0.3347692308, 0.2678153846}},
        {{.q = 1, .ma = {0.5}}, {1, 0.4, 0, 0, 0}},
        {{0}, {1, 0, 0, 0, 0}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double rho[ALM__FIT_LAGS + 1], back[ALM__FIT_LAGS + 1];
        struct alm__arma found;
        alm__arma_acf(&cases[c].a, ALM__FIT_LAGS, rho);
        for (size_t k = 0; k < 5; k++)
            expect_near("autocorrelation", rho[k], cases[c].rho[k], 1e-9);
        alm__fit_arma(rho, &found);
        alm__arma_acf(&found, ALM__FIT_LAGS, back);
        for (size_t k = 0; k <= ALM__FIT_LAGS; k++)
            expect_near("refitted", back[k], rho[k], c == 2 ? 0.01 : 1e-6);
        cr_expect(c == 2 || (found.p == cases[c].a.p && found.q == cases[c].a.q), "case %zu: order %zu, %zu", c,
                  found.p, found.q);
    }
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* 20000 draws of each law are given back as that law, parameters within a twentieth. */
Test(fit, laws)
{
    static const struct alm_law_options cases[] = {
        {.law = ALM_LAW_EXPONENTIAL, .mean = {3}},
        {.law = ALM_LAW_LOGNORMAL, .mean = {0.2}, .cv = 1.5},
        {.law = ALM_LAW_GAMMA, .mean = {50}, .cv = 0.4},
        {.law = ALM_LAW_WEIBULL, .scale = {7}, .shape = 0.6},
        {.law = ALM_LAW_BOUNDED_PARETO, .min = {2}, .max = {400}, .shape = 1.3},
        {.law = ALM_LAW_DETERMINISTIC, .value = {42}},
        {.law = ALM_LAW_DISCRETE, .values = {2, {0, 9}}, .weights = {2, {3, 1}}},
    };
    enum { N = 20000 };
    double *x = calloc(N, sizeof *x);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct alm_err e = {0};
        struct alm_law law;
        struct alm_law_options found;
        struct alm_stream s = alm_stream_open(7, c, "test.fit");
        GOOD(alm_law_open(&cases[c], ALM_OPT_REAL, "x", NULL, &law, &e));
        for (size_t i = 0; i < N; i++)
            x[i] = alm_law_draw(&law, &s);
        qsort(x, N, sizeof *x, ascending);
        alm__fit_law(x, N, &found);
        cr_assert_eq(found.law, cases[c].law, "case %zu: law %d", c, found.law);
        const struct alm_law_options *want = &cases[c];
        expect_near("mean", found.mean.real, want->mean.real, 0.05 * want->mean.real);
        expect_near("cv", found.cv, want->cv, 0.05 * want->cv);
        expect_near("shape", found.shape, want->shape, 0.05 * want->shape);
        expect_near("scale", found.scale.real, want->scale.real, 0.05 * want->scale.real);
        expect_near("max", found.max.real, want->max.real, 0.05 * want->max.real);
        expect_near("value", found.value.real, want->value.real, 0);
        cr_expect_eq(found.values.count, want->values.count);
        alm_law_close(&law);
    }
    free(x);
}

/* Ten days at 5 minutes: 1, 1.5 from row 1000 on, 0.8 from row 1900 on; and noise of 3 %, correlated by 0.9, alone. */
Test(fit, level_shifts)
{
    enum { N = 2880 };
    double *x = calloc(N, sizeof *x), *level = calloc(N, sizeof *level), noise = 0;
    struct alm_stream s = alm_stream_open(8, 0, "test.fit");
    struct alm__shifts found;
    struct alm_err e = {0};
    for (int shifts = 0; shifts < 2; shifts++) {
        for (size_t k = 0; k < N; k++) {
            noise = 0.9 * noise + sqrt(1 - 0.81) * 0.03 * alm_stream_normal(&s);
            x[k] = (shifts == 0 || k < 1000 ? 1 : k < 1900 ? 1.5 : 0.8) * (1 + noise);
        }
        GOOD(alm__fit_shifts(x, N, 5 * ALM_MINUTE, level, &found, &e));
        cr_assert_eq(found.count, shifts ? 2 : 0, "%zu shifts", found.count);
    }
    expect_near("first step", level[1010] / level[990], 1.5, 0.03);
    expect_near("second step", level[1910] / level[1890], 0.8 / 1.5, 0.02);
    free(x);
    free(level);
}

#define MADE                                                                                                           \
    "usage:units=40,duration=28d,start=2024-01-01T00:00:00Z,memory.base=2Gi,cpu.spread=0.5,cpu.base=2,"                \
    "cpu.diurnal.amplitude=0.4,cpu.diurnal.peak=14h,cpu.diurnal.phase=0,cpu.diurnal.harmonics=0.15/3,"                 \
    "cpu.weekly.amplitude=0.15,cpu.weekly.peak=60h,cpu.burst.rate=2,cpu.burst.height=1.5,cpu.burst.length=30m,"        \
    "cpu.noise.sd=0.1,cpu.noise.ar=0.8,memory.spread=0.3,memory.diurnal.amplitude=0,memory.shift.rate=0.5,"            \
    "memory.shift.size=0.5,memory.noise.sd=0.03,memory.noise.ar=0.8,net_rx.base=1M,net_rx.spread=0,"                   \
    "net_rx.diurnal.amplitude=0,net_rx.weekly.amplitude=0,net_rx.burst.rate=0,net_rx.noise.law=lognormal,"             \
    "net_rx.noise.sd=0.5,net_rx.noise.ar=0.8,net_rx.trend=1%,correlation=0.5,spread.correlation=0.6"

/* Tolerances: a tenth; a fifth for what bursts and shifts are known by (1500 bursts; shifts of less than a tenth, a sixth of
 * all, and those within a day of another cannot be seen); base and spread over 40 units by three standard errors. */
Test(fit, usage_is_recovered)
{
    struct alm_err e = {0};
    struct alm_fit_usage *f = calloc(1, sizeof *f);
    struct alm_trace *t = make_trace("made.h5", MADE, 4);
    GOOD(alm_fit_usage(t, NULL, f, &e));
    const struct alm__fit_resource *cpu = &f->resource[ALM_CPU], *memory = &f->resource[ALM_MEMORY];
    const struct alm__fit_resource *net = &f->resource[ALM_NET_RX];
    cr_assert(f->units == 40 && f->interval == 5 * ALM_MINUTE && f->duration == 28 * ALM_DAY && f->calendar);
    cr_assert_eq(f->start, 1704067200 * ALM_SECOND);
    cr_assert(cpu->present && memory->present && net->present && !f->resource[ALM_IO_READ].present);
    expect_near("cpu base", cpu->base, 2, 3 * 2 * 0.5 / sqrt(40));
    expect_near("cpu spread", cpu->spread, 0.5, 0.2);
    expect_near("cpu amplitude", cpu->amplitude[0], 0.4, 0.02);
    expect_near("cpu peak", cpu->peak[0], 14, 0.2);
    expect_near("cpu phase", cpu->phase, 0, 1);
    expect_near("cpu second harmonic", cpu->amplitude[1], 0.15, 0.02);
    expect_near("cpu its peak", cpu->peak[1], 3, 0.2);
    expect_near("cpu weekly", cpu->weekly, 0.15, 0.02);
    expect_near("cpu weekly peak", cpu->weekly_peak, 60, 2);
    expect_near("cpu burst rate", cpu->burst_rate, 2, 0.4);
    expect_near("cpu burst height", cpu->burst_height, 1.5, 0.3);
    expect_near("cpu burst length", cpu->burst_length, 1800, 360);
    expect_near("cpu noise", cpu->noise_sd, 0.1, 0.015);
    cr_expect(!cpu->lognormal && cpu->trend == 0 && cpu->tail_rate == 0);
    expect_near("memory shift rate", memory->shift_rate, 0.4, 0.1);
    expect_near("memory shift size", memory->shift_size, 0.5, 0.1);
    expect_near("memory noise", memory->noise_sd, 0.03, 0.003);
    cr_expect_eq(memory->amplitude[0], 0);
    expect_near("net base", net->base / 300, 1e6, 5e4);
    expect_near("net trend", net->trend, 0.01, 0.002);
    expect_near("net noise", net->noise_sd, 0.5, 0.05);
    cr_expect(net->lognormal && net->spread < 0.1);
    expect_near("cpu, net noise", f->noises[ALM_NET_RX][ALM_CPU], 0.5, 0.1);
    expect_near("memory, net noise", f->noises[ALM_NET_RX][ALM_MEMORY], 0.5, 0.05);
    expect_near("cpu, memory bases", f->bases[ALM_MEMORY][ALM_CPU], 0.6, 3 * 0.64 / sqrt(40));
    double rho[2];
    alm__arma_acf(&net->arma, 1, rho);
    expect_near("net lag 1", rho[1], 0.8, 0.02);
    alm_trace_close(t);
    free(f);
}

/* Spikes and a quiet level: rate 4 a day from 6 to 600, index 1.5; 40 units, 28 days: 4480 spikes. */
Test(fit, spikes_are_recovered)
{
    struct alm_err e = {0};
    struct alm_fit_usage *f = calloc(1, sizeof *f);
    struct alm_trace *t = make_trace("made.h5",
                                     "usage:units=40,duration=28d,memory.base=0,cpu.spread=0,cpu.burst.rate=0,"
                                     "cpu.noise.sd=0.1,cpu.tail.rate=4,cpu.tail.min=6,cpu.tail.max=600,"
                                     "cpu.tail.shape=1.5",
                                     5);
    GOOD(alm_fit_usage(t, NULL, f, &e));
    const struct alm__fit_resource *cpu = &f->resource[ALM_CPU];
    expect_near("rate", cpu->tail_rate, 4, 0.4);
    expect_near("least", cpu->tail_min, 6, 0.6);
    expect_near("shape", cpu->tail_shape, 1.5, 0.15);
    cr_expect(cpu->tail_max > 200 && cpu->tail_max <= 660, "%g", cpu->tail_max);
    alm_trace_close(t);
    free(f);
}

/* What is written can be read and generated, for either generator, and says the same again: a fit of the fit. */
Test(fit, specifications_can_be_read)
{
    struct alm_err e = {0};
    struct alm_fit_usage *f = calloc(1, sizeof *f);
    struct alm_trace *t = make_trace("made.h5", MADE, 4);
    GOOD(alm_fit_usage(t, NULL, f, &e));
    FILE *out = fopen("fit.yaml", "w");
    GOOD(alm_fit_usage_write(f, "made.h5", out, &e));
    fclose(out);
    struct alm_spec *spec;
    struct alm_choice choice;
    GOOD(alm_spec_read("fit.yaml", NULL, &spec, &e));
    cr_assert_str_eq(alm_spec_take(spec, "generator"), "usage");
    cr_assert_str_eq(alm_spec_take(spec, "seed"), "1");
    GOOD(alm_choice_parse(ALM_GENERATOR, "usage", &choice, &e));
    GOOD(alm_spec_options(spec, choice.module->opts, "usage", choice.opt, &e));
    struct alm_trace_writer *w;
    const struct alm_trace_info info = {.title = "again"};
    GOOD(alm_trace_create("again.h5", &info, &w, &e));
    GOOD(((const struct alm_generator_ops *)choice.module)->run(choice.opt, 9, alm_trace_writer_sink(w), &e));
    GOOD(alm_trace_commit(w, &e));
    cr_expect_eq(alm_trace_writer_summary(w)->rows, alm_trace_rows(t));
    cr_expect_eq(alm_trace_writer_summary(w)->resources, ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY) | ALM_BIT(ALM_NET_RX));
    alm_trace_writer_close(w);
    alm_choice_free(&choice);
    alm_spec_free(spec);
    alm_trace_close(t);
    free(f);
}

/* D of {1, 2, 3, 4} and {3, 4, 5, 6} is 1/2; of a sample and itself 0; few units have no p. */
Test(fit, distance_of_distributions)
{
    struct alm__sample a = {0}, b = {0};
    struct alm_err e = {0};
    double d, p;
    for (int i = 0; i < 4; i++) {
        GOOD(alm__sample_add(&a, i + 1, 0, &e));
        GOOD(alm__sample_add(&b, i + 3, 0, &e));
    }
    GOOD(alm__fit_ks(&a, 1, &b, 1, &d, &p, &e));
    cr_expect(fabs(d - 0.5) < 1e-12 && isnan(p), "D %g, p %g", d, p);
    GOOD(alm__fit_ks(&a, 1, &a, 1, &d, &p, &e));
    cr_expect_eq(d, 0);
    alm__sample_free(&a);
    alm__sample_free(&b);
}

/* Thirty units of 200 rows, all rows of a unit near a level of its own: the usual p of so many rows would call any two such
 * fleets different. Equal laws: p is uniform, below 0.004 once in 250 seeds. Levels one sd apart: p is small. */
Test(fit, p_knows_of_units)
{
    struct alm__sample a = {0}, b = {0}, c = {0};
    struct alm_err e = {0};
    struct alm_stream s = alm_stream_open(3, 0, "test.fit");
    double d, p;
    for (uint32_t u = 0; u < 30; u++) {
        double level[2] = {alm_stream_normal(&s), alm_stream_normal(&s)};
        for (int k = 0; k < 200; k++) {
            GOOD(alm__sample_add(&a, level[0] + 0.1 * alm_stream_normal(&s), u, &e));
            GOOD(alm__sample_add(&b, level[1] + 0.1 * alm_stream_normal(&s), u, &e));
            GOOD(alm__sample_add(&c, level[1] + 1.5 + 0.1 * alm_stream_normal(&s), u, &e));
        }
    }
    GOOD(alm__sample_sort(&a, &e));
    GOOD(alm__sample_sort(&b, &e));
    GOOD(alm__sample_sort(&c, &e));
    GOOD(alm__fit_ks(&a, 30, &b, 30, &d, &p, &e));
    cr_expect(p > 0.004 && d > 0.05, "equal laws: D %g, p %g", d, p); /* 1.36 / sqrt(3000) = 0.025 would be 5 % */
    GOOD(alm__fit_ks(&a, 30, &c, 30, &d, &p, &e));
    cr_expect(p <= 0.004, "different laws: D %g, p %g", d, p);
    alm__sample_free(&a);
    alm__sample_free(&b);
    alm__sample_free(&c);
}

/* A cosine of amplitude 0.5 about 2 for ten days: sd / mean = 0.5 / sqrt 2, autocorrelation cos(2 pi lag / day), the hours'
 * means, and the same measures again give distance 0. */
Test(fit, features_of_a_cosine)
{
    struct alm_err e = {0};
    struct alm_features f;
    struct alm_fit_report report = {0};
    struct alm_trace *t =
        make_trace("made.h5",
                   "usage:units=2,duration=10d,memory.base=0,cpu.base=2,cpu.spread=0,cpu.burst.rate=0,"
                   "cpu.noise.sd=0,cpu.weekly.amplitude=0,cpu.diurnal.amplitude=0.5,"
                   "cpu.diurnal.peak=12h,cpu.diurnal.phase=0",
                   1);
    GOOD(alm_features_read(t, NULL, &f, &e));
    const struct alm__feature *cpu = &f.resource[ALM_CPU];
    cr_assert(cpu->present && !f.resource[ALM_MEMORY].present && cpu->values == 5760);
    expect_near("mean", cpu->mean, 2, 1e-9);
    expect_near("within", cpu->within, 0.5 / sqrt(2), 1e-9);
    expect_near("between", cpu->between, 0, 1e-6);
    expect_near("zeros", cpu->zeros, 0, 0);
    cr_assert(f.day_lag < f.lags && f.lag[0] == 5 * ALM_MINUTE && f.lag[f.day_lag] == ALM_DAY);
    expect_near("acf, one row", cpu->acf[0], cos(2 * M_PI / 288), 0.002);
    expect_near("acf, one day", cpu->acf[f.day_lag], 1, 1e-9);
    expect_near("noon", cpu->day[12], 1 + 0.5 * cos(M_PI / 24), 0.002);
    expect_near("midnight", cpu->day[0], 1 - 0.5 * cos(M_PI / 24), 0.002);
    expect_near("median", cpu->p50, 2, 0.02);
    GOOD(alm_fit_compare(&f, &f, &report, &e));
    cr_assert(report.count >= 10);
    for (size_t i = 0; i < report.count; i++) {
        const struct alm_fit_row *row = &report.row[i];
        double want = row->measure == ALM_FIT_RATIO ? 1 : 0;
        cr_expect(isnan(row->distance) || fabs(row->distance - want) < 1e-9 ||
                      (row->measure == ALM_FIT_RATIO && row->real < 1e-6),
                  "%s: %g", row->property, row->distance);
    }
    alm_features_free(&f);
    alm_trace_close(t);
}

/* Work as a power of the input, Zipf, rate and course of the day. 0.3 a second for three days: 77760 invocations. */
Test(fit, invocations_are_recovered)
{
    struct alm_err e = {0};
    struct alm_load l;
    struct alm__log_slope s;
    struct alm_trace *t = make_trace("made.h5",
                                     "invocations:codes=20,duration=3d,zipf=1.2,arrival.process=sinusoidal,"
                                     "arrival.rate=0.3,arrival.amplitude=0.6,arrival.period=1d,arrival.peak=14h,"
                                     "work.law=lognormal,work.mean=1,work.cv=0.3,work.on=size,work.effect=power,"
                                     "work.slope=0.001,work.power=0.7,input1.name=size,input1.law=lognormal,"
                                     "input1.mean=1e6,input1.cv=2,memory.law=gamma,memory.mean=100Mi,memory.cv=0.5",
                                     3);
    GOOD(alm_load_read(t, NULL, &l, &e));
    cr_assert(l.codes == 20 && l.inputs == 1 && !l.work_is_duration);
    expect_near("rate", l.rate, 0.3, 0.006);
    expect_near("zipf", l.zipf, 1.2, 0.03);
    /* over an hour the mean of the cosine is its middle times sin(pi/24) / (pi/24) */
    expect_near("hour of the peak", l.day[14], 1 + 0.6 * cos(M_PI / 24) * sin(M_PI / 24) / (M_PI / 24), 0.05);
    GOOD(alm__load_slope(&l, ALM__LOAD_WORK, 0, &s));
    expect_near("power", s.slope, 0.7, 0.01);
    expect_near("noise", s.sd, sqrt(log(1.09)), 0.01);
    expect_near("slope", exp(s.intercept + s.sd * s.sd / 2), 0.001, 0.0001);
    FILE *out = fopen("fit.yaml", "w");
    GOOD(alm_fit_invocations_write(&l, "made.h5", out, &e));
    fclose(out);
    struct alm_spec *spec;
    struct alm_choice choice;
    GOOD(alm_spec_read("fit.yaml", NULL, &spec, &e));
    cr_assert_str_eq(alm_spec_take(spec, "generator"), "invocations");
    cr_assert_str_eq(alm_spec_take(spec, "seed"), "1");
    GOOD(alm_choice_parse(ALM_GENERATOR, "invocations", &choice, &e));
    GOOD(alm_spec_options(spec, choice.module->opts, "invocations", choice.opt, &e));
    alm_choice_free(&choice);
    alm_spec_free(spec);
    alm_load_free(&l);
    alm_trace_close(t);
}

Test(fit, refused)
{
    struct alm_err e = {0};
    struct alm_fit_usage f;
    struct alm_load l;
    struct alm_trace *t = make_trace("made.h5", "invocations:codes=2,duration=1h", 1);
    cr_expect_eq(alm_fit_usage(t, NULL, &f, &e), ALM_EDATA);
    cr_expect_not_null(strstr(e.text, "no rows of usage"), "%s", e.text);
    alm_trace_close(t);
    t = make_trace("short.h5", "usage:units=2,duration=30m", 1);
    cr_expect_eq(alm_fit_usage(t, NULL, &f, &e), ALM_EDATA);
    cr_expect_not_null(strstr(e.text, "16 values"), "%s", e.text);
    cr_expect_eq(alm_load_read(t, NULL, &l, &e), ALM_EDATA);
    cr_expect_not_null(strstr(e.text, "fewer than two invocations"), "%s", e.text);
    alm_trace_close(t);
}
