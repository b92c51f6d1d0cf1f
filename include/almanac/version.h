/* SPDX-License-Identifier: GPL-3.0-or-later
 * version: which almanac this is. */
#ifndef ALMANAC_VERSION_H
#define ALMANAC_VERSION_H

const char *alm_version(void); /* "0.1.0" */
const char *alm_git_id(void);  /* `git describe --always --dirty` at configure time, or "unknown" */

#endif
