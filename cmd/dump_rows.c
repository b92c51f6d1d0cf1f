/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump_rows: see the header. */
#include "cmd/dump_rows.h"

#include "almanac/option.h"
#include "almanac/quantity.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

char *dump_seconds(alm_time t, char *out)
{
    uint64_t size = t < 0 ? (uint64_t)0 - (uint64_t)t : (uint64_t)t;
    int n = snprintf(out, 32, "%s%" PRIu64 ".%09" PRIu64, t < 0 ? "-" : "", size / 1000000000u, size % 1000000000u);
    while (out[n - 1] == '0')
        out[--n] = '\0';
    if (out[n - 1] == '.')
        out[n - 1] = '\0';
    return out;
}

static void csv_text(FILE *out, const char *text)
{
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

/* Bytes of the UTF-8 character at TEXT, 0 when it is not one. */
static size_t utf8_length(const unsigned char *text)
{
    size_t n = text[0] < 0x80   ? 1
               : text[0] < 0xC2 ? 0
               : text[0] < 0xE0 ? 2
               : text[0] < 0xF0 ? 3
               : text[0] < 0xF5 ? 4
                                : 0;
    for (size_t i = 1; i < n; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    bool wrong = (text[0] == 0xE0 && n == 3 && text[1] < 0xA0) || (text[0] == 0xED && n == 3 && text[1] > 0x9F) ||
                 (text[0] == 0xF0 && n == 4 && text[1] < 0x90) || (text[0] == 0xF4 && n == 4 && text[1] > 0x8F);
    return wrong ? 0 : n;
}

/* A byte that is no part of UTF-8 becomes U+FFFD, since JSON has no other way. */
static void json_text(FILE *out, const char *text)
{
    putc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c;) {
        size_t n = utf8_length(c);
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(out, "\\u%04x", *c);
        else if (n == 0)
            fputs("\xEF\xBF\xBD", out);
        else
            fwrite(c, 1, n, out);
        c += n ? n : 1;
    }
    putc('"', out);
}

static void put_cell(const struct dump_rows *w, const struct dump_cell *cell)
{
    bool json = w->format == CMD_JSON;
    char number[ALM_QUANTITY_TEXT];
    bool missing =
        cell->type == DUMP_NONE || (cell->type == DUMP_REAL && (isnan(cell->real) || (json && isinf(cell->real))));
    if (missing)
        fputs(json ? "null" : "", w->out);
    else if (cell->type == DUMP_INTEGER)
        fprintf(w->out, "%" PRId64, cell->integer);
    else if (cell->type == DUMP_TIME)
        fputs(dump_seconds(cell->integer, number), w->out);
    else if (cell->type == DUMP_REAL)
        fputs(alm_print_real(cell->real, number), w->out);
    else if (json)
        json_text(w->out, cell->text);
    else
        csv_text(w->out, cell->text);
}

static int no_column(const char *table, const char *const *name, size_t count, const char *word, struct alm_err *e)
{
    char known[400] = "";
    const char **names = calloc(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        size_t at = strlen(known);
        snprintf(known + at, sizeof known - at, "%s%s", i ? ", " : "", name[i]);
        if (names)
            names[i] = name[i];
    }
    const char *near = names ? alm_nearest(word, names) : NULL;
    free(names);
    return alm_fail(e, ALM_EINVAL, "table %s has no column \"%.40s\"%s%s%s; it has %s", table, word,
                    near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "", known);
}

static int choose(struct dump_rows *w, const char *table, size_t count, const char *choice, struct alm_err *e)
{
    char *list = strdup(choice), *rest = list, *word;
    int code = list ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory");
    while (code == ALM_OK && (word = strsep(&rest, ",")) != NULL) {
        size_t i = 0;
        while (i < count && strcmp(w->name[i], word) != 0)
            i++;
        if (i == count)
            code = no_column(table, w->name, count, word, e);
        else if (w->columns == count)
            code = alm_fail(e, ALM_EINVAL, "--columns %s names a column twice", choice);
        else
            w->chosen[w->columns++] = i;
    }
    free(list);
    return code;
}

int dump_rows_start(struct dump_rows *w, const char *table, const char *const *name, size_t count, const char *choice,
                    struct alm_err *e)
{
    w->name = name;
    w->columns = 0;
    w->rows = 0;
    w->chosen = malloc((count ? count : 1) * sizeof *w->chosen);
    if (w->chosen == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu columns", count);
    if (choice)
        ALM_TRY(choose(w, table, count, choice, e));
    while (choice == NULL && w->columns < count) {
        w->chosen[w->columns] = w->columns;
        w->columns++;
    }
    if (w->format == CMD_JSON) {
        fputs("{\"schema\":\"almanac.dump/1\",\"table\":", w->out);
        json_text(w->out, table);
        fputs(",\"rows\":[", w->out);
        return ALM_OK;
    }
    for (size_t i = 0; i < w->columns; i++) {
        fputs(i ? "," : "", w->out);
        csv_text(w->out, name[w->chosen[i]]);
    }
    putc('\n', w->out);
    return ALM_OK;
}

int dump_rows_put(struct dump_rows *w, const struct dump_cell *cell, struct alm_err *e)
{
    if (cmd_interrupted)
        return alm_fail(e, ALM_EINTR, "interrupted after %" PRIu64 " rows", w->rows);
    bool json = w->format == CMD_JSON;
    errno = 0;
    if (json)
        fputs(w->rows ? ",\n{" : "\n{", w->out);
    for (size_t i = 0; i < w->columns; i++) {
        fputs(i ? "," : "", w->out);
        if (json) {
            json_text(w->out, w->name[w->chosen[i]]);
            putc(':', w->out);
        }
        put_cell(w, &cell[w->chosen[i]]);
    }
    fputs(json ? "}" : "\n", w->out);
    w->rows++;
    if (!ferror(w->out))
        return ALM_OK;
    w->closed = errno == EPIPE;
    return alm_fail(e, ALM_EIO, "cannot write after %" PRIu64 " rows: %s", w->rows, strerror(errno));
}

void dump_rows_end(struct dump_rows *w)
{
    if (w->format == CMD_JSON)
        fputs("\n]}\n", w->out);
}

void dump_rows_free(struct dump_rows *w)
{
    free(w->chosen);
    w->chosen = NULL;
}
