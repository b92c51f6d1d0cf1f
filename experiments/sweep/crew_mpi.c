/* SPDX-License-Identifier: GPL-3.0-or-later
 * crew_mpi: cells by MPI. */
#include "experiments/sweep/crew_mpi.h"

#include "experiments/sweep/crew_list.h"

#ifdef ALMANAC_MPI
#include <mpi.h>
#include <string.h>
#include <unistd.h>

#define TAG_ASK 1
#define TAG_TELL 2
#define NOTHING UINT64_MAX /* instead of a cell's number */

/* From a rank to rank 0: what became of its cell, and that it wants another. */
struct asked {
    uint64_t number; /* NOTHING: it had none */
    enum hand_outcome outcome;
    struct alm_err error;
};

static void nap(void)
{
    usleep(1000);
}

int crew_mpi_begin(int *rank, int *ranks, struct alm_err *e)
{
    int provided;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SINGLE, &provided) != MPI_SUCCESS)
        return alm_fail(e, ALM_EIO, "MPI does not start");
    MPI_Comm_rank(MPI_COMM_WORLD, rank);
    MPI_Comm_size(MPI_COMM_WORLD, ranks);
    return ALM_OK;
}

/* ---- rank 0 ---- */

struct master {
    struct crew_list list;
    struct hands hands;
    int working;           /* ranks that have not been sent home */
    struct alm_err failed; /* the first error; then nothing more is given out */
};

static void give_up(struct master *m, const struct alm_err *why)
{
    if (m->failed.code >= 0)
        m->failed = *why;
}

static void note(struct master *m, uint64_t number, enum hand_outcome outcome, const struct alm_err *error)
{
    struct alm_err e = {0};
    if (outcome == HAND_ERROR)
        give_up(m, error);
    else if (crew_list_note(&m->list, number, outcome, &e) < 0)
        give_up(m, &e);
}

/* The next cell, or NOTHING. False: look again. */
static bool next_cell(struct master *m, uint64_t *number)
{
    struct alm_err e = {0};
    *number = NOTHING;
    if (m->failed.code >= 0 && crew_list_look(&m->list, &e) < 0)
        give_up(m, &e);
    if (m->failed.code < 0)
        return true;
    if (m->list.ready)
        *number = m->list.next;
    m->list.ready = false;
    return *number != NOTHING || !crew_list_more(&m->list);
}

/* Answer one rank that asks, if any does; it waits while files are looked at for a cell to give it. False: nobody asks. */
static bool answer(struct master *m)
{
    int there;
    MPI_Status from;
    struct asked a;
    uint64_t number;
    MPI_Iprobe(MPI_ANY_SOURCE, TAG_ASK, MPI_COMM_WORLD, &there, &from);
    if (!there)
        return false;
    if (!next_cell(m, &number))
        return true;
    MPI_Recv(&a, (int)sizeof a, MPI_BYTE, from.MPI_SOURCE, TAG_ASK, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (a.number != NOTHING)
        note(m, a.number, a.outcome, &a.error);
    MPI_Send(&number, (int)sizeof number, MPI_BYTE, from.MPI_SOURCE, TAG_TELL, MPI_COMM_WORLD);
    m->working -= number == NOTHING;
    return true;
}

/* Rank 0's own worker. False: there is nothing to do for it now. */
static bool own_work(struct master *m)
{
    struct hand *h = m->hands.hand;
    struct alm_err e = {0};
    uint64_t number;
    enum hand_outcome o = hand_look(&m->hands, 0, &e);
    if (o != HAND_BUSY)
        note(m, h->number, o, &e);
    if (h->busy)
        return o != HAND_BUSY;
    if (!next_cell(m, &number))
        return true;
    if (number == NOTHING)
        return o != HAND_BUSY;
    if (hand_give(&m->hands, 0, number, &e) < 0)
        give_up(m, &e);
    return true;
}

static int lead(const struct sweep_plan *p, const struct crew_config *config, int ranks, struct crew_status *out,
                struct alm_err *e)
{
    const struct crew_config whole = {.workers = 1,
                                      .shards = 1,
                                      .retry_failed = config->retry_failed,
                                      .stop = config->stop,
                                      .progress = config->progress,
                                      .ctx = config->ctx};
    struct hand hand = {0};
    struct master m = {.hands = {.plan = p, .stop = config->stop, .hand = &hand, .count = 1}, .working = ranks - 1};
    if (crew_list_open(&m.list, p, &whole, out, &m.failed) < 0)
        m.list = (struct crew_list){.plan = p, .config = &whole, .status = out};
    while (m.working > 0 || hand.busy || (m.failed.code >= 0 && crew_list_more(&m.list))) {
        struct alm_err stopped = {0};
        if (crew_list_pause(&m.list, &stopped) < 0)
            give_up(&m, &stopped);
        const bool heard = answer(&m), worked = own_work(&m);
        if (!heard && !worked)
            nap();
    }
    hands_dismiss(&m.hands);
    crew_list_close(&m.list);
    if (m.failed.code < 0)
        *e = m.failed;
    return m.failed.code < 0 ? m.failed.code : ALM_OK;
}

/* ---- the others ---- */

static uint64_t ask(const struct asked *a)
{
    uint64_t number;
    MPI_Request request;
    int there = 0;
    MPI_Send(a, (int)sizeof *a, MPI_BYTE, 0, TAG_ASK, MPI_COMM_WORLD);
    MPI_Irecv(&number, (int)sizeof number, MPI_BYTE, 0, TAG_TELL, MPI_COMM_WORLD, &request);
    for (MPI_Test(&request, &there, MPI_STATUS_IGNORE); !there; MPI_Test(&request, &there, MPI_STATUS_IGNORE))
        nap();
    return number;
}

static void follow(const struct sweep_plan *p, const struct crew_config *config)
{
    struct hand hand = {0};
    struct hands hands = {.plan = p, .stop = config->stop, .hand = &hand, .count = 1};
    struct asked a = {.number = NOTHING};
    for (uint64_t number; (number = ask(&a)) != NOTHING;) {
        a = (struct asked){.number = number, .outcome = HAND_ERROR};
        if (hand_give(&hands, 0, number, &a.error) < 0)
            continue;
        while ((a.outcome = hand_look(&hands, 0, &a.error)) == HAND_BUSY)
            hands_wait(&hands, 1000);
    }
    hands_dismiss(&hands);
}

int crew_mpi_run(const struct sweep_plan *p, const struct crew_config *config, struct crew_status *out,
                 struct alm_err *e)
{
    int rank, ranks, code = ALM_OK;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    *out = (struct crew_status){0};
    /* What is to be done follows from the files there are: all have looked at them before one is added. */
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0)
        code = lead(p, config, ranks, out, e);
    else
        follow(p, config);
    MPI_Bcast(&code, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return rank == 0 || code >= 0 ? code : alm_fail(e, (enum alm_code)code, "rank 0 says why");
}
#else
int crew_mpi_begin(int *rank, int *ranks, struct alm_err *e)
{
    *rank = 0;
    *ranks = 1;
    return alm_fail(e, ALM_EUNSUPPORTED,
                    "this build has no MPI: install libopenmpi-dev and openmpi-bin, configure with -DALMANAC_MPI=ON");
}

int crew_mpi_run(const struct sweep_plan *p, const struct crew_config *config, struct crew_status *out,
                 struct alm_err *e)
{
    (void)p, (void)config, (void)out;
    return alm_fail(e, ALM_EUNSUPPORTED, "this build has no MPI");
}
#endif
