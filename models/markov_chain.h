/* SPDX-License-Identifier: GPL-3.0-or-later
 * markov_chain: what comes after what, in a series of amounts, and the quantiles of what comes next.
 *
 * Meaning.  Values are sorted into states, numbered from small to large. How often a state came after the last 0, 1, 2, 3 states is counted: one
 *           table an order. The next state has the chances (count + s * share) / (sum of counts + s), share that of the state among
 *           all values, s the smoothing; a table whose row was seen fewer than `least` times leaves the word to the order below. A quantile of the next
 *           value is one of the latest values of the state that it falls into, since states do not overlap.
 *           The order that speaks is the one whose forecasts had the least pinball loss, of late, on each side.
 * Choice.   A cut between states is at the widest gap of the values within half a state around each quantile k / states: levels of which each
 *           takes at least 1 / states of the time are never thrown together. Cuts are made anew, and everything counted again from the
 *           history, after each doubling of the history and then after every `every` values.
 *           To choose the order by its loss keeps chance repetitions from ruling a series that has no order: the lowest wins there.
 * Limits.   Three states back: in a longer run of equal values nobody knows where it ends. A gap begins a new sequence.
 * Source.   Prediction by partial matching with back-off: J. G. Cleary, I. H. Witten, IEEE Trans. Communications 32 (1984); Markov chains of
 *           quantised demand: Z. Gong, X. Gu, J. Wilkes, "PRESS", CNSM (2010). */
#ifndef ALM_MODELS_MARKOV_CHAIN_H
#define ALM_MODELS_MARKOV_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

enum { CHAIN_STATES_MOST = 16, CHAIN_ORDER_MOST = 3, CHAIN_SIDES = 2, CHAIN_HISTORY_MOST = 50000 };

struct chain_shape {
    size_t history, every; /* values */
    size_t states, order;  /* 1 .. the most */
    size_t samples;        /* kept of each state */
    size_t least;          /* how often a row must have been seen */
    double smoothing;
    double level[CHAIN_SIDES]; /* that are asked for: of the two, which speaks is chosen apart */
};

struct chain; /* plain bytes, chain_size() of them, aligned to 16 */

size_t chain_size(const struct chain_shape *s);
void chain_init(struct chain *c, const struct chain_shape *s); /* zeroed before */

/* The next value; one that is not finite is missing and begins a new sequence. */
void chain_put(struct chain *c, const struct chain_shape *s, double value);

/* How many values the history holds, and the largest of them (n > 0). */
size_t chain_count(const struct chain *c, const struct chain_shape *s);
double chain_largest(const struct chain *c, const struct chain_shape *s);

/* The quantile of the next value at level[SIDE], by the order that is best on this side; chain_count > 0. */
double chain_quantile(const struct chain *c, const struct chain_shape *s, size_t side);

/* Likewise by ORDER, 0 .. s->order, for those who compare. */
double chain_quantile_by(const struct chain *c, const struct chain_shape *s, size_t side, size_t order);

/* Whether BYTES (not aligned) can be a chain of shape S. */
bool chain_sound(const void *bytes, const struct chain_shape *s);

#endif
