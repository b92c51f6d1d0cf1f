/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantity: the one parser and the one printer of numbers with units. */
#include "almanac/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct suffix {
    const char *text;
    double factor;
};

static const struct suffix duration_suffixes[] = {{"ns", 1},       {"us", 1e3}, {"ms", 1e6},   {"s", 1e9},
                                                  {"min", 60e9},   {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9},
                                                  {"w", 604800e9}, {NULL, 0}};
static const struct suffix byte_suffixes[] = {{"Ki", 1024.0},
                                              {"Mi", 1048576.0},
                                              {"Gi", 1073741824.0},
                                              {"Ti", 1099511627776.0},
                                              {"Pi", 1125899906842624.0},
                                              {"k", 1e3},
                                              {"K", 1e3},
                                              {"M", 1e6},
                                              {"G", 1e9},
                                              {"T", 1e12},
                                              {"P", 1e15},
                                              {"B", 1},
                                              {NULL, 0}};

/* strtod, but decimal only: no hex, no "inf", no leading space. Returns false when there is no finite number. */
static bool number(const char *text, char **end, double *out)
{
    const char *p = text;
    if (*p == '+' || *p == '-')
        p++;
    if (!isdigit((unsigned char)*p) && !(*p == '.' && isdigit((unsigned char)p[1])))
        return false;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
        return false;
    *out = strtod(text, end);
    return isfinite(*out);
}

/* The factor of the suffix at *TEXT, moving past it; 0 when there is none of LIST. */
static double take_suffix(const char **text, const struct suffix *list)
{
    size_t best = 0;
    double factor = 0;
    for (; list->text; list++) {
        size_t n = strlen(list->text);
        if (n > best && strncmp(*text, list->text, n) == 0) {
            best = n;
            factor = list->factor;
        }
    }
    *text += best;
    return factor;
}

int alm_parse_integer(const char *text, int64_t *out, struct alm_err *e)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (end == text || *end || isspace((unsigned char)*text))
        return alm_fail(e, ALM_EINVAL, "`%.60s` is not a whole number", text);
    if (errno)
        return alm_fail(e, ALM_EINVAL, "`%.60s` does not fit in 64 bits", text);
    *out = v;
    return ALM_OK;
}

int alm_parse_real(const char *text, double *out, struct alm_err *e)
{
    char *end;
    double v;
    if (!number(text, &end, &v) || *end)
        return alm_fail(e, ALM_EINVAL, "`%.60s` is not a finite number", text);
    *out = v;
    return ALM_OK;
}

static int bad_duration(const char *text, struct alm_err *e)
{
    return alm_fail(e, ALM_EINVAL, "`%.60s` is not a duration; write for example 90s, 5m, 1h30m, 7d or 250ms", text);
}

/* Digits of an exact decimal times 10^9 and the unit are summed in long double: 64 bits of mantissa hold every
 * nanosecond count exactly. */
int alm_parse_duration(const char *text, alm_time *out, struct alm_err *e)
{
    const char *p = text;
    bool negative = *p == '-';
    p += negative;
    long double sum = 0;
    if (!*p)
        return bad_duration(text, e);
    while (*p) {
        char *end;
        double v;
        if (*p == '-' || *p == '+' || !number(p, &end, &v))
            return bad_duration(text, e);
        long double exact = strtold(p, &end);
        p = end;
        double factor = take_suffix(&p, duration_suffixes);
        if (factor == 0 && !(exact == 0 && !*p))
            return bad_duration(text, e);
        sum += exact * (long double)factor;
    }
    if (sum >= 9.2e18L)
        return alm_fail(e, ALM_EINVAL, "`%.60s` is longer than 292 years", text);
    alm_time t = (alm_time)roundl(sum);
    *out = negative ? -t : t;
    return ALM_OK;
}

int alm_parse_bytes(const char *text, int64_t *out, struct alm_err *e)
{
    char *end;
    double v;
    if (!number(text, &end, &v))
        return alm_fail(e, ALM_EINVAL, "`%.60s` is not an amount of bytes; write for example 4096, 256Mi, 1.5Gi or 10M",
                        text);
    long double exact = strtold(text, &end);
    const char *p = end;
    double factor = *p ? take_suffix(&p, byte_suffixes) : 1;
    if (factor == 0 || (*p == 'B' ? p[1] : *p))
        return alm_fail(e, ALM_EINVAL, "`%.60s` is not an amount of bytes; write for example 4096, 256Mi, 1.5Gi or 10M",
                        text);
    exact *= (long double)factor;
    if (fabsl(exact) >= 9.2e18L)
        return alm_fail(e, ALM_EINVAL, "`%.60s` does not fit in 63 bits of bytes", text);
    *out = (int64_t)roundl(exact);
    return ALM_OK;
}

int alm_parse_cores(const char *text, double *out, struct alm_err *e)
{
    char *end;
    double v;
    if (!number(text, &end, &v) || (*end && strcmp(end, "m") != 0))
        return alm_fail(e, ALM_EINVAL, "`%.60s` is not a number of cores; write for example 2, 0.5 or 250m", text);
    *out = *end ? v / 1000.0 : v;
    return ALM_OK;
}

int alm_parse_fraction(const char *text, double *out, struct alm_err *e)
{
    char *end;
    double v;
    if (!number(text, &end, &v) || (*end && strcmp(end, "%") != 0))
        return alm_fail(e, ALM_EINVAL, "`%.60s` is not a fraction; write for example 0.95 or 95%%", text);
    *out = *end ? v / 100.0 : v;
    return ALM_OK;
}

char *alm_print_real(double value, char *out)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, ALM_QUANTITY_TEXT, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}

/* The largest of LIST that divides VALUE, so that the count is whole. */
static char *print_whole(int64_t value, const struct suffix *list, const char *none, char *out)
{
    const char *word = none;
    int64_t count = value, best = 1;
    for (; value != 0 && list->text; list++) {
        int64_t f = (int64_t)list->factor;
        if (f > best && value % f == 0) {
            best = f;
            word = list->text;
            count = value / f;
        }
    }
    snprintf(out, ALM_QUANTITY_TEXT, "%" PRId64 "%s", count, word);
    return out;
}

char *alm_print_duration(alm_time value, char *out)
{
    static const struct suffix list[] = {{"us", 1e3},   {"ms", 1e6},    {"s", 1e9}, {"m", 60e9},
                                         {"h", 3600e9}, {"d", 86400e9}, {NULL, 0}};
    return print_whole(value, list, value == 0 ? "s" : "ns", out);
}

char *alm_print_bytes(int64_t value, char *out)
{
    static const struct suffix list[] = {
        {"Ki", 1024}, {"Mi", 1048576}, {"Gi", 1073741824}, {"Ti", 1099511627776}, {NULL, 0}};
    return print_whole(value, list, "", out);
}

char *alm_print_fraction(double value, char *out)
{
    alm_print_real(value * 100, out);
    size_t length = strlen(out);
    if (length < 8 && strtod(out, NULL) / 100.0 == value)
        memcpy(out + length, "%", 2);
    else
        alm_print_real(value, out);
    return out;
}

char *alm_print_about(alm_time value, char *out)
{
    static const struct {
        alm_time length;
        const char *word;
    } units[] = {{ALM_DAY, "day"}, {ALM_HOUR, "hour"}, {ALM_MINUTE, "minute"}, {ALM_SECOND, "second"}};
    size_t k = 0;
    while (k < 3 && value < 2 * units[k].length && value % units[k].length != 0)
        k++;
    while (k < 3 && value < units[k].length)
        k++;
    double amount = (double)value / (double)units[k].length;
    snprintf(out, ALM_QUANTITY_TEXT, value % units[k].length == 0 ? "%.0f %s%s" : "%.1f %s%s", amount, units[k].word,
             value == units[k].length ? "" : "s");
    return out;
}
