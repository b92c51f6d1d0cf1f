/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune_space: points of the cube to texts of values. */
#include "almanac/quantity.h"

#include "experiments/sweep/tune_space.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGE_STEPS 5

void tune_space_close(struct tune_space *s)
{
    free(s->axis);
    s->axis = NULL;
}

int tune_space_open(const struct sweep_spec *s, const struct sweep_tune *t, struct tune_space *out, struct alm_err *e)
{
    struct tune_space space = {.tune = t, .axis = calloc(t->parameters + 1, sizeof *space.axis)};
    int code = space.axis ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu parameters", t->parameters);
    for (size_t k = 0; code >= 0 && k < t->parameters; k++)
        if (!t->parameter[k].values)
            code = sweep_parameter_range(s, t, k, &space.axis[k].row, &space.axis[k].min, &space.axis[k].max, e);
    if (code < 0) {
        tune_space_close(&space);
        return code;
    }
    *out = space;
    return ALM_OK;
}

/* X as the option takes it; *back: what it stands for then. */
static void print(const struct alm_opt *row, double x, char text[ALM_QUANTITY_TEXT], double *back)
{
    switch (row->type) {
    case ALM_OPT_DURATION: {
        /* a whole second where that is fine enough */
        alm_time t = x >= (double)(100 * ALM_SECOND) ? llround(x / (double)ALM_SECOND) * ALM_SECOND : llround(x);
        *back = (double)t;
        alm_print_duration(t, text);
        break;
    }
    case ALM_OPT_INTEGER:
    case ALM_OPT_BYTES:
        *back = round(x);
        snprintf(text, ALM_QUANTITY_TEXT, "%.0f", *back);
        break;
    default:
        snprintf(text, ALM_QUANTITY_TEXT, "%.6g", x);
        *back = strtod(text, NULL);
    }
}

char *tune_space_value(const struct tune_space *s, size_t parameter, double u)
{
    const struct sweep_parameter *p = &s->tune->parameter[parameter];
    const struct tune_axis *a = &s->axis[parameter];
    char text[ALM_QUANTITY_TEXT];
    double back;
    if (p->values) {
        size_t i = (size_t)(u * (double)p->values);
        return strdup(p->value[i < p->values ? i : p->values - 1]);
    }
    print(a->row, p->log ? a->min * pow(a->max / a->min, u) : a->min + u * (a->max - a->min), text, &back);
    if (u <= 0 || back <= a->min)
        return strdup(p->min);
    return strdup(u >= 1 || back >= a->max ? p->max : text);
}

size_t tune_grid_steps(const struct sweep_tune *t, size_t parameter)
{
    return t->parameter[parameter].values ? t->parameter[parameter].values : RANGE_STEPS;
}

size_t tune_grid_size(const struct sweep_tune *t, size_t most)
{
    size_t n = 1;
    for (size_t k = 0; k < t->parameters && n <= most; k++)
        n *= tune_grid_steps(t, k);
    return n <= most ? n : most + 1;
}

double tune_grid_place(const struct sweep_tune *t, size_t parameter, size_t step)
{
    const size_t n = tune_grid_steps(t, parameter);
    return t->parameter[parameter].values ? ((double)step + 0.5) / (double)n : (double)step / (double)(n - 1);
}
