/* SPDX-License-Identifier: GPL-3.0-or-later
 * arrivals: the stream of invocations, read ahead in blocks, and what follows for what the trace does not say.
 *
 * Meaning.  work = duration * parallelism where work was not recorded; parallelism = max(1, work / duration) where that was
 *           not. Priorities are whole classes 0 .. 15, larger first.
 * Choice.   Memory is bounded by a block, not by the trace. */
#include "world.h"

#include <math.h>
#include <stdlib.h>

/* What the trace says of row K of the block, and what follows for what it does not say. */
static void read_row(struct sim_world *w, size_t k, struct sim_job *j)
{
    const struct alm_invocation_rows *at = &w->stream.at;
    double v[ALM_INVOCATION_FIELDS];
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        v[f] = at->value[f] ? at->value[f][k] : NAN;
    const double duration = v[ALM_INV_DURATION];
    double parallelism = v[ALM_INV_PARALLELISM], work = v[ALM_INV_WORK];
    if (!(parallelism > 0))
        parallelism = work > 0 && duration > 0 ? fmax(1, work / duration) : 1;
    if (isnan(work))
        work = duration > 0 ? duration * parallelism : 0;
    j->arrival = at->arrival[k];
    j->unit = at->unit[k];
    j->work = nearbyint(work * 1e9);
    j->parallelism = parallelism;
    j->memory = v[ALM_INV_MEMORY] > 0 ? v[ALM_INV_MEMORY] : 0;
    j->patience = nearbyint(v[ALM_INV_PATIENCE] * 1e9);
    const double class = v[ALM_INV_PRIORITY];
    j->class = class > 0 ? (uint8_t)fmin(class, SIM_CLASSES - 1) : 0;
    for (int c = SIM_DISK_READ; c < SIM_CHANNELS; c++) {
        double bytes = v[ALM_INV_IO_READ + c - SIM_DISK_READ];
        j->bytes[c] = bytes > 0 ? bytes : 0;
    }
    j->requested[0] = v[ALM_INV_CORES_REQUESTED];
    j->requested[1] = v[ALM_INV_MEMORY_REQUESTED];
    j->requested[2] = v[ALM_INV_TIME_REQUESTED];
}

static int read_block(struct sim_world *w, struct alm_err *e)
{
    struct sim_stream *s = &w->stream;
    uint64_t left = s->source->count - s->read;
    s->rows = left < SIM_STREAM_ROWS ? (size_t)left : SIM_STREAM_ROWS;
    s->row = 0;
    if (s->rows)
        ALM_TRY(s->source->read(s->source, s->read, s->rows, &s->at, e));
    s->read += s->rows;
    return ALM_OK;
}

int sim_stream_open(struct sim_world *w, const struct alm_invocations *source, struct alm_err *e)
{
    struct sim_stream *s = &w->stream;
    if (!source || source->count == 0)
        return ALM_OK;
    s->source = source;
    w->inputs = source->inputs;
    double *block = malloc((2 + ALM_INVOCATION_FIELDS + source->inputs) * SIM_STREAM_ROWS * sizeof *block);
    if (!block)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the stream of invocations");
    s->block = block;
    s->at.arrival = (void *)block;
    s->at.unit = (void *)(block + SIM_STREAM_ROWS);
    block += 2 * SIM_STREAM_ROWS;
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        if (source->fields & 1u << f)
            s->at.value[f] = block + (size_t)f * SIM_STREAM_ROWS;
    block += ALM_INVOCATION_FIELDS * SIM_STREAM_ROWS;
    for (size_t k = 0; k < source->inputs; k++)
        s->at.input[k] = block + k * SIM_STREAM_ROWS;
    return read_block(w, e);
}

alm_time sim_stream_next(const struct sim_world *w)
{
    const struct sim_stream *s = &w->stream;
    return s->row < s->rows ? s->at.arrival[s->row] : ALM_TIME_MAX;
}

int sim_job_arrive(struct sim_world *w, struct alm_err *e)
{
    struct sim_stream *s = &w->stream;
    uint32_t job;
    bool kept = false;
    ALM_TRY(sim_job_new(w, &job, e));
    read_row(w, s->row, &w->job[job]);
    w->job[job].id = w->next_id++;
    for (size_t k = 0; k < w->inputs; k++)
        w->job_input[(size_t)job * w->inputs + k] = s->at.input[k][s->row];
    if (++s->row == s->rows)
        ALM_TRY(read_block(w, e));
    ALM_TRY(sim_station_keep(w, job, &kept, e));
    if (kept) {
        sim_job_release(w, job);
        return ALM_OK;
    }
    return sim_job_enter(w, job, e);
}
