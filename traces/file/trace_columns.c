/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_columns: the columns of /usage, /invocations and /behaviour. */
#include "trace_columns.h"
#include "trace_file.h"

#include <math.h>

static const struct alm__trace_column usage[ALM_RESOURCES] = {
    [ALM_CPU] = {"cpu", "/usage/cpu", "1", "mean CPU use over the interval, in cores", ALM_COL_F64},
    [ALM_MEMORY] = {"memory", "/usage/memory", "byte", "peak memory use over the interval", ALM_COL_I64},
    [ALM_IO_READ] = {"io_read", "/usage/io_read", "byte", "bytes read from storage over the interval", ALM_COL_I64},
    [ALM_IO_WRITE] = {"io_write", "/usage/io_write", "byte", "bytes written to storage over the interval", ALM_COL_I64},
    [ALM_NET_RX] = {"net_rx", "/usage/net_rx", "byte", "bytes received from the network over the interval",
                    ALM_COL_I64},
    [ALM_NET_TX] = {"net_tx", "/usage/net_tx", "byte", "bytes sent to the network over the interval", ALM_COL_I64},
};

/* Of the units, byte alone has four letters. */
static const struct alm__trace_column invocation[ALM_INVOCATION_FIELDS] = {
#define X(id, name, unit, meaning)                                                                                     \
    [id] = {name, "/invocations/" name, unit, meaning, sizeof(unit) == sizeof "byte" ? ALM_COL_I64 : ALM_COL_F64},
    ALM_INVOCATION_FIELD_LIST(X)
#undef X
};

static const struct alm__trace_column behaviour[ALM_BEHAVIOUR_FIELDS] = {
#define X(id, name, unit, meaning)                                                                                     \
    [id] = {name, "/behaviour/" name, unit, meaning, sizeof(unit) == sizeof "byte" ? ALM_COL_I64 : ALM_COL_F64},
    ALM_BEHAVIOUR_FIELD_LIST(X)
#undef X
};

const struct alm__trace_column *alm__usage_column(enum alm_resource r)
{
    return &usage[r];
}

const struct alm__trace_column *alm__invocation_column(enum alm_invocation_field f)
{
    return &invocation[f];
}

const struct alm__trace_column *alm__behaviour_column(enum alm_behaviour_field f)
{
    return &behaviour[f];
}

bool alm__behaviour_sound(enum alm_behaviour_field f, double v)
{
    bool share = f == ALM_BEH_CPU_SHARE || f >= ALM_BEH_LOADS;
    return isnan(v) || (v >= 0 && v <= (share ? 1 : ALM_VALUE_MOST));
}

const char *alm_trace_field_name(enum alm_invocation_field f)
{
    return invocation[f].name;
}
