/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulate: the main job: one policy on one trace: a table, JSON, a run file. */
#include "almanac/quantity.h"
#include "almanac/version.h"

#include "cmd/cmd.h"
#include "cmd/info.h"
#include "cmd/simulate_platform.h"
#include "experiments/simulation_trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SET_MAX 256

struct request {
    const char *trace, *output, *module[ALM_KIND_COUNT], *set[SET_MAX];
    size_t sets;
    enum cmd_format format;
    bool quiet;
    const char *threads, *seed;
    struct simulation_window window;
    struct cmd_progress progress; /* borrowed by the configuration */
};

enum {
    OPT_PLATFORM = 256,
    OPT_PROFILER,
    OPT_PREDICTOR,
    OPT_CALIBRATOR,
    OPT_ALLOCATOR,
    OPT_SET,
    OPT_FORMAT,
    OPT_THREADS,
    OPT_SEED,
    OPT_UNITS,
    OPT_FROM,
    OPT_UNTIL
};

static const struct argp_option options[] = {
    {"trace", 't', "FILE", 0, "the trace file to replay (required)", 0},
    {"units", OPT_UNITS, "PATTERN", 0, "only the units whose name matches, as of glob(7): 'web-*'", 0},
    {"from", OPT_FROM, "TIME", 0, "only what happens after TIME (7d, 36h, 3600: seconds) since the trace's begin", 0},
    {"until", OPT_UNTIL, "TIME", 0, "only what happens up to TIME since the trace's begin", 0},
    {"profiler", OPT_PROFILER, "P", 0, "profiler module, default window", 1},
    {"predictor", OPT_PREDICTOR, "P", 0, "predictor module, default none", 1},
    {"calibrator", OPT_CALIBRATOR, "P", 0, "calibrator module, default none", 1},
    {"allocator", OPT_ALLOCATOR, "P", 0, "allocator module, default static", 1},
    {"platform", OPT_PLATFORM, "P", 0, "platform module, default simulated", 1},
    {"set", OPT_SET, "PATH=VALUE", 0, "set anything: seed, control.interval, platform.open_loop, allocator.margin, ...",
     2},
    {"seed", OPT_SEED, "N", 0, "the same as --set seed=N", 2},
    {"threads", OPT_THREADS, "N", 0, "threads; the results do not depend on it", 2},
    {"output", 'o', "RUN.h5", 0, "write the run file", 3},
    {"format", OPT_FORMAT, "WORD", 0, "text (default), json or csv", 3},
    {"quiet", 'q', NULL, 0, "no progress", 3},
    {0},
};

static const char doc[] =
    "Replay a trace through a policy and measure efficiency, harm, honesty and stability."
    "\vA module with options is written name:key=value,key=value; `almanac modules` lists them.\n\n"
    "Examples:\n"
    "  almanac simulate -t T.h5 --allocator static:cpu=2,memory=4Gi\n"
    "  almanac simulate -t T.h5 --predictor vpa --allocator envelope:margin=0 \\\n"
    "      --set platform.open_loop=true --format json\n"
    "  almanac simulate -t T.h5 --predictor moving-percentile:percentile=99% \\\n"
    "      --allocator envelope:margin=10% -o run.h5\n\n"
    "Paths for --set: seed, threads, control.interval, control.warmup, control.on_error, control.on_oom, "
    "control.on_stall, control.on_start, control.batch,\n"
    "sample.interval, record.samples, record.executions, record.machines, workload, and platform.KEY, profiler.KEY, "
    "predictor.KEY, calibrator.KEY, allocator.KEY\n"
    "for the options of the chosen modules.";

/* A duration, or seconds. */
static alm_time parse_time(const char *option, const char *text, const struct argp_state *state)
{
    alm_time out = 0;
    double seconds = 0;
    struct alm_err e = {0};
    if (alm_parse_real(text, &seconds, NULL) == ALM_OK && fabs(seconds) < 9e9)
        out = (alm_time)llround(seconds * 1e9);
    else if (alm_parse_duration(text, &out, &e) < 0)
        argp_error(state, "%s: %s", option, e.text);
    if (out < 0)
        argp_error(state, "%s %s: a time counts from the trace's begin; it is not negative", option, text);
    return out;
}

static void check_window(const struct request *q, const struct argp_state *state)
{
    if (q->window.until > 0 && q->window.until <= q->window.from)
        argp_error(state, "--until must be later than --from");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    switch (key) {
    case 't':
        q->trace = arg;
        return 0;
    case 'o':
        q->output = arg;
        return 0;
    case 'q':
        q->quiet = true;
        return 0;
    case OPT_PLATFORM:
        q->module[ALM_PLATFORM] = arg;
        return 0;
    case OPT_PROFILER:
        q->module[ALM_PROFILER] = arg;
        return 0;
    case OPT_PREDICTOR:
        q->module[ALM_PREDICTOR] = arg;
        return 0;
    case OPT_CALIBRATOR:
        q->module[ALM_CALIBRATOR] = arg;
        return 0;
    case OPT_ALLOCATOR:
        q->module[ALM_ALLOCATOR] = arg;
        return 0;
    case OPT_SET:
        if (q->sets == SET_MAX)
            argp_error(state, "more than %d --set", SET_MAX);
        else
            q->set[q->sets++] = arg;
        return 0;
    case OPT_THREADS:
        q->threads = arg;
        return 0;
    case OPT_SEED:
        q->seed = arg;
        return 0;
    case OPT_UNITS:
        q->window.units = arg;
        return 0;
    case OPT_FROM:
        q->window.from = parse_time("--from", arg, state);
        return 0;
    case OPT_UNTIL:
        q->window.until = parse_time("--until", arg, state);
        if (q->window.until == 0)
            argp_error(state, "--until %s: nothing lies before the trace's begin", arg);
        return 0;
    case OPT_FORMAT:
        q->format = cmd_format_parse(arg, "text|json|csv", state);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "`%s`: nothing but options is expected; the trace is given by -t", arg);
        return 0;
    case ARGP_KEY_END:
        if (!q->trace)
            argp_error(state, "which trace? Give it by -t FILE");
        check_window(q, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static uint64_t stopwatch(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int configure(struct simulation_config *c, const struct request *q, struct alm_err *e)
{
    ALM_TRY(simulation_config_init(c, e));
    for (int kind = 0; kind < ALM_KIND_COUNT; kind++)
        if (q->module[kind])
            ALM_TRY(simulation_choose(c, (enum alm_kind)kind, q->module[kind], e));
    if (q->seed)
        ALM_TRY(alm_options_set(simulation_options, &c->settings, "--seed", "seed", q->seed, e));
    if (q->threads)
        ALM_TRY(alm_options_set(simulation_options, &c->settings, "--threads", "threads", q->threads, e));
    for (size_t i = 0; i < q->sets; i++)
        ALM_TRY(simulation_set(c, q->set[i], e));
    return ALM_OK;
}

static void latency_json(json_t *metrics, const struct alm_loop_stats *s)
{
    json_object_set_new(metrics, "decision_ns",
                        json_pack("{s:f, s:f}", "p50", alm_latency_quantile(s->latency, 0.5), "p99",
                                  alm_latency_quantile(s->latency, 0.99)));
}

/* NULL: the whole trace. */
static json_t *window_json(const struct simulation_window *w)
{
    json_t *out = json_object();
    if (w->units && w->units[0])
        json_object_set_new(out, "units", cmd_info_text(w->units));
    if (w->from > 0)
        json_object_set_new(out, "from_s", json_real(alm_seconds(w->from)));
    if (w->until > 0)
        json_object_set_new(out, "until_s", json_real(alm_seconds(w->until)));
    if (json_object_size(out) > 0)
        return out;
    json_decref(out);
    return NULL;
}

static int print_json(const struct simulation_config *c, const struct simulation_result *r, double seconds,
                      struct alm_err *e)
{
    char policy[1024];
    json_t *metrics = simulation_metrics_json(r, (uint64_t)c->settings.seed);
    if (metrics)
        latency_json(metrics, &r->stats);
    json_t *window = window_json(&c->window);
    json_t *out =
        json_pack("{s:s, s:s, s:b, s:{s:s, s:s, s:i, s:o*}, s:o, s:o, s:f, s:s}", "schema", "almanac.run/1", "policy",
                  simulation_policy_text(c, policy, sizeof policy), "oracle", r->oracle, "trace", "name", c->trace_name,
                  "sha256", c->trace_sha256, "units", (int)r->units, "window", window, "config",
                  simulation_config_json(c), "metrics", metrics, "seconds", seconds, "version", alm_version());
    if (!out)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the JSON of a run");
    json_dumpf(out, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(out);
    return ALM_OK;
}

static void print_csv(const struct simulation_result *r)
{
    size_t count;
    const struct metrics_row *row = metrics_rows(&count);
    printf("resource,metric,value\n");
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < count && (r->resources & ALM_BIT(k)); i++) {
            char text[ALM_QUANTITY_TEXT];
            double v = row[i].value(&r->pool, k);
            if (row[i].resource & ALM_BIT(k))
                printf("%s,%s,%s\n", alm_resource_name((enum alm_resource)k), row[i].name,
                       isnan(v) ? "" : alm_print_real(v, text));
        }
    simulate_platform_csv(r, stdout);
}

/* How a figure is shown to people. */
enum shape { PERCENT, AMOUNT, COUNT };
static const struct shown {
    const char *name, *label;
    enum shape shape;
} shown[] = {
    {"slack_relative", "slack, share of the limit", PERCENT},
    {"slack_day", "slack by unit-day (Autopilot's)", PERCENT},
    {"footprint_hours", "footprint (core-hours, GiB-hours)", AMOUNT},
    {"overrun_time_share", "time with demand above the limit", PERCENT},
    {"confidence", "confidence that was stated", PERCENT},
    {"coverage_upper", "envelope's upper side held", PERCENT},
    {"coverage", "envelope's both sides held", PERCENT},
    {"limit_changes_per_unit_day", "limit changes per unit-day", COUNT},
    {"oom_kills", "OOM kills", COUNT},
    {"oom_free_unit_days_share", "unit-days without an OOM kill", PERCENT},
};

static char *cell(const struct metrics_row *row, enum shape shape, const struct simulation_result *r, int k,
                  const struct metrics_interval *ci, char out[64])
{
    out[0] = '\0';
    if (!(row->resource & r->resources & ALM_BIT(k)))
        return out;
    double v = row->value(&r->pool, k), scale = shape == PERCENT ? 100 : shape == AMOUNT && k == 1 ? 0x1p-30 : 1;
    if (isnan(v))
        snprintf(out, 64, "-");
    else if (shape == COUNT && v == floor(v))
        snprintf(out, 64, "%.0f", v);
    else if (isnan(ci->low))
        snprintf(out, 64, "%.2f%s", v * scale, shape == PERCENT ? " %" : "");
    else
        snprintf(out, 64, "%.2f%s [%.2f, %.2f]", v * scale, shape == PERCENT ? " %" : "", ci->low * scale,
                 ci->high * scale);
    return out;
}

static int print_text(const struct simulation_config *c, const struct simulation_result *r, double seconds,
                      struct alm_err *e)
{
    size_t count;
    const struct metrics_row *rows = metrics_rows(&count);
    struct metrics_interval(*ci)[2] = malloc(count * sizeof *ci);
    int code = ci ? metrics_intervals(r->unit, r->units, (uint64_t)c->settings.seed, ci, e)
                  : alm_fail(e, ALM_ENOMEM, "out of memory for a table");
    char policy[1024];
    if (code >= 0) {
        printf("%s%s\n%s: %zu units, %llu samples, %llu decisions, %.2f s\n\n",
               simulation_policy_text(c, policy, sizeof policy), r->oracle ? "   (an oracle: it sees the future)" : "",
               c->trace_name, r->units, (unsigned long long)r->stats.samples, (unsigned long long)r->stats.decisions,
               seconds);
        if (r->resources)
            printf("%-36s %28s %28s\n", "", "cpu", r->resources & ALM_BIT(ALM_MEMORY) ? "memory" : "");
    }
    for (size_t s = 0; ci && code >= 0 && s < sizeof shown / sizeof shown[0]; s++)
        for (size_t k = 0; k < count; k++) {
            char cpu[64], memory[64];
            if (strcmp(rows[k].name, shown[s].name) != 0 || !(rows[k].resource & r->resources))
                continue;
            printf("%-36s %28s %28s\n", shown[s].label, cell(&rows[k], shown[s].shape, r, 0, &ci[k][0], cpu),
                   cell(&rows[k], shown[s].shape, r, 1, &ci[k][1], memory));
        }
    if (code >= 0) {
        simulate_platform_text(r, stdout);
        printf("\none decision for one unit: p50 %.0f ns, p99 %.0f ns; state %zu bytes a unit\n"
               "intervals: 95 %%, bootstrap over units\n",
               alm_latency_quantile(r->stats.latency, 0.5), alm_latency_quantile(r->stats.latency, 0.99),
               r->stats.state_bytes);
    }
    free(ci);
    return code;
}

static int report(const struct request *q, const struct simulation_config *c, const struct simulation_result *r,
                  double seconds, struct alm_err *e)
{
    if (r->stats.held)
        cmd_warn("%llu rounds held the last limits because a module failed; the first: %s",
                 (unsigned long long)r->stats.held, r->stats.first_held.text);
    if (r->stats.decisions == 0)
        cmd_warn("no decision was taken: no unit of %s lives over a multiple of control.interval", c->trace_name);
    else if (r->pool.of[ALM_CPU].seconds == 0 && r->pool.of[ALM_MEMORY].seconds == 0)
        cmd_warn("no unit as a whole ever had a limit, so slack and overrun were not scored; the reasons are in the "
                 "decisions (-o RUN.h5, dump)");
    if (q->format == CMD_JSON)
        return print_json(c, r, seconds, e);
    if (q->format == CMD_TEXT)
        return print_text(c, r, seconds, e);
    print_csv(r);
    return ALM_OK;
}

static int run(struct request *q, struct simulation_config *c, uint64_t start, struct alm_err *e)
{
    struct simulation_trace *trace = NULL;
    struct simulation_load *load = NULL;
    struct simulation_result result = {0};
    int code = simulation_trace_open(q->trace, NULL, &trace, e);
    if (code >= 0)
        code = simulation_load_open(trace, c->settings.workload, &q->window, &load, e);
    if (code >= 0) {
        simulation_load_use(load, c);
        code = simulation_run(c, simulation_load_demand(load), q->output, &result, e);
    }
    cmd_progress_stop(&q->progress);
    if (code >= 0)
        code = report(q, c, &result, (double)(stopwatch() - start) * 1e-9, e);
    simulation_result_free(&result);
    simulation_load_close(load);
    simulation_trace_close(trace);
    return code;
}

static int simulate(struct request *q, struct simulation_config *c, struct alm_err *e)
{
    ALM_TRY(configure(c, q, e));
    c->stop = &cmd_interrupted;
    c->stopwatch = stopwatch;
    cmd_progress_start(&q->progress, "simulating", q->quiet);
    c->progress = cmd_progress_step;
    c->progress_ctx = &q->progress;
    return run(q, c, stopwatch(), e);
}

int cmd_simulate(int argc, char **argv)
{
    static const struct argp argp = {options, parse, NULL, doc, NULL, NULL, NULL};
    struct request request = {0};
    struct simulation_config config = {0};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &request);
    int code = simulate(&request, &config, &e);
    simulation_config_free(&config);
    return code < 0 ? cmd_fail(&e) : cmd_finish();
}
