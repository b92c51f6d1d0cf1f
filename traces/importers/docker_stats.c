/* SPDX-License-Identifier: GPL-3.0-or-later
 * docker-stats: lines of `docker stats --format json`, or of the Docker API's stats of a container.
 *
 * Meaning.  A unit is a container. The CLI prints CPUPerc (100 % is one core), MemUsage "used / limit", and NetIO and
 *           BlockIO "in / out" since the start; the API counts nanoseconds and bytes. Counters become rates; memory is
 *           use without inactive files, as the CLI computes it; the limit is the capacity.
 * Choice.   Read line by line, from the first brace: a terminal's control codes before it are skipped, and what `ts '%s'`
 *           or `ts -s '%Y-%m-%dT%H:%M:%S'` puts there is the time. Else the time is the member `read`, `time` or `timestamp`; else
 *           lines count as samples interval= apart: a name that comes again begins the next.
 * Limits.   The CLI prints bytes with three digits, so differences are coarse: the report says so. CPUPerc is the mean
 *           of about a second before the line.
 * Source.   Docker Engine API v1.41, ContainerStats; docker/cli, cli/command/container/formatter_stats.go. */
#include "almanac/importer.h"
#include "formats/monitor.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct options {
    alm_time interval;
    int bad;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"interval", ALM_OPT_DURATION, AT(interval), "0", 0, 31536000e9, NULL,
     "between samples, where lines have no time (the CLI prints none)"},
    {"bad", ALM_OPT_CHOICE, AT(bad), "error", 0, 0, "error|drop", "what to do with a line that cannot be read"},
    {0},
};

struct docker {
    struct alm_monitor m;
    const struct options *opt;
    uint64_t sample;        /* for lines without time: its number, from 1 */
    struct alm_names *seen; /* names of this sample */
};

/* ---- text of the CLI ---- */

/* "12.3MiB": decimal or binary; false when it is no such thing. */
static bool parse_bytes(struct alm_field f, double *out)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {{"B", 1},
                 {"kB", 1e3},
                 {"KB", 1e3},
                 {"MB", 1e6},
                 {"GB", 1e9},
                 {"TB", 1e12},
                 {"KiB", 1024},
                 {"kiB", 1024},
                 {"MiB", 1048576.0},
                 {"GiB", 1073741824.0},
                 {"TiB", 1099511627776.0}};
    size_t n = 0;
    while (n < f.size && ((f.at[n] >= '0' && f.at[n] <= '9') || f.at[n] == '.' || f.at[n] == '+'))
        n++;
    if (n > 0 && f.at[n - 1] == '+')
        return false;
    const struct alm_field unit = {f.at + n, f.size - n};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (unit.size == strlen(units[i].unit) && memcmp(unit.at, units[i].unit, unit.size) == 0 &&
            alm_number_parse(f.at, n, '.', out) == ALM_NUMBER_OK) {
            *out *= units[i].factor;
            return true;
        }
    return false;
}

/* The two sides of "a / b"; false without a slash. */
static bool split(struct alm_field text, struct alm_field side[2])
{
    const char *slash = memchr(text.at, '/', text.size);
    if (!slash)
        return false;
    side[0] = (struct alm_field){text.at, (size_t)(slash - text.at)};
    side[1] = (struct alm_field){slash + 1, text.size - side[0].size - 1};
    for (int i = 0; i < 2; i++) {
        while (side[i].size > 0 && side[i].at[0] == ' ')
            side[i] = (struct alm_field){side[i].at + 1, side[i].size - 1};
        while (side[i].size > 0 && side[i].at[side[i].size - 1] == ' ')
            side[i].size--;
    }
    return true;
}

/* "--" is printed for a container that does not run; an absent member is nothing either. */
static bool is_nothing(struct alm_field f)
{
    return f.size == 0 || (f.size >= 2 && memcmp(f.at, "--", 2) == 0);
}

static int count(struct docker *d, uint32_t unit, const char *key, alm_time at, enum alm_resource r, double reading,
                 struct alm_err *e)
{
    struct alm_counter *counter;
    ALM_TRY(alm_monitor_counter(&d->m, unit, key, &counter, e));
    return alm_monitor_count(&d->m, counter, unit, at, r, reading, e);
}

static int take_pair(struct docker *d, const json_t *line, const char *key, uint32_t unit, alm_time at,
                     enum alm_resource first, struct alm_err *e)
{
    struct alm_field text = alm_json_text(line, key), side[2];
    double v;
    if (is_nothing(text))
        return ALM_OK;
    if (!split(text, side))
        return alm_monitor_bad(&d->m, "not two amounts \"1.2kB / 3.4MB\"", text, e);
    for (int i = 0; i < 2; i++) {
        enum alm_resource r = (enum alm_resource)((int)first + i);
        if (!is_nothing(side[i]) && !parse_bytes(side[i], &v))
            return alm_monitor_bad(&d->m, "not two amounts \"1.2kB / 3.4MB\"", text, e);
        if (!is_nothing(side[i]))
            ALM_TRY(count(d, unit, alm_resource_name(r), at, r, v, e));
    }
    alm_report_assume(d->m.sink->report,
                      "Bytes of NetIO and BlockIO are printed with three digits: differences of small "
                      "amounts are lost.");
    return ALM_OK;
}

static int take_printed(struct docker *d, const json_t *line, struct alm_field name, alm_time at, struct alm_err *e)
{
    struct alm_field cpu = alm_json_text(line, "CPUPerc"), memory = alm_json_text(line, "MemUsage"), side[2] = {{0}};
    double v = (double)NAN, limit = (double)NAN;
    uint32_t unit;
    if (!is_nothing(memory) && (!split(memory, side) || (!is_nothing(side[0]) && !parse_bytes(side[0], &v)) ||
                                (!is_nothing(side[1]) && !parse_bytes(side[1], &limit))))
        return alm_monitor_bad(&d->m, "not use and limit \"12MiB / 2GiB\"", memory, e);
    int code = alm_monitor_unit(&d->m, name, (double)NAN, limit > 0 ? limit : (double)NAN, &unit, e);
    if (code != ALM_OK)
        return code;
    if (is_nothing(cpu)) { /* not running: it prints 0 of everything */
        alm_monitor_note(&d->m, true, "a container that does not run");
        return ALM_OK;
    }
    if (!isnan(v))
        ALM_TRY(alm_monitor_put(&d->m, unit, at, ALM_MEMORY, v, false, e));
    if (cpu.at[cpu.size - 1] != '%' || alm_number_parse(cpu.at, cpu.size - 1, '.', &v) != ALM_NUMBER_OK)
        return alm_monitor_bad(&d->m, "not a percentage \"1.5%\"", cpu, e);
    ALM_TRY(alm_monitor_put(&d->m, unit, at, ALM_CPU, v / 100, false, e));
    ALM_TRY(take_pair(d, line, "NetIO", unit, at, ALM_NET_RX, e));
    return take_pair(d, line, "BlockIO", unit, at, ALM_IO_READ, e);
}

/* ---- counters of the API ---- */

static int take_interfaces(struct docker *d, const json_t *line, uint32_t unit, alm_time at, struct alm_err *e)
{
    const char *name;
    json_t *interface;
    json_object_foreach(json_object_get(line, "networks"), name, interface)
    {
        static const char *const key[] = {"rx_bytes", "tx_bytes"};
        for (int i = 0; i < 2; i++) {
            char text[128];
            double v;
            if (alm_json_number(json_object_get(interface, key[i]), &v) != ALM_NUMBER_OK)
                continue;
            snprintf(text, sizeof text, "%s %.100s", key[i], name);
            ALM_TRY(count(d, unit, text, at, (enum alm_resource)(ALM_NET_RX + i), v, e));
        }
    }
    return ALM_OK;
}

static int take_devices(struct docker *d, const json_t *line, uint32_t unit, alm_time at, struct alm_err *e)
{
    size_t i;
    json_t *entry;
    json_array_foreach(alm_json_at(line, "blkio_stats.io_service_bytes_recursive"), i, entry)
    {
        const struct alm_field op = alm_json_text(entry, "op");
        bool reads = op.size == 4 && strncasecmp(op.at, "read", 4) == 0;
        bool writes = op.size == 5 && strncasecmp(op.at, "write", 5) == 0;
        char key[96];
        double v;
        if ((!reads && !writes) || alm_json_number(json_object_get(entry, "value"), &v) != ALM_NUMBER_OK)
            continue;
        snprintf(key, sizeof key, "%c %" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT, reads ? 'r' : 'w',
                 json_integer_value(json_object_get(entry, "major")),
                 json_integer_value(json_object_get(entry, "minor")));
        ALM_TRY(count(d, unit, key, at, reads ? ALM_IO_READ : ALM_IO_WRITE, v, e));
    }
    return ALM_OK;
}

static int take_memory(struct docker *d, const json_t *stats, uint32_t unit, alm_time at, struct alm_err *e)
{
    double used, files;
    if (alm_json_number(json_object_get(stats, "usage"), &used) != ALM_NUMBER_OK)
        return ALM_OK;
    const json_t *inactive = alm_json_at(stats, "stats.total_inactive_file"); /* version 1 of control groups, or 2 */
    if (!inactive)
        inactive = alm_json_at(stats, "stats.inactive_file");
    if (alm_json_number(inactive, &files) == ALM_NUMBER_OK && files >= 0 && files < used)
        used -= files;
    return alm_monitor_put(&d->m, unit, at, ALM_MEMORY, used, false, e);
}

static int take_counted(struct docker *d, const json_t *line, struct alm_field name, alm_time at, struct alm_err *e)
{
    const json_t *memory = json_object_get(line, "memory_stats");
    double limit, busy;
    uint32_t unit;
    bool limited =
        alm_json_number(json_object_get(memory, "limit"), &limit) == ALM_NUMBER_OK && limit > 0 && limit < 1e15;
    int code = alm_monitor_unit(&d->m, name, (double)NAN, limited ? limit : (double)NAN, &unit, e);
    if (code != ALM_OK)
        return code;
    if (alm_json_number(alm_json_at(line, "cpu_stats.cpu_usage.total_usage"), &busy) == ALM_NUMBER_OK)
        ALM_TRY(count(d, unit, "cpu", at, ALM_CPU, busy / 1e9, e));
    ALM_TRY(take_memory(d, memory, unit, at, e));
    ALM_TRY(take_interfaces(d, line, unit, at, e));
    return take_devices(d, line, unit, at, e);
}

/* ---- lines ---- */

static struct alm_field find_name(const json_t *line)
{
    static const char *const keys[] = {"Name", "name", "Container", "ID", "id"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct alm_field name = alm_json_text(line, keys[i]);
        if (name.size > 1 && name.at[0] == '/') /* the API puts the name of the daemon's root before it */
            name = (struct alm_field){name.at + 1, name.size - 1};
        if (name.size > 0)
            return name;
    }
    return (struct alm_field){"", 0};
}

/* The next sample begins when a name comes again. */
static int count_sample(struct docker *d, struct alm_field name, alm_time *at, struct alm_err *e)
{
    uint32_t before = alm_names_count(d->seen), number;
    ALM_TRY(alm_names_add(d->seen, name.at, name.size, &number, e));
    if (number < before || d->sample == 0) {
        alm_names_close(d->seen);
        d->seen = NULL;
        ALM_TRY(alm_names_open(&d->seen, e));
        ALM_TRY(alm_names_add(d->seen, name.at, name.size, &number, e));
        d->sample++;
    }
    if (__builtin_mul_overflow((alm_time)d->sample, d->opt->interval, at))
        return alm_monitor_bad(&d->m, "too many samples for this interval", name, e);
    alm_report_assume(d->m.sink->report, "Lines have no time: samples are taken as interval= apart, from zero.");
    return ALM_OK;
}

/* The time of a line: what stands before it, or a member, or its number. */
static int find_time(struct docker *d, struct alm_field before, const json_t *line, struct alm_field name, alm_time *at,
                     struct alm_err *e)
{
    static const char *const keys[] = {"read", "time", "timestamp"};
    while (before.size > 0 && (before.at[before.size - 1] == ' ' || before.at[before.size - 1] == '\t'))
        before.size--;
    for (int format = 0; format < 2 && before.size > 0; format++)
        if (alm_instant_parse(before.at, before.size, format ? ALM_TIME_ISO : ALM_TIME_S, '.', at) == ALM_NUMBER_OK)
            return ALM_OK;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *value = json_object_get(line, keys[i]);
        if (!value)
            continue;
        if (alm_json_time(value, json_is_string(value) ? ALM_TIME_ISO : ALM_TIME_S, at) == ALM_NUMBER_OK)
            return ALM_OK;
        if (json_is_string(value) && strncmp(json_string_value(value), "0001-", 5) == 0) {
            alm_monitor_note(&d->m, true, "a container that does not run");
            return ALM_NOT_YET;
        }
        return alm_monitor_bad_json(&d->m, "not a time", value, e);
    }
    if (d->opt->interval > 0)
        return count_sample(d, name, at, e);
    return alm_fail(e, ALM_EDATA,
                    "%s:%" PRIu64
                    ": the line has no time: none before it, and no member `read`, `time` or `timestamp`; "
                    "say how far apart samples are, interval=5s",
                    d->m.path, d->m.line);
}

static int take_line(struct docker *d, struct alm_field before, const json_t *line, struct alm_err *e)
{
    struct alm_field name = find_name(line);
    alm_time at;
    if (name.size == 0)
        return alm_monitor_bad_json(&d->m, "no member `Name`, `name` or `ID` of a container", line, e);
    int code = find_time(d, before, line, name, &at, e);
    if (code != ALM_OK)
        return code;
    return json_object_get(line, "cpu_stats") ? take_counted(d, line, name, at, e)
           : json_object_get(line, "CPUPerc") ? take_printed(d, line, name, at, e)
                                              : alm_monitor_bad_json(&d->m,
                                                                     "neither `CPUPerc` nor `cpu_stats`: not a "
                                                                     "line of docker stats",
                                                                     line, e);
}

static int parse_line(struct docker *d, struct alm_field text, struct alm_err *e)
{
    const char *open = memchr(text.at, '{', text.size), *close = memrchr(text.at, '}', text.size);
    if (!open && text.at[0] == '\033') /* only a control code */
        return ALM_OK;
    if (!open || !close || close < open)
        return alm_monitor_bad(&d->m, "not a line of JSON; use --format json", text, e);
    json_error_t error;
    json_t *line = json_loadb(open, (size_t)(close + 1 - open), 0, &error);
    if (!line)
        return alm_monitor_bad(&d->m, "not a line of JSON; use --format json", text, e);
    int code = take_line(d, (struct alm_field){text.at, (size_t)(open - text.at)}, line, e);
    json_decref(line);
    return code;
}

static int read_file(struct alm_monitor *m, const char *path, struct alm_err *e)
{
    struct docker *d = (struct docker *)m;
    const struct alm_delimited_config config = {.separator = '\001'};
    const struct alm_field *field;
    struct alm_delimited *lines;
    size_t fields;
    ALM_TRY(alm_delimited_open(path, &config, &lines, e));
    int code = ALM_OK;
    while (code >= 0 && (code = alm_delimited_next(lines, &field, &fields, e)) == ALM_OK) {
        m->line = alm_delimited_row(lines);
        m->sink->report->read++;
        code = alm_reading_step(&m->reading, lines, e);
        if (code >= 0)
            code = parse_line(d, field[0], e);
    }
    m->sink->report->files++;
    alm_reading_next_file(&m->reading, lines);
    alm_delimited_close(lines);
    return code < 0 ? code : ALM_OK;
}

static int run(const void *opt, const char *const *path, size_t paths, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct docker d = {.m = {.sink = sink, .drop = o->bad, .read = read_file}, .opt = o};
    int code = alm_names_open(&d.seen, e);
    if (code >= 0)
        code = alm_monitor_run(&d.m, path, paths, e);
    alm_names_close(d.seen);
    return code;
}

const struct alm_importer_ops alm_importer_docker_stats = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "docker-stats",
             .summary = "lines of docker stats in JSON, of the command line or the API",
             .source = "Docker Engine API v1.41; docker/cli",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
