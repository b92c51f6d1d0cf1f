/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa_state: what the Vertical Pod Autoscaler remembers of one container.
 *
 * Meaning.  CPU: every sample enters a fading histogram at the same small weight. Memory: one peak per window enters at
 *           weight 1, stamped at the window's END; a higher value within the window replaces the peak; an OOM kill
 *           enters as a peak above what was used. Windows are counted from the first memory sample and survive gaps.
 * Choice.   Plain bytes, so that it can lie in a unit's state and be saved. Amounts are whole millicores and bytes.
 * Limits.   As the original: peaks are never removed and only fade; a window that opens with 0 bytes ignores its later
 *           samples; the stamp of a peak lies up to a window in the future.
 * Source.   Kubernetes autoscaler, vertical-pod-autoscaler/pkg/recommender/model (container,
 *           aggregate_container_state), as restated in docs/decisions/0003. */
#ifndef ALM_MODELS_VPA_STATE_H
#define ALM_MODELS_VPA_STATE_H

#include "histogram.h"

/* How samples become histograms; constant for the life of a state. */
struct alm_vpa_learning {
    struct alm_buckets buckets[2]; /* ALM_CPU in cores, ALM_MEMORY in bytes */
    alm_time half_life[2];
    double cpu_weight;      /* of each CPU sample */
    alm_time memory_window; /* one peak per window */
    int64_t memory_windows; /* so many without a sample, and a state has expired */
    double oom_ratio;       /* after an OOM kill: used * ratio, */
    int64_t oom_min_bump;   /* and at least used + this many bytes */
};

struct alm_vpa_state {
    alm_time first, last; /* stamps of the accepted CPU samples; ALM_TIME_NONE before the first */
    uint64_t samples;     /* accepted CPU samples */
    alm_time memory_last; /* stamp of the newest memory sample; ALM_TIME_NONE before the first */
    alm_time window_end;
    int64_t peak, oom_peak;  /* of the window */
    uint64_t memory_samples; /* accepted; only whether there were any matters */
    uint64_t changes[2];     /* how often each histogram changed */
    uint64_t store[];        /* the two histograms */
};

/* The settings with which the original runs. */
struct alm_vpa_learning alm_vpa_learning_default(void);

size_t alm_vpa_state_size(const struct alm_vpa_learning *l);
void alm_vpa_state_init(const struct alm_vpa_learning *l, struct alm_vpa_state *s);

/* The histogram of resource R (ALM_CPU or ALM_MEMORY). */
struct alm_histogram *alm_vpa_histogram(const struct alm_vpa_learning *l, struct alm_vpa_state *s, int r);
const struct alm_histogram *alm_vpa_histogram_view(const struct alm_vpa_learning *l, const struct alm_vpa_state *s,
                                                   int r);

/* Learn; false when the sample is refused: negative, or not after (CPU) or before (memory) the newest one. */
bool alm_vpa_add_cpu(const struct alm_vpa_learning *l, struct alm_vpa_state *s, alm_time t, int64_t millicores);
bool alm_vpa_add_memory(const struct alm_vpa_learning *l, struct alm_vpa_state *s, alm_time t, int64_t bytes);

/* Learn of an OOM kill at T under a memory request (or limit) of REQUEST bytes; false when it is older than the newest
 * memory sample by more than a window. Repeated kills under the same request do not add up. */
bool alm_vpa_add_oom(const struct alm_vpa_learning *l, struct alm_vpa_state *s, alm_time t, int64_t request);

/* Add what FROM learnt, as containers of one name in several pods are added. The window of INTO goes on. */
void alm_vpa_merge(const struct alm_vpa_learning *l, struct alm_vpa_state *into, const struct alm_vpa_state *from);

/* True when nothing came for `memory_windows` windows; a state without CPU samples counts from CREATED. */
bool alm_vpa_expired(const struct alm_vpa_learning *l, const struct alm_vpa_state *s, alm_time created, alm_time now);

/* A checkpoint as the original writes it: lossy. The peak of a window that is still open at NOW is left out.
 * SCRATCH holds alm_vpa_state_size bytes; the buckets of both parts are the caller's memory. */
struct alm_vpa_checkpoint {
    struct alm_checkpoint part[2];
    alm_time first, last;
    uint64_t samples;
};
void alm_vpa_save(const struct alm_vpa_learning *l, const struct alm_vpa_state *s, alm_time now,
                  struct alm_vpa_state *scratch, struct alm_vpa_checkpoint *out);

/* Load into S, just made by alm_vpa_state_init. ALM_EDATA as alm_histogram_load; then S is to be made anew. */
int alm_vpa_load(const struct alm_vpa_learning *l, struct alm_vpa_state *s, const struct alm_vpa_checkpoint *c,
                 struct alm_err *e);

#endif
