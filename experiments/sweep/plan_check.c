/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_check: will each part of each trace have something to score?
 *
 * Choice.   Told, and no error: of many traces one may be too short, and the cells of the others are worth running.
 * Limits.   The warm-up counts from each unit's first sample; here from the trace's begin, so a unit that begins late may still have
 *           nothing that is scored. */
#include "experiments/simulation_trace.h"
#include "experiments/simulation_window.h"
#include "experiments/sweep/plan_layout.h"

#include <stdio.h>

struct check {
    const struct sweep_plan *plan;
    void (*hear)(void *ctx, const char *text);
    void *ctx;
};

static int check_part(const struct check *c, size_t i, const struct simulation_trace *trace, enum sweep_part part,
                      struct alm_err *e)
{
    char window_text[SIMULATION_WINDOW_TEXT], text[ALM_ERR_TEXT + 400];
    const struct sweep_spec *s = c->plan->spec;
    const struct sweep_cell cell = {.trace = i, .part = part};
    struct simulation_window window;
    struct simulation_load *load = NULL;
    struct alm_err why = {0};
    sweep_cell_window(c->plan, &cell, &window);
    window.from += s->warmup;
    const int code = simulation_load_open(trace, SIMULATION_AUTO, &window, &load, &why);
    simulation_load_close(load);
    if (code >= 0)
        return ALM_OK;
    if (code != ALM_EINVAL)
        return alm_fail(e, why.code, "%s", why.text);
    simulation_window_text(&window, 0, window_text);
    snprintf(text, sizeof text, "%s: part %s: %s%s%s%s; its cells will fail or have no figures", s->path,
             sweep_part_word(part), why.text, *window_text ? " (" : "", window_text, *window_text ? ")" : "");
    c->hear(c->ctx, text);
    return ALM_OK;
}

int sweep_plan_check(const struct sweep_plan *p, void (*hear)(void *ctx, const char *text), void *ctx,
                     struct alm_err *e)
{
    const struct check c = {p, hear, ctx};
    for (size_t i = 0; i < p->spec->traces; i++) {
        struct simulation_trace *trace;
        ALM_TRY(simulation_trace_open(p->trace_path[i], p->spec->trace[i].name, &trace, e));
        int code = ALM_OK;
        for (size_t k = 0; code >= 0 && k < p->layout->parts; k++)
            code = check_part(&c, i, trace, p->layout->part[k], e);
        simulation_trace_close(trace);
        ALM_TRY(code);
    }
    return ALM_OK;
}
