/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_invocations_read: the invocations of a trace file, handed out in blocks.
 *
 * Meaning.  Opening checks that all columns are of one length and reads the words of categories. Invocations are checked
 *           when they are read: arrivals ascend and lie within their unit's first and last, units and words are there,
 *           values are missing or can be. How many each unit has is checked by reading all of them.
 * Choice.   Inputs are numbered in order of name: a file has no other order that all programs keep. */
#include "text/utf8.h"
#include "trace_inputs.h"
#include "trace_reader.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct alm__invocation_reader {
    struct alm_invocations view;
    struct alm_trace *trace;
    struct alm_column *arrival, *unit, *field[ALM_INVOCATION_FIELDS], *input[ALM_INPUTS];
    struct alm_input name[ALM_INPUTS];
    const char *const *word[ALM_INPUTS]; /* owned */
    size_t words[ALM_INPUTS], all_words, word_columns;
    char *platform;
};

static const char *path_of(const struct alm__invocation_reader *r)
{
    return alm_trace_path(r->trace);
}

uint64_t alm__invocations_count(const struct alm__invocation_reader *r)
{
    return r ? r->view.count : 0;
}

const struct alm_invocations *alm_trace_invocations(const struct alm_trace *t)
{
    return t->invocation ? &t->invocation->view : NULL;
}

void alm__invocations_close(struct alm__invocation_reader *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < ALM_INPUTS; i++) {
        for (size_t k = 0; r->word[i] && k < r->words[i]; k++)
            free((char *)(uintptr_t)r->word[i][k]);
        free((void *)(uintptr_t)r->word[i]);
    }
    free(r->platform);
    free(r);
}

static int check_word(const struct alm__invocation_reader *r, const char *path, size_t k, const char *word,
                      struct alm_err *e)
{
    size_t length = strlen(word);
    if (length > ALM_WORD_SIZE || alm_utf8_length(word) != length)
        return alm_fail(e, ALM_EDATA, "%s: %s, row %zu: is not UTF-8 of at most %u bytes", path_of(r), path, k,
                        ALM_WORD_SIZE);
    return 0;
}

static int read_words(struct alm__invocation_reader *r, size_t i, const char *path, struct alm_err *e)
{
    char words[ALM_INPUT_NAME + 32];
    struct alm_column *c;
    snprintf(words, sizeof words, "%s" ALM_WORDS_SUFFIX, path);
    ALM_TRY(alm__trace_need(r->trace, words, ALM_COL_TEXT, UINT64_MAX, &c, e));
    if (alm_column_length(c) > ALM_WORDS - r->all_words)
        return alm_fail(e, ALM_EDATA, "%s: %s has %llu words; over all inputs at most %u are allowed", path_of(r),
                        words, (unsigned long long)alm_column_length(c), ALM_WORDS);
    size_t n = (size_t)alm_column_length(c);
    char **text = calloc(n ? n : 1, sizeof *text);
    if (!text)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    r->word[i] = (const char *const *)text;
    r->words[i] = n;
    r->all_words += n;
    ALM_TRY(alm_column_read(c, 0, n, text, e));
    for (size_t k = 0; k < n; k++)
        ALM_TRY(check_word(r, words, k, text[k], e));
    return 0;
}

static int read_unit_text(struct alm__invocation_reader *r, size_t i, const char *path, struct alm_err *e)
{
    char *text = NULL;
    int rc = alm_table_get_text(r->trace->table, path, "units", &text, e);
    ALM_TRY(rc);
    if (rc == ALM_NOT_YET)
        return 0;
    size_t length = strlen(text);
    bool fits = length < sizeof r->name[i].unit && alm_utf8_length(text) == length;
    if (fits)
        memcpy(r->name[i].unit, text, length + 1);
    free(text);
    return fits ? 0
                : alm_fail(e, ALM_EDATA, "%s: the unit of %s is not UTF-8 of at most %zu bytes", path_of(r), path,
                           sizeof r->name[i].unit - 1);
}

static bool holds_words(const char *name)
{
    size_t length = strlen(name), end = strlen(ALM_WORDS_SUFFIX);
    return length > end && strcmp(name + length - end, ALM_WORDS_SUFFIX) == 0;
}

static int open_input(void *ctx, const char *path, struct alm_err *e)
{
    struct alm__invocation_reader *r = ctx;
    static const char group[] = "/inputs/";
    if (strncmp(path, group, strlen(group)) != 0)
        return 0;
    const char *name = path + strlen(group), *problem = alm__input_problem(name);
    if (holds_words(name)) {
        r->word_columns++;
        return 0;
    }
    if (problem)
        return alm_fail(e, ALM_EDATA, "%s: the name of column %.100s %s", path_of(r), path, problem);
    size_t i = r->view.inputs;
    if (i == ALM_INPUTS)
        return alm_fail(e, ALM_EDATA, "%s: has more than %d inputs", path_of(r), ALM_INPUTS);
    enum alm_column_type type = ALM_COL_F64;
    ALM_TRY(alm_column_type(r->trace->table, path, &type, e));
    r->name[i].category = type == ALM_COL_U32;
    if (!r->name[i].category)
        type = ALM_COL_F64;
    ALM_TRY(alm__trace_need(r->trace, path, type, r->view.count, &r->input[i], e));
    snprintf(r->name[i].name, sizeof r->name[i].name, "%s", name);
    r->view.inputs++;
    ALM_TRY(read_unit_text(r, i, path, e));
    return r->name[i].category ? read_words(r, i, path, e) : 0;
}

static int open_inputs(struct alm__invocation_reader *r, struct alm_err *e)
{
    size_t categories = 0;
    ALM_TRY(alm_table_columns(r->trace->table, open_input, r, e));
    for (size_t i = 0; i < r->view.inputs; i++)
        categories += r->name[i].category;
    if (r->word_columns != categories)
        return alm_fail(e, ALM_EDATA, "%s: /inputs has %zu columns of words, but %zu categories", path_of(r),
                        r->word_columns, categories);
    return 0;
}

static int open_fields(struct alm__invocation_reader *r, struct alm_err *e)
{
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++) {
        const struct alm__trace_column *c = alm__invocation_column((enum alm_invocation_field)f);
        int rc = alm_column_open(r->trace->table, c->path, c->type, &r->field[f], e);
        ALM_TRY(rc);
        if (rc == ALM_NOT_YET)
            continue;
        if (alm_column_length(r->field[f]) != r->view.count)
            return alm_fail(e, ALM_EDATA, "%s: column %s has %llu values where /invocations/arrival has %llu",
                            path_of(r), c->path, (unsigned long long)alm_column_length(r->field[f]),
                            (unsigned long long)r->view.count);
        r->view.fields |= ALM_BIT(f);
    }
    return 0;
}

static int read_platform(struct alm__invocation_reader *r, struct alm_err *e)
{
    int rc = alm_table_get_text(r->trace->table, "/", "platform", &r->platform, e);
    ALM_TRY(rc);
    if (rc == ALM_NOT_YET)
        return 0;
    json_t *root = json_loads(r->platform, JSON_REJECT_DUPLICATES, NULL);
    bool object = json_is_object(root);
    json_decref(root);
    return object ? 0 : alm_fail(e, ALM_EDATA, "%s: attribute platform is not one JSON object", path_of(r));
}

/* Arrivals and units of N invocations from FIRST on; the one before them has the first arrival to compare with. */
static int read_keys(const struct alm__invocation_reader *r, uint64_t first, size_t n, alm_time *arrival,
                     uint32_t *unit, struct alm_err *e)
{
    const struct alm_demand *d = &r->trace->demand;
    alm_time buffer[ALM_READ_BATCH + 1], *at = buffer + 1;
    size_t before = first > 0;
    buffer[0] = ALM_TIME_NONE;
    ALM_TRY(alm_column_read(r->arrival, first - before, n + before, at - before, e));
    ALM_TRY(alm_column_read(r->unit, first, n, unit, e));
    for (size_t k = 0; k < n; k++) {
        unsigned long long row = first + k;
        if (unit[k] >= d->units)
            return alm_fail(e, ALM_EDATA, "%s: invocation %llu is of unit %u, but there are %zu units", path_of(r), row,
                            unit[k], d->units);
        const struct alm_unit *u = &d->unit[unit[k]];
        if (at[k] < buffer[k] || at[k] < u->first || at[k] > u->last)
            return alm_fail(e, ALM_EDATA,
                            "%s: invocation %llu of unit %s: arrival %lld ns is before the one before or not between "
                            "the unit's first and last",
                            path_of(r), row, u->name, (long long)at[k]);
    }
    memcpy(arrival, at, n * sizeof *at);
    return 0;
}

static int read_field(const struct alm__invocation_reader *r, int f, uint64_t first, size_t n, double *out,
                      struct alm_err *e)
{
    const struct alm__trace_column *c = alm__invocation_column((enum alm_invocation_field)f);
    ALM_TRY(alm__trace_amounts(r->field[f], c->type, first, n, out, e));
    size_t wrong = alm__trace_wrong(out, n);
    unsigned long long row = first + wrong;
    if (wrong < n)
        return alm_fail(e, ALM_EDATA, "%s: invocation %llu: %s is %g, which cannot be", path_of(r), row, c->name,
                        out[wrong]);
    return 0;
}

static int read_input(const struct alm__invocation_reader *r, size_t i, uint64_t first, size_t n, double *out,
                      struct alm_err *e)
{
    unsigned long long row = first;
    if (!r->input[i] || !r->name[i].category) {
        ALM_TRY(alm__trace_amounts(r->input[i], ALM_COL_F64, first, n, out, e));
        for (size_t k = 0; k < n; k++)
            if (isinf(out[k]))
                return alm_fail(e, ALM_EDATA, "%s: invocation %llu: input %s is infinite", path_of(r), row + k,
                                r->name[i].name);
        return 0;
    }
    uint32_t number[ALM_READ_BATCH];
    ALM_TRY(alm_column_read(r->input[i], first, n, number, e));
    for (size_t k = 0; k < n; k++) {
        if (number[k] != UINT32_MAX && number[k] >= r->words[i])
            return alm_fail(e, ALM_EDATA, "%s: invocation %llu: input %s is word %u, but there are %zu words",
                            path_of(r), row + k, r->name[i].name, number[k], r->words[i]);
        out[k] = number[k] == UINT32_MAX ? (double)NAN : number[k];
    }
    return 0;
}

static int read_block(const struct alm__invocation_reader *r, uint64_t first, size_t n,
                      const struct alm_invocation_rows *out, size_t place, struct alm_err *e)
{
    alm_time arrival[ALM_READ_BATCH];
    uint32_t unit[ALM_READ_BATCH];
    if (out->arrival || out->unit)
        ALM_TRY(read_keys(r, first, n, arrival, unit, e));
    if (out->arrival)
        memcpy(out->arrival + place, arrival, n * sizeof *arrival);
    if (out->unit)
        memcpy(out->unit + place, unit, n * sizeof *unit);
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        if (out->value[f])
            ALM_TRY(read_field(r, f, first, n, out->value[f] + place, e));
    for (size_t i = 0; i < ALM_INPUTS; i++)
        if (out->input[i])
            ALM_TRY(read_input(r, i, first, n, out->input[i] + place, e));
    return 0;
}

static int invocations_read(const struct alm_invocations *self, uint64_t first, size_t n,
                            const struct alm_invocation_rows *out, struct alm_err *e)
{
    const struct alm__invocation_reader *r = self->owner;
    if (first > self->count || n > self->count - first)
        return alm_fail(e, ALM_EINVAL, "%s: invocations [%llu, +%zu) do not exist", path_of(r),
                        (unsigned long long)first, n);
    for (size_t done = 0; done < n; done += ALM_READ_BATCH) {
        size_t part = n - done < ALM_READ_BATCH ? n - done : ALM_READ_BATCH;
        ALM_TRY(read_block(r, first + done, part, out, done, e));
    }
    return 0;
}

int alm__invocations_check(const struct alm_trace *t, const uint64_t *seen, struct alm_err *e)
{
    for (size_t u = 0; t->served && u < t->demand.units; u++) {
        int64_t stated = 0;
        ALM_TRY(alm_column_read(t->served, u, 1, &stated, e));
        if ((uint64_t)stated != seen[u])
            return alm_fail(e, ALM_EDATA, "%s: unit %s claims %lld invocations and has %llu", alm_trace_path(t),
                            t->demand.unit[u].name, (long long)stated, (unsigned long long)seen[u]);
    }
    return 0;
}

static int open_all(struct alm__invocation_reader *r, struct alm_err *e)
{
    r->view.count = alm_column_length(r->arrival);
    ALM_TRY(alm__trace_need(r->trace, "/invocations/unit", ALM_COL_U32, r->view.count, &r->unit, e));
    ALM_TRY(open_fields(r, e));
    ALM_TRY(open_inputs(r, e));
    ALM_TRY(read_platform(r, e));
    r->view.input = r->name;
    r->view.word = r->word;
    r->view.words = r->words;
    r->view.platform = r->platform;
    r->view.read = invocations_read;
    r->view.owner = r;
    return 0;
}

int alm__invocations_open(struct alm_trace *t, struct alm_err *e)
{
    struct alm_column *arrival;
    int rc = alm_column_open(t->table, "/invocations/arrival", ALM_COL_I64, &arrival, e);
    ALM_TRY(rc);
    if (rc == ALM_NOT_YET || alm_column_length(arrival) == 0)
        return 0;
    struct alm__invocation_reader *r = calloc(1, sizeof *r);
    if (!r)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    r->trace = t;
    r->arrival = arrival;
    t->invocation = r;
    return open_all(r, e);
}
