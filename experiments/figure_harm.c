/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_harm: see the header. */
#include "experiments/figure_harm.h"

#include <math.h>

void alm__harm_take(struct alm__harm *h, double at, double high)
{
    if (at > 0 && (h->least <= 0 || at < h->least))
        h->least = at;
    h->most = fmax(h->most, high);
}

void alm__harm_close(struct alm__harm *h)
{
    const double least = h->least > 0 ? fmin(h->least, h->most) : h->most;
    h->unit = h->most > 0 ? pow(10, floor(log10(fmax(least, h->most * h->finest)))) : 1;
    h->top = h->most > 0 ? h->stretch * alm__harm_at(h, h->most) + h->room : 1;
}

double alm__harm_at(const struct alm__harm *h, double harm)
{
    return asinh(fmax(harm, 0) / h->unit);
}

void alm__harm_tics(FILE *out, const struct alm__harm *h)
{
    const bool few = alm__harm_at(h, 100 * h->unit) > h->top;
    fputs("set ytics (\"0\" 0", out);
    for (double decade = h->unit; decade <= h->limit && alm__harm_at(h, decade) <= h->top; decade *= 10)
        for (int k = 1; k < (h->between ? 10 : 2) && alm__harm_at(h, k * decade) <= h->top; k++) {
            const bool named = k == 1 || (few && (k == 2 || k == 5));
            char number[40] = "";
            if (named)
                snprintf(number, sizeof number, "%.6g", k * decade);
            fprintf(out, ", \"%s\" %.6g %d", number, alm__harm_at(h, k * decade), named ? 0 : 1);
        }
    fputs(")", out);
}
