/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_note: what the writers of specifications share. */
#ifndef ALM_FIT_NOTE_H
#define ALM_FIT_NOTE_H

#include "almanac/quantity.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

/* "start: DATE" where times are calendar times, else the time from 0. */
static inline void alm__fit_write_start(alm_time start, bool calendar, FILE *out)
{
    char text[ALM_QUANTITY_TEXT];
    time_t seconds = (time_t)(start / ALM_SECOND);
    struct tm date;
    if (calendar && gmtime_r(&seconds, &date) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &date))
        fprintf(out, "start: %s\n", text);
    else
        fprintf(out, "start: %s\n", alm_print_duration(start > 0 ? start : 0, text));
}

#endif
