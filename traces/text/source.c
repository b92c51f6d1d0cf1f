/* SPDX-License-Identifier: GPL-3.0-or-later
 * source: read a file, and unpack it when it is packed.
 *
 * Choice.   The packed bytes are read in blocks of 64 KiB; a plain file is read straight into the caller's buffer. */
#include "source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define BLOCK 65536
#define MEMORY_MOST ((uint64_t)256 << 20)

enum packing { PLAIN, GZIP, XZ };

struct alm_source {
    char *path;
    int fd;
    enum packing packing;
    uint64_t position;
    bool file_end, finished; /* finished: the last member was unpacked whole */
    z_stream z;
    lzma_stream x;
    size_t from, to; /* bytes read and not yet used: block[from, to) */
    unsigned char block[BLOCK];
};

static int read_file(struct alm_source *s, void *buffer, size_t room, size_t *n, struct alm_err *e)
{
    ssize_t got;
    do
        got = read(s->fd, buffer, room);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return alm_fail(e, ALM_EDATA, "%s: cannot be read: %s", s->path, strerror(errno));
    *n = (size_t)got;
    s->position += (uint64_t)got;
    s->file_end = got == 0;
    return ALM_OK;
}

/* As many bytes as there are for the block, up to its size. */
static int fill(struct alm_source *s, struct alm_err *e)
{
    memmove(s->block, s->block + s->from, s->to - s->from);
    s->to -= s->from;
    s->from = 0;
    while (s->to < BLOCK && !s->file_end) {
        size_t n;
        ALM_TRY(read_file(s, s->block + s->to, BLOCK - s->to, &n, e));
        s->to += n;
    }
    return ALM_OK;
}

static bool begins(const struct alm_source *s, const char *magic, size_t n)
{
    return s->to - s->from >= n && memcmp(s->block + s->from, magic, n) == 0;
}

static int start_gzip(struct alm_source *s, struct alm_err *e)
{
    s->packing = GZIP;
    return inflateInit2(&s->z, 15 + 16) == Z_OK ? ALM_OK
                                                : alm_fail(e, ALM_ENOMEM, "%s: no memory to unpack it", s->path);
}

static int start_xz(struct alm_source *s, struct alm_err *e)
{
    s->packing = XZ;
    s->x = (lzma_stream)LZMA_STREAM_INIT;
    return lzma_stream_decoder(&s->x, MEMORY_MOST, LZMA_CONCATENATED) == LZMA_OK
               ? ALM_OK
               : alm_fail(e, ALM_ENOMEM, "%s: no memory to unpack it", s->path);
}

static int start(struct alm_source *s, struct alm_err *e)
{
    s->fd = open(s->path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0)
        return alm_fail(e, ALM_EDATA, "%s: cannot be opened: %s", s->path, strerror(errno));
    ALM_TRY(fill(s, e));
    if (begins(s, "PK\3\4", 4))
        return alm_fail(e, ALM_EDATA, "%s: is a zip archive; unpack it first (unzip)", s->path);
    if (begins(s, "Rar!", 4))
        return alm_fail(e, ALM_EDATA, "%s: is a rar archive; unpack it first (unar)", s->path);
    if (begins(s, "BZh", 3))
        return alm_fail(e, ALM_EDATA, "%s: is compressed by bzip2; unpack it first (bunzip2)", s->path);
    if (begins(s, "\x28\xb5\x2f\xfd", 4))
        return alm_fail(e, ALM_EDATA, "%s: is compressed by zstd; unpack it first (unzstd)", s->path);
    if (begins(s, "\x1f\x8b", 2))
        return start_gzip(s, e);
    if (begins(s, "\xfd\x37zXZ", 6))
        return start_xz(s, e);
    return ALM_OK;
}

int alm_source_open(const char *path, struct alm_source **out, struct alm_err *e)
{
    struct alm_source *s = calloc(1, sizeof *s);
    if (!s)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", path);
    s->fd = -1;
    s->path = strdup(path);
    int code = s->path ? start(s, e) : alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", path);
    if (code < 0) {
        alm_source_close(s);
        return code;
    }
    *out = s;
    return ALM_OK;
}

static int read_plain(struct alm_source *s, char *buffer, size_t room, size_t *n, struct alm_err *e)
{
    if (s->from == s->to)
        return s->file_end ? (*n = 0, ALM_OK) : read_file(s, buffer, room, n, e);
    *n = s->to - s->from < room ? s->to - s->from : room;
    memcpy(buffer, s->block + s->from, *n);
    s->from += *n;
    return ALM_OK;
}

static int cut_off(const struct alm_source *s, struct alm_err *e)
{
    return alm_fail(e, ALM_EDATA, "%s: the packed file ends before its end; was the download cut off?", s->path);
}

static int read_gzip(struct alm_source *s, char *buffer, size_t room, size_t *n, struct alm_err *e)
{
    size_t most = room < UINT32_MAX ? room : UINT32_MAX;
    s->z.next_out = (Bytef *)buffer;
    s->z.avail_out = (uInt)most;
    while (s->z.avail_out == most) {
        if (s->from == s->to)
            ALM_TRY(fill(s, e));
        if (s->finished) { /* another member, or zeros that pad the file, or the end */
            while (s->from < s->to && s->block[s->from] == 0)
                s->from++;
            if (s->from == s->to && s->file_end)
                break;
            if (s->from == s->to)
                continue;
            inflateReset(&s->z);
            s->finished = false;
        }
        if (s->from == s->to)
            return cut_off(s, e);
        s->z.next_in = s->block + s->from;
        s->z.avail_in = (uInt)(s->to - s->from);
        int rc = inflate(&s->z, Z_NO_FLUSH);
        s->from = s->to - s->z.avail_in;
        s->finished = rc == Z_STREAM_END;
        if (rc == Z_MEM_ERROR)
            return alm_fail(e, ALM_ENOMEM, "%s: no memory to unpack it", s->path);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return alm_fail(e, ALM_EDATA, "%s: the gzip data is damaged: %s", s->path, s->z.msg ? s->z.msg : "unknown");
    }
    *n = most - s->z.avail_out;
    return ALM_OK;
}

static int read_xz(struct alm_source *s, char *buffer, size_t room, size_t *n, struct alm_err *e)
{
    s->x.next_out = (uint8_t *)buffer;
    s->x.avail_out = room;
    while (s->x.avail_out == room && !s->finished) {
        if (s->from == s->to && !s->file_end)
            ALM_TRY(fill(s, e));
        s->x.next_in = s->block + s->from;
        s->x.avail_in = s->to - s->from;
        lzma_ret rc = lzma_code(&s->x, s->file_end && s->from == s->to ? LZMA_FINISH : LZMA_RUN);
        s->from = s->to - s->x.avail_in;
        s->finished = rc == LZMA_STREAM_END;
        if (rc == LZMA_MEM_ERROR || rc == LZMA_MEMLIMIT_ERROR)
            return alm_fail(e, ALM_EDATA, "%s: needs more than 256 MiB to unpack; use unxz first", s->path);
        if (rc == LZMA_BUF_ERROR)
            return cut_off(s, e);
        if (rc != LZMA_OK && rc != LZMA_STREAM_END)
            return alm_fail(e, ALM_EDATA, "%s: the xz data is damaged", s->path);
    }
    *n = room - s->x.avail_out;
    return ALM_OK;
}

int alm_source_read(struct alm_source *s, char *buffer, size_t room, size_t *n, struct alm_err *e)
{
    assert(room > 0);
    return s->packing == GZIP ? read_gzip(s, buffer, room, n, e)
           : s->packing == XZ ? read_xz(s, buffer, room, n, e)
                              : read_plain(s, buffer, room, n, e);
}

uint64_t alm_source_position(const struct alm_source *s)
{
    return s->position;
}

void alm_source_close(struct alm_source *s)
{
    if (!s)
        return;
    if (s->packing == GZIP)
        inflateEnd(&s->z);
    if (s->packing == XZ)
        lzma_end(&s->x);
    if (s->fd >= 0)
        close(s->fd);
    free(s->path);
    free(s);
}
