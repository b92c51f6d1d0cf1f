/* SPDX-License-Identifier: GPL-3.0-or-later
 * whole_file: does a file appear whole or not at all, and is a temporary file removed only when nobody writes it any more? */
#include "core/whole_file.h"

#include "scratch.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

TestSuite(whole_file, .init = scratch_enter, .fini = scratch_leave);

static bool there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void make_old(const char *path)
{
    const struct timespec times[2] = {{.tv_sec = time(NULL) - 3600}, {.tv_sec = time(NULL) - 3600}};
    cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0, "%s", path);
}

static void touch(const char *path)
{
    FILE *f = fopen(path, "we");
    cr_assert(f && fclose(f) == 0, "%s", path);
}

Test(whole_file, appears_when_committed_and_leaves_nothing_when_dropped)
{
    struct alm_err e = {0};
    struct whole_file f;
    GOOD(whole_file_open(&f, "a", &e));
    fputs("text", f.stream);
    cr_assert(!there("a"));
    char *temporary = strdup(f.temporary);
    GOOD(whole_file_commit(&f, false, &e));
    cr_assert(there("a") && !there(temporary));
    free(temporary);
    GOOD(whole_file_open(&f, "b", &e));
    temporary = strdup(f.temporary);
    cr_assert(there(temporary));
    whole_file_drop(&f);
    cr_assert(!there("b") && !there(temporary));
    free(temporary);
}

Test(whole_file, only_what_nobody_holds_is_removed)
{
    struct alm_err e = {0};
    struct whole_file f;
    static const char *const kept[] = {"cell.json", "cell.json.abcdef", "plan.old.tmp", ".abcdef.tmp", "x.tmp"};
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
        touch(kept[k]);
        make_old(kept[k]);
    }
    touch("young.json.abcdef.tmp");
    touch("left.json.abcdef.tmp");
    make_old("left.json.abcdef.tmp");
    mkdir("folder.abcdef.tmp", 0777);
    make_old("folder.abcdef.tmp");
    GOOD(whole_file_open(&f, "held.json", &e));
    make_old(f.temporary);
    whole_file_clean(".");
    whole_file_clean("nowhere");
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
        cr_assert(there(kept[k]), "%s", kept[k]);
    cr_assert(there("young.json.abcdef.tmp"), "somebody may have made it just now");
    cr_assert(there("folder.abcdef.tmp"));
    cr_assert(there(f.temporary), "it is being written");
    cr_assert(!there("left.json.abcdef.tmp"));
    GOOD(whole_file_commit(&f, false, &e));
    cr_assert(there("held.json"));
}

Test(whole_file, what_a_killed_process_left_is_removed)
{
    struct alm_err e = {0};
    struct whole_file f;
    int ready[2], status;
    char name[64] = "";
    cr_assert_eq(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (whole_file_open(&f, "cell.json", &e) < 0 || write(ready[1], f.temporary, strlen(f.temporary)) < 0)
            _exit(1);
        pause();
    }
    cr_assert_gt(read(ready[0], name, sizeof name - 1), 0);
    make_old(name);
    whole_file_clean(".");
    cr_assert(there(name), "its writer lives");
    kill(pid, SIGKILL);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    whole_file_clean(".");
    cr_assert(!there(name));
    close(ready[0]);
    close(ready[1]);
}
