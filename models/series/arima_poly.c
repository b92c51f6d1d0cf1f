/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_poly: expansion, differencing, partial autocorrelations, psi weights. */
#include "arima_poly.h"

#include <complex.h>
#include <math.h>
#include <string.h>

void arima_blocks(const struct arima_order *o, size_t count[ARIMA_BLOCKS])
{
    count[0] = o->p;
    count[1] = o->q;
    count[2] = o->P;
    count[3] = o->Q;
}

size_t arima_coefficients(const struct arima_order *o)
{
    return o->p + o->q + o->P + o->Q;
}

size_t arima_ar_degree(const struct arima_order *o)
{
    return o->p + o->s * o->P;
}

size_t arima_ma_degree(const struct arima_order *o)
{
    return o->q + o->s * o->Q;
}

size_t arima_lost(const struct arima_order *o)
{
    return o->d + o->s * o->D;
}

/* OUT of (1 + SIGN sum a_i B^i)(1 + SIGN sum b_k B^(s k)) = 1 + SIGN sum out_j B^j. */
static void product(const double *a, size_t na, const double *b, size_t nb, size_t s, double sign, double *out)
{
    memset(out, 0, (na + s * nb) * sizeof *out);
    for (size_t i = 1; i <= na; i++)
        out[i - 1] += a[i - 1];
    for (size_t k = 1; k <= nb; k++) {
        out[s * k - 1] += b[k - 1];
        for (size_t i = 1; i <= na; i++)
            out[s * k + i - 1] += sign * a[i - 1] * b[k - 1];
    }
}

void arima_expand(const struct arima_order *o, const double *x, double *phi, double *theta)
{
    const double *sar = x + o->p + o->q;
    product(x, o->p, sar, o->P, o->s, -1, phi);
    product(x + o->p, o->q, sar + o->P, o->Q, o->s, 1, theta);
}

/* Multiply 1 - sum delta_j B^j, of degree N, by 1 - B^LAG. */
static void difference_once(double *delta, size_t n, size_t lag)
{
    for (size_t j = n + lag; j >= 1; j--) {
        const double here = j <= n ? delta[j - 1] : 0;
        const double before = j < lag ? 0 : j == lag ? 1 : -delta[j - lag - 1];
        delta[j - 1] = here + before;
    }
}

void arima_delta(const struct arima_order *o, double *delta)
{
    size_t n = 0;
    for (size_t i = 0; i < o->d; i++, n++)
        difference_once(delta, n, 1);
    for (size_t i = 0; i < o->D; i++, n += o->s)
        difference_once(delta, n, o->s);
}

bool arima_to_pacf(const double *phi, size_t p, double *pacf, double *work)
{
    memcpy(pacf, phi, p * sizeof *pacf);
    for (size_t k = p; k >= 1; k--) {
        const double r = pacf[k - 1], left = (1 - r) * (1 + r);
        if (!(left > 0))
            return false;
        if (r == 0)
            continue;
        for (size_t j = 0; j + 1 < k; j++)
            work[j] = (pacf[j] + r * pacf[k - 2 - j]) / left;
        memcpy(pacf, work, (k - 1) * sizeof *pacf);
    }
    return true;
}

void arima_from_pacf(const double *pacf, size_t p, double *phi, double *work)
{
    for (size_t k = 1; k <= p; k++) {
        const double r = pacf[k - 1];
        for (size_t j = 0; j + 1 < k; j++)
            work[j] = phi[j] - r * phi[k - 2 - j];
        memcpy(phi, work, (k - 1) * sizeof *phi);
        phi[k - 1] = r;
    }
}

bool arima_roots_beyond(const double *phi, size_t p, double radius, double *work)
{
    double *scaled = work, power = 1;
    for (size_t j = 0; j < p; j++)
        scaled[j] = phi[j] * (power *= radius);
    return arima_to_pacf(scaled, p, work + p, work + 2 * p);
}

void arima_psi(const double *phi, size_t p, const double *theta, size_t q, double *psi, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        psi[k] = k == 0 ? 1 : k <= q ? theta[k - 1] : 0;
        for (size_t j = 1; j <= p && j <= k; j++)
            psi[k] += phi[j - 1] * psi[k - j];
    }
}

/* INVERSE[q]: 1/z of the roots z of 1 + sum theta_j z^j, all improved together. */
static void inverse_roots(const double *theta, size_t q, double complex *inverse)
{
    for (size_t i = 0; i < q; i++)
        inverse[i] = i ? inverse[i - 1] * (0.4 + 0.9 * I) : 1;
    for (int turn = 0; turn < 500; turn++) {
        double most = 0;
        for (size_t i = 0; i < q; i++) {
            double complex value = 1, others = 1;
            for (size_t j = 0; j < q; j++) {
                value = value * inverse[i] + theta[j];
                others *= j == i ? 1 : inverse[i] - inverse[j];
            }
            const double complex by = others != 0 ? value / others : 1e-8;
            inverse[i] -= by;
            most = fmax(most, cabs(by));
        }
        if (!(most > 1e-15))
            return;
    }
}

static bool invertible(const double *theta, size_t q)
{
    double phi[ARIMA_ORDER] = {0}, pacf[ARIMA_ORDER], work[ARIMA_ORDER];
    for (size_t j = 0; j < q; j++)
        phi[j] = -theta[j];
    return arima_to_pacf(phi, q, pacf, work);
}

void arima_invert(double *theta, size_t q)
{
    double complex inverse[ARIMA_ORDER], turned[ARIMA_ORDER + 1] = {1};
    if (invertible(theta, q))
        return;
    inverse_roots(theta, q, inverse);
    for (size_t i = 0; i < q; i++) {
        const double complex root = cabs(inverse[i]) > 1 ? 1 / conj(inverse[i]) : inverse[i];
        for (size_t j = i + 1; j >= 1; j--)
            turned[j] -= root * turned[j - 1];
    }
    for (size_t j = 0; j < q; j++)
        theta[j] = creal(turned[j + 1]);
    for (double less = 1e-12; !invertible(theta, q) && less < 0.5;
         less *= 4) { /* rounding: on the circle, or just beyond */
        double power = 1;
        for (size_t j = 0; j < q; j++)
            theta[j] *= power *= 1 - less;
    }
}
