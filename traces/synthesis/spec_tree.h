/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_tree: a YAML map as a tree of nodes, for specifications that are more than a table of options.
 *
 * Meaning.  A node is a value, a list or a map, and has a name: its key, or its number in a list. Nodes are numbers in the
 *           order of the file; 0 is the map itself, nobody's child, and so also says "none".
 * Choice.   The same reader, places and problems as spec.h has; only what stands in lists and maps is not flattened. Who checks
 *           goes by sections and modules, who mends goes down the file: problems wait for the verdict and are told by place.
 * Limits.   Those of spec.h, and 16384 nodes. */
#ifndef ALMANAC_TRACES_SPEC_TREE_H
#define ALMANAC_TRACES_SPEC_TREE_H

#include "spec.h"

#include <stdbool.h>
#include <stddef.h>

enum alm_spec_shape { ALM_SPEC_VALUE, ALM_SPEC_LIST, ALM_SPEC_MAP };

/* As alm_spec_read; problems that leave a tree fail alm_spec_verdict. */
int alm_spec_tree_read(const char *path, const struct alm_spec_listener *listener, struct alm_spec **out,
                       struct alm_err *e);

/* The same from TEXT; NAME stands for the file in problems. */
int alm_spec_tree_parse(const char *text, const char *name, struct alm_spec **out, struct alm_err *e);

const char *alm_spec_text(const struct alm_spec *s); /* of the file */
enum alm_spec_shape alm_spec_shape(const struct alm_spec *s, size_t node);
const char *alm_spec_name(const struct alm_spec *s, size_t node);
const char *alm_spec_value(const struct alm_spec *s, size_t node); /* "" of a list or a map */

/* The child of PARENT named NAME, 0 when there is none; the child after BEFORE (0: the first), 0 after the last; their
 * number. */
size_t alm_spec_child(const struct alm_spec *s, size_t parent, const char *name);
size_t alm_spec_next(const struct alm_spec *s, size_t parent, size_t before);
size_t alm_spec_children(const struct alm_spec *s, size_t parent);

/* "policies.0.name". OUT holds SIZE bytes. Returns OUT. */
char *alm_spec_path(const struct alm_spec *s, size_t node, char *out, size_t size);

/* Note a problem with NODE, to be told as "FILE:LINE:COLUMN: policies.0.name: what", the line and a caret. */
void alm_spec_tell(struct alm_spec *s, size_t node, const char *format, ...) ALM_PRINTF(3, 4);
bool alm_spec_told(const struct alm_spec *s, size_t node); /* is there one of this node? */
bool alm_spec_sound(const struct alm_spec *s);             /* is there none at all? */

/* Tell of each child of the map NODE whose name is not in KNOWN, which NULL ends; suggests the nearest. */
void alm_spec_known(struct alm_spec *s, size_t node, const char *const *known);

/* Tell the problems since the last verdict, in the order of lines and columns, those without a place last. ALM_EINVAL when there
 * ever were some: their number for who has a listener, else the first. */
int alm_spec_verdict(struct alm_spec *s, struct alm_err *e);

#endif
