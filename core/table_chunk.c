/* SPDX-License-Identifier: GPL-3.0-or-later
 * table_chunk: chunks of a column, unpacked outside the lock of HDF5.
 *
 * Meaning.  HDF5 hands out a chunk as it lies in the file; what its filters did (shuffle, deflate, checksum) is undone here,
 *           so that threads unpack at the same time.
 * Choice.   Only what our own writer makes, and only when all is well. In every other case, damage included, HDF5 is asked to
 *           read as it would have, and says what is wrong.
 * Source.   HDF5 1.10, "Filters in HDF5": H5Z_FILTER_SHUFFLE, _DEFLATE, _FLETCHER32; J. Fletcher, IEEE Trans. Comm. 30
 *           (1982). */
#include "table_hdf.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define CHECKSUM 4 /* bytes behind the packed ones */

static bool is_filter(hid_t list, unsigned k, H5Z_filter_t want)
{
    unsigned flags, config;
    size_t values = 0;
    return H5Pget_filter2(list, k, &flags, &values, NULL, 0, NULL, &config) == want;
}

void alm__chunk_prepare(struct alm_column *c, hid_t list, hsize_t chunk)
{
    int filters = H5Pget_nfilters(list);
    c->shuffled = filters == 3 && is_filter(list, 0, H5Z_FILTER_SHUFFLE);
    unsigned first = c->shuffled ? 1 : 0;
    if (chunk != ALM_CHUNK || filters != (int)first + 2 || !is_filter(list, first, H5Z_FILTER_DEFLATE) ||
        !is_filter(list, first + 1, H5Z_FILTER_FLETCHER32))
        return;
    hid_t type = H5Dget_type(c->set), memory = alm__column_memory_type(c->type);
    size_t size = alm__column_size(c->type);
    c->direct = c->type != ALM_COL_TEXT && H5Tequal(type, memory) > 0 && (!c->shuffled || size == 8);
    H5Tclose(type);
    H5Tclose(memory);
}

/* Sums of 16-bit words, first byte high, modulo 65535. */
static bool checksum_agrees(const uint8_t *data, size_t n)
{
    uint64_t a = 0, b = 0;
    for (size_t at = 0; at + 1 < n;) {
        size_t end = n - at > 2 * 4096 ? at + 2 * 4096 : n; /* so many words cannot overflow */
        for (; at + 1 < end; at += 2) {
            a += (uint64_t)data[at] << 8 | data[at + 1];
            b += a;
        }
        a %= 65535;
        b %= 65535;
    }
    if (n % 2) {
        a += (uint64_t)data[n - 1] << 8;
        b += a;
    }
    uint64_t low = (uint64_t)data[n] | (uint64_t)data[n + 1] << 8,
             high = (uint64_t)data[n + 2] | (uint64_t)data[n + 3] << 8;
    return low % 65535 == a % 65535 && high % 65535 == b % 65535;
}

/* Exchange the blocks of SHIFT bits beside the diagonal. */
static inline void exchange(uint64_t *x, uint64_t *y, int shift, uint64_t mask)
{
    uint64_t swap = ((*x >> shift) ^ *y) & mask;
    *y ^= swap;
    *x ^= swap << shift;
}

/* From planes (all first bytes, all second bytes, ...) to values of eight bytes; COUNT is a multiple of eight. Right where
 * the first byte of a number in memory is its lowest, as it is where native numbers are those of the file. */
static void unshuffle(const uint8_t *plane, size_t count, uint8_t *out)
{
    for (size_t i = 0; i < count; i += 8) {
        uint64_t w[8];
        for (size_t k = 0; k < 8; k++)
            memcpy(&w[k], plane + k * count + i, 8);
        for (int k = 0; k < 4; k++)
            exchange(&w[k], &w[k + 4], 32, 0x00000000ffffffffu);
        for (int k = 0; k < 8; k += k % 2 ? 3 : 1)
            exchange(&w[k], &w[k + 2], 16, 0x0000ffff0000ffffu);
        for (int k = 0; k < 8; k += 2)
            exchange(&w[k], &w[k + 1], 8, 0x00ff00ff00ff00ffu);
        memcpy(out + i * 8, w, sizeof w);
    }
}

static bool inflate_all(const uint8_t *packed, size_t n, uint8_t *out, size_t size)
{
    uLongf length = size;
    return uncompress(out, &length, packed, n) == Z_OK && length == size;
}

/* The chunk as it lies in the file, in memory that the caller frees; NULL when it is not plainly there. */
static uint8_t *fetch(struct alm_column *c, uint64_t first, size_t *size)
{
    hsize_t offset = first, stored = 0;
    uint32_t mask = 0;
    uint8_t *raw = NULL;
    alm__hdf_lock();
    if (H5Dget_chunk_storage_size(c->set, &offset, &stored) >= 0 && stored > CHECKSUM && stored < ALM_CHUNK * 16 &&
        (raw = malloc(stored)) && (H5Dread_chunk(c->set, H5P_DEFAULT, &offset, &mask, raw) < 0 || mask != 0)) {
        free(raw);
        raw = NULL;
    }
    alm__hdf_unlock();
    *size = stored;
    return raw;
}

bool alm__chunk_read(struct alm_column *c, uint64_t number, void *out)
{
    const size_t bytes = ALM_CHUNK * alm__column_size(c->type);
    size_t stored;
    uint8_t *raw = c->direct ? fetch(c, number * ALM_CHUNK, &stored) : NULL;
    uint8_t *planes = raw && c->shuffled ? malloc(bytes) : NULL;
    bool fine = raw && (planes || !c->shuffled) && checksum_agrees(raw, stored - CHECKSUM) &&
                inflate_all(raw, stored - CHECKSUM, planes ? planes : out, bytes);
    if (fine && planes)
        unshuffle(planes, ALM_CHUNK, out);
    free(planes);
    free(raw);
    return fine;
}
