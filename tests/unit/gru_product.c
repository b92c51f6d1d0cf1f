/* SPDX-License-Identifier: GPL-3.0-or-later
 * Products of small matrices: the same bits as three plain loops, whatever the shape, and nothing beside the product is written. */
#include "almanac/stream.h"

#include "models/gru/gru_product.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MOST = 20, LDA = 23 };

static void check(size_t m, size_t n, size_t k, int add, struct alm_stream *s)
{
    double a[MOST * LDA], b[MOST * MOST], want[MOST * MOST + 1], got[MOST * MOST + 1];
    for (size_t i = 0; i < MOST * LDA; i++)
        a[i] = alm_stream_normal(s);
    for (size_t i = 0; i < MOST * MOST; i++) {
        b[i] = alm_stream_normal(s);
        want[i] = got[i] = alm_stream_normal(s);
    }
    want[m * n] = got[m * n] = 7;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = add ? want[i * n + j] : 0;
            for (size_t l = 0; l < k; l++)
                sum += a[i * LDA + l] * b[l * n + j];
            want[i * n + j] = sum;
        }
    gru_product(m, n, k, a, LDA, b, add, got);
    cr_assert_eq(memcmp(want, got, (m * n + 1) * sizeof *want), 0, "%zu x %zu x %zu, add %d", m, n, k, add);
}

Test(gru_product, is_three_loops)
{
    struct alm_stream s = alm_stream_open(20, 2, "product");
    for (size_t m = 1; m <= 9; m++)
        for (size_t n = 1; n <= MOST; n++)
            for (size_t k = 1; k <= MOST; k += 3)
                for (int add = 0; add < 2; add++)
                    check(m, n, k, add, &s);
}
