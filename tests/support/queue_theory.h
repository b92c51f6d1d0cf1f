/* SPDX-License-Identifier: GPL-3.0-or-later
 * queue_theory: exact values of queueing systems: closed forms, and Markov chains solved where there is none.
 *
 * Meaning.  lambda, mu are rates; c servers; times in seconds. L counts all in the system, Lq those that wait.
 * Source.   Harchol-Balter, Performance Modeling and Design of Computer Systems (2013), chapters 13 (M/M/1), 14 (M/M/c,
 *           loss), 23 (M/G/1), 30 (PS), 32 (priorities), 27 (setup); Kleinrock, Queueing Systems I (1975), 4.5 (batches), 6.3
 *           (GI/M/1); Eick, Massey, Whitt, Management Science 39 (1993): M_t/M/inf. Level reduction: Latouche, Ramaswami,
 *           Introduction to Matrix Analytic Methods (1999), chapter 10. */
#ifndef ALMANAC_TESTS_QUEUE_THEORY_H
#define ALMANAC_TESTS_QUEUE_THEORY_H

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static inline double erlang_b(int c, double a)
{
    double b = 1;
    for (int k = 1; k <= c; k++)
        b = a * b / (k + a * b);
    return b;
}

static inline double erlang_c(int c, double a)
{
    double b = erlang_b(c, a);
    return b / (1 - a / c * (1 - b));
}

/* What a birth-death chain of customers does in the long run. */
struct chain {
    double in_system, in_queue, busy, blocked, waits, abandoned;
};

/* M/M/c/K+M: at most K in the system; who waits leaves at rate THETA. K large enough stands for no bound. */
static inline struct chain chain_of(double lambda, double mu, int c, int K, double theta)
{
    struct chain x = {0};
    double p = 1, sum = 0;
    for (int n = 0; n <= K; n++) {
        int serving = n < c ? n : c;
        sum += p;
        x.in_system += n * p;
        x.in_queue += (n - serving) * p;
        x.busy += serving * p;
        x.waits += n >= c ? p : 0;
        x.blocked = n == K ? p : 0;
        p *= lambda / ((n + 1 < c ? n + 1 : c) * mu + (n + 1 > c ? n + 1 - c : 0) * theta);
        if (p > 1e250) { /* only ratios matter */
            double down = 1 / p;
            p = 1, sum *= down, x.in_system *= down, x.in_queue *= down, x.busy *= down, x.waits *= down;
        }
    }
    x.in_system /= sum, x.in_queue /= sum, x.busy /= sum, x.waits /= sum, x.blocked /= sum;
    x.abandoned = theta * x.in_queue / lambda;
    return x;
}

/* First two moments of a law. */
struct moments {
    double first, second;
};

static inline struct moments moments_exponential(double mean)
{
    return (struct moments){mean, 2 * mean * mean};
}

static inline struct moments moments_deterministic(double value)
{
    return (struct moments){value, value * value};
}

static inline struct moments moments_erlang(int k, double mean)
{
    return (struct moments){mean, mean * mean * (k + 1) / k};
}

static inline struct moments moments_uniform(double a, double b)
{
    return (struct moments){(a + b) / 2, (a * a + a * b + b * b) / 3};
}

static inline struct moments moments_hyperexponential(double p, double a, double b)
{
    return (struct moments){p * a + (1 - p) * b, 2 * (p * a * a + (1 - p) * b * b)};
}

static inline struct moments moments_lognormal(double mean, double cv)
{
    return (struct moments){mean, mean * mean * (1 + cv * cv)};
}

static inline struct moments moments_bounded_pareto(double low, double high, double a)
{
    double scale = a * pow(low, a) / (1 - pow(low / high, a));
    return (struct moments){scale * (pow(high, 1 - a) - pow(low, 1 - a)) / (1 - a),
                            scale * (pow(high, 2 - a) - pow(low, 2 - a)) / (2 - a)};
}

/* Mean wait, M/G/1 FCFS (Pollaczek, Khinchine); with a setup D whenever an arrival finds the server off. */
static inline double mg1_wait(double lambda, struct moments s)
{
    return lambda * s.second / (2 * (1 - lambda * s.first));
}

static inline double mg1_setup_wait(double lambda, struct moments s, struct moments d)
{
    return mg1_wait(lambda, s) + (2 * d.first + lambda * d.second) / (2 * (1 + lambda * d.first));
}

/* Work of the classes 0 .. n - 1, the first of which is served first. */
static inline double load_of(const double *lambda, const struct moments *s, int n)
{
    double load = 0;
    for (int k = 0; k < n; k++)
        load += lambda[k] * s[k].first;
    return load;
}

static inline double residual_of(const double *lambda, const struct moments *s, int n)
{
    double residual = 0;
    for (int k = 0; k < n; k++)
        residual += lambda[k] * s[k].second / 2;
    return residual;
}

/* Mean wait of class K of N, and mean response when better classes interrupt (and the service goes on later). */
static inline double priority_wait(const double *lambda, const struct moments *s, int n, int k)
{
    return residual_of(lambda, s, n) / ((1 - load_of(lambda, s, k)) * (1 - load_of(lambda, s, k + 1)));
}

static inline double preemptive_response(const double *lambda, const struct moments *s, int k)
{
    double above = 1 - load_of(lambda, s, k);
    return s[k].first / above + residual_of(lambda, s, k + 1) / (above * (1 - load_of(lambda, s, k + 1)));
}

/* GI/M/1: the root in (0, 1) of sigma = A(mu (1 - sigma)), A the transform of the gap. */
enum gap { GAP_DETERMINISTIC, GAP_ERLANG, GAP_HYPEREXPONENTIAL };

static inline double gap_transform(enum gap gap, const double *of, double s)
{
    if (gap == GAP_DETERMINISTIC)
        return exp(-s * of[0]);
    if (gap == GAP_ERLANG)
        return pow(of[0] / of[1] / (of[0] / of[1] + s), of[0]);
    return of[0] / (1 + of[1] * s) + (1 - of[0]) / (1 + of[2] * s);
}

static inline double gim1_sigma(enum gap gap, const double *of, double mu)
{
    double low = 0, high = 1 - 1e-9; /* A(mu (1 - x)) - x is above 0 below the root and below 0 above it */
    for (int i = 0; i < 200; i++) {
        double x = (low + high) / 2;
        *(gap_transform(gap, of, mu * (1 - x)) > x ? &low : &high) = x;
    }
    return (low + high) / 2;
}

/* Mean number in M_t/M/inf at T, empty at START; arrivals of rate LEVEL (1 + b sin 2 pi t / period). */
static inline double mtminf_number(double level, double b, double period, double mu, double start, double t)
{
    double w = 2 * M_PI / period, f[2], at[2] = {t, start};
    for (int i = 0; i < 2; i++)
        f[i] = level / mu * (1 + b * (sin(w * at[i]) - w / mu * cos(w * at[i])) / (1 + w / mu * (w / mu)));
    return f[0] - f[1] * exp(-mu * (t - start));
}

/* M/M/c where an idle server goes off at once and takes an exponential time of rate ALPHA to come back: one setup for each
 * waiting customer while a server is off, or (STAGGERED) one at a time. State: n customers, i servers on, all of them
 * busy; level n is solved backward as pi(n) = pi(n - 1) R(n) from LEVELS, where the queue is cut. */
enum { CHAIN_LEVELS = 600 };

struct setup_chain {
    double lambda, mu, alpha;
    int c;
    bool staggered;
};

static inline int setup_width(const struct setup_chain *q, int n)
{
    return (n < q->c ? n : q->c) + 1;
}

static inline double setups_of(const struct setup_chain *q, int n, int i)
{
    int waiting = n - i < q->c - i ? n - i : q->c - i;
    return waiting <= 0 ? 0 : q->staggered ? 1 : waiting;
}

/* R(n), given R(n + 1). */
static inline gsl_matrix *setup_level(const struct setup_chain *q, int n, const gsl_matrix *above)
{
    int size = setup_width(q, n), below = setup_width(q, n - 1);
    gsl_matrix *out = gsl_matrix_calloc((size_t)size, (size_t)size), *up, *r;
    for (int i = 0; i < size; i++) {
        double setup = setups_of(q, n, i) * q->alpha;
        double leave = setup + i * q->mu + (n < CHAIN_LEVELS ? q->lambda : 0);
        gsl_matrix_set(out, (size_t)i, (size_t)i, leave);
        if (setup > 0)
            gsl_matrix_set(out, (size_t)i, (size_t)i + 1, -setup);
        for (int j = 0; above && j < setup_width(q, n + 1); j++) { /* up, then down again into state (n, min(j, n)) */
            size_t to = (size_t)(j < size ? j : size - 1);
            double back = gsl_matrix_get(above, (size_t)i, (size_t)j) * j * q->mu;
            gsl_matrix_set(out, (size_t)i, to, gsl_matrix_get(out, (size_t)i, to) - back);
        }
    }
    gsl_permutation *p = gsl_permutation_alloc((size_t)size);
    gsl_matrix *inverse = gsl_matrix_alloc((size_t)size, (size_t)size);
    int sign;
    gsl_linalg_LU_decomp(out, p, &sign);
    gsl_linalg_LU_invert(out, p, inverse);
    up = gsl_matrix_calloc((size_t)below, (size_t)size);
    for (int i = 0; i < below; i++)
        gsl_matrix_set(up, (size_t)i, (size_t)i, q->lambda);
    r = gsl_matrix_calloc((size_t)below, (size_t)size);
    gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1, up, inverse, 0, r);
    gsl_permutation_free(p);
    gsl_matrix_free(up);
    gsl_matrix_free(inverse);
    gsl_matrix_free(out);
    return r;
}

struct setup_means {
    double in_system, busy, in_setup;
};

static inline struct setup_means setup_solve(const struct setup_chain *q)
{
    gsl_matrix *r[CHAIN_LEVELS + 2] = {NULL};
    struct setup_means x = {0};
    for (int n = CHAIN_LEVELS; n > 0; n--)
        r[n] = setup_level(q, n, r[n + 1]);
    double sum = 1;
    gsl_vector *p = gsl_vector_alloc(1);
    gsl_vector_set(p, 0, 1);
    for (int n = 1; n <= CHAIN_LEVELS; n++) {
        gsl_vector *next = gsl_vector_calloc(r[n]->size2);
        gsl_blas_dgemv(CblasTrans, 1, r[n], p, 0, next);
        gsl_vector_free(p);
        p = next;
        for (size_t i = 0; i < p->size; i++) {
            double here = gsl_vector_get(p, i);
            sum += here;
            x.in_system += n * here;
            x.busy += (double)i * here;
            x.in_setup += setups_of(q, n, (int)i) * here;
        }
    }
    gsl_vector_free(p);
    for (int n = 1; n <= CHAIN_LEVELS; n++)
        gsl_matrix_free(r[n]);
    x.in_system /= sum, x.busy /= sum, x.in_setup /= sum;
    return x;
}

/* P(response <= t) in M/M/c. */
static inline double mmc_response_cdf(double lambda, double mu, int c, double t)
{
    double wait = erlang_c(c, lambda / mu), d = c * mu - lambda;
    double both =
        fabs(d - mu) > 1e-12 * mu ? (d * exp(-mu * t) - mu * exp(-d * t)) / (d - mu) : (1 + mu * t) * exp(-mu * t);
    return 1 - exp(-mu * t) * (1 - wait) - wait * both;
}

#endif
