/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_layout: which cell has which number.
 *
 * Meaning.  Within a trace a number is, from slow to fast: values of the factors that are about all policies, policy with the values
 *           of its own factors, part, seed. A policy that is tuned has fewer parts than the others, or none. Zipped factors are one dimension, at the place of the first of them.
 * Choice.   All cells that differ in part and seed alone share a configuration, whose number is that of the cell without them; its
 *           digest is remembered in a table of fixed size. Each policy is kept configured, with the digest of each of its modules, so
 *           that another value of a factor costs what this value changes. */
#ifndef ALM_SWEEP_PLAN_LAYOUT_H
#define ALM_SWEEP_PLAN_LAYOUT_H

#include "experiments/sweep/plan.h"

#define SWEEP_CELLS_MOST ((uint64_t)1 << 31)
#define SWEEP_DIGESTS 4096
#define SWEEP_MODULES 6 /* the settings, and five kinds of modules */

struct sweep_digest {
    uint64_t configuration; /* its number + 1; 0: none */
    char hex[65];
};

/* A policy with the values of the cell that was asked for last. */
struct sweep_configured {
    bool ready, fresh[SWEEP_MODULES];
    struct simulation_config config;
    char hex[SWEEP_MODULES][65];
};

struct sweep_layout {
    uint64_t shared, width; /* combinations of factors about all policies; the sum of `own` */
    uint64_t *own;          /* [policies]: combinations of factors about this one */
    size_t seeds;
    int64_t next_seed; /* the first of those beside the specification's */
    size_t parts;
    enum sweep_part part[2];
    size_t *from, *parts_of;         /* [policies]: parts_of of `part`, the first of them is `from` */
    uint64_t rows;                   /* the sum of own * parts_of */
    size_t policy_of[64], zip_first; /* of each factor; SIZE_MAX: all, none */
    bool zip_shared;
    size_t policies;
    struct sweep_configured *configured; /* [policies] */
    struct sweep_digest digest[SWEEP_DIGESTS];
};

/* Lay out P, which has its specification: sets layout, cells and per_trace. */
int sweep_layout_make(struct sweep_plan *p, struct alm_err *e);
void sweep_layout_free(struct sweep_layout *l); /* NULL is fine */

/* All of cell NUMBER but its id; the number of its configuration. */
uint64_t sweep_layout_cell(const struct sweep_plan *p, uint64_t number, struct sweep_cell *out);

/* The id of CELL, which has CONFIGURATION. */
int sweep_layout_id(const struct sweep_plan *p, uint64_t configuration, struct sweep_cell *cell, struct alm_err *e);

/* Set the values of the cell's factors in C. */
int sweep_cell_factors(const struct sweep_plan *p, const struct sweep_cell *cell, struct simulation_config *c,
                       struct alm_err *e);

#endif
