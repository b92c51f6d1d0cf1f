/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_files: almanac check, a regression gate: may what a change did to the metrics go in?
 *
 * Meaning.  Exit status 0: nothing is worse than its tolerance. 1: something is, or too few pairs changed to tell. 3: cells are missing
 *           or failed. 4: the files cannot be compared. */
#include "cmd/cmd.h"
#include "cmd/metric_choice.h"
#include "experiments/compare/gate_write.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum form { FORM_TEXT, FORM_JSON, FORM_JUNIT, FORM_MARKDOWN, FORM_GITHUB, FORM_BENCH, FORMS };
static const char *const form_words[FORMS] = {"text", "json", "junit", "markdown", "github", "bench"};

struct request {
    const char *base, *value, *output;
    const char *beside[FORMS]; /* files, one for each form */
    enum form form;
    struct metric_wishes metrics;
    bool allow_inconclusive;
};

enum { OPT_BASELINE = 256, OPT_LIMITS, OPT_DEFAULT, OPT_ALLOW, OPT_FORMAT, OPT_BESIDE };

static const struct argp_option options[] = {
    {"baseline", OPT_BASELINE, "BASE.h5", 0, "the file to compare with (required)", 0},
    {"metrics", 'm', "A,B,...", 0, "check these metrics (those of the baseline's specification)", 1},
    {"max-regress", OPT_LIMITS, "M=V,...", 0,
     "how much worse each metric may get: slack=2%,overrun=0; a value alone is for all that have no other", 1},
    {"default-tolerance", OPT_DEFAULT, "V", 0, "for metrics without one (2%)", 1},
    {"allow-inconclusive", OPT_ALLOW, NULL, 0, "let changes pass that too few pairs can judge", 1},
    {"format", OPT_FORMAT, "WORD", 0, "text (default), json, junit, markdown, github or bench", 2},
    {"output", 'o', "FILE", 0, "write there instead of standard output", 2},
    {"json", OPT_BESIDE + FORM_JSON, "FILE", 0, "write this too", 3},
    {"junit", OPT_BESIDE + FORM_JUNIT, "FILE", 0, "write this too", 3},
    {"markdown", OPT_BESIDE + FORM_MARKDOWN, "FILE", 0, "write this too", 3},
    {"bench", OPT_BESIDE + FORM_BENCH, "FILE", 0, "write this too", 3},
    {0},
};

static const char doc[] =
    "Compare a results file, or a run file, with a baseline of its kind, and fail when something got worse than its "
    "tolerance: only when the whole 95 % interval of the change says so."
    "\vExit status: 0 pass, 1 worse (or changed, with fewer than 6 pairs), 2 usage, 3 missing or failed cells, 4 the "
    "files cannot be compared. With GITHUB_ACTIONS=true annotations are printed too.\n\n"
    "Examples:\n"
    "  almanac check --baseline base.h5 new.h5\n"
    "  almanac check --baseline base.h5 new.h5 --max-regress slack=2%,overrun=0\n"
    "  almanac check --baseline base.h5 new.h5 --junit check.xml --markdown summary.md";

static enum form form_of(const char *word, struct argp_state *state)
{
    for (int k = 0; k < FORMS; k++)
        if (strcmp(word, form_words[k]) == 0)
            return (enum form)k;
    argp_error(state, "--format %s: text, json, junit, markdown, github or bench is right here", word);
    return FORM_TEXT;
}

static void end(const struct request *q, struct argp_state *state)
{
    if (!q->base)
        argp_error(state, "which baseline? Give it by --baseline BASE.h5");
    if (!q->value)
        argp_error(state, "NEW.h5 is needed, as in: almanac check --baseline base.h5 new.h5");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    switch (key) {
    case OPT_BASELINE:
        q->base = arg;
        return 0;
    case 'm':
        q->metrics.names = arg;
        return 0;
    case OPT_LIMITS:
        q->metrics.limits = arg;
        return 0;
    case OPT_DEFAULT:
        q->metrics.def = arg;
        return 0;
    case OPT_ALLOW:
        q->allow_inconclusive = true;
        return 0;
    case OPT_FORMAT:
        q->form = form_of(arg, state);
        return 0;
    case 'o':
        q->output = arg;
        return 0;
    case OPT_BESIDE + FORM_JSON:
    case OPT_BESIDE + FORM_JUNIT:
    case OPT_BESIDE + FORM_MARKDOWN:
    case OPT_BESIDE + FORM_BENCH:
        q->beside[key - OPT_BESIDE] = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (q->value)
            argp_error(state, "one NEW.h5, but there is also \"%s\"", arg);
        q->value = arg;
        return 0;
    case ARGP_KEY_END:
        end(q, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int put_json(json_t *object, FILE *out, struct alm_err *e)
{
    if (!object)
        return alm_fail(e, ALM_ENOMEM, "out of memory for JSON");
    json_dumpf(object, out, JSON_INDENT(1) | JSON_SORT_KEYS);
    putc('\n', out);
    json_decref(object);
    return ALM_OK;
}

static int put(const struct gate *g, enum form form, FILE *out, struct alm_err *e)
{
    switch (form) {
    case FORM_JSON:
        return put_json(gate_json(g), out, e);
    case FORM_BENCH:
        return put_json(gate_bench(g), out, e);
    case FORM_JUNIT:
        gate_junit(g, out);
        return ALM_OK;
    case FORM_MARKDOWN:
        gate_markdown(g, out);
        return ALM_OK;
    case FORM_GITHUB:
        gate_github(g, out);
        return ALM_OK;
    case FORM_TEXT:
    case FORMS:
        break;
    }
    gate_text(g, out);
    return ALM_OK;
}

static int put_file(const struct gate *g, enum form form, const char *path, struct alm_err *e)
{
    FILE *out = fopen(path, "w");
    if (!out)
        return alm_fail(e, ALM_EINVAL, "%s: %s", path, strerror(errno));
    int code = put(g, form, out, e);
    bool broken = ferror(out) != 0;
    if ((fclose(out) != 0 || broken) && code >= 0)
        code = alm_fail(e, ALM_EIO, "%s: could not be written whole", path);
    return code;
}

static bool on_github(void)
{
    const char *word = getenv("GITHUB_ACTIONS");
    return word && strcmp(word, "true") == 0;
}

static int report(const struct request *q, const struct gate *g, struct alm_err *e)
{
    ALM_TRY(q->output ? put_file(g, q->form, q->output, e) : put(g, q->form, stdout, e));
    for (int k = 0; k < FORMS; k++)
        if (q->beside[k])
            ALM_TRY(put_file(g, (enum form)k, q->beside[k], e));
    /* Annotations are lines of their own, so they may stand behind text, but not inside JSON or XML. */
    bool text = q->output || q->form == FORM_TEXT || q->form == FORM_MARKDOWN;
    return on_github() && text ? put(g, FORM_GITHUB, stdout, e) : ALM_OK;
}

/* Two runs are one cell each, whatever the policy and the trace are called: what changed may be the policy. */
static int pair_runs(struct compare_file *base, struct compare_file *value, struct alm_err *e)
{
    if (base->run != value->run)
        return alm_fail(e, ALM_EDATA, "%s is a %s file and %s a %s file; both must be of one kind", base->source.path,
                        base->run ? "run" : "results", value->source.path, value->run ? "run" : "results");
    if (!base->run)
        return ALM_OK;
    if (base->cell->seed != value->cell->seed)
        return alm_fail(e, ALM_EDATA, "%s has seed %lld, %s has %lld; runs are paired by their seed", base->source.path,
                        (long long)base->cell->seed, value->source.path, (long long)value->cell->seed);
    if (strcmp(base->cell->policy, value->cell->policy) != 0)
        cmd_say("the policy was %s, and is %s", base->cell->policy, value->cell->policy);
    base->cell->policy = value->cell->policy;
    base->cell->trace = value->cell->trace;
    return ALM_OK;
}

/* Files of earlier versions do not have it. */
static void tell_unknown_time(const struct compare_file *base, const struct compare_file *value)
{
    const struct compare_file *files[] = {base, value};
    for (size_t k = 0; k < 2; k++)
        if (files[k]->source.cells > 0 && !files[k]->cell->window)
            cmd_warn("%s does not say which time of its traces was scored: that is not compared",
                     files[k]->source.path);
}

static int check(const struct request *q, struct compare_file *base, struct compare_file *value, int *status,
                 struct alm_err *e)
{
    struct metric_choice metrics;
    struct gate *g;
    ALM_TRY(compare_file_open(q->base, base, e));
    ALM_TRY(compare_file_open(q->value, value, e));
    ALM_TRY(pair_runs(base, value, e));
    tell_unknown_time(base, value);
    ALM_TRY(metric_choice_make(base, &q->metrics, &metrics, e));
    struct gate_request r = {.metric = metrics.metric,
                             .metrics = metrics.count,
                             .tolerance = metrics.tolerance,
                             .wanted = metrics.wanted,
                             .plan = {.seed = 1},
                             .allow_inconclusive = q->allow_inconclusive};
    ALM_TRY(gate_make(&base->source, &value->source, &r, &g, e));
    *status = g->status;
    int code = report(q, g, e);
    gate_free(g);
    return code;
}

int cmd_check(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "NEW.h5", doc, NULL, NULL, NULL};
    struct request q = {.metrics.def = "2%"};
    struct compare_file base = {0}, value = {0};
    struct alm_err e = {0};
    int status = 0;
    argp_parse(&argp, argc, argv, 0, NULL, &q);
    int code = check(&q, &base, &value, &status, &e);
    compare_file_close(&base);
    compare_file_close(&value);
    if (code < 0)
        return cmd_fail(&e);
    int finish = cmd_finish();
    return finish ? finish : status;
}
