/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec: keys and values with their places, and the problems found among them. Reading YAML is in spec_yaml.c. */
#include "spec_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct alm_spec *alm__spec_new(const char *name, const struct alm_spec_listener *listener)
{
    struct alm_spec *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->name = strdup(name);
    if (listener)
        s->listener = *listener;
    if (!s->name) {
        free(s);
        return NULL;
    }
    return s;
}

void alm_spec_free(struct alm_spec *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        free(s->entry[i].key);
        free(s->entry[i].value);
    }
    for (size_t i = 0; i < s->helds; i++)
        free(s->held[i].text);
    free(s->entry);
    free(s->held);
    free(s->name);
    free(s->text);
    free(s);
}

struct alm__spec_entry *alm__spec_find(const struct alm_spec *s, const char *key)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->entry[i].key, key) == 0)
            return &s->entry[i];
    return NULL;
}

int alm__spec_add(struct alm_spec *s, const char *key, const char *value, int line, int column, struct alm_err *e)
{
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 32;
        struct alm__spec_entry *more = realloc(s->entry, room * sizeof *more);
        if (!more)
            return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu keys", s->name, room);
        s->entry = more;
        s->room = room;
    }
    struct alm__spec_entry *entry = &s->entry[s->count];
    *entry = (struct alm__spec_entry){.key = strdup(key), .value = strdup(value), .line = line, .column = column};
    if (!entry->key || !entry->value) {
        free(entry->key);
        free(entry->value);
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for the key %s", s->name, key);
    }
    s->count++;
    return ALM_OK;
}

/* The line LINE of TEXT as a view. */
static const char *find_line(const char *text, int line, int *length)
{
    const char *p = text;
    while (line > 0 && (p = strchr(p, '\n')))
        line--, p++;
    *length = p ? (int)strcspn(p, "\r\n") : 0;
    return p;
}

/* "\nsource line\n    ^" into OUT, or "" where there is no such line. Tabs stay, so that the caret stands right. */
static void show_caret(const struct alm_spec *s, int line, int column, char *out, size_t size)
{
    int length = 0;
    const char *source = s->text && line >= 0 ? find_line(s->text, line, &length) : NULL;
    out[0] = '\0';
    if (!source || length == 0 || length > 160 || column > length)
        return;
    size_t used = (size_t)snprintf(out, size, "\n  ");
    for (int i = 0; i < length && used + 1 < size; i++)
        out[used++] = (unsigned char)source[i] < 0x20 && source[i] != '\t' ? '?' : source[i];
    used += (size_t)snprintf(out + used, size - used, "\n  ");
    for (int i = 0; i < column && used + 2 < size; i++)
        out[used++] = source[i] == '\t' ? '\t' : ' ';
    out[used++] = '^';
    out[used] = '\0';
}

static void tell(struct alm_spec *s, const char *text)
{
    if (s->first[0] == '\0')
        snprintf(s->first, sizeof s->first, "%.*s", ALM_ERR_TEXT - 1, text);
    if (s->listener.hear)
        s->listener.hear(s->listener.ctx, text);
}

/* False when there is no memory. */
static bool hold(struct alm_spec *s, int line, int column, const char *text)
{
    if (s->helds == s->held_room) {
        size_t room = s->held_room ? 2 * s->held_room : 16;
        struct alm__spec_held *more = realloc(s->held, room * sizeof *more);
        if (!more)
            return false;
        s->held = more;
        s->held_room = room;
    }
    struct alm__spec_held *h = &s->held[s->helds];
    *h = (struct alm__spec_held){line, column, s->problems, strdup(text)};
    s->helds += h->text != NULL;
    return h->text != NULL;
}

void alm__spec_problem(struct alm_spec *s, int line, int column, const char *what)
{
    char text[ALM_ERR_TEXT + 512], caret[400];
    show_caret(s, line, column, caret, sizeof caret);
    if (line >= 0)
        snprintf(text, sizeof text, "%.200s:%d:%d: %s%s", s->name, line + 1, column + 1, what, caret);
    else
        snprintf(text, sizeof text, "%.200s: %s", s->name, what);
    if (!s->tree || !hold(s, line, column, text))
        tell(s, text);
    s->problems++;
}

static int by_place(const void *a, const void *b)
{
    const struct alm__spec_held *x = a, *y = b;
    if ((x->line < 0) != (y->line < 0))
        return x->line < 0 ? 1 : -1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->line >= 0 && x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

int alm__spec_verdict(struct alm_spec *s, struct alm_err *e)
{
    if (s->helds > 1)
        qsort(s->held, s->helds, sizeof *s->held, by_place);
    for (size_t i = 0; i < s->helds; i++) {
        tell(s, s->held[i].text);
        free(s->held[i].text);
    }
    s->helds = 0;
    if (s->problems == 0)
        return ALM_OK;
    if (s->listener.hear)
        return alm_fail(e, ALM_EINVAL, "%s: %zu problem%s", s->name, s->problems, s->problems > 1 ? "s" : "");
    return alm_fail(e, ALM_EINVAL, "%s", s->first);
}

static int split_pair(const char *text, size_t n, char pair[ALM_SPEC_TEXT], char **value, struct alm_err *e)
{
    if (n >= ALM_SPEC_TEXT)
        return alm_fail(e, ALM_EINVAL, "`%.40s...` is too long for one option", text);
    memcpy(pair, text, n);
    pair[n] = '\0';
    char *equals = strchr(pair, '=');
    if (!equals || equals == pair)
        return alm_fail(e, ALM_EINVAL, "`%.60s` is not key=value", pair);
    *equals = '\0';
    *value = equals + 1;
    return ALM_OK;
}

static int fill_inline(struct alm_spec *s, const char *text, const char *key, struct alm_err *e)
{
    char pair[ALM_SPEC_TEXT], *value;
    size_t n = strcspn(text, ":");
    if (n == 0 || n >= sizeof pair)
        return alm_fail(e, ALM_EINVAL, "`%.60s` does not name a %s; write name or name:key=value,...", text, key);
    memcpy(pair, text, n);
    pair[n] = '\0';
    ALM_TRY(alm__spec_add(s, key, pair, -1, 0, e));
    for (text += n + (text[n] == ':'); *text; text += *text == ',') {
        n = strcspn(text, ",");
        ALM_TRY(split_pair(text, n, pair, &value, e));
        if (alm__spec_find(s, pair))
            return alm_fail(e, ALM_EINVAL, "the key `%.60s` is given twice", pair);
        ALM_TRY(alm__spec_add(s, pair, value, -1, 0, e));
        text += n;
    }
    return ALM_OK;
}

int alm_spec_inline(const char *text, const char *key, const struct alm_spec_listener *listener, struct alm_spec **out,
                    struct alm_err *e)
{
    struct alm_spec *s = alm__spec_new(text, listener);
    if (!s)
        return alm_fail(e, ALM_ENOMEM, "no memory for `%.60s`", text);
    int code = fill_inline(s, text, key, e);
    if (code < 0) {
        alm_spec_free(s);
        return code;
    }
    *out = s;
    return ALM_OK;
}

int alm_spec_override(struct alm_spec *s, const char *text, struct alm_err *e)
{
    char pair[ALM_SPEC_TEXT], *value;
    ALM_TRY(split_pair(text, strlen(text), pair, &value, e));
    struct alm__spec_entry *entry = alm__spec_find(s, pair);
    if (!entry)
        return alm__spec_add(s, pair, value, -1, 0, e);
    char *copy = strdup(value);
    if (!copy)
        return alm_fail(e, ALM_ENOMEM, "no memory for `%.60s`", text);
    free(entry->value);
    entry->value = copy;
    entry->line = -1;
    return ALM_OK;
}

const char *alm_spec_take(struct alm_spec *s, const char *key)
{
    struct alm__spec_entry *entry = alm__spec_find(s, key);
    if (!entry)
        return NULL;
    entry->taken = true;
    return entry->value;
}

int alm_spec_blame(const struct alm_spec *s, const char *key, struct alm_err *e)
{
    const struct alm__spec_entry *entry = alm__spec_find(s, key);
    if (!entry || entry->line < 0)
        return alm_fail_in(e, "%s: %s", s->name, key);
    return alm_fail_in(e, "%s:%d:%d: %s", s->name, entry->line + 1, entry->column + 1, key);
}

int alm_spec_options(struct alm_spec *s, const struct alm_opt *rows, const char *who, void *opt, struct alm_err *e)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct alm__spec_entry *entry = &s->entry[i];
        struct alm_err problem = {0};
        if (!entry->taken && alm_options_set(rows, opt, who, entry->key, entry->value, &problem) < 0)
            alm__spec_problem(s, entry->line, entry->column, problem.text);
    }
    return alm__spec_verdict(s, e);
}
