/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_parts: traces, policies, seeds, split, metrics and what is done with them, out of a specification. */
#include "experiments/sweep/spec_build.h"

#include "almanac/option.h"
#include "almanac/quantity.h"

#include <stdlib.h>
#include <string.h>

#define SEEDS_MOST 1000000
#define SEED_LARGEST ((int64_t)1 << 53) /* what any reader of JSON gets back */
#define NAME_MOST 100

static bool good_name(struct spec_builder *b, size_t node, const char *name)
{
    bool good = name[0] != '\0' && strlen(name) <= NAME_MOST;
    for (const char *p = name; *p; p++)
        good = good && (unsigned char)*p >= ' ' && *p != 0x7f;
    if (!good)
        alm_spec_tell(b->y, node, "a name has 1 to %d bytes, and no control characters", NAME_MOST);
    return good;
}

static void one_trace(struct spec_builder *b, size_t node)
{
    static const char *const known[] = {"file", "name", "units", NULL};
    struct sweep_spec *s = b->s;
    bool map = alm_spec_shape(b->y, node) == ALM_SPEC_MAP;
    size_t file = map ? alm_spec_child(b->y, node, "file") : node;
    size_t name = map ? alm_spec_child(b->y, node, "name") : 0, units = map ? alm_spec_child(b->y, node, "units") : 0;
    if (map)
        alm_spec_known(b->y, node, known);
    if (!file)
        alm_spec_tell(b->y, node, "which file? Write {file: PATH, ...}");
    const char *path = file ? spec_plain(b, file) : NULL, *word = name ? spec_plain(b, name) : NULL;
    const char *pattern = units ? spec_plain(b, units) : "";
    if (!path || !pattern || (word && !good_name(b, name, word)) || !spec_room(b, node, s->traces))
        return;
    struct sweep_trace *more = spec_more(b, s->trace, s->traces, sizeof *more);
    if (!more)
        return;
    s->trace = more;
    more[s->traces].at = file;
    more[s->traces].path = spec_copy(b, path);
    more[s->traces].units = spec_copy(b, pattern);
    more[s->traces].name = word ? spec_copy(b, word) : NULL;
    s->traces++;
}

void spec_traces(struct spec_builder *b, size_t node)
{
    if (alm_spec_shape(b->y, node) == ALM_SPEC_VALUE) {
        one_trace(b, node);
        return;
    }
    if (!spec_list(b, node))
        return;
    for (size_t i = 0; b->code >= 0 && (i = alm_spec_next(b->y, node, i));)
        one_trace(b, i);
    if (!alm_spec_next(b->y, node, 0))
        alm_spec_tell(b->y, node, "the list is empty; name a trace file");
}

/* Names that a factor's path may begin with are no names of policies: "policy.path" would say two things. */
static bool is_path_word(const char *name)
{
    static const char *const words[] = {"seed", "threads", "control", "sample", "record", "workload"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return alm_kind_find(name) >= 0;
}

static const char *name_of_policy(struct spec_builder *b, size_t node)
{
    size_t at = alm_spec_child(b->y, node, "name");
    if (!at)
        alm_spec_tell(b->y, node, "the policy has no `name`");
    const char *name = at ? spec_plain(b, at) : NULL;
    if (!name || !good_name(b, at, name))
        return NULL;
    for (size_t i = 0; i < b->s->policies; i++)
        if (strcmp(b->s->policy[i].name, name) == 0) {
            alm_spec_tell(b->y, at, "another policy is named `%s` too", name);
            return NULL;
        }
    if (!is_path_word(name))
        return name;
    alm_spec_tell(b->y, at, "`%s` begins paths of settings, and so cannot name a policy", name);
    return NULL;
}

static void one_policy(struct spec_builder *b, size_t node)
{
    static const char *const known[] = {"name", "profiler", "predictor", "calibrator", "allocator", "settings", NULL};
    struct sweep_spec *s = b->s;
    if (!spec_map(b, node) || !spec_room(b, node, s->policies))
        return;
    alm_spec_known(b->y, node, known);
    const char *name = name_of_policy(b, node);
    struct sweep_policy *more = spec_more(b, s->policy, s->policies, sizeof *more);
    if (!more)
        return;
    s->policy = more;
    struct sweep_policy *p = &more[s->policies];
    p->at = node;
    p->name = spec_copy(b, name ? name : "");
    if (!p->name)
        return;
    s->policies++;
    for (int k = 0; k < ALM_KIND_COUNT; k++) {
        static const bool part[ALM_KIND_COUNT] = {
            [ALM_PROFILER] = true, [ALM_PREDICTOR] = true, [ALM_CALIBRATOR] = true, [ALM_ALLOCATOR] = true};
        size_t at = part[k] ? alm_spec_child(b->y, node, alm_kind_word((enum alm_kind)k)) : 0;
        if (at)
            spec_module(b, at, NULL, &p->module[k]);
    }
    size_t settings = alm_spec_child(b->y, node, "settings");
    if (settings)
        spec_settings(b, settings, &p->set, &p->sets);
}

void spec_policies(struct spec_builder *b, size_t node)
{
    if (!spec_list(b, node))
        return;
    for (size_t i = 0; b->code >= 0 && (i = alm_spec_next(b->y, node, i));)
        one_policy(b, i);
    if (!alm_spec_next(b->y, node, 0))
        alm_spec_tell(b->y, node, "the list is empty; describe a policy: - {name: ..., allocator: ...}");
}

const char *spec_policy_name(struct spec_builder *b, size_t node, const char *name)
{
    const char *names[SWEEP_LIST + 1];
    size_t n = 0;
    for (size_t i = 0; i < b->s->policies; i++) {
        if (strcmp(b->s->policy[i].name, name) == 0)
            return b->s->policy[i].name;
        names[n++] = b->s->policy[i].name;
    }
    names[n] = NULL;
    const char *nearest = alm_nearest(name, names);
    alm_spec_tell(b->y, node, nearest ? "no policy is named `%.60s`, did you mean `%s`?" : "no policy is named `%.60s`",
                  name, nearest);
    return NULL;
}

static void add_seed(struct spec_builder *b, int64_t seed)
{
    int64_t *more = spec_more(b, b->s->seed, b->s->seeds, sizeof *more);
    if (!more)
        return;
    b->s->seed = more;
    more[b->s->seeds++] = seed;
}

static void seed_range(struct spec_builder *b, size_t node)
{
    static const char *const known[] = {"first", "count", NULL};
    size_t first = alm_spec_child(b->y, node, "first"), count = alm_spec_child(b->y, node, "count");
    int64_t from = 1, n = 0;
    alm_spec_known(b->y, node, known);
    if (first)
        spec_whole(b, first, 0, SEED_LARGEST - SEEDS_MOST, &from);
    if (count)
        spec_whole(b, count, 1, SEEDS_MOST, &n);
    else
        alm_spec_tell(b->y, node, "how many? Write {first: 1, count: 10}");
    for (int64_t i = 0; i < n && b->code >= 0; i++)
        add_seed(b, from + i);
}

static int order(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Tell of seeds that are there twice. */
static void check_seeds(struct spec_builder *b, size_t node)
{
    size_t n = b->s->seeds;
    int64_t *sorted = malloc(n * sizeof *sorted + 1);
    if (!sorted) {
        b->code = alm_fail(b->e, ALM_ENOMEM, "%s: out of memory", b->s->path);
        return;
    }
    memcpy(sorted, b->s->seed, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, order);
    for (size_t i = 1; i < n; i++)
        if (sorted[i] == sorted[i - 1]) {
            alm_spec_tell(b->y, node, "the seed %lld is given twice", (long long)sorted[i]);
            break;
        }
    free(sorted);
}

void spec_seeds(struct spec_builder *b, size_t node)
{
    enum alm_spec_shape shape = alm_spec_shape(b->y, node);
    if (shape == ALM_SPEC_MAP)
        seed_range(b, node);
    if (shape == ALM_SPEC_VALUE)
        alm_spec_tell(b->y, node, "one seed or so many? Write a list, [1, 2, 3], or {first: 1, count: 10}");
    for (size_t i = 0; shape == ALM_SPEC_LIST && b->code >= 0 && (i = alm_spec_next(b->y, node, i));) {
        int64_t seed = -1;
        spec_whole(b, i, 0, SEED_LARGEST - SEEDS_MOST, &seed);
        if (seed >= 0)
            add_seed(b, seed);
    }
    if (shape == ALM_SPEC_LIST && !alm_spec_next(b->y, node, 0))
        alm_spec_tell(b->y, node, "the list is empty");
    if (shape == ALM_SPEC_LIST && b->code >= 0 && b->s->seeds > 1)
        check_seeds(b, node);
}

void spec_split(struct spec_builder *b, size_t node)
{
    static const char *const known[] = {"warmup", "train", "test", NULL};
    alm_time *const part[] = {&b->s->warmup, &b->s->train, &b->s->test};
    if (!spec_map(b, node))
        return;
    alm_spec_known(b->y, node, known);
    for (int k = 0; k < 3; k++) {
        size_t at = alm_spec_child(b->y, node, known[k]);
        alm_time value = 0;
        if (!at)
            continue;
        spec_duration(b, at, &value);
        if (k > 0 && value == 0 && !alm_spec_told(b->y, at))
            alm_spec_tell(b->y, at, "a part of no length; leave it out");
        *part[k] = value;
    }
}

static void one_metric(struct spec_builder *b, size_t node)
{
    const char *name = spec_plain(b, node);
    struct sweep_spec *s = b->s;
    if (!name || !spec_room(b, node, s->metrics))
        return;
    for (size_t i = 0; i < s->metrics; i++)
        if (strcmp(s->metric[i].name, name) == 0) {
            alm_spec_tell(b->y, node, "the metric `%.60s` is given twice", name);
            return;
        }
    struct sweep_metric *more = spec_more(b, s->metric, s->metrics, sizeof *more);
    if (!more)
        return;
    s->metric = more;
    more[s->metrics].at = node;
    more[s->metrics].name = spec_copy(b, name);
    s->metrics += more[s->metrics].name != NULL;
}

void spec_metrics(struct spec_builder *b, size_t node)
{
    if (alm_spec_shape(b->y, node) == ALM_SPEC_VALUE)
        one_metric(b, node);
    else if (spec_list(b, node))
        for (size_t i = 0; b->code >= 0 && (i = alm_spec_next(b->y, node, i));)
            one_metric(b, i);
}

void spec_baseline(struct spec_builder *b, size_t node)
{
    const char *name = spec_plain(b, node);
    if (name && spec_policy_name(b, node, name))
        b->s->baseline = spec_copy(b, name);
}

/* An amount in whatever unit the metric has, not negative. */
static bool is_amount(const char *text)
{
    double real = 0;
    int64_t whole = 0;
    alm_time time = 0;
    if (alm_parse_fraction(text, &real, NULL) >= 0 || alm_parse_real(text, &real, NULL) >= 0)
        return real >= 0;
    if (alm_parse_duration(text, &time, NULL) >= 0)
        return time >= 0;
    return alm_parse_bytes(text, &whole, NULL) >= 0 && whole >= 0;
}

static void one_tolerance(struct spec_builder *b, const char *path, size_t leaf, void *ctx)
{
    (void)ctx;
    struct sweep_spec *s = b->s;
    const char *text = spec_plain(b, leaf);
    if (!text || !spec_room(b, leaf, s->tolerances))
        return;
    if (!is_amount(text)) {
        alm_spec_tell(b->y, leaf, "`%.60s` is neither a share, as 2%%, nor an amount that is 0 or more", text);
        return;
    }
    struct sweep_tolerance *more = spec_more(b, s->tolerance, s->tolerances, sizeof *more);
    if (!more)
        return;
    s->tolerance = more;
    struct sweep_tolerance *t = &more[s->tolerances++];
    t->at = leaf;
    t->metric = spec_copy(b, path);
    t->text = spec_copy(b, text);
}

void spec_tolerances(struct spec_builder *b, size_t node)
{
    spec_leaves(b, node, one_tolerance, NULL);
}

void spec_until(struct spec_builder *b, size_t node)
{
    static const char *const known[] = {"metric", "halfwidth", "most", NULL};
    if (!spec_map(b, node))
        return;
    alm_spec_known(b->y, node, known);
    size_t metric = alm_spec_child(b->y, node, "metric"), width = alm_spec_child(b->y, node, "halfwidth");
    size_t most = alm_spec_child(b->y, node, "most");
    int64_t count = 100;
    if (!metric || !width)
        alm_spec_tell(b->y, node, "write {metric: NAME, halfwidth: 2%%, most: 100}");
    const char *name = metric ? spec_plain(b, metric) : NULL;
    if (width)
        spec_share(b, width, &b->s->until_halfwidth);
    if (most)
        spec_whole(b, most, 1, SEEDS_MOST, &count);
    if ((size_t)count < b->s->seeds)
        alm_spec_tell(b->y, most ? most : node, "at most %lld seeds, but `seeds` has %zu", (long long)count,
                      b->s->seeds);
    b->s->until_at = metric;
    b->s->until_most = (size_t)count;
    b->s->until_metric = name ? spec_copy(b, name) : NULL;
}
