/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench: see the header. `bench NAME --folder DIR --almanac PROGRAM [--full]`; scripts/bench is the way to call it. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu_of(const struct rusage *r)
{
    return (double)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) +
           1e-6 * (double)(r->ru_utime.tv_usec + r->ru_stime.tv_usec);
}

/* Of this process and the children it waited for. */
static double cpu_now(void)
{
    struct rusage self, children;
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    return cpu_of(&self) + cpu_of(&children);
}

int bench_take_turns(struct bench_subject *subject, size_t n, struct alm_err *e)
{
    for (int round = 0; round < BENCH_ROUNDS; round++)
        for (size_t i = 0; i < n; i++) {
            double start = cpu_now();
            ALM_TRY(subject[i].run(subject[i].ctx, &subject[i].amount, e));
            subject[i].seconds[round] = cpu_now() - start;
        }
    return 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(const struct bench_subject *s)
{
    double sorted[BENCH_ROUNDS];
    memcpy(sorted, s->seconds, sizeof sorted);
    qsort(sorted, BENCH_ROUNDS, sizeof *sorted, by_value);
    return sorted[BENCH_ROUNDS / 2];
}

void bench_print(const char *name, const char *unit, const struct bench_subject *subject, size_t n)
{
    double first = subject[0].amount / bench_median(&subject[0]);
    fprintf(stderr, "\n%s\n%-34s %12s %16s %8s\n", name, "", "CPU seconds", unit, "ratio");
    printf("{\"schema\":\"almanac.bench/1\",\"name\":\"%s\",\"unit\":\"%s\",\"rounds\":%d,\"rows\":[", name, unit,
           BENCH_ROUNDS);
    for (size_t i = 0; i < n; i++) {
        double seconds = bench_median(&subject[i]), speed = subject[i].amount / seconds;
        fprintf(stderr, "%-34s %12.3f %16.1f %8.2f\n", subject[i].name, seconds, speed, speed / first);
        printf("%s{\"subject\":\"%s\",\"cpu_seconds\":%.6g,\"per_s\":%.6g,\"ratio\":%.4g}", i ? "," : "",
               subject[i].name, seconds, speed, speed / first);
    }
    printf("]}\n");
    fflush(stdout);
}

int bench_child(const char *const *argv, struct bench_use *use, struct alm_err *e)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0); /* its progress would stand in our table */
    pid_t pid;
    double start = now();
    int failed = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed)
        return alm_fail(e, ALM_EIO, "%s cannot be run: %s", argv[0], strerror(failed));
    int status = 0;
    struct rusage r;
    while (wait4(pid, &status, 0, &r) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return alm_fail(e, ALM_EIO, "%s %s ended with status %d; run it by hand to see why", argv[0],
                        argv[1] ? argv[1] : "", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    use->seconds = now() - start;
    use->cpu_seconds = cpu_of(&r);
    use->peak_mb = (double)r.ru_maxrss * 1024e-6;
    return 0;
}

char *bench_path(const struct bench_options *o, const char *name, char out[512])
{
    snprintf(out, 512, "%s/%s", o->folder, name);
    return out;
}

double bench_file_mb(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 ? 1e-6 * (double)s.st_size : 0;
}

/* A number of one of four shapes: 0.0735, 1834627072, 12.5, 0. */
static int put_number(char *out, int column, uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    uint32_t random = (uint32_t)(*state >> 32);
    switch (column % 4) {
    case 0:
        return sprintf(out, ",%u.%04u", random % 4, random / 7 % 10000);
    case 1:
        return sprintf(out, ",%u", random);
    case 2:
        return sprintf(out, ",%u.%u", random % 100, random / 11 % 10);
    default:
        return sprintf(out, random % 3 ? ",%u" : ",0", random % 100000);
    }
}

int bench_write_csv(const struct bench_csv *c, struct alm_err *e)
{
    FILE *f = fopen(c->path, "w");
    if (!f)
        return alm_fail(e, ALM_EIO, "%s: %s", c->path, strerror(errno));
    uint64_t state = 1;
    int units = c->units ? c->units : 1;
    double written = fprintf(f, "%s\n", c->header);
    for (int64_t step = 1; written < 1e6 * c->mb; step++)
        for (int u = 0; u < units; u++) {
            char line[512];
            int n = sprintf(line, "%" PRId64, c->first + 300 * step);
            if (c->units)
                n += sprintf(line + n, ",machine-%04d", u);
            for (int k = 0; k < c->columns; k++)
                n += put_number(line + n, k, &state);
            line[n++] = '\n';
            written += (double)fwrite(line, 1, (size_t)n, f);
        }
    bool failed = ferror(f);
    if (fclose(f) != 0 || failed)
        return alm_fail(e, ALM_EIO, "%s: cannot be written: %s", c->path, strerror(errno));
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const struct bench_options *o, struct alm_err *e);
    } all[] = {{"text", bench_text},     {"trace", bench_trace}, {"memory", bench_memory},
               {"import", bench_import}, {"share", bench_share}, {"models", bench_models}};
    struct bench_options o = {.folder = ".", .almanac = "almanac"};
    struct alm_err e = {0};
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--full") == 0)
            o.full = true;
        else if (strcmp(argv[i], "--folder") == 0 && i + 1 < argc)
            o.folder = argv[++i];
        else if (strcmp(argv[i], "--almanac") == 0 && i + 1 < argc)
            o.almanac = argv[++i];
    }
    for (size_t i = 0; argc > 1 && i < sizeof all / sizeof *all; i++)
        if (strcmp(argv[1], all[i].name) == 0) {
            if (all[i].run(&o, &e) >= 0)
                return 0;
            fprintf(stderr, "bench: %s: %s\n", argv[1], e.text);
            return 1;
        }
    fprintf(stderr, "bench: text, trace, memory, import, share or models is needed\n");
    return 2;
}
