/* SPDX-License-Identifier: GPL-3.0-or-later
 * Does the queue deliver in the total order (time, phase, sequence), for any pushes and pops, and keep its payloads? */
#include "almanac/stream.h"

#include "sim/event_queue.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static bool not_after(const struct alm_event *a, const struct alm_event *b)
{
    return a->at < b->at || (a->at == b->at && (a->phase < b->phase || (a->phase == b->phase && a->data < b->data)));
}

/* `data` carries the push number, so FIFO among equals is visible. */
static void drain_in_order(struct alm_queue *q, size_t expected)
{
    struct alm_event last = {.at = INT64_MIN}, event;
    size_t n = 0;
    while (alm_queue_next(q) != ALM_TIME_MAX && alm_queue_pop(q, &event)) {
        cr_assert(n == 0 || not_after(&last, &event), "event %zu out of order", n);
        cr_assert_eq(event.kind, (uint32_t)(event.data * 7), "payload of event %zu is another's", n);
        last = event;
        n++;
    }
    cr_assert_eq(n, expected);
}

Test(event_queue, order_is_total)
{
    struct alm_queue q;
    struct alm_stream s = alm_stream_open(1, 0, "queue");
    cr_assert_eq(alm_queue_init(&q, 0, NULL), ALM_OK);
    for (uint64_t i = 0; i < 20000; i++) {
        struct alm_event e = {.at = (alm_time)alm_stream_below(&s, 50),
                              .phase = (enum alm_phase)alm_stream_below(&s, 5),
                              .kind = (uint32_t)(i * 7),
                              .data = i};
        cr_assert_eq(alm_queue_push(&q, &e, NULL), ALM_OK);
    }
    drain_in_order(&q, 20000);
    alm_queue_fini(&q);
}

Test(event_queue, mixed_pushes_and_pops_agree_with_a_sorted_list)
{
    struct alm_queue q;
    struct alm_stream s = alm_stream_open(2, 0, "queue");
    struct alm_event *list = calloc(5000, sizeof *list), event;
    size_t count = 0;
    cr_assert_eq(alm_queue_init(&q, 4, NULL), ALM_OK);
    for (uint64_t i = 0; i < 20000; i++) {
        if (count < 4000 && alm_stream_below(&s, 5) < 3) {
            struct alm_event e = {
                .at = (alm_time)alm_stream_below(&s, 1000), .phase = ALM_PHASE_SAMPLE, .kind = 3, .data = i};
            cr_assert_eq(alm_queue_push(&q, &e, NULL), ALM_OK);
            size_t k = count++;
            for (; k > 0 && list[k - 1].at > e.at; k--)
                list[k] = list[k - 1];
            list[k] = e;
        } else if (count) {
            cr_assert(alm_queue_pop(&q, &event));
            cr_assert_eq(event.data, list[0].data);
            count--;
            for (size_t k = 0; k < count; k++)
                list[k] = list[k + 1];
        }
        cr_assert_eq(q.count, count);
        if (alm_stream_below(&s, 2))
            cr_assert_eq(alm_queue_next(&q), count ? list[0].at : ALM_TIME_MAX);
    }
    free(list);
    alm_queue_fini(&q);
}

Test(event_queue, order_survives_the_renewal_of_sequence_numbers)
{
    struct alm_queue q;
    cr_assert_eq(alm_queue_init(&q, 4, NULL), ALM_OK);
    q.sequence = (UINT64_C(1) << 37) - 50; /* 50 pushes before the numbers run out */
    for (uint64_t i = 0; i < 200; i++) {
        struct alm_event e = {.at = 5, .phase = ALM_PHASE_LIMIT, .kind = (uint32_t)(i * 7), .data = i};
        cr_assert_eq(alm_queue_push(&q, &e, NULL), ALM_OK);
    }
    drain_in_order(&q, 200);
    alm_queue_fini(&q);
}

/* Pop leaves a hole that the next push fills: every word of up to ten pushes and pops, with times that tie. */
Test(event_queue, all_short_histories)
{
    for (uint32_t word = 0; word < 1024; word++)
        for (uint64_t seed = 0; seed < 8; seed++) {
            struct alm_queue q;
            struct alm_stream s = alm_stream_open(seed, word, "queue");
            struct alm_event list[10], event;
            size_t count = 0;
            cr_assert_eq(alm_queue_init(&q, 0, NULL), ALM_OK);
            for (uint32_t i = 0; i < 10; i++) {
                if (word >> i & 1) {
                    struct alm_event e = {.at = (alm_time)alm_stream_below(&s, 4) - 2,
                                          .phase = ALM_PHASE_ARRIVAL,
                                          .kind = i * 7,
                                          .data = i};
                    cr_assert_eq(alm_queue_push(&q, &e, NULL), ALM_OK);
                    size_t k = count++;
                    for (; k > 0 && list[k - 1].at > e.at; k--)
                        list[k] = list[k - 1];
                    list[k] = e;
                } else if (count > 0) {
                    cr_assert(alm_queue_pop(&q, &event));
                    cr_assert_eq(event.data, list[0].data, "word %u, seed %d", word, (int)seed);
                    memmove(list, list + 1, --count * sizeof *list);
                } else {
                    cr_assert_not(alm_queue_pop(&q, &event));
                }
                cr_assert_eq(alm_queue_next(&q), count ? list[0].at : ALM_TIME_MAX, "word %u, step %u", word, i);
            }
            drain_in_order(&q, count);
            alm_queue_fini(&q);
        }
}

/* More than the groups that are fetched ahead begin at, always full: the hold model. What comes out must be in order, and
 * each event as often as it was put back. */
Test(event_queue, hold_in_order)
{
    enum { PENDING = 20000, HOLDS = 200000 };
    struct alm_queue q;
    struct alm_stream s = alm_stream_open(3, 0, "queue");
    uint32_t *turn = calloc(PENDING, sizeof *turn);
    struct alm_event event;
    cr_assert_eq(alm_queue_init(&q, 0, NULL), ALM_OK);
    for (uint64_t i = 0; i < PENDING; i++) {
        struct alm_event e = {
            .at = (alm_time)(1e9 * alm_stream_exponential(&s)), .phase = ALM_PHASE_ARRIVAL, .data = i};
        cr_assert_eq(alm_queue_push(&q, &e, NULL), ALM_OK);
    }
    alm_time last = INT64_MIN;
    for (size_t k = 0; k < HOLDS; k++) {
        cr_assert(alm_queue_pop(&q, &event));
        cr_assert_geq(event.at, last);
        cr_assert_eq(event.kind, turn[event.data]);
        last = event.at;
        event.kind = ++turn[event.data];
        event.at += (alm_time)(1e9 * alm_stream_exponential(&s));
        cr_assert_eq(alm_queue_push(&q, &event, NULL), ALM_OK);
    }
    cr_assert_eq(q.count, (size_t)PENDING);
    free(turn);
    alm_queue_fini(&q);
}

Test(event_queue, a_hole_survives_the_renewal_of_sequence_numbers)
{
    struct alm_queue q;
    struct alm_event event;
    cr_assert_eq(alm_queue_init(&q, 4, NULL), ALM_OK);
    for (size_t beside = 0; beside < 9; beside++) {
        uint64_t pushed = 0, popped = 0;
        q.sequence = (UINT64_C(1) << 37) - 1 - beside; /* runs out with BESIDE events beside the hole */
        while (pushed < 40) {
            struct alm_event e = {.at = 5, .phase = ALM_PHASE_LIMIT, .kind = (uint32_t)(pushed * 7), .data = pushed};
            cr_assert_eq(alm_queue_push(&q, &e, NULL), ALM_OK);
            if (++pushed != beside + 1)
                continue;
            cr_assert(q.sequence == UINT64_C(1) << 37 && alm_queue_pop(&q, &event) && q.hole);
            cr_assert_eq(event.data, popped++);
        }
        cr_assert_lt(q.sequence, (uint64_t)100, "the numbers were not renewed");
        for (; alm_queue_pop(&q, &event); popped++)
            cr_assert_eq(event.data, popped);
        cr_assert_eq(popped, pushed);
    }
    alm_queue_fini(&q);
}

Test(event_queue, too_many_is_an_error)
{
    struct alm_queue q;
    struct alm_err e = {0};
    cr_assert_eq(alm_queue_init(&q, ((size_t)1 << 24) + 1, &e), ALM_ENOMEM);
    cr_assert(strstr(e.text, "16777216"), "%s", e.text);
    alm_queue_fini(&q);
}

Test(event_queue, empty)
{
    struct alm_queue q;
    struct alm_event event;
    cr_assert_eq(alm_queue_init(&q, 4, NULL), ALM_OK);
    cr_assert_not(alm_queue_pop(&q, &event));
    cr_assert_eq(alm_queue_next(&q), ALM_TIME_MAX);
    alm_queue_fini(&q);
}
