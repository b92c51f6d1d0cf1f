/* SPDX-License-Identifier: GPL-3.0-or-later
 * memory: records in the process, gone with it. For runs that keep nothing, and as the plainest store to check others
 * by.
 *
 * Choice.   One array sorted by key: a look-up is a binary search, a new record a move of pointers.
 * Limits.   One thread at a time, as a store is opened by one loop. The location is not used. */
#include "almanac/store.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct record {
    char *key; /* code, version and part, each ended by NUL */
    void *bytes;
    size_t size;
};

struct store {
    struct record *record;
    size_t count, capacity;
};

static int open_store(const void *opt, const char *location, void **self, struct alm_err *e)
{
    (void)opt;
    (void)location;
    struct store *s = calloc(1, sizeof *s);
    if (s == NULL)
        return alm_fail(e, ALM_ENOMEM, "store memory: no memory to open");
    *self = s;
    return ALM_OK;
}

static void close_store(void *self)
{
    struct store *s = self;
    if (s == NULL)
        return;
    for (size_t k = 0; k < s->count; k++) {
        free(s->record[k].key);
        free(s->record[k].bytes);
    }
    free(s->record);
    free(s);
}

static int order(const struct record *record, const struct alm_store_key *key)
{
    const char *code = record->key, *version = code + strlen(code) + 1, *part = version + strlen(version) + 1;
    int by = strcmp(code, key->code);
    if (by == 0)
        by = strcmp(version, key->version);
    return by != 0 ? by : strcmp(part, key->part);
}

/* Where KEY is or belongs; FOUND says which. */
static size_t find(const struct store *s, const struct alm_store_key *key, bool *found)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int by = order(&s->record[middle], key);
        if (by == 0) {
            *found = true;
            return middle;
        }
        if (by < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = false;
    return low;
}

static int check_key(const struct alm_store_key *key, struct alm_err *e)
{
    if (key->code == NULL || key->version == NULL || key->part == NULL)
        return alm_fail(e, ALM_EINVAL, "store memory: a key needs a code, a version (which may be empty) and a part");
    return ALM_OK;
}

static char *join(const struct alm_store_key *key)
{
    size_t a = strlen(key->code) + 1, b = strlen(key->version) + 1, c = strlen(key->part) + 1;
    char *text = malloc(a + b + c);
    if (text == NULL)
        return NULL;
    memcpy(text, key->code, a);
    memcpy(text + a, key->version, b);
    memcpy(text + a + b, key->part, c);
    return text;
}

static int insert(struct store *s, size_t place, const struct alm_store_key *key, void *bytes, size_t size)
{
    if (s->count == s->capacity) {
        size_t capacity = s->capacity * 2 + 16;
        struct record *grown = realloc(s->record, capacity * sizeof *grown);
        if (grown == NULL)
            return ALM_ENOMEM;
        s->record = grown;
        s->capacity = capacity;
    }
    char *text = join(key);
    if (text == NULL)
        return ALM_ENOMEM;
    memmove(s->record + place + 1, s->record + place, (s->count - place) * sizeof *s->record);
    s->record[place] = (struct record){.key = text, .bytes = bytes, .size = size};
    s->count++;
    return ALM_OK;
}

static int put(void *self, const struct alm_store_key *key, const void *bytes, size_t size, struct alm_err *e)
{
    struct store *s = self;
    ALM_TRY(check_key(key, e));
    void *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        return alm_fail(e, ALM_ENOMEM, "store memory: no memory for a record of %zu bytes", size);
    if (size > 0)
        memcpy(copy, bytes, size);
    bool found;
    size_t place = find(s, key, &found);
    if (found) {
        free(s->record[place].bytes);
        s->record[place].bytes = copy;
        s->record[place].size = size;
        return ALM_OK;
    }
    if (insert(s, place, key, copy, size) < 0) {
        free(copy);
        return alm_fail(e, ALM_ENOMEM, "store memory: no memory for record %zu", s->count);
    }
    return ALM_OK;
}

static int get(void *self, const struct alm_store_key *key, void *buffer, size_t *size, struct alm_err *e)
{
    const struct store *s = self;
    ALM_TRY(check_key(key, e));
    bool found;
    size_t place = find(s, key, &found);
    if (!found)
        return ALM_NOT_YET;
    const struct record *record = &s->record[place];
    if (buffer && *size < record->size)
        return alm_fail(e, ALM_EINVAL, "store memory: the record has %zu bytes; the buffer holds %zu", record->size,
                        *size);
    if (buffer && record->size > 0)
        memcpy(buffer, record->bytes, record->size);
    *size = record->size;
    return ALM_OK;
}

static int count_records(void *self, size_t *out, struct alm_err *e)
{
    (void)e;
    *out = ((const struct store *)self)->count;
    return ALM_OK;
}

const struct alm_store_ops alm_store_memory = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_store_ops),
             .kind = ALM_STORE,
             .name = "memory",
             .summary = "records in the process's memory, gone with it",
             .source = "a sorted array"},
    .open = open_store,
    .close = close_store,
    .put = put,
    .get = get,
    .count = count_records,
};
