/* SPDX-License-Identifier: GPL-3.0-or-later
 * sha256: the digest of a file, by nettle. */
#include "almanac/table.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <string.h>
#include <unistd.h>

int alm_file_sha256(const char *path, char out[65], struct alm_err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return alm_fail(e, ALM_EDATA, "%s: cannot be opened: %s", path, strerror(errno));
    struct sha256_ctx ctx;
    sha256_init(&ctx);
    uint8_t block[65536];
    ssize_t got;
    while ((got = read(fd, block, sizeof block)) > 0 || (got < 0 && errno == EINTR))
        if (got > 0)
            sha256_update(&ctx, (size_t)got, block);
    int why = errno;
    close(fd);
    if (got < 0)
        return alm_fail(e, why == EISDIR ? ALM_EDATA : ALM_EIO, "%s: cannot be read: %s", path, strerror(why));
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&ctx, sizeof digest, digest);
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof digest; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[64] = '\0';
    return 0;
}
