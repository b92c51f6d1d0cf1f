/* SPDX-License-Identifier: GPL-3.0-or-later
 * made_behaviours: records of behaviour in memory, as a trace would hand them out, for tests of what replays them.
 *
 * Meaning.  Each of UNITS units has STEPS moments, SPAN apart, the first at BEGIN + SPAN; at each there is a record of the
 *           unit as a whole and one of each other function but the last, which only comes at every second moment. Values
 *           tell where they come from: calls = 1000 unit + 10 step + function, read_bytes = 4096 calls; cpu_share of the
 *           whole is 1 and the others' sum up to 1 when all are there; mix_loads = 0.25; the rest is not known. */
#ifndef ALM_TESTS_MADE_BEHAVIOURS_H
#define ALM_TESTS_MADE_BEHAVIOURS_H

#include "almanac/demand.h"
#include "almanac/trace.h"

#include <stdlib.h>
#include <string.h>

#define MADE_FUNCTIONS 8

struct made_behaviours {
    struct alm_behaviours view;
    struct alm_behaviour *record;
    uint64_t *first;
};

static inline int made_behaviours_read(const struct alm_behaviours *self, uint64_t first, size_t n,
                                       struct alm_behaviour *out, struct alm_err *e)
{
    const struct made_behaviours *m = self->owner;
    if (first > self->count || n > self->count - first)
        return alm_fail(e, ALM_EINVAL, "there are %llu records", (unsigned long long)self->count);
    memcpy(out, m->record + first, n * sizeof *out);
    return ALM_OK;
}

static inline struct alm_behaviour made_behaviour(uint32_t unit, size_t step, uint32_t function, size_t functions,
                                                  alm_time begin, alm_time span)
{
    struct alm_behaviour b = alm_behaviour_at(begin + (alm_time)(step + 1) * span, span, unit, function);
    b.value[ALM_BEH_CALLS] = 1000.0 * unit + 10.0 * (double)step + function;
    b.value[ALM_BEH_READ_BYTES] = 4096 * b.value[ALM_BEH_CALLS];
    b.value[ALM_BEH_CPU_SHARE] = function == 0 ? 1 : 1 / (double)(functions - 1);
    b.value[ALM_BEH_LOADS] = 0.25;
    return b;
}

/* FUNCTIONS from 2 to MADE_FUNCTIONS, "" included. Free with made_behaviours_close. */
static inline void made_behaviours_open(struct made_behaviours *m, size_t units, size_t functions, size_t steps,
                                        alm_time begin, alm_time span)
{
    static const char *const name[MADE_FUNCTIONS] = {"", "main", "parse", "solve", "encode", "flush", "sort", "wait"};
    *m = (struct made_behaviours){.view = {.functions = functions, .function = name, .read = made_behaviours_read}};
    m->record = calloc(units * steps * functions + 1, sizeof *m->record);
    m->first = calloc(units + 1, sizeof *m->first);
    if (!m->record || !m->first)
        abort();
    for (uint32_t u = 0; u < units; u++) {
        for (size_t k = 0; k < steps; k++)
            for (uint32_t f = 0; f < functions - (k % 2); f++)
                m->record[m->view.count++] = made_behaviour(u, k, f, functions, begin, span);
        m->first[u + 1] = m->view.count;
    }
    m->view.first = m->first;
    m->view.owner = m;
}

static inline void made_behaviours_close(struct made_behaviours *m)
{
    free(m->record);
    free(m->first);
}

#endif
