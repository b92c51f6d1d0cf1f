/* SPDX-License-Identifier: GPL-3.0-or-later
 * import: published trace formats to the trace file; says what was read, kept, dropped and why. */
#include "almanac/importer.h"
#include "almanac/quantity.h"
#include "cmd/cmd.h"
#include "cmd/import_inputs.h"
#include "cmd/import_print.h"
#include "cmd/trace_job.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SETS_MOST 64
#define NAMED_MOST 8 /* inputs that the stored command names */

struct import_options {
    const char *importer, *output, *title, *source, *licence;
    const char *set[SETS_MOST];
    size_t sets;
    struct cmd_inputs inputs;
    enum cmd_format format;
    alm_time resample;
    const char *resample_text; /* as it was given; NULL: rows stay as they come */
    bool verbose, failed;
    struct alm_err err;
};

enum { KEY_SET = 256, KEY_TITLE, KEY_SOURCE, KEY_LICENCE, KEY_RESAMPLE };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "trace file to write (required)", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "an option of the importer, as in FORMAT:KEY=VALUE; may be repeated", 0},
    {"resample", KEY_RESAMPLE, "DURATION", 0,
     "one row for each such interval: the mean of CPU, the peak of memory, the sum of bytes", 0},
    {"format", 'f', "text|json", 0, "how to print the report (text)", 0},
    {"title", KEY_TITLE, "TEXT", 0, "title to store", 0},
    {"source", KEY_SOURCE, "TEXT", 0, "where the data come from, to store; the names of the inputs otherwise", 0},
    {"licence", KEY_LICENCE, "TEXT", 0, "licence of the data, to store", 0},
    {"verbose", 'v', NULL, 0, "name the files that are read", 0},
    {0},
};

static void add_argument(struct import_options *o, const char *arg)
{
    if (!o->importer) {
        o->importer = arg;
        return;
    }
    if (!o->failed && cmd_inputs_add(&o->inputs, arg, &o->err) < 0)
        o->failed = true;
}

static void set_resample(struct import_options *o, const char *text, const struct argp_state *state)
{
    struct alm_err e = {0};
    if (alm_parse_duration(text, &o->resample, &e) < 0)
        argp_error(state, "--resample: %s", e.text);
    if (o->resample <= 0)
        argp_error(state, "--resample %s: a duration above 0 is right, as in 5m", text);
    o->resample_text = text;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct import_options *o = state->input;
    switch (key) {
    case 'o':
        o->output = arg;
        return 0;
    case 'f':
        o->format = cmd_format_parse(arg, "text|json", state);
        return 0;
    case 'v':
        o->verbose = true;
        return 0;
    case KEY_SET:
        if (!strchr(arg, '='))
            argp_error(state, "--set %s: KEY=VALUE is right", arg);
        if (o->sets == SETS_MOST)
            argp_error(state, "more than %d --set", SETS_MOST);
        o->set[o->sets++] = arg;
        return 0;
    case KEY_RESAMPLE:
        set_resample(o, arg, state);
        return 0;
    case KEY_TITLE:
        o->title = arg;
        return 0;
    case KEY_SOURCE:
        o->source = arg;
        return 0;
    case KEY_LICENCE:
        o->licence = arg;
        return 0;
    case ARGP_KEY_ARG:
        add_argument(o, arg);
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num < 2)
            argp_error(state, "FORMAT and INPUT are needed, as in: almanac import csv usage.csv -o trace.h5");
        if (!o->output)
            argp_error(state, "-o FILE is needed: the trace file to write");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int choose(const struct import_options *o, struct alm_choice *choice, struct alm_err *e)
{
    ALM_TRY(alm_choice_parse(ALM_IMPORTER, o->importer, choice, e));
    char who[96];
    snprintf(who, sizeof who, "importer %s", choice->module->name);
    for (size_t i = 0; i < o->sets; i++) {
        const char *equal = strchr(o->set[i], '=');
        char *key = strndup(o->set[i], (size_t)(equal - o->set[i]));
        int rc = key ? alm_options_set(choice->module->opts, choice->opt, who, key, equal + 1, e)
                     : alm_fail(e, ALM_ENOMEM, "out of memory");
        free(key);
        ALM_TRY(rc);
    }
    return 0;
}

/* The names of the inputs, or of the first of them and how many there are; as a COMMAND. Allocated. */
static char *named(const struct import_options *o, bool command)
{
    char *text = NULL, name[256];
    size_t size = 0, count = o->inputs.count;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return NULL;
    if (command) {
        fprintf(f, "almanac import %s", o->importer);
        for (size_t i = 0; i < o->sets; i++)
            fprintf(f, " --set %s", o->set[i]);
        if (o->resample_text)
            fprintf(f, " --resample %s", o->resample_text);
        fputc(' ', f);
    }
    for (size_t i = 0; i < count && i < NAMED_MOST; i++)
        fprintf(f, "%s%s", i ? (command ? " " : ", ") : "", cmd_path_name(o->inputs.path[i], name));
    if (count > NAMED_MOST)
        fprintf(f, " ... (%zu files)", count);
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* What `fill` reads, and with which importer. */
struct reading {
    const struct import_options *options;
    const struct alm_choice *choice;
};

static int fill(void *ctx, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct reading *r = ctx;
    const struct alm_importer_ops *importer = (const struct alm_importer_ops *)r->choice->module;
    const struct cmd_inputs *in = &r->options->inputs;
    return importer->run(r->choice->opt, (const char *const *)in->path, in->count, sink, e);
}

static int write_trace(const struct import_options *o, const struct alm_choice *choice,
                       const struct alm_trace_info *info, struct alm_err *e)
{
    struct reading reading = {o, choice};
    const struct cmd_trace_job job = {
        .output = o->output, .doing = "reading", .info = *info, .fill = fill, .ctx = &reading};
    struct alm_trace_writer *w = NULL;
    ALM_TRY(cmd_trace_write(&job, &w, e));
    const struct cmd_import_result result = {
        .importer = choice->module->name,
        .output = o->output,
        .report = alm_trace_writer_sink(w)->report,
        .summary = alm_trace_writer_summary(w),
    };
    int rc = cmd_import_print(&result, o->format, e);
    alm_trace_writer_close(w);
    return rc;
}

static int import(const struct import_options *o, const struct alm_choice *choice, struct alm_err *e)
{
    char *digest = NULL, *source = named(o, false), *command = named(o, true);
    int rc = source && command ? cmd_inputs_digest(&o->inputs, &cmd_interrupted, &digest, e)
                               : alm_fail(e, ALM_ENOMEM, "out of memory");
    if (rc == 0) {
        char title[128];
        snprintf(title, sizeof title, "%zu files of format %s", o->inputs.count, choice->module->name);
        const char *otherwise = o->inputs.count > 1 ? title : source;
        const struct alm_trace_info info = {
            .title = o->title ? o->title : otherwise,
            .source = o->source ? o->source : source,
            .source_sha256 = digest,
            .import_command = command,
            .licence = o->licence,
            .resample = o->resample,
        };
        rc = write_trace(o, choice, &info, e);
    }
    free(command);
    free(source);
    free(digest);
    return rc;
}

/* Writing over an input would destroy what the report speaks of. */
static int check_output(const struct import_options *o, struct alm_err *e)
{
    struct stat out, in;
    if (stat(o->output, &out) < 0)
        return 0;
    for (size_t i = 0; i < o->inputs.count; i++)
        if (stat(o->inputs.path[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
            return alm_fail(e, ALM_EINVAL, "%s: is an input and the output; choose another -o", o->output);
    return 0;
}

static int run(struct import_options *o, struct alm_err *e)
{
    if (o->failed) {
        *e = o->err;
        return e->code;
    }
    cmd_inputs_sort(&o->inputs);
    ALM_TRY(check_output(o, e));
    struct alm_choice choice = {0};
    int rc = choose(o, &choice, e);
    if (rc == 0) {
        for (size_t i = 0; o->verbose && i < o->inputs.count; i++)
            cmd_say("reading %s", o->inputs.path[i]);
        rc = import(o, &choice, e);
    }
    if (choice.module)
        alm_choice_free(&choice);
    return rc;
}

int cmd_import(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FORMAT INPUT...",
        .doc =
            "Read traces of a published format and write one trace file. FORMAT is an importer (see `almanac modules "
            "importer'), with options as NAME:KEY=VALUE,... INPUT is a file, packed by gzip or xz or not, a pattern, "
            "or a directory, below which all files are read; several are one trace. Equal inputs give equal bytes."
            "\vExamples:\n"
            "  almanac import csv traces/samples/web.csv -o web.h5\n"
            "  almanac import csv:memory_unit=mib,time_format=ms usage.csv -o usage.h5\n"
            "  almanac import bitbrains fastStorage/ -o bitbrains.h5\n"
            "  almanac import alibaba-2018 --resample 5m machine_usage.csv -o alibaba.h5",
    };
    struct import_options o = {.format = CMD_TEXT};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    int rc = run(&o, &e);
    cmd_inputs_free(&o.inputs);
    return rc < 0 ? cmd_fail(&e) : cmd_finish();
}
