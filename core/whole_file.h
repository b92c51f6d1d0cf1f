/* SPDX-License-Identifier: GPL-3.0-or-later
 * whole_file: a file of text that appears whole or not at all.
 *
 * Choice.   A temporary file beside it takes its name when all is written. Syncing first costs milliseconds, and guards against a
 *           power cut alone. */
#ifndef ALM_CORE_WHOLE_FILE_H
#define ALM_CORE_WHOLE_FILE_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stdio.h>

struct whole_file {
    FILE *stream;
    char *path, *temporary;
};

/* Make the folder PATH and those that lead to it, where they are not there. ALM_EINVAL: PATH is something else; ALM_EIO. */
int whole_file_folder(const char *path, struct alm_err *e);

/* Likewise for the folder that the file PATH is to be in. */
int whole_file_folder_of(const char *path, struct alm_err *e);

/* Begin a file that becomes PATH. */
int whole_file_open(struct whole_file *f, const char *path, struct alm_err *e);

/* It is complete. Any write to the stream that failed is found here; then nothing is left behind. */
int whole_file_commit(struct whole_file *f, bool sync, struct alm_err *e);

/* Leave nothing behind. After whole_file_commit, and of one that is all zero, there is nothing to do. */
void whole_file_drop(struct whole_file *f);

/* Remove what killed processes left in FOLDER, where there is one: temporary files of this kind that nobody holds and that are some
 * seconds old. */
void whole_file_clean(const char *folder);

#endif
