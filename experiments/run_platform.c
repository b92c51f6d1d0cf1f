/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_platform: the rows of a run file that are of executions and machines. */
#include "experiments/run_reader.h"

#define X(member) offsetof(struct alm_run_execution, member)
static const struct alm__run_group executions = {
    "executions",
    sizeof(struct alm_run_execution),
    false,
    20,
    {
        {"unit", ALM_COL_U32, X(x.unit)},
        {"id", ALM_COL_I64, X(x.id)},
        {"class", ALM_COL_U32, X(a.class)},
        {"arrival", ALM_COL_I64, X(x.arrival)},
        {"start", ALM_COL_I64, X(x.start)},
        {"finish", ALM_COL_I64, X(x.finish)},
        {"end", ALM_COL_U8, X(x.end)},
        {"cold", ALM_COL_U8, X(x.cold)},
        {"throttled", ALM_COL_U8, X(x.throttled)},
        {"retries", ALM_COL_U8, X(x.retries)},
        {"cpu_us", ALM_COL_I64, X(x.usage[ALM_CPU])},
        {"memory", ALM_COL_I64, X(x.usage[ALM_MEMORY])},
        {"io_read", ALM_COL_I64, X(x.usage[ALM_IO_READ])},
        {"io_write", ALM_COL_I64, X(x.usage[ALM_IO_WRITE])},
        {"net_rx", ALM_COL_I64, X(x.usage[ALM_NET_RX])},
        {"net_tx", ALM_COL_I64, X(x.usage[ALM_NET_TX])},
        {"cpu_limit", ALM_COL_I64, X(x.limit[ALM_CPU])},
        {"memory_limit", ALM_COL_I64, X(x.limit[ALM_MEMORY])},
        {"alone_s", ALM_COL_F64, X(a.alone)},
        {"servers_s", ALM_COL_F64, X(a.servers)},
    },
};

#define M(member) offsetof(struct alm_machine_sample, member)
static const struct alm__run_group machine_samples = {
    "machine_samples",
    sizeof(struct alm_machine_sample),
    true,
    18,
    {
        {"machine", ALM_COL_U32, M(machine)},
        {"time", ALM_COL_I64, M(at)},
        {"span", ALM_COL_I64, M(span)},
        {"units", ALM_COL_U32, M(units)},
        {"cpu_us", ALM_COL_I64, M(usage[ALM_CPU])},
        {"memory", ALM_COL_I64, M(usage[ALM_MEMORY])},
        {"io_read", ALM_COL_I64, M(usage[ALM_IO_READ])},
        {"io_write", ALM_COL_I64, M(usage[ALM_IO_WRITE])},
        {"net_rx", ALM_COL_I64, M(usage[ALM_NET_RX])},
        {"net_tx", ALM_COL_I64, M(usage[ALM_NET_TX])},
        {"cpu_floor", ALM_COL_I64, M(floor[ALM_CPU])},
        {"memory_floor", ALM_COL_I64, M(floor[ALM_MEMORY])},
        {"cpu_some_us", ALM_COL_I64, M(some_us[ALM_STALL_CPU])},
        {"cpu_full_us", ALM_COL_I64, M(full_us[ALM_STALL_CPU])},
        {"memory_some_us", ALM_COL_I64, M(some_us[ALM_STALL_MEMORY])},
        {"memory_full_us", ALM_COL_I64, M(full_us[ALM_STALL_MEMORY])},
        {"io_some_us", ALM_COL_I64, M(some_us[ALM_STALL_IO])},
        {"io_full_us", ALM_COL_I64, M(full_us[ALM_STALL_IO])},
    },
};

struct execution_call {
    struct alm_run *run;
    int (*fn)(void *ctx, const struct alm_run_execution *row, struct alm_err *e);
    void *ctx;
};

static int call_execution(void *ctx, const void *data, struct alm_err *e)
{
    const struct execution_call *call = ctx;
    struct alm_run_execution row = *(const struct alm_run_execution *)data;
    row.x.input = NULL;
    bool started = row.x.start != ALM_TIME_NONE;
    if (row.x.end > ALM_END_RUNNING || row.x.arrival > row.x.finish ||
        (started && (row.x.start < row.x.arrival || row.x.start > row.x.finish)))
        return alm_fail(e, ALM_EDATA, "%s: /executions: that with id %llu ends before it starts, or in no known way",
                        alm_table_path(call->run->table), (unsigned long long)row.x.id);
    return call->fn(call->ctx, &row, e);
}

int alm_run_each_execution(struct alm_run *run, uint32_t unit,
                           int (*fn)(void *ctx, const struct alm_run_execution *row, struct alm_err *e), void *ctx,
                           struct alm_err *e)
{
    struct execution_call call = {run, fn, ctx};
    return alm__run_each(run, &executions, unit, call_execution, &call, e);
}

struct machine_call {
    struct alm_run *run;
    alm_time latest;
    int (*fn)(void *ctx, const struct alm_machine_sample *row, struct alm_err *e);
    void *ctx;
};

static int call_machine(void *ctx, const void *data, struct alm_err *e)
{
    struct machine_call *call = ctx;
    const struct alm_machine_sample *row = data;
    if (row->at < call->latest || row->span < 0)
        return alm_fail(e, ALM_EDATA, "%s: /machine_samples: the sample at %.9g s is out of order",
                        alm_table_path(call->run->table), alm_seconds(row->at));
    call->latest = row->at;
    return call->fn(call->ctx, row, e);
}

int alm_run_each_machine_sample(struct alm_run *run,
                                int (*fn)(void *ctx, const struct alm_machine_sample *row, struct alm_err *e),
                                void *ctx, struct alm_err *e)
{
    struct machine_call call = {run, ALM_TIME_NONE, fn, ctx};
    return alm__run_each(run, &machine_samples, ALM_RUN_ALL, call_machine, &call, e);
}
