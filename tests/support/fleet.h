/* SPDX-License-Identifier: GPL-3.0-or-later
 * fleet: a small demand in memory, made of a function of (unit, row), for tests of the platform and the loop. */
#ifndef ALM_TESTS_FLEET_H
#define ALM_TESTS_FLEET_H

#include "almanac/demand.h"
#include "almanac/stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct fleet {
    struct alm_demand demand;
    struct alm_unit *unit;
    uint64_t *rows;
    double *cpu, *memory;
    alm_time begin, interval;
    size_t length;
};

static int fleet_read(const struct alm_demand *self, size_t unit, uint64_t first, size_t n,
                      const struct alm_demand_rows *out, struct alm_err *e)
{
    (void)e;
    const struct fleet *f = self->owner;
    for (size_t k = 0; k < n; k++) {
        size_t row = (size_t)first + k, cell = unit * f->length + row;
        if (out->at)
            out->at[k] = f->begin + (alm_time)(row + 1) * f->interval;
        if (out->span)
            out->span[k] = f->interval;
        if (out->value[ALM_CPU])
            out->value[ALM_CPU][k] = f->cpu[cell];
        if (out->value[ALM_MEMORY])
            out->value[ALM_MEMORY][k] = f->memory[cell];
    }
    return ALM_OK;
}

/* UNITS units of LENGTH rows, the first stamped BEGIN + INTERVAL; demand is zero until the test fills it. */
static inline void fleet_make(struct fleet *f, size_t units, size_t length, alm_time begin, alm_time interval)
{
    *f = (struct fleet){.unit = calloc(units, sizeof *f->unit),
                        .rows = calloc(units, sizeof *f->rows),
                        .cpu = calloc(units * length, sizeof(double)),
                        .memory = calloc(units * length, sizeof(double)),
                        .begin = begin,
                        .interval = interval,
                        .length = length};
    for (size_t i = 0; i < units; i++) {
        snprintf(f->unit[i].name, sizeof f->unit[i].name, "unit-%03zu", i);
        f->unit[i].cores = f->unit[i].memory = NAN;
        f->unit[i].first = begin + interval;
        f->unit[i].last = begin + (alm_time)length * interval;
        f->rows[i] = length;
    }
    f->demand = (struct alm_demand){.unit = f->unit,
                                    .rows = f->rows,
                                    .units = units,
                                    .interval = interval,
                                    .resources = ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY),
                                    .read = fleet_read,
                                    .owner = f};
}

/* Random walks in round numbers: millicores and pages, so every platform can show them exactly. */
static inline void fleet_randomize(struct fleet *f, uint64_t seed)
{
    for (size_t i = 0; i < f->demand.units; i++) {
        struct alm_stream s = alm_stream_open(seed, i, "fleet");
        double level = 100 + 900 * alm_stream_uniform(&s), pages = 20000 + 20000 * alm_stream_uniform(&s);
        for (size_t k = 0; k < f->length; k++) {
            double burst = alm_stream_uniform(&s) < 0.05 ? 3 : 1;
            f->cpu[i * f->length + k] = floor(level * burst * (0.5 + alm_stream_uniform(&s))) / 1000;
            pages *= 0.97 + 0.06 * alm_stream_uniform(&s);
            f->memory[i * f->length + k] = floor(pages) * 4096;
        }
    }
}

static inline void fleet_free(struct fleet *f)
{
    free(f->unit);
    free(f->rows);
    free(f->cpu);
    free(f->memory);
}

#endif
