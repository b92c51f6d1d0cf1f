/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_tuned: what was searched for before policies were scored, in words.
 *
 * Choice.   A tuned policy beats one that was not in part because somebody looked for its values: a reader is told who was not. */
#include "experiments/compare/comparison_write.h"

#include <stdarg.h>
#include <string.h>

struct words {
    char *out;
    size_t size, used;
};

static void add(struct words *w, const char *format, ...) ALM_PRINTF(2, 3);
static void add(struct words *w, const char *format, ...)
{
    va_list args;
    if (w->used >= w->size)
        return;
    va_start(args, format);
    const int n = vsnprintf(w->out + w->used, w->size - w->used, format, args);
    va_end(args);
    w->used += n > 0 ? (size_t)n : 0;
}

static bool is_tuned(const json_t *list, const char *policy)
{
    size_t i;
    const json_t *row;
    json_array_foreach(list, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "policy"));
        if (name && strcmp(name, policy) == 0)
            return true;
    }
    return false;
}

static void add_values(struct words *w, json_t *list)
{
    size_t i;
    json_t *row, *value;
    const char *path;
    json_array_foreach(list, i, row)
    {
        const char *policy = json_string_value(json_object_get(row, "policy")), *between = "";
        json_t *values = json_object_get(row, "parameters");
        add(w, "%s%s (", i ? ", " : "", policy ? policy : "?");
        json_object_foreach(values, path, value)
        {
            add(w, "%s%s=%s", between, path, json_string_value(value) ? json_string_value(value) : "?");
            between = ", ";
        }
        add(w, ")");
    }
}

char *comparison_tuned(const struct comparison *c, char *out, size_t size)
{
    struct words w = {out, size, 0};
    json_t *list = c->source->tuned ? json_loads(c->source->tuned, 0, NULL) : NULL;
    out[0] = '\0';
    if (json_array_size(list) > 0) {
        add(&w, "Values were searched for on the training part alone: ");
        add_values(&w, list);
        add(&w, ".");
        if (!is_tuned(list, c->baseline))
            add(&w, " The baseline was not tuned, so what they gain on it is in part the search.");
    }
    json_decref(list);
    if (w.used >= size && size > 3)
        memcpy(out + size - 4, "...", 4);
    return out;
}
