/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_list: what spec.c and spec_yaml.c share. Lines and columns count from 0 here; a line < 0 is no place in a file.
 */
#ifndef ALMANAC_TRACES_SPEC_LIST_H
#define ALMANAC_TRACES_SPEC_LIST_H

#include "spec.h"

#include <stdbool.h>

#define ALM_SPEC_TEXT 512

struct alm__spec_entry {
    char *key, *value;
    int line, column;
    bool taken;
};

struct alm_spec {
    char *name, *text; /* of the file; text NULL when there is none */
    struct alm_spec_listener listener;
    struct alm__spec_entry *entry;
    size_t count, room, problems;
    bool unusable; /* not YAML, or not a map */
    char first[ALM_ERR_TEXT];
};

struct alm_spec *alm__spec_new(const char *name, const struct alm_spec_listener *listener); /* NULL: no memory */
struct alm__spec_entry *alm__spec_find(const struct alm_spec *s, const char *key);
int alm__spec_add(struct alm_spec *s, const char *key, const char *value, int line, int column, struct alm_err *e);

/* Tell of a problem, and count it. */
void alm__spec_problem(struct alm_spec *s, int line, int column, const char *what);

/* ALM_EINVAL when there were problems. */
int alm__spec_verdict(const struct alm_spec *s, struct alm_err *e);

#endif
