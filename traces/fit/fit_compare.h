/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_compare: how unlike two traces are, property by property.
 *
 * Meaning.  `real` and `made` are the same measure of either trace; `distance` says how far apart they are:
 *           difference   made - real, for shares, correlations and autocorrelations
 *           ratio        made / real, for amounts
 *           D            Kolmogorov and Smirnov's largest difference of distribution functions, with its p
 *           rms          root of the mean squared difference, of courses of the day
 * Choice.   Rows of a unit are like each other, so the usual p of D would call any two traces different. Ours is that of a
 *           permutation test over units: how often 499 random halves of all units are as far apart as the two traces.
 * Limits.   D is found on at most 400 quantiles, so it may be too small by 0.0025. With n units in each trace p is at least
 *           1 over the number of halves; below four units each it says nothing and is NaN.
 * Source.   Good (2005), Permutation, Parametric and Bootstrap Tests of Hypotheses, 3.2. */
#ifndef ALM_FIT_COMPARE_H
#define ALM_FIT_COMPARE_H

#include "fit_features.h"

enum alm_fit_measure { ALM_FIT_DIFFERENCE, ALM_FIT_RATIO, ALM_FIT_KS, ALM_FIT_RMS };

struct alm_fit_row {
    char what[40]; /* "cpu", "cpu memory", "all codes" */
    const char *property;
    enum alm_fit_measure measure;
    double real, made, distance, p; /* NaN: not known, or not of this measure */
};

#define ALM_FIT_ROWS 128
struct alm_fit_report {
    size_t count;
    struct alm_fit_row row[ALM_FIT_ROWS];
};

void alm_fit_report_add(struct alm_fit_report *report, const char *what, const char *property,
                        enum alm_fit_measure measure, double real, double made);

void alm_fit_report_add_ks(struct alm_fit_report *out, const char *what, const char *property, double d, double p);

/* Append what two usage traces have in common. */
int alm_fit_compare(const struct alm_features *real, const struct alm_features *made, struct alm_fit_report *out,
                    struct alm_err *e);

/* D of two samples and its permutation p. */
int alm__fit_ks(const struct alm__sample *a, size_t a_units, const struct alm__sample *b, size_t b_units, double *d,
                double *p, struct alm_err *e);

#endif
