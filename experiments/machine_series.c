/* SPDX-License-Identifier: GPL-3.0-or-later
 * machine_series: see the header. */
#include "experiments/machine_series.h"

#include "experiments/quantiles.h"

#include <math.h>
#include <stdlib.h>

#define FINE 1e6 /* utilisation is kept to 1e-6 */

struct machine {
    double cores, memory;
    alm_time seen; /* sum of the spans of its samples */
};

struct machine_series {
    alm_time begin;
    size_t count;
    struct machine *machine;

    /* The stamp under way, and how many machines held a unit at it; the most so far. */
    alm_time latest;
    uint64_t used, used_peak;

    __int128 unit_time, used_time, time; /* ns */
    __int128 stall_us[ALM_STALLS];
    __int128 cpu_us, core_ns, memory_used, memory_there; /* cores in 1e-6; bytes times ns */
    struct quantiles cpu, memory;
};

static const char *const names[MACHINE_FIGURES] = {
#define X(id, name) [MACHINE_##id] = (name),
    MACHINE_FIGURE_LIST(X)
#undef X
};

int machine_series_new(const struct alm_machine *machine, size_t count, alm_time begin, struct machine_series **out,
                       struct alm_err *e)
{
    struct machine_series *m = calloc(1, sizeof *m);
    struct machine *own = calloc(count ? count : 1, sizeof *own);
    if (!m || !own) {
        free(m);
        free(own);
        return alm_fail(e, ALM_ENOMEM, "out of memory for the metrics of %zu machines", count);
    }
    for (size_t i = 0; i < count; i++)
        own[i] = (struct machine){.cores = machine[i].cores, .memory = machine[i].memory};
    *m = (struct machine_series){.begin = begin, .count = count, .machine = own, .latest = ALM_TIME_NONE};
    *out = m;
    return ALM_OK;
}

void machine_series_free(struct machine_series *m)
{
    if (!m)
        return;
    quantiles_free(&m->cpu);
    quantiles_free(&m->memory);
    free(m->machine);
    free(m);
}

static int add_cpu(struct machine_series *m, const struct machine *machine, const struct alm_machine_sample *s,
                   struct alm_err *e)
{
    if (!(machine->cores > 0) || !isfinite(machine->cores))
        return ALM_OK;
    m->cpu_us += s->usage[ALM_CPU];
    m->core_ns += (__int128)llrint(machine->cores * FINE) * s->span;
    double share = (double)s->usage[ALM_CPU] * (double)ALM_US / (machine->cores * (double)s->span);
    return quantiles_add(&m->cpu, llrint(share * FINE), e);
}

static int add_memory(struct machine_series *m, const struct machine *machine, const struct alm_machine_sample *s,
                      struct alm_err *e)
{
    if (!(machine->memory > 0) || !isfinite(machine->memory))
        return ALM_OK;
    m->memory_used += (__int128)s->usage[ALM_MEMORY] * s->span;
    m->memory_there += (__int128)llrint(machine->memory) * s->span;
    return quantiles_add(&m->memory, llrint((double)s->usage[ALM_MEMORY] / machine->memory * FINE), e);
}

static int on_machines(void *ctx, const struct alm_machine_sample *s, size_t n, struct alm_err *e)
{
    struct machine_series *m = ctx;
    for (size_t k = 0; k < n; k++) {
        struct machine *machine = &m->machine[s[k].machine];
        if (s[k].span <= 0 || s[k].at - s[k].span < m->begin)
            continue;
        m->used = s[k].at == m->latest ? m->used : 0;
        m->latest = s[k].at;
        m->used += s[k].units > 0;
        m->used_peak = m->used > m->used_peak ? m->used : m->used_peak;
        machine->seen += s[k].span;
        m->time += s[k].span;
        m->unit_time += (__int128)s[k].units * s[k].span;
        m->used_time += s[k].units > 0 ? s[k].span : 0;
        for (int stall = 0; stall < ALM_STALLS; stall++)
            m->stall_us[stall] += s[k].some_us[stall];
        ALM_TRY(add_cpu(m, machine, &s[k], e));
        ALM_TRY(add_memory(m, machine, &s[k], e));
    }
    return ALM_OK;
}

struct alm_observer machine_series_observer(struct machine_series *m)
{
    return (struct alm_observer){.ctx = m, .machines = on_machines};
}

static double ratio(__int128 a, __int128 b)
{
    return b > 0 ? (double)a / (double)b : NAN;
}

void machine_series_figures(const struct machine_series *m, double out[MACHINE_FIGURES])
{
    alm_time longest = 0; /* the window: no machine is seen for longer */
    for (size_t i = 0; i < m->count; i++)
        longest = m->machine[i].seen > longest ? m->machine[i].seen : longest;
    out[MACHINE_MACHINES] = (double)m->count;
    out[MACHINE_USED_PEAK] = (double)m->used_peak;
    out[MACHINE_UNITS_PLACED_MEAN] = ratio(m->unit_time, longest);
    out[MACHINE_DENSITY] = ratio(m->unit_time, m->used_time);
    out[MACHINE_CPU_UTILISATION_MEAN] = (double)ALM_US * FINE * ratio(m->cpu_us, m->core_ns);
    out[MACHINE_CPU_UTILISATION_P95] = quantiles_at(&m->cpu, 0.95) / FINE;
    out[MACHINE_MEMORY_UTILISATION_MEAN] = ratio(m->memory_used, m->memory_there);
    out[MACHINE_MEMORY_UTILISATION_P95] = quantiles_at(&m->memory, 0.95) / FINE;
    out[MACHINE_CONTENDED_SHARE] = (double)ALM_US * ratio(m->stall_us[ALM_STALL_CPU], m->time);
    out[MACHINE_MEMORY_SOME_SHARE] = (double)ALM_US * ratio(m->stall_us[ALM_STALL_MEMORY], m->time);
    out[MACHINE_IO_SOME_SHARE] = (double)ALM_US * ratio(m->stall_us[ALM_STALL_IO], m->time);
}

const char *machine_figure_name(enum machine_figure f)
{
    return names[f];
}

bool machine_figure_whole(enum machine_figure f)
{
    return f == MACHINE_MACHINES || f == MACHINE_USED_PEAK;
}

double machine_cores(const struct alm_machine *machine, size_t count)
{
    double cores = count ? 0 : NAN;
    for (size_t i = 0; i < count; i++)
        cores += machine[i].cores;
    return cores;
}

json_t *machine_series_json(const struct machine_series *m)
{
    double value[MACHINE_FIGURES];
    machine_series_figures(m, value);
    json_t *object = json_object();
    for (int f = 0; f < MACHINE_FIGURES; f++) {
        bool whole = machine_figure_whole((enum machine_figure)f);
        json_object_set_new(object, names[f],
                            whole                ? json_integer((json_int_t)value[f])
                            : isfinite(value[f]) ? json_real(value[f])
                                                 : json_null());
    }
    return object;
}
