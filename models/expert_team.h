/* SPDX-License-Identifier: GPL-3.0-or-later
 * expert_team: several predictors inside one, out of a line of text.
 *
 * Meaning.  "ewma+moving-percentile(window=6h;percentile=90%)": names joined by '+', options in parentheses with ';' between them. What all of a team
 *           have in common (confidence, target) is set for those that have such an option, before their own options.
 *           Each has its own state for each unit, one behind the other from a base on.
 * Limits.   No experts: oracles, predictors whose units depend on each other or that look at starts, those that never have an answer, and those that want older samples than
 *           the fresh ones. */
#ifndef ALM_MODELS_EXPERT_TEAM_H
#define ALM_MODELS_EXPERT_TEAM_H

#include "almanac/predictor.h"

#include "expert_weights.h"

struct expert_team {
    size_t count;
    struct alm_choice choice[EXPERTS_MOST];
    size_t offset[EXPERTS_MOST]; /* of an expert's state in a unit's, from the base */
    size_t bytes;                /* of all of them */
    void *shared[EXPERTS_MOST];  /* what an expert's units have in common within a loop; NULL: nothing */
};

/* What is set for all that know it: KEY=VALUE. */
struct expert_setting {
    const char *key, *value;
};

/* Parse TEXT into TEAM, with the N settings of ALL. ALM_EINVAL names the expert and what is wrong; TEAM is then empty. On success
 * expert_team_close is due. */
int expert_team_open(struct expert_team *team, const char *text, const struct expert_setting *all, size_t n,
                     const struct alm_env *env, struct alm_err *e);
void expert_team_close(struct expert_team *team);

/* Make what units have in common, zeroed, before the experts' init. */
int expert_team_share(struct expert_team *team, const struct alm_env *env, struct alm_err *e);

/* Where expert K of the team of TEXT stands there; *N: its bytes. */
const char *expert_words(const char *text, size_t k, size_t *n);

static inline const struct alm_predictor_ops *expert_of(const struct expert_team *team, size_t k)
{
    return (const struct alm_predictor_ops *)(const void *)team->choice[k].module;
}

/* U as expert K sees it, whose states begin BASE bytes into those of U. */
struct alm_units expert_units(const struct expert_team *team, size_t k, const struct alm_units *u, size_t base);

#endif
