/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of azure-functions-2019: is each counted call imported, once, in its minute, and joined to the durations of its
 * own function and the memory of its own application? Are draws what the percentiles say, and the same whatever the order
 * of files and whatever else is imported? Is a share of the calls a thinning of all of them? Is each cell of a wide row
 * read, however zeros lie around it? What is wrong, is it named with file and row?
 *
 * Statistical checks use fixed seeds and bounds of 4.9 standard errors: each would fail for one seed in a million. */
#include "almanac/stream.h"
#include "import_rig.h"

#include <math.h>

#define MINUTES 1440
#define DURATIONS                                                                                                      \
    "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,percentile_Average_1,"          \
    "percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_99,percentile_Average_100\n"
#define PCT "AverageAllocatedMb_pct"
#define MEMORY_OF(ids)                                                                                                 \
    ids "SampleCount,AverageAllocatedMb," PCT "1," PCT "5," PCT "25," PCT "50," PCT "75," PCT "95," PCT "99," PCT      \
        "100\n"
#define MEMORY MEMORY_OF("HashOwner,HashApp,")
#define SAME(x) x "," x "," x "," x "," x "," x "," x

static void put_header(FILE *f)
{
    fputs("HashOwner,HashApp,HashFunction,Trigger", f);
    for (int m = 1; m <= MINUTES; m++)
        fprintf(f, ",%d", m);
    fputc('\n', f);
}

/* A table of calls: lines of "ids and trigger: minute=count minute=count"; all other minutes are 0. Allocated. */
static char *table(const char *lines)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    put_header(f);
    while (*lines) {
        int cell[MINUTES] = {0}, minute, count, n;
        size_t ids = strcspn(lines, ":");
        fprintf(f, "%.*s", (int)ids, lines);
        for (lines += ids + 1; sscanf(lines, " %d=%d%n", &minute, &count, &n) == 2; lines += n)
            cell[minute - 1] = count;
        for (int m = 0; m < MINUTES; m++)
            fprintf(f, ",%d", cell[m]);
        fputc('\n', f);
        lines += *lines == '\n';
    }
    fclose(f);
    return text;
}

/* Import tables of calls (as for table()), durations and memory of day 1; NULL: not there. */
static struct memory_sink take(const char *choice, const char *calls, const char *durations, const char *memory)
{
    struct memory_sink m;
    struct alm_err e = {0};
    char *wide = table(calls);
    struct import_file file[IMPORT_FILES] = {{"calls.anon.d01.csv", wide}};
    size_t n = 1;
    if (durations)
        file[n++] = (struct import_file){"durations.anon.d01.csv", durations};
    if (memory)
        file[n++] = (struct import_file){"memory.anon.d01.csv", memory};
    cr_assert_eq(import_written(choice, file, &m, &e), ALM_OK, "%s", e.text);
    free(wide);
    return m;
}

static void expect(struct memory_sink m, const char *want)
{
    char *got = import_tell(&m);
    cr_expect_str_eq(got, want, "%s\nnot\n%s", got, want);
    free(got);
    memory_sink_free(&m);
}

Test(azure_functions_2019, calls_of_a_minute_with_what_is_known_of_them)
{
    static const char durations[] = DURATIONS "o,a,f,100,9,1,900," SAME("100") "\n";
    static const char memory[] = MEMORY "o,a,9,64," SAME("64") ",64\n";
    const char *even = "azure-functions-2019:placement=even";
    expect(take(even, "o,a,f,http: 1=2 1440=1", durations, memory),
           "a.f@15 duration=0.1 work=0.1 parallelism=1 memory=67108864 {trigger=http} | "
           "a.f@45 duration=0.1 work=0.1 parallelism=1 memory=67108864 {trigger=http} | "
           "a.f@86370 duration=0.1 work=0.1 parallelism=1 memory=67108864 {trigger=http}");
    expect(take("azure-functions-2019:placement=start,cpu_share=0.5", "o,a,f,: 3=2", durations, NULL),
           "a.f@120 duration=0.1 work=0.05 parallelism=0.5 | a.f@120 duration=0.1 work=0.05 parallelism=0.5");
    expect(take(even, "o,a,g,timer: 2=1", durations, memory), "a.g@90 parallelism=1 memory=67108864 {trigger=timer}");
    expect(take(even, "o,b,f,timer: 2=1", durations, memory), "b.f@90 parallelism=1 {trigger=timer}");
    expect(take(even, "p,a,f,timer: 2=1", durations, memory), "a.f@90 parallelism=1 {trigger=timer}");
}

/* The layout with a column HashFunction in the table of memory: memory of each function. */
Test(azure_functions_2019, memory_of_functions)
{
    static const char memory[] =
        MEMORY_OF("HashOwner,HashApp,HashFunction,") "o,a,f,9,64," SAME("64") ",64\no,a,g,9,1," SAME("1") ",1\n";
    expect(
        take("azure-functions-2019:placement=even", "o,a,f,http: 1=1\no,a,g,http: 1=1\no,a,h,http: 1=1", NULL, memory),
        "a.f@30 parallelism=1 memory=67108864 {trigger=http} | a.g@30 parallelism=1 memory=1048576 {trigger=http} | "
        "a.h@30 parallelism=1 {trigger=http}");
}

Test(azure_functions_2019, ids_of_64_digits_are_cut_in_names_alone)
{
#define HEX "0123456789abcdef"
    struct memory_sink m =
        take("azure-functions-2019", "o," HEX HEX HEX "fedcba9876543210," HEX HEX HEX HEX ",http: 1=1", NULL, NULL);
    cr_expect_str_eq(m.unit[0].name, HEX "." HEX);
    cr_expect_str_eq(m.unit[0].code, HEX HEX HEX HEX);
    memory_sink_free(&m);
    m = take("azure-functions-2019", "o," HEX HEX HEX "fedcba987654321," HEX ",http: 1=1", NULL, NULL);
    cr_expect_str_eq(m.unit[0].name, HEX HEX HEX "fedcba987654321." HEX);
    memory_sink_free(&m);
}

/* Days by the names of the files, in any order; what a day lacks is of the day before, and is said. */
Test(azure_functions_2019, days)
{
    char *one = table("o,a,f,http: 1=1"), *two = table("o,a,f,http: 1=1\no,a,g,http: 2=1");
    const struct import_file file[IMPORT_FILES] = {
        {"calls.d02.csv", two},
        {"durations.d01.csv", DURATIONS "o,a,f,1,1,1,1," SAME("1000") "\n"},
        {"durations.d02.csv", DURATIONS "o,a,g,1,1,1,1," SAME("3000") "\n"},
        {"calls.d01.csv", one},
    };
    static const struct {
        const char *choice, *want;
        unsigned older, unread;
    } cases[] = {
        {"azure-functions-2019:placement=even",
         "a.f@30 duration=1 work=1 parallelism=1 {trigger=http} | a.f@86430 duration=1 work=1 parallelism=1 "
         "{trigger=http}"
         " | a.g@86490 duration=3 work=3 parallelism=1 {trigger=http}",
         1, 0},
        {"azure-functions-2019:placement=even,first_day=2",
         "a.f@86430 duration=1 work=1 parallelism=1 {trigger=http} | a.g@86490 duration=3 work=3 parallelism=1 "
         "{trigger=http}",
         1, 1},
        {"azure-functions-2019:placement=even,days=1", "a.f@30 duration=1 work=1 parallelism=1 {trigger=http}", 0, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct memory_sink m;
        struct alm_err e = {0};
        cr_assert_eq(import_written(cases[i].choice, file, &m, &e), ALM_OK, "%s", e.text);
        cr_expect_eq(import_noted(&m, "those of an earlier day", ".d02.csv:2"), cases[i].older);
        cr_expect_eq(import_noted(&m, "not asked for", NULL), cases[i].unread);
        expect(m, cases[i].want);
    }
    free(one);
    free(two);
}

Test(azure_functions_2019, functions_that_are_left_out)
{
    const char *calls = "o,a,f,http: 1=1\no,a,g,http: 1=5 9=6\no,a,h,http: 7=9";
    static const struct {
        const char *choice;
        size_t calls, units;
    } cases[] = {
        {"azure-functions-2019", 21, 3},          {"azure-functions-2019:functions=2", 12, 2},
        {"azure-functions-2019:least=10", 11, 1}, {"azure-functions-2019:least=9", 20, 2},
        {"azure-functions-2019:share=1", 21, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct memory_sink m = take(cases[i].choice, calls, NULL, NULL);
        cr_expect_eq(m.invocations, cases[i].calls, "%s: %zu calls", cases[i].choice, m.invocations);
        cr_expect_eq(m.units, cases[i].units, "%s: %zu units", cases[i].choice, m.units);
        memory_sink_free(&m);
    }
}

/* ---- what is drawn ---- */

static double total(const struct memory_sink *m, enum alm_invocation_field field, double below)
{
    double n = 0;
    for (size_t i = 0; i < m->invocations; i++)
        n += m->invocation[i].value[field] < below;
    return n;
}

static void expect_share(double found, double n, double p, const char *what)
{
    cr_expect(fabs(found - n * p) < 4.9 * sqrt(n * p * (1 - p)), "%s: %g of %g, not %g of it", what, found, n, p);
}

/* Percentiles 1, 2, 4, ... 64 ms. Half way between p50 = 8 and p75 = 16 lies 8 sqrt 2 by logarithms, 12 by values. */
Test(azure_functions_2019, durations_are_drawn_from_the_percentiles)
{
    static const char durations[] = DURATIONS "o,a,f,9,9,1,900,1,2,4,8,16,32,64\n";
    static const double knot[][2] = {{2, 0.01}, {4, 0.25}, {8, 0.5}, {16, 0.75}, {32, 0.99}};
    const double n = 20000;
    for (int linear = 0; linear < 2; linear++) {
        struct memory_sink m = take(linear ? "azure-functions-2019:interpolation=linear" : "azure-functions-2019",
                                    "o,a,f,http: 600=20000", durations, NULL);
        for (size_t i = 0; i < 5; i++)
            expect_share(total(&m, ALM_INV_DURATION, knot[i][0] / 1000), n, knot[i][1], "below a percentile");
        expect_share(total(&m, ALM_INV_DURATION, (linear ? 12 : 8 * sqrt(2)) / 1000), n, 0.625, "half way");
        cr_expect_eq(total(&m, ALM_INV_DURATION, 0.001), 0);
        cr_expect_eq(total(&m, ALM_INV_DURATION, 0.0640001), n);
        memory_sink_free(&m);
    }
}

/* One value a minute for all functions of the application: 1440 draws of percentiles at 1, 5, 25, ... 100. */
Test(azure_functions_2019, memory_is_drawn_once_a_minute_for_the_application)
{
    static const char memory[] = MEMORY "o,a,9,64,1,2,4,8,16,32,64,128\n";
    char lines[2 * MINUTES * 12], *w = lines;
    for (int f = 0; f < 2; f++) {
        w += sprintf(w, "o,a,%c,http:", 'f' + f);
        for (int k = 1; k <= MINUTES; k++)
            w += sprintf(w, " %d=1", k);
        w += sprintf(w, "\n");
    }
    struct memory_sink m = take("azure-functions-2019", lines, NULL, memory);
    cr_assert_eq(m.invocations, 2 * MINUTES);
    for (size_t i = 0; i < MINUTES; i++)
        cr_expect_eq(m.invocation[i].value[ALM_INV_MEMORY], m.invocation[i + MINUTES].value[ALM_INV_MEMORY]);
    m.invocations = MINUTES;
    static const double knot[][2] = {{2, 0.05}, {4, 0.25}, {8, 0.5}, {16, 0.75}, {32, 0.95}};
    for (size_t i = 0; i < 5; i++)
        expect_share(total(&m, ALM_INV_MEMORY, knot[i][0] * 0x1p20), MINUTES, knot[i][1], "memory below a percentile");
    memory_sink_free(&m);
}

Test(azure_functions_2019, uniform_in_the_minute)
{
    struct memory_sink m = take("azure-functions-2019:seed=3", "o,a,f,http: 2=10000", NULL, NULL);
    double sum = 0, quarter = 0, n = 10000;
    for (size_t i = 0; i < m.invocations; i++) {
        double into = alm_seconds(m.invocation[i].arrival) - 60;
        cr_assert(into >= 0 && into < 60, "%g s", into);
        sum += into;
        quarter += into < 15;
    }
    cr_expect(fabs(sum / n - 30) < 4.9 * 60 / sqrt(12 * n), "mean %g s", sum / n);
    expect_share(quarter, n, 0.25, "in the first quarter");
    memory_sink_free(&m);
}

/* Calls of OTHER that are not among those of ALL, with time and duration: both in the order of minute and call. */
static size_t strangers(const struct memory_sink *all, const struct memory_sink *other)
{
    size_t k = 0, strange = 0;
    for (size_t i = 0; i < other->invocations; i++) {
        const struct alm_invocation *o = &other->invocation[i];
        while (k < all->invocations && (all->invocation[k].arrival != o->arrival ||
                                        all->invocation[k].value[ALM_INV_DURATION] != o->value[ALM_INV_DURATION]))
            k++;
        strange += k == all->invocations;
    }
    return strange;
}

Test(azure_functions_2019, a_share_is_a_thinning)
{
    static const char durations[] = DURATIONS "o,a,f,9,9,1,900,1,2,4,8,16,32,64\n";
    const char *calls = "o,a,f,http: 1=3000 5=1 6=1 7=1 1440=6997";
    struct memory_sink all = take("azure-functions-2019", calls, durations, NULL),
                       third = take("azure-functions-2019:share=0.3", calls, durations, NULL),
                       tenth = take("azure-functions-2019:share=0.1", calls, durations, NULL),
                       seed = take("azure-functions-2019:share=0.3,seed=2", calls, durations, NULL);
    cr_expect_eq(all.invocations, 10000);
    expect_share((double)third.invocations, 10000, 0.3, "a share of 0.3");
    expect_share((double)tenth.invocations, 10000, 0.1, "a share of 0.1");
    cr_expect_eq(strangers(&all, &third), 0);
    cr_expect_eq(strangers(&third, &tenth), 0);
    cr_expect_gt(strangers(&all, &seed), 0, "another seed must draw otherwise");
    cr_expect_not_null(strstr(third.report.assumed, "Of 10000 calls"), "%s", third.report.assumed);
    memory_sink_free(&all);
    memory_sink_free(&third);
    memory_sink_free(&tenth);
    memory_sink_free(&seed);
}

/* What is drawn for a function does not depend on which functions stand beside it, nor on where. */
Test(azure_functions_2019, functions_do_not_disturb_each_other)
{
    static const char durations[] = DURATIONS "o,a,f,9,9,1,900,1,2,4,8,16,32,64\no,a,g,9,9,1,900,1,2,4,8,16,32,64\n";
    struct memory_sink alone = take("azure-functions-2019", "o,a,f,http: 5=7 9=3", durations, NULL),
                       beside = take("azure-functions-2019", "o,a,g,http: 5=7\no,a,f,http: 5=7 9=3", durations, NULL);
    cr_assert_eq(alone.invocations, 10);
    cr_assert_eq(beside.invocations, 17);
    size_t equal = 0;
    for (size_t i = 0; i < 10; i++) {
        cr_expect_eq(alone.invocation[i].arrival, beside.invocation[i + 7].arrival);
        cr_expect_eq(alone.invocation[i].value[ALM_INV_DURATION], beside.invocation[i + 7].value[ALM_INV_DURATION]);
        equal += i < 7 && beside.invocation[i].arrival == beside.invocation[i + 7].arrival;
    }
    cr_expect_eq(equal, 0, "two functions must not have the same draws");
    memory_sink_free(&alone);
    memory_sink_free(&beside);
}

/* ---- the wide row ---- */

/* Rows of random cells, written in every way a number of calls may be written, against what was put. */
Test(azure_functions_2019, every_cell_is_read_however_zeros_lie_around_it)
{
    struct alm_stream r = alm_stream_open(5, 0, "cells");
    for (int round = 0; round < 60; round++) {
        unsigned cell[MINUTES], got[MINUTES] = {0};
        size_t size, calls = 0;
        char *text;
        FILE *f = open_memstream(&text, &size);
        put_header(f);
        fputs("o,a,f,http", f);
        for (int m = 0; m < MINUTES; m++) {
            static const char *const ways[] = {"%u", "%u", "%u", " %u", "%u ", "%u.0", "0%u", "+%u"};
            bool calm = alm_stream_below(&r, 64) > (uint64_t)round;
            cell[m] = calm ? 0 : (unsigned)alm_stream_below(&r, 12);
            calls += cell[m];
            fputc(',', f);
            fprintf(f, ways[calm ? 0 : alm_stream_below(&r, 8)], cell[m]);
        }
        fclose(f);
        struct memory_sink m;
        struct alm_err e = {0};
        const struct import_file file[IMPORT_FILES] = {{"calls.csv", text}};
        int code = import_written("azure-functions-2019", file, &m, &e);
        cr_assert(code == ALM_OK || calls == 0, "round %d: %s", round, e.text);
        for (size_t i = 0; i < m.invocations; i++)
            got[m.invocation[i].arrival / ALM_MINUTE]++;
        cr_expect(memcmp(cell, got, sizeof cell) == 0, "round %d", round);
        memory_sink_free(&m);
        free(text);
    }
}

/* ---- what is wrong, and where ---- */

/* A table whose only row ends in CELL at minute 3 and has COLUMNS counts. Allocated. */
static char *row_with(const char *cell, int columns)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    put_header(f);
    fputs("o,a,f,http", f);
    for (int m = 1; m <= columns; m++)
        fprintf(f, ",%s", m == 3 ? cell : "0");
    fputc('\n', f);
    fclose(f);
    return text;
}

Test(azure_functions_2019, wrong_cells)
{
    static const struct {
        const char *choice, *cell;
        int columns;
        const char *want;
    } cases[] = {
        {"", "x", 1440, "calls.csv:2: count 3 of 1440: `x`: not a number of calls; use bad=drop"},
        {"", "-1", 1440, "count 3 of 1440: `-1`: not a number of calls"},
        {"", "", 1440, "count 3 of 1440: ``: not a number of calls"},
        {"", "0.5", 1440, "`0.5`: not a number of calls"},
        {"", "NaN", 1440, "`NaN`: not a number of calls"},
        {"", "1e308", 1440, "`1e308`: too many calls to be believed (most=)"},
        {"", "1000001", 1440, "`1000001`: too many calls"},
        {"", "18446744073709551617", 1440, "too many calls"},
        {":most=5", "6", 1440, "`6`: too many calls"},
        {"", "1", 1439, "calls.csv:2: count 1440 of 1440: `0`: fewer counts than columns in the header"},
        {"", "1", 3, "fewer counts"},
        {"", "1", 0, "fewer counts"},
        {"", "1", 1441, "more counts than columns in the header"},
        {"", "1", 9000, "more counts than columns"},
        {":bad=drop", "x", 1440, "no calls"},
        {"", "0", 1440, "calls.csv: no calls: an invocations_per_function table"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char choice[80], *text = row_with(cases[i].cell, cases[i].columns);
        snprintf(choice, sizeof choice, "azure-functions-2019%s", cases[i].choice);
        const struct import_case c = {choice, {{"calls.csv", text}}, ALM_EDATA, {cases[i].want}};
        import_check(&c, i);
        free(text);
    }
}

Test(azure_functions_2019, a_wrong_row_is_dropped_when_asked)
{
    char *good = table("o,a,f,http: 1=2"), *wide;
    char *bad = row_with("-7", MINUTES);
    cr_assert(asprintf(&wide, "%s%s", good, strchr(bad, '\n') + 1) > 0);
    struct memory_sink m;
    struct alm_err e = {0};
    const struct import_file file[IMPORT_FILES] = {{"calls.csv", wide}};
    cr_assert_eq(import_written("azure-functions-2019:bad=drop", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.invocations, 2);
    cr_expect_eq(import_noted(&m, "not a number of calls", "calls.csv:3"), 1);
    memory_sink_free(&m);
    free(good);
    free(bad);
    free(wide);
}

Test(azure_functions_2019, what_is_mended_is_noted_with_its_row)
{
    static const char durations[] = DURATIONS "o,a,f,100,9,1,900,1,2,3,9,4,5,6\n"
                                              "o,a,g,50,9,,,,,,,,,\n"
                                              "o,a,h,,9,,,,,,,,,\n"
                                              "o,a,i,1,9,,,-1,NaN,1e300,2000,,,\n";
    struct memory_sink m =
        take("azure-functions-2019:placement=even",
             "o,a,f,http: 1=1\no,a,f,queue: 1=1\no,a,g,http: 1=1\no,a,h,http: 1=1\no,a,i,http: 1=1", durations, NULL);
    cr_expect_eq(import_noted(&m, "do not ascend", "durations.anon.d01.csv:2"), 1);
    cr_expect_eq(import_noted(&m, "the average taken", "durations.anon.d01.csv:3"), 1);
    cr_expect_eq(import_noted(&m, "neither percentiles nor an average", "durations.anon.d01.csv:4"), 1);
    cr_expect_eq(import_noted(&m, "outside of its range", "durations.anon.d01.csv:5"), 2);
    cr_expect_eq(import_noted(&m, "twice on one day", "calls.anon.d01.csv:3"), 1);
    cr_expect_eq(import_noted(&m, "without durations", "calls.anon.d01.csv:5"), 1);
    cr_expect_eq(import_noted(&m, "without memory", "calls.anon.d01.csv:2"), 5);
    cr_assert_eq(m.invocations, 5);
    cr_expect_eq(m.units, 4);
    cr_expect_eq(m.invocation[2].value[ALM_INV_DURATION], 0.05);
    cr_expect_eq(m.invocation[4].value[ALM_INV_DURATION], 2);
    memory_sink_free(&m);
}

Test(azure_functions_2019, wrong_files)
{
#define ROW "o,a,f,http,1,2\n"
#define IDS "HashOwner,HashApp,HashFunction,Trigger,"
#define HEX48 "0123456789abcdef0123456789abcdef0123456789abcdef"
    static const struct import_case cases[] = {
        {"azure-functions-2019",
         {{"a.csv", "a,b\n1,2\n"}},
         ALM_EDATA,
         {"a.csv: the header has `a`, `b`", "with Trigger"}},
        {"azure-functions-2019", {{"a.csv", ""}}, ALM_EDATA, {"a.csv: no calls"}},
        {"azure-functions-2019", {{"a.csv", IDS "1,2\n"}}, ALM_EDATA, {"a.csv: no calls"}},
        {"azure-functions-2019",
         {{"a.csv", IDS "1,x\n" ROW}},
         ALM_EDATA,
         {"a.csv:1: column `x`: is no minute", "1-288"}},
        {"azure-functions-2019", {{"a.csv", IDS "0,1\n" ROW}}, ALM_EDATA, {"a.csv:1: column `0`: is no minute"}},
        {"azure-functions-2019", {{"a.csv", IDS "1,1441\n" ROW}}, ALM_EDATA, {"column `1441`: is no minute"}},
        {"azure-functions-2019", {{"a.csv", IDS "2,1\n" ROW}}, ALM_EDATA, {"column `1`: does not come after"}},
        {"azure-functions-2019", {{"a.csv", IDS "1-5,5\n" ROW}}, ALM_EDATA, {"column `5`: does not come after"}},
        {"azure-functions-2019", {{"a.csv", IDS "5-1,6\n" ROW}}, ALM_EDATA, {"column `5-1`: is no minute"}},
        {"azure-functions-2019", {{"a.csv", IDS "1,\n" ROW}}, ALM_EDATA, {"column ``: is no minute"}},
        {"azure-functions-2019",
         {{"a.csv", "HashOwner,HashApp,HashFunction,Trigger\no,a,f,http\n"}},
         ALM_EDATA,
         {"a.csv:1: no columns of counts"}},
        {"azure-functions-2019",
         {{"a.csv", "HashOwner,HashApp,Trigger,1\no,a,http,1\n"}},
         ALM_EDATA,
         {"a.csv:1: no column `HashFunction`"}},
        {"azure-functions-2019",
         {{"a.csv", IDS "1,2\no,,f,http,1,2\n"}},
         ALM_EDATA,
         {"a.csv:2: column `HashApp`: ``: missing"}},
        {"azure-functions-2019", {{"a.d0.csv", IDS "1,2\n" ROW}}, ALM_EDATA, {"a.d0.csv: day 0"}},
        {"azure-functions-2019",
         {{"a.csv", IDS "1,2\n" ROW}, {"b.csv", DURATIONS "o,a,f,x,1,1,1,1,1,1,1,1,1,1\n"}},
         ALM_EDATA,
         {"b.csv:2: column `Average`: `x`: not a number"}},
        {"azure-functions-2019",
         {{"a.csv", IDS "1,2\n" ROW}, {"b.csv", "HashOwner,HashApp,AverageAllocatedMb\no,a,1\n"}},
         ALM_EDATA,
         {"b.csv:1: no column `AverageAllocatedMb_pct1`"}},
        {"azure-functions-2019",
         {{"a.csv", IDS "1\no,a," HEX48 "0000000000000000,http,1\no,a," HEX48 "0000000000000001,http,1\n"}},
         ALM_EDATA,
         {"a.csv:3: two functions share the name a.0123456789abcdef", "rename one"}},
        {"azure-functions-2019:sed=1",
         {{"a.csv", IDS "1,2\n" ROW}},
         ALM_EINVAL,
         {"unknown key `sed`", "did you mean `seed`?"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

/* Periods that are longer than a minute, and do not begin with the first. */
Test(azure_functions_2019, other_periods)
{
    static const struct import_case c = {"azure-functions-2019:placement=even",
                                         {{"a.csv", IDS "25,31-60\no,a,f,,1,3\n"}},
                                         ALM_OK,
                                         {"a.f@1470 parallelism=1 | a.f@2100 parallelism=1 | a.f@2700 parallelism=1 | "
                                          "a.f@3300 parallelism=1"}};
    import_check(&c, 0);
}
