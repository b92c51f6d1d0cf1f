/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage: a fleet of units whose usage has days, weeks, trends, bursts, level shifts, spikes and noise, per resource.
 *
 * Meaning.  For each unit u and resource, in the row that covers (t - dt, t], with s the middle of the row:
 *             level(s) = B_u max(0, 1 + trend days(s)) D(s) (1 + W cos 2pi (s - q)/week) F(s)
 *             usage    = max(floor, (level(s) N_k + burst) spike)
 *           B_u    base exp(c z_u - c^2/2) with c^2 = ln(1 + spread^2): mean base, relative sd spread over units; the z_u
 *                  of different resources have the correlations spread.correlation
 *           D      max(0, 1 + A cos 2pi (s - p - m_u)/day + sum_h A_h cos 2pi h (s - p_h - m_u)/day), h = 2, 3, ...;
 *                  m_u is a uniform draw from -phase/2 .. phase/2
 *           q      weekly.peak, counted from Monday
 *           F      1, and from each shift on exp(g z - g^2/2) with g^2 = ln(1 + shift.size^2): mean 1, so that levels
 *                  do not run away; shifts are a Poisson process of shift.rate a week
 *           N_k    normal: 1 + noise.sd x_k; lognormal: exp(s x_k - s^2/2) with s^2 = ln(1 + noise.sd^2), so mean 1 and
 *                  relative sd noise.sd. x is a Gaussian ARMA process of variance 1 with the coefficients noise.ar and
 *                  noise.ma, stationary from the first row; the x of different resources have the correlations
 *                  `correlation` (a Gaussian copula)
 *           burst  starts are a Poisson process of burst.rate a day; each adds B_u burst.height E for a time
 *                  burst.length E', E and E' exponential of mean 1; a new burst ends the one before; memory takes the
 *                  highest that touches the row, the others the mean over the row
 *           spike  1, and in a row with events of a Poisson process of tail.rate a day the largest of their factors,
 *                  bounded-pareto between tail.min and tail.max of index tail.shape, or lognormal of mean tail.mean
 *                  and relative sd tail.cv, then moved into tail.min .. tail.max
 *           Memory is rounded up to pages. I/O and network are given in bytes per second and stored as whole bytes
 *           over the interval. A resource whose base and floor are 0 has no column. Cosines have mean 0 over whole days and
 *           weeks, so base is the mean level.
 *           Correlations are one number for all pairs of resources, or one for each pair in the order of the resources
 *           that are there: cpu memory, cpu io_read, memory io_read, cpu io_write, ... (a triangle row by row).
 *           Roles, from the first unit on: `idle` units use a fiftieth of the cpu base without cycle or bursts; `noisy`
 *           ones have five times the noise of cpu; `shifting` ones get one more memory shift, by 1 + shift.size, at a
 *           time drawn from the middle half of the trace.
 * Choice.   Each unit, resource and part has a random stream of its own: more units, a longer trace or another part
 *           switched on leave all else as it was. With a correlation later resources follow earlier ones.
 * Limits.   Nothing is capped at the capacity: this is demand. Normal noise with a large sd is cut at the floor, which
 *           lifts the mean; lognormal noise is not. Weeks begin on Monday when times are calendar times; in a trace that
 *           begins at 0, time 0 is a Thursday, as 1970-01-01 was. Last digits of cos, exp and log may differ between C
 *           libraries. */
#include "almanac/generator.h"
#include "almanac/option.h"
#include "almanac/quantity.h"
#include "synthesis/arrivals.h"
#include "synthesis/usage_noise.h"
#include "synthesis/usage_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct options {
    int64_t units, idle, noisy, shifting, memory_capacity;
    alm_time duration, interval;
    char start[ALM_OPT_STRING], name[ALM_OPT_STRING];
    double cores, cpu_base, cpu_floor;
    int64_t base[ALM_RESOURCES], floor[ALM_RESOURCES]; /* of all but the cpu */
    struct alm_numbers correlation, spread_correlation;
    struct alm__usage_law law[ALM_RESOURCES];
};

#define AT(member) offsetof(struct options, member)
/* clang-format off */
#define LAW(word, at, SPREAD, AMPLITUDE, PHASE, WEEKLY, RATE, SD, AR)                                                  \
    {word ".spread", ALM_OPT_FRACTION, AT(at.spread), SPREAD, 0, 10, NULL, "relative sd of the base over units"},      \
    {word ".diurnal.amplitude", ALM_OPT_FRACTION, AT(at.amplitude), AMPLITUDE, 0, 1, NULL, "daily cycle, relative"},   \
    {word ".diurnal.peak", ALM_OPT_DURATION, AT(at.peak), "14h", 0, 86400e9, NULL, "time of day of its peak"},         \
    {word ".diurnal.phase", ALM_OPT_DURATION, AT(at.phase), PHASE, 0, 86400e9, NULL, "how far peaks of units differ"}, \
    {word ".diurnal.harmonics", ALM_OPT_NUMBERS, AT(at.harmonics), "", 0, 24, NULL,                                    \
     "amplitude and hour of a peak of the 2nd, 3rd, ... harmonic of the day"},                                         \
    {word ".weekly.amplitude", ALM_OPT_FRACTION, AT(at.weekly), WEEKLY, 0, 1, NULL, "weekly cycle, relative"},         \
    {word ".weekly.peak", ALM_OPT_DURATION, AT(at.weekly_peak), "60h", 0, 604800e9, NULL, "its peak, from Monday"},    \
    {word ".trend", ALM_OPT_FRACTION, AT(at.trend), "0", -10, 10, NULL, "growth a day, relative to the base"},         \
    {word ".burst.rate", ALM_OPT_REAL, AT(at.burst_rate), RATE, 0, 1e6, NULL, "bursts a day"},                         \
    {word ".burst.height", ALM_OPT_FRACTION, AT(at.burst_height), "1.5", 0, 1e6, NULL, "mean height, relative"},       \
    {word ".burst.length", ALM_OPT_DURATION, AT(at.burst_length), "20m", 1, 31536000e9, NULL, "mean length"},          \
    {word ".shift.rate", ALM_OPT_REAL, AT(at.shift_rate), "0", 0, 1e6, NULL, "level shifts a week"},                   \
    {word ".shift.size", ALM_OPT_FRACTION, AT(at.shift_size), "0.5", 0, 100, NULL, "relative size of a shift"},        \
    {word ".tail.rate", ALM_OPT_REAL, AT(at.tail_rate), "0", 0, 1e6, NULL, "spikes a day"},                            \
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

static void open_unit(const struct fleet *f, int64_t index, struct unit *u)
{
    double z[ALM_RESOURCES];
    for (size_t i = 0; i < f->noises.count; i++) {
        enum alm_resource r = f->noises.resource[i];
        const struct alm__usage_law *law = &f->o->law[r];
        const char *word = alm_resource_name(r);
        struct alm_stream own = alm__usage_stream(f->seed, (uint64_t)index, word, "unit");
        double mixed = 0;
        z[i] = alm_stream_normal(&own);
        for (size_t k = 0; k <= i; k++)
            mixed += f->base_factor[i][k] * z[k];
        u->part[i] = alm__usage_open(f->seed, (uint64_t)index, word, law, base_of(f->o, r), mixed, &own);
        u->part[i].peak = r == ALM_MEMORY;
        u->noise.stream[i] = alm__usage_stream(f->seed, (uint64_t)index, word, "noise");
        u->noise.scale[i] = scale_of(law, law->noise_sd);
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

/* Row K of unit U: usage over [k dt, (k + 1) dt). */
static void fill_row(const struct fleet *f, struct unit *u, alm_time k, struct alm_trace_row *row)
{
    alm_time dt = f->o->interval;
    double from = alm_seconds(k * dt), until = alm_seconds((k + 1) * dt);
    *row = (struct alm_trace_row){f->start + (k + 1) * dt, {NAN, NAN, NAN, NAN, NAN, NAN}};
    for (size_t i = 0; i < f->noises.count; i++) {
        struct alm__usage_parts *s = &u->part[i];
        enum alm_resource r = f->noises.resource[i];
        double usage = alm__usage_level(s, (from + until) / 2, &f->clock) *
                           noise_factor(&s->law, u->noise.state[i][0], u->noise.scale[i]) +
                       alm__usage_burst(s, from, until);
        usage = fmax(floor_of(f->o, r), usage * alm__usage_spike(s, until));
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
            n = 0;
        }
    }
    sink->report->read += (uint64_t)count;
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

static int run(const void *opt, uint64_t seed, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct fleet f = {.o = o, .seed = seed};
    ALM_TRY(plan_fleet(&f, e));
    ALM_TRY(sink->interval(sink, o->interval, e));
    for (int64_t i = 0; i < o->units; i++) {
        ALM_TRY(make_unit(&f, i, sink, e));
        if (sink->progress)
            sink->progress(sink->progress_ctx, (double)(i + 1) / (double)o->units);
    }
    return ALM_OK;
}

const struct alm_generator_ops alm_generator_usage = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_generator_ops),
             .kind = ALM_GENERATOR,
             .name = "usage",
             .summary =
                 "a fleet with daily and weekly cycles, trends, bursts, level shifts, spikes and correlated noise",
             .source = "own; the parts are textbook processes",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
