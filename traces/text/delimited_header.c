/* SPDX-License-Identifier: GPL-3.0-or-later
 * delimited_header: names of columns, words for missing values, and text fit for a message. */
#include "delimited.h"

#include "almanac/option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

char *alm_excerpt(const char *at, size_t size, char *out)
{
    size_t n = 0, shown = size < 40 ? size : 40;
    out[n++] = '`';
    for (size_t i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)at[i];
        if (c < 0x20 || c >= 0x7f)
            n += (size_t)snprintf(out + n, 5, "\\x%02x", c);
        else
            out[n++] = (char)c;
    }
    memcpy(out + n, size > shown ? "...`" : "`", size > shown ? 5 : 2);
    return out;
}

int alm_missing_parse(const char *list, struct alm_missing *out, struct alm_err *e)
{
    struct alm_missing m = {0};
    while (*list) {
        size_t n = strcspn(list, "/");
        if (n >= sizeof m.word[0].text || m.count == ALM_MISSING_WORDS)
            return alm_fail(e, ALM_EINVAL, "`%.80s` is not a list of at most %d words of up to 31 bytes separated by /",
                            list, ALM_MISSING_WORDS);
        if (n > 0) {
            memcpy(m.word[m.count].text, list, n);
            m.word[m.count].number = alm_number_parse(list, n, '.', &m.word[m.count].value) == ALM_NUMBER_OK;
            m.count++;
        }
        list += n + (list[n] == '/');
    }
    *out = m;
    return ALM_OK;
}

bool alm_missing_is(const struct alm_missing *m, const char *at, size_t size)
{
    if (size == 0)
        return true;
    for (size_t i = 0; i < m->count; i++)
        if (m->word[i].text[0] == at[0] && strlen(m->word[i].text) == size && memcmp(m->word[i].text, at, size) == 0)
            return true;
    return false;
}

bool alm_missing_number(const struct alm_missing *m, double value)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->word[i].number && m->word[i].value == value)
            return true;
    return false;
}

int alm_header_copy(const struct alm_field *field, size_t count, struct alm_header *out, struct alm_err *e)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += field[i].size + 1;
    struct alm_header h = {count, malloc(count * sizeof *h.name), malloc(bytes)};
    if (!h.name || !h.text) {
        alm_header_free(&h);
        return alm_fail(e, ALM_ENOMEM, "no memory for a header of %zu columns", count);
    }
    char *w = h.text;
    for (size_t i = 0; i < count; i++) {
        h.name[i] = w;
        memcpy(w, field[i].at, field[i].size);
        w += field[i].size;
        *w++ = '\0';
    }
    *out = h;
    return ALM_OK;
}

void alm_header_free(struct alm_header *h)
{
    free(h->name);
    free(h->text);
    *h = (struct alm_header){0};
}

long alm_header_find(const struct alm_header *h, const char *name)
{
    for (size_t i = 0; i < h->count; i++)
        if (strcmp(h->name[i], name) == 0)
            return (long)i;
    for (size_t i = 0; i < h->count; i++)
        if (strcasecmp(h->name[i], name) == 0)
            return (long)i;
    return -1;
}

const char *alm_header_nearest(const struct alm_header *h, const char *name, const bool *taken)
{
    const char *free_names[65];
    size_t n = 0;
    for (size_t i = 0; i < h->count && n < 64; i++)
        if (!taken || !taken[i])
            free_names[n++] = h->name[i];
    free_names[n] = NULL;
    return alm_nearest(name, free_names);
}

char *alm_header_list(const struct alm_header *h, char *out, size_t size)
{
    size_t used = 0, i = 0;
    char word[ALM_EXCERPT];
    out[0] = '\0';
    for (; i < h->count && i < 16; i++) {
        alm_excerpt(h->name[i], strlen(h->name[i]), word);
        if (used + strlen(word) + 24 >= size)
            break;
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", word);
    }
    if (i < h->count)
        snprintf(out + used, size - used, "%s... (%zu columns)", i ? ", " : "", h->count);
    return out;
}
