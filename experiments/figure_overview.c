/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_overview: what the units of a trace ask for: one row a unit, CPU on the left, memory on the right.
 *
 * Meaning.  A column of pixels shows the mean of its rows as a line and their smallest and largest as a shade.
 * Choice.   A resource that no shown unit uses leaves its side to the other. At most twelve units, evenly spread over the file, or the one that was named. Every row has its own scale,
 *           since units differ by orders of magnitude. */
#include "experiments/figure_script.h"
#include "traces/trace_file.h"

#include "almanac/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS ((size_t)12)
#define COLUMNS ((size_t)480)
#define BLOCK ((size_t)4096)

struct cell {
    double sum, weight, low, high;
    bool broken; /* a gap lies before it */
};

struct row {
    size_t unit;
    struct cell *cell[2]; /* COLUMNS each */
};

struct overview {
    struct alm_trace *trace;
    const struct alm_demand *demand;
    alm_time from, to;
    size_t rows;
    struct row row[ROWS];
    alm_time at[BLOCK], span[BLOCK];
    double value[2][BLOCK];
    bool seen[2]; /* the resource has a value above 0 in a shown unit */
};

static int choose_units(struct overview *v, const char *name, struct alm_err *e)
{
    const struct alm_demand *d = v->demand;
    if (name == NULL) {
        v->rows = d->units < ROWS ? d->units : ROWS;
        for (size_t i = 0; i < v->rows; i++)
            v->row[i].unit = i * d->units / v->rows;
        return v->rows ? ALM_OK : alm_fail(e, ALM_EDATA, "%s has no units", alm_trace_path(v->trace));
    }
    for (size_t i = 0; i < d->units; i++)
        if (strcmp(d->unit[i].name, name) == 0) {
            v->rows = 1;
            v->row[0].unit = i;
            return ALM_OK;
        }
    return alm_fail(e, ALM_EINVAL, "%s has no unit \"%.80s\"; `almanac dump %s units` lists its %zu units",
                    alm_trace_path(v->trace), name, alm_trace_path(v->trace), d->units);
}

static int choose_range(struct overview *v, const struct alm_figure_options *o, struct alm_err *e)
{
    alm_time first = ALM_TIME_MAX, last = INT64_MIN;
    for (size_t i = 0; i < v->rows; i++) {
        const struct alm_unit *u = &v->demand->unit[v->row[i].unit];
        first = u->first - v->demand->interval < first ? u->first - v->demand->interval : first;
        last = u->last > last ? u->last : last;
    }
    v->from = first;
    v->to = last;
    if (o->from)
        ALM_TRY(alm__parse_instant(o->from, first, &v->from, e));
    if (o->to)
        ALM_TRY(alm__parse_instant(o->to, first, &v->to, e));
    if (v->from < v->to && v->from < last && v->to > first)
        return ALM_OK;
    return alm_fail(e, ALM_EINVAL, "from %.9g s to %.9g s there is nothing: the trace runs from %.9g s to %.9g s",
                    alm_seconds(v->from), alm_seconds(v->to), alm_seconds(first), alm_seconds(last));
}

static void cell_add(struct cell *c, double value, double weight, bool gap)
{
    if (!(c->weight > 0)) {
        *c = (struct cell){.low = value, .high = value, .broken = gap};
    }
    c->sum += value * weight;
    c->weight += weight;
    c->low = fmin(c->low, value);
    c->high = fmax(c->high, value);
}

static void add_block(struct overview *v, struct row *row, size_t n, bool gap[2], alm_time *end)
{
    for (size_t i = 0; i < n; i++) {
        if (v->at[i] <= v->from || v->at[i] - v->span[i] >= v->to)
            continue;
        bool hole = v->at[i] - v->span[i] > *end;
        double middle = ((double)(v->at[i] - v->from) - 0.5 * (double)v->span[i]) / (double)(v->to - v->from);
        size_t place = middle > 0 ? (size_t)(middle * (double)COLUMNS) : 0;
        place = place < COLUMNS ? place : COLUMNS - 1;
        *end = v->at[i];
        for (int r = 0; r < 2; r++) {
            gap[r] = gap[r] || hole || isnan(v->value[r][i]);
            if (isnan(v->value[r][i]))
                continue;
            cell_add(&row->cell[r][place], v->value[r][i], alm_seconds(v->span[i]), gap[r]);
            gap[r] = false;
        }
    }
}

static int read_unit(struct overview *v, struct row *row, struct alm_err *e)
{
    const struct alm_demand *d = v->demand;
    bool gap[2] = {true, true};
    alm_time end = ALM_TIME_MAX;
    for (int r = 0; r < 2; r++) {
        row->cell[r] = calloc(COLUMNS, sizeof *row->cell[r]);
        if (row->cell[r] == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    }
    for (uint64_t first = 0; first < d->rows[row->unit]; first += BLOCK) {
        uint64_t left = d->rows[row->unit] - first;
        size_t n = left < BLOCK ? (size_t)left : BLOCK;
        struct alm_demand_rows out = {.at = v->at, .span = v->span};
        for (int r = 0; r < 2; r++) {
            bool there = d->resources & ALM_BIT(r);
            out.value[r] = there ? v->value[r] : NULL;
            for (size_t i = 0; !there && i < n; i++)
                v->value[r][i] = NAN;
        }
        ALM_TRY(d->read(d, row->unit, first, n, &out, e));
        add_block(v, row, n, gap, &end);
    }
    return ALM_OK;
}

/* A round number of few digits times a power of ten that is at least VALUE. */
static double round_up(double value)
{
    double power = pow(10, floor(log10(value)));
    double steps[] = {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] * power >= value * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

/* One data set of the block $cpu or $memory: "x low mean high"; two empty lines end it. */
static void write_row(FILE *out, const struct overview *v, const struct row *row, int r, double divisor)
{
    double width = alm_seconds(v->to - v->from) / (double)COLUMNS;
    fputs("-1e30 -1e30 -1e30 -1e30\n\n", out);
    bool any = false;
    for (size_t i = 0; i < COLUMNS; i++) {
        const struct cell *c = &row->cell[r][i];
        if (!(c->weight > 0))
            continue;
        if (any && c->broken)
            putc('\n', out);
        fprintf(out, "%.6g %.5g %.5g %.5g\n", ((double)i + 0.5) * width, c->low / divisor, c->sum / c->weight / divisor,
                c->high / divisor);
        any = true;
    }
    fputs("\n\n", out);
}

static void write_resource(FILE *out, struct overview *v, int r)
{
    const char *name = alm_resource_name((enum alm_resource)r);
    double top[ROWS], divisor[ROWS];
    fprintf(out, "array %s_top[%zu]\narray %s_unit[%zu]\n", name, v->rows, name, v->rows);
    for (size_t k = 0; k < v->rows; k++) {
        double max = 0;
        for (size_t i = 0; i < COLUMNS; i++)
            if (v->row[k].cell[r][i].weight > 0)
                max = fmax(max, v->row[k].cell[r][i].high);
        struct alm__scale scale = alm__scale_of(r, max);
        divisor[k] = scale.divisor;
        v->seen[r] = v->seen[r] || max > 0;
        top[k] = max > 0 ? round_up(max / scale.divisor) : 1;
        fprintf(out, "%s_top[%zu] = %.6g\n%s_unit[%zu] = '%s'\n", name, k + 1, top[k], name, k + 1,
                top[k] == 1 && r == ALM_CPU && scale.divisor == 1 ? "core" : scale.name);
    }
    fprintf(out, "# one data set a unit: x, smallest, mean, largest\n$%s << EOD\n", name);
    for (size_t k = 0; k < v->rows; k++)
        write_row(out, v, &v->row[k], r, divisor[k]);
    fputs("EOD\n", out);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void write_titles(FILE *out, const struct overview *v, char *shown, size_t size)
{
    const struct alm_demand *d = v->demand;
    char file[300], line[700], interval[ALM_QUANTITY_TEXT], length[ALM_QUANTITY_TEXT];
    alm__figure_text(file, sizeof file, base_name(alm_trace_path(v->trace)), 60);
    snprintf(line, sizeof line, "Demand in %s", file);
    alm__script_text(out, "title_text", line, 100);
    alm_print_duration(d->interval, interval);
    alm_print_about(v->to - v->from, length);
    char name[200];
    if (v->rows == 1)
        snprintf(shown, size, "unit %s", alm__figure_text(name, sizeof name, d->unit[v->row[0].unit].name, 60));
    else if (v->rows < d->units)
        snprintf(shown, size, "%zu of %zu units, evenly spread over the file", v->rows, d->units);
    else
        snprintf(shown, size, "%zu units", v->rows);
    snprintf(line, sizeof line, "%.120s; %s at intervals of %s; line: mean, shade: smallest to largest", shown, length,
             interval);
    alm__script_text(out, "subtitle_text", line, 160);
    fprintf(out, "rows = %zu\narray unit_name[%zu]\n", v->rows, v->rows);
    for (size_t k = 0; k < v->rows; k++) {
        char element[40];
        snprintf(element, sizeof element, "unit_name[%zu]", k + 1);
        alm__script_text(out, element, d->unit[v->row[k].unit].name, 22);
    }
}

static int draw_overview(struct overview *v, struct alm__script *s, const struct alm_figure_options *o, char *shown,
                         size_t size, struct alm_err *e)
{
    ALM_TRY(choose_units(v, o->unit, e));
    ALM_TRY(choose_range(v, o, e));
    for (size_t k = 0; k < v->rows; k++)
        ALM_TRY(read_unit(v, &v->row[k], e));
    int height = v->rows == 1 ? 360 : 130 + 66 * (int)v->rows;
    ALM_TRY(alm__script_start(s, o->output, 1200, height, e));
    write_titles(s->out, v, shown, size);
    fprintf(s->out, "height = %d\n", height);
    alm__script_time_axis(s->out, v->from, v->to, 6);
    for (int r = 0; r < 2; r++)
        write_resource(s->out, v, r);
    fprintf(s->out, "has_cpu = %d\nhas_memory = %d\n", v->seen[ALM_CPU] || !v->seen[ALM_MEMORY], v->seen[ALM_MEMORY]);
    return alm__script_template(s, "overview.gp", e);
}

int alm__figure_overview(struct alm__script *s, const char *file, const struct alm_figure_options *o, char *shown,
                         size_t size, struct alm_err *e)
{
    struct overview *v = calloc(1, sizeof *v);
    if (v == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    int code = alm_trace_open(file, &v->trace, e);
    if (code >= 0) {
        v->demand = alm_trace_demand(v->trace);
        code = draw_overview(v, s, o, shown, size, e);
    }
    for (size_t k = 0; k < ROWS; k++)
        for (int r = 0; r < 2; r++)
            free(v->row[k].cell[r]);
    alm_trace_close(v->trace);
    free(v);
    return code;
}
