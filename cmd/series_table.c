/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_table: see the header. */
#include "cmd/series_table.h"

#include "traces/text/delimited.h"
#include "traces/text/printable.h"
#include "traces/text/rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    const struct series_wish *wish;
    struct series_table *table;
    struct alm_delimited *file;
    struct alm_header header;
    struct alm_missing missing;
    size_t *place; /* [table->columns]: where in the header */
    size_t room;
    uint64_t line; /* of the newest record that was taken */
    size_t seen;   /* rows after the header */
};

/* The first row of a file without a header is a row of numbers. */
static bool only_numbers(const struct alm_header *h)
{
    double value;
    for (size_t i = 0; i < h->count; i++)
        if (alm_number_parse(h->name[i], strlen(h->name[i]), '.', &value) == ALM_NUMBER_NONE)
            return false;
    return true;
}

static int no_such_column(const struct reading *r, const char *name, struct alm_err *e)
{
    char known[400], asked[ALM_EXCERPT];
    alm_header_list(&r->header, known, sizeof known);
    alm_excerpt(name, strlen(name), asked);
    if (only_numbers(&r->header))
        return alm_fail(e, ALM_EDATA, "%s: the first row must name the columns; it has %s", r->table->file, known);
    const char *nearest = alm_header_nearest(&r->header, name, NULL);
    return alm_fail(e, ALM_EDATA, "%s: there is no column %s%s%s%s; there are: %s", r->table->file, asked,
                    nearest ? ", did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "", known);
}

static int find_column(const struct reading *r, const char *name, size_t *out, struct alm_err *e)
{
    long at = alm_header_find(&r->header, name);
    char *end;
    const unsigned long number = strtoul(name, &end, 10);
    if (at < 0 && *name >= '0' && *name <= '9' && !*end && number <= r->header.count)
        at = (long)number - 1;
    if (at < 0 || (size_t)at >= r->header.count)
        return no_such_column(r, name, e);
    *out = (size_t)at;
    char text[ALM_EXCERPT];
    const char *found = r->header.name[at];
    for (size_t i = 0; i < r->header.count; i++)
        if (i != (size_t)at && strcmp(r->header.name[i], found) == 0)
            return alm_fail(e, ALM_EDATA, "%s: two columns are called %s: rename one", r->table->file,
                            alm_excerpt(found, strlen(found), text));
    return ALM_OK;
}

static int find_main(const struct reading *r, size_t *out, struct alm_err *e)
{
    if (r->wish->column)
        return find_column(r, r->wish->column, out, e);
    if (r->header.count > 1 || only_numbers(&r->header))
        return find_column(r, "y", out, e);
    *out = 0;
    return ALM_OK;
}

static int find_listed(struct reading *r, size_t *count, struct alm_err *e)
{
    char name[256];
    for (const char *at = r->wish->regressors; *at;) {
        const size_t n = strcspn(at, ",");
        if (n >= sizeof name || *count > r->header.count)
            return alm_fail(e, ALM_EINVAL, "more regressors are asked for than %s has columns", r->table->file);
        snprintf(name, sizeof name, "%.*s", (int)n, at);
        ALM_TRY(find_column(r, name, &r->place[*count], e));
        for (size_t i = 0; i < *count; i++)
            if (r->place[i] == r->place[*count])
                return alm_fail(e, ALM_EINVAL, "column `%.60s` is asked for twice", name);
        ++*count;
        at += n + (at[n] == ',');
    }
    return ALM_OK;
}

/* Mark the columns that wish->categories names; they must be among those that are read. */
static int mark_categories(struct reading *r, struct alm_err *e)
{
    char name[256];
    for (const char *at = r->wish->categories ? r->wish->categories : ""; *at;) {
        const size_t n = strcspn(at, ",");
        size_t place, i = 1;
        snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), at);
        ALM_TRY(find_column(r, name, &place, e));
        while (i < r->table->columns && r->place[i] != place)
            i++;
        if (i == r->table->columns)
            return alm_fail(e, ALM_EINVAL, "--categories: column `%.60s` is not one of the regressors", name);
        r->table->column[i].category = true;
        at += n + (at[n] == ',');
    }
    return ALM_OK;
}

static int find_others(struct reading *r, size_t *count, struct alm_err *e)
{
    size_t at;
    for (size_t i = 0; i < r->header.count; i++) {
        if (i == r->place[0])
            continue;
        if (!*r->header.name[i])
            return alm_fail(e, ALM_EDATA, "%s: column %zu has no name; name it, or say which regressors are meant",
                            r->table->file, i + 1);
        ALM_TRY(find_column(r, r->header.name[i], &at, e));
        r->place[(*count)++] = i;
    }
    return ALM_OK;
}

static int choose_columns(struct reading *r, struct alm_err *e)
{
    struct series_table *t = r->table;
    r->place = calloc(r->header.count + 2, sizeof *r->place);
    if (!r->place)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu columns", r->header.count);
    ALM_TRY(find_main(r, &r->place[0], e));
    size_t count = 1;
    if (r->wish->regressors)
        ALM_TRY(*r->wish->regressors ? find_listed(r, &count, e) : find_others(r, &count, e));
    t->column = calloc(count, sizeof *t->column);
    if (!t->column)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu columns", count);
    t->columns = count;
    for (size_t i = 0; i < count; i++) {
        const char *name = r->header.name[r->place[i]];
        const size_t length = strlen(name), room = 4 * length + 1;
        bool repaired;
        t->column[i].name = malloc(room);
        if (!t->column[i].name)
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu columns", count);
        alm_printable(name, length, t->column[i].name, room, &repaired);
    }
    return mark_categories(r, e);
}

static int more_room(struct reading *r, struct alm_err *e)
{
    if (r->table->rows < r->room)
        return ALM_OK;
    const size_t room = r->room ? 2 * r->room : 1024;
    for (size_t i = 0; i < r->table->columns; i++) {
        double *larger = realloc(r->table->column[i].value, room * sizeof *larger);
        if (!larger)
            return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu rows", r->table->file, room);
        r->table->column[i].value = larger;
    }
    r->room = room;
    return ALM_OK;
}

/* The number of the level that FIELD is of column C. */
static int read_level(const struct alm_field *field, struct series_column *c, double *out, struct alm_err *e)
{
    const size_t room = 4 * field->size + 1;
    char *word = malloc(room);
    bool repaired;
    if (!word)
        return alm_fail(e, ALM_ENOMEM, "no memory for a word");
    alm_printable(field->at, field->size, word, room, &repaired);
    size_t i = 0;
    while (i < c->levels && strcmp(c->level[i], word) != 0)
        i++;
    *out = (double)i;
    if (i < c->levels) {
        free(word);
        return ALM_OK;
    }
    char **larger = i == SERIES_CATEGORY_LEVELS ? NULL : realloc(c->level, (i + 1) * sizeof *larger);
    if (!larger) {
        free(word);
        return alm_fail(e, ALM_EDATA, "column `%.60s` has more than %d different words: no category", c->name,
                        SERIES_CATEGORY_LEVELS);
    }
    c->level = larger;
    c->level[c->levels++] = word;
    return ALM_OK;
}

static int read_value(const struct reading *r, const struct alm_field *field, struct series_column *c, double *out,
                      struct alm_err *e)
{
    char text[ALM_EXCERPT];
    const char *name = c->name;
    *out = NAN;
    if (alm_missing_is(&r->missing, field->at, field->size))
        return ALM_OK;
    if (c->category)
        return read_level(field, c, out, e);
    const enum alm_number kind = alm_number_parse(field->at, field->size, '.', out);
    if (kind == ALM_NUMBER_OK)
        return ALM_OK;
    return alm_fail(e, ALM_EDATA,
                    "%s:%" PRIu64 ": column `%.60s`: %s %s: right is a decimal number as 12.5 or 1e-3; NA, NaN or "
                    "nothing where a value is missing%s",
                    r->table->file, alm_delimited_row(r->file), name, alm_excerpt(field->at, field->size, text),
                    kind == ALM_NUMBER_LARGE ? "is beyond the largest number" : "is no number",
                    r->wish->words ? "; a column of words is named in --categories" : "");
}

/* One row more; FIELD NULL: one that is missing throughout. */
static int take(struct reading *r, const struct alm_field *field, struct alm_err *e)
{
    struct series_table *t = r->table;
    r->seen++;
    if (r->seen < r->wish->from || (r->wish->to && r->seen > r->wish->to))
        return ALM_OK;
    ALM_TRY(more_room(r, e));
    for (size_t i = 0; i < t->columns; i++) {
        double *out = &t->column[i].value[t->rows];
        *out = NAN;
        if (field)
            ALM_TRY(read_value(r, &field[r->place[i]], &t->column[i], out, e));
    }
    t->missing += isnan(t->column[0].value[t->rows]) ? 1 : 0;
    t->rows++;
    return ALM_OK;
}

static int read_rows(struct reading *r, struct alm_err *e)
{
    const struct alm_field *field;
    size_t count;
    for (;;) {
        const int code = alm_delimited_next(r->file, &field, &count, e);
        ALM_TRY(code);
        if (code == ALM_END)
            return ALM_OK;
        const uint64_t line = alm_delimited_row(r->file);
        if (count != r->header.count)
            return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": %zu field%s, the header has %zu", r->table->file, line,
                            count, count == 1 ? "" : "s", r->header.count);
        for (uint64_t blank = r->line + 1; r->header.count == 1 && blank < line; blank++)
            ALM_TRY(take(r, NULL, e));
        r->line = line;
        ALM_TRY(take(r, field, e));
        if (r->wish->to && r->seen >= r->wish->to)
            return ALM_OK;
    }
}

static int read_header(struct reading *r, struct alm_err *e)
{
    const struct alm_field *field;
    size_t count;
    const int code = alm_delimited_next(r->file, &field, &count, e);
    ALM_TRY(code);
    if (code == ALM_END)
        return alm_fail(e, ALM_EDATA, "%s: is empty; a header and rows are needed", r->table->file);
    r->line = alm_delimited_row(r->file);
    return alm_header_copy(field, count, &r->header, e);
}

static int read_all(struct reading *r, struct alm_err *e)
{
    const struct series_wish *w = r->wish;
    const struct alm_delimited_config config = {.quotes = true};
    if (w->to && w->from > w->to)
        return alm_fail(e, ALM_EINVAL, "rows from %zu to %zu: there is none", w->from, w->to);
    ALM_TRY(alm_missing_parse(ALM_ROWS_USUAL_MISSING, &r->missing, e));
    ALM_TRY(alm_delimited_open(strcmp(w->path, "-") == 0 ? "/dev/stdin" : w->path, &config, &r->file, e));
    ALM_TRY(read_header(r, e));
    ALM_TRY(choose_columns(r, e));
    ALM_TRY(read_rows(r, e));
    if (r->seen == 0)
        return alm_fail(e, ALM_EDATA, "%s: has a header and no row", r->table->file);
    if (r->table->rows == 0)
        return alm_fail(e, ALM_EINVAL, "rows from %zu on: %s has %zu", w->from, r->table->file, r->seen);
    return ALM_OK;
}

int series_table_read(const struct series_wish *wish, struct series_table *out, struct alm_err *e)
{
    *out = (struct series_table){.file = strcmp(wish->path, "-") == 0 ? "standard input" : wish->path,
                                 .first = wish->from ? wish->from : 1};
    struct reading r = {.wish = wish, .table = out};
    const int code = read_all(&r, e);
    alm_delimited_close(r.file);
    alm_header_free(&r.header);
    free(r.place);
    return code < 0 ? code : ALM_OK;
}

void series_table_free(struct series_table *t)
{
    for (size_t i = 0; i < t->columns; i++) {
        free(t->column[i].name);
        free(t->column[i].value);
        for (size_t l = 0; l < t->column[i].levels; l++)
            free(t->column[i].level[l]);
        free(t->column[i].level);
    }
    free(t->column);
    *t = (struct series_table){0};
}
