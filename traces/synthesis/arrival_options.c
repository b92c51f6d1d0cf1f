/* SPDX-License-Identifier: GPL-3.0-or-later
 * arrival_options: from options to a point process, with what is missing, foreign or senseless told. */
#include "arrival_counts.h"
#include "arrivals.h"
#include "law_file.h"
#include "text/delimited.h"

#include "almanac/quantity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum place { GAP, RATE, AMPLITUDE, PERIOD, PEAK, RATES, SOJOURNS, STEP, COUNTS, COLUMN, PLACES };

#define BIT(place) (1u << (place))

static const char *const parameter_word[PLACES] = {"law",   "rate",     "amplitude", "period", "peak",
                                                   "rates", "sojourns", "step",      "counts", "counts_column"};

/* Of each process, in the order in which `default` looks for one that is asked for: by the first thing it needs. */
static const struct {
    enum alm_arrival_process id;
    const char *word;
    unsigned sign, needs, may;
} processes[] = {
    {ALM_ARRIVAL_RENEWAL, "renewal", BIT(GAP), BIT(GAP), 0},
    {ALM_ARRIVAL_COUNTS, "counts", BIT(COUNTS), BIT(COUNTS) | BIT(STEP), BIT(COLUMN)},
    {ALM_ARRIVAL_MMPP, "mmpp", BIT(SOJOURNS), BIT(SOJOURNS) | BIT(RATES), 0},
    {ALM_ARRIVAL_PIECEWISE, "piecewise", BIT(RATES), BIT(RATES) | BIT(STEP), 0},
    {ALM_ARRIVAL_SINUSOIDAL, "sinusoidal", BIT(AMPLITUDE), BIT(RATE) | BIT(AMPLITUDE) | BIT(PERIOD), BIT(PEAK)},
    {ALM_ARRIVAL_POISSON, "poisson", BIT(RATE), BIT(RATE), 0},
};

#define PROCESSES (sizeof processes / sizeof *processes)

static unsigned given_parameters(const struct alm_arrival_options *o)
{
    const bool given[PLACES] = {
        [GAP] = alm_law_given(&o->gap),
        [RATE] = o->rate != 0,
        [AMPLITUDE] = o->amplitude != 0,
        [PERIOD] = o->period != 0,
        [PEAK] = o->peak != 0,
        [RATES] = o->rates.count != 0,
        [STEP] = o->step != 0,
        [COUNTS] = o->counts[0] != 0,
        [COLUMN] = o->counts_column[0] != 0,
        [SOJOURNS] = o->sojourns.count != 0,
    };
    unsigned mask = 0;
    for (unsigned i = 0; i < PLACES; i++)
        mask |= (unsigned)given[i] << i;
    return mask;
}

static const char *first_word(unsigned mask)
{
    return parameter_word[__builtin_ctz(mask)];
}

static int choose_process(const struct alm_arrival_options *o, enum alm_arrival_process *out, struct alm_err *e)
{
    unsigned given = given_parameters(o);
    size_t i = 0;
    *out = ALM_ARRIVAL_DEFAULT;
    while (i < PROCESSES &&
           !(o->process ? processes[i].id == (enum alm_arrival_process)o->process : (given & processes[i].sign) != 0))
        i++;
    if (i == PROCESSES && given)
        return alm_fail(e, ALM_EINVAL, "arrival.%s alone does not make a process; name one: arrival.process=poisson",
                        first_word(given));
    if (i == PROCESSES)
        return ALM_OK;
    if (processes[i].needs & ~given)
        return alm_fail(e, ALM_EINVAL, "arrival.%s is missing or 0: arrivals of process %s need it%s",
                        first_word(processes[i].needs & ~given), processes[i].word,
                        !o->process && processes[i].id == ALM_ARRIVAL_PIECEWISE ? "; mmpp needs arrival.sojourns" : "");
    unsigned foreign = given & ~(processes[i].needs | processes[i].may);
    if (foreign)
        return alm_fail(e, ALM_EINVAL,
                        "arrival.%s is not a parameter of process %s; take it away, or name another "
                        "arrival.process",
                        first_word(foreign), processes[i].word);
    *out = processes[i].id;
    return ALM_OK;
}

static int check_rates(const struct alm_arrival_model *m, struct alm_err *e)
{
    double most = 0;
    for (size_t i = 0; i < m->rates.count; i++)
        most = fmax(most, m->rates.value[i]);
    if (!(most > 0))
        return alm_fail(e, ALM_EINVAL, "arrival.rates are all 0; at least one must be above");
    if (m->process == ALM_ARRIVAL_MMPP && (m->rates.count < 2 || m->rates.count != m->sojourns.count))
        return alm_fail(e, ALM_EINVAL,
                        "arrival.rates has %zu numbers and arrival.sojourns %zu: an mmpp has one of each "
                        "for each of its two or more states",
                        m->rates.count, m->sojourns.count);
    return ALM_OK;
}

static int read_counts(const struct alm_arrival_options *o, struct alm_arrival_model *m, struct alm_err *e)
{
    int code = alm_arrival_is_trace(o->counts)
                   ? alm_arrival_counts(o->counts, o->counts_column, m->step, &m->count, &m->counts, e)
                   : alm_law_read(o->counts, o->counts_column, &m->count, &m->counts, e);
    if (code < 0)
        return alm_fail_in(e, "arrival.counts");
    return ALM_OK;
}

static int check_gap(const struct alm_law *gap, struct alm_err *e)
{
    if (gap->kind == ALM_LAW_NONE)
        return alm_fail(e, ALM_EINVAL, "arrival.law is none: name the law of the gaps, or another arrival.process");
    if (!(alm_law_mean(gap) >= 1e-9))
        return alm_fail(e, ALM_EINVAL, "arrival: the mean gap is %g s; at least 1e-9 s, a nanosecond, is needed",
                        alm_law_mean(gap));
    return ALM_OK;
}

static int fill_model(const struct alm_arrival_options *o, struct alm_arrival_model *m, struct alm_err *e)
{
    ALM_TRY(alm_law_open_file(&o->batch, ALM_OPT_REAL, "batch", NULL, &m->batch, e));
    if (m->process == ALM_ARRIVAL_RENEWAL) {
        ALM_TRY(alm_law_open_file(&o->gap, ALM_OPT_REAL, "arrival", NULL, &m->gap, e));
        return check_gap(&m->gap, e);
    }
    if (m->process == ALM_ARRIVAL_COUNTS)
        return read_counts(o, m, e);
    if (m->process == ALM_ARRIVAL_MMPP || m->process == ALM_ARRIVAL_PIECEWISE)
        return check_rates(m, e);
    return ALM_OK;
}

int alm_arrival_open(const struct alm_arrival_options *o, double usual_rate, struct alm_arrival_model *out,
                     struct alm_err *e)
{
    struct alm_arrival_model m = {.rate = o->rate,
                                  .amplitude = o->amplitude,
                                  .period = o->period,
                                  .peak = o->peak,
                                  .step = o->step,
                                  .rates = o->rates,
                                  .sojourns = o->sojourns};
    m.gap.kind = m.batch.kind = ALM_LAW_NONE;
    ALM_TRY(choose_process(o, &m.process, e));
    if (m.process == ALM_ARRIVAL_DEFAULT) {
        m.process = ALM_ARRIVAL_POISSON;
        m.rate = usual_rate;
    }
    int code = fill_model(o, &m, e);
    if (code < 0) {
        alm_arrival_close(&m);
        return code;
    }
    *out = m;
    return ALM_OK;
}

void alm_arrival_close(struct alm_arrival_model *m)
{
    alm_law_close(&m->gap);
    alm_law_close(&m->batch);
    free(m->count);
    m->count = NULL;
}

int alm_arrival_start(const char *text, alm_time *out, struct alm_err *e)
{
    alm_time t = 0;
    if (alm_instant_parse(text, strlen(text), ALM_TIME_ISO, '.', &t) != ALM_NUMBER_OK &&
        alm_parse_duration(text, &t, NULL) < 0)
        return alm_fail(e, ALM_EINVAL,
                        "start: `%.60s` is neither a date (2024-01-01T00:00:00Z) nor a duration (0s, 36h)", text);
    if (t < INT64_MIN / 2)
        return alm_fail(e, ALM_EINVAL, "start: `%.60s` is before the year 1823", text);
    *out = t;
    return ALM_OK;
}
