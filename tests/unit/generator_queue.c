/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: can each queueing system that has a known answer be written down, and does its trace carry what a platform
 * needs? Are customers a function of specification and seed alone, whatever the system does with them? */
#include "generated.h"
#include "traces/synthesis/spec.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

static double value(const struct memory_sink *m, size_t i, enum alm_invocation_field f)
{
    return generated_value(m, i, f);
}

static json_t *platform(const struct memory_sink *m)
{
    json_error_t where;
    json_t *root = json_loads(m->platform ? m->platform : "", 0, &where);
    cr_assert_not_null(root, "%s: %s", where.text, m->platform);
    return root;
}

static const char *text_of(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static json_t *station(json_t *root, size_t i)
{
    return json_array_get(json_object_get(root, "stations"), i);
}

Test(queue, customers_and_platform)
{
    struct memory_sink m;
    generated("queue:customers=300,servers=2,capacity=10,arrival.law=deterministic,arrival.value=1.25,"
              "service.law=deterministic,service.value=0.3333333333",
              1, &m);
    cr_assert(m.units == 1 && m.invocations == 300 && m.rows == 0 && m.inputs == 0 && m.report.read == 300);
    cr_expect_str_eq(m.unit[0].name, "queue-1");
    cr_expect_eq(m.unit[0].cores, 2);
    for (size_t i = 0; i < 300; i++) {
        cr_assert_eq(m.invocation[i].arrival, (alm_time)(i + 1) * 1250 * ALM_MS);
        cr_assert_eq(value(&m, i, ALM_INV_WORK), 0.333333333);
        cr_assert_eq(value(&m, i, ALM_INV_PARALLELISM), 1);
        cr_assert(isnan(value(&m, i, ALM_INV_PATIENCE)) && isnan(value(&m, i, ALM_INV_PRIORITY)) &&
                  isnan(value(&m, i, ALM_INV_MEMORY)));
    }
    json_t *root = platform(&m);
    cr_expect_str_eq(text_of(root, "schema"), "almanac.platform/1");
    cr_expect_str_eq(text_of(root, "system"), "queue");
    cr_expect_str_eq(text_of(root, "route"), "tandem");
    cr_expect(json_array_size(json_object_get(root, "stations")) == 1 && json_is_null(json_object_get(root, "setup")));
    cr_expect_str_eq(text_of(station(root, 0), "unit"), "queue-1");
    cr_expect_str_eq(text_of(station(root, 0), "discipline"), "fcfs");
    cr_expect_eq(json_number_value(json_object_get(station(root, 0), "servers")), 2);
    cr_expect_eq(json_integer_value(json_object_get(station(root, 0), "capacity")), 10);
    cr_expect_eq(json_integer_value(json_object_get(root, "classes")), 1);
    json_decref(root);
    memory_sink_free(&m);
}

/* Every kind of system of the reference tables, as a specification. */
Test(queue, systems_with_known_answers)
{
    static const struct {
        const char *what, *text;
        size_t stations, classes;
    } systems[] = {
        {"M/M/1", "arrival.rate=0.8,service.law=exponential,service.mean=1", 1, 1},
        {"M/M/10/20", "arrival.rate=12,servers=10,capacity=20", 1, 1},
        {"M/G/1 PS", "arrival.rate=0.6,service.law=lognormal,service.mean=1,service.cv=1.5,discipline=ps", 1, 1},
        {"M/G/1", "arrival.rate=0.5,service.law=bounded-pareto,service.min=0.5,service.max=100,service.shape=1.5", 1,
         1},
        {"GI/M/1", "arrival.law=erlang,arrival.shape=4,arrival.mean=1.25", 1, 1},
        {"H2/M/1",
         "arrival.law=hyperexponential,arrival.p=0.9,arrival.mean1=0.7,arrival.mean2=6.2,service.law=exponential,"
         "service.mean=1",
         1, 1},
        {"Erlang A", "arrival.rate=12,servers=10,patience.law=exponential,patience.mean=1", 1, 1},
        {"Erlang B", "arrival.rate=10,servers=15,capacity=15", 1, 1},
        {"M/G/1 with setup", "arrival.rate=0.5,setup.law=deterministic,setup.value=10", 1, 1},
        {"M/M/5 with setup", "arrival.rate=3,servers=5,setup.law=exponential,setup.mean=2,setup.policy=staggered", 1,
         1},
        {"M_t/M/inf", "arrival.rate=20,arrival.amplitude=0.5,arrival.period=10s,arrival.peak=2500ms,servers=0", 1, 1},
        {"M^X/M/1", "arrival.rate=0.2,batch.law=discrete,batch.values=1/2/3,batch.weights=0.5/0.3/0.2", 1, 1},
        {"priorities",
         "arrival.rate=0.6,classes=0.2/0.3/0.1,preemptive=true,service.law=deterministic,service.value=0.5,"
         "class2.law=exponential,class2.mean=1,class3.law=exponential,class3.mean=2.5",
         1, 3},
        {"tandem",
         "arrival.rate=2,service.law=exponential,service.mean=0.333,station2.law=exponential,station2.mean=0.2,"
         "station3.law=exponential,station3.mean=0.4",
         3, 1},
    };
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        struct memory_sink m;
        char text[512];
        snprintf(text, sizeof text, "queue:customers=50,%s", systems[i].text);
        generated(text, 1, &m);
        cr_expect(m.invocations == 50 * systems[i].stations && m.units == systems[i].stations, "%s", systems[i].what);
        json_t *root = platform(&m);
        cr_expect_eq(json_array_size(json_object_get(root, "stations")), systems[i].stations, "%s", systems[i].what);
        cr_expect_eq(json_integer_value(json_object_get(root, "classes")), (json_int_t)systems[i].classes);
        json_decref(root);
        memory_sink_free(&m);
    }
}

Test(queue, described_for_a_platform)
{
    struct memory_sink m;
    generated("queue:customers=9,name=till,servers=0,discipline=ps,station2.law=deterministic,station2.value=1", 1, &m);
    json_t *root = platform(&m);
    cr_expect(json_is_null(json_object_get(station(root, 0), "servers")) && isnan(m.unit[0].cores));
    cr_expect(json_is_null(json_object_get(station(root, 0), "capacity")));
    cr_expect_str_eq(text_of(station(root, 1), "unit"), "till-2");
    cr_expect_str_eq(text_of(station(root, 1), "discipline"), "ps");
    json_decref(root);
    memory_sink_free(&m);
    generated("queue:customers=9,servers=3/1,station2.law=deterministic,capacity=7,classes=1/2,preemptive=true,"
              "setup.law=erlang,setup.shape=2,setup.mean=1.5,setup.policy=staggered",
              1, &m);
    root = platform(&m);
    json_t *setup = json_object_get(root, "setup"), *law = json_object_get(setup, "law");
    cr_expect_str_eq(text_of(setup, "policy"), "staggered");
    cr_expect_str_eq(text_of(law, "law"), "erlang");
    cr_expect(json_number_value(json_object_get(law, "mean")) == 1.5 &&
              json_number_value(json_object_get(law, "shape")) == 2);
    cr_expect_eq(json_integer_value(json_object_get(station(root, 0), "capacity")), 7);
    cr_expect(json_is_null(json_object_get(station(root, 1), "capacity")));
    cr_expect(json_number_value(json_object_get(station(root, 0), "servers")) == 3 &&
              json_number_value(json_object_get(station(root, 1), "servers")) == 1);
    cr_expect(json_is_true(json_object_get(root, "preemptive")));
    json_decref(root);
    memory_sink_free(&m);
}

/* Invocation k of each station is customer k: equal arrivals, and the services of each station's own law. */
Test(queue, tandem_has_an_invocation_a_station)
{
    struct memory_sink m;
    generated(
        "queue:customers=700,service.law=deterministic,service.value=1,station2.law=deterministic,"
        "station2.value=2,station3.law=deterministic,station3.value=3,patience.law=deterministic,patience.value=9",
        1, &m);
    cr_assert_eq(m.invocations, 2100);
    for (size_t i = 0; i < 2100; i++) {
        cr_assert_eq(m.invocation[i].unit, i % 3);
        cr_assert_eq(m.invocation[i].arrival, m.invocation[i - i % 3].arrival);
        cr_assert_eq(value(&m, i, ALM_INV_WORK), (double)(i % 3 + 1));
        cr_assert(i % 3 ? isnan(value(&m, i, ALM_INV_PATIENCE)) : value(&m, i, ALM_INV_PATIENCE) == 9);
    }
    memory_sink_free(&m);
}

/* The most important class has the largest priority, and its own service. */
Test(queue, classes)
{
    struct memory_sink m;
    generated("queue:customers=2000,classes=0.2/0.3/0.1,service.law=deterministic,service.value=1,"
              "class3.law=deterministic,class3.value=3",
              1, &m);
    size_t seen[3] = {0};
    for (size_t i = 0; i < m.invocations; i++) {
        double priority = value(&m, i, ALM_INV_PRIORITY);
        cr_assert(priority == 0 || priority == 1 || priority == 2);
        cr_assert_eq(value(&m, i, ALM_INV_WORK), priority == 0 ? 3 : 1);
        seen[(size_t)priority]++;
    }
    cr_expect(seen[1] > seen[2] && seen[2] > seen[0] && seen[0] > 0);
    memory_sink_free(&m);
}

Test(queue, what_the_system_does_leaves_customers_as_they_were)
{
    static const char *const more[] = {"discipline=ps",
                                       "servers=5",
                                       "capacity=3",
                                       "patience.law=exponential,patience.mean=1",
                                       "classes=1/2",
                                       "setup.law=deterministic,setup.value=1",
                                       "station2.law=deterministic,station2.value=1",
                                       "customers=4000"};
    struct memory_sink a, b;
    generated("queue:customers=2000", 4, &a);
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        char text[128];
        snprintf(text, sizeof text, "queue:customers=2000,%s", more[i]);
        generated(text, 4, &b);
        for (size_t k = 0; k < 2000; k++) {
            const struct alm_invocation *v = &b.invocation[k * b.units];
            cr_assert(v->arrival == a.invocation[k].arrival && v->value[ALM_INV_WORK] == value(&a, k, ALM_INV_WORK),
                      "%s: customer %zu", more[i], k);
        }
        memory_sink_free(&b);
    }
    generated("queue:customers=2000", 5, &b);
    cr_expect_neq(generated_digest(&a), generated_digest(&b));
    memory_sink_free(&b);
    memory_sink_free(&a);
}

/* The fold of customers and platform. A change moves published traces: see CONTRIBUTING. */
Test(queue, golden)
{
    struct memory_sink m;
    generated("queue:customers=3000,arrival.law=weibull,arrival.shape=0.8,arrival.scale=1,service.law=erlang,"
              "service.shape=3,service.mean=0.8,batch.law=uniform,batch.max=3,patience.law=normal,patience.mean=4,"
              "patience.cv=0.5,classes=1/4,station2.law=lognormal,station2.mean=0.5,station2.cv=2,servers=2",
              42, &m);
    cr_expect_eq(generated_digest(&m), UINT64_C(0xc416dc45e776f4c0), "digest 0x%016llx of %zu invocations",
                 (unsigned long long)generated_digest(&m), m.invocations);
    memory_sink_free(&m);
}

Test(queue, refused)
{
    static const struct {
        const char *text, *want;
    } bad[] = {
        {"service.law=none", "each customer needs a service"},
        {"service.law=exponential", "service.mean is missing or 0"},
        {"servers=1/2", "servers has 2 numbers for 1 station"},
        {"servers=1.5", "1.5 is not a whole number"},
        {"servers=", "servers has 0 numbers"},
        {"station3.law=exponential,station3.mean=1", "station3 is given without station2"},
        {"class2.law=exponential,class2.mean=1", "class2 is given, but there is 1 class"},
        {"classes=1/1,class3.law=exponential,class3.mean=1", "class3 is given, but there are 2 classes"},
        {"classes=1/1/1/1", "at most 3"},
        {"classes=0/0", "all shares are 0"},
        {"classes=1/1,class2.law=none", "class2.law is none"},
        {"classes=1/1,discipline=ps", "use discipline=fcfs"},
        {"preemptive=true", "with one class nobody interrupts"},
        {"servers=0,setup.law=exponential,setup.mean=1", "say how many servers"},
        {"setup.policy=staggered", "without a setup"},
        {"setup.law=exponential", "setup.mean is missing"},
        {"name=a\"b", "a quote"},
        {"name=", "1 to 100 bytes"},
        {"arrival.law=deterministic,arrival.value=1e9", "more than 100 years after the start"},
        {"customers=0", "customers"},
        {"start=yesterday", "neither a date"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct memory_sink m;
        struct alm_err e = {0};
        char text[256];
        snprintf(text, sizeof text, "queue:%s", bad[i].text);
        cr_expect_eq(generated_try(text, 1, &m, &e), ALM_EINVAL, "%s", text);
        cr_expect_not_null(strstr(e.text, bad[i].want), "%s: %s", text, e.text);
        memory_sink_free(&m);
    }
}
