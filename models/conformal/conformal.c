/* SPDX-License-Identifier: GPL-3.0-or-later
 * conformal: trackers by unit, resource and side. The header says what.
 *
 * Choice.   The offset in force is kept, so that an envelope is moved in constant time, and moved back by the same. */
#include "conformal.h"

#include "resolution.h"
#include "saved.h"

#include <math.h>
#include <string.h>

#define FIRST_RATIO 0.6931471805599453 /* log 2: before the first outcome */
#define FEW 10                         /* of so many scores the spread means nothing yet */
#define LEAST_RATE 1e-6
#define LEAST_MIN 0.125 /* of max: a min below says nothing of the scale of usage */
#define ZERO 1e-6       /* of the resolution: usage that is as good as none */

/* Of one resource and side; the rule's block follows, then the sorted window. */
struct tracker {
    double offset;
    uint64_t zeros; /* outcomes until a usage of 0 is forgotten */
};

struct layout {
    size_t own, side[SCORE_SIDES], each; /* bytes; `each`: of one resource */
    size_t capacity[SCORE_SIDES];
};

static size_t up(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

static double rate_of(const struct conformal_opt *o, enum score_side side)
{
    return side == SCORE_UPPER ? 1 - o->confidence : alm_lower_tail(o->confidence);
}

static double needed(double rate)
{
    return ceil(1 / rate - 1e-6) - 1;
}

static struct layout layout_of(const struct conformal_rule *rule, const void *opt, const struct alm_env *env)
{
    const struct conformal_opt *o = opt;
    const size_t window = (size_t)o->window, enough = (size_t)needed(rate_of(o, SCORE_UPPER));
    struct layout l = {.own = rule->size ? up(rule->size(opt, env)) : 0,
                       .capacity = {[SCORE_UPPER] = window > enough ? window : enough, [SCORE_LOWER] = window}};
    for (int side = 0; side < SCORE_SIDES; side++) {
        l.side[side] = up(sizeof(struct tracker)) + l.own + up(alm_sorted_window_size(l.capacity[side]));
        l.each += l.side[side];
    }
    return l;
}

static struct tracker *tracker_of(const struct layout *l, const struct alm_units *u, size_t i, enum score_side side,
                                  enum alm_resource r)
{
    const size_t k = (size_t)__builtin_popcount(u->env->resources & (ALM_BIT(r) - 1));
    char *unit = alm_unit_state(u, i);
    return (struct tracker *)(void *)(unit + k * l->each + (side == SCORE_LOWER ? l->side[SCORE_UPPER] : 0));
}

static struct alm_sorted_window *window_of(const struct layout *l, struct tracker *t)
{
    return (struct alm_sorted_window *)(void *)((char *)t + up(sizeof *t) + l->own);
}

static struct conformal_side side_of(const struct layout *l, const struct alm_units *u, struct tracker *t,
                                     enum score_side side, enum alm_resource r)
{
    const struct conformal_opt *o = u->opt;
    return (struct conformal_side){.opt = o,
                                   .env = u->env,
                                   .as = {(enum score)o->score, side, r, t->zeros > 0},
                                   .rate = rate_of(o, side),
                                   .scores = window_of(l, t),
                                   .own = (char *)t + up(sizeof *t)};
}

size_t conformal_enough(const struct conformal_side *s)
{
    const size_t enough = (size_t)needed(s->rate);
    return enough < s->scores->capacity ? enough : s->scores->capacity;
}

/* An exponential tail through the largest score reaches log(1 / rate) / log(n + 1) times as far at RATE. */
static double extrapolated(const struct conformal_side *s, double rate)
{
    const double *sorted = alm_sorted_window_view(s->scores);
    const size_t n = s->scores->count;
    const double largest = sorted[n - 1], far = log(1 / fmax(rate, LEAST_RATE)) / log((double)n + 1);
    double reach = largest - sorted[(n - 1) / 2];
    if (n < FEW)
        reach = fmax(reach, fabs(largest));
    return largest + (fmax(far, (double)n < needed(s->rate) ? 2 : 1) - 1) * reach;
}

double conformal_quantile(const struct conformal_side *s, double rate)
{
    const size_t n = s->scores->count;
    const double rank = ceil(((double)n + 1) * (1 - rate) - 1e-9);
    if (n == 0)
        return s->as.score == SCORE_RATIO ? FIRST_RATIO : 0;
    if (rank > (double)n)
        return extrapolated(s, rate);
    return alm_sorted_window_view(s->scores)[rank < 1 ? 0 : (size_t)rank - 1];
}

static double offset_of(const struct conformal_rule *rule, const struct conformal_side *s)
{
    const double limit = score_limit(s->as.score);
    return fmin(fmax(rule->offset(s), -limit), limit);
}

size_t conformal_state_size(const struct conformal_rule *rule, const void *opt, const struct alm_env *env)
{
    return layout_of(rule, opt, env).each * (size_t)__builtin_popcount(env->resources);
}

void conformal_init(const struct conformal_rule *rule, const struct alm_units *u)
{
    const struct layout l = layout_of(rule, u->opt, u->env);
    for (size_t i = 0; i < u->count; i++)
        for (uint32_t left = u->env->resources; left; left &= left - 1)
            for (int side = 0; side < SCORE_SIDES; side++) {
                const enum alm_resource r = (enum alm_resource)__builtin_ctz(left);
                struct tracker *t = tracker_of(&l, u, i, (enum score_side)side, r);
                struct conformal_side s = side_of(&l, u, t, (enum score_side)side, r);
                alm_sorted_window_init(window_of(&l, t), l.capacity[side]);
                if (rule->init)
                    rule->init(&s);
                t->offset = offset_of(rule, &s);
            }
}

/* ---- moving ---- */

/* By how much the tracker moves a side of an envelope that begins at FROM; and how: before the first outcome a difference
 * has no scale, so a ratio is taken. */
static double shift(const struct conformal_rule *rule, struct conformal_side *s, const struct tracker *t, alm_time from)
{
    if (s->scores->count == 0) {
        s->as.score = SCORE_RATIO;
        return FIRST_RATIO;
    }
    const double limit = score_limit(s->as.score);
    const bool whole = !rule->forecast || fabs(t->offset) >= limit; /* nothing takes from all that is believed */
    return whole ? t->offset : fmin(fmax(t->offset + rule->forecast(s, from), -limit), limit);
}

static void adjust_resource(const struct conformal_rule *rule, const struct layout *l, const struct alm_units *u,
                            size_t i, enum alm_resource r, struct alm_envelope *v)
{
    const struct conformal_opt *o = u->opt;
    struct tracker *upper = tracker_of(l, u, i, SCORE_UPPER, r), *lower = tracker_of(l, u, i, SCORE_LOWER, r);
    struct conformal_side above = side_of(l, u, upper, SCORE_UPPER, r), below = side_of(l, u, lower, SCORE_LOWER, r);
    const double n = (double)above.scores->count;
    const double rise = shift(rule, &above, upper, v->from), fall = shift(rule, &below, lower, v->from);
    const double base = fmax(v->min[r], LEAST_MIN * v->max[r]);
    v->max[r] = score_move(above.as, v->max[r], rise);
    v->min[r] = score_below(score_move(below.as, base, fall), v->max[r]);
    v->confidence[r] = n >= needed(above.rate) ? o->confidence : (n > 0 ? n / (n + 1) : NAN);
}

void conformal_adjust(const struct conformal_rule *rule, const struct alm_units *u, struct alm_envelope *envelope)
{
    const struct layout l = layout_of(rule, u->opt, u->env);
    for (size_t i = 0; i < u->count; i++)
        for (uint32_t left = envelope[i].has & u->env->resources; left; left &= left - 1)
            adjust_resource(rule, &l, u, i, (enum alm_resource)__builtin_ctz(left), &envelope[i]);
}

/* ---- learning ---- */

struct seen {
    double value;
    bool held; /* usage stopped at the limit */
};

/* What the outcome says of R; false: nothing. */
static bool see(const struct alm_outcome *o, enum alm_resource r, struct seen *seen)
{
    const double max = o->envelope.max[r];
    seen->held = (o->censored & ALM_BIT(r)) || (r == ALM_MEMORY && o->oom_kills > 0);
    seen->value = (o->seen & ALM_BIT(r)) ? alm_outcome_value(o, r) : max;
    if (!(o->envelope.has & ALM_BIT(r)) || !(seen->held || (o->seen & ALM_BIT(r))) || !isfinite(seen->value) ||
        seen->value < 0)
        return false;
    const bool cut = o->until < o->envelope.until;
    return !cut || seen->held || ((o->envelope.peak & ALM_BIT(r)) && seen->value > max);
}

/* What the outcome is to one side; false: nothing. */
static bool judge(const struct conformal_rule *rule, const struct conformal_side *s, const struct alm_outcome *o,
                  const struct seen *seen, const struct tracker *t, struct conformal_news *news)
{
    const enum alm_resource r = s->as.resource;
    const bool upper = s->as.side == SCORE_UPPER;
    struct conformal_side moved = *s;
    const double by = shift(rule, &moved, t, o->envelope.from), y = seen->value;
    const double max = o->envelope.max[r], min = o->envelope.min[r], end = upper ? max : min;
    news->from = o->envelope.from;
    news->unbounded = upper && seen->held;
    news->miss = news->unbounded || (upper ? y > end : y < end);
    if (!upper && (o->until < o->envelope.until || (seen->held && news->miss)))
        return false;
    news->score = score_of(s->as, y, score_move_back(moved.as, upper ? max : score_below_back(min, max), by));
    if (news->unbounded)
        news->score += score_bump(s->as, y);
    return true;
}

static void learn_side(const struct conformal_rule *rule, const struct layout *l, const struct alm_units *u, size_t i,
                       const struct score_as *as, const struct alm_outcome *o, const struct seen *seen)
{
    struct tracker *t = tracker_of(l, u, i, as->side, as->resource);
    struct conformal_side s = side_of(l, u, t, as->side, as->resource);
    struct alm_sorted_window *w = window_of(l, t);
    struct conformal_news news;
    if (!judge(rule, &s, o, seen, t, &news))
        return;
    s.bump = score_bump(s.as, seen->value);
    t->zeros = seen->value > ZERO * alm_resolution(as->resource) ? t->zeros - (t->zeros > 0) : w->capacity;
    if (rule->forecast)
        news.score -= rule->forecast(&s, news.from);
    if (news.unbounded && rule->ranks && w->count > 0)
        news.score = fmax(news.score, alm_sorted_window_view(w)[w->count - 1]);
    if (rule->learn)
        rule->learn(&s, &news);
    alm_sorted_window_put(w, news.score);
    t->offset = offset_of(rule, &s);
}

void conformal_feedback(const struct conformal_rule *rule, const struct alm_units *u, const struct alm_outcome *outcome)
{
    const struct layout l = layout_of(rule, u->opt, u->env);
    for (size_t i = 0; i < u->count; i++)
        for (uint32_t left = outcome[i].samples ? u->env->resources : 0; left; left &= left - 1) {
            const enum alm_resource r = (enum alm_resource)__builtin_ctz(left);
            struct seen seen;
            if (!see(&outcome[i], r, &seen))
                continue;
            for (int side = 0; side < SCORE_SIDES; side++)
                learn_side(rule, &l, u, i, &(struct score_as){.side = (enum score_side)side, .resource = r},
                           &outcome[i], &seen);
        }
}

/* ---- keeping ---- */

static struct alm_saved_as saved_as(const struct conformal_rule *rule, const struct alm_units *u)
{
    uint64_t made_with = alm_fingerprint(0, &u->env->resources, sizeof u->env->resources);
    made_with = alm_fingerprint(made_with, &u->env->interval, sizeof u->env->interval);
    made_with = alm_fingerprint(made_with, u->opt, rule->opt_size);
    return (struct alm_saved_as){.module = rule->saved_as, .version = 1, .made_with = made_with};
}

int conformal_save(const struct conformal_rule *rule, const struct alm_units *u, size_t i, void *buffer, size_t *size,
                   struct alm_err *e)
{
    const struct alm_saved_as as = saved_as(rule, u);
    return alm_saved_write(&as, alm_unit_state(u, i), conformal_state_size(rule, u->opt, u->env), buffer, size, e);
}

int conformal_load(const struct conformal_rule *rule, const struct alm_units *u, size_t i, const void *buffer,
                   size_t size, struct alm_err *e)
{
    const struct alm_saved_as as = saved_as(rule, u);
    const size_t bytes = conformal_state_size(rule, u->opt, u->env);
    const void *state;
    ALM_TRY(alm_saved_read(&as, buffer, size, bytes, &state, e));
    memcpy(alm_unit_state(u, i), state, bytes);
    return ALM_OK;
}
