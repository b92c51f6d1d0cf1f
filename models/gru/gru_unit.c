/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_unit: the ring of a unit. The header says what for. */
#include "gru_unit.h"

#include <math.h>

static size_t up(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

static size_t ring_at(const struct gru_plan *p)
{
    return sizeof(struct gru_unit) + p->shape.hidden * sizeof(double);
}

static size_t target_at(const struct gru_plan *p)
{
    return up(ring_at(p) + p->ring * sizeof(struct gru_seen));
}

size_t gru_unit_size(const struct gru_plan *p, const struct alm_env *env)
{
    return target_at(p) + target_size(env);
}

struct target *gru_unit_target(const struct gru_plan *p, struct gru_unit *unit)
{
    return (struct target *)(void *)((char *)unit + target_at(p));
}

static struct gru_seen *ring_of(const struct gru_plan *p, struct gru_unit *unit)
{
    return (struct gru_seen *)(void *)((char *)unit + ring_at(p));
}

size_t gru_unit_stored(const struct gru_plan *p, const struct gru_unit *unit)
{
    return unit->count < p->ring ? (size_t)unit->count : p->ring;
}

const struct gru_seen *gru_unit_seen(const struct gru_plan *p, const struct gru_unit *unit, size_t age)
{
    const char *ring = (const char *)unit + ring_at(p);
    return (const struct gru_seen *)(const void *)ring + (unit->count - 1 - age) % p->ring;
}

static void push(const struct gru_plan *p, struct gru_unit *unit, const struct target_value *v)
{
    struct gru_seen *seen = ring_of(p, unit) + unit->count % p->ring;
    *seen = (struct gru_seen){0};
    for (int r = 0; r < GRU_RESOURCES; r++)
        if (p->resources & ALM_BIT(r))
            gru_track_put(&unit->track[r], (enum alm_resource)r, v ? v->value[r] : NAN, v && (v->censored & ALM_BIT(r)),
                          seen);
    unit->held = seen->censored;
    unit->count++;
    unit->behind++;
}

void gru_unit_put(const struct gru_plan *p, struct gru_unit *unit, const struct target_value *v)
{
    const size_t gap = v->gap < p->ring ? v->gap : p->ring;
    for (size_t k = 0; unit->count && k < gap; k++)
        push(p, unit, NULL);
    push(p, unit, v);
    unit->slot = v->slot;
    const size_t most = gru_unit_stored(p, unit) < p->steps ? gru_unit_stored(p, unit) : p->steps;
    unit->behind = unit->behind < most ? unit->behind : (uint32_t)most;
}

static bool track_sound(const struct gru_track *t)
{
    return isfinite(t->last) && isfinite(t->largest) && isfinite(t->level) && isfinite(t->scale) &&
           isfinite(t->spread) && (t->values == 0 || (t->scale > 0 && t->spread > 0));
}

bool gru_unit_sound(const struct gru_plan *p, const struct alm_env *env, const struct gru_unit *unit)
{
    const struct target *t = (const struct target *)(const void *)((const char *)unit + target_at(p));
    bool sound = unit->next == 0 && unit->behind <= gru_unit_stored(p, unit) && !(unit->answers & ~p->resources);
    for (int r = 0; r < GRU_RESOURCES; r++)
        sound = sound && track_sound(&unit->track[r]) && isfinite(unit->lower[r]) && unit->upper[r] >= unit->lower[r];
    for (size_t j = 0; j < p->shape.hidden; j++)
        sound = sound && fabs(unit->hidden[j]) <= 1;
    return sound && sizeof *t + t->p95.kept * sizeof(double) <= target_size(env);
}
