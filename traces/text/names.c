/* SPDX-License-Identifier: GPL-3.0-or-later
 * names: a hash table with open addressing over words that lie one after the other in blocks.
 *
 * Choice.   The word asked for last is tried first: files mostly come sorted by it. */
#include "names.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)1 << 16)

struct word {
    char *at;
    size_t size;
    uint64_t hash;
};

struct block {
    struct block *next;
    size_t used, room;
    char text[];
};

struct alm_names {
    struct word *word;
    uint32_t count, room;
    uint32_t *slot; /* number + 1; 0: free */
    size_t slots;   /* a power of two */
    struct block *block;
    uint32_t last;
};

static uint64_t hash_of(const char *at, size_t size)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)at[i]) * 1099511628211u;
    return h ^ h >> 29;
}

static bool is_word(const struct word *w, const char *at, size_t size)
{
    return w->size == size && memcmp(w->at, at, size) == 0;
}

/* The slot of this word, or the free one where it belongs. */
static size_t find_slot(const struct alm_names *n, uint64_t hash, const char *at, size_t size)
{
    size_t i = (size_t)hash & (n->slots - 1);
    for (; n->slot[i]; i = (i + 1) & (n->slots - 1)) {
        const struct word *w = &n->word[n->slot[i] - 1];
        if (w->hash == hash && is_word(w, at, size))
            break;
    }
    return i;
}

static int grow(struct alm_names *n, struct alm_err *e)
{
    if (n->count >= UINT32_MAX / 2)
        return alm_fail(e, ALM_EUNSUPPORTED, "more than 2^31 names");
    uint32_t room = n->room ? 2 * n->room : 128;
    struct word *word = realloc(n->word, room * sizeof *word);
    if (word)
        n->word = word;
    uint32_t *slot = calloc(2 * (size_t)room, sizeof *slot);
    if (!word || !slot) {
        free(slot);
        return alm_fail(e, ALM_ENOMEM, "no memory for %u names", room);
    }
    free(n->slot);
    n->slot = slot;
    n->slots = 2 * (size_t)room;
    n->room = room;
    for (uint32_t i = 0; i < n->count; i++)
        n->slot[find_slot(n, n->word[i].hash, n->word[i].at, n->word[i].size)] = i + 1;
    return ALM_OK;
}

int alm_names_open(struct alm_names **out, struct alm_err *e)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return alm_fail(e, ALM_ENOMEM, "no memory for names");
    int code = grow(*out, e);
    if (code < 0) {
        alm_names_close(*out);
        *out = NULL;
    }
    return code;
}

void alm_names_close(struct alm_names *n)
{
    if (!n)
        return;
    for (struct block *b = n->block, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(n->word);
    free(n->slot);
    free(n);
}

/* A copy of the word, ended by NUL; NULL without memory. */
static char *keep(struct alm_names *n, const char *at, size_t size)
{
    if (!n->block || n->block->room - n->block->used < size + 1) {
        size_t room = size + 1 > BLOCK ? size + 1 : BLOCK;
        struct block *b = malloc(sizeof *b + room);
        if (!b)
            return NULL;
        *b = (struct block){.next = n->block, .room = room};
        n->block = b;
    }
    char *text = n->block->text + n->block->used;
    memcpy(text, at, size);
    text[size] = '\0';
    n->block->used += size + 1;
    return text;
}

int alm_names_add(struct alm_names *n, const char *at, size_t size, uint32_t *out, struct alm_err *e)
{
    if (n->count > 0 && is_word(&n->word[n->last], at, size)) {
        *out = n->last;
        return ALM_OK;
    }
    if (n->count == n->room)
        ALM_TRY(grow(n, e));
    uint64_t hash = hash_of(at, size);
    size_t i = find_slot(n, hash, at, size);
    if (!n->slot[i]) {
        char *text = keep(n, at, size);
        if (!text)
            return alm_fail(e, ALM_ENOMEM, "no memory for a name of %zu bytes", size);
        n->word[n->count] = (struct word){text, size, hash};
        n->slot[i] = ++n->count;
    }
    *out = n->last = n->slot[i] - 1;
    return ALM_OK;
}

uint32_t alm_names_find(const struct alm_names *n, const char *at, size_t size)
{
    if (n->count > 0 && is_word(&n->word[n->last], at, size))
        return n->last;
    uint32_t slot = n->slot[find_slot(n, hash_of(at, size), at, size)];
    return slot ? slot - 1 : ALM_NO_NAME;
}

uint32_t alm_names_count(const struct alm_names *n)
{
    return n->count;
}

const char *alm_names_text(const struct alm_names *n, uint32_t number, size_t *size)
{
    assert(number < n->count);
    if (size)
        *size = n->word[number].size;
    return n->word[number].at;
}
