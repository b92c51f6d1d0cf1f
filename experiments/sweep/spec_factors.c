/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_factors: settings with several values: factors, and the parameters that are tuned.
 *
 * Choice.   A path that begins with the name of a policy and a dot is about this policy; of several such names the longest
 *           counts. */
#include "experiments/sweep/spec_build.h"

#include "almanac/option.h"
#include "almanac/quantity.h"

#include <stdlib.h>
#include <string.h>

/* The values of the list LEAF, or the one that it is, as texts; each once. */
static void take_values(struct spec_builder *b, size_t leaf, char ***value, size_t **value_at, size_t *values)
{
    bool list = alm_spec_shape(b->y, leaf) == ALM_SPEC_LIST;
    for (size_t i = list ? alm_spec_next(b->y, leaf, 0) : leaf; i; i = list ? alm_spec_next(b->y, leaf, i) : 0) {
        char text[ALM_OPT_STRING];
        if (alm_spec_shape(b->y, i) == ALM_SPEC_MAP)
            alm_spec_tell(b->y, i, "here is a map; write one value");
        else if (spec_joined(b, i, text) && spec_room(b, i, *values)) {
            size_t k = 0;
            while (k < *values && strcmp((*value)[k], text) != 0)
                k++;
            if (k < *values) {
                alm_spec_tell(b->y, i, "the value `%.60s` is given twice", text);
                continue;
            }
            char **more = spec_more(b, *value, *values, sizeof *more);
            *value = more ? more : *value;
            size_t *places = more ? spec_more(b, *value_at, *values, sizeof *places) : NULL;
            if (!places)
                return;
            *value_at = places;
            places[*values] = i;
            more[*values] = spec_copy(b, text);
            *values += more[*values] != NULL;
        }
    }
    if (list && !alm_spec_next(b->y, leaf, 0))
        alm_spec_tell(b->y, leaf, "the list is empty; give the values to try");
}

/* The policy that PATH begins with, and the rest of it. */
static const char *split_path(const struct sweep_spec *s, const char *path, const char **rest)
{
    const char *found = NULL;
    size_t longest = 0;
    *rest = path;
    for (size_t i = 0; i < s->policies; i++) {
        size_t n = strlen(s->policy[i].name);
        if (n > longest && strncmp(path, s->policy[i].name, n) == 0 && path[n] == '.') {
            found = s->policy[i].name;
            longest = n;
            *rest = path + n + 1;
        }
    }
    return found;
}

static void one_factor(struct spec_builder *b, const char *path, size_t leaf, void *ctx)
{
    struct sweep_spec *s = b->s;
    const char *rest, *policy = split_path(s, path, &rest);
    for (size_t i = 0; i < s->factors; i++) {
        const struct sweep_factor *f = &s->factor[i];
        bool meet = !f->policy || !policy || strcmp(f->policy, policy) == 0;
        if (meet && strcmp(f->path, rest) == 0) {
            alm_spec_tell(b->y, leaf, "`%s` is a factor already%s", rest,
                          f->policy != policy ? " of these policies" : "");
            return;
        }
    }
    if (s->factors == SWEEP_FACTORS) {
        alm_spec_tell(b->y, leaf, "more than %u factors", SWEEP_FACTORS);
        return;
    }
    struct sweep_factor *more = spec_more(b, s->factor, s->factors, sizeof *more);
    if (!more)
        return;
    s->factor = more;
    struct sweep_factor *f = &more[s->factors++];
    f->at = leaf;
    f->zip = *(const bool *)ctx;
    f->path = spec_copy(b, rest);
    f->policy = policy ? spec_copy(b, policy) : NULL;
    take_values(b, leaf, &f->value, &f->value_at, &f->values);
}

/* Values that go in step must be as many. */
static void check_zip(struct spec_builder *b)
{
    const struct sweep_factor *first = NULL;
    for (size_t i = 0; i < b->s->factors; i++) {
        const struct sweep_factor *f = &b->s->factor[i];
        if (f->zip && first && f->values != first->values && !alm_spec_told(b->y, f->at))
            alm_spec_tell(b->y, f->at, "%zu values, but `%s` has %zu; zipped factors go in step", f->values,
                          first->path, first->values);
        first = f->zip && !first ? f : first;
    }
}

void spec_factors(struct spec_builder *b, size_t node)
{
    static const char *const known[] = {"cross", "zip", NULL};
    bool crossed = false, zipped = true;
    if (!spec_map(b, node))
        return;
    size_t cross = alm_spec_child(b->y, node, "cross"), zip = alm_spec_child(b->y, node, "zip");
    if (!cross && !zip) {
        spec_leaves(b, node, one_factor, &crossed);
        return;
    }
    alm_spec_known(b->y, node, known);
    for (size_t i = 0; (i = alm_spec_next(b->y, node, i));)
        if (i == cross || i == zip)
            spec_leaves(b, i, one_factor, i == zip ? &zipped : &crossed);
    check_zip(b);
}

static void parameter_range(struct spec_builder *b, size_t node, struct sweep_parameter *p)
{
    static const char *const known[] = {"values", "min", "max", "log", NULL};
    size_t values = alm_spec_child(b->y, node, "values"), min = alm_spec_child(b->y, node, "min");
    size_t max = alm_spec_child(b->y, node, "max"), log = alm_spec_child(b->y, node, "log");
    size_t *places = NULL;
    alm_spec_known(b->y, node, known);
    if (values)
        take_values(b, values, &p->value, &places, &p->values);
    free(places);
    if (values && (min || max || log))
        alm_spec_tell(b->y, node, "write either `values` or a range");
    if (!values && (!min || !max))
        alm_spec_tell(b->y, node, "write {values: [...]} or {min: ..., max: ...}");
    const char *low = min ? spec_plain(b, min) : NULL, *high = max ? spec_plain(b, max) : NULL;
    p->min = low ? spec_copy(b, low) : NULL;
    p->max = high ? spec_copy(b, high) : NULL;
    const char *word = log ? spec_plain(b, log) : NULL;
    p->log = word && strcmp(word, "true") == 0;
    if (word && !p->log && strcmp(word, "false") != 0)
        alm_spec_tell(b->y, log, "`%.60s` is neither true nor false", word);
}

/* Each child is one parameter: its path is written with dots, since a map says what its values are. */
static void take_parameters(struct spec_builder *b, size_t node, struct sweep_tune *t)
{
    size_t *places = NULL;
    if (!spec_map(b, node))
        return;
    for (size_t i = 0; b->code >= 0 && (i = alm_spec_next(b->y, node, i));) {
        if (strlen(alm_spec_name(b->y, i)) >= SWEEP_PATH) {
            alm_spec_tell(b->y, i, "the path is longer than %d bytes", SWEEP_PATH - 1);
            continue;
        }
        struct sweep_parameter *more =
            spec_room(b, i, t->parameters) ? spec_more(b, t->parameter, t->parameters, sizeof *more) : NULL;
        if (!more)
            return;
        t->parameter = more;
        struct sweep_parameter *p = &more[t->parameters++];
        p->at = i;
        p->path = spec_copy(b, alm_spec_name(b->y, i));
        if (alm_spec_shape(b->y, i) == ALM_SPEC_MAP)
            parameter_range(b, i, p);
        else
            take_values(b, i, &p->value, &places, &p->values);
        free(places);
        places = NULL;
    }
    if (!alm_spec_next(b->y, node, 0))
        alm_spec_tell(b->y, node, "no parameters to tune");
}

static void one_objective(struct spec_builder *b, const char *path, size_t leaf, void *ctx)
{
    struct sweep_tune *t = ctx;
    struct alm_err e = {0};
    double weight;
    const char *text = spec_plain(b, leaf);
    if (!text || !spec_room(b, leaf, t->objectives))
        return;
    if (alm_parse_real(text, &weight, &e) < 0) {
        alm_spec_tell(b->y, leaf, "%s", e.text);
        return;
    }
    char **more = spec_more(b, t->objective, t->objectives, sizeof *more);
    t->objective = more ? more : t->objective;
    double *weights = more ? spec_more(b, t->weight, t->objectives, sizeof *weights) : NULL;
    if (!weights)
        return;
    t->weight = weights;
    size_t *places = spec_more(b, t->objective_at, t->objectives, sizeof *places);
    if (!places)
        return;
    t->objective_at = places;
    places[t->objectives] = leaf;
    weights[t->objectives] = weight;
    more[t->objectives] = spec_copy(b, path);
    t->objectives += more[t->objectives] != NULL;
}

static void take_method(struct spec_builder *b, size_t node, struct sweep_tune *t)
{
    static const char *const words[] = {"grid", "random", "nelder-mead", "halving", NULL};
    const char *word = spec_plain(b, node);
    if (!word)
        return;
    for (int k = 0; words[k]; k++)
        if (strcmp(word, words[k]) == 0) {
            t->method = (enum sweep_tuning)k;
            return;
        }
    const char *nearest = alm_nearest(word, words);
    alm_spec_tell(b->y, node,
                  nearest ? "`%.60s` is no method, did you mean `%s`?"
                          : "`%.60s` is not one of grid, random, nelder-mead, halving",
                  word, nearest);
}

/* A method other than a grid needs a budget. */
static void check_tune(struct spec_builder *b, size_t node, const struct sweep_tune *t)
{
    if (t->method != SWEEP_GRID && t->budget == 0)
        alm_spec_tell(b->y, node, "no `budget`: how many sets of values may be tried?");
    for (size_t i = 0; i < t->parameters; i++) {
        const struct sweep_parameter *p = &t->parameter[i];
        if (t->method == SWEEP_NELDER_MEAD && p->values)
            alm_spec_tell(b->y, p->at, "nelder-mead needs a range, not `values`");
    }
}

static void one_tune(struct spec_builder *b, size_t node)
{
    static const char *const known[] = {"policy", "parameters", "objective", "method", "budget", "seed", NULL};
    size_t at[6];
    int64_t budget = 0, seed = 1;
    if (!spec_map(b, node) || !spec_room(b, node, b->s->tunes))
        return;
    struct sweep_tune *more = spec_more(b, b->s->tune, b->s->tunes, sizeof *more);
    if (!more)
        return;
    b->s->tune = more;
    struct sweep_tune *t = &more[b->s->tunes++];
    t->at = node;
    alm_spec_known(b->y, node, known);
    for (int k = 0; known[k]; k++) {
        at[k] = alm_spec_child(b->y, node, known[k]);
        if (k < 3 && !at[k])
            alm_spec_tell(b->y, node, "no `%s`", known[k]);
    }
    const char *policy = at[0] ? spec_plain(b, at[0]) : NULL;
    if (policy && spec_policy_name(b, at[0], policy))
        t->policy = spec_copy(b, policy);
    if (at[1])
        take_parameters(b, at[1], t);
    if (at[2])
        spec_leaves(b, at[2], one_objective, t);
    if (at[3])
        take_method(b, at[3], t);
    if (at[4])
        spec_whole(b, at[4], 1, 1000000, &budget);
    if (at[5])
        spec_whole(b, at[5], 0, (int64_t)1 << 53, &seed);
    t->budget = (size_t)budget;
    t->seed = (uint64_t)seed;
    check_tune(b, node, t);
}

void spec_tune(struct spec_builder *b, size_t node)
{
    if (alm_spec_shape(b->y, node) == ALM_SPEC_MAP)
        one_tune(b, node);
    else if (spec_list(b, node))
        for (size_t i = 0; b->code >= 0 && (i = alm_spec_next(b->y, node, i));)
            one_tune(b, i);
    if (b->s->tunes && (b->s->train == 0 || b->s->test == 0))
        alm_spec_tell(b->y, node, "tuning needs a part to tune on and one to score: split: {train: ..., test: ...}");
}

static void free_parameter(struct sweep_parameter *p)
{
    for (size_t i = 0; i < p->values; i++)
        free(p->value[i]);
    free(p->value);
    free(p->path);
    free(p->min);
    free(p->max);
}

void spec_tune_free(struct sweep_tune *t)
{
    for (size_t i = 0; i < t->parameters; i++)
        free_parameter(&t->parameter[i]);
    for (size_t i = 0; i < t->objectives; i++)
        free(t->objective[i]);
    free(t->parameter);
    free(t->objective);
    free(t->weight);
    free(t->objective_at);
    free(t->policy);
}
