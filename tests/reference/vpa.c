/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa: do our recommender and updater of the Vertical Pod Autoscaler agree with the facts of the original's own tests?
 *
 * Each section of the reference table is run in full; a section without cases, or a kind of case that this file does
 * not know, fails. Histograms and checkpoints are in vpa_histogram.c. */
#include "models/vpa_estimator.h"
#include "models/vpa_updater.h"

#include "vpa_table.h"

#include "almanac/resource.h"

SECTION(state_expiry)
{
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(section, "cases"), i, c)
    {
        struct alm_vpa_learning l = alm_vpa_learning_default();
        l.memory_window = (alm_time)real(c, "interval_s", 0) * ALM_SECOND;
        l.memory_windows = (int64_t)real(c, "count", 0);
        struct alm_vpa_state *s = new_state(&l);
        alm_time then = 1000 * ALM_SECOND, now = then + (alm_time)real(c, "age_s", 0) * ALM_SECOND;
        if (!json_is_true(json_object_get(c, "empty")))
            cr_expect(alm_vpa_add_cpu(&l, s, then, 100));
        cr_expect_eq(alm_vpa_expired(&l, s, then, now), json_is_true(json_object_get(c, "expired")), "case %zu", i);
        free(s);
        ran++;
    }
}

static void estimate_percentile(const json_t *c)
{
    struct alm_vpa_learning l = alm_vpa_learning_default();
    struct alm_vpa_rule rule = {.round = {1, 1},
                                .percentile = {{real(c, "cpu_percentile", 0), real(c, "mem_percentile", 0)}}};
    struct alm_vpa_state *s = new_state(&l);
    alm_time t = INT64_C(1234567890) * ALM_SECOND;
    const char *keys[2] = {"cpu_samples", "mem_samples"};
    for (int r = 0; r < 2; r++)
        for (size_t i = 0; i < json_array_size(json_object_get(c, keys[r])); i++) {
            const json_t *x = json_array_get(json_object_get(c, keys[r]), i);
            alm_decaying_add(&l.buckets[r], alm_vpa_histogram(&l, s, r), l.half_life[r], at(x, 0), at(x, 1), t);
        }
    int64_t cpu = alm_vpa_estimate(&rule, &l, s, ALM_VPA_TARGET, ALM_CPU);
    int64_t memory = alm_vpa_estimate(&rule, &l, s, ALM_VPA_TARGET, ALM_MEMORY);
    near((double)cpu / 1000, real(c, "expect_cpu_cores", 0), real(c, "relative_tolerance", 1e-9), "cpu", id_of(c));
    near((double)memory, real(c, "expect_mem_bytes", 0), real(c, "relative_tolerance", 1e-9), "memory", id_of(c));
    const json_t *exact = json_object_get(c, "derived_exact");
    if (exact) {
        cr_expect_eq(cpu, (int64_t)real(exact, "cpu_millicores", 0), "%s: %lld m", id_of(c), (long long)cpu);
        cr_expect_eq(memory, (int64_t)real(exact, "mem_amount", 0), "%s: %lld B", id_of(c), (long long)memory);
        near(alm_histogram_percentile(&l.buckets[0], alm_vpa_histogram(&l, s, 0), rule.percentile[0][0]),
             real(exact, "cpu_cores_bucket_end", 0), 1e-9, "cpu bucket end", id_of(c));
        near(alm_histogram_percentile(&l.buckets[1], alm_vpa_histogram(&l, s, 1), rule.percentile[0][1]),
             real(exact, "mem_bytes_bucket_end", 0), 1e-9, "memory bucket end", id_of(c));
    }
    free(s);
}

/* The stages after the percentile, for a case that gives the base. */
static void estimate_stages(const json_t *c)
{
    int64_t base[2] = {alm_vpa_millicores(real(c, "base_cpu_cores", 0)), alm_vpa_amount(real(c, "base_mem_bytes", 0))};
    struct alm_vpa_rule rule = {.round = {1, 1}, .margin = real(c, "margin_fraction", 0)};
    rule.minimum[0] = alm_vpa_millicores(real(c, "min_cpu_cores", 0));
    rule.minimum[1] = alm_vpa_amount(real(c, "min_mem_bytes", 0));
    double factor = 1;
    if (json_object_get(c, "exponent")) {
        struct alm_vpa_learning l = alm_vpa_learning_default();
        struct alm_vpa_state *s = new_state(&l);
        for (int k = 0; k < (int)real(c, "samples", 0); k++)
            cr_expect(alm_vpa_add_cpu(&l, s, k * (alm_time)real(c, "sample_spacing_s", 60) * ALM_SECOND, 1000));
        double confidence = alm_vpa_confidence(s->first, s->last, s->samples,
                                               (alm_time)real(c, "confidence_interval_s", 86400) * ALM_SECOND);
        near(confidence, real(c, "expect_confidence", 0), 1e-9, "confidence", id_of(c));
        factor = alm_vpa_factor(confidence, real(c, "multiplier", 0), real(c, "exponent", 0));
        free(s);
    }
    int64_t got[2];
    for (int r = 0; r < 2; r++)
        got[r] = alm_vpa_finish(&rule, r, alm_vpa_with_margin(base[r], rule.margin), factor);
    if (json_object_get(c, "expect_cpu_cores"))
        cr_expect_eq(got[0], llround(real(c, "expect_cpu_cores", 0) * 1000), "%s: %lld m", id_of(c), (long long)got[0]);
    if (json_object_get(c, "expect_cpu_amount"))
        cr_expect_eq(got[0], (int64_t)real(c, "expect_cpu_amount", 0), "%s: %lld m", id_of(c), (long long)got[0]);
    if (json_object_get(c, "expect_mem_bytes"))
        cr_expect_eq(got[1], (int64_t)real(c, "expect_mem_bytes", 0), "%s: %lld B", id_of(c), (long long)got[1]);
}

SECTION(estimator)
{
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(section, "cases"), i, c)
    {
        if (json_object_get(c, "cpu_percentile"))
            estimate_percentile(c);
        else
            estimate_stages(c);
        ran++;
    }
    struct alm_vpa_rule rule = alm_vpa_rule_default();
    json_array_foreach(json_object_get(section, "derived_default_bound_multipliers"), i, c)
    {
        double hours = real(c, "history_h", 0);
        double confidence =
            alm_vpa_confidence(0, (alm_time)llround(hours * 3600e9), (uint64_t)llround(hours * 60), ALM_DAY);
        near(alm_vpa_factor(confidence, rule.multiplier[ALM_VPA_UPPER], rule.exponent[ALM_VPA_UPPER]),
             real(c, "upper", 0), 1e-9, "upper factor", "multipliers");
        near(alm_vpa_factor(confidence, rule.multiplier[ALM_VPA_LOWER], rule.exponent[ALM_VPA_LOWER]),
             real(c, "lower", 0), 1e-9, "lower factor", "multipliers");
        ran++;
    }
}

static void minimum_case(const json_t *c)
{
    struct alm_vpa_rule rule = alm_vpa_rule_default();
    alm_vpa_minimum((int64_t)real(c, "pod_min_cpu_m", 0), (int64_t)real(c, "pod_min_mem_mb", 0) << 20,
                    (int)real(c, "containers", 1), rule.minimum);
    int64_t cpu = alm_vpa_millicores(real(c, "base_cpu_cores", 0)),
            memory = alm_vpa_amount(real(c, "base_mem_bytes", 0));
    cpu = alm_vpa_finish(&rule, ALM_CPU, alm_vpa_with_margin(cpu, rule.margin), 1);
    memory = alm_vpa_finish(&rule, ALM_MEMORY, alm_vpa_with_margin(memory, rule.margin), 1);
    cr_expect_eq(cpu, (int64_t)real(c, "expect_target_cpu_m", 0), "%s: %lld m", id_of(c), (long long)cpu);
    cr_expect_eq(memory, (int64_t)real(c, "expect_target_mem", 0), "%s: %lld B", id_of(c), (long long)memory);
}

static uint32_t mask_of(const json_t *names)
{
    uint32_t mask = 0;
    size_t i;
    json_t *name;
    json_array_foreach(names, i, name) mask |=
        strcmp(json_string_value(name), "cpu") == 0 ? ALM_BIT(ALM_CPU) : ALM_BIT(ALM_MEMORY);
    return mask;
}

SECTION(recommender)
{
    size_t i;
    json_t *c;
    struct alm_vpa_learning l = alm_vpa_learning_default();
    struct alm_vpa_rule rule = alm_vpa_rule_default();
    struct alm_vpa_state *s = new_state(&l);
    json_array_foreach(json_object_get(section, "cases"), i, c)
    {
        struct alm_vpa_container container[16] = {{.name = "only", .state = s}};
        struct alm_vpa_recommendation out[16];
        if (json_object_get(c, "base_cpu_cores")) {
            minimum_case(c);
        } else if (json_object_get(c, "controlled")) {
            alm_vpa_recommend(&rule, &l, container, 1, mask_of(json_object_get(c, "controlled")), out);
            cr_expect_eq(out[0].has, mask_of(json_object_get(c, "expect_present")), "%s", id_of(c));
            cr_expect_eq(out[0].has & mask_of(json_object_get(c, "expect_absent")), 0, "%s", id_of(c));
        } else {
            const json_t *input = json_object_get(c, "input_order"), *expect = json_object_get(c, "expect_order");
            size_t n = json_array_size(input);
            cr_assert(n > 0 && n <= 16, "%s: a kind of case that is not known here", id_of(c));
            for (size_t k = 0; k < n; k++)
                container[k] = (struct alm_vpa_container){json_string_value(json_array_get(input, k)), s};
            alm_vpa_recommend(&rule, &l, container, n, ALM_BIT(ALM_CPU), out);
            for (size_t k = 0; k < n; k++)
                cr_expect_str_eq(out[k].name, json_string_value(json_array_get(expect, k)));
        }
        ran++;
    }
    free(s);
}

SECTION(conversions)
{
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(section, "cpu_amount_from_cores"), i, c)
    {
        cr_expect_eq(alm_vpa_millicores(at(c, 0)), (int64_t)at(c, 1), "%g cores", at(c, 0));
        ran++;
    }
    json_array_foreach(json_object_get(section, "round_up_to_scale"), i, c)
    {
        int64_t got = (int64_t)at(c, 0);
        bool error = json_is_string(json_array_get(c, 2));
        cr_expect_eq(alm_vpa_round_up(got, (int64_t)at(c, 1), &got, NULL), error ? ALM_EINVAL : ALM_OK);
        cr_expect_eq(got, (int64_t)at(c, error ? 0 : 2), "%g by %g", at(c, 0), at(c, 1));
        ran++;
    }
    json_array_foreach(json_object_get(section, "resources_list"), i, c)
    {
        struct alm_vpa_rule rule = {.round = {(int64_t)real(c, "round_cpu", 1), (int64_t)real(c, "round_mem", 1)}};
        if (json_object_get(c, "cpu_m"))
            cr_expect_eq(alm_vpa_finish(&rule, ALM_CPU, (int64_t)real(c, "cpu_m", 0), 1),
                         (int64_t)real(c, "expect_cpu_m", -1));
        if (json_object_get(c, "mem"))
            cr_expect_eq(alm_vpa_finish(&rule, ALM_MEMORY, (int64_t)real(c, "mem", 0), 1),
                         (int64_t)real(c, "expect_mem", -1));
        ran++;
    }
    json_array_foreach(json_object_get(section, "cpu_integer_post_processor"), i, c)
    {
        cr_expect_eq(alm_vpa_whole_cores(alm_vpa_millicores(at(c, 0))), (int64_t)at(c, 1) * 1000, "%g", at(c, 0));
        ran++;
    }
}

/* What the table says the histograms were told. The buckets are fine, so that a wrong value shows. */
static void expected_calls(const struct alm_vpa_learning *l, struct alm_vpa_state *s, int r, const json_t *calls)
{
    size_t i;
    json_t *call;
    json_array_foreach(calls, i, call)
    {
        alm_time t = (alm_time)at(call, 3) * ALM_SECOND;
        const char *op = json_string_value(json_array_get(call, 0));
        (strcmp(op, "add") == 0 ? alm_decaying_add : alm_decaying_subtract)(
            &l->buckets[r], alm_vpa_histogram(l, s, r), l->half_life[r], at(call, 1), at(call, 2), t);
    }
}

SECTION(container_memory_peaks)
{
    size_t i, j;
    json_t *c, *event;
    json_array_foreach(json_object_get(section, "cases"), i, c)
    {
        struct alm_vpa_learning l = alm_vpa_learning_default();
        l.memory_window = (alm_time)real(c, "interval_s", 0) * ALM_SECOND;
        cr_assert_eq(alm_buckets_exponential(1e13, 1, 1.02, 1e-4, &l.buckets[ALM_MEMORY], NULL), 0);
        struct alm_vpa_state *got = new_state(&l), *wanted = new_state(&l);
        json_array_foreach(json_object_get(c, "events"), j, event)
        {
            alm_time t = (alm_time)real(event, "t", 0) * ALM_SECOND;
            int r = json_object_get(event, "cpu_m") ? ALM_CPU : ALM_MEMORY;
            bool ok;
            if (r == ALM_CPU)
                ok = alm_vpa_add_cpu(&l, got, t, (int64_t)real(event, "cpu_m", 0));
            else if (json_object_get(event, "mem"))
                ok = alm_vpa_add_memory(&l, got, t, (int64_t)real(event, "mem", 0));
            else
                ok = alm_vpa_add_oom(&l, got, t, (int64_t)real(event, "oom_request", 0));
            cr_expect_eq(ok, json_is_true(json_object_get(event, "ok")), "%s: event %zu", id_of(c), j);
            expected_calls(&l, wanted, r, json_object_get(event, "hist"));
            expect_equal(&l.buckets[r], alm_vpa_histogram(&l, got, r), alm_vpa_histogram(&l, wanted, r), 0, id_of(c));
        }
        free(got);
        free(wanted);
        ran++;
    }
}

SECTION(aggregate_by_container)
{
    struct alm_vpa_learning l = alm_vpa_learning_default();
    const json_t *counts = json_object_get(section, "expect_total_samples_count");
    const json_t *peaks = json_object_get(section, "expect_app_A_memory_peaks");
    const char *name, *pod;
    json_t *count, *cores;
    json_object_foreach((json_t *)(uintptr_t)counts, name, count)
    {
        struct alm_vpa_state *whole = new_state(&l), *wanted = new_state(&l);
        size_t peak = 0;
        json_object_foreach(json_object_get(section, "samples_cpu_cores"), pod, cores)
        {
            if (strcmp(strchr(pod, '/') + 1, name) != 0)
                continue;
            struct alm_vpa_state *one = new_state(&l);
            alm_time t = ALM_HOUR;
            cr_expect(alm_vpa_add_cpu(&l, one, t, alm_vpa_millicores(json_number_value(cores))));
            alm_decaying_add(&l.buckets[0], alm_vpa_histogram(&l, wanted, 0), l.half_life[0], json_number_value(cores),
                             0.1, t);
            if (strcmp(name, "app-A") == 0 && peak < json_array_size(peaks)) {
                cr_expect(alm_vpa_add_memory(&l, one, t, (int64_t)at(peaks, peak)));
                alm_decaying_add(&l.buckets[1], alm_vpa_histogram(&l, wanted, 1), l.half_life[1], at(peaks, peak++), 1,
                                 t + l.memory_window);
            }
            alm_vpa_merge(&l, whole, one);
            free(one);
        }
        cr_expect_eq(whole->samples, (uint64_t)json_integer_value(count), "%s: %llu samples", name,
                     (unsigned long long)whole->samples);
        for (int r = 0; r < 2; r++)
            expect_equal(&l.buckets[r], alm_vpa_histogram(&l, whole, r), alm_vpa_histogram(&l, wanted, r), 1e-12, name);
        free(whole);
        free(wanted);
        ran++;
    }
}

/* CONTAINER's amount of R in thousandths; absent when the table says nothing. */
static int64_t thousandths(const json_t *list, size_t i, int r)
{
    const json_t *value = json_object_get(json_array_get(list, i), r == ALM_CPU ? "cpu" : "mem");
    return value ? (int64_t)llround(json_number_value(value) * 1000) : ALM_VPA_ABSENT;
}

SECTION(update_priority)
{
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(section, "cases"), i, c)
    {
        struct alm_vpa_ask ask[16];
        const json_t *target = json_object_get(c, "target"), *expect = json_object_get(c, "expect");
        size_t n = json_array_size(target);
        cr_assert(n > 0 && n <= 16);
        for (size_t k = 0; k < n; k++)
            for (int r = 0; r < 2; r++) {
                ask[k].request[r] = thousandths(json_object_get(c, "request"), k, r);
                ask[k].target[r] = thousandths(target, k, r);
                ask[k].lower[r] = thousandths(json_object_get(c, "lower"), k, r);
                ask[k].upper[r] = thousandths(json_object_get(c, "upper"), k, r);
            }
        struct alm_vpa_priority got = alm_vpa_priority_of(ask, n);
        near(got.diff, real(expect, "resource_diff", -1), 1e-9, "resource_diff", id_of(c));
        cr_expect_eq(got.scale_up, json_is_true(json_object_get(expect, "scale_up")), "%s: scale_up", id_of(c));
        cr_expect_eq(got.outside_range, json_is_true(json_object_get(expect, "outside_range")), "%s: outside",
                     id_of(c));
        ran++;
    }
}

static struct alm_vpa_pod pod_of(const json_t *p, const json_t *c)
{
    double ran_s = real(c, "ran_s", -1);
    double hours = real(p, "age_h", real(c, "age_h", 24));
    return (struct alm_vpa_pod){.id = (uint64_t)real(p, "id", 0),
                                .priority = {.diff = real(p, "diff", 0),
                                             .scale_up = json_is_true(json_object_get(p, "up")),
                                             .outside_range = json_is_true(json_object_get(p, "outside"))},
                                .age = (alm_time)(hours * 3600) * ALM_SECOND,
                                .ran_until_oom = ran_s < 0 ? -1 : (alm_time)ran_s * ALM_SECOND};
}

SECTION(update_gate)
{
    size_t i, k;
    json_t *c, *p;
    json_array_foreach(json_object_get(section, "cases"), i, c)
    {
        struct alm_vpa_gate gate = alm_vpa_gate_default();
        gate.min_change = real(c, "min_change", gate.min_change);
        gate.lifetime = (alm_time)(real(c, "lifetime_h", 12) * 3600) * ALM_SECOND;
        ran++;
        if (json_object_get(c, "expect_update")) {
            struct alm_vpa_pod pod = pod_of(c, c);
            cr_expect_eq(alm_vpa_should_update(&gate, &pod), json_is_true(json_object_get(c, "expect_update")), "%s",
                         id_of(c));
            continue;
        }
        struct alm_vpa_pod pods[16];
        size_t n = json_array_size(json_object_get(c, "pods"));
        cr_assert(n > 0 && n <= 16, "case %zu: a kind of case that is not known here", i);
        json_array_foreach(json_object_get(c, "pods"), k, p) pods[k] = pod_of(p, c);
        n = alm_vpa_update_order(&gate, pods, n);
        const json_t *order = json_object_get(c, "expect_order");
        cr_expect_eq(n, json_array_size(order), "case %zu: %zu pods", i, n);
        for (k = 0; k < n; k++)
            cr_expect_eq(pods[k].id, (uint64_t)at(order, k), "case %zu: place %zu is pod %llu", i, k,
                         (unsigned long long)pods[k].id);
    }
}
