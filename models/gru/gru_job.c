/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_job: one training, here or in a thread. The header says why either is the same. */
#include "gru_job.h"

#include <stdlib.h>

static void release_windows(struct gru_job *job)
{
    free(job->room);
    free(job->known);
    job->room = NULL;
    job->known = NULL;
    job->windows = (struct gru_windows){0};
}

struct gru_job *gru_job_new(const struct gru_shape *s, size_t count, size_t steps)
{
    const size_t rows = count * steps;
    struct gru_job *job = calloc(1, sizeof *job + gru_weights(s) * sizeof(double));
    if (job == NULL)
        return NULL;
    job->shape = *s;
    job->room = calloc(rows * (s->inputs + s->series), sizeof *job->room);
    job->known = calloc(rows, s->series);
    if (!job->room || !job->known) {
        gru_job_free(job);
        return NULL;
    }
    job->windows = (struct gru_windows){count, steps, job->room, job->room + rows * s->inputs, job->known};
    return job;
}

static void train(struct gru_job *job)
{
    job->code = gru_train(&job->shape, &job->how, &job->windows, &job->stream, job->weight, &job->loss);
    release_windows(job);
}

static void *train_in_thread(void *job)
{
    train(job);
    return NULL;
}

void gru_job_start(struct gru_job *job, bool background)
{
    job->running = background && pthread_create(&job->thread, NULL, train_in_thread, job) == 0;
    if (!job->running)
        train(job);
}

void gru_job_wait(struct gru_job *job)
{
    if (job->running)
        pthread_join(job->thread, NULL);
    job->running = false;
}

void gru_job_free(struct gru_job *job)
{
    if (job == NULL)
        return;
    gru_job_wait(job);
    release_windows(job);
    free(job);
}
