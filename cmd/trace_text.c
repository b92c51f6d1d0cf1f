/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_text: instants, spans and columns in words. The header says what. */
#include "cmd/trace_text.h"

#include "almanac/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

char *cmd_instant(alm_time t, bool calendar, char out[40])
{
    time_t second = (time_t)(alm_time_floor(t, ALM_SECOND) / ALM_SECOND);
    struct tm tm;
    if (calendar && gmtime_r(&second, &tm) && strftime(out, 40, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
        return out;
    snprintf(out, 40, "%.10g s", alm_seconds(t));
    return out;
}

char *cmd_span(alm_time first, alm_time last, bool calendar, char out[160])
{
    char from[40], to[40], length[ALM_QUANTITY_TEXT];
    snprintf(out, 160, "%s to %s (%s)", cmd_instant(first, calendar, from), cmd_instant(last, calendar, to),
             alm_print_about(last - first, length));
    return out;
}

char *cmd_resources(uint32_t mask, char out[96])
{
    size_t used = 0;
    out[0] = '\0';
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (mask & ALM_BIT(r))
            used += (size_t)snprintf(out + used, 96 - used, "%s%s", used ? ", " : "",
                                     alm_resource_name((enum alm_resource)r));
    return out;
}

char *cmd_invocations(const struct alm_trace_summary *s, char out[384])
{
    size_t used = (size_t)snprintf(out, 384, "%" PRIu64, s->invocations), none = used;
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        if (s->fields & ALM_BIT(f))
            used += (size_t)snprintf(out + used, 384 - used, "%s%s", used == none ? ": " : ", ",
                                     alm_trace_field_name((enum alm_invocation_field)f));
    if (s->inputs > 0)
        snprintf(out + used, 384 - used, "; %zu input%s", s->inputs, s->inputs == 1 ? "" : "s");
    return out;
}

void cmd_behaviour_print(const struct alm_trace_summary *s)
{
    if (s->records > 0)
        printf("behaviour   %" PRIu64 " record%s of %zu function%s\n", s->records, s->records == 1 ? "" : "s",
               s->functions - 1, s->functions == 2 ? "" : "s");
}

json_t *cmd_fields_json(uint32_t mask)
{
    json_t *names = json_array();
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        if (mask & ALM_BIT(f))
            json_array_append_new(names, json_string(alm_trace_field_name((enum alm_invocation_field)f)));
    return names;
}
