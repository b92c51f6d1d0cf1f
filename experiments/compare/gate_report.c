/* SPDX-License-Identifier: GPL-3.0-or-later
 * gate_report: what a gate decided, for programs: JUnit XML, annotations, JSON. */
#include "experiments/compare/gate_write.h"

#include "almanac/version.h"

#include "experiments/compare/safe_text.h"
#include "experiments/compare/statistics_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void element(FILE *out, const char *tag, const char *message)
{
    fprintf(out, "><%s message=\"", tag);
    safe_text(out, SAFE_XML, message);
    fputs("\"/></testcase>\n", out);
}

static void case_begin(FILE *out, const char *class, const char *name)
{
    fputs("  <testcase classname=\"", out);
    safe_text(out, SAFE_XML, class);
    fputs("\" name=\"", out);
    safe_text(out, SAFE_XML, name);
    fputs("\"", out);
}

static void message_of(const struct gate *g, const struct gate_row *row, char *out, size_t size)
{
    char sentence[GATE_SENTENCE], worst[GATE_SENTENCE];
    gate_worst(g, row, worst);
    snprintf(out, size, "%s: %s%s%s%s%s", gate_state_word(row->state), gate_sentence(g, row, sentence),
             *worst ? "; " : "", worst, *gate_command(g, row) ? "; reproduce: " : "", gate_command(g, row));
}

/* Was it let pass only because the caller said so? */
static bool excused(const struct gate *g, const struct gate_row *row)
{
    return row->state == GATE_INCONCLUSIVE && g->allow_inconclusive;
}

static bool shuts(const struct gate *g, const struct gate_row *row)
{
    return row->state == GATE_FAILED || (row->state == GATE_INCONCLUSIVE && !g->allow_inconclusive);
}

static void junit_row(const struct gate *g, const struct gate_row *row, FILE *out)
{
    char message[8192];
    case_begin(out, g->group[row->group].name, g->base->figure[g->metric[row->metric]].name);
    message_of(g, row, message, sizeof message);
    if (shuts(g, row))
        element(out, "failure", message);
    else if (excused(g, row))
        element(out, "skipped", message);
    else
        fputs("/>\n", out);
}

void gate_junit(const struct gate *g, FILE *out)
{
    size_t failures = 0, skipped = 0;
    for (size_t i = 0; i < g->rows; i++) {
        failures += shuts(g, &g->row[i]) ? 1 : 0;
        skipped += excused(g, &g->row[i]) ? 1 : 0;
    }
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites>\n<testsuite name=\"almanac check\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
            "skipped=\"%zu\">\n",
            g->rows + g->lacks + g->problems, failures, g->lacks + g->problems, skipped);
    for (size_t i = 0; i < g->rows; i++)
        junit_row(g, &g->row[i], out);
    for (size_t k = 0; k < g->lacks; k++) {
        case_begin(out, "incomplete", g->lack[k].name);
        element(out, "error", g->lack[k].why);
    }
    for (size_t k = 0; k < g->problems; k++) {
        char name[48];
        snprintf(name, sizeof name, "problem %zu", k + 1);
        case_begin(out, "cannot be compared", name);
        element(out, "error", g->problem[k]);
    }
    fputs("</testsuite>\n</testsuites>\n", out);
}

static void annotation(FILE *out, const char *level, const char *title, const char *message)
{
    fprintf(out, "::%s title=", level);
    safe_text(out, SAFE_GITHUB_TITLE, title);
    fputs("::", out);
    safe_text(out, SAFE_GITHUB, message);
    fputs("\n", out);
}

void gate_github(const struct gate *g, FILE *out)
{
    char title[1200], message[8192];
    for (size_t i = 0; i < g->rows; i++) {
        const struct gate_row *row = &g->row[i];
        const char *level = shuts(g, row)                                     ? "error"
                            : row->state == GATE_UNCERTAIN || excused(g, row) ? "warning"
                                                                              : NULL;
        if (!level)
            continue;
        snprintf(title, sizeof title, "almanac check: %s of %s", g->base->figure[g->metric[row->metric]].name,
                 g->group[row->group].name);
        message_of(g, row, message, sizeof message);
        annotation(out, level, title, message);
    }
    for (size_t k = 0; k < g->lacks; k++) {
        snprintf(message, sizeof message, "%s: %s", g->lack[k].name, g->lack[k].why);
        annotation(out, "error", "almanac check: incomplete", message);
    }
    for (size_t k = 0; k < g->problems; k++)
        annotation(out, "error", "almanac check: cannot be compared", g->problem[k]);
    if (g->status == 0)
        annotation(out, "notice", "almanac check", gate_summary(g, message));
}

static json_t *row_json(const struct gate *g, const struct gate_row *row)
{
    const struct compare_figure *f = &g->base->figure[g->metric[row->metric]];
    json_t *out =
        json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "group", safe_json(g->group[row->group].name),
                  "metric", f->name, "unit", f->unit, "better", statistics_better_word(f->better), "result",
                  gate_state_word(row->state), "limit", statistics_tolerance_json(g->tolerance[row->metric]),
                  "excess_low", statistics_number(row->s.excess.low), "excess_high",
                  statistics_number(row->s.excess.high), "statistics", statistics_json(&row->s));
    if (out && row->worst < g->value->cells) {
        const struct compare_cell *cell = &g->value->cell[row->worst];
        json_object_set_new(out, "worst",
                            json_pack("{s:o, s:I, s:o}", "trace", safe_json(cell->trace), "seed",
                                      (json_int_t)cell->seed, "command", safe_json(gate_command(g, row))));
    }
    return out;
}

json_t *gate_json(const struct gate *g)
{
    json_t *rows = json_array(), *lacks = json_array(), *problems = json_array();
    for (size_t i = 0; i < g->rows; i++)
        json_array_append_new(rows, row_json(g, &g->row[i]));
    for (size_t k = 0; k < g->lacks; k++)
        json_array_append_new(
            lacks, json_pack("{s:o, s:o}", "cell", safe_json(g->lack[k].name), "why", safe_json(g->lack[k].why)));
    for (size_t k = 0; k < g->problems; k++)
        json_array_append_new(problems, safe_json(g->problem[k]));
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:i, s:b, s:f, s:I, s:I, s:o, s:o, s:o}", "schema", "almanac.check/1",
                     "version", alm_version(), "baseline", safe_json(g->base->path), "file", safe_json(g->value->path),
                     "result", gate_word(g), "status", g->status, "identical", g->identical, "level", g->level, "draws",
                     (json_int_t)g->draws, "new_cells", (json_int_t)g->extra, "rows", rows, "incomplete", lacks,
                     "problems", problems);
}

static json_t *bench_row(const struct gate *g, const struct gate_row *row)
{
    const struct compare_figure *f = &g->base->figure[g->metric[row->metric]];
    char name[1200], range[64] = "", extra[GATE_SENTENCE], sentence[GATE_SENTENCE];
    snprintf(name, sizeof name, "%s: %s", g->group[row->group].name, f->name);
    if (!isnan(row->s.difference.low))
        snprintf(range, sizeof range, "%.4g .. %.4g", row->s.base + row->s.difference.low,
                 row->s.base + row->s.difference.high);
    snprintf(extra, sizeof extra, "%s: %.450s", gate_state_word(row->state), gate_sentence(g, row, sentence));
    return json_pack("{s:o, s:s, s:o, s:s, s:s}", "name", safe_json(name), "unit", f->unit, "value",
                     statistics_number(row->s.value), "range", range, "extra", extra);
}

json_t *gate_bench(const struct gate *g)
{
    json_t *list = json_array();
    for (size_t i = 0; i < g->rows; i++)
        json_array_append_new(list, bench_row(g, &g->row[i]));
    return list;
}
