/* SPDX-License-Identifier: GPL-3.0-or-later
 * importer: published files in, trace rows out. */
#ifndef ALMANAC_IMPORTER_H
#define ALMANAC_IMPORTER_H

#include "almanac/module.h"
#include "almanac/trace.h"

struct alm_importer_ops {
    struct alm_head head;

    /* Required. Read the COUNT files PATH (directories are already expanded and sorted by name). Memory is bounded by a
     * block, not by a file. Errors name file and row. */
    int (*run)(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e);
};

#endif
