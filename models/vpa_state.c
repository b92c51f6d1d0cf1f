/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa_state: what the Vertical Pod Autoscaler remembers of one container. The header says what and whence. */
#include "vpa_state.h"

#include "vpa_amount.h"

#include "almanac/resource.h"

#include <string.h>

struct alm_vpa_learning alm_vpa_learning_default(void)
{
    struct alm_vpa_learning l = {.half_life = {ALM_DAY, ALM_DAY},
                                 .cpu_weight = 0.1,
                                 .memory_window = ALM_DAY,
                                 .memory_windows = 8,
                                 .oom_ratio = 1.2,
                                 .oom_min_bump = INT64_C(100) << 20};
    (void)alm_buckets_exponential(1000, 0.01, 1.05, 1e-4, &l.buckets[ALM_CPU], NULL);
    (void)alm_buckets_exponential(1e12, 1e7, 1.05, 1e-4, &l.buckets[ALM_MEMORY], NULL);
    return l;
}

size_t alm_vpa_state_size(const struct alm_vpa_learning *l)
{
    return sizeof(struct alm_vpa_state) + alm_histogram_size(&l->buckets[ALM_CPU]) +
           alm_histogram_size(&l->buckets[ALM_MEMORY]);
}

const struct alm_histogram *alm_vpa_histogram_view(const struct alm_vpa_learning *l, const struct alm_vpa_state *s,
                                                   int r)
{
    size_t skip = r == ALM_CPU ? 0 : alm_histogram_size(&l->buckets[ALM_CPU]) / sizeof s->store[0];
    return (const struct alm_histogram *)(const void *)(s->store + skip);
}

struct alm_histogram *alm_vpa_histogram(const struct alm_vpa_learning *l, struct alm_vpa_state *s, int r)
{
    size_t skip = r == ALM_CPU ? 0 : alm_histogram_size(&l->buckets[ALM_CPU]) / sizeof s->store[0];
    return (struct alm_histogram *)(void *)(s->store + skip);
}

void alm_vpa_state_init(const struct alm_vpa_learning *l, struct alm_vpa_state *s)
{
    *s = (struct alm_vpa_state){
        .first = ALM_TIME_NONE, .last = ALM_TIME_NONE, .memory_last = ALM_TIME_NONE, .window_end = ALM_TIME_NONE};
    alm_histogram_init(&l->buckets[ALM_CPU], alm_vpa_histogram(l, s, ALM_CPU));
    alm_histogram_init(&l->buckets[ALM_MEMORY], alm_vpa_histogram(l, s, ALM_MEMORY));
}

bool alm_vpa_add_cpu(const struct alm_vpa_learning *l, struct alm_vpa_state *s, alm_time t, int64_t millicores)
{
    if (millicores < 0 || (s->samples > 0 && t <= s->last))
        return false;
    alm_decaying_add(&l->buckets[ALM_CPU], alm_vpa_histogram(l, s, ALM_CPU), l->half_life[ALM_CPU],
                     (double)millicores / 1000.0, l->cpu_weight, t);
    if (s->samples == 0)
        s->first = t;
    s->last = t;
    s->samples++;
    s->changes[ALM_CPU]++;
    return true;
}

static int64_t window_peak(const struct alm_vpa_state *s)
{
    return s->peak > s->oom_peak ? s->peak : s->oom_peak;
}

static void add_peak(const struct alm_vpa_learning *l, struct alm_vpa_state *s, int64_t bytes)
{
    alm_decaying_add(&l->buckets[ALM_MEMORY], alm_vpa_histogram(l, s, ALM_MEMORY), l->half_life[ALM_MEMORY],
                     (double)bytes, 1, s->window_end);
    s->changes[ALM_MEMORY]++;
}

static void drop_peak(const struct alm_vpa_learning *l, struct alm_vpa_state *s)
{
    alm_decaying_subtract(&l->buckets[ALM_MEMORY], alm_vpa_histogram(l, s, ALM_MEMORY), l->half_life[ALM_MEMORY],
                          (double)window_peak(s), 1, s->window_end);
    s->changes[ALM_MEMORY]++;
}

static bool add_memory(const struct alm_vpa_learning *l, struct alm_vpa_state *s, alm_time t, int64_t bytes, bool oom)
{
    if (bytes < 0 || (!oom && s->memory_samples > 0 && t < s->memory_last))
        return false;
    if (s->memory_samples == 0)
        s->window_end = t;
    s->memory_last = t;
    s->memory_samples++;
    if (t < s->window_end) {
        if (window_peak(s) == 0 || bytes <= window_peak(s))
            return true;
        drop_peak(l, s);
    } else {
        s->window_end += (t - s->window_end) / l->memory_window * l->memory_window + l->memory_window;
        s->peak = 0;
        s->oom_peak = 0;
    }
    add_peak(l, s, bytes);
    if (oom)
        s->oom_peak = bytes;
    else
        s->peak = bytes;
    return true;
}

bool alm_vpa_add_memory(const struct alm_vpa_learning *l, struct alm_vpa_state *s, alm_time t, int64_t bytes)
{
    return add_memory(l, s, t, bytes, false);
}

bool alm_vpa_add_oom(const struct alm_vpa_learning *l, struct alm_vpa_state *s, alm_time t, int64_t request)
{
    if (s->memory_samples > 0 && t < s->memory_last - l->memory_window)
        return false;
    /* The window's OOM peak is left out, so that kills in a row do not run away. */
    int64_t used = request > s->peak ? request : s->peak;
    int64_t scaled = alm_vpa_scale(used, l->oom_ratio);
    int64_t bumped = alm_vpa_amount((double)used + (double)l->oom_min_bump);
    return add_memory(l, s, t, scaled > bumped ? scaled : bumped, true);
}

void alm_vpa_merge(const struct alm_vpa_learning *l, struct alm_vpa_state *into, const struct alm_vpa_state *from)
{
    for (int r = ALM_CPU; r <= ALM_MEMORY; r++) {
        alm_histogram_merge(&l->buckets[r], alm_vpa_histogram(l, into, r), l->half_life[r],
                            alm_vpa_histogram_view(l, from, r));
        into->changes[r]++;
    }
    if (from->samples > 0) {
        into->first = into->samples == 0 || from->first < into->first ? from->first : into->first;
        into->last = into->samples == 0 || from->last > into->last ? from->last : into->last;
        into->samples += from->samples;
    }
    if (into->memory_samples == 0) {
        into->memory_last = from->memory_last;
        into->window_end = from->window_end;
        into->peak = from->peak;
        into->oom_peak = from->oom_peak;
    }
    into->memory_samples += from->memory_samples;
}

bool alm_vpa_expired(const struct alm_vpa_learning *l, const struct alm_vpa_state *s, alm_time created, alm_time now)
{
    alm_time since = s->samples == 0 ? created : s->last;
    return now - since >= l->memory_window * l->memory_windows;
}

void alm_vpa_save(const struct alm_vpa_learning *l, const struct alm_vpa_state *s, alm_time now,
                  struct alm_vpa_state *scratch, struct alm_vpa_checkpoint *out)
{
    memcpy(scratch, s, alm_vpa_state_size(l));
    if (scratch->memory_samples > 0 && now < scratch->window_end)
        drop_peak(l, scratch);
    for (int r = ALM_CPU; r <= ALM_MEMORY; r++)
        alm_histogram_save(&l->buckets[r], alm_vpa_histogram(l, scratch, r), &out->part[r]);
    out->first = s->first;
    out->last = s->last;
    out->samples = s->samples;
}

int alm_vpa_load(const struct alm_vpa_learning *l, struct alm_vpa_state *s, const struct alm_vpa_checkpoint *c,
                 struct alm_err *e)
{
    if (c == NULL)
        return alm_fail(e, ALM_EDATA, "vpa: the checkpoint is missing");
    for (int r = ALM_CPU; r <= ALM_MEMORY; r++) {
        ALM_TRY(alm_histogram_load(&l->buckets[r], alm_vpa_histogram(l, s, r), &c->part[r], e));
        s->changes[r]++;
    }
    s->first = c->first;
    s->last = c->last;
    s->samples = c->samples;
    return ALM_OK;
}
