/* SPDX-License-Identifier: GPL-3.0-or-later
 * rq: quantile regression against the answers of an exact simplex, in all cases at hand.
 *
 * Meaning.  Objectives to 1e-8 of the best known, coefficients and counts where the answer is unique, and that an answer is called
 *           optimal, and unique where it was proved to be; then coefficients, fits and losses on a series of two weeks. */
#include "expected.h"

#include "models/regression/quantile_regression.h"

#define LARGEST 64 /* columns */

/* A table of numbers with a header, by columns after an intercept. */
struct regression {
    double *x, *y;
    size_t n, p, room;
    double b[LARGEST];
    struct rq_result r;
};

static void read_regression(struct regression *g, const char *name)
{
    char path[4096];
    const char *shared = getenv("ALM_SHARED");
    snprintf(path, sizeof path, "%s/reference/data/%s", shared ? shared : ALM_SOURCE_DIR "/../shared", name);
    struct alm_delimited *d = NULL;
    struct alm_err e = {0};
    const struct alm_field *f;
    size_t fields;
    cr_assert_eq(alm_delimited_open(path, &(struct alm_delimited_config){.separator = ','}, &d, &e), ALM_OK, "%s",
                 e.text);
    *g = (struct regression){.room = 1 << 16};
    g->y = calloc(g->room, sizeof *g->y);
    while (alm_delimited_next(d, &f, &fields, &e) == ALM_OK) {
        if (alm_delimited_row(d) == 1) {
            g->p = fields;
            cr_assert_leq(g->p, LARGEST);
            g->x = calloc(g->room * g->p, sizeof *g->x);
            continue;
        }
        cr_assert_lt(g->n, g->room);
        g->y[g->n] = expected_number(&f[0]);
        g->x[g->n] = 1;
        for (size_t j = 1; j < g->p; j++)
            g->x[j * g->room + g->n] = expected_number(&f[j]);
        g->n++;
    }
    alm_delimited_close(d);
    cr_assert_gt(g->n, 0, "%s has no rows", path);
}

static void free_regression(struct regression *g)
{
    free(g->x);
    free(g->y);
}

static void solve(struct regression *g, double tau)
{
    struct rq *w = NULL;
    struct alm_err e = {0};
    cr_assert_eq(rq_new(g->n, g->p, &w, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(rq_fit(w, &(struct rq_data){g->x, g->y, g->room, g->n, g->p}, tau, g->b, &g->r, &e), ALM_OK, "%s",
                 e.text);
    cr_expect(g->r.optimal);
    rq_free(w);
}

/* The objective recomputed here from the coefficients. */
static double loss(const struct regression *g, size_t from, size_t n, double tau)
{
    double sum = 0;
    for (size_t i = from; i < from + n; i++) {
        double r = g->y[i];
        for (size_t j = 0; j < g->p; j++)
            r -= g->x[j * g->room + i] * g->b[j];
        sum += r * (tau - (r < 0));
    }
    return sum;
}

static bool fitted(void *ctx, const char *quantity, size_t index, double *out)
{
    const struct regression *g = ctx;
    if (strcmp(quantity, "objective.best") == 0 || strstr(quantity, ".objective"))
        *out = g->r.objective;
    else if (strcmp(quantity, "unique") == 0)
        *out = g->r.unique;
    else if (strncmp(quantity, "coef.", 5) == 0 && index < g->p)
        *out = g->b[index];
    else if (strcmp(quantity, "count.neg") == 0)
        *out = (double)g->r.negative;
    else if (strcmp(quantity, "count.zero") == 0)
        *out = (double)g->r.zero;
    else
        return false;
    return true;
}

/* CASE is DATA_tauLEVEL, of reference/data/rq_DATA.csv. */
Test(rq, cases)
{
    struct expected x;
    size_t cases = 0;
    if (!expected_open(&x, "reference/rq/expected.csv"))
        return;
    for (size_t i = 0; i < x.count; i++) {
        if (strcmp(x.row[i].quantity, "objective.best") != 0)
            continue;
        const char *name = x.row[i].name, *level = strstr(name, "_tau");
        char file[EXPECTED_NAME + 16];
        struct regression g;
        cr_assert_not_null(level, "%s", name);
        const double tau = strtod(level + 4, NULL);
        snprintf(file, sizeof file, "rq_%.*s.csv", (int)(level - name), name);
        read_regression(&g, file);
        solve(&g, tau);
        cr_expect_float_eq(g.r.objective, loss(&g, 0, g.n, tau), 1e-9 * (1 + g.r.objective), "%s", name);
        if (!(g.r.objective <= x.row[i].value + x.row[i].atol + x.row[i].rtol * x.row[i].value))
            cr_expect_fail("%s: %.17g is above the best known %.17g", name, g.r.objective, x.row[i].value);
        expected_compare(&x, name, fitted, &g);
        free_regression(&g);
        cases++;
    }
    printf("reference rq: %zu cases\n", cases);
    cr_expect_gt(cases, 0);
    expected_close(&x);
}

#define SLOT 288
#define TEST_ROWS (2 * SLOT)
#define HARMONICS 4

struct cloud {
    struct regression g;
    size_t train, first; /* rows of the first days; the first of them that is used */
    double tau;
};

/* Harmonics of the day and the weekend; LAGS: and the values 1, 12 and 288 steps before. */
static void cloud_columns(struct cloud *c, bool lags)
{
    struct regression *g = &c->g;
    const size_t lag[] = {1, 12, SLOT};
    g->p = 2 * HARMONICS + 2 + (lags ? 3 : 0);
    free(g->x);
    g->x = calloc(g->room * g->p, sizeof *g->x);
    for (size_t i = 0; i < g->n; i++) {
        size_t j = 0;
        g->x[j++ * g->room + i] = 1;
        for (size_t k = 1; k <= HARMONICS; k++) {
            const double angle = 2 * M_PI * (double)k * (double)i / SLOT;
            g->x[j++ * g->room + i] = cos(angle);
            g->x[j++ * g->room + i] = sin(angle);
        }
        g->x[j++ * g->room + i] = i / SLOT % 7 >= 5;
        for (size_t k = 0; lags && k < 3; k++)
            g->x[j++ * g->room + i] = i >= lag[k] ? g->y[i - lag[k]] : 0;
    }
}

static double predicted(const struct cloud *c, size_t i)
{
    double x[LARGEST];
    for (size_t j = 0; j < c->g.p; j++)
        x[j] = c->g.x[j * c->g.room + i];
    return rq_predict(c->g.b, x, c->g.p);
}

static bool clouded(void *ctx, const char *quantity, size_t index, double *out)
{
    const struct cloud *c = ctx;
    size_t above = 0;
    for (size_t i = c->train; i < c->g.n; i++)
        above += c->g.y[i] > predicted(c, i);
    if (strcmp(quantity, "objective.train") == 0)
        *out = c->g.r.objective;
    else if (strcmp(quantity, "coef") == 0 && index < c->g.p)
        *out = c->g.b[index];
    else if (strcmp(quantity, "pinball.test.mean") == 0)
        *out = loss(&c->g, c->train, TEST_ROWS, c->tau) / TEST_ROWS;
    else if (strcmp(quantity, "exceed.rate.test") == 0)
        *out = (double)above / TEST_ROWS;
    else if (strcmp(quantity, "q.test.first24") == 0 && index >= 1)
        *out = predicted(c, c->train + index - 1);
    else
        return false;
    return true;
}

static void check_cloud(const struct expected *x, const char *name)
{
    const char *kind = strstr(name, ".rq."), *level = strstr(name, ".tau");
    struct cloud c = {.tau = strtod(level + 4, NULL)};
    char file[EXPECTED_NAME + 16];
    const bool lags = strncmp(kind, ".rq.harmlag.", 12) == 0;
    snprintf(file, sizeof file, "%.*s.csv", (int)(kind - name), name);
    read_regression(&c.g, file);
    for (size_t i = 0; i < c.g.n; i++)
        c.g.y[i] = c.g.x[c.g.room + i]; /* the table is t,y */
    c.train = c.g.n - TEST_ROWS;
    c.first = lags ? SLOT : 0;
    cloud_columns(&c, lags);
    struct regression part = c.g;
    part.x += c.first;
    part.y += c.first;
    part.n = c.train - c.first;
    solve(&part, c.tau);
    memcpy(c.g.b, part.b, sizeof part.b);
    c.g.r = part.r;
    expected_compare(x, name, clouded, &c);
    free_regression(&c.g);
}

Test(rq, cloud)
{
    struct expected x;
    size_t cases = 0;
    if (!expected_open(&x, "reference/cloud/expected.csv"))
        return;
    for (size_t i = 0; i < x.count; i++) {
        if (!strstr(x.row[i].name, ".rq.") || strcmp(x.row[i].quantity, "objective.train") != 0)
            continue;
        check_cloud(&x, x.row[i].name);
        cases++;
    }
    printf("reference cloud, quantile regression: %zu cases\n", cases);
    cr_expect_gt(cases, 0);
    expected_close(&x);
}
