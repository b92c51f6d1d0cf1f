/* SPDX-License-Identifier: GPL-3.0-or-later
 * Does the incremental sharing give what the definition says, whatever came before, and tell exactly who changed?
 *
 * Known cases were worked out by hand. Random sequences are held against the conditions that only the max-min fair rates
 * fulfil, and against the plain water-filling. All is exact, so nothing here can fail by chance. */
#include "almanac/stream.h"

#include "sim/share.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 48, PROFILES = 6 };
#define FREE UINT32_MAX

struct terms {
    int64_t weight, floor, cap;
};

static uint32_t join(struct sim_share *s, struct terms t)
{
    struct alm_err e = {0};
    uint32_t member = FREE;
    cr_assert_eq(sim_share_join(s, &member, &e), ALM_OK, "%s", e.text);
    sim_share_set(s, member, t.weight, t.floor, t.cap);
    return member;
}

static void init(struct sim_share *s, int64_t capacity)
{
    struct alm_err e = {0};
    cr_assert_eq(sim_share_init(s, capacity, &e), ALM_OK, "%s", e.text);
}

static size_t balance(struct sim_share *s, const uint32_t **moved)
{
    struct alm_err e = {0};
    size_t n = sim_share_balance(s, moved);
    cr_assert_eq(sim_share_verify(s, &e), ALM_OK, "%s", e.text);
    return n;
}

static int64_t below(struct alm_stream *r, int64_t n)
{
    return (int64_t)alm_stream_below(r, (uint64_t)n);
}

/* ---- by hand ---- */

struct known {
    const char *name;
    int64_t capacity;
    struct terms terms[4];
    double level, rate[4];
    const char *regimes; /* f, l or c, one a member */
};

static const struct known cases[] = {
    {"one capped, one takes the rest", 10, {{1, 0, 4}, {1, 0, 20}}, 6, {4, 6}, "cl"},
    {"by weight", 30, {{1, 0, 100}, {2, 0, 100}}, 10, {10, 20}, "ll"},
    {"a floor above the level", 10, {{1, 6, 100}, {1, 0, 100}}, 4, {6, 4}, "fl"},
    {"the level on a cap", 10, {{1, 0, 5}, {1, 0, 100}}, 5, {5, 5}, "cl"},
    {"the level on a floor", 10, {{1, 5, 100}, {1, 0, 100}}, 5, {5, 5}, "fl"},
    {"floors cut", 6, {{1, 6, 9}, {7, 3, 3}, {1, 0, 0}}, 0, {4, 2, 0}, "fff"},
    {"floors just kept", 10, {{1, 2, 9}, {1, 8, 9}}, 2, {2, 8}, "ff"},
    {"between a cap and a floor", 10, {{1, 0, 4}, {1, 6, 100}}, 6, {4, 6}, "cf"},
    {"nothing to share", 0, {{1, 0, 5}, {3, 0, 0}}, 0, {0, 0}, "fc"},
    {"floor above cap, level higher", 10, {{1, 9, 3}, {1, 0, 100}}, 7, {3, 7}, "cl"},
    {"floor is the cap, level lower", 10, {{1, 8, 8}, {1, 0, 100}}, 2, {8, 2}, "fl"},
    {"the caps fit just", 10, {{1, 0, 4}, {5, 2, 6}}, INFINITY, {4, 6}, "cc"},
    {"thirds", 10, {{1, 0, 9}, {1, 0, 9}, {1, 0, 9}}, 10.0 / 3, {10.0 / 3, 10.0 / 3, 10.0 / 3}, "lll"},
    {"between 3/7 and 4/9", 7, {{7, 0, 3}, {9, 4, 9}}, 4.0 / 9, {3, 4}, "cf"},
    {"rounding would lead above the cap",
     541204766515674,
     {{944250, 0, 256656754680636}, {1046863, 0, SIM_SHARE_CAP_MAX}},
     541204766515674.0 / 1991113,
     {256656754680636, 284548011835038.06},
     "ll"},
    {"no bound", INT64_MAX, {{1, 0, SIM_SHARE_CAP_MAX}, {1, 5, 0}}, INFINITY, {0x1p50, 0}, "cc"},
};

static void check_known(const struct known *k)
{
    struct sim_share s;
    const uint32_t *moved;
    init(&s, k->capacity);
    size_t n = strlen(k->regimes);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(join(&s, k->terms[i]), i);
    balance(&s, &moved);
    cr_expect_eq(sim_share_level(&s), k->level, "%s: level %.17g", k->name, sim_share_level(&s));
    for (uint32_t i = 0; i < n; i++) {
        cr_expect_eq(sim_share_rate(&s, i), k->rate[i], "%s: rate %.17g of %u", k->name, sim_share_rate(&s, i), i);
        cr_expect_eq("flc"[sim_share_regime(&s, i)], k -> regimes[i], "%s: regime %d of %u", k->name,
                     sim_share_regime(&s, i), i);
    }
    sim_share_fini(&s);
}

Test(share, known_cases)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_known(&cases[i]);
}

Test(share, nobody)
{
    struct sim_share s;
    const uint32_t *moved;
    init(&s, 5);
    cr_expect_eq(balance(&s, &moved), 0);
    cr_expect_eq(sim_share_level(&s), INFINITY);
    cr_expect_not(sim_share_contended(&s));
    uint32_t a = join(&s, (struct terms){1, 0, 9});
    cr_expect(sim_share_contended(&s));
    cr_expect_eq(balance(&s, &moved), 1);
    sim_share_leave(&s, a);
    cr_expect_eq(balance(&s, &moved), 0, "who left is not told of");
    cr_expect_eq(join(&s, (struct terms){1, 0, 1}), a, "numbers are used again");
    cr_expect_eq(balance(&s, &moved), 0);
    sim_share_fini(&s);
    struct alm_err e = {0};
    cr_expect_eq(sim_share_init(&s, -1, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "-1") != NULL, "%s", e.text);
}

/* Capacity 12, caps 2 4 9 9: levels and lists by hand. */
Test(share, who_is_told)
{
    struct sim_share s;
    const uint32_t *moved;
    init(&s, 12);
    for (int i = 0; i < 4; i++)
        join(&s, (struct terms){1, 0, (const int64_t[]){2, 4, 9, 9}[i]});
    cr_assert_eq(balance(&s, &moved), 3, "2, 10/3, 10/3, 10/3"); /* all but the first leave their cap */
    cr_expect(moved[0] == 1 && moved[1] == 2 && moved[2] == 3);
    sim_share_set(&s, 0, 1, 0, 3);
    cr_expect_eq(balance(&s, &moved), 0, "3, 3, 3, 3: the first at cap as before, the others at another level");
    sim_share_set(&s, 0, 1, 0, 0);
    cr_assert_eq(balance(&s, &moved), 1, "0, 4, 4, 4");
    cr_expect_eq(moved[0], 1);
    sim_share_set(&s, 2, 1, 6, 9);
    sim_share_set(&s, 3, 1, 6, 9);
    cr_assert_eq(balance(&s, &moved), 3, "0, 0, 6, 6: the level is 0");
    sim_share_set(&s, 2, 1, 9, 9);
    cr_assert_eq(balance(&s, &moved), 4, "0, 0, 7.2, 4.8: floors are cut, so all are told");
    sim_share_set_capacity(&s, 100);
    cr_assert_eq(balance(&s, &moved), 4, "all at cap");
    sim_share_fini(&s);
}

/* ---- at random ---- */

struct crowd {
    struct sim_share s;
    struct terms terms[MEMBERS * 2]; /* by number */
    int regime[MEMBERS * 2];         /* after the last balance; -1: nobody */
    double factor;
    int64_t capacity;
    int live;
};

static struct terms draw(struct alm_stream *r, int profile)
{
    int64_t w = 1 + below(r, 3), k = below(r, 5);
    switch (profile) {
    case 0: /* ties: few values */
        return (struct terms){1, 10 * below(r, 2) * k, 10 * k};
    case 1: /* all orders of magnitude */
        return (struct terms){INT64_C(1) << below(r, 21), below(r, INT64_C(1) << below(r, 51)),
                              below(r, (INT64_C(1) << below(r, 51)) + 1)};
    case 2: /* floors that seldom fit */
        return (struct terms){w, 50 + below(r, 50), 60 + below(r, 100)};
    case 3: /* equal fractions of unequal numbers */
        return (struct terms){w << below(r, 4), w * k, w * (k + below(r, 3))};
    case 4: /* fractions that hardly differ */
        return (struct terms){SIM_SHARE_WEIGHT_MAX - below(r, 4), below(r, 3), 1 + below(r, 3)};
    default: /* nano-cores of a machine */
        return (struct terms){1024, below(r, 2) * 500000000, below(r, 5) ? below(r, INT64_C(4000000000)) : 0};
    }
}

static int64_t draw_capacity(struct alm_stream *r, const struct crowd *c)
{
    int64_t caps = 0, floors = 0;
    for (int i = 0; i < MEMBERS * 2; i++)
        if (c->regime[i] >= 0) {
            caps += c->terms[i].cap;
            floors += c->terms[i].floor < c->terms[i].cap ? c->terms[i].floor : c->terms[i].cap;
        }
    switch (below(r, 8)) {
    case 0:
        return caps;
    case 1:
        return floors;
    case 2:
        return INT64_MAX;
    case 3:
        return below(r, 3);
    default:
        return below(r, caps + caps / 8 + 1);
    }
}

static void change(struct crowd *c, struct alm_stream *r, int profile)
{
    uint32_t at = (uint32_t)below(r, MEMBERS * 2);
    int64_t what = below(r, 10);
    if (what == 0) {
        c->capacity = draw_capacity(r, c);
        sim_share_set_capacity(&c->s, c->capacity);
    } else if (what < 3 && c->live < MEMBERS) {
        struct terms t = draw(r, profile);
        at = join(&c->s, t);
        cr_assert_lt(at, MEMBERS);
        cr_assert_lt(c->regime[at], 0);
        c->terms[at] = t;
        c->regime[at] = SIM_AT_CAP;
        c->live++;
    } else if (c->regime[at] >= 0 && what == 3) {
        sim_share_leave(&c->s, at);
        c->regime[at] = -1;
        c->live--;
    } else if (c->regime[at] >= 0) {
        struct terms t = draw(r, profile);
        if (what < 6) /* as most changes are: the cap alone */
            t = (struct terms){c->terms[at].weight, c->terms[at].floor, t.cap};
        c->terms[at] = t;
        sim_share_set(&c->s, at, t.weight, t.floor, t.cap);
    }
}

/* Rates lie within their bounds, use up the capacity, and nobody above its floor has more per weight than one below its
 * cap: that is what max-min fairness is, and only one set of rates does it. */
static void expect_fair(const struct crowd *c)
{
    double sum = 0, caps = 0, floors = 0, most = 0, least = INFINITY;
    for (uint32_t i = 0; i < MEMBERS; i++) {
        if (c->regime[i] < 0)
            continue;
        double rate = sim_share_rate(&c->s, i), cap = (double)c->terms[i].cap, weight = (double)c->terms[i].weight;
        double floor = fmin((double)c->terms[i].floor, cap);
        sum += rate;
        caps += cap;
        floors += floor;
        cr_assert(rate >= floor * c->factor && rate <= cap, "rate %g of floor %g, cap %g", rate, floor, cap);
        most = rate > floor ? fmax(most, rate / weight) : most;
        least = rate < cap ? fmin(least, rate / weight) : least;
    }
    double wanted = fmin(caps, (double)c->capacity);
    cr_assert(fabs(sum - wanted) <= 1e-9 * wanted, "rates make %.17g of %.17g", sum, wanted);
    cr_assert(floors > (double)c->capacity || most <= least * (1 + 1e-12), "%.17g beside %.17g", most, least);
}

static double factor_of(const struct crowd *c)
{
    int64_t floors = 0;
    for (int i = 0; i < MEMBERS; i++)
        if (c->regime[i] >= 0)
            floors += c->terms[i].floor < c->terms[i].cap ? c->terms[i].floor : c->terms[i].cap;
    return floors > c->capacity ? (double)c->capacity / (double)floors : 1;
}

/* MOVED[n] are, in order, those whose regime is another, or who are at a floor that is cut otherwise than before. */
static void expect_moved(struct crowd *c, const uint32_t *moved, size_t n)
{
    double factor = factor_of(c);
    size_t k = 0;
    for (uint32_t i = 0; i < MEMBERS; i++) {
        if (c->regime[i] < 0)
            continue;
        int regime = (int)sim_share_regime(&c->s, i);
        if (regime != c->regime[i] || (regime == SIM_AT_FLOOR && factor != c->factor)) {
            cr_assert(k < n, "%u was not told of", i);
            cr_assert_eq(moved[k], i, "%u was not told of, or %u was", i, moved[k]);
            k++;
        }
        c->regime[i] = regime;
    }
    cr_assert_eq(k, n, "%zu were told of, %zu have changed", n, k);
    c->factor = factor;
}

static void crowd_init(struct crowd *c, int64_t capacity)
{
    *c = (struct crowd){.capacity = capacity, .factor = 1};
    memset(c->regime, -1, sizeof c->regime);
    init(&c->s, capacity);
}

Test(share, any_changes)
{
    size_t seen[3] = {0}, cut = 0, free_of_contention = 0;
    for (int profile = 0; profile < PROFILES; profile++) {
        struct crowd c;
        struct alm_stream r = alm_stream_open(1, (uint64_t)profile, "share");
        crowd_init(&c, 100);
        for (int step = 0; step < 12000; step++) {
            const uint32_t *moved;
            for (int64_t n = 1 + below(&r, 20) / 12 * below(&r, 20); n > 0; n--)
                change(&c, &r, profile);
            size_t n = balance(&c.s, &moved);
            expect_moved(&c, moved, n);
            expect_fair(&c);
            cut += c.factor < 1;
            free_of_contention += !sim_share_contended(&c.s);
            for (int i = 0; i < MEMBERS; i++)
                if (c.regime[i] >= 0)
                    seen[c.regime[i]]++;
        }
        sim_share_fini(&c.s);
    }
    /* The sequences go everywhere: else this test says little. */
    cr_expect(cut > 3000 && free_of_contention > 3000, "%zu cut, %zu free", cut, free_of_contention);
    cr_expect(seen[0] > 100000 && seen[1] > 100000 && seen[2] > 100000, "%zu %zu %zu", seen[0], seen[1], seen[2]);
}

/* The same members in a share of their own, joined in the order of their numbers times STEP. */
static void expect_as_new(const struct crowd *c, uint32_t step)
{
    struct sim_share s;
    uint32_t number[MEMBERS];
    const uint32_t *moved;
    init(&s, c->capacity);
    for (uint32_t k = 0; k < MEMBERS; k++) {
        uint32_t i = k * step % MEMBERS;
        number[i] = c->regime[i] >= 0 ? join(&s, c->terms[i]) : FREE;
    }
    balance(&s, &moved);
    cr_assert_eq(sim_share_level(&s), sim_share_level(&c->s));
    for (uint32_t i = 0; i < MEMBERS; i++)
        if (number[i] != FREE) {
            cr_assert_eq(sim_share_regime(&s, number[i]), sim_share_regime(&c->s, i));
            cr_assert_eq(sim_share_rate(&s, number[i]), sim_share_rate(&c->s, i), "member %u", i);
        }
    sim_share_fini(&s);
}

Test(share, neither_history_nor_order_matters)
{
    for (int profile = 0; profile < PROFILES; profile++) {
        struct crowd c;
        struct alm_stream r = alm_stream_open(2, (uint64_t)profile, "share");
        crowd_init(&c, 100);
        for (int step = 0; step < 3000; step++) {
            const uint32_t *moved;
            change(&c, &r, profile);
            balance(&c.s, &moved);
            if (step % 5)
                continue;
            expect_as_new(&c, 1);
            expect_as_new(&c, 47); /* backwards */
            expect_as_new(&c, 29);
        }
        sim_share_fini(&c.s);
    }
}

Test(share, nothing_drifts)
{
    struct crowd c;
    struct alm_stream r = alm_stream_open(3, 0, "share");
    crowd_init(&c, 1000);
    for (int step = 0; step < 1000000; step++) {
        const uint32_t *moved;
        change(&c, &r, 1);
        sim_share_balance(&c.s, &moved);
    }
    const uint32_t *moved;
    c.capacity = INT64_C(1) << 40;
    sim_share_set_capacity(&c.s, c.capacity);
    balance(&c.s, &moved);
    cr_assert(sim_share_contended(&c.s));
    expect_as_new(&c, 1);
    sim_share_fini(&c.s);
}

/* At the border contention comes and goes: who was changed while there was none must be known when it comes back. */
Test(share, contention_comes_and_goes)
{
    struct crowd c;
    struct alm_stream r = alm_stream_open(4, 0, "share");
    crowd_init(&c, INT64_MAX);
    for (int step = 0; step < 20000; step++) {
        const uint32_t *moved;
        if (step % 3 == 0) {
            int64_t caps = 0;
            for (int i = 0; i < MEMBERS; i++)
                caps += c.regime[i] >= 0 ? c.terms[i].cap : 0;
            c.capacity = caps - (step % 2 ? caps / 50 : 0);
            sim_share_set_capacity(&c.s, c.capacity);
        } else {
            change(&c, &r, 5);
        }
        size_t n = balance(&c.s, &moved);
        expect_moved(&c, moved, n);
    }
    sim_share_fini(&c.s);
}

/* ---- the check itself ---- */

Test(share, the_check_can_fail)
{
    struct sim_share s;
    struct alm_err e = {0};
    const uint32_t *moved;
    init(&s, 10);
    for (int i = 0; i < 3; i++)
        join(&s, (struct terms){1, 0, 7});
    balance(&s, &moved);
    sim_share_set(&s, 2, 1, 0, 1); /* and no balance */
    cr_expect_eq(sim_share_verify(&s, &e), ALM_EINVAL);
    balance(&s, &moved);
    s.member[1].regime = SIM_AT_CAP;
    cr_expect_eq(sim_share_verify(&s, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "member 1") && strstr(e.text, "4.5") && strstr(e.text, "7"), "%s", e.text);
    sim_share_fini(&s);
}
