/* SPDX-License-Identifier: GPL-3.0-or-later
 * generators: is every trace a function of specification and seed alone, and does the seed matter? */
#include "almanac/generator.h"

#include "module_rig.h"

/* A sink that keeps a fingerprint of what it was given. */
struct sink {
    struct alm_trace_sink sink;
    struct alm_trace_report report;
    char (*name)[ALM_UNIT_NAME];
    size_t units;
    uint32_t inputs, words;
    uint64_t rows, print; /* rows: of usage, and invocations */
    bool bad;
};

static void fold(struct sink *s, const void *bytes, size_t size)
{
    for (size_t k = 0; k < size; k++)
        s->print = (s->print ^ ((const unsigned char *)bytes)[k]) * UINT64_C(0x100000001b3);
}

static int take_unit(struct alm_trace_sink *sink, const struct alm_unit *unit, uint32_t *out, struct alm_err *e)
{
    struct sink *s = (struct sink *)(void *)sink;
    for (size_t k = 0; k < s->units; k++)
        if (strcmp(s->name[k], unit->name) == 0) {
            *out = (uint32_t)k;
            return ALM_OK;
        }
    void *grown = realloc(s->name, (s->units + 1) * sizeof *s->name);
    if (grown == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for unit %zu", s->units);
    s->name = grown;
    snprintf(s->name[s->units], ALM_UNIT_NAME, "%s", unit->name);
    fold(s, unit->name, strlen(unit->name));
    *out = (uint32_t)s->units++;
    return ALM_OK;
}

static int take_rows(struct alm_trace_sink *sink, uint32_t unit, const struct alm_trace_row *rows, size_t n,
                     struct alm_err *e)
{
    struct sink *s = (struct sink *)(void *)sink;
    (void)e;
    s->bad |= unit >= s->units;
    s->rows += n;
    fold(s, &unit, sizeof unit);
    for (size_t k = 0; k < n; k++) {
        fold(s, &rows[k].at, sizeof rows[k].at);
        for (int r = 0; r < ALM_RESOURCES; r++) {
            double value = isnan(rows[k].value[r]) ? -1 : rows[k].value[r];
            s->bad |= isinf(rows[k].value[r]) || rows[k].value[r] < 0;
            fold(s, &value, sizeof value);
        }
    }
    return ALM_OK;
}

static int take_interval(struct alm_trace_sink *sink, alm_time interval, struct alm_err *e)
{
    struct sink *s = (struct sink *)(void *)sink;
    (void)e;
    s->bad |= interval <= 0;
    fold(s, &interval, sizeof interval);
    return ALM_OK;
}

static int take_input(struct alm_trace_sink *sink, const struct alm_input *input, uint32_t *out, struct alm_err *e)
{
    struct sink *s = (struct sink *)(void *)sink;
    (void)e;
    s->bad |= s->rows > 0;
    fold(s, input->name, strlen(input->name));
    *out = s->inputs++;
    return ALM_OK;
}

static int take_word(struct alm_trace_sink *sink, uint32_t input, const char *word, size_t size, double *out,
                     struct alm_err *e)
{
    struct sink *s = (struct sink *)(void *)sink;
    (void)e;
    s->bad |= input >= s->inputs;
    fold(s, word, size);
    *out = s->words++;
    return ALM_OK;
}

static int take_invocations(struct alm_trace_sink *sink, const struct alm_invocation *row, const double *input,
                            size_t n, struct alm_err *e)
{
    struct sink *s = (struct sink *)(void *)sink;
    (void)e;
    s->rows += n;
    s->bad |= (input == NULL) != (s->inputs == 0);
    for (size_t k = 0; k < n; k++) {
        s->bad |= row[k].unit >= s->units;
        fold(s, &row[k].arrival, sizeof row[k].arrival);
        fold(s, &row[k].unit, sizeof row[k].unit);
        for (int f = 0; f < ALM_INVOCATION_FIELDS; f++) {
            double value = isnan(row[k].value[f]) ? -1 : row[k].value[f];
            s->bad |= isinf(row[k].value[f]) || row[k].value[f] < 0;
            fold(s, &value, sizeof value);
        }
    }
    fold(s, input, input ? n * s->inputs * sizeof *input : 0);
    return ALM_OK;
}

static int take_platform(struct alm_trace_sink *sink, const char *json, struct alm_err *e)
{
    (void)e;
    fold((struct sink *)(void *)sink, json, strlen(json));
    return ALM_OK;
}

/* Does the generator say that one more option is needed beside a choice (a law and its mean)? */
static bool incomplete(const struct alm_head *m, int code, const struct alm_err *e, bool plain)
{
    return !plain && code == ALM_EINVAL && strncmp(e->text, "generator ", 10) == 0 && strstr(e->text, m->name);
}

/* OPT is PLAIN when it is the defaults; those must be complete. A refused choice gives a sink without rows. */
static struct sink generated(const struct alm_head *m, const void *opt, bool plain, uint64_t seed)
{
    struct alm_err e = {0};
    struct sink s = {.sink = {.unit = take_unit,
                              .rows = take_rows,
                              .interval = take_interval,
                              .input = take_input,
                              .word = take_word,
                              .invocations = take_invocations,
                              .platform = take_platform}};
    s.sink.report = &s.report;
    s.print = UINT64_C(0xcbf29ce484222325);
    int code = ((const struct alm_generator_ops *)(const void *)m)->run(opt, seed, &s.sink, &e);
    free(s.name);
    if (incomplete(m, code, &e, plain))
        return (struct sink){0};
    REQUIRE(code == 0, "%s: %s", m->name, e.text);
    REQUIRE(!s.bad, "%s: rows of unknown units, or values that are negative or not finite", m->name);
    REQUIRE(s.units > 0 && s.rows > 0, "%s: %zu units, %llu rows and invocations", m->name, s.units,
            (unsigned long long)s.rows);
    return s;
}

/* Keep the tests short where the module can be told to. */
static void shorten(const struct alm_head *m, void *opt)
{
    static const char *const asked[][2] = {{"units", "3"}, {"duration", "6h"}, {"customers", "2000"}};
    for (size_t k = 0; k < sizeof asked / sizeof asked[0]; k++)
        for (const struct alm_opt *row = m->opts; row && row->key; row++)
            if (strcmp(row->key, asked[k][0]) == 0)
                (void)alm_options_set(m->opts, opt, m->name, asked[k][0], asked[k][1], NULL);
}

static void seeded(const struct alm_head *m, const void *defaults)
{
    void *opt = calloc(1, m->opt_size + 1);
    void *usual = calloc(1, m->opt_size + 1);
    memcpy(opt, defaults, m->opt_size);
    cr_assert_eq(alm_options_init(m->opts, usual, NULL), ALM_OK);
    bool plain = memcmp(opt, usual, m->opt_size) == 0;
    shorten(m, opt);
    struct sink a = generated(m, opt, plain, 1), b = generated(m, opt, plain, 1), c = generated(m, opt, plain, 2);
    free(opt);
    free(usual);
    if (a.rows == 0)
        return;
    REQUIRE(a.print == b.print && a.rows == b.rows, "%s: the same seed gives another trace", m->name);
    REQUIRE(a.print != c.print, "%s: another seed gives the same trace", m->name);
}

Test(generators, the_seed_alone_decides)
{
    if (for_each_choice(ALM_GENERATOR, seeded) == 0) {
        printf("SKIP: this build has no generators\n");
        fflush(stdout);
    }
}
