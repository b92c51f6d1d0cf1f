/* SPDX-License-Identifier: GPL-3.0-or-later
 * Do options and quantities parse, print back to themselves, and refuse with a message that helps? */
#include "almanac/module.h"
#include "almanac/quantity.h"
#include "almanac/resource.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct options {
    bool flag;
    int64_t count, size;
    double alpha, share;
    alm_time window;
    int kind;
    char name[ALM_OPT_STRING];
    struct alm_numbers order, sizes, times;
};

static const struct alm_opt rows[] = {
    {"flag", ALM_OPT_BOOL, offsetof(struct options, flag), "true", 0, 0, NULL, ""},
    {"count", ALM_OPT_INTEGER, offsetof(struct options, count), "3", 1, 9, NULL, ""},
    {"size", ALM_OPT_BYTES, offsetof(struct options, size), "4Ki", 0, 0, NULL, ""},
    {"alpha", ALM_OPT_REAL, offsetof(struct options, alpha), "0.2", 0, 1, NULL, ""},
    {"share", ALM_OPT_FRACTION, offsetof(struct options, share), "95%", 0, 1, NULL, ""},
    {"window", ALM_OPT_DURATION, offsetof(struct options, window), "24h", 1e9, 1e18, NULL, ""},
    {"kind", ALM_OPT_CHOICE, offsetof(struct options, kind), "b", 0, 0, "a|b|c", ""},
    {"name", ALM_OPT_TEXT, offsetof(struct options, name), NULL, 0, 0, NULL, ""},
    {"order", ALM_OPT_NUMBERS, offsetof(struct options, order), "2/1/2", 0, 0, NULL, ""},
    {"sizes", ALM_OPT_BYTES_LIST, offsetof(struct options, sizes), "256Gi/128Gi", 0, 1e15, NULL, ""},
    {"times", ALM_OPT_DURATION_LIST, offsetof(struct options, times), NULL, 0, 86400, NULL, ""},
    {0},
};

Test(option, defaults_and_text)
{
    struct options o;
    cr_assert_eq(alm_options_init(rows, &o, NULL), ALM_OK);
    cr_assert(o.flag && o.count == 3 && o.size == 4096 && o.alpha == 0.2 && o.share == 0.95 && o.kind == 1);
    cr_assert_eq(o.window, ALM_DAY);
    cr_assert(o.order.count == 3 && o.order.value[1] == 1);
    cr_assert_eq(alm_options_parse(rows, &o, "test", "count=7,alpha=1e-3,window=1h30m,name=x,order=5", NULL), ALM_OK);
    char text[512];
    cr_assert_eq(alm_options_text(rows, &o, text, sizeof text, NULL), ALM_OK);
    cr_assert_str_eq(text, "flag=true,count=7,size=4Ki,alpha=0.001,share=95%,window=90m,kind=b,name=x,order=5,"
                           "sizes=256Gi/128Gi,times=");
    struct options again;
    cr_assert_eq(alm_options_init(rows, &again, NULL), ALM_OK);
    cr_assert_eq(alm_options_parse(rows, &again, "test", text, NULL), ALM_OK);
    char second[512];
    alm_options_text(rows, &again, second, sizeof second, NULL);
    cr_assert_str_eq(text, second, "parse(print(x)) is x");
}

Test(option, lists_with_units)
{
    struct options o;
    char text[200];
    cr_assert_eq(alm_options_init(rows, &o, NULL), ALM_OK);
    cr_expect(o.sizes.count == 2 && o.sizes.value[0] == 274877906944.0 && o.times.count == 0);
    cr_assert_eq(alm_options_parse(rows, &o, "test", "sizes=1.5Ki/10M/7/0,times=0/6h/250ms/1ns/90s", NULL), ALM_OK);
    cr_expect(o.sizes.count == 4 && o.sizes.value[0] == 1536 && o.sizes.value[1] == 1e7 && o.sizes.value[2] == 7);
    cr_expect(o.times.count == 5 && o.times.value[0] == 0 && o.times.value[1] == 21600 && o.times.value[2] == 0.25 &&
              o.times.value[3] == 1e-9);
    cr_expect_str_eq(alm_options_print(&rows[9], &o, text, sizeof text), "1536/10000000/7/0");
    cr_expect_str_eq(alm_options_print(&rows[10], &o, text, sizeof text), "0s/6h/250ms/1ns/90s");
}

/* Print and parse is the same number for odd counts of nanoseconds, also beyond 2^53, where a double holds not all. */
Test(option, seconds_of_a_list_come_back)
{
    static const struct alm_opt row[] = {{"t", ALM_OPT_DURATION_LIST, 0, "", 0, 0, NULL, ""}, {0}};
    uint64_t x = 1;
    for (int i = 0; i < 100000; i++) {
        struct alm_numbers list, again;
        char text[64];
        x = x * 6364136223846793005u + 1442695040888963407u;
        snprintf(text, sizeof text, "%" PRIu64 "ns", (x >> 1) >> i % 60);
        cr_assert_eq(alm_options_set(row, &list, "it", "t", text, NULL) == ALM_OK ||
                         (x >> 1) >> i % 60 >= UINT64_C(9200000000000000000),
                     true, "%s", text);
        if ((x >> 1) >> i % 60 >= UINT64_C(9200000000000000000))
            continue;
        alm_options_print(row, &list, text, sizeof text);
        cr_assert_eq(alm_options_set(row, &again, "it", "t", text, NULL), ALM_OK, "%s", text);
        cr_assert(again.value[0] == list.value[0], "%s", text);
    }
}

static void refuses(const char *text, const char *expected)
{
    struct options o;
    struct alm_err e = {0};
    cr_assert_eq(alm_options_init(rows, &o, NULL), ALM_OK);
    struct options before = o;
    cr_assert_eq(alm_options_parse(rows, &o, "predictor x", text, &e), ALM_EINVAL, "%s was taken", text);
    cr_assert(strstr(e.text, expected), "`%s` says `%s`, wanted `%s`", text, e.text, expected);
    if (!strchr(text, ',')) /* of several keys those before the wrong one stay set */
        cr_assert_eq(memcmp(&before, &o, sizeof o), 0, "%s changed the options", text);
}

Test(option, refusals_help)
{
    refuses("aplha=1", "unknown key `aplha`, did you mean `alpha`?");
    refuses("zzz=1", "known: flag, count");
    refuses("alpha=1.5", "must be from 0 to 1");
    refuses("alpha=nan", "not a finite number");
    refuses("alpha=0.5x", "not a finite number");
    refuses("alpha=1e999", "not a finite number");
    refuses("alpha=0x1p0", "not a finite number");
    refuses("count=10", "must be from 1 to 9");
    refuses("count=2.5", "not a whole number");
    refuses("count=99999999999999999999", "does not fit");
    refuses("window=5", "write for example 90s");
    refuses("window=5y", "not a duration");
    refuses("window=1ms", "must be from 1s");
    refuses("size=1.5.5", "not an amount of bytes");
    refuses("size=1e30", "does not fit");
    refuses("kind=d", "not one of a|b|c");
    refuses("flag=maybe", "neither true nor false");
    refuses("alpha", "not key=value");
    refuses("alpha=0.5,", "nothing follows the last comma");
    refuses("order=1/x", "not a finite number");
    refuses("sizes=1Gi/2Gb", "`2Gb` is not an amount of bytes");
    refuses("sizes=1Gi/2P", "`2P` is out of range: sizes must be from 0 to 976562500000Ki");
    refuses("times=0/6", "`6` is not a duration");
    refuses("times=1h/25h", "`25h` is out of range: times must be from 0s to 1d");
    refuses("times=1h//2h", "not a duration");
}

Test(option, module_names_are_suggested)
{
    struct alm_err e = {0};
    struct alm_choice c;
    cr_assert_eq(alm_choice_parse(ALM_PREDICTOR, "vap", &c, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "did you mean `vpa`?"), "%s", e.text);
    cr_assert_eq(alm_choice_parse(ALM_PREDICTOR, "vpa:bond=upper", &c, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "did you mean `bound`?"), "%s", e.text);
}

Test(quantity, values)
{
    alm_time t;
    int64_t b;
    double x;
    static const struct {
        const char *text;
        alm_time value;
    } durations[] = {{"90s", 90 * ALM_SECOND},
                     {"1h30m", 90 * ALM_MINUTE},
                     {"250ms", 250 * ALM_MS},
                     {"7d", 7 * ALM_DAY},
                     {"0", 0},
                     {"0.1s", 100 * ALM_MS},
                     {"1w", 7 * ALM_DAY},
                     {"3min", 3 * ALM_MINUTE},
                     {"-5m", -5 * ALM_MINUTE},
                     {"1.000000001s", ALM_SECOND + 1}};
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        cr_assert_eq(alm_parse_duration(durations[i].text, &t, NULL), ALM_OK, "%s", durations[i].text);
        cr_assert_eq(t, durations[i].value, "%s", durations[i].text);
        char text[ALM_QUANTITY_TEXT];
        alm_time again;
        cr_assert_eq(alm_parse_duration(alm_print_duration(t, text), &again, NULL), ALM_OK);
        cr_assert_eq(again, t, "%s printed as %s", durations[i].text, text);
    }
    cr_assert(alm_parse_bytes("1.5Gi", &b, NULL) == ALM_OK && b == 1610612736);
    cr_assert(alm_parse_bytes("10M", &b, NULL) == ALM_OK && b == 10000000);
    cr_assert(alm_parse_bytes("9007199254740993", &b, NULL) == ALM_OK && b == 9007199254740993);
    cr_assert(alm_parse_cores("250m", &x, NULL) == ALM_OK && x == 0.25);
    cr_assert(alm_parse_fraction("97.5%", &x, NULL) == ALM_OK && x == 0.975);
    char text[ALM_QUANTITY_TEXT];
    cr_assert_str_eq(alm_print_real(0.1, text), "0.1");
    cr_assert_str_eq(alm_print_bytes(256 << 20, text), "256Mi");
}

Test(quantity, about)
{
    static const struct {
        alm_time value;
        const char *text;
    } cases[] = {{30 * ALM_DAY - ALM_MINUTE, "30.0 days"}, {ALM_DAY, "1 day"},
                 {172500 * ALM_SECOND, "47.9 hours"},      {5 * ALM_MINUTE, "5 minutes"},
                 {90 * ALM_SECOND, "90 seconds"},          {0, "0 seconds"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[ALM_QUANTITY_TEXT];
        cr_assert_str_eq(alm_print_about(cases[i].value, text), cases[i].text);
    }
}

Test(quantity, rounding_at_the_door)
{
    for (int64_t m = 0; m <= 100000; m++)
        cr_assert_eq(alm_millicores_up((double)m / 1000.0), m, "%ld m", (long)m);
    cr_assert_eq(alm_millicores_up(0.0701), 71);
    cr_assert_eq(alm_bytes_up(4096.5), 4097);
    cr_assert_eq(alm_bytes_up(1e30), ALM_AMOUNT_MAX);
    cr_assert_eq(alm_kernel_millicores(3), 10);
    cr_assert_eq(alm_kernel_millicores(ALM_NO_LIMIT), ALM_NO_LIMIT);
    cr_assert_eq(alm_kernel_bytes(8191), 4096);
}
