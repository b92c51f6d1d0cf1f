/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_svg: does a picture come into a page whole, and nothing else with it? */
#include <criterion/criterion.h>

#include "experiments/report/report.h"

#include <stdlib.h>
#include <string.h>

static struct alm_err e;

/* What becomes of SVG: to be freed. */
static char *inlined(const char *svg, int *code)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert(out);
    *code = report_svg(out, svg, "f1-", "a <b> & \"c\"", &e);
    fclose(out);
    return text;
}

Test(report_svg, ids_references_and_titles)
{
    int code;
    char *got =
        inlined("<?xml version=\"1.0\"?>\n<!-- x -->\n<svg width=\"10\" height=\"5\" viewBox=\"0 0 10 5\"\n"
                " xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">"
                "<title>Gnuplot</title><desc>Produced</desc><g id=\"gnuplot_canvas\"><path id='p' d='M0,0'/>"
                "<use xlink:href='#p' fill = 'red'/><g clip-path=\"url(#q)\"><text>a &lt;b&gt;</text></g></g></svg>",
                &code);
    cr_expect_eq(code, ALM_OK, "%s", e.text);
    cr_expect_str_eq(got,
                     "<svg viewBox=\"0 0 10 5\" role=\"img\" aria-labelledby=\"f1-title\"><title id=\"f1-title\">a "
                     "&lt;b&gt; &amp; &quot;c&quot;</title><g id=\"f1-gnuplot_canvas\"><path id=\"f1-p\" d=\"M0,0\"/>"
                     "<use href=\"#f1-p\" fill=\"red\"/><g clip-path=\"url(#f1-q)\"><text>a &lt;b&gt;</text></g></g>"
                     "</svg>");
    free(got);
}

Test(report_svg, what_is_no_picture_is_refused)
{
    static const char *const bad[] = {
        "<svg><script>alert(1)</script></svg>",
        "<svg><g onclick=\"x()\"></g></svg>",
        "<svg><use xlink:href=\"http://example.org/x#y\"/></svg>",
        "<svg><image href=\"x.png\"/></svg>",
        "<svg><foreignObject></foreignObject></svg>",
        "<svg><a href=\"#x\">y</a></svg>",
        "<svg><g fill></g></svg>",
        "<svg><g fill=red></g></svg>",
        "<svg><g fill=\"red",
    };
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        int code;
        free(inlined(bad[k], &code));
        cr_expect_eq(code, ALM_EDATA, "%s passed", bad[k]);
    }
}
