/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: is each element handed out once, whole and in order, wherever a block ends? Does what is asked for beside belong
 * to the element in hand? Is damaged, endless or hostile text told by file and line, with the elements before it? */
#include "traces/text/json_items.h"
#include "scratch.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

TestSuite(json_items, .init = scratch_enter, .fini = scratch_leave);

static void put(const char *text, size_t size)
{
    FILE *f = fopen("j", "wb");
    cr_assert(f && fwrite(text, 1, size, f) == size && fclose(f) == 0);
}

/* All elements as "line:text;", with the value of BESIDE after '@', then the error. */
static const char *show(const char *where, const char *beside)
{
    static char out[8192];
    struct alm_json_items *j;
    struct alm_err e = {0};
    json_t *item;
    size_t used = 0;
    int code;
    out[0] = '\0';
    GOOD(alm_json_items_open("j", where, &j, &e));
    while ((code = alm_json_items_next(j, &item, &e)) == ALM_OK) {
        char *text = json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY);
        const json_t *b = alm_json_items_beside(j, beside);
        used += (size_t)snprintf(out + used, sizeof out - used, "%" PRIu64 ":%s%s%s;", alm_json_items_line(j), text,
                                 b ? "@" : "", b ? json_string_value(b) : "");
        free(text);
    }
    cr_assert(code == ALM_END || code == ALM_EDATA);
    if (code == ALM_EDATA)
        used += (size_t)snprintf(out + used, sizeof out - used, "%s", e.text);
    cr_assert_eq(alm_json_items_next(j, &item, &e), code, "it goes on after its end");
    alm_json_items_close(j);
    return out;
}

Test(json_items, shapes)
{
    static const struct {
        const char *where, *text, *want;
    } cases[] = {
        {"", "", ""},
        {"", " \n\n", ""},
        {"", "[]", ""},
        {"", "[1,2.5,\"a\",null,true,[3],{\"b\":[]}]", "1:1;1:2.5;1:\"a\";1:null;1:true;1:[3];1:{\"b\":[]};"},
        {"", "{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":3}", "1:{\"a\":1};3:{\"a\":2};4:{\"a\":3};"},
        {"", "{\n\"a\":\n1}{\"b\":2}", "1:{\"a\":1};3:{\"b\":2};"},
        {"", "[1]\n[2,3]\n", "1:1;2:2;2:3;"},
        {"", "7\n8\n", "1:7;2:8;"},
        {"", "\xef\xbb\xbf{\"a\":1}", "1:{\"a\":1};"},
        {"a", "{\"a\":[1,2]}", "1:1;1:2;"},
        {"a", "{\"a\":[]}", ""},
        {"a", "{\"a\":null}", ""},
        {"a", "{\"a\":[[1],[2]]}", "1:[1];1:[2];"},
        {"a.b", "{\"x\":{\"a\":{\"b\":[9]}},\"b\":[8],\"a\":{\"x\":[{\"b\":[7]}],\"b\":[1]}}", "1:1;"},
        {"a.b", "{\"a\":[{\"b\":[1]},{\"c\":2},{\"b\":[3]}]}\n{\"a\":{\"b\":[4]}}", "1:1;1:3;2:4;"},
        {"a.b", "[{\"a\":{\"b\":[1]}}]", "1:1;"},
        {"", "{\"a\":1,\"b\":2,\"a\":[3]}", "1:{\"a\":[3],\"b\":2};"},
        {"", "{\"a\":{\"b\":1},\"a\":{\"c\":1}}", "1:{\"a\":{\"c\":1}};"},
        {"", "[9223372036854775807,-9223372036854775808]", "1:9223372036854775807;1:-9223372036854775808;"},
        {"", "[9223372036854775808,-9223372036854775809,0.1,1e3,-0]",
         "1:9.2233720368547758e18;1:-9.2233720368547758e18;1:0.10000000000000001;1:1000.0;1:0;"},
        {"", "[\"\\u00e9\\ud83d\\ude00\\\\ud800\"]", "1:\"\xc3\xa9\xf0\x9f\x98\x80\\\\ud800\";"},
        {"", "[\"a\\u0000b\"]", "1:\"a\\u0000b\";"},
        {"", "{\"a\\u0000b\":1}", "1:{\"a\\u0000b\":1};"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(cases[i].text, strlen(cases[i].text));
        const char *got = show(cases[i].where, "none");
        cr_expect_str_eq(got, cases[i].want, "%s\n got %s\nwant %s", cases[i].text, got, cases[i].want);
    }
}

Test(json_items, what_is_wrong_is_told_after_what_was_good)
{
    static const struct {
        const char *where, *text, *want;
    } cases[] = {
        {"a", "", "j: no array `a`; the file is empty"},
        {"a.b", "{\"status\":\"error\",\"error\":\"bad\"}", "j: no array `a.b`; at the top there is `status`, `error`"},
        {"a", "[{\"b\":1}]", "j: no array `a`; at the top there is an array"},
        {"a", "5", "j: no array `a`; at the top there is a single value"},
        {"a", "{\n\"a\":{}}", "j:2: `a` is an object where an array is expected"},
        {"a", "{\"a\":\"x\"}", "j:1: `a` is a single value where an array is expected"},
        {"", "{\"a\":1}\n{\"a\":", "1:{\"a\":1};j:2: the JSON text ends inside a value; was it cut off?"},
        {"a", "{\"a\":[1,2", "1:1;1:2;j:1: the JSON text ends inside a value; was it cut off?"},
        {"a", "{\"a\":[1]", "1:1;j:1: the JSON text ends inside a value; was it cut off?"},
        {"", "1\n2\nx\n", "1:1;2:2;j:3: not JSON: lexical error: invalid char in json text."},
        {"", "[1,\n}", "1:1;j:2: not JSON: parse error: unallowed token at this point in JSON text"},
        {"", "{\"a\":NaN}", "j:1: not JSON: lexical error: invalid char in json text."},
        {"", "[\"\xff\"]", "j:1: not JSON: lexical error: invalid bytes in UTF8 string."},
        {"", "\xff\xfe{\0", "j:1: not JSON: lexical error: invalid char in json text."},
        {"", "[1e999]", "j:1: a number that is too large or too long"},
        {"", "[0,\n\"\\ud800\"]", "1:0;j:2: half of a surrogate pair (\\ud800 to \\udfff) stands alone"},
        {"", "[\"\\udc00\"]", "j:1: half of a surrogate pair (\\ud800 to \\udfff) stands alone"},
        {"", "[\"\\ud800\\u0041\"]", "j:1: half of a surrogate pair (\\ud800 to \\udfff) stands alone"},
        {"", "[\"\\ud800\\n\"]", "j:1: half of a surrogate pair (\\ud800 to \\udfff) stands alone"},
        {"", "[\"\\ud800x\"]", "j:1: half of a surrogate pair (\\ud800 to \\udfff) stands alone"},
        {"", "tru", "j:1: the JSON text ends inside a value; was it cut off?"},
        {"", "<html>", "j:1: not JSON: lexical error: invalid char in json text."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(cases[i].text, strlen(cases[i].text));
        const char *got = show(cases[i].where, "none");
        cr_expect_str_eq(got, cases[i].want, "%s\n got %s\nwant %s", cases[i].text, got, cases[i].want);
    }
    put("{\"a\":\0 1}", 9);
    cr_expect_str_eq(show("", "none"), "j:1: not JSON: lexical error: invalid char in json text.");
}

Test(json_items, beside_is_as_of_the_element_in_hand)
{
    static const char text[] =
        "{\"host\":[{\"name\":\"a\",\"deep\":{\"er\":\"x\"},\"row\":[1,2]},\n"
        "{\"row\":[3],\"name\":\"b\"},{\"name\":\"c\",\"row\":[4],\"tags\":[\"t\"]}],\"end\":\"z\"}";
    put(text, strlen(text));
    cr_expect_str_eq(show("host.row", "host.name"), "1:1@a;1:2@a;2:3@a;2:4@c;");
    cr_expect_str_eq(show("host.row", "host.deep.er"), "1:1@x;1:2@x;2:3@x;2:4@x;");
    cr_expect_str_eq(show("host.row", "host.tags"), "1:1;1:2;2:3;2:4;");
    cr_expect_str_eq(show("host.row", "host"), "1:1;1:2;2:3;2:4;");

    struct alm_json_items *j;
    struct alm_err e = {0};
    json_t *item;
    GOOD(alm_json_items_open("j", "none.such", &j, &e));
    cr_assert_eq(alm_json_items_next(j, &item, &e), ALM_EDATA);
    cr_expect_str_eq(json_string_value(alm_json_items_beside(j, "end")), "z", "an error hides what was read");
    cr_expect_str_eq(json_string_value(alm_json_items_beside(j, "host.tags")), "t");
    cr_expect_gt(alm_json_items_bytes(j), 0);
    alm_json_items_close(j);
}

/* Pieces of all lengths, so that blocks of 64 KiB end within every kind of token. */
Test(json_items, blocks_end_anywhere)
{
    FILE *f = fopen("j", "wb");
    cr_assert_not_null(f);
    enum { ITEMS = 20000 };
    fputs("{\"skip\":{\"me\":[[0]]},\"a\":[", f);
    for (int i = 0; i < ITEMS; i++)
        fprintf(f, "%s\n{\"number\":%d,\"text\":\"%.*s\\ud83d\\ude00\\n\",\"list\":[true,null,-1.5e3]}", i ? "," : "",
                i, i % 31, "abcdefghijklmnopqrstuvwxyzabcdef");
    cr_assert(fputs("]}", f) >= 0 && fclose(f) == 0);
    struct alm_json_items *j;
    struct alm_err e = {0};
    json_t *item;
    GOOD(alm_json_items_open("j", "a", &j, &e));
    for (int i = 0; i < ITEMS; i++) {
        char want[64];
        snprintf(want, sizeof want, "%.*s\xf0\x9f\x98\x80\n", i % 31, "abcdefghijklmnopqrstuvwxyzabcdef");
        GOOD(alm_json_items_next(j, &item, &e));
        cr_assert_eq(json_integer_value(json_object_get(item, "number")), i);
        cr_assert_str_eq(json_string_value(json_object_get(item, "text")), want);
        cr_assert_float_eq(json_real_value(json_array_get(json_object_get(item, "list"), 2)), -1500, 0);
        cr_assert_eq(alm_json_items_line(j), (uint64_t)i + 2);
    }
    cr_assert_eq(alm_json_items_next(j, &item, &e), ALM_END);
    alm_json_items_close(j);
}

static void shell(const char *command)
{
    cr_assert_eq(system(command), 0, "%s", command);
}

Test(json_items, bounds)
{
    shell("printf '%066d' 0 | tr 0 '[' >j");
    cr_expect_str_eq(show("", "x"), "j:1: nested more than 64 deep");
    shell("(printf '['; printf '%064d' 0 | tr 0 '['; printf '%064d' 0 | tr 0 ']'; printf ']') >j");
    cr_expect_eq(show("", "x")[0], '1', "64 deep is refused");
    shell("(printf '{\"a\":'; printf '%0100000d' 0 | tr 0 '[') >j");
    cr_expect_str_eq(show("b", "x"), "j:1: nested more than 64 deep");
    shell("(printf '[1,\\n[0'; head -c 9000000 /dev/zero | tr '\\0' 0 | sed 's/00/,0/g'; printf ']]') >j");
    cr_expect_str_eq(show("", "x"), "1:1;j:2: an element of more than 4 Mi values");
    shell("(printf '[1,\\n\"'; head -c 4400000 /dev/zero | tr '\\0' a; printf '\"]') >j");
    cr_expect_str_eq(show("", "x"), "1:1;j:2: a string of more than 4 MiB");
    cr_expect_str_eq(show("a", "x"), "j:2: a string of more than 4 MiB");
    shell(
        "(head -c 1000000 /dev/zero | tr '\\0' a) >a && "
        "(printf '[1,\\n[0'; for i in $(seq 70); do printf ',\"'; cat a; printf '\"'; done; printf ']]') | gzip -1 >j");
    cr_expect_str_eq(show("", "x"), "1:1;j:2: an element of more than 64 MiB");
}

/* What is skipped may be as long as it likes, and is not kept. */
Test(json_items, a_long_tail_beside_costs_no_memory)
{
    shell("(printf '{\"a\":[1],\"skip\":['; yes '{\"k\":[1,2,\"abc\"]},' | head -n 200000; printf '0]}') >j");
    cr_expect_str_eq(show("a", "skip.k"), "1:1;");
    FILE *f = fopen("j", "wb");
    cr_assert_not_null(f);
    fputc('{', f);
    for (int i = 0; i < 5000; i++)
        fprintf(f, "\"key%d\":\"%d\",", i, i);
    cr_assert(fputs("\"a\":[1]}", f) >= 0 && fclose(f) == 0);
    cr_expect_str_eq(show("a", "key7"), "1:1@7;");
    cr_expect_str_eq(show("a", "key4999"), "1:1;");
}
