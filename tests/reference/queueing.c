/* SPDX-License-Identifier: GPL-3.0-or-later
 * Are the exact values that simulation is compared with (queue_theory.h) those of a computation made apart from them? */
#include "queue_systems.h"

#include <criterion/criterion.h>
#include <jansson.h>

static json_t *table;

static void load_table(void)
{
    char path[4096];
    const char *shared = getenv("ALM_SHARED");
    snprintf(path, sizeof path, "%s/reference/queueing/expected.json", shared ? shared : ALM_SOURCE_DIR "/../shared");
    json_error_t error;
    table = json_load_file(path, 0, &error);
    if (table == NULL && json_error_code(&error) != json_error_cannot_open_file) {
        cr_assert_fail("%s:%d: %s", path, error.line, error.text);
    } else if (table == NULL) {
        printf("SKIP: no reference table at %s\n", path);
        fflush(stdout);
    }
}

static void drop_table(void)
{
    json_decref(table);
}

TestSuite(queueing, .init = load_table, .fini = drop_table);

static double reference(const char *name, const char *quantity, size_t index)
{
    const json_t *value = json_object_get(json_object_get(table, name), quantity);
    cr_assert_not_null(value, "the table has no %s of %s", quantity, name);
    return json_number_value(json_is_array(value) ? json_array_get(value, index) : value);
}

/* 1e-7 is what the tables promise of solved chains. */
static void expect_close(double ours, double theirs, const char *name, const char *quantity)
{
    cr_expect(fabs(ours - theirs) <= 1e-7 * fabs(theirs), "%s: %s is %.12g here and %.12g there", name, quantity, ours,
              theirs);
}

static size_t compare(size_t (*make)(struct system *list))
{
    struct system *list = calloc(SYSTEMS, sizeof *list);
    size_t n = make(list), compared = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < list[i].expectations; k++) {
            const struct expectation *x = &list[i].expect[k];
            if (!x->reference)
                continue;
            expect_close(x->value, reference(list[i].name, x->reference, x->index), list[i].name, x->reference);
            compared++;
        }
    free(list);
    return compared;
}

Test(queueing, values_of_all_systems)
{
    static size_t (*const make[])(struct system *) = {systems_mm1,   systems_mmc,      systems_mmck,     systems_loss,
                                                      systems_mg1,   systems_setup,    systems_priority, systems_gim1,
                                                      systems_batch, systems_patience, systems_tandem};
    size_t compared = 0;
    for (size_t i = 0; table && i < sizeof make / sizeof *make; i++)
        compared += compare(make[i]);
    printf("reference queueing: %zu values\n", compared);
    cr_expect(!table || compared > 150);
}

/* The reference is periodic for ever; ours began long ago. */
Test(queueing, varying_arrivals)
{
    static const double row[][4] = {{50, 0.6, 24, 1}, {20, 0.5, 10, 0.5}, {100, 0.8, 86400, 0.01}};
    for (size_t i = 0; table && i < sizeof row / sizeof *row; i++)
        for (size_t k = 0; k < 4; k++) {
            const double *x = row[i];
            char name[96];
            snprintf(name, sizeof name, "mtminf_l%g_b%g_P%g_mu%g", x[0], x[1], x[2], x[3]);
            double t = x[2] * (2 + (double)k / 4);
            const char *quantity = "E N(t).t=(0;1;2;3)P/4(Poisson: var=mean)";
            expect_close(mtminf_number(x[0], x[1], x[2], x[3], t - 60 / x[3], t), reference(name, quantity, k), name,
                         quantity);
        }
}
