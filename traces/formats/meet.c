/* SPDX-License-Identifier: GPL-3.0-or-later
 * meet: a table of rows, found by unit and time.
 *
 * Choice.   Open addressing over an array of rows in order of appearance; sorted once, when they leave. */
#include "meet.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EMPTY UINT32_MAX
#define ROOM_FIRST 1024

struct row {
    alm_time at;
    uint32_t unit, left; /* left: values left aside */
    double value[ALM_RESOURCES];
};

struct alm_meet {
    size_t most, rows, room; /* room: a power of two, or 0 */
    struct row *row;
    uint32_t *slot; /* 2 * room of them: row numbers */
    uint32_t from;  /* units below were served */
    uint32_t to;    /* units from here on are put off */
    bool put_off;
    uint64_t left;
};

int alm_meet_open(size_t most, struct alm_meet **out, struct alm_err *e)
{
    assert(most > 0 && most < EMPTY);
    struct alm_meet *m = calloc(1, sizeof *m);
    if (!m)
        return alm_fail(e, ALM_ENOMEM, "no memory for rows");
    m->most = most;
    m->to = UINT32_MAX;
    *out = m;
    return ALM_OK;
}

void alm_meet_close(struct alm_meet *m)
{
    if (!m)
        return;
    free(m->row);
    free(m->slot);
    free(m);
}

/* The finalizer of SplitMix64 (Steele et al. 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* The slot of this row: where it is, or where it would be. */
static uint32_t *find_slot(const struct alm_meet *m, uint32_t unit, alm_time at)
{
    size_t mask = 2 * m->room - 1, i = mix(mix((uint64_t)at) + unit) & mask;
    while (m->slot[i] != EMPTY && (m->row[m->slot[i]].unit != unit || m->row[m->slot[i]].at != at))
        i = (i + 1) & mask;
    return &m->slot[i];
}

static void index_rows(struct alm_meet *m)
{
    memset(m->slot, 0xff, 2 * m->room * sizeof *m->slot);
    for (size_t i = 0; i < m->rows; i++)
        *find_slot(m, m->row[i].unit, m->row[i].at) = (uint32_t)i;
}

static int grow(struct alm_meet *m, struct alm_err *e)
{
    size_t room = m->room ? 2 * m->room : ROOM_FIRST;
    struct row *row = realloc(m->row, room * sizeof *row);
    if (row)
        m->row = row;
    uint32_t *slot = row ? realloc(m->slot, 2 * room * sizeof *slot) : NULL;
    if (!slot)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu rows", room);
    m->slot = slot;
    m->room = room;
    index_rows(m);
    return ALM_OK;
}

static int by_unit(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Put off the upper half of the units that are here, NEXT among them. */
static int make_room(struct alm_meet *m, uint32_t next, struct alm_err *e)
{
    size_t n = m->rows + 1;
    uint32_t *unit = malloc(n * sizeof *unit);
    if (!unit)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu numbers", n);
    for (size_t i = 0; i < m->rows; i++)
        unit[i] = m->row[i].unit;
    unit[m->rows] = next;
    qsort(unit, n, sizeof *unit, by_unit);
    size_t k = n / 2;
    while (k < n && unit[k] == unit[0])
        k++;
    uint32_t to = k < n ? unit[k] : UINT32_MAX;
    free(unit);
    if (to == UINT32_MAX)
        return alm_fail(e, ALM_EDATA, "one unit has more than %zu rows; import it in pieces of time", m->most);
    size_t kept = 0;
    for (size_t i = 0; i < m->rows; i++)
        if (m->row[i].unit < to)
            m->row[kept++] = m->row[i];
    m->rows = kept;
    m->to = to;
    m->put_off = true;
    index_rows(m);
    return ALM_OK;
}

/* A row of missing values; ALM_NOT_YET when its unit is put off. */
static int add_row(struct alm_meet *m, uint32_t unit, alm_time at, uint32_t **slot, struct alm_err *e)
{
    if (m->rows == m->most)
        ALM_TRY(make_room(m, unit, e));
    if (unit >= m->to)
        return ALM_NOT_YET;
    if (m->rows == m->room)
        ALM_TRY(grow(m, e));
    struct row fresh = {.at = at, .unit = unit};
    for (int r = 0; r < ALM_RESOURCES; r++)
        fresh.value[r] = (double)NAN;
    *slot = find_slot(m, unit, at);
    **slot = (uint32_t)m->rows;
    m->row[m->rows++] = fresh;
    return ALM_OK;
}

int alm_meet_put(struct alm_meet *m, uint32_t unit, alm_time at, enum alm_resource resource, double value, bool add,
                 struct alm_err *e)
{
    if (unit < m->from)
        return ALM_OK;
    if (unit >= m->to) {
        m->put_off = true;
        return ALM_OK;
    }
    uint32_t *slot = m->room ? find_slot(m, unit, at) : NULL;
    if (!slot || *slot == EMPTY) {
        int code = add_row(m, unit, at, &slot, e);
        if (code != ALM_OK)
            return code < 0 ? code : ALM_OK;
    }
    double *v = &m->row[*slot].value[resource];
    if (!isnan(*v) && !add) {
        m->row[*slot].left++;
        return ALM_NOT_YET;
    }
    *v = isnan(*v) ? value : *v + value;
    return ALM_OK;
}

uint64_t alm_meet_left(const struct alm_meet *m)
{
    return m->left;
}

static int by_unit_and_time(const void *a, const void *b, void *ctx)
{
    const struct row *rows = ctx, *x = &rows[*(const uint32_t *)a], *y = &rows[*(const uint32_t *)b];
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

int alm_meet_flush(struct alm_meet *m, struct alm_batch *b, bool *again, struct alm_err *e)
{
    uint32_t *order = m->slot; /* no longer needed as what it was */
    for (size_t i = 0; i < m->rows; i++)
        order[i] = (uint32_t)i;
    if (m->rows > 0)
        qsort_r(order, m->rows, sizeof *order, by_unit_and_time, m->row);
    int code = ALM_OK;
    for (size_t i = 0; i < m->rows && code == ALM_OK; i++) {
        const struct row *r = &m->row[order[i]];
        struct alm_trace_row out = {.at = r->at};
        memcpy(out.value, r->value, sizeof out.value);
        m->left += r->left;
        code = alm_batch_add(b, r->unit, &out, e);
    }
    *again = m->put_off;
    m->rows = 0;
    m->from = m->to;
    m->to = UINT32_MAX;
    m->put_off = false;
    if (m->room > 0)
        index_rows(m);
    return code;
}
