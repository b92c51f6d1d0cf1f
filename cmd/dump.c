/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump: a table of one of our files as CSV or JSON.
 *
 * Meaning.  The decisions of a run are unfolded: one row per decision time and unit, sorted by unit then time. The
 *           invocations of a trace are shown with their inputs, its behaviour with the names of functions, what a run keeps by
 *           day and by stated confidence with its quotients. Every other table is shown row by row. Memory is bounded, whatever
 *           the length of the file. */
#include "almanac/resource.h"
#include "almanac/table.h"
#include "cmd/cmd.h"
#include "cmd/dump_behaviour.h"
#include "cmd/dump_invocations.h"
#include "cmd/dump_rows.h"
#include "cmd/dump_table.h"
#include "cmd/dump_tally.h"
#include "experiments/run_file.h"

#include <string.h>

struct dump_options {
    const char *file, *table, *unit, *columns;
    enum cmd_format format;
    bool changes;
};

static const struct argp_option options[] = {
    {"format", 'f', "csv|json", 0, "how to print (csv)", 0},
    {"unit", 'u', "NAME", 0, "only the rows of this unit", 0},
    {"columns", 'c', "A,B,...", 0, "only these columns, in this order", 0},
    {"changes", 'C', NULL, 0, "decisions: only those whose limits, decided or applied, differ from the one before", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct dump_options *o = state->input;
    switch (key) {
    case 'f':
        o->format = cmd_format_parse(arg, "csv|json", state);
        return 0;
    case 'u':
        o->unit = arg;
        return 0;
    case 'c':
        o->columns = arg;
        return 0;
    case 'C':
        o->changes = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "one FILE and one TABLE, but there is also \"%s\"", arg);
        *(state->arg_num == 0 ? &o->file : &o->table) = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->table == NULL)
            argp_error(state, "FILE and TABLE are needed, as in: almanac dump run.h5 decisions");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "FILE TABLE",
    .doc = "Print a table of a trace, run or results file: decisions, samples, envelopes, executions, machines, "
           "machine_samples, units, days, reliability, usage, invocations, inputs, behaviour, metrics, cells, or any "
           "other group of the file."
           "\vTimes are exact seconds, unit numbers become names, and a missing value is an empty field (null in "
           "JSON).\n\n"
           "Examples:\n"
           "  almanac dump run.h5 decisions --changes\n"
           "  almanac dump trace.h5 usage --unit web-0 --columns time_s,cpu\n"
           "  almanac dump results.h5 cells --columns trace,policy,seed,cpu_slack_relative",
};

static const char *const decision_columns[] = {
    "time_s", "unit", "cpu_limit_millicores", "memory_limit_bytes", "cpu_applied_millicores", "memory_applied_bytes",
    "reason"};
#define DECISION_COLUMNS (sizeof decision_columns / sizeof *decision_columns)

struct decisions {
    struct alm_run *run;
    struct dump_rows *rows;
};

static struct dump_cell limit_cell(int64_t limit)
{
    return (struct dump_cell){.type = limit == ALM_NO_LIMIT ? DUMP_NONE : DUMP_INTEGER, .integer = limit};
}

static int put_decision(void *ctx, const struct alm_run_decision *row, struct alm_err *e)
{
    const struct decisions *d = ctx;
    char reason[1024];
    struct dump_cell cell[DECISION_COLUMNS] = {
        {.type = DUMP_TIME, .integer = row->time},
        {.type = DUMP_TEXT, .text = d->run->unit[row->unit].name},
        limit_cell(row->limit[ALM_CPU]),
        limit_cell(row->limit[ALM_MEMORY]),
        limit_cell(row->applied[ALM_CPU]),
        limit_cell(row->applied[ALM_MEMORY]),
        {.type = DUMP_TEXT, .text = alm_run_reason(d->run, row, reason, sizeof reason)},
    };
    return dump_rows_put(d->rows, cell, e);
}

static int dump_decisions(const struct dump_options *o, struct dump_rows *w, struct alm_err *e)
{
    struct alm_run *run = NULL;
    ALM_TRY(alm_run_file_open(o->file, &run, e));
    uint32_t unit = ALM_RUN_ALL;
    int code = o->unit ? alm_run_file_unit(run, o->unit, &unit, e) : ALM_OK;
    if (code >= 0)
        code = dump_rows_start(w, "decisions", decision_columns, DECISION_COLUMNS, o->columns, e);
    struct decisions d = {run, w};
    enum alm_run_view view = o->changes ? ALM_RUN_CHANGES : ALM_RUN_EVERY;
    if (code >= 0)
        code = alm_run_each_decision(run, unit, view, put_decision, &d, e);
    if (code >= 0)
        dump_rows_end(w);
    alm_run_file_close(run);
    return code;
}

/* Of all units together: an older file lacks it, and says so as of any other table. */
static int dump_whole(const struct dump_options *o, struct alm_table *t, struct dump_rows *w, struct alm_err *e)
{
    if (o->unit)
        return alm_fail(e, ALM_EINVAL, "table %s is of all units together: --unit has no meaning", o->table);
    int code = dump_tally(t, o->table, o->columns, w, e);
    return code == ALM_NOT_YET ? dump_table(t, o->table, NULL, o->columns, w, e) : code;
}

static int dump_any(const struct dump_options *o, struct dump_rows *w, struct alm_err *e)
{
    struct alm_table *t = NULL;
    ALM_TRY(alm_table_open(o->file, NULL, &t, e));
    bool run = strncmp(alm_table_format(t), "run/", 4) == 0, trace = strncmp(alm_table_format(t), "trace/", 6) == 0;
    bool decisions = run && strcmp(o->table, "decisions") == 0;
    bool calls = strcmp(o->table, "invocations") == 0 || strcmp(o->table, "inputs") == 0;
    if (decisions || (trace && !o->changes && calls)) {
        alm_table_close(t);
        return decisions ? dump_decisions(o, w, e) : dump_invocations(o->file, o->table, o->unit, o->columns, w, e);
    }
    if (trace && !o->changes && strcmp(o->table, "behaviour") == 0) {
        alm_table_close(t);
        return dump_behaviour(o->file, o->unit, o->columns, w, e);
    }
    int code;
    if (o->changes)
        code = alm_fail(e, ALM_EINVAL, "--changes is for table decisions of a run file, not for %s of %s", o->table,
                        o->file);
    else if (run && dump_tally_has(o->table))
        code = dump_whole(o, t, w, e);
    else
        code = dump_table(t, o->table, o->unit, o->columns, w, e);
    alm_table_close(t);
    return code;
}

int cmd_dump(int argc, char **argv)
{
    struct dump_options o = {.format = CMD_CSV};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct dump_rows w = {.out = stdout, .format = o.format};
    struct alm_err e = {0};
    int code = dump_any(&o, &w, &e);
    dump_rows_free(&w);
    if (w.closed)
        return 0;
    int finish = code == ALM_OK || code == ALM_EINTR ? cmd_finish() : 0;
    return code < 0 ? cmd_fail(&e) : finish;
}
