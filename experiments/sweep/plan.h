/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan: a specification expanded to cells: one simulation each.
 *
 * Meaning.  A cell is one policy with one value of each factor on one part of one trace with one seed. Its id is the first 32 hex
 *           digits of the SHA-256 of what decides its result: the resolved configuration with all defaults, the seed, the
 *           trace's digest, the units and the window taken of it, and the version of almanac.
 *           DIR/plan.json holds the specification's text, the version, and the digest of each trace; DIR/cells.ndjson one line a
 *           cell, in the order trace, factors, policy, factors of this policy alone, part, seed (the last fastest). Planning
 *           again into the same folder replaces both; cells that stay have the same ids, so what was done for them stays done.
 *           Where a trace lies is kept as seen from DIR, unless the specification has an absolute path.
 *           A policy that is tuned has no cells before its values are chosen, and then those of the part `test` alone; plan.json
 *           keeps the choice.
 * Choice.   A cell follows from its number alone, so nothing is kept of it: 100 000 cells need the memory of one. Reading a plan
 *           reads the specification again; patterns of traces keep what they matched. cells.ndjson is for people, and for
 *           launchers that count lines. Names of traces, policies and files are not part of an id: equal work is one cell.
 * Limits.   2^31 cells. A plan is used by one thread at a time: it remembers digests of configurations. */
#ifndef ALM_SWEEP_PLAN_H
#define ALM_SWEEP_PLAN_H

#include "experiments/simulation.h"
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
    bool *chosen;              /* [tunes]: its policy has the values that were found; NULL: none has */
    struct sweep_layout *layout;
    const volatile int *stop; /* writing it ends when this is set; NULL: never */
};

struct sweep_cell {
    uint64_t number;
    char id[SWEEP_ID];
    size_t trace, policy;   /* index in the specification */
    const char *factor[64]; /* text of each factor's value; NULL: it is not about this policy */
    enum sweep_part part;
    int64_t seed;
};

/* Expand SPEC, which the plan owns from here on, also after a failure. It is tried out, and every trace is read once for its
 * digest: ALM_EINVAL after all problems were told, each with its place. */
int sweep_plan_make(struct sweep_spec *spec, const char *dir, struct sweep_plan **out, struct alm_err *e);

/* Of each part of a trace in which nothing would be scored, since it has no such unit, is too short or all warm-up, HEAR(ctx, text)
 * is called: its cells will fail, or have no figures. Traces are opened. */
int sweep_plan_check(const struct sweep_plan *p, void (*hear)(void *ctx, const char *text), void *ctx,
                     struct alm_err *e);

/* Write plan.json and cells.ndjson; both appear whole or not at all, cells first. The folder is made where it is missing.
 * PROGRESS (0 .. 1) may be NULL. ALM_EINTR when it was stopped: then nothing is written. */
int sweep_plan_write(const struct sweep_plan *p, void (*progress)(void *ctx, double done), void *ctx,
                     struct alm_err *e);

/* Read DIR/plan.json. ALM_EDATA when there is none. The version is that of the plan, perhaps of another almanac: who runs cells
 * compares it. Traces are not opened. */
int sweep_plan_read(const char *dir, struct sweep_plan **out, struct alm_err *e);
void sweep_plan_free(struct sweep_plan *p); /* NULL is fine */

/* Let each policy have COUNT seeds beside those of the specification: the numbers after the largest of these. Cells get new numbers,
 * and keep their ids. ALM_EINVAL when there would be too many. */
int sweep_plan_extra(struct sweep_plan *p, size_t count, struct alm_err *e);

/* Give the policy of TUNE its values, one for each parameter: they stand behind its other settings. Its cells get into the plan, which
 * numbers all anew. It must not have been done before. */
int sweep_plan_choose(struct sweep_plan *p, size_t tune, const char *const *value, struct alm_err *e);

/* The value that was chosen for PARAMETER; NULL when none was. */
const char *sweep_plan_chosen(const struct sweep_plan *p, size_t tune, size_t parameter);

/* Cell NUMBER < cells. cost  some 50 us when its configuration has to be resolved for the id, 1 us when it was before. */
int sweep_plan_cell(const struct sweep_plan *p, uint64_t number, struct sweep_cell *out, struct alm_err *e);

/* What of its trace a cell takes. Of the parts: train is (0, warmup + train], test (train, train + warmup + test], counted from the
 * trace's begin; in both the first `warmup` is not scored. The pattern belongs to P. */
void sweep_cell_window(const struct sweep_plan *p, const struct sweep_cell *cell, struct simulation_window *out);

/* The configuration of a cell, without its trace and window; release with simulation_config_free, also after a failure. */
int sweep_cell_config(const struct sweep_plan *p, const struct sweep_cell *cell, struct simulation_config *out,
                      struct alm_err *e);

/* The command that runs the cell alone, for people: "almanac simulate -t ... ". OUT holds SIZE bytes. Returns OUT. */
char *sweep_cell_command(const struct sweep_plan *p, const struct sweep_cell *cell, char *out, size_t size);

/* Of this program, as plans and cells have it: "0.1.0 1a2b3c4". */
const char *sweep_version(void);

const char *sweep_part_word(enum sweep_part part); /* "whole", "train", "test" */

#endif
