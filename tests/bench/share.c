/* SPDX-License-Identifier: GPL-3.0-or-later
 * share: changes a second of one shared capacity, without contention, with it, and with all computed anew each time.
 *
 * Meaning.  A change is one set and one balance. Members have weight 1024, like cgroups without a request, and caps between
 *           0.1 and 4.1 cores; where they contend they want three times the capacity. "Off and on": a random member's cap
 *           goes to 0 and back, as when code begins and ends. */
#include "almanac/stream.h"

#include "bench.h"
#include "sim/share.h"

#include <stdlib.h>

enum { MEMBERS = 1000, DRAWS = 1 << 16 };

struct share_bench {
    struct sim_share share;
    int64_t *cap;
    uint32_t *draw;
    int64_t wanted;
};

static int open_bench(struct share_bench *b, uint32_t members, struct alm_err *e)
{
    struct alm_stream r = alm_stream_open(1, 0, "share");
    *b = (struct share_bench){.cap = calloc(members, sizeof *b->cap), .draw = calloc(DRAWS, sizeof *b->draw)};
    if (!b->cap || !b->draw)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %u members", members);
    ALM_TRY(sim_share_init(&b->share, INT64_MAX, e));
    for (uint32_t i = 0; i < members; i++) {
        uint32_t member = 0;
        ALM_TRY(sim_share_join(&b->share, &member, e));
        b->cap[i] = 100000000 + (int64_t)alm_stream_below(&r, 4000000000);
        b->wanted += b->cap[i];
        sim_share_set(&b->share, i, 1024, 0, b->cap[i]);
    }
    for (int k = 0; k < DRAWS; k++)
        b->draw[k] = (uint32_t)alm_stream_below(&r, members);
    return 0;
}

static void close_bench(struct share_bench *b)
{
    sim_share_fini(&b->share);
    free(b->cap);
    free(b->draw);
}

static int off_and_on(struct share_bench *b, int64_t capacity, int changes, bool anew, struct alm_err *e)
{
    const uint32_t *moved;
    sim_share_set_capacity(&b->share, capacity);
    sim_share_balance(&b->share, &moved);
    for (int k = 0; k < changes; k++) {
        uint32_t i = b->draw[k % DRAWS];
        sim_share_set(&b->share, i, 1024, 0, b->share.member[i].cap ? 0 : b->cap[i]);
        sim_share_balance(&b->share, &moved);
        if (anew)
            ALM_TRY(sim_share_verify(&b->share, e));
    }
    return 0;
}

static int run_free(void *ctx, double *amount, struct alm_err *e)
{
    struct share_bench *b = ctx;
    *amount = 20000;
    return off_and_on(b, 3 * b->wanted, 20000000, false, e);
}

static int run_contended(void *ctx, double *amount, struct alm_err *e)
{
    struct share_bench *b = ctx;
    *amount = 3000;
    return off_and_on(b, b->wanted / 3, 3000000, false, e);
}

static int run_anew(void *ctx, double *amount, struct alm_err *e)
{
    struct share_bench *b = ctx;
    *amount = 5;
    return off_and_on(b, b->wanted / 3, 5000, true, e);
}

static int compare(struct share_bench b[3], struct alm_err *e)
{
    static const uint32_t members[3] = {10, MEMBERS, 100 * MEMBERS};
    for (int i = 0; i < 3; i++)
        ALM_TRY(open_bench(&b[i], members[i], e));
    struct bench_subject subject[] = {
        {.name = "1 000 contend", .run = run_contended, .ctx = &b[1]},
        {.name = "10 contend", .run = run_contended, .ctx = &b[0]},
        {.name = "100 000 contend", .run = run_contended, .ctx = &b[2]},
        {.name = "1 000, the caps fit", .run = run_free, .ctx = &b[1]},
        {.name = "1 000 contend, all computed anew", .run = run_anew, .ctx = &b[1]},
    };
    size_t n = sizeof subject / sizeof *subject;
    ALM_TRY(bench_take_turns(subject, n, e));
    bench_print("share: set and balance", "thousand/s", subject, n);
    return 0;
}

int bench_share(const struct bench_options *o, struct alm_err *e)
{
    (void)o;
    struct share_bench b[3] = {0};
    int rc = compare(b, e);
    for (int i = 0; i < 3; i++)
        close_bench(&b[i]);
    return rc;
}
