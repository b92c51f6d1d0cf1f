/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_net, gru_train: are the gradients right, do quantiles cross, does it learn what it should be able to learn? Seeds are
 * fixed, so a pass or a failure is for good; margins were chosen so that other seeds pass too. */
#include "models/gru/gru_net.h"
#include "almanac/error.h"
#include "models/gru/gru_train.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gru_shape small = {
    .inputs = 4, .hidden = 7, .series = 2, .levels = 5, .middle = 2, .level = {0.01, 0.25, 0.5, 0.9, 0.99}};

struct example {
    double x[6 * 3 * 4], target[6 * 3 * 2], h[3 * 7];
    uint8_t known[6 * 3 * 2];
    struct gru_stretch stretch;
};

/* Three sequences of six steps, with all kinds of targets. */
static void make_example(struct example *x, struct alm_stream *stream)
{
    for (size_t i = 0; i < sizeof x->x / sizeof x->x[0]; i++)
        x->x[i] = i % 4 == 0 ? 1 : alm_stream_normal(stream);
    for (size_t i = 0; i < sizeof x->target / sizeof x->target[0]; i++) {
        x->target[i] = 2 * alm_stream_normal(stream);
        x->known[i] = (uint8_t)(i % 5 == 0 ? GRU_UNKNOWN : i % 5 == 1 ? GRU_AT_LEAST : GRU_VALUE);
    }
    for (size_t i = 0; i < sizeof x->h / sizeof x->h[0]; i++)
        x->h[i] = 0.5 * alm_stream_normal(stream);
    x->stretch = (struct gru_stretch){3, 6, x->x, x->target, x->known};
}

static double loss_at(const double *w, const struct example *x, struct gru_work *work)
{
    double h[3 * 7];
    memcpy(h, x->h, sizeof h);
    gru_forward(&small, w, &x->stretch, work, h);
    return gru_loss(&small, &x->stretch, work);
}

/* Central differences of the loss at step 1e-5: its error is that of rounding, about 1e-11, as no kink of the loss is near. */
Test(gru_net, gradients_are_finite_differences)
{
    struct alm_stream stream = alm_stream_open(1, 0, "gradient");
    const size_t n = gru_weights(&small);
    double *w = malloc(n * sizeof *w), *gradient = malloc(n * sizeof *w), h[3 * 7];
    struct gru_work *work = gru_work_new(&small, 3, 6, 1);
    struct example x;
    double worst = 0, norm = 0;
    for (int repeat = 0; repeat < 5; repeat++) {
        gru_weights_draw(&small, &stream, w);
        make_example(&x, &stream);
        memcpy(h, x.h, sizeof h);
        gru_forward(&small, w, &x.stretch, work, h);
        const double loss = gru_backward(&small, w, &x.stretch, work, gradient);
        cr_assert_float_eq(loss, gru_loss(&small, &x.stretch, work), 1e-14);
        norm = 0;
        for (size_t i = 0; i < n; i++)
            norm = fmax(norm, fabs(gradient[i]));
        for (size_t i = 0; i < n; i++) {
            const double was = w[i], step = 1e-5;
            w[i] = was + step;
            const double more = loss_at(w, &x, work);
            w[i] = was - step;
            const double less = loss_at(w, &x, work);
            w[i] = was;
            const double difference = (more - less) / (2 * step);
            const double scale = fmax(fabs(difference), 1e-3 * norm);
            worst = fmax(worst, fabs(difference - gradient[i]) / scale);
        }
    }
    fprintf(stderr, "%zu weights, 5 draws: worst relative error of a derivative %.2g\n", n, worst);
    cr_assert_lt(worst, 1e-6);
    cr_assert_gt(norm, 1e-3);
    gru_work_free(work);
    free(w);
    free(gradient);
}

/* One step of one unit, written out from the formulas of the header, against the batched products. */
Test(gru_net, a_step_is_what_the_formulas_say)
{
    struct alm_stream stream = alm_stream_open(2, 0, "formula");
    const size_t n = gru_weights(&small), three = 3 * small.hidden, out = gru_outputs(&small);
    double *w = malloc(n * sizeof *w), h[3 * 7];
    struct gru_work *work = gru_work_new(&small, 3, 6, 0);
    struct example x;
    gru_weights_draw(&small, &stream, w);
    make_example(&x, &stream);
    const double *u = w + small.inputs * three, *b = u + small.hidden * three, *v = b + small.hidden;
    for (size_t j = 0; j < small.hidden; j++)
        ((double *)b)[j] = alm_stream_normal(&stream);
    memcpy(h, x.h, sizeof h);
    x.stretch.steps = 1;
    gru_forward(&small, w, &x.stretch, work, h);
    const double *q = gru_quantiles(&small, work, 0);
    for (size_t i = 0; i < 3; i++) {
        double next[7], a[10];
        for (size_t j = 0; j < small.hidden; j++) {
            double sum[3] = {0}, inner[3] = {0};
            for (size_t gate = 0; gate < 3; gate++) {
                for (size_t k = 0; k < small.inputs; k++)
                    sum[gate] += x.x[i * small.inputs + k] * w[k * three + gate * small.hidden + j];
                for (size_t k = 0; k < small.hidden; k++)
                    inner[gate] += x.h[i * small.hidden + k] * u[k * three + gate * small.hidden + j];
            }
            const double z = 1 / (1 + exp(-sum[0] - inner[0])), r = 1 / (1 + exp(-sum[1] - inner[1]));
            const double c = tanh(sum[2] + r * (inner[2] + b[j]));
            next[j] = z * x.h[i * small.hidden + j] + (1 - z) * c;
            cr_assert_float_eq(h[i * small.hidden + j], next[j], 1e-14);
        }
        for (size_t k = 0; k < out; k++) {
            a[k] = 0;
            for (size_t j = 0; j < small.hidden; j++)
                a[k] += next[j] * v[j * out + k];
            for (size_t j = 0; j < small.inputs; j++)
                a[k] += x.x[i * small.inputs + j] * v[(small.hidden + j) * out + k];
        }
        for (size_t r = 0; r < 2; r++) {
            const double *ar = a + 5 * r, *qr = q + i * out + 5 * r;
            cr_assert_float_eq(qr[2], ar[2], 1e-14);
            cr_assert_float_eq(qr[3], ar[2] + log(1 + exp(ar[3])), 1e-14);
            cr_assert_float_eq(qr[4], ar[2] + log(1 + exp(ar[3])) + log(1 + exp(ar[4])), 1e-14);
            cr_assert_float_eq(qr[0], ar[2] - log(1 + exp(ar[1])) - log(1 + exp(ar[0])), 1e-14);
        }
    }
    gru_work_free(work);
    free(w);
}

Test(gru_net, quantiles_do_not_cross_and_stay_finite_whatever_the_weights)
{
    struct alm_stream stream = alm_stream_open(3, 0, "crossing");
    const size_t n = gru_weights(&small);
    double *w = malloc(n * sizeof *w), h[3 * 7];
    struct gru_work *work = gru_work_new(&small, 3, 6, 0);
    struct example x;
    for (int repeat = 0; repeat < 200; repeat++) {
        const double size = exp2(repeat % 20);
        for (size_t i = 0; i < n; i++)
            w[i] = size * alm_stream_normal(&stream);
        make_example(&x, &stream);
        memcpy(h, x.h, sizeof h);
        gru_forward(&small, w, &x.stretch, work, h);
        for (size_t t = 0; t < 6; t++) {
            const double *q = gru_quantiles(&small, work, t);
            for (size_t k = 0; k < 3 * 2 * 5; k++) {
                cr_assert(isfinite(q[k]));
                cr_assert(k % 5 == 0 || q[k] >= q[k - 1]);
            }
        }
    }
    gru_work_free(work);
    free(w);
}

/* A task: windows of made series, one input beside the constant, one series. */
struct task {
    struct gru_shape shape;
    struct gru_windows windows;
    double *x, *target;
    uint8_t *known;
    size_t inputs;
};

enum { STEPS = 64, WINDOWS = 200 };

static struct task make_task(void (*series)(struct alm_stream *, double *y, size_t n), uint64_t seed)
{
    struct task t = {
        .shape = {.inputs = 2, .hidden = 16, .series = 1, .levels = 3, .middle = 1, .level = {0.05, 0.5, 0.95}}};
    double y[STEPS + 1];
    t.x = malloc(sizeof(double) * WINDOWS * STEPS * 2);
    t.target = malloc(sizeof(double) * WINDOWS * STEPS);
    t.known = malloc(WINDOWS * STEPS);
    struct alm_stream stream = alm_stream_open(seed, 0, "task");
    memset(t.known, GRU_VALUE, WINDOWS * STEPS);
    for (size_t k = 0; k < WINDOWS; k++) {
        series(&stream, y, STEPS + 1);
        for (size_t i = 0; i < STEPS; i++) {
            t.x[(k * STEPS + i) * 2] = 1;
            t.x[(k * STEPS + i) * 2 + 1] = y[i];
            t.target[k * STEPS + i] = y[i + 1];
        }
    }
    t.windows = (struct gru_windows){WINDOWS, STEPS, t.x, t.target, t.known};
    return t;
}

static void free_task(struct task *t)
{
    free(t->x);
    free(t->target);
    free(t->known);
}

/* Mean loss on all windows from step 16 on, where the network has seen enough to know. */
static double network_loss(const struct task *t, const double *w)
{
    struct gru_work *work = gru_work_new(&t->shape, 1, STEPS, 0);
    double sum = 0, h[16];
    for (size_t k = 0; k < WINDOWS; k++) {
        uint8_t known[STEPS];
        memset(known, GRU_VALUE, sizeof known);
        memset(known, GRU_UNKNOWN, 16);
        memset(h, 0, sizeof h);
        const struct gru_stretch g = {1, STEPS, t->x + k * STEPS * 2, t->target + k * STEPS, known};
        gru_forward(&t->shape, w, &g, work, h);
        sum += gru_loss(&t->shape, &g, work);
    }
    gru_work_free(work);
    return sum / WINDOWS;
}

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The loss of the quantiles of all targets, and that of the quantiles given the sign of the last value. */
static double constant_loss(const struct task *t, int by_sign)
{
    double sum = 0;
    double *y = malloc(sizeof *y * WINDOWS * STEPS);
    for (int part = 0; part <= by_sign; part++) {
        size_t n = 0;
        for (size_t i = 0; i < WINDOWS * STEPS; i++)
            if (!by_sign || (t->x[2 * i + 1] > 0) == part)
                y[n++] = t->target[i];
        qsort(y, n, sizeof *y, rising);
        for (size_t k = 0; k < 3; k++) {
            const double p = t->shape.level[k], q = y[(size_t)(p * (double)n)];
            for (size_t i = 0; i < n; i++)
                sum += y[i] > q ? p * (y[i] - q) : (1 - p) * (q - y[i]);
        }
    }
    free(y);
    return sum / (3.0 * WINDOWS * STEPS);
}

static double trained_loss(void (*series)(struct alm_stream *, double *, size_t), size_t updates, double *constant,
                           double *sign)
{
    struct task learn = make_task(series, 11), test = make_task(series, 12);
    const struct gru_training how = {.updates = updates, .batch = 20, .length = 32, .rate = 0.01, .clip = 1};
    struct alm_stream stream = alm_stream_open(5, 0, "train");
    double *w = malloc(gru_weights(&learn.shape) * sizeof *w), last;
    gru_weights_draw(&learn.shape, &stream, w);
    cr_assert_eq(gru_train(&learn.shape, &how, &learn.windows, &stream, w, &last), ALM_OK);
    const double loss = network_loss(&test, w);
    *constant = constant_loss(&test, 0);
    *sign = constant_loss(&test, 1);
    fprintf(stderr, "loss on other windows: network %.4f, constant quantiles %.4f, by the last sign %.4f\n", loss,
            *constant, *sign);
    free(w);
    free_task(&learn);
    free_task(&test);
    return loss;
}

/* sin at a random phase plus noise of deviation 0.2. */
static void noisy_wave(struct alm_stream *stream, double *y, size_t n)
{
    const double phase = 6.283185307179586 * alm_stream_uniform(stream);
    for (size_t i = 0; i < n; i++)
        y[i] = sin(0.5 * (double)i + phase) + 0.2 * alm_stream_normal(stream);
}

/* y(t) = y(t - 1) y(t - 2) of signs: exclusive or. No linear function of the past says anything of the next sign. Every fifth value is
 * drawn afresh, or all would be +1. */
static void exclusive_or(struct alm_stream *stream, double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = i < 2 || i % 5 == 0 ? (alm_stream_uniform(stream) < 0.5 ? -1 : 1) : y[i - 1] * y[i - 2];
    for (size_t i = 0; i < n; i++)
        y[i] += 0.1 * alm_stream_normal(stream);
}

/* The ideal forecast of the wave has noise 0.2 against a spread of 0.73 in all: a loss a quarter of the constant's. */
Test(gru_net, learns_a_wave_in_noise)
{
    double constant, sign;
    const double loss = trained_loss(noisy_wave, 500, &constant, &sign);
    cr_assert_lt(loss, 0.45 * constant);
}

/* Seeing where it is among the five is part of what must be learnt: four in five values then follow. */
Test(gru_net, learns_an_exclusive_or_over_time)
{
    double constant, sign;
    const double loss = trained_loss(exclusive_or, 1500, &constant, &sign);
    cr_assert_lt(loss, 0.75 * constant);
    cr_assert_lt(loss, 0.75 * sign);
}

static void normal(struct alm_stream *stream, double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = alm_stream_normal(stream);
}

/* Three in four values stop at a limit of -0.5. Taken as values, the 95 % quantile is where a quarter of 1 - Phi is 5 %: at 0.84.
 * As lower bounds they say nothing to a quantile above them: then it is 5 % of the quarter and of what stayed below, at 1.30. */
Test(gru_net, lower_bounds_never_pull_a_quantile_down)
{
    struct task t = make_task(normal, 21);
    const struct gru_training how = {.updates = 400, .batch = 20, .length = 32, .rate = 0.01, .clip = 1};
    struct alm_stream chance = alm_stream_open(22, 0, "limits");
    double upper[2];
    for (size_t i = 0; i < WINDOWS * STEPS; i++)
        if (alm_stream_uniform(&chance) < 0.75 && t.target[i] >= -0.5) {
            t.target[i] = -0.5;
            t.known[i] = GRU_AT_LEAST;
        }
    for (int told = 1; told >= 0; told--) {
        struct alm_stream stream = alm_stream_open(5, 0, "train");
        double *w = malloc(gru_weights(&t.shape) * sizeof *w), last, h[16];
        if (!told)
            memset(t.known, GRU_VALUE, WINDOWS * STEPS);
        gru_weights_draw(&t.shape, &stream, w);
        cr_assert_eq(gru_train(&t.shape, &how, &t.windows, &stream, w, &last), ALM_OK);
        struct gru_work *work = gru_work_new(&t.shape, 1, STEPS, 0);
        upper[told] = 0;
        for (size_t k = 0; k < WINDOWS; k++) {
            memset(h, 0, sizeof h);
            gru_forward(&t.shape, w, &(struct gru_stretch){1, STEPS, t.x + k * STEPS * 2, NULL, NULL}, work, h);
            for (size_t i = 0; i < STEPS; i++)
                upper[told] += gru_quantiles(&t.shape, work, i)[2] / (WINDOWS * STEPS);
        }
        gru_work_free(work);
        free(w);
    }
    fprintf(stderr, "95%% quantile: %.3f with limits taken as values, %.3f as lower bounds\n", upper[0], upper[1]);
    cr_assert_float_eq(upper[0], 0.84, 0.2);
    cr_assert_float_eq(upper[1], 1.30, 0.2);
    free_task(&t);
}

Test(gru_net, training_is_a_function_of_its_arguments)
{
    struct task t = make_task(noisy_wave, 3);
    const struct gru_training how = {.updates = 20, .batch = 5, .length = 16, .rate = 0.01, .clip = 1};
    const size_t n = gru_weights(&t.shape);
    double *w[2], loss[2];
    for (int k = 0; k < 2; k++) {
        struct alm_stream stream = alm_stream_open(5, 0, "train");
        w[k] = malloc(n * sizeof(double));
        gru_weights_draw(&t.shape, &stream, w[k]);
        cr_assert_eq(gru_train(&t.shape, &how, &t.windows, &stream, w[k], &loss[k]), ALM_OK);
    }
    cr_assert_eq(memcmp(w[0], w[1], n * sizeof(double)), 0);
    for (size_t i = 0; i < WINDOWS * STEPS; i++)
        t.target[i] = INFINITY;
    struct alm_stream stream = alm_stream_open(5, 0, "train");
    cr_assert_eq(gru_train(&t.shape, &how, &t.windows, &stream, w[0], &loss[0]), ALM_EDATA);
    cr_assert_eq(memcmp(w[0], w[1], n * sizeof(double)), 0, "what ran away left a trace");
    free(w[0]);
    free(w[1]);
    free_task(&t);
}
