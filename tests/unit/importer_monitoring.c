/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of results of queries (prometheus, cloudwatch): is a counter a rate, a percentage cores, a stamp the end of its
 * interval? Does each series find its unit and meet the others of it, once? Is what is not usage left out loudly, and what
 * cannot be read named with file and line? */
#include "import_units.h"

/* clang-format off */
#define NAMED(file, ...) {{file, __VA_ARGS__}}
/* clang-format on */
#define ANSWER(...) "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" __VA_ARGS__ "]}}"
#define SERIES(labels, values) "{\"metric\":{" labels "},\"values\":[" values "]}"
#define CPU "\"__name__\":\"container_cpu_usage_seconds_total\""
#define MEMORY "\"__name__\":\"container_memory_working_set_bytes\""
#define NODE "\"__name__\":\"node_cpu_seconds_total\",\"instance\":\"h:9100\""
#define RX "\"__name__\":\"container_network_receive_bytes_total\",\"pod\":\"p\",\"id\":\"/k\""

Test(prometheus, series)
{
    static const struct import_case cases[] = {
        /* 30 s of CPU in 60 s; 60 in 120 s since a point is missing; began again at 5 */
        {"prometheus",
         NAMED("a", ANSWER(SERIES(CPU ",\"pod\":\"p\",\"container\":\"c\"",
                                  "[1000,\"100\"],[1060,\"130\"],[1180,\"190\"],[1240,\"5\"]"))),
         ALM_OK,
         {"p/c@1060 cpu=0.5 | p/c@1180 cpu=0.5 | p/c@1240 cpu=0.0833333333333"}},
        /* cores of a machine add up; idle and stolen time are not use; milliseconds are kept */
        {"prometheus",
         NAMED(
             "a",
             ANSWER(SERIES(NODE ",\"cpu\":\"0\",\"mode\":\"user\"", "[0.5,\"10\"],[10.5,\"15\"]") "," SERIES(
                 NODE ",\"cpu\":\"1\",\"mode\":\"system\"",
                 "[0.5,\"10\"],[10.5,\"12.5\"]") "," SERIES(NODE ",\"cpu\":\"0\",\"mode\":\"idle\"",
                                                            "[0.5,\"10\"],[10.5,\"20\"]") "," SERIES(NODE
                                                                                                     ",\"cpu\":\"1\","
                                                                                                     "\"mode\":"
                                                                                                     "\"steal\"",
                                                                                                     "[0.5,\"10\"],[10."
                                                                                                     "5,\"20\"]"))),
         ALM_OK,
         {"h:9100@10.5 cpu=0.75"}},
        /* two metrics of one unit meet; bytes are those of a step */
        {"prometheus",
         {{"a", ANSWER(SERIES(MEMORY ",\"container\":\"c\"", "[0,\"4096\"],[60,\"8192\"]"))},
          {"b", ANSWER(SERIES("\"__name__\":\"container_fs_reads_bytes_total\",\"container\":\"c\"",
                              "[0,\"1\"],[60,\"601\"]"))}},
         ALM_OK,
         {"c@0 memory=4096 | c@60 memory=8192 io_read=600"}},
        /* interfaces add up, but for the loopback; a pod is the unit where containers share it */
        {"prometheus",
         NAMED("a", ANSWER(SERIES(RX ",\"interface\":\"eth0\"", "[0,\"1\"],[60,\"601\"]") "," SERIES(
                        RX ",\"interface\":\"eth1\",\"container\":\"POD\"",
                        "[0,\"0\"],[60,\"9\"]") "," SERIES("\"__name__\":\"node_network_receive_bytes_total\","
                                                           "\"instance\":\"h\",\"device\":"
                                                           "\"lo\"",
                                                           "[0,\"0\"],[60,\"9\"]"))),
         ALM_OK,
         {"p@60 net_rx=609"}},
        {"prometheus:unit=job/cpu",
         NAMED("a", ANSWER(SERIES(NODE ",\"cpu\":\"0\",\"mode\":\"user\",\"job\":\"j\"", "[0,\"10\"],[10,\"15\"]"))),
         ALM_OK,
         {"j/0@10 cpu=0.5"}},
        /* an expression has no name: a rate of what the file's name speaks of, or resource= does */
        {"prometheus",
         NAMED("net_tx-1.json", ANSWER(SERIES("\"pod\":\"p\"", "[0,\"2\"],[30,\"3\"],[90,\"4\"]"))),
         ALM_OK,
         {"p@0 net_tx=60 | p@30 net_tx=90 | p@90 net_tx=120"}},
        {"prometheus:resource=cpu",
         NAMED("net_tx.json", ANSWER(SERIES("\"pod\":\"p\"", "[0,\"0.25\"]"))),
         ALM_OK,
         {"p@0 cpu=0.25"}},
        {"prometheus:resource=cpu,counter=yes",
         NAMED("a", ANSWER(SERIES("\"pod\":\"p\"", "[0,\"1\"],[10,\"6\"]"))),
         ALM_OK,
         {"p@10 cpu=0.5"}},
        {"prometheus:cpu=busy_seconds,counter=yes",
         NAMED("a", ANSWER(SERIES("\"__name__\":\"busy_seconds\",\"name\":\"n\"",
                                  "[0,\"1\"],[10,\"6\"]") "," SERIES(CPU ",\"name\":\"n\"", "[0,\"1\"],[10,\"9\"]"))),
         ALM_OK,
         {"n@10 cpu=0.5"}},
    };
    CHECK_ALL(cases);
}

Test(prometheus, pieces_of_time)
{
    static const struct import_case cases[] = {
        /* missing points, a time in two pieces whose ends overlap, and pieces in another order */
        {"prometheus",
         {{"a", ANSWER(SERIES(MEMORY ",\"name\":\"n\"", "[0,\"1\"],[10,\"NaN\"],[20,\"+Inf\"],[30,\"4\"]"))},
          {"b", ANSWER(SERIES(MEMORY ",\"name\":\"n\"", "[30,\"4\"],[40,\"5\"]"))}},
         ALM_OK,
         {"n@0 memory=1 | n@30 memory=4 | n@40 memory=5"}},
        {"prometheus",
         {{"a", ANSWER(SERIES(CPU ",\"name\":\"n\"", "[30,\"30\"],[40,\"35\"]"))},
          {"b", ANSWER(SERIES(CPU ",\"name\":\"n\"", "[0,\"0\"],[10,\"1\"]"))},
          {"c", ANSWER(SERIES(CPU ",\"name\":\"n\"", "[40,\"35\"],[50,\"45\"]"))}},
         ALM_OK,
         {"n@10 cpu=0.1 | n@40 cpu=0.5"}},
        {"prometheus",
         {{"a", ANSWER(SERIES(CPU ",\"name\":\"n\"", "[0,\"0\"],[10,\"5\"]"))},
          {"b", ANSWER(SERIES(CPU ",\"name\":\"n\"", "[10,\"5\"],[20,\"15\"]"))}},
         ALM_OK,
         {"n@10 cpu=0.5 | n@20 cpu=1"}},
    };
    CHECK_ALL(cases);
}

Test(prometheus, what_is_left_out_is_counted)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"a",
         ANSWER(SERIES(MEMORY ",\"pod\":\"p\",\"container\":\"c\"", "[0,\"1\"]") ",\n" SERIES(
             MEMORY ",\"pod\":\"p\",\"id\":\"/k\"",
             "[0,\"2\"]") ",\n" SERIES(MEMORY ",\"pod\":\"p\",\"container\":\"POD\"",
                                       "[0,\"3\"]") ",\n" SERIES(MEMORY ",\"id\":\"/system.slice\"",
                                                                 "[0,\"4\"]") ",\n" SERIES("\"__name__\":\"up\"",
                                                                                           "[0,\"1\"]") ",\n" SERIES("\"__name__\":\"container_memory_rss\",\"pod\":\"p\",\"container\":\"c\"",
                                                                                                                     "["
                                                                                                                     "0"
                                                                                                                     ","
                                                                                                                     "\"5\"]") ",\n" SERIES(MEMORY
                                                                                                                                            ",\"pod\":\"p\",\"container\":\"c\"",
                                                                                                                                            "[0,\"6\"],[10,\"7\"]"))}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("prometheus", file, &m, &e), ALM_OK, "%s", e.text);
    char *got = import_tell(&m);
    cr_expect_str_eq(got, "p/c@0 memory=1 | p/c@10 memory=7", "%s", got);
    cr_expect_eq(m.report.read, 8);
    cr_expect_eq(import_noted(&m, "a sum over the containers of a pod", "/a:2"), 2);
    cr_expect_eq(import_noted(&m, "a control group that is no container", "/a:4"), 1);
    cr_expect_eq(import_noted(&m, "a metric of no known resource", "/a:5"), 1);
    cr_expect_eq(import_noted(&m, "a second metric of the same unit", "/a:6"), 1);
    cr_expect_eq(import_noted(&m, "a point of a series that was read before", "/a:7"), 1);
    free(got);
    memory_sink_free(&m);
}

#define OF_DEVICE(metric, device)                                                                                      \
    SERIES("\"__name__\":\"" metric "\",\"instance\":\"h\",\"device\":\"" device "\"", "[0,\"1\"],[10,\"5\"]")
#define READS(device) OF_DEVICE("node_disk_read_bytes_total", device)
#define SENDS(device) OF_DEVICE("node_network_transmit_bytes_total", device)

/* Bytes of a disk are counted again by the volume on it, those of a card by the bridge and the container's end. */
Test(prometheus, bytes_of_a_host_count_once)
{
    static const struct import_case cases[] = {
        {"prometheus",
         NAMED("a", ANSWER(READS("sda") "," READS("dm-0") "," READS("md127") "," READS("nvme0n1"))),
         ALM_OK,
         {"h@10 io_read=8"}},
        {"prometheus",
         NAMED("a",
               ANSWER(SENDS("lo") "," SENDS("eth0") "," SENDS("veth12ab") "," SENDS("docker0") "," SENDS("lora0"))),
         ALM_OK,
         {"h@10 net_tx=8"}},
    };
    CHECK_ALL(cases);
}

Test(prometheus, capacities)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"a",
         ANSWER(SERIES(
             "\"__name__\":\"kube_pod_container_resource_limits\",\"resource\":\"cpu\",\"pod\":\"p\",\"container\":"
             "\"c\"",
             "[0,\"1\"],[60,\"2.5\"]") "," SERIES("\"__name__\":\"container_spec_memory_limit_bytes\",\"pod\":\"p\","
                                                  "\"container\":\"c\"",
                                                  "[0,\"0\"]") "," SERIES("\"__name__\":\"machine_cpu_cores\","
                                                                          "\"instance\":\"unused\"",
                                                                          "[0,\"8\"]"))},
        {"b", ANSWER(SERIES(MEMORY ",\"pod\":\"p\",\"container\":\"c\"", "[0,\"1\"]"))}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("prometheus", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.units, 1, "a unit without usage was made");
    expect_unit(&m, "p/c", "", 2.5, (double)NAN);
    memory_sink_free(&m);
}

Test(prometheus, what_is_wrong)
{
    static const struct import_case cases[] = {
        {"prometheus",
         NAMED("q", "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"exceeded maximum resolution\"}"),
         ALM_EDATA,
         {"q: the server answered with an error: bad_data: exceeded maximum resolution"}},
        {"prometheus", NAMED("q", "{\"status\":\"success\"}"), ALM_EDATA, {"no array `data.result`", "`status`"}},
        {"prometheus", NAMED("q", ANSWER()), ALM_EDATA, {"q: no usage in it"}},
        {"prometheus", NAMED("q", ""), ALM_EDATA, {"the file is empty"}},
        {"prometheus",
         NAMED("q", ANSWER("\n{\"metric\":{},\"value\":[0,\"1\"]}")),
         ALM_EDATA,
         {"q:2:", "ask by query_range"}},
        {"prometheus",
         NAMED("q", ANSWER("{\"metric\":{},\"histograms\":[[0,{}]]}")),
         ALM_EDATA,
         {"a histogram", "use bad=drop"}},
        {"prometheus",
         NAMED("q", ANSWER(SERIES("\"__name__\":\"x_bucket\",\"le\":\"5\"", "[0,\"1\"]"))),
         ALM_EDATA,
         {"q:1: `x_bucket`: a histogram or summary"}},
        {"prometheus",
         NAMED("q", ANSWER(SERIES("\"pod\":\"p\"", "[0,\"1\"]"))),
         ALM_EDATA,
         {"`q`", "whose name speaks of no resource; say resource="}},
        {"prometheus", NAMED("q", ANSWER(SERIES(MEMORY, "[0,\"1\"]"))), ALM_EDATA, {"no label that names a unit"}},
        {"prometheus:unit=team",
         NAMED("q", ANSWER(SERIES(MEMORY ",\"pod\":\"p\"", "[0,\"1\"]"))),
         ALM_EDATA,
         {"`team`", "without this label"}},
        {"prometheus",
         NAMED("q", ANSWER(SERIES(MEMORY ",\"name\":\"p\"", "[0,\"1\"],[10,\"two\"]"))),
         ALM_EDATA,
         {"[10,\"two\"]", "not a point"}},
        {"prometheus",
         NAMED("q", ANSWER(SERIES(MEMORY ",\"name\":\"p\"", "[1e300,\"1\"]"))),
         ALM_EDATA,
         {"not a point"}},
        {"prometheus",
         NAMED("q", ANSWER(SERIES(MEMORY ",\"name\":\"p\"", "[0,\"-1\"]"))),
         ALM_EDATA,
         {"usage below 0"}},
        {"prometheus",
         NAMED("q", ANSWER(SERIES(MEMORY ",\"name\":\"p\"", "[0,\"1e308\"]"))),
         ALM_EDATA,
         {"too large to be believed"}},
        {"prometheus", NAMED("q", "{\"data\":{\"result\":[5]}}"), ALM_EDATA, {"not a series"}},
        {"prometheus:bad=drop",
         NAMED("q", ANSWER("5," SERIES(MEMORY ",\"name\":\"p\"", "[0,\"-1\"],[5],[10,\"3\"]"))),
         ALM_OK,
         {"p@10 memory=3"}},
    };
    CHECK_ALL(cases);
}

/* ---- cloudwatch ---- */

#define NETWORK                                                                                                        \
    "{\"Label\":\"NetworkIn\",\"Datapoints\":[{\"Timestamp\":\"1970-01-01T00:10:00Z\",\"Average\":2.5,"                \
    "\"SampleCount\":4,\"Unit\":\"Kilobytes\"},{\"Timestamp\":\"1970-01-01T00:05:00Z\",\"Sum\":7,\"Unit\":"            \
    "\"Kilobytes\"}]}"

Test(cloudwatch, series)
{
    static const struct import_case cases[] = {
        /* stamps begin a period of 5 minutes; percent over 100; float noise; the second of two equal stamps is dropped */
        {"cloudwatch",
         NAMED("web_cpu.csv", "timestamp,value\r\n1970-01-01 00:00:00,51.846000000000004\n1970-01-01 00:05:00,130\n"
                              "1970-01-01 00:05:00,7\n1970-01-01 01:05:00,0.1"),
         ALM_OK,
         {"web_cpu@300 cpu=0.51846 | web_cpu@600 cpu=1.3 | web_cpu@4200 cpu=0.001"}},
        {"cloudwatch:cores=4,period=60s,unit=web",
         {{"web_cpu.csv", "timestamp,value\n1970-01-01 00:00:00,50\n"},
          {"web_network_in.csv", "timestamp,value\n1970-01-01 00:00:00,1000\n"}},
         ALM_OK,
         {"web@60 cpu=2 net_rx=1000"}},
        {"cloudwatch:resource=memory,memory_capacity=1Ki",
         NAMED("x.csv", "timestamp,value\n1970-01-01 00:00:00,50\n"),
         ALM_OK,
         {"x@0 memory=512"}},
        {"cloudwatch", NAMED("n.json", NETWORK), ALM_OK, {"n@600 net_rx=7000 | n@900 net_rx=10000"}},
        {"cloudwatch:cores=2",
         NAMED("n.json",
               "{\"MetricDataResults\":[{\"Label\":\"web 1 CPUUtilization\",\"Timestamps\":[\"1970-01-01T00:01:"
               "00Z\",\"1970-01-01T00:00:00Z\"],\"Values\":[50,25]}]}"),
         ALM_OK,
         {"web 1@60 cpu=0.5 | web 1@120 cpu=1"}},
        {"cloudwatch:period=10s",
         NAMED("n.json",
               "{\"Label\":\"DiskReadBytes\",\"Datapoints\":[{\"Timestamp\":\"1970-01-01T00:00:00Z\",\"Average\":"
               "3,\"Unit\":\"Bytes/Second\"}]}"),
         ALM_OK,
         {"n@10 io_read=30"}},
    };
    CHECK_ALL(cases);
}

Test(cloudwatch, notes)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"a_cpu.csv", "timestamp,value\n1970-01-01 00:00:00,1\n1970-01-01 00:00:00,2\n1970-01-01 00:05:00,\n"},
        {"elb_request_count.csv", "timestamp,value\n1970-01-01 00:00:00,1\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("cloudwatch", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.rows, 1);
    expect_unit(&m, "a_cpu", "", 1, (double)NAN);
    cr_expect_eq(m.report.files, 1);
    cr_expect_eq(m.report.read, 3);
    cr_expect_eq(import_noted(&m, "a value that is missing", "a_cpu.csv:4"), 1);
    cr_expect_eq(import_noted(&m, "first kept", "a_cpu.csv:3"), 1);
    cr_expect_eq(import_noted(&m, "not of usage", "elb_request_count.csv:1"), 1);
    cr_expect(strstr(m.report.assumed, "100 percent of cpu is taken as one core"));
    cr_expect(strstr(m.report.assumed, "Stamps are moved from the beginning of a period to its end"));
    memory_sink_free(&m);
}

Test(cloudwatch, what_is_wrong)
{
    static const struct import_case cases[] = {
        {"cloudwatch", NAMED("values.csv", "timestamp,value\n1970-01-01,1\n"), ALM_EDATA, {"values.csv", "resource="}},
        {"cloudwatch", NAMED("cpu.csv", "time,value\n1970-01-01,1\n"), ALM_EDATA, {"cpu.csv:1", "`timestamp`"}},
        {"cloudwatch", NAMED("cpu.csv", "timestamp,value\nyesterday,1\n"), ALM_EDATA, {"cpu.csv:2", "not a time"}},
        {"cloudwatch", NAMED("cpu.csv", "timestamp,value\n1970-01-01,-1\n"), ALM_EDATA, {"cpu.csv:2", "`value`"}},
        {"cloudwatch", NAMED("cpu.csv", "timestamp,value\n1970-01-01,NaN\n"), ALM_EDATA, {"cpu.csv: no usage in it"}},
        {"cloudwatch", NAMED("cpu.csv", ""), ALM_EDATA, {"cpu.csv: no usage in it: a file without rows"}},
        {"cloudwatch",
         NAMED("elb_latency.csv", "timestamp,value\n1970-01-01,1\n"),
         ALM_EDATA,
         {"no usage in it: a series of requests"}},
        {"cloudwatch:resource=memory", NAMED("n.json", NETWORK), ALM_EDATA, {"n.json:1", "no Average, Sum or Maximum"}},
        {"cloudwatch",
         NAMED("m.json", "{\"Label\":\"MemoryUtilization\",\"Datapoints\":[{\"Timestamp\":\"1970-01-01T00:00:00Z\","
                         "\"Maximum\":1,\"Unit\":\"Percent\"}]}"),
         ALM_EINVAL,
         {"memory in percent needs memory_capacity="}},
        {"cloudwatch",
         NAMED("m.json", "{\"Label\":\"CPUUtilization\",\"Datapoints\":[{\"Timestamp\":\"1970-01-01T00:00:00Z\","
                         "\"Maximum\":1,\"Unit\":\"Count\"}]}"),
         ALM_EDATA,
         {"m.json:1: `Count`", "not of this resource"}},
        {"cloudwatch", NAMED("m.json", "{\"Metrics\":[]}"), ALM_EDATA, {"neither `Datapoints` nor"}},
        {"cloudwatch",
         NAMED("m.json", "{\"MetricDataResults\":[{\"Label\":\"cpu\",\"Timestamps\":[1],\"Values\":[]}]}"),
         ALM_EDATA,
         {"not two arrays of one length"}},
        {"cloudwatch:period=365d",
         NAMED("cpu.csv", "timestamp,value\n2261-12-31 23:59:59,1\n"),
         ALM_EDATA,
         {"after the year 2261"}},
    };
    CHECK_ALL(cases);
}
