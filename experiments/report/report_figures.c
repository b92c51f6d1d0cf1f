/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_figures: the pictures of a page, drawn by gnuplot in a folder that is gone afterwards. */
#include "experiments/report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The text of PATH: allocated; NULL: none. */
static char *read_all(const char *path)
{
    FILE *f = fopen(path, "re");
    char *text = NULL;
    size_t size = 0, n;
    char block[8192];
    FILE *out = f ? open_memstream(&text, &size) : NULL;
    while (out && (n = fread(block, 1, sizeof block, f)) > 0)
        fwrite(block, 1, n, out);
    bool good = out && !ferror(f);
    if (f)
        fclose(f);
    if (out && (fclose(out) != 0 || !good)) {
        free(text);
        text = NULL;
    }
    return text;
}

static int draw_in(const char *folder, const struct results_view *v, enum results_page page, char **svg,
                   struct alm_err *e)
{
    char path[300], script[300];
    struct alm_figure_report report;
    snprintf(path, sizeof path, "%s/figure.svg", folder);
    snprintf(script, sizeof script, "%s/figure.gp", folder);
    struct results_canvas canvas = {.output = path, .width = 0, .bare = true};
    int code = results_draw(v, page, &canvas, false, &report, e);
    if (code >= 0) {
        *svg = read_all(path);
        code = *svg ? ALM_OK : alm_fail(e, ALM_EIO, "%s: cannot be read", path);
    }
    unlink(path);
    unlink(script);
    return code;
}

static int draw(const struct results_view *v, enum results_page page, char **svg, struct alm_err *e)
{
    char folder[256];
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.200s/almanac-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(folder))
        return alm_fail(e, ALM_EIO, "%s: no temporary folder can be made: %s", folder, strerror(errno));
    int code = draw_in(folder, v, page, svg, e);
    rmdir(folder);
    return code;
}

struct caption {
    const char *title, *text;
};

static const struct caption captions[RESULTS_PAGES] = {
    {"Slack against harm",
     "Lower left is better. One colour is one policy; its points are joined over the values of its factors, which are "
     "written "
     "beside them. Hollow: another policy is as good in both and better in one. Bars: 95 % interval of the paired "
     "difference "
     "from the baseline. The scale of time above the limit is linear near zero and goes by decades above."},
    {"Difference from the baseline", "Mean of the paired differences and its 95 % interval. Filled: the verdict is "
                                     "better (blue) or worse (orange); hollow: "
                                     "inconclusive or the same."},
    {"Regret to the oracle", "Slack beyond what the best oracle needs for no more harm. An oracle knows the demand to "
                             "come; its horizon and margin are "
                             "its own, so a policy with more harm may lie below it."},
    {"Each trace under each policy", "The ranking metric, shares in %; darker is more."},
    {"Reliability of stated confidence",
     "Above: the confidence that envelopes stated against the share of windows in "
     "which the upper bound held; a policy that is as "
     "good as its word lies on the dashed line, one below it promises too much, one "
     "above it asks for more than it says it must. Below: the "
     "difference. Bars: 95 % interval over units. Scales go by decades of what is "
     "missed. Of several values of factors, points are "
     "joined by confidence."},
};

static int one(struct report_page *p, const struct results_view *v, enum results_page page, struct alm_err *e)
{
    char *svg = NULL, prefix[32];
    const struct caption *c = &captions[page];
    if (!results_page_any(v, page))
        return ALM_OK;
    snprintf(prefix, sizeof prefix, "figure%d-", ++p->figures);
    ALM_TRY(draw(v, page, &svg, e));
    fprintf(p->out, "<figure id=\"figure%d\">\n<div class=\"picture\">", p->figures);
    int code = report_svg(p->out, svg, prefix, c->title, e);
    free(svg);
    fprintf(p->out, "</div>\n<figcaption><b>%s.</b> %s</figcaption>\n</figure>\n", c->title, c->text);
    return code;
}

int report_figures(struct report_page *p, size_t group, struct alm_err *e)
{
    struct results_view v = {.of = p->request->of, .trade = p->request->trade, .group = group, .resource = -1};
    if (!p->request->figures)
        return ALM_OK;
    if (p->request->of->group[group].rows > RESULTS_ROWS) {
        fprintf(p->out,
                "<p class=\"note\">No figures: %zu policies with their factors are more than one picture can show "
                "(%d).</p>\n",
                p->request->of->group[group].rows, RESULTS_ROWS);
        return ALM_OK;
    }
    for (int page = 0; page < RESULTS_PAGES; page++)
        ALM_TRY(one(p, &v, (enum results_page)page, e));
    return ALM_OK;
}
