/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_train: Adam over stretches of windows. The header says how. */
#include "gru_train.h"

#include "almanac/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One training under way: all of it is one allocation beside `work`. */
struct course {
    const struct gru_shape *shape;
    const struct gru_training *how;
    const struct gru_windows *windows;
    struct gru_work *work;
    size_t weights;
    double *w, *gradient, *first, *second; /* [weights] */
    double *x, *target, *h;                /* of a batch: [length][batch][..], h [batch][hidden] */
    uint8_t *known;
    size_t *chosen; /* [batch] windows */
};

static void course_free(struct course *c)
{
    gru_work_free(c->work);
    free(c->w);
    free(c->chosen);
    free(c->known);
}

static int course_make(struct course *c)
{
    const struct gru_shape *s = c->shape;
    const size_t rows = c->how->batch * c->how->length;
    c->weights = gru_weights(s);
    c->work = gru_work_new(s, c->how->batch, c->how->length, 1);
    c->w = calloc(4 * c->weights + rows * (s->inputs + s->series) + c->how->batch * s->hidden, sizeof *c->w);
    c->chosen = calloc(c->how->batch, sizeof *c->chosen);
    c->known = calloc(rows, s->series);
    if (!c->work || !c->w || !c->chosen || !c->known)
        return ALM_ENOMEM;
    c->gradient = c->w + c->weights;
    c->first = c->gradient + c->weights;
    c->second = c->first + c->weights;
    c->x = c->second + c->weights;
    c->target = c->x + rows * s->inputs;
    c->h = c->target + rows * s->series;
    return ALM_OK;
}

/* Lay steps [FROM, FROM + length) of the chosen windows side by side. */
static void gather(struct course *c, size_t from)
{
    const size_t inputs = c->shape->inputs, series = c->shape->series, batch = c->how->batch;
    for (size_t t = 0; t < c->how->length; t++)
        for (size_t i = 0; i < batch; i++) {
            const size_t row = c->chosen[i] * c->windows->steps + from + t, to = t * batch + i;
            memcpy(c->x + to * inputs, c->windows->x + row * inputs, inputs * sizeof *c->x);
            memcpy(c->target + to * series, c->windows->target + row * series, series * sizeof *c->target);
            memcpy(c->known + to * series, c->windows->known + row * series, series);
        }
}

/* Cut the gradient; the norm it had. */
static double cut(double *gradient, size_t n, double most)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += gradient[i] * gradient[i];
    const double norm = sqrt(sum);
    for (size_t i = 0; norm > most && i < n; i++)
        gradient[i] *= most / norm;
    return norm;
}

static void adam(struct course *c, size_t update)
{
    static const double keep1 = 0.9, keep2 = 0.999, tiny = 1e-8;
    const double k = (double)update + 1, share = (double)update / (double)c->how->updates;
    const double rate = c->how->rate * (0.05 + 0.95 * 0.5 * (1 + cos(3.14159265358979323846 * share)));
    const double scale1 = 1 / (1 - pow(keep1, k)), scale2 = 1 / (1 - pow(keep2, k));
    for (size_t i = 0; i < c->weights; i++) {
        const double g = c->gradient[i];
        c->first[i] = keep1 * c->first[i] + (1 - keep1) * g;
        c->second[i] = keep2 * c->second[i] + (1 - keep2) * g * g;
        c->w[i] -= rate * c->first[i] * scale1 / (sqrt(c->second[i] * scale2) + tiny);
    }
}

static int run(struct course *c, struct alm_stream *stream, double *loss)
{
    const size_t tail = c->how->updates - c->how->updates / 10;
    double sum = 0;
    size_t step = c->windows->steps, summed = 0;
    for (size_t k = 0; k < c->how->updates; k++) {
        if (step >= c->windows->steps) {
            for (size_t i = 0; i < c->how->batch; i++)
                c->chosen[i] = (size_t)alm_stream_below(stream, c->windows->count);
            memset(c->h, 0, c->how->batch * c->shape->hidden * sizeof *c->h);
            step = 0;
        }
        gather(c, step);
        step += c->how->length;
        const struct gru_stretch g = {c->how->batch, c->how->length, c->x, c->target, c->known};
        gru_forward(c->shape, c->w, &g, c->work, c->h);
        const double l = gru_backward(c->shape, c->w, &g, c->work, c->gradient);
        if (!isfinite(l) || !isfinite(cut(c->gradient, c->weights, c->how->clip)))
            return ALM_EDATA;
        adam(c, k);
        if (k >= tail || c->how->updates < 10) {
            sum += l;
            summed++;
        }
    }
    *loss = summed ? sum / (double)summed : 0;
    return ALM_OK;
}

int gru_train(const struct gru_shape *s, const struct gru_training *how, const struct gru_windows *windows,
              struct alm_stream *stream, double *w, double *loss)
{
    struct course c = {.shape = s, .how = how, .windows = windows};
    int code = course_make(&c);
    if (code == ALM_OK) {
        memcpy(c.w, w, c.weights * sizeof *w);
        code = run(&c, stream, loss);
    }
    for (size_t i = 0; code == ALM_OK && i < c.weights; i++)
        code = isfinite(c.w[i]) ? ALM_OK : ALM_EDATA;
    if (code == ALM_OK)
        memcpy(w, c.w, c.weights * sizeof *w);
    course_free(&c);
    return code;
}
