/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_job: write one trace file while a person watches: what import and generate share. */
#ifndef ALMANAC_CMD_TRACE_JOB_H
#define ALMANAC_CMD_TRACE_JOB_H

#include "cmd/cmd.h"
#include "traces/file/trace_file.h"

/* The rows come from FILL, which reports progress to the sink and leaves with ALM_EINTR when its `stop` is set. */
struct cmd_trace_job {
    const char *output;
    const char *doing; /* what FILL does, for the line of progress: "reading" */
    bool quiet;        /* no progress */
    struct alm_trace_info info;
    int (*fill)(void *ctx, struct alm_trace_sink *sink, struct alm_err *e);
    void *ctx;
};

/* Create, fill and commit the trace with progress on stderr; ^C leaves nothing behind. OUT is the committed writer, for
 * its report and summary: the caller closes it. */
int cmd_trace_write(const struct cmd_trace_job *job, struct alm_trace_writer **out, struct alm_err *e);

#endif
