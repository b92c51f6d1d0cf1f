/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_json: the data of a page, for whoever wants to compute on: the comparison and every cell.
 *
 * Choice.   "<" is written as \u003c, so that no name can end the element that holds it. */
#include "experiments/report/report.h"

#include "experiments/compare/comparison_write.h"
#include "experiments/compare/safe_text.h"
#include "experiments/compare/statistics_json.h"

#include <stdlib.h>

static json_t *factors_json(const struct compare_source *s, const struct compare_cell *cell)
{
    json_t *object = json_object();
    for (size_t k = 0; k < s->factors; k++)
        if (cell->factor[k][0])
            json_object_set_new(object, s->factor[k], safe_json(cell->factor[k]));
    return object;
}

static json_t *cell_json(const struct comparison *c, size_t i)
{
    const struct compare_source *s = c->source;
    const struct compare_cell *cell = &s->cell[i];
    json_t *value = json_object();
    for (size_t k = 0; cell->done && k < c->metrics; k++)
        json_object_set_new(value, s->figure[c->metric[k]].name, statistics_number(s->value(s->ctx, i, c->metric[k])));
    return json_pack("{s:o, s:s, s:o, s:s, s:I, s:b, s:o, s:o, s:o, s:o}", "trace", safe_json(cell->trace), "sha256",
                     cell->sha256, "policy", safe_json(cell->policy), "part", cell->part, "seed",
                     (json_int_t)cell->seed, "done", cell->done, "reason", safe_json(cell->reason), "command",
                     safe_json(cell->command), "factors", factors_json(s, cell), "metrics", value);
}

static void put(FILE *out, const char *text)
{
    for (; *text; text++)
        if (*text == '<')
            fputs("\\u003c", out);
        else
            putc(*text, out);
}

int report_json(struct report_page *p, struct alm_err *e)
{
    const struct report_request *q = p->request;
    json_t *cells = json_array();
    size_t most = q->of->source->cells;
    for (size_t i = 0; i < most && i < REPORT_CELLS; i++)
        json_array_append_new(cells, cell_json(q->of, i));
    json_t *all = json_pack("{s:s, s:o, s:o, s:I, s:o}", "schema", "almanac.report/1", "comparison",
                            comparison_json(q->of), "cells", cells, "cells_in_file", (json_int_t)most, "simulated_by",
                            q->version ? safe_json(q->version) : json_null());
    char *text = all ? json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII) : NULL;
    json_decref(all);
    if (!text)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the data of a page");
    fputs("<script type=\"application/json\" id=\"data\">", p->out);
    put(p->out, text);
    fputs("</script>\n", p->out);
    free(text);
    return ALM_OK;
}
