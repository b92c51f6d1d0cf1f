/* SPDX-License-Identifier: GPL-3.0-or-later
 * overwrite: spoil a good file with HDF5 itself, so that its checksums stay right: this is not about damage. */
#ifndef ALM_TESTS_OVERWRITE_H
#define ALM_TESTS_OVERWRITE_H

#include <criterion/criterion.h>
#include <hdf5.h>

/* Value AT of COLUMN becomes VALUE. */
static inline void overwrite(const char *path, const char *column, hsize_t at, hid_t type, const void *value)
{
    hid_t f = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(f, column, H5P_DEFAULT);
    hid_t space = H5Dget_space(set), one = H5Screate(H5S_SCALAR);
    cr_assert(H5Sselect_elements(space, H5S_SELECT_SET, 1, &at) >= 0);
    cr_assert(H5Dwrite(set, type, one, space, H5P_DEFAULT, value) >= 0, "%s", column);
    H5Sclose(one);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(f);
}

/* COLUMN is gone, or has LENGTH values. */
static inline void overwrite_remove(const char *path, const char *column)
{
    hid_t f = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    cr_assert(H5Ldelete(f, column, H5P_DEFAULT) >= 0, "%s", column);
    H5Fclose(f);
}

static inline void overwrite_length(const char *path, const char *column, hsize_t length)
{
    hid_t f = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(f, column, H5P_DEFAULT);
    cr_assert(H5Dset_extent(set, &length) >= 0, "%s", column);
    H5Dclose(set);
    H5Fclose(f);
}

#endif
