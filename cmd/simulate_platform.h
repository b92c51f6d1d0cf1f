/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulate_platform: what `simulate` prints of invocations and machines, where a run has them. */
#ifndef ALM_CMD_SIMULATE_PLATFORM_H
#define ALM_CMD_SIMULATE_PLATFORM_H

#include "experiments/simulation.h"

#include <stdio.h>

/* Tables for people, each behind an empty line; nothing where there is nothing. */
void simulate_platform_text(const struct simulation_result *r, FILE *out);

/* Rows "invocations,NAME,VALUE", "invocations.class.N,NAME,VALUE" and "machines,NAME,VALUE". */
void simulate_platform_csv(const struct simulation_result *r, FILE *out);

#endif
