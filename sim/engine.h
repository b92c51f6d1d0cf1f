/* SPDX-License-Identifier: GPL-3.0-or-later
 * engine: the two engines of the simulated platform, and the options they share.
 *
 * Meaning.  `replay` is for usage traces whose units never meet (machines: none): a sweep, as fast as memory. `world` is for
 *           everything else: machines, contention, invocations. Where both can do a run they give the same samples.
 * Choice.   Each engine is a platform table of its own, so `simulated` only chooses. */
#ifndef ALM_SIM_ENGINE_H
#define ALM_SIM_ENGINE_H

#include "options.h"

#include "almanac/platform.h"

extern const struct alm_platform_ops sim_replay;
extern const struct alm_platform_ops sim_world;

#endif
