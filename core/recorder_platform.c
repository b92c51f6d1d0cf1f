/* SPDX-License-Identifier: GPL-3.0-or-later
 * recorder_platform: see the header. */
#include "recorder_platform.h"

#include <string.h>

#define BLOCK ((size_t)1024)
#define NS "nanoseconds since 1970-01-01 00:00:00 UTC"

/* A column, and where its value lies in a row. */
struct member {
    struct alm_column_spec spec;
    size_t offset;
};

struct execution_row {
    struct alm_execution x;
    struct alm_execution_account a;
};

#define X(name, type, unit, text, shuffle, fill, member)                                                               \
    {                                                                                                                  \
        {"/executions/" name, ALM_COL_##type, "/executions/row", unit, text, shuffle, fill},                           \
            offsetof(struct execution_row, member)                                                                     \
    }
static const struct member executions[ALM__EXECUTION_COLUMNS] = {
    X("id", I64, NULL, "of the invocation", true, false, x.id),
    X("unit", U32, NULL, "index into /units", true, false, x.unit),
    X("class", U32, NULL, "priority class", true, false, a.class),
    X("arrival", I64, NS, "when it was asked for", true, false, x.arrival),
    X("start", I64, NS, "of its last try", true, true, x.start),
    X("finish", I64, NS, "when it ended, was refused or gave up; of one still running: end of the run", true, false,
      x.finish),
    X("end", U8, NULL, "0 done, 1 refused, 2 timeout, 3 failed, 4 still running", false, false, x.end),
    X("cold", U8, NULL, "1: waited for an instance to start", false, false, x.cold),
    X("throttled", U8, NULL, "bits: 0 cpu, 1 memory, 2 io_read, 3 io_write, 4 net_rx, 5 net_tx slower for a limit",
      false, false, x.throttled),
    X("retries", U8, NULL, "tries beyond the first, up to 255", false, false, x.retries),
    X("cpu_us", I64, "microsecond", "CPU time of all tries", true, false, x.usage[ALM_CPU]),
    X("memory", I64, "byte", "peak", true, false, x.usage[ALM_MEMORY]),
    X("io_read", I64, "byte", "read from storage", true, false, x.usage[ALM_IO_READ]),
    X("io_write", I64, "byte", "written to storage", true, false, x.usage[ALM_IO_WRITE]),
    X("net_rx", I64, "byte", "received from the network", true, false, x.usage[ALM_NET_RX]),
    X("net_tx", I64, "byte", "sent to the network", true, false, x.usage[ALM_NET_TX]),
    X("cpu_limit", I64, "1e-3", "millicores in force at the end; -1: none", true, false, x.limit[ALM_CPU]),
    X("memory_limit", I64, "byte", "in force at the end; -1: none", true, false, x.limit[ALM_MEMORY]),
    X("alone_s", F64, "s", "seconds it takes alone and unlimited", false, true, a.alone),
    X("servers_s", F64, "s", "core-seconds it kept busy or reserved", false, true, a.servers),
};
#undef X

#define X(name, unit, text, member)                                                                                    \
    {                                                                                                                  \
        {"/machines/" name, ALM_COL_F64, "/machines/machine", unit, text, false, true},                                \
            offsetof(struct alm_machine, member)                                                                       \
    }
static const struct alm_column_spec machine_name = {
    "/machines/name", ALM_COL_TEXT, "/machines/machine", NULL, "machine", false, false};
static const struct member machines[ALM__MACHINE_COLUMNS - 1] = {
    X("cores", "1", "cores", cores),
    X("speed", "1", "work per second and core, relative to the trace's", speed),
    X("memory", "byte", "infinite: no bound", memory),
    X("io_read", "byte/s", "bandwidth; infinite: no bound", bandwidth[ALM_IO_READ]),
    X("io_write", "byte/s", "bandwidth", bandwidth[ALM_IO_WRITE]),
    X("net_rx", "byte/s", "bandwidth", bandwidth[ALM_NET_RX]),
    X("net_tx", "byte/s", "bandwidth", bandwidth[ALM_NET_TX]),
};
#undef X

#define X(name, type, unit, text, member)                                                                              \
    {                                                                                                                  \
        {"/machine_samples/" name, ALM_COL_##type, "/machine_samples/row", unit, text, true, false},                   \
            offsetof(struct alm_machine_sample, member)                                                                \
    }
static const struct member machine_samples[ALM__MACHINE_SAMPLE_COLUMNS] = {
    X("time", I64, NS, "end of the sample", at),
    X("span", I64, "nanosecond", "length of the sample", span),
    X("machine", U32, NULL, "index into /machines", machine),
    X("units", U32, NULL, "units placed on it at the end", units),
    X("cpu_us", I64, "microsecond", "CPU time used", usage[ALM_CPU]),
    X("memory", I64, "byte", "peak used", usage[ALM_MEMORY]),
    X("io_read", I64, "byte", "read from storage", usage[ALM_IO_READ]),
    X("io_write", I64, "byte", "written to storage", usage[ALM_IO_WRITE]),
    X("net_rx", I64, "byte", "received from the network", usage[ALM_NET_RX]),
    X("net_tx", I64, "byte", "sent to the network", usage[ALM_NET_TX]),
    X("cpu_floor", I64, "1e-3", "millicores promised", floor[ALM_CPU]),
    X("memory_floor", I64, "byte", "promised", floor[ALM_MEMORY]),
    X("cpu_some_us", I64, "microsecond", "some unit wanted more", some_us[ALM_STALL_CPU]),
    X("cpu_full_us", I64, "microsecond", "no unit that wanted it had any", full_us[ALM_STALL_CPU]),
    X("memory_some_us", I64, "microsecond", "some unit wanted more", some_us[ALM_STALL_MEMORY]),
    X("memory_full_us", I64, "microsecond", "no unit that wanted it had any", full_us[ALM_STALL_MEMORY]),
    X("io_some_us", I64, "microsecond", "some unit wanted more", some_us[ALM_STALL_IO]),
    X("io_full_us", I64, "microsecond", "no unit that wanted it had any", full_us[ALM_STALL_IO]),
};
#undef X

static size_t size_of(enum alm_column_type type)
{
    return type == ALM_COL_U8 ? 1 : type == ALM_COL_U32 ? 4 : 8;
}

void alm__platform_rows_free(struct alm__platform_rows *p)
{
    free(p->executions.at);
    free(p->machine_samples.at);
}

size_t alm__platform_rows_count(const struct alm__platform_rows *p)
{
    return p->executions.count + p->machine_samples.count;
}

int alm__platform_executions(struct alm__platform_rows *p, const struct alm_execution *x,
                             const struct alm_execution_account *a, size_t n, struct alm_err *e)
{
    p->executions.size = sizeof(struct execution_row);
    for (size_t k = 0; p->every_execution && k < n; k++) {
        if (x[k].id % p->every_execution)
            continue;
        struct execution_row *row = alm__rows_grow(&p->executions, e);
        if (!row)
            return ALM_ENOMEM;
        *row = (struct execution_row){x[k], a[k]};
    }
    return ALM_OK;
}

int alm__platform_machines(struct alm__platform_rows *p, const struct alm_machine_sample *s, size_t n,
                           struct alm_err *e)
{
    p->machine_samples.size = sizeof *s;
    for (size_t k = 0; p->every_machine_sample && k < n; k++) {
        p->stamps += p->stamps == 0 || s[k].at != p->latest;
        p->latest = s[k].at;
        if ((p->stamps - 1) % p->every_machine_sample)
            continue;
        struct alm_machine_sample *row = alm__rows_grow(&p->machine_samples, e);
        if (!row)
            return ALM_ENOMEM;
        *row = s[k];
    }
    return ALM_OK;
}

static int create(struct alm_table *t, bool calendar, const struct member *member, size_t n, struct alm_column **out,
                  struct alm_err *e)
{
    for (size_t i = 0; i < n; i++) {
        struct alm_column_spec spec = member[i].spec;
        if (!calendar && spec.unit && strcmp(spec.unit, NS) == 0)
            spec.unit = "nanoseconds";
        ALM_TRY(alm_column_create(t, &spec, &out[i], e));
    }
    return ALM_OK;
}

static int append(const struct member *member, size_t n, struct alm_column *const *column, const void *rows,
                  size_t row_size, size_t count, struct alm_err *e)
{
    char block[BLOCK * 8];
    for (size_t i = 0; i < n; i++)
        for (size_t first = 0; first < count; first += BLOCK) {
            size_t some = count - first < BLOCK ? count - first : BLOCK, size = size_of(member[i].spec.type);
            const char *from = (const char *)rows + first * row_size + member[i].offset;
            for (size_t k = 0; k < some; k++, from += row_size)
                memcpy(block + k * size, from, size);
            ALM_TRY(alm_column_append(column[i], block, some, e));
        }
    return ALM_OK;
}

static int append_executions(struct alm__platform_columns *c, struct alm_table *t, bool calendar,
                             struct alm__platform_rows *p, uint32_t base, struct alm_err *e)
{
    if (!c->executions) {
        ALM_TRY(create(t, calendar, executions, ALM__EXECUTION_COLUMNS, c->execution, e));
        ALM_TRY(alm_table_set_int(t, "/", "executions_every", (int64_t)p->every_execution, e));
        c->executions = true;
    }
    struct execution_row *row = (void *)p->executions.at;
    for (size_t k = 0; k < p->executions.count; k++)
        row[k].x.unit += base;
    ALM_TRY(append(executions, ALM__EXECUTION_COLUMNS, c->execution, row, sizeof *row, p->executions.count, e));
    p->executions.count = 0;
    return ALM_OK;
}

static int append_machines(struct alm__platform_columns *c, struct alm_table *t, bool calendar,
                           struct alm__platform_rows *p, struct alm_err *e)
{
    const size_t columns = ALM__MACHINE_COLUMNS - 1;
    if (!c->machines) {
        ALM_TRY(alm_column_create(t, &machine_name, &c->machine[columns], e));
        ALM_TRY(create(t, calendar, machines, columns, c->machine, e));
        ALM_TRY(create(t, calendar, machine_samples, ALM__MACHINE_SAMPLE_COLUMNS, c->machine_sample, e));
        ALM_TRY(alm_table_set_int(t, "/", "machines_every", (int64_t)p->every_machine_sample, e));
        for (size_t k = 0; k < p->machines; k++) {
            const char *name = p->machine[k].name;
            ALM_TRY(alm_column_append(c->machine[columns], &name, 1, e));
        }
        ALM_TRY(append(machines, columns, c->machine, p->machine, sizeof *p->machine, p->machines, e));
        c->machines = true;
    }
    ALM_TRY(append(machine_samples, ALM__MACHINE_SAMPLE_COLUMNS, c->machine_sample, p->machine_samples.at,
                   sizeof(struct alm_machine_sample), p->machine_samples.count, e));
    p->machine_samples.count = 0;
    return ALM_OK;
}

int alm__platform_append(struct alm__platform_columns *c, struct alm_table *t, bool calendar,
                         struct alm__platform_rows *p, uint32_t base, struct alm_err *e)
{
    if (p->every_execution)
        ALM_TRY(append_executions(c, t, calendar, p, base, e));
    return p->machines ? append_machines(c, t, calendar, p, e) : ALM_OK;
}
