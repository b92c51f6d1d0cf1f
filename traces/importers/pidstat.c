/* SPDX-License-Identifier: GPL-3.0-or-later
 * pidstat: usage of processes, `pidstat -h -u -r -d SECONDS`.
 *
 * Meaning.  A unit is a command (its processes add up), or with unit=process "command/pid". %CPU of 100 is one core, RSS
 *           is the memory, kB_rd/s and kB_wr/s times the interval are io. Columns go by the names in the `#` lines.
 * Choice.   Best with -H, which prints seconds since 1970. Else the date is that of the banner (month first, as the C
 *           locale has it, unless ISO) or date=, a time of day that goes back by more than half a day is of the next day, and times
 *           are taken as UTC. The interval of I/O is the distance to the stamp before; at the first it is not known (interval=).
 * Limits.   Without `-p ALL` pidstat leaves out processes that did nothing, and their memory with them. RSS counts a
 *           page once for each process that shares it. With -I, %CPU is a share of all processors: not to be told apart.
 * Source.   sysstat 12, pidstat(1). */
#include "almanac/importer.h"
#include "formats/monitor.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { UNIT_COMMAND, UNIT_PROCESS };

struct options {
    int unit, bad;
    char date[ALM_OPT_STRING];
    alm_time interval;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"unit", ALM_OPT_CHOICE, AT(unit), "command", 0, 0, "command|process", "what makes a unit"},
    {"date", ALM_OPT_TEXT, AT(date), NULL, 0, 0, NULL, "of the first row, 2026-11-22, where times have no date"},
    {"interval", ALM_OPT_DURATION, AT(interval), "0", 0, 31536000e9, NULL, "of a row; 0: the distance of stamps"},
    {"bad", ALM_OPT_CHOICE, AT(bad), "error", 0, 0, "error|drop", "what to do with a row that cannot be read"},
    {0},
};

enum { TIME, PID, CPU, RSS, READ, WRITE, COMMAND, COLUMNS };
static const char *const column_names[COLUMNS] = {"Time", "PID", "%CPU", "RSS", "kB_rd/s", "kB_wr/s", "Command"};

struct pidstat {
    struct alm_monitor m;
    const struct options *opt;
    const struct alm_field *field;
    size_t count;
    bool has_header;
    long column[COLUMNS];
    size_t shift;        /* 1 where "AM" or "PM" stands after the time */
    alm_time day;        /* midnight of the date, ALM_TIME_NONE when it is not known */
    alm_time at, before; /* of the newest row, and the stamp before it; ALM_TIME_NONE when there was none */
};

static int bad(struct pidstat *p, const char *why, struct alm_field text, struct alm_err *e)
{
    return alm_monitor_bad(&p->m, why, text, e);
}

/* ---- banner and header ---- */

/* 11/22/26 and 11/22/2026 with the month first, or ISO. */
static bool parse_date(const struct alm_field *f, alm_time *out)
{
    char iso[16];
    int month, day, year, n = 0;
    if (alm_instant_parse(f->at, f->size, ALM_TIME_ISO, '.', out) == ALM_NUMBER_OK)
        return true;
    if (f->size >= sizeof iso || f->size < 8)
        return false;
    memcpy(iso, f->at, f->size);
    iso[f->size] = '\0';
    if (sscanf(iso, "%2d/%2d/%4d%n", &month, &day, &year, &n) != 3 || n != (int)f->size)
        return false;
    if (month < 1 || day < 1 || year < 0)
        return false;
    char text[48];
    int size = snprintf(text, sizeof text, "%04d-%02d-%02d", year < 100 ? 2000 + year : year, month, day);
    return alm_instant_parse(text, (size_t)size, ALM_TIME_ISO, '.', out) == ALM_NUMBER_OK;
}

/* "Linux 6.1.0 (host) 	11/22/26 	_x86_64_	(2 CPU)". */
static void take_banner(struct pidstat *p)
{
    for (size_t i = 0; i < p->count && p->day == ALM_TIME_NONE; i++)
        if (parse_date(&p->field[i], &p->day))
            return;
}

static int take_header(struct pidstat *p, struct alm_err *e)
{
    struct alm_header h;
    ALM_TRY(alm_header_copy(p->field, p->count, &h, e));
    for (int i = 0; i < COLUMNS; i++) { /* the `#` is a column of its own */
        long at = alm_header_find(&h, column_names[i]);
        p->column[i] = at > 0 ? at - 1 : -1;
    }
    alm_header_free(&h);
    p->has_header = true;
    if (p->column[TIME] != 0 || p->column[PID] < 0 || p->column[COMMAND] < 0)
        return alm_fail(e, ALM_EDATA,
                        "%s:%" PRIu64 ": no columns `Time`, `PID` and `Command`: is this of pidstat -h, without -t?",
                        p->m.path, p->m.line);
    return ALM_OK;
}

/* ---- rows ---- */

static struct alm_field cell(const struct pidstat *p, int column)
{
    size_t i = (size_t)p->column[column] + p->shift;
    return p->column[column] >= 0 && i < p->count ? p->field[i] : (struct alm_field){"", 0};
}

static bool is(const struct alm_field *f, const char *word)
{
    return f->size == strlen(word) && memcmp(f->at, word, f->size) == 0;
}

/* "04:07:56", with AM or PM in the next field: a time of the day. */
static bool parse_clock(struct pidstat *p, alm_time *out)
{
    char text[48];
    alm_time t;
    bool am = p->count > 1 && is(&p->field[1], "AM"), pm = p->count > 1 && is(&p->field[1], "PM");
    p->shift = am || pm;
    if (p->field[0].size != 8)
        return false;
    int n = snprintf(text, sizeof text, "1970-01-01 %.8s", p->field[0].at);
    if (alm_instant_parse(text, (size_t)n, ALM_TIME_ISO, '.', &t) != ALM_NUMBER_OK)
        return false;
    if ((am || pm) && t / ALM_HOUR == 12)
        t -= 12 * ALM_HOUR;
    *out = pm ? t + 12 * ALM_HOUR : t;
    return true;
}

/* The stamp of a row, past midnight as often as need be. */
static bool find_time(struct pidstat *p, alm_time *out)
{
    alm_time clock;
    p->shift = 0;
    if (!memchr(p->field[0].at, ':', p->field[0].size))
        return alm_instant_parse(p->field[0].at, p->field[0].size, ALM_TIME_S, '.', out) == ALM_NUMBER_OK;
    if (!parse_clock(p, &clock))
        return false;
    if (p->day == ALM_TIME_NONE) {
        p->day = 0;
        alm_report_assume(p->m.sink->report, "No date is given (date=): times count from midnight.");
    } else {
        alm_report_assume(p->m.sink->report, "Times of the day are taken as UTC.");
    }
    if (__builtin_add_overflow(p->day, clock, out))
        return false;
    alm_time back;
    if (p->at == ALM_TIME_NONE || __builtin_sub_overflow(p->at, *out, &back) || back <= ALM_DAY / 2)
        return true;
    return !__builtin_add_overflow(p->day, ALM_DAY, &p->day) && !__builtin_add_overflow(p->day, clock, out);
}

/* A number, NaN where there is no such column or it is -1: not permitted. */
static int number(struct pidstat *p, int column, double *out, struct alm_err *e)
{
    struct alm_field f = cell(p, column);
    *out = (double)NAN;
    if (p->column[column] < 0)
        return ALM_OK;
    if (alm_number_parse(f.at, f.size, '.', out) != ALM_NUMBER_OK &&
        alm_number_parse(f.at, f.size, ',', out) != ALM_NUMBER_OK)
        return bad(p, "not a number, or the row is cut off", f, e);
    if (*out == -1)
        *out = (double)NAN;
    return ALM_OK;
}

/* The rest of the line from the command on. */
static struct alm_field command(const struct pidstat *p)
{
    struct alm_field first = cell(p, COMMAND);
    const struct alm_field *last = &p->field[p->count - 1];
    if (first.size > 0)
        first.size = (size_t)(last->at + last->size - first.at);
    return first;
}

static int find_unit(struct pidstat *p, uint32_t *unit, struct alm_err *e)
{
    char text[2 * ALM_UNIT_NAME];
    struct alm_field name = command(p), pid = cell(p, PID);
    bool process = p->opt->unit == UNIT_PROCESS;
    if (name.size == 0 || (process && pid.size == 0))
        return bad(p, "the row ends before the command", p->field[p->count - 1], e);
    if (name.size >= ALM_UNIT_NAME - 24) { /* -l prints arguments, too */
        name.size = cell(p, COMMAND).size;
        alm_monitor_note(&p->m, false, "a command line too long for a name: its first word is taken");
    }
    if (!process)
        return alm_monitor_unit(&p->m, name, (double)NAN, (double)NAN, unit, e);
    int n = snprintf(text, sizeof text, "%.*s/%.*s", (int)(name.size < 200 ? name.size : 200), name.at,
                     (int)(pid.size < 20 ? pid.size : 20), pid.at);
    return alm_monitor_unit(&p->m, (struct alm_field){text, (size_t)n}, (double)NAN, (double)NAN, unit, e);
}

static int put_io(struct pidstat *p, uint32_t unit, int column, enum alm_resource r, struct alm_err *e)
{
    double rate;
    alm_time span = p->opt->interval;
    int code = number(p, column, &rate, e);
    if (code != ALM_OK || isnan(rate))
        return code;
    if (span == 0 && p->before == ALM_TIME_NONE) {
        alm_monitor_note(&p->m, false, "the first sample: over how long its I/O was is not known (interval=)");
        return ALM_OK;
    }
    if (span == 0 && (__builtin_sub_overflow(p->at, p->before, &span) || span < 0))
        return ALM_OK;
    return alm_monitor_put(&p->m, unit, p->at, r, rate * 1024 * alm_seconds(span), true, e);
}

static int put_values(struct pidstat *p, uint32_t unit, struct alm_err *e)
{
    double cpu, rss;
    int code = number(p, CPU, &cpu, e);
    if (code == ALM_OK)
        code = number(p, RSS, &rss, e);
    if (code == ALM_OK && !isnan(cpu))
        code = alm_monitor_put(&p->m, unit, p->at, ALM_CPU, cpu / 100, true, e);
    if (code == ALM_OK && !isnan(rss))
        code = alm_monitor_put(&p->m, unit, p->at, ALM_MEMORY, rss * 1024, true, e);
    if (code == ALM_OK)
        code = put_io(p, unit, READ, ALM_IO_READ, e);
    return code == ALM_OK ? put_io(p, unit, WRITE, ALM_IO_WRITE, e) : code;
}

static int take_row(struct pidstat *p, struct alm_err *e)
{
    alm_time at;
    uint32_t unit;
    if (!p->has_header)
        return bad(p, "no line `# Time ... Command` before it; use pidstat -h", p->field[0], e);
    if (!find_time(p, &at))
        return bad(p, "not a time", p->field[0], e);
    if (p->at != at) {
        p->before = p->at;
        p->at = at;
    }
    int code = find_unit(p, &unit, e);
    return code == ALM_OK ? put_values(p, unit, e) : code;
}

static int take_line(struct pidstat *p, struct alm_err *e)
{
    if (is(&p->field[0], "Linux")) {
        take_banner(p);
        return ALM_OK;
    }
    if (is(&p->field[0], "#"))
        return take_header(p, e);
    if (is(&p->field[0], "Average:"))
        return ALM_OK;
    p->m.sink->report->read++;
    return take_row(p, e);
}

static int read_file(struct alm_monitor *m, const char *path, struct alm_err *e)
{
    struct pidstat *p = (struct pidstat *)m;
    const struct alm_delimited_config config = {.separator = ' '};
    const struct alm_field date = {p->opt->date, strlen(p->opt->date)};
    struct alm_delimited *d;
    p->has_header = false;
    p->at = p->before = p->day = ALM_TIME_NONE;
    if (date.size > 0 && !parse_date(&date, &p->day))
        return alm_fail(e, ALM_EINVAL, "date=%.40s: write for example 2026-11-22", p->opt->date);
    ALM_TRY(alm_delimited_open(path, &config, &d, e));
    int code = ALM_OK;
    while (code >= 0 && (code = alm_delimited_next(d, &p->field, &p->count, e)) == ALM_OK) {
        m->line = alm_delimited_row(d);
        code = alm_reading_step(&m->reading, d, e);
        if (code >= 0)
            code = take_line(p, e);
    }
    m->sink->report->files++;
    alm_reading_next_file(&m->reading, d);
    alm_delimited_close(d);
    return code < 0 ? code : ALM_OK;
}

static int run(const void *opt, const char *const *path, size_t paths, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct pidstat p = {.m = {.sink = sink, .drop = o->bad, .read = read_file}, .opt = o};
    return alm_monitor_run(&p.m, path, paths, e);
}

const struct alm_importer_ops alm_importer_pidstat = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "pidstat",
             .summary = "usage of processes by pidstat -h -u -r -d",
             .source = "sysstat 12, pidstat(1)",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
