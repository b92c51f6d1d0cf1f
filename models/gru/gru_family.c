/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_family: when and from what weights are trained. The header says so. */
#include "gru_family.h"

#include <stdlib.h>
#include <string.h>

static size_t stride_of(const struct gru_plan *p)
{
    return sizeof(struct gru_family) + gru_weights(&p->shape) * sizeof(double);
}

size_t gru_shared_size(const struct gru_plan *p, const struct alm_env *env)
{
    return sizeof(struct gru_shared) + gru_families(p, env) * stride_of(p);
}

struct gru_family *gru_family_at(const struct gru_plan *p, struct gru_shared *shared, size_t number)
{
    char *first = (char *)shared + sizeof *shared;
    return (struct gru_family *)(void *)(first + number * stride_of(p));
}

int gru_shared_open(const struct gru_plan *p, struct gru_shared *shared, struct alm_err *e)
{
    if (shared->opened)
        return ALM_OK;
    shared->opened = 1;
    gru_blas_alone();
    shared->work = gru_work_new(&p->shape, GRU_BATCH, 1, 0);
    shared->x = calloc(GRU_BATCH * (p->shape.inputs + p->shape.hidden), sizeof *shared->x);
    if (!shared->work || !shared->x)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a network of %zu hidden numbers", p->shape.hidden);
    shared->h = shared->x + GRU_BATCH * p->shape.inputs;
    return ALM_OK;
}

void gru_shared_close(const struct gru_plan *p, const struct alm_env *env, struct gru_shared *shared)
{
    for (size_t k = 0; k < gru_families(p, env); k++) {
        struct gru_family *f = gru_family_at(p, shared, k);
        gru_job_free(f->job);
        f->job = NULL;
    }
    gru_work_free(shared->work);
    free(shared->x);
    shared->work = NULL;
    shared->x = NULL;
    shared->opened = 0;
}

/* ---- what a training learns from ---- */

static const struct gru_unit *unit_at(const struct alm_units *u, uint32_t id)
{
    return (const struct gru_unit *)(const void *)(u->state + (size_t)id * u->stride);
}

/* What the units of a family remember. */
struct memory {
    uint64_t intervals;
    uint64_t targets[GRU_RESOURCES];
};

static struct memory memory_of(const struct gru_plan *p, const struct alm_units *u, uint32_t number)
{
    const struct gru_shared *shared = u->shared;
    struct memory m = {0};
    for (uint32_t id = 0; id < shared->units; id++) {
        if (gru_family_number(p, u->env, id) != number)
            continue;
        const size_t stored = gru_unit_stored(p, unit_at(u, id));
        m.intervals += stored;
        for (size_t age = 0; age < stored; age++)
            for (int r = 0; r < GRU_RESOURCES; r++)
                m.targets[r] += (gru_unit_seen(p, unit_at(u, id), age)->moved >> r) & 1;
    }
    return m;
}

/* The unit and age of interval K of all that the family remembers. */
static const struct gru_unit *find_interval(const struct gru_plan *p, const struct alm_units *u, uint32_t number,
                                            uint64_t k, size_t *age)
{
    for (uint32_t id = 0;; id++) {
        if (gru_family_number(p, u->env, id) != number)
            continue;
        const size_t stored = gru_unit_stored(p, unit_at(u, id));
        if (k < stored) {
            *age = (size_t)k;
            return unit_at(u, id);
        }
        k -= stored;
    }
}

/* Window W of JOB: the steps before the interval AGE of UNIT; the target of each is the change of the interval after it. Before the
 * ring's beginning all is missing. */
static void copy_window(const struct gru_plan *p, const struct gru_unit *unit, size_t age, const struct gru_job *job,
                        size_t w)
{
    static const struct gru_seen nothing;
    const size_t stored = gru_unit_stored(p, unit), inputs = p->shape.inputs;
    for (size_t t = 0; t < p->steps; t++) {
        const size_t back = age + p->steps - t, row = w * p->steps + t;
        const struct gru_seen *seen = back < stored ? gru_unit_seen(p, unit, back) : &nothing;
        const struct gru_seen *next = back - 1 < stored ? gru_unit_seen(p, unit, back - 1) : &nothing;
        gru_inputs(seen, unit->slot - (int64_t)back, &p->calendar, job->room + row * inputs);
        for (int r = 0; r < GRU_RESOURCES; r++) {
            const bool known = back < stored && (next->moved & job->learnt & ALM_BIT(r));
            const size_t at = row * GRU_RESOURCES + (size_t)r;
            job->room[job->windows.count * p->steps * inputs + at] = known ? next->change[r] : 0;
            job->known[at] = (uint8_t)(!known ? GRU_UNKNOWN : (next->censored & ALM_BIT(r)) ? GRU_AT_LEAST : GRU_VALUE);
        }
    }
}

static int begin(const struct gru_plan *p, const struct alm_units *u, uint32_t number, struct alm_err *e)
{
    struct gru_shared *shared = u->shared;
    struct gru_family *f = gru_family_at(p, shared, number);
    const struct memory m = memory_of(p, u, number);
    uint8_t learnt = 0;
    for (int r = 0; r < GRU_RESOURCES; r++)
        learnt |= (uint8_t)(m.targets[r] >= GRU_TARGETS_LEAST ? ALM_BIT(r) : 0);
    if (learnt == 0)
        return ALM_OK;
    struct gru_job *job = gru_job_new(&p->shape, p->windows, p->steps);
    if (job == NULL)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a training on %zu windows of %zu intervals", p->windows,
                        p->steps);
    job->learnt = learnt;
    job->how = f->generation ? p->later : p->first;
    job->stream = alm_stream_open(u->env->seed, number, "gru training");
    job->stream.next = (uint64_t)f->trainings++ << 40;
    for (size_t w = 0; w < p->windows; w++) {
        size_t age;
        const struct gru_unit *unit = find_interval(p, u, number, alm_stream_below(&job->stream, m.intervals), &age);
        copy_window(p, unit, age, job, w);
    }
    if (f->generation)
        memcpy(job->weight, f->weight, gru_weights(&p->shape) * sizeof(double));
    else
        gru_weights_draw(&p->shape, &job->stream, job->weight);
    gru_job_start(job, p->background && shared->threads < GRU_THREADS);
    shared->threads += job->running;
    f->job = job;
    return ALM_OK;
}

void gru_family_wait(struct gru_shared *shared, struct gru_family *f)
{
    if (f->job == NULL)
        return;
    shared->threads -= f->job->running;
    gru_job_wait(f->job);
}

static int take(const struct gru_plan *p, struct gru_shared *shared, struct gru_family *f, struct alm_err *e)
{
    struct gru_job *job = f->job;
    gru_family_wait(shared, f);
    f->job = NULL;
    const int code = job->code;
    if (code == ALM_OK) {
        memcpy(f->weight, job->weight, gru_weights(&p->shape) * sizeof(double));
        f->generation++;
        f->learnt = job->learnt;
        f->loss = job->loss;
    }
    gru_job_free(job);
    return code == ALM_ENOMEM ? alm_fail(e, code, "out of memory for a training") : ALM_OK;
}

int gru_family_clock(const struct gru_plan *p, const struct alm_units *u, uint32_t number, alm_time now,
                     struct alm_err *e)
{
    struct gru_family *f = gru_family_at(p, u->shared, number);
    if (!f->begun || now < f->clock - p->retrain) { /* or loaded from a time to come: begin to count again */
        f->begun = 1;
        f->clock = now;
        f->due = now + (f->generation ? p->retrain : p->min_history);
        f->take_at = f->take_at < now + p->delay ? f->take_at : now + p->delay;
    }
    f->clock = now > f->clock ? now : f->clock;
    if (f->job && now >= f->take_at)
        ALM_TRY(take(p, u->shared, f, e));
    if (f->job || now < f->due)
        return ALM_OK;
    f->due = now + p->retrain;
    f->take_at = now + p->delay;
    ALM_TRY(begin(p, u, number, e));
    return f->job && p->delay == 0 ? take(p, u->shared, f, e) : ALM_OK;
}
