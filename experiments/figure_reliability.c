/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_reliability: is the confidence that the envelopes of a run state true?
 *
 * Meaning.  Above, x: stated confidence; y: share of windows in which the upper side held. Blue: all windows, by steps of stated
 *           confidence, hollow with fewer than FEW of them; grey: each unit, at the mean of what was stated about it. Below: how many windows a step has.
 * Choice.   Units with one confidence are spread sideways over a few pixels, by their number. At most UNITS of them are drawn,
 *           evenly spread over the file.
 * Source.   Murphy and Winkler (1977), reliability diagrams. */
#include "experiments/figure_misses.h"
#include "experiments/figure_run.h"
#include "experiments/metrics_tally.h"

#include "almanac/resource.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 1200
#define HEIGHT 620
#define UNITS 1500
#define FEW 100
#define SIDE 0.385 /* of a panel, in shares of the figure; the template is told */
#define PIXELS (SIDE * WIDTH)

static const double left[2] = {0.075, 0.580};
static const double above[2] = {0.360, 0.790}, below[2] = {0.130, 0.320};

struct unit {
    double confidence, covered;
};

/* One resource. */
struct side {
    int resource;
    const struct metrics_level *level; /* [METRICS_LEVELS] */
    struct unit *unit;                 /* those of which a confidence was stated */
    size_t units, of, every;
    uint64_t windows, covered;
    double confidence; /* mean */
    struct alm__misses x, y;
};

/* The column of the figure NAME by unit; ALM_NOT_YET when the file has none. */
static int read_column(struct alm_run *run, int resource, const char *name, double *out, struct alm_err *e)
{
    char path[96];
    struct alm_column *column;
    snprintf(path, sizeof path, "/metrics/%s_%s", alm_resource_name((enum alm_resource)resource), name);
    int code = alm_column_open(run->table, path, ALM_COL_F64, &column, e);
    if (code != ALM_OK)
        return code;
    if (alm_column_length(column) != run->units)
        return alm_fail(e, ALM_EDATA, "%s: %s has not as many rows as there are units", alm_table_path(run->table),
                        path);
    return alm_column_read(column, 0, run->units, out, e);
}

static int read_units(struct alm_run *run, struct side *side, struct alm_err *e)
{
    double *value = calloc(2 * run->units + 1, sizeof *value);
    side->unit = calloc(run->units + 1, sizeof *side->unit);
    int code = value && side->unit ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for %zu units", run->units);
    if (code == ALM_OK)
        code = read_column(run, side->resource, "confidence", value, e);
    if (code == ALM_OK)
        code = read_column(run, side->resource, "coverage_gap", value + run->units, e);
    for (size_t u = 0; code == ALM_OK && u < run->units; u++) {
        const double c = value[u], gap = value[run->units + u];
        if (isfinite(c) && isfinite(gap))
            side->unit[side->of++] = (struct unit){c, fmin(fmax(c + gap, 0), 1)};
    }
    free(value);
    side->every = (side->of + UNITS - 1) / UNITS;
    for (size_t u = 0; u < side->of; u += side->every)
        side->unit[side->units++] = side->unit[u];
    return code < 0 ? code : ALM_OK;
}

static void sum_up(struct side *side)
{
    for (size_t k = 0; k < METRICS_LEVELS; k++) {
        const struct metrics_level *l = &side->level[k];
        side->windows += l->windows;
        side->covered += l->covered;
        side->confidence += (double)l->confidence * 1e-9;
    }
    side->confidence /= (double)side->windows;
}

static void scale(struct side *side)
{
    for (size_t k = 0; k < METRICS_LEVELS; k++) {
        if (side->level[k].windows == 0)
            continue;
        alm__misses_take(&side->x, metrics_level_stated(&side->level[k]));
        alm__misses_take(&side->y, metrics_level_stated(&side->level[k]));
        alm__misses_take(&side->y, metrics_level_held(&side->level[k]));
    }
    for (size_t u = 0; u < side->units; u++)
        alm__misses_take(&side->y, side->unit[u].covered);
    alm__misses_close(&side->x);
    alm__misses_close(&side->y);
    side->x.unit = side->y.unit = fmin(side->x.unit, side->y.unit); /* else the diagonal would bend */
}

static void write_units(FILE *out, const struct side *side, const char *name)
{
    const double low = alm__misses_low(&side->x), pixel = (alm__misses_high(&side->x) - low) / PIXELS;
    fprintf(out, "$%s_units << EOD\n-1e30 -1e30\n", name);
    for (size_t u = 0; u < side->units; u++) {
        const double turn = 0.6180339887498949 * (double)u, aside = 18 * (turn - floor(turn) - 0.5);
        fprintf(out, "%.6g %.6g\n", alm__misses_at(&side->x, side->unit[u].confidence) + aside * pixel,
                alm__misses_at(&side->y, side->unit[u].covered));
    }
    fputs("EOD\n", out);
}

/* x, y, number of windows, half the width of a bar, few. */
static void write_levels(FILE *out, const struct side *side, const char *name)
{
    const double low = alm__misses_low(&side->x), pixel = (alm__misses_high(&side->x) - low) / PIXELS;
    fprintf(out, "$%s_levels << EOD\n-1e30 -1e30 -1e30 1 0\n", name);
    for (size_t k = 0; k < METRICS_LEVELS; k++) {
        const struct metrics_level *l = &side->level[k];
        if (l->windows)
            fprintf(out, "%.6g %.6g %llu %.6g %d\n", alm__misses_at(&side->x, metrics_level_stated(l)),
                    alm__misses_at(&side->y, metrics_level_held(l)), (unsigned long long)l->windows, 7 * pixel,
                    l->windows < FEW);
    }
    fputs("EOD\n", out);
}

/* NAME_main and NAME_strip: commands for `eval` that set both axes. */
static void write_axes(FILE *out, const struct side *side, const char *name)
{
    const char *const part[2] = {"main", "strip"};
    for (int k = 0; k < 2; k++) {
        char *text = NULL;
        size_t size = 0;
        FILE *to = open_memstream(&text, &size);
        if (!to)
            return;
        alm__misses_axis(to, &side->x, "x", PIXELS, 42, k == 0);
        if (k == 0)
            alm__misses_axis(to, &side->y, "y", (above[1] - above[0]) * HEIGHT, 22, false);
        fclose(to);
        for (char *c = text; c && *c; c++)
            *c = *c == '\n' ? ';' : *c;
        fprintf(out, "%s_%s = '%s'\n", name, part[k], text ? text : "");
        free(text);
    }
}

static void write_side(FILE *out, const struct side *side)
{
    const char *name = alm_resource_name((enum alm_resource)side->resource);
    uint64_t most = 1;
    for (size_t k = 0; k < METRICS_LEVELS; k++)
        most = side->level[k].windows > most ? side->level[k].windows : most;
    write_units(out, side, name);
    write_levels(out, side, name);
    write_axes(out, side, name);
    const double low = alm__misses_low(&side->x), high = alm__misses_high(&side->x);
    fprintf(out, "$%s_guide << EOD\n%.6g %.6g\n%.6g %.6g\nEOD\n", name, low, low, high, high);
    fprintf(out, "%s_top = %.6g\n", name, 4.0 * (double)most);
    fprintf(out, "%s_there = %d\n", name, side->windows > 0);
}

/* " [92.1, 96.0]": the interval of what was held, over units. */
static void interval_text(const struct alm_run *run, const struct side *side, char *out, size_t size)
{
    json_t *metrics = json_loads(run->metrics, 0, NULL);
    const json_t *of = json_object_get(metrics, alm_resource_name((enum alm_resource)side->resource));
    const json_t *ci = json_object_get(json_object_get(of, "ci95"), "coverage_gap");
    const json_t *low = json_array_get(ci, 0), *high = json_array_get(ci, 1);
    out[0] = '\0';
    if (json_is_number(low) && json_is_number(high))
        snprintf(out, size, " [%.4g, %.4g]", 100 * fmax(0, side->confidence + json_number_value(low)),
                 100 * fmin(1, side->confidence + json_number_value(high)));
    json_decref(metrics);
}

/* "CPU: stated 95 %, held 94.1 % [93, 95.2]; 20 units". */
static void write_subtitle(FILE *out, const struct alm_run *run, const struct side side[2])
{
    char line[600] = "";
    for (int r = 0; r < 2; r++) {
        char interval[80];
        const struct side *s = &side[r];
        const size_t at = strlen(line);
        if (s->windows == 0)
            continue;
        interval_text(run, s, interval, sizeof interval);
        snprintf(line + at, sizeof line - at, "%s%s: stated %.4g %%, held %.4g %%%s", at ? "; " : "",
                 r == ALM_CPU ? "CPU" : "memory", 100 * s->confidence, 100 * (double)s->covered / (double)s->windows,
                 interval);
    }
    const size_t at = strlen(line), units = side[0].of > side[1].of ? side[0].of : side[1].of;
    snprintf(line + at, sizeof line - at, "; %zu unit%s", units, units == 1 ? "" : "s");
    alm__script_text(out, "subtitle_text", line, 170);
}

static int draw(struct alm__script *s, const struct alm_run *run, struct side side[2],
                const struct alm_figure_options *o, struct alm_err *e)
{
    FILE *out = s->out;
    ALM_TRY(alm__script_start(s, o->output, WIDTH, HEIGHT, e));
    alm__run_title(out, run);
    write_subtitle(out, run, side);
    for (int r = 0; r < 2; r++) {
        scale(&side[r]);
        write_side(out, &side[r]);
        fprintf(out, "%s_left = %g\n", alm_resource_name((enum alm_resource)r), left[r]);
    }
    fprintf(out, "side = %g\nmain_bottom = %g\nmain_top = %g\nstrip_bottom = %g\nstrip_top = %g\n", SIDE, above[0],
            above[1], below[0], below[1]);
    return alm__script_template(s, "reliability.gp", e);
}

static int read_sides(struct alm_run *run, struct metrics_tally *tally, struct side side[2], struct alm_err *e)
{
    const char *path = alm_table_path(run->table);
    int code = metrics_tally_read(run->table, tally, e);
    if (code == ALM_NOT_YET)
        return alm_fail(e, ALM_EDATA, "%s has no /reliability, being of an earlier version: simulate it again", path);
    ALM_TRY(code);
    for (int r = 0; r < 2; r++) {
        side[r].resource = r;
        side[r].level = tally->level[r];
        sum_up(&side[r]);
        if (side[r].windows > 0)
            ALM_TRY(read_units(run, &side[r], e));
    }
    return side[0].windows + side[1].windows > 0
               ? ALM_OK
               : alm_fail(e, ALM_EINVAL, "%s: none of its envelopes states a confidence", path);
}

int alm__figure_reliability(struct alm__script *s, const char *file, const struct alm_figure_options *o, char *shown,
                            size_t size, struct alm_err *e)
{
    struct alm_run *run = NULL;
    struct metrics_tally tally = {0};
    struct side side[2] = {0};
    if (o->from || o->to)
        return alm_fail(e, ALM_EINVAL, "page reliability is of a whole run: --from and --to have no meaning");
    ALM_TRY(alm_run_file_open(file, &run, e));
    int code = read_sides(run, &tally, side, e);
    if (code >= 0)
        code = draw(s, run, side, o, e);
    const unsigned long long windows = side[0].windows + side[1].windows;
    snprintf(shown, size, "reliability of %llu windows", windows);
    for (int r = 0; r < 2; r++)
        free(side[r].unit);
    metrics_tally_free(&tally);
    alm_run_file_close(run);
    return code;
}
