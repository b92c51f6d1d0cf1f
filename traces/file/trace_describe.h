/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_describe: what the descriptions of usage and of invocations share. */
#ifndef ALMANAC_TRACES_TRACE_DESCRIBE_H
#define ALMANAC_TRACES_TRACE_DESCRIBE_H

#include "trace_file.h"

/* Tell WATCH (which may be NULL) how far the work is. ALM_EINTR when it is to stop. */
static inline int alm__watch_step(const struct alm_trace_watch *watch, double done, struct alm_err *e)
{
    if (watch && watch->stop && *watch->stop)
        return alm_fail(e, ALM_EINTR, "interrupted");
    if (watch && watch->progress)
        watch->progress(watch->progress_ctx, done);
    return 0;
}

#endif
