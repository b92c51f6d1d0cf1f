/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of wfformat and gentd26: do tasks start when the graph lets them, in any order of the file? Are a cycle, a parent
 * that is not there, a task without a run told by name? Are the tables of GenTD26 told apart, and what is left out said? */
#include "import_rig.h"

#define SPEC(tasks) "{\"schemaVersion\":\"1.5\",\"workflow\":{\"specification\":{\"tasks\":[" tasks "],"
#define FILES(files) "\"files\":[" files "]},"
#define RUN(tasks) "\"execution\":{\"executedAt\":\"1970-01-01T00:16:40Z\",\"tasks\":[" tasks "]}}}"
#define TASK(name, id, parents, files)                                                                                 \
    "{\"name\":\"" name "\",\"id\":\"" id "\",\"parents\":[" parents "],\"inputFiles\":[" files "]}"

Test(wfformat, graph)
{
    static const struct import_case cases[] = {
        /* c waits for a (10 s) and b (a, then 5 s): begins at 1000 + 15; the file has c first */
        {"wfformat",
         {{"w.json",
           SPEC(TASK("C", "c", "\"a\",\"b\"", "\"x\",\"y\"") "," TASK("B", "b", "\"a\"", "") "," TASK(
               "A", "a", "", "\"x\"")) FILES("{\"id\":\"x\",\"sizeInBytes\":7},{\"id\":\"y\",\"sizeInBytes\":30}")
               RUN("{\"id\":\"a\",\"runtimeInSeconds\":10,\"avgCPU\":150.0,\"memoryInBytes\":64},"
                   "{\"id\":\"b\",\"runtimeInSeconds\":5,\"readBytes\":3,\"writtenBytes\":4,\"coreCount\":2},"
                   "{\"id\":\"c\",\"runtimeInSeconds\":0.5}")}},
         ALM_OK,
         {"C@1015 duration=0.5 {input_size=37 input_files=2 parents=2} | "
          "B@1010 duration=5 io_read=3 io_write=4 cores_requested=2 {input_size=0 input_files=0 parents=1} | "
          "A@1000 duration=10 work=15 memory=64 {input_size=7 input_files=1 parents=0}"}},
        /* d waits for the slower of its parents, though it comes first: 1000 + 1 + 20 */
        {"wfformat",
         {{"w.json", SPEC(TASK("A", "a", "", "") "," TASK("B", "b", "\"a\"", "") "," TASK(
                         "C", "c", "\"a\"", "") "," TASK("D", "d", "\"b\",\"c\"", "")) FILES("")
                         RUN("{\"id\":\"a\",\"runtimeInSeconds\":1},{\"id\":\"b\",\"runtimeInSeconds\":20},"
                             "{\"id\":\"c\",\"runtimeInSeconds\":5},{\"id\":\"d\",\"runtimeInSeconds\":2}")}},
         ALM_OK,
         {"A@1000 duration=1 {input_size=0 input_files=0 parents=0} | B@1001 duration=20 {input_size=0 input_files=0 "
          "parents=1} | C@1001 duration=5 {input_size=0 input_files=0 parents=1} | D@1021 duration=2 {input_size=0 "
          "input_files=0 parents=2}"}},
        /* recorded starts count, unless one is missing or the graph is asked for */
        {"wfformat",
         {{"w.json", SPEC(TASK("A", "a", "", "")) FILES("")
                         RUN("{\"id\":\"a\",\"runtimeInSeconds\":1,\"executedAt\":\"1970-01-01T01:00:00+00:30\"}")}},
         ALM_OK,
         {"A@1800 duration=1 {input_size=0 input_files=0 parents=0}"}},
        {"wfformat:arrivals=graph",
         {{"w.json", SPEC(TASK("A", "a", "", "")) FILES("")
                         RUN("{\"id\":\"a\",\"runtimeInSeconds\":1,\"executedAt\":\"1970-01-01T01:00:00+00:30\"}")}},
         ALM_OK,
         {"A@1000 duration=1 {input_size=0 input_files=0 parents=0}"}},
        /* names that are ids lose their number; names that are not keep it */
        {"wfformat",
         {{"w.json", SPEC(TASK("sum_ID0001", "sum_ID0001", "", "") "," TASK("sum_2", "sum_2", "", "") "," TASK(
                         "v2", "v2", "", "") "," TASK("T_9", "t", "", "")) FILES("")
                         RUN("{\"id\":\"sum_ID0001\"},{\"id\":\"sum_2\"},{\"id\":\"v2\"},{\"id\":\"t\"}")}},
         ALM_OK,
         {"sum@1000 {input_size=0 input_files=0 parents=0} | sum@1000 {input_size=0 input_files=0 parents=0} | v2@1000 "
          "{input_size=0 input_files=0 parents=0} | T_9@1000 {input_size=0 input_files=0 parents=0}"}},
        /* 1.4: parents by name or by id */
        {"wfformat",
         {{"w.json",
           "{\"schemaVersion\":\"1.4\",\"workflow\":{\"tasks\":["
           "{\"name\":\"join_2\",\"id\":\"I2\",\"category\":\"join\",\"runtimeInSeconds\":4,\"cores\":3,"
           "\"parents\":[\"make_1\",\"I3\"],\"files\":[{\"link\":\"input\",\"name\":\"x\",\"sizeInBytes\":70},"
           "{\"link\":\"output\",\"name\":\"z\",\"sizeInBytes\":900}]},"
           "{\"name\":\"make_1\",\"runtimeInSeconds\":3},{\"name\":\"m_ID3\",\"id\":\"I3\",\"runtimeInSeconds\":8}]}"
           "}"}},
         ALM_OK,
         {"join@8 duration=4 cores_requested=3 {input_size=70 input_files=1 parents=2} | "
          "make@0 duration=3 {input_size=0 input_files=0 parents=0} | m@0 duration=8 {input_size=0 input_files=0 "
          "parents=0}"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

Test(wfformat, what_is_not_known_is_noted)
{
    struct memory_sink m;
    struct alm_err e = {0};
    static const struct import_file file[IMPORT_FILES] = {
        {"w.json", SPEC(TASK("A", "a", "", "\"lost\"") "," TASK("B", "b", "\"a\"", "")) FILES("")
                       RUN("{\"id\":\"a\",\"runtimeInSeconds\":1}")}};
    cr_assert_eq(import_written("wfformat", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.invocations, 1);
    cr_expect(isnan(m.value[0]), "the size of an input is not known");
    cr_expect_eq(import_noted(&m, "unknown size", "w.json: a"), 1);
    cr_expect_eq(import_noted(&m, "never run", "w.json: b"), 1);
    cr_expect_eq(m.report.read, 2);
    cr_expect(strstr(m.report.assumed, "Starts of tasks are not recorded"), "%s", m.report.assumed);
    memory_sink_free(&m);
}

#define ONE(run) SPEC(TASK("A", "a", "", "")) FILES("") RUN(run)

Test(wfformat, messages)
{
    static const struct import_case cases[] = {
        {"wfformat", {{"w.json", ""}}, ALM_EDATA, {"w.json", "not JSON"}},
        {"wfformat", {{"w.json", "{\"a\":\n[1,}"}}, ALM_EDATA, {"w.json:2: not JSON"}},
        {"wfformat", {{"w.json", "[]"}}, ALM_EDATA, {"w.json: neither workflow.specification.tasks"}},
        {"wfformat",
         {{"w.json", "{\"schemaVersion\":\"1.3\",\"workflow\":{\"tasks\":[{\"name\":\"a\"}]}}"}},
         ALM_EDATA,
         {"w.json: schemaVersion 1.3 is too old", "wfcommons-migrate-instance"}},
        {"wfformat", {{"w.json", ONE("")}}, ALM_EDATA, {"w.json: no workflow.execution.tasks"}},
        {"wfformat", {{"w.json", ONE("{\"id\":\"b\"}")}}, ALM_EDATA, {"`b` was executed, but"}},
        {"wfformat", {{"w.json", ONE("{\"id\":\"a\"},{\"id\":\"a\"}")}}, ALM_EDATA, {"`a` was executed twice"}},
        {"wfformat",
         {{"w.json", ONE("{\"id\":\"a\",\"runtimeInSeconds\":-1}")}},
         ALM_EDATA,
         {"w.json: `a`: runtimeInSeconds is -1, which cannot be"}},
        {"wfformat",
         {{"w.json", ONE("{\"id\":\"a\",\"runtimeInSeconds\":1e308}")}},
         ALM_EDATA,
         {"`a`: runtimeInSeconds is 1e+308"}},
        {"wfformat", {{"w.json", ONE("{\"id\":\"a\",\"avgCPU\":\"98\"}")}}, ALM_EDATA, {"`a`: avgCPU is not a number"}},
        {"wfformat", {{"w.json", ONE("{\"runtimeInSeconds\":1}")}}, ALM_EDATA, {"workflow.execution.tasks 1", "`id`"}},
        {"wfformat",
         {{"w.json", SPEC(TASK("A", "a", "\"b\"", "") "," TASK("B", "b", "\"a\"", "")) FILES("")
                         RUN("{\"id\":\"a\"},{\"id\":\"b\"}")}},
         ALM_EDATA,
         {"w.json: `a` waits for itself"}},
        {"wfformat",
         {{"w.json", SPEC(TASK("A", "a", "\"z\"", "")) FILES("") RUN("{\"id\":\"a\"}")}},
         ALM_EDATA,
         {"`a`: its parent `z` is no task"}},
        {"wfformat",
         {{"w.json", SPEC(TASK("A", "a", "3", "")) FILES("") RUN("{\"id\":\"a\"}")}},
         ALM_EDATA,
         {"`a`: parent 1 (from 1) is not a text"}},
        {"wfformat",
         {{"w.json", SPEC(TASK("A", "a", "", "") "," TASK("B", "a", "", "")) FILES("") RUN("{\"id\":\"a\"}")}},
         ALM_EDATA,
         {"two tasks have the id `a`"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

/* ---- GenTD26 ---- */

#define REQUESTS                                                                                                       \
    "gmt_create,predict_type,predict_status,exec_time_seconds,groupId,prompt_length,negative_prompt_length,"           \
    "num_images_per_prompt,num_inference_steps,checkpoint_model_version_id,num_lora\n"
#define PODS "value,timestamp_anon,container_ip\n"

Test(gentd26, tables)
{
    static const struct import_case cases[] = {
        {"gentd26",
         {{"x.csv", REQUESTS "1970-01-01 00:00:10,TXT_2_IMG,SUCCEED,32.0,G1,63.0,,1.0,30.0,M2,0\n"
                             "1970-01-01 00:00:09,INPAINTING,FAILED,3.0,G1,,,,,,1\n"
                             "1970-01-01 00:00:11,TXT_2_IMG,PROCESSING,5.0,,,,,,,\n"}},
         ALM_OK,
         {"image-generation@10 duration=32 failed=0 {predict_type=TXT_2_IMG user=G1 prompt_length=63 "
          "num_images_per_prompt=1 num_inference_steps=30 checkpoint_model_version_id=M2 num_lora=0} | "
          "image-generation@9 duration=3 failed=1 {predict_type=INPAINTING user=G1 num_lora=1} | "
          "image-generation@11 {predict_type=TXT_2_IMG}"}},
        {"gentd26:unit=checkpoint",
         {{"x.csv", REQUESTS "1970-01-01 00:00:10,T,SUCCEED,1,,,,,,M2,\n1970-01-01 00:00:11,T,SUCCEED,1,,,,,,,\n"}},
         ALM_OK,
         {"M2@10 duration=1 failed=0 {predict_type=T checkpoint_model_version_id=M2} | unknown@11 duration=1 failed=0 "
          "{predict_type=T}"}},
        /* columns in another order; the GPU table is left alone, and its pods with it */
        {"gentd26:memory_capacity=1000",
         {{"pod_memory.csv", "container_ip,value,timestamp_anon\na,0.5,57.0\nb,1,57.0\na,,114.0\n"},
          {"pod_gpu.csv", PODS "50,57,a\n"}},
         ALM_OK,
         {"a@57 memory=500 | b@57 memory=1000 | a@114"}},
        {"gentd26:gpu=cpu", {{"pod_gpu.csv", PODS "50,57,a\n"}}, ALM_OK, {"gpu/a@57 cpu=0.5"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

Test(gentd26, what_is_left_out_is_said)
{
    struct memory_sink m;
    struct alm_err e = {0};
    static const struct import_file file[IMPORT_FILES] = {
        {"pod_gpu.csv", PODS "50,57,a\n"},
        {"pod_memory.csv", PODS "0.5,57,a\n"},
        {"qps.csv", "timestamp_anon,value,container_ip,request_type\n1,2,,API Requests\n"},
        {"requests.csv", REQUESTS "1970-01-01 00:00:10,T,PENDING,0,,,,,,,\n"},
    };
    cr_assert_eq(import_written("gentd26:memory_capacity=2Gi", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect(strstr(m.report.assumed, "Duty cycles of GPUs are left alone"), "%s", m.report.assumed);
    cr_expect(strstr(m.report.assumed, "Nothing is used of qps"), "%s", m.report.assumed);
    cr_expect_eq(import_noted(&m, "had not ended", "requests.csv:2"), 1);
    cr_expect_eq(m.report.read, 2);
    cr_expect_eq(m.units, 2);
    cr_expect_eq(m.unit[m.row[0].unit].memory, 2147483648.0);
    cr_expect(strstr(m.report.assumed, "2147483648 bytes"), "%s", m.report.assumed);
    memory_sink_free(&m);
}

Test(gentd26, messages)
{
    static const struct import_case cases[] = {
        {"gentd26", {{"x.csv", "a,b\n1,2\n"}}, ALM_EDATA, {"x.csv:1: none of the tables", "gmt_create", "`a`, `b`"}},
        {"gentd26", {{"x.csv", PODS "1,2,a\n"}}, ALM_EDATA, {"x.csv: the name of a pod table says what it holds"}},
        {"gentd26", {{"pod_gpu.csv", PODS "1,2,a\n"}}, ALM_EDATA, {"pod_gpu.csv", "gpu=cpu"}},
        {"gentd26",
         {{"memory.csv", PODS "0.5,2,a\n1.5,2,a\n"}},
         ALM_EDATA,
         {"memory.csv:3: column `value`: `1.5`: a share of memory above 1"}},
        {"gentd26", {{"memory.csv", PODS "0.5,2,\n"}}, ALM_EDATA, {"memory.csv:2: column `container_ip`", "missing"}},
        {"gentd26", {{"memory.csv", PODS "0.5,1e300,a\n"}}, ALM_EDATA, {"memory.csv:2: column `timestamp_anon`"}},
        {"gentd26", {{"memory.csv", PODS "nope,2,a\n"}}, ALM_EDATA, {"column `value`: `nope`: not a number"}},
        {"gentd26",
         {{"x.csv", REQUESTS "1970-01-01 00:00:10,T,WAITING,0,,,,,,,\n"}},
         ALM_EDATA,
         {"x.csv:2: column `predict_status`: `WAITING`: none of SUCCEED"}},
        {"gentd26",
         {{"x.csv", REQUESTS "1970-13-01 00:00:10,T,SUCCEED,0,,,,,,,\n"}},
         ALM_EDATA,
         {"x.csv:2: column `gmt_create`: `1970-13-01 00:00:10`: not a time"}},
        {"gentd26:bad=drop",
         {{"x.csv", REQUESTS "x,T,SUCCEED,0,,,,,,,\n1970-01-01 00:00:10,T,SUCCEED,2,,,,,,,\n"}},
         ALM_OK,
         {"image-generation@10 duration=2 failed=0 {predict_type=T}"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}
