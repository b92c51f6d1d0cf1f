/* SPDX-License-Identifier: GPL-3.0-or-later
 * loop_codes: which units run the same code.
 *
 * Choice.   Numbers follow the order in which codes first appear, so they depend on the list of units alone. A unit whose code is not
 *           known is a code of its own. */
#include "loop_state.h"

#include <stdlib.h>
#include <string.h>

struct named {
    const char *code;
    uint32_t unit;
};

static int by_code(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    const int order = strcmp(x->code, y->code);
    return order ? order : (x->unit > y->unit) - (x->unit < y->unit);
}

/* Units of one code stand together, the first of them first: let each point to that one. */
static void point_to_first(struct named *named, size_t n, uint32_t *first)
{
    qsort(named, n, sizeof *named, by_code);
    for (size_t k = 0; k < n; k++) {
        const bool same = k > 0 && named[k].code[0] && strcmp(named[k].code, named[k - 1].code) == 0;
        first[named[k].unit] = same ? first[named[k - 1].unit] : named[k].unit;
    }
}

int alm__loop_number_codes(struct alm__loop *l, struct alm_err *e)
{
    struct named *named = malloc(l->units * sizeof *named);
    l->code = malloc(l->units * sizeof *l->code);
    if (!named || !l->code) {
        free(named);
        return alm_fail(e, ALM_ENOMEM, "out of memory for the codes of %zu units", l->units);
    }
    for (size_t i = 0; i < l->units; i++)
        named[i] = (struct named){l->unit[i].code, (uint32_t)i};
    point_to_first(named, l->units, l->code);
    free(named);
    for (uint32_t i = 0; i < l->units; i++) /* the first of a code comes before the others */
        l->code[i] = l->code[i] == i ? (uint32_t)l->env.codes++ : l->code[l->code[i]];
    l->env.code = l->code;
    l->env.units = l->units;
    return ALM_OK;
}
