/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_provenance: where the results come from, and what makes them again. */
#include "experiments/report/report.h"

#include "almanac/version.h"

#include <stdlib.h>
#include <string.h>

int report_traces_find(const struct compare_source *s, struct report_traces *out, struct alm_err *e)
{
    *out = (struct report_traces){.first = calloc(s->cells + 1, sizeof *out->first),
                                  .units = calloc(s->cells + 1, sizeof *out->units)};
    if (!out->first || !out->units)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", s->cells);
    for (size_t i = 0; i < s->cells; i++) {
        const struct compare_cell *cell = &s->cell[i];
        size_t k = 0;
        while (k < out->count && (strcmp(s->cell[out->first[k]].trace, cell->trace) != 0 ||
                                  strcmp(s->cell[out->first[k]].sha256, cell->sha256) != 0))
            k++;
        if (k == out->count)
            out->first[out->count++] = i;
        out->units[k] = cell->units > out->units[k] ? cell->units : out->units[k];
    }
    return ALM_OK;
}

void report_traces_free(struct report_traces *t)
{
    free(t->first);
    free(t->units);
    *t = (struct report_traces){0};
}

static void traces(struct report_page *p, const struct report_traces *t)
{
    const struct compare_source *s = p->request->of->source;
    fputs("<div class=\"wide\"><table class=\"sortable\">\n<caption>Traces</caption>\n<thead><tr><th "
          "scope=\"col\">trace</th><th scope=\"col\">units</th><th scope=\"col\">SHA-256</th></tr></thead>\n<tbody>\n",
          p->out);
    for (size_t k = 0; k < t->count; k++) {
        fputs("<tr><th scope=\"row\">", p->out);
        report_text(p->out, s->cell[t->first[k]].trace);
        fprintf(p->out, "</th><td class=\"n\" data-v=\"%u\">%u</td><td><code>", t->units[k], t->units[k]);
        report_text(p->out, s->cell[t->first[k]].sha256);
        fputs("</code></td></tr>\n", p->out);
    }
    fputs("</tbody></table></div>\n", p->out);
}

void report_provenance(struct report_page *p, const struct report_traces *t)
{
    const struct report_request *q = p->request;
    const struct compare_source *s = q->of->source;
    fputs("<h2 id=\"provenance\">Where it comes from</h2>\n<dl>\n<dt>results</dt><dd><code>", p->out);
    report_text(p->out, s->path);
    fputs("</code>", p->out);
    if (q->sha256)
        fprintf(p->out, ", SHA-256 <code>%s</code>", q->sha256);
    fputs("</dd>\n<dt>simulated by</dt><dd>almanac ", p->out);
    report_text(p->out, q->version ? q->version : "of an unknown version");
    fprintf(p->out, "</dd>\n<dt>this page by</dt><dd>almanac %s (%s), %zu draws of each interval</dd>\n</dl>\n",
            alm_version(), alm_git_id(), q->of->draws);
    traces(p, t);
    fputs("<h3>Again</h3>\n<pre>almanac sweep plan SPEC -o runs     # the specification below\nalmanac sweep run runs\n"
          "almanac sweep merge runs -o ",
          p->out);
    report_text(p->out, s->path);
    fputs("\nalmanac compare ", p->out);
    report_text(p->out, s->path);
    fputs("\nalmanac report ", p->out);
    report_text(p->out, s->path);
    fputs(" -o report.html</pre>\n", p->out);
    for (size_t i = 0; i < s->cells; i++)
        if (s->cell[i].done && *s->cell[i].command) {
            fputs("<p>The first cell by itself:</p>\n<pre>", p->out);
            report_text(p->out, s->cell[i].command);
            fputs("</pre>\n", p->out);
            break;
        }
    if (!q->spec_text || !*q->spec_text)
        return;
    fputs("<details><summary>The specification</summary>\n<pre>", p->out);
    for (const char *line = q->spec_text; *line;) { /* line by line: the ends of lines are meant */
        size_t n = strcspn(line, "\n");
        char *copy = strndup(line, n);
        report_text(p->out, copy ? copy : "");
        free(copy);
        putc('\n', p->out);
        line += n + (line[n] == '\n');
    }
    fputs("</pre></details>\n", p->out);
}
