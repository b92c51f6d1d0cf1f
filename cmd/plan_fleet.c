/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan: what a fleet would need under today's limits, under a policy, and under perfect foresight. */
#include "almanac/quantity.h"

#include "cmd/plan_fleet.h"
#include "core/whole_file.h"
#include "experiments/planner/planner_figure.h"
#include "experiments/planner/planner_kubernetes.h"
#include "experiments/policy_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SET_MAX 256
#define MACHINES_MAX 32
#define FOLDER_ROOM 2048
#define ROWS_OF_TEXT 10

struct machine_option {
    char name[ALM_OPT_STRING];
    double cores, cost;
    int64_t memory;
};

static const struct alm_opt machine_options[] = {
    {"name", ALM_OPT_TEXT, offsetof(struct machine_option, name), NULL, 0, 0, NULL, "what the kind is called"},
    {"cores", ALM_OPT_CORES, offsetof(struct machine_option, cores), "0", 0, 1e6, NULL, "cores of one machine"},
    {"memory", ALM_OPT_BYTES, offsetof(struct machine_option, memory), "0", 0, 1e14, NULL, "memory of one machine"},
    {"cost", ALM_OPT_REAL, offsetof(struct machine_option, cost), NULL, 0, 1e9, NULL, "price of one machine an hour"},
    {0},
};

static const struct alm_opt price_options[] = {
    {"cpu", ALM_OPT_REAL, offsetof(struct planner_prices, cpu), "0", 0, 1e9, NULL, "price of a core-hour"},
    {"memory", ALM_OPT_REAL, offsetof(struct planner_prices, memory), "0", 0, 1e9, NULL, "price of a GiB-hour"},
    {0},
};

struct request {
    const char *trace, *policy, *module[ALM_KIND_COUNT], *set[SET_MAX];
    size_t sets;
    const char *seed, *threads, *vpa, *patch, *container, *plot, *runs, *currency;
    struct planner_machine machine[MACHINES_MAX];
    size_t machines, rows; /* rows: of the table of units; 0: as the format has it */
    double headroom;
    struct planner_prices prices;
    struct simulation_window window;
    enum cmd_format format;
    bool quiet;
    struct cmd_progress progress;
};

enum {
    OPT_POLICY = 256,
    OPT_PLATFORM,
    OPT_PROFILER,
    OPT_PREDICTOR,
    OPT_CALIBRATOR,
    OPT_ALLOCATOR,
    OPT_MACHINE,
    OPT_HEADROOM,
    OPT_COST,
    OPT_CURRENCY,
    OPT_SET,
    OPT_SEED,
    OPT_THREADS,
    OPT_UNITS,
    OPT_FROM,
    OPT_UNTIL,
    OPT_ROWS,
    OPT_FORMAT,
    OPT_VPA,
    OPT_PATCH,
    OPT_CONTAINER,
    OPT_PLOT,
    OPT_RUNS
};

static const struct argp_option options[] = {
    {"trace", 't', "FILE", 0, "the trace file; the same as naming it alone", 0},
    {"units", OPT_UNITS, "PATTERN", 0, "only the units whose name matches, as of glob(7): 'web-*'", 0},
    {"from", OPT_FROM, "TIME", 0, "only what happens after TIME (7d, 36h) since the trace's begin", 0},
    {"until", OPT_UNTIL, "TIME", 0, "only what happens up to TIME since the trace's begin", 0},
    {"policy", OPT_POLICY, "TEXT", 0, "the policy: 'vpa + envelope:margin=5%'", 1},
    {"profiler", OPT_PROFILER, "P", 0, "its parts one by one, as of `almanac simulate`", 1},
    {"predictor", OPT_PREDICTOR, "P", 0, NULL, 1},
    {"calibrator", OPT_CALIBRATOR, "P", 0, NULL, 1},
    {"allocator", OPT_ALLOCATOR, "P", 0, NULL, 1},
    {"platform", OPT_PLATFORM, "P", 0, "platform module of all three simulations, default simulated", 1},
    {"machine", OPT_MACHINE, "KIND", 0,
     "cores=64,memory=256Gi, and if you like name=large,cost=2.10 (an hour); may be repeated", 2},
    {"headroom", OPT_HEADROOM, "SHARE", 0, "share of each machine that is kept free, default 0%", 2},
    {"cost", OPT_COST, "PRICES", 0, "cpu=0.03,memory=0.004: of a core-hour and a GiB-hour of limits", 2},
    {"currency", OPT_CURRENCY, "WORD", 0, "what prices are in: EUR", 2},
    {"set", OPT_SET, "PATH=VALUE", 0, "as of `almanac simulate`; module options are the policy's", 3},
    {"seed", OPT_SEED, "N", 0, "the same as --set seed=N", 3},
    {"threads", OPT_THREADS, "N", 0, "threads; the results do not depend on it", 3},
    {"rows", OPT_ROWS, "N", 0, "how many units the table shows, those that save most, or all", 4},
    {"format", OPT_FORMAT, "WORD", 0, "text (default), json, or csv (the table of units)", 4},
    {"vpa", OPT_VPA, "FILE", 0, "write a VerticalPodAutoscaler for each unit, YAML", 4},
    {"patch", OPT_PATCH, "FILE", 0, "write a patch of requests and limits for each unit, YAML", 4},
    {"container", OPT_CONTAINER, "NAME", 0, "the container that these are about; else called as the unit, or *", 4},
    {"plot", OPT_PLOT, "P", 0, "draw machines needed over time: P.svg, P.png or P.pdf", 4},
    {"runs", OPT_RUNS, "DIR", 0, "keep the three run files there", 4},
    {"quiet", 'q', NULL, 0, "no progress", 4},
    {0},
};

static const char doc[] =
    "Say what a fleet would need under today's limits, under a policy, and under an oracle that sees the future: "
    "machines, "
    "core-hours, memory-hours, money, harm; and which limits to give to each unit."
    "\vThe units of the trace are simulated three times. Machines are counted by packing all limits at each instant at "
    "which one changes.\n\n"
    "Examples:\n"
    "  almanac plan T.h5 --policy 'vpa + envelope:margin=5%' --machine cores=64,memory=256Gi\n"
    "  almanac plan T.h5 --policy 'vpa + envelope' --machine name=m,cores=16,memory=64Gi,cost=0.8 \\\n"
    "      --machine name=l,cores=64,memory=256Gi,cost=3 --headroom 10% --plot machines.svg\n"
    "  almanac plan T.h5 --policy 'vpa + envelope' --machine cores=64,memory=256Gi --format csv >units.csv";

static void add_machine(struct request *q, const char *text, const struct argp_state *state)
{
    struct machine_option o = {.cost = NAN};
    struct alm_err e = {0};
    if (q->machines == MACHINES_MAX) {
        argp_error(state, "more than %d kinds of machines", MACHINES_MAX);
        return;
    }
    if (alm_options_init(machine_options, &o, &e) < 0 ||
        alm_options_parse(machine_options, &o, "--machine", text, &e) < 0)
        argp_error(state, "%s", e.text);
    if (o.cores <= 0 || o.memory <= 0)
        argp_error(state, "--machine %s: cores and memory are needed, as in cores=64,memory=256Gi", text);
    struct planner_machine *m = &q->machine[q->machines++];
    *m = (struct planner_machine){.cores = o.cores, .memory = (double)o.memory, .price = o.cost};
    if (o.name[0])
        snprintf(m->name, sizeof m->name, "%.*s", (int)sizeof m->name - 1, o.name);
    else
        snprintf(m->name, sizeof m->name, "machine%.0zu", q->machines > 1 ? q->machines : 0);
}

static void set_prices(struct request *q, const char *text, const struct argp_state *state)
{
    struct alm_err e = {0};
    if (alm_options_parse(price_options, &q->prices, "--cost", text, &e) < 0)
        argp_error(state, "%s", e.text);
}

static alm_time parse_time(const char *option, const char *text, const struct argp_state *state)
{
    alm_time out = 0;
    struct alm_err e = {0};
    if (alm_parse_duration(text, &out, &e) < 0)
        argp_error(state, "%s: %s", option, e.text);
    if (out < 0)
        argp_error(state, "%s %s: a time counts from the trace's begin; it is not negative", option, text);
    return out;
}

static void set_headroom(struct request *q, const char *text, const struct argp_state *state)
{
    struct alm_err e = {0};
    if (alm_parse_fraction(text, &q->headroom, &e) < 0)
        argp_error(state, "--headroom: %s", e.text);
    if (q->headroom < 0 || q->headroom >= 1)
        argp_error(state, "--headroom %s: a share from 0 up to, not including, 1 is needed, as 10%%", text);
}

static void set_rows(struct request *q, const char *text, const struct argp_state *state)
{
    int64_t n = 0;
    if (strcmp(text, "all") == 0)
        q->rows = SIZE_MAX;
    else if (alm_parse_integer(text, &n, NULL) == ALM_OK && n > 0)
        q->rows = (size_t)n;
    else
        argp_error(state, "--rows %s: a number above 0 or `all` is needed; --units chooses units by name", text);
}

/* The options whose value is kept as it is. */
static const char **place_of(struct request *q, int key)
{
    switch (key) {
    case 't':
        return &q->trace;
    case OPT_POLICY:
        return &q->policy;
    case OPT_PLATFORM:
        return &q->module[ALM_PLATFORM];
    case OPT_PROFILER:
        return &q->module[ALM_PROFILER];
    case OPT_PREDICTOR:
        return &q->module[ALM_PREDICTOR];
    case OPT_CALIBRATOR:
        return &q->module[ALM_CALIBRATOR];
    case OPT_ALLOCATOR:
        return &q->module[ALM_ALLOCATOR];
    case OPT_CURRENCY:
        return &q->currency;
    case OPT_SEED:
        return &q->seed;
    case OPT_THREADS:
        return &q->threads;
    case OPT_UNITS:
        return &q->window.units;
    case OPT_VPA:
        return &q->vpa;
    case OPT_PATCH:
        return &q->patch;
    case OPT_CONTAINER:
        return &q->container;
    case OPT_PLOT:
        return &q->plot;
    case OPT_RUNS:
        return &q->runs;
    default:
        return NULL;
    }
}

static void check(const struct request *q, const struct argp_state *state)
{
    bool parts =
        q->module[ALM_PROFILER] || q->module[ALM_PREDICTOR] || q->module[ALM_CALIBRATOR] || q->module[ALM_ALLOCATOR];
    if (!q->trace)
        argp_error(state, "which trace? As in: almanac plan T.h5 --policy 'vpa + envelope' --machine "
                          "cores=64,memory=256Gi");
    if (!q->policy && !parts)
        argp_error(state, "which policy? Give it by --policy 'vpa + envelope:margin=5%%'");
    if (q->machines == 0)
        argp_error(state, "which machines? Give them by --machine cores=64,memory=256Gi");
    if (q->window.until > 0 && q->window.until <= q->window.from)
        argp_error(state, "--until must be later than --from");
    const char *ending = q->plot ? strrchr(q->plot, '.') : NULL;
    if (q->plot &&
        (!ending || (strcmp(ending, ".svg") != 0 && strcmp(ending, ".png") != 0 && strcmp(ending, ".pdf") != 0)))
        argp_error(state, "--plot %s: the name must end in .svg, .png or .pdf", q->plot);
    size_t priced = 0;
    for (size_t i = 0; i < q->machines; i++)
        priced += isnan(q->machine[i].price) ? 0 : 1;
    if (priced > 0 && priced < q->machines)
        argp_error(state, "%zu of %zu kinds of machines have a cost: give it to all or to none", priced, q->machines);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    const char **place = place_of(q, key);
    if (place) {
        *place = arg;
        return 0;
    }
    switch (key) {
    case 'q':
        q->quiet = true;
        return 0;
    case OPT_MACHINE:
        add_machine(q, arg, state);
        return 0;
    case OPT_HEADROOM:
        set_headroom(q, arg, state);
        return 0;
    case OPT_COST:
        set_prices(q, arg, state);
        return 0;
    case OPT_SET:
        if (q->sets == SET_MAX)
            argp_error(state, "more than %d --set", SET_MAX);
        else
            q->set[q->sets++] = arg;
        return 0;
    case OPT_FROM:
        q->window.from = parse_time("--from", arg, state);
        return 0;
    case OPT_UNTIL:
        q->window.until = parse_time("--until", arg, state);
        return 0;
    case OPT_ROWS:
        set_rows(q, arg, state);
        return 0;
    case OPT_FORMAT:
        q->format = cmd_format_parse(arg, "text|json|csv", state);
        return 0;
    case ARGP_KEY_ARG:
        if (q->trace)
            argp_error(state, "`%s`: one trace is planned for, and it is %s", arg, q->trace);
        q->trace = arg;
        return 0;
    case ARGP_KEY_END:
        check(q, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* "predictor.window=1h" is about the policy alone. */
static bool of_policy(const char *path)
{
    static const enum alm_kind parts[] = {ALM_PROFILER, ALM_PREDICTOR, ALM_CALIBRATOR, ALM_ALLOCATOR};
    size_t n = strcspn(path, ".=");
    for (size_t k = 0; k < 4; k++)
        if (path[n] == '.' && strlen(alm_kind_word(parts[k])) == n && strncmp(path, alm_kind_word(parts[k]), n) == 0)
            return true;
    return false;
}

static int choose(struct simulation_config *c, const struct request *q, enum planner_side_name side, struct alm_err *e)
{
    if (q->module[ALM_PLATFORM])
        ALM_TRY(simulation_choose(c, ALM_PLATFORM, q->module[ALM_PLATFORM], e));
    if (side == PLANNER_ORACLE)
        return policy_text_parse("oracle:rows=overlapping + envelope:margin=0", c, NULL, e);
    if (side == PLANNER_TODAY)
        return ALM_OK;
    if (q->policy)
        ALM_TRY(policy_text_parse(q->policy, c, NULL, e));
    for (int kind = 0; kind < ALM_KIND_COUNT; kind++)
        if (q->module[kind] && kind != ALM_PLATFORM)
            ALM_TRY(simulation_choose(c, (enum alm_kind)kind, q->module[kind], e));
    return ALM_OK;
}

static int configure(struct simulation_config *c, const struct request *q, enum planner_side_name side,
                     struct alm_err *e)
{
    ALM_TRY(simulation_config_init(c, e));
    ALM_TRY(choose(c, q, side, e));
    if (q->seed)
        ALM_TRY(alm_options_set(simulation_options, &c->settings, "--seed", "seed", q->seed, e));
    if (q->threads)
        ALM_TRY(alm_options_set(simulation_options, &c->settings, "--threads", "threads", q->threads, e));
    for (size_t i = 0; i < q->sets; i++)
        if (side == PLANNER_POLICY || !of_policy(q->set[i]))
            ALM_TRY(simulation_set(c, q->set[i], e));
    if (side != PLANNER_POLICY)
        c->settings.record = SIMULATION_RECORD_NONE;
    return ALM_OK;
}

/* Where there was no limit. A moment at the begin is usual. */
static void warn_of_limits(const struct planner *p)
{
    for (int k = 0; k < PLANNER_SIDES; k++)
        for (int r = 0; r < 2; r++) {
            const struct planner_side *side = &p->side[k];
            const char *word = planner_side_word((enum planner_side_name)k);
            const char *resource = alm_resource_name((enum alm_resource)r);
            if (!side->there || !(p->resources & ALM_BIT(r)))
                continue;
            if (side->unknown[r] > 0)
                cmd_warn(
                    "%s: for %.3g %% of the unit-time there is no limit of %s, and the trace knows none: it counts "
                    "as nothing, so more is needed than is said",
                    word, 100 * side->unknown[r], resource);
            if (side->unlimited[r] - side->unknown[r] > 0.01)
                cmd_warn("%s: for %.3g %% of the unit-time it has no limit of %s, and today's stands in", word,
                         100 * (side->unlimited[r] - side->unknown[r]), resource);
        }
}

static void warn(const struct planner_request *r, const struct planner *p)
{
    const struct simulation_config *c = r->config[PLANNER_POLICY];
    if (strcmp(c->policy.allocator.module->name, "static") == 0 && !(c->policy.predictor.module->flags & ALM_F_NULL))
        cmd_warn("the policy's allocator is static: it does not look at predictor %s; add ` + envelope`",
                 c->policy.predictor.module->name);
    if (p->undecided)
        cmd_warn("%zu of %zu units live over no multiple of control.interval, have no decision, and are left out",
                 p->undecided, p->units);
    if (!p->side[PLANNER_TODAY].there)
        cmd_warn("today is left out: %s", p->side[PLANNER_TODAY].absent);
    warn_of_limits(p);
    for (size_t m = 0; m < r->machines; m++)
        for (int k = 0; k < PLANNER_SIDES; k++)
            if (p->side[k].there && p->side[k].need[m].too_large)
                cmd_warn("%s: %zu unit%s larger than %s, the largest is %s; each counts as a machine of its own",
                         planner_side_word((enum planner_side_name)k), p->side[k].need[m].too_large,
                         p->side[k].need[m].too_large == 1 ? " is" : "s are", r->machine[m].name,
                         p->side[k].limits.unit[p->side[k].need[m].largest].name);
}

static int write_objects(const char *path, const struct planner_objects *o,
                         size_t (*write)(const struct planner_objects *o, FILE *out), struct alm_err *e)
{
    struct whole_file f;
    if (!path)
        return ALM_OK;
    ALM_TRY(whole_file_open(&f, path, e));
    size_t written = write(o, f.stream);
    ALM_TRY(whole_file_commit(&f, true, e));
    cmd_say("wrote %s: %zu unit%s", path, written, written == 1 ? "" : "s");
    if (written < o->count)
        cmd_warn("%s: %zu units have no limit to recommend", path, o->count - written);
    return ALM_OK;
}

static int write_kubernetes(const struct request *q, const struct plan_view *v, const uint32_t *order,
                            struct alm_err *e)
{
    char(*label)[PLANNER_LABEL] = NULL;
    if (!q->vpa && !q->patch)
        return ALM_OK;
    ALM_TRY(planner_labels(&v->p->side[PLANNER_POLICY].limits, &label, e));
    struct planner_objects objects = {.limits = &v->p->side[PLANNER_POLICY].limits,
                                      .label = (const char(*)[PLANNER_LABEL])label,
                                      .order = order,
                                      .count = v->decided,
                                      .container = q->container};
    int code = write_objects(q->vpa, &objects, planner_write_vpa, e);
    if (code >= 0)
        code = write_objects(q->patch, &objects, planner_write_patch, e);
    free(label);
    return code;
}

static int write_figure(const struct request *q, const struct plan_view *v, struct alm_err *e)
{
    if (!q->plot)
        return ALM_OK;
    struct alm_figure_options o = {.output = q->plot};
    struct alm_figure_report report;
    int code = planner_figure_draw(v->q, v->p, v->p->side[PLANNER_POLICY].best, &o, &report, e);
    if (code >= 0)
        cmd_say("wrote %s", q->plot);
    if (report.script[0])
        cmd_say("the gnuplot script is %s", report.script);
    return code;
}

static int show(const struct request *q, const struct planner_request *r, const struct planner *p, struct alm_err *e)
{
    uint32_t *order = calloc(p->units ? p->units : 1, sizeof *order);
    struct plan_view v = {.q = r,
                          .p = p,
                          .order = order,
                          .currency = q->currency,
                          .calendar = r->config[PLANNER_POLICY]->calendar,
                          .format = q->format};
    if (!order)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", p->units);
    int code = planner_order(p, &q->prices, order, &v.decided, e);
    size_t rows = q->rows ? q->rows : q->format == CMD_TEXT ? ROWS_OF_TEXT : SIZE_MAX;
    v.count = rows < v.decided ? rows : v.decided;
    if (code >= 0) {
        warn(r, p);
        code = plan_print(&v, e);
    }
    if (code >= 0)
        code = write_kubernetes(q, &v, order, e);
    if (code >= 0)
        code = write_figure(q, &v, e);
    free(order);
    return code;
}

/* Where run files go: --runs, made when it is not there, or a folder of our own. */
static int make_folder(const struct request *q, char out[FOLDER_ROOM], struct alm_err *e)
{
    const char *tmp = getenv("TMPDIR");
    int n = q->runs ? snprintf(out, FOLDER_ROOM, "%s", q->runs)
                    : snprintf(out, FOLDER_ROOM, "%s/almanac-plan-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (n >= FOLDER_ROOM)
        return alm_fail(e, ALM_EINVAL, "the folder for run files has a name longer than %d bytes", FOLDER_ROOM - 1);
    if (q->runs ? mkdir(out, 0777) != 0 && errno != EEXIST : mkdtemp(out) == NULL)
        return alm_fail(e, ALM_EINVAL, "cannot make the folder %s: %s", out, strerror(errno));
    return ALM_OK;
}

static void remove_folder(const char *folder)
{
    for (int k = 0; k < PLANNER_SIDES; k++) {
        char path[FOLDER_ROOM + 16];
        snprintf(path, sizeof path, "%s/%s.h5", folder, planner_side_word((enum planner_side_name)k));
        unlink(path);
    }
    rmdir(folder);
}

static int run(struct request *q, struct simulation_config *c, const struct simulation_load *load, struct alm_err *e)
{
    char folder[FOLDER_ROOM];
    struct planner planner;
    struct planner_request r = {.config = {&c[0], &c[1], &c[2]},
                                .load = load,
                                .folder = folder,
                                .machine = q->machine,
                                .machines = q->machines,
                                .headroom = q->headroom,
                                .prices = q->prices,
                                .stop = &cmd_interrupted,
                                .progress = cmd_progress_step,
                                .progress_ctx = &q->progress};
    ALM_TRY(make_folder(q, folder, e));
    cmd_progress_start(&q->progress, "planning", q->quiet);
    int code = planner_run(&r, &planner, e);
    cmd_progress_stop(&q->progress);
    if (code >= 0)
        code = show(q, &r, &planner, e);
    planner_free(&planner, q->machines);
    if (!q->runs)
        remove_folder(folder);
    return code;
}

static int plan(struct request *q, struct simulation_config *c, struct alm_err *e)
{
    struct simulation_trace *trace = NULL;
    struct simulation_load *load = NULL;
    for (int k = 0; k < PLANNER_SIDES; k++)
        ALM_TRY(configure(&c[k], q, (enum planner_side_name)k, e));
    int code = simulation_trace_open(q->trace, NULL, &trace, e);
    if (code >= 0)
        code = simulation_load_open(trace, c[PLANNER_POLICY].settings.workload, &q->window, &load, e);
    if (code >= 0)
        code = run(q, c, load, e);
    simulation_load_close(load);
    simulation_trace_close(trace);
    return code;
}

int cmd_plan(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "TRACE", doc, NULL, NULL, NULL};
    struct request request = {.currency = ""};
    struct simulation_config config[PLANNER_SIDES] = {0};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &request);
    int code = plan(&request, config, &e);
    for (int k = 0; k < PLANNER_SIDES; k++)
        simulation_config_free(&config[k]);
    return code < 0 ? cmd_fail(&e) : cmd_finish();
}
