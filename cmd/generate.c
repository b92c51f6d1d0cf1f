/* SPDX-License-Identifier: GPL-3.0-or-later
 * generate: a specification and a seed to a trace file. */
#include "almanac/generator.h"
#include "almanac/quantity.h"
#include "cmd/cmd.h"
#include "cmd/trace_job.h"
#include "cmd/trace_text.h"
#include "traces/spec.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETS_MOST 64
#define OPTIONS_TEXT 16384

struct generate_options {
    const char *spec, *output, *title, *licence;
    const char *set[SETS_MOST];
    size_t sets;
    const char *seed;
    enum cmd_format format;
    bool quiet;
};

enum { KEY_SET = 256, KEY_SEED, KEY_TITLE, KEY_LICENCE };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "trace file to write (required)", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "replace or add a key of SPEC; may be repeated", 0},
    {"seed", KEY_SEED, "N", 0, "seed of all randomness, before the one in SPEC (1)", 0},
    {"format", 'f', "text|json", 0, "how to print the summary (text)", 0},
    {"title", KEY_TITLE, "TEXT", 0, "title to store", 0},
    {"licence", KEY_LICENCE, "TEXT", 0, "licence of the trace, to store", 0},
    {"quiet", 'q', NULL, 0, "no progress and no summary", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct generate_options *o = state->input;
    switch (key) {
    case 'o':
        o->output = arg;
        return 0;
    case 'f':
        o->format = cmd_format_parse(arg, "text|json", state);
        return 0;
    case 'q':
        o->quiet = true;
        return 0;
    case KEY_SET:
        if (o->sets == SETS_MOST)
            argp_error(state, "more than %d --set", SETS_MOST);
        o->set[o->sets++] = arg;
        return 0;
    case KEY_SEED:
        o->seed = arg;
        return 0;
    case KEY_TITLE:
        o->title = arg;
        return 0;
    case KEY_LICENCE:
        o->licence = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (o->spec)
            argp_error(state, "one SPEC at a time; `%s' is a second one", arg);
        o->spec = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->spec)
            argp_error(state, "SPEC is needed, as in: almanac generate usage:units=4,duration=2d -o trace.h5");
        if (!o->output)
            argp_error(state, "-o FILE is needed: the trace file to write");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void hear(void *ctx, const char *problem)
{
    (void)ctx;
    cmd_say("%s", problem);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

/* SPEC is a file when there is one of that name, or when it looks like one; else NAME:KEY=VALUE,... */
static int read_spec(const char *text, struct alm_spec **out, struct alm_err *e)
{
    static const struct alm_spec_listener listener = {hear, NULL};
    static const char *const endings[] = {".yaml", ".yml", ".json"};
    size_t name = strcspn(text, ":");
    bool file = access(text, F_OK) == 0 || memchr(text, '/', name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        file = file || ends_with(text, endings[i]);
    return file ? alm_spec_read(text, &listener, out, e) : alm_spec_inline(text, "generator", &listener, out, e);
}

/* A generator with its options and seed. */
struct job {
    const struct alm_generator_ops *generator;
    void *opt;
    int64_t seed;
    char text[OPTIONS_TEXT]; /* of the resolved options */
};

static int take_seed(const struct generate_options *o, struct alm_spec *spec, int64_t *seed, struct alm_err *e)
{
    const char *text = alm_spec_take(spec, "seed");
    *seed = 1;
    if (o->seed && alm_parse_integer(o->seed, seed, e) < 0)
        return alm_fail_in(e, "--seed");
    if (!o->seed && text && alm_parse_integer(text, seed, e) < 0)
        return alm_spec_blame(spec, "seed", e);
    if (*seed < 0)
        return alm_fail(e, ALM_EINVAL, "seed: %" PRId64 " is negative; a seed is 0 or more", *seed);
    return ALM_OK;
}

static int resolve(const struct generate_options *o, struct alm_spec *spec, struct job *job, struct alm_err *e)
{
    char who[96];
    for (size_t i = 0; i < o->sets; i++)
        if (alm_spec_override(spec, o->set[i], e) < 0)
            return alm_fail_in(e, "--set");
    const char *name = alm_spec_take(spec, "generator");
    if (!name)
        return alm_fail(e, ALM_EINVAL, "%s: no key `generator`; write for example `generator: usage`", o->spec);
    const struct alm_head *head;
    if (alm_module_find(ALM_GENERATOR, name, &head, e) < 0)
        return alm_spec_blame(spec, "generator", e);
    ALM_TRY(take_seed(o, spec, &job->seed, e));
    job->generator = (const struct alm_generator_ops *)head;
    job->opt = calloc(1, head->opt_size ? head->opt_size : 1);
    if (!job->opt)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    snprintf(who, sizeof who, "generator %s", head->name);
    ALM_TRY(alm_options_init(head->opts, job->opt, e));
    ALM_TRY(alm_spec_options(spec, head->opts, who, job->opt, e));
    return alm_options_text(head->opts, job->opt, job->text, sizeof job->text, e);
}

static int print_summary(const struct generate_options *o, const struct job *job, const struct alm_trace_summary *s,
                         struct alm_err *e)
{
    char span[160], interval[ALM_QUANTITY_TEXT], names[96];
    if (o->quiet)
        return ALM_OK;
    if (o->format == CMD_JSON) {
        json_t *root =
            json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:I}", "schema", "almanac.generate/1", "generator",
                      job->generator->head.name, "options", job->text, "seed", (json_int_t)job->seed, "output",
                      o->output, "units", (json_int_t)s->units, "rows", (json_int_t)s->rows, "first_ns",
                      (json_int_t)s->first, "last_ns", (json_int_t)s->last, "interval_ns", (json_int_t)s->interval);
        int failed = root ? json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : -1;
        json_decref(root);
        putchar('\n');
        return failed ? alm_fail(e, ALM_EIO, "the summary cannot be printed as JSON") : ALM_OK;
    }
    printf("generator %s, seed %" PRId64 "\n", job->generator->head.name, job->seed);
    printf("units     %zu\n", s->units);
    printf("columns   %s\n", cmd_resources(s->resources, names));
    printf("rows      %" PRIu64 "\n", s->rows);
    printf("time      %s\n", cmd_span(s->first, s->last, s->calendar, span));
    printf("interval  %s\n", alm_print_duration(s->interval, interval));
    printf("written   %s\n", o->output);
    return ALM_OK;
}

static int fill(void *ctx, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct job *job = ctx;
    return job->generator->run(job->opt, (uint64_t)job->seed, sink, e);
}

/* The stored command repeats the trace without SPEC: resolved options and seed. */
static int write_trace(const struct generate_options *o, struct job *job, struct alm_err *e)
{
    const char *name = job->generator->head.name;
    char source[96], command[OPTIONS_TEXT + 128];
    snprintf(source, sizeof source, "generator %s", name);
    snprintf(command, sizeof command, "almanac generate %s:%s --seed %" PRId64, name, job->text, job->seed);
    const struct cmd_trace_job write = {
        .output = o->output,
        .doing = "generating",
        .quiet = o->quiet,
        .info = {.title = o->title ? o->title : source,
                 .source = source,
                 .import_command = command,
                 .licence = o->licence},
        .fill = fill,
        .ctx = job,
    };
    struct alm_trace_writer *w = NULL;
    ALM_TRY(cmd_trace_write(&write, &w, e));
    int code = print_summary(o, job, alm_trace_writer_summary(w), e);
    alm_trace_writer_close(w);
    return code;
}

static int run(const struct generate_options *o, struct alm_err *e)
{
    struct alm_spec *spec = NULL;
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int code = read_spec(o->spec, &spec, e);
    if (code >= 0)
        code = resolve(o, spec, job, e);
    if (code >= 0)
        code = write_trace(o, job, e);
    alm_spec_free(spec);
    free(job->opt);
    free(job);
    return code;
}

int cmd_generate(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "SPEC",
        .doc = "Write a synthetic trace: a function of SPEC and seed alone. SPEC is a YAML file (generator: NAME, "
               "seed: N, "
               "and the generator's options beside them, see `almanac modules generator'), or NAME:KEY=VALUE,..."
               "\vExamples:\n"
               "  almanac generate usage:units=4,duration=2d -o small.h5\n"
               "  almanac generate traces/samples/web.yaml --seed 7 -o web.h5",
    };
    struct generate_options o = {.format = CMD_TEXT};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    int code = run(&o, &e);
    return code < 0 ? cmd_fail(&e) : cmd_finish();
}
