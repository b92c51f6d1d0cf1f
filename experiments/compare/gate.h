/* SPDX-License-Identifier: GPL-3.0-or-later
 * gate: may a change go in: the cells of a new file against the same cells of a baseline file.
 *
 * Meaning.  Cells are the same when policy, part, factors, trace and seed are. A row is one metric of one policy with one
 *           value of each factor on one part, over all its traces and seeds:
 *             identical     to the bit, cell by cell and unit by unit
 *             failed        the whole interval lies beyond the tolerance, for the worse
 *             passed        the whole interval lies within it, or is for the better
 *             uncertain     the interval lies on both sides of the tolerance: shown, and no failure
 *             inconclusive  something changed, and fewer than COMPARE_FEW pairs, or no interval, can say what it is worth
 *             shown         the metric has no better side
 *           What cannot be compared is a problem, never a pass: other traces, units or factors, a metric that vanished, no cell in
 *           common. Cells that are missing or failed, here or there, are listed. Cells that are only in the new file are
 *           counted.
 * Choice.   No correction for many metrics: it would only let more pass. p is given beside, adjusted by Holm over all rows. */
#ifndef ALM_COMPARE_GATE_H
#define ALM_COMPARE_GATE_H

#include "experiments/compare/compare_pairs.h"

enum gate_state {
    GATE_IDENTICAL,
    GATE_PASSED,
    GATE_UNCERTAIN,
    GATE_SHOWN,
    GATE_INCONCLUSIVE,
    GATE_FAILED,
    GATE_STATES
};

struct gate_request {
    const size_t *metric; /* figures of both sources */
    size_t metrics;
    const struct compare_tolerance *tolerance; /* [metrics]; NaN counts as 0 */
    const bool *wanted;                        /* [metrics] somebody named it: then it must exist; NULL: none */
    struct compare_plan plan;
    bool allow_inconclusive;
};

struct gate_row {
    size_t group, metric; /* metric: index into gate's */
    enum gate_state state;
    struct compare_statistics s;
    size_t worst; /* cell of the new source; its number of cells when none is worse */
};

struct gate_group {
    char *name; /* "vpa, platform.cores=8, test" */
    size_t pairs;
};

struct gate_lack {
    char *name, *why; /* a cell; "missing", or the reason of its failure */
};

struct gate {
    const struct compare_source *base, *value;
    size_t *metric, metrics;
    struct compare_tolerance *tolerance;
    double level;
    size_t draws;
    struct gate_group *group;
    struct gate_row *row;
    struct gate_lack *lack;
    char **problem;
    size_t groups, rows, lacks, problems, extra, pairs, traces, seeds;
    size_t count[GATE_STATES];
    bool identical; /* every row is */
    bool allow_inconclusive;
    int status; /* 0 pass, 1 failed or inconclusive, 3 incomplete, 4 cannot be compared */
};

/* ALM_EDATA when a file contradicts itself; problems between them are in the result. Sources are borrowed by it. */
int gate_make(const struct compare_source *base, const struct compare_source *value, const struct gate_request *request,
              struct gate **out, struct alm_err *e);
void gate_free(struct gate *g); /* NULL is fine */

const char *gate_state_word(enum gate_state s); /* "passed" */

/* "web.h5, seed 7" of a cell, as people tell cells of one policy apart; OUT holds SIZE bytes. Returns OUT. */
char *gate_cell_name(const struct compare_cell *cell, char *out, size_t size);

#endif
