/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_json: a comparison as JSON, "almanac.compare/1". */
#include "experiments/compare/comparison_write.h"

#include "almanac/resource.h"
#include "almanac/version.h"

#include "experiments/compare/safe_text.h"
#include "experiments/compare/statistics_json.h"

#include <math.h>
#include <stdlib.h>

static json_t *metric_json(const struct comparison *c, size_t k)
{
    const struct compare_figure *f = &c->source->figure[c->metric[k]];
    return json_pack("{s:s, s:s, s:s, s:o}", "name", f->name, "unit", f->unit, "better",
                     statistics_better_word(f->better), "tolerance", statistics_tolerance_json(c->tolerance[k]));
}

static json_t *trade_off_json(const struct comparison_row *row)
{
    json_t *object = json_object();
    for (int r = 0; r < 2; r++)
        if (!isnan(row->point[r].slack))
            json_object_set_new(object, alm_resource_name((enum alm_resource)r),
                                json_pack("{s:o, s:o, s:b, s:o}", "slack", statistics_number(row->point[r].slack),
                                          "harm", statistics_number(row->point[r].harm), "dominated", row->dominated[r],
                                          "regret", statistics_number(row->regret[r])));
    return object;
}

static json_t *figures_json(const struct comparison *c, const struct comparison_group *g, size_t i)
{
    json_t *object = json_object();
    const struct comparison_row *row = &g->row[i];
    for (size_t k = 0; k < c->metrics; k++) {
        if (row->of[k].pairs == 0)
            continue;
        struct comparison_shown shown;
        comparison_show(c, g, k, i, &shown);
        json_t *figure = row->baseline ? json_pack("{s:o}", "value", statistics_number(row->of[k].value))
                                       : statistics_json(&row->of[k]);
        json_object_set_new(figure, "rank", shown.rank[0] == '-' ? json_null() : json_integer(atoll(shown.rank)));
        if (!row->baseline)
            json_object_set_new(figure, "verdict", json_string(verdict_word(row->verdict[k])));
        json_object_set_new(object, c->source->figure[c->metric[k]].name, figure);
    }
    return object;
}

static json_t *row_json(const struct comparison *c, const struct comparison_group *g, size_t i)
{
    const struct comparison_row *row = &g->row[i];
    return json_pack("{s:o, s:o, s:b, s:b, s:I, s:I, s:o, s:o}", "policy", safe_json(row->policy), "name",
                     safe_json(row->name), "oracle", row->oracle, "baseline", row->baseline, "pairs",
                     (json_int_t)row->pairs, "missing", (json_int_t)row->missing, "metrics", figures_json(c, g, i),
                     "trade_off", trade_off_json(row));
}

static json_t *ranks_json(const struct comparison_group *g, const struct comparison_ranks *r)
{
    json_t *mean = json_array(), *sets = json_array();
    for (size_t i = 0; i < g->rows; i++)
        if (!isnan(r->mean[i]))
            json_array_append_new(mean, json_pack("{s:o, s:f}", "name", safe_json(g->row[i].name), "rank", r->mean[i]));
    for (size_t k = 0; k < r->groups; k++) {
        json_t *set = json_array();
        for (size_t i = 0; i < g->rows; i++)
            if (r->group[i] >> k & 1)
                json_array_append_new(set, safe_json(g->row[i].name));
        json_array_append_new(sets, set);
    }
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "traces", (json_int_t)r->traces, "friedman",
                     statistics_number(r->test.statistic), "p", statistics_number(r->test.p), "p_iman_davenport",
                     statistics_number(r->test.p_davenport), "critical_difference",
                     statistics_number(r->test.critical_difference), "mean_ranks", mean, "not_told_apart", sets);
}

static json_t *group_json(const struct comparison *c, const struct comparison_group *g)
{
    json_t *rows = json_array(), *ranks = json_object();
    for (size_t i = 0; i < g->rows; i++)
        json_array_append_new(rows, row_json(c, g, i));
    for (size_t k = 0; k < c->metrics; k++)
        if (g->ranks[k].any)
            json_object_set_new(ranks, c->source->figure[c->metric[k]].name, ranks_json(g, &g->ranks[k]));
    return json_pack("{s:o, s:s, s:I, s:o, s:o}", "name", safe_json(g->name), "part", g->part, "tests",
                     (json_int_t)g->tests, "policies", rows, "ranks", ranks);
}

static json_t *area_json(const struct comparison_area *a)
{
    return json_pack("{s:o, s:s, s:o, s:o}", "policy", safe_json(a->policy), "part", a->part, "cpu",
                     statistics_number(a->area[0]), "memory", statistics_number(a->area[1]));
}

json_t *comparison_json(const struct comparison *c)
{
    json_t *metrics = json_array(), *groups = json_array(), *areas = json_array();
    for (size_t k = 0; k < c->metrics; k++)
        json_array_append_new(metrics, metric_json(c, k));
    for (size_t k = 0; k < c->groups; k++)
        json_array_append_new(groups, group_json(c, &c->group[k]));
    for (size_t k = 0; k < c->areas; k++)
        json_array_append_new(areas, area_json(&c->area[k]));
    json_t *tuned = c->source->tuned ? json_loads(c->source->tuned, 0, NULL) : NULL;
    return json_pack("{s:s, s:s, s:o, s:o, s:f, s:I, s:I, s:I, s:o, s:o, s:o, s:o*}", "schema", "almanac.compare/1",
                     "version", alm_version(), "file", safe_json(c->source->path), "baseline", safe_json(c->baseline),
                     "level", c->level, "draws", (json_int_t)c->draws, "failed_cells", (json_int_t)c->failed,
                     "absent_cells", (json_int_t)c->source->absent, "metrics", metrics, "groups", groups, "areas",
                     areas, "tuned", tuned);
}
