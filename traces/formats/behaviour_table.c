/* SPDX-License-Identifier: GPL-3.0-or-later
 * behaviour_table: see the header. */
#include "behaviour_table.h"

#include "almanac/option.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool alm__behaviour_named(const char *path, char unit[ALM_FILE_NAME])
{
    static const char ending[] = ".behaviour";
    alm_file_unit(path, true, unit);
    size_t length = strlen(unit), end = strlen(ending);
    if (length <= end || strcmp(unit + length - end, ending) != 0)
        return false;
    unit[length - end] = '\0';
    return true;
}

static void list_names(const char *time, const char *unit, const char *name[ALM__TABLE_COLUMNS + 1])
{
    static const char *const field[] = {
#define X(id, word, unit, meaning) word,
        ALM_BEHAVIOUR_FIELD_LIST(X)
#undef X
    };
    name[ALM__TABLE_TIME] = time;
    name[ALM__TABLE_UNIT] = unit ? unit : "";
    name[ALM__TABLE_FUNCTION] = "function";
    name[ALM__TABLE_SPAN] = "span";
    memcpy(name + ALM__TABLE_FIELDS, field, sizeof field);
    name[ALM__TABLE_COLUMNS] = NULL;
}

/* Columns of the header that are none of those looked for: an error when one is nearly so called. */
static int check_others(const struct alm_delimited *d, const struct alm_header *h, const char *const *name,
                        const long *column, struct alm_trace_report *report, struct alm_err *e)
{
    char text[256], word[ALM_EXCERPT];
    size_t used = 0;
    for (size_t i = 0; i < h->count; i++) {
        bool read = h->name[i][0] == '\0';
        for (size_t k = 0; k < ALM__TABLE_COLUMNS; k++)
            read = read || column[k] == (long)i;
        if (read)
            continue;
        const char *nearest = alm_nearest(h->name[i], name);
        alm_excerpt(h->name[i], strlen(h->name[i]), word);
        if (nearest && *nearest)
            return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": a table of behaviour has no column %s; did you mean `%s`?",
                            alm_delimited_path(d), alm_delimited_row(d), word, nearest);
        if (used < sizeof text - 80)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%.60s",
                                     used ? ", " : "Columns of behaviour not read: ", word);
    }
    if (used) {
        memcpy(text + used, ".", 2);
        alm_report_assume(report, text);
    }
    return ALM_OK;
}

int alm__behaviour_columns(const struct alm_delimited *d, const struct alm_header *h, const char *time,
                           const char *unit, long column[ALM__TABLE_COLUMNS], size_t *least,
                           struct alm_trace_report *report, struct alm_err *e)
{
    const char *name[ALM__TABLE_COLUMNS + 1];
    char list[320];
    bool field = false;
    list_names(time, unit, name);
    *least = 1;
    for (size_t k = 0; k < ALM__TABLE_COLUMNS; k++) {
        column[k] = name[k][0] ? alm_header_find(h, name[k]) : -1;
        field = field || (k >= ALM__TABLE_FIELDS && column[k] >= 0);
        if (column[k] >= (long)*least)
            *least = (size_t)column[k] + 1;
    }
    ALM_TRY(check_others(d, h, name, column, report, e));
    if (column[ALM__TABLE_TIME] < 0 || !field)
        return alm_fail(e, ALM_EDATA,
                        "%s:%" PRIu64 ": a table of behaviour has a column `%.60s` and at least one of `calls`, "
                        "`allocations`, `read_bytes`, ...; the header has %s",
                        alm_delimited_path(d), alm_delimited_row(d), time, alm_header_list(h, list, sizeof list));
    return ALM_OK;
}
