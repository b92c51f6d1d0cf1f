/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_text: how instants, spans and columns of a trace are shown to people. */
#ifndef ALMANAC_CMD_TRACE_TEXT_H
#define ALMANAC_CMD_TRACE_TEXT_H

#include "traces/file/trace_file.h"

#include <jansson.h>

/* "2013-08-12T13:40:46Z", or "86400 s" where the trace has no calendar, into OUT[40]. Returns OUT. */
char *cmd_instant(alm_time t, bool calendar, char out[40]);

/* "300 s to 172800 s (47.9 hours)": two instants and the time between them, into OUT[160]. Returns OUT. */
char *cmd_span(alm_time first, alm_time last, bool calendar, char out[160]);

/* "cpu, memory" for the resources in MASK, into OUT[96]. Returns OUT. */
char *cmd_resources(uint32_t mask, char out[96]);

/* "4: wait, memory; 2 inputs": the invocations of a trace and what is known of them, into OUT[384]. Returns OUT. */
char *cmd_invocations(const struct alm_trace_summary *s, char out[384]);

/* Print a line for people on the behaviour in a trace, unless there is none. */
void cmd_behaviour_print(const struct alm_trace_summary *s);

/* The names of the fields in MASK, bits 1 << enum alm_invocation_field. */
json_t *cmd_fields_json(uint32_t mask);

#endif
