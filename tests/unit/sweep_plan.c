/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: are the cells of a plan those that nested loops would give, in this order? Is an id another one exactly when the
 * result could be, so that nothing is run twice and nothing is mistaken for something else? Is a plan that was written and
 * read, from wherever, the same plan? */
#include "experiments/sweep/plan.h"

#include "made_trace.h"

#include <string.h>
#include <sys/stat.h>

static void enter(void)
{
    scratch_enter();
    alm_trace_close(make_trace("a.h5", "usage:units=2,duration=2h", 1));
    alm_trace_close(make_trace("b.h5", "usage:units=2,duration=2h", 2));
}

TestSuite(sweep_plan, .init = enter, .fini = scratch_leave);

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
}

static struct sweep_plan *plan_of(const char *path, const char *text)
{
    struct alm_err e = {0};
    struct sweep_spec *s;
    struct sweep_plan *p;
    put(path, text);
    GOOD(sweep_spec_read(path, NULL, NULL, &s, &e));
    GOOD(sweep_plan_make(s, "plan", &p, &e));
    return p;
}

static struct sweep_cell cell_of(const struct sweep_plan *p, uint64_t number)
{
    struct alm_err e = {0};
    struct sweep_cell c;
    GOOD(sweep_plan_cell(p, number, &c, &e));
    cr_expect_eq(strspn(c.id, "0123456789abcdef"), 32);
    cr_expect_eq(strlen(c.id), 32);
    return c;
}

static const char crossed[] = "traces: [a.h5, b.h5]\n"
                              "policies:\n"
                              "  - {name: p, allocator: static}\n"
                              "  - {name: q, predictor: vpa, allocator: envelope}\n"
                              "  - {name: r, predictor: last, allocator: envelope}\n"
                              "factors:\n"
                              "  cross:\n"
                              "    control.on_oom: [true, false]\n"
                              "    q.predictor.margin: [1%, 2%, 3%]\n"
                              "  zip:\n"
                              "    q.allocator.margin: [10%, 20%]\n"
                              "    control.interval: [5m, 10m]\n"
                              "seeds: [5, 3, 4]\n"
                              "split: {warmup: 10m, train: 1h, test: 30m}\n";

static void check_cell(const struct sweep_plan *p, uint64_t number, const size_t want[8])
{
    static const char *const oom[] = {"true", "false"}, *const vpa[] = {"1%", "2%", "3%"},
                             *const margin[] = {"10%", "20%"}, *const interval[] = {"5m", "10m"};
    static const int64_t seeds[] = {5, 3, 4};
    struct sweep_cell c = cell_of(p, number);
    bool q = want[3] == 1;
    cr_assert(c.number == number && c.trace == want[0] && c.policy == want[3], "cell %zu", (size_t)number);
    cr_expect_str_eq(c.factor[0], oom[want[1]]);
    cr_expect(q ? strcmp(c.factor[1], vpa[want[4]]) == 0 : !c.factor[1]);
    cr_expect(q ? strcmp(c.factor[2], margin[want[2]]) == 0 : !c.factor[2]);
    cr_expect_str_eq(c.factor[3], interval[want[2]]);
    cr_expect_eq(c.part, want[5] ? SWEEP_TEST : SWEEP_TRAIN);
    cr_expect_eq(c.seed, seeds[want[6]]);
}

Test(sweep_plan, cells_are_those_of_nested_loops)
{
    struct sweep_plan *p = plan_of("s.yaml", crossed);
    uint64_t n = 0;
    for (size_t trace = 0; trace < 2; trace++)
        for (size_t oom = 0; oom < 2; oom++)
            for (size_t zip = 0; zip < 2; zip++)
                for (size_t policy = 0; policy < 3; policy++)
                    for (size_t own = 0; own < (policy == 1 ? 3 : 1); own++)
                        for (size_t part = 0; part < 2; part++)
                            for (size_t seed = 0; seed < 3; seed++) {
                                cr_assert_lt(n, p->cells);
                                check_cell(p, n++, (size_t[8]){trace, oom, zip, policy, own, part, seed, 0});
                            }
    cr_expect_eq(n, p->cells);
    cr_expect_eq(p->per_trace, n / 2);
    sweep_plan_free(p);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* All ids of P, sorted; SIZE gets how many. */
static char (*ids_of(const struct sweep_plan *p, size_t *size))[SWEEP_ID]
{
    char(*id)[SWEEP_ID] = malloc((size_t)p->cells * sizeof *id);
    cr_assert_not_null(id);
    for (uint64_t i = 0; i < p->cells; i++) {
        struct sweep_cell c = cell_of(p, i);
        memcpy(id[i], c.id, SWEEP_ID);
    }
    *size = (size_t)p->cells;
    qsort(id, *size, sizeof *id, by_text);
    return id;
}

/* How many of the ids of A are among those of B. */
static size_t shared(const struct sweep_plan *a, const struct sweep_plan *b)
{
    size_t n, m, found = 0;
    char(*x)[SWEEP_ID] = ids_of(a, &n), (*y)[SWEEP_ID] = ids_of(b, &m);
    for (size_t i = 0; i < n; i++)
        found += bsearch(x[i], y, m, sizeof *y, by_text) != NULL;
    free(x);
    free(y);
    return found;
}

Test(sweep_plan, no_two_cells_have_one_id)
{
    struct sweep_plan *p = plan_of("s.yaml", crossed);
    size_t n;
    char(*id)[SWEEP_ID] = ids_of(p, &n);
    for (size_t i = 1; i < n; i++)
        cr_expect_str_neq(id[i], id[i - 1]);
    free(id);
    sweep_plan_free(p);
}

static void first_id(const char *path, const char *text, char id[SWEEP_ID])
{
    struct sweep_plan *p = plan_of(path, text);
    struct sweep_cell c = cell_of(p, 0);
    memcpy(id, c.id, SWEEP_ID);
    sweep_plan_free(p);
}

#define BASE                                                                                                           \
    "traces: [{file: a.h5, units: 'u*'}]\nplatform: {open_loop: true}\nsettings: {control.interval: 10m}\n"            \
    "policies: [{name: p, predictor: 'vpa:bound=upper,margin=10%', allocator: envelope}]\nseeds: [1]\n"                \
    "split: {warmup: 10m, train: 1h}\n"

/* BASE with FROM replaced by TO. */
static void changed_id(const char *from, const char *to, char id[SWEEP_ID])
{
    char text[2048];
    const char *at = strstr(BASE, from);
    cr_assert_not_null(at, "%s", from);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - BASE), BASE, to, at + strlen(from));
    first_id("s.yaml", text, id);
}

Test(sweep_plan, an_id_is_another_when_the_result_could_be)
{
    static const char *const changes[][2] = {
        {"a.h5", "b.h5"},
        {"'u*'", "'u1*'"},
        {"open_loop: true", "open_loop: false"},
        {"interval: 10m", "interval: 5m"},
        {"bound=upper", "bound=lower"},
        {"margin=10%", "margin=11%"},
        {"allocator: envelope", "allocator: static"},
        {"predictor: 'vpa:bound=upper,margin=10%'", "predictor: last"},
        {"[1]", "[2]"},
        {"warmup: 10m", "warmup: 20m"},
        {"train: 1h", "train: 2h"},
        {"train: 1h", "test: 1h"},
        {", train: 1h", ""},
    };
    char base[SWEEP_ID], id[SWEEP_ID];
    first_id("s.yaml", BASE, base);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        changed_id(changes[i][0], changes[i][1], id);
        cr_expect_str_neq(id, base, "%s: %s", changes[i][0], changes[i][1]);
    }
    struct sweep_plan *p = plan_of("s.yaml", BASE);
    free(p->version);
    p->version = strdup("another");
    cr_expect_str_neq(cell_of(p, 0).id, base, "the version");
    sweep_plan_free(p);
}

Test(sweep_plan, an_id_is_the_same_when_the_result_must_be)
{
    static const char *const changes[][2] = {
        {"name: p,", "name: another name,"},
        {"{file: a.h5,", "{name: z, file: a.h5,"},
        {"margin=10%", "margin=0.1"},
        {"interval: 10m", "interval: 600s"},
        {"'vpa:bound=upper,margin=10%'", "{margin: 10%, name: vpa, bound: upper}"},
        {"interval: 10m", "control: {on_oom: true, interval: 10m}"},
        {"train: 1h", "train: 1h, test: 30m"},
        {"seeds: [1]\n", "metrics: [cpu.slack_relative]\nbaseline: p\n"},
        {"}]\nseeds: [1]", "}, {name: q}]\nseeds: {count: 9}"},
        {"}]\nseeds: [1]", "}]\nfactors: {predictor.margin: [10%, 20%]}\nseeds: [1]"},
    };
    char base[SWEEP_ID], id[SWEEP_ID];
    first_id("s.yaml", BASE, base);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        if (i == 5) /* the setting as a nested map */
            changed_id("settings: {control.interval: 10m}", "settings: {control: {on_oom: true, interval: 10m}}", id);
        else
            changed_id(changes[i][0], changes[i][1], id);
        cr_expect_str_eq(id, base, "%s: %s", changes[i][0], changes[i][1]);
    }
    first_id("s.yaml",
             "split: {train: 1h, warmup: 10m}\nseeds: [1]\npolicies:\n  - allocator: envelope\n    name: p\n"
             "    predictor: vpa:margin=10%,bound=upper\nsettings:\n  control.interval: 10m\n"
             "platform: simulated:open_loop=true\ntraces:\n  - units: u*\n    file: a.h5\n",
             id);
    cr_expect_str_eq(id, base, "another order of keys");
    mkdir("deep", 0777);
    cr_assert_eq(rename("a.h5", "deep/renamed.h5"), 0);
    char text[2048];
    const char *at = strstr(BASE, "a.h5");
    snprintf(text, sizeof text, "%.*srenamed.h5%s", (int)(at - BASE), BASE, at + 4);
    first_id("deep/s.yaml", text, id);
    cr_expect_str_eq(id, base, "another folder");
}

Test(sweep_plan, what_is_added_later_leaves_the_rest)
{
    struct alm_err e = {0};
    struct sweep_plan *p = plan_of("s.yaml", crossed), *more;
    char text[2048];
    const char *at = strstr(crossed, "[5, 3, 4]");
    snprintf(text, sizeof text, "%.*s[9, 4, 3, 2, 5]%s", (int)(at - crossed), crossed, at + strlen("[5, 3, 4]"));
    more = plan_of("s.yaml", text);
    cr_expect(more->cells == p->cells / 3 * 5 && shared(p, more) == p->cells);
    sweep_plan_free(more);
    at = strstr(crossed, "  - {name: q");
    snprintf(text, sizeof text, "%.*s  - {name: n, predictor: none}\n%s", (int)(at - crossed), crossed, at);
    more = plan_of("s.yaml", text);
    cr_expect(more->cells == p->cells / 5 * 6 && shared(p, more) == p->cells);
    sweep_plan_free(more);
    more = plan_of("s.yaml", crossed);
    GOOD(sweep_plan_extra(more, 2, &e));
    cr_expect(more->cells == p->cells / 3 * 5 && shared(p, more) == p->cells);
    cr_expect(cell_of(more, 3).seed == 6 && cell_of(more, 4).seed == 7, "after the largest of 5, 3, 4");
    GOOD(sweep_plan_extra(more, 0, &e));
    cr_expect(more->cells == p->cells && shared(p, more) == p->cells);
    cr_expect_eq(sweep_plan_extra(more, (size_t)1 << 40, &e), ALM_EINVAL);
    cr_expect(more->cells == p->cells && shared(p, more) == p->cells, "a refusal changes nothing");
    sweep_plan_free(more);
    sweep_plan_free(p);
}

Test(sweep_plan, factors_of_one_policy_zip_among_themselves)
{
    struct sweep_plan *p =
        plan_of("s.yaml", "traces: [a.h5]\npolicies: [{name: p}, {name: q, predictor: vpa}, {name: r}]\n"
                          "factors: {zip: {q.predictor.margin: [1%, 2%], q.control.interval: [5m, 6m],\n"
                          "  r.control.interval: [7m, 8m]}}\n");
    static const char *const want[5][3] = {{NULL}, {"1%", "5m"}, {"2%", "6m"}, {NULL, NULL, "7m"}, {NULL, NULL, "8m"}};
    cr_assert_eq(p->cells, 5);
    for (size_t i = 0; i < 5; i++) {
        struct sweep_cell c = cell_of(p, i);
        cr_expect_eq(c.policy, (i + 1) / 2);
        for (size_t k = 0; k < 3; k++)
            cr_expect(want[i][k] ? c.factor[k] && strcmp(c.factor[k], want[i][k]) == 0 : !c.factor[k], "%zu %zu", i, k);
    }
    sweep_plan_free(p);
}

/* A table of digests that is smaller than the configurations must not change an id. */
Test(sweep_plan, ids_do_not_depend_on_what_was_asked_before)
{
    char text[65536];
    size_t used = (size_t)snprintf(
        text, sizeof text, "traces: [a.h5]\npolicies: [{name: p}]\nseeds: [1, 2]\nfactors:\n  allocator.cpu: [");
    for (int i = 0; i < 100; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%d", i ? ", " : "", i + 1);
    used += (size_t)snprintf(text + used, sizeof text - used, "]\n  allocator.memory: [");
    for (int i = 0; i < 60; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%dGi", i ? ", " : "", i + 1);
    snprintf(text + used, sizeof text - used, "]\n");
    struct sweep_plan *p = plan_of("s.yaml", text), *fresh = plan_of("s.yaml", text);
    cr_assert_eq(p->cells, 12000);
    struct sweep_cell low = cell_of(p, 7), high = cell_of(p, 7 + 2 * 4096);
    cr_expect_str_neq(low.id, high.id);
    cr_expect_str_eq(cell_of(p, 7).id, low.id);
    cr_expect_str_eq(cell_of(fresh, 7 + 2 * 4096).id, high.id);
    sweep_plan_free(p);
    sweep_plan_free(fresh);
}

Test(sweep_plan, a_cell_is_configured_as_its_words_say)
{
    struct alm_err e = {0};
    struct sweep_plan *p = plan_of("s.yaml", crossed);
    struct sweep_cell c =
        cell_of(p, 6 + 6 + 3 + 1); /* after p's: the second of q's own, the second part, the second seed */
    struct simulation_config a = {0}, b = {0};
    struct simulation_window w;
    GOOD(sweep_cell_config(p, &c, &a, &e));
    GOOD(simulation_config_init(&b, &e));
    GOOD(simulation_choose(&b, ALM_PREDICTOR, "vpa:margin=2%", &e));
    GOOD(simulation_choose(&b, ALM_ALLOCATOR, "envelope:margin=10%", &e));
    static const char *const set[] = {"seed=3",
                                      "control.interval=5m",
                                      "control.on_oom=true",
                                      "control.warmup=10m",
                                      "record.samples=none",
                                      "record.executions=none",
                                      "record.machines=none"};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        GOOD(simulation_set(&b, set[i], &e));
    json_t *x = simulation_config_json(&a), *y = simulation_config_json(&b);
    cr_expect(c.policy == 1 && c.part == SWEEP_TEST, "policy %zu part %d", c.policy, (int)c.part);
    cr_expect(json_equal(x, y));
    json_decref(x);
    json_decref(y);
    c.part = SWEEP_TRAIN;
    sweep_cell_window(p, &c, &w);
    cr_expect(w.from == 0 && w.until == 70 * ALM_MINUTE);
    c.part = SWEEP_TEST;
    sweep_cell_window(p, &c, &w);
    cr_expect(w.from == ALM_HOUR && w.until == 100 * ALM_MINUTE);
    simulation_config_free(&a);
    simulation_config_free(&b);
    sweep_plan_free(p);
}

Test(sweep_plan, a_command_says_it_all)
{
    char line[1024];
    struct sweep_plan *p = plan_of("s.yaml", crossed);
    struct sweep_cell c = cell_of(p, 6 + 3 + 1);
    cr_expect_str_eq(sweep_cell_command(p, &c, line, sizeof line),
                     "almanac simulate -t a.h5 --from 1h --until 100m --predictor vpa --allocator envelope "
                     "--set control.on_oom=true --set predictor.margin=1% --set allocator.margin=10% "
                     "--set control.interval=5m --set control.warmup=10m --seed 3");
    sweep_cell_command(p, &c, line, 9);
    cr_expect_str_eq(line, "almanac ");
    sweep_plan_free(p);
    cr_assert_eq(rename("a.h5", "it's $(a).h5"), 0);
    p = plan_of("s.yaml", "traces: [{file: \"it's $(a).h5\", units: \"u*\"}]\npolicies: [{name: p}]\n");
    c = cell_of(p, 0);
    cr_expect_str_eq(sweep_cell_command(p, &c, line, sizeof line),
                     "almanac simulate -t 'it'\\''s $(a).h5' --units 'u*' --seed 1");
    sweep_plan_free(p);
}

static char *content(const char *path)
{
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f, "%s", path);
    char *text = calloc(1, 1 << 20);
    cr_assert_gt(fread(text, 1, (1 << 20) - 1, f), 0);
    fclose(f);
    return text;
}

/* The lines of cells.ndjson are the cells of P. */
static void check_lines(const struct sweep_plan *p, const char *path)
{
    char *text = content(path), *line = strtok(text, "\n");
    for (uint64_t i = 0; i < p->cells; i++, line = strtok(NULL, "\n")) {
        struct sweep_cell c = cell_of(p, i);
        cr_assert_not_null(line);
        json_t *row = json_loads(line, 0, NULL);
        json_int_t number, seed;
        const char *id, *trace, *policy, *part;
        json_t *factors;
        cr_assert_eq(json_unpack(row, "{s:I, s:s, s:s, s:s, s:s, s:I, s:o !}", "number", &number, "id", &id, "trace",
                                 &trace, "policy", &policy, "part", &part, "seed", &seed, "factors", &factors),
                     0, "%s", line);
        cr_expect(number == (json_int_t)i && seed == c.seed);
        cr_expect_str_eq(id, c.id);
        cr_expect_str_eq(trace, p->spec->trace[c.trace].name);
        cr_expect_str_eq(policy, p->spec->policy[c.policy].name);
        cr_expect_str_eq(part, sweep_part_word(c.part));
        cr_expect_eq(json_object_size(factors), c.policy == 1 ? 4 : 2);
        json_decref(row);
    }
    cr_expect_null(line);
    free(text);
}

static void check_same(const struct sweep_plan *a, const struct sweep_plan *b)
{
    cr_assert_eq(a->cells, b->cells);
    for (uint64_t i = 0; i < a->cells; i++)
        cr_expect_str_eq(cell_of(a, i).id, cell_of(b, i).id);
}

Test(sweep_plan, written_and_read_from_wherever)
{
    struct alm_err e = {0};
    struct sweep_plan *p, *q;
    mkdir("work", 0777);
    mkdir("work/in", 0777);
    cr_assert_eq(rename("a.h5", "work/in/a.h5"), 0);
    cr_assert_eq(rename("b.h5", "work/in/b.h5"), 0);
    p = plan_of("work/in/s.yaml", crossed);
    free(p->dir);
    p->dir = strdup("work/out/deep/plan");
    GOOD(sweep_plan_extra(p, 1, &e));
    GOOD(sweep_plan_write(p, NULL, NULL, &e));
    char *text = content("work/out/deep/plan/plan.json");
    cr_expect_not_null(strstr(text, "\"path\": \"../../../in/a.h5\""), "%s", text);
    cr_expect_null(strstr(text, scratch_folder), "no place of this machine is kept");
    check_lines(p, "work/out/deep/plan/cells.ndjson");
    GOOD(sweep_plan_read("work/out/deep/plan", &q, &e));
    cr_expect_str_eq(q->trace_path[1], "work/out/deep/plan/../../../in/b.h5");
    cr_expect(access(q->trace_path[1], R_OK) == 0 && q->extra_seeds == 1);
    cr_expect_str_eq(q->spec->text, crossed);
    cr_expect_str_eq(q->version, p->version);
    check_same(p, q);
    GOOD(sweep_plan_write(q, NULL, NULL, &e));
    char *again = content("work/out/deep/plan/plan.json");
    cr_expect_str_eq(again, text, "read and written again");
    sweep_plan_free(q);
    cr_assert_eq(rename("work", "moved"), 0);
    cr_assert_eq(chdir("moved/out"), 0);
    GOOD(sweep_plan_read("deep/plan/", &q, &e));
    cr_expect_eq(access(q->trace_path[0], R_OK), 0, "%s", q->trace_path[0]);
    check_same(p, q);
    cr_assert_eq(chdir("../.."), 0);
    sweep_plan_free(q);
    sweep_plan_free(p);
    free(text);
    free(again);
}

Test(sweep_plan, what_a_pattern_matched_stays)
{
    struct alm_err e = {0};
    struct sweep_plan *p = plan_of("s.yaml", "traces: ['?.h5']\npolicies: [{name: p}]\n"), *q;
    GOOD(sweep_plan_write(p, NULL, NULL, &e));
    alm_trace_close(make_trace("0.h5", "usage:units=1,duration=1h", 3));
    GOOD(sweep_plan_read("plan", &q, &e));
    cr_assert(q->spec->traces == 2 && q->cells == 2);
    cr_expect_str_eq(q->spec->trace[0].name, "a");
    check_same(p, q);
    sweep_plan_free(p);
    sweep_plan_free(q);
}

Test(sweep_plan, an_absolute_path_stays_one)
{
    struct alm_err e = {0};
    char text[256];
    snprintf(text, sizeof text, "traces: [%s/a.h5]\npolicies: [{name: p}]\n", scratch_folder);
    struct sweep_plan *p = plan_of("s.yaml", text), *q;
    GOOD(sweep_plan_write(p, NULL, NULL, &e));
    GOOD(sweep_plan_read("plan", &q, &e));
    snprintf(text, sizeof text, "%s/a.h5", scratch_folder);
    cr_expect_str_eq(q->trace_path[0], text);
    sweep_plan_free(p);
    sweep_plan_free(q);
}

static void refuse(const char *plan, const char *want)
{
    struct alm_err e = {0};
    struct sweep_plan *p = NULL;
    put("plan/plan.json", plan);
    cr_expect_eq(sweep_plan_read("plan", &p, &e), ALM_EDATA, "%s", plan);
    cr_expect_eq(e.code, ALM_EDATA);
    cr_expect_not_null(strstr(e.text, want), "`%s` not in: %s", want, e.text);
    cr_expect_null(p);
}

Test(sweep_plan, what_is_no_plan_is_refused)
{
    struct alm_err e = {0};
    struct sweep_plan *p = plan_of("s.yaml", BASE), *q = NULL;
    cr_expect_eq(sweep_plan_read("plan", &q, &e), ALM_EDATA);
    cr_expect_not_null(strstr(e.text, "plan/plan.json: No such file"), "%s", e.text);
    GOOD(sweep_plan_write(p, NULL, NULL, &e));
    static const char *const wrong[][3] = {
        {"\"cells\": 1", "\"cells\": 2", "says 2 cells, but its specification makes 1"},
        {"almanac.plan/1", "almanac.plan/9", "schema is `almanac.plan/9`"},
        {"\"version\"", "\"vrsion\"", "not a whole plan"},
        {"\"sha256\": \"", "\"sha256\": \"x", "trace 0"},
        {"name: p", "nam: p", "nam"},
        {"\"extra_seeds\": 0", "\"extra_seeds\": -1", "extra_seeds is -1"},
    };
    char *text = content("plan/plan.json"), changed[4096];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *at = strstr(text, wrong[i][0]);
        cr_assert_not_null(at, "%s in %s", wrong[i][0], text);
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, wrong[i][1], at + strlen(wrong[i][0]));
        refuse(changed, wrong[i][2]);
    }
    refuse("", "not JSON");
    refuse("[]", "schema is");
    snprintf(changed, sizeof changed, "%.300s", text);
    refuse(changed, "not JSON");
    put("plan/plan.json", "{\"schema\": \"other\"}");
    cr_expect_eq(sweep_plan_write(p, NULL, NULL, &e), ALM_EINVAL, "what is not ours is not replaced");
    put("file", "");
    free(p->dir);
    p->dir = strdup("file");
    cr_expect_eq(sweep_plan_write(p, NULL, NULL, &e), ALM_EINVAL);
    cr_expect_not_null(strstr(e.text, "file: is no folder"), "%s", e.text);
    free(text);
    sweep_plan_free(p);
}

Test(sweep_plan, traces_that_are_none_are_told_with_their_place)
{
    struct alm_err e = {0};
    struct sweep_spec *s;
    struct sweep_plan *p = NULL;
    put("c.h5", "no trace");
    put("s.yaml", "traces:\n  - a.h5\n  - c.h5\npolicies: [{name: p}]\n");
    GOOD(sweep_spec_read("s.yaml", NULL, NULL, &s, &e));
    cr_expect_eq(sweep_plan_make(s, "plan", &p, &e), ALM_EINVAL);
    cr_expect_not_null(strstr(e.text, "s.yaml:3:5: traces.1: c.h5"), "%s", e.text);
    cr_expect_null(p);
}

Test(sweep_plan, more_cells_than_can_be_numbered)
{
    struct alm_err e = {0};
    struct sweep_spec *s;
    struct sweep_plan *p = NULL;
    char text[65536];
    size_t used = (size_t)snprintf(text, sizeof text,
                                   "traces: [a.h5]\npolicies: [{name: p}]\nseeds: {count: 1000000}\nfactors:\n");
    static const char *const path[] = {"allocator.cpu", "allocator.memory"};
    for (size_t f = 0; f < 2; f++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "  %s: [", path[f]);
        for (int i = 0; i < 50; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%d", i ? ", " : "", i + 1);
        used += (size_t)snprintf(text + used, sizeof text - used, "]\n");
    }
    put("s.yaml", text);
    GOOD(sweep_spec_read("s.yaml", NULL, NULL, &s, &e));
    cr_expect_eq(sweep_plan_make(s, "plan", &p, &e), ALM_EINVAL);
    cr_expect_not_null(strstr(e.text, "more than 2^31 cells"), "%s", e.text);
}
