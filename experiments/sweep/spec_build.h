/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_build: what reading the parts of a specification shares.
 *
 * Choice.   Wrong text is told at its place and reading goes on; only running out of memory stops it, and stays in `code`. */
#ifndef ALM_SWEEP_SPEC_BUILD_H
#define ALM_SWEEP_SPEC_BUILD_H

#include "experiments/sweep/spec.h"
#include "traces/synthesis/spec_tree.h"

#define SWEEP_PATH 128    /* of a setting */
#define SWEEP_LIST 1024   /* things in a list */
#define SWEEP_FACTORS 64u /* as in struct sweep_cell */

struct spec_builder {
    struct alm_spec *y;
    struct sweep_spec *s;
    struct alm_err *e;
    int code;
};

/* Make room for one more in ARRAY, which holds COUNT of SIZE bytes; the new one is zeroed. NULL when there is no memory. */
void *spec_more(struct spec_builder *b, void *array, size_t count, size_t size);

char *spec_copy(struct spec_builder *b, const char *text); /* NULL when there is no memory */

/* The text of a plain value; NULL, and told, when NODE is a list or a map, or empty. Belongs to the tree. */
const char *spec_plain(struct spec_builder *b, size_t node);

/* A value, or a list of values joined by '/', into OUT[ALM_OPT_STRING]. */
bool spec_joined(struct spec_builder *b, size_t node, char *out);

/* "name:key=value,..." of a text or a map. DEF is the name where a map has none; NULL: it must have one. */
void spec_module(struct spec_builder *b, size_t node, const char *def, struct sweep_module *out);

/* Call FN for each value or list below the map NODE, with its path from there. */
void spec_leaves(struct spec_builder *b, size_t node,
                 void (*fn)(struct spec_builder *b, const char *path, size_t leaf, void *ctx), void *ctx);

/* "PATH=VALUE" for each leaf below NODE. */
void spec_settings(struct spec_builder *b, size_t node, struct sweep_set **set, size_t *sets);

/* Numbers; what is wrong is told and leaves OUT alone. */
void spec_whole(struct spec_builder *b, size_t node, int64_t min, int64_t max, int64_t *out);
void spec_duration(struct spec_builder *b, size_t node, alm_time *out);
void spec_share(struct spec_builder *b, size_t node, double *out); /* > 0; "2%", "2 %", "0.02" */

/* Is NODE there, and a map (a list)? Told when it is something else. */
bool spec_map(struct spec_builder *b, size_t node);
bool spec_list(struct spec_builder *b, size_t node);

/* Is there room for one more in a list of COUNT? */
bool spec_room(struct spec_builder *b, size_t node, size_t count);

/* The parts. */
void spec_traces(struct spec_builder *b, size_t node);
void spec_policies(struct spec_builder *b, size_t node);
void spec_factors(struct spec_builder *b, size_t node);
void spec_seeds(struct spec_builder *b, size_t node);
void spec_split(struct spec_builder *b, size_t node);
void spec_metrics(struct spec_builder *b, size_t node);
void spec_baseline(struct spec_builder *b, size_t node);
void spec_tolerances(struct spec_builder *b, size_t node);
void spec_until(struct spec_builder *b, size_t node);
void spec_tune(struct spec_builder *b, size_t node);

/* The policy NAME; told at NODE when there is none. */
const char *spec_policy_name(struct spec_builder *b, size_t node, const char *name);

void spec_tune_free(struct sweep_tune *t);
void spec_traces_free(struct sweep_trace *trace, size_t traces);

/* Replace patterns of traces by the files they match, name those without a name, and tell of what is not there. */
int spec_find_traces(struct sweep_spec *s, struct alm_err *e);

#endif
