/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of traces of machines (materna, azure-vm, google-2011, gcd): do shares become cores and bytes of the right
 * capacity, whichever table comes first? Are capacities, codes and buckets what the tables say, special times no times, and
 * is each thing that is wrong told with file, row and column? */
#include "import_units.h"
#include "scratch.h"
#include "shared_file.h"

#include <sys/stat.h>

/* ---- materna ---- */

TestSuite(bitbrains, .init = scratch_enter, .fini = scratch_leave);
TestSuite(materna, .init = scratch_enter, .fini = scratch_leave);

#define MATERNA                                                                                                        \
    "\"Timestamp\";\"CPU cores\";\"CPU capacity provisioned [MHZ]\";\"CPU usage [MHZ]\";\"CPU usage [%]\";\"Memory "   \
    "capacity provisioned [KB]\";\"Memory usage [KB]\";\"Memory usage [%]\";\"Disk read throughput [KB/s]\";\"Disk "   \
    "write throughput [KB/s]\";\"Disk size [GB]\";\"Network received throughput [KB/s]\";\"Network transmitted "       \
    "throughput [KB/s]\"\r\n"

/* 4 cores x 1000 / 8000 MHz; 1000 KB x 1024; rates x 1024 x 300 s. 2015-11-04T23:55Z is 1446681300. */
Test(materna, rows)
{
    static const struct import_case cases[] = {
        {"materna",
         {{"01.csv",
           MATERNA "\"04.11.2015 23:55:00\";\"4\";\"8000\";\"1000\";\"12,5\";\"2048\";\"1000\";\"48,8\";\"1\";"
                   "\"2\";\"40\";\"3\";\"4\"\r\n"}},
         ALM_OK,
         {"01@1446681300 cpu=0.5 memory=1024000 io_read=307200 io_write=614400 net_rx=921600 net_tx=1228800"}},
        /* capacity 0: percent of cores; no KB: percent of the capacity; a decimal comma; no last line end; over 100 % */
        {"materna",
         {{"7.csv",
           MATERNA "\"05.11.2015 00:00:00\";\"2\";\"0\";\"0\";\"137,5\";\"2048\";\"\";\"12,5\";\"-\";\"\";\"40\";"
                   "\"\";\"\""}},
         ALM_OK,
         {"7@1446681600 cpu=2.75 memory=262144"}},
        {"materna:interval=1m",
         {{"a.csv.csv", MATERNA "05.11.2015 00:00:00;1;0;0;0;0;0;0;1;0;0;0;0\n"}},
         ALM_OK,
         {"a@1446681600 cpu=0 memory=0 io_read=61440 io_write=0 net_rx=0 net_tx=0"}},
        {"materna",
         {{"9.csv", MATERNA "\"2015-11-05 00:00:00\";1;0;0;0;0;0;0;1;0;0;0;0\n"}},
         ALM_EDATA,
         {"9.csv:2: column `Timestamp`: `2015-11-05 00:00:00`: not a time"}},
        {"materna",
         {{"9.csv", MATERNA "05.11.2015 00:00:00;1;0;0;0.5;0;0;0;1;0;0;0;0\n"}},
         ALM_EDATA,
         {"9.csv:2: column `CPU usage [%]`: `0.5`: not a number"}},
        {"materna", {{"9.csv", "\"Timestamp\";\"CPU cores\"\n1;2\n"}}, ALM_EDATA, {"9.csv:1: no column `CPU capacity"}},
        {"materna", {{"9.csv", MATERNA}}, ALM_EDATA, {"9.csv: no rows of GWA-T-13"}},
        {"materna", {{"9.csv", MATERNA "05.11.2015 00:00:00;1;0;0\n"}}, ALM_EDATA, {"9.csv:2", "ends before"}},
    };
    CHECK_ALL(cases);
}

static void put_materna(const char *path, const char *first, const char *second)
{
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    fprintf(f, "%s05.11.2015 00:00:00;%s;0\n05.11.2015 00:05:00;%s;0\n", MATERNA, first, second);
    fclose(f);
}

/* The traces number their machines anew: 01.csv of two folders are two machines, unless it is said that they are one. The
 * capacities are the last that are not 0. */
Test(materna, folders_are_machines_of_their_own)
{
    static const char *const path[] = {"one/01.csv", "two/01.csv"};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert(mkdir("one", 0700) == 0 && mkdir("two", 0700) == 0);
    put_materna(path[0], "2;0;0;0;1024;0;0;0;0;0;0", "0;0;0;0;0;0;0;0;0;0;0");
    put_materna(path[1], "4;0;0;0;4096;0;0;0;0;0;0", "8;0;0;0;8192;0;0;0;0;0;0");
    cr_assert_eq(import_choice("materna", path, 2, &m, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(m.units, 2);
    expect_unit(&m, "one/01", "", 2, 1024 * 1024);
    expect_unit(&m, "two/01", "", 8, 8192 * 1024);
    cr_expect(strstr(m.report.assumed, "UTC"), "%s", m.report.assumed);
    memory_sink_free(&m);
    cr_assert_eq(import_choice("materna:units=file", path, 2, &m, &e), ALM_OK, "%s", e.text);
    cr_expect(m.units == 1 && m.rows == 4 && strcmp(m.unit[0].name, "01") == 0);
    memory_sink_free(&m);
    cr_assert_eq(import_choice("materna:units=folder", path, 1, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_str_eq(m.unit[0].name, "one/01");
    memory_sink_free(&m);
}

/* ---- bitbrains ---- */

#define BITBRAINS_HEADER                                                                                               \
    "Timestamp [ms];\tCPU cores;\tCPU capacity provisioned [MHZ];\tCPU usage [MHZ];\tCPU usage [%];\tMemory capacity " \
    "provisioned [KB];\tMemory usage [KB];\tDisk read throughput [KB/s];\tDisk write throughput [KB/s];\tNetwork "     \
    "received throughput [KB/s];\tNetwork transmitted throughput [KB/s]\n"

Test(bitbrains, one_name_in_two_months_is_one_machine)
{
    static const char *const path[] = {"july/5.csv", "august/5.csv"};
    struct memory_sink m;
    struct alm_err e = {0};
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(mkdir(i ? "august" : "july", 0700), 0);
        FILE *f = fopen(path[i], "wb");
        cr_assert_not_null(f);
        fprintf(f, "%s%d;\t4;\t1000;\t250;\t25;\t2048;\t1;\t0;\t0;\t0;\t0\n", BITBRAINS_HEADER,
                1372629804 + 2678400 * i);
        cr_assert_eq(fclose(f), 0);
    }
    cr_assert_eq(import_choice("bitbrains", path, 2, &m, &e), ALM_OK, "%s", e.text);
    cr_expect(m.units == 1 && m.rows == 2);
    cr_expect(strstr(m.report.assumed, "several folders are of one machine"), "%s", m.report.assumed);
    memory_sink_free(&m);
    cr_assert_eq(import_choice("bitbrains", path, 1, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_not(strstr(m.report.assumed, "several folders"), "%s", m.report.assumed);
    memory_sink_free(&m);
}

/* ---- azure-vm ---- */

#define VM(id, cores, memory) id ",s,dep+" id "=,0,600,99,5,50,Interactive," cores "," memory "\n"

/* 12.5 % of 4 cores; the maximum is 60 %; the tables in either order. */
Test(azure_vm, readings)
{
    static const struct import_case cases[] = {
        {"azure-vm",
         {{"vm_cpu_readings-file-1-of-125.csv", "0,a/+=,1,60,12.5\n0,b,0,0,0.25\n300,a/+=,1,2,112.5"},
          {"vmtable.csv", VM("a/+=", "4", "7") VM("b", "1", "0.75") VM("idle", "1", "1.75")}},
         ALM_OK,
         {"a/+=@0 cpu=0.5 | b@0 cpu=0.0025 | a/+=@300 cpu=4.5"}},
        {"azure-vm:reading=maximum",
         {{"r.csv", "0,a,1,60,12.5\n"}, {"v.csv", VM("a", "4", "7")}},
         ALM_OK,
         {"a@0 cpu=2.4"}},
        {"azure-vm:reading=minimum",
         {{"r.csv", "0,a,1,60,12.5\n"}, {"v.csv", VM("a", "4", "7")}},
         ALM_OK,
         {"a@0 cpu=0.04"}},
        {"azure-vm",
         {{"r.csv", "0,b,1,60,12.5\n0,a,1,60,\n300,a,NaN,60,10\n"}, {"v.csv", VM("a", "4", "7")}},
         ALM_OK,
         {"a@0 | a@300 cpu=0.4"}},
        {"azure-vm:cores=2", {{"r.csv", "0,b,1,60,12.5\n"}, {"v.csv", VM("a", "4", "7")}}, ALM_OK, {"b@0 cpu=0.25"}},
        {"azure-vm:cores=2", {{"r.csv", "0,b,1,60,12.5\n"}}, ALM_OK, {"b@0 cpu=0.25"}},
        {"azure-vm", {{"r.csv", "0,b,1,60,12.5\n"}}, ALM_EDATA, {"r.csv: readings without a vmtable", "cores="}},
        {"azure-vm",
         {{"r.csv", "0,b,1,60,12.5\n"}, {"v.csv", VM("a", "4", "7")}},
         ALM_EDATA,
         {"no reading is of a machine of the vmtable", "cores="}},
        {"azure-vm",
         {{"r.csv", "0,a,1,60,12.5\n300,a,1,60\n"}, {"v.csv", VM("a", "4", "7")}},
         ALM_EDATA,
         {"r.csv:2: column `avgcpu`"}},
        {"azure-vm",
         {{"r.csv", "0,a,1,60,-1\n"}, {"v.csv", VM("a", "4", "7")}},
         ALM_EDATA,
         {"r.csv:1: column `avgcpu`: `-1`: smaller than can be"}},
        {"azure-vm",
         {{"v.csv", VM("a", "four", "7")}},
         ALM_EDATA,
         {"v.csv:1: column `vmcorecount`: `four`: neither a"}},
        {"azure-vm", {{"v.csv", VM("a", "4", "-7")}}, ALM_EDATA, {"v.csv:1: column `vmmemory`: `-7`: not a capacity"}},
        {"azure-vm", {{"v.csv", VM("a", "1e300", "7")}}, ALM_EDATA, {"`1e300`: not a capacity"}},
        {"azure-vm",
         {{"x.csv", "1,2,3,4\n"}},
         ALM_EDATA,
         {"x.csv:1: none of the tables of the Azure VM trace, which are the vmtable (11 columns), readings (5 columns)",
          "`1`, `2`"}},
        {"azure-vm", {{"r.csv", ""}}, ALM_EDATA, {"r.csv: no rows of the Azure VM trace"}},
        {"azure-vm",
         {{"v.csv", VM("a", "4", "7")}},
         ALM_EDATA,
         {"v.csv: no trace comes of this alone; give readings (5 columns) too"}},
        {"azure-vm",
         {{"d.csv", "dep,2\n"}, {"s.csv", "sub,0,2\n"}},
         ALM_EDATA,
         {"d.csv and the others: no trace comes of this alone"}},
        {"azure-vm:cores=1",
         {{"r.csv", "99999999999999,a,1,2,3\n"}},
         ALM_EDATA,
         {"r.csv:1: column `timestamp`", "1678"}},
    };
    CHECK_ALL(cases);
}

/* Buckets: 24 is 24, what is open is what the options say; a machine without readings is no unit. */
Test(azure_vm, buckets)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"v.csv", VM("a", ">24", ">64") VM("b", "24", "64") VM("c", "", "") VM("idle", "2", "4")},
        {"r.csv", "0,a,1,2,50\n0,b,1,2,50\n0,c,1,2,50\n"},
        {"subscriptions.csv", "s,0,2\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("azure-vm", file, &m, &e), ALM_OK, "%s", e.text);
    expect_unit(&m, "a", "dep+a=", 30, 70 * 0x1p30);
    expect_unit(&m, "b", "dep+b=", 24, 64 * 0x1p30);
    cr_expect(m.units == 2 && m.rows == 2 && m.row[0].row.value[ALM_CPU] == 15 && m.interval == 5 * ALM_MINUTE);
    cr_expect_eq(import_noted(&m, "whose cores the vmtable does not tell", "r.csv:3"), 1);
    cr_expect(strstr(m.report.assumed, "The bucket >24 of the vmtable is 30 (over_cores=)."), "%s", m.report.assumed);
    cr_expect(strstr(m.report.assumed, "The bucket >64 of the vmtable is 70 (over_memory=)."), "%s", m.report.assumed);
    cr_expect(strstr(m.report.assumed, "Nothing is used of subscriptions"), "%s", m.report.assumed);
    memory_sink_free(&m);
    cr_assert_eq(import_written("azure-vm:over_cores=64,over_memory=128Gi", file, &m, &e), ALM_OK, "%s", e.text);
    expect_unit(&m, "a", "dep+a=", 64, 128 * 0x1p30);
    memory_sink_free(&m);
}

/* ---- google-2011 ---- */

#define USAGE(start, end, task, cpu, canonical, maximum)                                                               \
    start "," end ",3418," task ",77," cpu "," canonical ",0.05,0.001,0.002," maximum                                  \
          ",0.0001,1e-05,0.1,0.01,2.5,0.03,1,0"

/* A quarter of 32 cores, an eighth of 64 GiB = 8589934592; canonical 1/16. */
Test(google_2011, usage)
{
    static const struct import_case cases[] = {
        {"google-2011",
         {{"part-00000-of-00500.csv", USAGE("600000000", "900000000", "0", "0.25", "0.0625", "0.125") "\n"}},
         ALM_OK,
         {"3418/0@900 cpu=8 memory=8589934592"}},
        {"google-2011:memory=canonical,cores=8,memory_capacity=16Gi",
         {{"part.csv", USAGE("600000000", "900000000", "0", "0.25", "0.0625", "0.125") ",0.3\n"}},
         ALM_OK,
         {"3418/0@900 cpu=2 memory=1073741824"}},
        /* part of an interval; what is missing; a rate that cannot be */
        {"google-2011",
         {{"a.csv",
           USAGE("900000000", "1417000001", "1", "", "", "") ",\n" USAGE("0", "1", "2", "11", "0.0625", "") ","}},
         ALM_OK,
         {"3418/1@1417.000001 | 3418/2@1e-06 memory=4294967296"}},
        {"google-2011",
         {{"a.csv", USAGE("900000000", "900000000", "1", "1", "1", "1") "\n"}},
         ALM_EDATA,
         {"a.csv:1: column `end_time`: `900000000`: not after the start"}},
        {"google-2011",
         {{"a.csv", USAGE("x", "1", "1", "1", "1", "1") "\n"}},
         ALM_EDATA,
         {"a.csv:1: column `start_time`"}},
        {"google-2011", {{"a.csv", USAGE("-5", "1", "1", "1", "1", "1") "\n"}}, ALM_EDATA, {"smaller than can be"}},
        {"google-2011", {{"a.csv", "1,2,3\n"}}, ALM_EDATA, {"a.csv:1: none of the tables", "task_usage (19 or 20"}},
    };
    CHECK_ALL(cases);
}

/* 2^63-1 and 0 mean outside of the trace; requests of 0 and none are not known; the last request counts. */
Test(google_2011, special_times_and_requests)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"usage.csv", USAGE("600000000", "9223372036854775807", "0", "0.1", "0.1", "0.1") "\n" USAGE(
                          "0", "0", "0", "0.1", "0.1",
                          "0.1") "\n" USAGE("1", "9100000000000000", "0", "0.1", "0.1",
                                            "0.1") "\n" USAGE("600000000", "900000000", "0", "0.25", "0.5",
                                                              "") "\n" USAGE("600000000", "900000000", "1", "12", "0.5",
                                                                             "0.5") "\n"},
        {"events.csv", "0,2,3418,0,,0,u,2,9,0.0625,0.125,0.1,0\n"
                       "700000000,,3418,0,77,8,u,2,9,0.125,,0.1,0\n"
                       "0,,3418,1,,0,u,2,9,0,,,0\n"
                       "9223372036854775807,,3418,7,,0,u,2,9,0.5,0.5,,0\n"},
        {"jobs.csv", "0,,3418,0,u,2,n,l\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("google-2011", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect(m.units == 2 && m.rows == 2 && m.interval == 5 * ALM_MINUTE);
    expect_unit(&m, "3418/0", "3418", 4, 8 * 0x1p30);
    expect_unit(&m, "3418/1", "3418", NAN, NAN);
    cr_expect_eq(import_noted(&m, "after the end of the trace", "usage.csv:1"), 1);
    cr_expect_eq(import_noted(&m, "before the begin of the trace", "usage.csv:2"), 1);
    cr_expect_eq(import_noted(&m, "not a time of the trace", "usage.csv:3"), 1);
    cr_expect_eq(import_noted(&m, "canonical memory taken", "usage.csv:4"), 1);
    cr_expect_eq(import_noted(&m, "outside of its range", "usage.csv:5"), 1);
    cr_expect(strstr(m.report.assumed, "32 cores and 64 GiB (cores=, memory_capacity=)"), "%s", m.report.assumed);
    memory_sink_free(&m);
}

/* ---- gcd ---- */

Test(gcd, days)
{
    static const struct import_case cases[] = {
        {"gcd:cores=4,memory_capacity=2Gi",
         {{"vm_50_2", "25 50\n"}, {"vm_50_1", "22.5 9.375\r\n\n - 9.375\n"}},
         ALM_OK,
         {"vm_50@86400 cpu=1 memory=1073741824 | vm_50@0 cpu=0.9 memory=201326592 | vm_50@600 memory=201326592"}},
        {"gcd:days=apart",
         {{"vm_50_2", "25 50\n50 25"}},
         ALM_OK,
         {"vm_50_2@0 cpu=0.25 memory=536870912 | vm_50_2@300 cpu=0.5 memory=268435456"}},
        /* a dropped line keeps its place in time; memory above 100 % is kept */
        {"gcd:bad=drop", {{"vm_7_1", "1 x\n1 215.5\n"}}, ALM_OK, {"vm_7@300 cpu=0.01 memory=2313913630.72"}},
        {"gcd", {{"vm_7_1", "1 2\n1 x\n"}}, ALM_EDATA, {"vm_7_1:2: column `memory %`: `x`: not a number"}},
        {"gcd", {{"vm_7_1", "1 2\n1\n"}}, ALM_EDATA, {"vm_7_1:2: column `memory %`", "ends before"}},
        {"gcd", {{"vm_7", "1 2\n"}}, ALM_EDATA, {"vm_7: not named vm_JOB_DAY", "days=apart"}},
        {"gcd", {{"vm_7_0", "1 2\n"}}, ALM_EDATA, {"not named vm_JOB_DAY"}},
        {"gcd", {{"vm_7_99999999999999999999", "1 2\n"}}, ALM_EDATA, {"not named vm_JOB_DAY"}},
        {"gcd:interval=12h", {{"vm_7_1", "1 2\n1 2\n1 2\n"}}, ALM_EDATA, {"vm_7_1:3: a day has no so many"}},
        {"gcd", {{"vm_7_1", "1 2 3\n"}}, ALM_EDATA, {"vm_7_1:1: none of the tables"}},
    };
    CHECK_ALL(cases);
}

/* ---- published files, where they are at hand ---- */

static double sum_of(const struct memory_sink *m, enum alm_resource r)
{
    double sum = 0;
    for (size_t i = 0; i < m->rows; i++)
        sum += m->row[i].row.value[r];
    return sum;
}

/* The sums of the columns in percent are awk's. */
Test(published, azure_vm)
{
    char path[512];
    const char *list[] = {path};
    struct memory_sink m;
    struct alm_err e = {0};
    if (!shared_file("azure-vm/v1-sample/vm_cpu_readings/vm_cpu_readings-file-1-of-125.csv.gz", path))
        return;
    cr_assert_eq(import_choice("azure-vm:cores=1", list, 1, &m, &e), ALM_OK, "%s", e.text);
    double sum = sum_of(&m, ALM_CPU);
    cr_expect(m.rows == 100 && m.units == 100 && fabs(sum - 7.54572204) < 1e-8, "%zu rows, %.12g", m.rows, sum);
    memory_sink_free(&m);
}

Test(published, gcd)
{
    char path[512];
    const char *list[] = {path};
    struct memory_sink m;
    struct alm_err e = {0};
    if (!shared_file("google-gcd/GCD_VMs/vm_3418442_1", path))
        return;
    cr_assert_eq(import_choice("gcd:memory_capacity=1000", list, 1, &m, &e), ALM_OK, "%s", e.text);
    double cpu = sum_of(&m, ALM_CPU), memory = sum_of(&m, ALM_MEMORY);
    cr_expect(m.rows == 288 && fabs(cpu - 51.2874) < 0.0001 && fabs(memory - 26287.7) < 0.1, "%zu rows, %.9g, %.9g",
              m.rows, cpu, memory);
    memory_sink_free(&m);
}
