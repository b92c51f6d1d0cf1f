/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_job: see the header. */
#include "cmd/results_job.h"

#include "almanac/table.h"

#include <string.h>

bool results_job_is(const char *path)
{
    struct alm_table *t;
    if (alm_table_open(path, NULL, &t, NULL) < 0)
        return false;
    bool is = strncmp(alm_table_format(t), "results/", 8) == 0;
    alm_table_close(t);
    return is;
}

static const char *baseline_of(const struct results_wishes *w, const struct compare_file *f)
{
    if (w->baseline)
        return w->baseline;
    return f->baseline && *f->baseline ? f->baseline : f->cell[0].policy;
}

int results_job_open(const struct results_wishes *w, struct results_job *out, struct alm_err *e)
{
    struct metric_choice metrics;
    struct metric_wishes names = {.names = w->metrics};
    *out = (struct results_job){0};
    ALM_TRY(compare_file_open(w->file, &out->file, e));
    if (out->file.run)
        return alm_fail(e, ALM_EINVAL,
                        "%s is a run file; the results of an experiment (almanac sweep merge) are right here", w->file);
    if (out->file.source.cells == 0)
        return alm_fail(e, ALM_EDATA, "%s has no cells: nothing to show", w->file);
    ALM_TRY(metric_choice_make(&out->file, &names, &metrics, e));
    struct comparison_request r = {.baseline = baseline_of(w, &out->file),
                                   .metric = metrics.metric,
                                   .metrics = metrics.count,
                                   .tolerance = metrics.tolerance,
                                   .plan = {.draws = (size_t)w->draws, .seed = (uint64_t)w->seed}};
    ALM_TRY(comparison_make(&out->file.source, &r, &out->of, e));
    return results_trade_make(out->of, &r.plan, &out->trade, e);
}

void results_job_close(struct results_job *j)
{
    comparison_free(j->trade);
    comparison_free(j->of);
    compare_file_close(&j->file);
    *j = (struct results_job){0};
}
