/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: do rows arrive with the right unit, time and amount, whatever the shape of the file? Does each thing that
 * is wrong get a message that names file, row and column and says what would be right? Do the quirks of the published
 * files survive? */
#include "almanac/importer.h"
#include "memory_sink.h"
#include "shared_file.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder(void)
{
    char *path = strdup("/tmp/almanac-import-XXXXXX");
    cr_assert_not_null(mkdtemp(path));
    return path;
}

static char *put_file(const char *dir, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    fwrite(text, 1, strlen(text), f);
    fclose(f);
    return strdup(path);
}

static int import_files(const char *choice_text, const char *const *path, size_t count, struct memory_sink *m,
                        struct alm_err *e)
{
    struct alm_choice choice;
    memory_sink_init(m);
    int code = alm_choice_parse(ALM_IMPORTER, choice_text, &choice, e);
    if (code < 0)
        return code;
    code = ((const struct alm_importer_ops *)choice.module)->run(choice.opt, path, count, &m->sink, e);
    alm_choice_free(&choice);
    return code;
}

/* Import one file named NAME with this text; it is gone afterwards. */
static int import_text(const char *choice_text, const char *name, const char *text, struct memory_sink *m,
                       struct alm_err *e)
{
    char *dir = folder(), *path = put_file(dir, name, text);
    int code = import_files(choice_text, (const char *const[]){path}, 1, m, e);
    unlink(path);
    rmdir(dir);
    free(path);
    free(dir);
    return code;
}

/* Rows as "unit@seconds=cpu/memory/io_read ...", '-' for what is missing, trailing ones left out. */
static char *show(const struct memory_sink *m, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < m->rows && used < size; i++) {
        const struct memory_row *r = &m->row[i];
        int last = ALM_RESOURCES - 1;
        while (last > 0 && isnan(r->row.value[last]))
            last--;
        used += (size_t)snprintf(out + used, size - used, "%s%s@%.9g=", i ? " " : "", m->unit[r->unit].name,
                                 alm_seconds(r->row.at));
        for (int k = 0; k <= last && used < size; k++)
            if (isnan(r->row.value[k]))
                used += (size_t)snprintf(out + used, size - used, "%s-", k ? "/" : "");
            else
                used += (size_t)snprintf(out + used, size - used, "%s%.15g", k ? "/" : "", r->row.value[k]);
    }
    return out;
}

Test(csv, shapes)
{
    static const struct {
        const char *options, *text, *want;
    } cases[] = {
        {"csv", "time,unit,cpu,memory\n300,a,0.5,1024\n600,a,,2048\n300,b,1,\n", "a@300=0.5/1024 a@600=-/2048 b@300=1"},
        {"csv", "memory,cpu,unit,time\r\n1,2,x,3", "x@3=2/1"},
        {"csv", "TIME;Unit;CPU\n1.5;u;NaN\n", "u@1.5=-"},
        {"csv", "time,cpu,io_read,net_tx\n1,2,3,4\n", "web@1=2/-/3/-/-/4"},
        {"csv", "time,unit,cpu\n600,a,1\n300,a,2\n300,a,3\n-300,a,4\n", "a@600=1 a@300=2 a@300=3 a@-300=4"},
        {"csv:cpu_unit=percent,cores=4", "time,cpu\n0,7\n1,150\n", "web@0=0.28 web@1=6"},
        {"csv:cpu_unit=percent", "time,cpu\n0,7\n", "web@0=0.07"},
        {"csv:cpu_unit=millicores,memory_unit=mib", "time,cpu,memory\n0,70,1.5\n", "web@0=0.07/1572864"},
        {"csv:memory_unit=percent,memory_capacity=2Gi", "time,memory\n0,50\n", "web@0=-/1073741824"},
        {"csv:io_unit=kb_per_s,interval=5m", "time,io_write\n0,2\n", "web@0=-/-/-/600000"},
        {"csv:time=stamp,unit=2,cpu=load", "stamp,who,load\n5,x,0.25\n", "x@5=0.25"},
        {"csv:header=false,time=1,unit=none,cpu=3", "5,x,0.25\n6,y,0.5\n", "web@5=0.25 web@6=0.5"},
        {"csv:header=false,separator=space,time=none,time_format=index,interval=10s,unit=none,cpu=1,memory=2",
         " 1 2\n3  4\n", "web@0=1/2 web@10=3/4"},
        {"csv:time_format=index,interval=1m", "unit,cpu\na,1\nb,2\na,3\n", "a@0=1 b@0=2 a@60=3"},
        {"csv:time_format=iso8601", "time,cpu\n1970-01-02T00:00:00Z,1\n", "web@86400=1"},
        {"csv:time_format=dmy,decimal_comma=true", "time;cpu\n02.01.1970 00:00:10;1,5\n", "web@86410=1.5"},
        {"csv:time_format=ms,time_offset=1s,origin=1970-01-01T01:00:00Z", "time,cpu\n2500,1\n", "web@3603.5=1"},
        {"csv:missing=-1/none", "time,cpu,memory\n0,-1,none\n1,-1.0,5\n", "web@0=- web@1=-/5"},
        {"csv:layout=wide", "time,a,b\n0,1,2\n60,,3\n", "a@0=1 b@0=2 b@60=3"},
        {"csv:layout=wide,resource=memory,memory_unit=kib,ignore=day,time_format=s", "day,time,a,\n0,0,1,9\n0,60,2,9\n",
         "a@0=-/1024 a@60=-/2048"},
        {"csv:layout=wide,time=none,time_format=index,interval=1s", "a,b\n1,2\n3,4\n", "a@0=1 b@0=2 a@1=3 b@1=4"},
        {"csv:bad=drop", "time,cpu\n0,x\n1,2\nx,3\n4\n5,-1\n6,1e999\n7,7\n", "web@1=2 web@7=7"},
        {"csv:quotes=false", "time,unit,cpu\n0,\"a,1\n", "\"a@0=1"},
        {"csv", "time,unit,cpu\n0,\"it's \"\"a\"\" `b`, c\",1\n", "it's \"a\" `b`, c@0=1"},
        {"csv",
         "time,unit,cpu\n0,a\x07"
         "b,1\n1,a\x07"
         "b,2\n",
         "a\\x07b@0=1 a\\x07b@1=2"},
        {"csv", "time,unit,cpu\n0,m\xc3\xbcller,1\n", "m\xc3\xbcller@0=1"},
        {"csv", "time,unit,cpu\n0,m\xfcller,1\n", "m\\xfcller@0=1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct memory_sink m;
        struct alm_err e = {0};
        char got[512];
        int code = import_text(cases[i].options, "web.csv", cases[i].text, &m, &e);
        cr_expect_eq(code, ALM_OK, "%s: %s", cases[i].options, e.text);
        cr_expect_str_eq(show(&m, got, sizeof got), cases[i].want, "case %zu, %s: %s", i, cases[i].options, got);
        memory_sink_free(&m);
    }
}

Test(csv, messages)
{
    static const struct {
        const char *options, *text;
        int code;
        const char *want[3];
    } cases[] = {
        {"csv",
         "tmie,unit,cpu\n1,a,1\n",
         ALM_EDATA,
         {":1: no column `time`", "did you mean `tmie`?", "time=NAME or time=NUMBER"}},
        {"csv",
         "1,a,1\n2,a,1\n",
         ALM_EDATA,
         {":1: no column `time`; the header has `1`, `a`, `1`", "header=false", ""}},
        {"csv", "time,unit,load\n1,a,1\n", ALM_EDATA, {"no column of any resource", "`load`", "cpu=NAME"}},
        {"csv:cpu=lod", "time,unit,load\n1,a,1\n", ALM_EDATA, {"no column `lod`", "did you mean `load`?", ""}},
        {"csv",
         "time,units,cpu\n1,a,1\n",
         ALM_EDATA,
         {"no column `unit`, but `units` looks like it", "unit=units, or unit=none", ""}},
        {"csv:cpu=7", "time,cpu\n1,1\n", ALM_EDATA, {":1: cpu=7, but the row has 2 columns", "", ""}},
        {"csv",
         "time,unit,cpu\n1,a,1\n2,a,abc\n",
         ALM_EDATA,
         {":3: column `cpu`: `abc` is not a number", "bad=drop", ""}},
        {"csv", "time,cpu\n1,0x1f\n", ALM_EDATA, {":2: column `cpu`: `0x1f` is not a number", "", ""}},
        {"csv", "time;cpu\n1;0,5\n", ALM_EDATA, {":2: column `cpu`: `0,5`", "decimal_comma=true", ""}},
        {"csv", "time,cpu\n1,-0.5\n", ALM_EDATA, {":2: column `cpu`: `-0.5` is negative", "missing=", ""}},
        {"csv", "time,cpu\n1,1e999\n", ALM_EDATA, {":2: column `cpu`: `1e999` is too large", "cpu_unit=", ""}},
        {"csv", "time,memory\n1,1e15\n", ALM_EDATA, {":2: column `memory`: `1e15` is too large", "memory_unit=", ""}},
        {"csv",
         "time,cpu\nyesterday,1\n",
         ALM_EDATA,
         {":2: column `time`: `yesterday` is not a time in the format s", "time_format=", ""}},
        {"csv",
         "time,cpu\n1376314846000,1\n",
         ALM_EDATA,
         {":2: column `time`: `1376314846000` is outside", "time_format=ms", ""}},
        {"csv",
         "time,unit,cpu\n1,a,1\n\n2,a\n",
         ALM_EDATA,
         {":4: the row has 2 fields and ends before column `cpu`", "", ""}},
        {"csv", "time,unit,cpu\n1,,1\n", ALM_EDATA, {":2: the name of the unit is empty", "", ""}},
        {"csv", "", ALM_EDATA, {"no rows: empty file", "", ""}},
        {"csv", "time,cpu\n", ALM_EDATA, {"no rows: a header without rows", "", ""}},
        {"csv:bad=drop,layout=wide",
         "time\n1\n",
         ALM_EDATA,
         {":1: a wide table without a column for any unit", "", ""}},
        {"csv:header=false",
         "1,2\n",
         ALM_EINVAL,
         {"without a header the column must be given by number: time=NUMBER", "", ""}},
        {"csv:separator=xy", "time,cpu\n1,1\n", ALM_EINVAL, {"separator=xy", "semicolon", ""}},
        {"csv:memory_unit=percent", "time,memory\n1,1\n", ALM_EINVAL, {"memory_capacity=16Gi", "", ""}},
        {"csv:time_format=index", "cpu\n1\n", ALM_EINVAL, {"needs interval=", "", ""}},
        {"csv:origin=today", "time,cpu\n1,1\n", ALM_EINVAL, {"origin=today", "2013-08-12T13:40:46Z", ""}},
        {"csv:tme=5", "time,cpu\n1,1\n", ALM_EINVAL, {"unknown key `tme`", "did you mean `time`?", ""}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct memory_sink m;
        struct alm_err e = {0};
        cr_expect_eq(import_text(cases[i].options, "web.csv", cases[i].text, &m, &e), cases[i].code, "case %zu", i);
        for (size_t k = 0; k < 3 && cases[i].want[k]; k++)
            cr_expect_not_null(strstr(e.text, cases[i].want[k]), "case %zu: `%s` not in: %s", i, cases[i].want[k],
                               e.text);
        if (cases[i].code == ALM_EDATA)
            cr_expect_not_null(strstr(e.text, "web.csv"), "case %zu names no file: %s", i, e.text);
        cr_expect(strlen(e.text) < ALM_ERR_TEXT - 1, "case %zu is cut: %s", i, e.text);
        memory_sink_free(&m);
    }
}

Test(csv, what_was_dropped_is_counted_by_reason)
{
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_text("csv:bad=drop", "w.csv", "time,cpu\n0,x\n1,2\n2,y\n3,-1\n", &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.report.read, 4);
    cr_expect_eq(m.report.files, 1);
    cr_assert_eq(m.report.reasons, 2);
    cr_expect(m.report.reason[0].count == 2 && m.report.reason[0].dropped);
    cr_expect_str_eq(m.report.reason[0].why, "not a number");
    cr_expect_not_null(strstr(m.report.reason[0].where, "w.csv:2"));
    cr_expect_eq(m.report.reason[1].count, 1);
    memory_sink_free(&m);
}

Test(csv, capacity_interval_and_unread_columns_are_told)
{
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(
        import_text("csv:cores=2,memory_capacity=1Gi,interval=1m", "w.csv", "time,cpu,mood\n0,1,good\n", &m, &e),
        ALM_OK);
    cr_expect(m.unit[0].cores == 2 && m.unit[0].memory == 1073741824);
    cr_expect_eq(m.interval, ALM_MINUTE);
    cr_expect_str_eq(m.report.assumed, "Columns not read: `mood`.");
    memory_sink_free(&m);
}

Test(csv, five_thousand_units_time_by_time)
{
    size_t units = 5000, used = 0, room = 2 << 20;
    char *text = malloc(room);
    used += (size_t)snprintf(text, room, "time,unit,cpu\n");
    for (int t = 0; t < 4; t++)
        for (size_t u = 0; u < units; u++)
            used += (size_t)snprintf(text + used, room - used, "%d,unit-%zu,%zu\n", t, u, u % 100);
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_text("csv", "w.csv", text, &m, &e), ALM_OK, "%s", e.text);
    cr_assert(m.units == units && m.rows == 4 * units);
    for (size_t i = 0; i < m.rows; i++)
        cr_assert(m.row[i].unit == i % units && m.row[i].row.value[ALM_CPU] == (double)(i % units % 100));
    memory_sink_free(&m);
    free(text);
}

Test(csv, stops_when_asked)
{
    static const int stop = 1;
    char *dir = folder(), *path = put_file(dir, "w.csv", "time,cpu\n0,1\n");
    struct memory_sink m;
    struct alm_err e = {0};
    struct alm_choice choice;
    memory_sink_init(&m);
    m.sink.stop = &stop;
    cr_assert_eq(alm_choice_parse(ALM_IMPORTER, "csv", &choice, &e), ALM_OK);
    cr_expect_eq(
        ((const struct alm_importer_ops *)choice.module)->run(choice.opt, (const char *const[]){path}, 1, &m.sink, &e),
        ALM_EINTR);
    alm_choice_free(&choice);
    memory_sink_free(&m);
    unlink(path);
    rmdir(dir);
    free(path);
    free(dir);
}

Test(planetlab, lines)
{
    struct memory_sink m;
    struct alm_err e = {0};
    char got[256];
    cr_assert_eq(import_text("planetlab:cores=2", "host.example.org_slice", "0\n100\r\n\n7", &m, &e), ALM_OK, "%s",
                 e.text);
    cr_expect_str_eq(show(&m, got, sizeof got),
                     "host.example.org_slice@0=0 host.example.org_slice@300=2 host.example.org_slice@900=0.14", "%s",
                     got);
    cr_expect(m.unit[0].cores == 2 && isnan(m.unit[0].memory) && m.interval == 5 * ALM_MINUTE);
    memory_sink_free(&m);
    cr_expect_eq(import_text("planetlab", "vm", "1\n101\n", &m, &e), ALM_EDATA);
    cr_expect_not_null(strstr(e.text, "vm:2: `101` is not one number from 0 to 100"), "%s", e.text);
    memory_sink_free(&m);
    cr_expect_eq(import_text("planetlab:missing=101/-1,interval=1s", "vm", "1\n101\n-1\n3\n", &m, &e), ALM_OK);
    cr_expect_str_eq(show(&m, got, sizeof got), "vm@0=0.01 vm@1=- vm@2=- vm@3=0.03", "%s", got);
    memory_sink_free(&m);
    cr_expect_eq(import_text("planetlab:bad=drop", "vm", "1\nx\n3 4\n4\n", &m, &e), ALM_OK);
    cr_expect_str_eq(show(&m, got, sizeof got), "vm@0=0.01 vm@900=0.04", "%s", got);
    cr_expect_eq(m.report.reason[0].count, 2);
    memory_sink_free(&m);
    cr_expect_eq(import_text("planetlab", "vm", "", &m, &e), ALM_EDATA);
    memory_sink_free(&m);
    cr_expect_eq(import_text("planetlab:dates=true", "vm", "1\n", &m, &e), ALM_EDATA);
    cr_expect_not_null(strstr(e.text, "YYYYMMDD"), "%s", e.text);
    memory_sink_free(&m);
}

/* The same machine on two days: the days follow one another unless the user says otherwise. */
Test(planetlab, days_do_not_overlap)
{
    char *dir = folder(), day[2][512], got[256];
    const char *path[2];
    for (int i = 0; i < 2; i++) {
        snprintf(day[i], sizeof day[i], "%s/1970010%d", dir, i + 2);
        cr_assert_eq(mkdir(day[i], 0700), 0);
        path[i] = put_file(day[i], "vm", i ? "20\n" : "10\n");
    }
    static const struct {
        const char *options, *want;
        size_t files;
    } cases[] = {{"planetlab", "vm@86400=0.1 vm@172800=0.2", 2},
                 {"planetlab", "vm@0=0.1", 1},
                 {"planetlab:dates=true", "vm@86400=0.1", 1},
                 {"planetlab:dates=false", "vm@0=0.1 vm@0=0.2", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct memory_sink m;
        struct alm_err e = {0};
        cr_expect_eq(import_files(cases[i].options, path, cases[i].files, &m, &e), ALM_OK, "%s", e.text);
        cr_expect_str_eq(show(&m, got, sizeof got), cases[i].want, "%s: %s", cases[i].options, got);
        memory_sink_free(&m);
    }
    for (int i = 0; i < 2; i++) {
        unlink(path[i]);
        free((char *)(uintptr_t)path[i]);
        rmdir(day[i]);
    }
    rmdir(dir);
    free(dir);
}

#define BITBRAINS_HEADER                                                                                               \
    "Timestamp [ms];\tCPU cores;\tCPU capacity provisioned [MHZ];\tCPU usage [MHZ];\tCPU usage [%];\tMemory capacity " \
    "provisioned [KB];\tMemory usage [KB];\tDisk read throughput [KB/s];\tDisk write throughput [KB/s];\tNetwork "     \
    "received throughput [KB/s];\tNetwork transmitted throughput [KB/s]\n"

Test(bitbrains, rows)
{
    struct memory_sink m;
    struct alm_err e = {0};
    char got[256];
    const char *text = BITBRAINS_HEADER "1376314846;\t4;\t10000;\t2500;\t25;\t2048;\t1024.5;\t1;\t2;\t0.5;\t0\n"
                                        "1376315146;\t4;\t0.0;\t0.0;\t182;\t0;\t4096;\t0;\t0;\t0;\t0\n";
    cr_assert_eq(import_text("bitbrains", "17.csv", text, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_str_eq(show(&m, got, sizeof got),
                     "17@1.37631485e+09=1/1049088/307200/614400/153600/0 17@1.37631515e+09=7.28/4194304/0/0/0/0", "%s",
                     got);
    cr_expect(m.unit[0].cores == 4 && m.unit[0].memory == 2048 * 1024);
    cr_expect_eq(m.row[0].row.at, 1376314846 * ALM_SECOND);
    cr_expect_not_null(strstr(m.report.assumed, "holds seconds"), "%s", m.report.assumed);
    memory_sink_free(&m);

    text = BITBRAINS_HEADER "1376314846000;\t0;\t0;\t0;\t0;\t0;\t0;\t0;\t0;\t0;\t0\n";
    cr_assert_eq(import_text("bitbrains", "18.csv", text, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.row[0].row.at, 1376314846 * ALM_SECOND);
    cr_expect(isnan(m.unit[0].cores) && isnan(m.unit[0].memory) && m.row[0].row.value[ALM_CPU] == 0);
    memory_sink_free(&m);

    text = BITBRAINS_HEADER "1376314846;\t4;\t10000;\t2500;\t25;\t2048;\tx;\t1;\t2;\t0.5;\t0\n";
    cr_expect_eq(import_text("bitbrains", "19.csv", text, &m, &e), ALM_EDATA);
    cr_expect_not_null(strstr(e.text, "19.csv:2: column `Memory usage [KB]`: `x`: not a number"), "%s", e.text);
    memory_sink_free(&m);
    cr_expect_eq(import_text("bitbrains", "20.csv", "a;b\n1;2\n", &m, &e), ALM_EDATA);
    cr_expect_not_null(strstr(e.text, "20.csv:1: no column `Timestamp [ms]`; the header has `a`, `b`"), "%s", e.text);
    memory_sink_free(&m);
}

/* ---- published files, where they are at hand ---- */

static double mean_of(const struct memory_sink *m, enum alm_resource r, double *max)
{
    double sum = 0;
    *max = 0;
    for (size_t i = 0; i < m->rows; i++) {
        sum += m->row[i].row.value[r];
        *max = fmax(*max, m->row[i].row.value[r]);
    }
    return sum / (double)m->rows;
}

Test(published, bitbrains)
{
    /* Rows, cores, memory and mean and maximal CPU as the data set's own notes give them, to their last digit. */
    static const struct {
        const char *name;
        size_t rows;
        double cores, gigabytes, mean, max;
    } cases[] = {
        {"bitbrains/rnd/2013-7/338.csv", 8262, 4, 3, 5.1, 34},
        {"bitbrains/rnd/2013-7/375.csv", 8262, 2, 1, 8.4, 30},
        {"bitbrains/rnd/2013-7/218.csv", 8259, 1, 2, 5.2, 109},
        {"bitbrains/rnd/2013-7/14.csv", 428, 1, 2, NAN, 95}, /* its first rows have no cores and no capacity */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[512];
        struct memory_sink m;
        struct alm_err e = {0};
        double max;
        if (!shared_file(cases[i].name, path))
            return;
        cr_assert_eq(import_files("bitbrains", (const char *const[]){path}, 1, &m, &e), ALM_OK, "%s", e.text);
        cr_expect_eq(m.rows, cases[i].rows, "%s: %zu rows", cases[i].name, m.rows);
        double mean = mean_of(&m, ALM_CPU, &max);
        double scale = 100 / cases[i].cores;
        cr_expect_eq(m.unit[0].cores, cases[i].cores);
        cr_expect(fabs(m.unit[0].memory / 0x1p30 - cases[i].gigabytes) < 0.02);
        cr_expect(!(fabs(scale * mean - cases[i].mean) > 0.06), "%s: mean %g %%", cases[i].name, scale * mean);
        cr_expect(fabs(scale * max - cases[i].max) < 1, "%s: max %g %%", cases[i].name, scale * max);
        memory_sink_free(&m);
    }
}

/* A month with 4220 stamps that do not go forward: all rows come through, in the order of the file. */
Test(published, bitbrains_backward)
{
    char path[512];
    struct memory_sink m;
    struct alm_err e = {0};
    if (!shared_file("bitbrains/rnd/2013-7/122.csv", path))
        return;
    cr_assert_eq(import_files("bitbrains", (const char *const[]){path}, 1, &m, &e), ALM_OK, "%s", e.text);
    size_t backward = 0;
    for (size_t i = 1; i < m.rows; i++)
        backward += m.row[i].row.at <= m.row[i - 1].row.at;
    cr_expect(m.rows == 16640 && backward == 4220, "%zu rows, %zu backward", m.rows, backward);
    memory_sink_free(&m);
}

Test(published, planetlab)
{
    char path[512];
    struct memory_sink m;
    struct alm_err e = {0};
    if (!shared_file("planetlab/20110303/146-179_surfsnel_dsl_internl_net_root", path))
        return;
    cr_assert_eq(import_files("planetlab:dates=true", (const char *const[]){path}, 1, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.rows, 288);
    cr_expect_eq(m.row[0].row.at, 1299110400 * ALM_SECOND);
    cr_expect_eq(m.row[287].row.at - m.row[0].row.at, 287 * 300 * ALM_SECOND);
    memory_sink_free(&m);
}

/* CloudWatch: a series without a unit, ISO-like times, named columns. */
Test(published, cloudwatch)
{
    char path[512];
    struct memory_sink m;
    struct alm_err e = {0};
    if (!shared_file("nab/realAWSCloudwatch/ec2_cpu_utilization_24ae8d.csv", path))
        return;
    cr_assert_eq(import_files("csv:time=timestamp,time_format=iso8601,cpu=value,cpu_unit=percent",
                              (const char *const[]){path}, 1, &m, &e),
                 ALM_OK, "%s", e.text);
    cr_expect_eq(m.rows, 4032);
    cr_expect_str_eq(m.unit[0].name, "ec2_cpu_utilization_24ae8d");
    memory_sink_free(&m);
}
