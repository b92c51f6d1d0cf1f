/* SPDX-License-Identifier: GPL-3.0-or-later
 * rounds: see the header. */
#include "experiments/sweep/rounds.h"
#include "experiments/sweep/tune.h"
#include "experiments/sweep/until.h"

int rounds_search(struct rounds *r, const struct sweep_plan *p, struct alm_err *e)
{
    struct crew_status s = {0};
    r->ran = true;
    const int code = r->run(p, r->config, &s, e);
    r->total.wanted += s.wanted;
    r->total.skipped += s.skipped;
    r->total.done += s.done + s.failed; /* a set of values that fails is an answer */
    r->total.lost += s.lost;
    r->total.seconds += s.seconds;
    return code < 0 || (!r->once && s.lost == 0) ? code : ALM_NOT_YET;
}

static int choose_all(struct sweep_plan *p, struct rounds *r, struct alm_err *e)
{
    bool grown = false;
    for (size_t i = 0; i < p->spec->tunes; i++) {
        if (p->chosen && p->chosen[i])
            continue;
        const int code = tune_choose(p, i, r, e);
        if (code != ALM_OK)
            return code;
        grown = true;
    }
    return grown && !r->silent ? sweep_plan_write(p, NULL, NULL, e) : ALM_OK;
}

/* Let P have the seeds that its cells ask for. ALM_NOT_YET when one is missing. */
static int grow(struct sweep_plan *p, const struct rounds *r, bool *grown, struct alm_err *e)
{
    struct until_need need;
    *grown = false;
    if (!p->spec->until_metric)
        return ALM_OK;
    const int code = until_look(p, &need, e);
    if (code != ALM_OK || need.wanted == need.seeds)
        return code;
    ALM_TRY(sweep_plan_extra(p, need.wanted - p->spec->seeds, e));
    *grown = true;
    return r->silent ? ALM_OK : sweep_plan_write(p, NULL, NULL, e);
}

/* Cells of the plan, of which SEARCHED is what went before, and EARLIER of the same plan's rounds. */
static void add_status(struct crew_status *total, const struct crew_status *searched, uint64_t earlier,
                       const struct crew_status *s)
{
    *total = *s;
    total->wanted += searched->wanted;
    total->done += searched->done + earlier;
    total->skipped = searched->skipped + (s->skipped > earlier ? s->skipped - earlier : 0);
    total->lost += searched->lost;
}

int rounds_run(struct sweep_plan *p, struct rounds *r, struct crew_status *out, struct alm_err *e)
{
    bool grown = false;
    uint64_t earlier = 0;
    double seconds = 0;
    int code = choose_all(p, r, e);
    *out = r->total;
    if (code != ALM_OK)
        return code;
    ALM_TRY(grow(p, r, &grown, e));
    do {
        struct crew_status s = {0};
        code = r->run(p, r->config, &s, e);
        add_status(out, &r->total, earlier, &s);
        seconds += s.seconds;
        out->seconds = r->total.seconds + seconds;
        earlier += s.done;
        if (code < 0 || r->once)
            return code;
        code = grow(p, r, &grown, e);
    } while (code == ALM_OK && grown);
    return code;
}
