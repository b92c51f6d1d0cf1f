/* SPDX-License-Identifier: GPL-3.0-or-later
 * station: what the trace says of its platform, as JSON of the schema almanac.platform/1.
 *
 * Meaning.  System `queue`: each station is its unit and one machine of its own with as many cores as it has servers.
 *             fcfs   as many instances as servers, one customer each at a time; without a bound all are served at once
 *             ps     all are served at once, and the machine's cores are shared
 *           With a setup, instances are started when customers wait for them, go as soon as they are idle, and a start that
 *           nobody needs any more is given up. Capacity, classes and setup are of the first station.
 * Choice.   What the trace says of a station stands before the options of the platform, which go on for what it does not say
 *           (timeouts, limits). What is not known is an error, as a system half understood is another system. JSON without
 *           a schema of ours was stored by an importer for others, and is left alone.
 * Limits.   Setup with shared servers: one server only.
 * Source.   The generator `queue`, which writes such traces, says what each word means. */
#include "world.h"

#include "almanac/quantity.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SCHEMA "almanac.platform/"
#define STATIONS_MOST 64
#define SERVERS_MOST 1e6

struct setup {
    struct alm_law_options law;
    bool given, staggered;
};

struct station {
    uint32_t unit;
    double servers; /* INFINITY: no bound */
    uint64_t capacity;
    bool shared;
};

struct system {
    struct station station[STATIONS_MOST];
    uint32_t stations;
    bool preemptive;
    struct setup setup;
};

/* clang-format off */
static const struct alm_opt law_rows[] = {
    ALM_LAW_ROWS("setup.law", offsetof(struct setup, law), ALM_OPT_REAL, "seconds to switch a server on"),
    {0},
};
/* clang-format on */

/* -- values */

static int check_keys(json_t *object, const char *what, const char *const *known, struct alm_err *e)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        size_t k = 0;
        while (known[k] && strcmp(known[k], key) != 0)
            k++;
        if (known[k])
            continue;
        const char *near = alm_nearest(key, known);
        return alm_fail(e, ALM_EDATA, "%s: unknown key `%.60s`%s%s%s", what, key, near ? "; did you mean `" : "",
                        near ? near : "", near ? "`?" : "");
    }
    return ALM_OK;
}

/* One of the WORDS; the first when nothing is said. */
static int read_word(const json_t *object, const char *what, const char *key, const char *const *words, size_t *out,
                     struct alm_err *e)
{
    const json_t *value = json_object_get(object, key);
    char list[200] = "";
    *out = 0;
    if (!value)
        return ALM_OK;
    for (size_t k = 0; words[k]; k++) {
        if (json_is_string(value) && strcmp(json_string_value(value), words[k]) == 0) {
            *out = k;
            return ALM_OK;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s\"%s\"", k ? ", " : "", words[k]);
    }
    if (json_is_string(value))
        return alm_fail(e, ALM_EUNSUPPORTED, "%s: %s is \"%.60s\"; known: %s", what, key, json_string_value(value),
                        list);
    return alm_fail(e, ALM_EDATA, "%s: %s is not a text; known: %s", what, key, list);
}

/* A whole number from 1 to MOST; INFINITY for null. */
static int read_bound(const json_t *object, const char *what, const char *key, bool needed, double most, double *out,
                      struct alm_err *e)
{
    const json_t *value = json_object_get(object, key);
    *out = INFINITY;
    if (json_is_null(value) || (!value && !needed))
        return ALM_OK;
    double number = json_number_value(value);
    if (json_is_number(value) && number >= 1 && number <= most && number == floor(number)) {
        *out = number;
        return ALM_OK;
    }
    return alm_fail(e, ALM_EDATA, "%s: %s %s; write a whole number from 1 to %.0f, or null for no bound", what, key,
                    value ? "is none" : "is missing", most);
}

static int read_flag(const json_t *object, const char *what, const char *key, bool *out, struct alm_err *e)
{
    const json_t *value = json_object_get(object, key);
    *out = json_is_true(value);
    if (value && !json_is_boolean(value))
        return alm_fail(e, ALM_EDATA, "%s: %s is neither true nor false", what, key);
    return ALM_OK;
}

/* -- setup */

static int law_value(const json_t *value, char out[ALM_OPT_STRING], struct alm_err *e)
{
    char word[ALM_QUANTITY_TEXT];
    size_t used = 0;
    out[0] = '\0';
    if (json_is_string(value) && strlen(json_string_value(value)) < ALM_OPT_STRING)
        snprintf(out, ALM_OPT_STRING, "%s", json_string_value(value));
    else if (json_is_number(value))
        snprintf(out, ALM_OPT_STRING, "%s", alm_print_real(json_number_value(value), word));
    for (size_t i = 0; json_is_array(value) && i < json_array_size(value) && used < ALM_OPT_STRING; i++) {
        const json_t *item = json_array_get(value, i);
        if (!json_is_number(item))
            return alm_fail(e, ALM_EDATA, "item %zu is not a number", i);
        used += (size_t)snprintf(out + used, ALM_OPT_STRING - used, "%s%s", i ? "/" : "",
                                 alm_print_real(json_number_value(item), word));
    }
    if (out[0] && used < ALM_OPT_STRING)
        return ALM_OK;
    return alm_fail(e, ALM_EDATA, "neither a number, a word nor a list of at most %d numbers", ALM_OPT_LIST);
}

static int read_law(json_t *law, struct setup *out, struct alm_err *e)
{
    const char *key;
    json_t *value;
    char text[ALM_OPT_STRING], name[80];
    ALM_TRY(alm_options_init(law_rows, out, e));
    if (!json_is_object(law))
        return alm_fail(e, ALM_EDATA, "setup: law is missing; write {\"law\": \"exponential\", \"mean\": 1}");
    json_object_foreach(law, key, value)
    {
        if (law_value(value, text, e) < 0)
            return alm_fail_in(e, "setup: law: %.60s", key);
        snprintf(name, sizeof name, "setup.law.%.60s", key);
        ALM_TRY(alm_options_set(law_rows, out, "setup", name, text, e));
    }
    return ALM_OK;
}

static int read_setup(json_t *setup, struct system *out, struct alm_err *e)
{
    static const char *const keys[] = {"law", "policy", NULL}, *const policies[] = {"parallel", "staggered", NULL};
    size_t policy;
    if (!setup || json_is_null(setup))
        return ALM_OK;
    if (!json_is_object(setup))
        return alm_fail(e, ALM_EDATA, "setup: write {\"law\": {...}, \"policy\": \"parallel\"}, or null");
    ALM_TRY(check_keys(setup, "setup", keys, e));
    ALM_TRY(read_word(setup, "setup", "policy", policies, &policy, e));
    ALM_TRY(read_law(json_object_get(setup, "law"), &out->setup, e));
    out->setup.given = out->setup.law.law != ALM_LAW_NONE;
    out->setup.staggered = policy == 1;
    const struct station *first = &out->station[0];
    if (out->setup.given && isinf(first->servers))
        return alm_fail(e, ALM_EDATA, "setup: without a bound on servers none is ever idle; say how many there are");
    if (out->setup.given && first->shared && first->servers > 1)
        return alm_fail(e, ALM_EUNSUPPORTED, "setup: %g shared servers cannot switch on one by one; use \"fcfs\"",
                        first->servers);
    return ALM_OK;
}

/* -- stations */

static int find_unit(const struct sim_world *w, const json_t *name, const char *what, uint32_t *out, struct alm_err *e)
{
    const char *text = json_string_value(name);
    if (!text)
        return alm_fail(e, ALM_EDATA, "%s: unit is missing; write the name of a unit of the trace", what);
    for (size_t i = 0; i < w->units; i++)
        if (strcmp(w->info[i].name, text) == 0) {
            *out = (uint32_t)i;
            return ALM_OK;
        }
    return alm_fail(e, ALM_EDATA, "%s: there is no unit `%.100s` in the trace", what, text);
}

static int read_station(const struct sim_world *w, json_t *station, struct system *out, struct alm_err *e)
{
    static const char *const keys[] = {"unit", "servers", "discipline", "capacity", NULL};
    static const char *const disciplines[] = {"fcfs", "ps", NULL};
    struct station *s = &out->station[out->stations];
    char what[40];
    size_t discipline;
    double capacity;
    snprintf(what, sizeof what, "stations[%u]", out->stations);
    if (!json_is_object(station))
        return alm_fail(e, ALM_EDATA, "%s: not an object", what);
    ALM_TRY(check_keys(station, what, keys, e));
    ALM_TRY(find_unit(w, json_object_get(station, "unit"), what, &s->unit, e));
    for (uint32_t k = 0; k < out->stations; k++)
        if (out->station[k].unit == s->unit)
            return alm_fail(e, ALM_EDATA, "%s: unit `%.100s` is stations[%u] already", what, w->info[s->unit].name, k);
    ALM_TRY(read_bound(station, what, "servers", true, SERVERS_MOST, &s->servers, e));
    ALM_TRY(read_bound(station, what, "capacity", false, 1e15, &capacity, e));
    ALM_TRY(read_word(station, what, "discipline", disciplines, &discipline, e));
    s->capacity = isfinite(capacity) ? (uint64_t)capacity : UINT64_MAX;
    s->shared = discipline == 1;
    out->stations++;
    return ALM_OK;
}

static int read_system(const struct sim_world *w, json_t *root, struct system *out, struct alm_err *e)
{
    static const char *const keys[] = {"schema", "system", "stations", "route", "classes", "preemptive", "setup", NULL};
    static const char *const systems[] = {"queue", NULL}, *const routes[] = {"tandem", NULL};
    size_t unused;
    double classes;
    if (strcmp(json_string_value(json_object_get(root, "schema")), SCHEMA "1") != 0)
        return alm_fail(e, ALM_EUNSUPPORTED, "schema %.60s is not known; this program reads %s1",
                        json_string_value(json_object_get(root, "schema")), SCHEMA);
    ALM_TRY(read_word(root, "system", "system", systems, &unused, e));
    ALM_TRY(check_keys(root, "system queue", keys, e));
    ALM_TRY(read_word(root, "system queue", "route", routes, &unused, e));
    ALM_TRY(read_bound(root, "system queue", "classes", false, SIM_CLASSES, &classes, e));
    ALM_TRY(read_flag(root, "system queue", "preemptive", &out->preemptive, e));
    json_t *stations = json_object_get(root, "stations");
    size_t n = json_array_size(stations);
    if (n < 1 || n > STATIONS_MOST)
        return alm_fail(e, ALM_EDATA, "stations: write a list of 1 to %d stations", STATIONS_MOST);
    for (size_t k = 0; k < n; k++)
        ALM_TRY(read_station(w, json_array_get(stations, k), out, e));
    return read_setup(json_object_get(root, "setup"), out, e);
}

/* -- building it */

static void set_servers(struct sim_service *s, const struct station *station)
{
    const bool bounded = isfinite(station->servers);
    s->scale = SIM_SCALE_FIXED;
    s->slots = station->shared || !bounded ? 0 : 1;
    s->least = s->most = bounded ? (uint32_t)station->servers : UINT32_MAX;
    s->capacity = station->capacity;
    s->queue_limit = UINT64_MAX;
    s->keep_alive = 0;
    s->preemptive = s->give_up = s->one_at_a_time = false;
    alm_law_close(&s->start_law);
    s->start_law = (struct alm_law){.kind = ALM_LAW_NONE};
}

static int set_setup(struct sim_service *s, const struct setup *setup, bool shared, struct alm_err *e)
{
    int code = alm_law_open(&setup->law, ALM_OPT_REAL, "setup.law", NULL, &s->start_law, e);
    if (code == ALM_NOT_YET)
        return alm_fail(e, ALM_EUNSUPPORTED,
                        "setup: law empirical reads a file, which a trace does not bring along; "
                        "use discrete");
    ALM_TRY(code);
    s->scale = SIM_SCALE_PER_REQUEST;
    s->slots = shared ? UINT32_MAX : 1;
    s->least = 0;
    s->give_up = true;
    s->one_at_a_time = setup->staggered;
    return ALM_OK;
}

static int build_station(struct sim_world *w, const struct station *station, struct alm_err *e)
{
    struct sim_member *u = &w->unit[station->unit];
    struct alm_machine machine = {.cores = station->servers, .speed = 1, .memory = INFINITY};
    snprintf(machine.name, sizeof machine.name, "%.*s", ALM_MACHINE_NAME - 1, w->info[u->id].name);
    for (int r = 0; r < ALM_RESOURCES; r++)
        machine.bandwidth[r] = INFINITY;
    ALM_TRY(sim_machine_add(w, &machine, w->begin, ALM_TIME_MAX, e));
    w->room[w->machines - 1].open = false;
    return sim_place_on(w, u, (uint32_t)w->machines - 1, e);
}

/* Nobody else may have anything to do: there would be nothing to run on. */
static int check_others(const struct sim_world *w, const struct system *system, struct alm_err *e)
{
    for (uint32_t i = 0; i < w->units; i++) {
        bool known = !w->unit[i].serves && w->demand->rows[i] == 0;
        for (uint32_t k = 0; k < system->stations; k++)
            known |= system->station[k].unit == i;
        if (!known)
            return alm_fail(e, ALM_EDATA, "unit `%.100s` is no station; list all units of the trace", w->info[i].name);
    }
    return ALM_OK;
}

static int build(struct sim_world *w, const struct system *system, struct alm_err *e)
{
    uint32_t unit[STATIONS_MOST];
    ALM_TRY(check_others(w, system, e));
    if (w->o->machines.count)
        return alm_fail(e, ALM_EINVAL, "the trace says what serves its invocations; leave the option machines out");
    for (uint32_t k = 0; k < system->stations; k++) {
        set_servers(&w->unit[system->station[k].unit].service, &system->station[k]);
        ALM_TRY(build_station(w, &system->station[k], e));
        unit[k] = system->station[k].unit;
    }
    struct sim_service *first = &w->unit[unit[0]].service;
    first->preemptive = system->preemptive;
    if (system->setup.given)
        ALM_TRY(set_setup(first, &system->setup, system->station[0].shared, e));
    return system->stations > 1 ? sim_tandem_open(w, unit, system->stations, e) : ALM_OK;
}

int sim_stations_read(struct sim_world *w, const char *json, struct alm_err *e)
{
    json_error_t where;
    if (!json)
        return ALM_OK;
    json_t *root = json_loads(json, 0, &where);
    if (!root)
        return alm_fail(e, ALM_EDATA, "the trace's platform is not JSON: line %d: %.200s", where.line, where.text);
    const char *schema = json_string_value(json_object_get(root, "schema"));
    struct system system = {0};
    int code = ALM_OK;
    if (schema && strncmp(schema, SCHEMA, strlen(SCHEMA)) == 0) {
        code = read_system(w, root, &system, e);
        if (code >= 0)
            code = build(w, &system, e);
    }
    json_decref(root);
    return code < 0 ? alm_fail_in(e, "the trace's platform") : ALM_OK;
}
