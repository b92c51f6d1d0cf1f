/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_net: forward and backward passes. The header says what is computed.
 *
 * Choice.   Whatever does not depend on the step before is one product over all steps: inputs, head, and the gradients of all
 *           weights. Only h U, and backward its transpose, go step by step. Transposes of U and V are made once a pass, since plain
 *           CBLAS is several times slower at products with a transposed right side. With OpenBLAS all products go through it; GSL's CBLAS
 *           is two to three times slower than gru_product at plain ones, and comes to the same bits. */
#include "gru_net.h"

#include "gru_product.h"

#include <gsl/gsl_cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct gru_work {
    size_t n;       /* sequences of the last pass */
    double *h;      /* [steps + 1][n][hidden] */
    double *gate;   /* [steps][n][3 hidden]: z, r, c */
    double *inner;  /* [steps][n][hidden]: h Uc + b */
    double *a, *q;  /* [steps][n][outputs] */
    double *hidden; /* [n][3 hidden]: h U */
    /* For gradients: by a, by the gates' sums on the side of x and on that of h, by h from the head; then by h of one step, and the
     * transposes. */
    double *da, *dx, *du, *head, *dh, *u_transposed, *v_transposed;
    double block[];
};

/* Where the parts of the weights begin. */
struct parts {
    size_t u, b, v, end;
};

static struct parts parts_of(const struct gru_shape *s)
{
    const size_t three = 3 * s->hidden;
    struct parts p = {.u = s->inputs * three};
    p.b = p.u + s->hidden * three;
    p.v = p.b + s->hidden;
    p.end = p.v + (s->hidden + s->inputs) * gru_outputs(s);
    return p;
}

size_t gru_weights(const struct gru_shape *s)
{
    return parts_of(s).end;
}

static void draw(struct alm_stream *stream, double *w, size_t n, double most)
{
    for (size_t i = 0; i < n; i++)
        w[i] = most * (2 * alm_stream_uniform(stream) - 1);
}

/* Uniform by fan-in and fan-out (Glorot & Bengio, 2010). The update gate starts at a bias of 1: what is remembered stays. */
void gru_weights_draw(const struct gru_shape *s, struct alm_stream *stream, double *w)
{
    const struct parts p = parts_of(s);
    const double h = (double)s->hidden, x = (double)s->inputs, out = (double)gru_outputs(s);
    draw(stream, w, p.u, sqrt(6 / (x + h)));
    draw(stream, w + p.u, p.b - p.u, sqrt(6 / (h + h)));
    memset(w + p.b, 0, s->hidden * sizeof *w);
    draw(stream, w + p.v, p.end - p.v, sqrt(6 / (h + x + out)));
    for (size_t j = 0; j < s->hidden; j++)
        w[j] = 1;
}

struct gru_work *gru_work_new(const struct gru_shape *s, size_t n, size_t steps, int learns)
{
    const size_t rows = n * steps, hidden = s->hidden, out = gru_outputs(s);
    const size_t size[] = {(rows + n) * hidden, rows * 3 * hidden, rows * hidden, rows * out,
                           rows * out,          n * 3 * hidden,    rows * out,    rows * 3 * hidden,
                           rows * 3 * hidden,   rows * hidden,     n * hidden,    3 * hidden * hidden,
                           out * hidden};
    enum { FORWARD = 6, ALL = sizeof size / sizeof size[0] };
    const size_t parts = learns ? ALL : FORWARD;
    size_t all = 0;
    for (size_t i = 0; i < parts; i++)
        all += size[i];
    struct gru_work *work = calloc(1, sizeof *work + all * sizeof(double));
    if (work == NULL)
        return NULL;
    double **place[ALL] = {&work->h,      &work->gate,         &work->inner,       &work->a,  &work->q,
                           &work->hidden, &work->da,           &work->dx,          &work->du, &work->head,
                           &work->dh,     &work->u_transposed, &work->v_transposed};
    double *next = work->block;
    for (size_t i = 0; i < parts; next += size[i++])
        *place[i] = next;
    return work;
}

void gru_work_free(struct gru_work *work)
{
    free(work);
}

void gru_blas_alone(void)
{
#ifdef ALMANAC_OPENBLAS
    extern void openblas_set_num_threads(int threads);
    openblas_set_num_threads(1);
#endif
}

/* C [m][n] = A [m][k] B [k][n], added to C where ADD is 1; A's rows are LDA apart. */
static void times(size_t m, size_t n, size_t k, const double *a, size_t lda, const double *b, int add, double *c)
{
#ifdef ALMANAC_OPENBLAS
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)n, add, c,
                (int)n);
#else
    gru_product(m, n, k, a, lda, b, add, c);
#endif
}

/* C [k][n] = A' B of A [m][k] and B [m][n]. */
static void transposed_times(size_t m, size_t n, size_t k, const double *a, const double *b, double *c)
{
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)k, (int)n, (int)m, 1, a, (int)k, b, (int)n, 0, c, (int)n);
}

static double sigmoid(double v)
{
    return 1 / (1 + exp(-v));
}

static double softplus(double v)
{
    return (v > 0 ? v : 0) + log1p(exp(-fabs(v)));
}

/* From the sums of one sequence's gates to h'. GATE holds the part of x, U that of h. */
static void advance(size_t hidden, const double *b, const double *u, const double *h, double *gate, double *inner,
                    double *next)
{
    double *z = gate, *r = gate + hidden, *c = gate + 2 * hidden;
    for (size_t j = 0; j < 2 * hidden; j++)
        gate[j] = sigmoid(gate[j] + u[j]);
    for (size_t j = 0; j < hidden; j++) {
        inner[j] = u[2 * hidden + j] + b[j];
        c[j] = 2 * sigmoid(2 * (c[j] + r[j] * inner[j])) - 1; /* tanh, to the last digits of 1 */
        next[j] = z[j] * h[j] + (1 - z[j]) * c[j];
    }
}

/* One row of quantiles out of one row of a. */
static void spread_out(const struct gru_shape *s, const double *a, double *q)
{
    q[s->middle] = a[s->middle];
    for (size_t k = s->middle + 1; k < s->levels; k++)
        q[k] = q[k - 1] + softplus(a[k]);
    for (size_t k = s->middle; k-- > 0;)
        q[k] = q[k + 1] - softplus(a[k]);
}

void gru_forward(const struct gru_shape *s, const double *w, const struct gru_stretch *g, struct gru_work *work,
                 double *h)
{
    const struct parts p = parts_of(s);
    const size_t hidden = s->hidden, n = g->n, rows = n * g->steps, out = gru_outputs(s);
    work->n = n;
    memcpy(work->h, h, n * hidden * sizeof *h);
    times(rows, 3 * hidden, s->inputs, g->x, s->inputs, w, 0, work->gate);
    for (size_t t = 0; t < g->steps; t++) {
        const double *before = work->h + t * n * hidden;
        times(n, 3 * hidden, hidden, before, hidden, w + p.u, 0, work->hidden);
        for (size_t i = 0; i < n; i++) {
            const size_t row = t * n + i;
            advance(hidden, w + p.b, work->hidden + i * 3 * hidden, before + i * hidden, work->gate + row * 3 * hidden,
                    work->inner + row * hidden, work->h + (row + n) * hidden);
        }
    }
    memcpy(h, work->h + rows * hidden, n * hidden * sizeof *h);
    times(rows, out, hidden, work->h + n * hidden, hidden, w + p.v, 0, work->a);
    times(rows, out, s->inputs, g->x, s->inputs, w + p.v + hidden * out, 1, work->a);
    for (size_t k = 0; k < rows * out; k += s->levels)
        spread_out(s, work->a + k, work->q + k);
}

const double *gru_quantiles(const struct gru_shape *s, const struct gru_work *work, size_t t)
{
    return work->q + t * work->n * gru_outputs(s);
}

static size_t count_known(const struct gru_shape *s, const struct gru_stretch *g)
{
    size_t known = 0;
    for (size_t i = 0; i < g->steps * g->n * s->series; i++)
        known += g->known[i] != GRU_UNKNOWN;
    return known;
}

/* Loss of the quantiles Q of one known target; SLOPE (may be NULL) becomes its derivative by each of them. */
static double pinball(const struct gru_shape *s, const double *q, double target, int known, double *slope)
{
    double loss = 0;
    for (size_t k = 0; k < s->levels; k++) {
        const double miss = target - q[k], below = known == GRU_VALUE ? s->level[k] - 1 : 0;
        const double weight = miss > 0 ? s->level[k] : below;
        loss += weight * miss;
        if (slope)
            slope[k] = -weight;
    }
    return loss;
}

double gru_loss(const struct gru_shape *s, const struct gru_stretch *g, const struct gru_work *work)
{
    const size_t known = count_known(s, g);
    double sum = 0;
    for (size_t i = 0; i < g->steps * g->n * s->series; i++)
        if (g->known[i] != GRU_UNKNOWN)
            sum += pinball(s, work->q + i * s->levels, g->target[i], g->known[i], NULL);
    return known ? sum / (double)(known * s->levels) : 0;
}

/* From derivatives by quantiles to those by the row A that made them, times SCALE. */
static void gather_in(const struct gru_shape *s, const double *a, const double *slope, double scale, double *da)
{
    double above = 0, under = 0;
    for (size_t k = s->levels; k-- > s->middle + 1;) {
        above += slope[k];
        da[k] = scale * above * sigmoid(a[k]);
    }
    for (size_t k = 0; k < s->middle; k++) {
        under += slope[k];
        da[k] = -scale * under * sigmoid(a[k]);
    }
    da[s->middle] = scale * (above + under + slope[s->middle]);
}

static double head_slopes(const struct gru_shape *s, const struct gru_stretch *g, struct gru_work *work)
{
    const size_t targets = g->steps * g->n * s->series, known = count_known(s, g);
    const double scale = known ? 1 / (double)(known * s->levels) : 0;
    double sum = 0;
    memset(work->da, 0, targets * s->levels * sizeof *work->da);
    for (size_t i = 0; i < targets; i++) {
        double slope[GRU_LEVELS];
        const size_t at = i * s->levels;
        if (g->known[i] == GRU_UNKNOWN)
            continue;
        sum += pinball(s, work->q + at, g->target[i], g->known[i], slope);
        gather_in(s, work->a + at, slope, scale, work->da + at);
    }
    return sum * scale;
}

/* Back through the gates of one sequence: DH, by h', becomes the part by h that does not go through U. */
static void retreat(size_t hidden, const double *gate, const double *inner, const double *h, double *dh, double *dx,
                    double *du)
{
    const double *z = gate, *r = gate + hidden, *c = gate + 2 * hidden;
    for (size_t j = 0; j < hidden; j++) {
        const double sum = dh[j] * (1 - z[j]) * (1 - c[j] * c[j]); /* by the sum inside tanh */
        dx[j] = du[j] = dh[j] * (h[j] - c[j]) * z[j] * (1 - z[j]);
        dx[hidden + j] = du[hidden + j] = sum * inner[j] * r[j] * (1 - r[j]);
        dx[2 * hidden + j] = sum;
        du[2 * hidden + j] = sum * r[j];
        dh[j] *= z[j];
    }
}

static void transpose(size_t rows, size_t columns, const double *from, double *to)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            to[j * rows + i] = from[i * columns + j];
}

/* Back through all steps: work->dx and work->du. */
static void through_time(const struct gru_shape *s, const double *u, const struct gru_stretch *g, struct gru_work *work)
{
    const size_t hidden = s->hidden, n = g->n;
    transpose(hidden, 3 * hidden, u, work->u_transposed);
    memset(work->dh, 0, n * hidden * sizeof *work->dh);
    for (size_t t = g->steps; t-- > 0;) {
        for (size_t i = 0; i < n * hidden; i++)
            work->dh[i] += work->head[t * n * hidden + i];
        for (size_t i = 0; i < n; i++) {
            const size_t row = t * n + i;
            retreat(hidden, work->gate + row * 3 * hidden, work->inner + row * hidden, work->h + row * hidden,
                    work->dh + i * hidden, work->dx + row * 3 * hidden, work->du + row * 3 * hidden);
        }
        times(n, hidden, 3 * hidden, work->du + t * n * 3 * hidden, 3 * hidden, work->u_transposed, 1, work->dh);
    }
}

double gru_backward(const struct gru_shape *s, const double *w, const struct gru_stretch *g, struct gru_work *work,
                    double *gradient)
{
    const struct parts p = parts_of(s);
    const size_t hidden = s->hidden, rows = g->n * g->steps, out = gru_outputs(s);
    const double loss = head_slopes(s, g, work);
    transpose(hidden, out, w + p.v, work->v_transposed);
    times(rows, hidden, out, work->da, out, work->v_transposed, 0, work->head);
    through_time(s, w + p.u, g, work);
    transposed_times(rows, 3 * hidden, s->inputs, g->x, work->dx, gradient);
    transposed_times(rows, 3 * hidden, hidden, work->h, work->du, gradient + p.u);
    memset(gradient + p.b, 0, hidden * sizeof *gradient);
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < hidden; j++)
            gradient[p.b + j] += work->du[(row * 3 + 2) * hidden + j];
    transposed_times(rows, out, hidden, work->h + g->n * hidden, work->da, gradient + p.v);
    transposed_times(rows, out, s->inputs, g->x, work->da, gradient + p.v + hidden * out);
    return loss;
}
