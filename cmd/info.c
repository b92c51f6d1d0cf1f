/* SPDX-License-Identifier: GPL-3.0-or-later
 * info: what is in a file of ours, after reading all of it.
 *
 * Meaning.  A trace is described by its units, span and resources; any other file by its attributes and columns. Every
 *           value is read, so a file that info accepts is whole: a damaged one ends with status 4 and the reason. */
#include "almanac/quantity.h"
#include "almanac/table.h"
#include "cmd/cmd.h"
#include "cmd/trace_text.h"
#include "traces/trace_file.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
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

/* What is said of a file, in order: text shows it line by line, JSON as it is. */
static const char *const text_attributes[] = {"title",        "source", "source_sha256",   "import_command",
                                              "licence",      "policy", "platform",        "trace_name",
                                              "trace_sha256", "git_id", "almanac_version", NULL};
static const char *const number_attributes[] = {"seed", "oracle", "open_loop", NULL};
static const char *const json_attributes[] = {"config", "metrics", "report", NULL};

/* TEXT as a JSON string; bytes that are not UTF-8 become '?'. */
static json_t *text_of(char *text)
{
    json_t *string = json_string(text);
    for (char *p = text; !string && *p; p++)
        if ((unsigned char)*p >= 0x80)
            *p = '?';
    return string ? string : json_string(text);
}

static int add_attributes(struct alm_table *t, json_t *root, struct alm_err *e)
{
    char *text = NULL;
    int64_t number = 0;
    for (size_t i = 0; text_attributes[i]; i++) {
        int rc = alm_table_get_text(t, "/", text_attributes[i], &text, e);
        ALM_TRY(rc);
        if (rc == 0) {
            json_object_set_new(root, text_attributes[i], text_of(text));
            free(text);
        }
    }
    for (size_t i = 0; number_attributes[i]; i++) {
        int rc = alm_table_get_int(t, "/", number_attributes[i], &number, e);
        ALM_TRY(rc);
        if (rc == 0)
            json_object_set_new(root, number_attributes[i], json_integer(number));
    }
    for (size_t i = 0; json_attributes[i]; i++) {
        int rc = alm_table_get_text(t, "/", json_attributes[i], &text, e);
        ALM_TRY(rc);
        if (rc != 0)
            continue;
        json_t *parsed = json_loads(text, 0, NULL);
        json_object_set_new(root, json_attributes[i], parsed ? parsed : text_of(text));
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
        json_object_set_new(row, "unit", text_of(unit));
    free(unit);
    return json_array_append_new(l->list, row) < 0 ? alm_fail(e, ALM_EDATA, "the name %s is not UTF-8", path) : 0;
}

static json_t *real_or_null(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static void add_resources(json_t *root, const struct alm_demand *demand, const struct alm_trace_column *column)
{
    json_t *list = json_object();
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (!(demand->resources & ALM_BIT(r)))
            continue;
        const struct alm_trace_column *c = &column[r];
        double rows = (double)c->rows, values = rows - (double)c->missing;
        json_t *entry = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "unit", r == ALM_CPU ? "cores" : "bytes", "mean",
                                  real_or_null(c->mean), "p95", real_or_null(c->p95), "max", real_or_null(c->max),
                                  "zero_share", real_or_null(values > 0 ? (double)c->zeros / values : (double)NAN),
                                  "missing_share", real_or_null((double)c->missing / rows));
        json_object_set_new(list, alm_resource_name((enum alm_resource)r), entry);
    }
    json_object_set_new(root, "resources", list);
}

static int describe_trace(const char *file, json_t *root, struct alm_err *e)
{
    struct alm_trace *t = NULL;
    struct alm_trace_column column[ALM_RESOURCES];
    struct cmd_progress progress;
    const struct alm_trace_watch watch = {cmd_progress_step, &progress, &cmd_interrupted};
    uint64_t gaps = 0;
    ALM_TRY(alm_trace_open(file, &t, e));
    cmd_progress_start(&progress, "reading", false);
    int rc = alm_trace_describe(t, &watch, column, &gaps, e);
    cmd_progress_stop(&progress);
    if (rc == 0) {
        const struct alm_demand *demand = alm_trace_demand(t);
        alm_time first = demand->unit[0].first, last = demand->unit[0].last;
        for (size_t u = 1; u < demand->units; u++) {
            first = demand->unit[u].first < first ? demand->unit[u].first : first;
            last = demand->unit[u].last > last ? demand->unit[u].last : last;
        }
        json_object_set_new(root, "units", json_integer((json_int_t)demand->units));
        json_object_set_new(root, "rows", json_integer((json_int_t)alm_trace_rows(t)));
        json_object_set_new(root, "first_ns", json_integer(first));
        json_object_set_new(root, "last_ns", json_integer(last));
        json_object_set_new(root, "interval_ns", json_integer(demand->interval));
        json_object_set_new(root, "gaps", json_integer((json_int_t)gaps));
        json_object_set_new(root, "time_origin", json_string(alm_trace_calendar(t) ? "unix" : "zero"));
        add_resources(root, demand, column);
    }
    alm_trace_close(t);
    return rc;
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
        rc = describe_trace(file, root, e);
    if (rc == 0)
        rc = alm_table_columns(t, one_column, &columns, e);
    json_object_set_new(root, "columns", columns.list);
    alm_table_close(t);
    return rc;
}

static json_int_t whole(const json_t *root, const char *key)
{
    return json_integer_value(json_object_get(root, key));
}

/* Long text (digests of many files, a configuration) is cut to one line. */
static void print_line(const char *key, const char *text)
{
    size_t line = strcspn(text, "\n");
    bool more = line > 100 || (text[line] && text[line + 1]);
    printf("%-15s %.*s%s\n", key, (int)(line < 100 ? line : 100), text, more ? " ..." : "");
}

static double real_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void print_trace(const json_t *root)
{
    char span[160], interval[ALM_QUANTITY_TEXT];
    bool calendar = strcmp(json_string_value(json_object_get(root, "time_origin")), "unix") == 0;
    printf("units           %" JSON_INTEGER_FORMAT "\n", whole(root, "units"));
    printf("rows            %" JSON_INTEGER_FORMAT "\n", whole(root, "rows"));
    printf("time            %s\n", cmd_span(whole(root, "first_ns"), whole(root, "last_ns"), calendar, span));
    printf("interval        %s, %" JSON_INTEGER_FORMAT " gaps of more than 1.5 intervals\n",
           alm_print_duration(whole(root, "interval_ns"), interval), whole(root, "gaps"));
    printf("\n%-10s %-6s %12s %12s %12s %8s %8s\n", "resource", "unit", "mean", "p95", "max", "zero", "missing");
    const char *name;
    json_t *c;
    json_object_foreach((json_t *)json_object_get(root, "resources"), name, c)
    {
        printf("%-10s %-6s %12.6g %12.6g %12.6g %7.2f%% %7.2f%%\n", name, json_string_value(json_object_get(c, "unit")),
               real_of(c, "mean"), real_of(c, "p95"), real_of(c, "max"), 100 * real_of(c, "zero_share"),
               100 * real_of(c, "missing_share"));
    }
}

static void print_text(const json_t *root)
{
    printf("%-15s %s\n", "file", json_string_value(json_object_get(root, "file")));
    printf("%-15s %s\n", "format", json_string_value(json_object_get(root, "format")));
    for (size_t i = 0; text_attributes[i]; i++) {
        const char *text = json_string_value(json_object_get(root, text_attributes[i]));
        if (text && *text)
            print_line(text_attributes[i], text);
    }
    for (size_t i = 0; number_attributes[i]; i++)
        if (json_object_get(root, number_attributes[i]))
            printf("%-15s %" JSON_INTEGER_FORMAT "\n", number_attributes[i], whole(root, number_attributes[i]));
    for (size_t i = 0; json_attributes[i]; i++) {
        const json_t *value = json_object_get(root, json_attributes[i]);
        char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_PRESERVE_ORDER) : NULL;
        if (text)
            print_line(json_attributes[i], text);
        free(text);
    }
    if (json_object_get(root, "resources"))
        print_trace(root);
    printf("\n%-28s %-5s %12s  %s\n", "column", "type", "length", "unit");
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(root, "columns"), i, c)
    {
        const char *unit = json_string_value(json_object_get(c, "unit"));
        printf("%-28s %-5s %12" JSON_INTEGER_FORMAT "  %s\n", json_string_value(json_object_get(c, "path")),
               json_string_value(json_object_get(c, "type")), whole(c, "length"), unit ? unit : "");
    }
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
        print_text(root);
    }
    json_decref(root);
    return rc < 0 ? cmd_fail(&e) : cmd_finish();
}
