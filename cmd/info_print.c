/* SPDX-License-Identifier: GPL-3.0-or-later
 * info_print: what `almanac info` found, for people: lines of "key value", then tables.
 *
 * Choice.   A value that is not known is shown as "-". Text of any length is wrapped at a blank, except what is meant for
 *           programs (a configuration, metrics), which is cut to one line: --format json has all of it. */
#include "almanac/quantity.h"
#include "cmd/info.h"
#include "cmd/trace_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 100 /* of a value */

const char *const cmd_info_texts[] = {"title",           "source",     "source_sha256", "import_command", "licence",
                                      "policy",          "trace_name", "trace_sha256",  "trace_units",    "git_id",
                                      "almanac_version", "version",    "baseline",      "spec",           NULL};
const char *const cmd_info_numbers[] = {"seed",           "oracle",           "open_loop",      "trace_from_ns",
                                        "trace_until_ns", "executions_every", "machines_every", NULL};
const char *const cmd_info_objects[] = {"cells", "factors", "platform", "config", "metrics", "report", NULL};

static json_int_t whole(const json_t *root, const char *key)
{
    return json_integer_value(json_object_get(root, key));
}

static const char *text_in(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* The number times FACTOR with up to six digits, or "-"; into OUT[32]. */
static const char *number(const json_t *object, const char *key, double factor, char out[32])
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        return "-";
    snprintf(out, 32, "%.6g", factor * json_number_value(value));
    return out;
}

static const char *fixed(const json_t *object, const char *key, char out[32])
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        return "-";
    snprintf(out, 32, "%.3f", json_number_value(value));
    return out;
}

static const char *percent(const json_t *object, const char *key, char out[32])
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        return "-";
    snprintf(out, 32, "%.2f%%", 100 * json_number_value(value));
    return out;
}

static int wider(int width, const char *text)
{
    size_t n = strlen(text);
    return n > (size_t)width ? (int)n : width;
}

/* The width of a column of text: that of the longest key of an object, or path in a list, and at least LEAST. */
static int widest_key(const json_t *object, int least)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value) least = wider(least, name);
    return least;
}

static int widest_path(const json_t *columns, int least)
{
    size_t i;
    json_t *c;
    json_array_foreach(columns, i, c) least = wider(least, text_in(c, "path"));
    return least;
}

/* Long text (digests of many files, a configuration) is cut to one line. */
static void print_line(const char *key, const char *text)
{
    size_t line = strcspn(text, "\n");
    bool more = line > WIDTH || (text[line] && text[line + 1]);
    printf("%-15s %.*s%s\n", key, (int)(line < WIDTH ? line : WIDTH), text, more ? " ..." : "");
}

/* TEXT behind KEY, broken at blanks. */
static void print_wrapped(const char *key, const char *text)
{
    for (const char *label = key; *text; label = "") {
        size_t length = strlen(text), cut = length;
        if (length > WIDTH) {
            cut = WIDTH;
            while (cut > 0 && text[cut] != ' ')
                cut--;
            if (cut == 0)
                cut = strcspn(text, " ");
        }
        printf("%-15s %.*s\n", label, (int)cut, text);
        text += cut;
        text += strspn(text, " ");
    }
}

static void print_report(const json_t *report)
{
    if (whole(report, "files") > 0) /* none: generated */
        printf("%-15s %" JSON_INTEGER_FORMAT " read from %" JSON_INTEGER_FORMAT " file%s, %" JSON_INTEGER_FORMAT
               " kept, %" JSON_INTEGER_FORMAT " dropped\n",
               "report", whole(report, "read"), whole(report, "files"), whole(report, "files") == 1 ? "" : "s",
               whole(report, "kept"), whole(report, "dropped"));
    size_t i;
    json_t *reason;
    json_array_foreach(json_object_get(report, "reasons"), i, reason)
    {
        char *line = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&line, &size);
        if (!f)
            return;
        fprintf(f, "%" JSON_INTEGER_FORMAT " x %s; first: %s", whole(reason, "count"), text_in(reason, "why"),
                text_in(reason, "first"));
        fclose(f);
        print_wrapped(json_is_true(json_object_get(reason, "dropped")) ? "  dropped" : "  mended", line);
        free(line);
    }
    print_wrapped("  assumed", text_in(report, "assumed"));
}

static void print_resources(const json_t *resources)
{
    printf("\n%-10s %-6s %12s %12s %12s %9s %8s %8s %8s %6s %8s %6s\n", "resource", "unit", "mean", "p95", "peak",
           "p95/peak", "zero", "missing", "r step", "units", "r day", "units");
    const char *name;
    json_t *c;
    char b[8][32];
    json_object_foreach((json_t *)resources, name, c)
    {
        printf("%-10s %-6s %12s %12s %12s %9s %8s %8s %8s %6" JSON_INTEGER_FORMAT " %8s %6" JSON_INTEGER_FORMAT "\n",
               name, text_in(c, "unit"), number(c, "mean", 1, b[0]), number(c, "p95", 1, b[1]),
               number(c, "max", 1, b[2]), fixed(c, "p95_to_max", b[3]), percent(c, "zero_share", b[4]),
               percent(c, "missing_share", b[5]), fixed(c, "autocorrelation_step", b[6]),
               whole(c, "autocorrelation_step_units"), fixed(c, "autocorrelation_day", b[7]),
               whole(c, "autocorrelation_day_units"));
    }
}

static void print_fields(const json_t *fields)
{
    if (json_object_size(fields) == 0)
        return;
    printf("\n%-16s %-5s %12s %12s %12s %12s %8s\n", "field", "unit", "mean", "p50", "p95", "max", "missing");
    const char *name;
    json_t *c;
    char b[5][32];
    json_object_foreach((json_t *)fields, name, c)
    {
        printf("%-16s %-5s %12s %12s %12s %12s %8s\n", name, text_in(c, "unit"), number(c, "mean", 1, b[0]),
               number(c, "p50", 1, b[1]), number(c, "p95", 1, b[2]), number(c, "max", 1, b[3]),
               percent(c, "missing_share", b[4]));
    }
}

/* "GET 71.20%, PUT 20.10%": the most frequent words. */
static void print_words(const json_t *input)
{
    size_t i;
    json_t *m;
    char b[32];
    printf("%" JSON_INTEGER_FORMAT " words", whole(input, "words"));
    json_array_foreach(json_object_get(input, "most"), i, m)
    {
        printf("%s %.40s %s", i ? "," : ":", text_in(m, "word"), percent(m, "share", b));
    }
    putchar('\n');
}

static void print_inputs(const json_t *inputs)
{
    if (json_object_size(inputs) == 0)
        return;
    int width = widest_key(inputs, 24);
    printf("\n%-*s %-8s %-8s %8s  %s\n", width, "input", "kind", "unit", "missing", "values");
    const char *name;
    json_t *c;
    char b[4][32];
    json_object_foreach((json_t *)inputs, name, c)
    {
        printf("%-*s %-8s %-8s %8s  ", width, name, text_in(c, "kind"), text_in(c, "unit"),
               percent(c, "missing_share", b[0]));
        if (json_object_get(c, "words"))
            print_words(c);
        else
            printf("mean %s, min %s, max %s\n", number(c, "mean", 1, b[1]), number(c, "min", 1, b[2]),
                   number(c, "max", 1, b[3]));
    }
}

static void print_invocations(const json_t *v, bool calendar)
{
    char span[160], b[2][32];
    printf("\n%-15s %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " unit%s", "invocations", whole(v, "count"),
           whole(v, "units"), whole(v, "units") == 1 ? "" : "s");
    if (whole(v, "codes") > 0)
        printf(" with %" JSON_INTEGER_FORMAT " code%s", whole(v, "codes"), whole(v, "codes") == 1 ? "" : "s");
    printf("\n%-15s %s\n", "arrivals", cmd_span(whole(v, "first_ns"), whole(v, "last_ns"), calendar, span));
    printf("%-15s %s per second; times between arrivals have a CV of %s\n", "rate", number(v, "rate_per_s", 1, b[0]),
           number(v, "interarrival_cv", 1, b[1]));
    printf("%-15s %s of %" JSON_INTEGER_FORMAT " minutes\n", "idle", percent(v, "idle_minute_share", b[0]),
           whole(v, "minutes"));
    size_t i;
    json_t *m;
    json_array_foreach(json_object_get(v, "busiest_units"), i, m)
    {
        printf("%-15s %8s  %s\n", i ? "" : "busiest units", percent(m, "share", b[0]), text_in(m, "name"));
    }
    print_fields(json_object_get(v, "fields"));
    print_inputs(json_object_get(v, "inputs"));
}

static void print_behaviour(const json_t *v, bool calendar)
{
    char span[160], shortest[ALM_QUANTITY_TEXT], longest[ALM_QUANTITY_TEXT], b[3][32];
    printf("\n%-15s %" JSON_INTEGER_FORMAT " records of %" JSON_INTEGER_FORMAT " unit%s and %" JSON_INTEGER_FORMAT
           " function%s\n",
           "behaviour", whole(v, "records"), whole(v, "units"), whole(v, "units") == 1 ? "" : "s",
           whole(v, "functions"), whole(v, "functions") == 1 ? "" : "s");
    printf("%-15s %s\n", "recorded", cmd_span(whole(v, "first_ns"), whole(v, "last_ns"), calendar, span));
    alm_print_duration(whole(v, "shortest_ns"), shortest);
    alm_print_duration(whole(v, "longest_ns"), longest);
    printf("%-15s %s%s%s a record\n", "over", shortest, strcmp(shortest, longest) ? " to " : "",
           strcmp(shortest, longest) ? longest : "");
    size_t i;
    json_t *m;
    json_array_foreach(json_object_get(v, "most_called"), i, m)
    {
        printf("%-15s %8s  %.80s\n", i ? "" : "most called", percent(m, "share", b[0]), text_in(m, "name"));
    }
    printf("\n%-16s %-5s %12s %12s %8s\n", "field", "unit", "mean", "max", "missing");
    const char *name;
    json_t *c;
    json_object_foreach(json_object_get(v, "fields"), name, c)
    {
        printf("%-16s %-5s %12s %12s %8s\n", name, text_in(c, "unit"), number(c, "mean", 1, b[0]),
               number(c, "max", 1, b[1]), percent(c, "missing_share", b[2]));
    }
}

static void print_trace(const json_t *root)
{
    char span[160], interval[ALM_QUANTITY_TEXT];
    const json_t *resources = json_object_get(root, "resources"), *load = json_object_get(root, "invocations");
    bool calendar = strcmp(text_in(root, "time_origin"), "unix") == 0;
    printf("units           %" JSON_INTEGER_FORMAT "\n", whole(root, "units"));
    printf("rows            %" JSON_INTEGER_FORMAT "\n", whole(root, "rows"));
    printf("time            %s\n", cmd_span(whole(root, "first_ns"), whole(root, "last_ns"), calendar, span));
    if (whole(root, "rows") > 0)
        printf("interval        %s, %" JSON_INTEGER_FORMAT " gap%s of more than 1.5 intervals\n",
               alm_print_duration(whole(root, "interval_ns"), interval), whole(root, "gaps"),
               whole(root, "gaps") == 1 ? "" : "s");
    if (json_object_size(resources) > 0)
        print_resources(resources);
    if (load)
        print_invocations(load, calendar);
    if (json_object_get(root, "behaviour"))
        print_behaviour(json_object_get(root, "behaviour"), calendar);
}

static void print_object(const char *key, const json_t *value)
{
    if (strcmp(key, "report") == 0 && json_is_object(value)) {
        print_report(value);
        return;
    }
    if (json_is_string(value)) {
        print_line(key, json_string_value(value));
        return;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_PRESERVE_ORDER);
    if (text && strcmp(key, "platform") == 0)
        print_wrapped(key, text);
    else if (text)
        print_line(key, text);
    free(text);
}

void cmd_info_print(const json_t *root)
{
    printf("%-15s %s\n", "file", text_in(root, "file"));
    printf("%-15s %s\n", "format", text_in(root, "format"));
    for (size_t i = 0; cmd_info_texts[i]; i++) {
        const char *text = text_in(root, cmd_info_texts[i]);
        if (strcmp(cmd_info_texts[i], "import_command") == 0)
            print_wrapped(cmd_info_texts[i], text);
        else if (*text)
            print_line(cmd_info_texts[i], text);
    }
    for (size_t i = 0; cmd_info_numbers[i]; i++)
        if (json_object_get(root, cmd_info_numbers[i]))
            printf("%-15s %" JSON_INTEGER_FORMAT "\n", cmd_info_numbers[i], whole(root, cmd_info_numbers[i]));
    for (size_t i = 0; cmd_info_objects[i]; i++) {
        const json_t *value = json_object_get(root, cmd_info_objects[i]);
        if (value)
            print_object(cmd_info_objects[i], value);
    }
    if (json_object_get(root, "resources"))
        print_trace(root);
    int width = widest_path(json_object_get(root, "columns"), 28);
    printf("\n%-*s %-5s %12s  %s\n", width, "column", "type", "length", "unit");
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(root, "columns"), i, c)
    {
        const char *unit = text_in(c, "unit");
        printf("%-*s %-5s %12" JSON_INTEGER_FORMAT "%s%s\n", width, text_in(c, "path"), text_in(c, "type"),
               whole(c, "length"), *unit ? "  " : "", unit);
    }
}
