/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_run: see the header. */
#include "experiments/figure_run.h"

#include "almanac/quantity.h"

void alm__run_title(FILE *out, const struct alm_run *run)
{
    char title[1100], policy[512], trace[256];
    alm__figure_text(policy, sizeof policy, run->policy[0] ? run->policy : "unknown policy", 90);
    alm__figure_text(trace, sizeof trace, run->trace_name[0] ? run->trace_name : "an unnamed trace", 40);
    snprintf(title, sizeof title, "%s on %s%s", policy, trace, run->oracle ? " [oracle: sees the future]" : "");
    alm__script_text(out, "title_text", title, 140);
}

int alm__run_choose_range(const struct alm_run *run, const struct alm_figure_options *o, alm_time first, alm_time last,
                          alm_time *from, alm_time *to, struct alm_err *e)
{
    char length[ALM_QUANTITY_TEXT];
    *from = first;
    *to = last;
    if (o->from)
        ALM_TRY(alm__parse_instant(o->from, first, from, e));
    if (o->to)
        ALM_TRY(alm__parse_instant(o->to, first, to, e));
    if (*from < *to && *from<last && * to> first)
        return ALM_OK;
    return alm_fail(e, ALM_EINVAL,
                    "%s: from %.12g s to %.12g s there is nothing: the run was seen from %.12g s to %.12g s (%s)",
                    alm_table_path(run->table), alm_seconds(*from), alm_seconds(*to), alm_seconds(first),
                    alm_seconds(last), alm_print_about(last - first, length));
}

int64_t alm__run_every(const struct alm_run *run, const char *name)
{
    int64_t every = 1;
    bool there = alm_table_get_int(run->table, "/", name, &every, NULL) == ALM_OK;
    return there && every > 0 ? every : 1;
}
