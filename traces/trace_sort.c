/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_sort: external merge sort of rows; see trace_sort.h. */
#include "trace_sort.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_LEAST 16u

struct run {
    off_t at;      /* where in the file its next unread byte lies */
    uint64_t left; /* rows not yet in the buffer */
    uint32_t mask; /* ALM_BIT of the resources stored */
    size_t size;   /* bytes a row */
    unsigned char *buffer;
    size_t have, next; /* rows in the buffer, and the first not yet handed out */
    struct alm__sort_row head;
};

struct alm__sort {
    char *beside;
    size_t budget, most;       /* bytes; rows in memory */
    struct alm__sort_row *row; /* the run being collected */
    size_t count, room, handed;
    uint32_t mask;
    bool disorder;
    int fd;
    off_t end;
    struct run *run;
    size_t runs, runs_room;
    size_t *heap; /* runs that have a head, least first */
    size_t heap_count;
};

static int compare(const struct alm__sort_row *a, const struct alm__sort_row *b)
{
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static int compare_arrival(const void *a, const void *b)
{
    const struct alm__sort_row *x = a, *y = b;
    int c = compare(x, y);
    return c ? c : x->order < y->order ? -1 : x->order > y->order;
}

int alm__sort_open(const char *beside, size_t budget, struct alm__sort **out, struct alm_err *e)
{
    struct alm__sort *s = calloc(1, sizeof *s);
    if (!s || !(s->beside = strdup(beside))) {
        free(s);
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    s->budget = budget;
    s->most = budget / (sizeof *s->row + 2 * sizeof(void *)); /* qsort needs pointers */
    if (s->most < ROWS_LEAST)
        s->most = ROWS_LEAST;
    if (s->most > UINT32_MAX)
        s->most = UINT32_MAX;
    s->fd = -1;
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
    free(s->heap);
    free(s->run);
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

static void pack(const struct alm__sort_row *row, uint32_t mask, unsigned char *out)
{
    memcpy(out, &row->at, 8);
    memcpy(out + 8, &row->unit, 4);
    out += 12;
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (mask & ALM_BIT(r)) {
            memcpy(out, &row->value[r], 8);
            out += 8;
        }
}

static void unpack(const unsigned char *in, uint32_t mask, struct alm__sort_row *row)
{
    memcpy(&row->at, in, 8);
    memcpy(&row->unit, in + 8, 4);
    row->order = 0;
    in += 12;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        row->value[r] = (double)NAN;
        if (mask & ALM_BIT(r)) {
            memcpy(&row->value[r], in, 8);
            in += 8;
        }
    }
}

static void sort_in_memory(struct alm__sort *s)
{
    if (s->disorder)
        qsort(s->row, s->count, sizeof *s->row, compare_arrival);
    s->disorder = false;
}

static int spill(struct alm__sort *s, struct alm_err *e)
{
    sort_in_memory(s);
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
    run.size = 12 + 8 * (size_t)__builtin_popcount(s->mask);
    unsigned char block[16384];
    size_t used = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (used + run.size > sizeof block) {
            ALM_TRY(write_all(s, block, used, e));
            used = 0;
        }
        pack(&s->row[i], s->mask, block + used);
        used += run.size;
    }
    ALM_TRY(write_all(s, block, used, e));
    s->run[s->runs++] = run;
    s->count = 0;
    s->mask = 0;
    return 0;
}

int alm__sort_add(struct alm__sort *s, const struct alm__sort_row *row, struct alm_err *e)
{
    if (s->count == s->most)
        ALM_TRY(spill(s, e));
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 1024;
        room = room < s->most ? room : s->most;
        struct alm__sort_row *grown = realloc(s->row, room * sizeof *grown);
        if (!grown)
            return alm_fail(e, ALM_ENOMEM, "out of memory");
        s->row = grown;
        s->room = room;
    }
    struct alm__sort_row *slot = &s->row[s->count];
    *slot = *row;
    slot->order = (uint32_t)s->count;
    if (s->count > 0 && compare(slot - 1, slot) > 0)
        s->disorder = true;
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (!isnan(row->value[r]))
            s->mask |= ALM_BIT(r);
    s->count++;
    return 0;
}

/* Make the next row of RUN its head; ALM_END when there is none. */
static int advance(struct alm__sort *s, struct run *run, struct alm_err *e)
{
    if (run->next == run->have) {
        size_t room = s->budget / s->runs / run->size;
        if (room < ROWS_LEAST)
            room = ROWS_LEAST;
        if (run->left == 0)
            return ALM_END;
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
    }
    unpack(run->buffer + run->next++ * run->size, run->mask, &run->head);
    return 0;
}

/* Equal rows come out in order of runs, which is order of arrival. */
static bool before(const struct alm__sort *s, size_t a, size_t b)
{
    int c = compare(&s->run[a].head, &s->run[b].head);
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
    if (s->runs == 0) {
        sort_in_memory(s);
        return 0;
    }
    if (s->count > 0)
        ALM_TRY(spill(s, e));
    free(s->row);
    s->row = NULL;
    s->heap = calloc(s->runs, sizeof *s->heap);
    if (!s->heap)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    for (size_t i = 0; i < s->runs; i++) {
        ALM_TRY(advance(s, &s->run[i], e));
        s->heap[s->heap_count++] = i;
    }
    for (size_t i = s->heap_count; i-- > 0;)
        sift_down(s, i);
    return 0;
}

int alm__sort_next(struct alm__sort *s, struct alm__sort_row *out, struct alm_err *e)
{
    if (s->runs == 0) {
        if (s->handed == s->count)
            return ALM_END;
        *out = s->row[s->handed++];
        return 0;
    }
    if (s->heap_count == 0)
        return ALM_END;
    struct run *least = &s->run[s->heap[0]];
    struct alm__sort_row row = least->head;
    int rc = advance(s, least, e);
    ALM_TRY(rc);
    if (rc == ALM_END)
        s->heap[0] = s->heap[--s->heap_count];
    if (s->heap_count > 0)
        sift_down(s, 0);
    *out = row;
    return 0;
}
