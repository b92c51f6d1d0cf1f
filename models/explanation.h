/* SPDX-License-Identifier: GPL-3.0-or-later
 * explanation: one line of text about what a unit's state holds, put together piece by piece.
 *
 * Meaning.  What does not fit is cut at a character; after that nothing is added. What is no UTF-8 and what would not stay on the line
 *           (names come from traces) is shown as '?'. */
#ifndef ALM_MODELS_EXPLANATION_H
#define ALM_MODELS_EXPLANATION_H

#include <stdbool.h>
#include <stddef.h>

struct explanation {
    char *text;
    size_t size, used; /* size: at least 1 */
    bool cut;
};

static inline struct explanation explanation_begin(char *text, size_t size)
{
    *text = '\0';
    return (struct explanation){.text = text, .size = size};
}

void explanation_add(struct explanation *x, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
