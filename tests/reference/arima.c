/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima: do likelihoods, optima, forecasts and residuals of ARIMA models agree with R's, statsmodels' and a dense matrix's?
 *
 * The table leads: each quantity of each case is compared by its own tolerance. A likelihood above the best one known is right, and
 * then the other answers at the optimum need not agree. What R answers by default (R.*) is for information: it stops early. */
#include "arima_table.h"

#include <gsl/gsl_cdf.h>

static struct expected x;

static void load(void)
{
    expected_open(&x, "reference/arima/expected.csv");
}

static void drop(void)
{
    expected_close(&x);
}

TestSuite(arima, .init = load, .fini = drop, .timeout = 600);

/* What one case has to say, at one point: best, fixA or fixB. */
struct point {
    bool made;
    struct arima_fit *fit, *css; /* css: at given points only */
    double *mean, *se, *residual;
};

struct asked {
    const struct arima_case *c;
    struct arima_spec spec;
    const double *y;
    size_t n, compared, better;
    struct point best, fix[2];
};

static double *given(const struct asked *a, const char *tag)
{
    const size_t k = arima_spec_coefficients(&a->spec);
    double *out = calloc(k + 1, sizeof *out);
    for (size_t i = 0; i < k; i++) {
        char name[24], quantity[64];
        arima_coefficient_name(&a->spec, i, name);
        snprintf(quantity, sizeof quantity, "%s.par.%s", tag,
                 strcmp(name, "mean") == 0    ? "intercept"
                 : strcmp(name, "drift") == 0 ? "trend"
                                              : name);
        out[i] = expected_value(&x, a->c->name, quantity, 0);
    }
    return out;
}

static struct point *at_point(struct asked *a, const char *tag)
{
    struct point *p = strcmp(tag, "best") == 0 ? &a->best : &a->fix[tag[3] - 'A'];
    if (p->made)
        return p;
    p->made = true;
    struct arima_spec spec = a->spec;
    struct alm_err e = {0};
    double *fixed = p == &a->best ? NULL : given(a, tag);
    spec.fixed = fixed;
    cr_assert_eq(arima_fit(&spec, a->y, a->n, &p->fit, &e), ALM_OK, "%s: %s", a->c->name, e.text);
    if (fixed) {
        spec.method = ARIMA_CSS;
        cr_assert_eq(arima_fit(&spec, a->y, a->n, &p->css, &e), ALM_OK, "%s: %s", a->c->name, e.text);
    }
    p->mean = calloc(2 * a->c->h + a->n, sizeof *p->mean);
    p->se = p->mean + a->c->h;
    p->residual = p->se + a->c->h;
    cr_assert_eq(arima_forecast(p->fit, NULL, a->c->h, p->mean, p->se, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(arima_residuals(p->fit, p->residual, &e), ALM_OK, "%s", e.text);
    free(fixed);
    return p;
}

/* The smallest modulus of a root of 1 - sum phi_j z^j, by halving; 1e9 for none. */
static double smallest_root(const double *phi, size_t p)
{
    double work[3 * 400], low = 1e-3, high = 1e9;
    if (arima_roots_beyond(phi, p, high, work))
        return high;
    for (int i = 0; i < 200; i++) {
        const double middle = sqrt(low * high);
        *(arima_roots_beyond(phi, p, middle, work) ? &low : &high) = middle;
    }
    return low;
}

static double root_of(const struct asked *a, const struct point *p, bool ar)
{
    double phi[400], theta[400];
    const struct arima_order *o = &a->c->order;
    arima_expand(o, arima_fit_result(p->fit)->coefficient, phi, theta);
    for (size_t i = 0; i < arima_ma_degree(o); i++)
        theta[i] = -theta[i];
    return ar ? smallest_root(phi, arima_ar_degree(o)) : smallest_root(theta, arima_ma_degree(o));
}

static bool coefficient(const struct asked *a, const struct arima_result *r, const char *name, bool se, double *out)
{
    const char *ours = strcmp(name, "intercept") == 0 ? "mean" : strcmp(name, "trend") == 0 ? "drift" : name;
    for (size_t i = 0; i < r->coefficients; i++) {
        char word[24];
        arima_coefficient_name(&a->spec, i, word);
        if (strcmp(word, ours) == 0) {
            *out = se ? r->se[i] : r->coefficient[i];
            return true;
        }
    }
    return false;
}

static bool forecast(const struct point *p, const char *what, size_t index, double *out)
{
    const double mean = p->mean[index - 1], se = p->se[index - 1];
    const bool low = what[0] == 'l', limit = low || what[0] == 'h';
    if (strcmp(what, "mean") == 0)
        *out = mean;
    else if (strcmp(what, "se") == 0)
        *out = se;
    else if (limit)
        *out = mean + (low ? -1 : 1) * gsl_cdf_ugaussian_Pinv(0.5 + atof(what + 2) / 200) * se;
    else
        return false;
    return true;
}

/* Of a point that is not forecasts: likelihoods, variances, criteria, roots. */
static bool number(struct asked *a, const struct point *p, const char *what, double *out)
{
    const struct arima_result *r = arima_fit_result(p->fit), *css = p->css ? arima_fit_result(p->css) : NULL;
    const struct {
        const char *name;
        double value;
    } known[] = {
        {"loglik", r->loglik},
        {"diffloglik", r->loglik},
        {"denseloglik", r->loglik},
        {"sigma2", r->sigma2},
        {"diffsigma2", r->sigma2},
        {"densesigma2", r->sigma2},
        {"aic", r->aic},
        {"aicc", r->aicc},
        {"bic", r->bic},
        {"css.loglik", css ? css->loglik : NAN},
        {"css.sigma2", css ? css->sigma2 : NAN},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, what) == 0) {
            *out = known[i].value;
            return true;
        }
    if (strcmp(what, "minroot.ar") == 0 || strcmp(what, "minroot.ma") == 0)
        *out = root_of(a, p, what[8] == 'a' && what[9] == 'r');
    else if (strcmp(what, "minroot") == 0)
        *out = fmin(root_of(a, p, true), root_of(a, p, false));
    else
        return false;
    return true;
}

static bool answer(struct asked *a, const struct expected_row *row, double *out)
{
    const char *q = row->quantity, *what = strchr(q, '.') + 1;
    char tag[8];
    snprintf(tag, sizeof tag, "%.*s", (int)(what - 1 - q), q);
    struct point *p = at_point(a, tag);
    const struct arima_result *r = arima_fit_result(p->fit);
    if (strncmp(what, "fc.", 3) == 0)
        return forecast(p, what + 3, row->index, out);
    if (strcmp(what, "Rfc.mean") == 0)
        return forecast(p, "mean", row->index, out);
    if (strcmp(what, "res.tail") == 0)
        *out = p->residual[row->index - 1];
    else if (strncmp(what, "coef.", 5) == 0)
        return coefficient(a, r, what + 5, false, out);
    else if (strncmp(what, "se.", 3) == 0)
        return coefficient(a, r, what + 3, true, out);
    else
        return number(a, p, what, out);
    return true;
}

static void compare_row(struct asked *a, const struct expected_row *row)
{
    double got = NAN;
    const bool best = strncmp(row->quantity, "best.", 5) == 0;
    if (!answer(a, row, &got)) {
        cr_expect_fail("%s: the quantity %s is not known here", a->c->name, row->quantity);
        return;
    }
    if (strcmp(row->quantity, "best.loglik") == 0) {
        cr_expect_geq(got, row->value - row->atol, "%s: loglik %.9f, %.9f is known", a->c->name, got, row->value);
        a->better += got > row->value + row->atol;
    } else if (!best || !a->better)
        cr_expect(expected_holds(row, got), "%s: %s[%zu] is %.12g, expected %.12g (rtol %g, atol %g)", a->c->name,
                  row->quantity, row->index, got, row->value, row->rtol, row->atol);
    a->compared++;
}

static void drop_point(struct point *p)
{
    arima_fit_free(p->fit);
    arima_fit_free(p->css);
    free(p->mean);
}

static size_t compare_case(const struct arima_case *c)
{
    struct asked a = {.c = c};
    double *y = reference_series(c->series, &a.n);
    a.y = y;
    a.spec = (struct arima_spec){.order = c->order, .mean = c->mean, .drift = c->trend, .fourier = c->fourier};
    for (size_t i = 0; i < x.count; i++)
        if (strcmp(x.row[i].name, c->name) == 0 && strncmp(x.row[i].quantity, "R.", 2) != 0 &&
            !strstr(x.row[i].quantity, ".par."))
            compare_row(&a, &x.row[i]);
    if (a.better)
        printf("%s: above the best likelihood known; the rest of the optimum is not compared\n", c->name);
    drop_point(&a.best);
    drop_point(&a.fix[0]);
    drop_point(&a.fix[1]);
    free(y);
    return a.compared;
}

Test(arima, all_cases)
{
    if (!x.row)
        return;
    struct arima_table t = arima_cases();
    size_t compared = 0;
    for (size_t i = 0; i < t.count; i++)
        compared += compare_case(&t.at[i]);
    printf("reference arima: %zu cases, %zu values compared\n", t.count, compared);
    fflush(stdout);
    cr_expect_gt(t.count, 0);
    cr_expect_gt(compared, 100 * t.count);
    free(t.at);
}
