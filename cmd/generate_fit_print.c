/* SPDX-License-Identifier: GPL-3.0-or-later
 * generate_fit_print: a comparison of two traces as a table or as JSON. */
#include "cmd/generate_fit_print.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

static const char *const measure_word[] = {"difference", "ratio", "D", "rms"};

/* A number in ten characters, "-" when it is not known. */
static const char *cell(double value, char out[32])
{
    if (isnan(value))
        return "-";
    snprintf(out, 32, fabs(value) >= 1e5 || (value != 0 && fabs(value) < 1e-3) ? "%.3e" : "%.4g", value);
    return out;
}

static void print_text(const struct cmd_fit_result *r)
{
    char real[32], made[32], distance[32], p[32];
    const char *before = "";
    printf("generator %s, seed %" PRId64 "\n", r->generator, r->seed);
    printf("fitted to %s\n", r->trace);
    printf("written   %s\n\n", r->output);
    printf("%-20s %-24s %11s %11s  %-10s %9s %7s\n", "", "property", "real", "generated", "measure", "distance", "p");
    for (size_t i = 0; i < r->report->count; i++) {
        const struct alm_fit_row *row = &r->report->row[i];
        bool again = strcmp(before, row->what) == 0;
        printf("%-20s %-24s %11s %11s  %-10s %9s %7s\n", again ? "" : row->what, row->property, cell(row->real, real),
               cell(row->made, made), measure_word[row->measure], cell(row->distance, distance), cell(row->p, p));
        before = row->what;
    }
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static int print_json(const struct cmd_fit_result *r, struct alm_err *e)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < r->report->count; i++) {
        const struct alm_fit_row *row = &r->report->row[i];
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "what", row->what, "property",
                                              row->property, "measure", measure_word[row->measure], "real",
                                              number(row->real), "generated", number(row->made), "distance",
                                              number(row->distance), "p", number(row->p)));
    }
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:o}", "schema", "almanac.generate-fit/1", "trace", r->trace, "output",
                  r->output, "generator", r->generator, "seed", (json_int_t)r->seed, "comparison", rows);
    if (!root)
        return alm_fail(e, ALM_EDATA, "a name is not UTF-8, so the comparison cannot be printed as JSON");
    int failed = json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    json_decref(root);
    putchar('\n');
    return failed ? alm_fail(e, ALM_EIO, "the comparison cannot be written") : ALM_OK;
}

int cmd_fit_print(const struct cmd_fit_result *r, enum cmd_format format, struct alm_err *e)
{
    if (format == CMD_JSON)
        return print_json(r, e);
    print_text(r);
    return ALM_OK;
}
