/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa_amount: whole millicores and bytes. The header says what and whence. */
#include "vpa_amount.h"

#include "almanac/resource.h"

int64_t alm_vpa_amount(double x)
{
    if (!(x > 0))
        return 0;
    return x > (double)ALM_AMOUNT_MAX ? ALM_AMOUNT_MAX : (int64_t)x;
}

int64_t alm_vpa_millicores(double cores)
{
    return alm_vpa_amount(cores * 1000.0);
}

int64_t alm_vpa_scale(int64_t amount, double factor)
{
    return alm_vpa_amount((double)amount * factor);
}

int alm_vpa_round_up(int64_t amount, int64_t scale, int64_t *out, struct alm_err *e)
{
    if (scale <= 0)
        return alm_fail(e, ALM_EINVAL, "vpa: cannot round to multiples of %lld; it must be 1 or more",
                        (long long)scale);
    int64_t rest = amount % scale;
    if (rest > 0 && amount > INT64_MAX - (scale - rest))
        return alm_fail(e, ALM_EINVAL, "vpa: %lld rounded up to multiples of %lld does not fit 64 bits",
                        (long long)amount, (long long)scale);
    *out = rest > 0 ? amount + (scale - rest) : amount - rest;
    return ALM_OK;
}

int64_t alm_vpa_whole_cores(int64_t millicores)
{
    return (millicores + 999) / 1000 * 1000;
}
