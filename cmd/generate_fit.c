/* SPDX-License-Identifier: GPL-3.0-or-later
 * generate_fit: estimate a specification from a trace, make a trace from it, and compare the two.
 *
 * Choice.   The specification is read back from its file and generated like any other, so what is compared is what a user
 *           of the file gets. The trace it makes stands beside the file for as long as the comparison takes. */
#include "cmd/generate_fit.h"

#include "almanac/quantity.h"
#include "cmd/generate_fit_print.h"
#include "cmd/generator_job.h"
#include "cmd/trace_job.h"
#include "experiments/figure_fit.h"
#include "traces/fit/fit_invocations.h"
#include "traces/fit/fit_usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM 1024

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The name of the trace as a comment can hold it. */
static void plain_name(const char *path, char out[96])
{
    size_t n = 0;
    for (const char *c = base_name(path); *c && n < 95; c++)
        out[n++] = (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c;
    out[n] = '\0';
}

/* TEXT appears at PATH whole or not at all. */
static int write_whole(const char *path, const char *text, size_t size, struct alm_err *e)
{
    char temporary[PATH_ROOM];
    if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= PATH_ROOM)
        return alm_fail(e, ALM_EINVAL, "the name of the output is longer than %d bytes", PATH_ROOM - 8);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return alm_fail(e, ALM_EINVAL, "cannot write %s: %s", path, strerror(errno));
    mode_t mask = umask(0);
    umask(mask);
    bool good = fchmod(fd, 0666 & ~mask) == 0;
    for (size_t at = 0; good && at < size;) {
        ssize_t n = write(fd, text + at, size - at);
        good = n >= 0 || errno == EINTR;
        at += n > 0 ? (size_t)n : 0;
    }
    good = good && fsync(fd) == 0;
    int why = errno;
    close(fd);
    if (good && rename(temporary, path) == 0)
        return ALM_OK;
    why = good ? errno : why;
    unlink(temporary);
    return alm_fail(e, ALM_EIO, "cannot write %s: %s", path, strerror(why));
}

/* What one command works on. */
struct work {
    const struct cmd_fit_options *o;
    bool usage; /* else invocations */
    struct alm_trace *real, *made;
    char made_path[PATH_ROOM];
    struct alm_features real_features, made_features;
    struct alm_load real_load, made_load;
    struct cmd_progress progress;
    struct alm_trace_watch watch;
    struct cmd_generator_job job;
};

static void watch(struct work *w, const char *what)
{
    cmd_progress_start(&w->progress, what, w->o->quiet);
    w->watch = (struct alm_trace_watch){cmd_progress_step, &w->progress, &cmd_interrupted};
}

static int choose_generator(struct work *w, struct alm_err *e)
{
    const char *as = w->o->as;
    bool rows = alm_trace_rows(w->real) > 0;
    w->usage = as ? strcmp(as, "usage") == 0 : rows;
    if (as && !w->usage && strcmp(as, "invocations") != 0)
        return alm_fail(e, ALM_EINVAL, "--as %.60s: only `usage` and `invocations` can be fitted", as);
    return ALM_OK;
}

static int estimate(struct work *w, FILE *out, struct alm_err *e)
{
    char name[96];
    struct alm_fit_usage fit;
    plain_name(w->o->trace, name);
    watch(w, "estimating");
    int code =
        w->usage ? alm_fit_usage(w->real, &w->watch, &fit, e) : alm_load_read(w->real, &w->watch, &w->real_load, e);
    cmd_progress_stop(&w->progress);
    ALM_TRY(code);
    return w->usage ? alm_fit_usage_write(&fit, name, out, e) : alm_fit_invocations_write(&w->real_load, name, out, e);
}

static int write_spec(struct work *w, struct alm_err *e)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return alm_fail(e, ALM_ENOMEM, "no memory for a specification");
    int code = estimate(w, out, e);
    if (fclose(out) != 0 && code >= 0)
        code = alm_fail(e, ALM_ENOMEM, "no memory for a specification");
    if (code >= 0)
        code = write_whole(w->o->output, text, size, e);
    free(text);
    return code;
}

static int make_trace(struct work *w, struct alm_err *e)
{
    struct alm_spec *spec = NULL;
    struct alm_trace_writer *writer = NULL;
    if (snprintf(w->made_path, PATH_ROOM, "%s.%ld.h5", w->o->output, (long)getpid()) >= PATH_ROOM)
        return alm_fail(e, ALM_EINVAL, "the name of the output is longer than %d bytes", PATH_ROOM - 24);
    ALM_TRY(alm_spec_read(w->o->output, NULL, &spec, e));
    int code = cmd_generator_resolve(spec, w->o->output, w->o->seed, &w->job, e);
    alm_spec_free(spec);
    const struct cmd_trace_job write = {.output = w->made_path,
                                        .doing = "generating",
                                        .quiet = w->o->quiet,
                                        .fill = cmd_generator_fill,
                                        .ctx = &w->job};
    if (code >= 0)
        code = cmd_trace_write(&write, &writer, e);
    alm_trace_writer_close(writer);
    return code < 0 ? code : alm_trace_open(w->made_path, &w->made, e);
}

static int compare(struct work *w, struct alm_fit_report *report, struct alm_err *e)
{
    int code = ALM_OK;
    if (w->usage) {
        watch(w, "measuring");
        code = alm_features_read(w->real, &w->watch, &w->real_features, e);
        cmd_progress_stop(&w->progress);
    }
    ALM_TRY(code);
    watch(w, "comparing");
    code = w->usage ? alm_features_read(w->made, &w->watch, &w->made_features, e)
                    : alm_load_read(w->made, &w->watch, &w->made_load, e);
    cmd_progress_stop(&w->progress);
    ALM_TRY(code);
    return w->usage ? alm_fit_compare(&w->real_features, &w->made_features, report, e)
                    : alm_load_compare(&w->real_load, &w->made_load, report, e);
}

static int draw(struct work *w, struct alm_err *e)
{
    const struct alm_figure_options figure = {.output = w->o->plot};
    struct alm_figure_report report = {0};
    struct alm_figure_pair *pair = calloc(ALM_FIGURE_PAIRS, sizeof *pair);
    if (!pair)
        return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    size_t pairs = 0;
    int code = ALM_OK;
    if (w->usage)
        pairs = alm_figure_fit_usage(&w->real_features, &w->made_features, pair);
    else
        code = alm_figure_fit_load(&w->real_load, &w->made_load, pair, &pairs, e);
    if (code >= 0)
        code = alm_figure_fit(pair, pairs, base_name(w->o->trace), &figure, &report, e);
    free(pair);
    if (code >= 0 && !w->o->quiet)
        cmd_say("wrote %s: %s", w->o->plot, report.shown);
    if (report.script[0])
        cmd_say("the gnuplot script is %s", report.script);
    return code;
}

static int fit(struct work *w, struct alm_err *e)
{
    struct alm_fit_report report = {0};
    ALM_TRY(alm_trace_open(w->o->trace, &w->real, e));
    ALM_TRY(choose_generator(w, e));
    ALM_TRY(write_spec(w, e));
    ALM_TRY(make_trace(w, e));
    ALM_TRY(compare(w, &report, e));
    if (w->o->plot)
        ALM_TRY(draw(w, e));
    if (w->o->quiet)
        return ALM_OK;
    const struct cmd_fit_result result = {.trace = w->o->trace,
                                          .output = w->o->output,
                                          .generator = w->job.generator->head.name,
                                          .seed = w->job.seed,
                                          .report = &report};
    return cmd_fit_print(&result, w->o->format, e);
}

int cmd_generate_fit(const struct cmd_fit_options *o, struct alm_err *e)
{
    struct work *w = calloc(1, sizeof *w);
    if (!w)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    w->o = o;
    int code = fit(w, e);
    alm_trace_close(w->real);
    alm_trace_close(w->made);
    if (w->made)
        unlink(w->made_path);
    alm_features_free(&w->real_features);
    alm_features_free(&w->made_features);
    alm_load_free(&w->real_load);
    alm_load_free(&w->made_load);
    free(w->job.opt);
    free(w);
    return code;
}
