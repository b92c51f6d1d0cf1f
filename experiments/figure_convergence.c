/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_convergence: what a learner gains as it sees more: cost by day since its units' first, one line a run.
 *
 * Meaning.  Of each day over all units: slack over what was granted; time with demand above the limit over scored time; pinball losses
 *           of the envelopes' upper side over the values they spoke of. CPU left, memory right. At the right end: the level over the
 *           last third of the days. A run that sees the future is black and dashed.
 * Choice.   Days with less than 1/50 of the scored time of the fullest are left out: of a handful of units nothing can be seen.
 * Limits.   Where units come and go, days are of different units; the same of all runs on one trace. */
#include "experiments/figure_run.h"
#include "experiments/metrics_tally.h"

#include "almanac/resource.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 1200
#define HEIGHT 780
#define FILES 7 /* as many as there are colours */
#define DOTS 32 /* with no more days each one is a point */

static const char *const costs[METRICS_COSTS] = {"slack", "overrun", "loss"};

struct learner {
    char name[200];
    bool oracle;
    struct metrics_tally tally;
};

struct convergence {
    struct learner run[FILES];
    size_t runs;
    size_t days; /* up to the last one that any run shows */
    char trace[200];
    bool several_traces;
};

/* In %; NaN where there is none. */
static double cost_of(const struct metrics_day *d, int cost)
{
    return 100 * metrics_day_cost(d, (enum metrics_cost)cost);
}

/* Is the day full enough to be shown? */
static bool shown_day(const struct learner *l, size_t day, int r)
{
    uint64_t most = 0;
    for (size_t k = 0; k < l->tally.days; k++)
        most = l->tally.day[k][r].seconds > most ? l->tally.day[k][r].seconds : most;
    return most > 0 && l->tally.day[day][r].seconds >= most / 50;
}

/* The level over the last third of the days that are shown. */
static double final_level(const struct learner *l, int r, int cost)
{
    struct metrics_day sum = {0};
    size_t shown = 0, seen = 0;
    for (size_t k = 0; k < l->tally.days; k++)
        shown += shown_day(l, k, r);
    for (size_t k = 0; k < l->tally.days; k++) {
        const struct metrics_day *d = &l->tally.day[k][r];
        if (!shown_day(l, k, r) || 3 * ++seen <= 2 * shown)
            continue;
        sum.slack += d->slack;
        sum.limit += d->limit;
        sum.overrun_seconds += d->overrun_seconds;
        sum.judged += d->judged;
        sum.loss += d->loss;
        sum.value += d->value;
    }
    return cost_of(&sum, cost);
}

static int read_run(struct convergence *c, size_t k, const char *file, struct alm_err *e)
{
    struct alm_run *run = NULL;
    struct learner *l = &c->run[k];
    ALM_TRY(alm_run_file_open(file, &run, e));
    int code = metrics_tally_read(run->table, &l->tally, e);
    if (code == ALM_NOT_YET)
        code = alm_fail(e, ALM_EDATA, "%s has no /days, being of an earlier version: simulate it again", file);
    if (code >= 0) {
        alm__figure_text(l->name, sizeof l->name - 8, run->policy[0] ? run->policy : file, 40);
        l->oracle = run->oracle;
        if (k == 0)
            alm__figure_text(c->trace, sizeof c->trace, run->trace_name, 60);
        char trace[sizeof c->trace];
        alm__figure_text(trace, sizeof trace, run->trace_name, 60);
        c->several_traces = c->several_traces || strcmp(trace, c->trace) != 0;
    }
    alm_run_file_close(run);
    for (size_t day = 0; code >= 0 && day < l->tally.days; day++)
        for (int r = 0; r < 2; r++)
            if (shown_day(l, day, r) && day + 1 > c->days)
                c->days = day + 1;
    return code;
}

/* Runs of one policy get their number. */
static void name_runs(struct convergence *c)
{
    for (size_t i = c->runs; i-- > 0;) {
        size_t before = 0;
        for (size_t k = 0; k < i; k++)
            before += strcmp(c->run[k].name, c->run[i].name) == 0;
        const size_t at = strlen(c->run[i].name);
        if (before)
            snprintf(c->run[i].name + at, sizeof c->run[i].name - at, " (%zu)", before + 1);
    }
}

/* The lines of one cost, run after run, and the levels at their ends. Returns the largest value; -1: none. */
static double write_cost(FILE *out, const struct convergence *c, int r, int cost)
{
    const char *name = alm_resource_name((enum alm_resource)r);
    double most = -1;
    fprintf(out, "$%s_%s << EOD\n", name, costs[cost]);
    for (size_t k = 0; k < c->runs; k++) {
        const struct learner *l = &c->run[k];
        bool gap = false; /* two empty lines in a row would end the block */
        fputs("-1e30 -1e30\n\n", out);
        for (size_t day = 0; day < l->tally.days; day++) {
            const double y = shown_day(l, day, r) ? cost_of(&l->tally.day[day][r], cost) : (double)NAN;
            if (isnan(y)) {
                gap = true;
                continue;
            }
            fprintf(out, "%s%zu %.6g\n", gap ? "\n" : "", day + 1, y);
            most = fmax(most, y);
            gap = false;
        }
        fputs("\n\n", out);
    }
    fprintf(out, "EOD\n$%s_%s_end << EOD\n", name, costs[cost]);
    for (size_t k = 0; k < c->runs; k++) {
        const double level = final_level(&c->run[k], r, cost);
        fprintf(out, "%g %.6g\n\n\n", 1.0, isnan(level) ? -1e30 : level);
    }
    fputs("EOD\n", out);
    return most;
}

/* COLOUR and DASH of each run: those that see the future are black. */
static void write_forms(FILE *out, const struct convergence *c)
{
    static const char *const colour[FILES] = {"BLUE", "VERMILLION", "GREEN", "PURPLE", "ORANGE", "SKY", "GREY"};
    size_t next = 0;
    fprintf(out, "runs = %zu\narray NAME[runs]\narray COLOUR[runs]\narray DASH[runs]\n", c->runs);
    for (size_t k = 0; k < c->runs; k++) {
        const bool oracle = c->run[k].oracle;
        char name[240];
        snprintf(name, sizeof name, "%s%s", c->run[k].name, oracle ? " [sees the future]" : "");
        fprintf(out, "COLOUR[%zu] = %s; DASH[%zu] = %d; NAME[%zu] = ", k + 1, oracle ? "BLACK" : colour[next], k + 1,
                oracle ? 2 : 1, k + 1);
        alm__script_quoted(out, name, 70);
        fputc('\n', out);
        next += oracle ? 0 : 1;
    }
}

static int draw(struct alm__script *s, const struct convergence *c, const struct alm_figure_options *o,
                struct alm_err *e)
{
    char line[400];
    FILE *out = s->out;
    ALM_TRY(alm__script_start(s, o->output, WIDTH, HEIGHT, e));
    snprintf(line, sizeof line, "Cost by day on %s", c->several_traces ? "several traces" : c->trace);
    alm__script_text(out, "title_text", line, 110);
    snprintf(line, sizeof line,
             "All units, days since their first. Right of each picture: the level over the last third of the days%s",
             c->several_traces ? ". The runs are not on the same trace: compare with care" : "");
    alm__script_text(out, "subtitle_text", line, 170);
    write_forms(out, c);
    fprintf(out, "days = %zu\ndots = %d\n", c->days, c->days <= DOTS);
    for (int r = 0; r < 2; r++)
        for (int cost = 0; cost < METRICS_COSTS; cost++) {
            const double most = write_cost(out, c, r, cost);
            fprintf(out, "%s_%s_top = %.6g\n", alm_resource_name((enum alm_resource)r), costs[cost],
                    most > 0 ? 1.12 * most : most);
        }
    return alm__script_template(s, "convergence.gp", e);
}

int alm__figure_convergence(struct alm__script *s, const char *const *file, size_t files,
                            const struct alm_figure_options *o, char *shown, size_t size, struct alm_err *e)
{
    if (files > FILES)
        return alm_fail(e, ALM_EINVAL, "%zu run files: a figure with more than %d lines cannot be read", files, FILES);
    if (o->from || o->to)
        return alm_fail(e, ALM_EINVAL, "page convergence is of whole runs: --from and --to have no meaning");
    struct convergence *c = calloc(1, sizeof *c);
    if (!c)
        return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    int code = ALM_OK;
    for (; code >= 0 && c->runs < files; c->runs++)
        code = read_run(c, c->runs, file[c->runs], e);
    if (code >= 0 && c->days == 0)
        code = alm_fail(e, ALM_EINVAL, "%s: nothing was scored, so there is no cost to show", file[0]);
    if (code >= 0) {
        name_runs(c);
        code = draw(s, c, o, e);
        snprintf(shown, size, "cost of %zu run%s over %zu days", c->runs, c->runs == 1 ? "" : "s", c->days);
    }
    for (size_t k = 0; k < files; k++)
        metrics_tally_free(&c->run[k].tally);
    free(c);
    return code;
}
