/* SPDX-License-Identifier: GPL-3.0-or-later
 * recorder_explanations: see the header. */
#include "recorder_explanations.h"

#include <string.h>

struct explanation_row {
    char *text;
    uint32_t unit;
    enum alm_resource resource;
};

static const struct alm_column_spec specs[ALM__EXPLANATION_COLUMNS] = {
    {"/explanations/unit", ALM_COL_U32, "/explanations/row", NULL, "index into /units", true, false},
    {"/explanations/resource", ALM_COL_TEXT, "/explanations/row", NULL, "of which it speaks", false, false},
    {"/explanations/text", ALM_COL_TEXT, "/explanations/row", NULL, "what the predictor has learnt by the end", false,
     false},
};

int alm__explanations_add(struct alm__rows *rows, uint32_t unit, enum alm_resource r, const char *text,
                          struct alm_err *e)
{
    rows->size = sizeof(struct explanation_row);
    char *copy = strdup(text);
    if (!copy)
        return alm_fail(e, ALM_ENOMEM, "out of memory for what a predictor explains");
    struct explanation_row *row = alm__rows_grow(rows, e);
    if (!row) {
        free(copy);
        return ALM_ENOMEM;
    }
    *row = (struct explanation_row){.text = copy, .unit = unit, .resource = r};
    return ALM_OK;
}

static void clear(struct alm__rows *rows)
{
    const struct explanation_row *row = (const void *)rows->at;
    for (size_t i = 0; i < rows->count; i++)
        free(row[i].text);
    rows->count = 0;
}

void alm__explanations_free(struct alm__rows *rows)
{
    clear(rows);
    free(rows->at);
}

int alm__explanations_append(struct alm__explanation_columns *c, struct alm_table *t, struct alm__rows *rows,
                             uint32_t base, struct alm_err *e)
{
    const struct explanation_row *row = (const void *)rows->at;
    for (size_t k = 0; rows->count > 0 && k < ALM__EXPLANATION_COLUMNS; k++)
        if (!c->column[k])
            ALM_TRY(alm_column_create(t, &specs[k], &c->column[k], e));
    for (size_t i = 0; i < rows->count; i++) {
        const uint32_t unit = row[i].unit + base;
        const char *resource = alm_resource_name(row[i].resource), *text = row[i].text;
        ALM_TRY(alm_column_append(c->column[0], &unit, 1, e));
        ALM_TRY(alm_column_append(c->column[1], &resource, 1, e));
        ALM_TRY(alm_column_append(c->column[2], &text, 1, e));
    }
    clear(rows);
    return ALM_OK;
}
