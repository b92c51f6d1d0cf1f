/* SPDX-License-Identifier: GPL-3.0-or-later
 * executed: what an execution that ended says of needs.
 *
 * Meaning.  Mean cores while it ran, peak bytes of memory, bytes a second of I/O and network. What was throttled, was killed, or ran at its
 *           limit is a lower bound. Of an execution that was tried again only memory is known. */
#ifndef ALM_MODELS_EXECUTED_H
#define ALM_MODELS_EXECUTED_H

#include "almanac/execution.h"

/* The amounts of X into Y[ALM_RESOURCES], NaN where not known or not among RESOURCES. Returns ALM_BIT per resource that is a lower bound.
 * All NaN: it never ran, or not to an end. */
uint32_t executed_amounts(const struct alm_execution *x, uint32_t resources, double *y);

#endif
