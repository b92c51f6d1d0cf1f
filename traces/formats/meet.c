/* SPDX-License-Identifier: GPL-3.0-or-later
 * meet: a table of rows, found by unit and time.
 *
 * Choice.   Open addressing over an array of rows in order of appearance; sorted once, when they leave. The table takes
 *           the low bits of the hash, and the files of level 0, 1, ... the highest 4, the next 4, ... */
#include "meet.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EMPTY UINT32_MAX
#define ROOM_FIRST 1024
#define PARTS 16
#define LEVELS 16 /* of 4 bits each: the whole hash */

struct row {
    alm_time at;
    uint32_t unit;
    double value[ALM_RESOURCES];
};

struct alm_meet {
    size_t most, rows, room; /* room: a power of two, or 0 */
    struct row *row;
    uint32_t *slot; /* 2 * room of them: row numbers */
    int level;
    bool parted; /* values go to the files */
    FILE *part[PARTS];
    uint64_t left, place;
};

/* NULL without memory. */
static struct alm_meet *new_level(size_t most, int level)
{
    assert(most > 0 && most < EMPTY && level < LEVELS);
    struct alm_meet *m = calloc(1, sizeof *m);
    if (m) {
        m->most = most;
        m->level = level;
        m->place = UINT64_MAX;
    }
    return m;
}

int alm_meet_open(size_t most, struct alm_meet **out, struct alm_err *e)
{
    struct alm_meet *m = new_level(most, 0);
    if (!m)
        return alm_fail(e, ALM_ENOMEM, "no memory for rows");
    *out = m;
    return ALM_OK;
}

static void close_parts(struct alm_meet *m)
{
    for (int i = 0; i < PARTS; i++)
        if (m->part[i]) {
            fclose(m->part[i]); /* it has no name: what was not written is not missed */
            m->part[i] = NULL;
        }
}

static void free_table(struct alm_meet *m)
{
    free(m->row);
    free(m->slot);
    m->row = NULL;
    m->slot = NULL;
    m->rows = m->room = 0;
}

void alm_meet_close(struct alm_meet *m)
{
    if (!m)
        return;
    close_parts(m);
    free_table(m);
    free(m);
}

/* The finalizer of SplitMix64 (Steele et al. 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t hash(uint32_t unit, alm_time at)
{
    return mix(mix((uint64_t)at) + unit);
}

/* ---- in memory ---- */

/* The slot of this row: where it is, or where it would be. */
static uint32_t *find_slot(const struct alm_meet *m, uint32_t unit, alm_time at)
{
    size_t mask = 2 * m->room - 1, i = hash(unit, at) & mask;
    while (m->slot[i] != EMPTY && (m->row[m->slot[i]].unit != unit || m->row[m->slot[i]].at != at))
        i = (i + 1) & mask;
    return &m->slot[i];
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
    memset(slot, 0xff, 2 * room * sizeof *slot);
    for (size_t i = 0; i < m->rows; i++)
        *find_slot(m, row[i].unit, row[i].at) = (uint32_t)i;
    return ALM_OK;
}

static void take(struct alm_meet *m, double *cell, const struct alm_meet_value *v)
{
    if (isnan(*cell)) {
        *cell = v->value;
    } else if (v->add) {
        *cell += v->value;
    } else {
        m->left++;
        m->place = v->place < m->place ? v->place : m->place;
    }
}

static int by_unit_and_time(const void *a, const void *b, void *ctx)
{
    const struct row *rows = ctx, *x = &rows[*(const uint32_t *)a], *y = &rows[*(const uint32_t *)b];
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int flush_table(struct alm_meet *m, struct alm_batch *b, struct alm_err *e)
{
    uint32_t *order = m->slot; /* no longer needed as what it was */
    for (size_t i = 0; i < m->rows; i++)
        order[i] = (uint32_t)i;
    if (m->rows > 0)
        qsort_r(order, m->rows, sizeof *order, by_unit_and_time, m->row);
    for (size_t i = 0; i < m->rows; i++) {
        const struct row *r = &m->row[order[i]];
        struct alm_trace_row out = {.at = r->at};
        memcpy(out.value, r->value, sizeof out.value);
        ALM_TRY(alm_batch_add(b, r->unit, &out, e));
    }
    free_table(m);
    return ALM_OK;
}

/* ---- in files ---- */

static int open_part(FILE **out, struct alm_err *e)
{
    const char *folder = getenv("TMPDIR");
    char *name = NULL;
    if (!folder || !folder[0])
        folder = "/tmp";
    if (asprintf(&name, "%s/almanac-rows-XXXXXX", folder) < 0)
        return alm_fail(e, ALM_ENOMEM, "no memory for the name of a file");
    int fd = mkostemp(name, O_CLOEXEC), why = errno;
    if (fd >= 0)
        unlink(name);
    free(name);
    *out = fd >= 0 ? fdopen(fd, "w+b") : NULL;
    if (*out)
        return ALM_OK;
    if (fd >= 0)
        close(fd);
    return alm_fail(e, ALM_EIO, "%s: cannot put rows there that do not fit in memory: %s; TMPDIR says where", folder,
                    strerror(why));
}

static int write_part(struct alm_meet *m, const struct alm_meet_value *v, struct alm_err *e)
{
    FILE **part = &m->part[hash(v->unit, v->at) >> (60 - 4 * m->level) & (PARTS - 1)];
    if (!*part)
        ALM_TRY(open_part(part, e));
    if (fwrite(v, sizeof *v, 1, *part) != 1)
        return alm_fail(e, ALM_EIO, "rows that do not fit in memory cannot be written: %s; TMPDIR says where they go",
                        strerror(errno));
    return ALM_OK;
}

/* All rows into the files, as values that came before all others. */
static int part_rows(struct alm_meet *m, struct alm_err *e)
{
    m->parted = true;
    for (size_t i = 0; i < m->rows; i++)
        for (int r = 0; r < ALM_RESOURCES; r++) {
            const struct row *row = &m->row[i];
            struct alm_meet_value v = {
                .unit = row->unit, .at = row->at, .resource = (enum alm_resource)r, .value = row->value[r]};
            if (!isnan(v.value))
                ALM_TRY(write_part(m, &v, e));
        }
    free_table(m);
    return ALM_OK;
}

static int read_part(struct alm_meet *m, FILE *part, struct alm_batch *b, struct alm_err *e)
{
    struct alm_meet_value v;
    if (fflush(part) != 0 || fseek(part, 0, SEEK_SET) != 0)
        return alm_fail(e, ALM_EIO, "rows that do not fit in memory cannot be written: %s; TMPDIR says where they go",
                        strerror(errno));
    struct alm_meet *inner = new_level(m->most, m->level + 1);
    if (!inner)
        return alm_fail(e, ALM_ENOMEM, "no memory for rows");
    int code = ALM_OK;
    while (code >= 0 && fread(&v, sizeof v, 1, part) == 1)
        code = alm_meet_put(inner, &v, e);
    if (code >= 0 && ferror(part))
        code = alm_fail(e, ALM_EIO, "rows that were put into a file cannot be read again: %s", strerror(errno));
    if (code >= 0)
        code = alm_meet_flush(inner, b, e);
    m->left += inner->left;
    m->place = inner->place < m->place ? inner->place : m->place;
    alm_meet_close(inner);
    return code;
}

/* ---- both ---- */

int alm_meet_put(struct alm_meet *m, const struct alm_meet_value *v, struct alm_err *e)
{
    if (m->parted)
        return write_part(m, v, e);
    uint32_t *slot = m->room ? find_slot(m, v->unit, v->at) : NULL;
    if (!slot || *slot == EMPTY) {
        if (m->rows == m->most) {
            ALM_TRY(part_rows(m, e));
            return write_part(m, v, e);
        }
        if (m->rows == m->room)
            ALM_TRY(grow(m, e));
        struct row fresh = {.at = v->at, .unit = v->unit};
        for (int r = 0; r < ALM_RESOURCES; r++)
            fresh.value[r] = (double)NAN;
        slot = find_slot(m, v->unit, v->at);
        *slot = (uint32_t)m->rows;
        m->row[m->rows++] = fresh;
    }
    take(m, &m->row[*slot].value[v->resource], v);
    return ALM_OK;
}

uint64_t alm_meet_left(const struct alm_meet *m, uint64_t *place)
{
    *place = m->place;
    return m->left;
}

int alm_meet_flush(struct alm_meet *m, struct alm_batch *b, struct alm_err *e)
{
    if (!m->parted)
        return flush_table(m, b, e);
    int code = ALM_OK;
    for (int i = 0; i < PARTS && code >= 0; i++) {
        if (m->part[i])
            code = read_part(m, m->part[i], b, e);
        if (m->part[i])
            fclose(m->part[i]);
        m->part[i] = NULL;
    }
    m->parted = false;
    return code;
}
