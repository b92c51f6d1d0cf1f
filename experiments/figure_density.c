/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_density: how densely machines were filled, and what that did to them: over the time of a run.
 *
 * Meaning.  At each stamp, over the machines that hold at least one unit: how many they are, units per machine, CPU
 *           utilisation, and the share of time in which somebody wanted more than there was (pressure, `some`). Bands run
 *           from the 10th to the 90th percentile over machines.
 * Choice.   A run longer than the figure is wide is thinned to columns: means of means and of percentiles, largest of
 *           largest. */
#include "experiments/figure_run.h"
#include "experiments/machine_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 1200
#define HEIGHT 900
#define COLUMNS ((size_t)550)

enum line { UNITS, UNITS_LOW, UNITS_HIGH, CPU_LOW, CPU_MIDDLE, CPU_HIGH, STALL, LINES = STALL + ALM_STALLS };

struct column {
    uint64_t stamps, used_stamps; /* used: with a machine in use */
    double used, line[LINES], cpu_most;
};

struct density {
    struct alm_run *run;
    alm_time first, last, from, to;
    struct machine_series *series;
    struct alm_observer observer;
    struct column column[COLUMNS];

    /* The stamp under way. */
    alm_time at, span;
    size_t count; /* machines in use */
    double *units, *cpu, stall[ALM_STALLS];
};

static int see_range(void *ctx, const struct alm_machine_sample *row, struct alm_err *e)
{
    (void)e;
    struct density *d = ctx;
    alm_time begin = row->at - row->span;
    d->first = begin < d->first ? begin : d->first;
    d->last = row->at > d->last ? row->at : d->last;
    return ALM_OK;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of N sorted values. */
static double percentile(const double *value, size_t n, double share)
{
    return value[(size_t)lround(share * (double)(n - 1))];
}

static void close_stamp(struct density *d)
{
    if (d->at == ALM_TIME_NONE)
        return;
    double middle = alm_seconds(d->at - d->from) - 0.5 * alm_seconds(d->span);
    double place = middle / alm_seconds(d->to - d->from) * (double)COLUMNS;
    struct column *c = &d->column[place < 0 ? 0 : place >= (double)COLUMNS ? COLUMNS - 1 : (size_t)place];
    size_t n = d->count;
    c->stamps++;
    c->used += (double)n;
    d->count = 0;
    if (n == 0)
        return;
    c->used_stamps++;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += d->units[i];
    qsort(d->units, n, sizeof *d->units, by_value);
    qsort(d->cpu, n, sizeof *d->cpu, by_value);
    c->line[UNITS] += sum / (double)n;
    c->line[UNITS_LOW] += percentile(d->units, n, 0.1);
    c->line[UNITS_HIGH] += percentile(d->units, n, 0.9);
    c->line[CPU_LOW] += percentile(d->cpu, n, 0.1);
    c->line[CPU_MIDDLE] += percentile(d->cpu, n, 0.5);
    c->line[CPU_HIGH] += percentile(d->cpu, n, 0.9);
    c->cpu_most = fmax(c->cpu_most, d->cpu[n - 1]);
    for (int k = 0; k < ALM_STALLS; k++) {
        c->line[STALL + k] += d->stall[k] / (double)n;
        d->stall[k] = 0;
    }
}

static int see_sample(void *ctx, const struct alm_machine_sample *row, struct alm_err *e)
{
    struct density *d = ctx;
    if (row->at <= d->from || row->at - row->span >= d->to || row->span <= 0)
        return ALM_OK;
    ALM_TRY(d->observer.machines(d->observer.ctx, row, 1, e));
    if (row->at != d->at)
        close_stamp(d);
    d->at = row->at;
    d->span = row->span;
    double us = (double)row->span / (double)ALM_US;
    if (row->units == 0 || d->count == d->run->machines)
        return ALM_OK;
    d->units[d->count] = row->units;
    d->cpu[d->count++] = 100 * (double)row->usage[ALM_CPU] / (d->run->machine[row->machine].cores * us);
    for (int k = 0; k < ALM_STALLS; k++)
        d->stall[k] += 100 * (double)row->some_us[k] / us;
    return ALM_OK;
}

static double x_of(const struct density *d, size_t column)
{
    return ((double)column + 0.5) / (double)COLUMNS * alm_seconds(d->to - d->from);
}

/* "x used units low high cpu low middle high most stalls": a column without a stamp is left out, one without a machine in
 * use breaks all lines but the first. */
static void write_columns(FILE *out, const struct density *d)
{
    fputs("# x, machines in use\n$used << EOD\n", out);
    for (size_t i = 0; i < COLUMNS; i++)
        if (d->column[i].stamps)
            fprintf(out, "%.7g %.6g\n", x_of(d, i), d->column[i].used / (double)d->column[i].stamps);
    fputs("EOD\n# x, units: mean p10 p90, CPU: p10 p50 p90 largest, pressure: cpu memory io\n$machines << EOD\n"
          "-1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1\n\n",
          out);
    for (size_t i = 0; i < COLUMNS; i++) {
        const struct column *c = &d->column[i];
        if (c->stamps && !c->used_stamps)
            fputc('\n', out);
        if (!c->used_stamps)
            continue;
        double n = (double)c->used_stamps;
        fprintf(out, "%.7g", x_of(d, i));
        for (int k = 0; k < LINES; k++) {
            fprintf(out, " %.6g", c->line[k] / n);
            if (k == CPU_HIGH)
                fprintf(out, " %.6g", c->cpu_most);
        }
        fputc('\n', out);
    }
    fputs("EOD\n", out);
}

static void write_tops(FILE *out, const struct density *d)
{
    double units = 0, cpu = 100, stall = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        const struct column *c = &d->column[i];
        double n = c->used_stamps ? (double)c->used_stamps : 1;
        units = fmax(units, c->line[UNITS_HIGH] / n);
        cpu = fmax(cpu, c->cpu_most);
        for (int k = 0; k < ALM_STALLS; k++)
            stall = fmax(stall, c->line[STALL + k] / n);
    }
    fprintf(out, "machines_all = %zu\nunits_top = %.6g\ncpu_top = %.6g\nstall_top = %.6g\n", d->run->machines,
            units > 0 ? 1.12 * units : 1, 1.04 * cpu, stall > 0 ? fmin(104, 1.15 * stall) : 1);
}

static void write_titles(FILE *out, const struct density *d)
{
    double v[MACHINE_FIGURES];
    char line[500], cores[80] = "";
    const struct alm_machine *m = d->run->machine;
    bool alike = true;
    for (size_t i = 1; i < d->run->machines; i++)
        alike = alike && fabs(m[i].cores - m[0].cores) < 1e-9;
    if (alike)
        snprintf(cores, sizeof cores, " of %g cores", m[0].cores);
    machine_series_figures(d->series, v);
    int64_t every = alm__run_every(d->run, "machines_every");
    snprintf(
        line, sizeof line,
        "%zu machines%s: at most %.0f in use, %.1f units on each, CPU %.1f %% busy (95 %% below %.1f %%), short of "
        "CPU %.2g %% of the time",
        d->run->machines, cores, v[MACHINE_USED_PEAK], v[MACHINE_DENSITY], 100 * v[MACHINE_CPU_UTILISATION_MEAN],
        100 * v[MACHINE_CPU_UTILISATION_P95], 100 * v[MACHINE_CONTENDED_SHARE]);
    if (every > 1)
        snprintf(line + strlen(line), sizeof line - strlen(line), "; every %lld. sample", (long long)every);
    alm__run_title(out, d->run);
    alm__script_text(out, "subtitle_text", line, 170);
}

static int draw_density(struct density *d, struct alm__script *s, const struct alm_figure_options *o, char *shown,
                        size_t size, struct alm_err *e)
{
    const char *path = alm_table_path(d->run->table);
    ALM_TRY(alm_run_each_machine_sample(d->run, see_range, d, e));
    if (d->first >= d->last)
        return alm_fail(e, ALM_EDATA, "%s has no machine samples: the run had no machines, or record.machines was none",
                        path);
    ALM_TRY(alm__run_choose_range(d->run, o, d->first, d->last, &d->from, &d->to, e));
    d->units = calloc(d->run->machines, sizeof *d->units);
    d->cpu = calloc(d->run->machines, sizeof *d->cpu);
    if (!d->units || !d->cpu)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu machines", d->run->machines);
    ALM_TRY(machine_series_new(d->run->machine, d->run->machines, d->from, &d->series, e));
    d->observer = machine_series_observer(d->series);
    ALM_TRY(alm_run_each_machine_sample(d->run, see_sample, d, e));
    close_stamp(d);
    ALM_TRY(alm__script_start(s, o->output, WIDTH, HEIGHT, e));
    write_titles(s->out, d);
    alm__script_time_axis(s->out, d->from, d->to, 11);
    write_tops(s->out, d);
    write_columns(s->out, d);
    snprintf(shown, size, "density of %zu machines", d->run->machines);
    return alm__script_template(s, "density.gp", e);
}

int alm__figure_density(struct alm__script *s, const char *file, const struct alm_figure_options *o, char *shown,
                        size_t size, struct alm_err *e)
{
    struct density *d = calloc(1, sizeof *d);
    if (!d)
        return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    d->first = ALM_TIME_MAX;
    d->last = d->at = ALM_TIME_NONE;
    int code = alm_run_file_open(file, &d->run, e);
    if (code >= 0)
        code = draw_density(d, s, o, shown, size, e);
    machine_series_free(d->series);
    alm_run_file_close(d->run);
    free(d->units);
    free(d->cpu);
    free(d);
    return code;
}
