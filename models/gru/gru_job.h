/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_job: a training that may go on in a thread of its own while the run goes on.
 *
 * Meaning.  A job owns all it reads and writes. Whoever started it waits for it at an instant fixed beforehand, so results do not
 *           depend on how fast it was, nor on whether there was a thread at all. */
#ifndef ALM_MODELS_GRU_JOB_H
#define ALM_MODELS_GRU_JOB_H

#include "gru_train.h"

#include <pthread.h>
#include <stdbool.h>

struct gru_job {
    struct gru_shape shape;
    struct gru_training how;
    struct gru_windows windows; /* of `room`; gone when trained */
    struct alm_stream stream;
    double *room; /* the windows' numbers */
    uint8_t *known;
    uint8_t learnt; /* ALM_BIT per resource that had enough targets */
    int code;       /* of gru_train, once waited for */
    double loss;
    pthread_t thread;
    bool running;
    double weight[]; /* before: where to start; after: the result */
};

/* Room for COUNT windows of STEPS steps, all unknown; NULL when there is no memory. */
struct gru_job *gru_job_new(const struct gru_shape *s, size_t count, size_t steps);

/* Train, in a thread where BACKGROUND and there can be one, else now. */
void gru_job_start(struct gru_job *job, bool background);
void gru_job_wait(struct gru_job *job);
void gru_job_free(struct gru_job *job); /* waits; NULL is fine */

#endif
