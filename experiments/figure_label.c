/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_label: see the header.
 *
 * Choice.   Sixteen directions at five distances are tried for each label; covering a point or a label placed before
 *           costs its area, leaving the area costs ten times that, distance breaks ties. Greedy is enough for some
 *           forty labels. Widths are those of DejaVu Sans on the average: the exact ones are known to gnuplot alone. */
#include "experiments/figure_label.h"

#include <math.h>

#define LETTER 7.0
#define LINE 15.0
#define POINT 7.0
#define ARM 100.0 /* of an interval around a point, roughly */
#define DIRECTIONS 16

double alm__box_overlap(struct alm__box a, struct alm__box b)
{
    double w = fmin(a.right, b.right) - fmax(a.left, b.left), h = fmin(a.top, b.top) - fmax(a.bottom, b.bottom);
    return w > 0 && h > 0 ? w * h : 0;
}

static size_t letters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* The box of a label whose nearest edge lies DISTANCE from POINT in direction ANGLE. */
static struct alm__box box_at(struct alm__spot point, double width, double angle, double distance)
{
    double x = point.x + (distance + 0.5 * width) * cos(angle);
    double y = point.y + (distance + 0.5 * LINE) * sin(angle);
    if (fabs(cos(angle)) < 0.9 && fabs(cos(angle)) > 0.1) /* a slanted label begins or ends above its point */
        x = point.x + (cos(angle) > 0 ? 0.5 : -0.5) * width + distance * cos(angle);
    return (struct alm__box){x - 0.5 * width, y - 0.5 * LINE, x + 0.5 * width, y + 0.5 * LINE};
}

static double cost_of(struct alm__box box, const struct alm__label *label, size_t count, size_t self,
                      struct alm__box area)
{
    double cost = 10 * ((box.right - box.left) * LINE - alm__box_overlap(box, area));
    for (size_t i = 0; i < count; i++) {
        struct alm__spot p = label[i].point;
        struct alm__box dot = {p.x - POINT, p.y - POINT, p.x + POINT, p.y + POINT};
        struct alm__box wide = {p.x - ARM, p.y - 2, p.x + ARM, p.y + 2},
                        tall = {p.x - 2, p.y - ARM, p.x + 2, p.y + ARM};
        cost += 2 * alm__box_overlap(box, dot);
        cost += 0.5 * (alm__box_overlap(box, wide) + alm__box_overlap(box, tall)); /* intervals would strike it out */
        if (i < self)
            cost += alm__box_overlap(box, label[i].box);
    }
    return cost;
}

static void place(struct alm__label *label, size_t count, size_t self, struct alm__box area)
{
    static const double distances[] = {9, 18, 32, 50, 75};
    struct alm__label *l = &label[self];
    double width = LETTER * (double)letters(l->text), best = INFINITY;
    for (size_t d = 0; d < sizeof distances / sizeof *distances; d++)
        for (int k = 0; k < DIRECTIONS; k++) {
            double angle = 6.283185307179586 * k / DIRECTIONS;
            struct alm__box box = box_at(l->point, width, angle, distances[d]);
            double cost = cost_of(box, label, count, self, area) + 0.5 * distances[d] + 0.1 * k;
            if (cost >= best)
                continue;
            best = cost;
            l->box = box;
            l->line = d > 1;
        }
    l->anchor.x = fmin(fmax(l->point.x, l->box.left), l->box.right);
    l->anchor.y = fmin(fmax(l->point.y, l->box.bottom + 2), l->box.top - 2);
}

void alm__labels_place(struct alm__label *label, size_t count, struct alm__box area)
{
    for (size_t i = 0; i < count; i++)
        place(label, count, i, area);
}
