/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets: exponential smoothing as a state-space model: error, trend and season, each additive, multiplicative or absent.
 *
 * Meaning.  One source of error: y = f (1 + e) or f + e, with f = (level + phi slope) and the season added or multiplied; then
 *           level, slope and season of that moment move by alpha, beta and gamma times what was wrong. beta and gamma are those of
 *           the state-space form: Holt's own are beta / alpha and gamma / (1 - alpha). A missing value moves nothing.
 *           loglik is -n/2 log(sum of squares) (less the sum of log |f| when the error is multiplicative), without constants of
 *           2 pi, as forecast::ets has it; k counts smoothing parameters, initial states and the variance.
 * Choice.   Forms: error A or M, trend N, A or Ad, season N, A or M; not additive error with a multiplicative season, whose
 *           variance may be infinite (forecast::ets refuses it too), nor multiplicative trends.
 * Limits.   A multiplicative error or season needs values above 0.
 * Source.   R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, "Forecasting with exponential smoothing" (2008). */
#ifndef ALM_MODELS_ETS_H
#define ALM_MODELS_ETS_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>

enum ets_part { ETS_NONE, ETS_ADDITIVE, ETS_MULTIPLICATIVE };

struct ets_form {
    enum ets_part error, trend, season;
    bool damped;
    size_t period; /* 1 where there is no season */
};

#define ETS_FORM_TEXT 20 /* "ETS(A,Ad,N)" */

struct ets_parameters {
    double alpha, beta, gamma, phi;
};

/* States are level, slope, then season[period] by time modulo period; absent ones are there and idle. */
#define ETS_LEVEL 0
#define ETS_SLOPE 1
#define ETS_SEASON 2

struct ets_sums {
    double squares, logs; /* of errors e; of log |f|, 0 with additive errors */
    size_t count;         /* values that were not missing */
    bool possible;        /* forecasts and seasons were above 0 where they must be */
};

/* How to search. */
enum ets_how {
    ETS_SIMPLEX,  /* as forecast::ets does, whose numbers it gives: short of the best where there are many unknowns */
    ETS_THOROUGH, /* from there and other starts on by least squares: the largest likelihood that is found */
    ETS_SIMPLEX_SQUARES, /* as forecast::ses and holt do, of additive errors: their mean square is made least, another way */
};

struct ets_wish {
    struct ets_parameters parameter; /* NaN where to estimate */
    enum ets_how how;
};

/* What was fitted. Values are those of the series divided by `scale`, a power of two. */
struct ets {
    struct ets_form form;
    struct ets_parameters parameter; /* phi is 1 when not damped; beta, gamma 0 when absent */
    bool given[4];                   /* of alpha, beta, gamma, phi: not estimated */
    double scale;
    double *initial, *last; /* [ETS_SEASON + period]: before the first value; after the last that is not missing */
    size_t n, nobs, tail;   /* values; not missing; missing ones at the end */
    size_t free;            /* estimated parameters and states, without the variance */
    double squares;         /* sum of squared errors e */
    double sigma2;          /* squares / (nobs - parameters and states): what intervals are made of */
    double loglik, aic, aicc, bic;
    bool converged;
};

/* Is FORM one of those above? */
bool ets_form_known(const struct ets_form *form);
void ets_form_print(const struct ets_form *form, char out[ETS_FORM_TEXT]);
size_t ets_states(const struct ets_form *form); /* that are estimated: 1 .. 1 + 1 + period - 1 */

/* One-step errors. STATE moves from before the first value, at the first time of the season, to after the last; E[n] (may be NULL) are the
 * errors, NaN where Y is missing. False: a forecast is not finite, or not above 0 where it must be. No allocation; cost n. */
bool ets_run(const struct ets_form *form, const struct ets_parameters *p, double *state, const double *y, size_t n,
             double *e, struct ets_sums *out);

/* Also where a forecast or a season is not above 0, by |f|. */
bool ets_run_signed(const struct ets_form *form, const struct ets_parameters *p, double *state, const double *y,
                    size_t n, double *e, struct ets_sums *out);

/* Do errors die out: is the form invertible with these parameters? Beyond a period of ETS_PERIOD_SEARCHED only the simple bounds are
 * looked at. */
bool ets_admissible(const struct ets_form *form, const struct ets_parameters *p);

/* Up to this period all initial states are optimised; beyond it those of the season stay at their start. */
#define ETS_PERIOD_SEARCHED 24

/* STATE[ETS_SEASON + period] to start from: a classical decomposition, then a line through the first values.
 * ALM_ENOMEM. */
int ets_start(const struct ets_form *form, const double *y, size_t n, double *state, struct alm_err *e);

/* The form that was asked for, by largest likelihood; *OUT goes to ets_free. WISH may be NULL: estimate all, ETS_SIMPLEX.
 * ALM_EINVAL: form or parameters cannot be, or do not fit the series (values not above 0, fewer than two periods). ALM_EDATA: infinite
 * values, too few values. A constant series is its constant, without error. */
int ets_fit(const struct ets_form *form, const struct ets_wish *wish, const double *y, size_t n, struct ets **out,
            struct alm_err *e);

/* What an automatic choice is among; the first letters of "auto" forms: Z is "any". */
struct ets_choice {
    bool error[3], trend[3], season[3]; /* by enum ets_part */
    bool damped[2];                     /* of trends: not, yes */
    size_t period;
};

/* "auto", or error, trend and season as in "AAdM", with Z for any. DAMPED: -1 as FORM says (both where it says Z), 0 never, 1 always.
 * ALM_EINVAL. */
int ets_choice_parse(const char *form, int damped, size_t period, struct ets_choice *out, struct alm_err *e);

/* The form of least AICc. */
int ets_choose(const struct ets_choice *c, const struct ets_wish *wish, const double *y, size_t n, struct ets **out,
               struct alm_err *e);

/* MEAN[h], SE[h] of the values after the last of the series. Cost h; with a multiplicative season h * period; with other multiplicative
 * errors the square of h. ALM_ENOMEM. */
int ets_forecast(const struct ets *m, size_t h, double *mean, double *se, struct alm_err *e);

/* R[n]: y less its one-step forecast, in the units of Y, which is the series that was fitted. False: no memory. */
bool ets_residuals(const struct ets *m, const double *y, size_t n, double *r);

void ets_free(struct ets *m);

#endif
