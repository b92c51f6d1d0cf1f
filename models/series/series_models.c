/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_models: the models of one series that there are. A new one: its file, a row here. */
#include "series_model.h"

#include <stdio.h>
#include <string.h>

extern const struct series_model alm_series_arima, alm_series_drift, alm_series_holt, alm_series_holt_winters,
    alm_series_mean, alm_series_naive, alm_series_seasonal_naive, alm_series_ses, alm_series_stlf, alm_series_theta;

static const struct series_model *const models[] = {
    &alm_series_arima,
    &alm_series_drift,
    &alm_series_holt,
    &alm_series_holt_winters,
    &alm_series_mean,
    &alm_series_naive,
    &alm_series_seasonal_naive,
    &alm_series_ses,
    &alm_series_stlf,
    &alm_series_theta,
    NULL,
};

const struct series_model *const *series_models(void)
{
    return models;
}

int series_model_find(const char *name, const struct series_model **out, struct alm_err *e)
{
    const char *names[sizeof models / sizeof models[0]] = {0};
    char known[400] = "";
    for (size_t i = 0; models[i]; i++) {
        if (strcmp(models[i]->name, name) == 0) {
            *out = models[i];
            return ALM_OK;
        }
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", models[i]->name);
        names[i] = models[i]->name;
    }
    const char *nearest = alm_nearest(name, names);
    if (nearest)
        return alm_fail(e, ALM_EINVAL, "unknown model `%.60s`, did you mean `%s`? (there are: %s)", name, nearest,
                        known);
    return alm_fail(e, ALM_EINVAL, "unknown model `%.60s`; there are: %s", name, known);
}
