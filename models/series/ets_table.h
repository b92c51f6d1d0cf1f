/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_table: what the tables of models that are made of exponential smoothing share. */
#ifndef ALM_MODELS_ETS_TABLE_H
#define ALM_MODELS_ETS_TABLE_H

#include "ets.h"
#include "series_model.h"

/* A fit, its series, and for stlf the season that was taken out (NULL: none). */
struct ets_table_fit {
    struct ets *model;
    double *y;      /* [n] */
    double *season; /* [n] */
    size_t n, period;
};

/* The option `search`, an ALM_OPT_CHOICE of enum ets_how. */
#define ETS_TABLE_SEARCH "simplex|thorough"
#define ETS_TABLE_SEARCH_HELP "simplex: as forecast::ets of R; thorough: the largest likelihood"

/* A number, or "auto" for NaN. */
int ets_table_number(const char *key, const char *text, double *out, struct alm_err *e);

/* A fit with room for N values, Y copied; NULL: no memory. */
struct ets_table_fit *ets_table_new(const double *y, size_t n);

void ets_table_report(const void *fit, struct series_report *out);
int ets_table_forecast(const void *fit, struct series_forecast *out, struct alm_err *e);
void ets_table_residuals(const void *fit, double *r);
void ets_table_free(void *fit);

#endif
