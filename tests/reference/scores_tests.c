/* SPDX-License-Identifier: GPL-3.0-or-later
 * scores_tests: do our tests of differences, bootstraps, adjustments and rank statistics agree with R's?
 *
 * The table leads: inputs, their number and the shape of the Friedman table are read from it, and a quantity of these
 * cases that is not known here fails. The forecasts' part of the table is in scores_forecast.c. */
#include "experiments/statistics/bootstrap.h"
#include "experiments/statistics/effect_size.h"
#include "experiments/statistics/friedman.h"
#include "experiments/statistics/moments.h"
#include "experiments/statistics/multiple.h"
#include "experiments/statistics/rank_test.h"
#include "experiments/statistics/t_test.h"

#include "expected.h"

#define LEVEL 0.95

static struct expected x;

static void load(void)
{
    expected_open(&x, "reference/scores/expected.csv");
}

static void drop(void)
{
    expected_close(&x);
}

TestSuite(scores, .init = load, .fini = drop);

/* CASE(name) { ... } is one test over one case; skipped where the table is not at hand. */
#define CASE(name)                                                                                                     \
    static void case_##name(void);                                                                                     \
    Test(scores, name)                                                                                                 \
    {                                                                                                                  \
        if (x.row)                                                                                                     \
            case_##name();                                                                                             \
    }                                                                                                                  \
    static void case_##name(void)

/* A quantity and what it is: a value, or LOW and HIGH by index 1 and 2. */
struct answer {
    const char *quantity;
    double value;
    const struct estimate *interval;
};

static bool pick(const struct answer *a, size_t n, const char *quantity, size_t index, double *out)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(a[i].quantity, quantity) == 0) {
            const struct estimate *e = a[i].interval;
            *out = !e ? a[i].value : index == 1 ? e->low : index == 2 ? e->high : NAN;
            return true;
        }
    return false;
}

struct answers {
    const struct answer *at;
    size_t count;
};

static bool from_list(void *ctx, const char *quantity, size_t index, double *out)
{
    const struct answers *a = ctx;
    return pick(a->at, a->count, quantity, index, out);
}

static void compare(const char *name, const struct answer *a, size_t n)
{
    struct answers answers = {a, n};
    expected_compare(&x, name, from_list, &answers);
}

/* ---- pairs ---- */

/* R names the level that was asked for, unless the tails attained are more than half too large: then 1 less those,
 * to two digits. */
static double level_by_r(double attained)
{
    const double alpha = 1 - LEVEL, missed = 1 - attained;
    if (missed - alpha <= alpha / 2)
        return LEVEL;
    char digits[32];
    snprintf(digits, sizeof digits, "%.1e", missed);
    return 1 - strtod(digits, NULL);
}

CASE(paired)
{
    size_t n, m;
    struct alm_err e;
    double attained, *a = expected_values(&x, "paired", "in.a", &n), *b = expected_values(&x, "paired", "in.b", &m);
    cr_assert_eq(n, m);
    double *d = calloc(n, sizeof *d);
    for (size_t i = 0; i < n; i++)
        d[i] = a[i] - b[i];
    const struct t_result t = t_paired(d, n, LEVEL), welch = t_welch(a, n, b, n, LEVEL);
    const struct estimate ratio = geometric_mean_ratio(a, b, n, LEVEL);
    struct rank_result w, u;
    struct estimate shift;
    cr_assert_eq(wilcoxon_signed_rank(d, n, &w, &e), ALM_OK);
    cr_assert_eq(mann_whitney(a, n, b, n, &u, &e), ALM_OK);
    cr_assert_eq(hodges_lehmann(d, n, LEVEL, &shift, &attained, &e), ALM_OK);
    const struct answer answer[] = {
        {"t.mean.diff", t.difference.value, NULL},
        {"t.stat", t.statistic, NULL},
        {"t.p", t.p, NULL},
        {"t.ci95", NAN, &t.difference},
        {"geomean.ratio", ratio.value, NULL},
        {"geomean.ratio.ci95", NAN, &ratio},
        {"welch.stat", welch.statistic, NULL},
        {"welch.df", welch.df, NULL},
        {"welch.p", welch.p, NULL},
        {"welch.ci95", NAN, &welch.difference},
        {"wilcoxon.V", w.statistic, NULL},
        {"wilcoxon.exact.p", w.p_exact, NULL},
        {"hodges.lehmann", shift.value, NULL},
        {"wilcoxon.ci95.exact", NAN, &shift},
        {"wilcoxon.ci.attained", level_by_r(attained), NULL},
        {"wilcoxon.normal.cc.p", w.p_corrected, NULL},
        {"wilcoxon.normal.nocc.p", w.p_normal, NULL},
        {"sign.test.p", sign_test(d, n), NULL},
        {"cohen.dz", cohen_dz(d, n), NULL},
        {"a12(vargha-delaney)", vargha_delaney(a, n, b, n), NULL},
        {"mannwhitney.W", u.statistic, NULL},
        {"mannwhitney.cc.p", u.p_corrected, NULL},
        {"mannwhitney.exact.p", u.p_exact, NULL},
        {"signflip.exact.p(two-sided;mean)", sign_flip(d, n, 100000, 1), NULL},
    };
    compare("paired", answer, sizeof answer / sizeof answer[0]);
    free(a);
    free(b);
    free(d);
}

CASE(wilcoxon_ties)
{
    size_t n, m;
    struct alm_err e;
    struct rank_result w;
    double *a = expected_values(&x, "wilcoxon_ties", "in.a", &n);
    double *b = expected_values(&x, "wilcoxon_ties", "in.b", &m);
    cr_assert_eq(n, m);
    for (size_t i = 0; i < n; i++)
        a[i] -= b[i];
    cr_assert_eq(wilcoxon_signed_rank(a, n, &w, &e), ALM_OK);
    const struct answer answer[] = {
        {"V", w.statistic, NULL},
        {"normal.cc.tiecorrected.p(zeros dropped)", w.p_corrected, NULL},
        {"exact.conditional.p(exactRankTests; zeros dropped)", w.p_exact, NULL},
    };
    compare("wilcoxon_ties", answer, sizeof answer / sizeof answer[0]);
    free(a);
    free(b);
}

/* ---- bootstraps ---- */

static double mean_of(void *ctx, const uint32_t *index, size_t n)
{
    const double *d = ctx;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += d[index[i]];
    return sum / (double)n;
}

static struct bootstrap_result bootstrap_mean(double *d, size_t n, size_t draws, double level)
{
    struct bootstrap_result b;
    struct alm_err e;
    const struct bootstrap_statistic s = {mean_of, d, n};
    const struct bootstrap_plan plan = {.draws = draws, .block = 1, .level = level, .seed = 2};
    cr_assert_eq(bootstrap(&s, &plan, &b, &e), ALM_OK);
    return b;
}

/* Number INDEX of a list like name(.025;.05;...), after the parenthesis; NAN when there are fewer. */
static double listed(const char *quantity, size_t index)
{
    const char *at = strchr(quantity, '(');
    for (size_t i = 1; at && i < index; i++)
        at = strchr(at + 1, ';');
    return at ? strtod(at + 1, NULL) : NAN;
}

static bool enumerated(void *ctx, const char *quantity, size_t index, double *out)
{
    size_t n;
    double *d = expected_values(&x, "boot_enum", "in.d", &n), p;
    const struct bootstrap_result b = bootstrap_mean(d, n, 0, LEVEL);
    (void)ctx;
    bool known = true;
    if (strcmp(quantity, "boot.se.exact") == 0)
        *out = b.se;
    else if (strcmp(quantity, "P(mean*<=0)") == 0)
        *out = b.p_not_above_zero;
    else if (strncmp(quantity, "all.", 4) == 0 && strstr(quantity, ".mean.quantile.type7.")) {
        p = listed(quantity, index);
        const double level = p == 0.5 ? 1e-15 : fabs(2 * p - 1);
        const struct estimate e = bootstrap_mean(d, n, 0, level).percentile;
        *out = p > 0.5 ? e.high : e.low;
    } else
        known = false;
    free(d);
    return known;
}

CASE(boot_enum)
{
    expected_compare(&x, "boot_enum", enumerated, NULL);
}

CASE(boot_mc)
{
    size_t n;
    double *d = expected_values(&x, "boot_mc", "in.d", &n);
    const struct bootstrap_result b = bootstrap_mean(d, n, 200000, LEVEL);
    const struct answer answer[] = {
        {"perc.ci95", NAN, &b.percentile},   {"bca.ci95", NAN, &b.bca},
        {"basic.ci95", NAN, &b.basic},       {"boot.se", b.se, NULL},
        {"bca.z0", b.bias_correction, NULL}, {"bca.accel.jackknife", b.acceleration, NULL},
    };
    compare("boot_mc", answer, sizeof answer / sizeof answer[0]);
    free(d);
}

/* ---- many tests, many policies ---- */

static bool adjusted(void *ctx, const char *quantity, size_t index, double *out)
{
    static const char *const name[] = {
        [MULTIPLE_BONFERRONI] = "bonferroni", [MULTIPLE_HOLM] = "holm", [MULTIPLE_HOCHBERG] = "hochberg",
        [MULTIPLE_HOMMEL] = "hommel",         [MULTIPLE_BH] = "BH",     [MULTIPLE_BY] = "BY"};
    size_t n;
    bool known = false;
    double *p = expected_values(&x, "adjust", "in.p", &n);
    (void)ctx;
    for (size_t how = 0; how < sizeof name / sizeof name[0]; how++)
        if (strcmp(name[how], quantity) == 0) {
            cr_assert_leq(index, n);
            cr_assert_eq(p_adjust((enum multiple)how, p, n, p, NULL), ALM_OK);
            *out = p[index - 1];
            known = true;
        }
    free(p);
    return known;
}

CASE(adjust)
{
    expected_compare(&x, "adjust", adjusted, NULL);
}

struct ranking {
    size_t n, k;
    struct friedman_result f;
    double *rank, *pair;
};

static bool ranked(void *ctx, const char *quantity, size_t index, double *out)
{
    const struct ranking *r = ctx;
    const struct answer scalar[] = {
        {"chisq.tiecorrected", r->f.statistic, NULL},      {"p", r->f.p, NULL},
        {"iman.davenport.F", r->f.iman_davenport, NULL},   {"iman.davenport.p", r->f.p_davenport, NULL},
        {"nemenyi.CD.05", r->f.critical_difference, NULL},
    };
    size_t k;
    if (pick(scalar, sizeof scalar / sizeof scalar[0], quantity, index, out))
        return true;
    if (strcmp(quantity, "avg.ranks") == 0 && index >= 1 && index <= r->k)
        *out = r->rank[index - 1];
    else if (strncmp(quantity, "nemenyi.p.pairs(", 16) == 0 && index >= 1 && index <= r->k * (r->k - 1) / 2)
        *out = r->pair[index - 1];
    else if (sscanf(quantity, "nemenyi.q.05.k%zu", &k) == 1)
        *out = normal_range_quantile(0.95, k) / sqrt(2);
    else
        return false;
    return true;
}

CASE(friedman)
{
    struct ranking r;
    struct alm_err e;
    size_t count;
    const char *name = expected_quantity(&x, "friedman", "in.m.rowmajor.");
    cr_assert_not_null(name);
    cr_assert_eq(sscanf(name, "in.m.rowmajor.%zux%zu", &r.n, &r.k), 2);
    double *value = expected_values(&x, "friedman", name, &count);
    cr_assert_eq(count, r.n * r.k);
    r.rank = calloc(r.k, sizeof *r.rank);
    r.pair = calloc(r.k * r.k, sizeof *r.pair);
    cr_assert_eq(friedman(value, r.n, r.k, LEVEL, &r.f, r.rank, r.pair, &e), ALM_OK);
    expected_compare(&x, "friedman", ranked, &r);
    free(value);
    free(r.rank);
    free(r.pair);
}

/* qt.975.df(1;2;...): quantile .975 at those degrees of freedom; qnorm(.8;...): those quantiles. */
static bool tabled(void *ctx, const char *quantity, size_t index, double *out)
{
    (void)ctx;
    if (strncmp(quantity, "qt.", 3) == 0 && strstr(quantity, ".df("))
        *out = t_quantile(strtod(quantity + 2, NULL), listed(quantity, index));
    else if (strncmp(quantity, "qnorm(", 6) == 0)
        *out = normal_quantile(listed(quantity, index));
    else
        return false;
    return true;
}

CASE(tables)
{
    expected_compare(&x, "tables", tabled, NULL);
}
