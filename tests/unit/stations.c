/* SPDX-License-Identifier: GPL-3.0-or-later
 * Stations of a queueing system as the trace describes them, and tandems. Times are worked out by hand in the comments. */
#include "usage_rig.h"

#define S ALM_SECOND
#define MOST 16

struct customer {
    double arrival;
    uint32_t unit;
    double work, priority, patience;
};

struct system {
    struct usage usage;
    struct alm_invocations invocations;
    const struct customer *customer;
    struct engine x;
};

static int read_customers(const struct alm_invocations *self, uint64_t first, size_t n,
                          const struct alm_invocation_rows *out, struct alm_err *e)
{
    (void)e;
    const struct system *s = self->owner;
    for (size_t k = 0; k < n; k++) {
        const struct customer *c = &s->customer[first + k];
        if (out->arrival)
            out->arrival[k] = (alm_time)llround(c->arrival * 1e9);
        if (out->unit)
            out->unit[k] = c->unit;
        for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
            if (out->value[f])
                out->value[f][k] = NAN;
        if (out->value[ALM_INV_WORK])
            out->value[ALM_INV_WORK][k] = c->work;
        if (out->value[ALM_INV_PARALLELISM])
            out->value[ALM_INV_PARALLELISM][k] = 1;
        if (out->value[ALM_INV_PRIORITY])
            out->value[ALM_INV_PRIORITY][k] = c->priority;
        if (out->value[ALM_INV_PATIENCE])
            out->value[ALM_INV_PATIENCE][k] = c->patience > 0 ? c->patience : NAN;
    }
    return ALM_OK;
}

static int open_system(struct system *s, size_t units, const struct customer *customer, size_t n, const char *json,
                       const char *text, struct alm_err *e)
{
    *s = (struct system){.customer = customer};
    usage_make(&s->usage, units, ALM_BIT(ALM_CPU));
    s->invocations = (struct alm_invocations){.count = n,
                                              .fields = 1u << ALM_INV_WORK | 1u << ALM_INV_PARALLELISM |
                                                        1u << ALM_INV_PRIORITY | 1u << ALM_INV_PATIENCE,
                                              .platform = json,
                                              .read = read_customers,
                                              .owner = s};
    struct alm_platform_config config = {
        .demand = &s->usage.demand, .invocations = &s->invocations, .control_interval = S, .seed = 1};
    return engine_try(&s->x, &sim_world, text, config, e);
}

struct stay {
    uint32_t unit;
    double arrival, start, finish;
    int end;
};

/* Executions come in order of their ends; those of one instant in any. */
static int by_finish(const void *a, const void *b)
{
    const struct alm_execution *x = a, *y = b;
    if (x->finish != y->finish)
        return x->finish < y->finish ? -1 : 1;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return x->arrival < y->arrival ? -1 : x->arrival > y->arrival;
}

/* To the end of the trace: an arrival at 1000 s, of no work, makes it that long. */
static void expect(struct system *s, const struct stay *want, size_t n)
{
    const struct alm_execution *shown;
    const struct alm_execution_account *account;
    struct alm_execution x[4 * MOST];
    struct alm_err e = {0};
    size_t count, k = 0;
    engine_wait(&s->x, ALM_TIME_MAX);
    cr_assert_eq(s->x.ops->executions(s->x.self, &shown, &account, &count, &e), ALM_OK, "%s", e.text);
    cr_assert_leq(count, 4 * MOST);
    for (size_t i = 1; i < count; i++)
        cr_assert_geq(shown[i].finish, shown[i - 1].finish, "in the order of their ends");
    memcpy(x, shown, count * sizeof *x);
    qsort(x, count, sizeof *x, by_finish);
    for (size_t i = 0; i < count; i++) {
        if (x[i].arrival >= 1000 * S)
            continue;
        cr_assert_lt(k, n, "an execution too many: unit %u, %g to %g s", x[i].unit, (double)x[i].arrival / 1e9,
                     (double)x[i].finish / 1e9);
        cr_assert(x[i].unit == want[k].unit && x[i].end == want[k].end, "%zu: unit %u ended as %d", k, x[i].unit,
                  x[i].end);
        cr_assert_float_eq((double)x[i].arrival / 1e9, want[k].arrival, 1e-8, "%zu arrived %lld", k,
                           (long long)x[i].arrival);
        cr_assert_float_eq((double)x[i].finish / 1e9, want[k].finish, 1e-8, "%zu ended %lld", k,
                           (long long)x[i].finish);
        if (want[k].start >= 0)
            cr_assert_float_eq((double)x[i].start / 1e9, want[k].start, 1e-8, "%zu started %lld", k,
                               (long long)x[i].start);
        k++;
    }
    cr_assert_eq(k, n, "%zu executions of %zu", k, n);
    engine_close(&s->x);
    usage_free(&s->usage);
}

static void run(size_t units, const char *json, const struct customer *customer, size_t n, const struct stay *want,
                size_t stays)
{
    struct system s;
    struct alm_err e = {0};
    cr_assert_eq(open_system(&s, units, customer, n, json, "simulated", &e), ALM_OK, "%s", e.text);
    expect(&s, want, stays);
}

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define HEAD "{\"schema\": \"almanac.platform/1\", \"system\": \"queue\", "
#define STATION(unit, servers, more) "{\"unit\": \"unit-00" unit "\", \"servers\": " servers more "}"
#define TANDEM HEAD "\"stations\": [" STATION("0", "1", "") ", " STATION("1", "1", "") "], \"route\": \"tandem\"}"
#define LAST(station)                                                                                                  \
    {                                                                                                                  \
        .arrival = 1000, .unit = (station)                                                                             \
    }

Test(stations, servers_bound_who_is_served)
{
    /* Two servers: the third customer starts when the first has gone. */
    static const struct customer c[] = {{0, 0, 3, 0, 0}, {0, 0, 5, 0, 0}, {1, 0, 1, 0, 0}, LAST(0)};
    static const struct stay want[] = {
        {0, 0, 0, 3, ALM_END_DONE}, {0, 1, 3, 4, ALM_END_DONE}, {0, 0, 0, 5, ALM_END_DONE}};
    run(1, HEAD "\"stations\": [" STATION("0", "2", "") "]}", c, COUNT(c), want, COUNT(want));
}

Test(stations, without_a_bound_nobody_waits)
{
    static const struct customer c[] = {{0, 0, 3, 0, 0}, {0, 0, 5, 0, 0}, {1, 0, 1, 0, 0}, LAST(0)};
    static const struct stay want[] = {
        {0, 1, 1, 2, ALM_END_DONE}, {0, 0, 0, 3, ALM_END_DONE}, {0, 0, 0, 5, ALM_END_DONE}};
    run(1, HEAD "\"stations\": [" STATION("0", "null", "") "]}", c, COUNT(c), want, COUNT(want));
}

Test(stations, shared_servers_slow_everybody)
{
    /* One server, shared: alone to 1 s (1 of 3 done), then at half speed: the second is done at 1 + 2 * 1 = 3, the first has
     * 1 left then: done at 4. */
    static const struct customer c[] = {{0, 0, 3, 0, 0}, {1, 0, 1, 0, 0}, LAST(0)};
    static const struct stay want[] = {{0, 1, 1, 3, ALM_END_DONE}, {0, 0, 0, 4, ALM_END_DONE}};
    run(1, HEAD "\"stations\": [" STATION("0", "1", ", \"discipline\": \"ps\"") "]}", c, COUNT(c), want, COUNT(want));
}

Test(stations, capacity_and_classes_and_patience)
{
    /* Room for two. The third meets two; the better class interrupts. */
    static const struct customer c[] = {{0, 0, 3, 0, 0}, {1, 0, 1, 1, 0}, {1.5, 0, 1, 1, 0}, LAST(0)};
    static const struct stay want[] = {
        {0, 1.5, -1, 1.5, ALM_END_REFUSED}, {0, 1, 1, 2, ALM_END_DONE}, {0, 0, 0, 4, ALM_END_DONE}};
    run(1, HEAD "\"stations\": [" STATION("0", "1", ", \"capacity\": 2") "], \"classes\": 2, \"preemptive\": true}", c,
        COUNT(c), want, COUNT(want));
    static const struct customer p[] = {{0, 0, 3, 0, 0}, {1, 0, 1, 0, 1.5}, {1, 0, 1, 1, 0}, LAST(0)};
    static const struct stay left[] = {
        {0, 1, -1, 2.5, ALM_END_TIMEOUT}, {0, 0, 0, 3, ALM_END_DONE}, {0, 1, 3, 4, ALM_END_DONE}};
    run(1, HEAD "\"stations\": [" STATION("0", "1", "") "], \"classes\": 2}", p, COUNT(p), left, COUNT(left));
}

Test(stations, setup_delays_who_meets_servers_off)
{
    /* 2 s to switch on. The first waits for it, the second comes while the server is on; it is off from 4 s on, so the third
     * waits again. */
    static const struct customer c[] = {{0, 0, 1, 0, 0}, {2.5, 0, 1, 0, 0}, {6, 0, 1, 0, 0}, LAST(0)};
    static const struct stay want[] = {
        {0, 0, 2, 3, ALM_END_DONE}, {0, 2.5, 3, 4, ALM_END_DONE}, {0, 6, 8, 9, ALM_END_DONE}};
#define SETUP(policy, stations)                                                                                        \
    HEAD "\"stations\": [" stations "], \"setup\": {\"law\": {\"law\": \"deterministic\", \"value\": 2}, "             \
         "\"policy\": \"" policy "\"}}"
    run(1, SETUP("parallel", STATION("0", "1", "")), c, COUNT(c), want, COUNT(want));

    /* Two servers, two customers at once: in parallel both start at 2 s. One at a time: the second server begins to switch on
     * at 2 s, but the first is free at 3 s. */
    static const struct customer two[] = {{0, 0, 1, 0, 0}, {0, 0, 1, 0, 0}, LAST(0)};
    static const struct stay both[] = {{0, 0, 2, 3, ALM_END_DONE}, {0, 0, 2, 3, ALM_END_DONE}};
    static const struct stay one[] = {{0, 0, 2, 3, ALM_END_DONE}, {0, 0, 3, 4, ALM_END_DONE}};
    run(1, SETUP("parallel", STATION("0", "2", "")), two, COUNT(two), both, COUNT(both));
    run(1, SETUP("staggered", STATION("0", "2", "")), two, COUNT(two), one, COUNT(one));
}

Test(stations, a_tandem_passes_customers_on)
{
    /* First: 0-3, 3-4, 4-5. Second, from there: 3-4, 4-9, 9-10. */
    static const struct customer c[] = {{0, 0, 3, 0, 0}, {0, 1, 1, 0, 0}, {1, 0, 1, 0, 0}, {1, 1, 5, 0, 0},
                                        {2, 0, 1, 0, 0}, {2, 1, 1, 0, 0}, LAST(0),         LAST(1)};
    static const struct stay want[] = {{0, 0, 0, 3, ALM_END_DONE}, {0, 1, 3, 4, ALM_END_DONE},
                                       {1, 3, 3, 4, ALM_END_DONE}, {0, 2, 4, 5, ALM_END_DONE},
                                       {1, 4, 4, 9, ALM_END_DONE}, {1, 5, 9, 10, ALM_END_DONE}};
    run(2, TANDEM, c, COUNT(c), want, COUNT(want));
}

Test(stations, who_overtakes_takes_its_own_service_along)
{
    /* Two servers at the first station: customer 1 leaves at 1 s, before customer 0 at 5 s. Its service at the second is the
     * second row there, 4 s: to 5 s; then that of customer 0, 2 s. */
    static const struct customer c[] = {{0, 0, 5, 0, 0}, {0, 1, 2, 0, 0}, {0, 0, 1, 0, 0},
                                        {0, 1, 4, 0, 0}, LAST(0),         LAST(1)};
    static const struct stay want[] = {
        {0, 0, 0, 1, ALM_END_DONE}, {0, 0, 0, 5, ALM_END_DONE}, {1, 1, 1, 5, ALM_END_DONE}, {1, 5, 5, 7, ALM_END_DONE}};
    run(2, HEAD "\"stations\": [" STATION("0", "2", "") ", " STATION("1", "1", "") "], \"route\": \"tandem\"}", c,
        COUNT(c), want, COUNT(want));
}

Test(stations, who_is_refused_does_not_come_later)
{
    /* Room for one: customer 1 is refused, before its later rows are read, and customer 2 has its own services: 3-4, 4-6, 6-9. Customer 3
     * needs nothing at the first two stations, and is at the third before its row there is read. */
    static const struct customer c[] = {{0, 0, 2, 0, 0}, {0, 1, 1, 0, 0}, {0, 2, 1, 0, 0}, {1, 0, 9, 0, 0},
                                        {1, 1, 9, 0, 0}, {1, 2, 9, 0, 0}, {3, 0, 1, 0, 0}, {3, 1, 2, 0, 0},
                                        {3, 2, 3, 0, 0}, {9, 0, 0, 0, 0}, {9, 1, 0, 0, 0}, {9, 2, 1, 0, 0},
                                        LAST(0),         LAST(1),         LAST(2)};
    static const struct stay want[] = {{0, 1, -1, 1, ALM_END_REFUSED}, {0, 0, 0, 2, ALM_END_DONE},
                                       {1, 2, 2, 3, ALM_END_DONE},     {0, 3, 3, 4, ALM_END_DONE},
                                       {2, 3, 3, 4, ALM_END_DONE},     {1, 4, 4, 6, ALM_END_DONE},
                                       {0, 9, 9, 9, ALM_END_DONE},     {1, 9, 9, 9, ALM_END_DONE},
                                       {2, 6, 6, 9, ALM_END_DONE},     {2, 9, 9, 10, ALM_END_DONE}};
    run(3,
        HEAD "\"stations\": [" STATION("0", "1", ", \"capacity\": 1") ", " STATION("1", "1", "") ", " STATION(
            "2", "1", "") "], \"route\": \"tandem\"}",
        c, COUNT(c), want, COUNT(want));
}

Test(stations, many_customers_keep_their_numbers)
{
    /* Customer k comes at k s and is served in no time at the first station but for number 0, which stays 500 s at one of its
     * many servers. Each needs k us at the second, which is never busy. */
    enum { N = 500 };
    static struct customer c[2 * N + 2];
    for (uint32_t k = 0; k < N; k++) {
        c[2 * k] = (struct customer){.arrival = k, .unit = 0, .work = k ? 1e-6 : 600};
        c[2 * k + 1] = (struct customer){.arrival = k, .unit = 1, .work = 1e-6 * k};
    }
    c[2 * N] = (struct customer)LAST(0);
    c[2 * N + 1] = (struct customer)LAST(1);
    struct system s;
    struct alm_err e = {0};
    cr_assert_eq(open_system(&s, 2, c, COUNT(c),
                             HEAD "\"stations\": [" STATION("0", "null", "") ", " STATION("1", "null", "") "]}",
                             "simulated", &e),
                 ALM_OK, "%s", e.text);
    engine_wait(&s.x, ALM_TIME_MAX);
    const struct alm_execution *x;
    const struct alm_execution_account *account;
    size_t count, seen = 0;
    cr_assert_eq(s.x.ops->executions(s.x.self, &x, &account, &count, &e), ALM_OK, "%s", e.text);
    for (size_t i = 0; i < count; i++) {
        if (x[i].unit != 1 || x[i].arrival >= 1000 * S)
            continue;
        alm_time k = x[i].arrival == 600 * S ? 0 : x[i].arrival / S; /* 1 us after k s */
        cr_assert_eq(x[i].finish - x[i].arrival, k * ALM_US, "customer %d had %d ns", (int)k,
                     (int)(x[i].finish - x[i].arrival));
        seen++;
    }
    cr_assert_eq(seen, N);
    engine_close(&s.x);
    usage_free(&s.usage);
}

/* -- what is refused */

static void refused(const char *json, const char *text, int code, const char *says)
{
    static const struct customer c[] = {{0, 0, 1, 0, 0}, {0, 1, 1, 0, 0}};
    struct system s;
    struct alm_err e = {0};
    cr_assert_eq(open_system(&s, 3, c, COUNT(c), json, text, &e), code, "%s: %s", json, e.text);
    cr_assert(strstr(e.text, says), "`%s` does not say `%s`", e.text, says);
    alm_choice_free(&s.x.choice);
    usage_free(&s.usage);
}

#define TWO(first) HEAD "\"stations\": [" first ", " STATION("1", "1", "") "]}"
#define WITH(more) HEAD "\"stations\": [" STATION("0", "1", "") ", " STATION("1", "1", "") "], " more "}"

Test(stations, nonsense_is_named)
{
    static const struct {
        const char *json;
        int code;
        const char *says;
    } bad[] = {
        {"{", ALM_EDATA, "not JSON: line 1"},
        {"{\"schema\": \"almanac.platform/2\"}", ALM_EUNSUPPORTED, "this program reads almanac.platform/1"},
        {"{\"schema\": \"almanac.platform/1\", \"system\": \"ring\"}", ALM_EUNSUPPORTED, "known: \"queue\""},
        {HEAD "\"stations\": []}", ALM_EDATA, "a list of 1 to"},
        {HEAD "\"stations\": [7]}", ALM_EDATA, "stations[0]: not an object"},
        {HEAD "\"statoins\": []}", ALM_EDATA, "unknown key `statoins`; did you mean `stations`?"},
        {TWO("{\"unit\": \"unit-009\", \"servers\": 1}"), ALM_EDATA, "no unit `unit-009`"},
        {TWO("{\"servers\": 1}"), ALM_EDATA, "unit is missing"},
        {TWO("{\"unit\": \"unit-000\"}"), ALM_EDATA, "servers is missing"},
        {TWO("{\"unit\": \"unit-001\", \"servers\": 1}"), ALM_EDATA, "`unit-001` is stations[0] already"},
        {TWO(STATION("0", "-3", "")), ALM_EDATA, "from 1 to 1000000, or null"},
        {TWO(STATION("0", "1.5", "")), ALM_EDATA, "servers is none"},
        {TWO(STATION("0", "\"2\"", "")), ALM_EDATA, "stations[0]: servers"},
        {TWO(STATION("0", "1", ", \"capacity\": 0")), ALM_EDATA, "capacity is none"},
        {TWO(STATION("0", "1", ", \"discipline\": \"lifo\"")), ALM_EUNSUPPORTED, "known: \"fcfs\", \"ps\""},
        {TWO(STATION("0", "1", ", \"discpline\": \"ps\"")), ALM_EDATA, "did you mean `discipline`?"},
        {HEAD "\"stations\": [" STATION("0", "1", "") "]}", ALM_EDATA, "unit `unit-001` is no station"},
        {WITH("\"route\": \"ring\""), ALM_EUNSUPPORTED, "known: \"tandem\""},
        {WITH("\"classes\": 17"), ALM_EDATA, "from 1 to 16"},
        {WITH("\"preemptive\": 1"), ALM_EDATA, "neither true nor false"},
        {WITH("\"setup\": 3"), ALM_EDATA, "or null"},
        {WITH("\"setup\": {}"), ALM_EDATA, "law is missing"},
        {WITH("\"setup\": {\"law\": {\"law\": \"exponential\"}}"), ALM_EINVAL, "mean"},
        {WITH("\"setup\": {\"law\": {\"law\": \"exponential\", \"mien\": 1}}"), ALM_EINVAL, "setup.law.mien"},
        {WITH("\"setup\": {\"law\": {\"law\": \"exponential\", \"mean\": {}}}"), ALM_EDATA, "law: mean"},
        {WITH("\"setup\": {\"law\": {\"law\": \"empirical\", \"file\": \"a.csv\"}}"), ALM_EUNSUPPORTED, "discrete"},
        {WITH("\"setup\": {\"policy\": \"eager\"}"), ALM_EUNSUPPORTED, "\"staggered\""},
        {HEAD "\"stations\": [" STATION("0", "null", "") ", " STATION(
             "1", "1", "") "], \"setup\": {\"law\": {\"law\": \"exponential\", \"mean\": 1}}}",
         ALM_EDATA, "say how many"},
        {HEAD "\"stations\": [" STATION("0", "2", ", \"discipline\": \"ps\"") ", " STATION(
             "1", "1", "") "], \"setup\": {\"law\": {\"law\": \"exponential\", \"mean\": 1}}}",
         ALM_EUNSUPPORTED, "use \"fcfs\""},
    };
    for (size_t k = 0; k < COUNT(bad); k++)
        refused(bad[k].json, "simulated", bad[k].code, bad[k].says);
    refused(WITH("\"classes\": 1"), "simulated:machines=2", ALM_EINVAL, "leave the option machines out");
}

Test(stations, platforms_of_others_are_left_alone)
{
    static const struct customer c[] = {{0, 0, 3, 0, 0}, {0, 0, 5, 0, 0}, LAST(0)};
    static const struct stay want[] = {{0, 0, 0, 3, ALM_END_DONE}, {0, 0, 0, 5, ALM_END_DONE}};
    run(1, "{\"schema\": \"somebody.else/7\", \"stations\": 3}", c, COUNT(c), want, COUNT(want));
    run(1, "[1, 2]", c, COUNT(c), want, COUNT(want));
    run(1, NULL, c, COUNT(c), want, COUNT(want));
}
