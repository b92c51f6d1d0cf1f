/* SPDX-License-Identifier: GPL-3.0-or-later
 * arrival_counts: read the arrivals of a trace in blocks and count them. */
#include "arrival_counts.h"
#include "file/trace_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 4096
#define STEPS_MOST 10000000

struct counting {
    const struct alm_invocations *of;
    uint32_t unit; /* UINT32_MAX: all */
    alm_time step, origin;
    double *count;
    size_t steps, used;
};

bool alm_arrival_is_trace(const char *path)
{
    char magic[8] = {0};
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(magic, 1, sizeof magic, f) : 0;
    if (f)
        fclose(f);
    return n == sizeof magic && memcmp(magic, "\x89HDF\r\n\x1a\n", 8) == 0;
}

static alm_time step_of(alm_time at, alm_time step)
{
    return at / step - (at % step < 0);
}

static int count_one(struct counting *c, alm_time at, struct alm_err *e)
{
    if (c->used == 0)
        c->origin = step_of(at, c->step);
    uint64_t k = (uint64_t)(step_of(at, c->step) - c->origin);
    if (k >= STEPS_MOST)
        return alm_fail(e, ALM_EINVAL, "the invocations span more than %d steps; a longer arrival.step is needed",
                        STEPS_MOST);
    if (k >= c->steps) {
        size_t steps = 2 * (size_t)k + 1024;
        double *more = realloc(c->count, steps * sizeof *more);
        if (!more)
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu steps", steps);
        for (size_t i = c->steps; i < steps; i++)
            more[i] = 0;
        c->count = more;
        c->steps = steps;
    }
    c->count[k]++;
    c->used = (size_t)k + 1;
    return ALM_OK;
}

static int count_all(struct counting *c, struct alm_err *e)
{
    alm_time at[BATCH];
    uint32_t unit[BATCH];
    const struct alm_invocation_rows rows = {.arrival = at, .unit = unit};
    for (uint64_t first = 0; first < c->of->count; first += BATCH) {
        size_t n = c->of->count - first < BATCH ? (size_t)(c->of->count - first) : BATCH;
        ALM_TRY(c->of->read(c->of, first, n, &rows, e));
        for (size_t i = 0; i < n; i++)
            if (c->unit == UINT32_MAX || unit[i] == c->unit)
                ALM_TRY(count_one(c, at[i], e));
    }
    return ALM_OK;
}

static int count_trace(const struct alm_trace *t, const char *unit, struct counting *c, struct alm_err *e)
{
    const struct alm_demand *d = alm_trace_demand(t);
    c->of = alm_trace_invocations(t);
    if (!c->of)
        return alm_fail(e, ALM_EDATA, "%s: the trace has no invocations to count", alm_trace_path(t));
    for (size_t i = 0; unit[0] && i < d->units; i++)
        if (strcmp(d->unit[i].name, unit) == 0)
            c->unit = (uint32_t)i;
    if (unit[0] && c->unit == UINT32_MAX)
        return alm_fail(e, ALM_EDATA, "%s: no unit is named %s; `almanac dump %s units' lists them", alm_trace_path(t),
                        unit, alm_trace_path(t));
    if (count_all(c, e) < 0)
        return alm_fail_in(e, "%s", alm_trace_path(t));
    return c->used ? ALM_OK : alm_fail(e, ALM_EDATA, "%s: unit %s has no invocations", alm_trace_path(t), unit);
}

int alm_arrival_counts(const char *path, const char *unit, alm_time step, double **out, size_t *n, struct alm_err *e)
{
    struct alm_trace *t;
    struct counting c = {.unit = UINT32_MAX, .step = step};
    ALM_TRY(alm_trace_open(path, &t, e));
    int code = count_trace(t, unit, &c, e);
    alm_trace_close(t);
    if (code < 0) {
        free(c.count);
        return code;
    }
    *out = c.count;
    *n = c.used;
    return ALM_OK;
}
