/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_page: the page from its parts, in the order in which people ask. See the header. */
#include "experiments/report/report.h"

#include "core/whole_file.h"
#include "experiments/compare/comparison_write.h"

#include <stdlib.h>
#include <string.h>

static size_t count_seeds(const struct compare_source *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->cells && n < 1000; i++) {
        size_t k = 0;
        while (k < i && s->cell[k].seed != s->cell[i].seed)
            k++;
        n += k == i;
    }
    return n;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void meta(struct report_page *p, const struct report_traces *t)
{
    const struct comparison *c = p->request->of;
    const struct compare_source *s = c->source;
    size_t units = 0, seeds = count_seeds(s);
    for (size_t k = 0; k < t->count; k++)
        units += t->units[k];
    fprintf(p->out,
            "<p class=\"meta\">%zu trace%s, %zu unit%s, %zu seed%s; %zu cell%s: %zu done, %zu failed, %llu absent. ",
            t->count, plural(t->count), units, plural(units), seeds, plural(seeds), s->cells, plural(s->cells),
            s->cells - c->failed, c->failed, (unsigned long long)s->absent);
    fprintf(p->out, "Ranked by <code>%s</code>.</p>\n", s->figure[c->metric[0]].name);
    char tuned[1500];
    if (*comparison_tuned(c, tuned, sizeof tuned)) {
        fputs("<p class=\"meta\">", p->out);
        report_text(p->out, tuned);
        fputs("</p>\n", p->out);
    }
}

/* The Kth group of the page: training, which nobody reports, comes last. C->groups: there is none. */
static size_t group_at(const struct comparison *c, size_t k)
{
    for (int training = 0; training < 2; training++)
        for (size_t i = 0; i < c->groups; i++)
            if ((strcmp(c->group[i].part, "train") == 0) == training && k-- == 0)
                return i;
    return c->groups;
}

static void contents(struct report_page *p)
{
    const struct comparison *c = p->request->of;
    fputs("<nav aria-label=\"Contents\">", p->out);
    for (size_t k = 0; k < c->groups && k < REPORT_GROUPS; k++) {
        size_t i = group_at(c, k);
        fprintf(p->out, "<a href=\"#group%zu\">", i + 1);
        report_text(p->out, c->group[i].name[0] ? c->group[i].name : "What was found");
        fputs("</a> ", p->out);
    }
    fprintf(p->out, "<a href=\"#cells\">Cells</a> %s<a href=\"#provenance\">Where it comes from</a></nav>\n",
            c->failed ? "<a href=\"#failed\">Failed cells</a> " : "");
}

static int group(struct report_page *p, size_t k, struct alm_err *e)
{
    const struct comparison *c = p->request->of;
    fprintf(p->out, "<section id=\"group%zu\">\n<h2>", k + 1);
    fputs(c->group[k].name[0] ? "What was found: " : "What was found", p->out);
    report_text(p->out, c->group[k].name);
    fputs("</h2>\n<div class=\"found\">\n", p->out);
    ALM_TRY(report_findings(p, k, e));
    fputs("</div>\n", p->out);
    ALM_TRY(report_figures(p, k, e));
    fputs("<h3>Ranks</h3>\n", p->out);
    ALM_TRY(report_ranked(p, k, e));
    fputs("<h3>Slack against harm</h3>\n", p->out);
    report_trade_off(p, k);
    report_machines(p, k);
    fputs("</section>\n", p->out);
    return ALM_OK;
}

static int body(struct report_page *p, const struct report_traces *t, struct alm_err *e)
{
    const struct comparison *c = p->request->of;
    const char *title = p->request->title;
    if (!title) {
        title = strrchr(c->source->path, '/');
        title = title ? title + 1 : c->source->path;
    }
    report_head(p, title);
    fputs("<header>\n<h1>", p->out);
    report_text(p->out, title);
    fputs("</h1>\n", p->out);
    meta(p, t);
    contents(p);
    fputs("</header>\n<main>\n", p->out);
    for (size_t k = 0; k < c->groups && k < REPORT_GROUPS; k++)
        ALM_TRY(group(p, group_at(c, k), e));
    if (c->groups > REPORT_GROUPS)
        fprintf(p->out,
                "<p class=\"note\">The first %d of %zu groups; all of them: <code>almanac compare</code>.</p>\n",
                REPORT_GROUPS, c->groups);
    fputs("<h2 id=\"cells\">Cells</h2>\n", p->out);
    report_cells(p);
    report_failed(p);
    report_provenance(p, t);
    fputs("</main>\n", p->out);
    ALM_TRY(report_json(p, e));
    report_script(p->out);
    fputs("</body>\n</html>\n", p->out);
    return ALM_OK;
}

int report_write(const struct report_request *q, const char *path, struct alm_err *e)
{
    struct whole_file f = {0};
    struct report_traces t = {0};
    ALM_TRY(whole_file_open(&f, path, e));
    struct report_page p = {.request = q, .out = f.stream};
    int code = report_traces_find(q->of->source, &t, e);
    if (code >= 0)
        code = body(&p, &t, e);
    if (code >= 0)
        code = whole_file_commit(&f, true, e);
    whole_file_drop(&f);
    report_traces_free(&t);
    return code < 0 ? code : ALM_OK;
}
