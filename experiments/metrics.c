/* SPDX-License-Identifier: GPL-3.0-or-later
 * metrics: the observer that accumulates, unit by unit.
 *
 * Choice.   What every sample touches lies together, unit by unit, and both resources are added at once.
 * Limits.   Samples of a unit come in order of time. */
#include "experiments/metrics.h"

#include "experiments/metrics_honesty.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW (5 * ALM_MINUTE)
#define WINDOWS_A_DAY 288

/* One value for each of the two resources: added with one instruction where the processor has it. */
typedef double pair __attribute__((vector_size(16)));

static inline pair pair_of(const double value[2])
{
    return (pair){value[0], value[1]};
}

/* The day under way. */
struct day {
    pair usage, seconds; /* core-seconds and byte-seconds of the window under way */
    pair limit, limit_seconds;
    size_t windows; /* that have ended */
    pair *mean;     /* [windows]: their mean usages; NaN where nothing was scored */
};

/* Since the run began; of seconds and limit, up to the day under way. */
struct sums {
    pair seconds, limit, slack, usage, unit_seconds;
};

/* What one sample adds; see metrics.h. */
struct scored {
    pair span, seconds, limit, slack, usage;
};

struct progress {
    alm_time window_end, day_end; /* of the window and the day under way; ALM_TIME_NONE before the first */
    alm_time from;                /* nothing is scored up to here */
    alm_time latest;              /* stamp of the newest sample */
    alm_time last_decision;
    int64_t decided[2];
    bool killed, scored[2], started[2];
    alm_time since[2]; /* where scoring began */
    struct sums sums;
    struct day day;
};

/* What only envelope windows and ends of days touch. */
struct ledger {
    struct metrics_misses misses;
    struct metrics_resource told; /* what of the sums the days before had */
    double slack;                 /* likewise */
};

/* Decisions that repeat those of the round before only let time pass: it is added when they change, which gives the same sum
 * as long as all of it comes in whole seconds. */
struct round {
    struct alm_decision *decision;
    size_t count;
    alm_time at;     /* the newest round */
    alm_time scored; /* all units are scored after this */
    bool whole;      /* all time so far came in whole seconds */
};

struct metrics {
    struct round round;
    struct metrics_unit *total;
    struct progress *progress;
    struct ledger (*ledger)[2];
    alm_time *first; /* end of the unit's first day */
    pair *means;
    struct metrics_harm harm[2];
    struct metrics_tally tally;
    size_t count;
};

/* The most days that any of the units may be seen on. */
static size_t days_of(const struct alm_unit *unit, size_t count)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        const double days = ((double)unit[i].last - (double)unit[i].first) / (double)ALM_DAY;
        const size_t n = days >= METRICS_DAYS ? METRICS_DAYS : days > 0 ? (size_t)days + 2 : 1;
        most = n > most ? n : most;
    }
    return most;
}

static int make(struct metrics *m, const struct alm_unit *unit, size_t count, struct alm_err *e)
{
    m->count = count;
    m->total = calloc(count, sizeof *m->total);
    m->progress = calloc(count, sizeof *m->progress);
    m->ledger = calloc(count, sizeof *m->ledger);
    m->first = calloc(count, sizeof *m->first);
    m->means = malloc(count * WINDOWS_A_DAY * sizeof *m->means);
    m->round.decision = calloc(count, sizeof *m->round.decision);
    if (!m->total || !m->progress || !m->ledger || !m->first || !m->means || !m->round.decision)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the metrics of %zu units", count);
    return metrics_tally_room(&m->tally, days_of(unit, count), e);
}

int metrics_new(const struct alm_unit *unit, size_t count, alm_time warmup, struct metrics **out, struct alm_err *e)
{
    struct metrics *m = calloc(1, sizeof *m);
    int code = m ? make(m, unit, count, e) : alm_fail(e, ALM_ENOMEM, "out of memory for metrics");
    if (code < 0) {
        metrics_free(m);
        return code;
    }
    m->round.scored = ALM_TIME_NONE;
    m->round.whole = true;
    for (size_t i = 0; i < count; i++) {
        struct progress *p = &m->progress[i];
        p->decided[0] = p->decided[1] = ALM_NO_LIMIT;
        p->window_end = p->day_end = p->last_decision = ALM_TIME_NONE;
        p->day.mean = m->means + i * WINDOWS_A_DAY;
        m->first[i] = alm_time_ceil(unit[i].first, ALM_DAY);
        p->from = warmup > 0 ? unit[i].first + warmup : ALM_TIME_NONE;
        m->round.scored = p->from > m->round.scored ? p->from : m->round.scored;
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
    free(m->ledger);
    free(m->first);
    free(m->means);
    metrics_tally_free(&m->tally);
    free(m->round.decision);
    free(m);
}

static inline void close_window(struct day *d)
{
    d->mean[d->windows++] = d->usage / d->seconds; /* 0 / 0 is NaN */
    d->usage = d->seconds = (pair){0};
}

/* The RANK-th largest of N values, RANK at most 15. */
static double largest(const double *value, size_t n, size_t rank)
{
    double top[WINDOWS_A_DAY / 20 + 2] = {0};
    size_t have = 0;
    for (size_t k = 0; k < n; k++) {
        if (have == rank && value[k] <= top[0])
            continue;
        size_t at = have < rank ? have++ : 0; /* top is ascending; its least makes room */
        if (have == rank && at == 0) {
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

/* The nearest-rank 95th percentile of the N values of resource R that are not NaN, among those of all ended windows: the
 * smallest of the largest N - ceil(0.95 N) + 1. So many values are no less than the maximum of that rank among the maxima of
 * groups of 16, of which there are as many: no others are looked at. A group's values lie apart, so that the hours of the
 * day are in all of them. */
static double percentile_95(const struct day *d, int r, size_t n)
{
    enum { GROUP = 16 };
    double most[WINDOWS_A_DAY / GROUP], kept[WINDOWS_A_DAY];
    const size_t rank = n - (size_t)ceil(0.95 * (double)n) + 1, groups = (d->windows + GROUP - 1) / GROUP;
    size_t count = 0;
    for (size_t g = 0; g < groups; g++)
        most[g] = -INFINITY;
    for (size_t k = 0; k < d->windows; k += groups)
        for (size_t g = 0; g < groups && k + g < d->windows; g++)
            most[g] = d->mean[k + g][r] > most[g] ? d->mean[k + g][r] : most[g];
    const double least = largest(most, groups, rank);
    for (size_t k = 0; k < d->windows; k++) {
        kept[count] = d->mean[k][r];
        count += kept[count] >= least;
    }
    return largest(kept, count, rank);
}

/* Autopilot's relative slack of one whole day. */
static void close_day_of(struct metrics_resource *total, const struct day *d, int r)
{
    size_t n = 0;
    for (size_t k = 0; k < d->windows; k++)
        n += d->mean[k][r] >= 0;
    if (n == 0 || !(d->limit[r] > 0))
        return;
    double usage = percentile_95(d, r, n), limit = d->limit[r] / d->limit_seconds[r];
    total->slack_day_sum += (limit - usage) / limit;
    total->slack_days++;
}

/* What the day that ends has added to the sums. */
static void tally_day(struct metrics *m, uint32_t unit, int r)
{
    const struct progress *p = &m->progress[unit];
    const struct metrics_resource *t = &m->total[unit].of[r];
    struct ledger *l = &m->ledger[unit][r];
    const struct metrics_day_of_unit x = {.seconds = p->day.limit_seconds[r],
                                          .overrun_seconds = t->overrun_seconds - l->told.overrun_seconds,
                                          .limit = p->day.limit[r],
                                          .slack = p->sums.slack[r] - l->slack,
                                          .confidence = t->confidence - l->told.confidence,
                                          .loss = t->pinball - l->told.pinball,
                                          .value = t->value - l->told.value,
                                          .windows = t->stated - l->told.stated,
                                          .covered = t->stated_covered - l->told.stated_covered};
    l->told = *t;
    l->slack = p->sums.slack[r];
    metrics_tally_day(&m->tally, (size_t)((p->day_end - m->first[unit]) / ALM_DAY), r, &x);
}

static void close_day(struct metrics *m, uint32_t unit)
{
    struct progress *p = &m->progress[unit];
    struct metrics_unit *total = &m->total[unit];
    alm_time begin = p->day_end - ALM_DAY;
    tally_day(m, unit, ALM_CPU);
    tally_day(m, unit, ALM_MEMORY);
    for (int r = 0; r < 2; r++) {
        if (!p->scored[r])
            continue;
        if (p->since[r] <= begin && p->latest >= begin + ALM_DAY)
            close_day_of(&total->of[r], &p->day, r);
        p->sums.limit[r] += p->day.limit[r];
        p->sums.seconds[r] += p->day.limit_seconds[r];
        p->day.limit[r] = p->day.limit_seconds[r] = 0;
    }
    p->day.windows = 0;
    if (p->scored[ALM_MEMORY]) {
        total->memory_days++;
        total->oom_days += p->killed;
    }
    p->killed = p->scored[0] = p->scored[1] = false;
}

/* A sample stamped AT is the first behind the window under way. Days are (86400 k, 86400 (k+1)] and whole windows. */
static inline void turn_window(struct metrics *m, uint32_t unit, alm_time at)
{
    struct progress *p = &m->progress[unit];
    if (p->window_end != ALM_TIME_NONE)
        close_window(&p->day);
    p->window_end = at <= p->window_end + WINDOW ? p->window_end + WINDOW : alm_time_ceil(at, WINDOW);
    if (at <= p->day_end)
        return;
    if (p->day_end != ALM_TIME_NONE)
        close_day(m, unit);
    p->day_end = alm_time_ceil(at, ALM_DAY);
}

static int harm_bucket(double rate)
{
    int k = (int)(log2(rate) * 4) + 128;
    return k < 0 ? 0 : k >= METRICS_HARM_BUCKETS ? METRICS_HARM_BUCKETS - 1 : k;
}

/* An overrun that is positive, or NaN. */
static void score_overrun(struct metrics *m, uint32_t unit, const struct alm_account *a, int r)
{
    struct metrics_resource *t = &m->total[unit].of[r];
    if (isnan(a->overrun[r])) { /* this platform cannot know */
        t->overrun = t->overrun_seconds = NAN;
        return;
    }
    int k = harm_bucket(a->overrun[r] / a->overrun_seconds[r]);
    m->harm[r].us[k] += (uint64_t)llround(a->overrun_seconds[r] * 1e6);
    m->harm[r].amount[k] += (uint64_t)llround(ldexp(a->overrun[r], 32 - k / 4) * 1e6);
    t->overrun += a->overrun[r];
    t->overrun_seconds += a->overrun_seconds[r];
}

/* The first scored sample of a day, perhaps of the run. */
static void begin_day(struct progress *p, const struct alm_sample *s, const struct alm_account *a, int r)
{
    if (!p->started[r])
        p->since[r] = s->at - (alm_time)llround(a->seconds[r] * 1e9);
    p->started[r] = p->scored[r] = true;
}

/* One value for the resources in question, 0 for others. */
static inline pair only(pair value, bool cpu, bool memory)
{
    return (pair){cpu ? value[0] : 0, memory ? value[1] : 0};
}

/* The sums that every scored sample adds to. */
static inline void add(struct progress *p, const struct scored *x)
{
    p->sums.slack += x->slack;
    p->sums.usage += x->limit - x->slack;
    p->day.usage += x->usage;
    p->day.seconds += x->span;
    p->day.limit += x->limit;
    p->day.limit_seconds += x->seconds;
}

/* The length of samples, as those want it who see many of one length. */
struct length {
    alm_time span;
    double seconds, us;
};

static inline struct scored scored_of(const struct alm_sample *s, const struct alm_account *a, const struct length *l)
{
    struct scored x = {.span = {l->seconds, l->seconds},
                       .seconds = pair_of(a->seconds),
                       .limit = pair_of(a->limit),
                       .slack = pair_of(a->slack),
                       .usage = {(double)s->usage[ALM_CPU] / l->us, (double)s->usage[ALM_MEMORY]}};
    x.usage *= x.span;
    return x;
}

/* A sample of which not both resources are scored as before, or with overruns. */
static void score_partly(struct metrics *m, const struct alm_sample *s, const struct alm_account *a,
                         const struct length *l)
{
    struct progress *p = &m->progress[s->unit];
    const bool cpu = !(s->missing & ALM_BIT(ALM_CPU)) && a->seconds[ALM_CPU] > 0;
    const bool memory = !(s->missing & ALM_BIT(ALM_MEMORY)) && a->seconds[ALM_MEMORY] > 0;
    if (!cpu && !memory)
        return;
    struct scored x = scored_of(s, a, l);
    x.span = only(x.span, cpu, memory);
    x.seconds = only(x.seconds, cpu, memory);
    x.limit = only(x.limit, cpu, memory);
    x.slack = only(x.slack, cpu, memory);
    x.usage = only(x.usage, cpu, memory);
    add(p, &x);
    for (int r = 0; r < 2; r++) {
        if (!(r == ALM_CPU ? cpu : memory))
            continue;
        if (!p->scored[r])
            begin_day(p, s, a, r);
        if (!(a->overrun[r] <= 0))
            score_overrun(m, s->unit, a, r);
    }
}

/* Both resources are scored, and neither has an overrun. */
static inline bool is_common(const struct alm_sample *s, const struct alm_account *a)
{
    return !(s->missing & (ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY))) &&
           a->seconds[ALM_CPU] * a->seconds[ALM_MEMORY] > 0 && a->overrun[ALM_CPU] + a->overrun[ALM_MEMORY] <= 0;
}

static inline void score(struct metrics *m, const struct alm_sample *s, const struct alm_account *a,
                         const struct length *l)
{
    struct progress *p = &m->progress[s->unit];
    if (!(p->scored[ALM_CPU] & p->scored[ALM_MEMORY]) || !is_common(s, a)) {
        score_partly(m, s, a, l);
        return;
    }
    struct scored x = scored_of(s, a, l);
    add(p, &x);
}

static inline bool is_rare(const struct alm_sample *s, const struct alm_account *a)
{
    uint64_t down; /* its bits: 0 is the only number without any */
    memcpy(&down, &a->down_seconds, sizeof down);
    return ((uint64_t)s->throttled_us | down | a->oom_kills) != 0;
}

/* What few samples have. */
static void score_rare(struct metrics *m, const struct alm_sample *s, const struct alm_account *a)
{
    struct metrics_unit *t = &m->total[s->unit];
    t->throttled_seconds += (double)s->throttled_us / 1e6;
    t->down_seconds += a->down_seconds;
    t->oom_kills += a->oom_kills;
    if (a->oom_kills > 0)
        m->progress[s->unit].killed = true;
}

static int on_samples(void *ctx, const struct alm_sample *s, const struct alm_account *a, size_t n, struct alm_err *e)
{
    (void)e;
    struct metrics *m = ctx;
    struct length l = {0};
    for (size_t k = 0; k < n; k++) {
        struct progress *p = &m->progress[s[k].unit];
        if (s[k].at <= p->from)
            continue;
        p->latest = s[k].at;
        if (s[k].at > p->window_end)
            turn_window(m, s[k].unit, s[k].at);
        if (s[k].span != l.span)
            l = (struct length){s[k].span, alm_seconds(s[k].span), alm_span_us(s[k].span)};
        score(m, &s[k], &a[k], &l);
        if (is_rare(&s[k], &a[k]))
            score_rare(m, &s[k], &a[k]);
    }
    return ALM_OK;
}

/* Decisions about N units, in force since the last ones. */
static void decide(struct metrics *m, alm_time now, const struct alm_decision *d, size_t n)
{
    alm_time last = ALM_TIME_NONE;
    double seconds = 0; /* from LAST to now; 0 for the first decision about a unit */
    for (size_t i = 0; i < n; i++) {
        struct progress *p = &m->progress[d[i].unit];
        if (p->last_decision != last) {
            last = p->last_decision;
            seconds = last == ALM_TIME_NONE ? 0 : alm_seconds(now - last);
            m->round.whole = m->round.whole && (last == ALM_TIME_NONE || (now - last) % ALM_SECOND == 0);
        }
        const bool known[2] = {p->decided[0] != ALM_NO_LIMIT, p->decided[1] != ALM_NO_LIMIT};
        if (now > p->from) {
            p->sums.unit_seconds += only((pair){seconds, seconds}, known[0], known[1]);
            for (int r = 0; r < 2; r++)
                if (d[i].limit[r] != p->decided[r] && known[r])
                    m->total[d[i].unit].of[r].limit_changes++;
        }
        p->decided[0] = d[i].limit[0];
        p->decided[1] = d[i].limit[1];
        p->last_decision = now;
    }
}

/* Add the time of the rounds that repeated the one that is kept. */
static void let_pass(struct metrics *m)
{
    const struct round *r = &m->round;
    if (r->count && r->at != m->progress[r->decision[0].unit].last_decision)
        decide(m, r->at, r->decision, r->count);
}

static int on_decisions(void *ctx, alm_time now, bool event, const struct alm_decision *d, const struct alm_applied *a,
                        size_t n, struct alm_err *e)
{
    (void)a, (void)event, (void)e;
    struct metrics *m = ctx;
    struct round *r = &m->round;
    const bool repeats = n == r->count && memcmp(d, r->decision, n * sizeof *d) == 0;
    if (repeats && r->whole && r->at > r->scored && (now - r->at) % ALM_SECOND == 0) {
        r->at = now;
        return ALM_OK;
    }
    let_pass(m);
    decide(m, now, d, n);
    r->at = now;
    r->count = n <= m->count ? n : 0;
    memcpy(r->decision, d, r->count * sizeof *d);
    return ALM_OK;
}

static int on_outcomes(void *ctx, const uint32_t *unit, const struct alm_outcome *o, size_t n, struct alm_err *e)
{
    (void)e;
    struct metrics *m = ctx;
    for (size_t i = 0; i < n; i++) {
        if (o[i].samples == 0 || o[i].envelope.from <= m->progress[unit[i]].from)
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
            if (metrics_is_stated(&o[i], (enum alm_resource)r)) {
                metrics_honesty_add(t, &m->ledger[unit[i]][r].misses, &o[i], (enum alm_resource)r, upper);
                metrics_tally_window(&m->tally, r, o[i].envelope.confidence[r], upper);
            }
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
    let_pass(m);
    for (size_t i = 0; i < m->count; i++) {
        struct progress *p = &m->progress[i];
        if (p->day_end != ALM_TIME_NONE) {
            close_window(&p->day);
            close_day(m, (uint32_t)i);
        }
        for (int r = 0; r < 2; r++) {
            struct metrics_resource *t = &m->total[i].of[r];
            t->seconds = p->sums.seconds[r];
            t->limit = p->sums.limit[r];
            t->slack = p->sums.slack[r];
            t->usage = p->sums.usage[r];
            t->unit_seconds = p->sums.unit_seconds[r];
            metrics_honesty_close(t, &m->ledger[i][r].misses);
        }
    }
}

const struct metrics_tally *metrics_tally(const struct metrics *m)
{
    return &m->tally;
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
