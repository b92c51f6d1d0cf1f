/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_figures: the figures that a cell may have, by name.
 *
 * Choice.   A table beside metrics_rows and the list of executions, since a comparison also asks for units and for which way is
 *           better; a test holds them together. Of counts of what came (invocations, busy servers), and of
 *           how busy machines are, neither way is: the same work may be done on fewer, or not be done. */
#include "almanac/option.h"

#include "experiments/sweep/results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define L METRICS_LOWER
#define H METRICS_HIGHER
#define N METRICS_NEITHER
#define CPU(row, name, better, whole, unit)                                                                            \
    {                                                                                                                  \
        "cpu." name, ALM_CPU, row, better, whole, unit, false                                                          \
    }
#define MEMORY(row, name, better, whole, unit)                                                                         \
    {                                                                                                                  \
        "memory." name, ALM_MEMORY, row, better, whole, unit, false                                                    \
    }
#define CPU_LATER(row, name, better, unit)                                                                             \
    {                                                                                                                  \
        "cpu." name, ALM_CPU, row, better, false, unit, true                                                           \
    }
#define MEMORY_LATER(row, name, better, unit)                                                                          \
    {                                                                                                                  \
        "memory." name, ALM_MEMORY, row, better, false, unit, true                                                     \
    }
#define CALL(figure, name, better, whole, unit)                                                                        \
    {                                                                                                                  \
        "invocations." name, RESULTS_CALLS, figure, better, whole, unit, false                                         \
    }
#define MACHINES(figure, name, better, whole, unit)                                                                    \
    {                                                                                                                  \
        "machines." name, RESULTS_MACHINES, MACHINE_##figure, better, whole, unit, true                                \
    }

static const struct results_figure figures[] = {
    CPU(0, "slack_relative", L, false, "share"),
    CPU(1, "slack_day", L, false, "share"),
    CPU(2, "slack_absolute", L, false, "core-days"),
    CPU(3, "footprint_hours", L, false, "core-hours"),
    CPU(4, "usage_hours", N, false, "core-hours"),
    CPU(5, "overrun_time_share", L, false, "share"),
    CPU(6, "overrun_core_seconds", L, false, "core-seconds"),
    CPU(8, "throttled_seconds", L, false, "s"),
    CPU(9, "limit_changes", L, true, "1"),
    CPU(10, "limit_changes_per_unit_day", L, false, "1/day"),
    CPU(11, "coverage_upper", H, false, "share"),
    CPU(12, "coverage", H, false, "share"),
    CPU(13, "envelope_windows", N, true, "1"),
    CPU(14, "scored_unit_days", N, false, "days"),
    CPU(METRICS_ROWS_BURST, "burst_share", N, false, "share"),
    CPU_LATER(19, "confidence", N, "share"),
    CPU_LATER(20, "coverage_gap", N, "share"),
    CPU_LATER(21, "pinball_loss", L, "share"),
    CPU_LATER(22, "interval_score", L, "1"),
    CPU_LATER(23, "coverage_p", N, "1"),
    CPU_LATER(24, "coverage_kept_share", H, "share"),
    CPU_LATER(25, "independence_kept_share", H, "share"),
    MEMORY(0, "slack_relative", L, false, "share"),
    MEMORY(1, "slack_day", L, false, "share"),
    MEMORY(2, "slack_absolute", L, false, "byte-days"),
    MEMORY(3, "footprint_hours", L, false, "byte-hours"),
    MEMORY(4, "usage_hours", N, false, "byte-hours"),
    MEMORY(5, "overrun_time_share", L, false, "share"),
    MEMORY(7, "overrun_byte_seconds", L, false, "byte-seconds"),
    MEMORY(9, "limit_changes", L, true, "1"),
    MEMORY(10, "limit_changes_per_unit_day", L, false, "1/day"),
    MEMORY(11, "coverage_upper", H, false, "share"),
    MEMORY(12, "coverage", H, false, "share"),
    MEMORY(13, "envelope_windows", N, true, "1"),
    MEMORY(14, "scored_unit_days", N, false, "days"),
    MEMORY(15, "oom_kills", L, true, "1"),
    MEMORY(16, "oom_kills_per_unit_day", L, false, "1/day"),
    MEMORY(17, "oom_free_unit_days_share", H, false, "share"),
    MEMORY(18, "down_seconds", L, false, "s"),
    MEMORY(METRICS_ROWS_BURST, "burst_share", N, false, "share"),
    MEMORY_LATER(19, "confidence", N, "share"),
    MEMORY_LATER(20, "coverage_gap", N, "share"),
    MEMORY_LATER(21, "pinball_loss", L, "share"),
    MEMORY_LATER(22, "interval_score", L, "1"),
    MEMORY_LATER(23, "coverage_p", N, "1"),
    MEMORY_LATER(24, "coverage_kept_share", H, "share"),
    MEMORY_LATER(25, "independence_kept_share", H, "share"),
    CALL(EXECUTIONS_COUNT, "count", N, true, "1"),
    CALL(EXECUTIONS_MEAN_RESPONSE, "mean_response_s", L, false, "s"),
    CALL(EXECUTIONS_MEAN_WAIT, "mean_wait_s", L, false, "s"),
    CALL(EXECUTIONS_MEAN_IN_SYSTEM, "mean_in_system", L, false, "1"),
    CALL(EXECUTIONS_MEAN_BUSY, "mean_busy", N, false, "1"),
    CALL(EXECUTIONS_UTILISATION, "utilisation", N, false, "share"),
    CALL(EXECUTIONS_REFUSED_SHARE, "refused_share", L, false, "share"),
    CALL(EXECUTIONS_TIMEOUT_SHARE, "timeout_share", L, false, "share"),
    CALL(EXECUTIONS_FAILED_SHARE, "failed_share", L, false, "share"),
    CALL(EXECUTIONS_COLD_START_SHARE, "cold_start_share", L, false, "share"),
    CALL(EXECUTIONS_P50, "p50_s", L, false, "s"),
    CALL(EXECUTIONS_P95, "p95_s", L, false, "s"),
    CALL(EXECUTIONS_P99, "p99_s", L, false, "s"),
    CALL(EXECUTIONS_MEAN_SLOWDOWN, "mean_slowdown", L, false, "1"),
    CALL(EXECUTIONS_P95_SLOWDOWN, "p95_slowdown", L, false, "1"),
    CALL(EXECUTIONS_P99_SLOWDOWN, "p99_slowdown", L, false, "1"),
    CALL(EXECUTIONS_THROUGHPUT, "throughput_per_s", H, false, "1/s"),
    CALL(EXECUTIONS_IN_FLIGHT, "in_flight", N, true, "1"),
    CALL(EXECUTIONS_RETRIES, "retries", L, true, "1"),
    MACHINES(MACHINES, "machines", N, true, "1"),
    MACHINES(USED_PEAK, "machines_used_peak", L, true, "1"),
    MACHINES(UNITS_PLACED_MEAN, "units_placed_mean", N, false, "1"),
    MACHINES(DENSITY, "density", H, false, "1"),
    MACHINES(CPU_UTILISATION_MEAN, "cpu_utilisation_mean", N, false, "share"),
    MACHINES(CPU_UTILISATION_P95, "cpu_utilisation_p95", N, false, "share"),
    MACHINES(MEMORY_UTILISATION_MEAN, "memory_utilisation_mean", N, false, "share"),
    MACHINES(MEMORY_UTILISATION_P95, "memory_utilisation_p95", N, false, "share"),
    MACHINES(CONTENDED_SHARE, "contended_share", L, false, "share"),
    MACHINES(MEMORY_SOME_SHARE, "memory_some_share", L, false, "share"),
    MACHINES(IO_SOME_SHARE, "io_some_share", L, false, "share"),
};
#define FIGURES (sizeof figures / sizeof *figures)

const struct results_figure *results_figures(size_t *count)
{
    *count = FIGURES;
    return figures;
}

static const struct results_figure *find(const char *group, const char *name)
{
    char whole[sizeof figures->name];
    if ((size_t)snprintf(whole, sizeof whole, "%s%s", group, name) >= sizeof whole)
        return NULL;
    for (size_t i = 0; i < FIGURES; i++)
        if (strcmp(figures[i].name, whole) == 0)
            return &figures[i];
    return NULL;
}

int results_figure_find(const char *name, const struct results_figure **out, struct alm_err *e)
{
    static const char *const groups[] = {"", "cpu.", "memory.", "invocations.", "machines."};
    const char *names[FIGURES + 1];
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        const struct results_figure *f = find(groups[g], name);
        if (f) {
            *out = f;
            return ALM_OK;
        }
    }
    for (size_t i = 0; i < FIGURES; i++)
        names[i] = figures[i].name;
    names[FIGURES] = NULL;
    const char *near = alm_nearest(name, names);
    for (size_t i = 0; !near && i < FIGURES; i++) /* without its resource */
        names[i] = strchr(figures[i].name, '.') + 1;
    if (!near)
        near = alm_nearest(name, names);
    for (size_t i = 0; !near && strlen(name) >= 3 && i < FIGURES; i++) /* in the middle: "gap" */
        near = strstr(names[i], name) ? names[i] : NULL;
    if (near)
        return alm_fail(e, ALM_EINVAL, "unknown metric `%.60s`, did you mean `%s`?", name, near);
    return alm_fail(
        e, ALM_EINVAL,
        "unknown metric `%.60s`; a metric is written cpu.slack_relative, memory.oom_kills, invocations.p99_s", name);
}

double results_of_unit(const struct results_figure *f, const struct metrics_unit *u)
{
    size_t count;
    const struct metrics_row *row = metrics_rows(&count);
    return f->resource < 0 || f->row >= count ? (double)NAN : row[f->row].value(u, f->resource);
}

double results_of_cell(const struct results_figure *f, const struct cell_result *r)
{
    if (!r->done)
        return (double)NAN;
    if (f->resource == RESULTS_CALLS)
        return r->invocations ? r->call[f->row].value : (double)NAN;
    if (f->resource == RESULTS_MACHINES)
        return r->machines ? r->machine[f->row] : (double)NAN;
    if (!(r->resources & ALM_BIT(f->resource)))
        return (double)NAN;
    return f->row == METRICS_ROWS_BURST ? r->burst[f->resource] : results_of_unit(f, &r->pool);
}
