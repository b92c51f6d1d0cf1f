/* SPDX-License-Identifier: GPL-3.0-or-later
 * azure-vm: Azure's virtual machines, V1 (2017) and V2 (2019): a vmtable and readings of cpu.
 *
 * Meaning.  A unit is a machine, its code the deployment it belongs to: machines deployed together serve one purpose.
 *           cpu = average (or maximum) % of its cores over five minutes. The memory of a machine is its capacity alone: how
 *           much of it is used is not in the data. GB are 2^30 bytes, as Azure sells them.
 * Choice.   Any subset of the files of readings. Readings of a machine that the vmtable does not have are dropped and
 *           counted, or have the cores that cores= says. V2 tells cores and memory by buckets: the upper end of the bucket
 *           is taken, and for the open ones (>24 cores, >64 GB) what over_cores= and over_memory= say; 30 and 70 are what the
 *           publishers' own analysis uses.
 * Limits.   Whether a stamp begins or ends its five minutes is not documented: stamps are kept as they are.
 * Source.   Cortez et al., Resource Central, SOSP 2017; github.com/Azure/AzurePublicDataset. */
#include "almanac/importer.h"
#include "formats/shares.h"
#include "text/dataset.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

struct options {
    struct alm_rows_options rows;
    alm_time interval;
    double cores, over_cores;
    int64_t over_memory;
    int reading;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt options[] = {
    {"reading", ALM_OPT_CHOICE, AT(reading), "average", 0, 0, "average|maximum|minimum",
     "which of the three readings of an interval is its cpu"},
    {"cores", ALM_OPT_CORES, AT(cores), "0", 0, 1e6, NULL,
     "of machines that the vmtable does not have; 0: their readings are dropped"},
    {"over_cores", ALM_OPT_CORES, AT(over_cores), "30", 1, 1e6, NULL, "what an open bucket of cores (>24) stands for"},
    {"over_memory", ALM_OPT_BYTES, AT(over_memory), "70Gi", 1, 1e15, NULL,
     "what an open bucket of memory (>64) stands for"},
    {"interval", ALM_OPT_DURATION, AT(interval), "5m", 1, 31536000e9, NULL, "that a reading covers"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { VM, DEPLOYMENT, CORES, MEMORY };
static const struct alm_cell_spec vm_cells[] = {
    [VM] = {"vmid", 1, ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0},
    [DEPLOYMENT] = {"deploymentid", 3, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [CORES] = {"vmcorecount", 10, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [MEMORY] = {"vmmemory", 11, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    {0},
};
static const struct alm_rows_format vm_format = {
    .what = "a vmtable of Azure", .separator = ',', .time = ALM_TIME_S, .cell = vm_cells};

enum { TIME, UNIT, MINIMUM, MAXIMUM, AVERAGE };
#define PERCENT ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 10000
static const struct alm_cell_spec reading_cells[] = {
    [TIME] = {"timestamp", 1, ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0},
    [UNIT] = {"vmid", 2, ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0},
    [MINIMUM] = {"mincpu", 3, PERCENT},
    [MAXIMUM] = {"maxcpu", 4, PERCENT},
    [AVERAGE] = {"avgcpu", 5, PERCENT},
    {0},
};
static const struct alm_rows_format reading_format = {
    .what = "a table of readings of Azure", .separator = ',', .time = ALM_TIME_S, .cell = reading_cells};

enum { VMTABLE, READINGS };

struct azure {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_rows_job job;
    struct alm_shares *shares;
    size_t files[ALM_DATASET_TABLES];
    char assumed[160];
};

/* A number, or a bucket: ">24" is OVER. NULL, or why it is neither. */
static const char *take_bucket(const struct azure *a, const struct alm_cell *c, double unit, double over, double *out)
{
    *out = NAN;
    if (c->missing)
        return NULL;
    if (c->text.at[0] == '>') {
        char text[160];
        int size = c->text.size < 15 ? (int)c->text.size : 15;
        snprintf(text, sizeof text, "The bucket %.*s of the vmtable is %g (%s=).", size, c->text.at, over / unit,
                 unit > 1 ? "over_memory" : "over_cores");
        alm_report_assume(a->sink->report, text);
        *out = over;
        return NULL;
    }
    if (alm_number_parse(c->text.at, c->text.size, '.', out) != ALM_NUMBER_OK)
        return "neither a number nor a bucket like >24";
    *out *= unit;
    return *out > 0 && *out < 1e15 ? NULL : "not a capacity";
}

static int take_machine(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct azure *a = ctx;
    struct alm_unit_about about = {.name = cell[VM].text};
    if (!cell[DEPLOYMENT].missing)
        about.code = cell[DEPLOYMENT].text;
    const char *why = take_bucket(a, &cell[CORES], 1, a->opt->over_cores, &about.cores);
    if (why)
        return alm_rows_bad(r, why, CORES, e);
    why = take_bucket(a, &cell[MEMORY], 0x1p30, (double)a->opt->over_memory, &about.memory);
    if (why)
        return alm_rows_bad(r, why, MEMORY, e);
    return alm_shares_put(a->shares, &about, e);
}

static int read_machines(void *ctx, const char *path, struct alm_err *e)
{
    struct azure *a = ctx;
    return alm_dataset_each(&a->job, path, &vm_format, take_machine, a, e);
}

static int read_readings(void *ctx, const char *path, struct alm_err *e)
{
    struct azure *a = ctx;
    const struct alm_shares_table table = {
        .unit = UNIT,
        .time = TIME,
        .cpu = (size_t[]){AVERAGE, MAXIMUM, MINIMUM}[a->opt->reading],
        .memory = ALM_SHARES_NONE,
        .code = ALM_SHARES_NONE,
        .whole = 100,
        .cores = a->opt->cores,
        .unknown = "a reading of a machine whose cores the vmtable does not tell (cores=)",
        .assumed = a->assumed,
    };
    if (a->files[VMTABLE] == 0 && !(a->opt->cores > 0))
        return alm_fail(e, ALM_EDATA,
                        "%s: readings without a vmtable (11 columns), which tells the cores: give it too, "
                        "or say cores=",
                        path);
    return alm_shares_read(a->shares, &a->job, path, &reading_format, &table, e);
}

static const struct alm_dataset_table tables[] = {
    [VMTABLE] = {.what = "the vmtable (11 columns)", .columns = 11, .read = read_machines, .about = true},
    [READINGS] = {.what = "readings (5 columns)", .columns = 5, .read = read_readings},
    {.what = "subscriptions (3 columns)", .columns = 3},
    {.what = "deployments (2 columns)", .columns = 2},
    {0},
};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"the Azure VM trace", ',', false, tables};
    struct azure a = {.opt = opt, .sink = sink};
    a.job = alm_rows_start(&a.opt->rows, sink, path, count);
    snprintf(a.assumed, sizeof a.assumed, "A machine that is not in the vmtable has %g cores (cores=).", a.opt->cores);
    ALM_TRY(sink->interval(sink, a.opt->interval, e));
    ALM_TRY(alm_shares_open(sink, &a.shares, e));
    int code = alm_dataset_read(&set, &a, sink, path, count, a.files, e);
    if (code >= 0 && a.files[READINGS] > 0 && alm_shares_rows(a.shares) == 0)
        code = alm_fail(
            e, ALM_EDATA,
            "%s and the others: no reading is of a machine of the vmtable; are they of one trace? cores= takes "
            "readings of other machines too",
            path[0]);
    alm_shares_close(a.shares);
    return code;
}

const struct alm_importer_ops alm_importer_azure_vm = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "azure-vm",
             .summary = "Azure VM traces V1 and V2: vmtable and readings of cpu",
             .source = "Cortez et al., SOSP 2017; AzurePublicDatasetV1, V2",
             .opts = options,
             .opt_size = sizeof(struct options)},
    .run = run,
};
