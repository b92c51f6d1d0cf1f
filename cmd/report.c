/* SPDX-License-Identifier: GPL-3.0-or-later
 * report: the results of an experiment as a page to send to a colleague. */
#include "experiments/report/report.h"

#include "almanac/quantity.h"
#include "almanac/table.h"

#include "cmd/cmd.h"
#include "cmd/results_job.h"
#include "experiments/sweep/results.h"

#include <string.h>

struct request {
    struct results_wishes results;
    const char *output, *title;
    bool figures;
};

enum { OPT_DRAWS = 256, OPT_SEED, OPT_TITLE, OPT_NO_FIGURES };

static const struct argp_option options[] = {
    {"output", 'o', "P.html", 0, "the page (required)", 0},
    {"baseline", 'b', "POLICY", 0, "compare against this one (that of the specification, or the first)", 0},
    {"metrics", 'm', "A,B,...", 0, "these metrics; the first one ranks (those of the specification)", 0},
    {"title", OPT_TITLE, "TEXT", 0, "what stands above (the file's name)", 0},
    {"no-figures", OPT_NO_FIGURES, NULL, 0, "tables and sentences alone: needs no gnuplot", 0},
    {"draws", OPT_DRAWS, "N", 0, "resamples of an interval (10000)", 1},
    {"seed", OPT_SEED, "N", 0, "seed of the resamples (1)", 1},
    {0},
};

static void set_number(int64_t *out, const char *text, const char *name, int64_t least, struct argp_state *state)
{
    struct alm_err e = {0};
    if (alm_parse_integer(text, out, &e) < 0 || *out < least)
        argp_error(state, "--%s %s: a whole number of at least %lld is needed", name, text, (long long)least);
}

static void check(const struct request *q, struct argp_state *state)
{
    if (!q->results.file)
        argp_error(state, "RESULTS.h5 is needed, as in: almanac report results.h5 -o report.html");
    if (!q->output)
        argp_error(state, "-o P.html is needed: where the page goes");
    if (strcmp(q->output, q->results.file) == 0)
        argp_error(state, "-o %s would replace the results", q->output);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    switch (key) {
    case 'o':
        q->output = arg;
        return 0;
    case 'b':
        q->results.baseline = arg;
        return 0;
    case 'm':
        q->results.metrics = arg;
        return 0;
    case OPT_TITLE:
        q->title = arg;
        return 0;
    case OPT_NO_FIGURES:
        q->figures = false;
        return 0;
    case OPT_DRAWS:
        set_number(&q->results.draws, arg, "draws", 100, state);
        return 0;
    case OPT_SEED:
        set_number(&q->results.seed, arg, "seed", 0, state);
        return 0;
    case ARGP_KEY_ARG:
        if (q->results.file)
            argp_error(state, "one FILE, but there is also \"%s\"", arg);
        q->results.file = arg;
        return 0;
    case ARGP_KEY_END:
        check(q, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char doc[] =
    "Write the results of an experiment as one HTML page: what was found and how sure it is, figures, ranked tables, "
    "every "
    "cell, failures, and where it comes from. The page needs nothing else: no network, no font, no other file."
    "\vFigures need gnuplot; without it: --no-figures.\n\n"
    "Examples:\n"
    "  almanac report results.h5 -o report.html\n"
    "  almanac report results.h5 --baseline vpa --title 'Spring trial' -o report.html";

static int write_page(const struct request *q, const struct results_job *j, struct alm_err *e)
{
    char sha256[65];
    struct results *r;
    ALM_TRY(alm_file_sha256(q->results.file, sha256, e));
    ALM_TRY(results_open(q->results.file, &r, e));
    struct report_request page = {.of = j->of,
                                  .trade = j->trade,
                                  .spec_text = r->spec_text,
                                  .version = r->version,
                                  .sha256 = sha256,
                                  .title = q->title,
                                  .figures = q->figures};
    int code = report_write(&page, q->output, e);
    results_close(r);
    return code;
}

int cmd_report(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "RESULTS.h5", doc, NULL, NULL, NULL};
    struct request q = {.results = {.draws = COMPARE_DRAWS, .seed = 1}, .figures = true};
    struct results_job job;
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &q);
    int code = results_job_open(&q.results, &job, &e);
    if (code >= 0)
        code = write_page(&q, &job, &e);
    results_job_close(&job);
    if (code < 0)
        return cmd_fail(&e);
    cmd_say("wrote %s", q.output);
    return cmd_finish();
}
