/* SPDX-License-Identifier: GPL-3.0-or-later
 * row_buffer: blocks of rows. */
#include "row_buffer.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES ((size_t)32 << 20)
#define BLOCK_MIN 64
#define BLOCK_MAX 4096

static size_t block_of(const struct alm_demand *d)
{
    size_t columns = 2 + (size_t)__builtin_popcount(d->resources), most = 1;
    for (size_t i = 0; i < d->units; i++)
        most = d->rows[i] > most ? (size_t)d->rows[i] : most;
    size_t n = BUFFER_BYTES / (d->units * columns * 8 + 1);
    n = n < BLOCK_MIN ? BLOCK_MIN : n > BLOCK_MAX ? BLOCK_MAX : n;
    return n < most ? n : most;
}

int sim_row_buffer_open(struct sim_row_buffer *b, const struct alm_demand *demand, struct alm_err *e)
{
    *b = (struct sim_row_buffer){.demand = demand, .block = block_of(demand)};
    size_t cells = b->block * demand->units;
    b->at = calloc(cells, sizeof *b->at);
    b->span = calloc(cells, sizeof *b->span);
    bool ok = b->at && b->span;
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (demand->resources & ALM_BIT(r)) {
            b->value[r] = calloc(cells, sizeof(double));
            ok = ok && b->value[r];
        }
    return ok ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for the usage of %zu units", demand->units);
}

void sim_row_buffer_close(struct sim_row_buffer *b)
{
    free(b->at);
    free(b->span);
    for (int r = 0; r < ALM_RESOURCES; r++)
        free(b->value[r]);
    *b = (struct sim_row_buffer){0};
}

struct sim_row_cursor sim_row_cursor(const struct sim_row_buffer *b, size_t unit)
{
    return (struct sim_row_cursor){.rows = b->demand->rows[unit]};
}

int sim_row_buffer_fill(struct sim_row_buffer *b, size_t unit, struct sim_row_cursor *c, struct alm_err *e)
{
    const size_t base = unit * b->block, keep = c->filled - c->row, from = base + c->row, to = base + keep;
    const size_t room = b->block - keep;
    const uint64_t left = c->rows - c->loaded;
    const size_t n = left < room ? (size_t)left : room;
    struct alm_demand_rows out = {.at = b->at + to, .span = b->span + to};
    memmove(b->at + base, b->at + from, keep * sizeof *b->at);
    memmove(b->span + base, b->span + from, keep * sizeof *b->span);
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (b->value[r]) {
            memmove(b->value[r] + base, b->value[r] + from, keep * sizeof(double));
            out.value[r] = b->value[r] + to;
        }
    c->row = 0;
    c->filled = keep;
    if (n == 0)
        return ALM_OK;
    ALM_TRY(b->demand->read(b->demand, unit, c->loaded, n, &out, e));
    for (size_t k = 0; out.value[ALM_CPU] && k < n; k++)
        out.value[ALM_CPU][k] = alm_demand_cores(out.value[ALM_CPU][k], out.span[k]);
    c->loaded += n;
    c->filled += n;
    return ALM_OK;
}

int sim_row_buffer_next(struct sim_row_buffer *b, size_t unit, struct sim_row_cursor *c, bool *any, struct alm_err *e)
{
    if (c->row < c->filled)
        c->row++;
    if (c->row == c->filled && c->loaded < c->rows)
        ALM_TRY(sim_row_buffer_fill(b, unit, c, e));
    *any = c->row < c->filled;
    return ALM_OK;
}
