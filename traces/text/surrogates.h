/* SPDX-License-Identifier: GPL-3.0-or-later
 * surrogates: are all \uD800 .. \uDFFF escapes of a JSON text pairs of high and low?
 *
 * Choice.   YAJL makes a `?` of half a pair, or bytes that are no UTF-8; the text is looked at before it gets there.
 * Source.   RFC 8259, section 8.2. */
#ifndef ALM_TRACES_SURROGATES_H
#define ALM_TRACES_SURROGATES_H

#include <stdbool.h>
#include <stddef.h>

/* All zero at the start of a text; carried from one block to the next. */
struct alm_surrogates {
    int state;     /* 0 outside of an escape, 1 after a backslash, 2 .. 5 before a hexadecimal digit */
    unsigned code; /* digits so far */
    bool high;     /* a low half must follow */
};

/* How many bytes of the block are good: SIZE, or up to where half of a pair is found alone. Other mistakes are the
 * parser's to find. */
size_t alm_surrogates_check(struct alm_surrogates *s, const char *text, size_t size);

#endif
