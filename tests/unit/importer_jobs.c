/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of logs of jobs (swf, gwf): is each field converted as the standard says, header fields wherever they stand
 * obeyed, and -1 never taken as a number? Does what is wrong get a message with file, row and field? */
#include "import_rig.h"

/* 18 fields, of which the first three and the run time are given. */
#define JOB(number, submit, run) #number " " #submit " -1 " #run " -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1\n"

Test(swf, fields)
{
    static const struct import_case cases[] = {
        /* work = 50.5 x 4, memory = 1024 x 1024 x 4, requested 2048 x 1024 x 8; the start stands after the first job */
        {"swf",
         {{"a.swf", "; Version: 2.2\n"
                    "   1  0 10 100 4 50.5 1024 8 3600 2048 1 7 1 3 2 1 -1 -1\r\n"
                    ";UnixStartTime:\t1000 seconds\n \n"
                    "2 5.25 -1 -1 2 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 99 100"}},
         ALM_OK,
         {"executable_3@1000 duration=100 wait=10 work=202 parallelism=4 memory=4194304 cores_requested=8 "
          "memory_requested=16777216 time_requested=3600 failed=0 {processors=8 requested_time=3600 "
          "requested_memory=16777216 user=7 group=1 executable=3 queue=2 partition=1} | "
          "executable_unknown@1005.25 parallelism=2 {processors=2}"}},
        {"swf",
         {{"a.swf", "; UnixStartTime: 1000\n; TimeZone: 3600\n" JOB(1, 5, 9) JOB(2, 3, 0)}},
         ALM_OK,
         {"a@1005 duration=9 | a@1003 duration=0"}},
        {"swf:clock=local",
         {{"a.swf", "; UnixStartTime: 1000\n; TimeZone: -3600\n" JOB(1, 5, 9)}},
         ALM_OK,
         {"a@-2595 duration=9"}},
        {"swf:clock=zero", {{"a.swf", "; UnixStartTime: 1000\n" JOB(1, 5, 9)}}, ALM_OK, {"a@5 duration=9"}},
        {"swf", {{"a.swf", "; UnixStartTime: -1\n" JOB(1, 5, 9)}}, ALM_OK, {"a@5 duration=9"}},
        /* each file has its own start */
        {"swf",
         {{"a.swf", "; UnixStartTime: 1000\n" JOB(1, 5, 9)}, {"b.swf", JOB(1, 6, 8) "; UnixStartTime: 2000\n"}},
         ALM_OK,
         {"a@1005 duration=9 | b@2006 duration=8"}},
        {"swf",
         {{"a.swf", "1 0 -1 -1 -1 -1 -1 -1 -1 -1 -1 12 -1 -1 3 -1 -1 -1\n"}},
         ALM_OK,
         {"user_12@0 {user=12 queue=3}"}},
        {"swf:unit=queue",
         {{"a.swf", "1 0 -1 -1 -1 -1 -1 -1 -1 -1 -1 12 -1 -1 0 -1 -1 -1\n"}},
         ALM_OK,
         {"queue_0@0 {user=12 queue=0}"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

Test(swf, status)
{
    struct memory_sink m;
    struct alm_err e = {0};
    static const struct import_file file[IMPORT_FILES] = {{"log.swf", "1 0 0 5 1 -1 -1 1 -1 -1 2 1 1 1 1 1 -1 -1\n"
                                                                      "1 0 0 5 1 -1 -1 1 -1 -1 3 1 1 1 1 1 -1 -1\n"
                                                                      "1 0 0 9 1 -1 -1 1 -1 -1 4 1 1 1 1 1 -1 -1\n"
                                                                      "2 0 0 9 1 -1 -1 1 -1 -1 0 1 1 1 1 1 -1 -1\n"
                                                                      "3 0 0 9 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1\n"
                                                                      "4 0 0 9 1 -1 -1 1 -1 -1 5 1 1 1 1 1 -1 -1\n"
                                                                      "5 0 0 9 1 -1 -1 1 -1 -1 -1 1 1 1 1 1 -1 -1\n"}};
    cr_assert_eq(import_written("swf", file, &m, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(m.invocations, 4);
    cr_expect_eq(m.invocation[0].value[ALM_INV_FAILED], 1, "failed");
    cr_expect_eq(m.invocation[1].value[ALM_INV_FAILED], 0, "completed");
    cr_expect_eq(m.invocation[2].value[ALM_INV_FAILED], 1, "cancelled");
    cr_expect(isnan(m.invocation[3].value[ALM_INV_FAILED]), "not known");
    cr_expect_eq(import_noted(&m, "part of a job's execution", "log.swf:1"), 3);
    cr_expect_eq(m.report.read, 7);
    memory_sink_free(&m);
}

Test(swf, says_what_it_assumed)
{
    struct memory_sink m;
    struct alm_err e = {0};
    static const struct import_file file[IMPORT_FILES] = {
        {"log.swf", "; Computer: Cray \xff 1\n; MaxProcs:  128\n;\n; Note: none\n"
                    "1 0 0 5 4 -1 -1 -1 -1 -1 1 6 1 -1 1 1 -1 -1\n"
                    "; UnixStartTime: soon\n"}};
    cr_assert_eq(import_written("swf", file, &m, &e), ALM_OK, "%s", e.text);
    static const char *const want[] = {"Computer Cray \\xff 1.", "MaxProcs 128.", "times count from zero",
                                       "a unit is a user", "asked for those they were giv"};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        cr_expect(strstr(m.report.assumed, want[i]), "no '%s' in: %s", want[i], m.report.assumed);
    cr_expect_eq(import_noted(&m, "time in the header", "log.swf:6"), 1);
    memory_sink_free(&m);
}

Test(swf, messages)
{
    static const struct import_case cases[] = {
        {"swf", {{"a.swf", "; nothing: here\n"}}, ALM_EDATA, {"a.swf: no jobs"}},
        {"swf", {{"a.swf", ""}}, ALM_EDATA, {"a.swf: no jobs"}},
        {"swf", {{"a.swf", "\n1 0 0 1\n"}}, ALM_EDATA, {"a.swf:2: fewer than the 18 fields", "bad=drop"}},
        {"swf",
         {{"a.swf", JOB(1, 0, 1) JOB(2, 0, x1)}},
         ALM_EDATA,
         {"a.swf:2: field 4 (run time): `x1`: not a number"}},
        {"swf", {{"a.swf", JOB(1, 0, -2)}}, ALM_EDATA, {"field 4 (run time): `-2`: negative"}},
        {"swf", {{"a.swf", JOB(1, 0, nan)}}, ALM_EDATA, {"field 4 (run time): `nan`: not a number"}},
        {"swf", {{"a.swf", JOB(1, 0, 1e308)}}, ALM_EDATA, {"field 4 (run time): `1e308`: too large"}},
        {"swf", {{"a.swf", JOB(1, -1, 1)}}, ALM_EDATA, {"field 2 (submit time): `-1`: a job that was never submitted"}},
        {"swf", {{"a.swf", JOB(1, 9999999999999, 1)}}, ALM_EDATA, {"field 2 (submit time)", "1678 to 2261"}},
        {"swf",
         {{"a.swf", "; UnixStartTime: 9000000000\n" JOB(1, 9000000000, 1)}},
         ALM_EDATA,
         {"a.swf:2: field 2 (submit time): `9000000000`: outside of the years"}},
        {"swf",
         {{"a.swf", "1 0 0 1 1 1 1 1 1 1 6 1 1 1 1 1 1 1\n"}},
         ALM_EDATA,
         {"field 11 (status): `6`: not a status"}},
        {"swf",
         {{"a.swf", "; UnixStartTime: 1000\n" JOB(1, 5, 9)}, {"b.swf", JOB(1, 6, 8)}},
         ALM_EDATA,
         {"b.swf: no header field UnixStartTime, which the other files have", "clock=zero"}},
        {"swf:bad=drop",
         {{"a.swf", "1 2\n" JOB(1, 0, x) JOB(2, -1, 1) JOB(3, 0, -5) JOB(4, 4, 2)}},
         ALM_OK,
         {"a@4 duration=2"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

#define GWF "WorkflowID, JobID, SubmitTime, RunTime, NProcs, ReqNProcs, Dependencies\n"

Test(gwf, fields)
{
    static const struct import_case cases[] = {
        {"gwf",
         {{"a.gwf", GWF "0 , 1 , 16 , 11 , 1 , 2 ,     \n0 , 2 , 40.5 , 7 , 4 , -1 , 1 31 4 \n3,1,2,-1,-1,-1,-1\n"}},
         ALM_OK,
         {"workflow_0@16 duration=11 parallelism=1 cores_requested=2 {processors=2 dependencies=0} | "
          "workflow_0@40.5 duration=7 parallelism=4 {dependencies=3} | workflow_3@2 {dependencies=0}"}},
        {"gwf:unit=file,work=busy",
         {{"a.gwf", GWF "0,1,16,11,3,2,\n"}},
         ALM_OK,
         {"a@16 duration=11 work=33 parallelism=3 cores_requested=2 {processors=2 dependencies=0}"}},
        {"gwf", {{"a.gwf", GWF}}, ALM_EDATA, {"a.gwf", "no rows"}},
        {"gwf", {{"a.gwf", "JobID SubmitTime WaitTime\n1 2 3\n"}}, ALM_EDATA, {"a.gwf:1", "WorkflowID", "JobID"}},
        {"gwf", {{"a.gwf", GWF "0,1,x,11,1,2,\n"}}, ALM_EDATA, {"a.gwf:2: column `SubmitTime`: `x`: not a time"}},
        {"gwf", {{"a.gwf", GWF "0,1,-1,11,1,2,\n"}}, ALM_EDATA, {"a.gwf:2: column `SubmitTime`: `-1`: missing"}},
        {"gwf", {{"a.gwf", GWF "0,1,-3,11,1,2,\n"}}, ALM_EDATA, {"a.gwf:2: column `SubmitTime`: `-3`: negative"}},
        {"gwf", {{"a.gwf", GWF "0,1,1e5,1e300,1,2,\n"}}, ALM_EDATA, {"a.gwf:2: column "}},
        {"gwf", {{"a.gwf", GWF "0,1,3,4,1,2,1;2\n"}}, ALM_EDATA, {"`Dependencies`: `1;2`: not a list of job numbers"}},
        {"gwf:bad=drop", {{"a.gwf", GWF "0,1,3,4,1,2,a\n,1,3,4,1,2,\n0,1,3,4,1\n"}}, ALM_OK, {""}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}
