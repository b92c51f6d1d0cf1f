/* SPDX-License-Identifier: GPL-3.0-or-later
 * delimited_batch: rows on their way to a sink, and the units they belong to.
 *
 * Choice.   Files are mostly sorted by unit or hold one unit, so one batch of one unit is enough: it is flushed when
 *           the unit changes. Names are found in a table of our own, so that a row costs no call to the sink. */
#include "delimited.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROWS 256

struct slot {
    uint64_t hash; /* 0: free */
    char *name;
    size_t size;
    uint32_t unit;
    uint64_t counter;
};

struct alm_batch {
    struct alm_trace_sink *sink;
    struct slot *slot;
    size_t slots, used; /* a power of two */
    struct slot *last;
    uint32_t unit;
    size_t rows;
    struct alm_trace_row row[ROWS];
};

int alm_batch_open(struct alm_trace_sink *sink, struct alm_batch **out, struct alm_err *e)
{
    struct alm_batch *b = calloc(1, sizeof *b);
    if (b) {
        b->slots = 256;
        b->slot = calloc(b->slots, sizeof *b->slot);
    }
    if (!b || !b->slot) {
        free(b);
        return alm_fail(e, ALM_ENOMEM, "no memory for a batch of rows");
    }
    b->sink = sink;
    *out = b;
    return ALM_OK;
}

void alm_batch_close(struct alm_batch *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->slots; i++)
        free(b->slot[i].name);
    free(b->slot);
    free(b);
}

static uint64_t hash_name(const char *name, size_t size)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)name[i]) * 1099511628211u;
    return h ? h : 1;
}

/* The slot of this name, or the free one where it belongs. */
static struct slot *find(struct slot *slot, size_t slots, uint64_t hash, const char *name, size_t size)
{
    for (size_t i = (size_t)hash & (slots - 1);; i = (i + 1) & (slots - 1)) {
        struct slot *s = &slot[i];
        if (!s->hash || (s->hash == hash && s->size == size && memcmp(s->name, name, size) == 0))
            return s;
    }
}

static int grow(struct alm_batch *b, struct alm_err *e)
{
    struct slot *more = calloc(2 * b->slots, sizeof *more);
    if (!more)
        return alm_fail(e, ALM_ENOMEM, "no memory for more than %zu units", b->used);
    for (size_t i = 0; i < b->slots; i++)
        if (b->slot[i].hash)
            *find(more, 2 * b->slots, b->slot[i].hash, b->slot[i].name, b->slot[i].size) = b->slot[i];
    free(b->slot);
    b->slot = more;
    b->slots *= 2;
    b->last = NULL;
    return ALM_OK;
}

/* Length of the UTF-8 sequence at P, 0 when it is none or is a control character. */
static size_t printable(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return p[0] >= 0x20 && p[0] != 0x7f;
    size_t n = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;
    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool wrong = (n == 2 && p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xe0 && p[1] < 0xa0) ||
                 (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
    return wrong ? 0 : n;
}

/* NAME with unprintable bytes as \xHH into OUT; returns its length, or 0 when it does not fit. */
static size_t clean_name(const char *name, size_t size, char out[ALM_UNIT_NAME], bool *repaired)
{
    size_t n = 0;
    *repaired = false;
    for (size_t i = 0; i < size;) {
        size_t k = printable((const unsigned char *)name + i, size - i);
        if (n + (k ? k : 4) >= ALM_UNIT_NAME)
            return 0;
        if (k) {
            memcpy(out + n, name + i, k);
        } else {
            snprintf(out + n, 5, "\\x%02x", (unsigned char)name[i]);
            *repaired = true;
        }
        n += k ? k : 4;
        i += k ? k : 1;
    }
    out[n] = '\0';
    return n;
}

static int add_unit(struct alm_batch *b, struct slot *s, uint64_t hash, const char *name, size_t size, double cores,
                    double memory, bool *repaired, struct alm_err *e)
{
    struct alm_unit unit = {.cores = cores, .memory = memory, .last = ALM_TIME_MAX};
    char word[ALM_EXCERPT];
    if (size == 0)
        return alm_fail(e, ALM_EDATA, "the name of the unit is empty");
    if (clean_name(name, size, unit.name, repaired) == 0)
        return alm_fail(e, ALM_EDATA, "the name of the unit, %s, is longer than %d bytes",
                        alm_excerpt(name, size, word), ALM_UNIT_NAME - 1);
    uint32_t number;
    ALM_TRY(b->sink->unit(b->sink, &unit, &number, e));
    char *copy = malloc(size);
    if (!copy)
        return alm_fail(e, ALM_ENOMEM, "no memory for the name of a unit");
    memcpy(copy, name, size);
    *s = (struct slot){hash, copy, size, number, 0};
    b->used++;
    return ALM_OK;
}

int alm_batch_capacity(struct alm_batch *b, const char *name, size_t size, double cores, double memory,
                       struct alm_err *e)
{
    struct alm_unit unit = {.cores = cores, .memory = memory, .last = ALM_TIME_MAX};
    uint32_t number;
    bool repaired;
    clean_name(name, size, unit.name, &repaired);
    return b->sink->unit(b->sink, &unit, &number, e);
}

int alm_batch_unit(struct alm_batch *b, const char *name, size_t size, double cores, double memory, uint32_t *unit,
                   uint64_t **counter, bool *repaired, struct alm_err *e)
{
    struct slot *s = b->last;
    if (!s || s->size != size || memcmp(s->name, name, size) != 0) {
        if (2 * b->used >= b->slots)
            ALM_TRY(grow(b, e));
        uint64_t hash = hash_name(name, size);
        s = find(b->slot, b->slots, hash, name, size);
        if (!s->hash)
            ALM_TRY(add_unit(b, s, hash, name, size, cores, memory, repaired, e));
        else
            *repaired = false;
        b->last = s;
    } else {
        *repaired = false;
    }
    *unit = s->unit;
    if (counter)
        *counter = &s->counter;
    return ALM_OK;
}

int alm_batch_flush(struct alm_batch *b, struct alm_err *e)
{
    size_t n = b->rows;
    b->rows = 0;
    return n ? b->sink->rows(b->sink, b->unit, b->row, n, e) : ALM_OK;
}

int alm_batch_add(struct alm_batch *b, uint32_t unit, const struct alm_trace_row *row, struct alm_err *e)
{
    if (b->rows == ROWS || (b->rows > 0 && b->unit != unit))
        ALM_TRY(alm_batch_flush(b, e));
    b->unit = unit;
    b->row[b->rows++] = *row;
    return ALM_OK;
}

void alm_file_unit(const char *path, bool stem, char out[ALM_FILE_NAME])
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = stem ? strrchr(name, '.') : NULL;
    size_t n = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    if (n >= ALM_FILE_NAME)
        n = ALM_FILE_NAME - 1;
    memcpy(out, name, n);
    out[n] = '\0';
}

struct alm_reading alm_reading_start(struct alm_trace_sink *sink, const char *const *path, size_t count)
{
    struct alm_reading r = {.sink = sink};
    for (size_t i = 0; i < count; i++) {
        struct stat s;
        if (stat(path[i], &s) == 0 && S_ISREG(s.st_mode))
            r.total += (double)s.st_size;
    }
    return r;
}

int alm_reading_step(struct alm_reading *r, const struct alm_delimited *d, struct alm_err *e)
{
    if (r->countdown-- > 0)
        return ALM_OK;
    r->countdown = 8191;
    if (r->sink->stop && *r->sink->stop)
        return alm_fail(e, ALM_EINTR, "%s: interrupted", alm_delimited_path(d));
    if (r->sink->progress) {
        double done = r->total > 0 ? (r->before + (double)alm_delimited_bytes(d)) / r->total : -1;
        r->sink->progress(r->sink->progress_ctx, fmin(done, 1));
    }
    return ALM_OK;
}

void alm_reading_next_file(struct alm_reading *r, const struct alm_delimited *d)
{
    r->before += (double)alm_delimited_bytes(d);
}
