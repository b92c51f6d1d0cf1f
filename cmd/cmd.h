/* SPDX-License-Identifier: GPL-3.0-or-later
 * cmd: what the sub-commands share. Each command is one file with one function, listed in main.c.
 *
 * Meaning.  stdout is data, stderr is talk. Only cmd/ prints and only main.c exits. */
#ifndef ALMANAC_CMD_H
#define ALMANAC_CMD_H

#include "almanac/error.h"
#include "almanac/option.h"

#include <argp.h>
#include <signal.h>
#include <stdbool.h>

/* argv[0] is "almanac NAME" for argp. Returns the exit status. */
int cmd_import(int argc, char **argv);
int cmd_generate(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_simulate(int argc, char **argv);
int cmd_sweep(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_fit(int argc, char **argv);
int cmd_forecast(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_modules(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_version(int argc, char **argv);

enum cmd_format { CMD_TEXT, CMD_JSON, CMD_CSV };

/* Parse one of the formats in KNOWN ("text|json"); on anything else argp_error. */
enum cmd_format cmd_format_parse(const char *word, const char *known, struct argp_state *state);

/* A table of options for people: keys, types, defaults, meanings. */
void cmd_print_options(const struct alm_opt *rows);

/* Print "almanac: TEXT" on stderr and return the exit status of E. */
int cmd_fail(const struct alm_err *e);

/* "almanac: warning: ..." and "almanac: ..." on stderr. */
void cmd_warn(const char *format, ...) ALM_PRINTF(1, 2);
void cmd_say(const char *format, ...) ALM_PRINTF(1, 2);

/* Flush stdout and report what a full disk or closed pipe did to it. Returns the exit status. */
int cmd_finish(void);

/* Progress on stderr for work that lasts over a second: a line that is redrawn on a terminal, one line every 10 % or
 * 30 s elsewhere; silent when quiet, but for SIGUSR1. `done` is 0 .. 1, or < 0 when unknown. */
struct cmd_progress {
    const char *what;
    const char *detail; /* shown behind the rest, with its own punctuation; NULL: nothing */
    double started, shown, shown_done;
    bool terminal, quiet, drawn;
};
void cmd_progress_start(struct cmd_progress *p, const char *what, bool quiet);
void cmd_progress_step(void *progress, double done);
void cmd_progress_stop(struct cmd_progress *p);

/* Set by SIGINT and SIGTERM; long work looks at it and returns ALM_EINTR. */
extern volatile int cmd_interrupted;

/* Set by SIGUSR1: the next step of a progress says where it is, quiet or not. */
extern volatile int cmd_status_wanted;

#endif
