/* SPDX-License-Identifier: GPL-3.0-or-later
 * faasrail_work: a function of FaaSRail with a payload, as specifications and measurements write it.
 *
 * Meaning.  {"mean": ms, "bench": "name-hash", "payload": "JSON text", "mem_mib": MiB}; the hash stands in specifications
 *           alone, the memory in measurements alone. */
#ifndef ALM_TRACES_FAASRAIL_WORK_H
#define ALM_TRACES_FAASRAIL_WORK_H

#include "almanac/error.h"

#include <jansson.h>
#include <stddef.h>

struct alm_work {
    char *key;           /* "name\npayload" */
    size_t name;         /* bytes of the name */
    char *id;            /* name with its hash */
    json_t *payload;     /* parsed */
    double mean, memory; /* seconds, bytes; NaN: not known */
};

/* What RECORD says. ALM_EDATA says what would be right; the text has no file in it. Give OUT to alm_work_free. */
int alm_work_of(const json_t *record, struct alm_work *out, struct alm_err *e);
void alm_work_free(struct alm_work *w);

#endif
