/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_job: work by the clock, and spells of no usage at all. See the header. */
#include "usage_job.h"

#include <math.h>

static void begin_next(struct alm__usage_job *job)
{
    double moved = job->jitter > 0 ? job->jitter * (alm_stream_uniform(&job->stream) - 0.5) : 0;
    double s = sqrt(log1p(job->cv * job->cv));
    job->from = job->next + moved;
    job->until = job->from + job->length;
    job->now = s > 0 ? job->height * exp(s * alm_stream_normal(&job->stream) - s * s / 2) : job->height;
    job->next += job->period;
}

struct alm__usage_job alm__usage_job(const struct alm__usage_job *like, double at, double day, struct alm_stream stream)
{
    struct alm__usage_job job = *like;
    double first = fmod(at - day, job.period);
    job.stream = stream;
    job.next = first - job.period * ceil((first + job.length + job.jitter) / job.period);
    begin_next(&job);
    return job;
}

double alm__usage_job_work(struct alm__usage_job *job, double from, double until)
{
    double sum = 0;
    for (;;) {
        sum += job->now * fmax(0, fmin(until, job->until) - fmax(from, job->from));
        if (job->until >= until)
            return sum / (until - from);
        begin_next(job);
    }
}

bool alm__usage_idle(struct alm__usage_idle *s, double seconds)
{
    if (!(s->share > 0))
        return false;
    double kept = s->started ? exp(-seconds / (s->length * (1 - s->share))) : 0;
    double chance = s->share + ((s->idle ? 1 : 0) - s->share) * kept;
    s->started = true;
    s->idle = alm_stream_uniform(&s->stream) < chance;
    return s->idle;
}

double alm__usage_scale(const struct alm__usage_job *job, size_t count, const struct alm__usage_idle *idle)
{
    double working = 0, more = 0;
    for (size_t i = 0; i < count; i++) {
        working += job[i].length / job[i].period;
        more += job[i].height * job[i].length / job[i].period;
    }
    working = fmin(1, working);
    return 1 / ((1 - working) * (1 - idle->share) + working + more);
}
