/* SPDX-License-Identifier: GPL-3.0-or-later
 * importer_behaviour: does a table of behaviour beside a table of usage arrive with the right unit, function, time, span
 * and values, whatever its shape, and is what cannot be read an error that says where and what would be right? */
#include "import_units.h"

#define USAGE                                                                                                          \
    {                                                                                                                  \
        "web.csv", "time,cpu\n60,1\n"                                                                                  \
    }

Test(importer_behaviour, arrives)
{
    static const struct import_case cases[] = {
        {"csv",
         {USAGE,
          {"web.behaviour.csv", "time,unit,function,span,calls,mix_floats\n60,web,,60,,0.25\n60,web,main,60,5,\n"}},
         ALM_OK,
         {"web@60 cpu=1 | web[]@60/60 mix_floats=0.25 | web[main]@60/60 calls=5"}},
        {"csv:interval=1m", /* the file is one unit, as its table of usage; spans are the interval */
         {USAGE, {"web.behaviour.tsv", "time\tfunction\tread_bytes\n60\tmain\t4096\n120\t\t1e6\n"}},
         ALM_OK,
         {"web@60 cpu=1 | web[main]@60/60 read_bytes=4096 | web[]@120/60 read_bytes=1000000"}},
        {"csv:time=stamp,unit=host,time_format=ms,decimal_comma=true,missing=-",
         {{"u.behaviour.csv", "calls;HOST;stamp;span;cpu_share\n1,5;a;1500;0,5;-\n-;b;2000;2;0,75\n"}},
         ALM_OK,
         {"a[]@1.5/0.5 calls=1.5 | b[]@2/2 cpu_share=0.75"}},
        {"csv:bad=drop",
         {USAGE,
          {"web.behaviour.csv",
           "time,span,calls,reads\n60,60,1,2\nx,60,1,2\n60,0,1,2\n60,,1,2\n60,60,-1,2\n60,60,1,1e999\n"
           "60,60\n120,60,3,4\n"}},
         ALM_OK,
         {"web@60 cpu=1 | web[]@60/60 calls=1 reads=2 | web[]@120/60 calls=3 reads=4"}},
        {"csv:layout=wide",
         {{"wide.csv", "time,a,b\n60,1,2\n"}, {"x.behaviour.csv", "time,unit,span,calls\n60,a,60,7\n"}},
         ALM_OK,
         {"a@60 cpu=1 | b@60 cpu=2 | a[]@60/60 calls=7"}},
    };
    CHECK_ALL(cases);
}

Test(importer_behaviour, refused)
{
    static const struct import_case cases[] = {
        {"csv",
         {{"a.behaviour.csv", "time,span,cals\n1,1,1\n"}},
         ALM_EDATA,
         {"a.behaviour.csv:1: a table of behaviour has no column `cals`; did you mean `calls`?"}},
        {"csv",
         {{"a.behaviour.csv", "time,span,sum\n1,1,1\n"}},
         ALM_EDATA,
         {"a.behaviour.csv:1:", "at least one of `calls`", "the header has `time`, `span`, `sum`"}},
        {"csv", {{"a.behaviour.csv", "when,span,calls\n1,1,1\n"}}, ALM_EDATA, {"has a column `time`"}},
        {"csv",
         {{"a.behaviour.csv", "time,calls\n1,1\n"}},
         ALM_EDATA,
         {"a.behaviour.csv:1: no column `span` (seconds)", "interval="}},
        {"csv:time_format=index,interval=1m",
         {{"a.behaviour.csv", "calls\n1\n"}},
         ALM_EINVAL,
         {"has a header and times"}},
        {"csv",
         {{"a.behaviour.csv", "time,span,calls\n1,1,x\n"}},
         ALM_EDATA,
         {"a.behaviour.csv:2: column `calls`: `x` is not a number"}},
        {"csv",
         {{"a.behaviour.csv", "time,span,calls\n1,1,1\n1,-2,1\n"}},
         ALM_EDATA,
         {"a.behaviour.csv:3: column `span`: `-2` is negative"}},
        {"csv",
         {{"a.behaviour.csv", "time,span,calls\n1,1e7,1\n"}},
         ALM_EDATA,
         {"a.behaviour.csv:2: column `span`: `1e7` is not a length of time"}},
        {"csv",
         {{"a.behaviour.csv", "time,span,calls\n1,1,1e999\n"}},
         ALM_EDATA,
         {"a.behaviour.csv:2: column `calls`: a number beyond 1e308"}},
        {"csv",
         {{"a.behaviour.csv", "time,span,unit,calls\n1,1,a\n"}},
         ALM_EDATA,
         {"a.behaviour.csv:2: the row has 3 fields and ends before column `calls`"}},
    };
    CHECK_ALL(cases);
}

Test(importer_behaviour, says_what_it_did_not_read)
{
    struct memory_sink m;
    struct alm_err e = {0};
    const struct import_file file[IMPORT_FILES] = {
        {"a.behaviour.csv", "time,span,calls,colour\n1,1,1,red\n2,1,1,red\n"}};
    cr_assert_eq(import_written("csv", file, &m, &e), ALM_OK, "%s", e.text);
    cr_expect(strstr(m.report.assumed, "Columns of behaviour not read: `colour`."), "%s", m.report.assumed);
    cr_expect(m.report.read == 2 && m.report.files == 1 && m.records == 2 && m.rows == 0);
    memory_sink_free(&m);
}
