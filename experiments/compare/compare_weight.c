/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_weight: see the header. */
#include "experiments/compare/compare_weight.h"

#include <math.h>
#include <string.h>

static double of_limit(const struct metrics_unit *u, int r)
{
    return u->of[r].limit;
}

static double of_days(const struct metrics_unit *u, int r)
{
    return (double)u->of[r].slack_days;
}

static double of_seconds(const struct metrics_unit *u, int r)
{
    return u->of[r].seconds;
}

static double of_unit_seconds(const struct metrics_unit *u, int r)
{
    return u->of[r].unit_seconds;
}

static double of_windows(const struct metrics_unit *u, int r)
{
    return (double)u->of[r].windows;
}

static double of_stated(const struct metrics_unit *u, int r)
{
    return (double)u->of[r].stated;
}

static double of_value(const struct metrics_unit *u, int r)
{
    return u->of[r].value;
}

static double of_tested(const struct metrics_unit *u, int r)
{
    return (double)u->of[r].tested;
}

static double of_independence(const struct metrics_unit *u, int r)
{
    return (double)u->of[r].independence_tested;
}

static double of_memory_days(const struct metrics_unit *u, int r)
{
    (void)r;
    return (double)u->memory_days;
}

static const struct quotient {
    const char *name;
    double (*weight)(const struct metrics_unit *u, int r);
} quotients[] = {
    {"slack_relative", of_limit},
    {"slack_day", of_days},
    {"overrun_time_share", of_seconds},
    {"limit_changes_per_unit_day", of_unit_seconds},
    {"coverage_upper", of_windows},
    {"coverage", of_windows},
    {"oom_kills_per_unit_day", of_seconds},
    {"oom_free_unit_days_share", of_memory_days},
    {"confidence", of_stated},
    {"coverage_gap", of_stated},
    {"pinball_loss", of_value},
    {"interval_score", of_value},
    {"coverage_p", of_tested},
    {"coverage_kept_share", of_tested},
    {"independence_kept_share", of_independence},
};

static const struct quotient *quotient_of(const struct metrics_row *row)
{
    for (size_t k = 0; k < sizeof quotients / sizeof *quotients; k++)
        if (strcmp(quotients[k].name, row->name) == 0)
            return &quotients[k];
    return NULL;
}

bool compare_weight_additive(const struct metrics_row *row)
{
    return quotient_of(row) == NULL;
}

struct compare_unit compare_weight_from(bool additive, double value, double weight)
{
    if (isnan(value) || (!additive && !(weight > 0)))
        return (struct compare_unit){0};
    return additive ? (struct compare_unit){value, 1} : (struct compare_unit){value * weight, weight};
}

struct compare_unit compare_weight_of(const struct metrics_row *row, int resource, const struct metrics_unit *u)
{
    const struct quotient *q = quotient_of(row);
    return compare_weight_from(q == NULL, row->value(u, resource), q ? q->weight(u, resource) : 1);
}
