/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_kubernetes: are labels labels and all different, and is text in quotes what it was? */
#include "experiments/planner/planner_kubernetes.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static bool is_label(const char *text)
{
    size_t n = strlen(text);
    if (n < 1 || n > 63 || text[0] == '-' || text[n - 1] == '-')
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

Test(planner_kubernetes, labels)
{
    static char name[][120] = {"web-1",
                               "Web_1",
                               "web.1",
                               "WEB 1",
                               "---",
                               "\xC3\xA9t\xC3\xA9",
                               "",
                               "{{ evil }}",
                               "a/b:c",
                               "1",
                               "a-very-long-name-that-goes-on-and-on-for-longer-than-sixty-three-characters-one",
                               "a-very-long-name-that-goes-on-and-on-for-longer-than-sixty-three-characters-two"};
    enum { N = sizeof name / sizeof name[0] };
    struct planner_unit unit[N] = {0};
    struct planner_limits l = {.units = N, .unit = unit};
    struct alm_err e = {0};
    char(*label)[PLANNER_LABEL];
    for (int i = 0; i < N; i++)
        unit[i].name = name[i];
    cr_assert_eq(planner_labels(&l, &label, &e), ALM_OK, "%s", e.text);
    for (int i = 0; i < N; i++) {
        cr_expect(is_label(label[i]), "`%s` became `%s`", name[i], label[i]);
        for (int k = 0; k < i; k++)
            cr_expect_str_neq(label[i], label[k], "`%s` and `%s`", name[i], name[k]);
    }
    cr_expect_str_eq(label[0], "web-1", "a name that is a label stays");
    cr_expect_eq(strncmp(label[1], "web-1-", 6), 0, "%s", label[1]);
    cr_expect_str_eq(label[8], "a-b-c", "what is alone needs no digest");
    char(*again)[PLANNER_LABEL];
    cr_assert_eq(planner_labels(&l, &again, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(memcmp(label, again, N * sizeof *label), 0);
    free(label);
    free(again);
}

Test(planner_kubernetes, two_units_of_one_name_are_an_error)
{
    char name[] = "Twin";
    struct planner_unit unit[2] = {{.name = name}, {.name = name}};
    struct planner_limits l = {.units = 2, .unit = unit};
    struct alm_err e = {0};
    char(*label)[PLANNER_LABEL];
    cr_expect_eq(planner_labels(&l, &label, &e), ALM_EDATA);
}

Test(planner_kubernetes, text_in_quotes)
{
    static const struct {
        const char *text, *want;
    } row[] = {
        {"plain", "\"plain\""},
        {"a: b # c", "\"a: b # c\""},
        {"say \"hi\" \\ 'ho'", "\"say \\\"hi\\\" \\\\ 'ho'\""},
        {"{{ .Values.x }}", "\"{{ .Values.x }}\""},
        {"one\ntwo\ttab\x01\x7F", "\"one\\u000atwo\\u0009tab\\u0001\\u007f\""},
        {"\xC3\xA9\xE2\x80\xA8\xF0\x9F\x90\x8B\xC2\x85", "\"\xC3\xA9\\u2028\xF0\x9F\x90\x8B\\u0085\""},
        {"\xFF\xC3", "\"\\ufffd\\ufffd\""},
        {"", "\"\""},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char *text;
        size_t length;
        FILE *f = open_memstream(&text, &length);
        planner_yaml_text(f, row[i].text);
        fclose(f);
        cr_expect_str_eq(text, row[i].want, "row %zu: %s", i, text);
        free(text);
    }
}

/* What has no limit is not recommended. */
Test(planner_kubernetes, only_what_has_a_limit)
{
    char name[] = "web";
    struct planner_unit unit[2] = {{.name = name, .limited = ALM_BIT(ALM_MEMORY), .last = {{7, 4096}}}, {.name = name}};
    struct planner_limits l = {.units = 2, .unit = unit};
    const char label[2][PLANNER_LABEL] = {"web", "none"};
    const uint32_t order[2] = {0, 1};
    struct planner_objects o = {.limits = &l, .label = label, .order = order, .count = 2};
    char *text;
    size_t length;
    FILE *f = open_memstream(&text, &length);
    cr_expect_eq(planner_write_patch(&o, f), 1);
    fclose(f);
    cr_expect(strstr(text, "cpu") == NULL && strstr(text, "memory: \"4096\"") != NULL, "%s", text);
    free(text);
}
