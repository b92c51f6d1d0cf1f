/* SPDX-License-Identifier: GPL-3.0-or-later
 * Does the cgroup platform survive what real groups do: vanish, restart counters, refuse writes, hold rubbish? */
#include "almanac/platform.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct alm_platform_ops alm_platform_cgroup;
static const struct alm_platform_ops *ops = &alm_platform_cgroup;

struct tree {
    char root[64];
    alm_time now;
    struct alm_choice choice;
    void *self;
    const struct alm_sample *sample;
    const struct alm_account *account;
    size_t n;
};

static alm_time now(void *ctx)
{
    return ((struct tree *)ctx)->now;
}

static int sleep_until(void *ctx, alm_time until, struct alm_err *e)
{
    (void)e;
    ((struct tree *)ctx)->now = until;
    return ALM_OK;
}

static void put(const struct tree *t, const char *file, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/web/%s", t->root, file);
    FILE *f = fopen(path, "w");
    cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void make_tree(struct tree *t)
{
    char path[200];
    *t = (struct tree){.root = "/tmp/almanac-tree-XXXXXX"};
    cr_assert_not_null(mkdtemp(t->root));
    snprintf(path, sizeof path, "%s/web", t->root);
    cr_assert_eq(mkdir(path, 0700), 0);
    put(t, "cpu.stat", "usage_usec 5000000\nthrottled_usec 0\n");
    put(t, "memory.current", "1048576\n");
    put(t, "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n");
    put(t, "cpu.max", "max 100000\n");
    put(t, "memory.high", "max\n");
}

static int open_tree(struct tree *t, struct alm_err *e)
{
    char text[128];
    snprintf(text, sizeof text, "cgroup:root=%s,duration=1h", t->root);
    cr_assert_eq(alm_choice_parse(ALM_PLATFORM, text, &t->choice, e), ALM_OK);
    struct alm_clock clock = {.ctx = t, .now = now, .sleep_until = sleep_until};
    struct alm_platform_config config = {.opt = t->choice.opt, .sample_interval = 10 * ALM_SECOND, .clock = &clock};
    return ops->open(&config, &t->self, e);
}

static void step(struct tree *t, alm_time to)
{
    alm_time at;
    enum alm_wake why;
    struct alm_err e = {0};
    cr_assert_eq(ops->wait(t->self, to, &at, &why, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(ops->sample(t->self, &t->sample, &t->account, &t->n, &e), ALM_OK);
}

static void shut(struct tree *t)
{
    char command[128];
    ops->close(t->self);
    alm_choice_free(&t->choice);
    snprintf(command, sizeof command, "rm -rf %s", t->root);
    cr_assert_eq(system(command), 0);
}

Test(cgroup, reads_growth_and_notices_a_restarted_counter)
{
    struct tree t;
    struct alm_err e = {0};
    make_tree(&t);
    cr_assert_eq(open_tree(&t, &e), ALM_OK, "%s", e.text);
    put(&t, "cpu.stat", "usage_usec 7000000\nthrottled_usec 300\n");
    put(&t, "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 2\n");
    step(&t, 10 * ALM_SECOND);
    cr_assert_eq(t.n, 1);
    cr_assert_eq(t.sample[0].usage[ALM_CPU], 2000000);
    cr_assert_eq(t.sample[0].usage[ALM_MEMORY], 1048576);
    cr_assert_eq(t.sample[0].oom_kills, 2, "oom_group_kill and the like are other counters");
    cr_assert(t.sample[0].censored & ALM_BIT(ALM_CPU), "throttled, so usage is a lower bound");
    cr_assert_eq(t.sample[0].reset, 0);
    put(&t, "cpu.stat", "usage_usec 1000\nthrottled_usec 0\n");
    step(&t, 20 * ALM_SECOND);
    cr_assert_eq(t.sample[0].usage[ALM_CPU], 1000);
    cr_assert(t.sample[0].reset & ALM_BIT(ALM_CPU));
    shut(&t);
}

Test(cgroup, writes_in_kernel_units_and_reads_back)
{
    struct tree t;
    struct alm_err e = {0};
    char path[200], text[64] = "";
    make_tree(&t);
    cr_assert_eq(open_tree(&t, &e), ALM_OK, "%s", e.text);
    struct alm_decision d = {.limit = {1500, 100000001}};
    struct alm_applied a;
    cr_assert_eq(ops->apply(t.self, 0, &d, 1, &a, &e), ALM_OK, "%s", e.text);
    cr_assert(a.limit[ALM_CPU] == 1500 && a.state[ALM_CPU] == ALM_APPLIED);
    cr_assert_eq(a.limit[ALM_MEMORY], 100000001 / 4096 * 4096);
    snprintf(path, sizeof path, "%s/web/cpu.max", t.root);
    FILE *f = fopen(path, "r");
    cr_assert(f && fgets(text, sizeof text, f));
    fclose(f);
    cr_assert_str_eq(text, "150000 100000\n");
    shut(&t);
}

Test(cgroup, a_link_in_place_of_a_control_file_is_refused)
{
    struct tree t;
    struct alm_err e = {0};
    char path[200], link[200];
    make_tree(&t);
    put(&t, "cpu.max", "20000 100000\n");
    cr_assert_eq(open_tree(&t, &e), ALM_OK, "%s", e.text);
    /* A control file is never a link; one that is must not lead the platform elsewhere. */
    snprintf(path, sizeof path, "%s/web/memory.high", t.root);
    snprintf(link, sizeof link, "%s/web/elsewhere", t.root);
    cr_assert_eq(rename(path, link), 0);
    cr_assert_eq(symlink("elsewhere", path), 0);
    struct alm_decision d = {.limit = {ALM_NO_LIMIT, 8192}};
    struct alm_applied a;
    int code = ops->apply(t.self, 0, &d, 1, &a, &e);
    cr_assert_eq(code, ALM_EIO);
    cr_assert(strstr(e.text, "web") && strstr(e.text, "memory.high"), "%s", e.text);
    shut(&t);
}

Test(cgroup, limits_found_at_the_start_are_known)
{
    struct tree t;
    struct alm_err e = {0};
    make_tree(&t);
    put(&t, "cpu.max", "20000 50000\n");
    cr_assert_eq(open_tree(&t, &e), ALM_OK, "%s", e.text);
    step(&t, 10 * ALM_SECOND);
    cr_assert_eq(t.sample[0].limit[ALM_CPU], 400);
    struct alm_decision d = {.limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}};
    struct alm_applied a;
    cr_assert_eq(ops->apply(t.self, 0, &d, 1, &a, &e), ALM_OK);
    cr_assert_eq(a.limit[ALM_CPU], ALM_NO_LIMIT, "and lifted when no limit is wanted");
    shut(&t);
}

Test(cgroup, a_vanished_group_gives_no_sample)
{
    struct tree t;
    struct alm_err e = {0};
    char command[200];
    make_tree(&t);
    cr_assert_eq(open_tree(&t, &e), ALM_OK, "%s", e.text);
    snprintf(command, sizeof command, "rm -rf %s/web", t.root);
    cr_assert_eq(system(command), 0);
    step(&t, 10 * ALM_SECOND);
    cr_assert_eq(t.n, 0);
    shut(&t);
}

static void refuses(struct tree *t, const char *words)
{
    struct alm_err e = {0};
    cr_assert_eq(open_tree(t, &e), ALM_EDATA);
    cr_assert(strstr(e.text, words), "%s", e.text);
    shut(t);
}

Test(cgroup, rubbish_and_absence_are_named)
{
    struct tree t;
    char path[200];
    make_tree(&t);
    put(&t, "cpu.stat", "usage_usec many\n");
    refuses(&t, "cgroup web: cpu.stat holds no number for usage_usec");
    make_tree(&t);
    for (const char *const *f = (const char *const[]){"cpu.stat", "memory.current", "memory.events", NULL}; *f; f++) {
        snprintf(path, sizeof path, "%s/web/%s", t.root, *f);
        unlink(path);
    }
    refuses(&t, "controllers enabled?");
    make_tree(&t);
    snprintf(path, sizeof path, "rm -rf %s/web", t.root);
    cr_assert_eq(system(path), 0);
    refuses(&t, "has no child groups");
}
