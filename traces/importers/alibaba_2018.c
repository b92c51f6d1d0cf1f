/* SPDX-License-Identifier: GPL-3.0-or-later
 * alibaba-2018: the Alibaba cluster trace v2018: machines, containers, and batch jobs.
 *
 * Meaning.  machine_usage: a unit is a machine, its cores are in machine_meta. container_usage: a unit is a container, its
 *           code the application group, its cores cpu_request and its memory mem_size of container_meta; cpu and memory are
 *           percent of those. batch_instance: each instance is an invocation of its task; it arrives when it starts (when it
 *           was submitted is not recorded), its work is the mean cpu x duration. batch_task adds what an instance
 *           asked for; without batch_instance each task is an invocation of its job.
 * Choice.   Memory is normalised to the largest machine: machine_memory= says what that has. -1 and 101 mean missing. Cpu
 *           of containers passes 100 %, since their limit is above their request: kept up to 10000 %. A start of 0 means
 *           outside of the eight days: such instances are dropped and counted.
 * Limits.   Network and disk are normalised, not bytes: not read. Nothing tells which jobs run the same program, so
 *           units are tasks; unit=job and unit=type join them. Memory grows with the number of units.
 * Source.   github.com/alibaba/clusterdata, cluster-trace-v2018: trace_2018.md, schema.txt. */
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
    int unit;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt options[] = {
    {"machine_cores", ALM_OPT_CORES, AT(machine_cores), "96", 1e-3, 1e6, NULL,
     "of machines that machine_meta does not have"},
    {"machine_memory", ALM_OPT_BYTES, AT(machine_memory), "384Gi", 1, 1e15, NULL,
     "of the largest machine, to which memory is normalised"},
    {"container_cores", ALM_OPT_CORES, AT(container_cores), "0", 0, 1e6, NULL,
     "of containers that container_meta does not have; 0: their readings are dropped"},
    {"interval", ALM_OPT_DURATION, AT(interval), "0s", 0, 31536000e9, NULL,
     "that a reading covers; 0: the most frequent difference"},
    {"unit", ALM_OPT_CHOICE, AT(unit), "auto", 0, 0, "auto|task|job|type",
     "what batch invocations are of; auto: the task of an instance, the job of a task"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { UNIT_AUTO, UNIT_TASK, UNIT_JOB, UNIT_TYPE };

#define TEXT ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0
#define NAME ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0
#define STAMP ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0
#define SHARE ALM_CELL_NUMBER, ALM_CELL_EXPECTED | ALM_CELL_ABNORMAL, 0, 100
#define AMOUNT ALM_CELL_NUMBER, ALM_CELL_EXPECTED | ALM_CELL_ABNORMAL, 0, 1e6

enum { USAGE_UNIT, USAGE_TIME, USAGE_CPU, USAGE_MEMORY };
static const struct alm_cell_spec machine_cells[] = {
    [USAGE_UNIT] = {"machine_id", 1, NAME},
    [USAGE_TIME] = {"time_stamp", 2, STAMP},
    [USAGE_CPU] = {"cpu_util_percent", 3, SHARE},
    [USAGE_MEMORY] = {"mem_util_percent", 4, SHARE},
    {0},
};
static const struct alm_cell_spec container_cells[] = {
    [USAGE_UNIT] = {"container_id", 1, NAME},
    [USAGE_TIME] = {"time_stamp", 3, STAMP},
    [USAGE_CPU] = {"cpu_util_percent", 4, ALM_CELL_NUMBER, ALM_CELL_EXPECTED | ALM_CELL_ABNORMAL, 0, 10000},
    [USAGE_MEMORY] = {"mem_util_percent", 5, SHARE},
    {0},
};
enum { META_UNIT, META_CODE, META_CORES, META_MEMORY };
static const struct alm_cell_spec machine_meta_cells[] = {
    [META_UNIT] = {"machine_id", 1, NAME},
    [META_CODE] = {"failure_domain_1", 3, TEXT},
    [META_CORES] = {"cpu_num", 5, AMOUNT},
    [META_MEMORY] = {"mem_size", 6, SHARE},
    {0},
};
static const struct alm_cell_spec container_meta_cells[] = {
    [META_UNIT] = {"container_id", 1, NAME},
    [META_CODE] = {"app_du", 4, TEXT},
    [META_CORES] = {"cpu_request", 6, AMOUNT},
    [META_MEMORY] = {"mem_size", 8, SHARE},
    {0},
};

enum { TASK, JOB, TYPE, STATUS, START, END, INSTANCES, PLAN_CPU, PLAN_MEMORY };
enum { CPU_AVERAGE = INSTANCES, CPU_MOST, MEMORY_MOST };
static const struct alm_cell_spec task_cells[] = {
    [TASK] = {"task_name", 1, NAME},
    [JOB] = {"job_name", 3, NAME},
    [TYPE] = {"task_type", 4, TEXT},
    [STATUS] = {"status", 5, TEXT},
    [START] = {"start_time", 6, ALM_CELL_TIME, ALM_CELL_EXPECTED, 0, 0},
    [END] = {"end_time", 7, ALM_CELL_TIME, ALM_CELL_EXPECTED, 0, 0},
    [INSTANCES] = {"instance_num", 2, AMOUNT},
    [PLAN_CPU] = {"plan_cpu", 8, AMOUNT},
    [PLAN_MEMORY] = {"plan_mem", 9, SHARE},
    {0},
};
static const struct alm_cell_spec instance_cells[] = {
    [TASK] = {"task_name", 2, NAME},
    [JOB] = {"job_name", 3, NAME},
    [TYPE] = {"task_type", 4, TEXT},
    [STATUS] = {"status", 5, TEXT},
    [START] = {"start_time", 6, ALM_CELL_TIME, ALM_CELL_EXPECTED, 0, 0},
    [END] = {"end_time", 7, ALM_CELL_TIME, ALM_CELL_EXPECTED, 0, 0},
    [CPU_AVERAGE] = {"cpu_avg", 11, AMOUNT},
    [CPU_MOST] = {"cpu_max", 12, AMOUNT},
    [MEMORY_MOST] = {"mem_max", 14, SHARE},
    {0},
};

#define FORMAT(words, cells)                                                                                           \
    {                                                                                                                  \
        .what = words " of Alibaba's trace v2018", .separator = ',', .time = ALM_TIME_S, .cell = cells                 \
    }
static const struct alm_rows_format machine_format = FORMAT("machine_usage", machine_cells);
static const struct alm_rows_format container_format = FORMAT("container_usage", container_cells);
static const struct alm_rows_format machine_meta_format = FORMAT("machine_meta", machine_meta_cells);
static const struct alm_rows_format container_meta_format = FORMAT("container_meta", container_meta_cells);
static const struct alm_rows_format task_format = FORMAT("batch_task", task_cells);
static const struct alm_rows_format instance_format = FORMAT("batch_instance", instance_cells);

enum { MACHINE_META, CONTAINER_META, BATCH_TASK, MACHINE_USAGE, CONTAINER_USAGE, BATCH_INSTANCE };

struct alibaba {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_rows_job job;
    struct alm_shares *shares, *plans; /* plans: what an instance of a task asks for */
    size_t files[ALM_DATASET_TABLES];
    uint32_t type; /* input */
    bool declared;
    double memory_unit; /* bytes of one percent */
    char machines[160], containers[160], name[ALM_DATASET_JOINED];
};

static double positive(double v, double scale)
{
    return v > 0 ? v * scale : (double)NAN;
}

static int take_machine_meta(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct alibaba *a = ctx;
    const struct alm_unit_about about = {.name = cell[META_UNIT].text,
                                         .cores = positive(cell[META_CORES].number, 1),
                                         .memory = positive(cell[META_MEMORY].number, a->memory_unit)};
    (void)r;
    return alm_shares_put(a->shares, &about, e);
}

static int take_container_meta(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct alibaba *a = ctx;
    struct alm_unit_about about = {.name = cell[META_UNIT].text,
                                   .cores = positive(cell[META_CORES].number, 0.01),
                                   .memory = positive(cell[META_MEMORY].number, a->memory_unit)};
    (void)r;
    if (!cell[META_CODE].missing)
        about.code = cell[META_CODE].text;
    return alm_shares_put(a->shares, &about, e);
}

static int read_machine_meta(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    return alm_dataset_each(&a->job, path, &machine_meta_format, take_machine_meta, a, e);
}

static int read_container_meta(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    return alm_dataset_each(&a->job, path, &container_meta_format, take_container_meta, a, e);
}

static int read_machine_usage(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    const struct alm_shares_table table = {
        .unit = USAGE_UNIT,
        .time = USAGE_TIME,
        .cpu = USAGE_CPU,
        .memory = USAGE_MEMORY,
        .code = ALM_SHARES_NONE,
        .whole = 100,
        .cores = a->opt->machine_cores,
        .bytes = (double)a->opt->machine_memory,
        .assumed = a->machines,
    };
    return alm_shares_read(a->shares, &a->job, path, &machine_format, &table, e);
}

static int read_container_usage(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    const struct alm_shares_table table = {
        .unit = USAGE_UNIT,
        .time = USAGE_TIME,
        .cpu = USAGE_CPU,
        .memory = USAGE_MEMORY,
        .code = ALM_SHARES_NONE,
        .whole = 100,
        .cores = a->opt->container_cores,
        .unknown = "a reading of a container whose cores container_meta does not tell (container_cores=)",
        .assumed = a->containers,
    };
    if (a->files[CONTAINER_META] == 0 && !(a->opt->container_cores > 0))
        return alm_fail(e, ALM_EDATA,
                        "%s: container_usage without container_meta (8 columns), which tells what 100 "
                        "percent are: give it too, or say container_cores=",
                        path);
    alm_report_assume(a->sink->report, "Usage of containers is percent of cpu_request and mem_size.");
    return alm_shares_read(a->shares, &a->job, path, &container_format, &table, e);
}

/* ---- batch jobs ---- */

/* The unit of a batch row: "job/task", "job" or "type N". */
static struct alm_field batch_name(struct alibaba *a, const struct alm_cell *cell, int unit)
{
    static const struct alm_field type = {"type", 4};
    if (unit == UNIT_JOB)
        return cell[JOB].text;
    return unit == UNIT_TYPE ? alm_dataset_join(&type, &cell[TYPE].text, a->name)
                             : alm_dataset_join(&cell[JOB].text, &cell[TASK].text, a->name);
}

static int declare(struct alibaba *a, struct alm_err *e)
{
    static const struct alm_input type = {.name = "task_type", .category = true};
    static const struct alm_input instances = {.name = "instances", .unit = "1"};
    uint32_t second;
    if (a->declared)
        return ALM_OK;
    a->declared = true;
    alm_report_assume(a->sink->report, "Batch work arrives when it starts: when it was submitted is not recorded.");
    ALM_TRY(a->sink->input(a->sink, &type, &a->type, e));
    return a->files[BATCH_INSTANCE] ? ALM_OK : a->sink->input(a->sink, &instances, &second, e);
}

static bool is_status(const struct alm_cell *c, const char *word)
{
    return c->text.size == strlen(word) && memcmp(c->text.at, word, c->text.size) == 0;
}

/* Hand over an invocation that has everything but its arrival, duration, failure and type. INSTANCES is read when it is
 * an input. */
static int put_batch(struct alibaba *a, struct alm_rows *r, const struct alm_cell *cell, int unit_is, double instances,
                     struct alm_invocation *i, struct alm_err *e)
{
    struct alm_unit_about about = {.cores = (double)NAN, .memory = (double)NAN};
    double input[] = {NAN, instances};
    if (cell[START].missing || cell[START].time <= 0) {
        alm_rows_note(r, true, "batch work that did not start within the trace");
        return ALM_OK;
    }
    i->arrival = cell[START].time;
    if (cell[END].missing || cell[END].time <= 0)
        alm_rows_note(r, false, "batch work that did not end within the trace: no duration");
    else if (cell[END].time < cell[START].time)
        return alm_rows_bad(r, "before the start", END, e);
    else
        i->value[ALM_INV_DURATION] = alm_seconds(cell[END].time - cell[START].time);
    i->value[ALM_INV_WORK] *= i->value[ALM_INV_DURATION];
    if (is_status(&cell[STATUS], "Terminated") || is_status(&cell[STATUS], "Failed"))
        i->value[ALM_INV_FAILED] = is_status(&cell[STATUS], "Failed");
    about.name = batch_name(a, cell, unit_is);
    int code = alm_shares_unit(a->shares, r, &about, &i->unit, e);
    if (code != ALM_OK)
        return code;
    if (!cell[TYPE].missing)
        ALM_TRY(a->sink->word(a->sink, a->type, cell[TYPE].text.at, cell[TYPE].text.size, &input[0], e));
    return a->sink->invocations(a->sink, i, input, 1, e);
}

static int take_task(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct alibaba *a = ctx;
    const struct alm_unit_about plan = {.name = batch_name(a, cell, UNIT_TASK),
                                        .cores = positive(cell[PLAN_CPU].number, 0.01),
                                        .memory = positive(cell[PLAN_MEMORY].number, a->memory_unit)};
    if (a->files[BATCH_INSTANCE])
        return alm_shares_put(a->plans, &plan, e);
    struct alm_invocation i = alm_invocation_at(0, 0);
    i.value[ALM_INV_CORES_REQUESTED] = plan.cores * cell[INSTANCES].number;
    i.value[ALM_INV_MEMORY_REQUESTED] = plan.memory * cell[INSTANCES].number;
    return put_batch(a, r, cell, a->opt->unit == UNIT_AUTO ? UNIT_JOB : a->opt->unit, cell[INSTANCES].number, &i, e);
}

static int take_instance(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct alibaba *a = ctx;
    struct alm_invocation i = alm_invocation_at(0, 0);
    struct alm_unit_about plan = {.name = batch_name(a, cell, UNIT_TASK), .cores = (double)NAN, .memory = (double)NAN};
    alm_shares_fill(a->plans, &plan);
    i.value[ALM_INV_WORK] = cell[CPU_AVERAGE].number / 100;
    i.value[ALM_INV_PARALLELISM] = positive(cell[CPU_MOST].number, 0.01);
    i.value[ALM_INV_MEMORY] = cell[MEMORY_MOST].number * a->memory_unit;
    i.value[ALM_INV_CORES_REQUESTED] = plan.cores;
    i.value[ALM_INV_MEMORY_REQUESTED] = plan.memory;
    return put_batch(a, r, cell, a->opt->unit == UNIT_AUTO ? UNIT_TASK : a->opt->unit, NAN, &i, e);
}

static int read_tasks(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    if (a->files[BATCH_INSTANCE] == 0)
        ALM_TRY(declare(a, e));
    return alm_dataset_each(&a->job, path, &task_format, take_task, a, e);
}

static int read_instances(void *ctx, const char *path, struct alm_err *e)
{
    struct alibaba *a = ctx;
    ALM_TRY(declare(a, e));
    return alm_dataset_each(&a->job, path, &instance_format, take_instance, a, e);
}

/* Both have 9 columns; the fifth is a status in batch_task, and a number or nothing in machine_usage. */
static bool is_task(const struct alm_header *first)
{
    return alm_dataset_word(first, 4);
}

static const struct alm_dataset_table tables[] = {
    [MACHINE_META] = {.what = "machine_meta (7 columns)", .columns = 7, .read = read_machine_meta, .about = true},
    [CONTAINER_META] = {.what = "container_meta (8)", .columns = 8, .read = read_container_meta, .about = true},
    [BATCH_TASK] = {.what = "batch_task (9)", .columns = 9, .is = is_task, .read = read_tasks},
    [MACHINE_USAGE] = {.what = "machine_usage (9)", .columns = 9, .read = read_machine_usage},
    [CONTAINER_USAGE] = {.what = "container_usage (11)", .columns = 11, .read = read_container_usage},
    [BATCH_INSTANCE] = {.what = "batch_instance (14)", .columns = 14, .read = read_instances},
    {0},
};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"Alibaba's trace v2018", ',', false, tables};
    struct alibaba a = {.opt = opt, .sink = sink};
    char text[160];
    double gib = (double)a.opt->machine_memory / 0x1p30;
    a.job = alm_rows_start(&a.opt->rows, sink, path, count);
    a.memory_unit = (double)a.opt->machine_memory / 100;
    snprintf(text, sizeof text, "The largest machine, to which memory is normalised, has %g GiB (machine_memory=).",
             gib);
    snprintf(a.machines, sizeof a.machines, "A machine that is not in machine_meta has %g cores (machine_cores=).",
             a.opt->machine_cores);
    snprintf(a.containers, sizeof a.containers,
             "A container that is not in container_meta has %g cores (container_cores=).", a.opt->container_cores);
    alm_report_assume(sink->report, text);
    if (a.opt->interval > 0)
        ALM_TRY(sink->interval(sink, a.opt->interval, e));
    ALM_TRY(alm_shares_open(sink, &a.shares, e));
    int code = alm_shares_open(sink, &a.plans, e);
    if (code >= 0)
        code = alm_dataset_read(&set, &a, sink, path, count, a.files, e);
    alm_shares_close(a.plans);
    alm_shares_close(a.shares);
    return code;
}

const struct alm_importer_ops alm_importer_alibaba_2018 = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "alibaba-2018",
             .summary = "Alibaba cluster trace v2018: machines, containers, batch tasks and instances",
             .source = "github.com/alibaba/clusterdata, cluster-trace-v2018",
             .opts = options,
             .opt_size = sizeof(struct options)},
    .run = run,
};
