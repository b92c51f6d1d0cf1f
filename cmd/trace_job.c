/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_job: write one trace file while a person watches. The header says what. */
#include "cmd/trace_job.h"

static int fill_and_commit(const struct cmd_trace_job *job, struct alm_trace_writer *w, struct alm_err *e)
{
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    struct cmd_progress progress;
    sink->stop = &cmd_interrupted;
    sink->progress = cmd_progress_step;
    sink->progress_ctx = &progress;
    cmd_progress_start(&progress, job->doing, job->quiet);
    int code = job->fill(job->ctx, sink, e);
    cmd_progress_stop(&progress);
    if (code >= 0 && cmd_interrupted)
        code = alm_fail(e, ALM_EINTR, "interrupted");
    ALM_TRY(code);
    cmd_progress_start(&progress, "writing", job->quiet);
    code = alm_trace_commit(w, e);
    cmd_progress_stop(&progress);
    return code;
}

int cmd_trace_write(const struct cmd_trace_job *job, struct alm_trace_writer **out, struct alm_err *e)
{
    struct alm_trace_writer *w = NULL;
    ALM_TRY(alm_trace_create(job->output, &job->info, &w, e));
    int code = fill_and_commit(job, w, e);
    if (code < 0)
        alm_trace_writer_close(w);
    else
        *out = w;
    return code;
}
