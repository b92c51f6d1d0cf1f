/* SPDX-License-Identifier: GPL-3.0-or-later
 * cgroup: the platform in real time: the child groups of one cgroup v2 directory.
 *
 * Meaning.  Each directory below `root` is a unit. Reads cpu.stat, memory.current and memory.events at every sample
 *           interval; writes cpu.max and memory.high, rounded as the kernel rounds, and reads them back.
 * Choice.   The root is an option and the clock is injected, so the same code is tested on plain files. Memory is
 *           steered by memory.high, which slows and never kills.
 * Limits.   Minimal: no journal, no guardian, no cgroup v1, units fixed at start. Peaks inside a sample are not seen.
 * Source.   Linux Documentation/admin-guide/cgroup-v2.rst. */
#include "almanac/platform.h"

#include "cgroup_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_SAMPLE_INTERVAL (10 * ALM_SECOND)

struct options {
    char root[ALM_OPT_STRING];
    alm_time duration;
};

static const struct alm_opt rows[] = {
    {"root", ALM_OPT_TEXT, offsetof(struct options, root), "", 0, 0, NULL,
     "directory laid out like cgroup v2 whose child groups are the units"},
    {"duration", ALM_OPT_DURATION, offsetof(struct options, duration), "0", 0, 1e18, NULL,
     "stop after this time; 0 runs until interrupted"},
    {0},
};

struct group {
    int dir;
    struct cgroup_reading last;
    alm_time at; /* of the last reading */
    int64_t limit[2];
};

struct platform {
    int root;
    struct alm_clock clock;
    alm_time interval, end;
    struct alm_unit *unit;
    struct group *group;
    size_t count;
    struct alm_sample *sample;
    struct alm_account *account;
    size_t filled, capacity;
};

static alm_time machine_now(void *ctx)
{
    (void)ctx;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (alm_time)t.tv_sec * ALM_SECOND + t.tv_nsec;
}

static int machine_sleep(void *ctx, alm_time until, struct alm_err *e)
{
    (void)ctx;
    struct timespec t = {.tv_sec = until / ALM_SECOND, .tv_nsec = until % ALM_SECOND};
    if (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL) == EINTR)
        return alm_fail(e, ALM_EINTR, "interrupted");
    return ALM_OK;
}

static void platform_close(void *self)
{
    struct platform *p = self;
    if (!p)
        return;
    for (size_t i = 0; i < p->count; i++)
        close(p->group[i].dir);
    if (p->root >= 0)
        close(p->root);
    free(p->unit);
    free(p->group);
    free(p->sample);
    free(p->account);
    free(p);
}

static int add_group(struct platform *p, const char *name, struct alm_err *e)
{
    size_t length = strlen(name);
    if (length >= ALM_UNIT_NAME)
        return alm_fail(e, ALM_EDATA, "cgroup %.60s...: the name is longer than %d bytes", name, ALM_UNIT_NAME - 1);
    struct alm_unit *unit = realloc(p->unit, (p->count + 1) * sizeof *unit);
    if (unit)
        p->unit = unit;
    struct group *group = realloc(p->group, (p->count + 1) * sizeof *group);
    if (group)
        p->group = group;
    if (!unit || !group)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu cgroups", p->count + 1);
    int dir = cgroup_open(p->root, name, e);
    if (dir < 0)
        return dir;
    unit = &p->unit[p->count];
    *unit = (struct alm_unit){.cores = NAN, .memory = NAN};
    memcpy(unit->name, name, length + 1);
    p->group[p->count++] = (struct group){.dir = dir, .limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}};
    return ALM_OK;
}

static int find_groups(struct platform *p, const char *root, struct alm_err *e)
{
    struct dirent **entry;
    int n = scandir(root, &entry, NULL, alphasort);
    if (n < 0)
        return alm_fail(e, ALM_EDATA, "cgroup root %s: %s", root, strerror(errno));
    int code = ALM_OK;
    for (int i = 0; i < n; i++) {
        if (code >= 0 && entry[i]->d_type == DT_DIR && entry[i]->d_name[0] != '.')
            code = add_group(p, entry[i]->d_name, e);
        free(entry[i]);
    }
    free(entry);
    if (code >= 0 && p->count == 0)
        return alm_fail(e, ALM_EDATA, "cgroup root %s has no child groups: nothing to control", root);
    return code;
}

/* The counters at the start, and the life of each unit: its first sample is the next multiple of the interval. */
static int first_reading(struct platform *p, const struct options *opt, struct alm_err *e)
{
    alm_time now = p->clock.now(p->clock.ctx);
    p->end = opt->duration > 0 ? now + opt->duration : ALM_TIME_MAX;
    for (size_t i = 0; i < p->count; i++) {
        int code = cgroup_read(p->group[i].dir, p->unit[i].name, &p->group[i].last, e);
        if (code < 0)
            return code;
        if (code == ALM_NOT_YET)
            return alm_fail(
                e, ALM_EDATA,
                "cgroup %s has neither cpu.stat nor memory.current: are the cpu and memory controllers enabled?",
                p->unit[i].name);
        ALM_TRY(cgroup_get_cpu(p->group[i].dir, p->unit[i].name, &p->group[i].limit[ALM_CPU], e));
        ALM_TRY(cgroup_get_memory(p->group[i].dir, p->unit[i].name, &p->group[i].limit[ALM_MEMORY], e));
        p->group[i].at = now;
        p->unit[i].first = alm_time_floor(now, p->interval) + p->interval;
        p->unit[i].last = p->end;
    }
    return ALM_OK;
}

static int platform_open(const struct alm_platform_config *config, void **self, struct alm_err *e)
{
    static const struct alm_clock machine = {NULL, machine_now, machine_sleep};
    const struct options *opt = config->opt;
    if (!opt->root[0])
        return alm_fail(e, ALM_EINVAL, "platform cgroup: root is not set; write cgroup:root=/sys/fs/cgroup/...");
    struct platform *p = calloc(1, sizeof *p);
    if (!p)
        return alm_fail(e, ALM_ENOMEM, "out of memory for platform cgroup");
    p->clock = config->clock ? *config->clock : machine;
    p->interval = config->sample_interval > 0 ? config->sample_interval : DEFAULT_SAMPLE_INTERVAL;
    p->root = open(opt->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = p->root < 0 ? alm_fail(e, ALM_EDATA, "cgroup root %s: %s", opt->root, strerror(errno))
                           : find_groups(p, opt->root, e);
    if (code >= 0)
        code = first_reading(p, opt, e);
    if (code < 0) {
        platform_close(p);
        return code;
    }
    *self = p;
    return ALM_OK;
}

static const struct alm_unit *platform_units(const void *self, size_t *count)
{
    const struct platform *p = self;
    *count = p->count;
    return p->unit;
}

static alm_time platform_interval(const void *self)
{
    return ((const struct platform *)self)->interval;
}

static uint32_t platform_resources(const void *self)
{
    (void)self;
    return ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY);
}

static int reserve(struct platform *p, struct alm_err *e)
{
    if (p->filled < p->capacity)
        return ALM_OK;
    size_t capacity = p->capacity ? p->capacity * 2 : p->count * 2;
    struct alm_sample *sample = realloc(p->sample, capacity * sizeof *sample);
    if (sample)
        p->sample = sample;
    struct alm_account *account = realloc(p->account, capacity * sizeof *account);
    if (account)
        p->account = account;
    if (!sample || !account)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu samples", capacity);
    p->capacity = capacity;
    return ALM_OK;
}

/* Growth of a counter; one that fell was restarted and counts from zero. */
static int64_t growth(int64_t now, int64_t before, bool *reset)
{
    if (now >= before)
        return now - before;
    *reset = true;
    return now;
}

static void account_for(struct alm_account *a, const struct alm_sample *s)
{
    const double seconds = alm_seconds(s->span);
    const double limit[2] = {(double)s->limit[ALM_CPU] / 1000.0, (double)s->limit[ALM_MEMORY]};
    *a = (struct alm_account){.demand = {NAN, NAN}, .oom_kills = s->oom_kills};
    for (int r = 0; r < 2; r++) {
        if (s->limit[r] == ALM_NO_LIMIT || (s->missing & ALM_BIT(r)))
            continue;
        a->seconds[r] = seconds;
        a->limit[r] = limit[r] * seconds;
        a->slack[r] = fmax(0, limit[r] - alm_sample_usage(s, (enum alm_resource)r)) * seconds;
        a->overrun[r] = a->overrun_seconds[r] = NAN;
    }
}

static int take(struct platform *p, size_t i, alm_time now, struct alm_err *e)
{
    struct group *g = &p->group[i];
    struct cgroup_reading r;
    int code = cgroup_read(g->dir, p->unit[i].name, &r, e);
    if (code != ALM_OK)
        return code < 0 ? code : ALM_OK; /* gone: no sample */
    ALM_TRY(reserve(p, e));
    struct alm_sample *s = &p->sample[p->filled];
    bool reset = false;
    *s = (struct alm_sample){.at = now, .span = now - g->at, .unit = (uint32_t)i, .limit = {g->limit[0], g->limit[1]}};
    s->missing = (uint8_t) ~(ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY));
    if (r.usage_us < 0 || g->last.usage_us < 0)
        s->missing |= ALM_BIT(ALM_CPU);
    else
        s->usage[ALM_CPU] = growth(r.usage_us, g->last.usage_us, &reset);
    if (r.memory < 0)
        s->missing |= ALM_BIT(ALM_MEMORY);
    else
        s->usage[ALM_MEMORY] = r.memory;
    if (r.throttled_us >= 0 && g->last.throttled_us >= 0)
        s->throttled_us = growth(r.throttled_us, g->last.throttled_us, &reset);
    if (r.oom_kills >= 0 && g->last.oom_kills >= 0)
        s->oom_kills = (uint32_t)growth(r.oom_kills, g->last.oom_kills, &reset);
    s->reset = reset ? ALM_BIT(ALM_CPU) : 0;
    if (s->throttled_us > 0)
        s->censored |= ALM_BIT(ALM_CPU);
    if (r.high > g->last.high || s->oom_kills > 0)
        s->censored |= ALM_BIT(ALM_MEMORY);
    account_for(&p->account[p->filled], s);
    p->filled++;
    g->last = r;
    g->at = now;
    return ALM_OK;
}

static int by_unit_then_time(const void *a, const void *b)
{
    const struct alm_sample *x = a, *y = b;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int sort_samples(struct platform *p, struct alm_err *e)
{
    if (p->filled <= p->count)
        return ALM_OK; /* one round: in order already */
    (void)e;
    qsort(p->sample, p->filled, sizeof *p->sample, by_unit_then_time);
    for (size_t k = 0; k < p->filled; k++)
        account_for(&p->account[k], &p->sample[k]);
    return ALM_OK;
}

static int platform_wait(void *self, alm_time until, alm_time *now, enum alm_wake *why, struct alm_err *e)
{
    struct platform *p = self;
    alm_time target = until < p->end ? until : p->end;
    alm_time t = p->clock.now(p->clock.ctx);
    p->filled = 0;
    while (t < target) {
        alm_time next = alm_time_floor(t, p->interval) + p->interval;
        bool due = next <= target;
        ALM_TRY(p->clock.sleep_until(p->clock.ctx, due ? next : target, e));
        t = p->clock.now(p->clock.ctx);
        for (size_t i = 0; due && i < p->count; i++)
            ALM_TRY(take(p, i, t, e));
    }
    *now = t;
    *why = t >= p->end ? ALM_WAKE_END : ALM_WAKE_DUE;
    return sort_samples(p, e);
}

static int platform_sample(void *self, const struct alm_sample **samples, const struct alm_account **account, size_t *n,
                           struct alm_err *e)
{
    (void)e;
    struct platform *p = self;
    *samples = p->sample;
    *account = p->account;
    *n = p->filled;
    return ALM_OK;
}

static int platform_apply(void *self, alm_time now, const struct alm_decision *decision, size_t n,
                          struct alm_applied *out, struct alm_err *e)
{
    (void)now;
    struct platform *p = self;
    for (size_t k = 0; k < n; k++) {
        const char *name = p->unit[decision[k].unit].name;
        struct group *g = &p->group[decision[k].unit];
        for (int r = 0; r < 2; r++) {
            int64_t wanted =
                r == ALM_CPU ? alm_kernel_millicores(decision[k].limit[r]) : alm_kernel_bytes(decision[k].limit[r]);
            int code = ALM_OK;
            if (wanted != g->limit[r])
                code = r == ALM_CPU ? cgroup_set_cpu(g->dir, name, wanted, &g->limit[r], e)
                                    : cgroup_set_memory(g->dir, name, wanted, &g->limit[r], e);
            if (code < 0)
                return code;
            out[k].state[r] = code == ALM_OK ? ALM_APPLIED : ALM_REFUSED;
            out[k].limit[r] = g->limit[r];
        }
    }
    return ALM_OK;
}

const struct alm_platform_ops alm_platform_cgroup = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_platform_ops),
             .kind = ALM_PLATFORM,
             .name = "cgroup",
             .summary = "real time: the child groups of a directory laid out like cgroup v2 (minimal)",
             .source = "Linux Documentation/admin-guide/cgroup-v2.rst",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .open = platform_open,
    .close = platform_close,
    .units = platform_units,
    .interval = platform_interval,
    .resources = platform_resources,
    .wait = platform_wait,
    .sample = platform_sample,
    .apply = platform_apply,
};
