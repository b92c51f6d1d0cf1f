/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_text: how instants, spans and columns of a trace are shown to people. */
#ifndef ALMANAC_CMD_TRACE_TEXT_H
#define ALMANAC_CMD_TRACE_TEXT_H

#include "almanac/time.h"

#include <stdbool.h>
#include <stdint.h>

/* "2013-08-12T13:40:46Z", or "86400 s" where the trace has no calendar, into OUT[40]. Returns OUT. */
char *cmd_instant(alm_time t, bool calendar, char out[40]);

/* "300 s to 172800 s (47.9 hours)": two instants and the time between them, into OUT[160]. Returns OUT. */
char *cmd_span(alm_time first, alm_time last, bool calendar, char out[160]);

/* "cpu, memory" for the resources in MASK, into OUT[96]. Returns OUT. */
char *cmd_resources(uint32_t mask, char out[96]);

#endif
