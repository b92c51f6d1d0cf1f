/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_write: fitted options of `usage` as a YAML specification with comments.
 *
 * Choice.   Four digits, six for coefficients: more would claim what the estimates do not know. Correlations that noises of such different
 *           memories cannot have are drawn towards 0 until they can, and a comment says so. */
#include "fit_note.h"
#include "fit_usage.h"

#include "almanac/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void write_duration(FILE *out, const char *key, double seconds, double step)
{
    char text[ALM_QUANTITY_TEXT];
    alm_time whole = (alm_time)llround(fmax(0, seconds) / step) * (alm_time)step * ALM_SECOND;
    fprintf(out, "%s: %s", key, alm_print_duration(whole, text));
}

static void write_list(FILE *out, const double *value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s%.6g", i ? ", " : "[", value[i]);
    fputs(n ? "]" : "[]", out);
}

static void write_day(const struct alm__fit_resource *f, FILE *out)
{
    double list[2 * ALM__FIT_DAY];
    size_t n = 0;
    for (size_t h = 1; h < ALM__FIT_DAY; h++) {
        list[2 * h - 2] = f->amplitude[h];
        list[2 * h - 1] = f->amplitude[h] > 0 ? fmin(24, fmax(0, f->peak[h])) : 0;
        n = f->amplitude[h] > 0 ? 2 * h : n;
    }
    fprintf(out, "  diurnal: {amplitude: %.4g, ", f->amplitude[0]);
    write_duration(out, "peak", f->amplitude[0] > 0 ? 3600 * f->peak[0] : 0, 60);
    write_duration(out, ", phase", 3600 * f->phase, 60);
    fputs(", harmonics: ", out);
    write_list(out, list, n);
    fputs("}\n", out);
    fprintf(out, "  weekly: {amplitude: %.4g, ", f->weekly);
    write_duration(out, "peak", 3600 * f->weekly_peak, 60);
    fputs("}\n", out);
}

/* A number of each job, or one for all when they agree. FIELD: its offset. */
static void write_jobs(const struct alm__fit_resource *f, const char *key, size_t field, FILE *out)
{
    double list[ALM_OPT_LIST];
    bool same = true;
    for (size_t i = 0; i < f->jobs; i++) {
        memcpy(&list[i], (const char *)&f->job[i] + field, sizeof list[i]);
        same = same && list[i] == list[0];
    }
    fprintf(out, ", %s: ", key);
    for (size_t i = 0; i < (same ? 1 : f->jobs); i++)
        fprintf(out, "%s%.4g", i ? ", " : "[", list[i]);
    fputs("]", out);
}

static void write_pattern(const struct alm__fit_resource *f, FILE *out)
{
    if (f->jobs > 0) {
        fprintf(out, "  job: {share: %.4g", f->job_share);
        if (f->job[f->jobs - 1].unit < (double)f->jobs)
            write_jobs(f, "unit", offsetof(struct alm__fleet_job, unit), out);
        write_jobs(f, "at", offsetof(struct alm__fleet_job, job.at), out);
        write_jobs(f, "period", offsetof(struct alm__fleet_job, job.period), out);
        write_jobs(f, "length", offsetof(struct alm__fleet_job, job.length), out);
        write_jobs(f, "height", offsetof(struct alm__fleet_job, job.height), out);
        write_jobs(f, "cv", offsetof(struct alm__fleet_job, job.cv), out);
        write_jobs(f, "jitter", offsetof(struct alm__fleet_job, job.jitter), out);
        write_jobs(f, "noise", offsetof(struct alm__fleet_job, noise), out);
        fprintf(out, "} # %.0f units; hours\n", f->job_share * (double)f->units);
    }
    if (f->idle.share > 0) {
        fprintf(out, "  zero: {units: %.4g, share: %.4g, ", f->idle.units, f->idle.share);
        write_duration(out, "length", fmin(31536000, fmax(1, f->idle.length)), 1);
        fputs("}\n", out);
    }
}

static void write_events(const struct alm__fit_resource *f, FILE *out)
{
    if (f->burst_rate > 0) {
        fprintf(out, "  burst: {units: %.4g, rate: %.4g, height: %.4g, ", f->burst_units, f->burst_rate,
                f->burst_height);
        write_duration(out, "length", fmax(1, f->burst_length), 1);
        fprintf(out, "} # %zu runs of rows far above the noise\n", f->runs);
    } else {
        fputs("  burst: {rate: 0}\n", out);
    }
    if (f->shift_rate > 0)
        fprintf(out, "  shift: {rate: %.4g, size: %.4g}\n", f->shift_rate, f->shift_size);
    if (f->tail_rate > 0)
        fprintf(
            out,
            "  tail: {units: %.4g, rate: %.4g, min: %.4g, max: %.4g, shape: %.4g} # %zu single rows; shape by Hill\n",
            f->tail_units, f->tail_rate, f->tail_min, f->tail_max, f->tail_shape, f->spikes);
}

static bool written(const struct alm_fit_usage *f, int r)
{
    const struct alm__fit_resource *p = &f->resource[r];
    return p->present && (r <= ALM_MEMORY || p->base / alm_seconds(f->interval) >= 0.5);
}

static void write_base(const struct alm_fit_usage *f, int r, FILE *out)
{
    double base = f->resource[r].base;
    if (r == ALM_CPU)
        fprintf(out, "  base: %.4g # cores\n", base);
    else if (r == ALM_MEMORY)
        fprintf(out, "  capacity: %.0f\n  base: %.0f # bytes\n", isnan(f->memory) ? 0 : f->memory, base);
    else
        fprintf(out, "  base: %.0f # bytes per second\n", base / alm_seconds(f->interval));
}

static void write_resource(const struct alm_fit_usage *f, int r, FILE *out)
{
    const struct alm__fit_resource *p = &f->resource[r];
    if (!written(f, r)) {
        if (r <= ALM_MEMORY || p->present)
            fprintf(out, "%s: {base: 0} # %s\n", alm_resource_name((enum alm_resource)r),
                    p->present ? "less than half a byte per second" : "not in the trace, or 0 throughout");
        return;
    }
    fprintf(out, "%s: # %zu of %zu units use any; %.3g%% of their values are 0\n",
            alm_resource_name((enum alm_resource)r), p->units, f->units, 100 * p->zeros);
    write_base(f, r, out);
    if (p->levels.count > 0) {
        fputs("  levels: ", out);
        write_list(out, p->levels.value, p->levels.count);
        fprintf(out, " # of units over the base; sd of their logarithm %.3g\n", sqrt(log1p(p->spread * p->spread)));
    } else {
        fprintf(out, "  spread: %.4g\n", p->spread);
    }
    write_pattern(p, out);
    write_day(p, out);
    fprintf(out, "  trend: %.4g\n", p->trend);
    write_events(p, out);
    fprintf(out, "  noise: {law: %s, sd: %.4g, ar: ", p->lognormal ? "lognormal" : "normal", p->noise_sd);
    write_list(out, p->arma.ar, p->arma.p);
    fputs(", ma: ", out);
    write_list(out, p->arma.ma, p->arma.q);
    fputs("}\n", out);
}

/* TABLE of the resources that are written, drawn towards 0 by FACTOR. */
static struct alm__correlation correlation_of(const struct alm_fit_usage *f,
                                              const double table[ALM_RESOURCES][ALM_RESOURCES], double factor,
                                              struct alm__arma *arma)
{
    struct alm__correlation c = {0};
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (written(f, r)) {
            arma[c.count] = f->resource[r].arma;
            c.resource[c.count++] = (enum alm_resource)r;
        }
    for (size_t i = 0; i < c.count; i++)
        for (size_t j = 0; j < c.count; j++)
            c.value[i][j] = i == j ? 1 : 1e-4 * nearbyint(1e4 * factor * table[c.resource[i]][c.resource[j]]);
    return c;
}

static void write_correlation(const struct alm_fit_usage *f, const char *key,
                              const double table[ALM_RESOURCES][ALM_RESOURCES], FILE *out)
{
    double factor = 1, mixed[ALM_RESOURCES][ALM_RESOURCES];
    bool noise = strcmp(key, "correlation") == 0, good = false;
    struct alm__correlation c = {0};
    while (!good && factor > 1e-3) {
        struct alm__arma arma[ALM_RESOURCES] = {0};
        struct alm__noise_plan plan;
        c = correlation_of(f, table, factor, arma);
        good = noise ? alm__noise_plan(arma, &c, key, &plan, NULL) == ALM_OK
                     : alm__correlation_factor(&c, key, mixed, NULL) == ALM_OK;
        factor *= good ? 1 : 0.95;
    }
    if (c.count < 2 || !good)
        return;
    double list[ALM_RESOURCES * ALM_RESOURCES];
    size_t n = 0;
    for (size_t i = 0; i < c.count; i++)
        for (size_t j = 0; j < i; j++)
            list[n++] = c.value[i][j];
    fprintf(out, "%s: ", key);
    write_list(out, list, n);
    fputs(" #", out);
    for (size_t i = 1; i < c.count; i++)
        for (size_t j = 0; j < i; j++)
            fprintf(out, " %s-%s", alm_resource_name(c.resource[j]), alm_resource_name(c.resource[i]));
    if (factor < 1)
        fprintf(out, "; estimates times %.3g, since these noises cannot be correlated more", factor);
    fputs("\n", out);
}

int alm_fit_usage_write(const struct alm_fit_usage *f, const char *source, FILE *out, struct alm_err *e)
{
    char interval[ALM_QUANTITY_TEXT], duration[ALM_QUANTITY_TEXT];
    alm_time rows = f->duration / f->interval;
    alm_print_duration(f->interval, interval);
    fprintf(out, "# Fitted to %s: %zu units, %" PRIu64 " rows.\n", source, f->units, f->rows);
    fputs("# Levels: means of units. Jobs: windows that stand out cycle by cycle. Zeros: by runs of rows.\n"
          "# Cycles: regression on harmonics. Noise: median sd, pooled "
          "autocorrelations.\n"
          "# Bursts, shifts and spikes: what lies outside of these.\n",
          out);
    fprintf(out, "generator: usage\nseed: 1\nunits: %zu\nduration: %s\ninterval: %s\n", f->units,
            alm_print_duration((rows > 0 ? rows : 1) * f->interval, duration), interval);
    alm__fit_write_start(f->start, f->calendar, out);
    fprintf(out, "cores: %.4g\n", isnan(f->cores) ? 0 : f->cores);
    for (int r = 0; r < ALM_RESOURCES; r++)
        write_resource(f, r, out);
    write_correlation(f, "correlation", f->noises, out);
    write_correlation(f, "spread.correlation", f->bases, out);
    return ferror(out) ? alm_fail(e, ALM_EIO, "the specification cannot be written") : ALM_OK;
}
