/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_fit: a real trace beside the one that a fitted specification makes. See the header.
 *
 * Choice.   Quantile against quantile shows where two distributions part, whatever their scale: on the diagonal they agree.
 *           Amounts over more than two decades stand on logarithmic axes, where a quantile of 0 has no place. */
#include "experiments/figure_fit.h"
#include "experiments/figure_script.h"

#include <math.h>
#include <stdio.h>

#define WIDTH 1200
#define ROW 215
#define HEAD 112
#define FOOT 24

static const char *const resource_name[ALM_RESOURCES] = {"CPU",           "Memory",     "Storage read",
                                                         "Storage write", "Network in", "Network out"};

size_t alm_figure_fit_usage(const struct alm_features *real, const struct alm_features *made,
                            struct alm_figure_pair *pair)
{
    const struct alm_features *of[2] = {real, made};
    size_t n = 0;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (!real->resource[r].present || !made->resource[r].present)
            continue;
        struct alm_figure_pair *p = &pair[n++];
        *p = (struct alm_figure_pair){.resource = r, .lags = real->lags < made->lags ? real->lags : made->lags};
        snprintf(p->name, sizeof p->name, "%s", resource_name[r]);
        for (int k = 0; k < 2; k++) {
            const struct alm__feature *f = &of[k]->resource[r];
            for (size_t i = 0; i < ALM_FIGURE_QUANTILES; i++)
                p->quantile[k][i] = alm__sample_quantile(&f->sample, (double)(i + 1) / (ALM_FIGURE_QUANTILES + 1));
            for (size_t i = 0; i < p->lags; i++) {
                p->hours[i] = alm_seconds(real->lag[i]) / 3600;
                p->acf[k][i] = f->acf[i];
            }
            for (size_t h = 0; h < ALM__FEATURE_HOURS; h++)
                p->day[k][h] = f->day[h];
        }
    }
    return n;
}

static int load_pair(const struct alm_load *const of[2], size_t column, struct alm_figure_pair *p, struct alm_err *e)
{
    for (int k = 0; k < 2; k++) {
        struct alm__sample s;
        ALM_TRY(alm__load_sample(of[k], column, false, &s, e));
        for (size_t i = 0; i < ALM_FIGURE_QUANTILES; i++)
            p->quantile[k][i] = alm__sample_quantile(&s, (double)(i + 1) / (ALM_FIGURE_QUANTILES + 1));
        for (size_t h = 0; h < ALM__FEATURE_HOURS; h++)
            p->day[k][h] = column == ALM__LOAD_GAP ? of[k]->day[h] : NAN;
        alm__sample_free(&s);
    }
    return ALM_OK;
}

int alm_figure_fit_load(const struct alm_load *real, const struct alm_load *made, struct alm_figure_pair *pair,
                        size_t *pairs, struct alm_err *e)
{
    static const char *const name[] = {"Gap / mean",    "Work",       "Memory",     "Storage read",
                                       "Storage write", "Network in", "Network out"};
    static const size_t column[] = {ALM__LOAD_GAP,   ALM__LOAD_WORK, ALM__LOAD_MEMORY, ALM__LOAD_READ,
                                    ALM__LOAD_WRITE, ALM__LOAD_RX,   ALM__LOAD_TX};
    const struct alm_load *of[2] = {real, made};
    *pairs = 0;
    for (size_t i = 0; i < sizeof column / sizeof *column; i++) {
        if (!real->column[column[i]] || !made->column[column[i]])
            continue;
        struct alm_figure_pair *p = &pair[(*pairs)++];
        *p = (struct alm_figure_pair){.resource = i < 2 ? ALM_RESOURCES : (int)i - 1, .unit = i == 0 ? NULL : "s"};
        snprintf(p->name, sizeof p->name, "%s", name[i]);
        ALM_TRY(load_pair(of, column[i], p, e));
    }
    return ALM_OK;
}

/* Extremes over both traces; LOW is the smallest above 0. */
static void extremes(const struct alm_figure_pair *p, double *low, double *high)
{
    *low = INFINITY;
    *high = 0;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < ALM_FIGURE_QUANTILES; i++) {
            double x = p->quantile[k][i];
            *high = fmax(*high, x);
            if (x > 0)
                *low = fmin(*low, x);
        }
    if (!(*high > 0))
        *low = 0.1, *high = 1;
}

static void write_quantiles(FILE *out, const struct alm_figure_pair *p, size_t row)
{
    double low, high;
    extremes(p, &low, &high);
    struct alm__scale scale = {p->unit, 1};
    bool logarithmic = high / low > 100;
    double most = logarithmic ? p->quantile[0][ALM_FIGURE_QUANTILES / 2] : high;
    if (p->resource < ALM_RESOURCES)
        scale = alm__scale_of(p->resource, most > 0 ? most : high);
    char label[100];
    if (scale.name)
        snprintf(label, sizeof label, "%s (%s)", p->name, scale.name);
    else
        snprintf(label, sizeof label, "%s", p->name);
    char element[40];
    snprintf(element, sizeof element, "row_label[%zu]", row);
    alm__script_text(out, element, label, 60);
    low = logarithmic ? fmax(low, high / 1e6) / scale.divisor / 1.3 : 0;
    high = high / scale.divisor * (logarithmic ? 1.3 : 1.05);
    fprintf(out, "logarithmic[%zu] = %d\nlow[%zu] = %.6g\nhigh[%zu] = %.6g\n", row, logarithmic, row, low, row, high);
    fprintf(out, "$quantiles_%zu << EOD\n", row);
    for (size_t i = 0; i < ALM_FIGURE_QUANTILES; i++)
        fprintf(out, "%.5g %.5g\n", fmax(low, p->quantile[0][i] / scale.divisor),
                fmax(low, p->quantile[1][i] / scale.divisor));
    fprintf(out, "EOD\n$marks_%zu << EOD\n", row);
    for (size_t i = 0; i < 3; i++) {
        static const size_t mark[] = {99, 189, 197};
        static const char *const name[] = {"50", "95", "99"};
        fprintf(out, "%.5g %.5g %s\n", fmax(low, p->quantile[0][mark[i]] / scale.divisor),
                fmax(low, p->quantile[1][mark[i]] / scale.divisor), name[i]);
    }
    fputs("EOD\n", out);
}

static void write_number(FILE *out, double value, char end)
{
    if (isnan(value))
        fprintf(out, "NaN%c", end);
    else
        fprintf(out, "%.5g%c", value, end);
}

static void write_courses(FILE *out, const struct alm_figure_pair *p, size_t row)
{
    double most = 1, least = 0;
    fprintf(out, "$acf_%zu << EOD\n0 1 1\n", row);
    for (size_t i = 0; i < p->lags; i++) {
        write_number(out, p->hours[i], ' ');
        write_number(out, p->acf[0][i], ' ');
        write_number(out, p->acf[1][i], '\n');
        for (int k = 0; k < 2; k++)
            least = p->acf[k][i] < least ? p->acf[k][i] : least;
    }
    fprintf(out, "EOD\n$day_%zu << EOD\n", row);
    for (size_t h = 0; h <= ALM__FEATURE_HOURS; h++) {
        size_t at = h < ALM__FEATURE_HOURS ? h : ALM__FEATURE_HOURS - 1;
        fprintf(out, "%zu ", h);
        write_number(out, p->day[0][at], ' ');
        write_number(out, p->day[1][at], '\n');
        for (int k = 0; k < 2; k++)
            most = p->day[k][at] > most ? p->day[k][at] : most;
    }
    fprintf(out, "EOD\nday_top[%zu] = %.4g\nacf_low[%zu] = %.4g\n", row, 1.1 * most, row, floor(least * 5) / 5);
}

enum { QUANTILES = 1, COURSE, DAY };

/* Panels in reading order, three a row: kind and number of the pair. */
static void write_panels(FILE *out, const struct alm_figure_pair *pair, size_t pairs)
{
    size_t n = 0, most = 3 * pairs;
    fprintf(out, "array kind[%zu]\narray data[%zu]\n", most, most);
    for (size_t i = 0; i < pairs; i++) {
        const bool shown[] = {true, pair[i].lags > 0, !isnan(pair[i].day[0][0])};
        for (int k = QUANTILES; k <= DAY; k++)
            if (shown[k - 1]) {
                n++;
                fprintf(out, "kind[%zu] = %d\ndata[%zu] = %zu\n", n, k, n, i + 1);
            }
    }
    fprintf(out, "panels = %zu\n", n);
}

static int fill(struct alm__script *s, const struct alm_figure_pair *pair, size_t pairs, const char *name,
                const struct alm_figure_options *o, struct alm_err *e)
{
    char line[300], clean[200];
    size_t panels = 0;
    for (size_t i = 0; i < pairs; i++)
        panels += 1u + (pair[i].lags > 0 ? 1u : 0u) + (isnan(pair[i].day[0][0]) ? 0u : 1u);
    int height = HEAD + FOOT + ROW * (int)((panels + 2) / 3);
    ALM_TRY(alm__script_start(s, o->output, WIDTH, height, e));
    snprintf(line, sizeof line, "%s and the trace that its fitted specification makes",
             alm__figure_text(clean, sizeof clean, name, 50));
    alm__script_text(s->out, "title_text", line, 110);
    fprintf(s->out, "height = %d\nhead = %d\nrow_height = %d\n", height, HEAD, ROW);
    static const char *const arrays[] = {"row_label", "logarithmic", "low", "high", "day_top", "acf_low"};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        fprintf(s->out, "array %s[%zu]\n", arrays[i], pairs);
    write_panels(s->out, pair, pairs);
    for (size_t i = 0; i < pairs; i++) {
        write_quantiles(s->out, &pair[i], i + 1);
        write_courses(s->out, &pair[i], i + 1);
    }
    return alm__script_template(s, "fit.gp", e);
}

int alm_figure_fit(const struct alm_figure_pair *pair, size_t pairs, const char *name,
                   const struct alm_figure_options *o, struct alm_figure_report *report, struct alm_err *e)
{
    struct alm__script s;
    *report = (struct alm_figure_report){0};
    if (pairs == 0)
        return alm_fail(e, ALM_EDATA, "the two traces have nothing in common to draw");
    ALM_TRY(alm__script_open(&s, e));
    int code = fill(&s, pair, pairs, name, o, e);
    if (code >= 0)
        code = alm__script_draw(&s, o, report, e);
    alm__script_free(&s);
    snprintf(report->shown, sizeof report->shown, "%zu quantities in both traces", pairs);
    return code < 0 ? code : ALM_OK;
}
