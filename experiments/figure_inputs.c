/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_inputs: see the header.
 *
 * Choice.   An axis is one of logs when all of it is above 0 and spans a factor of twenty: amounts and inputs do. Of more than POINTS
 *           points every so manieth is drawn. */
#include "experiments/figure_inputs.h"

#include "experiments/figure_script.h"

#include <math.h>
#include <stdlib.h>

#define WIDTH 1000
#define HEIGHT 600
#define POINTS ((size_t)4000)
#define FACTOR 20.0
#define LARGEST 1e300 /* gnuplot cannot draw what lies further out */

struct axis {
    double low, high;
    bool log;
};

static void widen(struct axis *a, const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i])) {
            a->low = fmin(a->low, v[i]);
            a->high = fmax(a->high, v[i]);
        }
}

static void settle(struct axis *a)
{
    a->log = a->low > 0 && a->high / FACTOR >= a->low;
    if (a->low > a->high)
        return;
    a->low = fmin(fmax(a->low, -LARGEST), LARGEST);
    a->high = fmin(fmax(a->high, -LARGEST), LARGEST);
}

/* Room beside the outermost. */
static struct axis with_margin(struct axis a)
{
    if (a.log) {
        const double factor = pow(a.high / a.low, 0.03);
        return (struct axis){a.low / factor, a.high * factor, true};
    }
    double margin = 0.03 * (a.high - a.low);
    if (!(margin > 1e-9 * fmax(fabs(a.low), fabs(a.high))))
        margin = fmax(0.05 * fabs(a.high), 1e-300);
    return (struct axis){a.low - margin, a.high + margin, false};
}

static struct axis axis_of(const double *v, size_t n)
{
    struct axis a = {INFINITY, -INFINITY, false};
    widen(&a, v, n);
    settle(&a);
    return a;
}

int alm_figure_inputs_steps(const struct alm_figure_inputs *f, double at[FIGURE_INPUTS_STEPS], struct alm_err *e)
{
    const struct axis a = axis_of(f->x, f->n);
    if (a.low > a.high)
        return alm_fail(e, ALM_EDATA, "%.60s has no finite value to draw", f->x_name);
    for (size_t i = 0; i < FIGURE_INPUTS_STEPS; i++) {
        const double share = (double)i / (FIGURE_INPUTS_STEPS - 1);
        at[i] = a.log ? a.low * pow(a.high / a.low, share) : a.low + share * (a.high - a.low);
    }
    return ALM_OK;
}

static void write_points(FILE *out, const struct alm_figure_inputs *f)
{
    const size_t stride = (f->n + POINTS - 1) / POINTS;
    fputs("# input, amount\n$points << EOD\nNaN NaN\n", out);
    for (size_t i = 0; i < f->n; i += stride)
        if (isfinite(f->x[i]) && isfinite(f->y[i]))
            fprintf(out, "%.7g %.7g\n", f->x[i], f->y[i]);
    fputs("EOD\n", out);
}

static void write_lines(FILE *out, const struct alm_figure_inputs *f)
{
    fputs("# input, median, upper\n$lines << EOD\n", out);
    for (size_t i = 0; i < FIGURE_INPUTS_STEPS; i++)
        fprintf(out, "%.7g %.7g %.7g\n", f->at[i], f->middle[i], f->upper[i]);
    fputs("EOD\n", out);
}

static void write_axis(FILE *out, const char *name, struct axis a)
{
    fprintf(out, "%s_low = %.17g\n%s_high = %.17g\n", name, a.low, name, a.high);
    if (a.log)
        fprintf(out, "set logscale %s\nset format %s '%%.0s%%c'\n", name, name);
}

static int fill(struct alm__script *s, const struct alm_figure_inputs *f, const struct alm_figure_options *o,
                struct alm_err *e)
{
    struct axis x = axis_of(f->x, f->n), y = {INFINITY, -INFINITY, false};
    widen(&y, f->y, f->n);
    widen(&y, f->middle, FIGURE_INPUTS_STEPS);
    widen(&y, f->upper, FIGURE_INPUTS_STEPS);
    settle(&y);
    if (x.low > x.high || y.low > y.high)
        return alm_fail(e, ALM_EDATA, "there is no finite value to draw");
    ALM_TRY(alm__script_start(s, o->output, WIDTH, HEIGHT, e));
    alm__script_text(s->out, "title_text", f->title, 90);
    alm__script_text(s->out, "subtitle_text", f->subtitle, 120);
    alm__script_text(s->out, "x_text", f->x_name, 50);
    alm__script_text(s->out, "y_text", f->y_name, 50);
    fprintf(s->out, "upper_text = '%.8g %% quantile'\n", 100 * f->tau);
    write_axis(s->out, "x", with_margin(x));
    write_axis(s->out, "y", with_margin(y));
    write_points(s->out, f);
    write_lines(s->out, f);
    return alm__script_template(s, "inputs.gp", e);
}

int alm_figure_inputs(const struct alm_figure_inputs *f, const struct alm_figure_options *o,
                      struct alm_figure_report *report, struct alm_err *e)
{
    struct alm__script s;
    *report = (struct alm_figure_report){0};
    ALM_TRY(alm__script_open(&s, e));
    int code = fill(&s, f, o, e);
    if (code >= 0)
        code = alm__script_draw(&s, o, report, e);
    alm__script_free(&s);
    snprintf(report->shown, sizeof report->shown, "%zu rows, the median and the %.8g %% quantile", f->n, 100 * f->tau);
    return code < 0 ? code : ALM_OK;
}
