/* SPDX-License-Identifier: GPL-3.0-or-later
 * behaviour_reader: a cursor a unit over blocks of records. */
#include "behaviour_reader.h"

#include <stdlib.h>

#define BUFFER_BYTES ((size_t)32 << 20)
#define BLOCK_MIN 4
#define BLOCK_MAX 256

struct sim_behaviour_cursor {
    uint64_t next, end; /* records that are not read yet */
    size_t row, filled; /* of the block */
};

int sim_behaviour_open(struct sim_behaviour_reader *r, const struct alm_behaviours *source, size_t units,
                       struct alm_err *e)
{
    *r = (struct sim_behaviour_reader){.source = source && source->count ? source : NULL, .units = units};
    if (!r->source)
        return ALM_OK;
    size_t n = BUFFER_BYTES / (units * sizeof *r->ahead + 1), most = 1;
    n = n < BLOCK_MIN ? BLOCK_MIN : n > BLOCK_MAX ? BLOCK_MAX : n;
    for (size_t i = 0; i < units; i++)
        if (source->first[i + 1] - source->first[i] > most)
            most = (size_t)(source->first[i + 1] - source->first[i]);
    r->block = n < most ? n : most;
    r->cursor = calloc(units, sizeof *r->cursor);
    r->ahead = malloc(units * r->block * sizeof *r->ahead);
    if (!r->cursor || !r->ahead)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the behaviour of %zu units", units);
    for (size_t i = 0; i < units; i++) {
        r->cursor[i].next = source->first[i];
        r->cursor[i].end = source->first[i + 1];
    }
    return ALM_OK;
}

void sim_behaviour_close(struct sim_behaviour_reader *r)
{
    free(r->cursor);
    free(r->ahead);
    free(r->shown);
    *r = (struct sim_behaviour_reader){0};
}

/* The next record of UNIT; NULL when there is none. */
static int peek(struct sim_behaviour_reader *r, size_t unit, const struct alm_behaviour **out, struct alm_err *e)
{
    struct sim_behaviour_cursor *c = &r->cursor[unit];
    struct alm_behaviour *block = r->ahead + unit * r->block;
    if (c->row == c->filled && c->next < c->end) {
        const uint64_t left = c->end - c->next;
        const size_t n = left < r->block ? (size_t)left : r->block;
        ALM_TRY(r->source->read(r->source, c->next, n, block, e));
        c->next += n;
        c->row = 0;
        c->filled = n;
    }
    *out = c->row < c->filled ? &block[c->row] : NULL;
    return ALM_OK;
}

static int show(struct sim_behaviour_reader *r, const struct alm_behaviour *b, struct alm_err *e)
{
    if (r->count == r->room) {
        const size_t room = r->room ? r->room * 2 : 64;
        struct alm_behaviour *shown = realloc(r->shown, room * sizeof *shown);
        if (!shown)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu records of behaviour", room);
        r->shown = shown;
        r->room = room;
    }
    r->shown[r->count++] = *b;
    return ALM_OK;
}

int sim_behaviour_read(struct sim_behaviour_reader *r, alm_time now, struct alm_err *e)
{
    const struct alm_behaviour *b;
    r->count = 0;
    for (size_t i = 0; r->source && i < r->units; i++)
        for (;;) {
            ALM_TRY(peek(r, i, &b, e));
            if (!b || b->at > now)
                break;
            ALM_TRY(show(r, b, e));
            r->cursor[i].row++;
        }
    return ALM_OK;
}
