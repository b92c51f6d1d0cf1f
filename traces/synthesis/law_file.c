/* SPDX-License-Identifier: GPL-3.0-or-later
 * law_file: one column of numbers out of a table of text, and laws made of them.
 *
 * Choice.   A missing or wrong number is an error: a law made of some of the numbers would be another law. */
#include "law_file.h"

#include "text/delimited.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct numbers {
    struct alm_delimited *d;
    size_t index, count, room;
    double *number;
};

static int find_column(struct numbers *n, const char *column, const struct alm_field *field, size_t fields,
                       bool *header, struct alm_err *e)
{
    double number;
    size_t place = column[0] ? (size_t)strtoul(column, NULL, 10) : 1;
    *header = alm_number_parse(column, strlen(column), '.', &number) != ALM_NUMBER_OK && column[0];
    n->index = place - 1;
    if (!*header && (place < 1 || place > fields))
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": there is no column %s; the row has %zu",
                        alm_delimited_path(n->d), alm_delimited_row(n->d), column, fields);
    if (!*header) {
        const struct alm_field *f = &field[n->index];
        *header = alm_number_parse(f->at, f->size, '.', &number) == ALM_NUMBER_NONE;
        return ALM_OK;
    }
    struct alm_header names;
    ALM_TRY(alm_header_copy(field, fields, &names, e));
    char list[240];
    long at = alm_header_find(&names, column);
    int code = at >= 0 ? ALM_OK
                       : alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": no column `%.60s`; the header has %s",
                                  alm_delimited_path(n->d), alm_delimited_row(n->d), column,
                                  alm_header_list(&names, list, sizeof list));
    alm_header_free(&names);
    n->index = (size_t)at;
    return code;
}

static int take_number(struct numbers *n, const struct alm_field *field, size_t fields, struct alm_err *e)
{
    static const struct alm_field nothing = {"", 0};
    const struct alm_field *f = n->index < fields ? &field[n->index] : &nothing;
    char word[ALM_EXCERPT];
    double value;
    if (alm_number_parse(f->at, f->size, '.', &value) != ALM_NUMBER_OK || value < 0 || value > 1e15)
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": column %zu: %s is not a number from 0 to 1e15",
                        alm_delimited_path(n->d), alm_delimited_row(n->d), n->index + 1,
                        alm_excerpt(f->at, f->size, word));
    if (n->count == ALM_LAW_NUMBERS)
        return alm_fail(e, ALM_EDATA, "%s: more than %zu numbers; give a sample of them", alm_delimited_path(n->d),
                        ALM_LAW_NUMBERS);
    if (n->count == n->room) {
        size_t room = n->room ? 2 * n->room : 1024;
        double *grown = realloc(n->number, room * sizeof *grown);
        if (!grown)
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu numbers", room);
        n->number = grown;
        n->room = room;
    }
    n->number[n->count++] = value;
    return ALM_OK;
}

static int read_numbers(struct numbers *n, const char *column, struct alm_err *e)
{
    const struct alm_field *field;
    size_t fields;
    bool header = false;
    int code = alm_delimited_next(n->d, &field, &fields, e);
    if (code == ALM_OK)
        code = find_column(n, column, field, fields, &header, e);
    if (code == ALM_OK && header)
        code = alm_delimited_next(n->d, &field, &fields, e);
    for (; code == ALM_OK; code = alm_delimited_next(n->d, &field, &fields, e))
        ALM_TRY(take_number(n, field, fields, e));
    ALM_TRY(code);
    if (n->count == 0)
        return alm_fail(e, ALM_EDATA, "%s: holds no number; write one a line", alm_delimited_path(n->d));
    return ALM_OK;
}

int alm_law_read(const char *path, const char *column, double **out, size_t *count, struct alm_err *e)
{
    static const struct alm_delimited_config config = {.quotes = true};
    struct numbers n = {0};
    ALM_TRY(alm_delimited_open(path, &config, &n.d, e));
    int code = read_numbers(&n, column, e);
    alm_delimited_close(n.d);
    if (code < 0) {
        free(n.number);
        return code;
    }
    *out = n.number;
    *count = n.count;
    return ALM_OK;
}

int alm_law_open_file(const struct alm_law_options *o, enum alm_opt_type type, const char *key,
                      const struct alm_law_options *usual, struct alm_law *out, struct alm_err *e)
{
    struct alm_law law;
    double *number;
    size_t count;
    int code = alm_law_open(o, type, key, usual, &law, e);
    ALM_TRY(code);
    if (code == ALM_NOT_YET) {
        const struct alm_law_options *said = o->law == ALM_LAW_EMPIRICAL ? o : usual;
        if (alm_law_read(said->file, said->column, &number, &count, e) < 0)
            return alm_fail_in(e, "%s.file", key);
        alm_law_numbers(&law, number, count);
    }
    *out = law;
    return ALM_OK;
}
