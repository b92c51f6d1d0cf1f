/* SPDX-License-Identifier: GPL-3.0-or-later
 * machine_series: is each figure of machines what its definition gives by hand, also with machines that come late, have no
 * bound of memory, or are seen in the warm-up? */
#include "experiments/machine_series.h"

#include <criterion/criterion.h>
#include <math.h>

#define S ALM_SECOND

static const struct alm_machine two[] = {{.name = "m-1", .cores = 2, .speed = 1, .memory = 1000},
                                         {.name = "m-2", .cores = 8, .speed = 1, .memory = INFINITY}};

/* At 10 s: m-1 with 2 units, m-2 empty. At 20 s: 4 and 6. At 30 s: m-1 is gone, m-2 has 3. */
static const struct alm_machine_sample five[] = {
    {.at = 10 * S, .span = 10 * S, .machine = 0, .units = 2, .usage = {5000000, 500}, .some_us = {1000000, 0, 500000}},
    {.at = 10 * S, .span = 10 * S, .machine = 1, .units = 0, .usage = {0, 0}},
    {.at = 20 * S,
     .span = 10 * S,
     .machine = 0,
     .units = 4,
     .usage = {20000000, 900},
     .some_us = {9000000, 2000000, 0}},
    {.at = 20 * S, .span = 10 * S, .machine = 1, .units = 6, .usage = {40000000, 4000}},
    {.at = 30 * S, .span = 10 * S, .machine = 1, .units = 3, .usage = {8000000, 4000}},
};

static void figures(alm_time begin, double out[MACHINE_FIGURES])
{
    struct alm_err e = {0};
    struct machine_series *m;
    cr_assert_eq(machine_series_new(two, 2, begin, &m, &e), ALM_OK, "%s", e.text);
    struct alm_observer o = machine_series_observer(m);
    cr_assert_eq(o.machines(o.ctx, five, 3, &e), ALM_OK); /* a stamp may come in two pieces */
    cr_assert_eq(o.machines(o.ctx, five + 3, 2, &e), ALM_OK);
    machine_series_figures(m, out);
    machine_series_free(m);
}

static void expect(const double *v, enum machine_figure f, double want)
{
    cr_assert(isnan(want) ? isnan(v[f])
                          : fabs(v[f] - want) <= 1e-9 + 0.001 * fabs(want) * (f == MACHINE_CPU_UTILISATION_P95),
              "%s is %.17g, not %.17g", machine_figure_name(f), v[f], want);
}

Test(machine_series, by_hand)
{
    double v[MACHINE_FIGURES];
    figures(0, v);
    expect(v, MACHINE_MACHINES, 2);
    expect(v, MACHINE_USED_PEAK, 2);
    expect(v, MACHINE_UNITS_PLACED_MEAN, 5);             /* (2 + 0 + 10 + 3) x 10 s over 30 s */
    expect(v, MACHINE_DENSITY, 15.0 / 4);                /* four samples with units */
    expect(v, MACHINE_CPU_UTILISATION_MEAN, 73.0 / 280); /* 73 core-seconds of 2 x 20 + 8 x 30 */
    expect(v, MACHINE_CPU_UTILISATION_P95, 1);           /* of 0, 0.1, 0.25, 0.5, 1 */
    expect(v, MACHINE_MEMORY_UTILISATION_MEAN, 0.7);     /* m-1 alone: 0.5 and 0.9 */
    expect(v, MACHINE_MEMORY_UTILISATION_P95, 0.9);
    expect(v, MACHINE_CONTENDED_SHARE, 0.2); /* 10 s of 50 machine-seconds */
    expect(v, MACHINE_MEMORY_SOME_SHARE, 0.04);
    expect(v, MACHINE_IO_SOME_SHARE, 0.01);
}

Test(machine_series, samples_that_begin_in_the_warm_up_do_not_count)
{
    double v[MACHINE_FIGURES];
    figures(15 * S, v);
    expect(v, MACHINE_USED_PEAK, 1);
    expect(v, MACHINE_UNITS_PLACED_MEAN, 3);
    expect(v, MACHINE_CPU_UTILISATION_MEAN, 0.1);
    expect(v, MACHINE_MEMORY_UTILISATION_MEAN, NAN);
    expect(v, MACHINE_CONTENDED_SHARE, 0);
}

Test(machine_series, nothing_seen)
{
    struct alm_err e = {0};
    struct machine_series *m;
    double v[MACHINE_FIGURES];
    cr_assert_eq(machine_series_new(two, 2, 0, &m, &e), ALM_OK);
    machine_series_figures(m, v);
    expect(v, MACHINE_DENSITY, NAN);
    expect(v, MACHINE_CPU_UTILISATION_P95, NAN);
    json_t *json = machine_series_json(m);
    cr_assert_eq(json_integer_value(json_object_get(json, "machines")), 2);
    cr_assert(json_is_null(json_object_get(json, "density")));
    json_decref(json);
    machine_series_free(m);
    cr_assert_eq(machine_cores(two, 2), 10);
    cr_assert(isnan(machine_cores(two, 0)));
}
