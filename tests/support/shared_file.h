/* SPDX-License-Identifier: GPL-3.0-or-later
 * shared_file: real data, where they are at hand. */
#ifndef ALM_TESTS_SHARED_FILE_H
#define ALM_TESTS_SHARED_FILE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The path of traces/NAME; false, said visibly, when it is not there. */
static inline bool shared_file(const char *name, char path[512])
{
    const char *root = getenv("ALM_SHARED");
    snprintf(path, 512, "%s/traces/%s", root ? root : ALM_SOURCE_DIR "/../shared", name);
    if (access(path, R_OK) == 0)
        return true;
    printf("SKIP: %s is not there; set ALM_SHARED\n", name);
    fflush(stdout);
    return false;
}

#endif
