/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_tree: walking the nodes of a specification, and telling of problems with them. spec_yaml.c makes them.
 *
 * Choice.   Nodes lie in the order of the file and each knows where what is below it ends, so a walk needs no pointers. */
#include "spec_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *alm_spec_text(const struct alm_spec *s)
{
    return s->text;
}

enum alm_spec_shape alm_spec_shape(const struct alm_spec *s, size_t node)
{
    return s->entry[node].shape;
}

const char *alm_spec_name(const struct alm_spec *s, size_t node)
{
    return s->entry[node].key;
}

const char *alm_spec_value(const struct alm_spec *s, size_t node)
{
    return s->entry[node].value;
}

/* Also while PARENT is being read, whose `end` is not known yet. */
struct alm__spec_entry *alm__spec_child(const struct alm_spec *s, size_t parent, const char *name)
{
    for (size_t i = parent + 1; i < s->count && s->entry[i].parent == parent; i = s->entry[i].end)
        if (strcmp(s->entry[i].key, name) == 0)
            return &s->entry[i];
    return NULL;
}

size_t alm_spec_child(const struct alm_spec *s, size_t parent, const char *name)
{
    const struct alm__spec_entry *child = alm__spec_child(s, parent, name);
    return child ? (size_t)(child - s->entry) : 0;
}

size_t alm_spec_next(const struct alm_spec *s, size_t parent, size_t before)
{
    size_t next = before ? s->entry[before].end : parent + 1;
    return next < s->entry[parent].end ? next : 0;
}

size_t alm_spec_children(const struct alm_spec *s, size_t parent)
{
    size_t n = 0;
    for (size_t i = 0; (i = alm_spec_next(s, parent, i));)
        n++;
    return n;
}

char *alm_spec_path(const struct alm_spec *s, size_t node, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    if (node && s->entry[node].parent)
        used = strlen(alm_spec_path(s, s->entry[node].parent, out, size));
    if (node && used < size)
        snprintf(out + used, size - used, "%s%.100s", used ? "." : "", s->entry[node].key);
    return out;
}

void alm_spec_tell(struct alm_spec *s, size_t node, const char *format, ...)
{
    char what[ALM_ERR_TEXT], path[160];
    va_list args;
    alm_spec_path(s, node, path, sizeof path);
    size_t used = node ? (size_t)snprintf(what, sizeof what, "%s: ", path) : 0;
    va_start(args, format);
    vsnprintf(what + used, sizeof what - used, format, args);
    va_end(args);
    s->entry[node].told = true;
    alm__spec_problem(s, node ? s->entry[node].line : -1, s->entry[node].column, what);
}

bool alm_spec_told(const struct alm_spec *s, size_t node)
{
    return s->entry[node].told;
}

void alm_spec_known(struct alm_spec *s, size_t node, const char *const *known)
{
    char list[320] = "";
    for (size_t k = 0; known[k]; k++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", known[k]);
    }
    for (size_t i = 0; (i = alm_spec_next(s, node, i));) {
        const char *name = s->entry[i].key;
        size_t k = 0;
        while (known[k] && strcmp(known[k], name) != 0)
            k++;
        const char *nearest = known[k] ? NULL : alm_nearest(name, known);
        if (nearest)
            alm_spec_tell(s, i, "unknown key `%.60s`, did you mean `%s`?", name, nearest);
        else if (!known[k])
            alm_spec_tell(s, i, "unknown key `%.60s`; known: %s", name, list);
    }
}

bool alm_spec_sound(const struct alm_spec *s)
{
    return s->problems == 0;
}

int alm_spec_verdict(struct alm_spec *s, struct alm_err *e)
{
    return alm__spec_verdict(s, e);
}
