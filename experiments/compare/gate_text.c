/* SPDX-License-Identifier: GPL-3.0-or-later
 * gate_text: what a gate decided, in words, and as text and Markdown. */
#include "experiments/compare/gate_write.h"

#include "almanac/quantity.h"

#include "experiments/compare/compare_change.h"
#include "experiments/compare/safe_text.h"

#include <math.h>
#include <string.h>

const char *gate_word(const struct gate *g)
{
    if (g->identical)
        return "identical";
    return g->status == 4 ? "cannot be compared" : g->status == 3 ? "incomplete" : g->status == 1 ? "failed" : "passed";
}

static void print_limit(const struct gate *g, const struct gate_row *row, char *out, size_t size)
{
    const struct compare_figure *f = &g->base->figure[g->metric[row->metric]];
    struct compare_tolerance t = g->tolerance[row->metric];
    char number[ALM_QUANTITY_TEXT];
    const char *sign = f->better == METRICS_HIGHER ? "-" : "+";
    const bool points = !t.relative && strcmp(f->unit, "share") == 0;
    alm_print_real(t.relative || points ? 100 * t.amount : t.amount, number);
    snprintf(out, size, "; limit %s%s%s", t.amount > 0 ? sign : "", number, t.relative ? " %" : points ? " pp" : "");
}

char *gate_sentence(const struct gate *g, const struct gate_row *row, char *out)
{
    const struct compare_statistics *s = &row->s;
    char p[48] = "", limit[64] = "";
    struct compare_figure f = g->base->figure[g->metric[row->metric]];
    struct compare_change change;
    if (s->identical) {
        snprintf(out, GATE_SENTENCE, "%.4g", s->value);
        return out;
    }
    f.absolute = f.absolute && !g->tolerance[row->metric].relative; /* else it would not compare with the limit */
    compare_change_of(&f, s, &change);
    if (!isnan(s->p))
        snprintf(p, sizeof p, " p %.2g", s->p);
    if (row->state != GATE_SHOWN)
        print_limit(g, row, limit, sizeof limit);
    snprintf(out, GATE_SENTENCE, "%.4g -> %.4g  %s%s%s%s (%zu %s)%s", s->base, s->value, change.change,
             change.interval[0] ? " " : "", change.interval, p, s->n, compare_independent_word(s->independent, s->n),
             limit);
    return out;
}

char *gate_worst(const struct gate *g, const struct gate_row *row, char *out)
{
    out[0] = '\0';
    if (row->worst >= g->value->cells)
        return out;
    char name[GATE_SENTENCE - 16];
    snprintf(out, GATE_SENTENCE, "worst: %s", gate_cell_name(&g->value->cell[row->worst], name, sizeof name));
    return out;
}

const char *gate_command(const struct gate *g, const struct gate_row *row)
{
    const char *command = row->worst < g->value->cells ? g->value->cell[row->worst].command : NULL;
    return command ? command : "";
}

char *gate_summary(const struct gate *g, char *out)
{
    size_t at = 0;
    out[0] = '\0';
    for (int s = 0; s < GATE_STATES; s++)
        if (g->count[s] && at < GATE_SENTENCE)
            at += (size_t)snprintf(out + at, GATE_SENTENCE - at, "%s%zu %s", at ? ", " : "", g->count[s],
                                   gate_state_word((enum gate_state)s));
    if (g->lacks && at < GATE_SENTENCE)
        at += (size_t)snprintf(out + at, GATE_SENTENCE - at, "%s%zu missing or failed", at ? ", " : "", g->lacks);
    if (g->problems && at < GATE_SENTENCE)
        at += (size_t)snprintf(out + at, GATE_SENTENCE - at, "%s%zu that cannot be compared", at ? ", " : "",
                               g->problems);
    if (g->extra && at < GATE_SENTENCE)
        snprintf(out + at, GATE_SENTENCE - at, "%s%zu cells are new", at ? "; " : "", g->extra);
    return out;
}

static void text_row(const struct gate *g, const struct gate_row *row, FILE *out)
{
    char text[GATE_SENTENCE];
    fprintf(out, "    %-12s %-30s %s\n", gate_state_word(row->state), g->base->figure[g->metric[row->metric]].name,
            gate_sentence(g, row, text));
    if (row->state != GATE_FAILED && row->state != GATE_UNCERTAIN && row->state != GATE_INCONCLUSIVE)
        return;
    if (*gate_worst(g, row, text)) {
        fprintf(out, "%17s", "");
        safe_text(out, SAFE_PLAIN, text);
        fputs("\n", out);
    }
    if (*gate_command(g, row)) {
        fprintf(out, "%17sreproduce: ", "");
        safe_text(out, SAFE_PLAIN, gate_command(g, row));
        fputs("\n", out);
    }
}

#define LACKS_SHOWN 20

/* Has enough been listed? Then says how much is left. */
static bool enough(size_t k, size_t n, FILE *out)
{
    if (k == LACKS_SHOWN)
        fprintf(out, "- and %zu more\n", n - k);
    return k >= LACKS_SHOWN;
}

static void text_lacks(const struct gate *g, FILE *out)
{
    for (size_t k = 0; k < g->problems; k++) {
        fputs("  cannot be compared: ", out);
        safe_text(out, SAFE_PLAIN, g->problem[k]);
        fputs("\n", out);
    }
    for (size_t k = 0; k < g->lacks && !enough(k, g->lacks, out); k++) {
        fputs("  incomplete: ", out);
        safe_text(out, SAFE_PLAIN, g->lack[k].name);
        fputs(": ", out);
        safe_text(out, SAFE_PLAIN, g->lack[k].why);
        fputs("\n", out);
    }
}

void gate_text(const struct gate *g, FILE *out)
{
    char text[GATE_SENTENCE];
    fprintf(out, "almanac check: %zu metric%s, %zu trace%s x %zu seed%s, paired, %g %% intervals\n", g->metrics,
            g->metrics == 1 ? "" : "s", g->traces, g->traces == 1 ? "" : "s", g->seeds, g->seeds == 1 ? "" : "s",
            100 * g->level);
    for (size_t i = 0; i < g->rows; i++) {
        if (i == 0 || g->row[i].group != g->row[i - 1].group) {
            fputs("  ", out);
            safe_text(out, SAFE_PLAIN, g->group[g->row[i].group].name);
            fputs("\n", out);
        }
        text_row(g, &g->row[i], out);
    }
    text_lacks(g, out);
    fprintf(out, "%s: %s\n", gate_word(g), gate_summary(g, text));
}

static const char *mark(enum gate_state s)
{
    static const char *const marks[] = {"identical", "passed", "uncertain", "shown", "**inconclusive**", "**FAILED**"};
    return marks[s];
}

static void markdown_row(const struct gate *g, const struct gate_row *row, FILE *out)
{
    char text[GATE_SENTENCE];
    fputs("| ", out);
    safe_text(out, SAFE_MARKDOWN, g->group[row->group].name);
    fputs(" | ", out);
    safe_text(out, SAFE_MARKDOWN, g->base->figure[g->metric[row->metric]].name);
    fputs(" | ", out);
    safe_text(out, SAFE_MARKDOWN, gate_sentence(g, row, text));
    fprintf(out, " | %s | ", mark(row->state));
    if (!row->s.identical)
        safe_text(out, SAFE_MARKDOWN, gate_worst(g, row, text));
    fputs(" |\n", out);
}

void gate_markdown(const struct gate *g, FILE *out)
{
    char text[GATE_SENTENCE];
    fprintf(out, "### almanac check: %s\n\n%s\n\n", gate_word(g), gate_summary(g, text));
    if (g->rows)
        fputs("| policy | metric | change | result | worst cell |\n|:---|:---|:---|:---|:---|\n", out);
    for (size_t i = 0; i < g->rows; i++)
        markdown_row(g, &g->row[i], out);
    fputs(g->problems || g->lacks ? "\n" : "", out);
    for (size_t k = 0; k < g->problems; k++) {
        fputs("- cannot be compared: ", out);
        safe_text(out, SAFE_MARKDOWN, g->problem[k]);
        fputs("\n", out);
    }
    for (size_t k = 0; k < g->lacks && !enough(k, g->lacks, out); k++) {
        fputs("- incomplete: ", out);
        safe_text(out, SAFE_MARKDOWN, g->lack[k].name);
        fputs(": ", out);
        safe_text(out, SAFE_MARKDOWN, g->lack[k].why);
        fputs("\n", out);
    }
    for (size_t i = 0; i < g->rows; i++)
        if (g->row[i].state == GATE_FAILED && *gate_command(g, &g->row[i])) {
            fputs("\nReproduce: ", out);
            safe_text(out, SAFE_MARKDOWN, gate_command(g, &g->row[i]));
            fputs("\n", out);
        }
}
