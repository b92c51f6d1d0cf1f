/* SPDX-License-Identifier: GPL-3.0-or-later
 * utf8: is a text UTF-8, and how far?
 *
 * Source.   The Unicode Standard, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef ALM_TRACES_UTF8_H
#define ALM_TRACES_UTF8_H

#include <stddef.h>

/* How many bytes of TEXT come before the first that is no part of UTF-8; its length when there is none. */
static inline size_t alm_utf8_length(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    while (*p) {
        unsigned n = *p < 0x80                 ? 1
                     : *p >= 0xc2 && *p < 0xe0 ? 2
                     : *p >= 0xe0 && *p < 0xf0 ? 3
                     : *p >= 0xf0 && *p < 0xf5 ? 4
                                               : 0;
        if (n == 0 || (*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) ||
            (*p == 0xf4 && p[1] > 0x8f))
            break;
        unsigned k = 1;
        while (k < n && (p[k] & 0xc0) == 0x80)
            k++;
        if (k < n)
            break;
        p += n;
    }
    return (size_t)(p - (const unsigned char *)text);
}

#endif
