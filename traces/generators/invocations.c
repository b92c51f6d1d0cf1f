/* SPDX-License-Identifier: GPL-3.0-or-later
 * invocations: executions of codes: when they come, with which inputs, and what they need.
 *
 * Meaning.  Code c, from 0, is invoked at the arrivals of its own process, a copy of `arrival` with rates times share_c:
 *             popularity split  share_c = (c + 1)^-zipf / sum over codes: `arrival` is that of all codes together
 *             popularity each   share_c = (c + 1)^-zipf: `arrival` is that of the first code
 *           An invocation at t, with inputs x and in phase k of the code's sequence, needs
 *             work = draw(work) g(x) S_c P_ck V (1 + drift.work days(t)), in core-seconds; memory likewise in bytes
 *             io_read, io_write, net_rx, net_tx = draw g(x), in bytes
 *           g      dependence on one input, of mean effect (traces/dependence.h); 1 without
 *           S_c    spread.work: a lognormal factor of the code, of mean 1 and this coefficient of variation
 *           P_ck   factor of the phase: of the list sequence.work, or drawn once for each code and phase, lognormal of
 *                  mean 1 and cv sequence.spread. The next invocation is in phase k + 1 (after the last in the first), or
 *                  with probability sequence.stay in k again. The phase is stored
 *           V      1, and from version.at after the start on version.work
 *           Work is rounded to nanoseconds, bytes to whole bytes; at most 1e15 of either.
 * Choice.   One unit a code, NAME-c, whose code id is its name. With version.at a code is two units, NAME-c@v1 and
 *           NAME-c@v2: a code id is of a version, so a profiler that keys by it meets a new code, and one that knows the
 *           form of the name can see which code it came from. Each code and purpose has a random stream of its own: more
 *           codes (popularity each), a longer trace or another part switched on leave all else as it was.
 * Limits.   Codes do not influence each other. Memory: a few KiB, and what files of laws hold.
 * Source.   Zipf popularity of functions: Shahrad et al., Serverless in the Wild, USENIX ATC 2020. */
#include "almanac/generator.h"
#include "almanac/option.h"
#include "almanac/stream.h"
#include "synthesis/arrivals.h"
#include "synthesis/dependence.h"
#include "synthesis/input_laws.h"
#include "synthesis/law_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORK, MEMORY, IO_READ, IO_WRITE, NET_RX, NET_TX, AMOUNTS };
enum { SPLIT, EACH };
#define BEHAVIOURS (MEMORY + 1) /* amounts with spread, phases, versions, drift */
#define PHASES 256

static const char *const amount_word[AMOUNTS] = {"work", "memory", "io_read", "io_write", "net_rx", "net_tx"};

struct amount_options {
    struct alm_law_options law;
    struct alm_dependence_options on;
};

struct options {
    int64_t codes, length;
    alm_time duration, version_at;
    char start[ALM_OPT_STRING], name[ALM_OPT_STRING];
    int popularity;
    double zipf, stay, sequence_spread;
    struct alm_arrival_options arrival;
    struct amount_options amount[AMOUNTS];
    struct alm_law_options parallelism;
    struct alm_input_options input[ALM_INPUT_LAWS];
    double spread[BEHAVIOURS], version[BEHAVIOURS], drift[BEHAVIOURS];
    struct alm_numbers phase[BEHAVIOURS];
};

#define AT(member) offsetof(struct options, member)
/* clang-format off */
#define AMOUNT(index, word, TYPE, HELP)                                                                                \
    ALM_LAW_ROWS(word, AT(amount[index].law), TYPE, HELP), ALM_DEPENDENCE_ROWS(word, AT(amount[index].on))

static const struct alm_opt rows[] = {
    {"codes", ALM_OPT_INTEGER, AT(codes), "10", 1, 1e6, NULL, "how many codes, each a unit"},
    {"duration", ALM_OPT_DURATION, AT(duration), "1d", 1, 3.2e18, NULL, "of the trace"},
    {"start", ALM_OPT_TEXT, AT(start), "0s", 0, 0, NULL, "a date as 2024-01-01T00:00:00Z, or a duration from 0"},
    {"name", ALM_OPT_TEXT, AT(name), "code", 0, 0, NULL, "what names of codes begin with"},
    {"popularity", ALM_OPT_CHOICE, AT(popularity), "split", 0, 0, "split|each",
     "is arrival that of all codes together, split over them, or of the first"},
    {"zipf", ALM_OPT_REAL, AT(zipf), "0", 0, 10, NULL, "exponent of the popularity of codes; 0: all alike"},
    ALM_ARRIVAL_ROWS(AT(arrival), "when codes are invoked; default: poisson of rate 0.1"),
    AMOUNT(WORK, "work", ALM_OPT_REAL, "core-seconds; default: lognormal of mean 0.1, cv 1"),
    AMOUNT(MEMORY, "memory", ALM_OPT_BYTES, "peak bytes; default: lognormal of mean 128Mi, cv 0.25"),
    AMOUNT(IO_READ, "io_read", ALM_OPT_BYTES, "bytes read; default: none"),
    AMOUNT(IO_WRITE, "io_write", ALM_OPT_BYTES, "bytes written; default: none"),
    AMOUNT(NET_RX, "net_rx", ALM_OPT_BYTES, "bytes received; default: none"),
    AMOUNT(NET_TX, "net_tx", ALM_OPT_BYTES, "bytes sent; default: none"),
    ALM_LAW_ROWS("parallelism", AT(parallelism), ALM_OPT_REAL, "most cores it can use; default: 1"),
    ALM_INPUT_ROWS("input1", AT(input[0])),
    ALM_INPUT_ROWS("input2", AT(input[1])),
    ALM_INPUT_ROWS("input3", AT(input[2])),
    ALM_INPUT_ROWS("input4", AT(input[3])),
    {"spread.work", ALM_OPT_FRACTION, AT(spread[WORK]), "0", 0, 100, NULL, "cv of the mean work over codes"},
    {"spread.memory", ALM_OPT_FRACTION, AT(spread[MEMORY]), "0", 0, 100, NULL, "cv of the mean memory over codes"},
    {"sequence.length", ALM_OPT_INTEGER, AT(length), "0", 0, PHASES, NULL, "phases of a repeating sequence; 0: none"},
    {"sequence.stay", ALM_OPT_FRACTION, AT(stay), "0", 0, 0.999999, NULL, "probability that a phase is met again"},
    {"sequence.spread", ALM_OPT_FRACTION, AT(sequence_spread), "0.5", 0, 100, NULL, "cv of factors of phases that are not given"},
    {"sequence.work", ALM_OPT_NUMBERS, AT(phase[WORK]), "", 0, 1e9, NULL, "factor of each phase; drawn: see sequence.spread"},
    {"sequence.memory", ALM_OPT_NUMBERS, AT(phase[MEMORY]), "", 0, 1e9, NULL, "factor of each phase; drawn: see sequence.spread"},
    {"version.at", ALM_OPT_DURATION, AT(version_at), "0s", 0, 3.2e18, NULL, "second version from then on; 0: never"},
    {"version.work", ALM_OPT_REAL, AT(version[WORK]), "1", 0, 1e9, NULL, "work of the second version, relative"},
    {"version.memory", ALM_OPT_REAL, AT(version[MEMORY]), "1", 0, 1e9, NULL, "its memory, relative"},
    {"drift.work", ALM_OPT_FRACTION, AT(drift[WORK]), "0", -10, 1000, NULL, "growth of work a day, relative to the start"},
    {"drift.memory", ALM_OPT_FRACTION, AT(drift[MEMORY]), "0", -10, 1000, NULL, "growth of memory a day, likewise"},
    {0},
};
/* clang-format on */

/* What all codes share. */
struct plan {
    const struct options *opt;
    uint64_t seed;
    struct alm_trace_sink *sink;
    alm_time start, end;
    double share; /* of the first code */
    size_t phases;
    struct alm_arrival_model arrival;
    struct alm_input_laws inputs;
    struct alm_law law[AMOUNTS], parallelism;
    struct alm_dependence on[AMOUNTS];
};

/* One code on its way through the trace. */
struct code {
    uint32_t unit[2]; /* of each version */
    struct alm_arrivals arrivals;
    struct alm_input_streams inputs;
    struct alm_stream amount[AMOUNTS], parallelism, sequence;
    double level[BEHAVIOURS], factor[BEHAVIOURS][PHASES];
    size_t phase;
};

#define ROWS 256
struct rows {
    size_t count;
    struct alm_invocation row[ROWS];
    double input[ROWS * ALM_INPUT_LAWS];
};

/* ---- plan ---- */

static int open_amounts(struct plan *p, struct alm_err *e)
{
    static const struct alm_law_options usual[BEHAVIOURS] = {
        [WORK] = {.law = ALM_LAW_LOGNORMAL, .mean = {0.1}, .cv = 1},
        [MEMORY] = {.law = ALM_LAW_LOGNORMAL, .mean = {0x1p27}, .cv = 0.25},
    };
    static const struct alm_law_options one = {.law = ALM_LAW_DETERMINISTIC, .value = {1}};
    struct alm_dependence_input names[ALM_INPUT_LAWS];
    alm_input_laws_names(&p->inputs, names);
    for (size_t i = 0; i < AMOUNTS; i++) {
        const struct amount_options *o = &p->opt->amount[i];
        ALM_TRY(alm_law_open_file(&o->law, i == WORK ? ALM_OPT_REAL : ALM_OPT_BYTES, amount_word[i],
                                  i < BEHAVIOURS ? &usual[i] : NULL, &p->law[i], e));
        ALM_TRY(alm_dependence_open(&o->on, amount_word[i], names, p->inputs.count, &p->on[i], e));
        if (p->law[i].kind == ALM_LAW_NONE && o->on.effect)
            return alm_fail(e, ALM_EINVAL,
                            "%s.effect is given, but %s has no law: give %s.law=deterministic and "
                            "%s.value=1 for a dependence without noise",
                            amount_word[i], amount_word[i], amount_word[i], amount_word[i]);
    }
    return alm_law_open_file(&p->opt->parallelism, ALM_OPT_REAL, "parallelism", &one, &p->parallelism, e);
}

static int check_sequence(struct plan *p, struct alm_err *e)
{
    static const char *const key[BEHAVIOURS] = {"sequence.work", "sequence.memory"};
    const struct options *o = p->opt;
    p->phases = (size_t)o->length;
    for (size_t i = 0; i < BEHAVIOURS; i++) {
        size_t n = o->phase[i].count;
        if (n > 0 && p->phases == 0)
            p->phases = n;
        if (n > 0 && p->phases != n)
            return alm_fail(e, ALM_EINVAL, "%s has %zu numbers for %zu phases; each phase has one", key[i], n,
                            p->phases);
    }
    if (p->phases == 0 && o->stay > 0)
        return alm_fail(e, ALM_EINVAL, "sequence.stay is given without a sequence; say sequence.length");
    return ALM_OK;
}

static int check_times(struct plan *p, struct alm_err *e)
{
    const struct options *o = p->opt;
    ALM_TRY(alm_arrival_start(o->start, &p->start, e));
    if (__builtin_add_overflow(p->start, o->duration, &p->end))
        return alm_fail(e, ALM_EINVAL, "start and duration pass the year 2261");
    if (o->version_at == 0 && (o->version[WORK] != 1 || o->version[MEMORY] != 1))
        return alm_fail(e, ALM_EINVAL, "version.at is missing: from when on is there another version?");
    if (o->name[0] == '\0' || strlen(o->name) > ALM_UNIT_NAME - 16)
        return alm_fail(e, ALM_EINVAL, "name: write 1 to %d bytes", ALM_UNIT_NAME - 16);
    return ALM_OK;
}

static double share(const struct options *o, int64_t code)
{
    return o->zipf > 0 ? pow((double)(code + 1), -o->zipf) : 1;
}

static int open_plan(struct plan *p, struct alm_err *e)
{
    double sum = 0;
    ALM_TRY(check_times(p, e));
    ALM_TRY(check_sequence(p, e));
    ALM_TRY(alm_arrival_open(&p->opt->arrival, 0.1, &p->arrival, e));
    ALM_TRY(alm_input_laws_open(p->opt->input, &p->inputs, e));
    ALM_TRY(open_amounts(p, e));
    for (int64_t c = 0; c < p->opt->codes; c++)
        sum += share(p->opt, c);
    p->share = p->opt->popularity == SPLIT ? 1 / sum : 1;
    return alm_input_laws_declare(&p->inputs, p->sink, e);
}

static void close_plan(struct plan *p)
{
    alm_arrival_close(&p->arrival);
    alm_input_laws_close(&p->inputs);
    for (size_t i = 0; i < AMOUNTS; i++)
        alm_law_close(&p->law[i]);
    alm_law_close(&p->parallelism);
}

/* ---- one code ---- */

static int add_unit(const struct plan *p, int64_t index, const char *version, uint32_t *out, struct alm_err *e)
{
    struct alm_unit u = {.last = ALM_TIME_MAX, .cores = NAN, .memory = NAN};
    int digits = snprintf(NULL, 0, "%" PRId64, p->opt->codes - 1);
    snprintf(u.name, sizeof u.name, "%.100s-%0*" PRId64 "%s", p->opt->name, digits, index, version);
    memcpy(u.code, u.name, sizeof u.code);
    return p->sink->unit(p->sink, &u, out, e);
}

static struct alm_stream open_stream(const struct plan *p, int64_t index, const char *word, const char *what)
{
    char purpose[48];
    snprintf(purpose, sizeof purpose, "invocations.%s.%s", word, what);
    return alm_stream_open(p->seed, (uint64_t)index, purpose);
}

/* Factors of the code and of its phases. */
static void draw_behaviour(const struct plan *p, int64_t index, struct code *c)
{
    const struct options *o = p->opt;
    for (size_t i = 0; i < BEHAVIOURS; i++) {
        struct alm_stream own = open_stream(p, index, amount_word[i], "code");
        struct alm_stream phase = open_stream(p, index, amount_word[i], "phase");
        c->level[i] = alm_law_factor(o->spread[i], alm_stream_normal(&own));
        for (size_t k = 0; k < p->phases; k++)
            c->factor[i][k] = o->phase[i].count ? o->phase[i].value[k]
                                                : alm_law_factor(o->sequence_spread, alm_stream_normal(&phase));
    }
}

static int open_code(const struct plan *p, int64_t index, struct code *c, struct alm_err *e)
{
    const struct options *o = p->opt;
    ALM_TRY(add_unit(p, index, o->version_at ? "@v1" : "", &c->unit[0], e));
    if (o->version_at)
        ALM_TRY(add_unit(p, index, "@v2", &c->unit[1], e));
    c->arrivals =
        alm_arrivals_start(&p->arrival, p->share * share(o, index), p->start, p->end, p->seed, (uint64_t)index);
    c->inputs = alm_input_laws_streams(&p->inputs, p->seed, (uint64_t)index);
    for (size_t i = 0; i < AMOUNTS; i++)
        c->amount[i] = open_stream(p, index, amount_word[i], "amount");
    c->parallelism = open_stream(p, index, "parallelism", "amount");
    c->sequence = open_stream(p, index, "sequence", "step");
    c->phase = 0;
    draw_behaviour(p, index, c);
    return ALM_OK;
}

static double rounded(size_t amount, double value)
{
    double scale = amount == WORK ? 1e9 : 1;
    return nearbyint(fmin(value, 1e15) * scale) / scale;
}

/* What the invocation at SINCE (from the start) needs; X are its inputs. */
static void fill_amounts(const struct plan *p, struct code *c, alm_time since, const double *x,
                         double value[ALM_INVOCATION_FIELDS])
{
    static const enum alm_invocation_field field[AMOUNTS] = {ALM_INV_WORK,     ALM_INV_MEMORY, ALM_INV_IO_READ,
                                                             ALM_INV_IO_WRITE, ALM_INV_NET_RX, ALM_INV_NET_TX};
    const struct options *o = p->opt;
    bool second = o->version_at && since >= o->version_at;
    double days = alm_seconds(since) / 86400;
    for (size_t i = 0; i < AMOUNTS; i++) {
        double amount = alm_law_draw(&p->law[i], &c->amount[i]) * alm_dependence_factor(&p->on[i], x);
        if (i < BEHAVIOURS)
            amount *= c->level[i] * (p->phases ? c->factor[i][c->phase] : 1) * (second ? o->version[i] : 1) *
                      fmax(0, 1 + o->drift[i] * days);
        if (p->law[i].kind != ALM_LAW_NONE)
            value[field[i]] = rounded(i, amount);
    }
    value[ALM_INV_PARALLELISM] = alm_law_draw(&p->parallelism, &c->parallelism);
}

static void fill_row(const struct plan *p, struct code *c, alm_time at, struct alm_invocation *row, double *input)
{
    double x[ALM_INPUT_LAWS];
    alm_time since = at - p->start;
    *row = (struct alm_invocation){.arrival = at};
    row->unit = c->unit[p->opt->version_at && since >= p->opt->version_at];
    for (size_t f = 0; f < ALM_INVOCATION_FIELDS; f++)
        row->value[f] = NAN;
    alm_input_laws_draw(&p->inputs, &c->inputs, x, input);
    fill_amounts(p, c, since, x, row->value);
    if (p->phases == 0)
        return;
    row->value[ALM_INV_SEQUENCE] = (double)c->phase;
    if (alm_stream_uniform(&c->sequence) >= p->opt->stay)
        c->phase = (c->phase + 1) % p->phases;
}

static int flush(const struct plan *p, struct rows *r, struct alm_err *e)
{
    if (p->sink->stop && *p->sink->stop)
        return alm_fail(e, ALM_EINTR, "interrupted while generating invocations");
    ALM_TRY(p->sink->invocations(p->sink, r->row, p->inputs.count ? r->input : NULL, r->count, e));
    p->sink->report->read += r->count;
    r->count = 0;
    return ALM_OK;
}

static int make_code(const struct plan *p, int64_t index, struct code *c, struct rows *r, struct alm_err *e)
{
    alm_time at;
    ALM_TRY(open_code(p, index, c, e));
    while (alm_arrivals_next(&c->arrivals, &at)) {
        fill_row(p, c, at, &r->row[r->count], &r->input[r->count * p->inputs.count]);
        if (++r->count == ROWS)
            ALM_TRY(flush(p, r, e));
    }
    return r->count ? flush(p, r, e) : ALM_OK;
}

static int make_codes(struct plan *p, struct alm_err *e)
{
    struct code *c = malloc(sizeof *c);
    struct rows *r = calloc(1, sizeof *r);
    int code = ALM_OK;
    if (!c || !r)
        code = alm_fail(e, ALM_ENOMEM, "no memory for a block of invocations");
    for (int64_t i = 0; c && r && i < p->opt->codes && code >= 0; i++) {
        code = make_code(p, i, c, r, e);
        if (p->sink->progress)
            p->sink->progress(p->sink->progress_ctx, (double)(i + 1) / (double)p->opt->codes);
    }
    free(c);
    free(r);
    return code;
}

static int run(const void *opt, uint64_t seed, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct plan *p = calloc(1, sizeof *p);
    if (!p)
        return alm_fail(e, ALM_ENOMEM, "generator invocations: no memory for its laws");
    p->opt = opt;
    p->seed = seed;
    p->sink = sink;
    int code = open_plan(p, e);
    if (code >= 0)
        code = make_codes(p, e);
    close_plan(p);
    free(p);
    return code < 0 ? alm_fail_in(e, "generator invocations") : ALM_OK;
}

const struct alm_generator_ops alm_generator_invocations = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_generator_ops),
             .kind = ALM_GENERATOR,
             .name = "invocations",
             .summary = "codes invoked at random times, with inputs, phases, versions and what they need",
             .source = "own; the parts are textbook processes",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
