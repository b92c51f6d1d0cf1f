/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_gnuplot: run gnuplot over a script, and let the picture appear whole or not at all.
 *
 * Choice.   The picture comes through gnuplot's standard output into a temporary file beside the target, so the script
 *           names no file. `-d` ignores the user's own start-up file. Without any font gnuplot draws a picture without
 *           text and says nothing, so fonts are asked for first. */
#include "experiments/figure_script.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define PATH_ROOM 1024

/* What a figure is made in. An empty path is not there yet. */
struct work {
    char picture[PATH_ROOM], script[PATH_ROOM], kept[PATH_ROOM];
    int picture_fd;
    FILE *talk;
};

static int make_paths(struct work *w, const char *output, struct alm_err *e)
{
    const char *ending = strrchr(output, '.');
    size_t stem = ending ? (size_t)(ending - output) : strlen(output);
    if (strlen(output) + 16 > PATH_ROOM)
        return alm_fail(e, ALM_EINVAL, "the name of the output is longer than %d bytes", PATH_ROOM - 16);
    const char *here = output[0] == '/' || output[0] == '.' ? "" : "./";
    snprintf(w->picture, sizeof w->picture, "%s%s.XXXXXX", here, output);
    snprintf(w->script, sizeof w->script, "%s%.*s.gp.XXXXXX", here, (int)stem, output);
    snprintf(w->kept, sizeof w->kept, "%.*s.gp", (int)stem, output);
    return ALM_OK;
}

/* Files for everybody that the umask allows, as if made by open. */
static void ordinary_mode(int fd)
{
    mode_t mask = umask(0);
    umask(mask);
    (void)!fchmod(fd, 0666 & ~mask);
}

static int write_script(struct work *w, const struct alm__script *s, struct alm_err *e)
{
    int fd = mkostemp(w->script, O_CLOEXEC);
    if (fd < 0) {
        int why = errno;
        w->script[0] = '\0';
        return alm_fail(e, ALM_EINVAL, "cannot write beside %s: %s", w->kept, strerror(why));
    }
    ordinary_mode(fd);
    size_t at = 0;
    while (at < s->length) {
        ssize_t n = write(fd, s->text + at, s->length - at);
        if (n < 0 && errno != EINTR)
            break;
        at += n > 0 ? (size_t)n : 0;
    }
    int why = errno;
    if (close(fd) == 0 && at == s->length)
        return ALM_OK;
    return alm_fail(e, ALM_EIO, "cannot write the script %s: %s", w->kept, strerror(why));
}

/* Run ARGV with standard output to FD and standard error to ERROR. Returns the wait status, or -errno. */
static int spawn_and_wait(char *const *argv, int fd, int error)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -ENOMEM;
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fd, 1);
    posix_spawn_file_actions_adddup2(&actions, error, 2);
    pid_t pid;
    int status = 0, failed = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed)
        return -failed;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return status;
}

/* `fc-list` is asked; where it is not installed, fonts are taken for granted. */
static bool has_fonts(void)
{
    FILE *list = tmpfile(), *talk = tmpfile();
    bool fonts = true;
    if (list && talk) {
        char *argv[] = {(char[]){"fc-list"}, NULL};
        int status = spawn_and_wait(argv, fileno(list), fileno(talk));
        fonts = status < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0 || lseek(fileno(list), 0, SEEK_END) > 0;
    }
    if (list)
        fclose(list);
    if (talk)
        fclose(talk);
    return fonts;
}

static void last_words(FILE *talk, char *out, size_t size)
{
    char text[2048];
    rewind(talk);
    size_t n = fread(text, 1, sizeof text - 1, talk);
    text[n] = '\0';
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\n' || text[i] == '\t')
            text[i] = ' ';
    const char *start = text + strspn(text, " ");
    alm__figure_text(out, size, start, 300);
}

static int run_gnuplot(struct work *w, struct alm_err *e)
{
    char *argv[] = {(char[]){"gnuplot"}, (char[]){"-d"}, w->script, NULL};
    int status = spawn_and_wait(argv, w->picture_fd, fileno(w->talk));
    if (status == -ENOENT)
        return alm_fail(e, ALM_EIO, "gnuplot was not found: install it (Debian: gnuplot-nox and fonts-dejavu-core)");
    if (status < 0)
        return alm_fail(e, ALM_EIO, "gnuplot could not be started: %s", strerror(-status));
    struct stat made;
    bool empty = fstat(w->picture_fd, &made) != 0 || made.st_size == 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !empty)
        return ALM_OK;
    char words[512];
    last_words(w->talk, words, sizeof words);
    return alm_fail(e, ALM_EIO, "gnuplot drew nothing (%s %d): %s", WIFEXITED(status) ? "status" : "signal",
                    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), words[0] ? words : "it said nothing");
}

static int draw(struct work *w, const char *output, struct alm_err *e)
{
    w->picture_fd = mkostemp(w->picture, O_CLOEXEC);
    if (w->picture_fd < 0) {
        int why = errno;
        w->picture[0] = '\0';
        return alm_fail(e, ALM_EINVAL, "cannot write %s: %s", output, strerror(why));
    }
    ordinary_mode(w->picture_fd);
    bool svg = strcmp(strrchr(output, '.'), ".svg") == 0;
    if (!svg && !has_fonts())
        return alm_fail(e, ALM_EIO,
                        "no fonts are installed, so the figure would have no text: install some (Debian: "
                        "fonts-dejavu-core), or draw .svg");
    w->talk = tmpfile();
    if (w->talk == NULL)
        return alm_fail(e, ALM_EIO, "no temporary file: %s", strerror(errno));
    ALM_TRY(run_gnuplot(w, e));
    if (fsync(w->picture_fd) != 0 || rename(w->picture, output) != 0)
        return alm_fail(e, ALM_EIO, "cannot write %s: %s", output, strerror(errno));
    w->picture[0] = '\0';
    return ALM_OK;
}

int alm__script_draw(struct alm__script *s, const struct alm_figure_options *o, struct alm_figure_report *report,
                     struct alm_err *e)
{
    struct work w = {.picture_fd = -1};
    if (fflush(s->out) != 0)
        return alm_fail(e, ALM_ENOMEM, "no memory for a script");
    ALM_TRY(make_paths(&w, o->output, e));
    int code = write_script(&w, s, e);
    if (code >= 0)
        code = draw(&w, o->output, e);
    if (w.picture_fd >= 0)
        close(w.picture_fd);
    if (w.picture_fd >= 0 && w.picture[0])
        unlink(w.picture);
    if (w.talk)
        fclose(w.talk);
    bool keep = w.script[0] && (o->keep_script || code == ALM_EIO);
    if (keep && rename(w.script, w.kept) == 0)
        snprintf(report->script, sizeof report->script, "%s", w.kept);
    else if (w.script[0])
        unlink(w.script);
    return code;
}
