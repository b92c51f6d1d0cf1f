/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulation_window: see the header. */
#include "experiments/simulation_window.h"

#include "almanac/quantity.h"

#include <stdio.h>
#include <string.h>

static void add(char *out, const char *before, const char *word, alm_time value)
{
    char text[ALM_QUANTITY_TEXT];
    const size_t used = strlen(out);
    if (value > 0)
        snprintf(out + used, SIMULATION_WINDOW_TEXT - used, "%s%s %s", used ? before : "", word,
                 alm_print_duration(value, text));
}

char *simulation_window_text(const struct simulation_window *w, alm_time warmup, char *out)
{
    out[0] = '\0';
    add(out, " ", "from", w->from);
    add(out, " ", "until", w->until);
    add(out, ", ", "warmup", warmup);
    return out;
}
