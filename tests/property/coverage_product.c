/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage_product: does the envelope of every predictor, wrapped by every calibrator, hold as often as it says, on every
 * kind of stream?
 *
 * Meaning.  Each built-in predictor and calibrator in the one loop: units whose demand is stationary, seasonal, drifting
 *           and heavy-tailed, CPU and memory, open loop (usage is demand) and closed loop (usage stops at the limit, which
 *           is max: the censored streams). True demand decides, which neither of them sees in the closed loop. Judged are
 *           max against 1 - confidence and min against alm_lower_tail(confidence), each on its own, for each unit and
 *           resource and for all of a pair together; what is stated at the start; and the bound of aci at each length of
 *           each run.
 * Choice.   A count of misses may not be so large that a binomial count with the stated chance would be with a
 *           probability below 1e-7. There are fewer than 10 000 judgements: all together raise a false alarm once in a
 *           thousand seeds, were misses independent. They are with exchangeable scores (the rank of the newest among all
 *           so far does not depend on earlier ones); the rules that correct themselves spread them more evenly than
 *           chance. The seed is fixed.
 *           min is judged after 1.5 / rate rounds: before 1 / rate outcomes there is no order statistic for it, of
 *           predictor or calibrator, and when the predictor gets one its min jumps.
 *           ALM_COVERAGE=full has 4000 rounds instead of 600; a number is that many. The network is a small one, trained little.
 * Limits.   split-conformal promises nothing of scores that are not exchangeable. Those of min are not where the predictor's
 *           own min jumps, and then it misses several times in a row: so its min is held to 2.5 times the rate.
 *           inputs has no envelope here: there are no invocations. */
#include "coverage_fleet.h"

#include <criterion/parameterized.h>
#include <gsl/gsl_cdf.h>

#define SEED 20261122
#define ALARM 1e-7

static const char *const calibrators[] = {"split-conformal", "aci", "dtaci", "quantile-tracking", "pid"};
enum { BURN = 200, CALIBRATORS = 5, PREDICTORS_MOST = 64, CELLS = 2 * CF_STREAMS * 2 };

/* How many rounds. */
static size_t length(void)
{
    const char *text = getenv("ALM_COVERAGE");
    if (!text || !*text)
        return 600;
    const int rows = strcmp(text, "full") == 0 ? 4000 : atoi(text);
    cr_assert_gt(rows, 300, "ALM_COVERAGE=%s: write full, or a number of rounds above 300", text);
    return (size_t)rows;
}

/* With the calibrator's confidence, where the predictor can be told one. */
static void predictor_text(const char *name, double confidence, char *text, size_t size)
{
    struct alm_choice c;
    struct alm_err e = {0};
    snprintf(text, size, "%s:confidence=%g%s", name, confidence,
             strcmp(name, "gru") == 0 ? ",hidden=4,updates=20,windows=16,length=8,batch=8,retrain=2d" : "");
    if (alm_choice_parse(ALM_PREDICTOR, text, &c, &e) == ALM_OK)
        alm_choice_free(&c);
    else
        snprintf(text, size, "%s", name);
}

static void few_enough(const char *what, double misses, double n, double rate)
{
    const double chance = misses > 0 ? gsl_cdf_binomial_Q((unsigned)misses - 1, rate, (unsigned)n) : 1;
    cr_assert_gt(chance, ALARM, "%s: %g of %g missed, %.2f %%, where %g %% is said: by chance once in %.1g", what,
                 misses, n, 100 * misses / n, 100 * rate, 1 / chance);
}

/* One predictor and calibrator at one confidence. */
struct pair {
    const char *predictor, *calibrator;
    double confidence;
    struct cf_cell cell[2][CF_STREAMS][2]; /* open or closed loop, stream, resource */
};

/* How often min may be missed. */
static double low_rate(const struct pair *p)
{
    return alm_lower_tail(p->confidence) * (strcmp(p->calibrator, "split-conformal") == 0 ? 2.5 : 1);
}

static void judge_cell(const struct pair *p, const struct cf_cell *c, const char *what)
{
    const double rate = 1 - p->confidence, gamma = rate / 10;
    few_enough(what, c->misses, c->n, rate);
    few_enough(what, c->low, c->n_low, low_rate(p));
    if (strcmp(p->calibrator, "aci") == 0)
        cr_assert_leq(c->bound, (fmax(rate, 1 - rate) + gamma) / gamma + 1e-6, "%s: %g misses off", what, c->bound);
}

static void judge(const struct pair *p)
{
    const double rate = 1 - p->confidence;
    struct cf_cell all = {0}, open = {0};
    char what[160];
    for (size_t k = 0; k < CELLS; k++) {
        const struct cf_cell *c = &p->cell[k / 2 / CF_STREAMS][k / 2 % CF_STREAMS][k % 2];
        snprintf(what, sizeof what, "%s, %s at %g, %s demand, %s, %s loop", p->predictor, p->calibrator, p->confidence,
                 cf_stream_name[k / 2 % CF_STREAMS], alm_resource_name((enum alm_resource)(k % 2)),
                 k / 2 < CF_STREAMS ? "open" : "closed");
        cr_assert(c->n > 0, "%s: no envelope", what);
        judge_cell(p, c, what);
        cf_add(&all, c);
        if (k / 2 < CF_STREAMS)
            cf_add(&open, c);
    }
    snprintf(what, sizeof what, "%s, %s at %g", p->predictor, p->calibrator, p->confidence);
    few_enough(what, all.misses, all.n, rate);
    few_enough(what, all.low, all.n_low, low_rate(p));
    few_enough(what, all.early_misses, all.early, all.early > 0 ? all.early_say / all.early : 0.5);
    cr_assert_gt(open.misses, 0.6 * rate * open.n - 5 * sqrt(rate * open.n), "%s: only %g of %g missed", what,
                 open.misses, open.n);
}

static void print(FILE *to, const struct pair *p)
{
    struct cf_cell all = {0};
    fprintf(to, "%-20s %-18s %3g %%", p->predictor, p->calibrator, 100 * p->confidence);
    for (size_t k = 0; k < CELLS; k += 2) {
        struct cf_cell both = {0};
        cf_add(&both, &p->cell[k / 2 / CF_STREAMS][k / 2 % CF_STREAMS][0]);
        cf_add(&both, &p->cell[k / 2 / CF_STREAMS][k / 2 % CF_STREAMS][1]);
        fprintf(to, "%s %5.2f", k == CELLS / 2 ? " |" : "", 100 * (1 - both.misses / both.n));
        cf_add(&all, &both);
    }
    fprintf(to, "  all %5.2f, max %.2f of usage", 100 * (1 - all.misses / all.n), all.max / all.usage);
    if (all.n_low > 0)
        fprintf(to, ", min %.2f", 100 * (1 - all.low / all.n_low));
    fprintf(to, "\n");
}

static size_t product(const char *name, FILE *to)
{
    static const double confidences[] = {0.9, 0.95, 0.99};
    const size_t rows = length();
    struct fleet fleet;
    size_t judged = 0;
    cf_make(&fleet, CF_STREAMS, rows, SEED);
    for (size_t k = 0; k < 3 * CALIBRATORS; k++) {
        struct pair p = {.predictor = name, .calibrator = calibrators[k % CALIBRATORS]};
        char predictor[128], calibrator[64];
        p.confidence = confidences[k / CALIBRATORS];
        predictor_text(name, p.confidence, predictor, sizeof predictor);
        snprintf(calibrator, sizeof calibrator, "%s:confidence=%g", p.calibrator, p.confidence);
        for (int closed = 0; closed < 2; closed++) {
            struct cf_run g = {&fleet, p.confidence, BURN, p.cell[closed], true};
            cf_run(&g, predictor, calibrator, closed ? CF_CLOSED : CF_OPEN);
        }
        if (p.cell[0][0][0].n > 0 || strcmp(name, "inputs") != 0) {
            print(to, &p);
            fflush(to);
            judge(&p);
            judged++;
        }
    }
    fleet_free(&fleet);
    return judged;
}

/* By name: the parts run in processes of their own. */
struct part {
    char predictor[64];
};

ParameterizedTestParameters(coverage_product, true_demand_stays_within)
{
    static struct part part[PREDICTORS_MOST];
    size_t n = 0;
    for (const struct alm_head *const *m = alm_modules(); *m; m++)
        if ((*m)->kind == ALM_PREDICTOR && !((*m)->flags & (ALM_F_ORACLE | ALM_F_NULL)))
            snprintf(part[n++].predictor, sizeof part->predictor, "%s", (*m)->name);
    return cr_make_param_array(struct part, part, n);
}

ParameterizedTest(struct part *part, coverage_product, true_demand_stays_within)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    const size_t judged = product(part->predictor, to);
    fclose(to);
    printf("%s", text); /* whole, so that the parts' lines stay apart */
    free(text);
    cr_assert(judged >= CALIBRATORS || strcmp(part->predictor, "inputs") == 0);
}

/* Would the judge notice? A bare forecast holds half of the time, and states nothing. */
Test(coverage_product, the_judge_can_fail)
{
    struct fleet fleet;
    struct cf_cell cell[CF_STREAMS][2] = {0};
    struct cf_run g = {&fleet, 0.95, 100, cell, false};
    cf_make(&fleet, CF_STREAMS, 300, SEED);
    cf_run(&g, "last", "measured", CF_OPEN);
    for (int s = 0; s < CF_STREAMS; s++)
        for (int r = 0; r < 2; r++)
            cr_assert_lt(gsl_cdf_binomial_Q((unsigned)cell[s][r].misses, 0.05, 200), ALARM);
    fleet_free(&fleet);
}
