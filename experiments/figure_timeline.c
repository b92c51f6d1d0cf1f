/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_timeline: demand, envelope, limit and harm of one unit of a run.
 *
 * Meaning.  A sample stamped t holds over (t - span, t], a limit and an envelope from their time until the next. Harm
 *           is demand above the limit that was in force; where demand is not known (a live run) usage is drawn instead
 *           and harm is where usage touched the limit.
 * Choice.   The limit drawn is the one the platform applied. The unit shown, when none is named, is the one with the
 *           most time in harm, then the most OOM kills, then the first. */
#include "experiments/figure_run.h"
#include "experiments/figure_series.h"

#include "almanac/quantity.h"
#include "almanac/resource.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS ((size_t)1100)

/* What the samples of a unit say in sum. A sample without a span was taken at an event: it tells of kills alone. */
struct tally {
    alm_time first, last;
    double harm_seconds, seconds, overrun_seconds[2];
    uint64_t samples, oom_kills;
    bool demand_known, seen[2]; /* seen: demand or usage of the resource */
};

/* Harm inside one column of pixels: over which times, from which limit up to which demand. */
struct harm {
    double from, to, low, high;
    uint64_t kills;
    double kill_at;
};

struct panel {
    struct alm__series demand, limit;
    struct alm__band band;
    struct harm *harm;
    double limit_now;
    bool limit_drawn;
};

struct timeline {
    struct alm_run *run;
    uint32_t unit;
    alm_time from, to;
    struct tally *tally; /* per unit */
    struct panel panel[2];
    struct tally shown; /* within [from, to] */
};

static double limit_of(int resource, int64_t limit)
{
    return limit == ALM_NO_LIMIT ? NAN : (double)limit / (resource == ALM_CPU ? 1000.0 : 1.0);
}

static double wanted(const struct alm_run_sample *row, int r)
{
    uint8_t missing = r == ALM_CPU ? ALM_RUN_CPU_MISSING : ALM_RUN_MEMORY_MISSING;
    return !isnan(row->demand[r]) ? row->demand[r] : row->flags & missing ? NAN : row->usage[r];
}

static bool harmed(const struct alm_run_sample *row, int r)
{
    double limit = limit_of(r, row->limit[r]);
    uint8_t censored = r == ALM_CPU ? ALM_RUN_CPU_CENSORED : ALM_RUN_MEMORY_CENSORED;
    return isnan(row->demand[r]) ? (row->flags & censored) != 0 : row->demand[r] > limit;
}

static void tally_add(struct tally *t, const struct alm_run_sample *row)
{
    double span = alm_seconds(row->span);
    alm_time begin = row->time - row->span;
    t->first = t->samples == 0 || begin < t->first ? begin : t->first;
    t->last = t->samples == 0 || row->time > t->last ? row->time : t->last;
    t->samples++;
    t->seconds += span;
    t->oom_kills += row->oom_kills;
    t->demand_known = t->demand_known || !isnan(row->demand[0]) || !isnan(row->demand[1]);
    bool any = false;
    for (int r = 0; r < 2; r++) {
        t->seen[r] = t->seen[r] || !isnan(wanted(row, r));
        if (harmed(row, r)) {
            t->overrun_seconds[r] += span;
            any = true;
        }
    }
    t->harm_seconds += any ? span : 0;
}

static int see_sample(void *ctx, const struct alm_run_sample *row, struct alm_err *e)
{
    (void)e;
    struct timeline *t = ctx;
    tally_add(&t->tally[row->unit], row);
    return ALM_OK;
}

static int choose_unit(struct timeline *t, const struct alm_figure_options *o, struct alm_err *e)
{
    uint32_t only = ALM_RUN_ALL;
    if (o->unit[0])
        ALM_TRY(alm_run_file_unit(t->run, o->unit[0], &only, e));
    ALM_TRY(alm_run_each_sample(t->run, only, see_sample, t, e));
    t->unit = only;
    for (uint32_t i = 0; only == ALM_RUN_ALL && i < t->run->units; i++) {
        const struct tally *a = &t->tally[i], *best = t->unit == ALM_RUN_ALL ? NULL : &t->tally[t->unit];
        if (a->samples > 0 && (best == NULL || a->harm_seconds > best->harm_seconds ||
                               (!(a->harm_seconds < best->harm_seconds) && a->oom_kills > best->oom_kills)))
            t->unit = i;
    }
    if (t->unit == ALM_RUN_ALL && t->run->units > 0)
        t->unit = 0;
    return t->unit != ALM_RUN_ALL ? ALM_OK : alm_fail(e, ALM_EDATA, "%s has no units", alm_table_path(t->run->table));
}

static int choose_range(struct timeline *t, const struct alm_figure_options *o, struct alm_err *e)
{
    const struct tally *tally = &t->tally[t->unit];
    const struct alm_run_unit *unit = &t->run->unit[t->unit];
    char length[ALM_QUANTITY_TEXT];
    bool decided = unit->first_decision != ALM_TIME_NONE;
    if (tally->samples == 0 && !decided)
        return alm_fail(e, ALM_EDATA, "%s: nothing was recorded of unit %s: neither samples nor decisions",
                        alm_table_path(t->run->table), unit->name);
    alm_time first = tally->samples ? tally->first : unit->first_decision;
    alm_time last = tally->samples ? tally->last : unit->last_decision + t->run->interval;
    t->from = first;
    t->to = last;
    if (o->from)
        ALM_TRY(alm__parse_instant(o->from, first, &t->from, e));
    if (o->to)
        ALM_TRY(alm__parse_instant(o->to, first, &t->to, e));
    if (t->from < t->to && t->from < last && t->to > first)
        return ALM_OK;
    return alm_fail(e, ALM_EINVAL,
                    "from %.12g s to %.12g s there is nothing: unit %s was seen from %.12g s to %.12g s (%s)",
                    alm_seconds(t->from), alm_seconds(t->to), unit->name, alm_seconds(first), alm_seconds(last),
                    alm_print_about(last - first, length));
}

static double x_of(const struct timeline *t, alm_time at)
{
    return alm_seconds(at - t->from);
}

static double x_end(const struct timeline *t)
{
    return alm_seconds(t->to - t->from);
}

static void harm_add(struct timeline *t, const struct alm_run_sample *row, int r)
{
    struct panel *p = &t->panel[r];
    double from = fmax(x_of(t, row->time - row->span), 0), to = fmin(x_of(t, row->time), x_end(t));
    struct harm *h = &p->harm[alm__series_place(&p->demand, 0.5 * (from + to))];
    double high = wanted(row, r), low = fmin(limit_of(r, row->limit[r]), high);
    if (r == ALM_MEMORY && row->oom_kills > 0) {
        h->kills += row->oom_kills;
        h->kill_at = to;
    }
    if (!harmed(row, r) || isnan(high))
        return;
    bool first = !(h->high > 0);
    h->from = first ? from : h->from;
    h->to = to;
    h->low = first ? low : fmin(h->low, low);
    h->high = first ? high : fmax(h->high, high);
}

static int draw_sample(void *ctx, const struct alm_run_sample *row, struct alm_err *e)
{
    (void)e;
    struct timeline *t = ctx;
    alm_time begin = row->time - row->span;
    if (row->time <= t->from || begin >= t->to)
        return ALM_OK;
    if (row->span <= 0) {
        t->shown.oom_kills += row->oom_kills;
        harm_add(t, row, ALM_MEMORY);
        return ALM_OK;
    }
    bool gap = t->shown.samples == 0 || begin > t->shown.last;
    tally_add(&t->shown, row);
    for (int r = 0; r < 2; r++) {
        struct alm__series *s = &t->panel[r].demand;
        double value = wanted(row, r);
        if (gap)
            alm__series_add(s, 0, NAN);
        if (s->gap)
            alm__series_add(s, fmax(x_of(t, begin), 0), value);
        alm__series_add(s, fmin(x_of(t, row->time), x_end(t)), value);
        harm_add(t, row, r);
    }
    return ALM_OK;
}

/* Draw the limit in force up to X, where it becomes LIMIT. */
static void limit_until(struct panel *p, double x, double limit)
{
    if (!p->limit_drawn)
        alm__series_add(&p->limit, 0, p->limit_now);
    p->limit_drawn = true;
    alm__series_add(&p->limit, x, p->limit_now);
    alm__series_add(&p->limit, x, limit);
}

static int draw_decision(void *ctx, const struct alm_run_decision *row, struct alm_err *e)
{
    (void)e;
    struct timeline *t = ctx;
    if (row->time >= t->to)
        return ALM_OK;
    for (int r = 0; r < 2; r++) {
        struct panel *p = &t->panel[r];
        double limit = limit_of(r, row->applied[r]);
        if (row->time > t->from)
            limit_until(p, x_of(t, row->time), limit);
        p->limit_now = limit;
    }
    return ALM_OK;
}

static int draw_envelope(void *ctx, const struct alm_run_envelope *row, struct alm_err *e)
{
    (void)e;
    struct timeline *t = ctx;
    for (int r = 0; r < 2 && row->time < t->to; r++)
        alm__band_add(&t->panel[r].band, x_of(t, row->time), row->min[r], row->max[r]);
    return ALM_OK;
}

static int read_rows(struct timeline *t, struct alm_err *e)
{
    for (int r = 0; r < 2; r++) {
        struct panel *p = &t->panel[r];
        p->limit_now = NAN;
        ALM_TRY(alm__series_open(&p->demand, x_end(t), COLUMNS, e));
        ALM_TRY(alm__series_open(&p->limit, x_end(t), COLUMNS, e));
        ALM_TRY(alm__band_open(&p->band, x_end(t), COLUMNS, e));
        p->harm = calloc(COLUMNS, sizeof *p->harm);
        if (p->harm == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    }
    ALM_TRY(alm_run_each_sample(t->run, t->unit, draw_sample, t, e));
    ALM_TRY(alm_run_each_decision(t->run, t->unit, ALM_RUN_STORED, draw_decision, t, e));
    ALM_TRY(alm_run_each_envelope(t->run, t->unit, draw_envelope, t, e));
    for (int r = 0; r < 2; r++)
        limit_until(&t->panel[r], x_end(t), NAN);
    return ALM_OK;
}

static void write_panel(FILE *out, const struct timeline *t, int r)
{
    const struct panel *p = &t->panel[r];
    const char *name = alm_resource_name((enum alm_resource)r);
    double top = fmax(alm__series_max(&p->demand), alm__series_max(&p->limit));
    top = top > 0 ? top : alm__band_max(&p->band);
    struct alm__scale scale = alm__scale_of(r, top);
    fprintf(out, "%s_label = '%s (%s)'\n%s_top = %.6g\n", name, r == ALM_CPU ? "CPU" : "Memory", scale.name, name,
            top > 0 ? 1.15 * top / scale.divisor : 1.0);
    fprintf(out, "%s_note = '%s'\n", name, top > 0 ? "" : "nothing recorded");
    fprintf(out, "$%s_demand << EOD\n", name);
    alm__series_write(&p->demand, scale.divisor, out);
    fprintf(out, "EOD\n$%s_limit << EOD\n", name);
    alm__series_write(&p->limit, scale.divisor, out);
    fprintf(out, "EOD\n$%s_band << EOD\n", name);
    alm__band_write(&p->band, scale.divisor, out);
    fprintf(out, "EOD\n# x from, x to, y from, y to\n$%s_harm << EOD\n-1e30 -1e30 -1e30 -1e30\n", name);
    double least = 1.3 * x_end(t) / (double)COLUMNS;
    for (size_t i = 0; i < COLUMNS; i++)
        if (p->harm[i].high > 0)
            fprintf(out, "%.7g %.7g %.6g %.6g\n", p->harm[i].from, fmax(p->harm[i].to, p->harm[i].from + least),
                    p->harm[i].low / scale.divisor, p->harm[i].high / scale.divisor);
    fputs("EOD\n", out);
}

static void write_kills(FILE *out, const struct timeline *t)
{
    fputs("$kills << EOD\n-1e30\n", out);
    for (size_t i = 0; i < COLUMNS; i++)
        if (t->panel[ALM_MEMORY].harm[i].kills > 0)
            fprintf(out, "%.7g\n", t->panel[ALM_MEMORY].harm[i].kill_at);
    fputs("EOD\n", out);
}

/* "CPU demand above its limit 1.2 % of the time, memory 0.01 %, 3 OOM kills": only of resources that were seen. */
static void harm_text(char *out, size_t size, const struct tally *s)
{
    char cpu[80] = "", memory[80] = "", kills[40] = "";
    double share[2];
    for (int r = 0; r < 2; r++)
        share[r] = s->seconds > 0 ? 100 * s->overrun_seconds[r] / s->seconds : 0;
    if (s->seen[ALM_CPU])
        snprintf(cpu, sizeof cpu, "CPU demand above its limit %.3g %% of the time", share[ALM_CPU]);
    if (s->seen[ALM_MEMORY]) {
        const char *form = s->seen[ALM_CPU] ? ", memory %.3g %%" : "memory demand above its limit %.3g %% of the time";
        snprintf(memory, sizeof memory, form, share[ALM_MEMORY]);
        snprintf(kills, sizeof kills, ", %llu OOM kill%s", (unsigned long long)s->oom_kills,
                 s->oom_kills == 1 ? "" : "s");
    }
    bool any = s->seen[ALM_CPU] || s->seen[ALM_MEMORY];
    snprintf(out, size, "%s%s%s", any ? cpu : "all samples are missing", memory, kills);
}

/* "web-0: ...; seed 42, open loop". */
static void write_titles(FILE *out, const struct timeline *t, char *shown, size_t size)
{
    const struct alm_run *run = t->run;
    const struct tally *s = &t->shown;
    char harm[200], rest[300], name[256];
    harm_text(harm, sizeof harm, s);
    if (s->samples == 0)
        snprintf(rest, sizeof rest, "no samples were recorded; seed %lld", (long long)run->seed);
    else
        snprintf(rest, sizeof rest, "%s; seed %lld%s", harm, (long long)run->seed, run->open_loop ? ", open loop" : "");
    alm__figure_text(name, sizeof name, run->unit[t->unit].name, 48);
    alm__run_title(out, run);
    char line[700];
    snprintf(line, sizeof line, "%s: %s", name, rest);
    alm__script_text(out, "subtitle_text", line, 190);
    snprintf(shown, size, "unit %.100s", name);
}

static int draw_timeline(struct timeline *t, struct alm__script *s, const struct alm_figure_options *o, char *shown,
                         size_t size, struct alm_err *e)
{
    t->tally = calloc(t->run->units ? t->run->units : 1, sizeof *t->tally);
    if (t->tally == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu units", t->run->units);
    ALM_TRY(choose_unit(t, o, e));
    ALM_TRY(choose_range(t, o, e));
    ALM_TRY(read_rows(t, e));
    ALM_TRY(alm__script_start(s, o->output, 1200, 700, e));
    write_titles(s->out, t, shown, size);
    fprintf(s->out, "demand_name = '%s'\n", t->shown.demand_known ? "demand" : "usage");
    alm__script_time_axis(s->out, t->from, t->to, 11);
    write_panel(s->out, t, ALM_CPU);
    write_panel(s->out, t, ALM_MEMORY);
    write_kills(s->out, t);
    return alm__script_template(s, "timeline.gp", e);
}

int alm__figure_timeline(struct alm__script *s, const char *file, const struct alm_figure_options *o, char *shown,
                         size_t size, struct alm_err *e)
{
    struct timeline t = {0};
    ALM_TRY(alm_run_file_open(file, &t.run, e));
    int code = draw_timeline(&t, s, o, shown, size, e);
    for (int r = 0; r < 2; r++) {
        alm__figure_series_free(&t.panel[r].demand);
        alm__figure_series_free(&t.panel[r].limit);
        alm__band_free(&t.panel[r].band);
        free(t.panel[r].harm);
    }
    free(t.tally);
    alm_run_file_close(t.run);
    return code;
}
