/* SPDX-License-Identifier: GPL-3.0-or-later
 * main: finds the sub-command and hands over.
 *
 * Choice.   The only file that may end the program, and the only one that installs signal handlers. */
#include "almanac/option.h"
#include "almanac/version.h"

#include "cmd/cmd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile int cmd_interrupted, cmd_status_wanted;

static const struct command {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"import", "read a public trace format into a trace file", cmd_import},
    {"generate", "make a synthetic trace from a specification", cmd_generate},
    {"info", "say what is in a file, and validate it", cmd_info},
    {"simulate", "run one policy on one trace: the main job", cmd_simulate},
    {"sweep", "plan, run, watch and merge an experiment", cmd_sweep},
    {"dump", "print any table of any file as CSV or JSON", cmd_dump},
    {"plot", "draw a run, a comparison of runs, or a trace", cmd_plot},
    {"compare", "rank the policies of an experiment, and say how sure that is", cmd_compare},
    {"report", "write an experiment as a page to send to a colleague", cmd_report},
    {"check", "fail when a result got worse than its tolerance: for CI", cmd_check},
    {"plan", "say what a fleet needs today, under a policy, at best", cmd_plan},
    {"fit", "fit one model to one series or table", cmd_fit},
    {"forecast", "forecast one series, with intervals and a figure", cmd_forecast},
    {"modules", "list what is built in, with options and sources", cmd_modules},
    {"bench", "measure how fast almanac is on this machine", cmd_bench},
    {"doctor", "say what this machine can do", cmd_doctor},
    {"version", "versions of almanac and of what it stands on", cmd_version},
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static void help(FILE *to)
{
    fprintf(to, "Usage: almanac COMMAND [OPTION...]\n\n"
                "almanac rehearses resource policies before anyone trusts them: it replays workload\n"
                "traces through interchangeable profiler, predictor and allocator modules.\n\nCommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(to, "\nA first look:\n"
                "  almanac import csv traces/samples/web.csv -o web.h5\n"
                "  almanac simulate -t web.h5 --predictor vpa --allocator envelope -o vpa.h5\n"
                "  almanac plot vpa.h5 -o vpa.svg\n\n"
                "`almanac COMMAND --help` explains one command. Exit status: 0 ok, 1 check failed,\n"
                "2 usage or configuration, 3 incomplete, 4 bad input file, 130 interrupted.\n");
}

static int unknown(const char *word)
{
    const char *names[COMMANDS + 1] = {NULL};
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    const char *nearest = alm_nearest(word, names);
    fprintf(stderr, "almanac: unknown command `%.60s`", word);
    fprintf(stderr, nearest ? ", did you mean `%s`?\n" : "; `almanac --help` lists them\n", nearest);
    return 2;
}

/* The first signal asks; some senders repeat it at once (timeout does), so only a third one kills on the spot. */
static void on_signal(int number)
{
    if (++cmd_interrupted >= 3) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

static void on_status(int number)
{
    (void)number;
    cmd_status_wanted = 1;
}

static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal}, status = {.sa_handler = on_status, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigemptyset(&status.sa_mask);
    sigaction(SIGUSR1, &status, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/* A file that is opened must never become standard output or error because the caller had closed them. What stands in for
 * them is opened the wrong way round, so that using it still fails and is reported. */
static void hold_standard_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return;
}

int main(int argc, char **argv)
{
    hold_standard_files();
    argp_err_exit_status = 2;
    if (argc < 2) {
        help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        help(stdout);
        return cmd_finish();
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("almanac %s (%s)\n", alm_version(), alm_git_id());
        return cmd_finish();
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, argv[1]) != 0)
            continue;
        char name[64];
        snprintf(name, sizeof name, "almanac %s", commands[i].name);
        argv[1] = name;
        watch_signals();
        return commands[i].run(argc - 1, argv + 1);
    }
    return unknown(argv[1]);
}
