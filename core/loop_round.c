/* SPDX-License-Identifier: GPL-3.0-or-later
 * loop_round: one round of decisions: samples through the four modules to the platform.
 *
 * Choice.   The null models are passed by: what they would do is known, and before a null predictor no profile is kept that
 *           nobody would read. Decisions that are, byte for byte, those of the
 *           round before were looked at then, and are in force. */
#include "loop_state.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The samples of units in the round: modules are shown no others. Usually that is all of them. */
static int select_samples(struct alm__loop *l, const struct alm_units *u, const struct alm_sample **s, size_t *n,
                          struct alm_err *e)
{
    size_t i = 0, k = 0;
    if (u->count == l->units)
        return ALM_OK;
    for (; k < *n; k++) {
        while (i < u->count && u->id[i] < (*s)[k].unit)
            i++;
        if (i == u->count || u->id[i] != (*s)[k].unit)
            break;
    }
    if (k == *n)
        return ALM_OK;
    if (l->kept_capacity < *n) {
        free(l->kept);
        l->kept = malloc(*n * sizeof *l->kept);
        l->kept_capacity = l->kept ? *n : 0;
        if (!l->kept)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu samples", *n);
    }
    size_t kept = 0;
    i = 0;
    for (k = 0; k < *n; k++) {
        while (i < u->count && u->id[i] < (*s)[k].unit)
            i++;
        if (i < u->count && u->id[i] == (*s)[k].unit)
            l->kept[kept++] = (*s)[k];
    }
    *s = l->kept;
    *n = kept;
    return ALM_OK;
}

static int predict(struct alm__loop *l, alm_time now, struct alm_err *e)
{
    const struct alm_units *u = &l->part[PREDICTOR], *c = &l->part[CALIBRATOR];
    const alm_time until = now + l->config->interval;
    if (!l->predicts) {
        l->nothing.from = now;
        l->nothing.until = until;
        return ALM_OK;
    }
    ALM_TRY(alm__loop_named(&l->profiler->head, l->profiler->profile(&l->part[PROFILER], l->profile, e), e));
    for (size_t i = 0; i < u->count; i++) {
        l->profile[i].start = l->start ? &l->start[i] : NULL;
        l->envelope[i].from = now;
        l->envelope[i].until = until;
        l->envelope[i].has = l->envelope[i].peak = l->envelope[i].p95 = 0;
    }
    if (l->predictor->observe)
        ALM_TRY(alm__loop_named(&l->predictor->head, l->predictor->observe(u, l->profile, e), e));
    ALM_TRY(alm__loop_named(&l->predictor->head, l->predictor->predict(u, l->profile, now, l->envelope, e), e));
    ALM_TRY(alm_check_envelopes(&l->predictor->head, u, l->unit, l->envelope, e));
    if (!l->calibrates)
        return ALM_OK;
    ALM_TRY(alm__loop_named(&l->calibrator->head, l->calibrator->adjust(c, now, l->envelope, e), e));
    return alm_check_envelopes(&l->calibrator->head, c, l->unit, l->envelope, e);
}

/* The newest sample of the machine that UNIT is on; NULL when none was taken. */
static const struct alm_machine_sample *machine_of(const struct alm__loop *l, uint32_t unit)
{
    if (l->machines == 0 || !l->ops->machine_of)
        return NULL;
    uint32_t m = l->ops->machine_of(l->platform, unit);
    return m < l->machines && l->machine[m].span > 0 ? &l->machine[m] : NULL;
}

static struct alm_situation *preset_situations(struct alm__loop *l, const uint32_t *id, size_t n)
{
    const bool whole = n == l->units && !l->start;
    struct alm_situation *s = whole ? l->situation : l->some_situation;
    if (whole && l->predicts && l->machines == 0)
        return s; /* its envelopes are where they always are */
    for (size_t i = 0; i < n && !whole; i++)
        s[i] = l->situation[id[i]];
    for (size_t i = 0; i < n && l->predicts; i++)
        s[i].envelope = &l->envelope[i];
    for (size_t i = 0; i < n && l->start; i++)
        s[i].start = &l->start[i];
    for (size_t i = 0; i < n && l->machines; i++)
        s[i].machine = machine_of(l, id[i]);
    return s;
}

/* Where the last round was one of the same units, with its decisions in force, their limits lie there already. */
static void preset_decisions(struct alm__loop *l, const uint32_t *id, size_t n)
{
    const bool there = l->repeated && n == l->units && n == l->settled;
    for (size_t i = 0; i < n; i++) {
        struct alm_decision *d = &l->decision[i];
        d->reason[0] = d->reason[1] = 0;
        d->floor[0] = d->floor[1] = 0;
        if (there)
            continue;
        d->unit = id[i];
        memcpy(d->limit, l->situation[id[i]].decided, sizeof d->limit);
    }
}

/* Executions and behaviour go to all units' modules, whatever the round is about. */
static int show_executions(struct alm__loop *l, struct alm_err *e)
{
    const struct alm_execution *x = l->execution;
    if (l->behaviours && l->profiler->behaviour)
        ALM_TRY(alm__loop_named(&l->profiler->head,
                                l->profiler->behaviour(&l->part[PROFILER], l->behaviour, l->behaviours, e), e));
    if (l->executions && l->profiler->executions)
        ALM_TRY(
            alm__loop_named(&l->profiler->head, l->profiler->executions(&l->part[PROFILER], x, l->executions, e), e));
    if (l->executions && l->predictor->executions)
        ALM_TRY(alm__loop_named(&l->predictor->head, l->predictor->executions(&l->part[PREDICTOR], x, l->executions, e),
                                e));
    return ALM_OK;
}

/* Everything from samples to decisions: the part that modules do. */
static int think(struct alm__loop *l, const uint32_t *id, size_t n, alm_time now, const struct alm_sample *samples,
                 size_t count, struct alm_err *e)
{
    if (l->predicts) {
        ALM_TRY(select_samples(l, &l->part[PROFILER], &samples, &count, e));
        ALM_TRY(show_executions(l, e));
        ALM_TRY(alm__loop_named(&l->profiler->head, l->profiler->observe(&l->part[PROFILER], samples, count, e), e));
    }
    ALM_TRY(alm__loop_feedback(l, now, e));
    ALM_TRY(predict(l, now, e));
    preset_decisions(l, id, n);
    const struct alm_units *u = &l->part[ALLOCATOR];
    const struct alm_situation *situation = preset_situations(l, id, n);
    ALM_TRY(alm__loop_named(&l->allocator->head, l->allocator->decide(u, now, situation, l->decision, e), e));
    for (size_t i = 0; i < n; i++)
        l->decision[i].unit = id[i];
    l->repeated = n == l->settled && memcmp(l->decision, l->before, n * sizeof *l->decision) == 0;
    if (l->repeated)
        return ALM_OK;
    return alm_check_decisions(l->allocator, l->reasons, l->unit, l->decision, n, e);
}

/* A module failed and the user wants to go on: the last limits stay. */
static void hold(struct alm__loop *l, const uint32_t *id, size_t n, const struct alm_err *why)
{
    preset_decisions(l, id, n);
    for (size_t i = 0; i < n; i++) {
        l->envelope[i].has = 0;
        l->decision[i].reason[0] = l->decision[i].reason[1] = (uint8_t)l->reasons;
    }
    l->repeated = false;
    l->held = true;
    if (l->stats->held++ == 0)
        l->stats->first_held = *why;
}

static int tell(struct alm__loop *l, alm_time now, bool event, const uint32_t *id, size_t n, struct alm_err *e)
{
    for (const struct alm_observer *const *o = l->observers; *o; o++) {
        for (size_t i = 0; (*o)->envelopes && !l->predicts && i < n; i++)
            l->envelope[i] = l->nothing;
        if ((*o)->envelopes)
            ALM_TRY((*o)->envelopes((*o)->ctx, now, id, l->envelope, n, e));
        if ((*o)->decisions)
            ALM_TRY((*o)->decisions((*o)->ctx, now, event, l->decision, l->applied, n, e));
    }
    return ALM_OK;
}

/* Remember what was decided and tell the observers. */
static int settle(struct alm__loop *l, alm_time now, bool event, const uint32_t *id, size_t n, struct alm_err *e)
{
    const bool answered = memcmp(l->applied, l->applied_before, n * sizeof *l->applied) == 0;
    if (!l->repeated || !answered || l->noted) {
        for (size_t i = 0; i < n; i++) {
            struct alm_situation *s = &l->situation[id[i]];
            memcpy(s->decided, l->decision[i].limit, sizeof s->decided);
            memcpy(s->applied, l->applied[i].limit, sizeof s->applied);
            s->censored = 0;
            s->oom_kills = 0;
        }
        memcpy(l->before, l->decision, n * sizeof *l->before);
        memcpy(l->applied_before, l->applied, n * sizeof *l->applied);
        l->settled = l->held ? 0 : n;
        l->noted = l->noted && n < l->units; /* some may be left for the others */
    }
    for (size_t i = 0; i < n && l->predicts; i++)
        ALM_TRY(alm__loop_open_outcome(l, id[i], &l->envelope[i], e));
    return tell(l, now, event, id, n, e);
}

static void note_latency(struct alm__loop *l, uint64_t ns, size_t n)
{
    double each = (double)ns / (double)n;
    int k = each > 1 ? (int)(log2(each) * 8) : 0;
    l->stats->latency[k < ALM_LATENCY_BUCKETS ? k : ALM_LATENCY_BUCKETS - 1] += n;
}

int alm__loop_decide(struct alm__loop *l, alm_time now, bool event, const uint32_t *id, size_t n,
                     const struct alm_sample *samples, size_t count, struct alm_err *e)
{
    alm__loop_view(l, id, n);
    uint64_t start = l->config->stopwatch ? l->config->stopwatch() : 0;
    l->held = false;
    int code = think(l, id, n, now, samples, count, e);
    if (code < 0 && (l->config->on_error == ALM_ON_ERROR_STOP || code == ALM_ENOMEM || code == ALM_EINTR))
        return code;
    if (code < 0)
        hold(l, id, n, e);
    ALM_TRY(l->ops->apply(l->platform, now, l->decision, n, l->applied, e));
    if (l->config->stopwatch)
        note_latency(l, l->config->stopwatch() - start, n);
    l->stats->rounds++;
    l->stats->decisions += n;
    return settle(l, now, event, id, n, e);
}
