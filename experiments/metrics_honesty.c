/* SPDX-License-Identifier: GPL-3.0-or-later
 * metrics_honesty: see the header. */
#include "experiments/metrics_honesty.h"

#include "experiments/statistics/coverage_test.h"
#include "experiments/statistics/forecast_score.h"

#include <math.h>

void metrics_honesty_add(struct metrics_resource *t, struct metrics_misses *m, const struct alm_outcome *o,
                         enum alm_resource r, bool covered)
{
    const struct alm_envelope *v = &o->envelope;
    const double c = v->confidence[r], value = alm_outcome_value(o, r), tail = alm_lower_tail(c);
    m->follow[m->missed][!covered] += m->any;
    m->any = true;
    m->missed = !covered;
    t->stated++;
    t->stated_covered += covered;
    t->confidence += c;
    m->mean += (c - m->mean) / (double)t->stated;
    if ((o->censored & ALM_BIT(r)) || c <= 0 || c >= 1)
        return;
    const double loss = pinball_loss(value, v->max[r], c);
    t->value += value;
    t->pinball += loss;
    t->interval += loss / (1 - c) + pinball_loss(value, v->min[r], tail) / tail;
}

void metrics_honesty_close(struct metrics_resource *t, const struct metrics_misses *m)
{
    if (t->stated == 0)
        return;
    const double alpha = fmin(fmax(1 - m->mean, 0), 1);
    const struct coverage_result c = coverage_test_counts(t->stated - t->stated_covered, t->stated, m->follow, alpha);
    t->confidence = m->mean * (double)t->stated;
    t->tested = 1;
    t->coverage_p = c.p_unconditional;
    t->kept = c.p_unconditional >= METRICS_REJECT;
    t->independence_tested = isnan(c.p_independence) ? 0u : 1u;
    t->independence_kept = c.p_independence >= METRICS_REJECT;
}
