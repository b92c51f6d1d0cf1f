/* SPDX-License-Identifier: GPL-3.0-or-later
 * plot: draw a figure from a run file, several run files, or a trace. */
#include "cmd/cmd.h"
#include "experiments/figure.h"

#include <stdlib.h>
#include <string.h>

struct plot_options {
    struct alm_figure_options figure;
    const char **file;
    size_t files;
};

static const struct argp_option options[] = {
    {"output", 'o', "P", 0, "the figure: P.svg, P.png or P.pdf", 0},
    {"unit", 'u', "NAME", 0, "the unit to show (the recorded one with the most harm)", 0},
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
        o->figure.unit = arg;
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
    .doc =
        "Draw a figure. One run file: demand, envelope, limit and harm of one unit over time. Two or more run files: "
        "slack against harm, one point per policy. A trace file: what its units ask for."
        "\vNeeds gnuplot and a font. When either is missing the gnuplot script is left beside the figure.\n\n"
        "Examples:\n"
        "  almanac plot vpa.h5 -o timeline.svg\n"
        "  almanac plot static.h5 vpa.h5 oracle.h5 -o policies.png",
};

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
    int code = alm_figure_draw(o.file, o.files, &o.figure, &report, &e);
    free(o.file);
    if (code >= 0)
        cmd_say("wrote %s: %s", o.figure.output, report.shown);
    if (report.script[0])
        cmd_say("the gnuplot script is %s", report.script);
    return code < 0 ? cmd_fail(&e) : 0;
}
