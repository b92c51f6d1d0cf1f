/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep run: do the cells of a plan that are missing. */
#include "cmd/cmd.h"
#include "cmd/sweep.h"
#include "cmd/sweep_frame.h"
#include "experiments/sweep/crew_mpi.h"
#include "experiments/sweep/rounds.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct request {
    struct sweep_frame frame;
    const char *workers, *shard;
    bool retry, mpi;
    int rank;
    char detail[96];
};

enum { OPT_SHARD = 256, OPT_RETRY, OPT_MPI };

static const struct argp_option options[] = {
    {"jobs", 'j', "N", 0, "worker processes, default one a core", 1},
    {"shard", OPT_SHARD, "I/N", 0,
     "only every N-th cell, from the I-th on (0 to N-1); in a Slurm array that of the task", 1},
    {"mpi", OPT_MPI, NULL, 0, "one worker a rank of the MPI job that mpirun or srun started", 1},
    {"retry-failed", OPT_RETRY, NULL, 0, "run failed cells again", 1},
    {0},
};

static const char doc[] =
    "Run the cells of the plan in DIR that have no result yet, each in a process of its own."
    "\vA cell is one file that appears whole or not at all, so this can be killed and run again at any time, by any "
    "number of launchers; what is there is not done again. A cell that fails is written down with its reason, and the "
    "rest goes on: exit status 3. SIGUSR1 says how far it is.\n\n"
    "Examples:\n"
    "  almanac sweep run runs -j 8\n"
    "  sbatch --array=0-63 --wrap 'almanac sweep run runs'\n"
    "  mpirun -n 64 almanac sweep run runs --mpi\n"
    "  seq 0 7 | parallel almanac sweep run runs -j 1 --shard {}/8";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &q->frame;
        return 0;
    case 'j':
        q->workers = arg;
        return 0;
    case OPT_SHARD:
        q->shard = arg;
        return 0;
    case OPT_MPI:
        q->mpi = true;
        return 0;
    case OPT_RETRY:
        q->retry = true;
        return 0;
    case ARGP_KEY_END:
        if (q->mpi && (q->shard || q->workers))
            argp_error(state, "--mpi has a worker a rank and no shards: leave --shard and -j out");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* A whole number from LEAST on that ends at END. */
static bool number(const char *text, uint64_t least, char end, uint64_t *out, const char **rest)
{
    char *stop;
    *out = strtoull(text, &stop, 10);
    if (stop == text || *stop != end || text[0] == '-' || *out < least)
        return false;
    if (rest)
        *rest = stop + 1;
    return true;
}

/* An array of Slurm: its task's place among them. */
static int shard_of_slurm(struct crew_config *c, struct alm_err *e)
{
    static const char *const name[] = {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP",
                                       "SLURM_ARRAY_TASK_COUNT"};
    uint64_t value[] = {0, 0, 1, 0};
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        const char *text = getenv(name[k]);
        if (!text && k == 0)
            return ALM_OK;
        if (text && !number(text, k >= 2, '\0', &value[k], NULL))
            return alm_fail(e, ALM_EINVAL, "%s is `%.40s`: a whole number is expected", name[k], text);
    }
    if (value[3] == 0 || value[0] < value[1])
        return alm_fail(e, ALM_EINVAL,
                        "SLURM_ARRAY_TASK_ID is set, but not SLURM_ARRAY_TASK_COUNT and _MIN: give --shard I/N");
    if ((value[0] - value[1]) % value[2] || (value[0] - value[1]) / value[2] >= value[3])
        return alm_fail(e, ALM_EINVAL,
                        "task %" PRIu64 " of a Slurm array of %" PRIu64 " that has holes: number them evenly, as in "
                        "--array=0-7, or give --shard I/N",
                        value[0], value[3]);
    c->shard = (value[0] - value[1]) / value[2];
    c->shards = value[3];
    return ALM_OK;
}

/* Those that this process may use: of a job that shares its host, a part. */
static uint64_t own_cores(void)
{
    cpu_set_t set;
    const long all = sysconf(_SC_NPROCESSORS_ONLN);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (uint64_t)CPU_COUNT(&set);
    return all > 0 ? (uint64_t)all : 1; /* more than a set holds */
}

static int configure(struct crew_config *c, const struct request *q, struct alm_err *e)
{
    uint64_t workers = own_cores();
    const char *rest;
    c->shards = 1;
    if (q->workers && !(number(q->workers, 1, '\0', &workers, NULL) && workers <= 4096))
        return alm_fail(e, ALM_EINVAL, "-j %.40s: a number of processes from 1 to 4096 is expected", q->workers);
    c->workers = (size_t)workers;
    if (!q->shard)
        return shard_of_slurm(c, e);
    if (number(q->shard, 0, '/', &c->shard, &rest) && number(rest, 1, '\0', &c->shards, NULL) && c->shard < c->shards)
        return ALM_OK;
    return alm_fail(e, ALM_EINVAL, "--shard %.40s: write I/N with I from 0 to N-1, for example 0/8", q->shard);
}

/* What was there before is no measure of the time that is left. */
static void on_progress(void *ctx, const struct crew_status *s)
{
    struct request *q = ctx;
    const uint64_t wanted = s->wanted - s->skipped, ran = s->done + s->failed;
    snprintf(q->detail, sizeof q->detail, "; %" PRIu64 " of %" PRIu64 " cells%s, %.1f a second", s->skipped + ran,
             s->wanted, s->failed ? " (some failed)" : "", s->seconds > 0 ? (double)ran / s->seconds : 0);
    cmd_progress_step(&q->frame.progress, wanted ? (double)ran / (double)wanted : 1);
}

static void report(const struct request *q, const struct crew_status *s)
{
    const uint64_t missing = s->wanted - (s->skipped + s->done + s->failed);
    if (q->frame.format == CMD_JSON) {
        printf("{\"schema\":\"almanac.sweep/1\",\"wanted\":%" PRIu64 ",\"skipped\":%" PRIu64 ",\"done\":%" PRIu64
               ",\"failed\":%" PRIu64 ",\"missing\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"seconds\":%.3f}\n",
               s->wanted, s->skipped, s->done, s->failed, missing, s->lost, s->seconds);
        return;
    }
    printf("%" PRIu64 " cells: %" PRIu64 " done now, %" PRIu64 " were there, %" PRIu64 " failed, %" PRIu64
           " missing, %.1f s\n",
           s->wanted, s->done, s->skipped, s->failed, missing, s->seconds);
}

static int run(struct request *q, struct crew_status *s, struct alm_err *e)
{
    struct sweep_plan *p;
    struct crew_config c = {.retry_failed = q->retry, .stop = &cmd_interrupted, .progress = on_progress, .ctx = q};
    int ranks;
    if (q->mpi)
        ALM_TRY(crew_mpi_begin(&q->rank, &ranks, e));
    else
        ALM_TRY(configure(&c, q, e));
    if (sweep_plan_read(q->frame.place, &p, e) < 0) {
        q->rank = 0; /* every rank tells: on its host the folder may be another */
        return e->code;
    }
    cmd_progress_start(&q->frame.progress, "running cells", q->frame.quiet);
    q->frame.progress.detail = q->detail;
    struct rounds rounds = {
        .run = q->mpi ? crew_mpi_run : crew_run, .config = &c, .once = q->mpi || c.shards > 1, .silent = q->rank > 0};
    int code = rounds_run(p, &rounds, s, e);
    cmd_progress_stop(&q->frame.progress);
    sweep_plan_free(p);
    return code;
}

int cmd_sweep_run(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "DIR", doc, sweep_frame_formats, NULL, NULL};
    struct request request = {.frame = SWEEP_FRAME_DIR};
    struct crew_status status = {0};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &request);
    int code = run(&request, &status, &e);
    if (request.rank > 0)
        return code < 0 ? alm_code_exit_status(code) : 0; /* rank 0 tells */
    if (code < 0 && code != ALM_EINTR)
        return cmd_fail(&e);
    report(&request, &status);
    if (code == ALM_EINTR)
        return cmd_fail(&e);
    if (status.failed || status.lost) {
        cmd_say("%" PRIu64 " cells failed and %" PRIu64 " lost their worker: `almanac sweep status %s` says which",
                status.failed, status.lost, request.frame.place);
        return 3;
    }
    if (code == ALM_NOT_YET) {
        cmd_say("this round is over, and another follows: run again; `almanac sweep status %s` says what is open",
                request.frame.place);
        return 3;
    }
    return cmd_finish();
}
