/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep plan: a specification to a folder of cells to run, and how many they are. */
#include "cmd/cmd.h"
#include "cmd/sweep.h"
#include "cmd/sweep_frame.h"
#include "experiments/sweep/plan_layout.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define NAMES_WIDTH 60

struct request {
    struct sweep_frame frame;
    const char *dir;
};

static const struct argp_option options[] = {
    {"output", 'o', "DIR", 0, "folder of the plan, made where it is missing (required)", 0},
    {0},
};

static const char doc[] =
    "Expand the experiment SPEC to cells: one simulation for each policy, value of each factor, part of a trace and "
    "seed. Every mistake in SPEC is told, with line and column."
    "\vDIR gets plan.json and cells.ndjson. Planning again into DIR replaces both; a cell whose configuration, trace, "
    "seed "
    "and version are what they were keeps its name, so what was done for it stays done.\n\n"
    "Example, of SPEC and of the command:\n"
    "  traces: [web.h5]\n"
    "  policies:\n"
    "    - {name: fixed, allocator: \"static:cpu=2,memory=4Gi\"}\n"
    "    - {name: vpa, predictor: vpa, allocator: envelope}\n"
    "  factors: {control.interval: [5m, 10m]}\n"
    "  seeds: [1, 2, 3]\n"
    "  baseline: fixed\n\n"
    "  almanac sweep plan experiment.yaml -o runs";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &q->frame;
        return 0;
    case 'o':
        q->dir = arg;
        return 0;
    case ARGP_KEY_END:
        if (!q->dir || !q->dir[0])
            argp_error(state, "where to? Give the folder of the plan by -o DIR");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void warn(void *ctx, const char *text)
{
    (void)ctx;
    cmd_warn("%s", text);
}

static void hear(void *ctx, const char *problem)
{
    (void)ctx;
    cmd_say("%s", problem);
}

/* The parts of the whole: their product is the number of cells. */
struct counts {
    size_t traces, parts, seeds;
    uint64_t configurations; /* policies with the values of their factors */
};

static struct counts count(const struct sweep_plan *p)
{
    const struct sweep_spec *s = p->spec;
    struct counts c = {.traces = s->traces, .parts = 1, .seeds = s->seeds + p->extra_seeds};
    if (s->train > 0 && s->test > 0)
        c.parts = 2;
    c.configurations = p->layout->shared * p->layout->width;
    return c;
}

/* The begin of a NAME that is longer than a line, between two characters. */
static void add_cut(char *line, const char *name)
{
    int n = NAMES_WIDTH - 8;
    while (n > 0 && ((unsigned char)name[n] & 0xC0) == 0x80)
        n--;
    snprintf(line, NAMES_WIDTH, "%.*s...", n, name);
}

/* Add NAME to a line of names, or "..." where it ends. */
static void add_name(char *line, const char *name)
{
    size_t used = strlen(line);
    if (used >= 3 && strcmp(line + used - 3, "...") == 0)
        return;
    if (used + strlen(name) + 7 < NAMES_WIDTH)
        snprintf(line + used, NAMES_WIDTH - used, "%s%s", used ? ", " : "", name);
    else if (used)
        snprintf(line + used, NAMES_WIDTH - used, ", ...");
    else
        add_cut(line, name);
}

static void print_factors(const struct sweep_spec *s)
{
    for (size_t i = 0; i < s->factors; i++) {
        const struct sweep_factor *f = &s->factor[i];
        char line[NAMES_WIDTH] = "";
        for (size_t k = 0; k < f->values; k++)
            add_name(line, f->value[k]);
        printf("%-10s %8zu  %s%s%s = %s%s\n", i ? "" : "factors", f->values, f->policy ? f->policy : "",
               f->policy ? ": " : "", f->path, line, f->zip ? "  (zipped)" : "");
    }
}

static void print_text(const struct sweep_plan *p)
{
    const struct sweep_spec *s = p->spec;
    struct counts c = count(p);
    char traces[NAMES_WIDTH] = "", policies[NAMES_WIDTH] = "";
    for (size_t i = 0; i < s->traces; i++)
        add_name(traces, s->trace[i].name);
    for (size_t i = 0; i < s->policies; i++)
        add_name(policies, s->policy[i].name);
    printf("%-10s %8zu  %s\n", "traces", s->traces, traces);
    printf("%-10s %8zu  %s\n", "policies", s->policies, policies);
    print_factors(s);
    printf("%-10s %8zu  %s\n", "parts", c.parts,
           c.parts == 2 ? "train, test"
           : s->train   ? "train"
           : s->test    ? "test"
                        : "whole");
    printf("%-10s %8zu\n", "seeds", c.seeds);
    if (s->tunes > 0) {
        for (size_t i = 0; i < s->tunes; i++)
            printf("%-10s %8s  %s: has cells when `sweep run` has chosen its values\n", i ? "" : "tuned", "",
                   s->tune[i].policy);
        printf("%-10s %8" PRIu64 "\n", "cells", p->cells);
        return;
    }
    printf("%-10s %8" PRIu64 "  %zu trace%s x %" PRIu64 " configuration%s x %zu part%s x %zu seed%s\n", "cells",
           p->cells, c.traces, c.traces == 1 ? "" : "s", c.configurations, c.configurations == 1 ? "" : "s", c.parts,
           c.parts == 1 ? "" : "s", c.seeds, c.seeds == 1 ? "" : "s");
}

static json_t *factors_json(const struct sweep_spec *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->factors; i++) {
        const struct sweep_factor *f = &s->factor[i];
        json_t *values = json_array();
        for (size_t k = 0; k < f->values; k++)
            json_array_append_new(values, json_string(f->value[k]));
        json_array_append_new(list, json_pack("{s:s, s:s?, s:b, s:o}", "path", f->path, "policy", f->policy, "zip",
                                              f->zip, "values", values));
    }
    return list;
}

static int print_json(const struct request *q, const struct sweep_plan *p, struct alm_err *e)
{
    const struct sweep_spec *s = p->spec;
    struct counts c = count(p);
    json_t *traces = json_array(), *policies = json_array();
    for (size_t i = 0; i < s->traces; i++)
        json_array_append_new(traces, json_pack("{s:s, s:s, s:s, s:s}", "name", s->trace[i].name, "file",
                                                s->trace[i].path, "units", s->trace[i].units, "sha256", p->sha256[i]));
    for (size_t i = 0; i < s->policies; i++)
        json_array_append_new(policies, json_string(s->policy[i].name));
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "schema", "almanac.sweep_plan/1",
                          "version", p->version, "spec", s->path, "plan", q->dir, "traces", traces, "policies",
                          policies, "factors", factors_json(s), "configurations", (json_int_t)c.configurations, "parts",
                          (json_int_t)c.parts, "seeds", (json_int_t)c.seeds, "cells", (json_int_t)p->cells);
    if (!o)
        return alm_fail(e, ALM_ENOMEM, "%s: the plan cannot be shown as JSON", q->dir);
    json_dumpf(o, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(o);
    return ALM_OK;
}

static int make(struct request *q, struct alm_err *e)
{
    struct sweep_spec *s;
    struct sweep_plan *p;
    ALM_TRY(sweep_spec_read(q->frame.place, hear, NULL, &s, e));
    ALM_TRY(sweep_plan_make(s, q->dir, &p, e));
    p->stop = &cmd_interrupted;
    cmd_progress_start(&q->frame.progress, "planning", q->frame.quiet);
    int code = sweep_plan_check(p, warn, NULL, e);
    if (code >= 0)
        code = sweep_plan_write(p, sweep_frame_step, &q->frame, e);
    cmd_progress_stop(&q->frame.progress);
    if (code >= 0 && q->frame.format == CMD_JSON)
        code = print_json(q, p, e);
    else if (code >= 0 && !q->frame.quiet)
        print_text(p);
    sweep_plan_free(p);
    return code;
}

int cmd_sweep_plan(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "SPEC", doc, sweep_frame_formats, NULL, NULL};
    struct request request = {.frame = {.noun = "SPEC", .question = "which experiment? Give its SPEC, a YAML file"}};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &request);
    return make(&request, &e) < 0 ? cmd_fail(&e) : cmd_finish();
}
