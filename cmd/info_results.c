/* SPDX-License-Identifier: GPL-3.0-or-later
 * info_results: how much of an experiment is in a results file. */
#include "cmd/info.h"
#include "experiments/sweep/results.h"

int cmd_info_results(const char *file, json_t *root, struct alm_err *e)
{
    struct results *r = NULL;
    ALM_TRY(results_open(file, &r, e));
    json_int_t done = 0;
    for (size_t i = 0; i < r->cells; i++)
        done += r->cell[i].done;
    json_object_set_new(root, "cells",
                        json_pack("{s:I, s:I, s:I}", "done", done, "failed", (json_int_t)r->cells - done, "missing",
                                  (json_int_t)r->missing));
    results_close(r);
    return ALM_OK;
}
