/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_invocations: options of the generator `invocations` from a trace. See the header. */
#include "fit_invocations.h"
#include "fit_law.h"
#include "fit_mmpp.h"
#include "fit_note.h"

#include "almanac/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

const char *const alm__load_word[ALM__LOAD_AMOUNTS] = {"work", "memory", "io_read", "io_write", "net_rx", "net_tx"};

#define LEAST_R2 0.1
#define WORDS 16
#define PLACES 4 /* inputs that the generator has */

/* Do the hours of the day differ by more than a tenth, and than six sd of chance? Arrivals in clusters, as minutes show
 * them, leave more to chance. */
static bool plain_day(const struct alm_load *l)
{
    double low = INFINITY, high = 0;
    if (isnan(l->day[0]))
        return false;
    for (size_t h = 0; h < ALM__FEATURE_HOURS; h++) {
        low = fmin(low, l->day[h]);
        high = fmax(high, l->day[h]);
    }
    double each = (double)l->count / ALM__FEATURE_HOURS;
    double clusters = isnan(l->minute) ? 1 : fmax(1, l->minute);
    return high - low > fmax(0.1, 6 * sqrt(clusters / fmax(1, each)));
}

/* Sizes of groups that arrive together cannot be told from the sample; a geometric law of their mean is written out. */
static void write_batch(const struct alm_load *l, FILE *out)
{
    double q = l->together; /* chance of one more */
    int most = 2;
    while (most < WORDS && pow(q, most) > 1e-4)
        most++;
    fprintf(out, "batch: {law: discrete, values: [");
    for (int i = 1; i <= most; i++)
        fprintf(out, "%s%d", i > 1 ? ", " : "", i);
    fprintf(out, "], weights: [");
    for (int i = 1; i <= most; i++)
        fprintf(out, "%s%.4g", i > 1 ? ", " : "", (1 - q) * pow(q, i - 1));
    fprintf(out, "]} # %.3g%% arrive at the very time of the one before\n", 100 * q);
}

/* Sum of the squared shares of codes. */
static double concentration(const struct alm_load *l)
{
    double sum = 0, squares = 0;
    for (size_t c = 0; c < l->codes; c++) {
        double share = pow((double)c + 1, -l->zipf);
        sum += share;
        squares += share * share;
    }
    return squares / (sum * sum);
}

/* The dispersion of groups, when that of what comes in them is D, and one more comes with chance Q. */
static double of_groups(double d, double q)
{
    return (d - q / (1 - q)) * (1 - q);
}

/* A process of two states for counts that disperse thrice as much as those of a Poisson process, and twice as much as those
 * of independent gaps, of this LAW or as they vary, ever do. All codes together disperse as one with the mean share, weighted by share, does. */
static bool switching(const struct alm_load *l, double rate, const struct alm_law_options *law,
                      struct alm__fit_mmpp *out)
{
    struct alm_law gap;
    const struct alm__dispersion measured[] = {{10, l->tens, 0}, {60, l->minute, 0}, {3600, l->hour, 0}};
    struct alm__dispersion d[3];
    size_t n = 0;
    double q = l->together > 0.01 ? l->together : 0, share = concentration(l), squared_cv = 1;
    for (size_t i = 0; i < 3; i++)
        if (!isnan(measured[i].value)) {
            d[n] = measured[i];
            d[n].value = of_groups(d[n].value, q);
            d[n].weight = sqrt(alm_seconds(l->span) / d[n].seconds);
            n++;
        }
    if (alm_law_open(law, ALM_OPT_REAL, "gap", NULL, &gap, NULL) == ALM_OK) {
        squared_cv = alm_law_variance(&gap) / pow(alm_law_mean(&gap), 2);
        alm_law_close(&gap);
    }
    squared_cv = fmin(squared_cv, fmax(1, l->gap_cv * l->gap_cv));
    double clear = fmax(3, 2 * squared_cv);
    if (n < 2 || !(d[n - 1].value > clear) || alm__fit_mmpp(rate * share, d, n, l->gap_cv, out) != ALM_OK)
        return false;
    out->rate[0] /= share;
    out->rate[1] /= share;
    return true;
}

static int write_gaps(const struct alm_load *l, double rate, FILE *out, struct alm_err *e)
{
    struct alm__sample gaps;
    struct alm_law_options law;
    struct alm__fit_mmpp mmpp;
    ALM_TRY(alm__load_sample(l, ALM__LOAD_GAP, false, &gaps, e));
    alm__fit_law(gaps.value, gaps.count, &law);
    alm__sample_free(&gaps);
    if (law.law == ALM_LAW_NONE || law.law == ALM_LAW_DISCRETE || law.law == ALM_LAW_DETERMINISTIC)
        law = (struct alm_law_options){.law = ALM_LAW_EXPONENTIAL, .mean = {1}};
    if (switching(l, rate, &law, &mmpp)) {
        fprintf(out, "arrival: {process: mmpp, rates: [%.6g, %.6g], sojourns: [%.6g, %.6g]}\n", mmpp.rate[0],
                mmpp.rate[1], mmpp.sojourn[0], mmpp.sojourn[1]);
        return ALM_OK;
    }
    if (l->gap_cv > 0.9 && l->gap_cv < 1.1) {
        fprintf(out, "arrival: {process: poisson, rate: %.6g}\n", rate);
        return ALM_OK;
    }
    ALM_TRY(alm__fit_law_mean(&law, 1 / rate, e));
    fputs("arrival: {process: renewal, ", out);
    alm__fit_law_write(&law, false, out);
    fputs("}\n", out);
    return ALM_OK;
}

static int write_arrivals(const struct alm_load *l, FILE *out, struct alm_err *e)
{
    double rate = l->together > 0.01 ? l->rate * (1 - l->together) : l->rate;
    if (!isnan(l->gap_cv))
        fprintf(out, "# gaps of a code: coefficient of variation %.3g\n", l->gap_cv);
    if (!isnan(l->hour))
        fprintf(out, "# counts: dispersion %.3g a minute, %.3g an hour\n", l->minute, l->hour);
    if (plain_day(l)) {
        fputs("arrival: {process: piecewise, step: 1h, rates: [", out);
        for (size_t h = 0; h < ALM__FEATURE_HOURS; h++)
            fprintf(out, "%s%.5g", h ? ", " : "", rate * l->day[h]);
        fputs("]}\n", out);
    } else {
        ALM_TRY(write_gaps(l, rate, out, e));
    }
    if (l->together > 0.01)
        write_batch(l, out);
    return ALM_OK;
}

/* A word as it can stand in a list inside an option. */
static bool plain_word(const char *word)
{
    return word[0] && strlen(word) < 24 &&
           strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == strlen(word);
}

/* The words of input I that occur in the sample, up to WORDS: their weights. */
static size_t count_words(const struct alm_load *l, size_t i, double weight[WORDS])
{
    const struct alm__load_input *in = &l->input[i];
    const double *x = l->column[ALM__LOAD_GAP + 1 + i];
    if (in->words == 0 || in->words > WORDS)
        return 0;
    for (size_t k = 0; k < in->words; k++) {
        weight[k] = 0;
        if (!plain_word(in->word[k]))
            return 0;
    }
    for (size_t k = 0; k < l->rows; k++)
        if (x[k] >= 0 && x[k] < (double)in->words)
            weight[(size_t)x[k]]++;
    return in->words;
}

/* False when there is nothing to say: words that cannot be written, or no values. */
static bool write_input(const struct alm_load *l, size_t i, size_t place, FILE *out, struct alm_err *e, int *code)
{
    const struct alm__load_input *in = &l->input[i];
    double weight[WORDS];
    struct alm__sample sample;
    struct alm_law_options law = {.law = ALM_LAW_NONE};
    if (!plain_word(in->declared.name))
        return false;
    if (in->declared.category) {
        size_t words = count_words(l, i, weight);
        if (words == 0)
            return false;
        fprintf(out, "input%zu: {name: %s, words: [", place, in->declared.name);
        for (size_t k = 0; k < words; k++)
            fprintf(out, "%s'%s'", k ? ", " : "", in->word[k]);
        fputs("], weights: [", out);
        for (size_t k = 0; k < words; k++)
            fprintf(out, "%s%.0f", k ? ", " : "", weight[k]);
        fputs("]}\n", out);
        return true;
    }
    *code = alm__load_sample(l, ALM__LOAD_GAP + 1 + i, false, &sample, e);
    if (*code >= 0)
        alm__fit_law(sample.value, sample.count, &law);
    size_t values = sample.count;
    alm__sample_free(&sample);
    if (*code < 0 || values == 0 || law.law == ALM_LAW_NONE)
        return false;
    fprintf(out, "input%zu: {name: %s, ", place, in->declared.name);
    if (plain_word(in->declared.unit))
        fprintf(out, "unit: %s, ", in->declared.unit);
    alm__fit_law_write(&law, false, out);
    fputs("}\n", out);
    return true;
}

/* How much of the logarithm of AMOUNT input I explains, 0 when that cannot be told. */
static double explained(const struct alm_load *l, size_t amount, size_t i, double level[WORDS],
                        struct alm__log_slope *s)
{
    int code = l->input[i].declared.category ? alm__load_levels(l, amount, i, WORDS, level, s)
                                             : alm__load_slope(l, amount, i, s);
    return code == ALM_OK ? s->r2 : 0;
}

/* The input that explains most of the logarithm of AMOUNT; `inputs` when none explains enough. */
static size_t best_input(const struct alm_load *l, size_t amount, const bool *written)
{
    double level[WORDS], best = LEAST_R2;
    size_t which = l->inputs;
    for (size_t i = 0; i < l->inputs; i++) {
        struct alm__log_slope s;
        double r2 = written[i] ? explained(l, amount, i, level, &s) : 0;
        if (r2 > best) {
            best = r2;
            which = i;
        }
    }
    return which;
}

static void write_dependence(const struct alm_load *l, size_t amount, size_t input, FILE *out)
{
    double level[WORDS];
    struct alm__log_slope s = {0};
    double r2 = explained(l, amount, input, level, &s), variance = fmin(13.8, s.sd * s.sd);
    const struct alm__load_input *in = &l->input[input];
    fprintf(out, "%s: {law: lognormal, mean: %.6g, cv: %.4g, on: %s, ", alm__load_word[amount],
            in->declared.category ? l->mean[amount] : 1, fmax(1e-3, sqrt(expm1(variance))), in->declared.name);
    if (in->declared.category) {
        fputs("effect: category, levels: [", out);
        for (size_t k = 0; k < in->words; k++)
            fprintf(out, "%s%.4g", k ? ", " : "", level[k]);
        fputs("]}", out);
    } else {
        fprintf(out, "effect: power, slope: %.6g, power: %.4g}", exp(s.intercept + variance / 2),
                fmax(-10, fmin(10, s.slope)));
    }
    fprintf(out, " # explains %.3g of the variance of the logarithm\n", r2);
}

/* With a dependence the law is the noise around it, and codes differ by their inputs. */
static int write_amount(const struct alm_load *l, size_t amount, const bool *written, bool *spread, FILE *out,
                        struct alm_err *e)
{
    size_t input = best_input(l, amount, written);
    bool whole = amount != ALM__LOAD_WORK, codes = amount <= ALM__LOAD_MEMORY && l->codes > 1;
    *spread = false;
    if (input < l->inputs) {
        write_dependence(l, amount, input, out);
        return ALM_OK;
    }
    struct alm__sample sample;
    struct alm_law_options law;
    ALM_TRY(alm__load_sample(l, amount, codes, &sample, e));
    alm__fit_law(sample.value, sample.count, &law);
    int code = ALM_OK;
    if (codes && law.law != ALM_LAW_NONE)
        code = alm__fit_law_mean(&law, l->mean[amount], e);
    size_t zeros = 0;
    while (zeros < sample.count && !(sample.value[zeros] > 0))
        zeros++;
    double share = sample.count > 0 ? (double)zeros / (double)sample.count : 0;
    alm__sample_free(&sample);
    ALM_TRY(code);
    *spread = codes && law.law != ALM_LAW_NONE;
    fprintf(out, "%s: {", alm__load_word[amount]);
    alm__fit_law_write(&law, whole, out);
    fputs("}", out);
    if (share > 0)
        fprintf(out, " # %.3g%% are 0, which is not imitated", 100 * share);
    fputs("\n", out);
    return ALM_OK;
}

/* Of those not tried the input that explains most of any amount; `inputs` when all were. One word says nothing. */
static size_t next_input(const struct alm_load *l, const bool *tried)
{
    double most = -1, level[WORDS];
    size_t which = l->inputs;
    for (size_t i = 0; i < l->inputs; i++) {
        double best = 0;
        if (tried[i] || (l->input[i].declared.category && l->input[i].words < 2))
            continue;
        for (size_t a = 0; a < ALM__LOAD_AMOUNTS; a++) {
            struct alm__log_slope s;
            best = l->column[a] ? fmax(best, explained(l, a, i, level, &s)) : best;
        }
        if (best > most) {
            most = best;
            which = i;
        }
    }
    return which;
}

static int write_amounts(const struct alm_load *l, FILE *out, struct alm_err *e)
{
    bool written[ALM__LOAD_INPUTS] = {0}, tried[ALM__LOAD_INPUTS] = {0}, spread[ALM__LOAD_AMOUNTS] = {0};
    for (size_t place = 1, next; place <= PLACES && (next = next_input(l, tried)) < l->inputs; place += written[next]) {
        int code = ALM_OK;
        tried[next] = true;
        written[next] = write_input(l, next, place, out, e, &code);
        ALM_TRY(code);
    }
    if (l->work_is_duration)
        fputs("# work: taken from the durations, one core throughout\n", out);
    for (size_t a = 0; a < ALM__LOAD_AMOUNTS; a++) {
        if (l->column[a])
            ALM_TRY(write_amount(l, a, written, &spread[a], out, e));
        else if (a <= ALM__LOAD_MEMORY)
            fprintf(out, "%s: {law: none} # not in the trace\n", alm__load_word[a]);
    }
    fputs("spread: {", out);
    for (size_t a = 0; a <= ALM__LOAD_MEMORY; a++)
        fprintf(out, "%s%s: %.4g", a ? ", " : "", alm__load_word[a],
                spread[a] ? fmin(100, sqrt(expm1(fmin(9.2, l->between[a] * l->between[a])))) : 0);
    fputs("}\n", out);
    return ALM_OK;
}

int alm_fit_invocations_write(const struct alm_load *l, const char *source, FILE *out, struct alm_err *e)
{
    char duration[ALM_QUANTITY_TEXT];
    alm_time span = alm_time_ceil(l->span > 0 ? l->span : 1, ALM_SECOND);
    fprintf(out, "# Fitted to %s: %zu codes, %" PRIu64 " invocations.\n", source, l->codes, l->count);
    fputs("# Laws by AIC, over the mean of each code. Zipf by likelihood.\n", out);
    fprintf(out, "generator: invocations\nseed: 1\ncodes: %zu\nduration: %s\n", l->codes,
            alm_print_duration(span, duration));
    alm__fit_write_start(alm_time_floor(l->start, ALM_SECOND), l->calendar, out);
    fprintf(out, "popularity: split\nzipf: %.4g\n", l->codes > 1 ? l->zipf : 0);
    ALM_TRY(write_arrivals(l, out, e));
    ALM_TRY(write_amounts(l, out, e));
    return ferror(out) ? alm_fail(e, ALM_EIO, "the specification cannot be written") : ALM_OK;
}
