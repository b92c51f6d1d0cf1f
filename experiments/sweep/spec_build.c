/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_build: texts, modules, settings and numbers out of the nodes of a specification. */
#include "experiments/sweep/spec_build.h"

#include "almanac/option.h"
#include "almanac/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODULE_TEXT 4096

void *spec_more(struct spec_builder *b, void *array, size_t count, size_t size)
{
    void *more = array;
    if ((count & (count - 1)) == 0)
        more = realloc(array, (count ? 2 * count : 1) * size);
    if (!more) {
        b->code = alm_fail(b->e, ALM_ENOMEM, "%s: out of memory", b->s->path);
        return NULL;
    }
    memset((char *)more + count * size, 0, size);
    return more;
}

char *spec_copy(struct spec_builder *b, const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        b->code = alm_fail(b->e, ALM_ENOMEM, "%s: out of memory", b->s->path);
    return copy;
}

const char *spec_plain(struct spec_builder *b, size_t node)
{
    static const char *const found[] = {"nothing", "a list", "a map"};
    enum alm_spec_shape shape = alm_spec_shape(b->y, node);
    const char *text = alm_spec_value(b->y, node);
    if (shape == ALM_SPEC_VALUE && text[0])
        return text;
    alm_spec_tell(b->y, node, "here is %s; write one value", found[shape]);
    return NULL;
}

bool spec_joined(struct spec_builder *b, size_t node, char *out)
{
    size_t used = 0;
    bool good = true;
    out[0] = '\0';
    if (alm_spec_shape(b->y, node) == ALM_SPEC_VALUE) {
        const char *text = alm_spec_value(b->y, node);
        if (strlen(text) >= ALM_OPT_STRING)
            alm_spec_tell(b->y, node, "the value is longer than %d bytes", ALM_OPT_STRING - 1);
        else
            strcpy(out, text);
        return strlen(text) < ALM_OPT_STRING;
    }
    for (size_t i = 0; (i = alm_spec_next(b->y, node, i));) {
        const char *text = spec_plain(b, i);
        good = good && text && used + strlen(text) + 2 <= ALM_OPT_STRING;
        if (good)
            used += (size_t)snprintf(out + used, ALM_OPT_STRING - used, "%s%s", used ? "/" : "", text);
        else if (text)
            alm_spec_tell(b->y, node, "the list is longer than %d bytes", ALM_OPT_STRING - 1);
        if (!good)
            return false;
    }
    return true;
}

struct leaves {
    void (*fn)(struct spec_builder *b, const char *path, size_t leaf, void *ctx);
    void *ctx;
};

static void walk(struct spec_builder *b, size_t node, const char *prefix, const struct leaves *l)
{
    for (size_t i = 0; b->code >= 0 && (i = alm_spec_next(b->y, node, i));) {
        char path[SWEEP_PATH];
        int n = snprintf(path, sizeof path, "%s%s%s", prefix, prefix[0] ? "." : "", alm_spec_name(b->y, i));
        if (n >= SWEEP_PATH)
            alm_spec_tell(b->y, i, "the path is longer than %d bytes", SWEEP_PATH - 1);
        else if (alm_spec_shape(b->y, i) == ALM_SPEC_MAP)
            walk(b, i, path, l);
        else
            l->fn(b, path, i, l->ctx);
    }
}

void spec_leaves(struct spec_builder *b, size_t node,
                 void (*fn)(struct spec_builder *b, const char *path, size_t leaf, void *ctx), void *ctx)
{
    if (spec_map(b, node))
        walk(b, node, "", &(struct leaves){fn, ctx});
}

struct module_text {
    char text[MODULE_TEXT];
    size_t used, name; /* name: the node that is one */
};

static void add_option(struct spec_builder *b, const char *path, size_t leaf, void *ctx)
{
    struct module_text *m = ctx;
    char value[ALM_OPT_STRING];
    if (leaf == m->name || !spec_joined(b, leaf, value))
        return;
    if (strpbrk(path, ",=:") || strchr(value, ','))
        alm_spec_tell(b->y, leaf, "an option of a module cannot hold a comma; separate the items of a list by `/`");
    else if (m->used + strlen(path) + strlen(value) + 3 > sizeof m->text)
        alm_spec_tell(b->y, leaf, "the options of this module are longer than %d bytes", MODULE_TEXT - 1);
    else
        m->used += (size_t)snprintf(m->text + m->used, sizeof m->text - m->used, "%s%s=%s",
                                    strchr(m->text, ':') ? "," : ":", path, value);
}

void spec_module(struct spec_builder *b, size_t node, const char *def, struct sweep_module *out)
{
    struct module_text m = {.name = alm_spec_child(b->y, node, "name")};
    out->at = node;
    if (alm_spec_shape(b->y, node) != ALM_SPEC_MAP) {
        const char *text = spec_plain(b, node);
        if (text)
            out->text = spec_copy(b, text);
        return;
    }
    const char *name = m.name ? spec_plain(b, m.name) : def;
    if (!m.name && !def)
        alm_spec_tell(b->y, node, "the map has no `name`; write {name: MODULE, option: value, ...}");
    if (!name)
        return;
    m.used = (size_t)snprintf(m.text, sizeof m.text, "%s", name);
    if (strchr(name, ':'))
        alm_spec_tell(b->y, m.name, "`%.60s`: in a map the options stand beside the name", name);
    spec_leaves(b, node, add_option, &m);
    out->text = spec_copy(b, m.text);
}

struct settings {
    struct sweep_set **set;
    size_t *sets;
};

static bool is_set(const struct sweep_set *set, size_t sets, const char *path)
{
    size_t n = strlen(path);
    for (size_t i = 0; i < sets; i++)
        if (strncmp(set[i].text, path, n) == 0 && set[i].text[n] == '=')
            return true;
    return false;
}

static void add_setting(struct spec_builder *b, const char *path, size_t leaf, void *ctx)
{
    struct settings *to = ctx;
    char value[ALM_OPT_STRING], text[SWEEP_PATH + ALM_OPT_STRING];
    if (!spec_joined(b, leaf, value) || !spec_room(b, leaf, *to->sets))
        return;
    if (is_set(*to->set, *to->sets, path)) {
        alm_spec_tell(b->y, leaf, "the setting `%s` was given before", path);
        return;
    }
    snprintf(text, sizeof text, "%s=%s", path, value);
    struct sweep_set *more = spec_more(b, *to->set, *to->sets, sizeof *more);
    if (!more)
        return;
    *to->set = more;
    more[*to->sets].at = leaf;
    more[*to->sets].text = spec_copy(b, text);
    *to->sets += more[*to->sets].text != NULL;
}

void spec_settings(struct spec_builder *b, size_t node, struct sweep_set **set, size_t *sets)
{
    spec_leaves(b, node, add_setting, &(struct settings){set, sets});
}

void spec_whole(struct spec_builder *b, size_t node, int64_t min, int64_t max, int64_t *out)
{
    struct alm_err e = {0};
    const char *text = spec_plain(b, node);
    int64_t value;
    if (!text)
        return;
    if (alm_parse_integer(text, &value, &e) < 0)
        alm_spec_tell(b->y, node, "%s", e.text);
    else if (value < min || value > max)
        alm_spec_tell(b->y, node, "`%.60s` is out of range: from %" PRId64 " to %" PRId64, text, min, max);
    else
        *out = value;
}

void spec_duration(struct spec_builder *b, size_t node, alm_time *out)
{
    struct alm_err e = {0};
    const char *text = spec_plain(b, node);
    alm_time value;
    if (!text)
        return;
    if (alm_parse_duration(text, &value, &e) < 0)
        alm_spec_tell(b->y, node, "%s", e.text);
    else if (value < 0 || value > (alm_time)1e18)
        alm_spec_tell(b->y, node, "`%.60s` is out of range: from 0 to 31 years", text);
    else
        *out = value;
}

void spec_share(struct spec_builder *b, size_t node, double *out)
{
    struct alm_err e = {0};
    const char *text = spec_plain(b, node);
    char word[64];
    double value;
    if (!text)
        return;
    size_t n = strlen(text);
    snprintf(word, sizeof word, "%s", text);
    if (n > 2 && n < sizeof word && strcmp(word + n - 2, " %") == 0)
        strcpy(word + n - 2, "%");
    if (alm_parse_fraction(word, &value, &e) < 0)
        alm_spec_tell(b->y, node, "%s", e.text);
    else if (value <= 0)
        alm_spec_tell(b->y, node, "`%.60s` is not more than 0", text);
    else
        *out = value;
}

bool spec_map(struct spec_builder *b, size_t node)
{
    if (alm_spec_shape(b->y, node) == ALM_SPEC_MAP)
        return true;
    alm_spec_tell(b->y, node, "a map is expected: `key: value` lines, or {key: value, ...}");
    return false;
}

bool spec_list(struct spec_builder *b, size_t node)
{
    if (alm_spec_shape(b->y, node) == ALM_SPEC_LIST)
        return true;
    alm_spec_tell(b->y, node, "a list is expected: lines that begin with `-`, or [...]");
    return false;
}

bool spec_room(struct spec_builder *b, size_t node, size_t count)
{
    if (count < SWEEP_LIST)
        return true;
    if (count == SWEEP_LIST)
        alm_spec_tell(b->y, node, "more than %d of them", SWEEP_LIST);
    return false;
}
