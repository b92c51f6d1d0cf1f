/* SPDX-License-Identifier: GPL-3.0-or-later
 * recorder: segments in memory, columns on disk. */
#include "recorder.h"
#include "recorder_explanations.h"
#include "recorder_platform.h"
#include "recorder_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct decision_row {
    alm_time time;
    uint32_t unit;
    uint8_t event, reason[2];
    int64_t limit[2], applied[2];
};

struct sample_row {
    struct alm_sample sample;
    double demand[2];
};

struct envelope_row {
    alm_time time, until;
    uint32_t unit;
    double min[2], max[2], confidence[2];
};

struct unit_state {
    struct decision_row last_decision;
    struct envelope_row last_envelope;
    alm_time first, last; /* regular decisions */
    bool decided, enveloped, record;
};

struct alm_segment {
    struct alm__rows decisions, samples, envelopes, explanations;
    struct alm__platform_rows platform;
    const struct alm_unit *unit;
    struct unit_state *state;
    size_t count;
    uint32_t base;
    int (*full)(void *ctx, struct alm_segment *s, struct alm_err *e);
    void *full_ctx;
};

/* Rows of any kind at which a segment asks to be written. */
#define FULL_ROWS ((size_t)1 << 16)

int alm_segment_new(const struct alm_unit *unit, size_t count, uint32_t base, const bool *record,
                    struct alm_segment **out, struct alm_err *e)
{
    struct alm_segment *s = calloc(1, sizeof *s);
    struct unit_state *state = calloc(count, sizeof *state);
    if (!s || !state) {
        free(s);
        free(state);
        return alm_fail(e, ALM_ENOMEM, "out of memory for recording %zu units", count);
    }
    *s = (struct alm_segment){.decisions = {.size = sizeof(struct decision_row)},
                              .samples = {.size = sizeof(struct sample_row)},
                              .envelopes = {.size = sizeof(struct envelope_row)},
                              .unit = unit,
                              .state = state,
                              .count = count,
                              .base = base};
    for (size_t i = 0; i < count; i++) {
        state[i].record = record[i];
        state[i].first = state[i].last = ALM_TIME_NONE;
    }
    *out = s;
    return ALM_OK;
}

void alm_segment_free(struct alm_segment *s)
{
    if (!s)
        return;
    free(s->decisions.at);
    free(s->samples.at);
    free(s->envelopes.at);
    alm__explanations_free(&s->explanations);
    alm__platform_rows_free(&s->platform);
    free(s->state);
    free(s);
}

void alm_segment_on_full(struct alm_segment *s, int (*full)(void *ctx, struct alm_segment *s, struct alm_err *e),
                         void *ctx)
{
    s->full = full;
    s->full_ctx = ctx;
}

void alm_segment_record(struct alm_segment *s, uint64_t every_execution, uint64_t every_machine_sample,
                        const struct alm_machine *machine, size_t machines)
{
    s->platform.every_execution = every_execution;
    s->platform.every_machine_sample = every_machine_sample;
    s->platform.machine = machine;
    s->platform.machines = machines;
}

static int write_if_full(struct alm_segment *s, struct alm_err *e)
{
    size_t rows = s->decisions.count + s->samples.count + s->envelopes.count + s->explanations.count +
                  alm__platform_rows_count(&s->platform);
    if (!s->full || rows < FULL_ROWS)
        return ALM_OK;
    return s->full(s->full_ctx, s, e);
}

static int on_samples(void *ctx, const struct alm_sample *s, const struct alm_account *a, size_t n, struct alm_err *e)
{
    struct alm_segment *segment = ctx;
    for (size_t k = 0; k < n; k++) {
        if (!segment->state[s[k].unit].record)
            continue;
        struct sample_row *row = alm__rows_grow(&segment->samples, e);
        if (!row)
            return ALM_ENOMEM;
        *row = (struct sample_row){.sample = s[k], .demand = {a[k].demand[0], a[k].demand[1]}};
    }
    return ALM_OK;
}

static bool same_envelope(const struct envelope_row *a, const struct envelope_row *b)
{
    return memcmp(a->min, b->min, sizeof a->min) == 0 && memcmp(a->max, b->max, sizeof a->max) == 0 &&
           memcmp(a->confidence, b->confidence, sizeof a->confidence) == 0;
}

static int on_envelopes(void *ctx, alm_time now, const uint32_t *unit, const struct alm_envelope *v, size_t n,
                        struct alm_err *e)
{
    struct alm_segment *segment = ctx;
    for (size_t i = 0; i < n; i++) {
        struct unit_state *state = &segment->state[unit[i]];
        if (!state->record)
            continue;
        struct envelope_row row = {.time = now, .until = v[i].until, .unit = unit[i]};
        for (int r = 0; r < 2; r++) {
            bool has = v[i].has & ALM_BIT(r);
            row.min[r] = has ? v[i].min[r] : NAN;
            row.max[r] = has ? v[i].max[r] : NAN;
            row.confidence[r] = has ? v[i].confidence[r] : NAN;
        }
        if (state->enveloped ? same_envelope(&row, &state->last_envelope) : v[i].has == 0)
            continue;
        struct envelope_row *out = alm__rows_grow(&segment->envelopes, e);
        if (!out)
            return ALM_ENOMEM;
        *out = state->last_envelope = row;
        state->enveloped = true;
    }
    return ALM_OK;
}

static bool same_decision(const struct decision_row *a, const struct decision_row *b)
{
    return memcmp(a->limit, b->limit, sizeof a->limit) == 0 && memcmp(a->applied, b->applied, sizeof a->applied) == 0 &&
           a->reason[0] == b->reason[0] && a->reason[1] == b->reason[1];
}

static int on_decisions(void *ctx, alm_time now, bool event, const struct alm_decision *d, const struct alm_applied *a,
                        size_t n, struct alm_err *e)
{
    struct alm_segment *segment = ctx;
    for (size_t i = 0; i < n; i++) {
        struct unit_state *state = &segment->state[d[i].unit];
        struct decision_row row = {.time = now,
                                   .unit = d[i].unit,
                                   .event = event,
                                   .reason = {d[i].reason[0], d[i].reason[1]},
                                   .limit = {d[i].limit[0], d[i].limit[1]},
                                   .applied = {a[i].limit[0], a[i].limit[1]}};
        if (!event) {
            state->first = state->first == ALM_TIME_NONE ? now : state->first;
            state->last = now;
        }
        if (!event && state->decided && same_decision(&row, &state->last_decision))
            continue;
        struct decision_row *out = alm__rows_grow(&segment->decisions, e);
        if (!out)
            return ALM_ENOMEM;
        *out = state->last_decision = row;
        state->decided = true;
    }
    return write_if_full(segment, e);
}

static int on_executions(void *ctx, const struct alm_execution *x, const struct alm_execution_account *a, size_t n,
                         struct alm_err *e)
{
    struct alm_segment *segment = ctx;
    ALM_TRY(alm__platform_executions(&segment->platform, x, a, n, e));
    return write_if_full(segment, e);
}

static int on_machines(void *ctx, const struct alm_machine_sample *s, size_t n, struct alm_err *e)
{
    struct alm_segment *segment = ctx;
    ALM_TRY(alm__platform_machines(&segment->platform, s, n, e));
    return write_if_full(segment, e);
}

static int on_explanation(void *ctx, uint32_t unit, enum alm_resource r, const char *text, struct alm_err *e)
{
    struct alm_segment *segment = ctx;
    ALM_TRY(alm__explanations_add(&segment->explanations, unit, r, text, e));
    return write_if_full(segment, e);
}

struct alm_observer alm_segment_observer(struct alm_segment *s)
{
    return (struct alm_observer){.ctx = s,
                                 .samples = on_samples,
                                 .envelopes = on_envelopes,
                                 .decisions = on_decisions,
                                 .executions = on_executions,
                                 .machines = on_machines,
                                 .explanation = on_explanation};
}

/* The columns of a run file, in the order of the table below. */
enum column {
    UNIT_NAME,
    UNIT_CODE,
    UNIT_CORES,
    UNIT_MEMORY,
    UNIT_FIRST,
    UNIT_LAST,
    DECISION_TIME,
    DECISION_UNIT,
    DECISION_EVENT,
    DECISION_CPU,
    DECISION_MEMORY,
    DECISION_CPU_APPLIED,
    DECISION_MEMORY_APPLIED,
    DECISION_CPU_REASON,
    DECISION_MEMORY_REASON,
    SAMPLE_TIME,
    SAMPLE_SPAN,
    SAMPLE_UNIT,
    SAMPLE_CPU,
    SAMPLE_MEMORY,
    SAMPLE_CPU_DEMAND,
    SAMPLE_MEMORY_DEMAND,
    SAMPLE_CPU_LIMIT,
    SAMPLE_MEMORY_LIMIT,
    SAMPLE_THROTTLED,
    SAMPLE_OOM,
    SAMPLE_FLAGS,
    ENVELOPE_TIME,
    ENVELOPE_UNTIL,
    ENVELOPE_UNIT,
    ENVELOPE_CPU_MIN,
    ENVELOPE_CPU_MAX,
    ENVELOPE_CPU_CONFIDENCE,
    ENVELOPE_MEMORY_MIN,
    ENVELOPE_MEMORY_MAX,
    ENVELOPE_MEMORY_CONFIDENCE,
    COLUMNS
};

#define NS "nanoseconds since 1970-01-01 00:00:00 UTC"
static const struct alm_column_spec specs[COLUMNS] = {
    [UNIT_NAME] = {"/units/name", ALM_COL_TEXT, "/units/unit", NULL, "unit", false, false},
    [UNIT_CODE] = {"/units/code", ALM_COL_TEXT, "/units/unit", NULL, "code_id", false, false},
    [UNIT_CORES] = {"/units/cores", ALM_COL_F64, "/units/unit", "1", "capacity or request in cores", false, true},
    [UNIT_MEMORY] = {"/units/memory", ALM_COL_F64, "/units/unit", "byte", "capacity or request", false, true},
    [UNIT_FIRST] = {"/units/first_decision", ALM_COL_I64, "/units/unit", NS, "first regular decision", true, true},
    [UNIT_LAST] = {"/units/last_decision", ALM_COL_I64, "/units/unit", NS, "last regular decision", true, true},
    [DECISION_TIME] = {"/decisions/time", ALM_COL_I64, "/decisions/row", NS, "time of the decision", true, false},
    [DECISION_UNIT] = {"/decisions/unit", ALM_COL_U32, "/decisions/row", NULL, "index into /units", true, false},
    [DECISION_EVENT] = {"/decisions/event", ALM_COL_U8, "/decisions/row", NULL, "1: asked for by an event", false,
                        false},
    [DECISION_CPU] = {"/decisions/cpu_limit", ALM_COL_I64, "/decisions/row", "1e-3", "millicores; -1: no limit", true,
                      false},
    [DECISION_MEMORY] = {"/decisions/memory_limit", ALM_COL_I64, "/decisions/row", "byte", "-1: no limit", true, false},
    [DECISION_CPU_APPLIED] = {"/decisions/cpu_applied", ALM_COL_I64, "/decisions/row", "1e-3",
                              "as the platform rounded", true, false},
    [DECISION_MEMORY_APPLIED] = {"/decisions/memory_applied", ALM_COL_I64, "/decisions/row", "byte",
                                 "as the platform rounded", true, false},
    [DECISION_CPU_REASON] = {"/decisions/cpu_reason", ALM_COL_U8, "/decisions/row", NULL, "index into /reasons", false,
                             false},
    [DECISION_MEMORY_REASON] = {"/decisions/memory_reason", ALM_COL_U8, "/decisions/row", NULL, "index into /reasons",
                                false, false},
    [SAMPLE_TIME] = {"/samples/time", ALM_COL_I64, "/samples/row", NS, "end of the sample", true, false},
    [SAMPLE_SPAN] = {"/samples/span", ALM_COL_I64, "/samples/row", "nanosecond", "length of the sample", true, false},
    [SAMPLE_UNIT] = {"/samples/unit", ALM_COL_U32, "/samples/row", NULL, "index into /units", true, false},
    [SAMPLE_CPU] = {"/samples/cpu", ALM_COL_F64, "/samples/row", "1", "mean cores used", false, true},
    [SAMPLE_MEMORY] = {"/samples/memory", ALM_COL_F64, "/samples/row", "byte", "peak used", true, true},
    [SAMPLE_CPU_DEMAND] = {"/samples/cpu_demand", ALM_COL_F64, "/samples/row", "1", "mean cores wanted", false, true},
    [SAMPLE_MEMORY_DEMAND] = {"/samples/memory_demand", ALM_COL_F64, "/samples/row", "byte", "peak wanted", true, true},
    [SAMPLE_CPU_LIMIT] = {"/samples/cpu_limit", ALM_COL_I64, "/samples/row", "1e-3", "millicores in force; -1: none",
                          true, false},
    [SAMPLE_MEMORY_LIMIT] = {"/samples/memory_limit", ALM_COL_I64, "/samples/row", "byte", "in force; -1: none", true,
                             false},
    [SAMPLE_THROTTLED] = {"/samples/throttled_us", ALM_COL_I64, "/samples/row", "microsecond", "CPU wanted and refused",
                          true, false},
    [SAMPLE_OOM] = {"/samples/oom_kills", ALM_COL_U32, "/samples/row", NULL, "OOM kills in the sample", true, false},
    [SAMPLE_FLAGS] = {"/samples/flags", ALM_COL_U8, "/samples/row", NULL,
                      "bits: 0 cpu missing, 1 memory missing, 2 cpu censored, 3 memory censored", false, false},
    [ENVELOPE_TIME] = {"/envelopes/time", ALM_COL_I64, "/envelopes/row", NS, "begin of the horizon", true, false},
    [ENVELOPE_UNTIL] = {"/envelopes/until", ALM_COL_I64, "/envelopes/row", NS, "end of the horizon", true, false},
    [ENVELOPE_UNIT] = {"/envelopes/unit", ALM_COL_U32, "/envelopes/row", NULL, "index into /units", true, false},
    [ENVELOPE_CPU_MIN] = {"/envelopes/cpu_min", ALM_COL_F64, "/envelopes/row", "1", "cores", false, true},
    [ENVELOPE_CPU_MAX] = {"/envelopes/cpu_max", ALM_COL_F64, "/envelopes/row", "1", "cores", false, true},
    [ENVELOPE_CPU_CONFIDENCE] = {"/envelopes/cpu_confidence", ALM_COL_F64, "/envelopes/row", "1", "of usage <= max",
                                 false, true},
    [ENVELOPE_MEMORY_MIN] = {"/envelopes/memory_min", ALM_COL_F64, "/envelopes/row", "byte", NULL, true, true},
    [ENVELOPE_MEMORY_MAX] = {"/envelopes/memory_max", ALM_COL_F64, "/envelopes/row", "byte", NULL, true, true},
    [ENVELOPE_MEMORY_CONFIDENCE] = {"/envelopes/memory_confidence", ALM_COL_F64, "/envelopes/row", "1",
                                    "of usage <= max", false, true},
};

struct alm_run_writer {
    struct alm_table *table;
    struct alm_column *column[COLUMNS];
    struct alm__platform_columns platform;
    struct alm__explanation_columns explanation;
    bool calendar;
};

static int write_reasons(struct alm_table *t, const char *const *reasons, struct alm_err *e)
{
    static const struct alm_column_spec spec = {
        "/reasons/text", ALM_COL_TEXT, "/reasons/reason", NULL, "why a limit is what it is", false, false};
    static const char *const own = "held: a module of the policy failed";
    struct alm_column *c;
    ALM_TRY(alm_column_create(t, &spec, &c, e));
    for (; *reasons; reasons++)
        ALM_TRY(alm_column_append(c, reasons, 1, e));
    return alm_column_append(c, &own, 1, e);
}

/* A column of times says what they count from. */
static int create_column(struct alm_run_writer *w, int which, bool calendar, struct alm_err *e)
{
    struct alm_column_spec spec = specs[which];
    if (!calendar && spec.unit && strcmp(spec.unit, NS) == 0)
        spec.unit = "nanoseconds";
    return alm_column_create(w->table, &spec, &w->column[which], e);
}

int alm_run_create(const char *path, const char *const *reasons, bool calendar, struct alm_run_writer **out,
                   struct alm_err *e)
{
    struct alm_run_writer *w = calloc(1, sizeof *w);
    if (!w)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a run file");
    w->calendar = calendar;
    int code = alm_table_create(path, "run/1", "almanac run", &w->table, e);
    for (int c = 0; code >= 0 && c < COLUMNS; c++)
        code = create_column(w, c, calendar, e);
    if (code >= 0)
        code = alm_table_set_text(w->table, "/", "time_origin", calendar ? "unix" : "zero", e);
    if (code >= 0)
        code = write_reasons(w->table, reasons, e);
    if (code < 0) {
        alm_run_close(w);
        return code;
    }
    *out = w;
    return ALM_OK;
}

struct alm_table *alm_run_table(struct alm_run_writer *w)
{
    return w->table;
}

#define PUT(which, value)                                                                                              \
    do {                                                                                                               \
        __typeof__(value) value_ = (value);                                                                            \
        ALM_TRY(alm_column_append(w->column[which], &value_, 1, e));                                                   \
    } while (0)

static int append_units(struct alm_run_writer *w, const struct alm_segment *s, struct alm_err *e)
{
    for (size_t i = 0; i < s->count; i++) {
        PUT(UNIT_NAME, (const char *)s->unit[i].name);
        PUT(UNIT_CODE, (const char *)s->unit[i].code);
        PUT(UNIT_CORES, s->unit[i].cores);
        PUT(UNIT_MEMORY, s->unit[i].memory);
        PUT(UNIT_FIRST, s->state[i].first);
        PUT(UNIT_LAST, s->state[i].last);
    }
    return ALM_OK;
}

static int append_decisions(struct alm_run_writer *w, const struct alm_segment *s, struct alm_err *e)
{
    const struct decision_row *d = (const void *)s->decisions.at;
    for (size_t i = 0; i < s->decisions.count; i++) {
        PUT(DECISION_TIME, d[i].time);
        PUT(DECISION_UNIT, d[i].unit + s->base);
        PUT(DECISION_EVENT, d[i].event);
        PUT(DECISION_CPU, d[i].limit[0]);
        PUT(DECISION_MEMORY, d[i].limit[1]);
        PUT(DECISION_CPU_APPLIED, d[i].applied[0]);
        PUT(DECISION_MEMORY_APPLIED, d[i].applied[1]);
        PUT(DECISION_CPU_REASON, d[i].reason[0]);
        PUT(DECISION_MEMORY_REASON, d[i].reason[1]);
    }
    return ALM_OK;
}

static uint8_t flags_of(const struct alm_sample *s)
{
    return (uint8_t)((s->missing & 3) | (s->censored & 3) << 2);
}

static int append_samples(struct alm_run_writer *w, const struct alm_segment *segment, struct alm_err *e)
{
    const struct sample_row *row = (const void *)segment->samples.at;
    for (size_t i = 0; i < segment->samples.count; i++) {
        const struct alm_sample *s = &row[i].sample;
        PUT(SAMPLE_TIME, s->at);
        PUT(SAMPLE_SPAN, s->span);
        PUT(SAMPLE_UNIT, s->unit + segment->base);
        PUT(SAMPLE_CPU, alm_sample_usage(s, ALM_CPU));
        PUT(SAMPLE_MEMORY, alm_sample_usage(s, ALM_MEMORY));
        PUT(SAMPLE_CPU_DEMAND, row[i].demand[0]);
        PUT(SAMPLE_MEMORY_DEMAND, row[i].demand[1]);
        PUT(SAMPLE_CPU_LIMIT, s->limit[0]);
        PUT(SAMPLE_MEMORY_LIMIT, s->limit[1]);
        PUT(SAMPLE_THROTTLED, s->throttled_us);
        PUT(SAMPLE_OOM, s->oom_kills);
        PUT(SAMPLE_FLAGS, flags_of(s));
    }
    return ALM_OK;
}

static int append_envelopes(struct alm_run_writer *w, const struct alm_segment *s, struct alm_err *e)
{
    const struct envelope_row *v = (const void *)s->envelopes.at;
    for (size_t i = 0; i < s->envelopes.count; i++) {
        PUT(ENVELOPE_TIME, v[i].time);
        PUT(ENVELOPE_UNTIL, v[i].until);
        PUT(ENVELOPE_UNIT, v[i].unit + s->base);
        PUT(ENVELOPE_CPU_MIN, v[i].min[0]);
        PUT(ENVELOPE_CPU_MAX, v[i].max[0]);
        PUT(ENVELOPE_CPU_CONFIDENCE, v[i].confidence[0]);
        PUT(ENVELOPE_MEMORY_MIN, v[i].min[1]);
        PUT(ENVELOPE_MEMORY_MAX, v[i].max[1]);
        PUT(ENVELOPE_MEMORY_CONFIDENCE, v[i].confidence[1]);
    }
    return ALM_OK;
}

int alm_run_append_rows(struct alm_run_writer *w, struct alm_segment *s, struct alm_err *e)
{
    ALM_TRY(append_decisions(w, s, e));
    ALM_TRY(append_samples(w, s, e));
    ALM_TRY(append_envelopes(w, s, e));
    s->decisions.count = s->samples.count = s->envelopes.count = 0;
    ALM_TRY(alm__explanations_append(&w->explanation, w->table, &s->explanations, s->base, e));
    return alm__platform_append(&w->platform, w->table, w->calendar, &s->platform, s->base, e);
}

int alm_run_append(struct alm_run_writer *w, struct alm_segment *s, struct alm_err *e)
{
    ALM_TRY(append_units(w, s, e));
    return alm_run_append_rows(w, s, e);
}

int alm_run_commit(struct alm_run_writer *w, struct alm_err *e)
{
    return alm_table_commit(w->table, e);
}

void alm_run_close(struct alm_run_writer *w)
{
    if (!w)
        return;
    alm_table_close(w->table);
    free(w);
}
