/* SPDX-License-Identifier: GPL-3.0-or-later
 * info: what is in a file of ours, after reading all of it.
 *
 * Meaning.  A trace is described by its units, span, resources and invocations; any other file by its attributes and columns. Every
 *           value is read, so a file that info accepts is whole: a damaged one ends with status 4 and the reason. */
#include "cmd/info.h"
#include "almanac/table.h"
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 4096

struct info_options {
    const char *file;
    enum cmd_format format;
};

static const struct argp_option options[] = {
    {"format", 'f', "text|json", 0, "how to print (text)", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct info_options *o = state->input;
    switch (key) {
    case 'f':
        o->format = cmd_format_parse(arg, "text|json", state);
        return 0;
    case ARGP_KEY_ARG:
        if (o->file)
            argp_error(state, "one FILE, but there is also \"%s\"", arg);
        o->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->file)
            argp_error(state, "FILE is needed, as in: almanac info trace.h5");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int add_attributes(struct alm_table *t, json_t *root, struct alm_err *e)
{
    char *text = NULL;
    int64_t number = 0;
    for (size_t i = 0; cmd_info_texts[i]; i++) {
        int rc = alm_table_get_text(t, "/", cmd_info_texts[i], &text, e);
        ALM_TRY(rc);
        if (rc == 0) {
            json_object_set_new(root, cmd_info_texts[i], cmd_info_text(text));
            free(text);
        }
    }
    for (size_t i = 0; cmd_info_numbers[i]; i++) {
        int rc = alm_table_get_int(t, "/", cmd_info_numbers[i], &number, e);
        ALM_TRY(rc);
        if (rc == 0)
            json_object_set_new(root, cmd_info_numbers[i], json_integer(number));
    }
    for (size_t i = 0; cmd_info_objects[i]; i++) {
        int rc = alm_table_get_text(t, "/", cmd_info_objects[i], &text, e);
        ALM_TRY(rc);
        if (rc != 0)
            continue;
        json_t *parsed = json_loads(text, 0, NULL);
        json_object_set_new(root, cmd_info_objects[i], parsed ? parsed : cmd_info_text(text));
        free(text);
    }
    return 0;
}

struct columns {
    struct alm_table *table;
    json_t *list;
};

static int read_whole(struct alm_column *c, enum alm_column_type type, struct alm_err *e)
{
    uint64_t length = alm_column_length(c), step = type == ALM_COL_TEXT ? 256 : BATCH;
    union {
        int64_t number[BATCH];
        char *text[256];
    } block;
    for (uint64_t first = 0; first < length; first += step) {
        if (cmd_interrupted)
            return alm_fail(e, ALM_EINTR, "interrupted");
        size_t n = length - first < step ? (size_t)(length - first) : (size_t)step;
        ALM_TRY(alm_column_read(c, first, n, &block, e));
        for (size_t i = 0; type == ALM_COL_TEXT && i < n; i++)
            free(block.text[i]);
    }
    return 0;
}

static int one_column(void *ctx, const char *path, struct alm_err *e)
{
    static const char *const words[] = {
        [ALM_COL_I64] = "i64", [ALM_COL_F64] = "f64",   [ALM_COL_U32] = "u32",
        [ALM_COL_U8] = "u8",   [ALM_COL_TEXT] = "text",
    };
    struct columns *l = ctx;
    enum alm_column_type type = ALM_COL_I64;
    struct alm_column *c = NULL;
    char *unit = NULL;
    ALM_TRY(alm_column_type(l->table, path, &type, e));
    ALM_TRY(alm_column_open(l->table, path, type, &c, e));
    ALM_TRY(read_whole(c, type, e));
    int rc = alm_table_get_text(l->table, path, "units", &unit, e);
    ALM_TRY(rc);
    json_t *row =
        json_pack("{s:s, s:s, s:I}", "path", path, "type", words[type], "length", (json_int_t)alm_column_length(c));
    if (rc == 0)
        json_object_set_new(row, "unit", cmd_info_text(unit));
    free(unit);
    return json_array_append_new(l->list, row) < 0 ? alm_fail(e, ALM_EDATA, "the name %s is not UTF-8", path) : 0;
}

/* Everything there is to say, as one JSON object. */
static int describe(const char *file, json_t *root, struct alm_err *e)
{
    struct alm_table *t = NULL;
    ALM_TRY(alm_table_open(file, NULL, &t, e));
    struct columns columns = {t, json_array()};
    json_object_set_new(root, "schema", json_string("almanac.info/1"));
    json_object_set_new(root, "file", json_string(file));
    json_object_set_new(root, "format", json_string(alm_table_format(t)));
    int rc = add_attributes(t, root, e);
    if (rc == 0 && strncmp(alm_table_format(t), "trace/", 6) == 0)
        rc = cmd_info_trace(file, root, e);
    if (rc == 0 && strncmp(alm_table_format(t), "results/", 8) == 0)
        rc = cmd_info_results(file, root, e);
    if (rc == 0)
        rc = alm_table_columns(t, one_column, &columns, e);
    json_object_set_new(root, "columns", columns.list);
    alm_table_close(t);
    return rc;
}

int cmd_info(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Say what is in a trace, run or results file. All of it is read, so a damaged file is found: status 4."
               "\vExamples:\n"
               "  almanac info web.h5\n"
               "  almanac info run.h5 --format json",
    };
    struct info_options o = {.format = CMD_TEXT};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    json_t *root = json_object();
    int rc = describe(o.file, root, &e);
    if (rc == 0 && o.format == CMD_JSON) {
        json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        putchar('\n');
    } else if (rc == 0) {
        cmd_info_print(root);
    }
    json_decref(root);
    return rc < 0 ? cmd_fail(&e) : cmd_finish();
}
