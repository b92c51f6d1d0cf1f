/* SPDX-License-Identifier: GPL-3.0-or-later
 * delimited: any bytes to the reader of delimited text, in blocks of any size, against a reader of one page that has the
 * whole text at hand. Both must see the same rows, fields and row numbers, and refuse at the same row.
 *
 * Meaning.  The first byte chooses separator and quotes, the second the size of a block. */
#include "traces/text/delimited.h"

#include "bytes.h"

static const char separators[] = {',', ';', '\t', ' ', 0};

struct slow { /* the reader of one page */
    const uint8_t *at, *end;
    char separator;
    bool quotes;
    uint64_t row, next_row;
    size_t count;
    struct {
        char *text;
        size_t size;
    } field[4096];
    char *room, *free; /* for all fields */
};

static bool blank(int c)
{
    return c == ' ' || c == '\t';
}

static bool parts(const struct slow *s, int c)
{
    return c == s->separator || (s->separator == ' ' && c == '\t');
}

/* The end of the line at P, but for a carriage return before it. */
static const uint8_t *text_end(const struct slow *s, const uint8_t *p)
{
    const uint8_t *feed = memchr(p, '\n', (size_t)(s->end - p));
    const uint8_t *end = feed ? feed : s->end;
    return end > p && end[-1] == '\r' ? end - 1 : end;
}

static void put(struct slow *s, const uint8_t *from, const uint8_t *to, bool trim)
{
    while (trim && from < to && blank(*from))
        from++;
    while (trim && from < to && blank(to[-1]))
        to--;
    if (s->count == sizeof s->field / sizeof *s->field)
        return;
    s->field[s->count].text = s->free;
    s->field[s->count++].size = (size_t)(to - from);
    memcpy(s->free, from, (size_t)(to - from));
    s->free += to - from;
}

/* A quoted field whose quote is at P: its content is put. Returns the place behind, NULL when it is never closed. */
static const uint8_t *take_quoted(struct slow *s, const uint8_t *p)
{
    char *start = s->free;
    for (p++; p < s->end; p++) {
        if (*p == '"' && (p + 1 == s->end || p[1] != '"'))
            break;
        p += *p == '"';
        s->next_row += *p == '\n';
        *s->free++ = (char)*p;
    }
    if (p >= s->end)
        return NULL;
    if (s->count < sizeof s->field / sizeof *s->field) {
        s->field[s->count].text = start;
        s->field[s->count++].size = (size_t)(s->free - start);
    }
    return p + 1;
}

/* 0: a record; 1: the end; -1: refused. */
static int slow_next(struct slow *s)
{
    for (;;) {
        const uint8_t *p = s->at;
        if (p == s->end)
            return 1;
        s->row = s->next_row++;
        s->count = 0;
        s->free = s->room;
        const uint8_t *end = text_end(s, p), *q = p;
        while (q < end && blank(*q))
            q++;
        bool nothing = q == end;
        while (!nothing) {
            const uint8_t *start = p;
            while (p < end && blank(*p) && (s->separator == ' ' || !parts(s, *p)))
                p++;
            if (p == end && s->separator == ' ')
                break;
            if (s->quotes && p < end && *p == '"') {
                p = take_quoted(s, p);
                if (!p)
                    return -1;
                end = text_end(s, p);
                while (p < end && blank(*p) && !parts(s, *p))
                    p++;
                if (p < end && !parts(s, *p))
                    return -1;
            } else {
                while (p < end && !parts(s, *p))
                    p++;
                put(s, start, p, true);
            }
            if (p >= end)
                break;
            p++;
        }
        p = nothing ? end : p > end ? end : p;
        const uint8_t *feed = memchr(p, '\n', (size_t)(s->end - p));
        s->at = feed ? feed + 1 : s->end;
        if (!nothing)
            return 0;
    }
}

static void compare(struct slow *s, struct alm_delimited *d)
{
    const struct alm_field *field;
    struct alm_err e = {0};
    size_t count;
    for (;;) {
        int theirs = slow_next(s), ours = alm_delimited_next(d, &field, &count, &e);
        bytes_demand((ours < 0) == (theirs < 0), "both refuse, or none");
        bytes_demand((ours == ALM_END) == (theirs == 1), "both end, or none");
        if (theirs != 0)
            return;
        bytes_demand(alm_delimited_row(d) == s->row, "the row is the same");
        if (s->count == sizeof s->field / sizeof *s->field)
            continue;
        bytes_demand(count == s->count, "as many fields");
        for (size_t i = 0; i < count; i++)
            bytes_demand(field[i].size == s->field[i].size &&
                             (field[i].size == 0 || memcmp(field[i].at, s->field[i].text, field[i].size) == 0),
                         "each field is the same");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const struct alm_delimited_config config = {.separator = separators[data[0] % 4],
                                                .quotes = data[0] & 0x80,
                                                .block = 1 + (size_t)(data[1] & 0x3f) * (data[1] & 0x40 ? 64 : 1)};
    const uint8_t *text = data + 2;
    size -= 2;
    struct alm_delimited *d = NULL;
    struct alm_err e = {0};
    struct bytes_file f = bytes_file_open(text, size);
    static struct slow s;
    s = (struct slow){text, text + size, config.separator, config.quotes, .next_row = 1, .room = malloc(size + 1)};
    if (alm_delimited_open(f.path, &config, &d, &e) == ALM_OK && !memchr(text, 0, size) &&
        !(size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) && !(size >= 2 && memcmp(text, "\x1f\x8b", 2) == 0) &&
        !(size >= 6 && memcmp(text, "\xfd\x37zXZ", 6) == 0))
        compare(&s, d);
    else
        bytes_demand(d || strlen(e.text) > 0, "a refusal says why");
    const struct alm_field *field;
    size_t count;
    while (d && alm_delimited_next(d, &field, &count, &e) == ALM_OK)
        continue;
    alm_delimited_close(d);
    free(s.room);
    bytes_file_close(&f);
    return 0;
}
