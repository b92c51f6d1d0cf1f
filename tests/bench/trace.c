/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace: all rows of a trace file through the trace reader, and the same datasets through H5Dread, in the same blocks.
 *
 * Meaning.  Three columns (time, cpu, memory) of 96 units. Ours checks every value and adds spans; theirs only unpacks.
 * Choice.   HDF5 as anybody would open it: default chunk cache, types as they are stored. The checksums of both must be
 *           equal. */
#include "bench.h"
#include "traces/file/trace_file.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNITS 96
#define ROWS 80000
#define COLUMNS 3

struct trace {
    char path[512];
    size_t block;
    double ours, theirs;
    int64_t *time, *memory;
    alm_time *span;
    double *cpu, *bytes;
};

static int write_unit(struct alm_trace_sink *sink, uint32_t unit, uint64_t *state, struct alm_err *e)
{
    struct alm_trace_row row[1000];
    double none = (double)NAN;
    for (int64_t k = 0; k < ROWS; k += 1000) {
        for (int64_t i = 0; i < 1000; i++) {
            *state = *state * 6364136223846793005u + 1442695040888963407u;
            double noise = (double)(*state >> 40) / 16777216.0;
            double level = 1 + sin((double)(k + i) / 46);
            row[i] = (struct alm_trace_row){
                (1700000000 + 300 * (k + i)) * ALM_SECOND,
                {level * noise, floor(4096 * floor(1e5 * level + 50 * noise)), none, none, none, none}};
        }
        ALM_TRY(sink->rows(sink, unit, row, 1000, e));
    }
    return 0;
}

static int write_trace(const char *path, struct alm_err *e)
{
    struct alm_trace_writer *w = NULL;
    const struct alm_trace_info info = {.title = "made for a benchmark", .memory_budget = (size_t)1 << 30};
    ALM_TRY(alm_trace_create(path, &info, &w, e));
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint64_t state = 1;
    int code = 0;
    for (int u = 0; u < UNITS && code == 0; u++) {
        struct alm_unit unit = {.cores = 4, .memory = (double)NAN};
        uint32_t number;
        snprintf(unit.name, sizeof unit.name, "unit-%02d", u);
        code = sink->unit(sink, &unit, &number, e);
        if (code == 0)
            code = write_unit(sink, number, &state, e);
    }
    if (code == 0)
        code = alm_trace_commit(w, e);
    alm_trace_writer_close(w);
    return code;
}

static int run_ours(void *ctx, double *amount, struct alm_err *e)
{
    struct trace *t = ctx;
    struct alm_trace *trace = NULL;
    double sum = 0;
    ALM_TRY(alm_trace_open(t->path, &trace, e));
    const struct alm_demand *d = alm_trace_demand(trace);
    const struct alm_demand_rows rows = {.at = t->time, .span = t->span, .value = {t->cpu, t->bytes}};
    int code = 0;
    for (size_t u = 0; u < d->units && code == 0; u++)
        for (uint64_t first = 0; first < d->rows[u] && code == 0; first += t->block) {
            size_t n = d->rows[u] - first < t->block ? (size_t)(d->rows[u] - first) : t->block;
            code = d->read(d, u, first, n, &rows, e);
            sum += t->cpu[n / 2] + t->bytes[n / 2] + (double)(t->time[n / 2] / ALM_SECOND);
        }
    alm_trace_close(trace);
    t->ours = sum;
    *amount = 1e-6 * COLUMNS * UNITS * ROWS;
    return code;
}

static bool read_set(hid_t set, hid_t type, uint64_t first, size_t n, void *out)
{
    hsize_t start = first, count = n;
    hid_t source = H5Dget_space(set), target = H5Screate_simple(1, &count, NULL);
    bool good = H5Sselect_hyperslab(source, H5S_SELECT_SET, &start, NULL, &count, NULL) >= 0 &&
                H5Dread(set, type, target, source, H5P_DEFAULT, out) >= 0;
    H5Sclose(source);
    H5Sclose(target);
    return good;
}

static int run_hdf5(void *ctx, double *amount, struct alm_err *e)
{
    struct trace *t = ctx;
    hid_t file = H5Fopen(t->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t time = H5Dopen2(file, "/usage/time", H5P_DEFAULT), cpu = H5Dopen2(file, "/usage/cpu", H5P_DEFAULT),
          memory = H5Dopen2(file, "/usage/memory", H5P_DEFAULT);
    double sum = 0;
    bool good = true;
    for (int u = 0; u < UNITS; u++)
        for (uint64_t first = 0; first < ROWS && good; first += t->block) {
            size_t n = ROWS - first < t->block ? (size_t)(ROWS - first) : t->block;
            uint64_t at = (uint64_t)u * ROWS + first;
            good = read_set(time, H5T_NATIVE_INT64, at, n, t->time) &&
                   read_set(cpu, H5T_NATIVE_DOUBLE, at, n, t->cpu) &&
                   read_set(memory, H5T_NATIVE_INT64, at, n, t->memory);
            sum += t->cpu[n / 2] + (double)t->memory[n / 2] + (double)(t->time[n / 2] / ALM_SECOND);
        }
    H5Dclose(time);
    H5Dclose(cpu);
    H5Dclose(memory);
    H5Fclose(file);
    t->theirs = sum;
    *amount = 1e-6 * COLUMNS * UNITS * ROWS;
    return good ? 0 : alm_fail(e, ALM_EIO, "%s: H5Dread failed", t->path);
}

static int compare(struct trace *t, struct alm_err *e)
{
    static const size_t blocks[] = {1024, 8192, 65536};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct bench_subject subject[] = {{.name = "H5Dread", .run = run_hdf5, .ctx = t},
                                          {.name = "almanac: checked rows", .run = run_ours, .ctx = t}};
        t->block = blocks[i];
        ALM_TRY(bench_take_turns(subject, 2, e));
        if (t->ours > t->theirs || t->ours < t->theirs)
            return alm_fail(e, ALM_EDATA, "the sums differ: %.17g and %.17g", t->ours, t->theirs);
        char name[80];
        snprintf(name, sizeof name, "reading a trace, blocks of %zu rows", blocks[i]);
        bench_print(name, "million values/s", subject, 2);
    }
    return 0;
}

int bench_trace(const struct bench_options *o, struct alm_err *e)
{
    struct trace t = {.time = malloc(65536 * 8),
                      .memory = malloc(65536 * 8),
                      .span = malloc(65536 * 8),
                      .cpu = malloc(65536 * 8),
                      .bytes = malloc(65536 * 8)};
    bench_path(o, "trace.h5", t.path);
    int code = t.time && t.memory && t.span && t.cpu && t.bytes ? write_trace(t.path, e)
                                                                : alm_fail(e, ALM_ENOMEM, "out of memory");
    if (code == 0)
        code = compare(&t, e);
    unlink(t.path);
    free(t.time);
    free(t.memory);
    free(t.span);
    free(t.cpu);
    free(t.bytes);
    return code;
}
