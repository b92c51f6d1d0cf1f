/* SPDX-License-Identifier: GPL-3.0-or-later
 * Is each record of behaviour shown once, when its time has come, in order, whatever the blocks? */
#include "sim/behaviour_reader.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#define S ALM_SECOND
enum { UNITS = 3, FUNCTIONS = 4, MOST = 5000 };

struct store {
    struct alm_behaviours of;
    struct alm_behaviour record[MOST];
    uint64_t first[UNITS + 1];
    uint64_t reads;
};

static const char *const names[FUNCTIONS] = {"", "parse", "sort", "write"};

static int read_records(const struct alm_behaviours *self, uint64_t first, size_t n, struct alm_behaviour *out,
                        struct alm_err *e)
{
    (void)e;
    struct store *s = self->owner;
    cr_assert_leq(first + n, self->count);
    for (size_t k = 0; k < n; k++)
        out[k] = s->record[first + k];
    s->reads++;
    return ALM_OK;
}

/* Unit i has records each i + 1 s, of i + 1 functions; calls tells which it is. */
static struct store *make(int seconds)
{
    struct store *s = calloc(1, sizeof *s);
    uint64_t n = 0;
    for (uint32_t i = 0; i < UNITS; i++) {
        s->first[i] = n;
        for (alm_time t = i + 1; t <= seconds; t += i + 1)
            for (uint32_t f = 0; f <= i; f++, n++) {
                cr_assert_lt(n, MOST);
                s->record[n] = (struct alm_behaviour){.at = t * S, .span = (i + 1) * S, .unit = i, .function = f};
                s->record[n].value[ALM_BEH_CALLS] = (double)n;
            }
    }
    s->first[UNITS] = n;
    s->of = (struct alm_behaviours){
        .count = n, .functions = FUNCTIONS, .function = names, .first = s->first, .read = read_records, .owner = s};
    return s;
}

static void read_to(struct sim_behaviour_reader *r, alm_time now)
{
    struct alm_err e = {0};
    cr_assert_eq(sim_behaviour_read(r, now, &e), ALM_OK, "%s", e.text);
}

Test(behaviour_reader, each_record_is_shown_once_in_its_time)
{
    struct store *s = make(900);
    for (size_t block = 1; block <= 7; block += 3) {
        struct sim_behaviour_reader r;
        bool seen[MOST] = {false};
        alm_time last = 0;
        cr_assert_eq(sim_behaviour_open(&r, &s->of, UNITS, NULL), ALM_OK);
        cr_assert_gt(r.block, block);
        r.block = block;
        for (alm_time now = 0; now < 1000 * S; now += (now % 7 == 0 ? 1 : 40) * S) {
            read_to(&r, now);
            for (size_t k = 0; k < r.count; k++) {
                const struct alm_behaviour *b = &r.shown[k];
                cr_assert(b->at <= now && (b->at > last || last == 0), "at %d s, shown at %d", (int)(b->at / S),
                          (int)(now / S));
                const struct alm_behaviour *a = k ? b - 1 : NULL;
                cr_assert(!a || a->unit < b->unit || (a->unit == b->unit && a->at < b->at) ||
                              (a->unit == b->unit && a->at == b->at && a->function < b->function),
                          "not sorted");
                cr_assert_not(seen[(int)b->value[ALM_BEH_CALLS]], "twice");
                seen[(int)b->value[ALM_BEH_CALLS]] = true;
            }
            last = now;
        }
        for (uint64_t n = 0; n < s->of.count; n++)
            cr_assert(seen[n], "record %d was never shown", (int)n);
        read_to(&r, 2000 * S);
        cr_assert_eq(r.count, 0);
        sim_behaviour_close(&r);
    }
    free(s);
}

Test(behaviour_reader, many_waits_read_few_blocks)
{
    struct store *s = make(900);
    struct sim_behaviour_reader r;
    cr_assert_eq(sim_behaviour_open(&r, &s->of, UNITS, NULL), ALM_OK);
    for (alm_time now = 0; now < 1000 * S; now += S)
        read_to(&r, now);
    cr_assert_leq(s->reads, UNITS + s->of.count / r.block);
    sim_behaviour_close(&r);
    free(s);
}

Test(behaviour_reader, nothing_recorded_is_nothing_shown)
{
    struct sim_behaviour_reader r;
    struct alm_behaviours none = {0};
    cr_assert_eq(sim_behaviour_open(&r, NULL, UNITS, NULL), ALM_OK);
    read_to(&r, 100 * S);
    cr_assert_eq(r.count, 0);
    sim_behaviour_close(&r);
    cr_assert_eq(sim_behaviour_open(&r, &none, UNITS, NULL), ALM_OK);
    read_to(&r, 100 * S);
    cr_assert_eq(r.count, 0);
    sim_behaviour_close(&r);
}
