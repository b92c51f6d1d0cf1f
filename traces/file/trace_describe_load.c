/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_describe_load: read the invocations of a trace twice and say what they look like.
 *
 * Choice.   Minutes are those of the trace's own clock, as published counts per minute have them. Times between arrivals
 *           have the usual sample variance, by the recurrence of Welford, so that a year in nanoseconds loses nothing.
 * Limits.   Memory: 1 MiB a field, 8 bytes a unit and 8 bytes a word.
 * Source.   Welford (1962), Note on a method for calculating corrected sums of squares and products. */
#include "tally.h"
#include "trace_describe.h"
#include "trace_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH ((size_t)4096)

struct column {
    double value[BATCH];
};

struct load {
    const struct alm_invocations *source;
    const struct alm_demand *demand;
    const struct alm_trace_watch *watch;
    struct alm_trace_load *out;
    const struct alm_trace *trace;
    uint64_t *of_unit;
    uint64_t *of_word[ALM_INPUTS];
    struct alm__tally tally[ALM_INVOCATION_FIELDS];
    double sum[ALM_INPUTS];
    uint64_t seen, gaps;
    double gap_mean, gap_squares;
    alm_time minute; /* of the newest arrival */
    alm_time arrival[BATCH];
    uint32_t unit[BATCH];
    struct column *field, *input; /* all fields, then all inputs */
};

static bool has(const struct load *l, int f)
{
    return l->source->fields >> f & 1;
}

static int read_block(struct load *l, uint64_t first, size_t n, struct alm_err *e)
{
    struct alm_invocation_rows rows = {.arrival = l->arrival, .unit = l->unit};
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        rows.value[f] = has(l, f) ? l->field[f].value : NULL;
    for (size_t i = 0; i < l->source->inputs; i++)
        rows.input[i] = l->input[i].value;
    return l->source->read(l->source, first, n, &rows, e);
}

static void count_arrival(struct load *l, alm_time at)
{
    struct alm_trace_load *out = l->out;
    alm_time minute = alm_time_floor(at, ALM_MINUTE);
    if (out->count++ == 0) {
        out->first = at;
        out->minutes = 1;
    } else {
        double gap = alm_seconds(at - out->last), before = gap - l->gap_mean;
        l->gap_mean += before / (double)++l->gaps;
        l->gap_squares += before * (gap - l->gap_mean);
        uint64_t passed = (uint64_t)((minute - l->minute) / ALM_MINUTE);
        out->minutes += passed;
        out->idle_minutes += passed > 1 ? passed - 1 : 0;
    }
    out->last = at;
    l->minute = minute;
}

static void count_input(struct load *l, size_t i, size_t n)
{
    bool category = l->source->input[i].category;
    for (size_t k = 0; k < n; k++) {
        double v = l->input[i].value[k];
        if (isnan(v)) {
            l->out->input[i].missing++;
        } else if (category) {
            l->of_word[i][(size_t)v]++;
        } else {
            l->sum[i] += v;
            l->out->input[i].min = fmin(l->out->input[i].min, v);
            l->out->input[i].max = fmax(l->out->input[i].max, v);
        }
    }
}

static void first_look(struct load *l, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        count_arrival(l, l->arrival[k]);
        l->of_unit[l->unit[k]]++;
    }
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        if (has(l, f))
            alm__tally_count(&l->tally[f], l->field[f].value, n);
    for (size_t i = 0; i < l->source->inputs; i++)
        count_input(l, i, n);
}

static void second_look(struct load *l, size_t n)
{
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        if (has(l, f))
            alm__tally_again(&l->tally[f], l->field[f].value, n);
}

static int scan(struct load *l, void (*look)(struct load *, size_t), struct alm_err *e)
{
    for (uint64_t first = 0; first < l->source->count; first += BATCH) {
        uint64_t left = l->source->count - first;
        size_t n = left < BATCH ? (size_t)left : BATCH;
        ALM_TRY(read_block(l, first, n, e));
        look(l, n);
        l->seen += n;
        ALM_TRY(alm__watch_step(l->watch, (double)l->seen / (2 * (double)l->source->count), e));
    }
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The largest of COUNT[N], at most ROOM of them, those that are 0 left out. Returns how many. */
static size_t take_most(const uint64_t *count, size_t n, struct alm_trace_most *out, size_t room)
{
    size_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        size_t place = taken;
        while (place > 0 && out[place - 1].count < count[i])
            place--;
        if (count[i] == 0 || place == room)
            continue;
        taken += taken < room;
        memmove(out + place + 1, out + place, (taken - 1 - place) * sizeof *out);
        out[place] = (struct alm_trace_most){i, count[i]};
    }
    return taken;
}

static int count_codes(struct load *l, struct alm_err *e)
{
    size_t units = l->demand->units, named = 0;
    const char **code = calloc(units + 1, sizeof *code);
    if (!code)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu units", units);
    for (size_t u = 0; u < units; u++) {
        l->out->units += l->of_unit[u] > 0;
        if (l->of_unit[u] > 0 && l->demand->unit[u].code[0])
            code[named++] = l->demand->unit[u].code;
    }
    qsort(code, named, sizeof *code, by_text);
    for (size_t k = 0; k < named; k++)
        l->out->codes += k == 0 || strcmp(code[k - 1], code[k]) != 0;
    free(code);
    return 0;
}

static void finish_input(struct load *l, size_t i)
{
    uint64_t missing = l->out->input[i].missing, values = l->out->count - missing;
    if (l->source->input[i].category) {
        l->out->input[i].most_count =
            take_most(l->of_word[i], l->source->words[i], l->out->input[i].most, ALM_TRACE_WORDS);
        return;
    }
    if (values > 0) {
        l->out->input[i].mean = l->sum[i] / (double)values;
        return;
    }
    l->out->input[i].mean = l->out->input[i].min = l->out->input[i].max = (double)NAN;
}

static void finish_field(struct load *l, int f)
{
    const struct alm__tally *t = &l->tally[f];
    bool any = has(l, f) && t->values > 0;
    l->out->field[f].missing = has(l, f) ? t->missing : l->out->count;
    l->out->field[f].mean = alm__tally_mean(t);
    l->out->field[f].max = any ? t->max : (double)NAN;
    l->out->field[f].p50 = any ? alm__tally_percentile(t, ALM__TALLY_P50) : (double)NAN;
    l->out->field[f].p95 = any ? alm__tally_percentile(t, ALM__TALLY_P95) : (double)NAN;
}

static int finish(struct load *l, struct alm_err *e)
{
    struct alm_trace_load *out = l->out;
    double seconds = alm_seconds(out->last - out->first);
    out->rate = out->count > 1 && seconds > 0 ? (double)(out->count - 1) / seconds : (double)NAN;
    out->interarrival_cv =
        l->gaps > 1 && l->gap_mean > 0 ? sqrt(l->gap_squares / (double)(l->gaps - 1)) / l->gap_mean : (double)NAN;
    out->most_count = take_most(l->of_unit, l->demand->units, out->most, ALM_TRACE_MOST);
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        finish_field(l, f);
    for (size_t i = 0; i < l->source->inputs; i++)
        finish_input(l, i);
    return count_codes(l, e);
}

static int start(struct load *l, struct alm_err *e)
{
    size_t columns = ALM_INVOCATION_FIELDS + l->source->inputs;
    l->of_unit = calloc(l->demand->units + 1, sizeof *l->of_unit);
    l->field = calloc(columns, sizeof *l->field);
    if (!l->of_unit || !l->field)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    l->input = l->field + ALM_INVOCATION_FIELDS;
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        if (has(l, f))
            ALM_TRY(alm__tally_open(&l->tally[f], e));
    for (size_t i = 0; i < l->source->inputs; i++) {
        l->out->input[i].min = (double)INFINITY;
        l->out->input[i].max = -(double)INFINITY;
        if (!l->source->input[i].category)
            continue;
        l->of_word[i] = calloc(l->source->words[i] + 1, sizeof *l->of_word[i]);
        if (!l->of_word[i])
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu words", l->source->words[i]);
    }
    return 0;
}

static int describe(struct load *l, struct alm_err *e)
{
    ALM_TRY(start(l, e));
    ALM_TRY(scan(l, first_look, e));
    ALM_TRY(alm__invocations_check(l->trace, l->of_unit, e));
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        if (has(l, f))
            alm__tally_turn(&l->tally[f]);
    ALM_TRY(scan(l, second_look, e));
    return finish(l, e);
}

int alm_trace_describe_load(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_trace_load *out,
                            struct alm_err *e)
{
    struct alm_trace_load found = {0};
    if (!alm_trace_invocations(t)) {
        *out = found;
        return 0;
    }
    struct load *l = calloc(1, sizeof *l);
    if (!l)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    l->trace = t;
    l->source = alm_trace_invocations(t);
    l->demand = alm_trace_demand(t);
    l->watch = watch;
    l->out = &found;
    int rc = describe(l, e);
    if (rc == 0)
        *out = found;
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        alm__tally_close(&l->tally[f]);
    for (size_t i = 0; i < ALM_INPUTS; i++)
        free(l->of_word[i]);
    free(l->field);
    free(l->of_unit);
    free(l);
    return rc;
}
