/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_findings: what was found and how sure it is, in sentences.
 *
 * Meaning.  The best policy by the ranking metric, against the baseline; whether that is settled, and if not, why; what harm it
 *           costs; who is left to choose from; what the oracle has; how many comparisons were decided.
 * Choice.   The reason of an open verdict names what would settle it. Of Wilcoxon's exact test with n pairs no p is below 2^(1-n):
 *           a policy that has that p, and still more than 5 % after adjustment, needs more traces or fewer tests. */
#include "experiments/report/report.h"

#include "almanac/resource.h"

#include "experiments/compare/compare_change.h"
#include "experiments/compare/comparison_write.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIXED "\u00a0" /* a blank at which no line ends */

enum reason { SETTLED, TOO_FEW, NO_INTERVAL, AROUND_ZERO, OPPOSED, OUT_OF_REACH, NOT_SIGNIFICANT, REASONS };

/* The least p that so many pairs can have; 0: it is not limited. */
static double least_p(const struct compare_statistics *s)
{
    return s->test == COMPARE_WILCOXON && s->n <= 50 ? ldexp(1, 1 - (int)s->n) : 0;
}

static enum reason reason_of(const struct compare_statistics *s, enum verdict v)
{
    if (v != VERDICT_INCONCLUSIVE)
        return SETTLED;
    if (s->n < COMPARE_FEW)
        return TOO_FEW;
    if (isnan(s->difference.low) || isnan(s->difference.high))
        return NO_INTERVAL;
    if (s->difference.low <= 0 && s->difference.high >= 0)
        return AROUND_ZERO;
    if (s->toward != (s->difference.low > 0 ? 1 : -1))
        return OPPOSED;
    return s->p <= least_p(s) * (1 + 1e-9) ? OUT_OF_REACH : NOT_SIGNIFICANT;
}

static void name(FILE *out, const struct comparison_row *row)
{
    char text[RESULTS_NAME];
    fputs("<b>", out);
    report_text(out, results_name(row, text));
    fputs("</b>", out);
}

static void amount(FILE *out, const struct compare_figure *f, double value)
{
    struct results_scale s = results_scale_of(f, fabs(value));
    const char *unit = strcmp(f->unit, "1") == 0 ? "" : s.unit;
    fprintf(out, "%.3g%s%s", value * s.by, *unit ? FIXED : "", unit);
}

/* Three digits; from a thousand on all of the whole part, which reads better than a power of ten. */
static void signed_number(FILE *out, double value)
{
    fprintf(out, fabs(value) >= 1000 && fabs(value) < 1e7 ? "%+.0f" : "%+.3g", value);
}

/* "-72.8 % [-84.4, -46.3]", or in the metric's unit where the baseline may be 0. */
static void change(FILE *out, const struct compare_figure *f, const struct compare_statistics *s)
{
    bool relative = compare_relative(f, s);
    struct results_scale scale = results_scale_of(f, fabs(s->difference.value));
    const struct estimate *x = relative ? &s->relative : &s->difference;
    double by = relative ? 100 : scale.by;
    bool points = !relative && strcmp(f->unit, "share") == 0;
    const char *unit = relative ? "%" : points ? "percentage points" : strcmp(f->unit, "1") == 0 ? "" : scale.unit;
    signed_number(out, by * x->value);
    fprintf(out, "%s%s", *unit ? FIXED : "", unit);
    if (!isfinite(x->low) || !isfinite(x->high))
        return;
    fputs(" [", out);
    signed_number(out, by * x->low);
    fputs(", ", out);
    signed_number(out, by * x->high);
    fputc(']', out);
}

static void why_open(FILE *out, const struct compare_statistics *s, size_t tests)
{
    const char *of = compare_independent_word(s->independent, s->n);
    switch (reason_of(s, VERDICT_INCONCLUSIVE)) {
    case TOO_FEW:
        fprintf(out, "there are only %zu independent %s, and %d are the least for a verdict", s->n, of, COMPARE_FEW);
        break;
    case NO_INTERVAL:
        fputs("no interval of the difference can be told from these data", out);
        break;
    case AROUND_ZERO:
        fputs("the interval of the difference includes 0", out);
        break;
    case OUT_OF_REACH:
        fprintf(
            out,
            "the interval excludes 0, but %zu %s cannot give a p below %.2g, which is %.2g after adjustment for %zu "
            "tests at once. More %s, or fewer policies and metrics in one comparison, would settle it",
            s->n, of, least_p(s), s->p_adjusted, tests, of);
        break;
    default:
        fprintf(out, "the interval excludes 0, but the test, adjusted for %zu tests at once, does not agree (p %.2g)",
                tests, s->p_adjusted);
    }
}

static void how_sure(FILE *out, const struct comparison_group *g, const struct comparison_row *row)
{
    const struct compare_statistics *s = &row->of[0];
    switch (row->verdict[0]) {
    case VERDICT_BETTER:
        fprintf(out,
                " <strong class=\"good\">That is settled:</strong> the interval over %zu %s excludes 0, and the test "
                "agrees after adjustment for %zu tests (p %.2g).",
                s->n, compare_independent_word(s->independent, s->n), g->tests, s->p_adjusted);
        return;
    case VERDICT_SAME:
        fputs(s->identical ? " <strong>It is identical</strong> to the baseline, to the bit."
                           : " <strong>That is no change</strong> within the tolerance that was given.",
              out);
        return;
    case VERDICT_INCONCLUSIVE:
        fputs(" <strong class=\"open\">Whether it is better is not settled:</strong> ", out);
        why_open(out, s, g->tests);
        fputs(".", out);
        return;
    default:
        return;
    }
}

/* The baseline is the best: how far is the next one, and is that sure? */
static void next_best(FILE *out, const struct comparison *c, const struct comparison_group *g, size_t row)
{
    const struct comparison_row *x = &g->row[row];
    if (x->oracle || x->of[0].pairs == 0)
        return;
    fputs(" The next is ", out);
    name(out, x);
    if (x->of[0].identical) {
        fputs(", which is <strong>identical</strong>, to the bit.", out);
        return;
    }
    fputs(" with ", out);
    amount(out, &c->source->figure[c->metric[0]], x->of[0].value);
    fputs(", ", out);
    change(out, &c->source->figure[c->metric[0]], &x->of[0]);
    fprintf(out, " (%g %% interval)", 100 * c->level);
    if (x->verdict[0] == VERDICT_INCONCLUSIVE) {
        fputs(". <strong class=\"open\">Whether it is worse is not settled:</strong> ", out);
        why_open(out, &x->of[0], g->tests);
    } else
        fprintf(out, ", which is <strong>%s</strong>", verdict_word(x->verdict[0]));
    fputs(".", out);
}

/* ORDER[N]: rows, best first. */
static void best(FILE *out, const struct comparison *c, const struct comparison_group *g, const size_t *order, size_t n)
{
    const struct compare_figure *f = &c->source->figure[c->metric[0]];
    const struct comparison_row *x = &g->row[order[0]];
    const char *extreme = f->better == METRICS_HIGHER ? "highest" : "lowest";
    fputs("<p class=\"lead\">", out);
    if (x->baseline) {
        fprintf(out, "No policy has a %s <code>%s</code> than the baseline ",
                f->better == METRICS_HIGHER ? "higher" : "lower", f->name);
        name(out, x);
        fputs(": ", out);
        amount(out, f, x->of[0].value);
        fputs(".", out);
        if (n > 1)
            next_best(out, c, g, order[1]);
        fputs("</p>\n", out);
        return;
    }
    name(out, x);
    fprintf(out, " has the %s <code>%s</code>: ", extreme, f->name);
    amount(out, f, x->of[0].value);
    fputs(" against ", out);
    amount(out, f, x->of[0].base);
    fputs(" of the baseline ", out);
    name(out, &g->row[0]);
    fputs(", ", out);
    change(out, f, &x->of[0]);
    fprintf(out, " (%g %% interval).", 100 * c->level);
    how_sure(out, g, x);
    fputs("</p>\n", out);
}

/* The statistics of figure NAME of row ROW in the trade-off; NULL: none. */
static const struct compare_statistics *trade_statistics(const struct report_page *p, size_t group, size_t row,
                                                         const char *figure)
{
    const struct comparison *t = p->request->trade;
    size_t wanted = compare_figure_index(t->source, figure);
    for (size_t k = 0; k < t->metrics; k++)
        if (t->metric[k] == wanted && t->group[group].row[row].of[k].pairs > 0)
            return &t->group[group].row[row].of[k];
    return NULL;
}

/* What the best policy costs: time above the limit, or slack when the ranking is by that time. */
static void price(struct report_page *p, size_t group, size_t row, int resource)
{
    const struct comparison *t = p->request->trade;
    const char *ranking = p->request->of->source->figure[p->request->of->metric[0]].name;
    bool harm = strstr(ranking, "overrun") == NULL;
    char figure[64];
    snprintf(figure, sizeof figure, "%s.%s", alm_resource_name((enum alm_resource)resource),
             harm ? "overrun_time_share" : "slack_relative");
    const struct compare_statistics *s = trade_statistics(p, group, row, figure);
    if (!s || t->group[group].row[row].baseline)
        return;
    const struct compare_figure *f = &t->source->figure[compare_figure_index(t->source, figure)];
    bool less = s->identical || s->difference.high <= 0, more = s->difference.low > 0;
    fprintf(p->out, "<p>%s ",
            less   ? "That costs nothing here:"
            : more ? "That has a price:"
                   : "What that costs is not settled:");
    fprintf(p->out, harm ? "demand is above the %s limit in " : "its %s slack is ",
            resource == ALM_CPU ? "CPU" : "memory");
    amount(p->out, f, s->value);
    fputs(harm ? " of the time, against " : ", against ", p->out);
    amount(p->out, f, s->base);
    fputs(" with the baseline: ", p->out);
    if (s->identical)
        fputs("identical", p->out);
    else
        change(p->out, f, s);
    fputs(".</p>\n", p->out);
}

/* Of the policies that do no more harm than the baseline, in the mean, the one with the least slack; g->rows: there is none. */
static size_t least_slack(const struct comparison_group *g, int resource)
{
    size_t least = g->rows;
    for (size_t i = 1; i < g->rows; i++) {
        const struct comparison_row *row = &g->row[i];
        if (row->oracle || !results_has_point(row, resource) || !results_has_point(&g->row[0], resource) ||
            !(row->point[resource].harm <= g->row[0].point[resource].harm))
            continue;
        if (least == g->rows || row->point[resource].slack < g->row[least].point[resource].slack)
            least = i;
    }
    return least;
}

/* Less slack is easily had by more harm: what is left of it without that? */
static void at_no_more_harm(struct report_page *p, size_t group, size_t best_row, int resource)
{
    const struct comparison *c = p->request->of;
    const struct comparison_group *g = &c->group[group], *t = &p->request->trade->group[group];
    const struct compare_figure *f = &c->source->figure[c->metric[0]];
    const size_t row = least_slack(t, resource);
    if (strstr(f->name, "slack_relative") == NULL || row == best_row || g->row[best_row].baseline)
        return;
    const char *limit = resource == ALM_CPU ? "CPU" : "memory";
    if (row == t->rows) {
        fprintf(p->out, "<p>No policy here is above the %s limit as seldom as the baseline, or more seldom.</p>\n",
                limit);
        return;
    }
    const struct comparison_row *x = &g->row[row];
    fprintf(p->out, "<p>Of those that are above the %s limit no more often than the baseline, in the mean, ", limit);
    name(p->out, x);
    fputs(" has the least: ", p->out);
    amount(p->out, f, x->of[0].value);
    fputs(", ", p->out);
    change(p->out, f, &x->of[0]);
    fputs(".", p->out);
    how_sure(p->out, g, x);
    if (x->verdict[0] == VERDICT_WORSE)
        fputs(" That is <strong>worse</strong> than the baseline.", p->out);
    fputs("</p>\n", p->out);
}

static void point(FILE *out, const struct comparison_row *row, int resource)
{
    name(out, row);
    fprintf(out, " (%.3g" FIXED "%% slack, %.3g" FIXED "%% of the time above the limit)",
            100 * row->point[resource].slack, 100 * row->point[resource].harm);
}

/* Those that no other beats in both, by rising slack. */
static void choice(struct report_page *p, const struct comparison_group *g, int resource)
{
    size_t n = 0, kept = 0;
    double last = -INFINITY;
    for (size_t i = 0; i < g->rows; i++) {
        bool in = !g->row[i].oracle && results_has_point(&g->row[i], resource);
        n += in;
        kept += in && !g->row[i].dominated[resource];
    }
    if (n < 3)
        return;
    fprintf(
        p->out,
        "<p>By %s slack and time above the limit together, %zu of %zu are dominated: another policy is as good in both "
        "and better in one.%s</p>\n",
        resource == ALM_CPU ? "CPU" : "memory", n - kept, n, kept <= 8 ? " To choose from, by rising slack:" : "");
    fputs(kept <= 8 ? "<ul>\n" : "", p->out);
    for (size_t done = 0; kept <= 8 && done < kept; done++) {
        const struct comparison_row *next = NULL;
        for (size_t i = 0; i < g->rows; i++) {
            const struct comparison_row *row = &g->row[i];
            if (row->oracle || !results_has_point(row, resource) || row->dominated[resource] ||
                !(row->point[resource].slack > last))
                continue;
            next = !next || row->point[resource].slack < next->point[resource].slack ? row : next;
        }
        if (!next)
            break;
        last = next->point[resource].slack;
        fputs("<li>", p->out);
        point(p->out, next, resource);
        fputs("</li>\n", p->out);
    }
    fputs(kept <= 8 ? "</ul>\n" : "", p->out);
}

static void oracles(struct report_page *p, const struct comparison_group *g, int resource)
{
    const struct comparison_row *least = NULL;
    for (size_t i = 0; i < g->rows; i++)
        if (g->row[i].oracle && results_has_point(&g->row[i], resource) &&
            (!least || g->row[i].point[resource].slack < least->point[resource].slack))
            least = &g->row[i];
    if (!least)
        return;
    fputs("<p>For scale, a policy that sees the future, which nobody can have: ", p->out);
    point(p->out, least, resource);
    fputs(".</p>\n", p->out);
}

static void counts(struct report_page *p, const struct comparison_group *g)
{
    static const char *const why[REASONS] = {
        [TOO_FEW] = "with too few independent pairs",
        [NO_INTERVAL] = "without an interval",
        [AROUND_ZERO] = "with an interval that includes 0",
        [OPPOSED] = "that differ one way in the mean and the other way in most pairs",
        [OUT_OF_REACH] = "as clear as so few pairs can be, and still above 5\u00a0% after adjustment for so many tests",
        [NOT_SIGNIFICANT] = "with an interval beyond 0, but no test that agrees after adjustment"};
    size_t of[8] = {0}, because[REASONS] = {0}, all = 0;
    for (size_t i = 0; i < g->rows; i++)
        for (size_t k = 0; k < p->request->of->metrics; k++) {
            enum verdict v = g->row[i].verdict[k];
            if (g->row[i].baseline || g->row[i].oracle || v == VERDICT_NONE)
                continue;
            all++;
            of[v]++;
            because[reason_of(&g->row[i].of[k], v)]++;
        }
    fprintf(p->out, "<p>%zu comparison%s with the baseline: %zu better, %zu worse, %zu the same, %zu inconclusive%s",
            all, all == 1 ? "" : "s", of[VERDICT_BETTER], of[VERDICT_WORSE], of[VERDICT_SAME], of[VERDICT_INCONCLUSIVE],
            of[VERDICT_DIFFERENT] ? " (the rest differ in what has no better side)" : "");
    const char *between = ": ";
    for (int k = 1; k < REASONS; k++)
        if (because[k]) {
            fprintf(p->out, "%s%zu %s", between, because[k], why[k]);
            between = ", ";
        }
    fputs(".</p>\n", p->out);
}

int report_findings(struct report_page *p, size_t group, struct alm_err *e)
{
    const struct comparison *c = p->request->of;
    const struct comparison_group *g = &c->group[group], *t = &p->request->trade->group[group];
    const struct compare_figure *f = &c->source->figure[c->metric[0]];
    size_t *order = calloc(g->rows + 1, sizeof *order);
    if (!order)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu policies", g->rows);
    size_t n = comparison_order(c, g, 0, order);
    bool ranked = n > 0 && !g->row[order[0]].oracle && f->better != METRICS_NEITHER;
    if (ranked)
        best(p->out, c, g, order, n);
    else
        fprintf(p->out, "<p class=\"lead\">Nothing can be ranked by <code>%s</code>: %s.</p>\n", f->name,
                n ? "it has no better side, or only oracles have it" : "no cell has it");
    int resource = results_resource(f->name);
    if (ranked && resource >= 0) {
        price(p, group, order[0], resource);
        at_no_more_harm(p, group, order[0], resource);
    }
    free(order);
    if (resource >= 0) {
        choice(p, t, resource);
        oracles(p, t, resource);
    }
    counts(p, g);
    return ALM_OK;
}
