/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_pack: do the two numbers hold the least possible one between them, is the upper one first-fit-decreasing, and does a
 * sum that fits exactly fit?
 *
 * Choice.   The least number comes from all partitions of up to eight units, by sets; first-fit-decreasing from a plain scan. */
#include "experiments/planner/planner_pack.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdlib.h>

static struct planner_packed pack(const struct planner_size *size, size_t n, struct planner_size capacity)
{
    struct planner_pack *p;
    struct alm_err e = {0};
    cr_assert_eq(planner_pack_new(n, capacity, &p, &e), ALM_OK, "%s", e.text);
    struct planner_packed out = planner_pack(p, size, n);
    planner_pack_free(p);
    return out;
}

static bool together(const struct planner_size *size, unsigned set, struct planner_size capacity)
{
    for (int r = 0; r < 2; r++) {
        int64_t sum = 0;
        for (unsigned i = 0; i < 8; i++)
            sum += set & 1u << i ? size[i].of[r] : 0;
        if (sum > capacity.of[r])
            return false;
    }
    return true;
}

/* least[set] = 1 + least[set - subset] over the subsets that fit one machine. */
static unsigned least(const struct planner_size *size, unsigned n, struct planner_size capacity)
{
    unsigned best[256] = {0};
    for (unsigned set = 1; set < 1u << n; set++) {
        best[set] = 99;
        for (unsigned sub = set; sub; sub = (sub - 1) & set)
            if (together(size, sub, capacity) && best[set ^ sub] + 1 < best[set])
                best[set] = best[set ^ sub] + 1;
    }
    return best[(1u << n) - 1];
}

/* 3000 fleets of 1 to 8 units, seed 11: every one must hold. That the packing is nearly always the best one is not promised by
 * anybody, but a packer that wastes machines would show. */
Test(planner_pack, holds_the_least_number)
{
    struct alm_stream s = alm_stream_open(11, 0, "planner_pack");
    const struct planner_size capacity = {{100, 1000}};
    unsigned best = 0, tight = 0, cases = 3000;
    for (unsigned k = 0; k < cases; k++) {
        struct planner_size size[8] = {0};
        unsigned n = 1 + (unsigned)alm_stream_below(&s, 8);
        for (unsigned i = 0; i < n; i++)
            size[i] = (struct planner_size){
                {1 + (int64_t)alm_stream_below(&s, 100), 1 + (int64_t)alm_stream_below(&s, 10 + 990 * (k % 2))}};
        struct planner_packed got = pack(size, n, capacity);
        unsigned want = least(size, n, capacity);
        cr_assert_leq(got.low, want, "case %u: the bound is %u, and %u machines do", k, got.low, want);
        cr_assert_geq(got.high, want, "case %u: packed on %u machines, and %u are needed", k, got.high, want);
        best += got.high == want;
        tight += got.low == want;
    }
    cr_expect_geq(best, cases * 95 / 100, "the packing was the best in %u of %u cases", best, cases);
    cr_expect_geq(tight, cases / 2, "the bound was tight in %u of %u cases", tight, cases);
}

static const struct planner_size *sorted_size;
static struct planner_size sorted_capacity;

static int by_share(const void *a, const void *b)
{
    const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    double share[2], sum[2];
    for (int k = 0; k < 2; k++) {
        const struct planner_size *s = &sorted_size[k ? y : x];
        double cpu = (double)s->of[0] / (double)sorted_capacity.of[0],
               memory = (double)s->of[1] / (double)sorted_capacity.of[1];
        share[k] = cpu > memory ? cpu : memory;
        sum[k] = cpu + memory;
    }
    if (share[0] != share[1])
        return share[0] > share[1] ? -1 : 1;
    if (sum[0] != sum[1])
        return sum[0] > sum[1] ? -1 : 1;
    return (x > y) - (x < y);
}

static unsigned plain_first_fit(const struct planner_size *size, unsigned n, struct planner_size capacity)
{
    unsigned *order = calloc(n, sizeof *order), used = 0;
    struct planner_size *left = calloc(n, sizeof *left);
    for (unsigned i = 0; i < n; i++)
        order[i] = i;
    sorted_size = size;
    sorted_capacity = capacity;
    qsort(order, n, sizeof *order, by_share);
    for (unsigned k = 0; k < n; k++) {
        const struct planner_size *s = &size[order[k]];
        unsigned m = 0;
        while (m < used && (s->of[0] > left[m].of[0] || s->of[1] > left[m].of[1]))
            m++;
        if (m == used)
            left[used++] = capacity;
        left[m].of[0] -= s->of[0];
        left[m].of[1] -= s->of[1];
    }
    free(order);
    free(left);
    return used;
}

Test(planner_pack, the_tree_finds_the_first_machine_with_room)
{
    struct alm_stream s = alm_stream_open(12, 0, "planner_pack");
    const struct planner_size capacity = {{64000, 274877906944}};
    for (unsigned k = 0; k < 40; k++) {
        unsigned n = 1 + (unsigned)alm_stream_below(&s, 700);
        struct planner_size *size = calloc(n, sizeof *size);
        for (unsigned i = 0; i < n; i++)
            size[i] = (struct planner_size){{(int64_t)(1 + alm_stream_below(&s, 64000 >> (k % 6))),
                                             (int64_t)(1 + alm_stream_below(&s, 274877906944 >> (k % 5)))}};
        cr_assert_eq(pack(size, n, capacity).high, plain_first_fit(size, n, capacity), "fleet %u of %u units", k, n);
        free(size);
    }
}

Test(planner_pack, what_fits_exactly_fits)
{
    struct planner_size tenth[30], half[4] = {{{50, 1}}, {{50, 1}}, {{50, 1}}, {{50, 1}}};
    for (int i = 0; i < 30; i++)
        tenth[i] = (struct planner_size){{10, 100}};
    cr_expect_eq(pack(tenth, 30, (struct planner_size){{100, 1000}}).high, 3);
    cr_expect_eq(pack(tenth, 30, (struct planner_size){{99, 1000}}).high, 4, "nine on each of three, three left");
    cr_expect_eq(pack(half, 4, (struct planner_size){{100, 1000}}).high, 2);
}

Test(planner_pack, large_units_raise_the_bound)
{
    /* 3 x 51 % is 153 %: the total says two machines, yet no two fit together. */
    const struct planner_size size[3] = {{{51, 1}}, {{51, 1}}, {{51, 1}}};
    struct planner_packed got = pack(size, 3, (struct planner_size){{100, 1000}});
    cr_expect_eq(got.low, 3);
    cr_expect_eq(got.high, 3);
    /* 5 / 2 is 2: units of 3 are large, units of 2 are not. */
    const struct planner_size odd[2] = {{{2, 1}}, {{2, 1}}};
    cr_expect_eq(pack(odd, 2, (struct planner_size){{5, 1000}}).low, 1);
}

Test(planner_pack, a_unit_larger_than_a_machine_is_told)
{
    const struct planner_size size[4] = {{{150, 1}}, {{1, 1001}}, {{0, 0}}, {{60, 600}}};
    struct planner_packed got = pack(size, 4, (struct planner_size){{100, 1000}});
    cr_expect_eq(got.too_large, 2);
    cr_expect_eq(got.high, 3);
    cr_expect_eq(got.low, 3);
}

Test(planner_pack, nothing_needs_nothing)
{
    const struct planner_size size[2] = {{{0, 0}}, {{0, 0}}};
    struct planner_packed got = pack(size, 2, (struct planner_size){{100, 1000}});
    cr_expect(got.low == 0 && got.high == 0 && got.too_large == 0);
}
