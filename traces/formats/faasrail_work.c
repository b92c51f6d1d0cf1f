/* SPDX-License-Identifier: GPL-3.0-or-later
 * faasrail_work: check and take apart a record. */
#include "faasrail_work.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB 0x1p20
#define HASH_LEAST 6 /* hexadecimal digits behind the last '-' that are taken for a hash */

/* Bytes of "disk-seq" in "disk-seq-0ebf93f8938852c". */
static size_t without_hash(const char *id)
{
    const char *dash = strrchr(id, '-');
    if (!dash || dash == id || strlen(dash + 1) < HASH_LEAST)
        return strlen(id);
    for (const char *p = dash + 1; *p; p++)
        if (!isxdigit((unsigned char)*p))
            return strlen(id);
    return (size_t)(dash - id);
}

static int take_amounts(const json_t *record, struct alm_work *w, struct alm_err *e)
{
    const json_t *memory = json_object_get(record, "mem_mib");
    w->mean = json_number_value(json_object_get(record, "mean")) / 1000;
    w->memory = json_is_number(memory) ? json_number_value(memory) * MIB : (double)NAN;
    if (!(w->mean >= 0 && w->mean <= 1e8))
        return alm_fail(e, ALM_EDATA, "a mean of %g s: 0 to 1e8 is right", w->mean);
    if (w->memory < 0 || w->memory > 1e15)
        return alm_fail(e, ALM_EDATA, "mem_mib of %g: 0 to 1e9 is right", w->memory / MIB);
    return ALM_OK;
}

static int take_texts(const char *bench, const char *payload, struct alm_work *w, struct alm_err *e)
{
    json_error_t wrong;
    w->payload = json_loads(payload, JSON_DECODE_ANY, &wrong);
    if (!w->payload)
        return alm_fail(e, ALM_EDATA, "the payload is not JSON: %s", wrong.text);
    w->name = without_hash(bench);
    w->id = strdup(bench);
    if (asprintf(&w->key, "%.*s\n%s", (int)w->name, bench, payload) < 0)
        w->key = NULL;
    return w->id && w->key ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for a payload");
}

int alm_work_of(const json_t *record, struct alm_work *out, struct alm_err *e)
{
    struct alm_work w = {0};
    const char *bench = json_string_value(json_object_get(record, "bench"));
    const char *payload = json_string_value(json_object_get(record, "payload"));
    if (!bench || !*bench || !payload || !json_is_number(json_object_get(record, "mean")))
        return alm_fail(e, ALM_EDATA, "an object {\"mean\": ms, \"bench\": \"name\", \"payload\": \"JSON\"} is right");
    int code = take_amounts(record, &w, e);
    if (code >= 0)
        code = take_texts(bench, payload, &w, e);
    if (code < 0)
        alm_work_free(&w);
    else
        *out = w;
    return code;
}

void alm_work_free(struct alm_work *w)
{
    free(w->key);
    free(w->id);
    json_decref(w->payload);
}
