/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit of fleets: are levels, work by the clock, rows without usage and arrivals in clusters found as they were made, and not
 * where they are not? Is a trace of such a specification like the one it was fitted to?
 *
 * Seeds are fixed and tolerances were set before the first run; they bound the estimator, with chance a third of them. */
#include "traces/fit/fit_features.h"
#include "traces/fit/fit_invocations.h"
#include "traces/fit/fit_mmpp.h"
#include "traces/fit/fit_usage.h"
#include "traces/synthesis/spec.h"

#include "made_trace.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(fit_fleet, .init = scratch_enter, .fini = scratch_leave);

static void expect_near(const char *what, double got, double want, double tolerance)
{
    cr_expect(fabs(got - want) <= tolerance, "%s: %g, expected %g within %g", what, got, want, tolerance);
}

static struct alm_fit_usage *fit_of(struct alm_trace *t)
{
    struct alm_err e = {0};
    struct alm_fit_usage *f = calloc(1, sizeof *f);
    GOOD(alm_fit_usage(t, NULL, f, &e));
    return f;
}

/* The trace that the fitted specification makes. */
static struct alm_trace *again(const struct alm_fit_usage *f, uint64_t seed)
{
    struct alm_err e = {0};
    struct alm_spec *spec;
    struct alm_choice choice;
    struct alm_trace_writer *w;
    struct alm_trace *t;
    const struct alm_trace_info info = {.title = "again"};
    FILE *out = fopen("fit.yaml", "w");
    GOOD(alm_fit_usage_write(f, "made.h5", out, &e));
    fclose(out);
    GOOD(alm_spec_read("fit.yaml", NULL, &spec, &e));
    cr_assert_str_eq(alm_spec_take(spec, "generator"), "usage");
    cr_assert_str_eq(alm_spec_take(spec, "seed"), "1");
    GOOD(alm_choice_parse(ALM_GENERATOR, "usage", &choice, &e));
    GOOD(alm_spec_options(spec, choice.module->opts, "usage", choice.opt, &e));
    GOOD(alm_trace_create("again.h5", &info, &w, &e));
    GOOD(((const struct alm_generator_ops *)choice.module)->run(choice.opt, seed, alm_trace_writer_sink(w), &e));
    GOOD(alm_trace_commit(w, &e));
    alm_trace_writer_close(w);
    alm_choice_free(&choice);
    alm_spec_free(spec);
    GOOD(alm_trace_open("again.h5", &t, &e));
    return t;
}

#define PLAIN                                                                                                          \
    "usage:memory.base=0,cpu.diurnal.amplitude=0,cpu.weekly.amplitude=0,cpu.burst.rate=0,cpu.noise.sd=0.1,"            \
    "cpu.noise.ar=0.5"

/* Levels of six units, over a range of 1000; and of 100 units as 32 means whose mean is 1. */
Test(fit_fleet, levels)
{
    static const double made[] = {0.003, 0.02, 0.1, 0.377, 1.5, 4};
    struct alm_trace *t =
        make_trace("made.h5", PLAIN ",units=6,duration=4d,cpu.base=2,cpu.levels=0.003/0.02/0.1/0.377/1.5/4", 1);
    struct alm_fit_usage *f = fit_of(t);
    const struct alm__fit_resource *cpu = &f->resource[ALM_CPU];
    cr_assert_eq(cpu->levels.count, 6);
    expect_near("base", cpu->base, 2, 0.02);
    for (size_t i = 0; i < 6; i++)
        expect_near("level", cpu->levels.value[i], made[i], 0.02 * made[i]);
    alm_trace_close(t);
    free(f);
    t = make_trace("many.h5", PLAIN ",units=100,duration=1d,cpu.spread=3", 1);
    f = fit_of(t);
    double sum = 0;
    cr_assert_eq(f->resource[ALM_CPU].levels.count, 32);
    for (size_t i = 0; i < 32; i++)
        sum += f->resource[ALM_CPU].levels.value[i] / 32;
    expect_near("mean of levels", sum, 1, 1e-9);
    alm_trace_close(t);
    free(f);
}

/* Six units of very unequal level: what the fit makes has their mean, whatever the seed, where draws of a level would
 * miss it by a factor. */
Test(fit_fleet, means_of_few_unequal_units)
{
    struct alm_err e = {0};
    struct alm_trace *t =
        make_trace("made.h5", PLAIN ",units=6,duration=4d,cpu.base=2,cpu.levels=0.003/0.02/0.1/0.377/1.5/4", 1);
    struct alm_fit_usage *f = fit_of(t);
    struct alm_features real, made;
    GOOD(alm_features_read(t, NULL, &real, &e));
    for (uint64_t seed = 2; seed < 5; seed++) {
        struct alm_trace *other = again(f, seed);
        GOOD(alm_features_read(other, NULL, &made, &e));
        expect_near("mean", made.resource[ALM_CPU].mean / real.resource[ALM_CPU].mean, 1, 0.05);
        expect_near("p95", made.resource[ALM_CPU].p95 / real.resource[ALM_CPU].p95, 1, 0.05);
        alm_features_free(&made);
        alm_trace_close(other);
    }
    alm_features_free(&real);
    alm_trace_close(t);
    free(f);
}

/* Half of 20 units work an hour at 03:00 or 45 minutes at 15:30, with a jitter of half an hour or none. */
Test(fit_fleet, jobs)
{
    struct alm_trace *t = make_trace("made.h5",
                                     PLAIN ",units=20,duration=28d,start=2024-01-01T00:00:00Z,cpu.job.share=0.5,"
                                           "cpu.job.at=3/15.5,cpu.job.length=1.5/0.75,cpu.job.height=8/3,"
                                           "cpu.job.jitter=0.5/0,cpu.job.cv=0.3",
                                     6);
    struct alm_fit_usage *f = fit_of(t);
    const struct alm__fit_resource *cpu = &f->resource[ALM_CPU];
    expect_near("share", cpu->job_share, 0.5, 0);
    cr_assert_eq(cpu->jobs, 10, "%zu jobs", cpu->jobs);
    cr_expect(cpu->amplitude[0] < 0.05 && cpu->burst_rate < 0.1, "a cosine of %g, %g bursts", cpu->amplitude[0],
              cpu->burst_rate);
    expect_near("noise", cpu->noise_sd, 0.1, 0.01);
    expect_near("base", cpu->base, 1, 0.3);
    size_t early = 0;
    for (size_t i = 0; i < cpu->jobs; i++) {
        const struct alm__fit_job *job = &cpu->job[i].job;
        bool first = job->at < 9;
        early += first;
        expect_near("period", job->period, 24, 0);
        expect_near("hour", job->at, first ? 3 : 15.5, first ? 0.2 : 0.01);
        expect_near("length", job->length, first ? 1.5 : 0.75, first ? 0.3 : 0.01);
        expect_near("height", job->height, first ? 8 : 3, first ? 2 : 0.6);
        expect_near("jitter", job->jitter, first ? 0.5 : 0, first ? 0.25 : 0);
        expect_near("cv", job->cv, 0.3, 0.15);
    }
    cr_expect_eq(early, 5);
    alm_trace_close(t);
    free(f);
}

/* Two jobs in each unit, one of them every two hours; and what is made again is as alike from day to day. */
Test(fit_fleet, several_jobs_of_a_unit)
{
    struct alm_err e = {0};
    struct alm_features real, made;
    struct alm_trace *t =
        make_trace("made.h5",
                   PLAIN ",units=8,duration=14d,cpu.levels=0.2/0.5/0.8/2.5,cpu.job.share=1,"
                         "cpu.job.unit=1/1,cpu.job.at=3.5/1,cpu.job.period=24/2,cpu.job.length=1/0.25,"
                         "cpu.job.height=9/2",
                   6);
    struct alm_fit_usage *f = fit_of(t);
    const struct alm__fit_resource *cpu = &f->resource[ALM_CPU];
    cr_assert_eq(cpu->jobs, 16, "%zu jobs", cpu->jobs);
    for (size_t i = 0; i < cpu->jobs; i++) {
        const struct alm__fit_job *job = &cpu->job[i].job;
        bool day = job->period == 24;
        expect_near("unit", cpu->job[i].unit, (double)(i / 2 + 1), 0);
        expect_near("period", job->period, day ? 24 : 2, 0);
        expect_near("hour", job->at, day ? 3.5 : 1, 0.01);
        expect_near("height", job->height, day ? 9 : 2, day ? 0.9 : 0.2);
    }
    struct alm_trace *other = again(f, 3);
    GOOD(alm_features_read(t, NULL, &real, &e));
    GOOD(alm_features_read(other, NULL, &made, &e));
    const struct alm__feature *a = &real.resource[ALM_CPU], *b = &made.resource[ALM_CPU];
    cr_assert(a->acf[real.day_lag] > 0.9);
    expect_near("autocorrelation, a day", b->acf[made.day_lag], a->acf[real.day_lag], 0.05);
    expect_near("mean", b->mean / a->mean, 1, 0.03);
    alm_features_free(&real);
    alm_features_free(&made);
    alm_trace_close(t);
    alm_trace_close(other);
    free(f);
}

/* Cosines with harmonics, noise that remembers for hours, bursts, spikes, shifts: no job in 60 units and 3 resources. */
Test(fit_fleet, no_jobs_where_there_are_none)
{
    struct alm_trace *t =
        make_trace("made.h5",
                   "usage:units=60,duration=14d,cpu.diurnal.amplitude=0.6,cpu.diurnal.harmonics=0.3/3,"
                   "cpu.burst.rate=3,cpu.noise.ar=0.98,cpu.noise.sd=0.3,cpu.noise.law=lognormal,"
                   "memory.shift.rate=2,memory.noise.ar=0.995,memory.diurnal.amplitude=0,net_rx.base=1M,"
                   "net_rx.noise.law=lognormal,net_rx.noise.sd=2,net_rx.tail.rate=5",
                   2);
    struct alm_fit_usage *f = fit_of(t);
    static const enum alm_resource r[] = {ALM_CPU, ALM_MEMORY, ALM_NET_RX};
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(f->resource[r[i]].jobs, 0, "%zu jobs in %s", f->resource[r[i]].jobs, alm_resource_name(r[i]));
        cr_expect_eq(f->resource[r[i]].idle.share, 0);
    }
    alm_trace_close(t);
    free(f);
}

/* Half of 40 units idle for 40 % of the time, two hours at a time: 2700 spells. */
Test(fit_fleet, spells_without_usage)
{
    struct alm_err e = {0};
    struct alm_features real, made;
    struct alm_trace *t = make_trace(
        "made.h5", PLAIN ",units=40,duration=28d,cpu.zero.units=0.5,cpu.zero.share=0.4,cpu.zero.length=2h", 6);
    struct alm_fit_usage *f = fit_of(t);
    const struct alm__fit_idle *idle = &f->resource[ALM_CPU].idle;
    expect_near("units", idle->units, 0.5, 0);
    expect_near("share", idle->share, 0.4, 0.03);
    expect_near("length", idle->length, 7200, 600);
    expect_near("noise", f->resource[ALM_CPU].noise_sd, 0.1, 0.01);
    struct alm_trace *other = again(f, 3);
    GOOD(alm_features_read(t, NULL, &real, &e));
    GOOD(alm_features_read(other, NULL, &made, &e));
    expect_near("zeros", made.resource[ALM_CPU].zeros, real.resource[ALM_CPU].zeros, 0.03);
    expect_near("mean", made.resource[ALM_CPU].mean / real.resource[ALM_CPU].mean, 1, 0.1);
    alm_features_free(&real);
    alm_features_free(&made);
    alm_trace_close(t);
    alm_trace_close(other);
    free(f);
}

/* Bursts in a quarter of the units: so many, and as often in each. */
Test(fit_fleet, units_with_bursts)
{
    struct alm_trace *t = make_trace("made.h5",
                                     "usage:memory.base=0,units=40,duration=28d,cpu.burst.units=0.25,cpu.burst.rate=4,"
                                     "cpu.burst.height=3,cpu.burst.length=30m,cpu.noise.sd=0.1,cpu.spread=0",
                                     6);
    struct alm_fit_usage *f = fit_of(t);
    expect_near("units", f->resource[ALM_CPU].burst_units, 0.25, 0.02);
    expect_near("rate", f->resource[ALM_CPU].burst_rate, 4, 0.8);
    alm_trace_close(t);
    free(f);
}

/* Rates 10 and 0.2 a second for 30 and 300 s in the mean. Dispersions and cv of gaps by integration of the covariance of the
 * rate and of the survival of a gap (midpoint and second-order Runge-Kutta, in another language). */
Test(fit_fleet, switching_rates)
{
    const struct alm__fit_mmpp m = {{10, 0.2}, {30, 300}};
    struct alm__dispersion d[] = {{60, 237.45667792566522, 1}, {3600, 394.8529854796988, 1}};
    struct alm__fit_mmpp found;
    expect_near("dispersion, a minute", alm__mmpp_dispersion(&m, 60), d[0].value, 1e-5 * d[0].value);
    expect_near("dispersion, an hour", alm__mmpp_dispersion(&m, 3600), d[1].value, 1e-5 * d[1].value);
    expect_near("cv of gaps", alm__mmpp_gap_cv(&m), 2.96336951949354, 1e-5);
    cr_assert_eq(alm__fit_mmpp(12.0 / 11, d, 2, 2.96336951949354, &found), ALM_OK);
    for (int i = 0; i < 2; i++) {
        expect_near("rate", found.rate[i], m.rate[i], 0.05 * m.rate[i]);
        expect_near("sojourn", found.sojourn[i], m.sojourn[i], 0.05 * m.sojourn[i]);
    }
    d[0].value = 0.9;
    cr_expect_eq(alm__fit_mmpp(1, d, 2, 1, &found), ALM_NOT_YET);
}

static void process_of(const char *text, char out[256])
{
    struct alm_err e = {0};
    struct alm_load l;
    struct alm_trace *t = make_trace("made.h5", text, 3);
    GOOD(alm_load_read(t, NULL, &l, &e));
    FILE *file = fopen("fit.yaml", "w+");
    GOOD(alm_fit_invocations_write(&l, "made.h5", file, &e));
    rewind(file);
    out[0] = '\0';
    while (fgets(out, 256, file) && strncmp(out, "arrival", 7) != 0)
        out[0] = '\0';
    fclose(file);
    alm_load_free(&l);
    alm_trace_close(t);
}

/* Eight days of these rates, by one code: some 2100 cycles, so rates and sojourns within a fifth. Independent gaps, a Poisson
 * process and a course of the day are not taken for it. */
Test(fit_fleet, arrivals_in_clusters)
{
    char line[256];
    double a = 0, b = 0, s = 0, q = 0;
    process_of("invocations:codes=1,duration=8d,arrival.rates=10/0.2,arrival.sojourns=30/300", line);
    cr_assert_eq(sscanf(line, "arrival: {process: mmpp, rates: [%lf, %lf], sojourns: [%lf, %lf]}", &a, &b, &s, &q), 4,
                 "%s", line);
    expect_near("busy rate", a, 10, 2);
    expect_near("quiet rate", b, 0.2, 0.1);
    expect_near("busy", s, 30, 6);
    expect_near("quiet", q, 300, 60);
    process_of("invocations:codes=3,duration=2d,arrival.rate=0.5", line);
    cr_expect_not_null(strstr(line, "process: poisson"), "%s", line);
    process_of("invocations:codes=1,duration=2d,arrival.law=gamma,arrival.mean=2,arrival.cv=3", line);
    cr_expect_not_null(strstr(line, "process: renewal"), "%s", line);
    process_of("invocations:codes=3,duration=2d,arrival.rate=1,arrival.amplitude=0.6,arrival.period=1d", line);
    cr_expect_not_null(strstr(line, "process: piecewise"), "%s", line);
}
