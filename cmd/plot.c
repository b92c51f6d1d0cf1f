/* SPDX-License-Identifier: GPL-3.0-or-later
 * plot: draw a figure from a run file, several run files, a trace, or the results of an experiment. */
#include "almanac/resource.h"

#include "cmd/cmd.h"
#include "cmd/results_job.h"
#include "experiments/figure.h"

#include <stdlib.h>
#include <string.h>

struct plot_options {
    struct alm_figure_options figure;
    const char **file;
    size_t files, units;
    struct results_wishes results;
    struct results_canvas canvas;
    long group;  /* from 1; 0: the usual one */
    bool pixels; /* --size was given in pixels */
};

enum { OPT_STYLE = 256, OPT_BASELINE, OPT_METRICS, OPT_GROUP };

static const struct argp_option options[] = {
    {"output", 'o', "P", 0, "the figure: P.svg, P.png or P.pdf", 0},
    {"unit", 'u', "NAME", 0,
     "the unit to show (of a run the one with the most harm, of a trace as many as fit); for a trace it may be given "
     "several times",
     0},
    {"units", 'n', "N", 0, "of a trace: show N units", 0},
    {"resource", 'r', "NAME", 0,
     "of a trace: show this alone, so that more units fit: cpu, memory, io_read, io_write, net_rx, net_tx or "
     "invocations; of results: cpu or memory",
     0},
    {"size", 's', "WxH", 0,
     "of a trace: size of the page in pixels, as 1200x800; of results: in pixels, or in millimetres as 88x60mm", 0},
    {"style", OPT_STYLE, "WORD", 0, "of results: screen (default), or paper: small text, thin lines, no title", 0},
    {"baseline", OPT_BASELINE, "POLICY", 0, "of results: compare against this one", 0},
    {"metrics", OPT_METRICS, "A,B,...", 0, "of results: these metrics; the first one ranks", 0},
    {"group", OPT_GROUP, "N", 0, "of results: the Nth group of `almanac compare` (the first, or that of the part test)",
     0},
    {"page", 'p', "WORD", 0,
     "of runs: timeline (of one unit), density (of machines), slowdown (of invocations; of one run or several), "
     "policies (several runs), reliability (of stated confidence; of one run), convergence (cost by day; of one run or "
     "several); of results: curves (slack against harm; default), differences (to the baseline), regret (to the "
     "oracle), traces (by policies), reliability",
     0},
    {"from", 1, "T", 0, "begin here: 3d or 36h since the start, 86400 (time_s), or 2019-03-05 12:00 (UTC)", 0},
    {"to", 2, "T", 0, "end here", 0},
    {"keep-script", 'k', NULL, 0, "leave the gnuplot script beside the figure, as P.gp", 0},
    {0},
};

static bool known_ending(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending && (strcmp(ending, ".svg") == 0 || strcmp(ending, ".png") == 0 || strcmp(ending, ".pdf") == 0);
}

static void add_unit(struct plot_options *o, const char *name, struct argp_state *state)
{
    if (o->units == ALM_FIGURE_UNITS)
        argp_error(state, "--unit may be given %d times at the most", ALM_FIGURE_UNITS);
    o->figure.unit[o->units++] = name;
}

static void set_units(struct plot_options *o, const char *text, struct argp_state *state)
{
    int end = 0;
    if (sscanf(text, "%d%n", &o->figure.units, &end) != 1 || text[end] || o->figure.units < 1 ||
        o->figure.units > ALM_FIGURE_UNITS)
        argp_error(state, "--units %s: a number from 1 to %d is needed", text, ALM_FIGURE_UNITS);
}

static bool size_in_millimetres(struct plot_options *o, const char *text, struct argp_state *state)
{
    int end = 0;
    double w, h;
    if (sscanf(text, "%6lfx%6lfmm%n", &w, &h, &end) != 2 || end == 0 || text[end])
        return false;
    if (!(w >= 40 && w <= 1000 && h >= 30 && h <= 1000))
        argp_error(state, "--size %s: 40 to 1000 mm wide and 30 to 1000 mm high is right here", text);
    o->canvas.width = w / 25.4 * 96;
    o->canvas.height = h / 25.4 * 96;
    return true;
}

static void set_style(struct plot_options *o, const char *word, struct argp_state *state)
{
    if (strcmp(word, "paper") != 0 && strcmp(word, "screen") != 0)
        argp_error(state, "--style %s: screen or paper is right here", word);
    o->canvas.paper = strcmp(word, "paper") == 0;
}

static void set_group(struct plot_options *o, const char *text, struct argp_state *state)
{
    int end = 0;
    if (sscanf(text, "%9ld%n", &o->group, &end) != 1 || text[end] || o->group < 1)
        argp_error(state, "--group %s: a number from 1 on is needed", text);
}

static void set_size(struct plot_options *o, const char *text, struct argp_state *state)
{
    if (size_in_millimetres(o, text, state))
        return;
    o->pixels = true;
    int end = 0, *w = &o->figure.width, *h = &o->figure.height;
    if (sscanf(text, "%5dx%5d%n", w, h, &end) != 2 || text[end] || *w < 400 || *w > 10000 || *h < 300 || *h > 10000)
        argp_error(state, "--size %s: as 1200x800 is needed, 400 to 10000 wide and 300 to 10000 high", text);
    o->canvas.width = *w;
    o->canvas.height = *h;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct plot_options *o = state->input;
    switch (key) {
    case 'o':
        if (!known_ending(arg))
            argp_error(state, "-o %s: the name must end in .svg, .png or .pdf", arg);
        o->figure.output = arg;
        return 0;
    case 'u':
        add_unit(o, arg, state);
        return 0;
    case 'n':
        set_units(o, arg, state);
        return 0;
    case 'r':
        o->figure.resource = arg;
        return 0;
    case 's':
        set_size(o, arg, state);
        return 0;
    case 'p':
        o->figure.page = arg;
        return 0;
    case OPT_STYLE:
        set_style(o, arg, state);
        return 0;
    case OPT_BASELINE:
        o->results.baseline = arg;
        return 0;
    case OPT_METRICS:
        o->results.metrics = arg;
        return 0;
    case OPT_GROUP:
        set_group(o, arg, state);
        return 0;
    case 1:
        o->figure.from = arg;
        return 0;
    case 2:
        o->figure.to = arg;
        return 0;
    case 'k':
        o->figure.keep_script = true;
        return 0;
    case ARGP_KEY_ARG:
        o->file[o->files++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->files == 0)
            argp_error(state, "a FILE is needed, as in: almanac plot run.h5 -o run.svg");
        if (o->figure.output == NULL)
            argp_error(state, "-o P.svg is needed: where the figure goes");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "FILE...",
    .doc = "Draw a figure. One run file: demand, envelope, limit and harm of one unit over time; where it had "
           "machines, how "
           "densely they were filled; where it had invocations, their slowdown. Two or more run files: slack against "
           "harm, one "
           "point per policy. A trace file: a page of small pictures of what its units ask for. A results file: slack "
           "against harm with intervals, or another --page."
           "\vNeeds gnuplot and a font. When either is missing the gnuplot script is left beside the figure.\n\n"
           "Examples:\n"
           "  almanac plot vpa.h5 -o timeline.svg\n"
           "  almanac plot static.h5 vpa.h5 oracle.h5 -o policies.png\n"
           "  almanac plot cluster.h5 --page slowdown -o slowdown.png\n"
           "  almanac plot vpa.h5 ensemble.h5 oracle.h5 --page convergence -o convergence.svg\n"
           "  almanac plot results.h5 --page reliability -o reliability.svg\n"
           "  almanac plot web.h5 --resource cpu --units 24 -o cpu.png\n"
           "  almanac plot results.h5 --page differences -o differences.svg\n"
           "  almanac plot results.h5 --style paper --size 88x60mm -o figure-3.pdf",
};

static int draw_page(const struct plot_options *o, const struct results_job *j, struct alm_figure_report *report,
                     struct alm_err *e)
{
    enum results_page page = RESULTS_CURVES;
    struct results_view view = {.of = j->of, .trade = j->trade, .group = results_usual_group(j->of), .resource = -1};
    if (o->figure.page)
        ALM_TRY(results_page_find(o->figure.page, &page, e));
    for (int r = 0; o->figure.resource && r < 2; r++)
        if (strcmp(o->figure.resource, alm_resource_name((enum alm_resource)r)) == 0)
            view.resource = r;
    if (o->figure.resource && view.resource < 0)
        return alm_fail(e, ALM_EINVAL, "--resource %.40s: cpu or memory is right for results", o->figure.resource);
    if (o->group > (long)j->of->groups)
        return alm_fail(e, ALM_EINVAL, "--group %ld: there are %zu groups", o->group, j->of->groups);
    if (o->group)
        view.group = (size_t)o->group - 1;
    struct results_canvas canvas = o->canvas;
    canvas.output = o->figure.output;
    return results_draw(&view, page, &canvas, o->figure.keep_script, report, e);
}

static int draw_results(struct plot_options *o, struct alm_figure_report *report, struct alm_err *e)
{
    struct results_job job = {0};
    if (o->files > 1)
        return alm_fail(e, ALM_EINVAL, "%s is a results file: it is drawn alone", o->file[0]);
    if (o->figure.unit[0] || o->figure.units || o->figure.from || o->figure.to)
        return alm_fail(e, ALM_EINVAL, "%s is a results file: --unit, --units, --from and --to have no meaning",
                        o->file[0]);
    o->results.file = o->file[0];
    o->results.seed = 1;
    int code = results_job_open(&o->results, &job, e);
    if (code >= 0)
        code = draw_page(o, &job, report, e);
    results_job_close(&job);
    return code;
}

static int draw(struct plot_options *o, struct alm_figure_report *report, struct alm_err *e)
{
    *report = (struct alm_figure_report){0};
    if (results_job_is(o->file[0]))
        return draw_results(o, report, e);
    if (o->canvas.paper || o->results.baseline || o->results.metrics || o->group || (o->canvas.width > 0 && !o->pixels))
        return alm_fail(
            e, ALM_EINVAL,
            "%s is no results file: --style, --baseline, --metrics, --group and a size in millimetres have no "
            "meaning",
            o->file[0]);
    return alm_figure_draw(o->file, o->files, &o->figure, report, e);
}

int cmd_plot(int argc, char **argv)
{
    struct plot_options o = {.file = calloc((size_t)argc + 1, sizeof *o.file)};
    struct alm_err e = {0};
    if (o.file == NULL) {
        alm_fail(&e, ALM_ENOMEM, "no memory for %d arguments", argc);
        return cmd_fail(&e);
    }
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct alm_figure_report report;
    int code = draw(&o, &report, &e);
    free(o.file);
    if (code >= 0)
        cmd_say("wrote %s: %s", o.figure.output, report.shown);
    if (report.script[0])
        cmd_say("the gnuplot script is %s", report.script);
    return code < 0 ? cmd_fail(&e) : 0;
}
