/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of containers, control groups and Google's instances (docker-stats, cgroup, google-2019): do counters of each
 * device become rates on their own? Are binary and decimal prefixes, limits, percentages and shares told apart? Are special
 * values (containers that do not run, "max", times before and after the trace) seen for what they are? */
#include "import_units.h"

/* clang-format off */
#define NAMED(file, ...) {{file, __VA_ARGS__}}
/* clang-format on */
#define CLI(name, cpu, memory, net, block)                                                                             \
    "{\"Name\":\"" name "\",\"ID\":\"1\",\"CPUPerc\":\"" cpu "\",\"MemUsage\":\"" memory "\",\"NetIO\":\"" net         \
    "\",\"BlockIO\":\"" block "\"}\n"

Test(docker_stats, printed)
{
    static const struct import_case cases[] = {
        /* 100 % is one core; MiB of 1024, kB of 1000; bytes count from the start of the container */
        {"docker-stats",
         NAMED("d", "1000 " CLI("web", "150.50%", "12.5MiB / 2GiB", "1kB / 0B", "1.2kB / 3.4MB") "1010 " CLI(
                        "web", "0.00%", "13KiB / 2GiB", "3.5kB / 10B", "1.2kB / 3.9MB")),
         ALM_OK,
         {"web@1000 cpu=1.505 memory=13107200 | web@1010 cpu=0 memory=13312 io_read=0 io_write=500000 net_rx=2500 "
          "net_tx=10"}},
        {"docker-stats",
         NAMED("d", "1970-01-01T00:16:40Z\t" CLI("web", "1%", "1B / 0B", "0B / 0B", "0B / 0B")),
         ALM_OK,
         {"web@1000 cpu=0.01 memory=1"}},
        /* without times: a sample ends where a name comes again; a terminal's codes are skipped */
        {"docker-stats:interval=5s",
         NAMED("d", "\033[2J\033[H" CLI("a", "1%", "1B / 9B", "--", "--")
                        CLI("b", "2%", "1B / 9B", "--", "--") "\033[2J\033[H\n" CLI("b", "3%", "1B / 9B", "--", "--")
                            CLI("c", "4%", "1B / 9B", "--", "--") CLI("a", "5%", "1B / 9B", "--", "--")
                                CLI("a", "6%", "1B / 9B", "--", "--")),
         ALM_OK,
         {"a@5 cpu=0.01 memory=1 | a@10 cpu=0.05 memory=1 | a@15 cpu=0.06 memory=1 | b@5 cpu=0.02 memory=1 | b@10 "
          "cpu=0.03 "
          "memory=1 | c@10 cpu=0.04 memory=1"}},
        {"docker-stats", NAMED("d", "{\"time\":5,\"Container\":\"x\",\"CPUPerc\":\"7%\"}\n"), ALM_OK, {"x@5 cpu=0.07"}},
    };
    CHECK_ALL(cases);
}

#define API(time, cpu, used, inactive, rx, op, bytes)                                                                  \
    "{\"read\":\"" time "\",\"name\":\"/c\",\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":" cpu                        \
    "}},\"memory_stats\":{\"usage\":" used ",\"limit\":1073741824,\"stats\":{\"inactive_file\":" inactive              \
    "}},\"networks\":{\"eth0\":{\"rx_bytes\":" rx ",\"tx_bytes\":0},\"eth1\":{\"rx_bytes\":" rx                        \
    "}},\"blkio_stats\":{\"io_service_bytes_recursive\":[{\"major\":8,\"minor\":0,\"op\":\"" op "\",\"value\":" bytes  \
    "},{\"major\":8,\"minor\":16,\"op\":\"" op "\",\"value\":" bytes "},{\"op\":\"Total\",\"value\":9}]}}\n"

Test(docker_stats, counted)
{
    static const struct import_case cases[] = {
        /* 5e9 ns in 10 s; memory without inactive files; devices and interfaces add up */
        {"docker-stats",
         NAMED("d", API("1970-01-01T00:00:10.5Z", "1000000000", "5000", "1000", "100", "read", "4096")
                        API("1970-01-01T00:00:20.5Z", "6000000000", "6000", "7000", "150", "read", "8192")),
         ALM_OK,
         {"c@10.5 memory=4000 | c@20.5 cpu=0.5 memory=6000 io_read=8192 net_rx=100 net_tx=0"}},
        {"docker-stats",
         NAMED("d", API("1970-01-01T00:00:10Z", "1000000000", "1", "0", "100", "Write", "4096")
                        API("1970-01-01T00:00:20Z", "500000000", "1", "0", "100", "Write", "4097")),
         ALM_OK,
         {"c@10 memory=1 | c@20 cpu=0.05 memory=1 io_write=2 net_rx=0 net_tx=0"}},
    };
    CHECK_ALL(cases);
}

Test(docker_stats, notes_and_limits)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"d", "5 " CLI("web", "1%", "1B / 2GiB", "1kB / 2kB", "--") "5 " CLI("off", "--", "-- / --", "--", "--")
                  API("0001-01-01T00:00:00Z", "0", "0", "0", "0", "read", "0")
                      API("1970-01-01T00:00:10Z", "0", "1", "0", "0", "read", "0")}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("docker-stats", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.report.read, 4);
    cr_expect_eq(m.rows, 2);
    expect_unit(&m, "web", "", (double)NAN, 2147483648.0);
    expect_unit(&m, "c", "", (double)NAN, 1073741824.0);
    cr_expect_eq(import_noted(&m, "a container that does not run", "/d:2"), 2);
    cr_expect(strstr(m.report.assumed, "three digits"));
    memory_sink_free(&m);
}

Test(docker_stats, what_is_wrong)
{
    static const struct import_case cases[] = {
        {"docker-stats",
         NAMED("d", CLI("a", "1%", "1B / 9B", "--", "--")),
         ALM_EDATA,
         {"d:1", "no time", "interval=5s"}},
        {"docker-stats", NAMED("d", "CONTAINER ID   NAME   CPU %\n"), ALM_EDATA, {"d:1", "use --format json"}},
        {"docker-stats", NAMED("d", "{\"Name\":\n"), ALM_EDATA, {"d:1", "use --format json"}},
        {"docker-stats", NAMED("d", "5 {\"CPUPerc\":\"1%\"}\n"), ALM_EDATA, {"d:1", "no member `Name`"}},
        {"docker-stats", NAMED("d", "5 {\"Name\":\"a\"}\n"), ALM_EDATA, {"d:1", "neither `CPUPerc` nor `cpu_stats`"}},
        {"docker-stats",
         NAMED("d", "5 " CLI("a", "many", "1B / 9B", "--", "--")),
         ALM_EDATA,
         {"d:1: `many`", "percentage"}},
        {"docker-stats", NAMED("d", "5 " CLI("a", "-1%", "1B / 9B", "--", "--")), ALM_EDATA, {"d:1", "below 0"}},
        {"docker-stats", NAMED("d", "5 " CLI("a", "1%", "1XB / 9B", "--", "--")), ALM_EDATA, {"d:1: `1XB / 9B`"}},
        {"docker-stats", NAMED("d", "5 " CLI("a", "1%", "1B / 9B", "5", "--")), ALM_EDATA, {"d:1: `5`", "two amounts"}},
        {"docker-stats", NAMED("d", "{\"time\":\"noon\",\"Name\":\"a\"}\n"), ALM_EDATA, {"d:1", "not a time"}},
        {"docker-stats", NAMED("d", ""), ALM_EDATA, {"d: no usage in it"}},
        {"docker-stats:bad=drop,interval=1s",
         NAMED("d", "x\n" CLI("a", "many", "1B / 9B", "--", "--") CLI("a", "2%", "1B / 9B", "--", "--")),
         ALM_OK,
         {"a@1 memory=1 | a@2 cpu=0.02 memory=1"}},
    };
    CHECK_ALL(cases);
}

/* ---- cgroup ---- */

Test(cgroup, text)
{
    static const struct import_case cases[] = {
        /* each device counts on its own: one that comes later is no burst, one that goes is no reset */
        {"cgroup",
         NAMED("c",
               "time 0.5\n/sys/fs/cgroup/web/cpu.stat:usage_usec 1000000\n/sys/fs/cgroup/web/cpu.stat:user_usec 5\n"
               "/sys/fs/cgroup/web/memory.current:4096\n/sys/fs/cgroup/web/memory.peak:9999\n"
               "/sys/fs/cgroup/web/io.stat:8:0 rbytes=100 wbytes=200 rios=1\n"
               "time 10.5\n/sys/fs/cgroup/web/cpu.stat:usage_usec 6000000\n"
               "/sys/fs/cgroup/web/io.stat:8:0 rbytes=150 wbytes=200 rios=1\n"
               "/sys/fs/cgroup/web/io.stat:8:16 rbytes=100000 wbytes=7\n"
               "time 20.5\n/sys/fs/cgroup/web/io.stat:8:16 rbytes=100001 wbytes=7\n"),
         ALM_OK,
         {"/web@0.5 memory=4096 | /web@10.5 cpu=0.5 io_read=50 io_write=0 | /web@20.5 io_read=1 io_write=0"}},
        {"cgroup:memory=peak",
         NAMED("c", "time 0.5\n/sys/fs/cgroup/web/memory.current:4096\n/sys/fs/cgroup/web/memory.peak:9999\n"),
         ALM_OK,
         {"/web@0.5 memory=9999"}},
        /* version 1: nanoseconds, and one folder a controller */
        {"cgroup",
         NAMED("c", "time 0\n/sys/fs/cgroup/cpu,cpuacct/web/a/cpuacct.usage:1000000000\n"
                    "/sys/fs/cgroup/blkio/web/a/blkio.throttle.io_service_bytes:8:0 Read 1\n"
                    "time 10\n/sys/fs/cgroup/cpuacct/web/a/cpuacct.usage:2000000000\n"
                    "/sys/fs/cgroup/memory/web/a/memory.usage_in_bytes:5\n"
                    "/sys/fs/cgroup/blkio/web/a/blkio.throttle.io_service_bytes:8:0 Read 11\n"
                    "/sys/fs/cgroup/blkio/web/a/blkio.throttle.io_service_bytes:8:0 Total 99\n"
                    "/sys/fs/cgroup/blkio/web/a/blkio.throttle.io_service_bytes:Total 99\n"
                    "/sys/fs/cgroup/memory/memory.usage_in_bytes:6\n"),
         ALM_OK,
         {"/web/a@10 cpu=0.1 memory=5 io_read=10 | /@10 memory=6"}},
        /* JSON: "max" is no limit; a path may be told from the mount point or not */
        {"cgroup",
         NAMED("c", "{\"time\":0,\"cgroup\":\"/"
                    "b\",\"cpu.stat\":{\"usage_usec\":0},\"memory.current\":1,\"memory.max\":\"max\","
                    "\"cpu.max\":\"max 100000\",\"io.stat\":{\"8:0\":{\"rbytes\":0,\"wbytes\":1}}}\n"
                    "{\"time\":\"1970-01-01T00:00:10Z\",\"cgroup\":\"/sys/fs/cgroup/b\",\"cpu.stat\":{\"usage_usec\":"
                    "20000000},\"io.stat\":{\"8:0\":{\"rbytes\":10,\"wbytes\":21}}}\n"),
         ALM_OK,
         {"/b@0 memory=1 | /b@10 cpu=2 io_read=10 io_write=20"}},
    };
    CHECK_ALL(cases);
}

Test(cgroup, limits_and_notes)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"c", "time 0\n/sys/fs/cgroup/w/memory.max:1048576\n/sys/fs/cgroup/w/cpu.max:50000 100000\n"
              "/sys/fs/cgroup/w/cpu.stat:usage_usec 10\n/sys/fs/cgroup/u/memory.max:max\n/sys/fs/cgroup/u/cpu.max:max "
              "100000\n"
              "/sys/fs/cgroup/u/memory.current:5\n"
              "/sys/fs/cgroup/memory/v/memory.limit_in_bytes:9223372036854771712\n"
              "time 10\n/sys/fs/cgroup/w/cpu.stat:usage_usec 5\n"
              "time 100\n/sys/fs/cgroup/w/cpu.stat:usage_usec 6\n"
              "time 90\n/sys/fs/cgroup/w/cpu.stat:usage_usec 7\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("cgroup", file, &m, &e), ALM_OK, "%s", e.text);
    expect_unit(&m, "/w", "", 0.5, 1048576);
    expect_unit(&m, "/u", "", (double)NAN, (double)NAN);
    expect_unit(&m, "/v", "", (double)NAN, (double)NAN);
    cr_expect_eq(m.rows, 2);
    cr_expect_eq(import_noted(&m, "a counter began again", "/c:10"), 1);
    cr_expect_eq(import_noted(&m, "a gap between readings", "/c:12"), 1);
    cr_expect_eq(import_noted(&m, "not later than the one before", "/c:14"), 1);
    memory_sink_free(&m);
}

Test(cgroup, what_is_wrong)
{
    static const struct import_case cases[] = {
        {"cgroup", NAMED("c", "/sys/fs/cgroup/w/memory.current:5\n"), ALM_EDATA, {"c:1", "no line \"time SECONDS\""}},
        {"cgroup", NAMED("c", "time now\n"), ALM_EDATA, {"c:1: `now`", "not a time"}},
        {"cgroup", NAMED("c", "time\n"), ALM_EDATA, {"c:1", "not a time"}},
        {"cgroup", NAMED("c", "time 1\nusage 5\n"), ALM_EDATA, {"c:2: `usage`", "PATH/FILE:VALUE"}},
        {"cgroup", NAMED("c", "time 1\n/w/memory.current:lots\n"), ALM_EDATA, {"c:2: `lots`", "not a number"}},
        {"cgroup", NAMED("c", "time 1\n/w/memory.current:-5\n"), ALM_EDATA, {"c:2", "below 0"}},
        {"cgroup", NAMED("c", "time 1\n/w/io.stat:8:0 rbytes=x\n"), ALM_EDATA, {"c:2: `x`", "not a number"}},
        {"cgroup", NAMED("c", "time 1\n/w/cpu.max:50000\n"), ALM_EDATA, {"c:2", "not a number"}},
        {"cgroup", NAMED("c", "{\"cgroup\":\"/a\"}"), ALM_EDATA, {"c:1", "no member \"time\""}},
        {"cgroup", NAMED("c", "{\"time\":5}"), ALM_EDATA, {"c:1", "no member \"cgroup\""}},
        {"cgroup",
         NAMED("c", "{\"time\":5,\"cgroup\":\"/a\",\"memory.current\":[]}"),
         ALM_EDATA,
         {"`memory.current`", "not a number"}},
        {"cgroup", NAMED("c", "time 1\n"), ALM_EDATA, {"c: no usage in it"}},
        {"cgroup:bad=drop",
         NAMED("c", "time 1\n/w/memory.current:5\ntime x\n/w/memory.current:6\ntime 3\n/w/memory.current:7\n"),
         ALM_OK,
         {"/w@1 memory=5 | /w@3 memory=7"}},
    };
    CHECK_ALL(cases);
}

/* ---- google-2019 ---- */

#define USAGE(start, end, index, cpus, memory, maximum)                                                                \
    "{\"start_time\":\"" start "\",\"end_time\":\"" end                                                                \
    "\",\"collection_id\":\"330587238433\",\"instance_index\":\"" index "\",\"average_usage\":{\"cpus\":" cpus         \
    ",\"memory\":" memory "},\"maximum_usage\":{\"cpus\":1,\"memory\":" maximum "}}\n"
#define ROW(id, type, alloc, cpus)                                                                                     \
    "{\"start_time\":\"600000000\",\"end_time\":\"900000000\",\"collection_id\":\"" id                                 \
    "\",\"instance_index\":\"0\",\"collection_type\":" type ",\"alloc_collection_id\":" alloc                          \
    ",\"average_usage\":{\"cpus\":" cpus "}}\n"
#define CSV_HEADER "start_time,end_time,collection_id,instance_index,average_usage,maximum_usage,resource_request\n"

Test(google_2019, rows)
{
    static const struct import_case cases[] = {
        {"google-2019:cores=32,memory_capacity=64Gi",
         NAMED("u", USAGE("600000000", "900000000", "0", "0.03125", "0.015625", "0.03125")
                        USAGE("900000000", "1200000000", "0", "0.0625", "0.015625", "null")),
         ALM_OK,
         {"330587238433/0@900 cpu=1 memory=2147483648 | 330587238433/0@1200 cpu=2"}},
        /* ids beyond what doubles hold, as text and as numbers */
        {"google-2019:cores=2",
         NAMED("u", ROW("9007199254740993", "0", "0",
                        "1") "{\"start_time\":600000000,\"end_time\":900000000,\"collection_id\":9007199254740992,"
                             "\"instance_index\":0,\"average_usage\":{\"cpus\":\"0.5\"}}\n"),
         ALM_OK,
         {"9007199254740993/0@900 cpu=2 | 9007199254740992/0@900 cpu=1"}},
        {"google-2019:cores=2,memory_capacity=1Ki,memory=average",
         NAMED("u", USAGE("600000000", "900000000", "7", "10", "0.5", "0.75")
                        USAGE("900000000", "1200000001", "7", "10.5", "0.5", "0")),
         ALM_OK,
         {"330587238433/7@900 cpu=20 memory=512 | 330587238433/7@1200.000001 memory=512"}},
        {"google-2019:cores=2,memory_capacity=1Ki",
         NAMED("u.csv", CSV_HEADER
               "600000000,900000000,4,1,\"{'cpus': 0.25, 'memory': 0.5}\",\"{'cpus': 11, 'memory': 0.75}\",\n"
               "900000000,1200000000,4,1,\"{\"\"cpus\"\": 1, \"\"memory\"\": None}\",,\n"),
         ALM_OK,
         {"4/1@900 cpu=0.5 memory=768 | 4/1@1200 cpu=2"}},
        {"google-2019:cores=2,memory_capacity=1Ki",
         {{"a.csv", "end_time,start_time,average_usage.cpus,maximum_usage.memory,instance_index,collection_id\n"
                    "900000000,600000000,0.5,0.25,3,9\n"},
          {"b.csv", "end_time,start_time,average_usage_cpus,maximum_usage_memory,instance_index,collection_id\n"
                    "900000000,600000000,0.25,0.5,4,9\n"}},
         ALM_OK,
         {"9/3@900 cpu=1 memory=256 | 9/4@900 cpu=0.5 memory=512"}},
    };
    CHECK_ALL(cases);
}

/* A task of its own, an instance of an alloc set, and a task inside of that. */
#define THREE ROW("7", "\"0\"", "\"0\"", "1") ROW("8", "1", "null", "0.75") ROW("9", "0", "\"8\"", "0.5")

Test(google_2019, what_runs_in_an_alloc_set_counts_once)
{
    static const struct import_case cases[] = {
        {"google-2019:cores=2,allocs=tasks", NAMED("u", THREE), ALM_OK, {"7/0@900 cpu=2 | 9/0@900 cpu=1"}},
        {"google-2019:cores=2", NAMED("u", THREE), ALM_OK, {"7/0@900 cpu=2 | 8/0@900 cpu=1.5"}},
        {"google-2019:cores=2,allocs=all",
         NAMED("u", THREE),
         ALM_OK,
         {"7/0@900 cpu=2 | 8/0@900 cpu=1.5 | 9/0@900 cpu=1"}},
        {"google-2019:cores=2,allocs=tasks",
         NAMED("u.csv", "start_time,end_time,collection_id,instance_index,collection_type,alloc_collection_id,"
                        "average_usage_cpus\n600000000,900000000,8,0,1,,0.75\n600000000,900000000,9,0,0,8,0.5\n"),
         ALM_OK,
         {"9/0@900 cpu=1"}},
        {"google-2019:allocs=tasks",
         NAMED("u", ROW("8", "1", "0", "1")),
         ALM_EDATA,
         {"u: no usage in it: an instance of an alloc set"}},
    };
    CHECK_ALL(cases);
    static const struct import_file file[IMPORT_FILES] = {{"u", THREE}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("google-2019:allocs=tasks", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(import_noted(&m, "an instance of an alloc set", "u:2"), 1);
    memory_sink_free(&m);
    cr_assert_eq(import_written("google-2019", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(import_noted(&m, "a task in an instance", "u:3"), 1);
    memory_sink_free(&m);
}

Test(google_2019, requests_and_special_times)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"a_usage.json",
         USAGE("600000000", "900000000", "0", "0.5", "0", "0") USAGE("0", "300000000", "0", "0.5", "0", "0")
             USAGE("900000000", "9223372036854775807", "0", "0.5", "0", "0") USAGE(
                 "900000000", "1200000000", "0", "11", "0", "0") USAGE("900000000", "900000000", "0", "1", "0", "0")},
        {"b_events.json", "{\"time\":\"0\",\"type\":\"0\",\"collection_id\":\"330587238433\",\"instance_index\":\"0\","
                          "\"resource_request\":"
                          "{\"cpus\":0.125,\"memory\":0.0625}}\n"
                          "{\"time\":\"5\",\"type\":\"3\",\"collection_id\":\"330587238433\",\"instance_index\":\"0\","
                          "\"resource_request\":{"
                          "\"cpus\":0.5,\"memory\":0}}\n"
                          "{\"time\":\"5\",\"type\":\"3\",\"collection_id\":\"1\",\"instance_index\":\"0\",\"resource_"
                          "request\":{\"cpus\":1}}\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("google-2019:cores=8,memory_capacity=1Mi", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.units, 1, "a unit without usage was made");
    expect_unit(&m, "330587238433/0", "330587238433", 4, 65536);
    cr_expect_eq(m.rows, 2);
    cr_expect_eq(m.report.read, 8);
    cr_expect_eq(m.interval, 300 * ALM_SECOND);
    cr_expect_eq(import_noted(&m, "before the trace", "a_usage.json:2"), 1);
    cr_expect_eq(import_noted(&m, "after the end of the trace", "a_usage.json:3"), 1);
    cr_expect_eq(import_noted(&m, "outside of its range", "a_usage.json:4"), 1);
    cr_expect_eq(import_noted(&m, "ends before it begins", "a_usage.json:5"), 1);
    cr_expect(strstr(m.report.assumed, "taken for 8 cores (cores=)"), "%s", m.report.assumed);
    memory_sink_free(&m);
}

Test(google_2019, what_is_wrong)
{
    static const struct import_case cases[] = {
        {"google-2019", NAMED("u", "{\"start_time\":\"1\",\"end_time\":\"2\"}"), ALM_EDATA, {"u:1", "collection_id"}},
        {"google-2019", NAMED("u", "{\"collection_id\":5}"), ALM_EDATA, {"u:1", "neither a row of instance_usage"}},
        {"google-2019", NAMED("u", "{\"start_time\":"), ALM_EDATA, {"u:1", "was it cut off"}},
        {"google-2019", NAMED("u", "time,cpu\n1,2\n"), ALM_EDATA, {"u:1", "no column `collection_id`", "Google 2019"}},
        {"google-2019",
         NAMED("u", CSV_HEADER "600000000,900000000,,1,,,\n"),
         ALM_EDATA,
         {"u:2", "`collection_id`", "missing"}},
        {"google-2019", NAMED("u", ""), ALM_EDATA, {"u: no usage in it"}},
        {"google-2019",
         NAMED("u", "{\"time\":\"5\",\"type\":\"3\",\"collection_id\":\"1\",\"instance_index\":\"0\"}"),
         ALM_EDATA,
         {"u: no usage in it"}},
    };
    CHECK_ALL(cases);
}
