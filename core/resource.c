/* SPDX-License-Identifier: GPL-3.0-or-later
 * resource: names of resources and the rounding at the platform's door. */
#include "almanac/resource.h"

#include <math.h>
#include <string.h>

static const char *const names[ALM_RESOURCES] = {"cpu", "memory", "io_read", "io_write", "net_rx", "net_tx"};

const char *alm_resource_name(enum alm_resource r)
{
    return names[r];
}

int alm_resource_find(const char *name)
{
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (strcmp(names[r], name) == 0)
            return r;
    return -1;
}

static int64_t whole_up(double amount, double noise)
{
    if (!(amount > 0))
        return 0;
    if (amount >= (double)ALM_AMOUNT_MAX)
        return ALM_AMOUNT_MAX;
    const double round = 0x1.8p52; /* a number of this size has no fraction: adding it rounds to nearest */
    double nearest = amount + round - round, relative = 1e-12 * nearest;
    if (fabs(amount - nearest) <= (relative > noise ? relative : noise))
        return (int64_t)nearest;
    int64_t below = (int64_t)amount;
    return below + (amount > (double)below);
}

int64_t alm_millicores_up(double cores)
{
    return whole_up(cores * 1000.0, ALM_CPU_NOISE * 1000.0);
}

int64_t alm_bytes_up(double bytes)
{
    return whole_up(bytes, 1e-12);
}

int64_t alm_kernel_millicores(int64_t millicores)
{
    const int64_t least = ALM_CPU_QUOTA_MIN_US * 1000 / ALM_CPU_PERIOD_US;
    if (millicores == ALM_NO_LIMIT)
        return ALM_NO_LIMIT;
    return millicores < least ? least : millicores;
}

int64_t alm_kernel_bytes(int64_t bytes)
{
    return bytes == ALM_NO_LIMIT ? ALM_NO_LIMIT : bytes - bytes % ALM_PAGE;
}
