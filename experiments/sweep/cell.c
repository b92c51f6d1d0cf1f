/* SPDX-License-Identifier: GPL-3.0-or-later
 * cell: one simulation of a plan; see the header. Its file: cell_file.c.
 *
 * Meaning.  The training and the test part are both scored after their warm-up, and the test's warm-up is the end of the training. So
 *           what is scored for the test was never scored for the training.
 * Choice.   Traces and their parts stay open: cells of one trace follow each other. */
#include "experiments/sweep/cell.h"
#include "experiments/simulation_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 3
#define WORKLOADS 4

struct cell_traces {
    const struct sweep_plan *plan;
    struct open_trace {
        struct simulation_trace *trace;
        struct simulation_load *load[PARTS][WORKLOADS];
    } * of; /* [traces], opened when first wanted */
};

int cell_traces_open(const struct sweep_plan *p, struct cell_traces **out, struct alm_err *e)
{
    struct cell_traces *t = calloc(1, sizeof *t);
    if (!t || !(t->of = calloc(p->spec->traces + 1, sizeof *t->of))) {
        free(t);
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu traces", p->spec->traces);
    }
    t->plan = p;
    *out = t;
    return ALM_OK;
}

void cell_traces_close(struct cell_traces *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->plan->spec->traces; i++) {
        for (size_t k = 0; k < PARTS * WORKLOADS; k++)
            simulation_load_close(t->of[i].load[k / WORKLOADS][k % WORKLOADS]);
        simulation_trace_close(t->of[i].trace);
    }
    free(t->of);
    free(t);
}

static int open_trace(struct cell_traces *t, size_t i, struct alm_err *e)
{
    const struct sweep_plan *p = t->plan;
    struct simulation_trace *trace = NULL;
    if (t->of[i].trace)
        return ALM_OK;
    ALM_TRY(simulation_trace_open(p->trace_path[i], "the trace", &trace, e));
    if (strcmp(simulation_trace_sha256(trace), p->sha256[i]) != 0) {
        alm_fail(e, ALM_EDATA, "%s is not the trace that was planned: its SHA-256 is %s, not %s; plan again",
                 p->trace_path[i], simulation_trace_sha256(trace), p->sha256[i]);
        simulation_trace_close(trace);
        return ALM_EDATA;
    }
    t->of[i].trace = trace;
    return ALM_OK;
}

/* The part of an open trace that CELL runs. */
static int open_load(struct cell_traces *t, const struct sweep_cell *cell, int workload, struct simulation_load **out,
                     struct alm_err *e)
{
    struct open_trace *trace = &t->of[cell->trace];
    struct simulation_load **load = &trace->load[cell->part][workload];
    struct simulation_window window;
    sweep_cell_window(t->plan, cell, &window);
    if (!*load)
        ALM_TRY(simulation_load_open(trace->trace, workload, &window, load, e));
    *out = *load;
    return ALM_OK;
}

static int take_names(const struct simulation_load *load, struct cell_result *out, struct alm_err *e)
{
    size_t n;
    const struct alm_unit *unit = simulation_load_units(load, &n);
    out->unit_name = calloc(n + 1, sizeof *out->unit_name);
    for (size_t i = 0; out->unit_name && i < n; i++, out->units++)
        if (!(out->unit_name[i] = strdup(unit[i].name)))
            break;
    return out->unit_name && out->units == n ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu names", n);
}

/* What is left of a simulation. */
static int take(struct simulation_result *s, const struct simulation_load *load, struct cell_result *out,
                struct alm_err *e)
{
    ALM_TRY(take_names(load, out, e));
    out->unit = s->unit;
    s->unit = NULL;
    out->pool = s->pool;
    out->resources = s->resources & (ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY));
    out->oracle = s->oracle;
    out->state_bytes = (double)s->stats.state_bytes;
    for (int r = 0; r < 2; r++)
        out->burst[r] = metrics_burst_share(&s->harm[r], s->pool.of[r].seconds);
    if (s->executions) {
        struct executions_report report;
        executions_total(s->executions, &report);
        memcpy(out->call, report.of, sizeof out->call);
        out->invocations = true;
    }
    if (s->machines) {
        machine_series_figures(s->machines, out->machine);
        out->machines = true;
    }
    out->done = true;
    return ALM_OK;
}

static int simulate(const struct sweep_plan *p, const struct sweep_cell *cell, struct cell_traces *t,
                    const volatile int *stop, struct simulation_config *c, struct cell_result *out, struct alm_err *e)
{
    struct simulation_load *load = NULL;
    struct simulation_result result = {0};
    struct simulation_window window;
    ALM_TRY(sweep_cell_config(p, cell, c, e));
    sweep_cell_window(p, cell, &window);
    simulation_window_text(&window, c->settings.warmup, out->window);
    ALM_TRY(open_load(t, cell, c->settings.workload, &load, e));
    simulation_load_use(load, c);
    c->stop = stop;
    int code = simulation_run(c, simulation_load_demand(load), NULL, &result, e);
    if (code >= 0)
        code = take(&result, load, out, e);
    simulation_result_free(&result);
    return code;
}

/* The text of an error, but for the path of the trace, which differs from machine to machine. */
static void tell_reason(const char *path, const char *text, char *out, size_t size)
{
    const char *at = path[0] ? strstr(text, path) : NULL;
    if (at)
        snprintf(out, size, "%.*sthe trace%s", (int)(at - text), text, at + strlen(path));
    else
        snprintf(out, size, "%s", text);
}

int cell_run(const struct sweep_plan *p, const struct sweep_cell *cell, struct cell_traces *t, const volatile int *stop,
             struct cell_result *out, struct alm_err *e)
{
    struct cell_result r = {0};
    struct simulation_config config = {0};
    struct alm_err why = {0};
    ALM_TRY(open_trace(t, cell->trace, e));
    snprintf(r.id, sizeof r.id, "%s", cell->id);
    snprintf(r.version, sizeof r.version, "%s", p->version);
    int code = simulate(p, cell, t, stop, &config, &r, &why);
    simulation_config_free(&config);
    if (code == ALM_ENOMEM || code == ALM_EINTR || code == ALM_EIO) {
        cell_result_free(&r);
        if (e)
            *e = why;
        return code;
    }
    if (code < 0)
        tell_reason(p->trace_path[cell->trace], why.text, r.reason, sizeof r.reason);
    *out = r;
    return ALM_OK;
}

void cell_result_free(struct cell_result *r)
{
    for (size_t i = 0; r->unit_name && i < r->units; i++)
        free(r->unit_name[i]);
    free(r->unit_name);
    free(r->unit);
    r->unit_name = NULL;
    r->unit = NULL;
    r->units = 0;
}
