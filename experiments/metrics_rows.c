/* SPDX-License-Identifier: GPL-3.0-or-later
 * metrics_rows: the derived figures, pooling and bootstrap intervals.
 *
 * Choice.   One list of rows serves JSON, columns and tables, so a figure has one name and one formula everywhere.
 * Source.   Percentile bootstrap: Efron and Tibshirani (1993), chapter 13; resampling units, as replicas of a fleet. */
#include "almanac/stream.h"

#include "experiments/metrics.h"

#include <math.h>
#include <stdlib.h>

#define CPU ALM_BIT(ALM_CPU)
#define MEMORY ALM_BIT(ALM_MEMORY)
#define BOTH (CPU | MEMORY)
#define RESAMPLES 1000

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

static double slack_relative(const struct metrics_unit *u, int r)
{
    return ratio(u->of[r].slack, u->of[r].limit);
}

static double slack_day(const struct metrics_unit *u, int r)
{
    return ratio(u->of[r].slack_day_sum, (double)u->of[r].slack_days);
}

static double slack_absolute(const struct metrics_unit *u, int r)
{
    return u->of[r].slack / 86400;
}

static double footprint_hours(const struct metrics_unit *u, int r)
{
    return u->of[r].limit / 3600;
}

static double usage_hours(const struct metrics_unit *u, int r)
{
    return u->of[r].usage / 3600;
}

static double overrun_time_share(const struct metrics_unit *u, int r)
{
    return ratio(u->of[r].overrun_seconds, u->of[r].seconds);
}

static double overrun_amount(const struct metrics_unit *u, int r)
{
    return u->of[r].overrun;
}

static double limit_changes(const struct metrics_unit *u, int r)
{
    return (double)u->of[r].limit_changes;
}

static double limit_changes_per_unit_day(const struct metrics_unit *u, int r)
{
    return ratio((double)u->of[r].limit_changes, u->of[r].unit_seconds / 86400);
}

static double coverage_upper(const struct metrics_unit *u, int r)
{
    return ratio((double)u->of[r].covered_upper, (double)u->of[r].windows);
}

static double coverage(const struct metrics_unit *u, int r)
{
    return ratio((double)u->of[r].covered, (double)u->of[r].windows);
}

static double envelope_windows(const struct metrics_unit *u, int r)
{
    return (double)u->of[r].windows;
}

static double scored_unit_days(const struct metrics_unit *u, int r)
{
    return u->of[r].seconds / 86400;
}

static double throttled_seconds(const struct metrics_unit *u, int r)
{
    (void)r;
    return u->throttled_seconds;
}

static double down_seconds(const struct metrics_unit *u, int r)
{
    (void)r;
    return u->down_seconds;
}

static double oom_kills(const struct metrics_unit *u, int r)
{
    (void)r;
    return (double)u->oom_kills;
}

static double oom_kills_per_unit_day(const struct metrics_unit *u, int r)
{
    return ratio((double)u->oom_kills, u->of[r].seconds / 86400);
}

static double oom_free_unit_days_share(const struct metrics_unit *u, int r)
{
    (void)r;
    return ratio((double)(u->memory_days - u->oom_days), (double)u->memory_days);
}

static double confidence(const struct metrics_unit *u, int r)
{
    return ratio(u->of[r].confidence, (double)u->of[r].stated);
}

static double coverage_gap(const struct metrics_unit *u, int r)
{
    return ratio((double)u->of[r].stated_covered - u->of[r].confidence, (double)u->of[r].stated);
}

static double pinball(const struct metrics_unit *u, int r)
{
    return ratio(u->of[r].pinball, u->of[r].value);
}

static double interval_score(const struct metrics_unit *u, int r)
{
    return ratio(u->of[r].interval, u->of[r].value);
}

static double coverage_p(const struct metrics_unit *u, int r)
{
    return ratio(u->of[r].coverage_p, (double)u->of[r].tested);
}

static double coverage_kept_share(const struct metrics_unit *u, int r)
{
    return ratio((double)u->of[r].kept, (double)u->of[r].tested);
}

static double independence_kept_share(const struct metrics_unit *u, int r)
{
    return ratio((double)u->of[r].independence_kept, (double)u->of[r].independence_tested);
}

static const struct metrics_row rows[] = {
    {"slack_relative", BOTH, METRICS_LOWER, true, false, slack_relative},
    {"slack_day", BOTH, METRICS_LOWER, true, false, slack_day},
    {"slack_absolute", BOTH, METRICS_LOWER, false, false, slack_absolute},
    {"footprint_hours", BOTH, METRICS_LOWER, false, false, footprint_hours},
    {"usage_hours", BOTH, METRICS_NEITHER, false, false, usage_hours},
    {"overrun_time_share", BOTH, METRICS_LOWER, true, false, overrun_time_share},
    {"overrun_core_seconds", CPU, METRICS_LOWER, false, false, overrun_amount},
    {"overrun_byte_seconds", MEMORY, METRICS_LOWER, false, false, overrun_amount},
    {"throttled_seconds", CPU, METRICS_LOWER, false, false, throttled_seconds},
    {"limit_changes", BOTH, METRICS_LOWER, false, false, limit_changes},
    {"limit_changes_per_unit_day", BOTH, METRICS_LOWER, true, false, limit_changes_per_unit_day},
    {"coverage_upper", BOTH, METRICS_HIGHER, true, true, coverage_upper},
    {"coverage", BOTH, METRICS_HIGHER, true, true, coverage},
    {"envelope_windows", BOTH, METRICS_NEITHER, false, false, envelope_windows},
    {"scored_unit_days", BOTH, METRICS_NEITHER, false, false, scored_unit_days},
    {"oom_kills", MEMORY, METRICS_LOWER, false, false, oom_kills},
    {"oom_kills_per_unit_day", MEMORY, METRICS_LOWER, true, false, oom_kills_per_unit_day},
    {"oom_free_unit_days_share", MEMORY, METRICS_HIGHER, true, true, oom_free_unit_days_share},
    {"down_seconds", MEMORY, METRICS_LOWER, false, false, down_seconds},
    {"confidence", BOTH, METRICS_NEITHER, true, true, confidence},
    {"coverage_gap", BOTH, METRICS_NEITHER, true, true, coverage_gap},
    {"pinball_loss", BOTH, METRICS_LOWER, true, false, pinball},
    {"interval_score", BOTH, METRICS_LOWER, true, false, interval_score},
    {"coverage_p", BOTH, METRICS_NEITHER, false, true, coverage_p},
    {"coverage_kept_share", BOTH, METRICS_HIGHER, true, true, coverage_kept_share},
    {"independence_kept_share", BOTH, METRICS_HIGHER, true, true, independence_kept_share},
};

const struct metrics_row *metrics_rows(size_t *count)
{
    *count = sizeof rows / sizeof rows[0];
    return rows;
}

void metrics_pool(struct metrics_unit *restrict a, const struct metrics_unit *restrict b)
{
    for (int r = 0; r < 2; r++) {
        struct metrics_resource *restrict x = &a->of[r];
        const struct metrics_resource *restrict y = &b->of[r];
        x->seconds += y->seconds;
        x->limit += y->limit;
        x->slack += y->slack;
        x->overrun += y->overrun;
        x->overrun_seconds += y->overrun_seconds;
        x->usage += y->usage;
        x->slack_day_sum += y->slack_day_sum;
        x->slack_days += y->slack_days;
        x->limit_changes += y->limit_changes;
        x->windows += y->windows;
        x->covered_upper += y->covered_upper;
        x->covered += y->covered;
        x->unit_seconds += y->unit_seconds;
        x->stated += y->stated;
        x->stated_covered += y->stated_covered;
        x->confidence += y->confidence;
        x->pinball += y->pinball;
        x->interval += y->interval;
        x->value += y->value;
        x->tested += y->tested;
        x->kept += y->kept;
        x->independence_tested += y->independence_tested;
        x->independence_kept += y->independence_kept;
        x->coverage_p += y->coverage_p;
    }
    a->oom_kills += b->oom_kills;
    a->memory_days += b->memory_days;
    a->oom_days += b->oom_days;
    a->throttled_seconds += b->throttled_seconds;
    a->down_seconds += b->down_seconds;
}

double metrics_burst_share(const struct metrics_harm *harm, double seconds)
{
    double total = 0, worst = 0, left = 0.01 * seconds;
    for (int k = METRICS_HARM_BUCKETS - 1; k >= 0; k--) {
        double amount = ldexp((double)harm->amount[k], k / 4 - 32), time = (double)harm->us[k] / 1e6;
        total += amount;
        if (left > 0)
            worst += time > left ? left / time * amount : amount;
        left -= time;
    }
    return ratio(worst, total);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void interval_of(double *value, size_t count, struct metrics_interval *out)
{
    *out = (struct metrics_interval){.low = NAN, .high = NAN};
    if (count < RESAMPLES / 2)
        return;
    qsort(value, count, sizeof *value, by_value);
    out->low = value[(size_t)(0.025 * (double)(count - 1))];
    out->high = value[(size_t)ceil(0.975 * (double)(count - 1))];
}

int metrics_intervals(const struct metrics_unit *unit, size_t n, uint64_t seed, struct metrics_interval (*out)[2],
                      struct alm_err *e)
{
    const size_t count = sizeof rows / sizeof rows[0];
    for (size_t k = 0; k < count; k++)
        out[k][0] = out[k][1] = (struct metrics_interval){.low = NAN, .high = NAN};
    if (n < 2)
        return ALM_OK;
    double(*value)[2][RESAMPLES] = malloc(count * sizeof *value);
    size_t(*have)[2] = calloc(count, sizeof *have);
    if (!value || !have) {
        free(value);
        free(have);
        return alm_fail(e, ALM_ENOMEM, "out of memory for bootstrap intervals");
    }
    struct alm_stream stream = alm_stream_open(seed, 0, "bootstrap over units");
    for (int b = 0; b < RESAMPLES; b++) {
        struct metrics_unit pool = {0};
        for (size_t i = 0; i < n; i++)
            metrics_pool(&pool, &unit[alm_stream_below(&stream, n)]);
        for (size_t k = 0; k < count; k++)
            for (int r = 0; r < 2; r++) {
                double v = rows[k].interval && (rows[k].resource & ALM_BIT(r)) ? rows[k].value(&pool, r) : NAN;
                if (!isnan(v))
                    value[k][r][have[k][r]++] = v;
            }
    }
    for (size_t k = 0; k < count; k++)
        for (int r = 0; r < 2; r++)
            interval_of(value[k][r], have[k][r], &out[k][r]);
    free(value);
    free(have);
    return ALM_OK;
}
