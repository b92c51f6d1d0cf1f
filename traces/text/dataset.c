/* SPDX-License-Identifier: GPL-3.0-or-later
 * dataset: tell the tables of a data set, and read them in their order. */
#include "dataset.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_TABLE UINT8_MAX

const char *alm_dataset_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool alm_dataset_folders(const char *const *path, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        size_t n = (size_t)(alm_dataset_name(path[0]) - path[0]);
        if (n != (size_t)(alm_dataset_name(path[i]) - path[i]) || strncmp(path[0], path[i], n) != 0)
            return true;
    }
    return false;
}

bool alm_dataset_word(const struct alm_header *first, size_t i)
{
    char c = i < first->count ? first->name[i][0] : '\0';
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

struct alm_field alm_dataset_join(const struct alm_field *first, const struct alm_field *second,
                                  char out[ALM_DATASET_JOINED])
{
    int most = ALM_UNIT_NAME - 1;
    int a = first->size < (size_t)most ? (int)first->size : most;
    int b = second->size < (size_t)most ? (int)second->size : most;
    return (struct alm_field){out, (size_t)snprintf(out, ALM_DATASET_JOINED, "%.*s/%.*s", a, first->at, b, second->at)};
}

static uint8_t find_table(const struct alm_dataset *set, const struct alm_header *first)
{
    for (uint8_t i = 0; set->table[i].what; i++) {
        const struct alm_dataset_table *t = &set->table[i];
        size_t most = t->columns_most ? t->columns_most : t->columns;
        if (most && (first->count < t->columns || first->count > most))
            continue;
        if (!t->is || t->is(first))
            return i;
    }
    return NO_TABLE;
}

static int none_of_them(const struct alm_dataset *set, const char *path, const struct alm_header *first,
                        struct alm_err *e)
{
    char list[400], begins[200];
    size_t used = 0;
    for (size_t i = 0; set->table[i].what && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", set->table[i].what);
    return alm_fail(e, ALM_EDATA, "%s:1: none of the tables of %s, which are %s; it begins with %s", path, set->what,
                    list, alm_header_list(first, begins, sizeof begins));
}

/* A trace can come of these files, as far as can be told by their tables; an empty file may be of any. */
static int can_be_a_trace(const struct alm_dataset *set, const char *const *path, size_t count, const size_t *found,
                          struct alm_err *e)
{
    char list[400] = "";
    size_t used = 0, known = 0;
    for (size_t t = 0; set->table[t].what; t++) {
        bool makes = set->table[t].read && !set->table[t].about;
        if (makes && found[t] > 0)
            return ALM_OK;
        known += found[t];
        if (makes && used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? " or " : "", set->table[t].what);
    }
    return known == 0 ? ALM_OK
                      : alm_fail(e, ALM_EDATA, "%s%s: no trace comes of this alone; give %s too", path[0],
                                 count > 1 ? " and the others" : "", list);
}

static void say_unused(struct alm_trace_report *report, const char *what)
{
    char text[200];
    snprintf(text, sizeof text, "Nothing is used of %.160s.", what);
    alm_report_assume(report, text);
}

static int tell(const struct alm_dataset *set, struct alm_trace_report *report, const char *path, uint8_t *out,
                struct alm_err *e)
{
    struct alm_header first;
    *out = NO_TABLE;
    ALM_TRY(alm_rows_peek(path, set->separator, set->quotes, &first, e));
    int code = ALM_OK;
    if (first.count == 0)
        alm_report_note(report, false, "a file without rows", "%s", path);
    else if ((*out = find_table(set, &first)) == NO_TABLE)
        code = none_of_them(set, path, &first, e);
    else if (!set->table[*out].read)
        say_unused(report, set->table[*out].what);
    alm_header_free(&first);
    return code;
}

static int read_tables(const struct alm_dataset *set, void *ctx, const char *const *path, size_t count,
                       const uint8_t *table, struct alm_err *e)
{
    for (size_t t = 0; set->table[t].what; t++)
        for (size_t i = 0; i < count && set->table[t].read; i++)
            if (table[i] == t)
                ALM_TRY(set->table[t].read(ctx, path[i], e));
    return ALM_OK;
}

int alm_dataset_read(const struct alm_dataset *set, void *ctx, struct alm_trace_sink *sink, const char *const *path,
                     size_t count, size_t files[ALM_DATASET_TABLES], struct alm_err *e)
{
    size_t found[ALM_DATASET_TABLES] = {0};
    uint8_t *table = malloc(count ? count : 1);
    int code = ALM_OK;
    if (!table)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu files", count);
    for (size_t i = 0; i < count && code >= 0; i++) {
        code = tell(set, sink->report, path[i], &table[i], e);
        assert(table[i] == NO_TABLE || table[i] < ALM_DATASET_TABLES);
        if (table[i] != NO_TABLE)
            found[table[i]]++;
    }
    if (files)
        memcpy(files, found, sizeof found);
    if (code >= 0)
        code = read_tables(set, ctx, path, count, table, e);
    free(table);
    if (code >= 0)
        code = can_be_a_trace(set, path, count, found, e);
    if (code >= 0 && sink->report->read == 0)
        return alm_fail(e, ALM_EDATA, "%s%s: no rows of %s", count ? path[0] : "", count > 1 ? " and the others" : "",
                        set->what);
    return code < 0 ? code : ALM_OK;
}

int alm_dataset_each(struct alm_rows_job *job, const char *path, const struct alm_rows_format *format,
                     alm_dataset_take *take, void *ctx, struct alm_err *e)
{
    const struct alm_cell *cell;
    struct alm_rows *r;
    ALM_TRY(alm_rows_open(job, path, format, &r, e));
    int code = alm_rows_next(r, &cell, e);
    while (code == ALM_OK) {
        code = take(ctx, r, cell, e);
        if (code >= 0)
            code = alm_rows_next(r, &cell, e);
    }
    alm_rows_close(r);
    return code < 0 ? code : ALM_OK;
}
