/* SPDX-License-Identifier: GPL-3.0-or-later
 * Is there one loop? The same policy over the same usage decides the same, bit for bit, on the simulated platform and on
 * a directory laid out like cgroup v2 that is fed with that usage under an injected clock. */
#include "fleet.h"
#include "loop_rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct alm_platform_ops alm_platform_simulated, alm_platform_cgroup;

enum { UNITS = 4, ROWS = 200 };
#define STEP (5 * ALM_MINUTE)

/* A machine made of plain files: when the platform sleeps, time and counters go on. It obeys cpu.max. */
struct machine {
    const struct fleet *fleet;
    char root[64];
    alm_time now;
    int64_t used_us[UNITS], throttled_us[UNITS];
    bool obey;
};

static void put(const struct machine *m, size_t unit, const char *file, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s/%s", m->root, m->fleet->unit[unit].name, file);
    FILE *f = fopen(path, "w");
    cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0, "%s", path);
}

static double quota(const struct machine *m, size_t unit)
{
    char path[256];
    long q = -1, period = 100000;
    snprintf(path, sizeof path, "%s/%s/cpu.max", m->root, m->fleet->unit[unit].name);
    FILE *f = fopen(path, "r");
    cr_assert(f != NULL);
    int n = fscanf(f, "%ld %ld", &q, &period);
    fclose(f);
    return n >= 1 && m->obey ? (double)q / (double)period : INFINITY;
}

static void show(struct machine *m, size_t unit, double memory)
{
    char text[256];
    snprintf(text, sizeof text, "usage_usec %lld\nnr_periods 0\nthrottled_usec %lld\n", (long long)m->used_us[unit],
             (long long)m->throttled_us[unit]);
    put(m, unit, "cpu.stat", text);
    snprintf(text, sizeof text, "%.0f\n", memory);
    put(m, unit, "memory.current", text);
    put(m, unit, "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
}

static alm_time now(void *ctx)
{
    return ((struct machine *)ctx)->now;
}

static int sleep_until(void *ctx, alm_time until, struct alm_err *e)
{
    (void)e;
    struct machine *m = ctx;
    cr_assert_eq(until - m->now, STEP, "the platform wakes at every sample");
    size_t row = (size_t)(m->now / STEP);
    for (size_t i = 0; i < UNITS && row < ROWS; i++) {
        double want = m->fleet->cpu[i * ROWS + row], cap = quota(m, i), seconds = alm_seconds(until - m->now);
        m->used_us[i] += llround(fmin(want, cap) * seconds * 1e6);
        m->throttled_us[i] += want > cap ? llround(seconds * 1e6) : 0;
        show(m, i, m->fleet->memory[i * ROWS + row]);
    }
    m->now = until;
    return ALM_OK;
}

static void make_machine(struct machine *m, const struct fleet *fleet, bool obey)
{
    *m = (struct machine){.fleet = fleet, .obey = obey};
    bool fast = access("/dev/shm", W_OK) == 0;
    snprintf(m->root, sizeof m->root, "%s/almanac-cgroup-XXXXXX", fast ? "/dev/shm" : "/tmp");
    cr_assert(mkdtemp(m->root) != NULL);
    for (size_t i = 0; i < UNITS; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", m->root, fleet->unit[i].name);
        cr_assert_eq(mkdir(path, 0700), 0);
        put(m, i, "cpu.max", "max 100000\n");
        put(m, i, "memory.high", "max\n");
        show(m, i, fleet->memory[i * ROWS]);
    }
}

static void remove_machine(const struct machine *m)
{
    static const char *const files[] = {"cpu.max", "cpu.stat", "memory.high", "memory.current", "memory.events"};
    for (size_t i = 0; i < UNITS; i++) {
        char path[256];
        for (size_t k = 0; k < 5; k++) {
            snprintf(path, sizeof path, "%s/%s/%s", m->root, m->fleet->unit[i].name, files[k]);
            unlink(path);
        }
        snprintf(path, sizeof path, "%s/%s", m->root, m->fleet->unit[i].name);
        rmdir(path);
    }
    rmdir(m->root);
}

static void run_sampled(struct rig *rig, const struct fleet *fleet, const char *text, alm_time sample_interval)
{
    struct alm_choice choice = rig_choice(ALM_PLATFORM, text);
    struct alm_platform_config config = {
        .opt = choice.opt, .sample_interval = sample_interval, .wake_on_oom = true, .demand = &fleet->demand};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    void *self;
    cr_assert_eq(alm_platform_simulated.open(&config, &self, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(rig_run(rig, &alm_platform_simulated, self, (struct alm_loop_config){0}, &stats, &e), ALM_OK, "%s",
                 e.text);
    alm_platform_simulated.close(self);
    alm_choice_free(&choice);
}

static void run_simulated(struct rig *rig, const struct fleet *fleet, const char *text)
{
    run_sampled(rig, fleet, text, STEP);
}

static void run_cgroup(struct rig *rig, struct machine *m)
{
    char text[256];
    snprintf(text, sizeof text, "cgroup:root=%s,duration=%llds", m->root, (long long)(ROWS * STEP / ALM_SECOND));
    struct alm_choice choice = rig_choice(ALM_PLATFORM, text);
    struct alm_clock clock = {.ctx = m, .now = now, .sleep_until = sleep_until};
    struct alm_platform_config config = {.opt = choice.opt, .sample_interval = STEP, .clock = &clock};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    void *self;
    cr_assert_eq(alm_platform_cgroup.open(&config, &self, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(rig_run(rig, &alm_platform_cgroup, self, (struct alm_loop_config){0}, &stats, &e), ALM_OK, "%s",
                 e.text);
    alm_platform_cgroup.close(self);
    alm_choice_free(&choice);
}

static void agree(const char *predictor, const char *calibrator, const char *allocator, const char *simulated,
                  bool obey)
{
    struct fleet fleet;
    struct machine machine;
    fleet_make(&fleet, UNITS, ROWS, 0, STEP);
    fleet_randomize(&fleet, 11);
    make_machine(&machine, &fleet, obey);
    struct rig a = {.policy = rig_policy(predictor, calibrator, allocator)};
    struct rig b = {.policy = rig_policy(predictor, calibrator, allocator)};
    run_simulated(&a, &fleet, simulated);
    run_cgroup(&b, &machine);
    cr_assert_eq(a.count, b.count, "%s: %zu decisions simulated, %zu on files", predictor, a.count, b.count);
    cr_assert_eq(a.count, UNITS * (ROWS - 1));
    size_t changes = 0;
    for (size_t i = 0; i < a.count; i++) {
        cr_assert(rig_same(&a.row[i], &b.row[i]), "%s: decision %zu at %g s for unit %u differs: %lld and %lld m",
                  predictor, i, alm_seconds(a.row[i].time), a.row[i].decision.unit,
                  (long long)a.row[i].decision.limit[0], (long long)b.row[i].decision.limit[0]);
        changes += i >= UNITS && a.row[i].decision.limit[0] != a.row[i - UNITS].decision.limit[0];
    }
    cr_assert_gt(changes, 5, "%s: a policy that never moves proves nothing", predictor);
    cr_assert_eq(a.outcomes, b.outcomes);
    rig_free(&a);
    rig_free(&b);
    remove_machine(&machine);
    fleet_free(&fleet);
}

Test(one_loop, open_loop_policies_agree_bit_for_bit)
{
    agree("vpa", "none", "envelope:margin=0", "simulated:open_loop=true", false);
    agree("moving-percentile:window=6h", "measured", "envelope:margin=15%", "simulated:open_loop=true", false);
    agree("moving-max:window=2h", "none", "envelope:margin=5%,shrink=10%,hysteresis=3%", "simulated:open_loop=true",
          false);
    agree("none", "none", "reactive", "simulated:open_loop=true", false);
}

Test(one_loop, throttled_policies_agree_bit_for_bit)
{
    /* Memory limits are ample, so that only CPU acts on usage: a directory of files cannot kill. */
    agree("last", "none", "envelope:margin=30%", "simulated:cpu_backlog=lose,restart_delay=1ms", true);
}

/* Whole rows are replayed by a short path, samples on a grid by the general one. Where both give the same samples, they must
 * give the same decisions: under throttling, backlog and kills too. */
static void paths_agree(const char *predictor, const char *allocator, const char *simulated)
{
    struct fleet fleet;
    fleet_make(&fleet, UNITS, ROWS, 0, STEP);
    fleet_randomize(&fleet, 23);
    struct rig a = {.policy = rig_policy(predictor, "measured", allocator)};
    struct rig b = {.policy = rig_policy(predictor, "measured", allocator)};
    run_sampled(&a, &fleet, simulated, 0);
    run_sampled(&b, &fleet, simulated, STEP);
    cr_assert_eq(a.count, b.count, "%s: %zu decisions by rows, %zu by the grid", predictor, a.count, b.count);
    for (size_t i = 0; i < a.count; i++)
        cr_assert(rig_same(&a.row[i], &b.row[i]), "%s: decision %zu at %g s for unit %u differs", predictor, i,
                  alm_seconds(a.row[i].time), a.row[i].decision.unit);
    cr_assert_eq(a.outcomes, b.outcomes);
    rig_free(&a);
    rig_free(&b);
    fleet_free(&fleet);
}

Test(one_loop, the_short_path_of_replay_is_the_general_one)
{
    paths_agree("vpa", "envelope:margin=0", "simulated:open_loop=true");
    paths_agree("vpa", "envelope:margin=0", "simulated");
    paths_agree("last", "envelope:margin=0", "simulated");
    paths_agree("moving-percentile:window=2h,percentile=50%", "envelope:margin=0", "simulated:cpu_backlog=lose");
    paths_agree("none", "reactive", "simulated:actuation_delay=7m,restart_delay=1m");
}
