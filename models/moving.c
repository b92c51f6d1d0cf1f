/* SPDX-License-Identifier: GPL-3.0-or-later
 * moving: blocks of values per unit and resource. The header says what. */
#include "moving.h"

#include "quantile.h"
#include "saved.h"

#include <math.h>
#include <string.h>

static alm_time window_of(const struct alm_moving *m, const void *opt)
{
    alm_time window;
    memcpy(&window, (const char *)opt + m->window_at, sizeof window);
    return window;
}

/* Values in a window, 1 .. ALM_MOVING_MAX. */
static size_t capacity_of(const struct alm_moving *m, const void *opt, const struct alm_env *env)
{
    alm_time count = env->sample_interval > 0 ? window_of(m, opt) / env->sample_interval : 1;
    if (count < 1)
        return 1;
    return count > (alm_time)ALM_MOVING_MAX ? ALM_MOVING_MAX : (size_t)count;
}

static int check_window(alm_time window, const struct alm_env *env, struct alm_err *e)
{
    if (env->sample_interval <= 0)
        return alm_fail(e, ALM_EINVAL, "the interval between samples is not known; it must be above 0");
    if (window / env->sample_interval > (alm_time)ALM_MOVING_MAX)
        return alm_fail(e, ALM_EINVAL, "the window holds %lld samples; at most %zu are possible",
                        (long long)(window / env->sample_interval), ALM_MOVING_MAX);
    if (window < env->sample_interval)
        return alm_fail(e, ALM_EINVAL, "the window of %g s is shorter than the %g s between samples",
                        alm_seconds(window), alm_seconds(env->sample_interval));
    return ALM_OK;
}

static size_t count_resources(const struct alm_env *env)
{
    size_t n = 0;
    for (int r = 0; r < ALM_RESOURCES; r++)
        n += (env->resources >> r) & 1u;
    return n;
}

size_t alm_moving_state_size(const struct alm_moving *m, const void *opt, const struct alm_env *env)
{
    return count_resources(env) * m->size(capacity_of(m, opt, env));
}

int alm_moving_init(const struct alm_moving *m, const struct alm_units *u, struct alm_err *e)
{
    ALM_TRY(check_window(window_of(m, u->opt), u->env, e));
    size_t capacity = capacity_of(m, u->opt, u->env), size = m->size(capacity), blocks = count_resources(u->env);
    for (size_t i = 0; i < u->count; i++)
        for (size_t k = 0; k < blocks; k++)
            m->init((char *)alm_unit_state(u, i) + k * size, capacity);
    return ALM_OK;
}

void alm_moving_observe(const struct alm_moving *m, const struct alm_units *u, const struct alm_profile *profile)
{
    size_t size = m->size(capacity_of(m, u->opt, u->env));
    for (size_t i = 0; i < u->count; i++) {
        const struct alm_series *w = &profile[i].window;
        char *block = alm_unit_state(u, i);
        for (int r = 0; r < ALM_RESOURCES; r++) {
            if (!(u->env->resources & ALM_BIT(r)))
                continue;
            for (size_t row = w->count - profile[i].fresh; w->value[r] && row < w->count; row++)
                if (!isnan(w->value[r][row]))
                    m->put(block, w->value[r][row]);
            block += size;
        }
    }
}

void alm_moving_predict(const struct alm_moving *m, const struct alm_units *u, const void *how,
                        struct alm_envelope *out)
{
    size_t size = m->size(capacity_of(m, u->opt, u->env));
    for (size_t i = 0; i < u->count; i++) {
        const char *block = alm_unit_state(u, i);
        for (int r = 0; r < ALM_RESOURCES; r++) {
            if (!(u->env->resources & ALM_BIT(r)))
                continue;
            m->tell(block, (enum alm_resource)r, how, &out[i]);
            block += size;
        }
    }
}

/* The window needs no fingerprint: another one gives another size. */
static struct alm_saved_as saved_as(const struct alm_moving *m, const struct alm_env *env)
{
    return (struct alm_saved_as){.module = m->saved_as, .version = 1, .made_with = env->resources};
}

int alm_moving_save(const struct alm_moving *m, const struct alm_units *u, size_t i, void *buffer, size_t *size,
                    struct alm_err *e)
{
    struct alm_saved_as as = saved_as(m, u->env);
    return alm_saved_write(&as, alm_unit_state(u, i), alm_moving_state_size(m, u->opt, u->env), buffer, size, e);
}

int alm_moving_load(const struct alm_moving *m, const struct alm_units *u, size_t i, const void *buffer, size_t size,
                    struct alm_err *e)
{
    struct alm_saved_as as = saved_as(m, u->env);
    const void *state;
    size_t bytes = alm_moving_state_size(m, u->opt, u->env), capacity = capacity_of(m, u->opt, u->env);
    ALM_TRY(alm_saved_read(&as, buffer, size, bytes, &state, e));
    for (size_t at = 0; at < bytes; at += m->size(capacity))
        if (!m->sound((const char *)state + at, capacity))
            return alm_fail(e, ALM_EDATA, "the saved state holds a window that cannot be");
    memcpy(alm_unit_state(u, i), state, bytes);
    return ALM_OK;
}

void alm_moving_sorted_init(void *block, size_t capacity)
{
    alm_sorted_window_init(block, capacity);
}

void alm_moving_sorted_put(void *block, double value)
{
    alm_sorted_window_put(block, value);
}

bool alm_moving_sorted_sound(const void *bytes, size_t capacity)
{
    struct alm_sorted_window w;
    memcpy(&w, bytes, sizeof w);
    return w.capacity == capacity && w.count <= capacity && w.next < capacity;
}
