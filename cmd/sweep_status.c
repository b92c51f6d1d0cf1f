/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep status: how far a plan is, and what failed. */
#include "cmd/cmd.h"
#include "cmd/sweep.h"
#include "cmd/sweep_choice.h"
#include "cmd/sweep_frame.h"
#include "experiments/sweep/crew.h"

#include <jansson.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 20 /* failed cells */

struct request {
    struct sweep_frame frame;
    const struct sweep_plan *plan;
    json_t *failed; /* a list */
    struct sweep_choice choice;
};

static const char doc[] =
    "Count the cells of the plan in DIR that are done, failed and missing, and say why those failed that did."
    "\vExit status 0 when all are done, 3 when not.\n\nExample:\n  almanac sweep status runs";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    (void)arg;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = &q->frame;
    return 0;
}

static void on_progress(void *ctx, double done)
{
    struct request *q = ctx;
    sweep_frame_step(&q->frame, done);
}

static int on_failed(void *ctx, const struct sweep_cell *cell, const char *reason, struct alm_err *e)
{
    struct request *q = ctx;
    const struct sweep_spec *s = q->plan->spec;
    char command[4096];
    if (q->frame.format == CMD_TEXT && json_array_size(q->failed) == SHOWN)
        return ALM_OK;
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s}", "id", cell->id, "trace", s->trace[cell->trace].name, "policy",
                  s->policy[cell->policy].name, "part", sweep_part_word(cell->part), "seed", (json_int_t)cell->seed,
                  "reason", reason, "command", sweep_cell_command(q->plan, cell, command, sizeof command));
    if (!o || json_array_append_new(q->failed, o) < 0)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a list of failed cells");
    return ALM_OK;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text ? text : "";
}

static void print_text(const struct request *q, const struct crew_status *s)
{
    size_t k;
    json_t *o;
    printf("%" PRIu64 " cells: %" PRIu64 " done, %" PRIu64 " failed, %" PRIu64 " missing\n", s->wanted, s->done,
           s->failed, s->wanted - s->done - s->failed);
    sweep_choice_print(&q->choice);
    json_array_foreach(q->failed, k, o)
    {
        printf("\n%s  %s, %s, seed %" JSON_INTEGER_FORMAT ", %s\n  %s\n  %s\n", text_of(o, "id"), text_of(o, "trace"),
               text_of(o, "policy"), json_integer_value(json_object_get(o, "seed")), text_of(o, "part"),
               text_of(o, "reason"), text_of(o, "command"));
    }
    if (s->failed > SHOWN)
        printf("\n... and %" PRIu64 " more (--format json shows all)\n", s->failed - SHOWN);
}

static int print_json(const struct request *q, const struct crew_status *s, struct alm_err *e)
{
    json_t *o = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:O, s:O, s:O?}", "schema", "almanac.sweep_status/1",
                          "version", q->plan->version, "cells", (json_int_t)s->wanted, "done", (json_int_t)s->done,
                          "failed", (json_int_t)s->failed, "missing", (json_int_t)(s->wanted - s->done - s->failed),
                          "failed_cells", q->failed, "tuned", q->choice.tuned, "until", q->choice.until);
    if (!o)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the JSON of a plan");
    json_dumpf(o, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(o);
    return ALM_OK;
}

static int look(struct request *q, struct crew_status *s, struct alm_err *e)
{
    const struct crew_look look = {.failed = on_failed, .progress = on_progress, .ctx = q};
    q->failed = json_array();
    if (!q->failed)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a list of failed cells");
    cmd_progress_start(&q->frame.progress, "looking at cells", q->frame.quiet);
    int code = crew_look(q->plan, &look, s, e);
    cmd_progress_stop(&q->frame.progress);
    if (code >= 0)
        code = sweep_choice_look(q->plan, s->done + s->failed == s->wanted, &q->choice, e);
    if (code >= 0 && q->frame.format == CMD_JSON)
        code = print_json(q, s, e);
    else if (code >= 0)
        print_text(q, s);
    json_decref(q->failed);
    sweep_choice_close(&q->choice);
    return code;
}

int cmd_sweep_status(int argc, char **argv)
{
    static const struct argp argp = {NULL, parse, "DIR", doc, sweep_frame_formats, NULL, NULL};
    struct request request = {.frame = SWEEP_FRAME_DIR};
    struct crew_status status = {0};
    struct sweep_plan *plan;
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &request);
    if (sweep_plan_read(request.frame.place, &plan, &e) < 0)
        return cmd_fail(&e);
    request.plan = plan;
    int code = look(&request, &status, &e);
    sweep_plan_free(plan);
    if (code < 0)
        return cmd_fail(&e);
    int finished = cmd_finish();
    return finished ? finished : status.done < status.wanted || request.choice.open ? 3 : 0;
}
