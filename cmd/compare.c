/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare: the policies of a results file against a baseline: a ranked table, and how sure each line of it is. */
#include "almanac/quantity.h"

#include "cmd/cmd.h"
#include "cmd/metric_choice.h"
#include "experiments/compare/comparison_write.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *file, *baseline, *format;
    struct metric_wishes metrics;
    int64_t draws, seed;
};

enum { OPT_FORMAT = 256, OPT_TOLERANCE, OPT_DRAWS, OPT_SEED };

static const struct argp_option options[] = {
    {"baseline", 'b', "POLICY", 0, "compare against this one (that of the specification, or the first)", 0},
    {"metrics", 'm', "A,B,...", 0,
     "these metrics, as cpu.slack_relative; the first one ranks (those of the specification)", 0},
    {"tolerance", OPT_TOLERANCE, "M=V,...", 0, "a change within V is none: slack=1%,oom_kills=0", 0},
    {"draws", OPT_DRAWS, "N", 0, "resamples of an interval (10000)", 1},
    {"seed", OPT_SEED, "N", 0, "seed of the resamples (1)", 1},
    {"format", OPT_FORMAT, "WORD", 0, "text (default), json, csv, markdown or latex", 2},
    {0},
};

static const char *const formats[] = {"text", "json", "csv", "markdown", "latex"};

static void set_number(int64_t *out, const char *text, const char *name, int64_t least, struct argp_state *state)
{
    struct alm_err e = {0};
    if (alm_parse_integer(text, out, &e) < 0 || *out < least)
        argp_error(state, "--%s %s: a whole number of at least %lld is needed", name, text, (long long)least);
}

static void set_format(struct request *q, const char *word, struct argp_state *state)
{
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++)
        if (strcmp(word, formats[k]) == 0)
            q->format = formats[k];
    if (!q->format)
        argp_error(state, "--format %s: text, json, csv, markdown or latex is right here", word);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    switch (key) {
    case 'b':
        q->baseline = arg;
        return 0;
    case 'm':
        q->metrics.names = arg;
        return 0;
    case OPT_TOLERANCE:
        q->metrics.limits = arg;
        return 0;
    case OPT_DRAWS:
        set_number(&q->draws, arg, "draws", 100, state);
        return 0;
    case OPT_SEED:
        set_number(&q->seed, arg, "seed", 0, state);
        return 0;
    case OPT_FORMAT:
        q->format = NULL;
        set_format(q, arg, state);
        return 0;
    case ARGP_KEY_ARG:
        if (q->file)
            argp_error(state, "one FILE, but there is also \"%s\"", arg);
        q->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!q->file)
            argp_error(state, "RESULTS.h5 is needed, as in: almanac compare results.h5");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char doc[] =
    "Compare the policies of an experiment: means, paired differences against the baseline with intervals, tests "
    "adjusted for their number, and a verdict: better, worse, same or inconclusive."
    "\vWhat is independent is said with each metric: traces, when there are at least 6, else units, else seeds. "
    "With fewer than 6 pairs the verdict is always inconclusive.\n\n"
    "Examples:\n"
    "  almanac compare results.h5\n"
    "  almanac compare results.h5 --baseline vpa --metrics slack,memory.oom_kills\n"
    "  almanac compare results.h5 --format latex > table.tex";

static int print(const struct request *q, const struct comparison *c, struct alm_err *e)
{
    if (strcmp(q->format, "text") == 0)
        return comparison_text(c, stdout, e);
    if (strcmp(q->format, "markdown") == 0)
        return comparison_markdown(c, stdout, e);
    if (strcmp(q->format, "latex") == 0)
        return comparison_latex(c, stdout, e);
    if (strcmp(q->format, "csv") == 0) {
        comparison_csv(c, stdout);
        return ALM_OK;
    }
    json_t *out = comparison_json(c);
    if (!out)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the JSON of a comparison");
    json_dumpf(out, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(out);
    return ALM_OK;
}

static int compare(const struct request *q, const struct compare_file *file, struct alm_err *e)
{
    struct metric_choice metrics;
    struct comparison *c;
    if (file->run)
        return alm_fail(e, ALM_EINVAL,
                        "%s is a run file; compare takes the results of an experiment, and two run files are "
                        "compared by: almanac check --baseline A.h5 B.h5",
                        q->file);
    if (file->source.cells == 0)
        return alm_fail(e, ALM_EDATA, "%s has no cells: nothing to compare", q->file);
    ALM_TRY(metric_choice_make(file, &q->metrics, &metrics, e));
    const char *baseline = q->baseline                         ? q->baseline
                           : file->baseline && *file->baseline ? file->baseline
                                                               : file->cell[0].policy;
    struct comparison_request r = {.baseline = baseline,
                                   .metric = metrics.metric,
                                   .metrics = metrics.count,
                                   .tolerance = metrics.tolerance,
                                   .plan = {.draws = (size_t)q->draws, .seed = (uint64_t)q->seed}};
    ALM_TRY(comparison_make(&file->source, &r, &c, e));
    int code = print(q, c, e);
    comparison_free(c);
    return code;
}

int cmd_compare(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "RESULTS.h5", doc, NULL, NULL, NULL};
    struct request q = {.format = "text", .draws = COMPARE_DRAWS, .seed = 1};
    struct compare_file file;
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &q);
    int code = compare_file_open(q.file, &file, &e);
    if (code >= 0)
        code = compare(&q, &file, &e);
    compare_file_close(&file);
    return code < 0 ? cmd_fail(&e) : cmd_finish();
}
