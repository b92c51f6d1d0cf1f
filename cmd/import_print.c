/* SPDX-License-Identifier: GPL-3.0-or-later
 * import_print: the report of an import as a table or as JSON ("almanac.import/1"). */
#include "cmd/import_print.h"
#include "almanac/quantity.h"
#include "cmd/trace_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

static void print_text(const struct cmd_import_result *r)
{
    const struct alm_trace_report *p = r->report;
    const struct alm_trace_summary *s = r->summary;
    char span[160], interval[ALM_QUANTITY_TEXT], names[96], invocations[384];
    printf("importer    %s\n", r->importer);
    printf("files       %" PRIu64 "\n", p->files);
    printf("rows        %" PRIu64 " read, %" PRIu64 " kept, %" PRIu64 " dropped\n", p->read, p->kept,
           alm_report_dropped(p));
    for (size_t i = 0; i < p->reasons; i++)
        printf("%-11s %" PRIu64 " x %s; first: %s\n", p->reason[i].dropped ? "dropped" : "mended", p->reason[i].count,
               p->reason[i].why, p->reason[i].where);
    printf("units       %zu\n", s->units);
    if (s->rows > 0)
        printf("columns     %s\n", cmd_resources(s->resources, names));
    if (s->invocations > 0)
        printf("invocations %s\n", cmd_invocations(s, invocations));
    cmd_behaviour_print(s);
    printf("time        %s\n", cmd_span(s->first, s->last, s->calendar, span));
    if (s->rows > 0)
        printf("interval    %s, %" PRIu64 " gap%s of more than 1.5 intervals\n",
               alm_print_duration(s->interval, interval), s->gaps, s->gaps == 1 ? "" : "s");
    if (p->assumed[0])
        printf("assumed     %s\n", p->assumed);
    printf("written     %s\n", r->output);
}

static int print_json(const struct cmd_import_result *r, struct alm_err *e)
{
    const struct alm_trace_summary *s = r->summary;
    char *text = NULL;
    ALM_TRY(alm_report_json(r->report, &text, e));
    json_t *report = json_loads(text, JSON_ALLOW_NUL, NULL), *columns = json_array();
    free(text);
    for (int i = 0; i < ALM_RESOURCES; i++)
        if (s->resources & ALM_BIT(i))
            json_array_append_new(columns, json_string(alm_resource_name((enum alm_resource)i)));
    json_t *root = json_pack(
        "{s:s, s:s, s:s, s:o?, s:I, s:I, s:o, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "schema",
        "almanac.import/1", "importer", r->importer, "output", r->output, "report", report, "units",
        (json_int_t)s->units, "rows", (json_int_t)s->rows, "columns", columns, "invocations",
        (json_int_t)s->invocations, "fields", cmd_fields_json(s->fields), "inputs", (json_int_t)s->inputs, "behaviour",
        (json_int_t)s->records, "first_ns", (json_int_t)s->first, "last_ns", (json_int_t)s->last, "interval_ns",
        (json_int_t)s->interval, "gaps", (json_int_t)s->gaps, "time_origin", s->calendar ? "unix" : "zero");
    if (!root)
        return alm_fail(e, ALM_EDATA, "a name in the report is not UTF-8, so it cannot be printed as JSON");
    int failed = json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    json_decref(root);
    putchar('\n');
    return failed ? alm_fail(e, ALM_EIO, "the report cannot be written") : 0;
}

int cmd_import_print(const struct cmd_import_result *r, enum cmd_format format, struct alm_err *e)
{
    if (format == CMD_JSON)
        return print_json(r, e);
    print_text(r);
    return 0;
}
