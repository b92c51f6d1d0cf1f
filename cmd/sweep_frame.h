/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep_frame: the part of the command line that all verbs of `almanac sweep` have: one file or folder, --format and --quiet.
 *
 * Choice.   A child of each verb's parser: what the verb's own does not know comes here. A verb puts the address of its frame into
 *           child_inputs[0] at ARGP_KEY_INIT. */
#ifndef ALMANAC_CMD_SWEEP_FRAME_H
#define ALMANAC_CMD_SWEEP_FRAME_H

#include "cmd/cmd.h"

struct sweep_frame {
    const char *place;           /* what was named: SPEC or DIR */
    const char *noun, *question; /* "one NOUN is expected"; asked when there is none */
    enum cmd_format format;
    bool quiet;
    struct cmd_progress progress;
};

#define SWEEP_FRAME_DIR                                                                                                \
    {                                                                                                                  \
        .noun = "folder", .question = "which plan? Give the folder that `almanac sweep plan` made"                     \
    }

extern const struct argp_child sweep_frame_formats[]; /* with --format */
extern const struct argp_child sweep_frame_plain[];   /* without */

/* What progress callbacks want: CTX is the frame. */
void sweep_frame_step(void *ctx, double done);

#endif
