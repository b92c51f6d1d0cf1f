/* SPDX-License-Identifier: GPL-3.0-or-later
 * alibaba-2017: the Alibaba cluster trace v2017: machines and containers over twelve hours.
 *
 * Meaning.  server_usage: a unit is a machine, server/N; its cores and memory are in server_event. container_usage: a unit
 *           is an online container, container/N, its cores and memory are plan_cpu and plan_mem of container_event; cpu
 *           and memory are percent of those. Both are numbered from 1 in the data, hence the words.
 * Choice.   Memory is normalised to the largest machine: machine_memory= says what that has. The stamps of container_usage
 *           are of the start of an interval and are moved to its end; those of server_usage are kept. Values over 100 %
 *           in server_usage mean missing.
 * Limits.   Batch tables are not read; alibaba-2018 reads those of the later trace.
 * Source.   github.com/alibaba/clusterdata, cluster-trace-v2017: trace_201708.md. */
#include "almanac/importer.h"
#include "formats/shares.h"
#include "text/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct options {
    struct alm_rows_options rows;
    double machine_cores, container_cores;
    int64_t machine_memory;
    alm_time interval;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt options[] = {
    {"machine_cores", ALM_OPT_CORES, AT(machine_cores), "64", 1e-3, 1e6, NULL,
     "of machines that server_event does not have"},
    {"machine_memory", ALM_OPT_BYTES, AT(machine_memory), "256Gi", 1, 1e15, NULL,
     "of the largest machine, to which memory is normalised"},
    {"container_cores", ALM_OPT_CORES, AT(container_cores), "0", 0, 1e6, NULL,
     "of containers that container_event does not have; 0: their readings are dropped"},
    {"interval", ALM_OPT_DURATION, AT(interval), "5m", 1, 31536000e9, NULL, "that a row covers"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

#define NAME ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0
#define STAMP ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0
#define SHARE(most) ALM_CELL_NUMBER, ALM_CELL_EXPECTED | ALM_CELL_ABNORMAL, 0, most

enum { UNIT, TIME, CPU, MEMORY };
static const struct alm_cell_spec server_cells[] = {
    [UNIT] = {"machine id", 2, NAME},
    [TIME] = {"timestamp", 1, STAMP},
    [CPU] = {"util:cpu", 3, SHARE(100)},
    [MEMORY] = {"util:memory", 4, SHARE(100)},
    {0},
};
static const struct alm_cell_spec container_cells[] = {
    [UNIT] = {"instance id", 2, NAME},
    [TIME] = {"ts", 1, STAMP},
    [CPU] = {"cpu_util", 3, SHARE(10000)},
    [MEMORY] = {"mem_util", 4, SHARE(10000)},
    {0},
};
enum { EVENT_UNIT, EVENT_CPU, EVENT_MEMORY };
static const struct alm_cell_spec server_event_cells[] = {
    [EVENT_UNIT] = {"machine id", 2, NAME},
    [EVENT_CPU] = {"capacity:cpu", 5, SHARE(1e6)},
    [EVENT_MEMORY] = {"capacity:memory", 6, SHARE(1)},
    {0},
};
static const struct alm_cell_spec container_event_cells[] = {
    [EVENT_UNIT] = {"instance id", 3, NAME},
    [EVENT_CPU] = {"plan_cpu", 5, SHARE(1e6)},
    [EVENT_MEMORY] = {"plan_mem", 6, SHARE(1)},
    {0},
};

#define FORMAT(words, cells)                                                                                           \
    {                                                                                                                  \
        .what = words " of Alibaba's trace v2017", .separator = ',', .time = ALM_TIME_S, .cell = cells                 \
    }
static const struct alm_rows_format server_format = FORMAT("server_usage", server_cells);
static const struct alm_rows_format container_format = FORMAT("container_usage", container_cells);
static const struct alm_rows_format server_event_format = FORMAT("server_event", server_event_cells);
static const struct alm_rows_format container_event_format = FORMAT("container_event", container_event_cells);

enum { SERVER_EVENT, CONTAINER_EVENT, BATCH_TASK, BATCH_INSTANCE, SERVER_USAGE, CONTAINER_USAGE };

struct alibaba {
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_shares *shares;
    size_t files[ALM_DATASET_TABLES];
    char name[ALM_DATASET_JOINED], servers[160], containers[160];
};

static const char server_kind[] = "server", container_kind[] = "container";

static int take_event(struct alibaba *a, const char *kind, const struct alm_cell *cell, struct alm_err *e)
{
    const double memory = cell[EVENT_MEMORY].number * (double)a->opt->machine_memory;
    const struct alm_field first = {kind, strlen(kind)};
    const struct alm_unit_about about = {.name = alm_dataset_join(&first, &cell[EVENT_UNIT].text, a->name),
                                         .cores = cell[EVENT_CPU].number > 0 ? cell[EVENT_CPU].number : (double)NAN,
                                         .memory = memory > 0 ? memory : (double)NAN};
    return alm_shares_put(a->shares, &about, e);
}

static int take_server_event(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    (void)r;
    return take_event(ctx, server_kind, cell, e);
}

static int take_container_event(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    (void)r;
    return take_event(ctx, container_kind, cell, e);
}

static int read_server_event(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    return alm_dataset_each(&a->job, path, &server_event_format, take_server_event, a, e);
}

static int read_container_event(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    return alm_dataset_each(&a->job, path, &container_event_format, take_container_event, a, e);
}

static const struct alm_shares_table usage_table = {
    .unit = UNIT, .time = TIME, .cpu = CPU, .memory = MEMORY, .code = ALM_SHARES_NONE, .whole = 100};

static int read_server_usage(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    struct alm_shares_table table = usage_table;
    table.kind = server_kind;
    table.cores = a->opt->machine_cores;
    table.bytes = (double)a->opt->machine_memory;
    table.assumed = a->servers;
    return alm_shares_read(a->shares, &a->job, path, &server_format, &table, e);
}

static int read_container_usage(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    struct alm_shares_table table = usage_table;
    table.kind = container_kind;
    table.cores = a->opt->container_cores;
    table.assumed = a->containers;
    table.unknown = "a reading of a container whose cores container_event does not tell (container_cores=)";
    table.shift = a->opt->interval;
    if (a->files[CONTAINER_EVENT] == 0 && !(a->opt->container_cores > 0))
        return alm_fail(e, ALM_EDATA,
                        "%s: container_usage without container_event (8 columns), which tells what 100 "
                        "percent are: give it too, or say container_cores=",
                        path);
    return alm_shares_read(a->shares, &a->job, path, &container_format, &table, e);
}

/* Of 8 columns: container_event has an event in the second, batch_task a status in the sixth; of 12: batch_instance has a
 * status in the sixth. */
static bool is_container_event(const struct alm_header *first)
{
    return alm_dataset_word(first, 1);
}

static bool is_batch(const struct alm_header *first)
{
    return alm_dataset_word(first, 5);
}

static const struct alm_dataset_table tables[] = {
    [SERVER_EVENT] = {.what = "server_event (7 columns)", .columns = 7, .read = read_server_event, .about = true},
    [CONTAINER_EVENT] = {.what = "container_event (8)",
                         .columns = 8,
                         .is = is_container_event,
                         .read = read_container_event,
                         .about = true},
    [BATCH_TASK] = {.what = "batch_task (8)", .columns = 8, .is = is_batch},
    [BATCH_INSTANCE] = {.what = "batch_instance (12)", .columns = 12, .is = is_batch},
    [SERVER_USAGE] = {.what = "server_usage (8)", .columns = 8, .read = read_server_usage},
    [CONTAINER_USAGE] = {.what = "container_usage (12)", .columns = 12, .read = read_container_usage},
    {0},
};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"Alibaba's trace v2017", ',', false, tables};
    struct alibaba a = {.opt = opt};
    char text[160];
    a.job = alm_rows_start(&a.opt->rows, sink, path, count);
    snprintf(text, sizeof text, "The largest machine, to which memory is normalised, has %g GiB (machine_memory=).",
             (double)a.opt->machine_memory / 0x1p30);
    snprintf(a.servers, sizeof a.servers, "A machine that is not in server_event has %g cores (machine_cores=).",
             a.opt->machine_cores);
    snprintf(a.containers, sizeof a.containers,
             "A container that is not in container_event has %g cores (container_cores=).", a.opt->container_cores);
    alm_report_assume(sink->report, text);
    ALM_TRY(sink->interval(sink, a.opt->interval, e));
    ALM_TRY(alm_shares_open(sink, &a.shares, e));
    int code = alm_dataset_read(&set, &a, sink, path, count, a.files, e);
    alm_shares_close(a.shares);
    return code;
}

const struct alm_importer_ops alm_importer_alibaba_2017 = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "alibaba-2017",
             .summary = "Alibaba cluster trace v2017: machines and online containers",
             .source = "github.com/alibaba/clusterdata, cluster-trace-v2017",
             .opts = options,
             .opt_size = sizeof(struct options)},
    .run = run,
};
