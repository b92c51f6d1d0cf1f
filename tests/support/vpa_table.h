/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa_table: the reference table of Vertical Pod Autoscaler facts, and how its kinds of values are read.
 *
 * Meaning.  SECTION(name) { ... } is one test over one section of the table: it counts its cases in `ran`, and fails
 *           when there are none. Where the table is not at hand every test is skipped, visibly. */
#ifndef TESTS_VPA_TABLE_H
#define TESTS_VPA_TABLE_H

#include "models/vpa_state.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *table;

static inline void load_table(void)
{
    char path[4096];
    const char *shared = getenv("ALM_SHARED");
    snprintf(path, sizeof path, "%s/reference/vpa/cases.json", shared ? shared : ALM_SOURCE_DIR "/../shared");
    json_error_t error;
    table = json_load_file(path, 0, &error);
    if (table == NULL && json_error_code(&error) != json_error_cannot_open_file) {
        cr_assert_fail("%s:%d: %s", path, error.line, error.text);
    } else if (table == NULL) {
        printf("SKIP: no reference table at %s\n", path);
        fflush(stdout);
    }
}

static inline void drop_table(void)
{
    json_decref(table);
}

TestSuite(vpa, .init = load_table, .fini = drop_table);

static size_t ran;

#define SECTION(name)                                                                                                  \
    static void section_##name(const json_t *section);                                                                 \
    Test(vpa, name)                                                                                                    \
    {                                                                                                                  \
        if (table == NULL)                                                                                             \
            return;                                                                                                    \
        const json_t *section = json_object_get(table, #name);                                                         \
        cr_assert_not_null(section, "the table has no section %s", #name);                                             \
        section_##name(section);                                                                                       \
        printf("reference vpa %s: %zu cases\n", #name, ran);                                                           \
        fflush(stdout);                                                                                                \
        cr_assert_gt(ran, 0, "section %s has no cases", #name);                                                        \
    }                                                                                                                  \
    static void section_##name(const json_t *section)

static inline double real(const json_t *object, const char *key, double otherwise)
{
    const json_t *value = json_object_get(object, key);
    return value ? json_number_value(value) : otherwise;
}

static inline double at(const json_t *array, size_t i)
{
    return json_number_value(json_array_get(array, i));
}

static inline const char *id_of(const json_t *c)
{
    const char *id = json_string_value(json_object_get(c, "id"));
    return id ? id : "without id";
}

static inline void near(double got, double wanted, double tolerance, const char *what, const char *id)
{
    cr_expect(fabs(got - wanted) <= tolerance * fmax(fabs(wanted), 1e-300), "%s: %s is %.17g, expected %.17g", id, what,
              got, wanted);
}

static inline struct alm_buckets buckets_of(const json_t *options)
{
    struct alm_buckets k;
    struct alm_err e;
    int code;
    double epsilon = real(options, "epsilon", 1e-15);
    if (options && strcmp(json_string_value(json_object_get(options, "kind")), "exponential") == 0)
        code = alm_buckets_exponential(real(options, "max", 0), real(options, "first_bucket", 0),
                                       real(options, "ratio", 0), epsilon, &k, &e);
    else
        code = alm_buckets_linear(real(options, "max", 10), real(options, "bucket", 1), epsilon, &k, &e);
    cr_assert_eq(code, 0, "%s", code ? e.text : "");
    return k;
}

static inline struct alm_histogram *new_histogram(const struct alm_buckets *k)
{
    struct alm_histogram *h = malloc(alm_histogram_size(k));
    cr_assert_not_null(h);
    alm_histogram_init(k, h);
    return h;
}

/* HALF_LIFE 0: plain; else samples are [value, weight, seconds after ORIGIN]. */
static inline void add_all(const struct alm_buckets *k, struct alm_histogram *h, const json_t *samples,
                           alm_time half_life, alm_time origin)
{
    for (size_t i = 0; i < json_array_size(samples); i++) {
        const json_t *s = json_array_get(samples, i);
        if (half_life == 0)
            alm_histogram_add(k, h, at(s, 0), at(s, 1));
        else
            alm_decaying_add(k, h, half_life, at(s, 0), at(s, 1), origin + (alm_time)at(s, 2) * ALM_SECOND);
    }
}

static inline void expect_equal(const struct alm_buckets *k, const struct alm_histogram *a,
                                const struct alm_histogram *b, double tolerance, const char *id)
{
    cr_expect_eq(a->reference, b->reference, "%s: reference stamps differ", id);
    cr_expect(fabs(a->total - b->total) <= tolerance * fmax(1, b->total), "%s: total %.17g against %.17g", id, a->total,
              b->total);
    for (int i = 0; i < k->count; i++)
        cr_expect(fabs(a->weight[i] - b->weight[i]) <= tolerance * fmax(1, b->total),
                  "%s: bucket %d: %.17g against %.17g", id, i, a->weight[i], b->weight[i]);
}

static inline struct alm_vpa_state *new_state(const struct alm_vpa_learning *l)
{
    struct alm_vpa_state *s = calloc(1, alm_vpa_state_size(l));
    cr_assert_not_null(s);
    alm_vpa_state_init(l, s);
    return s;
}

#endif
