/* SPDX-License-Identifier: GPL-3.0-or-later
 * source: the bytes of a file, unpacked on the way.
 *
 * Meaning.  Plain files are read as they are; gzip (all members, one after the other) and xz (all streams) are told by
 *           their first bytes, not by their names, and unpacked block by block.
 * Limits.   One file is one stream of bytes: zip and tar hold several files and are refused with what to do. xz uses at
 *           most 256 MiB to unpack.
 * Source.   RFC 1952 by zlib; the .xz format by liblzma. */
#ifndef ALM_TRACES_SOURCE_H
#define ALM_TRACES_SOURCE_H

#include "almanac/error.h"

#include <stddef.h>
#include <stdint.h>

struct alm_source;

/* Open PATH. ALM_EDATA when it cannot be opened, is an archive, or its packing is damaged. */
int alm_source_open(const char *path, struct alm_source **out, struct alm_err *e);

/* Up to ROOM bytes into BUFFER; *N is how many, 0 at the end alone. ALM_EDATA when the file is damaged or cut off. */
int alm_source_read(struct alm_source *s, char *buffer, size_t room, size_t *n, struct alm_err *e);

uint64_t alm_source_position(const struct alm_source *s); /* bytes taken from the file, packed: for progress */
void alm_source_close(struct alm_source *s);              /* NULL is fine */

#endif
