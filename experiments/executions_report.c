/* SPDX-License-Identifier: GPL-3.0-or-later
 * executions_report: the figures of executions, out of sums, histograms and batches. */
#include "experiments/executions_parts.h"

#include <math.h>

static const char *const names[EXECUTIONS_FIGURES] = {
#define X(id, name) [EXECUTIONS_##id] = (name),
    EXECUTIONS_FIGURE_LIST(X)
#undef X
};

/* Figures that are a quotient of two sums, times a factor. */
static const struct quotient {
    enum executions_figure figure;
    int above, below;
    double factor;
} quotients[] = {
    {EXECUTIONS_MEAN_RESPONSE, SUM_RESPONSE, SUM_DONE, 1e-9},
    {EXECUTIONS_MEAN_WAIT, SUM_WAIT, SUM_DONE, 1e-9},
    {EXECUTIONS_MEAN_IN_SYSTEM, SUM_SOJOURN, SUM_TIME, 1},
    {EXECUTIONS_MEAN_BUSY, SUM_SERVERS, SUM_TIME, 1},
    {EXECUTIONS_REFUSED_SHARE, SUM_REFUSED, SUM_COUNT, 1},
    {EXECUTIONS_TIMEOUT_SHARE, SUM_TIMEOUT, SUM_COUNT, 1},
    {EXECUTIONS_FAILED_SHARE, SUM_FAILED, SUM_COUNT, 1},
    {EXECUTIONS_COLD_START_SHARE, SUM_COLD, SUM_STARTED, 1},
    {EXECUTIONS_MEAN_SLOWDOWN, SUM_SLOWDOWN, SUM_SLOWDOWNS, 1e-6},
    {EXECUTIONS_THROUGHPUT, SUM_DONE, SUM_TIME, 1e9},
};

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

/* The quantile at P of a histogram whose cells begin at FIRST; FACTOR: from its unit to that of the figure. */
static struct executions_value quantile(const struct executions_group *g, const struct quantiles *q, size_t first,
                                        double p, double factor)
{
    struct executions_value v = {quantiles_at(q, p), NAN};
    double h = q->count ? batch_means_share_halfwidth(&g->batches, first, v.value) : NAN;
    if (h < 1 - p)
        v.halfwidth = factor * 0.5 * (quantiles_at(q, p + h) - quantiles_at(q, p - h));
    v.value *= factor;
    return v;
}

/* Batches know who ended. Where others make more than a tenth of a sum, they say nothing of it. */
static bool batches_speak_for(const struct executions_group *g, int sum)
{
    return batch_means_total(&g->batches, (size_t)sum) >= 0.9 * (double)g->sum[sum];
}

static void report(const struct executions *x, const struct executions_group *g, struct executions_report *out)
{
    struct executions_value *of = out->of;
    double window = (double)(x->end - x->begin);
    *out = (struct executions_report){.batches = batch_means_final(&g->batches),
                                      .correlated = batch_means_correlated(&g->batches, SUM_RESPONSE, SUM_DONE)};
    for (size_t k = 0; k < sizeof quotients / sizeof *quotients; k++) {
        const struct quotient *r = &quotients[k];
        double below = r->below == SUM_TIME ? window : (double)g->sum[r->below];
        size_t above = (size_t)r->above;
        of[r->figure].value = r->factor * ratio((double)g->sum[above], below);
        of[r->figure].halfwidth = batches_speak_for(g, r->above)
                                      ? r->factor * batch_means_halfwidth(&g->batches, above, (size_t)r->below)
                                      : NAN;
    }
    double cores = x->cores > 0 && isfinite(x->cores) ? x->cores : NAN;
    of[EXECUTIONS_UTILISATION].value = of[EXECUTIONS_MEAN_BUSY].value / cores;
    of[EXECUTIONS_UTILISATION].halfwidth = of[EXECUTIONS_MEAN_BUSY].halfwidth / cores;
    of[EXECUTIONS_P50] = quantile(g, &g->response, 0, 0.50, 1e-9);
    of[EXECUTIONS_P95] = quantile(g, &g->response, 0, 0.95, 1e-9);
    of[EXECUTIONS_P99] = quantile(g, &g->response, 0, 0.99, 1e-9);
    of[EXECUTIONS_P95_SLOWDOWN] = quantile(g, &g->slowdown, BATCH_MEANS_CELLS, 0.95, 1e-6);
    of[EXECUTIONS_P99_SLOWDOWN] = quantile(g, &g->slowdown, BATCH_MEANS_CELLS, 0.99, 1e-6);
    of[EXECUTIONS_COUNT] = (struct executions_value){(double)g->sum[SUM_COUNT], NAN};
    of[EXECUTIONS_IN_FLIGHT] = (struct executions_value){(double)g->in_flight, NAN};
    of[EXECUTIONS_RETRIES] = (struct executions_value){(double)g->sum[SUM_RETRIES], NAN};
}

void executions_total(const struct executions *x, struct executions_report *out)
{
    report(x, &x->all, out);
}

size_t executions_classes(const struct executions *x)
{
    return x->classes > 1 ? x->classes : 0;
}

void executions_class(const struct executions *x, size_t k, struct executions_report *out)
{
    report(x, &x->class[k].group, out);
    out->class = x->class[k].class;
}

const char *executions_name(enum executions_figure f)
{
    return names[f];
}

bool executions_whole(enum executions_figure f)
{
    return f == EXECUTIONS_COUNT || f == EXECUTIONS_IN_FLIGHT || f == EXECUTIONS_RETRIES;
}

/* Figures of a unit: sums, and quotients where `below` is not SUM_TIME. */
static const struct unit_figure {
    const char *name;
    int above, below;
    double factor;
} unit_figures[] = {
    {"count", SUM_COUNT, SUM_TIME, 1},
    {"mean_response_s", SUM_RESPONSE, SUM_DONE, 1e-9},
    {"mean_wait_s", SUM_WAIT, SUM_DONE, 1e-9},
    {"mean_slowdown", SUM_SLOWDOWN, SUM_SLOWDOWNS, 1e-6},
    {"busy_core_seconds", SUM_SERVERS, SUM_TIME, 1e-9},
    {"refused_share", SUM_REFUSED, SUM_COUNT, 1},
    {"timeout_share", SUM_TIMEOUT, SUM_COUNT, 1},
    {"failed_share", SUM_FAILED, SUM_COUNT, 1},
    {"cold_start_share", SUM_COLD, SUM_STARTED, 1},
    {"retries", SUM_RETRIES, SUM_TIME, 1},
};

const char *executions_unit_name(size_t k)
{
    return k < sizeof unit_figures / sizeof *unit_figures ? unit_figures[k].name : NULL;
}

double executions_unit_value(const struct executions *x, size_t unit, size_t k)
{
    const struct unit_figure *f = &unit_figures[k];
    const __int128 *sum = x->unit[unit].sum;
    return f->factor *
           (f->below == SUM_TIME ? (double)sum[f->above] : ratio((double)sum[f->above], (double)sum[f->below]));
}

static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static json_t *report_json(const struct executions_report *r)
{
    json_t *object = json_object(), *halfwidth = json_object();
    for (int f = 0; f < EXECUTIONS_FIGURES; f++) {
        enum executions_figure figure = (enum executions_figure)f;
        json_object_set_new(object, names[f],
                            executions_whole(figure) ? json_integer((json_int_t)r->of[f].value)
                                                     : number(r->of[f].value));
        json_object_set_new(halfwidth, names[f], number(r->of[f].halfwidth));
    }
    json_object_set_new(object, "halfwidth", halfwidth);
    json_object_set_new(object, "confidence", json_real(BATCH_MEANS_CONFIDENCE));
    json_object_set_new(object, "batches", json_integer((json_int_t)r->batches));
    json_object_set_new(object, "batches_correlated", json_boolean(r->correlated));
    return object;
}

json_t *executions_json(const struct executions *x)
{
    struct executions_report r;
    executions_total(x, &r);
    json_t *object = report_json(&r);
    if (executions_classes(x) == 0)
        return object;
    json_t *classes = json_array();
    for (size_t k = 0; k < executions_classes(x); k++) {
        executions_class(x, k, &r);
        json_t *class = report_json(&r);
        json_object_set_new(class, "class", json_integer(r.class));
        json_array_append_new(classes, class);
    }
    json_object_set_new(object, "classes", classes);
    return object;
}
