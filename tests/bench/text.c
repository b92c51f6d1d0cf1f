/* SPDX-License-Identifier: GPL-3.0-or-later
 * text: a numeric table of 200 MB, every number of it parsed: our reader, getline and strtod, gawk, and wc, which only
 * counts line ends.
 *
 * Choice.   Both parsers sum all columns, and the sums must be equal: a parser that skips is not compared. gawk sums one
 *           column, which is the least a person would ask it for. */
#include "bench.h"
#include "traces/text/delimited.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct text {
    char path[512];
    double mb, ours, theirs;
};

static int run_ours(void *ctx, double *amount, struct alm_err *e)
{
    struct text *t = ctx;
    const struct alm_delimited_config config = {.separator = ',', .quotes = true};
    struct alm_delimited *d = NULL;
    const struct alm_field *field;
    size_t count;
    double sum = 0;
    ALM_TRY(alm_delimited_open(t->path, &config, &d, e));
    int code = alm_delimited_next(d, &field, &count, e);
    while (code == ALM_OK && (code = alm_delimited_next(d, &field, &count, e)) == ALM_OK)
        for (size_t i = 0; i < count; i++) {
            double v = 0;
            alm_number_parse(field[i].at, field[i].size, '.', &v);
            sum += v;
        }
    alm_delimited_close(d);
    ALM_TRY(code);
    t->ours = sum;
    *amount = t->mb;
    return 0;
}

static int run_strtod(void *ctx, double *amount, struct alm_err *e)
{
    struct text *t = ctx;
    FILE *f = fopen(t->path, "r");
    if (!f)
        return alm_fail(e, ALM_EIO, "%s cannot be opened", t->path);
    char *line = NULL;
    size_t room = 0;
    double sum = 0;
    ssize_t n = getline(&line, &room, f);
    while (n > 0 && (n = getline(&line, &room, f)) > 0)
        for (char *p = line, *end; *p; p = *end ? end + 1 : end) {
            sum += strtod(p, &end);
            if (end == p)
                break;
        }
    free(line);
    fclose(f);
    t->theirs = sum;
    *amount = t->mb;
    return 0;
}

static int run_wc(void *ctx, double *amount, struct alm_err *e)
{
    struct text *t = ctx;
    struct bench_use use;
    *amount = t->mb;
    return bench_child((const char *const[]){"wc", "-l", t->path, NULL}, &use, e);
}

static int run_awk(void *ctx, double *amount, struct alm_err *e)
{
    struct text *t = ctx;
    struct bench_use use;
    *amount = t->mb;
    return bench_child((const char *const[]){"gawk", "-F,", "{ s += $2 } END { print s }", t->path, NULL}, &use, e);
}

int bench_text(const struct bench_options *o, struct alm_err *e)
{
    struct text t = {.mb = 0};
    bench_path(o, "numbers.csv", t.path);
    const struct bench_csv csv = {t.path, "time,a,b,c,d,e,f,g,h", 200, 0, 8, 1700000000};
    ALM_TRY(bench_write_csv(&csv, e));
    t.mb = bench_file_mb(t.path);
    struct bench_subject subject[] = {{.name = "almanac: fields and numbers", .run = run_ours, .ctx = &t},
                                      {.name = "getline and strtod", .run = run_strtod, .ctx = &t},
                                      {.name = "wc -l", .run = run_wc, .ctx = &t},
                                      {.name = "gawk: sum of one column", .run = run_awk, .ctx = &t}};
    struct bench_use use;
    size_t n = 4;
    setenv("LC_ALL", "C", 1);
    if (bench_child((const char *const[]){"gawk", "1", "/dev/null", NULL}, &use, e) < 0) {
        fprintf(stderr, "bench: gawk is not installed, so it is left out\n");
        n = 3;
    }
    int code = bench_take_turns(subject, n, e);
    unlink(t.path);
    ALM_TRY(code);
    if (t.ours > t.theirs || t.ours < t.theirs)
        return alm_fail(e, ALM_EDATA, "the sums differ: %.17g and %.17g", t.ours, t.theirs);
    bench_print("delimited text", "MB/s", subject, n);
    return 0;
}
