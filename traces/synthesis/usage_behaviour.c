/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_behaviour: see the header. */
#include "usage_behaviour.h"

#include "almanac/law.h"
#include "almanac/quantity.h"
#include "almanac/stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { READ, WRITE, RECEIVE, SEND, WAYS };
enum { LOADS, STORES, BRANCHES, FLOATS, MIX };

static const struct {
    enum alm_resource resource;
    enum alm_behaviour_field count, bytes;
} way[WAYS] = {
    [READ] = {ALM_IO_READ, ALM_BEH_READS, ALM_BEH_READ_BYTES},
    [WRITE] = {ALM_IO_WRITE, ALM_BEH_WRITES, ALM_BEH_WRITE_BYTES},
    [RECEIVE] = {ALM_NET_RX, ALM_BEH_RECEIVES, ALM_BEH_RECEIVED},
    [SEND] = {ALM_NET_TX, ALM_BEH_SENDS, ALM_BEH_SENT},
};

struct function {
    uint32_t number;
    double seconds;     /* a call */
    double allocations; /* a call */
    double size;        /* bytes of an allocation */
    double part[WAYS];  /* bytes of an operation */
    double mix[MIX];
};

struct alm__behaviour {
    struct alm_trace_sink *sink;
    alm_time start, interval, row, phase;
    size_t functions;
    struct function *function;
    double *share;                /* of each function in the record that is made */
    struct alm_behaviour *record; /* of the unit and each function */
    /* Of the record that is collected: */
    uint32_t unit;
    alm_time since, collected;
    double core_seconds, bytes[ALM_RESOURCES], memory, before;
};

static double around(struct alm_stream *s, double mean, double cv)
{
    return mean * alm_law_factor(cv, alm_stream_normal(s));
}

static int make_function(struct alm__behaviour *b, uint64_t seed, size_t i, struct alm_err *e)
{
    static const double part[WAYS] = {65536, 32768, 1400, 1400}, mix[MIX] = {0.28, 0.12, 0.18, 0.1};
    struct function *f = &b->function[i];
    struct alm_stream s = alm_stream_open(seed, i, "usage.behaviour");
    char name[32];
    int n = snprintf(name, sizeof name, "f%zu", i + 1);
    f->seconds = around(&s, 2e-3, 1.5);
    f->allocations = around(&s, 12, 1);
    f->size = ceil(around(&s, 256, 1));
    for (size_t k = 0; k < WAYS; k++)
        f->part[k] = ceil(around(&s, part[k], 0.5));
    for (size_t k = 0; k < MIX; k++)
        f->mix[k] = fmin(0.25, around(&s, mix[k], 0.3));
    return b->sink->function(b->sink, name, (size_t)n, &f->number, e);
}

static int make_plan(struct alm__behaviour *b, uint64_t seed, struct alm_err *e)
{
    b->function = calloc(b->functions, sizeof *b->function);
    b->share = calloc(b->functions, sizeof *b->share);
    b->record = calloc(b->functions + 1, sizeof *b->record);
    if (!b->function || !b->share || !b->record)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu functions", b->functions);
    for (size_t i = 0; i < b->functions; i++)
        ALM_TRY(make_function(b, seed, i, e));
    return ALM_OK;
}

int alm__behaviour_start(const struct alm__behaviour_options *o, uint64_t seed, alm_time start, alm_time interval,
                         struct alm_trace_sink *sink, struct alm__behaviour **out, struct alm_err *e)
{
    char of_record[ALM_QUANTITY_TEXT], of_row[ALM_QUANTITY_TEXT];
    *out = NULL;
    if (o->functions == 0)
        return ALM_OK;
    if (o->interval % interval != 0 && interval % o->interval != 0)
        return alm_fail(e, ALM_EINVAL, "behaviour.interval=%s is neither a multiple nor an even part of interval=%s",
                        alm_print_duration(o->interval, of_record), alm_print_duration(interval, of_row));
    struct alm__behaviour *b = calloc(1, sizeof *b);
    if (!b)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    *b = (struct alm__behaviour){.sink = sink,
                                 .start = start,
                                 .interval = o->interval,
                                 .row = interval,
                                 .phase = o->phase,
                                 .functions = (size_t)o->functions,
                                 .unit = UINT32_MAX};
    int code = make_plan(b, seed, e);
    if (code < 0) {
        alm__behaviour_stop(b);
        return code;
    }
    *out = b;
    return ALM_OK;
}

void alm__behaviour_stop(struct alm__behaviour *b)
{
    if (!b)
        return;
    free(b->function);
    free(b->share);
    free(b->record);
    free(b);
}

/* Is the record that ends at SINCE in a phase of the second kind? */
static bool second_phase(const struct alm__behaviour *b)
{
    return b->phase > 0 && (b->since - b->interval / 2) / b->phase % 2 == 1;
}

static void find_shares(struct alm__behaviour *b)
{
    double sum = 0;
    for (size_t i = 0; i < b->functions; i++)
        sum += 1 / (double)(i + 1);
    for (size_t i = 0; i < b->functions; i++)
        b->share[second_phase(b) ? b->functions - 1 - i : i] = 1 / (double)(i + 1) / sum;
}

/* Whole parts of TOTAL, by the shares, that sum up to it rounded, into field F; that of the unit is the sum. */
static void split(struct alm__behaviour *b, enum alm_behaviour_field f, double total)
{
    double so_far = 0, given = 0;
    for (size_t i = 0; i < b->functions; i++) {
        so_far += b->share[i];
        double until = i + 1 == b->functions ? nearbyint(total) : fmin(nearbyint(total), nearbyint(total * so_far));
        b->record[i + 1].value[f] = until - given;
        given = until;
    }
    b->record[0].value[f] = nearbyint(total);
}

/* Field F of the unit is the sum of those of its functions. */
static void sum_up(struct alm__behaviour *b, enum alm_behaviour_field f)
{
    b->record[0].value[f] = 0;
    for (size_t i = 1; i <= b->functions; i++)
        b->record[0].value[f] += b->record[i].value[f];
}

static void fill_calls(struct alm__behaviour *b)
{
    for (size_t i = 0; i < b->functions; i++) {
        double *value = b->record[i + 1].value, seconds = b->share[i] * b->core_seconds;
        value[ALM_BEH_CALLS] = nearbyint(seconds / b->function[i].seconds);
        value[ALM_BEH_CALL_SECONDS] = seconds;
        value[ALM_BEH_CPU_SHARE] = b->core_seconds > 0 ? b->share[i] : (double)NAN;
        value[ALM_BEH_ALLOCATIONS] = nearbyint(value[ALM_BEH_CALLS] * b->function[i].allocations);
        value[ALM_BEH_ALLOCATED] = value[ALM_BEH_ALLOCATIONS] * b->function[i].size;
    }
    static const enum alm_behaviour_field sums[] = {ALM_BEH_CALLS, ALM_BEH_ALLOCATIONS, ALM_BEH_ALLOCATED};
    for (size_t k = 0; k < sizeof sums / sizeof *sums; k++)
        sum_up(b, sums[k]);
    b->record[0].value[ALM_BEH_CALL_SECONDS] = b->core_seconds;
    b->record[0].value[ALM_BEH_CPU_SHARE] = b->core_seconds > 0 ? 1 : (double)NAN;
}

static void fill_memory(struct alm__behaviour *b)
{
    const double *unit = b->record[0].value;
    double grown = isnan(b->before) ? 0 : b->memory - b->before;
    b->record[0].value[ALM_BEH_WORKING_SET] = nearbyint(b->memory / 2);
    b->record[0].value[ALM_BEH_WRITTEN_SET] = nearbyint(b->memory / 4);
    double all = unit[ALM_BEH_ALLOCATED], freed = fmax(0, all - grown);
    if (!(all > 0))
        return;
    for (size_t i = 0; i < b->functions; i++) {
        double *value = b->record[i + 1].value;
        value[ALM_BEH_FREES] = nearbyint(freed * (value[ALM_BEH_ALLOCATED] / all) / b->function[i].size);
        value[ALM_BEH_FREED] = value[ALM_BEH_FREES] * b->function[i].size;
    }
    sum_up(b, ALM_BEH_FREES);
    sum_up(b, ALM_BEH_FREED);
}

static void fill_way(struct alm__behaviour *b, size_t w)
{
    double total = b->bytes[way[w].resource];
    if (isnan(total))
        return;
    split(b, way[w].bytes, total);
    for (size_t i = 0; i < b->functions; i++)
        b->record[i + 1].value[way[w].count] = ceil(b->record[i + 1].value[way[w].bytes] / b->function[i].part[w]);
    sum_up(b, way[w].count);
}

static double or_zero(double v)
{
    return isnan(v) ? 0 : v;
}

static void fill_waits(struct alm__behaviour *b)
{
    for (size_t i = 0; i <= b->functions; i++) {
        double *value = b->record[i].value;
        value[ALM_BEH_READ_SECONDS] = 1e-4 * value[ALM_BEH_READS];
        value[ALM_BEH_WRITE_SECONDS] = 1e-4 * value[ALM_BEH_WRITES];
        if (!isnan(value[ALM_BEH_RECEIVES]) || !isnan(value[ALM_BEH_SENDS]))
            value[ALM_BEH_NET_SECONDS] = 1e-4 * (or_zero(value[ALM_BEH_RECEIVES]) + or_zero(value[ALM_BEH_SENDS]));
    }
}

static void fill_mix(struct alm__behaviour *b)
{
    if (!(b->core_seconds > 0))
        return;
    for (size_t k = 0; k < MIX; k++) {
        double mean = 0;
        for (size_t i = 0; i < b->functions; i++) {
            double part = b->function[i].mix[k] * (k == FLOATS && second_phase(b) ? 0.25 : 1);
            b->record[i + 1].value[ALM_BEH_LOADS + k] = part;
            mean += b->share[i] * part;
        }
        b->record[0].value[ALM_BEH_LOADS + k] = fmin(1, mean);
    }
}

static int give_records(struct alm__behaviour *b, struct alm_err *e)
{
    for (size_t i = 0; i <= b->functions; i++)
        b->record[i] = alm_behaviour_at(b->start + b->since, b->interval, b->unit, i ? b->function[i - 1].number : 0);
    find_shares(b);
    if (!isnan(b->core_seconds)) {
        fill_calls(b);
        fill_mix(b);
    }
    if (!isnan(b->memory))
        fill_memory(b);
    for (size_t w = 0; w < WAYS; w++)
        fill_way(b, w);
    fill_waits(b);
    b->sink->report->read += b->functions + 1;
    return b->sink->behaviour(b->sink, b->record, b->functions + 1, e);
}

static void begin_record(struct alm__behaviour *b)
{
    b->before = b->memory;
    b->collected = 0;
    b->core_seconds = 0;
    for (int r = 0; r < ALM_RESOURCES; r++)
        b->bytes[r] = 0;
}

static int take_part(struct alm__behaviour *b, const struct alm_trace_row *row, alm_time length, struct alm_err *e)
{
    double part = (double)length / (double)b->row;
    b->core_seconds += row->value[ALM_CPU] * alm_seconds(length);
    b->memory = row->value[ALM_MEMORY];
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++)
        b->bytes[r] += row->value[r] * part;
    b->since += length;
    b->collected += length;
    if (b->collected < b->interval)
        return ALM_OK;
    ALM_TRY(give_records(b, e));
    begin_record(b);
    return ALM_OK;
}

int alm__behaviour_rows(struct alm__behaviour *b, uint32_t unit, const struct alm_trace_row *row, size_t n,
                        struct alm_err *e)
{
    alm_time length = b->interval < b->row ? b->interval : b->row;
    if (unit != b->unit) {
        b->unit = unit;
        b->since = 0;
        b->memory = (double)NAN;
        begin_record(b);
    }
    for (size_t i = 0; i < n; i++)
        for (alm_time done = 0; done < b->row; done += length)
            ALM_TRY(take_part(b, &row[i], length, e));
    return ALM_OK;
}
