/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: is every number the one strtod gives? Is every field the one a person sees, wherever a block ends? Does
 * each thing that is not text get an error that names its row? */
#include "traces/text/delimited.h"
#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- numbers ---- */

static void same_as_strtod(const char *text)
{
    double ours = -1, theirs = strtod(text, NULL);
    enum alm_number status = alm_number_parse(text, strlen(text), '.', &ours);
    if (isinf(theirs))
        cr_assert_eq(status, ALM_NUMBER_LARGE, "%s", text);
    else
        cr_assert(status == ALM_NUMBER_OK && memcmp(&ours, &theirs, sizeof ours) == 0, "%s: %.17g, strtod %.17g", text,
                  ours, theirs);
}

Test(number, hard_cases)
{
    static const char *const cases[] = {
        "0",
        "-0",
        "+1",
        "1.",
        ".5",
        "-.5e1",
        "0.1",
        "9007199254740993", /* halfway between two doubles */
        "9007199254740992.5",
        "18446744073709551615",
        "18446744073709551616",
        "9223372036854775808.5",
        "1e22",
        "1e23", /* not exact, wrong when done in doubles */
        "8.5e27",
        "6.02214076e23",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "2.2250738585072011e-308",
        "4.9e-324",
        "2e-324",
        "1e999",
        "1e-999",
        "1e99999999999999999999",
        "0e99999999999999999999",
        "0.000000000000000000000000000000000000000000000000001",
        "123456789012345678901234567890",
        "0.30000000000000004",
        "7205759403792793199999e-5", /* one more than half, beyond 19 digits */
        "110448.53333333334",
        "5708990770823839207320493820740630171355185152001e-3",
        "0000000000000000000000000000000000001.5",
        "1.00000000000000000000000000000000000000000000000000000000",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        same_as_strtod(cases[i]);
}

Test(number, a_million_random_texts)
{
    struct alm_stream s = alm_stream_open(11, 0, "test number");
    for (int i = 0; i < 1000000; i++) {
        char text[64];
        uint64_t digits = alm_stream_u64(&s) >> alm_stream_below(&s, 64);
        int shape = (int)alm_stream_below(&s, 4);
        int n = snprintf(text, sizeof text, "%" PRIu64, digits);
        if (shape == 1 && n > 1) { /* a point somewhere */
            size_t at = 1 + (size_t)alm_stream_below(&s, (uint64_t)n - 1);
            memmove(text + at + 1, text + at, (size_t)n - at + 1);
            text[at] = '.';
        } else if (shape == 2) {
            snprintf(text + n, sizeof text - (size_t)n, "e%d", (int)alm_stream_below(&s, 80) - 40);
        } else if (shape == 3) {
            snprintf(text, sizeof text, "%.*g", 1 + (int)alm_stream_below(&s, 17), alm_stream_normal(&s) * 1000);
        }
        same_as_strtod(text);
    }
}

/* Halfway between neighbouring doubles, and a hair beside it: where rounding twice would show. */
Test(number, near_halves)
{
    struct alm_stream s = alm_stream_open(12, 0, "test halves");
    for (int i = 0; i < 200000; i++) {
        uint64_t odd = (alm_stream_u64(&s) >> 10 | 1ull << 53) | 1; /* 54 bits, odd: a tie in 53 */
        char text[64];
        for (int beside = -1; beside <= 1; beside++) {
            snprintf(text, sizeof text, "%" PRIu64, odd * 512 + (uint64_t)(int64_t)beside);
            same_as_strtod(text);
            snprintf(text, sizeof text, "%" PRIu64 "e-%d", odd * 512 + (uint64_t)(int64_t)beside, i % 25);
            same_as_strtod(text);
        }
    }
}

Test(number, what_is_none)
{
    static const char *const cases[] = {"",    "-",   "+",   ".",   "e5",    "1e",  "1e+",  "1x",  " 1",       "1 ",
                                        "nan", "inf", "0x1", "1,5", "1.2.3", "--1", "1e5.", "NaN", "\xc3\xa9", "1_000"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double v = 42;
        cr_expect_eq(alm_number_parse(cases[i], strlen(cases[i]), '.', &v), ALM_NUMBER_NONE, "%s", cases[i]);
        cr_expect_eq(v, 42, "output touched by %s", cases[i]);
    }
    double v = 0;
    cr_expect(alm_number_parse("1234,56789012345678901", 22, ',', &v) == ALM_NUMBER_OK && v == 1234.56789012345678901);
    cr_expect(alm_number_parse("1,5", 3, ',', &v) == ALM_NUMBER_OK && v == 1.5);
    cr_expect_eq(alm_number_parse("1.5", 3, ',', &v), ALM_NUMBER_NONE);
    char *long_text = malloc(1001);
    memset(long_text, '1', 1001);
    cr_expect_eq(alm_number_parse(long_text, 1001, '.', &v), ALM_NUMBER_NONE);
    cr_expect_eq(alm_number_parse(long_text, 1000, '.', &v), ALM_NUMBER_LARGE);
    free(long_text);
}

/* ---- times ---- */

Test(instant, known)
{
    static const struct {
        const char *text;
        enum alm_time_format format;
        alm_time want;
    } cases[] = {
        {"0", ALM_TIME_S, 0},
        {"1376314846", ALM_TIME_S, 1376314846000000000},
        {"1376314846.000000001", ALM_TIME_S, 1376314846000000001},
        {"1376314846.5", ALM_TIME_S, 1376314846500000000},
        {"-1.5", ALM_TIME_S, -1500000000},
        {"1.376314846e9", ALM_TIME_S, 1376314846000000000},
        {"0.0000000019", ALM_TIME_S, 1},
        {"1376314846123", ALM_TIME_MS, 1376314846123000000},
        {"12.3456789", ALM_TIME_MS, 12345678},
        {"600000000", ALM_TIME_US, 600 * ALM_SECOND},
        {"9223372036854775806", ALM_TIME_NS, INT64_MAX - 1},
        {"1970-01-01", ALM_TIME_ISO, 0},
        {"2013-08-12T13:40:46Z", ALM_TIME_ISO, 1376314846000000000},
        {"2013-08-12 13:40:46", ALM_TIME_ISO, 1376314846000000000},
        {"2013-08-12T15:40:46+02:00", ALM_TIME_ISO, 1376314846000000000},
        {"2013-08-12T08:10:46-0530", ALM_TIME_ISO, 1376314846000000000},
        {"2013-08-12T13:40:46.000000001Z", ALM_TIME_ISO, 1376314846000000001},
        {"2012-02-29T00:00", ALM_TIME_ISO, 1330473600000000000},
        {"2000-02-29", ALM_TIME_ISO, 951782400000000000},
        {"1969-12-31T23:59:59.5Z", ALM_TIME_ISO, -500000000},
        {"12.08.2013 13:40:46", ALM_TIME_DMY, 1376314846000000000},
        {"12.08.2013 13:40", ALM_TIME_DMY, 1376314800000000000},
        {"12.08.2013", ALM_TIME_DMY, 1376265600000000000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        alm_time t = 7;
        cr_expect_eq(alm_instant_parse(cases[i].text, strlen(cases[i].text), cases[i].format, '.', &t), ALM_NUMBER_OK,
                     "%s", cases[i].text);
        cr_expect_eq(t, cases[i].want, "%s: %" PRId64, cases[i].text, t);
    }
}

Test(instant, refused)
{
    static const struct {
        const char *text;
        enum alm_time_format format;
        enum alm_number want;
    } cases[] = {
        {"", ALM_TIME_S, ALM_NUMBER_NONE},
        {"abc", ALM_TIME_S, ALM_NUMBER_NONE},
        {"12 ", ALM_TIME_S, ALM_NUMBER_NONE},
        {"1376314846000", ALM_TIME_S, ALM_NUMBER_LARGE},
        {"1e300", ALM_TIME_S, ALM_NUMBER_LARGE},
        {"99999999999999999999", ALM_TIME_NS, ALM_NUMBER_LARGE},
        {"2013-02-29", ALM_TIME_ISO, ALM_NUMBER_NONE},
        {"1900-02-29", ALM_TIME_ISO, ALM_NUMBER_NONE},
        {"2013-13-01", ALM_TIME_ISO, ALM_NUMBER_NONE},
        {"2013-08-12T25:00", ALM_TIME_ISO, ALM_NUMBER_NONE},
        {"2013-08-12T13:60", ALM_TIME_ISO, ALM_NUMBER_NONE},
        {"2013-08-12T13:40:46X", ALM_TIME_ISO, ALM_NUMBER_NONE},
        {"3013-08-12", ALM_TIME_ISO, ALM_NUMBER_NONE},
        {"12.08.2013T13:40", ALM_TIME_DMY, ALM_NUMBER_NONE},
        {"1376314846", ALM_TIME_ISO, ALM_NUMBER_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        alm_time t = 7;
        cr_expect_eq(alm_instant_parse(cases[i].text, strlen(cases[i].text), cases[i].format, '.', &t), cases[i].want,
                     "%s", cases[i].text);
        cr_expect_eq(t, 7, "output touched by %s", cases[i].text);
    }
}

/* ---- records ---- */

static char *write_file(const char *bytes, size_t size)
{
    char *path = strdup("/tmp/almanac-delimited-XXXXXX");
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
    return path;
}

static void drop_file(char *path)
{
    unlink(path);
    free(path);
}

/* The file as "[a|b]3[c]4": records of fields, and the row of each; or the error's text. */
static void show(const char *bytes, size_t size, struct alm_delimited_config config, char *out, size_t room)
{
    char *path = write_file(bytes, size);
    struct alm_delimited *d;
    struct alm_err e = {0};
    size_t used = 0, count = 0;
    const struct alm_field *f = NULL;
    int code = alm_delimited_open(path, &config, &d, &e);
    out[0] = '\0';
    if (code >= 0) {
        while ((code = alm_delimited_next(d, &f, &count, &e)) == ALM_OK) {
            for (size_t i = 0; i < count; i++)
                used += (size_t)snprintf(out + used, room - used, "%s%.*s", i ? "|" : "[", (int)f[i].size, f[i].at);
            used += (size_t)snprintf(out + used, room - used, "]%" PRIu64, alm_delimited_row(d));
        }
        cr_expect(code < 0 || alm_delimited_bytes(d) == size, "bytes %" PRIu64 " of %zu", alm_delimited_bytes(d), size);
        alm_delimited_close(d);
    }
    if (code < 0) {
        cr_expect_eq(code, ALM_EDATA);
        cr_expect(strncmp(e.text, path, strlen(path)) == 0, "no file name in: %s", e.text);
        snprintf(out, room, "error%s", e.text + strlen(path));
    }
    drop_file(path);
}

Test(records, as_a_person_sees_them)
{
    static const struct {
        const char *text, *want;
        char separator;
    } cases[] = {
        {"a,b\n1,2\n", "[a|b]1[1|2]2", 0},
        {"a,b\r\n1,2\r\n", "[a|b]1[1|2]2", 0},
        {"a,b\n1,2", "[a|b]1[1|2]2", 0},
        {"a,b\r\n1,2\r", "[a|b]1[1|2]2", 0},
        {"\xef\xbb\xbf"
         "a,b\n1,2\n",
         "[a|b]1[1|2]2", 0},
        {"a;\tb;\tc\n1;\t2;\t3\n", "[a|b|c]1[1|2|3]2", 0},
        {"a;b\n1,5;2\n", "[a|b]1[1,5|2]2", 0},
        {"a\tb\n1\t\n", "[a|b]1[1|]2", 0},
        {"a b   c\n  1 2 \t3  \n", "[a|b|c]1[1|2|3]2", 0},
        {"a;b,c\n1,2\n", "[a;b|c]1[1|2]2", 0}, /* ; parts only one of the lines */
        {"one\ntwo\n", "[one]1[two]2", 0},
        {"a,,b\n,,\n", "[a||b]1[||]2", ','},
        {" a , b \n", "[a|b]1", ','},
        {"\n\na,b\n  \n1,2\n\n", "[a|b]3[1|2]5", ','},
        {"\"a,b\",c\n", "[a,b|c]1", ','},
        {"\"a\"\"b\",\"\"\n", "[a\"b|]1", ','},
        {"\"a\nb\",c\nd,e\n", "[a\nb|c]1[d|e]3", ','},
        {" \"a\" , \" b \"\n", "[a| b ]1", ','},
        {"5\"\",x\"y\n1,2\n", "[5\"\"|x\"y]1[1|2]2", ','}, /* quotes inside a field are text */
        {"\"a b\" c\n", "[a b|c]1", ' '},
        {"a|b\n", "[a|b]1", '|'},
        {"", "", 0},
        {"\n\n", "", 0},
        {"a,\"b\nc\n",
         "error:1: a quote is opened in this row and never closed; if quotes mean nothing in this file, "
         "use quotes=false",
         ','},
        {"x\na,\"b\"c\n",
         "error:2: text follows the closing quote of field 2; quotes inside a quoted field are doubled "
         "(\"\"), or use quotes=false",
         ','},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[512];
        show(cases[i].text, strlen(cases[i].text),
             (struct alm_delimited_config){.separator = cases[i].separator, .quotes = true}, got, sizeof got);
        cr_expect_str_eq(got, cases[i].want, "case %zu: %s", i, got);
    }
}

Test(records, quotes_that_mean_nothing)
{
    char got[64];
    const char *text = "\"a,b\n\"c,d\n";
    show(text, strlen(text), (struct alm_delimited_config){.separator = ',', .quotes = false}, got, sizeof got);
    cr_expect_str_eq(got, "[\"a|b]1[\"c|d]2");
}

Test(records, not_text)
{
    char got[256];
    static const struct {
        const char *bytes;
        size_t size;
        const char *want;
    } cases[] = {
        {"\x1f\x8b\x08\0\0", 5, "error: the packed file ends before its end"},
        {"PK\3\4zip", 7, "error: is a zip archive"},
        {"\xff\xfe"
         "a\0,\0",
         6, "error: is UTF-16"},
        {"\x89HDF\r\n\x1a\n\0\0", 10, "error: is an HDF5 file"},
        {"a,b\n1,2\n3,\0\n", 12, "error:3: a NUL byte"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        show(cases[i].bytes, cases[i].size, (struct alm_delimited_config){.quotes = true}, got, sizeof got);
        cr_expect(strncmp(got, cases[i].want, strlen(cases[i].want)) == 0, "%s", got);
    }
    struct alm_delimited *d;
    struct alm_err e = {0};
    cr_expect_eq(alm_delimited_open("/nonexistent/x.csv", &(struct alm_delimited_config){.quotes = true}, &d, &e),
                 ALM_EDATA);
    cr_expect(strstr(e.text, "/nonexistent/x.csv") != NULL);
    if (alm_delimited_open("/tmp", &(struct alm_delimited_config){.quotes = true}, &d, &e) >= 0)
        cr_expect(false, "a folder opened as a file");
}

/* Random lines of 0 to 200000 bytes, several blocks in all, some quoted: the same fields as a plain splitting in
 * memory. */
static void blocks(uint64_t seed, bool quotes)
{
    struct alm_stream s = alm_stream_open(seed, 0, "test blocks");
    size_t size = 0, room = (size_t)6 << 20;
    char *text = malloc(room), *plain = malloc(room);
    size_t plain_size = 0;
    while (size < room - 500000) {
        size_t fields = 1 + (size_t)alm_stream_below(&s, 6);
        for (size_t f = 0; f < fields; f++) {
            size_t n = (size_t)alm_stream_below(&s, alm_stream_below(&s, 20) ? 12 : 30000) + (f == 0);
            bool quoted = quotes && alm_stream_below(&s, 3) == 0;
            if (f)
                text[size++] = plain[plain_size++] = ',';
            if (quoted)
                text[size++] = '"';
            for (size_t i = 0; i < n; i++) {
                char c = (char)('a' + alm_stream_below(&s, 26));
                if (quoted && i % 7 == 3) {
                    text[size++] = '"';
                    c = '"';
                }
                text[size++] = plain[plain_size++] = c;
            }
            if (quoted)
                text[size++] = '"';
        }
        text[size++] = plain[plain_size++] = '\n';
    }
    char *path = write_file(text, size);
    struct alm_delimited *d;
    struct alm_err e = {0};
    const struct alm_field *field = NULL;
    size_t count = 0, at = 0;
    uint64_t records = 0;
    cr_assert_eq(alm_delimited_open(path, &(struct alm_delimited_config){.separator = ',', .quotes = quotes}, &d, &e),
                 ALM_OK);
    while (alm_delimited_next(d, &field, &count, &e) == ALM_OK) {
        records++;
        for (size_t i = 0; i < count; i++) {
            cr_assert(memcmp(plain + at, field[i].at, field[i].size) == 0, "record %" PRIu64, records);
            at += field[i].size;
            cr_assert_eq(plain[at++], i + 1 < count ? ',' : '\n');
        }
        cr_assert_eq(alm_delimited_row(d), records);
    }
    cr_assert_eq(at, plain_size);
    alm_delimited_close(d);
    drop_file(path);
    free(text);
    free(plain);
}

Test(records, block_ends_do_not_show)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        blocks(seed, false);
        blocks(seed, true);
    }
}

Test(records, long_lines)
{
    size_t size = ((size_t)3 << 20) + 5;
    char *text = malloc(size);
    memset(text, 'x', size);
    memcpy(text, "a,b\n", 4);
    memcpy(text + 4 + 1000000, ",", 1);
    memcpy(text + size - 5, "\n1,2\n", 5);
    char *path = write_file(text, size);
    struct alm_delimited *d;
    struct alm_err e = {0};
    const struct alm_field *f = NULL;
    size_t n = 0;
    cr_assert_eq(alm_delimited_open(path, &(struct alm_delimited_config){.quotes = true}, &d, &e), ALM_OK);
    cr_assert(alm_delimited_next(d, &f, &n, &e) == ALM_OK && n == 2);
    cr_assert(alm_delimited_next(d, &f, &n, &e) == ALM_OK && n == 2 && f[0].size == 1000000);
    cr_assert(alm_delimited_next(d, &f, &n, &e) == ALM_OK && n == 2 && f[1].at[0] == '2');
    cr_assert_eq(alm_delimited_next(d, &f, &n, &e), ALM_END);
    alm_delimited_close(d);
    drop_file(path);
    free(text);
}

Test(records, a_line_beyond_the_bound)
{
    char path[] = "/tmp/almanac-long-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, "a,b\n1,2\n", 8) == 8);
    char *block = malloc(1 << 20);
    memset(block, 'y', 1 << 20);
    for (int i = 0; i < 66; i++)
        cr_assert_eq(write(fd, block, 1 << 20), 1 << 20);
    free(block);
    close(fd);
    struct alm_delimited *d;
    struct alm_err e = {0};
    const struct alm_field *f = NULL;
    size_t n = 0;
    cr_assert_eq(alm_delimited_open(path, &(struct alm_delimited_config){.separator = ',', .quotes = true}, &d, &e),
                 ALM_OK);
    cr_assert(alm_delimited_next(d, &f, &n, &e) == ALM_OK && alm_delimited_next(d, &f, &n, &e) == ALM_OK);
    cr_assert_eq(alm_delimited_next(d, &f, &n, &e), ALM_EDATA);
    cr_assert(strstr(e.text, ":3: a line longer than 64 MB"), "%s", e.text);
    alm_delimited_close(d);
    unlink(path);
}

/* ---- words ---- */

Test(words, missing)
{
    struct alm_missing m;
    struct alm_err e = {0};
    cr_assert_eq(alm_missing_parse("-/NaN/-1", &m, &e), ALM_OK);
    cr_expect(alm_missing_is(&m, "", 0) && alm_missing_is(&m, "-", 1) && alm_missing_is(&m, "NaN", 3));
    cr_expect(!alm_missing_is(&m, "0", 1) && !alm_missing_is(&m, "Na", 2) && !alm_missing_is(&m, "nan", 3));
    cr_expect(alm_missing_number(&m, -1) && !alm_missing_number(&m, 1));
    cr_expect_eq(alm_missing_parse("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q", &m, &e), ALM_EINVAL);
}

Test(words, excerpts_are_printable)
{
    char out[ALM_EXCERPT];
    cr_expect_str_eq(alm_excerpt("a\x01\xff`", 4, out), "`a\\x01\\xff``");
    char all[64];
    memset(all, '\x80', sizeof all);
    cr_expect(strlen(alm_excerpt(all, sizeof all, out)) < ALM_EXCERPT);
}
