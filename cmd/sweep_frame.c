/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep_frame: see the header. */
#include "cmd/sweep_frame.h"

enum { OPT_FORMAT = 1024 }; /* above those of the verbs */

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct sweep_frame *f = state->input;
    switch (key) {
    case 'q':
        f->quiet = true;
        return 0;
    case OPT_FORMAT:
        f->format = cmd_format_parse(arg, "text|json", state);
        return 0;
    case ARGP_KEY_ARG:
        if (f->place)
            argp_error(state, "`%s`: one %s is expected, `%s` was given before", arg, f->noun, f->place);
        f->place = arg;
        return 0;
    case ARGP_KEY_END:
        if (!f->place)
            argp_error(state, "%s", f->question);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

#define QUIET                                                                                                          \
    {                                                                                                                  \
        "quiet", 'q', NULL, 0, "no progress", 9                                                                        \
    }

static const struct argp_option with_format[] = {
    {"format", OPT_FORMAT, "WORD", 0, "text (default) or json", 9}, QUIET, {0}};
static const struct argp_option plain[] = {QUIET, {0}};
static const struct argp formats_argp = {with_format, parse, NULL, NULL, NULL, NULL, NULL};
static const struct argp plain_argp = {plain, parse, NULL, NULL, NULL, NULL, NULL};

const struct argp_child sweep_frame_formats[] = {{&formats_argp, 0, NULL, 0}, {0}};
const struct argp_child sweep_frame_plain[] = {{&plain_argp, 0, NULL, 0}, {0}};

void sweep_frame_step(void *ctx, double done)
{
    struct sweep_frame *f = ctx;
    cmd_progress_step(&f->progress, done);
}
