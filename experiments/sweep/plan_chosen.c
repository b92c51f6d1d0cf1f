/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_chosen: the values that were found for the parameters of tuned policies, in a plan and its file.
 *
 * Choice.   They become settings of the policy, behind its others, so that whoever configures it or prints its command needs to
 *           know nothing of tuning. */
#include "experiments/sweep/plan_file.h"
#include "experiments/sweep/plan_layout.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sweep_policy *policy_of(const struct sweep_plan *p, size_t tune)
{
    struct sweep_policy *policy = p->spec->policy;
    while (strcmp(policy->name, p->spec->tune[tune].policy) != 0)
        policy++;
    return policy;
}

int sweep_plan_choose(struct sweep_plan *p, size_t tune, const char *const *value, struct alm_err *e)
{
    const struct sweep_tune *t = &p->spec->tune[tune];
    struct sweep_policy *policy = policy_of(p, tune);
    assert(!p->chosen || !p->chosen[tune]);
    if (!p->chosen)
        p->chosen = calloc(p->spec->tunes, sizeof *p->chosen);
    struct sweep_set *more =
        p->chosen ? realloc(policy->set, (policy->sets + t->parameters) * sizeof *policy->set) : NULL;
    if (!more)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the values of policy %s", policy->name);
    policy->set = more;
    for (size_t k = 0; k < t->parameters; k++) {
        struct sweep_set *set = &policy->set[policy->sets];
        if (asprintf(&set->text, "%s=%s", t->parameter[k].path, value[k]) < 0)
            return alm_fail(e, ALM_ENOMEM, "out of memory for the values of policy %s", policy->name);
        set->at = t->parameter[k].at;
        policy->sets++;
    }
    p->chosen[tune] = true;
    return sweep_layout_make(p, e);
}

const char *sweep_plan_chosen(const struct sweep_plan *p, size_t tune, size_t parameter)
{
    if (!p->chosen || !p->chosen[tune])
        return NULL;
    const struct sweep_policy *policy = policy_of(p, tune);
    const struct sweep_set *set = &policy->set[policy->sets - p->spec->tune[tune].parameters + parameter];
    return strchr(set->text, '=') + 1;
}

static json_t *values_json(const struct sweep_plan *p, size_t tune)
{
    const struct sweep_tune *t = &p->spec->tune[tune];
    json_t *out = json_object();
    for (size_t k = 0; k < t->parameters; k++)
        json_object_set_new(out, t->parameter[k].path, json_string(sweep_plan_chosen(p, tune, k)));
    return out;
}

json_t *sweep_chosen_json(const struct sweep_plan *p)
{
    json_t *list = p->chosen ? json_array() : NULL;
    for (size_t i = 0; list && i < p->spec->tunes; i++)
        if (p->chosen[i])
            json_array_append_new(
                list, json_pack("{s:s, s:o}", "policy", p->spec->tune[i].policy, "parameters", values_json(p, i)));
    return list;
}

static int read_choice(struct sweep_plan *p, json_t *row, struct alm_err *e)
{
    const struct sweep_spec *s = p->spec;
    const char *name = json_string_value(json_object_get(row, "policy"));
    size_t i = 0;
    while (i < s->tunes && !(name && strcmp(s->tune[i].policy, name) == 0))
        i++;
    if (i == s->tunes || (p->chosen && p->chosen[i]))
        return alm_fail(e, ALM_EDATA, "%s/%s: values are chosen for `%.60s`, which is not tuned, or twice", p->dir,
                        SWEEP_PLAN_FILE, name ? name : "");
    const struct sweep_tune *t = &s->tune[i];
    const char **value = calloc(t->parameters + 1, sizeof *value);
    int code = ALM_OK;
    if (!value)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory", p->dir);
    for (size_t k = 0; code >= 0 && k < t->parameters; k++) {
        value[k] = json_string_value(json_object_get(json_object_get(row, "parameters"), t->parameter[k].path));
        if (!value[k])
            code = alm_fail(e, ALM_EDATA, "%s/%s: no value is chosen for %s of policy %s", p->dir, SWEEP_PLAN_FILE,
                            t->parameter[k].path, t->policy);
    }
    if (code >= 0)
        code = sweep_plan_choose(p, i, value, e);
    free(value);
    return code;
}

int sweep_chosen_read(struct sweep_plan *p, json_t *list, struct alm_err *e)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        ALM_TRY(read_choice(p, json_array_get(list, i), e));
    return ALM_OK;
}
