/* SPDX-License-Identifier: GPL-3.0-or-later
 * info_trace: a trace as JSON: units, span, resources, invocations and behaviour. */
#include "cmd/cmd.h"
#include "cmd/info.h"
#include "traces/file/trace_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *cmd_info_text(const char *text)
{
    json_t *string = json_string(text);
    if (string)
        return string;
    char *copy = strdup(text);
    for (char *p = copy; p && *p; p++)
        if ((unsigned char)*p >= 0x80)
            *p = '?';
    string = copy ? json_string(copy) : NULL;
    free(copy);
    return string ? string : json_string("?");
}

static json_t *real_or_null(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static json_t *whole(uint64_t v)
{
    return json_integer((json_int_t)v);
}

static json_t *share(uint64_t part, uint64_t all)
{
    return real_or_null(all ? (double)part / (double)all : (double)NAN);
}

static void add_resources(json_t *root, const struct alm_demand *demand, const struct alm_trace_column *column)
{
    json_t *list = json_object();
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (!(demand->resources & ALM_BIT(r)))
            continue;
        const struct alm_trace_column *c = &column[r];
        json_t *entry = json_object();
        json_object_set_new(entry, "unit", json_string(r == ALM_CPU ? "cores" : "bytes"));
        json_object_set_new(entry, "mean", real_or_null(c->mean));
        json_object_set_new(entry, "p95", real_or_null(c->p95));
        json_object_set_new(entry, "max", real_or_null(c->max));
        json_object_set_new(entry, "p95_to_max", real_or_null(c->max > 0 ? c->p95 / c->max : (double)NAN));
        json_object_set_new(entry, "zero_share", share(c->zeros, c->rows - c->missing));
        json_object_set_new(entry, "missing_share", share(c->missing, c->rows));
        json_object_set_new(entry, "autocorrelation_step", real_or_null(c->step.value));
        json_object_set_new(entry, "autocorrelation_step_units", whole(c->step.units));
        json_object_set_new(entry, "autocorrelation_day", real_or_null(c->day.value));
        json_object_set_new(entry, "autocorrelation_day_units", whole(c->day.units));
        json_object_set_new(list, alm_resource_name((enum alm_resource)r), entry);
    }
    json_object_set_new(root, "resources", list);
}

static json_t *fields(const struct alm_trace_load *load, uint32_t present)
{
    static const struct {
        const char *name, *unit;
    } field[] = {
#define X(id, name, unit, meaning) {name, unit},
        ALM_INVOCATION_FIELD_LIST(X)
#undef X
    };
    json_t *list = json_object();
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++) {
        if (!(present >> f & 1))
            continue;
        json_t *entry = json_object();
        json_object_set_new(entry, "unit", json_string(field[f].unit));
        json_object_set_new(entry, "mean", real_or_null(load->field[f].mean));
        json_object_set_new(entry, "p50", real_or_null(load->field[f].p50));
        json_object_set_new(entry, "p95", real_or_null(load->field[f].p95));
        json_object_set_new(entry, "max", real_or_null(load->field[f].max));
        json_object_set_new(entry, "missing_share", share(load->field[f].missing, load->count));
        json_object_set_new(list, field[f].name, entry);
    }
    return list;
}

static json_t *one_most(const char *key, const char *name, const struct alm_trace_most *most, uint64_t all)
{
    json_t *entry = json_object();
    json_object_set_new(entry, key, cmd_info_text(name));
    json_object_set_new(entry, "count", whole(most->count));
    json_object_set_new(entry, "share", share(most->count, all));
    return entry;
}

static json_t *inputs(const struct alm_trace_load *load, const struct alm_invocations *source)
{
    json_t *list = json_object();
    for (size_t i = 0; i < source->inputs; i++) {
        const struct alm_input *input = &source->input[i];
        json_t *entry = json_object();
        json_object_set_new(entry, "kind", json_string(input->category ? "category" : "number"));
        json_object_set_new(entry, "unit", cmd_info_text(input->unit));
        if (input->category) {
            json_t *most = json_array();
            for (size_t k = 0; k < load->input[i].most_count; k++) {
                const struct alm_trace_most *m = &load->input[i].most[k];
                json_array_append_new(
                    most, one_most("word", source->word[i][m->index], m, load->count - load->input[i].missing));
            }
            json_object_set_new(entry, "words", whole(source->words[i]));
            json_object_set_new(entry, "most", most);
        } else {
            json_object_set_new(entry, "mean", real_or_null(load->input[i].mean));
            json_object_set_new(entry, "min", real_or_null(load->input[i].min));
            json_object_set_new(entry, "max", real_or_null(load->input[i].max));
        }
        json_object_set_new(entry, "missing_share", share(load->input[i].missing, load->count));
        json_object_set_new(list, input->name, entry);
    }
    return list;
}

static json_t *invocations(const struct alm_trace_load *load, const struct alm_trace *t)
{
    const struct alm_invocations *source = alm_trace_invocations(t);
    json_t *entry = json_object(), *most = json_array();
    for (size_t k = 0; k < load->most_count; k++)
        json_array_append_new(
            most, one_most("name", alm_trace_demand(t)->unit[load->most[k].index].name, &load->most[k], load->count));
    json_object_set_new(entry, "count", whole(load->count));
    json_object_set_new(entry, "first_ns", json_integer(load->first));
    json_object_set_new(entry, "last_ns", json_integer(load->last));
    json_object_set_new(entry, "units", whole(load->units));
    json_object_set_new(entry, "codes", whole(load->codes));
    json_object_set_new(entry, "rate_per_s", real_or_null(load->rate));
    json_object_set_new(entry, "interarrival_cv", real_or_null(load->interarrival_cv));
    json_object_set_new(entry, "minutes", whole(load->minutes));
    json_object_set_new(entry, "idle_minute_share", share(load->idle_minutes, load->minutes));
    json_object_set_new(entry, "busiest_units", most);
    json_object_set_new(entry, "fields", fields(load, source->fields));
    json_object_set_new(entry, "inputs", inputs(load, source));
    return entry;
}

static json_t *behaviour_fields(const struct alm_trace_habits *h, uint32_t measured)
{
    static const struct {
        const char *name, *unit;
    } field[] = {
#define X(id, name, unit, meaning) {name, unit},
        ALM_BEHAVIOUR_FIELD_LIST(X)
#undef X
    };
    json_t *list = json_object();
    for (int f = 0; f < ALM_BEHAVIOUR_FIELDS; f++) {
        if (!(measured >> f & 1))
            continue;
        json_t *entry = json_object();
        json_object_set_new(entry, "unit", json_string(field[f].unit));
        json_object_set_new(entry, "mean", real_or_null(h->field[f].mean));
        json_object_set_new(entry, "max", real_or_null(h->field[f].max));
        json_object_set_new(entry, "missing_share", share(h->field[f].missing, h->records));
        json_object_set_new(list, field[f].name, entry);
    }
    return list;
}

static json_t *behaviour(const struct alm_trace_habits *h, const struct alm_trace *t)
{
    const struct alm_behaviours *source = alm_trace_behaviours(t);
    json_t *entry = json_object(), *most = json_array();
    for (size_t k = 0; k < h->most_count; k++)
        json_array_append_new(
            most, one_most("name", source->function[h->most[k].index], &h->most[k], (uint64_t)fmin(h->calls, 1.8e19)));
    json_object_set_new(entry, "records", whole(h->records));
    json_object_set_new(entry, "units", whole(h->units));
    json_object_set_new(entry, "functions", whole(h->functions));
    json_object_set_new(entry, "first_ns", json_integer(h->first));
    json_object_set_new(entry, "last_ns", json_integer(h->last));
    json_object_set_new(entry, "shortest_ns", json_integer(h->shortest));
    json_object_set_new(entry, "longest_ns", json_integer(h->longest));
    json_object_set_new(entry, "most_called", most);
    json_object_set_new(entry, "fields", behaviour_fields(h, alm_trace_measured(t)));
    return entry;
}

static void add_span(json_t *root, const struct alm_demand *demand)
{
    alm_time first = demand->unit[0].first, last = demand->unit[0].last;
    for (size_t u = 1; u < demand->units; u++) {
        first = demand->unit[u].first < first ? demand->unit[u].first : first;
        last = demand->unit[u].last > last ? demand->unit[u].last : last;
    }
    json_object_set_new(root, "first_ns", json_integer(first));
    json_object_set_new(root, "last_ns", json_integer(last));
    json_object_set_new(root, "interval_ns", json_integer(demand->interval));
}

static int describe(const struct alm_trace *t, const struct alm_trace_watch *watch, json_t *root, struct alm_err *e)
{
    const struct alm_demand *demand = alm_trace_demand(t);
    struct alm_trace_column column[ALM_RESOURCES];
    uint64_t gaps = 0;
    struct alm_trace_load *load = malloc(sizeof *load);
    if (!load)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int rc = alm_trace_describe(t, watch, column, &gaps, e);
    if (rc == 0)
        rc = alm_trace_describe_load(t, watch, load, e);
    struct alm_trace_habits habits = {0};
    if (rc == 0)
        rc = alm_trace_describe_behaviour(t, watch, &habits, e);
    if (rc == 0) {
        json_object_set_new(root, "units", whole(demand->units));
        json_object_set_new(root, "rows", whole(alm_trace_rows(t)));
        add_span(root, demand);
        json_object_set_new(root, "gaps", whole(gaps));
        json_object_set_new(root, "time_origin", json_string(alm_trace_calendar(t) ? "unix" : "zero"));
        add_resources(root, demand, column);
        if (load->count > 0)
            json_object_set_new(root, "invocations", invocations(load, t));
        if (habits.records > 0)
            json_object_set_new(root, "behaviour", behaviour(&habits, t));
    }
    free(load);
    return rc;
}

int cmd_info_trace(const char *file, json_t *root, struct alm_err *e)
{
    struct alm_trace *t = NULL;
    struct cmd_progress progress;
    const struct alm_trace_watch watch = {cmd_progress_step, &progress, &cmd_interrupted};
    ALM_TRY(alm_trace_open(file, &t, e));
    cmd_progress_start(&progress, "reading", false);
    int rc = describe(t, &watch, root, e);
    cmd_progress_stop(&progress);
    alm_trace_close(t);
    return rc;
}
