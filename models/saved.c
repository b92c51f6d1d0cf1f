/* SPDX-License-Identifier: GPL-3.0-or-later
 * saved: a unit's state as bytes. The header says what. */
#include "saved.h"

#include <string.h>

struct head {
    char module[32];
    uint32_t version, pad;
    uint64_t made_with;
    uint64_t state_size;
    uint64_t checksum;
};

/* FNV-1a, 64 bits. Source: G. Fowler, L. C. Noll, K.-P. Vo, draft-eastlake-fnv. */
uint64_t alm_fingerprint(uint64_t so_far, const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    uint64_t hash = so_far ^ UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ b[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static struct head make_head(const struct alm_saved_as *as, const void *state, size_t state_size)
{
    struct head head = {.version = as->version, .made_with = as->made_with, .state_size = state_size};
    size_t length = strlen(as->module);
    memcpy(head.module, as->module, length < sizeof head.module ? length : sizeof head.module - 1);
    head.checksum = alm_fingerprint(0, state, state_size);
    return head;
}

int alm_saved_write(const struct alm_saved_as *as, const void *state, size_t state_size, void *buffer, size_t *size,
                    struct alm_err *e)
{
    size_t whole = sizeof(struct head) + state_size;
    if (buffer == NULL) {
        *size = whole;
        return ALM_OK;
    }
    if (*size < whole)
        return alm_fail(e, ALM_EINVAL, "%s: the saved state takes %zu bytes; the buffer holds %zu", as->module, whole,
                        *size);
    struct head head = make_head(as, state, state_size);
    memcpy(buffer, &head, sizeof head);
    memcpy((char *)buffer + sizeof head, state, state_size);
    *size = whole;
    return ALM_OK;
}

int alm_saved_read(const struct alm_saved_as *as, const void *buffer, size_t size, size_t state_size,
                   const void **state, struct alm_err *e)
{
    struct head found;
    if (size != sizeof found + state_size)
        return alm_fail(e, ALM_EDATA, "%s: the saved state has %zu bytes; with these options it takes %zu", as->module,
                        size, sizeof found + state_size);
    memcpy(&found, buffer, sizeof found);
    const char *body = (const char *)buffer + sizeof found;
    struct head wanted = make_head(as, body, state_size);
    if (memcmp(found.module, wanted.module, sizeof found.module) != 0)
        return alm_fail(e, ALM_EDATA, "%s: the saved state is of module \"%.31s\"", as->module, found.module);
    if (found.version != wanted.version)
        return alm_fail(e, ALM_EDATA, "%s: the saved state is of version %u; version %u is read here", as->module,
                        found.version, wanted.version);
    if (found.made_with != wanted.made_with)
        return alm_fail(e, ALM_EDATA, "%s: the state was saved under other options or resources", as->module);
    if (memcmp(&found, &wanted, sizeof found) != 0)
        return alm_fail(e, ALM_EDATA, "%s: the saved state is damaged: its checksum does not fit", as->module);
    *state = body;
    return ALM_OK;
}
