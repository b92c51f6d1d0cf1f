/* SPDX-License-Identifier: GPL-3.0-or-later
 * last: the next value is the last one seen.
 *
 * Meaning.  min = max = the newest value of each resource that was not missing. No confidence is stated.
 * Choice.   A censored value is taken as it is: it is a lower bound of demand, and nothing better is known here.
 * Source.   The naive forecast; R. J. Hyndman, G. Athanasopoulos, "Forecasting: principles and practice", 3rd ed., 5.2.
 */
#include "almanac/predictor.h"

#include "saved.h"

#include <math.h>
#include <string.h>

struct state {
    double value[ALM_RESOURCES];
    uint32_t seen; /* ALM_BIT per resource */
    uint32_t pad;
};

static size_t state_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct state);
}

static int observe(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)
{
    (void)e;
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        const struct alm_series *w = &profile[i].window;
        for (int r = 0; r < ALM_RESOURCES; r++) {
            if (w->value[r] == NULL)
                continue;
            for (size_t k = w->count; k > w->count - profile[i].fresh; k--) {
                if (isnan(w->value[r][k - 1]))
                    continue;
                s->value[r] = w->value[r][k - 1];
                s->seen |= ALM_BIT(r);
                break;
            }
        }
    }
    return ALM_OK;
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    (void)profile;
    (void)now;
    (void)e;
    for (size_t i = 0; i < u->count; i++) {
        const struct state *s = alm_unit_state(u, i);
        out[i].has = s->seen;
        out[i].peak = s->seen & ALM_BIT(ALM_MEMORY);
        for (int r = 0; r < ALM_RESOURCES; r++) {
            out[i].min[r] = out[i].max[r] = s->value[r];
            out[i].confidence[r] = NAN;
        }
    }
    return ALM_OK;
}

static const struct alm_saved_as saved_as = {.module = "predictor last", .version = 1};

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

const struct alm_predictor_ops alm_predictor_last = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .name = "last",
             .summary = "the next value is the last one seen",
             .source = "naive forecast; Hyndman and Athanasopoulos, Forecasting: principles and practice, 5.2"},
    .needs = ALM_PROFILE_RECENT,
    .state_size = state_size,
    .observe = observe,
    .predict = predict,
    .save = save,
    .load = load,
};
