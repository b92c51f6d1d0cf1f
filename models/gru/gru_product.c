/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_product: four rows of A by two vectors of B at a time. The header says what.
 *
 * Choice.   Eight sums go side by side in registers, so that none waits for its last addition and each number of B serves four rows. */
#include "gru_product.h"

#include "vector.h"

/* Rows I .. I + 3 and columns J .. J + 2 * LANES - 1 of C. */
#define BLOCK(name, with, type, lanes)                                                                                 \
    with static void name(size_t n, size_t k, const double *a, size_t lda, const double *b, int add, double *c)        \
    {                                                                                                                  \
        type s[8] = {{0}};                                                                                             \
        for (int row = 0; row < 4 && add; row++) {                                                                     \
            s[2 * row] = VECTOR_LOAD(type, c + (size_t)row * n);                                                       \
            s[2 * row + 1] = VECTOR_LOAD(type, c + (size_t)row * n + (lanes));                                         \
        }                                                                                                              \
        type s0 = s[0], s1 = s[1], s2 = s[2], s3 = s[3], s4 = s[4], s5 = s[5], s6 = s[6], s7 = s[7];                   \
        for (size_t l = 0; l < k; l++) {                                                                               \
            const type left = VECTOR_LOAD(type, b + l * n), right = VECTOR_LOAD(type, b + l * n + (lanes));            \
            s0 += a[l] * left;                                                                                         \
            s1 += a[l] * right;                                                                                        \
            s2 += a[lda + l] * left;                                                                                   \
            s3 += a[lda + l] * right;                                                                                  \
            s4 += a[2 * lda + l] * left;                                                                               \
            s5 += a[2 * lda + l] * right;                                                                              \
            s6 += a[3 * lda + l] * left;                                                                               \
            s7 += a[3 * lda + l] * right;                                                                              \
        }                                                                                                              \
        VECTOR_STORE(type, c, s0);                                                                                     \
        VECTOR_STORE(type, c + (lanes), s1);                                                                           \
        VECTOR_STORE(type, c + n, s2);                                                                                 \
        VECTOR_STORE(type, c + n + (lanes), s3);                                                                       \
        VECTOR_STORE(type, c + 2 * n, s4);                                                                             \
        VECTOR_STORE(type, c + 2 * n + (lanes), s5);                                                                   \
        VECTOR_STORE(type, c + 3 * n, s6);                                                                             \
        VECTOR_STORE(type, c + 3 * n + (lanes), s7);                                                                   \
    }

BLOCK(block_2, , vector_2, 2)
#ifdef VECTOR_4
BLOCK(block_4, WITH_VECTOR_4, vector_4, 4)
#endif

typedef void block_function(size_t n, size_t k, const double *a, size_t lda, const double *b, int add, double *c);

/* One number of C. */
static void single(size_t n, size_t k, const double *a, const double *b, int add, double *c)
{
    double sum = add ? *c : 0;
    for (size_t l = 0; l < k; l++)
        sum += a[l] * b[l * n];
    *c = sum;
}

void gru_product(size_t m, size_t n, size_t k, const double *a, size_t lda, const double *b, int add, double *c)
{
    block_function *wide = block_2;
    size_t width = 4;
#ifdef VECTOR_4
    if (vector_4_here()) {
        wide = block_4;
        width = 8;
    }
#endif
    size_t i = 0;
    for (; i + 4 <= m; i += 4) {
        size_t j = 0;
        for (; j + width <= n; j += width)
            wide(n, k, a + i * lda, lda, b + j, add, c + i * n + j);
        for (; j + 4 <= n; j += 4)
            block_2(n, k, a + i * lda, lda, b + j, add, c + i * n + j);
        for (; j < n; j++)
            for (size_t row = i; row < i + 4; row++)
                single(n, k, a + row * lda, b + j, add, c + row * n + j);
    }
    for (; i < m; i++)
        for (size_t j = 0; j < n; j++)
            single(n, k, a + i * lda, b + j, add, c + i * n + j);
}
