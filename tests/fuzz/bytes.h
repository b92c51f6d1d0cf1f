/* SPDX-License-Identifier: GPL-3.0-or-later
 * bytes: what the fuzz targets share: a file in memory, and numbers taken from the input one after the other.
 *
 * Choice.   An input that a target cannot use is simply short: everything after its end reads as zero. */
#ifndef ALM_FUZZ_BYTES_H
#define ALM_FUZZ_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes as a file that has no name in the file system; PATH opens it. Ends the program when the system refuses. */
struct bytes_file {
    int fd;
    char path[64];
};

static inline struct bytes_file bytes_file_open(const uint8_t *data, size_t size)
{
    struct bytes_file f = {.fd = memfd_create("input", 0)};
    if (f.fd < 0 || write(f.fd, data, size) != (ssize_t)size)
        abort();
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

static inline void bytes_file_close(struct bytes_file *f)
{
    close(f->fd);
}

struct bytes {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t bytes_u8(struct bytes *b)
{
    if (b->left == 0)
        return 0;
    b->left--;
    return *b->at++;
}

/* A stop that no run ignores: a property that does not hold is a crash. */
static inline void bytes_demand(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

#endif
