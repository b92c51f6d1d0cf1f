/* SPDX-License-Identifier: GPL-3.0-or-later
 * crew_list: the cells still to be done. */
#include "experiments/sweep/crew_list.h"
#include "core/whole_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOKS 32 /* files looked at between two glances at the workers */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* What launchers before left when they were killed. One shard does it for all. */
static int clean(const struct sweep_plan *p, struct alm_err *e)
{
    const size_t size = strlen(p->dir) + sizeof "/cells/00";
    char *path = malloc(size);
    if (!path)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    for (unsigned k = 0; k < 256; k++) {
        snprintf(path, size, "%s/cells/%02x", p->dir, k);
        whole_file_clean(path);
    }
    free(path);
    return ALM_OK;
}

int crew_list_open(struct crew_list *l, const struct sweep_plan *p, const struct crew_config *config,
                   struct crew_status *status, struct alm_err *e)
{
    if (strcmp(p->version, sweep_version()) != 0)
        return alm_fail(e, ALM_EDATA,
                        "%s: the plan was made by almanac %s, this is %s; plan again (what was done stays, under its "
                        "own version)",
                        p->dir, p->version, sweep_version());
    if (config->shards == 0 || config->shard >= config->shards || config->workers == 0)
        return alm_fail(e, ALM_EINVAL, "shard %llu of %llu, %zu workers: count shards from 0, and workers from 1",
                        (unsigned long long)config->shard, (unsigned long long)config->shards, config->workers);
    if (config->shard == 0)
        ALM_TRY(clean(p, e));
    *status = (struct crew_status){0};
    if (config->shard < p->cells)
        status->wanted = (p->cells - config->shard + config->shards - 1) / config->shards;
    *l = (struct crew_list){.plan = p, .config = config, .status = status, .at = config->shard, .begun = now()};
    l->told = l->begun;
    return ALM_OK;
}

void crew_list_close(struct crew_list *l)
{
    l->status->seconds = now() - l->begun;
    free(l->lost);
    l->lost = NULL;
}

/* Is there nothing left to do for cell NUMBER? */
static int is_over(const struct crew_list *l, uint64_t number, bool *over, struct alm_err *e)
{
    struct sweep_cell cell;
    bool done = false;
    ALM_TRY(sweep_plan_cell(l->plan, number, &cell, e));
    int code = cell_state(l->plan, cell.id, &done, e);
    *over = code == ALM_OK && (done || !l->config->retry_failed);
    l->status->skipped += *over && done;
    l->status->failed += *over && !done;
    return code;
}

int crew_list_look(struct crew_list *l, struct alm_err *e)
{
    for (int k = 0; k < LOOKS && !l->ready && l->at < l->plan->cells; k++, l->at += l->config->shards) {
        bool over;
        ALM_TRY(is_over(l, l->at, &over, e));
        l->ready = !over;
        l->next = l->at;
    }
    if (!l->ready && l->at >= l->plan->cells && l->tried < l->losts) {
        l->next = l->lost[l->tried++];
        l->ready = true;
    }
    return ALM_OK;
}

static void tell(struct crew_list *l)
{
    l->told = now();
    l->status->seconds = l->told - l->begun;
    if (l->config->progress)
        l->config->progress(l->config->ctx, l->status);
}

/* The worker of cell NUMBER was killed from outside. */
static int lose(struct crew_list *l, uint64_t number, struct alm_err *e)
{
    for (size_t i = 0; i < l->losts; i++)
        if (l->lost[i] == number) {
            l->status->lost++;
            return ALM_OK;
        }
    uint64_t *more = realloc(l->lost, (l->losts + 1) * sizeof *more);
    if (!more)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", l->losts + 1);
    l->lost = more;
    l->lost[l->losts++] = number;
    return ALM_OK;
}

int crew_list_note(struct crew_list *l, uint64_t number, enum hand_outcome outcome, struct alm_err *e)
{
    if (outcome == HAND_LOST)
        ALM_TRY(lose(l, number, e));
    l->status->done += outcome == HAND_DONE;
    l->status->failed += outcome == HAND_FAILED;
    tell(l);
    return ALM_OK;
}

int crew_list_pause(struct crew_list *l, struct alm_err *e)
{
    if (l->config->stop && *l->config->stop)
        return alm_fail(e, ALM_EINTR, "interrupted");
    if (now() - l->told >= 1)
        tell(l);
    return ALM_OK;
}
