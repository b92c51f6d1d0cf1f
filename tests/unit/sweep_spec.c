/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: does a specification become the experiment it means? Is every mistake told, with its place, and all of them at
 * once, also those that only modules and files can find? */
#include "experiments/sweep/spec.h"

#include "experiments/simulation.h"
#include "scratch.h"

#include <string.h>
#include <sys/stat.h>

TestSuite(sweep_spec, .init = scratch_enter, .fini = scratch_leave);

#define ALL 16384
static char heard[ALL];

static void gather(void *ctx, const char *problem)
{
    size_t *count = ctx, used = strlen(heard);
    snprintf(heard + used, sizeof heard - used, "%s\n", problem);
    (*count)++;
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
}

static struct sweep_spec *good(const char *text)
{
    struct alm_err e = {0};
    struct sweep_spec *s = NULL;
    put("s.yaml", text);
    GOOD(sweep_spec_read("s.yaml", NULL, NULL, &s, &e));
    return s;
}

/* How many problems reading and trying out TEXT tells; they are in `heard`. */
static size_t problems(const char *text)
{
    struct alm_err e = {0};
    struct sweep_spec *s = NULL;
    size_t count = 0;
    heard[0] = '\0';
    put("s.yaml", text);
    int code = sweep_spec_read("s.yaml", gather, &count, &s, &e);
    if (code >= 0) {
        code = sweep_spec_try(s, &e);
        sweep_spec_free(s);
    }
    cr_expect_eq(code, count ? ALM_EINVAL : ALM_OK, "%s: %d %s", text, code, e.text);
    return count;
}

#define HEAD "traces: [a.h5]\npolicies:\n  - {name: p, allocator: static}\n"

#define TUNED HEAD "split: {train: 1d, test: 1d}\n"

static const char whole[] = "traces:\n"
                            "  - a.h5\n"
                            "  - {file: sub/b.h5, name: bee, units: \"web-*\"}\n"
                            "platform: {open_loop: true, restart_delay: 30s}\n"
                            "settings:\n"
                            "  control.interval: 10m\n"
                            "  sample: {interval: 5m}\n"
                            "policies:\n"
                            "  - name: fixed\n"
                            "    allocator: \"static:cpu=2,memory=4Gi\"\n"
                            "  - name: vpa\n"
                            "    predictor: {name: vpa, bound: upper, margin: 15%}\n"
                            "    allocator: envelope\n"
                            "    settings: {allocator.margin: 5%}\n"
                            "factors:\n"
                            "  cross:\n"
                            "    vpa.allocator.margin: [0, 10%]\n"
                            "    control.on_oom: true\n"
                            "  zip:\n"
                            "    vpa.predictor: {margin: [1%, 2%], bound: [target, lower]}\n"
                            "seeds: {first: 7, count: 3}\n"
                            "split: {warmup: 1h, train: 2d, test: 1d}\n"
                            "metrics: [cpu.slack_relative, memory.oom_kills]\n"
                            "baseline: fixed\n"
                            "tolerances: {cpu.slack_relative: 2%, memory.oom_kills: 0}\n"
                            "until: {metric: cpu.slack_relative, halfwidth: 2 %, most: 20}\n"
                            "tune:\n"
                            "  - policy: vpa\n"
                            "    parameters:\n"
                            "      allocator.shrink: {min: 1%, max: 50%, log: true}\n"
                            "      predictor.controlled: [both, cpu]\n"
                            "    objective: {cpu.slack_relative: 1, cpu.overrun_time_share: 10}\n"
                            "    method: random\n"
                            "    budget: 30\n"
                            "    seed: 5\n";

static void check_traces_and_policies(const struct sweep_spec *s)
{
    cr_assert(s->traces == 2 && s->policies == 2 && s->sets == 2);
    cr_expect_str_eq(s->trace[0].path, "a.h5");
    cr_expect_str_eq(s->trace[0].units, "");
    cr_expect_str_eq(s->trace[1].path, "sub/b.h5");
    cr_expect_str_eq(s->trace[1].name, "bee");
    cr_expect_str_eq(s->trace[1].units, "web-*");
    cr_expect_str_eq(s->platform.text, "simulated:open_loop=true,restart_delay=30s");
    cr_expect_str_eq(s->set[0].text, "control.interval=10m");
    cr_expect_str_eq(s->set[1].text, "sample.interval=5m");
    cr_expect_str_eq(s->policy[0].module[ALM_ALLOCATOR].text, "static:cpu=2,memory=4Gi");
    cr_expect_null(s->policy[0].module[ALM_PREDICTOR].text);
    cr_expect_str_eq(s->policy[1].module[ALM_PREDICTOR].text, "vpa:bound=upper,margin=15%");
    cr_assert_eq(s->policy[1].sets, 1);
    cr_expect_str_eq(s->policy[1].set[0].text, "allocator.margin=5%");
}

static void check_the_rest(const struct sweep_spec *s)
{
    cr_assert(s->factors == 4 && s->seeds == 3 && s->metrics == 2 && s->tolerances == 2 && s->tunes == 1);
    static const char *const path[] = {"allocator.margin", "control.on_oom", "predictor.margin", "predictor.bound"};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(s->factor[i].path, path[i]);
        cr_expect_eq(s->factor[i].zip, i >= 2);
        cr_expect_eq(s->factor[i].values, i == 1 ? 1 : 2);
        cr_expect_str_eq(s->factor[i].policy ? s->factor[i].policy : "", i == 1 ? "" : "vpa");
    }
    cr_expect_str_eq(s->factor[3].value[1], "lower");
    cr_expect(s->seed[0] == 7 && s->seed[1] == 8 && s->seed[2] == 9);
    cr_expect(s->warmup == ALM_HOUR && s->train == 2 * ALM_DAY && s->test == ALM_DAY);
    cr_expect_str_eq(s->metric[0].name, "cpu.slack_relative");
    cr_expect_str_eq(s->baseline, "fixed");
    cr_expect_str_eq(s->tolerance[1].metric, "memory.oom_kills");
    cr_expect_str_eq(s->tolerance[1].text, "0");
    cr_expect_str_eq(s->until_metric, "cpu.slack_relative");
    cr_expect(s->until_halfwidth == 0.02 && s->until_most == 20);
    const struct sweep_tune *t = &s->tune[0];
    cr_assert(t->parameters == 2 && t->objectives == 2);
    cr_expect(t->method == SWEEP_RANDOM && t->budget == 30 && t->seed == 5);
    cr_expect(t->weight[1] == 10 && t->parameter[0].log && t->parameter[1].values == 2);
    cr_expect_str_eq(t->policy, "vpa");
    cr_expect_str_eq(t->objective[1], "cpu.overrun_time_share");
}

Test(sweep_spec, everything_there_is)
{
    struct alm_err e = {0};
    mkdir("sub", 0777);
    put("a.h5", "");
    put("sub/b.h5", "");
    struct sweep_spec *s = good(whole), *again;
    check_traces_and_policies(s);
    check_the_rest(s);
    cr_expect_str_eq(s->text, whole);
    GOOD(sweep_spec_try(s, &e));
    cr_expect_str_eq(s->trace[0].name, "a");
    const struct alm_opt *row;
    double min, max;
    GOOD(sweep_parameter_range(s, &s->tune[0], 0, &row, &min, &max, &e));
    cr_expect_str_eq(row->key, "shrink");
    cr_expect(min == 0.01 && max == 0.5);
    GOOD(sweep_spec_parse(s->text, "elsewhere.yaml", &again, &e));
    check_traces_and_policies(again);
    check_the_rest(again);
    sweep_spec_free(again);
    sweep_spec_free(s);
}

Test(sweep_spec, a_configuration_is_what_simulate_would_make)
{
    struct alm_err e = {0};
    mkdir("sub", 0777);
    put("a.h5", "");
    put("sub/b.h5", "");
    struct sweep_spec *s = good(whole);
    struct simulation_config a = {0}, b = {0};
    GOOD(sweep_spec_config(s, 1, &a, &e));
    GOOD(simulation_config_init(&b, &e));
    GOOD(simulation_choose(&b, ALM_PLATFORM, "simulated:open_loop=true,restart_delay=30s", &e));
    GOOD(simulation_choose(&b, ALM_PREDICTOR, "vpa:bound=upper,margin=15%", &e));
    GOOD(simulation_choose(&b, ALM_ALLOCATOR, "envelope:margin=5%", &e));
    static const char *const set[] = {"control.interval=10m", "sample.interval=5m",     "control.warmup=1h",
                                      "record.samples=none",  "record.executions=none", "record.machines=none"};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        GOOD(simulation_set(&b, set[i], &e));
    json_t *x = simulation_config_json(&a), *y = simulation_config_json(&b);
    cr_expect(json_equal(x, y));
    json_decref(x);
    json_decref(y);
    simulation_config_free(&a);
    simulation_config_free(&b);
    sweep_spec_free(s);
}

struct mistake {
    const char *text, *want;
};

/* Each is one problem, in line:column. */
static void check_mistakes(const struct mistake *m, size_t count)
{
    put("a.h5", "");
    for (size_t i = 0; i < count; i++) {
        size_t n = problems(m[i].text);
        cr_expect(n == 1 || strstr(m[i].text, "rndom"), "case %zu: %zu problems:\n%s", i, n, heard);
        cr_expect_not_null(strstr(heard, m[i].want), "case %zu: `%s` not in:\n%s", i, m[i].want, heard);
    }
    cr_expect_eq(problems(HEAD), 0, "%s", heard);
}

Test(sweep_spec, each_mistake_has_its_place)
{
    static const struct mistake cases[] = {
        {HEAD "polices: 1\n",
         "s.yaml:4:1: polices: unknown key `polices`, did you mean `policies`?\n  polices: 1\n  ^"},
        {"policies: [{name: p}]\n", "s.yaml: which traces?"},
        {"traces: [a.h5]\n", "s.yaml: which policies?"},
        {"traces: []\npolicies: [{name: p}]\n", "s.yaml:1:1: traces: the list is empty"},
        {"traces: [{fil: a.h5, file: a.h5}]\npolicies: [{name: p}]\n", "s.yaml:1:11: traces.0.fil: unknown key `fil`"},
        {"traces: [{name: x}]\npolicies: [{name: p}]\n", "s.yaml:1:10: traces.0: which file?"},
        {"traces: [b.h5]\npolicies: [{name: p}]\n", "s.yaml:1:10: traces.0: there is no file `b.h5`"},
        {"traces:\n  - b*.h5\npolicies: [{name: p}]\n", "s.yaml:2:5: traces.0: no file matches `b*.h5`"},
        {"traces: [a.h5, a.h5]\npolicies: [{name: p}]\n",
         "s.yaml:1:16: traces.1: `a.h5` and `a.h5` are both named `a`"},
        {"traces: [a.h5]\npolicies: p\n", "s.yaml:2:1: policies: a list is expected"},
        {"traces: [a.h5]\npolicies:\n  - vpa\n", "s.yaml:3:5: policies.0: a map is expected"},
        {"traces: [a.h5]\npolicies:\n  - allocator: static\n", "s.yaml:3:5: policies.0: the policy has no `name`"},
        {"traces: [a.h5]\npolicies: [{name: p}, {name: p}]\n", "s.yaml:2:24: policies.1.name: another policy is named"},
        {"traces: [a.h5]\npolicies: [{name: control}]\n", "s.yaml:2:13: policies.0.name: `control` begins paths"},
        {"traces: [a.h5]\npolicies:\n  - name: p\n    predictr: vpa\n",
         "s.yaml:4:5: policies.0.predictr: unknown key `predictr`, did you mean `predictor`?\n      predictr: vpa\n    "
         "  ^"},
        {"traces: [a.h5]\npolicies:\n  - name: p\n    predictor: vap\n",
         "s.yaml:4:5: policies.0.predictor: unknown predictor `vap`, did you mean `vpa`?"},
        {"traces: [a.h5]\npolicies:\n  - name: p\n    predictor: {name: vpa, bund: upper}\n",
         "s.yaml:4:5: policies.0.predictor: predictor vpa: unknown key `bund`, did you mean `bound`?"},
        {"traces: [a.h5]\npolicies: [{name: p, predictor: {bound: upper}}]\n", "predictor: the map has no `name`"},
        {"traces: [a.h5]\npolicies: [{name: p, settings: {allocator.x: 1}}]\n",
         "s.yaml:2:33: policies.0.settings.allocator.x: allocator static: unknown key `x`"},
        {HEAD "platform: {machines: many}\n", "s.yaml:4:1: platform: platform simulated: machines: `many`"},
        {HEAD "settings:\n  contrl.interval: 5m\n", "s.yaml:5:3: settings.contrl.interval: unknown path"},
        {HEAD "settings: {control.interval: 5m, control: {interval: 6m}}\n",
         "s.yaml:4:44: settings.control.interval: the setting `control.interval` was given before"},
        {HEAD "settings: {seed: 3}\n", "s.yaml:4:12: settings.seed: seed=3: `seeds` says which seeds are run"},
        {HEAD "factors:\n  allocator.cpu: [1, fast, 2]\n",
         "s.yaml:5:22: factors.allocator.cpu.1: allocator static: cpu: `fast` is not a number of cores"},
        {HEAD "factors: {allocator.margin: [1, 2]}\n",
         "s.yaml:4:11: factors.allocator.margin: policy p: allocator static: unknown key `margin`"},
        {HEAD "factors: {allocator.cpu: [1, 1]}\n",
         "s.yaml:4:30: factors.allocator.cpu.1: the value `1` is given twice"},
        {HEAD "factors: {allocator.cpu: []}\n", "s.yaml:4:11: factors.allocator.cpu: the list is empty"},
        {HEAD "factors: {allocator.cpu: [1], p.allocator.cpu: [2]}\n",
         "s.yaml:4:31: factors.p.allocator.cpu: `allocator.cpu` is a factor already"},
        {HEAD "factors: {zip: {allocator.cpu: [1, 2], allocator.memory: [1Gi]}}\n",
         "s.yaml:4:40: factors.zip.allocator.memory: 1 values, but `allocator.cpu` has 2"},
        {HEAD "seeds: 5\n", "s.yaml:4:1: seeds: one seed or so many?"},
        {HEAD "seeds: [1, 2, 1]\n", "s.yaml:4:1: seeds: the seed 1 is given twice"},
        {HEAD "seeds: [1, -2]\n", "s.yaml:4:12: seeds.1: `-2` is out of range"},
        {HEAD "seeds: {first: 3}\n", "s.yaml:4:1: seeds: how many?"},
        {HEAD "split: {train: long}\n", "s.yaml:4:9: split.train: `long` is not a duration"},
        {HEAD "split: {trian: 1d}\n", "s.yaml:4:9: split.trian: unknown key `trian`, did you mean `train`?"},
        {HEAD "baseline: q\n", "s.yaml:4:1: baseline: no policy is named `q`"},
        {HEAD "tolerances: {cpu.slack_relative: much}\n",
         "s.yaml:4:14: tolerances.cpu.slack_relative: `much` is neither"},
        {HEAD "until: {metric: cpu.slack_relative, halfwidth: 0}\n",
         "s.yaml:4:37: until.halfwidth: `0` is not more than 0"},
        {HEAD "seeds: [1, 2]\nuntil: {metric: cpu.slack_relative, halfwidth: 2%, most: 1}\n",
         "s.yaml:5:52: until.most: at most 1 seeds"},
        {HEAD "metrics: [cpu.slack_relativ]\n", "s.yaml:4:11: metrics.0: "},
        {HEAD "tune: {policy: p, parameters: {allocator.cpu: [1, 2]}, objective: {cpu.slack_relative: 1}}\n",
         "s.yaml:4:1: tune: tuning needs a part to tune on"},
        {HEAD "split: {train: 1d, test: 1d}\n"
              "tune: {policy: p, parameters: {allocator.cpu: {min: 4, max: 2}}, objective: {cpu.slack_relative: 1},"
              " method: random, budget: 3}\n",
         "s.yaml:5:32: tune.parameters.allocator.cpu: min `4` is not less than max `2`"},
        {HEAD "split: {train: 1d, test: 1d}\n"
              "tune: {policy: p, parameters: {allocator.cpu: {min: 1, max: 2}}, objective: {cpu.slack_relative: 1},"
              " method: rndom, budget: 3}\n",
         "tune.method: `rndom` is no method, did you mean `random`?"},
    };
    check_mistakes(cases, sizeof cases / sizeof *cases);
}

Test(sweep_spec, each_mistake_of_a_tuning_has_its_place)
{
    static const struct mistake cases[] = {
        {TUNED "factors: {allocator.cpu: [1, 2]}\n"
               "tune: {policy: p, parameters: {allocator.cpu: [1, 2]}, objective: {cpu.slack_relative: 1}}\n",
         "s.yaml:6:32: tune.parameters.allocator.cpu: `allocator.cpu` is a factor too"},
        {TUNED "tune: {policy: p, parameters: {control.batch: {min: 1, max: 9}}, objective: {cpu.slack_relative: 1}, "
               "method: nelder-mead, budget: 3}\n",
         "s.yaml:5:32: tune.parameters.control.batch: nelder-mead is for amounts, and this is a whole number"},
        {TUNED "tune: {policy: p, parameters: {control.on_oom: [true, false]}, objective: {cpu.slack_relative: 1}, "
               "method: nelder-mead, budget: 3}\n",
         "s.yaml:5:32: tune.parameters.control.on_oom: nelder-mead needs a range, not `values`"},
        {TUNED "tune: {policy: p, parameters: {allocator.cpu: [1, 2]}, objective: {cpu.coverage: 1}}\n",
         "s.yaml:5:68: tune.objective.cpu.coverage: more of cpu.coverage is better"},
        {TUNED "tune: {policy: p, parameters: {allocator.cpu: [1, 2]}, objective: {cpu.slack_relative: -1}}\n",
         "s.yaml:5:68: tune.objective.cpu.slack_relative: less of cpu.slack_relative is better"},
        {TUNED
         "tune: {policy: p, parameters: {allocator.cpu: [1, 2, 3]}, objective: {cpu.slack_relative: 1}, budget: 2}\n",
         "s.yaml:5:1: tune: the grid has more than 2 sets of values"},
        {TUNED "tune:\n  - {policy: p, parameters: {allocator.cpu: [1]}, objective: {cpu.slack_relative: 1}}\n"
               "  - {policy: p, parameters: {allocator.memory: [1Gi]}, objective: {cpu.slack_relative: 1}}\n",
         "s.yaml:7:5: tune.1: policy p is tuned twice"},
    };
    check_mistakes(cases, sizeof cases / sizeof *cases);
}

Test(sweep_spec, all_problems_at_once_also_those_of_modules_and_files)
{
    put("a.h5", "");
    size_t n = problems("traces: [a.h5, none.h5]\n"
                        "policies:\n"
                        "  - {name: p, predictor: vap}\n"
                        "  - {name: q, allocator: static, alocator: static}\n"
                        "settings: {control.intervl: 5m}\n"
                        "factors: {control.on_oom: [yes, perhaps]}\n"
                        "seeds: [1, x]\n"
                        "split: {warmup: -1h}\n"
                        "baseline: r\n");
    static const char *const want[] = {"s.yaml:1:16: traces.1: there is no file `none.h5`",
                                       "s.yaml:3:15: policies.0.predictor: unknown predictor `vap`",
                                       "s.yaml:4:34: policies.1.alocator: unknown key `alocator`",
                                       "s.yaml:5:12: settings.control.intervl: control.intervl",
                                       "s.yaml:6:33: factors.control.on_oom.1: ",
                                       "s.yaml:7:12: seeds.1: ",
                                       "s.yaml:8:9: split.warmup: ",
                                       "s.yaml:9:1: baseline: no policy is named `r`"};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        cr_expect(strstr(heard, want[i]) || (i == 3 && strstr(heard, "s.yaml:5:12: settings.control.intervl: ")),
                  "`%s` not in:\n%s", want[i], heard);
    cr_expect_eq(n, 8, "%zu:\n%s", n, heard);
}

/* Sections stand in the reverse of the order in which they are read, and are told by the reader, the sections, modules and metrics. */
Test(sweep_spec, problems_come_in_the_order_of_the_file)
{
    static const char *const want[] = {
        "s.yaml:1:14: tolerances.cpu.slak: ",
        "s.yaml:2:1: baseline: ",
        "s.yaml:3:9: split.warmup: ",
        "s.yaml:3:22: split.trian: ",
        "s.yaml:4:12: seeds.1: ",
        "s.yaml:5:28: factors.control.on_oom.0: ",
        "s.yaml:6:12: settings.control.x: ",
        "s.yaml:6:26: settings.control.y: ",
        "s.yaml:8:15: policies.0.predictor: ",
        "s.yaml:8:31: policies.0.alocator: ",
        "s.yaml:9:1: the key `seeds` was given before",
        "s.yaml: which traces? ",
    };
    size_t count = sizeof want / sizeof *want, n = problems("tolerances: {cpu.slak: 1}\n"
                                                            "baseline: r\n"
                                                            "split: {warmup: -1h, trian: 1d}\n"
                                                            "seeds: [1, x]\n"
                                                            "factors: {control.on_oom: [perhaps]}\n"
                                                            "settings: {control.x: 1, control.y: 2}\n"
                                                            "policies:\n"
                                                            "  - {name: p, predictor: vap, alocator: static}\n"
                                                            "seeds: [2]\n");
    const char *at = heard;
    for (size_t i = 0; i < count; i++) {
        const char *found = strstr(at, want[i]);
        cr_assert(found, "`%s` is not there, or not after `%s`, in:\n%s", want[i], i ? want[i - 1] : "", heard);
        at = found + 1;
    }
    cr_expect_eq(n, count, "%zu:\n%s", n, heard);
    cr_expect(strncmp(heard, want[0], strlen(want[0])) == 0, "%s", heard);
}

Test(sweep_spec, without_a_listener_the_error_is_the_first)
{
    struct alm_err e = {0};
    struct sweep_spec *s = NULL;
    put("s.yaml", "traces: [a.h5]\npolicies: 1\nsed: 2\n");
    cr_expect_eq(sweep_spec_read("s.yaml", NULL, NULL, &s, &e), ALM_EINVAL);
    cr_expect_not_null(strstr(e.text, "s.yaml:1:10: traces.0: there is no file `a.h5`"), "%s", e.text);
    cr_expect_eq(sweep_spec_read("none.yaml", NULL, NULL, &s, &e), ALM_EDATA);
    cr_expect_null(s);
}

Test(sweep_spec, patterns_are_expanded_from_the_folder_of_the_spec)
{
    struct alm_err e = {0};
    struct sweep_spec *s;
    mkdir("odd[x]", 0777);
    mkdir("odd[x]/t", 0777);
    static const char *const files[] = {"odd[x]/t/b.h5", "odd[x]/t/B.h5", "odd[x]/t/a.h5", "odd[x]/t/c.txt",
                                        "odd[x]/[1].h5"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        put(files[i], "");
    mkdir("odd[x]/t/d.h5", 0777);
    put("odd[x]/s.yaml", "traces: ['t/*.h5', '[1].h5']\npolicies: [{name: p}]\n");
    GOOD(sweep_spec_read("odd[x]/s.yaml", NULL, NULL, &s, &e));
    GOOD(sweep_spec_try(s, &e));
    static const char *const want[] = {"t/B.h5", "t/a.h5", "t/b.h5", "[1].h5"};
    cr_assert_eq(s->traces, 4);
    for (size_t i = 0; i < 4; i++)
        cr_expect_str_eq(s->trace[i].path, want[i]);
    cr_expect_str_eq(s->trace[0].name, "B");
    char *path = sweep_spec_trace_path(s, 1);
    cr_expect_str_eq(path, "odd[x]/t/a.h5");
    free(path);
    put("odd[x]/t/0.h5", "");
    GOOD(sweep_spec_try(s, &e));
    cr_expect_eq(s->traces, 4, "what was expanded stays");
    sweep_spec_free(s);
    put("odd[x]/s.yaml", "traces: [{file: 't/?.h5', name: x}]\npolicies: [{name: p}]\n");
    GOOD(sweep_spec_read("odd[x]/s.yaml", NULL, NULL, &s, &e));
    cr_expect_eq(sweep_spec_try(s, &e), ALM_EINVAL);
    cr_expect_not_null(strstr(e.text, ":1:11: traces.0.file: 4 files match, but `name` names one"), "%s", e.text);
    sweep_spec_free(s);
}

Test(sweep_spec, the_longest_name_of_a_policy_counts)
{
    put("a.h5", "");
    struct sweep_spec *s = good("traces: a.h5\npolicies: [{name: v}, {name: v.1}]\n"
                                "factors: {v.1.allocator.cpu: [1, 2], v.control.on_oom: [true, false]}\n");
    cr_assert_eq(s->factors, 2);
    cr_expect_str_eq(s->factor[0].policy, "v.1");
    cr_expect_str_eq(s->factor[0].path, "allocator.cpu");
    cr_expect_str_eq(s->factor[1].policy, "v");
    cr_expect(s->seeds == 1 && s->seed[0] == 1, "without seeds there is one");
    sweep_spec_free(s);
}
