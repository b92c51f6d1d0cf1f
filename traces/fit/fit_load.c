/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_load: what the invocations in a trace are like. See the header. */
#include "fit_load.h"
#include "file/trace_describe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 2048
#define SAMPLE 65536
#define MINUTES ((size_t)1 << 24)

static const enum alm_invocation_field field_of[ALM__LOAD_AMOUNTS] = {ALM_INV_WORK,     ALM_INV_MEMORY, ALM_INV_IO_READ,
                                                                      ALM_INV_IO_WRITE, ALM_INV_NET_RX, ALM_INV_NET_TX};

/* One unit on the way. */
struct code {
    uint64_t count;
    alm_time first, last;
    double gap_squares, sum[ALM__LOAD_AMOUNTS], values[ALM__LOAD_AMOUNTS];
};

struct work {
    const struct alm_invocations *from;
    struct alm_load *out;
    struct code *code;
    uint32_t *minute;
    size_t minutes;
    alm_time ten; /* which ten seconds are being counted, and how many came in it */
    double in_ten, ten_squares;
    uint64_t together;
    double step, next;
    enum alm_invocation_field field[ALM__LOAD_AMOUNTS];
    alm_time arrival[BLOCK];
    uint32_t unit[BLOCK];
    double *value[ALM__LOAD_COLUMNS]; /* blocks; NULL: not there */
};

void alm_load_free(struct alm_load *l)
{
    for (size_t c = 0; c < ALM__LOAD_COLUMNS; c++)
        free(l->column[c]);
    for (size_t c = 0; c < ALM__LOAD_AMOUNTS; c++)
        free(l->code_mean[c]);
    for (size_t i = 0; i < l->inputs; i++)
        free(l->input[i].word);
    free(l->unit);
    *l = (struct alm_load){0};
}

static int keep_input(struct work *w, size_t index, struct alm_err *e)
{
    const struct alm_invocations *from = w->from;
    struct alm__load_input *in = &w->out->input[w->out->inputs];
    *in = (struct alm__load_input){.index = index, .declared = from->input[index]};
    if (in->declared.category) {
        in->words = from->words[index];
        in->word = calloc(in->words + 1, sizeof *in->word);
        if (in->word == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory for the words of an input");
        for (size_t k = 0; k < in->words; k++)
            snprintf(in->word[k], ALM_INPUT_NAME, "%s", from->word[index][k]);
    }
    w->out->inputs++;
    return ALM_OK;
}

/* Inputs that the first block gives in at least half of its invocations. */
static int choose_inputs(struct work *w, struct alm_err *e)
{
    size_t n = w->from->count < BLOCK ? (size_t)w->from->count : BLOCK;
    double value[BLOCK];
    for (size_t i = 0; i < w->from->inputs && w->out->inputs < ALM__LOAD_INPUTS; i++) {
        struct alm_invocation_rows rows = {0};
        size_t given = 0;
        rows.input[i] = value;
        ALM_TRY(w->from->read(w->from, 0, n, &rows, e));
        for (size_t k = 0; k < n; k++)
            given += isnan(value[k]) ? 0 : 1;
        if (2 * given >= n)
            ALM_TRY(keep_input(w, i, e));
    }
    return ALM_OK;
}

static int make_arrays(struct work *w, struct alm_err *e)
{
    struct alm_load *l = w->out;
    size_t rows = w->from->count < SAMPLE ? (size_t)w->from->count : SAMPLE + 2;
    bool good = true;
    l->unit = malloc(rows * sizeof *l->unit);
    w->code = calloc(l->units, sizeof *w->code);
    for (size_t c = 0; c < ALM__LOAD_COLUMNS; c++) {
        bool there =
            c < ALM__LOAD_AMOUNTS ? (w->from->fields & (1u << w->field[c])) != 0 : c <= ALM__LOAD_GAP + l->inputs;
        if (!there)
            continue;
        l->column[c] = malloc(rows * sizeof *l->column[c]);
        w->value[c] = malloc(BLOCK * sizeof *w->value[c]);
        good = good && l->column[c] && w->value[c];
    }
    w->step = w->from->count > SAMPLE ? (double)w->from->count / SAMPLE : 1;
    return good && l->unit && w->code ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for a sample of invocations");
}

/* Room for the minutes up to AT. */
static int count_minute(struct work *w, alm_time at, struct alm_err *e)
{
    size_t minute = (size_t)((at - w->out->start) / ALM_MINUTE);
    if (minute >= MINUTES)
        return alm_fail(e, ALM_EUNSUPPORTED, "the invocations span more than %zu minutes", MINUTES);
    if (minute >= w->minutes) {
        size_t room = minute + minute / 2 + 1024;
        uint32_t *more = realloc(w->minute, room * sizeof *more);
        if (more == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu minutes", room);
        memset(more + w->minutes, 0, (room - w->minutes) * sizeof *more);
        w->minute = more;
        w->minutes = room;
    }
    w->minute[minute]++;
    return ALM_OK;
}

static void count_ten(struct work *w, alm_time at)
{
    alm_time ten = (at - w->out->start) / (10 * ALM_SECOND);
    if (ten != w->ten) {
        w->ten_squares += w->in_ten * w->in_ten;
        w->ten = ten;
        w->in_ten = 0;
    }
    w->in_ten++;
}

static int take_invocation(struct work *w, size_t i, struct alm_err *e)
{
    struct alm_load *l = w->out;
    struct code *c = &w->code[w->unit[i]];
    alm_time at = w->arrival[i];
    double gap = c->count ? alm_seconds(at - c->last) : (double)NAN;
    w->together += c->count && at == c->last;
    c->first = c->count ? c->first : at;
    c->gap_squares += c->count ? gap * gap : 0;
    c->last = at;
    c->count++;
    l->day[(at - alm_time_floor(at, ALM_DAY)) / ALM_HOUR]++;
    l->span = at - l->start;
    for (size_t a = 0; a < ALM__LOAD_AMOUNTS; a++)
        if (w->value[a] && !isnan(w->value[a][i])) {
            c->sum[a] += w->value[a][i];
            c->values[a]++;
        }
    count_ten(w, at);
    ALM_TRY(count_minute(w, at, e));
    w->next -= 1;
    if (w->next >= 0)
        return ALM_OK;
    w->next += w->step;
    w->value[ALM__LOAD_GAP][i] = gap;
    for (size_t k = 0; k < ALM__LOAD_COLUMNS; k++)
        if (l->column[k])
            l->column[k][l->rows] = w->value[k][i];
    l->unit[l->rows++] = w->unit[i];
    return ALM_OK;
}

static int read_all(struct work *w, const struct alm_trace_watch *watch, struct alm_err *e)
{
    struct alm_invocation_rows rows = {.arrival = w->arrival, .unit = w->unit};
    for (size_t a = 0; a < ALM__LOAD_AMOUNTS; a++)
        rows.value[w->field[a]] = w->value[a];
    for (size_t i = 0; i < w->out->inputs; i++)
        rows.input[w->out->input[i].index] = w->value[ALM__LOAD_GAP + 1 + i];
    for (uint64_t first = 0; first < w->from->count; first += BLOCK) {
        uint64_t left = w->from->count - first;
        size_t n = left < BLOCK ? (size_t)left : BLOCK;
        ALM_TRY(alm__watch_step(watch, (double)first / (double)w->from->count, e));
        ALM_TRY(w->from->read(w->from, first, n, &rows, e));
        if (first == 0)
            w->out->start = w->arrival[0];
        for (size_t i = 0; i < n; i++)
            ALM_TRY(take_invocation(w, i, e));
    }
    return ALM_OK;
}

static double dispersion(const uint32_t *minute, size_t minutes, size_t per)
{
    double n = 0, sum = 0, squares = 0;
    for (size_t m = 0; m + per <= minutes; m += per) {
        double count = 0;
        for (size_t k = 0; k < per; k++)
            count += minute[m + k];
        n++;
        sum += count;
        squares += count * count;
    }
    double mean = n > 0 ? sum / n : 0;
    return n >= 10 && mean > 0 ? (squares / n - mean * mean) / mean : (double)NAN;
}

static int descending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x < *y) - (*x > *y);
}

/* d/ds of the log likelihood of ranks 1 .. n with these counts. */
static double zipf_score(const double *count, size_t n, double s)
{
    double logs = 0, total = 0, h = 0, h_logs = 0;
    for (size_t r = 0; r < n; r++) {
        double l = log((double)(r + 1)), p = exp(-s * l);
        logs += count[r] * l;
        total += count[r];
        h += p;
        h_logs += p * l;
    }
    return total * h_logs / h - logs;
}

static int settle_zipf(struct work *w, struct alm_err *e)
{
    double *count = malloc((w->out->units + 1) * sizeof *count), low = 0, high = 10;
    size_t n = 0;
    if (count == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu codes", w->out->units);
    for (size_t u = 0; u < w->out->units; u++)
        if (w->code[u].count > 0)
            count[n++] = (double)w->code[u].count;
    qsort(count, n, sizeof *count, descending);
    for (int i = 0; n > 1 && i < 50; i++) {
        double s = (low + high) / 2;
        *(zipf_score(count, n, s) > 0 ? &low : &high) = s;
    }
    free(count);
    w->out->codes = n;
    w->out->zipf = low;
    return ALM_OK;
}

static void settle_gaps(struct work *w)
{
    struct alm_load *l = w->out;
    double squares = 0, gaps = 0;
    for (size_t u = 0; u < l->units; u++) {
        const struct code *c = &w->code[u];
        double n = (double)c->count - 1, mean = n > 0 ? alm_seconds(c->last - c->first) / n : 0;
        if (n < 10 || !(mean > 0))
            continue;
        squares += c->gap_squares / (mean * mean);
        gaps += n;
    }
    l->gap_cv = gaps > 0 ? sqrt(fmax(0, squares / gaps - 1)) : (double)NAN;
    for (size_t i = 0; i < l->rows; i++) {
        const struct code *c = &w->code[l->unit[i]];
        double n = (double)c->count - 1, mean = n > 0 ? alm_seconds(c->last - c->first) / n : 0;
        double *gap = &l->column[ALM__LOAD_GAP][i];
        *gap = n >= 10 && mean > 0 ? *gap / mean : (double)NAN;
    }
}

static int settle_amounts(struct work *w, struct alm_err *e)
{
    struct alm_load *l = w->out;
    for (size_t a = 0; a < ALM__LOAD_AMOUNTS; a++) {
        double sum = 0, values = 0, n = 0, logs = 0, squares = 0;
        l->code_mean[a] = malloc((l->units + 1) * sizeof *l->code_mean[a]);
        if (l->code_mean[a] == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu codes", l->units);
        for (size_t u = 0; u < l->units; u++) {
            const struct code *c = &w->code[u];
            double mean = c->values[a] > 0 ? c->sum[a] / c->values[a] : (double)NAN;
            l->code_mean[a][u] = mean;
            sum += c->sum[a];
            values += c->values[a];
            if (mean > 0) {
                n++;
                logs += log(mean);
                squares += log(mean) * log(mean);
            }
        }
        l->mean[a] = values > 0 ? sum / values : (double)NAN;
        l->between[a] = n > 1 ? sqrt(fmax(0, squares / n - logs * logs / (n * n)) * n / (n - 1)) : 0;
    }
    return ALM_OK;
}

static int settle(struct work *w, struct alm_err *e)
{
    struct alm_load *l = w->out;
    size_t minutes = (size_t)(l->span / ALM_MINUTE) + 1;
    l->count = w->from->count;
    l->rate = l->span > 0 ? (double)l->count / alm_seconds(l->span) : (double)NAN;
    l->together = (double)w->together / (double)l->count;
    double tens = (double)w->ten + 1, mean = (double)l->count / tens;
    l->tens = tens >= 10 ? ((w->ten_squares + w->in_ten * w->in_ten) / tens - mean * mean) / mean : (double)NAN;
    l->minute = dispersion(w->minute, minutes, 1);
    l->hour = dispersion(w->minute, minutes, 60);
    for (size_t h = 0; h < ALM__FEATURE_HOURS; h++)
        l->day[h] = 10 * l->span >= 9 * ALM_DAY ? ALM__FEATURE_HOURS * l->day[h] / (double)l->count : (double)NAN;
    settle_gaps(w);
    ALM_TRY(settle_amounts(w, e));
    return settle_zipf(w, e);
}

static int measure(struct work *w, const struct alm_trace_watch *watch, struct alm_err *e)
{
    memcpy(w->field, field_of, sizeof w->field);
    w->out->work_is_duration =
        !(w->from->fields & (1u << ALM_INV_WORK)) && (w->from->fields & (1u << ALM_INV_DURATION));
    if (w->out->work_is_duration)
        w->field[ALM__LOAD_WORK] = ALM_INV_DURATION;
    ALM_TRY(choose_inputs(w, e));
    ALM_TRY(make_arrays(w, e));
    ALM_TRY(read_all(w, watch, e));
    return settle(w, e);
}

int alm_load_read(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_load *out,
                  struct alm_err *e)
{
    struct work *w = calloc(1, sizeof *w);
    *out = (struct alm_load){.units = alm_trace_demand(t)->units, .calendar = alm_trace_calendar(t)};
    if (w == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory to measure invocations");
    w->from = alm_trace_invocations(t);
    w->out = out;
    int code = w->from && w->from->count > 1
                   ? measure(w, watch, e)
                   : alm_fail(e, ALM_EDATA, "%s has fewer than two invocations: nothing to fit", alm_trace_path(t));
    for (size_t c = 0; c < ALM__LOAD_COLUMNS; c++)
        free(w->value[c]);
    free(w->code);
    free(w->minute);
    free(w);
    if (code < 0)
        alm_load_free(out);
    return code < 0 ? code : ALM_OK;
}

int alm__load_sample(const struct alm_load *l, size_t column, bool relative, struct alm__sample *out, struct alm_err *e)
{
    *out = (struct alm__sample){0};
    for (size_t i = 0; l->column[column] && i < l->rows; i++) {
        double x = l->column[column][i];
        if (relative && column < ALM__LOAD_AMOUNTS)
            x /= l->code_mean[column][l->unit[i]];
        if (isfinite(x))
            ALM_TRY(alm__sample_add(out, x, l->unit[i], e));
    }
    return alm__sample_sort(out, e);
}

int alm__load_slope(const struct alm_load *l, size_t amount, size_t input, struct alm__log_slope *out)
{
    const double *x = l->column[ALM__LOAD_GAP + 1 + input], *y = l->column[amount];
    double n = 0, sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; x && y && i < l->rows; i++)
        if (x[i] > 0 && y[i] > 0) {
            double p = log(x[i]), q = log(y[i]);
            n++;
            sx += p, sy += q, xx += p * p, yy += q * q, xy += p * q;
        }
    double vx = xx - sx * sx / fmax(1, n), vy = yy - sy * sy / fmax(1, n), c = xy - sx * sy / fmax(1, n);
    if (n < 30 || !(vx > 1e-9 * n) || !(vy > 1e-9 * n))
        return ALM_NOT_YET;
    out->slope = c / vx;
    out->intercept = (sy - out->slope * sx) / n;
    out->r2 = c * c / (vx * vy);
    out->sd = sqrt(fmax(0, vy * (1 - out->r2) / n));
    return ALM_OK;
}

#define WORDS_MOST 64

int alm__load_levels(const struct alm_load *l, size_t amount, size_t input, size_t most, double *level,
                     struct alm__log_slope *out)
{
    const double *x = l->column[ALM__LOAD_GAP + 1 + input], *y = l->column[amount];
    double n[WORDS_MOST] = {0}, sum[WORDS_MOST] = {0}, logs[WORDS_MOST] = {0};
    double all = 0, amounts = 0, log_sum = 0, squares = 0, between = 0;
    size_t words = l->input[input].words;
    if (words < 2 || words > most || words > WORDS_MOST || !x || !y)
        return ALM_NOT_YET;
    for (size_t i = 0; i < l->rows; i++) {
        if (!(x[i] >= 0 && x[i] < (double)words && y[i] > 0))
            continue;
        size_t k = (size_t)x[i];
        n[k]++;
        sum[k] += y[i];
        logs[k] += log(y[i]);
        all++;
        amounts += y[i];
        log_sum += log(y[i]);
        squares += log(y[i]) * log(y[i]);
    }
    double variance = squares - log_sum * log_sum / fmax(1, all);
    if (all < 30 || !(variance > 1e-9 * all))
        return ALM_NOT_YET;
    for (size_t k = 0; k < words; k++) {
        between += n[k] > 0 ? n[k] * pow(logs[k] / n[k] - log_sum / all, 2) : 0;
        level[k] = n[k] > 0 ? sum[k] / n[k] / (amounts / all) : 0;
    }
    *out = (struct alm__log_slope){.slope = NAN, .intercept = NAN, .r2 = between / variance};
    out->sd = sqrt(fmax(0, (variance - between) / all));
    return ALM_OK;
}
