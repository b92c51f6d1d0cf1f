/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: does an invocation need what the formulas say? Is a trace a function of specification and seed alone, and does
 * one part leave the others as they were? Are senseless specifications refused? */
#include "generated.h"
#include "scratch.h"
#include "traces/file/trace_file.h"
#include "traces/synthesis/spec.h"

#include <math.h>
#include <stdio.h>

#define FIXED                                                                                                          \
    "invocations:codes=1,duration=200s,arrival.law=deterministic,arrival.value=1,work.law=deterministic,work.value=2," \
    "memory.law=deterministic,memory.value=1Mi"

static double value(const struct memory_sink *m, size_t i, enum alm_invocation_field f)
{
    return generated_value(m, i, f);
}

Test(invocations, names_times_and_fields)
{
    struct memory_sink m;
    generated("invocations:codes=11,name=fn,duration=10s,start=2024-01-01T00:00:00Z,popularity=each,"
              "arrival.law=deterministic,arrival.value=2,io_read.law=deterministic,io_read.value=4Ki",
              1, &m);
    cr_assert(m.units == 11 && m.invocations == 11 * 4 && m.rows == 0);
    cr_expect_str_eq(m.unit[0].name, "fn-00");
    cr_expect_str_eq(m.unit[10].name, "fn-10");
    cr_expect_str_eq(m.unit[3].code, "fn-03");
    cr_expect(m.report.read == 44 && isnan(m.unit[3].cores));
    for (size_t i = 0; i < m.invocations; i++) {
        cr_assert_eq(m.invocation[i].arrival, (1704067200 + 2 * (alm_time)(i % 4 + 1)) * ALM_SECOND);
        cr_assert_eq(m.invocation[i].unit, i / 4);
        cr_assert(value(&m, i, ALM_INV_WORK) > 0 && value(&m, i, ALM_INV_MEMORY) > 0);
        double work = value(&m, i, ALM_INV_WORK) * 1e9, memory = value(&m, i, ALM_INV_MEMORY);
        cr_assert(fabs(work - nearbyint(work)) < 1e-3 && memory == floor(memory));
        cr_assert(value(&m, i, ALM_INV_IO_READ) == 4096 && value(&m, i, ALM_INV_PARALLELISM) == 1);
        cr_assert(isnan(value(&m, i, ALM_INV_NET_RX)) && isnan(value(&m, i, ALM_INV_SEQUENCE)) &&
                  isnan(value(&m, i, ALM_INV_DURATION)));
    }
    memory_sink_free(&m);
}

/* Arrivals, and amounts that are not NaN, of the invocations both have; units compared by name. */
static void same(const char *what, const char *a_text, const char *b_text, size_t least)
{
    struct memory_sink a, b;
    generated(a_text, 5, &a);
    generated(b_text, 5, &b);
    size_t seen = 0, k = 0;
    for (size_t i = 0; i < a.invocations; i++) {
        const char *name = a.unit[a.invocation[i].unit].name;
        while (k < b.invocations && strncmp(b.unit[b.invocation[k].unit].name, name, strlen(name)) != 0)
            k++;
        cr_assert_lt(k, b.invocations, "%s: too few of %s", what, name);
        cr_assert_eq(a.invocation[i].arrival, b.invocation[k].arrival, "%s: arrival %zu of %s", what, i, name);
        for (size_t f = 0; f < ALM_INVOCATION_FIELDS; f++) {
            double x = a.invocation[i].value[f], y = b.invocation[k].value[f];
            cr_assert(isnan(x) || x == y, "%s: field %zu of %s: %g and %g", what, f, name, x, y);
        }
        k++;
        seen++;
        if (i + 1 < a.invocations && a.invocation[i + 1].unit != a.invocation[i].unit)
            k = 0;
    }
    cr_assert_geq(seen, least, "%s: %zu compared", what, seen);
    memory_sink_free(&a);
    memory_sink_free(&b);
}

#define BASE                                                                                                           \
    "invocations:duration=600s,popularity=each,arrival.rate=1,input1.name=size,input1.law=exponential,input1.mean=3"

Test(invocations, a_part_leaves_the_others_as_they_were)
{
    same("more codes", BASE ",codes=2", BASE ",codes=9", 1000);
    same("longer", BASE ",codes=2,duration=300s", BASE ",codes=2", 500);
    same("network", BASE ",codes=2",
         BASE ",codes=2,net_rx.law=exponential,net_rx.mean=1k,net_rx.on=size,"
              "net_rx.effect=linear,net_rx.slope=2",
         1000);
    same("another input", BASE ",codes=2", BASE ",codes=2,input2.name=kind,input2.words=a/b", 1000);
    same("an input less", "invocations:duration=600s,popularity=each,arrival.rate=1,codes=2", BASE ",codes=2", 1000);
    same("phases of equal factors", BASE ",codes=2", BASE ",codes=2,sequence.work=1/1/1,sequence.memory=1/1/1", 1000);
    same("versions", BASE ",codes=2", BASE ",codes=2,version.at=1us", 1000);
    same("drift of memory", BASE ",codes=2,memory.law=none", BASE ",codes=2,drift.memory=5,spread.memory=3", 1000);
    same("parallelism", BASE ",codes=2,parallelism.law=none",
         BASE ",codes=2,parallelism.law=discrete,parallelism.values=1/4", 1000);
}

Test(invocations, the_seed_decides)
{
    struct memory_sink a, b, c;
    generated(BASE, 1, &a);
    generated(BASE, 1, &b);
    generated(BASE, 2, &c);
    cr_expect_eq(generated_digest(&a), generated_digest(&b));
    cr_expect_neq(generated_digest(&a), generated_digest(&c));
    memory_sink_free(&a);
    memory_sink_free(&b);
    memory_sink_free(&c);
}

/* The fold of everything in two traces that use each part. A change moves published traces: see CONTRIBUTING. */
Test(invocations, golden)
{
    struct memory_sink m;
    generated("invocations:codes=4,duration=1h,zipf=1.1,arrival.rates=0.2/2,arrival.sojourns=120/30,batch.law=discrete,"
              "batch.values=1/2,work.law=gamma,work.mean=0.3,work.cv=0.7,work.on=size,work.effect=power,work.slope=0.5,"
              "work.power=0.6,memory.law=weibull,memory.shape=1.5,memory.scale=64Mi,io_read.law=bounded-pareto,"
              "io_read.min=1Ki,io_read.max=1Gi,io_read.shape=1.1,net_tx.law=hyperexponential,net_tx.p=0.9,"
              "net_tx.mean1=1k,net_tx.mean2=1M,input1.name=size,input1.law=lognormal,input1.mean=4,input1.cv=1,"
              "input3.name=kind,input3.words=x/y/z,input3.weights=1/2/3,spread.work=0.4,sequence.length=3,"
              "sequence.stay=0.2,version.at=40m,version.work=1.5,drift.memory=10%",
              42, &m);
    cr_expect_eq(generated_digest(&m), UINT64_C(0xbfe067646ff4a7f3), "digest 0x%016llx of %zu invocations",
                 (unsigned long long)generated_digest(&m), m.invocations);
    memory_sink_free(&m);
}

static void each_work(const char *text, double (*want)(size_t i, double x))
{
    struct memory_sink m;
    char full[1024];
    snprintf(full, sizeof full, "%s,%s", FIXED, text);
    generated(full, 7, &m);
    cr_assert_geq(m.invocations, 199);
    for (size_t i = 0; i < m.invocations; i++) {
        double expected = want(i, m.inputs ? m.value[i * m.inputs] : 0);
        cr_assert(fabs(value(&m, i, ALM_INV_WORK) - expected) < 1e-9, "%s: %zu: work %.12g, expected %.12g", text, i,
                  value(&m, i, ALM_INV_WORK), expected);
    }
    memory_sink_free(&m);
}

static double linear(size_t i, double x)
{
    (void)i;
    return 2 * fmax(0, -1 + 0.5 * x);
}

static double power(size_t i, double x)
{
    (void)i;
    return 2 * (1 + 3 * x * x);
}

static double piecewise(size_t i, double x)
{
    (void)i;
    return 2 * (x < 1 ? 10 : x < 3 ? 10 + (x - 1) * 5 : x < 4 ? 20 - (x - 3) * 20 : 0);
}

static double category(size_t i, double x)
{
    static const double level[] = {5, 0.25, 1};
    (void)i;
    return 2 * level[(int)x];
}

static double phases(size_t i, double x)
{
    static const double factor[] = {1, 4, 0.5};
    (void)x;
    return 2 * factor[i % 3];
}

static double versions(size_t i, double x)
{
    (void)x;
    return i + 1 >= 100 ? 6 : 2;
}

static double drifting(size_t i, double x)
{
    (void)x;
    return 2 * (1 + 86.4 * (double)(i + 1) / 86400);
}

Test(invocations, work_is_what_the_formulas_say)
{
    each_work("input1.name=x,input1.law=uniform,input1.max=5,work.on=x,work.effect=linear,work.intercept=-1,"
              "work.slope=0.5",
              linear);
    each_work("input1.name=x,input1.law=uniform,input1.max=5,work.on=x,work.effect=power,work.intercept=1,"
              "work.slope=3,work.power=2",
              power);
    each_work("input1.name=x,input1.law=uniform,input1.max=5,work.on=x,work.effect=piecewise,work.knots=1/3/4,"
              "work.levels=10/20/0",
              piecewise);
    each_work("input1.name=x,input1.words=a/b/c,work.on=x,work.effect=category,work.levels=5/0.25/1", category);
    each_work("sequence.work=1/4/0.5", phases);
    each_work("version.at=100s,version.work=3", versions);
    each_work("drift.work=86.4", drifting);
}

Test(invocations, versions_are_units_and_codes_of_their_own)
{
    struct memory_sink m;
    generated(FIXED ",version.at=100s,version.memory=2", 1, &m);
    cr_assert_eq(m.units, 2);
    cr_expect_str_eq(m.unit[0].name, "code-0@v1");
    cr_expect_str_eq(m.unit[1].code, "code-0@v2");
    for (size_t i = 0; i < m.invocations; i++) {
        cr_assert_eq(m.invocation[i].unit, i + 1 >= 100);
        cr_assert_eq(value(&m, i, ALM_INV_MEMORY), i + 1 >= 100 ? 0x2p20 : 0x1p20);
    }
    memory_sink_free(&m);
}

Test(invocations, phases_in_order)
{
    struct memory_sink m;
    generated(FIXED ",codes=2,popularity=each,sequence.length=5", 1, &m);
    for (size_t i = 0; i < m.invocations; i++) {
        size_t k = i % 199;
        cr_assert_eq(value(&m, i, ALM_INV_SEQUENCE), (double)(k % 5));
        cr_assert_eq(value(&m, i, ALM_INV_WORK), value(&m, i - k + k % 5, ALM_INV_WORK));
    }
    cr_expect_neq(value(&m, 0, ALM_INV_WORK), value(&m, 1, ALM_INV_WORK));
    cr_expect_neq(value(&m, 0, ALM_INV_WORK), value(&m, 199, ALM_INV_WORK));
    memory_sink_free(&m);
}

TestSuite(invocations_file, .init = scratch_enter, .fini = scratch_leave);

/* Row k of the file is the number of arrivals in minute k. */
Test(invocations_file, counts)
{
    static const size_t count[] = {3, 0, 500, 1};
    size_t seen[5] = {0};
    struct memory_sink m;
    FILE *f = fopen("counts.csv", "w");
    cr_assert(f && fputs("minute,count\n0,3\n1,0\n2,500\n3,1\n", f) >= 0 && fclose(f) == 0);
    generated("invocations:codes=1,duration=1d,start=30s,arrival.counts=counts.csv,arrival.counts_column=count,"
              "arrival.step=1m",
              3, &m);
    for (size_t i = 0; i < m.invocations; i++) {
        alm_time minute = (m.invocation[i].arrival - 30 * ALM_SECOND) / ALM_MINUTE;
        cr_assert(minute >= 0 && minute < 4);
        cr_assert(i == 0 || m.invocation[i].arrival >= m.invocation[i - 1].arrival);
        seen[minute]++;
    }
    for (size_t k = 0; k < 4; k++)
        cr_expect_eq(seen[k], count[k], "minute %zu: %zu", k, seen[k]);
    memory_sink_free(&m);
}

/* A trace file in place of the table: the same counts come from its invocations, of all units or of one. */
Test(invocations_file, counts_of_a_trace)
{
    static const struct {
        const char *column;
        size_t count[4];
    } cases[] = {{"", {4, 0, 2, 1}}, {",arrival.counts_column=b", {2, 0, 1, 0}}};
    struct alm_trace_writer *w;
    struct alm_err e = {0};
    GOOD(alm_trace_create("t.h5", &(struct alm_trace_info){.title = "counts"}, &w, &e));
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    static const int second[] = {185, 5, 20, 20, 59, 130, 170}; /* every other one of unit a */
    for (size_t i = 0; i < 7; i++) {
        struct alm_unit unit = {.name = {i % 2 ? 'b' : 'a'}, .cores = (double)NAN, .memory = (double)NAN};
        struct alm_invocation call = alm_invocation_at(second[i] * ALM_SECOND, 0);
        GOOD(sink->unit(sink, &unit, &call.unit, &e));
        GOOD(sink->invocations(sink, &call, NULL, 1, &e));
    }
    GOOD(alm_trace_commit(w, &e));
    alm_trace_writer_close(w);
    for (size_t i = 0; i < 2; i++) {
        char choice[200];
        size_t seen[5] = {0};
        struct memory_sink m;
        snprintf(choice, sizeof choice, "invocations:codes=1,duration=1d,arrival.counts=t.h5,arrival.step=1m%s",
                 cases[i].column);
        generated(choice, 3, &m);
        for (size_t k = 0; k < m.invocations; k++)
            seen[m.invocation[k].arrival / ALM_MINUTE % 5]++;
        for (size_t k = 0; k < 4; k++)
            cr_expect_eq(seen[k], cases[i].count[k], "case %zu, minute %zu: %zu", i, k, seen[k]);
        memory_sink_free(&m);
    }
}

/* The resolved options, which a trace stores, make the same trace. */
Test(invocations, printed_options_make_the_same_trace)
{
    static char text[16384], again[16384 + 16];
    struct alm_choice choice;
    struct alm_err e = {0};
    struct memory_sink a, b;
    cr_assert_eq(alm_choice_parse(ALM_GENERATOR, BASE ",work.law=erlang,work.shape=3,work.mean=0.1", &choice, &e),
                 ALM_OK);
    cr_assert_eq(alm_options_text(choice.module->opts, choice.opt, text, sizeof text, &e), ALM_OK, "%s", e.text);
    cr_expect_lt(strlen(text), 10000, "%zu bytes of options: near the end of what a command can hold", strlen(text));
    alm_choice_free(&choice);
    snprintf(again, sizeof again, "invocations:%s", text);
    generated(BASE ",work.law=erlang,work.shape=3,work.mean=0.1", 9, &a);
    generated(again, 9, &b);
    cr_expect_eq(generated_digest(&a), generated_digest(&b));
    memory_sink_free(&a);
    memory_sink_free(&b);
}

Test(invocations, refused)
{
    static const struct {
        const char *text, *want;
    } bad[] = {
        {"start=soon", "start: `soon` is neither a date"},
        {"start=2200-01-01T00:00:00Z,duration=30000d", "pass the year"},
        {"name=", "name: write 1 to"},
        {"work.mean=1", "work.mean is given, but work.law is default"},
        {"work.law=exponential,work.mean=1,work.on=size,work.effect=linear,work.slope=1", "there is no input `size`"},
        {"input1.name=a,input1.law=uniform,input1.max=1,work.on=b,work.effect=linear,work.slope=1",
         "there is no input `b`; there are a"},
        {"input1.name=a,input1.words=x/y,work.on=a,work.effect=linear,work.slope=1", "which takes effect category"},
        {"input1.name=a,input1.words=x/y,work.on=a,work.effect=category,work.levels=1",
         "2 are needed, one for each word"},
        {"input1.name=a,input1.law=uniform,input1.max=1,work.on=a,work.effect=piecewise,work.knots=2/1,work.levels=1/1",
         "they must ascend"},
        {"work.on=a", "work.on=a needs work.effect"},
        {"work.slope=2", "work.slope is given, but work.effect is none"},
        {"io_read.on=a,io_read.effect=linear,io_read.slope=1,input1.name=a,input1.law=uniform,input1.max=1",
         "io_read has no law"},
        {"input1.law=uniform,input1.max=1", "input1.name is missing"},
        {"input1.name=a", "has neither a law nor words"},
        {"input1.name=a,input1.words=x/x", "`x` is there twice"},
        {"input1.name=a,input1.words=x//y", "an empty word"},
        {"input1.name=a,input1.words=x/y,input1.weights=1", "1 numbers for 2 words"},
        {"input1.name=a,input1.words=x,input1.law=uniform,input1.max=1", "both words and a law"},
        {"input1.name=a,input1.words=x,input2.name=a,input2.words=y", "the name of another input"},
        {"sequence.length=3,sequence.work=1/2", "2 numbers for 3 phases"},
        {"sequence.stay=0.5", "say sequence.length"},
        {"version.work=2", "version.at is missing"},
        {"arrival.mean=2", "arrival.mean is given, but arrival.law is default"},
        {"arrival.process=poisson", "arrival.rate is missing or 0: arrivals of process poisson need it"},
        {"arrival.rate=1,arrival.step=1s", "arrival.step is not a parameter of process poisson"},
        {"arrival.period=1d", "arrival.period alone does not make a process"},
        {"arrival.rate=1,arrival.amplitude=0.5", "arrival.period is missing or 0: arrivals of process sinusoidal"},
        {"arrival.rates=1/2,arrival.sojourns=1", "one of each"},
        {"arrival.rates=0/0,arrival.step=1s", "all 0"},
        {"arrival.law=deterministic", "the mean gap is 0 s"},
        {"arrival.law=none", "arrival.law is none"},
        {"batch.law=exponential", "batch.mean is missing"},
        {"codes=0", "codes"},
        {"wrok.law=none", "did you mean `work.law`?"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct memory_sink m;
        struct alm_err e = {0};
        char text[512];
        snprintf(text, sizeof text, "invocations:duration=10s,%s", bad[i].text);
        cr_expect_eq(generated_try(text, 1, &m, &e), ALM_EINVAL, "%s", text);
        cr_expect_not_null(strstr(e.text, bad[i].want), "%s: %s", text, e.text);
        memory_sink_free(&m);
    }
    struct memory_sink m;
    struct alm_err e = {0};
    cr_expect_eq(generated_try("invocations:arrival.counts=missing.csv,arrival.step=1m", 1, &m, &e), ALM_EDATA);
    cr_expect_not_null(strstr(e.text, "generator invocations: arrival.counts: missing.csv"), "%s", e.text);
    memory_sink_free(&m);
}

Test(invocations, can_be_interrupted)
{
    struct alm_choice choice;
    struct memory_sink m;
    struct alm_err e = {0};
    const volatile int stop = 1;
    memory_sink_init(&m);
    m.sink.stop = &stop;
    cr_assert_eq(alm_choice_parse(ALM_GENERATOR, "invocations", &choice, &e), ALM_OK);
    cr_expect_eq(((const struct alm_generator_ops *)choice.module)->run(choice.opt, 1, &m.sink, &e), ALM_EINTR);
    alm_choice_free(&choice);
    memory_sink_free(&m);
}
