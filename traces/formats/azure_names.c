/* SPDX-License-Identifier: GPL-3.0-or-later
 * azure_names: join and cut ids. */
#include "azure_names.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

enum { DIGITS = 64, KEPT = 16 };

/* How many bytes of an id belong into a name. */
static int kept(const struct alm_field *id)
{
    for (size_t i = 0; i < id->size; i++)
        if (id->size != DIGITS || !isxdigit((unsigned char)id->at[i]))
            return id->size < ALM_UNIT_NAME ? (int)id->size : ALM_UNIT_NAME;
    return KEPT < id->size ? KEPT : (int)id->size;
}

struct alm_unit_about alm_azure_unit(const struct alm_field *app, const struct alm_field *function,
                                     char name[ALM_AZURE_NAME])
{
    int size = snprintf(name, ALM_AZURE_NAME, "%.*s.%.*s", kept(app), app->at, kept(function), function->at);
    size_t room = ALM_AZURE_NAME - 1;
    return (struct alm_unit_about){.name = {name, (size_t)size < room ? (size_t)size : room},
                                   .code = *function,
                                   .cores = (double)NAN,
                                   .memory = (double)NAN};
}
