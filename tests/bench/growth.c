/* SPDX-License-Identifier: GPL-3.0-or-later
 * growth: what generate and import need when the work is 1, 4 and 16 times as large: memory should not grow with it.
 *
 * Meaning.  The peak is that of the whole process (VmHWM). `import` measures one table of 250 MB, thrice.
 * Limits.   --full imports twenty tables of 1 GB in one command; since an import names its files, they lie on the disk
 *           for that time: 20 GB, and 7 GB of sorting. */
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEADER "time,unit,cpu,memory,io_read,io_write"
#define TABLES 20
#define START 1700000000

static void print_use(const char *name, double size, const struct bench_use *use, bool first)
{
    if (first)
        printf("{\"schema\":\"almanac.bench/1\",\"name\":\"memory\",\"unit\":\"MB\",\"rows\":[");
    else
        putchar(',');
    printf("{\"subject\":\"%s\",\"size\":%.6g,\"peak_mb\":%.4g,\"seconds\":%.4g,\"cpu_seconds\":%.4g}", name, size,
           use->peak_mb, use->seconds, use->cpu_seconds);
    fprintf(stderr, "%-34s %10.1f %10.1f %10.2f\n", name, size, use->peak_mb, use->cpu_seconds);
}

static int import(const struct bench_options *o, const char *const *table, size_t count, struct bench_use *use,
                  struct alm_err *e)
{
    char out[512];
    const char *argv[TABLES + 8] = {o->almanac, "import", "csv"};
    size_t n = 3;
    for (size_t i = 0; i < count; i++)
        argv[n++] = table[i];
    argv[n++] = "-o";
    argv[n++] = bench_path(o, "imported.h5", out);
    int code = bench_child(argv, use, e);
    unlink(out);
    return code;
}

static int grow_generate(const struct bench_options *o, int times, bool first, struct alm_err *e)
{
    char out[512], spec[80];
    struct bench_use use;
    snprintf(spec, sizeof spec, "usage:units=100,duration=%dd", 30 * times);
    const char *const argv[] = {o->almanac, "generate", "-q", spec, "-o", bench_path(o, "made.h5", out), NULL};
    int code = bench_child(argv, &use, e);
    double mb = bench_file_mb(out);
    unlink(out);
    ALM_TRY(code);
    print_use("generate usage (MB of trace)", mb, &use, first);
    return 0;
}

static int grow_import(const struct bench_options *o, int times, struct alm_err *e)
{
    char path[512];
    const char *const table[] = {bench_path(o, "usage.csv", path)};
    const struct bench_csv csv = {path, HEADER, 25.0 * times, 200, 4, START};
    struct bench_use use;
    ALM_TRY(bench_write_csv(&csv, e));
    int code = import(o, table, 1, &use, e);
    double mb = bench_file_mb(path);
    unlink(path);
    ALM_TRY(code);
    print_use("import csv (MB of text)", mb, &use, false);
    return 0;
}

static int import_many(const struct bench_options *o, struct alm_err *e)
{
    char path[TABLES][512], name[32];
    const char *table[TABLES];
    struct bench_use use;
    double mb = 0;
    int code = 0;
    for (int i = 0; i < TABLES; i++) {
        snprintf(name, sizeof name, "usage-%02d.csv", i);
        table[i] = bench_path(o, name, path[i]);
        const struct bench_csv csv = {path[i], HEADER, 1000, 200, 4, START + i * (int64_t)100000000};
        if (code == 0)
            code = bench_write_csv(&csv, e);
        mb += bench_file_mb(path[i]);
    }
    if (code == 0)
        code = import(o, table, TABLES, &use, e);
    for (int i = 0; i < TABLES; i++)
        unlink(path[i]);
    ALM_TRY(code);
    print_use("import csv, many files (MB of text)", mb, &use, false);
    return 0;
}

int bench_memory(const struct bench_options *o, struct alm_err *e)
{
    fprintf(stderr, "\npeak memory\n%-34s %10s %10s %10s\n", "", "size", "peak MB", "CPU s");
    for (int times = 1; times <= 16; times *= 4)
        ALM_TRY(grow_generate(o, times, times == 1, e));
    for (int times = 1; times <= 16; times *= 4)
        ALM_TRY(grow_import(o, times, e));
    if (o->full)
        ALM_TRY(import_many(o, e));
    printf("]}\n");
    return 0;
}

struct whole {
    const struct bench_options *options;
    char path[512];
    double mb;
};

static int run_import(void *ctx, double *amount, struct alm_err *e)
{
    struct whole *w = ctx;
    const char *const table[] = {w->path};
    struct bench_use use;
    *amount = w->mb;
    return import(w->options, table, 1, &use, e);
}

int bench_import(const struct bench_options *o, struct alm_err *e)
{
    struct whole w = {.options = o};
    const struct bench_csv csv = {bench_path(o, "usage.csv", w.path), HEADER, 250, 200, 4, START};
    ALM_TRY(bench_write_csv(&csv, e));
    w.mb = bench_file_mb(w.path);
    struct bench_subject subject = {.name = "almanac import csv", .run = run_import, .ctx = &w};
    int code = bench_take_turns(&subject, 1, e);
    unlink(w.path);
    ALM_TRY(code);
    bench_print("import of a table, all of it", "MB/s", &subject, 1);
    return 0;
}
