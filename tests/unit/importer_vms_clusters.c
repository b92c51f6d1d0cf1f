/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of traces of clusters (alibaba-2017, -2018, -2021, huawei-2023): is each table told from the others that have as
 * many columns? Are shares of requests, of machines and of limits turned into cores and bytes? Do the metrics of one
 * minute, which lie in several files, meet in one row? Is batch work and are calls counted once? */
#include "import_units.h"

/* ---- alibaba-2018 ---- */

/* With machine_memory=100Gi one percent of the largest machine is 2^30 bytes. */
#define A18 "alibaba-2018:machine_memory=100Gi"

Test(alibaba_2018, usage)
{
    static const struct import_case cases[] = {
        /* cpu 25 % of 64 cores, of 96 where nothing is known; memory 50 % of 40 % of the largest machine */
        {A18,
         {{"u.csv", "m_1,10,25,50,,,43.04,33.08,5\nm_2,10,25,50,1.5,0,,,101\nm_1,20,-1,101,,,,,\nm_1,5,,,,,,,"},
          {"m.csv", "m_1,0,1,r,64,40,USING\n"}},
         ALM_OK,
         {"m_1@10 cpu=16 memory=21474836480 | m_2@10 cpu=24 memory=53687091200 | m_1@20 | m_1@5"}},
        /* request 400 is 4 cores; 150 % of it; 50 % of 2 % of the largest machine */
        {A18,
         {{"container_meta.csv", "c_1,m_1,0,app_5,started,400,800,2\n"},
          {"container_usage.csv", "c_1,m_1,60,150,50,,,,,,\nc_2,m_1,60,1,1,,,,,,\n"}},
         ALM_OK,
         {"c_1@60 cpu=6 memory=1073741824"}},
        {A18 ",container_cores=2", {{"container_usage.csv", "c_1,m_1,60,150,50,,,,,,\n"}}, ALM_OK, {"c_1@60 cpu=3"}},
        {A18, {{"c.csv", "c_1,m_1,60,150,50,,,,,,\n"}}, ALM_EDATA, {"c.csv: container_usage without container_meta"}},
        {A18, {{"u.csv", "m_1,10,25,50,,,,,5\nm_1,x,1,2,,,,,3\n"}}, ALM_EDATA, {"u.csv:2: column `time_stamp`: `x`"}},
        {A18,
         {{"u.csv", "m_1,10,25,50,,,,,5\n,20,1,2,,,,,3\n"}},
         ALM_EDATA,
         {"u.csv:2: column `machine_id`", "missing"}},
        {A18, {{"u.csv", "m_1,10,25,50,,,,,5\nm_1,20,1\n"}}, ALM_EDATA, {"u.csv:2: column `mem_util_percent`"}},
        {A18, {{"u.csv", "a,b\n"}}, ALM_EDATA, {"u.csv:1: none of the tables of Alibaba's trace v2018", "(14)"}},
    };
    CHECK_ALL(cases);
}

Test(alibaba_2018, capacities)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"container_meta.csv",
         "c_1,m_1,0,app_5,allocated,100,800,2\nc_1,m_1,9,app_5,started,400,800,2\nc_3,m,0,a,s,0,0,0\n"},
        {"container_usage.csv", "c_1,m_1,60,150,50,,,,,,\nc_3,m_1,60,150,50,,,,,,\n"},
        {"machine_usage.csv", "m_7,10,25,50,,,,,5\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written(A18 ",interval=1m", file, &m, &e), ALM_OK, "%s", e.text);
    expect_unit(&m, "c_1", "app_5", 4, 2 * 0x1p30);
    expect_unit(&m, "m_7", "", 96, 100 * 0x1p30);
    cr_expect(m.units == 2 && m.interval == ALM_MINUTE);
    cr_expect_eq(import_noted(&m, "whose cores container_meta does not tell", "container_usage.csv:2"), 1);
    cr_expect(strstr(m.report.assumed, "has 100 GiB (machine_memory=)"), "%s", m.report.assumed);
    cr_expect(strstr(m.report.assumed, "not in machine_meta has 96 cores (machine_cores=)"), "%s", m.report.assumed);
    cr_expect(strstr(m.report.assumed, "percent of cpu_request"), "%s", m.report.assumed);
    memory_sink_free(&m);
}

#define INSTANCE_1 "i1,M1,j_1,1,Terminated,100,150,m_1,1,1,120,200,0.2,0.5\n"

/* Work 1.2 cores x 50 s; 0.5 % of the largest machine; batch_task has as many columns as machine_usage. */
Test(alibaba_2018, batch)
{
    static const struct import_case cases[] = {
        {A18,
         {{"batch_instance.csv", INSTANCE_1}},
         ALM_OK,
         {"j_1/M1@100 duration=50 work=60 parallelism=2 memory=536870912 failed=0 {task_type=1}"}},
        {A18 ",unit=job",
         {{"a", "i,R2_1,j_1,7,Failed,160,170,m_1,1,1,,,,\n"}, {"b", "R2_1,3,j_1,7,Failed,160,170,50,2\n"}},
         ALM_OK,
         {"j_1@160 duration=10 cores_requested=0.5 memory_requested=2147483648 failed=1 {task_type=7}"}},
        {A18 ",unit=type",
         {{"a", "i,t,j_2,12,Running,200,0,m_1,1,1,100,0,,\n"}},
         ALM_OK,
         {"type/12@200 {task_type=12}"}},
        {A18,
         {{"a", "t,j,k,1,Waiting,0,0,,1,1,,,,\n" INSTANCE_1}},
         ALM_OK,
         {"j_1/M1@100 duration=50 work=60 parallelism=2 memory=536870912 failed=0 {task_type=1}"}},
        /* tasks alone: one invocation of the job for all instances together */
        {A18,
         {{"b", "R2_1,3,j_1,7,Terminated,160,170,50,2\n"}},
         ALM_OK,
         {"j_1@160 duration=10 cores_requested=1.5 memory_requested=6442450944 failed=0 {task_type=7 instances=3}"}},
        {A18,
         {{"a", "i,t,j,1,Failed,170,160,m_1,1,1,,,,\n"}},
         ALM_EDATA,
         {"a:1: column `end_time`: `160`: before the start"}},
        {A18, {{"a", "i,t,j,1,Failed,99999999999,0,m_1,1,1,,,,\n"}}, ALM_EDATA, {"a:1: column `start_time`", "1678"}},
        {A18, {{"a", "i,t,,1,Failed,170,180,m_1,1,1,,,,\n"}}, ALM_EDATA, {"a:1: column `job_name`", "missing"}},
    };
    CHECK_ALL(cases);
    static const struct import_file file[IMPORT_FILES] = {
        {"a", "t,j,k,1,Waiting,0,0,,1,1,,,,\nt,j,k,1,Running,5,0,,1,1,,,,\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written(A18, file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(import_noted(&m, "did not start within the trace", "a:1"), 1);
    cr_expect_eq(import_noted(&m, "did not end within the trace", "a:2"), 1);
    cr_expect(strstr(m.report.assumed, "arrives when it starts"), "%s", m.report.assumed);
    memory_sink_free(&m);
}

/* ---- alibaba-2017 ---- */

/* Machines and containers bear the same numbers; the stamps of containers are of the start of five minutes. */
Test(alibaba_2017, usage)
{
    static const struct import_file file[IMPORT_FILES] = {
        {"container_usage.csv", "39600,5,50,25,3,2,2,2,1.5,0.3,2,0.9\n39600,6,50,25,3,2,2,2,1.5,0.3,2,0.9\n"},
        {"container_event.csv", "0,Create,5,1,4,0.0625,0.02,1|2|3|4\n"},
        {"server_usage.csv", "39600,5,25,40,12,30,31,29\n39900,5,101,,12,30,31,29\n"},
        {"server_event.csv", "0,5,add,,32,0.5,1\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("alibaba-2017:machine_memory=64Gi", file, &m, &e), ALM_OK, "%s", e.text);
    char *got = import_tell(&m);
    cr_expect_str_eq(got,
                     "server/5@39600 cpu=8 memory=13743895347.2 | server/5@39900 | "
                     "container/5@39900 cpu=2 memory=1073741824",
                     "%s", got);
    free(got);
    expect_unit(&m, "container/5", "", 4, 4 * 0x1p30);
    expect_unit(&m, "server/5", "", 32, 32 * 0x1p30);
    cr_expect_eq(import_noted(&m, "whose cores container_event does not tell", "container_usage.csv:2"), 1);
    cr_expect_eq(import_noted(&m, "outside of its range", "server_usage.csv:2"), 1);
    memory_sink_free(&m);
}

Test(alibaba_2017, cases)
{
    static const struct import_case cases[] = {
        {"alibaba-2017:container_cores=2,interval=1m",
         {{"u.csv", "0,5,50,,3,2,2,2,1.5,0.3,2,0.9\n"}, {"batch_instance.csv", "1,2,3,4,5,Terminated,1,1,1,1,1,1\n"}},
         ALM_OK,
         {"container/5@60 cpu=1"}},
        {"alibaba-2017",
         {{"s.csv", "0,5,50,,3,2,2,2\n"}, {"b.csv", "1,2,3,4,5,Ready,,\n"}},
         ALM_OK,
         {"server/5@0 cpu=32"}},
        {"alibaba-2017",
         {{"u.csv", "0,5,50,,3,2,2,2,1,1,1,1\n"}},
         ALM_EDATA,
         {"u.csv: container_usage without container_event"}},
        {"alibaba-2017",
         {{"b.csv", "1,2,3,4,5,Ready,,\n"}},
         ALM_EDATA,
         {"no trace comes of this alone; give server_usage (8) or container_usage (12) too"}},
        {"alibaba-2017", {{"s.csv", "0,5,x,,3,2,2,2\n"}}, ALM_EDATA, {"s.csv:1: column `util:cpu`: `x`: not a number"}},
    };
    CHECK_ALL(cases);
}

/* ---- alibaba-2021 ---- */

#define CALLS ",traceid,timestamp,rpcid,um,rpctype,dm,interface,rt\n"
#define BOTH CALLS "0,t,1002,0.1,s1,rpc,s2,if2,12\n1,t,1003,0.1,s1,rpc,s2,if2,-10\n2,t,1004,0.2,s1,mc,c1,,1\n"

Test(alibaba_2021, tables)
{
    static const struct import_case cases[] = {
        {"alibaba-2021:node_cores=8,node_memory=1Ki",
         {{"Node_0.csv", "timestamp,nodeid,cpu_utilization,memory_utilization\n1000,n,0.25,0.5\n31000,n,1.125,\n"}},
         ALM_OK,
         {"n@1 cpu=2 memory=512 | n@31 cpu=9"}},
        {"alibaba-2021:container_cores=2,container_memory=1Ki",
         {{"a.csv",
           ",timestamp,msname,msinstanceid,nodeid,instance_cpu_usage,instance_memory_usage\n0,0,s,i,n,0.5,1\n"},
          {"q.csv", "timestamp,msname,msinstanceid,metrics,value\n0,s,i,providerRPC_MCR,2\n"}},
         ALM_OK,
         {"i@0 cpu=1 memory=1024"}},
        /* a remote call is recorded twice and counted once; calls of caches are known by the caller alone */
        {"alibaba-2021",
         {{"c.csv", BOTH}},
         ALM_OK,
         {"s2@1.003 duration=0.01 {interface=if2 rpctype=rpc} | c1@1.004 duration=0.001 {rpctype=mc}"}},
        {"alibaba-2021:side=caller",
         {{"c.csv", BOTH}},
         ALM_OK,
         {"s2@1.002 duration=0.012 {interface=if2 rpctype=rpc} | c1@1.004 duration=0.001 {rpctype=mc}"}},
        {"alibaba-2021",
         {{"x.csv", "a,b\n1,2\n"}},
         ALM_EDATA,
         {"x.csv:1: none of the tables", "MSResource (`msinstanceid`"}},
        {"alibaba-2021",
         {{"n.csv", "timestamp,nodeid,cpu\n1,2,3\n"}},
         ALM_EDATA,
         {"n.csv:1: no column `cpu_utilization`; the header has `timestamp`"}},
        {"alibaba-2021", {{"c.csv", CALLS "0,t,1,0,u,rpc,d,i,1e308\n"}}, ALM_EDATA, {"c.csv:2: column `rt`: `1e308`"}},
        {"alibaba-2021",
         {{"c.csv", CALLS "0,t,,0,u,rpc,d,i,1\n"}},
         ALM_EDATA,
         {"c.csv:2: column `timestamp`", "missing"}},
    };
    CHECK_ALL(cases);
    static const struct import_file file[IMPORT_FILES] = {{"c.csv", BOTH "3,t,1,0,u,rpc,(?),i,-1\n"},
                                                          {"r.csv",
                                                           "timestamp,msname,msinstanceid,nodeid,cpu_utilization,"
                                                           "memory_utilization\n0,s1,i1,n,0.5,1\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("alibaba-2021", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(import_noted(&m, "as the caller recorded it", "c.csv:2"), 1);
    cr_expect_eq(import_noted(&m, "a call of an unknown service", "c.csv:5"), 1);
    expect_unit(&m, "i1", "s1", 4, 8 * 0x1p30);
    expect_unit(&m, "s2", "s2", NAN, NAN);
    cr_expect(strstr(m.report.assumed, "4 cores and 8 GiB (container_cores="), "%s", m.report.assumed);
    memory_sink_free(&m);
}

/* ---- huawei-2023 ---- */

#define CPU_USAGE "cpu_usage_minute_day_000.csv"
#define CPU_LIMIT "cpu_limit_minute_day_000.csv"
#define INSTANCES "instances_minute_day_000.csv"
#define MEMORY_USAGE "memory_usage_minute_day_000.csv"
#define REQUESTS "requests_minute_day_000.csv"
#define DELAY "function_delay_minute_day_000.csv"

/* Columns in another order, a minute that one file does not have, functions that another does not have. A stamp is of the
 * start: the row of time 0 is stamped 60. */
Test(huawei_2023, metrics_meet)
{
    static const struct import_case cases[] = {
        {"huawei-2023",
         {{CPU_USAGE, "day,time,7,9\n0,0,0.5,NaN\n0,60,0.25,1.5\n0,180,0.5,\n"},
          {CPU_LIMIT, "day,time,9,7\n0,0,1,2\n0,60,1,4\n0,120,1,4\n0,180,1,4\n"},
          {INSTANCES, "day,time,7,9\n0,0,3,0\n0,60,2,2\n0,180,1,1\n"},
          {MEMORY_USAGE, "day,time,9\n0,60,0.5\n"}},
         ALM_OK,
         {"7@60 cpu=3 | 7@120 cpu=2 | 9@120 cpu=3 memory=536870912 | 7@240 cpu=2"}},
        {"huawei-2023:instances=one,limit_memory=1Ki",
         {{CPU_USAGE, "day,time,7\n0,0,0.5\n"},
          {INSTANCES, "day,time,7\n0,0,3\n"},
          {MEMORY_USAGE, "day,time,7\n0,0,0.5\n"}},
         ALM_OK,
         {"7@60 cpu=0.5 memory=512"}},
        /* two days; an index column; a function that only the second has */
        {"huawei-2023:limit_cores=2",
         {{"cpu_usage_minute_day_001.csv", ",day,time,7,8\n0,1,86400,0.5,1\n"}, {CPU_USAGE, "day,time,7\n0,0,0.25\n"}},
         ALM_OK,
         {"7@60 cpu=0.5 | 7@86460 cpu=1 | 8@86460 cpu=2"}},
        {"huawei-2023:requests=calls,placement=even",
         {{REQUESTS, "day,time,7,8\n0,60,4.0,NaN\n0,120,0,1\n"}, {DELAY, "day,time,7\n0,60,0.125\n"}},
         ALM_OK,
         {"7@67.5 duration=0.125 | 7@82.5 duration=0.125 | 7@97.5 duration=0.125 | 7@112.5 duration=0.125 | 8@150"}},
        {"huawei-2023:requests=calls,placement=start",
         {{REQUESTS, "day,time,7\n0,60,1\n"}, {"requests_second_day_000.csv", "day,time,7\n0,60,1\n"}},
         ALM_OK,
         {"7@60"}},
        {"huawei-2023:requests=calls,placement=even",
         {{"requests_second_day_001.csv", "day,time,7\n1,86400,2\n"}},
         ALM_OK,
         {"7@86400.25 | 7@86400.75"}},
        {"huawei-2023:bad=drop",
         {{CPU_USAGE, "day,time,7,8\n0,0,x,0.5\n0,60,-1,0.5\n0,60,1,1\n0,120,0.5\n0,180,1,1e300\n"}},
         ALM_OK,
         {"8@60 cpu=0.5 | 8@120 cpu=0.5 | 7@240 cpu=1"}},
    };
    CHECK_ALL(cases);
}

Test(huawei_2023, messages)
{
    static const struct import_case cases[] = {
        {"huawei-2023",
         {{CPU_USAGE, "day,time,7\n0,0,x\n"}},
         ALM_EDATA,
         {CPU_USAGE ":2: column `7`: `x`: not a number", "bad=drop"}},
        {"huawei-2023", {{CPU_USAGE, "day,time,7\n0,0,-0.5\n"}}, ALM_EDATA, {"`-0.5`: smaller than can be"}},
        {"huawei-2023", {{CPU_USAGE, "day,time,7\n0,0\n"}}, ALM_EDATA, {CPU_USAGE ":2: column `7`", "ends before"}},
        {"huawei-2023",
         {{CPU_USAGE, "day,time,7\n0,60,1\n0,60,1\n"}},
         ALM_EDATA,
         {CPU_USAGE ":3: column `time`: `60`: not later than the row before"}},
        {"huawei-2023", {{CPU_USAGE, "day,hour,7\n0,60,1\n"}}, ALM_EDATA, {CPU_USAGE ":1: no column `time`"}},
        {"huawei-2023", {{CPU_USAGE, ""}}, ALM_EDATA, {"no rows"}},
        {"huawei-2023",
         {{"cpu.csv", "day,time,7\n0,60,1\n"}},
         ALM_EDATA,
         {"cpu.csv: the path does not tell metric and day"}},
        {"huawei-2023",
         {{CPU_USAGE, "day,time,7\n0,60,1\n"}, {"cpu_usage_minute_day_0.csv", "day,time,7\n0,60,1\n"}},
         ALM_EDATA,
         {"is cpu_usage of day 0, and so is"}},
        {"huawei-2023", {{REQUESTS, "day,time,7\n0,60,1\n"}}, ALM_EDATA, {"only requests and delays; requests=calls"}},
        {"huawei-2023:requests=calls",
         {{REQUESTS, "day,time,7\n0,0,1e12\n"}},
         ALM_EDATA,
         {REQUESTS ":2: function 7: 1e+12 requests in one interval", "most=1000000"}},
    };
    CHECK_ALL(cases);
}

/* The capacity is the largest limit of all instances together; what was assumed is said. */
Test(huawei_2023, capacity)
{
    static const struct import_file file[IMPORT_FILES] = {{CPU_USAGE, "day,time,7\n0,0,0.5\n0,60,0.5\n"},
                                                          {INSTANCES, "day,time,7\n0,0,5\n0,60,1\n"},
                                                          {CPU_LIMIT, "day,time,7\n0,0,2\n0,60,4\n"},
                                                          {MEMORY_USAGE, "day,time,7\n0,0,0.5\n0,60,0.5\n"}};
    struct memory_sink m;
    struct alm_err e = {0};
    cr_assert_eq(import_written("huawei-2023:limit_memory=1Gi", file, &m, &e), ALM_OK, "%s", e.text);
    expect_unit(&m, "7", "7", 10, 5 * 0x1p30);
    cr_expect(strstr(m.report.assumed, "Without memory_limit"), "%s", m.report.assumed);
    cr_expect_null(strstr(m.report.assumed, "Without cpu_limit"), "%s", m.report.assumed);
    cr_expect_eq(m.interval, ALM_MINUTE);
    memory_sink_free(&m);
}
