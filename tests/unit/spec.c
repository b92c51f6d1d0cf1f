/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: does a map become the options it means? Is every problem of a file told, each with its place? */
#include "traces/synthesis/spec.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    int64_t units;
    double base;
    struct alm_numbers list, sizes, times;
    char name[ALM_OPT_STRING];
    bool quick;
};

static const struct alm_opt rows[] = {
    {"units", ALM_OPT_INTEGER, offsetof(struct options, units), "1", 1, 100, NULL, "how many"},
    {"cpu.base", ALM_OPT_CORES, offsetof(struct options, base), "1", 0, 0, NULL, "level"},
    {"list", ALM_OPT_NUMBERS, offsetof(struct options, list), "", 0, 0, NULL, "numbers"},
    {"sizes", ALM_OPT_BYTES_LIST, offsetof(struct options, sizes), "", 0, 0, NULL, "amounts"},
    {"times", ALM_OPT_DURATION_LIST, offsetof(struct options, times), "", 0, 0, NULL, "lengths of time"},
    {"name", ALM_OPT_TEXT, offsetof(struct options, name), "a", 0, 0, NULL, "name"},
    {"quick", ALM_OPT_BOOL, offsetof(struct options, quick), "false", 0, 0, NULL, "quick"},
    {0},
};

static void gather(void *ctx, const char *problem)
{
    char *all = ctx;
    size_t used = strlen(all);
    snprintf(all + used, 4096 - used, "%s\n", problem);
}

/* Read TEXT as the file s.yaml of a folder of its own; problems are gathered in ALL[4096]. */
static int apply(const char *text, struct options *o, char *all, struct alm_err *e)
{
    char dir[] = "/tmp/almanac-spec-XXXXXX", path[64];
    struct alm_spec *s = NULL;
    struct alm_spec_listener listener = {gather, all};
    all[0] = '\0';
    cr_assert_not_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/s.yaml", dir);
    FILE *f = fopen(path, "wb");
    fputs(text, f);
    fclose(f);
    cr_assert_eq(alm_options_init(rows, o, e), ALM_OK);
    int code = alm_spec_read(path, &listener, &s, e);
    if (code >= 0)
        code = alm_spec_options(s, rows, "toy", o, e);
    alm_spec_free(s);
    unlink(path);
    rmdir(dir);
    return code;
}

Test(spec, values)
{
    static const char *const texts[] = {
        "units: 3\ncpu: {base: 250m}\nlist: [1, 2.5, 3]\nname: a b\nquick: yes\n",
        "# comment\nunits: 3\ncpu:\n    base: 250m\nlist:\n  - 1\n  - 2.5\n  - 3\nname: \"a b\"\nquick: true",
        "{\"units\": 3, \"cpu\": {\"base\": \"250m\"}, \"list\": [1, 2.5, 3], \"name\": \"a b\", \"quick\": true}",
        "units: 3\r\ncpu.base: 0.25\r\nlist: 1/2.5/3\r\nname: 'a b'\r\nquick: on\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct options o = {0};
        struct alm_err e = {0};
        char all[4096];
        cr_expect_eq(apply(texts[i], &o, all, &e), ALM_OK, "%zu: %s", i, all);
        cr_expect(o.units == 3 && o.base == 0.25 && o.list.count == 3 && o.list.value[1] == 2.5 && o.quick, "text %zu",
                  i);
        cr_expect_str_eq(o.name, "a b");
    }
}

Test(spec, lists_with_units)
{
    struct options o = {0};
    struct alm_err e = {0};
    char all[4096];
    cr_expect_eq(apply("sizes: [256Gi, 4096]\ntimes:\n  - 0\n  - 6h\n", &o, all, &e), ALM_OK, "%s", all);
    cr_expect(o.sizes.count == 2 && o.sizes.value[0] == 274877906944.0 && o.sizes.value[1] == 4096);
    cr_expect(o.times.count == 2 && o.times.value[0] == 0 && o.times.value[1] == 21600);
    cr_expect_eq(apply("sizes: [256Gi, 6h]\n", &o, all, &e), ALM_EINVAL);
    cr_expect_not_null(strstr(all, "s.yaml:1:1: toy: sizes: `6h` is not an amount of bytes"), "%s", all);
}

Test(spec, every_problem_has_its_place)
{
    struct options o = {0};
    struct alm_err e = {0};
    char all[4096];
    cr_expect_eq(
        apply("unts: 8\nunits: 3\nunits: 4\ncpu:\n  base: fast\n  bse: 1\nlist: [1, [2]]\nname: &x b\nquick: *x\n", &o,
              all, &e),
        ALM_EINVAL);
    static const char *const want[] = {
        "s.yaml:1:1: toy: unknown key `unts`, did you mean `units`?\n  unts: 8\n  ^",
        "s.yaml:3:1: the key `units` was given before, in line 2\n  units: 4\n  ^",
        "s.yaml:5:3: toy: cpu.base: `fast` is not a number of cores",
        "\n    base: fast\n    ^",
        "s.yaml:6:3: toy: unknown key `cpu.bse`, did you mean `cpu.base`?",
        "s.yaml:7:11: a list holds plain values only",
        "s.yaml:9:9: aliases are not supported",
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        cr_expect_not_null(strstr(all, want[i]), "`%s` not in:\n%s", want[i], all);
    cr_expect_not_null(strstr(e.text, "s.yaml: 6 problems"), "%s", e.text);
}

Test(spec, not_a_map_or_not_yaml)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "empty"},
        {"# nothing\n", "empty"},
        {"- 1\n- 2\n", "s.yaml:1:1: a specification is a map"},
        {"hello\n", "s.yaml:1:1: a specification is a map"},
        {"a: {b: 1\nc: 2\n", "s.yaml:2:"},
        {"a: 1\n b: 2\n", "s.yaml:1:4: invalid multiline plain key"},
        {"a: 1\n---\nb: 2\n", "s.yaml:3:1: a second document"},
        {"a: \"x\n", "s.yaml:"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "s.yaml:"},
        {"? {a: 1}\n: 2\n", "a key must be a plain word"},
        {"{{{{{{{{{{{{{{{{", "s.yaml:"},
        {"a: 1\nb: \x80\xff", "s.yaml:2:4: bytes that are not UTF-8"},
        {"\ng:\n  u:\t2\n", "s.yaml:3:5: a tab; write spaces"},
        {"a: [x\nb:\n  - {c: 1}\n", "a bracket, a quote or the indentation before it may be wrong"},
        {"a: 1\nb: \x01\n", "s.yaml:2:4: a control character"},
        {"g: 1\n  ? u\n", "s.yaml:2:3: a key must be a plain word"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct options o = {0};
        struct alm_err e = {0};
        char all[4096];
        cr_expect_eq(apply(cases[i].text, &o, all, &e), ALM_EINVAL, "case %zu", i);
        cr_expect(strstr(all, cases[i].want) || strstr(e.text, cases[i].want), "case %zu: %s / %s", i, all, e.text);
    }
    struct alm_err e = {0};
    struct alm_spec *s = NULL;
    cr_expect_eq(alm_spec_read("/nonexistent/s.yaml", NULL, &s, &e), ALM_EDATA);
    cr_expect_null(s);
}

Test(spec, inline_and_overrides)
{
    struct alm_spec *s;
    struct alm_err e = {0};
    struct options o = {0};
    cr_assert_eq(alm_spec_inline("toy:units=4,name=x:y,list=1/2", "generator", NULL, &s, &e), ALM_OK);
    cr_expect_str_eq(alm_spec_take(s, "generator"), "toy");
    cr_expect_null(alm_spec_take(s, "seed"));
    cr_expect_eq(alm_spec_override(s, "units=5", &e), ALM_OK);
    cr_expect_eq(alm_spec_override(s, "cpu.base=2", &e), ALM_OK);
    cr_expect_eq(alm_spec_override(s, "nonsense", &e), ALM_EINVAL);
    cr_expect_eq(alm_options_init(rows, &o, &e), ALM_OK);
    cr_expect_eq(alm_spec_options(s, rows, "toy", &o, &e), ALM_OK, "%s", e.text);
    cr_expect(o.units == 5 && o.base == 2 && o.list.count == 2);
    cr_expect_str_eq(o.name, "x:y");
    alm_spec_free(s);
    static const char *const bad[] = {"", ":a=1", "toy:a", "toy:=1", "toy:a=1,a=2", "toy:,"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(alm_spec_inline(bad[i], "generator", NULL, &s, &e), ALM_EINVAL, "%s", bad[i]);
}
