/* SPDX-License-Identifier: GPL-3.0-or-later
 * Does each figure mean what metrics.h says? Observers are fed by hand, and expected numbers are worked out by hand in
 * the comments: three days, one unit, both resources; then what may go wrong at the edges. */
#include "experiments/metrics.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define S ALM_SECOND
#define STEP (5 * ALM_MINUTE)
#define CPU_BIT ((uint8_t)ALM_BIT(ALM_CPU))
#define MEMORY_BIT ((uint8_t)ALM_BIT(ALM_MEMORY))
#define LIMIT 4096000.0 /* bytes */

struct bench {
    struct alm_unit unit[2];
    struct metrics *m;
    struct alm_observer o;
};

static void start(struct bench *b, alm_time first, alm_time last, alm_time warmup)
{
    struct alm_err e = {0};
    memset(b, 0, sizeof *b);
    for (int i = 0; i < 2; i++)
        b->unit[i] = (struct alm_unit){.name = "u", .first = first, .last = last};
    cr_assert_eq(metrics_new(b->unit, 2, warmup, &b->m, &e), ALM_OK, "%s", e.text);
    b->o = metrics_observer(b->m);
}

static void stop(struct bench *b)
{
    metrics_free(b->m);
}

/* A sample of unit 0 with both resources, SPAN long, under limits of CORES and BYTES throughout. */
struct shown {
    struct alm_sample s;
    struct alm_account a;
};

static struct shown shown(alm_time at, alm_time span, double used, double cores, double bytes, double limit)
{
    double seconds = alm_seconds(span);
    struct shown x = {.s = {.at = at, .span = span, .usage = {(int64_t)llround(used * seconds * 1e6), (int64_t)bytes}},
                      .a = {.seconds = {seconds, seconds},
                            .limit = {cores * seconds, limit * seconds},
                            .slack = {fmax(0, cores - used) * seconds, fmax(0, limit - bytes) * seconds}}};
    x.s.missing = (uint8_t) ~(CPU_BIT | MEMORY_BIT);
    return x;
}

static void feed(struct bench *b, const struct shown *x)
{
    cr_assert_eq(b->o.samples(b->o.ctx, &x->s, &x->a, 1, NULL), ALM_OK);
}

static void decide(struct bench *b, alm_time now, int64_t cpu, int64_t memory)
{
    struct alm_decision d = {.limit = {cpu, memory}};
    struct alm_applied a = {.limit = {cpu, memory}};
    cr_assert_eq(b->o.decisions(b->o.ctx, now, false, &d, &a, 1, NULL), ALM_OK);
}

/* An outcome of unit 0: envelope [1, 2] of CPU from FROM on. */
static void outcome(struct bench *b, alm_time from, double mean, double peak, bool of_peak, uint8_t censored)
{
    uint32_t unit = 0;
    struct alm_outcome o = {.samples = 1, .seen = CPU_BIT, .censored = censored, .mean = {mean}, .peak = {peak}};
    o.envelope = (struct alm_envelope){.from = from, .has = CPU_BIT, .min = {1}, .max = {2}, .confidence = {0.9}};
    o.envelope.peak = of_peak ? CPU_BIT : 0;
    cr_assert_eq(b->o.outcomes(b->o.ctx, &unit, &o, 1, NULL), ALM_OK);
}

static double value(const struct metrics_unit *u, const char *name, int r)
{
    size_t count;
    const struct metrics_row *row = metrics_rows(&count);
    for (size_t k = 0; k < count; k++)
        if (strcmp(row[k].name, name) == 0)
            return row[k].value(u, r);
    cr_assert_fail("there is no row %s", name);
    return NAN;
}

static void expect(const struct metrics_unit *u, const char *name, int r, double want)
{
    double got = value(u, name, r);
    bool same = isnan(want) ? isnan(got) : fabs(got - want) <= 1e-9 * fmax(1, fabs(want));
    cr_assert(same, "%s of %s is %.17g, not %.17g", name, alm_resource_name((enum alm_resource)r), got, want);
}

/* Three whole days of 288 samples, one core of two used. On the second day the first 15 want 3 cores and get 2.
 * Memory: three quarters of the limit; killed once at the last stamp of day 1, twice at noon of day 3. */
static void three_days(struct bench *b)
{
    start(b, STEP, 3 * ALM_DAY, 0);
    for (int k = 1; k <= 864; k++) {
        bool burst = k > 288 && k <= 288 + 15;
        struct shown x = shown(k * STEP, STEP, burst ? 2 : 1, 2, 0.75 * LIMIT, LIMIT);
        if (burst) {
            x.a.overrun[ALM_CPU] = 300;
            x.a.overrun_seconds[ALM_CPU] = 300;
            x.s.throttled_us = 300000000;
        }
        if (k == 288 || k == 720) {
            x.a.oom_kills = k == 288 ? 1 : 2;
            x.a.down_seconds = k == 288 ? 30 : 60;
        }
        if (k == 400) {
            x.a.overrun[ALM_MEMORY] = 1e7;
            x.a.overrun_seconds[ALM_MEMORY] = 10;
        }
        feed(b, &x);
    }
    const int64_t cpu[] = {2000, 2000, 2500, 2000, 2000};
    const int64_t memory[] = {ALM_NO_LIMIT, (int64_t)LIMIT, (int64_t)LIMIT, (int64_t)LIMIT, 2 * (int64_t)LIMIT};
    for (int k = 0; k < 5; k++)
        decide(b, STEP + k * 12 * ALM_HOUR, cpu[k], memory[k]);
    outcome(b, STEP, 1.5, 9, false, 0);       /* inside */
    outcome(b, STEP, 2, 9, false, 0);         /* at the edge is inside */
    outcome(b, STEP, 0.5, 9, false, 0);       /* below: only the upper side holds */
    outcome(b, STEP, 2.5, 2.5, false, 0);     /* above */
    outcome(b, STEP, 1.5, 9, true, 0);        /* the envelope spoke of the peak: above */
    outcome(b, STEP, 1.5, 9, false, CPU_BIT); /* censored: a miss of unknown size */
    outcome(b, STEP, 1.5, 9, false, MEMORY_BIT);
    metrics_finish(b->m);
}

/* CPU over 259200 s: limit 518400 core-s; slack 849 samples of 300 = 254700; over the limit 15 * 300.
 * slack_day: nearest-rank P95 of 288 is the 274th; 15 bursts are the 274th to the 288th, so day 2 has usage 2, slack 0:
 * the mean of 1/2, 0, 1/2. Decisions: 2 changes in 4 half days; memory's first limit is no change, and its time counts
 * from there: 1 change in 3 half days. Outcomes: 7, upper holds in 4, both in 3.
 * Honesty at 0.9: values 1.5, 2, 0.5, 2.5, 9 and 1.5 are scored (17), the censored one is not. Losses at max = 2: 0.05, 0, 0.15,
 * 0.45, 6.3, 0.05. Interval: six widths of 1, 7.5 above over a tail of 0.1, 0.5 below over one of 0.005. Kupiec's ratio of 3 misses in 7
 * at 0.1 is 5.0976812; of hits 1 of 3 and of misses 2 of 3 are followed by a miss, which has p = 0.41. */
static const struct expected {
    const char *name;
    double cpu, memory;
} expected[] = {
    {"slack_relative", 254700.0 / 518400, 0.25},
    {"slack_day", 1.0 / 3, 0.25},
    {"slack_absolute", 254700.0 / 86400, 0.25 * LIMIT * 3},
    {"footprint_hours", 144, LIMIT * 72},
    {"usage_hours", (518400.0 - 254700) / 3600, 0.75 * LIMIT * 72},
    {"overrun_time_share", 4500.0 / 259200, 10.0 / 259200},
    {"overrun_core_seconds", 4500, NAN},
    {"overrun_byte_seconds", NAN, 1e7},
    {"throttled_seconds", 4500, NAN},
    {"limit_changes", 2, 1},
    {"limit_changes_per_unit_day", 1, 2.0 / 3},
    {"coverage_upper", 4.0 / 7, NAN},
    {"coverage", 3.0 / 7, NAN},
    {"envelope_windows", 7, 0},
    {"scored_unit_days", 3, 3},
    {"oom_kills", NAN, 3},
    {"oom_kills_per_unit_day", NAN, 1},
    {"oom_free_unit_days_share", NAN, 1.0 / 3},
    {"down_seconds", NAN, 90},
    {"confidence", 0.9, NAN},
    {"coverage_gap", 4.0 / 7 - 0.9, NAN},
    {"pinball_loss", 7.0 / 17, NAN},
    {"interval_score", 181.0 / 17, NAN},
    {"coverage_p", 0.023957849763795717, NAN},
    {"coverage_kept_share", 0, NAN},
    {"independence_kept_share", 1, NAN},
};

Test(metrics, every_figure_of_three_days_worked_by_hand)
{
    struct bench b;
    three_days(&b);
    size_t count, rows = sizeof expected / sizeof *expected;
    const struct metrics_row *row = metrics_rows(&count);
    cr_assert_eq(count, rows, "%zu figures, but %zu are worked out here", count, rows);
    for (size_t k = 0; k < rows; k++) {
        cr_assert_str_eq(row[k].name, expected[k].name);
        for (int r = 0; r < 2; r++)
            if (row[k].resource & ALM_BIT(r))
                expect(&metrics_units(b.m)[0], row[k].name, r, r ? expected[k].memory : expected[k].cpu);
    }
    stop(&b);
}

Test(metrics, days_add_up_to_what_was_worked_by_hand)
{
    /* Day 2: 273 samples of 300 s with one core unused, 15 with none. Memory, in KiB seconds: a quarter of 4000 KiB. All
     * outcomes are shown at the end, in day 3: seven windows with a confidence of 0.9 each, four held. */
    struct bench b;
    three_days(&b);
    const struct metrics_tally *t = metrics_tally(b.m);
    cr_assert_geq(t->days, 3);
    for (size_t k = 0; k < 3; k++) {
        const struct metrics_day *cpu = &t->day[k][ALM_CPU], *memory = &t->day[k][ALM_MEMORY];
        cr_expect_eq(cpu->seconds, 86400000000u);
        cr_expect_eq(cpu->judged, 86400000000u);
        cr_expect_eq(cpu->limit, 172800000000u);
        cr_expect_eq(cpu->slack, k == 1 ? 81900000000u : 86400000000u, "day %zu: %llu", k,
                     (unsigned long long)cpu->slack);
        cr_expect_eq(cpu->overrun_seconds, k == 1 ? 4500000000u : 0);
        cr_expect_eq(memory->limit, 86400u * 4000);
        cr_expect_eq(memory->slack, 86400u * 1000);
        cr_expect_eq(cpu->windows, k == 2 ? 7 : 0);
        cr_expect_eq(cpu->covered, k == 2 ? 4 : 0);
        cr_expect_eq(cpu->confidence, k == 2 ? 6300000000u : 0);
        cr_expect_eq(cpu->loss, k == 2 ? 7000000u : 0);
        cr_expect_eq(cpu->value, k == 2 ? 17000000u : 0);
    }
    stop(&b);
}

Test(metrics, days_count_from_the_first_of_the_unit)
{
    struct bench b;
    start(&b, 5 * ALM_DAY + 12 * ALM_HOUR, 7 * ALM_DAY, 0);
    const alm_time at[] = {5 * ALM_DAY + 12 * ALM_HOUR, 6 * ALM_DAY, 6 * ALM_DAY + STEP, 7 * ALM_DAY};
    for (size_t k = 0; k < 4; k++) {
        struct shown x = shown(at[k], STEP, 1, 2, 1, LIMIT);
        feed(&b, &x);
    }
    metrics_finish(b.m);
    const struct metrics_tally *t = metrics_tally(b.m);
    cr_assert_eq(t->day[0][ALM_CPU].seconds, 600000000u, "midnight ends the day before");
    cr_assert_eq(t->day[1][ALM_CPU].seconds, 600000000u);
    stop(&b);
}

Test(metrics, a_unit_of_which_nothing_is_known_has_no_figures)
{
    struct bench b;
    three_days(&b);
    const struct metrics_unit *none = &metrics_units(b.m)[1];
    static const char *const undefined[] = {"slack_relative",
                                            "slack_day",
                                            "overrun_time_share",
                                            "coverage_upper",
                                            "coverage",
                                            "limit_changes_per_unit_day",
                                            "oom_free_unit_days_share",
                                            "oom_kills_per_unit_day"};
    for (size_t k = 0; k < sizeof undefined / sizeof *undefined; k++)
        expect(none, undefined[k], ALM_MEMORY, NAN);
    expect(none, "footprint_hours", ALM_CPU, 0);
    stop(&b);
}

Test(metrics, warm_up_is_not_scored)
{
    /* First stamp 300 s, warm-up 600 s: what is stamped up to 900 s is not scored. Of four samples the last counts. */
    struct bench b;
    start(&b, 300 * S, 1200 * S, 600 * S);
    for (int k = 1; k <= 4; k++) {
        struct shown x = shown(k * STEP, STEP, k == 4 ? 1 : 0, 2, k == 4 ? LIMIT : 0, LIMIT);
        x.a.oom_kills = k < 4;
        x.a.overrun[ALM_CPU] = x.a.overrun_seconds[ALM_CPU] = k == 4 ? 30 : 300;
        x.s.throttled_us = 1000000;
        feed(&b, &x);
        decide(&b, k * STEP, 1000 * k, (int64_t)LIMIT);
        outcome(&b, k * STEP, k == 4 ? 1.5 : 9, 9, false, 0);
    }
    metrics_finish(b.m);
    const struct metrics_unit *u = &metrics_units(b.m)[0];
    expect(u, "slack_relative", ALM_CPU, 0.5);
    expect(u, "slack_relative", ALM_MEMORY, 0);
    expect(u, "scored_unit_days", ALM_CPU, 300.0 / 86400);
    expect(u, "overrun_core_seconds", ALM_CPU, 30);
    expect(u, "throttled_seconds", ALM_CPU, 1);
    expect(u, "oom_kills", ALM_MEMORY, 0);
    expect(u, "oom_free_unit_days_share", ALM_MEMORY, 1);
    expect(u, "limit_changes", ALM_CPU, 1); /* 3000 to 4000 */
    expect(u, "limit_changes_per_unit_day", ALM_CPU, 86400.0 / 300);
    expect(u, "envelope_windows", ALM_CPU, 1);
    expect(u, "coverage", ALM_CPU, 1);
    struct metrics_harm harm[2] = {0};
    metrics_add_harm(b.m, harm);
    expect(u, "overrun_time_share", ALM_CPU, 0.1);
    cr_assert_float_eq(metrics_burst_share(&harm[0], 300), 0.1, 1e-12, "30 s of one rate, the worst 3 s count");
    stop(&b);
}

Test(metrics, only_whole_days_have_a_slack_of_the_day)
{
    /* Scored from noon of day 1 to noon of day 3: day 2 alone is whole. Usage of its windows is a shuffle of 1 .. 288
     * thousandths of a core; the 274th is 0.274, and the limit is 1 for half a day, then 3: 2 on average. */
    struct bench b;
    start(&b, 12 * ALM_HOUR + STEP, 60 * ALM_HOUR, 0);
    for (int k = 145; k <= 720; k++) {
        bool second = k > 288 && k <= 576;
        int shuffled = (k - 288) * 37 % 289;
        double used = second ? shuffled / 1000.0 : 0.1;
        struct shown x = shown(k * STEP, STEP, used, k <= 432 ? 1 : 3, 1, LIMIT);
        feed(&b, &x);
    }
    metrics_finish(b.m);
    cr_assert_eq(metrics_units(b.m)[0].of[ALM_CPU].slack_days, 1);
    expect(&metrics_units(b.m)[0], "slack_day", ALM_CPU, (2 - 0.274) / 2);
    cr_assert_eq(metrics_units(b.m)[0].memory_days, 3, "a day with any scored memory is a unit-day for OOM kills");
    stop(&b);
}

Test(metrics, windows_of_the_day_are_five_minute_means)
{
    /* Five samples of one minute share a window: 0, 0, 0, 0 and 2 cores are 0.4 on average. If minutes were ranked, P95
     * would be 2. */
    struct bench b;
    start(&b, 60 * S, ALM_DAY, 0);
    for (int k = 1; k <= 1440; k++) {
        struct shown x = shown(k * ALM_MINUTE, ALM_MINUTE, k % 5 ? 0 : 2, 4, 1, LIMIT);
        feed(&b, &x);
    }
    metrics_finish(b.m);
    expect(&metrics_units(b.m)[0], "slack_day", ALM_CPU, 0.9);
    stop(&b);
}

Test(metrics, a_platform_that_cannot_know_demand_says_so)
{
    struct bench b;
    start(&b, 300 * S, 600 * S, 0);
    struct shown x = shown(300 * S, STEP, 1, 2, 1, LIMIT);
    x.a.overrun[ALM_CPU] = x.a.overrun_seconds[ALM_CPU] = NAN;
    feed(&b, &x);
    metrics_finish(b.m);
    expect(&metrics_units(b.m)[0], "overrun_core_seconds", ALM_CPU, NAN);
    expect(&metrics_units(b.m)[0], "overrun_time_share", ALM_CPU, NAN);
    expect(&metrics_units(b.m)[0], "slack_relative", ALM_CPU, 0.5);
    stop(&b);
}

Test(metrics, missing_and_unlimited_time_is_not_scored)
{
    struct bench b;
    start(&b, 300 * S, 900 * S, 0);
    struct shown missing = shown(300 * S, STEP, 0, 2, 0, LIMIT), unlimited = shown(600 * S, STEP, 1, 0, 1, 0);
    missing.s.missing |= CPU_BIT | MEMORY_BIT;
    memset(&unlimited.a, 0, sizeof unlimited.a);
    feed(&b, &missing);
    feed(&b, &unlimited);
    struct shown x = shown(900 * S, STEP, 1.5, 2, LIMIT, LIMIT);
    feed(&b, &x);
    metrics_finish(b.m);
    expect(&metrics_units(b.m)[0], "slack_relative", ALM_CPU, 0.25);
    expect(&metrics_units(b.m)[0], "scored_unit_days", ALM_CPU, 300.0 / 86400);
    stop(&b);
}

Test(metrics, time_between_decisions_adds_up_to_the_bit)
{
    /* Whole and broken seconds, repeated and changed decisions, and a first limit late: as a plain sum has it. */
    static const alm_time step[] = {300 * S, 300 * S, 300 * S, 17 * S, 300 * S, 300 * S + 100 * ALM_MS, 7, 300 * S};
    struct bench b;
    start(&b, 300 * S, 10 * ALM_DAY, 0);
    alm_time now = 300 * S;
    double sum[2] = {0, 0};
    int64_t limit[2] = {1000, ALM_NO_LIMIT};
    uint64_t changes[2] = {0, 0};
    for (int k = 0; k < 400; k++) {
        const bool change = k % 31 == 30;
        alm_time next = now + (k < 200 ? step[k % 4] : step[k % 8]);
        decide(&b, now, limit[0], limit[1]);
        for (int r = 0; r < 2 && k < 399; r++)
            if (limit[r] != ALM_NO_LIMIT) {
                sum[r] += alm_seconds(next - now);
                changes[r] += change;
            }
        if (change) {
            limit[0] += 1;
            limit[1] = limit[1] == ALM_NO_LIMIT ? 4096 : limit[1] + 4096;
        }
        now = next;
    }
    metrics_finish(b.m);
    for (int r = 0; r < 2; r++) {
        cr_assert_eq(metrics_units(b.m)[0].of[r].unit_seconds, sum[r], "resource %d", r);
        cr_assert_eq(metrics_units(b.m)[0].of[r].limit_changes, changes[r], "resource %d", r);
    }
    stop(&b);
}

Test(metrics, burst_share_is_harm_in_the_worst_hundredth)
{
    /* 100000 s scored: the worst 1000 s. 500 s at 8 cores above (4000), 1000 s at 1 (1000), of which 500 s fit: 4500 of
     * 5000. */
    struct bench b;
    start(&b, 300 * S, 200000 * S, 0);
    struct shown high = shown(600 * S, 500 * S, 2, 2, 1, LIMIT), low = shown(1600 * S, 1000 * S, 2, 2, 1, LIMIT);
    high.a.overrun[ALM_CPU] = 4000;
    high.a.overrun_seconds[ALM_CPU] = 500;
    low.a.overrun[ALM_CPU] = low.a.overrun_seconds[ALM_CPU] = 1000;
    feed(&b, &high);
    feed(&b, &low);
    struct metrics_harm harm[2] = {0};
    metrics_add_harm(b.m, harm);
    cr_assert_float_eq(metrics_burst_share(&harm[ALM_CPU], 100000), 0.9, 1e-12);
    cr_assert(isnan(metrics_burst_share(&harm[ALM_MEMORY], 100000)), "no harm, no share");
    stop(&b);
}

/* Units of known slack: limits and slacks that differ, in both resources. */
static void make_units(struct metrics_unit *unit, size_t n)
{
    memset(unit, 0, n * sizeof *unit);
    for (size_t i = 0; i < n; i++) {
        for (int r = 0; r < 2; r++) {
            struct metrics_resource *x = &unit[i].of[r];
            x->seconds = 86400;
            x->limit = 86400 * (double)(i + 1);
            x->slack = x->limit * (0.2 + 0.05 * (double)(i * 7 % 10));
            x->slack_day_sum = 0.1 * (double)(i % 5);
            x->slack_days = 1;
            x->limit_changes = i * 3 % 11;
            x->unit_seconds = 86400;
            x->windows = 100;
            x->covered_upper = 90 + i % 10;
            x->covered = 80 + i % 7;
            x->overrun_seconds = 10 * (double)(i % 4);
            x->stated = 100;
            x->stated_covered = x->covered_upper;
            x->confidence = 95 - (double)(i % 3);
            x->pinball = 1 + (double)(i % 4);
            x->interval = 30 + (double)(i % 7);
            x->value = 50 * (double)(i + 1);
            x->tested = x->independence_tested = 1;
            x->kept = i % 2;
            x->independence_kept = i % 3 > 0;
            x->coverage_p = 0.1 * (double)(i % 9);
        }
        unit[i].oom_kills = i % 3;
        unit[i].memory_days = 4;
        unit[i].oom_days = i % 3;
    }
}

Test(metrics, pooling_adds_and_divides_at_the_end)
{
    struct metrics_unit u[2], pool = {0};
    make_units(u, 2);
    u[0].of[ALM_CPU].slack = 0;
    u[1].of[ALM_CPU].slack = u[1].of[ALM_CPU].limit / 2; /* limits 1 and 2: 1 of 3 */
    for (int i = 0; i < 2; i++) {
        u[i].throttled_seconds = i + 1;
        u[i].down_seconds = 10 * (i + 1);
        metrics_pool(&pool, &u[i]);
    }
    expect(&pool, "slack_relative", ALM_CPU, 1.0 / 3);
    expect(&pool, "slack_day", ALM_CPU, 0.05);
    expect(&pool, "limit_changes", ALM_CPU, 3);
    expect(&pool, "limit_changes_per_unit_day", ALM_CPU, 1.5);
    expect(&pool, "coverage_upper", ALM_CPU, 181.0 / 200);
    expect(&pool, "coverage", ALM_MEMORY, 161.0 / 200);
    expect(&pool, "overrun_time_share", ALM_CPU, 10.0 / 172800);
    expect(&pool, "oom_kills", ALM_MEMORY, 1);
    expect(&pool, "oom_free_unit_days_share", ALM_MEMORY, 7.0 / 8);
    expect(&pool, "throttled_seconds", ALM_CPU, 3);
    expect(&pool, "down_seconds", ALM_MEMORY, 30);
    expect(&pool, "confidence", ALM_CPU, 189.0 / 200);
    expect(&pool, "coverage_gap", ALM_CPU, 181.0 / 200 - 189.0 / 200);
    expect(&pool, "pinball_loss", ALM_CPU, 3.0 / 150);
    expect(&pool, "coverage_p", ALM_MEMORY, 0.05);
    expect(&pool, "coverage_kept_share", ALM_MEMORY, 0.5);
}

#define ROWS 32
#define UNITS 25

Test(metrics, intervals_hold_the_figure_and_are_the_same_again)
{
    struct metrics_unit unit[UNITS], pool = {0};
    static struct metrics_interval first[ROWS][2], again[ROWS][2], other[ROWS][2];
    struct alm_err e = {0};
    size_t count, seen = 0;
    const struct metrics_row *row = metrics_rows(&count);
    cr_assert_leq(count, ROWS);
    make_units(unit, UNITS);
    for (size_t i = 0; i < UNITS; i++)
        metrics_pool(&pool, &unit[i]);
    cr_assert_eq(metrics_intervals(unit, UNITS, 7, first, &e), ALM_OK);
    cr_assert_eq(metrics_intervals(unit, UNITS, 7, again, &e), ALM_OK);
    cr_assert_eq(metrics_intervals(unit, UNITS, 8, other, &e), ALM_OK);
    cr_assert_eq(memcmp(first, again, sizeof first), 0, "the same seed, the same interval");
    cr_assert_neq(memcmp(first, other, sizeof first), 0, "another seed, another interval");
    for (size_t k = 0; k < count; k++)
        for (int r = 0; r < 2; r++) {
            if (!row[k].interval || !(row[k].resource & ALM_BIT(r))) {
                cr_assert(isnan(first[k][r].low) && isnan(first[k][r].high), "%s has no interval", row[k].name);
                continue;
            }
            double v = row[k].value(&pool, r);
            cr_assert(first[k][r].low < v && v < first[k][r].high, "%s: %g is not inside [%g, %g]", row[k].name, v,
                      first[k][r].low, first[k][r].high);
            seen++;
        }
    cr_assert_geq(seen, 10);
}

Test(metrics, an_interval_is_as_wide_as_theory_says)
{
    /* Equal limits, slack shares uniform on 25 points of [0.2, 0.8]: the mean has a standard error of
     * sd / sqrt(25) = 0.1803 / 5 = 0.0361, so 95 % is about +-0.0707. */
    struct metrics_unit unit[UNITS] = {0};
    static struct metrics_interval out[ROWS][2];
    for (size_t i = 0; i < UNITS; i++) {
        unit[i].of[0].limit = 1;
        unit[i].of[0].slack = 0.2 + 0.6 * (double)i / (UNITS - 1);
    }
    cr_assert_eq(metrics_intervals(unit, UNITS, 1, out, NULL), ALM_OK);
    cr_assert_float_eq(out[0][0].low, 0.5 - 0.0707, 0.012);
    cr_assert_float_eq(out[0][0].high, 0.5 + 0.0707, 0.012);
}

Test(metrics, one_unit_has_no_interval)
{
    struct metrics_unit unit[1];
    static struct metrics_interval out[ROWS][2];
    make_units(unit, 1);
    cr_assert_eq(metrics_intervals(unit, 1, 1, out, NULL), ALM_OK);
    cr_assert(isnan(out[0][0].low) && isnan(out[0][0].high));
}
