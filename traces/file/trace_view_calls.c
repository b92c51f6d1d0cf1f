/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_view_calls: see the header.
 *
 * Choice.   The window is cut into blocks, and of each is known how many chosen invocations lie before it. So a read finds its block
 *           by bisection and looks at no other, and what is kept is 8 bytes for 1024 invocations. */
#include "trace_view_calls.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)1024)

struct alm__view_calls {
    struct alm_invocations view;
    const struct alm_invocations *whole;
    uint64_t begin, end; /* of the window, in the whole */
    uint64_t *before;    /* [blocks + 1] */
    size_t blocks;
    const uint32_t *number;
};

/* The first invocation that arrives after EDGE. */
static int after(const struct alm_invocations *whole, alm_time edge, uint64_t *out, struct alm_err *e)
{
    uint64_t low = 0, high = whole->count;
    while (low < high) {
        alm_time arrival;
        uint64_t middle = low + (high - low) / 2;
        const struct alm_invocation_rows row = {.arrival = &arrival};
        ALM_TRY(whole->read(whole, middle, 1, &row, e));
        if (arrival > edge)
            high = middle;
        else
            low = middle + 1;
    }
    *out = low;
    return ALM_OK;
}

static size_t block_size(const struct alm__view_calls *c, size_t block)
{
    uint64_t left = c->end - c->begin - block * BLOCK;
    return left < BLOCK ? (size_t)left : BLOCK;
}

static int count(struct alm__view_calls *c, const bool *chosen, size_t units, struct alm__view_served *served,
                 struct alm_err *e)
{
    alm_time arrival[BLOCK];
    uint32_t unit[BLOCK];
    const struct alm_invocation_rows rows = {.arrival = arrival, .unit = unit};
    for (size_t b = 0; b < c->blocks; b++) {
        size_t n = block_size(c, b);
        ALM_TRY(c->whole->read(c->whole, c->begin + b * BLOCK, n, &rows, e));
        c->before[b + 1] = c->before[b];
        for (size_t k = 0; k < n; k++) {
            if (unit[k] >= units)
                return alm_fail(e, ALM_EDATA, "invocation %llu is of unit %u, but there are %zu units",
                                (unsigned long long)(c->begin + b * BLOCK + k), unit[k], units);
            if (!chosen[unit[k]])
                continue;
            struct alm__view_served *s = &served[unit[k]];
            s->first = s->count == 0 ? arrival[k] : s->first;
            s->last = arrival[k];
            s->count++;
            c->before[b + 1]++;
        }
    }
    c->view.count = c->before[c->blocks];
    return ALM_OK;
}

/* What of a block is taken: the places PICK[n]. */
struct taken {
    const struct alm__view_calls *c;
    uint64_t start; /* of the block, in the whole */
    size_t size, n;
    const uint16_t *pick;
};

static void move(const struct taken *t, const double *from, double *to)
{
    for (size_t k = 0; k < t->n; k++)
        to[k] = from[t->pick[k]];
}

static int move_values(const struct taken *t, const struct alm_invocation_rows *out, size_t place, struct alm_err *e)
{
    const struct alm_invocations *whole = t->c->whole;
    double value[BLOCK];
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++) {
        if (!out->value[f])
            continue;
        struct alm_invocation_rows rows = {0};
        rows.value[f] = value;
        ALM_TRY(whole->read(whole, t->start, t->size, &rows, e));
        move(t, value, out->value[f] + place);
    }
    for (size_t i = 0; i < ALM_INPUTS; i++) {
        if (!out->input[i])
            continue;
        struct alm_invocation_rows rows = {0};
        rows.input[i] = value;
        ALM_TRY(whole->read(whole, t->start, t->size, &rows, e));
        move(t, value, out->input[i] + place);
    }
    return ALM_OK;
}

/* Take up to MOST of BLOCK's chosen ones, but for the first SKIP. */
static int read_block(const struct alm__view_calls *c, size_t block, size_t skip, size_t most,
                      const struct alm_invocation_rows *out, size_t place, struct alm_err *e)
{
    alm_time arrival[BLOCK];
    uint32_t unit[BLOCK];
    uint16_t pick[BLOCK];
    struct taken t = {.c = c, .start = c->begin + block * BLOCK, .size = block_size(c, block), .pick = pick};
    const struct alm_invocation_rows keys = {.arrival = out->arrival ? arrival : NULL, .unit = unit};
    ALM_TRY(c->whole->read(c->whole, t.start, t.size, &keys, e));
    for (size_t k = 0; k < t.size && t.n < most; k++) {
        if (c->number[unit[k]] == UINT32_MAX)
            continue;
        if (skip > 0)
            skip--;
        else
            pick[t.n++] = (uint16_t)k;
    }
    for (size_t k = 0; out->arrival && k < t.n; k++)
        out->arrival[place + k] = arrival[pick[k]];
    for (size_t k = 0; out->unit && k < t.n; k++)
        out->unit[place + k] = c->number[unit[pick[k]]];
    return move_values(&t, out, place, e);
}

static int calls_read(const struct alm_invocations *self, uint64_t first, size_t n,
                      const struct alm_invocation_rows *out, struct alm_err *e)
{
    const struct alm__view_calls *c = self->owner;
    if (first > self->count || n > self->count - first)
        return alm_fail(e, ALM_EINVAL, "invocations [%llu, +%zu) do not exist", (unsigned long long)first, n);
    size_t block = 0, high = c->blocks;
    while (high - block > 1) {
        size_t middle = block + (high - block) / 2;
        *(c->before[middle] <= first ? &block : &high) = middle;
    }
    for (size_t done = 0; done < n; block++) {
        size_t skip = (size_t)(first + done - c->before[block]);
        size_t there = (size_t)(c->before[block + 1] - c->before[block]) - skip;
        size_t part = there < n - done ? there : n - done;
        if (part > 0)
            ALM_TRY(read_block(c, block, skip, part, out, done, e));
        done += part;
    }
    return ALM_OK;
}

static int open_all(struct alm__view_calls *c, const struct alm_trace_window *window, const bool *chosen, size_t units,
                    struct alm__view_served *served, struct alm_err *e)
{
    c->end = c->whole->count;
    if (window->from != ALM_TIME_NONE)
        ALM_TRY(after(c->whole, window->from, &c->begin, e));
    if (window->until != ALM_TIME_MAX)
        ALM_TRY(after(c->whole, window->until, &c->end, e));
    c->end = c->end < c->begin ? c->begin : c->end;
    c->blocks = (size_t)((c->end - c->begin + BLOCK - 1) / BLOCK);
    c->before = calloc(c->blocks + 1, sizeof *c->before);
    if (!c->before)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the invocations of a window");
    return count(c, chosen, units, served, e);
}

int alm__view_calls_open(const struct alm_invocations *whole, const struct alm_trace_window *window, const bool *chosen,
                         size_t units, struct alm__view_served *served, struct alm__view_calls **out, struct alm_err *e)
{
    struct alm__view_calls *c = calloc(1, sizeof *c);
    if (!c)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    c->whole = whole;
    c->view = *whole;
    c->view.read = calls_read;
    c->view.owner = c;
    int code = open_all(c, window, chosen, units, served, e);
    if (code < 0) {
        alm__view_calls_close(c);
        return code;
    }
    *out = c;
    return ALM_OK;
}

void alm__view_calls_close(struct alm__view_calls *c)
{
    if (!c)
        return;
    free(c->before);
    free(c);
}

void alm__view_calls_number(struct alm__view_calls *c, const uint32_t *number)
{
    c->number = number;
}

const struct alm_invocations *alm__view_calls(const struct alm__view_calls *c)
{
    return c && c->view.count > 0 ? &c->view : NULL;
}
