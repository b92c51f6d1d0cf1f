/* SPDX-License-Identifier: GPL-3.0-or-later
 * gate: see the header. */
#include "experiments/compare/gate.h"

#include "experiments/compare/gate_match.h"
#include "experiments/statistics/multiple.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *gate_state_word(enum gate_state s)
{
    static const char *const word[] = {"identical", "passed", "uncertain", "shown", "inconclusive", "failed"};
    return word[s];
}

char *gate_cell_name(const struct compare_cell *cell, char *out, size_t size)
{
    snprintf(out, size, "%s, seed %" PRId64, cell->trace, cell->seed);
    return out;
}

/* Each is said once. */
static int problem(struct gate *g, struct alm_err *e, const char *format, ...) ALM_PRINTF(3, 4);
static int problem(struct gate *g, struct alm_err *e, const char *format, ...)
{
    char text[ALM_ERR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (size_t k = 0; k < g->problems; k++)
        if (strcmp(g->problem[k], text) == 0)
            return ALM_OK;
    char **more = realloc(g->problem, (g->problems + 1) * sizeof *more), *copy = strdup(text);
    g->problem = more ? more : g->problem;
    if (!more || !copy) {
        free(copy);
        return alm_fail(e, ALM_ENOMEM, "out of memory for a problem");
    }
    g->problem[g->problems++] = copy;
    return ALM_OK;
}

/* "vpa, platform.cores=8, test"; "whole" is not worth a word. */
static char *group_name(const struct compare_source *s, const struct compare_cell *cell)
{
    char text[1024];
    size_t at = (size_t)snprintf(text, sizeof text, "%s", cell->policy);
    for (size_t k = 0; k < s->factors && at < sizeof text; k++)
        if (cell->factor[k][0])
            at += (size_t)snprintf(text + at, sizeof text - at, ", %s=%s", s->factor[k], cell->factor[k]);
    if (strcmp(cell->part, "whole") != 0 && at < sizeof text)
        snprintf(text + at, sizeof text - at, ", %s", cell->part);
    return strdup(text);
}

/* An empty one, to be filled; NULL: no memory. */
static struct gate_lack *one_more(struct gate *g)
{
    struct gate_lack *more = realloc(g->lack, (g->lacks + 1) * sizeof *more);
    if (!more)
        return NULL;
    g->lack = more;
    g->lack[g->lacks] = (struct gate_lack){NULL, NULL};
    return &g->lack[g->lacks++];
}

static int lack(struct gate *g, size_t cell, const char *why, struct alm_err *e)
{
    char text[1200], where[200];
    const struct compare_cell *c = &g->base->cell[cell];
    char *group = group_name(g->base, c);
    struct gate_lack *x = group ? one_more(g) : NULL;
    if (x) {
        snprintf(text, sizeof text, "%s on %s", group, gate_cell_name(c, where, sizeof where));
        *x = (struct gate_lack){strdup(text), strdup(why)};
    }
    free(group);
    return x && x->name && x->why ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for a missing cell");
}

/* Cells that were planned and are in neither list. */
static int absent(struct gate *g, const struct compare_source *s, struct alm_err *e)
{
    char text[100];
    if (s->absent == 0)
        return ALM_OK;
    struct gate_lack *x = one_more(g);
    if (!x)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a missing cell");
    snprintf(text, sizeof text, "%" PRIu64 " cells of the plan", s->absent);
    x->name = strdup(text);
    if (!x->name || asprintf(&x->why, "missing from %s", s->path) < 0)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a missing cell");
    return ALM_OK;
}

/* Fills PAIR with what can be paired of group K; says what cannot. */
static int pair_group(struct gate *g, const struct gate_match *m, size_t k, struct compare_pair *pair, size_t *count,
                      struct alm_err *e)
{
    char why[ALM_ERR_TEXT];
    *count = 0;
    for (size_t i = 0; i < g->base->cells; i++) {
        if (m->group[i] != k)
            continue;
        const struct compare_cell *a = &g->base->cell[i];
        const struct compare_cell *b = m->mate[i] == SIZE_MAX ? NULL : &g->value->cell[m->mate[i]];
        if (!g->group[k].name && !(g->group[k].name = group_name(g->base, a)))
            return alm_fail(e, ALM_ENOMEM, "out of memory for a group");
        if (!b) {
            ALM_TRY(lack(g, i, "missing", e));
        } else if (!a->done || !b->done) {
            const char *reason = b->done ? a->reason : b->reason;
            snprintf(why, sizeof why, "failed%s%s%s", b->done ? " in the baseline" : "", reason && *reason ? ": " : "",
                     reason ? reason : "");
            ALM_TRY(lack(g, i, why, e));
        } else if (strcmp(a->sha256, b->sha256) != 0) {
            ALM_TRY(problem(g, e, "trace %s is another one: its SHA-256 was %.12s, and is %.12s", a->trace, a->sha256,
                            b->sha256));
        } else if (a->window && b->window && strcmp(a->window, b->window) != 0) {
            ALM_TRY(problem(g, e, "%s: another time of trace %s is scored: it was %s, and is %s", g->group[k].name,
                            a->trace, *a->window ? a->window : "all", *b->window ? b->window : "all"));
        } else {
            pair[(*count)++] = (struct compare_pair){i, m->mate[i]};
        }
    }
    return ALM_OK;
}

static enum gate_state state_of(const struct compare_statistics *s, enum metrics_better better)
{
    if (s->identical)
        return GATE_IDENTICAL;
    if (better == METRICS_NEITHER)
        return GATE_SHOWN;
    if (s->n < COMPARE_FEW || isnan(s->excess.low) || isnan(s->excess.high))
        return GATE_INCONCLUSIVE;
    if (s->excess.low > 0)
        return GATE_FAILED;
    return s->excess.high <= 0 ? GATE_PASSED : GATE_UNCERTAIN;
}

static int add_row(struct gate *g, size_t group, size_t metric, const struct compare_pair *pair, size_t pairs,
                   const struct compare_statistics *s, struct alm_err *e)
{
    const struct compare_figure *f = &g->base->figure[g->metric[metric]];
    if (s->vanished)
        ALM_TRY(problem(g, e, "%s of %s has vanished in %zu of %zu cells", f->name, g->group[group].name, s->vanished,
                        pairs));
    if (s->pairs == 0)
        return ALM_OK;
    struct gate_row *more = realloc(g->row, (g->rows + 1) * sizeof *more);
    if (!more)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu rows", g->rows + 1);
    g->row = more;
    g->row[g->rows++] = (struct gate_row){.group = group,
                                          .metric = metric,
                                          .state = state_of(s, f->better),
                                          .s = *s,
                                          .worst = s->worst < pairs ? pair[s->worst].value : g->value->cells};
    g->traces = s->traces > g->traces ? s->traces : g->traces;
    g->seeds = s->seeds > g->seeds ? s->seeds : g->seeds;
    return ALM_OK;
}

static int one_group(struct gate *g, const struct gate_match *m, size_t k, const struct gate_request *q,
                     struct compare_pair *pair, struct compare_statistics *s, struct alm_err *e)
{
    size_t pairs;
    ALM_TRY(pair_group(g, m, k, pair, &pairs, e));
    struct compare_set set = {g->base, g->value, pair, pairs};
    struct alm_err mine = {0};
    int code = compare_pairs(&set, g->metric, g->metrics, g->tolerance, &q->plan, s, &mine);
    if (code == ALM_EDATA)
        return problem(g, e, "%s: %s", g->group[k].name, mine.text);
    if (code < 0)
        return alm_fail(e, mine.code, "%s", mine.text);
    g->group[k].pairs = pairs;
    g->pairs += pairs;
    for (size_t i = 0; i < g->metrics; i++)
        ALM_TRY(add_row(g, k, i, pair, pairs, &s[i], e));
    return ALM_OK;
}

static int all_groups(struct gate *g, const struct gate_match *m, const struct gate_request *q, struct alm_err *e)
{
    struct compare_pair *pair = calloc(g->base->cells + 1, sizeof *pair);
    struct compare_statistics *s = calloc(g->metrics + 1, sizeof *s);
    g->group = calloc(m->groups + 1, sizeof *g->group);
    g->groups = m->groups;
    g->extra = m->extra;
    int code = pair && s && g->group ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", g->base->cells);
    for (size_t k = 0; code >= 0 && k < m->groups; k++)
        code = one_group(g, m, k, q, pair, s, e);
    free(pair);
    free(s);
    return code;
}

static int adjust(struct gate *g, struct alm_err *e)
{
    double *p = calloc(g->rows + 1, sizeof *p);
    if (!p)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu rows", g->rows);
    for (size_t i = 0; i < g->rows; i++)
        p[i] = g->row[i].s.p;
    int code = p_adjust(MULTIPLE_HOLM, p, g->rows, p, e);
    for (size_t i = 0; code >= 0 && i < g->rows; i++)
        g->row[i].s.p_adjusted = p[i];
    free(p);
    return code;
}

/* A metric that somebody named, and no pair has, was not checked. */
static int check_wanted(struct gate *g, const struct gate_request *q, struct alm_err *e)
{
    for (size_t k = 0; q->wanted && k < g->metrics; k++) {
        bool seen = false;
        for (size_t i = 0; i < g->rows; i++)
            seen = seen || g->row[i].metric == k;
        if (q->wanted[k] && !seen && g->pairs > 0)
            ALM_TRY(problem(g, e, "no cell has %s, so it cannot be checked", g->base->figure[g->metric[k]].name));
    }
    return ALM_OK;
}

static void conclude(struct gate *g, const struct gate_request *q)
{
    for (size_t i = 0; i < g->rows; i++)
        g->count[g->row[i].state]++;
    g->identical = g->rows > 0 && g->count[GATE_IDENTICAL] == g->rows && g->lacks == 0 && g->problems == 0;
    bool failed = g->count[GATE_FAILED] > 0 || (g->count[GATE_INCONCLUSIVE] > 0 && !q->allow_inconclusive);
    g->status = g->problems > 0 ? 4 : g->lacks > 0 ? 3 : failed ? 1 : 0;
}

static int same_factors(struct gate *g, struct alm_err *e)
{
    bool same = g->base->factors == g->value->factors;
    for (size_t k = 0; same && k < g->base->factors; k++)
        same = strcmp(g->base->factor[k], g->value->factor[k]) == 0;
    return same ? ALM_OK : problem(g, e, "the files have other factors: cells cannot be told to be the same");
}

static int make(struct gate *g, const struct gate_request *q, struct alm_err *e)
{
    struct gate_match m;
    g->metric = calloc(q->metrics + 1, sizeof *g->metric);
    g->tolerance = calloc(q->metrics + 1, sizeof *g->tolerance);
    if (!g->metric || !g->tolerance)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu metrics", q->metrics);
    g->metrics = q->metrics;
    g->allow_inconclusive = q->allow_inconclusive;
    g->level = q->plan.level > 0 ? q->plan.level : COMPARE_LEVEL;
    g->draws = q->plan.draws ? q->plan.draws : COMPARE_DRAWS;
    for (size_t k = 0; k < q->metrics; k++) {
        g->metric[k] = q->metric[k];
        if (!isnan(q->tolerance[k].amount)) /* else it stays 0 */
            g->tolerance[k] = q->tolerance[k];
    }
    ALM_TRY(absent(g, g->base, e));
    ALM_TRY(absent(g, g->value, e));
    ALM_TRY(same_factors(g, e));
    if (g->problems == 0) {
        ALM_TRY(gate_match_make(g->base, g->value, &m, e));
        int code = all_groups(g, &m, q, e);
        gate_match_free(&m);
        ALM_TRY(code);
        ALM_TRY(adjust(g, e));
        ALM_TRY(check_wanted(g, q, e));
    }
    if (g->rows == 0 && g->lacks == 0 && g->problems == 0)
        ALM_TRY(problem(g, e, "nothing could be compared: %s has %zu cells, %s has %zu", g->base->path, g->base->cells,
                        g->value->path, g->value->cells));
    conclude(g, q);
    return ALM_OK;
}

int gate_make(const struct compare_source *base, const struct compare_source *value, const struct gate_request *request,
              struct gate **out, struct alm_err *e)
{
    struct gate *g = calloc(1, sizeof *g);
    if (!g)
        return alm_fail(e, ALM_ENOMEM, "out of memory to compare two files");
    g->base = base;
    g->value = value;
    int code = make(g, request, e);
    if (code < 0) {
        gate_free(g);
        return code;
    }
    *out = g;
    return ALM_OK;
}

void gate_free(struct gate *g)
{
    if (!g)
        return;
    for (size_t k = 0; g->group && k < g->groups; k++)
        free(g->group[k].name);
    for (size_t k = 0; k < g->lacks; k++) {
        free(g->lack[k].name);
        free(g->lack[k].why);
    }
    for (size_t k = 0; k < g->problems; k++)
        free(g->problem[k]);
    free(g->group);
    free(g->row);
    free(g->lack);
    free(g->problem);
    free(g->metric);
    free(g->tolerance);
    free(g);
}
