/* SPDX-License-Identifier: GPL-3.0-or-later
 * table_attr: attributes of the file, its groups and its columns.
 *
 * Choice.   Text is variable-length UTF-8: other readers get it as text, and a configuration may be longer than the 64
 *           kB that a fixed-length attribute can hold. */
#include "table_hdf.h"

#include <stdlib.h>
#include <string.h>

static hid_t text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static int attr_write(struct alm_table *t, hid_t object, const char *name, hid_t type, const void *value,
                      struct alm_err *e)
{
    if (H5Aexists(object, name) > 0)
        H5Adelete(object, name);
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attr = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attr >= 0 && H5Awrite(attr, type, value) >= 0;
    int rc = good ? 0 : alm__hdf_fail(t, ALM_EIO, e, "cannot write an attribute");
    if (attr >= 0)
        H5Aclose(attr);
    H5Sclose(space);
    return rc;
}

int alm__attr_text(struct alm_table *t, hid_t object, const char *name, const char *value, struct alm_err *e)
{
    hid_t type = text_type();
    int rc = attr_write(t, object, name, type, &value, e);
    H5Tclose(type);
    return rc;
}

/* Open OBJECT to write attributes on it. */
static int object_open(struct alm_table *t, const char *object, hid_t *out, struct alm_err *e)
{
    if (!t->writing || t->broken)
        return alm_fail(e, ALM_EINVAL, "%s: %s", t->path,
                        t->broken ? "an earlier write failed" : "is not open for writing");
    if (H5Lexists(t->file, object, H5P_DEFAULT) <= 0 && strcmp(object, "/") != 0)
        return alm_fail(e, ALM_EINVAL, "%s: there is no object %s to put an attribute on", t->path, object);
    *out = H5Oopen(t->file, object, H5P_DEFAULT);
    return *out < 0 ? alm__hdf_fail(t, ALM_EINVAL, e, "cannot put an attribute") : 0;
}

static int set(struct alm_table *t, const char *object, const char *name, hid_t type, const void *value,
               struct alm_err *e)
{
    hid_t id = H5I_INVALID_HID;
    alm__hdf_lock();
    int rc = object_open(t, object, &id, e);
    if (rc == 0) {
        rc = attr_write(t, id, name, type, value, e);
        H5Oclose(id);
    }
    alm__hdf_unlock();
    return rc;
}

int alm_table_set_text(struct alm_table *t, const char *object, const char *name, const char *value, struct alm_err *e)
{
    alm__hdf_lock();
    hid_t type = text_type();
    alm__hdf_unlock();
    int rc = set(t, object, name, type, &value, e);
    alm__hdf_lock();
    H5Tclose(type);
    alm__hdf_unlock();
    return rc;
}

int alm_table_set_int(struct alm_table *t, const char *object, const char *name, int64_t value, struct alm_err *e)
{
    return set(t, object, name, H5T_NATIVE_INT64, &value, e);
}

int alm_table_set_real(struct alm_table *t, const char *object, const char *name, double value, struct alm_err *e)
{
    return set(t, object, name, H5T_NATIVE_DOUBLE, &value, e);
}

/* Open attribute NAME of OBJECT and check that it is a single value of CLASS. */
static int attr_open(struct alm_table *t, const char *object, const char *name, H5T_class_t class, hid_t *out,
                     struct alm_err *e)
{
    int there = alm__object_exists(t, object, e);
    if (there <= 0)
        return there < 0 ? there : ALM_NOT_YET;
    htri_t has = H5Aexists_by_name(t->file, object, name, H5P_DEFAULT);
    if (has == 0)
        return ALM_NOT_YET;
    hid_t attr = has < 0 ? H5I_INVALID_HID : H5Aopen_by_name(t->file, object, name, H5P_DEFAULT, H5P_DEFAULT);
    if (attr < 0)
        return alm__hdf_fail(t, ALM_EDATA, e, "an attribute is damaged");
    hid_t space = H5Aget_space(attr), type = H5Aget_type(attr);
    H5T_class_t is = H5Tget_class(type);
    bool good = H5Sget_simple_extent_npoints(space) == 1 &&
                (is == class || (class == H5T_FLOAT && is == H5T_INTEGER)) && H5Tget_size(type) <= ALM_TEXT_MAX;
    H5Tclose(type);
    H5Sclose(space);
    if (!good) {
        H5Aclose(attr);
        return alm_fail(e, ALM_EDATA, "%s: attribute %s of %s is not a single %s", t->path, name, object,
                        class == H5T_STRING ? "text" : "number");
    }
    *out = attr;
    return 0;
}

static int get_number(struct alm_table *t, const char *object, const char *name, H5T_class_t class, void *out,
                      struct alm_err *e)
{
    hid_t attr = H5I_INVALID_HID;
    union {
        int64_t whole;
        double real;
    } value;
    alm__hdf_lock();
    int rc = attr_open(t, object, name, class, &attr, e);
    if (rc == 0) {
        if (H5Aread(attr, class == H5T_FLOAT ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64, &value) < 0)
            rc = alm__hdf_fail(t, ALM_EDATA, e, "an attribute is damaged");
        else
            memcpy(out, &value, sizeof value);
        H5Aclose(attr);
    }
    alm__hdf_unlock();
    return rc;
}

int alm_table_get_int(struct alm_table *t, const char *object, const char *name, int64_t *out, struct alm_err *e)
{
    return get_number(t, object, name, H5T_INTEGER, out, e);
}

int alm_table_get_real(struct alm_table *t, const char *object, const char *name, double *out, struct alm_err *e)
{
    return get_number(t, object, name, H5T_FLOAT, out, e);
}

static int read_variable(struct alm_table *t, hid_t attr, char **out, struct alm_err *e)
{
    hid_t type = text_type();
    hid_t own = H5Aget_type(attr);
    H5Tset_cset(type, H5Tget_cset(own));
    H5Tclose(own);
    char *text = NULL;
    int rc = 0;
    if (H5Aread(attr, type, &text) < 0)
        rc = alm__hdf_fail(t, ALM_EDATA, e, "a text attribute is damaged");
    H5Tclose(type);
    if (rc == 0) {
        char *copy = strdup(text ? text : "");
        if (copy)
            *out = copy;
        else
            rc = alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    H5free_memory(text);
    return rc;
}

static int read_fixed(struct alm_table *t, hid_t attr, hid_t type, char **out, struct alm_err *e)
{
    size_t size = H5Tget_size(type);
    char *text = calloc(1, size + 1);
    if (!text)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    if (H5Aread(attr, type, text) < 0) {
        free(text);
        return alm__hdf_fail(t, ALM_EDATA, e, "a text attribute is damaged");
    }
    *out = text;
    return 0;
}

int alm_table_get_text(struct alm_table *t, const char *object, const char *name, char **out, struct alm_err *e)
{
    hid_t attr = H5I_INVALID_HID;
    alm__hdf_lock();
    int rc = attr_open(t, object, name, H5T_STRING, &attr, e);
    if (rc == 0) {
        hid_t type = H5Aget_type(attr);
        rc = H5Tis_variable_str(type) > 0 ? read_variable(t, attr, out, e) : read_fixed(t, attr, type, out, e);
        H5Tclose(type);
        H5Aclose(attr);
    }
    alm__hdf_unlock();
    return rc;
}
