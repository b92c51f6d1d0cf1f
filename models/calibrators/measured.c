/* SPDX-License-Identifier: GPL-3.0-or-later
 * measured: the confidence is how often the envelope held so far.
 *
 * Meaning.  Per unit and resource, hits and outcomes are counted; the confidence becomes (hits + 1) / (outcomes + 2),
 *           and is not stated before `min_outcomes`. A hit is a value at or below the envelope's max.
 * Choice.   A censored outcome is a miss: usage stopped at the limit, demand did not. So is one with an OOM kill, for
 *           memory. The range itself is left alone.
 * Source.   The rule of succession; P.-S. Laplace, "Essai philosophique sur les probabilites" (1814). */
#include "almanac/calibrator.h"

#include "saved.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

struct opt {
    int64_t min_outcomes;
};

static const struct alm_opt opts[] = {
    {"min_outcomes", ALM_OPT_INTEGER, offsetof(struct opt, min_outcomes), "20", 0, 1e9, NULL,
     "outcomes before a confidence is stated"},
    {0},
};

struct state {
    uint32_t hits[ALM_RESOURCES], outcomes[ALM_RESOURCES];
};

static size_t state_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct state);
}

static int adjust(const struct alm_units *u, alm_time now, struct alm_envelope *envelope, struct alm_err *e)
{
    (void)now;
    (void)e;
    const struct opt *o = u->opt;
    for (size_t i = 0; i < u->count; i++) {
        const struct state *s = alm_unit_state(u, i);
        for (int r = 0; r < ALM_RESOURCES; r++) {
            if (!(envelope[i].has & ALM_BIT(r)))
                continue;
            bool enough = s->outcomes[r] >= (uint64_t)o->min_outcomes;
            envelope[i].confidence[r] = enough ? ((double)s->hits[r] + 1) / ((double)s->outcomes[r] + 2) : NAN;
        }
    }
    return ALM_OK;
}

static int feedback(const struct alm_units *u, const struct alm_outcome *outcome, struct alm_err *e)
{
    (void)e;
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        const struct alm_outcome *o = &outcome[i];
        for (int r = 0; r < ALM_RESOURCES && o->samples > 0; r++) {
            bool held = (o->censored & ALM_BIT(r)) || (r == ALM_MEMORY && o->oom_kills > 0);
            bool seen = held || (o->seen & ALM_BIT(r));
            if (!(o->envelope.has & ALM_BIT(r)) || !seen || s->outcomes[r] == UINT32_MAX)
                continue;
            s->outcomes[r]++;
            s->hits[r] += !held && alm_outcome_value(o, (enum alm_resource)r) <= o->envelope.max[r];
        }
    }
    return ALM_OK;
}

static const struct alm_saved_as saved_as = {.module = "calibrator measured", .version = 1};

static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)
{
    return alm_saved_write(&saved_as, alm_unit_state(u, i), sizeof(struct state), buffer, size, e);
}

static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)
{
    const void *state;
    ALM_TRY(alm_saved_read(&saved_as, buffer, size, sizeof(struct state), &state, e));
    memcpy(alm_unit_state(u, i), state, sizeof(struct state));
    return ALM_OK;
}

const struct alm_calibrator_ops alm_calibrator_measured = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_calibrator_ops),
             .kind = ALM_CALIBRATOR,
             .name = "measured",
             .summary = "states as confidence how often the envelope held so far",
             .source = "rule of succession; Laplace (1814)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .state_size = state_size,
    .adjust = adjust,
    .feedback = feedback,
    .save = save,
    .load = load,
};
