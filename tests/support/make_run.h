/* SPDX-License-Identifier: GPL-3.0-or-later
 * make_run: a small run file with contents that a test knows by heart, written with nothing but the table interface.
 *
 * Meaning.  Unit u follows a daily wave of CPU and memory with a burst each noon, drawn from its own stream; its limits
 *           are the largest value of the last two hours times `margin`, decided every interval. Samples lie 5 minutes
 *           apart. Rows are written batch by batch (two units a batch, mixed by time), as a recorder does. */
#ifndef ALMANAC_TESTS_MAKE_RUN_H
#define ALMANAC_TESTS_MAKE_RUN_H

#include "almanac/resource.h"
#include "almanac/stream.h"
#include "almanac/table.h"
#include "almanac/time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct make_run {
    const char *path, *policy, *trace, *metrics;
    const char *name[8]; /* of units; NULL: "web-0" and so on */
    bool oracle;
    uint32_t units, days;
    alm_time start, interval;
    double margin;
    bool no_samples, no_memory; /* the latter: memory was not recorded */
};

#define MAKE_STEP (5 * ALM_MINUTE)
#define MAKE_BATCH 2u

static const char *const make_reasons[] = {"start: no samples yet", "largest of the last 2 h and a margin",
                                           "raised after an OOM kill"};

struct make_columns {
    struct alm_table *t;
    struct alm_column *d[9], *s[12], *v[9];
};

static inline int make_group(struct alm_table *t, const char *group, const char *const *name,
                             const enum alm_column_type *type, size_t n, struct alm_column **out, struct alm_err *e)
{
    for (size_t i = 0; i < n; i++) {
        char path[64], dimension[64];
        snprintf(path, sizeof path, "/%s/%s", group, name[i]);
        snprintf(dimension, sizeof dimension, "/%s/row", group);
        struct alm_column_spec spec = {.path = path, .type = type[i], .dimension = dimension};
        ALM_TRY(alm_column_create(t, &spec, &out[i], e));
    }
    return ALM_OK;
}

#define I ALM_COL_I64
#define F ALM_COL_F64
static inline int make_columns(struct make_columns *c, struct alm_err *e)
{
    static const char *const d[] = {"time",        "unit",           "event",      "cpu_limit",    "memory_limit",
                                    "cpu_applied", "memory_applied", "cpu_reason", "memory_reason"};
    static const enum alm_column_type dt[] = {I, ALM_COL_U32, ALM_COL_U8, I, I, I, I, ALM_COL_U8, ALM_COL_U8};
    static const char *const s[] = {"time",         "span",         "unit",          "cpu",
                                    "memory",       "cpu_demand",   "memory_demand", "cpu_limit",
                                    "memory_limit", "throttled_us", "oom_kills",     "flags"};
    static const enum alm_column_type st[] = {I, I, ALM_COL_U32, F, F, F, F, I, I, I, ALM_COL_U32, ALM_COL_U8};
    static const char *const v[] = {"time",           "until",      "unit",       "cpu_min",          "cpu_max",
                                    "cpu_confidence", "memory_min", "memory_max", "memory_confidence"};
    static const enum alm_column_type vt[] = {I, I, ALM_COL_U32, F, F, F, F, F, F};
    ALM_TRY(make_group(c->t, "decisions", d, dt, 9, c->d, e));
    ALM_TRY(make_group(c->t, "samples", s, st, 12, c->s, e));
    return make_group(c->t, "envelopes", v, vt, 9, c->v, e);
}
#undef I
#undef F

static inline int make_put(struct alm_column **c, const void *const *value, size_t n, struct alm_err *e)
{
    for (size_t i = 0; i < n; i++)
        ALM_TRY(alm_column_append(c[i], value[i], 1, e));
    return ALM_OK;
}

static inline int make_root(struct alm_table *t, const struct make_run *m, struct alm_err *e)
{
    ALM_TRY(alm_table_set_text(t, "/", "policy", m->policy ? m->policy : "moving-max:window=2h", e));
    ALM_TRY(alm_table_set_text(t, "/", "trace_name", m->trace ? m->trace : "made.h5", e));
    ALM_TRY(alm_table_set_text(t, "/", "metrics", m->metrics ? m->metrics : "{}", e));
    ALM_TRY(alm_table_set_int(t, "/", "oracle", m->oracle, e));
    ALM_TRY(alm_table_set_int(t, "/", "open_loop", 1, e));
    ALM_TRY(alm_table_set_int(t, "/", "seed", 42, e));
    return alm_table_set_int(t, "/", "interval_ns", m->interval, e);
}

static inline int make_units(struct alm_table *t, const struct make_run *m, struct alm_err *e)
{
    static const char *const name[] = {"name", "code", "cores", "memory", "first_decision", "last_decision"};
    static const enum alm_column_type type[] = {ALM_COL_TEXT, ALM_COL_TEXT, ALM_COL_F64,
                                                ALM_COL_F64,  ALM_COL_I64,  ALM_COL_I64};
    struct alm_column *c[6], *reason;
    ALM_TRY(make_group(t, "units", name, type, 6, c, e));
    for (uint32_t u = 0; u < m->units; u++) {
        char plain[32];
        snprintf(plain, sizeof plain, "web-%u", u);
        const char *text = u < 8 && m->name[u] ? m->name[u] : plain, *code = "sha256:0";
        double cores = 4, memory = 8e9;
        int64_t first = m->start + m->interval,
                last = first + (m->days * ALM_DAY - m->interval) / m->interval * m->interval;
        ALM_TRY(make_put(c, (const void *[]){&text, &code, &cores, &memory, &first, &last}, 6, e));
    }
    struct alm_column_spec spec = {.path = "/reasons/text", .type = ALM_COL_TEXT, .dimension = "/reasons/row"};
    ALM_TRY(alm_column_create(t, &spec, &reason, e));
    return alm_column_append(reason, make_reasons, 3, e);
}

/* What a unit is while it is made. */
struct make_state {
    struct alm_stream stream;
    double demand[2], recent[2][24];
    int64_t limit[2], stored[2];
    double envelope[2];
    bool any, killed;
};

static inline void make_demand(struct make_state *s, uint32_t unit, alm_time since)
{
    double day = (double)(since % ALM_DAY) / (double)ALM_DAY, wave = 0.5 - 0.5 * cos(6.283185307179586 * day);
    double noon = day > 0.5 && day < 0.54 ? 1.2 : 0;
    s->demand[0] = (0.3 + 1.1 * wave + noon) * (1 + 0.12 * alm_stream_normal(&s->stream)) * (1 + 0.3 * unit);
    s->demand[1] = (1.2 + 0.9 * wave + 0.4 * noon) * (1 + 0.02 * alm_stream_normal(&s->stream)) * 1e9;
    s->demand[0] = s->demand[0] > 0.01 ? s->demand[0] : 0.01;
}

static inline int make_sample(const struct make_columns *c, struct make_state *s, uint32_t unit, alm_time t,
                              struct alm_err *e)
{
    int64_t span = MAKE_STEP, throttled = 0;
    double usage[2] = {s->demand[0], s->demand[1]};
    uint8_t flags = 0;
    uint32_t kills = 0;
    for (int r = 0; r < 2; r++) {
        double limit = s->limit[r] < 0 ? INFINITY : (double)s->limit[r] / (r ? 1.0 : 1000.0);
        if (s->demand[r] > limit) {
            usage[r] = limit;
            flags |= (uint8_t)(4u << r);
            throttled = r ? throttled : span / 2000;
            kills = r ? 1 : 0;
        }
    }
    s->killed = kills > 0;
    return make_put((struct alm_column **)(uintptr_t)c->s,
                    (const void *[]){&t, &span, &unit, &usage[0], &usage[1], &s->demand[0], &s->demand[1], &s->limit[0],
                                     &s->limit[1], &throttled, &kills, &flags},
                    12, e);
}

static inline int make_decision(const struct make_columns *c, const struct make_run *m, struct make_state *s,
                                uint32_t unit, alm_time t, uint8_t event, struct alm_err *e)
{
    uint8_t reason[2] = {1, event ? 2 : 1};
    for (int r = 0; r < 2; r++) {
        double peak = 0;
        for (int k = 0; k < 24; k++)
            peak = s->recent[r][k] > peak ? s->recent[r][k] : peak;
        s->envelope[r] = peak;
        double quantum = r ? 64e6 : 0.05, limit = ceil(peak * m->margin / quantum) * quantum;
        s->limit[r] = r ? alm_bytes_up(limit * (event ? 1.2 : 1)) : alm_millicores_up(limit);
    }
    if (s->any && !event && memcmp(s->limit, s->stored, sizeof s->limit) == 0)
        return ALM_OK;
    memcpy(s->stored, s->limit, sizeof s->limit);
    s->any = true;
    ALM_TRY(make_put((struct alm_column **)(uintptr_t)c->d,
                     (const void *[]){&t, &unit, &event, &s->limit[0], &s->limit[1], &s->limit[0], &s->limit[1],
                                      &reason[0], &reason[1]},
                     9, e));
    int64_t until = t + m->interval;
    double low[2] = {s->envelope[0] * 0.5, s->envelope[1] * 0.9}, confidence = 0.95;
    return make_put((struct alm_column **)(uintptr_t)c->v,
                    (const void *[]){&t, &until, &unit, &low[0], &s->envelope[0], &confidence, &low[1], &s->envelope[1],
                                     &confidence},
                    9, e);
}

/* One unit at one time: the sample first, then an event decision after a kill, then the regular decision. */
static inline int make_step(const struct make_columns *c, const struct make_run *m, struct make_state *s, uint32_t unit,
                            alm_time since, struct alm_err *e)
{
    make_demand(s, unit, since);
    if (m->no_memory)
        s->demand[1] = NAN;
    if (!m->no_samples)
        ALM_TRY(make_sample(c, s, unit, m->start + since, e));
    size_t slot = (size_t)(since / MAKE_STEP) % 24;
    s->recent[0][slot] = s->demand[0];
    s->recent[1][slot] = s->demand[1];
    bool due = since % m->interval == 0;
    if (s->killed && !due)
        ALM_TRY(make_decision(c, m, s, unit, m->start + since, 1, e));
    return due ? make_decision(c, m, s, unit, m->start + since, 0, e) : ALM_OK;
}

/* Metrics: the time share with demand above the CPU limit, made up from the number of the unit. */
static inline int make_metrics(struct alm_table *t, const struct make_run *m, struct alm_err *e)
{
    static const char *const name[] = {"cpu_overrun_time_share", "oom_kills"};
    static const enum alm_column_type type[] = {ALM_COL_F64, ALM_COL_I64};
    struct alm_column *c[2];
    ALM_TRY(make_group(t, "metrics", name, type, 2, c, e));
    for (uint32_t u = 0; u < m->units; u++) {
        double share = 0.001 * u;
        int64_t kills = u;
        ALM_TRY(make_put(c, (const void *[]){&share, &kills}, 2, e));
    }
    return ALM_OK;
}

static inline int make_rows(const struct make_columns *c, const struct make_run *m, struct alm_err *e)
{
    for (uint32_t low = 0; low < m->units; low += MAKE_BATCH) {
        struct make_state state[MAKE_BATCH] = {0};
        for (uint32_t i = 0; i < MAKE_BATCH; i++) {
            state[i].stream = alm_stream_open(7, low + i, "make_run");
            state[i].limit[0] = state[i].limit[1] = ALM_NO_LIMIT;
        }
        for (alm_time since = MAKE_STEP; since <= m->days * ALM_DAY; since += MAKE_STEP)
            for (uint32_t i = 0; i < MAKE_BATCH && low + i < m->units; i++)
                ALM_TRY(make_step(c, m, &state[i], low + i, since, e));
    }
    return ALM_OK;
}

static inline int make_run(const struct make_run *m, struct alm_err *e)
{
    struct make_columns c = {0};
    ALM_TRY(alm_table_create(m->path, "run/1", "a run made for a test", &c.t, e));
    int code = make_root(c.t, m, e);
    if (code >= 0)
        code = make_units(c.t, m, e);
    if (code >= 0)
        code = make_columns(&c, e);
    if (code >= 0)
        code = make_rows(&c, m, e);
    if (code >= 0)
        code = make_metrics(c.t, m, e);
    if (code >= 0)
        code = alm_table_commit(c.t, e);
    alm_table_close(c.t);
    return code;
}

#endif
