/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep merge: the results of all cells in one file. */
#include "cmd/cmd.h"
#include "cmd/sweep.h"
#include "cmd/sweep_choice.h"
#include "cmd/sweep_frame.h"
#include "experiments/sweep/results.h"

#include <inttypes.h>
#include <stdio.h>

struct request {
    struct sweep_frame frame;
    const char *output;
    bool partial;
};

enum { OPT_PARTIAL = 256 };

static const struct argp_option options[] = {
    {"output", 'o', "RESULTS.h5", 0, "the results file (required)", 1},
    {"partial", OPT_PARTIAL, NULL, 0, "leave out cells that are missing", 1},
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
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &q->frame;
        return 0;
    case 'o':
        q->output = arg;
        return 0;
    case OPT_PARTIAL:
        q->partial = true;
        return 0;
    case ARGP_KEY_END:
        if (!q->output)
            argp_error(state, "where to? Give the results file by -o FILE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cmd_sweep_merge(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "DIR", doc, sweep_frame_plain, NULL, NULL};
    struct request request = {.frame = SWEEP_FRAME_DIR};
    struct results_count count = {0};
    struct sweep_plan *plan;
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &request);
    if (sweep_plan_read(request.frame.place, &plan, &e) < 0)
        return cmd_fail(&e);
    const char *untuned = request.partial ? NULL : sweep_choice_missing(plan);
    if (untuned) {
        cmd_say(
            "policy %s has no values yet, so nothing was written: `almanac sweep run %s` searches for them, --partial "
            "leaves its cells out",
            untuned, request.frame.place);
        sweep_plan_free(plan);
        return 3;
    }
    cmd_progress_start(&request.frame.progress, "merging", request.frame.quiet);
    int code = results_merge(plan, request.output, request.partial, &count, sweep_frame_step, &request.frame, &e);
    cmd_progress_stop(&request.frame.progress);
    sweep_plan_free(plan);
    if (code < 0)
        return cmd_fail(&e);
    if (code == ALM_NOT_YET) {
        cmd_say("%" PRIu64 " of %" PRIu64
                " cells are missing, so nothing was written: `almanac sweep run %s` does them, "
                "--partial leaves them out",
                count.missing, count.done + count.failed + count.missing, request.frame.place);
        return 3;
    }
    printf("%s: %" PRIu64 " cells, %" PRIu64 " failed, %" PRIu64 " missing\n", request.output,
           count.done + count.failed, count.failed, count.missing);
    int finished = cmd_finish();
    return finished ? finished : count.failed || count.missing ? 3 : 0;
}
