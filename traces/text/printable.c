/* SPDX-License-Identifier: GPL-3.0-or-later
 * printable: bytes that are not printable UTF-8 become \xHH.
 *
 * Source.   The Unicode Standard, table 3-7; control characters are U+0000 to U+001F and U+007F to U+009F. */
#include "printable.h"

#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 sequence at P, 0 when it is none or is a control character. */
static size_t sequence(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return p[0] >= 0x20 && p[0] != 0x7f;
    size_t n = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;
    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool wrong = (n == 2 && p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xe0 && p[1] < 0xa0) ||
                 (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
    return wrong ? 0 : n;
}

size_t alm_printable(const char *text, size_t size, char *out, size_t room, bool *repaired)
{
    size_t n = 0;
    *repaired = false;
    for (size_t i = 0; i < size;) {
        size_t k = sequence((const unsigned char *)text + i, size - i);
        if (n + (k ? k : 4) >= room)
            return room;
        if (k) {
            memcpy(out + n, text + i, k);
        } else {
            snprintf(out + n, 5, "\\x%02x", (unsigned char)text[i]);
            *repaired = true;
        }
        n += k ? k : 4;
        i += k ? k : 1;
    }
    out[n] = '\0';
    return n;
}
