/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulation_json: the metrics of a run as JSON: what `simulate --format json` prints and a run file stores. */
#include "experiments/simulation.h"

#include <math.h>
#include <stdlib.h>

/* JSON has no NaN: a figure that does not exist is null. */
static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static json_t *resource_json(const struct simulation_result *result, int r, struct metrics_interval (*interval)[2])
{
    size_t count;
    const struct metrics_row *row = metrics_rows(&count);
    json_t *object = json_object(), *ci = json_object();
    for (size_t k = 0; k < count; k++) {
        if (!(row[k].resource & ALM_BIT(r)))
            continue;
        json_object_set_new(object, row[k].name, number(row[k].value(&result->pool, r)));
        if (!isnan(interval[k][r].low))
            json_object_set_new(ci, row[k].name, json_pack("[f, f]", interval[k][r].low, interval[k][r].high));
    }
    json_object_set_new(object, "burst_share",
                        number(metrics_burst_share(&result->harm[r], result->pool.of[r].seconds)));
    json_object_set_new(object, "ci95", ci);
    return object;
}

json_t *simulation_metrics_json(const struct simulation_result *r, uint64_t seed)
{
    size_t count;
    metrics_rows(&count);
    struct metrics_interval(*interval)[2] = malloc(count * sizeof *interval);
    if (!interval || metrics_intervals(r->unit, r->units, seed, interval, NULL) < 0) {
        free(interval);
        return NULL;
    }
    json_t *object = json_object();
    for (int k = 0; k < 2; k++)
        if (r->resources & ALM_BIT(k))
            json_object_set_new(object, alm_resource_name((enum alm_resource)k), resource_json(r, k, interval));
    if (r->executions)
        json_object_set_new(object, "invocations", executions_json(r->executions));
    if (r->machines)
        json_object_set_new(object, "machines", machine_series_json(r->machines));
    json_object_set_new(object, "units", json_integer((json_int_t)r->units));
    json_object_set_new(object, "samples", json_integer((json_int_t)r->stats.samples));
    json_object_set_new(object, "decisions", json_integer((json_int_t)r->stats.decisions));
    json_object_set_new(object, "state_bytes_per_unit", json_integer((json_int_t)r->stats.state_bytes));
    free(interval);
    return object;
}
