/* SPDX-License-Identifier: GPL-3.0-or-later
 * cgroup_files: reading and writing single files of a cgroup v2 directory.
 *
 * Source.   Linux Documentation/admin-guide/cgroup-v2.rst: cpu.stat, cpu.max, memory.current, memory.high,
 *           memory.events. */
#include "cgroup_files.h"

#include "almanac/resource.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT 2048

int cgroup_open(int root, const char *name, struct alm_err *e)
{
    int fd = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return alm_fail(e, ALM_EDATA, "cgroup %s: %s", name, strerror(errno));
    return fd;
}

/* The whole of a small file; false when it cannot be read. */
static bool slurp(int dir, const char *file, char text[TEXT])
{
    int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, TEXT - 1);
    int saved = errno;
    close(fd);
    errno = saved;
    if (n < 0)
        return false;
    text[n] = '\0';
    return true;
}

/* The number behind "KEY " at the start of a line, or the first number of the text when KEY is NULL. */
static bool number_of(const char *text, const char *key, int64_t *out)
{
    const char *at = text;
    if (key) {
        size_t length = strlen(key);
        for (at = text; at && !(strncmp(at, key, length) == 0 && at[length] == ' ');) {
            at = strchr(at, '\n');
            at = at ? at + 1 : NULL;
        }
        if (!at)
            return false;
        at += length + 1;
    }
    char *end;
    errno = 0;
    long long v = strtoll(at, &end, 10);
    if (end == at || errno || v < 0)
        return false;
    *out = v;
    return true;
}

static int bad_file(const char *name, const char *file, const char *key, struct alm_err *e)
{
    return alm_fail(e, ALM_EDATA, "cgroup %s: %s holds no number%s%s", name, file, key ? " for " : "", key ? key : "");
}

int cgroup_read(int dir, const char *name, struct cgroup_reading *out, struct alm_err *e)
{
    static const struct {
        const char *file, *key;
        size_t offset;
        bool required;
    } wanted[] = {
        {"cpu.stat", "usage_usec", offsetof(struct cgroup_reading, usage_us), true},
        {"cpu.stat", "throttled_usec", offsetof(struct cgroup_reading, throttled_us), false},
        {"memory.current", NULL, offsetof(struct cgroup_reading, memory), true},
        {"memory.events", "oom_kill", offsetof(struct cgroup_reading, oom_kills), false},
        {"memory.events", "high", offsetof(struct cgroup_reading, high), false},
    };
    struct cgroup_reading r = {-1, -1, -1, -1, -1};
    char text[TEXT] = "";
    const char *have = "";
    bool any = false, read_ok = false;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (strcmp(have, wanted[i].file) != 0) {
            read_ok = slurp(dir, wanted[i].file, text);
            have = wanted[i].file;
        }
        if (!read_ok)
            continue;
        any = true;
        int64_t *to = (int64_t *)(void *)((char *)&r + wanted[i].offset);
        if (!number_of(text, wanted[i].key, to) && wanted[i].required)
            return bad_file(name, wanted[i].file, wanted[i].key, e);
    }
    if (!any)
        return ALM_NOT_YET;
    *out = r;
    return ALM_OK;
}

static bool spit(int dir, const char *file, const char *text)
{
    int fd = openat(dir, file, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = write(fd, text, strlen(text));
    return close(fd) == 0 && n == (ssize_t)strlen(text);
}

int cgroup_get_cpu(int dir, const char *name, int64_t *millicores, struct alm_err *e)
{
    char text[TEXT];
    int64_t quota, period = ALM_CPU_PERIOD_US;
    if (!slurp(dir, "cpu.max", text))
        return alm_fail(e, ALM_EIO, "cgroup %s: cpu.max cannot be read: %s", name, strerror(errno));
    if (strncmp(text, "max", 3) == 0) {
        *millicores = ALM_NO_LIMIT;
        return ALM_OK;
    }
    const char *space = strchr(text, ' ');
    if (!number_of(text, NULL, &quota) || (space && !number_of(space + 1, NULL, &period)) || period == 0)
        return bad_file(name, "cpu.max", NULL, e);
    *millicores = quota * 1000 / period;
    return ALM_OK;
}

int cgroup_get_memory(int dir, const char *name, int64_t *bytes, struct alm_err *e)
{
    char text[TEXT];
    if (!slurp(dir, "memory.high", text))
        return alm_fail(e, ALM_EIO, "cgroup %s: memory.high cannot be read: %s", name, strerror(errno));
    if (strncmp(text, "max", 3) == 0)
        *bytes = ALM_NO_LIMIT;
    else if (!number_of(text, NULL, bytes))
        return bad_file(name, "memory.high", NULL, e);
    return ALM_OK;
}

int cgroup_set_cpu(int dir, const char *name, int64_t millicores, int64_t *applied, struct alm_err *e)
{
    char text[64];
    if (millicores == ALM_NO_LIMIT)
        snprintf(text, sizeof text, "max %" PRId64 "\n", ALM_CPU_PERIOD_US);
    else
        snprintf(text, sizeof text, "%" PRId64 " %" PRId64 "\n", millicores * ALM_CPU_PERIOD_US / 1000,
                 ALM_CPU_PERIOD_US);
    bool written = spit(dir, "cpu.max", text);
    ALM_TRY(cgroup_get_cpu(dir, name, applied, e));
    return written && *applied == millicores ? ALM_OK : ALM_NOT_YET;
}

int cgroup_set_memory(int dir, const char *name, int64_t bytes, int64_t *applied, struct alm_err *e)
{
    char text[64];
    if (bytes == ALM_NO_LIMIT)
        snprintf(text, sizeof text, "max\n");
    else
        snprintf(text, sizeof text, "%" PRId64 "\n", bytes);
    bool written = spit(dir, "memory.high", text);
    ALM_TRY(cgroup_get_memory(dir, name, applied, e));
    return written && *applied == bytes ? ALM_OK : ALM_NOT_YET;
}
