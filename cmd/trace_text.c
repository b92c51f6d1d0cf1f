/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_text: instants, spans and columns in words. The header says what. */
#include "cmd/trace_text.h"

#include "almanac/quantity.h"
#include "almanac/resource.h"

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
