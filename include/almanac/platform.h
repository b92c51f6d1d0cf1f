/* SPDX-License-Identifier: GPL-3.0-or-later
 * platform: where units run. It owns time, sensors and actuators, as one object.
 *
 * Meaning.  `simulated` and `cgroup` are platforms; the loop never asks which. A sample stamped t covers (t - span, t];
 *           a decision at t has seen the samples stamped <= t; a limit decided at t holds from t + delay until
 *           replaced.
 * Choice.   Clock, sensor and actuator are one object, because chosen apart someone will pair a simulated clock with
 *           real cgroups. */
#ifndef ALMANAC_PLATFORM_H
#define ALMANAC_PLATFORM_H

#include "almanac/behaviour.h"
#include "almanac/decision.h"
#include "almanac/execution.h"
#include "almanac/machine.h"
#include "almanac/module.h"
#include "almanac/sample.h"
#include "almanac/unit.h"

#include <stdbool.h>

struct alm_behaviours;
struct alm_demand;
struct alm_input;
struct alm_invocations;

/* The harm and waste behind one sample: for the recorder and the metrics, never for a module. The sums run over the
 * part of the sample's span in which a limit was in force; a platform that cannot know a part leaves its NaN. */
struct alm_account {
    double seconds[2];         /* time under a limit */
    double limit[2];           /* integral of the limit: core-seconds, byte-seconds */
    double slack[2];           /* integral of max(0, limit - usage) */
    double overrun[2];         /* integral of max(0, demand - limit) */
    double overrun_seconds[2]; /* time with demand above the limit */
    double demand[2];          /* mean demand over the whole span: cores, bytes */
    double down_seconds;       /* time killed and not yet restarted */
    uint32_t oom_kills;        /* in open loop: 1 when demand exceeded the limit, though nothing was killed */
};

enum alm_wake {
    ALM_WAKE_DUE,   /* the awaited time has come */
    ALM_WAKE_START, /* earlier: `starts` shows invocations that start as soon as `apply` was called */
    ALM_WAKE_EVENT, /* earlier: something happened to the units that `sample` will show with an event sample */
    ALM_WAKE_END,   /* the world ends here: `sample` shows what is left */
};

/* A clock for a platform in real time; `simulated` has its own. Times are nanoseconds since 1970. */
struct alm_clock {
    void *ctx;
    alm_time (*now)(void *ctx);
    int (*sleep_until)(void *ctx, alm_time until, struct alm_err *e); /* ALM_EINTR when interrupted */
};

/* Everything a platform is opened with. Borrowed for the platform's life. */
struct alm_platform_config {
    const void *opt; /* the module's resolved options */
    uint64_t seed;
    alm_time sample_interval;  /* 0: the platform's natural stamps */
    alm_time control_interval; /* between decisions, for a platform that begins at a whole one */
    bool wake_on_oom;
    double wake_on_stall; /* a sample with CPU or memory wanting for this share of it is an event; 0: never */
    bool wake_on_start;   /* show each invocation before it starts */
    const struct alm_demand *demand; /* NULL but for a simulated platform, as the next two */
    const struct alm_invocations *invocations;
    const struct alm_behaviours *behaviours;
    const struct alm_clock *clock; /* NULL: the machine's; a test brings its own */
};

struct alm_platform_ops {
    struct alm_head head;

    /* Optional. With these options units never meet, so a run may be cut into batches of units. NULL: they may meet. */
    bool (*independent)(const void *opt, const struct alm_invocations *invocations);

    /* Required, all of them up to `sample`. */
    int (*open)(const struct alm_platform_config *config, void **self, struct alm_err *e);
    void (*close)(void *self);

    /* The units, fixed while open, and the nominal interval between samples, and the resources that can be shown. */
    const struct alm_unit *(*units)(const void *self, size_t *count);
    alm_time (*interval)(const void *self);
    uint32_t (*resources)(const void *self);

    /* Let time pass until UNTIL or an earlier event; NOW gets where it stopped. */
    int (*wait)(void *self, alm_time until, alm_time *now, enum alm_wake *why, struct alm_err *e);

    /* The samples stamped since the last call up to now, sorted by unit then time. The platform's memory, valid until
     * the next call of `wait`. ACCOUNT gets a parallel array. */
    int (*sample)(void *self, const struct alm_sample **samples, const struct alm_account **account, size_t *n,
                  struct alm_err *e);

    /* Optional, as all below. The input parameters of invocations. Constant while open. */
    const struct alm_input *(*inputs)(const void *self, size_t *count);

    /* After ALM_WAKE_START: the invocations that wait for their allocation, at most one a unit, sorted by unit. They start
     * at the next call of `wait`. The platform's memory until then. */
    int (*starts)(void *self, const struct alm_start **start, size_t *n, struct alm_err *e);

    /* The executions that ended since the last call, in order of their end. Memory as for `sample`. */
    int (*executions)(void *self, const struct alm_execution **x, const struct alm_execution_account **account,
                      size_t *n, struct alm_err *e);

    /* The machines, constant while open, and their samples since the last call, sorted by time then machine. */
    const struct alm_machine *(*machines)(const void *self, size_t *count);
    int (*machine_samples)(void *self, const struct alm_machine_sample **s, size_t *n, struct alm_err *e);

    /* The machine that UNIT is on; UINT32_MAX when on none. */
    uint32_t (*machine_of)(const void *self, uint32_t unit);

    /* Names of functions, constant while open, and behaviour records since the last call, sorted by unit, time, function. */
    const char *const *(*functions)(const void *self, size_t *count);
    int (*behaviour)(void *self, const struct alm_behaviour **b, size_t *n, struct alm_err *e);

    /* Required. Carry out DECISION[n], each taken at `now`; OUT[n] says what became of it. */
    int (*apply)(void *self, alm_time now, const struct alm_decision *decision, size_t n, struct alm_applied *out,
                 struct alm_err *e);
};

#endif
