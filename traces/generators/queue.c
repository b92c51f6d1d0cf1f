/* SPDX-License-Identifier: GPL-3.0-or-later
 * queue: customers of a queueing system, drawn beforehand, with a description of the system.
 *
 * Meaning.  Customers 0 .. customers - 1 come one after the other (or in batches). The units are stations, NAME-1 first;
 *           invocation k of a station, in order of arrival, is customer k there: its service is `work` in core-seconds
 *           at parallelism 1, so a server is a core. Of the first station there are also `patience` (seconds in the queue
 *           before it leaves; given a law) and `priority` (given classes; larger is served first). At later stations
 *           (tandem) arrivals are those at the first: the customer comes when the station before lets it go; one that
 *           was refused or left the queue does not come.
 *           The platform is described by one JSON object:
 *             {"schema": "almanac.platform/1", "system": "queue",
 *              "stations": [{"unit": "queue-1",      name of its unit
 *                            "servers": 2,           null: as many as there are customers
 *                            "discipline": "fcfs",   or "ps": servers are shared evenly, each customer has at most one
 *                            "capacity": 10}, ...],  most customers, waiting and in service; who meets a full station
 *                                                    leaves; null: no bound
 *              "route": "tandem",                    from each station to the next, out after the last
 *              "classes": 2,                         priorities 0 .. classes - 1; 1: no priorities
 *              "preemptive": false,                  true: a better class interrupts, the service goes on later
 *              "setup": null}                        or {"law": {...}, "policy": "parallel"}
 *           Setup: an idle server switches off; while off it takes a time drawn from the law to switch on. `parallel`: a
 *           setup begins for each waiting customer while a server is off; `staggered`: one at a time. A setup that no
 *           customer needs any longer is given up. Laws are written as in specifications: {"law": "exponential",
 *           "mean": 1}.
 * Choice.   What does not depend on the policy is drawn here, so that all policies meet the same customers; setups,
 *           which happen as the policy has it, are drawn by the platform. Each purpose has a random stream of its own:
 *           patience or another discipline leaves arrivals and services as they were.
 * Limits.   Three stations, three classes with service laws of their own. Capacity, priorities, patience, setup are of
 *           the first station. Services are rounded to nanoseconds.
 * Source.   Kendall's systems in Harchol-Balter, Performance Modeling and Design of Computer Systems (2013); patience:
 *           Garnett, Mandelbaum, Reiman, MSOM 4 (2002); setup: Gandhi, Doroudi, Harchol-Balter, Scheller-Wolf,
 *           Queueing Systems 77 (2014). */
#include "almanac/generator.h"
#include "almanac/option.h"
#include "almanac/quantity.h"
#include "almanac/stream.h"
#include "synthesis/arrivals.h"
#include "synthesis/law_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATIONS 3
#define CLASSES 3

struct options {
    int64_t customers, capacity;
    char start[ALM_OPT_STRING], name[ALM_OPT_STRING];
    struct alm_arrival_options arrival;
    struct alm_law_options service, station[STATIONS - 1], class[CLASSES - 1], patience, setup;
    struct alm_numbers servers, classes;
    int discipline, policy;
    bool preemptive;
};

#define DISCIPLINES "fcfs|ps"
#define POLICIES "parallel|staggered"
static const char *const discipline_word[] = {"fcfs", "ps"}, *const policy_word[] = {"parallel", "staggered"};

#define AT(member) offsetof(struct options, member)
/* clang-format off */
static const struct alm_opt rows[] = {
    {"customers", ALM_OPT_INTEGER, AT(customers), "100000", 1, 1e12, NULL, "how many come"},
    {"start", ALM_OPT_TEXT, AT(start), "0s", 0, 0, NULL, "a date as 2024-01-01T00:00:00Z, or a duration from 0"},
    {"name", ALM_OPT_TEXT, AT(name), "queue", 0, 0, NULL, "what names of stations begin with"},
    ALM_ARRIVAL_ROWS(AT(arrival), "when they come; default: poisson of rate 0.8"),
    ALM_LAW_ROWS("service", AT(service), ALM_OPT_REAL, "seconds of service; default: exponential of mean 1"),
    {"servers", ALM_OPT_NUMBERS, AT(servers), "1", 0, 1e6, NULL, "servers, of all stations or of each; 0: no bound"},
    {"discipline", ALM_OPT_CHOICE, AT(discipline), "fcfs", 0, 0, DISCIPLINES, "first come first served, or shared"},
    {"capacity", ALM_OPT_INTEGER, AT(capacity), "0", 0, 1e12, NULL,
     "most customers in the first station; 0: no bound"},
    ALM_LAW_ROWS("patience", AT(patience), ALM_OPT_REAL, "seconds in the queue before one leaves; default: for ever"),
    ALM_LAW_ROWS("setup", AT(setup), ALM_OPT_REAL, "seconds to switch a server on; default: always on"),
    {"setup.policy", ALM_OPT_CHOICE, AT(policy), "parallel", 0, 0, POLICIES,
     "how many servers switch on at a time"},
    {"classes", ALM_OPT_NUMBERS, AT(classes), "", 0, 1e15, NULL,
     "shares of the classes, the first of which is served first; empty: one class"},
    {"preemptive", ALM_OPT_BOOL, AT(preemptive), "false", 0, 0, NULL, "does a better class interrupt a service"},
    ALM_LAW_ROWS("class2", AT(class[0]), ALM_OPT_REAL, "service of the second class; default: service"),
    ALM_LAW_ROWS("class3", AT(class[1]), ALM_OPT_REAL, "service of the third class; default: service"),
    ALM_LAW_ROWS("station2", AT(station[0]), ALM_OPT_REAL, "service at a second station; default: none such"),
    ALM_LAW_ROWS("station3", AT(station[1]), ALM_OPT_REAL, "service at a third station; default: none such"),
    {0},
};
/* clang-format on */

struct plan {
    const struct options *opt;
    struct alm_trace_sink *sink;
    alm_time start, end;
    size_t stations, classes;
    char name[STATIONS][ALM_UNIT_NAME];
    uint32_t unit[STATIONS];
    double until[CLASSES]; /* cumulative shares */
    struct alm_arrival_model arrival;
    struct alm_law service[CLASSES], station[STATIONS - 1], patience;
    struct alm_stream class_stream, service_stream[STATIONS], patience_stream;
};

static const struct alm_law_options usual_service = {.law = ALM_LAW_EXPONENTIAL, .mean = {1}};

/* ---- plan ---- */

static int open_classes(struct plan *p, struct alm_err *e)
{
    static const char *const key[CLASSES - 1] = {"class2", "class3"};
    const struct options *o = p->opt;
    double sum = 0, part = 0;
    p->classes = o->classes.count ? o->classes.count : 1;
    if (p->classes > CLASSES)
        return alm_fail(e, ALM_EINVAL, "classes: %zu shares; at most %d classes are possible", p->classes, CLASSES);
    for (size_t i = 0; i < o->classes.count; i++)
        sum += o->classes.value[i];
    if (o->classes.count && !(sum > 0))
        return alm_fail(e, ALM_EINVAL, "classes: all shares are 0; at least one must be above");
    for (size_t i = 0; i < p->classes; i++)
        p->until[i] = o->classes.count ? (part += o->classes.value[i]) / sum : 1;
    for (size_t i = 1; i < CLASSES; i++) {
        if (i >= p->classes && alm_law_given(&o->class[i - 1]))
            return alm_fail(e, ALM_EINVAL, "%s is given, but there %s %zu class%s; say classes: [share, share, ...]",
                            key[i - 1], p->classes > 1 ? "are" : "is", p->classes, p->classes > 1 ? "es" : "");
        const struct alm_law_options *usual = alm_law_given(&o->service) ? &o->service : &usual_service;
        ALM_TRY(alm_law_open_file(&o->class[i - 1], ALM_OPT_REAL, key[i - 1], usual, &p -> service[i], e));
        if (p->service[i].kind == ALM_LAW_NONE)
            return alm_fail(e, ALM_EINVAL, "%s.law is none: each customer needs a service", key[i - 1]);
    }
    return ALM_OK;
}

static int open_stations(struct plan *p, struct alm_err *e)
{
    static const char *const key[STATIONS - 1] = {"station2", "station3"};
    const struct options *o = p->opt;
    p->stations = 1;
    for (size_t i = 0; i + 1 < STATIONS; i++) {
        ALM_TRY(alm_law_open_file(&o->station[i], ALM_OPT_REAL, key[i], NULL, &p->station[i], e));
        if (p->station[i].kind == ALM_LAW_NONE)
            continue;
        if (p->stations != i + 1)
            return alm_fail(e, ALM_EINVAL, "%s is given without station2; stations follow one another", key[i]);
        p->stations++;
    }
    if (o->servers.count != 1 && o->servers.count != p->stations)
        return alm_fail(e, ALM_EINVAL, "servers has %zu numbers for %zu station%s; give one for all, or one for each",
                        o->servers.count, p->stations, p->stations > 1 ? "s" : "");
    for (size_t i = 0; i < o->servers.count; i++)
        if (o->servers.value[i] != floor(o->servers.value[i]))
            return alm_fail(e, ALM_EINVAL, "servers: %g is not a whole number", o->servers.value[i]);
    return ALM_OK;
}

/* Names that stand in JSON as they are. */
static int check_name(const char *name, struct alm_err *e)
{
    size_t n = strlen(name);
    if (n == 0 || n > 100)
        return alm_fail(e, ALM_EINVAL, "name: write 1 to 100 bytes");
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == '"' || name[i] == '\\' || name[i] == 0x7f)
            return alm_fail(e, ALM_EINVAL, "name: a quote, backslash or control character cannot be part of it");
    return ALM_OK;
}

/* Combinations that mean nothing. */
static int check_system(const struct options *o, struct alm_err *e)
{
    if (o->discipline && o->classes.count > 1)
        return alm_fail(e, ALM_EINVAL, "classes: customers that share a server have no order; use discipline=fcfs");
    if (o->preemptive && o->classes.count < 2)
        return alm_fail(e, ALM_EINVAL, "preemptive: with one class nobody interrupts; say classes: [share, share]");
    if (alm_law_given(&o->setup) && o->servers.count && o->servers.value[0] == 0)
        return alm_fail(e, ALM_EINVAL, "setup: without a bound on servers none is ever idle; say how many servers");
    if (o->policy && !alm_law_given(&o->setup))
        return alm_fail(e, ALM_EINVAL, "setup.policy is given without a setup; say setup: {law: ...}");
    return ALM_OK;
}

static int open_plan(struct plan *p, uint64_t seed, struct alm_err *e)
{
    const struct options *o = p->opt;
    const alm_time most = 100 * 365 * ALM_DAY;
    ALM_TRY(alm_arrival_start(o->start, &p->start, e));
    p->end = p->start < ALM_TIME_MAX - most ? p->start + most : ALM_TIME_MAX;
    ALM_TRY(check_name(o->name, e));
    ALM_TRY(check_system(o, e));
    ALM_TRY(alm_arrival_open(&o->arrival, 0.8, &p->arrival, e));
    ALM_TRY(alm_law_open_file(&o->service, ALM_OPT_REAL, "service", &usual_service, &p->service[0], e));
    if (p->service[0].kind == ALM_LAW_NONE)
        return alm_fail(e, ALM_EINVAL, "service.law is none: each customer needs a service");
    ALM_TRY(open_classes(p, e));
    ALM_TRY(open_stations(p, e));
    ALM_TRY(alm_law_open_file(&o->patience, ALM_OPT_REAL, "patience", NULL, &p->patience, e));
    p->class_stream = alm_stream_open(seed, 0, "queue.class");
    p->patience_stream = alm_stream_open(seed, 0, "queue.patience");
    for (uint64_t i = 0; i < STATIONS; i++)
        p->service_stream[i] = alm_stream_open(seed, i, "queue.service");
    return ALM_OK;
}

static void close_plan(struct plan *p)
{
    alm_arrival_close(&p->arrival);
    alm_law_close(&p->patience);
    for (size_t i = 0; i < CLASSES; i++)
        alm_law_close(&p->service[i]);
    for (size_t i = 0; i + 1 < STATIONS; i++)
        alm_law_close(&p->station[i]);
}

static int add_stations(struct plan *p, struct alm_err *e)
{
    for (size_t i = 0; i < p->stations; i++) {
        double servers = p->opt->servers.value[p->opt->servers.count > 1 ? i : 0];
        struct alm_unit u = {.last = ALM_TIME_MAX, .cores = servers > 0 ? servers : NAN, .memory = NAN};
        snprintf(u.name, sizeof u.name, "%.100s-%zu", p->opt->name, i + 1);
        memcpy(u.code, u.name, sizeof u.code);
        memcpy(p->name[i], u.name, sizeof u.name);
        ALM_TRY(p->sink->unit(p->sink, &u, &p->unit[i], e));
    }
    return ALM_OK;
}

/* ---- description of the platform ---- */

#define JSON_MOST 8192

/* A number, or null for 0. */
static const char *json_bound(double bound, char out[ALM_QUANTITY_TEXT])
{
    return bound > 0 ? alm_print_real(bound, out) : "null";
}

static int describe_setup(const struct options *o, char *out, size_t size, struct alm_err *e)
{
    struct alm_law law;
    char text[4096];
    ALM_TRY(alm_law_open_file(&o->setup, ALM_OPT_REAL, "setup", NULL, &law, e));
    enum alm_law_kind kind = law.kind;
    alm_law_close(&law);
    if (kind == ALM_LAW_NONE) {
        snprintf(out, size, "null");
        return ALM_OK;
    }
    ALM_TRY(alm_law_json(&o->setup, text, sizeof text, e));
    snprintf(out, size, "{\"law\": %s, \"policy\": \"%s\"}", text, policy_word[o->policy]);
    return ALM_OK;
}

static int describe(const struct plan *p, char out[JSON_MOST], struct alm_err *e)
{
    const struct options *o = p->opt;
    char setup[4200], servers[ALM_QUANTITY_TEXT], capacity[ALM_QUANTITY_TEXT];
    ALM_TRY(describe_setup(o, setup, sizeof setup, e));
    size_t used =
        (size_t)snprintf(out, JSON_MOST, "{\"schema\": \"almanac.platform/1\", \"system\": \"queue\", \"stations\": [");
    for (size_t i = 0; i < p->stations; i++)
        used += (size_t)snprintf(out + used, JSON_MOST - used,
                                 "%s{\"unit\": \"%s\", \"servers\": %s, \"discipline\": \"%s\", \"capacity\": %s}",
                                 i ? ", " : "", p->name[i],
                                 json_bound(o->servers.value[o->servers.count > 1 ? i : 0], servers),
                                 discipline_word[o->discipline], json_bound(i ? 0 : (double)o->capacity, capacity));
    snprintf(out + used, JSON_MOST - used,
             "], \"route\": \"tandem\", \"classes\": %zu, \"preemptive\": %s, \"setup\": %s}", p->classes,
             o->preemptive ? "true" : "false", setup);
    return ALM_OK;
}

/* ---- customers ---- */

static double rounded(double seconds)
{
    return nearbyint(fmin(seconds, 1e9) * 1e9) / 1e9;
}

/* Its invocation at each station. */
static void make_customer(struct plan *p, alm_time at, struct alm_invocation row[STATIONS])
{
    size_t class = 0;
    double u = alm_stream_uniform(&p->class_stream);
    while (class + 1 < p->classes && u >= p->until[class])
        class ++;
    for (size_t i = 0; i < p->stations; i++) {
        const struct alm_law *law = i ? &p->station[i - 1] : &p->service[class];
        row[i] = (struct alm_invocation){.arrival = at, .unit = p->unit[i]};
        for (size_t f = 0; f < ALM_INVOCATION_FIELDS; f++)
            row[i].value[f] = NAN;
        row[i].value[ALM_INV_WORK] = rounded(alm_law_draw(law, &p->service_stream[i]));
        row[i].value[ALM_INV_PARALLELISM] = 1;
    }
    if (p->patience.kind != ALM_LAW_NONE)
        row[0].value[ALM_INV_PATIENCE] = rounded(alm_law_draw(&p->patience, &p->patience_stream));
    if (p->classes > 1)
        row[0].value[ALM_INV_PRIORITY] = (double)(p->classes - 1 - class);
}

static int check_end(const struct plan *p, int64_t came, struct alm_err *e)
{
    if (p->arrival.process == ALM_ARRIVAL_COUNTS)
        return alm_fail(e, ALM_EINVAL,
                        "arrival.counts makes only %" PRId64 " of %" PRId64 " customers; say customers=%" PRId64
                        " or give more counts",
                        came, p->opt->customers, came);
    return alm_fail(e, ALM_EINVAL,
                    "customer %" PRId64 " would come more than 100 years after the start; let them come "
                    "faster, or ask for fewer",
                    came);
}

#define CUSTOMERS 256

static int make_customers(struct plan *p, uint64_t seed, struct alm_err *e)
{
    struct alm_arrivals arrivals = alm_arrivals_start(&p->arrival, 1, p->start, p->end, seed, 0);
    struct alm_invocation row[CUSTOMERS * STATIONS];
    size_t n = 0;
    for (int64_t k = 0; k < p->opt->customers; k++) {
        alm_time at;
        if (!alm_arrivals_next(&arrivals, &at))
            return check_end(p, k, e);
        make_customer(p, at, &row[n]);
        n += p->stations;
        if (n + p->stations <= CUSTOMERS * STATIONS && k + 1 < p->opt->customers)
            continue;
        if (p->sink->stop && *p->sink->stop)
            return alm_fail(e, ALM_EINTR, "interrupted while generating customer %" PRId64, k);
        ALM_TRY(p->sink->invocations(p->sink, row, NULL, n, e));
        p->sink->report->read += n;
        n = 0;
        if (p->sink->progress)
            p->sink->progress(p->sink->progress_ctx, (double)(k + 1) / (double)p->opt->customers);
    }
    return ALM_OK;
}

static int make_trace(struct plan *p, uint64_t seed, struct alm_err *e)
{
    char json[JSON_MOST];
    ALM_TRY(open_plan(p, seed, e));
    ALM_TRY(add_stations(p, e));
    ALM_TRY(describe(p, json, e));
    ALM_TRY(p->sink->platform(p->sink, json, e));
    return make_customers(p, seed, e);
}

static int run(const void *opt, uint64_t seed, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct plan *p = calloc(1, sizeof *p);
    if (!p)
        return alm_fail(e, ALM_ENOMEM, "generator queue: no memory for its laws");
    p->opt = opt;
    p->sink = sink;
    int code = make_trace(p, seed, e);
    close_plan(p);
    free(p);
    return code < 0 ? alm_fail_in(e, "generator queue") : ALM_OK;
}

const struct alm_generator_ops alm_generator_queue = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_generator_ops),
             .kind = ALM_GENERATOR,
             .name = "queue",
             .summary =
                 "customers of a queueing system and what serves them: M/G/1, M/M/c, priorities, patience, tandem",
             .source = "Harchol-Balter, Performance Modeling and Design of Computer Systems, 2013",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
