/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_pack: first-fit-decreasing over a tree of what is left.
 *
 * Choice.   The leaves of a binary tree are machines in order, each inner node has the most CPU and the most memory left below
 *           it; the first machine with room is found by going left wherever both might suffice. */
#include "experiments/planner/planner_pack.h"

#include <stdbool.h>
#include <stdlib.h>

struct item {
    struct planner_size size;
    double share, sum; /* of a machine: the larger of the two; both */
    uint32_t unit;
};

struct planner_pack {
    struct planner_size capacity;
    struct item *item;
    struct planner_size *left; /* [2 * leaves]: the tree, its root is 1 */
    size_t units, leaves;
};

int planner_pack_new(size_t units, struct planner_size capacity, struct planner_pack **out, struct alm_err *e)
{
    struct planner_pack *p = calloc(1, sizeof *p);
    size_t leaves = 1;
    while (leaves < units)
        leaves *= 2;
    if (p) {
        *p = (struct planner_pack){.capacity = capacity, .units = units, .leaves = leaves};
        p->item = calloc(units ? units : 1, sizeof *p->item);
        p->left = calloc(2 * leaves, sizeof *p->left);
    }
    if (!p || !p->item || !p->left) {
        planner_pack_free(p);
        return alm_fail(e, ALM_ENOMEM, "out of memory to pack %zu units", units);
    }
    *out = p;
    return ALM_OK;
}

void planner_pack_free(struct planner_pack *p)
{
    if (!p)
        return;
    free(p->item);
    free(p->left);
    free(p);
}

static int by_share(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->share != y->share)
        return x->share > y->share ? -1 : 1;
    if (x->sum != y->sum)
        return x->sum > y->sum ? -1 : 1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

static bool fits(const struct planner_size *size, const struct planner_size *room)
{
    return size->of[0] <= room->of[0] && size->of[1] <= room->of[1];
}

/* The first leaf below NODE with room for SIZE; 0 when there is none. */
static size_t first_fit(const struct planner_pack *p, size_t node, size_t leaves, const struct planner_size *size)
{
    if (!fits(size, &p->left[node]))
        return 0;
    if (node >= leaves)
        return node;
    size_t found = first_fit(p, 2 * node, leaves, size);
    return found ? found : first_fit(p, 2 * node + 1, leaves, size);
}

static void take(struct planner_pack *p, size_t leaf, const struct planner_size *size)
{
    for (int r = 0; r < 2; r++)
        p->left[leaf].of[r] -= size->of[r];
    for (size_t node = leaf / 2; node >= 1; node /= 2)
        for (int r = 0; r < 2; r++) {
            int64_t a = p->left[2 * node].of[r], b = p->left[2 * node + 1].of[r];
            p->left[node].of[r] = a > b ? a : b;
        }
}

/* Sort out what needs no room or more than there is; how many items are left. */
static size_t collect(struct planner_pack *p, const struct planner_size *size, size_t count, struct planner_packed *out)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (size[i].of[0] == 0 && size[i].of[1] == 0)
            continue;
        if (!fits(&size[i], &p->capacity)) {
            out->too_large++;
            continue;
        }
        double cpu = (double)size[i].of[0] / (double)p->capacity.of[0];
        double memory = (double)size[i].of[1] / (double)p->capacity.of[1];
        p->item[n++] = (struct item){size[i], cpu > memory ? cpu : memory, cpu + memory, (uint32_t)i};
    }
    return n;
}

static uint32_t lower_bound(const struct planner_pack *p, size_t n)
{
    uint64_t least = 0;
    for (int r = 0; r < 2; r++) {
        unsigned __int128 total = 0;
        uint64_t large = 0, capacity = (uint64_t)p->capacity.of[r];
        for (size_t i = 0; i < n; i++) {
            total += (uint64_t)p->item[i].size.of[r];
            large += (uint64_t)p->item[i].size.of[r] > capacity / 2; /* above a whole half, so above the half */
        }
        uint64_t whole = (uint64_t)((total + capacity - 1) / capacity);
        least = whole > least ? whole : least;
        least = large > least ? large : least;
    }
    return (uint32_t)least;
}

struct planner_packed planner_pack(struct planner_pack *p, const struct planner_size *size, size_t count)
{
    struct planner_packed out = {0};
    size_t n = collect(p, size, count, &out), leaves = 1, used = 0;
    while (leaves < n)
        leaves *= 2;
    qsort(p->item, n, sizeof *p->item, by_share);
    for (size_t i = 0; i < 2 * leaves; i++)
        p->left[i] = p->capacity;
    for (size_t i = 0; i < n; i++) {
        size_t leaf = first_fit(p, 1, leaves, &p->item[i].size);
        take(p, leaf, &p->item[i].size);
        used = leaf - leaves + 1 > used ? leaf - leaves + 1 : used;
    }
    out.low = lower_bound(p, n) + out.too_large;
    out.high = (uint32_t)used + out.too_large;
    return out;
}
