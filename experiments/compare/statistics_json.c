/* SPDX-License-Identifier: GPL-3.0-or-later
 * statistics_json: see the header. */
#include "experiments/compare/statistics_json.h"

#include <math.h>

json_t *statistics_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

const char *statistics_better_word(enum metrics_better better)
{
    return better == METRICS_LOWER ? "lower" : better == METRICS_HIGHER ? "higher" : "";
}

static json_t *estimate(struct estimate x)
{
    return json_pack("{s:o, s:o, s:o}", "value", statistics_number(x.value), "low", statistics_number(x.low), "high",
                     statistics_number(x.high));
}

json_t *statistics_tolerance_json(struct compare_tolerance t)
{
    if (isnan(t.amount))
        return json_null();
    return json_pack("{s:f, s:b}", "amount", t.amount, "relative", t.relative);
}

json_t *statistics_json(const struct compare_statistics *s)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:s, s:o, s:s, s:I, s:I, s:I, s:I, s:b}", "base",
                     statistics_number(s->base), "value", statistics_number(s->value), "difference",
                     estimate(s->difference), "relative", estimate(s->relative), "interval",
                     s->percentile ? "percentile" : "bca", "p", statistics_number(s->p), "p_holm",
                     statistics_number(s->p_adjusted), "test", compare_test_word(s->test), "effect_dz",
                     statistics_number(s->effect), "independent", compare_independent_word(s->independent, 2), "n",
                     (json_int_t)s->n, "traces", (json_int_t)s->traces, "seeds", (json_int_t)s->seeds, "pairs",
                     (json_int_t)s->pairs, "identical", s->identical);
}
