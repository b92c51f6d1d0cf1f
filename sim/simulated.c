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
    {"disk_read", ALM_OPT_BYTES, AT(disk_read), "0", 0, 1e15, NULL,
     "bytes a second that one unit can read at most; 0 is no bound, as for the next three"},
    {"disk_write", ALM_OPT_BYTES, AT(disk_write), "0", 0, 1e15, NULL, "bytes a second that it can write"},
    {"net_rx", ALM_OPT_BYTES, AT(net_rx), "0", 0, 1e15, NULL, "bytes a second that it can receive"},
    {"net_tx", ALM_OPT_BYTES, AT(net_tx), "0", 0, 1e15, NULL, "bytes a second that it can send"},
    {"machines", ALM_OPT_NUMBERS, AT(machines), "", 0, 1e6, NULL,
     "how many of each kind; empty: each unit is alone. The lists that follow have one entry a kind, or one for all"},
    {"machine_cores", ALM_OPT_NUMBERS, AT(machine_cores), "16", 1e-3, 1e6, NULL, "cores of a machine"},
    {"machine_speed", ALM_OPT_NUMBERS, AT(machine_speed), "1", 1e-3, 1e3, NULL,
     "work a core does in a second, relative to the machine of the trace"},
    {"machine_memory", ALM_OPT_BYTES_LIST, AT(machine_memory), "64Gi", 0, 0, NULL, "memory; 0: no bound"},
    {"machine_disk_read", ALM_OPT_BYTES_LIST, AT(machine_disk_read), "0", 0, 0, NULL, "bytes a second; 0: no bound"},
    {"machine_disk_write", ALM_OPT_BYTES_LIST, AT(machine_disk_write), "0", 0, 0, NULL, "bytes a second; 0: no bound"},
    {"machine_net_rx", ALM_OPT_BYTES_LIST, AT(machine_net_rx), "0", 0, 0, NULL, "bytes a second; 0: no bound"},
    {"machine_net_tx", ALM_OPT_BYTES_LIST, AT(machine_net_tx), "0", 0, 0, NULL, "bytes a second; 0: no bound"},
    {"machine_from", ALM_OPT_DURATION_LIST, AT(machine_from), "0", 0, 0, NULL, "time into the run at which it comes"},
    {"machine_until", ALM_OPT_DURATION_LIST, AT(machine_until), "0", 0, 0, NULL,
     "time into the run at which it takes no more units and is drained; 0: never"},
    {"placement", ALM_OPT_CHOICE, AT(placement), "first-fit", 0, 0, "first-fit|best-fit|worst-fit|round-robin",
     "which of the machines that have room, by what is promised (a unit's min, or what it asked for)"},
    {"overcommit_cpu", ALM_OPT_REAL, AT(overcommit_cpu), "1", 0, 1e6, NULL, "cores promised of each core"},
    {"overcommit_memory", ALM_OPT_REAL, AT(overcommit_memory), "1", 0, 1e6, NULL, "bytes promised of each byte"},
    {"unplaced", ALM_OPT_CHOICE, AT(unplaced), "wait", 0, 0, "wait|refuse", "what a unit does that fits nowhere"},
    {"drain", ALM_OPT_CHOICE, AT(drain), "move", 0, 0, "move|stay", "what becomes of the units of a drained machine"},
    {"move_delay", ALM_OPT_DURATION, AT(move_delay), "0", 0, 1e18, NULL, "time a unit stands still when it is moved"},
    {"cpu_floor", ALM_OPT_CHOICE, AT(cpu_floor), "weight", 0, 0, "weight|guarantee",
     "a unit's min is its weight when cores are scarce, or it has that much in any case and shares the rest by request"},
    {"cpu_quota", ALM_OPT_CHOICE, AT(cpu_quota), "fluid", 0, 0, "fluid|period",
     "a CPU limit bounds the rate, or what is used in each 100 ms, as the kernel's quota does"},
    {"memory_high", ALM_OPT_FRACTION, AT(memory_high), "0", 0, 1, NULL,
     "share of the memory limit above which a unit is slowed; 0: never"},
    {"memory_shrink", ALM_OPT_CHOICE, AT(memory_shrink), "accept", 0, 0, "accept|refuse|reclaim",
     "a memory limit below what is used: taken and the unit killed, refused, or taken when that can be reclaimed"},
    {"reclaimable", ALM_OPT_FRACTION, AT(reclaimable), "10%", 0, 1, NULL, "share of the memory in use that can go"},
    {"scope", ALM_OPT_CHOICE, AT(scope), "unit", 0, 0, "unit|instance|invocation",
     "what a limit is of: all that a unit runs, each of its instances, or each invocation from its start"},
    {"concurrency", ALM_OPT_INTEGER, AT(concurrency), "0", 0, 1e9, NULL,
     "invocations that one instance serves at a time; 0: all that come"},
    {"preemptive", ALM_OPT_BOOL, AT(preemptive), "false", 0, 0, NULL, "does a better priority interrupt a worse one"},
    {"queue_limit", ALM_OPT_INTEGER, AT(queue_limit), "-1", -1, 1e15, NULL,
     "invocations of a unit that may wait; more are refused; -1: no bound"},
    {"timeout", ALM_OPT_DURATION, AT(timeout), "0", 0, 1e18, NULL, "time an invocation waits at most; 0: no bound"},
    {"run_timeout", ALM_OPT_DURATION, AT(run_timeout), "0", 0, 1e18, NULL, "time it runs at most; 0: no bound"},
    {"retries", ALM_OPT_INTEGER, AT(retries), "0", 0, 255, NULL, "times a killed invocation is tried again"},
    {"retry_delay", ALM_OPT_DURATION, AT(retry_delay), "1s", 0, 1e18, NULL, "time until then"},
    {"scale", ALM_OPT_CHOICE, AT(scale), "fixed", 0, 0, "fixed|per-request|target",
     "instances of a unit: a fixed number, one started whenever none is free, or after the mean number in the system"},
    {"instances", ALM_OPT_INTEGER, AT(instances), "0", 0, 1e6, NULL, "instances that stay; fixed: 0 is 1"},
    {"instances_max", ALM_OPT_INTEGER, AT(instances_max), "0", 0, 1e6, NULL, "instances at most; 0: no bound"},
    {"target", ALM_OPT_REAL, AT(target), "1", 1e-3, 1e6, NULL, "scale=target: invocations in the system per instance"},
    {"scale_interval", ALM_OPT_DURATION, AT(scale_interval), "10s", 1e6, 1e18, NULL, "scale=target: time between looks"},
    {"start_delay", ALM_OPT_DURATION, AT(start_delay), "0", 0, 1e18, NULL, "time an instance takes to start"},
    ALM_LAW_ROWS("start", AT(start), ALM_OPT_REAL, "law of that time in seconds; default: start_delay, always"),
    {"keep_alive", ALM_OPT_DURATION, AT(keep_alive), "10m", 0, 4e18, NULL, "time an idle instance stays"},
    {"io", ALM_OPT_CHOICE, AT(io), "sequence", 0, 0, "sequence|overlap",
     "an invocation receives, reads, computes, writes and sends one after the other, or all at once"},
    {"disk_latency", ALM_OPT_DURATION, AT(disk_latency), "0", 0, 1e18, NULL, "time before the first byte, each way"},
    {"net_latency", ALM_OPT_DURATION, AT(net_latency), "0", 0, 1e18, NULL, "time before the first byte, each way"},
    {"net_classes", ALM_OPT_INTEGER, AT(net_classes), "1", 1, 6, NULL,
     "network classes by priority of the invocations in service: each has 16 times the share of the one below"},
    {"sensor_loss", ALM_OPT_FRACTION, AT(sensor_loss), "0", 0, 1, NULL, "probability that a sample is lost"},
    {"sensor_noise", ALM_OPT_FRACTION, AT(sensor_noise), "0", 0, 10, NULL,
     "coefficient of variation of a factor on all that a sample shows"},
    {"actuation_refusal", ALM_OPT_FRACTION, AT(actuation_refusal), "0", 0, 1, NULL,
     "probability that a limit is refused and the one before stays"},
    {"check", ALM_OPT_BOOL, AT(check), "false", 0, 0, NULL,
     "hold every sharing of a resource against a slow one that is obviously right"},
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
    p->engine = config->wake_on_stall > 0 || meets(config->opt, config->invocations) ? &sim_world : &sim_replay;
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
