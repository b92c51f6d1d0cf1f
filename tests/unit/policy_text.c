/* SPDX-License-Identifier: GPL-3.0-or-later
 * policy_text: is what simulation_policy_text prints read back as the same policy, and is what names none refused by name? */
#include "experiments/policy_text.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void reads_as(const char *text, const char *want)
{
    struct simulation_config c = {0};
    struct alm_err e = {0};
    char out[1024];
    cr_assert_eq(simulation_config_init(&c, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(policy_text_parse(text, &c, NULL, &e), ALM_OK, "%s: %s", text, e.text);
    cr_expect_str_eq(simulation_policy_text(&c, out, sizeof out), want, "`%s` became `%s`", text, out);
    simulation_config_free(&c);
}

Test(policy_text, what_is_printed_is_read)
{
    static const char *const text[] = {"static", "vpa + envelope:margin=5%", "vpa:bound=upper + measured + envelope",
                                       "static:cpu=2,memory=4Gi", "oracle + envelope:margin=0%,shrink=10%"};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        reads_as(text[i], text[i]);
    reads_as("envelope + vpa", "vpa + envelope");
    reads_as("  vpa  +  envelope  ", "vpa + envelope");
    reads_as("predictor none + calibrator none + reactive", "reactive");
}

/* All modules of the four kinds, in pairs with the allocator `envelope`. */
Test(policy_text, every_module_is_found_by_its_name)
{
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        enum alm_kind kind = (*m)->kind;
        if (kind != ALM_PROFILER && kind != ALM_PREDICTOR && kind != ALM_CALIBRATOR && kind != ALM_ALLOCATOR)
            continue;
        struct simulation_config c = {0};
        struct alm_err e = {0};
        char text[128];
        unsigned kinds = 0;
        cr_assert_eq(simulation_config_init(&c, &e), ALM_OK, "%s", e.text);
        snprintf(text, sizeof text, "%s%s%s", strcmp((*m)->name, "none") ? "" : alm_kind_word(kind),
                 strcmp((*m)->name, "none") ? "" : " ", (*m)->name);
        cr_expect_eq(policy_text_parse(text, &c, &kinds, &e), ALM_OK, "%s: %s", text, e.text);
        cr_expect_eq(kinds, 1u << kind, "%s", text);
        simulation_config_free(&c);
    }
}

Test(policy_text, what_is_wrong_is_named)
{
    static const struct {
        const char *text, *says;
    } row[] = {
        {"", "empty"},
        {"vpa + ", "empty"},
        {" + vpa", "`+ vpa` is no profiler"},
        {"vap + envelope", "did you mean `vpa`"},
        {"vpa + last", "second predictor"},
        {"none", "`predictor none`"},
        {"vpa:bond=upper", "bond"},
        {"csv", "is no profiler"},
        {"platform simulated", "is no profiler"},
        {"predictor envelope", "unknown predictor"},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct simulation_config c = {0};
        struct alm_err e = {0};
        cr_assert_eq(simulation_config_init(&c, &e), ALM_OK, "%s", e.text);
        cr_expect_eq(policy_text_parse(row[i].text, &c, NULL, &e), ALM_EINVAL, "`%s` was taken", row[i].text);
        cr_expect(strstr(e.text, row[i].says) != NULL, "`%s`: %s", row[i].text, e.text);
        simulation_config_free(&c);
    }
}
