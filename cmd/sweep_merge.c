/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep merge: the results of all cells in one file. */
#include "cmd/cmd.h"
#include "cmd/sweep.h"
#include "cmd/sweep_choice.h"
#include "experiments/sweep/results.h"

#include <inttypes.h>
#include <stdio.h>

struct request {
    const char *dir, *output;
    bool partial, quiet;
    struct cmd_progress progress;
};

enum { OPT_PARTIAL = 256 };

static const struct argp_option options[] = {
    {"output", 'o', "RESULTS.h5", 0, "the results file (required)", 1},
    {"partial", OPT_PARTIAL, NULL, 0, "leave out cells that are missing", 1},
    {"quiet", 'q', NULL, 0, "no progress", 1},
    {0},
};

static const char doc[] =
    "Gather the cells of the plan in DIR into one results file: one row a cell, in the order of the plan."
    "\vThe file is the same whoever ran the cells, and in what order. Exit status 3 when cells are missing "
    "(nothing is written then, but with --partial) or failed (they are rows without figures).\n\n"
    "Example:\n  almanac sweep merge runs -o results.h5";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    switch (key) {
    case 'o':
        q->output = arg;
        return 0;
    case 'q':
        q->quiet = true;
        return 0;
    case OPT_PARTIAL:
        q->partial = true;
        return 0;
    case ARGP_KEY_ARG:
        if (q->dir)
            argp_error(state, "`%s`: one folder is expected, `%s` was given before", arg, q->dir);
        q->dir = arg;
        return 0;
    case ARGP_KEY_END:
        if (!q->dir)
            argp_error(state, "which plan? Give the folder that `almanac sweep plan` made");
        if (!q->output)
            argp_error(state, "where to? Give the results file by -o FILE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cmd_sweep_merge(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "DIR", doc, NULL, NULL, NULL};
    struct request request = {0};
    struct results_count count = {0};
    struct sweep_plan *plan;
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &request);
    if (sweep_plan_read(request.dir, &plan, &e) < 0)
        return cmd_fail(&e);
    const char *untuned = request.partial ? NULL : sweep_choice_missing(plan);
    if (untuned) {
        cmd_say(
            "policy %s has no values yet, so nothing was written: `almanac sweep run %s` searches for them, --partial "
            "leaves its cells out",
            untuned, request.dir);
        sweep_plan_free(plan);
        return 3;
    }
    cmd_progress_start(&request.progress, "merging", request.quiet);
    int code = results_merge(plan, request.output, request.partial, &count, cmd_progress_step, &request.progress, &e);
    cmd_progress_stop(&request.progress);
    sweep_plan_free(plan);
    if (code < 0)
        return cmd_fail(&e);
    if (code == ALM_NOT_YET) {
        cmd_say("%" PRIu64 " of %" PRIu64
                " cells are missing, so nothing was written: `almanac sweep run %s` does them, "
                "--partial leaves them out",
                count.missing, count.done + count.failed + count.missing, request.dir);
        return 3;
    }
    printf("%s: %" PRIu64 " cells, %" PRIu64 " failed, %" PRIu64 " missing\n", request.output,
           count.done + count.failed, count.failed, count.missing);
    int finished = cmd_finish();
    return finished ? finished : count.failed || count.missing ? 3 : 0;
}
