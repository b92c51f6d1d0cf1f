/* SPDX-License-Identifier: GPL-3.0-or-later
 * ended: executions that ended since the last wait, as the loop and the observers see them. */
#include "world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int room_for_ended(struct sim_world *w, struct alm_err *e)
{
    struct sim_ended *t = &w->ended_jobs;
    if (t->count < t->room)
        return ALM_OK;
    size_t room = t->room ? t->room * 2 : 1024;
    struct alm_execution *execution = realloc(t->execution, room * sizeof *execution);
    if (execution)
        t->execution = execution;
    struct alm_execution_account *account = realloc(t->account, room * sizeof *account);
    if (account)
        t->account = account;
    double *input = w->inputs ? realloc(t->input, room * w->inputs * sizeof *input) : NULL;
    if (input)
        t->input = input;
    if (!execution || !account || (w->inputs && !input))
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu executions", room);
    t->room = room;
    return ALM_OK;
}

int sim_job_report(struct sim_world *w, uint32_t job, enum alm_end end, struct alm_err *e)
{
    const struct sim_job *j = &w->job[job];
    const struct sim_member *u = &w->unit[j->unit];
    struct sim_ended *t = &w->ended_jobs;
    ALM_TRY(room_for_ended(w, e));
    struct alm_execution *x = &t->execution[t->count];
    *x = (struct alm_execution){.id = j->id,
                                .unit = j->unit,
                                .end = (uint8_t)end,
                                .cold = j->cold,
                                .throttled = j->throttled,
                                .retries = j->retries,
                                .arrival = j->arrival,
                                .start = j->start,
                                .finish = w->now,
                                .limit = {u->shown[0], u->shown[1]}};
    x->usage[ALM_CPU] = llrint(j->used[SIM_CPU] * 1e-3);
    x->usage[ALM_MEMORY] = j->start == ALM_TIME_NONE ? 0 : llrint(j->memory);
    for (int c = SIM_DISK_READ; c < SIM_CHANNELS; c++)
        x->usage[ALM_IO_READ + c - SIM_DISK_READ] = llrint(j->used[c]);
    t->account[t->count] =
        (struct alm_execution_account){.alone = j->alone, .servers = j->used[SIM_CPU] * 1e-9, .class = j->class};
    if (w->inputs)
        memcpy(t->input + t->count * w->inputs, w->job_input + (size_t)job * w->inputs, w->inputs * sizeof *t->input);
    t->count++;
    return ALM_OK;
}

static int by_id(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

int sim_jobs_in_flight(struct sim_world *w, struct alm_err *e)
{
    size_t n = 0;
    struct {
        uint64_t id;
        uint32_t job;
    } *left = malloc((w->jobs ? w->jobs : 1) * sizeof *left);
    if (!left)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %u invocations", w->jobs);
    for (uint32_t k = 0; k < w->jobs; k++)
        if (w->job[k].state != SIM_JOB_IDLE) {
            left[n].id = w->job[k].id;
            left[n++].job = k;
        }
    qsort(left, n, sizeof *left, by_id);
    int code = ALM_OK;
    for (size_t k = 0; code >= 0 && k < n; k++) {
        if (w->job[left[k].job].state == SIM_JOB_RUNNING)
            code = sim_job_stop(w, left[k].job, e);
        if (code >= 0)
            code = sim_job_report(w, left[k].job, ALM_END_RUNNING, e);
    }
    free(left);
    return code;
}
