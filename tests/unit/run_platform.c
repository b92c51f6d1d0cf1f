/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_platform: do executions and machines come back from a run file as the platform showed them, thinned as was said, in
 * equal bytes; and is a file that contradicts itself refused? */
#include "experiments/run_file.h"
#include "platform_run.h"
#include "scratch.h"

#include <criterion/criterion.h>

TestSuite(run_platform, .init = scratch_enter, .fini = scratch_leave);

static const struct platform_run small = {.path = "a.h5",
                                          .machines = 7,
                                          .units = 5,
                                          .executions = 3000,
                                          .every_execution = 1,
                                          .every_machine_sample = 1,
                                          .load = 1.2,
                                          .step = 10 * ALM_MINUTE};

/* What was shown, kept by an observer of the test's own. */
struct seen {
    struct alm_run_execution x[3000];
    struct alm_machine_sample s[7 * 144];
    size_t executions, samples, at_execution, at_sample;
    uint64_t every;
};

static int keep_executions(void *ctx, const struct alm_execution *x, const struct alm_execution_account *a, size_t n,
                           struct alm_err *e)
{
    (void)e;
    struct seen *seen = ctx;
    for (size_t k = 0; k < n; k++)
        seen->x[seen->executions++] = (struct alm_run_execution){x[k], a[k]};
    return ALM_OK;
}

static int keep_machines(void *ctx, const struct alm_machine_sample *s, size_t n, struct alm_err *e)
{
    (void)e;
    struct seen *seen = ctx;
    for (size_t k = 0; k < n; k++)
        seen->s[seen->samples++] = s[k];
    return ALM_OK;
}

static struct seen *shown(void)
{
    struct alm_err e = {0};
    struct seen *seen = calloc(1, sizeof *seen);
    cr_assert(seen);
    struct alm_observer o = {.ctx = seen, .executions = keep_executions, .machines = keep_machines};
    GOOD(platform_show(&small, (const struct alm_observer *const[]){&o, NULL}, &e));
    cr_assert_eq(seen->executions, 3000);
    cr_assert_eq(seen->samples, 7 * 144);
    return seen;
}

static int same_execution(void *ctx, const struct alm_run_execution *row, struct alm_err *e)
{
    (void)e;
    struct seen *seen = ctx;
    const struct alm_run_execution *want = &seen->x[seen->at_execution];
    cr_assert_eq(row->x.id, want->x.id);
    cr_assert_eq(row->x.unit, want->x.unit);
    cr_assert_eq(row->x.end, want->x.end);
    cr_assert_eq(row->x.cold, want->x.cold);
    cr_assert_eq(row->x.arrival, want->x.arrival);
    cr_assert_eq(row->x.start, want->x.start);
    cr_assert_eq(row->x.finish, want->x.finish);
    cr_assert_eq(memcmp(row->x.usage, want->x.usage, sizeof row->x.usage), 0);
    cr_assert_eq(memcmp(row->x.limit, want->x.limit, sizeof row->x.limit), 0);
    cr_assert_eq(row->a.alone, want->a.alone);
    cr_assert_eq(row->a.servers, want->a.servers);
    cr_assert_eq(row->a.class, want->a.class);
    seen->at_execution += seen->every;
    return ALM_OK;
}

static int same_sample(void *ctx, const struct alm_machine_sample *row, struct alm_err *e)
{
    (void)e;
    struct seen *seen = ctx;
    cr_assert_eq(memcmp(row, &seen->s[seen->at_sample], sizeof *row), 0);
    seen->at_sample++;
    if (seen->at_sample % 7 == 0) /* to the next stamp that is kept */
        seen->at_sample += (seen->every - 1) * 7;
    return ALM_OK;
}

static void round_trip(uint64_t every)
{
    struct alm_err e = {0};
    struct alm_run *run = NULL;
    struct seen *seen = shown();
    struct platform_run made = small;
    made.every_execution = made.every_machine_sample = seen->every = every;
    GOOD(platform_run(&made, &e));
    GOOD(alm_run_file_open("a.h5", &run, &e));
    cr_assert_eq(run->machines, 7);
    cr_assert_str_eq(run->machine[6].name, "m-7");
    cr_assert_eq(run->machine[6].cores, 16);
    cr_assert_eq(run->machine[6].memory, 64e9);
    cr_assert(isinf(run->machine[6].bandwidth[ALM_NET_TX]));
    cr_assert(run->executions);
    GOOD(alm_run_each_execution(run, ALM_RUN_ALL, same_execution, seen, &e));
    GOOD(alm_run_each_machine_sample(run, same_sample, seen, &e));
    cr_assert_eq(seen->at_execution, (3000 + every - 1) / every * every);
    cr_assert_eq(seen->at_sample, 7 * 144);
    alm_run_file_close(run);
    free(seen);
}

Test(run_platform, all_come_back)
{
    round_trip(1);
}

Test(run_platform, every_fourth_comes_back)
{
    round_trip(4);
}

static int count_row(void *ctx, const struct alm_run_execution *row, struct alm_err *e)
{
    (void)e, (void)row;
    ++*(size_t *)ctx;
    return ALM_OK;
}

Test(run_platform, one_unit_is_its_part_of_all)
{
    struct alm_err e = {0};
    struct alm_run *run = NULL;
    size_t sum = 0, all = 0;
    GOOD(platform_run(&small, &e));
    GOOD(alm_run_file_open("a.h5", &run, &e));
    for (uint32_t u = 0; u < 5; u++)
        GOOD(alm_run_each_execution(run, u, count_row, &sum, &e));
    GOOD(alm_run_each_execution(run, ALM_RUN_ALL, count_row, &all, &e));
    cr_assert_eq(sum, 3000);
    cr_assert_eq(all, 3000);
    alm_run_file_close(run);
}

/* More rows than a segment holds: they are written in pieces, or at once; nothing is lost either way. */
Test(run_platform, the_same_run_writes_the_same_bytes)
{
    struct alm_err e = {0};
    struct platform_run big = small;
    big.executions = 90000;
    GOOD(platform_run(&big, &e));
    big.path = "b.h5";
    GOOD(platform_run(&big, &e));
    cr_assert_eq(system("cmp a.h5 b.h5"), 0, "the same run twice");
    struct alm_run *run = NULL;
    size_t all = 0;
    big.path = "c.h5";
    big.late = true;
    GOOD(platform_run(&big, &e));
    GOOD(alm_run_file_open("c.h5", &run, &e));
    GOOD(alm_run_each_execution(run, ALM_RUN_ALL, count_row, &all, &e));
    cr_assert_eq(all, 90000);
    alm_run_file_close(run);
}

Test(run_platform, without_them_there_is_nothing)
{
    struct alm_err e = {0};
    struct alm_run *run = NULL;
    size_t rows = 0;
    struct platform_run none = small;
    none.machines = 0;
    none.every_execution = 0;
    GOOD(platform_run(&none, &e));
    GOOD(alm_run_file_open("a.h5", &run, &e));
    cr_assert_eq(run->machines, 0);
    cr_assert_not(run->executions);
    GOOD(alm_run_each_execution(run, ALM_RUN_ALL, count_row, &rows, &e));
    GOOD(alm_run_each_machine_sample(run, same_sample, NULL, &e));
    cr_assert_eq(rows, 0);
    alm_run_file_close(run);
}

/* One execution as WRONG made it, behind three good ones. */
static void refused(void (*wrong)(struct alm_execution *x), const char *word)
{
    static const char *const reasons[] = {NULL};
    const struct alm_unit unit = {.name = "f"};
    const bool record = false;
    struct alm_err e = {0};
    struct alm_segment *segment;
    struct alm_run_writer *w;
    GOOD(alm_segment_new(&unit, 1, 0, &record, &segment, &e));
    alm_segment_record(segment, 1, 0, NULL, 0);
    struct alm_observer o = alm_segment_observer(segment);
    for (uint64_t id = 0; id < 4; id++) {
        struct alm_execution x = {.id = id, .arrival = 5, .start = 6, .finish = 7};
        struct alm_execution_account a = {.alone = 1};
        if (id == 3)
            wrong(&x);
        GOOD(o.executions(o.ctx, &x, &a, 1, &e));
    }
    GOOD(alm_run_create("bad.h5", reasons, false, &w, &e));
    GOOD(alm_table_set_int(alm_run_table(w), "/", "interval_ns", ALM_MINUTE, &e));
    GOOD(alm_run_append(w, segment, &e));
    GOOD(alm_run_commit(w, &e));
    alm_run_close(w);
    alm_segment_free(segment);
    struct alm_run *run;
    size_t rows = 0;
    GOOD(alm_run_file_open("bad.h5", &run, &e));
    cr_assert_eq(alm_run_each_execution(run, ALM_RUN_ALL, count_row, &rows, &e), ALM_EDATA);
    cr_assert(strstr(e.text, word), "%s", e.text);
    alm_run_file_close(run);
}

static void no_such_end(struct alm_execution *x)
{
    x->end = 9;
}

static void ends_early(struct alm_execution *x)
{
    x->finish = 4;
}

static void starts_late(struct alm_execution *x)
{
    x->start = 8;
}

static void no_such_unit(struct alm_execution *x)
{
    x->unit = 1;
}

Test(run_platform, contradictions_are_refused)
{
    refused(no_such_end, "id 3");
    refused(ends_early, "id 3");
    refused(starts_late, "id 3");
    refused(no_such_unit, "unit 1, but there are only 1 units");
}
