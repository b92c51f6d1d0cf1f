/* SPDX-License-Identifier: GPL-3.0-or-later
 * rq_window: a ring of rows. The header says what. */
#include "rq_window.h"

#include <string.h>

size_t rq_window_size(size_t rows, size_t columns, size_t levels)
{
    return sizeof(struct rq_window) + (rows * (columns + 1) + levels * columns) * sizeof(double);
}

void rq_window_init(struct rq_window *w, size_t rows, size_t columns, size_t levels)
{
    memset(w, 0, rq_window_size(rows, columns, levels));
    w->rows = (uint32_t)rows;
    w->columns = (uint32_t)columns;
    w->levels = (uint32_t)levels;
    w->since = UINT32_MAX;
}

bool rq_window_sound(const void *bytes, size_t rows, size_t columns, size_t levels)
{
    struct rq_window head;
    memcpy(&head, bytes, sizeof head);
    return head.rows == rows && head.columns == columns && head.levels == levels && head.count <= rows &&
           head.next < rows && (head.count == rows || head.next == head.count);
}

static double *window_y(struct rq_window *w)
{
    return w->value + (size_t)w->rows * w->columns;
}

void rq_window_put(struct rq_window *w, const double *x, double y)
{
    for (size_t j = 0; j < w->columns; j++)
        w->value[j * w->rows + w->next] = x[j];
    window_y(w)[w->next] = y;
    w->next = w->next + 1 == w->rows ? 0 : w->next + 1;
    w->count += w->count < w->rows;
    w->since += w->since < UINT32_MAX - 1;
}

int rq_window_refit(struct rq_window *w, struct rq *work, const double *tau, struct rq_result *out, struct alm_err *e)
{
    const struct rq_data d = {w->value, window_y(w), w->rows, w->count, w->columns};
    double *b = window_y(w) + w->rows;
    const bool first = w->since == UINT32_MAX;
    ALM_TRY(first ? rq_fit_levels(work, &d, tau, w->levels, b, out, e)
                  : rq_refit_levels(work, &d, tau, w->levels, b, out, e));
    w->since = 0;
    return ALM_OK;
}

const double *rq_window_coefficients(const struct rq_window *w, size_t level)
{
    return w->value + (size_t)w->rows * (w->columns + 1) + level * w->columns;
}
