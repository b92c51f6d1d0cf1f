/* SPDX-License-Identifier: GPL-3.0-or-later
 * platform_run: a run with machines and executions, made of nothing but what a platform would have shown: a fleet that is
 * busy by day, with a flood in the afternoon. Written through the recorder, as a simulation does. */
#ifndef ALM_TESTS_PLATFORM_RUN_H
#define ALM_TESTS_PLATFORM_RUN_H

#include "core/recorder.h"

#include "almanac/stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct platform_run {
    const char *path, *policy;
    uint32_t machines, units;
    uint64_t executions, every_execution, every_machine_sample;
    double load;          /* 1: usual */
    bool late;            /* write all at once, at the end, not when a segment is full */
    alm_time begin, step; /* of machine samples; a day long */
};

/* 0 by night, 1 at noon, more in the flood from 15:00 to 16:00. */
static inline double platform_wave(double day)
{
    double wave = 0.5 - 0.5 * cos(6.283185307179586 * day);
    return wave + (day > 0.625 && day < 0.667 ? 0.8 : 0);
}

static inline void platform_sample(const struct platform_run *p, struct alm_stream *s, uint32_t machine, alm_time since,
                                   struct alm_machine_sample *out)
{
    double wave = p->load * platform_wave((double)since / (double)ALM_DAY);
    bool used = machine < 0.15 * p->machines + 0.75 * wave * p->machines;
    double busy = used ? fmin(1, (0.3 + 0.5 * wave) * (1 + 0.25 * alm_stream_normal(s))) : 0;
    busy = fmax(busy, 0);
    int64_t span_us = p->step / ALM_US;
    *out = (struct alm_machine_sample){.at = p->begin + since, .span = p->step, .machine = machine};
    out->units = used ? (uint32_t)(4 + 12 * wave + 3 * alm_stream_uniform(s)) : 0;
    out->usage[ALM_CPU] = (int64_t)(busy * 16 * (double)span_us);
    out->usage[ALM_MEMORY] = (int64_t)(out->units * 2e9);
    out->floor[ALM_CPU] = out->units * 800;
    out->some_us[ALM_STALL_CPU] = busy > 0.7 ? (int64_t)((busy - 0.7) * 2 * (double)span_us) : 0;
    out->some_us[ALM_STALL_IO] = (int64_t)(0.02 * busy * (double)span_us);
}

static inline void platform_execution(const struct platform_run *p, struct alm_stream *s, uint64_t id, alm_time arrival,
                                      struct alm_execution *x, struct alm_execution_account *a)
{
    double day = (double)(arrival - p->begin) / (double)ALM_DAY, wave = p->load * platform_wave(day);
    double alone = 0.05 * exp(0.8 * alm_stream_normal(s)), crowd = fmax(0, wave - 0.6);
    double slowdown = 1 + crowd * crowd * alm_stream_exponential(s) / fmax(0.02, alm_stream_uniform(s));
    double wait = alm_stream_uniform(s) < 0.02 ? 0.4 : 0;
    *x = (struct alm_execution){.id = id,
                                .unit = (uint32_t)alm_stream_below(s, p->units),
                                .cold = wait > 0,
                                .arrival = arrival,
                                .limit = {1500, ALM_NO_LIMIT}};
    x->start = arrival + (alm_time)(wait * 1e9);
    x->finish = x->start + (alm_time)(alone * slowdown * 1e9);
    x->usage[ALM_CPU] = (int64_t)(alone * 1e6);
    x->usage[ALM_MEMORY] = 128000000;
    if (wave > 1.3 && alm_stream_uniform(s) < 0.1) {
        x->end = ALM_END_REFUSED;
        x->start = ALM_TIME_NONE;
        x->finish = arrival;
    }
    *a = (struct alm_execution_account){.alone = alone, .servers = x->end ? 0 : alone, .class = (uint32_t)(id % 2)};
}

struct platform_writer {
    struct alm_run_writer *w;
};

static inline int platform_full(void *ctx, struct alm_segment *s, struct alm_err *e)
{
    const struct platform_writer *p = ctx;
    return alm_run_append_rows(p->w, s, e);
}

/* One stamp after the other: executions that arrived before it, then the machines. Each of OBSERVERS (ended by NULL) sees
 * what the recorder sees. */
static inline int platform_show(const struct platform_run *p, const struct alm_observer *const *observers,
                                struct alm_err *e)
{
    struct alm_stream s = alm_stream_open(5, 0, "platform_run");
    double gap = (double)ALM_DAY / (double)(p->executions ? p->executions : 1);
    uint64_t id = 0;
    for (alm_time since = p->step; since <= ALM_DAY; since += p->step) {
        for (; id < p->executions && (double)id * gap < (double)since; id++) {
            struct alm_execution x;
            struct alm_execution_account a;
            platform_execution(p, &s, id, p->begin + (alm_time)((double)id * gap), &x, &a);
            for (const struct alm_observer *const *o = observers; *o; o++)
                if ((*o)->executions)
                    ALM_TRY((*o)->executions((*o)->ctx, &x, &a, 1, e));
        }
        for (uint32_t m = 0; m < p->machines; m++) {
            struct alm_machine_sample sample;
            platform_sample(p, &s, m, since, &sample);
            for (const struct alm_observer *const *o = observers; *o; o++)
                if ((*o)->machines)
                    ALM_TRY((*o)->machines((*o)->ctx, &sample, 1, e));
        }
    }
    return ALM_OK;
}

static inline struct alm_machine *platform_machines(const struct platform_run *p)
{
    struct alm_machine *machine = calloc(p->machines ? p->machines : 1, sizeof *machine);
    for (uint32_t m = 0; machine && m < p->machines; m++) {
        machine[m] = (struct alm_machine){.cores = 16, .speed = 1, .memory = 64e9};
        for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++)
            machine[m].bandwidth[r] = INFINITY;
        snprintf(machine[m].name, sizeof machine[m].name, "m-%u", m + 1);
    }
    return machine;
}

static inline int platform_write(const struct platform_run *p, struct platform_writer *writer, struct alm_segment *s,
                                 struct alm_err *e)
{
    struct alm_observer recorder = alm_segment_observer(s);
    const struct alm_observer *observers[] = {&recorder, NULL};
    struct alm_table *t = alm_run_table(writer->w);
    if (!p->late)
        alm_segment_on_full(s, platform_full, writer);
    ALM_TRY(alm_table_set_text(t, "/", "policy", p->policy ? p->policy : "static", e));
    ALM_TRY(alm_table_set_text(t, "/", "trace_name", "calls.h5", e));
    ALM_TRY(alm_table_set_text(t, "/", "metrics", "{}", e));
    ALM_TRY(alm_table_set_int(t, "/", "seed", 1, e));
    ALM_TRY(alm_table_set_int(t, "/", "interval_ns", 5 * ALM_MINUTE, e));
    ALM_TRY(platform_show(p, observers, e));
    ALM_TRY(alm_run_append(writer->w, s, e));
    return alm_run_commit(writer->w, e);
}

static inline int platform_run(const struct platform_run *p, struct alm_err *e)
{
    static const char *const reasons[] = {"as told", NULL};
    struct alm_unit *unit = calloc(p->units, sizeof *unit);
    bool *record = calloc(p->units, sizeof *record);
    struct alm_machine *machine = platform_machines(p);
    struct platform_writer writer = {0};
    struct alm_segment *segment = NULL;
    for (uint32_t u = 0; unit && u < p->units; u++)
        snprintf(unit[u].name, sizeof unit[u].name, "f-%u", u);
    int code = unit && record && machine ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory");
    if (code >= 0)
        code = alm_segment_new(unit, p->units, 0, record, &segment, e);
    if (code >= 0)
        code = alm_run_create(p->path, reasons, false, &writer.w, e);
    if (code >= 0) {
        alm_segment_record(segment, p->every_execution, p->every_machine_sample, machine, p->machines);
        code = platform_write(p, &writer, segment, e);
    }
    alm_run_close(writer.w);
    alm_segment_free(segment);
    free(machine);
    free(record);
    free(unit);
    return code;
}

#endif
