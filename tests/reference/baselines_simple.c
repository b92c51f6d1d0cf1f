/* SPDX-License-Identifier: GPL-3.0-or-later
 * baselines_simple: are the forecasts of mean, naive, seasonal-naive, drift and theta, and their limits, those of R's forecast? */
#include "baseline_rig.h"

#define TABLE "reference/baselines/expected.csv"

static const struct {
    const char *ours, *theirs;
    bool seasonal;
} pairs[] = {
    {"mean", "meanf", false},           {"naive", "naive", false}, {"drift", "drift", false},
    {"seasonal-naive", "snaive", true}, {"theta", "thetaf", true},
};

static size_t compare_split(const struct expected *x, const char *name)
{
    struct baseline b;
    size_t compared = 0;
    baseline_open(&b, x, name);
    const double expected = expected_value(x, name, "mase.scale", 0);
    cr_expect(fabs(b.scale - expected) <= 1e-12 * expected, "%s: the scale of MASE is %.17g, expected %.17g", name,
              b.scale, expected);
    for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++) {
        char method[EXPECTED_NAME + 16], options[32] = "";
        snprintf(method, sizeof method, "%s.%s", name, pairs[k].theirs);
        if (!expected_quantity(x, method, "fc.mean"))
            continue;
        if (pairs[k].seasonal)
            snprintf(options, sizeof options, "period=%zu", b.period);
        baseline_forecast(&b, pairs[k].ours, options);
        expected_compare(x, method, baseline_answer, &b);
        compared++;
    }
    baseline_close(&b);
    return compared;
}

Test(baselines_simple, all_splits)
{
    struct expected x;
    size_t compared = 0;
    if (!expected_open(&x, TABLE))
        return;
    for (size_t i = 0; i < x.count; i++)
        if (strcmp(x.row[i].quantity, "ntrain") == 0)
            compared += compare_split(&x, x.row[i].name);
    cr_expect_gt(compared, 0, "no forecast was compared");
    printf("reference baselines: %zu forecasts\n", compared);
    expected_close(&x);
}
