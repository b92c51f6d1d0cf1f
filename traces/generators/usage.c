/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage: a fleet of units whose usage has days, weeks, trends, bursts, level shifts, spikes and noise, per resource.
 *
 * Meaning.  For each unit u and resource, in the row that covers (t - dt, t], with s the middle of the row:
 *             level(s) = B_u max(0, 1 + trend days(s)) D(s) (1 + W cos 2pi (s - q)/week) F(s)
 *             usage    = max(floor, (level(s) (N_k + J_k) + burst) spike), or max(floor, 0) in a spell without
 *           B_u    base exp(c z_u - c^2/2) with c^2 = ln(1 + spread^2): mean base, relative sd spread over units; the z_u
 *                  of different resources have the correlations spread.correlation. With `levels`, quantiles of
 *                  unit levels over the base, B_u is base times the quantile at (i + 1/2) / units, where i is the place
 *                  of z_u among those of all units
 *           D      max(0, 1 + A cos 2pi (s - p - m_u)/day + sum_h A_h cos 2pi h (s - p_h - m_u)/day), h = 2, 3, ...;
 *                  m_u is a uniform draw from -phase/2 .. phase/2
 *           q      weekly.peak, counted from Monday
 *           F      1, and from each shift on exp(g z - g^2/2) with g^2 = ln(1 + shift.size^2): mean 1, so that levels
 *                  do not run away; shifts are a Poisson process of shift.rate a week
 *           J_k    what jobs by the clock add, in levels (usage_job). Units in the order of a draw of their own have the
 *                  jobs in turn, or those that job.unit gives them, as far as job.share goes; lists of job.* have an
 *                  item for each job, and start again where they end. What a unit does by the clock it does with all
 *                  resources: the order, and hours that are not given, are drawn once a unit. job.noise: times noise.sd,
 *                  in the unit of the job
 *           N_k    normal: 1 + noise.sd x_k; lognormal: exp(s x_k - s^2/2) with s^2 = ln(1 + noise.sd^2), so mean 1 and
 *                  relative sd noise.sd. x is a Gaussian ARMA process of variance 1 with the coefficients noise.ar and
 *                  noise.ma, stationary from the first row; the x of different resources have the correlations
 *                  `correlation` (a Gaussian copula)
 *           burst  starts are a Poisson process of burst.rate a day; each adds B_u burst.height E for a time
 *                  burst.length E', E and E' exponential of mean 1; burst.units of the units have them, those without
 *                  jobs first (tail.units likewise); a new burst ends the one before; memory takes the
 *                  highest that touches the row, the others the mean over the row
 *           spike  1, and in a row with events of a Poisson process of tail.rate a day the largest of their factors,
 *                  bounded-pareto between tail.min and tail.max of index tail.shape, or lognormal of mean tail.mean
 *                  and relative sd tail.cv, then moved into tail.min .. tail.max
 *           spell  rows without usage: in zero.units of the units a share zero.share of the time, for zero.length in
 *                  the mean, never in a job. B_u is larger by as much as jobs and spells need for it to be the mean
 *           Memory is rounded up to pages. I/O and network are given in bytes per second and stored as whole bytes
 *           over the interval. A resource whose base and floor are 0 has no column. Cosines have mean 0 over whole days and
 *           weeks, so base is the mean level.
 *           Correlations are one number for all pairs of resources, or one for each pair in the order of the resources
 *           that are there: cpu memory, cpu io_read, memory io_read, cpu io_write, ... (a triangle row by row).
 *           behaviour.functions: what the functions of the units' code do, see usage_behaviour.h.
 *           Roles, from the first unit on: `idle` units use a fiftieth of the cpu base without cycle or bursts; `noisy`
 *           ones have five times the noise of cpu; `shifting` ones get one more memory shift, by 1 + shift.size, at a
 *           time drawn from the middle half of the trace.
 * Choice.   Each unit, resource and part has a random stream of its own: more units, a longer trace or another part
 *           switched on leave all else as it was. With a correlation later resources follow earlier ones. Levels, jobs
 *           and spells are spread over the fleet in strata, so there more units move all.
 * Limits.   Nothing is capped at the capacity: this is demand. Normal noise with a large sd is cut at the floor, which
 *           lifts the mean; lognormal noise is not. Weeks begin on Monday when times are calendar times; in a trace that
 *           begins at 0, time 0 is a Thursday, as 1970-01-01 was. Last digits of cos, exp and log may differ between C
 *           libraries. */
#include "almanac/generator.h"
#include "almanac/option.h"
#include "almanac/quantity.h"
#include "synthesis/arrivals.h"
#include "synthesis/usage_behaviour.h"
#include "synthesis/usage_fleet.h"
#include "synthesis/usage_noise.h"
#include "synthesis/usage_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    int64_t units, idle, noisy, shifting, memory_capacity;
    alm_time duration, interval;
    char start[ALM_OPT_STRING], name[ALM_OPT_STRING];
    double cores, cpu_base, cpu_floor;
    int64_t base[ALM_RESOURCES], floor[ALM_RESOURCES]; /* of all but the cpu */
    struct alm_numbers correlation, spread_correlation;
    struct alm__usage_law law[ALM_RESOURCES];
    struct alm__behaviour_options behaviour;
};

#define AT(member) offsetof(struct options, member)
/* clang-format off */
#define LAW(word, at, SPREAD, AMPLITUDE, PHASE, WEEKLY, RATE, SD, AR)                                                  \
    {word ".spread", ALM_OPT_FRACTION, AT(at.spread), SPREAD, 0, 10, NULL, "relative sd of the base over units"},      \
    {word ".levels", ALM_OPT_NUMBERS, AT(at.levels), "", 0, 1e12, NULL,                                                \
     "quantiles of levels of units, ascending, over the base; instead of spread"},                                     \
    {word ".job.share", ALM_OPT_FRACTION, AT(at.job_share), "0", 0, 1, NULL, "units that work by the clock"},          \
    {word ".job.at", ALM_OPT_NUMBERS, AT(at.job_at), "", 0, 24, NULL, "hour it begins, of each job; else drawn"},      \
    {word ".job.period", ALM_OPT_NUMBERS, AT(at.job_period), "24", 0.01, 8760, NULL, "hours from one to the next"},    \
    {word ".job.length", ALM_OPT_NUMBERS, AT(at.job_length), "0.5", 1e-3, 8760, NULL, "hours it takes"},              \
    {word ".job.height", ALM_OPT_NUMBERS, AT(at.job_height), "4", 0, 1e6, NULL, "usage above the rest, over the rest"}, \
    {word ".job.cv", ALM_OPT_NUMBERS, AT(at.job_cv), "0", 0, 10, NULL, "relative sd of heights from time to time"},   \
    {word ".job.jitter", ALM_OPT_NUMBERS, AT(at.job_jitter), "0", 0, 24, NULL, "hours by which beginnings differ"},     \
    {word ".job.unit", ALM_OPT_NUMBERS, AT(at.job_unit), "", 1, 32, NULL,                                              \
     "which unit, from 1, each job belongs to, up to 4 a unit; else each has one"},                                    \
    {word ".job.noise", ALM_OPT_NUMBERS, AT(at.job_noise), "1", 0, 100, NULL, "noise of the unit, over noise.sd"},      \
    {word ".zero.units", ALM_OPT_FRACTION, AT(at.idle_units), "1", 0, 1, NULL, "units with spells of no usage"},       \
    {word ".zero.share", ALM_OPT_FRACTION, AT(at.idle_share), "0", 0, 0.9999, NULL, "of their time without usage"},    \
    {word ".zero.length", ALM_OPT_DURATION, AT(at.idle_length), "1h", 1e6, 31536000e9, NULL, "mean length of a spell"}, \
    {word ".diurnal.amplitude", ALM_OPT_FRACTION, AT(at.amplitude), AMPLITUDE, 0, 1, NULL, "daily cycle, relative"},   \
    {word ".diurnal.peak", ALM_OPT_DURATION, AT(at.peak), "14h", 0, 86400e9, NULL, "time of day of its peak"},         \
    {word ".diurnal.phase", ALM_OPT_DURATION, AT(at.phase), PHASE, 0, 86400e9, NULL, "how far peaks of units differ"}, \
    {word ".diurnal.harmonics", ALM_OPT_NUMBERS, AT(at.harmonics), "", 0, 24, NULL,                                    \
     "amplitude and hour of a peak of the 2nd, 3rd, ... harmonic of the day"},                                         \
    {word ".weekly.amplitude", ALM_OPT_FRACTION, AT(at.weekly), WEEKLY, 0, 1, NULL, "weekly cycle, relative"},         \
    {word ".weekly.peak", ALM_OPT_DURATION, AT(at.weekly_peak), "60h", 0, 604800e9, NULL, "its peak, from Monday"},    \
    {word ".trend", ALM_OPT_FRACTION, AT(at.trend), "0", -10, 10, NULL, "growth a day, relative to the base"},         \
    {word ".burst.rate", ALM_OPT_REAL, AT(at.burst_rate), RATE, 0, 1e6, NULL, "bursts a day"},                         \
    {word ".burst.units", ALM_OPT_FRACTION, AT(at.burst_units), "1", 0, 1, NULL, "units that have them"},              \
    {word ".burst.height", ALM_OPT_FRACTION, AT(at.burst_height), "1.5", 0, 1e6, NULL, "mean height, relative"},       \
    {word ".burst.length", ALM_OPT_DURATION, AT(at.burst_length), "20m", 1, 31536000e9, NULL, "mean length"},          \
    {word ".shift.rate", ALM_OPT_REAL, AT(at.shift_rate), "0", 0, 1e6, NULL, "level shifts a week"},                   \
    {word ".shift.size", ALM_OPT_FRACTION, AT(at.shift_size), "0.5", 0, 100, NULL, "relative size of a shift"},        \
    {word ".tail.rate", ALM_OPT_REAL, AT(at.tail_rate), "0", 0, 1e6, NULL, "spikes a day"},                            \
    {word ".tail.units", ALM_OPT_FRACTION, AT(at.tail_units), "1", 0, 1, NULL, "units that have them"},                \
    {word ".tail.law", ALM_OPT_CHOICE, AT(at.tail_law), "bounded-pareto", 0, 0, "bounded-pareto|lognormal",            \
     "law of their factors"},                                                                                          \
    {word ".tail.min", ALM_OPT_REAL, AT(at.tail_min), "2", 1, 1e9, NULL, "least factor of a spike"},                   \
    {word ".tail.max", ALM_OPT_REAL, AT(at.tail_max), "100", 1, 1e9, NULL, "greatest factor of a spike"},              \
    {word ".tail.shape", ALM_OPT_REAL, AT(at.tail_shape), "1.5", 0.01, 100, NULL, "tail index of bounded-pareto"},     \
    {word ".tail.mean", ALM_OPT_REAL, AT(at.tail_mean), "4", 1e-3, 1e9, NULL, "mean factor of lognormal"},             \
    {word ".tail.cv", ALM_OPT_FRACTION, AT(at.tail_cv), "1", 1e-3, 1e3, NULL, "relative sd of lognormal"},             \
    {word ".noise.law", ALM_OPT_CHOICE, AT(at.noise_law), "normal", 0, 0, "normal|lognormal", "law of the noise"},     \
    {word ".noise.sd", ALM_OPT_FRACTION, AT(at.noise_sd), SD, 0, 10, NULL, "sd, relative to the level"},               \
    {word ".noise.ar", ALM_OPT_NUMBERS, AT(at.ar), AR, 0, 0, NULL, "up to 3 autoregressive coefficients"},             \
    {word ".noise.ma", ALM_OPT_NUMBERS, AT(at.ma), "", 0, 0, NULL, "up to 3 moving-average coefficients"}
#define RATE(word, r)                                                                                                  \
    {word ".base", ALM_OPT_BYTES, AT(base[r]), "0", 0, 1e12, NULL, "mean level in bytes per second; 0: no column"},    \
    {word ".floor", ALM_OPT_BYTES, AT(floor[r]), "0", 0, 1e12, NULL, "never falls below, in bytes per second"},        \
    LAW(word, law[r], "0.5", "0.4", "4h", "0.1", "2", "0.3", "0.7")
/* clang-format on */

static const struct alm_opt rows[] = {
    {"units", ALM_OPT_INTEGER, AT(units), "10", 1, 1e7, NULL, "how many units"},
    {"duration", ALM_OPT_DURATION, AT(duration), "7d", 1, 3.2e18, NULL, "of the trace; whole intervals are taken"},
    {"interval", ALM_OPT_DURATION, AT(interval), "5m", 1e6, 31536000e9, NULL, "between rows"},
    {"start", ALM_OPT_TEXT, AT(start), "0s", 0, 0, NULL,
     "where the first row begins: a date as 2024-01-01T00:00:00Z, or a duration from 0"},
    {"name", ALM_OPT_TEXT, AT(name), "unit", 0, 0, NULL, "what names of units begin with; also the code they run"},
    {"cores", ALM_OPT_CORES, AT(cores), "4", 0, 1e6, NULL, "capacity of each unit; 0: not known"},
    {"memory.capacity", ALM_OPT_BYTES, AT(memory_capacity), "8Gi", 0, 1e14, NULL,
     "memory of each unit in bytes; 0: not known"},
    {"idle", ALM_OPT_INTEGER, AT(idle), "0", 0, 1e7, NULL, "units that do next to nothing"},
    {"noisy", ALM_OPT_INTEGER, AT(noisy), "0", 0, 1e7, NULL, "units with five times the noise of cpu"},
    {"shifting", ALM_OPT_INTEGER, AT(shifting), "0", 0, 1e7, NULL, "units whose memory shifts once by 1 + shift.size"},
    {"correlation", ALM_OPT_NUMBERS, AT(correlation), "", -1, 1, NULL,
     "of the noises of resources: one for all pairs, or one a pair"},
    {"spread.correlation", ALM_OPT_NUMBERS, AT(spread_correlation), "", -1, 1, NULL,
     "of the logarithms of bases over units: likewise"},
    {"cpu.base", ALM_OPT_CORES, AT(cpu_base), "1", 0, 1e6, NULL, "mean level in cores; 0: no column"},
    {"cpu.floor", ALM_OPT_CORES, AT(cpu_floor), "0", 0, 1e6, NULL, "usage never falls below, in cores"},
    LAW("cpu", law[ALM_CPU], "0.5", "0.4", "4h", "0.1", "2", "0.1", "0.7"),
    {"memory.base", ALM_OPT_BYTES, AT(base[ALM_MEMORY]), "2Gi", 0, 1e14, NULL, "mean level in bytes; 0: no column"},
    {"memory.floor", ALM_OPT_BYTES, AT(floor[ALM_MEMORY]), "0", 0, 1e14, NULL, "usage never falls below, in bytes"},
    LAW("memory", law[ALM_MEMORY], "0.3", "0.1", "4h", "0", "0", "0.03", "0.995"),
    RATE("io_read", ALM_IO_READ),
    RATE("io_write", ALM_IO_WRITE),
    RATE("net_rx", ALM_NET_RX),
    RATE("net_tx", ALM_NET_TX),
    ALM__BEHAVIOUR_ROWS(AT(behaviour)),
    {0},
};

/* What all units share. Resource i of the plan is plan.resource[i]. */
struct fleet {
    const struct options *o;
    uint64_t seed;
    alm_time start;
    struct alm__usage_clock clock;
    struct alm__correlation noises, bases;
    bool cpu, memory; /* there; they come first */
    double base_factor[ALM_RESOURCES][ALM_RESOURCES];
    struct alm__noise_plan noise;
    uint32_t *level[ALM_RESOURCES], *job, *idle; /* of each unit its place among all; NULL: not needed */
    struct alm__behaviour *behaviour;            /* NULL: none is recorded */
};

struct unit {
    struct alm__usage_parts part[ALM_RESOURCES];
    struct alm__noise noise;
};

static double base_of(const struct options *o, enum alm_resource r)
{
    return r == ALM_CPU ? o->cpu_base : (double)o->base[r];
}

static double floor_of(const struct options *o, enum alm_resource r)
{
    return r == ALM_CPU ? o->cpu_floor : (double)o->floor[r];
}

/* The scale of x_k: an sd for normal noise, that of the logarithm for lognormal. */
static double scale_of(const struct alm__usage_law *law, double sd)
{
    return law->noise_law == ALM__NOISE_NORMAL ? sd : sqrt(log1p(sd * sd));
}

static double noise_factor(const struct alm__usage_law *law, double x, double scale)
{
    return law->noise_law == ALM__NOISE_NORMAL ? 1 + x : exp(x - scale * scale / 2);
}

/* The draws for the bases of unit INDEX, correlated, and the streams they came from. */
static void draw_bases(const struct fleet *f, int64_t index, struct alm_stream *own, double *mixed)
{
    double z[ALM_RESOURCES];
    for (size_t i = 0; i < f->noises.count; i++) {
        own[i] = alm__usage_stream(f->seed, (uint64_t)index, alm_resource_name(f->noises.resource[i]), "unit");
        mixed[i] = 0;
        z[i] = alm_stream_normal(&own[i]);
        for (size_t k = 0; k <= i; k++)
            mixed[i] += f->base_factor[i][k] * z[k];
    }
}

/* The item of job K in a list that starts again where it ends. */
static double item(const struct alm_numbers *list, size_t k)
{
    return list->value[k % list->count];
}

/* The jobs of the unit at PLACE: those whose job.unit names it, or without that list the one whose turn it is. */
static size_t jobs_of(const struct alm__usage_law *law, size_t place, size_t *job)
{
    const struct alm_numbers *owner = &law->job_unit;
    double owners = 0;
    size_t n = 0;
    if (owner->count == 0) {
        job[0] = place;
        return 1;
    }
    for (size_t k = 0; k < owner->count; k++)
        owners = fmax(owners, owner->value[k]);
    for (size_t k = 0; k < owner->count && n < ALM__USAGE_JOBS; k++)
        if (owner->value[k] == fmod((double)place, owners) + 1)
            job[n++] = k;
    return n;
}

/* The jobs of a unit, and what its noise is multiplied by. */
static double give_jobs(const struct fleet *f, int64_t index, const char *word, struct alm__usage_parts *s)
{
    const struct alm__usage_law *law = &s->law;
    size_t job[ALM__USAGE_JOBS], units = (size_t)f->o->units;
    if (f->job == NULL || f->job[index] >= alm__usage_count(law->job_share, units))
        return 1;
    s->jobs = jobs_of(law, f->job[index], job);
    for (size_t i = 0; i < s->jobs; i++) {
        char purpose[16];
        size_t k = job[i];
        struct alm_stream own = alm__usage_stream(f->seed, (uint64_t)index, "fleet", "hour");
        double period = item(&law->job_period, k), drawn = alm_stream_uniform(&own) * period;
        double at = law->job_at.count ? item(&law->job_at, k) : drawn;
        snprintf(purpose, sizeof purpose, i ? "job%zu" : "job", i);
        const struct alm__usage_job like = {.height = item(&law->job_height, k),
                                            .cv = item(&law->job_cv, k),
                                            .period = 3600 * period,
                                            .length = 3600 * fmin(period, item(&law->job_length, k)),
                                            .jitter = 3600 * item(&law->job_jitter, k)};
        s->job[i] =
            alm__usage_job(&like, 3600 * at, f->clock.day, alm__usage_stream(f->seed, (uint64_t)index, word, purpose));
    }
    return s->jobs > 0 ? item(&law->job_noise, job[0]) : 1;
}

/* Spells without usage, and who has bursts and spikes: units without jobs first. */
static void give_spells(const struct fleet *f, int64_t index, const char *word, struct alm__usage_parts *s)
{
    const struct alm__usage_law *law = &s->law;
    size_t units = (size_t)f->o->units;
    if (f->idle && law->idle_share > 0 && f->idle[index] < alm__usage_count(law->idle_units, units))
        s->idle = (struct alm__usage_idle){.share = law->idle_share,
                                           .length = alm_seconds(law->idle_length),
                                           .stream = alm__usage_stream(f->seed, (uint64_t)index, word, "zero")};
    if (f->job && units - 1 - f->job[index] >= alm__usage_count(law->burst_units, units))
        s->next_burst = INFINITY;
    if (f->job && units - 1 - f->job[index] >= alm__usage_count(law->tail_units, units))
        s->next_spike = INFINITY;
}

static void open_unit(const struct fleet *f, int64_t index, struct unit *u)
{
    struct alm_stream own[ALM_RESOURCES];
    double mixed[ALM_RESOURCES];
    draw_bases(f, index, own, mixed);
    for (size_t i = 0; i < f->noises.count; i++) {
        enum alm_resource r = f->noises.resource[i];
        const struct alm__usage_law *law = &f->o->law[r];
        const char *word = alm_resource_name(r);
        u->part[i] = alm__usage_open(f->seed, (uint64_t)index, word, law, base_of(f->o, r), mixed[i], &own[i]);
        u->part[i].peak = r == ALM_MEMORY;
        if (f->level[i])
            u->part[i].base =
                base_of(f->o, r) * alm__usage_quantile(&law->levels, f->level[i][index], (size_t)f->o->units);
        double louder = give_jobs(f, index, word, &u->part[i]);
        give_spells(f, index, word, &u->part[i]);
        u->part[i].base *= alm__usage_scale(u->part[i].job, u->part[i].jobs, &u->part[i].idle);
        u->noise.stream[i] = alm__usage_stream(f->seed, (uint64_t)index, word, "noise");
        u->noise.scale[i] = scale_of(law, law->noise_sd * louder);
    }
    alm__noise_start(&u->noise, &f->noise);
}

static void give_roles(const struct fleet *f, int64_t index, struct unit *u)
{
    const struct options *o = f->o;
    const struct alm__usage_law *law = &o->law[ALM_CPU];
    struct alm__usage_parts none = {0}, *cpu = f->cpu ? &u->part[0] : &none;
    struct alm__usage_parts *memory = f->memory ? &u->part[f->cpu] : &none;
    if (index < o->idle) {
        cpu->base /= 50;
        cpu->law.amplitude = cpu->law.weekly = 0;
        cpu->law.harmonics.count = 0;
        cpu->next_burst = cpu->next_spike = INFINITY;
        cpu->jobs = 0;
    } else if (index < o->idle + o->noisy && f->cpu) {
        bool normal = law->noise_law == ALM__NOISE_NORMAL || u->noise.scale[0] == 0;
        alm__noise_louder(&u->noise, 0, normal ? 5 : scale_of(law, 5 * law->noise_sd) / u->noise.scale[0]);
    } else if (index >= o->idle + o->noisy && index < o->idle + o->noisy + o->shifting) {
        struct alm_stream s = alm__usage_stream(f->seed, (uint64_t)index, "memory", "role");
        memory->extra_shift = alm_seconds(o->duration) * (0.25 + 0.5 * alm_stream_uniform(&s));
    }
}

static int add_unit(const struct options *o, int64_t index, struct alm_trace_sink *sink, uint32_t *unit,
                    struct alm_err *e)
{
    struct alm_unit u = {.last = ALM_TIME_MAX,
                         .cores = o->cores > 0 ? o->cores : NAN,
                         .memory = o->memory_capacity > 0 ? (double)o->memory_capacity : NAN};
    int digits = snprintf(NULL, 0, "%" PRId64, o->units - 1);
    int n = snprintf(u.name, sizeof u.name, "%s-%0*" PRId64, o->name, digits, index);
    if (o->name[0] == '\0' || n < 0 || (size_t)n >= sizeof u.name)
        return alm_fail(e, ALM_EINVAL, "generator usage: name: write 1 to %d bytes", ALM_UNIT_NAME - 10);
    memcpy(u.code, o->name, strlen(o->name));
    return sink->unit(sink, &u, unit, e);
}

/* As a trace stores it: cores, whole pages, whole bytes over the interval. */
static double stored(enum alm_resource r, double usage, double seconds)
{
    if (r == ALM_CPU)
        return usage;
    return r == ALM_MEMORY ? ceil(usage / (double)ALM_PAGE) * (double)ALM_PAGE : nearbyint(usage * seconds);
}

static double work_by_clock(struct alm__usage_parts *s, double from, double until)
{
    double more = 0;
    for (size_t i = 0; i < s->jobs; i++)
        more += alm__usage_job_work(&s->job[i], from, until);
    return more;
}

/* Row K of unit U: usage over [k dt, (k + 1) dt). */
static void fill_row(const struct fleet *f, struct unit *u, alm_time k, struct alm_trace_row *row)
{
    alm_time dt = f->o->interval;
    double from = alm_seconds(k * dt), until = alm_seconds((k + 1) * dt);
    *row = (struct alm_trace_row){f->start + (k + 1) * dt, {NAN, NAN, NAN, NAN, NAN, NAN}};
    for (size_t i = 0; i < f->noises.count; i++) {
        struct alm__usage_parts *s = &u->part[i];
        enum alm_resource r = f->noises.resource[i];
        double more = work_by_clock(s, from, until);
        bool idle = alm__usage_idle(&s->idle, until - from) && !(more > 0);
        double usage = alm__usage_level(s, (from + until) / 2, &f->clock) *
                           (noise_factor(&s->law, u->noise.state[i][0], u->noise.scale[i]) + more) +
                       alm__usage_burst(s, from, until);
        usage = fmax(floor_of(f->o, r), idle ? 0 : usage * alm__usage_spike(s, until));
        row->value[r] = stored(r, usage, until - from);
    }
    alm__noise_step(&u->noise);
}

#define ROWS 256

static int make_unit(const struct fleet *f, int64_t index, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct unit u = {0};
    struct alm_trace_row row[ROWS];
    uint32_t unit;
    size_t n = 0;
    open_unit(f, index, &u);
    give_roles(f, index, &u);
    ALM_TRY(add_unit(f->o, index, sink, &unit, e));
    alm_time count = f->o->duration / f->o->interval;
    for (alm_time k = 0; k < count; k++) {
        fill_row(f, &u, k, &row[n++]);
        if (n == ROWS || k + 1 == count) {
            if (sink->stop && *sink->stop)
                return alm_fail(e, ALM_EINTR, "interrupted while generating unit %" PRId64, index);
            ALM_TRY(sink->rows(sink, unit, row, n, e));
            if (f->behaviour)
                ALM_TRY(alm__behaviour_rows(f->behaviour, unit, row, n, e));
            n = 0;
        }
    }
    sink->report->read += (uint64_t)count;
    return ALM_OK;
}

static int check_lists(const char *word, const struct alm__usage_law *w, struct alm_err *e)
{
    for (size_t i = 1; i < w->levels.count; i++)
        if (w->levels.value[i] < w->levels.value[i - 1])
            return alm_fail(e, ALM_EINVAL, "generator usage: %s.levels: %g after %g; right are quantiles, which ascend",
                            word, w->levels.value[i], w->levels.value[i - 1]);
    const struct {
        const char *key;
        size_t count;
    } lists[] = {{"period", w->job_period.count}, {"length", w->job_length.count}, {"height", w->job_height.count},
                 {"jitter", w->job_jitter.count}, {"cv", w->job_cv.count},         {"noise", w->job_noise.count}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (w->job_share > 0 && lists[i].count == 0)
            return alm_fail(
                e, ALM_EINVAL,
                "generator usage: %s.job.%s is an empty list; right is one number for all jobs, or one for each", word,
                lists[i].key);
    return ALM_OK;
}

static int check_law(const char *word, const struct alm__usage_law *w, struct alm__arma *arma, struct alm_err *e)
{
    char what[64];
    snprintf(what, sizeof what, "generator usage: %s.noise", word);
    if (w->ar.count > ALM_ARMA_MOST || w->ma.count > ALM_ARMA_MOST)
        return alm_fail(e, ALM_EINVAL, "%s.%s: %zu coefficients; up to %d can be given", what,
                        w->ar.count > ALM_ARMA_MOST ? "ar" : "ma",
                        w->ar.count > ALM_ARMA_MOST ? w->ar.count : w->ma.count, ALM_ARMA_MOST);
    if (w->harmonics.count % 2 || w->harmonics.count / 2 >= ALM__USAGE_HARMONICS)
        return alm_fail(e, ALM_EINVAL,
                        "generator usage: %s.diurnal.harmonics: %zu numbers; right are pairs of amplitude and hour for "
                        "the 2nd, 3rd, ... harmonic, up to the %dth",
                        word, w->harmonics.count, ALM__USAGE_HARMONICS);
    ALM_TRY(check_lists(word, w, e));
    if (w->tail_min > w->tail_max)
        return alm_fail(e, ALM_EINVAL, "generator usage: %s.tail.min %g is greater than %s.tail.max %g", word,
                        w->tail_min, word, w->tail_max);
    *arma = (struct alm__arma){.p = w->ar.count, .q = w->ma.count};
    memcpy(arma->ar, w->ar.value, arma->p * sizeof *arma->ar);
    memcpy(arma->ma, w->ma.value, arma->q * sizeof *arma->ma);
    return alm__arma_check(arma, what, e);
}

/* One number for all pairs, or a triangle row by row. */
static int fill_correlation(const struct alm_numbers *list, const char *key, struct alm__correlation *c,
                            struct alm_err *e)
{
    size_t pairs = c->count * (c->count - 1) / 2, at = 0;
    if (list->count > 1 && list->count != pairs)
        return alm_fail(e, ALM_EINVAL,
                        "%s: %zu numbers for %zu resources; right is one for all pairs, or %zu, one for each pair", key,
                        list->count, c->count, pairs);
    for (size_t i = 0; i < c->count; i++) {
        c->value[i][i] = 1;
        for (size_t j = 0; j < i; j++, at++)
            c->value[i][j] = c->value[j][i] = list->count == 0 ? 0 : list->value[list->count == 1 ? 0 : at];
    }
    return ALM_OK;
}

static int plan_resources(struct fleet *f, struct alm_err *e)
{
    static const char noise_key[] = "generator usage: correlation", base_key[] = "generator usage: spread.correlation";
    struct alm__arma arma[ALM_RESOURCES];
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (base_of(f->o, (enum alm_resource)r) == 0 && floor_of(f->o, (enum alm_resource)r) == 0)
            continue;
        size_t i = f->noises.count++;
        f->noises.resource[i] = (enum alm_resource)r;
        ALM_TRY(check_law(alm_resource_name((enum alm_resource)r), &f->o->law[r], &arma[i], e));
    }
    if (f->noises.count == 0)
        return alm_fail(e, ALM_EINVAL, "generator usage: every base is 0, so there is nothing to generate");
    f->cpu = f->noises.resource[0] == ALM_CPU;
    f->memory = f->noises.resource[f->cpu ? 1 : 0] == ALM_MEMORY;
    f->bases = f->noises;
    ALM_TRY(fill_correlation(&f->o->correlation, noise_key, &f->noises, e));
    ALM_TRY(fill_correlation(&f->o->spread_correlation, base_key, &f->bases, e));
    ALM_TRY(alm__correlation_factor(&f->bases, base_key, f->base_factor, e));
    return alm__noise_plan(arma, &f->noises, noise_key, &f->noise, e);
}

static int plan_fleet(struct fleet *f, struct alm_err *e)
{
    const struct options *o = f->o;
    alm_time end;
    if (alm_arrival_start(o->start, &f->start, e) < 0)
        return alm_fail_in(e, "generator usage");
    if (o->duration < o->interval)
        return alm_fail(e, ALM_EINVAL, "generator usage: the duration is shorter than one interval");
    if (__builtin_add_overflow(f->start, o->duration, &end))
        return alm_fail(e, ALM_EINVAL, "generator usage: start and duration pass the year 2261");
    if (o->idle + o->noisy + o->shifting > o->units)
        return alm_fail(e, ALM_EINVAL, "generator usage: idle + noisy + shifting are more than units=%" PRId64,
                        o->units);
    alm_time monday = f->start - 4 * ALM_DAY;
    f->clock.day = alm_seconds(f->start - alm_time_floor(f->start, ALM_DAY));
    f->clock.week = alm_seconds(monday - alm_time_floor(monday, 7 * ALM_DAY));
    return plan_resources(f, e);
}

/* The place of each unit by the draws of its stream PURPOSE. */
static int rank_by_stream(const struct fleet *f, const char *purpose, double *draw, uint32_t **rank, struct alm_err *e)
{
    size_t units = (size_t)f->o->units;
    *rank = malloc(units * sizeof **rank);
    if (*rank == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory to order %zu units", units);
    for (size_t u = 0; u < units; u++) {
        struct alm_stream s = alm__usage_stream(f->seed, u, "fleet", purpose);
        draw[u] = alm_stream_uniform(&s);
    }
    return alm__usage_rank(draw, units, *rank, e);
}

static int rank_levels(struct fleet *f, size_t resource, double *draw, struct alm_err *e)
{
    size_t units = (size_t)f->o->units;
    f->level[resource] = malloc(units * sizeof *f->level[resource]);
    if (f->level[resource] == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory to order %zu units", units);
    for (size_t u = 0; u < units; u++) {
        struct alm_stream own[ALM_RESOURCES];
        double mixed[ALM_RESOURCES];
        draw_bases(f, (int64_t)u, own, mixed);
        draw[u] = mixed[resource];
    }
    return alm__usage_rank(draw, units, f->level[resource], e);
}

/* Who has which level, job and spells. */
static int plan_units(struct fleet *f, struct alm_err *e)
{
    bool jobs = false, idle = false;
    int code = ALM_OK;
    double *draw = malloc((size_t)f->o->units * sizeof *draw);
    if (draw == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory to order %" PRId64 " units", f->o->units);
    for (size_t i = 0; i < f->noises.count && code >= 0; i++) {
        const struct alm__usage_law *law = &f->o->law[f->noises.resource[i]];
        jobs = jobs || law->job_share > 0 || law->burst_units < 1 || law->tail_units < 1;
        idle = idle || law->idle_share > 0;
        if (law->levels.count > 0)
            code = rank_levels(f, i, draw, e);
    }
    if (code >= 0 && jobs)
        code = rank_by_stream(f, "job", draw, &f->job, e);
    if (code >= 0 && idle)
        code = rank_by_stream(f, "zero", draw, &f->idle, e);
    free(draw);
    return code;
}

static void free_fleet(struct fleet *f)
{
    for (size_t i = 0; i < ALM_RESOURCES; i++)
        free(f->level[i]);
    free(f->job);
    free(f->idle);
    alm__behaviour_stop(f->behaviour);
}

static int make_all(const struct fleet *f, struct alm_trace_sink *sink, struct alm_err *e)
{
    for (int64_t i = 0; i < f->o->units; i++) {
        ALM_TRY(make_unit(f, i, sink, e));
        if (sink->progress)
            sink->progress(sink->progress_ctx, (double)(i + 1) / (double)f->o->units);
    }
    return ALM_OK;
}

static int run(const void *opt, uint64_t seed, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct fleet f = {.o = o, .seed = seed};
    ALM_TRY(plan_fleet(&f, e));
    ALM_TRY(sink->interval(sink, o->interval, e));
    int code = plan_units(&f, e);
    if (code >= 0)
        code = alm__behaviour_start(&o->behaviour, seed, f.start, o->interval, sink, &f.behaviour, e);
    if (code >= 0)
        code = make_all(&f, sink, e);
    free_fleet(&f);
    return code;
}

const struct alm_generator_ops alm_generator_usage = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_generator_ops),
             .kind = ALM_GENERATOR,
             .name = "usage",
             .summary = "a fleet with cycles, work by the clock, idle spells, trends, bursts, level shifts, spikes and "
                        "correlated noise",
             .source = "own; the parts are textbook processes",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
