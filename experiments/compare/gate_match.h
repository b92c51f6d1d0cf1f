/* SPDX-License-Identifier: GPL-3.0-or-later
 * gate_match: which cell of the new file is which of the baseline. */
#ifndef ALM_COMPARE_GATE_MATCH_H
#define ALM_COMPARE_GATE_MATCH_H

#include "experiments/compare/gate.h"

struct gate_match {
    size_t *mate;  /* [cells of the baseline] cell of the new file, or SIZE_MAX */
    size_t *group; /* [cells of the baseline] in order of first appearance */
    size_t groups, extra;
};

/* ALM_EDATA when a file has a cell twice. O(n log n). */
int gate_match_make(const struct compare_source *base, const struct compare_source *value, struct gate_match *out,
                    struct alm_err *e);
void gate_match_free(struct gate_match *m);

#endif
