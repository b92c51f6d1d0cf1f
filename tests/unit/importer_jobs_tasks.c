/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of tasks of workflows (nextflow, lotaru): are amounts read as a machine wrote them and as people read them? Is
 * what did not run left out, and counted? Do runs without times follow one another? */
#include "import_rig.h"

#define RAW                                                                                                            \
    "name,process,tag,status,exit,submit,start,realtime,%cpu,peak_rss,read_bytes,write_bytes,cpus,memory,time,"        \
    "attempt\n"
#define PEOPLE                                                                                                         \
    "task_id\thash\tnative_id\tname\tstatus\texit\tsubmit\tduration\trealtime\t%cpu\tpeak_rss\tpeak_vmem\trchar\t"     \
    "wchar\n"

Test(nextflow, fields)
{
    static const struct import_case cases[] = {
        /* work = 2.5 cores x 10 s */
        {"nextflow",
         {{"a.csv", RAW "\"P (x, y)\",P,\"x, y\",COMPLETED,0,5000,6250,10000,250.0,4096,1,2,4,8192,60000,2\r\n"}},
         ALM_OK,
         {"P@5 duration=10 wait=1.25 work=25 memory=4096 io_read=1 io_write=2 cores_requested=4 memory_requested=8192 "
          "time_requested=60 failed=0 {tag=x, y cpus=4 attempt=2}"}},
        {"nextflow",
         {{"a.csv", RAW "P,P,-,FAILED,1,5103,5000,-,99,-,-,-,-,-,-,-\nP,P,-,RUNNING,-,6000,-,-,-,-,-,-,-,-,-,-\n"}},
         ALM_OK,
         {"P@5.103 wait=0 failed=1 | P@6"}},
        /* 63 s at 0.985 cores; 4.5 GB = 4.5 x 2^30; 1.5 KB = 1536 */
        {"nextflow",
         {{"a.tsv", PEOPLE "1\tab/1\t7\tSORT (a)\tCOMPLETED\t0\t1970-01-01 00:00:10.500\t2m\t1m 3s\t98.5%\t4.5 GB\t5 "
                           "GB\t1.5 KB\t0\n"
                           "2\tab/2\t8\tSORT (b (c))\tABORTED\t1\t1970-01-02 00:00:00\t3d\t1d 2h 3m 4.5s\t0.0%\t512 "
                           "B\t-\t-\t-\n"
                           "3\tab/3\t9\tNOTE\tCOMPLETED\t0\t1970-01-01 00:00:00\t0ms\t340ms\t-\t0\t0\t0\t1 MB\n"}},
         ALM_OK,
         {"SORT@10.5 duration=63 work=62.055 memory=4831838208 io_read=1536 io_write=0 failed=0 {tag=a} | "
          "SORT@86400 duration=93784.5 work=0 memory=512 failed=1 {tag=b (c)} | "
          "NOTE@0 duration=0.34 memory=0 io_read=0 io_write=1048576 failed=0"}},
        {"nextflow",
         {{"a.csv", "process,submit,realtime,exit\nP,1,5,0\nP,2,5,137\n"}},
         ALM_OK,
         {"P@0.001 duration=0.005 failed=0 | P@0.002 duration=0.005 failed=1"}},
        {"nextflow:io=calls",
         {{"a.csv", "process,submit,realtime,rchar,read_bytes\nP,1,5,70,7\n"}},
         ALM_OK,
         {"P@0.001 duration=0.005 io_read=70"}},
        {"nextflow:io=storage",
         {{"a.csv", "process,submit,realtime,rchar,read_bytes\nP,1,5,70,7\n"}},
         ALM_OK,
         {"P@0.001 duration=0.005 io_read=7"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

Test(nextflow, what_did_not_run)
{
    struct memory_sink m;
    struct alm_err e = {0};
    static const struct import_file file[IMPORT_FILES] = {{"t.csv", "process,submit,realtime,status,start\n"
                                                                    "P,-,-,ABORTED,-\n"
                                                                    "P,1000,5,CACHED,1000\n"
                                                                    "P,2000,5,COMPLETED,1000\n"
                                                                    "P,2000,5,SUBMITTED,3000\n"}};
    cr_assert_eq(import_written("nextflow", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.invocations, 2);
    cr_expect_eq(import_noted(&m, "never submitted", "t.csv:2"), 1);
    cr_expect_eq(import_noted(&m, "cached", "t.csv:3"), 1);
    cr_expect_eq(import_noted(&m, "start before submit", "t.csv:4"), 1);
    cr_expect_eq(import_noted(&m, "has not ended", "t.csv:5"), 1);
    memory_sink_free(&m);
}

Test(nextflow, says_what_it_assumed)
{
    struct memory_sink m;
    struct alm_err e = {0};
    static const struct import_file file[IMPORT_FILES] = {
        {"t.csv", "name,submit,realtime,rchar\nP,2023-04-07 19:07:36,5s,1 KB\n"}};
    cr_assert_eq(import_written("nextflow", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect(strstr(m.report.assumed, "taken as UTC"), "%s", m.report.assumed);
    cr_expect(strstr(m.report.assumed, "rchar and wchar stand for"), "%s", m.report.assumed);
    memory_sink_free(&m);
}

#define SHORT "process,submit,realtime,%cpu,peak_rss\n"

Test(nextflow, messages)
{
    static const struct import_case cases[] = {
        {"nextflow", {{"a.csv", "a,b\n1,2\n"}}, ALM_EDATA, {"a.csv:1", "submit, realtime", "`a`, `b`"}},
        {"nextflow", {{"a.csv", "submit,realtime\n1,2\n"}}, ALM_EDATA, {"a.csv:1", "neither a column `name` nor"}},
        {"nextflow", {{"a.csv", SHORT}}, ALM_EDATA, {"a.csv", "no rows"}},
        {"nextflow", {{"a.csv", SHORT "P,1,1 m,1,1\nP,1,5x,1,1\n"}}, ALM_EDATA, {"a.csv:3: column `realtime`: `5x`"}},
        {"nextflow", {{"a.csv", SHORT "P,1,m,1,1\n"}}, ALM_EDATA, {"a.csv:2: column `realtime`: `m`: not an amount"}},
        {"nextflow", {{"a.csv", SHORT "P,1,1m 3,1,1\n"}}, ALM_EDATA, {"`1m 3`: not an amount"}},
        {"nextflow", {{"a.csv", SHORT "P,1,1.2.3s,1,1\n"}}, ALM_EDATA, {"`1.2.3s`: not an amount"}},
        {"nextflow", {{"a.csv", SHORT "P,1,-5,1,1\n"}}, ALM_EDATA, {"`-5`: smaller than can be"}},
        {"nextflow", {{"a.csv", SHORT "P,1,5,1e308,1\n"}}, ALM_EDATA, {"column `%cpu`: `1e308`: too large"}},
        {"nextflow", {{"a.csv", SHORT "P,1,5,1,999999999 PB\n"}}, ALM_EDATA, {"column `peak_rss`", "too large"}},
        {"nextflow", {{"a.csv", SHORT "P,1,5,1,4 Gi\n"}}, ALM_EDATA, {"column `peak_rss`: `4 Gi`: not an amount"}},
        {"nextflow", {{"a.csv", SHORT "P,now,5,1,1\n"}}, ALM_EDATA, {"a.csv:2: column `submit`: `now`: neither"}},
        {"nextflow", {{"a.csv", SHORT "P,-7,5,1,1\n"}}, ALM_EDATA, {"column `submit`: `-7`: neither"}},
        {"nextflow", {{"a.csv", SHORT "P,1e99,5,1,1\n"}}, ALM_EDATA, {"column `submit`: `1e99`: neither"}},
        {"nextflow", {{"a.csv", SHORT ",1,5,1,1\n"}}, ALM_EDATA, {"a.csv:2"}},
        {"nextflow:bad=drop",
         {{"a.csv", SHORT "P,now,5,1,1\nP,1,m,1,1\n,1,5,1,1\nP,1,5\nP,3000,5,-,-\n"}},
         ALM_OK,
         {"P@3 duration=0.005"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

#define REPORT                                                                                                         \
    "Label,Machine,Workflow,NumberSequences,Task,WorkflowInputSize,Realtime,%cpu,rss,rchar,wchar,cpus,read_bytes,"     \
    "write_bytes,vmem,memory,peak_rss,TaskInputSize,TaskInputSizeUncompressed,WorkflowInputUncompressed\n"

Test(lotaru, fields)
{
    static const struct import_case cases[] = {
        /* work = 1.5 cores x 2 s; the next on m arrives after these 2 s, the first on n at once */
        {"lotaru",
         {{"a.csv", REPORT "test,m,w,10,T,500,2000,150.0,1,90,80,2,70,60,9,1024,512,50,200,800\n"
                           "test,m,w,10,T,500,4,33.0,1,90,80,2,70,60,9,1024,-,50,200,800\n"
                           "test,n,w,10,T,500,4,-,1,90,80,2,70,60,9,1024,,50,200,800\n"}},
         ALM_OK,
         {"w/T@0 duration=2 work=3 memory=512 io_read=70 io_write=60 cores_requested=2 memory_requested=1024 "
          "{label=test "
          "machine=m number_of_sequences=10 workflow_input_size=500 workflow_input_uncompressed=800 "
          "task_input_size=50 task_input_uncompressed=200} | "
          "w/T@2 duration=0.004 work=0.00132 io_read=70 io_write=60 cores_requested=2 memory_requested=1024 "
          "{label=test "
          "machine=m number_of_sequences=10 workflow_input_size=500 workflow_input_uncompressed=800 "
          "task_input_size=50 task_input_uncompressed=200} | "
          "w/T@0 duration=0.004 io_read=70 io_write=60 cores_requested=2 memory_requested=1024 {label=test machine=n "
          "number_of_sequences=10 workflow_input_size=500 workflow_input_uncompressed=800 task_input_size=50 "
          "task_input_uncompressed=200}"}},
        {"lotaru:unit=machine,every=1m,io=calls",
         {{"a.csv", REPORT "-,m,w,-,T,-,2000,-,-,90,80,-,70,60,-,-,-,-,-,-\n"},
          {"b.csv", REPORT "-,m,w,-,T,-,-,-,-,-,-,-,-,-,-,-,-,-,-,-\n"}},
         ALM_OK,
         {"m/w/T@0 duration=2 io_read=90 io_write=80 {machine=m} | m/w/T@60 {machine=m}"}},
        /* m and n in turn: each has a clock of its own */
        {"lotaru",
         {{"a.csv", REPORT "-,m,w,-,T,-,1000,-,-,-,-,-,-,-,-,-,-,-,-,-\n-,n,w,-,T,-,7000,-,-,-,-,-,-,-,-,-,-,-,-,-\n"
                           "-,m,w,-,T,-,2000,-,-,-,-,-,-,-,-,-,-,-,-,-\n-,n,w,-,T,-,8000,-,-,-,-,-,-,-,-,-,-,-,-,-\n"}},
         ALM_OK,
         {"w/T@0 duration=1 {machine=m} | w/T@0 duration=7 {machine=n} | w/T@1 duration=2 {machine=m} | w/T@7 "
          "duration=8 "
          "{machine=n}"}},
        {"lotaru", {{"a.csv", "Realtime,Task\n1,2\n"}}, ALM_EDATA, {"a.csv:1: none of the tables of Lotaru"}},
        {"lotaru", {{"a.csv", "Realtime,Workflow\n1,2\n"}}, ALM_EDATA, {"a.csv:1: no column `Label`"}},
        {"lotaru",
         {{"a.csv", REPORT "t,m,w,1,T,5,2e12,1,1,1,1,1,1,1,1,1,1,1,1,1\n"}},
         ALM_EDATA,
         {"a.csv:2: column `Realtime`: `2e12`: too large"}},
        {"lotaru",
         {{"a.csv", REPORT "t,m,w,1,T,5,-2,1,1,1,1,1,1,1,1,1,1,1,1,1\n"}},
         ALM_EDATA,
         {"a.csv:2: column `Realtime`: `-2`: smaller than can be"}},
        {"lotaru", {{"a.csv", REPORT "t,,w,1,T\n"}}, ALM_EDATA, {"a.csv:2: column `Machine`", "missing"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

/* 100 runs of 3 years each are beyond what times hold. */
Test(lotaru, sum_of_times_overflows)
{
    struct memory_sink m;
    struct alm_err e = {0};
    char text[16384] = REPORT;
    for (int i = 0; i < 100; i++)
        strcat(text, "t,m,w,1,T,5,1e11,1,1,1,1,1,1,1,1,1,1,1,1,1\n");
    const struct import_file file[IMPORT_FILES] = {{"a.csv", text}};
    cr_expect_eq(import_written("lotaru", file, &m, &e), ALM_EDATA);
    /* 2^63 ns / 1e17 ns = 92.2: the 93rd run would end beyond, in line 94 */
    cr_expect(strstr(e.text, "a.csv:94: column `Realtime`"), "%s", e.text);
    memory_sink_free(&m);
}
