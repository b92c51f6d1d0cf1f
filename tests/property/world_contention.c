/* SPDX-License-Identifier: GPL-3.0-or-later
 * Recorded usage on one crowded machine agrees with a plain integration of the same rules: at each change all rates are found
 * anew by filling a vessel, and the next change is the next row or the next backlog that is done.
 *
 * Limits.  Samples within 25 us: the moments when backlogs at the common level are done are found to a microsecond each. */
#include "usage_rig.h"

#include "almanac/stream.h"

#define S ALM_SECOND
#define GRID 7
#define RUNS 400
#define MOST 8
#define SAMPLES 4096

struct load {
    double weight, limit; /* cores; INFINITY */
    double behind, demand, rate, used;
    bool hungry;
    uint64_t row;
};

struct plain {
    const struct usage *u;
    struct load load[MOST];
    size_t units;
    double cores, now, *sample; /* [units * SAMPLES]: core-seconds */
    bool lose;
};

static double want(const struct load *l)
{
    return fmin(l->hungry ? INFINITY : l->demand, l->limit);
}

/* Weighted max-min: those who want less than their part get what they want, the others share the rest. */
static void fill(struct plain *p)
{
    bool given[MOST] = {false};
    double left = p->cores;
    for (bool again = true; again;) {
        double weights = 0;
        again = false;
        for (size_t i = 0; i < p->units; i++)
            weights += given[i] ? 0 : p->load[i].weight;
        const double level = weights > 0 ? fmax(0, left) / weights : 0;
        for (size_t i = 0; i < p->units; i++) {
            struct load *l = &p->load[i];
            if (given[i])
                continue;
            l->rate = l->weight * level;
            if (want(l) > l->rate)
                continue;
            l->rate = want(l);
            left -= l->rate;
            given[i] = again = true;
            break;
        }
    }
}

/* Who gets less than it wants is hungry from now on; who is not behind and gets more than it wants is not. */
static void balance(struct plain *p)
{
    for (size_t i = 0; i < p->units; i++)
        p->load[i].hungry = p->load[i].behind > 0;
    for (bool again = true; again;) {
        fill(p);
        again = false;
        for (size_t i = 0; i < p->units; i++) {
            struct load *l = &p->load[i];
            if (p->lose || l->hungry || l->rate >= l->demand - 1e-12)
                continue;
            l->hungry = again = true;
        }
    }
}

static double next_change(const struct plain *p, double end)
{
    double at = fmin(end, (floor(p->now / GRID + 1e-9) + 1) * GRID);
    for (size_t i = 0; i < p->units; i++) {
        const struct load *l = &p->load[i];
        const struct usage_unit *of = &p->u->of[i];
        if (l->row < of->rows) {
            double begin = (double)(of->row[l->row].at - of->row[l->row].span) / 1e9;
            double stop = (double)of->row[l->row].at / 1e9;
            at = fmin(at, begin > p->now ? begin : stop);
        }
        if (l->behind > 0 && l->rate > l->demand)
            at = fmin(at, p->now + l->behind / (l->rate - l->demand));
    }
    return at;
}

static void advance(struct plain *p, double to)
{
    const double dt = to - p->now;
    const size_t sample = (size_t)floor((p->now + to) / 2 / GRID);
    cr_assert_lt(sample, SAMPLES);
    for (size_t i = 0; i < p->units; i++) {
        struct load *l = &p->load[i];
        p->sample[i * SAMPLES + sample] += l->rate * dt;
        if (!p->lose)
            l->behind += (l->demand - l->rate) * dt;
        if (l->behind < 1e-10)
            l->behind = 0;
    }
    p->now = to;
}

static void take_rows(struct plain *p)
{
    for (size_t i = 0; i < p->units; i++) {
        struct load *l = &p->load[i];
        const struct usage_unit *of = &p->u->of[i];
        while (l->row < of->rows && (double)of->row[l->row].at / 1e9 <= p->now)
            l->row++;
        l->demand = 0;
        if (l->row == of->rows)
            l->behind = 0;
        else if ((double)(of->row[l->row].at - of->row[l->row].span) / 1e9 <= p->now)
            l->demand = alm_demand_cores(of->row[l->row].value[ALM_CPU], of->row[l->row].span);
    }
}

static void integrate(struct plain *p, double end)
{
    while (p->now < end) {
        take_rows(p);
        balance(p);
        advance(p, next_change(p, end));
    }
}

static double draw(struct alm_stream *s, double from, double to)
{
    return from + (to - from) * alm_stream_uniform(s);
}

/* Rows without gaps, in whole milliseconds. */
static double make(struct usage *u, struct alm_stream *s, size_t units)
{
    double end = 0;
    usage_make(u, units, ALM_BIT(ALM_CPU));
    for (size_t i = 0; i < units; i++) {
        u->unit[i].cores = alm_stream_uniform(s) < 0.3 ? NAN : ceil(draw(s, 0, 32)) / 8;
        double at = floor(draw(s, 0, 100000)) / 1000;
        for (uint64_t k = 10 + alm_stream_below(s, 50); k-- > 0;) {
            double stop = at + ceil(draw(s, 10, 60000)) / 1000;
            double cores = alm_stream_uniform(s) < 0.3 ? 0 : draw(s, 0, 2);
            usage_add(u, i, at, stop, cores, NAN);
            at = stop;
        }
        end = fmax(end, at);
    }
    return end;
}

static void run(uint64_t seed, uint64_t *contended, uint64_t *caught_up)
{
    struct alm_stream s = alm_stream_open(seed, 0, "contention");
    struct plain p = {.units = 2 + alm_stream_below(&s, MOST - 1), .lose = alm_stream_uniform(&s) < 0.25};
    struct usage u;
    struct engine x;
    char text[200];
    const double end = make(&u, &s, p.units);
    p.cores = ceil(draw(&s, 0.2, 0.9) * (double)p.units * 1000) / 1000;
    p.u = &u;
    p.sample = calloc(MOST * SAMPLES, sizeof *p.sample);
    snprintf(text, sizeof text,
             "simulated:machines=1,machine_cores=%.3f,overcommit_cpu=1e6,backlog_limit=1000h,check=true,cpu_backlog=%s",
             p.cores, p.lose ? "lose" : "carry");
    struct alm_platform_config config = {
        .demand = &u.demand, .control_interval = GRID * S, .sample_interval = GRID * S};
    engine_open(&x, &sim_world, text, config);
    engine_wait(&x, 0);
    for (uint32_t i = 0; i < p.units; i++) {
        int64_t limit = alm_stream_uniform(&s) < 0.5 ? ALM_NO_LIMIT : (int64_t)draw(&s, 20, 2000);
        engine_limit(&x, i, limit, ALM_NO_LIMIT);
        p.load[i].limit = limit == ALM_NO_LIMIT ? INFINITY : (double)limit / 1000;
        p.load[i].weight = u.unit[i].cores > 0 ? u.unit[i].cores * 1000 : 1000;
    }
    integrate(&p, end);
    engine_wait(&x, ALM_TIME_MAX);
    for (size_t k = 0; k < x.n; k++) {
        const struct alm_sample *a = &x.sample[k];
        const double core_us = p.sample[a->unit * SAMPLES + (size_t)(a->at / (GRID * S)) - 1] * 1e6;
        cr_assert_float_eq((double)a->usage[ALM_CPU], core_us, 25, "run %d, %s: unit %u at %d s used %lld us, not %.3f",
                           (int)seed, text, a->unit, (int)(a->at / S), (long long)a->usage[ALM_CPU], core_us);
        *contended += a->stall_us[ALM_STALL_CPU] > 0 && a->throttled_us == 0;
        *caught_up += a->stall_us[ALM_STALL_CPU] > 100 && a->stall_us[ALM_STALL_CPU] < a->span / ALM_US - 100;
    }
    free(p.sample);
    engine_close(&x);
    usage_free(&u);
}

Test(world_contention, shares_and_backlogs_are_those_of_a_plain_integration)
{
    uint64_t contended = 0, caught_up = 0;
    for (uint64_t seed = 1; seed <= RUNS; seed++)
        run(seed, &contended, &caught_up);
    cr_assert(contended > 5000 && caught_up > 1000,
              "%d samples of contention, %d of its end or begin: too little to see", (int)contended, (int)caught_up);
}
