/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_sort: external merge sort of rows; see trace_sort.h.
 *
 * Choice.   Rows are sorted by their keys and stay where they are until they are packed. A run stores only the columns
 *           in which it has a value, said by a mask; of the rows that wait for their turn in the merge only the key is
 *           unpacked. */
#include "trace_sort.h"
#include "trace_order.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_LEAST 16u
#define KEY 12u /* bytes of time and unit in a run */
#define WORDS (ALM_SORT_VALUES / 64)

/* The columns that hold a value. */
struct mask {
    uint64_t word[WORDS];
};

struct key {
    alm_time at;
    uint32_t unit;
};

struct run {
    off_t at;      /* where in the file its next unread byte lies */
    uint64_t left; /* rows not yet in the buffer */
    struct mask mask;
    size_t size; /* bytes a row */
    unsigned char *buffer;
    size_t have, next; /* rows in the buffer, and the first not yet handed out */
    struct key head;   /* of that */
};

struct alm__sort {
    char *beside;
    struct alm__sort_shape shape;
    size_t stride;       /* bytes a row in memory */
    size_t budget, most; /* bytes; rows in memory */
    unsigned char *row;  /* the run being collected */
    size_t count, room, handed;
    struct alm__order_key *key;   /* of them, with as many spare ones behind */
    struct alm__order_key *order; /* sorted: `key` or the spare ones; NULL while the rows themselves are in order */
    struct mask mask;
    bool disorder;
    int fd;
    off_t end;
    struct run *run;
    size_t runs, runs_room;
    size_t *heap; /* runs that have a head, least first */
    size_t heap_count;
    struct alm__sort_row *out; /* of the merge */
};

static struct alm__sort_row *row_at(const struct alm__sort *s, size_t i)
{
    return (struct alm__sort_row *)(void *)(s->row + i * s->stride);
}

static int compare(const struct alm__sort *s, struct key a, struct key b)
{
    if (s->shape.by_unit && a.unit != b.unit)
        return a.unit < b.unit ? -1 : 1;
    return a.at < b.at ? -1 : a.at > b.at;
}

static void set_budget(struct alm__sort *s, size_t budget)
{
    s->budget = budget;
    s->most = budget / (s->stride + 2 * sizeof(struct alm__order_key));
    if (s->most < ROWS_LEAST)
        s->most = ROWS_LEAST;
    if (s->most > UINT32_MAX)
        s->most = UINT32_MAX;
}

int alm__sort_open(const char *beside, struct alm__sort_shape shape, size_t budget, struct alm__sort **out,
                   struct alm_err *e)
{
    assert(shape.values <= ALM_SORT_VALUES);
    struct alm__sort *s = calloc(1, sizeof *s);
    if (!s || !(s->beside = strdup(beside))) {
        free(s);
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    s->shape = shape;
    s->stride = sizeof(struct alm__sort_row) + shape.values * sizeof(double);
    s->fd = -1;
    set_budget(s, budget);
    *out = s;
    return 0;
}

void alm__sort_close(struct alm__sort *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->runs; i++)
        free(s->run[i].buffer);
    if (s->fd >= 0)
        close(s->fd);
    free(s->out);
    free(s->heap);
    free(s->run);
    free(s->key);
    free(s->row);
    free(s->beside);
    free(s);
}

static int file_open(struct alm__sort *s, struct alm_err *e)
{
    char *name = NULL;
    if (asprintf(&name, "%s.rows.XXXXXX", s->beside) < 0)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    s->fd = mkostemp(name, O_CLOEXEC);
    int why = errno;
    if (s->fd >= 0)
        unlink(name);
    free(name);
    return s->fd < 0 ? alm_fail(e, ALM_EIO, "%s: cannot sort rows beside it: %s", s->beside, strerror(why)) : 0;
}

static int write_all(struct alm__sort *s, const unsigned char *bytes, size_t n, struct alm_err *e)
{
    while (n > 0) {
        ssize_t done = pwrite(s->fd, bytes, n, s->end);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return alm_fail(e, ALM_EIO, "%s: cannot sort rows beside it: %s", s->beside,
                            done < 0 ? strerror(errno) : "nothing was written");
        bytes += done;
        n -= (size_t)done;
        s->end += done;
    }
    return 0;
}

static bool has(const struct mask *m, size_t column)
{
    return m->word[column / 64] >> column % 64 & 1;
}

static size_t packed_size(const struct mask *m)
{
    size_t columns = 0;
    for (size_t i = 0; i < WORDS; i++)
        columns += (size_t)__builtin_popcountll(m->word[i]);
    return KEY + 8 * columns;
}

static void pack(const struct alm__sort *s, const struct alm__sort_row *row, unsigned char *out)
{
    memcpy(out, &row->at, 8);
    memcpy(out + 8, &row->unit, 4);
    out += KEY;
    for (size_t c = 0; c < s->shape.values; c++)
        if (has(&s->mask, c)) {
            memcpy(out, &row->value[c], 8);
            out += 8;
        }
}

static struct key unpack_key(const unsigned char *in)
{
    struct key key;
    memcpy(&key.at, in, 8);
    memcpy(&key.unit, in + 8, 4);
    return key;
}

static void unpack(const struct alm__sort *s, const struct run *run, struct alm__sort_row *row)
{
    const unsigned char *in = run->buffer + run->next * run->size + KEY;
    row->at = run->head.at;
    row->unit = run->head.unit;
    for (size_t c = 0; c < s->shape.values; c++) {
        row->value[c] = (double)NAN;
        if (has(&run->mask, c)) {
            memcpy(&row->value[c], in, 8);
            in += 8;
        }
    }
}

static int sort_in_memory(struct alm__sort *s, struct alm_err *e)
{
    s->order = NULL;
    if (!s->disorder)
        return 0;
    s->disorder = false;
    free(s->key);
    s->key = malloc(2 * s->count * sizeof *s->key);
    if (!s->key)
        return alm_fail(e, ALM_ENOMEM, "no memory to sort %zu rows", s->count);
    for (size_t i = 0; i < s->count; i++) {
        const struct alm__sort_row *row = row_at(s, i);
        s->key[i] = (struct alm__order_key){row->at, row->unit, (uint32_t)i};
    }
    s->order = alm__order_sort(s->key, s->key + s->count, s->count, s->shape.by_unit);
    return 0;
}

/* The I-th row in order. */
static const struct alm__sort_row *sorted_at(const struct alm__sort *s, size_t i)
{
    return row_at(s, s->order ? s->order[i].index : i);
}

static int spill(struct alm__sort *s, struct alm_err *e)
{
    ALM_TRY(sort_in_memory(s, e));
    if (s->fd < 0)
        ALM_TRY(file_open(s, e));
    if (s->runs == s->runs_room) {
        size_t room = s->runs_room ? 2 * s->runs_room : 16;
        struct run *grown = realloc(s->run, room * sizeof *grown);
        if (!grown)
            return alm_fail(e, ALM_ENOMEM, "out of memory");
        s->run = grown;
        s->runs_room = room;
    }
    struct run run = {.at = s->end, .left = s->count, .mask = s->mask};
    run.size = packed_size(&s->mask);
    unsigned char block[16384];
    size_t used = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (used + run.size > sizeof block) {
            ALM_TRY(write_all(s, block, used, e));
            used = 0;
        }
        pack(s, sorted_at(s, i), block + used);
        used += run.size;
    }
    ALM_TRY(write_all(s, block, used, e));
    s->run[s->runs++] = run;
    s->count = 0;
    s->mask = (struct mask){0};
    return 0;
}

int alm__sort_limit(struct alm__sort *s, size_t budget, struct alm_err *e)
{
    set_budget(s, budget);
    if (s->room <= s->most)
        return 0;
    if (s->count > 0)
        ALM_TRY(spill(s, e));
    free(s->row);
    s->row = NULL;
    s->room = 0;
    return 0;
}

static int grow(struct alm__sort *s, struct alm_err *e)
{
    size_t room = s->room ? 2 * s->room : 1024;
    room = room < s->most ? room : s->most;
    unsigned char *grown = realloc(s->row, room * s->stride);
    if (!grown)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    s->row = grown;
    s->room = room;
    return 0;
}

int alm__sort_add(struct alm__sort *s, alm_time at, uint32_t unit, const double *value, struct alm_err *e)
{
    if (s->count == s->most)
        ALM_TRY(spill(s, e));
    if (s->count == s->room)
        ALM_TRY(grow(s, e));
    struct alm__sort_row *slot = row_at(s, s->count);
    slot->at = at;
    slot->unit = unit;
    memcpy(slot->value, value, s->shape.values * sizeof *value);
    if (!s->disorder && s->count > 0) {
        const struct alm__sort_row *before = row_at(s, s->count - 1);
        s->disorder = compare(s, (struct key){before->at, before->unit}, (struct key){at, unit}) > 0;
    }
    for (size_t w = 0; w * 64 < s->shape.values; w++) {
        uint64_t held = 0;
        for (size_t c = w * 64; c < s->shape.values && c < w * 64 + 64; c++)
            held |= (uint64_t)!isnan(value[c]) << c % 64;
        s->mask.word[w] |= held;
    }
    s->count++;
    return 0;
}

static int refill(struct alm__sort *s, struct run *run, struct alm_err *e)
{
    size_t room = s->budget / s->runs / run->size;
    if (room < ROWS_LEAST)
        room = ROWS_LEAST;
    size_t want = run->left < room ? (size_t)run->left : room, got = 0;
    if (!run->buffer && !(run->buffer = malloc(want * run->size)))
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    while (got < want * run->size) {
        ssize_t part = pread(s->fd, run->buffer + got, want * run->size - got, run->at);
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            return alm_fail(e, ALM_EIO, "%s: cannot read sorted rows back: %s", s->beside,
                            part < 0 ? strerror(errno) : "they are gone");
        got += (size_t)part;
        run->at += part;
    }
    run->left -= want;
    run->have = want;
    run->next = 0;
    return 0;
}

/* Find the head of RUN in its buffer, which is filled when it is at its end; ALM_END when there are no more rows. */
static int find_head(struct alm__sort *s, struct run *run, struct alm_err *e)
{
    if (run->next == run->have) {
        if (run->left == 0)
            return ALM_END;
        ALM_TRY(refill(s, run, e));
    }
    run->head = unpack_key(run->buffer + run->next * run->size);
    return 0;
}

/* Equal rows come out in order of runs, which is order of arrival. */
static bool before(const struct alm__sort *s, size_t a, size_t b)
{
    int c = compare(s, s->run[a].head, s->run[b].head);
    return c ? c < 0 : a < b;
}

static void sift_down(struct alm__sort *s, size_t i)
{
    size_t moved = s->heap[i];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= s->heap_count)
            break;
        if (child + 1 < s->heap_count && before(s, s->heap[child + 1], s->heap[child]))
            child++;
        if (!before(s, s->heap[child], moved))
            break;
        s->heap[i] = s->heap[child];
        i = child;
    }
    s->heap[i] = moved;
}

int alm__sort_start(struct alm__sort *s, struct alm_err *e)
{
    if (s->runs == 0)
        return sort_in_memory(s, e);
    if (s->count > 0)
        ALM_TRY(spill(s, e));
    free(s->key);
    free(s->row);
    s->key = s->order = NULL;
    s->row = NULL;
    s->heap = calloc(s->runs, sizeof *s->heap);
    s->out = malloc(s->stride);
    if (!s->heap || !s->out)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    for (size_t i = 0; i < s->runs; i++) {
        ALM_TRY(find_head(s, &s->run[i], e));
        s->heap[s->heap_count++] = i;
    }
    for (size_t i = s->heap_count; i-- > 0;)
        sift_down(s, i);
    return 0;
}

int alm__sort_next(struct alm__sort *s, const struct alm__sort_row **out, struct alm_err *e)
{
    if (s->runs == 0) {
        if (s->handed == s->count)
            return ALM_END;
        *out = sorted_at(s, s->handed++);
        return 0;
    }
    if (s->heap_count == 0)
        return ALM_END;
    struct run *least = &s->run[s->heap[0]];
    unpack(s, least, s->out);
    least->next++;
    int rc = find_head(s, least, e);
    ALM_TRY(rc);
    if (rc == ALM_END)
        s->heap[0] = s->heap[--s->heap_count];
    if (s->heap_count > 0)
        sift_down(s, 0);
    *out = s->out;
    return 0;
}
