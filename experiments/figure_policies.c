/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_policies: slack against harm, one point per run, CPU and memory side by side.
 *
 * Meaning.  x: share of the granted that was not used. y, CPU: share of time with demand above the limit; memory: OOM
 *           kills per unit-day, or that share where no run has a kill. Lower left is better. A policy is dominated when
 *           another that is no oracle is as good in both and better in one.
 * Choice.   Labels are put where they cover least; one that has to stand off gets a line to its point. */
#include "experiments/figure_harm.h"
#include "experiments/figure_label.h"
#include "experiments/figure_script.h"
#include "experiments/run_file.h"

#include "almanac/resource.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 1200
#define HEIGHT 620
#define FILES 40

/* Where the two panels lie, in shares of the figure; the template is told. */
static const struct alm__box panels[2] = {{0.070, 0.140, 0.480, 0.780}, {0.575, 0.140, 0.985, 0.780}};

/* A figure with its interval; all NaN when the run lacks it. */
struct value {
    double at, low, high;
};

struct policy {
    char name[200], trace[100], label[300];
    bool oracle;
    struct value slack[2], share[2], kills;
    bool dominated[2];
};

struct policies {
    struct policy *policy;
    size_t count;
    bool several_traces;
    char end[100]; /* of the names of all predictors: "envelope:margin=0" */
};

static struct value value_of(const json_t *metrics, int r, const char *name)
{
    const json_t *object = json_object_get(metrics, alm_resource_name((enum alm_resource)r));
    const json_t *number = json_object_get(object, name);
    const json_t *ci = json_object_get(json_object_get(object, "ci95"), name);
    struct value v = {NAN, NAN, NAN};
    if (!json_is_number(number))
        return v;
    v.at = v.low = v.high = json_number_value(number);
    if (json_is_number(json_array_get(ci, 0)) && json_is_number(json_array_get(ci, 1))) {
        v.low = fmin(v.at, json_number_value(json_array_get(ci, 0)));
        v.high = fmax(v.at, json_number_value(json_array_get(ci, 1)));
    }
    return v;
}

static struct value times(struct value v, double factor)
{
    return (struct value){v.at * factor, v.low * factor, v.high * factor};
}

static int read_policy(const char *file, struct policy *p, struct alm_err *e)
{
    struct alm_run *run = NULL;
    ALM_TRY(alm_run_file_open(file, &run, e));
    json_error_t why;
    json_t *metrics = json_loads(run->metrics, JSON_REJECT_DUPLICATES, &why);
    int code = metrics
                   ? ALM_OK
                   : alm_fail(e, ALM_EDATA, "%s: attribute metrics is no JSON (line %d: %s); simulate the run again",
                              file, why.line, why.text);
    for (int r = 0; code == ALM_OK && r < 2; r++) {
        p->slack[r] = times(value_of(metrics, r, "slack_relative"), 100);
        p->share[r] = times(value_of(metrics, r, "overrun_time_share"), 100);
    }
    if (code == ALM_OK) {
        p->kills = value_of(metrics, ALM_MEMORY, "oom_kills_per_unit_day");
        p->oracle = run->oracle;
        snprintf(p->name, sizeof p->name, "%.*s", (int)sizeof p->name - 1, run->policy[0] ? run->policy : file);
        snprintf(p->trace, sizeof p->trace, "%.*s", (int)sizeof p->trace - 1, run->trace_name);
    }
    json_decref(metrics);
    alm_run_file_close(run);
    return code;
}

/* "vpa + envelope", "arima + envelope", "reactive": the end that all predictors share is said once, in the subtitle. */
static void strip_common_end(struct policies *all)
{
    const char *end = NULL;
    size_t with = 0;
    for (size_t i = 0; i < all->count; i++) {
        const char *here = strstr(all->policy[i].name, " + ");
        if (here && end && strcmp(here, end) != 0)
            return;
        end = here ? here : end;
        with += here != NULL;
    }
    if (with < 2)
        return;
    snprintf(all->end, sizeof all->end, "%s", end + 3);
    for (size_t i = 0; i < all->count; i++) {
        char *here = strstr(all->policy[i].name, " + ");
        if (here)
            *here = '\0';
    }
}

/* Runs on several traces are told apart by trace, runs of one policy by number. */
static void name_apart(struct policies *all)
{
    strip_common_end(all);
    for (size_t i = 0; i < all->count; i++)
        all->several_traces = all->several_traces || strcmp(all->policy[i].trace, all->policy[0].trace) != 0;
    for (size_t i = 0; i < all->count; i++) {
        struct policy *p = &all->policy[i];
        size_t same = 0, before = 0;
        for (size_t k = 0; k < all->count; k++) {
            const struct policy *other = &all->policy[k];
            bool equal = strcmp(other->name, p->name) == 0 && strcmp(other->trace, p->trace) == 0;
            same += equal;
            before += equal && k < i;
        }
        char name[160], trace[80] = "", number[32] = "";
        alm__figure_text(name, sizeof name, p->name, all->several_traces ? 26 : 36);
        if (all->several_traces)
            alm__figure_text(trace, sizeof trace, p->trace, 14);
        if (same > 1)
            snprintf(number, sizeof number, " (%zu)", before + 1);
        snprintf(p->label, sizeof p->label, "%s%s%s%s", name, trace[0] ? ", " : "", trace, number);
    }
}

/* One panel: what is drawn of each policy, in the panel's own units, and where that is on the figure in pixels. */
struct panel {
    int resource;
    bool kills; /* y: OOM kills per unit-day */
    struct alm__harm y;
    double right; /* x runs from 0 */
    const struct policies *all;
};

static struct value harm_of(const struct panel *p, const struct policy *policy)
{
    return p->kills ? policy->kills : policy->share[p->resource];
}

static bool drawn(const struct panel *p, const struct policy *policy)
{
    return isfinite(policy->slack[p->resource].at) && isfinite(harm_of(p, policy).at);
}

static double y_of(const struct panel *p, double harm)
{
    return alm__harm_at(&p->y, harm);
}

static void scale_panel(struct panel *p)
{
    double right = 0;
    p->y = (struct alm__harm){.finest = 1e-5, .stretch = 1.12, .room = 0.15, .limit = INFINITY, .between = true};
    for (size_t i = 0; i < p->all->count; i++) {
        const struct policy *policy = &p->all->policy[i];
        if (!drawn(p, policy))
            continue;
        alm__harm_take(&p->y, harm_of(p, policy).at, harm_of(p, policy).high);
        right = fmax(right, policy->slack[p->resource].high);
    }
    alm__harm_close(&p->y);
    p->right = right > 0 ? 1.12 * right : 1;
}

static bool better(const struct panel *p, const struct policy *a, const struct policy *b)
{
    double sa = a->slack[p->resource].at, sb = b->slack[p->resource].at;
    double ha = harm_of(p, a).at, hb = harm_of(p, b).at;
    return sa <= sb && ha <= hb && (sa < sb || ha < hb);
}

static void find_dominated(const struct panel *p, struct policy *policy, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            if (k != i && !policy[k].oracle && drawn(p, &policy[i]) && drawn(p, &policy[k]) &&
                better(p, &policy[k], &policy[i]))
                policy[i].dominated[p->resource] = true;
}

static void write_points(FILE *out, const struct panel *p, const char *block, bool oracle, bool dominated)
{
    fprintf(out, "$%s_%s << EOD\n-1e30 -1e30 -1e30 -1e30 -1e30 -1e30\n",
            alm_resource_name((enum alm_resource)p->resource), block);
    for (size_t i = 0; i < p->all->count; i++) {
        const struct policy *policy = &p->all->policy[i];
        if (!drawn(p, policy) || policy->oracle != oracle || (!oracle && policy->dominated[p->resource] != dominated))
            continue;
        struct value x = policy->slack[p->resource], y = harm_of(p, policy);
        fprintf(out, "%.6g %.6g %.6g %.6g %.6g %.6g\n", x.at, y_of(p, y.at), x.low, x.high, y_of(p, y.low),
                y_of(p, y.high));
    }
    fputs("EOD\n", out);
}

static int by_slack(const void *a, const void *b)
{
    const struct alm__spot *x = a, *y = b;
    return x->x != y->x ? (x->x < y->x ? -1 : 1) : (y->y > x->y) - (y->y < x->y);
}

/* The stairs along the policies that no other dominates. */
static void write_front(FILE *out, const struct panel *p)
{
    struct alm__spot front[FILES];
    size_t n = 0;
    for (size_t i = 0; i < p->all->count; i++) {
        const struct policy *policy = &p->all->policy[i];
        if (drawn(p, policy) && !policy->oracle && !policy->dominated[p->resource])
            front[n++] = (struct alm__spot){policy->slack[p->resource].at, y_of(p, harm_of(p, policy).at)};
    }
    qsort(front, n, sizeof *front, by_slack);
    fprintf(out, "$%s_front << EOD\n-1e30 -1e30\n\n", alm_resource_name((enum alm_resource)p->resource));
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%.6g %.6g\n", front[i].x, front[i].y);
    fputs("EOD\n", out);
}

static void write_tics(FILE *out, const struct panel *p)
{
    const char *name = alm_resource_name((enum alm_resource)p->resource);
    fprintf(out, "%s_tics = '", name);
    alm__harm_tics(out, &p->y);
    fputs("'\n", out);
    bool any = false;
    for (size_t i = 0; i < p->all->count; i++)
        any = any || drawn(p, &p->all->policy[i]);
    fprintf(out, "%s_top = %.6g\n%s_right = %.6g\n", name, p->y.top, name, p->right);
    fprintf(out, "%s_note = '%s'\n", name, any ? "" : "not scored in these runs");
    fprintf(out, "%s_label = '%s'\n", name,
            p->kills ? "OOM kills per unit-day" : "Time with demand above the limit (%)");
}

static void write_labels(FILE *out, const struct panel *p)
{
    struct alm__label label[FILES];
    size_t n = 0;
    struct alm__box box = panels[p->resource];
    struct alm__box area = {box.left * WIDTH, box.bottom * HEIGHT, box.right * WIDTH, box.top * HEIGHT};
    for (size_t i = 0; i < p->all->count; i++) {
        const struct policy *policy = &p->all->policy[i];
        if (!drawn(p, policy))
            continue;
        struct alm__label *l = &label[n++];
        *l = (struct alm__label){.text = policy->label, .grey = !policy->oracle && policy->dominated[p->resource]};
        l->point.x = area.left + policy->slack[p->resource].at / p->right * (area.right - area.left);
        l->point.y = area.bottom + y_of(p, harm_of(p, policy).at) / p->y.top * (area.top - area.bottom);
    }
    alm__labels_place(label, n, area);
    for (size_t i = 0; i < n; i++) {
        const struct alm__label *l = &label[i];
        if (l->line)
            fprintf(out, "set arrow from screen %.5f, %.5f to screen %.5f, %.5f nohead lw 0.5 lc rgb GREY back\n",
                    l->point.x / WIDTH, l->point.y / HEIGHT, l->anchor.x / WIDTH, l->anchor.y / HEIGHT);
        fprintf(out, "set label %d ", 100 * (p->resource + 1) + (int)i);
        alm__script_quoted(out, l->text, 60);
        fprintf(out, " at screen %.5f, %.5f left font font_small textcolor rgb %s front\n", l->box.left / WIDTH,
                0.5 * (l->box.bottom + l->box.top) / HEIGHT, l->grey ? "GREY" : "BLACK");
    }
}

static void write_panel(FILE *out, struct panel *p, struct policies *all)
{
    p->all = all;
    for (size_t i = 0; p->resource == ALM_MEMORY && i < all->count; i++)
        p->kills = p->kills || all->policy[i].kills.at > 0;
    scale_panel(p);
    find_dominated(p, all->policy, all->count);
    write_points(out, p, "best", false, false);
    write_points(out, p, "dominated", false, true);
    write_points(out, p, "oracle", true, false);
    write_front(out, p);
    write_tics(out, p);
    write_labels(out, p);
}

static void write_titles(FILE *out, const struct policies *all)
{
    char line[400], trace[200];
    alm__figure_text(trace, sizeof trace, all->policy[0].trace[0] ? all->policy[0].trace : "an unnamed trace", 60);
    snprintf(line, sizeof line, "Slack against harm: %zu policies on %s", all->count,
             all->several_traces ? "several traces" : trace);
    alm__script_text(out, "title_text", line, 110);
    snprintf(line, sizeof line, "%s%s%s",
             all->several_traces ? "Lower left is better. The runs are not on the same trace: compare with care"
                                 : "Lower left is better; grey: another policy is as good in both and better in one",
             all->end[0] ? "; predictors with " : "", all->end);
    alm__script_text(out, "subtitle_text", line, 150);
    for (int r = 0; r < 2; r++) {
        const char *name = alm_resource_name((enum alm_resource)r);
        fprintf(out, "%s_left = %g\n%s_edge = %g\n", name, panels[r].left, name, panels[r].right);
    }
    fprintf(out, "panel_bottom = %g\npanel_top = %g\n", panels[0].bottom, panels[0].top);
}

static int draw_policies(struct policies *all, struct alm__script *s, const struct alm_figure_options *o, char *shown,
                         size_t size, struct alm_err *e)
{
    bool any = false;
    for (size_t i = 0; i < all->count; i++)
        for (int r = 0; r < 2; r++)
            any = any || (isfinite(all->policy[i].slack[r].at) && isfinite(all->policy[i].share[r].at));
    if (!any)
        return alm_fail(e, ALM_EDATA,
                        "none of the %zu runs has the metrics slack_relative and overrun_time_share of a "
                        "resource: simulate them again",
                        all->count);
    name_apart(all);
    ALM_TRY(alm__script_start(s, o->output, WIDTH, HEIGHT, e));
    write_titles(s->out, all);
    struct panel cpu = {.resource = ALM_CPU}, memory = {.resource = ALM_MEMORY};
    write_panel(s->out, &cpu, all);
    write_panel(s->out, &memory, all);
    snprintf(shown, size, "slack against harm of %zu runs", all->count);
    return alm__script_template(s, "policies.gp", e);
}

int alm__figure_policies(struct alm__script *s, const char *const *file, size_t files,
                         const struct alm_figure_options *o, char *shown, size_t size, struct alm_err *e)
{
    if (files > FILES)
        return alm_fail(e, ALM_EINVAL, "%zu run files: a figure with more than %d policies cannot be read", files,
                        FILES);
    if (o->unit[0] || o->from || o->to)
        return alm_fail(e, ALM_EINVAL, "--unit, --from and --to are for one file: several runs are shown as wholes");
    struct policies all = {.policy = calloc(files, sizeof *all.policy), .count = files};
    int code = all.policy ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for %zu policies", files);
    for (size_t i = 0; code >= 0 && i < files; i++)
        code = read_policy(file[i], &all.policy[i], e);
    if (code >= 0)
        code = draw_policies(&all, s, o, shown, size, e);
    free(all.policy);
    return code;
}
