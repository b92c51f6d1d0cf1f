/* SPDX-License-Identifier: GPL-3.0-or-later
 * delimited_batch: rows on their way to a sink, and the units they belong to.
 *
 * Choice.   Files are mostly sorted by unit or hold one unit, so one batch of one unit is enough: it is flushed when
 *           the unit changes. Names are found in a table of our own, so that a row costs no call to the sink. */
#include "delimited.h"
#include "names.h"
#include "printable.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROWS 256

struct known {
    uint32_t unit;
    uint64_t counter;
};

struct alm_batch {
    struct alm_trace_sink *sink;
    struct alm_names *names;
    struct known *known; /* by number of the name */
    uint32_t room;
    uint32_t unit;
    size_t rows;
    struct alm_trace_row row[ROWS];
};

int alm_batch_open(struct alm_trace_sink *sink, struct alm_batch **out, struct alm_err *e)
{
    struct alm_batch *b = calloc(1, sizeof *b);
    if (!b)
        return alm_fail(e, ALM_ENOMEM, "no memory for a batch of rows");
    int code = alm_names_open(&b->names, e);
    if (code < 0) {
        free(b);
        return code;
    }
    b->sink = sink;
    *out = b;
    return ALM_OK;
}

void alm_batch_close(struct alm_batch *b)
{
    if (!b)
        return;
    alm_names_close(b->names);
    free(b->known);
    free(b);
}

static int put_name(const char *what, const struct alm_field *name, char out[ALM_UNIT_NAME], bool *repaired,
                    struct alm_err *e)
{
    char word[ALM_EXCERPT];
    if (alm_printable(name->at, name->size, out, ALM_UNIT_NAME, repaired) == ALM_UNIT_NAME)
        return alm_fail(e, ALM_EDATA, "the %s of the unit, %s, is longer than %d bytes", what,
                        alm_excerpt(name->at, name->size, word), ALM_UNIT_NAME - 1);
    return ALM_OK;
}

static int add_unit(struct alm_batch *b, const struct alm_unit_about *about, uint32_t number, bool *repaired,
                    struct alm_err *e)
{
    struct alm_unit unit = {.cores = about->cores, .memory = about->memory, .last = ALM_TIME_MAX};
    bool code_repaired = false;
    ALM_TRY(put_name("name", &about->name, unit.name, repaired, e));
    if (about->code.size > 0)
        ALM_TRY(put_name("code", &about->code, unit.code, &code_repaired, e));
    *repaired = *repaired || code_repaired;
    if (number >= b->room) {
        uint32_t room = b->room ? 2 * b->room : 64;
        struct known *more = realloc(b->known, room * sizeof *more);
        if (!more)
            return alm_fail(e, ALM_ENOMEM, "no memory for %u units", room);
        memset(more + b->room, 0, (room - b->room) * sizeof *more);
        b->known = more;
        b->room = room;
    }
    return b->sink->unit(b->sink, &unit, &b->known[number].unit, e);
}

int alm_batch_capacity(struct alm_batch *b, const char *name, size_t size, double cores, double memory,
                       struct alm_err *e)
{
    struct alm_unit unit = {.cores = cores, .memory = memory, .last = ALM_TIME_MAX};
    uint32_t number;
    bool repaired;
    alm_printable(name, size, unit.name, sizeof unit.name, &repaired);
    return b->sink->unit(b->sink, &unit, &number, e);
}

int alm_batch_about(struct alm_batch *b, const struct alm_unit_about *about, uint32_t *unit, uint64_t **counter,
                    bool *repaired, struct alm_err *e)
{
    *repaired = false;
    uint32_t number = alm_names_find(b->names, about->name.at, about->name.size);
    if (number == ALM_NO_NAME) {
        if (about->name.size == 0)
            return alm_fail(e, ALM_EDATA, "the name of the unit is empty");
        ALM_TRY(add_unit(b, about, alm_names_count(b->names), repaired, e)); /* first: what fails is not known */
        ALM_TRY(alm_names_add(b->names, about->name.at, about->name.size, &number, e));
    }
    *unit = b->known[number].unit;
    if (counter)
        *counter = &b->known[number].counter;
    return ALM_OK;
}

int alm_batch_unit(struct alm_batch *b, const char *name, size_t size, double cores, double memory, uint32_t *unit,
                   uint64_t **counter, bool *repaired, struct alm_err *e)
{
    const struct alm_unit_about about = {.name = {name, size}, .cores = cores, .memory = memory};
    return alm_batch_about(b, &about, unit, counter, repaired, e);
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

/* Does the name of N bytes end with SUFFIX and have something before it? */
static bool ends_with(const char *name, size_t n, const char *suffix)
{
    size_t k = strlen(suffix);
    return n > k && memcmp(name + n - k, suffix, k) == 0;
}

void alm_file_unit(const char *path, bool stem, char out[ALM_FILE_NAME])
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t n = strlen(name);
    if (ends_with(name, n, ".gz") || ends_with(name, n, ".xz"))
        n -= 3;
    const char *dot = stem ? memrchr(name, '.', n) : NULL;
    if (dot && dot > name)
        n = (size_t)(dot - name);
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

int alm_reading_at(struct alm_reading *r, const char *path, uint64_t bytes, struct alm_err *e)
{
    if (r->sink->stop && *r->sink->stop)
        return alm_fail(e, ALM_EINTR, "%s: interrupted", path);
    if (r->sink->progress) {
        double done = r->total > 0 ? (r->before + (double)bytes) / r->total : -1;
        r->sink->progress(r->sink->progress_ctx, fmin(done, 1));
    }
    return ALM_OK;
}

int alm_reading_step(struct alm_reading *r, const struct alm_delimited *d, struct alm_err *e)
{
    if (r->countdown-- > 0)
        return ALM_OK;
    r->countdown = 8191;
    return alm_reading_at(r, alm_delimited_path(d), alm_delimited_bytes(d), e);
}

void alm_reading_done(struct alm_reading *r, uint64_t bytes)
{
    r->before += (double)bytes;
}

void alm_reading_next_file(struct alm_reading *r, const struct alm_delimited *d)
{
    alm_reading_done(r, alm_delimited_bytes(d));
}
