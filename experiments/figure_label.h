/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_label: where the names of points go, so that they cover neither points nor one another. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_LABEL_H
#define ALMANAC_EXPERIMENTS_FIGURE_LABEL_H

#include <stdbool.h>
#include <stddef.h>

/* In pixels, y upward. */
struct alm__spot {
    double x, y;
};

struct alm__box {
    double left, bottom, right, top;
};

struct alm__label {
    const char *text; /* UTF-8, in font_small: 12 pixels */
    struct alm__spot point;
    bool grey;
    struct alm__box box;     /* out */
    struct alm__spot anchor; /* out: where a line from the point would end */
    bool line;               /* out: the label stands off, so it needs one */
};

/* Place LABEL[COUNT] inside AREA, one after the other, each where it covers least and lies nearest. O(COUNT^2). */
void alm__labels_place(struct alm__label *label, size_t count, struct alm__box area);

/* Area that A and B share. */
double alm__box_overlap(struct alm__box a, struct alm__box b);

#endif
