/* SPDX-License-Identifier: GPL-3.0-or-later
 * models: fits, choices of order and online steps, beside the same on the same numbers in R.
 *
 * Meaning.  Series and tables are made here, written as text with all digits, and read by models.R. In each round this program times its cases,
 *           then Rscript its own, with its packages loaded before a clock starts; both repeat a case until it took a tenth of a
 *           second. What was reached (log-likelihood, AICc, sum of losses) is shown too: fast and wrong is not fast.
 * Choice.   R's fits find standard errors with the coefficients, and so do ours. quantreg is called at the level of its matrices, without
 *           formulas. An online step has no counterpart there. */
#include "almanac/predictor.h"
#include "almanac/stream.h"

#include "bench.h"
#include "models/gru/gru_net.h"
#include "models/gru/gru_series.h"
#include "models/regression/rq_window.h"
#include "models/series/arima_filter.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { LONG = 2016, AUTO = 288, SHORT = 144, ROWS = 100000, COLUMNS = 5, WINDOW = 2016, STEPS = 16 * 126, BATCH = 32 };
enum { RIVALS = 3, CASES = 12 };

struct online {
    struct arima_filter *filter;
    struct rq_window *window;
    struct rq *work;
    struct alm_choice predictor;
    struct alm_env env;
    struct alm_units u;
    alm_time now;
    struct gru_work *gru;
    double *weight, hidden[BATCH * 32], input[BATCH * GRU_INPUTS];
};

struct models_bench {
    double level[LONG];     /* (1,1,1) */
    double season[LONG];    /* (2,1,2)(0,1,1)[12] */
    double positive[SHORT]; /* a season of 12, above 0 */
    double *x, *y;          /* [COLUMNS][ROWS], [ROWS] */
    struct rq *rq;
    struct online online;
    const struct series_model *arima, *ets;
};

/* ---- data ---- */

static void make_series(struct models_bench *b)
{
    struct alm_stream s = alm_stream_open(1, 0, "series");
    double w[LONG] = {0}, before = 0;
    for (int t = 0; t < LONG; t++) {
        const double shock = alm_stream_normal(&s);
        w[t] = t ? 0.6 * w[t - 1] + shock - 0.3 * before : shock;
        b->level[t] = (t ? b->level[t - 1] : 50) + w[t];
        before = shock;
    }
    double e[LONG], v[LONG];
    for (int t = 0; t < LONG; t++) {
        e[t] = alm_stream_normal(&s);
        v[t] = e[t];
        v[t] += t > 0 ? 0.5 * v[t - 1] + 0.3 * e[t - 1] : 0;
        v[t] += t > 1 ? -0.3 * v[t - 2] + 0.2 * e[t - 2] : 0;
        v[t] += t > 11 ? -0.5 * e[t - 12] : 0;
        b->season[t] =
            v[t] + (t > 0 ? b->season[t - 1] : 0) + (t > 11 ? b->season[t - 12] : 0) - (t > 12 ? b->season[t - 13] : 0);
    }
    for (int t = 0; t < SHORT; t++)
        b->positive[t] =
            (100 + t) * (1 + 0.2 * sin(t * 3.14159265358979323846 / 6)) * exp(0.03 * alm_stream_normal(&s));
}

static void make_table(struct models_bench *b)
{
    struct alm_stream s = alm_stream_open(2, 0, "table");
    for (size_t i = 0; i < ROWS; i++) {
        double fit = b->x[i] = 1;
        for (size_t j = 1; j < COLUMNS; j++)
            fit += (double)j * (b->x[j * ROWS + i] = alm_stream_normal(&s));
        b->y[i] = fit + (1 + 0.2 * fabs(b->x[ROWS + i])) * alm_stream_exponential(&s);
    }
}

static int write_columns(const char *path, const double *v, size_t stride, size_t n, size_t p, struct alm_err *e)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return alm_fail(e, ALM_EIO, "%s: %s", path, strerror(errno));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < p; j++)
            fprintf(f, "%.17g%c", v[j * stride + i], j + 1 == p ? '\n' : ' ');
    const bool failed = ferror(f);
    if (fclose(f) != 0 || failed)
        return alm_fail(e, ALM_EIO, "%s: cannot be written", path);
    return ALM_OK;
}

static int write_all(const struct models_bench *b, const struct bench_options *o, struct alm_err *e)
{
    char path[512];
    ALM_TRY(write_columns(bench_path(o, "level", path), b->level, 0, LONG, 1, e));
    ALM_TRY(write_columns(bench_path(o, "season", path), b->season, 0, LONG, 1, e));
    ALM_TRY(write_columns(bench_path(o, "positive", path), b->positive, 0, SHORT, 1, e));
    ALM_TRY(write_columns(bench_path(o, "x", path), b->x, ROWS, ROWS, COLUMNS, e));
    return write_columns(bench_path(o, "y", path), b->y, 0, ROWS, 1, e);
}

/* ---- cases: do it once; OUT: what was reached ---- */

static int fit_series(const struct series_model *m, const char *options, const double *y, size_t n, bool aicc,
                      double *out, struct alm_err *e)
{
    void *fit, *opt = calloc(1, m->opt_size);
    struct series_report r;
    if (!opt)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the options of %s", m->name);
    int code = alm_options_init(m->opts, opt, e);
    if (code == ALM_OK)
        code = alm_options_parse(m->opts, opt, m->name, options, e);
    if (code == ALM_OK)
        code = m->fit(opt, y, n, &fit, e);
    free(opt);
    ALM_TRY(code);
    m->report(fit, &r);
    m->free(fit);
    *out = aicc ? r.aicc : r.loglik;
    return ALM_OK;
}

static int run_short(struct models_bench *b, double *out, struct alm_err *e)
{
    return fit_series(b->arima, "order=1/1/1", b->level, SHORT, false, out, e);
}

static int run_long(struct models_bench *b, double *out, struct alm_err *e)
{
    return fit_series(b->arima, "order=1/1/1", b->level, LONG, false, out, e);
}

static int run_season(struct models_bench *b, double *out, struct alm_err *e)
{
    return fit_series(b->arima, "order=2/1/2,seasonal=0/1/1,period=12", b->season, LONG, false, out, e);
}

static int run_auto(struct models_bench *b, double *out, struct alm_err *e)
{
    return fit_series(b->arima, "order=auto", b->level, AUTO, true, out, e);
}

static int run_ets(struct models_bench *b, double *out, struct alm_err *e)
{
    return fit_series(b->ets, "form=auto,period=12", b->positive, SHORT, true, out, e);
}

static int run_rq(struct models_bench *b, size_t n, double *out, struct alm_err *e)
{
    const struct rq_data d = {b->x, b->y, ROWS, n, COLUMNS};
    double coefficient[COLUMNS];
    struct rq_result r;
    ALM_TRY(rq_fit(b->rq, &d, 0.95, coefficient, &r, e));
    *out = r.optimal ? r.objective : NAN;
    return ALM_OK;
}

static int run_rq3(struct models_bench *b, double *out, struct alm_err *e)
{
    return run_rq(b, 1000, out, e);
}

static int run_rq4(struct models_bench *b, double *out, struct alm_err *e)
{
    return run_rq(b, 10000, out, e);
}

static int run_rq5(struct models_bench *b, double *out, struct alm_err *e)
{
    return run_rq(b, 100000, out, e);
}

static int run_filter(struct models_bench *b, double *out, struct alm_err *e)
{
    (void)e;
    double sum = 0;
    for (int t = 0; t < STEPS; t++) {
        sum += arima_filter_next(b->online.filter).mean;
        arima_filter_put(b->online.filter, b->level[t % LONG]);
    }
    *out = sum;
    return ALM_OK;
}

static int run_window(struct models_bench *b, double *out, struct alm_err *e)
{
    struct online *o = &b->online;
    const double tau = 0.95;
    for (size_t t = 0; t < STEPS; t++) {
        const size_t at = ((size_t)o->now + t) % ROWS;
        double x[COLUMNS];
        for (size_t j = 0; j < COLUMNS; j++)
            x[j] = b->x[j * ROWS + at];
        rq_window_put(o->window, x, b->y[at]);
        if (rq_window_due(o->window, WINDOW / 16))
            ALM_TRY(rq_window_refit(o->window, o->work, &tau, NULL, e));
        *out = rq_predict(rq_window_coefficients(o->window, 0), x, COLUMNS);
    }
    o->now += STEPS;
    return ALM_OK;
}

static int run_predictor(struct models_bench *b, double *out, struct alm_err *e)
{
    struct online *o = &b->online;
    const struct alm_predictor_ops *ops = (const void *)o->predictor.module;
    const uint8_t censored = 0;
    for (int t = 0; t < STEPS; t++) {
        const double value = exp(b->season[t % LONG] * 1e-3 + 0.1 * b->y[((size_t)o->now / 300 + (size_t)t) % ROWS]);
        const alm_time at = o->env.interval * (o->now++ + 1);
        const struct alm_profile profile = {.window = {1, &at, {&value}, &censored}, .fresh = 1};
        struct alm_envelope v = {.from = at};
        ALM_TRY(ops->observe(&o->u, &profile, e));
        ALM_TRY(ops->predict(&o->u, &profile, at, &v, e));
        *out = v.max[ALM_CPU];
    }
    return ALM_OK;
}

static const struct gru_shape gru = {
    .inputs = GRU_INPUTS, .hidden = 32, .series = GRU_RESOURCES, .levels = 3, .middle = 1, .level = {0.005, 0.5, 0.95}};

static int run_gru(struct models_bench *b, double *out, struct alm_err *e)
{
    (void)e;
    struct online *o = &b->online;
    for (int t = 0; t < STEPS / BATCH; t++)
        gru_forward(&gru, o->weight, &(struct gru_stretch){.n = BATCH, .steps = 1, .x = o->input}, o->gru, o->hidden);
    *out = o->hidden[0];
    return ALM_OK;
}

struct models_case {
    const char *name;
    int (*run)(struct models_bench *b, double *out, struct alm_err *e);
    size_t steps; /* in one run */
    const char *rival[RIVALS];
};

static const struct models_case cases[CASES] = {
    {"arima (1,1,1), n = 144", run_short, 1, {"arima ML", "arima CSS-ML"}},
    {"arima (1,1,1), n = 2016", run_long, 1, {"arima ML", "arima CSS-ML"}},
    {"arima (2,1,2)(0,1,1)[12], n = 2016", run_season, 1, {"arima ML", "arima CSS-ML"}},
    {"order by AICc, n = 288", run_auto, 1, {"auto.arima"}},
    {"ets by AICc, period 12, n = 144", run_ets, 1, {"ets"}},
    {"rq, p = 5, 95 %, n = 1e3", run_rq3, 1, {"rq fn", "rq br", "rq pfn"}},
    {"rq, p = 5, 95 %, n = 1e4", run_rq4, 1, {"rq fn", "rq pfn"}},
    {"rq, p = 5, 95 %, n = 1e5", run_rq5, 1, {"rq fn", "rq pfn"}},
    {"arima filter (1,1,1), one value", run_filter, STEPS, {0}},
    {"rq window of 2016, p = 5, one row", run_window, STEPS, {0}},
    {"quantile-regression, p = 9, two levels", run_predictor, STEPS, {0}},
    {"gru, 32 hidden, one unit, one step", run_gru, STEPS / BATCH *BATCH, {0}},
};

/* ---- setting up ---- */

static int open_predictor(struct online *o, struct alm_err *e)
{
    static const uint32_t only[1] = {0};
    ALM_TRY(alm_choice_parse(ALM_PREDICTOR, "quantile-regression", &o->predictor, e));
    const struct alm_predictor_ops *ops = (const void *)o->predictor.module;
    o->env = (struct alm_env){.interval = 5 * ALM_MINUTE, .sample_interval = 5 * ALM_MINUTE, .resources = 1};
    const size_t size = ops->state_size(o->predictor.opt, &o->env);
    o->u = (struct alm_units){1, only, calloc(1, size), size, calloc(1, 64), o->predictor.opt, &o->env};
    if (!o->u.state || !o->u.shared)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a unit");
    return ops->init(&o->u, e);
}

static int open_online(struct models_bench *b, struct alm_err *e)
{
    struct online *o = &b->online;
    struct arima_fit *f;
    const struct arima_spec spec = {.order = {1, 1, 1, 0, 0, 0, 1}};
    struct alm_stream s = alm_stream_open(3, 0, "weights");
    o->filter = malloc(arima_filter_size(&spec));
    o->window = malloc(rq_window_size(WINDOW, COLUMNS, 1));
    o->weight = malloc(gru_weights(&gru) * sizeof *o->weight);
    o->gru = gru_work_new(&gru, BATCH, 1, 0);
    if (!o->filter || !o->window || !o->weight || !o->gru)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the steps");
    ALM_TRY(arima_fit(&spec, b->level, LONG, &f, e));
    const int code = arima_filter_init(o->filter, f, e);
    arima_fit_free(f);
    ALM_TRY(code);
    rq_window_init(o->window, WINDOW, COLUMNS, 1);
    ALM_TRY(rq_new(WINDOW, COLUMNS, &o->work, e));
    gru_weights_draw(&gru, &s, o->weight);
    for (size_t i = 0; i < BATCH * GRU_INPUTS; i++)
        o->input[i] = i % GRU_INPUTS ? alm_stream_normal(&s) : 1;
    return open_predictor(o, e);
}

static int open_bench(struct models_bench *b, const struct bench_options *o, struct alm_err *e)
{
    b->x = malloc(sizeof *b->x * ROWS * COLUMNS);
    b->y = malloc(sizeof *b->y * ROWS);
    if (!b->x || !b->y)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %d rows", ROWS);
    ALM_TRY(series_model_find("arima", &b->arima, e));
    ALM_TRY(series_model_find("holt-winters", &b->ets, e));
    ALM_TRY(rq_new(ROWS, COLUMNS, &b->rq, e));
    make_series(b);
    make_table(b);
    ALM_TRY(open_online(b, e));
    return write_all(b, o, e);
}

static void close_bench(struct models_bench *b)
{
    struct online *o = &b->online;
    if (o->u.env)
        ((const struct alm_predictor_ops *)(const void *)o->predictor.module)->fini(&o->u);
    alm_choice_free(&o->predictor);
    free(o->u.state);
    free(o->u.shared);
    gru_work_free(o->gru);
    free(o->weight);
    rq_free(o->work);
    free(o->window);
    free(o->filter);
    rq_free(b->rq);
    free(b->x);
    free(b->y);
}

/* ---- times ---- */

struct models_times {
    struct bench_subject own[CASES], rival[CASES][RIVALS];
    double reached[CASES], rival_reached[CASES][RIVALS];
};

static double own_seconds(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + 1e-6 * (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static int time_own(struct models_bench *b, struct models_times *t, int round, struct alm_err *e)
{
    for (size_t k = 0; k < CASES; k++) {
        size_t times = 0;
        const double start = own_seconds();
        do
            ALM_TRY(cases[k].run(b, &t->reached[k], e));
        while (++times < 3 || own_seconds() - start < 0.1);
        t->own[k].seconds[round] = (own_seconds() - start) / (double)(times * cases[k].steps);
    }
    return ALM_OK;
}

static void keep_line(struct models_times *t, int round, const char *name, const char *rival, double seconds,
                      double reached)
{
    for (size_t k = 0; k < CASES; k++)
        for (size_t j = 0; j < RIVALS && cases[k].rival[j]; j++)
            if (strcmp(cases[k].name, name) == 0 && strcmp(cases[k].rival[j], rival) == 0) {
                t->rival[k][j].seconds[round] = seconds;
                t->rival_reached[k][j] = reached;
            }
}

/* Lines "case;rival;seconds;reached" of models.R. */
static int time_rivals(const struct bench_options *o, struct models_times *t, int round, struct alm_err *e)
{
    char path[512], line[256];
    struct bench_use use;
    const char *const argv[] = {"Rscript", "--vanilla", "tests/bench/models.R", o->folder, NULL};
    ALM_TRY(bench_child(argv, &use, e));
    FILE *f = fopen(bench_path(o, "rivals", path), "r");
    if (!f)
        return alm_fail(e, ALM_EIO, "%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, f)) {
        char name[64], rival[32];
        double seconds, reached;
        if (sscanf(line, "%63[^;];%31[^;];%lf;%lf", name, rival, &seconds, &reached) == 4)
            keep_line(t, round, name, rival, seconds, reached);
    }
    fclose(f);
    return ALM_OK;
}

static const char *in_unit(double seconds, char out[32])
{
    if (seconds >= 1e-4)
        snprintf(out, 32, "%.3g ms", seconds * 1e3);
    else if (seconds >= 1e-6)
        snprintf(out, 32, "%.3g us", seconds * 1e6);
    else
        snprintf(out, 32, "%.3g ns", seconds * 1e9);
    return out;
}

static void print_times(const struct models_times *t)
{
    char text[32];
    fprintf(stderr, "\n%-40s %-14s %10s %8s  %s\n", "models, CPU time", "", "", "ratio", "reached");
    printf("{\"schema\":\"almanac.bench/1\",\"name\":\"models\",\"unit\":\"seconds\",\"rounds\":%d,\"rows\":[",
           BENCH_ROUNDS);
    for (size_t k = 0; k < CASES; k++) {
        const double own = bench_median(&t->own[k]);
        fprintf(stderr, "%-40s %-14s %10s %8s  %.10g\n", cases[k].name, "almanac", in_unit(own, text), "1",
                t->reached[k]);
        printf("%s{\"case\":\"%s\",\"who\":\"almanac\",\"cpu_seconds\":%.6g}", k ? "," : "", cases[k].name, own);
        for (size_t j = 0; j < RIVALS && cases[k].rival[j]; j++) {
            const double other = bench_median(&t->rival[k][j]);
            if (!(other > 0))
                continue;
            fprintf(stderr, "%-40s %-14s %10s %8.3g  %.10g\n", "", cases[k].rival[j], in_unit(other, text), other / own,
                    t->rival_reached[k][j]);
            printf(",{\"case\":\"%s\",\"who\":\"R %s\",\"cpu_seconds\":%.6g,\"ratio\":%.4g}", cases[k].name,
                   cases[k].rival[j], other, other / own);
        }
    }
    printf("]}\n");
}

static bool has_rivals(void)
{
    struct bench_use use;
    struct alm_err e;
    const char *const argv[] = {"Rscript", "--vanilla", "-e", "library(quantreg); library(forecast)", NULL};
    return bench_child(argv, &use, &e) == ALM_OK;
}

int bench_models(const struct bench_options *o, struct alm_err *e)
{
    struct models_bench b = {0};
    struct models_times t = {0};
    const bool rivals = has_rivals();
    if (!rivals)
        fprintf(stderr, "SKIP: R with the packages quantreg and forecast is not installed: our own times alone\n");
    int code = open_bench(&b, o, e);
    for (int round = 0; code == ALM_OK && round < BENCH_ROUNDS; round++) {
        code = time_own(&b, &t, round, e);
        if (code == ALM_OK && rivals)
            code = time_rivals(o, &t, round, e);
    }
    if (code == ALM_OK)
        print_times(&t);
    close_bench(&b);
    return code;
}
