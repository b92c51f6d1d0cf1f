/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of sysstat (sadf, pidstat): do rates become amounts of their interval, shares cores of the host, and tables of one
 * host and time one row? Are times told as they are written: epochs, zones, half days, past midnight? Is nothing counted
 * twice? */
#include "import_units.h"

/* clang-format off */
#define NAMED(file, ...) {{file, __VA_ARGS__}}
/* clang-format on */
#define CPU_HEADER "# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle\n"
#define MEMORY_HEADER "# hostname;interval;timestamp;kbmemfree;kbavail;kbmemused;%memused\n"
#define IO_HEADER "# hostname;interval;timestamp;tps;rtps;wtps;bread/s;bwrtn/s\n"
#define DEVICE_HEADER "# hostname;interval;timestamp;DEV;tps;rkB/s;wkB/s\n"
#define NET_HEADER "# hostname;interval;timestamp;IFACE;rxpck/s;txpck/s;rxkB/s;txkB/s\n"
#define STAMP "1970-01-01 00:01:00 UTC"

Test(sadf, csv)
{
    static const struct import_case cases[] = {
        /* half of 4 processors; neither waiting nor stolen time is use; single processors do not count again */
        {"sadf:cores=4",
         NAMED("a", CPU_HEADER "h;60;" STAMP ";-1;40.00;0.00;10.00;5.00;15.00;30.00\n"
                               "h;60;" STAMP ";0;40.00;0.00;10.00;5.00;15.00;30.00\n"
                               "h;60;1970-01-01 00:02:00 UTC;-1;0.00;0.00;0.01;0.00;0.00;100.00\n"
                               "h;60;1970-01-01 00:03:00 UTC;all;0;0;0;0;0;99.5\n"),
         ALM_OK,
         {"h@60 cpu=2 | h@120 cpu=0 | h@180 cpu=0.02"}},
        {"sadf",
         NAMED("a", CPU_HEADER "h;-1;1970-01-01 00:00:00 UTC;LINUX-RESTART\t(8 CPU)\n"
                               "h;60;" STAMP ";-1;25;0;0;0;0;75\n"),
         ALM_OK,
         {"h@60 cpu=2"}},
        {"sadf", NAMED("a", CPU_HEADER "h;60;" STAMP ";-1;25;0;0;0;0;75\n"), ALM_OK, {"h@60 cpu=0.25"}},
        /* tables meet, in one file or several; blocks of 512 bytes, kB of 1024; 10.5 x 512 x 60 */
        {"sadf:cores=1",
         {{"a", CPU_HEADER "h;60;" STAMP ";-1;25;0;0;0;0;75\n" IO_HEADER "h;60;" STAMP ";1;1;1;2.00;10.50\n"},
          {"b", MEMORY_HEADER "h;60;60;9;9;100;0.1\n" NET_HEADER "h;60;60;lo;1;1;9;9\nh;60;60;eth0;1;1;1.00;2.00\n"
                              "h;60;60;eth1;1;1;0.5;0\n"}},
         ALM_OK,
         {"h@60 cpu=0.25 memory=102400 io_read=61440 io_write=322560 net_rx=92160 net_tx=122880"}},
        {"sadf:io=devices,ignore=eth0/lo",
         NAMED("a", IO_HEADER "h;60;60;1;1;1;2.00;10.50\n" DEVICE_HEADER
                              "h;60;60;sda;1;1.00;0.5\nh;60;60;sdb;1;1.00;0\n" NET_HEADER
                              "h;60;60;eth0;1;1;1.00;2.00\nh;60;60;eth1;1;1;0.5;0\n"),
         ALM_OK,
         {"h@60 io_read=122880 io_write=30720 net_rx=30720 net_tx=0"}},
        {"sadf:io=devices",
         NAMED("a", "# hostname;interval;timestamp;DEV;tps;rd_sec/s;wr_sec/s\nh;10;60;sda;1;2;0.5\n"),
         ALM_OK,
         {"h@60 io_read=10240 io_write=2560"}},
        /* without a zone; a decimal comma, as other locales print */
        {"sadf", NAMED("a", MEMORY_HEADER "h;60;1970-01-01 00:01:00;9;9;100;0,1\n"), ALM_OK, {"h@60 memory=102400"}},
        {"sadf:cores=1", NAMED("a", CPU_HEADER "h;60;60;-1;25;0;0;0,5;0;74,5\n"), ALM_OK, {"h@60 cpu=0.25"}},
    };
    CHECK_ALL(cases);
}

#define HOST(cpus, statistics)                                                                                         \
    "{\"sysstat\":{\"hosts\":[{\"nodename\":\"h\",\"number-of-cpus\":" cpus ",\"statistics\":[\n" statistics "\n]}]}}"
#define AT60 "{\"timestamp\":{\"date\":\"1970-01-01\",\"time\":\"00:01:00\",\"utc\":1,\"interval\":10}"

Test(sadf, json)
{
    static const struct import_case cases[] = {
        {"sadf",
         NAMED("a", HOST("4", AT60 ",\"cpu-load\":[{\"cpu\":\"all\",\"user\":40,\"iowait\":5,\"steal\":15,\"idle\":30},"
                                   "{\"cpu\":\"0\",\"idle\":0}],"
                                   "\"memory\":{\"memused\":100,\"memused-percent\":0.41},"
                                   "\"io\":{\"io-reads\":{\"bread\":1.0},\"io-writes\":{\"bwrtn\":823.76}},"
                                   "\"disk\":[{\"disk-device\":\"vda\",\"rkB\":1,\"wkB\":2}],"
                                   "\"network\":{\"net-dev\":[{\"iface\":\"lo\",\"rxkB\":7,\"txkB\":7},"
                                   "{\"iface\":\"eth0\",\"rxkB\":0.25,\"txkB\":0.5}]}},{}")),
         ALM_OK,
         {"h@60 cpu=2 memory=102400 io_read=5120 io_write=4217651.2 net_rx=2560 net_tx=5120"}},
        {"sadf:io=devices,cores=8",
         NAMED("a", HOST("4", AT60 ",\"cpu-load\":[{\"cpu\":\"all\",\"usr\":25,\"idle\":75}],"
                                   "\"disk\":[{\"rkB\":1,\"wkB\":2},{\"rd_sec\":1,\"wr_sec\":0}]}")),
         ALM_OK,
         {"h@60 cpu=1 io_read=15360 io_write=20480"}},
        /* sadf -j -- -u ALL */
        {"sadf",
         NAMED("a", HOST("4", AT60
                         ",\"cpu-load-all\":[{\"cpu\":\"all\",\"usr\":25,\"guest\":5,\"iowait\":10,\"idle\":40}]}")),
         ALM_OK,
         {"h@60 cpu=2"}},
    };
    CHECK_ALL(cases);
}

Test(sadf, units_and_notes)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"a", HOST("4", AT60 ",\"cpu-load\":[{\"cpu\":\"all\",\"idle\":75}]}")},
        {"b", CPU_HEADER "g;60;60;-1;25;0;0;0;0;75\n" DEVICE_HEADER "g;60;60;sda;1;1.00;0.5\n"
                         "# hostname;interval;timestamp;runq-sz;plist-sz\ng;60;60;1;2\n" CPU_HEADER
                         "g;60;60;-1;25;0;0;0;0;80\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("sadf", file, &m, &e), ALM_OK, "%s", e.text);
    expect_unit(&m, "h", "", 4, (double)NAN);
    expect_unit(&m, "g", "", (double)NAN, (double)NAN);
    cr_expect_eq(m.row[0].row.value[ALM_CPU], 1);
    cr_expect_eq(m.row[1].row.value[ALM_CPU], 0.25);
    cr_expect_eq(import_noted(&m, "say io=devices", "/b:4"), 1);
    cr_expect_eq(import_noted(&m, "a table of sadf that is of no resource", "/b:6"), 1);
    cr_expect_eq(import_noted(&m, "first kept", "/b:8"), 1);
    cr_expect(strstr(m.report.assumed, "100 percent of cpu is taken as one core"), "%s", m.report.assumed);
    memory_sink_free(&m);
    /* cores= is for hosts whose data do not say it */
    cr_assert_eq(import_written("sadf:cores=2", file, &m, &e), ALM_OK, "%s", e.text);
    expect_unit(&m, "h", "", 4, (double)NAN);
    expect_unit(&m, "g", "", 2, (double)NAN);
    cr_expect_eq(m.row[0].row.value[ALM_CPU], 1);
    cr_expect_eq(m.row[1].row.value[ALM_CPU], 0.5);
    cr_expect_str_eq(m.report.assumed, "");
    memory_sink_free(&m);
}

Test(sadf, what_is_wrong)
{
    static const struct import_case cases[] = {
        {"sadf", NAMED("s", "h;60;60;-1;25;0;0;0;0;75\n"), ALM_EDATA, {"s:1", "no header line"}},
        {"sadf",
         NAMED("s", "# hostname;interval;CPU;%idle\nh;60;-1;75\n"),
         ALM_EDATA,
         {"s:1", "no columns `interval`"}},
        {"sadf", NAMED("s", "# hostname;interval;timestamp;CPU;%idle[...]\n"), ALM_EDATA, {"s:1", "leave out -h"}},
        {"sadf", NAMED("s", CPU_HEADER "h;0;60;-1;25;0;0;0;0;75\n"), ALM_EDATA, {"s:2: `0`", "not an interval"}},
        {"sadf", NAMED("s", CPU_HEADER "h;60;noon;-1;25;0;0;0;0;75\n"), ALM_EDATA, {"s:2: `noon`", "not a time stamp"}},
        {"sadf", NAMED("s", CPU_HEADER "h;60;60;-1;25;0;0;0;0\n"), ALM_EDATA, {"s:2", "cut off"}},
        {"sadf", NAMED("s", CPU_HEADER "h;60;60;-1;25;0;0;0;0;x\n"), ALM_EDATA, {"s:2: `x`", "not a number"}},
        {"sadf", NAMED("s", CPU_HEADER "h;60;60;-1;0;0;0;0;0;120\n"), ALM_EDATA, {"s:2", "usage below 0"}},
        {"sadf", NAMED("s", CPU_HEADER), ALM_EDATA, {"s: no usage in it"}},
        {"sadf", NAMED("s", HOST("4", "{\"timestamp\":{\"date\":\"x\"}}")), ALM_EDATA, {"s:2", "not a time stamp"}},
        {"sadf",
         NAMED("s",
               HOST("4", "{\"timestamp\":{\"date\":\"1970-01-01\",\"time\":\"00:01:00\",\"utc\":1,\"interval\":-5}}")),
         ALM_EDATA,
         {"s:2", "not an interval"}},
        {"sadf", NAMED("s", "{\"sysstat\":{\"hosts\":[]}}"), ALM_EDATA, {"no array `sysstat.hosts.statistics`"}},
        {"sadf:bad=drop,cores=1",
         NAMED("s", CPU_HEADER "h;60;60;-1;0;0;0;0;0;120\nh;60;x;-1;0;0;0;0;0;20\nh;60;120;-1;0;0;0;0;0;20\n"),
         ALM_OK,
         {"h@120 cpu=0.8"}},
    };
    CHECK_ALL(cases);
}

/* ---- pidstat ---- */

#define BANNER "Linux 6.1.0 (host) \t11/22/26 \t_x86_64_\t(2 CPU)\n\n"
#define COLUMNS "# Time        UID       PID    %CPU   CPU     VSZ     RSS   %MEM   kB_rd/s   kB_wr/s  Command\n"

Test(pidstat, rows)
{
    static const struct import_case cases[] = {
        /* processes of a command add up; the first interval is not known, the second is 10 s; -1 is not permitted */
        {"pidstat",
         NAMED("p", BANNER COLUMNS "100 0 7 10.00 1 3184 2000 0.01 1.00 2.00 worker\n"
                                   "100 0 8 120.00 1 3184 3000 0.01 -1.00 -1.00 worker\n\n" COLUMNS
                                   "110 0 7 10.00 1 3184 2000 0.01 1.50 2.00 worker\n"
                                   "110 0 9 5.00 1 3184 1 0.01 -1.00 0.50 Web Content\n"),
         ALM_OK,
         {"worker@100 cpu=1.3 memory=5120000 | worker@110 cpu=0.1 memory=2048000 io_read=15360 io_write=20480 | "
          "Web Content@110 cpu=0.05 memory=1024 io_write=5120"}},
        {"pidstat:unit=process,interval=2s",
         NAMED("p", COLUMNS "100 0 7 10.00 1 3184 2000 0.01 1.00 2.00 worker\n"
                            "100 0 8 120.00 1 3184 3000 0.01 0 0 worker\n"),
         ALM_OK,
         {"worker/7@100 cpu=0.1 memory=2048000 io_read=2048 io_write=4096 | "
          "worker/8@100 cpu=1.2 memory=3072000 io_read=0 io_write=0"}},
        /* half days, past midnight and past noon; the date of the banner */
        {"pidstat",
         NAMED("p", BANNER "# Time UID PID %CPU Command\n11:59:59 AM 0 1 1.00 a\n12:00:01 PM 0 1 2.00 a\n"
                           "11:00:00 PM 0 1 3.00 a\n12:00:00 AM 0 1 4.00 a\n"),
         ALM_OK,
         {"a@1795348799 cpu=0.01 | a@1795348801 cpu=0.02 | a@1795388400 cpu=0.03 | a@1795392000 cpu=0.04"}},
        {"pidstat:date=1970-01-03",
         NAMED("p", BANNER "# Time UID PID %CPU Command\n00:00:01 0 1 1.00 a\n"),
         ALM_OK,
         {"a@172801 cpu=0.01"}},
        {"pidstat", NAMED("p", "# Time UID PID %CPU Command\n00:00:01 0 1 1,50 a\n"), ALM_OK, {"a@1 cpu=0.015"}},
        /* columns in another order; averages at the end */
        {"pidstat",
         NAMED("p", "Linux 6.1.0 (h) 1970-01-02 _x86_64_ (2 CPU)\n# Time RSS %CPU PID Command\n00:00:01 5 1.00 1 a\n"
                    "Average: 5 1.00 1 a\n"),
         ALM_OK,
         {"a@86401 cpu=0.01 memory=5120"}},
    };
    CHECK_ALL(cases);
}

Test(pidstat, notes)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"p", BANNER COLUMNS "100 0 7 10.00 1 3184 2000 0.01 1.00 2.00 /usr/bin/java -cp "
                             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
                             "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("pidstat", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.report.read, 1);
    cr_expect_str_eq(m.unit[0].name, "/usr/bin/java");
    cr_expect_eq(import_noted(&m, "a command line too long for a name", "/p:4"), 1);
    cr_expect_eq(import_noted(&m, "the first sample", "/p:4"), 2);
    memory_sink_free(&m);
}

Test(pidstat, what_is_wrong)
{
    static const struct import_case cases[] = {
        {"pidstat", NAMED("p", BANNER "04:08:00 0 1 1.00 a\n"), ALM_EDATA, {"p:3", "use pidstat -h"}},
        {"pidstat", NAMED("p", "# Time UID TGID TID %CPU Command\n1 0 1 - 1.00 a\n"), ALM_EDATA, {"p:1", "without -t"}},
        {"pidstat",
         NAMED("p", COLUMNS "noon 0 7 1 1 3184 2000 0.01 1.00 2.00 a\n"),
         ALM_EDATA,
         {"p:2: `noon`", "not a time"}},
        {"pidstat", NAMED("p", COLUMNS "100 0 7 ten 1 3184 2000 0.01 1.00 2.00 a\n"), ALM_EDATA, {"p:2: `ten`"}},
        {"pidstat", NAMED("p", COLUMNS "100 0 7 10.00 1 3184\n"), ALM_EDATA, {"p:2", "ends before the command"}},
        {"pidstat:date=yesterday", NAMED("p", COLUMNS), ALM_EINVAL, {"date=yesterday"}},
        {"pidstat", NAMED("p", ""), ALM_EDATA, {"p: no usage in it"}},
        {"pidstat:date=2261-12-31",
         NAMED("p", "# Time UID PID %CPU Command\n23:00:00 0 1 1 a\n00:00:00 0 1 1 a\n"),
         ALM_OK,
         {"a@9214642800 cpu=0.01 | a@9214646400 cpu=0.01"}},
        {"pidstat:bad=drop",
         NAMED("p", COLUMNS "100 0 7 ten 1 3184 2000 0.01 1.00 2.00 a\n101 0 7 1 1 3184 1 0.01 -1 -1 a\n"),
         ALM_OK,
         {"a@101 cpu=0.01 memory=1024"}},
    };
    CHECK_ALL(cases);
}
