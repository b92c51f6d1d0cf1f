/* SPDX-License-Identifier: GPL-3.0-or-later
 * json_items: YAJL's events in, whole elements out.
 *
 * Meaning.  Each value has a role: how many keys of the path lead to it, or that it is an element, or that it lies
 *           beside. Elements are built as trees; scalars beside are kept by their path.
 * Choice.   YAJL cannot pause, so a block of text is read at a time and its elements wait in a queue, each with what
 *           was seen beside since the one before: what a caller asks for is as of the element that it holds.
 * Limits.   What lies beside: BESIDE paths, strings of BESIDE_TEXT bytes; more is skipped. */
#include "json_items.h"

#include "delimited.h"
#include "source.h"
#include "surrogates.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#define BLOCK 65536
#define DEPTH 64
#define KEYS 16 /* of a path */
#define BESIDE 256
#define BESIDE_TEXT 4096
#define PATH_TEXT 256
#define OUTSIDE (-1)

struct frame { /* an array or object that is not part of an element */
    bool array;
    int role;      /* array: of its elements; object: its own */
    size_t length; /* of its path in `at`, 0 when the path became too long */
};

struct item {
    json_t *value, *beside; /* beside: seen since the item before, or NULL */
    uint64_t line;
};

struct alm_json_items {
    char *path;
    struct alm_source *source;
    yajl_handle yajl;
    char where[PATH_TEXT];
    const char *key[KEYS]; /* the path, each up to the next dot */
    int keys;

    struct frame frame[DEPTH];
    size_t frames;
    int role;           /* of the value of the key just read */
    char at[PATH_TEXT]; /* path of the value that comes next */
    size_t at_length;
    bool found, any; /* the array; anything but blanks */
    char top[200];   /* what was found at the top */

    json_t *tree[DEPTH]; /* the element under construction; tree[0] is owned */
    size_t depth, values;
    char *name; /* the key just read inside an element */
    size_t name_size, name_room;
    uint64_t start, start_line;

    struct item *item;
    size_t first, items, room;
    json_t *current, *beside, *aside; /* aside: not yet in an item */
    uint64_t current_line;

    struct alm_err err;
    int failed; /* 0, or the code of err */
    bool finished;
    struct alm_surrogates surrogates;
    uint64_t before, last, line; /* bytes before the block, up to the newest event; lines up to `counted` */
    size_t counted;
    unsigned char block[BLOCK];
};

/* ---- where we are ---- */

static size_t consumed(const struct alm_json_items *j)
{
    return yajl_get_bytes_consumed(j->yajl);
}

static void count_lines(struct alm_json_items *j, size_t to)
{
    while (j->counted < to) {
        const unsigned char *next = memchr(j->block + j->counted, '\n', to - j->counted);
        if (!next)
            break;
        j->line++;
        j->counted = (size_t)(next - j->block) + 1;
    }
    j->counted = to;
}

/* Fail in an event: 0 stops YAJL. */
static int refuse(struct alm_json_items *j, enum alm_code code, const char *why)
{
    count_lines(j, consumed(j));
    j->failed = alm_fail(&j->err, code, "%s:%" PRIu64 ": %s", j->path, j->line, why);
    return 0;
}

static int no_memory(struct alm_json_items *j)
{
    return refuse(j, ALM_ENOMEM, "no memory for an element of the JSON text");
}

/* ---- elements ---- */

static int push_item(struct alm_json_items *j, json_t *value)
{
    if (j->items == j->room) {
        size_t room = j->room ? 2 * j->room : 64;
        struct item *more = realloc(j->item, room * sizeof *more);
        if (!more) {
            json_decref(value);
            return no_memory(j);
        }
        j->item = more;
        j->room = room;
    }
    j->item[j->items++] = (struct item){value, j->aside, j->start_line};
    j->aside = NULL;
    return 1;
}

/* VALUE (owned) becomes part of the element; OPENS when it is an array or object. */
static int build(struct alm_json_items *j, json_t *value, bool opens)
{
    if (!value)
        return no_memory(j);
    if (++j->values > ALM_JSON_VALUES || (opens && j->depth == DEPTH)) {
        json_decref(value);
        return refuse(j, ALM_EDATA,
                      opens && j->depth == DEPTH ? "nested more than 64 deep" : "an element of more than 4 Mi values");
    }
    if (j->depth == 0) {
        j->start = j->before + consumed(j);
        count_lines(j, consumed(j));
        j->start_line = j->line;
        j->values = 1;
        if (!opens)
            return push_item(j, value);
    } else {
        json_t *parent = j->tree[j->depth - 1];
        int rc = json_is_array(parent) ? json_array_append_new(parent, value)
                                       : json_object_setn_new(parent, j->name, j->name_size, value);
        if (rc != 0)
            return no_memory(j);
    }
    if (opens)
        j->tree[j->depth++] = value;
    return 1;
}

static int keep_name(struct alm_json_items *j, const unsigned char *text, size_t size)
{
    if (size >= j->name_room) {
        char *more = realloc(j->name, 2 * size + 64);
        if (!more)
            return no_memory(j);
        j->name = more;
        j->name_room = 2 * size + 64;
    }
    memcpy(j->name, text, size);
    j->name[size] = '\0';
    j->name_size = size;
    return 1;
}

/* ---- what lies outside of elements ---- */

static int coming_role(const struct alm_json_items *j)
{
    if (j->frames == 0)
        return 0;
    const struct frame *f = &j->frame[j->frames - 1];
    return f->array ? f->role : j->role;
}

static bool is_element(const struct alm_json_items *j, int role, bool array)
{
    return role > j->keys || (role == j->keys && j->keys == 0 && !array);
}

static void note_top(struct alm_json_items *j, const char *what, const unsigned char *key, size_t size)
{
    size_t used = strlen(j->top);
    char word[ALM_EXCERPT];
    if (key && used + 60 < sizeof j->top)
        snprintf(j->top + used, sizeof j->top - used, "%s%.40s", used ? ", " : "",
                 alm_excerpt((const char *)key, size, word));
    else if (what && !key && !used)
        snprintf(j->top, sizeof j->top, "%s", what);
}

/* Keep a scalar by its path. VALUE is owned. */
static int keep_beside(struct alm_json_items *j, json_t *value)
{
    if (!value)
        return no_memory(j);
    if (!j->aside)
        j->aside = json_object();
    bool fits = j->at_length > 0 && (json_object_size(j->aside) < BESIDE || json_object_get(j->aside, j->at)) &&
                (!json_is_string(value) || json_string_length(value) <= BESIDE_TEXT);
    if (!j->aside || !fits) {
        json_decref(value);
        return j->aside ? 1 : no_memory(j);
    }
    return json_object_set_new(j->aside, j->at, value) == 0 ? 1 : no_memory(j);
}

static int not_array(struct alm_json_items *j, const char *what)
{
    char text[PATH_TEXT + 80];
    snprintf(text, sizeof text, "`%s` is %s where an array is expected", j->where, what);
    return refuse(j, ALM_EDATA, text);
}

static int open_frame(struct alm_json_items *j, bool array, int role)
{
    if (j->frames == DEPTH)
        return refuse(j, ALM_EDATA, "nested more than 64 deep");
    if (role == j->keys && !array)
        return not_array(j, "an object");
    j->found = j->found || role == j->keys;
    j->frame[j->frames++] = (struct frame){array, role == j->keys ? role + 1 : role, j->at_length};
    return 1;
}

/* ---- events ---- */

/* Before each event: 0 when it belongs to an element. */
static bool outside(struct alm_json_items *j)
{
    j->last = j->before + consumed(j);
    return j->depth == 0;
}

static int scalar(struct alm_json_items *j, json_t *value)
{
    if (!outside(j))
        return build(j, value, false);
    int role = coming_role(j);
    if (is_element(j, role, false)) {
        j->found = true;
        return build(j, value, false);
    }
    if (j->frames == 0)
        note_top(j, "a single value", NULL, 0);
    if (role == j->keys && value && !json_is_null(value)) {
        json_decref(value);
        return not_array(j, "a single value");
    }
    j->found = j->found || role == j->keys;
    return keep_beside(j, value);
}

static int on_null(void *ctx)
{
    return scalar(ctx, json_null());
}

static int on_boolean(void *ctx, int value)
{
    return scalar(ctx, json_boolean(value));
}

static int on_string(void *ctx, const unsigned char *text, size_t size)
{
    return scalar(ctx, json_stringn((const char *)text, size));
}

/* The integer that fills the text: false when it has a fraction or exponent, or more than 64 bits. */
static bool whole(const char *text, size_t size, json_int_t *out)
{
    bool minus = size > 0 && text[0] == '-';
    json_int_t v = 0; /* negative throughout: has one value more */
    for (size_t i = minus; i < size; i++) {
        int digit = text[i] - '0';
        if (digit < 0 || digit > 9 || v < (INT64_MIN + digit) / 10)
            return false;
        v = v * 10 - digit;
    }
    if (!minus && v == INT64_MIN)
        return false;
    *out = minus ? v : -v;
    return true;
}

static int on_number(void *ctx, const char *text, size_t size)
{
    json_int_t i;
    double v;
    if (whole(text, size, &i))
        return scalar(ctx, json_integer(i));
    if (alm_number_parse(text, size, '.', &v) != ALM_NUMBER_OK)
        return refuse(ctx, ALM_EDATA, "a number that is too large or too long");
    return scalar(ctx, json_real(v));
}

static int opening(struct alm_json_items *j, bool array)
{
    if (!outside(j))
        return build(j, array ? json_array() : json_object(), true);
    int role = coming_role(j);
    if (is_element(j, role, array)) {
        j->found = true;
        return build(j, array ? json_array() : json_object(), true);
    }
    if (j->frames == 0 && array)
        note_top(j, "an array", NULL, 0);
    return open_frame(j, array, role);
}

static int closing(struct alm_json_items *j)
{
    if (!outside(j)) {
        json_t *whole_element = j->tree[0];
        return --j->depth == 0 ? push_item(j, whole_element) : 1;
    }
    j->at_length = j->frame[--j->frames].length;
    j->at[j->at_length] = '\0';
    return 1;
}

static int on_open_object(void *ctx)
{
    return opening(ctx, false);
}

static int on_open_array(void *ctx)
{
    return opening(ctx, true);
}

static int on_close(void *ctx)
{
    return closing(ctx);
}

static int on_key(void *ctx, const unsigned char *text, size_t size)
{
    struct alm_json_items *j = ctx;
    if (!outside(j))
        return keep_name(j, text, size);
    const struct frame *f = &j->frame[j->frames - 1];
    if (j->frames == 1)
        note_top(j, NULL, text, size);
    bool step = f->role >= 0 && f->role < j->keys && strcspn(j->key[f->role], ".") == size &&
                memcmp(j->key[f->role], text, size) == 0;
    j->role = step ? f->role + 1 : OUTSIDE;
    size_t from = f->length ? f->length + 1 : 0;
    bool fits =
        (f->length || j->frames == 1 || j->frame[0].array) && from + size < sizeof j->at && !memchr(text, 0, size);
    j->at_length = fits ? from + size : 0;
    if (fits) {
        if (from)
            j->at[from - 1] = '.';
        memcpy(j->at + from, text, size);
    }
    j->at[j->at_length] = '\0';
    return 1;
}

static const yajl_callbacks events = {.yajl_null = on_null,
                                      .yajl_boolean = on_boolean,
                                      .yajl_number = on_number,
                                      .yajl_string = on_string,
                                      .yajl_start_map = on_open_object,
                                      .yajl_map_key = on_key,
                                      .yajl_end_map = on_close,
                                      .yajl_start_array = on_open_array,
                                      .yajl_end_array = on_close};

/* ---- the stream ---- */

static int fail_parse(struct alm_json_items *j, const unsigned char *text, size_t size)
{
    if (j->failed)
        return j->failed;
    count_lines(j, size ? consumed(j) : j->counted);
    unsigned char *why = yajl_get_error(j->yajl, 0, text, size);
    j->failed = alm_fail(&j->err, ALM_EDATA, "%s:%" PRIu64 ": not JSON: %.*s", j->path, j->line,
                         why ? (int)strcspn((const char *)why, "\n") : 0, why ? (const char *)why : "");
    yajl_free_error(j->yajl, why);
    return j->failed;
}

static int feed(struct alm_json_items *j, const unsigned char *text, size_t size)
{
    if (size > 0 && yajl_parse(j->yajl, text, size) != yajl_status_ok)
        return fail_parse(j, text, size);
    return ALM_OK;
}

static int finish(struct alm_json_items *j)
{
    j->finished = true;
    if (j->any && yajl_complete_parse(j->yajl) != yajl_status_ok) {
        if (!j->failed)
            j->failed =
                alm_fail(&j->err, ALM_EDATA, "%s:%" PRIu64 ": the JSON text ends inside a value; was it cut off?",
                         j->path, j->line);
        return j->failed;
    }
    if (!j->found && j->keys > 0)
        j->failed = alm_fail(&j->err, ALM_EDATA, "%s: no array `%s`; %s%s", j->path, j->where,
                             j->any ? "at the top there is " : "the file is empty", j->any ? j->top : "");
    return j->failed;
}

static int check_sizes(struct alm_json_items *j)
{
    if (j->before - j->last > ALM_JSON_STRING)
        return j->failed =
                   alm_fail(&j->err, ALM_EDATA, "%s:%" PRIu64 ": a string of more than 4 MiB", j->path, j->line);
    if (j->depth > 0 && j->before - j->start > ALM_JSON_ELEMENT)
        return j->failed = alm_fail(&j->err, ALM_EDATA, "%s:%" PRIu64 ": an element of more than 64 MiB", j->path,
                                    j->start_line);
    return ALM_OK;
}

/* One block. What fails is kept until the elements before it are handed out. */
static int read_block(struct alm_json_items *j)
{
    size_t n, skip = 0;
    j->failed = alm_source_read(j->source, (char *)j->block, BLOCK, &n, &j->err);
    if (j->failed)
        return j->failed;
    if (n == 0)
        return finish(j);
    if (j->before == 0 && n >= 3 && memcmp(j->block, "\xef\xbb\xbf", 3) == 0)
        skip = 3;
    j->counted = 0;
    size_t good = alm_surrogates_check(&j->surrogates, (const char *)j->block + skip, n - skip);
    memmove(j->block, j->block + skip, n - skip);
    n -= skip;
    for (size_t i = 0; i < n && !j->any; i++)
        j->any = !strchr(" \t\r\n", j->block[i]) || j->block[i] == '\0';
    ALM_TRY(feed(j, j->block, good));
    count_lines(j, good);
    j->before += good;
    if (good < n)
        return j->failed = alm_fail(&j->err, ALM_EDATA,
                                    "%s:%" PRIu64 ": half of a surrogate pair (\\ud800 to \\udfff) stands alone",
                                    j->path, j->line);
    return check_sizes(j);
}

static void show_beside(struct alm_json_items *j, json_t *aside)
{
    const char *path;
    json_t *value;
    json_object_foreach(aside, path, value)
    {
        if (json_object_size(j->beside) < BESIDE || json_object_get(j->beside, path))
            json_object_set(j->beside, path, value);
    }
    json_decref(aside);
}

int alm_json_items_next(struct alm_json_items *j, json_t **out, struct alm_err *e)
{
    json_decref(j->current);
    j->current = NULL;
    while (j->first == j->items) {
        j->first = j->items = 0;
        if (j->finished || j->failed) {
            show_beside(j, j->aside);
            j->aside = NULL;
            if (j->failed && e)
                *e = j->err;
            return j->failed ? j->failed : ALM_END;
        }
        (void)read_block(j);
    }
    struct item *item = &j->item[j->first++];
    show_beside(j, item->beside);
    j->current = *out = item->value;
    j->current_line = item->line;
    return ALM_OK;
}

/* ---- open, close, ask ---- */

static int open_parts(struct alm_json_items *j, const char *path, const char *where, struct alm_err *e)
{
    assert(strlen(where) < sizeof j->where);
    snprintf(j->where, sizeof j->where, "%s", where);
    for (const char *p = j->where; *p; p += strcspn(p, "."), p += *p == '.') {
        assert(j->keys < KEYS);
        j->key[j->keys++] = p;
    }
    j->line = 1;
    j->path = strdup(path);
    j->beside = json_object();
    j->yajl = yajl_alloc(&events, NULL, j);
    if (!j->path || !j->beside || !j->yajl || !yajl_config(j->yajl, yajl_allow_multiple_values, 1))
        return alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", path);
    return alm_source_open(path, &j->source, e);
}

int alm_json_items_open(const char *path, const char *where, struct alm_json_items **out, struct alm_err *e)
{
    struct alm_json_items *j = calloc(1, sizeof *j);
    if (!j)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", path);
    int code = open_parts(j, path, where, e);
    if (code < 0) {
        alm_json_items_close(j);
        return code;
    }
    *out = j;
    return ALM_OK;
}

void alm_json_items_close(struct alm_json_items *j)
{
    if (!j)
        return;
    for (size_t i = j->first; i < j->items; i++) {
        json_decref(j->item[i].value);
        json_decref(j->item[i].beside);
    }
    if (j->depth > 0)
        json_decref(j->tree[0]);
    json_decref(j->current);
    json_decref(j->beside);
    json_decref(j->aside);
    if (j->yajl)
        yajl_free(j->yajl);
    alm_source_close(j->source);
    free(j->item);
    free(j->name);
    free(j->path);
    free(j);
}

const json_t *alm_json_items_beside(const struct alm_json_items *j, const char *where)
{
    return json_object_get(j->beside, where);
}

uint64_t alm_json_items_line(const struct alm_json_items *j)
{
    return j->current_line;
}

uint64_t alm_json_items_bytes(const struct alm_json_items *j)
{
    return alm_source_position(j->source);
}
