/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulation_window: the time of a trace that a run scored, as text: two runs with the same text scored the same time.
 *
 * Meaning.  "from 12h until 1d, warmup 1h"; "" is all of the trace. Units are not in it: their names tell them.
 * Choice.   Text, since it is compared, stored and shown, and nobody computes with it. */
#ifndef ALM_EXPERIMENTS_SIMULATION_WINDOW_H
#define ALM_EXPERIMENTS_SIMULATION_WINDOW_H

#include "experiments/simulation.h"

#define SIMULATION_WINDOW_TEXT 128

/* Returns OUT, which holds SIMULATION_WINDOW_TEXT bytes. */
char *simulation_window_text(const struct simulation_window *w, alm_time warmup, char *out);

#endif
