/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_panels: see the header. */
#include "experiments/figure_panels.h"
#include "experiments/figure_script.h"

#include "almanac/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)4096)
#define NOT_SHOWN UINT8_MAX

const char *alm__measure_name(int measure)
{
    return measure == ALM__INVOCATIONS ? "invocations" : alm_resource_name((enum alm_resource)measure);
}

int alm__panels_open(struct alm__panels *p, const char *file, struct alm_err *e)
{
    *p = (struct alm__panels){0};
    ALM_TRY(alm_trace_open(file, &p->trace, e));
    p->demand = alm_trace_demand(p->trace);
    p->load = alm_trace_invocations(p->trace);
    return ALM_OK;
}

void alm__panels_close(struct alm__panels *p)
{
    for (size_t k = 0; k < p->units; k++) {
        for (int r = 0; r < ALM_RESOURCES; r++)
            free(p->unit[k].column[r]);
        free(p->unit[k].bin);
    }
    alm_trace_close(p->trace);
}

int alm__panels_measures(struct alm__panels *p, const char *resource, struct alm_err *e)
{
    uint32_t there = p->demand->resources | (p->load ? ALM_BIT(ALM__INVOCATIONS) : 0);
    char list[128] = "";
    for (int m = 0; m < ALM__MEASURES; m++) {
        if (!(there & ALM_BIT(m)))
            continue;
        if (resource && strcmp(resource, alm__measure_name(m)) == 0)
            p->measures = ALM_BIT(m);
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", alm__measure_name(m));
    }
    if (resource && p->measures == 0)
        return alm_fail(e, ALM_EINVAL, "%s has no \"%.40s\" to show; it has %s", alm_trace_path(p->trace), resource,
                        list);
    if (!resource)
        p->measures = there & (ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY) | ALM_BIT(ALM__INVOCATIONS));
    if (p->measures == 0)
        p->measures = there & (~there + 1); /* the first there is */
    return p->measures ? ALM_OK
                       : alm_fail(e, ALM_EDATA, "%s has neither usage nor invocations", alm_trace_path(p->trace));
}

static int named_units(struct alm__panels *p, const char *const *name, struct alm_err *e)
{
    const struct alm_demand *d = p->demand;
    for (; *name; name++) {
        size_t u = 0;
        while (u < d->units && strcmp(d->unit[u].name, *name) != 0)
            u++;
        if (u == d->units)
            return alm_fail(e, ALM_EINVAL, "%s has no unit \"%.80s\"; `almanac dump %s units` lists its units (%zu)",
                            alm_trace_path(p->trace), *name, alm_trace_path(p->trace), d->units);
        size_t k = 0;
        while (k < p->units && p->unit[k].unit != u)
            k++;
        if (k == p->units)
            p->unit[p->units++].unit = u;
    }
    p->of = d->units;
    return ALM_OK;
}

/* Call SEE for every invocation. */
static int each_invocation(const struct alm__panels *p, void (*see)(void *ctx, uint32_t unit, alm_time at), void *ctx,
                           struct alm_err *e)
{
    alm_time arrival[BLOCK];
    uint32_t unit[BLOCK];
    const struct alm_invocation_rows rows = {.arrival = arrival, .unit = unit};
    for (uint64_t first = 0; first < p->load->count; first += BLOCK) {
        uint64_t left = p->load->count - first;
        size_t n = left < BLOCK ? (size_t)left : BLOCK;
        ALM_TRY(p->load->read(p->load, first, n, &rows, e));
        for (size_t k = 0; k < n; k++)
            see(ctx, unit[k], arrival[k]);
    }
    return ALM_OK;
}

static void count_unit(void *ctx, uint32_t unit, alm_time at)
{
    uint64_t *count = ctx;
    (void)at;
    count[unit]++;
}

/* The units with the most invocations, in the order of the file where these are equal. */
static void take_busiest(struct alm__panels *p, const uint64_t *count, size_t most)
{
    for (size_t u = 0; u < p->demand->units; u++) {
        size_t place = p->units;
        while (place > 0 && count[p->unit[place - 1].unit] < count[u])
            place--;
        p->of += count[u] > 0;
        if (count[u] == 0 || place == most)
            continue;
        p->units += p->units < most;
        memmove(&p->unit[place + 1], &p->unit[place], (p->units - 1 - place) * sizeof *p->unit);
        p->unit[place].unit = u;
    }
    p->busiest = true;
}

static void take_spread(struct alm__panels *p, size_t most)
{
    p->of = p->demand->units;
    p->units = p->of < most ? p->of : most;
    for (size_t k = 0; k < p->units; k++)
        p->unit[k].unit = k * p->of / p->units;
}

int alm__panels_units(struct alm__panels *p, const struct alm_figure_options *o, size_t most, struct alm_err *e)
{
    if (o->unit[0])
        return named_units(p, o->unit, e);
    if (o->units > 0)
        most = (size_t)o->units;
    most = most < ALM_FIGURE_UNITS ? most : ALM_FIGURE_UNITS;
    if (p->measures != ALM_BIT(ALM__INVOCATIONS)) {
        take_spread(p, most);
        return p->units ? ALM_OK : alm_fail(e, ALM_EDATA, "%s has no units", alm_trace_path(p->trace));
    }
    uint64_t *count = calloc(p->demand->units + 1, sizeof *count);
    if (!count)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu units", p->demand->units);
    int code = each_invocation(p, count_unit, count, e);
    if (code >= 0)
        take_busiest(p, count, most);
    free(count);
    return code;
}

int alm__panels_range(struct alm__panels *p, const struct alm_figure_options *o, struct alm_err *e)
{
    char length[ALM_QUANTITY_TEXT];
    alm_time first = ALM_TIME_MAX, last = INT64_MIN;
    for (size_t k = 0; k < p->units; k++) {
        const struct alm_unit *u = &p->demand->unit[p->unit[k].unit];
        alm_time begin = u->first - (p->demand->rows[p->unit[k].unit] ? p->demand->interval : 0);
        first = begin < first ? begin : first;
        last = u->last > last ? u->last : last;
    }
    last = last > first ? last : first + ALM_SECOND;
    p->from = first;
    p->to = last;
    if (o->from)
        ALM_TRY(alm__parse_instant(o->from, first, &p->from, e));
    if (o->to)
        ALM_TRY(alm__parse_instant(o->to, first, &p->to, e));
    if (p->from < p->to && p->from < last && p->to > first)
        return ALM_OK;
    return alm_fail(e, ALM_EINVAL,
                    "from %.12g s to %.12g s there is nothing: the trace runs from %.12g s to %.12g s (%s)",
                    alm_seconds(p->from), alm_seconds(p->to), alm_seconds(first), alm_seconds(last),
                    alm_print_about(last - first, length));
}

static void column_add(struct alm__panel_column *c, double value, double weight, bool gap)
{
    if (!(c->weight > 0))
        *c = (struct alm__panel_column){.low = value, .high = value, .broken = gap};
    c->sum += value * weight;
    c->weight += weight;
    c->low = fmin(c->low, value);
    c->high = fmax(c->high, value);
}

/* One unit while it is read. */
struct reading {
    alm_time at[BLOCK], span[BLOCK];
    double value[ALM_RESOURCES][BLOCK];
    bool gap[ALM_RESOURCES];
    alm_time end;
};

static void add_block(const struct alm__panels *p, struct alm__panel_unit *u, struct reading *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (r->at[i] <= p->from || r->at[i] - r->span[i] >= p->to)
            continue;
        bool hole = r->at[i] - r->span[i] > r->end;
        double middle = ((double)(r->at[i] - p->from) - 0.5 * (double)r->span[i]) / (double)(p->to - p->from);
        size_t place = middle > 0 ? (size_t)(middle * (double)ALM__PANEL_COLUMNS) : 0;
        place = place < ALM__PANEL_COLUMNS ? place : ALM__PANEL_COLUMNS - 1;
        r->end = r->at[i];
        for (int m = 0; m < ALM_RESOURCES; m++) {
            if (!u->column[m])
                continue;
            r->gap[m] = r->gap[m] || hole || isnan(r->value[m][i]);
            if (isnan(r->value[m][i]))
                continue;
            column_add(&u->column[m][place], r->value[m][i], alm_seconds(r->span[i]), r->gap[m]);
            r->gap[m] = false;
        }
    }
}

static int read_usage(const struct alm__panels *p, struct alm__panel_unit *u, struct reading *r, struct alm_err *e)
{
    const struct alm_demand *d = p->demand;
    struct alm_demand_rows rows = {.at = r->at, .span = r->span};
    bool any = false;
    for (int m = 0; m < ALM_RESOURCES; m++) {
        if (!(p->measures & ALM_BIT(m)))
            continue;
        u->column[m] = calloc(ALM__PANEL_COLUMNS, sizeof *u->column[m]);
        if (!u->column[m])
            return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
        rows.value[m] = r->value[m];
        r->gap[m] = any = true;
    }
    r->end = ALM_TIME_MAX;
    for (uint64_t first = 0; any && first < d->rows[u->unit]; first += BLOCK) {
        uint64_t left = d->rows[u->unit] - first;
        size_t n = left < BLOCK ? (size_t)left : BLOCK;
        ALM_TRY(d->read(d, u->unit, first, n, &rows, e));
        add_block(p, u, r, n);
    }
    return ALM_OK;
}

/* Where an invocation of a unit is counted. */
struct counting {
    struct alm__panels *panels;
    uint8_t *place; /* of each unit of the trace among those shown */
};

static void count_arrival(void *ctx, uint32_t unit, alm_time at)
{
    const struct counting *c = ctx;
    struct alm__panels *p = c->panels;
    if (c->place[unit] != NOT_SHOWN && at >= p->from && at <= p->to)
        p->unit[c->place[unit]].bin[(at - p->bin_start) / p->bin]++;
}

static int read_invocations(struct alm__panels *p, struct alm_err *e)
{
    p->bin = alm__round_step(p->to - p->from, ALM__PANEL_BINS);
    p->bin_start = alm_time_floor(p->from, p->bin);
    p->bins = (size_t)((p->to - p->bin_start) / p->bin) + 1;
    struct counting c = {p, malloc(p->demand->units)};
    if (!c.place)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu units", p->demand->units);
    memset(c.place, NOT_SHOWN, p->demand->units);
    int code = ALM_OK;
    for (size_t k = 0; k < p->units && code >= 0; k++) {
        c.place[p->unit[k].unit] = (uint8_t)k;
        p->unit[k].bin = calloc(p->bins, sizeof *p->unit[k].bin);
        if (!p->unit[k].bin)
            code = alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    }
    if (code >= 0)
        code = each_invocation(p, count_arrival, &c, e);
    free(c.place);
    return code;
}

int alm__panels_read(struct alm__panels *p, struct alm_err *e)
{
    struct reading *r = malloc(sizeof *r);
    if (!r)
        return alm_fail(e, ALM_ENOMEM, "no memory for a figure");
    int code = ALM_OK;
    for (size_t k = 0; k < p->units && code >= 0; k++)
        code = read_usage(p, &p->unit[k], r, e);
    free(r);
    if (code >= 0 && p->measures & ALM_BIT(ALM__INVOCATIONS))
        code = read_invocations(p, e);
    return code;
}
