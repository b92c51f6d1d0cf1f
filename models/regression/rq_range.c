/* SPDX-License-Identifier: GPL-3.0-or-later
 * rq_range: what is fitted when. The header says why. */
#include "rq_range.h"

#include "almanac/envelope.h"
#include "almanac/resource.h"

#include <math.h>
#include <string.h>

#define DOUBLED 0.69314718055994531 /* log 2 */
#define MOVED 1e-7                  /* between responses that are equal */
#define WIDER 1e-6                  /* what is equal to a row of the plane is to be inside */

size_t rq_range_size(const struct rq_range_shape *s)
{
    return sizeof(struct rq_range) + rq_window_size(s->rows, s->columns, 2);
}

static struct rq_window *window_of(struct rq_range *r)
{
    return (struct rq_window *)(void *)(r + 1);
}

static const struct rq_window *window_in(const struct rq_range *r)
{
    return (const struct rq_window *)(const void *)(r + 1);
}

void rq_range_init(struct rq_range *r, const struct rq_range_shape *s)
{
    *r = (struct rq_range){0};
    rq_window_init(window_of(r), s->rows, s->columns, 2);
}

/* The level to fit through P of N rows so that a new row is below it with the chance LEVEL. */
static double level_to_fit(double level, double p, double n)
{
    return level + (level - 0.5) * p / n;
}

/* Whether N rows can bear the lower level with P columns. */
static bool bears_low(const struct rq_range_shape *s, double p, double n)
{
    return n * level_to_fit(alm_lower_tail(s->tau), p, n) >= 0.5 - 1e-9;
}

/* The same of the upper level: below the largest of N rows; with more columns than one, well below it. */
static bool bears_high(const struct rq_range_shape *s, double p, double n)
{
    return p > 1 ? n * (1 - s->tau) >= p - 1e-9 : (n + 1) * (1 - s->tau) >= 1 - 1e-9;
}

/* LEVEL[2]. A lower level that N rows cannot bear is fitted below all of them, and not looked at. */
static void levels_of(const struct rq_range_shape *s, double p, double n, double *level)
{
    level[0] = bears_low(s, p, n) ? level_to_fit(alm_lower_tail(s->tau), p, n) : 0.25 / n;
    level[1] = level_to_fit(s->tau, p, n);
}

static bool is_due(const struct rq_range_shape *s, uint32_t since, uint32_t count)
{
    const size_t sixteenth = count / 16 > 1 ? count / 16 : 1;
    return since >= (sixteenth < s->every ? sixteenth : s->every);
}

static int fit_constants(struct rq_range *r, const struct rq_range_shape *s, struct rq *work, struct alm_err *e)
{
    const struct rq_window *w = window_in(r);
    const struct rq_data d = {w->value, w->value + (size_t)w->rows * w->columns, w->rows, w->count, 1};
    double level[2], b[2];
    levels_of(s, 1, w->count, level);
    ALM_TRY(rq_fit_levels(work, &d, level, 2, b, NULL, e));
    r->low = b[0];
    r->high = b[1];
    r->constants = w->count;
    r->since_constants = 0;
    return ALM_OK;
}

static int fit_planes(struct rq_range *r, const struct rq_range_shape *s, struct rq *work, struct alm_err *e)
{
    struct rq_window *w = window_of(r);
    double level[2];
    levels_of(s, (double)s->columns, w->count, level);
    ALM_TRY(rq_window_refit(w, work, level, NULL, e));
    r->planes = w->count;
    return ALM_OK;
}

/* -1/2 .. 1/2, evenly: a Weyl sequence. */
static double part_of(uint32_t k)
{
    const double turns = k * 0.61803398874989485;
    return turns - floor(turns) - 0.5;
}

int rq_range_put(struct rq_range *r, const struct rq_range_shape *s, const double *x, double y, struct rq *work,
                 struct alm_err *e)
{
    struct rq_window *w = window_of(r);
    const double p = (double)s->columns;
    rq_window_put(w, x, y + MOVED * part_of(r->rows++));
    r->since_constants++;
    const bool planes = bears_high(s, p, w->count), constants = !planes || !bears_low(s, p, w->count);
    if (constants && bears_high(s, 1, w->count) && (!r->constants || is_due(s, r->since_constants, w->count)))
        ALM_TRY(fit_constants(r, s, work, e));
    return planes && is_due(s, w->since, w->count) ? fit_planes(r, s, work, e) : ALM_OK;
}

/* Too few to tell: twice the largest so far. */
static struct rq_range_answer of_few(const struct rq_window *w)
{
    const double *y = w->value + (size_t)w->rows * w->columns, n = w->count;
    struct rq_range_answer a = {.low = -INFINITY, .high = n > 0 ? y[0] : 0, .confidence = n / (n + 1)};
    for (size_t i = 1; i < w->count; i++)
        a.high = fmax(a.high, y[i]);
    a.high += DOUBLED;
    return a;
}

struct rq_range_answer rq_range_ask(const struct rq_range *r, const struct rq_range_shape *s, const double *x)
{
    const struct rq_window *w = window_in(r);
    if (!r->planes && !r->constants) {
        struct rq_range_answer few = of_few(w);
        few.confidence = fmin(few.confidence, s->tau);
        return few;
    }
    struct rq_range_answer a = {.low = -INFINITY, .high = r->high, .confidence = s->tau};
    if (r->constants && bears_low(s, 1, r->constants))
        a.low = r->low;
    if (!r->planes)
        return a;
    a.high = rq_predict(rq_window_coefficients(w, 1), x, s->columns);
    if (bears_low(s, (double)s->columns, r->planes))
        a.low = rq_predict(rq_window_coefficients(w, 0), x, s->columns);
    double q[2] = {a.low, a.high};
    rq_rearrange(q, 2);
    a.low = q[0];
    a.high = q[1];
    return a;
}

struct rq_amounts rq_amounts_of(const struct rq_range_answer *answer, double offset, double least, double most,
                                double resolution)
{
    const double high = fmin(fmax(offset + answer->high, least), most + DOUBLED);
    const double max = fmin(fmax(exp(high + WIDER) - resolution, 0), (double)ALM_AMOUNT_MAX);
    return (struct rq_amounts){.min = fmin(fmax(exp(offset + answer->low - WIDER) - resolution, 0), max),
                               .max = max,
                               .confidence = answer->confidence};
}

bool rq_range_sound(const void *bytes, const struct rq_range_shape *s)
{
    struct rq_range r;
    memcpy(&r, bytes, sizeof r);
    return r.planes <= s->rows && r.constants <= s->rows &&
           rq_window_sound((const char *)bytes + sizeof r, s->rows, s->columns, 2);
}
