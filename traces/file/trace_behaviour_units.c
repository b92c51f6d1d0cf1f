/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_behaviour_units: see the header. */
#include "trace_behaviour_units.h"

#include <stdlib.h>

struct alm_behaviour_units {
    struct alm_behaviours view;
    const struct alm_behaviours *whole;
    size_t units;
    uint64_t *first; /* [units + 1], of the view */
    uint64_t *start; /* [units], where they begin in the whole */
};

/* The unit of record ROW. */
static size_t unit_of(const struct alm_behaviour_units *b, uint64_t row)
{
    size_t low = 0, high = b->units;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(b->first[middle] <= row ? &low : &high) = middle;
    }
    return low;
}

static int units_read(const struct alm_behaviours *self, uint64_t first, size_t n, struct alm_behaviour *out,
                      struct alm_err *e)
{
    const struct alm_behaviour_units *b = self->owner;
    if (first > self->count || n > self->count - first)
        return alm_fail(e, ALM_EINVAL, "records [%llu, +%zu) of behaviour do not exist", (unsigned long long)first, n);
    for (size_t done = 0, u = unit_of(b, first); done < n; u++) {
        uint64_t place = first + done - b->first[u], left = b->first[u + 1] - b->first[u] - place;
        size_t part = left < n - done ? (size_t)left : n - done;
        ALM_TRY(b->whole->read(b->whole, b->start[u] + place, part, out + done, e));
        for (size_t k = done; k < done + part; k++)
            out[k].unit = (uint32_t)u;
        done += part;
    }
    return ALM_OK;
}

/* With room for UNITS units, none filled in. */
static int make(const struct alm_behaviours *whole, size_t units, struct alm_behaviour_units **out, struct alm_err *e)
{
    struct alm_behaviour_units *b = calloc(1, sizeof *b);
    if (b) {
        b->first = calloc(units + 1, sizeof *b->first);
        b->start = calloc(units + 1, sizeof *b->start);
    }
    if (!b || !b->first || !b->start) {
        alm_behaviour_units_close(b);
        return alm_fail(e, ALM_ENOMEM, "no memory for the behaviour of %zu units", units);
    }
    b->whole = whole;
    b->units = units;
    *out = b;
    return ALM_OK;
}

static void add(struct alm_behaviour_units *b, size_t unit, uint64_t start, uint64_t end)
{
    b->start[unit] = start;
    b->first[unit + 1] = b->first[unit] + (end - start);
}

static void show(struct alm_behaviour_units *b)
{
    b->view = (struct alm_behaviours){.count = b->first[b->units],
                                      .functions = b->whole->functions,
                                      .function = b->whole->function,
                                      .first = b->first,
                                      .read = units_read,
                                      .owner = b};
}

int alm_behaviour_units_open(const struct alm_behaviours *whole, const size_t *number, size_t first, size_t units,
                             struct alm_behaviour_units **out, struct alm_err *e)
{
    ALM_TRY(make(whole, units, out, e));
    for (size_t i = 0; i < units; i++) {
        size_t u = number ? number[i] : first + i;
        add(*out, i, whole->first[u], whole->first[u + 1]);
    }
    show(*out);
    return ALM_OK;
}

int alm_behaviour_ranges_open(const struct alm_behaviours *whole, const uint64_t *start, const uint64_t *end,
                              size_t units, struct alm_behaviour_units **out, struct alm_err *e)
{
    ALM_TRY(make(whole, units, out, e));
    for (size_t i = 0; i < units; i++)
        add(*out, i, start[i], end[i]);
    show(*out);
    return ALM_OK;
}

const struct alm_behaviours *alm_behaviour_units_view(const struct alm_behaviour_units *b)
{
    return b ? &b->view : NULL;
}

void alm_behaviour_units_close(struct alm_behaviour_units *b)
{
    if (!b)
        return;
    free(b->first);
    free(b->start);
    free(b);
}
