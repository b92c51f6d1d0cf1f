/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure: which figure the files make. See the header. */
#include "experiments/figure.h"

#include "almanac/option.h"
#include "almanac/table.h"
#include "experiments/figure_run.h"
#include "experiments/figure_script.h"

#include <string.h>

enum kind { OTHER, RUN, TRACE };

static int kind_of(const char *file, enum kind *kind, struct alm_err *e)
{
    struct alm_table *t = NULL;
    ALM_TRY(alm_table_open(file, NULL, &t, e));
    const char *format = alm_table_format(t);
    *kind = strncmp(format, "run/", 4) == 0 ? RUN : strncmp(format, "trace/", 6) == 0 ? TRACE : OTHER;
    int code = *kind != OTHER ? ALM_OK
                              : alm_fail(e, ALM_EINVAL,
                                         "%s is a file of format %s; figures are drawn from run files and trace files",
                                         file, format);
    alm_table_close(t);
    return code;
}

static const char *const pages[] = {"timeline", "density", "slowdown", "policies", "reliability", "convergence", NULL};
enum page { TIMELINE, DENSITY, SLOWDOWN, POLICIES, RELIABILITY, CONVERGENCE };

/* What one run shows when nobody said. */
static int usual_page(const char *file, const struct alm_figure_options *o, enum page *page, struct alm_err *e)
{
    struct alm_table *t = NULL;
    enum alm_column_type type;
    *page = TIMELINE;
    if (o->unit[0])
        return ALM_OK;
    ALM_TRY(alm_table_open(file, NULL, &t, e));
    int machines = alm_column_type(t, "/machine_samples/time", &type, e);
    int executions = alm_column_type(t, "/executions/unit", &type, e);
    alm_table_close(t);
    *page = machines == ALM_OK ? DENSITY : executions == ALM_OK ? SLOWDOWN : TIMELINE;
    return machines < 0 ? machines : executions < 0 ? executions : ALM_OK;
}

static int choose_page(const char *const *file, size_t files, const struct alm_figure_options *o, enum page *page,
                       struct alm_err *e)
{
    *page = POLICIES;
    if (!o->page)
        return files > 1 ? ALM_OK : usual_page(file[0], o, page, e);
    size_t i = 0;
    while (pages[i] && strcmp(pages[i], o->page) != 0)
        i++;
    if (!pages[i]) {
        const char *near = alm_nearest(o->page, pages);
        return alm_fail(
            e, ALM_EINVAL,
            "page \"%.40s\"%s%s%s: a run has timeline, density, slowdown, reliability and convergence, several have "
            "policies, slowdown and convergence",
            o->page, near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
    }
    *page = (enum page)i;
    if (files > 1 && (*page == TIMELINE || *page == DENSITY || *page == RELIABILITY))
        return alm_fail(e, ALM_EINVAL, "page %s is of one run, and there are %zu files", o->page, files);
    if (o->unit[0] && *page != TIMELINE)
        return alm_fail(e, ALM_EINVAL, "page %s is of all units: --unit has no meaning", o->page);
    return ALM_OK;
}

static int fill_runs(struct alm__script *s, const char *const *file, size_t files, const struct alm_figure_options *o,
                     char *shown, size_t size, struct alm_err *e)
{
    enum page page;
    ALM_TRY(choose_page(file, files, o, &page, e));
    switch (page) {
    case TIMELINE:
        return alm__figure_timeline(s, file[0], o, shown, size, e);
    case DENSITY:
        return alm__figure_density(s, file[0], o, shown, size, e);
    case SLOWDOWN:
        return alm__figure_slowdown(s, file, files, o, shown, size, e);
    case RELIABILITY:
        return alm__figure_reliability(s, file[0], o, shown, size, e);
    case CONVERGENCE:
        return alm__figure_convergence(s, file, files, o, shown, size, e);
    case POLICIES:
        break;
    }
    return alm__figure_policies(s, file, files, o, shown, size, e);
}

static int fill(struct alm__script *s, const char *const *file, size_t files, const struct alm_figure_options *o,
                char *shown, size_t size, struct alm_err *e)
{
    enum kind first;
    ALM_TRY(kind_of(file[0], &first, e));
    for (size_t i = 1; i < files; i++) {
        enum kind kind;
        ALM_TRY(kind_of(file[i], &kind, e));
        if (first != RUN || kind != RUN)
            return alm_fail(e, ALM_EINVAL,
                            "%s: several files make a figure only when all are run files; a trace is "
                            "drawn alone",
                            kind == RUN ? file[0] : file[i]);
    }
    if (first == RUN && (o->resource || o->units || o->width || o->height || (o->unit[0] && o->unit[1])))
        return alm_fail(
            e, ALM_EINVAL,
            "%s is a run file: it shows one unit, with all that was recorded; several units, a resource and "
            "a size are for figures of traces",
            file[0]);
    if (first == RUN)
        return fill_runs(s, file, files, o, shown, size, e);
    return o->page ? alm_fail(e, ALM_EINVAL, "%s is a trace: pages are of runs", file[0])
                   : alm__figure_overview(s, file[0], o, shown, size, e);
}

int alm_figure_draw(const char *const *file, size_t files, const struct alm_figure_options *o,
                    struct alm_figure_report *report, struct alm_err *e)
{
    struct alm_figure_report done = {0};
    *report = done;
    if (files == 0)
        return alm_fail(e, ALM_EINVAL, "no file to draw");
    struct alm__script s;
    ALM_TRY(alm__script_open(&s, e));
    int code = fill(&s, file, files, o, done.shown, sizeof done.shown, e);
    if (code >= 0)
        code = alm__script_draw(&s, o, &done, e);
    alm__script_free(&s);
    *report = done;
    return code < 0 ? code : ALM_OK;
}
