/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_invocations: the options of the generator `invocations` under which it makes a load like the one of a trace.
 *
 * Meaning.  Rate and Zipf exponent of codes; arrivals by the hour where the course of the day is plain, else a process
 *           that switches between two rates where counts disperse far more than gaps explain (fit_mmpp), else renewal by
 *           the law of gaps over their mean; amounts by the law of values over the mean of their code, and a lognormal spread of
 *           code means; inputs by their own laws; an amount depends on the input that explains most of its logarithm, when
 *           that is a tenth.
 * Choice.   Laws by AIC (fit_law). Work is what duration is where a trace has no work: one core, never waiting.
 * Limits.   Lost is what codes do not share: each its own hours, laws and inputs; that popular codes may be the small ones;
 *           amounts that belong together; phases, versions, drift; bursts on top of a course of the day. */
#ifndef ALM_FIT_INVOCATIONS_H
#define ALM_FIT_INVOCATIONS_H

#include "fit_compare.h"
#include "fit_load.h"

#include <stdio.h>

/* The specification as YAML, with comments. SOURCE names the trace. */
int alm_fit_invocations_write(const struct alm_load *l, const char *source, FILE *out, struct alm_err *e);

/* Append what two loads have in common. */
int alm_load_compare(const struct alm_load *real, const struct alm_load *made, struct alm_fit_report *out,
                     struct alm_err *e);

extern const char *const alm__load_word[ALM__LOAD_AMOUNTS];

#endif
