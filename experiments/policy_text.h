/* SPDX-License-Identifier: GPL-3.0-or-later
 * policy_text: a policy written on one line, "vpa + envelope:margin=5%", read back.
 *
 * Meaning.  Parts joined by " + ", in any order, each a module with its options. The kind of a part is that which has a module
 *           of this name; where two kinds have one, the kind is written before it: "predictor none".
 * Choice.   simulation_policy_text leaves out what is as a new configuration has it, and so does this: parts that are not named
 *           stay as they are.
 * Limits.   An option's value cannot hold " + ". */
#ifndef ALM_EXPERIMENTS_POLICY_TEXT_H
#define ALM_EXPERIMENTS_POLICY_TEXT_H

#include "experiments/simulation.h"

/* Choose the modules that TEXT names in C. KINDS (may be NULL) gets the bits 1 << enum alm_kind of those named. Parts before a
 * failure stay chosen. ALM_EINVAL: an unknown or doubtful name, two parts of one kind, no part, or a wrong option. */
int policy_text_parse(const char *text, struct simulation_config *c, unsigned *kinds, struct alm_err *e);

#endif
