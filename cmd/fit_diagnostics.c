/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_diagnostics: see the header.
 *
 * Choice.   Residuals are divided by the largest first, so that none is too large to be squared. */
#include "cmd/fit_diagnostics.h"

#include "models/series/acf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "ar1", "ma2", "sar1", "sma1". */
static bool is_arma(const char *name)
{
    const char *at = name + (name[0] == 's');
    return (at[0] == 'a' || at[0] == 'm') && at[1] == (at[0] == 'a' ? 'r' : 'a') && at[2] >= '0' && at[2] <= '9';
}

static size_t estimated(const struct series_report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->coefficients; i++)
        n += is_arma(r->coefficient[i].name) && r->coefficient[i].se != 0 ? 1 : 0;
    return n;
}

static size_t choose_lags(const struct series_report *r, size_t n, size_t fitted)
{
    size_t lags = r->period > 1 ? 2 * (size_t)r->period : 10;
    lags = lags < n / 5 ? lags : n / 5;
    lags = lags > fitted + 3 ? lags : fitted + 3;
    lags = lags < FIT_LAGS ? lags : FIT_LAGS;
    return n > 1 && lags < n ? lags : n > 1 ? n - 1 : 0;
}

/* Moments of R[n], which is divided by the largest. */
static void measure(double *r, size_t n, struct fit_diagnostics *d)
{
    double most = 0, sum = 0, power[5] = {0};
    for (size_t i = 0; i < n; i++) {
        r[i] = isfinite(r[i]) ? r[i] : NAN;
        most = fabs(r[i]) > most ? fabs(r[i]) : most;
        d->residuals += isnan(r[i]) ? 0 : 1;
    }
    const double scale = most > 0 ? most : 1, count = (double)d->residuals;
    for (size_t i = 0; i < n; i++) {
        r[i] /= scale;
        sum += isnan(r[i]) ? 0 : r[i];
    }
    const double mean = sum / count;
    for (size_t i = 0; i < n; i++)
        for (int k = 2; k <= 4 && !isnan(r[i]); k++)
            power[k] += pow(r[i] - mean, k) / count;
    d->mean = mean * scale;
    d->sd = count > 1 ? sqrt(power[2] * count / (count - 1)) * scale : NAN;
    d->skewness = power[3] / pow(power[2], 1.5);
    d->kurtosis = power[4] / (power[2] * power[2]) - 3;
    d->jarque_bera = count / 6 * (d->skewness * d->skewness + d->kurtosis * d->kurtosis / 4);
    d->jarque_bera_p = exp(-d->jarque_bera / 2);
}

int fit_diagnose(const struct series_fitted *f, struct fit_diagnostics *out, struct alm_err *e)
{
    const size_t n = f->table.rows;
    *out = (struct fit_diagnostics){.mean = NAN};
    if (!f->choice.model->residuals)
        return alm_fail(e, ALM_EINVAL, "model %s has no residuals: leave --diagnostics out", f->choice.model->name);
    double *r = calloc(n, sizeof *r);
    if (!r)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu residuals", n);
    f->choice.model->residuals(f->fit, r);
    measure(r, n, out);
    out->fitted = estimated(&f->report);
    out->lags = choose_lags(&f->report, out->residuals, out->fitted);
    out->ljung_box = out->ljung_box_p = NAN;
    bool memory = true;
    if (out->lags > 0) {
        memory = series_acf(r, n, out->lags, out->acf);
        out->ljung_box = memory ? series_ljung_box(out->acf, out->lags, out->residuals) : NAN;
        out->ljung_box_p = series_portmanteau_p(out->ljung_box, out->lags, out->fitted);
    }
    free(r);
    return memory ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for the autocorrelations of %zu residuals", n);
}
