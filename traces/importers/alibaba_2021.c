/* SPDX-License-Identifier: GPL-3.0-or-later
 * alibaba-2021: Alibaba's microservices: nodes, containers of services, and calls between services.
 *
 * Meaning.  Node: a unit is a node. MSResource: a unit is a container, its code the service it runs. cpu and memory are
 *           shares (0..1) of a capacity that the data do not tell: options do. CallGraph: a call is an invocation of the
 *           service called (dm), which is its unit and code; rt is its duration, its interface and kind of call are inputs.
 * Choice.   A remote call is recorded by both sides: by the caller with rt > 0, by the callee with rt < 0. Only one side
 *           counts; side=callee leaves out the network, but calls to databases and caches are known by their caller
 *           alone, so they are taken from there. side=caller takes the calls with rt >= 0.
 * Limits.   MSRTQps holds rates and means, no single calls: not read. Calls of unknown services are dropped and counted. A
 *           CallGraph stamp is taken as the arrival. Trace and call ids are not kept.
 * Source.   Luo et al., Characterizing microservice dependency and performance, SoCC 2021;
 *           github.com/alibaba/clusterdata, cluster-trace-microservices-v2021. */
#include "almanac/importer.h"
#include "formats/shares.h"
#include "text/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct options {
    struct alm_rows_options rows;
    double node_cores, container_cores;
    int64_t node_memory, container_memory;
    int side;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt options[] = {
    {"node_cores", ALM_OPT_CORES, AT(node_cores), "96", 1e-3, 1e6, NULL, "of each node"},
    {"node_memory", ALM_OPT_BYTES, AT(node_memory), "512Gi", 1, 1e15, NULL, "of each node"},
    {"container_cores", ALM_OPT_CORES, AT(container_cores), "4", 1e-3, 1e6, NULL, "of each container"},
    {"container_memory", ALM_OPT_BYTES, AT(container_memory), "8Gi", 1, 1e15, NULL, "of each container"},
    {"side", ALM_OPT_CHOICE, AT(side), "callee", 0, 0, "callee|caller", "who recorded the calls that are taken"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING "/NAN/(?)/UNKNOWN/UNAVAILABLE"),
    {0},
};

enum { SIDE_CALLEE, SIDE_CALLER };

#define NAME ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0
#define STAMP ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0
#define SHARE ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 100

enum { TIME, UNIT, CPU, MEMORY, CODE };
static const struct alm_cell_spec node_cells[] = {
    [TIME] = {"timestamp", 0, STAMP},
    [UNIT] = {"nodeid", 0, NAME},
    [CPU] = {"cpu_utilization|node_cpu_usage", 0, SHARE},
    [MEMORY] = {"memory_utilization|node_memory_usage", 0, SHARE},
    {0},
};
static const struct alm_cell_spec container_cells[] = {
    [TIME] = {"timestamp", 0, STAMP},
    [UNIT] = {"msinstanceid", 0, NAME},
    [CPU] = {"cpu_utilization|instance_cpu_usage", 0, SHARE},
    [MEMORY] = {"memory_utilization|instance_memory_usage", 0, SHARE},
    [CODE] = {"msname", 0, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    {0},
};
enum { CALL_TIME, CALLEE, INTERFACE, PARADIGM, RESPONSE };
static const struct alm_cell_spec call_cells[] = {
    [CALL_TIME] = {"timestamp", 0, STAMP},
    [CALLEE] = {"dm", 0, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [INTERFACE] = {"interface", 0, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [PARADIGM] = {"rpctype", 0, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [RESPONSE] = {"rt", 0, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, -1e12, 1e12},
    {0},
};

#define FORMAT(words, cells)                                                                                           \
    {                                                                                                                  \
        .what = words " of Alibaba's microservices trace v2021", .separator = ',', .quotes = true, .header = true,     \
        .time = ALM_TIME_MS, .cell = cells                                                                             \
    }
static const struct alm_rows_format node_format = FORMAT("Node", node_cells);
static const struct alm_rows_format container_format = FORMAT("MSResource", container_cells);
static const struct alm_rows_format call_format = FORMAT("CallGraph", call_cells);

struct alibaba {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_rows_job job;
    struct alm_shares *shares;
    uint32_t interface, paradigm; /* inputs */
    bool declared;
};

static int read_nodes(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    const struct alm_shares_table table = {
        .unit = UNIT,
        .time = TIME,
        .cpu = CPU,
        .memory = MEMORY,
        .code = ALM_SHARES_NONE,
        .whole = 1,
        .cores = a->opt->node_cores,
        .bytes = (double)a->opt->node_memory,
    };
    char text[160];
    snprintf(text, sizeof text, "Each node has %g cores and %g GiB (node_cores=, node_memory=).", table.cores,
             table.bytes / 0x1p30);
    alm_report_assume(a->sink->report, text);
    return alm_shares_read(a->shares, &a->job, path, &node_format, &table, e);
}

static int read_containers(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    const struct alm_shares_table table = {
        .unit = UNIT,
        .time = TIME,
        .cpu = CPU,
        .memory = MEMORY,
        .code = CODE,
        .whole = 1,
        .cores = a->opt->container_cores,
        .bytes = (double)a->opt->container_memory,
    };
    char text[160];
    snprintf(text, sizeof text, "Each container has %g cores and %g GiB (container_cores=, container_memory=).",
             table.cores, table.bytes / 0x1p30);
    alm_report_assume(a->sink->report, text);
    return alm_shares_read(a->shares, &a->job, path, &container_format, &table, e);
}

/* ---- calls ---- */

/* Are both sides of such a call recorded? */
static bool is_remote(const struct alm_cell *paradigm)
{
    static const char *const words[] = {"rpc", "http"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (paradigm->text.size == strlen(words[i]) &&
            strncasecmp(paradigm->text.at, words[i], paradigm->text.size) == 0)
            return true;
    return false;
}

/* NULL, or why a call is left out. */
static const char *left_out(const struct alibaba *a, const struct alm_cell *cell)
{
    if (cell[CALLEE].missing)
        return "a call of an unknown service";
    double rt = cell[RESPONSE].number;
    if (a->opt->side == SIDE_CALLER && rt < 0)
        return "a call as the callee recorded it: the caller's record is taken (side=)";
    if (a->opt->side == SIDE_CALLEE && rt > 0 && is_remote(&cell[PARADIGM]))
        return "a remote call as the caller recorded it: the callee's record is taken (side=)";
    return NULL;
}

static int put_word(struct alibaba *a, uint32_t input, const struct alm_cell *c, double *out, struct alm_err *e)
{
    *out = NAN;
    return c->missing ? ALM_OK : a->sink->word(a->sink, input, c->text.at, c->text.size, out, e);
}

static int take_call(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct alibaba *a = ctx;
    struct alm_invocation i = alm_invocation_at(cell[CALL_TIME].time, 0);
    const struct alm_unit_about about = {
        .name = cell[CALLEE].text, .code = cell[CALLEE].text, .cores = (double)NAN, .memory = (double)NAN};
    double input[2];
    const char *why = left_out(a, cell);
    if (why) {
        alm_rows_note(r, true, why);
        return ALM_OK;
    }
    int code = alm_shares_unit(a->shares, r, &about, &i.unit, e);
    if (code != ALM_OK)
        return code;
    i.value[ALM_INV_DURATION] = fabs(cell[RESPONSE].number) / 1000;
    ALM_TRY(put_word(a, a->interface, &cell[INTERFACE], &input[a->interface], e));
    ALM_TRY(put_word(a, a->paradigm, &cell[PARADIGM], &input[a->paradigm], e));
    return a->sink->invocations(a->sink, &i, input, 1, e);
}

static int read_calls(void *ctx, const char *path, struct alm_err *e)
{
    static const struct alm_input interface = {.name = "interface", .category = true};
    static const struct alm_input paradigm = {.name = "rpctype", .category = true};
    struct alibaba *a = ctx;
    if (!a->declared) {
        ALM_TRY(a->sink->input(a->sink, &interface, &a->interface, e));
        ALM_TRY(a->sink->input(a->sink, &paradigm, &a->paradigm, e));
        a->declared = true;
    }
    return alm_dataset_each(&a->job, path, &call_format, take_call, a, e);
}

static bool has(const struct alm_header *first, const char *column)
{
    return alm_header_find(first, column) >= 0;
}

static bool is_calls(const struct alm_header *first)
{
    return has(first, "traceid") && has(first, "dm");
}

static bool is_rates(const struct alm_header *first)
{
    return has(first, "msname") && (has(first, "metrics") || has(first, "metric"));
}

static bool is_containers(const struct alm_header *first)
{
    return has(first, "msinstanceid") && has(first, "nodeid");
}

static bool is_nodes(const struct alm_header *first)
{
    return has(first, "nodeid");
}

static const struct alm_dataset_table tables[] = {
    {.what = "CallGraph (columns `traceid`, `dm`)", .is = is_calls, .read = read_calls},
    {.what = "MSRTQps (`msname`, `metrics`)", .is = is_rates},
    {.what = "MSResource (`msinstanceid`, `nodeid`)", .is = is_containers, .read = read_containers},
    {.what = "Node (`nodeid`)", .is = is_nodes, .read = read_nodes},
    {0},
};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"Alibaba's microservices trace v2021", ',', true, tables};
    struct alibaba a = {.opt = opt, .sink = sink};
    a.job = alm_rows_start(&a.opt->rows, sink, path, count);
    ALM_TRY(alm_shares_open(sink, &a.shares, e));
    int code = alm_dataset_read(&set, &a, sink, path, count, NULL, e);
    alm_shares_close(a.shares);
    return code;
}

const struct alm_importer_ops alm_importer_alibaba_2021 = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "alibaba-2021",
             .summary = "Alibaba microservices v2021: nodes, containers, calls between services",
             .source = "Luo et al., SoCC 2021; cluster-trace-microservices-v2021",
             .opts = options,
             .opt_size = sizeof(struct options)},
    .run = run,
};
