/* SPDX-License-Identifier: GPL-3.0-or-later
 * Are the chunks of our own columns unpacked without HDF5, to the values that HDF5 itself reads; and are those of others
 * left to it? */
#include "core/table_hdf.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(table_chunk, .init = scratch_enter, .fini = scratch_leave);

enum { ROWS = 3 * 16384 + 5 }; /* the last chunk is not full */

static int64_t whole(size_t k)
{
    return k % 9 ? (int64_t)(k * 0x9e3779b97f4a7c15u) : -1; /* all eight bytes differ */
}

static void write_file(const char *path)
{
    static const struct {
        const char *path;
        bool shuffle;
    } columns[] = {{"/g/plain", false}, {"/g/shuffled", true}};
    struct alm_err e = {0};
    struct alm_table *t;
    GOOD(alm_table_create(path, "test/1", NULL, &t, &e));
    for (int i = 0; i < 2; i++) {
        struct alm_column *c;
        struct alm_column_spec spec = {
            .path = columns[i].path, .type = ALM_COL_I64, .dimension = "/g/row", .shuffle = columns[i].shuffle};
        GOOD(alm_column_create(t, &spec, &c, &e));
        for (size_t k = 0; k < ROWS; k++) {
            int64_t v = whole(k);
            GOOD(alm_column_append(c, &v, 1, &e));
        }
    }
    GOOD(alm_table_commit(t, &e));
    alm_table_close(t);
}

/* All values of PATH as HDF5 reads them. */
static int64_t *by_hdf5(const char *file, const char *path)
{
    int64_t *v = malloc(ROWS * sizeof *v);
    hid_t f = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(f, path, H5P_DEFAULT);
    cr_assert_geq(H5Dread(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, v), 0);
    H5Dclose(set);
    H5Fclose(f);
    return v;
}

static void expect_direct(const char *path)
{
    struct alm_err e = {0};
    struct alm_table *t;
    struct alm_column *c;
    int64_t *truth = by_hdf5("a.h5", path), *chunk = malloc(ALM_CHUNK * sizeof *chunk);
    GOOD(alm_table_open("a.h5", "test/", &t, &e));
    GOOD(alm_column_open(t, path, ALM_COL_I64, &c, &e));
    cr_assert(c->direct, "%s", path);
    for (size_t first = 0; first < ROWS; first += ALM_CHUNK) {
        size_t n = ROWS - first < ALM_CHUNK ? ROWS - first : ALM_CHUNK;
        memset(chunk, 0x55, ALM_CHUNK * sizeof *chunk);
        cr_assert(alm__chunk_read(c, first / ALM_CHUNK, chunk), "%s from row %zu", path, first);
        cr_assert_eq(memcmp(chunk, truth + first, n * sizeof *chunk), 0, "%s from row %zu", path, first);
    }
    cr_assert_not(alm__chunk_read(c, 4, chunk), "there is no such chunk");
    alm_table_close(t);
    free(truth);
    free(chunk);
}

Test(table_chunk, our_chunks_are_unpacked_to_what_hdf5_reads)
{
    write_file("a.h5");
    expect_direct("/g/plain");
    expect_direct("/g/shuffled");
}

/* What others may do to a column. */
static hid_t no_checksum(hid_t list, hsize_t chunk)
{
    H5Pset_chunk(list, 1, &chunk);
    H5Pset_deflate(list, 6);
    return H5T_STD_I64LE;
}

static hid_t checksum_first(hid_t list, hsize_t chunk)
{
    H5Pset_chunk(list, 1, &chunk);
    H5Pset_fletcher32(list);
    H5Pset_deflate(list, 1);
    return H5T_STD_I64LE;
}

static hid_t big_endian(hid_t list, hsize_t chunk)
{
    H5Pset_chunk(list, 1, &chunk);
    H5Pset_deflate(list, 1);
    H5Pset_fletcher32(list);
    return H5T_STD_I64BE;
}

static hid_t small_chunks(hid_t list, hsize_t chunk)
{
    chunk /= 16;
    H5Pset_chunk(list, 1, &chunk);
    H5Pset_deflate(list, 1);
    H5Pset_fletcher32(list);
    return H5T_STD_I64LE;
}

Test(table_chunk, chunks_of_other_making_are_left_to_hdf5)
{
    hid_t (*const ways[])(hid_t list, hsize_t chunk) = {no_checksum, checksum_first, big_endian, small_chunks};
    int64_t *v = malloc(ROWS * sizeof *v), *back = malloc(ROWS * sizeof *back);
    for (size_t k = 0; k < ROWS; k++)
        v[k] = whole(k);
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        write_file("a.h5");
        hsize_t rows = ROWS;
        hid_t f = H5Fopen("a.h5", H5F_ACC_RDWR, H5P_DEFAULT), list = H5Pcreate(H5P_DATASET_CREATE);
        hid_t type = ways[w](list, ALM_CHUNK), space = H5Screate_simple(1, &rows, NULL);
        hid_t set = H5Dcreate2(f, "/g/theirs", type, space, H5P_DEFAULT, list, H5P_DEFAULT);
        cr_assert_geq(H5Dwrite(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, v), 0);
        H5Dclose(set);
        H5Sclose(space);
        H5Pclose(list);
        H5Fclose(f);
        struct alm_err e = {0};
        struct alm_table *t;
        struct alm_column *c;
        GOOD(alm_table_open("a.h5", "test/", &t, &e));
        GOOD(alm_column_open(t, "/g/theirs", ALM_COL_I64, &c, &e));
        cr_expect_not(c->direct, "way %zu", w);
        GOOD(alm_column_read(c, 0, ROWS, back, &e));
        cr_expect_eq(memcmp(v, back, ROWS * sizeof *v), 0, "way %zu", w);
        alm_table_close(t);
    }
    free(v);
    free(back);
}
