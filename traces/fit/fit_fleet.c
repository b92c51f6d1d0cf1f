/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_fleet: in what the units of a trace differ. See the header. */
#include "fit_fleet.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_IDLE 0.005

int alm__fleet_open(struct alm__fleet *f, size_t units, struct alm_err *e)
{
    f->mean = calloc(units + 1, sizeof *f->mean);
    f->rows = calloc(units + 1, sizeof *f->rows);
    f->jobs = calloc(units + 1, sizeof *f->jobs);
    f->noise = calloc(units + 1, sizeof *f->noise);
    for (size_t u = 0; f->noise && u < units; u++)
        f->noise[u] = (double)NAN;
    return f->mean && f->rows && f->jobs && f->noise ? ALM_OK
                                                     : alm_fail(e, ALM_ENOMEM, "no memory to fit %zu units", units);
}

void alm__fleet_free(struct alm__fleet *f)
{
    free(f->mean);
    free(f->rows);
    free(f->jobs);
    free(f->noise);
    *f = (struct alm__fleet){0};
}

void alm__fleet_add(struct alm__fleet *f, size_t u, const struct alm__decomposed *d, bool good)
{
    f->mean[u] = d->values > 0 ? d->mean : (double)NAN;
    f->rows[u] = (double)d->values;
    if (!good)
        return;
    f->units++;
    f->jobs[u] = d->jobs;
    f->noise[u] = d->jobs.count > 0 ? fmin(d->noise_sd, sqrt(expm1(d->log_sd * d->log_sd))) : d->noise_sd;
    double share = d->able > 0 ? (double)d->idle / (double)d->able : 0;
    if (share < LEAST_IDLE)
        return;
    f->idle_units++;
    f->idle_share += share;
    f->idle_rows += (double)d->idle;
    f->spells += (double)d->spells;
}

struct unit_level {
    double mean, rows;
};

static int ascending(const void *a, const void *b)
{
    const struct unit_level *x = a, *y = b;
    if (x->mean != y->mean)
        return x->mean < y->mean ? -1 : 1;
    return (x->rows > y->rows) - (x->rows < y->rows);
}

/* Cut N sorted units into equal parts by rows; a unit may lie in several. */
static void cut(const struct unit_level *unit, size_t n, double part, struct alm_numbers *levels)
{
    size_t at = 0;
    double left = unit[0].rows;
    for (size_t i = 0; i < levels->count; i++) {
        double need = part, sum = 0;
        while (need > 0) {
            bool last = at + 1 == n;
            double take = last ? need : fmin(need, left);
            sum += take * unit[at].mean;
            need -= take;
            left -= take;
            if (!last && !(left > 0))
                left = unit[++at].rows;
        }
        levels->value[i] = sum / part;
    }
}

int alm__fleet_levels(const struct alm__fleet *f, size_t units, struct alm_numbers *levels, double *mean,
                      struct alm_err *e)
{
    struct unit_level *unit = malloc((units + 1) * sizeof *unit);
    size_t n = 0;
    double rows = 0, sum = 0;
    *levels = (struct alm_numbers){0};
    if (unit == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for the levels of %zu units", units);
    for (size_t u = 0; u < units; u++)
        if (f->rows[u] > 0) {
            unit[n++] = (struct unit_level){f->mean[u], f->rows[u]};
            rows += f->rows[u];
            sum += f->rows[u] * f->mean[u];
        }
    *mean = rows > 0 ? sum / rows : 0;
    if (n >= ALM__FLEET_LEAST && *mean > 0) {
        qsort(unit, n, sizeof *unit, ascending);
        levels->count = n < ALM_OPT_LIST ? n : ALM_OPT_LIST;
        cut(unit, n, rows / (double)levels->count, levels);
        for (size_t i = 0; i < levels->count; i++)
            levels->value[i] = fmax(i ? levels->value[i - 1] : 0, levels->value[i] / *mean);
    }
    free(unit);
    return ALM_OK;
}

/* In how many resources unit U has jobs. */
static size_t resources_of(const struct alm__fleet *all, size_t u)
{
    size_t n = 0;
    for (int r = 0; r < ALM_RESOURCES; r++)
        n += all[r].jobs && all[r].jobs[u].count > 0;
    return n;
}

size_t alm__fleet_jobs(const struct alm__fleet *all, const struct alm__fleet *f, size_t units,
                       struct alm__fleet_job *out, double *share)
{
    size_t jobs = 0, with = 0, seen = 0, n = 0, unit = 0;
    for (size_t u = 0; u < units; u++) {
        jobs += f->jobs[u].count;
        with += f->jobs[u].count > 0;
    }
    *share = with > 0 ? (double)with / f->units : 0;
    double step = jobs > ALM_OPT_LIST ? (double)jobs / ALM_OPT_LIST : 1, next = 0;
    for (size_t resources = ALM_RESOURCES; resources > 0; resources--)
        for (size_t u = 0; u < units; u++) {
            const struct alm__fit_jobs *own = &f->jobs[u];
            if (own->count == 0 || resources_of(all, u) != resources || (double)seen++ < next)
                continue;
            next += step;
            if (n + own->count > ALM_OPT_LIST)
                continue;
            unit++;
            for (size_t i = 0; i < own->count; i++)
                out[n++] = (struct alm__fleet_job){own->job[i], (double)unit, f->noise[u]};
        }
    return n;
}

int alm__fleet_noise(const struct alm__fleet *f, size_t units, double *sd, struct alm_err *e)
{
    static const double half = 0.5;
    double *each = malloc(2 * (units + 1) * sizeof *each);
    size_t n = 0;
    if (each == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for the noise of %zu units", units);
    for (size_t u = 0; u < units; u++)
        if (f->jobs[u].count == 0 && !isnan(f->noise[u]))
            each[n++] = f->noise[u];
    bool some = n >= ALM__FLEET_LEAST;
    for (size_t u = 0; u < units && !some; u++)
        if (f->jobs[u].count > 0)
            each[n++] = f->noise[u];
    alm__quantiles(each, n, &half, 1, sd, each + n);
    free(each);
    return ALM_OK;
}

struct alm__fit_idle alm__fleet_idle(const struct alm__fleet *f, double interval)
{
    struct alm__fit_idle idle = {0};
    if (!(f->idle_units > 0 && f->spells > 0))
        return idle;
    idle.units = f->idle_units / f->units;
    idle.share = fmin(0.9999, f->idle_share / f->idle_units);
    double run = f->idle_rows / f->spells * (1 - idle.share), rest = run > 1 ? 1 - 1 / run : 0;
    idle.length = interval / (1 - idle.share) / fmin(20, -log(fmax(rest, 1e-9)));
    return idle;
}
