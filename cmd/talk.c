/* SPDX-License-Identifier: GPL-3.0-or-later
 * talk: errors, warnings and progress on stderr; the end of data on stdout. */
#include "cmd/cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

int cmd_fail(const struct alm_err *e)
{
    fflush(stdout);
    fprintf(stderr, "almanac: %s\n", e->text);
    return alm_code_exit_status(e->code);
}

static void talk(const char *who, const char *format, va_list args)
{
    fputs(who, stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void cmd_warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    talk("almanac: warning: ", format, args);
    va_end(args);
}

void cmd_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    talk("almanac: ", format, args);
    va_end(args);
}

int cmd_finish(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    if (errno == EPIPE)
        return 0; /* the reader had enough */
    fprintf(stderr, "almanac: standard output: %s\n", errno ? strerror(errno) : "a write failed");
    return 3;
}

enum cmd_format cmd_format_parse(const char *word, const char *known, struct argp_state *state)
{
    static const char *const words[] = {[CMD_TEXT] = "text", [CMD_JSON] = "json", [CMD_CSV] = "csv"};
    for (int k = 0; k < 3; k++)
        if (strcmp(word, words[k]) == 0 && strstr(known, words[k]))
            return (enum cmd_format)k;
    argp_error(state, "--format %s: %s is right here", word, known);
    return CMD_TEXT;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void cmd_progress_start(struct cmd_progress *p, const char *what, bool quiet)
{
    const char *term = getenv("TERM");
    *p = (struct cmd_progress){.what = what,
                               .started = seconds(),
                               .terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
                               .quiet = quiet};
    p->shown = p->started;
}

static void redraw(struct cmd_progress *p, double done, double now)
{
    struct winsize size = {0};
    int width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
    double passed = now - p->started;
    const char *detail = p->detail ? p->detail : "";
    char line[256];
    if (done > 0)
        snprintf(line, sizeof line, "%s %3.0f %%  %.0f s, about %.0f s left%s", p->what, done * 100, passed,
                 passed * (1 - done) / done, detail);
    else
        snprintf(line, sizeof line, "%s %.0f s%s", p->what, passed, detail);
    fprintf(stderr, "\r\033[K%.*s", width - 1, line);
    p->drawn = true;
}

static void say(const struct cmd_progress *p, double done, double now)
{
    fprintf(stderr, "almanac: %s: %.0f %% done after %.0f s%s\n", p->what, done > 0 ? done * 100 : 0, now - p->started,
            p->detail ? p->detail : "");
}

void cmd_progress_step(void *progress, double done)
{
    struct cmd_progress *p = progress;
    double now = seconds();
    if (cmd_status_wanted) {
        cmd_status_wanted = 0;
        cmd_progress_stop(p);
        say(p, done, now);
    }
    if (p->quiet)
        return;
    if (now - p->started < 1)
        return;
    if (p->terminal) {
        if (now - p->shown < 0.1 && done < 1)
            return;
        redraw(p, done, now);
        p->shown = now;
        return;
    }
    if (done - p->shown_done < 0.1 && now - p->shown < 30)
        return;
    say(p, done, now);
    p->shown = now;
    p->shown_done = done;
}

void cmd_progress_stop(struct cmd_progress *p)
{
    if (p->drawn)
        fputs("\r\033[K", stderr);
}
