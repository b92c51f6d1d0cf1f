/* SPDX-License-Identifier: GPL-3.0-or-later
 * saved: a unit's state as bytes that can be kept and recognised again.
 *
 * Meaning.  A head that names the module, the version of its state, what it was made with and a checksum, then the
 *           state as it lies in memory.
 * Limits.   Numbers are in the machine's own order: for machines of one kind. */
#ifndef ALM_MODELS_SAVED_H
#define ALM_MODELS_SAVED_H

#include "almanac/error.h"

#include <stddef.h>
#include <stdint.h>

struct alm_saved_as {
    const char *module; /* at most 31 bytes */
    uint32_t version;   /* of the layout */
    uint64_t made_with; /* fingerprint of the options that shape the state */
};

/* Fold SIZE bytes into a fingerprint, which starts as 0. */
uint64_t alm_fingerprint(uint64_t so_far, const void *bytes, size_t size);

/* Write STATE of STATE_SIZE bytes into BUFFER of *SIZE bytes and set *SIZE to the length (BUFFER NULL: only that).
 * ALM_EINVAL when BUFFER is too small. */
int alm_saved_write(const struct alm_saved_as *as, const void *state, size_t state_size, void *buffer, size_t *size,
                    struct alm_err *e);

/* Check BUFFER and let *STATE point at the STATE_SIZE bytes in it (not aligned). ALM_EDATA when it is of another
 * module, version or options, too short, too long, or damaged. */
int alm_saved_read(const struct alm_saved_as *as, const void *buffer, size_t size, size_t state_size,
                   const void **state, struct alm_err *e);

#endif
