/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_figure: three step curves, thinned to columns of pixels. */
#include "experiments/planner/planner_figure.h"

#include "almanac/quantity.h"

#include "experiments/figure_script.h"
#include "experiments/figure_series.h"

#define WIDTH 1200
#define HEIGHT 560
#define COLUMNS ((size_t)1100)

/* The points of a step curve: each number at both ends of its time, so that thinning keeps how long it lasted. */
static int write_curve(FILE *out, const struct planner *p, const struct planner_need *n, const char *name,
                       struct alm_err *e)
{
    struct alm__series s;
    double end = alm_seconds(p->end - p->from);
    ALM_TRY(alm__series_open(&s, end, COLUMNS, e));
    for (size_t i = 0; i < n->points; i++) {
        double x = alm_seconds(n->point[i].at - p->from);
        double until = i + 1 < n->points ? alm_seconds(n->point[i + 1].at - p->from) : end;
        if (x < end)
            alm__series_add(&s, x, n->point[i].high);
        if (x < end && until > x)
            alm__series_add(&s, until, n->point[i].high);
    }
    fprintf(out, "$%s << EOD\n", name);
    alm__series_write(&s, 1, out);
    fputs("EOD\n", out);
    alm__figure_series_free(&s);
    return ALM_OK;
}

static void write_titles(FILE *out, const struct planner_request *q, const struct planner *p, size_t machine)
{
    const struct planner_machine *m = &q->machine[machine];
    char line[700], memory[ALM_QUANTITY_TEXT], name[80], trace[200], policy[300];
    alm__figure_text(trace, sizeof trace, q->config[PLANNER_POLICY]->trace_name, 50);
    alm__figure_text(policy, sizeof policy, p->side[PLANNER_POLICY].policy, 60);
    snprintf(line, sizeof line, "Machines that %zu units of %s need under %s", p->units - p->undecided, trace, policy);
    alm__script_text(out, "title_text", line, 110);
    alm__figure_text(name, sizeof name, m->name, 18);
    snprintf(line, sizeof line,
             "%s: %g cores, %s; %g %% kept free. Dashed: the most that is needed at a time, what would be bought", name,
             m->cores, alm_print_bytes((int64_t)m->memory, memory), 100 * q->headroom);
    alm__script_text(out, "subtitle_text", line, 160);
}

static void write_key(FILE *out, enum planner_side_name which, const struct planner_need *need)
{
    static const char *const name[] = {"today", "policy", "oracle (sees the future)"};
    const char *word = planner_side_word(which);
    fprintf(out, "%s_text = '%s: %u'\n%s_peak = %u\n", word, name[which], need->peak, word, need->peak);
}

static int fill(struct alm__script *s, const struct planner_request *q, const struct planner *p, size_t machine,
                const struct alm_figure_options *o, struct alm_err *e)
{
    uint32_t top = 1;
    ALM_TRY(alm__script_start(s, o->output, WIDTH, HEIGHT, e));
    write_titles(s->out, q, p, machine);
    alm__script_time_axis(s->out, p->from, p->end, 11);
    for (int k = 0; k < PLANNER_SIDES; k++) {
        const struct planner_side *side = &p->side[k];
        const char *word = planner_side_word((enum planner_side_name)k);
        fprintf(s->out, "%s_there = %d\n", word, side->there);
        if (!side->there)
            continue;
        top = side->need[machine].peak > top ? side->need[machine].peak : top;
        write_key(s->out, (enum planner_side_name)k, &side->need[machine]);
        ALM_TRY(write_curve(s->out, p, &side->need[machine], word, e));
    }
    fprintf(s->out, "y_top = %.6g\n", 1.08 * top);
    return alm__script_template(s, "machines_needed.gp", e);
}

int planner_figure_draw(const struct planner_request *q, const struct planner *p, size_t machine,
                        const struct alm_figure_options *o, struct alm_figure_report *report, struct alm_err *e)
{
    struct alm__script s;
    *report = (struct alm_figure_report){0};
    ALM_TRY(alm__script_open(&s, e));
    int code = fill(&s, q, p, machine, o, e);
    if (code >= 0)
        code = alm__script_draw(&s, o, report, e);
    alm__script_free(&s);
    return code < 0 ? code : ALM_OK;
}
