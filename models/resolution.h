/* SPDX-License-Identifier: GPL-3.0-or-later
 * resolution: amounts too small to matter, by resource: added to both sides of a quotient, they keep idle units from ruling it. */
#ifndef ALM_MODELS_RESOLUTION_H
#define ALM_MODELS_RESOLUTION_H

#include "almanac/resource.h"

/* Cores, bytes, bytes per second. */
static inline double alm_resolution(enum alm_resource r)
{
    static const double amount[ALM_RESOURCES] = {1e-3, 1048576, 1024, 1024, 1024, 1024};
    return amount[r];
}

#endif
