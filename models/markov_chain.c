/* SPDX-License-Identifier: GPL-3.0-or-later
 * markov_chain: states, counts, quantiles. The header says what.
 *
 * Choice.   Behind the head lie the tables of counts, whether each value of the history followed the one before it, the latest values of each
 *           state in order of size, and the history. */
#include "markov_chain.h"

#include "quantile.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LOSSES 512 /* of about so many intervals the order is chosen by */

struct chain {
    uint32_t cuts;  /* states are one more */
    uint32_t since; /* values since the cuts were made */
    uint32_t run;   /* values since the last gap, up to the order */
    uint32_t judged;
    uint32_t recent[CHAIN_ORDER_MOST]; /* states, the newest first */
    uint32_t pad;
    double cut[CHAIN_STATES_MOST]; /* ascending: a state's largest value */
    double loss[CHAIN_SIDES][CHAIN_ORDER_MOST + 1];
};

struct layout {
    size_t table[CHAIN_ORDER_MOST + 1], joined, samples, each, history, size; /* bytes */
};

static size_t up(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

static struct layout layout_of(const struct chain_shape *s)
{
    struct layout l = {.each = up(alm_sorted_window_size(s->samples))};
    size_t at = up(sizeof(struct chain)), rows = 1;
    for (size_t m = 0; m <= s->order; m++, rows *= s->states) {
        l.table[m] = at;
        at += rows * s->states * sizeof(uint16_t);
    }
    l.joined = at;
    l.samples = up(at + s->history);
    l.history = l.samples + s->states * l.each;
    l.size = up(l.history + alm_sorted_window_size(s->history));
    return l;
}

static uint16_t *table_of(struct chain *c, const struct layout *l, size_t order)
{
    return (uint16_t *)(void *)((char *)c + l->table[order]);
}

static uint8_t *joined_of(struct chain *c, const struct layout *l)
{
    return (uint8_t *)c + l->joined;
}

static struct alm_sorted_window *samples_of(struct chain *c, const struct layout *l, size_t state)
{
    return (struct alm_sorted_window *)(void *)((char *)c + l->samples + state * l->each);
}

static struct alm_sorted_window *history_of(struct chain *c, const struct layout *l)
{
    return (struct alm_sorted_window *)(void *)((char *)c + l->history);
}

static const struct alm_sorted_window *history_view(const struct chain *c, const struct chain_shape *s)
{
    const struct layout l = layout_of(s);
    return (const struct alm_sorted_window *)(const void *)((const char *)c + l.history);
}

size_t chain_size(const struct chain_shape *s)
{
    return layout_of(s).size;
}

void chain_init(struct chain *c, const struct chain_shape *s)
{
    const struct layout l = layout_of(s);
    for (size_t k = 0; k < s->states; k++)
        alm_sorted_window_init(samples_of(c, &l, k), s->samples);
    alm_sorted_window_init(history_of(c, &l), s->history);
}

size_t chain_count(const struct chain *c, const struct chain_shape *s)
{
    return history_view(c, s)->count;
}

double chain_largest(const struct chain *c, const struct chain_shape *s)
{
    const struct alm_sorted_window *h = history_view(c, s);
    return alm_sorted_window_view(h)[h->count - 1];
}

/* ---- states ---- */

static uint32_t state_of(const struct chain *c, double value)
{
    uint32_t k = 0;
    while (k < c->cuts && value > c->cut[k])
        k++;
    return k;
}

/* Where to cut near CENTRE, between place - 1 and place; 0: nowhere, all values there are equal. Of equal gaps the nearest to the centre. */
static size_t widest_gap(const double *sorted, size_t n, size_t centre, size_t half)
{
    size_t best = 0;
    double widest = 0;
    for (size_t away = 0; away <= 2 * half; away++) {
        const size_t step = (away + 1) / 2;
        if (away % 2 ? step >= centre : centre + step >= n)
            continue;
        const size_t place = away % 2 ? centre - step : centre + step;
        const double gap = sorted[place] - sorted[place - 1];
        if (place > 0 && gap > widest) {
            widest = gap;
            best = place;
        }
    }
    return best;
}

static void cut(struct chain *c, const struct chain_shape *s, const double *sorted, size_t n)
{
    c->cuts = 0;
    for (size_t k = 1; k < s->states; k++) {
        const size_t centre = k * n / s->states,
                     place = centre ? widest_gap(sorted, n, centre, n / (2 * s->states)) : 0;
        if (place == 0)
            continue;
        double at = sorted[place - 1] + (sorted[place] - sorted[place - 1]) / 2;
        at = at < sorted[place] ? at : sorted[place - 1];
        if (c->cuts == 0 || at > c->cut[c->cuts - 1])
            c->cut[c->cuts++] = at;
    }
}

/* ---- counts ---- */

/* The row of the table of ORDER that follows the last states. */
static size_t row_of(const struct chain *c, const struct chain_shape *s, size_t order)
{
    size_t row = 0;
    for (size_t k = order; k > 0; k--)
        row = row * s->states + c->recent[k - 1];
    return row * s->states;
}

static void count(struct chain *c, const struct chain_shape *s, const struct layout *l, double value, bool joined)
{
    const uint32_t state = state_of(c, value);
    c->run = joined ? c->run : 0;
    for (size_t m = 0; m <= s->order && m <= c->run; m++) {
        uint16_t *cell = table_of(c, l, m) + row_of(c, s, m) + state;
        *cell = (uint16_t)(*cell + (*cell < UINT16_MAX));
    }
    alm_sorted_window_put(samples_of(c, l, state), value);
    for (size_t k = CHAIN_ORDER_MOST - 1; k > 0; k--)
        c->recent[k] = c->recent[k - 1];
    c->recent[0] = state;
    c->run += c->run < s->order;
}

static void learn_anew(struct chain *c, const struct chain_shape *s, const struct layout *l)
{
    const struct alm_sorted_window *h = history_of(c, l);
    const uint8_t *joined = joined_of(c, l);
    const size_t first = h->count < h->capacity ? 0 : h->next;
    cut(c, s, alm_sorted_window_view(h), h->count);
    memset((char *)c + l->table[0], 0, l->joined - l->table[0]);
    for (size_t k = 0; k < s->states; k++)
        samples_of(c, l, k)->count = samples_of(c, l, k)->next = 0;
    c->since = 0;
    for (size_t k = 0; k < h->count; k++) {
        const size_t at = (first + k) % h->capacity;
        count(c, s, l, h->value[at], k > 0 && joined[at]);
    }
}

/* ---- quantiles ---- */

/* The chances of each state by ORDER, or by the highest below it that knows enough. */
static void chances(const struct chain *c, const struct chain_shape *s, const struct layout *l, size_t order,
                    double *chance)
{
    const uint16_t *share = (const uint16_t *)(const void *)((const char *)c + l->table[0]), *row = share;
    uint32_t all = 0, seen = 0;
    for (size_t k = 0; k < s->states; k++)
        all += share[k];
    for (size_t m = order < c->run ? order : c->run; m > 0; m--) {
        row = (const uint16_t *)(const void *)((const char *)c + l->table[m]) + row_of(c, s, m);
        seen = 0;
        for (size_t k = 0; k < s->states; k++)
            seen += row[k];
        if (seen >= s->least)
            break;
        row = share;
    }
    if (row == share)
        seen = all;
    for (size_t k = 0; k < s->states; k++)
        chance[k] = (row[k] + s->smoothing * share[k] / all) / (seen + s->smoothing);
}

double chain_quantile_by(const struct chain *c, const struct chain_shape *s, size_t side, size_t order)
{
    const struct layout l = layout_of(s);
    double chance[CHAIN_STATES_MOST] = {0}, below = 0;
    size_t state = 0;
    chances(c, s, &l, order, chance);
    for (size_t k = 0; k < s->states; k++) {
        if (!(chance[k] > 0))
            continue;
        below += k > state ? chance[state] : 0;
        state = k;
        if (below + chance[k] >= s->level[side])
            break;
    }
    const struct alm_sorted_window *w =
        (const struct alm_sorted_window *)(const void *)((const char *)c + l.samples + state * l.each);
    const double within = (s->level[side] - below) / chance[state];
    return alm_quantile_type7(alm_sorted_window_view(w), w->count, fmin(fmax(within, 0), 1));
}

double chain_quantile(const struct chain *c, const struct chain_shape *s, size_t side)
{
    size_t best = 0;
    for (size_t m = 1; m <= s->order; m++)
        best = c->loss[side][m] < c->loss[side][best] ? m : best;
    return chain_quantile_by(c, s, side, best);
}

static void judge(struct chain *c, const struct chain_shape *s, double value)
{
    c->judged += c->judged < LOSSES;
    for (size_t side = 0; side < CHAIN_SIDES; side++)
        for (size_t m = 0; m <= s->order; m++) {
            const double f = chain_quantile_by(c, s, side, m), p = s->level[side];
            const double loss = value > f ? p * (value - f) : (1 - p) * (f - value);
            c->loss[side][m] += (loss - c->loss[side][m]) / c->judged;
        }
}

void chain_put(struct chain *c, const struct chain_shape *s, double value)
{
    const struct layout l = layout_of(s);
    struct alm_sorted_window *h = history_of(c, &l);
    if (!isfinite(value)) {
        c->run = 0;
        return;
    }
    if (h->count > 0)
        judge(c, s, value);
    const bool joined = c->run > 0;
    joined_of(c, &l)[h->next] = joined;
    alm_sorted_window_put(h, value);
    const size_t half = h->count / 2;
    if (++c->since >= s->every || c->since >= half)
        learn_anew(c, s, &l);
    else
        count(c, s, &l, value, joined);
}

bool chain_sound(const void *bytes, const struct chain_shape *s)
{
    const struct layout l = layout_of(s);
    struct chain c;
    struct alm_sorted_window w;
    memcpy(&c, bytes, sizeof c);
    if (c.cuts >= s->states || c.run > s->order)
        return false;
    for (size_t k = 0; k < CHAIN_ORDER_MOST; k++)
        if (c.recent[k] >= s->states)
            return false;
    for (size_t k = 0; k <= s->states; k++) {
        const size_t capacity = k < s->states ? s->samples : s->history;
        memcpy(&w, (const char *)bytes + l.samples + k * l.each, sizeof w);
        if (w.capacity != capacity || w.count > capacity || w.next >= capacity)
            return false;
    }
    return true;
}
