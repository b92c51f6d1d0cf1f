/* SPDX-License-Identifier: GPL-3.0-or-later
 * swf: job logs in the Standard Workload Format: each job an invocation.
 *
 * Meaning.  Arrival = UnixStartTime of the header + submit time. wait, duration as recorded; parallelism = allocated
 *           processors; work = average CPU time x allocated processors; memory = KB used per processor x 1024 x
 *           allocated processors; requests likewise, by requested processors. failed is 0 for status 1, 1 for 0 and 5.
 *           Input parameters: what is known at submission, if any job of the import has it.
 * Choice.   Files are read twice: first for the header, whose fields may stand anywhere, and for which fields are used,
 *           so that the unit can be the executable where it is recorded. Partial executions (status 2 to 4) are parts of
 *           a job that has a line of its own, and are dropped. A job without a requested number of processors was
 *           given as many as it asked for: `processors` then is the allocated number, and the report says so.
 * Limits.   All files of one import are of one system: their numbers of users and executables mean the same. Fields after
 *           the 16th are not used. TimeZone has no daylight saving.
 * Source.   Chapin et al., Benchmarks and Standards for the Evaluation of Parallel Job Schedulers, JSSPP 1999; The
 *           Standard Workload Format, version 2.2, Parallel Workloads Archive. */
#include "almanac/importer.h"
#include "formats/invocation_inputs.h"
#include "text/printable.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAD_ERROR, BAD_DROP };
enum { CLOCK_UTC, CLOCK_LOCAL, CLOCK_ZERO };
enum { UNIT_AUTO, UNIT_EXECUTABLE, UNIT_USER, UNIT_GROUP, UNIT_QUEUE, UNIT_PARTITION, UNIT_FILE };

/* Fields by their numbers in the standard, from 1. */
enum {
    SUBMIT = 2,
    WAIT,
    RUN,
    PROCESSORS,
    CPU,
    MEMORY,
    ASKED_PROCESSORS,
    ASKED_TIME,
    ASKED_MEMORY,
    STATUS,
    USER,
    GROUP,
    EXECUTABLE,
    QUEUE,
    PARTITION,
    LAST = 18
};

static const char *const field_name[] = {
    "",
    "job number",
    "submit time",
    "wait time",
    "run time",
    "allocated processors",
    "average CPU time",
    "used memory",
    "requested processors",
    "requested time",
    "requested memory",
    "status",
    "user",
    "group",
    "executable",
    "queue",
    "partition",
};

struct options {
    int unit, clock, bad;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"unit", ALM_OPT_CHOICE, AT(unit), "auto", 0, 0, "auto|executable|user|group|queue|partition|file",
     "what makes a unit; auto: executable or user, the first that is recorded, else file"},
    {"clock", ALM_OPT_CHOICE, AT(clock), "utc", 0, 0, "utc|local|zero",
     "times by the header's UnixStartTime, the same plus TimeZone, or from zero"},
    {"bad", ALM_OPT_CHOICE, AT(bad), "error", 0, 0, "error|drop", "what to do with a row that cannot be read"},
    {0},
};

static const struct {
    int field;
    struct alm_input input;
} given[] = {
    {ASKED_PROCESSORS, {"processors", "1", false}},
    {ASKED_TIME, {"requested_time", "s", false}},
    {ASKED_MEMORY, {"requested_memory", "byte", false}},
    {USER, {"user", "", true}},
    {GROUP, {"group", "", true}},
    {EXECUTABLE, {"executable", "", true}},
    {QUEUE, {"queue", "", true}},
    {PARTITION, {"partition", "", true}},
};
#define GIVEN (sizeof given / sizeof *given)

struct origin {
    bool known;
    alm_time start, zone;
};

struct swf {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_batch *batch;
    struct alm_reading reading;
    struct alm_delimited *d;
    const struct alm_field *field; /* of the newest record */
    size_t count;
    struct origin *origin; /* of each file */
    bool used[LAST + 1];   /* does any job know this field? */
    int unit;
    struct alm_inputs inputs;
    int input_field[GIVEN];
    char stem[ALM_FILE_NAME];
};

static bool is_comment(const struct swf *s)
{
    return s->field[0].size > 0 && s->field[0].at[0] == ';';
}

/* ---- the header ---- */

/* A comment "; Key: value": false when it has no key. */
static bool take_header(const struct swf *s, struct alm_field *key, struct alm_field *value)
{
    const struct alm_field *last = &s->field[s->count - 1];
    const char *at = s->field[0].at, *end = last->at + last->size;
    while (at < end && (*at == ';' || *at == ' ' || *at == '\t'))
        at++;
    const char *colon = memchr(at, ':', (size_t)(end - at));
    if (!colon)
        return false;
    *key = (struct alm_field){at, (size_t)(colon - at)};
    for (colon++; colon < end && (*colon == ' ' || *colon == '\t');)
        colon++;
    *value = (struct alm_field){colon, (size_t)(end - colon)};
    return value->size > 0;
}

static bool is_key(const struct alm_field *key, const char *name)
{
    return key->size == strlen(name) && memcmp(key->at, name, key->size) == 0;
}

/* Whole seconds of a header field as a duration; a header that cannot be read is noted. */
static bool take_seconds(struct swf *s, const struct alm_field *value, alm_time *out)
{
    size_t size = 0;
    while (size < value->size && value->at[size] != ' ' && value->at[size] != '\t')
        size++;
    if (alm_instant_parse(value->at, size, ALM_TIME_S, '.', out) == ALM_NUMBER_OK)
        return true;
    alm_report_note(s->sink->report, false, "a time in the header that cannot be read: left aside", "%s:%" PRIu64,
                    alm_delimited_path(s->d), alm_delimited_row(s->d));
    return false;
}

/* Put what the log says of itself into the report. */
static void tell_header(struct swf *s, const struct alm_field *key, const struct alm_field *value)
{
    static const char *const told[] = {"Version", "Computer", "MaxNodes", "MaxProcs", "TimeZoneString"};
    char text[120], sentence[200];
    bool mended;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        if (!is_key(key, told[i]) || alm_printable(value->at, value->size, text, sizeof text, &mended) == sizeof text)
            continue;
        snprintf(sentence, sizeof sentence, "Header: %s %s.", told[i], text);
        alm_report_assume(s->sink->report, sentence);
    }
}

static void survey_comment(struct swf *s, struct origin *origin)
{
    struct alm_field key, value;
    alm_time t;
    if (!take_header(s, &key, &value))
        return;
    tell_header(s, &key, &value);
    if (is_key(&key, "UnixStartTime") && !origin->known && take_seconds(s, &value, &t) && t > 0) {
        origin->known = true;
        origin->start = t;
    } else if (is_key(&key, "TimeZone") && take_seconds(s, &value, &t)) {
        origin->zone = t;
    }
}

/* ---- the first reading ---- */

static int survey_file(struct swf *s, struct origin *origin, struct alm_err *e)
{
    uint32_t countdown = 0;
    for (;;) {
        int code = alm_delimited_next(s->d, &s->field, &s->count, e);
        if (code != ALM_OK)
            return code < 0 ? code : ALM_OK;
        if (countdown++ % 8192 == 0 && s->sink->stop && *s->sink->stop)
            return alm_fail(e, ALM_EINTR, "%s: interrupted", alm_delimited_path(s->d));
        if (is_comment(s)) {
            survey_comment(s, origin);
            continue;
        }
        for (size_t i = 1; i <= PARTITION && i <= s->count; i++)
            s->used[i] = s->used[i] || s->field[i - 1].at[0] != '-';
    }
}

static int open_file(struct swf *s, const char *path, struct alm_err *e)
{
    const struct alm_delimited_config config = {.separator = ' '};
    return alm_delimited_open(path, &config, &s->d, e);
}

static int survey(struct swf *s, const char *const *path, size_t count, struct alm_err *e)
{
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        ALM_TRY(open_file(s, path[i], e));
        int code = survey_file(s, &s->origin[i], e);
        alm_delimited_close(s->d);
        ALM_TRY(code);
        known += s->origin[i].known;
    }
    if (s->opt->clock == CLOCK_ZERO || known == count)
        return ALM_OK;
    for (size_t i = 0; i < count && known > 0; i++)
        if (!s->origin[i].known)
            return alm_fail(e, ALM_EDATA,
                            "%s: no header field UnixStartTime, which the other files have; use clock=zero to count "
                            "all of them from zero",
                            path[i]);
    alm_report_assume(s->sink->report, "No UnixStartTime in the header: times count from zero.");
    return ALM_OK;
}

/* ---- jobs ---- */

/* The newest row cannot be used: an error, or noted and ALM_NOT_YET. */
static int bad(struct swf *s, size_t field, const char *why, struct alm_err *e)
{
    char word[ALM_EXCERPT];
    const char *path = alm_delimited_path(s->d);
    uint64_t row = alm_delimited_row(s->d);
    if (s->opt->bad == BAD_DROP) {
        alm_report_note(s->sink->report, true, why, "%s:%" PRIu64, path, row);
        return ALM_NOT_YET;
    }
    if (field > s->count)
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": %s; use bad=drop to go on without such rows", path, row, why);
    const struct alm_field *f = &s->field[field - 1];
    return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": field %zu (%s): %s: %s; use bad=drop to go on without such rows",
                    path, row, field, field_name[field], alm_excerpt(f->at, f->size, word), why);
}

/* The fields of a job as numbers, NaN for -1. */
static int take_fields(struct swf *s, double v[LAST + 1], struct alm_err *e)
{
    if (s->count < LAST)
        return bad(s, s->count + 1, "fewer than the 18 fields of a job in the Standard Workload Format", e);
    for (size_t i = 1; i <= PARTITION; i++) {
        enum alm_number status = alm_number_parse(s->field[i - 1].at, s->field[i - 1].size, '.', &v[i]);
        if (status == ALM_NUMBER_NONE)
            return bad(s, i, "not a number", e);
        if (status == ALM_NUMBER_LARGE || v[i] > 1e15)
            return bad(s, i, "too large to be believed", e);
        if (v[i] < 0 && v[i] != -1)
            return bad(s, i, "negative, and not the -1 that means not known", e);
        if (v[i] < 0)
            v[i] = (double)NAN;
    }
    return ALM_OK;
}

static int take_arrival(struct swf *s, const struct origin *origin, alm_time *out, struct alm_err *e)
{
    const struct alm_field *f = &s->field[SUBMIT - 1];
    alm_time t;
    if (f->at[0] == '-')
        return bad(s, SUBMIT, "a job that was never submitted", e);
    bool fits = alm_instant_parse(f->at, f->size, ALM_TIME_S, '.', &t) == ALM_NUMBER_OK;
    if (fits && s->opt->clock != CLOCK_ZERO)
        fits = !__builtin_add_overflow(t, origin->start, &t);
    if (fits && s->opt->clock == CLOCK_LOCAL)
        fits = !__builtin_add_overflow(t, origin->zone, &t);
    if (!fits)
        return bad(s, SUBMIT, "outside of the years 1678 to 2261", e);
    *out = t;
    return ALM_OK;
}

/* 1 or 0; NaN when the log does not say; -1 for part of a job. */
static int take_status(struct swf *s, double status, double *failed, struct alm_err *e)
{
    *failed = (double)NAN;
    if (isnan(status))
        return ALM_OK;
    if (status == 2 || status == 3 || status == 4) {
        alm_report_note(s->sink->report, true, "part of a job's execution (status 2 to 4): the whole job counts",
                        "%s:%" PRIu64, alm_delimited_path(s->d), alm_delimited_row(s->d));
        return ALM_NOT_YET;
    }
    if (status != 0 && status != 1 && status != 5)
        return bad(s, STATUS, "not a status from 0 to 5", e);
    *failed = status == 1 ? 0 : 1;
    return ALM_OK;
}

static int take_unit(struct swf *s, const double v[LAST + 1], uint32_t *out, struct alm_err *e)
{
    static const int field[] = {[UNIT_EXECUTABLE] = EXECUTABLE,
                                [UNIT_USER] = USER,
                                [UNIT_GROUP] = GROUP,
                                [UNIT_QUEUE] = QUEUE,
                                [UNIT_PARTITION] = PARTITION};
    char name[ALM_FILE_NAME];
    bool repaired;
    if (s->unit == UNIT_FILE)
        memcpy(name, s->stem, sizeof name);
    else if (isnan(v[field[s->unit]]))
        snprintf(name, sizeof name, "%s_unknown", field_name[field[s->unit]]);
    else
        snprintf(name, sizeof name, "%s_%.15g", field_name[field[s->unit]], v[field[s->unit]]);
    const struct alm_field text = {name, strlen(name)};
    const struct alm_unit_about about = {text, text, (double)NAN, (double)NAN};
    if (alm_batch_about(s->batch, &about, out, NULL, &repaired, e) < 0)
        return alm_fail_in(e, "%s:%" PRIu64, alm_delimited_path(s->d), alm_delimited_row(s->d));
    return ALM_OK;
}

static int take_inputs(struct swf *s, const double v[LAST + 1], struct alm_err *e)
{
    for (size_t i = 0; i < s->inputs.count; i++) {
        int f = s->input_field[i];
        double number = f == ASKED_MEMORY ? v[f] * 1024 * v[ASKED_PROCESSORS] : v[f];
        if (f == ASKED_PROCESSORS && isnan(number)) {
            number = v[PROCESSORS];
            if (!isnan(number))
                alm_report_assume(s->sink->report, "Jobs without a requested number of processors asked for those they "
                                                   "were given (input processors).");
        }
        if (!s->inputs.category[i])
            alm_inputs_number(&s->inputs, i, number);
        else if (!isnan(number))
            ALM_TRY(alm_inputs_word(&s->inputs, i, &s->field[f - 1], e));
    }
    return ALM_OK;
}

static int take_job(struct swf *s, const struct origin *origin, struct alm_err *e)
{
    double v[LAST + 1], failed = 0;
    alm_time arrival = 0;
    uint32_t unit;
    s->sink->report->read++;
    int code = take_fields(s, v, e);
    if (code == ALM_OK)
        code = take_arrival(s, origin, &arrival, e);
    if (code == ALM_OK)
        code = take_status(s, v[STATUS], &failed, e);
    if (code == ALM_OK)
        code = take_unit(s, v, &unit, e);
    if (code != ALM_OK)
        return code;
    struct alm_invocation job = alm_invocation_at(arrival, unit);
    job.value[ALM_INV_WAIT] = v[WAIT];
    job.value[ALM_INV_DURATION] = v[RUN];
    job.value[ALM_INV_PARALLELISM] = v[PROCESSORS];
    job.value[ALM_INV_WORK] = v[CPU] * v[PROCESSORS];
    job.value[ALM_INV_MEMORY] = v[MEMORY] * 1024 * v[PROCESSORS];
    job.value[ALM_INV_CORES_REQUESTED] = v[ASKED_PROCESSORS];
    job.value[ALM_INV_TIME_REQUESTED] = v[ASKED_TIME];
    job.value[ALM_INV_MEMORY_REQUESTED] = v[ASKED_MEMORY] * 1024 * v[ASKED_PROCESSORS];
    job.value[ALM_INV_FAILED] = failed;
    ALM_TRY(take_inputs(s, v, e));
    if (alm_inputs_send(&s->inputs, &job, e) < 0)
        return alm_fail_in(e, "%s:%" PRIu64, alm_delimited_path(s->d), alm_delimited_row(s->d));
    return ALM_OK;
}

static int read_jobs(struct swf *s, const struct origin *origin, struct alm_err *e)
{
    uint64_t before = s->sink->report->read;
    int code;
    while ((code = alm_delimited_next(s->d, &s->field, &s->count, e)) == ALM_OK) {
        ALM_TRY(alm_reading_step(&s->reading, s->d, e));
        if (!is_comment(s))
            ALM_TRY(take_job(s, origin, e));
    }
    if (code == ALM_END && s->sink->report->read == before)
        alm_report_note(s->sink->report, false, "a file without rows", "%s", alm_delimited_path(s->d));
    return code;
}

static int read_file(struct swf *s, const char *path, const struct origin *origin, struct alm_err *e)
{
    ALM_TRY(open_file(s, path, e));
    alm_file_unit(path, true, s->stem);
    s->sink->report->files++;
    int code = read_jobs(s, origin, e);
    alm_reading_next_file(&s->reading, s->d);
    alm_delimited_close(s->d);
    return code;
}

/* ---- the import ---- */

static void choose_unit(struct swf *s)
{
    s->unit = s->opt->unit;
    if (s->unit != UNIT_AUTO)
        return;
    s->unit = s->used[EXECUTABLE] ? UNIT_EXECUTABLE : s->used[USER] ? UNIT_USER : UNIT_FILE;
    alm_report_assume(s->sink->report, s->used[EXECUTABLE] ? "A unit is an executable (unit=)."
                                       : s->used[USER]     ? "No executables are recorded: a unit is a user (unit=)."
                                                           : "Neither executables nor users are recorded: a unit is a "
                                                             "file (unit=).");
}

static int declare_inputs(struct swf *s, struct alm_err *e)
{
    struct alm_input input[GIVEN];
    size_t n = 0;
    for (size_t i = 0; i < GIVEN; i++) {
        int f = given[i].field;
        if (!s->used[f] && !(f == ASKED_PROCESSORS && s->used[PROCESSORS]))
            continue;
        s->input_field[n] = f;
        input[n++] = given[i].input;
    }
    return alm_inputs_declare(&s->inputs, s->sink, input, n, e);
}

static int read_all(struct swf *s, const char *const *path, size_t count, struct alm_err *e)
{
    ALM_TRY(survey(s, path, count, e));
    choose_unit(s);
    ALM_TRY(declare_inputs(s, e));
    ALM_TRY(alm_batch_open(s->sink, &s->batch, e));
    for (size_t i = 0; i < count; i++)
        ALM_TRY(read_file(s, path[i], &s->origin[i], e));
    return ALM_OK;
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct swf s = {.opt = opt, .sink = sink, .reading = alm_reading_start(sink, path, count)};
    s.origin = calloc(count ? count : 1, sizeof *s.origin);
    if (!s.origin)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu files", count);
    int code = read_all(&s, path, count, e);
    alm_batch_close(s.batch);
    free(s.origin);
    if (code >= 0 && sink->report->read == 0)
        return alm_fail(e, ALM_EDATA, "%s%s: no jobs: only comments, or nothing at all", count ? path[0] : "",
                        count > 1 ? " and the others" : "");
    return code;
}

const struct alm_importer_ops alm_importer_swf = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "swf",
             .summary = "job logs in the Standard Workload Format 2.2",
             .source = "Chapin et al., JSSPP 1999; Parallel Workloads Archive, SWF 2.2",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
