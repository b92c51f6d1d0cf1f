/* SPDX-License-Identifier: GPL-3.0-or-later
 * input_code: see the header. */
#include "input_code.h"

#include "almanac/trace.h"

#include "executed.h"
#include "resolution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int input_plan_make(struct input_plan *p, const struct alm_env *env, struct alm_err *e)
{
    const size_t n = p->history, k = env->inputs;
    p->inputs = k;
    p->resources = env->resources;
    p->category = calloc(k + 1, sizeof *p->category);
    p->x = malloc((n * k + 1) * sizeof *p->x);
    p->y = malloc(n * sizeof *p->y);
    p->bound = malloc(n * sizeof *p->bound);
    if (!p->category || !p->x || !p->y || !p->bound)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu executions of %zu inputs", n, k);
    for (size_t j = 0; j < k; j++)
        p->category[j] = env->input[j].category;
    return ALM_OK;
}

void input_plan_free(struct input_plan *p)
{
    free(p->category);
    free(p->x);
    free(p->y);
    free(p->bound);
}

static int make_room(const struct input_plan *p, struct input_code *c, struct alm_err *e)
{
    c->x = c->x ? c->x : malloc((p->history * p->inputs + 1) * sizeof *c->x);
    c->y = c->y ? c->y : malloc(p->history * INPUT_AMOUNTS * sizeof *c->y);
    c->bound = c->bound ? c->bound : malloc(p->history * sizeof *c->bound);
    if (!c->x || !c->y || !c->bound)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu executions of a code", p->history);
    return ALM_OK;
}

void input_code_free(struct input_code *c)
{
    for (int a = 0; a < INPUT_AMOUNTS; a++)
        conditional_free(c->model[a]);
    free(c->x);
    free(c->y);
    free(c->bound);
    *c = (struct input_code){0};
}

static size_t rows_of(const struct input_plan *p, const struct input_code *c)
{
    return c->seen < p->history ? (size_t)c->seen : p->history;
}

/* ---- learning ---- */

/* The amounts of X into Y[INPUT_AMOUNTS]; which of them are lower bounds into BOUND. False when X tells nothing. */
static bool amounts_of(const struct alm_execution *x, uint32_t resources, double *y, uint8_t *bound)
{
    const uint32_t of_resources = executed_amounts(x, resources, y);
    const bool cut = x->end != ALM_END_DONE;
    bool told = false;
    for (int r = 0; r < ALM_RESOURCES; r++)
        told = told || !isnan(y[r]);
    y[INPUT_DURATION] = told && x->retries == 0 ? alm_seconds(x->finish - x->start) : (double)NAN;
    *bound = (uint8_t)(of_resources | (cut ? 1u << INPUT_DURATION : 0));
    return told;
}

/* The last executions with amount A, oldest first. */
static struct regression_table table_of(const struct input_plan *p, const struct input_code *c, int a)
{
    const size_t n = rows_of(p, c), k = p->inputs;
    for (size_t i = 0; i < n; i++) {
        const size_t at = (size_t)((c->seen - n + i) % p->history);
        memcpy(p->x + i * k, c->x + at * k, k * sizeof *p->x);
        p->y[i] = c->y[at * INPUT_AMOUNTS + (size_t)a];
        p->bound[i] = c->bound[at] & (1u << a);
    }
    return (struct regression_table){n, k, p->x, p->category, p->y, p->bound};
}

/* Fit the model of amount A again, out of all candidates or only the kind chosen before. */
static int fit(const struct input_plan *p, struct input_code *c, int a, bool compare, struct alm_err *e)
{
    struct conditional_options how = {.resolution = a < ALM_RESOURCES ? alm_resolution((enum alm_resource)a) : 1e-3,
                                      .levels = 1,
                                      .level = {p->confidence}};
    if (c->model[a] && !compare) {
        struct conditional_report before;
        conditional_report(c->model[a], &before);
        how.families = 1u << before.family;
    }
    const struct regression_table t = table_of(p, c, a);
    size_t known = 0;
    for (size_t i = 0; i < t.n; i++)
        known += isfinite(t.y[i]) ? 1 : 0;
    if (known < p->min_executions)
        return ALM_OK;
    struct conditional *model;
    const int code = conditional_fit(&t, &how, &model, e);
    if (code == ALM_OK) {
        conditional_free(c->model[a]);
        c->model[a] = model;
    }
    if (code == ALM_OK && how.families == 0) {
        struct conditional_report chosen;
        conditional_report(model, &chosen);
        memcpy(c->loss[a], chosen.loss, sizeof chosen.loss);
    }
    return code;
}

static bool is_due(const struct input_plan *p, const struct input_code *c)
{
    const uint64_t quarter = c->fitted / 4 > 4 ? c->fitted / 4 : 4;
    if (c->fitted == 0)
        return c->seen >= p->min_executions;
    return c->seen - c->fitted >= (quarter < p->refit ? quarter : p->refit);
}

int input_code_learn(const struct input_plan *p, struct input_code *c, const struct alm_execution *x, struct alm_err *e)
{
    double y[INPUT_AMOUNTS];
    uint8_t bound;
    if (x->start == ALM_TIME_NONE || !amounts_of(x, p->resources, y, &bound))
        return ALM_OK;
    ALM_TRY(make_room(p, c, e));
    const size_t at = (size_t)(c->seen % p->history), k = p->inputs;
    if (k > 0)
        memcpy(c->x + at * k, x->input, k * sizeof *c->x);
    memcpy(c->y + at * INPUT_AMOUNTS, y, sizeof y);
    c->bound[at] = bound;
    c->seen++;
    if (!is_due(p, c))
        return ALM_OK;
    const bool compare = c->fitted == 0 || c->seen >= 2 * c->compared;
    for (int a = 0; a < INPUT_AMOUNTS; a++)
        if (a == INPUT_DURATION || (p->resources & ALM_BIT(a)))
            ALM_TRY(fit(p, c, a, compare, e));
    c->fitted = c->seen;
    c->compared = compare ? c->seen : c->compared;
    return ALM_OK;
}

/* ---- keeping ---- */

/* What a saved code begins with; then its rows in use as they lie, x, y and bounds, and the models of SIZE[amount] bytes, 0: none. */
struct kept {
    uint64_t seen, fitted, compared;
    uint64_t size[INPUT_AMOUNTS];
    double loss[INPUT_AMOUNTS][CONDITIONAL_FAMILIES];
};

static struct kept keep(const struct input_code *c)
{
    struct kept k = {.seen = c->seen, .fitted = c->fitted, .compared = c->compared};
    for (int a = 0; a < INPUT_AMOUNTS; a++)
        k.size[a] = c->model[a] ? conditional_size(c->model[a]) : 0;
    memcpy(k.loss, c->loss, sizeof k.loss);
    return k;
}

/* Bytes of N rows as inputs, amounts, bounds. */
struct parts {
    size_t n, x, y;
};

static struct parts parts_of(const struct input_plan *p, size_t n)
{
    return (struct parts){n, n * p->inputs * sizeof(double), n * INPUT_AMOUNTS * sizeof(double)};
}

size_t input_code_size(const struct input_plan *p, const struct input_code *c)
{
    const struct kept k = keep(c);
    const struct parts part = parts_of(p, rows_of(p, c));
    size_t all = sizeof k + part.x + part.y + part.n;
    for (int a = 0; a < INPUT_AMOUNTS; a++)
        all += (size_t)k.size[a];
    return all;
}

void input_code_save(const struct input_plan *p, const struct input_code *c, void *bytes)
{
    const struct kept k = keep(c);
    const struct parts part = parts_of(p, rows_of(p, c));
    char *to = bytes;
    memcpy(to, &k, sizeof k);
    to += sizeof k;
    if (part.n == 0)
        return;
    memcpy(to, c->x, part.x);
    memcpy(to + part.x, c->y, part.y);
    memcpy(to + part.x + part.y, c->bound, part.n);
    to += part.x + part.y + part.n;
    for (int a = 0; a < INPUT_AMOUNTS; a++) {
        if (c->model[a])
            conditional_save(c->model[a], to);
        to += k.size[a];
    }
}

/* Does SIZE hold what K says, and no more? */
static bool fits(const struct input_plan *p, const struct kept *k, size_t size)
{
    const struct input_code counts = {.seen = k->seen};
    const struct parts part = parts_of(p, rows_of(p, &counts));
    const size_t rows = sizeof *k + part.x + part.y + part.n;
    size_t left = size < rows ? 0 : size - rows;
    bool sound = size >= rows && k->fitted <= k->seen && k->compared <= k->fitted;
    for (int a = 0; a < INPUT_AMOUNTS && sound; a++) {
        sound = k->size[a] <= left && (k->seen > 0 || k->size[a] == 0);
        left -= sound ? (size_t)k->size[a] : 0;
    }
    return sound && left == 0;
}

static int read_rows(const struct input_plan *p, const char *from, const struct kept *k, struct input_code *c,
                     struct alm_err *e)
{
    ALM_TRY(make_room(p, c, e));
    const struct parts part = parts_of(p, rows_of(p, c));
    memcpy(c->x, from, part.x);
    memcpy(c->y, from + part.x, part.y);
    memcpy(c->bound, from + part.x + part.y, part.n);
    from += part.x + part.y + part.n;
    for (int a = 0; a < INPUT_AMOUNTS; a++) {
        if (k->size[a])
            ALM_TRY(conditional_load(from, (size_t)k->size[a], p->inputs, &c->model[a], e));
        from += k->size[a];
    }
    return ALM_OK;
}

int input_code_load(const struct input_plan *p, const void *bytes, size_t size, struct input_code *c, struct alm_err *e)
{
    struct kept k = {0};
    *c = (struct input_code){0};
    if (size >= sizeof k)
        memcpy(&k, bytes, sizeof k);
    if (size < sizeof k || !fits(p, &k, size))
        return alm_fail(e, ALM_EDATA, "the saved executions of a code hold counts that cannot be");
    if (k.seen == 0)
        return ALM_OK;
    *c = (struct input_code){.seen = k.seen, .fitted = k.fitted, .compared = k.compared};
    memcpy(c->loss, k.loss, sizeof c->loss);
    const int code = read_rows(p, (const char *)bytes + sizeof k, &k, c, e);
    if (code < 0)
        input_code_free(c);
    return code;
}
