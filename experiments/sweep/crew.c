/* SPDX-License-Identifier: GPL-3.0-or-later
 * crew: hand out cells to the processes of this host, gather what became of them; count what is there. */
#include "experiments/sweep/crew.h"

#include "experiments/sweep/crew_list.h"

#include <stdlib.h>

/* Hear all hands and give the idle ones work; *busy: how many have some. */
static int serve(struct crew_list *l, struct hands *hands, size_t *busy, struct alm_err *e)
{
    *busy = 0;
    for (size_t k = 0; k < hands->count; k++) {
        const struct hand *h = &hands->hand[k];
        enum hand_outcome o = hand_look(hands, k, e);
        if (o == HAND_ERROR)
            return e->code;
        if (o != HAND_BUSY)
            ALM_TRY(crew_list_note(l, h->number, o, e));
        if (!h->busy)
            ALM_TRY(crew_list_look(l, e));
        if (!h->busy && l->ready) {
            ALM_TRY(hand_give(hands, k, l->next, e));
            l->ready = false;
        }
        *busy += h->busy;
    }
    return ALM_OK;
}

static int work_on(struct crew_list *l, struct hands *hands, struct alm_err *e)
{
    for (;;) {
        size_t busy;
        ALM_TRY(crew_list_pause(l, e));
        ALM_TRY(serve(l, hands, &busy, e));
        ALM_TRY(crew_list_look(l, e));
        if (busy == 0 && !crew_list_more(l))
            return ALM_OK;
        const bool look = !l->ready && crew_list_more(l), give = l->ready && busy < hands->count;
        hands_wait(hands, look || give ? 0 : 1000);
    }
}

int crew_run(const struct sweep_plan *p, const struct crew_config *config, struct crew_status *out, struct alm_err *e)
{
    struct crew_list list;
    ALM_TRY(crew_list_open(&list, p, config, out, e));
    struct hands hands = {.plan = p, .stop = config->stop, .count = config->workers};
    hands.hand = calloc(config->workers, sizeof *hands.hand);
    int code = hands.hand ? work_on(&list, &hands, e)
                          : alm_fail(e, ALM_ENOMEM, "out of memory for %zu workers", config->workers);
    if (hands.hand)
        hands_dismiss(&hands);
    crew_list_close(&list);
    free(hands.hand);
    return code;
}

static int tell_failed(const struct sweep_plan *p, const struct crew_look *look, const struct sweep_cell *cell,
                       struct alm_err *e)
{
    struct cell_result r = {0};
    int code = cell_read(p, cell->id, &r, e);
    if (code == ALM_OK)
        code = look->failed(look->ctx, cell, r.reason, e);
    cell_result_free(&r);
    return code;
}

int crew_look(const struct sweep_plan *p, const struct crew_look *look, struct crew_status *out, struct alm_err *e)
{
    *out = (struct crew_status){.wanted = p->cells};
    for (uint64_t k = 0; k < p->cells; k++) {
        struct sweep_cell cell;
        bool done = false;
        ALM_TRY(sweep_plan_cell(p, k, &cell, e));
        int code = cell_state(p, cell.id, &done, e);
        if (code < 0)
            return code;
        out->done += code == ALM_OK && done;
        out->failed += code == ALM_OK && !done;
        if (code == ALM_OK && !done && look->failed)
            ALM_TRY(tell_failed(p, look, &cell, e));
        if (look->progress)
            look->progress(look->ctx, (double)(k + 1) / (double)p->cells);
    }
    return ALM_OK;
}
