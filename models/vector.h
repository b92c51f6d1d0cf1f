/* SPDX-License-Identifier: GPL-3.0-or-later
 * vector: numbers that are computed with at once, four where the machine can, else two.
 *
 * Meaning.  A loop that is worth it is written once as a macro over the type and made into two functions: one of `vector_2` for any machine,
 *           one of `vector_4`, WITH_VECTOR_4, that is called when vector_4_here().
 * Choice.   Chosen while running, so that one program serves all machines. Both do the same operations on each number in the same order, and
 *           products are not fused with sums (-ffp-contract=off): so both give the same bits. Functions, not types wider than the machine's
 *           registers: gcc 12 keeps these in memory. */
#ifndef ALM_MODELS_VECTOR_H
#define ALM_MODELS_VECTOR_H

#include <stdbool.h>

typedef double vector_2 __attribute__((vector_size(16), aligned(8), may_alias));

#define VECTOR_LOAD(type, at) (*(const type *)(const void *)(at))
#define VECTOR_STORE(type, at, value) (*(type *)(void *)(at) = (value))

#if defined(__x86_64__) && defined(__GNUC__)
typedef double vector_4 __attribute__((vector_size(32), aligned(8), may_alias));
#define WITH_VECTOR_4 __attribute__((target("avx2")))

static inline bool vector_4_here(void)
{
    return __builtin_cpu_supports("avx2");
}
#define VECTOR_4 1
#endif

#endif
