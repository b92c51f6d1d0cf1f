/* SPDX-License-Identifier: GPL-3.0-or-later
 * delimited_number: decimal text to double, exactly, mostly without strtod.
 *
 * Choice.   Up to 19 digits make an integer that a 64-bit mantissa holds exactly, and so is 10^k up to k = 27. One
 *           multiplication or division in the 80-bit format is then off by at most half a unit of its 64-bit mantissa.
 *           Rounding that to 53 bits gives the right double unless the 11 bits dropped lie within one of the half;
 *           those few, about one in a thousand, and all other shapes go to strtod. Where long double is another format,
 *           only exact doubles take the short way.
 * Limits.   Under valgrind, whose long doubles are doubles, one number in some thousands may be off by one unit.
 * Source.   Clinger, How to read floating point numbers accurately, PLDI 1990. */
#include "delimited.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 1000
#define DIGITS 19

struct decimal {
    uint64_t digits; /* the first DIGITS significant ones */
    int count;       /* of significant digits, as far as they matter */
    long exponent;   /* value = digits * 10^exponent when count <= DIGITS */
    bool negative;
};

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Digits from P on; zeros before the first other digit do not count. */
static const char *take_digits(const char *p, const char *end, struct decimal *out, long step)
{
    for (; p < end && is_digit(*p); p++) {
        if (out->count < DIGITS)
            out->digits = out->digits * 10 + (uint64_t)(*p - '0');
        out->count += out->digits > 0;
        out->exponent -= step;
    }
    return p;
}

static const char *take_exponent(const char *p, const char *end, struct decimal *out)
{
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end || !is_digit(*p))
        return NULL;
    long exponent = 0;
    for (; p < end && is_digit(*p); p++)
        if (exponent < 100000)
            exponent = exponent * 10 + (*p - '0');
    out->exponent += negative ? -exponent : exponent;
    return p;
}

static bool scan(const char *p, const char *end, char decimal, struct decimal *out)
{
    *out = (struct decimal){0};
    if (p < end && (*p == '-' || *p == '+'))
        out->negative = *p++ == '-';
    const char *start = p;
    p = take_digits(p, end, out, 0);
    size_t digits = (size_t)(p - start);
    if (p < end && *p == decimal) {
        start = ++p;
        p = take_digits(p, end, out, 1);
        digits += (size_t)(p - start);
    }
    if (digits == 0)
        return false;
    if (p < end && (*p == 'e' || *p == 'E'))
        p = take_exponent(p + 1, end, out);
    return p == end;
}

#if LDBL_MANT_DIG == 64
static bool quick(const struct decimal *n, double *out)
{
    static const long double ten[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
                                      1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
                                      1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
    if (n->count > DIGITS || n->exponent < -27 || n->exponent > 27)
        return false;
    long double whole = (long double)n->digits;
    long double value = n->exponent < 0 ? whole / ten[-n->exponent] : whole * ten[n->exponent];
    uint64_t mantissa;
    memcpy(&mantissa, &value, sizeof mantissa);
    uint64_t dropped = mantissa & 0x7ff;
    if (dropped >= 0x3ff && dropped <= 0x401)
        return false;
    *out = (double)value;
    return true;
}
#else
static bool quick(const struct decimal *n, double *out)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (n->count > DIGITS || n->digits > (1ull << 53) || n->exponent < -22 || n->exponent > 22)
        return false;
    double whole = (double)n->digits;
    *out = n->exponent < 0 ? whole / ten[-n->exponent] : whole * ten[n->exponent];
    return true;
}
#endif

/* For exact doubles in double arithmetic: the most frequent shape, "0.25" or "123456789". */
static bool quickest(const struct decimal *n, double *out)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (n->count > DIGITS || n->digits > (1ull << 53) || n->exponent < -22 || n->exponent > 0)
        return false;
    *out = (double)n->digits / ten[-n->exponent];
    return true;
}

enum alm_number alm_number_parse(const char *at, size_t size, char decimal, double *out)
{
    struct decimal n;
    if (size == 0 || size > LONGEST || !scan(at, at + size, decimal, &n))
        return ALM_NUMBER_NONE;
    double value;
    if (quickest(&n, &value) || quick(&n, &value)) {
        *out = n.negative ? -value : value;
        return ALM_NUMBER_OK;
    }
    char text[LONGEST + 1];
    memcpy(text, at, size);
    text[size] = '\0';
    char *mark = decimal == '.' ? NULL : strchr(text, decimal);
    if (mark)
        *mark = '.';
    value = strtod(text, NULL);
    if (!isfinite(value))
        return ALM_NUMBER_LARGE;
    *out = value;
    return ALM_NUMBER_OK;
}
