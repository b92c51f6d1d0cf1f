/* SPDX-License-Identifier: GPL-3.0-or-later
 * queue_systems: the systems that simulation is compared with theory on.
 *
 * Choice.   Parameters are those of the reference tables, so that the formulas here can be checked against values that
 *           were computed apart from them; other parameters can be tried by one more row. `customers` makes the interval
 *           of 99.9 % about 1 to 4 % wide in the quick form, by the asymptotic variances of Whitt, Management Science 35
 *           (1989). */
#ifndef ALMANAC_TESTS_QUEUE_SYSTEMS_H
#define ALMANAC_TESTS_QUEUE_SYSTEMS_H

#include "queue_system.h"
#include "queue_theory.h"

#include <string.h>

#define SYSTEMS 48
#define ROWS(table) (sizeof(table) / sizeof *(table))

static inline struct system *next_system(struct system *list, size_t *n, double servers, double rate, double customers)
{
    assert(*n < SYSTEMS);
    struct system *s = &list[(*n)++];
    *s = (struct system){.servers = servers, .rate = rate, .customers = customers};
    return s;
}

static inline size_t systems_mm1(struct system *list)
{
    static const double row[][3] = {{0.5, 1, 4e4}, {0.8, 1, 1e5}, {0.9, 1, 2e5}, {3, 5, 4e4}, {0.95, 1, 4e5}};
    size_t n = 0;
    for (size_t i = 0; i < ROWS(row); i++) {
        double l = row[i][0], m = row[i][1], r = l / m;
        struct system *s = next_system(list, &n, 1, l, row[i][2]);
        system_name(s, "mm1_lam%g_mu%g", l, m);
        system_spec(s, "arrival.rate=%.17g,service.law=exponential,service.mean=%.17g", l, 1 / m);
        expect(s, FIGURE_RESPONSE, 1 / (m - l), "W(response)");
        expect(s, FIGURE_WAIT, r / (m - l), "Wq(wait)");
        expect(s, FIGURE_IN_SYSTEM, r / (1 - r), "L");
        expect(s, FIGURE_IN_QUEUE, r * r / (1 - r), "Lq");
        expect(s, FIGURE_BUSY, r, "rho");
        expect_part(s, FIGURE_WAITED, 0, 0, r, NULL);
        expect_part(s, FIGURE_WITHIN, 0, log(2) / (m - l), 0.5, NULL);
        expect_part(s, FIGURE_WITHIN, 0, log(100) / (m - l), 0.99, NULL);
    }
    return n;
}

static inline size_t systems_mmc(struct system *list)
{
    static const double row[][4] = {{1.5, 1, 2, 6e4}, {4, 1, 5, 1e5},      {8, 1, 10, 1e5},
                                    {18, 1, 20, 2e5}, {45, 0.5, 100, 6e5}, {2, 0.25, 10, 1e5}};
    size_t n = 0;
    for (int ps = 0; ps < 2; ps++)
        for (size_t i = 0; i < ROWS(row); i++) {
            double l = row[i][0], m = row[i][1];
            int c = (int)row[i][2];
            double waits = erlang_c(c, l / m), lq = waits * l / (c * m - l);
            struct system *s = next_system(list, &n, c, l, row[i][3] / (ps ? 2 : 1));
            system_name(s, "mmc_lam%g_mu%g_c%d", l, m, c);
            system_spec(s, "servers=%d,arrival.rate=%.17g,service.law=exponential,service.mean=%.17g%s", c, l, 1 / m,
                        ps ? ",discipline=ps" : "");
            expect(s, FIGURE_RESPONSE, lq / l + 1 / m, ps ? "PS(M/G/c-PS; insensitive).W" : "W");
            expect(s, FIGURE_IN_SYSTEM, lq + l / m, "L");
            if (ps)
                continue;
            expect(s, FIGURE_WAIT, lq / l, "Wq");
            expect(s, FIGURE_IN_QUEUE, lq, "Lq");
            expect(s, FIGURE_BUSY, l / m, NULL);
            expect(s, FIGURE_WAITED, waits, "erlangC(P wait)");
            if (c < 100) /* too rare there to be seen */
                expect_part(s, FIGURE_WAITED, 0, 1 / m, waits * exp(-(c * m - l) / m), "P(wait>1/mu)");
            expect_part(s, FIGURE_WITHIN, 0, 2 / m, mmc_response_cdf(l, m, c, 2 / m), NULL);
        }
    return n;
}

static inline size_t systems_mmck(struct system *list)
{
    static const double row[][5] = {{1, 1, 1, 5, 5e4},  {0.8, 1, 1, 10, 1e5}, {4, 1, 5, 5, 5e4},
                                    {4, 1, 5, 12, 1e5}, {12, 1, 10, 20, 5e4}, {1.2, 1, 1, 8, 1e5}};
    size_t n = 0;
    for (size_t i = 0; i < ROWS(row); i++) {
        double l = row[i][0], m = row[i][1];
        int c = (int)row[i][2], K = (int)row[i][3];
        struct chain x = chain_of(l, m, c, K, 0);
        double in = l * (1 - x.blocked);
        struct system *s = next_system(list, &n, c, l, row[i][4]);
        system_name(s, "mmck_lam%g_mu%g_c%d_K%d", l, m, c, K);
        system_spec(s, "servers=%d,capacity=%d,arrival.rate=%.17g,service.law=exponential,service.mean=%.17g", c, K, l,
                    1 / m);
        expect(s, FIGURE_REFUSED, x.blocked, "P(block)");
        expect(s, FIGURE_IN_SYSTEM, x.in_system, "L");
        expect(s, FIGURE_IN_QUEUE, x.in_queue, "Lq");
        expect(s, FIGURE_RESPONSE, x.in_system / in, "W.accepted");
        expect(s, FIGURE_WAIT, x.in_queue / in, "Wq.accepted");
        expect(s, FIGURE_BUSY, x.busy, NULL);
        expect(s, FIGURE_WAITED, (x.waits - x.blocked) / (1 - x.blocked), "P(accepted waits)");
    }
    return n;
}

/* Loss depends on the service by its mean alone. */
static inline size_t systems_loss(struct system *list)
{
    static const double row[][3] = {{1, 1, 1e5}, {5, 5, 1e5}, {10, 15, 1e5}, {100, 110, 2e5}, {20, 20, 1e5}};
    static const char *const law[] = {"deterministic,service.value=2", "exponential,service.mean=2",
                                      "hyperexponential,service.p=0.9,service.mean1=1,service.mean2=11",
                                      "lognormal,service.mean=2,service.cv=1.5", "uniform,service.min=0,service.max=4"};
    size_t n = 0;
    for (size_t i = 0; i < ROWS(row); i++)
        for (size_t k = 0; k < ROWS(law); k++) {
            double a = row[i][0];
            int c = (int)row[i][1];
            if (i != 1 && k != i % ROWS(law)) /* every law once, all of them with five servers */
                continue;
            struct system *s = next_system(list, &n, c, a / 2, row[i][2]);
            system_name(s, "erlangB_a%g_c%d", a, c);
            system_spec(s, "servers=%d,capacity=%d,arrival.rate=%.17g,service.law=%s", c, c, a / 2, law[k]);
            expect(s, FIGURE_REFUSED, erlang_b(c, a), "B(=M/G/c/c loss; insensitive)");
            expect(s, FIGURE_BUSY, a * (1 - erlang_b(c, a)), NULL);
            expect(s, FIGURE_IN_QUEUE, 0, NULL);
        }
    return n;
}

struct general {
    const char *name;
    double lambda, customers;
    struct moments service;
    const char *law;
};

/* FCFS, or processor sharing: insensitive, and proportional to the size for each size. */
static inline size_t systems_mg1(struct system *list)
{
    const struct general row[] = {
        {"det_1", 0.5, 5e4, moments_deterministic(1), "deterministic,service.value=1"},
        {"det_1", 0.8, 5e4, moments_deterministic(1), "deterministic,service.value=1"},
        {"exp_1", 0.7, 6e4, moments_exponential(1), "exponential,service.mean=1"},
        {"erlang_4_1", 0.7, 6e4, moments_erlang(4, 1), "erlang,service.shape=4,service.mean=1"},
        {"h2_0.9_0.5_5.5", 0.7, 2e5, moments_hyperexponential(0.9, 0.5, 5.5),
         "hyperexponential,service.p=0.9,service.mean1=0.5,service.mean2=5.5"},
        {"lognormal_1_1.5", 0.6, 2e5, moments_lognormal(1, 1.5), "lognormal,service.mean=1,service.cv=1.5"},
        {"unif_0.2_1.4", 0.8, 6e4, moments_uniform(0.2, 1.4), "uniform,service.min=0.2,service.max=1.4"},
        {"bpareto_0.5_100_1.5", 0.5, 2e5, moments_bounded_pareto(0.5, 100, 1.5),
         "bounded-pareto,service.min=0.5,service.max=100,service.shape=1.5"}};
    size_t n = 0;
    for (int ps = 0; ps < 2; ps++)
        for (size_t i = 0; i < ROWS(row); i++) {
            double l = row[i].lambda, rho = l * row[i].service.first, wait = mg1_wait(l, row[i].service);
            struct system *s = next_system(list, &n, 1, l, row[i].customers);
            system_name(s, "mg1_lam%g_%s", l, row[i].name);
            system_spec(s, "arrival.rate=%.17g,service.law=%s%s", l, row[i].law, ps ? ",discipline=ps" : "");
            if (!ps) {
                expect(s, FIGURE_WAIT, wait, "FCFS.Wq");
                expect(s, FIGURE_RESPONSE, wait + row[i].service.first, "FCFS.W");
                expect(s, FIGURE_IN_QUEUE, l * wait, "FCFS.Lq");
                expect(s, FIGURE_IN_SYSTEM, l * wait + rho, "FCFS.L");
                expect(s, FIGURE_BUSY, rho, "rho");
                continue;
            }
            expect(s, FIGURE_RESPONSE, row[i].service.first / (1 - rho), "PS.W");
            expect(s, FIGURE_IN_SYSTEM, rho / (1 - rho), "PS.L");
            expect(s, FIGURE_SLOWDOWN, 1 / (1 - rho), "PS.slowdown(any size)");
            if (i > 1) /* with services all alike nothing is larger */
                expect_part(s, FIGURE_SLOWDOWN_LARGE, 0, 1.2 * row[i].service.first, 1 / (1 - rho),
                            "PS.slowdown(any size)");
        }
    return n;
}

static inline size_t systems_setup(struct system *list)
{
    static const double row[][5] = {
        {0.5, 1, 1, 0.2, 1e5}, {2, 1, 4, 0.1, 1e5}, {3, 1, 5, 0.5, 1e5}, {7, 1, 10, 0.2, 1e5}};
    size_t n = 0;
    for (int one = 0; one < 2; one++) {
        double l = one ? 0.5 : 0.6, setup = one ? 10 : 5;
        struct moments s1 = one ? moments_deterministic(1) : moments_exponential(1);
        struct moments d = one ? moments_deterministic(setup) : moments_exponential(setup);
        struct system *s = next_system(list, &n, 1, l, 1e5);
        system_name(s, "mg1setup_lam%g_%s", l, one ? "det_det" : "exp_exp");
        system_spec(s,
                    one ? "arrival.rate=%.17g,service.law=deterministic,service.value=1,setup.law=deterministic,"
                          "setup.value=%g"
                        : "arrival.rate=%.17g,service.law=exponential,service.mean=1,setup.law=exponential,"
                          "setup.mean=%g",
                    l, setup);
        expect(s, FIGURE_WAIT, mg1_setup_wait(l, s1, d), "Wq");
        expect(s, FIGURE_RESPONSE, mg1_setup_wait(l, s1, d) + 1, "W");
        expect(s, FIGURE_IN_SYSTEM, l * mg1_setup_wait(l, s1, d) + l, "L");
        expect(s, FIGURE_BUSY, l, "P(busy)");
    }
    for (int staggered = 0; staggered < 2; staggered++)
        for (size_t i = 0; i < ROWS(row); i++) {
            if (staggered && i % 2) /* too slow a start for the load: no long run */
                continue;
            const struct setup_chain q = {row[i][0], row[i][1], row[i][3], (int)row[i][2], staggered};
            struct setup_means x = setup_solve(&q);
            struct system *s = next_system(list, &n, q.c, q.lambda, row[i][4]);
            system_name(s, "mmcsetup_lam%g_mu%g_c%d_alpha%g", q.lambda, q.mu, q.c, q.alpha);
            system_spec(s,
                        "servers=%d,arrival.rate=%.17g,service.law=exponential,service.mean=%.17g,"
                        "setup.law=exponential,setup.mean=%.17g,setup.policy=%s",
                        q.c, q.lambda, 1 / q.mu, 1 / q.alpha, staggered ? "staggered" : "parallel");
            expect(s, FIGURE_IN_SYSTEM, x.in_system, staggered ? "staggered.L" : "parallel.L");
            expect(s, FIGURE_RESPONSE, x.in_system / q.lambda, staggered ? "staggered.W" : "parallel.W");
            expect(s, FIGURE_BUSY, x.busy, staggered ? "staggered.E[busy]" : "parallel.E[busy]");
        }
    return n;
}

static inline size_t systems_priority(struct system *list)
{
    static const double two[] = {0.3, 0.4}, three[] = {0.2, 0.3, 0.1};
    const struct moments of_two[] = {moments_exponential(1), moments_exponential(1)};
    const struct moments of_three[] = {moments_deterministic(0.5), moments_exponential(1),
                                       moments_hyperexponential(0.5, 1, 4)};
    static const char *const wait[] = {"nonpreemptive.Wq.class1", "nonpreemptive.Wq.class2", "nonpreemptive.Wq.class3"};
    static const char *const response[] = {"preemptive-resume.W.class1", "preemptive-resume.W.class2",
                                           "preemptive-resume.W.class3"};
    size_t n = 0;
    for (int k = 0; k < 4; k++) {
        int classes = k < 2 ? 2 : 3, preemptive = k % 2;
        const double *l = k < 2 ? two : three;
        const struct moments *m = k < 2 ? of_two : of_three;
        struct system *s = next_system(list, &n, 1, classes == 2 ? 0.7 : 0.6, 2e5);
        system_name(s, "prio%d", classes);
        system_spec(s, "preemptive=%s,%s", preemptive ? "true" : "false",
                    classes == 2 ? "arrival.rate=0.7,classes=0.3/0.4,service.law=exponential,service.mean=1"
                                 : "arrival.rate=0.6,classes=0.2/0.3/0.1,service.law=deterministic,service.value=0.5,"
                                   "class2.law=exponential,class2.mean=1,class3.law=hyperexponential,class3.p=0.5,"
                                   "class3.mean1=1,class3.mean2=4");
        double in_system = 0;
        for (int c = 0; c < classes; c++) {
            double w = preemptive ? preemptive_response(l, m, c) : priority_wait(l, m, classes, c);
            expect_part(s, preemptive ? FIGURE_RESPONSE : FIGURE_WAIT, c + 1, 0, w, preemptive ? response[c] : wait[c]);
            in_system += l[c] * (preemptive ? w : w + m[c].first);
        }
        expect(s, FIGURE_IN_SYSTEM, in_system, NULL);
        expect(s, FIGURE_BUSY, load_of(l, m, classes), NULL);
    }
    return n;
}

static inline size_t systems_gim1(struct system *list)
{
    static const struct {
        const char *name, *law;
        enum gap gap;
        double of[3], customers;
    } row[] = {{"D1.25", "deterministic,arrival.value=1.25", GAP_DETERMINISTIC, {1.25}, 1e5},
               {"E_4_1.25", "erlang,arrival.shape=4,arrival.mean=1.25", GAP_ERLANG, {4, 1.25}, 1e5},
               {"H2_0.9_0.7_6.2",
                "hyperexponential,arrival.p=0.9,arrival.mean1=0.7,arrival.mean2=6.2",
                GAP_HYPEREXPONENTIAL,
                {0.9, 0.7, 6.2},
                3e5}};
    size_t n = 0;
    for (size_t i = 0; i < ROWS(row); i++) {
        double x = gim1_sigma(row[i].gap, row[i].of, 1);
        struct system *s = next_system(list, &n, 1, 0.8, row[i].customers);
        system_name(s, "gim1_%s_mu1", row[i].name);
        system_spec(s, "arrival.process=renewal,arrival.law=%s,service.law=exponential,service.mean=1", row[i].law);
        expect(s, FIGURE_WAIT, x / (1 - x), "Wq");
        expect(s, FIGURE_RESPONSE, 1 / (1 - x), "W");
        expect(s, FIGURE_IN_SYSTEM, 0.8 / (1 - x), "L");
        expect(s, FIGURE_WAITED, x, "P(arrival waits)");
        expect(s, FIGURE_BUSY, 0.8, NULL);
    }
    return n;
}

static inline size_t systems_patience(struct system *list)
{
    static const double row[][5] = {{10, 1, 10, 0.5, 1e5}, {12, 1, 10, 1, 1e5}, {100, 1, 95, 0.2, 3e5}};
    size_t n = 0;
    for (size_t i = 0; i < ROWS(row); i++) {
        double l = row[i][0], m = row[i][1], theta = row[i][3];
        int c = (int)row[i][2];
        struct chain x = chain_of(l, m, c, 5000, theta);
        struct system *s = next_system(list, &n, c, l, row[i][4]);
        system_name(s, "erlangA_lam%g_mu%g_c%d_theta%g", l, m, c, theta);
        system_spec(s,
                    "servers=%d,arrival.rate=%.17g,service.law=exponential,service.mean=%.17g,"
                    "patience.law=exponential,patience.mean=%.17g",
                    c, l, 1 / m, 1 / theta);
        expect(s, FIGURE_TIMEOUT, x.abandoned, "P(abandon)");
        expect(s, FIGURE_IN_QUEUE, x.in_queue, "Lq");
        expect(s, FIGURE_WAIT_ALL, x.in_queue / l, "Wq(all)");
        expect(s, FIGURE_IN_SYSTEM, x.in_system, NULL);
        expect(s, FIGURE_BUSY, x.busy, NULL);
    }
    return n;
}

static inline size_t systems_batch(struct system *list)
{
    size_t n = 0;
    for (int k = 0; k < 2; k++) {
        double l = k ? 0.1 : 0.2, first = k ? 5 : 1.7, second = k ? 25 : 3.5, rho = l * first;
        double in_system = rho * (1 + second / first) / (2 * (1 - rho));
        struct system *s = next_system(list, &n, 1, rho, 1e5);
        system_name(s, "mxm1_lam%g_mu1_%s", l, k ? "5" : "1_2_3");
        system_spec(s, "arrival.rate=%.17g,batch.law=%s,service.law=exponential,service.mean=1", l,
                    k ? "deterministic,batch.value=5" : "discrete,batch.values=1/2/3,batch.weights=0.5/0.3/0.2");
        expect(s, FIGURE_IN_SYSTEM, in_system, "L");
        expect(s, FIGURE_RESPONSE, in_system / rho, "W");
        expect(s, FIGURE_BUSY, rho, NULL);
    }
    return n;
}

static inline size_t systems_tandem(struct system *list)
{
    static const struct {
        const char *name, *stations;
        double lambda, customers, mu[3];
    } row[] = {{"lam0.6_1_1", "service.mean=1,station2.law=exponential,station2.mean=1", 0.6, 1e5, {1, 1, 0}},
               {"lam2_3_5_2.5",
                "service.mean=0.33333333333333331,station2.law=exponential,station2.mean=0.2,"
                "station3.law=exponential,station3.mean=0.4",
                2,
                1e5,
                {3, 5, 2.5}}};
    size_t n = 0;
    for (size_t i = 0; i < ROWS(row); i++) {
        struct system *s = next_system(list, &n, 1, row[i].lambda, row[i].customers);
        system_name(s, "tandem_%s", row[i].name);
        system_spec(s, "arrival.rate=%.17g,service.law=exponential,%s", row[i].lambda, row[i].stations);
        for (int k = 0; k < 3 && row[i].mu[k] > 0; k++) {
            double spare = row[i].mu[k] - row[i].lambda;
            expect_part(s, FIGURE_RESPONSE, k + 1, 0, 1 / spare, NULL);
            expect_part(s, FIGURE_IN_SYSTEM, k + 1, 0, row[i].lambda / spare, "L.each");
            s->expect[s->expectations - 1].index = (size_t)k;
        }
    }
    return n;
}

/* Number in the system at four times of the period, begun empty eight mean services before. */
static inline size_t systems_varying(struct system *list)
{
    static const double row[][4] = {{50, 0.6, 24, 1}, {20, 0.5, 10, 0.5}, {100, 0.8, 86400, 0.01}};
    size_t n = 0;
    for (size_t i = 0; i < ROWS(row); i++)
        for (int k = 0; k < 4; k++) {
            double l = row[i][0], b = row[i][1], period = row[i][2], m = row[i][3];
            double t = period * (2 + k / 4.0), start = t - 8 / m;
            double come = l * (t - start -
                               b * period / (2 * M_PI) * (cos(2 * M_PI * t / period) - cos(2 * M_PI * start / period)));
            struct system *s = next_system(list, &n, 0, l, ceil(come + 6 * sqrt(come) + 10));
            system_name(s, "mtminf_l%g_b%g_P%g_mu%g", l, b, period, m);
            system_spec(s,
                        "servers=0,start=%.17gs,arrival.process=sinusoidal,arrival.rate=%.17g,arrival.amplitude=%g,"
                        "arrival.period=%.17gs,arrival.peak=%.17gs,service.law=exponential,service.mean=%.17g",
                        start, l, b, period, period / 4, 1 / m);
            expect_part(s, FIGURE_NUMBER_AT, 0, t, mtminf_number(l, b, period, m, start, t), NULL);
            s->replications = come < 5000 ? 400 : 10;
            s->at_an_instant = true;
        }
    return n;
}

#endif
