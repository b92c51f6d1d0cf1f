/* SPDX-License-Identifier: GPL-3.0-or-later
 * tape: see the header. */
#include "tape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES ((size_t)32 << 20)
#define BLOCK_MIN 64
#define BLOCK_MAX 4096
#define BLOCK_SHORT 256
#define SHORT 16384

/* Rows a block. Short series are read a little at a time, which stays in the processor's cache; of long ones the chunks of a
 * trace file would not stay unpacked until their next rows are wanted. */
static size_t block_of(const struct alm_demand *d)
{
    size_t most = 1;
    for (size_t i = 0; i < d->units; i++)
        most = d->rows[i] > most ? (size_t)d->rows[i] : most;
    size_t others = (size_t)__builtin_popcount(d->resources & ~(ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY)));
    size_t n = BUFFER_BYTES / (d->units * (sizeof(struct sim_tape_row) + others * sizeof(double)) + 1);
    n = n < BLOCK_MIN ? BLOCK_MIN : n > BLOCK_MAX ? BLOCK_MAX : n;
    if (most <= SHORT && n > BLOCK_SHORT)
        n = BLOCK_SHORT;
    return n < most ? n : most;
}

int sim_tape_open(struct sim_tape *t, const struct alm_demand *demand, struct alm_err *e)
{
    *t = (struct sim_tape){.demand = demand, .block = block_of(demand)};
    size_t cells = t->block * demand->units;
    t->line = malloc(cells * sizeof *t->line);
    t->at = malloc(t->block * sizeof *t->at);
    t->span = malloc(t->block * sizeof *t->span);
    t->cpu = malloc(t->block * sizeof *t->cpu);
    t->memory = malloc(t->block * sizeof *t->memory);
    bool ok = t->line && t->at && t->span && t->cpu && t->memory;
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++)
        if (demand->resources & ALM_BIT(r))
            ok = (t->other[r] = malloc(cells * sizeof *t->other[r])) && ok;
    return ok ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for the rows of %zu units", demand->units);
}

void sim_tape_close(struct sim_tape *t)
{
    free(t->line);
    free(t->at);
    free(t->span);
    free(t->cpu);
    free(t->memory);
    for (int r = 0; r < ALM_RESOURCES; r++)
        free(t->other[r]);
}

int sim_tape_begin(struct sim_tape *t, size_t unit, struct sim_tape_head *head, struct alm_err *e)
{
    *head = (struct sim_tape_head){.rows = t->demand->rows[unit], .line = t->line + unit * t->block};
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++)
        head->other[r] = t->other[r] ? t->other[r] + unit * t->block : NULL;
    if (head->rows == 0)
        return alm_fail(e, ALM_EDATA, "unit %s has no rows", t->demand->unit[unit].name);
    return sim_tape_fill(t, unit, head, e);
}

/* The N rows just read become rows of the tape. Their largest memory; 0 without. */
static double record(const struct sim_tape *t, struct sim_tape_row *out, size_t n)
{
    const bool cpu = t->demand->resources & ALM_BIT(ALM_CPU), memory = t->demand->resources & ALM_BIT(ALM_MEMORY);
    alm_time span = 0;
    double span_us = 0, peak = 0;
    for (size_t k = 0; k < n; k++) {
        if (t->span[k] != span)
            span_us = (double)(span = t->span[k]) / (double)ALM_US;
        out[k] = (struct sim_tape_row){.at = t->at[k],
                                       .start = t->at[k] - span,
                                       .cpu = cpu ? alm_demand_cores_over(t->cpu[k], span_us) : NAN,
                                       .memory = memory ? t->memory[k] : NAN};
        peak = out[k].memory > peak ? out[k].memory : peak;
    }
    return peak;
}

int sim_tape_fill(struct sim_tape *t, size_t unit, struct sim_tape_head *head, struct alm_err *e)
{
    const size_t base = unit * t->block, keep = head->filled - head->row, room = t->block - keep;
    const uint64_t left = head->rows - head->loaded;
    const size_t n = left < room ? (size_t)left : room;
    struct alm_demand_rows to = {.at = t->at, .span = t->span};
    if (t->demand->resources & ALM_BIT(ALM_CPU))
        to.value[ALM_CPU] = t->cpu;
    if (t->demand->resources & ALM_BIT(ALM_MEMORY))
        to.value[ALM_MEMORY] = t->memory;
    memmove(t->line + base, t->line + base + head->row, keep * sizeof *t->line);
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++)
        if (t->other[r]) {
            memmove(t->other[r] + base, t->other[r] + base + head->row, keep * sizeof *t->other[r]);
            to.value[r] = t->other[r] + base + keep;
        }
    head->row = 0;
    head->filled = keep;
    ALM_TRY(t->demand->read(t->demand, unit, head->loaded, n, &to, e));
    const double peak = record(t, t->line + base + keep, n);
    head->peak = keep && head->peak > peak ? head->peak : peak;
    head->loaded += n;
    head->filled += n;
    return ALM_OK;
}
