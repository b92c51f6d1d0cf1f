/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of faasrail: does each call of a specification arrive in its period, with the inputs of its payload and what was
 * measured for function and payload? Are payloads of any shape flattened by the declared rule? Is a file told by its content?
 * Is what is wrong named with file and row? */
#include "import_rig.h"
#include "traces/text/json_inputs.h"

#include <math.h>

#define HEAD "avg,mapped_wreq,1-2,3\n"
#define WORK(mean, bench, payload)                                                                                     \
    "\"{\"\"mean\"\": " mean ", \"\"bench\"\": \"\"" bench "\"\", \"\"payload\"\": \"\"" payload "\"\"}\""
#define N(n) "{\\\"\"n\\\"\": " n "}"
#define MEASURED "[{\"mean\": 250, \"stdev\": 1, \"mem_mib\": 2, \"bench\": \"mul\", \"payload\": \"{\\\"n\\\": 8}\"}]"

Test(faasrail, specifications)
{
    static const struct import_case cases[] = {
        {"faasrail:placement=even",
         {{"s.csv", HEAD "10," WORK("12.5", "mul-0123abcd", N("8")) ",2,1\n"}},
         ALM_OK,
         {"mul@30 duration=0.0125 work=0.0125 parallelism=1 {n=8} | mul@90 duration=0.0125 work=0.0125 parallelism=1 "
          "{n=8} | "
          "mul@150 duration=0.0125 work=0.0125 parallelism=1 {n=8}"}},
        {"faasrail:placement=even,cpu_share=2",
         {{"s.csv", HEAD "10," WORK("12.5", "mul-0123abcd", N("8")) ",0,1"}, {"zz", MEASURED}},
         ALM_OK,
         {"mul@150 duration=0.25 work=0.5 parallelism=2 memory=2097152 {n=8}"}},
        {"faasrail:placement=even,period=10s,unit=request",
         {{"a", MEASURED}, {"s.csv", "avg,mapped_wreq,25,26\n10," WORK("1", "mul-0123abcd", N("9")) ",1,1\n"}},
         ALM_OK,
         {"mul-0123abcd@5 duration=0.001 work=0.001 parallelism=1 {n=9} | mul-0123abcd@15 duration=0.001 work=0.001 "
          "parallelism=1 {n=9}"}},
        /* names that only look as if they ended in a hash */
        {"faasrail:placement=start",
         {{"s.csv", HEAD "1," WORK("0", "disk-seq", N("1")) ",1,0\n1," WORK(
                        "0", "disk-seq-abcdef01", N("1")) ",1,0\n1," WORK("0", "x-abc", N("1")) ",1,0\n"}},
         ALM_OK,
         {"disk-seq@0 duration=0 work=0 parallelism=1 {n=1} | disk-seq@0 duration=0 work=0 parallelism=1 {n=1} | "
          "x-abc@0 duration=0 work=0 parallelism=1 {n=1}"}},
        {"faasrail",
         {{"s.csv", HEAD "10,{not json},2,1\n"}},
         ALM_EDATA,
         {"s.csv:2: column `mapped_wreq`: `{not json}`: not JSON"}},
        {"faasrail", {{"s.csv", HEAD "10,\"{\"\"mean\"\": 1}\",2,1\n"}}, ALM_EDATA, {"s.csv:2: an object", "is right"}},
        {"faasrail",
         {{"s.csv", HEAD "10," WORK("1", "m", "{x") ",2,1\n"}},
         ALM_EDATA,
         {"s.csv:2: the payload is not JSON"}},
        {"faasrail",
         {{"s.csv", HEAD "10," WORK("-1", "m", N("1")) ",2,1\n"}},
         ALM_EDATA,
         {"s.csv:2: a mean of -0.001 s"}},
        {"faasrail", {{"s.csv", HEAD "10," WORK("1e300", "m", N("1")) ",2,1\n"}}, ALM_EDATA, {"s.csv:2: a mean of"}},
        {"faasrail",
         {{"s.csv", HEAD "10," WORK("1", "m", N("1")) ",2\n"}},
         ALM_EDATA,
         {"s.csv:2: count 2 of 2", "fewer counts"}},
        {"faasrail",
         {{"s.csv", HEAD "10," WORK("1", "m", N("1")) ",1e12,0\n"}},
         ALM_EDATA,
         {"s.csv:2: count 1 of 2", "too many"}},
        {"faasrail", {{"s.csv", "avg,work,1\n1,2,3\n"}}, ALM_EDATA, {"s.csv:1: no column `mapped_wreq`"}},
        {"faasrail", {{"s.csv", ""}}, ALM_EDATA, {"s.csv: no rows"}},
        {"faasrail:bad=drop,placement=start",
         {{"s.csv", HEAD "10,x,2,1\n1," WORK("1", "m", "{x") ",2,1\n1," WORK("1", "m", N("1")) ",0,1\n"}},
         ALM_OK,
         {"m@120 duration=0.001 work=0.001 parallelism=1 {n=1}"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

/* Equal rows stand for different functions of the trace: their calls must not coincide. */
Test(faasrail, equal_rows_have_calls_of_their_own)
{
    struct memory_sink m;
    struct alm_err e = {0};
#define ROW "10," WORK("1", "m", N("1")) ",5,0\n"
    const struct import_file file[IMPORT_FILES] = {{"s.csv", HEAD ROW ROW}};
    cr_assert_eq(import_written("faasrail", file, &m, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(m.invocations, 10);
    for (size_t i = 0; i < 5; i++)
        cr_expect_neq(m.invocation[i].arrival, m.invocation[i + 5].arrival);
    memory_sink_free(&m);
}

#define RECORD(mean, bench, n)                                                                                         \
    "{\"mean\": " mean ", \"mem_mib\": 1, \"bench\": \"" bench "\", \"payload\": \"{\\\"n\\\": " n "}\"}"

Test(faasrail, measurements_alone)
{
    static const struct import_case cases[] = {
        {"faasrail:placement=even,spacing=10s",
         {{"m", "[" RECORD("1", "a", "1") ", " RECORD("2", "b", "1") ",\n" RECORD("3", "a", "2") "]"}},
         ALM_OK,
         {"a@5 duration=0.001 work=0.001 parallelism=1 memory=1048576 {n=1} | b@5 duration=0.002 work=0.002 "
          "parallelism=1 "
          "memory=1048576 {n=1} | a@15 duration=0.003 work=0.003 parallelism=1 memory=1048576 {n=2}"}},
        {"faasrail",
         {{"m.json", "[" RECORD("1", "a", "1") ",\n" RECORD("\"x\"", "a", "1") "]"}},
         ALM_EDATA,
         {"m.json:2: an object"}},
        {"faasrail",
         {{"m.json", "[" RECORD("1", "a", "1") ",\n" RECORD("1", "a", "}") "]"}},
         ALM_EDATA,
         {"m.json:2: the payload is not JSON"}},
        {"faasrail", {{"m.json", "[" RECORD("1", "a", "1") ",\n"}}, ALM_EDATA, {"m.json"}},
        {"faasrail", {{"m.json", "[]"}}, ALM_EDATA, {"m.json: no rows"}},
        {"faasrail",
         {{"m.json", "[{\"mean\": 1, \"mem_mib\": -1, \"bench\": \"a\", \"payload\": \"1\"}]"}},
         ALM_EDATA,
         {"m.json:1: mem_mib of -1"}},
        {"faasrail:bad=drop,placement=start",
         {{"m.json", "[1, null,\n" RECORD("1", "a", "1") "]"}},
         ALM_OK,
         {"a@0 duration=0.001 work=0.001 parallelism=1 memory=1048576 {n=1}"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        import_check(&cases[i], i);
}

/* ---- inputs out of JSON ---- */

Test(json_inputs, numbers_inside_strings)
{
    static const struct {
        const char *text;
        double want;
    } cases[] = {
        {"img072k.jpeg", 72000},
        {"gen02_n6016.json", 6016},
        {"big_buck_bunny_360p_2mb.mp4", 2e6},
        {"reviews10mb.csv", 10e6},
        {"1.json", 1},
        {"20MB", 20e6},
        {"n6016", 6016},
        {"3gb", 3e9},
        {"7 k", 7},
        {"5kg", 5},
        {"v1.5", 5},
        {"a.b1", (double)NAN},
        {"", (double)NAN},
        {"none.mp4", (double)NAN},
        {"1234567890123456", (double)NAN},
        {"007", 7},
        {"host:59000", 59000},
        {".5", 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = alm_hidden_number(cases[i].text, strlen(cases[i].text));
        cr_expect(got == cases[i].want || (isnan(got) && isnan(cases[i].want)), "%s: %g", cases[i].text, got);
    }
}

/* Learn all DOCUMENTS (one a line), then tell the values of each as "name=value name=word | ...". */
static char *flatten(const char *documents, struct alm_err *e)
{
    struct memory_sink m;
    struct alm_json_inputs *j;
    char *text = NULL;
    size_t size;
    memory_sink_init(&m);
    cr_assert_eq(alm_json_inputs_open(&m.sink, &j, e), ALM_OK);
    FILE *f = open_memstream(&text, &size);
    int code = ALM_OK;
    for (int pass = 0; pass < 2 && code >= 0; pass++) {
        for (const char *p = documents; *p && code >= 0; p += strcspn(p, "\n"), p += *p == '\n') {
            json_t *document = json_loadb(p, strcspn(p, "\n"), JSON_DECODE_ANY, NULL);
            const double *value;
            cr_assert_not_null(document, "%s", p);
            if (pass == 0) {
                code = alm_json_inputs_learn(j, document, e);
            } else {
                code = alm_json_inputs_values(j, document, &value, e);
                fputs(p > documents ? " |" : "", f);
                for (size_t i = 0; i < m.inputs; i++)
                    if (!isnan(value[i]) && m.input[i].category)
                        fprintf(f, " %s=%s", m.input[i].name, m.word[i][(size_t)value[i]]);
                    else if (!isnan(value[i]))
                        fprintf(f, " %s=%.9g", m.input[i].name, value[i]);
            }
            json_decref(document);
        }
        if (pass == 0 && code >= 0)
            code = alm_json_inputs_declare(j, e);
    }
    fclose(f);
    alm_json_inputs_close(j);
    memory_sink_free(&m);
    return text;
}

Test(json_inputs, documents)
{
    static const struct {
        const char *documents, *want;
    } cases[] = {
        {"{\"a\": 1, \"b\": {\"c\": \"x\", \"d\": [2, {\"e\": true}]}, \"n\": null}", " a=1 b.c=x b.d.0=2 b.d.1.e=1"},
        {"{\"f\": \"n12.json\"}\n{\"f\": \"none\"}\n{}", " f=n12.json f_number=12 | f=none |"},
        {"{\"v\": 3}\n{\"v\": \"three\"}", " v=3 | v_text=three"},
        {"{\"v\": \"a1\"}\n{\"v\": 3}", " v_text=a1 v_number=1 | v=3"},
        {"5\n\"word\"\n[7]", " input=5 | input_text=word | 0=7"},
        {"{\"a b\": 1, \"\": 2, \"\xc3\xa4\": 3}", " a_b=1 _=2 __=3"},
        {"{}", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct alm_err e = {0};
        char *got = flatten(cases[i].documents, &e);
        cr_expect_str_eq(got, cases[i].want, "case %zu: %s; %s", i, got, e.text);
        free(got);
    }
}

Test(json_inputs, limits)
{
    struct alm_err e = {0};
    char text[4096], *w = text;
    for (int i = 0; i < 20; i++)
        w += sprintf(w, "[");
    w += sprintf(w, "1");
    for (int i = 0; i < 20; i++)
        w += sprintf(w, "]");
    free(flatten(text, &e));
    cr_expect_not_null(strstr(e.text, "nested deeper than 16"), "%s", e.text);
    w = text + sprintf(text, "{\"k\": [0");
    for (int i = 1; i <= ALM_INPUTS; i++)
        w += sprintf(w, ", %d", i);
    sprintf(w, "]}");
    free(flatten(text, &e));
    cr_expect_not_null(strstr(e.text, "more than 64 input parameters"), "%s", e.text);
    sprintf(text, "{\"%080d\": 1}", 0);
    free(flatten(text, &e));
    cr_expect_not_null(strstr(e.text, "is longer than"), "%s", e.text);
}

/* ---- published files, where they are at hand ---- */

/* 4045 calls of 244 rows, 1931 of them of a function and payload that were measured. */
Test(published, faasrail)
{
    struct memory_sink m;
    struct alm_err e = {0};
    char path[2][512];
    const char *root = getenv("ALM_SHARED"),
               *name[] = {"azure-functions/faasrail/azure_spec_15rps_5min.csv", "faasrail-icy2/icy2-20231011-dev.json"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path[i], sizeof path[i], "%s/traces/%s", root ? root : ALM_SOURCE_DIR "/../shared", name[i]);
        if (access(path[i], R_OK) != 0) {
            printf("SKIP: %s is not there; set ALM_SHARED\n", name[i]);
            fflush(stdout);
            return;
        }
    }
    cr_assert_eq(import_choice("faasrail", (const char *const[]){path[0], path[1]}, 2, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_eq(m.invocations, 4045);
    cr_expect_eq(m.units, 11);
    size_t measured = 0;
    for (size_t i = 0; i < m.invocations; i++)
        measured += m.invocation[i].value[ALM_INV_MEMORY] > 0;
    cr_expect_eq(measured, 1931);
    cr_expect_eq(import_noted(&m, "were not measured", NULL), 110);
    memory_sink_free(&m);
}
