/* SPDX-License-Identifier: GPL-3.0-or-later
 * table_hdf: one lock around HDF5, its errors in our words, and its links held to what we write. */
#include "table_hdf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library's state is one for the whole process, so its lock is too. */
static pthread_mutex_t hdf_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t hdf_once = PTHREAD_ONCE_INIT;

static void hdf_start(void)
{
    /* At exit the library would write once more what a full disk refused before. */
    H5dont_atexit();
    H5open();
}

void alm__hdf_lock(void)
{
    pthread_once(&hdf_once, hdf_start);
    pthread_mutex_lock(&hdf_mutex);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void alm__hdf_unlock(void)
{
    pthread_mutex_unlock(&hdf_mutex);
}

struct reason {
    char text[200];
    bool system, locked;
};

/* The innermost entry says most; the system's own words, where there are any, say more. */
static herr_t walk(unsigned n, const H5E_error2_t *entry, void *ctx)
{
    struct reason *r = ctx;
    const char *desc = entry->desc ? entry->desc : "";
    if (strstr(desc, "unable to lock"))
        r->locked = true;
    const char *words = strstr(desc, "error message = '");
    if (words && !r->system) {
        words += strlen("error message = '");
        snprintf(r->text, sizeof r->text, "%.*s", (int)strcspn(words, "'"), words);
        r->system = true;
    } else if (n == 0 && !r->system) {
        snprintf(r->text, sizeof r->text, "%s", desc);
    }
    return 0;
}

int alm__hdf_fail(struct alm_table *t, enum alm_code code, struct alm_err *e, const char *what)
{
    struct reason r = {.text = ""};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, walk, &r);
    H5Eclear2(H5E_DEFAULT);
    if (t->writing)
        t->broken = true;
    if (r.locked)
        return alm_fail(e, ALM_EIO, "%s: is being written by another process; wait until that has ended", t->path);
    if (r.system)
        code = ALM_EIO;
    return alm_fail(e, code, "%s: %s%s%s", t->path, what, r.text[0] ? ": " : "", r.text);
}

int alm__object_exists(struct alm_table *t, const char *object, struct alm_err *e)
{
    if (strcmp(object, "/") == 0)
        return 1;
    char *part = strdup(object);
    if (!part)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int rc = 1;
    for (char *end = part; rc == 1 && end;) {
        end = strchr(end + 1, '/');
        if (end)
            *end = '\0';
        H5L_info_t link;
        htri_t there = H5Lexists(t->file, part, H5P_DEFAULT);
        if (there <= 0)
            rc = there < 0 ? alm__hdf_fail(t, ALM_EDATA, e, "its table of contents is damaged") : 0;
        else if (H5Lget_info(t->file, part, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
            rc = alm_fail(e, ALM_EDATA, "%s: %s is a link to somewhere else; the object itself is needed", t->path,
                          part);
        if (end)
            *end = '/';
    }
    free(part);
    return rc;
}

static int group_make(struct alm_table *t, const char *path, struct alm_err *e)
{
    htri_t there = H5Lexists(t->file, path, H5P_DEFAULT);
    if (there > 0)
        return 0;
    hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_obj_track_times(creation, 0);
    H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    hid_t group = there < 0 ? H5I_INVALID_HID : H5Gcreate2(t->file, path, H5P_DEFAULT, creation, H5P_DEFAULT);
    H5Pclose(creation);
    if (group < 0)
        return alm__hdf_fail(t, ALM_EINVAL, e, "cannot make a group");
    H5Gclose(group);
    return 0;
}

int alm__groups_make(struct alm_table *t, const char *path, struct alm_err *e)
{
    char *part = strdup(path);
    if (!part)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int rc = 0;
    for (char *end = strchr(part + 1, '/'); end && rc == 0; end = strchr(end + 1, '/')) {
        *end = '\0';
        rc = group_make(t, part, e);
        *end = '/';
    }
    free(part);
    return rc;
}
