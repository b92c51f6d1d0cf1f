/* SPDX-License-Identifier: GPL-3.0-or-later
 * scratch: a folder of its own for each test: `TestSuite(x, .init = scratch_enter, .fini = scratch_leave)`.
 *
 * Meaning.  A test runs inside its folder, so it names files as "a.h5". A test that crashes leaves the folder behind. */
#ifndef ALM_TESTS_SCRATCH_H
#define ALM_TESTS_SCRATCH_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char scratch_folder[] = "/tmp/almanac-test-XXXXXX";

static inline void scratch_enter(void)
{
    cr_assert(mkdtemp(scratch_folder));
    cr_assert_eq(chdir(scratch_folder), 0);
}

static inline void scratch_leave(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch_folder);
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(system(command), 0);
}

/* How many files the folder holds, hidden ones too: nothing may be left behind. */
static inline size_t scratch_files(void)
{
    FILE *f = popen("ls -A | wc -l", "r");
    size_t n = 99;
    cr_assert_eq(fscanf(f, "%zu", &n), 1);
    pclose(f);
    return n;
}

/* CALL returns 0, or the test ends with the text of `e`, which must be in sight. */
#define GOOD(call)                                                                                                     \
    do {                                                                                                               \
        int rc_ = (call);                                                                                              \
        cr_assert_eq(rc_, 0, "%s: %d: %s", #call, rc_, e.text);                                                        \
    } while (0)

#endif
