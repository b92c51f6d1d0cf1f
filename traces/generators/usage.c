/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage: a fleet of units whose usage has days, weeks, trends, bursts, level shifts and noise.
 *
 * Meaning.  For each unit u and resource, in the row that covers (t - dt, t], with s the middle of the row:
 *             level(s) = B_u (1 + trend days(s)) (1 + A cos 2pi (s - p_u)/day) (1 + W cos 2pi (s - q)/week) F(s)
 *             usage    = max(floor, level(s) (1 + x_k) + burst)
 *           B_u    base exp(c z - c^2/2) with c^2 = ln(1 + spread^2): mean base, relative sd spread over units
 *           p_u    diurnal.peak, moved by a uniform draw from -phase/2 .. phase/2
 *           q      weekly.peak, counted from Monday
 *           F      1, and from each shift on exp(g z - g^2/2) with g^2 = ln(1 + shift.size^2): mean 1, so that levels
 *                  do not run away; shifts are a Poisson process of shift.rate a week
 *           x_k    noise.ar x_(k-1) + sqrt(1 - noise.ar^2) noise.sd z_k, stationary from the first row
 *           burst  starts are a Poisson process of burst.rate a day; each adds B_u burst.height E for a time
 *                  burst.length E', E and E' exponential of mean 1; a new burst ends the one before; CPU takes the mean
 *                  over the row, memory the highest that touches the row
 *           Memory is rounded up to pages. Cosines have mean 0 over whole days and weeks, so base is the mean level.
 *           Roles, from the first unit on: `idle` units use a fiftieth of the cpu base without cycle or bursts; `noisy`
 *           ones have five times the noise of cpu; `shifting` ones get one more memory shift, by 1 + shift.size, at a
 *           time drawn from the middle half of the trace.
 * Choice.   Each unit and purpose has a random stream of its own: more units, a longer trace or another part switched
 *           on leave all else as it was.
 * Limits.   Nothing is capped at the capacity: this is demand. CPU and memory alone. Weeks begin on Monday when times
 *           are calendar times; in a trace that begins at 0, time 0 is a Thursday, as 1970-01-01 was. */
#include "almanac/generator.h"
#include "almanac/option.h"
#include "almanac/quantity.h"
#include "almanac/stream.h"
#include "delimited.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct law {
    double spread, amplitude, weekly, trend, burst_rate, burst_height, shift_rate, shift_size, noise_sd, noise_ar;
    alm_time peak, phase, weekly_peak, burst_length;
};

struct options {
    int64_t units, idle, noisy, shifting, memory_capacity, memory_base, memory_floor;
    alm_time duration, interval;
    char start[ALM_OPT_STRING], name[ALM_OPT_STRING];
    double cores, cpu_base, cpu_floor;
    struct law cpu, memory;
};

#define AT(member) offsetof(struct options, member)
/* clang-format off */
#define LAW(word, at, SPREAD, AMPLITUDE, PHASE, WEEKLY, RATE, SD, AR)                                                  \
    {word ".spread", ALM_OPT_FRACTION, AT(at.spread), SPREAD, 0, 10, NULL, "relative sd of the base over units"},      \
    {word ".diurnal.amplitude", ALM_OPT_FRACTION, AT(at.amplitude), AMPLITUDE, 0, 1, NULL, "daily cycle, relative"},   \
    {word ".diurnal.peak", ALM_OPT_DURATION, AT(at.peak), "14h", 0, 86400e9, NULL, "time of day of its peak"},         \
    {word ".diurnal.phase", ALM_OPT_DURATION, AT(at.phase), PHASE, 0, 86400e9, NULL, "how far peaks of units differ"}, \
    {word ".weekly.amplitude", ALM_OPT_FRACTION, AT(at.weekly), WEEKLY, 0, 1, NULL, "weekly cycle, relative"},         \
    {word ".weekly.peak", ALM_OPT_DURATION, AT(at.weekly_peak), "60h", 0, 604800e9, NULL, "its peak, from Monday"}, \
    {word ".trend", ALM_OPT_FRACTION, AT(at.trend), "0", -10, 10, NULL, "growth a day, relative to the base"},         \
    {word ".burst.rate", ALM_OPT_REAL, AT(at.burst_rate), RATE, 0, 1e6, NULL, "bursts a day"},                         \
    {word ".burst.height", ALM_OPT_FRACTION, AT(at.burst_height), "1.5", 0, 1e6, NULL, "mean height, relative"},       \
    {word ".burst.length", ALM_OPT_DURATION, AT(at.burst_length), "20m", 1, 31536000e9, NULL, "mean length"},          \
    {word ".shift.rate", ALM_OPT_REAL, AT(at.shift_rate), "0", 0, 1e6, NULL, "level shifts a week"},                   \
    {word ".shift.size", ALM_OPT_FRACTION, AT(at.shift_size), "0.5", 0, 100, NULL, "relative size of a shift"},        \
    {word ".noise.sd", ALM_OPT_FRACTION, AT(at.noise_sd), SD, 0, 10, NULL, "sd, relative to the level"},               \
    {word ".noise.ar", ALM_OPT_REAL, AT(at.noise_ar), AR, 0, 0.999999, NULL, "correlation from row to row"}
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
    {"cpu.base", ALM_OPT_CORES, AT(cpu_base), "1", 0, 1e6, NULL, "mean level in cores"},
    {"cpu.floor", ALM_OPT_CORES, AT(cpu_floor), "0", 0, 1e6, NULL, "usage never falls below, in cores"},
    LAW("cpu", cpu, "0.5", "0.4", "4h", "0.1", "2", "0.1", "0.7"),
    {"memory.base", ALM_OPT_BYTES, AT(memory_base), "2Gi", 0, 1e14, NULL, "mean level in bytes"},
    {"memory.floor", ALM_OPT_BYTES, AT(memory_floor), "0", 0, 1e14, NULL, "usage never falls below, in bytes"},
    LAW("memory", memory, "0.3", "0.1", "4h", "0", "0", "0.03", "0.995"),
    {0},
};

/* Times here are seconds from the start of the trace. */
struct shape {
    struct law law;
    double base, floor, phase, x, factor;
    double next_shift, extra_shift; /* INFINITY: none */
    double burst_from, burst_until, burst_height, next_burst;
    struct alm_stream noise, burst, shift;
    bool peak; /* a row shows the highest burst, not their mean */
};

static double lognormal(double z, double relative_sd)
{
    double s = sqrt(log1p(relative_sd * relative_sd));
    return exp(s * z - s * s / 2);
}

static double wait_for(struct alm_stream *s, double rate, double per)
{
    return rate > 0 ? alm_stream_exponential(s) * per / rate : INFINITY;
}

static struct alm_stream open_stream(uint64_t seed, uint64_t unit, const char *resource, const char *what)
{
    char purpose[48];
    snprintf(purpose, sizeof purpose, "usage.%s.%s", resource, what);
    return alm_stream_open(seed, unit, purpose);
}

static struct shape open_shape(uint64_t seed, uint64_t unit, const char *word, const struct law *law, double base,
                               double floor)
{
    struct shape s = {.law = *law, .floor = floor, .factor = 1, .extra_shift = INFINITY};
    struct alm_stream own = open_stream(seed, unit, word, "unit");
    s.base = base * lognormal(alm_stream_normal(&own), law->spread);
    s.phase = alm_seconds(law->peak) + (alm_stream_uniform(&own) - 0.5) * alm_seconds(law->phase);
    s.noise = open_stream(seed, unit, word, "noise");
    s.burst = open_stream(seed, unit, word, "burst");
    s.shift = open_stream(seed, unit, word, "shift");
    s.x = law->noise_sd * alm_stream_normal(&s.noise);
    s.next_shift = wait_for(&s.shift, law->shift_rate, 604800);
    s.next_burst = wait_for(&s.burst, law->burst_rate, 86400);
    return s;
}

/* Mean or highest burst over [from, until), moving on to later bursts. */
static double burst_over(struct shape *s, double from, double until)
{
    double sum = 0, high = 0;
    for (;;) {
        double begin = fmax(from, s->burst_from), end = fmin(until, fmin(s->burst_until, s->next_burst));
        if (end > begin) {
            sum += s->burst_height * (end - begin);
            high = fmax(high, s->burst_height);
        }
        if (s->next_burst >= until)
            return s->peak ? high : sum / (until - from);
        s->burst_from = s->next_burst;
        s->burst_until = s->burst_from + alm_stream_exponential(&s->burst) * alm_seconds(s->law.burst_length);
        s->burst_height = s->base * s->law.burst_height * alm_stream_exponential(&s->burst);
        s->next_burst = s->burst_from + wait_for(&s->burst, s->law.burst_rate, 86400);
    }
}

static double shift_at(struct shape *s, double t)
{
    while (s->next_shift <= t) {
        s->factor = lognormal(alm_stream_normal(&s->shift), s->law.shift_size);
        s->next_shift += wait_for(&s->shift, s->law.shift_rate, 604800);
    }
    return t >= s->extra_shift ? s->factor * (1 + s->law.shift_size) : s->factor;
}

/* Usage over [from, until) seconds from a start that lies CLOCK seconds into the day and WEEK seconds into the week. */
static double next_usage(struct shape *s, double from, double until, double clock, double week)
{
    const struct law *w = &s->law;
    double middle = (from + until) / 2;
    double level = s->base * fmax(0, 1 + w->trend * middle / 86400) *
                   (1 + w->amplitude * cos(2 * M_PI * (clock + middle - s->phase) / 86400)) *
                   (1 + w->weekly * cos(2 * M_PI * (week + middle - alm_seconds(w->weekly_peak)) / 604800)) *
                   shift_at(s, middle);
    double usage = level * (1 + s->x) + burst_over(s, from, until);
    s->x = w->noise_ar * s->x + sqrt(1 - w->noise_ar * w->noise_ar) * w->noise_sd * alm_stream_normal(&s->noise);
    return fmax(s->floor, usage);
}

static void give_roles(const struct options *o, uint64_t seed, int64_t unit, struct shape *cpu, struct shape *memory)
{
    if (unit < o->idle) {
        cpu->base /= 50;
        cpu->law.amplitude = cpu->law.weekly = 0;
        cpu->next_burst = INFINITY;
    } else if (unit < o->idle + o->noisy) {
        cpu->law.noise_sd *= 5;
        cpu->x *= 5;
    } else if (unit < o->idle + o->noisy + o->shifting) {
        struct alm_stream s = open_stream(seed, (uint64_t)unit, "memory", "role");
        memory->extra_shift = alm_seconds(o->duration) * (0.25 + 0.5 * alm_stream_uniform(&s));
    }
}

static int parse_start(const char *text, alm_time *out, struct alm_err *e)
{
    if (alm_instant_parse(text, strlen(text), ALM_TIME_ISO, '.', out) == ALM_NUMBER_OK)
        return ALM_OK;
    if (alm_parse_duration(text, out, NULL) == ALM_OK)
        return ALM_OK;
    return alm_fail(e, ALM_EINVAL,
                    "generator usage: start: `%.60s` is neither a date (2024-01-01T00:00:00Z) nor a duration (0s, 36h)",
                    text);
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

#define ROWS 256

static int make_unit(const struct options *o, uint64_t seed, int64_t index, alm_time start, struct alm_trace_sink *sink,
                     struct alm_err *e)
{
    struct shape cpu = open_shape(seed, (uint64_t)index, "cpu", &o->cpu, o->cpu_base, o->cpu_floor);
    struct shape memory =
        open_shape(seed, (uint64_t)index, "memory", &o->memory, (double)o->memory_base, (double)o->memory_floor);
    memory.peak = true;
    give_roles(o, seed, index, &cpu, &memory);
    double clock = alm_seconds(start - alm_time_floor(start, ALM_DAY));
    alm_time monday = start - 4 * ALM_DAY;
    double week = alm_seconds(monday - alm_time_floor(monday, 7 * ALM_DAY));
    struct alm_trace_row row[ROWS];
    uint32_t unit;
    ALM_TRY(add_unit(o, index, sink, &unit, e));
    alm_time count = o->duration / o->interval;
    size_t n = 0;
    for (alm_time k = 0; k < count; k++) {
        double from = alm_seconds(k * o->interval), until = alm_seconds((k + 1) * o->interval);
        struct alm_trace_row *r = &row[n++];
        *r = (struct alm_trace_row){start + (k + 1) * o->interval, {NAN, NAN, NAN, NAN, NAN, NAN}};
        r->value[ALM_CPU] = next_usage(&cpu, from, until, clock, week);
        r->value[ALM_MEMORY] =
            ceil(next_usage(&memory, from, until, clock, week) / (double)ALM_PAGE) * (double)ALM_PAGE;
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

static int run(const void *opt, uint64_t seed, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    alm_time start = 0, end;
    ALM_TRY(parse_start(o->start, &start, e));
    if (o->duration < o->interval)
        return alm_fail(e, ALM_EINVAL, "generator usage: the duration is shorter than one interval");
    if (__builtin_add_overflow(start, o->duration, &end) || start < INT64_MIN / 2)
        return alm_fail(e, ALM_EINVAL, "generator usage: start and duration pass the year 2261");
    if (o->idle + o->noisy + o->shifting > o->units)
        return alm_fail(e, ALM_EINVAL, "generator usage: idle + noisy + shifting are more than units=%" PRId64,
                        o->units);
    ALM_TRY(sink->interval(sink, o->interval, e));
    for (int64_t i = 0; i < o->units; i++) {
        ALM_TRY(make_unit(o, seed, i, start, sink, e));
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
             .summary = "a fleet with daily and weekly cycles, trends, bursts, level shifts and noise",
             .source = "own; the parts are textbook processes",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
