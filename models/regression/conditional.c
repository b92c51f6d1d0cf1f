/* SPDX-License-Identifier: GPL-3.0-or-later
 * conditional: an amount as a function of input parameters. The header says what and why. */
#include "conditional.h"

#include "conditional_model.h"

#include <gsl/gsl_sf_erf.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BOUND_ROUNDS 3

/* ---- rows ---- */

static bool usable(const struct regression_table *t, const struct conditional_options *o, size_t i)
{
    return isfinite(t->y[i]) && t->y[i] >= 0 && isfinite(t->y[i] + o->resolution);
}

static void free_sample(struct sample *s)
{
    free(s->z);
    free(s->x);
    free(s->low);
    free(s->t);
    free(s->bound);
    free(s->row);
}

static int room_for_sample(struct sample *s, struct alm_err *e)
{
    s->x = malloc((s->n * s->k + 1) * sizeof *s->x);
    s->low = malloc((s->n + 1) * sizeof *s->low);
    s->t = malloc((s->n + 1) * sizeof *s->t);
    s->bound = calloc(s->n + 1, sizeof *s->bound);
    s->row = malloc((s->n + 1) * sizeof *s->row);
    return s->x && s->low && s->t && s->bound && s->row ? ALM_OK
                                                        : alm_fail(e, ALM_ENOMEM, "out of memory for %zu rows", s->n);
}

/* Copy what is usable, of too many rows the last, and make the features. */
static int take_sample(struct sample *s, const struct regression_table *t, const struct conditional_options *o,
                       struct alm_err *e)
{
    size_t all = 0;
    for (size_t i = 0; i < t->n; i++)
        all += usable(t, o, i);
    size_t skip = all > CONDITIONAL_ROWS ? all - CONDITIONAL_ROWS : 0, n = 0;
    s->k = t->k;
    s->n = all - skip;
    ALM_TRY(room_for_sample(s, e));
    for (size_t i = 0; i < t->n; i++) {
        if (!usable(t, o, i) || (skip > 0 && skip--))
            continue;
        memcpy(s->x + n * s->k, t->x + i * t->k, t->k * sizeof *s->x);
        s->low[n] = s->t[n] = log(t->y[i] + o->resolution);
        s->bound[n] = t->bound && t->bound[i];
        s->row[n] = (uint32_t)n;
        n++;
    }
    const struct regression_table kept = {s->n, s->k, s->x, t->category, s->t, s->bound};
    ALM_TRY(features_learn(&s->f, &kept, e));
    s->z = malloc((n * s->f.count + 1) * sizeof *s->z);
    if (!s->z)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu rows of %zu features", n, s->f.count);
    for (size_t i = 0; i < n; i++)
        features_of(&s->f, s->x + i * s->k, s->z + i * s->f.count);
    return ALM_OK;
}

/* ---- bounds ---- */

/* Models do not leave the range of T by more than its width: of what was seen, then of what stands in for bounds. */
static void note_range(struct conditional *c)
{
    double low = c->s.t[0], high = low;
    for (size_t i = 0; i < c->s.n; i++) {
        low = fmin(low, c->s.t[i]);
        high = fmax(high, c->s.t[i]);
    }
    c->lowest = low - (high - low);
    c->highest = high + (high - low);
}

static double within(const struct conditional *c, double t)
{
    return fmin(fmax(t, c->lowest), c->highest);
}

static double spread_of(const struct conditional *c)
{
    double squares = 0;
    size_t n = 0;
    for (size_t i = 0; i < c->s.n; i++)
        if (!c->s.bound[i]) {
            const double r = c->s.t[i] - c->choice.model[i];
            squares += r * r;
            n++;
        }
    return n ? sqrt(squares / (double)n) : 0;
}

/* Mean of a standard normal number above Z, at least Z. GSL reports what is too small to be told apart, so it is not asked. */
static double mean_above(double z)
{
    return z < -30 ? 0 : z > 40 ? z : fmax(gsl_sf_hazard(z), z);
}

/* Let the mean above it stand in for each bound. */
static void stand_in(struct conditional *c)
{
    const double spread = spread_of(c);
    for (size_t i = 0; i < c->s.n; i++) {
        const double model = c->choice.model[i], low = c->s.low[i];
        if (!c->s.bound[i])
            continue;
        const double mean = spread > 0 ? model + spread * mean_above((low - model) / spread) : model;
        c->s.t[i] = fmax(mean, low);
    }
}

/* Before the first choice bounds are as a log-linear model of the rows that are none has them: taken for amounts they would
 * speak for models that are level there. */
static int begin_bounds(struct conditional *c, size_t bounds, struct alm_err *e)
{
    struct regression_rows d = {&c->s.f, c->s.z, c->s.t, c->s.row, 0};
    uint32_t *known = malloc(c->s.n * sizeof *known);
    struct log_linear *m = malloc(sizeof *m);
    int code = known && m ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu bounds", bounds);
    for (uint32_t i = 0; i < c->s.n && code >= 0; i++)
        if (!c->s.bound[i])
            known[d.rows++] = i;
    d.row = known;
    if (code >= 0)
        code = log_linear_fit(m, &d, false, e);
    for (size_t i = 0; i < c->s.n && code >= 0; i++)
        c->choice.model[i] = within(c, log_linear_value(m, c->s.z + i * c->s.f.count));
    if (code >= 0)
        stand_in(c);
    free(known);
    free(m);
    return code;
}

static int choose(struct conditional *c, const struct conditional_options *o, struct alm_err *e)
{
    const size_t n = c->s.n;
    size_t bounds = 0;
    for (size_t i = 0; i < n; i++)
        bounds += c->s.bound[i];
    const bool some = bounds > 0 && bounds < n;
    if (some)
        ALM_TRY(begin_bounds(c, bounds, e));
    ALM_TRY(conditional_choose(&c->s, o, &c->choice, e));
    for (int round = 0; round < BOUND_ROUNDS && some; round++) {
        stand_in(c);
        ALM_TRY(conditional_choose(&c->s, o, &c->choice, e));
    }
    c->choice.report.bounds = bounds;
    return ALM_OK;
}

/* ---- the model chosen, on all rows ---- */

static struct regression_rows all_rows(const struct conditional *c)
{
    return (struct regression_rows){&c->s.f, c->s.z, c->s.t, c->s.row, c->s.n};
}

static int fit_linear(struct conditional *c, bool pairs, struct alm_err *e)
{
    const struct regression_rows d = all_rows(c);
    c->linear = malloc(sizeof *c->linear);
    if (!c->linear)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a model");
    ALM_TRY(log_linear_fit(c->linear, &d, pairs, e));
    c->choice.report.r2 = c->linear->r2;
    return ALM_OK;
}

static int fit_tree(struct conditional *c, struct alm_err *e)
{
    const struct regression_rows d = all_rows(c);
    c->tree = malloc(sizeof *c->tree);
    return c->tree ? regression_tree_fit(c->tree, &d, c->choice.chosen.least, e)
                   : alm_fail(e, ALM_ENOMEM, "out of memory for a model");
}

static int fit_neighbours(struct conditional *c, struct alm_err *e)
{
    const struct regression_rows d = all_rows(c);
    const bool left = c->choice.chosen.family == CONDITIONAL_NEIGHBOURS_LEFT, weighted = c->choice.chosen.weighted;
    c->left = malloc((c->s.n + 1) * sizeof *c->left);
    if (!c->left)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a model");
    ALM_TRY(fit_linear(c, false, e));
    neighbour_metric(&c->metric, &d, weighted ? c->linear : NULL);
    for (size_t i = 0; i < c->s.n; i++)
        c->left[i] = c->s.t[i] - (left ? log_linear_value(c->linear, c->s.z + i * c->s.f.count) : 0);
    return ALM_OK;
}

static int fit_chosen(struct conditional *c, struct alm_err *e)
{
    switch (c->choice.chosen.family) {
    case CONDITIONAL_LINEAR:
        return fit_linear(c, false, e);
    case CONDITIONAL_PAIRS:
        return fit_linear(c, true, e);
    case CONDITIONAL_TREE:
        return fit_tree(c, e);
    case CONDITIONAL_NEIGHBOURS:
    case CONDITIONAL_NEIGHBOURS_LEFT:
        return fit_neighbours(c, e);
    case CONDITIONAL_CONSTANT:
    case CONDITIONAL_FAMILIES:
        break;
    }
    c->left = malloc(sizeof *c->left);
    if (!c->left)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a model");
    c->left[0] = 0;
    for (size_t i = 0; i < c->s.n; i++)
        c->left[0] += c->s.t[i] / (double)c->s.n;
    return ALM_OK;
}

/* The laws of residuals, by thirds where these have their own, and of what was seen. */
static int make_laws(struct conditional *c, struct alm_err *e)
{
    const size_t n = c->s.n;
    double *room = c->rising + n; /* [2n] for thirds together, [2n] for what was seen */
    struct residual *r = malloc(n * sizeof *r);
    if (!r)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu residuals", n);
    memcpy(c->rising, c->choice.model, n * sizeof *c->rising);
    qsort(c->rising, n, sizeof *c->rising, rising_doubles);
    for (int third = 0; third < (c->choice.report.local ? 3 : 1); third++) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++)
            if (!c->choice.report.local || third_of(c->rising, n, c->choice.model[i]) == third)
                r[m++] = (struct residual){c->s.low[i] - c->choice.model[i], c->s.bound[i]};
        c->law[third] = (struct residual_law){.value = room, .share = room + m};
        residual_law(r, m, &c->law[third]);
        room += 2 * m;
    }
    memcpy(room, c->s.low, n * sizeof *room);
    qsort(room, n, sizeof *room, rising_doubles);
    c->middle = room[n / 2];
    for (size_t i = 0; i < n; i++)
        r[i] = (struct residual){c->s.low[i] - c->middle, c->s.bound[i]};
    c->seen = (struct residual_law){.value = room, .share = room + n};
    residual_law(r, n, &c->seen);
    free(r);
    return ALM_OK;
}

static int build(struct conditional *c, const struct regression_table *t, const struct conditional_options *o,
                 struct alm_err *e)
{
    c->resolution = o->resolution;
    ALM_TRY(take_sample(&c->s, t, o, e));
    const size_t n = c->s.n;
    if (n < 2)
        return ALM_NOT_YET;
    c->choice.model = malloc(6 * n * sizeof(double));
    if (!c->choice.model)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu rows", n);
    c->rising = c->choice.model + n;
    note_range(c);
    ALM_TRY(choose(c, o, e));
    ALM_TRY(fit_chosen(c, e));
    ALM_TRY(make_laws(c, e));
    note_range(c);
    return ALM_OK;
}

int conditional_fit(const struct regression_table *t, const struct conditional_options *o, struct conditional **out,
                    struct alm_err *e)
{
    *out = NULL;
    struct conditional *c = calloc(1, sizeof *c);
    if (!c)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a model");
    const int code = build(c, t, o, e);
    if (code == ALM_OK)
        *out = c;
    else
        conditional_free(c);
    return code;
}

void conditional_free(struct conditional *c)
{
    if (!c)
        return;
    free_sample(&c->s);
    free(c->choice.model);
    free(c->linear);
    free(c->tree);
    free(c->left);
    free(c);
}

/* ---- answers ---- */

static double neighbours_value(const struct conditional *c, const double *x, const double *z)
{
    struct regression_rows d = all_rows(c);
    struct neighbours found;
    d.t = c->left;
    neighbours_find(&found, &d, &c->metric, c->s.x, c->s.k, z, x);
    const double trend = c->choice.chosen.family == CONDITIONAL_NEIGHBOURS_LEFT ? log_linear_value(c->linear, z) : 0;
    return neighbours_mean(&found, c->choice.chosen.neighbours) + trend;
}

static double model_value(const struct conditional *c, const double *x)
{
    double z[FEATURES];
    features_of(&c->s.f, x, z);
    switch (c->choice.chosen.family) {
    case CONDITIONAL_LINEAR:
    case CONDITIONAL_PAIRS:
        return log_linear_value(c->linear, z);
    case CONDITIONAL_TREE:
        return regression_tree_value(c->tree, z);
    case CONDITIONAL_NEIGHBOURS:
    case CONDITIONAL_NEIGHBOURS_LEFT:
        return neighbours_value(c, x, z);
    case CONDITIONAL_CONSTANT:
    case CONDITIONAL_FAMILIES:
        break;
    }
    return c->left[0];
}

static double amount(const struct conditional *c, double t)
{
    const double y = t < log(DBL_MAX) ? exp(t) - c->resolution : DBL_MAX;
    return fmax(y, 0);
}

double conditional_quantile(const struct conditional *c, const double *x, double p, double *stated)
{
    if (!x)
        return amount(c, c->middle + residual_quantile(&c->seen, p, stated));
    const double t = within(c, model_value(c, x));
    const int third = c->choice.report.local ? third_of(c->rising, c->s.n, t) : 0;
    return amount(c, t + residual_quantile(&c->law[third], p, stated));
}

void conditional_report(const struct conditional *c, struct conditional_report *out)
{
    *out = c->choice.report;
}
