/* SPDX-License-Identifier: GPL-3.0-or-later
 * store: what was learnt of a code, kept between runs, keyed by (code_id, version).
 *
 * Meaning.  A record is the bytes that a module's `save` gave, under the module's name. */
#ifndef ALMANAC_STORE_H
#define ALMANAC_STORE_H

#include "almanac/module.h"

struct alm_store_key {
    const char *code;    /* code_id */
    const char *version; /* "" when there is none */
    const char *part;    /* whose bytes: "predictor vpa" */
};

struct alm_store_ops {
    struct alm_head head;

    /* Required, all of them. LOCATION is a path or address; NULL or "" where the store needs none. */
    int (*open)(const void *opt, const char *location, void **self, struct alm_err *e);
    void (*close)(void *self);

    /* Replace the record of KEY. */
    int (*put)(void *self, const struct alm_store_key *key, const void *bytes, size_t size, struct alm_err *e);

    /* Copy the record of KEY into BUFFER of *SIZE bytes and set *SIZE to its length (BUFFER NULL: only that).
     * ALM_NOT_YET when there is none; ALM_EINVAL when BUFFER is too small. */
    int (*get)(void *self, const struct alm_store_key *key, void *buffer, size_t *size, struct alm_err *e);

    /* How many records there are. */
    int (*count)(void *self, size_t *out, struct alm_err *e);
};

#endif
