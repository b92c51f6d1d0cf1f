/* SPDX-License-Identifier: GPL-3.0-or-later
 * option: rows of options: defaults, parsing, printing, and the nearest known word.
 *
 * Source.   Edit distance: Damerau (1964), optimal string alignment. */
#include "almanac/option.h"

#include "almanac/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 48
#define VALUE_TEXT (ALM_OPT_STRING + ALM_OPT_LIST * 25)
#define KEYS_MOST 512 /* that a table of options is believed to have */

/* Edit distance with transpositions, saturating at 3: all that a suggestion needs. */
static int distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > WORD_MAX || m > WORD_MAX || (n > m ? n - m : m - n) > 2)
        return 3;
    int d[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= n; i++)
        d[i][0] = (int)i;
    for (size_t j = 0; j <= m; j++)
        d[0][j] = (int)j;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[n][m];
}

const char *alm_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    int least = 3;
    size_t length = strlen(word);
    for (; *names; names++) {
        int d = distance(word, *names);
        if (length >= 2 && strncmp(word, *names, length) == 0 && d > 1)
            d = 1;
        if (d < least && (size_t)d < length) {
            least = d;
            best = *names;
        }
    }
    return best;
}

static int check_range(const struct alm_opt *row, double value, const char *text, struct alm_err *e)
{
    if ((row->min == 0 && row->max == 0) || (value >= row->min && value <= row->max))
        return ALM_OK;
    char low[ALM_QUANTITY_TEXT], high[ALM_QUANTITY_TEXT];
    if (row->type == ALM_OPT_DURATION || row->type == ALM_OPT_DURATION_LIST) {
        double one = row->type == ALM_OPT_DURATION ? 1 : (double)ALM_SECOND;
        alm_print_duration((alm_time)(row->min * one), low);
        alm_print_duration((alm_time)(row->max * one), high);
    } else if (row->type == ALM_OPT_BYTES || row->type == ALM_OPT_BYTES_LIST) {
        alm_print_bytes((int64_t)row->min, low);
        alm_print_bytes((int64_t)row->max, high);
    } else {
        alm_print_real(row->min, low);
        alm_print_real(row->max, high);
    }
    return alm_fail(e, ALM_EINVAL, "`%.60s` is out of range: %s must be from %s to %s", text, row->key, low, high);
}

static int parse_bool(const char *text, bool *out, struct alm_err *e)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *out = strcmp(text, yes[i]) == 0;
            return ALM_OK;
        }
    return alm_fail(e, ALM_EINVAL, "`%.60s` is neither true nor false", text);
}

static int parse_choice(const struct alm_opt *row, const char *text, int *out, struct alm_err *e)
{
    size_t length = strlen(text);
    int index = 0;
    for (const char *p = row->choices; p; index++) {
        const char *bar = strchr(p, '|');
        size_t n = bar ? (size_t)(bar - p) : strlen(p);
        if (n == length && strncmp(p, text, n) == 0) {
            *out = index;
            return ALM_OK;
        }
        p = bar ? bar + 1 : NULL;
    }
    return alm_fail(e, ALM_EINVAL, "`%.60s` is not one of %s", text, row->choices);
}

static bool is_list(enum alm_opt_type type)
{
    return type == ALM_OPT_NUMBERS || type == ALM_OPT_BYTES_LIST || type == ALM_OPT_DURATION_LIST;
}

/* One item of a list. Seconds are divided with more bits than a double has, so that print_item finds the nanoseconds
 * again. */
static int parse_item(enum alm_opt_type type, const char *text, double *out, struct alm_err *e)
{
    int64_t whole;
    if (type == ALM_OPT_NUMBERS)
        return alm_parse_real(text, out, e);
    ALM_TRY(type == ALM_OPT_BYTES_LIST ? alm_parse_bytes(text, &whole, e) : alm_parse_duration(text, &whole, e));
    *out = type == ALM_OPT_BYTES_LIST ? (double)whole : (double)((long double)whole / (long double)ALM_SECOND);
    return ALM_OK;
}

static char *print_item(enum alm_opt_type type, double value, char *out)
{
    if (type == ALM_OPT_BYTES_LIST)
        return alm_print_bytes((int64_t)value, out);
    if (type == ALM_OPT_DURATION_LIST)
        return alm_print_duration((alm_time)roundl((long double)value * (long double)ALM_SECOND), out);
    return alm_print_real(value, out);
}

static int parse_numbers(const struct alm_opt *row, const char *text, struct alm_numbers *out, struct alm_err *e)
{
    struct alm_numbers list = {0};
    while (*text) {
        size_t n = strcspn(text, "/");
        char item[64];
        if (n >= sizeof item || list.count == ALM_OPT_LIST)
            return alm_fail(e, ALM_EINVAL, "`%.60s` is not a list of at most %d numbers separated by /", text,
                            ALM_OPT_LIST);
        memcpy(item, text, n);
        item[n] = '\0';
        ALM_TRY(parse_item(row->type, item, &list.value[list.count], e));
        ALM_TRY(check_range(row, list.value[list.count], item, e));
        list.count++;
        text += n + (text[n] == '/');
    }
    *out = list;
    return ALM_OK;
}

static int set_value(const struct alm_opt *row, void *opt, const char *text, struct alm_err *e)
{
    char *at = (char *)opt + row->offset;
    double real = 0;
    int64_t whole = 0;
    switch (row->type) {
    case ALM_OPT_BOOL:
        return parse_bool(text, (bool *)at, e);
    case ALM_OPT_CHOICE:
        return parse_choice(row, text, (int *)(void *)at, e);
    case ALM_OPT_NUMBERS:
    case ALM_OPT_BYTES_LIST:
    case ALM_OPT_DURATION_LIST:
        return parse_numbers(row, text, (struct alm_numbers *)(void *)at, e);
    case ALM_OPT_TEXT:
        if (strlen(text) >= ALM_OPT_STRING)
            return alm_fail(e, ALM_EINVAL, "the text is longer than %d bytes", ALM_OPT_STRING - 1);
        memset(at, 0, ALM_OPT_STRING);
        memcpy(at, text, strlen(text));
        return ALM_OK;
    case ALM_OPT_INTEGER:
    case ALM_OPT_DURATION:
    case ALM_OPT_BYTES:
        ALM_TRY(row->type == ALM_OPT_INTEGER    ? alm_parse_integer(text, &whole, e)
                : row->type == ALM_OPT_DURATION ? alm_parse_duration(text, &whole, e)
                                                : alm_parse_bytes(text, &whole, e));
        ALM_TRY(check_range(row, (double)whole, text, e));
        memcpy(at, &whole, sizeof whole);
        return ALM_OK;
    case ALM_OPT_REAL:
    case ALM_OPT_CORES:
    case ALM_OPT_FRACTION:
        ALM_TRY(row->type == ALM_OPT_REAL    ? alm_parse_real(text, &real, e)
                : row->type == ALM_OPT_CORES ? alm_parse_cores(text, &real, e)
                                             : alm_parse_fraction(text, &real, e));
        ALM_TRY(check_range(row, real, text, e));
        memcpy(at, &real, sizeof real);
        return ALM_OK;
    }
    return alm_fail(e, ALM_EINVAL, "option %s has an unknown type", row->key);
}

int alm_options_init(const struct alm_opt *rows, void *opt, struct alm_err *e)
{
    for (const struct alm_opt *row = rows; row && row->key; row++) {
        const char *def = row->def ? row->def : "";
        if (row->def || row->type == ALM_OPT_TEXT || is_list(row->type)) {
            if (set_value(row, opt, def, e) < 0)
                return alm_fail_in(e, "default of option %s", row->key);
        }
    }
    return ALM_OK;
}

static int unknown_key(const struct alm_opt *rows, const char *who, const char *key, struct alm_err *e)
{
    const char *names[KEYS_MOST];
    size_t n = 0;
    char known[320] = "";
    for (const struct alm_opt *row = rows; row && row->key && n + 1 < KEYS_MOST; row++) {
        names[n++] = row->key;
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", row->key);
    }
    names[n] = NULL;
    const char *nearest = alm_nearest(key, names);
    if (nearest)
        return alm_fail(e, ALM_EINVAL, "%s: unknown key `%.60s`, did you mean `%s`?", who, key, nearest);
    if (n == 0)
        return alm_fail(e, ALM_EINVAL, "%s: unknown key `%.60s`: it has no options", who, key);
    return alm_fail(e, ALM_EINVAL, "%s: unknown key `%.60s`; known: %s", who, key, known);
}

int alm_options_set(const struct alm_opt *rows, void *opt, const char *who, const char *key, const char *value,
                    struct alm_err *e)
{
    for (const struct alm_opt *row = rows; row && row->key; row++)
        if (strcmp(row->key, key) == 0) {
            if (set_value(row, opt, value, e) < 0)
                return alm_fail_in(e, "%s: %s", who, key);
            return ALM_OK;
        }
    return unknown_key(rows, who, key, e);
}

int alm_options_parse(const struct alm_opt *rows, void *opt, const char *who, const char *text, struct alm_err *e)
{
    while (*text) {
        size_t n = strcspn(text, ",");
        char pair[ALM_OPT_STRING + WORD_MAX];
        if (n >= sizeof pair)
            return alm_fail(e, ALM_EINVAL, "%s: `%.40s...` is too long for one option", who, text);
        memcpy(pair, text, n);
        pair[n] = '\0';
        char *equals = strchr(pair, '=');
        if (!equals || equals == pair)
            return alm_fail(e, ALM_EINVAL, "%s: `%.60s` is not key=value", who, pair);
        *equals = '\0';
        ALM_TRY(alm_options_set(rows, opt, who, pair, equals + 1, e));
        text += n;
        if (*text == ',' && !*++text)
            return alm_fail(e, ALM_EINVAL, "%s: nothing follows the last comma", who);
    }
    return ALM_OK;
}

static char *print_choice(const struct alm_opt *row, int index, char *out, size_t size)
{
    const char *p = row->choices;
    while (index-- > 0 && strchr(p, '|'))
        p = strchr(p, '|') + 1;
    snprintf(out, size, "%.*s", (int)strcspn(p, "|"), p);
    return out;
}

static char *print_numbers(enum alm_opt_type type, const struct alm_numbers *list, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        char word[ALM_QUANTITY_TEXT];
        int n = snprintf(out + used, size - used, "%s%s", i ? "/" : "", print_item(type, list->value[i], word));
        if (n < 0 || (size_t)n >= size - used)
            break;
        used += (size_t)n;
    }
    return out;
}

char *alm_options_print(const struct alm_opt *row, const void *opt, char *out, size_t size)
{
    const char *at = (const char *)opt + row->offset;
    char word[ALM_QUANTITY_TEXT] = "";
    int64_t whole = 0;
    double real = 0;
    if (row->type == ALM_OPT_INTEGER || row->type == ALM_OPT_DURATION || row->type == ALM_OPT_BYTES)
        memcpy(&whole, at, sizeof whole);
    switch (row->type) {
    case ALM_OPT_BOOL:
        snprintf(out, size, "%s", *(const bool *)at ? "true" : "false");
        return out;
    case ALM_OPT_CHOICE:
        return print_choice(row, *(const int *)(const void *)at, out, size);
    case ALM_OPT_NUMBERS:
    case ALM_OPT_BYTES_LIST:
    case ALM_OPT_DURATION_LIST:
        return print_numbers(row->type, (const struct alm_numbers *)(const void *)at, out, size);
    case ALM_OPT_TEXT:
        snprintf(out, size, "%s", at);
        return out;
    case ALM_OPT_INTEGER:
        snprintf(out, size, "%" PRId64, whole);
        return out;
    case ALM_OPT_DURATION:
        alm_print_duration(whole, word);
        break;
    case ALM_OPT_BYTES:
        alm_print_bytes(whole, word);
        break;
    case ALM_OPT_REAL:
    case ALM_OPT_CORES:
        memcpy(&real, at, sizeof real);
        alm_print_real(real, word);
        break;
    case ALM_OPT_FRACTION:
        memcpy(&real, at, sizeof real);
        alm_print_fraction(real, word);
        break;
    }
    snprintf(out, size, "%s", word);
    return out;
}

static bool is_default(const struct alm_opt *row, const char *value)
{
    union {
        int64_t whole;
        double real;
        char text[ALM_OPT_STRING];
        struct alm_numbers numbers;
    } plain = {0};
    char text[VALUE_TEXT];
    struct alm_opt one[] = {*row, {0}};
    one->offset = 0;
    return alm_options_init(one, &plain, NULL) == ALM_OK &&
           strcmp(alm_options_print(one, &plain, text, sizeof text), value) == 0;
}

static int write_options(const struct alm_opt *rows, const void *opt, bool all, char *out, size_t size,
                         struct alm_err *e)
{
    size_t used = 0;
    if (size)
        out[0] = '\0';
    for (const struct alm_opt *row = rows; row && row->key; row++) {
        char value[VALUE_TEXT];
        alm_options_print(row, opt, value, sizeof value);
        if (!all && is_default(row, value))
            continue;
        int n = snprintf(out + used, size - used, "%s%s=%s", used ? "," : "", row->key, value);
        if (n < 0 || (size_t)n >= size - used)
            return alm_fail(e, ALM_EINVAL, "the options do not fit in %zu bytes", size);
        used += (size_t)n;
    }
    return ALM_OK;
}

int alm_options_text(const struct alm_opt *rows, const void *opt, char *out, size_t size, struct alm_err *e)
{
    return write_options(rows, opt, true, out, size, e);
}

int alm_options_changed(const struct alm_opt *rows, const void *opt, char *out, size_t size, struct alm_err *e)
{
    return write_options(rows, opt, false, out, size, e);
}
