/* SPDX-License-Identifier: GPL-3.0-or-later
 * azure_names: names of the functions in the Azure Functions data sets.
 *
 * Meaning.  A unit is called APP.FUNCTION, its code FUNCTION. An id of 64 hexadecimal digits is cut to its first 16 in
 *           the name of the unit, where both in full would not fit; other ids stay whole.
 * Choice.   64 bits of each: two functions of one name are not to be expected below 2^32 functions an app. */
#ifndef ALM_TRACES_AZURE_NAMES_H
#define ALM_TRACES_AZURE_NAMES_H

#include "text/rows.h"

#define ALM_AZURE_NAME (2 * ALM_UNIT_NAME)

/* What there is to say of a unit; its name lies in NAME. Ids that do not fit give a name that alm_rows_about refuses. */
struct alm_unit_about alm_azure_unit(const struct alm_field *app, const struct alm_field *function,
                                     char name[ALM_AZURE_NAME]);

#endif
