/* SPDX-License-Identifier: GPL-3.0-or-later
 * generate: a specification and a seed to a trace file. */
#include "almanac/quantity.h"
#include "cmd/cmd.h"
#include "cmd/generate_fit.h"
#include "cmd/generator_job.h"
#include "cmd/trace_job.h"
#include "cmd/trace_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETS_MOST 64

struct generate_options {
    const char *spec, *output, *title, *licence;
    const char *set[SETS_MOST];
    size_t sets;
    const char *seed;
    enum cmd_format format;
    bool quiet;
    struct cmd_fit_options fit;
};

enum { KEY_SET = 256, KEY_SEED, KEY_TITLE, KEY_LICENCE, KEY_FIT, KEY_AS, KEY_PLOT };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "trace file to write, with --fit the specification (required)", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "replace or add a key of SPEC; may be repeated", 0},
    {"seed", KEY_SEED, "N", 0, "seed of all randomness; counts before that of SPEC (1)", 0},
    {"format", 'f', "text|json", 0, "how to print the summary (text)", 0},
    {"title", KEY_TITLE, "TEXT", 0, "title to store", 0},
    {"licence", KEY_LICENCE, "TEXT", 0, "licence of the trace, to store", 0},
    {"quiet", 'q', NULL, 0, "no progress and no summary", 0},
    {"fit", KEY_FIT, "TRACE", 0, "write a specification like TRACE instead, and compare what it makes with TRACE", 0},
    {"as", KEY_AS, "GENERATOR", 0, "with --fit: for usage or invocations (what TRACE has)", 0},
    {"plot", KEY_PLOT, "P", 0, "with --fit: draw the comparison: P.svg, P.png or P.pdf", 0},
    {0},
};

static error_t check_fit(struct generate_options *o, struct argp_state *state)
{
    if (o->spec || o->sets || o->title || o->licence)
        argp_error(state, "--fit takes no SPEC, --set, --title or --licence");
    if (!o->output)
        argp_error(state,
                   "-o FILE is needed: the specification to write, as in: almanac generate --fit t.h5 -o t.yaml");
    o->fit.output = o->output;
    o->fit.seed = o->seed;
    o->fit.format = o->format;
    o->fit.quiet = o->quiet;
    return 0;
}

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
    case KEY_FIT:
        o->fit.trace = arg;
        return 0;
    case KEY_AS:
        o->fit.as = arg;
        return 0;
    case KEY_PLOT:
        o->fit.plot = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (o->spec)
            argp_error(state, "one SPEC at a time; `%s' is a second one", arg);
        o->spec = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->fit.trace)
            return check_fit(o, state);
        if (o->fit.as || o->fit.plot)
            argp_error(state, "--as and --plot belong to --fit TRACE");
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

static int print_summary(const struct generate_options *o, const struct cmd_generator_job *job,
                         const struct alm_trace_summary *s, struct alm_err *e)
{
    char span[160], interval[ALM_QUANTITY_TEXT], names[96], invocations[384];
    if (o->quiet)
        return ALM_OK;
    if (o->format == CMD_JSON) {
        json_t *root = json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I}", "schema",
                                 "almanac.generate/1", "generator", job->generator->head.name, "options", job->text,
                                 "seed", (json_int_t)job->seed, "output", o->output, "units", (json_int_t)s->units,
                                 "rows", (json_int_t)s->rows, "invocations", (json_int_t)s->invocations, "fields",
                                 cmd_fields_json(s->fields), "inputs", (json_int_t)s->inputs, "behaviour",
                                 (json_int_t)s->records, "first_ns", (json_int_t)s->first, "last_ns",
                                 (json_int_t)s->last, "interval_ns", (json_int_t)s->interval);
        int failed = root ? json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : -1;
        json_decref(root);
        putchar('\n');
        return failed ? alm_fail(e, ALM_EIO, "the summary cannot be printed as JSON") : ALM_OK;
    }
    printf("generator   %s, seed %" PRId64 "\n", job->generator->head.name, job->seed);
    printf("units       %zu\n", s->units);
    if (s->rows > 0) {
        printf("columns     %s\n", cmd_resources(s->resources, names));
        printf("rows        %" PRIu64 "\n", s->rows);
    }
    if (s->invocations > 0)
        printf("invocations %s\n", cmd_invocations(s, invocations));
    cmd_behaviour_print(s);
    printf("time        %s\n", cmd_span(s->first, s->last, s->calendar, span));
    if (s->rows > 0)
        printf("interval    %s\n", alm_print_duration(s->interval, interval));
    printf("written     %s\n", o->output);
    return ALM_OK;
}

/* The stored command repeats the trace without SPEC: the options that differ from their defaults, and the seed. */
static int write_trace(const struct generate_options *o, struct cmd_generator_job *job, struct alm_err *e)
{
    const char *name = job->generator->head.name;
    char source[96], options_text[CMD_OPTIONS_TEXT], command[CMD_OPTIONS_TEXT + 128];
    ALM_TRY(alm_options_changed(job->generator->head.opts, job->opt, options_text, sizeof options_text, e));
    snprintf(source, sizeof source, "generator %s", name);
    snprintf(command, sizeof command, "almanac generate %s%s%s --seed %" PRId64, name, *options_text ? ":" : "",
             options_text, job->seed);
    const struct cmd_trace_job write = {
        .output = o->output,
        .doing = "generating",
        .quiet = o->quiet,
        .info = {.title = o->title ? o->title : source,
                 .source = source,
                 .import_command = command,
                 .licence = o->licence},
        .fill = cmd_generator_fill,
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
    struct cmd_generator_job *job = calloc(1, sizeof *job);
    if (!job)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int code = read_spec(o->spec, &spec, e);
    for (size_t i = 0; code >= 0 && i < o->sets; i++)
        if (alm_spec_override(spec, o->set[i], e) < 0)
            code = alm_fail_in(e, "--set");
    if (code >= 0)
        code = cmd_generator_resolve(spec, o->spec, o->seed, job, e);
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
        .args_doc = "SPEC\n--fit TRACE",
        .doc = "Write a synthetic trace: a function of SPEC and seed alone. SPEC is a YAML file (generator: NAME, "
               "seed: N, "
               "and the generator's options beside them, see `almanac modules generator'), or NAME:KEY=VALUE,... "
               "With --fit, write a SPEC that makes a trace like TRACE, and say how like."
               "\vExamples:\n"
               "  almanac generate usage:units=4,duration=2d -o small.h5\n"
               "  almanac generate traces/samples/web.yaml --seed 7 -o web.h5\n"
               "  almanac generate --fit web.h5 -o like-web.yaml --plot like-web.svg",
    };
    struct generate_options o = {.format = CMD_TEXT};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    int code = o.fit.trace ? cmd_generate_fit(&o.fit, &e) : run(&o, &e);
    return code < 0 ? cmd_fail(&e) : cmd_finish();
}
