/* SPDX-License-Identifier: GPL-3.0-or-later
 * queue_system: a queueing system, as a specification for the generator and as what theory says of it.
 *
 * Meaning.  `of` chooses a part: a class, counted from 1 (the first is served first), or a station; 0: all.
 *           `reference` names the same value in the reference tables, where they have it. */
#ifndef ALMANAC_TESTS_QUEUE_SYSTEM_H
#define ALMANAC_TESTS_QUEUE_SYSTEM_H

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum figure {
    FIGURE_RESPONSE,       /* mean seconds in the system, of those served */
    FIGURE_WAIT,           /* mean seconds before service, of those served */
    FIGURE_WAIT_ALL,       /* until service or leaving, of all that were let in */
    FIGURE_IN_SYSTEM,      /* time average of the number */
    FIGURE_IN_QUEUE,       /* of those not in service */
    FIGURE_BUSY,           /* of servers at work */
    FIGURE_REFUSED,        /* share of arrivals */
    FIGURE_TIMEOUT,        /* share of arrivals */
    FIGURE_WAITED,         /* share of those served that wait longer than `at` */
    FIGURE_WITHIN,         /* share of those served with a response of at most `at` */
    FIGURE_SLOWDOWN,       /* mean of response / service */
    FIGURE_SLOWDOWN_LARGE, /* of those whose service takes more than `at` */
    FIGURE_NUMBER_AT,      /* number in the system at time `at` */
};

struct expectation {
    enum figure figure;
    int of;
    double at, value;
    const char *reference;
    size_t index; /* in the reference's list */
};

#define EXPECTATIONS 12

struct system {
    char name[96];        /* and of the case in the reference tables */
    char spec[512];       /* "queue:..." without customers */
    double servers, rate; /* of the first station; customers a second */
    double customers;     /* of a replication, in the quick form */
    int replications;     /* 0: the usual number */
    bool at_an_instant;   /* FIGURE_NUMBER_AT alone is asked for */
    size_t expectations;
    struct expectation expect[EXPECTATIONS];
};

__attribute__((format(printf, 2, 3))) static inline void system_name(struct system *s, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(s->name, sizeof s->name, format, list);
    va_end(list);
    assert(n > 0 && (size_t)n < sizeof s->name);
}

__attribute__((format(printf, 2, 3))) static inline void system_spec(struct system *s, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(s->spec, sizeof s->spec, format, list);
    va_end(list);
    assert(n > 0 && (size_t)n < sizeof s->spec);
}

static inline void expect_part(struct system *s, enum figure figure, int of, double at, double value,
                               const char *reference)
{
    assert(s->expectations < EXPECTATIONS);
    s->expect[s->expectations++] = (struct expectation){figure, of, at, value, reference, 0};
}

static inline void expect(struct system *s, enum figure figure, double value, const char *reference)
{
    expect_part(s, figure, 0, 0, value, reference);
}

static inline const char *figure_name(enum figure f)
{
    static const char *const name[] = {
        "response", "wait",   "wait of all", "in system", "in queue",          "busy",     "refused",
        "timeout",  "waited", "within",      "slowdown",  "slowdown of large", "number at"};
    return name[f];
}

#endif
