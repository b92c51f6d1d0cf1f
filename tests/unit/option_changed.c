/* SPDX-License-Identifier: GPL-3.0-or-later
 * option_changed: does a text of what differs from the defaults say just that, for each type, and make the same options? */
#include "almanac/option.h"
#include "almanac/time.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>

struct opt {
    bool yes;
    int64_t count, bytes;
    double real, share, cores;
    alm_time wait;
    int word;
    char text[ALM_OPT_STRING];
    struct alm_numbers list, sizes, times;
};

#define AT(member) offsetof(struct opt, member)
static const struct alm_opt rows[] = {
    {"text", ALM_OPT_TEXT, AT(text), NULL, 0, 0, NULL, "t"},
    {"yes", ALM_OPT_BOOL, AT(yes), "true", 0, 0, NULL, "t"},
    {"count", ALM_OPT_INTEGER, AT(count), "7", 0, 0, NULL, "t"},
    {"bytes", ALM_OPT_BYTES, AT(bytes), "1024", 0, 0, NULL, "t"},
    {"real", ALM_OPT_REAL, AT(real), "0.50", 0, 0, NULL, "t"},
    {"share", ALM_OPT_FRACTION, AT(share), "0.2", 0, 0, NULL, "t"},
    {"cores", ALM_OPT_CORES, AT(cores), "500m", 0, 0, NULL, "t"},
    {"wait", ALM_OPT_DURATION, AT(wait), "60s", 0, 0, NULL, "t"},
    {"word", ALM_OPT_CHOICE, AT(word), "b", 0, 0, "a|b|c", "t"},
    {"list", ALM_OPT_NUMBERS, AT(list), "1/2", 0, 0, NULL, "t"},
    {"sizes", ALM_OPT_BYTES_LIST, AT(sizes), "1Gi/1024", 0, 0, NULL, "t"},
    {"times", ALM_OPT_DURATION_LIST, AT(times), "0/60s", 0, 0, NULL, "t"},
    {0},
};

static const char *changed(const char *given)
{
    static char out[400];
    struct alm_err e = {0};
    struct opt o = {0}, again = {0};
    char all[600], all_again[600];
    GOOD(alm_options_init(rows, &o, &e));
    GOOD(alm_options_parse(rows, &o, "it", given, &e));
    GOOD(alm_options_changed(rows, &o, out, sizeof out, &e));
    GOOD(alm_options_init(rows, &again, &e));
    GOOD(alm_options_parse(rows, &again, "it", out, &e));
    GOOD(alm_options_text(rows, &o, all, sizeof all, &e));
    GOOD(alm_options_text(rows, &again, all_again, sizeof all_again, &e));
    cr_expect_str_eq(all, all_again);
    return out;
}

Test(option_changed, nothing_when_all_are_the_defaults)
{
    cr_expect_str_eq(changed(""), "");
    cr_expect_str_eq(changed("yes=on,count=7,bytes=1Ki,real=5e-1,share=20%,cores=0.5,wait=1m,word=b,list=1/2,text=,"
                             "sizes=1024Mi/1Ki,times=0s/1m"),
                     "");
}

Test(option_changed, each_type_when_it_differs)
{
    cr_expect_str_eq(changed("word=c"), "word=c");
    cr_expect_str_eq(changed("list=1/2/3"), "list=1/2/3");
    cr_expect_str_eq(changed("list="), "list=");
    cr_expect_str_eq(changed("sizes=1Gi/1025,times=0/61s"), "sizes=1Gi/1025,times=0s/61s");
    cr_expect_str_eq(changed("count=8,text=x,yes=no"), "text=x,yes=false,count=8");
    cr_expect_str_eq(changed("share=0.25,wait=90s,bytes=4Ki,cores=2,real=3"),
                     "bytes=4Ki,real=3,share=25%,cores=2,wait=90s");
}

Test(option_changed, too_small_a_place_is_an_error)
{
    struct alm_err e = {0};
    struct opt o = {0};
    char out[8];
    GOOD(alm_options_init(rows, &o, &e));
    GOOD(alm_options_set(rows, &o, "it", "text", "long enough", &e));
    cr_expect_eq(alm_options_changed(rows, &o, out, sizeof out, &e), ALM_EINVAL);
}
