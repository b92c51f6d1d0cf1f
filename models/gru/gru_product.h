/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_product: a product of two small matrices.
 *
 * Choice.   Each sum is taken in the order of k, by one number after the other, as GSL's CBLAS does: so both give the same bits. */
#ifndef ALM_MODELS_GRU_PRODUCT_H
#define ALM_MODELS_GRU_PRODUCT_H

#include <stddef.h>

/* C [m][n] = A [m][k] B [k][n], added to what is in C where ADD; A's rows are LDA apart. */
void gru_product(size_t m, size_t n, size_t k, const double *a, size_t lda, const double *b, int add, double *c);

#endif
