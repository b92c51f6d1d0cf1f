/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression_loops: each loop for two numbers at once and for four (vector.h). The header says what they do.
 *
 * Choice.   Four vectors go side by side, since one waits for its last sum. What four times four numbers leave over is one block, for the
 *           narrow function. A weighted sum has eight parts, whatever the width. */
#include "quantile_regression_loops.h"

#include "quantile_regression_vertex.h"
#include "vector.h"

#include <math.h>

/* OUT[m] = FROM[m] (NULL: zeros) + SIGN * X FACTOR; M a multiple of 4 * LANES. */
#define COMBINE(name, with, type, lanes)                                                                               \
    with static void name(const double *x, size_t ld, size_t p, const double *from, double sign, const double *factor, \
                          double *out, size_t m)                                                                       \
    {                                                                                                                  \
        for (size_t i = 0; i < m; i += 4 * (lanes)) {                                                                  \
            const double *at = x + i;                                                                                  \
            type a = {0}, b = a, c = a, d = a;                                                                         \
            if (from) {                                                                                                \
                a = VECTOR_LOAD(type, from + i);                                                                       \
                b = VECTOR_LOAD(type, from + i + (lanes));                                                             \
                c = VECTOR_LOAD(type, from + i + 2 * (lanes));                                                         \
                d = VECTOR_LOAD(type, from + i + 3 * (lanes));                                                         \
            }                                                                                                          \
            for (size_t j = 0; j < p; j++, at += ld) {                                                                 \
                const double f = sign * factor[j];                                                                     \
                a += f * VECTOR_LOAD(type, at);                                                                        \
                b += f * VECTOR_LOAD(type, at + (lanes));                                                              \
                c += f * VECTOR_LOAD(type, at + 2 * (lanes));                                                          \
                d += f * VECTOR_LOAD(type, at + 3 * (lanes));                                                          \
            }                                                                                                          \
            VECTOR_STORE(type, out + i, a);                                                                            \
            VECTOR_STORE(type, out + i + (lanes), b);                                                                  \
            VECTOR_STORE(type, out + i + 2 * (lanes), c);                                                              \
            VECTOR_STORE(type, out + i + 3 * (lanes), d);                                                              \
        }                                                                                                              \
    }

/* PART[k] = the sum of column * weight over rows k, k + 8, ..; M a multiple of 8, A .. D being 8 numbers of one row of vectors. */
#define WEIGHTED(name, with, type, lanes)                                                                              \
    with static double name(const double *column, const double *weight, size_t m)                                      \
    {                                                                                                                  \
        enum { VECTORS = 8 / (lanes) };                                                                                \
        type part[VECTORS] = {{0}};                                                                                    \
        type a = {0}, b = a, c = a, d = a;                                                                             \
        for (size_t i = 0; i < m; i += 8) {                                                                            \
            a += VECTOR_LOAD(type, weight + i) * VECTOR_LOAD(type, column + i);                                        \
            b += VECTOR_LOAD(type, weight + i + (lanes)) * VECTOR_LOAD(type, column + i + (lanes));                    \
            if (VECTORS == 2)                                                                                          \
                continue;                                                                                              \
            c += VECTOR_LOAD(type, weight + i + 4) * VECTOR_LOAD(type, column + i + 4);                                \
            d += VECTOR_LOAD(type, weight + i + 6) * VECTOR_LOAD(type, column + i + 6);                                \
        }                                                                                                              \
        part[0] = a;                                                                                                   \
        part[1] = b;                                                                                                   \
        if (VECTORS == 4) {                                                                                            \
            part[VECTORS - 2] = c;                                                                                     \
            part[VECTORS - 1] = d;                                                                                     \
        }                                                                                                              \
        double total = 0;                                                                                              \
        for (int k = 0; k < 8; k++)                                                                                    \
            total += part[k / (lanes)][k % (lanes)];                                                                   \
        return total;                                                                                                  \
    }

/* TO[n] = FROM[n] + FACTOR * WITH[n]; WITH NULL: FACTOR * FROM[n]. N a multiple of LANES. */
#define ADVANCE(name, with, type, lanes)                                                                               \
    with static void name(const double *from, double factor, const double *other, double *to, size_t n)                \
    {                                                                                                                  \
        for (size_t i = 0; i < n && other; i += (lanes))                                                               \
            VECTOR_STORE(type, to + i, VECTOR_LOAD(type, from + i) + factor * VECTOR_LOAD(type, other + i));           \
        for (size_t i = 0; i < n && !other; i += (lanes))                                                              \
            VECTOR_STORE(type, to + i, factor * VECTOR_LOAD(type, from + i));                                          \
    }

/* The largest |value|, NaN when one is not finite; N a multiple of LANES. */
#define LARGEST(name, with, type, lanes)                                                                               \
    with static double name(const double *value, size_t n)                                                             \
    {                                                                                                                  \
        type largest = {0}, poison = {0};                                                                              \
        typedef __typeof__(largest > poison) bits;                                                                     \
        for (size_t i = 0; i < n; i += (lanes)) {                                                                      \
            const type v = VECTOR_LOAD(type, value + i);                                                               \
            const bits size = (bits)v & 0x7fffffffffffffff, larger = (type)size > largest;                             \
            largest = (type)((size & larger) | ((bits)largest & ~larger));                                             \
            poison += 0 * v;                                                                                           \
        }                                                                                                              \
        double all = 0, bad = 0;                                                                                       \
        for (int k = 0; k < (lanes); k++) {                                                                            \
            all = all > largest[k] ? all : largest[k];                                                                 \
            bad += poison[k];                                                                                          \
        }                                                                                                              \
        return all + bad;                                                                                              \
    }

COMBINE(combine_2, , vector_2, 2)
WEIGHTED(weighted_2, , vector_2, 2)
ADVANCE(advance_2, , vector_2, 2)
LARGEST(largest_2, , vector_2, 2)
#ifdef VECTOR_4
COMBINE(combine_4, WITH_VECTOR_4, vector_4, 4)
WEIGHTED(weighted_4, WITH_VECTOR_4, vector_4, 4)
ADVANCE(advance_4, WITH_VECTOR_4, vector_4, 4)
LARGEST(largest_4, WITH_VECTOR_4, vector_4, 4)
#endif

static void combine(const double *x, size_t ld, size_t p, const double *from, double sign, const double *factor,
                    double *out, size_t m)
{
    size_t done = 0;
#ifdef VECTOR_4
    if (vector_4_here()) {
        done = m / 16 * 16;
        combine_4(x, ld, p, from, sign, factor, out, done);
    }
#endif
    combine_2(x + done, ld, p, from ? from + done : NULL, sign, factor, out + done, m - done);
}

static void advance(const double *from, double factor, const double *other, double *to, size_t n)
{
    size_t done = 0;
#ifdef VECTOR_4
    if (vector_4_here()) {
        done = n / 4 * 4;
        advance_4(from, factor, other, to, done);
    }
#endif
    advance_2(from + done, factor, other ? other + done : NULL, to + done, (n - done) / 2 * 2);
}

void rq_residuals(const double *x, size_t ld, size_t p, const double *y, const double *b, double *r, size_t m)
{
    combine(x, ld, p, y, -1, b, r, m);
}

void rq_along(const double *x, size_t ld, size_t p, const double *edge, double *s, size_t m)
{
    combine(x, ld, p, NULL, 1, edge, s, m);
}

void rq_advance(double *r, const double *s, double t, size_t m)
{
    advance(r, -t, s, r, m);
    if (m % 2)
        r[m - 1] -= t * s[m - 1];
}

double rq_weighted(const double *column, const double *weight, size_t m)
{
#ifdef VECTOR_4
    if (vector_4_here())
        return weighted_4(column, weight, m);
#endif
    return weighted_2(column, weight, m);
}

void rq_scaled(const double *from, double scale, double *to, size_t n)
{
    advance(from, scale, NULL, to, n);
    if (n % 2)
        to[n - 1] = from[n - 1] * scale;
}

double rq_largest(const double *value, size_t n)
{
    size_t done = 0;
    double largest = 0;
#ifdef VECTOR_4
    if (vector_4_here()) {
        done = n / 4 * 4;
        largest = largest_4(value, done);
    }
#endif
    const double rest = largest_2(value + done, (n - done) / 2 * 2);
    const double last = n % 2 ? fabs(value[n - 1]) : 0;
    return (largest > rest ? largest > last ? largest : last : rest > last ? rest : last) + 0 * (largest + rest + last);
}
