/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_source: see the header. */
#include "experiments/compare/compare_source.h"

#include "almanac/quantity.h"

#include <math.h>
#include <string.h>

size_t compare_figure_index(const struct compare_source *s, const char *name)
{
    size_t k = 0;
    while (k < s->figures && strcmp(s->figure[k].name, name) != 0)
        k++;
    return k;
}

int compare_direction(enum metrics_better better, double difference)
{
    if (better == METRICS_NEITHER || !(difference < 0 || difference > 0))
        return 0;
    return (difference < 0) == (better == METRICS_LOWER) ? 1 : -1;
}

static int amount_of(const struct compare_figure *f, const char *text, double *out, struct alm_err *e)
{
    if (strcmp(f->unit, "bytes") == 0) {
        int64_t bytes;
        ALM_TRY(alm_parse_bytes(text, &bytes, e));
        *out = (double)bytes;
        return ALM_OK;
    }
    return strcmp(f->unit, "cores") == 0 ? alm_parse_cores(text, out, e) : alm_parse_real(text, out, e);
}

int compare_tolerance_parse(const struct compare_figure *f, const char *text, struct compare_tolerance *out,
                            struct alm_err *e)
{
    size_t length = strlen(text);
    struct compare_tolerance t = {.amount = NAN, .relative = length > 0 && text[length - 1] == '%'};
    if (t.relative) {
        /* A fraction as of quantity.h ends at 100 %; a tolerance need not. */
        char number[64];
        if (length >= sizeof number)
            return alm_fail(e, ALM_EINVAL, "%s: tolerance \"%.40s...\" is too long", f->name, text);
        memcpy(number, text, length - 1);
        number[length - 1] = '\0';
        if (alm_parse_real(number, &t.amount, e) < 0)
            return alm_fail_in(e, "%s", f->name);
        t.amount /= 100;
    } else if (amount_of(f, text, &t.amount, e) < 0) {
        return alm_fail_in(e, "%s", f->name);
    }
    if (t.amount < 0)
        return alm_fail(e, ALM_EINVAL, "%s: tolerance \"%.40s\" is negative; 0 lets no change for the worse pass",
                        f->name, text);
    *out = t;
    return ALM_OK;
}
