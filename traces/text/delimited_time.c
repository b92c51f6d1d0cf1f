/* SPDX-License-Identifier: GPL-3.0-or-later
 * delimited_time: text to instants, in whole nanoseconds without a detour through doubles.
 *
 * Limits.   Proleptic Gregorian calendar, years 1678 to 2261 (what 64 bits of nanoseconds hold). No leap seconds:
 *           second 60 is refused.
 * Source.   ISO 8601; days from a civil date after Hinnant, chrono-compatible low-level date algorithms (2013). */
#include "delimited.h"

#include <math.h>

/* A cursor over a view. */
struct text {
    const char *at, *end;
};

static bool take(struct text *t, char c)
{
    if (t->at == t->end || *t->at != c)
        return false;
    t->at++;
    return true;
}

/* Exactly COUNT digits, at most MAX, at least MIN. */
static bool take_number(struct text *t, int count, int min, int max, int *out)
{
    int v = 0;
    for (int i = 0; i < count; i++, t->at++) {
        if (t->at == t->end || *t->at < '0' || *t->at > '9')
            return false;
        v = v * 10 + (*t->at - '0');
    }
    *out = v;
    return v >= min && v <= max;
}

/* Digits of a fraction of UNIT: "25" of a second is 250000000. Digits below a nanosecond are cut. */
static alm_time take_fraction(struct text *t, alm_time unit)
{
    alm_time value = 0;
    for (; t->at < t->end && *t->at >= '0' && *t->at <= '9'; t->at++) {
        value += (*t->at - '0') * (unit / 10);
        unit = unit % 10 ? 0 : unit / 10;
    }
    return value;
}

static bool days_from_civil(int year, int month, int day, int64_t *out)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > length[month - 1] + (month == 2 && leap))
        return false;
    int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    *out = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return true;
}

/* hh:mm[:ss[.fraction]] as nanoseconds of the day. */
static bool take_clock(struct text *t, alm_time *out)
{
    int hour, minute, second = 0;
    alm_time fraction = 0;
    if (!take_number(t, 2, 0, 24, &hour) || !take(t, ':') || !take_number(t, 2, 0, 59, &minute))
        return false;
    if (take(t, ':')) {
        if (!take_number(t, 2, 0, 59, &second))
            return false;
        if (take(t, '.') || take(t, ','))
            fraction = take_fraction(t, ALM_SECOND);
    }
    *out = hour * ALM_HOUR + minute * ALM_MINUTE + second * ALM_SECOND + fraction;
    return *out <= ALM_DAY;
}

/* Z, +hh, +hhmm, +hh:mm, or nothing. */
static bool take_zone(struct text *t, alm_time *offset)
{
    *offset = 0;
    if (t->at == t->end || take(t, 'Z'))
        return true;
    int sign = take(t, '+') ? 1 : take(t, '-') ? -1 : 0, hour, minute = 0;
    if (!sign || !take_number(t, 2, 0, 23, &hour))
        return false;
    if (take(t, ':') || t->at < t->end)
        if (!take_number(t, 2, 0, 59, &minute))
            return false;
    *offset = sign * (hour * ALM_HOUR + minute * ALM_MINUTE);
    return true;
}

static enum alm_number parse_calendar(struct text t, bool iso, alm_time *out)
{
    int year, month, day;
    int64_t days;
    alm_time clock = 0, offset = 0;
    bool date = iso ? take_number(&t, 4, 1678, 2261, &year) && take(&t, '-') && take_number(&t, 2, 1, 12, &month) &&
                          take(&t, '-') && take_number(&t, 2, 1, 31, &day)
                    : take_number(&t, 2, 1, 31, &day) && take(&t, '.') && take_number(&t, 2, 1, 12, &month) &&
                          take(&t, '.') && take_number(&t, 4, 1678, 2261, &year);
    if (!date || !days_from_civil(year, month, day, &days))
        return ALM_NUMBER_NONE;
    if (t.at < t.end) {
        if (!take(&t, ' ') && !(iso && take(&t, 'T')))
            return ALM_NUMBER_NONE;
        if (!take_clock(&t, &clock) || (iso && !take_zone(&t, &offset)) || t.at != t.end)
            return ALM_NUMBER_NONE;
    }
    *out = days * ALM_DAY + clock - offset;
    return ALM_NUMBER_OK;
}

/* A count of UNIT with an exponent: through a double, which is then what the writer had. */
static enum alm_number parse_real_count(const char *at, size_t size, alm_time unit, char decimal, alm_time *out)
{
    double value = 0;
    enum alm_number status = alm_number_parse(at, size, decimal, &value);
    if (status != ALM_NUMBER_OK)
        return status;
    value *= (double)unit;
    if (!(fabs(value) < 9.2e18))
        return ALM_NUMBER_LARGE;
    *out = (alm_time)llround(value);
    return ALM_NUMBER_OK;
}

static enum alm_number parse_count(const char *at, size_t size, alm_time unit, char decimal, alm_time *out)
{
    struct text t = {at, at + size};
    bool negative = take(&t, '-');
    const char *start = t.at;
    alm_time whole = 0, fraction = 0;
    bool large = false;
    for (; t.at < t.end && *t.at >= '0' && *t.at <= '9'; t.at++) {
        alm_time digit = *t.at - '0';
        large = large || whole > (ALM_TIME_MAX - digit) / 10;
        whole = large ? whole : whole * 10 + digit;
    }
    bool digits = t.at > start;
    if (digits && take(&t, decimal))
        fraction = take_fraction(&t, unit);
    if (!digits || t.at != t.end)
        return parse_real_count(at, size, unit, decimal, out);
    if (large || whole > (ALM_TIME_MAX - unit) / unit)
        return ALM_NUMBER_LARGE;
    whole = whole * unit + fraction;
    *out = negative ? -whole : whole;
    return ALM_NUMBER_OK;
}

enum alm_number alm_instant_parse(const char *at, size_t size, enum alm_time_format format, char decimal, alm_time *out)
{
    static const alm_time unit[] = {ALM_SECOND, ALM_MS, ALM_US, ALM_NS};
    if (format == ALM_TIME_ISO || format == ALM_TIME_DMY)
        return parse_calendar((struct text){at, at + size}, format == ALM_TIME_ISO, out);
    return parse_count(at, size, unit[format], decimal, out);
}
