/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep: the verbs of `almanac sweep`, one file each. */
#ifndef ALMANAC_CMD_SWEEP_H
#define ALMANAC_CMD_SWEEP_H

/* argv[0] is "almanac sweep VERB" for argp. Each returns the exit status. */
int cmd_sweep_plan(int argc, char **argv);
int cmd_sweep_run(int argc, char **argv);
int cmd_sweep_status(int argc, char **argv);
int cmd_sweep_merge(int argc, char **argv);

#endif
