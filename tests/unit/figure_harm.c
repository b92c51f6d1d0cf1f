/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: has zero a place on the axis of harm, is the smallest harm told from it, and is an axis without harm one at all? */
#include "experiments/figure_harm.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The tics of an axis with harms from LEAST to MOST. To be freed. */
static char *tics(struct alm__harm *h, double least, double most)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    alm__harm_take(h, 0, 0);
    alm__harm_take(h, most, most);
    alm__harm_take(h, least, least);
    alm__harm_close(h);
    alm__harm_tics(out, h);
    fclose(out);
    return text;
}

/* asinh(1) = 0.881374, asinh(10) = 2.99822, asinh(100) = 5.29834; asinh(300) = 6.39693. */
Test(figure_harm, decades_from_the_smallest_on)
{
    struct alm__harm h = {.finest = 1e-4, .stretch = 1.1, .room = 0.2, .limit = 100};
    char *text = tics(&h, 0.2, 30);
    cr_assert_float_eq(h.unit, 0.1, 1e-12);
    cr_assert_float_eq(h.top, 1.1 * 6.39693 + 0.2, 1e-4);
    cr_assert_str_eq(text, "set ytics (\"0\" 0, \"0.1\" 0.881374 0, \"1\" 2.99822 0, \"10\" 5.29834 0)");
    cr_assert_eq(alm__harm_at(&h, 0), 0);
    cr_assert_eq(alm__harm_at(&h, -1), 0);
    free(text);
}

/* asinh(2) = 1.44364. */
Test(figure_harm, tics_within_few_decades_have_labels)
{
    struct alm__harm h = {.finest = 1e-4, .stretch = 1, .room = 0, .limit = INFINITY, .between = true};
    char *text = tics(&h, 1, 2.5);
    cr_assert_str_eq(text, "set ytics (\"0\" 0, \"1\" 0.881374 0, \"2\" 1.44364 0)");
    free(text);
}

Test(figure_harm, what_is_too_small_is_as_zero)
{
    struct alm__harm h = {.finest = 1e-4, .stretch = 1, .room = 0, .limit = 100};
    free(tics(&h, 1e-12, 50));
    cr_assert_float_eq(h.unit, 1e-3, 1e-9, "50e-4 begins with the decade 1e-3");
}

Test(figure_harm, no_harm_at_all)
{
    struct alm__harm h = {.finest = 1e-4, .stretch = 1.1, .room = 0.2, .limit = 100};
    char *text = tics(&h, 0, 0);
    cr_assert(h.unit == 1 && h.top == 1);
    cr_assert_str_eq(text, "set ytics (\"0\" 0, \"1\" 0.881374 0)");
    free(text);
}
