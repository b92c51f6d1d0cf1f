/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_misses: see the header. */
#include "experiments/figure_misses.h"

#include <math.h>
#include <stddef.h>

#define LEAST 1e-5 /* nobody tells 99.999 % from more */
#define ROOM 0.35

void alm__misses_take(struct alm__misses *m, double share)
{
    if (isnan(share))
        return;
    const double missed = fmin(fmax(1 - share, 0), 1);
    if (missed > LEAST / 2 && (m->unit <= 0 || missed < m->unit))
        m->unit = missed;
    m->least = m->any ? fmin(m->least, missed) : missed;
    m->any = true;
    m->most = fmax(m->most, missed);
}

void alm__misses_close(struct alm__misses *m)
{
    m->unit = m->unit > 0 ? pow(10, floor(log10(m->unit * 1.0001))) : 0.01;
    m->unit = fmin(fmax(m->unit, LEAST), 0.1);
    m->most = fmax(m->most, m->unit);
}

double alm__misses_at(const struct alm__misses *m, double share)
{
    return -asinh(fmin(fmax(1 - share, 0), 1) / m->unit);
}

double alm__misses_low(const struct alm__misses *m)
{
    return -asinh(m->most / m->unit) - ROOM;
}

double alm__misses_high(const struct alm__misses *m)
{
    return -asinh(m->least / m->unit) + ROOM;
}

#define TICS 24
#define FEW 3

/* Labels while they are placed. */
struct labels {
    FILE *out;
    const struct alm__misses *of;
    double low, high, step; /* of the axis; the least distance */
    double taken[TICS];
    size_t count;
    bool bare;
};

static void place(struct labels *l, double missed)
{
    const double at = alm__misses_at(l->of, 1 - missed);
    bool room = l->count < TICS && missed <= 1 && at >= l->low && at <= l->high;
    for (size_t i = 0; room && i < l->count; i++)
        room = fabs(at - l->taken[i]) >= l->step;
    if (!room)
        return;
    char label[32] = "";
    if (!l->bare)
        snprintf(label, sizeof label, "%.6g", 100 * (1 - missed));
    fprintf(l->out, "%s\"%s\" %.6g", l->count ? ", " : "", label, at);
    l->taken[l->count++] = at;
}

/* 1 to 9 of each decade and, with HALVES, 1.5 to 9.5. */
static void place_all(struct labels *l, bool halves)
{
    for (double decade = 0.1; decade > LEAST / 2; decade /= 10)
        for (int k = 1; k < 10; k++)
            place(l, decade * (k + (halves ? 0.5 : 0)));
}

void alm__misses_axis(FILE *out, const struct alm__misses *m, const char *axis, double length, double pitch, bool bare)
{
    /* In the order in which they get a place. */
    static const double usual[] = {0, 0.01, 0.1, 0.05, 0.5, 0.001, 1, 0.2, 0.02, 1e-4, 0.005, 0.3, 1e-5};
    struct labels l = {.out = out, .of = m, .low = alm__misses_low(m), .high = alm__misses_high(m), .bare = bare};
    l.step = pitch / length * (l.high - l.low);
    fprintf(out, "set %srange [%.6g:%.6g]\nset %stics (", axis, l.low, l.high, axis);
    for (size_t k = 0; k < sizeof usual / sizeof *usual; k++)
        place(&l, usual[k]);
    if (l.count < FEW)
        place_all(&l, false);
    if (l.count < FEW)
        place_all(&l, true);
    fputs(")\n", out);
}
