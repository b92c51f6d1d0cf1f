/* SPDX-License-Identifier: GPL-3.0-or-later
 * refitted: point predictors whose model is fitted to a window of past values, goes on value by value, and is fitted again when due.
 *
 * Meaning.  The block keeps the values of the last `fit_window`, one an interval. With log=true the model is of log(value + offset), the offset
 *           1 % of the window's mean at the fit; forecasts are exp of that less the offset, so they are medians. A model is fitted
 *           first when `min_history` of values are there, then
 *           grown     whenever half as many again are there: from scratch
 *           due       `refit` after the last fit, from where that ended
 *           shifted   when a two-sided CUSUM of one-step errors, in standard errors, passes `shift`; not before an eighth of `refit` has passed
 *           A season that the model does not have itself is taken out first: that of a periodic STL of the window, when more than two are
 *           known and steps from value to value are smaller without it, by Akaike's final prediction error with as many coefficients as
 *           the season is long. It is added again to forecasts; with log=true it multiplies.
 *           Where no model can be fitted the last one goes on, and before the first one the last value is the forecast: never an error.
 * Choice.   Usage is not negative and its errors grow with its level, so log=true is the default; an offset that goes with the level, since
 *           idle units and bytes want others. The CUSUM takes errors of at most 4 and half of one off: normal errors pass 8 once in some
 *           10 000 intervals, a shift of one standard error after some 16. Standard errors: with log=true such that value + z * se is the
 *           quantile at `confidence` of the lognormal.
 * Limits.   A forecast is within 0 .. twice the largest value of the window: where coefficients explode, the range does not.
 * Source.   E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954); R. B. Cleveland et al., "STL", Journal of Official Statistics 6
 *           (1990); H. Akaike, "Fitting autoregressive models for prediction", Annals of the Institute of Statistical Mathematics 21 (1969). */
#ifndef ALM_MODELS_REFITTED_H
#define ALM_MODELS_REFITTED_H

#include "point.h"

/* First member of the options of each predictor of this kind, with the rows REFITTED_OPTS(struct opt, common). */
struct refitted_opt {
    struct point_opt point;
    alm_time fit_window, min_history, refit;
    double shift;
    bool log;
};

#define REFITTED_OPTS(type, member)                                                                                    \
    POINT_OPTS(type, member.point),                                                                                    \
        {"log", ALM_OPT_BOOL, offsetof(type, member.log), "true", 0, 0, NULL, "model the logarithm"},                  \
        {"fit_window",                                                                                                 \
         ALM_OPT_DURATION,                                                                                             \
         offsetof(type, member.fit_window),                                                                            \
         "7d",                                                                                                         \
         1,                                                                                                            \
         (double)(1000 * ALM_DAY),                                                                                     \
         NULL,                                                                                                         \
         "values that the model is fitted to"},                                                                        \
        {"min_history",                                                                                                \
         ALM_OPT_DURATION,                                                                                             \
         offsetof(type, member.min_history),                                                                           \
         "2h",                                                                                                         \
         1,                                                                                                            \
         (double)(1000 * ALM_DAY),                                                                                     \
         NULL,                                                                                                         \
         "first fit after so many values; until then the last value is expected"},                                     \
        {"refit", ALM_OPT_DURATION,   offsetof(type, member.refit), "1d", 1, (double)(1000 * ALM_DAY),                 \
         NULL,    "time between fits"},                                                                                \
    {                                                                                                                  \
        "shift", ALM_OPT_REAL, offsetof(type, member.shift), "8", 0, 1e9, NULL,                                        \
            "sum of errors in a row, in standard errors, after which to fit at once; 0: never"                         \
    }

struct refitted_expected {
    double mean, se; /* on the model's scale; se NaN: not known */
};

/* The values to fit to, oldest first, on the model's scale; the last is not missing (NaN). */
struct refitted_window {
    const double *y;
    size_t n, known;
    bool again; /* start from the last fit */
};

struct refitted_model {
    size_t (*size)(const void *opt, const struct alm_env *env); /* of plain bytes, zero at first */
    /* Optional. Intervals in a season to be taken out; 1: none. */
    size_t (*season)(const void *opt, const struct alm_env *env);
    /* Optional. Whether the options make sense together. */
    int (*check)(const void *opt, const struct alm_env *env, struct alm_err *e);
    /* Let MODEL stand at the end of W. False: no model fits; MODEL is as it was. */
    bool (*fit)(const void *opt, const struct alm_env *env, void *model, const struct refitted_window *w);
    void (*put)(void *model, double y); /* NaN: missing; no allocation */
    struct refitted_expected (*next)(const void *model);
    /* Whether BYTES (not aligned) can be a model that was fitted. */
    bool (*sound)(const void *opt, const struct alm_env *env, const void *bytes);
    void (*explain)(const void *model, struct explanation *x); /* which model, with which coefficients */
};

/* The parts of struct point. OPT begins with struct refitted_opt. */
size_t refitted_size(const struct refitted_model *m, const void *opt, const struct alm_env *env);
int refitted_init(const struct refitted_model *m, const void *opt, const struct alm_env *env, void *block,
                  struct alm_err *e);
int refitted_put(const struct refitted_model *m, const void *opt, const struct alm_env *env, void *block, double value,
                 struct alm_err *e);
struct point_forecast refitted_forecast(const struct refitted_model *m, const void *opt, const struct alm_env *env,
                                        const void *block);
bool refitted_sound(const struct refitted_model *m, const void *opt, const struct alm_env *env, const void *bytes);
void refitted_explain(const struct refitted_model *m, const void *opt, const struct alm_env *env, const void *block,
                      struct explanation *x);

/* The table of the predictor WORD out of `model`, `opts` and `struct opt` of its file. */
#define REFITTED_PREDICTOR(word, name_, summary_, source_)                                                             \
    static size_t refitted_size_(const void *opt, const struct alm_env *env)                                           \
    {                                                                                                                  \
        return refitted_size(&model, opt, env);                                                                        \
    }                                                                                                                  \
    static int refitted_init_(const void *opt, const struct alm_env *env, void *block, struct alm_err *e)              \
    {                                                                                                                  \
        return refitted_init(&model, opt, env, block, e);                                                              \
    }                                                                                                                  \
    static int refitted_put_(const void *opt, const struct alm_env *env, void *block, double value, struct alm_err *e) \
    {                                                                                                                  \
        return refitted_put(&model, opt, env, block, value, e);                                                        \
    }                                                                                                                  \
    static struct point_forecast refitted_forecast_(const void *opt, const struct alm_env *env, const void *block)     \
    {                                                                                                                  \
        return refitted_forecast(&model, opt, env, block);                                                             \
    }                                                                                                                  \
    static bool refitted_sound_(const void *opt, const struct alm_env *env, const void *bytes)                         \
    {                                                                                                                  \
        return refitted_sound(&model, opt, env, bytes);                                                                \
    }                                                                                                                  \
    static void refitted_explain_(const void *opt, const struct alm_env *env, const void *block,                       \
                                  struct explanation *x)                                                               \
    {                                                                                                                  \
        refitted_explain(&model, opt, env, block, x);                                                                  \
    }                                                                                                                  \
    static const struct point point = {.saved_as = "predictor " name_,                                                 \
                                       .opt_size = sizeof(struct opt),                                                 \
                                       .size = refitted_size_,                                                         \
                                       .init = refitted_init_,                                                         \
                                       .put = refitted_put_,                                                           \
                                       .forecast = refitted_forecast_,                                                 \
                                       .sound = refitted_sound_,                                                       \
                                       .explain = refitted_explain_};                                                  \
    POINT_PREDICTOR_EXPLAINED(word, name_, ALM_F_FITS, summary_, source_)

#endif
