/* SPDX-License-Identifier: GPL-3.0-or-later
 * cell_sums: see the header. */
#include "experiments/sweep/cell_sums.h"

#include <stddef.h>
#include <string.h>

#define OF(r, field)                                                                                                   \
    offsetof(struct metrics_unit, of) + (r) * sizeof(struct metrics_resource) + offsetof(struct metrics_resource, field)
#define RESOURCE(r, name, amount)                                                                                      \
    {name "_seconds", OF(r, seconds), false, "s", false}, {name "_limit", OF(r, limit), false, amount, false},         \
        {name "_slack", OF(r, slack), false, amount, false}, {name "_overrun", OF(r, overrun), false, amount, false},  \
        {name "_overrun_seconds", OF(r, overrun_seconds), false, "s", false},                                          \
        {name "_usage", OF(r, usage), false, amount, false},                                                           \
        {name "_slack_day_sum", OF(r, slack_day_sum), false, "1", false},                                              \
        {name "_slack_days", OF(r, slack_days), true, "1", false},                                                     \
        {name "_limit_changes", OF(r, limit_changes), true, "1", false},                                               \
        {name "_windows", OF(r, windows), true, "1", false},                                                           \
        {name "_covered_upper", OF(r, covered_upper), true, "1", false},                                               \
        {name "_covered", OF(r, covered), true, "1", false},                                                           \
    {                                                                                                                  \
        name "_unit_seconds", OF(r, unit_seconds), false, "s", false                                                   \
    }
/* Sums that files made before them do not have. AMOUNT: of cores or bytes. */
#define HONESTY(r, name, amount)                                                                                       \
    {name "_stated", OF(r, stated), true, "1", true},                                                                  \
        {name "_stated_covered", OF(r, stated_covered), true, "1", true},                                              \
        {name "_confidence", OF(r, confidence), false, "1", true},                                                     \
        {name "_pinball", OF(r, pinball), false, amount, true},                                                        \
        {name "_interval", OF(r, interval), false, amount, true}, {name "_value", OF(r, value), false, amount, true},  \
        {name "_tested", OF(r, tested), true, "1", true}, {name "_kept", OF(r, kept), true, "1", true},                \
        {name "_independence_tested", OF(r, independence_tested), true, "1", true},                                    \
        {name "_independence_kept", OF(r, independence_kept), true, "1", true},                                        \
    {                                                                                                                  \
        name "_coverage_p", OF(r, coverage_p), false, "1", true                                                        \
    }

static const struct cell_sum sums[] = {
    RESOURCE(0, "cpu", "s"),
    RESOURCE(1, "memory", "byte s"),
    {"oom_kills", offsetof(struct metrics_unit, oom_kills), true, "1", false},
    {"memory_days", offsetof(struct metrics_unit, memory_days), true, "1", false},
    {"oom_days", offsetof(struct metrics_unit, oom_days), true, "1", false},
    {"throttled_seconds", offsetof(struct metrics_unit, throttled_seconds), false, "s", false},
    {"down_seconds", offsetof(struct metrics_unit, down_seconds), false, "s", false},
    HONESTY(0, "cpu", "1"),
    HONESTY(1, "memory", "byte"),
};

/* A field that is added to the sums must be added here. */
_Static_assert(sizeof(struct metrics_unit) == sizeof sums / sizeof *sums * sizeof(double), "each sum has a name");

const struct cell_sum *cell_sums(size_t *count)
{
    *count = sizeof sums / sizeof *sums;
    return sums;
}

double cell_sum_real(const struct cell_sum *s, const struct metrics_unit *u)
{
    double value;
    memcpy(&value, (const char *)u + s->offset, sizeof value);
    return value;
}

uint64_t cell_sum_whole(const struct cell_sum *s, const struct metrics_unit *u)
{
    uint64_t value;
    memcpy(&value, (const char *)u + s->offset, sizeof value);
    return value;
}

void cell_sum_set_real(const struct cell_sum *s, struct metrics_unit *u, double value)
{
    memcpy((char *)u + s->offset, &value, sizeof value);
}

void cell_sum_set_whole(const struct cell_sum *s, struct metrics_unit *u, uint64_t value)
{
    memcpy((char *)u + s->offset, &value, sizeof value);
}
