/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune_plan: see the header.
 *
 * Choice.   A shallow copy of the specification: what is not changed still belongs to the experiment's. */
#include "experiments/sweep/tune_plan.h"

#include "experiments/sweep/plan_layout.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tune_plan_free(struct tune_plan *t)
{
    if (!t)
        return;
    for (size_t i = 0; t->spec.policy && i < t->spec.policies; i++) {
        struct sweep_policy *p = &t->spec.policy[i];
        for (size_t k = t->own_sets; p->set && k < p->sets; k++)
            free(p->set[k].text);
        free(p->set);
    }
    sweep_layout_free(t->plan.layout);
    free(t->spec.policy);
    free(t->spec.factor);
    free(t->spec.trace);
    free(t->plan.sha256);
    free(t->plan.trace_path);
    free(t);
}

/* OUT is as FROM, with the settings of CANDIDATE behind its own. */
static bool make_policy(const struct sweep_policy *from, const struct sweep_tune *t,
                        const struct tune_candidate *candidate, struct sweep_policy *out)
{
    *out = *from;
    out->set = calloc(from->sets + t->parameters + 1, sizeof *out->set);
    if (!out->set)
        return false;
    for (size_t k = 0; k < from->sets; k++)
        out->set[k] = from->set[k];
    for (size_t k = 0; k < t->parameters; k++) {
        if (asprintf(&out->set[out->sets].text, "%s=%s", t->parameter[k].path, candidate->value[k]) < 0)
            return false;
        out->set[out->sets++].at = t->parameter[k].at;
    }
    return true;
}

/* The factors that are about the policy: to its candidates they are about all. */
static void take_factors(const struct sweep_spec *from, const char *policy, struct sweep_spec *to)
{
    to->factors = 0;
    for (size_t i = 0; i < from->factors; i++) {
        const struct sweep_factor *f = &from->factor[i];
        if (f->policy && strcmp(f->policy, policy) != 0)
            continue;
        to->factor[to->factors] = *f;
        to->factor[to->factors++].policy = NULL;
    }
}

static void take_traces(const struct tune_scope *scope, struct tune_plan *t)
{
    const struct sweep_plan *p = scope->plan;
    for (size_t i = 0; i < scope->traces; i++) {
        const size_t k = scope->order[i];
        t->spec.trace[i] = p->spec->trace[k];
        t->plan.trace_path[i] = p->trace_path[k];
        memcpy(t->plan.sha256[i], p->sha256[k], sizeof *p->sha256);
    }
    t->spec.traces = scope->traces;
}

static const struct sweep_policy *policy_of(const struct sweep_spec *s, const char *name)
{
    const struct sweep_policy *policy = s->policy;
    while (strcmp(policy->name, name) != 0)
        policy++;
    return policy;
}

static bool fill(const struct tune_scope *scope, struct tune_candidate *const *candidate, size_t n, struct tune_plan *t)
{
    const struct sweep_spec *s = scope->plan->spec;
    const struct sweep_tune *tune = &s->tune[scope->tune];
    const struct sweep_policy *policy = policy_of(s, tune->policy);
    t->own_sets = policy->sets;
    t->spec.policy = calloc(n + 1, sizeof *t->spec.policy);
    t->spec.factor = calloc(s->factors + 1, sizeof *t->spec.factor);
    t->spec.trace = calloc(s->traces + 1, sizeof *t->spec.trace);
    t->plan.sha256 = calloc(s->traces + 1, sizeof *t->plan.sha256);
    t->plan.trace_path = calloc(s->traces + 1, sizeof *t->plan.trace_path);
    if (!t->spec.policy || !t->spec.factor || !t->spec.trace || !t->plan.sha256 || !t->plan.trace_path)
        return false;
    take_factors(s, tune->policy, &t->spec);
    take_traces(scope, t);
    bool good = true;
    for (; good && t->spec.policies < n; t->spec.policies++)
        good = make_policy(policy, tune, candidate[t->spec.policies], &t->spec.policy[t->spec.policies]);
    return good;
}

int tune_plan_make(const struct tune_scope *scope, struct tune_candidate *const *candidate, size_t n,
                   struct tune_plan **out, struct alm_err *e)
{
    const struct sweep_plan *p = scope->plan;
    struct tune_plan *t = calloc(1, sizeof *t);
    assert(scope->seeds <= p->spec->seeds && scope->traces <= p->spec->traces && p->spec->train > 0);
    if (!t)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a search of %zu sets of values", n);
    t->spec = *p->spec;
    t->spec.policies = t->spec.tunes = 0;
    t->spec.seeds = scope->seeds;
    t->spec.test = 0; /* there is none here */
    t->plan = (struct sweep_plan){.spec = &t->spec, .dir = p->dir, .version = p->version};
    int code = ALM_ENOMEM;
    if (fill(scope, candidate, n, t))
        code = sweep_layout_make(&t->plan, e);
    else
        alm_fail(e, code, "out of memory for %zu sets of values", n);
    if (code < 0) {
        tune_plan_free(t);
        return code;
    }
    assert(t->plan.layout && t->plan.layout->parts == 1 && t->plan.layout->part[0] == SWEEP_TRAIN);
    *out = t;
    return ALM_OK;
}
