/* SPDX-License-Identifier: GPL-3.0-or-later
 * explanation: see the header.
 *
 * Source.   RFC 3629, section 4: what is UTF-8. */
#include "explanation.h"

#include <stdarg.h>
#include <stdio.h>

/* Bytes of a character that begins with BYTE; 0: none does. */
static size_t length_of(unsigned char byte)
{
    if (byte < 0x80)
        return byte < 0x20 || byte == 0x7f ? 0 : 1;
    if (byte < 0xc2 || byte > 0xf4)
        return 0;
    return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/* Too long a form, half a pair of UTF-16, above the last character. */
static bool is_forbidden(unsigned char first, unsigned char second)
{
    return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
           (first == 0xf4 && second > 0x8f);
}

/* How many of the N bytes at S are of the character that begins there; 0: it is none. */
static size_t held_of(const unsigned char *s, size_t n)
{
    const size_t length = length_of(*s);
    size_t held = length > 0;
    while (held > 0 && held < length && held < n && (s[held] & 0xc0) == 0x80)
        held++;
    if (held > 1 && is_forbidden(s[0], s[1]))
        return 0;
    return held == length || held == n ? held : 0;
}

/* Clean the N bytes at S, which end in the midst of a character when they were CUT. Returns how many stay. */
static size_t clean(char *s, size_t n, bool cut)
{
    for (size_t i = 0; i < n;) {
        const unsigned char *at = (const unsigned char *)s + i;
        const size_t held = held_of(at, n - i);
        if (held > 0 && held == length_of(*at)) {
            i += held;
            continue;
        }
        if (held > 0 && cut)
            return i;
        s[i++] = '?';
    }
    return n;
}

void explanation_add(struct explanation *x, const char *format, ...)
{
    va_list arguments;
    if (x->cut)
        return;
    const size_t room = x->size - x->used;
    va_start(arguments, format);
    const int wanted = vsnprintf(x->text + x->used, room, format, arguments);
    va_end(arguments);
    x->cut = wanted < 0 || (size_t)wanted >= room;
    if (wanted > 0)
        x->used += clean(x->text + x->used, x->cut ? room - 1 : (size_t)wanted, x->cut);
    x->text[x->used] = '\0';
}
