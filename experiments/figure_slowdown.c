/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_slowdown: how much longer executions took than alone, and how long they took over the time of a run.
 *
 * Meaning.  Left: share of executions done whose slowdown (response over what it takes alone) is larger than x, one line a
 *           run, on logarithmic axes. Right: response by time of arrival: of one run its median, 95th and 99th percentile,
 *           of several runs the 95th percentile of each. A run is called as its policy, and where others have that policy too,
 *           as its file also.
 * Choice.   Quantiles out of histograms (quantiles.h), so memory does not grow with the run. Bins of time hold about 200
 *           executions or more each where there are that many. */
#include "experiments/figure_run.h"
#include "experiments/quantiles.h"

#include "almanac/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 1200
#define HEIGHT 560
#define FILES 7 /* as many as there are colours */
#define BINS 120
#define BIN_LEAST 12
#define BIN_COUNT 200
#define POINTS 260
#define FILE_NAME 256
#define FINE 1e6 /* slowdowns are kept to 1e-6 */

struct bin {
    uint64_t count;
    double at[3]; /* median, 95th and 99th percentile, s */
};

struct curve {
    char name[200];
    struct quantiles slowdown;
    struct bin bin[BINS];
    struct quantiles *response; /* [bins], while it is read */
    uint64_t done, all, twice;  /* slowdown of more than 2 */
};

struct slowdown {
    const struct alm_figure_options *o;
    struct curve curve[FILES];
    size_t curves, bins;
    alm_time from, to, first, last;
    uint64_t seen;
    struct curve *current;
    char trace[200];
    bool several_traces;
};

static int see_range(void *ctx, const struct alm_run_execution *row, struct alm_err *e)
{
    (void)e;
    struct slowdown *d = ctx;
    d->first = row->x.arrival < d->first ? row->x.arrival : d->first;
    d->last = row->x.arrival > d->last ? row->x.arrival : d->last;
    d->seen++;
    return ALM_OK;
}

static int see_execution(void *ctx, const struct alm_run_execution *row, struct alm_err *e)
{
    struct slowdown *d = ctx;
    struct curve *c = d->current;
    const struct alm_execution *x = &row->x;
    if (x->arrival < d->from || x->arrival > d->to)
        return ALM_OK;
    c->all++;
    if (x->end != ALM_END_DONE)
        return ALM_OK;
    c->done++;
    double place = alm_seconds(x->arrival - d->from) / alm_seconds(d->to - d->from) * (double)d->bins;
    size_t bin = place < (double)d->bins ? (size_t)place : d->bins - 1;
    ALM_TRY(quantiles_add(&c->response[bin], x->finish - x->arrival, e));
    if (!(row->a.alone > 0))
        return ALM_OK;
    double slowdown = alm_seconds(x->finish - x->arrival) / row->a.alone;
    c->twice += slowdown > 2;
    return quantiles_add(&c->slowdown, llrint(fmin(slowdown, 1e12) * FINE), e);
}

static int read_curve(struct slowdown *d, struct alm_run *run, struct alm_err *e)
{
    struct curve *c = d->current;
    c->response = calloc(d->bins, sizeof *c->response);
    if (!c->response)
        return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    int code = alm_run_each_execution(run, ALM_RUN_ALL, see_execution, d, e);
    for (size_t k = 0; k < d->bins; k++) {
        static const double shares[] = {0.5, 0.95, 0.99};
        c->bin[k].count = c->response[k].count;
        for (int i = 0; i < 3; i++)
            c->bin[k].at[i] = quantiles_at(&c->response[k], shares[i]) * 1e-9;
        quantiles_free(&c->response[k]);
    }
    free(c->response);
    return code;
}

static bool is_alone(const struct slowdown *d, size_t curve)
{
    for (size_t k = 0; k < d->curves; k++)
        if (k != curve && strcmp(d->curve[k].name, d->curve[curve].name) == 0)
            return false;
    return true;
}

/* Runs of one policy differ in what the policy does not say (placement, trace, seed): their files are named after that. */
static void add_files(struct slowdown *d, const char *const *file)
{
    bool alone[FILES];
    for (size_t i = 0; i < d->curves; i++)
        alone[i] = is_alone(d, i);
    for (size_t i = 0; i < d->curves; i++) {
        char name[FILE_NAME], *whole = d->curve[i].name;
        const char *slash = strrchr(file[i], '/'), *base = slash ? slash + 1 : file[i];
        const size_t length = strlen(base), at = strlen(whole);
        const bool ending = length > 3 && strcmp(base + length - 3, ".h5") == 0;
        if (alone[i])
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(ending ? length - 3 : length), base);
        snprintf(whole + at, sizeof d->curve[i].name - at, ": ");
        alm__figure_text(whole + at + 2, sizeof d->curve[i].name - at - 10, name, 30);
    }
}

/* A name that another run has too gets its number. */
static void name_curves(struct slowdown *d)
{
    for (size_t i = d->curves; i-- > 0;) {
        size_t before = 0;
        for (size_t k = 0; k < i; k++)
            before += strcmp(d->curve[k].name, d->curve[i].name) == 0;
        if (before) {
            size_t at = strlen(d->curve[i].name);
            snprintf(d->curve[i].name + at, sizeof d->curve[i].name - at, " (%zu)", before + 1);
        }
    }
}

static int open_runs(struct slowdown *d, const char *const *file, struct alm_run **run, struct alm_err *e)
{
    for (size_t i = 0; i < d->curves; i++) {
        ALM_TRY(alm_run_file_open(file[i], &run[i], e));
        if (!run[i]->executions)
            return alm_fail(e, ALM_EDATA,
                            "%s has no executions: the run had no invocations, or record.executions was none", file[i]);
        ALM_TRY(alm_run_each_execution(run[i], ALM_RUN_ALL, see_range, d, e));
        alm__figure_text(d->curve[i].name, sizeof d->curve[i].name - 8, run[i]->policy, 36);
        d->several_traces = d->several_traces || strcmp(run[i]->trace_name, run[0]->trace_name) != 0;
    }
    add_files(d, file);
    name_curves(d);
    if (d->seen == 0 || d->first >= d->last)
        return alm_fail(e, ALM_EDATA, "%s: no two executions at different times: there is nothing to draw", file[0]);
    ALM_TRY(alm__run_choose_range(run[0], d->o, d->first, d->last, &d->from, &d->to, e));
    uint64_t bins = d->seen / d->curves / BIN_COUNT;
    d->bins = bins < BIN_LEAST ? BIN_LEAST : bins > BINS ? BINS : (size_t)bins;
    for (size_t i = 0; i < d->curves; i++) {
        d->current = &d->curve[i];
        ALM_TRY(read_curve(d, run[i], e));
    }
    return ALM_OK;
}

/* Points from slowdown 1 to the largest, evenly in the logarithm. Two empty lines end a run's block. */
static void write_tail(FILE *out, const struct curve *c, double most)
{
    double n = (double)c->slowdown.count;
    fputs("1 1e-30\n\n", out); /* below the axis: gnuplot refuses an empty block */
    for (int i = 0; i < POINTS && n > 0; i++) {
        double x = pow(most, (double)i / (POINTS - 1));
        uint64_t above = quantiles_above(&c->slowdown, x * FINE);
        if (above == 0)
            break;
        fprintf(out, "%.6g %.6g\n", x, (double)above / n);
    }
    fputs("\n\n", out);
}

static void write_response(FILE *out, const struct slowdown *d, const struct curve *c)
{
    fputs("-1 1 1 1\n\n", out);
    bool gap = true; /* two empty lines in a row would end the block */
    for (size_t i = 0; i < d->bins; i++) {
        double x = ((double)i + 0.5) / (double)d->bins * alm_seconds(d->to - d->from);
        if (c->bin[i].count)
            fprintf(out, "%.7g %.6g %.6g %.6g\n", x, c->bin[i].at[0], c->bin[i].at[1], c->bin[i].at[2]);
        else if (!gap)
            fputc('\n', out);
        gap = c->bin[i].count == 0;
    }
    fputs(gap ? "\n" : "\n\n", out);
}

/* Decades around what is drawn, with names that people use. */
static void write_scales(FILE *out, const struct slowdown *d, double most)
{
    double least = INFINITY, largest = 0, rarest = 1;
    for (size_t k = 0; k < d->curves; k++) {
        const struct curve *c = &d->curve[k];
        rarest = c->slowdown.count ? fmin(rarest, 1 / (double)c->slowdown.count) : rarest;
        for (size_t i = 0; i < d->bins; i++)
            for (int q = d->curves > 1; q < (d->curves > 1 ? 2 : 3) && c->bin[i].count; q++) {
                least = fmin(least, fmax(c->bin[i].at[q], 1e-9));
                largest = fmax(largest, c->bin[i].at[q]);
            }
    }
    bool any = largest > 0;
    fprintf(out, "slowdown_top = %.6g\nshare_low = %.6g\n", most * 1.15, fmax(rarest, 1e-7));
    fprintf(out, "response_low = %.6g\nresponse_top = %.6g\n", any ? 0.8 * least : 0.1, any ? 1.25 * largest : 1);
    fputs("response_tics = 'set ytics (", out);
    static const char *const names[] = {"1 ns",   "10 ns",    "100 ns",    "1 us", "10 us", "100 us",
                                        "1 ms",   "10 ms",    "100 ms",    "1 s",  "10 s",  "100 s",
                                        "1000 s", "10 000 s", "100 000 s", "1e6 s"};
    bool few = any && largest < 30 * least;
    for (int k = 0; k < 16; k++)
        for (int m = 1; m < 10; m++) {
            double at = m * pow(10, k - 9);
            char label[40] = "";
            if (m == 1)
                snprintf(label, sizeof label, "%s", names[k]);
            else if (few && (m == 2 || m == 5)) {
                double unit = at < 1e-6 ? 1e-9 : at < 1e-3 ? 1e-6 : at < 1 ? 1e-3 : 1;
                snprintf(label, sizeof label, "%g %s", round(at / unit),
                         at < 1e-6   ? "ns"
                         : at < 1e-3 ? "us"
                         : at < 1    ? "ms"
                                     : "s");
            }
            fprintf(out, "%s\"%s\" %g %d", k + m > 1 ? ", " : "", label, at, label[0] ? 0 : 1);
        }
    fputs(")'\n", out);
}

/* "3 runs; slowdown at 99 %: 13.3, 8.2, 17". */
static void several_text(char *line, size_t size, const struct slowdown *d)
{
    snprintf(line, size, "%zu runs; slowdown at 99 %%:", d->curves);
    for (size_t k = 0; k < d->curves; k++) {
        size_t at = strlen(line);
        snprintf(line + at, size - at, "%s %.3g", k ? "," : "", quantiles_at(&d->curve[k].slowdown, 0.99) / FINE);
    }
    size_t at = strlen(line);
    snprintf(line + at, size - at, "%s",
             d->several_traces ? "; they are not on the same trace: compare with care" : "");
}

static void write_subtitle(FILE *out, const struct slowdown *d, const struct alm_run *run)
{
    char line[600];
    const struct curve *c = &d->curve[0];
    int64_t every = alm__run_every(run, "executions_every");
    double n = (double)c->slowdown.count, slow = n > 0 ? (double)c->twice / n : NAN;
    if (d->curves > 1)
        several_text(line, sizeof line, d);
    else
        snprintf(line, sizeof line,
                 "%llu of %llu executions done; slowdown %.3g in the median, %.3g at 99 %%; %.3g %% took more than "
                 "twice as long "
                 "as alone",
                 (unsigned long long)c->done, (unsigned long long)c->all, quantiles_at(&c->slowdown, 0.5) / FINE,
                 quantiles_at(&c->slowdown, 0.99) / FINE, 100 * slow);
    if (every > 1)
        snprintf(line + strlen(line), sizeof line - strlen(line), "; every %lld. was kept", (long long)every);
    alm__script_text(out, "subtitle_text", line, 170);
}

static int draw_slowdown(struct slowdown *d, struct alm__script *s, struct alm_run *const *run, char *shown,
                         size_t size, struct alm_err *e)
{
    double most = 1;
    for (size_t k = 0; k < d->curves; k++)
        most = fmax(most, (double)d->curve[k].slowdown.largest / FINE);
    most = most < 2 ? 2 : most;
    ALM_TRY(alm__script_start(s, d->o->output, WIDTH, HEIGHT, e));
    if (d->curves == 1) {
        alm__run_title(s->out, run[0]);
    } else {
        char trace[200], line[300];
        alm__figure_text(trace, sizeof trace, run[0]->trace_name, 60);
        snprintf(line, sizeof line, "Slowdown and response of invocations on %s",
                 d->several_traces ? "several traces" : trace);
        alm__script_text(s->out, "title_text", line, 110);
    }
    write_subtitle(s->out, d, run[0]);
    alm__script_time_axis(s->out, d->from, d->to, 6);
    write_scales(s->out, d, most);
    fprintf(s->out, "curves = %zu\narray name[%zu]\n", d->curves, d->curves);
    for (size_t k = 0; k < d->curves; k++) {
        fprintf(s->out, "name[%zu] = ", k + 1);
        alm__script_quoted(s->out, d->curve[k].name, 60);
        fputc('\n', s->out);
    }
    fputs("# slowdown, share of executions with a larger one; run after run\n$tail << EOD\n", s->out);
    for (size_t k = 0; k < d->curves; k++)
        write_tail(s->out, &d->curve[k], most);
    fputs("EOD\n# x, response in seconds: median, 95th and 99th percentile; run after run\n$response << EOD\n", s->out);
    for (size_t k = 0; k < d->curves; k++)
        write_response(s->out, d, &d->curve[k]);
    fputs("EOD\n", s->out);
    snprintf(shown, size, "slowdown of %llu executions%s", (unsigned long long)d->curve[0].done,
             d->curves > 1 ? " and of those of other runs" : "");
    return alm__script_template(s, "slowdown.gp", e);
}

int alm__figure_slowdown(struct alm__script *s, const char *const *file, size_t files,
                         const struct alm_figure_options *o, char *shown, size_t size, struct alm_err *e)
{
    struct alm_run *run[FILES] = {0};
    if (files > FILES)
        return alm_fail(e, ALM_EINVAL, "%zu run files: a figure with more than %d lines cannot be read", files, FILES);
    struct slowdown *d = calloc(1, sizeof *d);
    if (!d)
        return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    *d = (struct slowdown){.o = o, .curves = files, .first = ALM_TIME_MAX, .last = ALM_TIME_NONE};
    int code = open_runs(d, file, run, e);
    if (code >= 0)
        code = draw_slowdown(d, s, run, shown, size, e);
    for (size_t k = 0; k < files; k++) {
        quantiles_free(&d->curve[k].slowdown);
        alm_run_file_close(run[k]);
    }
    free(d);
    return code;
}
