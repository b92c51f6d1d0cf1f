/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: does a declared column find its values by name or by place? Is each row that cannot be used an error with its
 * file, row and column, or counted? Do words keep their numbers? */
#include "traces/text/rows.h"
#include "memory_sink.h"
#include "scratch.h"
#include "traces/text/names.h"

#include <inttypes.h>

TestSuite(rows, .init = scratch_enter, .fini = scratch_leave);

static const struct alm_cell_spec cells[] = {
    {"stamp|time", 1, ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0},
    {"name", 2, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    {"load", 3, ALM_CELL_NUMBER, ALM_CELL_EXPECTED | ALM_CELL_ABNORMAL, 0, 100},
    {"extra", 5, ALM_CELL_NUMBER, 0, -5, 5},
    {0},
};

static void put(const char *text)
{
    FILE *f = fopen("t", "wb");
    cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* All rows as "seconds name load extra;", '-' for what is missing, then the code of the end and its error. */
static const char *show(const char *text, bool header, int bad, struct memory_sink *m)
{
    static char out[1024];
    const struct alm_rows_format format = {.what = "a test table", .header = header, .cell = cells, .separator = ','};
    const struct alm_rows_options options = {.missing = "-/NaN/-1", .bad = bad};
    const struct alm_cell *c;
    struct alm_rows *r = NULL;
    struct alm_err e = {0};
    size_t used = 0;
    put(text);
    memory_sink_init(m);
    const char *path = "t";
    struct alm_rows_job job = alm_rows_start(&options, &m->sink, &path, 1);
    int code = alm_rows_open(&job, "t", &format, &r, &e);
    while (code == 0 && (code = alm_rows_next(r, &c, &e)) == 0) {
        used += (size_t)snprintf(out + used, sizeof out - used, "%g %.*s", alm_seconds(c[0].time), (int)c[1].text.size,
                                 c[1].text.at);
        for (int i = 2; i < 4; i++)
            used += (size_t)snprintf(out + used, sizeof out - used, c[i].missing ? " -" : " %g", c[i].number);
        used += (size_t)snprintf(out + used, sizeof out - used, ";");
    }
    alm_rows_close(r);
    snprintf(out + used, sizeof out - used, "%s", code < 0 ? e.text : "");
    return out;
}

Test(rows, shapes)
{
    static const struct {
        const char *text;
        bool header;
        const char *want;
    } cases[] = {
        {"time,name,load\n1,a,5\n2,b,\n", true, "1 a 5 -;2 b - -;"},
        {"LOAD,Stamp,extra,name\n5,1.5,-4,a\n", true, "1.5 a 5 -4;"},
        {"1,a,5\n2,b,7,x,3\n", false, "1 a 5 -;2 b 7 -;"}, /* the first row says how many columns there are */
        {"1,a,5,x,2\n2,b,7,x,-1\n", false, "1 a 5 2;2 b 7 -;"},
        {"1,a,101\n2,b,-3\n3,c,-1\n", false, "1 a - -;2 b - -;3 c - -;"},
        {"", true, ""},
        {"time,name,load\n", true, ""},
        {"time,name\n1,a\n", true, "t:1: no column `load`; the header has `time`, `name`; is this a test table?"},
        {"1,a\n", false, "t:1: the row has 2 columns where a test table has column 3 (load)"},
        {"time,name,load\n1,a,5\n,b,6\n", true,
         "1 a 5 -;t:3: column `stamp`: ``: missing; use bad=drop to go on without such rows"},
        {"time,name,load\n1,a,5\n2\n", true,
         "1 a 5 -;t:3: column `name`: not in this row: the row ends before this column; use bad=drop to go on without "
         "such "
         "rows"},
        {"time,name,load\nx,a,5\n", true,
         "t:2: column `stamp`: `x`: not a time; use bad=drop to go on without such rows"},
        {"time,name,load\n1,a,five\n", true,
         "t:2: column `load`: `five`: not a number; use bad=drop to go on without such rows"},
        {"time,name,load,extra\n1,a,5,6\n", true,
         "t:2: column `extra`: `6`: too large to be believed; use bad=drop to go on without such rows"},
        {"time,name,load,extra\n1,a,5,-6\n", true,
         "t:2: column `extra`: `-6`: smaller than can be; use bad=drop to go on without such rows"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct memory_sink m;
        const char *got = show(cases[i].text, cases[i].header, 0, &m);
        cr_expect_str_eq(got, cases[i].want, "case %zu: %s", i, got);
        memory_sink_free(&m);
    }
}

Test(rows, dropped_rows_are_counted_by_reason)
{
    struct memory_sink m;
    const char *got = show("time,name,load\n1,a,5\nx,b,6\n3,c,101\n4,d,y\n5\n6,e,1\n", true, 1, &m);
    cr_assert_str_eq(got, "1 a 5 -;3 c - -;6 e 1 -;");
    cr_assert_eq(m.report.read, 6);
    cr_assert_eq(m.report.files, 1);
    cr_assert_eq(m.report.reasons, 4);
    static const struct {
        const char *why, *where;
        bool dropped;
    } want[] = {
        {"not a time", "t:3", true},
        {"a value outside of its range: taken as missing", "t:4", false},
        {"not a number", "t:5", true},
        {"the row ends before this column", "t:6", true},
    };
    for (size_t i = 0; i < 4; i++) {
        cr_assert_str_eq(m.report.reason[i].why, want[i].why);
        cr_assert_str_eq(m.report.reason[i].where, want[i].where);
        cr_assert_eq(m.report.reason[i].dropped, want[i].dropped);
        cr_assert_eq(m.report.reason[i].count, 1);
    }
    memory_sink_free(&m);
}

Test(rows, an_empty_file_is_noted)
{
    struct memory_sink m;
    cr_assert_str_eq(show("time,name,load\n", true, 0, &m), "");
    cr_assert_eq(m.report.reasons, 1);
    cr_assert_str_eq(m.report.reason[0].why, "a file without rows");
    memory_sink_free(&m);
}

Test(names, numbers_in_order_of_appearance)
{
    struct alm_names *n;
    struct alm_err e = {0};
    GOOD(alm_names_open(&n, &e));
    char word[32];
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 20000; i++) {
            uint32_t number;
            snprintf(word, sizeof word, "%s%" PRIu32, i % 2 ? "vm/" : "", i);
            cr_assert_eq(alm_names_find(n, word, strlen(word)), round ? i : ALM_NO_NAME);
            GOOD(alm_names_add(n, word, strlen(word), &number, &e));
            cr_assert_eq(number, i, "%s: %" PRIu32, word, number);
        }
    cr_assert_eq(alm_names_count(n), 20000);
    size_t size;
    cr_assert_str_eq(alm_names_text(n, 12345, &size), "vm/12345");
    cr_assert_eq(size, 8);
    uint32_t number;
    GOOD(alm_names_add(n, "a\0b", 3, &number, &e));
    GOOD(alm_names_add(n, "a\0c", 3, &number, &e));
    cr_assert_eq(number, 20001, "bytes after a NUL count");
    GOOD(alm_names_add(n, "", 0, &number, &e));
    cr_assert_eq(alm_names_find(n, "", 0), 20002);
    alm_names_close(n);
}
