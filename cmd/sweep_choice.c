/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep_choice: see the header. */
#include "cmd/sweep_choice.h"
#include "experiments/sweep/tune.h"
#include "experiments/sweep/until.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *values_json(const struct sweep_plan *p, size_t tune)
{
    const struct sweep_tune *t = &p->spec->tune[tune];
    if (!p->chosen || !p->chosen[tune])
        return json_null();
    json_t *out = json_object();
    for (size_t k = 0; k < t->parameters; k++)
        json_object_set_new(out, t->parameter[k].path, json_string(sweep_plan_chosen(p, tune, k)));
    return out;
}

static int look_at_tuned(const struct sweep_plan *p, struct sweep_choice *c, struct alm_err *e)
{
    c->tuned = json_array();
    for (size_t i = 0; i < p->spec->tunes; i++) {
        const struct sweep_tune *t = &p->spec->tune[i];
        char *path = tune_path(p, i);
        json_t *row = path ? json_pack("{s:s, s:s, s:s, s:o}", "policy", t->policy, "method",
                                       tune_method_word(t->method), "file", path, "parameters", values_json(p, i))
                           : NULL;
        free(path);
        if (!row || json_array_append_new(c->tuned, row) < 0)
            return alm_fail(e, ALM_ENOMEM, "out of memory for tuned policies");
        c->open |= !p->chosen || !p->chosen[i];
    }
    return ALM_OK;
}

static int look_at_seeds(const struct sweep_plan *p, struct sweep_choice *c, struct alm_err *e)
{
    struct until_need need;
    const int code = until_look(p, &need, e);
    if (code != ALM_OK)
        return code < 0 ? code : ALM_OK;
    json_t *widest = isfinite(need.widest) ? json_real(need.widest) : json_null();
    c->until = json_pack("{s:s, s:f, s:I, s:I, s:I, s:o}", "metric", p->spec->until_metric, "halfwidth",
                         p->spec->until_halfwidth, "seeds", (json_int_t)need.seeds, "wanted", (json_int_t)need.wanted,
                         "most", (json_int_t)p->spec->until_most, "widest", widest);
    c->open |= need.wanted > need.seeds;
    return c->until ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for what seeds are wanted");
}

int sweep_choice_look(const struct sweep_plan *p, bool complete, struct sweep_choice *out, struct alm_err *e)
{
    *out = (struct sweep_choice){0};
    ALM_TRY(look_at_tuned(p, out, e));
    return complete && p->cells > 0 && p->spec->until_metric ? look_at_seeds(p, out, e) : ALM_OK;
}

void sweep_choice_close(struct sweep_choice *c)
{
    json_decref(c->tuned);
    json_decref(c->until);
    c->tuned = c->until = NULL;
}

static void print_tuned(json_t *row)
{
    const char *policy = json_string_value(json_object_get(row, "policy")), *path;
    json_t *values = json_object_get(row, "parameters"), *value;
    if (json_is_null(values)) {
        printf("tuned      %s: not chosen yet (%s)\n", policy, json_string_value(json_object_get(row, "method")));
        return;
    }
    printf("tuned      %s:", policy);
    json_object_foreach(values, path, value)
    {
        printf(" %s=%s", path, json_string_value(value));
    }
    printf("  (%s)\n", json_string_value(json_object_get(row, "file")));
}

static void print_until(json_t *until)
{
    const json_int_t seeds = json_integer_value(json_object_get(until, "seeds"));
    const json_int_t more = json_integer_value(json_object_get(until, "wanted")) - seeds;
    const json_t *widest = json_object_get(until, "widest");
    printf("until      %s within %g %%: ", json_string_value(json_object_get(until, "metric")),
           100 * json_real_value(json_object_get(until, "halfwidth")));
    if (json_is_real(widest))
        printf("%.3g %%", 100 * json_real_value(widest));
    else
        printf("not known");
    printf(" with %" JSON_INTEGER_FORMAT " seeds", seeds);
    if (more > 0)
        printf(", %" JSON_INTEGER_FORMAT " more are wanted: run again", more);
    putchar('\n');
}

void sweep_choice_print(const struct sweep_choice *c)
{
    size_t k;
    json_t *row;
    json_array_foreach(c->tuned, k, row)
    {
        print_tuned(row);
    }
    if (c->until)
        print_until(c->until);
}

const char *sweep_choice_missing(const struct sweep_plan *p)
{
    for (size_t i = 0; i < p->spec->tunes; i++)
        if (!p->chosen || !p->chosen[i])
            return p->spec->tune[i].policy;
    return NULL;
}
