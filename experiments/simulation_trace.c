/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulation_trace: see the header. */
#include "experiments/simulation_trace.h"
#include "almanac/demand.h"
#include "almanac/table.h"
#include "traces/file/trace_file.h"
#include "traces/file/trace_usage.h"
#include "traces/file/trace_view.h"

#include <stdlib.h>
#include <string.h>

struct simulation_trace {
    struct alm_trace *file;
    char *name, sha256[65];
};

struct simulation_load {
    const struct simulation_trace *trace;
    struct simulation_window window;
    struct alm_trace_view *view;   /* NULL: the whole trace */
    struct alm_trace_usage *usage; /* where there is more than that */
    struct alm_demand bare;        /* where the usage is left out */
    uint64_t *no_rows;

    const struct alm_demand *demand;
    const struct alm_invocations *invocations;
    const struct alm_behaviours *behaviours;
};

int simulation_trace_open(const char *path, const char *name, struct simulation_trace **out, struct alm_err *e)
{
    const char *slash = strrchr(path, '/');
    struct simulation_trace *t = calloc(1, sizeof *t);
    if (!t || !(t->name = strdup(name ? name : slash ? slash + 1 : path))) {
        free(t);
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    int code = alm_trace_open(path, &t->file, e);
    if (code >= 0)
        code = alm_file_sha256(path, t->sha256, e);
    if (code < 0) {
        simulation_trace_close(t);
        return code;
    }
    *out = t;
    return ALM_OK;
}

void simulation_trace_close(struct simulation_trace *t)
{
    if (!t)
        return;
    alm_trace_close(t->file);
    free(t->name);
    free(t);
}

const char *simulation_trace_sha256(const struct simulation_trace *t)
{
    return t->sha256;
}

static alm_time moved(alm_time begin, alm_time by)
{
    alm_time out;
    return __builtin_add_overflow(begin, by, &out) ? ALM_TIME_MAX : out;
}

/* Cut the window out. */
static int cut(struct simulation_load *w, struct alm_err *e)
{
    const struct simulation_window *window = &w->window;
    const struct alm_trace *file = w->trace->file;
    w->demand = alm_trace_demand(file);
    w->invocations = alm_trace_invocations(file);
    w->behaviours = alm_trace_behaviours(file);
    if ((!window->units || !window->units[0]) && window->from == 0 && window->until == 0)
        return ALM_OK;
    alm_time begin = 0;
    struct alm_trace_window within = {window->units, ALM_TIME_NONE, ALM_TIME_MAX};
    ALM_TRY(alm_trace_begin(w->demand, &begin, e));
    if (window->from > 0)
        within.from = moved(begin, window->from);
    if (window->until > 0)
        within.until = moved(begin, window->until);
    int code = alm_trace_view_open(w->demand, w->invocations, w->behaviours, &within, &w->view, e);
    if (code < 0)
        return code == ALM_EINVAL ? alm_fail_in(e, "%s", w->trace->name) : code;
    w->demand = alm_trace_view_demand(w->view);
    w->invocations = alm_trace_view_invocations(w->view);
    w->behaviours = alm_trace_view_behaviours(w->view);
    return ALM_OK;
}

static bool has_rows(const struct alm_demand *demand)
{
    for (size_t i = 0; i < demand->units; i++)
        if (demand->rows[i] > 0)
            return true;
    return false;
}

static int take_usage(struct simulation_load *w, struct alm_err *e)
{
    const struct alm_behaviours *behaviours = w->behaviours;
    if (!w->invocations)
        return ALM_OK;
    ALM_TRY(alm_trace_usage_open(w->demand, &w->usage, e));
    w->demand = alm_trace_usage_demand(w->usage);
    w->invocations = NULL;
    return alm_trace_usage_behaviours(w->usage, behaviours, &w->behaviours, e);
}

static int leave_usage_out(struct simulation_load *w, struct alm_err *e)
{
    w->no_rows = calloc(w->demand->units, sizeof *w->no_rows);
    if (!w->no_rows)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", w->demand->units);
    w->bare = *w->demand;
    w->bare.rows = w->no_rows;
    w->demand = &w->bare;
    return ALM_OK;
}

static int choose(struct simulation_load *w, int workload, struct alm_err *e)
{
    ALM_TRY(cut(w, e));
    bool rows = has_rows(w->demand);
    if (workload == SIMULATION_AUTO) /* by the whole trace, so that all of its parts are of one kind */
        workload = alm_trace_rows(w->trace->file) > 0 ? SIMULATION_USAGE : SIMULATION_INVOCATIONS;
    if (workload == SIMULATION_USAGE)
        return take_usage(w, e);
    if (!w->invocations)
        return alm_fail(e, ALM_EINVAL, "%s has no invocations%s: workload=usage is what it has", w->trace->name,
                        w->view ? " in this part of it" : "");
    return workload == SIMULATION_INVOCATIONS && rows ? leave_usage_out(w, e) : ALM_OK;
}

int simulation_load_open(const struct simulation_trace *t, int workload, const struct simulation_window *window,
                         struct simulation_load **out, struct alm_err *e)
{
    struct simulation_load *w = calloc(1, sizeof *w);
    if (!w)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    w->trace = t;
    w->window = *window;
    int code = choose(w, workload, e);
    if (code < 0) {
        simulation_load_close(w);
        return code;
    }
    *out = w;
    return ALM_OK;
}

void simulation_load_close(struct simulation_load *w)
{
    if (!w)
        return;
    alm_trace_usage_close(w->usage);
    alm_trace_view_close(w->view);
    free(w->no_rows);
    free(w);
}

void simulation_load_use(const struct simulation_load *w, struct simulation_config *c)
{
    c->trace_name = w->trace->name;
    c->trace_sha256 = w->trace->sha256;
    c->calendar = alm_trace_calendar(w->trace->file);
    c->window = w->window;
    c->invocations = w->invocations;
    c->behaviours = w->behaviours;
}

const struct alm_demand *simulation_load_demand(const struct simulation_load *w)
{
    return w->demand;
}

const struct alm_unit *simulation_load_units(const struct simulation_load *w, size_t *count)
{
    *count = w->demand->units;
    return w->demand->unit;
}
