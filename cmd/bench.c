/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench: how fast almanac is on this machine, beside plain C loops that do the same work.
 *
 * Choice.   All runs take turns, repetition by repetition, so what else the machine does meets all of them. */
#include "cmd/bench.h"
#include "almanac/option.h"
#include "almanac/quantity.h"

#include "cmd/bench_report.h"
#include "cmd/cmd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct bench_model models[] = {
    {"mm1", "customers", "M/M/1, rates 0.9 and 1, on the event queue", "mean_response_s", bench_mm1, bench_mm1_loop,
     200000, 2000000, 0},
    {"hold", "holds", "take the next event, put it back later; 100 to 1000000 are pending", "clock_s", bench_hold,
     bench_hold_loop, 100000, 1000000, 0},
    {"invocations", "invocations", "through the simulated platform, nobody in the way", "mean_response_s",
     bench_invocations, bench_invocations_loop, 100000, 1000000, 1e-6},
    {"replay", "unit_samples", "recorded usage through the whole loop, null policy", "mean_slack_cores", bench_replay,
     bench_replay_loop, 302976, 3029760, 1e-6},
    {"share", "changes", "1000 members contend for one capacity, one of them changes", "mean_level", bench_share,
     bench_share_loop, 20000, 200000, 1e-6},
};
#define MODELS (sizeof models / sizeof *models)
#define TRIALS_MAX 16

struct request {
    bool wanted[MODELS], small, alone, quiet, named;
    int64_t repetitions, work, pending;
    enum cmd_format format;
};

double bench_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { OPT_ALONE = 256, OPT_PENDING, OPT_SIZE, OPT_WORK };
static const struct argp_option options[] = {
    {"repetitions", 'r', "N", 0, "how often each is run, default 5 (1 to 100)", 0},
    {"size", OPT_SIZE, "WORD", 0, "full (default) or small, a tenth of the work", 0},
    {"work", OPT_WORK, "N", 0, "customers, holds, invocations, unit-samples or changes of one run", 0},
    {"pending", OPT_PENDING, "N", 0, "hold: with so many pending events only", 0},
    {"alone", OPT_ALONE, NULL, 0, "without the plain loops", 0},
    {"format", 'f', "WORD", 0, "text (default) or json", 1},
    {"quiet", 'q', NULL, 0, "no progress", 1},
    {0},
};
static const char doc[] =
    "Measure how fast almanac is on this machine, in turns with plain C loops that do the same work."
    "\vBenchmarks; without a name, all of them:\n"
    "  mm1          a queue with one server on the public event queue: customers a second\n"
    "  hold         the event queue alone, with 100 to 1000000 pending events: ns a hold\n"
    "  invocations  through the simulated platform, nobody in the way: invocations a second\n"
    "  replay       recorded usage through the whole loop, null policy: unit-samples a second\n"
    "  share        1000 units contend for one capacity: changes a second\n\n"
    "Times are those of the processor; on a shared machine trust the ratio to the loop (1 is as fast as it), then the\n"
    "best, then the median. Both sides draw the same numbers and must come to the same answer, else the benchmark "
    "fails.\n\n"
    "Examples:\n"
    "  almanac bench mm1\n"
    "  almanac bench all --repetitions 8 --format json\n"
    "  almanac bench hold --pending 10000 --size small";

static int64_t count_parse(const char *option, const char *text, int64_t most, struct argp_state *state)
{
    struct alm_err e;
    int64_t n = 0;
    if (alm_parse_integer(text, &n, &e) < 0 || n < 1 || n > most)
        argp_error(state, "--%s %s: a whole number from 1 to %lld is right here", option, text, (long long)most);
    return n;
}

static void choose(struct request *q, const char *word, struct argp_state *state)
{
    const char *names[MODELS + 2] = {[MODELS] = "all"};
    bool all = strcmp(word, "all") == 0, any = all;
    for (size_t i = 0; i < MODELS; i++) {
        names[i] = models[i].name;
        bool this = all || strcmp(word, models[i].name) == 0;
        q->wanted[i] |= this;
        any |= this;
    }
    const char *nearest = alm_nearest(word, names);
    if (!any && nearest)
        argp_error(state, "unknown benchmark `%s`, did you mean `%s`?", word, nearest);
    else if (!any)
        argp_error(state, "unknown benchmark `%s`; there are mm1, hold, invocations, replay, share and all", word);
    q->named = true;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    switch (key) {
    case 'r':
        q->repetitions = count_parse("repetitions", arg, BENCH_REPETITIONS, state);
        return 0;
    case OPT_WORK:
        q->work = count_parse("work", arg, 1000000000, state);
        return 0;
    case OPT_PENDING:
        q->pending = count_parse("pending", arg, 10000000, state);
        return 0;
    case OPT_SIZE:
        q->small = strcmp(arg, "small") == 0;
        if (!q->small && strcmp(arg, "full") != 0)
            argp_error(state, "--size %s: small|full is right here", arg);
        return 0;
    case OPT_ALONE:
        q->alone = true;
        return 0;
    case 'f':
        q->format = cmd_format_parse(arg, "text|json", state);
        return 0;
    case 'q':
        q->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        choose(q, arg, state);
        return 0;
    case ARGP_KEY_END:
        for (size_t i = 0; i < MODELS && !q->named; i++)
            q->wanted[i] = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static size_t plan(const struct request *q, struct bench_trial *trial)
{
    size_t n = 0;
    for (size_t i = 0; i < MODELS; i++) {
        const struct bench_model *m = &models[i];
        bool hold = m->run == bench_hold;
        uint64_t work = q->work ? (uint64_t)q->work : q->small ? m->small : m->full;
        uint64_t first = !hold ? 0 : q->pending ? (uint64_t)q->pending : 100;
        uint64_t last = hold && !q->pending ? 1000000 : first;
        for (uint64_t pending = first; q->wanted[i] && pending <= last; pending = pending ? 10 * pending : 1) {
            uint64_t times = hold && !q->work && pending > 100000 ? 2 : 1;
            trial[n++] = (struct bench_trial){.model = m, .task = {.work = work * times, .pending = pending}};
        }
    }
    return n;
}

static int run_once(struct bench_trial *t, enum bench_side side, size_t repetition, struct alm_err *e)
{
    if (cmd_interrupted)
        return alm_fail(e, ALM_EINTR, "interrupted");
    bench_run *run = side == BENCH_ALMANAC ? t->model->run : t->model->loop;
    if (run(&t->task, &t->last[side], e) < 0)
        return alm_fail_in(e, "bench %s", t->model->name);
    t->cpu[side][repetition] = t->last[side].cpu;
    return ALM_OK;
}

/* Equal to the last bit, or within the tolerance. */
static int compare(const struct bench_trial *t, struct alm_err *e)
{
    const struct bench_done *a = &t->last[BENCH_ALMANAC], *b = &t->last[BENCH_LOOP];
    double allowed = t->model->tolerance * fabs(b->answer);
    if (fabs(a->answer - b->answer) <= allowed && fabs(a->work - b->work) <= 0)
        return ALM_OK;
    return alm_fail(e, ALM_EMODULE, "bench %s: %s is %.17g after %.0f %s, by the plain loop %.17g after %.0f",
                    t->model->name, t->model->answer, a->answer, a->work, t->model->work, b->answer, b->work);
}

static int measure(const struct request *q, struct bench_trial *trial, size_t n, struct cmd_progress *p,
                   struct alm_err *e)
{
    size_t turns = (size_t)q->repetitions * n;
    for (size_t turn = 0; turn < turns; turn++) {
        struct bench_trial *t = &trial[turn % n];
        ALM_TRY(run_once(t, BENCH_ALMANAC, turn / n, e));
        if (!q->alone) {
            ALM_TRY(run_once(t, BENCH_LOOP, turn / n, e));
            ALM_TRY(compare(t, e));
        }
        cmd_progress_step(p, (double)(turn + 1) / (double)turns);
    }
    return ALM_OK;
}

int cmd_bench(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "[NAME...]", doc, NULL, NULL, NULL};
    struct request q = {.repetitions = 5};
    struct cmd_progress progress;
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &q);
    struct bench_trial trial[TRIALS_MAX];
    size_t n = plan(&q, trial);
    struct bench_report report = {.trial = trial, .trials = n, .repetitions = (size_t)q.repetitions, .alone = q.alone};
#ifdef ALM_DEBUG
    cmd_warn("this is a debug build: its speed says nothing of a release");
#endif
    cmd_progress_start(&progress, "measuring", q.quiet);
    int code = measure(&q, trial, n, &progress, &e);
    cmd_progress_stop(&progress);
    if (code >= 0 && q.format == CMD_JSON)
        code = bench_print_json(&report, &e);
    else if (code >= 0)
        bench_print_text(&report);
    return code < 0 ? cmd_fail(&e) : cmd_finish();
}
