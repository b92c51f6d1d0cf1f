/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulated: the platform in virtual time.
 *
 * Meaning.  Units replay recorded usage or run invocations, each alone or on machines that they share, under the limits
 *           that a policy decides. What can be told of it is in the rows below; how each engine does it, in replay.c and
 *           world.c.
 * Choice.   Two engines behind one table: usage that never meets is swept, everything else is simulated by events.
 * Source.   design: "The simulated platform"; Kubernetes and Linux semantics of limits. */
#include "almanac/demand.h"

#include "engine.h"

#include <stdlib.h>

#define AT(member) offsetof(struct sim_options, member)
/* clang-format off */
static const struct alm_opt rows[] = {
    {"open_loop", ALM_OPT_BOOL, AT(open_loop), "false", 0, 0, NULL,
     "score limits against recorded demand without throttling or killing anybody"},
    {"cpu_backlog", ALM_OPT_CHOICE, AT(cpu_backlog), "carry", 0, 0, "carry|lose",
     "what becomes of CPU demand above the limit"},
    {"backlog_limit", ALM_OPT_DURATION, AT(backlog_limit), "5m", 0, 1e18, NULL,
     "backlog carried at most, as time at the limit's rate; the rest is lost"},
    {"actuation_delay", ALM_OPT_DURATION, AT(actuation_delay), "0", 0, 1e18, NULL,
     "time from a decision until its limit acts"},
    {"restart_delay", ALM_OPT_DURATION, AT(restart_delay), "30s", 1e6, 1e18, NULL,
     "time a unit is down after an OOM kill"},
    {"cores", ALM_OPT_CORES, AT(cores), "0", 0, 1e6, NULL,
     "what one unit can use at most, whatever its limit; 0 is no bound"},
    {0},
};
/* clang-format on */

struct platform {
    const struct alm_platform_ops *engine;
    void *self;
};

static bool meets(const struct sim_options *o, const struct alm_invocations *invocations)
{
    return o->machines.count > 0 || (invocations && invocations->count > 0);
}

static bool platform_independent(const void *opt, const struct alm_invocations *invocations)
{
    return !meets(opt, invocations);
}

static int platform_open(const struct alm_platform_config *config, void **self, struct alm_err *e)
{
    struct platform *p = calloc(1, sizeof *p);
    if (!p)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the simulated platform");
    p->engine = meets(config->opt, config->invocations) ? &sim_world : &sim_replay;
    int code = p->engine->open(config, &p->self, e);
    if (code < 0) {
        free(p);
        return code;
    }
    *self = p;
    return ALM_OK;
}

static void platform_close(void *self)
{
    struct platform *p = self;
    if (!p)
        return;
    p->engine->close(p->self);
    free(p);
}

/* The rest only passes on. What an engine does not have is empty. */
static const struct alm_unit *platform_units(const void *self, size_t *count)
{
    const struct platform *p = self;
    return p->engine->units(p->self, count);
}

static alm_time platform_interval(const void *self)
{
    const struct platform *p = self;
    return p->engine->interval(p->self);
}

static uint32_t platform_resources(const void *self)
{
    const struct platform *p = self;
    return p->engine->resources(p->self);
}

static int platform_wait(void *self, alm_time until, alm_time *now, enum alm_wake *why, struct alm_err *e)
{
    struct platform *p = self;
    return p->engine->wait(p->self, until, now, why, e);
}

static int platform_sample(void *self, const struct alm_sample **samples, const struct alm_account **account, size_t *n,
                           struct alm_err *e)
{
    struct platform *p = self;
    return p->engine->sample(p->self, samples, account, n, e);
}

static int platform_apply(void *self, alm_time now, const struct alm_decision *decision, size_t n,
                          struct alm_applied *out, struct alm_err *e)
{
    struct platform *p = self;
    return p->engine->apply(p->self, now, decision, n, out, e);
}

static const struct alm_input *platform_inputs(const void *self, size_t *count)
{
    const struct platform *p = self;
    *count = 0;
    return p->engine->inputs ? p->engine->inputs(p->self, count) : NULL;
}

static int platform_starts(void *self, const struct alm_start **start, size_t *n, struct alm_err *e)
{
    struct platform *p = self;
    *n = 0;
    return p->engine->starts ? p->engine->starts(p->self, start, n, e) : ALM_OK;
}

static int platform_executions(void *self, const struct alm_execution **x, const struct alm_execution_account **account,
                               size_t *n, struct alm_err *e)
{
    struct platform *p = self;
    *n = 0;
    return p->engine->executions ? p->engine->executions(p->self, x, account, n, e) : ALM_OK;
}

static const struct alm_machine *platform_machines(const void *self, size_t *count)
{
    const struct platform *p = self;
    *count = 0;
    return p->engine->machines ? p->engine->machines(p->self, count) : NULL;
}

static int platform_machine_samples(void *self, const struct alm_machine_sample **s, size_t *n, struct alm_err *e)
{
    struct platform *p = self;
    *n = 0;
    return p->engine->machine_samples ? p->engine->machine_samples(p->self, s, n, e) : ALM_OK;
}

static uint32_t platform_machine_of(const void *self, uint32_t unit)
{
    const struct platform *p = self;
    return p->engine->machine_of ? p->engine->machine_of(p->self, unit) : UINT32_MAX;
}

static const char *const *platform_functions(const void *self, size_t *count)
{
    const struct platform *p = self;
    *count = 0;
    return p->engine->functions ? p->engine->functions(p->self, count) : NULL;
}

static int platform_behaviour(void *self, const struct alm_behaviour **b, size_t *n, struct alm_err *e)
{
    struct platform *p = self;
    *n = 0;
    return p->engine->behaviour ? p->engine->behaviour(p->self, b, n, e) : ALM_OK;
}

const struct alm_platform_ops alm_platform_simulated = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_platform_ops),
             .kind = ALM_PLATFORM,
             .name = "simulated",
             .summary = "virtual time: recorded usage and invocations, alone or on machines, closed or open loop",
             .source = "closed loop: Linux CFS quota and OOM kill; open loop: Rzadca et al., EuroSys'20, section 4",
             .opts = rows,
             .opt_size = sizeof(struct sim_options)},
    .independent = platform_independent,
    .open = platform_open,
    .close = platform_close,
    .units = platform_units,
    .interval = platform_interval,
    .resources = platform_resources,
    .wait = platform_wait,
    .sample = platform_sample,
    .apply = platform_apply,
    .inputs = platform_inputs,
    .starts = platform_starts,
    .executions = platform_executions,
    .machines = platform_machines,
    .machine_samples = platform_machine_samples,
    .machine_of = platform_machine_of,
    .functions = platform_functions,
    .behaviour = platform_behaviour,
};
