/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_list: what spec.c and spec_yaml.c share. Lines and columns count from 0 here; a line < 0 is no place in a file.
 */
#ifndef ALMANAC_TRACES_SPEC_LIST_H
#define ALMANAC_TRACES_SPEC_LIST_H

#include "spec.h"
#include "spec_tree.h"

#include <stdbool.h>

#define ALM_SPEC_TEXT 512

struct alm__spec_entry {
    char *key, *value;
    int line, column;
    bool taken;

    /* of a tree, where `key` is the node's own name */
    enum alm_spec_shape shape;
    size_t parent, end; /* what is below it are the nodes up to `end` */
    bool told;          /* a problem of it */
};

/* A problem that is not told yet. */
struct alm__spec_held {
    int line, column;
    size_t order;
    char *text;
};

struct alm_spec {
    char *name, *text; /* of the file; text NULL when there is none */
    struct alm_spec_listener listener;
    struct alm__spec_entry *entry;
    size_t count, room, problems;
    struct alm__spec_held *held;
    size_t helds, held_room;
    bool unusable; /* not YAML, or not a map */
    bool tree;     /* entries are nodes; the first is the map itself */
    char first[ALM_ERR_TEXT];
};

struct alm_spec *alm__spec_new(const char *name, const struct alm_spec_listener *listener); /* NULL: no memory */
struct alm__spec_entry *alm__spec_find(const struct alm_spec *s, const char *key);
struct alm__spec_entry *alm__spec_child(const struct alm_spec *s, size_t parent, const char *name);
int alm__spec_add(struct alm_spec *s, const char *key, const char *value, int line, int column, struct alm_err *e);

/* Tell of a problem, and count it; of a tree it is held until the verdict. */
void alm__spec_problem(struct alm_spec *s, int line, int column, const char *what);

/* Tell what is held, in the order of the file, without a place last; ALM_EINVAL when there were problems. */
int alm__spec_verdict(struct alm_spec *s, struct alm_err *e);

#endif
