/* SPDX-License-Identifier: GPL-3.0-or-later
 * delimited: records of a text file as arrays of views into a block.
 *
 * Choice.   The end of a line is found by memchr, and only a line that holds a quote takes the careful path. A record
 *           is found whole before it is split, so that doubled quotes can be undone in place.
 *           The block doubles when a line does not fit, so a line is looked at twice at the most. */
#include "delimited.h"
#include "source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)1 << 20)

struct alm_delimited {
    char *path;
    struct alm_source *source;
    struct alm_delimited_config config;
    char *block;
    size_t capacity, from, to; /* unread bytes are block[from, to) */
    size_t checked;            /* no quote in block[from, checked) */
    const char *zero;          /* the first NUL byte seen, or NULL */
    bool end;                  /* the file has no more */
    uint64_t row, next_row;
    struct alm_field *field;
    size_t room;
};

static int read_some(struct alm_delimited *d, struct alm_err *e)
{
    while (d->to < d->capacity && !d->end) {
        size_t n;
        ALM_TRY(alm_source_read(d->source, d->block + d->to, d->capacity - d->to, &n, e));
        d->end = n == 0;
        if (!d->zero)
            d->zero = memchr(d->block + d->to, 0, n);
        d->to += n;
    }
    return ALM_OK;
}

/* More bytes behind the unread ones: make room, then read. */
static int fill(struct alm_delimited *d, struct alm_err *e)
{
    if (d->from > 0) {
        memmove(d->block, d->block + d->from, d->to - d->from);
        if (d->zero)
            d->zero -= d->from;
        d->to -= d->from;
        d->checked = d->checked > d->from ? d->checked - d->from : 0;
        d->from = 0;
    } else if (d->to == d->capacity) {
        if (d->capacity >= ALM_DELIMITED_LINE)
            return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": a line longer than %zu MB%s", d->path, d->next_row,
                            ALM_DELIMITED_LINE >> 20,
                            d->config.quotes ? "; is a quote never closed, or is this not a text file?"
                                             : "; is this a text file?");
        char *larger = realloc(d->block, 2 * d->capacity);
        if (!larger)
            return alm_fail(e, ALM_ENOMEM, "%s:%" PRIu64 ": no memory for a line of %zu bytes", d->path, d->next_row,
                            d->capacity);
        if (d->zero)
            d->zero = larger + (d->zero - d->block);
        d->block = larger;
        d->capacity *= 2;
    }
    return read_some(d, e);
}

static size_t count_outside(const char *line, const char *end, char separator)
{
    size_t n = 0;
    bool quoted = false, blank = true;
    for (; line < end && *line != '\n'; line++) {
        if (*line == '"')
            quoted = !quoted;
        bool here = separator == ' ' ? (*line == ' ' || *line == '\t') && !blank : *line == separator;
        n += here && !quoted;
        blank = *line == ' ' || *line == '\t' || *line == '\r';
    }
    return n;
}

/* The first of ; tab , blank that parts both of the first two lines into equally many fields; failing that, the one
 * most frequent in the first line. A decimal comma or a comma inside a name so does not mislead. */
static char guess_separator(const char *text, size_t size)
{
    static const char candidates[] = {';', '\t', ',', ' '};
    const char *end = text + size, *second = memchr(text, '\n', size);
    size_t most = 0;
    char best = ',';
    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t first = count_outside(text, end, candidates[i]);
        size_t again = second && second + 1 < end ? count_outside(second + 1, end, candidates[i]) : first;
        if (first > 0 && first == again)
            return candidates[i];
        if (first > most) {
            most = first;
            best = candidates[i];
        }
    }
    return best;
}

static int check_start(struct alm_delimited *d, struct alm_err *e)
{
    const unsigned char *s = (const unsigned char *)d->block;
    size_t n = d->to;
    if (n >= 8 && memcmp(s, "\x89HDF\r\n\x1a\n", 8) == 0)
        return alm_fail(e, ALM_EDATA, "%s: is an HDF5 file, not delimited text; is it a trace file already?", d->path);
    if (n >= 262 && memcmp(s + 257, "ustar", 5) == 0)
        return alm_fail(e, ALM_EDATA, "%s: is a tar archive; unpack it first (tar xf)", d->path);
    if (n >= 2 && ((s[0] == 0xff && s[1] == 0xfe) || (s[0] == 0xfe && s[1] == 0xff)))
        return alm_fail(e, ALM_EDATA, "%s: is UTF-16; convert it first (iconv -f UTF-16 -t UTF-8)", d->path);
    if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
        d->from = 3;
    if (!d->config.separator && n > d->from)
        d->config.separator = guess_separator(d->block + d->from, d->to - d->from);
    return ALM_OK;
}

static int open_file(struct alm_delimited *d, const char *path, struct alm_err *e)
{
    d->path = strdup(path);
    d->capacity = d->config.block ? d->config.block : BLOCK;
    d->block = malloc(d->capacity);
    if (!d->path || !d->block)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", path);
    d->next_row = 1;
    ALM_TRY(alm_source_open(path, &d->source, e));
    ALM_TRY(read_some(d, e));
    return check_start(d, e);
}

int alm_delimited_open(const char *path, const struct alm_delimited_config *config, struct alm_delimited **out,
                       struct alm_err *e)
{
    struct alm_delimited *d = calloc(1, sizeof *d);
    if (!d)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", path);
    d->config = *config;
    int code = open_file(d, path, e);
    if (code < 0) {
        alm_delimited_close(d);
        return code;
    }
    *out = d;
    return ALM_OK;
}

void alm_delimited_close(struct alm_delimited *d)
{
    if (!d)
        return;
    alm_source_close(d->source);
    free(d->path);
    free(d->block);
    free(d->field);
    free(d);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool parts(char c, char separator)
{
    return c == separator || (separator == ' ' && c == '\t');
}

/* The line feed that ends the record of [p, end), passing over those in quotes; NULL when it is not there. A quote
 * opens a field only at its beginning. *INSIDE tells whether a quote was open at the end. */
static char *find_end_quoted(char *p, const char *end, char separator, bool *inside)
{
    bool start = true, closed = false; /* a doubled quote closes the field and opens it again */
    *inside = false;
    for (; p < end; p++) {
        if (*inside) {
            *inside = *p != '"';
            closed = !*inside;
            continue;
        }
        if (*p == '\n')
            return p;
        *inside = *p == '"' && (start || closed);
        closed = false;
        start = parts(*p, separator) || (start && is_blank(*p));
    }
    return NULL;
}

/* Set *STOP to the end of the record that starts at `from` (its line feed, or the end of the file). */
static int find_record(struct alm_delimited *d, char **stop, bool *has_quote, struct alm_err *e)
{
    for (size_t seen = 0;;) {
        char *p = d->block + d->from, *end = d->block + d->to;
        char *line_end = memchr(p + seen, '\n', (size_t)(end - p) - seen);
        *has_quote = false;
        bool inside = false;
        if (d->config.quotes) {
            char *limit = line_end ? line_end : end;
            char *clean = d->block + (d->checked > d->from ? d->checked : d->from);
            char *quote = clean < limit ? memchr(clean, '"', (size_t)(end - clean)) : NULL;
            if (clean < limit)
                d->checked = (size_t)((quote ? quote : end) - d->block);
            *has_quote = d->block + d->checked < limit;
            if (*has_quote)
                line_end = find_end_quoted(p, end, d->config.separator, &inside);
        }
        if (line_end || d->end) {
            if (!line_end && inside)
                return alm_fail(e, ALM_EDATA,
                                "%s:%" PRIu64 ": a quote is opened in this row and never closed; if "
                                "quotes mean nothing in this file, use quotes=false",
                                d->path, d->next_row);
            *stop = line_end ? line_end : end;
            return ALM_OK;
        }
        seen = *has_quote ? 0 : (size_t)(end - p);
        ALM_TRY(fill(d, e));
    }
}

static int add_field(struct alm_delimited *d, size_t *count, const char *at, const char *end, struct alm_err *e)
{
    if (*count == d->room) {
        if (d->room >= ALM_DELIMITED_FIELDS)
            return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": more than %zu fields in a row; is the separator right?",
                            d->path, d->next_row, ALM_DELIMITED_FIELDS);
        size_t room = d->room > 0 ? 2 * d->room : 64;
        struct alm_field *more = realloc(d->field, room * sizeof *more);
        if (!more)
            return alm_fail(e, ALM_ENOMEM, "%s:%" PRIu64 ": no memory for %zu fields", d->path, d->next_row, *count);
        d->field = more;
        d->room = room;
    }
    while (at < end && is_blank(*at))
        at++;
    while (at < end && is_blank(end[-1]))
        end--;
    d->field[(*count)++] = (struct alm_field){at, (size_t)(end - at)};
    return ALM_OK;
}

/* Undo a quoted field that begins at P (behind the quote); returns the place behind the closing quote, and the content
 * as [P, *CONTENT_END). */
static char *unquote(char *p, const char *end, char **content_end)
{
    char *w = p;
    for (; p < end; p++) {
        if (*p == '"') {
            if (p + 1 == end || p[1] != '"')
                break;
            p++;
        }
        *w++ = *p;
    }
    *content_end = w;
    return p < end ? p + 1 : p;
}

/* Split one record that holds a quote. */
static int split_quoted(struct alm_delimited *d, char *p, char *end, size_t *count, struct alm_err *e)
{
    char separator = d->config.separator;
    for (;; p++) {
        while (p < end && is_blank(*p) && (separator == ' ' || *p != separator))
            p++;
        if (p == end && separator == ' ')
            return ALM_OK;
        char *content = p, *content_end;
        bool quoted = p < end && *p == '"';
        if (quoted) {
            p = unquote(++content, end, &content_end);
            while (p < end && is_blank(*p) && !parts(*p, separator))
                p++;
            if (p < end && !parts(*p, separator))
                return alm_fail(e, ALM_EDATA,
                                "%s:%" PRIu64 ": text follows the closing quote of field %zu; quotes inside a quoted "
                                "field are doubled (\"\"), or use quotes=false",
                                d->path, d->next_row, *count + 1);
        } else {
            while (p < end && !parts(*p, separator))
                p++;
            content_end = p;
        }
        ALM_TRY(add_field(d, count, content, content_end, e));
        if (quoted) /* blanks inside quotes are meant */
            d->field[*count - 1] = (struct alm_field){content, (size_t)(content_end - content)};
        if (p >= end)
            return ALM_OK;
        if (*count == d->config.split)
            return add_field(d, count, p + 1, end, e);
    }
}

static int split_blanks(struct alm_delimited *d, char *p, char *end, size_t *count, struct alm_err *e)
{
    for (;;) {
        while (p < end && is_blank(*p))
            p++;
        if (p == end)
            return ALM_OK;
        if (*count > 0 && *count == d->config.split)
            return add_field(d, count, p, end, e);
        char *start = p;
        while (p < end && !is_blank(*p))
            p++;
        ALM_TRY(add_field(d, count, start, p, e));
    }
}

static int split(struct alm_delimited *d, char *p, char *end, size_t *count, struct alm_err *e)
{
    char separator = d->config.separator;
    if (separator == ' ')
        return split_blanks(d, p, end, count, e);
    for (char *start = p;; p++)
        if (p == end || *p == separator) {
            ALM_TRY(add_field(d, count, start, p, e));
            if (p == end)
                return ALM_OK;
            start = p + 1;
            if (*count == d->config.split)
                return add_field(d, count, start, end, e);
        }
}

static uint64_t count_lines(const char *p, const char *end)
{
    uint64_t n = 0;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        n++;
        p++;
    }
    return n;
}

static bool only_blank(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p == end;
}

int alm_delimited_next(struct alm_delimited *d, const struct alm_field **field, size_t *count, struct alm_err *e)
{
    for (;;) {
        if (d->from == d->to) {
            ALM_TRY(d->end ? ALM_OK : fill(d, e));
            if (d->from == d->to)
                return ALM_END;
        }
        char *stop = NULL;
        bool has_quote = false;
        ALM_TRY(find_record(d, &stop, &has_quote, e));
        char *start = d->block + d->from, *end = stop;
        bool line_feed = stop < d->block + d->to;
        if (d->zero && d->zero < stop)
            return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": a NUL byte: this is not a text file", d->path, d->next_row);
        if (end > start && end[-1] == '\r')
            end--;
        uint64_t lines = has_quote ? count_lines(start, stop) + 1 : 1;
        size_t n = 0;
        bool blank = only_blank(start, end);
        if (!blank)
            ALM_TRY(has_quote ? split_quoted(d, start, end, &n, e) : split(d, start, end, &n, e));
        d->from = (size_t)(stop - d->block) + line_feed;
        d->row = d->next_row;
        d->next_row += lines;
        if (blank)
            continue;
        *field = d->field;
        *count = n;
        return ALM_OK;
    }
}

uint64_t alm_delimited_row(const struct alm_delimited *d)
{
    return d->row;
}

uint64_t alm_delimited_bytes(const struct alm_delimited *d)
{
    return alm_source_position(d->source);
}

const char *alm_delimited_path(const struct alm_delimited *d)
{
    return d->path;
}
