/* SPDX-License-Identifier: GPL-3.0-or-later
 * conditional_choice: candidates for a conditional model, cross-validated. conditional.h says what and why. */
#include "conditional_choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Both from smooth to rough. */
static const size_t nearest[] = {30, 20, 15, 10, 7, 5, 4, 3, 2, 1};
static const size_t leasts[] = {20, 10, 5, 3, 2};
enum { NEARESTS = sizeof nearest / sizeof *nearest, LEASTS = sizeof leasts / sizeof *leasts };
#define CANDIDATES (3 + LEASTS + 4 * NEARESTS)

/* ---- quantiles ---- */

int rising_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of equal residuals those that are known come first. */
static int by_value(const void *a, const void *b)
{
    const struct residual *x = a, *y = b;
    const int order = rising_doubles(&x->value, &y->value);
    return order ? order : (int)x->bound - (int)y->bound;
}

/* R is sorted. */
static void fill_law(const struct residual *r, size_t n, struct residual_law *out)
{
    double above = 1;
    out->n = 0;
    out->largest = n ? r[n - 1].value : 0;
    for (size_t i = 0; i < n; i++) {
        if (r[i].bound)
            continue;
        above *= (double)(n - i) / (double)(n + 1 - i);
        out->value[out->n] = r[i].value;
        out->share[out->n++] = 1 - above;
    }
}

void residual_law(struct residual *r, size_t n, struct residual_law *out)
{
    qsort(r, n, sizeof *r, by_value);
    fill_law(r, n, out);
}

/* How many of the shares are below P; those within rounding of it as well where WITH. */
static size_t below(const struct residual_law *law, double p, bool with)
{
    static const double rounding = 1e-9;
    size_t low = 0, high = law->n;
    const double edge = with ? p + rounding : p - rounding;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (law->share[middle] < edge)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double residual_quantile(const struct residual_law *law, double p, double *stated)
{
    double ignored;
    stated = stated ? stated : &ignored;
    *stated = p;
    if (law->n == 0) { /* all are bounds, or there are none */
        *stated = 0;
        return p < 0.5 ? 0 : fmax(2 * law->largest, log(2.0));
    }
    if (p < 0.5) {
        const size_t i = below(law, p, true);
        *stated = i ? p : law->share[0];
        return i ? law->value[i - 1] : 2 * fmin(law->value[0], 0);
    }
    const size_t i = below(law, p, false);
    *stated = i < law->n ? p : fmin(p, law->share[law->n - 1]);
    return i < law->n ? law->value[i] : 2 * fmax(law->largest, 0);
}

int third_of(const double *rising, size_t n, double value)
{
    return (value > rising[n / 3]) + (value > rising[2 * n / 3]);
}

/* ---- folds ---- */

struct folds {
    size_t count;
    uint8_t *of; /* [n] */
};

static uint64_t scatter(uint64_t x)
{
    x = (x + UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 29)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 32);
}

static int by_scatter(const void *a, const void *b)
{
    const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const uint64_t x = scatter(i), y = scatter(j);
    return x != y ? (x > y) - (x < y) : (i > j) - (i < j);
}

/* Folds of rows that do not follow one another: the fewer rows the more folds, up to one a row. */
static int make_folds(struct folds *f, size_t n, struct alm_err *e)
{
    uint32_t *order = malloc(n * sizeof *order);
    f->count = n < 20 ? n : n < 100 ? 10 : 5;
    f->of = malloc(n);
    if (!order || !f->of) {
        free(order);
        return alm_fail(e, ALM_ENOMEM, "out of memory for folds of %zu rows", n);
    }
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    qsort(order, n, sizeof *order, by_scatter);
    for (size_t i = 0; i < n; i++)
        f->of[order[i]] = (uint8_t)(i % f->count);
    free(order);
    return ALM_OK;
}

/* ---- predictions out of fold ---- */

/* A residual out of fold, and where it belongs. */
struct ranked {
    struct residual residual;
    uint32_t row;
    uint8_t fold, third;
};

struct trial {
    const struct sample *s;
    const struct conditional_options *o;
    struct folds folds;
    size_t count;
    struct candidate candidate[CANDIDATES];
    double *model;           /* [count * n], out of fold */
    double *loss;            /* [count * n] */
    double *rising;          /* [n] */
    struct residual *others; /* [n] */
    struct residual_law law;
    uint32_t *inside;      /* [n] */
    struct ranked *ranked; /* [n] */
    struct regression_tree *tree;
};

static bool wanted(const struct conditional_options *o, enum conditional_family family)
{
    return o->families == 0 || (o->families & (1u << family));
}

static void add_candidate(struct trial *t, struct candidate c)
{
    if (wanted(t->o, c.family))
        t->candidate[t->count++] = c;
}

static void add_neighbours(struct trial *t, enum conditional_family family)
{
    if (t->o->neighbours) {
        const size_t k = t->o->neighbours < NEIGHBOURS ? t->o->neighbours : NEIGHBOURS;
        add_candidate(t, (struct candidate){.family = family, .neighbours = k});
        return;
    }
    for (int weighted = 0; weighted < 2; weighted++)
        for (size_t i = 0; i < NEARESTS; i++)
            if (nearest[i] == 1 || nearest[i] <= t->s->n / 2)
                add_candidate(t, (struct candidate){.family = family, .neighbours = nearest[i], .weighted = weighted});
}

static void list_candidates(struct trial *t)
{
    const bool any = t->s->f.count > 0 || t->s->f.codes > 0;
    add_candidate(t, (struct candidate){.family = CONDITIONAL_CONSTANT});
    for (enum conditional_family family = CONDITIONAL_LINEAR; any && family <= CONDITIONAL_PAIRS; family++)
        add_candidate(t, (struct candidate){.family = family});
    for (size_t i = 0; i < LEASTS && any; i++)
        if (2 * leasts[i] <= t->s->n)
            add_candidate(t, (struct candidate){.family = CONDITIONAL_TREE, .least = leasts[i]});
    if (any) {
        add_neighbours(t, CONDITIONAL_NEIGHBOURS);
        add_neighbours(t, CONDITIONAL_NEIGHBOURS_LEFT);
    }
    if (t->count == 0) /* only families that need inputs were wanted, and there are none */
        t->candidate[t->count++] = (struct candidate){.family = CONDITIONAL_CONSTANT};
}

/* A fold: what is fitted on, and what several candidates share. */
struct fold {
    size_t number;
    struct regression_rows in;
    struct log_linear linear, pairs;
    struct regression_rows left; /* as `in`, but T is what log-linear leaves */
    struct neighbour_metric metric[2];
};

static double constant_of(const struct regression_rows *d)
{
    double sum = 0;
    for (size_t i = 0; i < d->rows; i++)
        sum += d->t[d->row[i]];
    return d->rows ? sum / (double)d->rows : 0;
}

static int open_fold(struct trial *t, size_t number, double *left, struct fold *f, struct alm_err *e)
{
    const struct sample *s = t->s;
    f->number = number;
    f->in = (struct regression_rows){.f = &s->f, .z = s->z, .t = s->t, .row = t->inside};
    for (size_t i = 0; i < s->n; i++)
        if (t->folds.of[i] != number)
            t->inside[f->in.rows++] = (uint32_t)i;
    ALM_TRY(log_linear_fit(&f->linear, &f->in, false, e));
    if (wanted(t->o, CONDITIONAL_PAIRS))
        ALM_TRY(log_linear_fit(&f->pairs, &f->in, true, e));
    for (size_t i = 0; i < s->n; i++)
        left[i] = s->t[i] - log_linear_value(&f->linear, s->z + i * s->f.count);
    f->left = f->in;
    f->left.t = left;
    neighbour_metric(&f->metric[0], &f->in, NULL);
    neighbour_metric(&f->metric[1], &f->in, &f->linear);
    return ALM_OK;
}

static void predict_neighbours(const struct trial *t, const struct fold *f, size_t row)
{
    const struct sample *s = t->s;
    const double *z = s->z + row * s->f.count, *x = s->x + row * s->k;
    struct neighbours found[2][2];
    bool have[2][2] = {{false}};
    const double linear = log_linear_value(&f->linear, z);
    for (size_t c = 0; c < t->count; c++) {
        const struct candidate *k = &t->candidate[c];
        if (k->neighbours == 0)
            continue;
        const int left = k->family == CONDITIONAL_NEIGHBOURS_LEFT;
        if (!have[left][k->weighted])
            neighbours_find(&found[left][k->weighted], left ? &f->left : &f->in, &f->metric[k->weighted], s->x, s->k, z,
                            x);
        have[left][k->weighted] = true;
        t->model[c * s->n + row] = neighbours_mean(&found[left][k->weighted], k->neighbours) + (left ? linear : 0);
    }
}

static void predict_simple(const struct trial *t, const struct fold *f, size_t row, double constant)
{
    const struct sample *s = t->s;
    const double *z = s->z + row * s->f.count;
    for (size_t c = 0; c < t->count && t->candidate[c].family <= CONDITIONAL_PAIRS; c++) {
        const enum conditional_family family = t->candidate[c].family;
        double *out = &t->model[c * s->n + row];
        *out = family == CONDITIONAL_CONSTANT
                   ? constant
                   : log_linear_value(family == CONDITIONAL_LINEAR ? &f->linear : &f->pairs, z);
    }
}

static int predict_fold(struct trial *t, const struct fold *f, struct alm_err *e)
{
    const struct sample *s = t->s;
    const double constant = constant_of(&f->in);
    for (size_t i = 0; i < s->n; i++) {
        if (t->folds.of[i] != f->number)
            continue;
        predict_simple(t, f, i, constant);
        predict_neighbours(t, f, i);
    }
    for (size_t c = 0; c < t->count; c++) {
        if (t->candidate[c].family != CONDITIONAL_TREE)
            continue;
        ALM_TRY(regression_tree_fit(t->tree, &f->in, t->candidate[c].least, e));
        for (size_t i = 0; i < s->n; i++)
            if (t->folds.of[i] == f->number)
                t->model[c * s->n + i] = regression_tree_value(t->tree, s->z + i * s->f.count);
    }
    return ALM_OK;
}

static int predict_all(struct trial *t, struct alm_err *e)
{
    struct fold *f = malloc(sizeof *f + t->s->n * sizeof(double));
    int code = f ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for a fold of %zu rows", t->s->n);
    for (size_t k = 0; k < t->folds.count && code >= 0; k++) {
        memset(f, 0, sizeof *f);
        code = open_fold(t, k, (double *)(f + 1), f, e);
        if (code >= 0)
            code = predict_fold(t, f, e);
    }
    free(f);
    return code;
}

/* ---- losses ---- */

/* What a quantile Q of the residuals costs at row I, at level P. A bound below the quantile costs nothing that is known. */
static double pinball(const struct sample *s, const double *model, size_t i, double q, double p)
{
    const double over = s->low[i] - model[i] - q;
    if (over >= 0)
        return p * over;
    return s->bound[i] ? 0 : (p - 1) * over;
}

static int by_residual(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return by_value(&x->residual, &y->residual);
}

static void rank_residuals(const struct trial *t, const double *model, const double *rising)
{
    const struct sample *s = t->s;
    for (size_t i = 0; i < s->n; i++)
        t->ranked[i] = (struct ranked){.residual = {s->low[i] - model[i], s->bound[i]},
                                       .row = (uint32_t)i,
                                       .fold = t->folds.of[i],
                                       .third = rising ? (uint8_t)third_of(rising, s->n, model[i]) : 0};
    qsort(t->ranked, s->n, sizeof *t->ranked, by_residual);
}

static double level_at(const struct trial *t, size_t l)
{
    return l ? t->o->level[l - 1] : 0.5;
}

/* The losses of the rows of fold K in THIRD, by quantiles of the residuals of the other folds there. */
static void lose(const struct trial *t, const double *model, size_t k, int third, double *loss)
{
    const struct sample *s = t->s;
    const size_t levels = t->o->levels + 1;
    double q[CONDITIONAL_LEVELS + 1];
    size_t m = 0;
    for (size_t i = 0; i < s->n; i++)
        if (t->ranked[i].fold != k && t->ranked[i].third == third)
            t->others[m++] = t->ranked[i].residual;
    struct residual_law law = t->law;
    fill_law(t->others, m, &law);
    for (size_t l = 0; l < levels; l++)
        q[l] = residual_quantile(&law, level_at(t, l), NULL);
    for (size_t i = 0; i < s->n; i++) {
        if (t->ranked[i].fold != k || t->ranked[i].third != third)
            continue;
        const size_t row = t->ranked[i].row;
        loss[row] = 0;
        for (size_t l = 0; l < levels; l++)
            loss[row] += pinball(s, model, row, q[l], level_at(t, l)) / (double)levels;
    }
}

/* The loss of each row under MODEL into LOSS; with RISING each third has quantiles of its own. */
static void find_losses(const struct trial *t, const double *model, const double *rising, double *loss)
{
    rank_residuals(t, model, rising);
    for (size_t k = 0; k < t->folds.count; k++)
        for (int third = 0; third < (rising ? 3 : 1); third++)
            lose(t, model, k, third, loss);
}

static double mean_of(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum / (double)n;
}

/* Mean of A - B and its standard error. */
static double difference(const double *a, const double *b, size_t n, double *error)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] - b[i];
    const double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (a[i] - b[i] - mean) * (a[i] - b[i] - mean);
    *error = sqrt(squares) / (double)n;
    return mean;
}

/* ---- the choice ---- */

/* The smoothest candidate of family F that is within one standard error of the family's best; T->count when there is none. */
static size_t stand_for(const struct trial *t, enum conditional_family f, const double *mean)
{
    const size_t n = t->s->n;
    size_t best = t->count;
    for (size_t c = 0; c < t->count; c++)
        if (t->candidate[c].family == f && (best == t->count || mean[c] < mean[best]))
            best = c;
    for (size_t c = 0; c < best && best < t->count; c++) {
        double error;
        if (t->candidate[c].family == f && difference(t->loss + c * n, t->loss + best * n, n, &error) <= error)
            return c;
    }
    return best;
}

static size_t choose_family(const struct trial *t, struct conditional_report *r)
{
    const size_t n = t->s->n, none = t->count;
    size_t of[CONDITIONAL_FAMILIES], least = none;
    double mean[CANDIDATES];
    for (size_t c = 0; c < t->count; c++)
        mean[c] = mean_of(t->loss + c * n, n);
    for (size_t f = 0; f < CONDITIONAL_FAMILIES; f++) {
        of[f] = stand_for(t, (enum conditional_family)f, mean);
        r->loss[f] = of[f] == none ? (double)NAN : mean[of[f]];
        if (of[f] != none && (least == none || mean[of[f]] < mean[least]))
            least = of[f];
    }
    r->best = t->candidate[least].family;
    size_t chosen = none;
    for (size_t f = 0; f < CONDITIONAL_FAMILIES; f++) {
        r->behind[f] = r->error[f] = (double)NAN;
        if (of[f] == none)
            continue;
        r->behind[f] = difference(t->loss + of[f] * n, t->loss + least * n, n, &r->error[f]);
        if (chosen == none && r->behind[f] <= r->error[f])
            chosen = of[f];
    }
    return chosen == none ? least : chosen;
}

static bool thirds_are_better(const struct trial *t, size_t chosen)
{
    const size_t n = t->s->n;
    const double *model = t->model + chosen * n;
    double *rising = t->rising, *other = t->model + (chosen ? 0 : t->count - 1) * n, error;
    if (n < 30 || t->count < 2)
        return false;
    memcpy(rising, model, n * sizeof *rising);
    qsort(rising, n, sizeof *rising, rising_doubles);
    find_losses(t, model, rising, other); /* the others' predictions are not needed any more */
    return difference(other, t->loss + chosen * n, n, &error) < -error;
}

static int run_trial(struct trial *t, struct choice *out, struct alm_err *e)
{
    const size_t n = t->s->n;
    ALM_TRY(make_folds(&t->folds, n, e));
    list_candidates(t);
    t->model = malloc((2 * t->count + 3) * n * sizeof *t->model);
    t->inside = malloc(n * sizeof *t->inside);
    t->ranked = malloc(n * sizeof *t->ranked);
    t->others = malloc(n * sizeof *t->others);
    t->tree = malloc(sizeof *t->tree);
    if (!t->model || !t->inside || !t->ranked || !t->others || !t->tree)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu candidates over %zu rows", t->count, n);
    t->loss = t->model + t->count * n;
    t->rising = t->loss + t->count * n;
    t->law.value = t->rising + n;
    t->law.share = t->law.value + n;
    ALM_TRY(predict_all(t, e));
    for (size_t c = 0; c < t->count; c++)
        find_losses(t, t->model + c * n, NULL, t->loss + c * n);
    const size_t chosen = choose_family(t, &out->report);
    out->chosen = t->candidate[chosen];
    memcpy(out->model, t->model + chosen * n, n * sizeof *out->model);
    out->report.local = thirds_are_better(t, chosen);
    out->report.family = out->chosen.family;
    out->report.neighbours = out->chosen.neighbours;
    out->report.least = out->chosen.least;
    out->report.weighted = out->chosen.weighted;
    out->report.folds = t->folds.count;
    out->report.rows = n;
    return ALM_OK;
}

int conditional_choose(const struct sample *s, const struct conditional_options *o, struct choice *out,
                       struct alm_err *e)
{
    struct trial t = {.s = s, .o = o};
    const int code = run_trial(&t, out, e);
    free(t.folds.of);
    free(t.model);
    free(t.inside);
    free(t.ranked);
    free(t.others);
    free(t.tree);
    return code;
}
