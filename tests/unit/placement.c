/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: do calls lie in their period, whatever its length and their number? Does a call keep its draws when more calls stand
 * beside it? Are curves what they are said to be at and between their points? Is only the first part of a line split when
 * that is asked? */
#include "traces/formats/placement.h"
#include "scratch.h"
#include "traces/formats/curve.h"
#include "traces/text/delimited.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

Test(placement, calls_lie_in_their_period)
{
    static const alm_time lengths[] = {1, 2, 3, ALM_MINUTE, 400 * ALM_DAY};
    for (int rule = 0; rule < 3; rule++)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            struct alm_placement p = {.rule = rule, .seed = 1, .share = 1};
            struct alm_calls c = alm_calls_of(&p, 7, 0, -5, lengths[i], 1000);
            for (uint64_t k = 0; k < c.count; k++) {
                struct alm_call call;
                cr_assert(alm_calls_get(&c, k, &call));
                cr_assert(call.at >= -5 && call.at < -5 + lengths[i], "rule %d, call %lu of 1000", rule,
                          (unsigned long)k);
                cr_assert(call.draw > 0 && call.draw < 1);
            }
        }
}

Test(placement, what_is_drawn_belongs_to_the_call)
{
    struct alm_placement p = {.seed = 1, .share = 1}, none = {.seed = 1, .share = 0};
    uint64_t f = alm_identity(0, "f", 1), g = alm_identity(0, "g", 1);
    struct alm_calls few = alm_calls_of(&p, f, 3, 0, ALM_MINUTE, 2), many = alm_calls_of(&p, f, 3, 0, ALM_MINUTE, 9);
    struct alm_calls other[] = {alm_calls_of(&p, g, 3, 0, ALM_MINUTE, 9), alm_calls_of(&p, f, 4, 0, ALM_MINUTE, 9)};
    struct alm_call a, b;
    cr_assert(alm_calls_get(&few, 1, &a) && alm_calls_get(&many, 1, &b));
    cr_expect(a.at == b.at && a.draw == b.draw);
    for (size_t i = 0; i < 2; i++) {
        cr_assert(alm_calls_get(&other[i], 1, &b));
        cr_expect(a.at != b.at && a.draw != b.draw);
    }
    few.placement = &none;
    cr_expect_not(alm_calls_get(&few, 0, &a));
    cr_expect_neq(alm_calls_draw(&many, "memory"), alm_calls_draw(&many, "else"));
    cr_expect_neq(alm_identity(f, "ab", 2), alm_identity(alm_identity(f, "a", 1), "b", 1));
}

/* Points 1, 2, 4, ... 64: between p50 and p75 at half, between p99 and p100 at half (powers of 2 by hand). */
Test(curve, values)
{
    static const double p[] = {0, 1, 25, 50, 75, 99, 100}, v[] = {1, 2, 4, 8, 16, 32, 64};
    static const double zeros[] = {0, 0, NAN, 4, NAN, NAN, 2}, none[] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    struct alm_curve c;
    cr_assert(alm_curve_make(p, v, 7, &c));
    cr_expect_eq(alm_curve_at(&c, 0, true), 1);
    cr_expect_eq(alm_curve_at(&c, 0.5, true), 8);
    cr_expect_eq(alm_curve_at(&c, 1, true), 64);
    cr_expect(fabs(alm_curve_at(&c, 0.625, true) - 11.3137084989848) < 1e-12);
    cr_expect(fabs(alm_curve_at(&c, 0.995, true) - 45.2548339959390) < 1e-11);
    cr_expect(fabs(alm_curve_at(&c, 0.625, false) - 12) < 1e-12);
    cr_assert(alm_curve_make(p + 1, v + 1, 3, &c));
    cr_expect_eq(alm_curve_at(&c, 0.001, true), 2);
    cr_expect_eq(alm_curve_at(&c, 0.99, true), 8);
    cr_expect_not(alm_curve_make(p, zeros, 7, &c), "2 after 4 must be told");
    cr_expect_eq(c.points, 4);
    cr_expect_eq(alm_curve_at(&c, 0.005, true), 0);
    cr_expect(fabs(alm_curve_at(&c, 0.255, true) - 2) < 1e-12, "straight from 0 at p1 to 4 at p50");
    cr_expect_eq(alm_curve_at(&c, 0.9, true), 4);
    cr_assert(alm_curve_make(p, none, 7, &c));
    cr_expect(isnan(alm_curve_at(&c, 0.5, true)));
}

TestSuite(split, .init = scratch_enter, .fini = scratch_leave);

Test(split, what_follows_the_first_fields_is_one)
{
    static const struct {
        char separator;
        const char *text, *want;
    } cases[] = {
        {',', "a,b,c,d,e\n", "a|b|c,d,e|"},
        {',', "a,b,c\n", "a|b|c|"},
        {',', "a,b,\n", "a|b||"},
        {',', "a,b\n", "a|b|"},
        {',', "a\n", "a|"},
        {',', "\"x,\"\"y\",b , c,\"d\" \n", "x,\"y|b|c,\"d\"|"},
        {',', "a,\"b\"\n", "a|b|"},
        {' ', " a  b   c d \n", "a|b|c d|"},
        {' ', "a b \n", "a|b|"},
        {';', "a;\tb;\tc;\td\r\n", "a|b|c;\td|"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct alm_delimited_config config = {.separator = cases[i].separator, .quotes = true, .split = 2};
        const struct alm_field *field;
        struct alm_delimited *d;
        struct alm_err e = {0};
        size_t count, used = 0;
        char got[64] = "";
        FILE *f = fopen("t", "wb");
        cr_assert(f && fputs(cases[i].text, f) >= 0 && fclose(f) == 0);
        cr_assert_eq(alm_delimited_open("t", &config, &d, &e), ALM_OK, "%s", e.text);
        cr_assert_eq(alm_delimited_next(d, &field, &count, &e), ALM_OK, "%s", e.text);
        for (size_t k = 0; k < count; k++)
            used += (size_t)snprintf(got + used, sizeof got - used, "%.*s|", (int)field[k].size, field[k].at);
        cr_expect_str_eq(got, cases[i].want, "case %zu: %s", i, got);
        alm_delimited_close(d);
    }
}
