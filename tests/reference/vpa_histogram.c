/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa_histogram: do our histograms and checkpoints agree with the facts of the original's own tests? */
#include "vpa_table.h"

#include "almanac/resource.h"

SECTION(histogram_options)
{
    size_t i;
    json_t *c, *value;
    const char *index;
    json_array_foreach(json_object_get(section, "cases"), i, c)
    {
        struct alm_buckets k = buckets_of(c);
        cr_expect_eq(k.count, (int)real(c, "num_buckets", -1), "%s: %d buckets", id_of(c), k.count);
        json_object_foreach(json_object_get(c, "bucket_start"), index, value)
            near(alm_bucket_start(&k, atoi(index)), json_number_value(value), 1e-9, "bucket start", id_of(c));
        size_t j;
        json_array_foreach(json_object_get(c, "find_bucket"), j, value) cr_expect_eq(
            alm_bucket_find(&k, at(value, 0)), (int)at(value, 1), "%s: bucket of %g", id_of(c), at(value, 0));
        ran++;
    }
}

static void run_steps(const struct alm_buckets *k, struct alm_histogram *h, const json_t *steps, const char *id)
{
    size_t i;
    json_t *step;
    json_array_foreach(steps, i, step)
    {
        const char *verb = json_string_value(json_array_get(step, 0));
        if (strcmp(verb, "add") == 0)
            alm_histogram_add(k, h, at(step, 1), at(step, 2));
        else if (strcmp(verb, "subtract") == 0)
            alm_histogram_subtract(k, h, at(step, 1), at(step, 2));
        else if (strcmp(verb, "expect_empty") == 0)
            cr_expect_eq(alm_histogram_empty(k, h), json_is_true(json_array_get(step, 1)), "%s: step %zu", id, i);
        else
            cr_assert_fail("%s: unknown step %s", id, verb);
    }
}

/* One case of `histogram` or `decaying_histogram`. */
static void histogram_case(const struct alm_buckets *k, const json_t *c, alm_time half_life, alm_time origin,
                           double tolerance)
{
    struct alm_histogram *h = new_histogram(k);
    if (json_object_get(c, "steps")) {
        run_steps(k, h, json_object_get(c, "steps"), id_of(c));
    } else if (json_object_get(c, "a")) {
        struct alm_histogram *b = new_histogram(k), *whole = new_histogram(k);
        add_all(k, h, json_object_get(c, "a"), half_life, origin);
        add_all(k, b, json_object_get(c, "b"), half_life, origin);
        add_all(k, whole, json_object_get(c, "equals_samples"), half_life, origin);
        alm_histogram_merge(k, h, half_life, b);
        expect_equal(k, h, whole, real(c, "equality_abs_tolerance", 1e-9), id_of(c));
        free(b);
        free(whole);
    } else {
        cr_assert_not_null(json_object_get(c, "samples"), "%s: a kind of case that is not known here", id_of(c));
        add_all(k, h, json_object_get(c, "samples"), half_life, origin);
    }
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(c, "percentiles"), i, p)
        near(alm_histogram_percentile(k, h, at(p, 0)), at(p, 1), tolerance, "percentile", id_of(c));
    free(h);
    ran++;
}

SECTION(histogram)
{
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(section, "cases"), i, c)
    {
        struct alm_buckets k = buckets_of(json_object_get(c, "options"));
        histogram_case(&k, c, 0, 0, fmax(real(section, "relative_tolerance", 1e-9), 2.3e-16));
    }
}

SECTION(decaying_histogram)
{
    size_t i;
    json_t *c;
    struct alm_buckets k = buckets_of(json_object_get(section, "options"));
    alm_time half_life = (alm_time)real(section, "half_life_s", 0) * ALM_SECOND;
    alm_time origin = (alm_time)real(section, "t0_unix", 0) * ALM_SECOND;
    json_array_foreach(json_object_get(section, "cases"), i, c) histogram_case(&k, c, half_life, origin, 1e-9);
}

/* A checkpoint out of the table into ROWS. */
static struct alm_checkpoint checkpoint_of(const json_t *c, struct alm_checkpoint_bucket *rows)
{
    const char *index, *version = json_string_value(json_object_get(c, "version"));
    json_t *weight;
    struct alm_checkpoint out = {.version = version ? version : ALM_CHECKPOINT_VERSION,
                                 .total = real(c, "total_weight", 0),
                                 .reference = ALM_TIME_NONE,
                                 .bucket = rows};
    json_object_foreach(json_object_get(c, "bucket_weights"), index, weight) rows[out.count++] =
        (struct alm_checkpoint_bucket){.index = atol(index), .weight = (uint32_t)json_integer_value(weight)};
    return out;
}

static void save_case(const json_t *c)
{
    struct alm_checkpoint_bucket rows[ALM_BUCKETS_MAX];
    struct alm_checkpoint out = {.bucket = rows};
    struct alm_buckets k = buckets_of(json_object_get(c, "options"));
    struct alm_histogram *h = new_histogram(&k);
    add_all(&k, h, json_object_get(c, "samples"), 0, 0);
    alm_histogram_save(&k, h, &out);
    near(out.total, real(c, "total_weight", -1), 1e-12, "total", id_of(c));
    const json_t *weights = json_object_get(c, "bucket_weights");
    cr_expect_eq(out.count, json_object_size(weights), "%s: %zu buckets", id_of(c), out.count);
    for (size_t i = 0; i < out.count; i++) {
        char index[24];
        snprintf(index, sizeof index, "%lld", (long long)rows[i].index);
        cr_expect_eq(rows[i].weight, json_integer_value(json_object_get(weights, index)), "%s: bucket %s", id_of(c),
                     index);
    }
    free(h);
    ran++;
}

static void load_case(const json_t *c)
{
    struct alm_checkpoint_bucket rows[ALM_BUCKETS_MAX];
    struct alm_buckets k = buckets_of(json_object_get(c, "options"));
    struct alm_checkpoint checkpoint = checkpoint_of(c, rows);
    struct alm_histogram *h = new_histogram(&k);
    struct alm_err e = {0};
    int code = alm_histogram_load(&k, h, &checkpoint, &e);
    const char *expect = json_string_value(json_object_get(c, "expect")), *index;
    if (expect && strcmp(expect, "error") == 0) {
        cr_expect_eq(code, ALM_EDATA, "%s: was taken", id_of(c));
        cr_expect_gt(strlen(e.text), 0);
    } else {
        cr_expect_eq(code, ALM_OK, "%s: %s", id_of(c), e.text);
        json_t *weight;
        json_object_foreach(json_object_get(c, "expect_bucket_weight"), index, weight)
            near(h->weight[atoi(index)], json_number_value(weight), 1e-12, "weight", id_of(c));
        near(h->total, real(c, "expect_total", 0), 1e-12, "total", id_of(c));
    }
    free(h);
    ran++;
}

static void round_trip_case(const json_t *c)
{
    struct alm_checkpoint_bucket rows[ALM_BUCKETS_MAX];
    struct alm_checkpoint out = {.bucket = rows};
    struct alm_buckets k = buckets_of(json_object_get(c, "options"));
    struct alm_histogram *h = new_histogram(&k), *again = new_histogram(&k);
    add_all(&k, h, json_object_get(c, "samples"), 0, 0);
    alm_histogram_save(&k, h, &out);
    cr_expect_eq(alm_histogram_load(&k, again, &out, NULL), 0);
    cr_expect_eq(!alm_histogram_empty(&k, again), json_is_true(json_object_get(c, "expect_not_empty_after_save_load")),
                 "%s", id_of(c));
    free(h);
    free(again);
    ran++;
}

static void decaying_load_case(const json_t *c)
{
    struct alm_checkpoint_bucket rows[ALM_BUCKETS_MAX];
    struct alm_buckets k = buckets_of(NULL);
    struct alm_checkpoint checkpoint = checkpoint_of(c, rows);
    const alm_time stamp = INT64_C(1514862245) * ALM_SECOND; /* 2018-01-02T03:04:05Z */
    cr_assert_str_eq(json_string_value(json_object_get(c, "reference_timestamp")), "2018-01-02T03:04:05Z");
    checkpoint.reference = stamp;
    struct alm_histogram *h = new_histogram(&k);
    cr_expect_eq(alm_histogram_load(&k, h, &checkpoint, NULL), 0);
    cr_expect_eq(!alm_histogram_empty(&k, h), json_is_true(json_object_get(json_object_get(c, "expect"), "not_empty")));
    cr_expect_eq(h->reference, stamp);
    free(h);
    ran++;
}

static void state_save_case(const json_t *c)
{
    struct alm_vpa_learning l = alm_vpa_learning_default();
    struct alm_vpa_state *s = new_state(&l), *scratch = new_state(&l);
    struct alm_checkpoint_bucket rows[2][256];
    struct alm_vpa_checkpoint out = {.part = {{.bucket = rows[0]}, {.bucket = rows[1]}}};
    const char *keys[2] = {"cpu_samples", "memory_samples"};
    for (int r = 0; r < 2; r++) {
        size_t i;
        json_t *sample;
        json_array_foreach(json_object_get(c, keys[r]), i, sample)
            alm_histogram_add(&l.buckets[r], alm_vpa_histogram(&l, s, r), at(sample, 0), at(sample, 1));
    }
    const json_t *expect = json_object_get(c, "expect");
    s->samples = (uint64_t)real(expect, "total_samples_count", 0);
    alm_vpa_save(&l, s, 0, scratch, &out);
    cr_expect_eq(out.part[0].count, (size_t)real(expect, "cpu_bucket_count", 0));
    cr_expect_eq(out.part[1].count, (size_t)real(expect, "memory_bucket_count", 0));
    cr_expect_eq(out.samples, (uint64_t)real(expect, "total_samples_count", 0));
    cr_expect_str_eq(out.part[0].version, json_string_value(json_object_get(expect, "version")));
    free(s);
    free(scratch);
    ran++;
}

static void state_load_case(const json_t *c)
{
    struct alm_vpa_learning l = alm_vpa_learning_default();
    struct alm_vpa_state *s = new_state(&l);
    struct alm_checkpoint_bucket rows[2][256];
    struct alm_vpa_checkpoint in = {.part = {checkpoint_of(json_object_get(c, "cpu"), rows[0]),
                                             checkpoint_of(json_object_get(c, "memory"), rows[1])},
                                    .samples = (uint64_t)real(c, "total_samples_count", 0)};
    cr_expect_eq(alm_vpa_load(&l, s, &in, NULL), 0);
    cr_expect_eq(s->samples, in.samples);
    for (int r = 0; r < 2; r++)
        cr_expect_eq(!alm_histogram_empty(&l.buckets[r], alm_vpa_histogram(&l, s, r)),
                     json_is_true(json_object_get(c, "expect_not_empty")));
    free(s);
    ran++;
}

static void current_peak_case(const json_t *c)
{
    struct alm_vpa_learning l = alm_vpa_learning_default();
    struct alm_vpa_state *s = new_state(&l), *scratch = new_state(&l);
    struct alm_checkpoint_bucket rows[2][256];
    struct alm_vpa_checkpoint out = {.part = {{.bucket = rows[0]}, {.bucket = rows[1]}}};
    alm_time t = (alm_time)real(c, "at_s", 0) * ALM_SECOND;
    cr_expect(alm_vpa_add_memory(&l, s, t, (int64_t)real(c, "memory_sample_bytes", 0)));
    alm_vpa_save(&l, s, t, scratch, &out);
    cr_expect_eq(out.part[1].count, 0, "the open window's peak was written");
    alm_vpa_save(&l, s, t + l.memory_window, scratch, &out);
    cr_expect_gt(out.part[1].count, 0, "the closed window's peak was not written");
    free(s);
    free(scratch);
    ran++;
}

SECTION(checkpoint)
{
    static const struct {
        const char *key;
        void (*run)(const json_t *);
    } kinds[] = {{"save", save_case},
                 {"load", load_case},
                 {"round_trip", round_trip_case},
                 {"decaying_load", decaying_load_case},
                 {"aggregate_state_save", state_save_case},
                 {"aggregate_state_load", state_load_case},
                 {"current_peak_excluded", current_peak_case}};
    size_t known = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        const json_t *part = json_object_get(section, kinds[k].key);
        cr_expect_not_null(part, "no %s in the table", kinds[k].key);
        known += part != NULL;
        if (json_is_object(part))
            kinds[k].run(part);
        for (size_t i = 0; i < json_array_size(part); i++)
            kinds[k].run(json_array_get(part, i));
    }
    cr_expect_eq(json_object_size(section), known + 2, "the section holds a kind of case that is not known here");
    struct alm_buckets k = buckets_of(NULL);
    struct alm_histogram *h = new_histogram(&k);
    cr_expect_eq(alm_histogram_load(&k, h, NULL, NULL), ALM_EDATA, "a missing checkpoint was taken");
    free(h);
}
