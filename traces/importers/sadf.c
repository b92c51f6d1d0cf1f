/* SPDX-License-Identifier: GPL-3.0-or-later
 * sadf: what sysstat recorded of whole machines, as `sadf -j` (JSON) or `sadf -d` (CSV with `#` header lines).
 *
 * Meaning.  A unit is a host. cpu = (100 - idle - iowait - steal) percent of all processors; memory is kbmemused; io is
 *           what `sar -b` counts, network the sum over interfaces. Rates times the interval of the row, which ends at its
 *           stamp. Tables of one host meet by time, whichever file they are in.
 * Choice.   Disks are not added up, since a volume and the disk below it count the same bytes: `-b` does that right;
 *           io=devices adds the `-d` table where there is no other. CSV does not say how many processors there are but in
 *           a LINUX-RESTART line: cores= where it has none. The figures of single processors are left out.
 * Limits.   Times without UTC or an epoch (-t, -T) are taken as UTC. `sadf -h` is refused: its columns repeat without
 *           names. kbmemused includes cache in sysstat before 11.7.
 * Source.   sysstat 12, sadf(1), sar(1); sadf_misc.c. */
#include "almanac/importer.h"
#include "formats/monitor.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IO_TOTAL, IO_DEVICES };

struct options {
    char ignore[ALM_OPT_STRING];
    double cores;
    int io, bad;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"cores", ALM_OPT_CORES, AT(cores), "0", 0, 1e6, NULL, "of a host, where the data do not say it"},
    {"io", ALM_OPT_CHOICE, AT(io), "total", 0, 0, "total|devices", "bytes of all devices (-b), or the sum of -d"},
    {"ignore", ALM_OPT_TEXT, AT(ignore), "lo", 0, 0, NULL, "interfaces that are not counted, a/b"},
    {"bad", ALM_OPT_CHOICE, AT(bad), "error", 0, 0, "error|drop", "what to do with a row that cannot be read"},
    {0},
};

/* Columns of CSV, by their names in the versions of sysstat. */
enum {
    INTERVAL,
    STAMP,
    CPU,
    IDLE,
    IOWAIT,
    STEAL,
    USED,
    BREAD,
    BWRITTEN,
    DEVICE,
    READ_KB,
    WRITE_KB,
    READ_SECTORS,
    WRITE_SECTORS,
    INTERFACE,
    RX_KB,
    TX_KB,
    COLUMNS
};
static const char *const column_names[COLUMNS] = {"interval",  "timestamp", "CPU",     "%idle",  "%iowait", "%steal",
                                                  "kbmemused", "bread/s",   "bwrtn/s", "DEV",    "rkB/s",   "wkB/s",
                                                  "rd_sec/s",  "wr_sec/s",  "IFACE",   "rxkB/s", "txkB/s"};

struct sadf {
    struct alm_monitor m;
    const struct options *opt;
    double *cores; /* of each unit, from LINUX-RESTART; 0: not known */
    size_t cores_room;
    bool has_header;
    long column[COLUMNS];
    const struct alm_field *field;
    size_t count;
};

/* Where a row belongs. */
struct place {
    uint32_t unit;
    alm_time at;
    double seconds; /* of its interval */
};

static bool listed(const char *list, const char *name, size_t size)
{
    for (const char *p = list; *p; p += strcspn(p, "/"), p += *p == '/')
        if (strcspn(p, "/") == size && memcmp(p, name, size) == 0)
            return true;
    return false;
}

static int put_cpu(struct sadf *s, const struct place *p, double idle_percent, double cores, struct alm_err *e)
{
    if (cores == 0 && s->cores_room > p->unit)
        cores = s->cores[p->unit];
    if (cores == 0)
        cores = s->opt->cores;
    if (cores == 0) {
        cores = 1;
        alm_report_assume(s->m.sink->report, "100 percent of cpu is taken as one core (cores=).");
    }
    double busy = (100 - idle_percent) / 100;
    if (busy < 0 && busy > -0.001) /* three rounded figures may sum to a little over 100 */
        busy = 0;
    return alm_monitor_put(&s->m, p->unit, p->at, ALM_CPU, busy * cores, false, e);
}

static int put_rate(struct sadf *s, const struct place *p, enum alm_resource r, double rate, bool add,
                    struct alm_err *e)
{
    return isnan(rate) ? ALM_OK : alm_monitor_put(&s->m, p->unit, p->at, r, rate * p->seconds, add, e);
}

/* "2026-11-22 04:07:53 UTC", without zone, or seconds since 1970. */
static bool parse_stamp(struct sadf *s, struct alm_field f, alm_time *out)
{
    if (f.size > 4 && memcmp(f.at + f.size - 4, " UTC", 4) == 0)
        return alm_instant_parse(f.at, f.size - 4, ALM_TIME_ISO, '.', out) == ALM_NUMBER_OK;
    if (alm_instant_parse(f.at, f.size, ALM_TIME_S, '.', out) == ALM_NUMBER_OK)
        return true;
    alm_report_assume(s->m.sink->report, "Times without a zone are taken as UTC.");
    return alm_instant_parse(f.at, f.size, ALM_TIME_ISO, '.', out) == ALM_NUMBER_OK;
}

/* ---- CSV ---- */

static int take_header(struct sadf *s, struct alm_err *e)
{
    struct alm_header h;
    ALM_TRY(alm_header_copy(s->field, s->count, &h, e));
    s->has_header = true;
    bool repeats = false;
    for (size_t i = 0; i < h.count; i++)
        repeats = repeats || strstr(h.name[i], "[...]");
    for (int i = 0; i < COLUMNS; i++)
        s->column[i] = alm_header_find(&h, column_names[i]);
    alm_header_free(&h);
    if (repeats)
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": lines of `sadf -h` repeat columns without names; leave out -h",
                        s->m.path, s->m.line);
    if (s->column[INTERVAL] < 0 || s->column[STAMP] < 0)
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": no columns `interval` and `timestamp`: is this of sadf -d?",
                        s->m.path, s->m.line);
    return ALM_OK;
}

static struct alm_field cell(const struct sadf *s, int column)
{
    long i = s->column[column];
    return i >= 0 && (size_t)i < s->count ? s->field[i] : (struct alm_field){"", 0};
}

/* NaN where there is no such column; ALM_NOT_YET when the row is bad. */
static int number(struct sadf *s, int column, double *out, struct alm_err *e)
{
    struct alm_field f = cell(s, column);
    *out = (double)NAN;
    if (s->column[column] < 0)
        return ALM_OK;
    if (alm_number_parse(f.at, f.size, '.', out) == ALM_NUMBER_OK ||
        alm_number_parse(f.at, f.size, ',', out) == ALM_NUMBER_OK)
        return ALM_OK;
    *out = (double)NAN;
    return alm_monitor_bad(&s->m, "not a number, or the row is cut off", f, e);
}

static int numbers(struct sadf *s, const int *columns, size_t n, double *out, struct alm_err *e)
{
    for (size_t i = 0; i < n; i++) {
        int code = number(s, columns[i], &out[i], e);
        if (code != ALM_OK)
            return code;
    }
    return ALM_OK;
}

static double or_zero(double v)
{
    return isnan(v) ? 0 : v;
}

static int take_cpu(struct sadf *s, const struct place *p, struct alm_err *e)
{
    static const int columns[] = {IDLE, IOWAIT, STEAL};
    struct alm_field cpu = cell(s, CPU);
    double v[3];
    if (!(cpu.size == 2 && memcmp(cpu.at, "-1", 2) == 0) && !(cpu.size == 3 && memcmp(cpu.at, "all", 3) == 0))
        return ALM_OK;
    int code = numbers(s, columns, 3, v, e);
    return code == ALM_OK ? put_cpu(s, p, v[0] + or_zero(v[1]) + or_zero(v[2]), 0, e) : code;
}

static int take_io(struct sadf *s, const struct place *p, struct alm_err *e)
{
    static const int columns[] = {BREAD, BWRITTEN};
    double v[2];
    int code = s->opt->io == IO_TOTAL ? numbers(s, columns, 2, v, e) : ALM_NOT_YET;
    for (int i = 0; i < 2 && code == ALM_OK; i++)
        code = put_rate(s, p, i ? ALM_IO_WRITE : ALM_IO_READ, v[i] * 512, false, e);
    return code;
}

static int take_device(struct sadf *s, const struct place *p, struct alm_err *e)
{
    static const int columns[] = {READ_KB, WRITE_KB, READ_SECTORS, WRITE_SECTORS};
    double v[4];
    if (s->opt->io == IO_TOTAL) {
        alm_monitor_note(&s->m, true, "figures of a single disk; say io=devices to add them up");
        return ALM_OK;
    }
    int code = numbers(s, columns, 4, v, e);
    for (int i = 0; i < 2 && code == ALM_OK; i++)
        code = put_rate(s, p, i ? ALM_IO_WRITE : ALM_IO_READ, isnan(v[i]) ? v[i + 2] * 512 : v[i] * 1024, true, e);
    return code;
}

static int take_interface(struct sadf *s, const struct place *p, struct alm_err *e)
{
    static const int columns[] = {RX_KB, TX_KB};
    struct alm_field name = cell(s, INTERFACE);
    double v[2];
    if (listed(s->opt->ignore, name.at, name.size))
        return ALM_OK;
    int code = numbers(s, columns, 2, v, e);
    for (int i = 0; i < 2 && code == ALM_OK; i++)
        code = put_rate(s, p, i ? ALM_NET_TX : ALM_NET_RX, v[i] * 1024, true, e);
    return code;
}

static int take_memory(struct sadf *s, const struct place *p, struct alm_err *e)
{
    double v;
    int code = number(s, USED, &v, e);
    return code == ALM_OK ? alm_monitor_put(&s->m, p->unit, p->at, ALM_MEMORY, v * 1024, false, e) : code;
}

/* "LINUX-RESTART	(2 CPU)" tells the processors; so many columns a comment of sadc has, too. */
static int take_event(struct sadf *s, uint32_t unit, struct alm_err *e)
{
    const struct alm_field *last = &s->field[s->count - 1];
    const char *open = memchr(last->at, '(', last->size);
    double n;
    size_t digits = open ? strspn(open + 1, "0123456789") : 0;
    if (!open || alm_number_parse(open + 1, digits, '.', &n) != ALM_NUMBER_OK || !(n > 0 && n <= 1e6))
        return ALM_OK;
    if (unit >= s->cores_room) {
        size_t room = 2 * (size_t)unit + 16;
        double *more = realloc(s->cores, room * sizeof *more);
        if (!more)
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu hosts", room);
        memset(more + s->cores_room, 0, (room - s->cores_room) * sizeof *more);
        s->cores = more;
        s->cores_room = room;
    }
    s->cores[unit] = n;
    return alm_batch_capacity(s->m.batch, s->field[0].at, s->field[0].size, n, (double)NAN, e);
}

static bool is_event(const struct sadf *s)
{
    static const char *const words[] = {"LINUX-RESTART", "COM "};
    for (size_t i = 0; i < 2 && s->count == 4; i++)
        if (s->field[3].size >= strlen(words[i]) && memcmp(s->field[3].at, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

static int take_row(struct sadf *s, struct alm_err *e)
{
    struct place p;
    int code = s->has_header
                   ? alm_monitor_unit(&s->m, s->field[0], s->opt->cores > 0 ? s->opt->cores : (double)NAN, (double)NAN,
                                      &p.unit, e)
                   : alm_monitor_bad(&s->m, "no header line `# hostname;interval;...` before it", s->field[0], e);
    if (code != ALM_OK)
        return code;
    if (is_event(s))
        return take_event(s, p.unit, e);
    code = number(s, INTERVAL, &p.seconds, e);
    if (code != ALM_OK)
        return code;
    if (!(p.seconds > 0 && p.seconds < 1e9))
        return alm_monitor_bad(&s->m, "not an interval in seconds", cell(s, INTERVAL), e);
    if (!parse_stamp(s, cell(s, STAMP), &p.at))
        return alm_monitor_bad(&s->m, "not a time stamp", cell(s, STAMP), e);
    return s->column[IDLE] >= 0        ? take_cpu(s, &p, e)
           : s->column[USED] >= 0      ? take_memory(s, &p, e)
           : s->column[BREAD] >= 0     ? take_io(s, &p, e)
           : s->column[INTERFACE] >= 0 ? (s->column[RX_KB] >= 0 ? take_interface(s, &p, e) : ALM_OK)
           : s->column[DEVICE] >= 0    ? take_device(s, &p, e)
                                    : (alm_monitor_note(&s->m, true, "a table of sadf that is of no resource"), ALM_OK);
}

static int read_csv(struct sadf *s, const char *path, struct alm_err *e)
{
    const struct alm_delimited_config config = {.separator = ';'};
    struct alm_delimited *d;
    ALM_TRY(alm_delimited_open(path, &config, &d, e));
    int code = ALM_OK;
    s->has_header = false;
    while (code >= 0 && (code = alm_delimited_next(d, &s->field, &s->count, e)) == ALM_OK) {
        s->m.line = alm_delimited_row(d);
        code = alm_reading_step(&s->m.reading, d, e);
        if (code >= 0 && s->field[0].size > 0 && s->field[0].at[0] == '#') {
            code = take_header(s, e);
        } else if (code >= 0) {
            s->m.sink->report->read++;
            code = take_row(s, e);
        }
    }
    s->m.sink->report->files++;
    alm_reading_next_file(&s->m.reading, d);
    alm_delimited_close(d);
    return code < 0 ? code : ALM_OK;
}

/* ---- JSON ---- */

static double member(const json_t *object, const char *path)
{
    double v;
    return alm_json_number(alm_json_at(object, path), &v) == ALM_NUMBER_OK ? v : (double)NAN;
}

/* Processors of the host whose statistics are read, 0 when it is not said. */
static double host_cores(const struct sadf *s)
{
    double cores;
    return alm_json_number(alm_json_items_beside(s->m.items, "sysstat.hosts.number-of-cpus"), &cores) ==
                       ALM_NUMBER_OK &&
                   cores > 0 && cores <= 1e6
               ? cores
               : 0;
}

static int take_json_cpu(struct sadf *s, const struct place *p, const json_t *loads, struct alm_err *e)
{
    size_t i;
    json_t *load;
    json_array_foreach((json_t *)(uintptr_t)loads, i, load)
    {
        double idle = member(load, "idle");
        struct alm_field cpu = alm_json_text(load, "cpu");
        if (cpu.size == 3 && memcmp(cpu.at, "all", 3) == 0 && !isnan(idle))
            return put_cpu(s, p, idle + or_zero(member(load, "iowait")) + or_zero(member(load, "steal")), host_cores(s),
                           e);
    }
    return ALM_OK;
}

static int take_json_devices(struct sadf *s, const struct place *p, const json_t *disks, struct alm_err *e)
{
    size_t i;
    json_t *disk;
    if (s->opt->io == IO_TOTAL)
        return ALM_OK;
    json_array_foreach((json_t *)(uintptr_t)disks, i, disk)
    {
        static const char *const key[][2] = {{"rkB", "rd_sec"}, {"wkB", "wr_sec"}};
        for (int w = 0; w < 2; w++) {
            double kb = member(disk, key[w][0]);
            ALM_TRY(put_rate(s, p, w ? ALM_IO_WRITE : ALM_IO_READ,
                             isnan(kb) ? member(disk, key[w][1]) * 512 : kb * 1024, true, e));
        }
    }
    return ALM_OK;
}

static int take_json_network(struct sadf *s, const struct place *p, const json_t *interfaces, struct alm_err *e)
{
    size_t i;
    json_t *interface;
    json_array_foreach((json_t *)(uintptr_t)interfaces, i, interface)
    {
        struct alm_field name = alm_json_text(interface, "iface");
        if (listed(s->opt->ignore, name.at, name.size))
            continue;
        ALM_TRY(put_rate(s, p, ALM_NET_RX, member(interface, "rxkB") * 1024, true, e));
        ALM_TRY(put_rate(s, p, ALM_NET_TX, member(interface, "txkB") * 1024, true, e));
    }
    return ALM_OK;
}

static int take_statistics(struct sadf *s, const struct place *p, const json_t *stat, struct alm_err *e)
{
    double memory = member(stat, "memory.memused");
    const json_t *loads = json_object_get(stat, "cpu-load");
    ALM_TRY(take_json_cpu(s, p, loads ? loads : json_object_get(stat, "cpu-load-all"), e)); /* the latter of -u ALL */
    if (!isnan(memory))
        ALM_TRY(alm_monitor_put(&s->m, p->unit, p->at, ALM_MEMORY, memory * 1024, false, e));
    if (s->opt->io == IO_TOTAL) {
        ALM_TRY(put_rate(s, p, ALM_IO_READ, member(stat, "io.io-reads.bread") * 512, false, e));
        ALM_TRY(put_rate(s, p, ALM_IO_WRITE, member(stat, "io.io-writes.bwrtn") * 512, false, e));
    }
    ALM_TRY(take_json_devices(s, p, json_object_get(stat, "disk"), e));
    return take_json_network(s, p, alm_json_at(stat, "network.net-dev"), e);
}

static int take_json(struct alm_monitor *m, const json_t *stat, struct alm_err *e)
{
    struct sadf *s = (struct sadf *)m;
    const json_t *host = alm_json_items_beside(m->items, "sysstat.hosts.nodename");
    const json_t *stamp = json_object_get(stat, "timestamp");
    struct alm_field date = alm_json_text(stamp, "date"), time = alm_json_text(stamp, "time");
    struct place p = {.seconds = member(stamp, "interval")};
    char text[64];
    double utc = member(stamp, "utc"), cores = (double)NAN;
    if (!json_is_string(host))
        return alm_monitor_bad_json(m, "no `nodename` before the statistics", stat, e);
    if (!stamp && json_object_size(stat) == 0) /* the empty element that ends some files */
        return ALM_OK;
    int n = snprintf(text, sizeof text, "%.20s %.20s%s", date.at, time.at, utc == 1 ? " UTC" : "");
    if (!parse_stamp(s, (struct alm_field){text, (size_t)n}, &p.at))
        return alm_monitor_bad_json(m, "not a time stamp", stamp, e);
    if (!(p.seconds > 0 && p.seconds < 1e9))
        return alm_monitor_bad_json(m, "not an interval in seconds", stamp, e);
    if (host_cores(s) > 0 || s->opt->cores > 0)
        cores = host_cores(s) > 0 ? host_cores(s) : s->opt->cores;
    int code = alm_monitor_unit(m, (struct alm_field){json_string_value(host), json_string_length(host)}, cores,
                                (double)NAN, &p.unit, e);
    return code == ALM_OK ? take_statistics(s, &p, stat, e) : code;
}

static int read_file(struct alm_monitor *m, const char *path, struct alm_err *e)
{
    bool json;
    ALM_TRY(alm_monitor_is_json(path, &json, e));
    return json ? alm_monitor_json(m, path, "sysstat.hosts.statistics", take_json, NULL, e)
                : read_csv((struct sadf *)m, path, e);
}

static int run(const void *opt, const char *const *path, size_t paths, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct sadf s = {.m = {.sink = sink, .drop = o->bad, .read = read_file}, .opt = o};
    int code = alm_monitor_run(&s.m, path, paths, e);
    free(s.cores);
    return code;
}

const struct alm_importer_ops alm_importer_sadf = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "sadf",
             .summary = "activity of machines by sysstat: sadf -j or sadf -d",
             .source = "sysstat 12, sadf(1)",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
