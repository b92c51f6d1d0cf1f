/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulate_platform: see the header.
 *
 * Choice.   Four digits that matter, of quantiles three, as they are known to 0.1 %; times in the unit that fits them; an
 *           interval has the digits of its value. Classes stand beside the total as long as a line holds them; JSON has all of them. */
#include "cmd/simulate_platform.h"

#include "almanac/quantity.h"

#include <inttypes.h>
#include <math.h>

#define GROUPS ((size_t)4) /* columns: all, and the first classes */
#define CELL 64

enum shape { WHOLE, TIME, SHARE, NUMBER, QUANTILE_TIME, QUANTILE };

static const struct shown {
    enum executions_figure figure;
    const char *label;
    enum shape shape;
} shown[] = {
    {EXECUTIONS_COUNT, "invocations that ended", WHOLE},
    {EXECUTIONS_IN_FLIGHT, "still in the system at the end", WHOLE},
    {EXECUTIONS_RETRIES, "retries", WHOLE},
    {EXECUTIONS_THROUGHPUT, "done per second", NUMBER},
    {EXECUTIONS_MEAN_RESPONSE, "response, mean", TIME},
    {EXECUTIONS_P50, "response, 50 % within", QUANTILE_TIME},
    {EXECUTIONS_P95, "response, 95 % within", QUANTILE_TIME},
    {EXECUTIONS_P99, "response, 99 % within", QUANTILE_TIME},
    {EXECUTIONS_MEAN_WAIT, "wait before the start, mean", TIME},
    {EXECUTIONS_MEAN_SLOWDOWN, "slowdown, mean", NUMBER},
    {EXECUTIONS_P95_SLOWDOWN, "slowdown, 95 % within", QUANTILE},
    {EXECUTIONS_P99_SLOWDOWN, "slowdown, 99 % within", QUANTILE},
    {EXECUTIONS_MEAN_IN_SYSTEM, "in the system, mean", NUMBER},
    {EXECUTIONS_MEAN_BUSY, "cores busy, mean", NUMBER},
    {EXECUTIONS_UTILISATION, "utilisation", SHARE},
    {EXECUTIONS_REFUSED_SHARE, "refused", SHARE},
    {EXECUTIONS_TIMEOUT_SHARE, "gave up or ran too long", SHARE},
    {EXECUTIONS_FAILED_SHARE, "failed", SHARE},
    {EXECUTIONS_COLD_START_SHARE, "cold starts", SHARE},
};

struct unit {
    const char *name;
    double factor;
};

static struct unit unit_of(enum shape shape, double value)
{
    if (shape == SHARE)
        return (struct unit){" %", 100};
    if (shape != TIME && shape != QUANTILE_TIME)
        return (struct unit){"", 1};
    return value > 0.9995 || value == 0 ? (struct unit){" s", 1}
           : value > 0.9995e-3          ? (struct unit){" ms", 1e3}
                                        : (struct unit){" us", 1e6};
}

/* Decimals that leave the digits that matter; of a share two, or more where it is small. */
static int decimals(enum shape shape, double value)
{
    if (shape == WHOLE || !(value > 0))
        return shape == SHARE ? 2 : 0;
    int digits = shape == QUANTILE || shape == QUANTILE_TIME ? 3 : 4;
    int most = digits - 1 - (int)floor(log10(value) + 1e-3);
    return shape == SHARE && most < 4 ? 2 : most < 0 ? 0 : most > 6 ? 6 : most;
}

static char *cell(enum shape shape, struct executions_value v, char out[CELL])
{
    if (isnan(v.value)) {
        snprintf(out, CELL, "-");
        return out;
    }
    struct unit u = unit_of(shape, v.value);
    double value = v.value * u.factor, half = v.halfwidth * u.factor;
    int digits = decimals(shape, value);
    if (!(half > 1e-9 * value))
        snprintf(out, CELL, "%.*f%s", digits, value, u.name);
    else
        snprintf(out, CELL, "%.*f%s [%.*f, %.*f]", digits, value, u.name, digits, fmax(0, value - half), digits,
                 value + half);
    return out;
}

static bool all_zero(const struct executions_report *report, size_t groups, enum executions_figure f)
{
    for (size_t g = 0; g < groups; g++)
        if (!(report[g].of[f].value == 0))
            return false;
    return true;
}

static void invocations_text(const struct executions *x, FILE *out)
{
    struct executions_report report[GROUPS];
    size_t classes = executions_classes(x), groups = 1 + (classes < GROUPS ? classes : GROUPS - 1);
    executions_total(x, &report[0]);
    fprintf(out, "\n%-32s %31s", "", "invocations");
    for (size_t g = 1; g < groups; g++) {
        char name[CELL];
        executions_class(x, g - 1, &report[g]);
        snprintf(name, sizeof name, "class %" PRIu32, report[g].class);
        fprintf(out, " %31s", name);
    }
    fputc('\n', out);
    for (size_t s = 0; s < sizeof shown / sizeof *shown; s++) {
        if (shown[s].figure == EXECUTIONS_RETRIES && all_zero(report, groups, EXECUTIONS_RETRIES))
            continue;
        fprintf(out, "%-32s", shown[s].label);
        for (size_t g = 0; g < groups; g++) {
            char text[CELL];
            fprintf(out, " %31s", cell(shown[s].shape, report[g].of[shown[s].figure], text));
        }
        fputc('\n', out);
    }
    if (report[0].batches)
        fprintf(out, "intervals: 95 %%, %zu batch means%s\n", report[0].batches,
                report[0].correlated ? "; neighbouring batches are correlated, so they are too narrow" : "");
    else
        fputs("no intervals: too few invocations\n", out);
    if (classes >= GROUPS)
        fprintf(out, "%zu classes; --format json has all of them\n", classes);
}

static void machine_line(FILE *out, const char *label, const char *format, double a, double b)
{
    char text[CELL];
    snprintf(text, sizeof text, format, a, b);
    fprintf(out, "%-32s %31s\n", label, isnan(a) ? "-" : text);
}

static void machines_text(const struct machine_series *m, FILE *out)
{
    double v[MACHINE_FIGURES];
    machine_series_figures(m, v);
    fprintf(out, "\n%-32s %31s\n", "", "machines");
    machine_line(out, "machines, at most in use", "%.0f, %.0f", v[MACHINE_MACHINES], v[MACHINE_USED_PEAK]);
    machine_line(out, "units placed, mean", "%.2f", v[MACHINE_UNITS_PLACED_MEAN], 0);
    machine_line(out, "units per machine in use", "%.2f", v[MACHINE_DENSITY], 0);
    machine_line(out, "CPU in use, mean and p95", "%.2f %%, %.2f %%", 100 * v[MACHINE_CPU_UTILISATION_MEAN],
                 100 * v[MACHINE_CPU_UTILISATION_P95]);
    machine_line(out, "memory in use, mean and p95", "%.2f %%, %.2f %%", 100 * v[MACHINE_MEMORY_UTILISATION_MEAN],
                 100 * v[MACHINE_MEMORY_UTILISATION_P95]);
    machine_line(out, "time short of CPU", "%.2f %%", 100 * v[MACHINE_CONTENDED_SHARE], 0);
    machine_line(out, "time short of memory", "%.2f %%", 100 * v[MACHINE_MEMORY_SOME_SHARE], 0);
    machine_line(out, "time short of I/O", "%.2f %%", 100 * v[MACHINE_IO_SOME_SHARE], 0);
}

void simulate_platform_text(const struct simulation_result *r, FILE *out)
{
    if (r->executions)
        invocations_text(r->executions, out);
    if (r->machines)
        machines_text(r->machines, out);
}

static void csv_row(FILE *out, const char *subject, const char *name, double v)
{
    char text[ALM_QUANTITY_TEXT];
    fprintf(out, "%s,%s,%s\n", subject, name, isfinite(v) ? alm_print_real(v, text) : "");
}

static void csv_report(FILE *out, const char *subject, const struct executions_report *report)
{
    for (int f = 0; f < EXECUTIONS_FIGURES; f++)
        csv_row(out, subject, executions_name((enum executions_figure)f), report->of[f].value);
}

void simulate_platform_csv(const struct simulation_result *r, FILE *out)
{
    struct executions_report report;
    if (r->executions) {
        executions_total(r->executions, &report);
        csv_report(out, "invocations", &report);
        for (size_t k = 0; k < executions_classes(r->executions); k++) {
            char subject[CELL];
            executions_class(r->executions, k, &report);
            snprintf(subject, sizeof subject, "invocations.class.%" PRIu32, report.class);
            csv_report(out, subject, &report);
        }
    }
    double v[MACHINE_FIGURES];
    if (!r->machines)
        return;
    machine_series_figures(r->machines, v);
    for (int f = 0; f < MACHINE_FIGURES; f++)
        csv_row(out, "machines", machine_figure_name((enum machine_figure)f), v[f]);
}
