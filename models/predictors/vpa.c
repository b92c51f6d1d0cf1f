/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa: the recommender of the Kubernetes Vertical Pod Autoscaler, one container a unit.
 *
 * Meaning.  max is the chosen bound (target, lower or upper), min the lower bound, never above max. The confidence is
 *           the percentile that the bound starts from: nominal, nothing has been checked. Before the first sample of a
 *           resource there is no envelope for it.
 * Choice.   Faithful to the millicore and the byte: CPU samples are truncated to whole millicores and stamped with
 *           their own stamp, censoring is not seen, amounts are truncated after each stage. Percentiles are formed when
 *           a sample changes a histogram, so that a decision costs one power and a few products.
 * Limits.   Several OOM kills between two decisions count as the newest of them.
 * Source.   Kubernetes autoscaler, vertical-pod-autoscaler, commit 55c37cd5eb55; docs/decisions/0003 says what was
 *           kept. */
#include "almanac/predictor.h"

#include "saved.h"
#include "vpa_estimator.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

struct opt {
    int bound; /* enum alm_vpa_bound */
    int controlled;
    double target[2], lower[2], upper[2];
    double margin;
    alm_time half_life[2];
    alm_time confidence_interval;
    double lower_multiplier, lower_exponent, upper_multiplier, upper_exponent;
    double min_cpu;
    int64_t min_memory;
    double cpu_weight;
    alm_time memory_window;
    double oom_ratio;
    int64_t oom_bump;
    double cpu_first, cpu_max, memory_first, memory_max, bucket_ratio;
    int64_t round_cpu, round_memory;
    bool whole_cores;
};

#define AT(field) offsetof(struct opt, field)
#define LONGEST ((double)(700 * ALM_DAY))

static const struct alm_opt opts[] = {
    {"bound", ALM_OPT_CHOICE, AT(bound), "target", 0, 0, "target|lower|upper", "what the envelope's max is"},
    {"controlled", ALM_OPT_CHOICE, AT(controlled), "both", 0, 0, "both|cpu|memory", "which resources get an envelope"},
    {"target_cpu_percentile", ALM_OPT_FRACTION, AT(target[0]), "0.9", 0, 1, NULL, "of CPU samples"},
    {"lower_cpu_percentile", ALM_OPT_FRACTION, AT(lower[0]), "0.5", 0, 1, NULL, "of CPU samples"},
    {"upper_cpu_percentile", ALM_OPT_FRACTION, AT(upper[0]), "0.95", 0, 1, NULL, "of CPU samples"},
    {"target_memory_percentile", ALM_OPT_FRACTION, AT(target[1]), "0.9", 0, 1, NULL, "of memory peaks"},
    {"lower_memory_percentile", ALM_OPT_FRACTION, AT(lower[1]), "0.5", 0, 1, NULL, "of memory peaks"},
    {"upper_memory_percentile", ALM_OPT_FRACTION, AT(upper[1]), "0.95", 0, 1, NULL, "of memory peaks"},
    {"margin", ALM_OPT_FRACTION, AT(margin), "15%", 0, 100, NULL, "safety margin added to each percentile"},
    {"cpu_half_life", ALM_OPT_DURATION, AT(half_life[0]), "24h", 1, LONGEST, NULL, "age at which a sample counts half"},
    {"memory_half_life", ALM_OPT_DURATION, AT(half_life[1]), "24h", 1, LONGEST, NULL,
     "age at which a peak counts half"},
    {"confidence_interval", ALM_OPT_DURATION, AT(confidence_interval), "24h", (double)ALM_MINUTE, LONGEST, NULL,
     "length of history at which the original calls its confidence 1"},
    {"lower_multiplier", ALM_OPT_REAL, AT(lower_multiplier), "0.001", 0, 1000, NULL, "of the lower bound's factor"},
    {"lower_exponent", ALM_OPT_REAL, AT(lower_exponent), "-2", -100, 0, NULL, "of the lower bound's factor"},
    {"upper_multiplier", ALM_OPT_REAL, AT(upper_multiplier), "1", 0, 1000, NULL, "of the upper bound's factor"},
    {"upper_exponent", ALM_OPT_REAL, AT(upper_exponent), "1", 0, 100, NULL, "of the upper bound's factor"},
    {"min_cpu", ALM_OPT_CORES, AT(min_cpu), "25m", 0, 1e9, NULL, "least CPU of a unit, cores"},
    {"min_memory", ALM_OPT_BYTES, AT(min_memory), "250Mi", 0, 1e14, NULL, "least memory of a unit, bytes"},
    {"cpu_weight", ALM_OPT_REAL, AT(cpu_weight), "0.1", 0.0001, 1000, NULL, "weight of each CPU sample"},
    {"memory_window", ALM_OPT_DURATION, AT(memory_window), "24h", 1, LONGEST, NULL, "one memory peak per this long"},
    {"oom_ratio", ALM_OPT_REAL, AT(oom_ratio), "1.2", 1, 100, NULL,
     "after an OOM kill at least this times what was used"},
    {"oom_bump", ALM_OPT_BYTES, AT(oom_bump), "100Mi", 0, 1e14, NULL, "and at least this many bytes more"},
    {"cpu_first_bucket", ALM_OPT_CORES, AT(cpu_first), "10m", 1e-6, 1e9, NULL, "width of the first CPU bucket, cores"},
    {"cpu_max", ALM_OPT_CORES, AT(cpu_max), "1000", 1e-3, 1e9, NULL, "where the CPU buckets end, cores"},
    {"memory_first_bucket", ALM_OPT_REAL, AT(memory_first), "1e7", 1, 1e14, NULL, "width of the first bucket, bytes"},
    {"memory_max", ALM_OPT_REAL, AT(memory_max), "1e12", 1, 1e14, NULL, "where the memory buckets end, bytes"},
    {"bucket_ratio", ALM_OPT_REAL, AT(bucket_ratio), "1.05", 1.001, 10, NULL, "growth from one bucket to the next"},
    {"round_cpu", ALM_OPT_INTEGER, AT(round_cpu), "1", 1, 1e9, NULL, "round up to multiples of this many millicores"},
    {"round_memory", ALM_OPT_BYTES, AT(round_memory), "1", 1, 1e14, NULL, "round up to multiples of this many bytes"},
    {"whole_cores", ALM_OPT_BOOL, AT(whole_cores), "false", 0, 0, NULL, "round CPU up to whole cores"},
    {0},
};

enum { CHOSEN, LEAST, KEPT };

struct state {
    uint64_t changes[2];        /* of each histogram, when the rest was formed */
    int64_t amount[2][KEPT];    /* percentile plus margin, per resource: of the chosen bound, of the lower one */
    int32_t bucket[2][KEPT];    /* whose ends the percentiles are; -1 before the first */
    struct alm_vpa_state vpa[]; /* one */
};

/* What the options mean, worked out once a call. */
struct context {
    struct alm_vpa_learning learning;
    struct alm_vpa_rule rule;
    enum alm_vpa_bound bound;
    uint32_t resources;
};

static int make_context(const struct opt *o, const struct alm_env *env, struct context *c, struct alm_err *e)
{
    static const double epsilon_per_weight = 0.001;
    uint32_t cpu = ALM_BIT(ALM_CPU), memory = ALM_BIT(ALM_MEMORY);
    c->learning = (struct alm_vpa_learning){.half_life = {o->half_life[0], o->half_life[1]},
                                            .cpu_weight = o->cpu_weight,
                                            .memory_window = o->memory_window,
                                            .memory_windows = 8,
                                            .oom_ratio = o->oom_ratio,
                                            .oom_min_bump = o->oom_bump};
    double epsilon = epsilon_per_weight * (o->cpu_weight < 1 ? o->cpu_weight : 1);
    ALM_TRY(
        alm_buckets_exponential(o->cpu_max, o->cpu_first, o->bucket_ratio, epsilon, &c->learning.buckets[ALM_CPU], e));
    ALM_TRY(alm_buckets_exponential(o->memory_max, o->memory_first, o->bucket_ratio, epsilon,
                                    &c->learning.buckets[ALM_MEMORY], e));
    c->rule = (struct alm_vpa_rule){
        .percentile = {[ALM_VPA_TARGET] = {o->target[0], o->target[1]},
                       [ALM_VPA_LOWER] = {o->lower[0], o->lower[1]},
                       [ALM_VPA_UPPER] = {o->upper[0], o->upper[1]}},
        .margin = o->margin,
        .interval = o->confidence_interval,
        .multiplier = {[ALM_VPA_LOWER] = o->lower_multiplier, [ALM_VPA_UPPER] = o->upper_multiplier},
        .exponent = {[ALM_VPA_LOWER] = o->lower_exponent, [ALM_VPA_UPPER] = o->upper_exponent},
        .minimum = {alm_vpa_amount(nearbyint(o->min_cpu * 1000)), o->min_memory},
        .round = {o->round_cpu, o->round_memory},
        .whole_cores = o->whole_cores,
    };
    c->bound = (enum alm_vpa_bound)o->bound;
    c->resources = env->resources & (o->controlled == 0 ? cpu | memory : o->controlled == 1 ? cpu : memory);
    return ALM_OK;
}

static size_t state_size(const void *opt, const struct alm_env *env)
{
    struct context c;
    if (make_context(opt, env, &c, NULL) < 0)
        return sizeof(struct state); /* init refuses */
    return sizeof(struct state) + alm_vpa_state_size(&c.learning);
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    struct context c;
    ALM_TRY(make_context(u->opt, u->env, &c, e));
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        memset(s->bucket, -1, sizeof s->bucket);
        alm_vpa_state_init(&c.learning, s->vpa);
    }
    return ALM_OK;
}

/* Form the percentiles of resource R again if its histogram changed. */
static void refresh(const struct context *c, struct state *s, int r)
{
    if (s->changes[r] == s->vpa->changes[r])
        return;
    s->changes[r] = s->vpa->changes[r];
    const struct alm_buckets *k = &c->learning.buckets[r];
    const struct alm_histogram *h = alm_vpa_histogram_view(&c->learning, s->vpa, r);
    double p[KEPT] = {c->rule.percentile[c->bound][r], c->rule.percentile[ALM_VPA_LOWER][r]};
    int bucket[KEPT] = {-1, -1};
    bool empty = alm_histogram_empty(k, h), below = p[CHOSEN] < p[LEAST];
    int first = below ? CHOSEN : LEAST, second = below ? LEAST : CHOSEN;
    if (!empty) {
        const double rising[KEPT] = {p[first], p[second]};
        int found[KEPT];
        alm_histogram_find(h, rising, KEPT, found);
        bucket[first] = found[0];
        bucket[second] = found[1];
    }
    for (int which = 0; which < KEPT; which++) {
        if (bucket[which] == s->bucket[r][which] && !empty)
            continue;
        s->bucket[r][which] = bucket[which];
        s->amount[r][which] = alm_vpa_begin(&c->rule, r, empty ? 0 : alm_bucket_end(k, bucket[which]));
    }
}

static void learn(const struct context *c, struct state *s, const struct alm_profile *p)
{
    const struct alm_series *w = &p->window;
    const double *cpu = w->value[ALM_CPU]; /* controlled or not: the bounds count CPU samples */
    const double *memory = c->resources & ALM_BIT(ALM_MEMORY) ? w->value[ALM_MEMORY] : NULL;
    bool oom = p->oom_kills > 0 && memory;
    int64_t request = alm_vpa_amount(p->oom_limit);
    for (size_t k = w->count - p->fresh; k < w->count; k++) {
        if (oom && w->at[k] > p->oom_at) {
            (void)alm_vpa_add_oom(&c->learning, s->vpa, p->oom_at, request);
            oom = false;
        }
        if (cpu && !isnan(cpu[k]))
            (void)alm_vpa_add_cpu(&c->learning, s->vpa, w->at[k], alm_vpa_millicores(cpu[k]));
        if (memory && !isnan(memory[k]))
            (void)alm_vpa_add_memory(&c->learning, s->vpa, w->at[k], alm_vpa_amount(memory[k]));
    }
    if (oom)
        (void)alm_vpa_add_oom(&c->learning, s->vpa, p->oom_at, request);
}

static int observe(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)
{
    struct context c;
    ALM_TRY(make_context(u->opt, u->env, &c, e));
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        if (profile[i].fresh == 0 && profile[i].oom_kills == 0)
            continue;
        learn(&c, s, &profile[i]);
        refresh(&c, s, ALM_CPU);
        refresh(&c, s, ALM_MEMORY);
    }
    return ALM_OK;
}

/* What the length of a history makes of the bounds. Units that live together have the same, so the newest is kept. */
struct history {
    alm_time first, last;
    uint64_t samples;
    double factor[KEPT];
};

static struct history history_of(const struct context *c, const struct alm_vpa_state *s)
{
    const double confidence = alm_vpa_confidence(s->first, s->last, s->samples, c->rule.interval);
    const struct alm_vpa_rule *rule = &c->rule;
    return (struct history){
        .first = s->first,
        .last = s->last,
        .samples = s->samples,
        .factor = {alm_vpa_factor(confidence, rule->multiplier[c->bound], rule->exponent[c->bound]),
                   alm_vpa_factor(confidence, rule->multiplier[ALM_VPA_LOWER], rule->exponent[ALM_VPA_LOWER])}};
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    (void)profile;
    (void)now;
    struct context c;
    ALM_TRY(make_context(u->opt, u->env, &c, e));
    const double unit[2] = {1000.0, 1.0};
    struct history h = {.samples = UINT64_MAX}; /* of no unit */
    for (size_t i = 0; i < u->count; i++) {
        const struct state *s = alm_unit_state(u, i);
        uint32_t has =
            (s->vpa->samples > 0 ? ALM_BIT(ALM_CPU) : 0) | (s->vpa->memory_samples > 0 ? ALM_BIT(ALM_MEMORY) : 0);
        out[i].has = has & c.resources;
        out[i].peak = out[i].has & ALM_BIT(ALM_MEMORY);
        if (out[i].has == 0)
            continue;
        if (s->vpa->last != h.last || s->vpa->first != h.first || s->vpa->samples != h.samples)
            h = history_of(&c, s->vpa);
        for (int r = ALM_CPU; r <= ALM_MEMORY; r++) {
            if (!(out[i].has & ALM_BIT(r)))
                continue;
            int64_t most = alm_vpa_finish(&c.rule, r, s->amount[r][CHOSEN], h.factor[CHOSEN]);
            int64_t least = alm_vpa_finish(&c.rule, r, s->amount[r][LEAST], h.factor[LEAST]);
            out[i].max[r] = (double)most / unit[r];
            out[i].min[r] = (double)(least < most ? least : most) / unit[r];
            out[i].confidence[r] = c.rule.percentile[c.bound][r];
        }
    }
    return ALM_OK;
}

static struct alm_saved_as saved_as(const struct context *c)
{
    const struct alm_vpa_learning *l = &c->learning;
    const double shape[] = {(double)c->bound,
                            (double)c->resources,
                            l->buckets[0].first,
                            l->buckets[0].max,
                            l->buckets[1].first,
                            l->buckets[1].max,
                            l->buckets[0].ratio,
                            l->cpu_weight,
                            (double)l->half_life[0],
                            (double)l->half_life[1],
                            (double)l->memory_window,
                            c->rule.margin,
                            c->rule.percentile[c->bound][0],
                            c->rule.percentile[c->bound][1],
                            c->rule.percentile[ALM_VPA_LOWER][0],
                            c->rule.percentile[ALM_VPA_LOWER][1]};
    return (struct alm_saved_as){
        .module = "predictor vpa", .version = 1, .made_with = alm_fingerprint(0, shape, sizeof shape)};
}

static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)
{
    struct context c;
    ALM_TRY(make_context(u->opt, u->env, &c, e));
    struct alm_saved_as as = saved_as(&c);
    return alm_saved_write(&as, alm_unit_state(u, i), state_size(u->opt, u->env), buffer, size, e);
}

static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)
{
    struct context c;
    ALM_TRY(make_context(u->opt, u->env, &c, e));
    struct alm_saved_as as = saved_as(&c);
    size_t bytes = state_size(u->opt, u->env), place = sizeof(struct state) + sizeof(struct alm_vpa_state);
    const void *state;
    ALM_TRY(alm_saved_read(&as, buffer, size, bytes, &state, e));
    for (int r = ALM_CPU; r <= ALM_MEMORY; r++) {
        struct alm_histogram h;
        memcpy(&h, (const char *)state + place, sizeof h);
        int count = c.learning.buckets[r].count;
        if (h.low < 0 || h.low >= count || h.high < 0 || h.high >= count)
            return alm_fail(e, ALM_EDATA, "the saved histogram spans buckets %d to %d; they go from 0 to %d", h.low,
                            h.high, count - 1);
        place += alm_histogram_size(&c.learning.buckets[r]);
    }
    memcpy(alm_unit_state(u, i), state, bytes);
    return ALM_OK;
}

const struct alm_predictor_ops alm_predictor_vpa = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .name = "vpa",
             .summary = "Kubernetes Vertical Pod Autoscaler: percentiles of fading histograms",
             .source = "kubernetes/autoscaler, vertical-pod-autoscaler, commit 55c37cd5eb55 (2026-08-22)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .needs = ALM_PROFILE_RECENT,
    .state_size = state_size,
    .init = init,
    .observe = observe,
    .predict = predict,
    .save = save,
    .load = load,
};
