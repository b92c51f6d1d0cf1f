/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan: a specification expanded to cells: one simulation each.
 *
 * Meaning.  A cell is one policy with one value of each factor on one part of one trace with one seed. Its id is the first 32 hex
 *           digits of the SHA-256 of what decides its result: the resolved configuration with all defaults, the seed, the
 *           trace's digest, the units and the window taken of it, and the version of almanac.
 *           DIR/plan.json holds the specification's text, the version, and the digest of each trace; DIR/cells.ndjson one line a
 *           cell, in the order trace, factors, policy, part, seed (the last fastest). Planning again into the same folder
 *           replaces both; cells that stay have the same ids, so what was done for them stays done.
 * Choice.   A cell follows from its number alone, so nothing is kept of it: 100 000 cells need the memory of one. Reading a plan
 *           reads the specification again. cells.ndjson is for people, and for launchers that count lines.
 * Limits.   2^31 cells. */
#ifndef ALM_SWEEP_PLAN_H
#define ALM_SWEEP_PLAN_H

#include "experiments/sweep/spec.h"

#include <stdint.h>

enum sweep_part { SWEEP_WHOLE, SWEEP_TRAIN, SWEEP_TEST };

#define SWEEP_ID 33 /* with NUL */

struct sweep_plan {
    struct sweep_spec *spec;
    char *dir, *version;       /* version: alm_version() and alm_git_id() */
    char (*sha256)[65];        /* of each trace */
    char **trace_path;         /* of each trace, as it can be opened from the present folder */
    uint64_t cells, per_trace; /* cells: in all */
    size_t extra_seeds;        /* beside those of the specification: `until` */
};

struct sweep_cell {
    uint64_t number;
    char id[SWEEP_ID];
    size_t trace, policy;   /* index in the specification */
    const char *factor[64]; /* text of each factor's value; NULL: it is not about this policy */
    enum sweep_part part;
    int64_t seed;
};

struct simulation_config;

/* Expand SPEC, which the plan owns from here on, also after a failure. Every trace is read once for its digest; every policy with
 * every factor is configured once, so that mistakes are found here. ALM_EINVAL names policy, factor and value. */
int sweep_plan_make(struct sweep_spec *spec, const char *dir, struct sweep_plan **out, struct alm_err *e);

/* Write plan.json and cells.ndjson; both appear whole or not at all, cells first. The folder is made where it is missing.
 * PROGRESS (0 .. 1) may be NULL. */
int sweep_plan_write(const struct sweep_plan *p, void (*progress)(void *ctx, double done), void *ctx,
                     struct alm_err *e);

/* Read DIR/plan.json. ALM_EDATA when there is none. The version is that of the plan, perhaps of another almanac: who runs cells
 * compares it. Traces are not opened. */
int sweep_plan_read(const char *dir, struct sweep_plan **out, struct alm_err *e);
void sweep_plan_free(struct sweep_plan *p); /* NULL is fine */

/* Cell NUMBER < cells. cost  some 100 us: its configuration is resolved for the id. */
int sweep_plan_cell(const struct sweep_plan *p, uint64_t number, struct sweep_cell *out, struct alm_err *e);

/* The configuration of a cell; release with simulation_config_free, also after a failure. */
int sweep_cell_config(const struct sweep_plan *p, const struct sweep_cell *cell, struct simulation_config *out,
                      struct alm_err *e);

/* The command that runs the cell alone, for people: "almanac simulate -t ... ". OUT holds SIZE bytes. Returns OUT. */
char *sweep_cell_command(const struct sweep_plan *p, const struct sweep_cell *cell, char *out, size_t size);

const char *sweep_part_word(enum sweep_part part); /* "whole", "train", "test" */

#endif
