/* SPDX-License-Identifier: GPL-3.0-or-later
 * csv: tables of any shape that a column map can describe.
 *
 * Meaning.  Without options: a long table with the header time (s), unit, cpu (cores), memory (bytes) and, where
 *           present, io_read, io_write, net_rx, net_tx (bytes per interval). layout=wide: one column of one resource
 *           per unit. A row stamped t is taken as usage over the interval that ends at t. Beside such tables, files
 *           named NAME.behaviour.csv hold behaviour (formats/behaviour_table.h), read with the same options.
 * Choice.   What cannot be read is an error that names file, row, column and text; bad=drop drops such rows and counts
 *           them instead. Order, duplicates and gaps are no errors: the sink sorts, and reports. An empty cell is a
 *           missing value; in a wide table it is no row, since there most units do not live all the time. A column that
 *           nearly has a usual name is an error: it must not silently become a missing resource.
 * Limits.   A wide file holds one resource. Negative usage is refused; add -1 to `missing` where it means missing. */
#include "almanac/importer.h"
#include "almanac/option.h"
#include "formats/behaviour_table.h"
#include "text/delimited.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIME, UNIT, VALUES, COLUMNS = VALUES + ALM_RESOURCES };
enum { LONG, WIDE };
enum { CPU_CORES, CPU_PERCENT, CPU_MILLICORES };
enum { MEMORY_PERCENT = 7 };
enum { IO_RATES = 5 };
enum { TIME_INDEX = ALM_TIME_DMY + 1 };

struct options {
    char column[COLUMNS][ALM_OPT_STRING];
    char separator[ALM_OPT_STRING], missing[ALM_OPT_STRING], origin[ALM_OPT_STRING], ignore[ALM_OPT_STRING];
    bool header, quotes, decimal_comma;
    int layout, resource, cpu_unit, memory_unit, io_unit, time_format, bad;
    double cores;
    int64_t memory_capacity;
    alm_time interval, offset;
};

#define COLUMN(i) offsetof(struct options, column) + (i)*ALM_OPT_STRING
#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"separator", ALM_OPT_TEXT, AT(separator), "auto", 0, 0, NULL,
     "auto, comma, semicolon, tab, space, or one other character"},
    {"header", ALM_OPT_BOOL, AT(header), "true", 0, 0, NULL, "the first row names the columns"},
    {"quotes", ALM_OPT_BOOL, AT(quotes), "true", 0, 0, NULL, "fields may be in double quotes"},
    {"layout", ALM_OPT_CHOICE, AT(layout), "long", 0, 0, "long|wide",
     "long: a row per unit and time; wide: a column per unit"},
    {"time", ALM_OPT_TEXT, COLUMN(TIME), "time", 0, 0, NULL, "column of the time, by name or number from 1"},
    {"unit", ALM_OPT_TEXT, COLUMN(UNIT), "unit", 0, 0, NULL,
     "column of the unit's name; none: the file is one unit, named after the file"},
    {"cpu", ALM_OPT_TEXT, COLUMN(VALUES + ALM_CPU), "cpu", 0, 0, NULL, "column of cpu usage, or none"},
    {"memory", ALM_OPT_TEXT, COLUMN(VALUES + ALM_MEMORY), "memory", 0, 0, NULL, "column of memory usage, or none"},
    {"io_read", ALM_OPT_TEXT, COLUMN(VALUES + ALM_IO_READ), "io_read", 0, 0, NULL, "column of bytes read, or none"},
    {"io_write", ALM_OPT_TEXT, COLUMN(VALUES + ALM_IO_WRITE), "io_write", 0, 0, NULL,
     "column of bytes written, or none"},
    {"net_rx", ALM_OPT_TEXT, COLUMN(VALUES + ALM_NET_RX), "net_rx", 0, 0, NULL, "column of bytes received, or none"},
    {"net_tx", ALM_OPT_TEXT, COLUMN(VALUES + ALM_NET_TX), "net_tx", 0, 0, NULL, "column of bytes sent, or none"},
    {"resource", ALM_OPT_CHOICE, AT(resource), "cpu", 0, 0, "cpu|memory|io_read|io_write|net_rx|net_tx",
     "what the columns of a wide table hold"},
    {"ignore", ALM_OPT_TEXT, AT(ignore), "", 0, 0, NULL, "columns of a wide table that are no units, a/b/c"},
    {"cpu_unit", ALM_OPT_CHOICE, AT(cpu_unit), "cores", 0, 0, "cores|percent|millicores",
     "unit of cpu; 100 percent are `cores`"},
    {"memory_unit", ALM_OPT_CHOICE, AT(memory_unit), "bytes", 0, 0, "bytes|kib|mib|gib|kb|mb|gb|percent",
     "unit of memory; 100 percent are `memory_capacity`"},
    {"io_unit", ALM_OPT_CHOICE, AT(io_unit), "bytes", 0, 0,
     "bytes|kib|mib|kb|mb|bytes_per_s|kib_per_s|mib_per_s|kb_per_s|mb_per_s",
     "unit of io and net: amounts per interval, or rates"},
    {"cores", ALM_OPT_CORES, AT(cores), "0", 0, 1e6, NULL, "capacity of each unit; 0: not known"},
    {"memory_capacity", ALM_OPT_BYTES, AT(memory_capacity), "0", 0, 1e15, NULL,
     "memory of each unit in bytes; 0: not known"},
    {"time_format", ALM_OPT_CHOICE, AT(time_format), "s", 0, 0, "s|ms|us|ns|iso8601|dmy|index",
     "of the time column; dmy: dd.mm.yyyy hh:mm:ss; index: no column, row number of the unit x interval"},
    {"interval", ALM_OPT_DURATION, AT(interval), "0s", 0, 31536000e9, NULL,
     "between rows; 0: the most frequent difference"},
    {"origin", ALM_OPT_TEXT, AT(origin), "", 0, 0, NULL, "what time 0 stands for, as 2013-08-12T00:00:00Z"},
    {"time_offset", ALM_OPT_DURATION, AT(offset), "0s", 0, 0, NULL, "added to every time"},
    {"decimal_comma", ALM_OPT_BOOL, AT(decimal_comma), "false", 0, 0, NULL, "numbers are written 1,5"},
    {"missing", ALM_OPT_TEXT, AT(missing), "-/NaN/nan/null/NA", 0, 0, NULL,
     "words that mean a missing value, a/b/c; an empty field always does"},
    {"bad", ALM_OPT_CHOICE, AT(bad), "error", 0, 0, "error|drop", "what to do with a row that cannot be read"},
    {0},
};

struct csv {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_batch *batch;
    struct alm_delimited *d;
    struct alm_reading reading;
    struct alm_missing missing;
    struct alm_header header;
    bool has_header;
    char separator, decimal;
    alm_time origin;
    double divisor[ALM_RESOURCES], factor[ALM_RESOURCES]; /* amount = value / divisor * factor */
    double cores, memory;
    struct alm_column_want want[COLUMNS];
    size_t least; /* fields that a row must have */
    char file_unit[ALM_FILE_NAME];
    uint32_t *wide; /* units of the columns, UINT32_MAX: none */
    bool behaviour; /* the file holds that, in these columns: */
    long column[ALM__TABLE_COLUMNS];
};

#define DROPPED 1

/* A row that cannot be read: an error, or a note and DROPPED. WHY is a static string. */
ALM_PRINTF(4, 5)
static int bad(struct csv *c, const char *why, struct alm_err *e, const char *format, ...)
{
    const char *path = alm_delimited_path(c->d);
    uint64_t row = alm_delimited_row(c->d);
    if (c->opt->bad) {
        alm_report_note(c->sink->report, true, why, "%s:%" PRIu64, path, row);
        return DROPPED;
    }
    char text[ALM_ERR_TEXT / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": %s", path, row, text);
}

/* "column `cpu`" or "column 3" into OUT. */
static const char *column_name(const struct csv *c, size_t index, char *out)
{
    char word[ALM_EXCERPT];
    if (c->has_header && index < c->header.count)
        snprintf(out, ALM_EXCERPT, "column %.160s",
                 alm_excerpt(c->header.name[index], strlen(c->header.name[index]), word));
    else
        snprintf(out, ALM_EXCERPT, "column %zu", index + 1);
    return out;
}

/* A number >= 0, as it is written; NaN when missing, infinite when too large. */
static int take_number(struct csv *c, const struct alm_field *f, size_t index, double *out, struct alm_err *e)
{
    char column[ALM_EXCERPT], word[ALM_EXCERPT];
    *out = NAN;
    if (alm_missing_is(&c->missing, f->at, f->size))
        return ALM_OK;
    double v;
    enum alm_number status = alm_number_parse(f->at, f->size, c->decimal, &v);
    if (status == ALM_NUMBER_OK && alm_missing_number(&c->missing, v))
        return ALM_OK;
    if (status == ALM_NUMBER_NONE)
        return bad(c, "not a number", e, "%s: %s is not a number%s", column_name(c, index, column),
                   alm_excerpt(f->at, f->size, word),
                   memchr(f->at, ',', f->size) && c->decimal == '.' ? "; is it a decimal comma? use decimal_comma=true"
                                                                    : "; a missing value is an empty field, or a word "
                                                                      "given by missing=, or use bad=drop");
    if (status == ALM_NUMBER_OK && v < 0)
        return bad(c, "negative usage", e,
                   "%s: %s is negative, and usage is at least 0; if it means missing, add it to missing=, or use "
                   "bad=drop",
                   column_name(c, index, column), alm_excerpt(f->at, f->size, word));
    *out = status == ALM_NUMBER_OK ? v : INFINITY;
    return ALM_OK;
}

/* The value of one field in the resource's own unit; NaN when missing. */
static int take_value(struct csv *c, const struct alm_field *f, size_t index, enum alm_resource r, double *out,
                      struct alm_err *e)
{
    char column[ALM_EXCERPT], word[ALM_EXCERPT];
    double v;
    int code = take_number(c, f, index, &v, e);
    if (code != ALM_OK)
        return code;
    double amount = v / c->divisor[r] * c->factor[r];
    if (amount * (r == ALM_CPU ? 1000 : 1) > (double)ALM_AMOUNT_MAX)
        return bad(
            c, "value too large", e,
            "%s: %s is too large to be believed (at most 1e11 cores or 1e14 bytes); is the unit right? (%s_unit=)",
            column_name(c, index, column), alm_excerpt(f->at, f->size, word),
            r == ALM_CPU      ? "cpu"
            : r == ALM_MEMORY ? "memory"
                              : "io");
    *out = amount;
    return ALM_OK;
}

static int take_time(struct csv *c, const struct alm_field *field, uint64_t *counter, alm_time *out, struct alm_err *e)
{
    const struct options *o = c->opt;
    char column[ALM_EXCERPT], word[ALM_EXCERPT];
    alm_time t = 0;
    enum alm_number status = ALM_NUMBER_OK;
    size_t index = c->want[TIME].index < 0 ? 0 : (size_t)c->want[TIME].index;
    const struct alm_field *f = &field[index];
    if (o->time_format == TIME_INDEX)
        status = __builtin_mul_overflow((alm_time)(*counter)++, o->interval, &t) ? ALM_NUMBER_LARGE : ALM_NUMBER_OK;
    else
        status = alm_instant_parse(f->at, f->size, (enum alm_time_format)o->time_format, c->decimal, &t);
    if (status == ALM_NUMBER_OK &&
        (__builtin_add_overflow(t, c->origin, &t) || __builtin_add_overflow(t, o->offset, &t)))
        status = ALM_NUMBER_LARGE;
    if (status == ALM_NUMBER_NONE)
        return bad(c, "time not understood", e,
                   "%s: %s is not a time in the format %s; use time_format=s|ms|us|ns|iso8601|dmy|index",
                   column_name(c, index, column), alm_excerpt(f->at, f->size, word),
                   (const char *[]){"s", "ms", "us", "ns", "iso8601", "dmy", "index"}[o->time_format]);
    if (status == ALM_NUMBER_LARGE)
        return bad(c, "time out of range", e,
                   "%s: %s is outside of the years 1678 to 2261; is it in ms, us or ns? use time_format=ms",
                   column_name(c, index, column), alm_excerpt(f->at, f->size, word));
    *out = t;
    return ALM_OK;
}

static int find_unit(struct csv *c, const char *name, size_t size, uint32_t *unit, uint64_t **counter,
                     struct alm_err *e)
{
    bool repaired = false;
    int code = alm_batch_unit(c->batch, name, size, c->cores, c->memory, unit, counter, &repaired, e);
    const char *path = alm_delimited_path(c->d);
    uint64_t row = alm_delimited_row(c->d);
    if (repaired)
        alm_report_note(c->sink->report, false, "name of a unit with unprintable bytes: written as \\xHH",
                        "%s:%" PRIu64, path, row);
    if (code == ALM_EDATA && c->opt->bad) {
        alm_report_note(c->sink->report, true, "name of a unit empty or too long", "%s:%" PRIu64, path, row);
        return DROPPED;
    }
    return code < 0 ? alm_fail_in(e, "%s:%" PRIu64, path, row) : ALM_OK;
}

static int short_row(struct csv *c, size_t count, struct alm_err *e)
{
    char column[ALM_EXCERPT];
    return bad(c, "too few fields", e, "the row has %zu fields and ends before %s; is it cut off?", count,
               column_name(c, c->least - 1, column));
}

static int take_long(struct csv *c, const struct alm_field *field, size_t count, struct alm_err *e)
{
    c->sink->report->read++;
    if (count < c->least)
        return short_row(c, count, e);
    struct alm_trace_row row;
    uint32_t unit = 0;
    uint64_t *counter = NULL;
    long at = c->want[UNIT].index;
    const char *name = at < 0 ? c->file_unit : field[at].at;
    int code = find_unit(c, name, at < 0 ? strlen(name) : field[at].size, &unit, &counter, e);
    if (code == ALM_OK)
        code = take_time(c, field, counter, &row.at, e);
    for (int r = 0; r < ALM_RESOURCES && code == ALM_OK; r++) {
        long index = c->want[VALUES + r].index;
        row.value[r] = NAN;
        if (index >= 0)
            code = take_value(c, &field[index], (size_t)index, (enum alm_resource)r, &row.value[r], e);
    }
    return code == ALM_OK ? alm_batch_add(c->batch, unit, &row, e) : code;
}

static int take_wide(struct csv *c, const struct alm_field *field, size_t count, struct alm_err *e)
{
    if (count < c->least) {
        c->sink->report->read++;
        return short_row(c, count, e);
    }
    enum alm_resource r = (enum alm_resource)c->opt->resource;
    struct alm_trace_row row;
    for (int i = 0; i < ALM_RESOURCES; i++)
        row.value[i] = NAN;
    uint64_t *counter = NULL;
    uint32_t unit;
    if (c->opt->time_format == TIME_INDEX)
        ALM_TRY(find_unit(c, c->file_unit, strlen(c->file_unit), &unit, &counter, e));
    int code = take_time(c, field, counter, &row.at, e);
    if (code != ALM_OK) {
        c->sink->report->read++;
        return code;
    }
    for (size_t i = 0; i < count && i < c->header.count; i++) {
        if (c->wide[i] == UINT32_MAX)
            continue;
        code = take_value(c, &field[i], i, r, &row.value[r], e);
        ALM_TRY(code);
        c->sink->report->read += code == DROPPED || !isnan(row.value[r]);
        if (code == ALM_OK && !isnan(row.value[r]))
            ALM_TRY(alm_batch_add(c->batch, c->wide[i], &row, e));
    }
    return ALM_OK;
}

/* The span of a record, of its column or the option `interval`. */
static int take_span(struct csv *c, const struct alm_field *field, alm_time *out, struct alm_err *e)
{
    long at = c->column[ALM__TABLE_SPAN];
    double seconds = alm_seconds(c->opt->interval);
    char word[ALM_EXCERPT];
    int code = at < 0 ? ALM_OK : take_number(c, &field[at], (size_t)at, &seconds, e);
    if (code != ALM_OK)
        return code;
    if (!(seconds >= 1e-9 && seconds <= 9e6))
        return bad(c, "span of a record out of range", e,
                   "column `span`: %s is not a length of time from 1e-9 to 9e6 seconds",
                   alm_excerpt(field[at].at, field[at].size, word));
    *out = (alm_time)nearbyint(seconds * 1e9);
    return ALM_OK;
}

/* The fields of a record; the sink sees to what else cannot be. */
static int take_fields(struct csv *c, const struct alm_field *field, double value[ALM_BEHAVIOUR_FIELDS],
                       struct alm_err *e)
{
    int code = ALM_OK;
    for (int f = 0; f < ALM_BEHAVIOUR_FIELDS && code == ALM_OK; f++) {
        char column[ALM_EXCERPT];
        long at = c->column[ALM__TABLE_FIELDS + f];
        if (at >= 0)
            code = take_number(c, &field[at], (size_t)at, &value[f], e);
        if (code == ALM_OK && isinf(value[f]))
            code = bad(c, "value too large", e, "%s: a number beyond 1e308", column_name(c, (size_t)at, column));
    }
    return code;
}

static int take_behaviour(struct csv *c, const struct alm_field *field, size_t count, struct alm_err *e)
{
    const long *column = c->column;
    struct alm_behaviour b = alm_behaviour_at(0, 0, 0, 0);
    c->sink->report->read++;
    if (count < c->least)
        return short_row(c, count, e);
    long at = column[ALM__TABLE_UNIT], function = column[ALM__TABLE_FUNCTION];
    const char *name = at < 0 ? c->file_unit : field[at].at;
    int code = find_unit(c, name, at < 0 ? strlen(name) : field[at].size, &b.unit, NULL, e);
    if (code == ALM_OK)
        code = take_time(c, field, NULL, &b.at, e);
    if (code == ALM_OK)
        code = take_span(c, field, &b.span, e);
    if (code == ALM_OK)
        code = take_fields(c, field, b.value, e);
    if (code != ALM_OK)
        return code;
    if (function >= 0)
        code = c->sink->function(c->sink, field[function].at, field[function].size, &b.function, e);
    if (code >= 0)
        code = c->sink->behaviour(c->sink, &b, 1, e);
    return code < 0 ? alm_fail_in(e, "%s:%" PRIu64, alm_delimited_path(c->d), alm_delimited_row(c->d)) : ALM_OK;
}

static int start_behaviour(struct csv *c, struct alm_err *e)
{
    const struct options *o = c->opt;
    const char *unit = strcmp(o->column[UNIT], "none") == 0 ? NULL : o->column[UNIT];
    if (!c->has_header || o->time_format == TIME_INDEX)
        return alm_fail(e, ALM_EINVAL, "%s: a table of behaviour has a header and times", alm_delimited_path(c->d));
    ALM_TRY(alm__behaviour_columns(c->d, &c->header, o->column[TIME], unit, c->column, &c->least, c->sink->report, e));
    c->want[TIME].index = c->column[ALM__TABLE_TIME];
    if (c->column[ALM__TABLE_SPAN] < 0 && o->interval == 0)
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": no column `span` (seconds); give it, or say interval=",
                        alm_delimited_path(c->d), alm_delimited_row(c->d));
    return ALM_OK;
}

/* Is NAME one of the words of LIST, separated by '/'? */
static bool listed(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = list; *p; p += strcspn(p, "/"), p += *p == '/')
        if (strcspn(p, "/") == n && strncmp(p, name, n) == 0)
            return true;
    return false;
}

static int start_wide(struct csv *c, struct alm_err *e)
{
    if (!c->has_header)
        return alm_fail(e, ALM_EINVAL, "layout=wide needs a header: the names of the units");
    c->wide = malloc(c->header.count * sizeof *c->wide);
    if (!c->wide)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu columns", c->header.count);
    size_t units = 0;
    for (size_t i = 0; i < c->header.count; i++) {
        const char *name = c->header.name[i];
        c->wide[i] = UINT32_MAX;
        if ((long)i == c->want[TIME].index || name[0] == '\0' || listed(c->opt->ignore, name))
            continue;
        int code = find_unit(c, name, strlen(name), &c->wide[i], NULL, e);
        ALM_TRY(code);
        c->wide[i] = code == ALM_OK ? c->wide[i] : UINT32_MAX;
        units += code == ALM_OK;
    }
    if (units == 0)
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": a wide table without a column for any unit",
                        alm_delimited_path(c->d), alm_delimited_row(c->d));
    return ALM_OK;
}

/* Tell which columns nobody asked for. */
static void report_unread(struct csv *c)
{
    char text[256], word[ALM_EXCERPT];
    size_t used = 0;
    for (size_t i = 0; c->has_header && i < c->header.count; i++) {
        bool read = false;
        for (size_t k = 0; k < COLUMNS; k++)
            read = read || c->want[k].index == (long)i;
        if (read || used > sizeof text - 80)
            continue;
        alm_excerpt(c->header.name[i], strlen(c->header.name[i]), word);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.60s", used ? ", " : "Columns not read: ", word);
    }
    if (used) {
        memcpy(text + used, ".", 2);
        alm_report_assume(c->sink->report, text);
    }
}

static int check_resources(struct csv *c, size_t fields, struct alm_err *e)
{
    char list[320];
    report_unread(c);
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (c->want[VALUES + r].index >= 0)
            return ALM_OK;
    if (!c->has_header)
        return alm_fail(e, ALM_EINVAL, "%s: without a header the %zu columns must be given by number: cpu=NUMBER, ...",
                        alm_delimited_path(c->d), fields);
    return alm_fail(e, ALM_EDATA,
                    "%s:%" PRIu64 ": no column of any resource; the header has %s; use cpu=NAME, memory=NAME, ...",
                    alm_delimited_path(c->d), alm_delimited_row(c->d), alm_header_list(&c->header, list, sizeof list));
}

/* Columns from the first record. */
static int start_columns(struct csv *c, const struct alm_field *field, size_t count, struct alm_err *e)
{
    const struct options *o = c->opt;
    c->has_header = o->header;
    if (c->has_header)
        ALM_TRY(alm_header_copy(field, count, &c->header, e));
    if (c->behaviour)
        return start_behaviour(c, e);
    bool wide = o->layout == WIDE;
    for (size_t i = 0; i < COLUMNS; i++) {
        const char *key = i == TIME ? "time" : i == UNIT ? "unit" : alm_resource_name((enum alm_resource)(i - VALUES));
        c->want[i] = (struct alm_column_want){key, o->column[i], false, -1};
    }
    c->want[TIME].needed = o->time_format != TIME_INDEX;
    if (!c->want[TIME].needed)
        c->want[TIME].value = "none";
    ALM_TRY(alm_columns_find(c->d, c->has_header ? &c->header : NULL, count, c->want, wide ? 1 : COLUMNS, e));
    c->least = 1;
    for (size_t i = 0; i < (wide ? 1 : COLUMNS); i++)
        if (c->want[i].index >= (long)c->least)
            c->least = (size_t)c->want[i].index + 1;
    return wide ? start_wide(c, e) : check_resources(c, count, e);
}

static int read_records(struct csv *c, struct alm_err *e)
{
    const struct alm_field *field;
    size_t count;
    int code = alm_delimited_next(c->d, &field, &count, e);
    ALM_TRY(code);
    if (code == ALM_END) {
        alm_report_note(c->sink->report, false, "empty file", "%s", alm_delimited_path(c->d));
        return ALM_OK;
    }
    ALM_TRY(start_columns(c, field, count, e));
    if (c->has_header && (code = alm_delimited_next(c->d, &field, &count, e)) == ALM_END)
        alm_report_note(c->sink->report, false, "a header without rows", "%s", alm_delimited_path(c->d));
    while (code == ALM_OK) {
        ALM_TRY(c->behaviour             ? take_behaviour(c, field, count, e)
                : c->opt->layout == WIDE ? take_wide(c, field, count, e)
                                         : take_long(c, field, count, e));
        ALM_TRY(alm_reading_step(&c->reading, c->d, e));
        code = alm_delimited_next(c->d, &field, &count, e);
    }
    ALM_TRY(code);
    return alm_batch_flush(c->batch, e);
}

static int read_file(struct csv *c, const char *path, struct alm_err *e)
{
    struct alm_delimited_config config = {.separator = c->separator, .quotes = c->opt->quotes};
    ALM_TRY(alm_delimited_open(path, &config, &c->d, e));
    c->behaviour = alm__behaviour_named(path, c->file_unit);
    int code = read_records(c, e);
    alm_reading_next_file(&c->reading, c->d);
    alm_delimited_close(c->d);
    alm_header_free(&c->header);
    free(c->wide);
    c->wide = NULL;
    c->sink->report->files++;
    return code;
}

static int parse_separator(const char *text, char *out, struct alm_err *e)
{
    static const struct {
        const char *word;
        char c;
    } known[] = {{"auto", 0}, {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"space", ' '}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(text, known[i].word) == 0) {
            *out = known[i].c;
            return ALM_OK;
        }
    if (strlen(text) != 1 || strchr("\"\r\n", text[0]))
        return alm_fail(e, ALM_EINVAL,
                        "separator=%.40s: write auto, comma, semicolon, tab, space, or one other character", text);
    *out = text[0];
    return ALM_OK;
}

/* Dividing first keeps 7 % at 0.07 cores. */
static void set_scales(struct csv *c)
{
    static const double memory_factor[] = {1, 1024, 1048576, 1073741824, 1e3, 1e6, 1e9};
    static const double io_factor[] = {1, 1024, 1048576, 1e3, 1e6};
    const struct options *o = c->opt;
    bool percent = o->memory_unit == MEMORY_PERCENT;
    c->divisor[ALM_CPU] = o->cpu_unit == CPU_MILLICORES ? 1000 : o->cpu_unit == CPU_PERCENT ? 100 : 1;
    c->factor[ALM_CPU] = o->cpu_unit == CPU_PERCENT && o->cores > 0 ? o->cores : 1;
    c->divisor[ALM_MEMORY] = percent ? 100 : 1;
    c->factor[ALM_MEMORY] = percent ? (double)o->memory_capacity : memory_factor[o->memory_unit];
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++) {
        c->divisor[r] = 1;
        c->factor[r] = io_factor[o->io_unit % IO_RATES] * (o->io_unit >= IO_RATES ? alm_seconds(o->interval) : 1);
    }
}

static int start(struct csv *c, struct alm_err *e)
{
    const struct options *o = c->opt;
    ALM_TRY(parse_separator(o->separator, &c->separator, e));
    ALM_TRY(alm_missing_parse(o->missing, &c->missing, e));
    c->decimal = o->decimal_comma ? ',' : '.';
    if (o->decimal_comma && c->separator == ',')
        return alm_fail(e, ALM_EINVAL, "decimal_comma=true and separator=comma exclude one another");
    if (o->origin[0] && alm_instant_parse(o->origin, strlen(o->origin), ALM_TIME_ISO, '.', &c->origin) != ALM_NUMBER_OK)
        return alm_fail(e, ALM_EINVAL, "origin=%.60s: write for example 2013-08-12T13:40:46Z", o->origin);
    bool rates = o->io_unit >= IO_RATES;
    if (o->interval == 0 && (rates || o->time_format == TIME_INDEX))
        return alm_fail(e, ALM_EINVAL, "%s needs interval=, for example interval=5m",
                        rates ? "a rate in io_unit" : "time_format=index");
    if (o->memory_unit == MEMORY_PERCENT && o->memory_capacity == 0)
        return alm_fail(e, ALM_EINVAL, "memory_unit=percent needs memory_capacity=, for example memory_capacity=16Gi");
    c->cores = o->cores > 0 ? o->cores : NAN;
    c->memory = o->memory_capacity > 0 ? (double)o->memory_capacity : NAN;
    if (o->cpu_unit == CPU_PERCENT && o->cores == 0)
        alm_report_assume(c->sink->report, "100 percent of cpu is taken as one core (cores=).");
    set_scales(c);
    if (o->interval > 0)
        ALM_TRY(c->sink->interval(c->sink, o->interval, e));
    return ALM_OK;
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct csv c = {.opt = opt, .sink = sink, .reading = alm_reading_start(sink, path, count)};
    ALM_TRY(start(&c, e));
    ALM_TRY(alm_batch_open(sink, &c.batch, e));
    int code = ALM_OK;
    for (size_t i = 0; i < count && code >= 0; i++)
        code = read_file(&c, path[i], e);
    alm_batch_close(c.batch);
    if (code >= 0 && sink->report->read == 0)
        return alm_fail(e, ALM_EDATA, "%s%s: no rows: %s", count ? path[0] : "", count > 1 ? " and the others" : "",
                        sink->report->reasons ? sink->report->reason[0].why : "no files were given");
    return code < 0 ? code : ALM_OK;
}

const struct alm_importer_ops alm_importer_csv = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "csv",
             .summary = "tables of usage, long or wide, with a map of columns, and of behaviour",
             .source = "RFC 4180; own",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
