/* SPDX-License-Identifier: GPL-3.0-or-later
 * azure_functions_writer: one day in the format of Azure Functions 2019, at any size, made up.
 *
 * Meaning.  azure_functions_writer FOLDER FUNCTIONS DAY writes the three tables of a day (the memory table up to day 12, as
 *           published) and prints the number of calls in them. Rates of functions are log-normal over six orders of
 *           magnitude, a third are timers; most cells are 0, as in the published tables. One function in 50 has no
 *           durations, one application in 20 no memory.
 * Limits.   Its own random numbers: equal arguments give equal bytes on every machine with the same libm. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MINUTES = 1440 };

static uint64_t mix(uint64_t h)
{
    h += 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    return h ^ h >> 31;
}

static double uniform(uint64_t *state)
{
    *state = mix(*state);
    return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}

static double normal(uint64_t *state)
{
    double u = uniform(state), v = uniform(state);
    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

static void put_id(FILE *f, char kind, uint64_t number)
{
    for (uint64_t i = 0; i < 4; i++)
        fprintf(f, "%016" PRIx64, mix(mix(number * 4 + i) + (unsigned char)kind));
}

static void put_ids(FILE *f, uint64_t function, int with_function)
{
    uint64_t app = function / 2;
    put_id(f, 'o', app / 2);
    fputc(',', f);
    put_id(f, 'a', app);
    if (with_function) {
        fputc(',', f);
        put_id(f, 'f', function);
    }
}

/* Calls in a minute, of a mean of LAMBDA. */
static unsigned poisson(uint64_t *state, double lambda)
{
    if (lambda > 30) {
        double v = lambda + sqrt(lambda) * normal(state);
        return v < 0 ? 0 : (unsigned)(v + 0.5);
    }
    double p = exp(-lambda), sum = p, u = uniform(state);
    unsigned k = 0;
    while (u > sum && k < 200) {
        p *= lambda / ++k;
        sum += p;
    }
    return k;
}

static uint64_t put_counts(FILE *f, uint64_t function, uint64_t day)
{
    static const char *const triggers[] = {"http", "timer", "queue", "event", "storage", "orchestration", "others"};
    uint64_t own = mix(function), state = mix(function * 1000 + day), total = 0;
    int timer = function % 3 == 0;
    unsigned every = 1u + (unsigned)(own % 360);
    double rate = exp(-5.9 + 2.5 * normal(&own));
    put_ids(f, function, 1);
    fprintf(f, ",%s", triggers[timer ? 1 : (function % 7 == 1 ? 2 : function % 7)]);
    unsigned quiet = 0; /* minutes to the next call, where calls are rare */
    for (unsigned m = 0; m < MINUTES; m++) {
        unsigned calls = 0;
        if (timer)
            calls = m % every == 0;
        else if (rate > 0.5)
            calls = poisson(&state, fmin(rate, 2000) * (1 + 0.5 * sin(m * 0.00436)));
        else if (quiet == 0 && m > 0)
            calls = 1;
        if (!timer && rate <= 0.5)
            quiet = quiet > 0 ? quiet - 1 : (unsigned)fmin(-log(uniform(&state)) / rate, 1e6);
        total += calls;
        if (calls == 0)
            fputs(",0", f);
        else
            fprintf(f, ",%u", calls);
    }
    fputc('\n', f);
    return total;
}

static void put_percentiles(FILE *f, uint64_t *state, double median, double spread, const double *z, int n)
{
    double sigma = spread * uniform(state);
    for (int i = 0; i < n; i++)
        fprintf(f, ",%.1f", median * exp(sigma * z[i]));
    fputc('\n', f);
}

static FILE *create(const char *folder, const char *name, int day)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.anon.d%02d.csv", folder, name, day);
    FILE *f = fopen(path, "w");
    if (!f) {
        perror(path);
        exit(1);
    }
    return f;
}

static void put_durations(const char *folder, uint64_t functions, int day)
{
    static const double z[] = {-3, -2.3, -0.67, 0, 0.67, 2.3, 3};
    FILE *f = create(folder, "function_durations_percentiles", day);
    fputs("HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,percentile_Average_1,"
          "percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_99,"
          "percentile_Average_100\n",
          f);
    for (uint64_t i = 0; i < functions; i++) {
        uint64_t state = mix(i + 77);
        if (i % 50 == 49)
            continue;
        double median = exp(5 + 2 * normal(&state));
        put_ids(f, i, 1);
        fprintf(f, ",%.1f,100,%.0f,%.0f", median, median / 10, median * 10);
        put_percentiles(f, &state, median, 1.5, z, 7);
    }
    fclose(f);
}

static void put_memory(const char *folder, uint64_t functions, int day)
{
    static const double z[] = {-2.3, -1.6, -0.67, 0, 0.67, 1.6, 2.3, 3};
    FILE *f = create(folder, "app_memory_percentiles", day);
    fputs("HashOwner,HashApp,SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct1,AverageAllocatedMb_pct5,"
          "AverageAllocatedMb_pct25,AverageAllocatedMb_pct50,AverageAllocatedMb_pct75,AverageAllocatedMb_pct95,"
          "AverageAllocatedMb_pct99,AverageAllocatedMb_pct100\n",
          f);
    for (uint64_t i = 0; i < functions; i += 2) {
        uint64_t state = mix(i + 99);
        if (i / 2 % 20 == 19)
            continue;
        double median = exp(4.9 + 0.6 * normal(&state));
        put_ids(f, i, 0);
        fprintf(f, ",1000,%.1f", median);
        put_percentiles(f, &state, median, 0.3, z, 8);
    }
    fclose(f);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "azure_functions_writer FOLDER FUNCTIONS DAY\n");
        return 2;
    }
    uint64_t functions = strtoull(argv[2], NULL, 10), total = 0;
    int day = atoi(argv[3]);
    FILE *f = create(argv[1], "invocations_per_function_md", day);
    fputs("HashOwner,HashApp,HashFunction,Trigger", f);
    for (int m = 1; m <= MINUTES; m++)
        fprintf(f, ",%d", m);
    fputc('\n', f);
    for (uint64_t i = 0; i < functions; i++)
        total += put_counts(f, i, (uint64_t)day);
    if (fclose(f) != 0) {
        perror(argv[1]);
        return 1;
    }
    put_durations(argv[1], functions, day);
    if (day <= 12)
        put_memory(argv[1], functions, day);
    printf("%" PRIu64 "\n", total);
    return 0;
}
