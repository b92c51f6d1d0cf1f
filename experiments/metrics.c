/* SPDX-License-Identifier: GPL-3.0-or-later
 * metrics: the observer that accumulates, unit by unit. */
#include "experiments/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW (5 * ALM_MINUTE)
#define WINDOWS_A_DAY 288

/* The day under way of one unit and resource. */
struct day {
    double usage[WINDOWS_A_DAY]; /* core-seconds or byte-seconds of each window */
    double seconds[WINDOWS_A_DAY];
    double limit, limit_seconds;
};

struct progress {
    int64_t day; /* index of the day under way */
    bool any, killed;
    bool scored[2], started[2];
    alm_time since[2]; /* where scoring began */
    alm_time latest;   /* stamp of the newest sample */
    alm_time last_decision;
    int64_t decided[2];
    struct day *of[2];
};

struct metrics {
    const struct alm_unit *unit;
    struct metrics_unit *total;
    struct progress *progress;
    struct day *days;
    struct metrics_harm harm[2];
    size_t count;
    alm_time warmup;
};

int metrics_new(const struct alm_unit *unit, size_t count, alm_time warmup, struct metrics **out, struct alm_err *e)
{
    struct metrics *m = calloc(1, sizeof *m);
    struct metrics_unit *total = calloc(count, sizeof *total);
    struct progress *progress = calloc(count, sizeof *progress);
    struct day *days = calloc(2 * count, sizeof *days);
    if (!m || !total || !progress || !days) {
        free(m);
        free(total);
        free(progress);
        free(days);
        return alm_fail(e, ALM_ENOMEM, "out of memory for the metrics of %zu units", count);
    }
    m->unit = unit;
    m->total = total;
    m->progress = progress;
    m->days = days;
    m->count = count;
    m->warmup = warmup;
    for (size_t i = 0; i < count; i++) {
        progress[i].of[0] = &days[2 * i];
        progress[i].of[1] = &days[2 * i + 1];
        progress[i].decided[0] = progress[i].decided[1] = ALM_NO_LIMIT;
        progress[i].last_decision = ALM_TIME_NONE;
    }
    *out = m;
    return ALM_OK;
}

void metrics_free(struct metrics *m)
{
    if (!m)
        return;
    free(m->total);
    free(m->progress);
    free(m->days);
    free(m);
}

/* The nearest-rank 95th percentile of N values: the smallest of the largest N - ceil(0.95 N) + 1, at most 15 of a day. */
static double percentile_95(const double *value, size_t n)
{
    double top[WINDOWS_A_DAY / 20 + 2] = {0};
    size_t want = n - (size_t)ceil(0.95 * (double)n) + 1, have = 0;
    for (size_t k = 0; k < n; k++) {
        if (have == want && value[k] <= top[0])
            continue;
        size_t at = have < want ? have++ : 0; /* top is ascending; its least makes room */
        if (have == want && at == 0) {
            for (; at + 1 < have && top[at + 1] < value[k]; at++)
                top[at] = top[at + 1];
        } else {
            for (; at > 0 && top[at - 1] > value[k]; at--)
                top[at] = top[at - 1];
        }
        top[at] = value[k];
    }
    return top[0];
}

/* Autopilot's relative slack of one whole day. */
static void close_day_of(struct metrics_resource *total, const struct day *d)
{
    double mean[WINDOWS_A_DAY];
    size_t n = 0;
    for (int k = 0; k < WINDOWS_A_DAY; k++)
        if (d->seconds[k] > 0)
            mean[n++] = d->usage[k] / d->seconds[k];
    if (n == 0 || !(d->limit > 0))
        return;
    double usage = percentile_95(mean, n), limit = d->limit / d->limit_seconds;
    total->slack_day_sum += (limit - usage) / limit;
    total->slack_days++;
}

static void close_day(struct metrics *m, uint32_t unit)
{
    struct progress *p = &m->progress[unit];
    struct metrics_unit *total = &m->total[unit];
    alm_time begin = p->day * ALM_DAY;
    for (int r = 0; r < 2; r++) {
        if (!p->scored[r])
            continue;
        if (p->since[r] <= begin && p->latest >= begin + ALM_DAY)
            close_day_of(&total->of[r], p->of[r]);
        memset(p->of[r], 0, sizeof *p->of[r]);
    }
    if (p->scored[ALM_MEMORY]) {
        total->memory_days++;
        total->oom_days += p->killed;
    }
    p->any = p->killed = p->scored[0] = p->scored[1] = false;
}

/* The day of a stamp: days are (86400 k, 86400 (k+1)]. */
static int64_t day_of(alm_time at)
{
    return alm_time_ceil(at, ALM_DAY) / ALM_DAY - 1;
}

static void turn_day(struct metrics *m, uint32_t unit, alm_time at)
{
    struct progress *p = &m->progress[unit];
    int64_t day = day_of(at);
    if (p->any && day == p->day)
        return;
    if (p->any)
        close_day(m, unit);
    p->any = true;
    p->day = day;
}

static int harm_bucket(double rate)
{
    int k = (int)(log2(rate) * 4) + 128;
    return k < 0 ? 0 : k >= METRICS_HARM_BUCKETS ? METRICS_HARM_BUCKETS - 1 : k;
}

static void score(struct metrics *m, const struct alm_sample *s, const struct alm_account *a, int r)
{
    struct metrics_resource *t = &m->total[s->unit].of[r];
    struct progress *p = &m->progress[s->unit];
    if (!(a->seconds[r] > 0))
        return;
    double usage = a->limit[r] - a->slack[r];
    t->seconds += a->seconds[r];
    t->limit += a->limit[r];
    t->slack += a->slack[r];
    t->usage += usage;
    if (isnan(a->overrun[r])) { /* this platform cannot know */
        t->overrun = t->overrun_seconds = NAN;
    } else if (a->overrun[r] > 0) {
        int k = harm_bucket(a->overrun[r] / a->overrun_seconds[r]);
        m->harm[r].us[k] += (uint64_t)llround(a->overrun_seconds[r] * 1e6);
        m->harm[r].amount[k] += (uint64_t)llround(ldexp(a->overrun[r], 32 - k / 4) * 1e6);
        t->overrun += a->overrun[r];
        t->overrun_seconds += a->overrun_seconds[r];
    }
    p->scored[r] = true;
    if (!p->started[r]) {
        p->started[r] = true;
        p->since[r] = s->at - (alm_time)llround(a->seconds[r] * 1e9);
    }
    alm_time in_day = alm_time_ceil(s->at, WINDOW) - p->day * ALM_DAY;
    int64_t window = in_day / WINDOW - 1;
    double seconds = alm_seconds(s->span);
    p->of[r]->usage[window] += alm_sample_usage(s, (enum alm_resource)r) * seconds;
    p->of[r]->seconds[window] += seconds;
    p->of[r]->limit += a->limit[r];
    p->of[r]->limit_seconds += a->seconds[r];
}

static bool scored(const struct metrics *m, uint32_t unit, alm_time at)
{
    return at > m->unit[unit].first + m->warmup || m->warmup == 0;
}

static int on_samples(void *ctx, const struct alm_sample *s, const struct alm_account *a, size_t n, struct alm_err *e)
{
    (void)e;
    struct metrics *m = ctx;
    for (size_t k = 0; k < n; k++) {
        if (!scored(m, s[k].unit, s[k].at))
            continue;
        struct progress *p = &m->progress[s[k].unit];
        struct metrics_unit *t = &m->total[s[k].unit];
        p->latest = s[k].at;
        turn_day(m, s[k].unit, s[k].at);
        for (int r = 0; r < 2; r++)
            if (!(s[k].missing & ALM_BIT(r)))
                score(m, &s[k], &a[k], r);
        t->throttled_seconds += (double)s[k].throttled_us / 1e6;
        t->down_seconds += a[k].down_seconds;
        t->oom_kills += a[k].oom_kills;
        p->killed = p->killed || a[k].oom_kills > 0;
    }
    return ALM_OK;
}

static int on_decisions(void *ctx, alm_time now, bool event, const struct alm_decision *d, const struct alm_applied *a,
                        size_t n, struct alm_err *e)
{
    (void)a, (void)event, (void)e;
    struct metrics *m = ctx;
    for (size_t i = 0; i < n; i++) {
        struct progress *p = &m->progress[d[i].unit];
        bool counts = scored(m, d[i].unit, now);
        for (int r = 0; r < 2; r++) {
            struct metrics_resource *t = &m->total[d[i].unit].of[r];
            if (counts && p->decided[r] != ALM_NO_LIMIT && d[i].limit[r] != p->decided[r])
                t->limit_changes++;
            if (counts && p->last_decision != ALM_TIME_NONE && p->decided[r] != ALM_NO_LIMIT)
                t->unit_seconds += alm_seconds(now - p->last_decision);
            p->decided[r] = d[i].limit[r];
        }
        p->last_decision = now;
    }
    return ALM_OK;
}

static int on_outcomes(void *ctx, const uint32_t *unit, const struct alm_outcome *o, size_t n, struct alm_err *e)
{
    (void)e;
    struct metrics *m = ctx;
    for (size_t i = 0; i < n; i++) {
        if (o[i].samples == 0 || !scored(m, unit[i], o[i].envelope.from))
            continue;
        for (int r = 0; r < 2; r++) {
            if (!(o[i].envelope.has & o[i].seen & ALM_BIT(r)))
                continue;
            struct metrics_resource *t = &m->total[unit[i]].of[r];
            double value = alm_outcome_value(&o[i], (enum alm_resource)r);
            bool upper = value <= o[i].envelope.max[r] && !(o[i].censored & ALM_BIT(r));
            t->windows++;
            t->covered_upper += upper;
            t->covered += upper && value >= o[i].envelope.min[r];
        }
    }
    return ALM_OK;
}

struct alm_observer metrics_observer(struct metrics *m)
{
    return (struct alm_observer){.ctx = m, .samples = on_samples, .decisions = on_decisions, .outcomes = on_outcomes};
}

void metrics_finish(struct metrics *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->progress[i].any)
            close_day(m, (uint32_t)i);
}

const struct metrics_unit *metrics_units(const struct metrics *m)
{
    return m->total;
}

void metrics_add_harm(const struct metrics *m, struct metrics_harm harm[2])
{
    for (int r = 0; r < 2; r++)
        for (int k = 0; k < METRICS_HARM_BUCKETS; k++) {
            harm[r].us[k] += m->harm[r].us[k];
            harm[r].amount[k] += m->harm[r].amount[k];
        }
}
