/* SPDX-License-Identifier: GPL-3.0-or-later
 * surrogates: an automaton over the escapes of a JSON text. */
#include "surrogates.h"

#include <string.h>

static int hexadecimal(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)((at - digits) % 16) : -1;
}

/* After the last digit: is the code in its place? */
static bool complete(struct alm_surrogates *s)
{
    bool low = (s->code & 0xfc00) == 0xdc00, wanted = s->high;
    s->high = (s->code & 0xfc00) == 0xd800;
    s->state = 0;
    return low == wanted && !(wanted && s->high);
}

static bool step(struct alm_surrogates *s, char c)
{
    if (s->state == 0) {
        s->state = c == '\\';
        return !s->high || s->state;
    }
    if (s->state == 1) {
        s->state = c == 'u' ? 2 : 0;
        s->code = 0;
        return !s->high || s->state;
    }
    int digit = hexadecimal(c);
    if (digit < 0) {
        *s = (struct alm_surrogates){0};
        return true;
    }
    s->code = s->code << 4 | (unsigned)digit;
    return s->state++ < 5 || complete(s);
}

size_t alm_surrogates_check(struct alm_surrogates *s, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (s->state == 0 && !s->high) {
            const char *next = memchr(text + i, '\\', size - i);
            if (!next)
                return size;
            i = (size_t)(next - text);
        }
        if (!step(s, text[i]))
            return i;
    }
    return size;
}
