/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_report: what the benchmarks found, as a table and as JSON.
 *
 * Choice.   Best and median: the best is least disturbed by what else the machine did, the median says how much it was. The
 *           ratio is of the two bests.
 * Source.   Half-width of M/M/1: Daley, "The serial correlation coefficients of waiting times in a stationary single server
 *           queue", J. Austral. Math. Soc. 8 (1968). */
#include "cmd/bench_report.h"

#include "almanac/version.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef ALM_DEBUG
#define BUILD "debug"
#else
#define BUILD "release"
#endif

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct summary {
    double best, median; /* CPU seconds */
};

static struct summary summarise(const struct bench_report *r, const struct bench_trial *t, enum bench_side side)
{
    double sorted[BENCH_REPETITIONS];
    size_t n = r->repetitions;
    memcpy(sorted, t->cpu[side], n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_value);
    return (struct summary){sorted[0], 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2])};
}

static double ratio(const struct bench_report *r, const struct bench_trial *t)
{
    double ours = t->last[BENCH_ALMANAC].work / summarise(r, t, BENCH_ALMANAC).best;
    return ours / (t->last[BENCH_LOOP].work / summarise(r, t, BENCH_LOOP).best);
}

static void processor(char out[128])
{
    FILE *f = fopen("/proc/cpuinfo", "r");
    char line[256];
    snprintf(out, 128, "unknown");
    while (f && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        snprintf(out, 128, "%.120s", colon[1] == ' ' ? colon + 2 : colon + 1);
        out[strcspn(out, "\n")] = '\0';
        break;
    }
    if (f)
        fclose(f);
}

/* 99.9 % of the time the mean over so many customers is that near to theory. */
static double mm1_half_width(double customers)
{
    double rho = 0.9, free = 1 - rho;
    double variance = rho * (2 + 5 * rho - 4 * rho * rho + rho * rho * rho) / (free * free * free * free);
    return 3.29 * sqrt(variance / customers);
}

static bool is_hold(const struct bench_trial *t)
{
    return t->task.pending > 0;
}

static bool is_mm1(const struct bench_trial *t)
{
    return strcmp(t->model->name, "mm1") == 0;
}

static void print_speed(const struct bench_trial *t, double work, double seconds)
{
    if (is_hold(t))
        printf(" %9.1f ns", seconds / work * 1e9);
    else
        printf(" %8.2f M/s", work / seconds * 1e-6);
}

void bench_print_text(const struct bench_report *r)
{
    char cpu[128];
    processor(cpu);
    printf("almanac %s, %s build by %s, on %s, %ld cores\n", alm_version(), BUILD, COMPILER, cpu,
           sysconf(_SC_NPROCESSORS_ONLN));
    printf("processor time of %zu repetition%s%s\n\n", r->repetitions, r->repetitions == 1 ? "" : "s",
           r->alone ? "" : ", in turns with a plain C loop that does the same work");
    printf("%-14s %-24s %12s %12s", "", "", "best", "median");
    printf(r->alone ? "\n" : " %12s %12s %7s\n", "loop, best", "median", "ratio");
    for (size_t i = 0; i < r->trials; i++) {
        const struct bench_trial *t = &r->trial[i];
        char name[40], work[60];
        snprintf(name, sizeof name, is_hold(t) ? "%s %llu" : "%s", t->model->name, (unsigned long long)t->task.pending);
        snprintf(work, sizeof work, "%.0f %s", t->last[BENCH_ALMANAC].work, t->model->work);
        printf("%-14s %-24s", name, work);
        for (int side = 0; side < (r->alone ? 1 : BENCH_SIDES); side++) {
            struct summary s = summarise(r, t, (enum bench_side)side);
            print_speed(t, t->last[side].work, s.best);
            print_speed(t, t->last[side].work, s.median);
        }
        printf(r->alone ? "\n" : " %7.3f\n", ratio(r, t));
    }
    for (size_t i = 0; i < r->trials; i++)
        if (is_mm1(&r->trial[i]))
            printf("\nmm1: mean response %.3f s; theory 10 s, within %.2f s at 99.9 %%\n",
                   r->trial[i].last[BENCH_ALMANAC].answer, mm1_half_width((double)r->trial[i].task.work));
}

/* The figures of one side: "customers_per_s", or "ns_per_hold"; and "cpu_seconds". */
static json_t *side_json(const struct bench_report *r, const struct bench_trial *t, enum bench_side side)
{
    struct summary s = summarise(r, t, side);
    double work = t->last[side].work;
    char key[64], median[80];
    snprintf(key, sizeof key, is_hold(t) ? "ns_per_hold" : "%s_per_s", t->model->work);
    snprintf(median, sizeof median, "%s_median", key);
    return json_pack("{s:f, s:f, s:f, s:f, s:f}", key, is_hold(t) ? s.best / work * 1e9 : work / s.best, median,
                     is_hold(t) ? s.median / work * 1e9 : work / s.median, "cpu_seconds", s.best, "cpu_seconds_median",
                     s.median, t->model->answer, t->last[side].answer);
}

static json_t *trial_json(const struct bench_report *r, const struct bench_trial *t)
{
    json_t *out = side_json(r, t, BENCH_ALMANAC);
    json_object_set_new(out, t->model->work, json_integer((json_int_t)t->last[BENCH_ALMANAC].work));
    if (is_hold(t))
        json_object_set_new(out, "pending", json_integer((json_int_t)t->task.pending));
    if (is_mm1(t)) {
        json_object_set_new(out, "mean_response_theory_s", json_real(10));
        json_object_set_new(out, "mean_response_half_width_s", json_real(mm1_half_width((double)t->task.work)));
    }
    if (!r->alone) {
        json_object_set_new(out, "reference", side_json(r, t, BENCH_LOOP));
        json_object_set_new(out, "ratio", json_real(ratio(r, t)));
    }
    return out;
}

static json_t *results_json(const struct bench_report *r)
{
    json_t *list = json_array(), *rows = NULL;
    for (size_t i = 0; i < r->trials; i++) {
        const struct bench_trial *t = &r->trial[i];
        json_t *one = trial_json(r, t);
        if (!is_hold(t)) {
            json_object_set_new(one, "name", json_string(t->model->name));
            json_array_append_new(list, one);
            continue;
        }
        if (!rows) {
            rows = json_array();
            json_array_append_new(list, json_pack("{s:s, s:o}", "name", t->model->name, "rows", rows));
        }
        json_array_append_new(rows, one);
    }
    return list;
}

int bench_print_json(const struct bench_report *r, struct alm_err *e)
{
    char cpu[128];
    processor(cpu);
    json_t *out = json_pack("{s:s, s:s, s:{s:s, s:i, s:s, s:s}, s:i, s:s, s:o}", "schema", "almanac.bench/1", "version",
                            alm_version(), "machine", "cpu", cpu, "cores", (int)sysconf(_SC_NPROCESSORS_ONLN),
                            "compiler", COMPILER, "build", BUILD, "repetitions", (int)r->repetitions, "random",
                            "xoshiro256** and ziggurat, seed 42", "results", results_json(r));
    if (!out)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the JSON of benchmarks");
    json_dumpf(out, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(out);
    return ALM_OK;
}
