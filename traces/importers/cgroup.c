/* SPDX-License-Identifier: GPL-3.0-or-later
 * cgroup: snapshots of the files of control groups, taken by whoever, again and again.
 *
 * Meaning.  As text, what `date` and `grep -r ''` print: a line "time 1700000000.5" begins a snapshot, then
 *           "/sys/fs/cgroup/web/cpu.stat:usage_usec 123", ".../memory.current:4096", ".../io.stat:8:0 rbytes=1 wbytes=2".
 *           As lines of JSON, one group each: {"time": 1700000000.5, "cgroup": "/web", "cpu.stat": {"usage_usec": 123},
 *           "memory.current": 4096, "io.stat": {"8:0": {"rbytes": 1, "wbytes": 2}}}. A unit is a group, named by its path.
 * Choice.   Versions 1 and 2. memory.current is the usage: memory.peak is the peak of a life, not of an interval, unless
 *           the recorder resets it (memory=peak). Counters of devices are kept apart, so that a device that goes away
 *           is not a reset. Limits, where given, are the capacities.
 * Limits.   A group and the groups in it are both units when both were recorded; nothing is subtracted. Groups' paths
 *           hold no blanks and no colons in text.
 * Source.   Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/. */
#include "almanac/importer.h"
#include "formats/monitor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct options {
    int memory, bad;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"memory", ALM_OPT_CHOICE, AT(memory), "current", 0, 0, "current|peak",
     "which file is the usage; peak only where the recorder resets it each time"},
    {"bad", ALM_OPT_CHOICE, AT(bad), "error", 0, 0, "error|drop", "what to do with what cannot be read"},
    {0},
};

struct cgroup {
    struct alm_monitor m;
    const struct options *opt;
    alm_time at; /* of the snapshot; ALM_TIME_NONE before the first */
};

/* What a value of a file is. */
enum what { CPU_USEC, CPU_NSEC, MEMORY_NOW, MEMORY_PEAK, MEMORY_LIMIT, CPU_LIMIT, IO_V2, IO_V1, NOT_USED };

static const struct {
    const char *file;
    enum what what;
} files[] = {{"cpu.stat", CPU_USEC},
             {"cpuacct.usage", CPU_NSEC},
             {"memory.current", MEMORY_NOW},
             {"memory.usage_in_bytes", MEMORY_NOW},
             {"memory.peak", MEMORY_PEAK},
             {"memory.max_usage_in_bytes", MEMORY_PEAK},
             {"memory.max", MEMORY_LIMIT},
             {"memory.limit_in_bytes", MEMORY_LIMIT},
             {"cpu.max", CPU_LIMIT},
             {"io.stat", IO_V2},
             {"blkio.throttle.io_service_bytes", IO_V1}};

static bool is(const struct alm_field *f, const char *word)
{
    return f->size == strlen(word) && memcmp(f->at, word, f->size) == 0;
}

static enum what find_file(const struct alm_field *name)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (is(name, files[i].file))
            return files[i].what;
    return NOT_USED;
}

/* A counter of bytes or seconds; KEY tells a unit's counters apart. */
static int count(struct cgroup *c, uint32_t unit, const char *key, enum alm_resource r, double reading,
                 struct alm_err *e)
{
    struct alm_counter *counter;
    ALM_TRY(alm_monitor_counter(&c->m, unit, key, &counter, e));
    return alm_monitor_count(&c->m, counter, unit, c->at, r, reading, e);
}

static int count_device(struct cgroup *c, uint32_t unit, const struct alm_field *device, bool written, double reading,
                        struct alm_err *e)
{
    char key[128];
    int n = snprintf(key, sizeof key, "%c%.*s", written ? 'w' : 'r', (int)device->size, device->at);
    if (n >= (int)sizeof key)
        return alm_monitor_bad(&c->m, "the name of a device that is too long", *device, e);
    return count(c, unit, key, written ? ALM_IO_WRITE : ALM_IO_READ, reading, e);
}

/* The limit of a group, unless it is none ("max", or more than anyone has). */
static int limit(struct cgroup *c, const struct alm_field *group, double cores, double memory, struct alm_err *e)
{
    bool cores_told = cores > 0 && cores <= 1e6, memory_told = memory > 0 && memory <= 1e15;
    if (!cores_told && !memory_told)
        return ALM_OK;
    return alm_batch_capacity(c->m.batch, group->at, group->size, cores_told ? cores : (double)NAN,
                              memory_told ? memory : (double)NAN, e);
}

/* A single number, of any file but io. KEY is that of a flat file ("usage_usec"), else empty. */
static int take_number(struct cgroup *c, enum what what, const struct alm_field *group, uint32_t unit,
                       const struct alm_field *key, double v, struct alm_err *e)
{
    switch (what) {
    case CPU_USEC:
        return is(key, "usage_usec") ? count(c, unit, "cpu", ALM_CPU, v / 1e6, e) : ALM_OK;
    case CPU_NSEC:
        return count(c, unit, "cpu", ALM_CPU, v / 1e9, e);
    case MEMORY_NOW:
    case MEMORY_PEAK:
        return (what == MEMORY_PEAK) == (c->opt->memory == 1)
                   ? alm_monitor_put(&c->m, unit, c->at, ALM_MEMORY, v, false, e)
                   : ALM_OK;
    case MEMORY_LIMIT:
        return limit(c, group, (double)NAN, v, e);
    default:
        return ALM_OK;
    }
}

static int find_unit(struct cgroup *c, const struct alm_field *group, uint32_t *unit, struct alm_err *e)
{
    return alm_monitor_unit(&c->m, *group, (double)NAN, (double)NAN, unit, e);
}

/* ---- text ---- */

/* "/sys/fs/cgroup/memory/web" is "/web" in version 1. */
static struct alm_field strip_root(struct alm_field path)
{
    static const char *const roots[] = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"};
    static const char *const controllers[] = {"/cpu,cpuacct", "/cpuacct,cpu", "/cpuacct", "/cpu", "/memory", "/blkio"};
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(roots[i]);
        if (path.size < n || memcmp(path.at, roots[i], n) != 0 || (path.size > n && path.at[n] != '/'))
            continue;
        path = (struct alm_field){path.at + n, path.size - n};
        for (size_t k = 0; i == 1 && k < sizeof controllers / sizeof *controllers; k++) {
            n = strlen(controllers[k]);
            if (path.size >= n && memcmp(path.at, controllers[k], n) == 0 && (path.size == n || path.at[n] == '/'))
                return path.size == n ? (struct alm_field){"/", 1} : (struct alm_field){path.at + n, path.size - n};
        }
        break;
    }
    return path.size ? path : (struct alm_field){"/", 1};
}

/* "PATH/FILE:REST" of the first field; false when it is no such thing. */
static bool split(const struct alm_field *f, struct alm_field *group, struct alm_field *file, struct alm_field *rest)
{
    const char *slash = memrchr(f->at, '/', f->size);
    const char *colon = slash ? memchr(slash, ':', f->size - (size_t)(slash - f->at)) : NULL;
    if (!colon)
        return false;
    *group = strip_root((struct alm_field){f->at, (size_t)(slash - f->at)});
    *file = (struct alm_field){slash + 1, (size_t)(colon - slash - 1)};
    *rest = (struct alm_field){colon + 1, f->size - (size_t)(colon + 1 - f->at)};
    return true;
}

static int parse(struct cgroup *c, const struct alm_field *f, double *out, struct alm_err *e)
{
    if (alm_number_parse(f->at, f->size, '.', out) == ALM_NUMBER_OK)
        return ALM_OK;
    return alm_monitor_bad(&c->m, "not a number", *f, e);
}

/* "8:0 rbytes=1 wbytes=2 rios=3". */
static int take_io_v2(struct cgroup *c, uint32_t unit, const struct alm_field *device, const struct alm_field *field,
                      size_t fields, struct alm_err *e)
{
    for (size_t i = 0; i < fields; i++) {
        bool reads = field[i].size > 7 && memcmp(field[i].at, "rbytes=", 7) == 0;
        bool writes = field[i].size > 7 && memcmp(field[i].at, "wbytes=", 7) == 0;
        const struct alm_field text = {field[i].at + 7, field[i].size - 7};
        double v;
        if (!reads && !writes)
            continue;
        int code = parse(c, &text, &v, e);
        ALM_TRY(code);
        if (code == ALM_OK)
            ALM_TRY(count_device(c, unit, device, writes, v, e));
    }
    return ALM_OK;
}

/* "8:0 Read 123"; the line "Total 123" has no device. */
static int take_io_v1(struct cgroup *c, uint32_t unit, const struct alm_field *device, const struct alm_field *field,
                      size_t fields, struct alm_err *e)
{
    double v;
    if (fields != 2 || (!is(&field[0], "Read") && !is(&field[0], "Write")))
        return ALM_OK;
    int code = parse(c, &field[1], &v, e);
    return code == ALM_OK ? count_device(c, unit, device, is(&field[0], "Write"), v, e) : code;
}

/* "max 100000" or "50000 100000". */
static int take_cpu_limit(struct cgroup *c, const struct alm_field *group, const struct alm_field *quota,
                          const struct alm_field *period, struct alm_err *e)
{
    double q = 0, p = 0;
    if (is(quota, "max"))
        return ALM_OK;
    int code = parse(c, quota, &q, e);
    if (code == ALM_OK)
        code = parse(c, period, &p, e);
    return code == ALM_OK && p > 0 ? limit(c, group, q / p, (double)NAN, e) : code;
}

static int take_line(struct cgroup *c, const struct alm_field *field, size_t fields, struct alm_err *e)
{
    struct alm_field group, file, rest, none = {"", 0};
    uint32_t unit;
    double v;
    if (is(&field[0], "time")) {
        c->at = ALM_TIME_NONE;
        if (fields != 2 || alm_instant_parse(field[1].at, field[1].size, ALM_TIME_S, '.', &c->at) != ALM_NUMBER_OK)
            return alm_monitor_bad(&c->m, "not a time in seconds", field[fields - 1], e);
        return ALM_OK;
    }
    if (!split(&field[0], &group, &file, &rest))
        return alm_monitor_bad(&c->m, "neither \"time SECONDS\" nor \"PATH/FILE:VALUE\"", field[0], e);
    enum what what = find_file(&file);
    if (what == NOT_USED)
        return ALM_OK;
    if (c->at == ALM_TIME_NONE)
        return alm_monitor_bad(&c->m, "no line \"time SECONDS\" before it", field[0], e);
    int code = find_unit(c, &group, &unit, e);
    if (code != ALM_OK)
        return code;
    if (what == IO_V2)
        return take_io_v2(c, unit, &rest, field + 1, fields - 1, e);
    if (what == IO_V1)
        return take_io_v1(c, unit, &rest, field + 1, fields - 1, e);
    if (what == CPU_LIMIT)
        return take_cpu_limit(c, &group, &rest, fields > 1 ? &field[1] : &none, e);
    if (what == MEMORY_LIMIT && is(&rest, "max"))
        return ALM_OK;
    code = parse(c, what == CPU_USEC ? &field[fields - 1] : &rest, &v, e);
    return code == ALM_OK ? take_number(c, what, &group, unit, &rest, v, e) : code;
}

static int read_text(struct cgroup *c, const char *path, struct alm_err *e)
{
    const struct alm_delimited_config config = {.separator = ' '};
    const struct alm_field *field;
    struct alm_delimited *d;
    size_t fields;
    ALM_TRY(alm_delimited_open(path, &config, &d, e));
    int code = ALM_OK;
    c->at = ALM_TIME_NONE;
    while (code >= 0 && (code = alm_delimited_next(d, &field, &fields, e)) == ALM_OK) {
        c->m.line = alm_delimited_row(d);
        c->m.sink->report->read++;
        code = alm_reading_step(&c->m.reading, d, e);
        if (code >= 0)
            code = take_line(c, field, fields, e);
    }
    c->m.sink->report->files++;
    alm_reading_next_file(&c->m.reading, d);
    alm_delimited_close(d);
    return code < 0 ? code : ALM_OK;
}

/* ---- lines of JSON ---- */

static int take_json_io(struct cgroup *c, uint32_t unit, json_t *devices, struct alm_err *e)
{
    const char *device;
    json_t *value;
    json_object_foreach(devices, device, value)
    {
        const struct alm_field name = {device, strlen(device)};
        static const char *const key[] = {"rbytes", "wbytes"};
        for (int w = 0; w < 2; w++) {
            double v;
            if (alm_json_number(json_object_get(value, key[w]), &v) == ALM_NUMBER_OK)
                ALM_TRY(count_device(c, unit, &name, w == 1, v, e));
        }
    }
    return ALM_OK;
}

static int take_json_file(struct cgroup *c, const struct alm_field *group, uint32_t unit, const char *file,
                          json_t *value, struct alm_err *e)
{
    const struct alm_field name = {file, strlen(file)};
    struct alm_field key = {"", 0};
    enum what what = find_file(&name);
    double v;
    if (what == NOT_USED)
        return ALM_OK;
    if (what == IO_V2 && json_is_object(value))
        return take_json_io(c, unit, value, e);
    if (json_is_null(value) || (json_is_string(value) && strncmp(json_string_value(value), "max", 3) == 0))
        return ALM_OK;
    if (what == CPU_USEC) {
        key = (struct alm_field){"usage_usec", 10};
        value = json_object_get(value, "usage_usec");
    }
    if (what == CPU_LIMIT && json_is_string(value)) {
        const char *text = json_string_value(value);
        size_t n = strcspn(text, " "), all = strlen(text);
        const struct alm_field quota = {text, n}, period = {text + n + (n < all), all - n - (n < all)};
        return take_cpu_limit(c, group, &quota, &period, e);
    }
    if (alm_json_number(value, &v) != ALM_NUMBER_OK)
        return alm_monitor_bad(&c->m, "not a number", name, e);
    return take_number(c, what, group, unit, &key, v, e);
}

static int take_json(struct alm_monitor *m, const json_t *element, struct alm_err *e)
{
    struct cgroup *c = (struct cgroup *)m;
    struct alm_field group = alm_json_text(element, "cgroup");
    const json_t *time = json_object_get(element, "time");
    const char *file;
    json_t *value;
    uint32_t unit;
    if (alm_json_time(time, json_is_string(time) ? ALM_TIME_ISO : ALM_TIME_S, &c->at) != ALM_NUMBER_OK)
        return alm_monitor_bad_json(m, "no member \"time\" with seconds or a calendar time", element, e);
    if (group.size == 0)
        return alm_monitor_bad_json(m, "no member \"cgroup\" with the path of the group", element, e);
    group = strip_root(group);
    int code = find_unit(c, &group, &unit, e);
    if (code != ALM_OK)
        return code;
    json_object_foreach((json_t *)(uintptr_t)element, file, value)
        ALM_TRY(take_json_file(c, &group, unit, file, value, e));
    return ALM_OK;
}

static int read_file(struct alm_monitor *m, const char *path, struct alm_err *e)
{
    bool json;
    ALM_TRY(alm_monitor_is_json(path, &json, e));
    return json ? alm_monitor_json(m, path, "", take_json, NULL, e) : read_text((struct cgroup *)m, path, e);
}

static int run(const void *opt, const char *const *path, size_t paths, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct cgroup c = {.m = {.sink = sink, .drop = o->bad, .read = read_file}, .opt = o};
    return alm_monitor_run(&c.m, path, paths, e);
}

const struct alm_importer_ops alm_importer_cgroup = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "cgroup",
             .summary = "snapshots of the files of control groups, as text or lines of JSON",
             .source = "Linux, admin-guide/cgroup-v2.rst; own",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
