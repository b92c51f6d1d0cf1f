/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of azure-functions-2021, azure-functions-blob, azure-llm and huawei-2025, which have a row a call: do times,
 * amounts, names and inputs arrive in the right units? Is what is only known afterwards kept from the inputs? Is what is
 * wrong named with file, row and column? Are the published files read as their own notes describe them? */
#include "import_rig.h"
#include "shared_file.h"

#include <math.h>

static void check_all(const struct import_case *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        import_check(&c[i], i);
}
#define CHECK(cases) check_all(cases, sizeof(cases) / sizeof *(cases))

#define HEAD21 "app,func,end_timestamp,duration\n"
#define HEX16 "0123456789abcdef"
#define HEX HEX16 HEX16 HEX16 HEX16

Test(azure_functions_2021, calls)
{
    static const struct import_case cases[] = {
        {"azure-functions-2021",
         {{"t.txt", HEAD21 "a,f,57.15786004066467,57.154\n"}},
         ALM_OK,
         {"a.f@0.00386004 duration=57.154 work=57.154 parallelism=1"}},
        {"azure-functions-2021:cpu_share=0.25",
         {{"t.txt", HEAD21 HEX "," HEX ",10,4\r\nb,f,9,0"}},
         ALM_OK,
         {HEX16 "." HEX16 "@6 duration=4 work=1 parallelism=0.25 | b.f@9 duration=0 work=0 parallelism=0.25"}},
        {"azure-functions-2021",
         {{"t.txt", HEAD21 "a,f,1,2.5\n"}},
         ALM_OK,
         {"a.f@-1.5 duration=2.5 work=2.5 parallelism=1"}},
        {"azure-functions-2021",
         {{"t.txt", HEAD21 "a,f,1,-2\n"}},
         ALM_EDATA,
         {"t.txt:2: column `duration`: `-2`: smaller than can be", "bad=drop"}},
        {"azure-functions-2021",
         {{"t.txt", HEAD21 "a,f,1,1e308\n"}},
         ALM_EDATA,
         {"t.txt:2: column `duration`: `1e308`: too large"}},
        {"azure-functions-2021",
         {{"t.txt", HEAD21 "a,f,1,NaN\n"}},
         ALM_EDATA,
         {"t.txt:2: column `duration`: `NaN`: missing"}},
        {"azure-functions-2021",
         {{"t.txt", HEAD21 "a,f,9223372036.5,1\n"}},
         ALM_EDATA,
         {"t.txt:2: column `end_timestamp`"}},
        {"azure-functions-2021",
         {{"t.txt", HEAD21 "a,f,-9214000000,100000000\n"}},
         ALM_EDATA,
         {"t.txt:2: column `end_timestamp`: `-9214000000`: the call began before times can be counted"}},
        {"azure-functions-2021",
         {{"t.txt", HEAD21 "a,f,1\n"}},
         ALM_EDATA,
         {"t.txt:2: column `duration`: not in this row"}},
        {"azure-functions-2021",
         {{"t.txt", "app,func,end,duration\na,f,1,1\n"}},
         ALM_EDATA,
         {"t.txt", "end_timestamp"}},
        {"azure-functions-2021", {{"t.txt", HEAD21}}, ALM_EDATA, {"t.txt", "no rows"}},
    };
    CHECK(cases);
}

#define HEADB                                                                                                          \
    "Timestamp,AnonRegion,AnonUserId,AnonAppName,AnonFunctionInvocationId,AnonBlobName,BlobType,AnonBlobETag,"         \
    "BlobBytes,"                                                                                                       \
    "Read,Write\n"

Test(azure_functions_blob, accesses)
{
    static const struct import_case cases[] = {
        {"azure-functions-blob",
         {{"b.csv", HEADB "1606092900138,r,7,app,1,b,BlockBlob/zip,e,30.0,True,False\n"
                          "1606092900139,r,7,app,1,b,,e,40,False,True\n"
                          "1606092900140,r,8,app,1,b,X,e,50,true,1\n"}},
         ALM_OK,
         {"7/app@1606092900.138 io_read=30 {blob_type=BlockBlob/zip blob=30} | 7/app@1606092900.139 io_write=40 | "
          "8/app@1606092900.14 io_read=50 io_write=50 {blob_type=X}"}},
        {"azure-functions-blob",
         {{"b.csv", HEADB "1606092900138,r,7,app,1,b,X,e,-3,True,False\n"}},
         ALM_OK,
         {"7/app@1606092900.138 {blob_type=X}"}},
        {"azure-functions-blob",
         {{"b.csv", HEADB "1606092900138,r,7,app,1,b,X,e,3,yes,False\n"}},
         ALM_EDATA,
         {"b.csv:2: column `Read`: `yes`: neither True nor False"}},
        {"azure-functions-blob",
         {{"b.csv", HEADB "1606092900138,r,7,,1,b,X,e,3,True,False\n"}},
         ALM_EDATA,
         {"b.csv:2: column `AnonAppName`: ``: missing"}},
    };
    CHECK(cases);
    struct memory_sink m;
    struct alm_err e = {0};
    const struct import_file file[IMPORT_FILES] = {
        {"b.csv",
         HEADB "1,r,7,a,1,b,X,e,3,False,False\n2,r,7,a,1,b,X,e,3,True,False\n3,r,7,a,1,b,X,e,1e99,True,False\n"}};
    cr_assert_eq(import_written("azure-functions-blob", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(import_noted(&m, "neither reads nor writes", "b.csv:2"), 1);
    cr_expect_eq(import_noted(&m, "outside of its range", "b.csv:4"), 1);
    memory_sink_free(&m);
}

#define HEADL "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"

/* Seven decimals, CRLF, no final line end; tokens that are generated are no input. */
Test(azure_llm, requests)
{
    static const struct import_case cases[] = {
        {"azure-llm",
         {{"code.csv", HEADL "2023-11-16 18:17:03.9799600,4808,10\r\n2023-11-16 18:17:04.0319600,0,8"}},
         ALM_OK,
         {"code@1700158623.98 work=0.8808 {context_tokens=4808} | code@1700158624.032 work=0.32 {context_tokens=0}"}},
        {"azure-llm:context_work=1s,token_work=0s",
         {{"week.csv", HEADL "2024-05-10 00:00:00.009930+00:00,5,6\n2024-05-10 02:00:00+02:00,,6\n"}},
         ALM_OK,
         {"week@1715299200.01 work=5 {context_tokens=5} | week@1715299200"}},
        {"azure-llm",
         {{"code.csv", HEADL "2023-11-16 18:17:63,1,2\r\n"}},
         ALM_EDATA,
         {"code.csv:2: column `TIMESTAMP`"}},
        {"azure-llm",
         {{"code.csv", HEADL "2023-11-16 18:17:03,-1,2\r\n"}},
         ALM_EDATA,
         {"code.csv:2: column `ContextTokens`: `-1`"}},
        {"azure-llm",
         {{"code.csv", "TIMESTAMP,ContextTokens\n2023-11-16 18:17:03,1\n"}},
         ALM_EDATA,
         {"code.csv:1: no column `GeneratedTokens`"}},
    };
    CHECK(cases);
}

#define HEADH                                                                                                          \
    "time_worker,time_frontend,requestID,clusterName,funcName,podID,userID,totalCost_worker,workerCost,runtimeCost,"   \
    "totalCost_frontend,frontendCost,busCost,readBodyCost,writeRspCost,cpu_usage,memory_usage,requestBodySize\n"
#define POD "pool22-300-128-0000618412"

Test(huawei_2025, requests)
{
    static const struct import_case cases[] = {
        {"huawei-2025",
         {{"r.csv", HEADH "99,100,x,1,296," POD ",224,2,0,2,3,0,0,0,0,0.5,32,1018\n"}},
         ALM_OK,
         {"296---224---pool22-300-128@97 duration=2 wait=1 work=1 memory=33554432 cores_requested=0.3 "
          "memory_requested=134217728 {request_body=1018}"}},
        /* no frontend; no worker; neither resources nor pod; a frontend quicker than its worker */
        {"huawei-2025",
         {{"r.csv",
           HEADH "99,,x,1,a," POD ",u,2,0,2,,0,0,0,0,0.5,,\n,99,x,1,a,pod,u,,,,1,,,,,,,\n99,,x,1,a,,u,,,,,,,,,1,,\n"
                 "9,9,x,1,a,,u,2,,,1,,,,,,,\n"}},
         ALM_OK,
         {"a---u---pool22-300-128@97 duration=2 work=1 cores_requested=0.3 memory_requested=134217728 | a---u---pod@98 "
          "| "
          "a---u@99 | a---u@8 duration=2 wait=0"}},
        {"huawei-2025",
         {{"r.csv", HEADH "9,9,x,1,a,,u,-1,,,-1,,,,,-1,-1,-1\n"}, {"c.csv", "day,time,totalCost_cold_start\n0,1,2\n"}},
         ALM_OK,
         {"a---u@9"}},
        {"huawei-2025",
         {{"r.csv",
           HEADH "9,9,x,1,a,pool1-0-5-1,u,,,,,,,,,,,\n9,9,x,1,a,p-1-x-1,u,,,,,,,,,,,\n9,9,x,1,a,p-1,u,,,,,,,,,,,\n"}},
         ALM_OK,
         {"a---u---pool1-0-5-1@9 | a---u---p-1-x-1@9 | a---u---p-1@9"}},
        {"huawei-2025",
         {{"r.csv", HEADH ",,x,1,a,,u,1,,,,,,,,,,\n"}},
         ALM_EDATA,
         {"r.csv:2: column `time_worker`: ``: neither time_frontend nor time_worker"}},
        {"huawei-2025",
         {{"r.csv", HEADH "1,2,x,1,,,u,1,,,,,,,,,,\n"}},
         ALM_EDATA,
         {"r.csv:2: column `funcName`: ``: missing"}},
        {"huawei-2025",
         {{"r.csv", HEADH "y,2,x,1,a,,u,1,,,,,,,,,,\n"}},
         ALM_EDATA,
         {"r.csv:2: column `time_worker`: `y`"}},
        {"huawei-2025",
         {{"c.csv", "day,time,totalCost_cold_start\n0,1,2\n"}},
         ALM_EDATA,
         {"c.csv", "no trace comes of this alone; give requests"}},
    };
    CHECK(cases);
}

Test(huawei_2025, limits_of_the_pool_are_those_of_the_unit)
{
    struct memory_sink m;
    struct alm_err e = {0};
    const struct import_file file[IMPORT_FILES] = {{"r.csv", HEADH "9,9,x,1,a," POD ",u,1,,,,,,,,,,\n"}};
    cr_assert_eq(import_written("huawei-2025", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect(m.unit[0].cores == 0.3 && m.unit[0].memory == 0x1p27, "%g cores, %g bytes", m.unit[0].cores,
              m.unit[0].memory);
    cr_expect_str_eq(m.unit[0].code, "a");
    memory_sink_free(&m);
}

/* ---- published files, where they are at hand ---- */

/* 199 calls of 31 functions; no two functions of it share a name once their ids are cut. */
Test(published, azure_functions_2021)
{
    char path[512];
    struct memory_sink m;
    struct alm_err e = {0};
    if (!shared_file("azure-functions/invitro-2021/Azure2021_200.csv", path))
        return;
    cr_assert_eq(import_choice("azure-functions-2021", (const char *const[]){path}, 1, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.invocations, 199);
    cr_expect_eq(m.units, 31);
    memory_sink_free(&m);
}

/* 8819 requests in 57 min 16 s, mean context 2048 tokens. */
Test(published, azure_llm)
{
    char path[512];
    struct memory_sink m;
    struct alm_err e = {0};
    if (!shared_file("azure-llm-2023/AzureLLMInferenceTrace_code.csv", path))
        return;
    cr_assert_eq(import_choice("azure-llm", (const char *const[]){path}, 1, &m, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(m.invocations, 8819);
    double sum = 0;
    for (size_t i = 0; i < m.invocations; i++)
        sum += m.value[i];
    cr_expect(fabs(sum / 8819 - 2048) < 1, "mean %g", sum / 8819);
    double span = alm_seconds(m.invocation[8818].arrival - m.invocation[0].arrival);
    cr_expect(fabs(span - 3436) < 1, "%g s", span);
    memory_sink_free(&m);
}
