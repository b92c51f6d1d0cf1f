/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_forecast: see the header.
 *
 * Choice.   The bands begin at the last value of the series, where nothing is uncertain, so that they join on to it. The widest level is
 *           drawn first and palest. The axis holds the series, the mean and the bands, unless a band is twenty times as wide
 *           as all else: then it is cut. A long series is thinned to what a column of pixels can show: its first, smallest, largest
 *           and last value.
 * Limits.   Rows are numbered; times are not known here. Of a forecast of more than some thousand steps only as many are drawn, evenly
 *           spread, and the last. */
#include "experiments/figure_forecast.h"

#include "experiments/figure_script.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 1200
#define HEIGHT 560
#define COLUMNS ((size_t)1000)
#define WIDEST 20
#define STEPS ((size_t)4000)

struct range {
    double low, high;
};

static void widen(struct range *r, double value)
{
    if (!isfinite(value))
        return;
    r->low = value < r->low ? value : r->low;
    r->high = value > r->high ? value : r->high;
}

static bool choose_range(const struct alm_figure_forecast *f, struct range *out)
{
    struct range centre = {INFINITY, -INFINITY}, all;
    for (size_t i = 0; i < f->n; i++)
        widen(&centre, f->y[i]);
    for (size_t i = 0; i < f->h; i++)
        widen(&centre, f->mean[i]);
    if (centre.low > centre.high)
        return false;
    all = centre;
    for (size_t i = 0; i < f->levels * f->h; i++) {
        widen(&all, f->lower[i]);
        widen(&all, f->upper[i]);
    }
    const double size = centre.high / 2 - centre.low / 2;
    if (size > 0) {
        all.low = fmax(all.low, centre.low - WIDEST * size);
        all.high = fmin(all.high, centre.high + WIDEST * size);
    }
    double margin = 0.05 * (all.high - all.low);
    if (!(margin > 1e-9 * fmax(fabs(all.low), fabs(all.high))))
        margin = fmax(fabs(all.high), 1e-300) * 0.05;
    out->low = fmax(all.low - margin, -1e307);
    out->high = fmin(all.high + margin, 1e307);
    return true;
}

/* Rows [from, to) of Y as one column of pixels: first, smallest, largest and last value, in order of their rows. */
static void write_column(FILE *out, const struct alm_figure_forecast *f, size_t from, size_t to)
{
    size_t at[4] = {from, from, from, to - 1};
    for (size_t i = from; i < to; i++) {
        if (isnan(f->y[at[1]]) || f->y[i] < f->y[at[1]])
            at[1] = i;
        if (isnan(f->y[at[2]]) || f->y[i] > f->y[at[2]])
            at[2] = i;
    }
    if (at[1] > at[2]) {
        const size_t largest = at[2];
        at[2] = at[1];
        at[1] = largest;
    }
    for (int k = 0; k < 4; k++) {
        if (k > 0 && at[k] == at[k - 1])
            continue;
        if (isfinite(f->y[at[k]]))
            fprintf(out, "%zu %.7g\n", f->first + at[k], f->y[at[k]]);
        else
            fputc('\n', out);
    }
}

static void write_series(FILE *out, const struct alm_figure_forecast *f)
{
    const size_t most = 4 * COLUMNS;
    const size_t columns = f->n <= most ? f->n : COLUMNS;
    fputs("# row, value\n$series << EOD\n0 NaN\n\n", out);
    for (size_t i = 0; i < columns; i++)
        write_column(out, f, i * f->n / columns, (i + 1) * f->n / columns);
    fputs("EOD\n", out);
}

/* The step that is drawn after step I. */
static size_t next_step(const struct alm_figure_forecast *f, size_t i)
{
    const size_t stride = (f->h + STEPS - 1) / STEPS;
    return i + stride < f->h || i + 1 >= f->h ? i + stride : f->h - 1;
}

/* The row and value from which the forecast starts; false when the last value is missing. */
static bool start_of(const struct alm_figure_forecast *f, double *value)
{
    *value = f->n ? f->y[f->n - 1] : NAN;
    return isfinite(*value);
}

static void write_mean(FILE *out, const struct alm_figure_forecast *f)
{
    double last;
    fputs("# row, mean\n$mean << EOD\n0 NaN\n\n", out);
    if (start_of(f, &last))
        fprintf(out, "%zu %.7g\n", f->first + f->n - 1, last);
    for (size_t i = 0; i < f->h; i = next_step(f, i))
        if (isfinite(f->mean[i]))
            fprintf(out, "%zu %.7g\n", f->first + f->n + i, f->mean[i]);
        else
            fputc('\n', out);
    fputs("EOD\n", out);
}

static void write_band(FILE *out, const struct alm_figure_forecast *f, size_t level, size_t number,
                       const struct range *range)
{
    double last;
    bool some = false;
    fprintf(out, "# row, limits\n$band_%zu << EOD\n0 NaN NaN\n\n", number);
    if (start_of(f, &last))
        fprintf(out, "%zu %.7g %.7g\n", f->first + f->n - 1, last, last);
    for (size_t i = 0; i < f->h; i = next_step(f, i)) {
        const double low = f->lower[level * f->h + i], high = f->upper[level * f->h + i];
        if (isnan(low) || isnan(high)) {
            fputc('\n', out);
            continue;
        }
        some = true;
        fprintf(out, "%zu %.7g %.7g\n", f->first + f->n + i, fmax(low, range->low), fmin(high, range->high));
    }
    fprintf(out, "EOD\nband_there[%zu] = %d\nband_name[%zu] = '%g %%'\n", number, some, number, f->level[level]);
}

/* ORDER: the levels, widest first. */
static void sort_levels(const struct alm_figure_forecast *f, size_t order[ALM_FIGURE_LEVELS])
{
    for (size_t i = 0; i < f->levels; i++) {
        size_t at = i;
        for (; at > 0 && f->level[order[at - 1]] < f->level[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static int fill(struct alm__script *s, const struct alm_figure_forecast *f, const struct range *range,
                const struct alm_figure_options *o, struct alm_err *e)
{
    size_t order[ALM_FIGURE_LEVELS];
    ALM_TRY(alm__script_start(s, o->output, WIDTH, HEIGHT, e));
    alm__script_text(s->out, "title_text", f->title, 100);
    alm__script_text(s->out, "subtitle_text", f->subtitle, 150);
    alm__script_text(s->out, "name_text", f->name, 50);
    fprintf(s->out, "x_low = %.17g\nx_high = %.17g\nlast_row = %zu\ny_low = %.17g\ny_high = %.17g\nbands = %zu\n",
            (double)f->first - 0.5, (double)(f->first + f->n + f->h) - 0.5, f->first + f->n - 1, range->low,
            range->high, f->levels);
    fprintf(s->out, "array band_there[%d]\narray band_name[%d]\n", ALM_FIGURE_LEVELS, ALM_FIGURE_LEVELS);
    write_series(s->out, f);
    write_mean(s->out, f);
    sort_levels(f, order);
    for (size_t i = 0; i < f->levels; i++)
        write_band(s->out, f, order[i], i + 1, range);
    return alm__script_template(s, "forecast.gp", e);
}

int alm_figure_forecast(const struct alm_figure_forecast *f, const struct alm_figure_options *o,
                        struct alm_figure_report *report, struct alm_err *e)
{
    struct alm__script s;
    struct range range;
    *report = (struct alm_figure_report){0};
    if (f->levels > ALM_FIGURE_LEVELS)
        return alm_fail(e, ALM_EINVAL, "%zu levels; a figure shows %d", f->levels, ALM_FIGURE_LEVELS);
    if (!choose_range(f, &range))
        return alm_fail(e, ALM_EDATA, "neither series nor forecast has a finite value to draw");
    ALM_TRY(alm__script_open(&s, e));
    int code = fill(&s, f, &range, o, e);
    if (code >= 0)
        code = alm__script_draw(&s, o, report, e);
    alm__script_free(&s);
    snprintf(report->shown, sizeof report->shown, "the last %zu values, and %zu steps ahead", f->n, f->h);
    return code < 0 ? code : ALM_OK;
}
